// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Why the rows of a node can or cannot be held against the planner's estimate (rule 9 of the reference on
/// plans).
enum class RowsComparison {
    Comparable,
    NoFigures, ///< made without ANALYZE, or without costs
    NeverExecuted,
    BelowLimit, ///< a Limit above had enough before the node came to its end
    InnerOfSemiJoin, ///< stops at the first match
    StoppedMerge, ///< an input of a Merge Join that was not read to its end
};
/// The reason in words; empty for Comparable.
std::string_view comparisonReason(RowsComparison comparison);

/// One node as stored in plan_node, with what the pages of the plan view need beside it. Absent = the plan
/// does not say. Rows are totals over loops, times in milliseconds, buffers in blocks of 8 KiB.
struct PlanFactsNode
{
    std::int64_t id = 0;
    int parent = -1, depth = 0; ///< parent: index, always before its children
    int sourceLine = 0;
    std::string nodeType, parentRelationship, subplanName, joinType, relation, schema, alias, indexName,
        condition, filter;
    std::optional<double> planRows, actualRows, loops, totalCost, startupMs, totalMs, wallMs, selfMs, doubtMs;
    std::optional<double> removedByFilter, removedByJoinFilter, removedByRecheck, ioReadMs, ioWriteMs;
    std::optional<std::int64_t> planWidth, sharedHit, sharedRead, sharedDirtied, sharedWritten, tempRead,
        tempWritten, selfHit, selfRead, sortKb, sortDisk, hashBatches, heapFetches, exactBlocks, lossyBlocks,
        workersPlanned, workersLaunched;
    // From the node's other properties.
    std::string cteName, joinFilter, oneTimeFilter, strategy, partialMode, operation, functionName;
    std::vector<std::string> sortKeys, groupKeys;
    std::optional<std::int64_t> diskKb; ///< of a hash aggregate that spilled
    std::optional<std::int64_t> aggBatches;
    bool paramsEvaluated = false, singleCopy = false, isCut = false, isParallelAware = false;
    std::vector<std::string> expressions; ///< every text in which an InitPlan may be mentioned
    // Filled by completePlanFacts().
    std::optional<std::int64_t> selfTempRead, selfTempWritten;
    std::optional<double> selfIoReadMs; ///< summed over processes, like the blocks
    RowsComparison comparison = RowsComparison::NoFigures;

    bool isNeverExecuted() const { return loops && *loops == 0; }
    /// Actual rows a loop over planned rows, both at least 1; absent when not comparable.
    std::optional<double> rowsFactor() const;
    /// Rows removed by filter, join filter and recheck; absent when the node has none of them.
    std::optional<double> removed() const;
    /// Removed over removed and returned, 0..1.
    std::optional<double> removedShare() const;
    /// True when a sort, hash or aggregate of this node wrote to disk.
    bool isSpilled() const;
    /// As EXPLAIN prints a node: "Index Scan using i on orders o".
    std::string title() const;
};

struct PlanFactsWorker
{
    int node = 0, worker = 0;
    std::optional<double> startupMs, totalMs, rows, loops; ///< times per loop
};

struct PlanFactsTrigger
{
    std::string name, relation, constraintName;
    std::optional<double> timeMs, calls;
};

/// A plan read once for all that shows it. Values, shared between threads as const.
struct PlanFacts
{
    std::int64_t planId = 0;
    std::vector<PlanFactsNode> nodes; ///< pre-order
    std::vector<PlanFactsWorker> workers; ///< by node
    std::vector<PlanFactsTrigger> triggers;
    std::string queryText, settings;
    std::optional<double> planningMs, executionMs, durationMs, notAttributableMs, serializationMs, jitMs;
    std::optional<double> jitFunctions;
    // Filled by completePlanFacts().
    bool hasTimes = false, hasBuffers = false, hasIoTimes = false;

    /// Execution time, else the duration a log told, else the root's wall time: what shares are of.
    std::optional<double> wholeMs() const;
    /// Index of the node with the largest self time; -1 without times.
    int hottest() const;
    /// Self time as a share of wholeMs().
    std::optional<double> selfShare(const PlanFactsNode &node) const;
};

/// Fills what follows from the rest: self figures of temporary blocks and of I/O time, which rows are
/// comparable.
void completePlanFacts(PlanFacts &facts);

/// Reads a plan; empty nodes when there is none of that id. Any thread, one snapshot.
Result<PlanFacts> readPlanFacts(const store::Workspace &workspace, std::int64_t planId);

/// One block of the server's buffer cache, as almost every build has it.
inline constexpr std::int64_t kPlanBlockBytes = 8192;

/// The definition of self time, in words, as the views print it.
std::string_view selfTimeDefinition();

} // namespace tailscope::analysis
