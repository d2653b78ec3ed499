// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/ceilings.h"

#include "analysis/quantiles.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::analysis {

namespace {

struct Run
{
    std::size_t first = 0, n = 0;
};

// Longest run of neighbours inside [top - tolerance, top]; what is above ends it.
Run longestRun(const SeriesValues &values, double top, double tolerance)
{
    const Nanos step = usualStep(values.ts);
    Run best, now;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = values.values[i];
        const bool isInside = value <= top && value >= top - tolerance * std::abs(top);
        const bool isHole = now.n > 0 && saturatingSub(values.ts[i], values.ts[i - 1]) / 3 > step;
        if (!isInside || isHole)
            now.n = 0;
        if (!isInside)
            continue;
        if (now.n++ == 0)
            now.first = i;
        if (now.n > best.n)
            best = now;
    }
    return best;
}

bool isEqual(double value, double limit) { return std::abs(value - limit) <= 0.005 * std::abs(limit); }

bool isRound(double value, const CeilingOptions &options)
{
    if (options.isDuration)
        return isEqual(value, 30 * options.second);
    if (value < 100 || value != std::floor(value) || value > 1e15)
        return false;
    return std::fmod(value, 100) == 0 || value == 250;
}

void match(Ceiling &ceiling, std::span<const KnownLimit> limits, const CeilingOptions &options)
{
    for (const KnownLimit &limit : limits) {
        if (limit.value > 0 && isEqual(ceiling.value, limit.value)) {
            ceiling.match = Ceiling::Match::Limit;
            ceiling.setting = limit.setting;
            ceiling.limit = limit.value;
            return;
        }
    }
    for (const KnownLimit &limit : limits) {
        if (limit.reserved > 0 && ceiling.value == limit.value - limit.reserved) {
            ceiling.match = Ceiling::Match::BelowReserved;
            ceiling.setting = limit.setting;
            ceiling.limit = limit.value;
            return;
        }
    }
    if (isRound(ceiling.value, options))
        ceiling.match = Ceiling::Match::Round;
}

} // namespace

std::optional<std::pair<double, double>> growth(const SeriesValues &driver, TimeRange range)
{
    const Nanos length = std::max<Nanos>(range.length(), 4);
    std::optional<double> highest;
    double before = medianOf(part(driver, {saturatingSub(range.begin, length), range.begin}).values);
    for (int i = 0; i < 4; ++i) {
        const double median = medianOf(part(driver,
            {range.begin + length / 4 * i, range.begin + length / 4 * (i + 1) + (i == 3 ? 4 : 0)})
                                           .values);
        if (std::isnan(median))
            continue;
        highest = std::max(highest.value_or(median), median);
        if (std::isnan(before) || (i == 0 && median < before))
            before = median;
    }
    if (!highest || std::isnan(before))
        return std::nullopt;
    return std::pair(before, *highest);
}

std::optional<Ceiling> findCeiling(const SeriesValues &values, std::span<const KnownLimit> limits,
    const SeriesValues *driver, const CeilingOptions &options)
{
    if (values.size() < options.samples)
        return std::nullopt;
    std::vector<double> sorted = values.values;
    std::sort(sorted.begin(), sorted.end());
    // One sample above must not hide the line below it.
    const std::array<double, 2> tops{sorted.back(),
        sorted[std::size_t(nearestRank(std::int64_t(sorted.size()), kP99)) - 1]};
    Run run;
    for (const double top : tops) {
        const Run found = top > 0 ? longestRun(values, top, options.tolerance) : Run();
        if (found.n > run.n)
            run = found;
    }
    // A small number that never was another (three databases) equals some setting by chance.
    constexpr double kSmall = 20;
    const bool isConstant
        = sorted.back() < kSmall && sorted.front() >= sorted.back() * (1 - options.tolerance);
    if (run.n < options.samples || isConstant)
        return std::nullopt;
    Ceiling ceiling;
    ceiling.first = run.first;
    ceiling.last = run.first + run.n - 1;
    ceiling.value = medianOf({values.values.begin() + std::ptrdiff_t(run.first),
        values.values.begin() + std::ptrdiff_t(run.first + run.n)});
    match(ceiling, limits, options);
    if (ceiling.match == Ceiling::Match::None)
        return std::nullopt;
    const auto grown = driver
        ? growth(*driver, {values.ts[ceiling.first], saturatingAdd(values.ts[ceiling.last], 1)})
        : std::nullopt;
    if (!grown) {
        ceiling.confidence = ceiling.match == Ceiling::Match::Round ? 0.1 : 0.3;
        return ceiling;
    }
    if (!(grown->second >= options.rise * grown->first && grown->second > 0))
        return std::nullopt;
    ceiling.driver = Ceiling::Driver::Rose;
    std::tie(ceiling.driverBefore, ceiling.driverAfter) = *grown;
    ceiling.confidence = ceiling.match == Ceiling::Match::Limit ? 0.95
        : ceiling.match == Ceiling::Match::BelowReserved        ? 0.9
                                                                : 0.6;
    return ceiling;
}

} // namespace tailscope::analysis
