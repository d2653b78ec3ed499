// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/probeschedule.h"

#include <QTest>

#include <map>
#include <set>

using namespace tailscope;
using namespace tailscope::live;
using namespace std::chrono_literals;

namespace {

std::string anySql(const ServerFacts &) { return "SELECT 1"; }
std::chrono::milliseconds slowWithMany(const ServerFacts &, const ProbeState &state)
{
    return state.statements > 5000 ? 10'000ms : 1000ms;
}
bool whenSomeoneWaits(const ServerFacts &, const ProbeState &state) { return state.hasLockWaiters; }

const Probe kFast{.id = "fast", .title = "Fast", .interval = 1000ms, .budget = 50ms, .sql = anySql};
const Probe kSlow{.id = "slow", .title = "Slow", .interval = 60'000ms, .budget = 500ms, .sql = anySql};
const Probe kMany{.id = "many",
    .title = "Many",
    .interval = 1000ms,
    .budget = 50ms,
    .sql = anySql,
    .intervalFor = slowWithMany};
const Probe kWanted{.id = "wanted",
    .title = "Wanted",
    .interval = 1000ms,
    .budget = 50ms,
    .sql = anySql,
    .isWanted = whenSomeoneWaits};
const Probe kNew{.id = "new", .title = "New", .minimumVersion = 160000, .interval = 1000ms, .sql = anySql};
const Probe kStandby{.id = "standby",
    .title = "Standby",
    .side = Side::Standby,
    .interval = 1000ms,
    .sql = anySql};
const Probe kExtension{.id = "extension",
    .title = "Extension",
    .interval = 1000ms,
    .extension = "pg_stat_statements",
    .sql = anySql};

std::shared_ptr<const ServerFacts> facts()
{
    auto made = std::make_shared<ServerFacts>();
    made->engine = Engine::PostgreSql;
    made->versionNum = 150018;
    made->inRecovery = false;
    return made;
}

/// A schedule of these probes with a clock that the test moves.
struct Bench
{
    explicit Bench(std::vector<const Probe *> list)
        : probes(std::move(list))
        , schedule(probes)
    {
        schedule.setOptions({}, now);
        schedule.setFacts(facts(), now);
    }
    ProbeStatus of(std::string_view id) const
    {
        for (const ProbeStatus &one : schedule.status()) {
            if (one.probe->id == id)
                return one;
        }
        return {};
    }
    /// Asks for a while, each run taking so long; how often each was asked.
    std::map<std::string, int> run(std::chrono::seconds length, std::chrono::milliseconds takes)
    {
        std::map<std::string, int> asked;
        const auto end = now + length;
        while (now < end) {
            if (const Probe *probe = schedule.next(now)) {
                ++asked[std::string(probe->id)];
                now += takes;
                if (const auto told = schedule.succeeded(probe, now, takes, 3))
                    events.push_back(*told);
            } else {
                now = std::min(end, schedule.nextDue());
            }
        }
        return asked;
    }

    std::vector<const Probe *> probes;
    ProbeSchedule::Time now{std::chrono::hours(1)};
    ProbeSchedule schedule;
    std::vector<std::string> events;
};

} // namespace

class TestProbeSchedule : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheBeat();
    void intervalsKeepTheirRatio();
    void whatIsNotThereIsNotAsked();
    void wantedOnlyWhen();
    void manyStatementsSlowDown();
    void backsOffAndRecovers();
    void overBudgetThreeTimes();
    void deniedAndFailing();
    void nowMeansNow();
    void nothingDueIsNever();
};

void TestProbeSchedule::keepsTheBeat()
{
    Bench bench({&kFast, &kSlow});
    const auto asked = bench.run(600s, 10ms);
    QCOMPARE(asked.at("fast"), 600);
    QCOMPARE(asked.at("slow"), 10);
    QCOMPARE(bench.of("fast").runs, std::size_t(600));
    QCOMPARE(bench.of("fast").lastRows, std::size_t(3));
    QCOMPARE(bench.of("fast").meanMs, 10.0);
    // After a pause it does not ask for what was missed.
    bench.now += 100s;
    QCOMPARE(bench.run(10s, 1ms).at("fast"), 10); // at once, then every second
}

