// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

/// The time that a whole line states, as ISO text for TimeText ("2026-11-22 19:02:06", "... Z"): what psql's
/// \watch prints above each result ("Sun Nov 22 19:02:06 2026 (every 1s)", also in other locales' order),
/// what `date` prints ("Sun Nov 22 19:02:23 UTC 2026"), or an ISO time. A zone's abbreviation other than UTC
/// and GMT is left out: the time is local then. nullopt for any other line. Any thread.
std::optional<std::string> consoleTime(std::string_view line);

} // namespace tailscope::import
