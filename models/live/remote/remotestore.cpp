// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/remotestore.h"

#include "base/text.h"
#include "live/sessionsettings.h"

#include <algorithm>
#include <set>

#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::live {

namespace {

constexpr std::size_t kMaxRuns = 200;
constexpr std::size_t kMaxAttributeKeys = 30; // each is a query over all rows
// Above this many rows of one bucket its values are narrowed down by counts first.
constexpr std::int64_t kDirectValues = 100'000;
constexpr Nanos kPartsAtOnce = 4096;

std::string storeName(const RemoteMapping &mapping)
{
    return mapping.name.empty() ? mapping.schema + "." + mapping.table : mapping.name;
}

PushdownQuery columnsQuery(const std::string &schema, const std::string &table)
{
    return {"SELECT column_name, data_type, udt_schema, udt_name\nFROM information_schema.columns\n"
            "WHERE table_schema = $1 AND table_name = $2\nORDER BY ordinal_position LIMIT 2000",
        {schema, table}};
}

std::vector<RemoteColumn> readColumns(const ResultSet &rows)
{
    std::vector<RemoteColumn> out;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto text
            = [&](std::string_view column) { return std::string(rows.cell(row, column).value_or("")); };
        out.push_back({text("column_name"), text("data_type"), text("udt_schema"), text("udt_name")});
    }
    return out;
}

ConnectOptions connectOptions(const RemoteOptions &options)
{
    ConnectOptions out;
    out.statementTimeout = options.timeout;
    out.applicationName = "tailscope remote store";
    return out;
}

/// What makes aggregates go to the shards and texts read the same everywhere. Engines that lack a setting
/// refuse it, which changes nothing.
constexpr const char *kSettings[] = {
    "SET enable_partitionwise_aggregate = on",
    "SET max_parallel_workers_per_gather = 2",
    // A query whose client has gone ends within a second.
    "SET client_connection_check_interval = '1s'",
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO'",
    "SET extra_float_digits = 1",
};

Result<Connection> openConnection(const Target &target, const RemoteOptions &options,
    const Progress &progress)
{
    auto connection = connectNow(target, connectOptions(options), progress);
    if (!connection)
        return connection;
    for (const char *setting : kSettings) {
        const auto done = queryNow(*connection, marked(setting), {}, std::chrono::seconds(5), progress);
        if (!done && connection->state() != Connection::State::Ready)
            return fail(done.error());
    }
    return connection;
}

Result<ResultSet> askOnce(const Target &target, const PushdownQuery &query, const Progress &progress)
{
    RemoteOptions options;
    options.timeout = std::chrono::seconds(10);
    auto connection = openConnection(target, options, progress);
    if (!connection)
        return tl::unexpected(connection.error());
    return queryNow(*connection, marked(query.text), query.parameters, options.timeout, progress);
}

Engine engineOf(std::string_view version)
{
    const std::string text = toLowerAscii(version);
    const auto says = [&](std::string_view word) { return text.find(word) != std::string::npos; };
    return says("cockroachdb") ? Engine::CockroachDb
        : says("-yb-")         ? Engine::YugabyteDb
        : says("greenplum")    ? Engine::Greenplum
        : says("redshift")     ? Engine::Redshift
        : says("postgresql")   ? Engine::PostgreSql
                               : Engine::Other;
}

} // namespace

Result<std::shared_ptr<RemoteStore>> RemoteStore::open(const Target &target, const RemoteMapping &mapping,
    const RemoteOptions &options, const Progress &progress)
{
    TS_TRY(mapping.check());
    std::shared_ptr<RemoteStore> store(new RemoteStore(target, options));
    TS_TRY(store->connect(progress));
    TS_TRY(store->describe(mapping, progress));
    return store;
}

Result<std::vector<RemoteTableName>> RemoteStore::tables(const Target &target, const Progress &progress)
{
    const auto rows = askOnce(target,
        {"SELECT table_schema, table_name, table_type\nFROM information_schema.tables\n"
         "WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'crdb_internal')\n"
         "ORDER BY table_schema, table_name LIMIT 1000",
            {}},
        progress);
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<RemoteTableName> out;
    for (std::size_t row = 0; row < rows->rows(); ++row)
        out.push_back({std::string(rows->cell(row, 0).value_or("")),
            std::string(rows->cell(row, 1).value_or("")), toLowerAscii(rows->cell(row, 2).value_or(""))});
    return out;
}

