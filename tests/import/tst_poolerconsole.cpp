// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/consoletime.h"
#include "import/poolerconsole/poolerconsole.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(poolerConsoleImporter(), text); }

std::vector<std::string> pools(const ReadOutcome &outcome) { return outcome.sink.linesOf("pool_sample"); }

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The columns of 1.12, unaligned.
constexpr const char *kOld
    = "database|user|cl_active|cl_waiting|sv_active|sv_idle|sv_used|sv_tested|sv_login|"
      "maxwait|maxwait_us|pool_mode\n";

} // namespace

class TestPoolerConsole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTimesOfLines_data();
    void readsTimesOfLines();
    void completesPoolsInAnyOrder();
    void countsAcquisitionsByMode_data();
    void countsAcquisitionsByMode();
    void countsTheReserveOnceItIsUsed();
    void sharesNoCountersAmongPools();
    void saysWhatHasNoTime();
    void leavesOutWhatItDoesNotKnow();
    void takesNoBadFigure();
    void namesItsInstance();
    void keepsCommandsSecret();
    void sniffs();
};

void TestPoolerConsole::readsTimesOfLines_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("time");
    const auto add = [](const char *line, const char *time) {
        QTest::newRow(line) << QString::fromUtf8(line) << QString::fromUtf8(time);
    };
    add("          Sun Nov 22 19:02:06 2026 (every 1s)", "2026-11-22 19:02:06");
    add("Watch every 2s\tSun Nov  2 09:02:06 2026", "2026-11-02 09:02:06");
    add("Sun 22 Nov 2026 07:02:06 PM UTC (every 0.5s)", "2026-11-22 19:02:06Z");
    add("Sun 22 Nov 2026 12:02:06 AM UTC", "2026-11-22 00:02:06Z");
    add("Sun Nov 22 19:02:23 UTC 2026", "2026-11-22 19:02:23Z");
    add("Sun Nov 22 20:02:23 CET 2026", "2026-11-22 20:02:23");
    add("So 22 M\xC3\xA4r 2026 19:02:06 +0100", "2026-03-22 19:02:06+0100");
    add("2026-11-22T19:02:26Z", "2026-11-22T19:02:26Z");
    add("2026-11-22 19:02:26.5+02", "2026-11-22 19:02:26.5+02");
    add("(2 rows)", "");
    add("Sun Nov 31 19:02:06 2026", "");
    add("Sun Nov 22 25:02:06 2026", "");
    add("bench | app", "");
    add("Nov 22 2026", "");
    add("1764000000", "");
}

void TestPoolerConsole::readsTimesOfLines()
{
    QFETCH(QString, line);
    QFETCH(QString, time);
    QCOMPARE(consoleTime(line.toStdString()).value_or(""), time.toStdString());
}

void TestPoolerConsole::completesPoolsInAnyOrder()
{
    const ReadOutcome outcome = read("2026-03-02T10:00:00Z\n" + std::string(kOld)
        + "shop|web|20|5|10|2|1|0|0|1|500000|transaction\n\n"
          "database|total_xact_count|total_query_count|total_received|total_xact_time|total_wait_time\n"
          "shop|100|300|5|9000000|4000000\n\n"
          "name|host|port|database|force_user|pool_size|reserve_pool\nshop|db0|5432|shop||10|2\n\n"
          "list|items\nused_clients|40\n\n"
          "key|value|changeable\nmax_client_conn|50|yes\nquery_wait_timeout|2.5|yes\n");
    QCOMPARE(pools(outcome).size(), std::size_t{1});
    QCOMPARE(pools(outcome)[0],
        "pool_sample 1 server=1 pool=\"shop/web\" kind=\"connection\" mode=\"transaction\" "
        "ts_ns=1772445600000000000 capacity=10 active=10 idle=3 waiting=5 max_wait_ms=1500 "
        "acquire_timeout_ms=2500 clients=40 max_clients=50 acquired=100 wait_total_ms=4000 "
        "busy_total_ms=9000 "
        "busy_includes_wait=1 extra=\"{\\\"cl_active\\\":20,\\\"sv_used\\\":1,\\\"sv_tested\\\":0,"
        "\\\"sv_login\\\":0}\""s);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{0});
}

void TestPoolerConsole::countsAcquisitionsByMode_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("columns");
    QTest::addColumn<QString>("acquired");
    const QString old = QStringLiteral("total_xact_count"),
                  now = old + QStringLiteral("|total_server_assignment_count");
    QTest::newRow("transaction") << QStringLiteral("transaction") << old << QStringLiteral("acquired=7 ");
    QTest::newRow("statement") << QStringLiteral("statement") << old << QStringLiteral("acquired=30 ");
    QTest::newRow("session") << QStringLiteral("session") << old << QString();
    QTest::newRow("session, 1.23") << QStringLiteral("session") << now << QStringLiteral("acquired=4 ");
}

void TestPoolerConsole::countsAcquisitionsByMode()
{
    QFETCH(QString, mode);
    QFETCH(QString, columns);
    QFETCH(QString, acquired);
    const bool assigned = columns.contains(QLatin1Char('|'));
    const ReadOutcome outcome = read("2026-03-02T10:00:00Z\n"s + kOld + "shop|web|2|0|1|2|1|0|0|0|0|"
        + mode.toStdString() + "\n\ndatabase|total_query_count|total_received|" + columns.toStdString()
        + "\nshop|30|0|7" + (assigned ? "|4" : "") + "\n");
    QCOMPARE(pools(outcome).size(), std::size_t{1});
    const QString row = QString::fromStdString(pools(outcome)[0]);
    QVERIFY2(row.contains(QLatin1String("acquired=")) == !acquired.isEmpty() && row.contains(acquired),
        qPrintable(row));
}

