// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metricunits.h"

#include "base/text.h"

#include <array>
#include <cstdint>
#include <string>

namespace tailscope::import {

namespace {

enum class Dimension : std::uint8_t { Time, Bytes, Share };

struct Unit
{
    std::string_view name; ///< in lower case
    Dimension dimension;
    double factor; ///< to s, By, 1
    std::string_view ucum;
};

using enum Dimension;
constexpr auto kUnits = std::to_array<Unit>({
    {"s", Time, 1, "s"},
    {"sec", Time, 1, "s"},
    {"second", Time, 1, "s"},
    {"seconds", Time, 1, "s"},
    {"ms", Time, 1e-3, "ms"},
    {"millis", Time, 1e-3, "ms"},
    {"millisecond", Time, 1e-3, "ms"},
    {"milliseconds", Time, 1e-3, "ms"},
    {"us", Time, 1e-6, "us"},
    {"\xC2\xB5s", Time, 1e-6, "us"},
    {"micros", Time, 1e-6, "us"},
    {"microsecond", Time, 1e-6, "us"},
    {"microseconds", Time, 1e-6, "us"},
    {"ns", Time, 1e-9, "ns"},
    {"nanos", Time, 1e-9, "ns"},
    {"nanosecond", Time, 1e-9, "ns"},
    {"nanoseconds", Time, 1e-9, "ns"},
    {"min", Time, 60, "min"},
    {"minutes", Time, 60, "min"},
    {"h", Time, 3600, "h"},
    {"hours", Time, 3600, "h"},
    {"d", Time, 86400, "d"},
    {"days", Time, 86400, "d"},
    {"by", Bytes, 1, "By"},
    {"b", Bytes, 1, "By"},
    {"byte", Bytes, 1, "By"},
    {"bytes", Bytes, 1, "By"},
    {"kby", Bytes, 1e3, "kBy"},
    {"kilobytes", Bytes, 1e3, "kBy"},
    {"kiby", Bytes, 1024, "KiBy"},
    {"kib", Bytes, 1024, "KiBy"},
    {"mby", Bytes, 1e6, "MBy"},
    {"megabytes", Bytes, 1e6, "MBy"},
    {"miby", Bytes, 1048576, "MiBy"},
    {"mib", Bytes, 1048576, "MiBy"},
    {"giby", Bytes, 1073741824, "GiBy"},
    {"gib", Bytes, 1073741824, "GiBy"},
    {"gby", Bytes, 1e9, "GBy"},
    {"gigabytes", Bytes, 1e9, "GBy"},
    {"1", Share, 1, "1"},
    {"ratio", Share, 1, "1"},
    {"percentunit", Share, 1, "1"},
    {"%", Share, 0.01, "%"},
    {"percent", Share, 0.01, "%"},
});

const Unit *unitOf(std::string_view text)
{
    const std::string lower = toLowerAscii(trimmed(text));
    for (const Unit &unit : kUnits) {
        if (unit.name == lower)
            return &unit;
    }
    return nullptr;
}

// What stands at the end of names; single letters would match ordinary words.
constexpr std::array<std::string_view, 9> kSuffixes{"_seconds", "_milliseconds", "_microseconds",
    "_nanoseconds", "_bytes", "_ratio", "_percent", "_millis", "_nanos"};

} // namespace

std::optional<double> unitFactor(std::string_view from, std::string_view to)
{
    if (from == to)
        return 1.0;
    const Unit *a = unitOf(from);
    const Unit *b = unitOf(to);
    if (a == nullptr || b == nullptr || a->dimension != b->dimension)
        return std::nullopt;
    // Powers of ten below 1 are not exact: a quotient of the exact one rounds once.
    if (a->factor < 1 && b->factor == 1 && a->dimension == Time)
        return 1.0 / (a->factor == 1e-3 ? 1e3 : a->factor == 1e-6 ? 1e6 : 1e9);
    return a->factor / b->factor;
}

std::string_view ucumUnit(std::string_view unit)
{
    const Unit *known = unitOf(unit);
    return known != nullptr ? known->ucum : unit;
}

NameAndUnit splitUnitSuffix(std::string_view name)
{
    for (const std::string_view suffix : kSuffixes) {
        if (name.size() > suffix.size() && name.ends_with(suffix))
            return {name.substr(0, name.size() - suffix.size()), ucumUnit(suffix.substr(1))};
    }
    return {name, {}};
}

} // namespace tailscope::import
