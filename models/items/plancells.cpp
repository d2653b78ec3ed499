// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/plancells.h"

#include "base/text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kMaxPathSteps = 12;
constexpr qsizetype kMaxTip = 2000, kMaxExpression = 600;

QString tr(const char *text) { return QCoreApplication::translate("PlanModel", text); }
QString text(const std::string &utf8) { return QString::fromStdString(utf8); }
QString dash() { return QStringLiteral("–"); }

double real(std::optional<double> value) { return value.value_or(kUnknown); }
double real(std::optional<std::int64_t> value) { return value ? double(*value) : kUnknown; }

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b)
{
    return a || b ? std::optional(a.value_or(0) + b.value_or(0)) : std::nullopt;
}

QString exactBlocks(std::optional<std::int64_t> blocks)
{
    return blocks ? text(groupedCount(*blocks)) : tr("unknown");
}

QString relationPrefix(const analysis::PlanFactsNode &node)
{
    return node.subplanName.empty() ? QString() : text(node.subplanName) + QStringLiteral(": ");
}

} // namespace

QString planMillis(std::optional<double> ms) { return ms ? text(humanMillis(*ms)) : dash(); }

QString planCount(std::optional<double> count)
{
    if (!count)
        return dash();
    return *count == std::floor(*count) && std::abs(*count) < 9e15 ? text(groupedCount(std::int64_t(*count)))
                                                                   : QString::number(*count, 'f', 2);
}

QString planBlocks(std::optional<std::int64_t> blocks)
{
    return blocks ? text(humanBytes(quint64(std::max<std::int64_t>(*blocks, 0)) * analysis::kPlanBlockBytes))
                  : dash();
}

QString planPercent(std::optional<double> share)
{
    return share ? QStringLiteral("%1 %").arg(*share * 100, 0, 'f', 1) : dash();
}

QString planFactorText(std::optional<double> factor)
{
    if (!factor)
        return {};
    if (*factor > 0.95 && *factor < 1.05)
        return tr("exact");
    const double off = *factor >= 1 ? *factor : 1 / *factor;
    const QString times
        = off < 1000 ? QString::number(off, 'g', 3) : text(groupedCount(std::llround(std::min(off, 9e15))));
    return (*factor >= 1 ? tr("%1 × more") : tr("%1 × fewer")).arg(times);
}

double planReadRate(const analysis::PlanFactsNode &node)
{
    if (node.selfRead.value_or(0) <= 0)
        return kUnknown;
    const double ms = node.selfIoReadMs.value_or(0) > 0 ? *node.selfIoReadMs : node.selfMs.value_or(0);
    return ms > 0 ? double(*node.selfRead) * double(analysis::kPlanBlockBytes) / (ms / 1000) : kUnknown;
}

QString PlanColumns::title(int column)
{
    static const char *const kTitles[] = {QT_TRANSLATE_NOOP("PlanModel", "Node"),
        QT_TRANSLATE_NOOP("PlanModel", "Self Time"), QT_TRANSLATE_NOOP("PlanModel", "Share"),
        QT_TRANSLATE_NOOP("PlanModel", "Wall Time"), QT_TRANSLATE_NOOP("PlanModel", "Rows"),
        QT_TRANSLATE_NOOP("PlanModel", "Against Estimate"), QT_TRANSLATE_NOOP("PlanModel", "Loops"),
        QT_TRANSLATE_NOOP("PlanModel", "Own Buffers"), QT_TRANSLATE_NOOP("PlanModel", "Read"),
        QT_TRANSLATE_NOOP("PlanModel", "Read Rate"), QT_TRANSLATE_NOOP("PlanModel", "Removed"),
        QT_TRANSLATE_NOOP("PlanModel", "Removed Share"), QT_TRANSLATE_NOOP("PlanModel", "Temporary"),
        QT_TRANSLATE_NOOP("PlanModel", "Heap Fetches"), QT_TRANSLATE_NOOP("PlanModel", "Doubt"),
        QT_TRANSLATE_NOOP("PlanModel", "Cost"), QT_TRANSLATE_NOOP("PlanModel", "Path")};
    return column >= 0 && column < ColumnCount ? tr(kTitles[column]) : QString();
}

