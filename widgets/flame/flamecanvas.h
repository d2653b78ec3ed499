// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/canvasaccessible.h"
#include "widgets/flame/flamedetails.h"
#include "widgets/flame/flamegeometry.h"
#include "widgets/flame/flamepainter.h"
#include "widgets/flame/flamescene.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QScrollBar;

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// The painted part of the flame graph: window and zoom stack, scrolling, hit test, keyboard walk. Knows
/// frames, not where they come from; what a click means is the view's business.
class FlameCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    FlameCanvas(session::SessionContext *context, QWidget *parent);

    /// The window goes back to everything; the zoom stack is forgotten. scene may be null.
    void setScene(std::shared_ptr<FlameScene> scene);
    FlameScene *scene() const { return m_scene.get(); }
    void setWording(const FlameWording &wording) { m_wording = wording; }
    const FlameWording &wording() const { return m_wording; }
    void setUpward(bool upward);
    bool isUpward() const { return m_geometry.isUpward; }
    void setColour(FlameColour colour);
    FlameColour colour() const { return m_painter.colour(); }
    void setSearching(bool searching); ///< dims what the scene does not call a match

    double low() const { return m_low; }
    double high() const { return m_high; }
    /// remember: a step of the zoom stack.
    void setWindow(double low, double high, bool remember);
    void zoomToFrame(std::uint32_t id, bool remember = true);
    void zoomBy(double factor); ///< around the middle
    void zoomOut(); ///< back one step of the stack, or to everything
    void resetZoom();
    bool isZoomed() const;
    /// The frame the window was made for, else the innermost one that fills it; kNothing when everything is
    /// seen.
    std::uint32_t zoomedFrame() const;

    std::uint32_t focusedFrame() const { return m_focus; }
    void setFocusedFrame(std::uint32_t id, bool reveal);
    std::uint32_t hoveredFrame() const { return m_hover; }
    /// Where a context menu of the focused frame belongs.
    QPoint focusPoint();
    /// Rectangle of a frame in this widget; empty when it is not drawn.
    QRect frameRect(std::uint32_t id);

    QString accessibleValue() const override;
    QSize minimumSizeHint() const override { return {160, 80}; }

Q_SIGNALS:
    void focusChanged(); ///< another frame has the inner focus
    void hoverChanged();
    void windowChanged();
    void frameClicked(quint32 id);
    void frameActivated(quint32 id); ///< Enter or double click
    void menuRequested(const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool event(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    struct Window
    {
        double low, high;
        std::uint32_t frame;
    };
    void ensureLayout();
    void applyWindow(const Window &window);
    void setOffset(int offset);
    void updateScrollBar();
    int axisHeight() const;
    double paneWidth() const;
    double scale() const { return paneWidth() / (m_high - m_low); }
    const FlameBox *boxAt(const QPoint &position);
    void setHover(std::uint32_t id);
    void walk(int dx, int dy);
    void zoomAround(double x, double factor);
    void panBy(double share);
    bool handleWalkKey(int key);
    bool handleWindowKey(int key);
    void activateFocus();
    void openRun(const FlameBox &box);
    QRect rectOf(int row, const FlameBox &box) const;
    QString toolTipAt(const QPoint &position);
    void paintOutsideRange(QPainter &painter, const QRect &rows);

    session::SessionContext *m_context;
    std::shared_ptr<FlameScene> m_scene;
    FlamePainter m_painter;
    FlameGeometry m_geometry;
    FlameWording m_wording;
    QScrollBar *m_scrollBar;
    double m_low = 0, m_high = 1;
    std::uint32_t m_zoomed = FlameScene::kNothing; ///< the window was made for this frame
    std::vector<Window> m_stack;
    std::uint32_t m_focus = FlameScene::kNothing, m_hover = FlameScene::kNothing;
    bool m_isLayoutStale = true;
    struct Drag
    {
        QPoint start;
        double low = 0, high = 1;
        int offset = 0;
        bool moved = false;
    };
    std::optional<Drag> m_drag;
};

} // namespace tailscope::widgets
