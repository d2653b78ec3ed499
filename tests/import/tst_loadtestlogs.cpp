// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Logs of load generators: pgbench, Gatling, Locust.
#include "import/loadtestgatling/gatling.h"
#include "import/loadtestlocust/locust.h"
#include "import/loadtestpgbench/pgbench.h"
#include "loadrows.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

std::string tabs(const Lines &fields)
{
    std::string result;
    for (const std::string &field : fields)
        result += (result.empty() ? "" : "\t") + field;
    return result + '\n';
}

} // namespace

class TestLoadTestLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTransactions();
    void tellsLagFromRetries();
    void keepsFailedTransactions();
    void rejectsBadTransactions();
    void readsAggregates();
    void readsProgress();
    void readsSummaries();
    void tellsThrottledRuns();
    void readsGatling();
    void readsOlderGatling();
    void rejectsBadRecords();
    void readsLocustStats();
    void readsLocustHistory();
    void readsLocustFailures();
    void sniffs();
};

void TestLoadTestLogs::readsTransactions()
{
    const ReadOutcome outcome = readBytes(pgbenchLogImporter(),
        "0 1 30716 0 1795374395 427573\n2 1 38767 1 1795374395 435693\n", 7);
    // The moment is the end of the transaction.
    QCOMPARE(requestsOf(outcome),
        (Lines{"script 0 1795374395396857 30716", "script 1 1795374395396926 38767"}));
    QCOMPARE(wholeField(outcome, "users"), "3"s);
    QVERIFY(hasText(outcome, R"("loop":"closed","coordinated_omission":"possible")"));
}

void TestLoadTestLogs::tellsLagFromRetries()
{
    const ReadOutcome lag = readBytes(pgbenchLogImporter(),
        "0 1 30721 0 1795374398 642731 197\n3 1 22034 0 1795374398 656854 2562\n");
    QVERIFY(hasText(lag, R"("pgbench.schedule_lag_ms":real 2.562)"));
    QVERIFY(hasText(lag, R"("loop":"open","coordinated_omission":"corrected")"));
    const ReadOutcome retries = readBytes(pgbenchLogImporter(),
        "0 1 25872 0 1795374410 747940 0\n1 1 26210 0 1795374410 748320 0\n1 2 26210 0 1795374410 848320 "
        "2\n");
    QVERIFY(hasText(retries, R"("pgbench.retries":integer 2)"));
    QVERIFY(hasText(retries, R"("loop":"closed")"));
    const ReadOutcome both = readBytes(pgbenchLogImporter(), "0 1 25872 0 1795374410 747940 500 1\n");
    QVERIFY(hasText(both, R"("pgbench.schedule_lag_ms":real 0.5,"pgbench.retries":integer 1)"));
}

void TestLoadTestLogs::keepsFailedTransactions()
{
    const ReadOutcome outcome = readBytes(pgbenchLogImporter(),
        "0 1 skipped 0 1795374398 642731 197\n0 2 deadlock 0 1795374398 742731 19\n0 3 100 0 1795374399 "
        "742731 9\n");
    QCOMPARE(outcome.sink.count("span"), 3);
    QCOMPARE(wholeField(outcome, "errors"), "2"s);
    QVERIFY(hasText(outcome, R"({"operation":"script 0","message":"deadlock","count":1})"));
    QCOMPARE(requestsOf(outcome).at(0), "script 0 1795374398642731 ? error"s);
}

void TestLoadTestLogs::rejectsBadTransactions()
{
    const ReadOutcome outcome = readBytes(pgbenchLogImporter(),
        "0 1 30716 0 1795374395 427573\n0 1 NaN 0 1795374395 427573\n0 1 30716\n0 1 30716 0 12 427573\n"
        "0 1 30716 0 1795374395 4275730\n0 2 5 0 17953");
    QCOMPARE(outcome.report.rowsRead(), 1);
    QCOMPARE(outcome.report.rowsSkipped(), 5);
}

