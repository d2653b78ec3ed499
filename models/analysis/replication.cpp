// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/replication.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::optional<std::int64_t> difference(std::optional<std::int64_t> ahead, std::optional<std::int64_t> behind)
{
    if (!ahead || !behind || *ahead < *behind)
        return std::nullopt;
    return *ahead - *behind;
}

} // namespace

Result<std::int64_t> parseLsn(std::string_view text)
{
    const std::string_view lsn = trimmed(text);
    const auto slash = lsn.find('/');
    const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
        if (digits.empty() || digits.size() > 8
            || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
            return std::nullopt;
        return parseHex64(digits);
    };
    if (slash != std::string_view::npos) {
        const auto high = half(lsn.substr(0, slash)), low = half(lsn.substr(slash + 1));
        // Positions beyond 2^63 are billions of years of WAL: junk.
        if (high && low && *high < (1ULL << 31))
            return std::int64_t(*high << 32 | *low);
    }
    return fail(ErrorCode::BadInput, std::string(text.substr(0, 40)), "not a WAL position",
        "Positions look like 16/B374D848: two hexadecimal numbers of at most eight digits.");
}

std::string lsnText(std::int64_t position)
{
    if (position < 0)
        return {};
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%X/%X", unsigned(position >> 32), unsigned(position & 0xffffffff));
    return out.data();
}

WalPlace walPlace(std::int64_t position, std::uint32_t timeline, std::int64_t segmentBytes)
{
    if (position < 0 || segmentBytes <= 0)
        return {};
    const std::int64_t segment = position / segmentBytes;
    const std::int64_t perFile = std::max<std::int64_t>(1, (std::int64_t(1) << 32) / segmentBytes);
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%08X%08X%08X", timeline, unsigned(segment / perFile),
        unsigned(segment % perFile));
    return {name.data(), position % segmentBytes};
}

std::string_view stageName(LagStage stage)
{
    switch (stage) {
    case LagStage::Unsent:
        return "unsent";
    case LagStage::Unwritten:
        return "unwritten";
    case LagStage::Unflushed:
        return "unflushed";
    case LagStage::Unreplayed:
        return "unreplayed";
    case LagStage::None:
    case LagStage::Unknown:
        break;
    }
    return {};
}

std::optional<std::int64_t> ByteLag::total() const
{
    if (!unsent || !unwritten || !unflushed || !unreplayed)
        return std::nullopt;
    return known();
}

std::optional<std::int64_t> ByteLag::known() const
{
    std::optional<std::int64_t> sum;
    for (const auto &part : {unsent, unwritten, unflushed, unreplayed}) {
        if (part)
            sum = saturatingAdd(sum.value_or(0), *part);
    }
    return sum;
}

LagStage ByteLag::stage() const
{
    constexpr std::array stages{LagStage::Unsent, LagStage::Unwritten, LagStage::Unflushed,
        LagStage::Unreplayed};
    const std::array parts{unsent, unwritten, unflushed, unreplayed};
    LagStage best = total() ? LagStage::None : LagStage::Unknown;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].value_or(0) > most) {
            most = *parts[i];
            best = stages[i];
        }
    }
    return best;
}

std::optional<double> ByteLag::shareOf(LagStage stage) const
{
    const std::int64_t all = known().value_or(0);
    if (all <= 0)
        return std::nullopt;
    const auto &part = stage == LagStage::Unsent ? unsent
        : stage == LagStage::Unwritten           ? unwritten
        : stage == LagStage::Unflushed           ? unflushed
                                                 : unreplayed;
    return double(part.value_or(0)) / double(all);
}

ByteLag byteLag(const WalPositions &positions)
{
    return {difference(positions.current, positions.sent), difference(positions.sent, positions.written),
        difference(positions.written, positions.flushed), difference(positions.flushed, positions.replayed)};
}

