// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/distributionview.h"

#include "base/text.h"
#include "items/distributionfilter.h"
#include "items/distributiongroups.h"
#include "items/distributionmodel.h"
#include "items/samplingtext.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/heatmapcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/distribution/grouptable.h"
#include "widgets/distribution/histogramcanvas.h"
#include "widgets/distribution/histogrammarks.h"
#include "widgets/distribution/overtimepanel.h"
#include "widgets/distribution/percentilecurve.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QJsonArray>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <limits>

namespace tailscope::widgets {

using items::DistributionModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QLabel *captionLabel(QWidget *parent, const QString &name)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAccessibleDescription(name);
    return label;
}

} // namespace

DistributionView::DistributionView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new DistributionModel(session, this))
    , m_bar(new QWidget(this))
    , m_figures(captionLabel(this, tr("Percentiles")))
    , m_basis(captionLabel(this, tr("What the percentiles rest on")))
    , m_busyMark(new QLabel(tr("computing…"), this))
    , m_banner(new Banner(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_tabs(new QTabWidget(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_histogram(new HistogramCanvas(this))
    , m_groups(new GroupTable(m_model, this))
    , m_overTime(new OverTimePanel(session, m_model, this))
    , m_curve(new PlotView(session->context(), this))
    , m_busyTimer(new QTimer(this))
{
    setAccessibleName(tr("Distribution"));
    createActions();
    buildLayout();
    connectParts();
    updateState();
}

void DistributionView::createActions()
{
    const auto toggle = [this](const QString &text, const QString &tip, bool on, auto run) {
        auto *action = new QAction(text, this);
        action->setCheckable(true);
        action->setChecked(on);
        action->setToolTip(tip);
        connect(action, &QAction::toggled, this, run);
        m_actions << action;
        return action;
    };
    m_self = toggle(tr("Self Time"),
        tr("Histogram and percentiles of self time (duration minus the union of the "
           "synchronous children) instead of duration"),
        false, [this](bool on) {
            m_model->setSelfTime(on);
            m_removeRange->setEnabled(m_model->hasValueFilter());
        });
    m_log = toggle(tr("Log Time Axis"), tr("Durations on a logarithmic axis; off: linear"), true,
        [this](bool on) {
            m_histogram->setLogarithmic(on);
            showCurve();
        });
    m_root
        = toggle(tr("Root Counts"), tr("Square root of the counts, which shows rare durations; off: linear"),
            false, [this](bool on) { m_histogram->setSquareRoot(on); });
    m_intervals = toggle(tr("95 % Intervals"),
        tr("Show between which values each percentile lies with 95 % confidence (order statistics)"), false,
        [this](bool on) { m_histogram->setIntervals(on); });
    const auto add = [this](const QString &text, auto run) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    m_removeRange = add(tr("Remove Duration Range"), [this] { m_model->clearValueFilter(); });
    m_removeRange->setToolTip(
        tr("Take the range of durations out of the filter (double click in the histogram)"));
    m_removeRange->setEnabled(false);
    m_whySlow = add(tr("Why Are These Slow?"), [this] { askWhySlow(m_histogram->selection()); });
    m_whySlow->setToolTip(
        tr("Compare the requests of the selected durations (else the slowest 1 %) with the rest: what "
           "they have in common"));
    add(tr("Copy Figures"), [this] {
        QApplication::clipboard()->setText(m_figures->text() + QLatin1Char('\n') + m_basis->text());
    });
    add(tr("Copy Histogram"), [this] { QApplication::clipboard()->setText(m_histogram->toText()); });
}

void DistributionView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    auto *top = new QVBoxLayout(m_bar);
    top->setContentsMargins(6, 3, 6, 3);
    top->setSpacing(2);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(2);
    for (QAction *action : {m_self, m_log, m_root, m_intervals, m_removeRange, m_whySlow}) {
        auto *button = new QToolButton(m_bar);
        button->setDefaultAction(action);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAccessibleName(action->text());
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    m_busyMark->setVisible(false);
    buttons->addWidget(m_busyMark);
    top->addLayout(buttons);
    top->addWidget(m_figures);
    top->addWidget(m_basis);
    layout->addWidget(m_bar);
    layout->addWidget(m_stack, 1);

    m_splitter->addWidget(m_histogram);
    m_splitter->addWidget(m_groups);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({600, 400});
    m_splitter->setChildrenCollapsible(false);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_splitter, tr("Histogram"));
    m_tabs->addTab(m_overTime, tr("Over Time"));
    m_tabs->addTab(m_curve, tr("Percentile Curve"));
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_tabs);
    m_histogram->setContextMenuPolicy(Qt::CustomContextMenu);
    m_overTime->heatMap()->setContextMenuPolicy(Qt::CustomContextMenu);
    setFocusProxy(m_histogram);
    setTabOrder(m_histogram, m_groups->groupByBox());
    setTabOrder(m_groups->groupByBox(), m_groups->attributeBox());
    setTabOrder(m_groups->attributeBox(), m_groups->table());
    m_busyTimer->setSingleShot(true);
    m_busyTimer->setInterval(150);
}

void DistributionView::connectParts()
{
    connect(m_model, &DistributionModel::statsChanged, this, &DistributionView::showStats);
    connect(m_model, &DistributionModel::overlaysChanged, this, &DistributionView::showOverlays);
    connect(m_model, &DistributionModel::previewChanged, this, &DistributionView::updateCaption);
    connect(m_model, &DistributionModel::busyChanged, this, &DistributionView::updateBusy);
    connect(m_busyTimer, &QTimer::timeout, this, [this] { m_busyMark->setVisible(m_model->isBusy()); });
    const session::SessionContext *shared = context();
    connect(shared, &session::SessionContext::filterChanged, this, [this] {
        m_removeRange->setEnabled(m_model->hasValueFilter());
        updateBusy();
    });
    connect(shared, &session::SessionContext::dataChanged, this, &DistributionView::updateState);
    connect(session(), &session::Session::loaded, this, &DistributionView::updateState);

    connect(m_histogram, &HistogramCanvas::selectionChanged, this, &DistributionView::previewValues);
    connect(m_histogram, &HistogramCanvas::rangeSelected, this, &DistributionView::narrowToValues);
    connect(m_histogram, &HistogramCanvas::rangeCleared, m_model, &DistributionModel::clearValueFilter);
    connect(m_histogram, &HistogramCanvas::readoutChanged, this, &View::statusText);
    connect(m_histogram, &QWidget::customContextMenuRequested, this, &DistributionView::showHistogramMenu);

    connect(m_groups, &GroupTable::overlaysChanged, this,
        [this] { m_model->setOverlayGroups(m_groups->chosen().mid(0, GroupTable::kMaxOverlays)); });
    connect(m_groups, &GroupTable::filterRequested, this,
        [this](const QString &terms) { context()->narrow(terms); });
    connect(m_groups, &GroupTable::excludeRequested, this, [this](const QString &terms) {
        // Not narrow(): leaving out a second group must not bring back the first.
        context()->setFilterText(context()->filterText() + QLatin1Char(' ') + terms);
    });
    connect(m_groups, &GroupTable::operationChosen, this, [this](const QString &operation) {
        context()->setSelection({session::Selection::Kind::Operation, 0, operation});
    });
    const auto followSelection = [this] {
        const session::Selection chosen = context()->selection();
        m_groups->chooseOperation(
            chosen.kind == session::Selection::Kind::Operation ? chosen.text : QString());
    };
    connect(shared, &session::SessionContext::selectionChanged, this, followSelection);
    followSelection();
    connect(m_groups, &GroupTable::sqlRequested, this, [this] { Q_EMIT sqlRequested(m_model->groupsSql()); });

    connect(m_overTime, &OverTimePanel::selectionChanged, this, &DistributionView::previewTime);
    connect(m_overTime, &OverTimePanel::rangeSelected, this,
        [this](TimeRange range) { context()->setRange(range); });
    connect(m_overTime, &OverTimePanel::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(m_overTime, &OverTimePanel::readoutChanged, this, &View::statusText);
    connect(m_overTime->heatMap(), &QWidget::customContextMenuRequested, this,
        &DistributionView::showHeatMapMenu);
    connect(m_curve, &PlotView::readoutChanged, this, &View::statusText);
    const auto complain = [this](const QString &text) { m_banner->show(Banner::Level::Warning, text); };
    connect(m_banner, &Banner::actionClicked, this,
        [this] { Q_EMIT openViewRequested(QStringLiteral("sources")); });
    connect(m_overTime, &OverTimePanel::failed, this, complain);
    connect(m_curve, &PlotView::failed, this, complain);

    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_emptyAction == EmptyAction::Open)
            Q_EMIT commandRequested(QStringLiteral("open"), {});
        else if (m_emptyAction == EmptyAction::Reset)
            context()->resetNavigation();
    });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this](int tab) {
        setFocusProxy(tab == OverTimeTab ? static_cast<QWidget *>(m_overTime)
                : tab == CurveTab        ? static_cast<QWidget *>(m_curve)
                                         : m_histogram);
    });
}

