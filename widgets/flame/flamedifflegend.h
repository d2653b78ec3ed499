// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace tailscope::widgets {

/// What the colours and patterns of a differential flame graph mean.
class FlameDiffLegend : public QWidget
{
    Q_OBJECT
public:
    explicit FlameDiffLegend(QWidget *parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace tailscope::widgets
