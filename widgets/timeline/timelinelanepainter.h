// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/labelpainter.h"
#include "widgets/timeline/timelineframe.h"
#include "widgets/timeline/timelinesurface.h"
#include "widgets/timeline/timelinetiles.h"

#include <QPalette>

#include <vector>

namespace tailscope::widgets {

/// Paints the spans of the visible lanes: colours by operation or service, errors with a red corner, spans
/// without end fading out at an open right edge, what the filter or search leaves out dimmed or hidden.
class TimelineLanePainter
{
public:
    TimelineLanePainter();
    void setLook(const QPalette &palette, const QFont &font);
    void setColour(TimelineColour colour);
    TimelineColour colour() const { return m_colour; }
    void setFilterDisplay(FilterDisplay display) { m_display = display; }
    FilterDisplay filterDisplay() const { return m_display; }
    /// The names mean something else from now on.
    void forgetData();

    /// Bands first (no painter may be active on the image), then marks and labels of the same lanes.
    void paintBands(TimelineSurface &surface, const TimelineFrame &frame, TimelineTiles &tiles);
    void paintMarks(QPainter &painter, const TimelineFrame &frame);

private:
    struct Fill
    {
        QRgb color = 0, dim = 0, text = 0;
        bool isKnown = false;
    };
    struct Mark
    {
        QRect box;
        QRect clip;
    };
    const Fill &fillOf(const analysis::SpanColumns &columns, std::uint32_t row);
    void paintLane(TimelineSurface &surface, const TimelineFrame &frame, TimelineTiles &tiles,
        TimelineRowRef ref, std::uint32_t lane, QRgb background);
    void paintItems(const TimelineFrame &frame, TimelineTiles &tiles, TimelineRowRef ref, std::uint32_t lane,
        bool emphasised, bool isDim);
    void paintItem(const TimelineFrame &frame, const analysis::LaneItem &item, const QRect &lane,
        const QRect &clip, Nanos shift, bool isDim);
    void fadeOut(int from, QRgb color, QRgb background);

    Theme m_theme;
    LabelPainter m_labels;
    TimelineColour m_colour = TimelineColour::Operation;
    FilterDisplay m_display = FilterDisplay::Dim;
    std::vector<Fill> m_fills; ///< per operation or track
    std::vector<QRgb> m_line, m_topLine; ///< body of the lane and its upper edge, where errors show
    std::vector<Mark> m_corners;
    double m_scale = 1; ///< device pixels a nanosecond
    double m_dpr = 1;
    QRgb m_background = 0;
};

} // namespace tailscope::widgets
