// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accesslog.h"
#include "import/accesslog/requestfields.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(requestLogImporter(), text, chunk);
}

QString line(const ReadOutcome &outcome, std::string_view word, std::size_t i = 0)
{
    const std::vector<std::string> all = outcome.sink.linesOf(word);
    return i < all.size() ? QString::fromStdString(all[i]) : QString();
}

const std::string kSample
    = R"({"ts":"2024-03-02T12:00:00.5+01:00","level":"info","service":"shop","method":"GET","path":"/orders/17?full=1","status":200,"duration_ms":12.5,"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7"})"
      "\n"
      R"({"ts":"2024-03-02T11:00:01Z","service":"shop","method":"POST","path":"/orders","status":500,"duration_ms":40,"error":"boom"})"
      "\n";

} // namespace

class TestRequestLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void sniff_data();
    void sniff();
    void hostile();
    void rows();
    void durations_data();
    void durations();
    void requestLines();
    void innerRequest();
    void startsWhereTheServerSays();
    void rejects();
    void namedRoute();
    void brokenLines();
    void epochTimes();
    void noRequest();
};

void TestRequestLog::fields_data()
{
    using accesslog::Field;
    QTest::addColumn<int>("field");
    const auto row = [](const char *key, Field field) { QTest::newRow(key) << int(field); };
    row("@timestamp", Field::Time);
    row("time_iso8601", Field::Time);
    row("http.request.method", Field::Method);
    row("httpRequestMethod", Field::Method);
    row("cs-method", Field::Method);
    row("request_uri", Field::Target);
    row("http.route", Field::Route);
    row("statusCode", Field::Status);
    row("request_time", Field::Duration);
    row("event.duration", Field::Duration);
    row("DownstreamStatus", Field::Status);
    row("otelTraceID", Field::TraceId);
    row("remote_addr", Field::Client);
    row("trace_id", Field::TraceId);
    row("message", Field::Other);
    row("", Field::Other);
    row("a_key_that_is_longer_than_any_name_of_the_table", Field::Other);
}

void TestRequestLog::fields() { QTEST(int(accesslog::fieldOf(QTest::currentDataTag()).field), "field"); }

void TestRequestLog::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const std::string &prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray::fromStdString(prefix) << int(confidence);
    };
    row("request log", kSample, Confidence::Likely);
    row("nginx", R"({"time_iso8601":"2024-03-02T12:00:00Z","request":"GET / HTTP/1.1","status":"200"})",
        Confidence::Likely);
    row("without a time", R"({"method":"GET","path":"/","status":200})", Confidence::No);
    row("application log", R"({"ts":1,"level":"info","message":"started","path":"/etc/x"})", Confidence::No);
    row("marker", R"({"ts":"2024-03-02T12:00:00Z","kind":"deploy","service":"shop","note":"v2"})",
        Confidence::No);
    row("Chrome event", R"({"ph":"X","ts":1,"method":"GET","path":"/","status":1})", Confidence::No);
    row("empty", "", Confidence::No);
    row("text", "ts method path status", Confidence::No);
}

void TestRequestLog::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(requestLogImporter().sniff({prefix.constData(), std::size_t(prefix.size())}, "x")),
        "confidence");
}

void TestRequestLog::hostile()
{
    const QString problems = hostileProblems(requestLogImporter(), kSample);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestRequestLog::rows()
{
    const ReadOutcome outcome = read(kSample);
    QVERIFY2(!outcome.error && outcome.issues().empty(), outcome.text().c_str());
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"shop\" shape=linked"));
    QCOMPARE(line(outcome, "span"),
        QStringLiteral(
            "span 1 track=1 trace=1 key=00f067aa0ba902b7 operation=\"GET /orders/{id}\" kind=server "
            "http=200 start=1709377200500000000 duration=12500000 "
            "attributes={\"level\":text \"info\",\"http.request.method\":text \"GET\","
            "\"http.route\":text \"/orders/{id}\",\"url.path\":text \"/orders/17\","
            "\"url.query\":text \"full=1\"}"));
    const QString second = line(outcome, "span", 1);
    QVERIFY2(second.contains(QLatin1String("operation=\"POST /orders\" kind=server status=error http=500 "
                                           "start=1709377201000000000 duration=40000000")),
        qPrintable(second));
    QVERIFY(second.contains(QLatin1String("\"error\":text \"boom\"")));
    QVERIFY(!second.contains(QLatin1String("trace=")));
}

