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

using analysis::NodePair;
using analysis::PlanDiff;
using analysis::PlanTree;
using Node = PlanTree::Node;

QString opt(const char *name) { return QString::fromLatin1(name); }

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QJsonValue number(double value) { return std::isnan(value) ? QJsonValue() : QJsonValue(value); }

const Node *nodeOf(const PlanTree &tree, int index)
{
    return index < 0 ? nullptr : &tree.nodes[std::size_t(index)];
}

QString millis(const Node *node)
{
    return !node                   ? opt("-")
        : node->isNeverExecuted()  ? opt("never")
        : std::isnan(node->selfMs) ? opt("?")
                                   : QString::fromStdString(humanMillis(node->selfMs));
}

/// What happened, then both names where they differ.
QString pairTitle(NodePair::Kind kind, const Node *a, const Node *b)
{
    const QString before = a ? QString::fromStdString(a->title()) : QString();
    const QString after = b ? QString::fromStdString(b->title()) : QString();
    switch (kind) {
    case NodePair::Kind::Added:
        return opt("+ ") + after + opt("  (new)");
    case NodePair::Kind::Removed:
        return opt("- ") + before + opt("  (gone)");
    case NodePair::Kind::Same:
        return opt("= ") + after;
    case NodePair::Kind::Changed:
        break;
    }
    return opt("~ ") + (before == after ? after : before + opt("  ->  ") + after);
}

QString differencesText(const NodePair &pair)
{
    QStringList parts;
    for (const analysis::NodeDifference &difference : pair.differences) {
        const auto value = [](const std::string &text) {
            const QString shown = QString::fromStdString(text).simplified();
            return shown.isEmpty() ? opt("none") : shown;
        };
        parts << opt("%1: %2 -> %3")
                     .arg(fromUtf8(toText(difference.what)), value(difference.before),
                         value(difference.after));
    }
    return parts.join(opt("; "));
}

QString comparisonText(const PlanTree &a, const PlanTree &b, const PlanDiff &diff)
{
    QString out = opt("The second plan: ") + fromUtf8(factorsText(diff)) + QLatin1Char('\n');
    out += fromUtf8(diff.sentence) + QLatin1Char('\n');
    out += opt("Nodes: %1 same (=), %2 changed (~), %3 added (+), %4 removed (-)\n")
               .arg(diff.same)
               .arg(diff.changed)
               .arg(diff.added)
               .arg(diff.removed);
    out += opt("  self before").rightJustified(14) + opt("self after").rightJustified(13) + opt("  node\n");
    for (const NodePair &pair : diff.pairs) {
        const Node *before = nodeOf(a, pair.a), *after = nodeOf(b, pair.b);
        const QString indent(2 * (after ? after->depth : before->depth), QLatin1Char(' '));
        out += millis(before).rightJustified(14) + millis(after).rightJustified(13) + opt("  ") + indent
            + pairTitle(pair.kind, before, after) + QLatin1Char('\n');
        const QString differences = differencesText(pair);
        if (!differences.isEmpty())
            out += QString(29, QLatin1Char(' ')) + indent + opt("  ") + differences + QLatin1Char('\n');
    }
    return out;
}

QJsonValue nodeJson(const Node *node)
{
    if (!node)
        return QJsonValue();
    return QJsonObject{{opt("id"), node->number}, {opt("node"), QString::fromStdString(node->title())},
        {opt("self_ms"), number(node->selfMs)}, {opt("actual_rows"), number(node->actualRows)},
        {opt("loops"), number(node->loops)}, {opt("blocks"), number(node->blocks())}};
}

