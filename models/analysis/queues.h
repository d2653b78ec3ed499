// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Formulas of queues and their consumers (FU). Pure; any thread. "Never" and "unknown" are nullopt where the
/// comment says so, never 0.

/// Growth per second from two depths (FU-01); nullopt where no time passes.
std::optional<double> growthPerSecond(double depthBefore, double depthAfter, Nanos between);

/// Seconds until the backlog is gone (FU-02): backlog / (service - arrival); nullopt = never at these rates.
std::optional<double> drainSeconds(double backlog, double servicePerSecond, double arrivalPerSecond);
/// Rate at which a backlog is gone in `seconds` beside the arrivals; nullopt where no time is allowed.
std::optional<double> rateToDrain(double backlog, double seconds, double arrivalPerSecond);

/// Seconds until a depth reaches a limit (FU-03); 0 = it is there; nullopt = not growing.
std::optional<double> secondsToLimit(double depth, double growthPerSecond, double limit);

/// Share of the throughput that lost workers explain (FU-04): 1 - running / configured.
std::optional<double> workersLostShare(std::int64_t configured, std::int64_t running);

/// How partitions fall on consumers (FU-06).
struct PartitionShare
{
    std::int64_t active = 0, idle = 0; ///< consumers
    std::int64_t least = 0, most = 0; ///< partitions of an active consumer
    bool unassigned = false; ///< consumers are there and own nothing: a fault of its own
    bool stopped = false; ///< nobody consumes
};
PartitionShare partitionShare(std::int64_t consumers, std::int64_t partitions,
    std::optional<std::int64_t> assigned = {});

/// Retention against an outage (FU-09), seconds. lost: of offsets, where the broker tells its oldest one.
struct RetentionMargin
{
    double marginSeconds = 0; ///< <= 0: messages are being lost
    std::optional<std::int64_t> lost;
};
RetentionMargin retentionMargin(double retentionSeconds, double oldestAgeSeconds,
    std::optional<std::int64_t> oldestOffset = {}, std::optional<std::int64_t> committedOffset = {});

/// A poison message (FU-05): seconds a worker is blocked, and its share of all of them.
struct PoisonCost
{
    double blockedSeconds = 0;
    std::optional<double> capacityShare;
};
PoisonCost poisonCost(std::int64_t receiveLimit, double visibilitySeconds, std::int64_t workers);

/// Name without separators and case: "tracking-consumer-v1" and "tracking_consumer.V1" are equal.
std::string normalisedGroupName(std::string_view name);

/// A queue at one moment, all its partitions together. NaN = unknown.
struct QueuePoint
{
    Nanos ts = 0;
    double depth = 0;
    double arrived = 0, completed = 0; ///< counters
    double members = 0, assigned = 0, partitions = 0; ///< consumers; owned; partitions seen
};

/// What a queue does for a while.
enum class QueueWord { Unknown, Idle, KeepingUp, Growing, Stopped, Draining, Unassigned };
std::string_view queueWord(QueueWord word); ///< as in queue_verdict.verdict
struct QueuePhase
{
    std::size_t first = 0, last = 0; ///< points, both included
    QueueWord word = QueueWord::Unknown;
    double arrivalPerSecond = 0, completionPerSecond = 0; ///< NaN = unknown
};
struct QueueLimits
{
    double smallDepth = 1'000; ///< below: no backlog
    Nanos window = 300 * kNanosPerSecond; ///< of the rates, and of "no progress"
    double band = 0.05; ///< rates within it count as equal
};
/// Rates over a trailing window; the phases cover the points without overlap. Counters that fall start anew.
std::vector<QueuePhase> queuePhases(std::span<const QueuePoint> points, const QueueLimits &limits = {});
/// Increase of a counter from one point to a later one, resets left out; NaN when either is unknown.
double counterIncrease(std::span<const QueuePoint> points, std::size_t from, std::size_t to,
    double QueuePoint::*counter);

/// When each simple alarm would have fired first, with the data up to then only (FS-09).
struct QueueAlarm
{
    std::string_view rule; ///< unassigned, no_progress_5min, lag_10000, lag_100000, throughput_half,
                           ///< growing_15min, growing_30min
    std::optional<Nanos> first;
};
std::vector<QueueAlarm> queueAlarms(std::span<const QueuePoint> points);

} // namespace tailscope::analysis
