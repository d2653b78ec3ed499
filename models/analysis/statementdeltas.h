// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/statementfigures.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// One row of pg_stat_statements at one time.
struct StatementSnapshot
{
    std::size_t server = 0; ///< number of the server; snapshots of one server are compared
    std::string entry; ///< what tells entries of one statement apart: user, database, queryid, toplevel
    Nanos tsNs = kUnknownNanos;
    std::optional<std::int64_t> epoch;
    std::string since; ///< stats_since, where the server tells it
    std::int64_t calls = 0;
    double totalMs = 0;
    std::optional<double> maxMs;
    std::optional<std::int64_t> rows, sharedHit, sharedRead, tempWritten, walBytes;
};

/// When the snapshots of a server were taken.
struct SnapshotTimes
{
    Nanos first = kUnknownNanos, last = kUnknownNanos;
    bool isSeries() const { return first != kUnknownNanos && first != last; }
};

/// What the snapshots of one statement add up to. With one snapshot of a server: its counters since they were
/// reset. With several: their differences; an entry whose counters fell, whose epoch or stats_since changed,
/// or that appears after the first snapshot, counts with all it has (it began anew). Rows of one entry and
/// time are added before. Nothing when nothing was called. Order of the snapshots does not matter.
std::optional<StatementFigures> statementDelta(std::vector<StatementSnapshot> snapshots,
    const std::vector<SnapshotTimes> &servers);

/// The same for all statements of the workspace. Servers are one when they have the same system identifier
/// at the same host and port, or the same host and port, or name; samples without any of these are taken to
/// be of one server. Of files without times only the one imported last counts. Memory: the samples of one
/// statement.
Result<std::vector<StatementFigures>> statementDeltas(store::Database &reader, const Progress &progress);

} // namespace tailscope::analysis
