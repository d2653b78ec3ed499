// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a table or index is not needed, estimated from statistics: rows as long as pg_stats says, with
// their headers (24 bytes and a map of NULLs, aligned to 8) and a pointer of 4, packed into pages of the
// fill factor, a whole number to each page; what the relation has beyond is bloat. The whole number is what
// makes wide rows come out right: of rows of 7 kB only one fits a page. An exact figure needs pgstattuple.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// What a fill factor is where none is set: 100 of tables, 90 of B-trees.
std::string fillFactor(std::string_view otherwise)
{
    return "coalesce(substring(array_to_string(c.reloptions, ' ') FROM 'fillfactor=([0-9]+)')::int, "
        + std::string(otherwise) + ") AS filled";
}

/// Of the largest relations only.
std::string ofLargest()
{
    return " AND c.relpages > 1 AND " + std::string(kUserSchemas) + " ORDER BY c.relpages DESC LIMIT 1000";
}

/// In words what an estimate is worth; `f` has columns, known, fits, rows.
std::string doubts(std::string_view more)
{
    return "concat_ws('; ', 'an estimate', CASE WHEN f.known < f.columns THEN "
           "CASE WHEN has_table_privilege(f.ofrelation, 'SELECT') THEN 'statistics of ' "
           "|| (f.columns - f.known) || ' of ' || f.columns || ' columns are missing: run ANALYZE' "
           "ELSE 'the role may not read the table: its statistics are hidden' END END, "
           "CASE WHEN f.reltuples <= 0 THEN 'its rows were never counted, or it is empty' END, "
           "CASE WHEN f.known = f.columns AND f.fits < 10 THEN 'wide rows: ' || f.fits || ' fit a page, one "
           "more or less is ' "
           "|| round(100 / f.fits) || ' %' END"
        + std::string(more) + ") AS bloat_doubt ";
}

std::string tableBloatSql(const ServerFacts &)
{
    return "WITH t AS (SELECT c.oid, n.nspname AS schemaname, c.relname, c.relpages, c.reltuples, "
           "c.reltoastrelid, "
        + fillFactor("100")
        + " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')"
        + ofLargest()
        + "), w AS (SELECT t.oid, count(*) AS columns, count(s.attname) AS known, "
          "coalesce(bool_or(s.null_frac > 0), false) AS nulls, sum((1 - s.null_frac) * s.avg_width) AS width "
          "FROM t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped "
          "LEFT JOIN pg_stats AS s ON s.schemaname = t.schemaname AND s.tablename = t.relname "
          "AND s.attname = a.attname AND NOT s.inherited GROUP BY t.oid), "
          "b AS (SELECT w.*, current_setting('block_size')::float8 AS page, "
          "8 * ceil((23 + CASE WHEN w.nulls THEN (w.columns + 7) / 8 ELSE 0 END) / 8.0) "
          "+ 8 * ceil(w.width / 8.0) + 4 AS bytes FROM w), "
          "f AS (SELECT b.*, t.oid AS ofrelation, t.schemaname, t.relname, t.relpages, t.reltuples, "
          "t.reltoastrelid, greatest(1, floor((b.page - 24) * t.filled / 100 / b.bytes)) AS fits "
          "FROM b JOIN t ON t.oid = b.oid) "
        + selectOf("table_bloat", "pg_stat_user_tables")
        + "f.oid::bigint AS relid, f.schemaname, f.relname, s.n_live_tup, s.n_dead_tup, "
          "CASE WHEN f.known = f.columns AND f.reltuples > 0 THEN "
          "(greatest(0, f.relpages - ceil(f.reltuples / f.fits)) * f.page)::bigint END AS bloat_bytes, "
        + doubts(", CASE WHEN s.n_mod_since_analyze > 0.1 * f.reltuples THEN s.n_mod_since_analyze "
                 "|| ' rows changed since ANALYZE' END, "
                 "CASE WHEN f.reltoastrelid <> 0 THEN 'TOAST is not in it' END")
        + "FROM f JOIN pg_stat_user_tables AS s ON s.relid = f.oid";
}

