// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and times: decimal parsing without floating point, time stamps, and figures for people.
#include "base/text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace tailscope {

namespace {

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// A decimal number as its digits: value = mantissa x 10^exponent, plus what was cut off.
struct Decimal
{
    bool negative = false;
    std::string_view integerPart, fraction; ///< digits only
    std::int64_t exponent = 0;
};

/// Exponents beyond this cannot matter: digits are bounded by the text's own length.
constexpr std::int64_t kExponentLimit = 1'000'000'000;

std::string_view takeDigits(std::string_view &text)
{
    std::size_t n = 0;
    while (n < text.size() && isDigit(text[n]))
        ++n;
    const std::string_view digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

std::optional<Decimal> splitDecimal(std::string_view text)
{
    Decimal decimal;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        decimal.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    decimal.integerPart = takeDigits(text);
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        decimal.fraction = takeDigits(text);
    }
    if (decimal.integerPart.empty() && decimal.fraction.empty())
        return std::nullopt;
    if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
        text.remove_prefix(1);
        bool negative = false;
        if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
            negative = text.front() == '-';
            text.remove_prefix(1);
        }
        const std::string_view digits = takeDigits(text);
        if (digits.empty())
            return std::nullopt;
        for (const char c : digits) {
            if (decimal.exponent < kExponentLimit)
                decimal.exponent = decimal.exponent * 10 + (c - '0');
        }
        if (negative)
            decimal.exponent = -decimal.exponent;
    }
    if (!text.empty())
        return std::nullopt;
    return decimal;
}

/// Power of ten of the first digit that is not 0.
std::int64_t leadingPower(const Decimal &decimal)
{
    const std::size_t head = decimal.integerPart.find_first_not_of('0');
    if (head != std::string_view::npos)
        return static_cast<std::int64_t>(decimal.integerPart.size() - head) - 1 + decimal.exponent;
    const std::size_t tail = decimal.fraction.find_first_not_of('0');
    return tail == std::string_view::npos ? decimal.exponent
                                          : decimal.exponent - static_cast<std::int64_t>(tail) - 1;
}

int powerOfTen(std::int64_t scale)
{
    int power = 0;
    while (scale >= 10) {
        scale /= 10;
        ++power;
    }
    return power;
}

std::optional<std::int64_t> signedValue(std::uint64_t magnitude, bool negative)
{
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (magnitude > kMax + (negative ? 1 : 0))
        return std::nullopt;
    return negative ? static_cast<std::int64_t>(0 - magnitude) : static_cast<std::int64_t>(magnitude);
}

/// The general case: the first `wanted` digits of the number (zero-padded), rounded by the one after them.
std::optional<std::int64_t> scaledSlow(const Decimal &decimal, int power)
{
    std::string_view head = decimal.integerPart, tail = decimal.fraction;
    auto point = static_cast<std::int64_t>(head.size()); // digits before the decimal point
    const auto total = static_cast<std::int64_t>(head.size() + tail.size());
    const auto digitAt = [&](std::int64_t i) -> unsigned {
        if (i >= total)
            return 0;
        const auto at = static_cast<std::size_t>(i);
        return static_cast<unsigned>((at < head.size() ? head[at] : tail[at - head.size()]) - '0');
    };
    std::int64_t first = 0;
    while (first < total && digitAt(first) == 0)
        ++first;
    if (first == total)
        return 0;
    point += decimal.exponent + power;
    const std::int64_t wanted = point - first;
    if (wanted > 19)
        return std::nullopt;
    if (wanted < 0)
        return 0;
    std::uint64_t magnitude = 0; // 19 digits fit in 64 bits
    for (std::int64_t i = first; i < point; ++i)
        magnitude = magnitude * 10 + digitAt(i);
    if (digitAt(point) >= 5)
        ++magnitude;
    return signedValue(magnitude, decimal.negative);
}

struct Unit
{
    std::int64_t nanos;
    const char *name;
    int decimals; ///< digits after the point in exact form
};
constexpr Unit kUnits[] = {
    {1, "ns", 0},
    {kNanosPerMicro, "\xC2\xB5s", 3},
    {kNanosPerMilli, "ms", 6},
    {kNanosPerSecond, "s", 9},
};
/// From here minutes, hours and days read better than more digits of seconds.
constexpr double kLongSeconds = 120;

std::string padded(std::int64_t value, std::size_t width)
{
    std::string digits = std::to_string(value);
    if (digits.size() < width)
        digits.insert(0, width - digits.size(), '0');
    return digits;
}

std::string withoutTrailingZeros(std::string text)
{
    if (text.find('.') == std::string::npos)
        return text;
    while (text.back() == '0')
        text.pop_back();
    if (text.back() == '.')
        text.pop_back();
    return text;
}

