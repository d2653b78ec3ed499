// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/plandata.h"
#include "report/planmatch.h"

#include <string>
#include <vector>

namespace tailscope::report {

/// `explain` for people: a tree with self time, share, rows and what was thrown away, then the findings.
std::string planText(const std::vector<PlanData> &plans);

/// `explain --format json`: {"plans":[{"node_count","planning_ms","execution_ms","nodes":[...],"findings":[...]}]},
/// with "comparison" behind it when two plans are compared.
std::string planJson(const std::vector<PlanData> &plans, const PlanComparison *comparison = nullptr);

/// `explain --diff` for people.
std::string comparisonText(const PlanData &before, const PlanData &after, const PlanComparison &comparison);

} // namespace tailscope::report
