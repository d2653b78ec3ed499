// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/waterfallcanvas.h"

#include "items/waterfalltext.h"

#include <QEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::kNoRow;

namespace {

constexpr int kMapHeight = 38;
constexpr std::size_t kMostSteps = 50;

} // namespace

QColor timeClassColor(const Theme &theme, analysis::TimeClass timeClass)
{
    switch (timeClass) {
    case analysis::TimeClass::Processing:
        return theme.series(2);
    case analysis::TimeClass::Network:
        return theme.series(0);
    case analysis::TimeClass::Wait:
        return theme.series(1);
    case analysis::TimeClass::Unknown:
        break;
    }
    return theme.mutedText();
}

WaterfallCanvas::WaterfallCanvas(items::WaterfallModel *model, const session::SessionContext *context,
    QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_context(context)
    , m_scrollBar(new QScrollBar(Qt::Vertical, this))
    , m_theme(palette())
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Waterfall of one trace"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_scrollBar->setFocusPolicy(Qt::NoFocus);
    connect(m_scrollBar, &QScrollBar::valueChanged, this, [this](int value) {
        m_scroll = value;
        update();
    });
    connect(model, &items::WaterfallModel::traceChanged, this, &WaterfallCanvas::takeTrace);
    connect(model, &items::WaterfallModel::rowsChanged, this, &WaterfallCanvas::takeRows);
    connect(model, &items::WaterfallModel::matchesChanged, this, qOverload<>(&QWidget::update));
    updateMetrics();
    takeRows();
    takeTrace();
}

void WaterfallCanvas::updateMetrics()
{
    m_theme = Theme(palette());
    m_rowHeight = fontMetrics().height() + 6;
    const int side = fontMetrics().height() - 2;
    m_errorMark = themedIcon(QStringLiteral("critical")).pixmap(side, side);
    m_map = {};
    updateScrollBar();
}

void WaterfallCanvas::takeTrace()
{
    const auto shown = m_model->trace();
    const qint64 id = shown ? shown->id : -1;
    const bool isOther = id != m_traceId;
    if (isOther) {
        m_traceId = id;
        m_steps.clear();
        m_current = shown && rowCount() > 0 ? 0 : -1;
        if (m_current >= 0)
            m_currentLine = row(0);
        setScrollPosition(0);
    }
    if (shown) {
        // The request, with what belongs to it when that is not much longer.
        const Nanos request = shown->request(), all = shown->axis.length();
        TimeRange window = limits();
        if (request > 0 && all / 3 > request) {
            const Nanos place = shown->axis.placeOf(shown->begin());
            window = {saturatingSub(place, request / 50), saturatingAdd(place, request + request / 10)};
        }
        setWindow(isOther ? window : m_window, false);
    }
    m_map = {};
    update();
}

void WaterfallCanvas::takeRows()
{
    const items::WaterfallTrace *shown = trace();
    const std::size_t spans = shown ? shown->size() : 0;
    m_rowOf.assign(spans, -1);
    m_deepest = 0;
    std::vector<int> ofGroup(shown ? shown->groups.size() : 0, -1);
    int same = -1;
    for (int i = 0; i < rowCount(); ++i) {
        const Row &line = row(i);
        m_deepest = std::max(m_deepest, line.depth);
        if (line.kind == Row::Kind::Span)
            m_rowOf[line.index] = i;
        else if (line.kind == Row::Kind::Group)
            ofGroup[line.index] = i;
        if (m_current >= 0 && line.kind == m_currentLine.kind && line.index == m_currentLine.index)
            same = i;
    }
    // Hidden spans stand in the row of what hides them.
    std::vector<std::uint32_t> way;
    for (std::uint32_t i = 0; i < spans; ++i) {
        std::uint32_t at = i;
        int found = -1;
        while (found == -1 && at != kNoRow && way.size() <= spans) {
            found = m_rowOf[at];
            if (found == -1 && shown->groupOf[at] != kNoRow)
                found = ofGroup[shown->groupOf[at]];
            way.push_back(at);
            at = shown->spans.parent[at];
        }
        for (const std::uint32_t span : way)
            m_rowOf[span] = found == -1 ? -2 : found; // -2: nothing stands for it
        way.clear();
    }
    m_current = same >= 0 ? same : std::min(m_current, rowCount() - 1);
    if (m_current >= 0)
        m_currentLine = row(m_current);
    m_hover = -1;
    m_map = {};
    updateScrollBar();
    update();
}

