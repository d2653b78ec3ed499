// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/sessionquery.h"
#include "widgets/base/bardelegate.h"

#include <QColor>

namespace tailscope::widgets {

class Theme;

/// Colour of what a session does, the same in every view of this folder; always beside the word.
QColor toneColor(const Theme &theme, items::SessionTone tone);

/// Cells of the sessions table: marks of levels, and a square in the colour of the state.
class SessionDelegate : public BarDelegate
{
    Q_OBJECT
public:
    explicit SessionDelegate(QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
        const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace tailscope::widgets
