// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// One captured plan of a statement, as its history sees it.
struct PlanCapture
{
    std::int64_t planId = 0, statementId = 0; ///< statementId 0 = unknown
    std::optional<std::int64_t> ts; ///< when it was captured
    double timeMs = 0; ///< NaN = not executed
    std::string shape; ///< planShape()
    bool savedGood = false;
};

/// By time when all of them have one, else in the order in which they were imported.
void sortCaptures(std::vector<PlanCapture> &captures);

/// A time at which the captures of one statement (sorted) began to have another shape. The two sides are the
/// runs of one shape before and after it.
struct PlanChange
{
    std::size_t before = 0, after = 0; ///< last capture of the old run, first of the new one
    std::int64_t n = 0, otherN = 0; ///< captures of either run that were executed
    double medianMs = 0, otherMedianMs = 0; ///< nearest rank; NaN = none was executed
    double factor() const { return otherMedianMs / medianMs; }
};
std::vector<PlanChange> planChanges(const std::vector<PlanCapture> &sorted);

/// Tables plan_shape, plan_change and plan_match: the shape of every plan, the changes of the plan of every
/// statement, and the nodes of pairs of plans: the saved fast plan and the latest one of a statement, or else
/// the plans on both sides of a change (each pair of shapes once). Reads plans by their ids, one at a time.
Result<WriteRows> computePlanShapes(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
