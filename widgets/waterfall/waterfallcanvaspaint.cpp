// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How the waterfall is drawn.
#include "base/text.h"
#include "items/waterfalltext.h"
#include "widgets/waterfall/waterfallcanvas.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tailscope::widgets {

using analysis::kNoRow;

namespace {

constexpr int kGuideStep = 6; // guides closer than this would be a grey area
constexpr int kPillWidth = 18;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QColor mixed(const QColor &a, const QColor &b, double share)
{
    return QColor::fromRgbF(float(a.redF() * (1 - share) + b.redF() * share),
        float(a.greenF() * (1 - share) + b.greenF() * share),
        float(a.blueF() * (1 - share) + b.blueF() * share));
}

} // namespace

QColor WaterfallCanvas::colorOf(std::uint32_t span) const
{
    return m_theme.forName(trace()->serviceName(span));
}

bool WaterfallCanvas::isMuted(const Row &line) const
{
    if (!m_model->isSearching())
        return false;
    if (line.kind == Row::Kind::Group) {
        const auto &calls = trace()->groups[line.index].calls;
        return std::none_of(calls.begin(), calls.end(),
            [this](std::uint32_t call) { return m_model->isMatch(call); });
    }
    return line.kind != Row::Kind::Span || !m_model->isMatch(line.index);
}

QRect WaterfallCanvas::spanRect(std::uint32_t span, const QRect &line) const
{
    const double low = barsLeft() - 50.0, high = barsLeft() + barsWidth() + 50.0;
    const int left = int(std::floor(std::clamp(xOf(trace()->spans.start[span]), low, high)));
    const int right = int(std::ceil(std::clamp(xOf(trace()->spans.endOf(span)), low, high)));
    return {left, line.top() + 3, std::max(2, right - left), line.height() - 6};
}

void WaterfallCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setFont(font());
    painter.fillRect(rect(), m_theme.background());
    if (!trace())
        return;
    if (m_map.isNull())
        buildMap();
    const QRect area = rowsRect();
    painter.save();
    painter.setClipRect(area);
    const int first = std::max(0, m_scroll / m_rowHeight);
    const int last = std::min(rowCount() - 1, (m_scroll + area.height()) / m_rowHeight);
    for (int i = first; i <= last; ++i)
        paintGround(painter, i);
    painter.restore();
    paintRuler(painter); // its lines lie under the bars
    painter.save();
    painter.setClipRect(area);
    for (int i = first; i <= last; ++i)
        paintRow(painter, i);
    painter.setClipRect(area.intersected(QRect(barsLeft(), area.top(), barsWidth(), area.height())));
    if (m_showsPath)
        paintPath(painter);
    painter.restore();
    paintMap(painter);
    paintBreaks(painter);
    painter.setPen(m_theme.axis());
    painter.drawLine(treeWidth(), 0, treeWidth(), height());
    if (hasFocus()) {
        painter.setPen(m_theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

// Once for new rows or another size, whatever is drawn after.
void WaterfallCanvas::buildMap()
{
    const QRect area = mapRect();
    m_map = QImage(area.size(), QImage::Format_ARGB32_Premultiplied);
    m_map.fill(m_theme.alternate());
    if (rowCount() == 0)
        return;
    QPainter painter(&m_map);
    const TimeRange all = limits();
    const double perNano = double(area.width()) / double(std::max<Nanos>(1, all.length()));
    const double perRow = double(area.height() - 4) / rowCount();
    const int high = std::max(1, int(std::ceil(perRow)) - (perRow > 4 ? 1 : 0));
    for (int i = 0; i < rowCount(); ++i) {
        const Row &line = row(i);
        if (line.kind != Row::Kind::Span && line.kind != Row::Kind::Group)
            continue;
        const TimeRange range = items::intervalOfRow(*trace(), line);
        const double left = double(saturatingSub(trace()->axis.placeOf(range.begin), all.begin)) * perNano;
        const double right = double(saturatingSub(trace()->axis.placeOf(range.end), all.begin)) * perNano;
        painter.fillRect(QRect(int(left), 2 + int(i * perRow), std::max(1, int(right - left)), high),
            colorOf(items::spanOfRow(*trace(), line)));
    }
}

void WaterfallCanvas::paintMap(QPainter &painter) const
{
    const QRect area = mapRect();
    painter.drawImage(area.topLeft(), m_map);
    const TimeRange all = limits();
    const double perNano = double(area.width()) / double(std::max<Nanos>(1, all.length()));
    const double left = area.left() + double(m_window.begin - all.begin) * perNano;
    const double right = area.left() + double(m_window.end - all.begin) * perNano;
    QColor shade = m_theme.background();
    shade.setAlpha(150);
    painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), shade);
    painter.fillRect(QRectF(right, area.top(), area.right() + 1 - right, area.height()), shade);
    painter.setPen(m_theme.selectionBorder());
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(left, area.top(), std::max(1.0, right - left) - 1, area.height() - 1));
    // What the tree column has above its rows.
    painter.setPen(m_theme.mutedText());
    const QRect head(6, area.top(), treeWidth() - 12, area.height());
    const QString spans = trace()->size() == 1
        ? tr("1 span")
        : tr("%1 spans").arg(fromUtf8(groupedCount(std::int64_t(trace()->size()))));
    QString text = tr("%1 · %2 rows").arg(spans, fromUtf8(groupedCount(rowCount())));
    if (trace()->errors > 0)
        text += tr(" · %1 errors").arg(fromUtf8(groupedCount(trace()->errors)));
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(text, Qt::ElideRight, head.width()));
}

