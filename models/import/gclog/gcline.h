// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::gclog {

/// A stop of the whole process as one line of a log tells it.
struct Pause
{
    Nanos startNs = 0; ///< since 1970 or since the start of the process: GcLine::isUtc
    Nanos durationNs = 0;
    std::string_view kind; ///< young, full, remark, cleanup, ...
    std::string_view cause;
    std::optional<std::int64_t> heapBefore, heapAfter; ///< bytes
};

/// What a line of a garbage collector's log says.
struct GcLine
{
    enum class Kind {
        Nothing, ///< of no log that is read here
        Other, ///< of such a log, but not a pause
        Pauses
    } kind
        = Kind::Nothing;
    bool isUtc = false; ///< times are wall-clock times
    std::string_view instance; ///< of Node: "pid:isolate"
    std::vector<Pause> pauses;
};

/// [2026-03-02T12:00:00.123+0000][0.123s][info][gc] GC(0) Pause Young (Normal) (...) 24M->3M(256M) 2.345ms,
/// and the lines of the tag safepoint. The line is written at the end of the pause.
GcLine parseJvmLine(std::string_view line);
/// gc 1 @0.012s 2%: 0.026+0.39+0.10 ms clock, ..., 4->4->0 MB, 5 MB goal, 8 P (GODEBUG=gctrace=1). Two
/// pauses: sweep termination and mark termination.
GcLine parseGoLine(std::string_view line);
/// [6592:0x18f4fec0]  604 ms: Scavenge 3.9 (4.0) -> 3.7 (5.0) MB, 75.03 / 0.00 ms ... (node --trace-gc).
GcLine parseNodeLine(std::string_view line);

} // namespace tailscope::import::gclog
