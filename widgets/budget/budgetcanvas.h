// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/budgetmodel.h"
#include "widgets/base/canvasaccessible.h"

#include <QWidget>

#include <vector>

namespace tailscope::widgets {

/// The waterfall of a budget: a row a component. A bar is its time, the outline its budget, the whiskers
/// reach to P95 and P99, a diamond is its time-out; lines across stand at the working budget and the target.
/// Up and Down choose a row, Enter opens the slowest request of it.
class BudgetCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit BudgetCanvas(QWidget *parent = nullptr);
    /// Times in ms.
    void setBars(const std::vector<items::BudgetBar> &bars, double workingMs, double targetMs);
    int current() const { return m_current; } ///< index of a bar; -1 = none
    void setCurrent(int bar);
    QRectF barRect(int bar) const; ///< of the measured time, on the widget; empty when it was not measured
    double xOf(double ms) const;
    QString accessibleValue() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {420, 160}; }

Q_SIGNALS:
    void currentChanged(int bar);
    void activated(int bar);
    void menuRequested(const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool event(QEvent *event) override;

private:
    double rowHeight() const;
    double labelWidth() const;
    double top() const;
    QRectF rowRect(int bar) const;
    int barAt(const QPointF &position) const;
    void paintAxis(QPainter &painter) const;
    void paintLimit(QPainter &painter, double ms, const QColor &color, const QString &text,
        bool isRight) const;
    void paintBar(QPainter &painter, int bar) const;
    void paintMarks(QPainter &painter, int bar) const;

    std::vector<items::BudgetBar> m_bars;
    double m_working = 0, m_target = 0, m_end = 1;
    int m_current = -1;
};

} // namespace tailscope::widgets
