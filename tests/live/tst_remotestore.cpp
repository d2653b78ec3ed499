// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A remote span store over three servers: a table partitioned by LIST, each partition a foreign table on a
// server of its own. What is pushed down, that the counts are those of the same spans in a workspace, time
// limit, cancel, a shard that is down.
#include "analysis/attributecolumns.h"
#include "analysis/rangestats.h"
#include "live/remote/remotefetch.h"
#include "session/ingest.h"
#include "tests/live/remotespans.h"

#include <QElapsedTimer>
#include <QFile>
#include <QScopeGuard>
#include <QTest>

#include <algorithm>
#include <map>
#include <thread>

using namespace tailscope;
using namespace tailscope::live;
using analysis::LogLinearHistogram;
using tests::kShards;
using tests::kSpansAShard;
using tests::LiveServer;
using tests::Psql;

namespace {

constexpr Nanos kStart = 1'772'452'800'000'000'000; // 2026-03-02 12:00:00 UTC
Target target(const char *name)
{
    auto parsed = parseTarget(LiveServer::conninfo(name), TargetKind::Postgres);
    if (!parsed)
        qFatal("%s", parsed.error().toText().c_str());
    return *parsed;
}

RemoteSelection selection(const char *filter = "", Nanos from = 0, Nanos to = 100'000 * kNanosPerSecond)
{
    RemoteSelection out;
    out.range = {kStart + from, kStart + to};
    auto parsed = analysis::parseFilter(filter);
    if (!parsed)
        qFatal("%s", parsed.error().toText().c_str());
    out.filter = std::move(*parsed);
    return out;
}

std::string text(const Error &error) { return error.toText(); }

} // namespace

#define VERIFY_OK(result) QVERIFY2(result, (result) ? "" : text((result).error()).c_str())

class TestRemoteStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void aggregatesArePushedDown();
    void histogramIsThatOfTheWorkspace_data();
    void histogramIsThatOfTheWorkspace();
    void groupsAreThoseOfTheWorkspace();
    void cohortsAreThoseOfTheWorkspace();
    void heatAndListAreThoseOfTheWorkspace();
    void bucketsOfAllEdges();
    void otherKindsOfTimes();
    void fetchedTracesAreSpans();
    void timeLimit();
    void cancelEndsTheQuery();
    void aShardThatIsDown();

private:
    void makeShards();
    std::shared_ptr<RemoteStore> open(const char *table = "spans", RemoteOptions options = {});
    std::shared_ptr<RemoteStore> m_store;
    std::unique_ptr<store::Workspace> m_workspace;
    std::shared_ptr<const analysis::SpanColumns> m_columns;
};

void TestRemoteStore::makeShards()
{
    const QString file = QString::fromLocal8Bit(qgetenv("TS_LIVE_DIR")) + QStringLiteral("/shards");
    if (!QFile::exists(file))
        TS_FIXTURE("shards", "3");
    QFile list(file);
    QVERIFY(list.open(QIODevice::ReadOnly));
    const QList<QByteArray> ports = list.readAll().split('\n');
    QVERIFY(ports.size() >= kShards);
    std::unique_ptr<store::BulkWriter> writer
        = *store::BulkWriter::create(*m_workspace, {"shards", "test", std::nullopt}, {});
    writer->setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    primary.rows("CREATE EXTENSION postgres_fdw");
    primary.rows("CREATE SCHEMA telemetry");
    primary.rows(
        "CREATE TABLE telemetry.spans (shard int NOT NULL, trace_id text, span_id text, parent_span_id text, "
        "service_name text, operation text, start_time timestamptz NOT NULL, duration_ns bigint, "
        "status_code text, attributes jsonb, tenant text) PARTITION BY LIST (shard)");
    for (int i = 1; i <= kShards; ++i) {
        const std::string port = ports.at(i - 1).toStdString(), number = std::to_string(i);
        Psql shard("host=127.0.0.1 port=" + port + " dbname=bench user=app sslmode=disable");
        QVERIFY2(shard.isOpen(), shard.error().c_str());
        shard.rows("DROP TABLE IF EXISTS spans_local");
        const QString make = QString::fromLatin1(tests::kMakeSpans).arg(i).arg(kSpansAShard);
        for (const QString &statement : make.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
            if (!statement.trimmed().isEmpty())
                shard.rows(statement.toStdString());
        }
        primary.rows("CREATE SERVER shard" + number
            + " FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '" + port
            + "', dbname 'bench')");
        primary.rows("CREATE USER MAPPING FOR postgres SERVER shard" + number + " OPTIONS (user 'app')");
        primary.rows("CREATE FOREIGN TABLE telemetry.spans_" + number
            + " PARTITION OF telemetry.spans FOR VALUES IN (" + number + ") SERVER shard" + number
            + " OPTIONS (schema_name 'public', table_name 'spans_local')");
        tests::importShard(shard, *writer);
    }
    store::BulkWriter::Ending ending;
    VERIFY_OK(writer->finish(ending));
    const auto id = writer->sourceId();
    writer.reset();
    VERIFY_OK(session::refresh(*m_workspace, {id}, false, {}));
}

