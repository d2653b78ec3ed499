// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string_view>

/// Numbers as load generators print them. All functions: nullopt for NaN, infinities, "N/A" and other junk.
namespace tailscope::import::loadtest {

/// A number with blanks around it, a decimal comma ("3,5") or a percent sign behind it ("3.5%").
std::optional<double> number(std::string_view text);

/// A count; also one that is written as a real ("12.0").
std::optional<std::int64_t> count(std::string_view text);

/// A number with a decimal prefix: "56.20k", "1.2M"; none is 1.
std::optional<double> scaledNumber(std::string_view text);

/// Units that a duration may be written in.
enum class TimeUnit { Nanos, Micros, Millis, Seconds, Minutes, Hours };
/// "ns", "us", "µs", "ms", "s", "sec", "secs", "m", "min", "h"; nullopt for others.
std::optional<TimeUnit> timeUnit(std::string_view text);
double millisPer(TimeUnit unit);

/// Milliseconds of a duration with its unit ("635.91us", "1.2 s", "1m2.5s"); nullopt where a unit is missing,
/// but for a plain zero.
std::optional<double> millis(std::string_view text);

/// Whole nanoseconds of milliseconds, rounded; kUnknownNanos where it does not fit.
Nanos nanosOfMillis(double milliseconds);

/// A decimal number of the unit as nanoseconds, without going through floating point; a decimal comma is
/// read.
std::optional<Nanos> nanos(std::string_view text, std::int64_t nanosPerUnit);

} // namespace tailscope::import::loadtest
