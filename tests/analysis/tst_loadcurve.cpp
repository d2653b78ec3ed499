// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Throughput over concurrency, coordinated omission, slopes; the law's fit against a search over a grid.
#include "analysis/loadcurve.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

double law(double lambda, double sigma, double kappa, double n)
{
    return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

bool near(double a, double b, double relative = 1e-6) { return std::abs(a - b) <= relative * std::abs(b); }

} // namespace

class TestLoadCurve : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void closedLoop();
    void knee();
    void kneeOfLittleIsUnknown();
    void lawIsRecovered();
    void lawWithNoiseMatchesTheGrid();
    void lawThatDoesNotFitSaysSo();
    void omission();
    void correction();
    void correlation();
    void slopes();
};

void TestLoadCurve::closedLoop()
{
    QCOMPARE(QString::number(*closedLoopThroughput(1000, 1, 0.02), 'f', 1), QStringLiteral("980.4"));
    QCOMPARE(QString::number(*closedLoopThroughput(1000, 1, 0.5), 'f', 1), QStringLiteral("666.7"));
    QVERIFY(
        !closedLoopThroughput(0, 1, 1) && !closedLoopThroughput(1, -1, 1) && !closedLoopThroughput(1, 1, 0));
    QVERIFY(near(*thinkSeconds(1000, 980.392156862745, 0.02), 1));
    QVERIFY(!thinkSeconds(10, 1000, 0.02)); // ten users cannot have twenty requests under way
}

void TestLoadCurve::knee()
{
    const auto collapse = throughputKnee({{200, 2900}, {10, 1900}, {25, 4200}, {50, 5000}, {100, 4300}});
    QVERIFY(collapse);
    QCOMPARE(collapse->users, 50.0);
    QVERIFY(collapse->isCollapse && collapse->isPeakReached);
    QVERIFY(near(collapse->last, 0.58));
    const auto plateau = throughputKnee({{10, 1000}, {20, 2000}, {40, 3600}, {80, 3700}, {160, 3690}});
    QCOMPARE(plateau->users, 40.0);
    QVERIFY(near(plateau->perSecond / plateau->peakPerSecond, 0.972972972973));
    QVERIFY(!plateau->isCollapse && plateau->isPeakReached);
    const auto rising = throughputKnee({{1, 10}, {2, 20}, {4, 40}, {8, 80}});
    QVERIFY(!rising->isPeakReached);
    // Equal concurrencies are averaged: 4,000 and 6,000 are the 5,000 of above.
    const auto averaged
        = throughputKnee({{10, 1900}, {25, 4200}, {50, 4000}, {50, 6000}, {100, 4300}, {200, 2900}});
    QCOMPARE(averaged->peakPerSecond, 5000.0);
    QCOMPARE(averaged->users, 50.0);
}

void TestLoadCurve::kneeOfLittleIsUnknown()
{
    QVERIFY(!throughputKnee({{1, 1}, {2, 2}, {3, 3}}));
    QVERIFY(!throughputKnee({{1, 1}, {1, 2}, {1, 3}, {1, 4}})); // one level
    const auto none = throughputKnee({{1, 0}, {2, 0}, {3, 0}, {4, 0}});
    QVERIFY(!none && none.error().detail.find("no data") != std::string::npos);
    QVERIFY(!throughputKnee({{0, 1}, {-1, 2}, {NAN, 3}, {INFINITY, 4}, {1, 5}}));
}

void TestLoadCurve::lawIsRecovered()
{
    std::vector<LoadPoint> points;
    for (const double n : {1, 2, 4, 8, 16, 32, 64, 128})
        points.push_back({n, law(900, 0.03, 0.0005, n)});
    auto fit = fitScalability(points);
    QVERIFY(fit);
    QVERIFY2(near(fit->lambda, 900) && near(fit->sigma, 0.03) && near(fit->kappa, 0.0005),
        qPrintable(QStringLiteral("%1 %2 %3").arg(fit->lambda).arg(fit->sigma).arg(fit->kappa)));
    QVERIFY(fit->fits && near(fit->rSquared, 1) && fit->worstResidual < 1e-6);
    QVERIFY(near(*fit->bestUsers, std::sqrt(0.97 / 0.0005)));
    QCOMPARE(fit->residuals.size(), points.size());
    // No contention at all: a straight line has no best concurrency.
    points.clear();
    for (const double n : {1, 3, 5, 9, 20})
        points.push_back({n, 120 * n});
    fit = fitScalability(points);
    QVERIFY(near(fit->lambda, 120) && fit->sigma < 1e-9 && fit->kappa < 1e-12 && fit->fits);
    // Amdahl only.
    points.clear();
    for (const double n : {1, 4, 16, 64, 256})
        points.push_back({n, law(50, 0.1, 0, n)});
    fit = fitScalability(points);
    QVERIFY(near(fit->sigma, 0.1, 1e-5) && fit->kappa < 1e-9);
}

void TestLoadCurve::lawWithNoiseMatchesTheGrid()
{
    std::mt19937 random(46);
    std::uniform_real_distribution<double> noise(0.96, 1.04);
    std::vector<LoadPoint> points;
    for (const double n : {2, 5, 10, 20, 40, 80, 160})
        points.push_back({n, law(400, 0.02, 0.0002, n) * noise(random)});
    const auto fit = fitScalability(points);
    QVERIFY(fit && fit->fits);
    const auto squares = [&](double lambda, double sigma, double kappa) {
        double sum = 0;
        for (const LoadPoint &point : points) {
            const double miss = point.perSecond - law(lambda, sigma, kappa, point.users);
            sum += miss * miss;
        }
        return sum;
    };
    double best = INFINITY;
    for (double lambda = 300; lambda <= 500; lambda += 2)
        for (double sigma = 0; sigma <= 0.06; sigma += 0.001)
            for (double kappa = 0; kappa <= 0.0006; kappa += 0.00001)
                best = std::min(best, squares(lambda, sigma, kappa));
    // Weighted and linear, not the exact minimum: within a tenth of what the grid finds.
    QVERIFY2(squares(fit->lambda, fit->sigma, fit->kappa) <= best * 1.1,
        qPrintable(
            QStringLiteral("%1 against %2").arg(squares(fit->lambda, fit->sigma, fit->kappa)).arg(best)));
}

