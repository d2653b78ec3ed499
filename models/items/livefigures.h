// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/livequery.h"
#include "store/database.h"

namespace tailscope::items {

/// A recording or a snapshot of catalog views, and what is added to its times.
struct LiveSource
{
    std::int64_t id = 0;
    Nanos offsetNs = 0;
    bool isRecording = false; ///< rows that did not change are left out
    std::map<std::int64_t, std::string> servers; ///< names of its rows of server

    std::string serverName(std::int64_t server) const
    {
        const auto found = servers.find(server);
        return found == servers.end() ? std::string() : found->second;
    }
};
Result<std::vector<LiveSource>> liveSources(store::Database &database);

/// The servers of the sources, one a name: a server that was reconnected has several rows, the newest
/// counts. places: of server.id in the list.
Result<std::vector<LiveServer>> liveServers(store::Database &database, const std::vector<LiveSource> &sources,
    Nanos moment, std::map<std::int64_t, std::size_t> &places);

/// Size, connections, oldest transaction, longest wait and our own cost at a moment.
Result<void> addFigures(store::Database &database, const std::vector<LiveSource> &sources, Nanos moment,
    const std::map<std::int64_t, std::size_t> &places, std::vector<LiveServer> &servers);

} // namespace tailscope::items
