// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the console of PgBouncer printed: result sets with '|' between, a time before each snapshot, as
// import/poolerconsole reads them.
#include "base/text.h"
#include "import/poolerconsole/pgbouncerrows.h"
#include "report/snapshotfile.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace tailscope::report {

namespace {

/// The columns of SHOW STATS and the series that hold them.
struct Counter
{
    const char *column, *metric;
};
constexpr std::array<Counter, 12> kCounters{{
    {"total_xact_count", "pgbouncer.transactions"},
    {"total_query_count", "pgbouncer.queries"},
    {"total_server_assignment_count", "pgbouncer.server_assignments"},
    {"total_client_login_count", "pgbouncer.client_logins"},
    {"total_received", "pgbouncer.received"},
    {"total_sent", "pgbouncer.sent"},
    {"total_xact_time", "pgbouncer.transaction_time"},
    {"total_query_time", "pgbouncer.query_time"},
    {"total_wait_time", "pgbouncer.wait_time"},
    {"total_client_parse_count", "pgbouncer.client_parses"},
    {"total_server_parse_count", "pgbouncer.server_parses"},
    {"total_bind_count", "pgbouncer.binds"},
}};

/// A cell of a table with '|' between.
std::string cell(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '|' || c == '\n' || c == '\r'; }, ' ');
    return out;
}
std::string whole(double value)
{
    char text[40];
    std::snprintf(text, sizeof text, "%.0f", value);
    return text;
}

struct Table
{
    std::string header;
    std::vector<std::string> rows;
};

struct Snapshot
{
    std::map<std::string, Table> tables; ///< by what was asked
    std::map<std::string, std::map<std::string, double>> stats; ///< database -> metric -> value
};

/// Rows of one query in order of time, taken one at a time: a recording of days does not fit into memory.
class Cursor
{
public:
    /// The first column is the time.
    Result<void> open(SnapshotSource &source, const std::string &sql, std::int64_t server)
    {
        m_source = &source;
        Result<store::Statement> rows = source.reader.prepare(sql);
        if (!rows)
            return fail(std::move(rows.error()));
        m_rows = std::move(*rows);
        m_rows.bind(0, server);
        return next();
    }
    Result<void> next()
    {
        const Result<bool> row = m_rows.step();
        if (!row)
            return fail(row.error());
        m_isThere = *row;
        constexpr std::int64_t kRowsPerCheck = 1024;
        if (++m_count % kRowsPerCheck == 0 && m_source->progress.isCancelled())
            return fail(Error{ErrorCode::Cancelled, "export", "the export was cancelled", {}, {}});
        return {};
    }
    bool isThere() const { return m_isThere; }
    /// Rows without a time belong to the first snapshot.
    Nanos ts() const { return m_rows.isNull(0) ? kUnknownNanos : m_rows.integer(0); }
    const store::Statement &row() const { return m_rows; }

private:
    SnapshotSource *m_source = nullptr;
    store::Statement m_rows;
    std::int64_t m_count = 0;
    bool m_isThere = false;
};

/// One snapshot after another: samples of pools, points of series and settings, merged by their times.
class Console
{
public:
    Console(SnapshotSource &source, std::int64_t server)
        : m_source(source)
        , m_server(server)
    {}
    Result<void> write(SnapshotFile &file);

private:
    Result<void> open();
    Result<void> writeInstance(SnapshotFile &file);
    Result<void> addDatabases(Snapshot &snapshot);

    SnapshotSource &m_source;
    std::int64_t m_server;
    Cursor m_pools, m_series, m_settings;
};

constexpr const char *kPools
    = "SELECT t.ts_ns, t.pool, t.mode, t.active, t.idle, t.waiting, t.max_wait_ms, t.extra, "
      "t.acquired, t.wait_total_ms, t.busy_total_ms "
      "FROM pool_sample AS t WHERE t.server_id = ?1 AND t.ts_ns IS NOT NULL ORDER BY t.ts_ns";
/// host:port of the pooler, how many poolers its recording has, and the first of those that are the same one
/// (a pooler of a new version has another row).
constexpr const char *kOfPooler
    = "WITH p AS (SELECT v.id, v.source_id, coalesce(v.host, '') || coalesce(':' || v.port, '') AS instance "
      "FROM server AS v WHERE v.kind = 'pgbouncer'), "
      "o AS (SELECT p.id, p.source_id, p.instance, "
      "(SELECT count(*) FROM p AS x WHERE x.source_id = p.source_id) AS n, "
      "(SELECT min(x.id) FROM p AS x WHERE x.source_id = p.source_id AND x.instance = p.instance) AS "
      "first_id FROM p WHERE p.id = ?1) ";
