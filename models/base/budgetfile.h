// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/budget.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace tailscope {

/// Reads a budget file: a table [budget] and a list of tables [[component]] (see resources/budgets). A key
/// that is unknown, of the wrong type or out of its range is an error with its line. Any thread.
Result<Budget> parseBudget(std::string_view toml, const std::string &file);

/// The first thing that is wrong with a budget, in words; empty = nothing. parseBudget() and the editor ask
/// it.
std::string budgetProblem(const Budget &budget);

/// The same budget as a file; parseBudget() reads it back unchanged.
std::string budgetToml(const Budget &budget);

/// True for text that has a table [budget] on a line of its own; may end anywhere.
bool looksLikeBudget(std::string_view prefix);

} // namespace tailscope
