// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/importarguments.h"

#include "base/text.h"

#include <QDateTime>
#include <QRegularExpression>
#include <QTimeZone>

namespace tailscope::app {

std::optional<import::ReadOptions> parseTimezone(const QString &text)
{
    import::ReadOptions options;
    options.timezoneGiven = true;
    const QString zone = text.trimmed();
    if (zone.compare(QLatin1String("utc"), Qt::CaseInsensitive) == 0 || zone == QLatin1String("Z"))
        return options;
    static const QRegularExpression offset(QStringLiteral("^([+-])(\\d{1,2}):?(\\d{2})?$"));
    if (const auto match = offset.match(zone); match.hasMatch()) {
        const int hours = match.captured(2).toInt();
        const int minutes = match.captured(3).toInt();
        if (hours > 14 || minutes > 59)
            return std::nullopt;
        options.timezoneOffsetSeconds
            = (hours * 3600 + minutes * 60) * (match.captured(1) == QLatin1String("-") ? -1 : 1);
        return options;
    }
    if (!QTimeZone(zone.toUtf8()).isValid())
        return std::nullopt;
    options.timezoneName = zone.toStdString();
    return options;
}

std::optional<Nanos> parseDuration(const QString &text)
{
    struct Unit
    {
        const char *name;
        Nanos size;
    };
    // Longest names first: "ms" before "m" and "s".
    constexpr Unit units[] = {{"ns", 1}, {"us", kNanosPerMicro}, {"ms", kNanosPerMilli},
        {"h", 3600 * kNanosPerSecond}, {"m", 60 * kNanosPerSecond}, {"s", kNanosPerSecond}};
    const std::string value = text.trimmed().toStdString();
    for (const Unit &unit : units) {
        const std::string_view name(unit.name);
        if (value.size() > name.size() && value.ends_with(name)) {
            // Scaled through seconds of a power of ten where the unit is one; hours and minutes by
            // multiplication.
            const std::string_view number
                = trimmed(std::string_view(value).substr(0, value.size() - name.size()));
            if (unit.size % 60 == 0 && unit.size > kNanosPerSecond) {
                const auto seconds = parseScaledDecimal(number, kNanosPerSecond);
                Nanos result = 0;
                if (!seconds || __builtin_mul_overflow(*seconds, unit.size / kNanosPerSecond, &result))
                    return std::nullopt;
                return result;
            }
            return parseScaledDecimal(number, unit.size);
        }
    }
    return std::nullopt;
}

std::optional<TimeRange> parseTimeRange(const QString &text)
{
    const QStringList ends = text.split(QStringLiteral(".."));
    if (ends.size() != 2)
        return std::nullopt;
    Nanos times[2];
    for (int i = 0; i < 2; ++i) {
        bool ok = false;
        times[i] = ends.at(i).toLongLong(&ok);
        if (ok)
            continue;
        const auto parsed = parseTimestamp(ends.at(i).toStdString());
        if (!parsed)
            return std::nullopt;
        times[i] = parsed->ns;
    }
    const TimeRange range{times[0], times[1]};
    return range.isEmpty() ? std::nullopt : std::optional(range);
}

} // namespace tailscope::app
