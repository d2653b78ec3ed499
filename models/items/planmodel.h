// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QAbstractItemModel>

#include <vector>

namespace tailscope::items {

/// One plan of the workspace, as lists show it.
struct PlanHead
{
    qint64 id = 0, nodeCount = 0;
    QString title; ///< statement or source, shortened
    QString queryText, sourceText, format, definition;
    double planningMs = 0, executionMs = 0; ///< NaN = unknown
};

/// Figures of one node, as stored in plan_node. NaN and -1 = the plan does not say.
struct PlanNodeItem
{
    qint64 id = 0;
    int parent = -1; ///< index in the model's vector
    int row = 0; ///< among its siblings
    std::vector<int> children;
    int depth = 0, sourceLine = 0;
    QString title; ///< "Index Scan using idx on orders o"
    QString nodeType, condition, filter, subplan;
    double planRows = 0, actualRows = 0, loops = 0, wallMs = 0, selfMs = 0, doubtMs = 0, totalCost = 0;
    double removed = 0;
    qint64 selfHit = -1, selfRead = -1, hit = -1, read = -1, tempRead = -1, tempWritten = -1;
    bool neverExecuted = false;
    /// actual / (plan * loops): above 1 underestimated. NaN = not comparable (never executed, below a
    /// Limit...).
    double rowsFactor() const;
};

/// The plans of the workspace and, as a tree, the nodes of the chosen one. Loaded by jobs.
class PlanModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column {
        Node,
        SelfTime,
        SelfShare,
        WallTime,
        Rows,
        RowsFactor,
        Loops,
        Buffers,
        Read,
        Removed,
        Cost,
        ColumnCount
    };
    enum Role {
        BarRole = Qt::UserRole, ///< 0..1: share to draw behind the text
        SortRole,
        NodeIdRole,
        SourceLineRole,
        LevelRole, ///< 0 none, 1 notice, 2 warning, 3 critical (widgets choose the colour)
    };

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
    QModelIndex indexOfNode(qint64 nodeId) const;
    /// Node with the largest self time; invalid without times.
    QModelIndex slowest() const;
    double totalMs() const { return m_totalMs; } ///< execution time, or the root's wall time; NaN unknown
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
    QString text(const PlanNodeItem &node, int column) const;
    QString toolTip(const PlanNodeItem &node, int column) const;
    double share(const PlanNodeItem &node) const;

    session::Session *m_session;
    session::LatestJob m_plansJob, m_nodesJob, m_lookupJob;
    QList<PlanHead> m_plans;
    std::vector<PlanNodeItem> m_nodes;
    std::vector<int> m_roots;
    qint64 m_current = 0;
    bool m_isBatchShown = false; ///< a plan of the files that are being imported is shown
    bool m_hasHeads = false; ///< the plans were read once: what comes later was just imported
    double m_totalMs = 0;
};

} // namespace tailscope::items