void TestRequestLog::durations_data()
{
    QTest::addColumn<qint64>("ns");
    const auto row = [](const char *member, qint64 ns) { QTest::newRow(member) << ns; };
    row(R"("duration_ms":12.5)", 12'500'000);
    row(R"("duration_us":"12")", 12'000);
    row(R"("duration_ns":12)", 12);
    row(R"("request_time":"0.125")", 125'000'000);
    row(R"("latency":"1.5s")", 1'500'000'000);
    row(R"("elapsed":"340us")", 340'000);
    row("\"took\":\"17 \xC2\xB5s\"", 17'000);
    row(R"("duration_ms":0)", 0);
    // No unit, no number, below 0, too big: unknown, and never 0.
    row(R"("duration":12.5)", kUnknownNanos);
    row(R"("duration_ms":"fast")", kUnknownNanos);
    row(R"("duration_ms":-1)", kUnknownNanos);
    row(R"("duration_ms":1e300)", kUnknownNanos);
    row(R"("duration_ms":null)", kUnknownNanos);
    row(R"("x":1)", kUnknownNanos);
}

void TestRequestLog::durations()
{
    QFETCH(qint64, ns);
    const ReadOutcome outcome
        = read(std::string(R"({"ts":1709377200,"method":"GET","path":"/","status":200,)")
            + QTest::currentDataTag() + "}");
    const QString text = line(outcome, "span");
    QVERIFY2(!text.isEmpty(), outcome.text().c_str());
    if (ns == kUnknownNanos)
        QVERIFY2(!text.contains(QLatin1String("duration=")), qPrintable(text));
    else
        QVERIFY2(text.contains(QStringLiteral(" duration=%1 ").arg(ns)), qPrintable(text));
    QCOMPARE(outcome.hasIssue("duration-without-unit"), text.contains(QLatin1String("\"duration\":text")));
}

void TestRequestLog::requestLines()
{
    const ReadOutcome outcome = read(
        R"({"time_local":"10/Oct/2000:13:55:36 -0700","request":"GET /a/7?q HTTP/1.1","status":"304","body_bytes_sent":"12","remote_addr":"10.0.0.1","http_user_agent":"-"})");
    QVERIFY2(line(outcome, "span")
                 .contains(QLatin1String(
                     "operation=\"GET /a/{id}\" kind=server http=304 start=971211336000000000 "
                     "attributes={\"http.request.method\":text \"GET\",\"http.route\":text \"/a/{id}\","
                     "\"url.path\":text \"/a/7\",\"url.query\":text \"q\","
                     "\"http.response.body.size\":integer 12,\"network.protocol.version\":text \"1.1\","
                     "\"client.address\":text \"10.0.0.1\"}")),
        outcome.text().c_str());
}

void TestRequestLog::innerRequest()
{
    const ReadOutcome outcome = read(
        R"({"level":"info","ts":1709377200.5,"request":{"remote_ip":"10.0.0.1","proto":"HTTP/2.0","method":"GET","uri":"/x"},"status":200,"resp_headers":{"Server":["Caddy"]}})");
    const QString text = line(outcome, "span");
    QVERIFY2(text.contains(
                 QLatin1String("operation=\"GET /x\" kind=server http=200 start=1709377200500000000")),
        qPrintable(text));
    QVERIFY(text.contains(QLatin1String("\"request.proto\":text \"HTTP/2.0\"")));
    QVERIFY(text.contains(QLatin1String("\"resp_headers\":json {\"Server\":[\"Caddy\"]}")));
}

void TestRequestLog::startsWhereTheServerSays()
{
    // nginx's variables, whose time is that of the end; and a log of another server with like figures.
    const ReadOutcome nginx = read(
        R"({"msec":"971186136.000","request":"GET /a HTTP/1.1","status":"200","request_time":"0.250"})");
    QVERIFY(line(nginx, "span").contains(QLatin1String("start=971186135750000000 duration=250000000")));
    QVERIFY(nginx.hasIssue("time-is-end"));
    const ReadOutcome other
        = read(R"({"time":"971186136.000","method":"GET","path":"/a","status":"200","duration_ms":250})");
    QVERIFY(line(other, "span").contains(QLatin1String("start=971186136000000000 duration=250000000")));
    QVERIFY(!other.hasIssue("time-is-end"));
}

void TestRequestLog::rejects()
{
    const std::string first = R"({"method":"GET","path":"/","status":200})";
    const ReadOutcome outcome = read(first + "\n" + R"({"ts":"soon","method":"GET","path":"/"})" + "\n"
        + R"({"ts":1709377200,"message":"started"})" + "\n" + kSample);
    const auto &rejects = outcome.report.rejects();
    QCOMPARE(int(rejects.size()), 3);
    QCOMPARE(rejects[0].kind, std::string("no-time"));
    QCOMPARE(rejects[0].bytes, first);
    QCOMPARE(rejects[1].kind, std::string("bad-time"));
    QCOMPARE(int(rejects[1].offset), int(first.size()) + 1);
    QCOMPARE(rejects[2].kind, std::string("no-request"));
    QCOMPARE(outcome.report.rowsRead(), 2);
}

void TestRequestLog::namedRoute()
{
    const ReadOutcome outcome = read(
        R"({"ts":1709377200,"method":"GET","route":"/orders/:order","path":"/orders/17","status":200,"status_code":201})");
    QVERIFY(line(outcome, "span").contains(QLatin1String("operation=\"GET /orders/:order\"")));
    QVERIFY(line(outcome, "span").contains(QLatin1String("\"url.path\":text \"/orders/17\"")));
    // The first status counts, the second is kept.
    QVERIFY(line(outcome, "span").contains(QLatin1String("http=200")));
    QVERIFY(line(outcome, "span").contains(QLatin1String("\"status_code\":integer 201")));
}

void TestRequestLog::brokenLines()
{
    const std::string good = kSample.substr(0, kSample.find('\n') + 1);
    const ReadOutcome outcome = read(good + good.substr(0, 60) + "\n" + "not JSON\n" + good);
    QCOMPARE(outcome.report.rowsRead(), 2);
    QCOMPARE(outcome.report.rowsSkipped(), 2);
    QCOMPARE(int(outcome.report.rejects()[0].offset), int(good.size()));
}

void TestRequestLog::epochTimes()
{
    const ReadOutcome outcome = read(R"({"ts":1709377200123,"method":"GET","path":"/","status":200})");
    QVERIFY(line(outcome, "span").contains(QLatin1String("start=1709377200123000000")));
}

void TestRequestLog::noRequest()
{
    QVERIFY(read("\n\n").error.has_value());
    QCOMPARE(read("this is a letter\n").report.rowsSkipped(), 1);
    QCOMPARE(read(std::string(100'000, '[')).report.rowsRead(), 0);
}

QTEST_GUILESS_MAIN(TestRequestLog)
#include "tst_requestlog.moc"
