// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tailscope::report {

struct SnapshotOutcome
{
    std::int64_t rows = 0;
    std::vector<std::filesystem::path> files; ///< the target first
};

/// Writes what servers were seen to do as the result sets it came from, which the importers read: rows of
/// PostgreSQL's views as JSON lines (each with catalog_view and ts) into the target X.snapshots.jsonl, and
/// beside it, where there are such rows, X.statements.jsonl (pg_stat_statements), X.pgbouncer.txt (the
/// console, a further server N as X.pgbouncer-N.txt) and X.events.jsonl. Times are UTC, of our clock, as the
/// views show them. Unless asked to keep them literals of statements, of predicates, checks
/// and defaults are redacted and most common values are left out. What lies there is replaced, what an
/// earlier export to the name wrote and this one has no rows for is removed. Left out: figures about the
/// recording itself, and what no result set says (epochs, roll-ups). Blocking; any thread.
Result<SnapshotOutcome> exportSnapshots(const store::Workspace &workspace, bool keepLiterals,
    const std::filesystem::path &target, const Progress &progress);

/// The ending says that snapshots are meant.
bool isSnapshotTarget(const std::string &path);

} // namespace tailscope::report
