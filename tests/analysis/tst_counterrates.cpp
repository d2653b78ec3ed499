// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/counterrates.h"
#include "analysis/histogrammerge.h"
#include "base/bucketquantile.h"

#include <cmath>
#include <limits>
#include <string>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Buckets = std::vector<HistogramBucket>;

Nanos sec(double seconds) { return static_cast<Nanos>(seconds * 1e9); }

} // namespace

class TestCounterRates : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void counters();
    void resetsAreNeverNegative();
    void skipsWhatIsNoPoint();
    void deltas();
    void nearestRankInBuckets();
    void boundsAreTheError();
    void refusesUnsoundBuckets();
    void mergesInstances();
    void mergesToCommonBounds();
    void refusesToMerge();
    void says();
};

void TestCounterRates::counters()
{
    const std::vector<tailscope::analysis::SeriesPoint> points{{sec(0), 100}, {sec(10), 150}, {sec(15), 150},
        {sec(15.5), 160}};
    const SeriesRates rates = counterRates(points);
    QCOMPARE(rates.rates.size(), std::size_t(3));
    QCOMPARE(rates.rates[0].perSecond, 5.0);
    QCOMPARE(rates.rates[1].perSecond, 0.0);
    QCOMPARE(rates.rates[2].perSecond, 20.0);
    QCOMPARE(rates.increase, 60.0);
    QCOMPARE(rates.resets, std::int64_t(0));
    QVERIFY(counterRates({}).rates.empty());
    QVERIFY(counterRates(std::span(points).first(1)).rates.empty());
}

void TestCounterRates::resetsAreNeverNegative()
{
    const std::vector<tailscope::analysis::SeriesPoint> points{{sec(0), 1000}, {sec(10), 30}, {sec(20), 40},
        {sec(30), 0}};
    const SeriesRates rates = counterRates(points);
    QCOMPARE(rates.rates[0].perSecond, 3.0);
    QVERIFY(rates.rates[0].afterReset && !rates.rates[1].afterReset && rates.rates[2].afterReset);
    QCOMPARE(rates.rates[2].perSecond, 0.0);
    QCOMPARE(rates.resets, std::int64_t(2));
    QCOMPARE(rates.increase, 40.0);
}

void TestCounterRates::skipsWhatIsNoPoint()
{
    const std::vector<tailscope::analysis::SeriesPoint> points{{sec(0), 1}, {sec(10), std::nan("")},
        {sec(0), 2}, {sec(5), -1}, {sec(20), 21}, {sec(30), kInfinity}};
    const SeriesRates rates = counterRates(points);
    QCOMPARE(rates.rates.size(), std::size_t(1));
    QCOMPARE(rates.rates[0].perSecond, 1.0);
    QCOMPARE(rates.skipped, std::int64_t(4));
}

void TestCounterRates::deltas()
{
    const std::vector<tailscope::analysis::SeriesPoint> points{{sec(10), 99}, {sec(20), 50}, {sec(25), 5}};
    const SeriesRates rates = deltaRates(points);
    QCOMPARE(rates.rates.size(), std::size_t(2));
    QCOMPARE(rates.rates[0].perSecond, 5.0);
    QCOMPARE(rates.rates[1].perSecond, 1.0);
    QCOMPARE(rates.resets, std::int64_t(0));
}

void TestCounterRates::nearestRankInBuckets()
{
    // 99 of 2 ms and one of 150 ms: P99 is still in the first bucket, P99.9 is not.
    const Buckets buckets{{2, 99}, {100, 0}, {150, 1}};
    QCOMPARE(bucketQuantile(buckets, 99, 100)->high, 2.0);
    QCOMPARE(bucketQuantile(buckets, 999, 1000)->high, 150.0);
    QCOMPARE(bucketQuantile(buckets, 999, 1000)->low, 100.0);
    // Integer ranks: 7 % of 100 is rank 7, not 8; every sample has a bucket of its own here.
    Buckets hundred;
    for (int i = 1; i <= 100; ++i)
        hundred.push_back({double(i), 1});
    for (const int q : {1, 7, 14, 28, 50, 55, 56, 99, 100})
        QCOMPARE(bucketQuantile(hundred, q, 100)->high, double(q));
    QCOMPARE(bucketQuantile(hundred, 999, 1000)->high, 100.0);
    // 10,000 samples: P50 12, P95 45, P99 90.
    const Buckets fixture{{12, 5000}, {27.545, 4499}, {45, 1}, {60, 399}, {90, 1}, {120, 100}};
    QCOMPARE(bucketQuantile(fixture, 50, 100)->high, 12.0);
    QCOMPARE(bucketQuantile(fixture, 95, 100)->high, 45.0);
    QCOMPARE(bucketQuantile(fixture, 99, 100)->high, 90.0);
}

