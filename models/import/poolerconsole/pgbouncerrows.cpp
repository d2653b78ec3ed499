// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/poolerconsole/pgbouncerrows.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/dbconfig/configrow.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::import {

namespace {

constexpr std::string_view kAdmin = "pgbouncer";
constexpr double kMicrosPerMilli = 1000.0;
constexpr double kMillisPerSecond = 1000.0;

bool hasAll(std::span<const std::string> names, std::initializer_list<std::string_view> wanted)
{
    return std::all_of(wanted.begin(), wanted.end(),
        [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); });
}

/// Columns of SHOW POOLS that have a place; the others are kept as JSON.
constexpr std::array<std::string_view, 10> kPoolColumns{"database", "user", "cl_active", "cl_waiting",
    "sv_active", "sv_idle", "sv_used", "maxwait", "maxwait_us", "pool_mode"};

/// Counters of SHOW STATS as series; averages are not, they are told by differences.
struct Counter
{
    std::string_view column, metric, unit;
};
constexpr std::array<Counter, 14> kCounters{{
    {"total_xact_count", "pgbouncer.transactions", "transactions"},
    {"total_query_count|total_requests", "pgbouncer.queries", "queries"},
    {"total_server_assignment_count", "pgbouncer.server_assignments", "assignments"}, // 1.23
    {"total_client_login_count", "pgbouncer.client_logins", "logins"}, // 1.25
    {"total_received", "pgbouncer.received", "bytes"},
    {"total_sent", "pgbouncer.sent", "bytes"},
    {"total_xact_time", "pgbouncer.transaction_time", "us"},
    {"total_query_time", "pgbouncer.query_time", "us"},
    {"total_wait_time", "pgbouncer.wait_time", "us"},
    {"total_client_parse_count", "pgbouncer.client_parses", "calls"}, // 1.24
    {"total_server_parse_count", "pgbouncer.server_parses", "calls"}, // 1.24
    {"total_bind_count", "pgbouncer.binds", "calls"}, // 1.24
    {"tcp_conn_count", "odyssey.connections", "connections"},
    {"errors_count", "odyssey.errors", "errors"},
}};

/// Settings that say how much a pooler lets through, under the keys of a topology.
struct Limit
{
    std::string_view setting, key, unit;
    double scale;
};
constexpr std::array<Limit, 9> kLimits{{
    {"max_client_conn", "max_client_conn", "", 1},
    {"default_pool_size", "default_pool_size", "", 1},
    {"min_pool_size", "min_pool_size", "", 1},
    {"reserve_pool_size", "reserve_pool_size", "", 1},
    {"max_db_connections", "max_db_connections", "", 1},
    {"max_user_connections", "max_user_connections", "", 1},
    {"query_wait_timeout", "acquire_timeout_ms", "ms", kMillisPerSecond},
    {"reserve_pool_timeout", "reserve_pool_timeout_ms", "ms", kMillisPerSecond},
    {"server_idle_timeout", "server_idle_timeout_ms", "ms", kMillisPerSecond},
}};

/// A number as short as it can be written.
std::string shortNumber(double value)
{
    JsonText text;
    text.real(value);
    std::string out = text.text();
    return out.ends_with(".0") ? out.substr(0, out.size() - 2) : out;
}

std::optional<double> sum(std::optional<double> a, std::optional<double> b)
{
    return a || b ? std::optional(a.value_or(0) + b.value_or(0)) : std::nullopt;
}

/// Fields of one record; unknown values are left out.
class Fields
{
public:
    void add(std::string_view column, std::optional<double> value)
    {
        if (value)
            m_list.push_back({column, *value});
    }
    void add(std::string_view column, std::string_view text)
    {
        if (!text.empty())
            m_list.push_back({column, text});
    }
    void addInteger(std::string_view column, std::int64_t value) { m_list.push_back({column, value}); }
    void write(RowSink &sink, RecordTable table, RecordRef server) const
    {
        RecordRow record{};
        record.table = table;
        record.server = server;
        record.fields = m_list;
        sink.record(record);
    }
    std::vector<RecordField> &list() { return m_list; }

private:
    std::vector<RecordField> m_list;
};

} // namespace

PgbouncerRows::PgbouncerRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
{}

