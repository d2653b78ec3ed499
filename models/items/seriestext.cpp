// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/seriestext.h"

#include "base/text.h"

#include <cmath>
#include <optional>

namespace tailscope::items {

namespace {

std::optional<double> nanosOf(const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return 1.0;
    if (unit == QLatin1String("us") || unit == QStringLiteral("µs"))
        return 1e3;
    if (unit == QLatin1String("ms") || unit == QLatin1String("milliseconds"))
        return 1e6;
    return unit == QLatin1String("s") || unit == QLatin1String("seconds") ? std::optional(1e9) : std::nullopt;
}

bool isBytes(const QString &unit)
{
    return unit == QLatin1String("bytes") || unit == QLatin1String("By") || unit == QLatin1String("B");
}

QString unitText(const QString &unit, bool perSecond)
{
    QString text = unit == QLatin1String("1") ? QString() : unit;
    if (perSecond)
        text += QStringLiteral("/s");
    return text.isEmpty() ? text : QLatin1Char(' ') + text;
}

} // namespace

QString seriesValue(double value, const QString &unit, bool perSecond)
{
    if (!std::isfinite(value))
        return QStringLiteral("—");
    const QString tail = perSecond ? QStringLiteral("/s") : QString();
    if (const auto nanos = nanosOf(unit); nanos && std::abs(value * *nanos) < 9e18)
        return QString::fromStdString(humanDuration(std::int64_t(std::llround(value * *nanos)))) + tail;
    if (isBytes(unit) && std::abs(value) < 1.8e19) {
        const QString text = QString::fromStdString(humanBytes(std::uint64_t(std::abs(value))));
        return (value < 0 ? QStringLiteral("-") : QString()) + text + tail;
    }
    const bool isWhole = value == std::floor(value) && std::abs(value) < 1e15;
    const QString number = isWhole ? QString::fromStdString(groupedCount(std::int64_t(value)))
        : std::abs(value) >= 1000 && std::abs(value) < 1e15
        ? QString::fromStdString(groupedCount(std::int64_t(std::llround(value))))
        : QString::number(value, 'g', 3);
    return number + unitText(unit, perSecond);
}

QString exactSeriesValue(double value, const QString &unit, bool perSecond)
{
    return std::isfinite(value) ? QString::number(value, 'g', 15) + unitText(unit, perSecond)
                                : QStringLiteral("—");
}

std::pair<double, double> seriesAxisEnds(double low, double high)
{
    if (!std::isfinite(low) || !std::isfinite(high) || high < low)
        return {0, 1};
    const bool isZeroBased = low >= 0 && (high == low || (high - low) > 0.2 * high);
    double begin = isZeroBased ? 0 : low;
    double end = high;
    if (high <= 0 && low < 0 && (high - low) > -0.2 * low)
        end = 0;
    if (end <= begin)
        end = begin + (begin == 0 ? 1 : std::abs(begin) * 0.1);
    return {begin, end};
}

} // namespace tailscope::items
