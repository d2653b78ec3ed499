// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What budgets need from tables: themselves, series, load tests, limits of calls.
#include "analysis/budgetreport.h"
#include "base/budgetfile.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxPoints = 20'000'000; ///< of all series of a budget
constexpr std::int64_t kMaxPhases = 10'000;

std::string textOf(const store::Statement &row, int column) { return std::string(row.text(column)); }

Result<void> readComponents(store::Database &reader, StoredBudget &stored)
{
    Result<store::Statement> query = reader.prepare(
        "SELECT name, match, kind, budget_ms, timeout_ms, parallel_group, calls, call_ms, optional"
        " FROM budget_component WHERE budget_id = ?1 ORDER BY position LIMIT 500");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, stored.id);
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        BudgetComponent part;
        part.name = textOf(*query, 0);
        part.match = textOf(*query, 1);
        part.kind = budgetKind(query->text(2)).value_or(BudgetKind::Processing);
        part.budgetMs = query->optionalReal(3);
        part.timeoutMs = query->optionalReal(4);
        part.parallelGroup = int(std::clamp<std::int64_t>(query->integer(5), 0, 1'000'000));
        part.calls = query->optionalReal(6).value_or(1);
        part.callMs = query->optionalReal(7);
        part.optional = query->integer(8) != 0;
        stored.budget.components.push_back(std::move(part));
    }
}

/// ns in one unit of a series; nothing when it is no time.
std::optional<double> nanosOfUnit(std::string_view unit, std::string_view metric)
{
    const std::string text = toLowerAscii(unit);
    if (text == "s" || text == "seconds" || text == "second")
        return double(kNanosPerSecond);
    if (text == "ms" || text == "milliseconds" || text == "millisecond")
        return double(kNanosPerMilli);
    if (text == "us" || text == "\xC2\xB5s" || text == "microseconds")
        return double(kNanosPerMicro);
    if (text == "ns" || text == "nanoseconds")
        return 1.0;
    if (!text.empty())
        return std::nullopt;
    if (metric.ends_with("_seconds") || metric.ends_with(".seconds"))
        return double(kNanosPerSecond);
    if (metric.ends_with("_ms") || metric.ends_with(".ms") || metric.ends_with("_milliseconds"))
        return double(kNanosPerMilli);
    return std::nullopt;
}

Result<void> readPoints(store::Database &reader, std::int64_t series, double factor, std::vector<Nanos> &out,
    std::size_t &left, const Progress &progress)
{
    Result<store::Statement> query = reader.prepare("SELECT value FROM point WHERE series_id = ?1");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, series);
    for (std::size_t n = 0; left > 0; ++n) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row || (n % 4096 == 0 && progress.isCancelled()))
            return {};
        const double value = query->real(0) * factor;
        if (!(value >= 0 && value < 9e18))
            continue; // gaps, NaN and negative times are no durations
        out.push_back(Nanos(std::llround(value)));
        --left;
    }
    return {};
}

Result<void> readSeries(store::Database &reader, const Budget &budget, BudgetInputs &inputs,
    const Progress &progress)
{
    inputs.series.resize(budget.components.size());
    std::vector<BudgetPattern> patterns;
    bool any = false;
    for (const BudgetComponent &part : budget.components) {
        Result<BudgetPattern> pattern = BudgetPattern::parse(part.match);
        if (!pattern)
            return fail(std::move(pattern.error()));
        any = any || !pattern->series().empty();
        patterns.push_back(std::move(*pattern));
    }
    if (!any)
        return {};
    struct Series
    {
        std::int64_t id = 0;
        std::string metric, unit;
    };
    std::vector<Series> all;
    Result<store::Statement> query = reader.prepare("SELECT id, metric, unit FROM series ORDER BY id");
    if (!query)
        return fail(std::move(query.error()));
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        all.push_back({query->integer(0), textOf(*query, 1), textOf(*query, 2)});
    }
    std::size_t left = kMaxPoints;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        for (const Series &series : all) {
            const auto &globs = patterns[i].series();
            const auto factor = nanosOfUnit(series.unit, series.metric);
            if (factor && std::any_of(globs.begin(), globs.end(), [&](const std::string &glob) {
                    return globMatches(glob, series.metric);
                }))
                TS_TRY(readPoints(reader, series.id, *factor, inputs.series[i], left, progress));
        }
    }
    return {};
}

