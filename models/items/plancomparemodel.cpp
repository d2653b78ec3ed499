// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/plancomparemodel.h"

#include <algorithm>
#include <cmath>

#include <utility>

namespace tailscope::items {

using analysis::NodePair;
using analysis::PlanTree;

PlanCompareModel::PlanCompareModel(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_listJob(session->jobs())
    , m_diffJob(session->jobs())
{
    connect(session, &session::Session::loaded, this, [this] {
        m_isStale = true;
        reload();
    });
    connect(session->context(), &session::SessionContext::selectionChanged, this,
        &PlanCompareModel::followSelection);
    reload();
}

void PlanCompareModel::reload()
{
    struct Listed
    {
        QList<PlanEntry> entries;
        qint64 selected = 0;
    };
    const auto workspace = m_session->workspacePtr();
    const session::Selection selection = m_session->context()->selection();
    m_listJob.start<Listed>(
        this, {},
        [workspace, selection](const Progress &) -> Result<Listed> {
            Result<QList<PlanEntry>> entries = readPlanEntries(*workspace);
            if (!entries)
                return fail(std::move(entries.error()));
            Listed listed{std::move(*entries), 0};
            if (selection.kind == session::Selection::Kind::Plan) {
                listed.selected = selection.id;
            } else if (selection.kind == session::Selection::Kind::PlanNode) {
                const Result<qint64> plan = planOfNode(*workspace, selection.id);
                listed.selected = plan ? *plan : 0;
            }
            return listed;
        },
        [this](Result<Listed> listed) {
            m_error = listed ? QString() : QString::fromStdString(listed.error().toText());
            m_entries = listed ? std::move(listed->entries) : QList<PlanEntry>();
            m_hasEntries = true;
            Q_EMIT entriesChanged();
            choose(listed ? listed->selected : 0);
        });
}

void PlanCompareModel::followSelection()
{
    using Kind = session::Selection::Kind;
    const Kind kind = m_session->context()->selection().kind;
    if (kind == Kind::Plan || kind == Kind::PlanNode)
        reload();
}

/// Keeps what the user chose as long as it is there, unless another statement is selected now.
void PlanCompareModel::choose(qint64 selectedPlan)
{
    const auto statementOf = [this](qint64 plan) {
        for (const PlanEntry &entry : std::as_const(m_entries)) {
            if (entry.id == plan)
                return entry.statementId > 0 ? entry.statementId : -entry.id;
        }
        return qint64(0); // no such plan
    };
    // Looking at a node of this comparison elsewhere changes nothing here.
    const bool isShown = selectedPlan > 0 && (selectedPlan == m_a || selectedPlan == m_b);
    if (!std::exchange(m_isStale, false) && isShown && (m_content || m_diffJob.isRunning())) {
        Q_EMIT changed();
        return;
    }
    const qint64 a = statementOf(m_a), b = statementOf(m_b), selected = statementOf(selectedPlan);
    const bool isElsewhere = selected != 0 && selected != a && selected != b;
    if (!m_isChosen || a == 0 || b == 0 || isElsewhere) {
        m_isChosen = false;
        std::tie(m_a, m_b) = plansToCompare(m_entries, selectedPlan);
    }
    compare();
}

void PlanCompareModel::setPlans(qint64 a, qint64 b)
{
    m_isChosen = true;
    if (a == m_a && b == m_b && m_content)
        return;
    m_a = a;
    m_b = b;
    if (m_hasEntries)
        compare();
}

void PlanCompareModel::compare()
{
    if (m_a <= 0 || m_b <= 0) {
        m_diffJob.cancel();
        m_content.reset();
        fillRows();
        return;
    }
    const auto workspace = m_session->workspacePtr();
    using Content = std::shared_ptr<const PlanComparisonContent>;
    m_diffJob.start<Content>(
        this, {},
        [workspace, a = m_a, b = m_b](const Progress &) -> Result<Content> {
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return fail(std::move(reader.error()));
            Result<analysis::PlanTreeReader> trees = analysis::PlanTreeReader::open(*reader);
            if (!trees)
                return fail(std::move(trees.error()));
            Result<PlanTree> first = trees->load(a);
            if (!first)
                return fail(std::move(first.error()));
            Result<PlanTree> second = trees->load(b);
            if (!second)
                return fail(std::move(second.error()));
            auto content = std::make_shared<PlanComparisonContent>();
            content->a = std::move(*first);
            content->b = std::move(*second);
            content->diff = analysis::diffPlans(content->a, content->b);
            return Content(std::move(content));
        },
        [this](Result<Content> content) {
            m_error = content ? QString() : QString::fromStdString(content.error().toText());
            m_content = content ? std::move(*content) : nullptr;
            fillRows();
        });
    Q_EMIT changed();
}

void PlanCompareModel::setOnlyDifferences(bool on)
{
    if (on == m_onlyDifferences)
        return;
    m_onlyDifferences = on;
    fillRows();
}

void PlanCompareModel::fillRows()
{
    beginResetModel();
    m_rows.clear();
    m_largest = 0;
    if (m_content) {
        const auto &pairs = m_content->diff.pairs;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (!m_onlyDifferences || pairs[i].kind != NodePair::Kind::Same)
                m_rows.push_back(int(i));
            if (pairs[i].a >= 0 && pairs[i].b >= 0) {
                const double difference = std::abs(m_content->b.nodes[std::size_t(pairs[i].b)].selfMs
                    - m_content->a.nodes[std::size_t(pairs[i].a)].selfMs);
                m_largest = std::fmax(m_largest, difference);
            }
        }
    }
    endResetModel();
    Q_EMIT changed();
}

QString PlanCompareModel::sentence() const
{
    return m_content ? QString::fromStdString(m_content->diff.sentence) : QString();
}

QString PlanCompareModel::warning() const
{
    if (!m_content)
        return {};
    QStringList parts;
    const analysis::PlanDiff &diff = m_content->diff;
    if (!diff.isRelated || !diff.isSameStatement)
        parts << QStringLiteral(
            "The plans are of different statements: their figures say little about each other.");
    if (diff.isEstimatesOnly)
        parts << QStringLiteral(
            "Estimates only: a plan was made without ANALYZE. Costs are the planner's units, "
            "never a time.");
    if (!m_content->a.engine.empty() && !m_content->b.engine.empty()
        && m_content->a.engine != m_content->b.engine)
        parts << QStringLiteral("The plans come from different database systems.");
    if (!m_content->a.serverVersion.empty() && !m_content->b.serverVersion.empty()
        && m_content->a.serverVersion != m_content->b.serverVersion)
        parts << QStringLiteral("The servers have different versions: %1 and %2.")
                     .arg(QString::fromStdString(m_content->a.serverVersion),
                         QString::fromStdString(m_content->b.serverVersion));
    return parts.join(QLatin1Char(' '));
}

QString PlanCompareModel::sql() const
{
    return QStringLiteral(
        "SELECT plan_id, node, depth, node_type, relation, index_name, condition, filter, plan_rows,"
        " actual_rows, loops, self_ms, self_shared_hit, self_shared_read, total_cost\n"
        "FROM plan_node WHERE plan_id IN (%1, %2) ORDER BY plan_id = %2, node")
        .arg(m_a)
        .arg(m_b);
}

int PlanCompareModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PlanCompareModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanCompareModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || !m_content)
        return {};
    const NodePair &pair = m_content->diff.pairs[std::size_t(m_rows[std::size_t(index.row())])];
    switch (role) {
    case Qt::DisplayRole:
        return text(pair, index.column());
    case Qt::ToolTipRole:
        return toolTip(pair, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() <= What ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case KindRole:
        return int(pair.kind);
    case BarRole: {
        if (index.column() != SelfDifference || pair.a < 0 || pair.b < 0 || !(m_largest > 0))
            return {};
        const double difference = std::abs(
            m_content->b.nodes[std::size_t(pair.b)].selfMs - m_content->a.nodes[std::size_t(pair.a)].selfMs);
        return std::isnan(difference) ? QVariant() : QVariant(difference / m_largest);
    }
    case LevelRole:
        return index.column() == What && pair.isShapeChanged() ? 1 : 0;
    case NodeIdRole:
        return qint64(pair.b >= 0 ? m_content->b.nodes[std::size_t(pair.b)].id
                                  : m_content->a.nodes[std::size_t(pair.a)].id);
    default:
        return {};
    }
}

QString PlanCompareModel::rowText(int row) const
{
    QStringList cells;
    for (int c = 0; c < ColumnCount; ++c)
        cells << index(row, c).data().toString();
    return cells.join(QLatin1Char('\t'));
}

QString PlanCompareModel::toText() const
{
    QStringList lines{sentence(), factors()}, header;
    for (int c = 0; c < ColumnCount; ++c)
        header << headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
    lines << header.join(QLatin1Char('\t'));
    for (int row = 0; row < rowCount(); ++row)
        lines << rowText(row);
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
