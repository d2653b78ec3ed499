// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "live/probe.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace tailscope::live {

/// The answer to one run of a probe.
struct Sample
{
    std::size_t server = 0; ///< place in the list of targets
    const Probe *probe = nullptr;
    ResultSet rows;
    std::optional<Error> error; ///< then there are no rows
    Nanos sentNs = 0, receivedNs = 0; ///< our clock, UTC
};

/// Something about a server that is no sample.
struct ServerEvent
{
    enum class Kind {
        Connected, ///< the first time; facts are new
        Reconnected, ///< facts are new
        Lost, ///< tsNs: since when nothing is known
        Gap, ///< tsNs..endNs was not sampled: paused, no room to store, computer asleep
        Failover, ///< another system answers, the timeline changed, or the role changed
        Restarted, ///< another postmaster start
        StatisticsReset,
        BackedOff, ///< a probe takes too long: its interval grew
    };
    std::size_t server = 0;
    Kind kind = Kind::Connected;
    Nanos tsNs = 0, endNs = kUnknownNanos; ///< our clock, UTC
    std::shared_ptr<const ServerFacts> facts;
    std::string title, detail; ///< in words
};
std::string_view toText(ServerEvent::Kind kind);

/// Takes what the live thread brings. Called by that thread; must not block.
class SampleSink
{
public:
    virtual ~SampleSink() = default;
    /// False: there is no room (60 s or 16 MB wait); the sampler tells a gap when there is again.
    virtual bool offer(Sample &&sample) = 0;
    virtual void note(ServerEvent &&event) = 0;
};

} // namespace tailscope::live
