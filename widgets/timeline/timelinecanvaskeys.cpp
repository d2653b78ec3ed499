// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Keyboard of the timeline.
#include "widgets/timeline/timelinecanvas.h"

#include <QFocusEvent>
#include <QKeyEvent>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kPanStep = 0.12;
/// Deeper lanes looked through for a child of the selected span.
constexpr std::uint32_t kChildLanes = 64;
/// Filtered spans skipped by one key press: about a millisecond.
constexpr int kMostSkipped = 1'000'000;

} // namespace

void TimelineCanvas::keyPressEvent(QKeyEvent *event)
{
    ensureFrame();
    const bool menu = event->key() == Qt::Key_Menu
        || (event->key() == Qt::Key_F10 && (event->modifiers() & Qt::ShiftModifier));
    if (menu) {
        Q_EMIT menuRequested(mapToGlobal(focusPoint()));
        return;
    }
    if (handleHeaderKey(event))
        return;
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    if (!plain || !(handleWindowKey(event->key()) || handleSpanKey(event->key())))
        QWidget::keyPressEvent(event);
}

bool TimelineCanvas::handleWindowKey(int key)
{
    const TimeRange window = m_frame.window;
    const auto zoomAtCursor = [&](double factor) {
        const Nanos anchor = std::clamp(cursorTime(), window.begin, window.end);
        setWindow(zoomed(window, anchor, factor, limits()), false);
        return true;
    };
    const auto panBy = [&](double share) {
        setWindow(panned(window, share, limits()), false);
        return true;
    };
    switch (key) {
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomAtCursor(1 / kZoomStep);
    case Qt::Key_S:
    case Qt::Key_Minus:
        return zoomAtCursor(kZoomStep);
    case Qt::Key_A:
        return panBy(-kPanStep);
    case Qt::Key_D:
        return panBy(kPanStep);
    case Qt::Key_Home:
        setWindow({limits().begin, saturatingAdd(limits().begin, window.length())}, true);
        return true;
    case Qt::Key_End:
        setWindow({saturatingSub(limits().end, window.length()), limits().end}, true);
        return true;
    case Qt::Key_0:
        setWindow(limits(), true);
        return true;
    case Qt::Key_F:
        fitSelection();
        return true;
    case Qt::Key_Backspace:
        zoomBack();
        return true;
    case Qt::Key_PageUp:
        setScrollPosition(m_frame.scroll - m_frame.layout.scrollHeight() * 9 / 10);
        return true;
    case Qt::Key_PageDown:
        setScrollPosition(m_frame.scroll + m_frame.layout.scrollHeight() * 9 / 10);
        return true;
    case Qt::Key_M:
        Q_EMIT bookmarkRequested();
        return true;
    case Qt::Key_N:
        Q_EMIT noteRequested();
        return true;
    case Qt::Key_BracketLeft:
    case Qt::Key_BracketRight:
        Q_EMIT markerStepRequested(key == Qt::Key_BracketRight);
        return true;
    default:
        return false;
    }
}

bool TimelineCanvas::pointsElsewhere() const
{
    // An operation chosen in another view, which dims the rest here.
    return m_context->selection().kind == session::Selection::Kind::Operation;
}

bool TimelineCanvas::handleSpanKey(int key)
{
    switch (key) {
    case Qt::Key_Right:
    case Qt::Key_Period:
        stepSpan(1);
        return true;
    case Qt::Key_Left:
    case Qt::Key_Comma:
        stepSpan(-1);
        return true;
    case Qt::Key_Up:
        stepDepth(-1);
        return true;
    case Qt::Key_Down:
        stepDepth(1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_selected == analysis::kNoRow)
            return false;
        zoomToSpan(m_selected);
        return true;
    case Qt::Key_Escape:
        if (m_selected == analysis::kNoRow && !m_context->range() && !pointsElsewhere())
            return false;
        if (m_selected != analysis::kNoRow || pointsElsewhere()) {
            setSelectedRow(analysis::kNoRow, false);
            Q_EMIT spanSelected(analysis::kNoRow);
        } else {
            Q_EMIT rangeSelected({});
        }
        return true;
    default:
        return false;
    }
}