/// Series that do not say which pooler they are of are its own where it is alone. What has several rows gives
/// its series once: they would come back twice.
constexpr const char *kIsOfPooler
    = "s.metric LIKE 'pgbouncer.%' AND s.source_id = o.source_id AND (o.n = 1 OR (s.instance = o.instance "
      "AND o.id = o.first_id))";
constexpr const char *kSettings = "SELECT t.ts_ns, t.name, t.setting, t.boot_val FROM setting AS t "
                                  "WHERE t.server_id = ?1 ORDER BY t.ts_ns, t.name";

/// The counters of a pool that is alone in its database, as microseconds again.
void counted(Snapshot &snapshot, std::string_view database, const store::Statement &row)
{
    constexpr double kMicrosPerMilli = 1000;
    constexpr std::array<std::pair<const char *, double>, 3> kOwnNames{{{"pgbouncer.transactions", 1},
        {"pgbouncer.wait_time", kMicrosPerMilli}, {"pgbouncer.transaction_time", kMicrosPerMilli}}};
    for (int i = 0; i < 3; ++i) {
        constexpr int kFirst = 8;
        if (!row.isNull(kFirst + i)) {
            const auto &[metric, scale] = kOwnNames[static_cast<std::size_t>(i)];
            snapshot.stats[std::string(database)][metric] = row.real(kFirst + i) * scale;
        }
    }
}

/// What is unknown is an empty cell: the reader takes it for unknown too.
std::string known(const store::Statement &row, int column, double less = 0)
{
    return row.isNull(column) ? std::string() : whole(row.real(column) - less);
}

void addPool(Snapshot &snapshot, const store::Statement &row)
{
    const QJsonObject extra
        = QJsonDocument::fromJson(QByteArray::fromStdString(std::string(row.text(7)))).object();
    const std::string_view pool = row.text(1);
    counted(snapshot, pool.substr(0, pool.rfind('/')), row);
    if (!extra.contains(QStringLiteral("cl_active")))
        return; // counters alone
    const std::size_t slash = pool.rfind('/');
    const double used = extra.value(QStringLiteral("sv_used")).toDouble();
    std::string wait = "|";
    if (!row.isNull(6)) {
        const double seconds = std::floor(row.real(6) / 1000);
        wait = whole(seconds) + '|' + whole((row.real(6) - seconds * 1000) * 1000);
    }
    std::string line = cell(pool.substr(0, slash)) + '|'
        + (slash == std::string_view::npos ? std::string() : cell(pool.substr(slash + 1))) + '|'
        + known(row, 5) + '|' + known(row, 3) + '|' + known(row, 4, used) + '|' + wait + '|'
        + cell(row.text(2));
    std::string header = "database|user|cl_waiting|sv_active|sv_idle|maxwait|maxwait_us|pool_mode";
    for (auto it = extra.begin(); it != extra.end(); ++it) {
        header += '|' + cell(it.key().toStdString());
        line += '|' + cell(it.value().toVariant().toString().toStdString());
    }
    Table &table = snapshot.tables["1 pools"];
    table.header = header;
    table.rows.push_back(std::move(line));
}

void addPoint(Snapshot &snapshot, const store::Statement &row)
{
    const std::string metric(row.text(1));
    constexpr std::string_view kLists = "pgbouncer.lists.";
    if (metric.starts_with(kLists)) {
        Table &table = snapshot.tables["3 lists"];
        table.header = "list|items";
        table.rows.push_back(cell(metric.substr(kLists.size())) + '|' + whole(row.real(3)));
    } else {
        snapshot.stats[std::string(row.text(2))][metric] = row.real(3);
    }
}

void addSetting(Snapshot &snapshot, const store::Statement &row)
{
    Table &table = snapshot.tables["0 config"];
    table.header = "key|value|default|changeable";
    table.rows.push_back(cell(row.text(1)) + '|' + cell(row.text(2)) + '|' + cell(row.text(3)) + "|yes");
}

Result<void> Console::open()
{
    TS_TRY(m_pools.open(m_source, kPools, m_server));
    TS_TRY(m_series.open(m_source,
        std::string(kOfPooler)
            + "SELECT p.ts_ns, s.metric, coalesce(json_extract(s.labels, '$.database'), ''), p.value "
              "FROM o CROSS JOIN series AS s CROSS JOIN point AS p ON p.series_id = s.id WHERE "
            + kIsOfPooler + " ORDER BY p.ts_ns",
        m_server));
    return m_settings.open(m_source, kSettings, m_server);
}

/// Which pooler its series name: of several in one recording it is what tells them apart.
Result<void> Console::writeInstance(SnapshotFile &file)
{
    return m_source.each(std::string(kOfPooler) + "SELECT s.instance FROM o CROSS JOIN series AS s WHERE "
            + kIsOfPooler + " AND s.instance <> '' LIMIT 1",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            TS_TRY(file.line(std::string(import::PgbouncerRows::kInstanceMark) + cell(row.text(0))));
            return file.line({});
        });
}

