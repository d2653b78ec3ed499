// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogvalues.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tailscope::import {

namespace {

constexpr double kMsPerSecond = 1000;
constexpr double kMsPerDay = 86'400 * kMsPerSecond;

struct IntervalUnit
{
    std::string_view names; ///< beginnings of words, in order: the first that fits
    double ms;
};
// "mon" before "m": a lone m is a minute, as in the short forms of other tools.
constexpr std::array<IntervalUnit, 10> kUnits{{
    {"year", 365.25 * kMsPerDay},
    {"mon", 30 * kMsPerDay},
    {"week", 7 * kMsPerDay},
    {"day", kMsPerDay},
    {"hour", 3600 * kMsPerSecond},
    {"min", 60 * kMsPerSecond},
    {"sec", kMsPerSecond},
    {"ms", 1},
    {"msec", 1},
    {"us", 0.001},
}};

std::optional<double> unitOf(std::string_view word)
{
    for (const IntervalUnit &unit : kUnits) {
        if (word.starts_with(unit.names))
            return unit.ms;
    }
    if (word == "d")
        return kMsPerDay;
    if (word == "h")
        return 3600 * kMsPerSecond;
    if (word == "m")
        return 60 * kMsPerSecond;
    if (word == "s")
        return kMsPerSecond;
    return std::nullopt;
}

/// [sign]hh:mm[:ss[.fraction]]
std::optional<double> clockOf(std::string_view text)
{
    double sign = 1;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        sign = text.front() == '-' ? -1 : 1;
        text.remove_prefix(1);
    }
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    double seconds = 0;
    for (const std::string_view part : parts) {
        const std::optional<double> number
            = parseDouble(part.starts_with('0') && part.size() > 1 && part[1] != '.' ? part.substr(1) : part);
        if (!number || *number < 0)
            return std::nullopt;
        seconds = seconds * 60 + *number;
    }
    return sign * (parts.size() == 2 ? seconds * 60 : seconds) * kMsPerSecond;
}

/// P1Y2M3DT4H5M6.7S
std::optional<double> isoInterval(std::string_view text)
{
    double ms = 0;
    bool time = false, any = false;
    while (!text.empty()) {
        if (text.front() == 'T') {
            time = true;
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = text.find_first_not_of("+-.0123456789");
        if (end == std::string_view::npos || end == 0)
            return std::nullopt;
        const std::optional<double> number = parseDouble(text.substr(0, end));
        if (!number)
            return std::nullopt;
        static constexpr std::array<std::pair<char, double>, 4> kDates{
            {{'Y', 365.25 * kMsPerDay}, {'M', 30 * kMsPerDay}, {'W', 7 * kMsPerDay}, {'D', kMsPerDay}}};
        static constexpr std::array<std::pair<char, double>, 3> kTimes{
            {{'H', 3600 * kMsPerSecond}, {'M', 60 * kMsPerSecond}, {'S', kMsPerSecond}}};
        double unit = 0;
        if (time) {
            for (const auto &[letter, value] : kTimes)
                unit = letter == text[end] ? value : unit;
        } else {
            for (const auto &[letter, value] : kDates)
                unit = letter == text[end] ? value : unit;
        }
        if (unit == 0)
            return std::nullopt;
        ms += *number * unit;
        any = true;
        text.remove_prefix(end + 1);
    }
    return any ? std::optional(ms) : std::nullopt;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> list;
    for (const std::string_view word : split(text, ' ')) {
        if (!word.empty())
            list.push_back(word);
    }
    return list;
}

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    if (const auto exact = parseInt64(text))
        return exact;
    // Doubles hold integers exactly up to 2^53; what is larger was rounded by whoever wrote it.
    constexpr double kExact = 9'007'199'254'740'992;
    const std::optional<double> real = parseDouble(text);
    if (!real || std::abs(*real) > kExact || *real != std::floor(*real))
        return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

template<typename T>
std::optional<CatalogValue> wrapped(const std::optional<T> &value)
{
    return value ? std::optional<CatalogValue>(CatalogValue(*value)) : std::nullopt;
}

} // namespace

std::optional<bool> catalogBoolean(std::string_view text)
{
    static constexpr std::array<std::string_view, 6> kTrue{"t", "true", "on", "yes", "y", "1"};
    static constexpr std::array<std::string_view, 6> kFalse{"f", "false", "off", "no", "n", "0"};
    if (text.size() > 5)
        return std::nullopt;
    const std::string lower = toLowerAscii(text);
    if (std::find(kTrue.begin(), kTrue.end(), lower) != kTrue.end())
        return true;
    if (std::find(kFalse.begin(), kFalse.end(), lower) != kFalse.end())
        return false;
    return std::nullopt;
}

