// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfacts.h"

namespace tailscope::analysis {

/// What a plan's tree does not hold, in milliseconds; absent = the plan does not say (rule 6 of the reference
/// on plans: start-up and shutdown = execution - root - AFTER triggers - serialization).
struct PlanOutside
{
    std::optional<double> planningMs, executionMs, rootMs, startStopMs, serializationMs, jitMs,
        notAttributableMs;
    std::optional<double> triggersAfterMs; ///< outside the tree
    std::optional<double>
        triggersInsideMs; ///< BEFORE triggers: within the self time of the node that changed rows
    /// EXPLAIN does not tell BEFORE from AFTER but for constraints: decided by whether their time fits beside
    /// the tree.
    bool isTriggerPlaceAssumed = false;
    std::optional<double> rootDoubtMs; ///< how wrong rounding may make rootMs
    int neverRunsNode = -1; ///< a node with "One-Time Filter: false"
    bool isWholeNeverRun = false; ///< ... that is the root: nothing of the plan runs
};

/// Pure; works on completed facts.
PlanOutside planOutside(const PlanFacts &facts);

} // namespace tailscope::analysis
