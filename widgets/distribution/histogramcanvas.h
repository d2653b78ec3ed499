// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/charts/labelstack.h"
#include "widgets/distribution/histogrambars.h"
#include "widgets/distribution/histogrammarks.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::widgets {

/// Painted histogram of durations with its percentiles. Dragging selects whole bars.
/// Keys: Left and Right move a cursor bar (Shift extends a selection), Up and Down walk the marked figures,
/// Home and End, Enter applies the selection (or the cursor bar), Esc clears, Backspace asks to remove the
/// range.
class HistogramCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    struct Overlay
    {
        QString title;
        std::shared_ptr<const analysis::LogLinearHistogram> histogram;
        int colorIndex = 0; ///< Theme::series()
    };

    explicit HistogramCanvas(QWidget *parent = nullptr);

    void setStats(std::shared_ptr<const analysis::DurationStats> stats, bool self);
    void setOverlays(std::vector<Overlay> overlays);
    void setLogarithmic(bool logarithmic);
    bool isLogarithmic() const { return m_logarithmic; }
    void setSquareRoot(bool squareRoot); ///< count axis
    bool isSquareRoot() const { return m_squareRoot; }
    void setIntervals(bool intervals); ///< all 95 % intervals, not only that of the figure under the mouse
    bool hasIntervals() const { return m_intervals; }

    const HistogramLayout &histogramLayout() const { return m_layout; }
    const QVector<HistogramMark> &marks() const { return m_marks; }
    const QVector<StackedLabel> &markLabels() const { return m_labels; }
    QRect plotRect() const { return m_plot; }
    QRectF barRect(std::size_t bar) const;
    int cursorBar() const { return m_cursor; } ///< -1 = none
    /// [low, high) of the selected bars; high kUnknownNanos = open.
    std::optional<std::pair<Nanos, Nanos>> selection() const;
    std::int64_t selectedCount() const;
    /// The figure at a place of the widget, but not the mean.
    std::optional<HistogramMark> markUnder(const QPoint &place) const;
    QString toText() const; ///< bars, tab-separated
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {640, 260}; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void selectionChanged(); ///< while dragging and by keys
    void rangeSelected(tailscope::Nanos low, tailscope::Nanos high);
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

private:
    void relayOut();
    void layOutMarks(int left, int right);
    double xOf(double ns) const;
    int barAt(double x) const; ///< the nearest; -1 without bars
    int markAt(const QPoint &place) const;
    void paintAxes(QPainter &painter, const class Theme &theme) const;
    void paintBars(QPainter &painter, const Theme &theme) const;
    void paintOverlays(QPainter &painter, const Theme &theme) const;
    void paintIntervals(QPainter &painter, const Theme &theme) const;
    void paintCursor(QPainter &painter, const Theme &theme) const;
    QStringList readoutLines() const;
    QString barText(const HistogramBar &bar) const;
    void setCursor(int bar, int mark);
    void stepCursor(int step, bool select);
    void stepMark(int step);
    void clearSelection();
    void apply();

    std::shared_ptr<const analysis::DurationStats> m_stats;
    std::vector<Overlay> m_overlays;
    std::vector<std::vector<std::int64_t>> m_overlayCounts; ///< per overlay, per bar
    HistogramLayout m_layout;
    CountAxis m_counts;
    QVector<HistogramMark> m_marks;
    QVector<StackedLabel> m_labels; ///< one a mark, in the same order
    QVector<ValueTick> m_countTicks;
    QRect m_plot;
    int m_overflowWidth = 0, m_labelTop = 0;
    int m_cursor = -1, m_mark = -1, m_anchor = -1, m_focusEnd = -1;
    std::optional<int> m_pressX;
    bool m_dragging = false;
    bool m_self = false, m_logarithmic = true, m_squareRoot = false, m_intervals = false;
};

} // namespace tailscope::widgets
