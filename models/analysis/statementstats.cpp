// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementstats.h"

#include "analysis/attributecolumns.h"
#include "analysis/rowinsert.h"
#include "analysis/statementdeltas.h"
#include "analysis/statementspans.h"
#include "analysis/statementverdict.h"
#include "base/text.h"
#include "store/fingerprint.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

using Figures = std::vector<StatementFigures>;

/// Calls take(row) for each row of a query.
template<typename Take>
Result<void> eachRow(store::Database &reader, std::string_view sql, const Progress &progress, Take &&take)
{
    Result<store::Statement> rows = reader.prepare(sql);
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (std::int64_t n = 1;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        take(*rows);
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "statements", "cancelled");
    }
}

/// Durations that server logs tell of statements, by statement.
Result<Figures> statementsOfLogs(store::Database &reader, const Progress &progress)
{
    Figures out;
    std::vector<Nanos> durations;
    const auto finish = [&] {
        if (!out.empty())
            setDurations(out.back(), durations);
        durations.clear();
    };
    TS_TRY(eachRow(reader,
        "SELECT statement_id, duration_ms, ts_ns, message, detail FROM log_entry"
        " WHERE kind = 'slow_statement' AND statement_id IS NOT NULL AND duration_ms >= 0 ORDER BY "
        "statement_id",
        progress, [&](const store::Statement &row) {
            if (out.empty() || out.back().statement != row.integer(0)) {
                finish();
                out.emplace_back();
                out.back().statement = row.integer(0);
                out.back().origin = StatementOrigin::Log;
            }
            StatementFigures &sum = out.back();
            const double ms = row.real(1);
            ++sum.calls;
            ++sum.timed;
            sum.totalMs += ms;
            durations.push_back(static_cast<Nanos>(std::llround(std::min(ms, 9e12) * 1e6)));
            if (!row.isNull(2)) {
                const Nanos ts = row.integer(2);
                sum.firstNs = sum.firstNs == kUnknownNanos ? ts : std::min(sum.firstNs, ts);
                sum.lastNs = sum.lastNs == kUnknownNanos ? ts : std::max(sum.lastNs, ts);
            }
            // The statement with its comment is in the message, or in the detail of a prepared one.
            const std::string_view text
                = row.text(3).find("/*") != std::string_view::npos ? row.text(3) : row.text(4);
            if (text.find("/*") != std::string_view::npos)
                addStatementTags(sum.tags, text, ms);
        }));
    finish();
    return out;
}

/// What the captured plans say, by statement.
struct PlansOf
{
    std::set<std::int64_t> plans, bad;
    double worstExamined = 0;
    std::string badScan;
};
using Plans = std::unordered_map<std::int64_t, PlansOf>;

/// Statements by the query id that pg_stat_statements gives them.
Result<std::unordered_map<std::string, std::vector<std::int64_t>>>
statementsByQueryId(store::Database &reader, const Progress &progress)
{
    std::unordered_map<std::string, std::vector<std::int64_t>> out;
    TS_TRY(eachRow(reader,
        "SELECT DISTINCT statement_id, extra FROM statement_sample WHERE statement_id IS NOT NULL AND extra "
        "IS NOT"
        " NULL AND EXISTS (SELECT 1 FROM plan WHERE extra LIKE '%Query Identifier%')",
        progress, [&](const store::Statement &row) {
            JsonMembers members(row.text(1));
            std::string_view key, value;
            while (members.next(key, value)) {
                if (key != "queryid")
                    continue;
                std::vector<std::int64_t> &of = out[std::string(value)];
                if (std::find(of.begin(), of.end(), row.integer(0)) == of.end())
                    of.push_back(row.integer(0));
                break;
            }
        }));
    return out;
}

