// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the console of PgBouncer printed: result sets with '|' between, a time before each snapshot, as
// import/poolerconsole reads them.
#include "base/text.h"
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

class Console
{
public:
    Console(SnapshotSource &source, std::int64_t server)
        : m_source(source)
        , m_server(server)
    {}
    Result<void> read()
    {
        TS_TRY(pools());
        TS_TRY(series());
        TS_TRY(settings());
        return databases();
    }
    Result<void> write(SnapshotFile &file) const;

private:
    Result<void> pools();
    Result<void> series();
    Result<void> settings();
    Result<void> databases();

    SnapshotSource &m_source;
    std::int64_t m_server;
    std::map<Nanos, Snapshot> m_snapshots;
};

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

Result<void> Console::pools()
{
    return m_source.each(
        "SELECT t.ts_ns, t.pool, t.mode, t.active, t.idle, t.waiting, t.max_wait_ms, t.extra, "
        "t.acquired, t.wait_total_ms, t.busy_total_ms "
        "FROM pool_sample AS t WHERE t.server_id = ? AND t.ts_ns IS NOT NULL ORDER BY t.ts_ns",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            const QJsonObject extra
                = QJsonDocument::fromJson(QByteArray::fromStdString(std::string(row.text(7)))).object();
            Snapshot &snapshot = m_snapshots[row.integer(0)];
            const std::string_view pool = row.text(1);
            counted(snapshot, pool.substr(0, pool.rfind('/')), row);
            if (!extra.contains(QStringLiteral("cl_active")))
                return {}; // counters alone
            const std::size_t slash = pool.rfind('/');
            const double used = extra.value(QStringLiteral("sv_used")).toDouble();
            const double waitMs = row.isNull(6) ? 0 : row.real(6);
            const double seconds = std::floor(waitMs / 1000);
            std::string line = cell(pool.substr(0, slash)) + '|'
                + (slash == std::string_view::npos ? std::string() : cell(pool.substr(slash + 1))) + '|'
                + whole(row.isNull(5) ? 0 : row.real(5)) + '|' + whole(row.isNull(3) ? 0 : row.real(3)) + '|'
                + whole((row.isNull(4) ? 0 : row.real(4)) - used) + '|' + whole(seconds) + '|'
                + whole((waitMs - seconds * 1000) * 1000) + '|' + cell(row.text(2));
            std::string header = "database|user|cl_waiting|sv_active|sv_idle|maxwait|maxwait_us|pool_mode";
            for (auto it = extra.begin(); it != extra.end(); ++it) {
                header += '|' + cell(it.key().toStdString());
                line += '|' + cell(it.value().toVariant().toString().toStdString());
            }
            Table &table = snapshot.tables["1 pools"];
            table.header = header;
            table.rows.push_back(std::move(line));
            return {};
        });
}

/// Series do not say which pooler they are of: where a recording has several, the counters of the pools are
/// all there is.
Result<void> Console::series()
{
    return m_source.each(
        "SELECT p.ts_ns, s.metric, coalesce(json_extract(s.labels, '$.database'), ''), p.value "
        "FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id "
        "WHERE s.metric LIKE 'pgbouncer.%' AND s.source_id = (SELECT v.source_id FROM server AS v WHERE v.id "
        "= ?1) "
        "AND (SELECT count(*) FROM server AS o WHERE o.source_id = s.source_id AND o.kind = 'pgbouncer') = 1 "
        "ORDER BY p.ts_ns",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            Snapshot &snapshot = m_snapshots[row.integer(0)];
            const std::string metric(row.text(1));
            constexpr std::string_view kLists = "pgbouncer.lists.";
            if (metric.starts_with(kLists)) {
                Table &table = snapshot.tables["3 lists"];
                table.header = "list|items";
                table.rows.push_back(cell(metric.substr(kLists.size())) + '|' + whole(row.real(3)));
            } else {
                snapshot.stats[std::string(row.text(2))][metric] = row.real(3);
            }
            return {};
        });
}

/// Settings and sizes hold from the first snapshot on.
Result<void> Console::settings()
{
    return m_source.each(
        "SELECT t.ts_ns, t.name, t.setting, t.boot_val FROM setting AS t WHERE t.server_id = ? "
        "ORDER BY t.ts_ns, t.name",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            if (m_snapshots.empty())
                return {};
            Snapshot &snapshot = row.isNull(0) ? m_snapshots.begin()->second : m_snapshots[row.integer(0)];
            Table &table = snapshot.tables["0 config"];
            table.header = "key|value|default|changeable";
            table.rows.push_back(
                cell(row.text(1)) + '|' + cell(row.text(2)) + '|' + cell(row.text(3)) + "|yes");
            return {};
        });
}

Result<void> Console::databases()
{
    std::map<std::string, std::map<std::string, std::string>> known;
    TS_TRY(m_source.each(
        "SELECT c.subject, c.key, c.value FROM config AS c JOIN server AS v ON v.id = ?1 "
        "AND v.source_id = c.source_id WHERE c.subject_kind = 'pool' AND c.parent = 'pgbouncer'",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            known[std::string(row.text(0))][std::string(row.text(1))] = row.text(2);
            return {};
        }));
    if (m_snapshots.empty() || known.empty())
        return {};
    Table &table = m_snapshots.begin()->second.tables["2 databases"];
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

Result<void> Console::write(SnapshotFile &file) const
{
    for (const auto &[ts, snapshot] : m_snapshots) {
        TS_TRY(file.line(utcTimestamp(ts)));
        for (const auto &[name, table] : snapshot.tables) {
            TS_TRY(file.line(table.header));
            for (const std::string &row : table.rows)
                TS_TRY(file.line(row));
            TS_TRY(file.line({}));
        }
        if (snapshot.stats.empty())
            continue;
        TS_TRY(writeStats(snapshot, file));
        TS_TRY(file.line({}));
    }
    return {};
}

} // namespace

Result<void> writeConsole(SnapshotSource &source, std::int64_t serverId, SnapshotFile &file)
{
    Console console(source, serverId);
    TS_TRY(console.read());
    return console.write(file);
}

} // namespace tailscope::report
