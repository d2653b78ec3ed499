// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/histogrambars.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tailscope::widgets {

namespace {

using analysis::LogLinearHistogram;

constexpr Nanos kLastNanos = std::numeric_limits<Nanos>::max();
constexpr int kMinBarPixels = 4;
constexpr int kMinBars = 5; // a single value must not fill the whole width

/// Bars that show the shape of n samples without falling into single ones.
int usefulBars(std::int64_t samples, int pixels)
{
    const double wanted = 2.0 * std::sqrt(double(std::max<std::int64_t>(samples, 1)));
    return std::clamp(int(wanted), 24, std::max(24, pixels / kMinBarPixels));
}

/// The index-th border of a scale with `perOctave` bars for each doubling, moved to the next border of a
/// bucket.
Nanos logBorder(int index, int perOctave)
{
    const int octave = index / perOctave;
    if (octave > 62)
        return kLastNanos;
    const double part = std::exp2(double(index % perOctave) / perOctave);
    if (octave < LogLinearHistogram::kSubBits)
        return std::llround(std::ldexp(part, octave));
    return Nanos(std::llround(part * LogLinearHistogram::kSubBuckets))
        << (octave - LogLinearHistogram::kSubBits);
}

std::vector<Nanos> logBorders(Nanos min, Nanos max, int perOctave)
{
    const auto indexOf = [perOctave](Nanos value) {
        return int(std::floor(std::log2(double(std::max<Nanos>(value, 1))) * perOctave));
    };
    std::vector<Nanos> borders;
    if (min < 1)
        borders.push_back(0);
    // One to the left, because borders are rounded.
    for (int index = std::max(0, indexOf(min) - 1);; ++index) {
        const Nanos border = logBorder(index, perOctave);
        if (borders.empty() || border > borders.back())
            borders.push_back(border);
        if (border > max || border == kLastNanos)
            break;
    }
    // The last border at or below min begins the first bar.
    const auto first = std::upper_bound(borders.begin(), borders.end(), min);
    if (first != borders.begin())
        borders.erase(borders.begin(), first - 1);
    return borders;
}

std::vector<Nanos> logBordersFor(Nanos min, Nanos max, std::int64_t samples, int pixels)
{
    constexpr std::array<int, 11> steps{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};
    const double octaves = std::max(1.0 / LogLinearHistogram::kSubBuckets,
        std::log2(double(std::max<Nanos>(max, 1)) / double(std::max<Nanos>(min, 1))));
    const int wanted = std::min(usefulBars(samples, pixels), pixels / kMinBarPixels);
    int perOctave = 1;
    for (const int step : steps) {
        if (octaves * step <= wanted)
            perOctave = step;
    }
    return logBorders(min, max, perOctave);
}

std::vector<Nanos> linearBorders(Nanos min, Nanos max, std::int64_t samples, int pixels)
{
    // Multiples of the widest bucket in sight are borders of every narrower one too.
    Nanos width = std::max<Nanos>(1,
        LogLinearHistogram::upperBound(LogLinearHistogram::bucketOf(max))
            - LogLinearHistogram::lowerBound(LogLinearHistogram::bucketOf(max)));
    const Nanos begin = min > max / 4 ? min : 0;
    const int wanted = std::min(usefulBars(samples, pixels), pixels / kMinBarPixels);
    while ((max - begin) / width >= wanted && width < kLastNanos / 4)
        width *= 2;
    std::vector<Nanos> borders;
    for (Nanos border = begin / width * width;; border = saturatingAdd(border, width)) {
        borders.push_back(border);
        if (border > max || border == kLastNanos)
            break;
    }
    return borders;
}

/// Axis a little wider than the bars, and at least kMinBars of them.
DurationAxis axisAround(const std::vector<Nanos> &borders, bool logarithmic)
{
    const Nanos first = borders.front(), last = borders.back();
    const int missing = std::max(1, kMinBars - int(borders.size() - 1));
    if (logarithmic) {
        const double low = std::max(DurationAxis::kLowestLog, double(first));
        const double ratio = std::max(1.005, std::pow(double(last) / low, 1.0 / double(borders.size() - 1)));
        const double pad = std::pow(ratio, missing / 2.0);
        const double high = std::min(9.2e18, double(last) * pad);
        return {Nanos(std::floor(first == 0 ? 0.0 : low / pad)), Nanos(std::ceil(high)), true};
    }
    const Nanos width = borders[1] - first;
    return {std::max<Nanos>(0, saturatingSub(first, missing > 1 ? width * missing / 2 : 0)),
        saturatingAdd(last, missing > 1 ? width * missing / 2 : 0), false};
}

} // namespace

