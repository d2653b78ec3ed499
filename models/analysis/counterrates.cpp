// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/counterrates.h"

#include <cmath>

namespace tailscope::analysis {

namespace {

template<typename Increase>
SeriesRates ratesOf(std::span<const SeriesPoint> points, Increase &&increaseOf)
{
    SeriesRates result;
    const SeriesPoint *before = nullptr;
    for (const SeriesPoint &point : points) {
        if (!std::isfinite(point.value) || point.value < 0
            || (before != nullptr && point.tsNs <= before->tsNs)) {
            ++result.skipped;
            continue;
        }
        if (before != nullptr) {
            RatePoint rate;
            rate.beginNs = before->tsNs;
            rate.endNs = point.tsNs;
            rate.increase = increaseOf(*before, point, rate.afterReset);
            rate.perSecond
                = rate.increase / (static_cast<double>(saturatingSub(point.tsNs, before->tsNs)) / 1e9);
            result.increase += rate.increase;
            result.resets += rate.afterReset ? 1 : 0;
            result.rates.push_back(rate);
        }
        before = &point;
    }
    return result;
}

} // namespace

SeriesRates counterRates(std::span<const SeriesPoint> points)
{
    return ratesOf(points, [](const SeriesPoint &before, const SeriesPoint &now, bool &reset) {
        reset = now.value < before.value;
        return reset ? now.value : now.value - before.value;
    });
}

SeriesRates deltaRates(std::span<const SeriesPoint> points)
{
    return ratesOf(points, [](const SeriesPoint &, const SeriesPoint &now, bool &) { return now.value; });
}

} // namespace tailscope::analysis
