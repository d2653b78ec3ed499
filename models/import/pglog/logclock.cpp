// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logclock.h"

#include <array>

namespace tailscope::import::pglog {

namespace {

struct Abbreviation
{
    std::string_view name;
    int minutes;
    bool shared = false; ///< several zones have it
};

// Those that name one offset over the whole world or nearly so; as PostgreSQL's default set where it decides.
constexpr auto kAbbreviations = std::to_array<Abbreviation>({
    {"UTC", 0},
    {"GMT", 0},
    {"Z", 0},
    {"UCT", 0},
    {"WET", 0},
    {"WEST", 60},
    {"BST", 60, true},
    {"CET", 60},
    {"MET", 60},
    {"CEST", 120},
    {"MEST", 120},
    {"EET", 120},
    {"SAST", 120},
    {"CAT", 120},
    {"EEST", 180},
    {"MSK", 180},
    {"EAT", 180},
    {"IST", 330, true},
    {"PKT", 300},
    {"WIB", 420},
    {"HKT", 480},
    {"SGT", 480},
    {"AWST", 480},
    {"CST", -360, true},
    {"JST", 540},
    {"KST", 540},
    {"AEST", 600},
    {"AEDT", 660},
    {"NZST", 720},
    {"NZDT", 780},
    {"EST", -300, true},
    {"EDT", -240},
    {"CDT", -300, true},
    {"MST", -420, true},
    {"MDT", -360},
    {"PST", -480, true},
    {"PDT", -420},
    {"AKST", -540},
    {"AKDT", -480},
    {"HST", -600},
    {"NST", -210},
    {"NDT", -150},
    {"BRT", -180},
    {"ART", -180},
});

const Abbreviation *abbreviation(std::string_view name)
{
    for (const Abbreviation &known : kAbbreviations) {
        if (known.name == name)
            return &known;
    }
    return nullptr;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Two digits at a place that holds digits.
int twoDigits(std::string_view text, std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

bool hasShape(std::string_view text, std::string_view shape)
{
    if (text.size() < shape.size())
        return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool fits = shape[i] == '0' ? isDigit(text[i])
            : shape[i] == 'T'             ? text[i] == 'T' || text[i] == ' '
                                          : text[i] == shape[i];
        if (!fits)
            return false;
    }
    return true;
}

std::int64_t daysOf(int year, int month, int day)
{
    // Howard Hinnant's days_from_civil.
    year -= month <= 2 ? 1 : 0;
    const int era = year / 400;
    const int yearOfEra = year - era * 400;
    const int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return std::int64_t(era) * 146097 + dayOfEra - 719468;
}

/// Length of the zone at the start of a text, with the blank before it.
std::size_t zoneLength(std::string_view text)
{
    const std::size_t blank = text.starts_with(' ') ? 1 : 0;
    const std::string_view zone = text.substr(blank);
    if (zone.empty())
        return 0;
    if (zone[0] == '+' || zone[0] == '-') {
        std::size_t n = 1;
        while (n < zone.size() && n < 9 && (isDigit(zone[n]) || (zone[n] == ':' && n == 3)))
            ++n;
        // "-" alone, or a hyphen before a session id.
        const bool shape = n == 3 || n == 5 || (n == 6 && zone[3] == ':');
        const bool ends = n >= zone.size() || !((zone[n] >= 'a' && zone[n] <= 'z') || isDigit(zone[n]));
        return shape && ends ? blank + n : 0;
    }
    std::size_t n = 0;
    while (n < zone.size() && zone[n] >= 'A' && zone[n] <= 'Z')
        ++n;
    if (n == 0 || n > 5 || zone.substr(n).starts_with(":  "))
        return 0;
    const bool ends
        = n >= zone.size() || !((zone[n] >= 'a' && zone[n] <= 'z') || isDigit(zone[n]) || zone[n] == '_');
    return ends && (blank > 0 || zone[0] == 'Z') ? blank + n : 0;
}

} // namespace

std::optional<int> zoneOffset(std::string_view zone)
{
    if (zone == "Z" || zone == "UTC" || zone == "GMT")
        return 0;
    if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-'))
        return std::nullopt;
    int minutes = twoDigits(zone, 1) * 60;
    if (zone.size() == 5)
        minutes += twoDigits(zone, 3);
    else if (zone.size() == 6)
        minutes += twoDigits(zone, 4);
    return (zone[0] == '-' ? -60 : 60) * minutes;
}

std::optional<WallTime> scanWallTime(std::string_view text)
{
    if (!hasShape(text, "0000-00-00T00:00:00"))
        return std::nullopt;
    const int year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
    const int month = twoDigits(text, 5), day = twoDigits(text, 8), hour = twoDigits(text, 11),
              minute = twoDigits(text, 14), second = twoDigits(text, 17);
    constexpr std::array<int, 13> kDays{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > kDays[static_cast<std::size_t>(month)] || hour > 23
        || minute > 59 || second > 60 || year < 1970 || year > 2261)
        return std::nullopt;
    WallTime time;
    time.length = 19;
    time.localNs = (daysOf(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * kNanosPerSecond;
    if (text.size() > 20 && (text[19] == '.' || text[19] == ',') && isDigit(text[20])) {
        std::int64_t scale = kNanosPerSecond;
        std::size_t i = 20;
        for (; i < text.size() && isDigit(text[i]) && i < 29; ++i) {
            scale /= 10;
            time.localNs += (text[i] - '0') * scale;
        }
        time.length = i;
        time.hasFraction = true;
    }
    const std::size_t zone = zoneLength(text.substr(time.length));
    time.zone = text.substr(time.length, zone);
    if (time.zone.starts_with(' '))
        time.zone.remove_prefix(1);
    time.length += zone;
    return time;
}

LogClock::LogClock(const ReadOptions &options)
    : m_local(options)
    , m_given(options.timezoneGiven)
{}

std::string LogClock::timezone() const
{
    if (m_sawLocal)
        return m_local.name();
    return m_sawZone ? *m_sawZone + " (as written)" : std::string("UTC");
}

LogClock::Time LogClock::local(Nanos localNs, std::uint64_t offset, ImportReport &report)
{
    if (!m_sawLocal && !m_given)
        report.note(IssueSeverity::Notice, "timezone-assumed", offset,
            "the times name no zone: UTC was assumed; give the zone of the file if it is another");
    m_sawLocal = true;
    const LocalClock::Moment moment = m_local.toUtc(localNs);
    if (moment.reading == LocalClock::Reading::Twice)
        report.note(IssueSeverity::Notice, "time-occurs-twice", offset,
            "the clock was set back here: rows were kept in file order");
    else if (moment.reading == LocalClock::Reading::Never)
        report.note(IssueSeverity::Notice, "time-leapt-over", offset,
            "the clock was set forward over this time: the moment of the change was taken");
    return {moment.ns, moment.offsetSeconds};
}

LogClock::Time LogClock::toUtc(const WallTime &time, std::uint64_t offset, ImportReport &report)
{
    const auto at = [&](int seconds) {
        return Time{saturatingSub(time.localNs, seconds * kNanosPerSecond), seconds};
    };
    if (time.zone.empty())
        return local(time.localNs, offset, report);
    if (const std::optional<int> seconds = zoneOffset(time.zone))
        return at(*seconds);
    const Abbreviation *known = abbreviation(time.zone);
    if (known != nullptr && known->minutes == 0 && !known->shared)
        return at(0);
    if (!m_sawZone)
        m_sawZone = std::string(time.zone);
    if (m_given) {
        m_sawLocal = true;
        const LocalClock::Moment moment = m_local.toUtc(time.localNs);
        // The abbreviation says which of the two readings it is.
        if (moment.reading == LocalClock::Reading::Twice && known != nullptr)
            return at(known->minutes * 60);
        return {moment.ns, moment.offsetSeconds};
    }
    if (known == nullptr)
        return local(time.localNs, offset, report);
    if (known->shared)
        report.note(IssueSeverity::Notice, "zone-abbreviation", offset,
            "several zones are called " + std::string(time.zone)
                + ": the usual one was taken; give the zone of the file if it is another");
    return at(known->minutes * 60);
}

std::optional<LogClock::Time> LogClock::parse(std::string_view text, std::uint64_t offset,
    ImportReport &report)
{
    if (!m_lastText.empty() && text == m_lastText)
        return m_last;
    const std::optional<WallTime> time = scanWallTime(text);
    if (!time || time->length != text.size())
        return std::nullopt;
    m_last = toUtc(*time, offset, report);
    m_lastText = text;
    return m_last;
}

} // namespace tailscope::import::pglog