bool TimelineCanvas::handleHeaderKey(QKeyEvent *event)
{
    const auto &rows = m_model->rows();
    const bool isControl = (event->modifiers() & Qt::ControlModifier) != 0;
    const int key = event->key();
    if (isControl && (key == Qt::Key_Up || key == Qt::Key_Down)) {
        const auto count = std::ptrdiff_t(rows.pinned.size() + rows.rows.size());
        if (count == 0)
            return true;
        const auto pinned = std::ptrdiff_t(rows.pinned.size());
        std::ptrdiff_t at = key == Qt::Key_Down ? -1 : count;
        if (m_focusedHeader)
            at = m_focusedHeader->isPinned ? std::ptrdiff_t(m_focusedHeader->index)
                                           : pinned + std::ptrdiff_t(m_focusedHeader->index);
        at = std::clamp<std::ptrdiff_t>(at + (key == Qt::Key_Down ? 1 : -1), 0, count - 1);
        setFocusedHeader(at < pinned ? TimelineRowRef{true, std::size_t(at)}
                                     : TimelineRowRef{false, std::size_t(at - pinned)});
        return true;
    }
    if (!m_focusedHeader || isControl)
        return false;
    const items::TimelineRow row = m_frame.row(*m_focusedHeader);
    switch (key) {
    case Qt::Key_Space:
        toggleRow(*m_focusedHeader);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (row.kind == items::TimelineRow::Kind::Series) {
            Q_EMIT seriesClicked(row.seriesId);
            return true;
        }
        if (!row.isCollapsible || m_selected != analysis::kNoRow)
            return false;
        toggleRow(*m_focusedHeader);
        return true;
    case Qt::Key_P:
        if (row.kind != items::TimelineRow::Kind::Group && row.kind != items::TimelineRow::Kind::Source)
            m_model->setPinned(row.key, !row.isPinned);
        return true;
    case Qt::Key_Delete:
        if (row.kind != items::TimelineRow::Kind::Group && row.kind != items::TimelineRow::Kind::Source)
            m_model->setHidden(row.key, true);
        return true;
    case Qt::Key_Escape:
        setFocusedHeader(std::nullopt);
        return true;
    default:
        return false;
    }
}

std::uint32_t TimelineCanvas::firstVisibleSpan()
{
    for (const TimelineRowRef ref : m_frame.visibleRows()) {
        const items::TimelineRow &row = m_frame.row(ref);
        if (row.kind != items::TimelineRow::Kind::Track || !m_frame.columns || !m_tiles.pyramid())
            continue;
        // A focused track wins over those above it.
        if (m_focusedHeader && m_frame.row(*m_focusedHeader).kind == items::TimelineRow::Kind::Track
            && *m_focusedHeader != ref)
            continue;
        const int level = TimelineTiles::levelFor(m_frame.nanosPerPixel());
        const TimeRange window{saturatingSub(m_frame.window.begin, row.shift),
            saturatingSub(m_frame.window.end, row.shift)};
        const auto [first, last] = TimelineTiles::tilesOf(window, level);
        for (std::int64_t tile = first; tile <= last; ++tile) {
            for (const analysis::LaneItem &item :
                m_tiles.items(row.firstLane, level, tile, m_tiles.hasEmphasis())) {
                if (item.end > window.begin && item.begin < window.end)
                    return item.row;
            }
        }
    }
    return analysis::kNoRow;
}

void TimelineCanvas::selectByKeyboard(std::uint32_t row)
{
    if (row == analysis::kNoRow)
        return;
    setSelectedRow(row, true);
    Q_EMIT spanSelected(row);
}

void TimelineCanvas::stepSpan(int step)
{
    if (!m_frame.columns)
        return;
    if (m_selected >= m_frame.columns->size())
        return selectByKeyboard(firstVisibleSpan());
    const auto &lanes = m_frame.columns->lanes;
    const auto after = std::upper_bound(lanes.begin(), lanes.end(), m_selected,
        [](std::uint32_t r, const analysis::Lane &lane) { return r < lane.first; });
    if (after == lanes.begin())
        return;
    const analysis::Lane &lane = *std::prev(after);
    // Rows of a lane lie side by side in time order.
    std::int64_t next = std::int64_t(m_selected) + step;
    const auto isInside = [&] { return next >= lane.first && next < std::int64_t(lane.first) + lane.count; };
    for (int looked = 0; looked < kMostSkipped && isInside() && !m_tiles.isEmphasised(std::uint32_t(next));
         ++looked)
        next += step;
    if (isInside() && m_tiles.isEmphasised(std::uint32_t(next)))
        selectByKeyboard(std::uint32_t(next));
}

void TimelineCanvas::stepDepth(int step)
{
    if (!m_frame.columns)
        return;
    const analysis::SpanColumns &columns = *m_frame.columns;
    if (m_selected >= columns.size())
        return selectByKeyboard(firstVisibleSpan());
    if (step < 0) {
        if (columns.parent[m_selected] < columns.size())
            selectByKeyboard(columns.parent[m_selected]);
        return;
    }
    // Children of the same track lie in the lanes below, inside the span's time.
    const auto &lanes = columns.lanes;
    const auto after = std::upper_bound(lanes.begin(), lanes.end(), m_selected,
        [](std::uint32_t r, const analysis::Lane &lane) { return r < lane.first; });
    const Nanos begin = columns.start[m_selected];
    const Nanos end = columns.end(m_selected);
    std::uint32_t looked = 0;
    for (auto lane = after;
         lane != lanes.end() && lane->track == columns.track[m_selected] && looked < kChildLanes;
         ++lane, ++looked) {
        const auto from = columns.start.begin() + lane->first;
        const auto found = std::lower_bound(from, from + lane->count, begin);
        const auto row = std::uint32_t(found - columns.start.begin());
        if (found != from + lane->count && columns.start[row] <= end && columns.parent[row] == m_selected)
            return selectByKeyboard(row);
    }
}

void TimelineCanvas::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    if (m_focusedHeader)
        refreshContent();
    update();
}

void TimelineCanvas::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    if (m_focusedHeader)
        refreshContent();
    update();
}

} // namespace tailscope::widgets
