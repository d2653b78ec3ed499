// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/hiddenparts.h"

#include "base/text.h"

#include <optional>

namespace tailscope::live {

namespace {

std::optional<std::string_view> settingOf(const ResultSet &settings, std::string_view name)
{
    for (std::size_t row = 0; row < settings.rows(); ++row) {
        if (settings.cell(row, "name") == name)
            return settings.cell(row, "setting");
    }
    return std::nullopt;
}

void statements(const ServerFacts &facts, const ResultSet &settings, std::vector<std::string> &hidden)
{
    // Its own settings are there for everybody once the library is loaded.
    const bool isLoaded = settingOf(settings, "pg_stat_statements.max").has_value();
    if (!facts.hasExtension("pg_stat_statements")) {
        hidden.push_back(std::string("statements over time: pg_stat_statements is not in this database")
            + (isLoaded ? "; needs CREATE EXTENSION pg_stat_statements"
                        : "; needs it in shared_preload_libraries, a restart, and CREATE EXTENSION "
                          "pg_stat_statements"));
    } else if (!isLoaded && settings.rows() > 0) {
        hidden.emplace_back("statements over time: pg_stat_statements is not loaded; needs it in "
                            "shared_preload_libraries and a restart");
    }
}

} // namespace

std::string settingsQuery()
{
    return "SELECT /* tailscope:facts */ name, setting FROM pg_settings WHERE name IN ('track_activities', "
           "'track_counts', "
           "'track_io_timing', 'track_wal_io_timing', 'compute_query_id', 'pg_stat_statements.max', "
           "'pg_stat_statements.track', 'shared_preload_libraries')";
}

std::vector<std::string> hiddenParts(const ServerFacts &facts, const HiddenInputs &inputs, bool isPooled)
{
    std::vector<std::string> hidden;
    if (facts.engine == Engine::Pgbouncer)
        return hidden;
    if (isPooled)
        hidden.emplace_back("a steady view of one server: a pooler stands between and each query may meet "
                            "another one; connect to the server itself");
    if (facts.engine != Engine::PostgreSql && facts.engine != Engine::Citus
        && facts.engine != Engine::Timescale)
        hidden.push_back(
            "everything that " + std::string(toText(facts.engine)) + " does not have of PostgreSQL's views");
    if (!inputs.readsAllStats) {
        hidden.emplace_back("query texts, states and waits of other users, replication positions: needs "
                            "pg_monitor or pg_read_all_stats");
        if (!inputs.readsAllSettings)
            hidden.emplace_back("settings for superusers: needs pg_monitor or pg_read_all_settings");
    }
    const ResultSet &settings = inputs.settings;
    const auto isOff = [&](std::string_view name) { return settingOf(settings, name) == "off"; };
    if (isOff("track_activities"))
        hidden.emplace_back("what sessions do: track_activities is off");
    if (isOff("track_counts"))
        hidden.emplace_back("activity of tables and indexes: track_counts is off");
    statements(facts, settings, hidden);
    if (isOff("track_io_timing"))
        hidden.emplace_back("time spent reading and writing: track_io_timing is off");
    if (isOff("track_wal_io_timing"))
        hidden.emplace_back("time spent writing WAL: track_wal_io_timing is off");
    if (isOff("compute_query_id"))
        hidden.emplace_back("which statement a session runs: compute_query_id is off");
    if (facts.systemIdentifier.empty())
        hidden.emplace_back("the system identifier, by which a failover is told from a restart: "
                            "pg_control_system() may not be called");
    return hidden;
}

} // namespace tailscope::live
