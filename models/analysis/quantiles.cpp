// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/quantiles.h"

#include "analysis/wideint.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr double kTail = 0.025;
// Past this many samples the spread of the ranks is far below a bucket of any display; the walk over the
// binomial probabilities (about 18 standard deviations long) gives way to the normal approximation.
constexpr std::int64_t kExactLimit = 4'000'000'000;

double toDouble(Quantile q) { return double(q.num) / double(q.den); }

bool isProper(Quantile q) { return q.den > 0 && q.num > 0 && q.num < q.den; }

// Probabilities of Bin(n, q) around its mode, relative to the mode, until they vanish against the sum.
struct BinomialWindow
{
    std::int64_t first = 0; // value of weights.front()
    std::vector<double> weights;
    double sum = 0;
};

BinomialWindow binomialWindow(std::int64_t n, Quantile q)
{
    constexpr double kVanishing = 1e-22;
    const double p = toDouble(q);
    const double odds = double(q.num) / double(q.den - q.num);
    const auto mode = std::clamp<std::int64_t>(std::int64_t(std::floor(double(n + 1) * p)), 0, n);

    std::vector<double> below;
    double weight = 1;
    for (std::int64_t k = mode; k > 0; --k) {
        weight *= double(k) / (double(n - k + 1) * odds);
        if (weight < kVanishing)
            break;
        below.push_back(weight);
    }
    BinomialWindow window;
    window.first = mode - std::int64_t(below.size());
    window.weights.assign(below.rbegin(), below.rend());
    window.weights.push_back(1);
    weight = 1;
    for (std::int64_t k = mode; k < n; ++k) {
        weight *= double(n - k) * odds / double(k + 1);
        if (weight < kVanishing)
            break;
        window.weights.push_back(weight);
    }
    for (const double value : window.weights)
        window.sum += value;
    return window;
}

RankInterval normalInterval(std::int64_t n, Quantile q)
{
    constexpr double kTwoSided95 = 1.959963984540054;
    const double p = toDouble(q);
    const double half = kTwoSided95 * std::sqrt(double(n) * p * (1 - p));
    RankInterval interval;
    interval.lowerRank = std::max<std::int64_t>(1, std::int64_t(std::floor(double(n) * p - half)));
    interval.upperRank = std::min<std::int64_t>(n, std::int64_t(std::ceil(double(n) * p + half)) + 1);
    return interval;
}

} // namespace

std::int64_t nearestRank(std::int64_t n, Quantile q)
{
    if (n < 1 || q.den <= 0)
        return 1;
    const auto rank = (WideInt(q.num) * n + q.den - 1) / q.den;
    return std::int64_t(std::clamp<WideInt>(rank, 1, n));
}

std::int64_t minimumSamples(Quantile q)
{
    if (q.den <= q.num)
        return std::numeric_limits<std::int64_t>::max();
    const std::int64_t rest = q.den - q.num;
    return (q.den + rest - 1) / rest;
}

RankInterval rankInterval95(std::int64_t n, Quantile q)
{
    RankInterval interval;
    if (n < 1 || !isProper(q))
        return interval;
    if (n > kExactLimit)
        return normalInterval(n, q);

    const BinomialWindow window = binomialWindow(n, q);
    const double limit = kTail * window.sum;

    // Lower rank l: the largest with P(X <= l - 1) <= 2.5 %.
    double cumulative = 0;
    interval.lowerRank = window.first;
    for (const double weight : window.weights) {
        cumulative += weight;
        if (cumulative > limit)
            break;
        ++interval.lowerRank;
    }
    // Upper rank u: the smallest with P(X >= u) <= 2.5 %; none when even P(X = n) is larger.
    cumulative = 0;
    std::int64_t upper = window.first + std::int64_t(window.weights.size());
    for (auto weight = window.weights.rbegin(); weight != window.weights.rend(); ++weight) {
        cumulative += *weight;
        if (cumulative > limit)
            break;
        --upper;
    }
    if (upper <= n)
        interval.upperRank = upper;
    return interval;
}

std::optional<Nanos> percentile(std::span<Nanos> values, Quantile q)
{
    if (values.empty())
        return std::nullopt;
    const auto rank = nearestRank(std::int64_t(values.size()), q);
    const auto position = values.begin() + (rank - 1);
    std::nth_element(values.begin(), position, values.end());
    return *position;
}

std::optional<Nanos> weightedPercentile(std::span<WeightedValue> values, Quantile q)
{
    const auto usable = [](double weight) { return std::isfinite(weight) && weight > 0; };
    std::sort(values.begin(), values.end(), [](const WeightedValue &a, const WeightedValue &b) {
        return a.value != b.value ? a.value < b.value : a.weight < b.weight;
    });
    double total = 0;
    for (const WeightedValue &item : values)
        total += usable(item.weight) ? item.weight : 0;
    if (total <= 0 || q.den <= 0)
        return std::nullopt;

    // Weights such as 1/0.3 are rounded; without the slack, equal weights would not give the nearest rank.
    const double slack = total * 1e-12;
    double cumulative = 0;
    std::optional<Nanos> result;
    for (const WeightedValue &item : values) {
        if (!usable(item.weight))
            continue;
        cumulative += item.weight;
        result = item.value;
        if ((cumulative + slack) * double(q.den) >= total * double(q.num))
            break;
    }
    return result;
}

} // namespace tailscope::analysis
