// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/lockquery.h"
#include "widgets/base/canvasaccessible.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace tailscope::widgets {

/// A deadlock as a graph: a box a process with its statement, an arrow to the process that it waits for with
/// lock mode and relation. The one that the server cancelled is crossed out and says so. Left and Right go
/// round the cycle, Ctrl+C copies it as text.
class DeadlockCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit DeadlockCanvas(QWidget *parent = nullptr);
    void setDeadlock(std::optional<items::Deadlock> deadlock);
    int current() const { return m_current; } ///< process with the focus, -1 = none
    void setCurrent(int process);
    QRectF boxOf(int process) const; ///< on the widget
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {520, 300}; }
    QSize minimumSizeHint() const override { return {260, 160}; }

Q_SIGNALS:
    void currentChanged();
    void copyRequested();
    void menuRequested(const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool event(QEvent *event) override;

private:
    void place();
    int indexOfPid(std::int64_t pid) const;
    int processAt(const QPointF &position) const;
    QString describe(int process) const;
    void paintBox(QPainter &painter, int process) const;
    void paintArrow(QPainter &painter, int from) const;

    std::optional<items::Deadlock> m_deadlock;
    std::vector<QRectF> m_boxes;
    int m_current = -1;
};

} // namespace tailscope::widgets
