// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::import::hoststats {

/// What a column of a host tool is called here.
struct HostMetric
{
    std::string metric; ///< OpenTelemetry's name where it has one, else "<tool>.<column>"
    std::string_view unit;
    double scale = 1; ///< value of the tool times this = value in `unit`
    std::string_view mode; ///< state of a processor or memory; empty = none
};

/// Column of sar or pidstat ("%usr", "await"); `isProcess`: of a table of processes.
HostMetric sysstatMetric(std::string_view column, bool isProcess);
/// Column of vmstat ("us", "r").
HostMetric vmstatMetric(std::string_view column);

} // namespace tailscope::import::hoststats
