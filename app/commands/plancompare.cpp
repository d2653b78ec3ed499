// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/plancompare.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

#include <cmath>

namespace tailscope::app {

namespace {

using Node = PlanRows::Node;

double ratio(double before, double after) { return after > 0 && before >= 0 ? before / after : std::nan(""); }

double blocks(const Node &node)
{
    if (std::isnan(node.sharedHit) && std::isnan(node.sharedRead))
        return std::nan("");
    return (std::isnan(node.sharedHit) ? 0 : node.sharedHit)
        + (std::isnan(node.sharedRead) ? 0 : node.sharedRead);
}

bool sameWork(const Node &a, const Node &b)
{
    return a.nodeType == b.nodeType && a.relation == b.relation && a.condition == b.condition
        && a.subplan == b.subplan;
}

bool sameRelation(const Node &a, const Node &b)
{
    return !a.relation.empty() && a.relation == b.relation && a.alias == b.alias;
}

template<typename Same>
void match(PlanComparison &comparison, std::vector<bool> &taken, Same same)
{
    const auto &after = comparison.after->nodes;
    for (PlanComparison::Pair &pair : comparison.pairs) {
        if (pair.after)
            continue;
        for (std::size_t i = 0; i < after.size(); ++i) {
            if (taken[i] || !same(*pair.before, after[i]))
                continue;
            pair.after = &after[i];
            taken[i] = true;
            break;
        }
    }
}

QString factor(double value)
{
    if (std::isnan(value))
        return QStringLiteral("unknown");
    return value >= 1 ? QStringLiteral("%1 x less").arg(QString::number(value, 'g', 6))
                      : QStringLiteral("%1 x more").arg(QString::number(1 / value, 'g', 6));
}

QString millis(const Node *node)
{
    return !node                   ? QStringLiteral("-")
        : std::isnan(node->selfMs) ? QStringLiteral("?")
                                   : QString::fromStdString(humanMillis(node->selfMs));
}

QJsonValue number(double value) { return std::isnan(value) ? QJsonValue() : QJsonValue(value); }

QJsonValue nodeJson(const Node *node)
{
    if (!node)
        return QJsonValue();
    return QJsonObject{{QStringLiteral("id"), node->number},
        {QStringLiteral("node"), QString::fromStdString(node->title())},
        {QStringLiteral("self_ms"), number(node->selfMs)},
        {QStringLiteral("actual_rows"), number(node->actualRows)},
        {QStringLiteral("blocks"), number(blocks(*node))}};
}

} // namespace

PlanComparison comparePlans(const PlanRows &before, const PlanRows &after)
{
    PlanComparison comparison;
    comparison.before = &before;
    comparison.after = &after;
    for (const Node &node : before.nodes)
        comparison.pairs.push_back({&node, nullptr});
    std::vector<bool> taken(after.nodes.size(), false);
    match(comparison, taken, sameWork);
    match(comparison, taken, sameRelation);
    for (std::size_t i = 0; i < after.nodes.size(); ++i) {
        if (!taken[i])
            comparison.pairs.push_back({nullptr, &after.nodes[i]});
    }
    comparison.timeFactor = ratio(before.totalMs(), after.totalMs());
    comparison.buffersFactor = comparison.costFactor = std::nan("");
    if (!before.nodes.empty() && !after.nodes.empty()) {
        comparison.buffersFactor = ratio(blocks(before.nodes.front()), blocks(after.nodes.front()));
        comparison.costFactor = ratio(before.nodes.front().totalCost, after.nodes.front().totalCost);
    }
    return comparison;
}

std::string toText(const PlanComparison &comparison)
{
    QString out
        = QStringLiteral("The second plan takes: time %1, buffers %2, estimated cost %3 (cost units)\n")
              .arg(factor(comparison.timeFactor), factor(comparison.buffersFactor),
                  factor(comparison.costFactor));
    out += QStringLiteral("  self before").rightJustified(14)
        + QStringLiteral("self after").rightJustified(13) + QStringLiteral("  node\n");
    for (const PlanComparison::Pair &pair : comparison.pairs) {
        QString title = QString::fromStdString((pair.before ? pair.before : pair.after)->title());
        if (pair.before && pair.after && pair.before->title() != pair.after->title())
            title += QStringLiteral("  ->  ") + QString::fromStdString(pair.after->title());
        else if (!pair.after)
            title += QStringLiteral("  (gone)");
        else if (!pair.before)
            title += QStringLiteral("  (new)");
        out += millis(pair.before).rightJustified(14) + millis(pair.after).rightJustified(13)
            + QStringLiteral("  ") + title + QLatin1Char('\n');
    }
    return out.toStdString();
}

std::string toJson(const PlanComparison &comparison)
{
    QJsonArray pairs;
    for (const PlanComparison::Pair &pair : comparison.pairs)
        pairs.append(QJsonObject{{QStringLiteral("before"), nodeJson(pair.before)},
            {QStringLiteral("after"), nodeJson(pair.after)}});
    const QJsonObject object{{QStringLiteral("time_factor"), number(comparison.timeFactor)},
        {QStringLiteral("buffers_factor"), number(comparison.buffersFactor)},
        {QStringLiteral("cost_factor"), number(comparison.costFactor)}, {QStringLiteral("nodes"), pairs}};
    return QJsonDocument(object).toJson().toStdString();
}

} // namespace tailscope::app