Result<Plans> plansOfStatements(store::Database &reader, const Progress &progress)
{
    Plans out;
    const auto byQueryId = statementsByQueryId(reader, progress);
    if (!byQueryId)
        return tl::unexpected(byQueryId.error());
    std::unordered_map<std::int64_t, std::vector<std::int64_t>> ofPlan;
    TS_TRY(eachRow(reader, "SELECT id, statement_id, extra FROM plan", progress,
        [&](const store::Statement &row) {
            std::vector<std::int64_t> &of = ofPlan[row.integer(0)];
            if (!row.isNull(1))
                of.push_back(row.integer(1));
            if (!byQueryId->empty() && !row.isNull(2)) {
                JsonMembers members(row.text(2));
                std::string_view key, value;
                while (members.next(key, value)) {
                    const auto found
                        = key == "Query Identifier" ? byQueryId->find(std::string(value)) : byQueryId->end();
                    if (found != byQueryId->end())
                        of.insert(of.end(), found->second.begin(), found->second.end());
                }
            }
            for (const std::int64_t statement : of)
                out[statement].plans.insert(row.integer(0));
        }));
    if (out.empty())
        return out;
    TS_TRY(eachRow(reader,
        "SELECT plan_id, relation, actual_rows, rows_removed_by_filter FROM plan_node"
        " WHERE node_type IN ('Seq Scan', 'Parallel Seq Scan') AND rows_removed_by_filter > 0"
        " ORDER BY plan_id, node",
        progress, [&](const store::Statement &row) {
            const double kept = row.optionalReal(2).value_or(0), examined = kept + row.real(3);
            if (examined < kExaminedRows || kept > kKeptShare * examined)
                return;
            for (const std::int64_t statement : ofPlan[row.integer(0)]) {
                PlansOf &plans = out[statement];
                plans.bad.insert(row.integer(0));
                if (examined <= plans.worstExamined)
                    continue;
                plans.worstExamined = examined;
                plans.badScan = "the scan of " + std::string(row.isNull(1) ? "a table" : row.text(1))
                    + " reads " + groupedCount(std::llround(examined)) + " rows to keep "
                    + groupedCount(std::llround(kept));
            }
        }));
    return out;
}

/// Texts for the words of the verdicts and, for counters, whether equal calls ask the same question.
Result<void> addTexts(store::Database &reader, Figures &figures)
{
    Result<store::Statement> text
        = reader.prepare("SELECT ifnull(normalized, text), fingerprint FROM statement WHERE id = ?");
    if (!text)
        return tl::unexpected(std::move(text.error()));
    for (StatementFigures &one : figures) {
        if (one.statement == 0)
            continue;
        text->bind(0, one.statement);
        const Result<bool> row = text->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row) {
            one.text = text->text(0);
            one.fingerprint = text->text(1);
        }
        text->reset();
        // Counters know a statement without its values: without any, all its calls are alike.
        if (one.origin == StatementOrigin::Stat && !one.text.empty()
            && one.text.find_first_of("$?") == std::string::npos)
            one.questions = 1;
    }
    return {};
}

struct Rows
{
    Figures figures;
    std::vector<StatementVerdict> verdicts;
    std::vector<double> shares;
};

void finishOrigin(Rows &rows, Figures figures, const Plans &plans)
{
    double total = 0;
    for (StatementFigures &one : figures) {
        total += one.totalMs;
        const auto found = plans.find(one.statement);
        if (one.statement == 0 || found == plans.end())
            continue;
        one.plans = std::int64_t(found->second.plans.size());
        one.badPlans = std::int64_t(found->second.bad.size());
        one.badScan = found->second.badScan;
    }
    std::vector<StatementVerdict> verdicts = statementVerdicts(figures);
    for (std::size_t i = 0; i < figures.size(); ++i) {
        rows.shares.push_back(total > 0 ? figures[i].totalMs / total : std::nan(""));
        rows.figures.push_back(std::move(figures[i]));
        rows.verdicts.push_back(std::move(verdicts[i]));
    }
}

