// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commands/planrows.h"

#include <string>
#include <vector>

namespace tailscope::app {

/// Two plans of one statement, node by node. Nodes are matched by what they do (type, relation, condition) in
/// order, then by relation alone; the rest stands alone on its side.
struct PlanComparison
{
    struct Pair
    {
        const PlanRows::Node *before = nullptr, *after = nullptr; ///< one may be absent
    };
    const PlanRows *before = nullptr, *after = nullptr;
    std::vector<Pair> pairs;
    double timeFactor = 0, buffersFactor = 0,
           costFactor = 0; ///< before / after of the whole plan; NaN = unknown
};
PlanComparison comparePlans(const PlanRows &before, const PlanRows &after);
std::string toText(const PlanComparison &comparison);
std::string toJson(const PlanComparison &comparison);

} // namespace tailscope::app
