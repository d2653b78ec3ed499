// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plandiff.h"
#include "items/planlist.h"
#include "session/session.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace tailscope::items {

/// Two plans with what was found between them.
struct PlanComparisonContent
{
    analysis::PlanTree a, b;
    analysis::PlanDiff diff;
};

/// Two plans side by side: a row a pair of nodes, in the order of plan B with what only A has where it was.
/// Plans follow the shared selection until the user chooses others. Everything is read and compared by jobs.
/// GUI thread.
class PlanCompareModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        Change,
        NodeA,
        NodeB,
        What,
        SelfA,
        SelfB,
        SelfDifference,
        RowsA,
        RowsB,
        LoopsA,
        LoopsB,
        BuffersA,
        BuffersB,
        CostA,
        CostB,
        ColumnCount
    };
    enum Role {
        KindRole = Qt::UserRole, ///< int of analysis::NodePair::Kind
        BarRole, ///< 0..1: this difference of self time against the largest
        LevelRole, ///< 1 = a difference worth a look
        NodeIdRole, ///< plan_node.id: of B, or of A where B has none
    };

    PlanCompareModel(session::Session *session, QObject *parent);

    const QList<PlanEntry> &entries() const { return m_entries; }
    qint64 planA() const { return m_a; }
    qint64 planB() const { return m_b; }
    void setPlans(qint64 a, qint64 b); ///< the user's choice: stays when the selection changes
    void swap() { setPlans(m_b, m_a); }
    bool isOnlyDifferences() const { return m_onlyDifferences; }
    void setOnlyDifferences(bool on);

    std::shared_ptr<const PlanComparisonContent> content() const { return m_content; }
    QString sentence() const; ///< what changed; empty without content
    QString factors() const; ///< times, buffers, rows of the whole
    QString warning() const; ///< what makes the comparison doubtful; empty = nothing
    QString error() const { return m_error; }
    bool isRunning() const { return m_listJob.isRunning() || m_diffJob.isRunning(); }
    bool hasColumn(int column) const; ///< any figure in it
    QString rowText(int row) const; ///< tab-separated
    QString toText() const; ///< sentence, factors and all shown rows
    QString sql() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void entriesChanged();
    void changed(); ///< other plans, other content, or a job ended

private:
    void reload();
    void followSelection();
    void choose(qint64 selectedPlan);
    void compare();
    void fillRows();
    QString text(const analysis::NodePair &pair, int column) const;
    QString toolTip(const analysis::NodePair &pair, int column) const;

    session::Session *m_session;
    session::LatestJob m_listJob, m_diffJob;
    QList<PlanEntry> m_entries;
    qint64 m_a = 0, m_b = 0;
    bool m_isChosen = false, m_onlyDifferences = false, m_hasEntries = false;
    bool m_isStale = true; ///< data changed since the plans were chosen
    QString m_error;
    std::shared_ptr<const PlanComparisonContent> m_content;
    std::vector<int> m_rows; ///< indexes into the pairs
    double m_largest = 0; ///< difference of self time
};

} // namespace tailscope::items