void DistributionView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void DistributionView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

bool DistributionView::isReady() const
{
    return !session()->isLoading() && !context()->isFilterPending() && !m_model->isBusy();
}

void DistributionView::startSearch()
{
    m_tabs->setCurrentIndex(HistogramTab);
    m_groups->startSearch();
}

QString DistributionView::showSql() const
{
    return m_tabs->currentIndex() == OverTimeTab ? m_model->binsSql() : m_model->figuresSql();
}

QString DistributionView::figuresText() const { return m_figures->text(); }

QString DistributionView::basisText() const { return m_basis->text(); }

void DistributionView::showStats()
{
    m_histogram->setStats(m_model->stats(), m_model->statsAreSelf());
    showCurve();
    updateState();
    const QString warning = items::samplingWarning(m_model->sampling());
    if (warning != m_samplingWarning) {
        m_samplingWarning = warning;
        if (warning.isEmpty())
            m_banner->clear();
        else
            m_banner->show(Banner::Level::Warning, warning, tr("Show Sources"));
    }
}

void DistributionView::showOverlays()
{
    std::vector<HistogramCanvas::Overlay> overlays;
    const items::DistributionGroups *groups = m_groups->groups();
    for (const DistributionModel::Overlay &overlay : m_model->overlays()) {
        const int row = groups->rowOfName(overlay.name);
        const auto color = m_groups->chosen().indexOf(overlay.name);
        if (row >= 0 && color >= 0)
            overlays.push_back({groups->title(row), overlay.histogram, int(color) + 1});
    }
    m_histogram->setOverlays(std::move(overlays));
    showCurve();
}

