// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/timetext.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <QDateTime>
#include <QTimeZone>

namespace tailscope::import {

namespace {

constexpr std::int64_t kDaySeconds = 86400;
/// Rows may be this much out of order without being taken for a clock change.
constexpr Nanos kJitter = 60 * kNanosPerSecond;
constexpr Nanos kSmallLimit = 366 * kDaySeconds * kNanosPerSecond;

std::int64_t scaleOf(EpochUnit unit)
{
    switch (unit) {
    case EpochUnit::Seconds:
        return kNanosPerSecond;
    case EpochUnit::Millis:
        return kNanosPerMilli;
    case EpochUnit::Micros:
        return kNanosPerMicro;
    case EpochUnit::Nanos:
        return 1;
    }
    return 1;
}

std::string offsetText(int seconds)
{
    const int magnitude = std::abs(seconds);
    const auto twoDigits = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    std::string text
        = (seconds < 0 ? "-" : "+") + twoDigits(magnitude / 3600) + ':' + twoDigits(magnitude / 60 % 60);
    if (magnitude % 60 != 0)
        text += ':' + twoDigits(magnitude % 60);
    return text;
}

std::int64_t floorSeconds(Nanos ns) { return ns / kNanosPerSecond - (ns % kNanosPerSecond < 0 ? 1 : 0); }

} // namespace

std::optional<EpochUnit> epochUnitOf(std::string_view number)
{
    const std::optional<double> value = parseDouble(number);
    if (!value)
        return std::nullopt;
    const double magnitude = std::fabs(*value);
    if (magnitude < 1e11)
        return EpochUnit::Seconds;
    if (magnitude < 1e14)
        return EpochUnit::Millis;
    return magnitude < 1e17 ? EpochUnit::Micros : EpochUnit::Nanos;
}

std::string_view toText(EpochUnit unit)
{
    switch (unit) {
    case EpochUnit::Seconds:
        return "seconds";
    case EpochUnit::Millis:
        return "milliseconds";
    case EpochUnit::Micros:
        return "microseconds";
    case EpochUnit::Nanos:
        return "nanoseconds";
    }
    return "seconds";
}

/// An IANA zone with the stretches of constant offset that were asked for last; looking one up costs
/// microseconds.
ReadOptions readOptionsOf(std::string_view timezone)
{
    ReadOptions options;
    if (timezone.empty() || timezone == "UTC" || timezone.ends_with(')'))
        return options;
    options.timezoneGiven = true;
    if (timezone.front() != '+' && timezone.front() != '-') {
        options.timezoneName = timezone;
        return options;
    }
    // As offsetText() writes it: sign, hours, minutes and sometimes seconds of two digits each.
    int seconds = 0;
    int unit = 3600;
    for (const std::string_view part : split(timezone.substr(1), ':')) {
        const std::optional<std::int64_t> value = parseScaledDecimal(part, 1);
        if (!value || *value < 0 || *value > 99 || unit == 0)
            return ReadOptions();
        seconds += static_cast<int>(*value) * unit;
        unit /= 60;
    }
    options.timezoneOffsetSeconds = timezone.front() == '-' ? -seconds : seconds;
    return options;
}

struct LocalClock::Zone
{
    struct Stretch
    {
        std::int64_t from = 1, to = 0; ///< UTC seconds [from, to)
        int offset = 0;
    };

    explicit Zone(const std::string &name)
        : zone(QByteArray::fromStdString(name))
    {}

    const Stretch &at(std::int64_t utc)
    {
        for (const Stretch &stretch : cache) {
            if (utc >= stretch.from && utc < stretch.to)
                return stretch;
        }
        Stretch &stretch = cache[oldest];
        oldest = (oldest + 1) % cache.size();
        const QDateTime time = QDateTime::fromSecsSinceEpoch(utc, Qt::UTC);
        stretch.offset = zone.offsetFromUtc(time);
        const QTimeZone::OffsetData next = zone.nextTransition(time);
        const QTimeZone::OffsetData previous = zone.previousTransition(time.addSecs(1));
        stretch.from = previous.atUtc.isValid() ? previous.atUtc.toSecsSinceEpoch()
                                                : std::numeric_limits<std::int64_t>::min();
        stretch.to
            = next.atUtc.isValid() ? next.atUtc.toSecsSinceEpoch() : std::numeric_limits<std::int64_t>::max();
        if (utc < stretch.from || utc >= stretch.to) { // a zone with odd data: good for this second only
            stretch.from = utc;
            stretch.to = utc + 1;
        }
        return stretch;
    }

