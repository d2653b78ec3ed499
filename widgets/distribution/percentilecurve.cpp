// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/percentilecurve.h"

#include "base/text.h"
#include "widgets/distribution/histogrammarks.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

using analysis::LogLinearHistogram;

QString tr(const char *text) { return QCoreApplication::translate("Distribution", text); }

/// Nines of a sample: how far right the curve means anything.
double lastQuantile(std::int64_t n) { return 1.0 - 1.0 / double(std::max<std::int64_t>(n, 1)); }

struct Corner
{
    double q = 0, value = 0;
    bool exact = false;
};

/// Corners of the curve: each filled bucket rises from its lower to its upper bound over its share of the
/// sample.
std::vector<Corner> cornersOf(const LogLinearHistogram &histogram, double min, double max)
{
    std::vector<Corner> corners;
    std::int64_t before = 0;
    const double n = double(std::max<std::int64_t>(1, histogram.total()));
    for (int bucket = 0; bucket < LogLinearHistogram::kBuckets && before < histogram.total(); ++bucket) {
        const std::int64_t count = histogram.count(bucket);
        if (count == 0)
            continue;
        const double low = std::max(min, double(LogLinearHistogram::lowerBound(bucket)));
        const double high
            = std::clamp(double(LogLinearHistogram::upperBound(bucket)) - 1, low, std::max(low, max));
        corners.push_back({double(before) / n, low});
        before += count;
        corners.push_back({double(before) / n, high});
    }
    return corners;
}

/// Takes the exact figures into the curve: they replace what the histogram says of that very quantile.
void insertExact(std::vector<Corner> &corners, const analysis::DurationStats &stats)
{
    for (const analysis::PercentileFigure &figure : stats.figures) {
        if (figure.value == kUnknownNanos)
            continue;
        const Corner exact{double(figure.q.num) / double(figure.q.den), double(figure.value), true};
        const auto place = std::lower_bound(corners.begin(), corners.end(), exact,
            [](const Corner &a, const Corner &b) { return a.q < b.q; });
        corners.insert(place, exact);
    }
    // A histogram corner beside an exact one may contradict it by a bucket's width: the curve never falls.
    for (std::size_t i = 1; i < corners.size(); ++i) {
        if (!corners[i].exact)
            corners[i].value = std::max(corners[i].value, corners[i - 1].value);
    }
    for (std::size_t i = corners.size(); i-- > 1;)
        corners[i - 1].value = std::min(corners[i - 1].value, corners[i].value);
}

PlotSeries seriesOf(const std::vector<Corner> &corners, std::int64_t n, double end, const QString &name,
    int color)
{
    PlotSeries series;
    series.name = name;
    series.colorIndex = color;
    const double known = lastQuantile(n);
    for (const Corner &corner : corners) {
        if (corner.q > known
            || (!series.x.empty() && corner.q == series.x.back() && corner.value == series.y.back()))
            continue;
        series.x.push_back(corner.q);
        series.y.push_back(corner.value);
        series.weak.push_back(0);
    }
    if (corners.empty())
        return series;
    // Past the last quantile that n supports there is only the maximum.
    for (const double q : {known, end}) {
        if (!series.x.empty() && q <= series.x.back())
            continue;
        series.x.push_back(q);
        series.y.push_back(corners.back().value);
        series.weak.push_back(1);
    }
    return series;
}

} // namespace

PlotContent percentileCurve(const analysis::DurationStats &stats, bool self, bool logarithmic,
    const std::vector<NamedHistogram> &groups)
{
    PlotContent content;
    content.title = self ? tr("Self time by percentile") : tr("Duration by percentile");
    content.weakText = tr("fewer samples than the percentile needs");
    content.x.unit = PlotUnit::Quantile;
    content.x.title = tr("Percentile");
    content.y.unit = PlotUnit::Duration;
    content.y.logarithmic = logarithmic;
    content.y.title = self ? tr("Self Time") : tr("Duration");
    if (stats.count == 0)
        return content;
    // Wide enough for P99.9 with its label, and for one more step than the sample supports.
    const double nines = std::max(3.5, std::log10(double(stats.count)) + 0.5);
    content.x.low = 0;
    content.x.high = 1.0 - std::pow(10.0, -nines);
    std::vector<Corner> corners = cornersOf(stats.histogram, double(stats.min), double(stats.max));
    // Of weighted samples the histogram counts spans: it only shows the rough shape between the exact
    // figures.
    insertExact(corners, stats);
    const QString all = stats.weighted ? tr("all spans (between the marks unweighted)") : tr("all spans");
    content.series.push_back(seriesOf(corners, stats.count, *content.x.high, all, 0));
    for (const NamedHistogram &group : groups) {
        const std::int64_t n = group.histogram->total();
        if (n > 0)
            content.series.push_back(seriesOf(cornersOf(*group.histogram, 0, 9.3e18), n, *content.x.high,
                group.title, group.colorIndex));
    }
    for (const analysis::PercentileFigure &figure : stats.figures) {
        if (figure.value == kUnknownNanos)
            continue;
        QString label = percentileTitle(figure.q) + QLatin1Char(' ')
            + QString::fromStdString(humanDuration(figure.value));
        if (figure.tooFewSamples)
            label += QLatin1Char(' ') + tr("(n too small)");
        content.marks.append({double(figure.q.num) / double(figure.q.den), label, {}, figure.tooFewSamples,
            double(figure.value)});
    }
    return content;
}

} // namespace tailscope::widgets
