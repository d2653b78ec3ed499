// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/sampler.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// Which probe of one server is due and when: intervals, what the server cannot answer, back-off. Knows
/// neither sockets nor a clock: times are handed in. One thread.
class ProbeSchedule
{
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;
    using Millis = std::chrono::milliseconds;

    /// A run may take this share of its interval (1/5); a longer one doubles the interval.
    static constexpr int kShareOfInterval = 5;
    /// Runs past the probe's budget until the interval is doubled: a single one may be the network's.
    static constexpr int kRunsOverBudget = 3;
    /// Runs that would fit into half the interval until it is halved again.
    static constexpr int kRunsToRecover = 3;
    static constexpr int kMaxDoublings = 6;
    static constexpr Millis kShortest{100}; ///< no probe is asked more often
    static constexpr Millis kAfterDenial{300'000}; ///< a role may be granted more meanwhile
    static constexpr Millis kLongestPause{300'000}; ///< of a probe that fails

    explicit ProbeSchedule(std::span<const Probe *const> probes);

    void setOptions(const SamplerOptions &options, Time now);
    /// Of a new connection: everything that can be asked is due, spread over nothing: one query at a time
    /// does that.
    void setFacts(std::shared_ptr<const ServerFacts> facts, Time now);

    /// The probe to ask now: of those that are due the one that waits longest by its own interval; null: none
    /// is due. What isn't wanted is put off by its interval.
    const Probe *next(Time now);
    /// When next() may have an answer; Time::max() = never by itself.
    Time nextDue() const;
    /// Everything that can be asked is due (empty), or one probe, whatever its interval.
    void runNow(std::string_view probe, Time now);

    /// An answer came. The text of an event when the interval was changed. onTheWay: of `took` what the
    /// network needed; budgets are of the server's time.
    std::optional<std::string> succeeded(const Probe *probe, Time now, std::chrono::nanoseconds took,
        std::size_t rows, std::chrono::nanoseconds onTheWay = {});
    /// Not asked for this long, whatever its interval.
    void putOff(const Probe *probe, Time now, Millis pause, std::string reason);
    /// The server refused. sqlState decides how long it is left alone.
    void failed(const Probe *probe, Time now, std::chrono::nanoseconds took, std::string_view sqlState,
        std::string reason);

    /// What the answers told; the sampler fills it.
    ProbeState state;
    std::vector<ProbeStatus> status() const;
    /// Shortest interval of the probes that run; what a gap is measured by.
    Millis fastest() const;

private:
    struct Entry
    {
        const Probe *probe = nullptr;
        ProbeStatus status;
        Time due{};
        bool isForced = false;
        int doublings = 0, overBudget = 0, fits = 0, failuresInARow = 0;
        double sumMs = 0;
    };
    Entry *find(const Probe *probe);
    bool canRun(const Entry &entry) const;
    void decide(Entry &entry);
    Millis interval(const Entry &entry) const;
    Millis plannedInterval(const Entry &entry) const;
    void count(Entry &entry, std::chrono::nanoseconds took);

    std::vector<Entry> m_entries;
    SamplerOptions m_options;
    std::shared_ptr<const ServerFacts> m_facts;
};

} // namespace tailscope::live
