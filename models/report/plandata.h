// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/rules.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::report {

/// A node of a plan with everything `explain` prints. Absent = the plan does not say. Rows are totals over loops.
struct PlanNodeData {
    std::int64_t id = 0; ///< plan_node.id
    std::optional<std::int64_t> parentId;
    int parent = -1; ///< index in PlanData::nodes
    int depth = 0;
    std::string nodeType, parentRelationship, subplanName, joinType, relation, schema, alias, indexName, condition,
        filter;
    std::optional<double> planRows, actualRows, loops, startupCost, totalCost, totalMs, wallMs, selfMs, doubtMs,
        removedByFilter, removedByJoinFilter, removedByRecheck, ioReadMs, ioWriteMs;
    std::optional<std::int64_t> sharedHit, sharedRead, selfSharedHit, selfSharedRead, tempRead, tempWritten, sortKb,
        sortDisk, hashBatches, heapFetches, exactBlocks, lossyBlocks, workersPlanned, workersLaunched, sourceLine;

    bool neverExecuted() const { return loops && *loops == 0; }
    /// Shared blocks touched, with children; absent when neither figure is stated.
    std::optional<std::int64_t> blocks() const;
    /// "Index Scan using i on orders o", as EXPLAIN prints a node.
    std::string title() const;
};

struct FindingData {
    std::int64_t id = 0;
    std::string ruleId, severity, subjectKind, subjectId, title, summary, advice, evidence, state;
    std::optional<std::int64_t> causeId, planId, nodeId, startNs, endNs;
    std::optional<double> gainMs, doubt;
};

struct PlanData {
    std::int64_t id = 0;
    std::string source, queryText, engine, serverVersion, format;
    std::optional<double> planningMs, executionMs;
    std::vector<PlanNodeData> nodes; ///< pre-order
    std::vector<FindingData> findings; ///< about the plan and its nodes

    /// Execution time; for plans without one, the wall time of the root.
    std::optional<double> referenceMs() const;
};

/// All plans of a workspace by id, with their findings. `rules` give the advice texts.
Result<std::vector<PlanData>> readPlans(const store::Workspace &workspace, const std::vector<advisor::Rule> &rules);

/// All findings by id; advice filled from `rules`; nodeId and planId set for findings about plans.
Result<std::vector<FindingData>> readFindings(const store::Workspace &workspace,
                                              const std::vector<advisor::Rule> &rules);

/// "2,000 ms" figures as explain prints them: humanMillis, "unknown" when absent.
std::string millisText(const std::optional<double> &ms);
/// Whole and fractional rows: "4,793", "0.33", "unknown".
std::string rowsText(const std::optional<double> &rows);
/// "12.3 %" of a whole; empty when either is unknown.
std::string shareText(const std::optional<double> &part, const std::optional<double> &whole);

} // namespace tailscope::report
