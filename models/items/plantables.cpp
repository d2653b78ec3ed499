// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/plantables.h"

#include "base/text.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kSkewed = 2; // slowest over mean: from there on it is a finding

QString countText(std::optional<std::int64_t> count)
{
    return count ? QString::fromStdString(groupedCount(*count)) : QStringLiteral("–");
}

} // namespace

PlanSumModel::PlanSumModel(const PlanModel *model, analysis::PlanSumBy by, QObject *parent)
    : QAbstractTableModel(parent)
    , m_model(model)
    , m_by(by)
{
    reload();
}

void PlanSumModel::reload()
{
    beginResetModel();
    m_sums = analysis::planSums(m_model->facts(), m_by);
    order();
    endResetModel();
}

void PlanSumModel::order()
{
    std::stable_sort(m_sums.begin(), m_sums.end(), [this](const auto &a, const auto &b) {
        if (m_column == Key)
            return m_order == Qt::AscendingOrder ? a.key < b.key : b.key < a.key;
        const double x = number(a, m_column), y = number(b, m_column);
        if (std::isnan(x) || std::isnan(y))
            return !std::isnan(x) && std::isnan(y);
        return m_order == Qt::AscendingOrder ? x < y : x > y;
    });
}

void PlanSumModel::sort(int column, Qt::SortOrder direction)
{
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QStringList keys;
    for (const QModelIndex &index : before)
        keys << QString::fromStdString(sum(index.row()).key);
    m_column = column;
    m_order = direction;
    order();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i) {
        const auto found = std::find_if(m_sums.begin(), m_sums.end(),
            [&](const analysis::PlanSum &sum) { return QString::fromStdString(sum.key) == keys[i]; });
        after << index(int(found - m_sums.begin()), before[i].column());
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

int PlanSumModel::rowOf(int node) const
{
    for (std::size_t i = 0; i < m_sums.size(); ++i) {
        if (std::binary_search(m_sums[i].nodes.begin(), m_sums[i].nodes.end(), node))
            return int(i);
    }
    return -1;
}

int PlanSumModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_sums.size());
}

int PlanSumModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

std::optional<double> PlanSumModel::share(const analysis::PlanSum &sum) const
{
    const std::optional<double> whole = m_model->facts().wholeMs();
    return sum.selfMs && whole && *whole > 0 ? std::optional(*sum.selfMs / *whole) : std::nullopt;
}

double PlanSumModel::number(const analysis::PlanSum &sum, int column) const
{
    const auto real = [](const auto &value) { return value ? double(*value) : kUnknown; };
    switch (column) {
    case Nodes:
        return double(sum.nodes.size());
    case SelfTime:
    case Share:
        return real(sum.selfMs);
    case Rows:
        return real(sum.rows);
    case Hit:
        return real(sum.selfHit);
    case Read:
        return real(sum.selfRead);
    case Io:
        return real(sum.ioReadMs);
    default:
        return kUnknown;
    }
}

QString PlanSumModel::text(const analysis::PlanSum &sum, int column) const
{
    switch (column) {
    case Key:
        return QString::fromStdString(sum.key);
    case Nodes:
        return countText(std::int64_t(sum.nodes.size()));
    case SelfTime:
        return planMillis(sum.selfMs);
    case Share:
        return planPercent(share(sum));
    case Rows:
        return planCount(sum.rows);
    case Hit:
        return planBlocks(sum.selfHit);
    case Read:
        return planBlocks(sum.selfRead);
    case Io:
        return planMillis(sum.ioReadMs);
    default:
        return {};
    }
}

QString PlanSumModel::toolTip(const analysis::PlanSum &sum, int column) const
{
    switch (column) {
    case SelfTime:
    case Share:
        return sum.selfMs
            ? tr("Self times of %1 nodes: %2 ms").arg(sum.nodes.size()).arg(*sum.selfMs, 0, 'f', 3)
            : tr("The plan has no times");
    case Hit:
        return tr("%1 blocks of 8 KiB").arg(countText(sum.selfHit));
    case Read:
        return tr("%1 blocks of 8 KiB").arg(countText(sum.selfRead));
    case Io:
        return sum.ioReadMs ? tr("%1 ms of reading, summed over processes").arg(*sum.ioReadMs, 0, 'f', 3)
                            : tr("The plan has no I/O timings (track_io_timing)");
    default:
        return text(sum, column);
    }
}

QVariant PlanSumModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_sums.size())
        return {};
    const analysis::PlanSum &entry = sum(index.row());
    const bool isShare = index.column() == Share || index.column() == SelfTime;
    switch (role) {
    case Qt::DisplayRole:
        return text(entry, index.column());
    case Qt::ToolTipRole:
        return toolTip(entry, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() == Key ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return isShare ? QVariant(share(entry).value_or(kUnknown)) : QVariant();
    case LevelRole: {
        const double part = share(entry).value_or(0);
        return isShare ? part >= 0.4 ? 3 : part >= 0.1 ? 2 : 0 : 0;
    }
    default:
        return {};
    }
}

QVariant PlanSumModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const QString key = m_by == analysis::PlanSumBy::Table ? tr("Table")
        : m_by == analysis::PlanSumBy::Index               ? tr("Index")
                                                           : tr("Node Type");
    static const QStringList titles{{}, tr("Nodes"), tr("Self Time"), tr("Share"), tr("Rows"), tr("Own Hits"),
        tr("Own Reads"), tr("Read Time")};
    static const QStringList tips{tr("What the figures of the nodes are added up by"),
        tr("Nodes of the plan"), tr("Self times of the nodes added up"),
        tr("As a share of the execution time"), tr("Rows the nodes returned, over all loops"),
        tr("Shared blocks found in the buffer cache, as bytes"),
        tr("Shared blocks read from outside the buffer cache, as bytes"),
        tr("Time spent reading (track_io_timing), summed over processes")};
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    return section == Key ? key : titles.value(section);
}

