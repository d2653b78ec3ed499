// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinelanepainter.h"

#include <QGuiApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kNarrowestLabel = 22;
constexpr int kCorner = 6;
/// Length of the fading end of a span whose end is unknown, in logical pixels.
constexpr int kFade = 28;
constexpr int kErrorEdge = 3;

QRgb mixed(QRgb a, QRgb b, double share)
{
    const auto mix = [share](int x, int y) { return int(std::lround(x + (y - x) * share)); };
    return qRgb(mix(qRed(a), qRed(b)), mix(qGreen(a), qGreen(b)), mix(qBlue(a), qBlue(b)));
}

} // namespace

TimelineLanePainter::TimelineLanePainter()
    : m_theme(QGuiApplication::palette())
{}

void TimelineLanePainter::setLook(const QPalette &palette, const QFont &font)
{
    m_theme = Theme(palette);
    m_labels.setFont(font);
    forgetData();
}

void TimelineLanePainter::setColour(TimelineColour colour)
{
    m_colour = colour;
    m_fills.clear();
}

void TimelineLanePainter::forgetData()
{
    m_labels.clear();
    m_fills.clear();
    m_corners.clear();
}

const TimelineLanePainter::Fill &TimelineLanePainter::fillOf(const analysis::SpanColumns &columns,
    std::uint32_t row)
{
    const bool byOperation = m_colour == TimelineColour::Operation;
    const std::uint32_t index = byOperation ? columns.operation[row] : columns.track[row];
    if (index >= m_fills.size())
        m_fills.resize(std::max(byOperation ? columns.operations.size() : columns.tracks.size(),
            std::size_t(index) + 1));
    Fill &fill = m_fills[index];
    if (!fill.isKnown) {
        QColor color;
        if (byOperation) {
            color = m_theme.forName(columns.operations[index]);
        } else {
            const analysis::TrackInfo &track = columns.tracks[index];
            color = m_theme.forName(!track.service.empty() ? track.service : track.process);
        }
        fill = {color.rgb(), mixed(color.rgb(), m_theme.background().rgb(), 0.76),
            m_theme.textOn(color).rgb(), true};
    }
    return fill;
}

void TimelineLanePainter::paintBands(TimelineSurface &surface, const TimelineFrame &frame,
    TimelineTiles &tiles)
{
    m_corners.clear();
    m_dpr = surface.dpr();
    m_scale = frame.window.length() > 0 ? frame.paneWidth * m_dpr / double(frame.window.length()) : 1;
    for (const TimelineRowRef ref : frame.visibleRows()) {
        const items::TimelineRow &row = frame.row(ref);
        if (row.kind != items::TimelineRow::Kind::Track || !frame.columns || !tiles.pyramid())
            continue;
        const QRgb background = (ref.index % 2 == 0 ? m_theme.background() : m_theme.alternate()).rgb();
        const int y = frame.yOf(ref);
        const QRect clip = frame.clipOf(ref);
        const TimelineMetrics &metrics = frame.layout.metrics();
        // Thousands of lanes a track: only those in sight.
        const int above = clip.top() - y - metrics.padding;
        const auto first = std::uint32_t(std::max(0, above / metrics.lane));
        for (std::uint32_t lane = first; lane < row.shownLanes; ++lane) {
            if (y + frame.layout.laneOffset(lane) > clip.bottom())
                break;
            paintLane(surface, frame, tiles, ref, lane, background);
        }
    }
}

void TimelineLanePainter::paintLane(TimelineSurface &surface, const TimelineFrame &frame,
    TimelineTiles &tiles, TimelineRowRef ref, std::uint32_t lane, QRgb background)
{
    m_background = background;
    const auto pixels = std::size_t(std::max(1.0, std::floor(frame.paneWidth * m_dpr)));
    m_line.assign(pixels, background);
    m_topLine.assign(pixels, background);
    if (tiles.hasEmphasis()) {
        if (m_display == FilterDisplay::Dim)
            paintItems(frame, tiles, ref, lane, false, true);
        paintItems(frame, tiles, ref, lane, true, false);
    } else {
        paintItems(frame, tiles, ref, lane, false, false);
    }
    const int top = frame.yOf(ref) + frame.layout.laneOffset(lane);
    const int bottom = top + frame.layout.metrics().lane - 1;
    const QRect clip = frame.clipOf(ref);
    surface.band(frame.headerWidth, top, std::min(bottom, top + kErrorEdge), m_topLine, clip);
    surface.band(frame.headerWidth, top + kErrorEdge, bottom, m_line, clip);
}

