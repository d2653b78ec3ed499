// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pgcatalog/catalogvalues.h"
#include "store/rows.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace tailscope::import {

/// One column of a record and the names it has in PostgreSQL 9.6 to 18 and in the queries that people keep.
struct CatalogColumn
{
    /// As in store/rows.h; one that begins with '@' is not stored but needed to find another.
    std::string_view target;
    std::string_view names; ///< '|' between; the first that the result set has is taken
    CatalogKind kind = CatalogKind::Text;
};

/// What is done with a row beyond copying its columns.
enum class CatalogRule : std::uint8_t {
    Copy,
    Server,
    Table,
    Index,
    Setting,
    Replica,
    Standby, ///< a standby's own functions
    Receiver, ///< pg_stat_wal_receiver
    Slot,
    Locks,
    Session,
    WaitProfile, ///< pg_wait_sampling_profile: counts become differences
    Progress,
    NotKept, ///< known, but of no use as it is; `hint` says why
};

/// A catalog view, told by the names of its columns.
struct CatalogView
{
    std::string_view name; ///< "pg_stat_user_tables"
    RecordTable table;
    CatalogRule rule;
    /// A blank between conditions, '|' between names of which one must be there.
    std::string_view required;
    std::string_view forbidden; ///< a blank between names of which none may be there
    std::string_view key; ///< a target without which a row says nothing
    bool sampled; ///< its table has ts_ns
    bool perDatabase; ///< its table has dbname
    std::span<const CatalogColumn> columns;
    std::string_view hint; ///< NotKept: why; Progress: the command
};

/// All of them. A result set may be several at once (pg_index joined with pg_stat_user_indexes).
std::span<const CatalogView> catalogObjectViews(); ///< objects and settings
std::span<const CatalogView> catalogSampleViews(); ///< activity

/// The way back, for who writes rows that this format reads: the view by its name (null = there is none), the
/// name its result set gives to a stored column (empty = none).
const CatalogView *catalogViewByName(std::string_view name);
std::string_view catalogColumnName(const CatalogView &view, std::string_view target);

/// Names of the column that says when the rows were taken.
inline constexpr std::string_view kCatalogTimeNames
    = "ts|now|snapshot_at|snapshot_time|snapshot_ts|sample_time|sampled_at|collected_at|captured_at|observed_"
      "at|"
      "taken_at|statement_timestamp|clock_timestamp|current_timestamp|timestamp|time|at|time_ns|ts_ns";

/// The place of the first of the names ('|' between) in a list; -1 when it has none.
int findCatalogName(std::string_view names, std::span<const std::string> list);

/// The result set has what the conditions ask for.
bool hasCatalogNames(std::string_view required, std::string_view forbidden,
    std::span<const std::string> list);

} // namespace tailscope::import
