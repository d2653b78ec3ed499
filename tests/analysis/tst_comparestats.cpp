// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Two-sample tests against known answers and against counting every possibility.
#include "analysis/comparestats.h"
#include "analysis/radixsort.h"
#include "spanfixture.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

using Values = std::vector<Nanos>;

Values sorted(Values values)
{
    std::sort(values.begin(), values.end());
    return values;
}

MannWhitney test(const Values &a, const Values &b) { return *mannWhitney(sorted(a), sorted(b)); }

Values range(Nanos first, Nanos last)
{
    Values values(std::size_t(last - first + 1));
    std::iota(values.begin(), values.end(), first);
    return values;
}

#define NEAR(actual, expected, tolerance)                                                                    \
    QVERIFY2(std::abs((actual) - (expected)) <= (tolerance),                                                 \
        qPrintable(QStringLiteral("%1 is not %2")                                                            \
                       .arg(double(actual), 0, 'g', 10)                                                      \
                       .arg(double(expected), 0, 'g', 10)))

/// The slow way: every assignment of the pooled values to the two samples is as likely as any other.
double enumeratedP(const Values &a, const Values &b)
{
    Values pooled = a;
    pooled.insert(pooled.end(), b.begin(), b.end());
    const auto pairs = [](const Values &x, const Values &y) {
        double u = 0;
        for (const Nanos left : x)
            for (const Nanos right : y)
                u += left > right ? 1 : left == right ? 0.5 : 0;
        return u;
    };
    const double half = double(a.size() * b.size()) / 2;
    const double observed = std::abs(pairs(a, b) - half);
    std::vector<char> inFirst(pooled.size(), 0);
    std::fill(inFirst.begin(), inFirst.begin() + std::ptrdiff_t(a.size()), 1);
    std::sort(inFirst.begin(), inFirst.end());
    double as = 0, all = 0;
    do {
        Values x, y;
        for (std::size_t i = 0; i < pooled.size(); ++i)
            (inFirst[i] ? x : y).push_back(pooled[i]);
        as += std::abs(pairs(x, y) - half) >= observed - 1e-9 ? 1 : 0;
        all += 1;
    } while (std::next_permutation(inFirst.begin(), inFirst.end()));
    return as / all;
}

/// The slow way: all tables of the margins, by exact factorials in long double.
double enumeratedFisher(Count a, Count b)
{
    const auto choose = [](std::int64_t n, std::int64_t k) {
        long double value = 1;
        for (std::int64_t i = 1; i <= k; ++i)
            value = value * (long double)(n - k + i) / (long double)i;
        return value;
    };
    const std::int64_t hits = a.x + b.x;
    const long double all = choose(a.n + b.n, hits);
    const long double observed = choose(a.n, a.x) * choose(b.n, b.x) / all;
    long double p = 0;
    for (std::int64_t x = std::max<std::int64_t>(0, hits - b.n); x <= std::min(hits, a.n); ++x) {
        const long double here = choose(a.n, x) * choose(b.n, hits - x) / all;
        if (here <= observed * (1 + 1e-9L))
            p += here;
    }
    return double(p);
}

} // namespace

