// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servergroups.h"

#include <map>

namespace tailscope::analysis {

namespace {

/// What makes rows one server.
std::string keyOf(const store::Statement &row)
{
    const std::string system(row.text(2)), host(row.text(3)), port(row.text(4)), name(row.text(5));
    if (!system.empty())
        return "i" + system + '\x1f' + host + '\x1f' + port
            + '\x1f'
            // By a socket the place is not told: the role parts a standby from its primary.
            + (host.empty() ? std::string(row.text(8)) : std::string());
    if (!host.empty())
        return "h" + host + ':' + port;
    return name.empty() ? std::string("?") : "n" + name;
}

std::string labelOf(const store::Statement &row)
{
    if (!row.isNull(5))
        return std::string(row.text(5));
    if (!row.isNull(3))
        return std::string(row.text(3)) + (row.isNull(4) ? "" : ":" + std::string(row.text(4)));
    return "server";
}

} // namespace

Result<ServerGroups> ServerGroups::load(store::Database &reader)
{
    ServerGroups out;
    Result<store::Statement> rows = reader.prepare(
        "SELECT v.id, v.source_id, v.system_identifier, v.host, v.port, v.name, v.dbname, "
        "v.server_version_num,"
        " v.in_recovery, s.kind FROM server AS v LEFT JOIN source AS s ON s.id = v.source_id ORDER BY v.id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::map<std::string, std::size_t> groups;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const auto [at, isNew] = groups.try_emplace(keyOf(*rows), out.m_groups.size());
        if (isNew)
            out.m_groups.emplace_back();
        ServerGroup &group = out.m_groups[at->second];
        group.ids.push_back(rows->integer(0));
        group.lastSource = rows->integer(1);
        group.label = labelOf(*rows);
        group.systemIdentifier = rows->text(2);
        if (!rows->isNull(6))
            group.dbname = rows->text(6);
        if (!rows->isNull(7))
            group.version = rows->integer(7);
        if (!rows->isNull(8))
            group.isStandby = rows->integer(8) != 0;
        out.m_byId[rows->integer(0)] = {at->second, rows->integer(1), rows->text(9) == "recording"};
    }
    // Two servers of one name are told apart.
    std::map<std::string, int> seen;
    for (ServerGroup &group : out.m_groups) {
        if (const int n = ++seen[group.label]; n > 1)
            group.label += " (" + std::to_string(n) + ")";
    }
    out.m_groups.push_back({"server", {0}, {}, {}, {}, {}, 0});
    return out;
}

std::size_t ServerGroups::of(std::int64_t serverId) const
{
    const auto found = m_byId.find(serverId);
    return found == m_byId.end() ? m_groups.size() - 1 : found->second.group;
}

std::int64_t ServerGroups::sourceOf(std::int64_t serverId) const
{
    const auto found = m_byId.find(serverId);
    return found == m_byId.end() ? 0 : found->second.source;
}

bool ServerGroups::isRecording(std::int64_t serverId) const
{
    const auto found = m_byId.find(serverId);
    return found != m_byId.end() && found->second.isRecording;
}

} // namespace tailscope::analysis
