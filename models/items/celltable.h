// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <QVector>

namespace tailscope::items {

/// A cell that is ready to be shown.
struct TableCell
{
    QString text;
    QVariant value; ///< what it is sorted by and copied as; invalid = unknown, sorted last; default: the text
    QString toolTip;
    double bar = -1; ///< share 0..1 for a bar behind the text; negative = none
    int level = 0; ///< 0..3, as BarDelegate takes it
};
struct TableRow
{
    qint64 id = 0;
    QVector<TableCell> cells;
};

/// A table of ready cells, up to some ten thousand rows, sortable by every column. GUI thread.
class CellTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    struct Column
    {
        QString title, toolTip;
        bool number = false; ///< aligned to the right
        bool editable = false; ///< edited() tells what was typed; the owner sets new rows
    };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit CellTable(QVector<Column> columns, QObject *parent = nullptr);
    /// Rows that are there before and after (by id) keep selection and place: only what is new is told,
    /// unless rows went away.
    void setRows(QVector<TableRow> rows);
    qint64 idAt(int row) const { return m_rows[row].id; }
    int rowOfId(qint64 id) const; ///< -1 when it is not there
    /// A header and the rows, tab-separated, with the values instead of the texts where they are known.
    QString toText(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;

Q_SIGNALS:
    void edited(qint64 id, int column, const QVariant &value);

private:
    void applyOrder();

    QVector<Column> m_columns;
    QVector<TableRow> m_rows;
    int m_sortColumn = -1; ///< -1: as they came
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace tailscope::items
