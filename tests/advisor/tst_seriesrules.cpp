// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules about imported series, hosts and collectors, on what they must find and on its neighbours.
#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/workspaceanalyses.h"
#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <functional>

#include <QTest>

using namespace tailscope;

namespace {

constexpr Nanos kStart = 1'700'006'400 * kNanosPerSecond; ///< 2023-11-15 00:00 UTC
constexpr Nanos kSecond = kNanosPerSecond, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr double kMiB = 1048576;
using Value = std::function<double(int)>;

/// A workspace with series, as an importer writes them.
class World
{
public:
    World()
    {
        auto created = store::Workspace::temporary();
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        m_workspace = std::move(*created);
        auto writer = store::BulkWriter::create(*m_workspace, {"metrics.txt", "test", std::nullopt}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        m_writer = std::move(*writer);
        SourceInfo info;
        info.clock = ClockKind::Utc;
        m_writer->setSource(info);
    }
    World &series(const char *metric, int n, Nanos step, const Value &value, const char *unit = "",
        const char *instance = "", SeriesKind kind = SeriesKind::Gauge)
    {
        SeriesRow row;
        row.metric = row.foreignName = metric;
        row.service = "shop";
        row.instance = instance;
        row.unit = unit;
        row.kind = kind;
        const SeriesRef series = m_writer->series(row);
        for (int i = 0; i < n; ++i)
            m_writer->point(series, kStart + i * step, value(i));
        return *this;
    }
    World &counter(const char *metric, int n, Nanos step, double perStep, const char *unit = "")
    {
        return series(
            metric, n, step, [perStep](int i) { return perStep * i; }, unit, "", SeriesKind::Counter);
    }
    World &limit(const char *key, const char *value)
    {
        const RecordField fields[]{{"subject_kind", std::string_view("server")},
            {"subject", std::string_view("db")}, {"key", std::string_view(key)},
            {"value", std::string_view(value)}};
        m_writer->record({RecordTable::Config, {}, {}, {}, {}, fields});
        return *this;
    }
    World &pause(Nanos at, double ms, std::int64_t heap)
    {
        const RecordField fields[]{{"ts_ns", kStart + at}, {"duration_ns", Nanos(ms * 1e6)},
            {"kind", std::string_view("full")}, {"heap_before", heap}};
        m_writer->record({RecordTable::Pause, {}, {}, {}, {}, fields});
        return *this;
    }
    World &event(const char *kind, const char *title, Nanos from, Nanos to)
    {
        EventRow row;
        row.kind = kind;
        row.title = title;
        row.tsNs = kStart + from;
        row.endNs = kStart + to;
        m_writer->event(row);
        return *this;
    }
    QString text(const std::string &sql)
    {
        auto reader = m_workspace->connectReader();
        auto query = reader->prepare(sql);
        if (!query)
            qFatal("%s", query.error().toText().c_str());
        const auto row = query->step();
        return row && *row ? QString::fromStdString(std::string(query->text(0))) : QString();
    }
    QString severity(const std::string &rule)
    {
        run();
        return text("SELECT max(severity) FROM finding WHERE rule_id = '" + rule + "'");
    }
    QString summary(const std::string &rule)
    {
        run();
        return text("SELECT title || ' | ' || summary FROM finding WHERE rule_id = '" + rule + "'");
    }

private:
    void run()
    {
        if (!m_writer)
            return;
        const auto check = [](const auto &result) {
            if (!result)
                qFatal("%s", result.error().toText().c_str());
        };
        const std::int64_t source = m_writer->sourceId();
        check(m_writer->finish({}));
        m_writer.reset();
        check(analysis::makeReady(*m_workspace, source, {}));
        check(analysis::refreshWorkspaceAnalyses(*m_workspace, analysis::workspaceAnalyses(), {}));
        static std::vector<Error> errors;
        static const std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
        const auto outcome = advisor::runRules(*m_workspace, rules, {});
        check(outcome);
        for (const Error &error : outcome->failed)
            qFatal("%s", error.toText().c_str());
    }

    std::unique_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
};

void fires(const char *rule, const char *expected, World &&world)
{
    const QString found = world.severity(rule);
    QCOMPARE(QString::fromLatin1(rule) + QLatin1Char(' ') + found,
        QString::fromLatin1(rule) + QLatin1Char(' ') + QString::fromLatin1(expected));
}
void silent(const char *rule, World &&world) { fires(rule, "", std::move(world)); }

Value always(double value)
{
    return [value](int) { return value; };
}
Value after(int from, double before, double then)
{
    return [=](int i) { return (i < from ? before : then) + i % 3 * 0.001 * before; };
}
Value peaks(int period, int length)
{
    return [=](int i) { return i % period < length ? 5000.0 : 20.0 + i % 3; };
}

} // namespace

class TestSeriesRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void flatCeiling();
    void expectedMissing();
    void checkpoints();
    void vacuum();
    void throttled();
    void pauses();
    void biggerHeap();
    void leak();
    void offHeap();
    void processors();
    void steal();
    void descriptors();
};

