// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/planmodel.h"

#include <QAbstractTableModel>

namespace tailscope::items {

/// The nodes of a plan as a flat list that sorts by any column; unknown figures come last either way. The
/// same columns and roles as PlanModel, of which it is a view.
class PlanListModel : public QAbstractTableModel, public PlanColumns
{
    Q_OBJECT
public:
    explicit PlanListModel(const PlanModel *model, QObject *parent = nullptr);

    QModelIndex indexOf(int node) const;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    void reload();
    void order();

    const PlanModel *m_model;
    std::vector<int> m_rows, m_rowOf; ///< node of each row and back
    int m_column = -1; ///< -1 = the plan's order
    Qt::SortOrder m_order = Qt::AscendingOrder;
};

} // namespace tailscope::items
