// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/waitsview.h"

#include "base/text.h"
#include "items/waitmodel.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::ActivityGroup;
using analysis::ActivityHistory;
using items::WaitModel;

namespace {

constexpr std::size_t kMostParts = 7; // beside the rest: as many as there are colours
constexpr int kName = 48; // letters in the legend

} // namespace

WaitsView::WaitsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new WaitModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_group(new QComboBox(this))
    , m_origin(new QComboBox(this))
    , m_background(new QCheckBox(tr("&Background"), this))
    , m_note(new ElidedLabel(this))
    , m_plot(new PlotView(session->context(), this))
    , m_parts(new CellTableView(m_model->parts(), tr("Average active sessions by part"), this))
    , m_statements(new CellTableView(m_model->statements(), tr("Statements of the chosen part"), this))
    , m_statementTitle(new QLabel(this))
{
    setAccessibleName(tr("Waits"));
    buildLayout();
    connectAll();
    setFocusProxy(m_parts);
    refresh();
}

QWidget *WaitsView::buildBar()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    m_group->setAccessibleName(tr("Split by"));
    m_group->setToolTip(tr("What the active sessions are split by"));
    for (const auto &[group, title] : {std::pair(ActivityGroup::WaitType, tr("By type of wait")),
             {ActivityGroup::WaitEvent, tr("By wait")}, {ActivityGroup::Statement, tr("By statement")},
             {ActivityGroup::Application, tr("By application")}, {ActivityGroup::User, tr("By user")},
             {ActivityGroup::Database, tr("By database")}})
        m_group->addItem(title, int(group));
    m_origin->setAccessibleName(tr("Counted by"));
    m_origin->addItem(tr("Our samples"), false);
    m_origin->addItem(QStringLiteral("pg_wait_sampling"), true);
    m_origin->setToolTip(
        tr("Our samples of pg_stat_activity, or the counts of the extension pg_wait_sampling (every 10 ms, "
           "by wait and statement only)"));
    m_background->setToolTip(tr("The server's own processes too"));
    for (QWidget *part : {static_cast<QWidget *>(m_group), static_cast<QWidget *>(m_origin),
             static_cast<QWidget *>(m_background)})
        layout->addWidget(part);
    layout->addWidget(m_note, 1);
    return bar;
}

void WaitsView::buildLayout()
{
    auto *statements = new QWidget(this);
    auto *column = new QVBoxLayout(statements);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_statementTitle->setContentsMargins(8, 4, 8, 4);
    column->addWidget(m_statementTitle);
    column->addWidget(m_statements, 1);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_plot);
    splitter->addWidget(m_parts);
    splitter->addWidget(statements);
    splitter->setSizes({330, 200, 200});
    splitter->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(buildBar());
    layout->addWidget(splitter, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
}

void WaitsView::connectAll()
{
    connect(m_model, &WaitModel::changed, this, &WaitsView::refresh);
    connect(m_model, &WaitModel::busyChanged, this, &View::readyChanged);
    connect(m_group, &QComboBox::currentIndexChanged, this,
        [this] { m_model->setGroup(ActivityGroup(m_group->currentData().toInt())); });
    connect(m_origin, &QComboBox::currentIndexChanged, this, [this] {
        const bool sampling = m_origin->currentData().toBool();
        // It names neither application, user nor database.
        if (sampling && m_group->currentData().toInt() > int(ActivityGroup::Statement))
            m_group->setCurrentIndex(0);
        m_background->setEnabled(!sampling);
        m_model->setFromWaitSampling(sampling);
    });
    connect(m_background, &QCheckBox::toggled, m_model, &WaitModel::setWithBackground);
    connect(m_parts, &CellTableView::currentIdChanged, this, &WaitsView::choosePart);
    connect(m_parts, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_statements, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_statements, &QTableView::activated, this, &WaitsView::openStatement);
    connect(m_plot, &PlotView::rangeSelected, this, [this](double low, double high) {
        const Nanos origin = m_model->range().begin;
        context()->setRange(TimeRange{saturatingAdd(origin, Nanos(std::floor(low))),
            saturatingAdd(origin, Nanos(std::ceil(high)))});
    });
    connect(m_plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(m_plot, &PlotView::readoutChanged, this, &View::statusText);
    connect(m_banner, &Banner::actionClicked, this, [this] { context()->setRange(std::nullopt); });
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto content = m_model->content();
        if (content && content->history.hasSessions && context()->range())
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
}

QString WaitsView::showSql() const { return m_model->sql(); }
QString WaitsView::noteText() const { return m_note->text(); }
bool WaitsView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QJsonObject WaitsView::saveState() const
{
    return {{QStringLiteral("group"), m_group->currentData().toInt()},
        {QStringLiteral("sampling"), m_origin->currentData().toBool()},
        {QStringLiteral("background"), m_background->isChecked()}};
}

void WaitsView::restoreState(const QJsonObject &state)
{
    m_group->setCurrentIndex(std::max(0, m_group->findData(state.value(QStringLiteral("group")).toInt())));
    m_origin->setCurrentIndex(state.value(QStringLiteral("sampling")).toBool() ? 1 : 0);
    m_background->setChecked(state.value(QStringLiteral("background")).toBool());
}

void WaitsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void WaitsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void WaitsView::choosePart(qint64 id)
{
    if (!m_filling)
        m_model->choose(id < 0 ? QString() : m_model->partName(std::size_t(id)));
}

void WaitsView::openStatement()
{
    if (m_statements->currentId() <= 0)
        return;
    context()->setSelection({session::Selection::Kind::Statement, m_statements->currentId(), {}});
    Q_EMIT openViewRequested(QStringLiteral("statements"));
}

void WaitsView::refresh()
{
    const auto content = m_model->content();
    if (!content || !content->history.hasSessions || content->history.sampleCount == 0) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    m_origin->setVisible(content->history.hasWaitSampling || m_model->isFromWaitSampling());
    m_note->setText(m_model->summary());
    if (!m_model->errorText().isEmpty())
        m_banner->show(Banner::Level::Warning, m_model->errorText());
    else if (context()->range())
        m_banner->show(Banner::Level::Info, tr("Of the chosen range, not of the moment shown."),
            tr("Show the Window"));
    else
        m_banner->clear();
    const bool byWait
        = m_model->group() == ActivityGroup::WaitType || m_model->group() == ActivityGroup::WaitEvent;
    m_statementTitle->setText(!byWait     ? tr("Statements")
            : m_model->chosen().isEmpty() ? tr("Statements of all waits (choose one above)")
                                          : tr("Statements in \"%1\"").arg(m_model->chosen()));
    // The model filled its tables: the choice stays on its part.
    m_filling = true;
    for (std::size_t i = 0; i < content->history.parts.size(); ++i) {
        if (!m_model->chosen().isEmpty() && m_model->partName(i) == m_model->chosen())
            m_parts->selectId(qint64(i));
    }
    m_filling = false;
    showPlot();
}

void WaitsView::showEmpty()
{
    const auto content = m_model->content();
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Waits Could Not Be Read"),
            m_model->errorText());
    else if (!content)
        m_empty->setContent(QStringLiteral("waits"), tr("Reading the Waits…"), {});
    else if (!content->history.hasSessions)
        m_empty->setContent(QStringLiteral("waits"), tr("No Samples of Sessions"),
            tr("Attach to a PostgreSQL server, record one with 'tailscope record', or open repeated "
               "snapshots "
               "of pg_stat_activity (psql --csv with now() as a column, repeated by \\watch): each snapshot "
               "is "
               "one sample of who is active and what for it waits."),
            tr("Open Files…"));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("No Sample in This Window"),
            tr("Sessions were sampled at other times. Move the moment shown, or clear the chosen range."),
            context()->range() ? tr("Show the Window") : QString());
}

