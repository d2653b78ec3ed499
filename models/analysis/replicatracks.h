// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/replication.h"
#include "base/progress.h"
#include "store/database.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A sample of a replica with what follows from it.
struct ReplicaPoint
{
    Nanos ts = 0;
    LagNow lag;
    ByteLag bytes;
    std::optional<std::int64_t> current, received, replayed;
    double walRate = 0; ///< NaN = unknown; from the positions where the sample has none
    double rawAgeMs = 0; ///< NaN = unknown: what the clock formula says
    double linkAgeMs = 0; ///< NaN = unknown
    double applyDelayMs = 0; ///< NaN = unknown
    bool paused = false;
    bool switched = false; ///< a position went backwards: another timeline; nothing is compared across it
    std::optional<std::int64_t> timeline;
};

/// All samples of one replica in order of time.
struct ReplicaTrack
{
    std::optional<std::int64_t> server;
    std::string replica;
    std::string syncState; ///< the last one
    std::vector<ReplicaPoint> points;
    bool primaryView = false; ///< its primary tells; else the standby itself
    std::optional<Nanos> vanished; ///< from here on the server is sampled without it: the link is gone
};

/// At most this many samples a replica; beyond it every second one is left out, again and again.
inline constexpr std::size_t kMaxReplicaPoints = 400'000;

/// Reads replica_sample, by server and replica. range: of the samples. Any thread with its own connection.
Result<std::vector<ReplicaTrack>> readReplicaTracks(store::Database &reader, std::optional<TimeRange> range,
    const Progress &progress);

/// The lags of a track as a series (NaN = unknown).
std::vector<LagPoint> lagPoints(const ReplicaTrack &track, std::size_t first, std::size_t last);
/// Middle distance of its samples; 0 with fewer than two.
Nanos usualStep(const ReplicaTrack &track);

} // namespace tailscope::analysis
