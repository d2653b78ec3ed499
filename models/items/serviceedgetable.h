// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/servicemap.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <memory>
#include <vector>

namespace tailscope::items {

/// Words of a service map that the picture and the table share.
QString serviceTitle(const analysis::ServiceNode &node);
/// "1,234 calls · 0.3 % errors · P99 45 ms"; with weights the calls are an estimate and say so.
QString edgeLabel(const analysis::ServiceEdge &edge, bool weighted);
QString edgeToolTip(const analysis::ServiceMap &map, const analysis::ServiceEdge &edge);
QString nodeToolTip(const analysis::ServiceMap &map, const analysis::ServiceNode &node);
/// Share with as many digits as it needs: "0.3 %".
QString edgeShareText(double share);

/// The edges of a service map as a table, sortable by every column. GUI thread.
class ServiceEdgeTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        Caller,
        Callee,
        KindColumn,
        Calls,
        Errors,
        ErrorShare,
        P50,
        P99,
        FanOut,
        FanOutMax,
        Traces,
        ColumnCount
    };
    enum Role { BarRole = Qt::UserRole, LevelRole, EdgeRole };

    using Map = std::shared_ptr<const analysis::ServiceMap>;
    explicit ServiceEdgeTable(QObject *parent = nullptr);
    void setMap(Map map);
    int edgeAt(int row) const; ///< index into the edges of the map
    int rowOfEdge(int edge) const; ///< -1 when absent
    /// Tab-separated lines with a header, exact numbers.
    QString toText(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    const analysis::ServiceEdge &edge(int row) const;
    QString text(const analysis::ServiceEdge &edge, int column) const;
    bool lessThan(int a, int b) const;
    void applyOrder();

    Map m_map;
    std::vector<int> m_order;
    double m_most = 0;
    int m_sortColumn = Calls;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
};

} // namespace tailscope::items
