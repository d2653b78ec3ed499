// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/sessionsettings.h"

#include <algorithm>
#include <utility>

namespace tailscope::live {

namespace {

using Setting = std::pair<std::string, std::string>;

std::vector<Setting> basics(const ConnectOptions &options)
{
    std::vector<Setting> list;
    if (options.isReadOnly)
        list.emplace_back("default_transaction_read_only", "on");
    list.emplace_back("statement_timeout", std::to_string(options.statementTimeout.count()));
    list.emplace_back("lock_timeout", std::to_string(options.lockTimeout.count()));
    list.emplace_back("idle_in_transaction_session_timeout", "10000");
    if (options.isReadOnly) {
        list.emplace_back("search_path", "pg_catalog");
        list.emplace_back("max_parallel_workers_per_gather", "0");
        list.emplace_back("timezone", "UTC");
        list.emplace_back("intervalstyle", "postgres");
        list.emplace_back("datestyle", "ISO");
    }
    return list;
}

std::vector<Setting> newer(int serverVersion)
{
    std::vector<Setting> list;
    if (serverVersion >= 110000)
        list.emplace_back("jit", "off");
    // Each query is a transaction of its own and reads a view once: no copy of all statistics is needed.
    if (serverVersion >= 150000)
        list.emplace_back("stats_fetch_consistency", "none");
    return list;
}

} // namespace

std::string marked(std::string_view sql)
{
    const std::size_t end = std::min(sql.size(), sql.find_first_of(" \n"));
    return std::string(sql.substr(0, end)) + " /* tailscope */" + std::string(sql.substr(end));
}

std::string startOptions(const ConnectOptions &options)
{
    std::string text;
    for (const auto &[name, value] : basics(options))
        text += (text.empty() ? "-c " : " -c ") + name + '=' + value;
    return text;
}

std::vector<std::string> sessionSettings(const ConnectOptions &options)
{
    std::vector<std::string> list;
    for (const auto &[name, value] : basics(options))
        list.push_back(marked("SET " + name + " = '" + value + '\''));
    return list;
}

std::vector<std::string> settingsOfVersion(int serverVersion)
{
    std::vector<std::string> list;
    for (const auto &[name, value] : newer(serverVersion))
        list.push_back(marked("SET " + name + " = '" + value + '\''));
    return list;
}

std::string pooledBegin(const ConnectOptions &options, int serverVersion)
{
    std::string text = "BEGIN /* tailscope */ READ ONLY";
    const auto add = [&](const std::vector<Setting> &list) {
        for (const auto &[name, value] : list) {
            if (name != "default_transaction_read_only") // the transaction is
                text += "; SET LOCAL /* tailscope */ " + name + " = '" + value + '\'';
        }
    };
    add(basics(options));
    add(newer(serverVersion));
    return text;
}

} // namespace tailscope::live