PgbouncerRows::Set PgbouncerRows::setOf(std::span<const std::string> names)
{
    if (hasAll(names, {"database", "cl_active", "cl_waiting", "sv_active"}))
        return Set::Pools;
    if (hasAll(names, {"database", "total_received"}))
        return Set::Stats;
    if (hasAll(names, {"name", "database", "force_user", "pool_size"}))
        return Set::Databases;
    if (names.size() == 2 && names[0] == "list" && names[1] == "items")
        return Set::Lists;
    if (hasAll(names, {"key", "value", "changeable"}))
        return Set::Config;
    if (hasAll(names, {"type", "user", "database", "state", "addr", "local_addr"}))
        return Set::NotKept;
    return Set::None;
}

void PgbouncerRows::beginSnapshot(Nanos tsNs)
{
    flush();
    m_ts = tsNs;
}

void PgbouncerRows::take(Set set, const ConsoleItem &row)
{
    // The same result set again: its user asked anew, and nothing says when.
    if (row.isFirst && m_seen.contains(set) && set != Set::NotKept) {
        const bool timed = m_ts != kUnknownNanos;
        flush();
        if (timed)
            m_report.note(IssueSeverity::Notice, "no-time", row.offset,
                "a result set came twice after one time: the time of the second is unknown");
        m_ts = kUnknownNanos;
    }
    m_seen.insert(set);
    switch (set) {
    case Set::Pools:
        takePool(row);
        break;
    case Set::Stats:
        takeStats(row);
        break;
    case Set::Databases:
        takeDatabase(row);
        break;
    case Set::Lists:
        takeList(row);
        break;
    case Set::Config:
        takeConfig(row);
        break;
    case Set::NotKept:
        m_report.note(IssueSeverity::Info, "not-kept", row.offset,
            "rows of SHOW CLIENTS and SHOW SERVERS were left out: SHOW POOLS counts them");
        break;
    case Set::None:
        return;
    }
    if (m_pools.size() + m_stats.size() >= kMaxWaiting)
        flush();
}

void PgbouncerRows::takeText(std::string_view text)
{
    constexpr std::size_t kLongest = 300;
    if (const std::string_view line = trimmed(text); line.starts_with(kInstanceMark)) {
        if (m_instance.empty() && line.size() <= kLongest)
            m_instance = sanitizedUtf8(line.substr(kInstanceMark.size()));
        return;
    }
    constexpr std::string_view kMark = "PgBouncer ";
    const std::size_t at = text.find(kMark);
    if (at == std::string_view::npos || !m_version.empty())
        return;
    const std::string_view rest = text.substr(at + kMark.size());
    const std::string_view version = rest.substr(0, rest.find_first_not_of("0123456789."));
    if (version.size() >= 3 && version.size() <= 20)
        m_version = version;
}

std::optional<double> PgbouncerRows::number(const ConsoleItem &row, std::string_view names)
{
    const std::optional<std::string_view> text = row.cell(names);
    if (!text)
        return std::nullopt;
    const std::optional<double> value = parseDouble(*text);
    if (!value || *value < 0) {
        m_report.note(IssueSeverity::Notice, "bad-value", row.offset,
            std::string(names.substr(0, names.find('|'))) + " is no number from 0 on: it was left unknown ("
                + sanitizedUtf8(utf8Prefix(*text, 60)) + ")");
        return std::nullopt;
    }
    return value;
}

void PgbouncerRows::takePool(const ConsoleItem &row)
{
    Pool pool;
    pool.database = sanitizedUtf8(row.cell("database").value_or(""));
    pool.user = sanitizedUtf8(row.cell("user").value_or(""));
    if (pool.database.empty())
        return m_report.skip("no-name", row.offset, row.length, "the row names no database", row.text);
    m_report.rowRead();
    if (pool.database == kAdmin) {
        m_report.note(IssueSeverity::Info, "admin-console", row.offset,
            "the console's own pool was left out");
        return;
    }
    pool.mode = sanitizedUtf8(row.cell("pool_mode").value_or(""));
    pool.clActive = number(row, "cl_active");
    pool.clWaiting = number(row, "cl_waiting");
    pool.svActive = number(row, "sv_active");
    pool.svIdle = number(row, "sv_idle");
    pool.svUsed = number(row, "sv_used");
    const std::optional<double> seconds = number(row, "maxwait"), micros = number(row, "maxwait_us");
    if (seconds)
        pool.maxWaitMs = *seconds * kMillisPerSecond + micros.value_or(0) / kMicrosPerMilli;
    JsonText extra;
    extra.startObject();
    for (std::size_t i = 0; i < row.names.size(); ++i) {
        const bool placed
            = std::find(kPoolColumns.begin(), kPoolColumns.end(), row.names[i]) != kPoolColumns.end();
        const bool halved = row.names[i] == "cl_active" || row.names[i] == "sv_used";
        if ((placed && !halved) || row.cells[i].empty())
            continue;
        extra.key(row.names[i]);
        extra.number(sanitizedUtf8(row.cells[i]));
    }
    extra.endObject();
    pool.extra = extra.text();
    m_isOdyssey = m_isOdyssey || row.cell("tcp_conn_count").has_value();
    m_pools.push_back(std::move(pool));
}

