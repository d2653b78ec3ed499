// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"
#include "live/conninfo.h"
#include "live/hostlist.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace tailscope::live {

struct ConnectionCloser
{
    void operator()(PGconn *connection) const { PQfinish(connection); }
};
using LibpqConnection = std::unique_ptr<PGconn, ConnectionCloser>;

/// Makes one libpq connection without ever blocking its caller: what libpq does by itself (reading files,
/// resolving names) happens in a thread that hands over the result. A host that does not answer in time is
/// left out and the others are tried. Poolers that refuse `options` are asked again without.
class Dialer
{
public:
    enum class State { Going, Connected, Failed };

    Dialer(const Target &target, const ConnectOptions &options);
    ~Dialer();
    Dialer(const Dialer &) = delete;
    Dialer &operator=(const Dialer &) = delete;

    void step();
    State state() const { return m_state; }
    int socket() const;
    bool wantsRead() const;
    bool wantsWrite() const;
    bool sentOptions() const { return m_sendsOptions; } ///< once Connected: settings came with the start
    LibpqConnection take() { return std::move(m_connection); } ///< once Connected
    const Error &error() const { return m_error; }
    Failure failure() const { return m_failure; }

private:
    struct Start; // shared with the thread
    using Clock = std::chrono::steady_clock;

    void start();
    void takeStart();
    void poll();
    void judge();
    bool leaveHostOut();
    void fail(Failure failure, std::string detail, std::string hint);
    Keywords parameters() const;

    Target m_target;
    ConnectOptions m_options;
    std::string m_subject;
    State m_state = State::Going;
    bool m_sendsOptions = false;
    std::shared_ptr<Start> m_start;
    LibpqConnection m_connection;
    PostgresPollingStatusType m_polling = PGRES_POLLING_WRITING;
    std::vector<HostEntry> m_hosts; ///< of this attempt
    std::vector<std::string> m_leftOut; ///< keys of those that gave no answer
    std::string m_silent; ///< of them in words
    Clock::time_point m_deadline;
    std::chrono::milliseconds m_patience;
    Failure m_failure = Failure::None;
    Error m_error;
};

} // namespace tailscope::live