void TestCounterRates::boundsAreTheError()
{
    const auto p95 = bucketQuantile(Buckets{{0.01, 90}, {0.1, 8}, {kInfinity, 2}}, 95, 100);
    QCOMPARE(p95->low, 0.01);
    QCOMPARE(p95->high, 0.1);
    QCOMPARE(p95->estimate, 0.01 + 0.09 * 5 / 8);
    QCOMPARE(p95->samples, 100.0);
    const auto p99 = bucketQuantile(Buckets{{0.01, 90}, {0.1, 8}, {kInfinity, 2}}, 99, 100);
    QVERIFY(p99->isOpen());
    QCOMPARE(p99->estimate, 0.1);
    // A histogram around 0 has no lower bound at its lower end.
    const auto low = bucketQuantile(Buckets{{-4, 3}, {4, 1}}, 1, 2);
    QVERIFY(std::isinf(low->low));
    QCOMPARE(low->estimate, -4.0);
}

void TestCounterRates::refusesUnsoundBuckets()
{
    QVERIFY(!bucketQuantile({}, 1, 2));
    QVERIFY(!bucketQuantile(Buckets{{1, 0}, {2, 0}}, 1, 2)); // does not grow
    QVERIFY(!bucketQuantile(Buckets{{2, 1}, {1, 1}}, 1, 2));
    QVERIFY(!bucketQuantile(Buckets{{1, -1}, {2, 5}}, 1, 2));
    QVERIFY(!bucketQuantile(Buckets{{1, std::nan("")}}, 1, 2));
    QVERIFY(!bucketQuantile(Buckets{{1, 1}}, 0, 2));
    QVERIFY(!bucketQuantile(Buckets{{1, 1}}, 3, 2));
}

void TestCounterRates::mergesInstances()
{
    // A: 98 of 10 ms and 2 of 1,000 ms, B: 9,800 of 10 ms. The mean of the P99s would be 505.
    const std::vector<Buckets> two{{{10, 98}, {1000, 2}}, {{10, 9800}, {1000, 0}}};
    QCOMPARE(bucketQuantile(two[0], 99, 100)->high, 1000.0);
    const auto merged = mergeHistograms(two);
    QVERIFY(merged && !merged->coarser);
    const auto p99 = bucketQuantile(merged->buckets, 99, 100);
    QCOMPARE(p99->high, 10.0);
    QCOMPARE(p99->samples, 9900.0);
}

void TestCounterRates::mergesToCommonBounds()
{
    const std::vector<Buckets> two{{{1, 3}, {2, 4}, {5, 1}, {kInfinity, 1}},
        {{1, 1}, {5, 6}, {kInfinity, 0}}};
    const auto merged = mergeHistograms(two);
    QVERIFY(merged && merged->coarser);
    QCOMPARE(merged->buckets, (Buckets{{1, 4}, {5, 11}, {kInfinity, 1}}));
    // What lies above the last common bound is open.
    const std::vector<Buckets> uneven{{{1, 3}, {8, 2}}, {{1, 1}, {9, 5}}};
    QCOMPARE(mergeHistograms(uneven)->buckets.back().count, 7.0);
    QVERIFY(std::isinf(mergeHistograms(uneven)->buckets.back().upper));
}

void TestCounterRates::refusesToMerge()
{
    QVERIFY(!mergeHistograms({}));
    const std::vector<Buckets> nothingInCommon{{{1, 3}}, {{2, 3}}};
    QVERIFY(!mergeHistograms(nothingInCommon));
    const std::vector<Buckets> noCounts{{{1, 3}}, {{1, 0}}};
    QVERIFY(!mergeHistograms(noCounts));
    const std::vector<Buckets> unsorted{{{2, 3}, {1, 1}}};
    QVERIFY(!mergeHistograms(unsorted));
}

void TestCounterRates::says()
{
    QCOMPARE(bucketQuantileText(*bucketQuantile(Buckets{{0.01, 90}, {0.1, 8}, {kInfinity, 2}}, 99, 100), "s"),
        std::string("> 100 ms"));
    QCOMPARE(bucketQuantileText(*bucketQuantile(Buckets{{0.01, 90}, {0.1, 10}}, 95, 100), "s"),
        std::string("estimated 55 ms (10 ms to 100 ms)"));
}

QTEST_GUILESS_MAIN(TestCounterRates)
#include "tst_counterrates.moc"
