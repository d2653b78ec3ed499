// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of the cells of PlanCompareModel.
#include "base/text.h"
#include "items/plancomparemodel.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

using analysis::NodePair;
using Node = analysis::PlanTree::Node;

constexpr int kDeepestIndent = 24;
constexpr qsizetype kValueLength = 60;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString unknown() { return QStringLiteral("–"); }

QString count(double value)
{
    if (std::isnan(value))
        return unknown();
    return value == std::floor(value) && std::abs(value) < 9e15
        ? QString::fromStdString(groupedCount(std::int64_t(value)))
        : QString::number(value, 'f', 2);
}

QString selfText(const Node &node)
{
    if (node.isNeverExecuted())
        return QStringLiteral("never executed");
    return std::isnan(node.selfMs) ? unknown() : QString::fromStdString(humanMillis(node.selfMs));
}

QString differenceText(const Node &a, const Node &b)
{
    const double difference = b.selfMs - a.selfMs;
    if (std::isnan(difference))
        return unknown();
    // EXPLAIN prints thousandths of a millisecond: what is less is the arithmetic's.
    if (std::abs(difference) < 0.0005)
        return QStringLiteral("0");
    return (difference > 0 ? QStringLiteral("+") : QStringLiteral("−"))
        + QString::fromStdString(humanMillis(std::abs(difference)));
}

QString rowsText(const Node &node)
{
    return std::isnan(node.actualRows) && !node.isNeverExecuted()
        ? QStringLiteral("plan ") + count(node.planRows)
        : count(node.actualRows);
}

QString nodeText(const Node &node)
{
    return QString(2 * std::min(node.depth, kDeepestIndent), QLatin1Char(' '))
        + QString::fromStdString(node.title());
}

QString changeText(NodePair::Kind kind)
{
    switch (kind) {
    case NodePair::Kind::Same:
        return QStringLiteral("= same");
    case NodePair::Kind::Changed:
        return QStringLiteral("≠ changed");
    case NodePair::Kind::Added:
        return QStringLiteral("+ added");
    case NodePair::Kind::Removed:
        return QStringLiteral("− removed");
    }
    return {};
}

QString whatText(const NodePair &pair, qsizetype length, const QString &separator)
{
    QStringList parts;
    for (const analysis::NodeDifference &difference : pair.differences) {
        const auto value = [length](const std::string &text) {
            const QString shown = QString::fromStdString(text).simplified();
            return shown.isEmpty()      ? QStringLiteral("none")
                : shown.size() > length ? shown.left(length) + QStringLiteral("…")
                                        : shown;
        };
        parts << QStringLiteral("%1: %2 → %3")
                     .arg(fromUtf8(toText(difference.what)), value(difference.before),
                         value(difference.after));
    }
    return parts.join(separator);
}

QString nodeTip(const Node &node)
{
    QStringList lines{QString::fromStdString(node.title())};
    if (!node.condition.empty())
        lines << QStringLiteral("Condition: ") + QString::fromStdString(node.condition);
    if (!node.filter.empty())
        lines << QStringLiteral("Filter: ") + QString::fromStdString(node.filter);
    if (!node.joinFilter.empty())
        lines << QStringLiteral("Join filter: ") + QString::fromStdString(node.joinFilter);
    return lines.join(QLatin1Char('\n')).left(2000);
}

QString exactTime(const Node &node)
{
    if (std::isnan(node.selfMs))
        return QStringLiteral("Self time unknown: the plan has no times");
    QString text = QStringLiteral("Self time %1 ms").arg(node.selfMs, 0, 'f', 3);
    if (node.doubtMs > 0)
        text += QStringLiteral(" ± %1 ms (rounding)").arg(node.doubtMs, 0, 'f', 3);
    return text;
}

} // namespace

QString PlanCompareModel::text(const NodePair &pair, int column) const
{
    const Node *a = pair.a < 0 ? nullptr : &m_content->a.nodes[std::size_t(pair.a)];
    const Node *b = pair.b < 0 ? nullptr : &m_content->b.nodes[std::size_t(pair.b)];
    const auto of = [](const Node *node, auto make) { return node ? make(*node) : QString(); };
    const auto figure
        = [](double Node::*member) { return [member](const Node &node) { return count(node.*member); }; };
    const auto blocks = [](const Node &node) { return count(node.selfBlocks()); };
    const auto cost = [](const Node &node) {
        return std::isnan(node.totalCost) ? unknown() : QString::number(node.totalCost, 'f', 2);
    };
    switch (column) {
    case Change:
        return changeText(pair.kind);
    case NodeA:
        return of(a, nodeText);
    case NodeB:
        return of(b, nodeText);
    case What:
        return whatText(pair, kValueLength, QStringLiteral("; "));
    case SelfA:
        return of(a, selfText);
    case SelfB:
        return of(b, selfText);
    case SelfDifference:
        return a && b ? differenceText(*a, *b) : QString();
    case RowsA:
        return of(a, rowsText);
    case RowsB:
        return of(b, rowsText);
    case LoopsA:
        return of(a, figure(&Node::loops));
    case LoopsB:
        return of(b, figure(&Node::loops));
    case BuffersA:
        return of(a, blocks);
    case BuffersB:
        return of(b, blocks);
    case CostA:
        return of(a, cost);
    case CostB:
        return of(b, cost);
    default:
        return {};
    }
}

