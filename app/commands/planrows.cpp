// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/planrows.h"

#include "advisor/texts.h"
#include "analysis/plantime.h"
#include "app/commands/input.h"

#include <cmath>

namespace tailscope::app {

namespace {

constexpr double kDoubtShare = 0.01;

std::string text(const store::Statement &row, int column) { return std::string(row.text(column)); }

Result<void> readTriggers(store::Database &database, PlanRows &plan)
{
    auto triggers = database.prepare("SELECT coalesce(name, constraint_name), relation, time_ms, calls"
                                     " FROM plan_trigger WHERE plan_id = ?1");
    if (!triggers)
        return tl::unexpected(triggers.error());
    triggers->bind(0, plan.tree.id);
    while (true) {
        auto row = triggers->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        plan.triggers.push_back(
            {text(*triggers, 0), text(*triggers, 1), triggers->real(2), triggers->real(3)});
    }
}

Result<void> readFindings(store::Database &database, const std::vector<advisor::Rule> &rules, PlanRows &plan)
{
    auto findings = database.prepare(
        "SELECT f.rule_id, f.severity, f.title, f.summary, f.evidence, n.node FROM finding AS f"
        " LEFT JOIN plan_node AS n ON f.subject_kind = 'plan_node' AND n.id = f.subject_id"
        " WHERE (f.subject_kind = 'plan' AND f.subject_id = ?1) OR n.plan_id = ?1 ORDER BY f.id");
    if (!findings)
        return tl::unexpected(findings.error());
    findings->bind(0, plan.tree.id);
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

/// Why no plan was found: the first thing the reader could not take, with its place.
Error nothingFound(store::Database &database, const std::string &path)
{
    Error error{ErrorCode::BadInput, path, "no execution plan was found in it", std::nullopt,
        "explain reads EXPLAIN output of PostgreSQL as text, JSON, XML or YAML"};
    auto reject
        = database.prepare("SELECT offset, reason FROM import_reject ORDER BY source_id, offset LIMIT 1");
    if (reject && reject->step().value_or(false))
        error.detail += ": at byte " + std::to_string(reject->integer(0)) + ", " + text(*reject, 1);
    return error;
}

} // namespace

double PlanRows::triggerMs() const
{
    double sum = kUnknown;
    for (const Trigger &trigger : triggers) {
        if (!std::isnan(trigger.ms))
            sum = (std::isnan(sum) ? 0 : sum) + trigger.ms;
    }
    return sum;
}

double PlanRows::besideMs() const
{
    if (tree.nodes.empty() || std::isnan(tree.executionMs))
        return kUnknown;
    return tree.executionMs - tree.nodes.front().wallMs - (std::isnan(serializationMs) ? 0 : serializationMs);
}

double PlanRows::startupShutdownMs() const
{
    const double rest = besideMs() - (std::isnan(triggerMs()) ? 0 : triggerMs());
    // Two figures rounded to a thousandth may disagree by as much.
    return rest < -0.001 ? kUnknown : std::isnan(rest) ? rest : std::max(rest, 0.0);
}

bool PlanRows::isDoubtful(const analysis::PlanTree::Node &node) const
{
    return node.doubtMs > kDoubtShare * tree.totalMs();
}

Result<std::vector<PlanRows>> readPlanFile(const QString &path)
{
    auto input = openInput({path});
    if (!input)
        return tl::unexpected(input.error());
    auto database = input->workspace->connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto heads
        = database->prepare("SELECT id, x ->> ?1, x ->> '$.JIT.Timing.Total', x ->> '$.Serialization.Time'"
                            " FROM (SELECT id, CASE WHEN json_valid(extra) THEN extra END AS x FROM plan)"
                            " ORDER BY id");
    if (!heads)
        return tl::unexpected(heads.error());
    const std::string remainder = "$.\"" + std::string(analysis::kNotAttributableKey) + '"';
    heads->bind(0, std::string_view(remainder));
    auto trees = analysis::PlanTreeReader::open(*database);
    if (!trees)
        return tl::unexpected(trees.error());
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
        auto tree = trees->load(heads->integer(0));
        if (!tree)
            return tl::unexpected(tree.error());
        plan.tree = std::move(*tree);
        plan.notAttributableMs = heads->real(1);
        plan.jitMs = heads->real(2);
        plan.serializationMs = heads->real(3);
        TS_TRY(readTriggers(*database, plan));
        TS_TRY(readFindings(*database, rules, plan));
        plans.push_back(std::move(plan));
    }
    if (plans.empty())
        return tl::unexpected(nothingFound(*database, path.toStdString()));
    return plans;
}

} // namespace tailscope::app
