// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tailscope::import::cprofile {

/// "shop.py:12(checkout)", "{built-in method time.sleep}": views into the line.
struct Function
{
    std::string_view name, file;
    std::int64_t line = 0;
};
Function splitFunction(std::string_view text);

/// A row of the table: `ncalls tottime percall cumtime percall filename:lineno(function)`; ncalls is "5/1"
/// where the function calls itself (all calls, calls from outside).
struct Row
{
    std::int64_t calls = 0, primitiveCalls = 0;
    Nanos total = 0, cumulative = 0;
    Function function;
};
std::optional<Row> parseRow(std::string_view line);

/// "         197 function calls (192 primitive calls) in 0.002 seconds".
struct Summary
{
    std::int64_t calls = 0;
    Nanos total = 0;
};
std::optional<Summary> parseSummary(std::string_view line);

/// The head of the table.
bool isTableHead(std::string_view line);
/// The head of a table of callers or of callees, "Function  was called by..." or "Function  called...".
bool isCallersHead(std::string_view line);

} // namespace tailscope::import::cprofile
