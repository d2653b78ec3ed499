// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/poollog/poollog.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> rows(const Importer &importer, const std::string &text, std::string_view kind)
{
    return readBytes(importer, text).sink.linesOf(kind);
}
std::string pooler(const std::string &line, std::string_view kind)
{
    const auto list
        = rows(pgbouncerLogImporter(), "2026-03-02 10:00:00.000 UTC [7] LOG " + line + "\n", kind);
    return list.empty() ? std::string() : list.back();
}
std::string hikari(const std::string &line, std::string_view kind)
{
    const auto list
        = rows(hikariLogImporter(), "2026-03-02 10:00:00.000 DEBUG HikariPool - " + line + "\n", kind);
    return list.empty() ? std::string() : list.back();
}

} // namespace

class TestPoolLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesLinesOfPgbouncerApart();
    void countsWaitersByVersion();
    void countsTimeoutsOfOneProcess();
    void readsPoolStats_data();
    void readsPoolStats();
    void takesSizesFromTheConfiguration();
    void keepsTheStackOfALeak();
    void passesOthersBy();
    void sniffs();
};

void TestPoolLog::takesLinesOfPgbouncerApart()
{
    const std::string entry
        = pooler("C-0x562b0d0b8b90: bench/app@127.0.0.1:38674 login attempt: db=bench", "log_entry");
    for (const char *part : {"pid=7", "user=\"app\"", "db=\"bench\"", "client=\"127.0.0.1\"",
             "kind=\"connection\"", "message=\"login attempt: db=bench\""})
        QVERIFY2(contains(entry, part), (part + ("\n" + entry)).c_str());
    // The peer of a server's connection is no client; before the login nobody is known.
    QVERIFY(!contains(pooler("S-0x1: bench/app@db1:5432 new connection to server", "log_entry"), "client="));
    QVERIFY(!contains(pooler("C-0x1: (nodb)/(nouser)@10.0.0.1:1 closing because: x", "log_entry"), "user="));
    QVERIFY(contains(pooler("C-0x1: a/b@h:1 closing because: query_wait_timeout (age=1s)", "log_entry"),
        "pool_timeout"));
}

void TestPoolLog::countsWaitersByVersion()
{
    const std::string stats
        = "stats: 20 xacts/s, 20 queries/s, in 540 B/s, out 1300 B/s, xact 992776 us, query 992776 us, "
          "wait 16237578 us";
    // Nobody says what the wait means.
    QVERIFY(!contains(pooler(stats, "pool_sample"), "waiting="));
    QVERIFY(contains(pooler(stats, "pool_sample"), "throughput=20"));
    const std::string head = "2026-03-02 10:00:00.000 UTC [7] LOG ";
    const auto with = [&](const std::string &version) {
        return rows(pgbouncerLogImporter(),
            head + "process up: PgBouncer " + version + ", libevent 2.1\n" + head + stats + "\n",
            "pool_sample")[0];
    };
    // Seconds waited a second: sixteen clients waited.
    QVERIFY(contains(with("1.18.0"), "waiting=16.237578"));
    QVERIFY(!contains(with("1.23.1"), "waiting="));
}

void TestPoolLog::countsTimeoutsOfOneProcess()
{
    const std::string head
        = "2026-03-02 10:00:00.000 UTC [7] ",
        late = "LOG C-0x1: a/b@h:1 closing because: ", stats = head + "LOG stats: 1 xacts/s, 1 queries/s\n";
    const auto samples = rows(pgbouncerLogImporter(),
        head + late + "query_wait_timeout (age=1s)\n" + head
            + "WARNING C-0x1: a/b@h:1 pooler error: query_wait_timeout\n" + head + late
            + "no more connections allowed (max_client_conn) (age=0s)\n" + stats + head
            + "LOG process up: PgBouncer 1.18.0\n" + stats,
        "pool_sample");
    QCOMPARE(samples.size(), std::size_t{2});
    QVERIFY2(contains(samples[0], "timeouts=1"), samples[0].c_str());
    QVERIFY2(contains(samples[0], "refused_clients\\\":1"), samples[0].c_str());
    QVERIFY2(contains(samples[1], "timeouts=0"), samples[1].c_str());
}

