// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinesurface.h"

#include <QColor>
#include <QImage>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tailscope::widgets {

TimelineSurface::TimelineSurface(QImage *image, double dpr)
    : m_image(image)
    , m_dpr(dpr)
{}

TimelineSurface::TimelineSurface(QPainter *painter)
    : m_painter(painter)
{}

void TimelineSurface::band(int left, int top, int bottom, const std::vector<QRgb> &line, const QRect &clip)
{
    const int from = std::max(top, clip.top());
    const int to = std::min(bottom, clip.bottom() + 1);
    if (to <= from || line.empty())
        return;
    if (m_painter) {
        for (std::size_t i = 0; i < line.size();) {
            std::size_t end = i + 1;
            while (end < line.size() && line[end] == line[i])
                ++end;
            m_painter->fillRect(left + int(i), from, int(end - i), to - from, QColor::fromRgb(line[i]));
            i = end;
        }
        return;
    }
    const int x = int(std::lround(left * m_dpr));
    const int first = std::clamp(int(std::lround(from * m_dpr)), 0, m_image->height());
    const int last = std::clamp(int(std::lround(to * m_dpr)), 0, m_image->height());
    const int pixels = std::min(int(line.size()), m_image->width() - x);
    for (int y = first; y < last && pixels > 0; ++y) {
        auto *row = reinterpret_cast<QRgb *>(m_image->scanLine(y)) + x;
        std::memcpy(row, line.data(), std::size_t(pixels) * sizeof(QRgb));
    }
}

} // namespace tailscope::widgets