int WaterfallCanvas::treeWidth() const
{
    const int wanted = m_treeWidth > 0 ? m_treeWidth : width() * 36 / 100;
    return std::clamp(wanted, std::min(120, width() / 3), std::max(120, width() * 3 / 4));
}

void WaterfallCanvas::setTreeWidth(int width)
{
    m_treeWidth = std::max(0, width);
    m_map = {};
    update();
}

int WaterfallCanvas::barsWidth() const
{
    return std::max(10, width() - barsLeft() - m_scrollBar->sizeHint().width() - 2);
}

QRect WaterfallCanvas::mapRect() const { return {barsLeft(), 2, barsWidth(), kMapHeight}; }

QRect WaterfallCanvas::rulerRect() const
{
    return {barsLeft(), kMapHeight + 4, barsWidth(), fontMetrics().height() + 8};
}

QRect WaterfallCanvas::rowsRect() const
{
    const int top = rulerRect().bottom() + 1;
    return {0, top, barsLeft() + barsWidth(), std::max(0, height() - top)};
}

QRect WaterfallCanvas::rowRect(int index) const
{
    return {0, rowsRect().top() + index * m_rowHeight - m_scroll, barsLeft() + barsWidth(), m_rowHeight};
}

int WaterfallCanvas::rowAt(int y) const
{
    if (y < rowsRect().top())
        return -1;
    const int index = (y - rowsRect().top() + m_scroll) / m_rowHeight;
    return index < rowCount() ? index : -1;
}

// Forty levels must leave room for names: deep trees are indented less.
int WaterfallCanvas::indentOf(std::uint32_t depth) const
{
    const double most = treeWidth() * 0.4;
    const double step = m_deepest == 0 ? 0 : std::min(14.0, most / m_deepest);
    return 4 + int(step * depth);
}

QRect WaterfallCanvas::arrowRect(int index) const
{
    const QRect line = rowRect(index);
    return {indentOf(row(index).depth), line.top(), 14, line.height()};
}

double WaterfallCanvas::nanosPerPixel() const
{
    return double(std::max<Nanos>(1, m_window.length())) / barsWidth();
}

double WaterfallCanvas::xOf(Nanos time) const
{
    const Nanos place = trace()->axis.placeOf(time);
    return barsLeft() + double(saturatingSub(place, m_window.begin)) / nanosPerPixel();
}

QRect WaterfallCanvas::barRect(int index) const
{
    const TimeRange range = items::intervalOfRow(*trace(), row(index));
    const QRect line = rowRect(index);
    // Far outside is as good as just outside, and fits an int.
    const double low = barsLeft() - 50.0, high = barsLeft() + barsWidth() + 50.0;
    const int left = int(std::floor(std::clamp(xOf(range.begin), low, high)));
    const int right = int(std::ceil(std::clamp(xOf(range.end), low, high)));
    return {left, line.top() + 3, std::max(2, right - left), line.height() - 6};
}

TimeRange WaterfallCanvas::limits() const
{
    const Nanos length = trace() ? trace()->axis.length() : 1;
    const Nanos margin = std::max<Nanos>(1, length / 50);
    return {-margin, saturatingAdd(length, saturatingAdd(margin, length / 12))};
}

