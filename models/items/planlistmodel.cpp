// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planlistmodel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::items {

PlanListModel::PlanListModel(const PlanModel *model, QObject *parent)
    : QAbstractTableModel(parent)
    , m_model(model)
{
    connect(model, &PlanModel::modelReset, this, &PlanListModel::reload);
    reload();
}

void PlanListModel::reload()
{
    beginResetModel();
    m_rows.resize(m_model->facts().nodes.size());
    order();
    endResetModel();
}

void PlanListModel::order()
{
    std::iota(m_rows.begin(), m_rows.end(), 0);
    const PlanCells cells = m_model->cells();
    if (m_column == Node || m_column == Path) {
        std::vector<QString> texts;
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            texts.push_back(cells.text(int(i), m_column));
        std::stable_sort(m_rows.begin(), m_rows.end(), [&](int a, int b) {
            const int way
                = QString::compare(texts[std::size_t(a)], texts[std::size_t(b)], Qt::CaseInsensitive);
            return m_order == Qt::AscendingOrder ? way < 0 : way > 0;
        });
    } else if (m_column >= 0) {
        std::vector<double> numbers;
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            numbers.push_back(cells.number(int(i), m_column));
        std::stable_sort(m_rows.begin(), m_rows.end(), [&](int a, int b) {
            const double x = numbers[std::size_t(a)], y = numbers[std::size_t(b)];
            if (std::isnan(x) || std::isnan(y))
                return !std::isnan(x);
            return m_order == Qt::AscendingOrder ? x < y : x > y;
        });
    }
    m_rowOf.resize(m_rows.size());
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_rowOf[std::size_t(m_rows[i])] = int(i);
}

void PlanListModel::sort(int column, Qt::SortOrder direction)
{
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<int> nodes;
    for (const QModelIndex &index : before)
        nodes.push_back(m_rows[std::size_t(index.row())]);
    m_column = column;
    m_order = direction;
    order();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after << index(m_rowOf[std::size_t(nodes[std::size_t(i)])], before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QModelIndex PlanListModel::indexOf(int node) const
{
    return node >= 0 && std::size_t(node) < m_rowOf.size() ? index(m_rowOf[std::size_t(node)], 0)
                                                           : QModelIndex();
}

int PlanListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PlanListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    return m_model->cells().data(m_rows[std::size_t(index.row())], index.column(), role);
}

QVariant PlanListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? m_model->headerData(section, orientation, role) : QVariant();
}

} // namespace tailscope::items
