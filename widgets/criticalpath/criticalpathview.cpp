// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/criticalpath/criticalpathview.h"

#include "base/text.h"
#include "items/criticalpathmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/criticalpath/whatifpanel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QJsonArray>
#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CriticalPathModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

} // namespace

CriticalPathView::CriticalPathView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new CriticalPathModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_note(new ElidedLabel(this))
    , m_search(new SearchBar(this))
    , m_table(new QTableView(this))
    , m_panel(new WhatIfPanel(m_model, this))
{
    setAccessibleName(tr("Critical Path"));
    buildLayout();
    connect(m_model, &CriticalPathModel::changed, this, &CriticalPathView::refresh);
    connect(m_model, &CriticalPathModel::busyChanged, this, &View::readyChanged);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_model->hasSpans())
            context()->resetNavigation();
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(m_table, &QTableView::activated, this, &CriticalPathView::openExample);
    connect(m_table, &QTableView::customContextMenuRequested, this, &CriticalPathView::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) { m_panel->setRow(index.isValid() ? index.row() : -1); });
    connect(m_model, &QAbstractItemModel::layoutChanged, this, [this] { m_panel->setRow(currentRow()); });
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, m_table, qOverload<>(&QWidget::setFocus));
    setFocusProxy(m_table);
    refresh();
}

void CriticalPathView::buildLayout()
{
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 4);
    bar->addWidget(m_note);
    layout->addLayout(bar);
    m_search->hide();
    layout->addWidget(m_search);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_panel);

    m_table->setModel(m_model);
    m_table->setItemDelegate(
        new BarDelegate(CriticalPathModel::BarRole, CriticalPathModel::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Operations on the critical paths"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(CriticalPathModel::Total, Qt::DescendingOrder);

    auto *copy = new QAction(tr("Copy Rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &CriticalPathView::copyRows);
    m_table->addAction(copy);

    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

QString CriticalPathView::showSql() const { return m_model->sql(); }

QJsonObject CriticalPathView::saveState() const { return {{QStringLiteral("whatIf"), m_panel->saveState()}}; }

void CriticalPathView::restoreState(const QJsonObject &state)
{
    m_panel->restoreState(state.value(QStringLiteral("whatIf")).toArray());
}

bool CriticalPathView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void CriticalPathView::startSearch() { m_search->activate(); }

void CriticalPathView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void CriticalPathView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

int CriticalPathView::currentRow() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? index.row() : -1;
}

void CriticalPathView::refresh()
{
    m_panel->setRow(currentRow());
    if (m_model->rowCount() == 0) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    updateNote();
    if (m_fitted)
        return;
    m_fitted = true;
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setSectionResizeMode(CriticalPathModel::Operation, QHeaderView::Stretch);
    for (int c = CriticalPathModel::Service; c < CriticalPathModel::ColumnCount; ++c)
        m_table->setColumnWidth(c, std::clamp(m_table->columnWidth(c), 76, 220));
    m_table->setColumnWidth(CriticalPathModel::Share, 150);
}

void CriticalPathView::showEmpty()
{
    if (!m_model->hasSpans())
        m_empty->setContent(QStringLiteral("criticalpath"), tr("No Traces"),
            tr("Open traces (OTLP, Jaeger, Zipkin): what their requests waited for is added up here."),
            tr("Open Files…"));
    else if (!m_model->set())
        m_empty->setContent(QStringLiteral("criticalpath"), tr("Walking the Critical Paths…"),
            tr("The table appears when all traces are done."));
    else if (context()->filterText().isEmpty() && !context()->range())
        m_empty->setContent(QStringLiteral("criticalpath"), tr("No Critical Paths"),
            tr("No span belongs to a trace whose root has a known duration. Spans of threads without trace "
               "ids are in the flame graph."));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("Nothing Passes the Filter"),
            tr("No trace has a span that lies in the range and passes the filter."), tr("Show Everything"));
}

void CriticalPathView::updateNote()
{
    const auto set = m_model->set();
    QStringList parts{tr("%1 traces").arg(count(set->traces)),
        tr("%1 on their critical paths").arg(fromUtf8(humanDuration(set->total)))};
    for (int c = 0; c < analysis::kTimeClasses; ++c) {
        const Nanos time = set->byClass[std::size_t(c)];
        if (time > 0 && set->total > 0)
            parts << QStringLiteral("%1 %2 %")
                         .arg(QString::fromLatin1(analysis::name(analysis::TimeClass(c)).data()))
                         .arg(100.0 * double(time) / double(set->total), 0, 'f', 1);
    }
    if (set->withoutPath > 0)
        parts << tr("%1 without a known duration left out").arg(count(set->withoutPath));
    if (set->corrected > 0)
        parts << tr("clocks corrected in %1").arg(count(set->corrected));
    if (m_model->isWeighted())
        parts << tr("not weighted: every kept trace counts once in the table");
    m_note->setText(parts.join(QStringLiteral(" · ")));
}

void CriticalPathView::search(int step)
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const QRegularExpression pattern = m_search->expression();
    QList<int> found;
    qsizetype at = -1;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (!pattern.match(m_model->index(row, CriticalPathModel::Operation).data().toString()).hasMatch()
            && !pattern.match(m_model->index(row, CriticalPathModel::Service).data().toString()).hasMatch())
            continue;
        if (row == currentRow())
            at = found.size();
        found << row;
    }
    m_search->setResultText(tr("%n match(es)", nullptr, int(found.size())));
    if (!found.isEmpty())
        m_table->selectRow(found.at(at < 0 ? 0 : (at + step + found.size()) % found.size()));
}

void CriticalPathView::openExample()
{
    if (currentRow() < 0)
        return;
    const qint64 trace = m_model->exampleTrace(currentRow());
    if (trace == 0)
        return;
    context()->setSelection({session::Selection::Kind::Trace, trace, {}});
    Q_EMIT openViewRequested(QStringLiteral("waterfall"));
}

void CriticalPathView::narrow()
{
    if (currentRow() >= 0)
        context()->narrow(m_model->filterTerms(currentRow()));
}

void CriticalPathView::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < m_model->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_model->toText(rows));
}

void CriticalPathView::showMenu(const QPoint &position)
{
    const bool hasRow = currentRow() >= 0;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Open the Trace in Which It Takes Longest"), this, &CriticalPathView::openExample)
        ->setEnabled(hasRow && m_model->exampleTrace(currentRow()) != 0);
    menu->addAction(themedIcon(QStringLiteral("filter")), tr("&Filter to This"), this,
            &CriticalPathView::narrow)
        ->setEnabled(hasRow);
    menu->addAction(tr("&What If…"), this, [this] { m_panel->changeBox()->setFocus(); })->setEnabled(hasRow);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this, &CriticalPathView::copyRows);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
