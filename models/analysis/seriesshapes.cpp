// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/seriesshapes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tailscope::analysis {

namespace {

/// The middle value, or the mean of the two middle ones.
double medianOf(std::vector<double> values)
{
    const std::size_t half = values.size() / 2;
    std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(half), values.end());
    const double upper = values[half];
    if (values.size() % 2 == 1)
        return upper;
    return (*std::max_element(values.begin(), values.begin() + std::ptrdiff_t(half)) + upper) / 2;
}

std::vector<double> known(std::span<const double> values)
{
    std::vector<double> out;
    std::copy_if(values.begin(), values.end(), std::back_inserter(out),
        [](double v) { return !std::isnan(v); });
    return out;
}

} // namespace

std::optional<PettittResult> pettitt(std::span<const double> values)
{
    std::vector<std::size_t> place; // bins with a value
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isnan(values[i]))
            place.push_back(i);
    }
    const std::size_t n = place.size();
    if (n < 10)
        return std::nullopt;
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i < n; ++i)
        order[i] = i;
    const auto value = [&](std::size_t i) { return values[place[i]]; };
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    std::vector<double> rank(n); // equal values share the mean of their ranks
    for (std::size_t i = 0; i < n;) {
        std::size_t end = i + 1;
        while (end < n && value(order[end]) == value(order[i]))
            ++end;
        for (std::size_t j = i; j < end; ++j)
            rank[order[j]] = double(i + end + 1) / 2;
        i = end;
    }
    PettittResult result;
    result.n = n;
    std::size_t split = 0;
    double sum = 0;
    for (std::size_t t = 1; t < n; ++t) {
        sum += rank[t - 1];
        const double u = std::abs(double(t) * double(n + 1) - 2 * sum);
        if (u > result.k) {
            result.k = u;
            split = t;
        }
    }
    const double size = double(n);
    result.p = std::min(1.0, 2 * std::exp(-6 * result.k * result.k / (size * size * size + size * size)));
    const std::vector<double> all = known(values);
    if (split == 0) { // constant
        result.before = result.after = medianOf(all);
        return result;
    }
    result.t = place[split];
    result.before = medianOf({all.begin(), all.begin() + std::ptrdiff_t(split)});
    result.after = medianOf({all.begin() + std::ptrdiff_t(split), all.end()});
    return result;
}

bool isDrift(std::span<const double> values, const PettittResult &step)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    double side[2][3] = {};
    // Relative to the level: squares of large numbers would swallow small changes.
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i]))
            continue;
        const double x = double(i), y = values[i] - step.before;
        n += 1;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
        double *s = side[i < step.t ? 0 : 1];
        s[0] += 1;
        s[1] += y;
        s[2] += y * y;
    }
    if (n < 2)
        return false;
    const double xx = sxx - sx * sx / n, xy = sxy - sx * sy / n, yy = syy - sy * sy / n;
    const double line = yy - (xx > 0 ? xy * xy / xx : 0);
    double jump = 0;
    for (const auto &s : side)
        jump += s[0] > 0 ? s[2] - s[1] * s[1] / s[0] : 0;
    return line < jump;
}

std::optional<Onset> firstChange(std::span<const double> values, const OnsetOptions &options)
{
    std::size_t begin = 0;
    std::vector<double> baseline;
    const std::size_t tenth = values.size() / 10;
    while (begin < values.size() && (baseline.size() < 5 || begin < tenth)) {
        if (!std::isnan(values[begin]))
            baseline.push_back(values[begin]);
        ++begin;
    }
    if (baseline.size() < 5 || begin + options.run > values.size())
        return std::nullopt;
    Onset onset;
    onset.before = medianOf(std::move(baseline));
    const double limit = std::max(onset.before * options.factor, onset.before + options.atLeast);
    std::size_t run = 0;
    for (std::size_t i = begin; i < values.size(); ++i) {
        run = values[i] > limit ? run + 1 : 0; // NaN ends a run: what is missing is not above
        if (run < options.run)
            continue;
        onset.bin = i + 1 - run;
        std::size_t end = i + 1;
        while (end < values.size() && values[end] > limit)
            ++end;
        onset.after
            = medianOf({values.begin() + std::ptrdiff_t(onset.bin), values.begin() + std::ptrdiff_t(end)});
        return onset;
    }
    return std::nullopt;
}

std::optional<TailShape> tailShape(std::span<const double> values, std::size_t plateauBins)
{
    const std::vector<double> all = known(values);
    if (all.empty())
        return std::nullopt;
    TailShape shape;
    shape.median = medianOf(all);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(values[i] > 3 * shape.median))
            continue;
        if (!shape.excursions.empty() && i - shape.excursions.back().last <= 2)
            shape.excursions.back().last = i;
        else
            shape.excursions.push_back({i, i});
    }
    if (shape.excursions.empty())
        return std::nullopt;
    if (all.size() < 10)
        return shape; // unknown
    const auto &first = shape.excursions.front();
    if (shape.excursions.size() == 1 && first.last - first.first + 1 >= plateauBins) {
        shape.kind = TailShape::Kind::Plateau;
        return shape;
    }
    shape.kind = TailShape::Kind::Sporadic;
    if (shape.excursions.size() < 4)
        return shape;
    std::vector<double> distances;
    for (std::size_t i = 1; i < shape.excursions.size(); ++i)
        distances.push_back(double(shape.excursions[i].first - shape.excursions[i - 1].first));
    const double median = medianOf(distances);
    std::vector<double> deviations;
    for (const double distance : distances)
        deviations.push_back(std::abs(distance - median));
    const double deviation = medianOf(deviations);
    if (deviation > 0.1 * median)
        return shape;
    shape.period = median;
    shape.strength = 1 - deviation / median;
    shape.kind = median < 4 ? TailShape::Kind::Unknown : TailShape::Kind::Periodic;
    return shape;
}

} // namespace tailscope::analysis