LagNow lagNow(const ReplicaFacts &facts, const LagLimits &limits)
{
    const auto result = [](double ms, LagSource source) {
        LagNow now;
        now.skewed = ms < 0;
        now.ms = std::max(0.0, ms);
        now.source = source;
        return now;
    };
    // Patroni's and pgpool's word for a server that lives: it says nothing about the link.
    const bool onlyAlive = facts.state == "running" || facts.state == "up";
    const bool stateDown = !facts.state.empty() && !onlyAlive && facts.state != "streaming"
        && facts.state != "catchup" && facts.state != "backup" && facts.state != "startup"
        && facts.state != "stopping";
    const bool linkOld = facts.linkAgeMs && *facts.linkAgeMs > limits.linkMs;
    const bool known = facts.linkAgeMs || (!facts.state.empty() && !onlyAlive);
    const double age = facts.replayAgeMs.value_or(kNone);
    LagNow now;
    now.ms = kNone;
    if (stateDown || linkOld) {
        // Both of its positions stand still: what it says of itself proves nothing.
        now = result(std::max(facts.linkAgeMs.value_or(0), std::isnan(age) ? 0 : age), LagSource::Link);
        if (!facts.linkAgeMs && std::isnan(age))
            now.ms = kNone;
        now.linkCut = true;
        return now;
    }
    // The primary's own position proves it: 0 bytes behind is no lag, whatever replay_lag still says.
    const auto total = facts.bytes.total();
    // Without the primary's position: a streaming sender sends what is there, so that sent = replayed is
    // enough.
    const bool allSentReplayed = facts.state == "streaming" && !facts.bytes.unsent
        && facts.bytes.unwritten.value_or(1) == 0 && facts.bytes.unflushed.value_or(1) == 0
        && facts.bytes.unreplayed.value_or(1) == 0;
    const bool proven = (total && *total == 0) || allSentReplayed
        || (facts.positions.current && facts.positions.replayed
            && *facts.positions.current == *facts.positions.replayed);
    const auto receivedAll = facts.received ? facts.received : facts.positions.flushed;
    const bool replayedAll
        = receivedAll && facts.positions.replayed && *receivedAll <= *facts.positions.replayed;
    if (proven || (replayedAll && !total && known && !facts.replayLagMs)) {
        now = result(0, proven ? LagSource::Positions : LagSource::Idle);
        now.idleArtefact = age >= 1'000;
        return now;
    }
    if (facts.replayLagMs)
        return result(*facts.replayLagMs, LagSource::ReplayLag);
    // Equal positions of a standby whose link nobody knows prove nothing.
    if (replayedAll && !known && !total)
        return now;
    if (!std::isnan(age))
        return result(age, LagSource::Clock);
    const auto behind = total ? total : facts.bytes.known();
    if (behind && facts.walRate && *facts.walRate > 0)
        return result(double(*behind) / *facts.walRate * 1'000, LagSource::Rate);
    return now;
}

LagSlope lagSlope(std::span<const LagPoint> points)
{
    LagSlope out;
    if (points.size() < 5)
        return out;
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < points.size(); ++i)
        steps.push_back(points[i].ts - points[i - 1].ts);
    const Nanos longest = *std::max_element(steps.begin(), steps.end());
    const Nanos usual = percentile(steps, kP50).value_or(0);
    for (const LagPoint &point : points) {
        if (std::isnan(point.ms))
            return out;
    }
    if (usual <= 0 || longest > 5 * usual)
        return out;
    const double n = double(points.size());
    double sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
    for (const LagPoint &point : points) {
        const double x = double(point.ts - points.front().ts) / 1e9, y = point.ms / 1'000;
        sumX += x;
        sumY += y;
        sumXX += x * x;
        sumXY += x * y;
    }
    const double spread = n * sumXX - sumX * sumX;
    if (spread <= 0)
        return out;
    out.slope = (n * sumXY - sumX * sumY) / spread;
    constexpr double kFlat = 0.02; // of a second per second: within the noise of a sampled lag
    if (out.slope >= 0.95)
        out.word = LagWord::Stalled;
    else if (out.slope > kFlat)
        out.word = LagWord::Slower;
    else if (out.slope >= -kFlat)
        out.word = LagWord::Steady;
    else {
        out.word = LagWord::CatchingUp;
        out.catchUpSeconds = points.back().ms / 1'000 / -out.slope;
    }
    return out;
}

