// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinecanvas.h"

#include "widgets/timeline/timelinedetails.h"

#include <QEvent>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr std::size_t kMaxSteps = 100;
constexpr int kNarrowestHeader = 70;
/// The time axis keeps most of a narrow window.
constexpr double kWidestHeader = 0.38;

} // namespace

TimelineCanvas::TimelineCanvas(items::TimelineModel *model, session::Session *session, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_session(session)
    , m_context(session->context())
    , m_scrollBar(new QScrollBar(Qt::Vertical, this))
    , m_theme(palette())
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(
        tr("Arrow keys move between spans, W and S zoom, A and D move, F fits, M sets a bookmark, N writes a "
           "note, [ and ] go to the marker before and after."));
    m_scrollBar->setFocusPolicy(Qt::NoFocus);
    m_scrollBar->setAccessibleName(tr("Tracks"));
    m_scrollBar->hide();
    connect(m_scrollBar, &QScrollBar::valueChanged, this, &TimelineCanvas::setScrollPosition);
    m_frame.model = model;
    m_frame.context = m_context;
    // The model's rows follow every change of the data.
    connect(m_model, &items::TimelineModel::rowsChanged, this, &TimelineCanvas::reload);
    updateLook();
    reload();
}

void TimelineCanvas::updateLook()
{
    m_theme = Theme(palette());
    m_lanePainter.setLook(palette(), font());
    m_headers.setTheme(m_theme);
    m_isFrameStale = true;
    refreshContent();
}

void TimelineCanvas::takeData()
{
    m_density.setOverview(m_context->overview());
    m_density.forgetRows();
    if (m_columns == m_context->columns())
        return;
    m_columns = m_context->columns();
    m_frame.columns = m_columns && m_columns->size() > 0 ? m_columns.get() : nullptr;
    m_tiles.setPyramid(m_context->pyramid());
    m_lanePainter.forgetData();
    m_selected = analysis::kNoRow;
}

std::optional<TimelineRowRef> TimelineCanvas::rowOfKey(const QString &key) const
{
    for (const bool isPinned : {true, false}) {
        const auto &rows = isPinned ? m_model->rows().pinned : m_model->rows().rows;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i].key == key)
                return TimelineRowRef{isPinned, i};
        }
    }
    return std::nullopt;
}

void TimelineCanvas::reload()
{
    takeData();
    // Rows moved: what was kept by position is no longer true.
    m_hover = {};
    m_focusedHeader = m_focusedKey.isEmpty() ? std::nullopt : rowOfKey(m_focusedKey);
    m_rowOfTrack.clear();
    const auto index = [this](const std::vector<items::TimelineRow> &rows, bool isPinned) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i].kind == items::TimelineRow::Kind::Track)
                m_rowOfTrack.emplace(rows[i].track, TimelineRowRef{isPinned, i});
        }
    };
    index(m_model->rows().pinned, true);
    index(m_model->rows().rows, false);
    const TimeRange everything = limits();
    if (!everything.isEmpty()) {
        if (!m_hasWindow) {
            m_frame.window = everything;
            Q_EMIT windowChanged();
        }
        // Until the spans are there the range may still grow; then the window is the user's.
        m_hasWindow = m_hasWindow || m_frame.columns || !m_session->isLoading();
    }
    if (m_restored && m_hasWindow)
        restoreWindow(*m_restored);
    m_isFrameStale = true;
    refreshContent();
}

void TimelineCanvas::refreshContent()
{
    m_isImageStale = true;
    update();
}

void TimelineCanvas::setColour(TimelineColour colour)
{
    m_lanePainter.setColour(colour);
    refreshContent();
}

void TimelineCanvas::setFilterDisplay(FilterDisplay display)
{
    m_lanePainter.setFilterDisplay(display);
    refreshContent();
}

void TimelineCanvas::setEmphasis(std::shared_ptr<const analysis::SpanBitmap> rows)
{
    m_tiles.setEmphasis(std::move(rows));
    refreshContent();
}

