// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planfacts.h"
#include "analysis/plantime.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace tailscope::analysis {

namespace {

/// An importer refuses larger plans; a foreign workspace may hold any.
constexpr std::int64_t kMaxNodes = 200'000;

constexpr std::string_view kNodes
    = "SELECT id, parent, depth, source_line, node_type, parent_relationship, subplan_name, join_type, "
      "relation,"
      " schema, alias, index_name, condition, filter, plan_rows, actual_rows, loops, total_cost, startup_ms, "
      "total_ms,"
      " wall_ms, self_ms, doubt_ms, rows_removed_by_filter, rows_removed_by_join_filter,"
      " rows_removed_by_index_recheck, io_read_ms, io_write_ms, plan_width, shared_hit, shared_read, "
      "shared_dirtied,"
      " shared_written, temp_read, temp_written, self_shared_hit, self_shared_read, sort_kb, sort_disk, "
      "hash_batches,"
      " heap_fetches, exact_blocks, lossy_blocks, workers_planned, workers_launched, extra, node"
      " FROM plan_node WHERE plan_id = ?1 ORDER BY node LIMIT ?2";

QJsonObject objectOf(std::string_view json)
{
    if (json.empty())
        return {};
    return QJsonDocument::fromJson(QByteArray::fromRawData(json.data(), static_cast<qsizetype>(json.size())))
        .object();
}

std::string text(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toString().toStdString();
}

std::optional<std::int64_t> count(const QJsonObject &object, const char *key)
{
    const QJsonValue value = object.value(QLatin1String(key));
    return value.isDouble() ? std::optional<std::int64_t>(value.toInteger()) : std::nullopt;
}

std::optional<double> number(const QJsonObject &object, const char *key)
{
    const QJsonValue value = object.value(QLatin1String(key));
    return value.isDouble() ? std::optional<double>(value.toDouble()) : std::nullopt;
}

/// A list of keys, or the one text they were printed as.
std::vector<std::string> keys(const QJsonObject &object, const char *key)
{
    const QJsonValue value = object.value(QLatin1String(key));
    std::vector<std::string> out;
    for (const auto &item : value.toArray())
        out.push_back(item.toString().toStdString());
    if (value.isString())
        out.push_back(value.toString().toStdString());
    return out;
}

void takeTexts(const store::Statement &row, PlanFactsNode &node)
{
    std::string PlanFactsNode::*const members[]
        = {&PlanFactsNode::nodeType, &PlanFactsNode::parentRelationship, &PlanFactsNode::subplanName,
            &PlanFactsNode::joinType, &PlanFactsNode::relation, &PlanFactsNode::schema, &PlanFactsNode::alias,
            &PlanFactsNode::indexName, &PlanFactsNode::condition, &PlanFactsNode::filter};
    int column = 4;
    for (const auto member : members)
        node.*member = std::string(row.text(column++));
}

void takeFigures(const store::Statement &row, PlanFactsNode &node)
{
    std::optional<double> PlanFactsNode::*const reals[] = {&PlanFactsNode::planRows,
        &PlanFactsNode::actualRows, &PlanFactsNode::loops, &PlanFactsNode::totalCost,
        &PlanFactsNode::startupMs, &PlanFactsNode::totalMs, &PlanFactsNode::wallMs, &PlanFactsNode::selfMs,
        &PlanFactsNode::doubtMs, &PlanFactsNode::removedByFilter, &PlanFactsNode::removedByJoinFilter,
        &PlanFactsNode::removedByRecheck, &PlanFactsNode::ioReadMs, &PlanFactsNode::ioWriteMs};
    std::optional<std::int64_t> PlanFactsNode::*const counts[] = {&PlanFactsNode::planWidth,
        &PlanFactsNode::sharedHit, &PlanFactsNode::sharedRead, &PlanFactsNode::sharedDirtied,
        &PlanFactsNode::sharedWritten, &PlanFactsNode::tempRead, &PlanFactsNode::tempWritten,
        &PlanFactsNode::selfHit, &PlanFactsNode::selfRead, &PlanFactsNode::sortKb, &PlanFactsNode::sortDisk,
        &PlanFactsNode::hashBatches, &PlanFactsNode::heapFetches, &PlanFactsNode::exactBlocks,
        &PlanFactsNode::lossyBlocks, &PlanFactsNode::workersPlanned, &PlanFactsNode::workersLaunched};
    int column = 14;
    for (const auto member : reals)
        node.*member = row.optionalReal(column++);
    for (const auto member : counts)
        node.*member = row.optionalInteger(column++);
}

void takeExtra(std::string_view json, PlanFactsNode &node)
{
    for (const std::string &expression : {node.condition, node.filter, std::string(json)}) {
        if (!expression.empty())
            node.expressions.push_back(expression);
    }
    const QJsonObject extra = objectOf(json);
    if (extra.isEmpty())
        return;
    node.cteName = text(extra, "CTE Name");
    node.joinFilter = text(extra, "Join Filter");
    node.oneTimeFilter = text(extra, "One-Time Filter");
    node.strategy = text(extra, "Strategy");
    node.partialMode = text(extra, "Partial Mode");
    node.operation = text(extra, "Operation");
    node.functionName = text(extra, "Function Name");
    node.sortKeys = keys(extra, "Sort Key");
    node.groupKeys = keys(extra, "Group Key");
    node.diskKb = count(extra, "Disk Usage");
    node.aggBatches = count(extra, "HashAgg Batches");
    node.paramsEvaluated = extra.contains(QLatin1String("Params Evaluated"));
    node.isParallelAware = extra.value(QLatin1String("Parallel Aware")).toBool();
    node.singleCopy = extra.value(QLatin1String("Single Copy")).toBool();
    node.isCut = extra.value(QLatin1String("Plans Truncated")).toBool();
}

Result<void> readNodes(store::Database &database, PlanFacts &facts, std::vector<std::int64_t> &numbers)
{
    auto statement = database.prepare(kNodes);
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, facts.planId);
    statement->bind(1, kMaxNodes);
    while (true) {
        const Result<bool> row = statement->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        PlanFactsNode node;
        node.id = statement->integer(0);
        // Pre-order: a parent that does not stand before its child is damage and makes a root.
        if (!statement->isNull(1)) {
            const auto found = std::lower_bound(numbers.begin(), numbers.end(), statement->integer(1));
            if (found != numbers.end() && *found == statement->integer(1))
                node.parent = static_cast<int>(found - numbers.begin());
        }
        node.depth = node.parent < 0 ? 0 : facts.nodes[static_cast<std::size_t>(node.parent)].depth + 1;
        node.sourceLine = static_cast<int>(statement->integer(3));
        takeTexts(*statement, node);
        takeFigures(*statement, node);
        takeExtra(statement->text(45), node);
        numbers.push_back(statement->integer(46));
        facts.nodes.push_back(std::move(node));
    }
}

