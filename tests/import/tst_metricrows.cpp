// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metriccatalog.h"
#include "import/metrics/metricrows.h"
#include "import/metrics/metricunits.h"
#include "store/recordcolumns.h"
#include "support/importhelpers.h"

#include <cmath>
#include <limits>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

struct Rows
{
    RecordingSink sink;
    ImportReport report;
    MetricRows rows{sink, report};

    void add(std::string_view name, std::vector<MetricLabel> labels, Nanos ts, double value,
        SeriesKind kind = SeriesKind::Gauge, std::string_view unit = {})
    {
        MetricSample sample;
        sample.name = name;
        sample.labels = labels;
        sample.tsNs = ts;
        sample.value = value;
        sample.kind = kind;
        sample.unit = unit;
        rows.sample(sample);
    }
    std::string only(std::string_view word) const
    {
        const auto lines = sink.linesOf(word);
        return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " lines";
    }
    bool has(std::string_view kind, std::int64_t count) const
    {
        for (const ImportReport::Issue &issue : report.issues()) {
            if (issue.kind == kind)
                return issue.count == count;
        }
        return false;
    }
};

RecordTable tableOf(MetricRowKind row)
{
    return row == MetricRowKind::Replica ? RecordTable::ReplicaSample
        : row == MetricRowKind::Slot     ? RecordTable::SlotSample
        : row == MetricRowKind::Queue    ? RecordTable::QueueSample
        : row == MetricRowKind::Cache    ? RecordTable::CacheSample
                                         : RecordTable::PoolSample;
}

} // namespace

class TestMetricRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void catalogIsWhole();
    void findsNames_data();
    void findsNames();
    void converts();
    void joinsAPool();
    void joinsSeriesBySeries();
    void toleratesSkew();
    void sharesPgBouncer();
    void joinsPatroni();
    void joinsReplication();
    void countsOddPoints();
    void sumsDeltas();
    void subtractsHistograms();
    void widensExponential();
    void boundsPercentiles();
    void flushesAndTellsLateOnes();
    void boundsCardinality();
};

void TestMetricRows::catalogIsWhole()
{
    const MetricCatalog &catalog = MetricCatalog::builtin();
    QVERIFY(catalog.meanings().size() > 150);
    const std::vector<std::string> helpers{"total", "behind_bytes", "is_primary", "is_replica",
        "replayed_at_s", "message_at_s"};
    for (const MetricMeaning &meaning : catalog.meanings()) {
        if (meaning.row == MetricRowKind::None || meaning.row == MetricRowKind::Setting
            || meaning.row == MetricRowKind::Config)
            continue;
        const auto &columns = store::recordColumns(tableOf(meaning.row));
        for (const std::string &column : meaning.allColumns()) {
            const bool known = std::any_of(columns.begin(), columns.end(),
                                   [&](const store::RecordColumn &one) { return one.name == column; })
                || std::find(helpers.begin(), helpers.end(), column) != helpers.end();
            QVERIFY2(known, (meaning.canonical + ": " + column).c_str());
        }
    }
    QVERIFY(!MetricCatalog::parse("[a]\nmetrics = [ { name = \"x\" } ]", "t"));
    QVERIFY(!MetricCatalog::parse("[a]\nrow = \"nothing\"\nmetrics = []", "t"));
    QVERIFY(!MetricCatalog::parse("a = 1", "t"));
    QVERIFY(
        !MetricCatalog::parse("[a]\nmetrics = [ { name = \"x\", to = \"y\", unit = \"s\", from = \"By\" } ]",
            "t"));
}

