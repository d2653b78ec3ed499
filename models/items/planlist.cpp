// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planlist.h"

#include "base/text.h"

#include <QHash>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

constexpr qsizetype kStatementLength = 300, kLabelLength = 70;

constexpr std::string_view kEntries
    = "SELECT * FROM (SELECT p.id AS id, p.statement_id, coalesce(p.query_text, t.text), s.path, "
      "p.captured_at_ns,"
      " coalesce(p.execution_ms, p.duration_ms,"
      " (SELECT n.wall_ms FROM plan_node AS n WHERE n.plan_id = p.id AND n.node = 0)), p.saved_good"
      " FROM plan AS p JOIN source AS s ON s.id = p.source_id LEFT JOIN statement AS t ON t.id = "
      "p.statement_id"
      " ORDER BY p.id DESC LIMIT 10000) ORDER BY id";

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// The pair of one statement; second = 0 when there is nothing to compare with.
std::pair<qint64, qint64> pairOf(const QList<PlanEntry> &plans, qint64 selectedPlan)
{
    if (plans.size() < 2)
        return {0, 0};
    const auto saved
        = std::find_if(plans.begin(), plans.end(), [](const PlanEntry &e) { return e.savedGood; });
    const qint64 latest = plans.last().id, before = plans.at(plans.size() - 2).id;
    if (saved != plans.end()) {
        if (selectedPlan > 0 && selectedPlan != saved->id)
            return {saved->id, selectedPlan};
        return {saved->id, saved->id == latest ? before : latest};
    }
    return selectedPlan > 0 && selectedPlan != latest ? std::pair(selectedPlan, latest)
                                                      : std::pair(before, latest);
}

} // namespace

QString PlanEntry::label() const
{
    QStringList parts{QStringLiteral("#%1").arg(id)};
    parts << (std::isnan(timeMs) ? QStringLiteral("estimates") : QString::fromStdString(humanMillis(timeMs)));
    if (capturedAtNs)
        parts << QString::fromStdString(utcTimestamp(*capturedAtNs));
    if (savedGood)
        parts << QStringLiteral("saved");
    parts << (statement.isEmpty() ? file : statement.left(kLabelLength));
    return parts.join(QStringLiteral(" · "));
}

Result<QList<PlanEntry>> readPlanEntries(const store::Workspace &workspace)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    Result<store::Statement> query = reader->prepare(kEntries);
    if (!query)
        return fail(std::move(query.error()));
    QList<PlanEntry> entries;
    while (true) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return entries;
        PlanEntry entry;
        entry.id = query->integer(0);
        entry.statementId = query->integer(1);
        entry.statement = fromUtf8(query->text(2)).simplified().left(kStatementLength);
        entry.file = fromUtf8(query->text(3)).section(QLatin1Char('/'), -1);
        if (const auto ts = query->optionalInteger(4))
            entry.capturedAtNs = *ts;
        entry.timeMs = query->real(5);
        entry.savedGood = query->integer(6) == 1;
        entries.append(std::move(entry));
    }
}

Result<qint64> planOfNode(const store::Workspace &workspace, qint64 nodeId)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    Result<store::Statement> query = reader->prepare("SELECT plan_id FROM plan_node WHERE id = ?1");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, std::int64_t(nodeId));
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return *row ? qint64(query->integer(0)) : 0;
}

QList<PlanEntry> plansOfStatement(const QList<PlanEntry> &entries, qint64 statementId)
{
    QList<PlanEntry> plans;
    for (const PlanEntry &entry : entries) {
        if (entry.statementId == statementId && statementId > 0)
            plans.append(entry);
    }
    const bool byTime
        = std::all_of(plans.begin(), plans.end(), [](const PlanEntry &entry) { return entry.capturedAtNs; });
    std::sort(plans.begin(), plans.end(), [byTime](const PlanEntry &x, const PlanEntry &y) {
        return byTime && x.capturedAtNs != y.capturedAtNs ? x.capturedAtNs < y.capturedAtNs : x.id < y.id;
    });
    return plans;
}

std::pair<qint64, qint64> plansToCompare(const QList<PlanEntry> &entries, qint64 selectedPlan)
{
    for (const PlanEntry &entry : entries) {
        if (entry.id != selectedPlan)
            continue;
        const auto pair = pairOf(plansOfStatement(entries, entry.statementId), selectedPlan);
        if (pair.second > 0)
            return pair;
    }
    struct Sum
    {
        double ms = 0;
        int n = 0;
    };
    QHash<qint64, Sum> sums;
    for (const PlanEntry &entry : entries) {
        Sum &sum = sums[entry.statementId];
        sum.ms += std::isnan(entry.timeMs) ? 0 : entry.timeMs;
        ++sum.n;
    }
    qint64 best = 0;
    for (const PlanEntry &entry : entries) { // in their order: the first of equal ones
        const Sum sum = sums.value(entry.statementId);
        if (entry.statementId > 0 && sum.n > 1 && (best == 0 || sum.ms > sums.value(best).ms))
            best = entry.statementId;
    }
    if (best > 0)
        return pairOf(plansOfStatement(entries, best), 0);
    return entries.size() < 2 ? std::pair<qint64, qint64>{0, 0} : std::pair(entries[0].id, entries[1].id);
}

} // namespace tailscope::items
