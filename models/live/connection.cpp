// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/connection.h"

#include "base/text.h"
#include "live/conninfo.h"
#include "live/serversession.h"
#include "live/statementguard.h"

#include <atomic>
#include <thread>

#include <libpq-fe.h>

namespace tailscope::live {

namespace {

constexpr int kMaxCancels = 4; // that hang at a server which does not answer

std::string text(const char *value) { return value ? value : ""; }

} // namespace

struct Connection::Impl : ServerSession
{};

Connection::Connection()
    : m_impl(std::make_unique<Impl>())
{}
Connection::~Connection() = default;
Connection::Connection(Connection &&) noexcept = default;
Connection &Connection::operator=(Connection &&) noexcept = default;

Result<void> Connection::open(const Target &target, const ConnectOptions &options)
{
    m_impl = std::make_unique<Impl>();
    const auto keywords = keywordsOf(target.conninfo);
    if (!keywords)
        return fail(ErrorCode::Usage, "connection string", "libpq cannot read it",
            "Take it apart by parseTarget() first");
    m_impl->target = target;
    m_impl->target.password.clear(); // the dialer has it
    m_impl->target.secrets.clear();
    m_impl->options = options;
    m_impl->subject = shortText(target);
    m_impl->dialer = std::make_unique<Dialer>(target, options);
    m_impl->state = State::Connecting;
    return {};
}

void Connection::close() { m_impl = std::make_unique<Impl>(); }
Connection::State Connection::state() const { return m_impl->state; }
const std::optional<Error> &Connection::error() const { return m_impl->error; }
Failure Connection::failure() const { return m_impl->failure; }

int Connection::socket() const
{
    if (m_impl->dialer)
        return m_impl->dialer->socket();
    return m_impl->connection ? PQsocket(m_impl->connection.get()) : -1;
}

bool Connection::wantsRead() const
{
    return m_impl->dialer ? m_impl->dialer->wantsRead() : m_impl->connection != nullptr;
}

bool Connection::wantsWrite() const
{
    return m_impl->dialer ? m_impl->dialer->wantsWrite() : m_impl->connection && m_impl->hasUnsent;
}

void Connection::step()
{
    Impl &impl = *m_impl;
    if (impl.dialer) {
        impl.dialer->step();
        if (impl.dialer->state() == Dialer::State::Going)
            return;
        impl.dialed();
    }
    if (!impl.connection)
        return;
    impl.pump();
    if (impl.connection && impl.state != State::Ready && impl.hasDeadline
        && ServerSession::Clock::now() >= impl.deadline)
        impl.lose(Failure::TimedOut,
            "no answer within "
                + humanDuration(
                    std::chrono::duration_cast<std::chrono::nanoseconds>(impl.deadline - impl.sent).count())
                + ", though the server should have ended the statement by then",
            "The server hangs or the network is cut");
}

Result<void> Connection::send(std::string_view sql, std::span<const std::string> parameters)
{
    Impl &impl = *m_impl;
    if (impl.state != State::Ready)
        return fail(ErrorCode::Connection, impl.subject.empty() ? "connection" : impl.subject,
            impl.state == State::Busy ? "a query is still under way" : "it is not connected");
    if (sql.find('\0') != std::string_view::npos)
        return fail(ErrorCode::Usage, impl.subject, "the statement holds a NUL byte");
    if (impl.options.isReadOnly || impl.isConsole) {
        const Channel channel = impl.isConsole ? Channel::Console
            : impl.isPooled                    ? Channel::Pooled
                                               : Channel::Session;
        if (std::string refusal = refusalOf(sql, channel); !refusal.empty())
            return fail(ErrorCode::Usage, impl.subject, "a statement is not sent: " + refusal);
    }
    if (impl.isConsole && !parameters.empty())
        return fail(ErrorCode::Usage, impl.subject, "a pooler's console takes no parameters");
    impl.answer.reset();
    impl.sqlState.clear();
    impl.userSql = sql;
    impl.userParameters.assign(parameters.begin(), parameters.end());
    impl.startUser();
    return {};
}

Result<void> Connection::sendSimple(std::string_view sql)
{
    Impl &impl = *m_impl;
    if (impl.state != State::Ready || impl.options.isReadOnly || impl.isConsole
        || sql.find('\0') != std::string_view::npos)
        return fail(ErrorCode::Usage, impl.subject, "a text is not sent by the simple protocol here");
    impl.answer.reset();
    impl.sqlState.clear();
    impl.userSql = sql;
    impl.userParameters.clear();
    impl.startUser(true);
    return {};
}

std::optional<Result<ResultSet>> Connection::take()
{
    if (!m_impl->answer || m_impl->state == State::Busy)
        return std::nullopt;
    std::optional<Result<ResultSet>> answer = std::move(m_impl->answer);
    m_impl->answer.reset();
    return answer;
}

void Connection::cancel()
{
    static std::atomic<int> running{0};
    if (m_impl->state != State::Busy || !m_impl->connection)
        return;
    PGcancel *handle = PQgetCancel(m_impl->connection.get());
    if (!handle)
        return;
    if (running.fetch_add(1) >= kMaxCancels) {
        // They hang at a server that does not answer; the statement's own time limit ends it.
        running.fetch_sub(1);
        PQfreeCancel(handle);
        return;
    }
    std::thread([handle] {
        char words[256];
        PQcancel(handle, words, sizeof words);
        PQfreeCancel(handle);
        running.fetch_sub(1);
    }).detach();
}

std::chrono::nanoseconds Connection::lastDuration() const { return m_impl->duration; }
const std::string &Connection::sqlState() const { return m_impl->sqlState; }
int Connection::serverVersion() const { return m_impl->serverVersion; }
int Connection::backendPid() const { return m_impl->backendPid; }
bool Connection::isConsole() const { return m_impl->isConsole; }
bool Connection::isPooled() const { return m_impl->isPooled; }

std::string Connection::parameter(std::string_view name) const
{
    return m_impl->connection
        ? sanitizedUtf8(text(PQparameterStatus(m_impl->connection.get(), std::string(name).c_str())))
        : std::string();
}

std::string Connection::option(std::string_view keyword) const
{
    std::string value;
    if (PQconninfoOption *options = m_impl->connection ? PQconninfo(m_impl->connection.get()) : nullptr) {
        for (const PQconninfoOption *entry = options; entry->keyword; ++entry) {
            const bool isSecret = entry->dispchar && std::string_view(entry->dispchar) == "*";
            if (keyword == entry->keyword && !isSecret)
                value = text(entry->val);
        }
        PQconninfoFree(options);
    }
    // Of several hosts the one that was taken.
    if (PGconn *connection = m_impl->connection.get(); connection && keyword == "host")
        value = text(PQhost(connection));
    else if (connection && keyword == "port")
        value = text(PQport(connection));
    return sanitizedUtf8(value);
}

std::string Connection::tlsText() const
{
    PGconn *connection = m_impl->connection.get();
    if (!connection || PQsslInUse(connection) == 0)
        return {};
    const std::string mode = option("sslmode");
    std::string out = text(PQsslAttribute(connection, "protocol"));
    if (const std::string cipher = text(PQsslAttribute(connection, "cipher")); !cipher.empty())
        out += ", " + cipher;
    return out
        + (mode == "verify-full"      ? ", certificate and host name checked"
                : mode == "verify-ca" ? ", certificate checked"
                                      : ", certificate not checked");
}

} // namespace tailscope::live