QString PlanCompareModel::toolTip(const NodePair &pair, int column) const
{
    const bool isOfA = column == NodeA || column == SelfA || column == RowsA;
    const int at = isOfA ? pair.a : pair.b;
    const Node *node = at < 0 ? nullptr : &(isOfA ? m_content->a : m_content->b).nodes[std::size_t(at)];
    switch (column) {
    case Change:
        return pair.a >= 0 && pair.b >= 0
            ? QStringLiteral("These nodes do the same job (similarity %1)").arg(pair.similarity, 0, 'f', 2)
            : QStringLiteral("No node of the other plan does this job");
    case NodeA:
    case NodeB:
        return node ? nodeTip(*node) : QStringLiteral("The plan has no such node");
    case What:
        return whatText(pair, 500, QStringLiteral("\n"));
    case SelfA:
    case SelfB:
        return node ? exactTime(*node) : QString();
    case RowsA:
    case RowsB:
        return node ? QStringLiteral("%1 rows in %2 loops, %3 a loop were planned")
                          .arg(count(node->actualRows), count(node->loops), count(node->planRows))
                    : QString();
    default:
        return text(pair, column);
    }
}

QString PlanCompareModel::factors() const
{
    if (!m_content || m_content->a.nodes.empty() || m_content->b.nodes.empty())
        return {};
    QStringList parts;
    const double a = m_content->a.totalMs(), b = m_content->b.totalMs();
    if (!std::isnan(a) || !std::isnan(b))
        parts << QStringLiteral("%1 → %2").arg(std::isnan(a) ? unknown()
                                                             : QString::fromStdString(humanMillis(a)),
            std::isnan(b) ? unknown() : QString::fromStdString(humanMillis(b)));
    parts << QString::fromStdString(factorsText(m_content->diff));
    const double rowsA = m_content->a.nodes.front().actualRows, rowsB = m_content->b.nodes.front().actualRows;
    if (!std::isnan(rowsA) && !std::isnan(rowsB))
        parts << (rowsA == rowsB ? QStringLiteral("both return %1 rows").arg(count(rowsA))
                                 : QStringLiteral("rows returned %1 → %2").arg(count(rowsA), count(rowsB)));
    const analysis::PlanDiff &diff = m_content->diff;
    parts << QStringLiteral("nodes: %1 same, %2 changed, %3 added, %4 removed")
                 .arg(diff.same)
                 .arg(diff.changed)
                 .arg(diff.added)
                 .arg(diff.removed);
    return parts.join(QStringLiteral(" · "));
}

bool PlanCompareModel::hasColumn(int column) const
{
    if (!m_content)
        return true;
    const auto any = [this](auto known) {
        return std::any_of(m_content->a.nodes.begin(), m_content->a.nodes.end(), known)
            || std::any_of(m_content->b.nodes.begin(), m_content->b.nodes.end(), known);
    };
    switch (column) {
    case SelfA:
    case SelfB:
    case SelfDifference:
        return any([](const Node &node) { return !std::isnan(node.selfMs); });
    case LoopsA:
    case LoopsB:
        return any([](const Node &node) { return node.loops > 1; });
    case BuffersA:
    case BuffersB:
        return any([](const Node &node) { return !std::isnan(node.selfBlocks()); });
    case CostA:
    case CostB:
        return any([](const Node &node) { return !std::isnan(node.totalCost); });
    default:
        return true;
    }
}

QVariant PlanCompareModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const QStringList titles{QStringLiteral("Change"), QStringLiteral("Plan A"),
        QStringLiteral("Plan B"), QStringLiteral("What Changed"), QStringLiteral("Self A"),
        QStringLiteral("Self B"), QStringLiteral("B − A"), QStringLiteral("Rows A"), QStringLiteral("Rows B"),
        QStringLiteral("Loops A"), QStringLiteral("Loops B"), QStringLiteral("Buffers A"),
        QStringLiteral("Buffers B"), QStringLiteral("Cost A"), QStringLiteral("Cost B")};
    static const QStringList tips{QStringLiteral("Nodes that do the same job stand on one line"),
        QStringLiteral("Node of plan A, indented as in its tree"),
        QStringLiteral("Node of plan B, indented as in its tree"),
        QStringLiteral("What differs: rows and loops from a factor of 2, times from 1 % of the execution"),
        QStringLiteral("Time in this node alone, plan A"), QStringLiteral("Time in this node alone, plan B"),
        QStringLiteral("Difference of the self times"), QStringLiteral("Rows over all loops, or as planned"),
        QStringLiteral("Rows over all loops, or as planned"), QStringLiteral("Executions"),
        QStringLiteral("Executions"), QStringLiteral("Own shared blocks of 8 KiB, hit and read"),
        QStringLiteral("Own shared blocks of 8 KiB, hit and read"),
        QStringLiteral("Total cost in the planner's units: never a time"),
        QStringLiteral("Total cost in the planner's units: never a time")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    return role == Qt::ToolTipRole ? QVariant(tips.value(section)) : QVariant();
}

} // namespace tailscope::items
