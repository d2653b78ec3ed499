// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planchecklist.h"
#include "items/plancells.h"
#include "session/session.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailscope::advisor {
class QueryText;
}

namespace tailscope::items {

/// One plan of the workspace, as lists show it.
struct PlanHead
{
    qint64 id = 0, nodeCount = 0;
    QString title; ///< statement or source, shortened
    QString queryText, sourceText, format, definition;
    double planningMs = 0, executionMs = 0; ///< NaN = unknown
};

/// One node as the tree holds it; its figures are in PlanFacts::nodes at the same index.
struct PlanNodeItem
{
    qint64 id = 0;
    int parent = -1; ///< index in the model's vector
    int row = 0; ///< among its siblings
    std::vector<int> children;
    int depth = 0;
    QString title; ///< "Index Scan using idx on orders o"
    QString condition, filter;
};

/// The plans of the workspace and, as a tree, the nodes of the chosen one. Loaded by jobs.
class PlanModel : public QAbstractItemModel, public PlanColumns
{
    Q_OBJECT
public:
    explicit PlanModel(session::Session *session, QObject *parent = nullptr);

    const QList<PlanHead> &plans() const { return m_plans; }
    qint64 currentPlan() const { return m_current; }
    void setCurrentPlan(qint64 planId);
    /// Shows the plan a node belongs to; planLoaded() when it is there. Nothing happens for an unknown node.
    void setPlanOfNode(qint64 nodeId);
    const PlanHead *head() const;
    const std::vector<PlanNodeItem> &nodes() const { return m_nodes; }
    bool isRunning() const
    {
        return m_plansJob.isRunning() || m_nodesJob.isRunning() || m_lookupJob.isRunning();
    }
    /// The plan with all its figures; never null.
    const analysis::PlanFacts &facts() const { return *m_facts; }
    const std::vector<analysis::PlanCheck> &checks() const { return m_checks; }
    PlanCells cells() const { return PlanCells(*m_facts); }
    /// Parts of the statement a node comes from, as positions and lengths in PlanHead::queryText. nullopt:
    /// the statement is not there or cannot be parsed.
    std::optional<QList<std::pair<int, int>>> queryParts(int node) const;
    /// Index of the node in facts(); -1 = not of this plan.
    int nodeIndex(qint64 nodeId) const;
    QModelIndex indexOf(int node) const;
    QModelIndex indexOfNode(qint64 nodeId) const { return indexOf(nodeIndex(nodeId)); }
    /// Node with the largest self time; invalid without times.
    QModelIndex slowest() const;
    double totalMs() const; ///< execution time, or the root's wall time; NaN unknown
    QString toText() const; ///< tab separated table of all nodes

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void plansChanged();
    void planLoaded();

private:
    void reload();
    void takeHeads(QList<PlanHead> heads);
    void loadPlan(qint64 planId);
    void take(struct LoadedPlan plan);

    session::Session *m_session;
    session::LatestJob m_plansJob, m_nodesJob, m_lookupJob;
    QList<PlanHead> m_plans;
    std::vector<PlanNodeItem> m_nodes;
    std::vector<int> m_roots;
    qint64 m_current = 0;
    bool m_isBatchShown = false; ///< a plan of the files that are being imported is shown
    bool m_hasHeads = false; ///< the plans were read once: what comes later was just imported
    std::shared_ptr<const analysis::PlanFacts> m_facts;
    std::shared_ptr<const advisor::QueryText> m_query;
    std::vector<analysis::PlanCheck> m_checks;
    std::unordered_map<qint64, int> m_indexes; ///< of node ids
};

} // namespace tailscope::items
