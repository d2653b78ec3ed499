// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/planrows.h"

#include "advisor/texts.h"
#include "analysis/plantime.h"
#include "app/commands/input.h"

#include <cmath>

namespace tailscope::app {

namespace {

std::string text(const store::Statement &row, int column) { return std::string(row.text(column)); }

Result<void> readNodes(store::Database &database, std::int64_t planId, PlanRows &plan)
{
    auto nodes = database.prepare("SELECT node, parent, depth, node_type, join_type, relation, alias, "
                                  "index_name, subplan_name, condition, filter,"
                                  " plan_rows, actual_rows, loops, wall_ms, self_ms, doubt_ms, startup_cost, "
                                  "total_cost, shared_hit, shared_read"
                                  " FROM plan_node WHERE plan_id = ?1 ORDER BY node");
    if (!nodes)
        return tl::unexpected(nodes.error());
    nodes->bind(0, planId);
    while (true) {
        auto row = nodes->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        PlanRows::Node node;
        node.number = int(nodes->integer(0));
        node.parent = nodes->isNull(1) ? -1 : int(nodes->integer(1));
        node.depth = int(nodes->integer(2));
        node.nodeType = text(*nodes, 3);
        node.joinType = text(*nodes, 4);
        node.relation = text(*nodes, 5);
        node.alias = text(*nodes, 6);
        node.indexName = text(*nodes, 7);
        node.subplan = text(*nodes, 8);
        node.condition = text(*nodes, 9);
        node.filter = text(*nodes, 10);
        double *figures[] = {&node.planRows, &node.actualRows, &node.loops, &node.wallMs, &node.selfMs,
            &node.doubtMs, &node.startupCost, &node.totalCost, &node.sharedHit, &node.sharedRead};
        for (int i = 0; i < 10; ++i)
            *figures[i] = nodes->real(11 + i);
        plan.nodes.push_back(std::move(node));
    }
}

Result<void> readFindings(store::Database &database, std::int64_t planId,
    const std::vector<advisor::Rule> &rules, PlanRows &plan)
{
    auto findings = database.prepare(
        "SELECT f.rule_id, f.severity, f.title, f.summary, f.evidence, n.node FROM finding AS f"
        " LEFT JOIN plan_node AS n ON f.subject_kind = 'plan_node' AND n.id = f.subject_id"
        " WHERE (f.subject_kind = 'plan' AND f.subject_id = ?1) OR n.plan_id = ?1 ORDER BY f.id");
    if (!findings)
        return tl::unexpected(findings.error());
    findings->bind(0, planId);
    while (true) {
        auto row = findings->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        PlanRows::Finding finding{text(*findings, 0), text(*findings, 1), text(*findings, 2),
            text(*findings, 3), {}, findings->isNull(5) ? -1 : int(findings->integer(5))};
        for (const advisor::Rule &rule : rules) {
            if (rule.id == finding.ruleId)
                finding.advice = advisor::adviceText(&rule, text(*findings, 4));
        }
        plan.findings.push_back(std::move(finding));
    }
}

} // namespace

std::string PlanRows::Node::title() const
{
    std::string out = subplan.empty() ? nodeType : subplan + ": " + nodeType;
    if (!joinType.empty() && joinType != "Inner")
        out += " (" + joinType + ")";
    if (!indexName.empty())
        out += " using " + indexName;
    if (!relation.empty())
        out += " on " + relation;
    if (!alias.empty() && alias != relation)
        out += " " + alias;
    return out;
}

double PlanRows::totalMs() const
{
    if (!std::isnan(executionMs))
        return executionMs;
    return nodes.empty() ? std::nan("") : nodes.front().wallMs;
}

Result<std::vector<PlanRows>> readPlanFile(const QString &path)
{
    auto input = openInput({path});
    if (!input)
        return tl::unexpected(input.error());
    auto database = input->workspace->connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto heads = database->prepare(
        "SELECT p.id, p.planning_ms, p.execution_ms, p.query_text, s.fingerprint,"
        " CASE WHEN json_valid(p.extra) THEN json_extract(p.extra, ?1) END"
        " FROM plan AS p LEFT JOIN statement AS s ON s.id = p.statement_id ORDER BY p.id");
    if (!heads)
        return tl::unexpected(heads.error());
    const std::string remainder = "$.\"" + std::string(analysis::kNotAttributableKey) + '"';
    heads->bind(0, std::string_view(remainder));
    std::vector<Error> bad;
    const std::vector<advisor::Rule> rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    std::vector<PlanRows> plans;
    while (true) {
        auto row = heads->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        PlanRows plan;
        plan.planningMs = heads->real(1);
        plan.executionMs = heads->real(2);
        plan.query = text(*heads, 3);
        plan.fingerprint = text(*heads, 4);
        plan.notAttributableMs = heads->real(5);
        TS_TRY(readNodes(*database, heads->integer(0), plan));
        TS_TRY(readFindings(*database, heads->integer(0), rules, plan));
        plans.push_back(std::move(plan));
    }
    if (plans.empty())
        return fail(ErrorCode::BadInput, path.toStdString(), "no execution plan was found in it",
            "explain reads EXPLAIN output of PostgreSQL as text or JSON");
    return plans;
}

} // namespace tailscope::app
