// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of pg_stat_statements as import/pgstatstatements reads them, and events.
#include "report/snapshotfile.h"

#include <array>

namespace tailscope::report {

namespace {

struct Column
{
    const char *stored, *name;
};
constexpr std::array<Column, 13> kColumns{{
    {"calls", "calls"},
    {"total_ms", "total_exec_time"},
    {"mean_ms", "mean_exec_time"},
    {"stddev_ms", "stddev_exec_time"},
    {"min_ms", "min_exec_time"},
    {"max_ms", "max_exec_time"},
    {"rows", "rows"},
    {"shared_hit", "shared_blks_hit"},
    {"shared_read", "shared_blks_read"},
    {"temp_written", "temp_blks_written"},
    {"plans", "plans"},
    {"wal_bytes", "wal_bytes"},
    {"db", "datname"},
}};

} // namespace

Result<void> writeStatementSnapshots(SnapshotSource &source, SnapshotFile &file)
{
    std::string sql
        = "SELECT t.ts_ns, (SELECT s.text FROM statement AS s WHERE s.id = t.statement_id), t.user, "
          "(SELECT coalesce(v.host, v.name, '') || coalesce(':' || v.port, '') FROM server AS v "
          "WHERE v.id = t.server_id), t.extra";
    for (const Column &column : kColumns)
        sql += std::string(", t.") + column.stored;
    constexpr int kFirst = 5;
    return source.each(sql + " FROM statement_sample AS t WHERE t.calls IS NOT NULL ORDER BY t.ts_ns", {},
        [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            line.text("catalog_view", "pg_stat_statements");
            if (!row.isNull(0))
                line.time("ts", row.integer(0));
            if (!row.text(3).empty())
                line.text("server", row.text(3));
            if (row.isNull(1))
                line.raw("query", "null");
            else
                line.text("query", source.sql(row.text(1)));
            if (!row.isNull(2))
                line.text("rolname", row.text(2));
            for (std::size_t i = 0; i < kColumns.size(); ++i) {
                const int at = kFirst + static_cast<int>(i);
                const store::ColumnType type = row.type(at);
                if (type == store::ColumnType::Text)
                    line.text(kColumns[i].name, row.text(at));
                else if (type == store::ColumnType::Integer)
                    line.integer(kColumns[i].name, row.integer(at));
                else if (type == store::ColumnType::Real)
                    line.real(kColumns[i].name, row.real(at));
            }
            line.members(row.text(4));
            return file.line(line.done());
        });
}

Result<void> writeEvents(SnapshotSource &source, SnapshotFile &file)
{
    return source.each(
        "SELECT e.ts_ns, e.end_ns, e.kind, e.service, e.title, e.detail FROM event AS e JOIN source AS s "
        "ON s.id = e.source_id WHERE s.kind = 'recording' ORDER BY e.ts_ns, e.id",
        {}, [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            line.time("ts", row.integer(0));
            if (!row.isNull(1))
                line.time("end", row.integer(1));
            line.text("kind", row.text(2));
            constexpr std::array<const char *, 3> kTexts{"service", "title", "detail"};
            for (int i = 0; i < 3; ++i) {
                if (!row.text(3 + i).empty())
                    line.text(kTexts[static_cast<std::size_t>(i)], row.text(3 + i));
            }
            return file.line(line.done());
        });
}

} // namespace tailscope::report
