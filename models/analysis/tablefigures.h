// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Figures of one table: when autovacuum comes, how much of it is empty space, what its counters grew by.
namespace tailscope::analysis {

/// What decides when autovacuum comes: the server's settings, overridden by the table's own.
struct VacuumSettings
{
    bool isEnabled = true;
    double threshold = 50, scaleFactor = 0.2; ///< dead rows
    std::optional<double> maxThreshold; ///< since version 18; absent = no cap
    double insertThreshold = 1000, insertScaleFactor = 0.2; ///< since version 13; threshold < 0 = never
    double analyzeThreshold = 50, analyzeScaleFactor = 0.1;
    double freezeMaxAge = 200e6; ///< transactions
    double fillFactor = 100;
};
/// setting: the server's value of a name, nullopt = unknown (the default of PostgreSQL is taken). reloptions:
/// "{autovacuum_enabled=off,fillfactor=70}" or a JSON array of the same.
VacuumSettings vacuumSettings(const std::function<std::optional<std::string>(std::string_view)> &setting,
    std::string_view reloptions);

/// Rows at which autovacuum starts (formula FE-08): threshold + scale factor x rows, capped since version 18.
struct VacuumTrigger
{
    double dead = 0; ///< dead rows
    std::optional<double> inserted; ///< rows inserted since the last vacuum; nullopt = never by inserts
    double changed = 0; ///< rows changed since the last analyze
};
/// rows: reltuples; below 0 (never counted) as 0.
VacuumTrigger vacuumTrigger(const VacuumSettings &settings, double rows);

/// Share of a transaction id's life that is gone: towards the forced vacuum, and towards the end, at which
/// the server takes no more writes (2^31 less three million).
inline constexpr double kWraparound = 2147483648.0 - 3e6;

/// Space that the rows do not need, from the widths in pg_stats; never exact.
struct BloatColumn
{
    std::optional<double> nullShare, width; ///< pg_stats; nullopt = not analysed, or may not be read
};
struct BloatEstimate
{
    double bytes = 0;
    double share = 0; ///< of the table's pages
    std::string doubt; ///< how far it may be off, in words
};
/// nullopt: nothing is known of some column, the rows were never counted, or the table is smaller than 10
/// pages. Whole rows must fit a page: wide rows leave the rest of theirs empty by nature, which is no bloat.
std::optional<BloatEstimate> estimateBloat(std::span<const BloatColumn> columns, double rows, double pages,
    double fillFactor);

/// Counters of pg_stat_user_tables and pg_statio_user_tables.
enum class TableCounter {
    SeqScans,
    SeqRows,
    IndexScans,
    IndexRows,
    Inserted,
    Updated,
    Deleted,
    HotUpdated,
    NewPageUpdated,
    HeapRead,
    HeapHit,
    IndexRead,
    IndexHit,
    Vacuums,
    Autovacuums,
    Analyzes,
    Autoanalyzes,
    Count
};
using TableCounters = std::array<std::optional<std::int64_t>, std::size_t(TableCounter::Count)>;
struct TableGrowth
{
    TableCounters by; ///< unknown where one end is
    bool wasReset = false; ///< some counter fell: they began anew, and count from 0
};
TableGrowth tableGrowth(const TableCounters &before, const TableCounters &now);

} // namespace tailscope::analysis
