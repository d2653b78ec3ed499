// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// PgBouncer's console. Its answers have no time: that of receiving them counts. SHOW POOLS comes last, it
// ends a snapshot of which the others are parts. Columns are read by their names: versions add and move them.
#include "live/probes/probes.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPrivilege = "a user of stats_users or admin_users";

std::string configSql(const ServerFacts &) { return "SHOW CONFIG"; }
std::string databasesSql(const ServerFacts &) { return "SHOW DATABASES"; }
std::string listsSql(const ServerFacts &) { return "SHOW LISTS"; }
std::string statsSql(const ServerFacts &) { return "SHOW STATS"; }
std::string poolsSql(const ServerFacts &) { return "SHOW POOLS"; }

} // namespace

const Probe kPoolerConfigProbe{
    .id = "pooler_config",
    .title = "Settings of the pooler",
    .minimumVersion = 10000,
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .interval = 60'000ms,
    .privilege = kPrivilege,
    .sql = configSql,
    .key = "key",
};
const Probe kPoolerDatabasesProbe{
    .id = "pooler_databases",
    .title = "Databases of the pooler",
    .minimumVersion = 10000,
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .interval = 10'000ms,
    .privilege = kPrivilege,
    .sql = databasesSql,
};
const Probe kPoolerListsProbe{
    .id = "pooler_lists",
    .title = "Counts of the pooler",
    .minimumVersion = 10000,
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .interval = 1000ms,
    .privilege = kPrivilege,
    .sql = listsSql,
};
const Probe kPoolerStatsProbe{
    .id = "pooler_stats",
    .title = "Statistics of the pooler",
    .minimumVersion = 10000,
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .interval = 1000ms,
    .privilege = kPrivilege,
    .sql = statsSql,
};
const Probe kPoolerPoolsProbe{
    .id = "pooler_pools",
    .title = "Pools",
    .minimumVersion = 10000,
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .interval = 1000ms,
    .privilege = kPrivilege,
    .sql = poolsSql,
};

} // namespace tailscope::live