Result<RemoteMapping> RemoteStore::guess(const Target &target, const std::string &schema,
    const std::string &table, const Progress &progress)
{
    const auto rows = askOnce(target, columnsQuery(schema, table), progress);
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->rows() == 0)
        return fail(ErrorCode::NotFound, schema + "." + table,
            "there is no such table, or the role may not read it", "Check the name, or GRANT SELECT");
    // A LIST partition key is one value a shard. Engines without this catalog say so and have none.
    std::vector<std::string> listKey;
    const auto key = askOnce(target,
        {"SELECT a.attname FROM pg_catalog.pg_partitioned_table AS p\n"
         "JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid\n"
         "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace\n"
         "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (p.partattrs::int2[])\n"
         "WHERE p.partstrat = 'l' AND n.nspname = $1 AND c.relname = $2",
            {schema, table}},
        progress);
    for (std::size_t row = 0; key && row < key->rows(); ++row)
        listKey.emplace_back(key->cell(row, 0).value_or(""));
    return guessMapping(schema, table, readColumns(*rows), listKey);
}

Result<void> RemoteStore::connect(const Progress &progress)
{
    if (m_connection && m_connection->state() == Connection::State::Ready)
        return {};
    m_connection.reset();
    auto connection = openConnection(m_target, m_options, progress);
    if (!connection)
        return tl::unexpected(connection.error());
    m_connection.emplace(std::move(*connection));
    return {};
}

Result<void> RemoteStore::describe(const RemoteMapping &mapping, const Progress &progress)
{
    m_table.mapping = mapping;
    const auto version = ask("version of the server", {"SELECT version() AS version", {}}, progress);
    if (!version)
        return tl::unexpected(version.error());
    m_facts.versionText = std::string(version->cell(0, 0).value_or(""));
    m_facts.engine = engineOf(m_facts.versionText);
    m_facts.versionNum = m_connection ? m_connection->serverVersion() : 0;
    m_facts.name = safeText(m_target);
    const bool isPostgres = m_facts.engine == Engine::PostgreSql;
    m_table.hasJsonPath = isPostgres && m_facts.versionNum >= 120000;
    if (isPostgres) {
        const auto extensions = ask("extensions",
            {"SELECT extname, extversion FROM pg_catalog.pg_extension LIMIT 500", {}}, progress);
        for (std::size_t row = 0; extensions && row < extensions->rows(); ++row)
            m_facts.extensions.emplace(extensions->cell(row, 0).value_or(""),
                extensions->cell(row, 1).value_or(""));
        if (m_facts.hasExtension("citus"))
            m_facts.engine = Engine::Citus;
        else if (m_facts.hasExtension("timescaledb"))
            m_facts.engine = Engine::Timescale;
    }
    const auto columns = ask("columns of the table", columnsQuery(mapping.schema, mapping.table), progress);
    if (!columns)
        return tl::unexpected(columns.error());
    if (columns->rows() == 0)
        return fail(ErrorCode::NotFound, mapping.schema + "." + mapping.table,
            "there is no such table, or the role may not read it", "Check the mapping, or GRANT SELECT");
    for (RemoteColumn &column : readColumns(*columns)) {
        const std::string name = column.name;
        m_table.columns.emplace(name, std::move(column));
    }
    return m_table.check();
}

Result<ResultSet> RemoteStore::ask(const std::string &what, const PushdownQuery &query,
    const Progress &progress)
{
    const std::string subject = storeName(m_table.mapping);
    std::unique_lock lock(m_mutex, std::defer_lock);
    // Another job's query may take a minute: who waits for it can be cancelled.
    do {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, subject, "cancelled");
    } while (!lock.try_lock_for(std::chrono::milliseconds(50)));
    progress.update({what, 0, 0, 0});
    TS_TRY(connect(progress));
    // The server keeps the limit; ours is for one that does not answer at all.
    auto rows = queryNow(*m_connection, marked(query.text), query.parameters,
        m_options.timeout + std::chrono::seconds(5), progress);
    QueryRun run{what, query.shown(),
        std::chrono::duration<double, std::milli>(m_connection->lastDuration()).count(),
        rows ? rows->rows() : 0, rows ? rows->bytes() : 0};
    {
        const std::lock_guard guard(m_runsMutex);
        if (m_runs.size() < kMaxRuns)
            m_runs.push_back(std::move(run));
    }
    if (rows)
        return rows;
    Error error = rows.error();
    // 57014 is query_canceled: by statement_timeout, since nobody else was asked to.
    if (m_connection->sqlState() == "57014" && error.code != ErrorCode::Cancelled)
        error = Error{ErrorCode::LimitExceeded, subject,
            "the query (" + what + ") took longer than "
                + humanDuration(m_options.timeout.count() * kNanosPerMilli) + " and was stopped",
            std::nullopt, "Narrow the range or the filter, or allow more time"};
    if (error.code == ErrorCode::Cancelled || m_connection->state() != Connection::State::Ready)
        m_connection.reset();
    return fail(std::move(error));
}

