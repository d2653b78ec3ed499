// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanclass.h"
#include "analysis/tracerows.h"
#include "analysis/tracespans.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// One change to every span of an operation.
struct WhatIfEdit
{
    enum class Kind : std::uint8_t {
        Scale, ///< the span as a whole, with what it calls, takes `factor` of its time
        ScaleGaps, ///< its own time between the calls it waits for takes `factor` of it
        Cap, ///< it ends after `cap` at the latest (a time-out, a faster query)
        Remove, ///< it and what it calls take no time
        Async, ///< its caller goes on at once
        Parallel, ///< it begins together with the first of its siblings that are changed so
    };
    Kind kind = Kind::Scale;
    std::string operation;
    std::optional<std::string> service; ///< nothing = of any service
    double factor = 1; ///< 0 = nothing is left; >= 0
    Nanos cap = 0; ///< ns, >= 0
};

/// Edits looked up for the columns: what applies to a row. Immutable; any thread. The columns must outlive
/// it.
class WhatIfPlan
{
public:
    struct Change
    {
        double factor = 1, gapFactor = 1;
        Nanos cap = kUnknownNanos; ///< kUnknownNanos = none
        bool isAsync = false, isParallel = false;
        bool isNothing() const
        {
            return factor == 1 && gapFactor == 1 && cap == kUnknownNanos && !isAsync && !isParallel;
        }
    };
    WhatIfPlan(const SpanColumns &columns, std::span<const WhatIfEdit> edits);
    /// Changes chosen row by row: changeOfRow has an index into `changes` for every row; changes[0] is none.
    WhatIfPlan(const SpanColumns &columns, std::vector<Change> changes,
        std::vector<std::uint32_t> changeOfRow);
    const Change &of(std::uint32_t row) const;

private:
    const SpanColumns &m_columns;
    std::vector<Change> m_changes; ///< [0] = none
    std::vector<std::uint32_t> m_ofRow; ///< empty: by operation and service
    std::vector<std::uint32_t> m_serviceOfTrack;
    std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> m_ofOperation; ///< (service, change)
};

/// Runs a trace again with its dependencies kept (formulas.md FB-07). A child begins after those siblings
/// that had ended when it began, with the parent's own time between kept; a parent ends its own time after
/// the last of its children. Children nobody waits for (isAsync, unknown duration) hold up nothing. Gains are
/// never added: every combination of edits is its own run. Assumes that calls which ran one after the other
/// depend on each other, unless an edit says otherwise. Without edits the result is what was measured.
///
/// Keeps its memory between traces; one object a thread. O(n log n), no recursion.
class WhatIfScheduler
{
public:
    /// Duration of the root; kUnknownNanos where it is unknown. isChanged: an edit matches one of the spans.
    struct Outcome
    {
        Nanos duration = kUnknownNanos;
        bool isChanged = false;
    };
    Outcome run(const TraceSpans &trace, const WhatIfPlan &plan);

private:
    struct Child
    {
        std::uint32_t span = 0;
        Nanos start = 0, end = 0; ///< measured, clipped to the parent, from its start
        Nanos newEnd = 0;
        bool isParallel = false;
    };
    void schedule(const TraceSpans &trace, const WhatIfPlan &plan, std::uint32_t span);
    Nanos takeCarried(Nanos oldEnd, bool waitsForThem);
    Nanos newLength(const Child &child, Nanos full) const;

    std::vector<std::uint32_t> m_order; // parents before their children
    std::vector<Nanos> m_duration; // of each span, after the edits
    std::vector<Child> m_children;
    std::vector<std::uint32_t> m_byEnd;
    std::vector<std::pair<Nanos, Nanos>> m_carried; // end of a gap, its length
};

/// What a set of traces would be.
struct WhatIfResult
{
    std::int64_t traces = 0; ///< with a known duration of the root
    std::int64_t changed = 0; ///< of them: an edit applies to one of their spans
    std::int64_t faster = 0; ///< of them: ended earlier
    bool weighted = false; ///< percentiles use the weights of the traces
    Nanos p50Before = kUnknownNanos, p99Before = kUnknownNanos;
    Nanos p50After = kUnknownNanos, p99After = kUnknownNanos;
    double meanBefore = 0, meanAfter = 0; ///< ns
};

/// Runs the given traces (indices) again on two threads, with corrected clocks. Null when cancelled. Any
/// thread; 1 million spans take about half a second.
std::shared_ptr<const WhatIfResult> whatIf(const SpanColumns &columns, const TraceRows &rows,
    std::span<const std::uint32_t> traces, std::span<const WhatIfEdit> edits, const CancelToken &cancel);

} // namespace tailscope::analysis