void TestRemoteStore::initTestCase()
{
    TS_NEED_LIVE_SERVER();
    Psql(LiveServer::conninfo("TS_LIVE_SUPER")).rows("DROP SCHEMA IF EXISTS telemetry CASCADE");
    Psql(LiveServer::conninfo("TS_LIVE_SUPER")).rows("DROP EXTENSION IF EXISTS postgres_fdw CASCADE");
    auto workspace = store::Workspace::temporary();
    VERIFY_OK(workspace);
    m_workspace = std::move(*workspace);
    makeShards();
    auto columns = analysis::SpanColumns::load(*m_workspace, {});
    VERIFY_OK(columns);
    m_columns = *columns;
    QCOMPARE(m_columns->size(), std::size_t(kShards * kSpansAShard));
    m_store = open();
    QVERIFY(m_store);
}

void TestRemoteStore::cleanupTestCase()
{
    m_store.reset();
    if (!LiveServer::missing().isEmpty())
        return;
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    primary.rows("DROP SCHEMA IF EXISTS telemetry CASCADE");
    primary.rows("DROP EXTENSION IF EXISTS postgres_fdw CASCADE");
    primary.rows("CREATE EXTENSION postgres_fdw"); // as the fixture made it
}

std::shared_ptr<RemoteStore> TestRemoteStore::open(const char *table, RemoteOptions options)
{
    const auto mapping = RemoteStore::guess(target("TS_LIVE_SUPER"), "telemetry", table, {});
    if (!mapping) {
        qWarning("%s", text(mapping.error()).c_str());
        return nullptr;
    }
    auto store = RemoteStore::open(target("TS_LIVE_SUPER"), *mapping, options, {});
    if (!store)
        qWarning("%s", text(store.error()).c_str());
    return store ? *store : nullptr;
}

