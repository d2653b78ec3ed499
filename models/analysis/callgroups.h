// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/callnames.h"
#include "analysis/calltexts.h"
#include "analysis/tracespans.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Like calls below one parent. Definitions after Tene, Dean and Barroso, and the habits of ORMs:
/// one question for a list and one for every row of it; the same question again; calls that wait for each
/// other without need; attempts of one call; many short questions to a store of keys; calls side by side.
struct CallGroup
{
    enum class Kind : std::uint8_t { NPlusOne, RepeatedLookup, Sequential, Retry, Chatty, FanOut };
    Kind kind = Kind::Sequential;
    std::uint32_t parent = kNoRow; ///< local span (TraceSpans) that calls
    std::vector<std::uint32_t> calls; ///< local spans by start
    Nanos total = 0; ///< sum of their durations
    /// What the usual remedy saves. N+1 and chatty: all but one average call (the batch); repeated: all but
    /// the longest; sequential: sum - longest, assumes independence; retry: from the first start to the start
    /// of the last attempt; fan-out: 0.
    Nanos saving = 0;
    Nanos longest = 0;
    std::uint32_t maxParallel = 1; ///< calls at the same time
    /// N+1: duration of the call that ended before the first of the group (the list); kUnknownNanos = none.
    Nanos lead = kUnknownNanos;
    std::string fingerprint; ///< of the statement, or "GET /users/{}", or the operation; "" = they differ
    std::string detail; ///< one line of plain English: what marks the group
};

/// The word in call_group.kind.
std::string_view callGroupKind(CallGroup::Kind kind);

/// Limits of the definitions; defaults from the formulas named.
struct CallGroupOptions
{
    std::uint32_t nPlusOneMin = 5; ///< FB-14: executions under one parent
    std::uint32_t repeatedMin = 3; ///< the same question with the same values
    std::uint32_t chattyMin = 3; ///< single-key questions to a cache
    Nanos chattyLongest = 20 * kNanosPerMilli; ///< mean of the group: longer ones are no cache hits
    std::uint32_t fanOutMin = 3; ///< calls at the same time
    std::uint32_t sequentialMin = 2; ///< FB-15
    Nanos gap = 5 * kNanosPerMilli; ///< FB-15: longer pauses tell of work between the calls
    std::uint32_t maxAttempts = 21; ///< FR-01: r <= 20; more are a loop that fails
    std::uint32_t backOffAttempts = 4; ///< attempts that only their growing pauses give away
    Nanos backOffPause = 10 * kNanosPerMilli; ///< shortest first pause of those
    std::uint32_t callsPerParent = 20'000; ///< later calls of one parent are not looked at
};

/// Finds groups; keeps its memory and what it knows of operations between the traces of one SpanColumns.
class CallGrouper
{
public:
    explicit CallGrouper(const SpanColumns &columns, const CallGroupOptions &options = {});

    /// Rows of calls that have siblings: load their texts before find(). Appends, at most `limit`.
    void textCandidates(const TraceSpans &trace, std::vector<std::uint32_t> &rows, std::size_t limit);
    /// All groups, by parent and first call. Texts that are missing make it coarser: then calls are alike by
    /// operation and callee. O(n log n).
    void find(const TraceSpans &trace, const CallTexts &texts, std::vector<CallGroup> &out);

    /// What kind of name a local span has.
    CallName nameOf(const TraceSpans &trace, std::uint32_t i) { return operationOf(trace, i).name; }
    /// A call from one process to another: a client span, a server span without one, a span of another
    /// service than its parent's, a statement.
    bool isCall(const TraceSpans &trace, std::uint32_t i);
    /// Service of a span as an index that is equal for equal names (of tracks).
    std::uint32_t serviceOf(const TraceSpans &trace, std::uint32_t i) const
    {
        return m_serviceOfTrack[m_columns.track[trace.row[i]]];
    }
    const std::string &serviceName(std::uint32_t service) const { return m_services[service]; }

private:
    struct Operation
    {
        CallName name = CallName::Plain;
        bool isKnown = false;
        std::uint32_t key = 0; ///< equal for operations that differ in values of a path
    };
    struct Call
    {
        std::uint32_t local = 0;
        std::uint64_t identity = 0;
        std::uint64_t value = 0; ///< 0 = unknown
        std::uint32_t callee = 0; ///< service or host; 0 = unknown
        std::uint32_t order = 0; ///< position by start
        Nanos start = 0, end = 0;
        bool hasFailed = false, isCache = false, isOrdered = false, isTaken = false;
        Nanos length() const { return saturatingSub(end, start); }
    };

    const Operation &operationOf(const TraceSpans &trace, std::uint32_t i);
    void gather(const TraceSpans &trace, const CallTexts &texts, std::uint32_t parent);
    Call describe(const TraceSpans &trace, const CallTexts &texts, std::uint32_t i);
    std::uint32_t calleeOf(const TraceSpans &trace, std::uint32_t i, const CallText *text,
        const CallTexts &texts);
    std::uint32_t internHost(const std::string &host);
    void families();
    void retries(std::vector<std::uint32_t> &family);
    bool isBackOff(const std::vector<std::uint32_t> &family) const;
    void alike(const std::vector<std::uint32_t> &family);
    void fanOuts();
    void sequentials();
    void emitRun(std::vector<std::uint32_t> &run);
    CallGroup &emit(CallGroup::Kind kind, const std::vector<std::uint32_t> &members);
    std::string fingerprintOf(const Call &call) const;

    const SpanColumns &m_columns;
    CallGroupOptions m_options;
    std::vector<std::string> m_services; // names by index; hosts of calls follow
    std::map<std::string, std::uint32_t> m_serviceIndex;
    std::vector<std::uint32_t> m_serviceOfTrack;
    std::vector<Operation> m_operations;
    std::map<std::string, std::uint32_t> m_templates;

    const TraceSpans *m_trace = nullptr; // during find()
    const CallTexts *m_texts = nullptr;
    std::vector<CallGroup> *m_out = nullptr;
    std::uint32_t m_parent = kNoRow;
    std::vector<Call> m_calls; // of one parent, by start
};

/// The groups of one trace; makes a CallGrouper for it. For many traces keep one of those.
void callGroups(const TraceSpans &trace, const SpanColumns &columns, const CallTexts &texts,
    const CallGroupOptions &options, std::vector<CallGroup> &out);

/// Retries that multiply down the tree (FR-01), from the retry groups of one trace.
struct RetryTree
{
    std::uint32_t levels = 0; ///< retrying hops, nested
    std::uint64_t attempts = 0; ///< members of all retry groups, first attempts too
    std::uint64_t retries = 0; ///< of those, repeats of an attempt
    std::uint64_t leafAttempts = 0; ///< attempts at the deepest hop that retries
    std::uint32_t leafCall = kNoRow; ///< local span of one of them
};
RetryTree retryTree(const TraceSpans &trace, const std::vector<CallGroup> &groups);

} // namespace tailscope::analysis
