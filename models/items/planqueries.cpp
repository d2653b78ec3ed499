// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planqueries.h"

#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

constexpr qsizetype kTitleLength = 90;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

qint64 count(const store::Statement &statement, int column)
{
    return statement.isNull(column) ? -1 : statement.integer(column);
}

/// "Hash Left Join", "Index Scan using i on orders o": how EXPLAIN prints a node.
QString nodeTitle(const store::Statement &row)
{
    QString title = toQString(row.text(3));
    const QString join = toQString(row.text(4));
    if (!join.isEmpty() && join != QLatin1String("Inner") && !title.contains(join)) {
        const qsizetype at = title.lastIndexOf(QLatin1String(" Join"));
        title = at > 0 ? title.left(at) + QLatin1Char(' ') + join + title.mid(at)
                       : title + QLatin1Char(' ') + join;
    }
    const QString index = toQString(row.text(7));
    const QString relation = toQString(row.text(5));
    const QString alias = toQString(row.text(6));
    if (!index.isEmpty())
        title += (title.startsWith(QLatin1String("Bitmap Index")) ? QStringLiteral(" on ")
                                                                  : QStringLiteral(" using "))
            + index;
    if (!relation.isEmpty())
        title += QStringLiteral(" on ") + relation;
    if (!alias.isEmpty() && alias != relation)
        title += QLatin1Char(' ') + alias;
    return title;
}

} // namespace

Result<QList<PlanHead>> readPlanHeads(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(
        "SELECT p.id, p.node_count, p.query_text, p.source_text, p.format, p.planning_ms, p.execution_ms, "
        "s.path"
        " FROM plan AS p JOIN source AS s ON s.id = p.source_id ORDER BY p.id LIMIT 10000");
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

Result<std::vector<PlanNodeItem>> readPlanNodes(const store::Workspace &workspace, qint64 planId)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(
        "SELECT id, parent, depth, node_type, join_type, relation, alias, index_name, condition, filter, "
        "subplan_name,"
        " plan_rows, actual_rows, loops, wall_ms, self_ms, doubt_ms, total_cost, rows_removed_by_filter,"
        " rows_removed_by_join_filter, rows_removed_by_index_recheck, self_shared_hit, self_shared_read, "
        "shared_hit,"
        " shared_read, temp_read, temp_written, source_line FROM plan_node WHERE plan_id = ?1 ORDER BY node");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, std::int64_t(planId));
    std::vector<PlanNodeItem> nodes;
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return nodes;
        PlanNodeItem node;
        node.id = statement->integer(0);
        node.parent = statement->isNull(1) ? -1 : int(statement->integer(1));
        node.depth = int(statement->integer(2));
        node.nodeType = toQString(statement->text(3));
        node.title = nodeTitle(*statement);
        node.condition = toQString(statement->text(8));
        node.filter = toQString(statement->text(9));
        node.subplan = toQString(statement->text(10));
        node.planRows = statement->real(11);
        node.actualRows = statement->real(12);
        node.loops = statement->real(13);
        node.wallMs = statement->real(14);
        node.selfMs = statement->real(15);
        node.doubtMs = statement->real(16);
        node.totalCost = statement->real(17);
        node.removed = std::numeric_limits<double>::quiet_NaN();
        for (int column = 18; column <= 20; ++column) {
            if (!statement->isNull(column))
                node.removed = (std::isnan(node.removed) ? 0.0 : node.removed) + statement->real(column);
        }
        node.selfHit = count(*statement, 21);
        node.selfRead = count(*statement, 22);
        node.hit = count(*statement, 23);
        node.read = count(*statement, 24);
        node.tempRead = count(*statement, 25);
        node.tempWritten = count(*statement, 26);
        node.sourceLine = int(statement->integer(27));
        node.neverExecuted = node.loops == 0;
        // Pre-order: a parent that does not stand before its child is damage and makes a root.
        if (node.parent >= int(nodes.size()))
            node.parent = -1;
        nodes.push_back(std::move(node));
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
