// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/live/liveview.h"

#include "items/livemodel.h"
#include "session/livesession.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/live/livecharts.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cstring>

namespace tailscope::widgets {

using items::CellTable;
using items::LiveModel;

namespace {

constexpr int kPlotWidth = 300, kPlotHeight = 128;

} // namespace

LiveView::LiveView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new LiveModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_servers(new QTableView(this))
    , m_events(new QTableView(this))
    , m_whole(new QSplitter(Qt::Vertical, this))
    , m_lower(new QSplitter(Qt::Horizontal, this))
    , m_chartPage(new QWidget(this))
    , m_grid(new QGridLayout(m_chartPage))
{
    setAccessibleName(tr("Live"));
    m_drawTimer.setSingleShot(true);
    buildLayout();
    connectAll();
    setFocusProxy(m_servers);
    refresh();
}

void LiveView::setUpTable(QTableView *table, CellTable *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setAccessibleName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    auto *copy = new QAction(tr("Copy Rows"), table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this, table] { copyRows(table); });
    table->addAction(copy);
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, table->viewport()->mapToGlobal(position)); });
}

void LiveView::buildLayout()
{
    setUpTable(m_servers, m_model->servers(), tr("Servers; choose some to see only theirs in the charts"));
    m_servers->setSelectionMode(QAbstractItemView::ExtendedSelection);
    setUpTable(m_events, m_model->events(), tr("What happened; Enter holds the moment"));
    m_events->setSelectionMode(QAbstractItemView::SingleSelection);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(1);
    for (const LiveChart &chart : liveCharts()) {
        auto *plot = new PlotView(context(), m_chartPage);
        plot->setObjectName(QString::fromLatin1(chart.id));
        plot->setMinimumSize(kPlotWidth / 2, kPlotHeight);
        plot->canvas()->installEventFilter(this);
        plot->canvas()->viewport()->installEventFilter(this);
        plot->hide();
        m_plots << plot;
        m_hasData << false;
    }
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(m_chartPage);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_lower->addWidget(scroll);
    m_lower->addWidget(m_events);
    m_lower->setSizes({1100, 330});
    m_whole->addWidget(m_servers);
    m_whole->addWidget(m_lower);
    m_whole->setSizes({110, 700});
    for (QSplitter *each : {m_whole, m_lower})
        each->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_whole);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
}

void LiveView::connectAll()
{
    connect(m_model, &LiveModel::changed, this, &LiveView::refresh);
    connect(m_model, &LiveModel::eventsChanged, this, &LiveView::refresh);
    connect(m_model, &LiveModel::busyChanged, this, &View::readyChanged);
    connect(&m_drawTimer, &QTimer::timeout, this, &LiveView::drawNext);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("attach"), {}); });
    connect(m_servers->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &LiveView::chooseSelected);
    connect(m_events, &QTableView::activated, this,
        [this](const QModelIndex &index) { holdAtEvent(index.row()); });
    connect(m_events, &QTableView::clicked, this,
        [this](const QModelIndex &index) { holdAtEvent(index.row()); });
    for (PlotView *plot : std::as_const(m_plots)) {
        connect(plot, &PlotView::rangeSelected, this, [this, plot](double low, double high) {
            const Nanos origin = plot->content().x.origin;
            context()->setRange(TimeRange{origin + Nanos(low), origin + Nanos(high) + 1});
        });
        connect(plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
        connect(plot, &PlotView::readoutChanged, this, &View::statusText);
        connect(plot, &PlotView::cursorMoved, this, [this, plot](std::optional<double> x) {
            for (PlotView *other : std::as_const(m_plots)) {
                if (other != plot && other->isVisible())
                    other->canvas()->setCursorX(x);
            }
        });
    }
}

PlotView *LiveView::plot(const char *id) const
{
    for (std::size_t i = 0; i < liveCharts().size(); ++i) {
        if (std::strcmp(liveCharts()[i].id, id) == 0)
            return m_plots[qsizetype(i)];
    }
    return nullptr;
}

QString LiveView::showSql() const { return m_model->sql(); }

bool LiveView::isReady() const
{
    return !m_model->isBusy() && !session()->isLoading() && !m_drawTimer.isActive();
}

QJsonObject LiveView::saveState() const
{
    return {{QStringLiteral("servers"), m_model->chosenServers().join(QLatin1Char('\n'))},
        {QStringLiteral("windowNs"), QString::number(session()->playback()->windowNs())}};
}

void LiveView::restoreState(const QJsonObject &state)
{
    m_model->chooseServers(
        state.value(QStringLiteral("servers")).toString().split(QLatin1Char('\n'), Qt::SkipEmptyParts));
    const qint64 window = state.value(QStringLiteral("windowNs")).toString().toLongLong();
    if (window > 0)
        session()->playback()->setWindowNs(window);
}

void LiveView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
    refresh(); // hiding may have stopped it between two charts
}

void LiveView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
    m_drawTimer.stop();
}

void LiveView::resizeEvent(QResizeEvent *event)
{
    View::resizeEvent(event);
    layOutPlots();
}

