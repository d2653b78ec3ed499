// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfacts.h"

namespace tailscope::analysis {

/// Nodes of a plan added up. Absent = no node tells it.
struct PlanSum
{
    std::string key; ///< table (with its schema), index or node type
    std::vector<int> nodes; ///< indexes, ascending
    std::optional<double> selfMs, rows, ioReadMs; ///< I/O is summed over processes
    std::optional<std::int64_t> selfHit, selfRead; ///< blocks
};

enum class PlanSumBy { Table, Index, NodeType };

/// Sums by table, index or node type, the largest self time first (then by name). Nodes without one are left
/// out.
std::vector<PlanSum> planSums(const PlanFacts &facts, PlanSumBy by);

/// One process of a parallel node; times and rows are totals over its loops.
struct PlanProcess
{
    int worker = -1; ///< -1 = leader
    std::optional<double> totalMs, rows, loops;
};

/// A node that tells its processes apart. The leader is what is left of the sum that EXPLAIN prints.
struct PlanProcesses
{
    int node = 0;
    std::vector<PlanProcess> processes; ///< leader first, when it took part
    std::optional<double> skew; ///< slowest over mean, by time; absent without times
    int critical = -1; ///< index of the slowest process; -1 without times
};

/// All nodes with figures of single processes, in the plan's order.
std::vector<PlanProcesses> planProcesses(const PlanFacts &facts);

} // namespace tailscope::analysis