void TestMetricRows::findsNames_data()
{
    QTest::addColumn<QByteArray>("foreign");
    QTest::addColumn<QByteArray>("canonical");
    QTest::addColumn<int>("part");
    QTest::addColumn<QByteArray>("rest");
    const auto row = [](const char *foreign, const char *canonical, MetricPart part = MetricPart::Whole,
                         const char *rest = "") {
        QTest::newRow(foreign) << QByteArray(foreign) << QByteArray(canonical) << int(part)
                               << QByteArray(rest);
    };
    row("hikaricp.connections.active", "db.client.connection.count");
    row("hikaricp_connections_active", "db.client.connection.count");
    row("hikaricp_connections_timeout_total", "db.client.connection.timeouts");
    row("hikaricp_connections_acquire_seconds_sum", "db.client.connection.wait_time", MetricPart::Sum, "s");
    row("hikaricp_connections_acquire_seconds_bucket", "db.client.connection.wait_time", MetricPart::Bucket,
        "s");
    row("hikaricp_connections_acquire_seconds_max", "");
    row("HikariPool-1.pool.ActiveConnections", "db.client.connection.count", MetricPart::Whole,
        "HikariPool-1");
    row("HikariPool_1_pool_Wait_count", "db.client.connection.wait_time", MetricPart::Count, "HikariPool_1");
    row("db_client_connection_wait_time_seconds_count", "db.client.connection.wait_time", MetricPart::Count,
        "s");
    row("pg_stat_database_blk_read_time", "postgresql.pg_stat_database.blk_read_time");
    row("pg_stat_database_xact_commit", "postgresql.pg_stat_database.xact_commit");
    row("pg_settings_max_connections", "postgresql.settings.max_connections");
    row("pg_stat_activity_count", "postgresql.pg_stat_activity.count");
    row("patroni_pending_restart", "patroni.pending_restart");
    row("executor_seconds_count", "executor.duration", MetricPart::Count, "s");
    row("container_cpu_cfs_throttled_periods_total", "container.cpu.throttling.throttled_periods");
    row("my_own_metric", "");
}

void TestMetricRows::findsNames()
{
    QFETCH(QByteArray, foreign);
    QFETCH(QByteArray, canonical);
    QFETCH(int, part);
    QFETCH(QByteArray, rest);
    const std::string name = foreign.toStdString();
    const MetricCatalog::Found found = MetricCatalog::builtin().find(name);
    QCOMPARE(found.canonical, canonical.toStdString());
    QCOMPARE(int(found.part), part);
    QCOMPARE(std::string(found.subject.empty() ? found.unit : found.subject), rest.toStdString());
}

void TestMetricRows::converts()
{
    QCOMPARE(unitFactor("ms", "s").value() * 250, 0.25);
    QCOMPARE(unitFactor("nanoseconds", "s").value() * 5e8, 0.5);
    QCOMPARE(unitFactor("KiBy", "By").value(), 1024.0);
    QCOMPARE(unitFactor("%", "1").value() * 50, 0.5);
    QVERIFY(!unitFactor("ms", "By"));
    QVERIFY(!unitFactor("{connection}", "s"));
    // The unit of the file wins over the one that the catalog assumes.
    Rows milli, plain;
    milli.add("db.client.connections.wait_time_sum", {{"pool.name", "p"}}, 1, 2500, SeriesKind::Counter,
        "ms");
    milli.rows.finish();
    QVERIFY(milli.only("point").find("value=2.5") != std::string::npos);
    plain.add("db.client.connections.wait_time_sum", {{"pool.name", "p"}}, 1, 2500, SeriesKind::Counter, "s");
    plain.rows.finish();
    QVERIFY(plain.only("point").find("value=2500") != std::string::npos);
    QVERIFY(plain.only("pool_sample").find("wait_total_ms=2500000") != std::string::npos);
}

void TestMetricRows::joinsAPool()
{
    Rows rows;
    const std::vector<MetricLabel> labels{{"pool", "HikariPool-1"}, {"instance", "a:8080"}, {"job", "shop"}};
    rows.add("hikaricp_connections_active", labels, 7, 9);
    rows.add("hikaricp_connections", labels, 7, 10);
    rows.add("hikaricp_connections_pending", labels, 7, 3);
    rows.add("hikaricp_connections_max", labels, 7, 10);
    rows.add("hikaricp_connections_timeout_total", labels, 7, 2, SeriesKind::Counter);
    rows.add("hikaricp_connections_acquire_seconds_count", labels, 7, 100, SeriesKind::Counter);
    rows.add("hikaricp_connections_acquire_seconds_sum", labels, 7, 1.5, SeriesKind::Counter);
    rows.add("hikaricp_connections_usage_seconds_sum", labels, 7, 4, SeriesKind::Counter);
    rows.rows.finish();
    QCOMPARE(rows.only("pool_sample"),
        std::string(
            "pool_sample 1 ts_ns=7 pool=\"HikariPool-1\" kind=\"connection\" instance=\"a:8080\" active=9 "
            "waiting=3 capacity=10 timeouts=2 acquired=100 wait_total_ms=1500 busy_total_ms=4000 "
            "busy_includes_wait=0 idle=1"));
    const std::string series = rows.sink.linesOf("series").front();
    QVERIFY2(series.find("metric=\"db.client.connection.count\"") != std::string::npos
            && series.find("\"db.client.connection.state\":\"used\"") != std::string::npos
            && series.find("service=\"shop\"") != std::string::npos,
        series.c_str());
}

