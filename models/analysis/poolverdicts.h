// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/poolconfig.h"
#include "analysis/poolfigures.h"
#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

namespace tailscope::analysis {

/// What configuration, settings and series tell of the surroundings of pools.
class PoolContext
{
public:
    static Result<PoolContext> read(store::Database &reader);
    /// capacity, instances: as measured; they decide between several files that name the pool.
    PoolSurroundings surroundingsOf(const PoolSeries &series, double capacity, int instances) const;
    const std::vector<Topology> &topologies() const { return m_topologies; }

private:
    struct Server
    {
        std::int64_t id = 0; ///< 0 = known by series only
        std::string name;
        TimedValues active, cpu;
        std::optional<double> maxConnections;
    };
    const PoolConfig *configOf(const PoolSeries &series, double capacity, int instances,
        const Topology **topology) const;
    const Server *serverOf(const std::string &name, std::int64_t id) const;
    Result<void> readSessions(store::Database &reader);
    Result<void> readSeries(store::Database &reader);

    std::vector<Topology> m_topologies;
    std::vector<Server> m_servers;
    std::vector<std::pair<std::int64_t, std::string>> m_names; ///< of rows of `server`
};

/// Tables pool_verdict, pool_ceiling and pool_fleet.
Result<WriteRows> computePoolVerdicts(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
