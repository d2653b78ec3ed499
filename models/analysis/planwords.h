// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// What a condition, as EXPLAIN prints it, consists of. Works on any text; never fails.
struct ConditionWords
{
    /// Names of columns without the table before them, sorted, each once. Functions, types and key words are
    /// none.
    std::vector<std::string> columns;
    /// All words and operators without constants, brackets and order: equal for "(a = 1) AND (b = 2)" and
    /// "(b = 7) AND (a = 9)", and for both ways round of "a.x = b.y".
    std::string meaning;
    std::string literals; ///< the constants alone, in order
};
ConditionWords conditionWords(std::string_view condition);

/// "SubPlan 2", "InitPlan 1 (returns $0)", "CTE x": without the numbers that a new plan gives anew.
std::string subplanKind(std::string_view subplanName);

} // namespace tailscope::analysis
