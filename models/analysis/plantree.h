// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// One execution plan in memory: what comparing and explaining it needs. NaN = the plan does not say.
struct PlanTree
{
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    struct Node
    {
        std::int64_t id = 0; ///< plan_node.id
        int number = 0; ///< in its plan, as EXPLAIN prints them
        int parent = -1, depth = 0; ///< parent: index into `nodes`; nodes are in pre-order
        std::string nodeType;
        std::string variant; ///< how it works, beyond the type: "Hashed", "Partial Sorted", "Delete"
        std::string joinType, parentRelationship, subplanName;
        std::string schema, relation, alias, indexName;
        std::string object; ///< what a node without relation reads: name of a CTE, function, tuplestore
        std::string condition, filter, joinFilter;
        std::string keys; ///< what it sorts or groups by, as JSON
        bool parallelAware = false;
        double planRows = kUnknown; ///< per loop
        double startupCost = kUnknown, totalCost = kUnknown;
        double actualRows = kUnknown, removed = kUnknown; ///< over all loops
        double loops = kUnknown, wallMs = kUnknown, selfMs = kUnknown, doubtMs = kUnknown;
        double sharedHit = kUnknown, sharedRead = kUnknown; ///< blocks, with children
        double selfHit = kUnknown, selfRead = kUnknown; ///< blocks, without
        double temp = kUnknown, selfTemp = kUnknown; ///< blocks read and written
        double hashBatches = kUnknown, workersPlanned = kUnknown, workersLaunched = kUnknown;
        bool sortOnDisk = false;

        bool isExecuted() const { return loops > 0; }
        bool isNeverExecuted() const { return loops == 0; }
        double rowsPerLoop() const { return loops > 0 ? actualRows / loops : kUnknown; }
        double blocks() const; ///< hit and read, with children
        double selfBlocks() const;
        bool isSpilled() const { return sortOnDisk || hashBatches > 1 || selfTemp > 0; }
        /// "SubPlan 1: Index Scan using i on orders o": how EXPLAIN prints it.
        std::string title() const;
    };

    std::int64_t id = 0, statementId = 0; ///< 0 = unknown
    std::string engine, serverVersion, query, fingerprint;
    std::optional<std::int64_t> capturedAtNs;
    double planningMs = kUnknown, executionMs = kUnknown;
    bool savedGood = false;
    std::vector<Node> nodes;

    double totalMs() const; ///< execution time (or that of the log line), else the root's wall time
    double totalBlocks() const { return nodes.empty() ? kUnknown : nodes.front().blocks(); }
    double totalCost() const { return nodes.empty() ? kUnknown : nodes.front().totalCost; }
    /// Executed: with ANALYZE. Otherwise everything is an estimate.
    bool hasActuals() const;
    std::vector<std::vector<int>> children() const; ///< of every node, in order
};

/// Reads plans by the public views, one after the other. One thread.
class PlanTreeReader
{
public:
    static Result<PlanTreeReader> open(store::Database &reader);
    /// ErrorCode::NotFound when there is no plan of this id.
    Result<PlanTree> load(std::int64_t planId);

private:
    PlanTreeReader() = default;
    Result<void> readNodes(PlanTree &tree);

    store::Statement m_plan, m_nodes;
};
Result<PlanTree> loadPlanTree(store::Database &reader, std::int64_t planId);

} // namespace tailscope::analysis
