// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/connection.h"
#include "live/factsreader.h"

#include <thread>

#include <poll.h>

namespace tailscope::live {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50}; // how often a cancel is looked for

tl::unexpected<Error> cancelled(const std::string &subject)
{
    return fail(ErrorCode::Cancelled, subject, "it was cancelled");
}

} // namespace

void waitFor(const Connection &connection, std::chrono::milliseconds atMost)
{
    const short events
        = static_cast<short>((connection.wantsRead() ? POLLIN : 0) | (connection.wantsWrite() ? POLLOUT : 0));
    pollfd entry{connection.socket(), events, 0};
    if (entry.fd < 0)
        std::this_thread::sleep_for(std::min(atMost, kLook));
    else
        ::poll(&entry, 1, static_cast<int>(atMost.count()));
}

Result<Connection> connectNow(const Target &target, const ConnectOptions &options, const Progress &progress)
{
    Connection connection;
    TS_TRY(connection.open(target, options));
    while (connection.state() == Connection::State::Connecting) {
        if (progress.isCancelled())
            return cancelled(shortText(target));
        waitFor(connection, kLook);
        connection.step();
    }
    if (connection.state() != Connection::State::Ready)
        return fail(connection.error().value_or(
            Error{ErrorCode::Connection, shortText(target), "the connection failed", std::nullopt, ""}));
    return connection;
}

Result<ResultSet> queryNow(Connection &connection, std::string_view sql,
    std::span<const std::string> parameters, std::chrono::milliseconds timeout, const Progress &progress)
{
    TS_TRY(connection.send(sql, parameters));
    return answerNow(connection, timeout, progress);
}

Result<ResultSet> answerNow(Connection &connection, std::chrono::milliseconds timeout,
    const Progress &progress)
{
    const auto begin = Clock::now();
    for (;;) {
        connection.step();
        if (auto answer = connection.take())
            return std::move(*answer);
        const bool isLate = timeout.count() > 0 && Clock::now() - begin > timeout;
        if (progress.isCancelled() || isLate) {
            connection.cancel();
            connection.close();
            if (!isLate)
                return cancelled("query");
            return fail(ErrorCode::Connection, "query",
                "no answer within " + std::to_string(timeout.count()) + " ms; the connection was closed",
                "The server hangs or the network is cut");
        }
        waitFor(connection, kLook);
    }
}

Result<ServerFacts> readFacts(Connection &connection, const Target &target, const Progress &progress)
{
    FactsReader reader(connection, target);
    for (;;) {
        reader.step();
        if (auto facts = reader.take())
            return std::move(*facts);
        if (progress.isCancelled()) {
            connection.close();
            return cancelled(shortText(target));
        }
        waitFor(connection, kLook);
    }
}

} // namespace tailscope::live
