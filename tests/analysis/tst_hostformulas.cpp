// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Throttling, pauses, processors and memory: known answers and edges.
#include "analysis/hostformulas.h"

#include <cmath>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond;

bool isNear(double value, double expected, double tolerance = 1e-9)
{
    return std::abs(value - expected) <= tolerance;
}

} // namespace

class TestHostFormulas : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void throttling();
    void quotas();
    void pauses();
    void processors();
    void memory();
};

// FH-01
void TestHostFormulas::throttling()
{
    QVERIFY(isNear(*throttledShare(600, 340), 0.5667, 5e-5));
    QVERIFY(isNear(*throttledShare(600, 25), 0.0417, 5e-5));
    QVERIFY(!throttledShare(0, 0));
    QVERIFY(!throttledShare(10, 11));
    QVERIFY(!throttledShare(10, -1));
}

// FH-02
void TestHostFormulas::quotas()
{
    QVERIFY(isNear(quotaPeriod(1, 1.5)->runMs, 66.667, 1e-3));
    QVERIFY(isNear(quotaPeriod(1, 1.5)->stallMs, 33.333, 1e-3));
    QVERIFY(isNear(quotaPeriod(2, 2)->stallMs, 0));
    QVERIFY(isNear(quotaPeriod(4, 2)->stallMs, 0));
    QVERIFY(!quotaPeriod(0, 1));
}

// FB-13
void TestHostFormulas::pauses()
{
    QVERIFY(isNear(pauseShare(0.2, 5, 0)->time, 0.04));
    QVERIFY(isNear(pauseShare(0.2, 5, 0)->requests, 0.04));
    QVERIFY(isNear(pauseShare(0.2, 5, 0.2)->requests, 0.08));
    QVERIFY(isNear(pauseShare(1, 5, 10)->requests, 1));
    QVERIFY(pauseShare(5, 5, 1)->isAlways);
    QVERIFY(!pauseShare(0.2, 5, 1)->isAlways);
    QVERIFY(!pauseShare(0.2, 0, 1));
    QVERIFY(!pauseShare(-1, 5, 1));
}

// FT-21
void TestHostFormulas::processors()
{
    QVERIFY(*cpuBound(0.85) == CpuBound::Computing);
    QVERIFY(*cpuBound(0.22) == CpuBound::Waiting);
    QVERIFY(*cpuBound(0.62) == CpuBound::Mixed);
    QVERIFY(!cpuBound(1.5));
    QVERIFY(!cpuBound(std::nan("")));
    QCOMPARE(cpuBoundText(CpuBound::Waiting), std::string_view("waiting"));
}

// FH-03
void TestHostFormulas::memory()
{
    constexpr double mib = 1048576;
    // 85 % of 4 GiB at the end, 50 MiB an hour, with a saw-tooth on top of the floor.
    SeriesValues leak;
    for (int minute = 0; minute <= 480; ++minute) {
        leak.ts.push_back(minute * kMinute);
        const double floor = 4096 * mib * 0.85 - 50 * mib * (480 - minute) / 60.0;
        leak.values.push_back(floor + (minute % 10) * 12 * mib);
    }
    const auto trend = floorTrend(leak);
    QVERIFY(trend && trend->isRising());
    QVERIFY2(isNear(trend->perHour / mib, 50, 0.5), qPrintable(QString::number(trend->perHour / mib)));
    const auto hours = hoursToLimit(*trend, 4096 * mib);
    QVERIFY2(hours && isNear(*hours, 12.29, 0.3), qPrintable(QString::number(*hours)));
    // A saw-tooth with a constant floor is healthy, however high the teeth.
    SeriesValues healthy = leak;
    for (int i = 0; i < int(healthy.size()); ++i)
        healthy.values[std::size_t(i)] = 500 * mib + (i % 10) * 200 * mib;
    const auto flat = floorTrend(healthy);
    QVERIFY(flat && !flat->isRising());
    QVERIFY(!hoursToLimit(*flat, 4096 * mib));
    // Noise round a level is no trend, falling neither.
    for (int i = 0; i < int(healthy.size()); ++i)
        healthy.values[std::size_t(i)] = 500 * mib + ((i * 7919) % 97) * mib;
    QVERIFY(!floorTrend(healthy)->isRising());
    for (double &value : leak.values)
        value = -value;
    QVERIFY(!floorTrend(leak)->isRising());
    // Less than an hour says nothing; at the limit no time is left.
    leak.ts.resize(50);
    leak.values.resize(50);
    QVERIFY(!floorTrend(leak));
    QCOMPARE(*hoursToLimit(*trend, mib), 0.0);
}

QTEST_GUILESS_MAIN(TestHostFormulas)
#include "tst_hostformulas.moc"
