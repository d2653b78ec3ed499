// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/comparestats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr double kTwoSided95 = 1.959963984540054;
constexpr std::int64_t kExactPairs = 400;

double twoSidedNormal(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double logChoose(std::int64_t n, std::int64_t k)
{
    return std::lgamma(double(n) + 1) - std::lgamma(double(k) + 1) - std::lgamma(double(n - k) + 1);
}

/// Share of the orders of n1 and n2 values without ties with U <= limit. The counts obey
/// f(m, n, u) = f(m - 1, n, u - n) + f(m, n - 1, u); as shares they never overflow.
double exactLowerTail(std::int64_t n1, std::int64_t n2, std::int64_t limit)
{
    const auto m = std::size_t(n1), n = std::size_t(n2);
    const std::size_t width = m * n + 1;
    // table[j]: the distribution of (i, j) for the present i.
    std::vector<std::vector<double>> table(n + 1, std::vector<double>(width, 0.0));
    for (std::size_t j = 0; j <= n; ++j)
        table[j][0] = 1;
    for (std::size_t i = 1; i <= m; ++i) {
        std::fill(table[0].begin(), table[0].end(), 0.0);
        table[0][0] = 1;
        for (std::size_t j = 1; j <= n; ++j) {
            const double fromFirst = double(i) / double(i + j), fromSecond = double(j) / double(i + j);
            // table[j] still holds (i - 1, j): descending u reads it before it is written.
            for (std::size_t u = i * j + 1; u-- > 0;) {
                const double shifted = u >= j ? table[j][u - j] : 0;
                table[j][u] = fromFirst * shifted + fromSecond * table[j - 1][u];
            }
        }
    }
    double tail = 0;
    for (std::size_t u = 0; u < width && std::int64_t(u) <= limit; ++u)
        tail += table[n][u];
    return tail;
}

struct Ranks
{
    double u2 = 0; ///< pairs in which the second is larger, ties half
    double tieTerm = 0; ///< sum of t^3 - t
    bool anyTie = false;
};

Ranks rankTogether(std::span<const Nanos> first, std::span<const Nanos> second)
{
    Ranks ranks;
    std::size_t i = 0, j = 0;
    while (i < first.size() || j < second.size()) {
        const Nanos value
            = j == second.size() || (i < first.size() && first[i] <= second[j]) ? first[i] : second[j];
        const std::size_t i0 = i, j0 = j;
        while (i < first.size() && first[i] == value)
            ++i;
        while (j < second.size() && second[j] == value)
            ++j;
        const auto sameFirst = double(i - i0), sameSecond = double(j - j0);
        ranks.u2 += sameSecond * (double(i0) + sameFirst / 2);
        const double t = sameFirst + sameSecond;
        ranks.tieTerm += t * t * t - t;
        ranks.anyTie = ranks.anyTie || t > 1;
    }
    return ranks;
}

} // namespace

std::optional<MannWhitney> mannWhitney(std::span<const Nanos> first, std::span<const Nanos> second)
{
    if (first.empty() || second.empty())
        return std::nullopt;
    MannWhitney result;
    result.n1 = std::int64_t(first.size());
    result.n2 = std::int64_t(second.size());
    const double n1 = double(result.n1), n2 = double(result.n2), total = n1 + n2;
    const Ranks ranks = rankTogether(first, second);
    result.u2 = ranks.u2;
    result.u1 = n1 * n2 - ranks.u2;
    result.effect = result.u2 / (n1 * n2);
    result.sd = std::sqrt(std::max(0.0, n1 * n2 / 12 * (total + 1 - ranks.tieTerm / (total * (total - 1)))));
    if (!ranks.anyTie && n1 * n2 <= double(kExactPairs)) {
        const auto smaller = std::int64_t(std::min(result.u1, result.u2));
        result.p = std::min(1.0, 2 * exactLowerTail(result.n1, result.n2, smaller));
        result.isExact = true;
    } else if (result.sd > 0) {
        const double distance = result.u2 - n1 * n2 / 2;
        result.z = std::copysign(std::max(0.0, std::abs(distance) - 0.5) / result.sd, distance);
        result.p = twoSidedNormal(result.z);
    }
    return result;
}

ShareInterval wilson95(Count count)
{
    if (count.n < 1)
        return {};
    const double n = double(count.n), share = count.share(), square = kTwoSided95 * kTwoSided95;
    const double centre = share + square / (2 * n);
    const double half = kTwoSided95 * std::sqrt(share * (1 - share) / n + square / (4 * n * n));
    return {std::max(0.0, (centre - half) / (1 + square / n)),
        std::min(1.0, (centre + half) / (1 + square / n))};
}