TimeRange TimelineCanvas::limits() const
{
    const TimeRange range = m_model->range();
    if (range.isEmpty())
        return {};
    const Nanos margin = std::max<Nanos>(5, range.length() / 100);
    return {saturatingSub(range.begin, margin), saturatingAdd(range.end, margin)};
}

void TimelineCanvas::setWindow(TimeRange window, bool remember)
{
    const TimeRange everything = limits();
    if (everything.isEmpty() || window.isEmpty())
        return;
    // Panned by nothing: brings the window inside the limits.
    const TimeRange inside
        = window.length() >= everything.length() ? everything : panned(window, 0, everything);
    if (inside == m_frame.window)
        return;
    if (remember && !m_frame.window.isEmpty()) {
        m_steps.push_back(m_frame.window);
        if (m_steps.size() > kMaxSteps)
            m_steps.erase(m_steps.begin());
    }
    m_frame.window = inside;
    m_hasWindow = true;
    refreshContent();
    Q_EMIT windowChanged();
}

void TimelineCanvas::restoreWindow(TimeRange window)
{
    m_restored = window;
    if (!m_hasWindow)
        return;
    m_restored.reset();
    const TimeRange everything = limits();
    if (window.begin < everything.end && window.end > everything.begin)
        setWindow(window, false);
}

void TimelineCanvas::zoomBy(double factor)
{
    const TimeRange window = m_frame.window;
    setWindow(zoomed(window, window.begin + window.length() / 2, factor, limits()), false);
}

void TimelineCanvas::zoomBack()
{
    if (m_steps.empty()) {
        setWindow(limits(), false);
        return;
    }
    const TimeRange window = m_steps.back();
    m_steps.pop_back();
    setWindow(window, false);
}

void TimelineCanvas::fit(TimeRange range)
{
    const Nanos margin = std::max<Nanos>(5, range.length() / 20);
    setWindow({saturatingSub(range.begin, margin), saturatingAdd(range.end, margin)}, true);
}

void TimelineCanvas::fitSelection()
{
    const TimeRange before = m_frame.window;
    if (m_frame.columns && m_selected < m_frame.columns->size())
        zoomToSpan(m_selected);
    else if (const auto range = m_context->range())
        fit(m_model->toAxis(*range));
    // A second press shows everything.
    if (m_frame.window == before)
        setWindow(limits(), true);
}

void TimelineCanvas::zoomToSpan(std::uint32_t row)
{
    if (!m_frame.columns || row >= m_frame.columns->size())
        return;
    const Nanos shift = m_model->shiftOf(m_frame.columns->track[row]);
    const Nanos begin = saturatingAdd(m_frame.columns->start[row], shift);
    const Nanos end = std::max(saturatingAdd(begin, 10), saturatingAdd(m_frame.columns->end(row), shift));
    fit({begin, end});
    revealSpan(row);
}

int TimelineCanvas::rulerHeight() const { return 2 * fontMetrics().height() + 10; }

int TimelineCanvas::markerHeight() const
{
    return m_session->markers().isEmpty() ? 0 : fontMetrics().height() + 6;
}

QRect TimelineCanvas::rulerRect() const { return {m_frame.headerWidth, 0, m_frame.paneWidth, rulerHeight()}; }

QRect TimelineCanvas::markerRect() const
{
    return {m_frame.headerWidth, rulerHeight(), m_frame.paneWidth, markerHeight()};
}

const TimelineFrame &TimelineCanvas::frame()
{
    ensureFrame();
    return m_frame;
}

void TimelineCanvas::ensureFrame()
{
    if (!m_isFrameStale)
        return;
    m_isFrameStale = false;
    TimelineMetrics metrics;
    const int line = fontMetrics().height();
    metrics.lane = std::max(16, line + 2);
    metrics.header = std::max(22, line + 8);
    metrics.density = std::max(32, line + 14);
    metrics.series = std::max(56, 3 * line + 8);
    metrics.more = line + 4;
    const int top = rulerHeight() + markerHeight();
    m_frame.height = height();
    m_frame.layout.build(m_model->rows(), metrics, top, height() - top);
    const bool isTall = m_frame.layout.maxScroll() > 0;
    m_scrollBar->setVisible(isTall);
    const int bar = isTall ? m_scrollBar->sizeHint().width() : 0;
    m_frame.headerWidth = std::clamp(m_wantedHeader, kNarrowestHeader,
        std::max(kNarrowestHeader, int(width() * kWidestHeader)));
    m_frame.paneWidth = std::max(1, width() - bar - m_frame.headerWidth);
    m_frame.dpr = devicePixelRatioF();
    m_frame.scroll = std::clamp(m_frame.scroll, 0, m_frame.layout.maxScroll());
    updateScrollBar();
}

