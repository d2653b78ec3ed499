// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/queues.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double secondsOf(Nanos ns) { return double(ns) / 1e9; }

} // namespace

std::optional<double> growthPerSecond(double depthBefore, double depthAfter, Nanos between)
{
    if (between <= 0 || std::isnan(depthBefore) || std::isnan(depthAfter))
        return std::nullopt;
    return (depthAfter - depthBefore) / secondsOf(between);
}

std::optional<double> drainSeconds(double backlog, double servicePerSecond, double arrivalPerSecond)
{
    if (backlog <= 0)
        return 0;
    if (!(servicePerSecond > arrivalPerSecond))
        return std::nullopt;
    return backlog / (servicePerSecond - arrivalPerSecond);
}

std::optional<double> rateToDrain(double backlog, double seconds, double arrivalPerSecond)
{
    if (!(seconds > 0))
        return std::nullopt;
    return std::max(0.0, backlog) / seconds + arrivalPerSecond;
}

std::optional<double> secondsToLimit(double depth, double growthPerSecond, double limit)
{
    if (depth >= limit)
        return 0;
    if (!(growthPerSecond > 0))
        return std::nullopt;
    return (limit - depth) / growthPerSecond;
}

std::optional<double> workersLostShare(std::int64_t configured, std::int64_t running)
{
    if (configured <= 0)
        return std::nullopt;
    return 1 - double(std::clamp<std::int64_t>(running, 0, configured)) / double(configured);
}

PartitionShare partitionShare(std::int64_t consumers, std::int64_t partitions,
    std::optional<std::int64_t> assigned)
{
    PartitionShare out;
    consumers = std::max<std::int64_t>(0, consumers);
    partitions = std::max<std::int64_t>(0, partitions);
    out.unassigned = consumers > 0 && assigned && *assigned == 0;
    out.active = out.unassigned ? 0 : std::min(consumers, partitions);
    out.idle = consumers - out.active;
    out.stopped = out.active == 0;
    if (out.active > 0) {
        out.least = partitions / out.active;
        out.most = (partitions + out.active - 1) / out.active;
    }
    return out;
}

RetentionMargin retentionMargin(double retentionSeconds, double oldestAgeSeconds,
    std::optional<std::int64_t> oldestOffset, std::optional<std::int64_t> committedOffset)
{
    RetentionMargin out;
    out.marginSeconds = retentionSeconds - oldestAgeSeconds;
    if (oldestOffset && committedOffset)
        out.lost = std::max<std::int64_t>(0, *oldestOffset - *committedOffset);
    return out;
}

PoisonCost poisonCost(std::int64_t receiveLimit, double visibilitySeconds, std::int64_t workers)
{
    PoisonCost out;
    out.blockedSeconds = double(receiveLimit) * visibilitySeconds;
    if (workers > 0)
        out.capacityShare = 1.0 / double(workers);
    return out;
}

std::string normalisedGroupName(std::string_view name)
{
    std::string out;
    for (const char c : toLowerAscii(name)) {
        if (c != '-' && c != '_' && c != '.' && c != ' ' && c != ':' && c != '/')
            out += c;
    }
    return out;
}

std::string_view queueWord(QueueWord word)
{
    switch (word) {
    case QueueWord::Idle:
        return "idle";
    case QueueWord::KeepingUp:
        return "keeping_up";
    case QueueWord::Growing:
        return "growing";
    case QueueWord::Stopped:
        return "stopped";
    case QueueWord::Draining:
        return "draining";
    case QueueWord::Unassigned:
        return "unassigned";
    case QueueWord::Unknown:
        break;
    }
    return "unknown";
}

double counterIncrease(std::span<const QueuePoint> points, std::size_t from, std::size_t to,
    double QueuePoint::*counter)
{
    double sum = 0, before = kNone;
    bool any = false;
    for (std::size_t i = from; i <= to && i < points.size(); ++i) {
        const double now = points[i].*counter;
        if (std::isnan(now))
            continue;
        if (!std::isnan(before)) {
            any = true;
            sum += now >= before ? now - before : now; // began anew at 0
        }
        before = now;
    }
    return any ? sum : kNone;
}