void DistributionView::showCurve()
{
    const auto stats = m_model->stats();
    std::vector<NamedHistogram> groups;
    for (const DistributionModel::Overlay &overlay : m_model->overlays()) {
        const int row = m_groups->groups()->rowOfName(overlay.name);
        const auto color = m_groups->chosen().indexOf(overlay.name);
        if (row >= 0 && color >= 0)
            groups.push_back({m_groups->groups()->title(row), overlay.histogram, int(color) + 1});
    }
    m_curve->setContent(
        stats ? percentileCurve(*stats, m_model->statsAreSelf(), m_log->isChecked(), groups) : PlotContent{});
}

QString DistributionView::previewText() const
{
    const auto &part = m_model->previewPart();
    const auto stats = m_model->preview();
    if (!part || !stats)
        return {};
    QString what;
    if (part->values) {
        what = part->values->second == kUnknownNanos
            ? QStringLiteral("≥ ") + fromUtf8(humanDuration(part->values->first))
            : tr("%1 to below %2")
                  .arg(fromUtf8(humanDuration(part->values->first)),
                      fromUtf8(humanDuration(part->values->second)));
    } else if (part->range) {
        what = tr("%1 from %2")
                   .arg(fromUtf8(humanDuration(part->range->length())),
                       context()->timeText(part->range->begin));
    }
    const std::int64_t all = m_model->stats() ? m_model->stats()->count : 0;
    const double share = all > 0 ? 100.0 * double(stats->count) / double(all) : 0;
    return tr("Selected %1: %2 spans (%3 %) · %4")
        .arg(what, fromUtf8(groupedCount(stats->count)), QString::number(share, 'g', 3), figuresLine(*stats));
}

void DistributionView::updateCaption()
{
    const auto stats = m_model->stats();
    const QString preview = previewText();
    m_figures->setText(!preview.isEmpty() ? preview : stats ? figuresLine(*stats) : QString());
    m_basis->setText(stats ? basisLine(*stats, m_model->statsAreSelf()) : QString());
    m_figures->setVisible(!m_figures->text().isEmpty());
    m_basis->setVisible(!m_basis->text().isEmpty());
}

