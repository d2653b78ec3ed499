// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reportdata.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::report {

namespace {

QString text(const std::string &value) { return QString::fromStdString(value); }

QString key(const char *name) { return QString::fromLatin1(name); }

template<typename T>
QJsonValue optional(const std::optional<T> &value)
{
    if (!value)
        return QJsonValue();
    if constexpr (std::is_same_v<T, std::int64_t>)
        return QJsonValue(qint64(*value));
    else
        return QJsonValue(double(*value));
}

QJsonArray sources(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Source &source : data.sources) {
        rows.append(QJsonObject{{key("id"), qint64(source.id)}, {key("path"), text(source.path)},
            {key("format"), text(source.format)}, {key("kind"), text(source.kind)},
            {key("state"), text(source.state)}, {key("clock"), text(source.clock)},
            {key("bytes"), qint64(source.bytes)}, {key("rows"), qint64(source.rows)},
            {key("rows_read"), qint64(source.rowsRead)}, {key("rows_skipped"), qint64(source.rowsSkipped)},
            {key("duplicate_of"), optional(source.duplicateOf)}});
    }
    return rows;
}

QJsonArray issues(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Issue &issue : data.issues) {
        rows.append(QJsonObject{{key("source_id"), qint64(issue.sourceId)},
            {key("severity"), text(issue.severity)}, {key("kind"), text(issue.kind)},
            {key("count"), qint64(issue.count)},
            {key("first_offset"), issue.firstOffset ? QJsonValue(qint64(*issue.firstOffset)) : QJsonValue()},
            {key("example"), text(issue.example)}});
    }
    return rows;
}

QJsonArray operations(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Operation &entry : data.operations) {
        rows.append(
            QJsonObject{{key("service"), text(entry.service)}, {key("operation"), text(entry.operation)},
                {key("count"), qint64(entry.count)}, {key("unknown"), qint64(entry.unknown)},
                {key("errors"), qint64(entry.errors)}, {key("p50_ms"), optional(entry.p50Ms)},
                {key("p95_ms"), optional(entry.p95Ms)}, {key("p99_ms"), optional(entry.p99Ms)},
                {key("total_ms"), optional(entry.totalMs)}, {key("self_ms"), optional(entry.selfMs)}});
    }
    return rows;
}

QJsonArray plans(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Plan &plan : data.plans) {
        QJsonArray nodes;
        for (const ReportData::PlanNode &node : plan.slowest) {
            nodes.append(QJsonObject{{key("id"), qint64(node.id)}, {key("node"), text(node.title)},
                {key("self_ms"), optional(node.selfMs)}, {key("wall_ms"), optional(node.wallMs)},
                {key("share"), optional(node.share)}, {key("doubt_ms"), optional(node.doubtMs)},
                {key("plan_rows"), optional(node.planRows)},
                {key("actual_rows"), optional(node.actualRows)}});
        }
        rows.append(QJsonObject{{key("id"), qint64(plan.id)}, {key("path"), text(plan.path)},
            {key("node_count"), qint64(plan.nodeCount)}, {key("planning_ms"), optional(plan.planningMs)},
            {key("execution_ms"), optional(plan.executionMs)}, {key("query"), text(plan.query)},
            {key("slowest_nodes"), nodes}});
    }
    return rows;
}

QJsonArray profiles(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Profile &profile : data.profiles) {
        QJsonArray top;
        for (const auto &function : profile.top)
            top.append(QJsonObject{{key("function"), text(function.name)}, {key("self"), function.self}});
        rows.append(QJsonObject{{key("id"), qint64(profile.id)}, {key("name"), text(profile.name)},
            {key("sample_type"), text(profile.sampleType)}, {key("unit"), text(profile.unit)},
            {key("samples"), qint64(profile.samples)}, {key("weight"), profile.weight}, {key("top"), top}});
    }
    return rows;
}

