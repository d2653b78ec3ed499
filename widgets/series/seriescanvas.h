// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/seriesmodel.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"

#include <QAbstractScrollArea>

#include <optional>

namespace tailscope::widgets {

/// Lanes of series below one time axis with the markers of the workspace. Drag selects the shared range; the
/// wheel with Ctrl zooms. Keys: Up and Down choose a lane, Left and Right go from point to point, Home and
/// End,
/// + and - zoom, P pins, M asks what moved, Esc shows everything. Drawing costs by pixels, not by points.
class SeriesCanvas : public QAbstractScrollArea, public AccessibleCanvas
{
    Q_OBJECT
public:
    static constexpr int kLaneHeight = 112, kHeaderWidth = 8, kTopHeight = 46;

    SeriesCanvas(items::SeriesModel *model, session::Session *session, QWidget *parent);

    TimeRange window() const { return m_window; }
    void setWindow(TimeRange window);
    int currentLane() const { return m_lane; }
    void setCurrentLane(int lane);
    std::optional<Nanos> cursor() const { return m_cursor; }
    void setCursorTime(std::optional<Nanos> t);
    /// What is at the cursor in the current lane, exact.
    QString readout() const;
    QString accessibleValue() const override { return readout(); }
    void zoomBy(double factor);
    /// Everything painted into a picture or export.
    void paintAll(QPainter &painter, const QSize &size);

Q_SIGNALS:
    void readoutChanged(const QString &text);
    void movedRequested(Nanos onset);
    void menuRequested(const QPoint &global);
    void pinToggled(int lane);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void leaveEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    void follow(); ///< the shared range, or everything
    void lanesArrived();
    void tellWindow();
    void updateScroll();
    TimeScale scale() const;
    QRect laneRect(int lane) const; ///< in the viewport
    int laneAt(const QPoint &at) const;
    QString toolTipAt(const QPoint &at) const;
    QString curveText(const items::Lane &lane, Nanos t) const;
    void stepPoint(int direction);
    void paintMarkers(QPainter &painter, const QRect &area, const Theme &theme) const;
    void paintLane(QPainter &painter, const items::Lane &lane, const QRect &rect, const Theme &theme,
        bool isCurrent) const;
    void paintUsual(QPainter &painter, const items::Lane &lane, const QRect &plot, double low, double high,
        const Theme &theme) const;
    void paintCurve(QPainter &painter, const items::LaneCurve &curve, const QRect &plot, double low,
        double high, const QColor &color) const;
    void paintFound(QPainter &painter, const items::Lane &lane, const QRect &plot, double low, double high,
        const Theme &theme) const;

    items::SeriesModel *m_model;
    session::Session *m_session;
    TimeRange m_window;
    bool m_isOwnWindow = false; ///< zoomed here; else the shared range or everything
    int m_lane = 0;
    std::optional<Nanos> m_cursor, m_anchor, m_dragEnd;
};

} // namespace tailscope::widgets
