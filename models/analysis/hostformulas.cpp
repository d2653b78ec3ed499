// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/hostformulas.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

Result<double> throttledShare(double periods, double throttled)
{
    if (!(periods > 0) || !(throttled >= 0) || throttled > periods)
        return fail(ErrorCode::Usage, "throttled share",
            "there must be periods, and no more throttled than that",
            "Give both counters over the same time.");
    return throttled / periods;
}

Result<QuotaPeriod> quotaPeriod(double cores, double threads, double periodMs)
{
    if (!(cores > 0) || !(threads > 0) || !(periodMs > 0))
        return fail(ErrorCode::Usage, "quota", "limit, threads and period must be above 0",
            "Check the inputs.");
    const double run = std::min(periodMs, cores * periodMs / threads);
    return QuotaPeriod{run, periodMs - run};
}

Result<PauseShare> pauseShare(double p, double T, double d)
{
    if (!(p >= 0) || !(T > 0) || !(d >= 0))
        return fail(ErrorCode::Usage, "pauses", "lengths must not be negative, and the distance above 0",
            "Check the inputs.");
    return PauseShare{std::min(1.0, p / T), std::min(1.0, (p + d) / T), p >= T};
}

Result<CpuBound> cpuBound(double busy, double computing, double waiting)
{
    if (!(busy >= 0) || busy > 1)
        return fail(ErrorCode::Usage, "processors", "a share between 0 and 1 is needed",
            "Say whether it is of one core or of the whole host.");
    return busy > computing ? CpuBound::Computing : busy < waiting ? CpuBound::Waiting : CpuBound::Mixed;
}

std::string_view cpuBoundText(CpuBound bound)
{
    switch (bound) {
    case CpuBound::Computing:
        return "computing";
    case CpuBound::Waiting:
        return "waiting";
    case CpuBound::Mixed:
        break;
    }
    return "mixed";
}

std::optional<FloorTrend> floorTrend(const SeriesValues &values)
{
    constexpr std::size_t mostBins = 300; // 45,000 slopes
    if (values.size() < 10 || saturatingSub(values.ts.back(), values.ts.front()) < 3600 * kNanosPerSecond)
        return std::nullopt;
    // Bins of ten points let a saw-tooth show its floor, where there are enough of them.
    const Nanos wide = values.size() >= 200 ? usualStep(values.ts) * 10 : 1;
    const RegularSeries floor = regular(values, BinValue::Min, mostBins, wide);
    std::vector<std::pair<double, double>> points; // hours, value
    for (std::size_t i = 0; i < floor.values.size(); ++i) {
        if (!std::isnan(floor.values[i]))
            points.emplace_back(double(i) * double(floor.width) / 3.6e12, floor.values[i]);
    }
    const std::size_t n = points.size();
    if (n < 10)
        return std::nullopt;
    std::vector<double> slopes;
    slopes.reserve(n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j)
            slopes.push_back((points[j].second - points[i].second) / (points[j].first - points[i].first));
    }
    std::sort(slopes.begin(), slopes.end());
    const double count = double(slopes.size());
    const double spread = 1.96 * std::sqrt(double(n) * double(n - 1) * double(2 * n + 5) / 18);
    const auto at = [&](double place) { return slopes[std::size_t(std::clamp(place, 0.0, count - 1))]; };
    FloorTrend trend;
    trend.perHour = medianOf(slopes);
    trend.lower = at(std::floor((count - spread) / 2));
    trend.upper = at(std::ceil((count + spread) / 2));
    trend.hours = points.back().first - points.front().first;
    trend.bins = n;
    std::vector<double> ends;
    for (const auto &[hour, value] : points)
        ends.push_back(value + trend.perHour * (points.back().first - hour));
    trend.last = medianOf(std::move(ends));
    return trend;
}

std::optional<double> hoursToLimit(const FloorTrend &trend, double limit)
{
    if (!trend.isRising() || !(limit > 0))
        return std::nullopt;
    return std::max(0.0, limit - trend.last) / trend.perHour;
}

} // namespace tailscope::analysis
