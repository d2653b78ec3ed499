// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pool/poolview.h"

#include "items/poolmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/pool/poolcharts.h"
#include "widgets/pool/poolwhatifpanel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CellTable;
using items::PoolModel;

PoolView::PoolView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new PoolModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_sentence(new ElidedLabel(this))
    , m_pools(new QTableView(this))
    , m_facts(new QTableView(this))
    , m_fleet(new QTableView(this))
    , m_use(new PlotView(session->context(), this))
    , m_waiting(new PlotView(session->context(), this))
    , m_wait(new PlotView(session->context(), this))
    , m_curve(new PlotView(session->context(), this))
    , m_whatIf(new PoolWhatIfPanel(m_model, this))
    , m_tabs(new QTabWidget(this))
{
    setAccessibleName(tr("Pools"));
    buildLayout();
    connectAll();
    setFocusProxy(m_pools);
    refresh();
}

void PoolView::setUpTable(QTableView *table, CellTable *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
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

void PoolView::buildLayout()
{
    setUpTable(m_pools, m_model->pools(), tr("Pools"));
    setUpTable(m_facts, m_model->facts(), tr("Verdict of the chosen pool"));
    setUpTable(m_fleet, m_model->fleet(), tr("All pools against their server, from configuration"));
    auto *time = new QSplitter(Qt::Vertical, this);
    for (PlotView *plot : {m_use, m_waiting, m_wait})
        time->addWidget(plot);
    time->setSizes({220, 170, 190});
    m_tabs->addTab(m_facts, tr("&Why"));
    m_tabs->addTab(m_whatIf, tr("What &If"));
    m_tabs->addTab(m_fleet, tr("All Pools and Their &Server"));
    m_tabs->setDocumentMode(true);
    auto *right = new QSplitter(Qt::Vertical, this);
    right->addWidget(m_tabs);
    right->addWidget(m_curve);
    right->setSizes({340, 240});
    auto *charts = new QSplitter(Qt::Horizontal, this);
    charts->addWidget(time);
    charts->addWidget(right);
    charts->setSizes({840, 760});
    m_charts = time;
    auto *whole = new QSplitter(Qt::Vertical, this);
    whole->addWidget(m_pools);
    whole->addWidget(charts);
    whole->setSizes({190, 640});
    for (QSplitter *each : {time, right, charts, whole})
        each->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_sentence->setContentsMargins(8, 5, 8, 5);
    layout->addWidget(m_sentence);
    layout->addWidget(whole, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void PoolView::connectAll()
{
    connect(m_model, &PoolModel::changed, this, &PoolView::refresh);
    connect(m_model, &PoolModel::currentChanged, this, &PoolView::showCurrent);
    connect(m_model, &PoolModel::pictureChanged, this, &PoolView::showPlots);
    connect(m_model, &PoolModel::busyChanged, this, &View::readyChanged);
    connect(session(), &session::Session::markersChanged, this, &PoolView::showPlots);
    connect(context(), &session::SessionContext::selectionChanged, this, &PoolView::followSelection);
    connect(context(), &session::SessionContext::rangeChanged, this, &PoolView::showPlots);
    connect(context(), &session::SessionContext::timeDisplayChanged, this, &PoolView::showCurrent);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    connect(m_pools->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (!index.isValid())
                return;
            m_model->choose(m_model->pools()->idAt(index.row()));
            if (const items::FigureRow *row = m_model->current(); row && !m_filling)
                context()->setSelection(
                    {session::Selection::Kind::Pool, 0, QString::fromStdString(row->text("pool"))});
        });
    for (PlotView *plot : {m_use, m_waiting, m_wait}) {
        connect(plot, &PlotView::rangeSelected, this, [this, plot](double low, double high) {
            const Nanos origin = plot->content().x.origin;
            context()->setRange(TimeRange{origin + Nanos(low), origin + Nanos(high) + 1});
        });
        connect(plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
        connect(plot, &PlotView::readoutChanged, this, &View::statusText);
        connect(plot, &PlotView::cursorMoved, this, [this, plot](std::optional<double> x) {
            for (PlotView *other : {m_use, m_waiting, m_wait}) {
                if (other != plot)
                    other->canvas()->setCursorX(x);
            }
        });
    }
    connect(m_curve, &PlotView::readoutChanged, this, &View::statusText);
}

QString PoolView::showSql() const
{
    return m_pools->hasFocus() || !m_model->current() ? m_model->verdictSql() : m_model->sql();
}

bool PoolView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QString PoolView::sentenceText() const { return m_sentence->text(); }

QJsonObject PoolView::saveState() const { return {{QStringLiteral("tab"), m_tabs->currentIndex()}}; }

void PoolView::restoreState(const QJsonObject &state)
{
    m_tabs->setCurrentIndex(std::clamp(state.value(QStringLiteral("tab")).toInt(), 0, m_tabs->count() - 1));
}

void PoolView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void PoolView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void PoolView::refresh()
{
    const auto overview = m_model->overview();
    if (!overview || (overview->pools.empty() && overview->fleets.empty())) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    // Configuration alone has its account, and no samples to draw.
    for (QWidget *each : {static_cast<QWidget *>(m_pools), m_charts, static_cast<QWidget *>(m_curve)})
        each->setVisible(!overview->pools.empty());
    if (overview->pools.empty())
        m_tabs->setCurrentWidget(m_fleet);
    if (!m_fitted) {
        m_fitted = true;
        const auto wide
            = [this](const char *text) { return fontMetrics().horizontalAdvance(QLatin1String(text)) + 24; };
        for (int column = 0; column < PoolModel::PoolColumns; ++column)
            m_pools->setColumnWidth(column, wide("By Counters"));
        m_pools->setColumnWidth(PoolModel::PoolName, wide("connections-of-orders"));
        m_pools->setColumnWidth(PoolModel::PoolInstance, wide("product-api-40 "));
        m_pools->setColumnWidth(PoolModel::PoolVerdict, wide("near its limit  "));
        m_pools->setColumnWidth(PoolModel::PoolCeiling, wide("max_connections of orders-db"));
        m_facts->setColumnWidth(0, wide("Processors of the server"));
        m_facts->setColumnWidth(1, wide("max_connections of orders-db = 200  "));
        m_fleet->setColumnWidth(0, wide("topology-production.toml"));
        m_fleet->setColumnWidth(1, wide("products-db-1"));
        m_fleet->setColumnWidth(2, wide("product-api.products"));
        for (int column = 3; column < 8; ++column)
            m_fleet->setColumnWidth(column, wide("Instances"));
    }
    m_filling = true;
    if (!overview->pools.empty() && m_model->currentId() >= 0)
        m_pools->selectRow(m_model->pools()->rowOfId(m_model->currentId()));
    m_filling = false;
    showCurrent();
    followSelection();
}

/// What another view chose, a finding for example.
void PoolView::followSelection()
{
    const session::Selection selection = context()->selection();
    const auto overview = m_model->overview();
    if (selection.kind != session::Selection::Kind::Pool || !overview)
        return;
    const items::FigureRow *row = m_model->current();
    if (row && QString::fromStdString(row->text("pool")) == selection.text)
        return;
    for (std::size_t i = 0; i < overview->pools.size(); ++i) {
        if (QString::fromStdString(overview->pools[i].text("pool")) != selection.text)
            continue;
        m_pools->selectRow(m_model->pools()->rowOfId(qint64(i)));
        return;
    }
}

void PoolView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("Pools Could Not Be Read"), m_model->errorText());
    else if (!m_model->overview())
        m_empty->setContent(QStringLiteral("pool"), tr("Reading Pools…"),
            tr("The tables appear when all are read."));
    else
        m_empty->setContent(QStringLiteral("pool"), tr("No Pools"),
            tr("Open scrapes of HikariCP or PgBouncer (Prometheus text, SHOW POOLS and SHOW STATS, a pool's "
               "log), "
               "counters as CSV, or a topology file (TOML) with the sizes of pools and max_connections: the "
               "account "
               "of all pools against their server needs no measurement."),
            tr("Open Files…"));
}

void PoolView::showCurrent()
{
    const auto overview = m_model->overview();
    if (overview && overview->pools.empty() && !overview->fleets.empty())
        m_sentence->setText(tr("No samples of pools: the account below rests on configuration alone."));
    else
        m_sentence->setText(m_model->sentence());
    showPlots();
}

void PoolView::showPlots()
{
    if (!m_model->picture())
        return; // what was drawn stays until the next pool is read
    m_use->setContent(usePlot(*m_model, *session()));
    m_waiting->setContent(waitingPlot(*m_model, *session()));
    m_wait->setContent(waitPlot(*m_model, *session()));
    m_curve->setContent(curvePlot(*m_model));
    int margin = 0;
    for (const PlotView *plot : {m_use, m_waiting, m_wait})
        margin = std::max(margin, plot->canvas()->wantedLeftMargin());
    for (const PlotView *plot : {m_use, m_waiting, m_wait})
        plot->canvas()->setLeftMargin(margin);
}

void PoolView::copyRows(QTableView *table)
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

void PoolView::showMenu(QTableView *table, const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
        [this, table] { copyRows(table); });
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy the &Verdict"), this,
            [this] { QApplication::clipboard()->setText(m_model->sentence()); })
        ->setEnabled(m_model->current() != nullptr);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL of the Samples"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show SQL of the &Verdicts"), this,
        [this] { Q_EMIT sqlRequested(m_model->verdictSql()); });
    menu->popup(globalPosition);
}

} // namespace tailscope::widgets