void TestSeriesRules::flatCeiling()
{
    const Value climbing = [](int i) { return i < 40 ? 4.9 * i : 197.0; };
    const Value demand = [](int i) { return 2000.0 + i * 133; };
    World full;
    full.series("db.connections.used", 120, kSecond, climbing).series("http.requests", 120, kSecond, demand);
    full.limit("max_connections", "200");
    QVERIFY2(full.summary("series-flat-ceiling")
                 .contains(QLatin1String("That value is max_connections of db (200) less the reserved ones")),
        qPrintable(full.summary("series-flat-ceiling")));
    fires("series-flat-ceiling", "critical", std::move(full));
    // A flat demand, and no demand at all.
    World even;
    even.series("db.connections.used", 120, kSecond, climbing)
        .series("http.requests", 120, kSecond, always(2000));
    even.limit("max_connections", "200");
    silent("series-flat-ceiling", std::move(even));
    World alone;
    alone.series("db.connections.used", 120, kSecond, climbing).limit("max_connections", "200");
    silent("series-flat-ceiling", std::move(alone));
}

void TestSeriesRules::expectedMissing()
{
    World gone;
    gone.series("orders_per_hour", 340, kHour, [](int i) { return i < 240 ? 100.0 : i < 324 ? 0.0 : 30.0; });
    fires("series-expected-events-missing", "critical", std::move(gone));
    World less;
    less.series("orders_per_hour", 300, kHour, [](int i) { return i < 240 ? 100.0 : 30.0; });
    fires("series-expected-events-missing", "warning", std::move(less));
    World half;
    half.series("orders_per_hour", 300, kHour, [](int i) { return i < 240 ? 100.0 : 60.0; });
    silent("series-expected-events-missing", std::move(half));
}

void TestSeriesRules::checkpoints()
{
    World world;
    world.series("http.server.request.duration.p99", 720, 5 * kSecond, peaks(60, 6), "ms");
    fires("series-periodic-checkpoint", "warning", std::move(world));
    World minute;
    minute.series("http.server.request.duration.p99", 720, kSecond, peaks(60, 3), "ms");
    silent("series-periodic-checkpoint", std::move(minute));
}

void TestSeriesRules::vacuum()
{
    const Value plateau = [](int i) { return i >= 100 && i < 124 ? 900.0 : 20.0; };
    World world;
    world.series("db.p99", 240, 15 * kSecond, plateau, "ms")
        .event("autovacuum", "orders", 25 * kMinute, 31 * kMinute);
    fires("series-plateau-autovacuum", "warning", std::move(world));
    World elsewhere;
    elsewhere.series("db.p99", 240, 15 * kSecond, plateau, "ms")
        .event("autovacuum", "orders", 35 * kMinute, 50 * kMinute);
    silent("series-plateau-autovacuum", std::move(elsewhere));
}

// T82
void TestSeriesRules::throttled()
{
    const auto world = [](double throttled) {
        World out;
        out.counter("container.cpu.throttling.periods", 31, kMinute, 600);
        out.counter("container.cpu.throttling.throttled_periods", 31, kMinute, throttled);
        out.counter("container.cpu.throttling.throttled_time", 31, kMinute, throttled * 33e6, "ns");
        out.series("container.cpu.utilization", 31, kMinute, always(0.62), "1");
        return out;
    };
    World much = world(340);
    const QString summary = much.summary("cpu-throttled");
    QVERIFY2(summary.contains(QLatin1String("stopped in 56.7 % of its periods")), qPrintable(summary));
    QVERIFY2(summary.contains(QLatin1String("33.0 ms a period")), qPrintable(summary));
    QVERIFY2(summary.contains(QLatin1String("busy to 62.0 %")), qPrintable(summary));
    fires("cpu-throttled", "critical", std::move(much));
    fires("cpu-throttled", "warning", world(40));
    silent("cpu-throttled", world(25));
}

void TestSeriesRules::pauses()
{
    World world;
    for (int i = 0; i < 100; ++i)
        world.pause(i * 5 * kSecond, 200, 1000);
    fires("gc-pause-high", "warning", std::move(world));
    World full;
    for (int i = 0; i < 100; ++i)
        full.pause(i * 5 * kSecond, 900, 1000);
    fires("gc-pause-high", "critical", std::move(full));
    World quick;
    for (int i = 0; i < 100; ++i)
        quick.pause(i * 5 * kSecond, 0.8, 1000);
    silent("gc-pause-high", std::move(quick));
}