void TestRemoteStore::aggregatesArePushedDown()
{
    QVERIFY(m_store);
    const RemoteMapping &mapping = m_store->table().mapping;
    QCOMPARE(mapping.shard, std::vector<std::string>{"shard"}); // guessed from the partition key
    QCOMPARE(mapping.durationUnit, RemoteUnit::Nanos);
    const PushdownSql sql(m_store->table());
    const RemoteSelection chosen
        = selection("service!=cache duration<10s status!=error operation~[0-5]", 0, 3600 * kNanosPerSecond);
    const RemoteKey region{RemoteKey::Kind::Attribute, "region"},
        tenant{RemoteKey::Kind::Attribute, "tenant"}, operation{RemoteKey::Kind::Operation, {}};
    RemoteSelection narrow = chosen;
    narrow.attributes = {{"size", "3"}, {"tenant", "t1"}};
    narrow.rootsOnly = true;
    const std::vector<Result<PushdownQuery>> queries{sql.histogram(chosen, 1000), sql.histogram(narrow, 1000),
        sql.groups(chosen, region, 1000), sql.groups(chosen, operation, 1000),
        sql.groupHistograms(chosen, region, {std::string("\"r1\""), std::nullopt}, 1000),
        sql.groupHistograms(chosen, operation, {std::string("op1")}, 1000),
        sql.cohort(chosen, region, 1'000'000, 1000), sql.cohort(chosen, tenant, 1'000'000, 1000),
        sql.heat(chosen, 60, 1000), sql.parts(chosen, 1'000'000, 2'000'000, 1, 1000),
        sql.parts(chosen, 1'000'000, 2'000'000, 1000, 1000)};
    for (const auto &query : queries) {
        VERIFY_OK(query);
        const auto plan = m_store->explain(*query, {});
        VERIFY_OK(plan);
        QVERIFY2(plan->foreignScans == kShards && plan->aggregatedScans == kShards && !plan->sendsRows(),
            (query->shown() + "\n" + plan->text).c_str());
        // The range goes to the shard as well.
        QVERIFY2(plan->text.find("start_time >= '2026-03-02 12:00:00+00'") != std::string::npos,
            plan->text.c_str());
    }
    VERIFY_OK(m_store->explain(sql.bounds(), {}));
    QVERIFY(!m_store->explain(sql.bounds(), {})->sendsRows());
    // Each shard finds its own newest span by its index.
    const auto edge = m_store->explain(sql.edge(true), {});
    VERIFY_OK(edge);
    QVERIFY2(edge->text.find("ORDER BY start_time DESC") != std::string::npos
            && edge->foreignScans == kShards,
        edge->text.c_str());
}

void TestRemoteStore::histogramIsThatOfTheWorkspace_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<qint64>("from");
    QTest::addColumn<qint64>("to");
    constexpr qint64 kAll = 100'000 * kNanosPerSecond;
    QTest::newRow("all") << "" << qint64(0) << kAll;
    QTest::newRow("part of the time") << "" << 100 * qint64(kNanosPerSecond) << 777 * qint64(kNanosPerSecond);
    QTest::newRow("service") << "service=api" << qint64(0) << kAll;
    QTest::newRow("not a service") << "-service=api operation!=op3" << qint64(0) << kAll;
    QTest::newRow("word and duration") << "op duration>=1ms duration<50ms" << qint64(0) << kAll;
    QTest::newRow("failed") << "status=error" << qint64(0) << kAll;
    QTest::newRow("not failed") << "-status=error -duration>1ms" << qint64(0) << kAll;
    QTest::newRow("none") << "service=nobody" << qint64(0) << kAll;
}

void TestRemoteStore::histogramIsThatOfTheWorkspace()
{
    QFETCH(const QString, filter);
    QFETCH(const qint64, from);
    QFETCH(const qint64, to);
    QVERIFY(m_store);
    const RemoteSelection chosen = selection(filter.toLatin1().constData(), from, to);
    const auto remote = m_store->histogram(chosen, {});
    VERIFY_OK(remote);
    analysis::SpanSelection local;
    local.range = chosen.range;
    const auto bitmap = analysis::evaluateFilter(*m_columns, chosen.filter, {});
    VERIFY_OK(bitmap);
    local.filter = *bitmap;
    const analysis::DurationStats stats = analysis::durationStats(*m_columns, local);
    QCOMPARE(remote->count(), stats.count);
    QCOMPARE(remote->unknown, stats.unknown);
    QCOMPARE(remote->errors, stats.errors);
    for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
        if (remote->buckets.count(bucket) != stats.histogram.count(bucket))
            QCOMPARE(std::pair(bucket, remote->buckets.count(bucket)),
                std::pair(bucket, stats.histogram.count(bucket)));
    }
    for (std::size_t i = 0; i < kRemoteQuantiles.size(); ++i) {
        const RemotePercentile &percentile = remote->percentiles[i];
        if (stats.count == 0) {
            QCOMPARE(percentile.rank, std::int64_t(0));
            QVERIFY(!m_store->exact(chosen, *remote, percentile, {}));
            continue;
        }
        QVERIFY(percentile.low <= stats.figures[i].value && stats.figures[i].value < percentile.high);
        const auto exact = m_store->exact(chosen, *remote, percentile, {});
        VERIFY_OK(exact);
        QCOMPARE(*exact, stats.figures[i].value);
    }
    if (stats.count > 0)
        QCOMPARE(remote->shards, std::size_t(kShards));
}

