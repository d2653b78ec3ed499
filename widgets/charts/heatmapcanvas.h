// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "session/session.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/base/timeaxis.h"
#include "widgets/charts/durationaxis.h"

#include <QImage>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tailscope::widgets {

class Theme;

/// Rows of which more is known than analysis::TimeBins can say; empty: what it says.
struct HeatRows
{
    std::vector<Nanos> edges; ///< exact bounds, ascending, one more than rows
    std::vector<std::int64_t> counts; ///< as TimeBins::heat, past 32 bits
};

/// Painted density of spans over start time and duration (logarithmic), with the count of each bin of time
/// below and markers as vertical lines. Dragging selects whole bins, with setSelectsDurations() also whole
/// rows. Keys: arrows move a cursor cell (Shift with Left and Right extends a selection, with Up and Down its
/// rows), Home and End, Enter applies, Esc clears, Backspace asks to remove the range.
class HeatMapCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit HeatMapCanvas(const session::SessionContext *context, QWidget *parent = nullptr);

    void setBins(std::shared_ptr<const analysis::TimeBins> bins, HeatRows rows = {});
    /// A drag up or down selects durations as well: cellsSelected() instead of rangeSelected().
    void setSelectsDurations(bool selects) { m_selectsDurations = selects; }
    void setMarkers(const QList<session::Marker> &markers);
    void setLeftMargin(int pixels);
    int wantedLeftMargin() const;
    /// Time marked by another view; nothing is emitted.
    void setCursorTime(std::optional<Nanos> time);
    std::optional<TimeRange> selection() const;
    /// [low, high) of the selected rows; nullopt = all durations.
    std::optional<std::pair<Nanos, Nanos>> selectedDurations() const;
    QRect heatRect() const { return m_heat; }
    int cursorBin() const { return m_bin; }
    QString toText() const; ///< bins with counts and percentiles, tab-separated
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {640, 220}; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cursorMoved(std::optional<tailscope::Nanos> time);
    void selectionChanged();
    void rangeSelected(tailscope::TimeRange range);
    /// Durations: [low, high).
    void cellsSelected(tailscope::TimeRange range, tailscope::Nanos low, tailscope::Nanos high);
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
    void layOut();
    void buildImage();
    bool isEmpty() const { return !m_bins || m_bins->bins.empty(); }
    TimeScale scale() const;
    Nanos binBegin(int bin) const;
    int binAt(double x) const;
    int rowAt(double y) const;
    double yOf(double ns) const;
    std::pair<double, double> rowBounds(int row) const; ///< ns, as drawn
    std::pair<Nanos, Nanos> rowLimits(int row) const; ///< as told
    std::int64_t cellCount(int bin, int row) const;
    QRectF selectionRect() const;
    void extendRows(int row);
    void paintAxes(QPainter &painter, const Theme &theme) const;
    void paintCounts(QPainter &painter, const Theme &theme) const;
    void paintMarkers(QPainter &painter, const Theme &theme) const;
    void paintCursor(QPainter &painter, const Theme &theme) const;
    void paintScale(QPainter &painter, const Theme &theme, int from) const;
    QStringList readoutLines() const;
    void setCursor(int bin, int row);
    void stepCursor(int bins, int rows, bool select);
    void clearSelection();
    void apply();

    const session::SessionContext *m_context;
    std::shared_ptr<const analysis::TimeBins> m_bins;
    QList<session::Marker> m_markers;
    QImage m_image;
    DurationAxis m_axis;
    HeatRows m_rows;
    std::int64_t m_largest = 0; ///< count of a cell
    std::int64_t m_largestBin = 0;
    QRect m_heat, m_counts;
    int m_markerTop = 0, m_leftMargin = 0;
    int m_bin = -1, m_row = -1, m_anchor = -1, m_focusEnd = -1;
    int m_rowAnchor = -1, m_rowEnd = -1; ///< -1 = all rows
    std::optional<Nanos> m_foreign;
    std::optional<int> m_pressX;
    int m_pressY = 0;
    bool m_dragging = false, m_selectsDurations = false;
};

} // namespace tailscope::widgets
