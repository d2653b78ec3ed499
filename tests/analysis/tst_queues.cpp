// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers of the formulas of queues, phases and alarms, and the stored verdicts.
#include "analysis/queues.h"
#include "analysis/queuetracks.h"
#include "storefixture.h"

#include <cmath>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kSecond = kNanosPerSecond, kMinute = 60 * kSecond, kHour = 60 * kMinute;
const double kNan = std::nan("");

bool isNear(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

/// One-minute samples: arrivals all the time, completions as told.
std::vector<QueuePoint> counters(const std::vector<std::pair<int, double>> &minutesAndRates, double arrivals)
{
    std::vector<QueuePoint> out{{0, 0, 0, 0, 3, 3, 3}};
    for (const auto &[minutes, rate] : minutesAndRates) {
        for (int i = 0; i < minutes; ++i) {
            QueuePoint next = out.back();
            next.ts += kMinute;
            next.arrived += arrivals;
            next.completed = std::min(next.arrived, next.completed + rate);
            next.depth = next.arrived - next.completed;
            out.push_back(next);
        }
    }
    return out;
}

void sample(Source &source, std::string_view group, std::string_view partition, Nanos ts,
    std::optional<std::int64_t> position, std::optional<std::int64_t> end, std::int64_t members,
    std::int64_t assigned)
{
    std::vector<RecordField> fields{{"queue", std::string_view("t")}, {"consumer_group", group},
        {"ts_ns", ts}, {"members", members}, {"assigned", assigned},
        {"retention_ms", std::int64_t(96 * 3'600'000)}};
    if (!partition.empty())
        fields.push_back({"partition", partition});
    if (position)
        fields.push_back({"position", *position});
    if (end)
        fields.push_back({"end_position", *end});
    source.writer().record({RecordTable::QueueSample, {}, {}, {}, {}, fields});
}

} // namespace

class TestQueues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rates();
    void workersAndPartitions();
    void retention();
    void names();
    void phases();
    void phasesWithoutCounters();
    void countersStartAnew();
    void alarms();
    void storedVerdicts();
};