void TestRemoteStore::groupsAreThoseOfTheWorkspace()
{
    QVERIFY(m_store);
    const RemoteSelection chosen = selection("", 0, 1500 * kNanosPerSecond);
    analysis::SpanSelection local;
    local.range = chosen.range;
    const auto regions = analysis::loadAttributeColumn(*m_workspace, *m_columns, "region", {});
    VERIFY_OK(regions);
    const std::pair<RemoteKey, analysis::GroupBy> keys[]
        = {{{RemoteKey::Kind::Service, {}}, analysis::GroupBy::Service},
            {{RemoteKey::Kind::Operation, {}}, analysis::GroupBy::Operation},
            {{RemoteKey::Kind::Attribute, "region"}, analysis::GroupBy::Attribute}};
    for (const auto &[key, groupBy] : keys) {
        const auto remote = m_store->groups(chosen, key, 100, {});
        VERIFY_OK(remote);
        const auto groups = analysis::groupStats(*m_columns, local, groupBy, 100, {}, regions->get());
        std::map<std::string, const analysis::GroupStats *> byName;
        for (const auto &group : groups)
            byName[group.name] = &group;
        std::size_t compared = 0;
        for (const RemoteGroup &group : remote->groups) {
            // Operations of the workspace are named with their service where a name occurs in several.
            const analysis::GroupStats *here = byName.contains(group.name) ? byName[group.name] : nullptr;
            if (!here)
                continue;
            ++compared;
            QCOMPARE(group.count, here->count);
            QCOMPARE(group.errors, here->errors);
            QCOMPARE(group.unknown, here->unknown);
            QVERIFY(std::abs(group.totalNs - here->totalNs) <= here->totalNs * 1e-12);
            for (std::size_t i = 0; i < kRemoteQuantiles.size(); ++i)
                QVERIFY(group.percentiles[i].low <= here->figures[i].value
                    && here->figures[i].value < group.percentiles[i].high);
        }
        QVERIFY2(compared >= 3, std::to_string(compared).c_str());
    }
}

void TestRemoteStore::cohortsAreThoseOfTheWorkspace()
{
    QVERIFY(m_store);
    const RemoteSelection chosen = selection();
    const auto histogram = m_store->histogram(chosen, {});
    VERIFY_OK(histogram);
    const auto p99 = m_store->exact(chosen, *histogram, histogram->percentiles[3], {});
    VERIFY_OK(p99);
    const auto remote = m_store->cohort(chosen, *p99, {}, {});
    VERIFY_OK(remote);
    QVERIFY(!remote->tooFew && remote->leftOut.empty());

    // The same question to the workspace.
    analysis::SpanSelection local;
    local.range = chosen.range;
    const auto rows = analysis::requestRows(*m_columns, local, true, {});
    const auto sets = analysis::chooseCohorts(*m_columns, rows, {});
    QCOMPARE(sets.slowFrom, *p99);
    QCOMPARE(remote->slow, std::int64_t(sets.slow.size()));
    QCOMPARE(remote->all, std::int64_t(sets.slow.size() + sets.rest.size()));
    const auto attributes = analysis::AttributeColumns::build(*m_workspace, *m_columns, {});
    VERIFY_OK(attributes);
    const auto report = analysis::compareCohorts(*m_columns, attributes->get(), sets, {}, {});
    VERIFY_OK(report);
    const analysis::CohortDifference *mine = nullptr, *theirs = nullptr;
    for (const auto &difference : remote->differences) {
        if (difference.key == "region" && difference.value == "eu \"west\"")
            mine = &difference;
    }
    for (const auto &difference : (*report)->differences) {
        if (difference.kind == analysis::CohortDifference::Kind::Trait && difference.value == "eu \"west\"")
            theirs = &difference;
    }
    QVERIFY(mine && theirs);
    QCOMPARE(mine->slowN, theirs->slowN);
    QCOMPARE(mine->allN, theirs->allN);
    QCOMPARE(mine->slowTotal, theirs->slowTotal);
    QCOMPARE(mine->allTotal, theirs->allTotal);
    QCOMPARE(*mine->lift, *theirs->lift);
    QCOMPARE(mine->p, theirs->p);
    QVERIFY(mine->isDifferent);
    QVERIFY(remote->differences.front().key == "region");
}

