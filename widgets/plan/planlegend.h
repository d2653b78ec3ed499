// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/planboxes.h"

#include <QWidget>

namespace tailscope::widgets {

/// The colours of a plan's boxes with what their ends and their middle mean.
class PlanLegend : public QWidget
{
    Q_OBJECT
public:
    explicit PlanLegend(QWidget *parent = nullptr);
    void setScale(items::PlanColouring colouring, const QStringList &texts);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    items::PlanColouring m_colouring = items::PlanColouring::SelfTime;
    QStringList m_texts;
};

} // namespace tailscope::widgets
