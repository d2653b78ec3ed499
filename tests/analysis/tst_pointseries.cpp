// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The stored analyses of imported series, hosts and pauses, on workspaces whose answers are known.
#include "analysis/analyses.h"
#include "analysis/hostseries.h"
#include "analysis/pausestats.h"
#include "analysis/pointseries.h"
#include "analysis/workspaceanalyses.h"
#include "storefixture.h"

#include <cmath>
#include <functional>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kStart = 1'700'006'400 * kNanosPerSecond; ///< 2023-11-15 00:00 UTC
constexpr Nanos kSecond = kNanosPerSecond;
constexpr Nanos kMinute = 60 * kSecond;

using Value = std::function<double(int)>;

class Fixture
{
public:
    Fixture()
        : m_workspace(newWorkspace())
        , m_source(*m_workspace)
    {}
    SeriesRef series(const char *metric, int n, Nanos step, const Value &value, const char *unit = "",
        SeriesKind kind = SeriesKind::Gauge, const char *instance = "")
    {
        SeriesRow row;
        row.metric = row.foreignName = metric;
        row.service = "shop";
        row.instance = instance;
        row.unit = unit;
        row.kind = kind;
        const SeriesRef series = m_source.writer().series(row);
        for (int i = 0; i < n; ++i)
            m_source.writer().point(series, kStart + i * step, value(i));
        return series;
    }
    void record(RecordTable table, std::initializer_list<RecordField> fields)
    {
        m_source.writer().record({table, m_server, {}, {}, {}, {fields.begin(), fields.size()}});
    }
    void server()
    {
        const RecordField fields[]{{"kind", std::string_view("postgresql")}};
        m_server = m_source.writer().record({RecordTable::Server, {}, {}, {}, {}, fields});
    }
    void event(const char *kind, const char *title, Nanos at)
    {
        EventRow row;
        row.kind = kind;
        row.title = title;
        row.tsNs = at;
        m_source.writer().event(row);
    }
    Source &source() { return m_source; }
    void finish()
    {
        TS_VERIFY_OK(makeReady(*m_workspace, m_source.finish(), Progress()));
        TS_VERIFY_OK(refreshWorkspaceAnalyses(*m_workspace, workspaceAnalyses(), Progress()));
    }
    QString text(const std::string &sql) { return QString::fromStdString(query(*m_workspace, sql)); }
    store::Workspace &workspace() { return *m_workspace; }

private:
    std::unique_ptr<store::Workspace> m_workspace;
    Source m_source;
    RecordRef m_server = RecordRef::None;
};

} // namespace

class TestPointSeries : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void statistics();
    void changeAndMarker();
    void periods();
    void ceilings();
    void departures();
    void rowsOfSpansStay();
    void throttling();
    void processors();
    void memory();
    void pauses();
    void overlapsOfPauses();
};

void TestPointSeries::statistics()
{
    Fixture fixture;
    fixture.series("depth", 100, kSecond, [](int i) { return i + 1; });
    // 5 a second, with a restart.
    fixture.series(
        "orders_total", 60, kSecond, [](int i) { return i < 30 ? 1000 + 5 * i : 5 * (i - 30) + 5; }, "",
        SeriesKind::Counter);
    // Not in order, twice at one time, and a hole.
    const SeriesRef odd = fixture.series("odd", 0, kSecond, [](int) { return 0; });
    for (const auto &[second, value] : {std::pair<int, double>{3, 30}, {1, 10}, {2, 20}, {2, 21}, {60, 90}})
        fixture.source().writer().point(odd, kStart + second * kSecond, value);
    fixture.finish();
    const std::string sql
        = "SELECT s.metric, t.measure, t.n, t.min, t.max, t.p50, t.p95, t.p99, t.last, t.gaps,"
          " round(t.slope_per_s, 6) FROM series_stat AS t JOIN series AS s ON s.id = t.series_id"
          " ORDER BY s.metric";
    QCOMPARE(fixture.text(sql),
        QString::fromLatin1("depth value 100 1.0 100.0 50.0 95.0 99.0 100.0 0 1.0; "
                            "odd value 4 10.0 90.0 21.0 90.0 90.0 90.0 1 1.208119; "
                            "orders_total rate 59 5.0 5.0 5.0 5.0 5.0 5.0 0 0.0"));
    QCOMPARE(fixture.text("SELECT found, kept FROM series_kept WHERE what = 'series'"),
        QString::fromLatin1("3 3"));
}

