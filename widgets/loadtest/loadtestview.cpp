// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/loadtest/loadtestview.h"

#include "base/text.h"
#include "items/loadtestmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::LoadBin;
using analysis::LoadPhase;
using analysis::LoadRun;
using items::CellTable;
using items::LoadTestModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

PlotAxis timeAxis(const LoadRun &run)
{
    PlotAxis axis;
    axis.unit = PlotUnit::Time;
    axis.title = LoadTestView::tr("Time");
    axis.origin = run.start;
    axis.low = 0;
    axis.high = double(std::max<Nanos>(1, run.end - run.start));
    return axis;
}

QVector<PlotMark> phaseMarks(const LoadRun &run)
{
    QVector<PlotMark> marks;
    for (const LoadPhase &phase : run.phases) {
        if (phase.isFound && phase.kind != "whole" && phase.start != kUnknownNanos && marks.size() < 60)
            marks.append({double(phase.start - run.start), fromUtf8(phase.name), {}, false, {}});
    }
    return marks;
}

double gapOr(Nanos value) { return value == kUnknownNanos ? std::nan("") : double(value); }

} // namespace

LoadTestView::LoadTestView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new LoadTestModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_verdict(new QLabel(this))
    , m_comparisonText(new QLabel(this))
    , m_runs(new QTableView(this))
    , m_phases(new QTableView(this))
    , m_levels(new QTableView(this))
    , m_gates(new QTableView(this))
    , m_comparison(new QTableView(this))
    , m_latency(new PlotView(context(), this))
    , m_load(new PlotView(context(), this))
    , m_curve(new PlotView(context(), this))
    , m_byUsers(new PlotView(context(), this))
    , m_tabs(new QTabWidget(this))
    , m_other(new QComboBox(this))
{
    setAccessibleName(tr("Load Tests"));
    buildLayout();
    connectAll();
    setFocusProxy(m_runs);
    refresh();
}

void LoadTestView::setUpTable(QTableView *table, CellTable *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(
        table == m_runs ? QAbstractItemView::SingleSelection : QAbstractItemView::ExtendedSelection);
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

QWidget *LoadTestView::buildPlots()
{
    auto *times = new QSplitter(Qt::Vertical, this);
    times->addWidget(m_latency);
    times->addWidget(m_load);
    times->setSizes({240, 140});
    auto *curves = new QSplitter(Qt::Vertical, this);
    curves->addWidget(m_curve);
    curves->addWidget(m_byUsers);
    curves->setSizes({240, 140});
    auto *plots = new QSplitter(Qt::Horizontal, this);
    plots->addWidget(times);
    plots->addWidget(curves);
    plots->setSizes({780, 460});
    for (QSplitter *each : {times, curves, plots})
        each->setChildrenCollapsible(false);
    return plots;
}

QWidget *LoadTestView::buildTabs()
{
    setUpTable(m_phases, m_model->phases(), tr("Phases"));
    setUpTable(m_levels, m_model->levels(), tr("Levels of concurrency"));
    setUpTable(m_gates, m_model->gates(), tr("Limits"));
    setUpTable(m_comparison, m_model->comparison(), tr("Two runs compared"));
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_phases->setColumnWidth(LoadTestModel::PhaseName, 32 * digit);
    m_gates->setColumnWidth(LoadTestModel::GateWhat, 40 * digit);
    m_gates->setColumnWidth(LoadTestModel::GatePhase, 28 * digit);
    m_gates->setColumnWidth(LoadTestModel::GateValue, 24 * digit);
    m_gates->setColumnWidth(LoadTestModel::GateLimit, 28 * digit);
    m_comparison->setColumnWidth(LoadTestModel::CompareWhat, 40 * digit);
    m_comparison->setColumnWidth(LoadTestModel::CompareSecond, 17 * digit);

    auto *compare = new QWidget(this);
    auto *layout = new QVBoxLayout(compare);
    layout->setContentsMargins(0, 4, 0, 0);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 0);
    auto *label = new QLabel(tr("&Compare with:"), compare);
    label->setBuddy(m_other);
    m_other->setAccessibleName(tr("Compare with"));
    m_other->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_other->setMinimumContentsLength(36);
    m_comparisonText->setTextFormat(Qt::PlainText);
    m_comparisonText->setWordWrap(true);
    line->addWidget(label);
    line->addWidget(m_other);
    line->addWidget(m_comparisonText, 1);
    layout->addLayout(line);
    layout->addWidget(m_comparison, 1);
    m_tabs->addTab(m_phases, tr("&Phases"));
    m_tabs->addTab(m_gates, tr("&Limits"));
    m_tabs->addTab(m_levels, tr("Le&vels"));
    m_tabs->addTab(compare, tr("C&ompare"));
    m_tabs->setDocumentMode(true);
    return m_tabs;
}

