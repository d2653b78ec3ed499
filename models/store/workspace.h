// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::store {

enum class SourceState { Importing, Recording, Complete, Cancelled, Broken };
std::string_view toText(SourceState state);

/// One row of the view `source`, and of those states the view hides.
struct SourceRecord
{
    std::int64_t id = 0;
    std::string path, format, kind, sha256, clock, timezone, offsetMethod;
    std::int64_t bytes = 0, rowsCommitted = 0, rowsRead = 0, rowsSkipped = 0, importedAtNs = 0, offsetNs = 0;
    SourceState state = SourceState::Importing;
    std::optional<std::int64_t> duplicateOf;
};

/// What open() found that the user must know or decide.
struct OpenReport
{
    bool readOnly = false;
    bool newerSchema = false; ///< a newer minor schema: read-only, nothing lost
    bool uncleanEnd = false; ///< the last owner did not close it; quick_check was run first
    std::vector<SourceRecord> interrupted; ///< sources killed or cancelled midway: resume, keep, remove
    std::vector<std::string> messages; ///< foreign triggers or views dropped, rebuilt views, ...
};

/// The workspace file (*.tailscope): owns the lock with pid, the schema version and the clean-shutdown mark.
/// Connections made by connect() are independent; one writer at a time (SQLite serialises, writers wait).
/// Thread: const functions from any thread.
class Workspace
{
public:
    /// Creates or opens. Another living process that owns it: ErrorCode::Locked with its pid (readOnly
    /// opens).
    static Result<std::unique_ptr<Workspace>> open(const std::filesystem::path &path, bool readOnly = false);
    /// In a temporary directory, removed with the object: `report FILE` and tests.
    static Result<std::unique_ptr<Workspace>> temporary();
    ~Workspace();

    const std::filesystem::path &path() const;
    const OpenReport &openReport() const;
    bool isReadOnly() const;
    bool isTemporary() const;

    Result<Database> connectWriter() const;
    Result<Database> connectReader() const;

    /// All sources including hidden ones, by id.
    Result<std::vector<SourceRecord>> sources() const;
    /// Makes an interrupted source visible as it is (state cancelled -> complete, rows as committed).
    Result<void> keepPartial(std::int64_t sourceId) const;
    /// A consistent copy of the whole workspace in another file (VACUUM INTO); the target must not exist or
    /// is replaced.
    Result<void> copyTo(const std::filesystem::path &target, const Progress &progress) const;
    /// Deletes a source and all its rows in bounded transactions; reports steps; may be cancelled and
    /// repeated.
    Result<void> removeSource(std::int64_t sourceId, const Progress &progress) const;
    /// Sum of generations of the named table families; changes when data changes. Names with commas between:
    /// source, span, profile, plan, series, event, ... (what bumpGeneration() was told); empty = all.
    Result<std::int64_t> generation(std::string_view family) const;
    /// Values of the key/value table `setting_kv` that views and the session use (layout, notes, filters).
    Result<std::optional<std::string>> property(std::string_view key) const;
    Result<void> setProperty(std::string_view key, std::string_view value) const;
    /// PRAGMA quick_check of the whole file, for the background: ErrorCode::Damaged with the first finding.
    /// About 1 s per GB from the page cache; may be cancelled.
    Result<void> quickCheck(const Progress &progress) const;

private:
    struct Impl;
    explicit Workspace(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// generation.n + 1 for source and all families of which a source has rows, within the caller's transaction:
/// what is told of them (their times, what was derived from them) is no longer the same.
Result<void> bumpGenerationsOf(Database &database, std::int64_t sourceId);

} // namespace tailscope::store
