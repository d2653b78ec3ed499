// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planmodel.h"

#include "advisor/queryparts.h"
#include "items/planparts.h"
#include "items/planqueries.h"

#include <algorithm>
#include <limits>

namespace tailscope::items {

/// What the job hands over.
struct LoadedPlan
{
    std::shared_ptr<const analysis::PlanFacts> facts;
    std::shared_ptr<const advisor::QueryText> query;
    std::vector<analysis::PlanCheck> checks;
};

namespace {

Result<LoadedPlan> readPlan(const store::Workspace &workspace, qint64 planId)
{
    auto facts = analysis::readPlanFacts(workspace, planId);
    if (!facts)
        return tl::unexpected(facts.error());
    LoadedPlan plan;
    plan.checks = analysis::planChecklist(*facts);
    plan.query = advisor::QueryText::parse(facts->queryText);
    plan.facts = std::make_shared<const analysis::PlanFacts>(std::move(*facts));
    return plan;
}

} // namespace

PlanModel::PlanModel(session::Session *session, QObject *parent)
    : QAbstractItemModel(parent)
    , m_session(session)
    , m_plansJob(session->jobs())
    , m_nodesJob(session->jobs())
    , m_lookupJob(session->jobs())
    , m_facts(std::make_shared<const analysis::PlanFacts>())
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
    m_nodesJob.start<LoadedPlan>(
        this, {}, [workspace, planId](const Progress &) { return readPlan(*workspace, planId); },
        [this](Result<LoadedPlan> plan) {
            take(plan ? std::move(*plan) : LoadedPlan{std::make_shared<const analysis::PlanFacts>(), {}, {}});
        });
}

void PlanModel::take(LoadedPlan plan)
{
    beginResetModel();
    m_facts = std::move(plan.facts);
    m_query = std::move(plan.query);
    m_checks = std::move(plan.checks);
    m_nodes.clear();
    m_roots.clear();
    m_indexes.clear();
    for (std::size_t i = 0; i < m_facts->nodes.size(); ++i) {
        const analysis::PlanFactsNode &facts = m_facts->nodes[i];
        PlanNodeItem item;
        item.id = facts.id;
        item.parent = facts.parent;
        item.depth = facts.depth;
        item.title = QString::fromStdString(facts.title());
        item.condition = QString::fromStdString(facts.condition);
        item.filter = QString::fromStdString(facts.filter);
        std::vector<int> &siblings = item.parent < 0 ? m_roots : m_nodes[std::size_t(item.parent)].children;
        item.row = int(siblings.size());
        siblings.push_back(int(i));
        m_nodes.push_back(std::move(item));
        m_indexes.emplace(facts.id, int(i));
    }
    endResetModel();
    Q_EMIT planLoaded();
}

const PlanHead *PlanModel::head() const
{
    for (const PlanHead &plan : m_plans) {
        if (plan.id == m_current)
            return &plan;
    }
    return nullptr;
}

int PlanModel::nodeIndex(qint64 nodeId) const
{
    const auto found = m_indexes.find(nodeId);
    return found == m_indexes.end() ? -1 : found->second;
}

QModelIndex PlanModel::indexOf(int node) const
{
    if (node < 0 || std::size_t(node) >= m_nodes.size())
        return {};
    return createIndex(m_nodes[std::size_t(node)].row, 0, quintptr(node));
}

QModelIndex PlanModel::slowest() const { return indexOf(m_facts->hottest()); }

double PlanModel::totalMs() const
{
    return m_facts->wholeMs().value_or(std::numeric_limits<double>::quiet_NaN());
}

std::optional<QList<std::pair<int, int>>> PlanModel::queryParts(int node) const
{
    if (!m_query || node < 0)
        return std::nullopt;
    // The grammar counts bytes, Qt counts UTF-16 units.
    const std::string &sql = m_facts->queryText;
    const auto units = [&sql](std::size_t from, std::size_t length) {
        return int(QString::fromUtf8(sql.data() + from, qsizetype(length)).size());
    };
    QList<std::pair<int, int>> parts;
    for (const advisor::TextRange &range : m_query->partsOf(queryPartNode(*m_facts, node)))
        parts.append({units(0, range.begin), units(range.begin, range.length)});
    return parts;
}

QString PlanModel::toText() const
{
    const PlanCells cells = this->cells();
    QStringList lines;
    QStringList header;
    for (int c = 0; c < Path; ++c)
        header << title(c);
    lines << header.join(QLatin1Char('\t'));
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        QStringList row;
        for (int c = 0; c < Path; ++c)
            row << cells.text(int(i), c);
        row.first().prepend(QString(m_nodes[i].depth * 2, QLatin1Char(' ')));
        lines << row.join(QLatin1Char('\t'));
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

QVariant PlanModel::data(const QModelIndex &index, int role) const
{
    return index.isValid() ? cells().data(int(index.internalId()), index.column(), role) : QVariant();
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return title(section);
    if (role == Qt::ToolTipRole)
        return help(section);
    return {};
}

} // namespace tailscope::items