void TestProbeSchedule::intervalsKeepTheirRatio()
{
    Bench bench({&kFast, &kSlow});
    SamplerOptions options;
    options.interval = 5000ms;
    bench.schedule.setOptions(options, bench.now);
    QCOMPARE(bench.of("fast").interval, 5000ms);
    QCOMPARE(bench.of("slow").interval, 300'000ms);
    options.intervals["slow"] = 2000ms;
    options.intervals["fast"] = 0ms;
    bench.schedule.setOptions(options, bench.now);
    QCOMPARE(bench.of("slow").interval, 2000ms);
    QVERIFY(bench.of("fast").state == ProbeStatus::State::Off);
    QVERIFY(!bench.run(20s, 1ms).contains("fast"));
}

void TestProbeSchedule::whatIsNotThereIsNotAsked()
{
    using State = ProbeStatus::State;
    Bench bench({&kFast, &kNew, &kStandby, &kExtension});
    const auto asked = bench.run(5s, 1ms);
    QCOMPARE(asked.size(), std::size_t(1));
    QVERIFY(bench.of("new").state == State::NotOnThisVersion);
    QVERIFY(bench.of("standby").state == State::NotOnThisSide);
    QVERIFY(bench.of("extension").state == State::NeedsExtension);
    for (const char *id : {"new", "standby", "extension"})
        QVERIFY(!bench.of(id).reason.empty());
    // It was promoted, or rather the other way round, and has the extension.
    auto other = std::make_shared<ServerFacts>(*facts());
    other->inRecovery = true;
    other->versionNum = 160002;
    other->extensions["pg_stat_statements"] = "1.10";
    bench.schedule.setFacts(other, bench.now);
    QCOMPARE(bench.run(5s, 1ms).size(), std::size_t(4));
}

void TestProbeSchedule::wantedOnlyWhen()
{
    Bench bench({&kWanted});
    QVERIFY(bench.run(10s, 1ms).empty());
    QVERIFY(bench.of("wanted").state == ProbeStatus::State::NotWanted);
    bench.schedule.state.hasLockWaiters = true;
    QCOMPARE(bench.run(10s, 1ms).at("wanted"), 10);
    QVERIFY(bench.of("wanted").state == ProbeStatus::State::Running);
}

void TestProbeSchedule::manyStatementsSlowDown()
{
    Bench bench({&kMany});
    QCOMPARE(bench.run(20s, 1ms).at("many"), 20);
    bench.schedule.state.statements = 5001;
    const int slow = bench.run(100s, 1ms).at("many");
    QVERIFY2(slow >= 10 && slow <= 12, std::to_string(slow).c_str());
    QCOMPARE(bench.of("many").interval, 10'000ms);
}

void TestProbeSchedule::backsOffAndRecovers()
{
    Bench bench({&kSlow, &kFast});
    SamplerOptions options;
    options.intervals["slow"] = 0ms;
    bench.schedule.setOptions(options, bench.now);
    // 300 ms of a second is more than a fifth; of two seconds it is not, but it is past the budget.
    bench.run(3s, 300ms);
    QVERIFY(bench.of("fast").state == ProbeStatus::State::BackedOff);
    QCOMPARE(bench.of("fast").interval, 2000ms);
    QCOMPARE(bench.events.size(), std::size_t(1));
    QVERIFY(bench.events.front().find("2.00 s") != std::string::npos
        || bench.events.front().find("2 s") != std::string::npos);
    // Three runs that fit bring it back.
    bench.run(20s, 5ms);
    QCOMPARE(bench.of("fast").interval, 1000ms);
    QVERIFY(bench.of("fast").state == ProbeStatus::State::Running);
    QCOMPARE(bench.events.size(), std::size_t(2));
    // It ends somewhere.
    bench.run(3600s, 9000ms);
    QCOMPARE(bench.of("fast").interval, 1000ms * (1 << ProbeSchedule::kMaxDoublings));
}

void TestProbeSchedule::overBudgetThreeTimes()
{
    Bench bench({&kFast});
    // 60 ms: past the budget of 50 ms, within a fifth of the interval.
    bench.run(2s, 60ms);
    QCOMPARE(bench.of("fast").interval, 1000ms);
    bench.run(2s, 60ms);
    QCOMPARE(bench.of("fast").interval, 2000ms);
}

void TestProbeSchedule::deniedAndFailing()
{
    using State = ProbeStatus::State;
    Bench bench({&kFast});
    QCOMPARE(bench.schedule.next(bench.now), &kFast);
    bench.schedule.failed(&kFast, bench.now, 1ms, "42501", "permission denied");
    QVERIFY(bench.of("fast").state == State::Denied);
    QCOMPARE(bench.of("fast").reason, std::string("permission denied"));
    QCOMPARE(bench.schedule.nextDue() - bench.now, std::chrono::nanoseconds(ProbeSchedule::kAfterDenial));
    bench.now = bench.schedule.nextDue();
    // Each failure is left alone for twice as long, up to a bound.
    ProbeSchedule::Time before = bench.now;
    std::chrono::nanoseconds last{0};
    for (int i = 0; i < 12; ++i) {
        QCOMPARE(bench.schedule.next(bench.now), &kFast);
        bench.schedule.failed(&kFast, bench.now, 1ms, "57014",
            "canceling statement due to statement timeout");
        const auto pause = bench.schedule.nextDue() - bench.now;
        QVERIFY(pause >= last);
        last = pause;
        bench.now = bench.schedule.nextDue();
    }
    QVERIFY(bench.now > before);
    QCOMPARE(last, std::chrono::nanoseconds(ProbeSchedule::kLongestPause));
    QVERIFY(bench.of("fast").state == State::Failing);
    QCOMPARE(bench.of("fast").failures, std::size_t(13));
    QCOMPARE(bench.schedule.next(bench.now), &kFast);
    bench.schedule.succeeded(&kFast, bench.now, 1ms, 1);
    QVERIFY(bench.of("fast").state == State::Running);
}

void TestProbeSchedule::nowMeansNow()
{
    Bench bench({&kFast, &kSlow, &kWanted});
    bench.run(5s, 1ms);
    bench.schedule.runNow("slow", bench.now);
    QCOMPARE(bench.schedule.next(bench.now), &kSlow);
    bench.schedule.runNow("", bench.now);
    std::set<const Probe *> asked;
    while (const Probe *probe = bench.schedule.next(bench.now))
        asked.insert(probe);
    // Also what is not wanted at the moment.
    QCOMPARE(asked.size(), std::size_t(3));
}

void TestProbeSchedule::nothingDueIsNever()
{
    ProbeSchedule schedule(std::span<const Probe *const>{});
    QVERIFY(schedule.nextDue() == ProbeSchedule::Time::max());
    QVERIFY(schedule.next(ProbeSchedule::Time{}) == nullptr);
    // Without facts nothing is asked.
    const std::vector<const Probe *> probes{&kFast};
    ProbeSchedule unconnected(probes);
    unconnected.setOptions({}, ProbeSchedule::Time{});
    QVERIFY(unconnected.next(ProbeSchedule::Time{std::chrono::hours(2)}) == nullptr);
}

QTEST_GUILESS_MAIN(TestProbeSchedule)
#include "tst_probeschedule.moc"