void WaterfallCanvas::paintRuler(QPainter &painter) const
{
    const QRect area = rulerRect();
    const QFontMetrics metrics = painter.fontMetrics();
    painter.fillRect(QRect(0, area.top(), width(), area.height()), m_theme.background());
    painter.save();
    painter.setClipRect(QRect(barsLeft(), area.top(), barsWidth(), height() - area.top()));
    int lastRight = -1000;
    for (const items::WaterfallAxis::Piece &piece : trace()->axis.pieces()) {
        // The piece, and around the whole axis what lies beside it.
        const bool isFirst = piece.begin == trace()->axis.begin(), isLast = piece.end == trace()->axis.end();
        const Nanos pieceEnd = saturatingAdd(piece.place, saturatingSub(piece.end, piece.begin));
        const Nanos from = std::max(m_window.begin, isFirst ? m_window.begin : piece.place);
        const Nanos to = std::min(m_window.end, isLast ? m_window.end : pieceEnd);
        if (to <= from)
            continue;
        const double left = barsLeft() + double(from - m_window.begin) / nanosPerPixel();
        const TimeRange times{saturatingAdd(piece.begin, from - piece.place),
            saturatingAdd(piece.begin, to - piece.place)};
        const TimeScale scale(times, left, double(to - from) / nanosPerPixel());
        for (const TimeScale::Tick &tick : scale.ticks(90, false, false, trace()->begin())) {
            const int x = int(std::lround(scale.toX(tick.t)));
            painter.setPen(m_theme.grid());
            painter.drawLine(x, area.bottom(), x, height());
            painter.setPen(m_theme.axis());
            painter.drawLine(x, area.bottom() - 4, x, area.bottom());
            const int half = metrics.horizontalAdvance(tick.label) / 2;
            const int textLeft = std::clamp(x - half, barsLeft() + 2,
                std::max(barsLeft() + 2, barsLeft() + barsWidth() - 2 * half - 2));
            if (textLeft < lastRight + 8)
                continue;
            painter.setPen(m_theme.text());
            painter.drawText(QPoint(textLeft, area.top() + 2 + metrics.ascent()), tick.label);
            lastRight = textLeft + 2 * half;
        }
    }
    painter.restore();
    painter.setPen(m_theme.axis());
    painter.drawLine(0, area.bottom(), width(), area.bottom());
    painter.setPen(m_theme.mutedText());
    const QRect head(6, area.top(), treeWidth() - 12, area.height());
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(tr("Operation and service"), Qt::ElideRight, head.width()));
}

