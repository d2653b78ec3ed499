// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/statements/statementrangepanel.h"

#include "items/statementrangemodel.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <cmath>

namespace tailscope::widgets {

using items::StatementRangeModel;

StatementRangePanel::StatementRangePanel(session::Session *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(new StatementRangeModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_serverLabel(new QLabel(tr("S&erver:"), this))
    , m_server(new QComboBox(this))
    , m_note(new ElidedLabel(this))
    , m_table(new CellTableView(m_model->table(), tr("Statements in the range, by time"), this))
    , m_calls(new PlotView(session->context(), this))
    , m_mean(new PlotView(session->context(), this))
{
    buildLayout();
    connect(m_model, &StatementRangeModel::changed, this, &StatementRangePanel::refresh);
    connect(m_model, &StatementRangeModel::historyChanged, this, &StatementRangePanel::showHistory);
    connect(m_model, &StatementRangeModel::busyChanged, this, &StatementRangePanel::busyChanged);
    connect(m_table, &CellTableView::sqlRequested, this, &StatementRangePanel::sqlRequested);
    connect(m_table, &CellTableView::currentIdChanged, this, [this](qint64 id) {
        m_model->choose(id);
        if (id > 0 && !m_filling)
            Q_EMIT statementChosen(id);
    });
    connect(m_server, &QComboBox::activated, this,
        [this](int index) { m_model->setServer(m_server->itemData(index).toString()); });
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { m_session->context()->setRange(std::nullopt); });
    connectPlot(m_calls);
    connectPlot(m_mean);
    setFocusProxy(m_table);
    refresh();
}

void StatementRangePanel::buildLayout()
{
    m_serverLabel->setBuddy(m_server);
    m_server->setAccessibleName(tr("Server whose counters are shown"));
    m_server->setToolTip(tr("All servers: their calls and times are added up"));
    m_server->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 4);
    bar->addWidget(m_serverLabel);
    bar->addWidget(m_server);
    bar->addWidget(m_note, 1);
    auto *plots = new QSplitter(Qt::Horizontal, this);
    plots->addWidget(m_calls);
    plots->addWidget(m_mean);
    plots->setChildrenCollapsible(false);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_table);
    splitter->addWidget(plots);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    m_table->sortByColumn(StatementRangeModel::Total, Qt::DescendingOrder);
    m_table->horizontalHeader()->setMinimumSectionSize(48);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(splitter, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void StatementRangePanel::connectPlot(PlotView *plot)
{
    connect(plot, &PlotView::rangeSelected, this, [this](double low, double high) {
        m_session->context()->setRange(TimeRange{saturatingAdd(m_origin, Nanos(std::floor(low))),
            saturatingAdd(m_origin, Nanos(std::ceil(high)))});
    });
    connect(plot, &PlotView::rangeCleared, this, [this] { m_session->context()->setRange(std::nullopt); });
    connect(plot, &PlotView::readoutChanged, this, &StatementRangePanel::statusText);
    PlotView *other = plot == m_calls ? m_mean : m_calls;
    connect(plot, &PlotView::cursorMoved, this,
        [other](std::optional<double> x) { other->canvas()->setCursorX(x); });
}

QString StatementRangePanel::noteText() const { return m_note->text(); }

void StatementRangePanel::setActive(bool active) { m_model->setActive(active); }

void StatementRangePanel::selectStatement(qint64 statement)
{
    m_filling = true;
    m_table->selectId(statement);
    m_filling = false;
}

void StatementRangePanel::showServers()
{
    const QSignalBlocker blocker(m_server);
    const QStringList servers = m_model->servers();
    m_server->clear();
    m_server->addItem(tr("All"), QString());
    for (const QString &server : servers)
        m_server->addItem(server, server);
    m_server->setCurrentIndex(std::max(0, m_server->findData(m_model->server())));
    m_server->setVisible(servers.size() > 1);
    m_serverLabel->setVisible(servers.size() > 1);
}

void StatementRangePanel::refresh()
{
    const auto range = m_model->range();
    if (!range || range->servers.empty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    showServers();
    m_note->setText(m_model->noteText());
    // The rows are new ones; the same statement stays chosen, and the place where the user reads.
    m_filling = true;
    const int place = m_table->verticalScrollBar()->value();
    if (m_model->chosen() != -1 && m_model->table()->rowOfId(m_model->chosen()) >= 0)
        m_table->selectId(m_model->chosen());
    else if (m_model->table()->rowCount() > 0)
        m_table->selectRow(0);
    m_table->verticalScrollBar()->setValue(place);
    if (!m_fitted && m_model->table()->rowCount() > 0) {
        m_fitted = true;
        m_table->setColumnWidth(StatementRangeModel::Text, 420);
    }
    m_filling = false;
}

void StatementRangePanel::showEmpty()
{
    const auto range = m_model->range();
    const QString icon = QStringLiteral("statements");
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Counters Could Not Be Read"),
            m_model->errorText());
    else if (!range)
        m_empty->setContent(icon, tr("Reading Counters…"), tr("The table appears when they are read."));
    else if (!range->tooFew.empty() && m_session->context()->range())
        m_empty->setContent(QStringLiteral("filter"), tr("Fewer Than Two Samples in This Range"),
            tr("What statements did is the difference between two samples of their counters: choose a longer "
               "time."),
            tr("Show All Times"));
    else
        m_empty->setContent(icon, tr("Nothing to Compare"),
            tr("What statements did in a range is the difference between two samples of "
               "pg_stat_statements.\nRecord a server (tailscope record), or save its rows again and again "
               "with "
               "the time: SELECT now() AS ts, * FROM pg_stat_statements"));
}

void StatementRangePanel::showHistory()
{
    const analysis::StatementHistory &history = m_model->history();
    m_origin = history.tsNs.empty() ? 0 : history.tsNs.front();
    const auto content = [&](const QString &title, PlotUnit unit, const std::vector<double> &values,
                             double factor, int color) {
        PlotContent out;
        out.title = title;
        out.selectable = true;
        out.x = {PlotUnit::Time, false, tr("Time"), m_origin, std::nullopt, std::nullopt};
        out.y.unit = unit;
        out.y.title = title;
        out.y.low = 0;
        PlotSeries line;
        line.name = title;
        line.colorIndex = color;
        for (std::size_t i = 0; i < values.size(); ++i) {
            line.x.push_back(double(history.tsNs[i] - m_origin));
            line.y.push_back(values[i] * factor);
        }
        if (!values.empty())
            out.series.push_back(std::move(line));
        return out;
    };
    m_calls->setContent(content(tr("Calls per second"), PlotUnit::Count, history.callsPerSecond, 1, 0));
    m_mean->setContent(content(tr("Mean time of a call"), PlotUnit::Duration, history.meanMs, 1e6, 1));
}

} // namespace tailscope::widgets
