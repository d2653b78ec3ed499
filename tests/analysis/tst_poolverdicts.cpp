// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Pools from samples: deltas, resets, gaps, several sources and instances, and what is stored of them.
#include "analysis/analysisrun.h"
#include "analysis/poolverdicts.h"
#include "storefixture.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kStart = 1'772'449'200 * kNanosPerSecond;

using Fields = std::vector<std::pair<std::string, double>>;

void add(Source &source, const std::string &pool, const std::string &instance, double second,
    const Fields &values)
{
    std::vector<RecordField> fields{{"pool", std::string_view(pool)},
        {"instance", std::string_view(instance)}, {"kind", std::string_view("connection")},
        {"ts_ns", kStart + Nanos(second * 1e9)}};
    for (const auto &[name, value] : values)
        fields.push_back({name, value});
    source.writer().record({RecordTable::PoolSample, {}, {}, {}, {}, fields});
}

std::vector<PoolSeries> pools(const store::Workspace &workspace)
{
    auto reader = workspace.connectReader();
    return readPools(*reader, {}).value();
}

Result<void> compute(const store::Workspace &workspace)
{
    const Result<WriteRows> write = computePoolVerdicts(workspace, {});
    if (!write)
        return tl::unexpected(write.error());
    return storeRun(workspace, AnalysisRun{"pool_verdict", 1, "{}", 0, 0}, *write);
}

bool isNear(double value, double expected) { return std::abs(value - expected) <= 1e-6 * std::abs(expected); }

} // namespace

class TestPoolVerdicts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void busyTimeMayContainTheWait();
    void resetsAndGapsGiveNoRates();
    void sourcesAreMerged();
    void instancesAddUp();
    void ceilingIsNamed();
    void hostileFigures();
    void nothingIsUnknown();
    void manySamplesFast();
};

/// PgBouncer 1.18 on the machine: 135 transactions of 0.2 s with 102.2 s of waiting.
void TestPoolVerdicts::busyTimeMayContainTheWait()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    add(source, "bench", "", 0,
        {{"acquired", 0}, {"wait_total_ms", 0}, {"busy_total_ms", 0}, {"busy_includes_wait", 1}});
    add(source, "bench", "", 7,
        {{"acquired", 135}, {"wait_total_ms", 102'200}, {"busy_total_ms", 129'465}, {"busy_includes_wait", 1},
            {"capacity", 4}, {"active", 4}, {"waiting", 16}});
    source.finish();
    const PoolBin bin = binsOf(pools(*workspace).front()).back();
    QVERIFY(isNear(bin.serviceMs, (129'465.0 - 102'200) / 135));
    QVERIFY(isNear(bin.meanWaitMs, 102'200.0 / 135));
    QVERIFY(isNear(bin.meanQueue, 102.2 / 7)); // Little: time waited per second
    QVERIFY(isNear(bin.busy, 27.265 / 7));
    QVERIFY(isNear(bin.throughput, 135.0 / 7));
}

void TestPoolVerdicts::resetsAndGapsGiveNoRates()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const double counters[]{100, 200, 300, 5, 105};
    for (int i = 0; i < 5; ++i)
        add(source, "main", "a", i, {{"acquired", counters[i]}, {"active", 3}, {"capacity", 10}});
    add(source, "main", "a", 100, {{"acquired", 9000}, {"active", 3}, {"capacity", 10}});
    source.finish();
    const std::vector<PoolBin> bins = binsOf(pools(*workspace).front());
    QCOMPARE(bins.size(), std::size_t(6));
    QVERIFY(std::isnan(bins[0].throughput));
    QCOMPARE(bins[2].throughput, 100.0);
    QVERIFY(std::isnan(bins[3].throughput)); // began anew
    QCOMPARE(bins[4].throughput, 100.0);
    QVERIFY(std::isnan(bins[5].throughput)); // after a gap of 96 s
}

