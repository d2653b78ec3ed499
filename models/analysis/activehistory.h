// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/sessionsamples.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// What average active sessions are split by.
enum class ActivityGroup { WaitType, WaitEvent, Statement, Application, User, Database };

struct ActivityRequest
{
    TimeRange range;
    ActivityGroup group = ActivityGroup::WaitType;
    /// pg_wait_sampling's counts (table wait_sample) instead of the samples of sessions: finer, but it names
    /// neither application, user nor database, and idle waits for a client cannot be told from others.
    bool fromWaitSampling = false;
    bool withBackground = false; ///< the server's own processes too
    std::string waitType, waitEvent; ///< only this wait; empty = all; type "CPU" = not waiting
    std::int64_t source = 0; ///< only servers of this one; 0 = all
    int mostBins = 300;
};

/// One part of the load.
struct ActivityPart
{
    std::string key; ///< "IO", "IO: DataFileRead", an application; "CPU" = at work; empty = unknown
    std::int64_t statementId = 0; ///< Statement only; 0 = not known
    double samples = 0; ///< sessions seen, each in each sample
    std::int64_t sessions = 0; ///< distinct ones; 0 = not known (wait sampling)
    double average = 0; ///< active sessions, over the whole range
    std::vector<double> bins; ///< the same by bin; NaN = no sample there
    /// How far the share may be off by chance: 1 / sqrt(samples), relative.
    double relativeBound() const;
};
/// Average active sessions (ASH): sessions seen active / samples, of each server by itself, then added. A bin
/// in which a server was not sampled is a gap for it.
struct ActivityHistory
{
    TimeRange range;
    Nanos binNs = 0;
    std::size_t bins = 0;
    std::vector<ActivityPart> parts; ///< largest first
    std::int64_t sampleCount = 0; ///< of all servers
    Nanos stepNs = 0; ///< usual distance of two
    double sampled = 0; ///< sessions seen active in all of them
    double average = 0; ///< of all parts, and of what is in none of them
    double leftOut = 0; ///< that many active sessions on average: parts beyond the first 5,000
    bool hasWaitSampling = false, hasSessions = false; ///< in the workspace, at any time
};

/// Round length of a bin (1, 2, 5, 10, 15, 30 s, 1 min ...) so that at most `most` cover the range, none
/// shorter than a step.
Nanos activityBin(Nanos length, Nanos step, int most);

/// Reads and adds up. Where old samples of a recording were rolled up it reads the minutes: they do not tell
/// single sessions.
Result<ActivityHistory> readActivity(store::Database &reader, const ActivityRequest &request,
    const Progress &progress);

} // namespace tailscope::analysis
