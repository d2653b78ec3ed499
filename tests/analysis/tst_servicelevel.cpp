// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Service levels: indicator, budget, burn, outage, causes, users, replay of alerts; figures worked out by
// hand.
#include "analysis/servicelevel.h"

#include <QTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

Quantile objective(const char *text)
{
    const auto parsed = parseObjective(text);
    if (!parsed)
        qFatal("no objective: %s", text);
    return *parsed;
}

bool near(double a, double b, double relative = 1e-9) { return std::abs(a - b) <= relative * std::abs(b); }

} // namespace

class TestServiceLevel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void indicator();
    void objectives();
    void budgetsAreExact();
    void burn();
    void burnOverTime();
    void burnMatchesTheSlowWay();
    void outages();
    void availabilityOfSystems();
    void causes();
    void users();
    void replay();
};

void TestServiceLevel::indicator()
{
    const SliRule rule{200 * kNanosPerMilli, true};
    SliCounts counts;
    const auto add = [&](int n, std::uint16_t status, Nanos duration) {
        for (int i = 0; i < n; ++i)
            counts.add(classify(status, status >= 500, duration, rule));
    };
    add(950, 200, 100 * kNanosPerMilli);
    add(20, 200, 900 * kNanosPerMilli);
    add(10, 404, kNanosPerMilli);
    add(5, 429, kNanosPerMilli);
    add(15, 500, kNanosPerMilli);
    QCOMPARE(counts.valid(), 990);
    QCOMPARE(counts.good, 950);
    QCOMPARE(counts.bad(), 40);
    QVERIFY(near(*counts.share(), 950.0 / 990.0));
    QCOMPARE(classify(200, false, 200 * kNanosPerMilli, rule), SliClass::Good); // equal passes
    QCOMPARE(classify(200, false, 200 * kNanosPerMilli + 1, rule), SliClass::Slow);
    QCOMPARE(classify(302, false, 1, rule), SliClass::Good);
    QCOMPARE(classify(101, false, 1, rule), SliClass::Excluded);
    QCOMPARE(classify(429, false, 1, {kUnknownNanos, false}), SliClass::Excluded);
    QCOMPARE(classify(0, true, 1, rule), SliClass::Failed);
    QCOMPARE(classify(0, false, 1, rule), SliClass::Good);
    QCOMPARE(classify(200, false, kUnknownNanos, rule), SliClass::Unknown);
    QCOMPARE(classify(200, false, kUnknownNanos, {}), SliClass::Good);
    QCOMPARE(classify(503, true, kUnknownNanos, rule), SliClass::Failed);
    QVERIFY(!SliCounts{}.share()); // no traffic is not 100 %
    SliCounts onlyExcluded;
    onlyExcluded.add(SliClass::Excluded, 7);
    QVERIFY(!onlyExcluded.share());
}

void TestServiceLevel::objectives()
{
    const Quantile three{999, 1000}, fine{1999, 2000};
    QCOMPARE(parseObjective("99.9 %"), std::optional(three));
    QCOMPARE(parseObjective("99,9"), std::optional(three));
    QCOMPARE(parseObjective("0.999"), std::optional(three));
    QCOMPARE(parseObjective("999/1000"), std::optional(three));
    QCOMPARE(parseObjective(" 99.95% "), std::optional(fine));
    QCOMPARE(parseObjective("100"), std::optional(Quantile{1, 1}));
    QCOMPARE(parseObjective("1"), std::optional(Quantile{1, 1}));
    QCOMPARE(parseObjective("0.5 %"), std::optional(Quantile{1, 200}));
    for (const char *bad : {"", "%", "0", "-1", "101", "1/0", "3/2", "abc", "99.9.9", "1e99"})
        QVERIFY2(!parseObjective(bad), bad);
    QCOMPARE(objectiveText(three), std::string("99.9 %"));
    QCOMPARE(objectiveText(fine), std::string("99.95 %"));
    QCOMPARE(objectiveText({1, 1}), std::string("100 %"));
    QCOMPARE(objectiveText({1, 3}), std::string("33.3333333333 %"));
}

