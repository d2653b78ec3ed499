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
    std::size_t answerLimit = 64u << 20; ///< bytes of one answer; more of them break the connection
};

/// Of what kind it is that a connection is Broken: what to do next differs.
enum class Failure {
    None,
    NeedsPassword, ///< there is none, or it is wrong
    Refused, ///< the server says no (role, database, pg_hba.conf, TLS): trying again alone changes nothing
    Unreachable, ///< no route, nobody listens, it starts or stops, all connections are taken
    TimedOut, ///< neither yes nor no in time, or a query that got no answer
    Lost, ///< it was there and is gone
    Protocol, ///< what answers speaks another language
    NotSafe, ///< it could not be made read-only
    TooLarge, ///< an answer past ConnectOptions::answerLimit
};
/// Whether an error of connecting says that a password is missing or wrong.
bool needsPassword(const Error &error);

/// One nonblocking connection (libpq), one query in flight, autocommit only. Used by one thread at a time.
/// Names are resolved, service and password files read by a thread of its own, so that no call blocks.
///
/// Read-only means: the server is told so (default_transaction_read_only) and asked whether it took it, else
/// the connection breaks as NotSafe; texts that would lift it are not sent; to a pooler's console only SHOW
/// is. Where a pooler lends its sessions (the server's process is not the one we were told) nothing is set
/// for the session: each query runs in BEGIN READ ONLY .. COMMIT with settings of that transaction.
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
    Failure failure() const;
    /// For poll(): -1 while closed.
    int socket() const;
    bool wantsRead() const;
    bool wantsWrite() const;
    /// Goes on with whatever is under way; never blocks. Call when the socket is ready or a second has
    /// passed.
    void step();

    /// Parameters are texts; PgBouncer's console takes none. Only in state Ready; one statement. An answer
    /// that was not taken is forgotten. A server that does not answer 2 s after the statement should have
    /// timed out is given up (TimedOut).
    Result<void> send(std::string_view sql, std::span<const std::string> parameters = {});
    /// By the simple protocol, for the few commands that the other cannot carry. The text may hold several
    /// statements and nothing looks at them: not on read-only connections.
    Result<void> sendSimple(std::string_view sql);
    /// The answer when it is complete (state is Ready again): rows, or the server's error
    /// (sqlState() has its code). nullopt = not yet.
    std::optional<Result<ResultSet>> take();
    /// Asks the server, by a connection of its own made by another thread, to end what runs. Never blocks.
    void cancel();
    /// Of the query that ended last: time from send() to the complete answer.
    std::chrono::nanoseconds lastDuration() const;
    /// SQLSTATE of the query that failed last ("42501"); empty = none, or the server was lost.
    const std::string &sqlState() const;

    int serverVersion() const; ///< as libpq reports it; 0 = not connected
    std::string parameter(
        std::string_view name) const; ///< server_encoding, in_hot_standby, ... ; empty = not told
    std::string tlsText() const; ///< what was negotiated; empty = not encrypted
    int backendPid() const; ///< as told when connecting; of a pooler it is no process of the server
    /// What the connection was made with, by libpq's keyword ("host", "sslmode"); never a secret.
    std::string option(std::string_view keyword) const;
    bool isConsole() const; ///< a pooler's own console (PgBouncer): SHOW only
    bool isPooled() const; ///< a pooler stands between

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Waits until there is something to step() for, at most this long. Blocking.
void waitFor(const Connection &connection, std::chrono::milliseconds atMost);
/// Blocking, for jobs and tests: connects, or says why not; stops on cancel.
Result<Connection> connectNow(const Target &target, const ConnectOptions &options, const Progress &progress);
/// Blocking: one query with its answer. ErrorCode::Cancelled, and no answer in time (0 = no limit but the
/// server's), close the connection.
Result<ResultSet> queryNow(Connection &connection, std::string_view sql,
    std::span<const std::string> parameters, std::chrono::milliseconds timeout, const Progress &progress);

/// The same for a query that was sent already.
Result<ResultSet> answerNow(Connection &connection, std::chrono::milliseconds timeout,
    const Progress &progress);

/// What is at the other end and what the role may see there, by a few queries (blocking; factsreader.h goes
/// step by step).
Result<ServerFacts> readFacts(Connection &connection, const Target &target, const Progress &progress);

} // namespace tailscope::live
