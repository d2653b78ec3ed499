// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/cohortmodel.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace tailscope::items {

/// What differs between slow requests and the rest, one row each, in the order of the report.
class CohortTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { What, KindColumn, SlowColumn, AllColumn, Lift, Chance, SameAs, ColumnCount };
    enum Role { BarRole = Qt::UserRole + 1, LevelRole };

    explicit CohortTable(QObject *parent = nullptr);

    void setContent(std::shared_ptr<const CohortContent> content);
    /// Also what was compared and does not differ; off at first.
    void setShowAll(bool all);
    bool isShowingAll() const { return m_all; }
    const analysis::CohortDifference *difference(int row) const; ///< nullptr outside
    /// "service=shop operation=…": what leaves just this row; empty where the filter has no such field.
    QString filterTerms(int row) const;
    QString rowText(int row) const; ///< cells, tab-separated
    QString tableText() const; ///< all rows with titles

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const analysis::CohortDifference &difference, int column) const;
    QString toolTip(const analysis::CohortDifference &difference) const;
    std::shared_ptr<const CohortContent> m_content;
    std::vector<std::size_t> m_rows; ///< places in the report
    bool m_all = false;
};

} // namespace tailscope::items
