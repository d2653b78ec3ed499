// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/timeaxis.h"

#include "base/text.h"
#include "session/sessioncontext.h"
#include "widgets/base/theme.h"

#include <QDateTime>
#include <QGuiApplication>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr Nanos kMinimumLength = 10;
constexpr Nanos kMinute = 60 * kNanosPerSecond;
constexpr Nanos kHour = 60 * kMinute;
constexpr Nanos kDay = 24 * kHour;

/// Smallest round step of at least `wanted` nanoseconds: 1, 2, 5 x 10^n below a second, then clock steps.
Nanos roundStep(double wanted)
{
    for (Nanos unit = 1; unit < kNanosPerSecond; unit *= 10) {
        for (const Nanos factor : {1, 2, 5}) {
            if (double(unit * factor) >= wanted)
                return unit * factor;
        }
    }
    constexpr std::array<Nanos, 18> steps{kNanosPerSecond, 2 * kNanosPerSecond, 5 * kNanosPerSecond,
        10 * kNanosPerSecond, 15 * kNanosPerSecond, 30 * kNanosPerSecond, kMinute, 2 * kMinute, 5 * kMinute,
        10 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 2 * kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay};
    for (const Nanos step : steps) {
        if (double(step) >= wanted)
            return step;
    }
    Nanos step = kDay;
    while (double(step) < wanted && step < std::numeric_limits<Nanos>::max() / 10)
        step *= double(step) * 2 >= wanted ? 2 : double(step) * 5 >= wanted ? 5 : 10;
    return step;
}

Nanos floorTo(Nanos value, Nanos step)
{
    Nanos quotient = value / step;
    if (value % step < 0)
        --quotient;
    return quotient * step;
}

int decimalsFor(Nanos step, Nanos unit)
{
    int decimals = 0;
    while (step < unit && decimals < 9) {
        step *= 10;
        ++decimals;
    }
    return decimals;
}

QString offsetLabel(Nanos offset, Nanos step)
{
    const bool negative = offset < 0;
    const Nanos magnitude = negative ? -offset : offset;
    QString text;
    if (offset == 0) {
        return QStringLiteral("0");
    } else if (magnitude < kNanosPerMicro) {
        text = QStringLiteral("%1 ns").arg(magnitude);
    } else if (magnitude < kNanosPerMilli) {
        text
            = QStringLiteral("%1 µs").arg(double(magnitude) / 1e3, 0, 'f', decimalsFor(step, kNanosPerMicro));
    } else if (magnitude < kNanosPerSecond) {
        text
            = QStringLiteral("%1 ms").arg(double(magnitude) / 1e6, 0, 'f', decimalsFor(step, kNanosPerMilli));
    } else if (magnitude < 10 * kMinute) {
        text
            = QStringLiteral("%1 s").arg(double(magnitude) / 1e9, 0, 'f', decimalsFor(step, kNanosPerSecond));
    } else {
        const Nanos seconds = magnitude / kNanosPerSecond;
        text = QStringLiteral("%1:%2:%3")
                   .arg(seconds / 3600)
                   .arg(seconds / 60 % 60, 2, 10, QLatin1Char('0'))
                   .arg(seconds % 60, 2, 10, QLatin1Char('0'));
    }
    return (negative ? QStringLiteral("−") : QStringLiteral("+")) + text;
}

QString clockLabel(Nanos t, Nanos step, bool localTime)
{
    const Nanos seconds = floorTo(t, kNanosPerSecond) / kNanosPerSecond;
    const Nanos rest = t - seconds * kNanosPerSecond;
    const QDateTime when = localTime ? QDateTime::fromSecsSinceEpoch(seconds).toLocalTime()
                                     : QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
    if (step >= kDay)
        return when.toString(QStringLiteral("yyyy-MM-dd"));
    if (step >= kMinute)
        return when.toString(QStringLiteral("HH:mm"));
    QString text = when.toString(QStringLiteral("HH:mm:ss"));
    const int decimals = decimalsFor(step, kNanosPerSecond);
    if (decimals > 0)
        text += QLatin1Char('.') + QStringLiteral("%1").arg(rest, 9, 10, QLatin1Char('0')).left(decimals);
    return text;
}

} // namespace

