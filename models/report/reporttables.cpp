// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reporttables.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tailscope::report {

namespace {

constexpr std::size_t kShownOperations = 30;

std::string millis(const std::optional<double> &value) { return value ? humanMillis(*value) : "unknown"; }

std::string share(const std::optional<double> &value)
{
    if (!value)
        return "unknown";
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.1f %%", *value * 100);
    return buffer;
}

std::string number(double value)
{
    char buffer[48];
    std::snprintf(buffer, sizeof buffer,
        value == std::floor(value) && std::abs(value) < 1e15 ? "%.0f" : "%.3f", value);
    return buffer;
}

std::string shortText(const std::string &text, std::size_t bytes)
{
    std::string line = text;
    for (char &c : line) {
        if (c == '\n' || c == '\r' || c == '\t')
            c = ' ';
    }
    if (line.size() <= bytes)
        return line;
    return std::string(utf8Prefix(line, bytes)) + "…";
}

ReportTable sourceTable(const ReportData &data)
{
    ReportTable table{"Sources", {}, {"id", "file", "format", "state", "size", "rows", "skipped"},
        {true, false, false, false, true, true, true}, {}};
    for (const ReportData::Source &source : data.sources) {
        table.rows.push_back({std::to_string(source.id), source.path, source.format,
            source.duplicateOf ? "same as " + std::to_string(*source.duplicateOf) : source.state,
            humanBytes(std::uint64_t(std::max<std::int64_t>(0, source.bytes))), groupedCount(source.rows),
            groupedCount(source.rowsSkipped)});
    }
    return table;
}

ReportTable issueTable(const ReportData &data)
{
    ReportTable table{"Skipped and noticed while importing", {},
        {"source", "severity", "kind", "count", "first offset", "example"},
        {true, false, false, true, true, false}, {}};
    for (const ReportData::Issue &issue : data.issues) {
        table.rows.push_back(
            {std::to_string(issue.sourceId), issue.severity, issue.kind, groupedCount(issue.count),
                issue.firstOffset ? std::to_string(*issue.firstOffset) : "–", shortText(issue.example, 160)});
    }
    return table;
}

ReportTable operationTable(const ReportData &data, bool bySelf)
{
    ReportTable table{bySelf ? "Operations by self time" : "Operations by total time",
        "Percentiles are nearest rank over the spans with known duration; * = n < 100, so the P99 is the "
        "maximum. Self time = duration minus the union of synchronous children.",
        {"operation", "service", "count", "errors", "total", "self", "P50", "P95", "P99"},
        {false, false, true, true, true, true, true, true, true}, {}};
    std::vector<const ReportData::Operation *> order;
    for (const ReportData::Operation &entry : data.operations)
        order.push_back(&entry);
    if (bySelf) {
        table.note.clear();
        std::stable_sort(order.begin(), order.end(),
            [](const auto *a, const auto *b) { return a->selfMs > b->selfMs; });
    }
    const std::size_t shown = std::min(order.size(), bySelf ? std::size_t(10) : kShownOperations);
    for (std::size_t i = 0; i < shown; ++i) {
        const ReportData::Operation &entry = *order[i];
        table.rows.push_back({shortText(entry.operation, 80), entry.service, groupedCount(entry.count),
            groupedCount(entry.errors), millis(entry.totalMs), millis(entry.selfMs), millis(entry.p50Ms),
            millis(entry.p95Ms), millis(entry.p99Ms) + (entry.fewForP99 ? "*" : "")});
    }
    if (std::size_t(data.operationCount) > shown && !bySelf)
        table.note += " " + groupedCount(data.operationCount - std::int64_t(shown))
            + " more operations are not listed.";
    return table;
}

ReportTable planTable(const ReportData &data)
{
    ReportTable table{"Slowest plan nodes",
        "Self time follows the slowest process under Gather; a CTE is shared by its scans; an InitPlan is "
        "charged to its user.",
        {"plan", "node", "self", "share", "wall", "rows", "planned"},
        {true, false, true, true, true, true, true}, {}};
    for (const ReportData::Plan &plan : data.plans) {
        if (plan.slowest.empty())
            table.rows.push_back({std::to_string(plan.id),
                std::to_string(plan.nodeCount) + " nodes of " + shortText(plan.path, 60), "no times", "",
                millis(plan.executionMs), "", ""});
        for (const ReportData::PlanNode &node : plan.slowest) {
            table.rows.push_back({std::to_string(plan.id), node.title, millis(node.selfMs), share(node.share),
                millis(node.wallMs), node.actualRows ? number(*node.actualRows) : "unknown",
                node.planRows ? number(*node.planRows) : "unknown"});
        }
    }
    return table;
}

ReportTable profileTable(const ReportData &data)
{
    ReportTable table{"Profiles: functions by self weight", {},
        {"profile", "function", "self", "share", "unit"}, {false, false, true, true, false}, {}};
    for (const ReportData::Profile &profile : data.profiles) {
        for (const auto &function : profile.top) {
            table.rows.push_back({profile.name, shortText(function.name, 90), number(function.self),
                profile.weight != 0 ? share(function.self / profile.weight) : "unknown", profile.unit});
        }
    }
    return table;
}

ReportTable replicaTable(const ReportData &data)
{
    ReportTable table{"Replicas",
        "Lag with the idle guard: equal positions that are proved are no lag. Percentiles are nearest rank.",
        {"replica", "state", "cause", "stage", "lag", "P50", "P95", "P99", "most", "samples", "episodes"},
        {false, false, false, false, true, true, true, true, true, true, true}, {}};
    for (const ReportData::Replica &replica : data.replicas)
        table.rows.push_back({replica.name, replica.verdict, replica.cause, replica.stage,
            millis(replica.lagMs), millis(replica.p50Ms), millis(replica.p95Ms), millis(replica.p99Ms),
            millis(replica.maxMs), groupedCount(replica.samples), groupedCount(replica.episodes)});
    return table;
}

ReportTable findingTable(const ReportData &data)
{
    ReportTable table{"Findings",
        groupedCount(data.rulesRan) + " rules ran, " + groupedCount(data.rulesNotEvaluated)
            + " could not be evaluated on this data.",
        {"severity", "finding", "evidence", "rule"}, {false, false, false, false}, {}};
    for (const ReportData::Finding &finding : data.findings)
        table.rows.push_back(
            {finding.severity, finding.title, shortText(finding.summary, 400), finding.ruleId});
    if (data.findings.empty())
        table.note += data.rulesRan > 0 ? " None fired." : "";
    return table;
}

} // namespace

std::vector<ReportTable> toTables(const ReportData &data)
{
    std::vector<ReportTable> tables{sourceTable(data), findingTable(data)};
    if (!data.operations.empty()) {
        tables.push_back(operationTable(data, false));
        tables.push_back(operationTable(data, true));
    }
    if (!data.plans.empty())
        tables.push_back(planTable(data));
    if (!data.profiles.empty())
        tables.push_back(profileTable(data));
    if (!data.replicas.empty())
        tables.push_back(replicaTable(data));
    if (!data.issues.empty())
        tables.push_back(issueTable(data));
    return tables;
}

} // namespace tailscope::report
