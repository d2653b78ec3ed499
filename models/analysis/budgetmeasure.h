// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetmatch.h"
#include "analysis/quantiles.h"
#include "analysis/spanclass.h"
#include "analysis/tracerows.h"
#include "analysis/tracespans.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Nearest-rank percentiles of n times; kUnknownNanos without any. `value` is the budget's own percentile.
struct BudgetFigure
{
    std::int64_t n = 0;
    Nanos p50 = kUnknownNanos, p95 = kUnknownNanos, p99 = kUnknownNanos, value = kUnknownNanos;
    bool isKnown() const { return p50 != kUnknownNanos; }
};

/// Time of one component over the requests of a budget.
struct MeasuredPart
{
    BudgetFigure time; ///< per request in which it occurs: its spans united, cut to the request
    BudgetFigure path; ///< of that time what lies on the critical path
    std::int64_t spans = 0; ///< that belong to it, within requests
    std::int64_t offPath = 0; ///< requests in which none of its time is on the critical path
    std::int64_t overTimeout = 0; ///< requests in which one of its spans took longer than the limit
    double share = 0; ///< of the time of all requests
    bool onlyAsync = false; ///< nobody waits for any of its spans
    bool hasCalls = false; ///< some span is a call to somebody else
    std::set<std::pair<std::string, std::string>> edges; ///< (caller, callee) services, at most 64
    std::uint32_t example = kNoRow; ///< index of the trace in which it takes longest
};

/// What the requests of a budget took.
struct MeasuredBudget
{
    std::int64_t requests = 0, errors = 0; ///< with a known duration; of them failed
    double errorRate = 0; ///< weighted where traces are
    bool weighted = false;
    BudgetFigure total;
    std::vector<MeasuredPart> parts; ///< by component
    MeasuredPart unaccounted; ///< time of the request in which no component runs (formulas.md FB-06)
    std::vector<std::uint32_t> traces; ///< numbers of the measured ones (allRequests()), ascending
    std::uint32_t slowest = kNoRow; ///< index of the slowest
};

/// Numbers of everything that may hold a request: the indices of the traces, then, from rows.traces() on, the
/// loose requests of BudgetSpans.
std::vector<std::uint32_t> allRequests(const TraceRows &rows, const BudgetSpans &spans);

/// One request after another: its subtree from the request's span on, with corrected clocks. Keeps
/// its memory; one object a thread. What it is built from must outlive it.
class BudgetRequests
{
public:
    BudgetRequests(const SpanColumns &columns, const TraceRows &rows, const BudgetSpans &spans)
        : m_columns(columns)
        , m_rows(rows)
        , m_spans(spans)
    {}
    /// False when there is no request of known duration. trace.root is the request afterwards.
    bool load(std::uint32_t number);

    TraceSpans trace;

private:
    const SpanColumns &m_columns;
    const TraceRows &m_rows;
    const BudgetSpans &m_spans;
};

/// Measures the given requests (allRequests()); of a trace the first span that is one. timeouts: by
/// component, in ms. Two threads; null when cancelled.
std::shared_ptr<const MeasuredBudget> measureBudget(const SpanColumns &columns, const TraceRows &rows,
    const SpanClasses &classes, std::span<const std::uint32_t> traces, const Budget &budget,
    const BudgetSpans &spans, const std::vector<std::optional<double>> &timeouts, const CancelToken &cancel);

} // namespace tailscope::analysis
