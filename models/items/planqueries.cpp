// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planqueries.h"

namespace tailscope::items {

namespace {

constexpr qsizetype kTitleLength = 90;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

Result<QList<PlanHead>> readPlanHeads(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(
        "SELECT * FROM (SELECT p.id AS id, p.node_count, p.query_text, p.source_text, p.format, "
        "p.planning_ms, p.execution_ms, "
        "s.path"
        " FROM plan AS p JOIN source AS s ON s.id = p.source_id ORDER BY p.id DESC LIMIT 10000) ORDER BY id");
    if (!statement)
        return tl::unexpected(statement.error());
    QList<PlanHead> heads;
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return heads;
        PlanHead head;
        head.id = statement->integer(0);
        head.nodeCount = statement->integer(1);
        head.queryText = toQString(statement->text(2));
        head.sourceText = toQString(statement->text(3));
        head.format = toQString(statement->text(4));
        head.planningMs = statement->real(5);
        head.executionMs = statement->real(6);
        const QString file = toQString(statement->text(7)).section(QLatin1Char('/'), -1);
        head.title = QStringLiteral("%1 · %2").arg(head.id).arg(
            head.queryText.isEmpty() ? file : head.queryText.simplified().left(kTitleLength));
        heads.append(std::move(head));
    }
}

Result<qint64> readPlanOfNode(const store::Workspace &workspace, qint64 nodeId)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare("SELECT plan_id FROM plan_node WHERE id = ?1");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, std::int64_t(nodeId));
    auto row = statement->step();
    if (!row)
        return tl::unexpected(row.error());
    return *row ? qint64(statement->integer(0)) : 0;
}

} // namespace tailscope::items
