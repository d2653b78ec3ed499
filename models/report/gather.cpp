// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reportdata.h"

namespace tailscope::report {

namespace {

constexpr std::size_t kMaxQueryText = 4000;

/// Nothing but values that stand for themselves leaves the machine.
void redactTexts(ReportData &data)
{
    for (ReportData::Issue &issue : data.issues)
        issue.example = redactedSentence(issue.example);
    for (ReportData::Operation &entry : data.operations)
        entry.operation = redactedName(entry.operation);
    for (ReportData::Plan &plan : data.plans)
        plan.query = plan.query.empty() ? plan.query : redactedSql(plan.query);
    for (ReportData::Finding &finding : data.findings)
        finding.redact();
}

/// Runs a query and hands each row to `take`.
template<typename Take>
Result<void> each(store::Database &database, const char *sql, std::optional<std::int64_t> id, Take take)
{
    auto statement = database.prepare(sql);
    if (!statement)
        return tl::unexpected(statement.error());
    if (id)
        statement->bind(0, *id);
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        take(*statement);
    }
}

std::string text(const store::Statement &row, int column) { return std::string(row.text(column)); }

std::optional<double> millis(const store::Statement &row, int column)
{
    if (row.isNull(column))
        return std::nullopt;
    return row.real(column) / 1e6;
}

Result<void> readSources(store::Database &database, ReportData &data)
{
    TS_TRY(each(database,
        "SELECT id, path, format, kind, state, clock, bytes, rows_committed, rows_read, rows_skipped, "
        "duplicate_of"
        " FROM source ORDER BY id",
        {}, [&](const store::Statement &row) {
            data.sources.push_back(
                {row.integer(0), row.integer(6), row.integer(7), row.integer(8), row.integer(9), text(row, 1),
                    text(row, 2), text(row, 3), text(row, 4), text(row, 5), row.optionalInteger(10)});
        }));
    return each(database,
        "SELECT source_id, count, first_offset, severity, kind, example FROM import_issue ORDER BY source_id,"
        " CASE severity WHEN 'error' THEN 0 WHEN 'data_loss' THEN 1 WHEN 'notice' THEN 2 ELSE 3 END, kind",
        {}, [&](const store::Statement &row) {
            data.issues.push_back({row.integer(0), row.integer(1), row.optionalInteger(2), text(row, 3),
                text(row, 4), text(row, 5)});
        });
}

Result<void> readOperations(store::Database &database, ReportData &data)
{
    return each(database,
        "SELECT service, operation, n, unknown, errors, p50_ns, p95_ns, p99_ns, total_ns, self_ns FROM "
        "operation_stat"
        " WHERE instance IS NULL AND range_start_ns IS NULL AND operation IS NOT NULL"
        " ORDER BY total_ns DESC, operation, service",
        {}, [&](const store::Statement &row) {
            ++data.operationCount;
            if (data.operations.size() >= ReportData::kMaxOperations)
                return;
            ReportData::Operation entry;
            entry.service = text(row, 0);
            entry.operation = text(row, 1);
            entry.unknown = row.integer(3);
            entry.count = row.integer(2) + entry.unknown;
            entry.errors = row.integer(4);
            entry.p50Ms = millis(row, 5);
            entry.p95Ms = millis(row, 6);
            entry.p99Ms = millis(row, 7);
            entry.totalMs = millis(row, 8);
            entry.selfMs = millis(row, 9);
            entry.fewForP99 = row.integer(2) < 100;
            data.operations.push_back(std::move(entry));
        });
}

Result<void> readPlanNodes(store::Database &database, ReportData::Plan &plan)
{
    return each(database,
        "SELECT n.id, n.loops, n.node_type, n.relation, n.index_name, n.self_ms, n.wall_ms, n.doubt_ms, "
        "n.plan_rows,"
        " n.actual_rows, (SELECT r.wall_ms FROM plan_node AS r WHERE r.plan_id = n.plan_id AND r.node = 0)"
        " FROM plan_node AS n WHERE n.plan_id = ?1 AND n.self_ms IS NOT NULL ORDER BY n.self_ms DESC, n.node "
        "LIMIT 5",
        plan.id, [&](const store::Statement &row) {
            ReportData::PlanNode node;
            node.id = row.integer(0);
            node.loops = row.integer(1);
            node.title = text(row, 2);
            if (!row.isNull(4))
                node.title += " using " + text(row, 4);
            if (!row.isNull(3))
                node.title += " on " + text(row, 3);
            node.selfMs = row.optionalReal(5);
            node.wallMs = row.optionalReal(6);
            node.doubtMs = row.optionalReal(7);
            node.planRows = row.optionalReal(8);
            node.actualRows = row.optionalReal(9);
            const double all = plan.executionMs.value_or(row.isNull(10) ? 0 : row.real(10));
            if (node.selfMs && all > 0)
                node.share = *node.selfMs / all;
            plan.slowest.push_back(std::move(node));
        });
}

Result<void> readPlans(store::Database &database, ReportData &data)
{
    TS_TRY(each(database,
        "SELECT p.id, p.node_count, s.path, p.query_text, p.planning_ms, p.execution_ms FROM plan AS p"
        " JOIN source AS s ON s.id = p.source_id ORDER BY p.id LIMIT 1000",
        {}, [&](const store::Statement &row) {
            ReportData::Plan plan;
            plan.id = row.integer(0);
            plan.nodeCount = row.integer(1);
            plan.path = text(row, 2);
            plan.query = text(row, 3).substr(0, kMaxQueryText);
            plan.planningMs = row.optionalReal(4);
            plan.executionMs = row.optionalReal(5);
            data.plans.push_back(std::move(plan));
        }));
    for (ReportData::Plan &plan : data.plans)
        TS_TRY(readPlanNodes(database, plan));
    return {};
}

Result<void> readProfiles(store::Database &database, ReportData &data)
{
    TS_TRY(each(database,
        "SELECT id, name, sample_type, unit, sample_count, total_weight FROM profile ORDER BY id LIMIT 200",
        {}, [&](const store::Statement &row) {
            ReportData::Profile profile;
            profile.id = row.integer(0);
            profile.name = text(row, 1);
            profile.sampleType = text(row, 2);
            profile.unit = text(row, 3);
            profile.samples = row.integer(4);
            profile.weight = row.isNull(5) ? 0 : row.real(5);
            data.profiles.push_back(std::move(profile));
        }));
    for (ReportData::Profile &profile : data.profiles) {
        TS_TRY(each(database,
            "SELECT f.function, sum(c.self_weight) AS self FROM call_node AS c JOIN frame AS f ON f.id = "
            "c.frame_id"
            " WHERE c.profile_id = ?1 GROUP BY f.function HAVING self <> 0 ORDER BY self DESC, f.function "
            "LIMIT 10",
            profile.id, [&](const store::Statement &row) {
                profile.top.push_back({text(row, 0), row.real(1)});
            }));
    }
    return {};
}

Result<void> readBudgets(store::Database &database, ReportData &data)
{
    TS_TRY(each(database,
        "SELECT b.id, b.name, b.percentile, b.target_ms, s.working_ms, s.plain_sum, s.path,"
        " (SELECT floor_ms FROM budget_result AS r WHERE r.budget_id = b.id AND r.part = 'total')"
        " FROM budget AS b LEFT JOIN budget_sum AS s ON s.budget_id = b.id AND s.basis = 'planned' ORDER BY "
        "b.id",
        {}, [&](const store::Statement &row) {
            data.budgets.push_back({row.integer(0), text(row, 1), text(row, 2), row.real(3),
                row.optionalReal(4), row.optionalReal(5), row.optionalReal(6), row.optionalReal(7), {}});
        }));
    for (ReportData::Budget &budget : data.budgets)
        TS_TRY(each(database,
            "SELECT part, name, kind, state, timeout_state, n, p50_ms, p95_ms, p99_ms, value_ms, budget_ms,"
            " timeout_ms, share, error_rate FROM budget_result WHERE budget_id = ?1 ORDER BY position",
            budget.id, [&](const store::Statement &row) {
                budget.parts.push_back({text(row, 0), text(row, 1), text(row, 2), text(row, 3), text(row, 4),
                    row.integer(5), row.optionalReal(6), row.optionalReal(7), row.optionalReal(8),
                    row.optionalReal(9), row.optionalReal(10), row.optionalReal(11), row.optionalReal(12),
                    row.optionalReal(13)});
            }));
    return {};
}

Result<void> readReplicas(store::Database &database, ReportData &data)
{
    return each(database,
        "SELECT v.replica, v.verdict, v.stage, v.cause, v.n, v.unknown, v.lag_ms, v.p50_ms, v.p95_ms, "
        "v.p99_ms,"
        " v.max_ms, v.lag_bytes, (SELECT count(*) FROM lag_verdict AS e WHERE e.scope = 'episode'"
        " AND e.replica = v.replica AND e.server_id IS v.server_id) FROM lag_verdict AS v WHERE v.scope = "
        "'all'"
        " ORDER BY v.max_ms DESC, v.replica LIMIT 1000",
        {}, [&](const store::Statement &row) {
            ReportData::Replica replica;
            replica.name = text(row, 0);
            replica.verdict = text(row, 1);
            replica.stage = text(row, 2);
            replica.cause = text(row, 3);
            replica.samples = row.integer(4);
            replica.unknown = row.integer(5);
            replica.lagMs = row.optionalReal(6);
            replica.p50Ms = row.optionalReal(7);
            replica.p95Ms = row.optionalReal(8);
            replica.p99Ms = row.optionalReal(9);
            replica.maxMs = row.optionalReal(10);
            replica.lagBytes = row.optionalInteger(11);
            replica.episodes = row.integer(12);
            data.replicas.push_back(std::move(replica));
        });
}

Result<void> readPools(store::Database &database, ReportData &data)
{
    return each(database,
        "SELECT kind, pool, verdict, cause, ceiling, instance, capacity, ceiling_value, utilisation, "
        "utilisation_max,"
        " waiting_max, wait_p99_ms, service_ms, arrival_rate, demand, throughput_cap, deficit, timeouts"
        " FROM pool_verdict ORDER BY kind, pool, instance IS NOT NULL, instance LIMIT 1000",
        {}, [&](const store::Statement &row) {
            ReportData::Pool pool;
            pool.kind = text(row, 0);
            pool.pool = text(row, 1);
            pool.verdict = text(row, 2);
            pool.cause = text(row, 3);
            pool.ceiling = text(row, 4);
            if (!row.isNull(5))
                pool.instance = text(row, 5);
            std::optional<double> *const figures[]{&pool.capacity, &pool.ceilingValue, &pool.utilisation,
                &pool.utilisationMax, &pool.waitingMax, &pool.waitP99Ms, &pool.serviceMs, &pool.arrivalRate,
                &pool.demand, &pool.throughputCap, &pool.deficit, &pool.timeouts};
            for (int i = 0; i < int(std::size(figures)); ++i)
                *figures[i] = row.optionalReal(6 + i);
            data.pools.push_back(std::move(pool));
        });
}

Result<void> readFindings(store::Database &database, ReportData &data)
{
    TS_TRY(each(database,
        "SELECT rule_id, severity, title, summary, subject_kind, evidence, gain_ms FROM finding WHERE state "
        "= 'open'"
        " ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 WHEN 'info' THEN 2 ELSE 3 END,"
        " gain_ms DESC, id",
        {}, [&](const store::Statement &row) {
            data.findings.push_back({text(row, 0), text(row, 1), text(row, 2), text(row, 3), text(row, 4),
                text(row, 5), row.optionalReal(6)});
        }));
    return each(database, "SELECT state = 'ran', count(*) FROM rule_run GROUP BY 1", {},
        [&](const store::Statement &row) {
            (row.integer(0) ? data.rulesRan : data.rulesNotEvaluated) += row.integer(1);
        });
}

} // namespace

Result<ReportData> gather(const store::Workspace &workspace, bool redact)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    ReportData data;
    TS_TRY(readSources(*database, data));
    TS_TRY(readOperations(*database, data));
    TS_TRY(readPlans(*database, data));
    TS_TRY(readProfiles(*database, data));
    TS_TRY(readBudgets(*database, data));
    TS_TRY(readReplicas(*database, data));
    TS_TRY(readPools(*database, data));
    TS_TRY(readFindings(*database, data));
    if (redact)
        redactTexts(data);
    const auto count = [&](const char *sql) {
        const auto value = database->integer(sql);
        return value && *value ? **value : std::int64_t(0);
    };
    data.seriesCount = count("SELECT count(*) FROM series");
    data.markerCount = count("SELECT count(*) FROM event");
    return data;
}

} // namespace tailscope::report
