// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Formulas of pools and connections against known answers.
#include "analysis/poolformulas.h"
#include "analysis/poolstate.h"

#include <QTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

FleetDemand fleet(std::int64_t instances, std::int64_t size, std::int64_t limit, std::int64_t workers = 1,
    std::int64_t others = 0, std::int64_t reserved = 0)
{
    return fleetDemand({instances, workers, size, others, limit, reserved, 0.7}).value();
}

std::vector<LeakBin> bins(const std::vector<double> &active, double rate)
{
    std::vector<LeakBin> list;
    for (const double value : active)
        list.push_back({value, value, rate});
    return list;
}

} // namespace

class TestPoolFormulas : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void threeSizes();
    void fleets();
    void budgets();
    void multiplexers();
    void connecting();
    void holders();
    void bulkheads();
    void bursts();
    void reconnects();
    void poolerFeatures();
    void causes();
    void leaks();
};

void TestPoolFormulas::threeSizes()
{
    PoolSizeInput input;
    input.ratePerS = 1000;
    input.holdS = 0.02;
    input.cores = 16;
    input.spindles = 0;
    const auto sizes = poolSizes(input);
    QCOMPARE(*sizes->demand, std::int64_t(20));
    QCOMPARE(*sizes->demandLow, std::int64_t(40));
    QCOMPARE(*sizes->demandHigh, std::int64_t(60));
    QCOMPARE(*sizes->serverBound, std::int64_t(32));
    QCOMPARE(*sizes->start, std::int64_t(40));
    QVERIFY(!sizes->exceedsServer);
    input = {};
    input.cores = 4;
    QCOMPARE(*poolSizes(input)->serverBound, std::int64_t(9));
    QVERIFY(!poolSizes(input)->demand); // no rate: only what is known
    input.cores = 8;
    QCOMPARE(*poolSizes(input)->serverBound, std::int64_t(17));
    input.ratePerS = 3000;
    input.holdS = 0.02;
    const auto busy = poolSizes(input);
    QCOMPARE(*busy->demand, std::int64_t(60));
    QCOMPARE(*busy->forWait, std::int64_t(62));
    QVERIFY(busy->exceedsServer);
    input.instances = 0;
    QVERIFY(!poolSizes(input));
}

void TestPoolFormulas::fleets()
{
    using State = FleetDemand::State;
    QCOMPARE(fleet(40, 20, 200).ratio, 4.0);
    QCOMPARE(fleet(12, 20, 200).ratio, 1.2);
    QVERIFY(fleet(12, 20, 200).state == State::Oversubscribed);
    QCOMPARE(fleet(30, 25, 250).ratio, 3.0);
    QCOMPARE(fleet(20, 5, 100, 4, 50).demand, std::int64_t(450));
    QCOMPARE(fleet(23, 20, 200).demand, std::int64_t(460));
    QVERIFY(fleet(10, 20, 200).state == State::Full);
    QVERIFY(fleet(5, 20, 100).state == State::Full);
    QVERIFY(fleet(40, 4, 200).state == State::AboveMargin);
    QCOMPARE(fleet(40, 4, 200).ratio, 0.8);
    QVERIFY(fleet(35, 4, 200).state == State::Ok); // 70 % itself is still fine
    QCOMPARE(fleet(40, 20, 200, 1, 0, 3).usable, std::int64_t(197));
    QVERIFY(!fleetDemand({0, 1, 1, 0, 100, 0, 0.7}) && !fleetDemand({1, 1, 1, 0, 100, 100, 0.7}));
}

void TestPoolFormulas::budgets()
{
    QCOMPARE(fleet(40, 20, 200).budget, std::int64_t(5));
    QCOMPARE(fleet(40, 20, 200).budget80, std::int64_t(4));
    QCOMPARE(fleet(40, 20, 500).budget, std::int64_t(12));
    const FleetDemand overnight = fleet(30, 25, 250);
    QCOMPARE(overnight.budget, std::int64_t(8));
    QCOMPARE(overnight.budget80, std::int64_t(6));
    QCOMPARE(overnight.budget70, std::int64_t(5));
    QCOMPARE(overnight.firstFailing, std::int64_t(11));
    QCOMPARE(fleet(8, 25, 175).firstFailing, std::int64_t(8));
    QCOMPARE(fleet(300, 1, 200).budget, std::int64_t(0)); // only a pooler helps
}

