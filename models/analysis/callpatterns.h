// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/callgroups.h"
#include "analysis/traceanalyses.h"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace tailscope::analysis {

/// How much of a workspace is looked at and kept.
struct CallPatternLimits
{
    std::size_t calls = 300'000; ///< more calls: every k-th trace of each endpoint, the first 20 in any case
    std::size_t textsPerTrace = 5'000; ///< later calls of a trace are known by their names only
    std::size_t groupsPerTrace = 20, groups = 50'000, retryTrees = 10'000, patterns = 2'000;
};

/// A group as table call_group holds it.
struct StoredGroup
{
    CallGroup::Kind kind = CallGroup::Kind::Sequential;
    std::uint32_t trace = 0, parentRow = 0, firstRow = 0;
    std::uint32_t n = 0, maxParallel = 0;
    Nanos total = 0, saving = 0, longest = 0, lead = kUnknownNanos, start = 0, end = 0;
    Nanos traceDuration = kUnknownNanos;
    std::string operation, fingerprint, detail;
};

/// Table call_pattern: groups of one kind at one place, over all examined traces.
struct CallPattern
{
    CallGroup::Kind kind = CallGroup::Kind::Sequential;
    std::string endpointService, endpointOperation, service, parentOperation, operation, fingerprint, detail;
    std::int64_t groups = 0, traces = 0, examined = 0, failed = 0, doneTwice = 0;
    bool isWrite = false;
    std::int64_t nP50 = 0, nMax = 0;
    Nanos total = 0, saving = 0, longest = 0, lead = kUnknownNanos, traceDuration = kUnknownNanos; ///< P50
    double slope = 0, slopeR2 = 0; ///< NaN = unknown
    Nanos start = 0, end = 0;
    std::uint32_t exampleTrace = 0, exampleParentRow = 0;
};

struct StoredRetryTree
{
    std::uint32_t trace = 0, leafRow = 0;
    RetryTree tree;
    Nanos start = 0;
    double requestsPerMinute = 0; ///< of its endpoint; NaN = unknown
};

/// Requests a minute of each endpoint (service and operation of the root) over all traces, by their weights:
/// a NaN where there are fewer than two. Key: track's service name and operation index.
std::map<std::pair<std::string, std::uint32_t>, double> requestRates(const SpanColumns &columns,
    const TraceRows &rows);

/// Table fan_out_tail (FT-07).
struct FanOutTail
{
    std::string service, parentOperation, worstOperation;
    std::int64_t groups = 0, calls = 0, nP50 = 0, callees = 0;
    Nanos threshold = 0;
    double callShare = 0, groupShare = 0, predicted = 0, worstShare = 0;
    std::uint32_t exampleTrace = 0;
};

struct CallFindings
{
    std::vector<StoredGroup> groups; ///< by saving
    std::vector<CallPattern> patterns; ///< by saving over all groups
    std::vector<StoredRetryTree> retryTrees; ///< by attempts
    std::vector<FanOutTail> fanOutTails; ///< by group share
    std::int64_t examined = 0; ///< traces
};

/// Examines traces one after another and adds up. `reader` null: without texts. One thread.
Result<CallFindings> findCalls(const SpanColumns &columns, const TraceRows &rows, store::Database *reader,
    const CancelToken &cancel, const CallPatternLimits &limits = {}, const CallGroupOptions &options = {});

/// The stored form: tables call_group, call_pattern, retry_tree, fan_out_tail.
Result<WriteRows> computeCallGroups(const TraceInput &input);

/// Which traces to examine so that about `calls` spans of kind client or server are looked at: all, or the
/// first 20 and then every k-th of each endpoint (root service and operation). Indices, ascending.
std::vector<std::uint32_t> sampledTraces(const SpanColumns &columns, const TraceRows &rows,
    std::size_t calls);

/// True for operations that change data when they are done twice: POST, INSERT, "charge", "payment", ...
bool changesData(std::string_view operation);

} // namespace tailscope::analysis