std::vector<QueryRun> RemoteStore::takeRuns()
{
    const std::lock_guard guard(m_runsMutex);
    return std::exchange(m_runs, {});
}

Result<std::optional<Nanos>> RemoteStore::edge(bool isNewest, const Progress &progress)
{
    const auto rows
        = ask(isNewest ? "newest span" : "oldest span", PushdownSql(m_table).edge(isNewest), progress);
    if (!rows)
        return tl::unexpected(rows.error());
    const auto at = rows->rows() > 0 ? rows->cell(0, "at") : std::nullopt;
    if (!at)
        return std::nullopt;
    const auto time = PushdownSql::readTime(*at, m_table.mapping.startUnit);
    if (!time)
        return tl::unexpected(time.error());
    return *time;
}

Result<TimeRange> RemoteStore::lastHour(const Progress &progress)
{
    const auto newest = edge(true, progress);
    if (!newest && newest.error().code != ErrorCode::LimitExceeded)
        return tl::unexpected(newest.error());
    if (newest && !*newest)
        return TimeRange{};
    auto all
        = newest ? Result<TimeRange>(TimeRange{0, saturatingAdd(**newest, 1)}) : extentOfAllRows(progress);
    if (!all || all->isEmpty())
        return all;
    return TimeRange{saturatingSub(all->end, 3600 * kNanosPerSecond + 1), all->end};
}

Result<TimeRange> RemoteStore::extent(const Progress &progress)
{
    const auto newest = edge(true, progress);
    if (newest && !*newest)
        return TimeRange{};
    const auto oldest = newest ? edge(false, progress) : newest;
    if (newest && oldest && *oldest)
        return TimeRange{**oldest, saturatingAdd(**newest, 1)};
    if (newest && oldest) // there was one a moment ago
        return TimeRange{};
    const Error &error = (newest ? oldest : newest).error();
    return error.code == ErrorCode::LimitExceeded ? extentOfAllRows(progress) : tl::unexpected(error);
}

Result<TimeRange> RemoteStore::extentOfAllRows(const Progress &progress)
{
    const auto rows = ask("oldest and newest span", PushdownSql(m_table).bounds(), progress);
    if (!rows)
        return tl::unexpected(rows.error());
    std::optional<TimeRange> range;
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        const auto oldest = rows->cell(row, "oldest"), newest = rows->cell(row, "newest");
        if (!oldest || !newest)
            continue;
        const auto begin = PushdownSql::readTime(*oldest, m_table.mapping.startUnit);
        const auto end = PushdownSql::readTime(*newest, m_table.mapping.startUnit);
        if (!begin || !end)
            return tl::unexpected((begin ? end : begin).error());
        const TimeRange here{*begin, saturatingAdd(*end, 1)};
        range = range ? TimeRange{std::min(range->begin, here.begin), std::max(range->end, here.end)} : here;
    }
    return range.value_or(TimeRange{});
}

Result<RemoteHistogram> RemoteStore::histogram(const RemoteSelection &selection, const Progress &progress)
{
    const auto query = PushdownSql(m_table).histogram(selection, kMaxRows);
    if (!query)
        return tl::unexpected(query.error());
    const auto rows = ask("histogram", *query, progress);
    return rows ? foldHistogram(*rows, m_table, kMaxRows) : tl::unexpected(rows.error());
}

