// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogviews.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

using Kind = CatalogKind;

constexpr std::string_view kDatabase = "dbname|datname|current_database|database|table_catalog";
constexpr std::string_view kSchema = "schemaname|nspname|schema_name|table_schema|relnamespace|schema";
constexpr std::string_view kTable = "relname|tablename|table_name|table";
constexpr std::string_view kIndex = "indexrelname|indexname|index_name";

constexpr std::array kServer{
    CatalogColumn{"name", "server_name|cluster_name"},
    CatalogColumn{"host", "host|inet_server_addr|server_addr"},
    CatalogColumn{"port", "port|inet_server_port|server_port", Kind::Integer},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"server_version", "server_version"},
    CatalogColumn{"server_version_num", "server_version_num", Kind::Integer},
    CatalogColumn{"system_identifier", "system_identifier"},
    CatalogColumn{"timeline", "timeline|timeline_id", Kind::Integer},
    CatalogColumn{"in_recovery", "in_recovery|pg_is_in_recovery", Kind::Boolean},
    CatalogColumn{"postmaster_start_ns", "postmaster_start_time|pg_postmaster_start_time", Kind::Time},
};

constexpr std::array kSetting{
    CatalogColumn{"name", "name"}, CatalogColumn{"setting", "setting"}, CatalogColumn{"unit", "unit"},
    CatalogColumn{"category", "category"}, CatalogColumn{"context", "context"},
    CatalogColumn{"vartype", "vartype"}, CatalogColumn{"source", "source"},
    CatalogColumn{"min_val", "min_val"}, CatalogColumn{"max_val", "max_val"},
    CatalogColumn{"boot_val", "boot_val"}, CatalogColumn{"reset_val", "reset_val"},
    CatalogColumn{"pending_restart", "pending_restart", Kind::Boolean}, // 9.5
};

// relfrozenxid itself is a transaction id, which says nothing without the present one: its age() does.
// relhasoids (until 11), reltoastrelid and the like are not needed.
constexpr std::array kClass{
    CatalogColumn{"oid", "oid|relid|table_oid", Kind::Relation},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", kTable},
    CatalogColumn{"relkind", "relkind"},
    CatalogColumn{"relpersistence", "relpersistence"},
    CatalogColumn{"reltuples", "reltuples|n_live_tup|row_estimate", Kind::Real}, // -1 from 14: never counted
    CatalogColumn{"relpages", "relpages", Kind::Integer},
    CatalogColumn{"relallvisible", "relallvisible", Kind::Integer},
    CatalogColumn{"relhastriggers", "relhastriggers|hastriggers", Kind::Boolean},
    CatalogColumn{"relispartition", "relispartition", Kind::Boolean}, // 10
    CatalogColumn{"parent_oid", "parent_oid|inhparent", Kind::Integer},
    CatalogColumn{"reloptions", "reloptions", Kind::Array},
    CatalogColumn{"relfrozenxid_age", "relfrozenxid_age|frozenxid_age|xid_age", Kind::Integer},
    CatalogColumn{"table_bytes", "table_bytes|pg_table_size|pg_relation_size|table_size|relation_size",
        Kind::Bytes},
    CatalogColumn{"index_bytes", "index_bytes|pg_indexes_size|indexes_size|indexes_bytes", Kind::Bytes},
    CatalogColumn{"toast_bytes", "toast_bytes|toast_size", Kind::Bytes},
};

constexpr std::array kIndexes{
    CatalogColumn{"indexrelid", "indexrelid", Kind::Relation},
    CatalogColumn{"indrelid", "indrelid|relid", Kind::Relation},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", kTable},
    CatalogColumn{"indexrelname", kIndex},
    CatalogColumn{"amname", "amname|index_type|access_method"},
    CatalogColumn{"indisunique", "indisunique|is_unique", Kind::Boolean},
    CatalogColumn{"indisprimary", "indisprimary|is_primary", Kind::Boolean},
    CatalogColumn{"indisvalid", "indisvalid|is_valid", Kind::Boolean},
    CatalogColumn{"indisready", "indisready", Kind::Boolean},
    CatalogColumn{"indkey", "indkey", Kind::Numbers},
    CatalogColumn{"indnkeyatts", "indnkeyatts", Kind::Integer}, // 11: without INCLUDE columns
    CatalogColumn{"indpred", "indpred|predicate"},
    CatalogColumn{"indexdef", "indexdef|pg_get_indexdef|index_definition|definition"},
    CatalogColumn{"relpages", "relpages", Kind::Integer},
    CatalogColumn{"reltuples", "reltuples", Kind::Real},
    CatalogColumn{"index_bytes", "index_bytes|pg_relation_size|index_size|size", Kind::Bytes},
    CatalogColumn{"constraint_name", "constraint_name|conname"},
};

