// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/lockfile.h"
#include "store/schema.h"
#include "store/workspace.h"

#include <optional>

namespace tailscope::store {

struct Workspace::Impl
{
    std::filesystem::path path;
    std::filesystem::path temporaryFolder; ///< removed at the end when set
    OpenReport report;
    bool shadowViews = false; ///< read-only and the views are not ours: each connection makes its own
    // Held open so that closing a job's connection is never the last close, which would checkpoint and drop
    // the WAL.
    std::optional<Database> anchor;
    LockFile lock; // after anchor: released only when the files are closed

    ~Impl();
};

/// Verdict on the file before it is used.
struct FileIdentity
{
    bool empty = false; ///< no file, or no schema yet
    int version = 0;
};
/// Looks at an existing file by a read-only connection; refuses other programs' databases and newer major
/// versions.
Result<FileIdentity> identifyWorkspace(const std::filesystem::path &path);

/// Compares the schema with what it should be. On a writing connection (`repair`) views are restored, and
/// foreign triggers, views and indexes on our tables dropped after the untouched file was copied beside;
/// tells by messages. Changed tables are refused. Returns whether our views are intact.
Result<bool> checkSchema(Database &database, bool repair, std::vector<std::string> &messages);

/// PRAGMA quick_check; ErrorCode::Damaged with its first line.
Result<void> quickCheckDatabase(Database &database);

/// All rows of source_raw, or those with one of the hidden states.
Result<std::vector<SourceRecord>> readSources(Database &database, bool hiddenOnly);

/// generation.n + 1 for a family, within the caller's transaction.
Result<void> bumpGeneration(Database &database, std::string_view family);

} // namespace tailscope::store