double TimeScale::toX(Nanos t) const
{
    const double length = double(std::max<Nanos>(m_range.length(), 1));
    return m_left + double(saturatingSub(t, m_range.begin)) / length * m_width;
}

Nanos TimeScale::toTime(double x) const
{
    const double share = m_width > 0 ? (x - m_left) / m_width : 0;
    const double offset = std::clamp(share * double(m_range.length()), -9.0e18, 9.0e18);
    return saturatingAdd(m_range.begin, Nanos(offset));
}

double TimeScale::nanosPerPixel() const
{
    return double(std::max<Nanos>(m_range.length(), 1)) / std::max(1.0, m_width);
}

QVector<TimeScale::Tick> TimeScale::ticks(double minPixels, bool absolute, bool localTime, Nanos origin) const
{
    QVector<Tick> ticks;
    if (m_range.isEmpty() || m_width < minPixels)
        return ticks;
    const Nanos step = roundStep(nanosPerPixel() * minPixels);
    // Local days do not start at multiples of a day in UTC.
    Nanos base = absolute ? 0 : origin;
    if (absolute && localTime && step >= kHour)
        base = -Nanos(QDateTime::fromSecsSinceEpoch(m_range.begin / kNanosPerSecond).offsetFromUtc())
            * kNanosPerSecond;
    Nanos t = saturatingAdd(base, floorTo(saturatingSub(m_range.begin, base), step));
    if (t < m_range.begin)
        t = saturatingAdd(t, step);
    for (; t < m_range.end && ticks.size() < 1000; t = saturatingAdd(t, step)) {
        const Nanos offset = saturatingSub(t, base);
        ticks.append(
            {t, absolute ? clockLabel(t, step, localTime) : offsetLabel(saturatingSub(t, origin), step),
                offset % (step * 5) == 0});
    }
    return ticks;
}

void paintTimeAxis(QPainter &painter, const QRect &rect, const TimeScale &scale,
    const session::SessionContext &context)
{
    const Theme theme(QGuiApplication::palette());
    const QFontMetrics metrics = painter.fontMetrics();
    const int line = metrics.height();
    const bool absolute = context.isAbsoluteTime();
    painter.save();
    painter.setClipRect(rect);
    painter.setPen(theme.axis());
    painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom());
    // Wide enough for the longest label that the step can produce, measured on the real ones.
    double minPixels = metrics.horizontalAdvance(QStringLiteral("00:00:00")) + 24;
    QVector<TimeScale::Tick> ticks;
    for (int attempt = 0; attempt < 4; ++attempt) {
        ticks = scale.ticks(minPixels, absolute, context.isLocalTime(), context.fullRange().begin);
        int widest = 0;
        for (const TimeScale::Tick &tick : std::as_const(ticks))
            widest = std::max(widest, metrics.horizontalAdvance(tick.label));
        if (widest + 16 <= minPixels)
            break;
        minPixels = widest + 24;
    }
    for (const TimeScale::Tick &tick : std::as_const(ticks)) {
        const int x = int(std::lround(scale.toX(tick.t)));
        painter.setPen(theme.axis());
        painter.drawLine(x, rect.bottom() - 4, x, rect.bottom());
        const int width = metrics.horizontalAdvance(tick.label);
        const int left = std::clamp(x - width / 2, rect.left(), std::max(rect.left(), rect.right() - width));
        painter.setPen(theme.text());
        painter.drawText(left, rect.bottom() - 6 - metrics.descent(), tick.label);
    }
    if (absolute && rect.height() >= 2 * line + 8) {
        painter.setPen(theme.mutedText());
        painter.drawText(rect.left() + 2, rect.top() + metrics.ascent() + 1,
            context.timeText(scale.range().begin));
    }
    painter.restore();
}

