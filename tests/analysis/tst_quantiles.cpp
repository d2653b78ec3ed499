// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/histogram.h"
#include "analysis/quantiles.h"
#include "spanfixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;

namespace {

std::vector<Nanos> oneTo(Nanos n, Nanos step = 1)
{
    std::vector<Nanos> values;
    for (Nanos i = 1; i <= n; ++i)
        values.push_back(i * step);
    return values;
}

Nanos percentileOf(std::vector<Nanos> values, Quantile q) { return percentile(values, q).value_or(-1); }

} // namespace

class TestQuantiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knownAnswersOfNearestRank();
    void rankIsIntegerArithmetic();
    void rankOfExtremes();
    void fixtureOfTenThousand();
    void percentileAgainstSort();
    void minimumSampleSizes();
    void intervalRanks();
    void intervalOfHugeSamples();
    void weightedKnownAnswers();
    void weightedIgnoresBadWeights();
    void equalWeightsGiveNearestRank();
    void combiningPercentiles();
    void bucketsCoverEverything();
    void bucketWidths();
    void mergedHistogramIsTheWhole();
    void rankInHistogram();
};

void TestQuantiles::knownAnswersOfNearestRank()
{
    QCOMPARE(percentileOf(oneTo(100), kP50), 50);
    QCOMPARE(percentileOf(oneTo(100), kP99), 99);
    QCOMPARE(percentileOf(oneTo(100), kP999), 100);
    QCOMPARE(percentileOf({4, 2, 1, 3}, kP50), 2);
    QCOMPARE(percentileOf({4, 2, 1, 3}, kP95), 4);
    QCOMPARE(percentileOf(oneTo(10, 10), kP90), 90);
    QCOMPARE(percentileOf(oneTo(10, 10), kP95), 100);
    QCOMPARE(percentileOf(oneTo(10, 10), kP99), 100);
    std::vector<Nanos> twoModes(99, 2);
    twoModes.push_back(150);
    QCOMPARE(percentileOf(twoModes, kP99), 2);
    QCOMPARE(percentileOf(twoModes, kP999), 150);
    QCOMPARE(percentileOf({7}, kP50), 7);
    std::vector<Nanos> none;
    QVERIFY(!percentile(none, kP50));
}

