// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Queueing formulas and the overload model against known answers and slow ways.
#include "analysis/overload.h"
#include "analysis/queueing.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

bool isNear(double value, double expected, double relative)
{
    return std::abs(value - expected) <= relative * std::max(std::abs(expected), 1e-12);
}

/// Erlang C by its textbook sum, in logarithms.
double slowErlangC(double load, int servers)
{
    const auto term = [&](int k) { return std::exp(k * std::log(load) - std::lgamma(k + 1.0) - load); };
    double below = 0;
    for (int k = 0; k < servers; ++k)
        below += term(k);
    const double top = term(servers) / (1 - load / servers);
    return top / (below + top);
}

OverloadInput flashSale(double holdS)
{
    OverloadInput input;
    input.arrivals = {{-60, 2000}, {0, 2000}, {30, 18'000}, {120, 18'000}};
    input.servers = 200;
    input.holdS = holdS;
    return input;
}

} // namespace

class TestQueueing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void little();
    void utilisation();
    void singleServer();
    void erlangExact();
    void erlangTable_data();
    void erlangTable();
    void erlangIsTheTextbookSum();
    void smallPoolsTipFirst();
    void domainsAreErrors();
    void capacity();
    void closedLoopAndBatch();
    void knee();
    void goodput();
    void flashSaleTransient();
    void flashSaleWithShorterHold();
    void acquireTimeout();
    void burst();
    void overloadIsTheStepByStepQueue();
    void overloadDomain();
};

