// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6.h"
#include "loadrows.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

std::string point(const std::string &metric, const std::string &value, const std::string &tags,
    const std::string &time = "1970-01-01T00:00:10.5Z")
{
    return R"({"metric":")" + metric + R"(","type":"Point","data":{"time":")" + time + R"(","value":)" + value
        + R"(,"tags":)" + tags + "}}\n";
}

const std::string kOk
    = R"({"expected_response":"true","group":"","method":"GET","name":"http:/)"
      R"(/shop/cart/17","proto":"HTTP/1.1","scenario":"default","status":"200","url":"http:/)"
      R"(/shop/cart/17"})";
const std::string kBad
    = R"({"error":"dial: timeout","error_code":"1211","method":"POST","name":"pay","scenario":"default","status":"0","url":"http:/)"
      R"(/shop/pay?x=1"})";

std::string request(const std::string &tags, const std::string &duration, const std::string &failed)
{
    return point("http_reqs", "1", tags) + point("http_req_duration", duration, tags)
        + point("http_req_blocked", "1.5", tags) + point("http_req_connecting", "1", tags)
        + point("http_req_tls_handshaking", "0", tags) + point("http_req_sending", "0.1", tags)
        + point("http_req_waiting", "199.9", tags) + point("http_req_receiving", "0.2", tags)
        + (failed.empty() ? "" : point("http_req_failed", failed, tags));
}

ReadOutcome readJson(const std::string &text) { return readBytes(k6JsonImporter(), text, 4096); }

} // namespace

class TestLoadTestK6 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsARequestTogether();
    void tellsRequestsOfEqualTagsApart();
    void keepsFailures();
    void makesSeriesOfTheRest();
    void readsDeclarations();
    void countsTheWhole();
    void rejectsBadSamples();
    void keepsAGroupWithoutDuration();
    void readsRemoteCalls();
    void readsCsv();
    void readsCsvOfOtherVersions();
    void readsTheExport();
    void readsHandleSummary();
    void refuses();
    void sniffs();
};

void TestLoadTestK6::putsARequestTogether()
{
    const ReadOutcome outcome = readJson(request(kOk, "200.2", "0"));
    // k6's time is the end: 10.5 s less 200.2 ms.
    QCOMPARE(requestsOf(outcome), (Lines{"GET /cart/{id} 10299800 200200"}));
    const std::string span = outcome.sink.linesOf("span").front();
    for (const char *attribute : {R"("loadtest.blocked_ms":real 1.5)", R"("loadtest.waiting_ms":real 199.9)",
             R"("server.address":text "shop")", R"("url.path":text "/cart/17")",
             R"("loadtest.scenario":text "default")", R"("k6.expected_response":text "true")"})
        QVERIFY2(span.find(attribute) != std::string::npos, attribute);
    QVERIFY(span.find("http=200") != std::string::npos);
    QCOMPARE(outcome.sink.count("point"), 0);
    QCOMPARE(outcome.report.rowsRead(), 9);
}

void TestLoadTestK6::tellsRequestsOfEqualTagsApart()
{
    const ReadOutcome outcome = readJson(request(kOk, "200", "") + request(kOk, "300", ""));
    QCOMPARE(requestsOf(outcome),
        (Lines{"GET /cart/{id} 10300000 200000", "GET /cart/{id} 10200000 300000"}));
}

void TestLoadTestK6::keepsFailures()
{
    const ReadOutcome outcome = readJson(request(kBad, "1000", "1"));
    QCOMPARE(requestsOf(outcome), (Lines{"pay 9500000 1000000 error"}));
    QVERIFY(hasText(outcome, R"("loadtest.message":text "dial: timeout")"));
    QVERIFY(hasText(outcome, R"("k6.error_code":text "1211")"));
    QVERIFY(hasText(outcome, R"({"operation":"pay","message":"dial: timeout","count":1})"));
    QCOMPARE(wholeField(outcome, "errors"), "1"s);
}

void TestLoadTestK6::makesSeriesOfTheRest()
{
    const ReadOutcome outcome
        = readJson(point("vus", "7", "null") + point("checks", "0", R"({"check":"is 200"})")
            + point("data_sent", "120", R"({"scenario":"default","vu":"3","iter":"9"})"));
    QVERIFY(hasText(outcome, "metric=\"loadtest.users\""));
    QVERIFY(hasText(outcome, R"(metric="k6.checks" foreign_name="checks")"));
    // A virtual user is no label: there may be thousands.
    QVERIFY(!hasText(outcome, "\"vu\""));
    QCOMPARE(outcome.sink.count("point"), 3);
    QCOMPARE(wholeField(outcome, "users"), "7"s);
}

