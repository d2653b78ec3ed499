// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planmodel.h"

#include "base/text.h"
#include "items/planqueries.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr qint64 kBlockBytes = 8192;

QString millis(double value)
{
    return std::isnan(value) ? QStringLiteral("–") : QString::fromStdString(humanMillis(value));
}

QString rows(double value)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    return value == std::floor(value) && std::abs(value) < 9e15
        ? QString::fromStdString(groupedCount(std::int64_t(value)))
        : QString::number(value, 'f', 2);
}

QString blocks(qint64 hit, qint64 read)
{
    if (hit < 0 && read < 0)
        return QStringLiteral("–");
    return QString::fromStdString(
        humanBytes(quint64(std::max<qint64>(hit, 0) + std::max<qint64>(read, 0)) * kBlockBytes));
}

} // namespace

double PlanNodeItem::rowsFactor() const
{
    if (neverExecuted || std::isnan(planRows) || std::isnan(actualRows) || std::isnan(loops))
        return kUnknown;
    // Per loop on both sides, at least one row: the definition of the plan reference (rule 9).
    return std::max(1.0, actualRows / loops) / std::max(1.0, planRows);
}

PlanModel::PlanModel(session::Session *session, QObject *parent)
    : QAbstractItemModel(parent)
    , m_session(session)
    , m_plansJob(session->jobs())
    , m_nodesJob(session->jobs())
    , m_lookupJob(session->jobs())
    , m_totalMs(kUnknown)
{
    connect(session, &session::Session::loaded, this, &PlanModel::reload);
    // Files opened together are imported one after the other without a pause. A job that ends may start the
    // next one at once: looked at only after that.
    connect(
        session->jobs(), &session::JobQueue::becameIdle, this,
        [this] { m_isBatchShown = m_isBatchShown && !m_session->jobs()->isIdle(); }, Qt::QueuedConnection);
    reload();
}

void PlanModel::reload()
{
    const auto workspace = m_session->workspacePtr();
    m_plansJob.start<QList<PlanHead>>(
        this, {}, [workspace](const Progress &) { return readPlanHeads(*workspace); },
        [this](Result<QList<PlanHead>> heads) {
            if (heads)
                takeHeads(std::move(*heads));
        });
}

void PlanModel::takeHeads(QList<PlanHead> heads)
{
    const auto has = [](const QList<PlanHead> &plans, qint64 id) {
        return std::any_of(plans.begin(), plans.end(), [id](const PlanHead &head) { return head.id == id; });
    };
    // A plan that was just imported is what the user wants to see; of several files opened together the first
    // one.
    const PlanHead *imported = nullptr;
    for (const PlanHead &head : std::as_const(heads)) {
        if (!imported && m_hasHeads && !m_isBatchShown && !has(m_plans, head.id))
            imported = &head;
    }
    const bool isFirst = !m_hasHeads;
    const qint64 wanted = imported ? imported->id
        : has(heads, m_current)    ? m_current
        : heads.isEmpty()          ? 0
                                   : heads.first().id;
    m_hasHeads = true;
    m_isBatchShown = m_isBatchShown || imported;
    m_plans = std::move(heads);
    Q_EMIT plansChanged();
    if (wanted != m_current || isFirst)
        loadPlan(wanted);
}

void PlanModel::setPlanOfNode(qint64 nodeId)
{
    const auto workspace = m_session->workspacePtr();
    m_lookupJob.start<qint64>(
        this, {}, [workspace, nodeId](const Progress &) { return readPlanOfNode(*workspace, nodeId); },
        [this](Result<qint64> plan) {
            if (plan && *plan > 0 && *plan != m_current)
                setCurrentPlan(*plan);
        });
}

void PlanModel::setCurrentPlan(qint64 planId)
{
    m_lookupJob.cancel();
    loadPlan(planId);
}

