// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/loadcurve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace tailscope::analysis {

std::optional<double> closedLoopThroughput(double users, double thinkSeconds, double responseSeconds)
{
    if (!(users > 0) || !(thinkSeconds >= 0) || !(responseSeconds > 0))
        return std::nullopt;
    return users / (thinkSeconds + responseSeconds);
}

std::optional<double> thinkSeconds(double users, double perSecond, double responseSeconds)
{
    if (!(users > 0) || !(perSecond > 0) || !(responseSeconds > 0))
        return std::nullopt;
    const double cycle = users / perSecond;
    const double think = cycle - responseSeconds;
    if (think < -0.05 * cycle)
        return std::nullopt;
    return std::max(0.0, think);
}

std::vector<LoadPoint> mergedLevels(std::vector<LoadPoint> points)
{
    std::erase_if(points, [](const LoadPoint &point) {
        return !(point.users > 0) || !(point.perSecond >= 0) || std::isinf(point.users)
            || std::isinf(point.perSecond);
    });
    std::stable_sort(points.begin(), points.end(),
        [](const LoadPoint &a, const LoadPoint &b) { return a.users < b.users; });
    std::vector<LoadPoint> merged;
    for (std::size_t i = 0; i < points.size();) {
        std::size_t end = i;
        double sum = 0;
        while (end < points.size() && points[end].users == points[i].users)
            sum += points[end++].perSecond;
        merged.push_back({points[i].users, sum / double(end - i)});
        i = end;
    }
    return merged;
}

Result<Knee> throughputKnee(std::vector<LoadPoint> points, const KneeOptions &options)
{
    const std::vector<LoadPoint> levels = mergedLevels(std::move(points));
    if (levels.size() < 4)
        return fail(ErrorCode::BadInput, "knee",
            "a knee needs four levels of concurrency, there are " + std::to_string(levels.size()));
    const auto peak = std::max_element(levels.begin(), levels.end(),
        [](const LoadPoint &a, const LoadPoint &b) { return a.perSecond < b.perSecond; });
    if (!(peak->perSecond > 0))
        return fail(ErrorCode::BadInput, "knee", "no data: the throughput is 0 at every level");
    Knee knee;
    knee.peakUsers = peak->users;
    knee.peakPerSecond = peak->perSecond;
    const auto near = std::find_if(levels.begin(), levels.end(), [&](const LoadPoint &point) {
        return point.perSecond * double(options.nearPeak.den)
            >= peak->perSecond * double(options.nearPeak.num);
    });
    knee.users = near->users;
    knee.perSecond = near->perSecond;
    knee.last = levels.back().perSecond / peak->perSecond;
    knee.isCollapse = levels.back().perSecond * double(options.collapsed.den)
        < peak->perSecond * double(options.collapsed.num);
    knee.isPeakReached = peak + 1 != levels.end();
    return knee;
}

double ScalabilityFit::at(double users) const
{
    return lambda * users / (1 + sigma * (users - 1) + kappa * users * (users - 1));
}

