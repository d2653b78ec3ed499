// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/poolformulas.h"
#include "base/result.h"
#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// What configuration says of a pool: of one worker of one instance of a service. Unknown = nothing.
struct PoolConfig
{
    std::string service, pool, target, mode;
    std::optional<std::int64_t> size, instances, maxInstances, workers;
    std::optional<double> acquireTimeoutMs;
    /// Each transaction borrows a connection of a pooler: its own connections are not the server's.
    /// What a pooler itself opens are.
    bool isMultiplexed() const
    {
        return service != "pgbouncer" && (mode == "transaction" || mode == "statement");
    }
};
struct ServerConfig
{
    std::string name;
    std::optional<std::int64_t> maxConnections, reserved, cores, spindles;
};
struct CallConfig
{
    std::string caller, callee;
    double timeoutMs = 0;
};

/// One file of configuration, or all settings of servers that were imported (sourceId 0).
struct Topology
{
    std::int64_t sourceId = 0;
    std::string path;
    std::vector<PoolConfig> pools; ///< by service, pool
    std::vector<ServerConfig> servers; ///< by name
    std::vector<CallConfig> calls;

    /// The server of that name; the only one where the name is empty or unknown; null = none.
    const ServerConfig *serverOf(const std::string &target) const;
};

/// From the tables config and setting; any number of files.
Result<std::vector<Topology>> readTopologies(store::Database &reader);

/// All pools against the connections of one server (FP-02), from configuration alone.
struct Fleet
{
    std::int64_t sourceId = 0;
    std::string path, server;
    std::int64_t maxConnections = 0, reserved = 0;
    std::optional<std::int64_t> cores, spindles;
    struct Part
    {
        std::string service, pool, mode;
        std::int64_t instances = 1, maxInstances = 1, workers = 1, size = 0;
        std::int64_t demand() const { return std::min(instances * workers * size, kMostDemand); }
        std::int64_t maxDemand() const { return std::min(maxInstances * workers * size, kMostDemand); }
        static constexpr std::int64_t kMostDemand
            = 1'000'000'000'000; ///< sums of hostile files do not overflow
        bool counted = true; ///< false: behind a multiplexer
    };
    std::vector<Part> parts; ///< largest first
    FleetDemand now; ///< with the instances of today
    FleetDemand atMost; ///< with those the autoscaler may start
    std::int64_t instances(bool atMost = false) const; ///< of all parts that count, each service once
    bool scales() const { return atMost.demand > now.demand; }
};
/// One for each server that is the target of a pool with a known size and whose limit is known.
std::vector<Fleet> fleetsOf(const std::vector<Topology> &topologies);

/// "ok", "above_margin", "full", "oversubscribed".
const char *fleetStateText(FleetDemand::State state);

} // namespace tailscope::analysis
