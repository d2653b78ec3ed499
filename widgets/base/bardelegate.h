// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace tailscope::widgets {

/// Cells with a bar behind the text (a share 0..1 in `barRole`) and a level 0..3 (`levelRole`) told by colour
/// and by a mark, never by colour alone.
class BarDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    BarDelegate(int barRole, int levelRole, QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
        const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    int m_barRole, m_levelRole;
};

} // namespace tailscope::widgets
