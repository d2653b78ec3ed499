// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace tailscope::items {

/// Groups of spans with their figures, sortable by every column. GUI thread.
class DistributionGroups : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Name, Count, Errors, P50, P95, P99, P999, Total, SelfShare, Shape, ColumnCount };
    enum Role {
        BarRole = Qt::UserRole, ///< share 0..1 for a bar behind the text, or nothing
        LevelRole, ///< 0..3, as BarDelegate takes it
        WeakRole, ///< true: fewer samples than the figure needs
        ShapeRole, ///< QVector<double>: the histogram in kShapeBars bars, 0..1 of the largest
        OverlayRole, ///< 0.. = drawn over the histogram in Theme::series() of that index; -1 = not
    };
    static constexpr int kShapeBars = 40;

    using Groups = std::vector<analysis::GroupStats>;

    explicit DistributionGroups(QObject *parent = nullptr);
    /// hasOther: the last one unites those past the limit. low and high: range of durations of all shapes.
    void setGroups(std::shared_ptr<const Groups> groups, analysis::GroupBy groupBy, bool hasOther, Nanos low,
        Nanos high);
    /// Names of the groups that are drawn, in the order of their colours.
    void setOverlays(const QStringList &names);

    analysis::GroupBy groupBy() const { return m_groupBy; }
    QString title(int row) const; ///< as shown: "(no service)" where the name is empty
    QString name(int row) const; ///< key of the group; unique
    int rowOfName(const QString &name) const; ///< -1 when absent
    bool isOther(int row) const;
    const analysis::GroupStats &group(int row) const;
    /// Filter terms that leave just this group; empty for "other".
    QString filterTerms(int row) const;
    /// Filter terms that leave all but this group; empty for "other".
    QString excludeTerms(int row) const;
    /// Tab-separated lines with a header, exact numbers.
    QString toText(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    std::size_t indexOf(int row) const { return m_order[std::size_t(row)]; }
    bool lessThan(std::size_t a, std::size_t b, int column) const;
    void applyOrder();
    QString text(std::size_t group, int column) const;
    QString toolTip(std::size_t group, int column) const;

    std::shared_ptr<const Groups> m_groups;
    analysis::GroupBy m_groupBy = analysis::GroupBy::Operation;
    bool m_hasOther = false;
    Nanos m_low = 0, m_high = 0;
    double m_selfSum = 0, m_largestTotal = 0;
    std::vector<std::size_t> m_order; ///< shown row -> group
    std::vector<QVector<double>> m_shapes;
    QStringList m_overlays;
    int m_sortColumn = Total;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
};

} // namespace tailscope::items