double fisherExact(Count first, Count second)
{
    if (first.n < 1 || second.n < 1)
        return 1;
    const std::int64_t hits = first.x + second.x, total = first.n + second.n;
    const std::int64_t low = std::max<std::int64_t>(0, hits - second.n), high = std::min(hits, first.n);
    const auto logProbability = [&](std::int64_t x) {
        return logChoose(first.n, x) + logChoose(second.n, hits - x) - logChoose(total, hits);
    };
    // Log-gamma of numbers near a million is good to about 1e-9: equal tables must count as equal.
    const double limit = logProbability(first.x) + 1e-7;
    const auto mode
        = std::clamp<std::int64_t>(std::int64_t(double(first.n + 1) * double(hits + 1) / double(total + 2)),
            low, high);
    double p = 0;
    const auto walk = [&](std::int64_t from, std::int64_t step) {
        for (std::int64_t x = from; x >= low && x <= high; x += step) {
            const double probability = logProbability(x);
            if (probability <= limit)
                p += std::exp(probability);
            // Beyond the table itself the terms only fall: what follows no longer counts.
            if (probability < limit - 45)
                break;
        }
    };
    walk(mode, 1);
    walk(mode - 1, -1);
    return std::min(1.0, p);
}

std::optional<TwoProportions> twoProportions(Count first, Count second)
{
    if (first.n < 1 || second.n < 1)
        return std::nullopt;
    TwoProportions result;
    const double n1 = double(first.n), n2 = double(second.n);
    const double pooled = double(first.x + second.x) / (n1 + n2);
    if (pooled <= 0 || pooled >= 1)
        return result; // no difference to test: none failed, or all did
    const double rarest = std::min(pooled, 1 - pooled) * std::min(n1, n2);
    if (rarest < 5) {
        result.isExact = true;
        result.p = fisherExact(first, second);
        return result;
    }
    result.z = (second.share() - first.share()) / std::sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
    result.p = twoSidedNormal(*result.z);
    return result;
}

std::vector<double> bonferroni(std::span<const double> p, std::int64_t tested)
{
    const double factor = double(std::max<std::int64_t>(tested, std::int64_t(p.size())));
    std::vector<double> adjusted;
    adjusted.reserve(p.size());
    for (const double value : p)
        adjusted.push_back(std::min(1.0, value * factor));
    return adjusted;
}

std::vector<double> holm(std::span<const double> p)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    std::vector<double> adjusted(p.size(), 1);
    double floor = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        floor = std::max(floor, std::min(1.0, p[order[i]] * double(p.size() - i)));
        adjusted[order[i]] = floor;
    }
    return adjusted;
}

PercentileFigure sortedPercentile(std::span<const Nanos> sorted, Quantile q)
{
    PercentileFigure figure;
    figure.q = q;
    const auto n = std::int64_t(sorted.size());
    figure.tooFewSamples = n < minimumSamples(q);
    if (n == 0)
        return figure;
    figure.rank = nearestRank(n, q);
    figure.value = sorted[std::size_t(figure.rank - 1)];
    const RankInterval interval = rankInterval95(n, q);
    if (interval.lowerRank >= 1)
        figure.lower95 = sorted[std::size_t(interval.lowerRank - 1)];
    if (interval.upperRank && *interval.upperRank >= 1)
        figure.upper95 = sorted[std::size_t(*interval.upperRank - 1)];
    return figure;
}

PercentileRatio percentileRatio(std::span<const Nanos> first, std::span<const Nanos> second, Quantile q)
{
    return ratioOf(sortedPercentile(first, q), sortedPercentile(second, q));
}

PercentileRatio ratioOf(const PercentileFigure &first, const PercentileFigure &second)
{
    PercentileRatio result{first, second, {}, {}, {}};
    const PercentileFigure &a = result.first, &b = result.second;
    if (a.value == kUnknownNanos || b.value == kUnknownNanos || a.value <= 0 || b.value < 0)
        return result;
    const double va = double(a.value), vb = double(b.value);
    result.ratio = vb / va;
    if (b.value == 0)
        return result;
    const double centre = std::log(vb / va);
    if (b.lower95 && a.upper95 && *b.lower95 > 0) {
        result.lower95 = std::exp(
            centre - std::hypot(std::log(vb / double(*b.lower95)), std::log(double(*a.upper95) / va)));
    }
    if (b.upper95 && a.lower95 && *a.lower95 > 0) {
        result.upper95 = std::exp(
            centre + std::hypot(std::log(double(*b.upper95) / vb), std::log(va / double(*a.lower95))));
    }
    return result;
}

std::int64_t verdictSamples(Quantile q)
{
    if (q.den <= q.num)
        return std::numeric_limits<std::int64_t>::max();
    const std::int64_t rest = q.den - q.num;
    return (10 * q.den + rest - 1) / rest;
}

} // namespace tailscope::analysis