// FT-15
void TestPointSeries::changeAndMarker()
{
    Fixture fixture;
    fixture.series(
        "http.duration.p95", 60, kMinute, [](int i) { return (i < 30 ? 200 : 3000) + i % 3; }, "ms");
    fixture.series("steady", 60, kMinute, [](int i) { return 7 + i % 3; });
    fixture.series("drift", 60, kMinute, [](int i) { return 100 + 5 * i; });
    fixture.event("deploy", "far", kStart + 20 * kMinute);
    fixture.event("deploy", "v42", kStart + 28 * kMinute);
    fixture.event("flag", "after", kStart + 33 * kMinute);
    fixture.finish();
    QCOMPARE(fixture.text("SELECT c.subject, (c.ts_ns - " + std::to_string(kStart)
                 + ") / 60000000000, c.median_before, c.median_after, c.k, e.title, c.series_id = s.id FROM "
                   "change_point"
                   " AS c JOIN event AS e ON e.id = c.event_id JOIN series AS s ON s.metric = "
                   "'http.duration.p95'"),
        QString::fromLatin1("http.duration.p95 shop 30 201.0 3001.0 900.0 v42 1"));
    QCOMPARE(fixture.text("SELECT count(*) FROM change_point"), QString::fromLatin1("1"));
}

// FT-14
void TestPointSeries::periods()
{
    Fixture fixture;
    fixture.server();
    const auto peaks = [](int period, int length) {
        return [period, length](int i) { return i % period < length ? 5000.0 : 20.0 + i % 3; };
    };
    fixture.series("db.p99", 720, 5 * kSecond, peaks(60, 6), "ms"); // 300 s
    fixture.series("cache.p99", 720, kSecond, peaks(60, 3), "ms"); // 60 s
    fixture.series("job.p99", 720, 10 * kSecond, peaks(42, 3), "ms"); // 420 s
    fixture.series(
        "plateau", 240, 15 * kSecond, [](int i) { return i >= 100 && i < 124 ? 900.0 : 20; }, "ms");
    fixture.record(RecordTable::Setting,
        {{"name", std::string_view("checkpoint_timeout")}, {"setting", std::string_view("300")},
            {"unit", std::string_view("s")}});
    fixture.record(RecordTable::Config,
        {{"subject_kind", std::string_view("cache")}, {"subject", std::string_view("prices")},
            {"key", std::string_view("ttl")}, {"value", std::string_view("60")},
            {"unit", std::string_view("s")}});
    for (int i = 0; i < 10; ++i)
        fixture.event("cron", "report", kStart + i * 420 * kSecond + i % 2 * kSecond);
    fixture.finish();
    QCOMPARE(fixture.text(
                 "SELECT s.metric, p.period_ns / 1000000000, p.excursions, p.matches FROM periodicity AS p"
                 " JOIN series AS s ON s.id = p.series_id ORDER BY s.metric"),
        QString::fromLatin1(
            "cache.p99 60 12 ttl of prices; db.p99 300 12 checkpoint_timeout; job.p99 420 18 cron: report"));
    QCOMPARE(
        fixture.text(
            "SELECT t.kind, excursions, (end_ns - start_ns) / 60000000000, p50_ns, p99_ns FROM tail_shape"
            " AS t JOIN series AS s ON s.id = t.series_id WHERE s.metric = 'plateau'"),
        QString::fromLatin1("plateau 1 6 20000000 900000000"));
}

