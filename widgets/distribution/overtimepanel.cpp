// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/overtimepanel.h"

#include "base/text.h"
#include "items/distributionmodel.h"
#include "widgets/charts/heatmapcanvas.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QEvent>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kPixelsPerBin = 5;
constexpr int kRows = 40;
constexpr int kMaxMarks = 400; // more lines than pixels say nothing

using analysis::TimeBins;

double valueOrGap(Nanos value) { return value == kUnknownNanos ? std::nan("") : double(value); }

std::vector<double> binMiddles(const TimeBins &bins)
{
    std::vector<double> middles;
    const Nanos half = bins.binNs / 2;
    for (std::size_t i = 0; i < bins.bins.size(); ++i)
        // Whole nanoseconds, as the heat map counts them: half a one would make its cursor another place.
        middles.push_back(double(i) * double(bins.binNs) + double(half));
    return middles;
}

PlotAxis timeAxis(const TimeBins &bins, const QString &title)
{
    PlotAxis axis;
    axis.unit = PlotUnit::Time;
    axis.title = title;
    axis.origin = bins.range.begin;
    axis.low = 0;
    axis.high = double(bins.range.length());
    return axis;
}

} // namespace

OverTimePanel::OverTimePanel(session::Session *session, items::DistributionModel *model, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(model)
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_heat(new HeatMapCanvas(session->context(), this))
    , m_lines(new PlotView(session->context(), this))
    , m_ratio(new PlotView(session->context(), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    for (QWidget *part :
        {static_cast<QWidget *>(m_heat), static_cast<QWidget *>(m_lines), static_cast<QWidget *>(m_ratio)})
        m_splitter->addWidget(part);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 4);
    m_splitter->setStretchFactor(2, 3);
    m_splitter->setSizes({500, 400, 300});
    m_splitter->setChildrenCollapsible(false);
    setFocusProxy(m_heat);

    connect(m_model, &items::DistributionModel::binsChanged, this, &OverTimePanel::showBins);
    connect(m_session, &session::Session::markersChanged, this, &OverTimePanel::showMarkers);
    connect(m_heat, &HeatMapCanvas::rangeSelected, this, &OverTimePanel::rangeSelected);
    connect(m_heat, &HeatMapCanvas::rangeCleared, this, &OverTimePanel::rangeCleared);
    connect(m_heat, &HeatMapCanvas::selectionChanged, this, &OverTimePanel::selectionChanged);
    connect(m_heat, &HeatMapCanvas::readoutChanged, this, &OverTimePanel::readoutChanged);
    connect(m_heat, &HeatMapCanvas::cursorMoved, this, &OverTimePanel::setCursor);
    for (PlotView *plot : {m_lines, m_ratio}) {
        connect(plot, &PlotView::rangeSelected, this,
            [this](double low, double high) { Q_EMIT rangeSelected(toRange(low, high)); });
        connect(plot, &PlotView::rangeCleared, this, &OverTimePanel::rangeCleared);
        connect(plot, &PlotView::selectionChanged, this, &OverTimePanel::selectionChanged);
        connect(plot, &PlotView::readoutChanged, this, &OverTimePanel::readoutChanged);
        connect(plot, &PlotView::failed, this, &OverTimePanel::failed);
        connect(plot, &PlotView::cursorMoved, this, [this](std::optional<double> x) {
            const auto bins = m_model->bins();
            setCursor(
                x && bins ? std::optional<Nanos>(saturatingAdd(bins->range.begin, Nanos(*x))) : std::nullopt);
        });
    }
    showBins();
    showMarkers();
}

TimeRange OverTimePanel::toRange(double low, double high) const
{
    const auto bins = m_model->bins();
    const Nanos origin = bins ? bins->range.begin : 0;
    return {saturatingAdd(origin, Nanos(std::floor(low))), saturatingAdd(origin, Nanos(std::ceil(high)))};
}

std::optional<TimeRange> OverTimePanel::selection() const
{
    if (const auto chosen = m_heat->selection())
        return chosen;
    for (const PlotView *plot : {m_lines, m_ratio}) {
        if (const auto chosen = plot->canvas()->selection())
            return toRange(chosen->first, chosen->second);
    }
    return std::nullopt;
}

void OverTimePanel::setCursor(std::optional<Nanos> time)
{
    const auto bins = m_model->bins();
    if (!bins)
        return;
    const std::optional<double> x
        = time ? std::optional<double>(double(saturatingSub(*time, bins->range.begin))) : std::nullopt;
    m_heat->setCursorTime(time);
    m_lines->canvas()->setCursorX(x);
    m_ratio->canvas()->setCursorX(x);
}

void OverTimePanel::showBins()
{
    const auto bins = m_model->bins();
    m_heat->setBins(bins);
    PlotContent lines, ratio;
    lines.title = tr("Percentiles of durations");
    ratio.title = tr("P99 / P50");
    lines.weakText = ratio.weakText = tr("too few samples");
    lines.selectable = ratio.selectable = true;
    lines.labelsX = false;
    if (bins) {
        lines.x = ratio.x = timeAxis(*bins, tr("Start"));
        lines.y.unit = PlotUnit::Duration;
        lines.y.logarithmic = true;
        lines.y.title = tr("Duration");
        ratio.y.unit = PlotUnit::Ratio;
        ratio.y.title = tr("P99 / P50");
        const std::vector<double> middles = binMiddles(*bins);
        PlotSeries p50{QStringLiteral("P50"), middles, {}, {}};
        PlotSeries p95{QStringLiteral("P95"), middles, {}, {}};
        PlotSeries p99{QStringLiteral("P99"), middles, {}, {}};
        PlotSeries shape{tr("P99 / P50"), middles, {}, {}};
        p50.colorIndex = 2;
        p95.colorIndex = 5;
        p99.colorIndex = 1;
        shape.colorIndex = 0;
        for (const TimeBins::Bin &bin : bins->bins) {
            p50.y.push_back(valueOrGap(bin.p50));
            p95.y.push_back(valueOrGap(bin.p95));
            p99.y.push_back(valueOrGap(bin.p99));
            // A P50 of 0 has no ratio (FT-06).
            shape.y.push_back(bin.p50 > 0 ? double(bin.p99) / double(bin.p50) : std::nan(""));
            p50.weak.push_back(bin.count < analysis::minimumSamples(analysis::kP50) ? 1 : 0);
            p95.weak.push_back(bin.tooFewForP95 ? 1 : 0);
            p99.weak.push_back(bin.tooFewForP99 ? 1 : 0);
            shape.weak.push_back(bin.tooFewForP99 ? 1 : 0);
        }
        lines.series = {std::move(p50), std::move(p95), std::move(p99)};
        ratio.series = {std::move(shape)};
        lines.note = ratio.note = [bins, this](double x) {
            const auto bin = std::size_t(std::max(0.0, x) / double(std::max<Nanos>(1, bins->binNs)));
            return bin < bins->bins.size()
                ? tr("%1 spans, %2 errors in %3")
                      .arg(QString::fromStdString(groupedCount(bins->bins[bin].count)),
                          QString::fromStdString(groupedCount(bins->bins[bin].errors)),
                          QString::fromStdString(humanDuration(bins->binNs)))
                : QString();
        };
        int lastPixel = -1;
        const double pixels = std::max(200, width()) / std::max(1.0, double(bins->range.length()));
        for (const session::Marker &marker : m_session->markers()) {
            const auto x = double(saturatingSub(marker.tsNs, bins->range.begin));
            if (!bins->range.contains(marker.tsNs) || int(x * pixels) == lastPixel
                || lines.marks.size() >= kMaxMarks)
                continue;
            lastPixel = int(x * pixels);
            lines.marks.append({x, {}, {}, true, std::nullopt});
        }
        ratio.marks = lines.marks;
    }
    m_lines->setContent(std::move(lines));
    m_ratio->setContent(std::move(ratio));
    alignAxes();
}

void OverTimePanel::showMarkers()
{
    m_heat->setMarkers(m_session->markers());
    showBins();
}

void OverTimePanel::alignAxes()
{
    const int margin = std::max({m_heat->wantedLeftMargin(), m_lines->canvas()->wantedLeftMargin(),
        m_ratio->canvas()->wantedLeftMargin()});
    m_heat->setLeftMargin(margin);
    m_lines->canvas()->setLeftMargin(margin);
    m_ratio->canvas()->setLeftMargin(margin);
}

void OverTimePanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // In steps, so that a window dragged larger does not recompute at every pixel.
    const int bins = std::clamp(width() / kPixelsPerBin / 60 * 60, 60, 360);
    m_model->setTimeResolution(bins, kRows);
    alignAxes();
}

void OverTimePanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        alignAxes();
}

} // namespace tailscope::widgets