Result<void> readWorkers(store::Database &database, PlanFacts &facts)
{
    auto statement
        = database.prepare("SELECT plan_node_id, worker, startup_ms, total_ms, rows, loops FROM plan_worker"
                           " WHERE plan_id = ?1 LIMIT ?2");
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, facts.planId);
    statement->bind(1, kMaxNodes);
    std::vector<std::pair<std::int64_t, int>> ids;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i)
        ids.emplace_back(facts.nodes[i].id, static_cast<int>(i));
    std::sort(ids.begin(), ids.end());
    while (true) {
        const Result<bool> row = statement->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        const std::int64_t id = statement->integer(0);
        const auto found = std::lower_bound(ids.begin(), ids.end(), std::pair(id, -1));
        if (found == ids.end() || found->first != id)
            continue;
        facts.workers.push_back(
            {found->second, static_cast<int>(statement->integer(1)), statement->optionalReal(2),
                statement->optionalReal(3), statement->optionalReal(4), statement->optionalReal(5)});
    }
    std::sort(facts.workers.begin(), facts.workers.end(),
        [](const PlanFactsWorker &a, const PlanFactsWorker &b) {
            return std::pair(a.node, a.worker) < std::pair(b.node, b.worker);
        });
    return {};
}

Result<void> readTriggers(store::Database &database, PlanFacts &facts)
{
    auto statement = database.prepare("SELECT name, relation, constraint_name, time_ms, calls FROM "
                                      "plan_trigger WHERE plan_id = ?1 LIMIT 1000");
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, facts.planId);
    while (true) {
        const Result<bool> row = statement->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        facts.triggers.push_back({std::string(statement->text(0)), std::string(statement->text(1)),
            std::string(statement->text(2)), statement->optionalReal(3), statement->optionalReal(4)});
    }
}

/// False when there is no such plan.
Result<bool> readHead(store::Database &database, PlanFacts &facts)
{
    auto statement = database.prepare(
        "SELECT planning_ms, execution_ms, duration_ms, query_text, settings, extra FROM plan WHERE id = ?1");
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, facts.planId);
    Result<bool> row = statement->step();
    if (!row || !*row)
        return row;
    facts.planningMs = statement->optionalReal(0);
    facts.executionMs = statement->optionalReal(1);
    facts.durationMs = statement->optionalReal(2);
    facts.queryText = std::string(statement->text(3));
    facts.settings = std::string(statement->text(4));
    const QJsonObject extra = objectOf(statement->text(5));
    facts.notAttributableMs = number(extra, kNotAttributableKey.data());
    facts.serializationMs = number(extra.value(QLatin1String("Serialization")).toObject(), "Time");
    const QJsonObject jit = extra.value(QLatin1String("JIT")).toObject();
    facts.jitMs = number(jit.value(QLatin1String("Timing")).toObject(), "Total");
    facts.jitFunctions = number(jit, "Functions");
    return true;
}

} // namespace

Result<PlanFacts> readPlanFacts(const store::Workspace &workspace, std::int64_t planId)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(std::move(database.error()));
    PlanFacts facts;
    facts.planId = planId;
    const Result<bool> head = readHead(*database, facts);
    if (!head)
        return fail(head.error());
    if (!*head)
        return facts;
    std::vector<std::int64_t> numbers;
    TS_TRY(readNodes(*database, facts, numbers));
    TS_TRY(readWorkers(*database, facts));
    TS_TRY(readTriggers(*database, facts));
    completePlanFacts(facts);
    return facts;
}

} // namespace tailscope::analysis