Result<Nanos> RemoteStore::exact(const RemoteSelection &selection, const RemoteHistogram &histogram,
    const RemotePercentile &percentile, const Progress &progress)
{
    const std::string subject = storeName(m_table.mapping);
    if (percentile.rank < 1)
        return fail(ErrorCode::NotFound, subject, "there are no durations", "Widen the range or the filter");
    if (percentile.exact)
        return *percentile.exact;
    Nanos low = percentile.low, high = percentile.high;
    const int bucket = analysis::LogLinearHistogram::bucketOf(low);
    std::int64_t rank = percentile.rank - histogram.buckets.countBefore(bucket);
    std::int64_t inside = histogram.buckets.count(bucket);
    for (;;) {
        // Whole values when they are few enough to come back, else parts that are narrowed down further.
        const Nanos width = inside <= kDirectValues || high - low <= kPartsAtOnce
            ? 1
            : (high - low + kPartsAtOnce - 1) / kPartsAtOnce;
        const auto query = PushdownSql(m_table).parts(selection, low, high, width, kMaxRows);
        if (!query)
            return tl::unexpected(query.error());
        const auto rows = ask("values inside one bucket", *query, progress);
        if (!rows)
            return tl::unexpected(rows.error());
        const auto parts = foldParts(*rows, kMaxRows);
        if (!parts)
            return tl::unexpected(parts.error());
        const std::pair<std::int64_t, std::int64_t> *hit = nullptr;
        for (const auto &part : *parts) {
            if (rank <= part.second) {
                hit = &part;
                break;
            }
            rank -= part.second;
        }
        if (!hit)
            return fail(ErrorCode::NotFound, subject, "the spans changed between two queries",
                "Ask again; a range that ends in the past stays the same");
        if (width == 1)
            return hit->first;
        low += hit->first * width;
        high = std::min(high, low + width);
        inside = hit->second;
    }
}

Result<RemoteGroups> RemoteStore::groups(const RemoteSelection &selection, const RemoteKey &key,
    std::size_t most, const Progress &progress)
{
    const PushdownSql sql(m_table);
    const auto query = sql.groups(selection, key, kMaxGroups);
    if (!query)
        return tl::unexpected(query.error());
    const auto rows = ask("groups", *query, progress);
    if (!rows)
        return tl::unexpected(rows.error());
    auto groups = foldGroups(*rows, m_table, key, most, kMaxGroups);
    if (!groups || groups->groups.empty())
        return groups;
    std::vector<std::optional<std::string>> values;
    for (std::size_t i = 0; i < std::min(groups->groups.size(), kGroupsWithPercentiles); ++i)
        values.push_back(groups->groups[i].raw);
    const auto histograms = sql.groupHistograms(selection, key, values, kMaxRows);
    if (!histograms)
        return tl::unexpected(histograms.error());
    const auto buckets = ask("histograms of the first groups", *histograms, progress);
    if (!buckets)
        return tl::unexpected(buckets.error());
    TS_TRY(foldGroupHistograms(*buckets, *groups, kMaxRows));
    return groups;
}

Result<RemoteCohort> RemoteStore::cohort(const RemoteSelection &selection, Nanos slowFrom,
    std::vector<RemoteKey> keys, const Progress &progress)
{
    if (keys.empty()) {
        const RemoteMapping &mapping = m_table.mapping;
        const std::pair<RemoteKey::Kind, const std::string *> columns[]
            = {{RemoteKey::Kind::Service, &mapping.service}, {RemoteKey::Kind::Operation, &mapping.operation},
                {RemoteKey::Kind::Status, &mapping.status}};
        for (const auto &[kind, column] : columns) {
            if (!column->empty())
                keys.push_back({kind, {}});
        }
        auto found = this->keys(selection, progress);
        if (!found)
            return tl::unexpected(found.error());
        keys.insert(keys.end(), found->begin(), found->end());
    }
    std::vector<std::pair<RemoteKey, RemoteTraits>> traits;
    for (const RemoteKey &key : keys) {
        const auto query = PushdownSql(m_table).cohort(selection, key, slowFrom, kMaxGroups);
        if (!query)
            return tl::unexpected(query.error());
        const auto rows
            = ask("slow against the rest by " + (key.attribute.empty() ? "column" : key.attribute), *query,
                progress);
        if (!rows)
            return tl::unexpected(rows.error());
        auto found = foldCohort(*rows, m_table, key, kMaxValues);
        if (!found)
            return tl::unexpected(found.error());
        if (rows->rows() >= kMaxGroups) // cut off: its counts are not whole
            *found = RemoteTraits{{}, 0, 0, true};
        traits.emplace_back(key, std::move(*found));
    }
    return rankTraits(std::move(traits), slowFrom);
}

Result<RemoteHeat> RemoteStore::heat(const RemoteSelection &selection, int bins, const Progress &progress)
{
    const auto query = PushdownSql(m_table).heat(selection, bins, kMaxRows);
    if (!query)
        return tl::unexpected(query.error());
    const auto rows = ask("counts by time and duration", *query, progress);
    return rows ? foldHeat(*rows, selection.range, bins, kMaxRows) : tl::unexpected(rows.error());
}

