// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Load generators that print a summary: wrk, ab, hey, vegeta.
#include "import/loadtest/loadnumbers.h"
#include "import/loadtestab/ab.h"
#include "import/loadtesthey/hey.h"
#include "import/loadtestvegeta/vegeta.h"
#include "import/loadtestwrk/wrk.h"
#include "loadrows.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

const std::string kWrk
    = "Running 30s test @ http://shop/cart\n  2 threads and 100 connections\n"
      "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
      "    Latency   635.91us    0.89ms  12.92ms   93.69%\n"
      "    Req/Sec    56.20k     8.07k   62.00k    86.54%\n"
      "  Latency Distribution\n     50%  250.00us\n     75%    1.00ms\n     90%    2.00ms\n"
      "     99%    5.80ms\n  1000 requests in 30.10s, 17.76GB read\n"
      "  Socket errors: connect 0, read 3, write 0, timeout 5\n"
      "  Non-2xx or 3xx responses: 12\nRequests/sec: 33.22\nTransfer/sec:    606.33MB\n";

} // namespace

class TestLoadTestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsUnits_data();
    void readsUnits();
    void readsNumbers();
    void readsWrk();
    void readsWrkWithoutDistribution();
    void readsRunsInOneFile();
    void readsWrk2();
    void rejectsAWrkThatDidNotEnd();
    void readsAb();
    void readsAbRequests();
    void readsAbPercentiles();
    void readsHey();
    void readsHeyCsv();
    void readsVegetaText();
    void readsVegetaHistogram();
    void readsVegetaReport();
    void readsVegetaResults();
};

void TestLoadTestText::readsUnits_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("ms");
    QTest::newRow("us") << "635.91us" << 0.63591;
    QTest::newRow("micro sign") << QString::fromUtf8("12µs") << 0.012;
    QTest::newRow("ms") << " 1.25ms" << 1.25;
    QTest::newRow("s") << "2.5s" << 2500.0;
    QTest::newRow("minutes") << "1m2.5s" << 62500.0;
    QTest::newRow("hours") << "1h0m1s" << 3601000.0;
    QTest::newRow("comma") << "3,5ms" << 3.5;
    QTest::newRow("zero") << "0" << 0.0;
    QTest::newRow("no unit") << "12" << -1.0;
    QTest::newRow("junk") << "NaNms" << -1.0;
    QTest::newRow("bytes") << "12MB" << -1.0;
    QTest::newRow("empty") << "" << -1.0;
}

void TestLoadTestText::readsUnits()
{
    QFETCH(QString, text);
    QFETCH(double, ms);
    const auto result = loadtest::millis(text.toStdString());
    QCOMPARE(result.has_value(), ms >= 0);
    if (result)
        QVERIFY(std::abs(*result - ms) < 1e-9);
}

void TestLoadTestText::readsNumbers()
{
    using namespace loadtest;
    QCOMPARE(number("93.69%"), std::optional(93.69));
    QCOMPARE(number("1,5"), std::optional(1.5));
    QVERIFY(!number("1,234.5") && !number("NaN") && !number("inf") && !number("N/A") && !number(""));
    QCOMPARE(scaledNumber("56.20k"), std::optional(56200.0));
    QCOMPARE(count("12.0"), std::optional<std::int64_t>(12));
    QVERIFY(!count("12.5"));
    QCOMPARE(nanos("0,0066", kNanosPerSecond), std::optional<Nanos>(6'600'000));
}

void TestLoadTestText::readsWrk()
{
    const ReadOutcome outcome = readBytes(wrkImporter(), kWrk, 7);
    QCOMPARE(wholeField(outcome, "p50_ms"), "0.25"s);
    QCOMPARE(wholeField(outcome, "p99_ms"), "5.8"s);
    QCOMPARE(wholeField(outcome, "max_ms"), "12.92"s);
    QCOMPARE(wholeField(outcome, "requests"), "1000"s);
    QCOMPARE(wholeField(outcome, "errors"), "12"s);
    QCOMPARE(wholeField(outcome, "users"), "100"s);
    QCOMPARE(wholeField(outcome, "start_ns"), ""s);
    // As many in each bucket as ranks lie between the percentiles; the rest reach to the maximum.
    QCOMPARE(bucketsOf(outcome), (Lines{"0.25 500", "1 250", "2 150", "5.8 90", "12.92 10"}));
    QVERIFY(hasText(outcome, R"("coordinated_omission":"possible")"));
    QVERIFY(hasText(outcome, R"({"message":"socket error: timeout","count":5})"));
    QVERIFY(hasText(outcome, "source kind=load_test clock=none"));
    QVERIFY(!hasText(outcome, " ts=0"));
}