void LiveView::refresh()
{
    const auto picture = m_model->picture();
    if (!picture || picture->servers.empty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    if (!m_fitted) {
        m_fitted = true;
        const auto wide
            = [this](const char *text) { return fontMetrics().horizontalAdvance(QLatin1String(text)) + 24; };
        for (int column = 0; column < LiveModel::ServerColumns; ++column)
            m_servers->setColumnWidth(column, wide("Connections "));
        m_servers->setColumnWidth(LiveModel::Server, wide("127.0.0.1:54411/bench "));
        m_servers->setColumnWidth(LiveModel::Version, wide("15.18 (Debian 15.18"));
        m_servers->setColumnWidth(LiveModel::State, wide("connected, backed off"));
        m_servers->setColumnWidth(LiveModel::OldestTransaction, wide("Oldest Transaction"));
        m_servers->setColumnWidth(LiveModel::LongestWait, wide("Longest Lock Wait"));
        m_events->setColumnWidth(LiveModel::EventTime, wide("00:00:00"));
        m_events->setColumnWidth(LiveModel::EventKind, wide("statistics reset"));
        m_events->setColumnWidth(LiveModel::EventServer, wide("primary"));
        // All that are attached to, though some may have told nothing yet.
        const int known = std::max(int(picture->servers.size()), int(session()->live()->servers().size()));
        const int rows = std::clamp(known, 1, 5);
        const int height = m_servers->horizontalHeader()->sizeHint().height()
            + rows * m_servers->verticalHeader()->defaultSectionSize()
            + m_servers->horizontalScrollBar()->sizeHint().height() + 6;
        m_whole->setSizes({height, std::max(200, this->height() - height)});
    }
    // One at a time: all of them at once would be one long frame.
    if (m_drawTimer.isActive()) {
        m_drawAgain = true;
        return;
    }
    m_nextPlot = 0;
    m_drawTimer.start(0);
}

void LiveView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Recording Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->picture() && m_model->isBusy())
        m_empty->setContent(QStringLiteral("live"), tr("Reading…"),
            tr("The charts appear with the first samples."));
    else
        m_empty->setContent(QStringLiteral("live"), tr("No Server Is Attached"),
            tr("Attach to PostgreSQL (primary and replicas) and PgBouncer to watch them. It only reads, and "
               "what it reads is recorded in this workspace. A workspace with a recording is replayed here."),
            tr("Attach to PostgreSQL…"));
}

void LiveView::drawNext()
{
    // While a range is dragged the chart below the hand stays as it is.
    if (QApplication::mouseButtons() & Qt::LeftButton) {
        m_drawTimer.start(100);
        return;
    }
    if (m_nextPlot < m_plots.size()) {
        PlotContent content = liveCharts()[std::size_t(m_nextPlot)].content(*m_model);
        const bool hasData = !content.series.empty();
        if (m_hasData[m_nextPlot] != hasData) {
            m_hasData[m_nextPlot] = hasData;
            m_layoutStale = true;
        }
        if (hasData)
            m_plots[m_nextPlot]->setContent(std::move(content));
        ++m_nextPlot;
        m_drawTimer.start(m_nextPlot == 1 || !hasData ? 0 : 8);
        return;
    }
    int margin = 0;
    for (qsizetype i = 0; i < m_plots.size(); ++i) {
        if (m_hasData[i])
            margin = std::max(margin, m_plots[i]->canvas()->wantedLeftMargin());
    }
    for (PlotView *plot : std::as_const(m_plots))
        plot->canvas()->setLeftMargin(margin);
    layOutPlots();
    if (std::exchange(m_drawAgain, false)) {
        m_nextPlot = 0;
        m_drawTimer.start(0);
        return;
    }
    Q_EMIT readyChanged();
}

/// As many columns as fit; charts without data take no room.
void LiveView::layOutPlots()
{
    const int room = m_lower->sizes().value(0, width());
    const int columns = std::clamp(room / kPlotWidth, 1, 3);
    if (!m_layoutStale && columns == m_columns)
        return;
    m_layoutStale = false;
    m_columns = columns;
    for (PlotView *plot : std::as_const(m_plots))
        m_grid->removeWidget(plot);
    int place = 0;
    for (qsizetype i = 0; i < m_plots.size(); ++i) {
        m_plots[i]->setVisible(m_hasData[i]);
        if (!m_hasData[i])
            continue;
        m_grid->addWidget(m_plots[i], place / columns, place % columns);
        ++place;
    }
    for (int column = 0; column < 3; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
}

void LiveView::chooseSelected()
{
    QStringList names;
    for (const QModelIndex &index : m_servers->selectionModel()->selectedRows())
        names << index.data().toString();
    m_model->chooseServers(names);
}

void LiveView::holdAtCursor(PlotView *plot)
{
    const auto x = plot->canvas()->cursorX();
    if (x)
        session()->playback()->hold(plot->content().x.origin + Nanos(*x));
}

void LiveView::holdAtEvent(int row)
{
    if (const auto time = m_model->timeOfEvent(m_model->events()->idAt(row)))
        session()->playback()->hold(*time);
}

bool LiveView::eventFilter(QObject *watched, QEvent *event)
{
    for (PlotView *plot : std::as_const(m_plots)) {
        if (watched == plot->canvas()->viewport() && event->type() == QEvent::MouseButtonRelease
            && static_cast<QMouseEvent *>(event)->button() == Qt::LeftButton
            && !plot->canvas()->selection()) {
            holdAtCursor(plot);
            return false;
        }
        const bool isEnter = event->type() == QEvent::KeyPress
            && (static_cast<QKeyEvent *>(event)->key() == Qt::Key_Return
                || static_cast<QKeyEvent *>(event)->key() == Qt::Key_Enter);
        if (watched == plot->canvas() && isEnter && !plot->canvas()->selection()) {
            holdAtCursor(plot);
            return true;
        }
    }
    return View::eventFilter(watched, event);
}

void LiveView::copyRows(QTableView *table)
{
    QList<int> rows;
    for (const QModelIndex &index : table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < table->model()->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(static_cast<CellTable *>(table->model())->toText(rows));
}

void LiveView::showMenu(QTableView *table, const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
        [this, table] { copyRows(table); });
    if (table == m_servers)
        menu->addAction(tr("All Servers in the C&harts"), m_servers, &QTableView::clearSelection)
            ->setEnabled(!m_model->chosenServers().isEmpty());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(globalPosition);
}

} // namespace tailscope::widgets