void TestLoadTestK6::readsDeclarations()
{
    const std::string metric
        = R"({"type":"Metric","data":{"name":"http_req_duration","type":"trend","contains":"time","thresholds":["p(95)<500"],"submetrics":null},"metric":"http_req_duration"})"
          "\n"
          R"({"type":"Metric","data":{"name":"my_trend","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"my_trend"})"
          "\n";
    const ReadOutcome outcome = readJson(metric + point("my_trend", "5", "{}"));
    QVERIFY(hasText(outcome, R"({"metric":"http_req_duration","expression":"p(95)<500","ok":null})"));
    QVERIFY(hasText(outcome, R"(metric="k6.my_trend" foreign_name="my_trend" service="k6")"));
    QVERIFY(hasText(outcome, "unit=\"ms\""));
}

void TestLoadTestK6::countsTheWhole()
{
    const ReadOutcome outcome = readJson(request(kOk, "200", "0") + request(kBad, "400", "1"));
    QCOMPARE(wholeField(outcome, "requests"), "2"s);
    QCOMPARE(wholeField(outcome, "errors"), "1"s);
    QCOMPARE(wholeField(outcome, "mean_ms"), "300"s);
    QCOMPARE(wholeField(outcome, "max_ms"), "400"s);
    // 10.1 s to 10.5 s: two in 0.4 s. Percentiles are those of the spans.
    QCOMPARE(wholeField(outcome, "rate"), "5"s);
    QCOMPARE(wholeField(outcome, "p95_ms"), ""s);
    QVERIFY(hasText(outcome, R"("loop":"unknown")"));
}

void TestLoadTestK6::rejectsBadSamples()
{
    const ReadOutcome outcome = readJson(point("vus", R"("NaN")", "null") + point("vus", "null", "null")
        + point("vus", "1", "null", "yesterday") + R"({"type":"Other","metric":"x","data":{}})" + "\n"
        + R"({"type":"Point","data":{"time":"1970-01-01T00:00:10Z","value":1},"metric":)" + "\n"
        + point("vus", "2", "null"));
    QCOMPARE(outcome.report.rowsSkipped(), 5);
    QCOMPARE(outcome.report.rowsRead(), 1);
    for (const char *kind : {"no-value", "bad-time", "unknown-type"})
        QVERIFY2(outcome.hasIssue(kind), kind);
}

void TestLoadTestK6::keepsAGroupWithoutDuration()
{
    const ReadOutcome outcome = readJson(point("http_reqs", "1", kOk) + point("http_req_waiting", "3", kOk));
    QCOMPARE(outcome.sink.count("span"), 0);
    QCOMPARE(outcome.sink.count("point"), 2);
    QVERIFY(outcome.hasIssue("request-without-duration"));
}

void TestLoadTestK6::readsRemoteCalls()
{
    const ReadOutcome outcome = readJson(point("grpc_req_duration", "12.5",
        R"({"method":"/shop.Cart/Get","name":"/shop.Cart/Get","url":"shop:9000/shop.Cart/Get","status":"14"})"));
    QCOMPARE(requestsOf(outcome), (Lines{"/shop.Cart/Get 10487500 12500 error"}));
}

void TestLoadTestK6::readsCsv()
{
    const std::string rest = ",,,,GET,http://shop/,HTTP/1.1,default,200,,,http://shop/,region=eu&a=b\n";
    const ReadOutcome outcome = readBytes(k6CsvImporter(),
        "metric_name,timestamp,metric_value,check,error,error_code,group,method,name,proto,scenario,status,"
        "subproto,tls_version,url,extra_tags\n"
        "http_reqs,1595325560,1.000000,"
            + rest + "http_req_duration,1595325560,221.899000," + rest + "http_req_blocked,1595325560,225.2,"
            + rest + "http_req_failed,1595325560,0," + rest + "vus,1595325561,3,,,,,,,,,,,,,\n",
        7);
    QCOMPARE(requestsOf(outcome), (Lines{"GET / 1595325559778101 221899"}));
    QVERIFY(hasText(outcome, R"("k6.region":text "eu")"));
    QVERIFY(hasText(outcome, R"("loadtest.blocked_ms":real 225.2)"));
    QVERIFY(outcome.hasIssue("times-in-seconds"));
    QCOMPARE(wholeField(outcome, "users"), "3"s);
}

/// Columns were added and moved; times may be exact, numbers have a decimal comma in quotes.
void TestLoadTestK6::readsCsvOfOtherVersions()
{
    const ReadOutcome outcome = readBytes(k6CsvImporter(),
        "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,"
        "scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n"
        "http_req_duration,1595325560123456789,\"2,5\",,,,true,,GET,home,HTTP/1.1,default,,503,,,http://shop/"
        ",,\n"
        "http_req_duration,1595325561123456789,NaN,,,,true,,GET,home,HTTP/1.1,default,,503,,,http://shop/,,\n"
        "http_req_duration,15953\n");
    QCOMPARE(requestsOf(outcome), (Lines{"home 1595325560120956 2500 error"}));
    QVERIFY(!outcome.hasIssue("times-in-seconds"));
    QVERIFY(outcome.hasIssue("no-value"));
    QVERIFY(outcome.hasIssue("column-count"));
}