void PlanModel::loadPlan(qint64 planId)
{
    m_current = planId;
    const auto workspace = m_session->workspacePtr();
    using Nodes = std::vector<PlanNodeItem>;
    m_nodesJob.start<Nodes>(
        this, {}, [workspace, planId](const Progress &) { return readPlanNodes(*workspace, planId); },
        [this](Result<Nodes> nodes) {
            beginResetModel();
            m_nodes = nodes ? std::move(*nodes) : Nodes{};
            m_roots.clear();
            for (std::size_t i = 0; i < m_nodes.size(); ++i) {
                std::vector<int> &siblings
                    = m_nodes[i].parent < 0 ? m_roots : m_nodes[std::size_t(m_nodes[i].parent)].children;
                m_nodes[i].row = int(siblings.size());
                siblings.push_back(int(i));
            }
            const PlanHead *plan = head();
            m_totalMs = plan ? plan->executionMs : kUnknown;
            if (std::isnan(m_totalMs) && !m_nodes.empty())
                m_totalMs = m_nodes.front().wallMs;
            endResetModel();
            Q_EMIT planLoaded();
        });
}

const PlanHead *PlanModel::head() const
{
    for (const PlanHead &plan : m_plans) {
        if (plan.id == m_current)
            return &plan;
    }
    return nullptr;
}

QModelIndex PlanModel::indexOfNode(qint64 nodeId) const
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_nodes[i].id == nodeId)
            return createIndex(m_nodes[i].row, 0, quintptr(i));
    }
    return {};
}

QModelIndex PlanModel::slowest() const
{
    const PlanNodeItem *best = nullptr;
    for (const PlanNodeItem &node : m_nodes) {
        if (!std::isnan(node.selfMs) && (!best || node.selfMs > best->selfMs))
            best = &node;
    }
    return best ? indexOfNode(best->id) : QModelIndex();
}

QString PlanModel::toText() const
{
    QStringList lines;
    QStringList header;
    for (int c = 0; c < ColumnCount; ++c)
        header << headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
    lines << header.join(QLatin1Char('\t'));
    for (const PlanNodeItem &node : m_nodes) {
        QStringList cells;
        for (int c = 0; c < ColumnCount; ++c)
            cells << text(node, c);
        cells.first().prepend(QString(node.depth * 2, QLatin1Char(' ')));
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

QModelIndex PlanModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount)
        return {};
    const auto &siblings = parent.isValid() ? m_nodes[parent.internalId()].children : m_roots;
    if (std::size_t(row) >= siblings.size() || (parent.isValid() && parent.column() != 0))
        return {};
    return createIndex(row, column, quintptr(siblings[std::size_t(row)]));
}

QModelIndex PlanModel::parent(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    const int parent = m_nodes[index.internalId()].parent;
    return parent < 0 ? QModelIndex() : createIndex(m_nodes[std::size_t(parent)].row, 0, quintptr(parent));
}

int PlanModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_roots.size());
    return parent.column() == 0 ? int(m_nodes[parent.internalId()].children.size()) : 0;
}

int PlanModel::columnCount(const QModelIndex &) const { return ColumnCount; }

double PlanModel::share(const PlanNodeItem &node) const
{
    return std::isnan(node.selfMs) || !(m_totalMs > 0) ? kUnknown : node.selfMs / m_totalMs;
}

QString PlanModel::text(const PlanNodeItem &node, int column) const
{
    const bool executed = !node.neverExecuted;
    switch (column) {
    case Node:
        return node.subplan.isEmpty() ? node.title : node.subplan + QStringLiteral(": ") + node.title;
    case SelfTime:
        return executed ? millis(node.selfMs) : tr("never executed");
    case SelfShare: {
        const double part = share(node);
        return std::isnan(part) ? QStringLiteral("–") : QStringLiteral("%1 %").arg(part * 100, 0, 'f', 1);
    }
    case WallTime:
        return executed ? millis(node.wallMs) : QStringLiteral("–");
    case Rows:
        return rows(node.actualRows);
    case RowsFactor: {
        const double factor = node.rowsFactor();
        if (std::isnan(factor))
            return std::isnan(node.planRows) ? QStringLiteral("–") : tr("plan %1").arg(rows(node.planRows));
        if (factor >= 1)
            return factor < 1.05 ? tr("exact") : tr("%1 × more").arg(QString::number(factor, 'g', 3));
        return factor > 0.95 ? tr("exact") : tr("%1 × fewer").arg(QString::number(1 / factor, 'g', 3));
    }
    case Loops:
        return rows(node.loops);
    case Buffers:
        return blocks(node.selfHit, node.selfRead);
    case Read:
        return node.selfRead < 0 ? QStringLiteral("–") : blocks(0, node.selfRead);
    case Removed:
        return rows(node.removed);
    case Cost:
        return std::isnan(node.totalCost) ? QStringLiteral("–") : QString::number(node.totalCost, 'f', 2);
    default:
        return {};
    }
}