QString PlanColumns::help(int column)
{
    static const char *const kHelp[] = {QT_TRANSLATE_NOOP("PlanModel", "Node of the plan"),
        QT_TRANSLATE_NOOP("PlanModel",
            ("Time in this node alone: wall time of the slowest process, a CTE shared by its scans, an "
             "InitPlan charged to its user")),
        QT_TRANSLATE_NOOP("PlanModel", "Self time as a share of the execution time"),
        QT_TRANSLATE_NOOP("PlanModel", "Elapsed time with all children, over all loops"),
        QT_TRANSLATE_NOOP("PlanModel", "Actual rows over all loops"),
        QT_TRANSLATE_NOOP("PlanModel",
            "Actual rows a loop against the planner's estimate; empty where a node was stopped early"),
        QT_TRANSLATE_NOOP("PlanModel", "Executions, summed over processes"),
        QT_TRANSLATE_NOOP("PlanModel", "Shared blocks hit and read by this node alone, as bytes"),
        QT_TRANSLATE_NOOP("PlanModel",
            "Shared blocks read from outside the buffer cache by this node alone, as bytes"),
        QT_TRANSLATE_NOOP("PlanModel",
            ("Bytes read by this node alone over its time for reading (track_io_timing), else over its self "
             "time")),
        QT_TRANSLATE_NOOP("PlanModel", "Rows removed by filter, join filter and recheck, over all loops"),
        QT_TRANSLATE_NOOP("PlanModel", "Rows removed, as a share of removed and returned rows"),
        QT_TRANSLATE_NOOP("PlanModel", "Temporary blocks read and written by this node alone, as bytes"),
        QT_TRANSLATE_NOOP("PlanModel", "Rows an index only scan had to look up in the table"),
        QT_TRANSLATE_NOOP("PlanModel", "How wrong rounding may make the self time"),
        QT_TRANSLATE_NOOP("PlanModel", "Planner's total cost, in cost units"),
        QT_TRANSLATE_NOOP("PlanModel", "The nodes above it")};
    return column >= 0 && column < ColumnCount ? tr(kHelp[column]) : QString();
}

QString PlanCells::nodeTitle(int node) const
{
    return relationPrefix(at(node)) + items::text(at(node).title());
}

QString PlanCells::path(int node) const
{
    QStringList steps;
    int above = at(node).parent;
    for (; above >= 0 && steps.size() < kMaxPathSteps; above = at(above).parent)
        steps.prepend(items::text(at(above).nodeType));
    if (above >= 0)
        steps.prepend(QStringLiteral("…"));
    return steps.join(QStringLiteral(" › "));
}

double PlanCells::number(int node, int column) const
{
    const analysis::PlanFactsNode &n = at(node);
    switch (column) {
    case SelfTime:
        return n.isNeverExecuted() ? kUnknown : real(n.selfMs);
    case SelfShare:
        return real(m_facts.selfShare(n));
    case WallTime:
        return n.isNeverExecuted() ? kUnknown : real(n.wallMs);
    case Rows:
        return real(n.actualRows);
    case RowsFactor: {
        // By how far it is off, in either direction.
        const double factor = real(n.rowsFactor());
        return factor >= 1 || std::isnan(factor) ? factor : 1 / factor;
    }
    case Loops:
        return real(n.loops);
    case Buffers:
        return real(sum(n.selfHit, n.selfRead));
    case Read:
        return real(n.selfRead);
    case ReadRate:
        return planReadRate(n);
    case Removed:
        return real(n.removed());
    case RemovedShare:
        return real(n.removedShare());
    case Temp:
        return real(sum(n.selfTempRead, n.selfTempWritten));
    case HeapFetches:
        return real(n.heapFetches);
    case Doubt:
        return n.isNeverExecuted() ? kUnknown : real(n.doubtMs);
    case Cost:
        return real(n.totalCost);
    default:
        return kUnknown;
    }
}