Result<std::vector<RemoteTrace>> RemoteStore::slowest(const RemoteSelection &selection, std::size_t most,
    const Progress &progress)
{
    // A trace may have several slow spans; each is listed once. One with thousands of them hides all others:
    // then it is asked for the rest.
    constexpr int kRounds = 5;
    const std::size_t limit = std::min<std::size_t>(most * 20, kMaxRows);
    std::vector<RemoteTrace> traces;
    std::vector<std::string> seen;
    for (int round = 0; round < kRounds && traces.size() < most; ++round) {
        const auto query = PushdownSql(m_table).slowest(selection, limit, seen);
        if (!query)
            return tl::unexpected(query.error());
        const auto rows = ask("slowest spans", *query, progress);
        if (!rows)
            return tl::unexpected(rows.error());
        auto more = foldSlowest(*rows, m_table, most - traces.size());
        if (!more)
            return more;
        for (RemoteTrace &trace : *more) {
            seen.push_back(trace.trace);
            traces.push_back(std::move(trace));
        }
        if (rows->rows() < limit || more->empty())
            break;
    }
    return traces;
}

Result<std::vector<std::string>> RemoteStore::sample(const RemoteSelection &selection, std::size_t most,
    const Progress &progress)
{
    const auto query = PushdownSql(m_table).sampledTraces(selection, most);
    if (!query)
        return tl::unexpected(query.error());
    const auto rows = ask("sample of traces", *query, progress);
    if (!rows)
        return tl::unexpected(rows.error());
    std::set<std::string> traces;
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        if (const auto trace = rows->cell(row, "trace"))
            traces.emplace(*trace);
    }
    return std::vector<std::string>(traces.begin(), traces.end());
}

Result<std::vector<RemoteKey>> RemoteStore::keys(const RemoteSelection &selection, const Progress &progress)
{
    std::vector<RemoteKey> out;
    for (const std::string &column : m_table.mapping.attributeColumns)
        out.push_back({RemoteKey::Kind::Attribute, column});
    if (m_table.mapping.attributes.empty())
        return out;
    const auto query = PushdownSql(m_table).attributeSample(selection, 1000);
    if (!query)
        return tl::unexpected(query.error());
    const auto rows = ask("attributes of a few spans", *query, progress);
    if (!rows)
        return tl::unexpected(rows.error());
    std::map<std::string, std::size_t> seen;
    for (std::size_t row = 0; row < rows->rows(); ++row) {
        const std::string_view text = rows->cell(row, "attributes").value_or("");
        const QJsonObject object
            = QJsonDocument::fromJson(QByteArray::fromRawData(text.data(), qsizetype(text.size()))).object();
        for (const QString &key : object.keys())
            ++seen[key.toStdString()];
    }
    std::vector<std::pair<std::string, std::size_t>> byCount(seen.begin(), seen.end());
    std::stable_sort(byCount.begin(), byCount.end(),
        [](const auto &a, const auto &b) { return a.second > b.second; });
    for (std::size_t i = 0; i < std::min(byCount.size(), kMaxAttributeKeys); ++i)
        out.push_back({RemoteKey::Kind::Attribute, byCount[i].first});
    return out;
}

Result<ResultSet> RemoteStore::spans(const std::vector<std::string> &traces,
    const std::optional<TimeRange> &range, std::size_t limit, const Progress &progress)
{
    const auto query = PushdownSql(m_table).spansOf(traces, range, limit + 1);
    if (!query)
        return tl::unexpected(query.error());
    auto rows = ask("spans of " + groupedCount(std::int64_t(traces.size())) + " traces", *query, progress);
    if (rows && rows->rows() > limit)
        return fail(ErrorCode::LimitExceeded, storeName(m_table.mapping),
            "these traces have more than " + groupedCount(std::int64_t(limit)) + " spans",
            "Fetch fewer traces");
    return rows;
}

Result<PushdownPlan> RemoteStore::explain(const PushdownQuery &query, const Progress &progress)
{
    const auto rows
        = ask("plan of the query", {"EXPLAIN (VERBOSE, COSTS OFF)\n" + query.shown(), {}}, progress);
    if (!rows)
        return tl::unexpected(rows.error());
    std::string text;
    for (std::size_t row = 0; row < rows->rows(); ++row)
        text += std::string(rows->cell(row, 0).value_or("")) + '\n';
    return readPushdownPlan(std::move(text));
}

Result<PushdownPlan> RemoteStore::explainHistogram(const RemoteSelection &selection, const Progress &progress)
{
    const auto query = PushdownSql(m_table).histogram(selection, kMaxRows);
    return query ? explain(*query, progress) : tl::unexpected(query.error());
}

} // namespace tailscope::live