void TestRemoteStore::heatAndListAreThoseOfTheWorkspace()
{
    QVERIFY(m_store);
    const RemoteSelection chosen = selection("service=db", 0, 2000 * kNanosPerSecond + 7);
    constexpr int kBins = 37;
    const auto heat = m_store->heat(chosen, kBins, {});
    VERIFY_OK(heat);
    std::vector<LogLinearHistogram> local(kBins);
    std::vector<Nanos> durations;
    for (std::uint32_t row = 0; row < m_columns->size(); ++row) {
        if (!chosen.range.contains(m_columns->start[row]) || m_columns->duration[row] == kUnknownNanos
            || m_columns->tracks[m_columns->track[row]].service != "db")
            continue;
        int bin = kBins - 1;
        while (binEdge(chosen.range, kBins, bin) > m_columns->start[row])
            --bin;
        local[std::size_t(bin)].add(m_columns->duration[row]);
        durations.push_back(m_columns->duration[row]);
    }
    for (int bin = 0; bin < kBins; ++bin)
        QVERIFY2(heat->columns[std::size_t(bin)].buckets.counts() == local[std::size_t(bin)].counts(),
            std::to_string(bin).c_str());
    const auto slowest = m_store->slowest(chosen, 10, {});
    VERIFY_OK(slowest);
    QCOMPARE(slowest->size(), std::size_t(10));
    std::sort(durations.rbegin(), durations.rend());
    QCOMPARE(slowest->front().durationNs, durations.front());
    for (std::size_t i = 1; i < slowest->size(); ++i)
        QVERIFY((*slowest)[i].durationNs <= (*slowest)[i - 1].durationNs);
    const auto extent = m_store->extent({});
    VERIFY_OK(extent);
    QCOMPARE(extent->begin, kStart + 20 * kNanosPerMilli);
    QCOMPARE(extent->end, kStart + kSpansAShard * 20 * kNanosPerMilli + 1);
    const auto hour = m_store->lastHour({});
    VERIFY_OK(hour);
    QCOMPARE(hour->end, extent->end);
    QCOMPARE(hour->length(), 3600 * kNanosPerSecond + 1);
}

void TestRemoteStore::bucketsOfAllEdges()
{
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    primary.rows("CREATE TABLE telemetry.edges (start_time timestamptz, duration_ns bigint)");
    std::string values;
    LogLinearHistogram expected;
    for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
        for (const Nanos offset : {-1, 0, 1}) {
            const Nanos value = LogLinearHistogram::lowerBound(bucket) + offset;
            if (value < 0)
                continue;
            values += (values.empty() ? "" : ",") + std::string("('2026-03-02 12:30Z',")
                + std::to_string(value) + ")";
            expected.add(value);
        }
    }
    primary.rows("INSERT INTO telemetry.edges VALUES " + values);
    const auto store = open("edges");
    QVERIFY(store);
    const auto remote = store->histogram(selection(), {});
    VERIFY_OK(remote);
    QVERIFY(remote->buckets.counts() == expected.counts());
}