void WaterfallCanvas::paintGround(QPainter &painter, int index) const
{
    const QRect line = rowRect(index);
    if (index % 2 == 1)
        painter.fillRect(line, m_theme.alternate());
    if (index == m_current) {
        painter.fillRect(line, m_theme.selection());
        painter.setPen(m_theme.selectionBorder());
        painter.drawLine(line.bottomLeft(), line.bottomRight());
        painter.drawLine(line.topLeft(), line.topRight());
    } else if (index == m_hover) {
        painter.fillRect(line, m_theme.hover());
    }
}

void WaterfallCanvas::paintRow(QPainter &painter, int index) const
{
    const QRect line = rowRect(index);
    paintTree(painter, index, line);
    painter.save();
    painter.setClipRect(QRect(barsLeft(), line.top(), barsWidth(), line.height()).intersected(rowsRect()));
    paintBar(painter, index, line);
    painter.restore();
}

void WaterfallCanvas::paintTree(QPainter &painter, int index, const QRect &line) const
{
    const Row &shown = row(index);
    painter.setPen(m_theme.grid());
    const std::uint32_t stride = std::max(1U, std::uint32_t(m_deepest * kGuideStep / (treeWidth() * 0.4)));
    for (std::uint32_t level = 0; level < shown.depth; level += stride)
        painter.drawLine(indentOf(level) + 7, line.top(), indentOf(level) + 7, line.bottom());
    int x = indentOf(shown.depth);
    if (shown.hasChildren) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.text());
        painter.setRenderHint(QPainter::Antialiasing);
        const QPointF c(x + 7, line.center().y() + 0.5);
        const QPolygonF arrow = shown.isOpen
            ? QPolygonF{c + QPointF(-4, -2), c + QPointF(4, -2), c + QPointF(0, 3)}
            : QPolygonF{c + QPointF(-2, -4), c + QPointF(-2, 4), c + QPointF(3, 0)};
        painter.drawPolygon(arrow);
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    x += 16;
    int right = treeWidth() - 4;
    std::optional<analysis::TimeClass> timeClass;
    const std::uint32_t span = items::spanOfRow(*trace(), shown);
    if (shown.kind == Row::Kind::Span || shown.kind == Row::Kind::Group)
        timeClass = trace()->classOf(span);
    else if (shown.kind == Row::Kind::Gap)
        timeClass = trace()->gaps[shown.index].timeClass;
    if (timeClass && treeWidth() > 160) {
        const QColor color = timeClassColor(m_theme, *timeClass);
        const QRect pill(right - kPillWidth, line.top() + 3, kPillWidth, line.height() - 6);
        painter.setPen(color);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(pill.adjusted(0, 0, -1, -1));
        painter.drawText(pill, Qt::AlignCenter, items::timeClassLetter(*timeClass));
        right = pill.left() - 4;
    }
    if (shown.kind == Row::Kind::Span || shown.kind == Row::Kind::Group) {
        painter.fillRect(QRect(x, line.top() + 4, 4, line.height() - 8), colorOf(span));
        x += 8;
    }
    if (shown.kind == Row::Kind::Span && trace()->isError(shown.index)) {
        const int side = painter.fontMetrics().height() - 2;
        painter.drawPixmap(x, line.center().y() - side / 2, m_errorMark);
        x += side + 3;
    }
    paintName(painter, index, QRect(x, line.top(), std::max(0, right - x), line.height()));
}