void TestPoolLog::readsPoolStats_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("expected");
    const auto add = [](const char *name, const char *line, const char *expected) {
        QTest::newRow(name) << QString::fromLatin1(line) << QString::fromLatin1(expected);
    };
    add("old", "p1 - Before cleanup stats (total=20, active=19, idle=1, waiting=2)",
        "pool=\"p1\" ts_ns=1772445600000000000 active=19 idle=1 waiting=2 timeouts=0");
    add("new", "p1 - After cleanup  stats (total=20/30, idle=1/30, active=19, waiting=2)",
        "pool=\"p1\" ts_ns=1772445600000000000 capacity=30 active=19 idle=1 waiting=2 timeouts=0");
    add("newest", "p1 - Pool stats (total=20/30, idle=1/30, active=19, waiting=2)",
        "pool=\"p1\" ts_ns=1772445600000000000 capacity=30 active=19 idle=1 waiting=2 timeouts=0");
    add("timeout",
        "p1 - Connection is not available, request timed out after 2004ms (total=5, active=5, idle=0, "
        "waiting=9)",
        "pool=\"p1\" ts_ns=1772445600000000000 active=5 idle=0 waiting=9 acquire_timeout_ms=2000 timeouts=1");
}

void TestPoolLog::readsPoolStats()
{
    QFETCH(QString, line);
    QFETCH(QString, expected);
    const QString row = QString::fromStdString(hikari(line.toStdString(), "pool_sample"));
    QVERIFY2(row.contains(expected), qPrintable(row));
}

void TestPoolLog::takesSizesFromTheConfiguration()
{
    const std::string head = "2026-03-02 10:00:00,000 DEBUG com.zaxxer.hikari.HikariConfig - ";
    const std::string text = head + "connectionTimeout...........2000\n" + head
        + "maximumPoolSize.............20\n" + head + "poolName....................\"p1\"\n" + head
        + "p1 - Before cleanup stats (total=3, active=3, idle=0, waiting=0)\n";
    const auto samples = rows(hikariLogImporter(), text, "pool_sample");
    QCOMPARE(samples.size(), std::size_t{1});
    QVERIFY2(contains(samples[0], "capacity=20 active=3 idle=0 waiting=0 acquire_timeout_ms=2000"),
        samples[0].c_str());
    QCOMPARE(rows(hikariLogImporter(), text, "config").size(), std::size_t{2});
}

void TestPoolLog::keepsTheStackOfALeak()
{
    const auto entries = rows(hikariLogImporter(),
        "2026-03-02 10:00:00 WARN ProxyLeakTask - Connection leak detection triggered for c@1 on thread t, "
        "stack trace "
        "follows\njava.lang.Exception: Apparent connection leak detected\n\tat "
        "shop.Export.run(Export.java:77)\n"
        "2026-03-02 10:00:01 INFO shop - something else\n\tat nobody\n",
        "log_entry");
    QCOMPARE(entries.size(), std::size_t{1});
    QVERIFY(contains(entries[0], "kind=\"pool_leak\""));
    QVERIFY(contains(entries[0], "at shop.Export.run(Export.java:77)"));
    QVERIFY(!contains(entries[0], "nobody"));
}

void TestPoolLog::passesOthersBy()
{
    const ReadOutcome outcome = readBytes(hikariLogImporter(), "10:00 shop - active=3\nplain text\n");
    QVERIFY(outcome.error.has_value());
    const ReadOutcome broken
        = readBytes(pgbouncerLogImporter(), "2026-03-02 10:00:00 UTC [7] LOG x\nplain text\n");
    QCOMPARE(broken.report.rowsRead(), std::int64_t{1});
    QCOMPARE(broken.report.rowsSkipped(), std::int64_t{1});
}

void TestPoolLog::sniffs()
{
    // The log of a server has the same head.
    QCOMPARE(pgbouncerLogImporter().sniff("2026-03-02 10:00:00.000 UTC [7] LOG:  checkpoint starting: time\n",
                 "x"),
        Confidence::No);
    QCOMPARE(pgbouncerLogImporter().sniff("2026-03-02 10:00:00.000 UTC [7] LOG stats: 1 xacts/s\n", "x"),
        Confidence::Strong);
    QCOMPARE(hikariLogImporter().sniff("2026-03-02 10:00:00 INFO shop - p1 - Start completed.\n", "x"),
        Confidence::No);
}

QTEST_GUILESS_MAIN(TestPoolLog)
#include "tst_poollog.moc"