void TestMetricRows::joinsSeriesBySeries()
{
    Rows rows;
    for (const char *name : {"hikaricp_connections_active", "hikaricp_connections_idle"}) {
        for (Nanos ts = 0; ts < 50; ++ts)
            rows.add(name, {{"pool", "p"}}, ts * 10 * kNanosPerMilli, double(ts));
    }
    rows.rows.finish();
    const auto lines = rows.sink.linesOf("pool_sample");
    QCOMPARE(lines.size(), std::size_t(50));
    QVERIFY(lines[7].find("ts_ns=70000000") != std::string::npos);
    QVERIFY(lines[7].find("active=7 idle=7") != std::string::npos);
}

void TestMetricRows::toleratesSkew()
{
    Rows rows;
    rows.add("hikaricp_connections_active", {{"pool", "p"}}, kNanosPerSecond, 1);
    rows.add("hikaricp_connections_idle", {{"pool", "p"}}, kNanosPerSecond + 3 * kNanosPerMilli, 2);
    rows.add("hikaricp_connections_idle", {{"pool", "p"}}, kNanosPerSecond + 40 * kNanosPerMilli, 5);
    rows.rows.finish();
    const auto lines = rows.sink.linesOf("pool_sample");
    QCOMPARE(lines.size(), std::size_t(2));
    QVERIFY(lines[0].find("active=1 idle=2") != std::string::npos);
    QVERIFY(lines[1].find("idle=5") != std::string::npos);
}

void TestMetricRows::sharesPgBouncer()
{
    Rows rows;
    for (const char *user : {"app", "job"}) {
        rows.add("pgbouncer_pools_server_active_connections", {{"database", "bench"}, {"user", user}}, 5, 4);
        rows.add("pgbouncer_pools_client_waiting_connections", {{"database", "bench"}, {"user", user}}, 5,
            16);
    }
    rows.add("pgbouncer_pools_server_active_connections", {{"database", "other"}, {"user", "app"}}, 5, 1);
    rows.add("pgbouncer_databases_pool_size", {{"database", "bench"}, {"name", "bench"}}, 5, 4);
    rows.add("pgbouncer_stats_client_wait_seconds_total", {{"database", "bench"}}, 5, 2);
    rows.add("pgbouncer_stats_client_wait_seconds_total", {{"database", "other"}}, 5, 3);
    rows.rows.finish();
    const auto lines = rows.sink.linesOf("pool_sample");
    QCOMPARE(lines.size(), std::size_t(4));
    // The size is every pool's; the wait of the database belongs to a pool only where it has no other.
    QVERIFY(lines[0].find("pool=\"bench/app\" kind=\"connection\" active=4 waiting=16 capacity=4")
        != std::string::npos);
    QVERIFY(lines[1].find("pool=\"bench/job\"") != std::string::npos);
    QVERIFY(lines[1].find("capacity=4") != std::string::npos);
    QVERIFY(lines[2].find("pool=\"other/app\" kind=\"connection\" active=1 wait_total_ms=3000")
        != std::string::npos);
    QVERIFY(lines[3].find("pool=\"bench\" kind=\"connection\" wait_total_ms=2000") != std::string::npos);
}

void TestMetricRows::joinsPatroni()
{
    Rows rows;
    const std::vector<MetricLabel> leader{{"scope", "c"}, {"name", "pg-0"}, {"instance", "pg-0:8008"}};
    const std::vector<MetricLabel> replica{{"scope", "c"}, {"name", "pg-1"}, {"instance", "pg-1:8008"}};
    const Nanos ts = 1'000 * kNanosPerSecond;
    for (const auto &[name, own, other] : {std::tuple{"patroni_xlog_location", 5000.0, 0.0},
             std::tuple{"patroni_xlog_received_location", 0.0, 4800.0},
             std::tuple{"patroni_xlog_replayed_location", 0.0, 4000.0},
             std::tuple{"patroni_primary", 1.0, 0.0},
             std::tuple{"patroni_xlog_replayed_timestamp", 0.0, 990.0}}) {
        rows.add(name, leader, ts, own);
        rows.add(name, replica, ts + kNanosPerSecond / 2, other);
    }
    rows.rows.finish();
    const std::string line = rows.only("replica_sample");
    for (const char *part : {"replica=\"pg-1\"", "current_position=5000", "receive_position=4800",
             "replay_position=4000", "unreplayed_bytes=800", "replay_age_ms=10500"})
        QVERIFY2(line.find(part) != std::string::npos, line.c_str());
}

