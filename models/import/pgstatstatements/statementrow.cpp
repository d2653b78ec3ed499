// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgstatstatements/statementrow.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Column = StatementColumn;

struct ColumnName
{
    std::string_view name;
    Column column;
};
// The view's own names of all versions (total_time until 12, total_exec_time since), then what people name
// the columns that they add.
constexpr std::array kNames{
    ColumnName{"query", Column::Query},
    ColumnName{"queryid", Column::QueryId},
    ColumnName{"query_id", Column::QueryId},
    ColumnName{"calls", Column::Calls},
    ColumnName{"total_exec_time", Column::TotalMs},
    ColumnName{"total_time", Column::TotalMs},
    ColumnName{"mean_exec_time", Column::MeanMs},
    ColumnName{"mean_time", Column::MeanMs},
    ColumnName{"stddev_exec_time", Column::StddevMs},
    ColumnName{"stddev_time", Column::StddevMs},
    ColumnName{"min_exec_time", Column::MinMs},
    ColumnName{"min_time", Column::MinMs},
    ColumnName{"max_exec_time", Column::MaxMs},
    ColumnName{"max_time", Column::MaxMs},
    ColumnName{"rows", Column::Rows},
    ColumnName{"shared_blks_hit", Column::SharedHit},
    ColumnName{"shared_blks_read", Column::SharedRead},
    ColumnName{"temp_blks_written", Column::TempWritten},
    ColumnName{"plans", Column::Plans},
    ColumnName{"wal_bytes", Column::WalBytes},
    ColumnName{"userid", Column::UserId},
    ColumnName{"dbid", Column::DbId},
    ColumnName{"usename", Column::User},
    ColumnName{"username", Column::User},
    ColumnName{"user", Column::User},
    ColumnName{"rolname", Column::User},
    ColumnName{"role", Column::User},
    ColumnName{"datname", Column::Db},
    ColumnName{"dbname", Column::Db},
    ColumnName{"db", Column::Db},
    ColumnName{"database", Column::Db},
    ColumnName{"ts", Column::Time},
    ColumnName{"timestamp", Column::Time},
    ColumnName{"time", Column::Time},
    ColumnName{"now", Column::Time},
    ColumnName{"clock_timestamp", Column::Time},
    ColumnName{"current_timestamp", Column::Time},
    ColumnName{"snapshot_time", Column::Time},
    ColumnName{"captured_at", Column::Time},
    ColumnName{"collected_at", Column::Time},
    ColumnName{"sampled_at", Column::Time},
    ColumnName{"taken_at", Column::Time},
    ColumnName{"server", Column::Server},
    ColumnName{"server_name", Column::Server},
    ColumnName{"host", Column::Server},
    ColumnName{"hostname", Column::Server},
    ColumnName{"instance", Column::Server},
};

void writeValue(JsonText &json, const StatementValue &value)
{
    if (value.isNull)
        json.null();
    else if (!value.isString && isJsonNumber(value.text))
        json.number(value.text);
    else if (!value.isString && (value.text == "t" || value.text == "true"))
        json.boolean(true);
    else if (!value.isString && (value.text == "f" || value.text == "false"))
        json.boolean(false);
    else
        json.string(value.text);
}

} // namespace

StatementColumn statementColumn(std::string_view name)
{
    const std::string lower = toLowerAscii(trimmed(name));
    const auto found = std::find_if(kNames.begin(), kNames.end(),
        [&](const ColumnName &candidate) { return candidate.name == lower; });
    return found == kNames.end() ? Column::Other : found->column;
}

void StatementRow::clear()
{
    known.fill({});
    others.clear();
}

void StatementRow::add(StatementColumn column, std::string_view name, const StatementValue &value)
{
    // Which view a row is of; snapshots that this program writes say it.
    if (column == Column::Other && name == "catalog_view")
        return;
    if (column == Column::Other) {
        others.emplace_back(name, value);
        return;
    }
    StatementValue &place = known[static_cast<std::size_t>(column)];
    if (place.isNull)
        place = value;
}

std::string StatementRow::extraJson() const
{
    JsonText json(4);
    json.startObject();
    if (const StatementValue &id = at(Column::QueryId); !id.isNull) {
        json.key("queryid");
        json.number(id.text);
    }
    for (const auto &[name, value] : others) {
        if (value.isNull)
            continue;
        json.key(name);
        writeValue(json, value);
    }
    json.endObject();
    return json.text() == "{}" ? std::string() : json.text();
}

bool areStatementColumns(std::span<const std::string> names)
{
    const auto has = [&](Column column) {
        return std::any_of(names.begin(), names.end(),
            [&](const std::string &name) { return statementColumn(name) == column; });
    };
    return has(Column::Calls) && has(Column::TotalMs) && (has(Column::Query) || has(Column::QueryId));
}

} // namespace tailscope::import
