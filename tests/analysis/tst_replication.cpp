// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers of the formulas of replication.
#include "analysis/replication.h"

#include <cmath>
#include <limits>
#include <random>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

std::vector<LagPoint> line(double fromMs, double msPerSecond, int samples, int everySeconds)
{
    std::vector<LagPoint> out;
    for (int i = 0; i < samples; ++i)
        out.push_back({Nanos(i) * everySeconds * kSecond, fromMs + msPerSecond * i * everySeconds});
    return out;
}

ReplicaFacts standby(std::int64_t received, std::int64_t replayed, double ageMs, double linkMs)
{
    ReplicaFacts facts;
    facts.received = received;
    facts.positions.replayed = replayed;
    facts.replayAgeMs = ageMs;
    facts.linkAgeMs = linkMs;
    facts.state = "streaming";
    return facts;
}

bool isNear(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

} // namespace

class TestReplication : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void positions();
    void rejectsWhatIsNoPosition();
    void stages();
    void idleGuard();
    void trapsOfAServer();
    void slopes();
    void staleReadsOfTen();
    void staleReadsOfALognormal();
    void stickyWindows();
    void catchUp();
    void commitLevels();
    void standbyLists();
    void listsThatCannotBe();
    void promotion();
    void linkAndDisk();
    void gate();
};