HistogramLayout layOutHistogram(const LogLinearHistogram &histogram, Nanos min, Nanos max, Nanos clip,
    bool logarithmic, int pixels)
{
    HistogramLayout layout;
    if (histogram.total() <= 0 || min < 0 || max < min)
        return layout;
    pixels = std::max(pixels, 4 * kMinBarPixels);
    layout.hasOverflow = !logarithmic && clip != kUnknownNanos && clip >= min && clip < max / 2;
    const Nanos end = layout.hasOverflow ? clip : max;
    const std::vector<Nanos> borders = logarithmic ? logBordersFor(min, end, histogram.total(), pixels)
                                                   : linearBorders(min, end, histogram.total(), pixels);
    for (std::size_t i = 0; i + 1 < borders.size(); ++i)
        layout.bars.push_back({borders[i], borders[i + 1], 0, false});
    layout.axis = axisAround(borders, logarithmic);
    layout.hasOverflow = layout.hasOverflow && borders.back() <= max;
    if (layout.hasOverflow) {
        layout.axis = DurationAxis(layout.axis.low(), borders.back(), false);
        layout.bars.push_back({borders.back(), kLastNanos, 0, true});
    }
    const std::vector<std::int64_t> counts = countsInBars(histogram, layout.bars);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        layout.bars[i].count = counts[i];
        layout.highest = std::max(layout.highest, counts[i]);
    }
    return layout;
}

std::vector<std::int64_t> countsInBars(const LogLinearHistogram &histogram,
    const std::vector<HistogramBar> &bars)
{
    std::vector<std::int64_t> counts(bars.size(), 0);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const int first = LogLinearHistogram::bucketOf(bars[i].low);
        const int last = bars[i].high == kLastNanos ? LogLinearHistogram::kBuckets
                                                    : LogLinearHistogram::bucketOf(bars[i].high);
        for (int bucket = first; bucket < last; ++bucket)
            counts[i] += histogram.count(bucket);
    }
    return counts;
}

CountAxis::CountAxis(std::int64_t highest, bool squareRoot)
    : m_highest(double(std::max<std::int64_t>(1, highest)) * (squareRoot ? 1.1 : 1.05))
    , m_squareRoot(squareRoot)
{}

double CountAxis::place(double count) const
{
    const double share = std::max(0.0, count) / m_highest;
    return m_squareRoot ? std::sqrt(share) : share;
}

QVector<ValueTick> CountAxis::ticks(int pixels, const QFontMetrics &metrics) const
{
    const double room = metrics.height() * 1.6;
    const int most = std::max(1, int(pixels / room));
    QVector<ValueTick> found = countTicks(0, m_highest, most);
    if (m_squareRoot) {
        // Round values from the top down, as far as they keep apart; below them 0.
        found.clear();
        double lastPlace = 2;
        double power = std::pow(10.0, std::floor(std::log10(m_highest)));
        while (power >= 1) {
            for (const double factor : {5.0, 2.0, 1.0}) {
                const double value = factor * power;
                if (value > m_highest || (lastPlace - place(value)) * pixels < room
                    || place(value) * pixels < room)
                    continue;
                found.prepend({value, countTicks(value, value * 11, 10).value(0).label});
                lastPlace = place(value);
            }
            power /= 10;
        }
        found.prepend({0, QStringLiteral("0")});
    }
    // Parts of a span do not exist.
    found.erase(std::remove_if(found.begin(), found.end(),
                    [](const ValueTick &tick) { return tick.value != std::floor(tick.value); }),
        found.end());
    return found;
}

} // namespace tailscope::widgets