QJsonObject comparisonJson(const PlanTree &a, const PlanTree &b, const PlanDiff &diff)
{
    QJsonArray pairs;
    for (const NodePair &pair : diff.pairs) {
        QJsonArray differences;
        for (const analysis::NodeDifference &difference : pair.differences)
            differences.append(QJsonObject{{opt("what"), fromUtf8(toText(difference.what))},
                {opt("before"), fromUtf8(difference.before)}, {opt("after"), fromUtf8(difference.after)}});
        pairs.append(QJsonObject{{opt("kind"), fromUtf8(toText(pair.kind))},
            {opt("before"), nodeJson(nodeOf(a, pair.a))}, {opt("after"), nodeJson(nodeOf(b, pair.b))},
            {opt("similarity"), pair.similarity}, {opt("differences"), differences}});
    }
    return {{opt("summary"), fromUtf8(diff.sentence)}, {opt("time_factor"), number(diff.timeFactor)},
        {opt("buffers_factor"), number(diff.buffersFactor)}, {opt("cost_factor"), number(diff.costFactor)},
        {opt("estimates_only"), diff.isEstimatesOnly}, {opt("same_shape"), diff.isSameShape},
        {opt("related"), diff.isRelated}, {opt("same"), diff.same}, {opt("changed"), diff.changed},
        {opt("added"), diff.added}, {opt("removed"), diff.removed}, {opt("nodes"), pairs}};
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
    files.beforePlans = &before;
    files.afterPlans = &after;
    std::vector<bool> taken(after.size(), false), matched(before.size(), false);
    const auto match = [&](std::size_t i, std::size_t j) {
        taken[j] = matched[i] = true;
        files.matches.push_back({i, j, analysis::diffPlans(before[i].tree, after[j].tree)});
    };
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::string &query = before[i].tree.fingerprint;
        for (std::size_t j = 0; j < after.size() && !query.empty() && !matched[i]; ++j) {
            if (!taken[j] && query == after[j].tree.fingerprint)
                match(i, j);
        }
    }
    files.byQuery = !files.matches.empty();
    if (!files.byQuery)
        match(0, 0);
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
    const bool many = files.beforePlans->size() > 1 || files.afterPlans->size() > 1;
    for (const PlanFilesComparison::Match &match : files.matches) {
        if (many) {
            out += out.isEmpty() ? QString() : opt("\n");
            out += opt("Plan %1 of %2 in the first file, plan %3 of %4 in the second (%5)\n")
                       .arg(match.before + 1)
                       .arg(files.beforePlans->size())
                       .arg(match.after + 1)
                       .arg(files.afterPlans->size())
                       .arg(files.byQuery
                               ? opt("the same query")
                               : opt("the first of each: no query text tells which belong together"));
        }
        out += comparisonText((*files.beforePlans)[match.before].tree, (*files.afterPlans)[match.after].tree,
            match.diff);
    }
    if (!files.onlyBefore.empty())
        out += opt("Not compared in the first file: plan %1\n").arg(numbers(files.onlyBefore));
    if (!files.onlyAfter.empty())
        out += opt("Not compared in the second file: plan %1\n").arg(numbers(files.onlyAfter));
    return out.toStdString();
}

std::string toJson(const PlanFilesComparison &files)
{
    const auto entryOf = [&files](const PlanFilesComparison::Match &match) {
        return comparisonJson((*files.beforePlans)[match.before].tree, (*files.afterPlans)[match.after].tree,
            match.diff);
    };
    QJsonObject object = entryOf(files.matches.front());
    QJsonArray comparisons;
    for (const PlanFilesComparison::Match &match : files.matches) {
        QJsonObject entry = entryOf(match);
        entry.insert(opt("before_plan"), qint64(match.before + 1));
        entry.insert(opt("after_plan"), qint64(match.after + 1));
        comparisons.append(entry);
    }
    object.insert(opt("before_plans"), qint64(files.beforePlans->size()));
    object.insert(opt("after_plans"), qint64(files.afterPlans->size()));
    object.insert(opt("matched_by"), files.byQuery ? opt("query") : opt("position"));
    object.insert(opt("comparisons"), comparisons);
    object.insert(opt("not_compared_before"), numbersJson(files.onlyBefore));
    object.insert(opt("not_compared_after"), numbersJson(files.onlyAfter));
    return QJsonDocument(object).toJson().toStdString();
}

} // namespace tailscope::app
