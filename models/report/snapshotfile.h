// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/database.h"
#include "store/statement.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tailscope::report {

/// A file of snapshots: made with its first line.
class SnapshotFile
{
public:
    explicit SnapshotFile(std::filesystem::path path)
        : m_path(std::move(path))
    {}
    Result<void> line(std::string_view text);
    Result<void> close();
    const std::filesystem::path &path() const { return m_path; }
    std::int64_t lines() const { return m_lines; }

private:
    Error error() const;
    struct Close
    {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    std::filesystem::path m_path;
    std::unique_ptr<std::FILE, Close> m_file;
    std::int64_t m_lines = 0;
};

/// One JSON object on a line. What is unknown is left out, unless it makes the row known.
class SnapshotLine
{
public:
    SnapshotLine() = default;
    void text(std::string_view name, std::string_view value);
    void integer(std::string_view name, std::int64_t value);
    void real(std::string_view name, double value); ///< all its digits
    void raw(std::string_view name, std::string_view json);
    void time(std::string_view name, Nanos ns);
    /// "16/B374D848" of a byte position.
    void lsn(std::string_view name, std::int64_t position);
    /// The members of an object that is JSON already.
    void members(std::string_view object);
    std::string done() const { return m_text + '}'; }

private:
    void key(std::string_view name);
    std::string m_text = "{";
};

/// What the parts of the export share.
struct SnapshotSource
{
    store::Database &reader;
    const Progress &progress;
    bool keepLiterals = false;
    std::unordered_map<std::string, std::string> redacted = {}; ///< texts repeat

    std::string sql(std::string_view text);
    /// Every row of the query; parameters are integers.
    Result<void> each(const std::string &sql, std::initializer_list<std::int64_t> parameters,
        const std::function<Result<void>(store::Statement &)> &take);
};

/// snapshotcatalog.cpp, snapshotconsole.cpp, snapshotstatements.cpp
Result<void> writeCatalogSnapshots(SnapshotSource &source, SnapshotFile &file);
Result<void> writeConsole(SnapshotSource &source, std::int64_t serverId, SnapshotFile &file);
Result<void> writeStatementSnapshots(SnapshotSource &source, SnapshotFile &file);
Result<void> writeEvents(SnapshotSource &source, SnapshotFile &file);

} // namespace tailscope::report