void TestRemoteStore::otherKindsOfTimes()
{
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    // The same 5,000 spans told in four ways.
    primary.rows(
        "CREATE TABLE telemetry.stamps AS SELECT '2026-03-02 12:00Z'::timestamptz + g * interval '1 ms' AS "
        "start_time, "
        "'2026-03-02 12:00Z'::timestamptz + g * interval '1 ms' + g * g * interval '3 us' AS end_time "
        "FROM generate_series(1, 5000) AS g");
    primary.rows("CREATE VIEW telemetry.intervals AS SELECT start_time AT TIME ZONE 'UTC' AS start_time, "
                 "end_time - start_time AS duration FROM telemetry.stamps");
    primary.rows("CREATE VIEW telemetry.numbers AS SELECT (extract(epoch FROM start_time) * 1000000)::bigint "
                 "AS start_us, "
                 "(extract(epoch FROM end_time) * 1000000)::bigint AS end_us FROM telemetry.stamps");
    primary.rows(
        "CREATE VIEW telemetry.reals AS SELECT extract(epoch FROM start_time) AS start_seconds, "
        "(extract(epoch FROM end_time - start_time) * 1000)::float8 AS duration_ms FROM telemetry.stamps");
    LogLinearHistogram expected;
    const RemoteSelection chosen = selection("", kNanosPerSecond, 4 * kNanosPerSecond);
    for (Nanos g = 1000; g < 4000; ++g)
        expected.add(g * g * 3000);
    for (const char *name : {"stamps", "intervals", "numbers", "reals"}) {
        const auto store = open(name);
        QVERIFY2(store, name);
        const auto remote = store->histogram(chosen, {});
        VERIFY_OK(remote);
        QVERIFY2(remote->buckets.counts() == expected.counts(), name);
        const auto exact = store->exact(chosen, *remote, remote->percentiles[1], {});
        VERIFY_OK(exact);
        QCOMPARE(*exact, Nanos(3699) * 3699 * 3000); // rank 2,700 of 3,000
        const auto heat = store->heat(chosen, 3, {});
        VERIFY_OK(heat);
        QCOMPARE(heat->columns[2].buckets.total(), std::int64_t(1000));
        const auto extent = store->extent({});
        VERIFY_OK(extent);
        QCOMPARE(extent->begin, kStart + kNanosPerMilli);
    }
}

void TestRemoteStore::fetchedTracesAreSpans()
{
    QVERIFY(m_store);
    const RemoteSelection chosen = selection();
    const auto slowest = m_store->slowest(chosen, 25, {});
    VERIFY_OK(slowest);
    std::vector<std::string> traces;
    for (const RemoteTrace &trace : *slowest)
        traces.push_back(trace.trace);
    auto workspace = store::Workspace::temporary();
    VERIFY_OK(workspace);
    const auto fetched = fetchTraces(*m_store, **workspace, traces, chosen.range, {});
    VERIFY_OK(fetched);
    QCOMPARE(fetched->traces, std::int64_t(25));
    QVERIFY(fetched->spans >= 24 * 5 && fetched->spans <= 25 * 5);
    VERIFY_OK(session::refresh(**workspace, {fetched->sourceId}, true, {}));
    const auto columns = analysis::SpanColumns::load(**workspace, {});
    VERIFY_OK(columns);
    QCOMPARE((*columns)->size(), std::size_t(fetched->spans));
    QCOMPARE((*columns)->traceIds.size(), std::size_t(25));
    Nanos longest = 0;
    std::size_t children = 0;
    for (std::uint32_t row = 0; row < (*columns)->size(); ++row) {
        longest = std::max(longest, (*columns)->duration[row]);
        children += (*columns)->parent[row] != analysis::kNoRow ? 1 : 0;
    }
    QCOMPARE(longest, slowest->front().durationNs);
    QVERIFY(children >= 4 * 20); // parents are linked by their keys
    auto database = (*workspace)->connectReader();
    VERIFY_OK(database);
    const auto regions = database->integer("SELECT count(*) FROM span_attribute WHERE key = 'region'");
    VERIFY_OK(regions);
    QVERIFY(regions->value_or(0) >= 100);
    // A sample is the same every time.
    const auto sample = m_store->sample(chosen, 40, {}), again = m_store->sample(chosen, 40, {});
    VERIFY_OK(sample);
    QCOMPARE(sample->size(), std::size_t(40));
    QVERIFY(*sample == *again);
    // Nothing of a fetch that fails or finds nothing shows.
    QVERIFY(!fetchTraces(*m_store, **workspace, {"no such trace"}, chosen.range, {}));
    Progress cancelled;
    cancelled.cancel.cancel();
    QVERIFY(!fetchTraces(*m_store, **workspace, traces, chosen.range, cancelled));
    QCOMPARE((*workspace)->sources()->size(), std::size_t(1));
}