/// What a tool reports every second is no phase, and a single operation only where the budget asks for it.
Result<void> readPhases(store::Database &reader, const Budget &budget, BudgetInputs &inputs)
{
    const Result<BudgetPattern> requests = BudgetPattern::parse(budget.match);
    if (!requests)
        return fail(requests.error());
    Result<store::Statement> query = reader.prepare(
        "SELECT p.run_id, r.name, p.name, p.requests, p.errors, p.p50_ms, p.p95_ms, p.p99_ms,"
        " p.p90_ms, p.kind FROM run_phase AS p LEFT JOIN run AS r ON r.id = p.run_id"
        " ORDER BY p.run_id, p.position, p.name LIMIT ?1");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, kMaxPhases);
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        const bool isOperation = query->text(9) == "operation";
        if (query->text(9) == "interval" || (isOperation && !requests->matchesName(query->text(2))))
            continue;
        inputs.phases.push_back({query->integer(0), textOf(*query, 1), textOf(*query, 2),
            query->optionalReal(3), query->optionalReal(4), query->optionalReal(5), query->optionalReal(6),
            query->optionalReal(7), query->optionalReal(8)});
    }
}

/// config rows of calls: subject "A->B", key timeout_ms.
Result<void> readCallTimeouts(store::Database &reader, BudgetInputs &inputs)
{
    Result<store::Statement> query = reader.prepare(
        "SELECT subject, value FROM config WHERE subject_kind = 'call' AND key = 'timeout_ms' LIMIT 100000");
    if (!query)
        return fail(std::move(query.error()));
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        const std::string subject = textOf(*query, 0);
        const std::size_t arrow = subject.find("->");
        const std::optional<double> ms = parseDouble(query->text(1));
        if (arrow == std::string::npos || !ms || !(*ms >= 0))
            continue;
        inputs.callTimeouts[{std::string(trimmed(subject.substr(0, arrow))),
            std::string(trimmed(subject.substr(arrow + 2)))}]
            = *ms;
    }
}

} // namespace

Result<std::vector<StoredBudget>> readBudgets(store::Database &reader)
{
    std::vector<StoredBudget> budgets;
    Result<store::Statement> query
        = reader.prepare("SELECT id, source_id, name, target_ms, percentile, margin, description, match,"
                         " error_limit, min_samples FROM budget ORDER BY id LIMIT 1000");
    if (!query)
        return fail(std::move(query.error()));
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        StoredBudget stored;
        stored.id = query->integer(0);
        stored.sourceId = query->optionalInteger(1);
        Budget &budget = stored.budget;
        budget.name = textOf(*query, 2);
        budget.targetMs = query->optionalReal(3).value_or(0);
        budget.percentile = query->isNull(4) ? budget.percentile : textOf(*query, 4);
        budget.margin = query->optionalReal(5).value_or(budget.margin);
        budget.description = textOf(*query, 6);
        budget.match = textOf(*query, 7);
        budget.errorLimit = query->optionalReal(8);
        budget.minSamples = std::max<std::int64_t>(1, query->integer(9));
        budgets.push_back(std::move(stored));
    }
    for (StoredBudget &stored : budgets)
        TS_TRY(readComponents(reader, stored));
    // A workspace may come from elsewhere: what the rest of the program could not reckon with is left out.
    std::erase_if(budgets, [](const StoredBudget &stored) { return !budgetProblem(stored.budget).empty(); });
    return budgets;
}

Result<BudgetInputs> readBudgetInputs(store::Database &reader, const Budget &budget, const Progress &progress)
{
    BudgetInputs inputs;
    TS_TRY(readSeries(reader, budget, inputs, progress));
    TS_TRY(readPhases(reader, budget, inputs));
    TS_TRY(readCallTimeouts(reader, inputs));
    return inputs;
}

} // namespace tailscope::analysis