/// Ids of statements that only spans know.
Result<void> storeStatements(store::Database &writer, Figures &figures)
{
    Result<store::Statement> insert
        = writer.prepare("INSERT INTO statement_raw (fingerprint, text, normalized) VALUES (?, ?, ?) ON "
                         "CONFLICT (fingerprint) DO NOTHING");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    Result<store::Statement> select = writer.prepare("SELECT id FROM statement_raw WHERE fingerprint = ?");
    if (!select)
        return tl::unexpected(std::move(select.error()));
    for (StatementFigures &one : figures) {
        if (one.statement != 0)
            continue;
        const std::string normalized = store::normalizedSql(one.text).text;
        insert->bind(0, one.fingerprint);
        insert->bind(1, one.text);
        insert->bind(2, normalized);
        TS_TRY(insert->run());
        select->bind(0, one.fingerprint);
        const Result<bool> row = select->step();
        if (!row)
            return tl::unexpected(row.error());
        one.statement = select->integer(0);
        select->reset();
    }
    return {};
}

Result<void> write(store::Database &writer, std::int64_t runId, Rows &rows)
{
    TS_TRY(storeStatements(writer, rows.figures));
    RowInsert insert;
    TS_TRY(insert.replace(writer, "statement_stat",
        "run_id, statement_id, origin, calls, total_ms, mean_ms, p50_ms, p99_ms, max_ms, rows, shared_hit,"
        " shared_read, temp_written, wal_bytes, plans, share, verdict, reason, first_ns, last_ns"));
    const double unknown = std::nan("");
    for (std::size_t i = 0; i < rows.figures.size(); ++i) {
        const StatementFigures &one = rows.figures[i];
        const auto count
            = [&](const std::optional<std::int64_t> &value) { value ? insert.add(*value) : insert.null(); };
        insert.add(runId).add(one.statement).add(toText(one.origin)).add(one.calls).add(one.totalMs);
        insert.add(one.timed > 0 ? one.meanMs() : unknown).add(one.p50Ms.value_or(unknown));
        insert.add(one.p99Ms.value_or(unknown)).add(one.maxMs.value_or(unknown));
        for (const auto *value :
            {&one.rows, &one.sharedHit, &one.sharedRead, &one.tempWritten, &one.walBytes})
            count(*value);
        insert.add(one.plans).add(rows.shares[i]).add(rows.verdicts[i].verdict);
        insert.add(std::string_view(rows.verdicts[i].reason)).nanos(one.firstNs).nanos(one.lastNs);
        TS_TRY(insert.run());
    }
    RowInsert tags;
    TS_TRY(
        tags.replace(writer, "statement_tag", "run_id, statement_id, key, value, origin, calls, total_ms"));
    for (const StatementFigures &one : rows.figures) {
        for (const auto &[name, sum] : one.tags) {
            tags.add(runId)
                .add(one.statement)
                .add(std::string_view(name.first))
                .add(std::string_view(name.second));
            tags.add(toText(one.origin)).add(sum.calls).add(sum.totalMs);
            TS_TRY(tags.run());
        }
    }
    return {};
}

} // namespace

std::string_view toText(StatementOrigin origin)
{
    return origin == StatementOrigin::Stat ? "stat" : origin == StatementOrigin::Log ? "log" : "span";
}

Result<WriteRows> computeStatementStats(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<Figures> stats = statementDeltas(*reader, progress);
    if (!stats)
        return tl::unexpected(std::move(stats.error()));
    Result<Figures> logs = statementsOfLogs(*reader, progress);
    if (!logs)
        return tl::unexpected(std::move(logs.error()));
    Result<Figures> spans = statementsOfSpans(workspace, progress);
    if (!spans)
        return tl::unexpected(std::move(spans.error()));
    const Result<Plans> plans = plansOfStatements(*reader, progress);
    if (!plans)
        return tl::unexpected(plans.error());
    auto rows = std::make_shared<Rows>();
    for (Figures *figures : {&*stats, &*logs, &*spans}) {
        TS_TRY(addTexts(*reader, *figures));
        finishOrigin(*rows, std::move(*figures), *plans);
    }
    return WriteRows(
        [rows](store::Database &writer, std::int64_t runId) { return write(writer, runId, *rows); });
}

} // namespace tailscope::analysis
