// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of pg_stat_statements as import/pgstatstatements reads them, and events.
#include "report/snapshotfile.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

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

/// Lines that a file of statements may get by repeating what had not changed.
constexpr std::int64_t kMostLines = 300'000; ///< a kilobyte each, most of it the text

/// What an entry is, without its time, as members of an object.
std::string membersOf(SnapshotSource &source, const store::Statement &row, int first)
{
    SnapshotLine line;
    if (!row.text(3).empty())
        line.text("server", row.text(3));
    if (row.isNull(1))
        line.raw("query", "null");
    else
        line.text("query", source.sql(row.text(1)));
    if (!row.isNull(2))
        line.text("rolname", row.text(2));
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
        const int at = first + static_cast<int>(i);
        const store::ColumnType type = row.type(at);
        if (type == store::ColumnType::Text)
            line.text(kColumns[i].name, row.text(at));
        else if (type == store::ColumnType::Integer)
            line.integer(kColumns[i].name, row.integer(at));
        else if (type == store::ColumnType::Real)
            line.real(kColumns[i].name, row.real(at));
    }
    line.members(row.text(4));
    return line.done();
}

Result<void> writeLine(SnapshotFile &file, std::optional<Nanos> ts, const std::string &members)
{
    SnapshotLine line;
    line.text("catalog_view", "pg_stat_statements");
    if (ts)
        line.time("ts", *ts);
    line.members(members);
    return file.line(line.done());
}

/// A recording leaves out what did not change; whoever reads a result set takes an entry that is not in it
/// for one that is gone. So each sample gets all entries that were seen by then; where that would be too
/// many lines, only every n-th sample and the last is written.
class Samples
{
public:
    Samples(SnapshotFile &file, std::int64_t stride)
        : m_file(file)
        , m_stride(std::max<std::int64_t>(1, stride))
    {}

    Result<void> add(Nanos ts, std::string key, std::string members)
    {
        if (m_ts && *m_ts != ts)
            TS_TRY(end(false));
        m_ts = ts;
        m_entries[std::move(key)] = std::move(members);
        return {};
    }
    Result<void> end(bool isLast)
    {
        if (!m_ts || (!isLast && m_samples++ % m_stride != 0))
            return {};
        for (const auto &[key, members] : m_entries)
            TS_TRY(writeLine(m_file, m_ts, members));
        return {};
    }

private:
    SnapshotFile &m_file;
    const std::int64_t m_stride;
    std::int64_t m_samples = 0;
    std::optional<Nanos> m_ts;
    std::map<std::string, std::string> m_entries;
};

std::string select(std::string_view where)
{
    std::string sql
        = "SELECT t.ts_ns, (SELECT s.text FROM statement AS s WHERE s.id = t.statement_id), t.user, "
          "(SELECT coalesce(v.host, v.name, '') || coalesce(':' || v.port, '') FROM server AS v "
          "WHERE v.id = t.server_id), t.extra";
    for (const Column &column : kColumns)
        sql += std::string(", t.") + column.stored;
    return sql
        + ", ifnull(t.statement_id, '') || '|' || ifnull(t.user, '') || '|' || ifnull(t.db, '') || '|'"
          " || ifnull(json_extract(t.extra, '$.queryid'), '') || '|'"
          " || ifnull(json_extract(t.extra, '$.toplevel'), '')"
          " FROM statement_sample AS t WHERE t.calls IS NOT NULL AND "
        + std::string(where) + " ORDER BY t.ts_ns";
}

constexpr int kFirst = 5, kKey = kFirst + int(kColumns.size());

Result<void> writeRecorded(SnapshotSource &source, std::int64_t server, SnapshotFile &file)
{
    std::int64_t lines = 0;
    TS_TRY(
        source.each("SELECT count(DISTINCT t.ts_ns) * count(DISTINCT t.statement_id || '|' || ifnull(t.user, "
                    "'') || '|' || ifnull(t.db, '')) FROM statement_sample AS t WHERE t.server_id = ?1",
            {server}, [&](store::Statement &row) -> Result<void> {
                lines = row.integer(0);
                return {};
            }));
    Samples samples(file, (lines + kMostLines - 1) / kMostLines);
    TS_TRY(source.each(select("t.server_id = ?1 AND t.ts_ns IS NOT NULL"), {server},
        [&](store::Statement &row) -> Result<void> {
            return samples.add(row.integer(0), std::string(row.text(kKey)), membersOf(source, row, kFirst));
        }));
    return samples.end(true);
}

} // namespace

Result<void> writeStatementSnapshots(SnapshotSource &source, SnapshotFile &file)
{
    std::vector<std::int64_t> recorded;
    TS_TRY(source.each("SELECT v.id FROM server AS v JOIN source AS s ON s.id = v.source_id WHERE s.kind ="
                       " 'recording' ORDER BY v.id",
        {}, [&](store::Statement &row) -> Result<void> {
            recorded.push_back(row.integer(0));
            return {};
        }));
    for (const std::int64_t server : recorded)
        TS_TRY(writeRecorded(source, server, file));
    // Result sets that were imported are whole.
    return source.each(select(
                           "ifnull(t.server_id, 0) NOT IN (SELECT v.id FROM server AS v JOIN source AS s ON"
                           " s.id = v.source_id WHERE s.kind = 'recording')"),
        {}, [&](store::Statement &row) -> Result<void> {
            return writeLine(file, row.isNull(0) ? std::nullopt : std::optional<Nanos>(row.integer(0)),
                membersOf(source, row, kFirst));
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
