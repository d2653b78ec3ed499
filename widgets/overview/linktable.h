// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPersistentModelIndex>
#include <QTreeWidget>

namespace tailscope::widgets {

/// A flat table whose figures can be links: underlined and with a pointing hand under the pointer or in
/// focus, followed by a click or by Enter; Left and Right walk the cells of a row. Rows sort by their raw
/// values.
class LinkTable : public QTreeWidget
{
    Q_OBJECT
public:
    enum Role {
        ValueRole = Qt::UserRole, ///< number to sort by
        BarRole, ///< 0..1
        LevelRole, ///< 0..3, as BarDelegate takes it
        TermRole, ///< of column 0: what the row stands for
        LinkRole, ///< where the cell leads; empty = no link
    };

    explicit LinkTable(QWidget *parent = nullptr);

    /// A row that sorts by ValueRole, or by text where there is none.
    QTreeWidgetItem *addRow();
    static void setFigure(QTreeWidgetItem *item, int column, const QString &text, double value,
        const QString &tip = {});
    /// tip: what following the link does, added to the tooltip of the cell.
    static void setLink(QTreeWidgetItem *item, int column, const QString &link, const QString &tip);
    bool isLit(const QModelIndex &index) const; ///< a link under the pointer or in focus

Q_SIGNALS:
    void linkActivated(QTreeWidgetItem *item, const QString &link);
    /// Enter or double click on a cell that is no link.
    void rowActivated(QTreeWidgetItem *item);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void setHovered(const QModelIndex &index);

    QPersistentModelIndex m_hovered;
};

} // namespace tailscope::widgets
