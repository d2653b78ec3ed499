// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/logwords.h"

#include <optional>
#include <string_view>

namespace tailscope::import::pglog {

/// "duration: 12.5 ms  execute s1: SELECT ..." and its translations; views into the message.
struct TimedText
{
    double durationMs = 0;
    bool isPlan = false; ///< auto_explain's: text is the plan
    Phase phase = Phase::None; ///< None: a duration alone
    std::string_view name; ///< of the prepared statement and portal; empty = none or "<unnamed>"
    std::string_view text; ///< SQL
};
std::optional<TimedText> parseDuration(std::string_view message);
/// "statement: SELECT ..." and "execute s1: SELECT ..." of log_statement.
std::optional<TimedText> parseStatement(std::string_view message);

} // namespace tailscope::import::pglog
