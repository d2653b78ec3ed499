// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracelistmodel.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/base/timeaxis.h"

#include <QImage>
#include <QWidget>

#include <optional>

namespace tailscope::widgets {

class Theme;

/// The listed traces as marks over start and duration (logarithmic): a dot a cell of a few pixels, larger and
/// stronger where more traces lie, a cross where one has errors. Dragging (or Shift with the arrows, then
/// Enter) selects a rectangle; a click or the arrows choose a cell, a double click or Enter opens its slowest
/// trace.
class TraceScatterCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    TraceScatterCanvas(items::TraceListModel *model, const session::SessionContext *context, QWidget *parent);

    struct Area
    {
        TimeRange range;
        Nanos low = 0, high = 0; ///< durations, high not included
    };
    /// Marked by a ring; nothing is emitted.
    void setCurrentTrace(std::optional<qint64> id);
    QRect plotRect() const { return m_plot; }
    QPoint cellCenter(int column, int row) const;
    std::optional<Area> selection() const;
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {640, 220}; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void traceChosen(qint64 id);
    void traceActivated(qint64 id);
    void areaSelected(const tailscope::widgets::TraceScatterCanvas::Area &area);
    void areaCleared(); ///< Backspace
    void readoutChanged(const QString &line);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    using Cell = std::pair<int, int>; ///< column, row
    void layOut();
    void takeScatter();
    void buildImage();
    bool isEmpty() const;
    std::optional<Cell> cellNear(const QPoint &position) const;
    std::optional<Cell> stepFrom(const Cell &cell, int columns, int rows) const;
    void setCursor(const std::optional<Cell> &cell);
    qint64 idOf(const Cell &cell) const;
    QStringList readoutLines() const;
    void paintAxes(QPainter &painter, const Theme &theme) const;
    void paintLegend(QPainter &painter, const Theme &theme) const;
    void paintMarks(QPainter &painter, const Theme &theme) const;
    QRect selectionRect() const;
    bool stepKey(int key, bool select);

    items::TraceListModel *m_model;
    const session::SessionContext *m_context;
    items::TraceListModel::Scatter m_scatter;
    QImage m_image;
    QRect m_plot;
    int m_axisTop = 0;
    std::optional<Cell> m_cursor, m_anchor, m_focusEnd;
    std::optional<QPoint> m_press, m_dragged;
    std::optional<qint64> m_current;
};

} // namespace tailscope::widgets
