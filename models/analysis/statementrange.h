// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What statements did in any range of time, from the counters of pg_stat_statements. No percentiles exist
/// there: mean, standard deviation and maximum are all it keeps.
namespace tailscope::analysis {

/// Counters of one entry at one time, since they began.
struct StatementCounters
{
    Nanos tsNs = 0;
    std::optional<std::int64_t> epoch;
    Nanos sinceNs = kUnknownNanos; ///< stats_since (version 17)
    std::int64_t calls = 0;
    double totalMs = 0;
    std::optional<double> stddevMs, maxMs; ///< of all calls since they began, as the server has them
    std::optional<double> planMs, ioMs; ///< time planning; time reading and writing blocks
    std::optional<std::int64_t> rows, sharedHit, sharedRead, tempBlocks, walBytes, plans;
    std::int64_t server = 0; ///< row of server: epochs of two count apart
};

/// What counters grew by. Sums; figures that one part does not tell are unknown of all.
struct StatementGrowth
{
    std::int64_t calls = 0;
    double totalMs = 0;
    std::optional<double> squaresMs2; ///< sum of the squares of the calls' times, for stddevMs()
    std::optional<double> maxMs; ///< only where it grew: else the slowest call may be of before
    std::optional<double> planMs, ioMs;
    std::optional<std::int64_t> rows, sharedHit, sharedRead, tempBlocks, walBytes, plans;
    int resets = 0; ///< counters began anew
    bool isNew = false; ///< not there when the range began
    bool isGone = false; ///< not there any more when it ended: evicted, or removed by a reset
    bool isPartial = false; ///< seen first in the range, but older: what it did before that is not known

    double meanMs() const { return calls > 0 ? totalMs / double(calls) : 0; }
    /// Of the calls in the range (population). Unknown where the counters' rounding would drown it.
    std::optional<double> stddevMs() const;
    void add(const StatementGrowth &other);
};

/// Growth of one entry's counters between two moments at which its server was sampled. rows: ascending by
/// time; what did not change may be left out. complete: ascending moments at which every entry was stored:
/// one that is missing there is gone. nullopt: it was not there, or nothing was called.
std::optional<StatementGrowth> growthOf(std::span<const StatementCounters> rows, Nanos from, Nanos to,
    std::span<const Nanos> complete);

/// The samples that a range is told by: from the one nearest to its begin to the last one at or before its
/// end. samples: ascending. nullopt: fewer than two.
std::optional<std::pair<Nanos, Nanos>> samplesAround(std::span<const Nanos> samples, const TimeRange &range);

/// A statement in a range, over all its entries (users, databases, servers).
struct StatementInRange
{
    std::int64_t statement = 0; ///< statement.id; 0 = the role may not see its text
    std::string queryId; ///< of one of its entries; empty = unknown
    StatementGrowth growth;
    double callsPerSecond = 0;
    double share = 0, cumulative = 0; ///< of the time of all; the sum down to it
    int entries = 0;
};
/// Which samples the figures of a server rest on.
struct StatementCoverage
{
    std::string server;
    Nanos from = 0, to = 0;
    std::int64_t samples = 0; ///< between them, both counted
};
struct StatementRange
{
    std::vector<StatementInRange> statements; ///< the most time first
    std::vector<StatementCoverage> servers;
    std::vector<std::string> tooFew; ///< servers with a single sample: nothing to compare
    double totalMs = 0;
    std::int64_t calls = 0, resets = 0, fresh = 0, gone = 0;
    /// Entries thrown out to make room (pg_stat_statements_info.dealloc, since version 14); nullopt = not
    /// asked.
    std::optional<std::int64_t> evictions;
};

struct StatementRangeRequest
{
    TimeRange range;
    std::string server; ///< label of one (ServerGroup::label); empty = all of them, added up
    std::int64_t source = 0; ///< only this one; 0 = all
};

/// Reads what a range needs. Memory: the samples of the range and what lies before it.
Result<StatementRange> readStatementRange(store::Database &reader, const StatementRangeRequest &request,
    const Progress &progress);

/// One statement over time: between each two samples of the servers, at most kHistoryPoints steps.
struct StatementHistory
{
    std::vector<Nanos> tsNs; ///< end of the step
    std::vector<double> callsPerSecond;
    std::vector<double> meanMs; ///< NaN where nothing was called
};
inline constexpr int kHistoryPoints = 600;
Result<StatementHistory> readStatementHistory(store::Database &reader, std::int64_t statement,
    const StatementRangeRequest &request, const Progress &progress);

} // namespace tailscope::analysis