    QTimeZone zone;
    std::array<Stretch, 3> cache;
    std::size_t oldest = 0;
};

LocalClock::LocalClock(const ReadOptions &options)
    : m_options(options)
{
    if (options.timezoneGiven && !options.timezoneName.empty())
        m_zone = std::make_unique<Zone>(options.timezoneName);
}

LocalClock::~LocalClock() = default;

Result<void> LocalClock::check(const std::string &subject) const
{
    if (!m_zone || m_zone->zone.isValid())
        return {};
    return fail(ErrorCode::Usage, subject, "unknown time zone \"" + m_options.timezoneName + '"',
        "Give an IANA name such as Europe/Paris, or an offset such as +02:00.");
}

std::string LocalClock::name() const
{
    if (!m_options.timezoneGiven)
        return "UTC (assumed)";
    if (m_zone)
        return m_options.timezoneName;
    return m_options.timezoneOffsetSeconds == 0 ? "UTC" : offsetText(m_options.timezoneOffsetSeconds);
}

LocalClock::Moment LocalClock::toUtc(Nanos localNs)
{
    Moment moment;
    const auto result = [&](int offset, Reading reading) {
        moment.offsetSeconds = offset;
        moment.reading = reading;
        moment.ns = saturatingSub(localNs, offset * kNanosPerSecond);
        m_previous = moment.ns;
        return moment;
    };
    if (!m_zone)
        return result(m_options.timezoneGiven ? m_options.timezoneOffsetSeconds : 0, Reading::Exact);

    const std::int64_t local = floorSeconds(localNs);
    const Zone::Stretch before = m_zone->at(local - kDaySeconds);
    // No offset is larger than a day: far from both ends of the stretch there is one reading.
    if (local + kDaySeconds < before.to)
        return result(before.offset, Reading::Exact);
    const Zone::Stretch after = m_zone->at(local + kDaySeconds);
    const bool beforeHolds = local - before.offset < before.to;
    const bool afterHolds = local - after.offset >= after.from;
    if (before.offset == after.offset || (beforeHolds && !afterHolds))
        return result(before.offset, Reading::Exact);
    if (afterHolds && !beforeHolds)
        return result(after.offset, Reading::Exact);
    if (!beforeHolds) {
        moment = result(after.offset, Reading::Never);
        moment.ns = m_previous = after.from * kNanosPerSecond;
        return moment;
    }
    const Nanos first = saturatingSub(localNs, before.offset * kNanosPerSecond);
    const Nanos second = saturatingSub(localNs, after.offset * kNanosPerSecond);
    bool takeFirst = m_previous == kUnknownNanos || first >= saturatingSub(m_previous, kJitter);
    if (!takeFirst && second < saturatingSub(m_previous, kJitter)) // the rows are not in order of time
        takeFirst = saturatingSub(m_previous, first) < saturatingSub(m_previous, second);
    return result(takeFirst ? before.offset : after.offset, Reading::Twice);
}

TimeText::TimeText(const ReadOptions &options)
    : m_clock(options)
    , m_assumed(!options.timezoneGiven)
{}

std::optional<TimeText::Time> TimeText::parse(std::string_view text, std::uint64_t offset,
    ImportReport &report)
{
    text = trimmed(text);
    if (const std::optional<ParsedTime> parsed = parseTimestamp(text)) {
        m_sawAbsolute = true;
        if (parsed->hasZone)
            return Time{parsed->ns, parsed->offsetSeconds};
        if (!m_sawLocal && m_assumed)
            report.note(IssueSeverity::Notice, "timezone-assumed", offset,
                "the times name no zone: UTC was assumed; give the zone of the file if it is another");
        m_sawLocal = true;
        const LocalClock::Moment moment = m_clock.toUtc(parsed->ns);
        if (moment.reading == LocalClock::Reading::Twice) {
            report.note(IssueSeverity::Notice, "time-occurs-twice", offset,
                "the clock was set back here: rows were kept in file order (" + std::string(text) + ")");
        } else if (moment.reading == LocalClock::Reading::Never) {
            report.note(IssueSeverity::Notice, "time-leapt-over", offset,
                "the clock was set forward over this time: the moment of the change was taken ("
                    + std::string(text) + ")");
        }
        return Time{moment.ns, moment.offsetSeconds};
    }
    const std::optional<EpochUnit> unit = m_unit ? m_unit : epochUnitOf(text);
    if (!unit)
        return std::nullopt;
    const std::optional<std::int64_t> ns = parseScaledDecimal(text, scaleOf(*unit));
    if (!ns || *ns == kUnknownNanos)
        return std::nullopt;
    (*ns >= 0 && *ns < kSmallLimit ? m_sawSmall : m_sawAbsolute) = true;
    return Time{*ns, 0};
}

std::string TimeText::timezone() const { return m_sawLocal ? m_clock.name() : "UTC"; }

ClockKind TimeText::clock() const
{
    return m_sawSmall && !m_sawAbsolute ? ClockKind::Relative : ClockKind::Utc;
}

} // namespace tailscope::import