void TestPoolVerdicts::sourcesAreMerged()
{
    const auto workspace = newWorkspace();
    for (int file = 0; file < 2; ++file) {
        Source source(*workspace);
        for (int i = 0; i < 10; ++i)
            add(source, "main", "a", file * 8 + i, {{file == 0 ? "active" : "idle", 4}, {"capacity", 10}});
        source.finish();
    }
    const std::vector<PoolSeries> all = pools(*workspace);
    QCOMPARE(all.size(), std::size_t(1));
    QCOMPARE(all[0].samples.size(), std::size_t(18)); // two times are in both
    QCOMPARE(all[0].sourceId, std::int64_t(0));
    QVERIFY(all[0].samples[8].active == 4 && all[0].samples[8].idle == 4);
    QVERIFY(std::isnan(all[0].samples[17].active));
}

void TestPoolVerdicts::instancesAddUp()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    for (int i = 0; i < 60; ++i) {
        add(source, "main", "a", i,
            {{"active", 3}, {"capacity", 10}, {"wait_p99_ms", 5}, {"acquired", i * 100.0}});
        add(source, "main", "b", i + 0.4,
            {{"active", 5}, {"capacity", 10}, {"wait_p99_ms", 50}, {"acquired", i * 50.0}});
    }
    source.finish();
    const std::vector<PoolSeries> all = pools(*workspace);
    const std::vector<PoolBin> bins = binsOf({&all[0], &all[1]});
    QVERIFY(bins.size() >= 59 && bins.size() <= 61);
    const PoolBin &middle = bins[30];
    QCOMPARE(middle.instances, 2);
    QCOMPARE(middle.active, 8.0);
    QCOMPARE(middle.capacity, 20.0);
    QCOMPARE(middle.waitP99Ms, 50.0); // of the worst, no average
    QVERIFY(isNear(middle.throughput, 150));
}

void TestPoolVerdicts::ceilingIsNamed()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    for (int i = 0; i < 120; ++i)
        add(source, "main", "a", i,
            {{"active", i < 60 ? 5 : 20}, {"idle", i < 60 ? 15 : 0}, {"capacity", 20},
                {"waiting", i < 60 ? 0 : i - 59}, {"wait_p99_ms", i < 60 ? 1 : 900}});
    source.finish();
    TS_VERIFY_OK(compute(*workspace));
    QCOMPARE(query(*workspace, "SELECT verdict, cause, ceiling, ceiling_value, n FROM pool_verdict"),
        std::string("exhausted unknown pool size 20.0 120"));
    QCOMPARE(query(*workspace, "SELECT what, name, value, samples FROM pool_ceiling"),
        std::string("connections pool size 20.0 60"));
}

void TestPoolVerdicts::hostileFigures()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    add(source, "main", "a", 0, {{"active", -5}, {"capacity", 1e308}, {"waiting", -1}});
    add(source, "main", "a", 0, {{"active", 1e308}, {"capacity", 0}});
    add(source, "main", "a", 1e9, {{"active", 3}, {"acquired", 1e300}});
    add(source, "main", "a", -1e9, {{"acquired", -3}});
    source.finish();
    TS_VERIFY_OK(compute(*workspace));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM pool_verdict"), std::string("1"));
}

void TestPoolVerdicts::nothingIsUnknown()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(compute(*workspace));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM pool_verdict"), std::string("0"));
    Source source(*workspace);
    add(source, "main", "a", 0, {{"created", 5}});
    source.finish();
    TS_VERIFY_OK(compute(*workspace));
    QCOMPARE(query(*workspace, "SELECT verdict, cause, utilisation, demand, leak_per_hour FROM pool_verdict"),
        std::string("unknown none - - -"));
}

void TestPoolVerdicts::manySamplesFast()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    for (int instance = 0; instance < 20; ++instance) {
        for (int i = 0; i < 5000; ++i)
            add(source, "main", "i" + std::to_string(instance), i,
                {{"active", 3.0 + i % 7}, {"capacity", 10}, {"acquired", i * 100.0}, {"waiting", 0}});
    }
    source.finish();
    QElapsedTimer watch;
    watch.start();
    TS_VERIFY_OK(compute(*workspace));
    qInfo("100,000 samples: %lld ms", static_cast<long long>(watch.elapsed()));
    QVERIFY2(watch.elapsed() < 10'000, "100,000 samples took more than ten seconds");
    QCOMPARE(query(*workspace, "SELECT count(*) FROM pool_verdict"), std::string("21"));
}

QTEST_GUILESS_MAIN(TestPoolVerdicts)
#include "tst_poolverdicts.moc"
