// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

/// A line of a Java service's log that HikariCP wrote; views into the line.
struct HikariLine
{
    enum class Kind : std::uint8_t {
        Stats, ///< "Before cleanup stats (...)", "Pool stats (...)", "Fill pool ..."
        Timeout, ///< "Connection is not available, request timed out after 30000ms"
        Leak, ///< "Connection leak detection triggered for ..."
        Unleaked, ///< "Previously reported leaked connection ..."
        Starvation, ///< "Thread starvation or clock leap detected"
        Setting, ///< "maximumPoolSize................20"
        Other, ///< starts, shutdowns, connections added and closed
    };
    Kind kind = Kind::Other;
    std::string time; ///< for TimeText; empty = the line has none
    std::string_view level, pool, message;
    std::optional<double> total, maxTotal, active, idle, waiting, timedOutMs;
    std::string_view settingName, settingValue;

    /// nullopt when the line is not HikariCP's.
    static std::optional<HikariLine> parse(std::string_view text);
};

} // namespace tailscope::import
