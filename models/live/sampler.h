// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/sample.h"
#include "live/target.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::live {

struct SamplerOptions
{
    std::chrono::milliseconds interval{1000}; ///< of the fastest probes; the others keep their ratio to 1 s
    std::map<std::string, std::chrono::milliseconds, std::less<>> intervals; ///< by probe id; 0 = off
};

/// How it goes with one probe of one server.
struct ProbeStatus
{
    const Probe *probe = nullptr;
    enum class State {
        Running,
        Off,
        NotWanted,
        NotOnThisVersion,
        NotOnThisSide,
        NeedsExtension,
        Denied,
        Failing,
        BackedOff
    } state
        = State::Running;
    std::string reason; ///< in words, unless Running
    std::chrono::milliseconds interval{0};
    std::size_t runs = 0, failures = 0, lastRows = 0;
    double lastMs = 0, meanMs = 0; ///< from send to the whole answer
};
/// How it goes with one server. A value.
struct ServerStatus
{
    std::string label;
    enum class State {
        Connecting,
        NeedsPassword,
        Sampling,
        Lost,
        Refused,
        Stopped
    } state
        = State::Connecting;
    std::string detail; ///< why, and when it is tried again
    std::shared_ptr<const ServerFacts> facts; ///< null: never connected
    Nanos since = 0, lastSampleNs = 0;
    int attempts = 0; ///< since it was lost
    double ownShare = 0; ///< time our queries took / time gone by, of the last minute
    double clientCpuShare = 0; ///< of one core, of the live thread, of the last minute
    std::size_t bytes = 0; ///< received
    std::vector<ProbeStatus> probes;
};

/// Asks all servers of an attachment by one thread of its own (nonblocking libpq and poll()): one query in
/// flight a server, backs off when a run takes more than a fifth of its interval, reconnects with growing
/// pauses (0.5 s to 30 s), never spins.
class Sampler
{
public:
    Sampler(std::vector<Target> targets, const SamplerOptions &options, SampleSink &sink);
    ~Sampler(); ///< stops

    void start();
    void stop(); ///< waits for the thread; at most a second
    std::vector<ServerStatus> status() const; ///< any thread
    void setPassword(std::size_t server, std::string password); ///< any thread; connects again
    void setOptions(const SamplerOptions &options); ///< any thread
    void setPaused(bool paused); ///< any thread; a pause is told as a gap
    void runNow(std::string_view probe); ///< any thread; "snapshot now": empty = all probes

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::live