void TestLoadTestText::readsWrkWithoutDistribution()
{
    const ReadOutcome outcome = readBytes(wrkImporter(),
        "Running 2s test @ http://shop/\n  1 threads and 4 connections\n    Latency    45.76ms    6.93ms  "
        "75.97ms "
        "  94.80%\n  173 requests in 2.01s, 20.30KB read\nRequests/sec:     86.10\n");
    QCOMPARE(wholeField(outcome, "p99_ms"), ""s);
    QCOMPARE(wholeField(outcome, "errors"), "0"s);
    QCOMPARE(bucketsOf(outcome).size(), 0u);
}

void TestLoadTestText::readsRunsInOneFile()
{
    const ReadOutcome outcome = readBytes(wrkImporter(), "start\n" + kWrk + "sleeping\n" + kWrk);
    QCOMPARE(outcome.sink.count("run"), 2);
    QCOMPARE(phasesOf(outcome, "whole").size(), 2u);
    QVERIFY(hasText(outcome, R"("run":"2")"));
}

void TestLoadTestText::readsWrk2()
{
    const ReadOutcome outcome = readBytes(wrkImporter(),
        "Running 30s test @ http://shop/\n  2 threads and 100 connections\n"
        "  Thread calibration: mean lat.: 9747us, rate sampling interval: 21ms\n"
        "  Latency Distribution (HdrHistogram - Recorded Latency)\n 50.000%    6.67ms\n100.000%   12.50ms\n\n"
        "  Detailed Percentile spectrum:\n       Value   Percentile   TotalCount 1/(1-Percentile)\n\n"
        "       0.921     0.000000            1         1.00\n       6.671     0.500000         20000    "
        "2.00\n"
        "      12.503     1.000000        40000          inf\n"
        "#[Mean    =        6.602, StdDeviation   =        1.918]\n"
        "  60018 requests in 30.00s, 19.81MB read\nRequests/sec:   2000.28\n");
    QVERIFY(hasText(outcome, R"("loop":"open","coordinated_omission":"corrected")"));
    QVERIFY(hasText(outcome, "tool=\"wrk2\""));
    QCOMPARE(bucketsOf(outcome), (Lines{"0.921 1", "6.671 19999", "12.503 20000"}));
}

void TestLoadTestText::rejectsAWrkThatDidNotEnd()
{
    const ReadOutcome outcome
        = readBytes(wrkImporter(), "Running 2s test @ http://shop/\n  1 threads and 4 connections\n");
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QCOMPARE(outcome.sink.count("run"), 0);
    QVERIFY(readBytes(wrkImporter(), "unable to connect to 127.0.0.1:1 Connection refused\n").error);
}

void TestLoadTestText::readsAb()
{
    const ReadOutcome outcome = readBytes(abTextImporter(),
        "This is ApacheBench, Version 2.3 <$Revision$>\nServer Hostname:        shop\nServer Port:           "
        " 80\n"
        "Document Path:          /cart\nConcurrency Level:      4\nTime taken for tests:   0.408 seconds\n"
        "Complete requests:      300\nFailed requests:        7\n   (Connect: 0, Receive: 0, Length: 7, "
        "Exceptions: "
        "0)\nNon-2xx responses:      10\nRequests per second:    735.12 [#/sec] (mean)\n"
        "Time per request:       5.441 [ms] (mean)\n"
        "Time per request:       1.360 [ms] (mean, across all concurrent requests)\n"
        "Total:          3    5   4.7      4      36\n"
        "Percentage of the requests served within a certain time (ms)\n  50%      4\n  90%      7\n  95%     "
        " 8\n"
        " 100%     36 (longest request)\n");
    QCOMPARE(wholeField(outcome, "mean_ms"), "5.441"s);
    QCOMPARE(wholeField(outcome, "p95_ms"), "8"s);
    QCOMPARE(wholeField(outcome, "errors"), "10"s);
    QCOMPARE(wholeField(outcome, "rate"), "735.12"s);
    QCOMPARE(bucketsOf(outcome), (Lines{"4 150", "7 120", "8 15", "36 15"}));
    QVERIFY(hasText(outcome, R"("target":"shop:80/cart")"));
    QVERIFY(hasText(outcome, R"({"message":"Length","count":7})"));
    const ReadOutcome cut = readBytes(abTextImporter(),
        "This is ApacheBench, Version 2.3\napr_socket_recv: Connection refused (111)\n");
    QCOMPARE(cut.report.rowsSkipped(), 1);
}

