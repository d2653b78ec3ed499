// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace tailscope::import {

/// Units of time, bytes and shares as UCUM ("ms", "By", "%"), Prometheus ("milliseconds", "bytes") and
/// CloudWatch ("Milliseconds") write them. Pure; any thread.

/// value in `to` = value in `from` * factor; nullopt when one is unknown or they measure different things.
std::optional<double> unitFactor(std::string_view from, std::string_view to);
/// UCUM's writing of a unit that is known, else the text itself.
std::string_view ucumUnit(std::string_view unit);

/// A name that ends in a unit as Prometheus wants it: "x_seconds" is "x" in "s".
struct NameAndUnit
{
    std::string_view name, unit; ///< unit: UCUM; empty = the name has none
};
NameAndUnit splitUnitSuffix(std::string_view name);

} // namespace tailscope::import
