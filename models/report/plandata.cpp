// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/plandata.h"

#include "advisor/texts.h"
#include "base/text.h"

#include <charconv>
#include <cmath>
#include <map>

namespace tailscope::report {

namespace {

    Result<void> readNodes(store::Database &database, PlanData &plan)
    {
        Result<store::Statement> query = database.prepare(
            "SELECT id, parent_id, parent, depth, node_type, parent_relationship, subplan_name, join_type, relation,"
            " schema, alias, index_name, condition, filter, plan_rows, actual_rows, loops, startup_cost, total_cost,"
            " total_ms, wall_ms, self_ms, doubt_ms, rows_removed_by_filter, rows_removed_by_join_filter,"
            " rows_removed_by_index_recheck, io_read_ms, io_write_ms, shared_hit, shared_read, self_shared_hit,"
            " self_shared_read, temp_read, temp_written, sort_kb, sort_disk, hash_batches, heap_fetches, exact_blocks,"
            " lossy_blocks, workers_planned, workers_launched, source_line FROM plan_node WHERE plan_id = ?1 ORDER BY node");
        if (!query)
            return fail(query.error());
        query->bind(0, plan.id);
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return {};
            PlanNodeData node;
            node.id = query->integer(0);
            node.parentId = query->optionalInteger(1);
            node.parent = query->isNull(2) ? -1 : static_cast<int>(query->integer(2));
            // A parent that does not stand before its child is damage and makes a root.
            if (node.parent >= static_cast<int>(plan.nodes.size()))
                node.parent = -1;
            node.depth = static_cast<int>(query->integer(3));
            int column = 4;
            for (std::string *text : { &node.nodeType, &node.parentRelationship, &node.subplanName, &node.joinType,
                                       &node.relation, &node.schema, &node.alias, &node.indexName, &node.condition,
                                       &node.filter })
                *text = query->text(column++);
            for (std::optional<double> *figure :
                 { &node.planRows, &node.actualRows, &node.loops, &node.startupCost, &node.totalCost, &node.totalMs,
                   &node.wallMs, &node.selfMs, &node.doubtMs, &node.removedByFilter, &node.removedByJoinFilter,
                   &node.removedByRecheck, &node.ioReadMs, &node.ioWriteMs })
                *figure = query->optionalReal(column++);
            for (std::optional<std::int64_t> *figure :
                 { &node.sharedHit, &node.sharedRead, &node.selfSharedHit, &node.selfSharedRead, &node.tempRead,
                   &node.tempWritten, &node.sortKb, &node.sortDisk, &node.hashBatches, &node.heapFetches,
                   &node.exactBlocks, &node.lossyBlocks, &node.workersPlanned, &node.workersLaunched, &node.sourceLine })
                *figure = query->optionalInteger(column++);
            plan.nodes.push_back(std::move(node));
        }
    }

    std::map<std::string, const advisor::Rule *> indexOf(const std::vector<advisor::Rule> &rules)
    {
        std::map<std::string, const advisor::Rule *> index;
        for (const advisor::Rule &rule : rules)
            index.emplace(rule.id, &rule);
        return index;
    }

}

std::optional<std::int64_t> PlanNodeData::blocks() const
{
    if (!sharedHit && !sharedRead)
        return std::nullopt;
    return sharedHit.value_or(0) + sharedRead.value_or(0);
}

std::string PlanNodeData::title() const
{
    std::string text = nodeType;
    if (!joinType.empty() && joinType != "Inner" && text.find(joinType) == std::string::npos) {
        const std::size_t at = text.rfind(" Join");
        text.insert(at == std::string::npos ? text.size() : at, " " + joinType);
    }
    if (!indexName.empty())
        text += (text.starts_with("Bitmap Index") ? " on " : " using ") + indexName;
    if (!relation.empty())
        text += " on " + (schema.empty() ? "" : schema + ".") + relation;
    if (!alias.empty() && alias != relation)
        text += " " + alias;
    return text;
}

std::optional<double> PlanData::referenceMs() const
{
    if (executionMs || nodes.empty())
        return executionMs;
    return nodes.front().wallMs;
}

