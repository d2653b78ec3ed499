// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/plandata.h"

#include <optional>
#include <vector>

namespace tailscope::report {

/// Nodes of two plans that do the same work. Indexes into the nodes; -1 = none on that side.
struct NodePair {
    enum class Kind { Same, Changed, Added, Removed };
    int before = -1, after = -1;
    Kind kind = Kind::Same; ///< Changed: another node type or index for the same work
};

struct PlanComparison {
    std::vector<NodePair> pairs; ///< in the order of the second plan, removed nodes behind them
    /// First divided by second, for the whole plans; absent when a figure is unknown or the second is 0.
    std::optional<double> timeFactor, blocksFactor, costFactor;
};

/// Pairs nodes by the table they read and its alias, then by the tables below them (joins, sorts, aggregates), then by
/// type and place below a paired parent. Linear in the number of nodes but for equal keys.
PlanComparison comparePlans(const PlanData &before, const PlanData &after);

/// a / b; absent when either is unknown or b is 0.
std::optional<double> ratio(const std::optional<double> &a, const std::optional<double> &b);

} // namespace tailscope::report