void TestRemoteStore::timeLimit()
{
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    // Dear enough that the range is asked first.
    primary.rows("CREATE FUNCTION telemetry.slow() RETURNS boolean LANGUAGE plpgsql VOLATILE COST 1000000 AS "
                 "'BEGIN PERFORM pg_sleep(0.05); RETURN true; END'");
    primary.rows("CREATE VIEW telemetry.sleepy AS SELECT start_time, duration_ns FROM telemetry.edges "
                 "WHERE telemetry.slow()");
    RemoteOptions options;
    options.timeout = std::chrono::milliseconds(3000);
    const auto store = open("sleepy", options);
    QVERIFY(store);
    QElapsedTimer timer;
    timer.start();
    const auto late = store->histogram(selection(), {});
    QVERIFY(!late);
    QCOMPARE(late.error().code, ErrorCode::LimitExceeded);
    QVERIFY2(timer.elapsed() < 30'000, std::to_string(timer.elapsed()).c_str());
    // The connection serves on.
    VERIFY_OK(store->histogram(selection("", -10 * kNanosPerSecond, -5 * kNanosPerSecond), {}));
    const auto runs = store->takeRuns();
    QVERIFY(runs.back().sql.find("'2026-03-02 11:59:50Z'::timestamptz") != std::string::npos);
    QVERIFY(runs.back().ms > 0);
}

void TestRemoteStore::cancelEndsTheQuery()
{
    const auto store = open("sleepy");
    QVERIFY(store);
    Progress progress;
    std::thread canceller([token = progress.cancel] {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        token.cancel();
    });
    QElapsedTimer timer;
    timer.start();
    const auto cancelled = store->histogram(selection(), progress);
    canceller.join();
    QVERIFY(!cancelled);
    QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
    QVERIFY2(timer.elapsed() < 20'000, std::to_string(timer.elapsed()).c_str());
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    QTRY_COMPARE_WITH_TIMEOUT(primary.value(
                                  "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                                  "application_name LIKE 'tailscope%' AND query LIKE '%sleepy%'"),
        std::string("0"), 30'000);
    VERIFY_OK(store->histogram(selection("", -10 * kNanosPerSecond, -5 * kNanosPerSecond), {}));
}

void TestRemoteStore::aShardThatIsDown()
{
    QVERIFY(m_store);
    Psql primary(LiveServer::conninfo("TS_LIVE_SUPER"));
    const std::string port
        = primary.value("SELECT substr(o, 6) FROM pg_foreign_server, unnest(srvoptions) AS o "
                        "WHERE srvname = 'shard3' AND o LIKE 'port=%'");
    QVERIFY(!port.empty());
    const auto moveTo = [&](const std::string &where) {
        primary.rows("ALTER SERVER shard3 OPTIONS (SET port '" + where + "')");
    };
    auto back = qScopeGuard([&] { moveTo(port); }); // for the tests after one that fails midway
    moveTo("1"); // nobody listens there
    const auto store = open();
    QVERIFY(store); // the coordinator itself is well
    const auto histogram = store->histogram(selection(), {});
    QVERIFY(!histogram);
    QVERIFY2(text(histogram.error()).find("shard3") != std::string::npos, text(histogram.error()).c_str());
    QVERIFY(!store->groups(selection(), {RemoteKey::Kind::Service, {}}, 10, {}));
    QVERIFY(!store->cohort(selection(), 1000, {}, {}));
    auto workspace = store::Workspace::temporary();
    QVERIFY(!fetchTraces(*store, **workspace, {"x"}, std::nullopt, {}));
    QVERIFY((*workspace)->sources()->empty());
    back.dismiss();
    moveTo(port);
    const auto again = store->histogram(selection(), {});
    VERIFY_OK(again);
    QCOMPARE(again->count() + again->unknown, std::int64_t(kShards * kSpansAShard));
}

QTEST_GUILESS_MAIN(TestRemoteStore)
#include "tst_remotestore.moc"
