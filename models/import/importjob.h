// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "import/importer.h"
#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

struct ImportOptions
{
    std::string format; ///< importer id; empty = sniff
    ReadOptions read;
    /// log_format of nginx or LogFormat of Apache that the file has; kept for it and its like, so that a
    /// resumed import and the next file of the same log need not be told.
    std::string logFormat;
    std::int64_t offsetNs = 0; ///< added to every time of the source by the views
    std::optional<std::int64_t> resumeId; ///< its format and time zone are taken up where none are given
    bool ignoreSpace = false; ///< begin although the disk seems too small
    /// The open archive that the path leads into, so that its members are read in one go; may be null.
    std::shared_ptr<Archive> archive;
    /// Called before the first row of a big import: what it will need and what is free (nullopt: unknown).
    std::function<void(std::uint64_t needed, std::optional<std::uint64_t> free)> estimated;
    /// Called once with the writer when rows start to flow (first picture while streaming); may be empty.
    std::function<void(const store::BulkWriter &)> started;
    /// Called before the writer of `started` dies.
    std::function<void()> ended;
};

/// What one import did.
struct ImportOutcome
{
    std::int64_t sourceId = 0;
    std::string path, format;
    std::int64_t rows = 0, rowsRead = 0, rowsSkipped = 0;
    std::uint64_t bytes = 0;
    std::uint64_t estimatedBytes = 0; ///< what the workspace was expected to grow by; 0 = not estimated
    /// The same bytes were there: no rows were written. Options that this import asked for and that earlier
    /// one was not read with are named in `issues`.
    std::optional<std::int64_t> duplicateOf;
    std::vector<ImportReport::Issue> issues;
    double seconds = 0; ///< until rows were committed
};

/// --format names an importer that does not exist, or nothing claims the bytes: an error that says what to
/// do.
Result<const Importer *> chooseImporter(const std::string &format, std::string_view prefix,
    const std::string &path);

/// Imports one file: hash and same-bytes check (regular files), sniff, read, write, report rows. Blocking; on
/// any thread. On error or cancel what was committed stays as a hidden source (state broken or cancelled).
Result<ImportOutcome> importFile(store::Workspace &workspace, const std::filesystem::path &path,
    const ImportOptions &options, const Progress &progress);
/// The same for bytes at hand (pasted EXPLAIN); `name` becomes the path of the source.
Result<ImportOutcome> importText(store::Workspace &workspace, const std::string &name,
    const std::string &text, const ImportOptions &options, const Progress &progress);
/// Hands out the reject list of a source as JSON lines {offset, length, kind, reason, bytes} to be mended,
/// one a call; `write` gives false to stop with an error. Returns their number.
Result<std::int64_t> writeRejects(const store::Workspace &workspace, std::int64_t sourceId,
    const std::function<bool(std::string_view)> &write);
/// The same into a file.
Result<void> exportRejects(const store::Workspace &workspace, std::int64_t sourceId,
    const std::filesystem::path &out);
/// Imports a mended reject list into the same format as a new source linked to the old one.
Result<ImportOutcome> reimportRejects(store::Workspace &workspace, std::int64_t sourceId,
    const std::filesystem::path &mended, const Progress &progress);

} // namespace tailscope::import