QString PlanCells::text(int node, int column) const
{
    const analysis::PlanFactsNode &n = at(node);
    const double value = number(node, column);
    const bool isKnown = !std::isnan(value);
    switch (column) {
    case Node:
        return nodeTitle(node);
    case SelfTime:
        return n.isNeverExecuted() ? tr("never executed") : planMillis(n.selfMs);
    case WallTime:
    case Doubt:
        return isKnown ? planMillis(value) : dash();
    case SelfShare:
    case RemovedShare:
        return isKnown ? planPercent(value) : dash();
    case RowsFactor:
        if (QString factor = planFactorText(n.rowsFactor()); !factor.isEmpty())
            return factor;
        return n.planRows ? tr("plan %1").arg(planCount(n.planRows)) : dash();
    case Buffers:
    case Read:
    case Temp:
        return isKnown ? planBlocks(std::int64_t(value)) : dash();
    case ReadRate:
        return isKnown ? tr("%1/s").arg(items::text(humanBytes(quint64(std::min(value, 1e18))))) : dash();
    case Cost:
        return isKnown ? QString::number(value, 'f', 2) : dash();
    case Path:
        return path(node);
    default:
        return isKnown ? planCount(value) : dash();
    }
}

QString PlanCells::buffersTip(const analysis::PlanFactsNode &node) const
{
    return tr("Own shared blocks of 8 KiB: %1 hit, %2 read; with children: %3 hit, %4 read")
        .arg(exactBlocks(node.selfHit), exactBlocks(node.selfRead), exactBlocks(node.sharedHit),
            exactBlocks(node.sharedRead));
}

QString PlanCells::rateTip(const analysis::PlanFactsNode &node) const
{
    if (node.selfRead.value_or(0) <= 0)
        return tr("Nothing was read from outside the buffer cache");
    return node.selfIoReadMs.value_or(0) > 0
        ? tr("%1 blocks of 8 KiB in %2 ms of reading (I/O timings; both summed over processes)")
              .arg(exactBlocks(node.selfRead))
              .arg(*node.selfIoReadMs, 0, 'f', 3)
        : tr("%1 blocks of 8 KiB over the self time: the plan has no I/O timings (track_io_timing)")
              .arg(exactBlocks(node.selfRead));
}

QString PlanCells::toolTip(int node, int column) const
{
    const analysis::PlanFactsNode &n = at(node);
    switch (column) {
    case Node:
        return summary(node);
    case SelfTime:
    case SelfShare:
    case Doubt: {
        QString tip = n.selfMs ? tr("Self time %1 ms").arg(*n.selfMs, 0, 'f', 3)
                               : tr("Self time unknown: the plan has no times");
        if (n.doubtMs.value_or(0) > 0)
            tip += tr(" ± %1 ms (rounding over %2 loops)").arg(*n.doubtMs, 0, 'f', 3).arg(planCount(n.loops));
        return tip;
    }
    case WallTime:
        return n.wallMs ? tr("Wall time %1 ms").arg(*n.wallMs, 0, 'f', 3) : tr("Wall time unknown");
    case RowsFactor: {
        QString tip = tr("Planned %1 rows a loop, actual %2 rows in %3 loops")
                          .arg(planCount(n.planRows), planCount(n.actualRows), planCount(n.loops));
        if (const auto reason = analysis::comparisonReason(n.comparison); !reason.empty())
            tip += tr("\nNot comparable: %1").arg(QString::fromUtf8(reason.data(), qsizetype(reason.size())));
        return tip;
    }
    case Buffers:
    case Read:
        return buffersTip(n);
    case ReadRate:
        return rateTip(n);
    case Removed:
    case RemovedShare:
        return tr("Removed by filter %1, join filter %2, recheck %3; returned %4")
            .arg(planCount(n.removedByFilter), planCount(n.removedByJoinFilter),
                planCount(n.removedByRecheck), planCount(n.actualRows));
    case Temp:
        return tr("Own temporary blocks of 8 KiB: %1 read, %2 written")
            .arg(exactBlocks(n.selfTempRead), exactBlocks(n.selfTempWritten));
    default:
        return text(node, column);
    }
}