void TimelineCanvas::updateScrollBar()
{
    const QSignalBlocker blocker(m_scrollBar);
    const int size = m_scrollBar->sizeHint().width();
    m_scrollBar->setGeometry(width() - size, m_frame.layout.scrollTop(), size, m_frame.layout.scrollHeight());
    m_scrollBar->setRange(0, m_frame.layout.maxScroll());
    m_scrollBar->setPageStep(std::max(1, m_frame.layout.scrollHeight()));
    m_scrollBar->setSingleStep(m_frame.layout.metrics().lane * 2);
    m_scrollBar->setValue(m_frame.scroll);
}

void TimelineCanvas::setScrollPosition(int scroll)
{
    ensureFrame();
    const int wanted = std::clamp(scroll, 0, m_frame.layout.maxScroll());
    if (wanted == m_frame.scroll)
        return;
    m_frame.scroll = wanted;
    updateScrollBar();
    refreshContent();
}

void TimelineCanvas::setHeaderWidth(int width)
{
    m_wantedHeader = std::clamp(width, kNarrowestHeader, 800);
    m_isFrameStale = true;
    refreshContent();
}

void TimelineCanvas::setFocusedHeader(std::optional<TimelineRowRef> ref)
{
    if (m_focusedHeader == ref)
        return;
    m_focusedHeader = ref;
    m_focusedKey = ref ? m_frame.row(*ref).key : QString();
    if (ref) {
        ensureFrame();
        setScrollPosition(m_frame.layout.scrollShowing(*ref, 0, std::min(m_frame.layout.heightOf(*ref), 60),
            m_frame.scroll));
    }
    refreshContent();
    announceValue(this, accessibleValue());
    Q_EMIT headerFocusChanged();
}

void TimelineCanvas::focusRow(const QString &key)
{
    if (const auto ref = rowOfKey(key))
        setFocusedHeader(ref);
}

std::optional<std::pair<TimelineRowRef, std::uint32_t>> TimelineCanvas::laneOfSpan(std::uint32_t row) const
{
    if (!m_frame.columns || row >= m_frame.columns->size())
        return std::nullopt;
    const auto found = m_rowOfTrack.find(m_frame.columns->track[row]);
    if (found == m_rowOfTrack.end())
        return std::nullopt;
    const auto &lanes = m_frame.columns->lanes;
    const auto after = std::upper_bound(lanes.begin(), lanes.end(), row,
        [](std::uint32_t r, const analysis::Lane &lane) { return r < lane.first; });
    const auto lane = std::uint32_t(after - lanes.begin()) - 1;
    const items::TimelineRow &track = m_frame.row(found->second);
    if (after == lanes.begin() || lane < track.firstLane || lane >= track.firstLane + track.shownLanes)
        return std::nullopt;
    return std::pair(found->second, lane - track.firstLane);
}

QRect TimelineCanvas::spanRect(std::uint32_t row)
{
    ensureFrame();
    const auto place = laneOfSpan(row);
    if (!place)
        return {};
    const Nanos shift = m_frame.row(place->first).shift;
    const TimeScale scale = m_frame.scale();
    const double left = scale.toX(saturatingAdd(m_frame.columns->start[row], shift));
    const double right = scale.toX(saturatingAdd(m_frame.columns->end(row), shift));
    const QRect pane = m_frame.pane();
    if (right < pane.left() || left > pane.right())
        return {};
    const int x0 = int(std::lround(std::max(left, double(pane.left()) - 2)));
    const int x1 = int(std::lround(std::min(right, double(pane.right()) + 3)));
    const int y = m_frame.yOf(place->first) + m_frame.layout.laneOffset(place->second);
    const QRect box(x0, y, std::max(2, x1 - x0), m_frame.layout.metrics().lane - 1);
    return box.intersects(m_frame.clipOf(place->first)) ? box : QRect();
}

