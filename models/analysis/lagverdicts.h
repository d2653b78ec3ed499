// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/replicatracks.h"
#include "analysis/traceanalyses.h"
#include "store/workspace.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// A session on the replica whose age follows the lag.
struct LagSession
{
    std::int64_t pid = 0;
    Nanos start = 0;
    std::string application, user, query;
    std::int64_t matches = 0; ///< samples in which age and lag agree
};

/// What a replica did over all its time, or in one episode: a row of lag_verdict (see there for the words).
struct LagVerdict
{
    bool episode = false;
    std::size_t first = 0, last = 0; ///< points of the track, both included
    Nanos start = 0, end = 0;
    std::string_view verdict = "unknown", stage, cause; ///< stage, cause: empty = none or unknown
    std::int64_t n = 0, unknown = 0;
    std::optional<double> lagMs, p50Ms, p95Ms, p99Ms, maxMs;
    std::optional<std::int64_t> lagBytes;
    std::optional<Nanos> maxAt, over10s, over60s, recovered;
    std::optional<double> slope, fallSlope, stageShare, walRate, applyRate, catchUpSeconds;
    std::optional<double> rawAgeMs, linkAgeMs, applyDelayMs, correlation;
    ByteLag bytes; ///< at the moment with most bytes behind
    std::int64_t switches = 0;
    std::optional<LagSession> session;
};

struct EpisodeLimits
{
    double enterMs = 5'000, leaveMs = 1'000;
    double warnMs = 10'000, pageMs = 60'000; ///< the alert lines
};

/// The whole time first, then the episodes in order of time. Pure; sessions are added by addSessions().
std::vector<LagVerdict> lagVerdicts(const ReplicaTrack &track, const EpisodeLimits &limits = {});

/// Looks for a session that holds up replay in the episodes that could have one.
Result<void> addSessions(store::Database &reader, const ReplicaTrack &track,
    std::vector<LagVerdict> &verdicts, const Progress &progress);

/// Correlation of each track's lag with the mean of the others of its server, at equal times; nullopt below
/// ten common samples or without variation.
std::vector<std::optional<double>> lagCorrelations(const std::vector<ReplicaTrack> &tracks);

/// Tables lag_verdict and stale_read.
Result<WriteRows> computeLagVerdicts(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
