// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/plancompare.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>
#include <QStringList>

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

namespace {

QString comparisonText(const PlanComparison &comparison)
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
    return out;
}

QJsonObject comparisonJson(const PlanComparison &comparison)
{
    QJsonArray pairs;
    for (const PlanComparison::Pair &pair : comparison.pairs)
        pairs.append(QJsonObject{{QStringLiteral("before"), nodeJson(pair.before)},
            {QStringLiteral("after"), nodeJson(pair.after)}});
    return {{QStringLiteral("time_factor"), number(comparison.timeFactor)},
        {QStringLiteral("buffers_factor"), number(comparison.buffersFactor)},
        {QStringLiteral("cost_factor"), number(comparison.costFactor)}, {QStringLiteral("nodes"), pairs}};
}

QString numbers(const std::vector<std::size_t> &indexes)
{
    QStringList list;
    for (const std::size_t index : indexes)
        list << QString::number(index + 1);
    return list.join(QStringLiteral(", "));
}

QJsonArray numbersJson(const std::vector<std::size_t> &indexes)
{
    QJsonArray list;
    for (const std::size_t index : indexes)
        list.append(qint64(index + 1));
    return list;
}

} // namespace

PlanFilesComparison comparePlanFiles(const std::vector<PlanRows> &before, const std::vector<PlanRows> &after)
{
    PlanFilesComparison files;
    files.beforePlans = before.size();
    files.afterPlans = after.size();
    std::vector<bool> taken(after.size(), false), matched(before.size(), false);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (std::size_t j = 0; j < after.size() && !before[i].fingerprint.empty() && !matched[i]; ++j) {
            if (taken[j] || before[i].fingerprint != after[j].fingerprint)
                continue;
            taken[j] = matched[i] = true;
            files.matches.push_back({i, j, comparePlans(before[i], after[j])});
        }
    }
    files.byQuery = !files.matches.empty();
    if (!files.byQuery) {
        taken[0] = matched[0] = true;
        files.matches.push_back({0, 0, comparePlans(before[0], after[0])});
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!matched[i])
            files.onlyBefore.push_back(i);
    }
    for (std::size_t j = 0; j < after.size(); ++j) {
        if (!taken[j])
            files.onlyAfter.push_back(j);
    }
    return files;
}

std::string toText(const PlanFilesComparison &files)
{
    QString out;
    const bool many = files.beforePlans > 1 || files.afterPlans > 1;
    for (const PlanFilesComparison::Match &match : files.matches) {
        if (many) {
            out += out.isEmpty() ? QString() : QStringLiteral("\n");
            out += QStringLiteral("Plan %1 of %2 in the first file, plan %3 of %4 in the second (%5)\n")
                       .arg(match.before + 1)
                       .arg(files.beforePlans)
                       .arg(match.after + 1)
                       .arg(files.afterPlans)
                       .arg(files.byQuery
                               ? QStringLiteral("the same query")
                               : QStringLiteral("the first of each: no query text tells which belong "
                                                "together"));
        }
        out += comparisonText(match.comparison);
    }
    if (!files.onlyBefore.empty())
        out += QStringLiteral("Not compared in the first file: plan %1\n").arg(numbers(files.onlyBefore));
    if (!files.onlyAfter.empty())
        out += QStringLiteral("Not compared in the second file: plan %1\n").arg(numbers(files.onlyAfter));
    return out.toStdString();
}

std::string toJson(const PlanFilesComparison &files)
{
    QJsonObject object = comparisonJson(files.matches.front().comparison);
    QJsonArray comparisons;
    for (const PlanFilesComparison::Match &match : files.matches) {
        QJsonObject entry = comparisonJson(match.comparison);
        entry.insert(QStringLiteral("before_plan"), qint64(match.before + 1));
        entry.insert(QStringLiteral("after_plan"), qint64(match.after + 1));
        comparisons.append(entry);
    }
    object.insert(QStringLiteral("before_plans"), qint64(files.beforePlans));
    object.insert(QStringLiteral("after_plans"), qint64(files.afterPlans));
    object.insert(QStringLiteral("matched_by"),
        files.byQuery ? QStringLiteral("query") : QStringLiteral("position"));
    object.insert(QStringLiteral("comparisons"), comparisons);
    object.insert(QStringLiteral("not_compared_before"), numbersJson(files.onlyBefore));
    object.insert(QStringLiteral("not_compared_after"), numbersJson(files.onlyAfter));
    return QJsonDocument(object).toJson().toStdString();
}

} // namespace tailscope::app