void TestLoadTestK6::readsTheExport()
{
    const ReadOutcome outcome = readBytes(k6SummaryImporter(), R"--({"root_group":{"name":"","checks":{}},
 "metrics":{"http_req_duration":{"avg":120.5,"min":10,"med":100,"max":900.25,"p(90)":300,"p(95)":510,"p(99.9)":890,
   "thresholds":{"p(95)<500":true,"p(90)<400":false}},
  "http_req_duration{scenario:peak}":{"avg":200,"p(95)":700},
  "http_reqs":{"count":2000,"rate":33.3},"http_req_failed":{"passes":20,"fails":1980,"value":0.01},
  "vus_max":{"value":50,"min":50,"max":50},"iterations":{"count":1000,"rate":16}}})--");
    QCOMPARE(wholeField(outcome, "p95_ms"), "510"s);
    QCOMPARE(wholeField(outcome, "p50_ms"), "100"s);
    QCOMPARE(wholeField(outcome, "p99_ms"), ""s);
    QCOMPARE(wholeField(outcome, "requests"), "2000"s);
    QCOMPARE(wholeField(outcome, "errors"), "20"s);
    QCOMPARE(wholeField(outcome, "users"), "50"s);
    // True means that the threshold failed.
    QVERIFY(hasText(outcome, R"({"metric":"http_req_duration","expression":"p(95)<500","ok":false})"));
    QVERIFY(hasText(outcome, R"({"metric":"http_req_duration","expression":"p(90)<400","ok":true})"));
    QVERIFY(hasText(outcome, R"("p999_ms":890)"));
    QCOMPARE(phasesOf(outcome, "operation").size(), 1u);
    QCOMPARE(fieldOf(phasesOf(outcome, "operation").front(), "name"), "{scenario:peak}"s);
    QCOMPARE(outcome.sink.lines.at(0), "source kind=load_test clock=none"s);
    QCOMPARE(wholeField(outcome, "start_ns"), ""s);
}

void TestLoadTestK6::readsHandleSummary()
{
    const ReadOutcome outcome = readBytes(k6SummaryImporter(), R"--({"metrics":{
  "http_req_duration":{"type":"trend","contains":"time","values":{"avg":12,"med":11,"p(95)":20},"thresholds":{"p(95)<500":{"ok":true}}},
  "http_reqs":{"type":"counter","contains":"default","values":{"count":10,"rate":1}},
  "http_req_failed":{"type":"rate","contains":"default","values":{"rate":0.2,"passes":2,"fails":8}}},
 "state":{"isStdErrTTY":false,"testRunDurationMs":10000.5},"root_group":{"name":""}})--");
    QCOMPARE(wholeField(outcome, "p95_ms"), "20"s);
    QCOMPARE(wholeField(outcome, "errors"), "2"s);
    QVERIFY(hasText(outcome, R"("duration_s":10.0005)"));
    QVERIFY(hasText(outcome, R"("expression":"p(95)<500","ok":true)"));
}

void TestLoadTestK6::refuses()
{
    QVERIFY(readBytes(k6SummaryImporter(), R"({"metrics":{}})").error);
    QVERIFY(readBytes(k6CsvImporter(), "a,b\n1,2\n").error);
    QVERIFY(readJson("\n\n").error);
    const ReadOutcome cut
        = readBytes(k6SummaryImporter(), R"({"metrics":{"http_reqs":{"count":5},"vus":{"va)");
    QVERIFY(!cut.error);
    QCOMPARE(wholeField(cut, "requests"), "5"s);
    QVERIFY(cut.hasIssue("truncated"));
}

void TestLoadTestK6::sniffs()
{
    QCOMPARE(sniffImporter(point("vus", "1", "null"), "a.json"), &k6JsonImporter());
    QCOMPARE(sniffImporter("metric_name,timestamp,metric_value,check\n", "a.csv"), &k6CsvImporter());
    QCOMPARE(sniffImporter(R"({"metrics":{"data_received":{"count":1}}})", "a.json"), &k6SummaryImporter());
    QCOMPARE(k6JsonImporter().sniff(R"({"metric":"cpu","value":1})", "a.json"), Confidence::No);
    QCOMPARE(k6SummaryImporter().sniff(R"({"metrics":[1]})", "a.json"), Confidence::No);
}

QTEST_MAIN(TestLoadTestK6)
#include "tst_loadtestk6.moc"
