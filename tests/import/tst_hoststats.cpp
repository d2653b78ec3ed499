// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/hoststats/hoststats.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

bool has(const ReadOutcome &outcome, const std::string &part)
{
    return outcome.sink.text().find(part) != std::string::npos;
}

const std::string kVmstatHead
    = "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----\n"
      " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 "
      "UTC\n";
const std::string kBanner = "Linux 6.1.0 (web-1) \t03/02/26 \t_x86_64_\t(2 CPU)\n\n";

} // namespace

class TestHostStats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsVmstat();
    void putsUntimedVmstatASecondApart();
    void readsSar();
    void noticesMidnight();
    void readsPidstat();
    void tellsDateOrder();
    void readsCpuStat();
};

void TestHostStats::readsVmstat()
{
    const ReadOutcome outcome = readBytes(vmstatImporter(),
        kVmstatHead
            + " 5  0      0 1024  68396 3629456    0    0   439  2258  319  439 58 23 18  0  1 2026-03-02 "
              "12:00:00\n"
            + kVmstatHead
            + " 7  1      0 2048  68396 3629456    0    0 10560 43840  708  986 72 27  0  0  1 2026-03-02 "
              "12:00:01\n"
            + " 7  1 broken\n");
    QVERIFY(!outcome.error);
    // The first line is of all time since the start of the machine.
    QVERIFY(outcome.hasIssue("since-boot"));
    QCOMPARE(outcome.sink.count("point"), std::size_t(17));
    QVERIFY(has(outcome, "system.cpu.run_queue"));
    QVERIFY(has(outcome, "ts=1772452801000000000 value=0.72"));
    QVERIFY(has(outcome, "value=2097152"));
    QCOMPARE(outcome.report.rowsSkipped(), 1);
}

void TestHostStats::putsUntimedVmstatASecondApart()
{
    const ReadOutcome outcome = readBytes(vmstatImporter(),
        " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st gu\n"
        " 1  0  0 1 1 1 0 0 0 0 0 0 1 1 98 0 0 0\n"
        " 2  0  0 1 1 1 0 0 0 0 0 0 1 1 98 0 0 0\n"
        " 3  0  0 1 1 1 0 0 0 0 0 0 1 1 98 0 0 0\n");
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("no-times"));
    QCOMPARE(outcome.sink.count("point"), std::size_t(36));
    QVERIFY(has(outcome, "ts=2000000000 value=3"));
    QVERIFY(has(outcome, "clock=relative"));
}

void TestHostStats::readsSar()
{
    const ReadOutcome outcome = readBytes(sysstatImporter(),
        kBanner
            + "12:00:01 PM     CPU     %usr     %idle\n12:00:02 PM     all    25.00     75.00\n"
              "12:00:02 PM       0    50.00     50.00\nAverage:        all    25.00     75.00\n\n"
              "12:00:01 PM       DEV       tps     await     %util\n12:00:02 PM       sda      10.0      2,5 "
              "     100.00\n"
              "12:00:05 PM     LINUX RESTART\t(2 CPU)\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), std::size_t(7));
    QVERIFY(has(outcome, "ts=1772452802000000000 value=0.25"));
    QVERIFY(has(outcome, "web-1"));
    QVERIFY(has(outcome, "system.disk.wait"));
    QVERIFY(outcome.hasIssue("decimal-comma"));
    QVERIFY(outcome.hasIssue("averages"));
    QCOMPARE(outcome.sink.count("event"), std::size_t(1));
}

void TestHostStats::noticesMidnight()
{
    const ReadOutcome outcome = readBytes(sysstatImporter(),
        kBanner
            + "23:59:58     proc/s   cswch/s\n23:59:59     1.00     1.00\n00:00:00     2.00     2.00\n\n"
              "23:59:58     kbmemfree\n23:59:59     7\n00:00:00     8\n");
    QVERIFY(!outcome.error);
    // 2026-03-03 00:00:00 for both tables
    QVERIFY(has(outcome, "ts=1772496000000000000 value=2"));
    QVERIFY(has(outcome, "ts=1772496000000000000 value=8192"));
    QVERIFY(has(outcome, "ts=1772495999000000000 value=7168"));
}

void TestHostStats::readsPidstat()
{
    const ReadOutcome outcome = readBytes(sysstatImporter(),
        kBanner
            + "# Time        UID       PID    %usr     %CPU   CPU     RSS  Command\n"
              "12:00:00        0        77    10.00     20.00     1    2048  postgres: writer process\n");
    QVERIFY(!outcome.error);
    QVERIFY(has(outcome, "postgres: writer process"));
    QCOMPARE(outcome.sink.count("point"), std::size_t(3));
    QVERIFY(has(outcome, "value=2097152"));
    QVERIFY(has(outcome, "value=0.2"));
}

void TestHostStats::tellsDateOrder()
{
    const std::string rows = "12:00:00     proc/s   cswch/s\n12:00:01     1.00     1.00\n";
    QVERIFY(readBytes(sysstatImporter(), kBanner + rows).hasIssue("date-order"));
    const ReadOutcome certain
        = readBytes(sysstatImporter(), "Linux 6.1.0 (web-1) \t2026-03-02 \t_x86_64_\t(2 CPU)\n" + rows);
    QVERIFY(!certain.hasIssue("date-order"));
    QVERIFY(has(certain, "ts=1772452801000000000"));
    const ReadOutcome dayFirst
        = readBytes(sysstatImporter(), "Linux 6.1.0 (web-1) \t23.03.2026 \t_x86_64_\t(2 CPU)\n" + rows);
    QVERIFY(has(dayFirst, "ts=1774267201000000000"));
    const ReadOutcome none = readBytes(sysstatImporter(), rows);
    QVERIFY(none.report.rowsSkipped() > 0);
    QCOMPARE(none.sink.count("point"), std::size_t(0));
}

void TestHostStats::readsCpuStat()
{
    const ReadOutcome v2 = readBytes(cgroupCpuStatImporter(),
        "2026-03-02T12:00:00Z\nusage_usec 5000000\nnr_periods 10\nnr_throttled 4\nthrottled_usec "
        "250000\nnr_bursts 0\n");
    QVERIFY(!v2.error);
    QCOMPARE(v2.sink.count("point"), std::size_t(4));
    QVERIFY(has(v2, "ts=1772452800000000000 value=0.25"));
    QVERIFY(has(v2, "value=5"));
    const ReadOutcome v1 = readBytes(cgroupCpuStatImporter(),
        "nr_periods 1\nnr_throttled 0\nthrottled_time 0\nnr_periods 2\nnr_throttled 1\nthrottled_time "
        "5000000\n");
    QVERIFY(v1.hasIssue("no-times"));
    QVERIFY(has(v1, "ts=1000000000 value=0.005"));
}

QTEST_GUILESS_MAIN(TestHostStats)
#include "tst_hoststats.moc"