QString PlanModel::toolTip(const PlanNodeItem &node, int column) const
{
    switch (column) {
    case Node: {
        QStringList parts{node.title};
        if (!node.condition.isEmpty())
            parts << tr("Condition: %1").arg(node.condition);
        if (!node.filter.isEmpty())
            parts << tr("Filter: %1").arg(node.filter);
        return parts.join(QLatin1Char('\n')).left(2000);
    }
    case SelfTime:
    case SelfShare: {
        QString tip = std::isnan(node.selfMs) ? tr("Self time unknown: the plan has no times")
                                              : tr("Self time %1 ms").arg(node.selfMs, 0, 'f', 3);
        if (node.doubtMs > 0)
            tip += tr(" ± %1 ms (rounding over %2 loops)").arg(node.doubtMs, 0, 'f', 3).arg(rows(node.loops));
        return tip;
    }
    case RowsFactor:
        return tr("Planned %1 rows a loop, actual %2 rows in %3 loops")
            .arg(rows(node.planRows), rows(node.actualRows), rows(node.loops));
    case Buffers:
    case Read:
        return tr("Own shared blocks of 8 KiB: %1 hit, %2 read; with children: %3 hit, %4 read")
            .arg(rows(node.selfHit < 0 ? kUnknown : double(node.selfHit)),
                rows(node.selfRead < 0 ? kUnknown : double(node.selfRead)),
                rows(node.hit < 0 ? kUnknown : double(node.hit)),
                rows(node.read < 0 ? kUnknown : double(node.read)));
    default:
        return text(node, column);
    }
}

QVariant PlanModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PlanNodeItem &node = m_nodes[index.internalId()];
    switch (role) {
    case Qt::DisplayRole:
        return text(node, index.column());
    case Qt::ToolTipRole:
        return toolTip(node, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() == Node ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return index.column() == SelfShare || index.column() == SelfTime ? QVariant(share(node)) : QVariant();
    case NodeIdRole:
        return node.id;
    case SourceLineRole:
        return node.sourceLine;
    case LevelRole: {
        // Bands of the plan reference: share of execution 10/40 %, estimate factor 10/100/1000.
        if (node.neverExecuted)
            return 0;
        if (index.column() == SelfTime || index.column() == SelfShare) {
            const double part = share(node);
            return part >= 0.4 ? 3 : part >= 0.1 ? 2 : 0;
        }
        if (index.column() == RowsFactor) {
            const double factor = node.rowsFactor();
            const double off = factor >= 1 ? factor : 1 / factor;
            return off > 1000 ? 3 : off > 100 ? 2 : off > 10 ? 1 : 0;
        }
        return 0;
    }
    default:
        return {};
    }
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const QStringList titles{tr("Node"), tr("Self Time"), tr("Share"), tr("Wall Time"), tr("Rows"),
        tr("Against Estimate"), tr("Loops"), tr("Own Buffers"), tr("Read"), tr("Removed"), tr("Cost")};
    static const QStringList tips{tr("Node of the plan"),
        tr("Time in this node alone: wall time of the slowest process, a CTE shared by its scans, an "
           "InitPlan charged "
           "to its user"),
        tr("Self time as a share of the execution time"),
        tr("Elapsed time with all children, over all loops"), tr("Actual rows over all loops"),
        tr("Actual rows a loop against the planner's estimate"), tr("Executions, summed over processes"),
        tr("Shared blocks hit and read by this node alone"),
        tr("Shared blocks read from outside the buffer cache by this node alone"),
        tr("Rows removed by filter, join filter and recheck, over all loops"),
        tr("Planner's total cost, in cost units")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    return {};
}

} // namespace tailscope::items