// T83
void TestSeriesRules::biggerHeap()
{
    const auto world = [](double length, std::int64_t heap) {
        World out;
        Nanos t = 0;
        for (int i = 0; i < 200; ++i) {
            const bool isLate = i >= 150;
            out.pause(t, isLate ? length : 150, isLate ? heap : 8'000'000'000);
            t += (isLate ? 25 : 5) * kSecond;
        }
        out.counter("events_total", 60, kMinute, 80'000.0 * 60);
        return out;
    };
    World worse = world(1200, 32'000'000'000);
    const QString summary = worse.summary("gc-bigger-heap-worse");
    QVERIFY2(summary.contains(QLatin1String("96000 events of events_total")), qPrintable(summary));
    QVERIFY2(summary.contains(QLatin1String("the pauses 8")), qPrintable(summary));
    fires("gc-bigger-heap-worse", "warning", std::move(worse));
    silent("gc-bigger-heap-worse", world(1200, 8'000'000'000));
    silent("gc-bigger-heap-worse", world(160, 32'000'000'000));
}

// T84 b
void TestSeriesRules::leak()
{
    const auto world = [](double perHour, double load) {
        World out;
        out.series(
            "container.memory.rss", 481, kMinute,
            [perHour](int i) { return (4096 * 0.85 - perHour * (480 - i) / 60.0 + i % 10 * 10) * kMiB; },
            "By");
        out.series("container.memory.limit", 2, 8 * kHour, always(4096 * kMiB), "By");
        out.series("http.requests", 481, kMinute, [load](int i) { return 100 + load * i; });
        return out;
    };
    World rising = world(50, 0);
    QVERIFY2(rising.summary("memory-leak").contains(QLatin1String("full in 12.")),
        qPrintable(rising.summary("memory-leak")));
    fires("memory-leak", "warning", std::move(rising));
    fires("memory-leak", "critical", world(200, 0));
    silent("memory-leak", world(0, 0));
    silent("memory-leak", world(50, 1)); // the load grows as well
}

// T84 a
void TestSeriesRules::offHeap()
{
    const auto world = [](double kills) {
        World out;
        out.counter("container.oom_kills", 121, kMinute, kills);
        out.series(
            "jvm.memory.heap.used", 121, kMinute, [](int i) { return (1200 + i % 10) * kMiB; }, "By");
        out.series("jvm.memory.heap.max", 2, 2 * kHour, always(2048 * kMiB), "By");
        out.series(
            "jvm.buffer.memory.direct.used", 121, kMinute, [](int i) { return (100 + 5.0 * i) * kMiB; },
            "By");
        return out;
    };
    World killed = world(0.2);
    const QString summary = killed.summary("memory-oom-off-heap");
    QVERIFY2(summary.contains(QLatin1String("direct.used shop rises by 300.0 MiB an hour")),
        qPrintable(summary));
    fires("memory-oom-off-heap", "critical", std::move(killed));
    silent("memory-oom-off-heap", world(0));
}

void TestSeriesRules::processors()
{
    const auto world = [](double busy, double slow) {
        World out;
        out.series("system.cpu.utilization", 60, kMinute, after(40, 0.4, busy), "1");
        out.series("http.server.request.duration.p99", 60, kMinute, after(40, 0.2, slow), "s");
        return out;
    };
    fires("host-cpu-bound", "critical", world(0.85, 3.2));
    silent("host-cpu-bound", world(0.62, 3.2));
    silent("host-cpu-bound", world(0.85, 0.2));
    fires("host-io-bound", "warning", world(0.22, 3.2));
    silent("host-io-bound", world(0.62, 3.2));
    silent("host-io-bound", world(0.22, 0.2));
}

void TestSeriesRules::steal()
{
    const auto world = [](double high, double low) {
        World out;
        out.series("system.cpu.steal", 60, kMinute, always(high), "1", "a");
        for (const char *instance : {"b", "c", "d"})
            out.series("system.cpu.steal", 60, kMinute, always(low), "1", instance);
        return out;
    };
    fires("cpu-steal", "critical", world(0.12, 0.01));
    silent("cpu-steal", world(0.02, 0.01));
    silent("cpu-steal", world(0.12, 0.12));
}

void TestSeriesRules::descriptors()
{
    const auto world = [](double open) {
        World out;
        out.series("process.open_fds", 60, kMinute, always(open));
        out.series("process.max_fds", 60, kMinute, always(1024));
        return out;
    };
    fires("fd-near-limit", "warning", world(820));
    fires("fd-near-limit", "critical", world(1000));
    silent("fd-near-limit", world(500));
}

QTEST_GUILESS_MAIN(TestSeriesRules)
#include "tst_seriesrules.moc"