/// Sizes hold from the first snapshot on. Nothing says which pooler they are of: where a recording has
/// several, those of databases that this one has no pool of are not its own.
Result<void> Console::addDatabases(Snapshot &snapshot)
{
    std::map<std::string, std::map<std::string, std::string>> known;
    TS_TRY(m_source.each(std::string(kOfPooler)
            + "SELECT c.subject, c.key, c.value FROM o CROSS JOIN config AS c WHERE c.source_id = "
              "o.source_id "
              "AND c.subject_kind = 'pool' AND c.parent = 'pgbouncer' AND (o.n = 1 OR c.subject IN (SELECT "
              "CASE WHEN instr(t.pool, '/') > 0 THEN substr(t.pool, 1, instr(t.pool, '/') - 1) ELSE t.pool "
              "END FROM pool_sample AS t WHERE t.server_id = ?1))",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            known[std::string(row.text(0))][std::string(row.text(1))] = row.text(2);
            return {};
        }));
    if (known.empty())
        return {};
    Table &table = snapshot.tables["2 databases"];
    table.header = "name|host|port|database|force_user|pool_size|reserve_pool|pool_mode|max_connections";
    for (auto &[name, keys] : known) {
        const std::string target = keys["target"];
        const std::size_t colon = target.rfind(':');
        const std::string host = target.substr(0, colon);
        const std::string port = colon == std::string::npos ? std::string() : target.substr(colon + 1);
        table.rows.push_back(cell(name) + '|' + cell(host) + '|' + cell(port) + '|' + cell(name) + "||"
            + cell(keys["size"]) + '|' + cell(keys["reserve_size"]) + '|' + cell(keys["mode"]) + '|'
            + cell(keys["max_connections"]));
    }
    return {};
}

/// Columns that nobody asked for are not there, as on an older pooler.
Result<void> writeStats(const Snapshot &snapshot, SnapshotFile &file)
{
    std::vector<Counter> columns;
    std::string header = "database";
    for (const Counter &counter : kCounters) {
        const bool isThere = std::any_of(snapshot.stats.begin(), snapshot.stats.end(),
            [&](const auto &one) { return one.second.contains(counter.metric); });
        // The reader knows the result set by this one.
        if (!isThere && std::string_view(counter.column) != "total_received")
            continue;
        columns.push_back(counter);
        header += std::string("|") + counter.column;
    }
    TS_TRY(file.line(header));
    for (const auto &[database, figures] : snapshot.stats) {
        std::string line = cell(database);
        for (const Counter &counter : columns) {
            const auto found = figures.find(counter.metric);
            line += '|' + (found == figures.end() ? std::string() : whole(found->second));
        }
        TS_TRY(file.line(line));
    }
    return {};
}

Result<void> writeSnapshot(Nanos ts, const Snapshot &snapshot, SnapshotFile &file)
{
    TS_TRY(file.line(utcTimestamp(ts)));
    for (const auto &[name, table] : snapshot.tables) {
        TS_TRY(file.line(table.header));
        for (const std::string &row : table.rows)
            TS_TRY(file.line(row));
        TS_TRY(file.line({}));
    }
    if (snapshot.stats.empty())
        return {};
    TS_TRY(writeStats(snapshot, file));
    return file.line({});
}

Result<void> Console::write(SnapshotFile &file)
{
    TS_TRY(open());
    const std::array<std::pair<Cursor *, void (*)(Snapshot &, const store::Statement &)>, 3> parts{
        {{&m_pools, addPool}, {&m_series, addPoint}, {&m_settings, addSetting}}};
    Snapshot snapshot;
    for (; m_settings.isThere() && m_settings.ts() == kUnknownNanos;) {
        addSetting(snapshot, m_settings.row());
        TS_TRY(m_settings.next());
    }
    for (bool isFirst = true;; isFirst = false) {
        Nanos at = kUnknownNanos;
        for (const auto &[cursor, add] : parts) {
            if (cursor->isThere())
                at = at == kUnknownNanos ? cursor->ts() : std::min(at, cursor->ts());
        }
        if (at == kUnknownNanos)
            return {};
        for (const auto &[cursor, add] : parts) {
            while (cursor->isThere() && cursor->ts() == at) {
                add(snapshot, cursor->row());
                TS_TRY(cursor->next());
            }
        }
        if (isFirst) {
            TS_TRY(writeInstance(file));
            TS_TRY(addDatabases(snapshot));
        }
        TS_TRY(writeSnapshot(at, snapshot, file));
        snapshot = {};
    }
}

} // namespace

Result<void> writeConsole(SnapshotSource &source, std::int64_t serverId, SnapshotFile &file)
{
    return Console(source, serverId).write(file);
}

} // namespace tailscope::report
