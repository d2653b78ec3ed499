// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The heat map of a remote store: rows of whole buckets, counts that are exact, filters that say a selection.
#include "items/remoteheat.h"
#include "live/remote/remotestore.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

using namespace tailscope;
using namespace tailscope::items;
using analysis::LogLinearHistogram;

namespace {

live::RemoteHeat heatOf(int bins)
{
    live::RemoteHeat heat;
    heat.range = {1000, 1000 + 60 * kNanosPerSecond + 7};
    heat.bins = bins;
    heat.columns.resize(std::size_t(bins));
    return heat;
}

std::string narrowed(const char *filter, Nanos low, Nanos high)
{
    return narrowedToDurations(*analysis::parseFilter(filter), low, high).toText();
}

} // namespace

class TestRemoteHeatMap : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsHoldWholeBuckets_data();
    void rowsHoldWholeBuckets();
    void binsAreThoseOfTheAnswer();
    void countsPast32Bits();
    void nothingIsNoRow();
    void answersStayBelowTheLimit();
    void selectionsBecomeFilters();
};

void TestRemoteHeatMap::rowsHoldWholeBuckets_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("octaves");
    QTest::newRow("one value") << 1e6 << 0.0;
    QTest::newRow("one octave") << 3e6 << 1.0;
    QTest::newRow("from zero") << 0.0 << 20.0;
    QTest::newRow("only zero") << 0.0 << 0.0;
    QTest::newRow("microseconds to minutes") << 2e3 << 25.0;
    QTest::newRow("everything") << 1.0 << 62.9;
}

void TestRemoteHeatMap::rowsHoldWholeBuckets()
{
    QFETCH(double, low);
    QFETCH(double, octaves);
    live::RemoteHeat heat = heatOf(3);
    std::vector<Nanos> durations;
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> share(0, octaves);
    for (int i = 0; i < 3000; ++i) {
        const double factor = std::exp2(share(random));
        durations.push_back(low > 0 ? Nanos(low * factor) : octaves > 0 && i > 0 ? Nanos(factor) : 0);
        heat.columns[std::size_t(i % 3)].buckets.add(durations.back());
    }
    const RemoteHeatMap map = remoteHeatMap(heat);
    const auto rows = std::size_t(map.bins.rows);
    QVERIFY(rows >= 1 && rows <= 63);
    QCOMPARE(map.edges.size(), rows + 1);
    QVERIFY(std::is_sorted(map.edges.begin(), map.edges.end(), std::less_equal<Nanos>()));
    QVERIFY(map.bins.low >= 1 && map.bins.high > map.bins.low);
    QCOMPARE(map.counts.size(), rows * 3);
    QCOMPARE(map.bins.heat.size(), rows * 3);
    for (std::size_t row = 0; row < rows; ++row) {
        const Nanos from = map.edges[row], to = map.edges[row + 1];
        QCOMPARE(LogLinearHistogram::lowerBound(LogLinearHistogram::bucketOf(from)), from);
        for (std::size_t bin = 0; bin < 3; ++bin) {
            std::int64_t n = 0;
            for (std::size_t i = bin; i < durations.size(); i += 3)
                n += durations[i] >= from && durations[i] < to ? 1 : 0;
            QCOMPARE(map.counts[bin * rows + row], n);
        }
        // Drawn as if the rows were equally high: wrong by less than a sixth of a row.
        const double height = std::log(double(map.bins.high) / double(map.bins.low)) / double(rows);
        const double drawn = std::log(double(map.bins.low)) + height * double(row);
        if (row > 0)
            QVERIFY(std::abs(std::log(double(from)) - drawn) < height / 6);
    }
    QCOMPARE(std::accumulate(map.counts.begin(), map.counts.end(), std::int64_t(0)), std::int64_t(3000));
}

void TestRemoteHeatMap::binsAreThoseOfTheAnswer()
{
    live::RemoteHeat heat = heatOf(7);
    heat.columns[2].buckets.add(kNanosPerMilli, 40);
    heat.columns[2].errors = 3;
    const RemoteHeatMap map = remoteHeatMap(heat);
    QVERIFY(map.bins.range == heat.range);
    QCOMPARE(map.bins.bins.size(), std::size_t(7));
    QCOMPARE(map.bins.bins[2].count, std::int64_t(40));
    QCOMPARE(map.bins.bins[2].errors, std::int64_t(3));
    QCOMPARE(map.bins.bins[2].p99, kUnknownNanos); // known to its bucket only: nothing is told as exact
    for (int bin = 0; bin < 7; ++bin)
        QCOMPARE(map.bins.range.begin + map.bins.binNs * bin, live::binEdge(heat.range, 7, bin));
}

void TestRemoteHeatMap::countsPast32Bits()
{
    live::RemoteHeat heat = heatOf(1);
    heat.columns[0].buckets.add(kNanosPerMilli, 5'000'000'000);
    const RemoteHeatMap map = remoteHeatMap(heat);
    QCOMPARE(*std::max_element(map.counts.begin(), map.counts.end()), std::int64_t(5'000'000'000));
    QCOMPARE(*std::max_element(map.bins.heat.begin(), map.bins.heat.end()), 0xffffffffu);
}

void TestRemoteHeatMap::nothingIsNoRow()
{
    QCOMPARE(remoteHeatMap(heatOf(4)).bins.rows, 0);
    QVERIFY(remoteHeatMap({}).bins.bins.empty());
}

void TestRemoteHeatMap::answersStayBelowTheLimit()
{
    live::RemoteHistogram histogram;
    QCOMPARE(remoteHeatBins(histogram), 120);
    for (int bucket = 0; bucket < 1500; ++bucket)
        histogram.buckets.add(LogLinearHistogram::lowerBound(bucket));
    QCOMPARE(remoteHeatBins(histogram), 120);
    for (const std::size_t shards : {3, 40, 200}) {
        histogram.shards = shards;
        const int bins = remoteHeatBins(histogram);
        QVERIFY(bins >= 1 && bins < 120);
        QVERIFY(std::size_t(bins) * 1500 * shards < live::RemoteStore::kMaxRows);
    }
    histogram.shards = 100'000;
    QCOMPARE(remoteHeatBins(histogram), 1);
}

void TestRemoteHeatMap::selectionsBecomeFilters()
{
    QCOMPARE(narrowed("", 2'000, 5'000'000), std::string("duration>=2us duration<5ms"));
    QCOMPARE(narrowed("service=api duration>=1us duration<9ms", 2'000, 5'000'000),
        std::string("service=api duration>=2us duration<5ms"));
    // What was counted under a narrower bound stays under it.
    QCOMPARE(narrowed("duration>3us duration<=4ms", 2'000, 5'000'000),
        std::string("duration>=3001ns duration<4000001ns"));
    QCOMPARE(narrowed("-duration<3us", 2'000, kUnknownNanos),
        narrowed("-duration<3us", 2'000, std::numeric_limits<Nanos>::max()));
    QVERIFY(narrowed("-duration<3us", 2'000, 5'000).find("duration<3us") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestRemoteHeatMap)
#include "tst_remoteheatmap.moc"
