// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/serieslistquery.h"

#include <QAbstractItemModel>

#include <vector>

namespace tailscope::items {

/// Series below their metrics. A metric with one series is that series. Filtered by words; sorted as read.
/// GUI thread.
class SeriesListModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Found, Last, Min, P50, P99, Max, Points, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit SeriesListModel(QObject *parent = nullptr);
    void setItems(QVector<SeriesListItem> items);
    /// Rows whose metric, name or found text has all these words.
    void setSearch(const QString &text);
    int shown() const { return m_shown; } ///< series that pass
    qsizetype total() const { return m_items.size(); }

    /// Ids of a row: of all series of a metric.
    QVector<qint64> ids(const QModelIndex &index) const;
    QString title(const QModelIndex &index) const;
    QString unit(const QModelIndex &index) const;
    /// Label keys of the series of a row that differ, service and instance included.
    QStringList labelKeys(const QModelIndex &index) const;
    QModelIndex indexOf(qint64 id) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Group
    {
        QString metric;
        std::vector<int> rows; ///< into m_items
    };
    void regroup();
    const SeriesListItem *itemOf(const QModelIndex &index) const; ///< nullptr: a metric of several
    QString cell(const SeriesListItem &item, int column) const;
    QString toolTip(const SeriesListItem &item) const;

    QVector<SeriesListItem> m_items;
    std::vector<Group> m_groups;
    QString m_search;
    int m_shown = 0;
};

} // namespace tailscope::items