// FT-18
void TestPointSeries::ceilings()
{
    Fixture fixture;
    fixture.series("db.connections.used", 120, kSecond, [](int i) { return i < 40 ? 4.9 * i : 197; });
    fixture.series(
        "pool.wait.p99", 120, kSecond, [](int i) { return i < 50 ? 10 + 500 * i : 30'000; }, "ms");
    fixture.series("db.connections.max", 120, kSecond, [](int) { return 200; });
    fixture.series("http.requests", 120, kSecond, [](int i) { return 2000 + i * 133; });
    fixture.series("workers.busy", 120, kSecond, [](int i) { return 60 + i % 30; });
    fixture.record(RecordTable::Config,
        {{"subject_kind", std::string_view("server")}, {"subject", std::string_view("db")},
            {"key", std::string_view("max_connections")}, {"value", std::string_view("200")}});
    fixture.record(RecordTable::Config,
        {{"subject_kind", std::string_view("pool")}, {"subject", std::string_view("main")},
            {"key", std::string_view("acquire_timeout_ms")}, {"value", std::string_view("30000")}});
    fixture.finish();
    QCOMPARE(fixture.text("SELECT subject, value, setting, limit_value, verdict, samples, driver FROM ceiling"
                          " ORDER BY subject"),
        QString::fromLatin1(
            "db.connections.used shop 197.0 max_connections of db 200.0 ceiling 80 http.requests shop; "
            "pool.wait.p99 shop 30000.0 acquire_timeout_ms of main 30000.0 ceiling 70 http.requests shop"));
}

// FT-16, T109
void TestPointSeries::departures()
{
    Fixture fixture;
    const auto orders = [](int hour) { return hour < 240 ? 100.0 : hour < 324 ? 0.0 : 30.0; };
    fixture.series("orders_per_hour", 340, 60 * kMinute, orders);
    fixture.series("queue.depth", 340, 60 * kMinute, orders); // no work that is expected
    fixture.finish();
    QCOMPARE(fixture.text("SELECT subject, kind, expected, is_open, hours, (start_ns - "
                 + std::to_string(kStart) + ") / 3600000000000 FROM series_departure"),
        QString::fromLatin1("orders_per_hour shop zero 100.0 1 100.0 240"));
    QCOMPARE(fixture.text(
                 "SELECT count(*), min(value), max(value), min(n) FROM baseline WHERE series_id IS NOT NULL"),
        QString::fromLatin1("24 100.0 100.0 7"));
}

void TestPointSeries::rowsOfSpansStay()
{
    Fixture fixture;
    fixture.series("steps", 60, kMinute, [](int i) { return i < 30 ? 1 : 100; });
    fixture.finish();
    auto writer = fixture.workspace().connectWriter();
    TS_VERIFY_OK(writer->execute("INSERT INTO change_point (run_id, subject_kind, subject, p_value)"
                                 " VALUES (1, 'operation', 'x', 0)"));
    const auto again = computePointSeries(fixture.workspace(), Progress());
    TS_VERIFY_OK(again);
    TS_VERIFY_OK(storeRun(fixture.workspace(), AnalysisRun{"point_series", 1, "{}", 0, 0}, *again));
    QCOMPARE(fixture.text("SELECT subject_kind, count(*) FROM change_point GROUP BY 1"),
        QString::fromLatin1("operation 1; series 1"));
}

// FH-01, T82
void TestPointSeries::throttling()
{
    Fixture fixture;
    const auto counter = [](double perMinute, int restart) {
        return [perMinute, restart](int i) { return perMinute * (i < restart ? i + 10 : i - restart); };
    };
    fixture.series("container.cpu.throttling.periods", 31, kMinute, counter(600, 99), "", SeriesKind::Counter,
        "a");
    fixture.series("container.cpu.throttling.throttled_periods", 31, kMinute, counter(340, 99), "",
        SeriesKind::Counter, "a");
    fixture.series("container.cpu.throttling.throttled_time", 31, kMinute, counter(340 * 33.0e6, 99), "ns",
        SeriesKind::Counter, "a");
    fixture.series(
        "container.cpu.utilization", 31, kMinute, [](int i) { return 0.61 + i % 3 * 0.01; }, "1",
        SeriesKind::Gauge, "a");
    // cAdvisor's names, restarted in the middle: 4.17 %.
    fixture.series("container_cpu_cfs_periods_total", 31, kMinute, counter(600, 15), "", SeriesKind::Counter,
        "b");
    fixture.series("container_cpu_cfs_throttled_periods_total", 31, kMinute, counter(25, 15), "",
        SeriesKind::Counter, "b");
    fixture.finish();
    QCOMPARE(fixture.text(
                 "SELECT instance, periods, throttled, round(100 * share, 2), round(100 * worst_share, 2),"
                 " round(throttled_s, 3), round(stall_ms, 3), round(cpu, 2) FROM cpu_throttle ORDER BY 1"),
        QString::fromLatin1(
            "a 18000.0 10200.0 56.67 56.67 336.6 33.0 0.62; b 17400.0 725.0 4.17 4.17 - - -"));
}

// FT-21
void TestPointSeries::processors()
{
    const auto verdict = [](double busy) {
        Fixture fixture;
        fixture.series(
            "system.cpu.utilization", 60, kMinute, [busy](int i) { return 100 * (i >= 40 ? busy : 0.4); },
            "%");
        fixture.series(
            "http.server.request.duration.p99", 60, kMinute, [](int i) { return i >= 40 ? 3.2 : 0.2; }, "s");
        fixture.finish();
        return fixture.text("SELECT verdict, round(cpu_slow, 2), slow_bins, latency_slow_ms, latency_usual_ms"
                            " FROM cpu_verdict");
    };
    QCOMPARE(verdict(0.85), QString::fromLatin1("computing 0.85 20 3200.0 200.0"));
    QCOMPARE(verdict(0.22), QString::fromLatin1("waiting 0.22 20 3200.0 200.0"));
    QCOMPARE(verdict(0.62), QString::fromLatin1("mixed 0.62 20 3200.0 200.0"));
    Fixture quiet;
    quiet.series(
        "system.cpu.utilization", 60, kMinute, [](int) { return 0.9; }, "1");
    quiet.series(
        "http.server.request.duration.p99", 60, kMinute, [](int i) { return 0.2 + i % 3 * 0.01; }, "s");
    quiet.finish();
    QCOMPARE(quiet.text("SELECT count(*) FROM cpu_verdict"), QString::fromLatin1("0"));
}

// FH-03, T84
void TestPointSeries::memory()
{
    constexpr double mib = 1048576;
    Fixture fixture;
    fixture.series(
        "container.memory.rss", 481, kMinute,
        [](int i) { return (4096 * 0.85 - 50 * (480 - i) / 60.0 + i % 10 * 10) * mib; }, "By");
    fixture.series(
        "container.memory.limit", 2, 480 * kMinute, [](int) { return 4096 * mib; }, "By");
    fixture.series(
        "jvm.memory.heap.used", 481, kMinute, [](int i) { return (900 + i % 10 * 30) * mib; }, "By");
    fixture.finish();
    QCOMPARE(fixture.text(
                 "SELECT part, verdict, round(slope_per_h / 1048576), round(hours_left), limit_value IS NULL,"
                 " load_slope FROM memory_trend ORDER BY part"),
        QString::fromLatin1("heap level 0.0 - 1 -; resident rising 50.0 12.0 0 -"));
}

// FB-13, FH-05, T83
void TestPointSeries::pauses()
{
    Fixture fixture;
    // 150 ms each 5 s for an hour, then 1.2 s each 25 s.
    Nanos t = kStart;
    for (int i = 0; i < 720 + 144; ++i) {
        const bool isLate = i >= 720;
        fixture.record(RecordTable::Pause,
            {{"ts_ns", t}, {"duration_ns", (isLate ? 1200 : 150) * kNanosPerMilli},
                {"kind", std::string_view("full")}, {"heap_before", std::int64_t(isLate ? 30'000 : 7'500)}});
        t += (isLate ? 25 : 5) * kSecond;
    }
    fixture.series(
        "events_total", 120, kMinute, [](int i) { return 80'000.0 * 60 * i; }, "", SeriesKind::Counter);
    // Requests of 50 ms at every 100 ms of the first hour.
    const TrackRef track = fixture.source().track(TrackRow::Shape::Nested, "shop");
    for (int i = 0; i < 36'000; ++i)
        fixture.source().linked(track, "t" + std::to_string(i), std::uint64_t(i + 1), 0, "GET /",
            kStart + i * kSecond / 10, 50 * kNanosPerMilli, SpanKind::Server);
    fixture.finish();
    QCOMPARE(fixture.text(
                 "SELECT n, n_full, p50_ns / 1000000, max_ns / 1000000, interval_ns / 1000000000, requests,"
                 " touched, round(model_share, 3), events FROM pause_stat"),
        QString::fromLatin1("864 864 150 1200 5 36000 1440 0.04 80000.0"));
    QCOMPARE(fixture.text(
                 "SELECT before_p50_ns / 1000000, after_p50_ns / 1000000, before_heap, after_heap,"
                 " round(before_per_h), round(after_per_h), round(before_share, 3), round(after_share, 3),"
                 " (change_ns - "
                 + std::to_string(kStart) + ") / 1000000000 FROM pause_stat"),
        QString::fromLatin1("150 1200 7500.0 30000.0 720.0 144.0 0.03 0.048 3600"));
}

void TestPointSeries::overlapsOfPauses()
{
    const PauseTimes pauses({{100, 200}, {150, 160}, {190, 250}, {400, 500}});
    QCOMPARE(pauses.total(), Nanos(250));
    QVERIFY(pauses.touches({0, 101}) && pauses.touches({240, 300}) && pauses.touches({0, 1000}));
    QVERIFY(pauses.touches({120, 120}) && pauses.touches({450, 450}));
    QVERIFY(!pauses.touches({0, 99}) && !pauses.touches({250, 399}) && !pauses.touches({500, 600}));
}

QTEST_GUILESS_MAIN(TestPointSeries)
#include "tst_pointseries.moc"
