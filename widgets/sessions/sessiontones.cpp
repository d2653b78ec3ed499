// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/sessiontones.h"

#include "items/sessionmodel.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QPainter>

namespace tailscope::widgets {

using items::SessionTone;

namespace {

constexpr int kMark = 9, kMarkSpace = 16; // pixels

} // namespace

QColor toneColor(const Theme &theme, SessionTone tone)
{
    switch (tone) {
    case SessionTone::Active:
        return theme.good();
    case SessionTone::Waiting:
        return theme.info();
    case SessionTone::LockWait:
        return theme.critical();
    case SessionTone::InTransaction:
        return theme.warning();
    case SessionTone::Aborted:
        return theme.series(6);
    case SessionTone::Idle:
    case SessionTone::Background:
        return theme.axis();
    case SessionTone::Hidden:
        return theme.mutedText();
    }
    return theme.text();
}

SessionDelegate::SessionDelegate(QObject *parent)
    : BarDelegate(items::SessionModel::BarRole, items::SessionModel::LevelRole, parent)
{}

void SessionDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
    const QModelIndex &index) const
{
    const QVariant tone = index.data(items::SessionModel::ToneRole);
    if (!tone.isValid())
        return BarDelegate::paint(painter, option, index);
    QStyleOptionViewItem ground = option;
    initStyleOption(&ground, index);
    ground.text.clear();
    const QStyle *style = ground.widget ? ground.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, ground.widget);
    QStyleOptionViewItem rest = option;
    rest.rect.setLeft(option.rect.left() + kMarkSpace);
    BarDelegate::paint(painter, rest, index);
    const QRect mark(option.rect.left() + 5, option.rect.center().y() - kMark / 2, kMark, kMark);
    painter->save();
    const Theme theme(option.palette);
    const auto kind = SessionTone(tone.toInt());
    painter->setPen(toneColor(theme, kind));
    // Hollow: it does nothing.
    if (kind != SessionTone::Idle && kind != SessionTone::Hidden)
        painter->setBrush(toneColor(theme, kind));
    painter->drawRect(mark.adjusted(0, 0, -1, -1));
    painter->restore();
}

QSize SessionDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QSize size = BarDelegate::sizeHint(option, index);
    return index.column() == items::SessionModel::State ? size + QSize(kMarkSpace, 0) : size;
}

} // namespace tailscope::widgets
