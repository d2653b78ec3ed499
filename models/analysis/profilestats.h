// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "analysis/framecategory.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A row of table function_stat (see migrations/002.sql).
struct FunctionStat
{
    std::string function, module;
    FrameCategory category = FrameCategory::None;
    double self = 0, total = 0;
    std::int64_t samples = 0;
    bool isHotPath = false;
};
/// A row of table stack_category.
struct CategoryStat
{
    FrameCategory category = FrameCategory::None;
    std::string caller; ///< nearest frame above of no category; empty = all callers together
    std::string frame; ///< the category's frame with the most weight
    std::string loop; ///< a frame above that runs something once per element; empty = none
    double weight = 0;
    std::int64_t samples = 0;
};

/// Functions with at least a thousandth of the whole by themselves or in total, at most 5,000, by self.
std::vector<FunctionStat> functionStats(const CallTree &tree);
/// Stacks by what they do: a stack counts once for each category that it has a frame of. Whole categories
/// first, then by caller (the 100 heaviest), by weight.
std::vector<CategoryStat> categoryStats(const CallTree &tree);

/// Rebuilds function_stat and stack_category when the profiles are newer; at most 256 profiles, the largest
/// ones. Called before the rules. Any thread.
Result<void> refreshProfileStats(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