void TestLoadTestLogs::readsAggregates()
{
    const ReadOutcome outcome = readBytes(pgbenchAggregateImporter(),
        "1795374402 100 400000 2000000000 402 48705 0 0 0 0 3 0 0 1 1\n"
        "1795374404 200 200000 300000000 438 33867 0 0 0 0 0 0 0 0 0\n1795374403 1 1 1 1 1\nx\n");
    const Lines intervals = phasesOf(outcome, "interval");
    QCOMPARE(intervals.size(), 2u);
    // Two seconds long; skipped, serialization and deadlock failures are requests too.
    QCOMPARE(fieldOf(intervals[0], "rate"), "50"s);
    QCOMPARE(fieldOf(intervals[0], "requests"), "105"s);
    QCOMPARE(fieldOf(intervals[0], "errors"), "5"s);
    QCOMPARE(fieldOf(intervals[0], "mean_ms"), "4"s);
    QCOMPARE(wholeField(outcome, "mean_ms"), "2"s);
    QCOMPARE(wholeField(outcome, "max_ms"), "48.705"s);
    // sqrt(2e9/100 - 4000^2) us
    QVERIFY(hasText(outcome, R"("stddev_ms":2)"));
    QCOMPARE(outcome.report.rowsSkipped(), 2);
    // Up to version 14 six numbers, and no word of failures.
    const ReadOutcome old
        = readBytes(pgbenchAggregateImporter(), "1795374402 10 40000 200000000 402 48705\n");
    QCOMPARE(wholeField(old, "errors"), ""s);
    QCOMPARE(wholeField(old, "requests"), "10"s);
}

void TestLoadTestLogs::readsProgress()
{
    const ReadOutcome outcome = readBytes(pgbenchOutputImporter(),
        "pgbench (15.20 (Debian))\nprogress: 1.0 s, 658.0 tps, lat 5.076 ms stddev 4.913, 0 failed\n"
        "progress: 3.0 s, 1000.0 tps, lat 3.655 ms stddev 3.584, 20 failed\nprogress: 2.0 s, 1.0 tps, lat 1 "
        "ms "
        "stddev 1\nprogress: x s\n");
    const Lines intervals = phasesOf(outcome, "interval");
    QCOMPARE(intervals.size(), 2u);
    QCOMPARE(fieldOf(intervals[1], "start_ns"), "1000000000"s);
    QCOMPARE(fieldOf(intervals[1], "requests"), "2020"s);
    QCOMPARE(fieldOf(intervals[1], "errors"), "20"s);
    QVERIFY(hasText(outcome, "source kind=load_test clock=relative"));
    QVERIFY(hasText(outcome, "\"version\":\"15.20\""));
    QVERIFY(outcome.hasIssue("out-of-order"));
    QVERIFY(outcome.hasIssue("bad-progress"));
    // With --progress-timestamp there is a clock.
    const ReadOutcome dated = readBytes(pgbenchOutputImporter(),
        "progress: 1795374407.179 s, 136.0 tps, lat 10.239 ms stddev 10.042, 0 failed, lag 1.239 ms, 15 "
        "skipped\n");
    QVERIFY(hasText(dated, "source kind=load_test clock=utc"));
    QCOMPARE(fieldOf(phasesOf(dated, "interval").at(0), "end_ns"), "1795374407179000000"s);
    QCOMPARE(fieldOf(phasesOf(dated, "interval").at(0), "errors"), "15"s);
}

void TestLoadTestLogs::readsSummaries()
{
    const std::string summary
        = "transaction type: <builtin: TPC-B (sort of)>\nscaling factor: 1\nnumber of clients: 4\n"
          "number of threads: 2\nduration: 3 s\nnumber of transactions actually processed: 2811\n"
          "number of failed transactions: 9 (0.319%)\nlatency average = 4.032 ms\nlatency stddev = 4.100 ms\n"
          "tps = 900.1 (including connections establishing)\ntps = 984.922038 (without initial connection "
          "time)\n";
    const ReadOutcome outcome = readBytes(pgbenchOutputImporter(), summary + summary);
    QCOMPARE(outcome.sink.count("run"), 2);
    const std::string whole = phasesOf(outcome, "whole").at(0);
    QCOMPARE(fieldOf(whole, "requests"), "2820"s);
    QCOMPARE(fieldOf(whole, "errors"), "9"s);
    QCOMPARE(fieldOf(whole, "rate"), "984.922038"s);
    QCOMPARE(fieldOf(whole, "mean_ms"), "4.032"s);
    QCOMPARE(fieldOf(whole, "p50_ms"), ""s);
    QVERIFY(hasText(outcome, "clock=none"));
}