void TestLoadTestText::readsAbRequests()
{
    const ReadOutcome outcome = readBytes(abGnuplotImporter(),
        "starttime\tseconds\tctime\tdtime\tttime\twait\nSun Nov 22 19:07:40 2026\t1795374460\t1\t3\t4\t2\n"
        "Sun Nov 22\t17953\n");
    QCOMPARE(requestsOf(outcome), (Lines{"request 1795374460000000 4000"}));
    QVERIFY(hasText(outcome, R"("loadtest.connecting_ms":real 1)"));
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QCOMPARE(wholeField(outcome, "errors"), ""s);
}

void TestLoadTestText::readsAbPercentiles()
{
    const ReadOutcome outcome = readBytes(abPercentilesImporter(),
        "Percentage served,Time in ms\n0,2.833\n1,2.910\n50,4,5\n40,5\n99,34.0\n");
    // A time below the one before it is left out; 4,5 is a decimal comma.
    QCOMPARE(bucketsOf(outcome), (Lines{"2.91 1", "4.5 49", "34 49", "inf 1"}));
    QCOMPARE(wholeField(outcome, "p50_ms"), "4.5"s);
    QCOMPARE(wholeField(outcome, "p99_ms"), "34"s);
    QCOMPARE(wholeField(outcome, "min_ms"), "2.833"s);
    QCOMPARE(wholeField(outcome, "requests"), ""s);
    QVERIFY(hasText(outcome, R"("weights":"percent")"));
    QCOMPARE(outcome.report.rowsSkipped(), 1);
}

void TestLoadTestText::readsHey()
{
    const ReadOutcome outcome = readBytes(heyTextImporter(),
        "\nSummary:\n  Total:\t2.2892 secs\n  Slowest:\t0.0759 secs\n  Fastest:\t0.0081 secs\n"
        "  Average:\t0.0455 secs\n  Requests/sec:\t87.3664\n\nResponse time histogram:\n  0.008 [1]\t|\n"
        "  0.049 [174]\t|###\n  0.076 [5]\t|\n\nLatency distribution:\n  50% in 0.0441 secs\n  99% in 0.0759 "
        "secs\n\n"
        "Status code distribution:\n  [200]\t172 responses\n  [503]\t8 responses\n\nError distribution:\n"
        "  [3]\tGet \"http://shop\": refused\n");
    QCOMPARE(wholeField(outcome, "requests"), "183"s);
    QCOMPARE(wholeField(outcome, "errors"), "11"s);
    QCOMPARE(bucketsOf(outcome), (Lines{"8 1", "49 174", "76 5"}));
    QVERIFY(std::abs(std::stod(wholeField(outcome, "p99_ms")) - 75.9) < 1e-9);
    QVERIFY(hasText(outcome, R"("statuses":{"200":172,"503":8})"));
    // Nothing was answered: zeros and NaN are unknown.
    const ReadOutcome refused = readBytes(heyTextImporter(),
        "Summary:\n  Total:\t0.1 secs\n  Slowest:\t0.0000 secs\n  Fastest:\t0.0000 secs\n  Average:\t NaN "
        "secs\n"
        "  Requests/sec:\t808.1\n\nError distribution:\n  [6]\trefused\n");
    QCOMPARE(wholeField(refused, "errors"), "6"s);
    QCOMPARE(wholeField(refused, "mean_ms"), ""s);
    QCOMPARE(wholeField(refused, "max_ms"), ""s);
}

void TestLoadTestText::readsHeyCsv()
{
    const ReadOutcome outcome = readBytes(heyCsvImporter(),
        "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n"
        "0.0068,0.0027,0.0000,0.0000,0.0036,0.0003,200,0.0008\n0.0500,0,0,0,0.05,0,503,1.0\nx,0,0,0,0,0,200,"
        "1\n");
    QCOMPARE(requestsOf(outcome), (Lines{"request 800 6800", "request 1000000 50000 error"}));
    QVERIFY(hasText(outcome, "clock=relative"));
    QCOMPARE(outcome.report.rowsSkipped(), 1);
}

