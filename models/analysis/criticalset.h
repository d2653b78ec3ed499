// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/tracepaths.h"
#include "base/progress.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// What one operation contributes to the critical paths of a set of traces.
struct CriticalOperation
{
    std::string service, operation;
    bool isGap = false; ///< time of its spans in which none of their children ran
    TimeClass timeClass = TimeClass::Unknown;
    std::int64_t traces = 0; ///< on whose path it is: the sample behind the percentiles
    Nanos total = 0; ///< on all paths, ns
    double share = 0; ///< of the time of all paths, 0..1
    Nanos p50 = kUnknownNanos, p99 = kUnknownNanos; ///< per trace it is on; nearest rank
    std::uint32_t example = kNoRow; ///< index of the trace in which it takes longest
};

/// The critical paths of many traces, added up.
struct CriticalSet
{
    std::vector<CriticalOperation> operations; ///< most time first
    std::int64_t traces = 0; ///< with a path
    std::int64_t withoutPath = 0; ///< the root's duration is unknown or 0
    std::int64_t corrected = 0; ///< traces with a clock correction
    Nanos total = 0;
    std::array<Nanos, kTimeClasses> byClass{};
};

/// Adds up paths, trace by trace. Results of two runs of traces can be joined in their order.
class CriticalTally
{
public:
    explicit CriticalTally(const SpanColumns &columns);
    void add(const TracePaths &trace);
    /// Joins what was counted of traces behind those of this one.
    void append(CriticalTally &&later);
    CriticalSet finish();

private:
    struct Entry
    {
        std::vector<Nanos> perTrace;
        Nanos total = 0, longest = -1;
        std::uint32_t example = kNoRow;
    };
    const SpanColumns &m_columns;
    std::vector<std::uint32_t> m_serviceOfTrack;
    std::vector<std::string> m_services;
    std::unordered_map<std::uint64_t, Entry> m_entries;
    std::vector<std::pair<std::uint64_t, Nanos>> m_ofTrace; // reused
    CriticalSet m_set;
};

/// The aggregate critical path of the given traces (indices), each once, on two threads, with corrected
/// clocks. Null when cancelled. Any thread; 1 million spans take about half a second.
std::shared_ptr<const CriticalSet> criticalSet(const SpanColumns &columns, const TraceRows &rows,
    const SpanClasses &classes, std::span<const std::uint32_t> traces, const CancelToken &cancel);

} // namespace tailscope::analysis
