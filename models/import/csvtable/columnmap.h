// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/common/timetext.h"
#include "store/rows.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::csvtable {

/// What the columns of a table mean, as the user says it in TOML (README.md) or as a guess has it. Columns
/// are named as the header has them (case and blanks around do not matter), or "#3" for the third.
struct ColumnMap
{
    /// A column that is a series of its own.
    struct Series
    {
        std::string column, metric, unit;
        SeriesKind kind = SeriesKind::Gauge;
        double scale = 1; ///< a value in the file times this is a value in `unit`
    };

    std::optional<char> delimiter; ///< nullopt = found by the header
    bool hasHeader = true;
    std::size_t skipLines = 0; ///< in front of the header
    std::string timeColumn;
    std::optional<EpochUnit> timeUnit; ///< of numbers; nullopt = by their size
    std::string timePattern; ///< of strptime(3), for times like "31.12.2026 23:59:59"
    std::string metricColumn, valueColumn; ///< long form: one value a row
    std::vector<Series> series; ///< wide form
    bool otherColumns = true; ///< wide form: columns that nothing names become series too
    std::vector<std::string> labels, ignored;
    std::string service, instance; ///< constants of every series
    /// Instead of series: rows of this table (a name of recordTargets()).
    std::string table;
    std::map<std::string, std::string> fields; ///< its column -> column of the file
    std::map<std::string, std::string> constants; ///< its column -> text

    /// Errors name the line and what is allowed there.
    static Result<ColumnMap> parse(std::string_view toml, const std::string &file);
    std::string toToml() const; ///< parse() gives the same map back
};

/// A column of a table that rows may be mapped to.
struct TargetColumn
{
    std::string_view name;
    bool isText = false;
};
struct RecordTarget
{
    std::string_view name; ///< as in the public schema
    RecordTable table;
    std::span<const TargetColumn> columns; ///< without ts_ns, which is the time column
};
/// pool_sample, replica_sample, queue_sample, cache_sample.
std::span<const RecordTarget> recordTargets();
const RecordTarget *recordTarget(std::string_view name); ///< nullptr when unknown

} // namespace tailscope::import::csvtable
