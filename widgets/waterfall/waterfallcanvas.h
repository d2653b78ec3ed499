// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/waterfallmodel.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"

#include <QImage>
#include <QPixmap>
#include <QWidget>

#include <optional>
#include <vector>

class QScrollBar;

namespace tailscope::widgets {

/// Colour of a class of time in all pictures of the waterfall.
QColor timeClassColor(const Theme &theme, analysis::TimeClass timeClass);

/// The painted part of the waterfall: tree on the left, bars over time on the right, small map above. Only
/// the rows on the screen cost anything. Places on the axis are those of items::WaterfallAxis.
class WaterfallCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    WaterfallCanvas(items::WaterfallModel *model, const session::SessionContext *context, QWidget *parent);

    int currentRow() const { return m_current; }
    /// Marks a row and scrolls to it; nothing is emitted.
    void setCurrentRow(int row);
    TimeRange window() const { return m_window; } ///< places on the axis
    void setWindow(TimeRange window, bool remember);
    TimeRange limits() const;
    void zoomBy(double factor); ///< around the current row, else the middle
    void zoomBack();
    void fitRow(int row);
    void fitAll();
    void setShowingPath(bool shows);
    bool isShowingPath() const { return m_showsPath; }
    int rowAt(int y) const; ///< -1 = none
    QRect rowRect(int row) const; ///< whole line; may lie outside the widget
    QRect barRect(int row) const; ///< what the row draws on the time axis
    QRect rowsRect() const;
    int scrollPosition() const { return m_scroll; }
    void setScrollPosition(int scroll);
    int treeWidth() const;
    void setTreeWidth(int width);
    double xOf(Nanos time) const;
    QString accessibleValue() const override;
    QSize minimumSizeHint() const override { return {260, 120}; }

Q_SIGNALS:
    void rowChosen(int row); ///< by click, arrows or Enter
    void hovered(const QString &line);
    void menuRequested(const QPoint &globalPosition);
    void windowChanged();

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

private:
    enum class Gesture { None, Press, Pan, Map, Split };
    using Row = items::WaterfallRow;

    void takeTrace();
    void takeRows();
    void updateMetrics();
    void updateScrollBar();
    const items::WaterfallTrace *trace() const { return m_model->trace().get(); }
    const Row &row(int index) const { return m_model->rows()[std::size_t(index)]; }
    int rowCount() const { return int(m_model->rows().size()); }
    QRect mapRect() const;
    QRect rulerRect() const;
    int barsLeft() const { return treeWidth() + 1; }
    int barsWidth() const;
    int indentOf(std::uint32_t depth) const;
    QRect arrowRect(int index) const;
    double nanosPerPixel() const;

    void buildMap();
    void paintMap(QPainter &painter) const;
    void paintRuler(QPainter &painter) const;
    void paintGround(QPainter &painter, int index) const;
    void paintRow(QPainter &painter, int index) const;
    void paintTree(QPainter &painter, int index, const QRect &line) const;
    void paintName(QPainter &painter, int index, const QRect &place) const;
    void paintSpanBar(QPainter &painter, std::uint32_t span, const QRect &bar) const;
    void paintBar(QPainter &painter, int index, const QRect &line) const;
    void paintBarLabel(QPainter &painter, int index, const QRect &bar, const QRect &line) const;
    void paintMarks(QPainter &painter, std::uint32_t span, const QRect &bar) const;
    void paintPath(QPainter &painter) const;
    void paintBreaks(QPainter &painter) const;
    QColor colorOf(std::uint32_t span) const;
    bool isMuted(const Row &line) const;
    QRect spanRect(std::uint32_t span, const QRect &line) const;

    void choose(int row);
    bool handleTreeKey(int key);
    bool handleWindowKey(int key);
    void moveMapTo(int x);
    QString toolTipAt(const QPoint &position) const;
    const items::WaterfallTrace::Mark *markAt(const QPoint &position) const;

    items::WaterfallModel *m_model;
    const session::SessionContext *m_context;
    QScrollBar *m_scrollBar;
    Theme m_theme;
    QImage m_map;
    QPixmap m_errorMark;
    std::vector<int> m_rowOf; ///< per span: its row, or that of what it is folded into
    std::uint32_t m_deepest = 0;
    int m_rowHeight = 20, m_scroll = 0, m_treeWidth = 0; ///< 0 = a share of the width
    int m_current = -1;
    Row m_currentLine; ///< finds the current row again after the rows changed
    TimeRange m_window{0, 1};
    qint64 m_traceId = -1;
    std::vector<TimeRange> m_steps;
    bool m_showsPath = true;
    Gesture m_gesture = Gesture::None;
    QPoint m_press;
    TimeRange m_pressWindow;
    int m_pressScroll = 0;
    int m_hover = -1;
    std::optional<QPoint> m_pointer;
};

} // namespace tailscope::widgets