void WaitsView::showPlot()
{
    const auto content = m_model->content();
    const ActivityHistory &history = content->history;
    PlotContent plot;
    plot.title = tr("Average active sessions");
    plot.selectable = true;
    plot.x.unit = PlotUnit::Time;
    plot.x.title = tr("Time");
    plot.x.origin = history.range.begin;
    plot.x.low = 0;
    plot.x.high = double(history.range.length());
    plot.y.unit = PlotUnit::Count;
    plot.y.title = tr("Sessions");
    plot.y.low = 0;
    std::vector<double> x, sum(history.bins, 0.0);
    for (std::size_t bin = 0; bin < history.bins; ++bin)
        x.push_back((double(bin) + 0.5) * double(history.binNs));
    const std::size_t shown = std::min(history.parts.size(),
        history.parts.size() == kMostParts + 1 ? kMostParts + 1 : kMostParts);
    const auto add = [&](const QString &name, const std::vector<double> &part, int color) {
        for (std::size_t bin = 0; bin < sum.size(); ++bin)
            sum[bin] += part[bin];
        PlotSeries series;
        series.name = name.size() > kName ? name.left(kName - 1) + QStringLiteral("…") : name;
        series.x = x;
        series.y = sum;
        series.colorIndex = color;
        series.filled = true;
        plot.series.push_back(std::move(series));
    };
    for (std::size_t i = 0; i < shown; ++i)
        add(m_model->partName(i), history.parts[i].bins, int(i));
    if (history.parts.size() > shown) {
        std::vector<double> rest(history.bins, 0.0);
        for (std::size_t i = shown; i < history.parts.size(); ++i) {
            for (std::size_t bin = 0; bin < rest.size(); ++bin)
                rest[bin] += history.parts[i].bins[bin];
        }
        add(tr("%1 others").arg(history.parts.size() - shown), rest, int(shown));
    }
    if (history.parts.empty()) // sampled, and nobody was active
        add(tr("nobody is active"), std::vector<double>(history.bins, 0.0), 0);
    if (!(history.average > 0))
        plot.y.high = 1;
    // What each part adds: the lines are sums.
    plot.note = [model = m_model, content, shown, binNs = history.binNs](double at) {
        const auto bin = std::size_t(std::max(0.0, at) / double(binNs));
        QStringList parts;
        for (std::size_t i = 0; i < shown && bin < content->history.bins; ++i) {
            const double value = content->history.parts[i].bins[bin];
            if (value > 0)
                parts << QStringLiteral("%1 %2").arg(model->partName(i).left(30),
                    QString::number(value, 'f', 2));
        }
        return parts.isEmpty() ? QString()
                               : WaitsView::tr("by itself: %1").arg(parts.join(QStringLiteral(", ")));
    };
    m_plot->setContent(std::move(plot));
}

} // namespace tailscope::widgets