PlanProcessModel::PlanProcessModel(const PlanModel *model, QObject *parent)
    : QAbstractTableModel(parent)
    , m_model(model)
{
    reload();
}

void PlanProcessModel::reload()
{
    beginResetModel();
    m_nodes = analysis::planProcesses(m_model->facts());
    m_rows.clear();
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        for (std::size_t p = 0; p < m_nodes[i].processes.size(); ++p)
            m_rows.emplace_back(int(i), int(p));
    }
    endResetModel();
}

int PlanProcessModel::rowOf(int node) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_nodes[std::size_t(m_rows[i].first)].node == node)
            return int(i);
    }
    return -1;
}

int PlanProcessModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PlanProcessModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString PlanProcessModel::text(const analysis::PlanProcesses &node, std::size_t process, int column) const
{
    const analysis::PlanProcess &p = node.processes[process];
    switch (column) {
    case Node:
        return process == 0 ? m_model->cells().nodeTitle(node.node) : QString();
    case Process: {
        const QString name = p.worker < 0 ? tr("leader") : tr("worker %1").arg(p.worker);
        return int(process) == node.critical ? tr("%1 (slowest)").arg(name) : name;
    }
    case Time:
        return planMillis(p.totalMs);
    case Share: {
        double sum = 0;
        for (const analysis::PlanProcess &each : node.processes)
            sum += each.totalMs.value_or(0);
        return p.totalMs && sum > 0 ? planPercent(*p.totalMs / sum) : QStringLiteral("–");
    }
    case Rows:
        return planCount(p.rows);
    case Loops:
        return planCount(p.loops);
    case Skew:
        return process == 0 && node.skew ? tr("%1 ×").arg(*node.skew, 0, 'f', 2) : QString();
    default:
        return {};
    }
}

QVariant PlanProcessModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const auto [at, process] = m_rows[std::size_t(index.row())];
    const analysis::PlanProcesses &node = m_nodes[std::size_t(at)];
    const analysis::PlanProcess &p = node.processes[std::size_t(process)];
    switch (role) {
    case Qt::DisplayRole:
        return text(node, std::size_t(process), index.column());
    case Qt::ToolTipRole:
        if (index.column() == Node)
            return m_model->cells().summary(node.node);
        if (index.column() == Time && p.totalMs)
            return tr("%1 ms over %2 loops").arg(*p.totalMs, 0, 'f', 3).arg(planCount(p.loops));
        if (index.column() == Skew)
            return tr("Slowest process over the mean of all processes, by time");
        return text(node, std::size_t(process), index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() <= Process ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole: {
        if (index.column() != Time || !p.totalMs || node.critical < 0)
            return {};
        const double longest = node.processes[std::size_t(node.critical)].totalMs.value_or(0);
        return longest > 0 ? QVariant(*p.totalMs / longest) : QVariant();
    }
    case LevelRole:
        return index.column() == Skew && process == 0 && node.skew.value_or(0) > kSkewed ? 2 : 0;
    case NodeIndexRole:
        return node.node;
    default:
        return {};
    }
}

QVariant PlanProcessModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const QStringList titles{tr("Node"), tr("Process"), tr("Time"), tr("Share"), tr("Rows"),
        tr("Loops"), tr("Skew")};
    static const QStringList tips{tr("A node that ran in several processes"),
        tr("The leader is what the sum that EXPLAIN prints leaves beside its workers"),
        tr("Time with children, over all loops of the process"),
        tr("Of the time of all processes of the node"), tr("Rows the process returned, over its loops"),
        tr("Executions in the process"), tr("Slowest process over the mean of all")};
    return role == Qt::DisplayRole ? QVariant(titles.value(section))
        : role == Qt::ToolTipRole  ? QVariant(tips.value(section))
                                   : QVariant();
}

QString PlanProcessModel::summary() const
{
    QStringList lines;
    const PlanCells cells = m_model->cells();
    for (std::size_t i = 0; i < m_model->facts().nodes.size() && lines.size() < 5; ++i) {
        const analysis::PlanFactsNode &node = m_model->facts().nodes[i];
        if (!node.workersPlanned)
            continue;
        lines << tr("%1: %2 of %3 planned workers started.")
                     .arg(cells.nodeTitle(int(i)))
                     .arg(node.workersLaunched ? QString::number(*node.workersLaunched)
                                               : tr("an unknown number"))
                     .arg(*node.workersPlanned);
    }
    if (lines.isEmpty())
        return tr("The plan is not parallel: one process did everything.");
    if (m_nodes.empty()) {
        lines << tr("The plan does not tell its processes apart, so times under Gather are the mean of the "
                    "processes. Run EXPLAIN (ANALYZE, VERBOSE) to see each of them.");
        return lines.join(QLatin1Char('\n'));
    }
    const analysis::PlanProcesses &first = m_nodes.front();
    if (first.critical >= 0) {
        const int worker = first.processes[std::size_t(first.critical)].worker;
        lines << tr(
            "Critical process: %1, the slowest in %2. Self times under Gather are those of this process, not "
            "the mean: they add up to the time one waits.")
                     .arg(worker < 0 ? tr("the leader") : tr("worker %1").arg(worker),
                         cells.nodeTitle(first.node));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