constexpr std::array kColumns{
    CatalogColumn{"attrelid", "attrelid|relid", Kind::Relation},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", kTable},
    CatalogColumn{"attnum", "attnum|ordinal_position", Kind::Integer},
    CatalogColumn{"attname", "attname|column_name"},
    CatalogColumn{"format_type", "format_type|data_type|type"},
    CatalogColumn{"attnotnull", "attnotnull|not_null", Kind::Boolean},
    CatalogColumn{"@nullable", "is_nullable", Kind::NotBoolean},
    CatalogColumn{"column_default", "column_default|adsrc|default"},
    CatalogColumn{"attstattarget", "attstattarget", Kind::Integer}, // NULL = default from 17, -1 before
    CatalogColumn{"null_frac", "null_frac", Kind::Real},
    CatalogColumn{"avg_width", "avg_width", Kind::Integer},
    CatalogColumn{"n_distinct", "n_distinct", Kind::Real},
    CatalogColumn{"correlation", "correlation", Kind::Real},
    CatalogColumn{"most_common_vals", "most_common_vals", Kind::Array},
    CatalogColumn{"most_common_freqs", "most_common_freqs", Kind::Array},
};

constexpr std::array kConstraints{
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", kTable},
    CatalogColumn{"conrelid", "conrelid|relid", Kind::Relation},
    CatalogColumn{"conname", "conname|constraint_name"},
    CatalogColumn{"contype", "contype"},
    CatalogColumn{"convalidated", "convalidated", Kind::Boolean},
    CatalogColumn{"conkey", "conkey", Kind::Numbers},
    CatalogColumn{"confrelid", "confrelid", Kind::Relation},
    CatalogColumn{"confkey", "confkey", Kind::Numbers},
    CatalogColumn{"confdeltype", "confdeltype"},
    CatalogColumn{"constraintdef", "constraintdef|pg_get_constraintdef|constraint_definition|definition"},
};

using Rule = CatalogRule;
using Table = RecordTable;

const std::array kViews{
    CatalogView{"server", Table::Server, Rule::Server, "server_version|server_version_num", "name setting",
        "", false, true, kServer, {}},
    CatalogView{"pg_settings", Table::Setting, Rule::Setting, "name setting", "", "name", true, false,
        kSetting, {}},
    CatalogView{"pg_class", Table::DbTable, Rule::Table,
        "relname|tablename|table_name relkind|reltuples|relpages|relpersistence|tableowner",
        "indexrelid indexrelname indexname index_name indkey attname column_name conname conkey pid",
        "relname", false, true, kClass, {}},
    CatalogView{"pg_index", Table::DbIndex, Rule::Index,
        "indexrelname|indexname|index_name|indexrelid "
        "indexdef|indisvalid|indkey|indisunique|indisprimary|pg_get_indexdef|index_definition|amname",
        "attname", "indexrelname", false, true, kIndexes, {}},
    CatalogView{"pg_attribute", Table::DbColumn, Rule::Table,
        "attname|column_name relname|tablename|table_name|attrelid "
        "attnum|n_distinct|null_frac|avg_width|correlation|atttypid|format_type|data_type|ordinal_position",
        "conname indexname indexrelname", "attname", false, true, kColumns, {}},
    CatalogView{"pg_constraint", Table::DbConstraint, Rule::Table,
        "conname|constraint_name contype|conkey|constraintdef|pg_get_constraintdef|constraint_definition",
        "indkey indexrelname indexname", "conname", false, true, kConstraints, {}},
};

} // namespace

std::span<const CatalogView> catalogObjectViews() { return kViews; }

const CatalogView *catalogViewByName(std::string_view name)
{
    for (const auto views : {catalogObjectViews(), catalogSampleViews()}) {
        const auto found = std::find_if(views.begin(), views.end(),
            [&](const CatalogView &view) { return view.name == name; });
        if (found != views.end())
            return &*found;
    }
    return nullptr;
}

std::string_view catalogColumnName(const CatalogView &view, std::string_view target)
{
    for (const CatalogColumn &column : view.columns) {
        if (column.target == target)
            return column.names.substr(0, column.names.find('|'));
    }
    return {};
}

int findCatalogName(std::string_view names, std::span<const std::string> list)
{
    while (!names.empty()) {
        const std::size_t bar = names.find('|');
        const auto found = std::find(list.begin(), list.end(), names.substr(0, bar));
        if (found != list.end())
            return static_cast<int>(found - list.begin());
        names.remove_prefix(bar == std::string_view::npos ? names.size() : bar + 1);
    }
    return -1;
}

bool hasCatalogNames(std::string_view required, std::string_view forbidden, std::span<const std::string> list)
{
    for (const std::string_view one : split(forbidden, ' ')) {
        if (!one.empty() && std::find(list.begin(), list.end(), one) != list.end())
            return false;
    }
    const std::vector<std::string_view> conditions = split(required, ' ');
    return std::all_of(conditions.begin(), conditions.end(),
        [&](std::string_view names) { return findCatalogName(names, list) >= 0; });
}

} // namespace tailscope::import