void LoadTestView::buildLayout()
{
    setUpTable(m_runs, m_model->runs(), tr("Runs"));
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_runs->setColumnWidth(LoadTestModel::RunName, 34 * digit);
    m_runs->setColumnWidth(LoadTestModel::RunStart, 30 * digit);
    m_verdict->setWordWrap(true);
    m_verdict->setTextFormat(Qt::PlainText);
    m_verdict->setContentsMargins(8, 6, 8, 6);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *whole = new QSplitter(Qt::Vertical, this);
    auto *top = new QWidget(this);
    auto *topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    topLayout->addWidget(m_runs, 1);
    topLayout->addWidget(m_verdict);
    whole->addWidget(top);
    whole->addWidget(buildPlots());
    whole->addWidget(buildTabs());
    whole->setSizes({170, 380, 240});
    whole->setChildrenCollapsible(false);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(whole);
    outer->addWidget(m_stack);
}

void LoadTestView::connectAll()
{
    connect(m_model, &LoadTestModel::changed, this, &LoadTestView::refresh);
    connect(m_model, &LoadTestModel::currentChanged, this, &LoadTestView::showRun);
    connect(m_model, &LoadTestModel::comparisonChanged, this,
        [this] { m_comparisonText->setText(m_model->comparisonText()); });
    connect(m_model, &LoadTestModel::busyChanged, this, &View::readyChanged);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    connect(m_runs->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (!index.isValid())
                return;
            const qint64 id = m_model->runs()->idAt(index.row());
            m_model->choose(id);
            context()->setSelection({session::Selection::Kind::Run, id, {}});
        });
    connect(m_other, &QComboBox::activated, this,
        [this] { m_model->compareWith(m_other->currentData().toLongLong()); });
    connect(m_runs, &QTableView::activated, this, &LoadTestView::narrowToRun);
    connect(m_phases, &QTableView::activated, this, &LoadTestView::narrowToPhase);
    for (PlotView *plot : {m_latency, m_load}) {
        connect(plot, &PlotView::rangeSelected, this, [this](double low, double high) {
            if (const auto *view = m_model->current())
                context()->setRange(TimeRange{view->run.start + Nanos(low), view->run.start + Nanos(high)});
        });
        connect(plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    }
    connect(m_latency, &PlotView::cursorMoved, this,
        [this](std::optional<double> x) { m_load->canvas()->setCursorX(x); });
    connect(m_load, &PlotView::cursorMoved, this,
        [this](std::optional<double> x) { m_latency->canvas()->setCursorX(x); });
    for (PlotView *plot : {m_latency, m_load, m_curve, m_byUsers})
        connect(plot, &PlotView::readoutChanged, this, &View::statusText);
}

QString LoadTestView::showSql() const { return m_model->sql(); }

bool LoadTestView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QString LoadTestView::verdictText() const { return m_verdict->text(); }