QString PlanCells::summary(int node) const
{
    const analysis::PlanFactsNode &n = at(node);
    QStringList lines{nodeTitle(node)};
    const auto add = [&lines](const QString &name, const QString &value) {
        if (!value.isEmpty())
            lines << QStringLiteral("%1: %2").arg(name, value);
    };
    if (n.isNeverExecuted())
        lines << tr("never executed");
    else if (n.selfMs)
        lines << toolTip(node, SelfTime) + tr(", %1 of the whole").arg(planPercent(m_facts.selfShare(n)))
              << toolTip(node, WallTime);
    lines << toolTip(node, RowsFactor);
    if (const QString factor = planFactorText(n.rowsFactor()); !factor.isEmpty())
        add(tr("Against the estimate"), factor);
    if (n.removed())
        lines << toolTip(node, Removed);
    if (n.sharedHit || n.sharedRead)
        lines << buffersTip(n);
    if (n.selfRead.value_or(0) > 0)
        lines << rateTip(n);
    if (n.selfTempRead || n.selfTempWritten)
        lines << toolTip(node, Temp);
    if (n.sortKb)
        add(n.sortDisk.value_or(0) ? tr("Sort on disk") : tr("Sort in memory"),
            items::text(humanBytes(quint64(std::max<std::int64_t>(*n.sortKb, 0)) * 1024)));
    if (n.hashBatches.value_or(1) > 1)
        add(tr("Hash batches"), QString::number(*n.hashBatches));
    if (n.workersPlanned)
        lines << tr("Workers: %1 planned, %2 launched")
                     .arg(*n.workersPlanned)
                     .arg(n.workersLaunched ? QString::number(*n.workersLaunched) : tr("unknown"));
    add(tr("Condition"), items::text(n.condition).left(kMaxExpression));
    add(tr("Filter"), items::text(n.filter).left(kMaxExpression));
    add(tr("Join filter"), items::text(n.joinFilter).left(kMaxExpression));
    if (n.totalCost)
        add(title(Cost), text(node, Cost));
    return lines.join(QLatin1Char('\n')).left(kMaxTip);
}

int PlanCells::level(int node, int column) const
{
    // Bands of the plan reference: share of execution 10/40 %, estimate factor 10/100/1000, removed 50/90 %.
    const analysis::PlanFactsNode &n = at(node);
    if (n.isNeverExecuted())
        return 0;
    const double value = number(node, column);
    if (column == SelfTime || column == SelfShare) {
        const double share = real(m_facts.selfShare(n));
        return share >= 0.4 ? 3 : share >= 0.1 ? 2 : 0;
    }
    if (column == RowsFactor)
        return value > 1000 ? 3 : value > 100 ? 2 : value > 10 ? 1 : 0;
    if (column == RemovedShare && n.removed().value_or(0) >= 1000)
        return value > 0.9 ? 2 : value > 0.5 ? 1 : 0;
    if (column == Temp)
        return value > 0 ? 2 : 0;
    if (column == Doubt)
        return value > 0.01 * m_facts.wholeMs().value_or(0) ? 1 : 0;
    return 0;
}

QVariant PlanCells::data(int node, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return text(node, column);
    case Qt::ToolTipRole:
        return toolTip(node, column);
    case Qt::TextAlignmentRole:
        return int((column == Node || column == Path ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return column == SelfShare || column == SelfTime ? QVariant(number(node, SelfShare)) : QVariant();
    case SortRole:
        return number(node, column);
    case NodeIdRole:
        return qint64(at(node).id);
    case SourceLineRole:
        return at(node).sourceLine;
    case LevelRole:
        return level(node, column);
    case NodeIndexRole:
        return node;
    default:
        return {};
    }
}

bool PlanCells::hasFigures(int column) const
{
    if (column == Node || column == Path)
        return true;
    for (std::size_t i = 0; i < m_facts.nodes.size(); ++i) {
        const double value = number(int(i), column);
        if (column == Doubt || column == Temp ? value > 0 : !std::isnan(value))
            return true;
    }
    return column == RowsFactor;
}

QStringList PlanCells::searchTexts(int node) const
{
    const analysis::PlanFactsNode &n = at(node);
    QStringList texts{nodeTitle(node)};
    for (const std::string &part : {n.condition, n.filter, n.joinFilter, n.cteName, n.schema})
        texts << items::text(part);
    for (const auto &keys : {n.sortKeys, n.groupKeys}) {
        for (const std::string &key : keys)
            texts << items::text(key);
    }
    return texts;
}

} // namespace tailscope::items