void TestPoolFormulas::multiplexers()
{
    QVERIFY(std::abs(multiplexing(800, 300, 500)->ratio - 2.6667) < 1e-3);
    QCOMPARE(*multiplexing(800, 300, 500)->serverShare, 0.6);
    QCOMPARE(multiplexing(5000, 50, std::nullopt)->ratio, 100.0);
    QVERIFY(!multiplexing(5, 0, std::nullopt));
}

void TestPoolFormulas::connecting()
{
    QVERIFY(std::abs(connectCost(1000, 0.05, 0.01)->overhead - 0.8333) < 1e-4);
    QVERIFY(std::abs(connectCost(1000, 0.2, 0.01)->overhead - 0.95238) < 1e-4);
    QCOMPARE(connectCost(1000, 0.05, 0.01)->opening, 50.0);
    QCOMPARE(connectCost(1, 0.05, 0)->overhead, 1.0);
    QVERIFY(!connectCost(1, 0, 0));
    QCOMPARE(connectionMemory(1000)->highMb, 10'000.0);
    QCOMPARE(connectionMemory(400)->lowMb, 2000.0);
    QVERIFY(!connectionMemory(-1));
}

void TestPoolFormulas::holders()
{
    QCOMPARE(slowHolder(30, 0.02, 0, 0, 20)->displaced, 1500.0);
    QCOMPARE(slowHolder(45, 0.02, 0, 0, 20)->displaced, 2250.0);
    const auto workers = slowHolder(30, 0.03, 7, 30, 200);
    QCOMPARE(workers->stuck, 210.0);
    QVERIFY(std::abs(*workers->exhaustedS - 28.571) < 0.001);
    QVERIFY(!slowHolder(30, 0.03, 7, 0.2, 200)->exhaustedS);
    QVERIFY(!slowHolder(30, 0, 1, 1, 1));
    QCOMPARE(heldCapacity(50, 5, 0.02)->perS, 10.0);
    QCOMPARE(heldCapacity(50, 5, 0.02)->factor, 250.0);
    QCOMPARE(heldCapacity(50, 0.02, 0.02)->perS, 2500.0);
    QVERIFY(!heldCapacity(50, 0, 1));
}

void TestPoolFormulas::bulkheads()
{
    const auto size = bulkheadFor(500, 0.02);
    QCOMPARE(size->threadsLow, std::int64_t(20));
    QCOMPARE(size->threadsHigh, std::int64_t(30));
    QVERIFY(std::abs(size->timeoutS - 0.2) < 1e-12);
    QVERIFY(!bulkheadFor(500, 0.02, 2, 6));
}

void TestPoolFormulas::bursts()
{
    QCOMPARE(connectionBurst(5000, 200)->rejected, std::int64_t(4800));
    QCOMPARE(connectionBurst(5000, 200)->rejectedShare, 0.96);
    QCOMPARE(connectionBurst(500, 100)->rejectedShare, 0.8);
    QCOMPARE(connectionBurst(1000, 100)->rejectedShare, 0.9);
    QCOMPARE(connectionBurst(50, 100)->rejected, std::int64_t(0));
}

void TestPoolFormulas::reconnects()
{
    QCOMPARE(*reconnectSpanS(1, 5, std::nullopt), 31.0);
    QCOMPARE(*reconnectSpanS(1, 12, 10), 95.0);
    QVERIFY(!reconnectSpanS(0, 5, std::nullopt));
}

void TestPoolFormulas::poolerFeatures()
{
    using Feature = SessionFeature;
    using Verdict = PoolerVerdict;
    QVERIFY(poolerSupports(Feature::Listen, "transaction", "1.21.0", 100) == Verdict::Broken);
    QVERIFY(poolerSupports(Feature::SetLocal, "transaction", "", {}) == Verdict::Ok);
    QVERIFY(poolerSupports(Feature::ProtocolPrepare, "transaction", "1.18.0", 100) == Verdict::Broken);
    QVERIFY(poolerSupports(Feature::ProtocolPrepare, "transaction", "1.21.0", 100) == Verdict::Ok);
    QVERIFY(poolerSupports(Feature::ProtocolPrepare, "transaction", "1.21.0", 0) == Verdict::Broken);
    QVERIFY(poolerSupports(Feature::ProtocolPrepare, "transaction", "", 100) == Verdict::CheckVersion);
    QVERIFY(poolerSupports(Feature::MultiStatementTransaction, "statement", "1.23.1", 0) == Verdict::Broken);
    QVERIFY(poolerSupports(Feature::Listen, "session", "1.5.0", 0) == Verdict::Ok);
}

void TestPoolFormulas::causes()
{
    PoolFacts facts;
    facts.ceiling = facts.active = 20;
    facts.waiting = 47;
    facts.waitP99Ms = 8400;
    facts.serverActive = 19;
    facts.serverCpu = 0.12;
    QVERIFY(poolCause(facts) == PoolCause::SlowStatements); // B
    facts.serverActive = 4;
    QVERIFY(poolCause(facts) == PoolCause::Held); // A
    facts.leaks = true;
    QVERIFY(poolCause(facts) == PoolCause::Leak);
    facts = {};
    facts.ceiling = facts.active = facts.serverActive.emplace(100);
    facts.serverCpu = 1;
    facts.serverCores = 4;
    QVERIFY(poolCause(facts) == PoolCause::TooLarge);
    facts = {};
    facts.ceiling = facts.active = 9;
    facts.waiting = 91;
    facts.waitP99Ms = 20;
    facts.serverCpu = 0.85;
    QVERIFY(poolCause(facts) == PoolCause::DatabaseBusy); // C
    facts.serverCpu.reset();
    QVERIFY(poolCause(facts) == PoolCause::CheapQueue);
    facts.waitP99Ms = 900;
    QVERIFY(poolCause(facts) == PoolCause::Unknown);
    facts.demand = 12;
    QVERIFY(poolCause(facts) == PoolCause::Demand);
    facts.holdMs = 40;
    facts.usualHoldMs = 20;
    QVERIFY(poolCause(facts) == PoolCause::SlowStatements);
    facts.active = 5;
    QVERIFY(poolCause(facts) == PoolCause::None); // D
}

void TestPoolFormulas::leaks()
{
    // 0, 1, ..., 20 over three hours of constant load.
    std::vector<double> rising;
    for (int i = 0; i < 36; ++i)
        rising.push_back(20.0 * i / 35);
    const auto leak = leakOf(bins(rising, 800), 3 * 3600.0 / 35, 20);
    QVERIFY(leak.kind == LeakVerdict::Kind::Leak);
    QVERIFY(std::abs(leak.slopePerHour - 6.667) < 0.01);
    QVERIFY(std::abs(*leak.exhaustedInS) < 1);
    const auto possible = leakOf(bins(rising, std::numeric_limits<double>::quiet_NaN()), 300, 20);
    QVERIFY(possible.kind == LeakVerdict::Kind::PossibleLeak && !possible.correlation);
    // 0.012 times a ramp of 500 to 1,500 and back.
    std::vector<LeakBin> ramp;
    for (int i = 0; i < 30; ++i) {
        const double rate = 500 + 1000.0 * (1 - std::abs(i - 15) / 15.0);
        ramp.push_back({0.012 * rate, 0.012 * rate, rate});
    }
    const auto burst = leakOf(ramp, 300, 20);
    QVERIFY(burst.kind == LeakVerdict::Kind::Burst);
    QVERIFY(std::abs(*burst.correlation - 1) < 1e-9);
    QVERIFY(!burst.exhaustedInS);
    QVERIFY(leakOf(bins(std::vector<double>(20, 7), 800), 300, 20).kind == LeakVerdict::Kind::Steady);
    QVERIFY(leakOf(bins(std::vector<double>(11, 7), 800), 300, 20).kind == LeakVerdict::Kind::TooShort);
    // A restart begins anew.
    std::vector<double> restarted = rising;
    for (int i = 0; i < 12; ++i)
        restarted.push_back(1);
    QVERIFY(leakOf(bins(restarted, 800), 300, 20).kind == LeakVerdict::Kind::Steady);
    QCOMPARE(leakOf(bins(restarted, 800), 300, 20).bins, std::size_t(12));
}

QTEST_GUILESS_MAIN(TestPoolFormulas)
#include "tst_poolformulas.moc"
