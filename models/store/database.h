// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/statement.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;

namespace tailscope::store {

/// One SQLite connection with our functions, pragmas and hostile-file settings. Used by one thread at a time.
class Database
{
public:
    enum class Mode {
        ReadWrite, ///< the file exists
        Create, ///< created when absent
        ReadOnly,
    };
    static Result<Database> open(const std::filesystem::path &path, Mode mode);

    Database(Database &&) noexcept;
    Database &operator=(Database &&) noexcept;
    ~Database();

    /// Runs one or more statements without results or parameters (schema and pragmas; never text from
    /// outside).
    Result<void> execute(std::string_view sql);
    /// Compiles one statement; an unfinished tail is an error.
    Result<Statement> prepare(std::string_view sql);
    /// First column of the first row; nullopt when there is no row.
    Result<std::optional<std::int64_t>> integer(std::string_view sql);
    Result<std::optional<std::string>> text(std::string_view sql);

    Result<void> begin(); ///< BEGIN IMMEDIATE; waits up to the busy timeout
    Result<void> commit();
    void rollback();

    std::int64_t lastInsertId() const;
    std::int64_t changes() const;
    /// Statements of this connection stop within about 1,000 VM steps x 100 after the token is cancelled.
    void setCancel(const CancelToken &token);
    /// Milliseconds to wait for a lock; 0 on the GUI thread.
    void setBusyTimeout(int milliseconds);
    /// Refuses everything but reading (user SQL and rules): no writes, no ATTACH, no pragma with side
    /// effects.
    void setReadOnlyAuthorizer(bool on);
    const std::filesystem::path &path() const;
    sqlite3 *handle() const; ///< for models/store only

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::store