namespace {

/// Running sums of the increases, so that the rate over a window costs nothing.
std::vector<double> cumulated(std::span<const QueuePoint> points, double QueuePoint::*counter)
{
    std::vector<double> out;
    double sum = 0, before = kNone;
    for (const QueuePoint &point : points) {
        const double now = point.*counter;
        if (std::isnan(now)) {
            out.push_back(kNone);
            continue;
        }
        if (!std::isnan(before))
            sum += now >= before ? now - before : now;
        before = now;
        out.push_back(sum);
    }
    return out;
}

double increase(const std::vector<double> &sums, std::size_t from, std::size_t to)
{
    return sums[to] - sums[from]; // NaN stays NaN
}

/// Depths of a counterless queue move up and down; a change below 1 % of the depth is noise.
QueueWord wordByDepth(double before, double after, const QueueLimits &limits)
{
    if (std::max(before, after) < limits.smallDepth)
        return after <= 0 && before <= 0 ? QueueWord::Idle : QueueWord::KeepingUp;
    if (after > before * 1.01)
        return QueueWord::Growing;
    return after < before * 0.99 ? QueueWord::Draining : QueueWord::KeepingUp;
}

QueueWord wordOf(const QueuePoint &from, const QueuePoint &to, double arrived, double completed,
    const QueueLimits &limits)
{
    if (to.members > 0 && to.assigned == 0)
        return QueueWord::Unassigned;
    if (std::isnan(to.depth))
        return QueueWord::Unknown;
    const bool small = to.depth < limits.smallDepth;
    if (std::isnan(completed) || std::isnan(arrived)) {
        if (!std::isnan(completed) && completed <= 0 && to.depth > 0 && from.depth > 0
            && to.ts - from.ts >= limits.window)
            return QueueWord::Stopped;
        return std::isnan(from.depth) ? QueueWord::Unknown : wordByDepth(from.depth, to.depth, limits);
    }
    // Nothing finished while something waits: stopped, however small the backlog still is.
    if (completed <= 0 && to.depth > 0 && from.depth > 0 && to.ts - from.ts >= limits.window)
        return QueueWord::Stopped;
    if (small)
        return arrived <= 0 && completed <= 0 && to.depth <= 0 ? QueueWord::Idle : QueueWord::KeepingUp;
    if (completed > arrived * (1 + limits.band))
        return QueueWord::Draining;
    return completed < arrived * (1 - limits.band) ? QueueWord::Growing : QueueWord::KeepingUp;
}

/// A trailing window sees a change late: growth began at the least depth before, draining at the largest.
void sharpen(std::span<const QueuePoint> points, Nanos window, std::vector<QueuePhase> &phases)
{
    for (std::size_t p = 1; p < phases.size(); ++p) {
        QueuePhase &before = phases[p - 1], &phase = phases[p];
        if (phase.word != QueueWord::Growing && phase.word != QueueWord::Draining)
            continue;
        const double sign = phase.word == QueueWord::Growing ? 1 : -1;
        std::size_t best = phase.first;
        for (std::size_t i = phase.first;
             i > before.first + 1 && points[phase.first].ts - points[i].ts <= 2 * window; --i) {
            if (sign * points[i].depth < sign * points[best].depth)
                best = i;
        }
        if (best + 1 >= phase.first)
            continue;
        phase.first = best + 1;
        before.last = best;
    }
}

} // namespace

std::vector<QueuePhase> queuePhases(std::span<const QueuePoint> points, const QueueLimits &limits)
{
    std::vector<QueuePhase> phases;
    if (points.size() < 2)
        return phases;
    const std::vector<double> arrived = cumulated(points, &QueuePoint::arrived);
    const std::vector<double> completed = cumulated(points, &QueuePoint::completed);
    std::vector<QueueWord> words(points.size(), QueueWord::Unknown);
    std::size_t from = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
        while (from + 1 < i && points[i].ts - points[from + 1].ts >= limits.window)
            ++from;
        words[i] = wordOf(points[from], points[i], increase(arrived, from, i), increase(completed, from, i),
            limits);
        if (words[i] == QueueWord::Stopped && words[i - 1] != QueueWord::Stopped) {
            // It began when the last item was finished, not when the window had passed.
            for (std::size_t back = i; back > from; --back)
                words[back] = QueueWord::Stopped;
        }
    }
    words[0] = words[1];
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!phases.empty() && phases.back().word == words[i]) {
            phases.back().last = i;
            continue;
        }
        // Shorter than half a window: an edge between two phases, part of the next one.
        const bool isShort = !phases.empty()
            && points[phases.back().last].ts - points[phases.back().first].ts < limits.window / 2;
        if (isShort) {
            phases.back().word = words[i];
            phases.back().last = i;
            if (phases.size() > 1 && phases[phases.size() - 2].word == words[i]) {
                phases.pop_back();
                phases.back().last = i;
            }
        } else {
            phases.push_back({i, i, words[i], kNone, kNone});
        }
    }
    sharpen(points, limits.window, phases);
    for (QueuePhase &phase : phases) {
        const std::size_t before = phase.first > 0 ? phase.first - 1 : 0;
        const double seconds = secondsOf(points[phase.last].ts - points[before].ts);
        if (seconds > 0) {
            phase.arrivalPerSecond = increase(arrived, before, phase.last) / seconds;
            phase.completionPerSecond = increase(completed, before, phase.last) / seconds;
        }
    }
    return phases;
}

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond;

