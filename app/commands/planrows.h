// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plantree.h"
#include "base/result.h"

#include <QString>

#include <limits>
#include <string>
#include <vector>

namespace tailscope::app {

/// A plan as `explain` prints it, read back from the public schema: the tree, what stands beside it,
/// findings. NaN = unknown.
struct PlanRows
{
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    struct Finding
    {
        std::string ruleId, severity, title, summary, advice;
        int node = -1; ///< number of the node; -1 = the whole plan
    };
    struct Trigger
    {
        std::string name, relation;
        double ms = kUnknown, calls = kUnknown;
    };
    analysis::PlanTree tree;
    double notAttributableMs = kUnknown; ///< children's time beyond their parents'; NaN = none
    double jitMs = kUnknown; ///< inside the times of the nodes
    double serializationMs = kUnknown;
    std::vector<Trigger> triggers;
    std::vector<Finding> findings;

    double triggerMs() const; ///< of all; NaN without triggers or times
    /// Execution time that neither the tree nor serialization accounts for: triggers that run after the
    /// statement, start-up and shutdown. NaN = there is no execution time.
    double besideMs() const;
    /// The part of besideMs() that triggers leave. When they took longer, some ran inside the nodes: unknown.
    double startupShutdownMs() const;
    /// Rounding may make the node's self time wrong by more than 1 % of the execution.
    bool isDoubtful(const analysis::PlanTree::Node &node) const;
};

/// Reads the plans of a file ("-" = standard input) through a temporary workspace, with times and findings.
Result<std::vector<PlanRows>> readPlanFile(const QString &path);

} // namespace tailscope::app
