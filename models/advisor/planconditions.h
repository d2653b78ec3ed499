// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// One comparison found in a condition of a plan node.
struct PlanCondition
{
    std::string column; ///< as in the catalogue, without quotes
    std::string op; ///< "=", "<", "= ANY", "~~", "IS NULL", "IS TRUE", ... with the column on the left
    std::string wrappedIn; ///< "lower", "::date", "+"...: what stands round the column; empty = nothing
    std::string literal; ///< text of the other side when it is a constant or a parameter
    bool conjunct = true; ///< false: below OR or NOT, so that it alone does not select
};

/// Expressions longer than this are left alone: PostgreSQL's grammar recurses on them.
inline constexpr std::size_t kMaxConditionBytes = 8 * 1024;

/// The comparisons of a condition as EXPLAIN prints it, in its order, by PostgreSQL's own grammar. Columns of
/// other tables (qualified by another name than `alias` or `relation`) are left out. Empty when it cannot be
/// parsed.
std::vector<PlanCondition> parsePlanCondition(std::string_view expression, std::string_view alias,
    std::string_view relation);

/// A text of EXPLAIN as PostgreSQL's grammar takes it: "(SubPlan 1)" and the like become calls.
std::string parsableCondition(std::string_view expression);

/// Fills plan_condition for the plans that have none yet. place: index_cond, recheck_cond, hash_cond,
/// merge_cond, tid_cond, condition, filter, join_filter; with ".or" behind it for what is no conjunct.
/// Returns the rows written. Cheap when nothing changed since the last call.
Result<std::int64_t> derivePlanConditions(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::advisor