void TestServiceLevel::budgetsAreExact()
{
    // In doubles (1 - 0.999) * 10,000,000 is 10,000.00000000001.
    ErrorBudget budget = errorBudget(10'000'000, 0, objective("99.9"));
    QCOMPARE(budget.allowed, (Fraction{10'000, 1}));
    QVERIFY(near(budget.allowed.value() / 24, 416.6666666667));
    QVERIFY(near(budget.allowed.value() / 1440, 6.9444444444));
    QCOMPARE(errorBudget(10'000'000, 0, objective("99.99")).allowed, (Fraction{1'000, 1}));
    QCOMPARE(errorBudget(100'000'000, 0, objective("99.99")).allowed, (Fraction{10'000, 1}));
    budget = errorBudget(50'000'000, 45'000, objective("99.95"));
    QCOMPARE(budget.allowed, (Fraction{25'000, 1}));
    QCOMPARE(budget.left, (Fraction{-20'000, 1}));
    QVERIFY(!budget.isKept);
    QVERIFY(near(*budget.spent, 1.8));
    QCOMPARE(errorBudget(30 * std::int64_t(50'000'000), 0, objective("99.95")).allowed.floor(), 750'000);
    budget = errorBudget(50'000'000, 28'200, objective("99.95"));
    QCOMPARE(budget.left, (Fraction{-3'200, 1}));
    QVERIFY(!budget.isKept);
    QVERIFY(errorBudget(50'000'000, 25'000, objective("99.95")).isKept); // equal passes
    QVERIFY(!errorBudget(50'000'000, 25'001, objective("99.95")).isKept);
    // A third of a failure is not allowed as a whole one, and negative rests round down.
    QCOMPARE(errorBudget(1, 0, {2, 3}).allowed, (Fraction{1, 3}));
    QCOMPARE(errorBudget(1, 1, {2, 3}).left.floor(), -1);
    // 100 %: every failure is one too many, and the spent share has no value.
    budget = errorBudget(1000, 1, {1, 1});
    QVERIFY(!budget.isKept && !budget.spent);
    QVERIFY(errorBudget(1000, 0, {1, 1}).isKept);
    // As many requests as fit.
    QCOMPARE(errorBudget(9'000'000'000'000'000'000, 0, objective("99.9")).allowed,
        (Fraction{9'000'000'000'000'000, 1}));
    budget = errorBudget(300'000'000, 100'000, objective("99.9"));
    QVERIFY(near(*daysToExhaustion(budget, 10'000), 20));
    QVERIFY(!daysToExhaustion(budget, 0));
    QCOMPARE(*daysToExhaustion(errorBudget(10, 5, objective("99.9")), 1), 0.0);
}

void TestServiceLevel::burn()
{
    QVERIFY(near(*burnRate(100, 8, objective("99.9")), 80));
    QVERIFY(near(*burnRate(100, 8, objective("99.95")), 160));
    QCOMPARE(*burnRate(100, 0, objective("99.9")), 0.0);
    QVERIFY(!burnRate(0, 0, objective("99.9")));
    QVERIFY(!burnRate(100, 1, {1, 1})); // infinite
    QCOMPARE(*burnRate(100, 0, {1, 1}), 0.0);
    QVERIFY(near(*secondsToEmpty(14.4, 30 * kDay), 50 * 3600));
    QVERIFY(!secondsToEmpty(0, 30 * kDay));
    // 14.4 for an hour spends 2 % of 30 days.
    QVERIFY(near(14.4 * 1 / (30 * 24), 0.02));
}

void TestServiceLevel::burnOverTime()
{
    // 1,000 requests a minute; from minute 120 to 180 2 % fail: burn 20 at 99.9 %.
    std::vector<SloBin> bins;
    for (int minute = 0; minute < 300; ++minute) {
        const int bad = minute >= 120 && minute < 180 ? 20 : 0;
        bins.push_back({minute * kMinute, {1000 - bad, 0, bad, 0, 0, 0}});
    }
    const BurnHistory fast = burnHistory(bins, kMinute, kBurnAlerts[0], objective("99.9"));
    QVERIFY(fast.isCovered);
    // Long window: k bad minutes of 60 give 20 k / 60; 14.4 needs 43.2, so the end of the 44th bad minute.
    QCOMPARE(*fast.firstFired, (120 + 44) * kMinute);
    // It stops by the short window: two bad minutes of five are 8; three are 12; four 16.
    QCOMPARE(*fast.lastFired, (180 + 1) * kMinute);
    QVERIFY(near(fast.worst, 20));
    QCOMPARE(*fast.worstAt, 180 * kMinute);
    const BurnHistory slow = burnHistory(bins, kMinute, kBurnAlerts[1], objective("99.9"));
    QVERIFY(!slow.isCovered && !slow.firstFired && slow.worst == 0);
    // Exactly at the threshold fires: 14.4 permille of 1,000 would be 14.4 requests, so 72 of 5,000.
    std::vector<SloBin> edge;
    for (int minute = 0; minute < 120; ++minute)
        edge.push_back({minute * kMinute, {5000 - 72, 0, 72, 0, 0, 0}});
    QVERIFY(burnHistory(edge, kMinute, kBurnAlerts[0], objective("99.9")).firstFired);
    for (SloBin &bin : edge)
        bin.counts = {5000 - 71, 0, 71, 0, 0, 0};
    QVERIFY(!burnHistory(edge, kMinute, kBurnAlerts[0], objective("99.9")).firstFired);
    QVERIFY(burnHistory({}, kMinute, kBurnAlerts[0], objective("99.9")).at.empty());
}

void TestServiceLevel::burnMatchesTheSlowWay()
{
    std::vector<SloBin> bins;
    std::uint32_t random = 7;
    for (int minute = 0; minute < 600; ++minute) {
        random = random * 1664525 + 1013904223;
        if (random % 5 == 0)
            continue; // a gap
        bins.push_back(
            {minute * kMinute, {std::int64_t(random % 1000), 0, std::int64_t(random % 17), 0, 0, 0}});
    }
    const BurnHistory history = burnHistory(bins, kMinute, kBurnAlerts[0], objective("99.9"));
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const Nanos end = bins[i].start + kMinute;
        SliCounts sum;
        for (const SloBin &bin : bins)
            if (bin.start < end && bin.start >= end - kHour)
                sum += bin.counts;
        const auto burn = burnRate(sum.valid(), sum.bad(), objective("99.9"));
        QVERIFY(burn ? near(history.longBurn[i], *burn) || *burn == history.longBurn[i]
                     : std::isnan(history.longBurn[i]));
    }
}

void TestServiceLevel::outages()
{
    const Nanos window = 30 * kDay;
    QCOMPARE(allowedOutage(objective("99.5"), window), 216 * kMinute);
    QCOMPARE(allowedOutage(objective("99.9"), window), 43 * kMinute + 12 * kNanosPerSecond);
    QCOMPARE(allowedOutage(objective("99.95"), window), 21 * kMinute + 36 * kNanosPerSecond);
    QCOMPARE(allowedOutage(objective("99.99"), window), 259'200 * kNanosPerMilli); // 4.32 min
    QCOMPARE(allowedOutage(objective("99.99"), 365 * kDay), 3'153'600 * kNanosPerMilli); // 52.56 min
    const auto percent = [&](int minutes, const char *target) {
        return QString::number(100 * outageShare(minutes * kMinute, objective(target), window)->value(), 'f',
            1);
    };
    QCOMPARE(percent(47, "99.5"), QStringLiteral("21.8"));
    QCOMPARE(percent(47, "99.9"), QStringLiteral("108.8"));
    QCOMPARE(percent(47, "99.95"), QStringLiteral("217.6"));
    QCOMPARE(percent(20, "99.5"), QStringLiteral("9.3"));
    QCOMPARE(percent(20, "99.9"), QStringLiteral("46.3"));
    QCOMPARE(percent(20, "99.95"), QStringLiteral("92.6"));
    // Half of the instances for 20 minutes count as 10.
    QCOMPARE(*outageShare(20 * kMinute, objective("99.9"), window, {1, 2}),
        *outageShare(10 * kMinute, objective("99.9"), window));
    QVERIFY(!outageShare(kMinute, {1, 1}, window));
}

void TestServiceLevel::availabilityOfSystems()
{
    const auto series
        = [](int n, double each) { return *availabilityInSeries(std::vector<double>(std::size_t(n), each)); };
    QCOMPARE(QString::number(100 * series(30, 0.999), 'f', 2), QStringLiteral("97.04"));
    QCOMPARE(QString::number(100 * series(4, 0.999), 'f', 2), QStringLiteral("99.60"));
    QCOMPARE(QString::number(100 * series(5, 0.999), 'f', 2), QStringLiteral("99.50"));
    const std::vector<double> two{0.99, 0.99};
    QVERIFY(near(*availabilityInParallel(two), 0.9999));
    QCOMPARE(*availabilityInSeries(std::vector<double>{0.9, 0.0}), 0.0);
    QVERIFY(!availabilityInSeries({}) && !availabilityInSeries(std::vector<double>{1.1}));
    QCOMPARE(*blastRadius(0.3, 100, 600), 18'000.0);
    QVERIFY(near(*blastRadius(0.3, 100, 600) * 50 * 0.1, 90'000));
    QVERIFY(!blastRadius(1.2, 1, 1));
}

void TestServiceLevel::causes()
{
    const auto pareto = failurePareto({{"defect", {}, 9'000}, {"timeout", {}, 18'000},
        {"limiting", {}, 6'750}, {"exhaustion", {}, 11'250}});
    QCOMPARE(pareto.front().category, std::string("timeout"));
    QVERIFY(near(pareto.front().share, 0.4));
    QVERIFY(near(pareto.back().cumulative, 1));
    QCOMPARE(failuresAfterFix(45'000, 18'000, 16'800), 28'200);
    QCOMPARE(failuresAfterFix(45'000, 18'000, 99'000), 27'000); // no more than there are
    QCOMPARE(QString::number(100 * (1 - 28'200 / 50e6), 'f', 4), QStringLiteral("99.9436"));
    QCOMPARE(failureCategory(504, {}), std::string_view("timeout"));
    QCOMPARE(failureCategory(429, {}), std::string_view("limiting"));
    QCOMPARE(failureCategory(500, "pool timeout"), std::string_view("exhaustion"));
    QCOMPARE(failureCategory(500, "Deadline exceeded"), std::string_view("timeout"));
    QCOMPARE(failureCategory(502, {}), std::string_view("infrastructure"));
    QCOMPARE(failureCategory(500, {}), std::string_view("defect"));
    QCOMPARE(failureCategory(0, {}), std::string_view("other"));
}

void TestServiceLevel::users()
{
    const auto hurt = usersHurt(10'000, kP99);
    QVERIFY(near(hurt->perSecond, 100) && near(hurt->perMinute, 6'000) && near(hurt->perHour, 360'000));
    QVERIFY(near(usersHurt(50'000 / 60.0, kP99)->perMinute, 500));
    QCOMPARE(requestsBeyond(1'000'000, kP99), (Fraction{10'000, 1}));
    QVERIFY(near(usersHurt(1'000'000 / 86'400.0, kP99)->perDay, 10'000));
    QVERIFY(!usersHurt(-1, kP99));
    QVERIFY(near(usersHurtShare(10, 0.5)->perHour, 18'000));
}

void TestServiceLevel::replay()
{
    // A lag that grows by 118,056 an hour from 14:17:00 on, seen every second.
    std::vector<TimedValue> lag, progress;
    const Nanos begin = 14 * kHour;
    for (int second = 0; second <= 2 * 3600; ++second) {
        const double grown = std::max(0, second - 17 * 60) * 118'056.0 / 3600;
        lag.push_back({begin + second * kNanosPerSecond, grown});
        progress.push_back({begin + second * kNanosPerSecond, double(std::min(second, 17 * 60))});
    }
    const auto at = [&](const AlertRule &rule) {
        const auto fired = replayAlert(lag, rule, progress).firstFired;
        return fired ? (*fired - begin) / kNanosPerSecond : -1;
    };
    using Kind = AlertRule::Kind;
    QCOMPARE(at({Kind::Above, 10'000}), 22 * 60 + 5);
    QCOMPARE(at({Kind::Above, 100'000}), 67 * 60 + 50);
    QCOMPARE(at({Kind::Growing, 0, 15 * kMinute}), 32 * 60);
    QCOMPARE(at({Kind::Growing, 0, 30 * kMinute}), 47 * 60);
    QCOMPARE(at({Kind::NoProgress, 0, 5 * kMinute}), 22 * 60);
    QCOMPARE(at({Kind::Above, 1e9}), -1);
    // A rule that needs a week of history cannot fire in two hours.
    const AlertReplay young = replayAlert(lag, {Kind::Above, 10'000, 0, 7 * kDay});
    QVERIFY(young.notYetAble && !young.firstFired);
    QVERIFY(!replayAlert({}, {}).firstFired);
}

QTEST_GUILESS_MAIN(TestServiceLevel)
#include "tst_servicelevel.moc"