void TestLoadTestLogs::tellsThrottledRuns()
{
    const ReadOutcome outcome = readBytes(pgbenchOutputImporter(),
        "transaction type: x\nnumber of clients: 4\nnumber of transactions actually processed: 667\n"
        "number of transactions skipped: 43 (6.056%)\nrate limit schedule lag: avg 1.059 (max 14.540) ms\n"
        "tps = 177.4 (without initial connection time)\n");
    QVERIFY(hasText(outcome, R"("loop":"open","coordinated_omission":"corrected")"));
    QCOMPARE(wholeField(outcome, "requests"), "710"s);
    QCOMPARE(wholeField(outcome, "errors"), "43"s);
}

void TestLoadTestLogs::readsGatling()
{
    const ReadOutcome outcome = readBytes(gatlingImporter(),
        tabs({"RUN", "shop.Peak", "peak", "1772452800100", "x", "3.9.5"})
            + tabs({"USER", "Buyers", "START", "1772452800200"})
            + tabs({"USER", "Buyers", "START", "1772452800300"})
            + tabs({"REQUEST", "", "Home", "1772452800250", "1772452800292", "OK", " "})
            + tabs({"REQUEST", "Checkout", "Pay", "1772452800300", "1772452802300", "KO",
                "status.find.is(200), but actually found 503"})
            + tabs({"GROUP", "Checkout", "1772452800300", "1772452802400", "2000", "KO"})
            + tabs({"USER", "Buyers", "END", "1772452802500"})
            + tabs({"ERROR", "no attribute", "1772452802600"}),
        7);
    QCOMPARE(requestsOf(outcome),
        (Lines{"Home 1772452800250000 42000", "Pay 1772452800300000 2000000 error",
            "Checkout 1772452800300000 2100000 error"}));
    QCOMPARE(wholeField(outcome, "requests"), "2"s);
    QCOMPARE(wholeField(outcome, "users"), "2"s);
    QVERIFY(hasText(outcome, "http=503"));
    QVERIFY(hasText(outcome, R"("loadtest.group":text "Checkout")"));
    QVERIFY(hasText(outcome, R"({"message":"no attribute","count":1})"));
    QVERIFY(hasText(outcome, R"("version":"3.9.5")"));
}

void TestLoadTestLogs::readsOlderGatling()
{
    const ReadOutcome outcome = readBytes(gatlingImporter(),
        tabs({"RUN", "shop.Peak", "peak", "1772452800100", " ", "3.0.3"})
            + tabs({"USER", "Buyers", "1", "START", "1772452800200", "0"})
            + tabs({"REQUEST", "1", "", "Home", "1772452800250", "1772452800292", "OK", " "})
            + tabs({"GROUP", "1", "Checkout", "1772452801300", "1772452803400", "2000", "OK"})
            + tabs({"USER", "Buyers", "1", "END", "1772452800200", "1772452803500"}));
    QCOMPARE(requestsOf(outcome),
        (Lines{"Home 1772452800250000 42000", "Checkout 1772452801300000 2100000"}));
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QCOMPARE(outcome.sink.count("point"), 2);
}

void TestLoadTestLogs::rejectsBadRecords()
{
    const ReadOutcome outcome = readBytes(gatlingImporter(),
        tabs({"RUN", "shop.Peak", "peak", "1772452800100", "x", "3.9.5"}) + "WHAT\tis this\n"
            + tabs({"REQUEST", "", "Home", "soon", "1772452800292", "OK", " "}) + tabs({"USER", "a", "b"})
            + tabs({"REQUEST", "", "Home", "1772452800292", "1772452800250", "OK", " "}) + "REQUEST\t\tHom");
    QCOMPARE(outcome.report.rowsSkipped(), 4);
    // An end before its start is a request of unknown duration.
    QCOMPARE(requestsOf(outcome), (Lines{"Home 1772452800292000 ?"}));
}

