// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

namespace tailscope::widgets {

class PlotCanvas;

/// The captures of a plan history over the lines of a plot: a marker a capture whose colour and form tell its
/// shape, with rings round the selected and the saved one. Lies on the canvas and takes no input.
class PlanMarkers : public QWidget
{
    Q_OBJECT
public:
    struct Marker
    {
        double x = 0, y = 0; ///< in the units of the plot's axes
        int shape = -1; ///< decides colour and form; -1 = unknown
        qint64 plan = 0;
        bool isSaved = false;
    };
    explicit PlanMarkers(PlotCanvas *canvas);
    void setMarkers(std::vector<Marker> markers);
    void setSelected(qint64 plan);
    /// Plan of the marker nearest to a place on the canvas, within 24 pixels; 0 = none.
    qint64 planAt(const QPointF &place) const;
    /// Plan of the marker nearest to an x of the plot; 0 = there are none.
    qint64 planNear(double x) const;
    /// One of six forms, centred, for painting a legend too.
    static QPolygonF form(int shape, const QPointF &center, double radius);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    QPointF placeOf(const Marker &marker) const;

    PlotCanvas *m_canvas;
    std::vector<Marker> m_markers;
    qint64 m_selected = 0;
};

} // namespace tailscope::widgets
