// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// A server as people mean it: each file and each recording has a row of its own in `server`.
struct ServerGroup
{
    std::string label; ///< its name, else host and port, else "server"
    std::vector<std::int64_t> ids; ///< of server; 0 = samples that name none
    std::string dbname; ///< the database its tables are of; empty = unknown
    std::string systemIdentifier; ///< equal for a primary and its standbys
    std::optional<std::int64_t> version; ///< server_version_num of the newest row
    std::optional<bool> isStandby;
    std::int64_t lastSource = 0; ///< the newest source about it
};

/// All servers of a workspace. Rows are of one server when system identifier, host and port are the same
/// (a primary and its standby share the identifier, never the place), or where no row has an identifier,
/// host and port, or else the name. The last group is that of samples without a server. Any thread.
class ServerGroups
{
public:
    static Result<ServerGroups> load(store::Database &reader);

    const std::vector<ServerGroup> &all() const { return m_groups; }
    const ServerGroup &operator[](std::size_t group) const { return m_groups[group]; }
    /// server.id to its place in all(); 0 and ids that are unknown: the last.
    std::size_t of(std::int64_t serverId) const;
    std::int64_t sourceOf(std::int64_t serverId) const; ///< 0 = unknown
    bool isRecording(
        std::int64_t serverId) const; ///< its source is a recording: unchanged rows are not repeated

private:
    struct Place
    {
        std::size_t group = 0;
        std::int64_t source = 0;
        bool isRecording = false;
    };
    std::vector<ServerGroup> m_groups;
    std::unordered_map<std::int64_t, Place> m_byId;
};

} // namespace tailscope::analysis
