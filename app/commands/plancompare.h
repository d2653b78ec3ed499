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
    std::vector<Pair> pairs; ///< of nodes
    double timeFactor = 0, buffersFactor = 0,
           costFactor = 0; ///< before / after of the whole plan; NaN = unknown
};
PlanComparison comparePlans(const PlanRows &before, const PlanRows &after);

/// Plans of two files: those of the same query belong together. Where no query is known to both, the first
/// plan of each file is compared, and what is not compared is said.
struct PlanFilesComparison
{
    struct Match
    {
        std::size_t before = 0, after = 0; ///< indexes into the plans of the files
        PlanComparison comparison;
    };
    std::size_t beforePlans = 0, afterPlans = 0;
    bool byQuery = false; ///< false: the first of each
    std::vector<Match> matches; ///< never empty
    std::vector<std::size_t> onlyBefore, onlyAfter; ///< without partner
};
/// Both lists hold at least one plan and outlive the result.
PlanFilesComparison comparePlanFiles(const std::vector<PlanRows> &before, const std::vector<PlanRows> &after);
std::string toText(const PlanFilesComparison &files);
/// The figures of the first match at the top, all matches in "comparisons"; plans are numbered from 1.
std::string toJson(const PlanFilesComparison &files);

} // namespace tailscope::app