TimeRange zoomed(TimeRange range, Nanos anchor, double factor, TimeRange limits)
{
    const double wanted = std::clamp(double(range.length()) * factor, double(kMinimumLength),
        double(std::max<Nanos>(limits.length(), kMinimumLength)));
    const double share = range.length() > 0 ? double(anchor - range.begin) / double(range.length()) : 0.5;
    const Nanos length = Nanos(wanted);
    Nanos begin = saturatingSub(anchor, Nanos(wanted * std::clamp(share, 0.0, 1.0)));
    begin = std::clamp(begin, limits.begin, std::max(limits.begin, saturatingSub(limits.end, length)));
    return {begin, saturatingAdd(begin, length)};
}

TimeRange panned(TimeRange range, double share, TimeRange limits)
{
    const Nanos length = range.length();
    Nanos begin = saturatingAdd(range.begin, Nanos(double(length) * share));
    begin = std::clamp(begin, limits.begin, std::max(limits.begin, saturatingSub(limits.end, length)));
    return {begin, saturatingAdd(begin, length)};
}

namespace {

QString durationLabel(double ns)
{
    struct Unit
    {
        double size;
        const char *name;
    };
    constexpr std::array<Unit, 4> units{{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}}};
    if (ns <= 0)
        return QStringLiteral("0");
    for (const Unit &unit : units) {
        if (ns >= unit.size || unit.size == 1)
            return QStringLiteral("%1 %2").arg(QString::number(ns / unit.size, 'g', 6),
                QString::fromUtf8(unit.name));
    }
    return {};
}

double roundNumber(double wanted)
{
    if (!(wanted > 0))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (factor * power >= wanted * 0.999999)
            return factor * power;
    }
    return 10 * power;
}

} // namespace

QVector<ValueTick> durationTicks(double lowNs, double highNs, int maxTicks, bool logarithmic)
{
    QVector<ValueTick> ticks;
    if (!(highNs > lowNs) || maxTicks < 1)
        return ticks;
    if (logarithmic) {
        const double low = std::max(lowNs, 1.0);
        const double decades = std::log10(highNs / low);
        const int every = std::max(1, int(std::ceil(decades / maxTicks)));
        const bool subdivide = decades * 3 <= maxTicks;
        for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= highNs;
             power *= std::pow(10.0, every)) {
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double value = power * factor;
                if (value >= low * 0.999999 && value <= highNs * 1.000001 && (subdivide || factor == 1.0))
                    ticks.append({value, durationLabel(value)});
            }
        }
        return ticks;
    }
    const double step = roundNumber((highNs - lowNs) / maxTicks);
    for (double value = std::ceil(lowNs / step) * step; value <= highNs * 1.000001; value += step)
        ticks.append({value, durationLabel(value)});
    return ticks;
}

QVector<ValueTick> countTicks(double low, double high, int maxTicks)
{
    QVector<ValueTick> ticks;
    if (!(high > low) || maxTicks < 1)
        return ticks;
    const double step = roundNumber((high - low) / maxTicks);
    for (double value = std::ceil(low / step) * step; value <= high * 1.000001; value += step) {
        const double magnitude = std::abs(value);
        QString label;
        if (magnitude >= 1e9)
            label = QString::number(value / 1e9, 'g', 4) + QStringLiteral(" G");
        else if (magnitude >= 1e6)
            label = QString::number(value / 1e6, 'g', 4) + QStringLiteral(" M");
        else if (magnitude >= 1e4)
            label = QString::number(value / 1e3, 'g', 4) + QStringLiteral(" k");
        else
            label = QString::number(std::abs(value) < step / 1e6 ? 0.0 : value, 'g', 6);
        ticks.append({value, label});
    }
    return ticks;
}

} // namespace tailscope::widgets