void PgbouncerRows::takeStats(const ConsoleItem &row)
{
    const std::string database = sanitizedUtf8(row.cell("database").value_or(""));
    if (database.empty())
        return m_report.skip("no-name", row.offset, row.length, "the row names no database", row.text);
    m_report.rowRead();
    if (database == kAdmin)
        return;
    const auto millis = [&](std::string_view names) {
        const std::optional<double> micros = number(row, names);
        return micros ? std::optional(*micros / kMicrosPerMilli) : std::nullopt;
    };
    Stats &stats = m_stats[database];
    stats.assigned = number(row, "total_server_assignment_count");
    stats.transactions = number(row, "total_xact_count");
    stats.queries = number(row, "total_query_count|total_requests");
    stats.waitMs = millis("total_wait_time");
    stats.busyMs = millis("total_xact_time|total_query_time");
    if (m_ts == kUnknownNanos)
        return;
    for (const Counter &counter : kCounters) {
        if (const std::optional<double> value = number(row, counter.column))
            point(counter.metric, counter.unit, SeriesKind::Counter, database, *value);
    }
}

void PgbouncerRows::takeDatabase(const ConsoleItem &row)
{
    const std::string name = sanitizedUtf8(row.cell("name").value_or(""));
    if (name.empty())
        return m_report.skip("no-name", row.offset, row.length, "the row names no database", row.text);
    m_report.rowRead();
    if (name == kAdmin) {
        m_port = sanitizedUtf8(row.cell("port").value_or(""));
        return;
    }
    if (m_databases.size() >= kMaxWaiting && !m_databases.contains(name))
        return;
    Database &database = m_databases[name];
    database.mode = sanitizedUtf8(row.cell("pool_mode").value_or(""));
    database.size = number(row, "pool_size");
    database.reserve = number(row, "reserve_pool_size|reserve_pool");
    database.maxConnections = number(row, "max_connections");
    writePoolConfig(name, row, database);
}

void PgbouncerRows::writePoolConfig(const std::string &name, const ConsoleItem &row, const Database &database)
{
    const std::string said = sanitizedUtf8(row.cell("host").value_or("")) + ' '
        + sanitizedUtf8(row.cell("port").value_or("")) + ' ' + database.mode + ' '
        + shortNumber(database.size.value_or(-1)) + ' ' + shortNumber(database.reserve.value_or(-1)) + ' '
        + shortNumber(database.maxConnections.value_or(-1));
    const auto [known, isNew] = m_knownPools.try_emplace(name, said);
    if (!isNew && known->second == said)
        return;
    known->second = said;
    const auto put = [&](std::string_view key, const std::string &value) {
        if (!value.empty())
            writeConfig(m_sink, {"pool", name, kAdmin, key, value, {}});
    };
    const auto figure
        = [](std::optional<double> value) { return value ? shortNumber(*value) : std::string(); };
    std::string target = sanitizedUtf8(row.cell("host").value_or(""));
    if (const auto port = row.cell("port"); port && !target.empty())
        target += ':' + sanitizedUtf8(*port);
    put("size", figure(database.size));
    put("target", target);
    put("mode", database.mode);
    put("reserve_size", figure(database.reserve));
    if (database.maxConnections.value_or(0) > 0)
        put("max_connections", figure(database.maxConnections));
}

