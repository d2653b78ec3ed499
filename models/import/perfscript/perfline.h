// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tailscope::import::perf {

/// `comm  pid/tid [cpu] time:  period event: payload`: all but comm, tid and one of time and event may be
/// absent. Views point into the line.
struct SampleHead
{
    std::string_view comm;
    std::string_view ids; ///< "123/456", or "123" where perf writes the thread alone
    std::optional<Nanos> time; ///< since the machine started
    std::optional<double> period;
    std::string_view event; ///< with its modifiers: "cycles:ppp"; empty = not printed
    std::string_view payload; ///< what a tracepoint says, or the only frame
};
std::optional<SampleHead> parseSampleHead(std::string_view line);

/// `   addr symbol+0xoffset (dso)`. Views point into the line.
struct StackFrame
{
    std::string_view function; ///< "[unknown]" where perf knows no symbol
    std::string_view module; ///< "[kernel]", "[inlined]", a path; empty = unknown
    bool hasAddress = false;
};
std::optional<StackFrame> parseStackFrame(std::string_view line);

/// `  file.c:12` below a frame (-F +srcline).
struct SourceLine
{
    std::string_view file;
    std::int64_t line = 0;
};
std::optional<SourceLine> parseSourceLine(std::string_view line);

bool isBlank(std::string_view line);

} // namespace tailscope::import::perf
