// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/cohort.h"
#include "analysis/histogram.h"
#include "analysis/quantiles.h"
#include "live/remote/pushdownsql.h"
#include "live/resultset.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the answers of shards add up to. Pure: tested without a server.
namespace tailscope::live {

/// A percentile that is known to lie in one bucket, or exactly.
struct RemotePercentile
{
    analysis::Quantile q;
    std::int64_t rank = 0; ///< nearest rank among all durations
    Nanos low = kUnknownNanos, high = kUnknownNanos; ///< the value is in [low, high): at most 1.6 % wide
    std::optional<Nanos> exact; ///< after the second query, or where the bucket holds one value only
    bool tooFewSamples = false;
};
inline constexpr std::array<analysis::Quantile, 5> kRemoteQuantiles{analysis::kP50, analysis::kP90,
    analysis::kP95, analysis::kP99, analysis::kP999};

/// Durations of a selection, summed over the shards.
struct RemoteHistogram
{
    std::int64_t unknown = 0; ///< spans without duration or with a negative one: in no bucket
    std::int64_t errors = 0; ///< of all spans
    std::size_t shards = 0; ///< different shard keys that answered; 0 = there is no shard key
    analysis::LogLinearHistogram buckets;
    std::array<RemotePercentile, 5> percentiles; ///< of kRemoteQuantiles; rank 0: no samples
    std::int64_t count() const { return buckets.total(); }
};
/// The end of a range for people: one past the newest span is told as that span.
inline Nanos shownEnd(const TimeRange &range)
{
    return range.end % kNanosPerMicro == 1 ? range.end - 1 : range.end;
}

/// Percentile bounds of a histogram; rank 0 where it is empty.
RemotePercentile percentileBounds(const analysis::LogLinearHistogram &buckets, analysis::Quantile q);
/// Rows of PushdownSql::histogram(). Error: a bucket or count that cannot be, or more rows than `limit` - 1.
Result<RemoteHistogram> foldHistogram(const ResultSet &rows, const RemoteTable &table, std::size_t limit);

/// One value of what was grouped by.
struct RemoteGroup
{
    std::optional<std::string> raw; ///< as the server writes it; nullopt: spans without a value
    std::string name; ///< to be shown
    std::int64_t count = 0, errors = 0, unknown = 0; ///< unknown: of count
    double totalNs = 0; ///< of those with a duration
    Nanos least = kUnknownNanos, greatest = kUnknownNanos;
    std::array<RemotePercentile, 5> percentiles;
};
struct RemoteGroups
{
    std::vector<RemoteGroup> groups; ///< most time first
    std::size_t others = 0; ///< groups that are not listed
    std::int64_t otherSpans = 0;
};
/// Rows of PushdownSql::groups(); the `most` groups with the most time are kept.
Result<RemoteGroups> foldGroups(const ResultSet &rows, const RemoteTable &table, const RemoteKey &key,
    std::size_t most, std::size_t limit);
/// Rows of PushdownSql::groupHistograms() become percentiles of those groups.
Result<void> foldGroupHistograms(const ResultSet &rows, RemoteGroups &groups, std::size_t limit);

/// Slow spans against the rest by one key.
struct RemoteTraits
{
    std::vector<analysis::CohortDifference> values; ///< kind Trait; n, lift, p are set, adjustedP is not yet
    std::int64_t slow = 0, all = 0;
    bool tooMany = false; ///< more values than are compared
};
Result<RemoteTraits> foldCohort(const ResultSet &rows, const RemoteTable &table, const RemoteKey &key,
    std::size_t limit);

/// All keys together: corrects the chance for what was tested, best first (the definitions of
/// analysis/cohort.h).
struct RemoteCohort
{
    std::vector<analysis::CohortDifference> differences;
    std::int64_t slow = 0, all = 0, tested = 0;
    Nanos slowFrom = kUnknownNanos;
    bool tooFew = false; ///< fewer than analysis::kMinSlowRequests
    std::vector<std::string> leftOut; ///< keys with too many values
};
RemoteCohort rankTraits(std::vector<std::pair<RemoteKey, RemoteTraits>> traits, Nanos slowFrom);

/// Counts by time and duration.
struct RemoteHeat
{
    TimeRange range;
    int bins = 0;
    struct Bin
    {
        std::int64_t errors = 0;
        analysis::LogLinearHistogram buckets;
    };
    std::vector<Bin> columns;
};
Result<RemoteHeat> foldHeat(const ResultSet &rows, const TimeRange &range, int bins, std::size_t limit);

/// Counts of the parts of one bucket, ascending.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> foldParts(const ResultSet &rows,
    std::size_t limit);

/// A span of the list of the slowest, one a trace.
struct RemoteTrace
{
    std::string trace; ///< as the server writes it
    Nanos startNs = 0, durationNs = 0;
    std::string service, operation;
    bool failed = false;
};
Result<std::vector<RemoteTrace>> foldSlowest(const ResultSet &rows, const RemoteTable &table,
    std::size_t most);

/// Whether a query is computed where the rows lie, by EXPLAIN.
struct PushdownPlan
{
    std::string text; ///< the plan as the server prints it
    int foreignScans = 0, aggregatedScans = 0; ///< over foreign tables; those that send only aggregates
    /// A foreign table sends its rows: over billions that never ends.
    bool sendsRows() const { return foreignScans > aggregatedScans; }
};
/// Reads the text of EXPLAIN (VERBOSE).
PushdownPlan readPushdownPlan(std::string text);

/// "P99 102 ms to 103 ms", "P99 102.4 ms".
std::string percentileText(const RemotePercentile &percentile);

} // namespace tailscope::live