void TestQueues::rates()
{
    QCOMPARE(*growthPerSecond(0, 4'400, kSecond), 4'400.0);
    QVERIFY(isNear(*growthPerSecond(200, 85'000, 1'200 * kSecond), 70.67, 0.005));
    QVERIFY(isNear(*growthPerSecond(500, 45'000, kHour), 12.36, 0.005));
    QVERIFY(!growthPerSecond(0, 1, 0));
    QCOMPARE(*drainSeconds(12'400, 250, 200), 248.0); // per minute: minutes
    QVERIFY(!drainSeconds(12'400, 200, 200));
    QCOMPARE(*drainSeconds(0, 0, 200), 0.0);
    QVERIFY(isNear(*drainSeconds(8.5e6, 3 * 118'056.0, 118'056), 36.0, 0.01));
    QVERIFY(isNear(*rateToDrain(8.5e6, 6, 118'056), 1'534'722, 1));
    QVERIFY(isNear(*rateToDrain(8.5e6, 6, 118'056) / 3'600, 426.3, 0.05));
    QCOMPARE(*secondsToLimit(0, 200, 10'000), 50.0);
    QVERIFY(isNear(*secondsToLimit(0, 118'056 / 3'600.0, 10'000) / 60, 5.08, 0.005));
    QVERIFY(isNear(*secondsToLimit(0, 118'056 / 3'600.0, 100'000) / 60, 50.8, 0.05));
    QVERIFY(!secondsToLimit(0, 0, 1));
    QCOMPARE(*secondsToLimit(5, 0, 1), 0.0);
    QCOMPARE(poisonCost(10, 30, 50).blockedSeconds, 300.0);
    QCOMPARE(*poisonCost(10, 30, 50).capacityShare, 0.02);
}

void TestQueues::workersAndPartitions()
{
    QCOMPARE(*workersLostShare(8, 5), 0.375);
    QVERIFY(isNear(*workersLostShare(10, 7), 0.3, 1e-12));
    QVERIFY(isNear(*workersLostShare(5, 2), 0.6, 1e-12));
    QVERIFY(!workersLostShare(0, 0));
    const PartitionShare five = partitionShare(5, 10);
    QVERIFY(five.active == 5 && five.idle == 0 && five.least == 2 && five.most == 2);
    const PartitionShare fifteen = partitionShare(15, 10);
    QVERIFY(fifteen.active == 10 && fifteen.idle == 5);
    QCOMPARE(partitionShare(2, 8).most, 4);
    QVERIFY(partitionShare(3, 3, 0).unassigned);
    QVERIFY(partitionShare(0, 3).stopped);
    QCOMPARE(partitionShare(2, 0).idle, 2);
}

void TestQueues::retention()
{
    QCOMPARE(retentionMargin(72 * 3'600, 67.5 * 3'600).marginSeconds / 3'600, 4.5);
    QCOMPARE(*retentionMargin(0, 0, 1'250, 1'000).lost, 250);
    QVERIFY(!retentionMargin(1, 0).lost);
}

void TestQueues::names()
{
    QCOMPARE(normalisedGroupName("tracking-consumer-v1"), normalisedGroupName("tracking_consumer.V1"));
    QVERIFY(normalisedGroupName("tracking-consumer-v1") != normalisedGroupName("tracking-consumer-v2"));
}

void TestQueues::phases()
{
    // Keeps up, stops, drains.
    const auto points = counters({{120, 2'000}, {120, 0}, {180, 5'000}}, 2'000);
    const auto found = queuePhases(points);
    QCOMPARE(found.size(), std::size_t(4));
    QCOMPARE(found[0].word, QueueWord::Idle == found[0].word ? QueueWord::Idle : QueueWord::KeepingUp);
    QCOMPARE(found[1].word, QueueWord::Stopped);
    QCOMPARE(points[found[1].first].ts, 121 * kMinute); // the first sample without progress
    QCOMPARE(found[2].word, QueueWord::Draining);
    QVERIFY(isNear(found[2].completionPerSecond, 5'000 / 60.0, 10));
    QCOMPARE(found[3].word, QueueWord::KeepingUp);
    // They cover everything once.
    std::size_t next = 0;
    for (const QueuePhase &phase : found) {
        QCOMPARE(phase.first, next);
        next = phase.last + 1;
    }
    QCOMPARE(next, points.size());
    // Nothing arrives and nothing waits: silence is no fault.
    const auto silent = queuePhases(counters({{240, 0}}, 0));
    QCOMPARE(silent.size(), std::size_t(1));
    QCOMPARE(silent[0].word, QueueWord::Idle);
    QCOMPARE(queuePhases(counters({{240, 1'000}}, 1'500)).back().word, QueueWord::Growing);
}

void TestQueues::phasesWithoutCounters()
{
    std::vector<QueuePoint> points;
    for (int i = 0; i <= 60; ++i)
        points.push_back({i * kMinute, 500 + 741.67 * i, kNan, kNan, kNan, kNan, 0});
    QCOMPARE(queuePhases(points).back().word, QueueWord::Growing);
    for (QueuePoint &point : points)
        point.depth = kNan;
    QCOMPARE(queuePhases(points).back().word, QueueWord::Unknown);
    for (QueuePoint &point : points) {
        point.members = 3;
        point.assigned = 0;
    }
    QCOMPARE(queuePhases(points).back().word, QueueWord::Unassigned);
}

void TestQueues::countersStartAnew()
{
    std::vector<QueuePoint> points;
    for (const double value : {100.0, 150.0, 20.0, kNan, 50.0})
        points.push_back({Nanos(points.size()) * kSecond, 0, value, value, 1, 1, 1});
    QCOMPARE(counterIncrease(points, 0, 4, &QueuePoint::arrived), 100.0);
    QVERIFY(std::isnan(counterIncrease(points, 3, 3, &QueuePoint::arrived)));
}

/// 118,056 an hour arrive and nothing is finished from 14:17 on; the healthy lag moves below 500.
void TestQueues::alarms()
{
    const double perMinute = 118'056 / 60.0;
    std::vector<QueuePoint> points;
    const Nanos stop = 14 * kHour + 17 * kMinute;
    double arrived = 0, completed = 0;
    for (Nanos ts = 0; ts <= 16 * kHour; ts += kMinute) {
        arrived += perMinute;
        if (ts <= stop)
            completed = ts == stop ? arrived : arrived - (ts / kMinute % 2 == 0 ? 200 : 100);
        points.push_back({ts, arrived - completed, arrived, completed, ts <= stop ? 3.0 : 0.0, 3, 3});
    }
    std::map<std::string_view, Nanos> first;
    for (const QueueAlarm &alarm : queueAlarms(points))
        first[alarm.rule] = alarm.first.value_or(-1);
    const auto at = [](int h, int m, int s) { return h * kHour + m * kMinute + s * kSecond; };
    QCOMPARE(first["no_progress_5min"], at(14, 22, 0));
    QVERIFY(std::abs(first["lag_10000"] - at(14, 22, 5)) <= kSecond);
    QVERIFY(std::abs(first["lag_100000"] - at(15, 7, 50)) <= kSecond);
    QCOMPARE(first["growing_15min"], at(14, 32, 0));
    QCOMPARE(first["growing_30min"], at(14, 47, 0));
    QVERIFY(first["throughput_half"] >= at(14, 27, 0) && first["throughput_half"] <= at(14, 32, 0));
    QCOMPARE(first["unassigned"], -1);
}

void TestQueues::storedVerdicts()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    for (int i = 0; i <= 240; ++i) {
        const std::int64_t end = 10'000 + 1'000 * i, done = i <= 60 ? end - 50 : 10'000 + 60'000 - 50;
        for (const char *partition : {"0", "1"})
            sample(source, "track-v1", partition, i * kMinute, done, end, i <= 60 ? 2 : 0, i <= 60 ? 1 : 0);
        if (i >= 60)
            sample(source, "track_v1", {}, i * kMinute, {}, {}, 2, 0);
    }
    source.finish();
    const auto write = computeQueueVerdicts(*workspace, {});
    TS_VERIFY_OK(write);
    TS_VERIFY_OK(storeRun(*workspace, AnalysisRun{"queue_verdict", 1, "{}", 0, 0}, *write));
    QCOMPARE(query(*workspace,
                 "SELECT consumer_group, verdict, partitions, CAST(depth_last AS INTEGER), drain_s, "
                 "last_progress_ns / 60000000000,"
                 " same_as FROM queue_verdict WHERE scope = 'all' ORDER BY 1"),
        std::string("track-v1 stopped 2 360100 - 60 track_v1; track_v1 unassigned 1 - - - track-v1"));
    // 180 minutes without progress of 96 hours.
    QCOMPARE(query(*workspace,
                 "SELECT verdict, CAST(members_before AS INTEGER), CAST(members AS INTEGER),"
                 " round(arrival_per_s, 2), completion_per_s, round(margin_s / 3600, 2), CAST(depth_max AS "
                 "INTEGER)"
                 " FROM queue_verdict WHERE scope = 'phase' AND consumer_group = 'track-v1' AND verdict = "
                 "'stopped'"),
        std::string("stopped 2 0 33.33 0.0 93.0 360100"));
    QCOMPARE(query(*workspace,
                 "SELECT first_ns / 60000000000 FROM queue_alarm WHERE alarm = 'unassigned' AND "
                 "consumer_group = 'track_v1'"),
        std::string("60"));
}

QTEST_APPLESS_MAIN(TestQueues)
#include "tst_queues.moc"
