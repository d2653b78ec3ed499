// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/bardelegate.h"

namespace tailscope::widgets {

/// Cells of the group table: histogram in small, figures with too few samples grey and slanted, a swatch in
/// the colour of the overlay.
class GroupDelegate : public BarDelegate
{
    Q_OBJECT
public:
    explicit GroupDelegate(QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
        const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

} // namespace tailscope::widgets
