// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/servicelevel.h"
#include "analysis/spancolumns.h"
#include "base/progress.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Where requests were counted. An access log at the edge sees more failures than the application.
enum class SloOrigin { AccessLog, Trace, Counters, LoadTest };
inline constexpr std::array<SloOrigin, 4> kSloOrigins{SloOrigin::AccessLog, SloOrigin::Trace,
    SloOrigin::Counters, SloOrigin::LoadTest};
/// "access_log", "trace", "counters", "load_test": as in slo_level.origin.
std::string_view originId(SloOrigin origin);

/// What is promised, of which requests.
struct SloDefinition
{
    Quantile objective{999, 1000};
    SliRule rule;
    int windowDays = 30;
    std::string scope; ///< filter language (spanfilter.h); empty = requests as they enter
    std::optional<SloOrigin> origin; ///< nullopt = the first that has requests, in the order above
    bool isStated = false; ///< by the user or a file; else the default
    /// "objective=999/1000\nlimit_ns=...\n": one key a line.
    std::string toText() const;
    /// What cannot be read keeps its default.
    static SloDefinition fromText(std::string_view text);
};

/// What a day, an operation, a window had.
struct SloRow
{
    std::string name;
    Nanos start = 0; ///< of days
    SliCounts counts;
};

/// Requests of one origin, judged.
struct SloResult
{
    SloOrigin origin = SloOrigin::Trace;
    TimeRange range; ///< first to last request that counts
    Nanos binNs = 60 * kNanosPerSecond;
    std::vector<SloBin> bins; ///< ascending, only those with requests
    SliCounts total; ///< of the last windowDays
    std::vector<SloRow> days; ///< UTC; by time
    std::vector<SloRow> operations; ///< most failures first, at most kMaxOperations
    std::vector<FailureCause> causes; ///< by category, most first
    std::vector<FailureCause>
        details; ///< by category, operation and status, most first, at most kMaxOperations
    std::array<PercentileFigure, 4>
        figures; ///< P50 P95 P99 P99.9 of the valid requests; unknown: no durations
    std::int64_t timed = 0; ///< valid requests with a duration
    std::int64_t overFigure[4] = {}; ///< of them, longer than the figure
    bool isWeighted = false; ///< counts are estimates from a sample
    bool hasDurations = true; ///< false: counters, the limit cannot be applied
    bool isAbsolute = true; ///< false: the clock is relative, days are not calendar days

    static constexpr std::size_t kMaxOperations = 200;
    /// Requests a second over the range; 0 when it has no length.
    double perSecond() const;
};

/// What kind each source is ("trace", "access_log", "load_test", ...), by id.
using SourceKinds = std::map<std::int64_t, std::string>;

/// Requests of the origin within the selection's range: without a scope the spans without parent that answer
/// somebody (server spans, or any with an HTTP status), with one every span that passes (selection.filter)
/// while its parent does not. O(spans).
SloResult sloOfSpans(const SpanColumns &columns, const SpanSelection &selection, const SourceKinds &kinds,
    SloOrigin origin, const SloDefinition &definition, const CancelToken &cancel = {});
/// Origins that have such requests.
std::vector<SloOrigin> originsOfSpans(const SpanColumns &columns, const SourceKinds &kinds);

/// One counter of requests of one status.
struct RequestCounter
{
    std::string service, operation, reason;
    std::uint16_t status = 0; ///< 200, 503; of a class ("5xx") its first
    bool isDelta = false; ///< values are increases; else totals since a start
    std::vector<TimedValue> points = {}; ///< ascending
};
/// The same from counters by status code. An increase is spread evenly over the time in which it happened; a
/// counter that falls began anew.
SloResult sloOfCounters(const std::vector<RequestCounter> &counters, const std::optional<TimeRange> &range,
    const SloDefinition &definition, const CancelToken &cancel = {});

} // namespace tailscope::analysis