std::optional<double> catalogInterval(std::string_view text)
{
    text = trimmed(text);
    if (const std::optional<double> number = parseDouble(text))
        return number;
    if (text.size() > 100)
        return std::nullopt;
    if (text.starts_with('P'))
        return isoInterval(text.substr(1));
    double ms = 0;
    bool any = false, ago = false;
    double number = 0;
    bool waiting = false; // a number waits for its unit
    for (const std::string_view word : words(text)) {
        if (word == "@")
            continue;
        if (word == "ago") {
            ago = true;
        } else if (waiting) {
            const std::optional<double> unit = unitOf(word);
            if (!unit)
                return std::nullopt;
            ms += number * *unit;
            waiting = false;
            any = true;
        } else if (word.find(':') != std::string_view::npos) {
            const std::optional<double> clock = clockOf(word);
            if (!clock)
                return std::nullopt;
            ms += *clock;
            any = true;
        } else {
            const std::optional<double> read = parseDouble(word.starts_with('+') ? word.substr(1) : word);
            if (!read)
                return std::nullopt;
            number = *read;
            waiting = true;
        }
    }
    if (!any || waiting || !std::isfinite(ms))
        return std::nullopt;
    return ago ? -ms : ms;
}

std::optional<std::int64_t> catalogLsn(std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return wholeNumber(text);
    const std::optional<std::uint64_t> high = parseHex64(text.substr(0, slash));
    const std::optional<std::uint64_t> low = parseHex64(text.substr(slash + 1));
    if (!high || !low || *high > 0x7FFFFFFFULL || *low > 0xFFFFFFFFULL)
        return std::nullopt;
    return static_cast<std::int64_t>(*high << 32 | *low);
}

std::optional<std::int64_t> catalogBytes(std::string_view text)
{
    if (const auto number = wholeNumber(text))
        return number;
    const std::vector<std::string_view> parts = words(text);
    if (parts.size() != 2)
        return std::nullopt;
    static constexpr std::array<std::pair<std::string_view, double>, 6> kSizes{{{"bytes", 1}, {"kB", 1024.0},
        {"MB", 1048576.0}, {"GB", 1073741824.0}, {"TB", 1099511627776.0}, {"PB", 1125899906842624.0}}};
    const std::optional<double> number = parseDouble(parts[0]);
    for (const auto &[unit, bytes] : kSizes) {
        if (number && unit == parts[1] && std::abs(*number * bytes) < 9e18)
            return static_cast<std::int64_t>(*number * bytes);
    }
    return std::nullopt;
}

std::optional<std::string> catalogNumbers(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t begin = text.find_first_not_of(" ,{}[]\"\n\r\t");
        if (begin == std::string_view::npos)
            break;
        text.remove_prefix(begin);
        const std::string_view word = text.substr(0, text.find_first_of(" ,{}[]\"\n\r\t"));
        if (!parseInt64(word))
            return std::nullopt;
        if (!out.empty())
            out += ' ';
        out += word;
        text.remove_prefix(word.size());
    }
    return out;
}

std::string catalogArray(std::string_view text)
{
    text = trimmed(text);
    if (!text.starts_with('[') || !text.ends_with(']'))
        return std::string(text);
    // Both forms quote with '"' and escape with a backslash; only the brackets differ.
    return '{' + std::string(text.substr(1, text.size() - 2)) + '}';
}

QualifiedName catalogName(std::string_view text)
{
    QualifiedName result;
    std::string part;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            if (quoted && i + 1 < text.size() && text[i + 1] == '"')
                part += text[++i];
            else
                quoted = !quoted;
        } else if (c == '.' && !quoted) {
            result.schema = std::move(part);
            part.clear();
        } else {
            part += c;
        }
    }
    result.name = std::move(part);
    return result;
}

std::optional<CatalogValue> catalogValue(std::string_view text, CatalogKind kind, bool decimalComma)
{
    std::string comma;
    if (decimalComma && (kind == CatalogKind::Real || kind == CatalogKind::Millis)
        && std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string_view::npos) {
        comma = text;
        std::replace(comma.begin(), comma.end(), ',', '.');
        text = comma;
    }
    switch (kind) {
    case CatalogKind::Text:
    case CatalogKind::Time:
        return CatalogValue(sanitizedUtf8(text));
    case CatalogKind::Integer:
        return wrapped(wholeNumber(text));
    case CatalogKind::Real:
        return wrapped(parseDouble(text));
    case CatalogKind::Boolean:
    case CatalogKind::NotBoolean: {
        const std::optional<bool> value = catalogBoolean(text);
        if (!value)
            return std::nullopt;
        return CatalogValue(std::int64_t{*value == (kind == CatalogKind::Boolean)});
    }
    case CatalogKind::Millis:
        return wrapped(catalogInterval(text));
    case CatalogKind::Lsn:
        return wrapped(catalogLsn(text));
    case CatalogKind::Numbers:
        return wrapped(catalogNumbers(text));
    case CatalogKind::Array:
        return CatalogValue(sanitizedUtf8(catalogArray(text)));
    case CatalogKind::Bytes:
        return wrapped(catalogBytes(text));
    case CatalogKind::Relation:
        if (const auto oid = wholeNumber(text))
            return CatalogValue(*oid);
        return CatalogValue(sanitizedUtf8(text));
    }
    return std::nullopt;
}

} // namespace tailscope::import
