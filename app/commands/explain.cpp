// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope explain: self time, rows and findings of execution plans.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "app/commands/plancompare.h"
#include "app/commands/planrows.h"
#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

#include <cmath>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

QJsonValue number(double value) { return std::isnan(value) ? QJsonValue() : QJsonValue(value); }

QJsonValue name(const std::string &text)
{
    return text.empty() ? QJsonValue() : QJsonValue(QString::fromStdString(text));
}

QJsonObject toJson(const PlanRows &plan)
{
    QJsonArray nodes;
    for (const PlanRows::Node &node : plan.nodes) {
        nodes.append(QJsonObject{{opt("id"), qint64(node.number)},
            {opt("parent_id"), node.parent < 0 ? QJsonValue() : QJsonValue(qint64(node.parent))},
            {opt("node_type"), name(node.nodeType)}, {opt("relation"), name(node.relation)},
            {opt("index_name"), name(node.indexName)}, {opt("subplan_name"), name(node.subplan)},
            {opt("condition"), name(node.condition)}, {opt("filter"), name(node.filter)},
            {opt("plan_rows"), number(node.planRows)}, {opt("actual_rows"), number(node.actualRows)},
            {opt("loops"), number(node.loops)}, {opt("startup_cost"), number(node.startupCost)},
            {opt("total_cost"), number(node.totalCost)}, {opt("wall_ms"), number(node.wallMs)},
            {opt("self_ms"), number(node.selfMs)}, {opt("doubt_ms"), number(node.doubtMs)},
            {opt("shared_hit"), number(node.sharedHit)}, {opt("shared_read"), number(node.sharedRead)}});
    }
    QJsonArray findings;
    for (const PlanRows::Finding &finding : plan.findings) {
        findings.append(
            QJsonObject{{opt("rule_id"), name(finding.ruleId)}, {opt("severity"), name(finding.severity)},
                {opt("node_id"), finding.node < 0 ? QJsonValue() : QJsonValue(qint64(finding.node))},
                {opt("title"), name(finding.title)}, {opt("advice"), name(finding.advice)}});
    }
    return {{opt("node_count"), qint64(plan.nodes.size())}, {opt("planning_ms"), number(plan.planningMs)},
        {opt("execution_ms"), number(plan.executionMs)},
        {opt("not_attributable_ms"), number(plan.notAttributableMs)}, {opt("nodes"), nodes},
        {opt("findings"), findings}};
}

QString millis(double value)
{
    return std::isnan(value) ? opt("?") : QString::fromStdString(humanMillis(value));
}

QString rows(double value) { return std::isnan(value) ? opt("?") : QString::number(value, 'g', 12); }

void printTree(QTextStream &out, const PlanRows &plan)
{
    out << "Plan of " << plan.nodes.size() << " nodes";
    if (!std::isnan(plan.executionMs))
        out << ", execution " << millis(plan.executionMs);
    if (!std::isnan(plan.planningMs))
        out << ", planning " << millis(plan.planningMs);
    out << "\n"
        << opt("self").rightJustified(10) << opt("share").rightJustified(8) << opt("wall").rightJustified(11)
        << opt("rows").rightJustified(13) << opt("planned").rightJustified(13)
        << opt("loops").rightJustified(9) << "  node\n";
    const double all = plan.totalMs();
    for (const PlanRows::Node &node : plan.nodes) {
        const bool never = node.loops == 0;
        const QString share = std::isnan(node.selfMs) || !(all > 0)
            ? opt("?")
            : QString::number(node.selfMs / all * 100, 'f', 1) + opt(" %");
        out << (never ? opt("never") : millis(node.selfMs)).rightJustified(10) << share.rightJustified(8)
            << millis(node.wallMs).rightJustified(11) << rows(node.actualRows).rightJustified(13)
            << rows(node.planRows).rightJustified(13) << rows(node.loops).rightJustified(9) << "  "
            << QString(node.depth * 2, QLatin1Char(' ')) << QString::fromStdString(node.title()) << "\n";
    }
    if (!std::isnan(plan.notAttributableMs))
        out << "not attributable: " << millis(plan.notAttributableMs)
            << " that children took beyond their parents' time; such parents are shown with 0\n";
    for (const PlanRows::Finding &finding : plan.findings) {
        out << QString::fromStdString(finding.severity) << ": " << QString::fromStdString(finding.title)
            << ": " << QString::fromStdString(finding.summary) << "\n";
        if (!finding.advice.empty())
            out << "    " << QString::fromStdString(finding.advice).replace(QLatin1Char('\n'), opt("\n    "))
                << "\n";
    }
}

} // namespace

int runExplain(const QStringList &arguments)
{
    Arguments options(opt("explain"), {{opt("format"), {}, opt("FORMAT")}, {opt("diff"), {}, opt("OTHER")}});
    if (!options.parse(arguments, 1, 1, commandByName(opt("explain"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    const auto plans = readPlanFile(options.positional().first());
    if (!plans)
        return options.failure(plans.error());
    QTextStream out(stdout);
    if (options.has(opt("diff"))) {
        const auto others = readPlanFile(options.value(opt("diff")));
        if (!others)
            return options.failure(others.error());
        const PlanFilesComparison comparison = comparePlanFiles(*plans, *others);
        out << QString::fromStdString(*format == opt("json") ? toJson(comparison) : toText(comparison));
        return 0;
    }
    if (*format == opt("json")) {
        QJsonArray array;
        for (const PlanRows &plan : *plans)
            array.append(toJson(plan));
        out << QJsonDocument(QJsonObject{{opt("plans"), array}}).toJson();
        return 0;
    }
    for (std::size_t i = 0; i < plans->size(); ++i) {
        out << (i > 0 ? "\n" : "");
        printTree(out, (*plans)[i]);
    }
    return 0;
}

} // namespace tailscope::app