std::optional<Nanos> crossingUp(std::span<const LagPoint> points, double ms)
{
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!(points[i].ms >= ms))
            continue;
        if (i == 0 || std::isnan(points[i - 1].ms) || points[i].ms == points[i - 1].ms)
            return points[i].ts;
        const double part = (ms - points[i - 1].ms) / (points[i].ms - points[i - 1].ms);
        return points[i - 1].ts + Nanos(std::llround(part * double(points[i].ts - points[i - 1].ts)));
    }
    return std::nullopt;
}

std::optional<double> percentileOf(std::span<const double> values, Quantile q)
{
    std::vector<double> known;
    for (const double value : values) {
        if (!std::isnan(value))
            known.push_back(value);
    }
    if (known.empty())
        return std::nullopt;
    const auto rank = std::size_t(nearestRank(std::int64_t(known.size()), q) - 1);
    std::nth_element(known.begin(), known.begin() + std::ptrdiff_t(rank), known.end());
    return known[rank];
}

StaleReads staleReads(std::span<const double> lagMs, double thinkMs, std::optional<double> readsPerDay)
{
    StaleReads out;
    std::vector<double> above;
    for (const double lag : lagMs) {
        if (std::isnan(lag))
            continue;
        ++out.n;
        if (lag > thinkMs)
            above.push_back(lag - thinkMs);
    }
    out.share = out.n > 0 ? double(above.size()) / double(out.n) : kNone;
    if (readsPerDay && out.n > 0)
        out.perDay = *readsPerDay * out.share;
    out.staleP50Ms = percentileOf(above, kP50);
    out.staleP99Ms = percentileOf(above, kP99);
    return out;
}

StickyWindow stickyWindow(std::span<const double> lagMs, Quantile quantile, double tokenWaitMs,
    std::optional<double> readsPerSecond)
{
    StickyWindow out;
    out.windowMs = percentileOf(lagMs, quantile).value_or(kNone);
    out.fallbackShare = staleReads(lagMs, tokenWaitMs).share;
    if (readsPerSecond && !std::isnan(out.fallbackShare))
        out.primaryReadsPerSecond = *readsPerSecond * out.fallbackShare;
    return out;
}

std::optional<double> catchUpSeconds(double backlog, double apply, double inflow)
{
    if (backlog <= 0)
        return 0;
    if (!(apply > inflow))
        return std::nullopt;
    return backlog / (apply - inflow);
}

std::optional<double> linkUse(double walRate, double otherRate, double capacity)
{
    if (!(capacity > 0))
        return std::nullopt;
    return (walRate + otherRate) / capacity;
}

std::optional<double> secondsToFull(double freeBytes, double growthPerSecond)
{
    if (freeBytes <= 0)
        return 0;
    if (!(growthPerSecond > 0))
        return std::nullopt;
    return freeBytes / growthPerSecond;
}

SustainedGate sustainedBelow(std::span<const LagPoint> points, double limitMs, Nanos window, Nanos maxGap)
{
    if (points.empty())
        return {std::nullopt, "no_samples"};
    std::optional<Nanos> since;
    Nanos before = points.front().ts;
    for (const LagPoint &point : points) {
        if (!(point.ms < limitMs))
            since.reset(); // NaN counts as a gap, equal is not below
        else if (!since || point.ts - before > maxGap)
            since = point.ts;
        before = point.ts;
        if (since && point.ts - *since >= window)
            return {point.ts, {}};
    }
    return {std::nullopt, "never_long_enough"};
}

} // namespace tailscope::analysis
