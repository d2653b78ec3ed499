// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/plotscale.h"

#include "base/text.h"
#include "session/sessioncontext.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::widgets {

namespace {

// A quantile nearer to 1 than this is drawn at the end of the axis.
constexpr double kSmallestTail = 1e-12;
// The smallest value a logarithmic axis shows: half a nanosecond, so that 0 ns and 1 ns differ.
constexpr double kSmallestLog = 0.5;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

Nanos toNanos(double value)
{
    if (!std::isfinite(value))
        return kUnknownNanos;
    return Nanos(std::llround(std::clamp(value, -9.2e18, 9.2e18)));
}

QString percentileName(double q)
{
    // "P99.9": as many digits as tell it from 100 %.
    QString digits = QString::number(q * 100, 'f', 10);
    while (digits.endsWith(QLatin1Char('0')))
        digits.chop(1);
    if (digits.endsWith(QLatin1Char('.')))
        digits.chop(1);
    return QStringLiteral("P") + digits;
}

} // namespace

QVector<ValueTick> spreadDurationTicks(double lowNs, double highNs, int maxTicks, bool logarithmic)
{
    QVector<ValueTick> ticks = durationTicks(lowNs, highNs, maxTicks, logarithmic);
    if (logarithmic && ticks.size() < 2) {
        const QVector<ValueTick> linear = durationTicks(lowNs, highNs, std::min(maxTicks, 4), false);
        if (linear.size() > ticks.size())
            ticks = linear;
    }
    // Steps finer than six digits would print the same label twice.
    for (qsizetype i = ticks.size() - 1; i > 0; --i) {
        if (ticks[i].label == ticks[i - 1].label)
            ticks.removeAt(i);
    }
    return ticks;
}

PlotScale::PlotScale(const PlotAxis &axis, const session::SessionContext *context)
    : m_axis(axis)
    , m_contextObject(context)
    , m_context(context)
{}

double PlotScale::toPlot(double value) const
{
    if (m_axis.unit == PlotUnit::Quantile)
        return -std::log10(std::max(kSmallestTail, 1.0 - value));
    if (m_axis.logarithmic)
        return std::log10(std::max(kSmallestLog, value));
    return value;
}

double PlotScale::fromPlot(double place) const
{
    if (m_axis.unit == PlotUnit::Quantile)
        return 1.0 - std::pow(10.0, -place);
    return m_axis.logarithmic ? std::pow(10.0, place) : place;
}

void PlotScale::fit(double low, double high)
{
    const bool known = std::isfinite(low) && std::isfinite(high);
    if (!known) {
        low = m_axis.logarithmic ? 1 : 0;
        high = m_axis.logarithmic ? 10 : 1;
    }
    if (m_axis.logarithmic) {
        low = std::max(low, kSmallestLog);
        high = std::max(high, low);
        // At least a factor of two, so that equal values lie in the middle and ticks exist.
        const double pad = std::max(1.1, std::sqrt(2.0 / std::min(2.0, high / low)));
        low /= pad;
        high *= pad;
    } else if (m_axis.unit == PlotUnit::Time || m_axis.unit == PlotUnit::Quantile) {
        if (high <= low)
            high = m_axis.unit == PlotUnit::Quantile ? std::min(1.0, low + 0.1) : low + 1;
    } else {
        low = std::min(low, 0.0);
        high = high <= low ? low + 1 : high + (high - low) * 0.08;
    }
    m_low = m_axis.low.value_or(low);
    m_high = m_axis.high.value_or(high);
    if (!(m_high > m_low))
        m_high = m_low + 1;
}

