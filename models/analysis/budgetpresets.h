// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/budget.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// A budget that comes with the program (resources/budgets).
struct BudgetPreset
{
    std::string id; ///< "api-200ms": the file without its ending
    Budget budget;
};
/// By id. Empty in a program that was linked without the resources.
const std::vector<BudgetPreset> &budgetPresets();

/// The preset of this id, else the file of this path (UTF-8). The error names both.
Result<Budget> budgetByName(const std::string &nameOrPath);

} // namespace tailscope::analysis
