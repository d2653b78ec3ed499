// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/bardelegate.h"

#include "widgets/base/theme.h"

#include <QApplication>
#include <QPainter>

#include <cmath>

namespace tailscope::widgets {

BarDelegate::BarDelegate(int barRole, int levelRole, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_barRole(barRole)
    , m_levelRole(levelRole)
{}

void BarDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const Theme theme(cell.palette);
    const int level = index.data(m_levelRole).toInt();
    const QColor tone = level >= 3 ? theme.critical() : level == 2 ? theme.warning() : theme.info();
    const QVariant bar = index.data(m_barRole);
    const double share = bar.isValid() ? bar.toDouble() : std::nan("");
    if (level >= 2)
        cell.text = (level >= 3 ? QStringLiteral("‼ ") : QStringLiteral("! ")) + cell.text;
    const QStyle *style = cell.widget ? cell.widget->style() : QApplication::style();
    if (std::isfinite(share) && share > 0 && !(cell.state & QStyle::State_Selected)) {
        painter->save();
        if (cell.features & QStyleOptionViewItem::Alternate)
            painter->fillRect(cell.rect, cell.palette.color(QPalette::AlternateBase));
        QColor fill = tone;
        fill.setAlpha(theme.isDark() ? 110 : 70);
        QRect rect = cell.rect.adjusted(1, 2, -1, -2);
        rect.setLeft(rect.right() - int(std::lround(std::min(1.0, share) * rect.width())));
        painter->fillRect(rect, fill);
        painter->restore();
        cell.backgroundBrush = Qt::NoBrush;
        cell.features &= ~QStyleOptionViewItem::Alternate;
    }
    if (level >= 1 && !(cell.state & QStyle::State_Selected)) {
        cell.palette.setColor(QPalette::Text, tone);
        cell.font.setBold(level >= 2);
    }
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
}

QSize BarDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return QStyledItemDelegate::sizeHint(option, index) + QSize(18, 4);
}

} // namespace tailscope::widgets
