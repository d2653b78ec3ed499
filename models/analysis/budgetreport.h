// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetmath.h"
#include "analysis/budgetmeasure.h"
#include "analysis/workspaceanalyses.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A budget of the workspace.
struct StoredBudget
{
    std::int64_t id = 0;
    std::optional<std::int64_t> sourceId; ///< nothing = made in the window
    Budget budget;
};
/// All of them, by id. Reads a few rows.
Result<std::vector<StoredBudget>> readBudgets(store::Database &reader);

/// What a budget needs from tables beside the spans: points of series, phases of load tests, configured
/// limits of calls.
struct BudgetInputs
{
    /// Samples in ns of the series that a component names, by component.
    std::vector<std::vector<Nanos>> series;
    struct Phase
    {
        std::int64_t runId = 0;
        std::string run, name;
        std::optional<double> requests, errors, p50Ms, p95Ms, p99Ms, p90Ms;
    };
    std::vector<Phase> phases;
    std::map<std::pair<std::string, std::string>, double> callTimeouts; ///< (caller, callee) -> ms
};
Result<BudgetInputs> readBudgetInputs(store::Database &reader, const Budget &budget,
    const Progress &progress);

/// A line of what was measured against a budget: a row of table budget_result.
struct BudgetRow
{
    enum class Part : std::uint8_t { Total, Component, Unaccounted, Phase } part = Part::Component;
    enum class Basis : std::uint8_t { None, Spans, Series, LoadTest } basis = Basis::None;
    int position = -1; ///< of the component; -1 = total
    std::string name;
    BudgetKind kind = BudgetKind::Processing;
    BudgetFigure time, path; ///< ns
    std::optional<double> offPath, share; ///< 0..1
    std::optional<double> budgetMs, slackMs, floorMs, timeoutMs;
    bool timeoutFromConfig = false, optional = false, isAsync = false;
    int parallelGroup = 0;
    std::int64_t overTimeout = 0, spans = 0;
    std::optional<double> errorRate;
    BudgetState state = BudgetState::Unmeasured;
    TimeoutState timeoutState = TimeoutState::Unknown;
    std::int64_t exampleTraceId = 0; ///< 0 = none
};
std::string_view name(BudgetRow::Part part);
std::string_view name(BudgetRow::Basis basis); ///< empty for None

/// A budget against everything that was measured.
struct BudgetReport
{
    Budget budget;
    std::int64_t requests = 0;
    bool weighted = false;
    /// total, the components in their order, unaccounted, phases of load tests.
    std::vector<BudgetRow> rows;
    double workingMs = 0;
    /// planned, then from what was measured at P50, P95, P99 and at the percentile of the budget. Percentiles
    /// of parts do not add up to that of the whole.
    enum Sum { Planned, P50, P95, P99, Value, SumCount };
    std::array<std::optional<BudgetSums>, SumCount> sums;
    std::optional<BudgetFloor> floor;

    const BudgetRow &total() const { return rows.front(); }
};

/// Puts figures, limits and verdicts together; `measured` may be null (no spans). Pure.
BudgetReport budgetReport(const Budget &budget, const MeasuredBudget *measured, const SpanColumns *columns,
    const BudgetInputs &inputs);
/// Limits of the components in ms: their own, else those configured for calls between the services named
/// like them. What measureBudget() counts against; the edges are not known before.
std::vector<std::optional<double>> componentTimeouts(const Budget &budget, const BudgetInputs &inputs);

/// Everything at once, over all traces of the columns (null: no spans).
Result<BudgetReport> evaluateBudget(store::Database &reader, const SpanColumns *columns,
    const TraceRows *rows, const Budget &budget, const Progress &progress);

/// The stored analysis: tables budget_result and budget_sum, of all budgets.
Result<WriteRows> computeBudgetResults(const store::Workspace &workspace, const Progress &progress);

/// The gate (formulas.md FX-04).
struct BudgetGate
{
    enum class Verdict : std::uint8_t { Passed, Broken, Undecided, NotAsked };
    struct Line
    {
        std::string what; ///< "total", name of the component, "hold: P95", "errors"
        std::int64_t n = 0;
        BudgetFigure time;
        std::optional<double> valueMs, limitMs, timeoutMs; ///< value: at the percentile of the budget
        std::optional<double> errorRate, errorLimit;
        Verdict verdict = Verdict::NotAsked;
        BudgetState state = BudgetState::Unmeasured;
        TimeoutState timeoutState = TimeoutState::Unknown;
        std::string reason; ///< in words; empty = nothing to say
    };
    std::vector<Line> lines;
    Verdict verdict = Verdict::Undecided;
};
std::string_view name(BudgetGate::Verdict verdict);
/// Equal to a limit passes. Broken as soon as one line is; undecided when nothing was asked for, the request
/// was never seen, or a component that is not optional was not.
BudgetGate budgetGate(const BudgetReport &report);

} // namespace tailscope::analysis
