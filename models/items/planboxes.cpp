// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planboxes.h"

#include "base/text.h"
#include "items/plancells.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

using analysis::PlanFactsNode;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostDecades = 3; // of a misestimate: more looks the same

QString tr(const char *text) { return QCoreApplication::translate("PlanModel", text); }
QString text(const std::string &utf8) { return QString::fromStdString(utf8); }

double ownBlocks(const PlanFactsNode &node)
{
    return node.selfHit || node.selfRead ? double(node.selfHit.value_or(0) + node.selfRead.value_or(0))
                                         : kUnknown;
}

double mostBlocks(const analysis::PlanFacts &facts)
{
    double most = 0;
    for (const PlanFactsNode &node : facts.nodes) {
        const double blocks = ownBlocks(node);
        most = std::isnan(blocks) ? most : std::max(most, blocks);
    }
    return most;
}

QString objectOf(const PlanFactsNode &node)
{
    QStringList parts;
    if (!node.indexName.empty())
        parts << text(node.indexName);
    if (!node.relation.empty())
        parts << (node.alias.empty() || node.alias == node.relation
                ? text(node.relation)
                : text(node.relation) + QLatin1Char(' ') + text(node.alias));
    else if (!node.cteName.empty())
        parts << text(node.cteName);
    else if (!node.functionName.empty())
        parts << text(node.functionName);
    else if (!node.alias.empty())
        parts << text(node.alias);
    if (!parts.isEmpty())
        return parts.join(QStringLiteral(" · "));
    const auto first
        = [](const std::vector<std::string> &keys) { return keys.empty() ? std::string() : keys.front(); };
    for (const std::string &other :
        {node.condition, node.joinFilter, first(node.sortKeys), first(node.groupKeys)}) {
        if (!other.empty())
            return text(other).left(80);
    }
    return {};
}

QString typeOf(const PlanFactsNode &node)
{
    // The title without table and index, which have a line of their own.
    PlanFactsNode bare = node;
    bare.indexName.clear();
    bare.relation.clear();
    bare.alias.clear();
    const QString title = text(bare.title());
    return node.subplanName.empty() ? title : text(node.subplanName) + QStringLiteral(": ") + title;
}

void addSpill(const PlanFactsNode &node, QVector<PlanBadge> &badges)
{
    if (!node.isSpilled())
        return;
    QString size;
    if (node.sortDisk.value_or(0) == 1 && node.sortKb)
        size = text(humanBytes(quint64(std::max<std::int64_t>(*node.sortKb, 0)) * 1024));
    else if (node.diskKb.value_or(0) > 0)
        size = text(humanBytes(quint64(*node.diskKb) * 1024));
    else if (node.selfTempWritten.value_or(0) > 0)
        size = planBlocks(node.selfTempWritten);
    else
        size = tr("%1 batches").arg(node.hashBatches.value_or(0));
    badges.append({tr("disk %1").arg(size), 3});
}

QVector<PlanBadge> badgesOf(const PlanFactsNode &node)
{
    QVector<PlanBadge> badges;
    if (node.isNeverExecuted()) {
        badges.append({tr("never executed"), 0});
        return badges;
    }
    addSpill(node, badges);
    if (const std::optional<double> factor = node.rowsFactor()) {
        const double off = *factor >= 1 ? *factor : 1 / *factor;
        if (off > 10) {
            badges.append({tr("rows %1 %2")
                               .arg(*factor > 1 ? QStringLiteral("▲") : QStringLiteral("▼"),
                                   QStringLiteral("× ") + QString::number(off, 'g', 3)),
                off > 1000      ? 3
                    : off > 100 ? 2
                                : 1});
        }
    }
    if (node.workersPlanned && node.workersLaunched)
        badges.append({tr("%1/%2 workers").arg(*node.workersLaunched).arg(*node.workersPlanned),
            *node.workersLaunched < *node.workersPlanned ? 2 : 0});
    if (const std::optional<double> gone = node.removedShare(); gone && *gone > 0.5)
        badges.append({tr("−%1 % filtered").arg(*gone * 100, 0, 'f', *gone > 0.995 && *gone < 1 ? 2 : 0),
            *gone > 0.9 && node.removed().value_or(0) >= 1000 ? 2 : 1});
    if (node.selfRead.value_or(0) > 0)
        badges.append({tr("read %1").arg(planBlocks(node.selfRead)), 0});
    else if (node.selfHit.value_or(0) > 0)
        badges.append({planBlocks(node.selfHit), 0});
    if (node.loops.value_or(0) > 1)
        badges.append({tr("%1 loops").arg(planCount(node.loops)), 0});
    return badges;
}

} // namespace