void WaterfallCanvas::setWindow(TimeRange window, bool remember)
{
    const TimeRange most = limits();
    const Nanos length
        = std::clamp<Nanos>(window.length(), std::min<Nanos>(10, most.length()), most.length());
    const Nanos begin = std::clamp(window.begin, most.begin, saturatingSub(most.end, length));
    if (remember) {
        m_steps.push_back(m_window);
        if (m_steps.size() > kMostSteps)
            m_steps.erase(m_steps.begin());
    }
    m_window = {begin, begin + length};
    update();
    Q_EMIT windowChanged();
}

void WaterfallCanvas::zoomBy(double factor)
{
    Nanos anchor = m_window.begin + m_window.length() / 2;
    if (m_pointer && m_pointer->x() > barsLeft()) {
        anchor = saturatingAdd(m_window.begin, Nanos((m_pointer->x() - barsLeft()) * nanosPerPixel()));
    } else if (trace() && m_current >= 0) {
        const TimeRange range = items::intervalOfRow(*trace(), row(m_current));
        const Nanos middle = trace()->axis.placeOf(range.begin + range.length() / 2);
        if (m_window.contains(middle))
            anchor = middle;
    }
    setWindow(zoomed(m_window, anchor, factor, limits()), false);
}

void WaterfallCanvas::zoomBack()
{
    if (m_steps.empty())
        return fitAll();
    const TimeRange before = m_steps.back();
    m_steps.pop_back();
    setWindow(before, false);
}

void WaterfallCanvas::fitAll() { setWindow(limits(), true); }

void WaterfallCanvas::fitRow(int index)
{
    if (!trace() || index < 0 || index >= rowCount())
        return fitAll();
    const TimeRange range = items::intervalOfRow(*trace(), row(index));
    const Nanos begin = trace()->axis.placeOf(range.begin), end = trace()->axis.placeOf(range.end);
    const Nanos margin = std::max<Nanos>(5, saturatingSub(end, begin) / 20);
    const TimeRange wanted{saturatingSub(begin, margin), saturatingAdd(end, saturatingAdd(margin, margin))};
    // The second time shows everything again.
    if (std::abs(double(wanted.begin - m_window.begin)) < nanosPerPixel() * 2
        && std::abs(double(wanted.end - m_window.end)) < nanosPerPixel() * 2)
        return fitAll();
    setWindow(wanted, true);
}

void WaterfallCanvas::setShowingPath(bool shows)
{
    m_showsPath = shows;
    update();
}

void WaterfallCanvas::setCurrentRow(int index)
{
    if (index < 0 || index >= rowCount())
        return;
    m_current = index;
    m_currentLine = row(index);
    const QRect area = rowsRect();
    const int top = index * m_rowHeight;
    if (top < m_scroll)
        setScrollPosition(top);
    else if (top + m_rowHeight > m_scroll + area.height())
        setScrollPosition(top + m_rowHeight - area.height());
    update();
    announceValue(this, accessibleValue());
}

QString WaterfallCanvas::accessibleValue() const
{
    if (!trace() || m_current < 0 || m_current >= rowCount())
        return {};
    return items::waterfallRowLines(*trace(), row(m_current)).join(QStringLiteral(", "));
}

void WaterfallCanvas::setScrollPosition(int scroll) { m_scrollBar->setValue(scroll); }

void WaterfallCanvas::updateScrollBar()
{
    const QRect area = rowsRect();
    const int bar = m_scrollBar->sizeHint().width();
    m_scrollBar->setGeometry(width() - bar, area.top(), bar, area.height());
    m_scrollBar->setPageStep(area.height());
    m_scrollBar->setSingleStep(m_rowHeight);
    m_scrollBar->setRange(0, std::max(0, rowCount() * m_rowHeight - area.height()));
    m_scroll = m_scrollBar->value();
}

void WaterfallCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_map = {};
    updateScrollBar();
    if (m_current >= 0)
        setCurrentRow(m_current);
}

void WaterfallCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        updateMetrics();
        update();
    }
}

} // namespace tailscope::widgets
