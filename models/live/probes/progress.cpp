// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The progress views: often while something runs, else seldom.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPrivilege = "pg_monitor; without it phase and figures of other users are hidden";

/// The name of a relation is known in its own database only.
constexpr std::string_view kRelation
    = "CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END AS relname";

std::string progressSql(const ServerFacts &facts, std::string_view id, std::string_view view,
    std::initializer_list<VersionColumn> columns)
{
    return selectOf(id, view) + columnList(facts, columns) + " FROM " + std::string(view)
        + " AS p WHERE p.pid <> pg_backend_pid()";
}

std::string vacuumSql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_vacuum", "pg_stat_progress_vacuum",
        {{"p.pid"}, {"p.datname"}, {kRelation}, {"p.phase"}, {"p.heap_blks_total"}, {"p.heap_blks_scanned"},
            {"p.heap_blks_vacuumed"}, {"p.index_vacuum_count"}, {"p.max_dead_tuples", 10, 16},
            {"p.num_dead_tuples", 10, 16}, {"p.max_dead_tuple_bytes", 17}, {"p.dead_tuple_bytes", 17},
            {"p.num_dead_item_ids", 17}, {"p.indexes_total", 17}, {"p.indexes_processed", 17},
            {"p.delay_time", 18}});
}

std::string analyzeSql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_analyze", "pg_stat_progress_analyze",
        {{"p.pid"}, {"p.datname"}, {kRelation}, {"p.phase"}, {"p.sample_blks_total"},
            {"p.sample_blks_scanned"}, {"p.ext_stats_total"}, {"p.ext_stats_computed"},
            {"p.child_tables_total"}, {"p.child_tables_done"}, {"p.delay_time", 18}});
}

std::string indexSql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_create_index", "pg_stat_progress_create_index",
        {{"p.pid"}, {"p.datname"}, {kRelation}, {"p.phase"}, {"p.command"}, {"p.lockers_total"},
            {"p.lockers_done"}, {"p.current_locker_pid"}, {"p.blocks_total"}, {"p.blocks_done"},
            {"p.tuples_total"}, {"p.tuples_done"}, {"p.partitions_total"}, {"p.partitions_done"}});
}

std::string clusterSql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_cluster", "pg_stat_progress_cluster",
        {{"p.pid"}, {"p.datname"}, {kRelation}, {"p.phase"}, {"p.command"}, {"p.heap_tuples_scanned"},
            {"p.heap_tuples_written"}, {"p.heap_blks_total"}, {"p.heap_blks_scanned"},
            {"p.index_rebuild_count"}});
}

std::string backupSql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_basebackup", "pg_stat_progress_basebackup",
        {{"p.pid"}, {"p.phase"}, {"p.backup_total"}, {"p.backup_streamed"}, {"p.tablespaces_total"},
            {"p.tablespaces_streamed"}});
}

std::string copySql(const ServerFacts &facts)
{
    return progressSql(facts, "progress_copy", "pg_stat_progress_copy",
        {{"p.pid"}, {"p.datname"}, {kRelation}, {"p.command"}, {"p.type"}, {"p.bytes_processed"},
            {"p.bytes_total"}, {"p.tuples_processed"}, {"p.tuples_excluded"}, {"p.tuples_skipped", 17}});
}

std::chrono::milliseconds often(const ProbeState &state, std::string_view probe)
{
    return state.hasRows(probe) ? 1000ms : 10'000ms;
}

} // namespace

const Probe kVacuumProgressProbe{
    .id = "progress_vacuum",
    .title = "Progress of VACUUM",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = vacuumSql,
    .intervalFor
    = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_vacuum"); },
};
const Probe kAnalyzeProgressProbe{
    .id = "progress_analyze",
    .title = "Progress of ANALYZE",
    .minimumVersion = 130000,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = analyzeSql,
    .intervalFor
    = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_analyze"); },
};
const Probe kIndexProgressProbe{
    .id = "progress_create_index",
    .title = "Progress of CREATE INDEX and REINDEX",
    .minimumVersion = 120000,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = indexSql,
    .intervalFor
    = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_create_index"); },
};
const Probe kClusterProgressProbe{
    .id = "progress_cluster",
    .title = "Progress of CLUSTER and VACUUM FULL",
    .minimumVersion = 120000,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = clusterSql,
    .intervalFor
    = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_cluster"); },
};
const Probe kBackupProgressProbe{
    .id = "progress_basebackup",
    .title = "Progress of base backups",
    .minimumVersion = 130000,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = backupSql,
    .intervalFor
    = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_basebackup"); },
};
const Probe kCopyProgressProbe{
    .id = "progress_copy",
    .title = "Progress of COPY",
    .minimumVersion = 140000,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = kPrivilege,
    .sql = copySql,
    .intervalFor = [](const ServerFacts &, const ProbeState &state) { return often(state, "progress_copy"); },
};

} // namespace tailscope::live
