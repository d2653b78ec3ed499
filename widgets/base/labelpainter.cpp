// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/labelpainter.h"

#include <QFontMetricsF>
#include <QGlyphRun>
#include <QPaintEngine>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr std::size_t kMaxCached = 50'000;
/// Longer texts never fit on a screen.
constexpr std::size_t kMaxLetters = 512;

} // namespace

void LabelPainter::setFont(const QFont &font)
{
    m_font = font;
    m_raw = QRawFont::fromFont(font);
    clear();
    const QFontMetricsF metrics(font);
    m_ascent = metrics.ascent();
    m_height = metrics.height();
    m_ellipsis.clear();
    m_ellipsisEnds.clear();
    // Three dots rather than U+2026, which not every font has.
    const QList<quint32> dots = m_raw.glyphIndexesForString(QStringLiteral(".."));
    const QList<QPointF> advances = m_raw.advancesForGlyphIndexes(dots);
    double end = 0;
    for (qsizetype i = 0; i < dots.size(); ++i) {
        end += advances[i].x();
        m_ellipsis.push_back(dots[i]);
        m_ellipsisEnds.push_back(float(end));
    }
}

void LabelPainter::clear()
{
    m_queue.clear();
    m_cache.clear();
}

const LabelPainter::Shaped &LabelPainter::shaped(std::uint64_t key, std::string_view utf8)
{
    if (const auto found = m_cache.find(key); found != m_cache.end())
        return found->second;
    Shaped shaped;
    const std::string_view prefix = utf8.substr(0, std::min(utf8.size(), kMaxLetters * 4));
    shaped.text = QString::fromUtf8(prefix.data(), qsizetype(prefix.size())).left(qsizetype(kMaxLetters));
    // Letters that need no shaping: Latin, Greek, Cyrillic and punctuation outside the combining marks.
    const bool plain = std::all_of(shaped.text.cbegin(), shaped.text.cend(), [](QChar c) {
        const char16_t unit = c.unicode();
        return unit >= 0x20 && unit != 0x7f && (unit < 0x300 || (unit >= 0x370 && unit < 0x483));
    });
    if (plain) {
        const QList<quint32> glyphs = m_raw.glyphIndexesForString(shaped.text);
        const QList<QPointF> advances = m_raw.advancesForGlyphIndexes(glyphs);
        shaped.simple = !glyphs.isEmpty() && glyphs.size() == shaped.text.size() && !glyphs.contains(0u);
        double end = 0;
        for (qsizetype i = 0; shaped.simple && i < glyphs.size(); ++i) {
            end += advances[i].x();
            shaped.glyphs.push_back(glyphs[i]);
            shaped.ends.push_back(float(end));
        }
    }
    return m_cache.emplace(key, std::move(shaped)).first->second;
}

void LabelPainter::add(std::uint64_t key, std::string_view utf8, const QRectF &rect, QRgb color)
{
    if (utf8.empty() || rect.width() < 6)
        return;
    const Shaped &text = shaped(key, utf8);
    if (!text.simple) {
        m_queue.push_back({&text, 0, false, rect, color});
        return;
    }
    const auto letters = std::uint32_t(text.glyphs.size());
    if (text.ends.back() <= rect.width()) {
        m_queue.push_back({&text, letters, false, rect, color});
        return;
    }
    const double room = rect.width() - (m_ellipsisEnds.empty() ? 0 : m_ellipsisEnds.back());
    const auto fit = std::uint32_t(
        std::upper_bound(text.ends.begin(), text.ends.end(), float(room)) - text.ends.begin());
    if (fit >= 2)
        m_queue.push_back({&text, fit, true, rect, color});
}

void LabelPainter::flush(QPainter &painter)
{
    std::stable_sort(m_queue.begin(), m_queue.end(),
        [](const Queued &a, const Queued &b) { return a.color < b.color; });
    painter.setFont(m_font);
    // Only the raster engine draws glyph indexes; a vector file wants letters.
    const bool raster = painter.paintEngine() && painter.paintEngine()->type() == QPaintEngine::Raster;
    std::size_t first = 0;
    while (first < m_queue.size()) {
        std::size_t last = first;
        while (last < m_queue.size() && m_queue[last].color == m_queue[first].color)
            ++last;
        painter.setPen(QColor::fromRgba(m_queue[first].color));
        if (raster)
            drawRun(painter, first, last);
        for (std::size_t i = first; i < last; ++i) {
            if (!raster || !m_queue[i].shaped->simple)
                drawPlain(painter, m_queue[i]);
        }
        first = last;
    }
    m_queue.clear();
    if (m_cache.size() > kMaxCached)
        m_cache.clear();
}

void LabelPainter::drawRun(QPainter &painter, std::size_t first, std::size_t last)
{
    m_glyphs.clear();
    m_places.clear();
    for (std::size_t i = first; i < last; ++i) {
        const Queued &label = m_queue[i];
        if (!label.shaped->simple)
            continue;
        const double left = std::round(label.rect.left());
        const double baseline
            = std::round(label.rect.top() + (label.rect.height() - m_height) / 2 + m_ascent);
        double x = left;
        for (std::uint32_t g = 0; g < label.letters; ++g) {
            m_glyphs.push_back(label.shaped->glyphs[g]);
            m_places.emplace_back(x, baseline);
            x = left + double(label.shaped->ends[g]);
        }
        for (std::size_t g = 0; label.elided && g < m_ellipsis.size(); ++g) {
            m_glyphs.push_back(m_ellipsis[g]);
            m_places.emplace_back(x + (g > 0 ? double(m_ellipsisEnds[g - 1]) : 0.0), baseline);
        }
    }
    if (m_glyphs.empty())
        return;
    QGlyphRun run;
    run.setRawFont(m_raw);
    run.setRawData(m_glyphs.data(), m_places.data(), int(m_glyphs.size()));
    painter.drawGlyphRun(QPointF(0, 0), run);
}

void LabelPainter::drawPlain(QPainter &painter, const Queued &label) const
{
    const QFontMetricsF metrics(m_font);
    const QString text = metrics.elidedText(label.shaped->text, Qt::ElideRight, label.rect.width());
    if (text.size() < 2)
        return;
    painter.drawText(QPointF(std::round(label.rect.left()),
                         std::round(label.rect.top() + (label.rect.height() - m_height) / 2 + m_ascent)),
        text);
}

} // namespace tailscope::widgets
