// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracediffmodel.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"

#include <QWidget>

class QScrollBar;

namespace tailscope::widgets {

/// Two waterfalls side by side on one time scale: a line a path, the names, the bar in A, the bar in B and
/// the difference. Times count from the begin of each request. Only the lines on the screen cost anything.
class TraceCompareCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    TraceCompareCanvas(items::TraceDiffModel *model, QWidget *parent);

    int currentRow() const { return m_current; } ///< index into diff.rows; -1 = none
    void setCurrentRow(int row); ///< scrolls to it; nothing is emitted
    TimeRange window() const { return m_window; } ///< ns after the begin of the request
    void setWindow(TimeRange window);
    TimeRange limits() const;
    QRect rowRect(int row) const;
    QRect barRect(int row, bool isB) const; ///< empty when it is not in that trace
    int rowAt(int y) const;
    QString accessibleValue() const override;
    QSize minimumSizeHint() const override { return {300, 120}; }

Q_SIGNALS:
    void rowChosen(int row);
    void hovered(const QString &line);
    void menuRequested(const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool event(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void takePair();
    void updateScrollBar();
    int rowCount() const;
    const analysis::TraceDiffRow &row(int index) const;
    int namesWidth() const;
    QRect pane(bool isB) const; ///< with the ruler, down to the bottom
    QRect rowsRect() const;
    int indentOf(std::uint32_t depth) const;
    TimeScale scale(bool isB) const;
    QStringList lines(int index) const;
    void choose(int index);
    void paintRuler(QPainter &painter, bool isB) const;
    void paintGround(QPainter &painter, int index) const;
    void paintRow(QPainter &painter, int index) const;
    void paintSide(QPainter &painter, int index, bool isB) const;

    items::TraceDiffModel *m_model;
    QScrollBar *m_scrollBar;
    Theme m_theme;
    TimeRange m_window{0, 1};
    int m_rowHeight = 20, m_scroll = 0, m_current = -1, m_hover = -1;
    std::uint32_t m_deepest = 0;
};

} // namespace tailscope::widgets
