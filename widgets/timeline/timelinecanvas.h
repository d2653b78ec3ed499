// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/spanarrows.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/timeline/timelinedensity.h"
#include "widgets/timeline/timelineheaders.h"
#include "widgets/timeline/timelinelanepainter.h"
#include "widgets/timeline/timelinemarkers.h"

#include <QImage>
#include <QWidget>

#include <optional>
#include <unordered_map>
#include <vector>

class QScrollBar;

namespace tailscope::widgets {

/// What lies under a position of the timeline.
struct TimelineHit
{
    enum class Area { None, Ruler, Marker, Header, Lane, Series, Row } area = Area::None;
    std::optional<TimelineRowRef> row;
    TimelineHeaders::Part part = TimelineHeaders::Part::Title;
    std::optional<std::uint32_t> lane; ///< within its track
    analysis::LaneItem item{0, 0, analysis::kNoRow, 0, 0}; ///< row kNoRow: no span there
    int marker = -1; ///< index into the session's markers
    Nanos time = 0;
};

/// The painted part of the timeline: window in time, scrolling, hit test, keyboard. Rows come from the model;
/// range, filter and selection from the context. Rows outside the viewport cost nothing.
class TimelineCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    TimelineCanvas(items::TimelineModel *model, session::Session *session, QWidget *parent);

    TimeRange window() const { return m_frame.window; }
    /// Kept inside limits(). remember: a step that zoomBack() takes back.
    void setWindow(TimeRange window, bool remember);
    /// The window of a stored state, taken when the data it belongs to is there; dropped when it lies
    /// elsewhere.
    void restoreWindow(TimeRange window);
    TimeRange limits() const; ///< everything, with a margin
    void zoomBy(double factor); ///< around the middle
    void zoomBack();
    void fit(TimeRange range); ///< with a margin
    void fitSelection(); ///< selected span, else range, else everything
    void zoomToSpan(std::uint32_t row);

    void setColour(TimelineColour colour);
    TimelineColour colour() const { return m_lanePainter.colour(); }
    void setFilterDisplay(FilterDisplay display);
    FilterDisplay filterDisplay() const { return m_lanePainter.filterDisplay(); }
    /// Rows that stand out: filter and search together; nullptr = all.
    void setEmphasis(std::shared_ptr<const analysis::SpanBitmap> rows);
    /// Causes and effects of the selected span, drawn over the rows.
    void setArrows(std::vector<items::SpanArrow> arrows);
    void reload(); ///< rows of the model are new, maybe for new data of the context
    void refreshContent(); ///< something that is painted changed

    std::uint32_t selectedRow() const { return m_selected; }
    /// Outlines a span; reveal: opens, scrolls and moves the window so that it is seen.
    void setSelectedRow(std::uint32_t row, bool reveal);
    std::optional<TimelineRowRef> focusedHeader() const { return m_focusedHeader; }
    void setFocusedHeader(std::optional<TimelineRowRef> ref);
    /// Focuses and scrolls to the row of that key; nothing happens when it is not shown.
    void focusRow(const QString &key);
    const TimelineHit &hovered() const { return m_hover; }
    std::optional<TimeRange> draggedRange() const { return m_dragRange; }
    /// Time under the pointer, else of the selection, else the middle of the window.
    Nanos cursorTime() const;

    TimelineHit hitTest(const QPoint &position);
    /// Rectangle of a span in this widget; empty when it is not seen.
    QRect spanRect(std::uint32_t row);
    QPoint focusPoint();
    const TimelineFrame &frame();
    int scrollPosition() const { return m_frame.scroll; }
    void setScrollPosition(int scroll);
    int headerWidth() const { return m_wantedHeader; }
    void setHeaderWidth(int width);

    QString accessibleValue() const override;
    QSize minimumSizeHint() const override { return {220, 100}; }

Q_SIGNALS:
    void windowChanged();
    void hoverChanged();
    void spanSelected(quint32 row); ///< by click or keyboard
    void markerClicked(int index);
    void rangeSelected(tailscope::TimeRange range); ///< empty = clear
    void menuRequested(const QPoint &globalPosition);
    void noteRequested();
    void bookmarkRequested();
    void markerStepRequested(bool forward);
    void seriesClicked(qint64 seriesId); ///< a counter track, by click or Enter
    void headerFocusChanged();

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
    enum class Gesture { None, Press, Pan, Range, Header };
    struct Drag
    {
        Gesture gesture = Gesture::None;
        QPoint start;
        TimeRange window;
        int scroll = 0;
        Nanos from = 0;
    };

    void updateLook();
    void takeData();
    std::optional<TimelineRowRef> rowOfKey(const QString &key) const;
    void ensureFrame();
    void updateScrollBar();
    int rulerHeight() const;
    int markerHeight() const;
    QRect rulerRect() const;
    QRect markerRect() const;
    void renderImage();
    void paintBackground(TimelineSurface &surface);
    void paintContent(QPainter &painter);
    void paintOverlay(QPainter &painter);
    void paintRange(QPainter &painter, TimeRange range, bool isDragged);
    void paintCursor(QPainter &painter);
    void paintSpanArrows(QPainter &painter);
    /// Left or right end of a span in pixels, seen or not; nullopt when its row is collapsed or hidden.
    std::optional<QPointF> spanEnd(std::uint32_t row, bool right) const;
    void paintSpanOutline(QPainter &painter, std::uint32_t row, bool isSelected);
    analysis::LaneItem itemAt(TimelineRowRef ref, std::uint32_t lane, int x);
    void setHover(const TimelineHit &hit);
    void pressHeader(const TimelineHit &hit);
    void dragTo(const QPoint &position);
    void clickAt(const QPoint &position);
    void toggleRow(TimelineRowRef ref);
    bool isHeaderEdge(const QPoint &position) const;
    bool handleWindowKey(int key);
    bool handleSpanKey(int key);
    bool pointsElsewhere() const;
    bool handleHeaderKey(QKeyEvent *event);
    void stepSpan(int step);
    void stepDepth(int step);
    void selectByKeyboard(std::uint32_t row);
    std::uint32_t firstVisibleSpan();
    void revealSpan(std::uint32_t row);
    std::optional<std::pair<TimelineRowRef, std::uint32_t>> laneOfSpan(std::uint32_t row) const;
    QString toolTipAt(const QPoint &position);

    items::TimelineModel *m_model;
    session::Session *m_session;
    session::SessionContext *m_context;
    QScrollBar *m_scrollBar;
    std::shared_ptr<const analysis::SpanColumns> m_columns; ///< keeps frame.columns alive
    TimelineFrame m_frame;
    TimelineTiles m_tiles;
    TimelineLanePainter m_lanePainter;
    TimelineDensity m_density;
    TimelineHeaders m_headers;
    Theme m_theme;
    std::vector<MarkerPlace> m_markers;
    std::unordered_map<std::uint32_t, TimelineRowRef> m_rowOfTrack;
    QImage m_image;
    bool m_isFrameStale = true, m_isImageStale = true, m_hasWindow = false;
    int m_wantedHeader = 220;
    std::optional<TimeRange> m_restored;
    std::vector<TimeRange> m_steps;
    std::uint32_t m_selected = analysis::kNoRow;
    std::vector<items::SpanArrow> m_arrows;
    std::optional<TimelineRowRef> m_focusedHeader;
    QString m_focusedKey; ///< finds the focused row again after the rows changed
    TimelineHit m_hover;
    std::optional<QPoint> m_pointer;
    Drag m_drag;
    std::optional<TimeRange> m_dragRange;
};

} // namespace tailscope::widgets