Result<std::vector<FindingData>> readFindings(const store::Workspace &workspace,
                                              const std::vector<advisor::Rule> &rules)
{
    const auto index = indexOf(rules);
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(database.error());
    Result<store::Statement> query = database->prepare(
        "SELECT f.id, f.rule_id, f.severity, f.subject_kind, f.subject_id, f.title, f.summary, f.evidence, f.state,"
        " f.cause_id, CASE WHEN json_valid(f.evidence) THEN json_extract(f.evidence, '$.plan_id') END, f.start_ns,"
        " f.end_ns, f.gain_ms, f.doubt FROM finding AS f ORDER BY f.id");
    if (!query)
        return fail(query.error());
    std::vector<FindingData> findings;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return findings;
        FindingData finding;
        finding.id = query->integer(0);
        int column = 1;
        for (std::string *text : { &finding.ruleId, &finding.severity, &finding.subjectKind, &finding.subjectId,
                                   &finding.title, &finding.summary, &finding.evidence, &finding.state })
            *text = query->text(column++);
        finding.causeId = query->optionalInteger(9);
        finding.planId = query->optionalInteger(10);
        finding.startNs = query->optionalInteger(11);
        finding.endNs = query->optionalInteger(12);
        finding.gainMs = query->optionalReal(13);
        finding.doubt = query->optionalReal(14);
        if (finding.subjectKind == "plan_node")
            finding.nodeId = parseInt64(finding.subjectId);
        if (finding.subjectKind == "plan" && !finding.planId)
            finding.planId = parseInt64(finding.subjectId);
        const auto rule = index.find(finding.ruleId);
        finding.advice = advisor::adviceText(rule == index.end() ? nullptr : rule->second, finding.evidence);
        findings.push_back(std::move(finding));
    }
}

Result<std::vector<PlanData>> readPlans(const store::Workspace &workspace, const std::vector<advisor::Rule> &rules)
{
    Result<std::vector<FindingData>> findings = readFindings(workspace, rules);
    if (!findings)
        return fail(findings.error());
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(database.error());
    Result<store::Statement> query = database->prepare(
        "SELECT p.id, (SELECT s.path FROM source AS s WHERE s.id = p.source_id), p.query_text, p.engine,"
        " p.server_version, p.format, p.planning_ms, p.execution_ms FROM plan AS p ORDER BY p.id");
    if (!query)
        return fail(query.error());
    std::vector<PlanData> plans;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        PlanData plan;
        plan.id = query->integer(0);
        int column = 1;
        for (std::string *text : { &plan.source, &plan.queryText, &plan.engine, &plan.serverVersion, &plan.format })
            *text = query->text(column++);
        plan.planningMs = query->optionalReal(6);
        plan.executionMs = query->optionalReal(7);
        plans.push_back(std::move(plan));
    }
    std::map<std::int64_t, PlanData *> byId;
    for (PlanData &plan : plans) {
        TS_TRY(readNodes(*database, plan));
        byId.emplace(plan.id, &plan);
    }
    for (FindingData &finding : *findings) {
        const auto plan = finding.planId ? byId.find(*finding.planId) : byId.end();
        if (plan != byId.end())
            plan->second->findings.push_back(std::move(finding));
    }
    return plans;
}

std::string millisText(const std::optional<double> &ms)
{
    return ms ? humanMillis(*ms) : "unknown";
}

std::string rowsText(const std::optional<double> &rows)
{
    if (!rows || !std::isfinite(*rows) || std::abs(*rows) > 9e15)
        return "unknown";
    if (*rows == std::floor(*rows) || *rows >= 100)
        return groupedCount(std::llround(*rows));
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, *rows, std::chars_format::fixed, 2);
    return std::string(digits, end.ptr);
}

std::string shareText(const std::optional<double> &part, const std::optional<double> &whole)
{
    if (!part || !whole || *whole <= 0)
        return {};
    const double percent = std::clamp(100 * *part / *whole, 0.0, 100.0);
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, percent, std::chars_format::fixed, 1);
    return std::string(digits, end.ptr) + " %";
}

} // namespace tailscope::report
