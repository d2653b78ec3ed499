// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtest/loadnumbers.h"

#include "base/text.h"

#include <array>
#include <cmath>
#include <string>

namespace tailscope::import::loadtest {

namespace {

constexpr std::size_t kMaxNumber = 64;

/// With a point where a comma stands alone; "1,234.5" keeps its comma and is no number then.
std::string withPoint(std::string_view text)
{
    std::string result(text.substr(0, kMaxNumber));
    const std::size_t comma = result.find(',');
    if (comma != std::string::npos && result.find('.') == std::string::npos
        && result.find(',', comma + 1) == std::string::npos)
        result[comma] = '.';
    return result;
}

bool isNumberByte(char c) { return (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-' || c == '+'; }

} // namespace

std::optional<double> number(std::string_view text)
{
    text = trimmed(text);
    if (text.ends_with('%'))
        text = trimmed(text.substr(0, text.size() - 1));
    if (text.empty() || text.size() > kMaxNumber)
        return std::nullopt;
    return parseDouble(withPoint(text));
}

std::optional<std::int64_t> count(std::string_view text)
{
    // Counts are added up: what no run can reach is junk.
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    if (const std::optional<std::int64_t> whole = parseInt64(trimmed(text)))
        return *whole >= -kMost && *whole <= kMost ? whole : std::nullopt;
    const std::optional<double> value = number(text);
    constexpr double kExact = double(kMost);
    if (!value || std::abs(*value) > kExact || *value != std::floor(*value))
        return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

std::optional<double> scaledNumber(std::string_view text)
{
    text = trimmed(text);
    double scale = 1;
    if (!text.empty()) {
        switch (text.back()) {
        case 'k':
        case 'K':
            scale = 1e3;
            break;
        case 'M':
            scale = 1e6;
            break;
        case 'G':
            scale = 1e9;
            break;
        case 'T':
            scale = 1e12;
            break;
        default:
            break;
        }
        if (scale > 1)
            text.remove_suffix(1);
    }
    const std::optional<double> value = number(text);
    return value ? std::optional(*value * scale) : std::nullopt;
}

std::optional<TimeUnit> timeUnit(std::string_view text)
{
    struct Name
    {
        std::string_view text;
        TimeUnit unit;
    };
    static constexpr std::array<Name, 18> kNames{
        {{"ns", TimeUnit::Nanos}, {"us", TimeUnit::Micros}, {"\xC2\xB5s", TimeUnit::Micros},
            {"\xCE\xBCs", TimeUnit::Micros}, {"usec", TimeUnit::Micros}, {"ms", TimeUnit::Millis},
            {"msec", TimeUnit::Millis}, {"s", TimeUnit::Seconds}, {"sec", TimeUnit::Seconds},
            {"secs", TimeUnit::Seconds}, {"second", TimeUnit::Seconds}, {"seconds", TimeUnit::Seconds},
            {"m", TimeUnit::Minutes}, {"min", TimeUnit::Minutes}, {"minutes", TimeUnit::Minutes},
            {"h", TimeUnit::Hours}, {"hr", TimeUnit::Hours}, {"hours", TimeUnit::Hours}}};
    text = trimmed(text);
    for (const Name &name : kNames) {
        if (name.text == text)
            return name.unit;
    }
    return std::nullopt;
}

double millisPer(TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::Nanos:
        return 1e-6;
    case TimeUnit::Micros:
        return 1e-3;
    case TimeUnit::Millis:
        return 1;
    case TimeUnit::Seconds:
        return 1e3;
    case TimeUnit::Minutes:
        return 6e4;
    case TimeUnit::Hours:
        return 3.6e6;
    }
    return 1;
}

std::optional<double> millis(std::string_view text)
{
    text = trimmed(text);
    if (text.empty())
        return std::nullopt;
    double sum = 0;
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && isNumberByte(text[digits]))
            ++digits;
        std::size_t end = digits;
        while (end < text.size() && !isNumberByte(text[end]))
            ++end;
        const std::optional<double> value = number(text.substr(0, digits));
        if (!value)
            return std::nullopt;
        const std::optional<TimeUnit> unit = timeUnit(text.substr(digits, end - digits));
        if (!unit && (*value != 0 || end != text.size() || end != digits))
            return std::nullopt;
        sum += unit ? *value * millisPer(*unit) : 0;
        text.remove_prefix(end);
    }
    return sum;
}

Nanos nanosOfMillis(double milliseconds)
{
    const double ns = std::round(milliseconds * double(kNanosPerMilli));
    constexpr double kLimit = 9.2e18;
    return std::isfinite(ns) && std::abs(ns) < kLimit ? static_cast<Nanos>(ns) : kUnknownNanos;
}

std::optional<Nanos> nanos(std::string_view text, std::int64_t nanosPerUnit)
{
    text = trimmed(text);
    if (text.size() > kMaxNumber)
        return std::nullopt;
    if (text.find(',') == std::string_view::npos)
        return parseScaledDecimal(text, nanosPerUnit);
    return parseScaledDecimal(withPoint(text), nanosPerUnit);
}

} // namespace tailscope::import::loadtest
