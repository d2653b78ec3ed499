// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livelines.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

} // namespace

LiveBins LiveBins::of(TimeRange window)
{
    LiveBins bins;
    if (window.isEmpty())
        return bins;
    const Nanos least = window.length() / Nanos(kMaxBins - 1) + 1;
    bins.width = (least + kNanosPerSecond - 1) / kNanosPerSecond * kNanosPerSecond;
    bins.begin = window.begin / bins.width * bins.width;
    bins.count = std::size_t((window.end - bins.begin + bins.width - 1) / bins.width);
    return bins;
}

std::vector<double> meanInBins(std::span<const LivePoint> points, const LiveBins &bins, const LiveHold &hold)
{
    std::vector<double> line(bins.count, kUnknown);
    std::size_t next = 0;
    const LivePoint *last = nullptr;
    for (std::size_t bin = 0; bin < bins.count; ++bin) {
        const Nanos end = bins.endOf(bin);
        double sum = 0;
        std::size_t n = 0;
        for (; next < points.size() && points[next].tsNs < end; ++next) {
            last = &points[next];
            if (points[next].tsNs < end - bins.width)
                continue; // before the first bin: may still be held
            sum += points[next].value;
            ++n;
        }
        if (n > 0)
            line[bin] = sum / double(n);
        // Held only between samples: behind the last one nothing is known yet.
        else if (last && end - bins.width - last->tsNs <= hold.after(last->tsNs) && next < points.size())
            line[bin] = last->value;
    }
    return line;
}

std::vector<double> rateInBins(std::span<const LivePoint> points, const LiveBins &bins, const LiveHold &hold)
{
    std::vector<double> amount(bins.count, 0), covered(bins.count, 0), line(bins.count, kUnknown);
    for (std::size_t i = 1; i < points.size(); ++i) {
        const Nanos from = points[i - 1].tsNs, to = points[i].tsNs;
        if (to <= from || to - from > hold.after(from) || to <= bins.begin || from >= bins.end())
            continue;
        const double fell = points[i].value - points[i - 1].value;
        const double rate = (fell < 0 ? points[i].value : fell) / double(to - from);
        const auto first = std::size_t(std::max<Nanos>(0, from - bins.begin) / bins.width);
        for (std::size_t bin = first; bin < bins.count && bins.endOf(bin) - bins.width < to; ++bin) {
            const Nanos overlap
                = std::min(to, bins.endOf(bin)) - std::max(from, bins.endOf(bin) - bins.width);
            amount[bin] += rate * double(overlap);
            covered[bin] += double(overlap);
        }
    }
    for (std::size_t bin = 0; bin < bins.count; ++bin) {
        if (covered[bin] > 0)
            line[bin] = amount[bin] / covered[bin] * double(kNanosPerSecond);
    }
    return line;
}

std::vector<LivePoint> withRests(std::span<const LivePoint> points, std::span<const LivePoint> runs,
    const LiveHold &hold)
{
    std::vector<LivePoint> out;
    out.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        const LivePoint &here = points[i];
        out.push_back(here);
        const bool isLast = i + 1 == points.size();
        if (!isLast
            && (points[i + 1].value != here.value || points[i + 1].tsNs - here.tsNs <= hold.after(here.tsNs)))
            continue;
        // After the last point it may have changed since its probe was asked last.
        const Nanos end = !isLast ? points[i + 1].tsNs
            : runs.empty()        ? here.tsNs
                                  : runs.back().tsNs - hold.usual;
        auto run = std::upper_bound(runs.begin(), runs.end(), here.tsNs,
            [](Nanos ts, const LivePoint &point) { return ts < point.tsNs; });
        for (; run != runs.end() && run->tsNs < end; ++run)
            out.push_back({run->tsNs, here.value});
    }
    return out;
}

LiveHold holdOf(std::span<const LivePoint> points, Nanos least, Nanos thinnedUntil)
{
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (points[i - 1].tsNs >= thinnedUntil)
            steps.push_back(points[i].tsNs - points[i - 1].tsNs);
    }
    if (steps.empty())
        return {least, thinnedUntil};
    const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return {std::max(least, *middle * 5 / 2), thinnedUntil};
}

void addLine(std::vector<double> &sum, const std::vector<double> &more)
{
    if (sum.empty()) {
        sum = more;
        return;
    }
    for (std::size_t i = 0; i < std::min(sum.size(), more.size()); ++i) {
        if (std::isnan(sum[i]))
            sum[i] = more[i];
        else if (!std::isnan(more[i]))
            sum[i] += more[i];
    }
}

std::vector<double> shareLine(const std::vector<double> &of, const std::vector<double> &rest)
{
    std::vector<double> share(of.size(), kUnknown);
    for (std::size_t i = 0; i < std::min(of.size(), rest.size()); ++i) {
        const double all = of[i] + rest[i];
        if (all > 0)
            share[i] = of[i] / all;
    }
    return share;
}

bool isKnown(const std::vector<double> &line)
{
    return std::any_of(line.begin(), line.end(), [](double value) { return !std::isnan(value); });
}

} // namespace tailscope::items
