// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The stored results of budgets: tables budget_result and budget_sum.
#include "analysis/budgetreport.h"
#include "analysis/rowinsert.h"

#include <limits>

namespace tailscope::analysis {

namespace {

struct Measured
{
    std::int64_t id = 0;
    BudgetReport report;
};

double real(std::optional<double> value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }
double ms(Nanos ns) { return ns == kUnknownNanos ? real({}) : double(ns) / double(kNanosPerMilli); }

Result<void> writeRow(RowInsert &insert, std::int64_t runId, std::int64_t budgetId, const BudgetRow &row)
{
    const bool hasTimeout = row.timeoutState != TimeoutState::Unknown;
    insert.add(runId).add(budgetId).add(std::int64_t(row.position)).add(name(row.part)).add(row.name);
    insert.add(name(row.kind)).textOrNull(name(row.basis)).add(row.time.n);
    insert.add(ms(row.time.p50)).add(ms(row.time.p95)).add(ms(row.time.p99)).add(ms(row.time.value));
    insert.add(ms(row.path.p50)).add(real(row.offPath)).add(real(row.share)).add(real(row.budgetMs));
    insert.add(real(row.slackMs)).add(real(row.floorMs)).add(real(row.timeoutMs));
    insert.textOrNull(!row.timeoutMs ? std::string_view() : row.timeoutFromConfig ? "config" : "budget");
    insert.add(row.overTimeout).add(real(row.errorRate)).add(name(row.state));
    insert.textOrNull(hasTimeout ? name(row.timeoutState) : std::string_view());
    if (row.exampleTraceId != 0)
        insert.add(row.exampleTraceId);
    else
        insert.null();
    return insert.run();
}

Result<void> writeSums(RowInsert &insert, std::int64_t runId, std::int64_t budgetId,
    const BudgetReport &report)
{
    constexpr std::string_view names[]{"planned", "p50", "p95", "p99", "value"};
    for (std::size_t i = 0; i < report.sums.size(); ++i) {
        if (!report.sums[i])
            continue;
        const BudgetSums &sums = *report.sums[i];
        insert.add(runId).add(budgetId).add(names[i]).add(sums.plain).add(sums.path).add(sums.headroom);
        insert.add(sums.pathWithHeadroom()).add(report.budget.targetMs).add(report.workingMs);
        TS_TRY(insert.run());
    }
    return {};
}

} // namespace

Result<WriteRows> computeBudgetResults(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    const Result<std::vector<StoredBudget>> budgets = readBudgets(*reader);
    if (!budgets)
        return fail(budgets.error());
    std::shared_ptr<const SpanColumns> columns;
    std::shared_ptr<const TraceRows> rows;
    const Result<std::optional<std::int64_t>> anySpan = reader->integer("SELECT id FROM span_raw LIMIT 1");
    if (!anySpan)
        return fail(anySpan.error());
    if (!budgets->empty() && *anySpan) {
        Result<std::shared_ptr<const SpanColumns>> loaded = SpanColumns::load(workspace, progress);
        if (!loaded)
            return fail(std::move(loaded.error()));
        columns = std::move(*loaded);
        rows = TraceRows::build(*columns, progress.cancel);
    }
    auto results = std::make_shared<std::vector<Measured>>();
    for (const StoredBudget &stored : *budgets) {
        Result<BudgetReport> report
            = evaluateBudget(*reader, columns.get(), rows.get(), stored.budget, progress);
        // One budget with a pattern that cannot be read does not hide the others.
        if (!report && progress.isCancelled())
            return WriteRows();
        if (report)
            results->push_back({stored.id, std::move(*report)});
    }
    return [results](store::Database &writer, std::int64_t runId) -> Result<void> {
        RowInsert rowInsert, sumInsert;
        TS_TRY(rowInsert.replace(writer, "budget_result",
            "run_id, budget_id, position, part, name, kind, basis, n, p50_ms, p95_ms, p99_ms, value_ms, "
            "path_p50_ms, off_path, share, budget_ms, slack_ms, floor_ms, timeout_ms, timeout_from, "
            "over_timeout, error_rate, state, timeout_state, example_trace_id"));
        TS_TRY(sumInsert.replace(writer, "budget_sum",
            "run_id, budget_id, basis, plain_sum, path, headroom, with_headroom, target_ms, working_ms"));
        for (const Measured &measured : *results) {
            for (const BudgetRow &row : measured.report.rows)
                TS_TRY(writeRow(rowInsert, runId, measured.id, row));
            TS_TRY(writeSums(sumInsert, runId, measured.id, measured.report));
        }
        return {};
    };
}

} // namespace tailscope::analysis
