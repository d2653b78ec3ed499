// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRect>
#include <QRgb>

#include <vector>

class QImage;
class QPainter;

namespace tailscope::widgets {

/// Takes bands whose colour depends on the column only: a lane of ten thousand spans is one line of pixels
/// copied to every row of the lane. Writes into an image (RGB32, device pixels), or fills rectangles through
/// a painter when a vector file is made.
class TimelineSurface
{
public:
    TimelineSurface(QImage *image, double dpr);
    explicit TimelineSurface(QPainter *painter);

    double dpr() const { return m_dpr; }
    /// line: one colour a device column, beginning at logical `left`; painted on logical [top, bottom) inside
    /// clip.
    void band(int left, int top, int bottom, const std::vector<QRgb> &line, const QRect &clip);

private:
    QImage *m_image = nullptr;
    QPainter *m_painter = nullptr;
    double m_dpr = 1;
};

} // namespace tailscope::widgets
