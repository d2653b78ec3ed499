// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope explain: self time, rows and findings of execution plans.
#include "analysis/planfeatures.h"
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "app/commands/plancompare.h"
#include "app/commands/planrows.h"
#include "app/commands/redactplan.h"
#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryFile>
#include <QTextStream>

#include <algorithm>
#include <cmath>

namespace tailscope::app {

namespace {

using Node = analysis::PlanTree::Node;

QString opt(const char *name) { return QString::fromLatin1(name); }

QJsonValue number(double value) { return std::isnan(value) ? QJsonValue() : QJsonValue(value); }

QJsonValue name(const std::string &text)
{
    return text.empty() ? QJsonValue() : QJsonValue(QString::fromStdString(text));
}

QJsonObject nodeJson(const Node &node)
{
    return {{opt("id"), node.number}, {opt("node_type"), name(node.nodeType)},
        {opt("relation"), name(node.relation)}, {opt("schema"), name(node.schema)},
        {opt("alias"), name(node.alias)}, {opt("index_name"), name(node.indexName)},
        {opt("join_type"), name(node.joinType)}, {opt("subplan_name"), name(node.subplanName)},
        {opt("condition"), name(node.condition)}, {opt("filter"), name(node.filter)},
        {opt("plan_rows"), number(node.planRows)}, {opt("actual_rows"), number(node.actualRows)},
        {opt("rows_removed"), number(node.removed)}, {opt("loops"), number(node.loops)},
        {opt("never_executed"), node.isNeverExecuted()}, {opt("startup_cost"), number(node.startupCost)},
        {opt("total_cost"), number(node.totalCost)}, {opt("wall_ms"), number(node.wallMs)},
        {opt("self_ms"), number(node.selfMs)}, {opt("doubt_ms"), number(node.doubtMs)},
        {opt("shared_hit"), number(node.sharedHit)}, {opt("shared_read"), number(node.sharedRead)},
        {opt("temp_blocks"), number(node.temp)}, {opt("workers_planned"), number(node.workersPlanned)},
        {opt("workers_launched"), number(node.workersLaunched)}};
}

QJsonObject residualsJson(const PlanRows &plan)
{
    QJsonArray triggers;
    for (const PlanRows::Trigger &trigger : plan.triggers)
        triggers.append(
            QJsonObject{{opt("name"), name(trigger.name)}, {opt("relation"), name(trigger.relation)},
                {opt("time_ms"), number(trigger.ms)}, {opt("calls"), number(trigger.calls)}});
    return {{opt("planning_ms"), number(plan.tree.planningMs)}, {opt("triggers"), triggers},
        {opt("triggers_ms"), number(plan.triggerMs())}, {opt("jit_ms"), number(plan.jitMs)},
        {opt("serialization_ms"), number(plan.serializationMs)},
        {opt("startup_shutdown_ms"), number(plan.startupShutdownMs())},
        {opt("not_attributable_ms"), number(plan.notAttributableMs)}};
}

QJsonObject toJson(const PlanRows &plan)
{
    QJsonArray nodes;
    for (const Node &node : plan.tree.nodes) {
        QJsonObject object = nodeJson(node);
        object.insert(opt("parent_id"),
            node.parent < 0 ? QJsonValue() : QJsonValue(plan.tree.nodes[std::size_t(node.parent)].number));
        nodes.append(object);
    }
    QJsonArray findings;
    for (const PlanRows::Finding &finding : plan.findings) {
        findings.append(
            QJsonObject{{opt("rule_id"), name(finding.ruleId)}, {opt("severity"), name(finding.severity)},
                {opt("node_id"), finding.node < 0 ? QJsonValue() : QJsonValue(qint64(finding.node))},
                {opt("title"), name(finding.title)}, {opt("advice"), name(finding.advice)}});
    }
    return {{opt("node_count"), qint64(plan.tree.nodes.size())},
        {opt("planning_ms"), number(plan.tree.planningMs)},
        {opt("execution_ms"), number(plan.tree.executionMs)},
        {opt("not_attributable_ms"), number(plan.notAttributableMs)}, {opt("residuals"), residualsJson(plan)},
        {opt("shape"), name(analysis::planShape(plan.tree))}, {opt("nodes"), nodes},
        {opt("findings"), findings}};
}

QString millis(double value)
{
    return std::isnan(value) ? opt("?") : QString::fromStdString(humanMillis(value));
}

QString rows(double value) { return std::isnan(value) ? opt("?") : QString::number(value, 'g', 12); }

/// "12.3 ms", "12.3 ms ±0.4 ms" where rounding matters, "never".
QString selfText(const PlanRows &plan, const Node &node)
{
    if (node.isNeverExecuted())
        return opt("never");
    return plan.isDoubtful(node) ? millis(node.selfMs) + QStringLiteral(" ±") + millis(node.doubtMs)
                                 : millis(node.selfMs);
}

QString workersText(const Node &node)
{
    if (std::isnan(node.workersPlanned) || node.workersPlanned == node.workersLaunched)
        return {};
    return std::isnan(node.workersLaunched)
        ? opt("  [%1 workers planned]").arg(node.workersPlanned)
        : opt("  [%1 of %2 workers]").arg(node.workersLaunched).arg(node.workersPlanned);
}

void printNodes(QTextStream &out, const PlanRows &plan)
{
    int width = 10;
    for (const Node &node : plan.tree.nodes)
        width = std::max(width, int(selfText(plan, node).size()));
    out << opt("self").rightJustified(width) << opt("share").rightJustified(8)
        << opt("wall").rightJustified(11) << opt("rows").rightJustified(13)
        << opt("planned").rightJustified(13) << opt("loops").rightJustified(9) << "  node\n";
    const double all = plan.tree.totalMs();
    for (const Node &node : plan.tree.nodes) {
        const bool isRun = !node.isNeverExecuted();
        const QString share = !isRun ? opt("-")
            : std::isnan(node.selfMs) || !(all > 0)
            ? opt("?")
            : QString::number(node.selfMs / all * 100, 'f', 1) + opt(" %");
        out << selfText(plan, node).rightJustified(width) << share.rightJustified(8)
            << (isRun ? millis(node.wallMs) : opt("-")).rightJustified(11)
            << rows(node.actualRows).rightJustified(13) << rows(node.planRows).rightJustified(13)
            << rows(node.loops).rightJustified(9) << "  " << QString(node.depth * 2, QLatin1Char(' '))
            << QString::fromStdString(node.title()) << workersText(node) << "\n";
    }
    if (plan.tree.hasActuals())
        out << "self: wall time of the slowest process without the children; a CTE is shared by its scans, "
               "an "
               "InitPlan is charged to its user\n";
    else
        out << "estimates only: the plan was not executed; costs are the planner's units, never a time\n";
}

void printResiduals(QTextStream &out, const PlanRows &plan)
{
    QStringList parts;
    const auto add = [&parts](const char *what, double ms, const char *note = "") {
        if (!std::isnan(ms))
            parts << QString::fromLatin1(what) + millis(ms) + QString::fromLatin1(note);
    };
    add("planning ", plan.tree.planningMs);
    if (!plan.triggers.empty()) {
        QStringList triggers;
        for (const PlanRows::Trigger &trigger : plan.triggers)
            triggers << opt("%1 %2, %3 calls")
                            .arg(QString::fromStdString(trigger.name), millis(trigger.ms),
                                rows(trigger.calls));
        parts << opt("triggers ") + millis(plan.triggerMs()) + opt(" (") + triggers.join(opt("; "))
                + opt(")");
    }
    add("JIT ", plan.jitMs, " (inside the times of the nodes)");
    add("serialization ", plan.serializationMs);
    add("start-up and shutdown ", plan.startupShutdownMs());
    if (!parts.isEmpty())
        out << "beside the tree: " << parts.join(opt("; ")) << "\n";
    if (plan.besideMs() >= 0 && std::isnan(plan.startupShutdownMs()))
        out << "triggers took longer than what is beside the tree: part of them ran inside its nodes\n";
    if (!std::isnan(plan.notAttributableMs))
        out << "not attributable: " << millis(plan.notAttributableMs)
            << " that children took beyond their parents' time; such parents are shown with 0\n";
}

void printPlan(QTextStream &out, const PlanRows &plan, std::size_t place, std::size_t count)
{
    if (count > 1)
        out << (place > 0 ? "\n" : "") << "Plan " << place + 1 << " of " << count << ", ";
    else
        out << "Plan of ";
    out << plan.tree.nodes.size() << (plan.tree.nodes.size() == 1 ? " node" : " nodes");
    if (!std::isnan(plan.tree.executionMs))
        out << ", execution " << millis(plan.tree.executionMs);
    out << "\n";
    if (count > 1 && !plan.tree.query.empty())
        out << QString::fromStdString(plan.tree.query).simplified().left(200) << "\n";
    printNodes(out, plan);
    printResiduals(out, plan);
    for (const PlanRows::Finding &finding : plan.findings) {
        out << QString::fromStdString(finding.severity) << ": " << QString::fromStdString(finding.title)
            << ": " << QString::fromStdString(finding.summary) << "\n";
        if (!finding.advice.empty())
            out << "    " << QString::fromStdString(finding.advice).replace(QLatin1Char('\n'), opt("\n    "))
                << "\n";
    }
}

/// 1 when a finding is at or above the asked severity ("" = none was asked).
int exitCodeOf(const std::vector<PlanRows> &plans, const QString &failOn)
{
    for (const PlanRows &plan : plans) {
        for (const PlanRows::Finding &finding : plan.findings) {
            if (!failOn.isEmpty()
                && (finding.severity == "critical"
                    || (finding.severity == "warning" && failOn == opt("warning"))))
                return 1;
        }
    }
    return 0;
}

int printDifference(const Arguments &options, const std::vector<PlanRows> &plans, bool asJson)
{
    const auto others = readPlanFile(options.value(opt("diff")));
    if (!others)
        return options.failure(others.error());
    const PlanFilesComparison comparison = comparePlanFiles(plans, *others);
    QTextStream(stdout) << QString::fromStdString(asJson ? toJson(comparison) : toText(comparison));
    return 0;
}

} // namespace

int runExplain(const QStringList &arguments)
{
    Arguments options(opt("explain"),
        {{opt("format"), {}, opt("FORMAT")}, {opt("diff"), {}, opt("OTHER")},
            {opt("fail-on"), {}, opt("SEVERITY")}, {opt("redact"), {}, opt("OUT")}});
    if (!options.parse(arguments, 1, 1, commandByName(opt("explain"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    const QString failOn = options.value(opt("fail-on"));
    if (options.has(opt("fail-on")) && failOn != opt("warning") && failOn != opt("critical"))
        return options.usageError(opt("--fail-on '%1' is unknown. Known: warning, critical").arg(failOn));
    if (options.has(opt("fail-on")) && options.has(opt("diff")))
        return options.usageError(opt("--fail-on judges the findings of one file; leave out --diff."));
    QTemporaryFile kept;
    const auto path = withRedactedCopy(options.positional().first(), options.value(opt("redact")), kept);
    if (!path)
        return options.failure(path.error());
    const auto plans = readPlanFile(*path);
    if (!plans)
        return options.failure(withRedactHint(plans.error(), options.has(opt("redact"))));
    if (options.has(opt("diff")))
        return printDifference(options, *plans, *format == opt("json"));
    QTextStream out(stdout);
    if (*format == opt("json")) {
        QJsonArray array;
        for (const PlanRows &plan : *plans)
            array.append(toJson(plan));
        out << QJsonDocument(QJsonObject{{opt("plans"), array}}).toJson();
    } else {
        for (std::size_t i = 0; i < plans->size(); ++i)
            printPlan(out, (*plans)[i], i, plans->size());
    }
    return exitCodeOf(*plans, failOn);
}

} // namespace tailscope::app
