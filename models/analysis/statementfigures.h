// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::analysis {

/// Where figures of a statement come from.
enum class StatementOrigin : std::uint8_t { Stat, Log, Span };
std::string_view toText(StatementOrigin origin); ///< as in statement_stat.origin

/// What a tag of a statement stands for: executions with it.
struct StatementTagSum
{
    std::int64_t calls = 0;
    double totalMs = 0;
};
using StatementTags = std::map<std::pair<std::string, std::string>, StatementTagSum>; ///< by key and value

/// What one kind of evidence tells of a statement: a row of statement_stat before its verdict.
struct StatementFigures
{
    std::int64_t statement = 0; ///< statement.id; 0 = not stored yet
    std::string fingerprint, text; ///< text: without values where the store has it so
    StatementOrigin origin = StatementOrigin::Stat;
    std::int64_t calls = 0; ///< executions seen
    std::int64_t timed = 0; ///< those with a known time
    double totalMs = 0;
    std::optional<double> p50Ms, p99Ms, maxMs;
    std::optional<std::int64_t> rows, sharedHit, sharedRead, tempWritten, walBytes;
    std::int64_t plans = 0; ///< captured plans of it
    std::int64_t badPlans = 0; ///< of these, with a scan that throws almost all rows away
    std::string badScan; ///< words about the worst of them
    /// Different questions among the calls (with all values); nullopt = the values are not known.
    std::optional<std::int64_t> questions;
    bool wasReset = false; ///< counters began anew between snapshots
    bool sinceReset = false; ///< one snapshot: counters since they were last reset
    Nanos firstNs = kUnknownNanos, lastNs = kUnknownNanos;
    StatementTags tags;

    double meanMs() const { return timed > 0 ? totalMs / double(timed) : 0; }
};

} // namespace tailscope::analysis
