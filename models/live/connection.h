// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "live/resultset.h"
#include "live/serverfacts.h"
#include "live/target.h"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tailscope::live {

/// How a connection behaves towards the server; the defaults harm nothing (reference: PostgreSQL manual,
/// "Client Connection Defaults").
struct ConnectOptions
{
    bool isReadOnly
        = true; ///< default_transaction_read_only = on, search_path = pg_catalog, jit and parallel off
    std::chrono::milliseconds statementTimeout{3000}, lockTimeout{200}, connectTimeout{5000};
    std::string applicationName = "tailscope";
};

/// One nonblocking connection (libpq), one query in flight, autocommit only. Used by one thread at a time.
class Connection
{
public:
    enum class State { Closed, Connecting, Ready, Busy, Broken };

    Connection();
    ~Connection();
    Connection(Connection &&) noexcept;
    Connection &operator=(Connection &&) noexcept;

    /// Begins to connect; step() goes on. Wrong conninfo is an error at once.
    Result<void> open(const Target &target, const ConnectOptions &options);
    void close();
    State state() const;
    /// Why it is Broken: ErrorCode::Connection with the server's words (never a password) and a hint.
    const std::optional<Error> &error() const;
    /// For poll(): -1 while closed.
    int socket() const;
    bool wantsRead() const;
    bool wantsWrite() const;
    /// Goes on with whatever is under way; never blocks. Call when the socket is ready or a second has
    /// passed.
    void step();

    /// Parameters are texts; PgBouncer's console takes none. Only in state Ready.
    Result<void> send(std::string_view sql, std::span<const std::string> parameters = {});
    /// The answer when it is complete (state is Ready again): rows, or the server's error
    /// (sqlState() has its code). nullopt = not yet.
    std::optional<Result<ResultSet>> take();
    /// Of the query that ended last: time from send() to the complete answer.
    std::chrono::nanoseconds lastDuration() const;
    /// SQLSTATE of the query that failed last ("42501"); empty = none, or the server was lost.
    const std::string &sqlState() const;

    int serverVersion() const; ///< as libpq reports it; 0 = not connected
    std::string parameter(
        std::string_view name) const; ///< server_encoding, in_hot_standby, ... ; empty = not told
    std::string tlsText() const; ///< what was negotiated; empty = not encrypted
    int backendPid() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Blocking, for jobs and tests: connects, or says why not; stops on cancel.
Result<Connection> connectNow(const Target &target, const ConnectOptions &options, const Progress &progress);
/// Blocking: one query with its answer. ErrorCode::Cancelled closes the connection.
Result<ResultSet> queryNow(Connection &connection, std::string_view sql,
    std::span<const std::string> parameters, std::chrono::milliseconds timeout, const Progress &progress);

/// What is at the other end and what the role may see there, by a few queries (blocking).
Result<ServerFacts> readFacts(Connection &connection, const Target &target, const Progress &progress);

} // namespace tailscope::live
