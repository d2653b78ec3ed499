// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/tablequery.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tailscope::items {

namespace {

using analysis::ServerGroups;
using Key = std::tuple<std::size_t, std::string, std::string, std::string>; // server, database, schema, table

constexpr int kFirstCounter = 6, kCounters = int(analysis::TableCounter::Count);

const char *const kSamples
    = "SELECT ifnull(server_id, 0), ts_ns, dbname, schemaname, relname, relid,"
      " seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd,"
      " n_tup_newpage_upd, heap_blks_read, heap_blks_hit, idx_blks_read, idx_blks_hit, vacuum_count,"
      " autovacuum_count, analyze_count, autoanalyze_count," // 6 to 22: as in TableCounter
      " n_live_tup, n_dead_tup, n_mod_since_analyze, n_ins_since_vacuum, table_bytes, index_bytes, "
      "toast_bytes,"
      " relfrozenxid_age, last_vacuum_ns, last_autovacuum_ns, last_analyze_ns, last_autoanalyze_ns,"
      " last_seq_scan_ns, bloat_bytes, bloat_doubt"
      " FROM table_sample WHERE relname IS NOT NULL AND (ts_ns IS NULL OR ts_ns <= ?1)"
      " ORDER BY ts_ns";

/// What a table is while its rows are read.
struct Reading
{
    TableItem item;
    analysis::TableCounters before;
    std::optional<std::int64_t> bytesBefore;
    std::optional<Nanos> beforeNs; ///< of the rows that the growth counts from
    std::int64_t server = 0; ///< row of `server` that the newest of them is of
};

/// Newer rows overwrite what they tell: rows of two views may be two rows.
template<typename T>
void take(std::optional<T> &value, std::optional<T> newer)
{
    if (newer)
        value = std::move(newer);
}

std::optional<std::int64_t> bytesOf(const TableItem &item)
{
    return item.tableBytes ? std::optional(*item.tableBytes + item.indexBytes.value_or(0)) : std::nullopt;
}

void takeRow(Reading &one, const store::Statement &row, const TimeRange &range)
{
    TableItem &item = one.item;
    const std::optional<Nanos> ts = row.optionalInteger(1);
    // The last state at or before the begin of the range, else the first in it.
    const bool isBefore = ts && *ts <= range.begin;
    for (int i = 0; i < kCounters; ++i) {
        const auto value = row.optionalInteger(kFirstCounter + i);
        const auto counter = std::size_t(i);
        take(item.counters[counter], value);
        if (isBefore || !one.before[counter])
            take(one.before[counter], value);
    }
    if (ts && (isBefore || !one.beforeNs))
        one.beforeNs = ts;
    int column = kFirstCounter + kCounters;
    for (auto *value : {&item.liveRows, &item.deadRows, &item.changedRows, &item.insertedRows,
             &item.tableBytes, &item.indexBytes, &item.toastBytes, &item.frozenAge})
        take(*value, row.optionalInteger(column++));
    for (auto *value :
        {&item.vacuumNs, &item.autovacuumNs, &item.analyzeNs, &item.autoanalyzeNs, &item.seqScanNs})
        take(*value, row.optionalInteger(column++));
    if (isBefore || !one.bytesBefore)
        take(one.bytesBefore, bytesOf(item));
    if (const auto bloat = row.optionalReal(column)) {
        item.bloatBytes = bloat;
        item.bloatDoubt = row.text(column + 1);
    }
    if (ts)
        item.seenNs = *ts;
    if (!row.isNull(5))
        item.oid = row.integer(5);
}

class TableReader
{
public:
    TableReader(store::Database &reader, const ServerGroups &groups, const ObjectRequest &request)
        : m_reader(reader)
        , m_groups(groups)
        , m_request(request)
    {}

    Result<void> samples(const Progress &progress);
    Result<void> catalog();
    Result<void> columns();
    Result<TableList> finish();
    bool hasSkipped() const { return m_hasSkipped; }

private:
    Reading *at(std::int64_t server, const store::Statement &row, int database, bool makes);

