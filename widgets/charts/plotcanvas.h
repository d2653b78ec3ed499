// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/canvasaccessible.h"
#include "widgets/charts/labelstack.h"
#include "widgets/charts/legend.h"
#include "widgets/charts/plotcontent.h"
#include "widgets/charts/plotruns.h"
#include "widgets/charts/plotscale.h"

#include <QtCharts/QChartView>

#include <QPixmap>

#include <optional>

class QLineSeries;

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// The chart of a PlotView: Qt Charts draws axes and lines once into a pixmap that follows palette and pixel
/// ratio; cursor, selection and readout are painted over it. Drag selects a range of x, a double click asks
/// to clear it. Keys: arrows move the cursor from point to point (Shift extends a selection), Home and End,
/// Enter applies, Esc clears.
class PlotCanvas : public QChartView, public AccessibleCanvas
{
    Q_OBJECT
public:
    PlotCanvas(const session::SessionContext *context, QWidget *parent);

    void setContent(PlotContent content);
    const PlotContent &content() const { return m_content; }
    const PlotScale &scaleX() const { return m_x; }
    const PlotScale &scaleY() const { return m_y; }
    /// Room for the labels of y; stacked plots share the largest of their wantedLeftMargin().
    void setLeftMargin(int pixels);
    int wantedLeftMargin() const;
    QRect plotRect() const;
    /// The same place marked in several plots; nothing is emitted.
    void setCursorX(std::optional<double> x);
    std::optional<double> cursorX() const { return m_cursor; }
    std::optional<std::pair<double, double>> selection() const;
    QString accessibleValue() const override;
    /// Draws everything but cursor and selection; vectors on a vector device.
    void paintChart(QPainter &painter);
    QSize sizeHint() const override { return {400, 200}; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cursorMoved(std::optional<double> x);
    void selectionChanged(); ///< while dragging and by keys; empty when given up
    void rangeSelected(double low, double high);
    void rangeCleared();
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
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    void rebuild();
    void fitScales();
    void layOut();
    void buildAxes();
    void buildLines();
    void applyPalette();
    void paintHeader(QPainter &painter) const;
    QVector<LegendEntry> legendEntries() const;
    void paintAreas(QPainter &painter) const;
    void paintDots(QPainter &painter) const;
    void paintOverlay(QPainter &painter) const;
    QStringList readoutLines(double x) const;
    void moveCursor(std::optional<double> x);
    void stepCursor(int step, bool select);
    void clearSelection();
    double xAt(double pixel) const;
    double pixelOf(double x) const;
    double pixelOfY(double y) const;
    std::optional<double> nearestStop(double x) const;
    const std::vector<double> &stops() const;

    const session::SessionContext *m_context;
    PlotContent m_content;
    PlotScale m_x, m_y;
    QChart *m_chart;
    QList<QLineSeries *> m_lines; ///< as many as there were ever runs; the rest is hidden
    std::vector<PlotRuns> m_runs; ///< per series
    QVector<StackedLabel> m_labels;
    QRect m_plot;
    int m_leftMargin = 0, m_labelRows = 0, m_legendLines = 1;
    bool m_dirty = true; ///< chart does not match the content or the size
    QPixmap m_cache;
    std::optional<double> m_cursor, m_anchor, m_focusEnd;
    std::optional<double> m_pressPixel;
    bool m_dragging = false;
};

} // namespace tailscope::widgets
