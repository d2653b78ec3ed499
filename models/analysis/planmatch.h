// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfeatures.h"
#include "analysis/plantree.h"

#include <vector>

namespace tailscope::analysis {

/// Which nodes of two plans do the same job.
struct PlanMatching
{
    std::vector<int> partnerOfA, partnerOfB; ///< index into the other plan's nodes; -1 = none
    bool isRelated = false; ///< at least one pair reads the same thing, or neither plan reads anything
};

/// Pairs nodes by meaning first (what they read, by which conditions, in which subquery; joins and everything
/// above by the set of relations below them), then by structure, and only what is left by position below a
/// pair. One to one; matching B with A gives the same pairs. n log n; any thread.
PlanMatching matchPlans(const PlanTree &a, const PlanFeatures &featuresA, const PlanTree &b,
    const PlanFeatures &featuresB);

} // namespace tailscope::analysis