void DistributionView::updateState()
{
    const auto stats = m_model->stats();
    m_emptyAction = EmptyAction::None;
    m_bar->setVisible(m_model->hasSpans());
    bool empty = true;
    if (!m_model->hasSpans()) {
        if (session()->isLoading()) {
            m_empty->setContent(QStringLiteral("distribution"), tr("Loading Spans"),
                tr("The histogram follows."));
        } else {
            m_empty->setContent(QStringLiteral("distribution"), tr("No Spans Yet"),
                tr("Open a trace (Chrome JSON or OTLP) to see how its durations are spread."),
                tr("Open File…"));
            m_emptyAction = EmptyAction::Open;
        }
    } else if (stats && stats->count == 0 && stats->unknown > 0) {
        m_empty->setContent(QStringLiteral("distribution"),
            m_model->statsAreSelf() ? tr("No Self Time Is Known") : tr("No Duration Is Known"),
            tr("%1 spans pass the filter, but none of them tells how long it took.")
                .arg(fromUtf8(groupedCount(stats->unknown))));
    } else if (stats && stats->count == 0) {
        m_empty->setContent(QStringLiteral("filter"), tr("No Span Passes"),
            tr("The time range and the filter leave nothing to count."), tr("Show Everything"));
        m_emptyAction = EmptyAction::Reset;
    } else {
        empty = false;
    }
    m_stack->setCurrentWidget(empty ? static_cast<QWidget *>(m_empty) : m_tabs);
    updateCaption();
    updateBusy();
}

void DistributionView::updateBusy()
{
    // The mark is for work that is felt; a tenth of a second is not.
    if (!m_model->isBusy()) {
        m_busyTimer->stop();
        m_busyMark->hide();
    } else if (!m_busyTimer->isActive() && !m_busyMark->isVisible()) {
        m_busyTimer->start();
    }
    const bool ready = DistributionView::isReady(); // the constructor comes here too
    if (ready != m_wasReady) {
        m_wasReady = ready;
        Q_EMIT readyChanged();
    }
}

void DistributionView::narrowToValues(Nanos low, Nanos high)
{
    context()->narrow(
        QString::fromStdString(items::valueFilter(m_model->statsAreSelf(), low, high).toText()));
}

void DistributionView::previewValues()
{
    const auto chosen = m_histogram->selection();
    m_model->setPreview(chosen ? std::optional(items::DistributionPart{std::nullopt, chosen}) : std::nullopt);
}

void DistributionView::previewTime()
{
    const auto chosen = m_overTime->selection();
    m_model->setPreview(chosen ? std::optional(items::DistributionPart{chosen, std::nullopt}) : std::nullopt);
}

QJsonObject DistributionView::saveState() const
{
    QJsonArray sizes;
    for (const int size : m_splitter->sizes())
        sizes << size;
    return {{QStringLiteral("tab"), m_tabs->currentIndex()}, {QStringLiteral("self"), m_self->isChecked()},
        {QStringLiteral("log"), m_log->isChecked()}, {QStringLiteral("root"), m_root->isChecked()},
        {QStringLiteral("intervals"), m_intervals->isChecked()},
        {QStringLiteral("groupBy"), m_groups->groupByBox()->currentIndex()},
        {QStringLiteral("attribute"), m_model->attribute()}, {QStringLiteral("split"), sizes}};
}

void DistributionView::restoreState(const QJsonObject &state)
{
    m_self->setChecked(state.value(QStringLiteral("self")).toBool(m_self->isChecked()));
    m_log->setChecked(state.value(QStringLiteral("log")).toBool(m_log->isChecked()));
    m_root->setChecked(state.value(QStringLiteral("root")).toBool(m_root->isChecked()));
    m_intervals->setChecked(state.value(QStringLiteral("intervals")).toBool(m_intervals->isChecked()));
    if (const QString key = state.value(QStringLiteral("attribute")).toString(); !key.isEmpty())
        m_groups->setAttribute(key);
    const int groupBy = state.value(QStringLiteral("groupBy")).toInt(-1);
    if (groupBy >= 0 && groupBy < m_groups->groupByBox()->count())
        m_groups->setGroupBy(analysis::GroupBy(m_groups->groupByBox()->itemData(groupBy).toInt()));
    const int tab = state.value(QStringLiteral("tab")).toInt(-1);
    if (tab >= 0 && tab < m_tabs->count())
        m_tabs->setCurrentIndex(tab);
    const QJsonArray sizes = state.value(QStringLiteral("split")).toArray();
    if (sizes.size() == 2 && sizes.at(0).toInt() > 0 && sizes.at(1).toInt() > 0)
        m_splitter->setSizes({sizes.at(0).toInt(), sizes.at(1).toInt()});
}

} // namespace tailscope::widgets
