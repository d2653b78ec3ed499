// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::report {

/// Everything a report says, gathered by SQL from the public schema; writers only format it.
struct ReportData
{
    struct Source
    {
        std::int64_t id = 0, bytes = 0, rows = 0, rowsRead = 0, rowsSkipped = 0;
        std::string path, format, kind, state, clock;
        std::optional<std::int64_t> duplicateOf;
    };
    struct Issue
    {
        std::int64_t sourceId = 0, count = 0;
        std::optional<std::int64_t> firstOffset; ///< byte; none where the remark is of no place
        std::string severity, kind, example;
    };
    struct Operation
    {
        std::string service, operation;
        std::int64_t count = 0, errors = 0;
        std::int64_t unknown = 0; ///< of count: spans without duration, in no percentile and no total
        std::optional<double> p50Ms, p95Ms, p99Ms; ///< nearest rank; absent without samples
        std::optional<double> totalMs, selfMs; ///< absent where no duration is known
        bool fewForP99 = false; ///< fewer than 100 known durations: the P99 is the maximum
    };
    struct PlanNode
    {
        std::int64_t id = 0, loops = 0;
        std::string title;
        std::optional<double> selfMs, wallMs, share, doubtMs, planRows, actualRows;
    };
    struct Plan
    {
        std::int64_t id = 0, nodeCount = 0;
        std::string path, query;
        std::optional<double> planningMs, executionMs;
        std::vector<PlanNode> slowest; ///< at most 5, by self time
    };
    struct Replica
    {
        std::string name, verdict, stage, cause;
        std::int64_t samples = 0, unknown = 0; ///< with a known lag, and without
        std::optional<double> lagMs, p50Ms, p95Ms, p99Ms, maxMs; ///< nearest rank over the samples
        std::optional<std::int64_t> lagBytes;
        std::int64_t episodes = 0; ///< stretches of 5 s and more, or without a link, paused...
    };
    struct Profile
    {
        std::int64_t id = 0, samples = 0;
        std::string name, sampleType, unit;
        double weight = 0;
        struct Function
        {
            std::string name;
            double self = 0;
        };
        std::vector<Function> top; ///< at most 10, by self weight
    };
    /// A pool, or with no instance all its instances together; columns of pool_verdict.
    struct Pool
    {
        std::string kind, pool, verdict, cause, ceiling;
        std::optional<std::string> instance;
        std::optional<double> capacity, ceilingValue, utilisation, utilisationMax, waitingMax, waitP99Ms,
            serviceMs, arrivalRate, demand, throughputCap, deficit, timeouts;
    };
    struct Finding
    {
        std::string ruleId, severity, title, summary, subjectKind, evidence;
        std::optional<double> gainMs;
        void redact(); ///< the texts of the evidence, and where title and summary repeat them
    };
    /// A line of what was measured against a budget: its total, a component, the rest, a phase of a load
    /// test.
    struct BudgetPart
    {
        std::string part, name, kind, state, timeoutState;
        std::int64_t n = 0;
        std::optional<double> p50Ms, p95Ms, p99Ms, valueMs, budgetMs, timeoutMs, share, errorRate;
    };
    struct Budget
    {
        std::int64_t id = 0;
        std::string name, percentile;
        double targetMs = 0;
        std::optional<double> workingMs, plannedSumMs, plannedPathMs, floorMs;
        std::vector<BudgetPart> parts;
    };
    std::vector<Source> sources;
    std::vector<Issue> issues;
    std::vector<Operation> operations; ///< by total time descending, at most kMaxOperations
    std::int64_t operationCount = 0; ///< of all
    std::vector<Plan> plans;
    std::vector<Profile> profiles;
    std::vector<Budget> budgets;
    std::vector<Replica> replicas; ///< the furthest behind first
    std::vector<Pool> pools; ///< at most 1,000
    std::vector<Finding> findings;
    std::int64_t seriesCount = 0, markerCount = 0, rulesRan = 0, rulesNotEvaluated = 0;

    static constexpr std::size_t kMaxOperations = 200;
};

/// Reads a workspace whose analyses are done. redact: literals in SQL become $1, $2, ... or ?, wherever SQL
/// shows: in plan texts, names of operations, remarks and findings.
Result<ReportData> gather(const store::Workspace &workspace, bool redact);

/// SQL text with its literals replaced by $n; texts that cannot be parsed lose quoted strings and numbers.
std::string redactedSql(const std::string &sql);
/// PostgreSQL's grammar takes it.
bool parsesAsSql(const std::string &text);
/// A text that is SQL (a statement, or an expression as plans print it) without its literals; any other text
/// as it is.
std::string redactedName(const std::string &text);
/// A sentence that may quote SQL: from the statement on without literals, and without quoted values.
std::string redactedSentence(const std::string &text);

std::string toJson(const ReportData &data); ///< keys of the command-line contract
std::string toText(const ReportData &data);
std::string toMarkdown(const ReportData &data);
std::string toHtml(const ReportData &data); ///< self-contained, follows the reader's light or dark preference

} // namespace tailscope::report
