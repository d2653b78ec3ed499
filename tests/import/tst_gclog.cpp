// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/gclog/gcline.h"
#include "import/gclog/gclog.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::import::gclog;
using namespace tailscope::testing;

class TestGcLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsJvmPauses();
    void readsDecorations_data();
    void readsDecorations();
    void readsSafepoints();
    void readsGo();
    void readsNode();
    void leavesOtherLines_data();
    void leavesOtherLines();
    void keepsOneClock();
};

void TestGcLog::readsJvmPauses()
{
    const GcLine line
        = parseJvmLine("[2026-03-02T12:00:00.500+0100][0.471s][info][gc             ] GC(3) Pause Young "
                       "(Concurrent Start) (G1 Evacuation Pause) 24M->3M(256M) 2.345ms");
    QVERIFY(line.kind == GcLine::Kind::Pauses && line.isUtc);
    const Pause &pause = line.pauses.front();
    QCOMPARE(pause.durationNs, Nanos(2'345'000));
    // 11:00:00.5 UTC is the end.
    QCOMPARE(pause.startNs, Nanos(1'772'449'200'500'000'000 - 2'345'000));
    QCOMPARE(std::string(pause.kind), std::string("young"));
    QCOMPARE(std::string(pause.cause), std::string("G1 Evacuation Pause"));
    QCOMPARE(*pause.heapBefore, std::int64_t(24) << 20);
    QCOMPARE(*pause.heapAfter, std::int64_t(3) << 20);
    const GcLine called = parseJvmLine("[1.5s][gc] GC(0) Pause Full (System.gc()) 5M->1M(64M) 500.000ms");
    QCOMPARE(std::string(called.pauses.at(0).cause), std::string("System.gc()"));
}

