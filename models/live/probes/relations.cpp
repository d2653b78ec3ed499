// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Counters and sizes of tables and indexes of the database that is attached to.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kManyTables = 2000;

/// The largest ones by pages, which costs no call; temporary tables are their session's business.
std::string largest(std::string_view kinds, int limit)
{
    return "(SELECT c.oid, c.relname, c.relkind, c.relpages, c.relfrozenxid, c.relminmxid, c.reltoastrelid, "
           "c.reloptions FROM pg_class AS c "
           "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ("
        + std::string(kinds) + ") AND " + std::string(kUserSchemas) + " ORDER BY c.relpages DESC LIMIT "
        + std::to_string(limit) + ") AS c";
}

std::string tablesSql(const ServerFacts &facts)
{
    return selectOf("tables", "pg_stat_user_tables")
        + columnList(facts,
            {{"s.relid::bigint AS relid"}, {"s.schemaname"}, {"s.relname"}, {"s.seq_scan"},
                {"s.last_seq_scan", 16}, {"s.seq_tup_read"}, {"s.idx_scan"}, {"s.last_idx_scan", 16},
                {"s.idx_tup_fetch"}, {"s.n_tup_ins"}, {"s.n_tup_upd"}, {"s.n_tup_del"}, {"s.n_tup_hot_upd"},
                {"s.n_tup_newpage_upd", 16}, {"s.n_live_tup"}, {"s.n_dead_tup"}, {"s.n_mod_since_analyze"},
                {"s.n_ins_since_vacuum", 13}, {"s.last_vacuum"}, {"s.last_autovacuum"}, {"s.last_analyze"},
                {"s.last_autoanalyze"}, {"s.vacuum_count"}, {"s.autovacuum_count"}, {"s.analyze_count"},
                {"s.autoanalyze_count"}, {"s.total_vacuum_time", 18}, {"s.total_autovacuum_time", 18},
                {"s.total_analyze_time", 18}, {"s.total_autoanalyze_time", 18}, {"o.heap_blks_read"},
                {"o.heap_blks_hit"}, {"o.idx_blks_read"}, {"o.idx_blks_hit"}, {"o.toast_blks_read"},
                {"o.toast_blks_hit"}, {"o.tidx_blks_read"}, {"o.tidx_blks_hit"},
                {"CASE WHEN c.relfrozenxid <> '0' THEN age(c.relfrozenxid) END AS relfrozenxid_age"},
                {"CASE WHEN c.relminmxid <> '0' THEN mxid_age(c.relminmxid) END AS relminmxid_age"}})
        + " FROM " + largest("'r', 'm', 'p'", 20'000)
        + " JOIN pg_stat_user_tables AS s ON s.relid = c.oid LEFT JOIN pg_statio_user_tables AS o ON o.relid "
          "= "
          "s.relid";
}

std::string indexesSql(const ServerFacts &facts)
{
    return selectOf("indexes", "pg_stat_user_indexes")
        + columnList(facts,
            {{"s.indexrelid::bigint AS indexrelid"}, {"s.schemaname"}, {"s.relname"}, {"s.indexrelname"},
                {"s.idx_scan"}, {"s.last_idx_scan", 16}, {"s.idx_tup_read"}, {"s.idx_tup_fetch"},
                {"o.idx_blks_read"}, {"o.idx_blks_hit"}})
        + " FROM " + largest("'i'", 20'000)
        + " JOIN pg_stat_user_indexes AS s ON s.indexrelid = c.oid LEFT JOIN pg_statio_user_indexes AS o ON "
          "o.indexrelid = s.indexrelid";
}

/// Only of the larger ones: a size is a look at every file. pg_indexes_size() opens each index: one that
/// REINDEX locks would make the whole answer wait.
std::string tableSizesSql(const ServerFacts &)
{
    return selectOf("table_sizes", "pg_stat_user_tables")
        + "c.oid::bigint AS relid, s.schemaname, c.relname, s.n_live_tup, s.n_dead_tup, "
          "pg_table_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes, "
          "CASE WHEN c.reltoastrelid <> 0 THEN pg_total_relation_size(c.reltoastrelid) END AS toast_bytes "
          "FROM "
        + largest("'r', 'm'", 1000) + " JOIN pg_stat_user_tables AS s ON s.relid = c.oid WHERE c.oid "
        + std::string(kUnlocked) + " AND c.reltoastrelid " + std::string(kUnlocked)
        + " AND NOT EXISTS (SELECT 1 FROM pg_index AS i JOIN pg_locks AS x ON x.relation = i.indexrelid "
          "AND x.mode = 'AccessExclusiveLock' WHERE i.indrelid = c.oid)";
}

std::string indexSizesSql(const ServerFacts &)
{
    return selectOf("index_sizes", "pg_stat_user_indexes")
        + "c.oid::bigint AS indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_scan, "
          "pg_relation_size(c.oid) AS index_bytes FROM "
        + largest("'i'", 2000) + " JOIN pg_stat_user_indexes AS s ON s.indexrelid = c.oid WHERE c.oid "
        + std::string(kUnlocked) + " AND s.relid " + std::string(kUnlocked);
}

std::chrono::milliseconds tablesInterval(const ServerFacts &, const ProbeState &state)
{
    return state.tables > kManyTables ? 60'000ms : 10'000ms;
}

std::chrono::milliseconds indexesInterval(const ServerFacts &, const ProbeState &state)
{
    return state.tables > kManyTables ? 120'000ms : 30'000ms;
}

} // namespace

const Probe kTablesProbe{
    .id = "tables",
    .title = "Tables",
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 500ms,
    .privilege = "none",
    .sql = tablesSql,
    .key = "relid",
    .unwatched = "ts relfrozenxid_age relminmxid_age",
    .intervalFor = tablesInterval,
};
const Probe kIndexesProbe{
    .id = "indexes",
    .title = "Indexes",
    .mapping = Mapping::Catalog,
    .interval = 30'000ms,
    .budget = 500ms,
    .privilege = "none",
    .sql = indexesSql,
    .key = "indexrelid",
    .unwatched = "ts",
    .intervalFor = indexesInterval,
};
const Probe kTableSizesProbe{
    .id = "table_sizes",
    .title = "Sizes of tables",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 500ms,
    .privilege = "none",
    .sql = tableSizesSql,
    .key = "relid",
    .unwatched = "ts n_live_tup n_dead_tup",
    .keyframe = std::chrono::hours(1),
};
const Probe kIndexSizesProbe{
    .id = "index_sizes",
    .title = "Sizes of indexes",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 500ms,
    .privilege = "none",
    .sql = indexSizesSql,
    .key = "indexrelid",
    .unwatched = "ts idx_scan",
    .keyframe = std::chrono::hours(1),
};

} // namespace tailscope::live