    store::Database &m_reader;
    const ServerGroups &m_groups;
    const ObjectRequest &m_request;
    std::map<Key, Reading> m_tables;
    std::map<std::size_t, Nanos> m_last; ///< newest sample of each server
    bool m_hasSkipped = false;
};

Reading *TableReader::at(std::int64_t server, const store::Statement &row, int database, bool makes)
{
    if (m_request.source != 0 && m_groups.sourceOf(server) != m_request.source)
        return nullptr;
    const std::size_t group = m_groups.of(server);
    if (!m_request.server.empty() && m_groups[group].label != m_request.server) {
        m_hasSkipped = true;
        return nullptr;
    }
    Key key{group, row.isNull(database) ? m_groups[group].dbname : std::string(row.text(database)),
        std::string(row.text(database + 1)), std::string(row.text(database + 2))};
    const auto found = m_tables.find(key);
    if (found != m_tables.end())
        return &found->second;
    if (!makes)
        return nullptr;
    Reading one;
    one.item.server = group;
    std::tie(std::ignore, one.item.dbname, one.item.schema, one.item.name) = key;
    return &m_tables.emplace(std::move(key), std::move(one)).first->second;
}

Result<void> TableReader::samples(const Progress &progress)
{
    Result<store::Statement> rows = m_reader.prepare(kSamples);
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, m_request.moment);
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "tables", "cancelled");
        Reading *one = at(rows->integer(0), *rows, 2, true);
        if (!one)
            continue;
        takeRow(*one, *rows, m_request.range);
        one->server = rows->integer(0);
        if (!rows->isNull(1))
            m_last[one->item.server] = rows->integer(1);
    }
}

Result<void> TableReader::catalog()
{
    // Rows of an object come again when it changed: the last one holds.
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT ifnull(server_id, 0), oid, dbname, schemaname, relname, relkind, reltuples, relpages, "
        "reloptions,"
        " relfrozenxid_age, table_bytes, index_bytes, toast_bytes FROM db_table WHERE relname IS NOT NULL"
        " AND ifnull(relkind, 'r') IN ('r', 'm', 'p')");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        Reading *one = at(rows->integer(0), *rows, 2, true);
        if (!one)
            continue;
        TableItem &item = one->item;
        item.oid = item.oid != 0 ? item.oid : rows->integer(1);
        item.kind = rows->text(5);
        item.rows = rows->optionalReal(6);
        if (item.rows && *item.rows < 0)
            item.rows.reset();
        item.pages = rows->optionalReal(7);
        item.reloptions = rows->text(8);
        int column = 9;
        for (auto *value : {&item.frozenAge, &item.tableBytes, &item.indexBytes, &item.toastBytes}) {
            if (!*value)
                *value = rows->optionalInteger(column);
            ++column;
        }
    }
}

Result<void> TableReader::columns()
{
    Result<store::Statement> rows
        = m_reader.prepare("SELECT ifnull(server_id, 0), attnum, dbname, schemaname, relname, null_frac, "
                           "avg_width FROM db_column"
                           " WHERE relname IS NOT NULL AND attnum > 0");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::map<Reading *, std::map<std::int64_t, analysis::BloatColumn>> columns;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        if (Reading *one = at(rows->integer(0), *rows, 2, false))
            columns[one][rows->integer(1)] = {rows->optionalReal(5), rows->optionalReal(6)};
    }
    for (auto &[one, list] : columns) {
        TableItem &item = one->item;
        if (item.bloatBytes || !item.rows || !item.pages)
            continue;
        std::vector<analysis::BloatColumn> widths;
        for (const auto &[number, column] : list)
            widths.push_back(column);
        const auto estimate
            = analysis::estimateBloat(widths, *item.rows, *item.pages, item.vacuum.fillFactor);
        if (estimate) {
            item.bloatBytes = estimate->bytes;
            item.bloatDoubt = estimate->doubt;
        }
    }
    return {};
}