void TestLoadCurve::lawThatDoesNotFitSaysSo()
{
    QVERIFY(!fitScalability({{1, 1}, {2, 2}, {3, 3}}));
    QVERIFY(!fitScalability({{1, 0}, {2, 0}, {3, 0}, {4, 0}}));
    // A cliff: the pool ends at 100 users.
    const auto fit
        = fitScalability({{10, 1000}, {25, 2500}, {50, 5000}, {100, 10000}, {110, 500}, {200, 450}});
    QVERIFY(fit && !fit->fits);
    QVERIFY(fit->worstResidual > 0.15);
}

void TestLoadCurve::omission()
{
    // One user, a request each 10 ms, 1 ms long; after 5,000 of them one takes 20 s, in which nothing starts.
    std::vector<LoadRequest> closed, open;
    Nanos at = 0;
    for (int i = 0; i < 10'000; ++i) {
        const Nanos duration = i == 5'000 ? 20 * kNanosPerSecond : kNanosPerMilli;
        closed.push_back({at, duration});
        at += std::max<Nanos>(duration, 10 * kNanosPerMilli);
        open.push_back({i * 10 * kNanosPerMilli, duration});
    }
    const OmissionTest suspect = omissionTest(closed);
    QCOMPARE(suspect.stalls, 1);
    QVERIFY(near(suspect.expected, 2000, 0.01));
    QCOMPARE(suspect.started, 0);
    QVERIFY(suspect.isSuspect);
    // The same stall while an open generator goes on.
    const OmissionTest fine = omissionTest(open);
    QCOMPARE(fine.stalls, 1);
    QVERIFY(fine.missing() < 0.01 && !fine.isSuspect);
    QVERIFY(!omissionTest(std::span(closed).first(50)).isSuspect);
    // Many users: one of a hundred is stuck, the others go on.
    std::vector<LoadRequest> many;
    for (int i = 0; i < 10'000; ++i)
        many.push_back({i * kNanosPerMilli, i == 3'000 ? 4 * kNanosPerSecond : 90 * kNanosPerMilli});
    QVERIFY(!omissionTest(many).isSuspect);
}

void TestLoadCurve::correction()
{
    // 100 s of 1 ms answers, then a stall of 100 s: half of the time every request would have waited.
    std::vector<Nanos> sorted(10'000, kNanosPerMilli);
    sorted.push_back(100 * kNanosPerSecond);
    const auto at = [](const std::vector<Nanos> &values, Quantile q) {
        return values[std::size_t(nearestRank(std::int64_t(values.size()), q) - 1)];
    };
    QCOMPARE(at(sorted, {9999, 10000}), kNanosPerMilli); // told: "99.99 % in 1 ms"
    const auto corrected = correctedForOmission(sorted, 10 * kNanosPerMilli);
    QVERIFY(corrected);
    QCOMPARE(corrected->size(), 10'000u + 10'000u);
    QCOMPARE(at(*corrected, kP50), kNanosPerMilli);
    QVERIFY(near(double(at(*corrected, {3, 4})), 50e9, 0.001));
    QVERIFY(near(double(at(*corrected, kP99)), 98e9, 0.001));
    QVERIFY(!correctedForOmission(sorted, 0));
    QVERIFY(!correctedForOmission(sorted, 10 * kNanosPerMilli, 15'000));
}

void TestLoadCurve::correlation()
{
    std::vector<double> a, b, c;
    for (int i = 0; i < 20; ++i) {
        a.push_back(i);
        b.push_back(-i * i);
        c.push_back(3);
    }
    QCOMPARE(*rankCorrelation(a, b), -1.0);
    QCOMPARE(*rankCorrelation(a, a), 1.0);
    QCOMPARE(*rankCorrelation(a, c), 0.0);
    QVERIFY(!rankCorrelation(std::span(a).first(9), b));
    a[3] = NAN;
    QCOMPARE(*rankCorrelation(a, b), -1.0);
}

void TestLoadCurve::slopes()
{
    std::vector<Nanos> times;
    std::vector<double> leak, flat;
    std::mt19937 random(90);
    std::uniform_real_distribution<double> noise(-5, 5);
    for (int i = 0; i < 24 * 60; ++i) {
        times.push_back(i * 60 * kNanosPerSecond);
        leak.push_back(i % 97 == 0 ? 5000 : 1000 + 50.0 * i / 60 + noise(random)); // 50 an hour, with spikes
        flat.push_back(1000 + noise(random));
    }
    const auto rising = theilSen(times, leak);
    QVERIFY(rising && near(rising->perHour, 50, 0.01));
    QVERIFY(rising->grows() && !rising->falls() && rising->lower <= 50 && rising->upper >= 50);
    QVERIFY(near(rising->hours, 24, 0.01));
    const auto level = theilSen(times, flat);
    QVERIFY(level && !level->grows() && !level->falls());
    QVERIFY(std::abs(*level->relative()) < 0.01);
    QVERIFY(!theilSen(std::span(times).first(7), leak));
}

QTEST_GUILESS_MAIN(TestLoadCurve)
#include "tst_loadcurve.moc"
