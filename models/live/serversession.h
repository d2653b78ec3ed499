// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"
#include "live/dialer.h"
#include "live/receivedbytes.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace tailscope::live {

/// What is behind a Connection: dials, makes the session safe, sends and collects. No call blocks.
struct ServerSession
{
    using Clock = std::chrono::steady_clock;
    using State = Connection::State;
    /// What a step of a connection is about.
    enum class Phase {
        Idle,
        Verify, ///< is it read-only, and are we where we think
        SetOne, ///< settings by SET, one after the other, where `options` were refused or ignored
        Recheck, ///< is it read-only now
        Tune, ///< settings that only some versions have
        PoolBegin, ///< of a pooled connection: the check that a transaction can be read-only
        PoolShow,
        PoolEnd,
        UserBegin, ///< the transaction around a pooled query
        User, ///< the query that was sent
        UserEnd,
    };

    Target target;
    ConnectOptions options;
    std::string subject;
    State state = State::Closed;
    Failure failure = Failure::None;
    std::optional<Error> error;
    std::unique_ptr<Dialer> dialer;
    LibpqConnection connection;
    bool isConsole = false, isPooled = false, isPoolSafe = false, hasOptions = false;
    int serverVersion = 0, backendPid = 0;

    Phase phase = Phase::Idle;
    std::vector<std::string> settings; // still to be made
    bool hasUnsent = false, isTooLarge = false, hasDeadline = false;
    std::optional<ReceivedBytes> received; // of the answer under way
    std::optional<Result<ResultSet>> under; // what came of it so far
    std::string underState;
    Clock::time_point sent, deadline;
    std::string notice; // what the server said last without being asked

    std::string userSql;
    std::vector<std::string> userParameters;
    Clock::time_point userSent;
    std::optional<Result<ResultSet>> answer;
    std::string sqlState;
    std::chrono::nanoseconds duration{0};

    void dialed();
    void secured();
    void lose(Failure kind, std::string detail, std::string hint);
    void lose(std::string detail);
    bool ask(Phase next, const std::string &sql, const std::vector<std::string> &parameters, bool isSimple);
    void pump();
    void takeResult(PGresult *result);
    void takeRows(const PGresult *result);
    void ended();
    void completed();
    void settled(const Result<ResultSet> &result);
    void verified(const Result<ResultSet> &result);
    void rechecked(const Result<ResultSet> &result);
    void setNext(Phase next);
    void startUser(bool isSimple = false);
    void userDone(const Result<ResultSet> &result);
    void deliver();
    static void takeNotice(void *self, const char *message);
};

} // namespace tailscope::live