namespace {

/// Solves a symmetric system of at most three unknowns by elimination; false when it is singular.
bool solve(std::array<std::array<double, 4>, 3> &rows, int n)
{
    for (int column = 0; column < n; ++column) {
        int pivot = column;
        for (int row = column + 1; row < n; ++row)
            if (std::abs(rows[std::size_t(row)][std::size_t(column)])
                > std::abs(rows[std::size_t(pivot)][std::size_t(column)]))
                pivot = row;
        std::swap(rows[std::size_t(column)], rows[std::size_t(pivot)]);
        auto &lead = rows[std::size_t(column)];
        if (std::abs(lead[std::size_t(column)]) < 1e-300)
            return false;
        for (int row = 0; row < n; ++row) {
            if (row == column)
                continue;
            auto &other = rows[std::size_t(row)];
            const double factor = other[std::size_t(column)] / lead[std::size_t(column)];
            for (int k = column; k <= n; ++k)
                other[std::size_t(k)] -= factor * lead[std::size_t(k)];
        }
    }
    for (int row = 0; row < n; ++row)
        rows[std::size_t(row)][std::size_t(n)] /= rows[std::size_t(row)][std::size_t(row)];
    return true;
}

double squares(const ScalabilityFit &fit)
{
    double sum = 0;
    for (const LoadPoint &point : fit.points) {
        const double miss = point.perSecond - fit.at(point.users);
        sum += miss * miss;
    }
    return sum;
}

/// N / X = (1 + sigma (N - 1) + kappa N (N - 1)) / lambda is linear in 1/lambda, sigma/lambda, kappa/lambda;
/// an error of X weighs X^2 / N in it, so rows are weighted to keep what is minimised in units of X. The
/// weights of the second and later rounds are those of the fitted X. `use`: which terms may differ from 0.
std::optional<ScalabilityFit> linearFit(const std::vector<LoadPoint> &points, std::array<bool, 3> use)
{
    std::optional<ScalabilityFit> best;
    std::vector<double> expected;
    for (const LoadPoint &point : points)
        expected.push_back(point.perSecond);
    for (int round = 0; round < 30; ++round) {
        std::array<std::array<double, 4>, 3> rows{};
        std::array<int, 3> place{};
        int n = 0;
        for (int term = 0; term < 3; ++term)
            if (use[std::size_t(term)])
                place[std::size_t(n++)] = term;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double users = points[i].users;
            if (!(points[i].perSecond > 0))
                continue;
            const std::array<double, 3> terms{1, users - 1, users * (users - 1)};
            const double weight = expected[i] * points[i].perSecond / users; // dX = X^2/N d(N/X)
            const double target = users / points[i].perSecond;
            for (int a = 0; a < n; ++a) {
                const double left = terms[std::size_t(place[std::size_t(a)])] * weight * weight;
                for (int b = 0; b < n; ++b)
                    rows[std::size_t(a)][std::size_t(b)] += left * terms[std::size_t(place[std::size_t(b)])];
                rows[std::size_t(a)][std::size_t(n)] += left * target;
            }
        }
        if (!solve(rows, n))
            return best;
        std::array<double, 3> value{};
        for (int a = 0; a < n; ++a)
            value[std::size_t(place[std::size_t(a)])] = rows[std::size_t(a)][std::size_t(n)];
        if (!(value[0] > 0) || value[1] < 0 || value[2] < 0)
            return best;
        ScalabilityFit fit;
        fit.lambda = 1 / value[0];
        fit.sigma = value[1] * fit.lambda;
        fit.kappa = value[2] * fit.lambda;
        fit.points = points;
        if (best && squares(fit) >= squares(*best) * (1 - 1e-12))
            return best;
        for (std::size_t i = 0; i < points.size(); ++i)
            expected[i] = fit.at(points[i].users);
        best = std::move(fit);
    }
    return best;
}

} // namespace

Result<ScalabilityFit> fitScalability(std::vector<LoadPoint> points)
{
    std::vector<LoadPoint> levels = mergedLevels(std::move(points));
    if (levels.size() < 4)
        return fail(ErrorCode::BadInput, "scalability",
            "the law has three unknowns: it needs four levels of concurrency, there are "
                + std::to_string(levels.size()));
    double sum = 0, peak = 0;
    for (const LoadPoint &level : levels) {
        sum += level.perSecond;
        peak = std::max(peak, level.perSecond);
    }
    if (!(peak > 0))
        return fail(ErrorCode::BadInput, "scalability", "no data: the throughput is 0 at every level");
    // Where the best fit would have a negative term, the best one without that term is the answer.
    std::optional<ScalabilityFit> best;
    for (const std::array<bool, 3> use : {std::array{true, true, true}, std::array{true, false, true},
             std::array{true, true, false}, std::array{true, false, false}}) {
        std::optional<ScalabilityFit> fit = linearFit(levels, use);
        if (fit && (!best || squares(*fit) < squares(*best)))
            best = std::move(fit);
    }
    if (!best)
        return fail(ErrorCode::BadInput, "scalability", "the levels do not determine the law");
    const double mean = sum / double(levels.size());
    double total = 0;
    for (const LoadPoint &level : levels) {
        total += (level.perSecond - mean) * (level.perSecond - mean);
        const double residual = level.perSecond - best->at(level.users);
        best->residuals.push_back(residual);
        best->worstResidual = std::max(best->worstResidual, std::abs(residual) / peak);
    }
    const double rest = squares(*best);
    best->rSquared = total > 0 ? 1 - rest / total : (rest <= 1e-9 * peak * peak ? 1 : 0);
    best->fits = best->rSquared >= 0.9 && best->worstResidual <= 0.15;
    if (best->kappa > 0 && best->sigma < 1)
        best->bestUsers = std::sqrt((1 - best->sigma) / best->kappa);
    return std::move(*best);
}

