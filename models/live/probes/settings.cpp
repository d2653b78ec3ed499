// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// What this connection has set for itself is no setting of the server: after SET the reset value still is,
/// of what came with the connection the server's own value is unknown. Values that may hold a password are
/// never asked for; of extensions only known ones, since applications keep keys in settings of their own.
std::string settingsSql(const ServerFacts &)
{
    return selectOf("settings", "pg_settings")
        + "s.name, CASE s.source WHEN 'session' THEN s.reset_val WHEN 'client' THEN NULL ELSE s.setting END "
          "AS setting, s.unit, s.category, s.context, s.vartype, "
          "CASE WHEN s.source NOT IN ('session', 'client') THEN s.source END AS source, s.min_val, "
          "s.max_val, "
          "s.boot_val, CASE WHEN s.source <> 'client' THEN s.reset_val END AS reset_val, s.pending_restart "
          "FROM pg_settings AS s WHERE s.name NOT IN ('primary_conninfo', 'ssl_passphrase_command', "
          "'archive_command', 'archive_library', 'restore_command', 'archive_cleanup_command', "
          "'recovery_end_command', 'transaction_read_only', 'transaction_isolation', "
          "'transaction_deferrable') "
          "AND (s.name NOT LIKE '%.%' OR split_part(s.name, '.', 1) IN ('auto_explain', "
          "'pg_stat_statements', "
          "'pg_wait_sampling', 'pg_stat_kcache', 'pg_qualstats', 'citus', 'timescaledb'))";
}

} // namespace

const Probe kSettingsProbe{
    .id = "settings",
    .title = "Settings",
    .mapping = Mapping::Catalog,
    .interval = 60'000ms,
    .budget = 20ms,
    .privilege = "pg_monitor (pg_read_all_settings); without it settings of superusers are left out",
    .sql = settingsSql,
    .engines = Engines::Forks,
    .key = "name",
    .unwatched = "ts",
    .keyframe = std::chrono::hours(24),
};

} // namespace tailscope::live