QVector<ValueTick> PlotScale::ticks(int pixels, const QFontMetrics &metrics, bool horizontal) const
{
    if (pixels < 20)
        return {};
    if (m_axis.unit == PlotUnit::Time)
        return timeTicks(pixels, metrics);
    if (m_axis.unit == PlotUnit::Quantile)
        return quantileTicks(pixels, metrics);
    const int room
        = horizontal ? metrics.horizontalAdvance(QStringLiteral("000.00 ms")) + 16 : metrics.height() * 2;
    const int count = std::max(2, pixels / std::max(1, room));
    switch (m_axis.unit) {
    case PlotUnit::Duration:
        return spreadDurationTicks(m_low, m_high, count, m_axis.logarithmic);
    case PlotUnit::Share:
        return scaledTicks(0.01, QStringLiteral(" %"), count);
    case PlotUnit::Ratio:
        return scaledTicks(1, QStringLiteral(" ×"), count);
    case PlotUnit::Bytes: {
        constexpr std::array<const char *, 6> names{" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
        std::size_t power = 0;
        double unit = 1;
        while (power + 1 < names.size() && m_high / unit >= 1024) {
            unit *= 1024;
            ++power;
        }
        return scaledTicks(unit, QString::fromLatin1(names[power]), count);
    }
    default:
        return countTicks(m_low, m_high, count);
    }
}

QVector<ValueTick> PlotScale::scaledTicks(double unit, const QString &suffix, int count) const
{
    QVector<ValueTick> ticks = countTicks(m_low / unit, m_high / unit, count);
    for (ValueTick &tick : ticks) {
        tick.value *= unit;
        tick.label += suffix;
    }
    return ticks;
}

QVector<ValueTick> PlotScale::timeTicks(int pixels, const QFontMetrics &metrics) const
{
    const TimeRange range{saturatingAdd(m_axis.origin, toNanos(m_low)),
        saturatingAdd(m_axis.origin, toNanos(m_high))};
    const TimeScale scale(range, 0, pixels);
    const bool absolute = m_contextObject && m_context->isAbsoluteTime();
    const bool local = m_contextObject && m_context->isLocalTime();
    const Nanos origin = m_contextObject ? m_context->fullRange().begin : m_axis.origin;
    double room = metrics.horizontalAdvance(QStringLiteral("00:00:00")) + 24;
    QVector<ValueTick> ticks;
    // The labels decide how far apart the ticks must be, and the ticks decide the labels.
    for (int attempt = 0; attempt < 4; ++attempt) {
        ticks.clear();
        int widest = 0;
        const auto found = scale.ticks(room, absolute, local, origin);
        for (const TimeScale::Tick &tick : found) {
            ticks.append({double(saturatingSub(tick.t, m_axis.origin)), tick.label});
            widest = std::max(widest, metrics.horizontalAdvance(tick.label));
        }
        if (widest + 16 <= room)
            break;
        room = widest + 24;
    }
    return ticks;
}

QVector<ValueTick> PlotScale::quantileTicks(int pixels, const QFontMetrics &metrics) const
{
    const double low = toPlot(m_low), high = toPlot(m_high);
    const double pixelsPerUnit = pixels / std::max(1e-9, high - low);
    // The nines first: what lies between them is shown where there is room.
    QVector<double> candidates;
    for (int nines = 0; nines <= 11; ++nines)
        candidates << (nines == 0 ? 0.0 : 1.0 - std::pow(10.0, -nines));
    for (const double q : {0.5, 0.75, 0.95, 0.995, 0.9995})
        candidates << q;
    QVector<ValueTick> chosen;
    for (const double q : std::as_const(candidates)) {
        if (q < m_low - 1e-12 || toPlot(q) > high + 1e-9)
            continue;
        const QString label = percentileName(q);
        const double room = metrics.horizontalAdvance(label) + 12;
        const double x = toPlot(q) * pixelsPerUnit;
        const bool crowded = std::any_of(chosen.cbegin(), chosen.cend(), [&](const ValueTick &other) {
            return std::abs(toPlot(other.value) * pixelsPerUnit - x)
                < (room + metrics.horizontalAdvance(other.label) + 12) / 2;
        });
        if (!crowded)
            chosen.append({q, label});
    }
    std::sort(chosen.begin(), chosen.end(),
        [](const ValueTick &a, const ValueTick &b) { return a.value < b.value; });
    return chosen;
}

QString PlotScale::text(double value) const
{
    if (!std::isfinite(value))
        return QStringLiteral("unknown");
    switch (m_axis.unit) {
    case PlotUnit::Time:
    case PlotUnit::Quantile:
        return exactText(value);
    case PlotUnit::Duration:
        return fromUtf8(humanDuration(toNanos(value)));
    case PlotUnit::Bytes:
        return fromUtf8(humanBytes(std::uint64_t(std::clamp(value, 0.0, 1.8e19))));
    case PlotUnit::Share:
        return QStringLiteral("%1 %").arg(QString::number(value * 100, 'g', 3));
    case PlotUnit::Ratio:
        return QStringLiteral("%1 ×").arg(QString::number(value, 'g', 3));
    case PlotUnit::Count:
        break;
    }
    return QString::number(value, 'g', 4);
}

QString PlotScale::exactText(double value) const
{
    if (!std::isfinite(value))
        return QStringLiteral("unknown");
    switch (m_axis.unit) {
    case PlotUnit::Time: {
        const Nanos t = saturatingAdd(m_axis.origin, toNanos(value));
        return m_contextObject ? m_context->timeText(t) : fromUtf8(exactDuration(toNanos(value)));
    }
    case PlotUnit::Duration:
        return fromUtf8(exactDuration(toNanos(value)));
    case PlotUnit::Bytes:
        return QStringLiteral("%1 (%2 B)").arg(text(value), fromUtf8(groupedCount(toNanos(value))));
    case PlotUnit::Share:
        return QStringLiteral("%1 %").arg(QString::number(value * 100, 'g', 8));
    case PlotUnit::Ratio:
        return QStringLiteral("%1 ×").arg(QString::number(value, 'g', 8));
    case PlotUnit::Quantile:
        return percentileName(value);
    case PlotUnit::Count:
        break;
    }
    return value == std::floor(value) && std::abs(value) < 9e15 ? fromUtf8(groupedCount(std::int64_t(value)))
                                                                : QString::number(value, 'g', 10);
}

} // namespace tailscope::widgets