PlanBox planBox(const analysis::PlanFacts &facts, int index)
{
    const PlanFactsNode &node = facts.nodes[std::size_t(index)];
    PlanBox box;
    box.title = typeOf(node);
    box.object = objectOf(node);
    if (node.isNeverExecuted()) {
        box.time = QStringLiteral("–");
    } else if (node.selfMs) {
        box.time = planMillis(node.selfMs);
        box.share = planPercent(facts.selfShare(node));
        const double whole = facts.wholeMs().value_or(0);
        if (node.doubtMs.value_or(0) > 0.01 * whole && whole > 0)
            box.time += QStringLiteral(" ± ") + planMillis(node.doubtMs);
    } else if (node.totalCost) {
        box.time = tr("cost %1").arg(QString::number(*node.totalCost, 'f', 2));
    }
    if (node.actualRows && !node.isNeverExecuted()) {
        box.rows = *node.actualRows == 1 ? tr("1 row") : tr("%1 rows").arg(planCount(node.actualRows));
        if (const QString factor = planFactorText(node.rowsFactor()); !factor.isEmpty())
            box.rows += QStringLiteral(" · ") + factor;
    } else if (node.planRows) {
        box.rows
            = *node.planRows == 1 ? tr("1 row planned") : tr("%1 rows planned").arg(planCount(node.planRows));
    }
    box.badges = badgesOf(node);
    return box;
}

namespace {

double colourValue(const analysis::PlanFacts &facts, const PlanFactsNode &node, PlanColouring colouring,
    double most)
{
    if (node.isNeverExecuted())
        return kUnknown;
    switch (colouring) {
    case PlanColouring::SelfTime: {
        const std::optional<double> share = facts.selfShare(node);
        return share ? std::clamp(*share, 0.0, 1.0) : kUnknown;
    }
    case PlanColouring::Estimate: {
        const std::optional<double> factor = node.rowsFactor();
        return factor ? std::clamp(std::log10(*factor) / kMostDecades, -1.0, 1.0) : kUnknown;
    }
    case PlanColouring::Buffers: {
        const double blocks = ownBlocks(node);
        return std::isnan(blocks) ? kUnknown : most > 0 ? blocks / most : 0;
    }
    case PlanColouring::Removed:
        return node.removedShare().value_or(node.loops ? 0 : kUnknown);
    }
    return kUnknown;
}

} // namespace

std::vector<double> planColourValues(const analysis::PlanFacts &facts, PlanColouring colouring)
{
    const double most = mostBlocks(facts);
    std::vector<double> values;
    values.reserve(facts.nodes.size());
    for (const PlanFactsNode &node : facts.nodes)
        values.push_back(colourValue(facts, node, colouring, most));
    return values;
}

QStringList planColourScale(const analysis::PlanFacts &facts, PlanColouring colouring)
{
    switch (colouring) {
    case PlanColouring::SelfTime: {
        const std::optional<double> whole = facts.wholeMs();
        return {tr("0 %"), tr("50 %"), whole ? tr("100 % = %1").arg(planMillis(whole)) : tr("100 %")};
    }
    case PlanColouring::Estimate:
        return {tr("1,000 × fewer"), tr("as planned"), tr("1,000 × more")};
    case PlanColouring::Buffers: {
        const auto most = std::int64_t(mostBlocks(facts));
        return {tr("0"), planBlocks(most / 2), planBlocks(most)};
    }
    case PlanColouring::Removed:
        return {tr("0 % removed"), tr("50 %"), tr("100 %")};
    }
    return {};
}

double planEdgeWidth(const PlanFactsNode &node)
{
    const double rows = node.actualRows ? *node.actualRows : node.planRows.value_or(0);
    return std::clamp(1 + 1.1 * std::log10(std::max(1.0, rows)), 1.0, 9.0);
}

} // namespace tailscope::items
