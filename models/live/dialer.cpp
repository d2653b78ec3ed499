// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/dialer.h"

#include "base/text.h"
#include "live/hostlist.h"
#include "live/serverwords.h"
#include "live/sessionsettings.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tailscope::live {

namespace {

constexpr std::chrono::seconds kLongestPatience{60};

std::string valueOf(const Keywords &keywords, std::string_view name)
{
    const auto found = std::find_if(keywords.begin(), keywords.end(),
        [&](const Keyword &keyword) { return keyword.name == name; });
    return found == keywords.end() ? std::string() : found->value;
}

void setDefault(Keywords &keywords, const char *name, std::string value)
{
    if (valueOf(keywords, name).empty())
        keywords.push_back({name, std::move(value), false});
}

void setAlways(Keywords &keywords, const char *name, std::string value)
{
    std::erase_if(keywords, [&](const Keyword &keyword) { return keyword.name == name; });
    keywords.push_back({name, std::move(value), false});
}

PGconn *dial(const Keywords &keywords)
{
    std::vector<const char *> names, values;
    for (const Keyword &keyword : keywords) {
        names.push_back(keyword.name.c_str());
        values.push_back(keyword.value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    PGconn *connection = PQconnectStartParams(names.data(), values.data(), 0);
    // With the code of an error in its text: there is no other way to it while connecting.
    if (connection)
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    return connection;
}

std::string text(std::chrono::milliseconds time)
{
    return humanDuration(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

} // namespace

struct Dialer::Start
{
    ~Start()
    {
        if (wake >= 0)
            close(wake);
    }

    Keywords keywords;
    std::vector<std::string> leftOut;
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); ///< readable once it is done
    std::mutex mutex;
    bool isDone = false;
    LibpqConnection connection;
    std::string problem;
    std::vector<HostEntry> hosts;

    /// In the thread.
    void run()
    {
        std::string words;
        std::vector<HostEntry> places = resolvedHosts(keywords, words);
        std::erase_if(places, [&](const HostEntry &host) {
            return std::find(leftOut.begin(), leftOut.end(), host.key()) != leftOut.end();
        });
        if (!places.empty())
            setHosts(keywords, places);
        LibpqConnection made(places.empty() && !words.empty() ? nullptr : dial(keywords));
        if (!made && words.empty())
            words = "there is not enough memory";
        const std::lock_guard lock(mutex);
        isDone = true;
        problem = made ? std::string() : words;
        connection = std::move(made);
        hosts = std::move(places);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = write(wake, &one, sizeof one);
    }
};

Dialer::Dialer(const Target &target, const ConnectOptions &options)
    : m_target(target)
    , m_options(options)
    , m_subject(shortText(target))
    , m_sendsOptions(target.kind == TargetKind::Postgres)
    , m_patience(options.connectTimeout)
{
    if (const auto asked
        = parseInt64(valueOf(keywordsOf(target.conninfo).value_or(Keywords()), "connect_timeout")))
        m_patience = std::clamp<std::chrono::milliseconds>(std::chrono::seconds(
                                                               std::clamp<std::int64_t>(*asked, 2, 60)),
            std::chrono::seconds(2), kLongestPatience);
    start();
}

Dialer::~Dialer() = default;

Keywords Dialer::parameters() const
{
    Keywords keywords = keywordsOf(m_target.conninfo).value_or(Keywords());
    if (!m_target.password.empty())
        setAlways(keywords, "password", m_target.password);
    for (const auto &[name, value] : m_target.secrets)
        setAlways(keywords, name.c_str(), value);
    setAlways(keywords, "application_name", m_options.applicationName);
    setAlways(keywords, "client_encoding", "UTF8");
    setDefault(keywords, "keepalives_idle", "10");
    setDefault(keywords, "keepalives_interval", "5");
    setDefault(keywords, "keepalives_count", "3");
    setDefault(keywords, "tcp_user_timeout", "10000");
    if (m_sendsOptions) {
        // The last of two wins.
        const std::string own = valueOf(keywords, "options");
        setAlways(keywords, "options", (own.empty() ? "" : own + " ") + startOptions(m_options));
    } else {
        std::erase_if(keywords, [](const Keyword &keyword) { return keyword.name == "options"; });
    }
    return keywords;
}

void Dialer::start()
{
    m_connection.reset();
    m_start = std::make_shared<Start>();
    m_start->keywords = parameters();
    m_start->leftOut = m_leftOut;
    m_deadline = Clock::now() + m_patience;
    // Detached: a resolver may take half a minute and cannot be stopped. The last owner of `shared` tidies
    // up.
    std::thread([shared = m_start] { shared->run(); }).detach();
}

void Dialer::takeStart()
{
    const std::shared_ptr<Start> start = m_start;
    std::string problem;
    {
        const std::lock_guard lock(start->mutex);
        if (!start->isDone)
            return;
        m_connection = std::move(start->connection);
        problem = start->problem;
        m_hosts = std::move(start->hosts);
    }
    m_start.reset();
    m_deadline = Clock::now() + m_patience;
    m_polling = PGRES_POLLING_WRITING;
    if (!m_connection) {
        // Each of the others was silent.
        if (!m_silent.empty())
            problem = m_silent + "; " + problem;
        auto found = connectProblem({problem, {}}, false, m_subject);
        fail(found.failure, found.error.detail, found.error.hint);
    } else if (PQstatus(m_connection.get()) == CONNECTION_BAD) {
        judge();
    }
}

void Dialer::step()
{
    if (m_state != State::Going)
        return;
    if (m_start)
        takeStart();
    if (m_state == State::Going && m_connection)
        poll();
    if (m_state != State::Going || Clock::now() < m_deadline)
        return;
    const std::string place = m_connection && PQhost(m_connection.get())
        ? std::string(PQhost(m_connection.get())) + ", port " + PQport(m_connection.get())
        : m_subject;
    m_silent += (m_silent.empty() ? "" : "; ") + ("no answer from " + sanitizedUtf8(place) + " within ")
        + text(m_patience);
    if (m_connection && leaveHostOut())
        start();
    else
        fail(Failure::TimedOut, m_silent,
            "Check host, port and firewall; a server that is stopped or overloaded does not answer either");
}

void Dialer::poll()
{
    // Each round needs the socket to be ready: libpq must not be asked before.
    for (int round = 0; round < 32 && m_state == State::Going; ++round) {
        pollfd entry{PQsocket(m_connection.get()),
            static_cast<short>(m_polling == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        if (entry.fd < 0 || ::poll(&entry, 1, 0) <= 0)
            return;
        m_polling = PQconnectPoll(m_connection.get());
        if (m_polling == PGRES_POLLING_OK)
            m_state = State::Connected;
        else if (m_polling == PGRES_POLLING_FAILED)
            judge();
    }
}

void Dialer::judge()
{
    PGconn *connection = m_connection.get();
    const ServerWords words = serverWords(PQerrorMessage(connection));
    if (m_sendsOptions && refusesOptions(words)) {
        m_sendsOptions = false;
        start();
        return;
    }
    auto problem = connectProblem(words, PQconnectionNeedsPassword(connection) != 0, m_subject);
    fail(problem.failure, (m_silent.empty() ? "" : m_silent + "; ") + problem.error.detail,
        problem.error.hint);
}

bool Dialer::leaveHostOut()
{
    PGconn *connection = m_connection.get();
    const auto text = [](const char *value) { return std::string(value ? value : ""); };
    const HostEntry current{text(PQhost(connection)), text(PQhostaddr(connection)), text(PQport(connection))};
    const auto silent = std::find_if(m_hosts.begin(), m_hosts.end(), [&](const HostEntry &host) {
        return host.host == current.host
            && (host.address.empty() || current.address.empty() || host.address == current.address)
            && (host.port.empty() || host.port == current.port);
    });
    if (silent == m_hosts.end() || m_hosts.size() < 2)
        return false;
    m_leftOut.push_back(silent->key());
    return true;
}

void Dialer::fail(Failure failure, std::string detail, std::string hint)
{
    m_connection.reset();
    m_start.reset();
    m_state = State::Failed;
    m_failure = failure;
    m_error = Error{ErrorCode::Connection, m_subject, std::move(detail), std::nullopt, std::move(hint)};
}

int Dialer::socket() const
{
    if (m_start)
        return m_start->wake;
    return m_connection ? PQsocket(m_connection.get()) : -1;
}

bool Dialer::wantsRead() const { return m_start || m_polling == PGRES_POLLING_READING; }
bool Dialer::wantsWrite() const { return !m_start && m_polling == PGRES_POLLING_WRITING; }

} // namespace tailscope::live
