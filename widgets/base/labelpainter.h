// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QRawFont>
#include <QRectF>
#include <QRgb>
#include <QString>

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

class QPainter;

namespace tailscope::widgets {

/// Draws thousands of short labels a frame: the glyphs of each distinct text are looked up once and elided by
/// their cached advances, and all labels of one colour go out as one run. Texts the font has no glyphs for go
/// through QPainter::drawText. GUI thread.
class LabelPainter
{
public:
    void setFont(const QFont &font); ///< forgets what is cached
    const QFont &font() const { return m_font; }
    /// Forgets the cached texts: the keys mean something else from now on.
    void clear();
    /// Queues text inside rect: from the left, centred vertically, elided to the width; nothing when fewer
    /// than two letters would be left. The same key always stands for the same text (until clear()).
    void add(std::uint64_t key, std::string_view utf8, const QRectF &rect, QRgb color);
    /// Draws what was queued.
    void flush(QPainter &painter);

private:
    struct Shaped
    {
        QString text;
        std::vector<quint32> glyphs;
        std::vector<float> ends; ///< right edge of each glyph
        bool simple = false; ///< one glyph a letter, all in the font
    };
    struct Queued
    {
        const Shaped *shaped;
        std::uint32_t letters; ///< drawn before the ellipsis
        bool elided;
        QRectF rect;
        QRgb color;
    };
    const Shaped &shaped(std::uint64_t key, std::string_view utf8);
    void drawRun(QPainter &painter, std::size_t first, std::size_t last);
    void drawPlain(QPainter &painter, const Queued &label) const;

    QFont m_font;
    QRawFont m_raw;
    std::vector<quint32> m_ellipsis;
    std::vector<float> m_ellipsisEnds;
    double m_ascent = 0, m_height = 0;
    std::unordered_map<std::uint64_t, Shaped> m_cache;
    std::vector<Queued> m_queue;
    std::vector<quint32> m_glyphs;
    std::vector<QPointF> m_places;
};

} // namespace tailscope::widgets