/// printf() would follow the locale's decimal comma; to_chars() never does.
std::string formatted(double value, std::chars_format format, int precision)
{
    std::array<char, 340> buffer{};
    const auto [end, error]
        = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
    return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

/// Three significant digits; integers above 999 keep their digits.
std::string threeDigits(double value)
{
    const double magnitude = std::fabs(value);
    const int decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    std::string text = withoutTrailingZeros(formatted(value, std::chars_format::fixed, decimals));
    return text == "-0" ? "0" : text;
}

std::string humanNanos(double ns)
{
    const double magnitude = std::fabs(ns);
    const double seconds = magnitude / 1e9;
    const char *sign = ns < 0 ? "-" : "";
    if (seconds >= kLongSeconds) {
        if (seconds < 120 * 60.0)
            return sign + threeDigits(seconds / 60) + " min";
        if (seconds < 48 * 3600.0)
            return sign + threeDigits(seconds / 3600) + " h";
        return sign + threeDigits(seconds / 86400) + " d";
    }
    for (const Unit &unit : kUnits) {
        const double value = magnitude / static_cast<double>(unit.nanos);
        // 999.96 us would print as "1000 us": it belongs to the next unit.
        if (value < 999.5 || unit.nanos == kNanosPerSecond) {
            if (unit.nanos == 1 && value > 0 && value < 1)
                return sign + formatted(value, std::chars_format::general, 3) + " ns";
            return sign + threeDigits(value) + ' ' + unit.name;
        }
    }
    return {};
}

/// Reads exactly `count` digits.
bool takeNumber(std::string_view &text, std::size_t count, int &value)
{
    if (text.size() < count)
        return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!isDigit(text[i]))
            return false;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool takeChar(std::string_view &text, char c)
{
    if (text.empty() || text.front() != c)
        return false;
    text.remove_prefix(1);
    return true;
}

/// "Z", "UTC", "GMT", "+hh", "+hhmm", "+hh:mm" at the end of a time stamp; false on junk.
bool takeZone(std::string_view text, ParsedTime &time)
{
    if (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    if (text.empty())
        return false;
    time.hasZone = true;
    time.offsetSeconds = 0;
    if (text == "Z" || text == "z" || text == "UTC" || text == "GMT")
        return true;
    const bool negative = text.front() == '-';
    if (!negative && text.front() != '+')
        return false;
    text.remove_prefix(1);
    int hours = 0, minutes = 0, seconds = 0;
    if (!takeNumber(text, 2, hours))
        return false;
    if (!text.empty()) {
        takeChar(text, ':');
        if (!takeNumber(text, 2, minutes))
            return false;
    }
    if (!text.empty() && (!takeChar(text, ':') || !takeNumber(text, 2, seconds)))
        return false;
    if (!text.empty() || hours > 23 || minutes > 59 || seconds > 59)
        return false;
    time.offsetSeconds = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

/// ".123456789" or ",5": nanoseconds; digits past the ninth are dropped.
bool takeFraction(std::string_view &text, std::int64_t &nanos)
{
    nanos = 0;
    if (text.empty() || (text.front() != '.' && text.front() != ','))
        return true;
    text.remove_prefix(1);
    const std::string_view digits = takeDigits(text);
    if (digits.empty())
        return false;
    for (std::size_t i = 0; i < 9; ++i)
        nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    return true;
}

} // namespace

std::optional<double> parseDouble(std::string_view text)
{
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument || end != text.data() + text.size())
        return std::nullopt;
    if (error == std::errc::result_out_of_range) {
        // from_chars() does not tell underflow, which is 0, from overflow.
        const std::optional<Decimal> decimal = splitDecimal(text);
        if (!decimal || leadingPower(*decimal) > 0)
            return std::nullopt;
        return decimal->negative ? -0.0 : 0.0;
    }
    return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::optional<std::int64_t> parseScaledDecimal(std::string_view text, std::int64_t scale)
{
    // The usual case, a plain decimal of at most 18 digits in all: one pass and no lookups.
    std::uint64_t mantissa = 0;
    std::size_t i = 0;
    const bool negative = !text.empty() && text.front() == '-';
    if (negative)
        i = 1;
    const std::size_t begin = i;
    while (i < text.size() && isDigit(text[i]) && i < begin + 19)
        mantissa = mantissa * 10 + static_cast<unsigned>(text[i++] - '0');
    std::uint64_t factor = static_cast<std::uint64_t>(scale);
    if (i > begin && i < text.size() && text[i] == '.' && i - begin < 18) {
        ++i;
        while (i < text.size() && isDigit(text[i]) && factor >= 10 && i < begin + 19) {
            mantissa = mantissa * 10 + static_cast<unsigned>(text[i++] - '0');
            factor /= 10;
        }
    }
    std::uint64_t magnitude = 0;
    if (i == text.size() && i > begin && !__builtin_mul_overflow(mantissa, factor, &magnitude))
        return signedValue(magnitude, negative);
    const std::optional<Decimal> decimal = splitDecimal(text);
    if (!decimal)
        return std::nullopt;
    return scaledSlow(*decimal, powerOfTen(scale));
}

std::string humanDuration(Nanos duration)
{
    return duration == kUnknownNanos ? "unknown" : humanNanos(static_cast<double>(duration));
}

std::string humanMillis(double milliseconds)
{
    return std::isfinite(milliseconds) ? humanNanos(milliseconds * 1e6) : "unknown";
}

std::string humanBytes(std::uint64_t bytes)
{
    static constexpr const char *kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 1023.6 KiB would print as "1024 KiB".
    while (value >= 1023.5 && unit + 1 < std::size(kNames)) {
        value /= 1024;
        ++unit;
    }
    return threeDigits(value) + ' ' + kNames[unit];
}

std::string groupedCount(std::int64_t count)
{
    std::string digits = std::to_string(count);
    const std::ptrdiff_t first = count < 0 ? 1 : 0;
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string exactDuration(Nanos duration)
{
    if (duration == kUnknownNanos)
        return "unknown";
    const bool negative = duration < 0;
    const std::uint64_t magnitude
        = negative ? 0 - static_cast<std::uint64_t>(duration) : static_cast<std::uint64_t>(duration);
    const Unit *unit = &kUnits[0];
    for (const Unit &candidate : kUnits) {
        if (magnitude >= static_cast<std::uint64_t>(candidate.nanos))
            unit = &candidate;
    }
    const auto nanos = static_cast<std::uint64_t>(unit->nanos);
    std::string text = groupedCount(static_cast<std::int64_t>(magnitude / nanos));
    if (unit->decimals > 0) {
        text = withoutTrailingZeros(text + '.'
            + padded(static_cast<std::int64_t>(magnitude % nanos), static_cast<std::size_t>(unit->decimals)));
    }
    text = (negative ? "-" : "") + text + ' ' + unit->name;
    if (unit->decimals > 0)
        text += " (" + groupedCount(duration) + " ns)";
    return text;
}

std::string utcTimestamp(Nanos ns)
{
    using namespace std::chrono;
    if (ns == kUnknownNanos)
        return "unknown";
    const sys_time<nanoseconds> time{nanoseconds(ns)};
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    // floor() of the earliest days multiplies past int64: take the remainder without it.
    const std::int64_t dayNanos = std::int64_t{86400} * kNanosPerSecond;
    std::int64_t inDay = ns % dayNanos;
    if (inDay < 0)
        inDay += dayNanos;
    const std::int64_t second = inDay / kNanosPerSecond;
    std::string text = padded(static_cast<int>(date.year()), 4) + '-'
        + padded(static_cast<unsigned>(date.month()), 2) + '-' + padded(static_cast<unsigned>(date.day()), 2)
        + ' ' + padded(second / 3600, 2) + ':' + padded(second / 60 % 60, 2) + ':' + padded(second % 60, 2);
    const std::int64_t fraction = inDay % kNanosPerSecond;
    if (fraction != 0) {
        std::string digits = padded(fraction, 9);
        while (digits.ends_with("000"))
            digits.resize(digits.size() - 3);
        text += '.' + digits;
    }
    return text + 'Z';
}

std::optional<ParsedTime> parseTimestamp(std::string_view text, int defaultOffsetSeconds)
{
    using namespace std::chrono;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (!takeNumber(text, 4, year) || !takeChar(text, '-') || !takeNumber(text, 2, month)
        || !takeChar(text, '-') || !takeNumber(text, 2, day))
        return std::nullopt;
    const year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok() || (!takeChar(text, 'T') && !takeChar(text, 't') && !takeChar(text, ' ')))
        return std::nullopt;
    std::int64_t fraction = 0;
    if (!takeNumber(text, 2, hour) || !takeChar(text, ':') || !takeNumber(text, 2, minute))
        return std::nullopt;
    if (takeChar(text, ':') && (!takeNumber(text, 2, second) || !takeFraction(text, fraction)))
        return std::nullopt;
    // 60 is a leap second: it is counted as the next one, as POSIX time does.
    if (hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    ParsedTime time;
    time.offsetSeconds = defaultOffsetSeconds;
    if (!text.empty() && !takeZone(text, time))
        return std::nullopt;
    const std::int64_t seconds = std::int64_t{sys_days(date).time_since_epoch().count()} * 86400 + hour * 3600
        + minute * 60 + second - time.offsetSeconds;
    if (__builtin_mul_overflow(seconds, kNanosPerSecond, &time.ns)
        || __builtin_add_overflow(time.ns, fraction, &time.ns))
        return std::nullopt;
    return time;
}

} // namespace tailscope