void TestMetricRows::joinsReplication()
{
    Rows rows;
    const std::vector<MetricLabel> labels{{"application_name", "replica1"}, {"client_addr", "10.0.0.2"},
        {"server", "10.0.0.1:5432"}, {"state", "streaming"}};
    rows.add("pg_stat_replication_pg_current_wal_lsn_bytes", labels, 9, 69647864);
    rows.add("pg_stat_replication_pg_wal_lsn_diff", labels, 9, 2538904);
    rows.add("pg_replication_slots_active", {{"slot_name", "s1"}, {"server", "10.0.0.1:5432"}}, 9, 1);
    rows.add("pg_settings_max_connections", {{"server", "10.0.0.1:5432"}}, 9, 60);
    rows.add("pg_settings_max_connections", {{"server", "10.0.0.1:5432"}}, 10, 60);
    rows.add("pg_replication_is_replica", {{"server", "10.0.0.1:5432"}}, 9, 0);
    rows.add("pg_replication_lag", {{"server", "10.0.0.1:5432"}}, 9, 0);
    rows.rows.finish();
    // The primary itself is no replica.
    const std::string line = rows.only("replica_sample");
    QVERIFY2(line.find(
                 "replica=\"replica1\" client=\"10.0.0.2\" state=\"streaming\" current_position=69647864 "
                 "replay_position=67108960")
            != std::string::npos,
        line.c_str());
    QVERIFY(rows.only("slot_sample").find("slot=\"s1\" active=1") != std::string::npos);
    QVERIFY(rows.only("setting").find("name=\"max_connections\" setting=\"60\"") != std::string::npos);
    QCOMPARE(rows.sink.count("server"), std::size_t(1));
}

void TestMetricRows::countsOddPoints()
{
    Rows rows;
    const auto add = [&](Nanos ts, double value) { rows.add("x_total", {}, ts, value, SeriesKind::Counter); };
    add(10, 5);
    add(20, 8);
    add(20, 8); // again
    add(20, 9); // another value
    add(15, 6); // late
    add(30, 2); // started anew
    add(40, std::numeric_limits<double>::quiet_NaN());
    add(40, std::numeric_limits<double>::infinity());
    rows.rows.finish();
    QCOMPARE(rows.sink.count("point"), std::size_t(5));
    QVERIFY(rows.has("duplicate-point", 1) && rows.has("duplicate-time", 1) && rows.has("out-of-order", 1));
    QVERIFY(rows.has("counter-reset", 1) && rows.has("gap", 1) && rows.has("infinite-value", 1));
}

void TestMetricRows::sumsDeltas()
{
    Rows rows;
    for (Nanos ts = 1; ts <= 3; ++ts)
        rows.add("hikaricp.connections.timeout", {{"pool", "p"}}, ts * kNanosPerSecond, 2, SeriesKind::Delta);
    rows.rows.finish();
    QVERIFY(rows.sink.linesOf("pool_sample").back().find("timeouts=6") != std::string::npos);
    QVERIFY(rows.sink.linesOf("point").back().find("value=2") != std::string::npos);
}

void TestMetricRows::subtractsHistograms()
{
    Rows rows;
    const auto add = [&](std::string_view name, Nanos ts, std::vector<HistogramBucket> buckets) {
        MetricHistogram histogram;
        histogram.head.name = name;
        histogram.head.tsNs = ts;
        histogram.head.kind = SeriesKind::Counter;
        histogram.buckets = buckets;
        rows.rows.histogram(histogram);
    };
    add("a", 1, {{0.1, 5}, {1, 2}});
    add("a", 2, {{0.1, 9}, {1, 2}});
    add("a", 3, {{0.1, 1}, {1, 0}}); // started anew
    add("once", 1, {{0.1, 7}});
    add("idle", 1, {{0.1, 7}});
    add("idle", 2, {{0.1, 7}});
    rows.rows.finish();
    const std::vector<std::string> expected{
        "histogram_point 1 series=1 ts_ns=2 upper_bound=0.1 count=4",
        "histogram_point 2 series=1 ts_ns=2 upper_bound=1 count=0",
        "histogram_point 3 series=1 ts_ns=3 upper_bound=0.1 count=1",
        "histogram_point 4 series=1 ts_ns=3 upper_bound=1 count=0",
        "histogram_point 5 series=3 ts_ns=2 upper_bound=0.1 count=0",
        "histogram_point 6 series=2 ts_ns=1 upper_bound=0.1 count=7",
    };
    QCOMPARE(rows.sink.linesOf("histogram_point"), expected);
    QVERIFY(rows.has("counter-reset", 1) && rows.has("histogram-does-not-grow", 1)
        && rows.has("histogram-since-start", 1));
}