class TestCompareStats : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void manyValuesSortAsFewDo()
    {
        spanfixture::Random random(5);
        for (const std::size_t n : {std::size_t(0), std::size_t(100), std::size_t(50'000)}) {
            for (const std::int64_t limit : {std::int64_t(1), std::int64_t(3), std::int64_t(1) << 40,
                     std::numeric_limits<std::int64_t>::max()}) {
                std::vector<Nanos> values(n);
                for (Nanos &value : values)
                    value = random.below(limit);
                std::vector<Nanos> expected = values;
                std::sort(expected.begin(), expected.end());
                sortNanos(values);
                QVERIFY(values == expected);
            }
        }
    }

    void mannWhitneyKnownAnswers();
    void mannWhitneyAgainstEnumeration();
    void singleDayIsNeverSignificant();
    void wilsonKnownAnswers();
    void twoProportionsKnownAnswers();
    void fisherAgainstEnumeration();
    void adjustments();
    void percentileRatios();
    void ratioIntervalsCover();
};

void TestCompareStats::mannWhitneyKnownAnswers()
{
    const MannWhitney apart = test(range(1, 5), range(6, 10));
    QCOMPARE(apart.u1, 0.0);
    QCOMPARE(apart.u2, 25.0);
    QVERIFY(apart.isExact);
    NEAR(apart.p, 2.0 / 252, 1e-12);
    QCOMPARE(apart.effect, 1.0);

    const MannWhitney small = test({19, 22, 16, 29, 24}, {20, 11, 17, 12});
    QCOMPARE(small.u1, 17.0);
    QCOMPARE(small.u2, 3.0);
    NEAR(small.p, 14.0 / 126, 1e-12);

    const MannWhitney ties = test({1, 2, 2, 3}, {2, 3, 3, 4});
    QCOMPARE(ties.u1, 3.0);
    QCOMPARE(ties.u2, 13.0);
    QVERIFY(!ties.isExact);
    NEAR(ties.sd, 3.2950, 5e-5);
    NEAR(ties.z, 1.366, 5e-4);

    const MannWhitney shifted = test(range(1, 20), range(11, 30));
    QCOMPARE(shifted.u1, 50.0);
    QCOMPARE(shifted.u2, 350.0);
    NEAR(shifted.sd, 36.951, 5e-4);
    NEAR(shifted.z, 4.046, 5e-4);
    NEAR(shifted.p, 5.2e-5, 5e-7);
    QCOMPARE(shifted.effect, 0.875);

    const MannWhitney week = test({80, 84, 88, 92, 95, 99, 103}, {72, 74, 71, 76, 73, 75, 77});
    QCOMPARE(week.u2, 0.0);
    NEAR(week.p, 2.0 / 3432, 1e-12);

    const MannWhitney same = test({5, 5, 5}, {5, 5});
    QCOMPARE(same.sd, 0.0);
    QCOMPARE(same.p, 1.0);
    QCOMPARE(same.effect, 0.5);
    QVERIFY(!mannWhitney({}, Values{1}));
}

void TestCompareStats::mannWhitneyAgainstEnumeration()
{
    spanfixture::Random random(7);
    for (int round = 0; round < 60; ++round) {
        Values pool = range(1, 40);
        for (std::size_t i = pool.size(); i > 1; --i)
            std::swap(pool[i - 1], pool[std::size_t(random.below(std::int64_t(i)))]);
        const auto n1 = std::ptrdiff_t(1 + random.below(6)), n2 = std::ptrdiff_t(1 + random.below(6));
        const Values a(pool.begin(), pool.begin() + n1), b(pool.begin() + n1, pool.begin() + n1 + n2);
        const MannWhitney result = test(a, b);
        QVERIFY(result.isExact);
        NEAR(result.p, enumeratedP(a, b), 1e-9);
        QCOMPARE(result.u1 + result.u2, double(n1 * n2));
        NEAR(test(b, a).p, result.p, 1e-12);
    }
}

void TestCompareStats::singleDayIsNeverSignificant()
{
    NEAR(test({80, 90, 100, 110, 120}, {72}).p, 1.0 / 3, 1e-12);
    NEAR(test(range(80, 93), {72}).p, 2.0 / 15, 1e-12);
}

void TestCompareStats::wilsonKnownAnswers()
{
    NEAR(wilson95({0, 100}).lower, 0, 1e-12);
    NEAR(wilson95({0, 100}).upper, 0.0370, 5e-5);
    NEAR(wilson95({1, 100}).lower, 0.00177, 5e-6);
    NEAR(wilson95({1, 100}).upper, 0.0545, 5e-5);
    NEAR(wilson95({50, 10'000}).lower, 0.00379, 5e-6);
    NEAR(wilson95({50, 10'000}).upper, 0.00659, 5e-6);
    QCOMPARE(wilson95({0, 0}).upper, 1.0);
}

void TestCompareStats::twoProportionsKnownAnswers()
{
    const auto z = [](Count a, Count b) { return *twoProportions(a, b)->z; };
    NEAR(z({5, 1'000}, {6, 1'000}), 0.302, 5e-4);
    NEAR(z({50, 10'000}, {60, 10'000}), 0.956, 5e-4);
    NEAR(twoProportions({50, 10'000}, {60, 10'000})->p, 0.339, 5e-4);
    NEAR(z({500, 100'000}, {600, 100'000}), 3.023, 5e-4);
    NEAR(twoProportions({500, 100'000}, {600, 100'000})->p, 0.0025, 5e-5);
    NEAR(z({5, 1'000}, {21, 1'000}), 3.158, 5e-4);
    NEAR(z({50, 10'000}, {210, 10'000}), 9.988, 5e-4);
    NEAR(z({500, 100'000}, {2'100, 100'000}), 31.58, 5e-3);
    NEAR(z({18, 2'000}, {27, 2'000}), 1.349, 5e-4);
    NEAR(twoProportions({18, 2'000}, {27, 2'000})->p, 0.177, 5e-4);
    NEAR(z({600, 600'000}, {270, 30'000}), 36.4, 5e-2);
    QVERIFY(!twoProportions({0, 50}, {0, 60})->z);
    QCOMPARE(twoProportions({0, 50}, {0, 60})->p, 1.0);
    QVERIFY(twoProportions({0, 50}, {3, 60})->isExact);
    QVERIFY(!twoProportions({0, 0}, {3, 60}));
}

void TestCompareStats::fisherAgainstEnumeration()
{
    NEAR(fisherExact({3, 4}, {1, 4}), 0.4857142857, 1e-9); // the tea tasting
    spanfixture::Random random(11);
    for (int round = 0; round < 200; ++round) {
        const std::int64_t n1 = 1 + random.below(60), n2 = 1 + random.below(300);
        const Count a{random.below(n1 + 1), n1}, b{random.below(n2 + 1), n2};
        NEAR(fisherExact(a, b), enumeratedFisher(a, b), 1e-7);
    }
    // Large samples end and stay within [0, 1].
    const double huge = fisherExact({4, 1'000'000}, {40, 9'000'000});
    QVERIFY(huge > 0.9 && huge <= 1.0);
    QVERIFY(fisherExact({480, 500}, {40, 9'500}) < 1e-300 || fisherExact({480, 500}, {40, 9'500}) == 0.0);
}

void TestCompareStats::adjustments()
{
    const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
    const std::vector<double> holmed = holm(p);
    NEAR(holmed[3], 0.02, 1e-12);
    NEAR(holmed[0], 0.03, 1e-12);
    NEAR(holmed[2], 0.06, 1e-12);
    NEAR(holmed[1], 0.06, 1e-12); // never below a smaller one
    NEAR(bonferroni(p)[0], 0.04, 1e-12);
    NEAR(bonferroni(p, 10)[0], 0.1, 1e-12);
    QCOMPARE(bonferroni(p, 1'000)[1], 1.0);
    QVERIFY(holm({}).empty());
}

void TestCompareStats::percentileRatios()
{
    const PercentileRatio doubled = percentileRatio(
        range(1, 1'000),
        [] {
            Values twice = range(1, 1'000);
            for (Nanos &value : twice)
                value *= 2;
            return twice;
        }(),
        kP95);
    QCOMPARE(doubled.first.value, Nanos(950));
    QCOMPARE(doubled.second.value, Nanos(1'900));
    NEAR(*doubled.ratio, 2, 1e-12);
    QVERIFY(*doubled.lower95 > 1.9 && *doubled.lower95 < 2 && *doubled.upper95 > 2 && *doubled.upper95 < 2.1);
    // Constant samples: no width.
    const PercentileRatio flat = percentileRatio(Values(300, 100), Values(300, 121), kP95);
    NEAR(*flat.lower95, 1.21, 1e-12);
    NEAR(*flat.upper95, 1.21, 1e-12);
    // Twenty values do not bound a P95 from above.
    const PercentileRatio few = percentileRatio(range(1, 20), range(1, 1'000), kP95);
    QVERIFY(few.ratio && !few.lower95);
    QVERIFY(!percentileRatio({}, range(1, 20), kP50).ratio);
    QVERIFY(!percentileRatio(Values(30, 0), range(1, 20), kP50).ratio);
    QCOMPARE(verdictSamples(kP50), std::int64_t(20));
    QCOMPARE(verdictSamples(kP95), std::int64_t(200));
    QCOMPARE(verdictSamples(kP99), std::int64_t(1'000));
    QCOMPARE(verdictSamples(kP999), std::int64_t(10'000));
}

/// Two samples of one distribution: the interval of the ratio holds 1 in at least 95 of 100 cases (MOVER is
/// slightly conservative); an interval that is far too wide fails too.
void TestCompareStats::ratioIntervalsCover()
{
    spanfixture::Random random(42);
    const auto sample = [&random](int n) {
        Values values;
        for (int i = 0; i < n; ++i)
            values.push_back(Nanos(1e6 * -std::log((double(random.below(1'000'000)) + 1) / 1'000'001)));
        return sorted(values);
    };
    int inside = 0;
    double width = 0;
    constexpr int kRounds = 1'000;
    for (int round = 0; round < kRounds; ++round) {
        const PercentileRatio ratio = percentileRatio(sample(400), sample(400), kP95);
        inside += *ratio.lower95 <= 1 && *ratio.upper95 >= 1 ? 1 : 0;
        width += std::log(*ratio.upper95 / *ratio.lower95) / kRounds;
    }
    QVERIFY2(inside >= 940, qPrintable(QString::number(inside)));
    QVERIFY2(inside <= 990, qPrintable(QString::number(inside)));
    QVERIFY2(width < 0.6, qPrintable(QString::number(width)));
}

QTEST_APPLESS_MAIN(TestCompareStats)
#include "tst_comparestats.moc"
