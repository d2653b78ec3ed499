// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/seriesvalues.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool endsWith(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// One bin's values as one.
double one(std::vector<double> &values, BinValue of)
{
    if (values.empty())
        return kNone;
    switch (of) {
    case BinValue::Max:
        return *std::max_element(values.begin(), values.end());
    case BinValue::Min:
        return *std::min_element(values.begin(), values.end());
    case BinValue::Median:
        return medianOf(values);
    case BinValue::Mean:
        break;
    }
    return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

} // namespace

void normalise(SeriesValues &values)
{
    std::vector<std::uint32_t> order;
    order.reserve(values.ts.size());
    bool isRight = true;
    for (std::size_t i = 0; i < values.ts.size(); ++i) {
        if (std::isfinite(values.values[i]))
            order.push_back(std::uint32_t(i));
        else
            isRight = false;
        isRight = isRight && (i == 0 || values.ts[i - 1] < values.ts[i]);
    }
    if (isRight)
        return;
    std::stable_sort(order.begin(), order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return values.ts[a] < values.ts[b]; });
    SeriesValues out;
    for (const std::uint32_t i : order) {
        if (!out.ts.empty() && out.ts.back() == values.ts[i]) {
            out.values.back() = values.values[i];
            continue;
        }
        out.ts.push_back(values.ts[i]);
        out.values.push_back(values.values[i]);
    }
    values = std::move(out);
}

SeriesValues differences(const SeriesValues &values, bool isCounter, bool perSecond)
{
    SeriesValues out;
    const Nanos hole = 5 * std::min(usualStep(values.ts), std::numeric_limits<Nanos>::max() / 8);
    for (std::size_t i = 1; i < values.size(); ++i) {
        const Nanos apart = saturatingSub(values.ts[i], values.ts[i - 1]);
        if (apart <= 0 || apart > hole)
            continue;
        double step = values.values[i] - values.values[i - 1];
        if (isCounter && step < 0)
            step = values.values[i];
        out.ts.push_back(values.ts[i]);
        out.values.push_back(perSecond ? step / (double(apart) / 1e9) : step);
    }
    return out;
}

bool isCounter(std::string_view kind, std::string_view metric, const SeriesValues &values)
{
    if (kind == "counter")
        return true;
    if (kind != "unknown" || !(endsWith(metric, "_total") || endsWith(metric, ".total")))
        return false;
    std::size_t falls = 0;
    for (std::size_t i = 1; i < values.size(); ++i)
        falls += values.values[i] < values.values[i - 1] ? 1 : 0;
    return values.size() >= 2 && falls * 20 <= values.size();
}

Nanos usualStep(std::span<const Nanos> ts)
{
    if (ts.size() < 2)
        return 0;
    std::vector<Nanos> steps;
    steps.reserve(ts.size() - 1);
    for (std::size_t i = 1; i < ts.size(); ++i)
        steps.push_back(saturatingSub(ts[i], ts[i - 1]));
    const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return std::max<Nanos>(1, *middle);
}

std::size_t holes(std::span<const Nanos> ts)
{
    const Nanos step = usualStep(ts);
    std::size_t n = 0;
    for (std::size_t i = 1; i < ts.size(); ++i)
        n += saturatingSub(ts[i], ts[i - 1]) / 3 > step ? 1 : 0;
    return n;
}

RegularSeries inBins(const SeriesValues &values, BinValue of, Nanos width)
{
    RegularSeries out;
    if (values.size() == 0 || width <= 0)
        return out;
    const Nanos first = values.ts.front();
    out.width = width;
    out.begin = saturatingSub(first, ((first % width) + width) % width);
    const auto bins = std::size_t(saturatingSub(values.ts.back(), out.begin) / width) + 1;
    out.values.assign(bins, kNone);
    std::vector<double> inside;
    for (std::size_t i = 0; i < values.size();) {
        const auto bin = std::size_t(saturatingSub(values.ts[i], out.begin) / width);
        inside.clear();
        for (; i < values.size() && std::size_t(saturatingSub(values.ts[i], out.begin) / width) == bin; ++i)
            inside.push_back(values.values[i]);
        out.values[bin] = one(inside, of);
    }
    return out;
}

RegularSeries regular(const SeriesValues &values, BinValue of, std::size_t most, Nanos atLeast)
{
    if (values.size() < 2)
        return {};
    constexpr Nanos s = kNanosPerSecond;
    constexpr std::array<Nanos, 28> widths{kNanosPerMilli, 2 * kNanosPerMilli, 5 * kNanosPerMilli,
        10 * kNanosPerMilli, 20 * kNanosPerMilli, 50 * kNanosPerMilli, 100 * kNanosPerMilli,
        200 * kNanosPerMilli, 500 * kNanosPerMilli, s, 2 * s, 5 * s, 10 * s, 15 * s, 20 * s, 30 * s, 60 * s,
        120 * s, 300 * s, 600 * s, 900 * s, 1800 * s, 3600 * s, 7200 * s, 21600 * s, 43200 * s, 86400 * s,
        604800 * s};
    const Nanos length = saturatingSub(values.ts.back(), values.ts.front());
    // Clocks are never exact: a bin a trifle narrower than the step would stay empty now and then.
    const Nanos step = std::max(atLeast, usualStep(values.ts) - usualStep(values.ts) / 50);
    for (const Nanos width : widths) {
        if (width >= step && std::size_t(length / width) + 1 <= most)
            return inBins(values, of, width);
    }
    return {};
}

double medianOf(std::vector<double> values)
{
    std::erase_if(values, [](double v) { return std::isnan(v); });
    if (values.empty())
        return kNone;
    const std::size_t half = values.size() / 2;
    std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(half), values.end());
    const double upper = values[half];
    if (values.size() % 2 == 1)
        return upper;
    return (*std::max_element(values.begin(), values.begin() + std::ptrdiff_t(half)) + upper) / 2;
}

double medianDeviation(const std::vector<double> &values)
{
    const double median = medianOf(values);
    std::vector<double> distances;
    for (const double value : values)
        distances.push_back(std::abs(value - median));
    return medianOf(std::move(distances));
}

SeriesValues part(const SeriesValues &values, TimeRange range)
{
    const auto low = std::lower_bound(values.ts.begin(), values.ts.end(), range.begin);
    const auto high = std::lower_bound(low, values.ts.end(), range.end);
    SeriesValues out;
    out.ts.assign(low, high);
    out.values.assign(values.values.begin() + (low - values.ts.begin()),
        values.values.begin() + (high - values.ts.begin()));
    return out;
}

} // namespace tailscope::analysis