QJsonArray budgets(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Budget &budget : data.budgets) {
        QJsonArray parts;
        for (const ReportData::BudgetPart &part : budget.parts)
            parts.append(QJsonObject{{key("part"), text(part.part)}, {key("name"), text(part.name)},
                {key("kind"), text(part.kind)}, {key("n"), qint64(part.n)},
                {key("p50_ms"), optional(part.p50Ms)}, {key("p95_ms"), optional(part.p95Ms)},
                {key("p99_ms"), optional(part.p99Ms)}, {key("value_ms"), optional(part.valueMs)},
                {key("budget_ms"), optional(part.budgetMs)}, {key("timeout_ms"), optional(part.timeoutMs)},
                {key("share"), optional(part.share)}, {key("error_rate"), optional(part.errorRate)},
                {key("state"), text(part.state)}, {key("timeout_state"), text(part.timeoutState)}});
        rows.append(QJsonObject{{key("id"), qint64(budget.id)}, {key("name"), text(budget.name)},
            {key("target_ms"), budget.targetMs}, {key("percentile"), text(budget.percentile)},
            {key("working_ms"), optional(budget.workingMs)},
            {key("plain_sum_ms"), optional(budget.plannedSumMs)},
            {key("critical_path_ms"), optional(budget.plannedPathMs)},
            {key("floor_ms"), optional(budget.floorMs)}, {key("parts"), parts}});
    }
    return rows;
}

QJsonArray pools(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Pool &pool : data.pools) {
        rows.append(QJsonObject{{key("kind"), text(pool.kind)}, {key("pool"), text(pool.pool)},
            {key("instance"), pool.instance ? QJsonValue(text(*pool.instance)) : QJsonValue()},
            {key("verdict"), text(pool.verdict)}, {key("cause"), text(pool.cause)},
            {key("ceiling"), pool.ceiling.empty() ? QJsonValue() : QJsonValue(text(pool.ceiling))},
            {key("ceiling_value"), optional(pool.ceilingValue)}, {key("capacity"), optional(pool.capacity)},
            {key("utilisation"), optional(pool.utilisation)},
            {key("utilisation_max"), optional(pool.utilisationMax)},
            {key("waiting_max"), optional(pool.waitingMax)}, {key("wait_p99_ms"), optional(pool.waitP99Ms)},
            {key("service_ms"), optional(pool.serviceMs)}, {key("arrival_rate"), optional(pool.arrivalRate)},
            {key("demand"), optional(pool.demand)}, {key("throughput_cap"), optional(pool.throughputCap)},
            {key("deficit"), optional(pool.deficit)}, {key("timeouts"), optional(pool.timeouts)}});
    }
    return rows;
}

QJsonArray replicas(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Replica &replica : data.replicas)
        rows.append(QJsonObject{{key("replica"), text(replica.name)}, {key("verdict"), text(replica.verdict)},
            {key("stage"), text(replica.stage)}, {key("cause"), text(replica.cause)},
            {key("samples"), qint64(replica.samples)}, {key("unknown"), qint64(replica.unknown)},
            {key("lag_ms"), optional(replica.lagMs)}, {key("p50_ms"), optional(replica.p50Ms)},
            {key("p95_ms"), optional(replica.p95Ms)}, {key("p99_ms"), optional(replica.p99Ms)},
            {key("max_ms"), optional(replica.maxMs)},
            {key("lag_bytes"), replica.lagBytes ? QJsonValue(qint64(*replica.lagBytes)) : QJsonValue()},
            {key("episodes"), qint64(replica.episodes)}});
    return rows;
}

QJsonArray findings(const ReportData &data)
{
    QJsonArray rows;
    for (const ReportData::Finding &finding : data.findings) {
        rows.append(
            QJsonObject{{key("rule_id"), text(finding.ruleId)}, {key("severity"), text(finding.severity)},
                {key("title"), text(finding.title)}, {key("summary"), text(finding.summary)},
                {key("subject_kind"), text(finding.subjectKind)}, {key("gain_ms"), optional(finding.gainMs)},
                {key("evidence"),
                    QJsonDocument::fromJson(QByteArray::fromStdString(finding.evidence)).object()}});
    }
    return rows;
}

} // namespace

std::string toJson(const ReportData &data)
{
    const QJsonObject report{{key("sources"), sources(data)}, {key("import_issues"), issues(data)},
        {key("operations"), operations(data)}, {key("plans"), plans(data)}, {key("profiles"), profiles(data)},
        {key("pools"), pools(data)}, {key("replicas"), replicas(data)}, {key("budgets"), budgets(data)},
        {key("findings"), findings(data)}};
    return QJsonDocument(report).toJson().toStdString();
}

} // namespace tailscope::report