/// First moment a line through the depths reaches a limit.
std::optional<Nanos> depthReaches(std::span<const QueuePoint> points, double limit)
{
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!(points[i].depth > limit))
            continue;
        if (i == 0 || std::isnan(points[i - 1].depth) || points[i].depth == points[i - 1].depth)
            return points[i].ts;
        const double part
            = std::clamp((limit - points[i - 1].depth) / (points[i].depth - points[i - 1].depth), 0.0, 1.0);
        return points[i - 1].ts + Nanos(std::llround(part * double(points[i].ts - points[i - 1].ts)));
    }
    return std::nullopt;
}

/// First moment at which the depth rose at every step for so long.
std::optional<Nanos> growsFor(std::span<const QueuePoint> points, Nanos length)
{
    std::optional<Nanos> since;
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (!(points[i].depth > points[i - 1].depth))
            since.reset();
        else if (!since)
            since = points[i - 1].ts;
        if (since && points[i].ts - *since >= length)
            return *since + length;
    }
    return std::nullopt;
}

std::optional<Nanos> noProgressFor(std::span<const QueuePoint> points, Nanos length)
{
    std::optional<Nanos> since;
    for (std::size_t i = 1; i < points.size(); ++i) {
        const bool stands = points[i].completed <= points[i - 1].completed && points[i].depth > 0;
        if (!stands)
            since.reset();
        else if (!since)
            since = points[i - 1].ts;
        if (since && points[i].ts - *since >= length)
            return *since + length;
    }
    return std::nullopt;
}

/// First moment the completions of 20 minutes are below half of what the hour before had.
std::optional<Nanos> throughputHalves(std::span<const QueuePoint> points)
{
    const std::vector<double> sums = cumulated(points, &QueuePoint::completed);
    std::size_t window = 0, hour = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
        while (window + 1 < i && points[i].ts - points[window + 1].ts >= 20 * kMinute)
            ++window;
        while (hour + 1 < window && points[window].ts - points[hour + 1].ts >= 60 * kMinute)
            ++hour;
        if (points[i].ts - points[window].ts < 20 * kMinute
            || points[window].ts - points[hour].ts < 60 * kMinute)
            continue;
        const double now = (sums[i] - sums[window]) / secondsOf(points[i].ts - points[window].ts);
        const double before = (sums[window] - sums[hour]) / secondsOf(points[window].ts - points[hour].ts);
        if (before > 0 && now < 0.5 * before && points[i].depth > 0)
            return points[i].ts;
    }
    return std::nullopt;
}

} // namespace

std::vector<QueueAlarm> queueAlarms(std::span<const QueuePoint> points)
{
    std::vector<QueueAlarm> out;
    std::optional<Nanos> unassigned;
    for (const QueuePoint &point : points) {
        if (point.members > 0 && point.assigned == 0) {
            unassigned = point.ts;
            break;
        }
    }
    out.push_back({"unassigned", unassigned});
    out.push_back({"no_progress_5min", noProgressFor(points, 5 * kMinute)});
    out.push_back({"lag_10000", depthReaches(points, 10'000)});
    out.push_back({"throughput_half", throughputHalves(points)});
    out.push_back({"growing_15min", growsFor(points, 15 * kMinute)});
    out.push_back({"growing_30min", growsFor(points, 30 * kMinute)});
    out.push_back({"lag_100000", depthReaches(points, 100'000)});
    return out;
}

} // namespace tailscope::analysis
