// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/grafanacsv/grafanacell.h"

#include "base/text.h"
#include "import/metrics/metricunits.h"

#include <array>

namespace tailscope::import {

namespace {

struct Multiple
{
    std::string_view name;
    double factor;
};
constexpr std::array<Multiple, 6> kMultiples{
    {{"K", 1e3}, {"k", 1e3}, {"Mil", 1e6}, {"Bil", 1e9}, {"Tri", 1e12}, {"M", 1e6}}};
// Grafana's own short names of sizes, which are no UCUM.
constexpr std::array<Multiple, 5> kSizes{
    {{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"TiB", 1099511627776.0}}};

} // namespace

bool isGrafanaGap(std::string_view text)
{
    const std::string lower = toLowerAscii(trimmed(text));
    return lower.empty() || lower == "null" || lower == "undefined" || lower == "nan" || lower == "-"
        || lower == "no value";
}

std::optional<GrafanaCell> parseGrafanaCell(std::string_view text)
{
    text = trimmed(text);
    if (const std::optional<double> plain = parseDouble(text))
        return GrafanaCell{*plain, {}};
    const std::size_t length = std::min(text.find_first_not_of("+-0123456789.eE"), text.size());
    std::string_view digits = text.substr(0, length);
    // The "E" of a unit is no exponent.
    while (!digits.empty() && (digits.back() == 'e' || digits.back() == 'E'))
        digits.remove_suffix(1);
    const std::optional<double> number = parseDouble(digits);
    if (!number)
        return std::nullopt;
    const std::string_view unit = trimmed(text.substr(digits.size()));
    for (const Multiple &multiple : kMultiples) {
        if (unit == multiple.name)
            return GrafanaCell{*number * multiple.factor, {}};
    }
    for (const Multiple &size : kSizes) {
        if (unit == size.name)
            return GrafanaCell{*number * size.factor, "By"};
    }
    if (const std::optional<double> factor = unitFactor(unit, "s"))
        return GrafanaCell{*number * *factor, "s"};
    if (const std::optional<double> factor = unitFactor(unit, "By"))
        return GrafanaCell{*number * *factor, "By"};
    return GrafanaCell{*number, unit};
}

} // namespace tailscope::import
