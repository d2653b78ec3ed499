// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/histogram.h"
#include "widgets/base/timeaxis.h"
#include "widgets/charts/durationaxis.h"

#include <QFontMetrics>

#include <optional>
#include <vector>

namespace tailscope::widgets {

/// Spans with a duration in [low, high) ns: whole buckets of the histogram, so that its count is exact.
struct HistogramBar
{
    Nanos low = 0, high = 0;
    std::int64_t count = 0;
    bool overflow = false; ///< unites everything past the linear axis
};

struct HistogramLayout
{
    DurationAxis axis;
    std::vector<HistogramBar> bars; ///< ascending, without holes; counts may be 0
    bool hasOverflow = false;
    std::int64_t highest = 0; ///< largest count of a bar
};

/// Bars of about equal width on the axis, at least four pixels each, made of whole buckets. A linear axis
/// ends at `clip` (with one bar for what is slower) where that shows the bulk better; clip kUnknownNanos:
/// never.
HistogramLayout layOutHistogram(const analysis::LogLinearHistogram &histogram, Nanos min, Nanos max,
    Nanos clip, bool logarithmic, int pixels);

/// Counts of another histogram in the same bars.
std::vector<std::int64_t> countsInBars(const analysis::LogLinearHistogram &histogram,
    const std::vector<HistogramBar> &bars);

/// Heights of counts, linear or by square root (which shows rare bars beside frequent ones).
class CountAxis
{
public:
    CountAxis() = default;
    CountAxis(std::int64_t highest, bool squareRoot);
    double place(double count) const; ///< 0..1
    QVector<ValueTick> ticks(int pixels, const QFontMetrics &metrics) const;

private:
    double m_highest = 1;
    bool m_squareRoot = false;
};

} // namespace tailscope::widgets
