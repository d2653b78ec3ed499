// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What there is in the database: tables, indexes, columns, constraints, in the shapes of the catalog script.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::hours kNever(24 * 365);

std::string classSql(const ServerFacts &)
{
    return selectOf("catalog_tables", "pg_class")
        + "c.oid::bigint AS oid, n.nspname AS schemaname, c.relname, c.relkind, c.relpersistence, "
          "c.reltuples, "
          "c.relpages, c.relallvisible, c.relhastriggers, c.relispartition, "
          "CASE WHEN c.relispartition THEN h.inhparent::bigint END AS parent_oid, c.reloptions, "
          "CASE WHEN c.relfrozenxid <> '0' THEN age(c.relfrozenxid) END AS relfrozenxid_age "
          "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
          "LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid AND h.inhseqno = 1 "
          "WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND "
        + std::string(kUserSchemas) + " ORDER BY c.relpages DESC LIMIT 20000";
}

std::string indexSql(const ServerFacts &facts)
{
    return selectOf("catalog_indexes", "pg_index")
        + columnList(facts,
            {{"i.indexrelid::bigint AS indexrelid"}, {"i.indrelid::bigint AS indrelid"},
                {"n.nspname AS schemaname"}, {"t.relname"}, {"c.relname AS indexrelname"}, {"a.amname"},
                {"i.indisunique"}, {"i.indisprimary"}, {"i.indisvalid"}, {"i.indisready"},
                {"i.indkey::text AS indkey"}, {"i.indnkeyatts", 11},
                {"pg_get_expr(i.indpred, i.indrelid) AS indpred"},
                {"pg_get_indexdef(i.indexrelid) AS indexdef"}, {"c.relpages"}, {"c.reltuples"},
                {"k.conname AS constraint_name"}})
        + " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = "
          "i.indrelid "
          "JOIN pg_namespace AS n ON n.oid = t.relnamespace JOIN pg_am AS a ON a.oid = c.relam "
          "LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') "
          "AND k.conrelid = i.indrelid WHERE "
        + std::string(kUserSchemas) + " ORDER BY c.relpages DESC LIMIT 20000";
}

/// Without common values: they are rows of the tables. pg_stats shows what the role may read.
std::string attributeSql(const ServerFacts &)
{
    return selectOf("catalog_columns", "pg_attribute")
        + "r.oid::bigint AS attrelid, r.schemaname, r.relname, a.attnum, a.attname, "
          "format_type(a.atttypid, a.atttypmod) AS format_type, a.attnotnull, "
          "pg_get_expr(d.adbin, d.adrelid) AS column_default, a.attstattarget, s.null_frac, s.avg_width, "
          "s.n_distinct, s.correlation, s.most_common_freqs "
          "FROM (SELECT c.oid, c.relname, n.nspname AS schemaname, c.relkind FROM pg_class AS c "
          "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'f') AND "
        + std::string(kUserSchemas)
        + " ORDER BY c.relpages DESC LIMIT 2000) AS r "
          "JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped "
          "LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
          "LEFT JOIN pg_stats AS s ON s.schemaname = r.schemaname AND s.tablename = r.relname "
          "AND s.attname = a.attname AND s.inherited = (r.relkind = 'p')";
}

std::string constraintSql(const ServerFacts &)
{
    return selectOf("catalog_constraints", "pg_constraint")
        + "n.nspname AS schemaname, c.relname, c.oid::bigint AS conrelid, k.conname, k.contype, "
          "k.convalidated, "
          "k.conkey, nullif(k.confrelid, 0)::bigint AS confrelid, k.confkey, "
          "nullif(k.confdeltype, ' ') AS confdeltype, pg_get_constraintdef(k.oid) AS constraintdef "
          "FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid "
          "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE k.contype <> 'n' AND "
        + std::string(kUserSchemas) + " ORDER BY c.relpages DESC LIMIT 20000";
}

} // namespace

const Probe kClassProbe{
    .id = "catalog_tables",
    .title = "Tables of the catalog",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 500ms,
    .privilege = "none",
    .sql = classSql,
    .key = "oid",
    .unwatched = "ts reltuples relpages relallvisible relfrozenxid_age",
    .keyframe = kNever,
};
const Probe kIndexCatalogProbe{
    .id = "catalog_indexes",
    .title = "Indexes of the catalog",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 1000ms,
    .privilege = "none",
    .sql = indexSql,
    .key = "indexrelid",
    .unwatched = "ts relpages reltuples",
    .keyframe = kNever,
};
const Probe kAttributeProbe{
    .id = "catalog_columns",
    .title = "Columns of the catalog",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 1000ms,
    .privilege = "SELECT on the tables; without it statistics of their columns are unknown",
    .sql = attributeSql,
    .key = "attrelid attnum",
    .unwatched = "ts null_frac avg_width n_distinct correlation most_common_freqs",
    .keyframe = kNever,
};
const Probe kConstraintProbe{
    .id = "catalog_constraints",
    .title = "Constraints of the catalog",
    .mapping = Mapping::Catalog,
    .interval = 300'000ms,
    .budget = 1000ms,
    .privilege = "none",
    .sql = constraintSql,
    .key = "conrelid conname",
    .unwatched = "ts",
    .keyframe = kNever,
};

} // namespace tailscope::live