void TestLoadTestLogs::readsLocustStats()
{
    const ReadOutcome outcome = readBytes(locustImporter(),
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response "
        "Time,Max "
        "Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,99%,99.9%,100%\n"
        "GET,\"/a, b\",600,3,44,47.9,20,310,512,10,0,45,88,180,300,310\n"
        "GET,/never,0,0,0,0,0,0,0,0,0,N/A,N/A,N/A,N/A,N/"
        "A\n,Aggregated,600,3,44,47.9,20,310,512,10,0,45,88,180,300,310\n"
        "GET,/cut,6\n");
    QCOMPARE(wholeField(outcome, "p95_ms"), "88"s);
    QCOMPARE(wholeField(outcome, "errors"), "3"s);
    const Lines operations = phasesOf(outcome, "operation");
    QCOMPARE(operations.size(), 2u);
    QCOMPARE(fieldOf(operations[0], "name"), "GET /a, b"s);
    QVERIFY(operations[0].find("p999_ms") != std::string::npos);
    QCOMPARE(fieldOf(operations[1], "p50_ms"), ""s);
    QCOMPARE(fieldOf(operations[1], "mean_ms"), ""s);
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QVERIFY(hasText(outcome, "clock=none"));
}

void TestLoadTestLogs::readsLocustHistory()
{
    const std::string head = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,100%,Total "
                             "Request Count,Total Failure Count,"
                             "Total Median Response Time,Total Average Response Time,Total Min Response "
                             "Time,Total Max Response Time\n";
    const ReadOutcome outcome = readBytes(locustImporter(),
        head
            + "1772452800,10,,Aggregated,4,0,44,60,80,8,0,44,45,20,80\n1772452800,10,GET,/"
              "cart,4,0,44,60,80,8,0,44,45,20,80\n"
              "1772452802,20,,Aggregated,9,0.5,48,140,210,28,1,46,60,20,210\n"
              "1772452801,20,,Aggregated,9,0.5,48,140,210,30,1,46,60,20,210\n"
              "1772452803,20,,Aggregated,9,0.5,48,140,210,3,0,46,60,20,210\n");
    const Lines intervals = phasesOf(outcome, "interval");
    QCOMPARE(intervals.size(), 2u);
    QCOMPARE(fieldOf(intervals[0], "requests"), "20"s);
    QCOMPARE(fieldOf(intervals[0], "errors"), "1"s);
    QCOMPARE(fieldOf(intervals[0], "users"), "20"s);
    QCOMPARE(fieldOf(intervals[0], "p95_ms"), "140"s);
    // The statistics were reset: how many there were is not known.
    QCOMPARE(fieldOf(intervals[1], "requests"), ""s);
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QVERIFY(hasText(outcome, R"({"operation":"GET /cart"})"));
    QVERIFY(hasText(outcome, "metric=\"loadtest.users\""));
}

void TestLoadTestLogs::readsLocustFailures()
{
    const ReadOutcome failures = readBytes(locustImporter(),
        "Method,Name,Error,Occurrences\nPOST,/pay,\"HTTPError('503')\",11\nPOST,/pay,x,many\n");
    QVERIFY(hasText(failures, R"--({"operation":"POST /pay","message":"HTTPError('503')","count":11})--"));
    QCOMPARE(failures.report.rowsSkipped(), 1);
    const ReadOutcome exceptions
        = readBytes(locustImporter(), "Count,Message,Traceback,Nodes\n2,'token',\"line 1\nline 2\",local\n");
    QVERIFY(hasText(exceptions, R"({"message":"'token'","count":2})"));
}

void TestLoadTestLogs::sniffs()
{
    QCOMPARE(sniffImporter("0 1 30716 0 1795374395 427573\n", "x"), &pgbenchLogImporter());
    QCOMPARE(sniffImporter("1795374402 10 40000 200000000 402 48705\n", "x"), &pgbenchAggregateImporter());
    QCOMPARE(sniffImporter("progress: 1.0 s, 658.0 tps, lat 5.076 ms stddev 4.9\n", "x"),
        &pgbenchOutputImporter());
    QCOMPARE(sniffImporter("RUN\tshop.Peak\tpeak\t1772452800100\t \t3.0.3\n", "x"), &gatlingImporter());
    QCOMPARE(sniffImporter("Method,Name,Error,Occurrences\n", "x"), &locustImporter());
    QCOMPARE(pgbenchLogImporter().sniff("1 2 3 4 5 6\n", "x"), Confidence::No);
    QCOMPARE(gatlingImporter().sniff("RUN fast\n", "x"), Confidence::No);
}

QTEST_MAIN(TestLoadTestLogs)
#include "tst_loadtestlogs.moc"
