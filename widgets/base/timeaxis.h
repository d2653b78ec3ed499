// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QRect>
#include <QString>
#include <QVector>

class QPainter;

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// Maps time to pixels and makes ticks at round values. Double precision relative to the begin of the window,
/// so that nanoseconds survive at epoch times.
class TimeScale
{
public:
    TimeScale() = default;
    TimeScale(TimeRange range, double left, double width)
        : m_range(range)
        , m_left(left)
        , m_width(width)
    {}
    TimeRange range() const { return m_range; }
    double toX(Nanos t) const;
    Nanos toTime(double x) const;
    double nanosPerPixel() const;

    struct Tick
    {
        Nanos t = 0;
        QString label; ///< relative to the window's base: short ("+12.5 ms", "12:00:05.5")
        bool major = false;
    };
    /// Ticks at least minPixels apart. absolute: wall clock labels (UTC or local), else offsets from
    /// `origin`.
    QVector<Tick> ticks(double minPixels, bool absolute, bool localTime, Nanos origin) const;

private:
    TimeRange m_range{0, 1};
    double m_left = 0, m_width = 1;
};

/// Paints axis line, ticks, labels and the full date of the left edge (absolute) into rect; text never
/// overlaps.
void paintTimeAxis(QPainter &painter, const QRect &rect, const TimeScale &scale,
    const session::SessionContext &context);
/// Zooms by factor (< 1 zooms in) around anchor, kept inside limits and not below 10 ns.
TimeRange zoomed(TimeRange range, Nanos anchor, double factor, TimeRange limits);
/// Moves by a share of its length, kept inside limits.
TimeRange panned(TimeRange range, double share, TimeRange limits);

/// Value axis of a linear or logarithmic duration or count scale: round ticks with units.
struct ValueTick
{
    double value = 0;
    QString label;
};
QVector<ValueTick> durationTicks(double lowNs, double highNs, int maxTicks, bool logarithmic);
QVector<ValueTick> countTicks(double low, double high, int maxTicks);

} // namespace tailscope::widgets