void TimelineCanvas::setSelectedRow(std::uint32_t row, bool reveal)
{
    if (reveal && m_frame.columns && row < m_frame.columns->size())
        revealSpan(row);
    if (m_selected != row) {
        m_selected = row;
        announceValue(this, accessibleValue());
    }
    update();
}

void TimelineCanvas::revealSpan(std::uint32_t row)
{
    const analysis::SpanColumns &columns = *m_frame.columns;
    const auto &lanes = columns.lanes;
    const auto after = std::upper_bound(lanes.begin(), lanes.end(), row,
        [](std::uint32_t r, const analysis::Lane &lane) { return r < lane.first; });
    const auto firstOfTrack = std::lower_bound(lanes.begin(), lanes.end(), columns.track[row],
        [](const analysis::Lane &lane, std::uint32_t t) { return lane.track < t; });
    m_model->reveal(columns.track[row], std::uint32_t(std::max<std::ptrdiff_t>(0, after - firstOfTrack - 1)));
    ensureFrame();
    if (const auto place = laneOfSpan(row)) {
        setScrollPosition(m_frame.layout.scrollShowing(place->first, m_frame.layout.laneOffset(place->second),
            m_frame.layout.metrics().lane + 4, m_frame.scroll));
    }
    const Nanos shift = m_model->shiftOf(columns.track[row]);
    const Nanos begin = saturatingAdd(columns.start[row], shift);
    const Nanos end = saturatingAdd(columns.end(row), shift);
    const Nanos length = std::max<Nanos>(10, saturatingSub(end, begin));
    const Nanos middle = begin + length / 2;
    const TimeRange window = m_frame.window;
    const double pixels = double(length) / m_frame.nanosPerPixel();
    if (pixels < 3) {
        // Too small to be seen at this scale: comes to a tenth of the pane.
        setWindow({saturatingSub(middle, length * 5), saturatingAdd(middle, length * 5)}, true);
    } else if (end <= window.begin || begin >= window.end) {
        setWindow({saturatingSub(middle, window.length() / 2), saturatingAdd(middle, window.length() / 2)},
            true);
    }
}

Nanos TimelineCanvas::cursorTime() const
{
    if (m_pointer && m_frame.pane().adjusted(0, -m_frame.layout.top(), 0, 0).contains(*m_pointer))
        return m_frame.scale().toTime(m_pointer->x());
    if (m_frame.columns && m_selected < m_frame.columns->size())
        return saturatingAdd(m_frame.columns->start[m_selected],
            m_model->shiftOf(m_frame.columns->track[m_selected]));
    return m_frame.window.begin + m_frame.window.length() / 2;
}

QPoint TimelineCanvas::focusPoint()
{
    const QRect span = spanRect(m_selected).intersected(rect());
    if (!span.isEmpty())
        return span.center();
    if (m_focusedHeader)
        return {m_frame.headerWidth / 2, std::clamp(m_frame.yOf(*m_focusedHeader) + 10, 0, height() - 1)};
    return rect().center();
}

QString TimelineCanvas::accessibleValue() const
{
    if (m_frame.columns && m_selected < m_frame.columns->size())
        return spanLine(*m_frame.columns, m_selected, *m_context,
            m_model->shiftOf(m_frame.columns->track[m_selected]));
    if (m_focusedHeader)
        return TimelineHeaders::titleOf(m_frame.row(*m_focusedHeader));
    return tr("No span selected");
}

void TimelineCanvas::resizeEvent(QResizeEvent *)
{
    m_isFrameStale = true;
    m_isImageStale = true;
    ensureFrame();
}

void TimelineCanvas::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange
        || event->type() == QEvent::StyleChange)
        updateLook();
    QWidget::changeEvent(event);
}

} // namespace tailscope::widgets