void TestMetricRows::widensExponential()
{
    Rows rows;
    const auto add = [&](Nanos ts, std::vector<HistogramBucket> buckets) {
        MetricHistogram histogram;
        histogram.head.name = "e";
        histogram.head.tsNs = ts;
        histogram.head.kind = SeriesKind::Counter;
        histogram.buckets = buckets;
        rows.rows.histogram(histogram);
    };
    add(1, {{1, 0}, {2, 3}, {4, 1}});
    add(2, {{0.5, 0}, {1, 2}, {2, 3}, {4, 2}, {8, 1}}); // more buckets on both sides
    add(3, {{0.25, 0}, {1, 2}, {4, 6}, {16, 1}}); // half the scale
    add(4, {{0.25, 0}, {1, 2}, {3, 6}, {16, 9}}); // not to be compared
    rows.rows.finish();
    const auto lines = rows.sink.linesOf("histogram_point");
    QCOMPARE(lines.size(), std::size_t(9));
    QVERIFY(lines[1].find("upper_bound=1 count=2") != std::string::npos);
    QVERIFY(lines[4].find("upper_bound=8 count=1") != std::string::npos);
    QVERIFY(lines[7].find("upper_bound=4 count=1") != std::string::npos);
    QVERIFY(rows.has("bucket-bounds-changed", 1));
}

void TestMetricRows::boundsPercentiles()
{
    Rows rows;
    const auto add = [&](Nanos ts, std::vector<HistogramBucket> buckets) {
        const std::vector<MetricLabel> labels{{"pool", "p"}};
        MetricHistogram histogram;
        histogram.head.name = "hikaricp_connections_acquire_seconds";
        histogram.head.labels = labels;
        histogram.head.tsNs = ts;
        histogram.head.kind = SeriesKind::Counter;
        histogram.buckets = buckets;
        rows.rows.histogram(histogram);
    };
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    add(1, {{0.01, 50}, {0.1, 7}, {kInfinity, 0}});
    add(2, {{0.01, 140}, {0.1, 15}, {kInfinity, 2}});
    rows.rows.finish();
    // 90, 8 and 2 of 100: rank 50 of 90 in (0, 10 ms], rank 95 is the 5th of 8 in (10, 100 ms], rank 99 is
    // open.
    const std::string line = rows.only("pool_sample");
    QVERIFY2(line.find("wait_p95_ms=66.25 wait_p99_ms=100") != std::string::npos, line.c_str());
    QVERIFY2(line.find("\"wait_p95_bounds_ms\":[10") != std::string::npos
            || line.find(R"(\"wait_p95_bounds_ms\":[10)") != std::string::npos,
        line.c_str());
    QVERIFY2(line.find("null]") != std::string::npos, line.c_str());
}

void TestMetricRows::flushesAndTellsLateOnes()
{
    Rows rows;
    rows.sink.maxLines = 1000;
    const auto many = static_cast<Nanos>(SampleRows::kMaxOpen) + 10;
    for (Nanos ts = 0; ts < many; ++ts)
        rows.add("hikaricp_connections_active", {{"pool", "p"}}, ts * kNanosPerSecond, 1);
    rows.add("hikaricp_connections_idle", {{"pool", "p"}}, 5 * kNanosPerSecond, 1);
    rows.add("hikaricp_connections_idle", {{"pool", "p"}}, (many - 1) * kNanosPerSecond, 1);
    rows.rows.finish();
    QVERIFY(rows.has("late-sample", 1));
}

void TestMetricRows::boundsCardinality()
{
    Rows rows;
    rows.sink.maxLines = 10;
    std::vector<std::string> names;
    for (int i = 0; i < 300'000; ++i)
        names.push_back(std::to_string(i));
    for (const std::string &name : names)
        rows.add("hikaricp_connections_active", {{"pool", name}}, 1, 1);
    rows.rows.finish();
    QVERIFY(rows.has("many-series", 2));
    QVERIFY(rows.has("too-many-pools", 300'000 - std::int64_t(SampleRows::kMaxTargets)));
}

QTEST_GUILESS_MAIN(TestMetricRows)
#include "tst_metricrows.moc"
