// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/sampledserver.h"

#include "base/text.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <poll.h>

namespace tailscope::live {

namespace {

using Seconds = std::chrono::seconds;

/// A socket that is readable although nothing was asked is looked at again after this.
constexpr std::chrono::milliseconds kMuted{100};
constexpr std::chrono::milliseconds kLook{50};
/// Starts of a postmaster that differ by less are one, told with another rounding.
constexpr Nanos kSameStart = 2 * kNanosPerSecond;

std::int64_t secondOf(ProbeSchedule::Time now)
{
    return std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count();
}

std::string inWords(SampledServer::Millis pause)
{
    return "tried again in " + humanMillis(static_cast<double>(pause.count()));
}

} // namespace

Nanos wallNow()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

SampledServer::SampledServer(std::size_t index, Target target, SampleSink &sink)
    : m_index(index)
    , m_target(std::move(target))
    , m_sink(sink)
    , m_schedule(builtinProbes())
    , m_since(wallNow())
    , m_random(static_cast<std::minstd_rand::result_type>(m_since / 1000 + static_cast<Nanos>(index)))
{
    if (m_target.label.empty())
        m_target.label = shortText(m_target);
}

SampledServer::~SampledServer() = default;

void SampledServer::setOptions(const SamplerOptions &options, Time now)
{
    m_schedule.setOptions(options, now);
}

void SampledServer::setPassword(std::string password, Time now)
{
    if (password != m_target.password)
        m_didPasswordWork = false;
    m_target.password = std::move(password);
    m_passwordsRefused = 0;
    if (m_state == State::Sampling)
        return; // for the next time
    abandon();
    m_attempts = 0;
    m_nextAttempt = now;
    m_state = State::Connecting;
    m_detail.clear();
}

void SampledServer::setPaused(bool paused)
{
    const Nanos now = wallNow();
    if (paused == (m_pausedNs != kUnknownNanos))
        return;
    const Nanos since = std::exchange(m_pausedNs, paused ? now : kUnknownNanos);
    if (paused || m_state != State::Sampling)
        return;
    tellGap(m_lastSampleNs == kUnknownNanos ? since : std::min(since, m_lastSampleNs), now, "paused by hand");
    m_lastSampleNs = now;
}

void SampledServer::stop()
{
    abandon();
    m_state = State::Stopped;
    m_detail.clear();
}

/// Whatever is under way with the connection ends.
void SampledServer::abandon()
{
    m_reader.reset();
    m_isConnecting = false;
    m_query.reset();
    m_connection.close();
}

int SampledServer::socket() const
{
    return m_state == State::Sampling || m_isConnecting ? m_connection.socket() : -1;
}

short SampledServer::pollEvents(Time now) const
{
    if (m_mutedUntil > now)
        return 0;
    // Also while nothing is asked: a server that goes says so.
    const bool reads = !m_isConnecting || m_connection.wantsRead();
    return static_cast<short>((reads ? POLLIN : 0) | (m_connection.wantsWrite() ? POLLOUT : 0));
}

void SampledServer::socketReady(Time now)
{
    if (m_isConnecting)
        return goOnConnecting(now);
    const bool wasBusy = m_query.has_value();
    m_connection.step();
    takeAnswer(now);
    if (!wasBusy && m_state == State::Sampling)
        m_mutedUntil = now + kMuted; // whatever it was, it does not make us spin
}

SampledServer::Time SampledServer::advance(Time now)
{
    if (m_state == State::Stopped)
        return Time::max();
    if (m_isConnecting)
        goOnConnecting(now);
    if (m_isConnecting) // names are looked up without a socket to wait for
        return now + (m_connection.socket() < 0 ? kLook : Millis(Seconds(1)));
    if (m_state != State::Sampling) {
        if (m_state == State::NeedsPassword)
            return Time::max();
        if (now < m_nextAttempt)
            return m_nextAttempt;
        connect(now);
        return now;
    }
    takeAnswer(now);
    if (m_query && now - m_query->sent > m_options.statementTimeout + kPatience) {
        m_query.reset();
        lost({ErrorCode::Connection, m_target.label, "the server does not answer any more", std::nullopt,
                 "It may be paused, or the network is gone."},
            now);
    }
    if (m_state != State::Sampling)
        return m_nextAttempt;
    if (!m_query && m_pausedNs == kUnknownNanos) {
        if (const Probe *probe = m_schedule.next(now))
            send(*probe, now);
    }
    if (m_state != State::Sampling)
        return m_nextAttempt;
    if (m_query)
        return now + Seconds(1);
    const Time due = m_pausedNs == kUnknownNanos ? m_schedule.nextDue() : now + Seconds(1);
    return m_mutedUntil > now ? std::min(due, m_mutedUntil) : std::min(due, now + Seconds(1));
}

void SampledServer::connect(Time now)
{
    ++m_attempts;
    m_began = now;
    m_nextAttempt = now;
    m_connection = Connection();
    m_isConnecting = true;
    if (const Result<void> opened = m_connection.open(m_target, m_options); !opened)
        notConnected(opened.error(), Failure::Refused, now);
}

void SampledServer::goOnConnecting(Time now)
{
    const auto failed = [&] {
        notConnected(m_connection.error().value_or(Error{ErrorCode::Connection, m_target.label,
                         "the connection failed", std::nullopt, {}}),
            m_connection.failure(), now);
    };
    m_connection.step();
    using Phase = Connection::State;
    if (m_connection.state() == Phase::Broken || m_connection.state() == Phase::Closed)
        return failed();
    if (m_connection.state() == Phase::Connecting)
        return;
    if (!m_reader)
        m_reader = std::make_unique<FactsReader>(m_connection, m_target);
    m_reader->step();
    std::optional<Result<ServerFacts>> facts = m_reader->take();
    if (m_connection.state() == Phase::Broken)
        return failed();
    if (!facts) {
        if (now - m_began > kFactsTime)
            notConnected({ErrorCode::Connection, m_target.label, "it does not say what it is", std::nullopt,
                             {}},
                Failure::TimedOut, now);
        return;
    }
    m_reader.reset();
    m_isConnecting = false;
    if (!*facts)
        return notConnected(facts->error(), Failure::Lost, now);
    connected(now, std::make_shared<const ServerFacts>(std::move(**facts)));
}

void SampledServer::notConnected(const Error &error, Failure failure, Time now)
{
    const std::string words = error.detail + (error.hint.empty() ? "" : ". " + error.hint);
    abandon();
    // It went away while it was asked again what it is: from its last sample on nothing is known.
    if (std::exchange(m_isRereading, false)) {
        m_since = m_lostNs;
        note(ServerEvent::Kind::Lost, m_lostNs, kUnknownNanos, "the connection was lost", error.detail);
    }
    const bool isPassword = failure == Failure::NeedsPassword || needsPassword(error);
    const bool isKnownPassword
        = isPassword && m_didPasswordWork && ++m_passwordsRefused <= kTriesOfKnownPassword;
    if (isPassword && !isKnownPassword) {
        m_state = State::NeedsPassword;
        m_detail = words;
        m_nextAttempt = Time::max();
        return;
    }
    Millis pause = kAfterRefusal;
    if (isKnownPassword || failure == Failure::Refused || failure == Failure::Protocol
        || failure == Failure::NotSafe) {
        m_state = State::Refused;
    } else {
        m_state = State::Lost;
        pause = std::min(kFirstPause * (1 << std::clamp(m_attempts - 1, 0, 6)), kLongestPause);
        // A quarter up or down: many clients shall not come back at the same moment.
        std::uniform_real_distribution<double> jitter(0.75, 1.25);
        pause = Millis(static_cast<Millis::rep>(static_cast<double>(pause.count()) * jitter(m_random)));
    }
    m_nextAttempt = now + pause;
    m_detail = words + (words.ends_with('.') ? " " : "; ") + inWords(pause);
}

void SampledServer::connected(Time now, std::shared_ptr<const ServerFacts> facts)
{
    const std::shared_ptr<const ServerFacts> before = std::exchange(m_facts, std::move(facts));
    const Nanos wall = wallNow();
    m_state = State::Sampling;
    m_detail.clear();
    m_since = wall;
    m_attempts = 0;
    m_began = now;
    m_isRereading = false;
    m_didPasswordWork = true;
    m_passwordsRefused = 0;
    m_schedule.state.restart(wall);
    m_schedule.setFacts(m_facts, now);
    for (const auto &[probe, times] : m_tooLarge)
        m_schedule.putOff(probe, now,
            std::min(kAfterTooLarge * (1 << std::clamp(times - 1, 0, 6)), kLongestAfterTooLarge),
            "its answer was larger than " + humanBytes(m_options.answerLimit));
    if (!before) {
        note(ServerEvent::Kind::Connected, wall, kUnknownNanos, "connected", m_facts->versionText);
    } else {
        const Nanos since = m_lostNs == kUnknownNanos ? wall : m_lostNs;
        note(ServerEvent::Kind::Reconnected, since, wall, "connected again",
            "not sampled for " + humanDuration(wall - since));
        tellChanges(*before, *m_facts);
    }
    m_lostNs = kUnknownNanos;
    m_lastSampleNs = wall;
    m_refusedNs = kUnknownNanos;
}

void SampledServer::tellChanges(const ServerFacts &before, const ServerFacts &now)
{
    const Nanos wall = wallNow();
    const auto failover = [&](std::string title, std::string detail) {
        note(ServerEvent::Kind::Failover, wall, kUnknownNanos, std::move(title), std::move(detail));
    };
    const bool isOther = !before.systemIdentifier.empty() && !now.systemIdentifier.empty()
        && before.systemIdentifier != now.systemIdentifier;
    if (isOther)
        failover("another database system answers",
            "system identifier " + before.systemIdentifier + " before, " + now.systemIdentifier + " now");
    else if (before.inRecovery && now.inRecovery && *before.inRecovery != *now.inRecovery)
        failover(*now.inRecovery ? "the primary became a standby" : "the standby was promoted",
            now.timeline ? "timeline " + std::to_string(*now.timeline) : std::string());
    else if (before.timeline && now.timeline && *before.timeline != *now.timeline)
        failover("the timeline changed",
            "from " + std::to_string(*before.timeline) + " to " + std::to_string(*now.timeline));
    const bool known = before.postmasterStartNs != kUnknownNanos && now.postmasterStartNs != kUnknownNanos;
    if (known && std::abs(now.postmasterStartNs - before.postmasterStartNs) > kSameStart)
        note(ServerEvent::Kind::Restarted,
            std::clamp(now.postmasterStartNs - now.clockDifferenceNs,
                m_lostNs == kUnknownNanos ? wall : std::min(m_lostNs, wall), wall),
            kUnknownNanos, "the server was restarted",
            before.versionText == now.versionText
                ? std::string()
                : before.versionText + " before, " + now.versionText + " now");
}

void SampledServer::lost(const Error &error, Time now)
{
    abandon();
    m_state = State::Lost;
    m_lostNs = m_lastSampleNs == kUnknownNanos ? wallNow() : m_lastSampleNs;
    m_since = m_lostNs;
    m_attempts = 0;
    m_nextAttempt = now + kFirstPause;
    m_detail = error.detail + "; " + inWords(kFirstPause);
    note(ServerEvent::Kind::Lost, m_lostNs, kUnknownNanos, "the connection was lost", error.detail);
}

/// The server is another one than it said it was: its facts are read again by a new connection, at once.
void SampledServer::reread(std::string why, Time now)
{
    abandon();
    m_state = State::Connecting;
    m_attempts = 0;
    m_detail = std::move(why);
    m_lostNs = m_lastSampleNs;
    m_isRereading = true;
    m_nextAttempt = now;
}

/// The next connection asks it later: else each one would end by the same answer.
void SampledServer::tooLarge(const Probe &probe)
{
    if (probe.id == "statements" && m_schedule.state.asksTexts)
        m_schedule.state.failed(probe, wallNow()); // without texts it fits
    else
        ++m_tooLarge[&probe];
}

/// What the network needs at least for an answer: a round trip, and one more each time TCP doubles what it
/// sends without being asked for more.
std::chrono::nanoseconds SampledServer::onTheWay(std::size_t bytes) const
{
    constexpr std::size_t kFirstWindow = 14'000;
    int trips = 1;
    for (std::size_t sent = kFirstWindow; sent < bytes && trips < 16; sent = sent * 2 + kFirstWindow)
        ++trips;
    return std::chrono::nanoseconds(m_facts->roundTripNs) * trips;
}

void SampledServer::send(const Probe &probe, Time now)
{
    const std::string sql = sqlOf(probe, *m_facts, m_schedule.state);
    if (sql.empty()) {
        m_schedule.failed(&probe, now, std::chrono::nanoseconds(0), "0A000", "this server cannot be asked");
        return;
    }
    if (const Result<void> sent = m_connection.send(sql); !sent) {
        lost(m_connection.error().value_or(sent.error()), now);
        return;
    }
    m_query = Query{&probe, wallNow(), now};
}

void SampledServer::takeAnswer(Time now)
{
    if (m_state != State::Sampling)
        return;
    if (m_query) {
        m_connection.step();
        if (m_connection.failure() == Failure::TooLarge)
            tooLarge(*m_query->probe);
        if (std::optional<Result<ResultSet>> answer = m_connection.take()) {
            const Query query = *std::exchange(m_query, std::nullopt);
            const std::chrono::nanoseconds took = m_connection.lastDuration();
            addShare(now, took);
            Sample sample;
            sample.server = m_index;
            sample.probe = query.probe;
            sample.sentNs = query.sentNs;
            sample.receivedNs = wallNow();
            if (*answer) {
                sample.rows = std::move(**answer);
                const std::size_t rows = sample.rows.rows();
                // Before 14 nothing else tells of a promotion under an open connection.
                if (query.probe->side == Side::Standby && rows > 0
                    && sample.rows.column("pg_is_wal_replay_paused") >= 0
                    && !sample.rows.cell(0, "pg_is_wal_replay_paused") && now >= m_nextReread) {
                    m_nextReread = now + kBetweenRereads;
                    return reread("its role changed", now);
                }
                m_bytes += sample.rows.bytes();
                m_tooLarge.erase(query.probe); // it fits: no reason to put it off later
                m_schedule.state.learn(*query.probe, sample.rows, sample.receivedNs);
                const std::chrono::nanoseconds way = onTheWay(sample.rows.bytes());
                if (auto told = m_schedule.succeeded(query.probe, now, took, rows, way))
                    note(ServerEvent::Kind::BackedOff, sample.receivedNs, kUnknownNanos, std::move(*told));
                deliver(std::move(sample), now);
            } else if (m_connection.state() != Connection::State::Broken) {
                const std::string sqlState = m_connection.sqlState();
                m_schedule.failed(query.probe, now, took, sqlState, answer->error().detail);
                if (sqlState == "57014") // too long: with texts it takes longest
                    m_schedule.state.failed(*query.probe, sample.receivedNs);
                sample.error = answer->error();
                deliver(std::move(sample), now);
                // What a standby, or a primary, cannot be asked. An extension whose library is not loaded
                // says the same, each time: that changes nothing.
                if (sqlState == "55000" && query.probe->extension.empty() && now >= m_nextReread) {
                    m_nextReread = now + kBetweenRereads;
                    return reread("its role seems to have changed", now);
                }
            }
        }
    }
    if (m_connection.state() == Connection::State::Broken
        || m_connection.state() == Connection::State::Closed) {
        lost(m_connection.error().value_or(Error{ErrorCode::Connection, m_target.label,
                 "the server closed the connection", std::nullopt, {}}),
            now);
        return;
    }
    // Told by servers from 14 on when they are promoted under an open connection. A pooler keeps what the
    // first of its servers told once.
    const std::string standby
        = m_connection.isPooled() ? std::string() : m_connection.parameter("in_hot_standby");
    if (!m_query && !standby.empty() && m_facts->inRecovery && (standby == "on") != *m_facts->inRecovery)
        reread("its role changed", now);
}

void SampledServer::deliver(Sample &&sample, Time)
{
    const Nanos sent = sample.sentNs, received = sample.receivedNs;
    const Nanos allowed = Nanos{m_schedule.fastest().count()} * kNanosPerMilli * kGapIntervals;
    if (!m_sink.offer(std::move(sample))) {
        if (m_refusedNs == kUnknownNanos)
            m_refusedNs = m_lastSampleNs == kUnknownNanos ? sent : m_lastSampleNs;
        m_detail = "samples are dropped: the workspace takes no more";
        return;
    }
    if (m_refusedNs != kUnknownNanos) {
        tellGap(m_refusedNs, sent, "the workspace took no samples");
        m_detail.clear();
    } else if (m_lastSampleNs != kUnknownNanos && sent - m_lastSampleNs > allowed) {
        tellGap(m_lastSampleNs, sent, "nothing was asked: this computer slept, or was busy");
    }
    m_refusedNs = kUnknownNanos;
    m_lastSampleNs = received;
}

void SampledServer::tellGap(Nanos from, Nanos to, std::string title)
{
    note(ServerEvent::Kind::Gap, from, to, std::move(title), "not sampled for " + humanDuration(to - from));
}

void SampledServer::note(ServerEvent::Kind kind, Nanos ts, Nanos end, std::string title, std::string detail)
{
    ServerEvent event;
    event.server = m_index;
    event.kind = kind;
    event.tsNs = ts;
    event.endNs = end;
    event.facts = m_facts;
    event.title = std::move(title);
    event.detail = std::move(detail);
    m_sink.note(std::move(event));
}

void SampledServer::addShare(Time now, std::chrono::nanoseconds took)
{
    const std::int64_t second = secondOf(now);
    Second &place = m_shares[static_cast<std::size_t>(second % 60)];
    if (place.second != second)
        place = {second, 0};
    place.nanos += took.count();
}

double SampledServer::share(Time now) const
{
    const std::int64_t last = secondOf(now);
    std::int64_t nanos = 0;
    for (const Second &one : m_shares) {
        if (one.second > last - 60)
            nanos += one.nanos;
    }
    const double passed = std::chrono::duration<double>(now - m_began).count();
    return m_began == Time{} ? 0 : static_cast<double>(nanos) / 1e9 / std::clamp(passed, 1.0, 60.0);
}

ServerStatus SampledServer::status(Time now) const
{
    ServerStatus status;
    status.label = m_target.label;
    status.state = m_state;
    status.detail = m_detail;
    if (m_state == State::Sampling && m_query && now - m_query->sent > m_options.statementTimeout)
        status.detail = "no answer for "
            + humanMillis(std::chrono::duration<double, std::milli>(now - m_query->sent).count());
    status.facts = m_facts;
    status.since = m_since;
    status.lastSampleNs = m_lastSampleNs == kUnknownNanos ? 0 : m_lastSampleNs;
    status.attempts = m_attempts;
    status.ownShare = share(now);
    status.bytes = m_bytes;
    status.probes = m_schedule.status();
    return status;
}

} // namespace tailscope::live