void LoadTestView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void LoadTestView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void LoadTestView::refresh()
{
    if (!m_model->all() || m_model->all()->empty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
}

void LoadTestView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("Load Tests Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->isLoaded())
        m_empty->setContent(QStringLiteral("loadtest"), tr("Reading Load Tests…"),
            tr("Runs appear when their requests are read."));
    else
        m_empty->setContent(QStringLiteral("loadtest"), tr("No Load Tests"),
            tr("Open the output of a load generator: k6 (JSON, CSV, summary), JMeter JTL, Gatling "
               "simulation.log, "
               "Locust CSV, vegeta, hey, ab, wrk, wrk2, pgbench, or an HdrHistogram log."),
            tr("Open Files…"));
}

void LoadTestView::showRun()
{
    const auto *view = m_model->current();
    m_verdict->setText(m_model->verdict());
    if (view) {
        const int row = m_model->runs()->rowOfId(view->run.id);
        if (row >= 0 && m_runs->currentIndex().row() != row)
            m_runs->selectRow(row);
    }
    showTimes();
    showCurve();
    showOthers();
}

void LoadTestView::showTimes()
{
    PlotContent latency, load;
    latency.title = tr("Response time by start of request");
    load.title = tr("Load");
    latency.labelsX = false;
    latency.selectable = load.selectable = true;
    latency.y.unit = PlotUnit::Duration;
    latency.y.logarithmic = true;
    latency.y.title = tr("Response time");
    load.y.title = tr("Users, requests a second");
    load.y.low = 0;
    const auto *view = m_model->current();
    if (view && !view->run.bins.empty()) {
        const LoadRun &run = view->run;
        latency.x = load.x = timeAxis(run);
        latency.marks = phaseMarks(run);
        PlotSeries p50{QStringLiteral("P50"), {}, {}, {}}, p95{QStringLiteral("P95"), {}, {}, {}},
            p99{QStringLiteral("P99"), {}, {}, {}};
        PlotSeries users{tr("users"), {}, {}, {}}, rate{tr("requests / s"), {}, {}, {}},
            errors{tr("failed / s"), {}, {}, {}}, flight{tr("under way"), {}, {}, {}};
        p50.colorIndex = 2;
        p95.colorIndex = 5;
        p99.colorIndex = 1;
        rate.colorIndex = 1;
        errors.colorIndex = 5;
        flight.colorIndex = 6;
        flight.pen = Qt::DashLine;
        const double seconds = double(run.binNs) / 1e9;
        for (std::size_t i = 0; i < run.bins.size(); ++i) {
            const LoadBin &bin = run.bins[i];
            const double x = (double(i) + 0.5) * double(run.binNs);
            for (PlotSeries *series : {&p50, &p95, &p99, &users, &rate, &errors, &flight})
                series->x.push_back(x);
            p50.y.push_back(gapOr(bin.p50));
            p95.y.push_back(gapOr(bin.p95));
            p99.y.push_back(gapOr(bin.p99));
            for (auto *few : {&p95, &p99})
                few->weak.push_back(bin.requests < (few == &p95 ? 20 : 100) ? 1 : 0);
            users.y.push_back(bin.users);
            rate.y.push_back(double(bin.requests) / seconds);
            errors.y.push_back(double(bin.errors) / seconds);
            flight.y.push_back(bin.inFlight);
        }
        latency.weakText = tr("too few requests");
        latency.series = {std::move(p50), std::move(p95), std::move(p99)};
        load.series = {std::move(rate), std::move(errors), std::move(flight), std::move(users)};
        for (const session::Marker &marker : session()->markers()) {
            if (marker.tsNs >= run.start && marker.tsNs < run.end && load.marks.size() < 60)
                load.marks.append({double(marker.tsNs - run.start), marker.title, marker.detail, true, {}});
        }
    }
    m_latency->setContent(std::move(latency));
    m_load->setContent(std::move(load));
    const int margin
        = std::max(m_latency->canvas()->wantedLeftMargin(), m_load->canvas()->wantedLeftMargin());
    m_latency->canvas()->setLeftMargin(margin);
    m_load->canvas()->setLeftMargin(margin);
}

void LoadTestView::showCurve()
{
    PlotContent curve, latency;
    curve.title = tr("Throughput over concurrency");
    latency.title = tr("Response time over concurrency");
    curve.x.title = latency.x.title = tr("Users");
    curve.y.title = tr("Requests a second");
    curve.y.low = 0;
    curve.x.low = 0;
    latency.y.unit = PlotUnit::Duration;
    latency.y.title = tr("Response time");
    curve.labelsX = true;
    if (const auto *view = m_model->current()) {
        const auto points = analysis::mergedLevels(view->run.points);
        PlotSeries measured{tr("measured"), {}, {}, {}};
        for (const auto &point : points) {
            measured.x.push_back(point.users);
            measured.y.push_back(point.perSecond);
        }
        if (view->fit && points.size() > 1) {
            PlotSeries fitted{view->fit->fits ? tr("Universal Scalability Law") : tr("law (does not fit)"),
                {}, {}, {}};
            fitted.colorIndex = 1;
            fitted.pen = Qt::DashLine;
            for (int i = 0; i <= 100; ++i) {
                const double users = std::max(0.0, points.back().users * i / 100);
                fitted.x.push_back(users);
                fitted.y.push_back(users > 0 ? view->fit->at(users) : 0);
            }
            curve.series.push_back(std::move(fitted));
        }
        if (view->knee)
            curve.marks.append({view->knee->users, tr("knee"), view->kneeText, false, view->knee->perSecond});
        curve.series.push_back(std::move(measured));
        std::vector<const LoadPhase *> steady;
        for (const LoadPhase &phase : view->run.phases) {
            if (phase.isSteady() && phase.kind != "whole" && phase.users > 0 && !std::isnan(phase.p95Ms))
                steady.push_back(&phase);
        }
        std::stable_sort(steady.begin(), steady.end(),
            [](const LoadPhase *a, const LoadPhase *b) { return a->users < b->users; });
        PlotSeries p50{QStringLiteral("P50"), {}, {}, {}}, p95{QStringLiteral("P95"), {}, {}, {}},
            p99{QStringLiteral("P99"), {}, {}, {}};
        p50.colorIndex = 2;
        p95.colorIndex = 5;
        p99.colorIndex = 1;
        for (const LoadPhase *phase : steady) {
            if (!p50.x.empty() && p50.x.back() == phase->users)
                continue; // one phase a level: the first
            for (PlotSeries *series : {&p50, &p95, &p99})
                series->x.push_back(phase->users);
            p50.y.push_back(phase->p50Ms * 1e6);
            p95.y.push_back(phase->p95Ms * 1e6);
            p99.y.push_back(phase->p99Ms * 1e6);
        }
        if (p50.x.size() >= 2)
            latency.series = {std::move(p50), std::move(p95), std::move(p99)};
    }
    m_byUsers->setVisible(!latency.series.empty());
    m_curve->setContent(std::move(curve));
    m_byUsers->setContent(std::move(latency));
}

void LoadTestView::showOthers()
{
    m_other->clear();
    m_other->addItem(tr("nothing"), 0);
    if (const auto *runs = m_model->all()) {
        const auto *current = m_model->current();
        for (const items::LoadRunView &view : *runs) {
            if (current && view.run.id != current->run.id)
                m_other->addItem(tr("%1 · %2").arg(fromUtf8(view.run.tool),
                                     view.run.name.empty() ? QString::number(view.run.id)
                                                           : fromUtf8(view.run.name)),
                    qint64(view.run.id));
        }
    }
    m_other->setCurrentIndex(std::max(0, m_other->findData(m_model->comparedWith())));
    m_other->setEnabled(m_other->count() > 1);
}

void LoadTestView::narrowToPhase()
{
    const QModelIndex index = m_phases->currentIndex();
    const auto *view = m_model->current();
    if (!index.isValid() || !view)
        return;
    const LoadPhase &phase = view->run.phases[std::size_t(m_model->phases()->idAt(index.row()))];
    if (phase.start != kUnknownNanos && phase.end > phase.start)
        context()->setRange(TimeRange{phase.start, phase.end});
}

void LoadTestView::narrowToRun()
{
    const auto *view = m_model->current();
    if (view && view->run.start != kUnknownNanos && view->run.end > view->run.start)
        context()->setRange(TimeRange{view->run.start, view->run.end + 1});
}

void LoadTestView::copyRows(QTableView *table)
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

void LoadTestView::showMenu(QTableView *table, const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (table == m_runs)
        menu->addAction(tr("&Narrow to This Run"), this, &LoadTestView::narrowToRun);
    if (table == m_phases)
        menu->addAction(tr("&Narrow to This Phase"), this, &LoadTestView::narrowToPhase)
            ->setEnabled(table->currentIndex().isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
        [this, table] { copyRows(table); });
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy the &Verdict"), this,
        [this] { QApplication::clipboard()->setText(m_verdict->text()); });
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(globalPosition);
}

} // namespace tailscope::widgets
