// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/serieslanequery.h"
#include "widgets/base/canvasaccessible.h"

#include <QWidget>

namespace tailscope::widgets {

/// Medians of one series by weekday (rows, Monday first) and hour of day (columns). Arrow keys go from cell
/// to cell; the value of a cell is in its tooltip and read out.
class SeriesFoldCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit SeriesFoldCanvas(QWidget *parent);
    void setFold(const items::FoldAnswer &fold);
    QString accessibleValue() const override { return cellText(m_day, m_hour); }
    QSize minimumSizeHint() const override { return {420, 150}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;

private:
    QRect cellRect(int day, int hour) const;
    QString cellText(int day, int hour) const;

    items::FoldAnswer m_fold;
    int m_day = 0, m_hour = 0;
};

} // namespace tailscope::widgets
