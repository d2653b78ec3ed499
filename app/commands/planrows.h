// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

#include <string>
#include <vector>

namespace tailscope::app {

/// A plan as `explain` prints it, read back from the public schema. NaN = unknown; rows are totals over loops
/// except planRows, which is per loop.
struct PlanRows
{
    struct Node
    {
        int number = 0, parent = -1, depth = 0;
        std::string nodeType, joinType, relation, alias, indexName, subplan, condition, filter;
        double planRows = 0, actualRows = 0, loops = 0, wallMs = 0, selfMs = 0, doubtMs = 0, startupCost = 0,
               totalCost = 0, sharedHit = 0, sharedRead = 0;
        std::string title() const;
    };
    struct Finding
    {
        std::string ruleId, severity, title, summary, advice;
        int node = -1;
    };
    double planningMs = 0, executionMs = 0;
    double notAttributableMs = 0; ///< children's time beyond their parents'; NaN = none
    std::string query, fingerprint; ///< empty = the plan does not say what it is of
    std::vector<Node> nodes;
    std::vector<Finding> findings;
    double totalMs() const; ///< execution time, or the root's wall time
};

/// Reads the plans of a file ("-" = standard input) through a temporary workspace, with times and findings.
Result<std::vector<PlanRows>> readPlanFile(const QString &path);

} // namespace tailscope::app
