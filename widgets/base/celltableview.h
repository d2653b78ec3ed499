// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace tailscope::items {
class CellTable;
}

namespace tailscope::widgets {

/// A CellTable as views show it: bars and levels in the cells, sortable, whole rows, Ctrl+C and a menu to
/// copy, Show SQL. Columns are fitted to the first rows that come. GUI thread.
class CellTableView : public QTableView
{
    Q_OBJECT
public:
    /// name: for screen readers.
    CellTableView(items::CellTable *table, const QString &name, QWidget *parent = nullptr);

    qint64 currentId() const; ///< -1 = no row
    void selectId(qint64 id);
    void copyRows(); ///< the chosen ones, or all

Q_SIGNALS:
    void currentIdChanged(qint64 id); ///< by the user or selectId(); -1 = none
    void sqlRequested();

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void fit();

    items::CellTable *m_table;
    bool m_fitted = false;
};

} // namespace tailscope::widgets