void TestLoadTestText::readsVegetaText()
{
    const ReadOutcome outcome = readBytes(vegetaTextImporter(),
        "Requests      [total, rate, throughput]         1200, 120.00, 65.87\n"
        "Duration      [total, attack, wait]             10.094965987s, 9.949883921s, 145.082066ms\n"
        "Latencies     [min, mean, 50, 90, 95, 99, max]  90.438129ms, 113.172398ms, 108.272568ms, "
        "140.18235ms, "
        "247.771566ms, 264.815246ms, 1m0.5s\n"
        "Success       [ratio]                           55.42%\n"
        "Status Codes  [code:count]                      0:535  200:665\nError Set:\nGet http://shop: "
        "refused\n");
    QCOMPARE(wholeField(outcome, "requests"), "1200"s);
    QCOMPARE(wholeField(outcome, "errors"), "535"s);
    QCOMPARE(wholeField(outcome, "target_rate"), "120"s);
    QVERIFY(std::abs(std::stod(wholeField(outcome, "p95_ms")) - 247.771566) < 1e-6);
    QCOMPARE(wholeField(outcome, "max_ms"), "60500"s);
    QVERIFY(hasText(outcome, R"("loop":"open","coordinated_omission":"no")"));
    QVERIFY(hasText(outcome,
        R"({"message":"Get http:/)"
        R"(/shop: refused","count":0})"));
    // An older version, without statuses.
    const ReadOutcome old = readBytes(vegetaTextImporter(),
        "Requests [total, rate] 100, 10.00\nLatencies [mean, 50, 95, 99, max] 1ms, 900us, 2ms, 3ms, 4ms\n"
        "Success [ratio] 90.00%\n");
    QCOMPARE(wholeField(old, "errors"), "10"s);
    QCOMPARE(wholeField(old, "p50_ms"), "0.9"s);
}

void TestLoadTestText::readsVegetaHistogram()
{
    const ReadOutcome outcome = readBytes(vegetaTextImporter(),
        "Bucket           #     %       Histogram\n[0s,     2ms]    6007  50.06%  ####\n[2ms,    6ms]    "
        "5505  "
        "45.88%  ####\n[6ms,    +Inf]   488   4.07%   ##\n");
    QCOMPARE(bucketsOf(outcome), (Lines{"2 6007", "6 5505", "inf 488"}));
}

void TestLoadTestText::readsVegetaReport()
{
    const ReadOutcome outcome = readBytes(vegetaReportImporter(),
        R"({"latencies":{"total":1,"mean":104671869,"50th":102857000,"90th":1,"95th":177125270,"99th":257000000,"max":265000000,"min":90438129},
"buckets":{"0":60,"100000000":40},"bytes_in":{"total":606700,"mean":505.5},"earliest":"2015-09-19T14:45:50.645818631+02:00","latest":"2015-09-19T14:45:51Z",
"end":"2015-09-19T14:45:51.744+02:00","duration":994000000,"requests":100,"rate":121.5,"throughput":100.1,"success":0.9,"status_codes":{"200":90,"500":10},"errors":["500 Internal"]})");
    QCOMPARE(wholeField(outcome, "errors"), "10"s);
    QVERIFY(std::abs(std::stod(wholeField(outcome, "p95_ms")) - 177.12527) < 1e-6);
    QCOMPARE(wholeField(outcome, "start_ns"), "1442666750645818631"s);
    QCOMPARE(bucketsOf(outcome), (Lines{"100 60", "inf 40"}));
    QVERIFY(readBytes(vegetaReportImporter(), R"({"latencies":{}})").error);
}

void TestLoadTestText::readsVegetaResults()
{
    const ReadOutcome json = readBytes(vegetaJsonImporter(),
        R"({"attack":"peak","seq":0,"code":200,"timestamp":"2026-03-02T12:00:00.25Z","latency":2500000,"bytes_out":0,"bytes_in":5,"error":"","body":"aGk=","method":"GET","url":"http:/)"
        R"(/shop/cart/17","headers":{"A":["b"]}})"
        "\n"
        R"({"attack":"peak","seq":1,"code":0,"timestamp":"2026-03-02T12:00:01Z","latency":1000,"bytes_out":0,"bytes_in":0,"error":"refused","body":null,"method":"GET","url":"http:/)"
        R"(/shop/cart/18","headers":null})"
        "\n"
        R"({"code":200,"timestamp":"2026-03-02T12:00:01Z","latency":"x"})"
        "\n");
    QCOMPARE(requestsOf(json),
        (Lines{"GET /cart/{id} 1772452800250000 2500", "GET /cart/{id} 1772452801000000 1 error"}));
    QCOMPARE(json.report.rowsSkipped(), 1);
    QVERIFY(hasText(json, R"("message":"refused","count":1)"));
    const ReadOutcome csv = readBytes(vegetaCsvImporter(),
        "1772452800250000000,200,2500000,0,5,,aGk=,peak,0,GET,http://shop/cart/17,QQ==\n"
        "1772452800350000000,500,1000,0,5,500 Internal,\n12,200,1\n");
    QCOMPARE(requestsOf(csv),
        (Lines{"GET /cart/{id} 1772452800250000 2500", "request 1772452800350000 1 error"}));
    QCOMPARE(csv.report.rowsSkipped(), 1);
}

QTEST_MAIN(TestLoadTestText)
#include "tst_loadtesttext.moc"