/// B-trees: entries of 8 bytes and the columns; a page in 200 for the levels above the leaves, one for the
/// index itself. An expression has statistics of its own under the index's name. Arrays of columns begin at
/// 0.
std::string indexBloatSql(const ServerFacts &facts)
{
    return "WITH x AS (SELECT c.oid, n.nspname AS schemaname, r.relname, c.relname AS indexrelname, "
           "c.relpages, "
           "c.reltuples, i.indrelid, i.indkey::int2[] AS keys, "
        + fillFactor("90")
        + " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
          "JOIN pg_index AS i ON i.indexrelid = c.oid JOIN pg_class AS r ON r.oid = i.indrelid "
          "JOIN pg_am AS m ON m.oid = c.relam WHERE c.relkind = 'i' AND m.amname = 'btree'"
        + ofLargest()
        + "), w AS (SELECT x.oid, count(*) AS columns, count(s.attname) AS known, "
          "coalesce(bool_or(s.null_frac > 0), false) AS nulls, sum((1 - s.null_frac) * s.avg_width) AS width "
          "FROM x JOIN pg_attribute AS ia ON ia.attrelid = x.oid LEFT JOIN pg_attribute AS ta ON ta.attnum > "
          "0 "
          "AND ta.attrelid = x.indrelid AND ta.attnum = x.keys[ia.attnum - 1] "
          "LEFT JOIN pg_stats AS s ON s.schemaname = x.schemaname AND NOT s.inherited AND s.tablename "
          "= CASE WHEN ta.attnum IS NULL THEN x.indexrelname ELSE x.relname END "
          "AND s.attname = coalesce(ta.attname, ia.attname) GROUP BY x.oid), "
          "b AS (SELECT w.*, current_setting('block_size')::float8 AS page, "
          "CASE WHEN w.nulls THEN 16 ELSE 8 END + 8 * ceil(w.width / 8.0) + 4 AS bytes FROM w), "
          "f AS (SELECT b.*, x.indrelid AS ofrelation, x.schemaname, x.relname, x.indexrelname, x.relpages, "
          "x.reltuples, greatest(1, floor((b.page - 40) * x.filled / 100 / b.bytes)) AS fits "
          "FROM b JOIN x ON x.oid = b.oid) "
        + selectOf("index_bloat", "pg_stat_user_indexes")
        + "f.oid::bigint AS indexrelid, f.schemaname, f.relname, f.indexrelname, s.idx_scan, "
          "CASE WHEN f.known = f.columns AND f.reltuples > 0 THEN (greatest(0, f.relpages - 1 "
          "- ceil(ceil(f.reltuples / f.fits) * 1.005)) * f.page)::bigint END AS bloat_bytes, "
        + doubts(isSince(facts, 13) ? ", 'of equal keys, which are stored once, more may be bloat'" : "")
        + "FROM f JOIN pg_stat_user_indexes AS s ON s.indexrelid = f.oid";
}

constexpr std::string_view kPrivilege = "SELECT on the tables; without it the estimate is unknown";

} // namespace

const Probe kTableBloatProbe{
    .id = "table_bloat",
    .title = "Bloat of tables (estimate)",
    .mapping = Mapping::Catalog,
    .interval = 600'000ms,
    .budget = 1000ms,
    .privilege = kPrivilege,
    .sql = tableBloatSql,
    .key = "relid",
    .unwatched = "ts n_live_tup n_dead_tup bloat_doubt",
    .keyframe = std::chrono::hours(24),
};
const Probe kIndexBloatProbe{
    .id = "index_bloat",
    .title = "Bloat of indexes (estimate)",
    .mapping = Mapping::Catalog,
    .interval = 600'000ms,
    .budget = 1000ms,
    .privilege = kPrivilege,
    .sql = indexBloatSql,
    .key = "indexrelid",
    .unwatched = "ts idx_scan bloat_doubt",
    .keyframe = std::chrono::hours(24),
};

} // namespace tailscope::live
