// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plandiff.h"
#include "app/commands/planrows.h"

#include <string>
#include <vector>

namespace tailscope::app {

/// Plans of two files: those of the same query belong together. Where no query is known to both, the first
/// plan of each file is compared, and what is not compared is said.
struct PlanFilesComparison
{
    struct Match
    {
        std::size_t before = 0, after = 0; ///< indexes into the plans of the files
        analysis::PlanDiff diff;
    };
    const std::vector<PlanRows> *beforePlans = nullptr, *afterPlans = nullptr;
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