Result<TableList> TableReader::finish()
{
    TableList out;
    const auto settings = readSettings(m_reader, m_groups, m_request.moment);
    if (!settings)
        return tl::unexpected(settings.error());
    const auto findings = readFindings(m_reader, "table");
    if (!findings)
        return tl::unexpected(findings.error());
    for (auto &[key, one] : m_tables) {
        const Settings &server = (*settings)[one.item.server];
        one.item.vacuum = analysis::vacuumSettings(
            [&](std::string_view name) -> std::optional<std::string> {
                const auto found = server.find(name);
                return found == server.end() ? std::nullopt : std::optional(found->second);
            },
            one.item.reloptions);
    }
    TS_TRY(columns());
    std::vector<bool> isShown(m_groups.all().size());
    for (auto &[key, one] : m_tables) {
        TableItem &item = one.item;
        item.growth = analysis::tableGrowth(one.before, item.counters);
        if (one.beforeNs && item.seenNs != kUnknownNanos) {
            Nanos begin = *one.beforeNs, end = item.seenNs;
            // A recording leaves out what did not change: the counters held at both ends of the range.
            if (m_groups.isRecording(one.server)) {
                begin = std::max(begin, m_request.range.begin);
                end = std::max(begin, m_last[item.server]);
            }
            item.seconds = double(end - begin) / 1e9;
        }
        if (one.bytesBefore && bytesOf(item))
            item.grownBytes = *bytesOf(item) - *one.bytesBefore;
        if (const auto found = findings->find(item.qualifiedName()); found != findings->end())
            item.findings = found->second;
        isShown[item.server] = true;
        out.tables.push_back(std::move(item));
    }
    for (std::size_t group = 0; group < isShown.size(); ++group) {
        if (isShown[group] && m_groups[group].version)
            out.leastVersion
                = std::min(out.leastVersion.value_or(*m_groups[group].version), *m_groups[group].version);
    }
    out.servers = m_groups.all();
    out.any = !out.tables.empty() || m_hasSkipped;
    std::stable_sort(out.tables.begin(), out.tables.end(), [](const TableItem &a, const TableItem &b) {
        return bytesOf(a).value_or(-1) > bytesOf(b).value_or(-1);
    });
    return out;
}

} // namespace

Result<std::vector<Settings>> readSettings(store::Database &reader, const ServerGroups &groups, Nanos moment)
{
    std::vector<Settings> out(groups.all().size());
    Result<store::Statement> rows
        = reader.prepare("SELECT ifnull(server_id, 0), name, setting FROM setting WHERE name IS NOT NULL"
                         " AND setting IS NOT NULL AND (ts_ns IS NULL OR ts_ns <= ?1) ORDER BY ts_ns");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, moment);
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        out[groups.of(rows->integer(0))].insert_or_assign(std::string(rows->text(1)),
            std::string(rows->text(2)));
    }
}

Result<std::map<std::string, std::vector<ObjectFinding>>> readFindings(store::Database &reader,
    std::string_view kind)
{
    std::map<std::string, std::vector<ObjectFinding>> out;
    Result<store::Statement> rows = reader.prepare(
        "SELECT subject_id, id, severity, title, summary FROM finding WHERE subject_kind = ?1 ORDER BY id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, kind);
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        out[std::string(rows->text(0))].push_back({rows->integer(1), std::string(rows->text(2)),
            std::string(rows->text(3)), std::string(rows->text(4))});
    }
}

Result<TableList> readTables(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const Result<ServerGroups> groups = ServerGroups::load(*reader);
    if (!groups)
        return tl::unexpected(groups.error());
    TableReader tables(*reader, *groups, request);
    TS_TRY(tables.samples(progress));
    TS_TRY(tables.catalog());
    Result<TableList> list = tables.finish();
    // Its statistics are its own: a standby counts reads, no rows that were written.
    for (std::size_t i = 0; list && i < list->tables.size(); ++i) {
        TableItem &item = list->tables[i];
        if (list->servers[item.server].isStandby.value_or(false))
            item.liveRows = item.deadRows = item.changedRows = item.insertedRows = std::nullopt;
    }
    return list;
}

} // namespace tailscope::items