void TestGcLog::readsDecorations_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<qint64>("start");
    QTest::newRow("uptime only") << QByteArray(
        "[1.500s] GC(0) Pause Full (System.gc()) 5M->1M(64M) 500.000ms")
                                 << qint64(1'000'000'000);
    QTest::newRow("uptime in ms") << QByteArray(
        "[1500ms][info][gc] GC(0) Pause Full (x) 5M->1M(64M) 500.000ms")
                                  << qint64(1'000'000'000);
    QTest::newRow("uptime in ns") << QByteArray(
        "[1500000000ns][gc] GC(0) Pause Full (x) 5M->1M(64M) 500.000ms")
                                  << qint64(1'000'000'000);
    QTest::newRow("pid and level") << QByteArray(
        "[1.5s][4711][debug][gc,phases] GC(0) Pause Full (x) 5M->1M(64M) 500ms")
                                   << qint64(1'000'000'000);
}

void TestGcLog::readsDecorations()
{
    QFETCH(QByteArray, line);
    QFETCH(qint64, start);
    const GcLine found = parseJvmLine(line.toStdString());
    QVERIFY(found.kind == GcLine::Kind::Pauses);
    QVERIFY(!found.isUtc);
    QCOMPARE(found.pauses.front().startNs, start);
    QCOMPARE(std::string(found.pauses.front().kind), std::string("full"));
}

void TestGcLog::readsSafepoints()
{
    const std::string head = "[10.000s][info][safepoint   ] Safepoint ";
    const std::string tail = ", Time since last: 99 ns, Reaching safepoint: 219000000 ns, Cleanup: 1 ns, At "
                             "safepoint: 2 ns, Total: 220000000 ns";
    const GcLine other = parseJvmLine(head + "\"Cleanup\"" + tail);
    QCOMPARE(other.pauses.size(), std::size_t(1));
    QCOMPARE(std::string(other.pauses.front().kind), std::string("safepoint"));
    QCOMPARE(other.pauses.front().durationNs, Nanos(220'000'000));
    // The collection has a line of its own; the time until all threads stood still is not in it.
    const GcLine collection = parseJvmLine(head + "\"G1CollectForAllocation\"" + tail);
    QCOMPARE(std::string(collection.pauses.front().kind), std::string("reaching safepoint"));
    QCOMPARE(collection.pauses.front().durationNs, Nanos(219'000'000));
    QCOMPARE(collection.pauses.front().startNs, Nanos(9'780'000'000));
}

void TestGcLog::readsGo()
{
    const GcLine line = parseGoLine(
        "gc 1 @0.012s 2%: 0.026+0.39+0.10 ms clock, 0.21+0.88/0.52/0+0.84 ms cpu, 4->5->1 MB, 5 "
        "MB goal, 0 MB stacks, 0 MB globals, 8 P");
    QCOMPARE(line.pauses.size(), std::size_t(2));
    QCOMPARE(line.pauses[0].startNs, Nanos(12'000'000));
    QCOMPARE(line.pauses[0].durationNs, Nanos(26'000));
    QCOMPARE(line.pauses[1].startNs, Nanos(12'416'000));
    QCOMPARE(line.pauses[1].durationNs, Nanos(100'000));
    QCOMPARE(*line.pauses[0].heapBefore, std::int64_t(4) << 20);
    QCOMPARE(*line.pauses[1].heapAfter, std::int64_t(1) << 20);
}

void TestGcLog::readsNode()
{
    const GcLine line
        = parseNodeLine("[6592:0x18f4fec0]      604 ms: Scavenge 3.9 (4.0) -> 3.7 (5.0) MB, 75.03 / 0.00 ms  "
                        "(average mu = 1.000, current mu = 1.000) allocation failure; ");
    QCOMPARE(line.pauses.size(), std::size_t(1));
    QCOMPARE(line.pauses[0].durationNs, Nanos(75'030'000));
    QCOMPARE(line.pauses[0].startNs, Nanos(528'970'000));
    QCOMPARE(std::string(line.pauses[0].cause), std::string("allocation failure"));
    QCOMPARE(std::string(line.instance), std::string("6592:0x18f4fec0"));
    const GcLine full = parseNodeLine(
        "[1:0x2]      45 ms: Mark-Compact (reduce) 12.5 (15.0) -> 10.0 (15.0) MB, pooled: 0.0 MB, "
        "5.6 / 0.0 ms (average mu = 0.9) last resort");
    QCOMPARE(std::string(full.pauses.at(0).kind), std::string("full"));
    QCOMPARE(full.pauses.at(0).durationNs, Nanos(5'600'000));
    QCOMPARE(*full.pauses.at(0).heapBefore, std::int64_t(12.5 * 1024 * 1024));
}

void TestGcLog::leavesOtherLines_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char *line : {"", "[", "[]", "gc ", "gc 1 @s : ms clock,", "gc 1 @1s 2%: 1+2 ms clock, x",
             "[1.5s", "[1:0x2] ms: Scavenge", "[1:0x2] 1 ms: Scavenge 1 -> MB,", "[x][gc] GC(",
             "GC(0) Pause Full 5ms", "[1.5s][gc] GC(0) Pause Young (x) 24M->3M(256M) -1.0ms",
             "[1.5s][gc] GC(1) Concurrent Mark Cycle 12.0ms",
             "[99999999999999999999s][gc] GC(1) Pause Full 1ms"})
        QTest::newRow(line) << QByteArray(line);
}

void TestGcLog::leavesOtherLines()
{
    QFETCH(QByteArray, line);
    const std::string text = line.toStdString();
    QVERIFY(parseJvmLine(text).pauses.empty());
    QVERIFY(parseGoLine(text).pauses.empty());
    QVERIFY(parseNodeLine(text).pauses.empty());
}

void TestGcLog::keepsOneClock()
{
    const ReadOutcome outcome = readBytes(gcLogImporter(),
        "[2026-03-02T12:00:00.500Z][gc] GC(0) Pause Full (x) 5M->1M(64M) 1ms\n"
        "[1.5s][gc] GC(1) Pause Full (x) 5M->1M(64M) 1ms\nhello\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("pause"), std::size_t(1));
    QVERIFY(outcome.hasIssue("other-clock"));
    QVERIFY(outcome.hasIssue("foreign-line"));
}

QTEST_GUILESS_MAIN(TestGcLog)
#include "tst_gclog.moc"