void TestQueueing::little()
{
    QVERIFY(isNear(*littleNumber(100, 0.2), 20, 1e-12));
    QVERIFY(isNear(*littleNumber(5000, 0.05), 250, 1e-12));
    QVERIFY(isNear(*littleNumber(2000, 5), 10'000, 1e-12));
    QVERIFY(isNear(*littleNumber(3000, 0.04), 120, 1e-12));
    QVERIFY(isNear(*littleNumber(15'000, 0.01), 150, 1e-12));
    QCOMPARE(*littleNumber(0, 1), 0.0);
    QVERIFY(isNear(*littleTime(24, 2000), 0.012, 1e-12));
    QVERIFY(isNear(*littleRate(24, 0.012), 2000, 1e-12));
    QVERIFY(!littleTime(1, 0));
    QVERIFY(!littleRate(1, 0));
    QVERIFY(isSteady(100, 96) && !isSteady(100, 94));
}

void TestQueueing::utilisation()
{
    using State = Utilisation::State;
    QVERIFY(isNear(utilisationOf(3000, 0.02, 80)->rho, 0.75, 1e-12));
    const auto sale = utilisationOf(18'000, 0.012, 200);
    QVERIFY(sale->state == State::Unstable && isNear(sale->rho, 1.08, 1e-9));
    QVERIFY(isNear(sale->growthPerS, 1333.3333, 1e-6));
    QVERIFY(isNear(utilisationOf(3000, 0.04, 100)->growthPerS, 500, 1e-9));
    QVERIFY(utilisationOf(10'000, 0.012, 120)->state == State::Edge);
    QVERIFY(utilisationOf(3000, 0.02, 60)->state == State::Edge);
    QVERIFY(!utilisationOf(1, 0, 1) && !utilisationOf(1, 1, 0));
}

void TestQueueing::singleServer()
{
    const std::pair<double, double> answers[]{{0.5, 2}, {0.6, 2.5}, {0.7, 10.0 / 3}, {0.8, 5}, {0.9, 10},
        {0.95, 20}, {0.99, 100}};
    for (const auto &[rho, factor] : answers)
        QVERIFY(isNear(*singleServerFactor(rho), factor, 1e-9));
    QVERIFY(!singleServerFactor(1) && !singleServerFactor(-0.1) && !singleServerFactor(NAN));
}

void TestQueueing::erlangExact()
{
    const std::tuple<int, double, double> answers[]{{1, 0.5, 0.5}, {2, 1, 1.0 / 3}, {3, 2, 4.0 / 9},
        {5, 4, 128.0 / 231}};
    for (const auto &[servers, load, wait] : answers)
        QVERIFY(isNear(erlangC(load, 1, servers)->waitProbability, wait, 1e-12));
}

void TestQueueing::erlangTable_data()
{
    QTest::addColumn<double>("rate");
    QTest::addColumn<double>("service");
    QTest::addColumn<int>("servers");
    QTest::addColumn<double>("rho");
    QTest::addColumn<double>("c");
    QTest::addColumn<double>("wq");
    QTest::addColumn<double>("p99");
    QTest::newRow("1") << 1.0 << 1.0 << 2 << 0.5 << 0.333333 << 0.333333 << 3.50656;
    QTest::newRow("61") << 3000.0 << 0.02 << 61 << 0.983607 << 0.852421 << 0.0170484 << 0.088910;
    QTest::newRow("80") << 3000.0 << 0.02 << 80 << 0.75 << 0.00873697 << 8.737e-6 << 0.0;
    QTest::newRow("121") << 3000.0 << 0.04 << 121 << 0.991736 << 0.892822 << 0.035713 << 0.179672;
    QTest::newRow("200") << 9000.0 << 0.02 << 200 << 0.90 << 0.0944712 << 94.47e-6 << 2.2457e-3;
    QTest::newRow("11") << 500.0 << 0.02 << 11 << 0.909091 << 0.682118 << 0.013642 << 0.084452;
    QTest::newRow("25") << 1000.0 << 0.02 << 25 << 0.80 << 0.209103 << 836.4e-6 << 0.012161;
    QTest::newRow("32") << 1000.0 << 0.02 << 32 << 0.625 << 0.00896366 << 14.94e-6 << 0.0;
}

void TestQueueing::erlangTable()
{
    QFETCH(double, rate);
    QFETCH(double, service);
    QFETCH(int, servers);
    QFETCH(double, rho);
    QFETCH(double, c);
    QFETCH(double, wq);
    QFETCH(double, p99);
    const auto result = erlangC(rate, service, servers);
    QVERIFY(result.has_value());
    QVERIFY(isNear(result->rho, rho, 1e-4));
    QVERIFY(isNear(result->waitProbability, c, 1e-4));
    QVERIFY(isNear(result->meanWaitS, wq, 3e-4));
    QVERIFY2(p99 == 0 ? result->waitS(0.99) == 0 : isNear(result->waitS(0.99), p99, 1e-4),
        qPrintable(QString::number(result->waitS(0.99))));
    QVERIFY(isNear(result->meanQueue, rate * result->meanWaitS, 1e-9));
}

void TestQueueing::erlangIsTheTextbookSum()
{
    for (const int servers : {1, 2, 7, 40, 171, 500, 3000}) {
        for (const double rho : {0.1, 0.6, 0.9, 0.99}) {
            const auto result = erlangCAt(rho, 0.5, servers);
            QVERIFY(result.has_value());
            const double slow = slowErlangC(rho * servers, servers);
            QVERIFY2(slow < 1e-12 || isNear(result->waitProbability, slow, 1e-6),
                qPrintable(QStringLiteral("%1 %2").arg(servers).arg(rho)));
        }
    }
}

void TestQueueing::smallPoolsTipFirst()
{
    const std::pair<double, std::pair<double, double>> answers[]{{0.85, {14.60, 0.171}},
        {0.90, {24.05, 1.347}}, {0.95, {51.90, 4.318}}, {0.98, {134.91, 12.71}}};
    for (const auto &[rho, waits] : answers) {
        QVERIFY(isNear(erlangCAt(rho, 0.012, 20)->waitS(0.99) * 1000, waits.first, 1e-3));
        QVERIFY(isNear(erlangCAt(rho, 0.012, 200)->waitS(0.99) * 1000, waits.second, 5e-3));
    }
    const double small = *erlangKnee(0.012, 20), large = *erlangKnee(0.012, 200);
    QVERIFY(small < large && small > 0.8 && large > 0.95);
    QVERIFY(isNear(erlangCAt(small, 0.012, 20)->waitS(0.99), 0.012, 1e-4));
    QCOMPARE(*serversForWait(3000, 0.02, 0.05), std::int64_t(62));
    QCOMPARE(*serversForWait(1000, 0.02, 0.0), std::int64_t(32));
}

void TestQueueing::domainsAreErrors()
{
    QVERIFY(!erlangC(3000, 0.02, 60)); // the edge
    QVERIFY(erlangC(3000, 0.02, 59).error().detail.find("unstable") != std::string::npos);
    QVERIFY(!erlangC(1, 1, 10'001) && !erlangC(0, 1, 1) && !erlangC(1, NAN, 1));
    QVERIFY(!serversForWait(1e6, 1, 0.05));
    QCOMPARE(erlangC(1, 1, 2)->waitS(1), 0.0);
}

void TestQueueing::capacity()
{
    const auto all = capacityOf(200, 0.012, 18'000);
    QVERIFY(isNear(all->ceilingPerS, 16'666.67, 1e-6));
    const auto less = capacityOf(160, 0.012, 18'000);
    QVERIFY(isNear(less->ceilingPerS, 13'333.33, 1e-6));
    QVERIFY(isNear(less->deficitShare, 0.259259, 1e-5));
    const auto held = capacityOf(160, 0.017388, 18'000);
    QVERIFY(isNear(held->ceilingPerS, 9201.75, 1e-5));
    QVERIFY(isNear(held->deficitShare, 0.48879, 1e-4));
    QCOMPARE(capacityOf(300, 0.012, 18'000)->deficitPerS, 0.0);
    QVERIFY(isNear(capacityOf(200, 1, 2000.0 / 60)->saturationS, 6, 1e-9));
    QVERIFY(isNear(capacityOf(100, 1, 100)->saturationS, 1, 1e-12));
    QVERIFY(!capacityOf(0, 1, 1) && !capacityOf(1, 0, 1));
}

void TestQueueing::closedLoopAndBatch()
{
    QVERIFY(isNear(*closedLoopRate(1000, 1, 0.02), 980.392, 1e-5));
    QVERIFY(isNear(*closedLoopRate(1000, 1, 0.5), 666.667, 1e-5));
    QVERIFY(!closedLoopRate(0, 1, 1));
    const auto batch = batchAtOnce(100, 10, 0.05);
    QCOMPARE(batch->waiting, std::int64_t(90));
    QVERIFY(isNear(batch->lastWaitS, 0.45, 1e-12) && isNear(batch->doneS, 0.5, 1e-12));
    QVERIFY(isNear(batchAtOnce(10'000, 200, 0.05)->doneS, 2.5, 1e-12));
    QVERIFY(isNear(batchAtOnce(10'000, 200, 0.012)->doneS, 0.6, 1e-12));
    QVERIFY(
        isNear(batchAtOnce(50, 6, 1)->doneS, 9, 1e-12) && isNear(batchAtOnce(100, 6, 1)->doneS, 17, 1e-12));
    QCOMPARE(batchAtOnce(5, 10, 1)->waiting, std::int64_t(0));
    QCOMPARE(batchAtOnce(5, 10, 1)->lastWaitS, 0.0);
    QVERIFY(!batchAtOnce(5, 0, 1));
}

void TestQueueing::knee()
{
    const ThroughputPoint falls[]{{10, 1900}, {25, 4200}, {50, 5000}, {100, 4300}, {200, 2900}};
    const auto collapse = throughputKnee(falls);
    QCOMPARE(collapse->knee, 50.0);
    QVERIFY(collapse->collapses && isNear(collapse->lastShare, 0.58, 1e-9) && collapse->peakReached);
    const ThroughputPoint flat[]{{10, 1000}, {20, 2000}, {40, 3600}, {80, 3700}, {160, 3690}};
    const auto plateau = throughputKnee(flat);
    QCOMPARE(plateau->knee, 40.0);
    QVERIFY(!plateau->collapses && isNear(plateau->kneeThroughput / plateau->peak, 0.97297, 1e-4));
    const ThroughputPoint rising[]{{10, 1}, {20, 2}, {40, 3}, {80, 4}, {80, 6}};
    QVERIFY(!throughputKnee(rising)->peakReached);
    QCOMPARE(throughputKnee(rising)->peak, 5.0); // the mean of the two
    QVERIFY(!throughputKnee(std::span(falls).first(3)));
    const ThroughputPoint none[]{{1, 0}, {2, 0}, {3, 0}, {4, 0}};
    QVERIFY(!throughputKnee(none));
}

void TestQueueing::goodput()
{
    const CompletedCall calls[]{{0, 1}, {0, 5}, {1, 12}, {2, 9.5}, {3, 30}};
    const auto result = goodputOf(calls, 10, 0, 10);
    QCOMPARE(result->completed, std::int64_t(3));
    QVERIFY(isNear(result->goodputPerS, 0.3, 1e-12) && result->waste == 0);
    const auto late = goodputOf(calls, 10, 0, 40);
    QVERIFY(isNear(late->waste, 0.4, 1e-12)); // 11 s and 27 s of five
    QVERIFY(!goodputOf(calls, 0, 0, 10) && !goodputOf(calls, 1000, 0, 10));
}

void TestQueueing::flashSaleTransient()
{
    const auto result = simulateOverload(flashSale(0.017388));
    QVERIFY(result.has_value());
    QVERIFY(isNear(result->capacityPerS, 11'502.2, 1e-5));
    QVERIFY(std::abs(*result->pinnedS - 17.82) < 0.01);
    QVERIFY(std::abs(*result->utilisationReaches(0.7) - 11.35) < 0.01);
    QVERIFY(std::abs(*result->utilisationReaches(0.9) - 15.66) < 0.01);
    const std::pair<double, double> waits[]{{0.2, 20.75}, {0.5, 22.46}, {2, 27.10}, {10, 41.61}, {30, 77.01}};
    for (const auto &[wait, at] : waits)
        QVERIFY2(std::abs(*result->waitReaches(wait) - at) < 0.01, qPrintable(QString::number(wait)));
    // Backlog at 74 s: of the sums of arrivals and of what was served.
    OverloadInput until = flashSale(0.017388);
    until.arrivals.back() = {74, 18'000};
    const auto at74 = simulateOverload(until);
    QVERIFY(isNear(at74->maxBacklog, 325'487, 1e-4));
    QVERIFY(std::abs(at74->maxWaitS - 28.298) < 0.003);
    QVERIFY(!at74->drainedS);
    QVERIFY(isNear(at74->arrived, at74->served + at74->timedOut + at74->maxBacklog, 1e-9));
}

void TestQueueing::flashSaleWithShorterHold()
{
    OverloadInput input = flashSale(0.012);
    input.arrivals = {{0, 18'000}, {74, 18'000}};
    QVERIFY(std::abs(simulateOverload(input)->maxWaitS - 5.92) < 0.01);
    input.holdS = 0.011;
    const auto calm = simulateOverload(input);
    QVERIFY(!calm->pinnedS && calm->maxBacklog == 0 && !calm->waitReaches(0.001));
}

void TestQueueing::acquireTimeout()
{
    OverloadInput input = flashSale(0.017388);
    input.acquireTimeoutS = 30;
    input.clientTimeoutS = 10;
    const auto result = simulateOverload(input);
    QVERIFY(std::abs(result->timeoutShare - 0.361) < 0.0005);
    QVERIFY(result->maxWaitS <= 30.0001);
    // Waiting and the hold together pass 10 s a moment before the wait alone does.
    QVERIFY(std::abs(*result->noGoodputS - 41.61) < 0.1);
    QCOMPARE(result->curve.back().goodputPerS, 0.0);
    QVERIFY(result->curve.back().timeoutsPerS > 6000);
    input.acquireTimeoutS = 2;
    const auto refused = simulateOverload(input);
    QVERIFY(!refused->noGoodputS && refused->abandoned == 0);
    QVERIFY(isNear(refused->curve.back().goodputPerS, 11'502, 1e-2));
}

void TestQueueing::burst()
{
    OverloadInput input;
    input.arrivals = {{0, 9000}, {5, 9000}, {5, 3000}, {30, 3000}};
    input.servers = 100;
    input.holdS = 0.02;
    const auto result = simulateOverload(input);
    QVERIFY(isNear(result->maxBacklog, 20'000, 1e-3));
    QVERIFY(isNear(result->maxWaitS, 4, 1e-3));
    QVERIFY(std::abs(*result->drainedS - 15) < 0.01);
}

/// One queue entry a request: the fluid must agree with it.
void TestQueueing::overloadIsTheStepByStepQueue()
{
    OverloadInput input;
    input.arrivals = {{0, 300}, {10, 300}};
    input.servers = 4;
    input.holdS = 0.02; // 200 per second
    const auto result = simulateOverload(input);
    std::vector<double> freeAt(4, 0);
    double longest = 0;
    for (int i = 0; i < 3000; ++i) {
        const double arrival = i / 300.0;
        auto soonest = std::min_element(freeAt.begin(), freeAt.end());
        const double start = std::max(arrival, *soonest);
        longest = std::max(longest, start - arrival);
        *soonest = start + 0.02;
    }
    QVERIFY2(std::abs(result->maxWaitS - longest) < 0.03, qPrintable(QString::number(longest)));
}

void TestQueueing::overloadDomain()
{
    OverloadInput input = flashSale(0.012);
    input.holdS = 0;
    QVERIFY(!simulateOverload(input));
    input = flashSale(0.012);
    std::swap(input.arrivals[1], input.arrivals[2]);
    QVERIFY(!simulateOverload(input));
    input.arrivals = {{0, 1}};
    QVERIFY(!simulateOverload(input));
    input = flashSale(0.012);
    input.arrivals[0].ratePerS = -1;
    QVERIFY(!simulateOverload(input));
    input = flashSale(0.012);
    input.acquireTimeoutS = 0;
    QVERIFY(!simulateOverload(input));
}

QTEST_GUILESS_MAIN(TestQueueing)
#include "tst_queueing.moc"
