// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/celltable.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace tailscope::items {

namespace {

QString clean(QString text)
{
    return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

/// The same rows in another order, each once.
bool isReordered(const QVector<TableRow> &before, const QVector<TableRow> &after)
{
    QSet<qint64> ids;
    for (const TableRow &row : before)
        ids.insert(row.id);
    if (ids.size() != before.size())
        return false;
    return std::all_of(after.cbegin(), after.cend(), [&](const TableRow &row) { return ids.remove(row.id); });
}

} // namespace

CellTable::CellTable(QVector<Column> columns, QObject *parent)
    : QAbstractTableModel(parent)
    , m_columns(std::move(columns))
{}

void CellTable::setRows(QVector<TableRow> rows)
{
    rows.swap(m_rows);
    applyOrder();
    rows.swap(m_rows); // in order, not yet in force
    const auto isSameRow = [](const TableRow &a, const TableRow &b) { return a.id == b.id; };
    const bool isPrefix = !m_rows.isEmpty() && m_rows.size() <= rows.size()
        && std::equal(m_rows.cbegin(), m_rows.cend(), rows.cbegin(), isSameRow);
    if (isPrefix) {
        const int known = int(m_rows.size());
        QVector<TableRow> more = rows.mid(known);
        rows.resize(known);
        m_rows = std::move(rows);
        Q_EMIT dataChanged(index(0, 0), index(known - 1, columnCount() - 1));
        if (more.isEmpty())
            return;
        beginInsertRows({}, known, known + int(more.size()) - 1);
        m_rows += more;
        endInsertRows();
        return;
    }
    if (rows.size() != m_rows.size() || !isReordered(m_rows, rows)) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    QHash<qint64, int> places;
    for (int row = 0; row < rows.size(); ++row)
        places.insert(rows[row].id, row);
    for (const QModelIndex &old : before)
        after << index(places.value(m_rows[old.row()].id), old.column());
    m_rows = std::move(rows);
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

int CellTable::rowOfId(qint64 id) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].id == id)
            return row;
    }
    return -1;
}

int CellTable::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : int(m_rows.size()); }

int CellTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

QVariant CellTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size()
        || index.column() >= m_rows[index.row()].cells.size())
        return {};
    const TableCell &cell = m_rows[index.row()].cells[index.column()];
    switch (role) {
    case Qt::DisplayRole:
        return cell.text;
    case Qt::EditRole:
        // As text: the editor of a double rounds to two decimals.
        return cell.value.isValid() && !m_columns[index.column()].editable ? cell.value : QVariant(cell.text);
    case Qt::ToolTipRole:
        return cell.toolTip.isEmpty() ? cell.text : cell.toolTip;
    case Qt::TextAlignmentRole:
        return int((m_columns[index.column()].number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case BarRole:
        return cell.bar < 0 ? QVariant() : QVariant(cell.bar);
    case LevelRole:
        return cell.level;
    default:
        return {};
    }
}

QVariant CellTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
        return {};
    if (role == Qt::DisplayRole)
        return m_columns[section].title;
    if (role == Qt::ToolTipRole)
        return m_columns[section].toolTip;
    if (role == Qt::TextAlignmentRole)
        return int((m_columns[section].number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

void CellTable::applyOrder()
{
    if (m_sortColumn < 0)
        return;
    const bool numbers = m_columns[m_sortColumn].number;
    const bool up = m_sortOrder == Qt::AscendingOrder;
    std::stable_sort(m_rows.begin(), m_rows.end(), [&](const TableRow &x, const TableRow &y) {
        const TableCell &a = x.cells[m_sortColumn], &b = y.cells[m_sortColumn];
        const bool valued = a.value.isValid() || b.value.isValid() || numbers;
        if (valued) {
            if (!a.value.isValid() || !b.value.isValid())
                return a.value.isValid() && !b.value.isValid(); // unknown is last in both orders
            // Times do not fit a double.
            if (a.value.typeId() == QMetaType::LongLong && b.value.typeId() == QMetaType::LongLong)
                return up ? a.value.toLongLong() < b.value.toLongLong()
                          : b.value.toLongLong() < a.value.toLongLong();
            return up ? a.value.toDouble() < b.value.toDouble() : b.value.toDouble() < a.value.toDouble();
        }
        const int order = a.text.localeAwareCompare(b.text);
        return up ? order < 0 : order > 0;
    });
}

void CellTable::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= m_columns.size())
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QVector<qint64> ids;
    for (const QModelIndex &index : before)
        ids << idAt(index.row());
    m_sortColumn = column;
    m_sortOrder = order;
    applyOrder();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after << createIndex(rowOfId(ids[i]), before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

Qt::ItemFlags CellTable::flags(const QModelIndex &index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() && m_columns[index.column()].editable ? flags | Qt::ItemIsEditable : flags;
}

bool CellTable::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable) || value == data(index, Qt::EditRole))
        return false;
    // The owner may put other rows in place of these.
    Q_EMIT edited(idAt(index.row()), index.column(), value);
    return true;
}

QString CellTable::toText(const QList<int> &rows) const
{
    QStringList titles;
    for (const Column &column : m_columns)
        titles << column.title;
    QStringList lines{titles.join(QLatin1Char('\t'))};
    for (const int row : rows) {
        QStringList cells;
        for (const TableCell &cell : m_rows[row].cells)
            cells << clean(cell.value.isValid() ? cell.value.toString() : cell.text);
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
