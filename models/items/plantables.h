// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plansums.h"
#include "items/planmodel.h"

#include <QAbstractTableModel>

namespace tailscope::items {

/// What a plan did per table, per index or per type of node. Sorts by any column.
class PlanSumModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Key, Nodes, SelfTime, Share, Rows, Hit, Read, Io, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    PlanSumModel(const PlanModel *model, analysis::PlanSumBy by, QObject *parent = nullptr);

    void reload(); ///< the plan changed
    const analysis::PlanSum &sum(int row) const { return m_sums[std::size_t(row)]; }
    int rowOf(int node) const; ///< -1 = not in any
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    double number(const analysis::PlanSum &sum, int column) const;
    QString text(const analysis::PlanSum &sum, int column) const;
    QString toolTip(const analysis::PlanSum &sum, int column) const;
    std::optional<double> share(const analysis::PlanSum &sum) const;
    void order();

    const PlanModel *m_model;
    analysis::PlanSumBy m_by;
    std::vector<analysis::PlanSum> m_sums;
    int m_column = SelfTime;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

/// The processes of the parallel nodes of a plan, a row each, in the plan's order.
class PlanProcessModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Node, Process, Time, Share, Rows, Loops, Skew, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole, NodeIndexRole };

    explicit PlanProcessModel(const PlanModel *model, QObject *parent = nullptr);

    void reload(); ///< the plan changed
    const std::vector<analysis::PlanProcesses> &nodes() const { return m_nodes; }
    int rowOf(int node) const; ///< first row of a node; -1 = it does not tell its processes
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// What the page says above the table: workers planned and started, the critical process, the definition
    /// used.
    QString summary() const;

private:
    QString text(const analysis::PlanProcesses &node, std::size_t process, int column) const;

    const PlanModel *m_model;
    std::vector<analysis::PlanProcesses> m_nodes;
    std::vector<std::pair<int, int>> m_rows; ///< index in m_nodes, index of the process
};

} // namespace tailscope::items