void PgbouncerRows::takeList(const ConsoleItem &row)
{
    const std::optional<double> items = number(row, "items");
    const std::string list = sanitizedUtf8(row.cell("list").value_or(""));
    m_report.rowRead();
    if (!items || list.empty())
        return;
    if (list == "used_clients")
        m_usedClients = items;
    if (m_ts != kUnknownNanos)
        point("pgbouncer.lists." + std::string(utf8Prefix(list, 60)), "", SeriesKind::Gauge, {}, *items);
}

void PgbouncerRows::takeConfig(const ConsoleItem &row)
{
    const std::string name = sanitizedUtf8(row.cell("key").value_or(""));
    if (name.empty())
        return m_report.skip("no-name", row.offset, row.length, "the row names no setting", row.text);
    m_report.rowRead();
    const std::string value = sanitizedUtf8(row.cell("value").value_or(""));
    const auto [known, isNew] = m_knownSettings.try_emplace(name, value);
    if (m_settings.size() >= kMaxWaiting || (!isNew && known->second == value))
        return;
    known->second = value;
    const bool secret = isSecretSetting(name);
    m_settings.push_back(
        {name, secret ? "" : value, secret ? "" : sanitizedUtf8(row.cell("default").value_or(""))});
    const std::optional<double> figure = parseDouble(value);
    for (const Limit &limit : kLimits) {
        if (limit.setting == name && figure)
            writeConfig(m_sink,
                {"pooler", kAdmin, {}, limit.key, shortNumber(*figure * limit.scale), limit.unit});
    }
    if (name == "pool_mode") {
        m_defaultMode = value;
        writeConfig(m_sink, {"pooler", kAdmin, {}, "mode", value, {}});
    } else if (name == "listen_addr") {
        m_host = value;
    } else if (name == "listen_port") {
        m_port = value;
    } else if (name == "max_client_conn") {
        m_maxClients = figure;
    } else if (name == "query_wait_timeout" && figure.value_or(0) > 0) {
        m_queryWaitMs = *figure * kMillisPerSecond; // 0 = no limit
    } else if (name == "default_pool_size") {
        m_defaultSize = figure;
    } else if (name == "reserve_pool_size") {
        m_reserveSize = figure;
    }
}

RecordRef PgbouncerRows::server()
{
    if (m_server != RecordRef::None)
        return m_server;
    Fields fields;
    const std::string_view kind = m_isOdyssey ? "odyssey" : kAdmin;
    fields.add("kind", kind);
    fields.add("name", kind);
    fields.add("host", std::string_view(m_host));
    if (const std::optional<std::int64_t> port = parseInt64(m_port))
        fields.addInteger("port", *port);
    fields.add("server_version", std::string_view(m_version));
    RecordRow record{};
    record.table = RecordTable::Server;
    record.fields = fields.list();
    m_server = m_sink.record(record);
    return m_server;
}

void PgbouncerRows::flush()
{
    m_seen.clear();
    const std::optional<double> usedClients = std::exchange(m_usedClients, std::nullopt);
    if (m_pools.empty() && m_stats.empty() && m_settings.empty())
        return;
    const RecordRef owner = server();
    for (const auto &[name, value, boot] : m_settings)
        writeSetting(m_sink, owner, {name, value, pgbouncerUnit(name), {}, "SHOW CONFIG", boot});
    m_settings.clear();
    if (m_ts == kUnknownNanos && !(m_pools.empty() && m_stats.empty()))
        m_report.note(IssueSeverity::Notice, "no-time", 0,
            "nothing says when the result sets were printed: samples have no time and counters make no "
            "series; psql "
            "--csv leaves out the time of \\watch, print one with \"date -u +%FT%TZ\" before each");
    std::map<std::string, int> pools;
    double clients = 0;
    for (const Pool &pool : m_pools) {
        ++pools[pool.database];
        clients += pool.clActive.value_or(0) + pool.clWaiting.value_or(0);
    }
    for (const Pool &pool : m_pools)
        writePool(pool, pools[pool.database] == 1, usedClients.value_or(clients));
    for (const auto &[database, stats] : m_stats) {
        if (!pools.contains(database))
            writeAlone(database, stats);
        else if (pools[database] > 1)
            m_report.note(IssueSeverity::Notice, "stats-of-several-pools", 0,
                "SHOW STATS counts by database: where several users have a pool of one, the counters are "
                "series only");
    }
    m_pools.clear();
    m_stats.clear();
}