void WaterfallCanvas::paintName(QPainter &painter, int index, const QRect &place) const
{
    const Row &shown = row(index);
    QFont face = font();
    face.setItalic(shown.kind == Row::Kind::Gap);
    face.setBold(shown.kind != Row::Kind::Gap && shown.kind != Row::Kind::Span);
    painter.setFont(face);
    const QFontMetrics own(face);
    QString name = items::waterfallRowName(*trace(), shown);
    if (shown.hasChildren && !shown.isOpen && shown.kind == Row::Kind::Span)
        name += QStringLiteral(" (+%1)").arg(fromUtf8(groupedCount(trace()->below[shown.index])));
    name = own.elidedText(name.left(300), Qt::ElideRight, place.width());
    painter.setPen(isMuted(shown) ? m_theme.mutedText() : m_theme.text());
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, name);
    const QRect rest = place.adjusted(own.horizontalAdvance(name) + 8, 0, 0, 0);
    painter.setFont(font());
    if (shown.kind == Row::Kind::Span && rest.width() > 30) {
        painter.setPen(m_theme.mutedText());
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(fromUtf8(trace()->serviceName(shown.index)), Qt::ElideRight,
                rest.width()));
    }
}

// Own time is filled, what children cover is light.
void WaterfallCanvas::paintSpanBar(QPainter &painter, std::uint32_t span, const QRect &bar) const
{
    const QColor color = m_theme.isDark() ? colorOf(span) : colorOf(span).darker(125);
    const QColor light = mixed(m_theme.background(), color, 0.42);
    const auto own = trace()->gapsOf(span);
    const bool isLeaf = trace()->selfOf(span) == trace()->spans.duration[span];
    painter.fillRect(bar, isLeaf && own.empty() ? color : light);
    if (bar.width() > 3) {
        int lastRight = bar.left() - 1;
        const Nanos from = trace()->axis.timeAt(m_window.begin);
        auto gap = std::partition_point(own.begin(), own.end(), [from](const analysis::TraceGap &each) {
            return saturatingAdd(each.start, each.duration) < from;
        });
        for (; gap != own.end(); ++gap) {
            const int left = std::max(int(std::lround(std::max(xOf(gap->start), -1e6))), lastRight + 1);
            if (left > barsLeft() + barsWidth())
                break;
            const double end = std::min(xOf(saturatingAdd(gap->start, gap->duration)), bar.right() + 1.0);
            const int right = int(std::lround(end));
            if (right <= lastRight)
                continue;
            const QRect part(left, bar.top(), std::max(1, right - left), bar.height());
            painter.fillRect(part.intersected(bar), color);
            lastRight = right;
        }
    } else if (!own.empty()) {
        painter.fillRect(bar, color);
    }
    if (trace()->isError(span)) {
        painter.setPen(QPen(m_theme.critical(), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(bar.adjusted(0, 0, -1, -1));
    } else if (trace()->spans.duration[span] == kUnknownNanos) {
        painter.setPen(QPen(m_theme.text(), 1, Qt::DotLine));
        painter.drawLine(bar.topLeft(), bar.bottomLeft());
    }
}

void WaterfallCanvas::paintBar(QPainter &painter, int index, const QRect &line) const
{
    const Row &shown = row(index);
    if (shown.kind == Row::Kind::AsyncBand || shown.kind == Row::Kind::DetachedBand) {
        painter.fillRect(QRect(barsLeft(), line.center().y(), barsWidth(), 1), m_theme.axis());
        return;
    }
    const QRect bar = barRect(index);
    painter.setOpacity(isMuted(shown) ? 0.35 : 1.0);
    if (shown.kind == Row::Kind::Gap) {
        const QColor color = timeClassColor(m_theme, trace()->gaps[shown.index].timeClass);
        painter.fillRect(bar, QBrush(color, Qt::BDiagPattern));
        painter.setPen(color);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(bar.adjusted(0, 0, -1, -1));
    } else if (shown.kind == Row::Kind::Group) {
        QColor ground = colorOf(items::spanOfRow(*trace(), shown));
        ground.setAlphaF(0.18F);
        painter.fillRect(bar, ground);
        int lastRight = bar.left() - 1;
        for (const std::uint32_t call : trace()->groups[shown.index].calls) {
            const QRect part = spanRect(call, line);
            if (part.left() > barsLeft() + barsWidth())
                break;
            if (part.right() <= lastRight) // under those already drawn
                continue;
            // A light line between calls that touch.
            painter.fillRect(part.width() > 3 ? part.adjusted(0, 0, -1, 0) : part, colorOf(call));
            lastRight = part.right();
        }
    } else {
        const std::uint32_t span = shown.index, above = trace()->spans.parent[span];
        if (trace()->spans.isAsync[span] && above != kNoRow) {
            // From where it was handed over to where it began.
            const int from
                = int(std::clamp(xOf(std::min(trace()->spans.endOf(above), trace()->spans.start[span])),
                    barsLeft() - 50.0, barsLeft() + barsWidth() + 50.0));
            painter.setPen(QPen(timeClassColor(m_theme, analysis::TimeClass::Wait), 1, Qt::DashLine));
            painter.drawLine(from, line.center().y(), bar.left(), line.center().y());
        }
        paintSpanBar(painter, span, bar);
        paintMarks(painter, span, bar);
    }
    paintBarLabel(painter, index, bar, line);
    painter.setOpacity(1);
}

void WaterfallCanvas::paintMarks(QPainter &painter, std::uint32_t span, const QRect &bar) const
{
    int lastX = -1000;
    painter.setPen(Qt::NoPen);
    for (const items::WaterfallTrace::Mark &mark : trace()->marksOf(span)) {
        const double place = xOf(mark.ts);
        if (place < barsLeft() - 5 || place > barsLeft() + barsWidth() + 5)
            continue;
        const int x = int(std::lround(place));
        if (x < lastX + 2)
            continue;
        lastX = x;
        painter.fillRect(QRect(x, bar.top() - 2, 1, bar.height() + 4), m_theme.text());
        painter.fillRect(QRect(x - 2, bar.top() - 2, 5, 3), m_theme.text());
    }
}

void WaterfallCanvas::paintBarLabel(QPainter &painter, int index, const QRect &bar, const QRect &line) const
{
    const Row &shown = row(index);
    Nanos duration = 0;
    if (shown.kind == Row::Kind::Span)
        duration = trace()->spans.duration[shown.index];
    else if (shown.kind == Row::Kind::Gap)
        duration = trace()->gaps[shown.index].duration;
    else
        duration = items::intervalOfRow(*trace(), shown).length();
    const QString text = fromUtf8(humanDuration(duration));
    const int wide = painter.fontMetrics().horizontalAdvance(text);
    const int left = barsLeft() + 3, right = barsLeft() + barsWidth() - 3;
    if (bar.right() < left - 3 || bar.left() > right + 3) {
        // Out of the window: which way it lies.
        painter.setPen(m_theme.mutedText());
        const bool isLeft = bar.right() < left;
        painter.drawText(QRect(left, line.top(), right - left, line.height()),
            int((isLeft ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter),
            isLeft ? QStringLiteral("◂ ") + text : text + QStringLiteral(" ▸"));
        return;
    }
    painter.setPen(m_theme.text());
    if (bar.right() + 5 + wide <= right) {
        painter.drawText(QRect(bar.right() + 5, line.top(), wide + 2, line.height()), Qt::AlignVCenter, text);
    } else if (bar.left() - 5 - wide >= left) {
        painter.drawText(QRect(bar.left() - 5 - wide, line.top(), wide + 2, line.height()), Qt::AlignVCenter,
            text);
    } else if (shown.kind == Row::Kind::Span) {
        // On light parts and dark ones alike: on a ground of its own.
        const QRect place(std::max(bar.left(), left) + 4, line.top() + 4, wide + 6, line.height() - 8);
        painter.fillRect(place, m_theme.background());
        painter.drawText(place, Qt::AlignCenter, text);
    }
}

// Segments in the window by binary search. Those of rows outside the screen cost a look, those that end on
// the pixel that was drawn last are skipped by their time.
void WaterfallCanvas::paintPath(QPainter &painter) const
{
    const auto &path = trace()->path;
    const items::WaterfallAxis &axis = trace()->axis;
    const Nanos from = axis.timeAt(m_window.begin), to = axis.timeAt(m_window.end);
    auto at = std::partition_point(path.begin(), path.end(),
        [from](const analysis::PathSegment &s) { return saturatingAdd(s.start, s.duration) < from; });
    const int first = m_scroll / m_rowHeight, last = (m_scroll + rowsRect().height()) / m_rowHeight;
    const auto isSeen = [&](int index) { return index >= first && index <= last; };
    const auto levelOf = [this](int index) { return rowRect(index).bottom() - 3; };
    const auto pixelOf
        = [this](Nanos time) { return int(std::lround(std::clamp(xOf(time), 0.0, double(width())))); };
    const QColor color = m_theme.text();
    int lastRow = -1;
    Nanos drawnUntil = kUnknownNanos; // of the last row
    for (; at != path.end() && at->start <= to; ++at) {
        const int index = m_rowOf[at->span];
        if (index < 0)
            continue;
        const int before = std::exchange(lastRow, index);
        if (!isSeen(index) && !isSeen(before))
            continue;
        const Nanos end = saturatingAdd(at->start, at->duration);
        if (index == before && end <= drawnUntil)
            continue;
        const int left = pixelOf(at->start);
        if (before >= 0 && before != index && left > barsLeft()) {
            const int y = std::clamp(levelOf(index), -10, height() + 10);
            const int other = std::clamp(levelOf(before), -10, height() + 10);
            painter.fillRect(QRect(QPoint(left, std::min(y, other)), QPoint(left, std::max(y, other))),
                color);
        }
        const int right = std::max(left + 1, pixelOf(end));
        if (isSeen(index))
            painter.fillRect(QRect(left, levelOf(index), right - left, 3), color);
        drawnUntil
            = axis.timeAt(saturatingAdd(m_window.begin, Nanos((right - barsLeft()) * nanosPerPixel())));
    }
}

void WaterfallCanvas::paintBreaks(QPainter &painter) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    painter.save();
    painter.setClipRect(QRect(barsLeft(), rulerRect().top(), barsWidth(), height()));
    for (const items::WaterfallAxis::Break &cut : trace()->axis.breaks()) {
        const double left = barsLeft() + double(saturatingSub(cut.place, m_window.begin)) / nanosPerPixel();
        const double right = left + double(cut.width) / nanosPerPixel();
        if (right < barsLeft() || left > barsLeft() + barsWidth())
            continue;
        const double wide = std::max(6.0, right - left);
        painter.fillRect(QRectF(left, rulerRect().top(), wide, height()), m_theme.alternate());
        painter.setPen(m_theme.axis());
        QPolygonF zigzag;
        for (int y = rulerRect().bottom(), side = 0; y < height() + 8; y += 8, side = 1 - side)
            zigzag << QPointF(left + (side ? wide : 0), y);
        painter.drawPolyline(zigzag);
        const QString text
            = tr("%1 of nothing cut out").arg(fromUtf8(humanDuration(saturatingSub(cut.end, cut.begin))));
        const double middle = left + wide / 2 - metrics.horizontalAdvance(text) / 2.0;
        const QRectF place(middle - 3, rulerRect().top() + 1, metrics.horizontalAdvance(text) + 6,
            metrics.height() + 2);
        painter.fillRect(place, m_theme.background());
        painter.setPen(m_theme.text());
        painter.drawText(place, Qt::AlignCenter, text);
    }
    painter.restore();
}

} // namespace tailscope::widgets
