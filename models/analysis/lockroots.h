// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/sessionsamples.h"
#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// All waits that one sample of locks shows.
struct LockSample
{
    Nanos ts = 0;
    std::vector<BlockingEdge> edges;
};

/// The time in which one session held up others without a break: a row of lock_root.
struct LockEpisode
{
    std::int64_t rootPid = 0;
    Nanos start = 0, end = 0, worstAt = 0; ///< first, last, and the sample with most victims
    bool isCycle = false;
    int samples = 0, victims = 0, depth = 0; ///< victims at once
    std::set<std::int64_t> everyVictim;
    std::optional<double> waitedMs; ///< longest single wait
    double waitedTotalMs = 0; ///< victims x time to the next sample
    BlockingEdge longest; ///< of the waits for the root itself
    Nanos backendStart = kUnknownNanos;
    SessionRow root; ///< at worstAt; ts 0 = not in the data
};

/// What the samples of sessions say of the processes that wait or are waited for: leaders of parallel
/// workers, starts of backends.
class LockSessions
{
public:
    void add(SessionRow row) { m_rows[row.pid].push_back(std::move(row)); }
    /// The row of a process that was true then: at the time or at most a keyframe before. A row up to one
    /// second later counts too (sessions and locks are read one after the other). nullptr = unknown.
    const SessionRow *at(std::int64_t pid, Nanos ts) const;

private:
    std::map<std::int64_t, std::vector<SessionRow>> m_rows; ///< in order of time
};

/// Episodes of one server. samples: ascending; sampleTimes: when its sessions were sampled (where nobody
/// waited there is no sample of locks). A root is the same one while its process number and start of backend
/// are, with no sample between in which it held up nobody, and no gap beyond three steps. Parallel workers
/// stand for their leader. waitTimes, ascending: of sampleTimes those that show somebody who waits though
/// locks were not asked for; they bridge a gap. Before rolledUntil the worst and the last sample of each
/// minute are left: a step is a minute there.
std::vector<LockEpisode> lockEpisodes(const std::vector<LockSample> &samples,
    const std::vector<Nanos> &sampleTimes, const LockSessions &sessions, Nanos rolledUntil = kUnknownNanos,
    const std::vector<Nanos> &waitTimes = {});

/// Replaces each parallel worker by its leader; waits for itself go.
void mapToLeaders(LockSample &sample, const LockSessions &sessions);

/// Reads what lockEpisodes() needs of one server: waits seen in samples, not those of logs.
Result<std::vector<LockEpisode>> readLockEpisodes(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress);

/// Analysis lock_root.
Result<WriteRows> computeLockRoots(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