void PgbouncerRows::writePool(const Pool &pool, bool alone, double clients)
{
    const auto database = m_databases.find(pool.database);
    const bool known = database != m_databases.end();
    std::optional<double> capacity = known && database->second.size ? database->second.size : m_defaultSize;
    // The reserve counts once it is in use.
    const std::optional<double> reserve
        = known && database->second.reserve ? database->second.reserve : m_reserveSize;
    if (capacity && pool.svActive.value_or(0) > *capacity)
        capacity = *capacity + reserve.value_or(0);
    if (known && capacity && database->second.maxConnections.value_or(0) > 0)
        capacity = std::min(*capacity, *database->second.maxConnections);
    std::string mode = !pool.mode.empty() ? pool.mode : known ? database->second.mode : std::string();
    mode = mode.empty() ? m_defaultMode : mode;
    const std::string name = pool.user.empty() ? pool.database : pool.database + '/' + pool.user;
    Fields fields;
    fields.add("pool", std::string_view(name));
    fields.add("kind", std::string_view("connection"));
    fields.add("mode", std::string_view(mode));
    if (m_ts != kUnknownNanos)
        fields.addInteger("ts_ns", m_ts);
    fields.add("capacity", capacity);
    fields.add("active", pool.svActive);
    fields.add("idle", sum(pool.svIdle, pool.svUsed));
    fields.add("waiting", pool.clWaiting);
    fields.add("max_wait_ms", pool.maxWaitMs);
    fields.add("acquire_timeout_ms", m_queryWaitMs);
    fields.add("clients", clients);
    fields.add("max_clients", m_maxClients);
    const auto stats = m_stats.find(pool.database);
    if (alone && stats != m_stats.end()) {
        const bool session = mode == "session";
        // In session mode a client keeps its server over many transactions: only 1.23 counts what it took.
        fields.add("acquired",
            stats->second.assigned      ? stats->second.assigned
                : session               ? std::nullopt
                : mode == "transaction" ? stats->second.transactions
                                        : stats->second.queries);
        fields.add("wait_total_ms", stats->second.waitMs);
        fields.add("busy_total_ms", stats->second.busyMs);
        if (stats->second.busyMs && !m_isOdyssey)
            fields.addInteger("busy_includes_wait", 1);
    }
    fields.add("extra", std::string_view(pool.extra));
    fields.write(m_sink, RecordTable::PoolSample, server());
}

/// Counters of a database whose pools the file does not show.
void PgbouncerRows::writeAlone(const std::string &database, const Stats &stats)
{
    const auto known = m_databases.find(database);
    const std::string mode
        = known != m_databases.end() && !known->second.mode.empty() ? known->second.mode : m_defaultMode;
    Fields fields;
    fields.add("pool", std::string_view(database));
    fields.add("kind", std::string_view("connection"));
    fields.add("mode", std::string_view(mode));
    if (m_ts != kUnknownNanos)
        fields.addInteger("ts_ns", m_ts);
    fields.add("capacity", known != m_databases.end() ? known->second.size : m_defaultSize);
    fields.add("acquire_timeout_ms", m_queryWaitMs);
    fields.add("acquired",
        stats.assigned              ? stats.assigned
            : mode == "transaction" ? stats.transactions
                                    : std::nullopt);
    fields.add("wait_total_ms", stats.waitMs);
    fields.add("busy_total_ms", stats.busyMs);
    if (stats.busyMs && !m_isOdyssey)
        fields.addInteger("busy_includes_wait", 1);
    fields.write(m_sink, RecordTable::PoolSample, server());
}

void PgbouncerRows::point(std::string_view metric, std::string_view unit, SeriesKind kind,
    std::string_view database, double value)
{
    const std::string key = std::string(metric) + '\x1F' + std::string(database);
    auto found = m_series.find(key);
    if (found == m_series.end()) {
        const std::string labels
            = database.empty() ? std::string("{}") : R"({"database":)" + jsonQuoted(database) + '}';
        SeriesRow row;
        row.metric = metric;
        row.foreignName = metric;
        row.instance = m_instance;
        row.labelsJson = labels;
        row.unit = unit;
        row.kind = kind;
        if (m_series.size() >= kMaxWaiting)
            m_series.clear();
        found = m_series.emplace(key, m_sink.series(row)).first;
    }
    m_sink.point(found->second, m_ts, value);
}

void PgbouncerRows::finish() { flush(); }

} // namespace tailscope::import