void TestQuantiles::rankIsIntegerArithmetic()
{
    for (const std::int64_t percent : {7, 14, 28, 55, 56})
        QCOMPARE(nearestRank(100, {percent, 100}), percent);
    QCOMPARE(nearestRank(10'000'000, kP999), 9'990'000);
    QCOMPARE(nearestRank(3'000'000'000'000, {999'999'999, 1'000'000'000}), 2'999'999'997'000);
}

void TestQuantiles::rankOfExtremes()
{
    QCOMPARE(nearestRank(1, {1, 1'000'000}), 1);
    QCOMPARE(nearestRank(5, {1, 1}), 5);
    QCOMPARE(nearestRank(5, {7, 5}), 5); // above 1 is no quantile: the largest
    QCOMPARE(nearestRank(0, kP50), 1);
}

void TestQuantiles::fixtureOfTenThousand()
{
    // Nanoseconds; the middle values are about 27.545 ms so that the mean is 22 ms.
    std::vector<Nanos> values;
    const auto add
        = [&values](int count, Nanos value) { values.insert(values.end(), std::size_t(count), value); };
    add(5000, 12'000'000);
    add(4499, 27'545'000);
    add(1, 45'000'000);
    add(399, 60'000'000);
    add(1, 90'000'000);
    add(100, 120'000'000);
    QCOMPARE(values.size(), std::size_t(10'000));
    QCOMPARE(percentileOf(values, kP50), 12'000'000);
    QCOMPARE(percentileOf(values, kP95), 45'000'000);
    QCOMPARE(percentileOf(values, kP99), 90'000'000);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 1e6 / double(values.size());
    QVERIFY(std::abs(mean - 22.0) < 0.01);
}

void TestQuantiles::percentileAgainstSort()
{
    Random random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<Nanos> values;
        const std::int64_t n = 1 + random.below(300);
        for (std::int64_t i = 0; i < n; ++i)
            values.push_back(random.below(round % 2 == 0 ? 10 : 1'000'000));
        std::vector<Nanos> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        for (const Quantile q : {kP50, kP90, kP95, kP99, kP999})
            QCOMPARE(percentileOf(values, q), sorted[std::size_t(nearestRank(n, q) - 1)]);
    }
}

void TestQuantiles::minimumSampleSizes()
{
    QCOMPARE(minimumSamples(kP50), 2);
    QCOMPARE(minimumSamples(kP95), 20);
    QCOMPARE(minimumSamples(kP99), 100);
    QCOMPARE(minimumSamples(kP999), 1000);
    QCOMPARE(minimumSamples({1, 1}), std::numeric_limits<std::int64_t>::max());
    // At the minimum the quantile is not the maximum any more; one below it is.
    for (const Quantile q : {kP50, kP90, kP95, kP99, kP999}) {
        const std::int64_t n = minimumSamples(q);
        QVERIFY(nearestRank(n, q) < n);
        QCOMPARE(nearestRank(n - 1, q), n - 1);
    }
}

void TestQuantiles::intervalRanks()
{
    const auto check = [](std::int64_t n, Quantile q, std::int64_t lower, std::optional<std::int64_t> upper) {
        const RankInterval interval = rankInterval95(n, q);
        QCOMPARE(interval.lowerRank, lower);
        QCOMPARE(interval.upperRank.has_value(), upper.has_value());
        if (upper)
            QCOMPARE(*interval.upperRank, *upper);
    };
    check(100, kP50, 40, 61);
    check(1000, kP95, 936, 964);
    check(1000, kP99, 983, 997);
    check(10'000, kP99, 9880, 9920);
    check(300, kP99, 293, std::nullopt);
    // The upper bound begins to exist where q^n falls below 2.5 %.
    QVERIFY(!rankInterval95(71, kP95).upperRank);
    QVERIFY(rankInterval95(72, kP95).upperRank);
    QVERIFY(!rankInterval95(367, kP99).upperRank);
    QVERIFY(rankInterval95(368, kP99).upperRank);
    QVERIFY(!rankInterval95(3687, kP999).upperRank);
    QVERIFY(rankInterval95(3688, kP999).upperRank);
    // Too few for a lower bound, and nonsense.
    QCOMPARE(rankInterval95(1, kP50).lowerRank, 0);
    QCOMPARE(rankInterval95(0, kP50).lowerRank, 0);
    QVERIFY(!rankInterval95(100, {1, 1}).upperRank);
}

void TestQuantiles::intervalOfHugeSamples()
{
    for (const Quantile q : {kP50, kP99, kP999}) {
        for (const std::int64_t n : {std::int64_t(10'000'000), std::int64_t(5'000'000'000)}) {
            const RankInterval interval = rankInterval95(n, q);
            const double p = double(q.num) / double(q.den);
            const double half = 1.96 * std::sqrt(double(n) * p * (1 - p));
            QVERIFY(std::abs(double(interval.lowerRank) - (double(n) * p - half)) < half * 0.01 + 2);
            QVERIFY(
                std::abs(double(interval.upperRank.value_or(0)) - (double(n) * p + half)) < half * 0.01 + 2);
        }
    }
}

void TestQuantiles::weightedKnownAnswers()
{
    // 90 normal ones kept at 10 %, 10 errors kept at 100 %: 10 of 910 are errors, so P98.9 is still normal.
    std::vector<WeightedValue> values;
    for (int i = 0; i < 90; ++i)
        values.push_back({10, 10});
    for (int i = 0; i < 10; ++i)
        values.push_back({1000, 1});
    QCOMPARE(weightedPercentile(values, kP95).value_or(-1), 10);
    QCOMPARE(weightedPercentile(values, {9889, 10'000}).value_or(-1), 10);
    QCOMPARE(weightedPercentile(values, kP99).value_or(-1), 1000);
    double errors = 0, all = 0;
    for (const WeightedValue &value : values) {
        all += value.weight;
        errors += value.value == 1000 ? value.weight : 0;
    }
    QVERIFY(std::abs(errors / all - 10.0 / 910) < 1e-12);
    // 1 % errors, normal kept at 10 %: the raw share is 9.17 %, the weighted one is 1 %.
    QVERIFY(std::abs(0.01 / (0.99 * 0.1 + 0.01) - 0.0917) < 5e-5);
}

void TestQuantiles::weightedIgnoresBadWeights()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<WeightedValue> values{{1, 1}, {2, nan}, {3, -5}, {4, 0}, {5, 1}};
    QCOMPARE(weightedPercentile(values, kP50).value_or(-1), 1);
    QCOMPARE(weightedPercentile(values, kP99).value_or(-1), 5);
    std::vector<WeightedValue> useless{{1, 0}, {2, nan}};
    QVERIFY(!weightedPercentile(useless, kP50));
    std::vector<WeightedValue> none;
    QVERIFY(!weightedPercentile(none, kP50));
}

void TestQuantiles::equalWeightsGiveNearestRank()
{
    Random random(2);
    for (const double weight : {1.0, 1 / 0.3, 1e-3, 7.7}) {
        for (int n = 1; n < 250; n += 7) {
            std::vector<WeightedValue> weighted;
            std::vector<Nanos> plain;
            for (int i = 0; i < n; ++i) {
                plain.push_back(random.below(1000));
                weighted.push_back({plain.back(), weight});
            }
            for (const Quantile q : {kP50, kP90, kP95, kP99, kP999})
                QCOMPARE(weightedPercentile(weighted, q).value_or(-1), percentileOf(plain, q));
        }
    }
}

void TestQuantiles::combiningPercentiles()
{
    const auto merged = [](std::vector<std::pair<int, Nanos>> parts) {
        std::vector<Nanos> values;
        for (const auto &[count, value] : parts)
            values.insert(values.end(), std::size_t(count), value);
        return values;
    };
    QCOMPARE(percentileOf(merged({{99, 10}, {1, 1000}}), kP99), 10);
    QCOMPARE(percentileOf(merged({{99, 10}, {1, 1000}, {100, 10}}), kP99), 10);
    QCOMPARE(percentileOf(merged({{98, 10}, {2, 1000}}), kP99), 1000);
    QCOMPARE(percentileOf(merged({{98, 10}, {2, 1000}, {9800, 10}}), kP99), 10);
}

void TestQuantiles::bucketsCoverEverything()
{
    using H = LogLinearHistogram;
    for (int bucket = 0; bucket < H::kBuckets; ++bucket) {
        QCOMPARE(H::bucketOf(H::lowerBound(bucket)), bucket);
        QCOMPARE(H::bucketOf(H::upperBound(bucket) - 1), bucket);
        if (bucket > 0)
            QCOMPARE(H::lowerBound(bucket), H::upperBound(bucket - 1));
    }
    QCOMPARE(H::bucketOf(std::numeric_limits<Nanos>::max() - 1), H::kBuckets - 1);
    QCOMPARE(H::bucketOf(std::numeric_limits<Nanos>::max()), H::kBuckets - 1);
    QCOMPARE(H::bucketOf(-5), 0);
}

void TestQuantiles::bucketWidths()
{
    using H = LogLinearHistogram;
    for (int bucket = 0; bucket + 1 < H::kBuckets; ++bucket) {
        const Nanos low = H::lowerBound(bucket), width = H::upperBound(bucket) - low;
        QVERIFY(low < H::kSubBuckets ? width == 1 : double(width) <= double(low) / H::kSubBuckets);
    }
}

void TestQuantiles::mergedHistogramIsTheWhole()
{
    Random random(3);
    LogLinearHistogram whole, left, right;
    for (int i = 0; i < 5000; ++i) {
        const Nanos value = random.below(i % 2 == 0 ? 1000 : 1'000'000'000);
        whole.add(value);
        (random.chance(30) ? left : right).add(value);
    }
    left.merge(right);
    QCOMPARE(left.total(), whole.total());
    QVERIFY(left.counts() == whole.counts());
    left.clear();
    QCOMPARE(left.total(), 0);
    QCOMPARE(left.bucketOfRank(1), -1);
}

void TestQuantiles::rankInHistogram()
{
    LogLinearHistogram histogram;
    for (Nanos i = 0; i < 100; ++i)
        histogram.add(i);
    QCOMPARE(histogram.bucketOfRank(1), 0);
    QCOMPARE(histogram.bucketOfRank(50), 49);
    QCOMPARE(histogram.bucketOfRank(101), -1);
    QCOMPARE(histogram.countBefore(49), 49);
    QCOMPARE(histogram.countBefore(LogLinearHistogram::kBuckets), 100);
}

QTEST_GUILESS_MAIN(TestQuantiles)
#include "tst_quantiles.moc"