void TestPoolerConsole::countsTheReserveOnceItIsUsed()
{
    const std::string sizes
        = "name|host|port|database|force_user|pool_size|reserve_pool_size|max_connections\n"
          "a|h|1|a||10|3|0\nb|h|1|b||10|3|12\n\n";
    const ReadOutcome outcome = read(sizes + kOld
        + "a|u|0|0|10|0|0|0|0|0|0|session\na|v|0|0|11|0|0|0|0|0|0|session\n"
          "b|u|0|0|11|0|0|0|0|0|0|session\n");
    QCOMPARE(pools(outcome).size(), std::size_t{3});
    QVERIFY(contains(pools(outcome)[0], "capacity=10 "));
    QVERIFY(contains(pools(outcome)[1], "capacity=13 "));
    QVERIFY(contains(pools(outcome)[2], "capacity=12 "));
}

void TestPoolerConsole::sharesNoCountersAmongPools()
{
    const ReadOutcome outcome = read("2026-03-02T10:00:00Z\n"s + kOld
        + "shop|web|2|0|1|2|1|0|0|0|0|transaction\nshop|job|2|0|1|2|1|0|0|0|0|transaction\n\n"
          "database,total_xact_count,total_received,total_wait_time\nshop,7,1,9000\n");
    QCOMPARE(pools(outcome).size(), std::size_t{2});
    QVERIFY(!contains(outcome.sink.text(), "acquired="));
    QVERIFY(outcome.hasIssue("stats-of-several-pools"));
    QVERIFY(contains(outcome.sink.text(), "pgbouncer.wait_time"));
}

void TestPoolerConsole::saysWhatHasNoTime()
{
    const std::string once = std::string(kOld) + "shop|web|2|0|1|2|1|0|0|0|0|transaction\n";
    const ReadOutcome twice = read(once + once);
    QCOMPARE(pools(twice).size(), std::size_t{2});
    QVERIFY(!contains(twice.sink.text(), "ts_ns"));
    QVERIFY(twice.hasIssue("no-time"));
    // A time counts for one snapshot, not for what its user asked later.
    const ReadOutcome repeated = read("2026-03-02T10:00:00Z\n" + once + once);
    QVERIFY(contains(pools(repeated)[0], "ts_ns"));
    QVERIFY(!contains(pools(repeated)[1], "ts_ns"));
}

void TestPoolerConsole::leavesOutWhatItDoesNotKnow()
{
    const ReadOutcome outcome = read(std::string(kOld)
        + "shop|web|2|0|1|2|1|0|0|0|0|transaction\n\n"
          " name | balance \n------+---------\n a    |       1\n(1 row)\n\n"
        + kOld + "shop|web|1\npgbouncer|pgbouncer|2|0|1|2|1|0|0|0|0|statement\n");
    QCOMPARE(pools(outcome).size(), std::size_t{1});
    QVERIFY(outcome.hasIssue("unknown-result-set"));
    QVERIFY(outcome.hasIssue("wrong-field-count"));
    QVERIFY(outcome.hasIssue("admin-console"));
    QVERIFY(read("hello\nworld\n").error.has_value());
}

void TestPoolerConsole::takesNoBadFigure()
{
    const ReadOutcome outcome = read(std::string(kOld) + "shop|web|50%|-3|1,5|nan|1|0|0|0|0|transaction\n");
    QCOMPARE(pools(outcome).size(), std::size_t{1});
    for (const char *column : {"waiting=", "active=", "\"idle=0"})
        QVERIFY2(!contains(pools(outcome)[0], " "s + column), column);
    QVERIFY(outcome.hasIssue("bad-value"));
}

/// A line that exported snapshots begin with.
void TestPoolerConsole::namesItsInstance()
{
    const std::string stats = "2026-03-02T10:00:00Z\ndatabase|total_received|total_xact_count\nshop|1|7\n";
    for (const std::string &line : {""s, "tailscope: instance db1:6432\n\n"s}) {
        const ReadOutcome outcome = read(line + stats);
        const std::vector<std::string> series = outcome.sink.linesOf("series");
        QCOMPARE(series.size(), std::size_t{2});
        for (const std::string &one : series)
            QVERIFY2(contains(one, "instance=\"db1:6432\"") != line.empty(), one.c_str());
    }
}

void TestPoolerConsole::keepsCommandsSecret()
{
    const ReadOutcome outcome = read("key|value|default|changeable\nauth_dbname_password|hunter2||yes\n");
    QVERIFY(contains(outcome.sink.text(), "auth_dbname_password"));
    QVERIFY(!contains(outcome.sink.text(), "hunter2"));
}

void TestPoolerConsole::sniffs()
{
    const Importer &importer = poolerConsoleImporter();
    QCOMPARE(importer.sniff(kOld, "x"), Confidence::Strong);
    QCOMPARE(importer.sniff(
                 "-[ RECORD 1 ]---\ndatabase | a\nuser | b\ncl_active | 1\ncl_waiting | 0\nsv_active | 0\n",
                 "x"),
        Confidence::Strong);
    QCOMPARE(importer.sniff("ts,series,labels,value\n", "pools.csv"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestPoolerConsole)
#include "tst_poolerconsole.moc"