void TestReplication::positions()
{
    QCOMPARE(*parseLsn("16/B374D848"), 97'500'059'720);
    QCOMPARE(*parseLsn("16/b374d848") - *parseLsn("16/B3700000"), 317'512);
    QCOMPARE(*parseLsn("1/0") - *parseLsn("0/FFFFFFFF"), 1);
    QCOMPARE(*parseLsn("0/3000060") - *parseLsn("0/3000000"), 96);
    QCOMPARE(*parseLsn("0/3E8") - *parseLsn("00/3E3"), 5);
    QCOMPARE(lsnText(97'500'059'720), std::string("16/B374D848"));
    const WalPlace place = walPlace(97'500'059'720, 1);
    QCOMPARE(place.file, std::string("0000000100000016000000B3"));
    QCOMPARE(place.offset, 7'657'544);
}

void TestReplication::rejectsWhatIsNoPosition()
{
    for (const char *text : {"", "/", "16", "16/", "/1", "G/1", "1/123456789", "123456789/1", "1/-1", "0x1/1",
             "1/1/1", "FFFFFFFF/0"})
        QVERIFY2(!parseLsn(text), text);
    QVERIFY(lsnText(-1).empty());
}

void TestReplication::stages()
{
    const ByteLag apply = byteLag({1'000'000'000, 1'000'000'000, 999'990'000, 999'980'000, 940'000'000});
    QCOMPARE(*apply.unsent, 0);
    QCOMPARE(*apply.unwritten, 10'000);
    QCOMPARE(*apply.unflushed, 10'000);
    QCOMPARE(*apply.unreplayed, 59'980'000);
    QCOMPARE(apply.stage(), LagStage::Unreplayed);
    QVERIFY(isNear(*apply.shareOf(LagStage::Unreplayed), 0.9997, 0.00005));
    QCOMPARE(byteLag({1'000'000'000, 900'000'000, 900'000'000, 900'000'000, 899'900'000}).stage(),
        LagStage::Unsent);
    // A stage that nobody knows: no sum, and nothing behind is not "nothing at all".
    const ByteLag cascade = byteLag({std::nullopt, 100, 100, 100, 100});
    QVERIFY(!cascade.total());
    QCOMPARE(cascade.stage(), LagStage::Unknown);
    QCOMPARE(byteLag({100, 100, 100, 100, 100}).stage(), LagStage::None);
    // Backwards: another timeline or another moment, never a negative lag.
    QVERIFY(!byteLag({100, 200, 150, 150, 150}).unsent);
}

void TestReplication::idleGuard()
{
    LagNow now = lagNow(standby(1'000, 1'000, 300'000, 2'000));
    QCOMPARE(now.ms, 0.0);
    QVERIFY(now.idleArtefact && !now.linkCut);
    // The same positions with a dead link: they stand still and the lag is real.
    now = lagNow(standby(1'000, 1'000, 300'000, 240'000));
    QVERIFY(now.linkCut && now.ms == 300'000);
    // Nobody knows whether the link lives: unknown, neither 0 nor 300 s.
    ReplicaFacts facts;
    facts.received = facts.positions.replayed = 1'000;
    facts.replayAgeMs = 300'000;
    QVERIFY(std::isnan(lagNow(facts).ms));
    // 64 MB at 16 MB/s.
    facts = {};
    facts.bytes.unreplayed = 64'000'000;
    facts.walRate = 16e6;
    QCOMPARE(lagNow(facts).ms, 4'000.0);
    // A clock ahead of the primary's.
    now = lagNow(standby(2'000, 1'000, -250, 100));
    QVERIFY(now.skewed && now.ms == 0);
}

/// What a real server showed (live.md 5.2): (a) to (f).
void TestReplication::trapsOfAServer()
{
    ReplicaFacts caughtUp;
    caughtUp.state = "streaming";
    caughtUp.positions = {5'000, 5'000, 5'000, 5'000, 5'000};
    caughtUp.bytes = byteLag(caughtUp.positions);
    caughtUp.replayLagMs = 3'550; // the last value stays for a while
    QCOMPARE(lagNow(caughtUp).ms, 0.0);
    caughtUp.positions.current.reset(); // a snapshot without the primary's position
    caughtUp.bytes = byteLag(caughtUp.positions);
    QCOMPARE(lagNow(caughtUp).ms, 0.0);
    ReplicaFacts fresh; // nothing replayed yet
    fresh.received = 5'000;
    QVERIFY(std::isnan(lagNow(fresh).ms));
    ReplicaFacts cut = standby(5'000, 5'000, 0, 0);
    cut.replayAgeMs.reset();
    cut.linkAgeMs.reset();
    cut.state = "stopped";
    QVERIFY(lagNow(cut).linkCut && std::isnan(lagNow(cut).ms));
    ReplicaFacts idle = caughtUp;
    idle.positions.current = 5'000;
    idle.replayAgeMs = 60'000;
    QVERIFY(lagNow(idle).idleArtefact && lagNow(idle).ms == 0);
    ReplicaFacts paused = caughtUp;
    paused.positions.replayed = 5'000 - 4'000;
    paused.bytes = byteLag(paused.positions);
    paused.replayLagMs = 6'000;
    QCOMPARE(lagNow(paused).ms, 6'000.0);
}

void TestReplication::slopes()
{
    const LagSlope stalled = lagSlope(line(0, 1'000, 181, 10));
    QCOMPARE(stalled.word, LagWord::Stalled);
    QVERIFY(isNear(stalled.slope, 1, 1e-9));
    const std::vector<LagPoint> ramp = line(0, 1'000, 181, 10);
    QCOMPARE(*crossingUp(ramp, 10'000), 10 * kSecond);
    QCOMPARE(*crossingUp(ramp, 60'000), 60 * kSecond);
    QVERIFY(!crossingUp(ramp, 1e9));
    std::vector<LagPoint> falling = line(5'000'000, -4'000, 501, 1);
    falling.back().ms = 3'000'000;
    QCOMPARE(lagSlope(falling).word, LagWord::CatchingUp);
    QVERIFY(isNear(*lagSlope(falling).catchUpSeconds, 750, 1));
    QCOMPARE(lagSlope(line(8'000, 500, 31, 10)).word, LagWord::Slower);
    QCOMPARE(lagSlope(line(8'000, 0, 31, 10)).word, LagWord::Steady);
    QCOMPARE(lagSlope(line(0, 1'000, 4, 10)).word, LagWord::NoVerdict);
    std::vector<LagPoint> gap = line(0, 1'000, 31, 10);
    gap.erase(gap.begin() + 10, gap.begin() + 20);
    QCOMPARE(lagSlope(gap).word, LagWord::NoVerdict);
    std::vector<LagPoint> unknown = line(0, 1'000, 31, 10);
    unknown[7].ms = std::nan("");
    QCOMPARE(lagSlope(unknown).word, LagWord::NoVerdict);
}

void TestReplication::staleReadsOfTen()
{
    const std::vector<double> lags{5, 10, 15, 20, 30, 50, 80, 120, 400, 900};
    for (const auto &[think, share] :
        {std::pair(0.0, 1.0), {40.0, 0.5}, {100.0, 0.3}, {500.0, 0.1}, {1'000.0, 0.0}})
        QCOMPARE(staleReads(lags, think).share, share);
    QVERIFY(std::isnan(staleReads({}, 0).share));
    const double nan = std::nan("");
    const StaleReads stale = staleReads(std::vector<double>{nan, 50, 150}, 100, 86'400);
    QCOMPARE(stale.n, 2);
    QCOMPARE(*stale.perDay, 43'200.0);
    QCOMPARE(*stale.staleP50Ms, 50.0);
}

void TestReplication::staleReadsOfALognormal()
{
    const auto share = [](double median, double think) {
        std::mt19937_64 random(55'033);
        std::lognormal_distribution<double> lag(std::log(median), 0.6918);
        std::vector<double> lags;
        for (int i = 0; i < 400'000; ++i)
            lags.push_back(lag(random));
        return staleReads(lags, think).share;
    };
    QVERIFY(isNear(share(10, 20), 0.158, 0.003));
    QVERIFY(isNear(share(10, 50), 0.0100, 0.001));
    QVERIFY(isNear(share(100, 20), 0.990, 0.001));
    QVERIFY(isNear(share(100, 50), 0.842, 0.003));
    QVERIFY(isNear(share(500, 2'000), 0.0225, 0.001));
}

void TestReplication::stickyWindows()
{
    const std::vector<double> lags{5, 10, 15, 20, 30, 50, 80, 120, 400, 900};
    const StickyWindow window = stickyWindow(lags, kP90, 500, 2'000);
    QCOMPARE(window.windowMs, 400.0);
    QCOMPARE(window.fallbackShare, 0.1);
    QCOMPARE(*window.primaryReadsPerSecond, 200.0);
}

void TestReplication::catchUp()
{
    QCOMPARE(*catchUpSeconds(12e9, 80e6, 30e6), 240.0);
    QVERIFY(isNear(*catchUpSeconds(2.43e6, 1'757, 300), 1'667.8, 0.05));
    QVERIFY(!catchUpSeconds(1, 80, 80));
    QCOMPARE(*catchUpSeconds(0, 0, 80), 0.0);
}

void TestReplication::commitLevels()
{
    const CommitHops hops{3, 1, 0.2, 3, 2};
    const auto total = [](const CommitHops &h, SyncLevel level) { return commitWait(h, level).totalMs; };
    QCOMPARE(total(hops, SyncLevel::Off), 0.0);
    QCOMPARE(total(hops, SyncLevel::Local), 3.0);
    QCOMPARE(total(hops, SyncLevel::RemoteWrite), 5.2);
    QCOMPARE(total(hops, SyncLevel::On), 8.0);
    QCOMPARE(total(hops, SyncLevel::RemoteApply), 10.0);
    QCOMPARE(total({3, 2, 0.2, 3, 2}, SyncLevel::On), 10.0);
    QCOMPARE(total({3, 70, 0.2, 3, 2}, SyncLevel::On), 146.0);
    QCOMPARE(total({3, 72, 0.2, 3, 2}, SyncLevel::On), 150.0);
    QCOMPARE(commitWait(hops, SyncLevel::RemoteApply, false).totalMs, 3.0);
}

void TestReplication::standbyLists()
{
    const std::vector<StandbyAnswer> both{{"cross", 180, true}, {"same", 3, true}};
    const auto wait = [&](const char *text) { return *syncWait(*parseSyncList(text), both).ms; };
    QCOMPARE(wait("FIRST 1 (cross, same)"), 180.0);
    QCOMPARE(wait("ANY 1 (cross, same)"), 3.0);
    QCOMPARE(wait("ANY 2 (cross, same)"), 180.0);
    QCOMPARE(wait("FIRST 2 (cross, same)"), 180.0);
    QCOMPARE(wait("FIRST 1 (same, cross)"), 3.0);
    QCOMPARE(wait("1 (cross, same)"), 180.0);
    QCOMPARE(wait("cross, same"), 180.0);
    QCOMPARE(wait("any 1 (\"cross\", \"SAME\")"), 3.0);
    QCOMPARE(wait("any 1 (*)"), 3.0);
    QCOMPARE(wait(""), 0.0);
    QCOMPARE(syncWait(*parseSyncList("FIRST 1 (cross, same)"), both).waitsFor, std::string("cross"));
    // The only one is absent: no limit, and its name is told.
    const SyncWait gone = syncWait(*parseSyncList("ANY 1 (s1)"), {});
    QVERIFY(!gone.ms);
    QCOMPARE(gone.missing, std::vector<std::string>{"s1"});
    QVERIFY(!syncWait(*parseSyncList("ANY 3 (cross, same)"), both).ms);
    QCOMPARE(parseSyncList("first, any")->names.size(), std::size_t(2)); // names like any other
}

void TestReplication::listsThatCannotBe()
{
    for (const char *text : {"FIRST 0 (a)", "ANY 1 a", "ANY 1 (a", "ANY 1 ()", "a,,b", "2 (a) b", "(a)"})
        QVERIFY2(!parseSyncList(text), text);
    QVERIFY(parseSyncList("FIRST 0 (a)").error().toText().find("character 1") != std::string::npos);
}

void TestReplication::promotion()
{
    const std::vector<PromotionNode> nodes{{"b", 995, 990, {}, false}, {"a", 1'000, 1'000, {}, false},
        {"c", {}, {}, {}, false}};
    const auto ranks = promotionRanks(nodes, 1'010, 10.0);
    QCOMPARE(ranks.size(), std::size_t(2));
    QCOMPARE(ranks[0].name, std::string("a"));
    QCOMPARE(*ranks[0].lostBytes, 10);
    QCOMPARE(*ranks[0].lostSeconds, 1.0);
    QCOMPARE(ranks[1].behindBest, 5);
    QVERIFY(!promotionRanks(nodes, std::nullopt, std::nullopt)[0].lostBytes);
    QCOMPARE(*promotionRanks(std::vector<PromotionNode>{{"s", 900, 900, {}, true}}, 1'000, 1.0)[0].lostBytes,
        0);
    QVERIFY(promotionRanks({}, 1, 1).empty());
}

void TestReplication::linkAndDisk()
{
    QCOMPARE(*linkUse(100, 100, 125), 1.6);
    QVERIFY(!linkUse(100, 100, 0));
    QVERIFY(isNear(*secondsToFull(40e9, 20e6) / 60, 33.3, 0.05));
    QVERIFY(!secondsToFull(1, 0));
}

void TestReplication::gate()
{
    std::vector<LagPoint> points;
    const double values[]{2, 0.5, 0.5, 0.5, 0.5, 3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    for (std::size_t i = 0; i < std::size(values); ++i)
        points.push_back({Nanos(i) * kSecond, values[i] * 1'000});
    QCOMPARE(*sustainedBelow(points, 1'000, 5 * kSecond, 5 * kSecond).met, 11 * kSecond);
    QCOMPARE(*sustainedBelow(points, 1'000, 3 * kSecond, 5 * kSecond).met, 4 * kSecond);
    QVERIFY(!sustainedBelow(points, 500, 3 * kSecond, 5 * kSecond).met); // equal is not below
    QVERIFY(!sustainedBelow({}, 1, 1, 1).met);
}

QTEST_APPLESS_MAIN(TestReplication)
#include "tst_replication.moc"