OmissionTest omissionTest(std::span<const LoadRequest> requests)
{
    OmissionTest test;
    if (requests.size() < 100)
        return test;
    std::vector<Nanos> durations, distances;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (requests[i].duration >= 0)
            durations.push_back(requests[i].duration);
        if (i > 0)
            distances.push_back(requests[i].start - requests[i - 1].start);
    }
    const Nanos usual = percentile(durations, kP50).value_or(0);
    // The usual rate is that of the middle half of the run's time: mean distance without stalls.
    const Nanos middle = percentile(distances, kP50).value_or(0);
    const Nanos high = percentile(distances, kP95).value_or(0);
    double sum = 0;
    std::int64_t counted = 0;
    for (const Nanos distance : distances) {
        if (distance <= std::max(high, middle)) {
            sum += double(distance);
            ++counted;
        }
    }
    const double distance = counted > 0 ? sum / double(counted) : 0;
    if (usual <= 0 || distance <= 0)
        return test;
    const double slow = std::max(10.0 * double(usual), 20.0 * distance);
    Nanos coveredUntil = std::numeric_limits<Nanos>::min();
    for (const LoadRequest &request : requests) {
        if (double(request.duration) < slow)
            continue;
        // The first usual time of a slow request is no stall: others start beside it as ever.
        const Nanos begin = std::max(request.start + usual, coveredUntil);
        const Nanos end = saturatingAdd(request.start, request.duration);
        if (end <= begin)
            continue;
        if (begin > coveredUntil)
            ++test.stalls;
        const auto at = [&](Nanos t) {
            return std::lower_bound(requests.begin(), requests.end(), t,
                [](const LoadRequest &each, Nanos time) { return each.start < time; });
        };
        test.started += at(end) - at(begin);
        test.stalled += end - begin;
        coveredUntil = end;
    }
    test.expected = double(test.stalled) / distance;
    test.isSuspect = test.expected >= 20 && test.missing() > 0.5;
    return test;
}

std::optional<std::vector<Nanos>> correctedForOmission(std::span<const Nanos> sorted, Nanos distance,
    std::size_t most)
{
    if (distance <= 0)
        return std::nullopt;
    std::vector<Nanos> out(sorted.begin(), sorted.end());
    for (const Nanos duration : sorted) {
        for (Nanos missed = duration - distance; missed >= distance; missed -= distance) {
            if (out.size() >= most)
                return std::nullopt;
            out.push_back(missed);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

namespace {

std::vector<double> ranksOf(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i + 1;
        while (end < order.size() && values[order[end]] == values[order[i]])
            ++end;
        for (std::size_t j = i; j < end; ++j)
            ranks[order[j]] = double(i + end + 1) / 2;
        i = end;
    }
    return ranks;
}

} // namespace

std::optional<double> rankCorrelation(std::span<const double> a, std::span<const double> b)
{
    std::vector<double> first, second;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (!std::isnan(a[i]) && !std::isnan(b[i])) {
            first.push_back(a[i]);
            second.push_back(b[i]);
        }
    }
    if (first.size() < 10)
        return std::nullopt;
    const std::vector<double> x = ranksOf(first), y = ranksOf(second);
    const double mean = double(x.size() + 1) / 2;
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::optional(0.0);
}

std::optional<double> Slope::relative() const
{
    return level != 0 ? std::optional(perHour * hours / std::abs(level)) : std::nullopt;
}

std::optional<Slope> theilSen(std::span<const Nanos> times, std::span<const double> values)
{
    constexpr std::size_t kMost = 600;
    std::vector<std::size_t> known;
    for (std::size_t i = 0; i < std::min(times.size(), values.size()); ++i) {
        if (!std::isnan(values[i]))
            known.push_back(i);
    }
    std::vector<double> t, v;
    const std::size_t n = std::min(known.size(), kMost);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t from = known[i * known.size() / n];
        t.push_back(double(times[from] - times[known.front()]) / 3.6e12);
        v.push_back(values[from]);
    }
    if (n < 8)
        return std::nullopt;
    std::vector<double> slopes;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j)
            if (t[j] > t[i])
                slopes.push_back((v[j] - v[i]) / (t[j] - t[i]));
    if (slopes.empty())
        return std::nullopt;
    std::sort(slopes.begin(), slopes.end());
    const auto middle = [](const std::vector<double> &sorted) {
        const std::size_t half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    };
    Slope slope;
    slope.perHour = middle(slopes);
    slope.hours = t.back() - t.front();
    // Kendall's statistic without ties: variance n (n - 1)(2n + 5) / 18.
    const double size = double(n), sd = std::sqrt(size * (size - 1) * (2 * size + 5) / 18);
    const double half = 1.959964 * sd / 2, center = double(slopes.size()) / 2;
    const auto at
        = [&](double rank) { return slopes[std::size_t(std::clamp(rank, 0.0, double(slopes.size() - 1)))]; };
    slope.lower = at(std::floor(center - half));
    slope.upper = at(std::ceil(center + half));
    std::sort(v.begin(), v.end());
    slope.level = middle(v);
    return slope;
}

} // namespace tailscope::analysis