void TimelineLanePainter::paintItems(const TimelineFrame &frame, TimelineTiles &tiles, TimelineRowRef ref,
    std::uint32_t lane, bool emphasised, bool isDim)
{
    const items::TimelineRow &row = frame.row(ref);
    const TimeRange window{saturatingSub(frame.window.begin, row.shift),
        saturatingSub(frame.window.end, row.shift)};
    const int level = TimelineTiles::levelFor(frame.nanosPerPixel());
    const auto [first, last] = TimelineTiles::tilesOf(window, level);
    const int y = frame.yOf(ref) + frame.layout.laneOffset(lane);
    const QRect box(frame.headerWidth, y, frame.paneWidth, frame.layout.metrics().lane - 1);
    const QRect clip = frame.clipOf(ref);
    for (std::int64_t tile = first; tile <= last; ++tile) {
        // What begins before a tile was drawn with the tile it begins in, or with the first one.
        const Nanos from
            = tile == first ? std::numeric_limits<Nanos>::min() : TimelineTiles::beginOf(tile, level);
        for (const analysis::LaneItem &item : tiles.items(row.firstLane + lane, level, tile, emphasised)) {
            if (item.begin >= from && item.begin < window.end && item.end > window.begin)
                paintItem(frame, item, box, clip, row.shift, isDim);
        }
    }
}

void TimelineLanePainter::fadeOut(int from, QRgb color, QRgb background)
{
    const int length = int(kFade * m_dpr);
    for (int i = 0; i < length; ++i) {
        const int x = from + i;
        if (x < 0)
            continue;
        if (x >= int(m_line.size()))
            break;
        const QRgb shade = mixed(color, background, double(i) / length);
        m_line[std::size_t(x)] = shade;
        m_topLine[std::size_t(x)] = shade;
    }
}

void TimelineLanePainter::paintItem(const TimelineFrame &frame, const analysis::LaneItem &item,
    const QRect &lane, const QRect &clip, Nanos shift, bool isDim)
{
    const analysis::SpanColumns &columns = *frame.columns;
    const Nanos begin = saturatingAdd(item.begin, shift);
    const double left = double(saturatingSub(begin, frame.window.begin)) * m_scale;
    const double right = double(saturatingSub(saturatingAdd(item.end, shift), frame.window.begin)) * m_scale;
    const int width = int(m_line.size());
    // Both ends rounded alike: neighbours that touch do not eat each other's gap.
    const int x0 = int(std::lround(std::clamp(left, -1.0, double(width))));
    int x1 = int(std::lround(std::clamp(right, 0.0, double(width))));
    x1 = std::max(x1, x0 + 1);
    const Fill &fill = fillOf(columns, item.row);
    const QRgb color = isDim ? fill.dim : fill.color;
    const bool isSingle = item.count == 1;
    if (isSingle && columns.duration[item.row] == kUnknownNanos) {
        fadeOut(x0, color, m_background);
        x1 = std::min(width, x0 + int(kFade * m_dpr));
    } else {
        // A gap of one device pixel tells neighbours apart where there is room for it.
        const int end = std::min(width, x1 - (x1 - x0 >= 3 && right < width ? 1 : 0));
        const int from = std::max(0, x0);
        if (end > from) {
            std::fill(m_line.begin() + from, m_line.begin() + end, color);
            const bool isErrorEdge = item.errors > 0 && !isDim && x1 - x0 < int(2 * kCorner * m_dpr);
            std::fill(m_topLine.begin() + from, m_topLine.begin() + end,
                isErrorEdge ? m_theme.critical().rgb() : color);
        }
    }
    const int logicalLeft = lane.left() + int(std::max(0, x0) / m_dpr);
    const int logicalRight = lane.left() + int(std::min(width, x1) / m_dpr);
    const int room = logicalRight - logicalLeft;
    if (item.errors > 0 && !isDim && room >= 2 * kCorner && right <= width)
        m_corners.push_back({QRect(logicalLeft, lane.top(), room - 1, lane.height()), clip});
    if (isSingle && room >= kNarrowestLabel && lane.bottom() >= clip.top() && lane.top() <= clip.bottom()) {
        const std::uint32_t operation = columns.operation[item.row];
        const int corner = item.errors > 0 ? kCorner : 0;
        // Labels are not clipped one by one: a lane cut by the edge of its area goes without.
        if (lane.top() >= clip.top() && lane.bottom() <= clip.bottom() + lane.height() / 2) {
            m_labels.add(operation, columns.operations[operation],
                QRectF(logicalLeft + 4, lane.top(), room - 7 - corner, lane.height()),
                isDim ? m_theme.mutedText().rgb() : fill.text);
        }
    }
}

void TimelineLanePainter::paintMarks(QPainter &painter, const TimelineFrame &frame)
{
    painter.save();
    painter.setClipRect(frame.pane());
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.critical());
    for (const Mark &mark : m_corners) {
        if (!mark.clip.contains(mark.box.topRight()))
            continue;
        const QPoint corner(mark.box.right() + 1, mark.box.top());
        const QPoint points[] = {corner - QPoint(kCorner + 1, 0), corner, corner + QPoint(0, kCorner + 1)};
        painter.drawPolygon(points, 3);
    }
    m_labels.flush(painter);
    painter.restore();
}

} // namespace tailscope::widgets
