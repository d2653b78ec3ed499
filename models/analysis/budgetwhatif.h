// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetmath.h"
#include "analysis/budgetmeasure.h"
#include "analysis/budgetreport.h"

#include <memory>
#include <span>

namespace tailscope::analysis {

/// One change to a component as a whole, or to what no component accounts for.
struct BudgetEdit
{
    enum class Kind : std::uint8_t {
        Parallel, ///< its spans begin together with the first of their siblings that are changed so
        Cap, ///< each of its spans takes at most `ms`: an index, a time-out, a faster query
        Cache, ///< the first `count` of its spans in a request take `ms` each
        Remove, ///< its spans take no time
        Async, ///< nobody waits for it
        RemoveUnaccounted, ///< time in which no component runs is left out
        Add, ///< `ms` more, one after the other with the rest
    };
    Kind kind = Kind::Cap;
    int component = -1; ///< index; -1 for RemoveUnaccounted and Add
    double ms = 0; ///< >= 0
    int count = 0; ///< of Cache; 0 = all
    friend bool operator==(const BudgetEdit &, const BudgetEdit &) = default;
};

/// What the requests would take with all edits together, run again with their dependencies kept, never by
/// adding gains (formulas.md FB-07).
struct BudgetWhatIf
{
    BudgetFigure before, after;
    std::int64_t changed = 0, faster = 0; ///< requests
    bool weighted = false;
};
std::shared_ptr<const BudgetWhatIf> budgetWhatIf(const SpanColumns &columns, const TraceRows &rows,
    std::span<const std::uint32_t> traces, const Budget &budget, const BudgetSpans &spans,
    std::span<const BudgetEdit> edits, const CancelToken &cancel);

/// The sums of the plan with the edits: what is cut is cut to `ms`, what is removed or not waited for counts
/// nothing, what is added counts. Parallel and RemoveUnaccounted change nothing in a plan.
BudgetSums plannedSums(const Budget &budget, std::span<const BudgetEdit> edits);

/// Changes worth looking at, cheapest first: side by side what has several spans in a request, down to its
/// floor what is over its budget, the unaccounted time found (from 20 % or 50 ms on, formulas.md FB-06), off
/// the path what somebody else takes long for. Nothing while the total is inside its target.
std::vector<BudgetEdit> suggestedEdits(const BudgetReport &report);

} // namespace tailscope::analysis
