// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"
#include "live/factsreader.h"
#include "live/probeschedule.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace tailscope::live {

/// UTC by our clock.
Nanos wallNow();

/// One server of a Sampler: connects, asks what is due, notices when it is lost and tries again. Called by
/// the live thread; never blocks.
class SampledServer
{
public:
    using Time = ProbeSchedule::Time;
    using Millis = ProbeSchedule::Millis;

    static constexpr Millis kFirstPause{500}, kLongestPause{30'000}; ///< until it is tried again
    static constexpr Millis kAfterRefusal{60'000}; ///< what will hardly change by itself
    /// A password that worked before and is refused now (LDAP or auth_query is down for a moment) is tried
    /// again so often, then asked for: an account must not be locked by us.
    static constexpr int kTriesOfKnownPassword = 5;
    /// Past its own statement_timeout and this, a query will not be answered any more: the server hangs.
    static constexpr Millis kPatience{5'000};
    static constexpr Millis kFactsTime{15'000}; ///< for all of them
    /// What looks like a change of role is looked into once in this time.
    static constexpr Millis kBetweenRereads{60'000};
    /// A probe whose answer was too large is left alone so long, twice as long the next time.
    static constexpr Millis kAfterTooLarge{10'000}, kLongestAfterTooLarge{600'000};
    /// Intervals without a sample that make a gap.
    static constexpr int kGapIntervals = 3;

    SampledServer(std::size_t index, Target target, SampleSink &sink);
    ~SampledServer();

    void setOptions(const SamplerOptions &options, Time now);
    void setPassword(std::string password, Time now);
    void setPaused(bool paused);
    void runNow(std::string_view probe, Time now) { m_schedule.runNow(probe, now); }
    void stop();

    /// Goes on with whatever can be gone on with; when to call again at the latest.
    Time advance(Time now);
    int socket() const;
    short pollEvents(Time now) const;
    void socketReady(Time now);

    ServerStatus status(Time now) const;
    ServerStatus::State state() const { return m_state; }

private:
    struct Query
    {
        const Probe *probe = nullptr;
        Nanos sentNs = 0;
        Time sent{};
    };
    using State = ServerStatus::State;

    void connect(Time now);
    void goOnConnecting(Time now);
    void abandon();
    void connected(Time now, std::shared_ptr<const ServerFacts> facts);
    void tellChanges(const ServerFacts &before, const ServerFacts &now);
    void notConnected(const Error &error, Failure failure, Time now);
    void lost(const Error &error, Time now);
    void reread(std::string why, Time now);
    void send(const Probe &probe, Time now);
    void takeAnswer(Time now);
    void deliver(Sample &&sample, Time now);
    void tellGap(Nanos from, Nanos to, std::string title);
    void note(ServerEvent::Kind kind, Nanos ts, Nanos end, std::string title, std::string detail = {});
    void addShare(Time now, std::chrono::nanoseconds took);
    double share(Time now) const;
    std::chrono::nanoseconds onTheWay(std::size_t bytes) const;
    void tooLarge(const Probe &probe);

    const std::size_t m_index;
    Target m_target;
    SampleSink &m_sink;
    ConnectOptions m_options;
    ProbeSchedule m_schedule;
    Connection m_connection;
    bool m_isConnecting = false;
    bool m_didPasswordWork = false; ///< the one that is set
    int m_passwordsRefused = 0; ///< in a row, since it worked
    bool m_isRereading = false; ///< the connection was given up by us; a loss is told once that fails
    std::map<const Probe *, int> m_tooLarge; ///< answers past the limit of the connection
    std::unique_ptr<FactsReader> m_reader; ///< while the facts of a new connection are read
    std::optional<Query> m_query;
    std::shared_ptr<const ServerFacts> m_facts;

    State m_state = State::Connecting;
    std::string m_detail;
    Nanos m_since = 0, m_lastSampleNs = kUnknownNanos, m_lostNs = kUnknownNanos;
    Nanos m_pausedNs = kUnknownNanos, m_refusedNs = kUnknownNanos;
    int m_attempts = 0;
    std::size_t m_bytes = 0;
    Time m_nextAttempt{}, m_mutedUntil{}, m_began{}, m_nextReread{};
    std::minstd_rand m_random;

    /// Time that our queries took, by the second they ended in.
    struct Second
    {
        std::int64_t second = -1;
        std::int64_t nanos = 0;
    };
    std::array<Second, 60> m_shares{};
};

} // namespace tailscope::live
