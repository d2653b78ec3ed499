// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/celltableview.h"

#include "items/celltable.h"
#include "items/celltext.h"
#include "items/savetext.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QToolTip>

#include <algorithm>

namespace tailscope::widgets {

CellTableView::CellTableView(items::CellTable *table, const QString &name, QWidget *parent)
    : QTableView(parent)
    , m_table(table)
{
    setModel(table);
    setItemDelegate(new BarDelegate(items::CellTable::BarRole, items::CellTable::LevelRole, this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setAlternatingRowColors(true);
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setAccessibleName(name);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    setSortingEnabled(true);
    auto *copy = new QAction(tr("Copy Rows"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &CellTableView::copyRows);
    addAction(copy);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this] { Q_EMIT currentIdChanged(currentId()); });
    connect(table, &QAbstractItemModel::modelReset, this, &CellTableView::fit);
    fit();
}

qint64 CellTableView::currentId() const
{
    const QModelIndex index = currentIndex();
    return index.isValid() ? m_table->idAt(index.row()) : -1;
}

void CellTableView::selectId(qint64 id)
{
    const int row = m_table->rowOfId(id);
    if (row >= 0 && row != currentIndex().row())
        selectRow(row);
}

void CellTableView::fit()
{
    if (m_fitted || m_table->rowCount() == 0)
        return;
    m_fitted = true;
    // Not columnWidth() after resizing: the last column is as wide as the room that is left, and would stay
    // so.
    for (int column = 0; column < m_table->columnCount(); ++column) {
        const int wanted = std::max(sizeHintForColumn(column), horizontalHeader()->sectionSizeHint(column));
        setColumnWidth(column, std::clamp(wanted + 12, 64, 340));
    }
}

void CellTableView::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < m_table->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_table->toText(rows));
}

void CellTableView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this, &CellTableView::copyRows);
    menu->addAction(themedIcon(QStringLiteral("save")), tr("&Save as CSV…"), this, [this] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save the Table"),
            QStringLiteral("table.csv"), tr("CSV (*.csv)"));
        const QString problem
            = path.isEmpty() ? QString() : items::saveText(path, items::cells::csv(*m_table));
        if (!problem.isEmpty())
            QToolTip::showText(QCursor::pos(), tr("The table could not be saved: %1").arg(problem), this);
    });
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        &CellTableView::sqlRequested);
    menu->popup(event->globalPos());
}

} // namespace tailscope::widgets
