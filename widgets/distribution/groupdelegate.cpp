// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/groupdelegate.h"

#include "items/distributiongroups.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using items::DistributionGroups;

namespace {

constexpr int kSwatch = 11;

QIcon swatch(const QColor &color, double ratio)
{
    QPixmap pixmap(QSize(kSwatch, kSwatch) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(color);
    return QIcon(pixmap);
}

} // namespace

GroupDelegate::GroupDelegate(QObject *parent)
    : BarDelegate(DistributionGroups::BarRole, DistributionGroups::LevelRole, parent)
{}

void GroupDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    BarDelegate::initStyleOption(option, index);
    const Theme theme(option->palette);
    if (index.data(DistributionGroups::WeakRole).toBool()) {
        option->font.setItalic(true);
        option->palette.setColor(QPalette::Text, theme.mutedText());
    }
    const int overlay = index.data(DistributionGroups::OverlayRole).toInt();
    if (index.column() == DistributionGroups::Name && overlay >= 0) {
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->decorationSize = QSize(kSwatch, kSwatch);
        option->icon
            = swatch(theme.series(overlay + 1), option->widget ? option->widget->devicePixelRatioF() : 1.0);
    }
}

void GroupDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
    const QModelIndex &index) const
{
    if (index.column() != DistributionGroups::Shape) {
        BarDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QStyle *style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, cell.widget);
    const auto shape = index.data(DistributionGroups::ShapeRole).value<QVector<double>>();
    const QRect area = cell.rect.adjusted(4, 3, -4, -3);
    if (shape.isEmpty() || area.width() < 8)
        return;
    const Theme theme(cell.palette);
    const QColor color = cell.state & QStyle::State_Selected ? cell.palette.color(QPalette::HighlightedText)
                                                             : theme.series(0);
    for (int i = 0; i < shape.size(); ++i) {
        if (shape[i] <= 0)
            continue;
        const int left = area.left() + area.width() * i / int(shape.size());
        const int right = area.left() + area.width() * (i + 1) / int(shape.size());
        const int height = std::max(1, int(std::lround(shape[i] * area.height())));
        painter->fillRect(QRect(left, area.bottom() + 1 - height, std::max(1, right - left), height), color);
    }
}

} // namespace tailscope::widgets
