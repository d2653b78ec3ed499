// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lagverdicts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

/// What marks a sample; the first that holds.
enum class Mark { Quiet, Cut, Paused, Delayed, Idle, Behind };

Mark markOf(const ReplicaPoint &point, const EpisodeLimits &limits)
{
    if (point.lag.linkCut)
        return Mark::Cut;
    if (point.paused)
        return Mark::Paused;
    // On purpose: as far behind as it was told to be, and not much more.
    if (point.applyDelayMs > 0 && point.lag.ms >= limits.leaveMs
        && point.lag.ms <= 1.1 * point.applyDelayMs + 1'000)
        return Mark::Delayed;
    if (point.lag.idleArtefact && point.rawAgeMs >= limits.warnMs)
        return Mark::Idle;
    return point.lag.ms >= limits.leaveMs ? Mark::Behind : Mark::Quiet;
}

struct Stretch
{
    std::size_t first = 0, last = 0;
    Mark mark = Mark::Quiet;
};

/// Neighbours of one mark. A hole of more than five usual steps ends a stretch.
std::vector<Stretch> stretches(const ReplicaTrack &track, const EpisodeLimits &limits)
{
    const Nanos longest = 5 * std::max<Nanos>(1, usualStep(track));
    std::vector<Stretch> out;
    for (std::size_t i = 0; i < track.points.size(); ++i) {
        const Mark mark = markOf(track.points[i], limits);
        const bool hole = i > 0 && track.points[i].ts - track.points[i - 1].ts > longest;
        if (!out.empty() && out.back().mark == mark && !hole)
            out.back().last = i;
        else
            out.push_back({i, i, mark});
    }
    return out;
}

double rateOf(const ReplicaTrack &track, std::size_t first, std::size_t last,
    std::optional<std::int64_t> ReplicaPoint::*position)
{
    double bytes = 0, seconds = 0;
    for (std::size_t i = first + 1; i <= last; ++i) {
        const ReplicaPoint &before = track.points[i - 1], &now = track.points[i];
        const auto a = before.*position, b = now.*position;
        if (!a || !b || *b < *a || now.switched)
            continue;
        bytes += double(*b - *a);
        seconds += double(now.ts - before.ts) / 1e9;
    }
    return seconds > 0 ? bytes / seconds : std::numeric_limits<double>::quiet_NaN();
}

std::optional<double> known(double value)
{
    return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

void addDistribution(const ReplicaTrack &track, LagVerdict &verdict)
{
    std::vector<double> lags;
    double link = std::numeric_limits<double>::quiet_NaN(), raw = link, delay = link;
    for (std::size_t i = verdict.first; i <= verdict.last; ++i) {
        const ReplicaPoint &point = track.points[i];
        if (std::isnan(point.lag.ms))
            ++verdict.unknown;
        else
            lags.push_back(point.lag.ms);
        if (!std::isnan(point.lag.ms) && (!verdict.maxMs || point.lag.ms > *verdict.maxMs)) {
            verdict.maxMs = point.lag.ms;
            verdict.maxAt = point.ts;
        }
        // fmax leaves NaN out.
        link = std::fmax(link, point.linkAgeMs);
        raw = std::fmax(raw, point.rawAgeMs);
        delay = std::fmax(delay, point.applyDelayMs);
        verdict.switches += point.switched ? 1 : 0;
    }
    verdict.n = std::int64_t(lags.size());
    verdict.p50Ms = percentileOf(lags, kP50);
    verdict.p95Ms = percentileOf(lags, kP95);
    verdict.p99Ms = percentileOf(lags, kP99);
    verdict.lagMs = known(track.points[verdict.last].lag.ms);
    verdict.lagBytes = track.points[verdict.last].bytes.known();
    verdict.linkAgeMs = known(link);
    verdict.rawAgeMs = known(raw);
    verdict.applyDelayMs = known(delay);
}

/// Stage at the moment with most bytes behind (FL-02).
void addStage(const ReplicaTrack &track, LagVerdict &verdict)
{
    std::int64_t most = -1;
    for (std::size_t i = verdict.first; i <= verdict.last; ++i) {
        const auto bytes = track.points[i].bytes.known();
        if (bytes && *bytes > most) {
            most = *bytes;
            verdict.bytes = track.points[i].bytes;
        }
    }
    const LagStage stage = verdict.bytes.stage();
    verdict.stage = stageName(stage);
    if (!verdict.stage.empty())
        verdict.stageShare = verdict.bytes.shareOf(stage);
}

std::size_t indexOf(const ReplicaTrack &track, Nanos ts)
{
    const auto at = std::lower_bound(track.points.begin(), track.points.end(), ts,
        [](const ReplicaPoint &point, Nanos when) { return point.ts < when; });
    return std::min<std::size_t>(std::size_t(at - track.points.begin()), track.points.size() - 1);
}

/// Slopes before and after the peak, rates, crossings, and when it will be back.
void addCourse(const ReplicaTrack &track, const EpisodeLimits &limits, LagVerdict &verdict)
{
    const std::vector<LagPoint> lags = lagPoints(track, verdict.first, verdict.last);
    verdict.over10s = crossingUp(lags, limits.warnMs);
    verdict.over60s = crossingUp(lags, limits.pageMs);
    if (!verdict.maxAt)
        return;
    const std::size_t peak = indexOf(track, *verdict.maxAt);
    const LagSlope rise = lagSlope(lagPoints(track, verdict.first, peak));
    const LagSlope fall = lagSlope(lagPoints(track, peak, verdict.last));
    if (rise.word != LagWord::NoVerdict)
        verdict.slope = rise.slope;
    if (fall.word != LagWord::NoVerdict)
        verdict.fallSlope = fall.slope;
    verdict.walRate = known(rateOf(track, verdict.first, peak, &ReplicaPoint::current));
    verdict.applyRate = known(rateOf(track, verdict.first, peak, &ReplicaPoint::replayed));
    if (fall.word == LagWord::CatchingUp)
        verdict.catchUpSeconds = *verdict.maxMs / 1'000 / -fall.slope;
    // Rise of the clock formula by one second a second is the definition of "nothing is replayed".
    verdict.verdict = rise.word == LagWord::Stalled ? "stalled"
        : rise.word == LagWord::Slower              ? "growing"
                                                    : "behind";
}

std::string_view causeOfStage(std::string_view stage)
{
    if (stage == "unsent")
        return "network";
    if (stage == "unwritten" || stage == "unflushed")
        return "replica_disk";
    return stage == "unreplayed" ? std::string_view("apply") : std::string_view();
}

void judgeEpisode(const ReplicaTrack &track, const EpisodeLimits &limits, Mark mark, LagVerdict &verdict)
{
    addDistribution(track, verdict);
    addStage(track, verdict);
    addCourse(track, limits, verdict);
    switch (mark) {
    case Mark::Cut:
        verdict.verdict = "disconnected";
        verdict.cause = "link";
        break;
    case Mark::Paused:
        verdict.verdict = "paused";
        verdict.cause = "pause";
        break;
    case Mark::Delayed:
        verdict.verdict = "delayed";
        verdict.cause = "delay";
        break;
    case Mark::Idle:
        verdict.verdict = "idle";
        verdict.cause = "idle";
        verdict.stage = {};
        verdict.stageShare.reset();
        break;
    case Mark::Behind:
    case Mark::Quiet:
        verdict.cause = causeOfStage(verdict.stage);
        break;
    }
}

/// The present state: what the last five minutes say.
void judgeEnd(const ReplicaTrack &track, const EpisodeLimits &limits, LagVerdict &whole)
{
    const ReplicaPoint &last = track.points.back();
    std::size_t first = track.points.size() - 1;
    while (first > 0 && last.ts - track.points[first - 1].ts <= 300 * kNanosPerSecond)
        --first;
    const LagSlope slope = lagSlope(lagPoints(track, first, track.points.size() - 1));
    if (track.vanished || last.lag.linkCut) {
        whole.verdict = "disconnected";
        whole.cause = "link";
        if (track.vanished) {
            whole.lagMs.reset(); // nobody sees it any more: unknown, not what it was
            whole.lagBytes.reset();
        }
    } else if (std::isnan(last.lag.ms)) {
        whole.verdict = "unknown";
    } else if (last.paused) {
        whole.verdict = "paused";
        whole.cause = "pause";
    } else if (markOf(last, limits) == Mark::Delayed) {
        whole.verdict = "delayed";
        whole.cause = "delay";
    } else if (last.lag.idleArtefact) {
        whole.verdict = "idle";
        whole.cause = "idle";
    } else if (last.lag.ms < limits.enterMs) {
        whole.verdict = "current";
    } else {
        whole.verdict = slope.word == LagWord::Stalled ? "stalled"
            : slope.word == LagWord::Slower            ? "growing"
            : slope.word == LagWord::CatchingUp        ? "catching_up"
                                                       : "behind";
        whole.catchUpSeconds = slope.catchUpSeconds;
        whole.cause = causeOfStage(whole.stage);
    }
}

LagVerdict verdictOver(const ReplicaTrack &track, std::size_t first, std::size_t last)
{
    LagVerdict verdict;
    verdict.first = first;
    verdict.last = last;
    verdict.start = track.points[first].ts;
    verdict.end = track.points[last].ts;
    return verdict;
}

} // namespace

std::vector<LagVerdict> lagVerdicts(const ReplicaTrack &track, const EpisodeLimits &limits)
{
    std::vector<LagVerdict> out;
    if (track.points.empty())
        return out;
    out.push_back(verdictOver(track, 0, track.points.size() - 1));
    addDistribution(track, out[0]);
    addStage(track, out[0]);
    if (out[0].bytes.known().value_or(0) < 1'000'000) {
        // Some hundred kilobytes in flight have a largest stage too; it means nothing.
        out[0].stage = {};
        out[0].stageShare.reset();
    }
    judgeEnd(track, limits, out[0]);
    const Nanos longest = 5 * std::max<Nanos>(1, usualStep(track)); // sorts all steps: once a track
    for (const Stretch &stretch : stretches(track, limits)) {
        if (stretch.mark == Mark::Quiet)
            continue;
        // The sample before belongs to it: the line from there crosses the limits.
        const bool lead = stretch.mark == Mark::Behind && stretch.first > 0
            && track.points[stretch.first].ts - track.points[stretch.first - 1].ts <= longest
            && !std::isnan(track.points[stretch.first - 1].lag.ms)
            && !track.points[stretch.first - 1].lag.linkCut;
        LagVerdict verdict = verdictOver(track, stretch.first - (lead ? 1 : 0), stretch.last);
        verdict.episode = true;
        judgeEpisode(track, limits, stretch.mark, verdict);
        if (stretch.mark == Mark::Behind && verdict.maxMs.value_or(0) < limits.enterMs)
            continue;
        if (stretch.last + 1 < track.points.size()) {
            const ReplicaPoint &next = track.points[stretch.last + 1];
            // A link that is back has a replica behind it that must catch up first.
            const bool back = stretch.mark == Mark::Cut ? !next.lag.linkCut
                                                        : next.ts - verdict.end <= longest
                    && !std::isnan(next.lag.ms) && next.lag.ms < limits.leaveMs;
            if (back)
                verdict.recovered = next.ts;
        }
        out.push_back(std::move(verdict));
    }
    if (track.vanished) {
        LagVerdict gone = verdictOver(track, track.points.size() - 1, track.points.size() - 1);
        gone.episode = true;
        gone.verdict = "disconnected";
        gone.cause = "link";
        out.push_back(std::move(gone));
    }
    return out;
}

std::vector<std::optional<double>> lagCorrelations(const std::vector<ReplicaTrack> &tracks)
{
    std::vector<std::optional<double>> out(tracks.size());
    // Sum and number of lags at each time, by server.
    std::map<std::pair<std::int64_t, Nanos>, std::pair<double, int>> sums;
    const auto keyOf = [](const ReplicaTrack &track, Nanos ts) {
        return std::pair(track.server.value_or(0), ts / kNanosPerSecond);
    };
    // More samples within a second are the same replica again, not another one.
    const auto isRepeated = [&](const ReplicaTrack &track, std::optional<Nanos> &last, Nanos ts) {
        const Nanos second = keyOf(track, ts).second;
        const bool repeated = last == second;
        last = second;
        return repeated;
    };
    for (const ReplicaTrack &track : tracks) {
        std::optional<Nanos> second;
        for (const ReplicaPoint &point : track.points) {
            if (std::isnan(point.lag.ms) || isRepeated(track, second, point.ts))
                continue;
            auto &sum = sums[keyOf(track, point.ts)];
            sum.first += point.lag.ms;
            ++sum.second;
        }
    }
    for (std::size_t t = 0; t < tracks.size(); ++t) {
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        std::optional<Nanos> second;
        for (const ReplicaPoint &point : tracks[t].points) {
            if (std::isnan(point.lag.ms) || isRepeated(tracks[t], second, point.ts))
                continue;
            const auto &sum = sums[keyOf(tracks[t], point.ts)];
            if (sum.second < 2)
                continue;
            const double own = point.lag.ms, others = (sum.first - own) / (sum.second - 1);
            ++n;
            x += own;
            y += others;
            xx += own * own;
            yy += others * others;
            xy += own * others;
        }
        const double spread = (n * xx - x * x) * (n * yy - y * y);
        if (n >= 10 && spread > 0)
            out[t] = (n * xy - x * y) / std::sqrt(spread);
    }
    return out;
}

} // namespace tailscope::analysis
