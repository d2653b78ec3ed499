// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/jsobject.h"
#include "import/otlpjson/otlpjson.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const std::string kGo = R"({
	"Name": "ExecuteRequest",
	"SpanContext": {"TraceID": "abcdef0af7651916cd43dd8448eb211c", "SpanID": "00f067aa0ba902b7", "TraceFlags": "01", "TraceState": "", "Remote": false},
	"Parent": {"TraceID": "abcdef0af7651916cd43dd8448eb211c", "SpanID": "0000000000000001", "TraceFlags": "01"},
	"SpanKind": 3,
	"StartTime": "2021-06-02T15:04:05.123456789+02:00",
	"EndTime": "2021-06-02T15:04:05.223456789+02:00",
	"Attributes": [{"Key": "http.status_code", "Value": {"Type": "INT64", "Value": 503}}, {"Key": "tags", "Value": {"Type": "STRINGSLICE", "Value": ["a", "b"]}}],
	"Events": [{"Name": "retry", "Attributes": [{"Key": "n", "Value": {"Type": "INT64", "Value": 1}}], "DroppedAttributeCount": 0, "Time": "2021-06-02T13:04:05.2Z"}],
	"Links": [{"SpanContext": {"TraceID": "000000000000000000000000000000ff", "SpanID": "00000000000000ff"}, "Attributes": null}],
	"Status": {"Code": "Error", "Description": "timeout"},
	"DroppedAttributes": 2,
	"Resource": [{"Key": "service.name", "Value": {"Type": "STRING", "Value": "shop"}}],
	"InstrumentationScope": {"Name": "net/http", "Version": "0.1", "SchemaURL": ""}
}
)";

const std::string kPython = R"({
    "name": "hello",
    "context": {"trace_id": "0xabcdef0af7651916cd43dd8448eb211c", "span_id": "0x00f067aa0ba902b8", "trace_state": "[]"},
    "kind": "SpanKind.SERVER",
    "parent_id": null,
    "start_time": "2022-02-02T10:00:00.000001Z",
    "end_time": "2022-02-02T10:00:01.000001Z",
    "status": {"status_code": "UNSET"},
    "attributes": {"http.route": "/x", "n": 1.5},
    "events": [{"name": "e", "timestamp": "2022-02-02T10:00:00.5Z", "attributes": {}}],
    "links": [],
    "resource": {"attributes": {"service.name": "py"}, "schema_url": ""}
}
)";

/// As SDK 1.x prints it (a parent's id, microseconds), and as 2.x does (the parent's context).
const std::string &javaScript()
{
    static const std::string text
        = fileBytes(QStringLiteral(TS_SOURCE_DIR "/tests/golden/otlp-json/console-js/input.txt"));
    return text;
}

ReadOutcome read(const std::string &text) { return readBytes(otlpJsonImporter(), text); }

} // namespace

class TestOtlpJsonConsole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goSpans();
    void pythonSpans();
    void javaScriptSpans();
    void javaScriptOddities();
    void javaScriptObjects_data();
    void javaScriptObjects();
    void logLinesBetween();
    void unknownTimes();
    void noSpan();
    void hostile();
};

void TestOtlpJsonConsole::goSpans()
{
    const ReadOutcome outcome = read(kGo);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.linesOf("span"),
        std::vector<std::string>(
            {"span 1 track=1 trace=1 key=00f067aa0ba902b7 parent=0000000000000001 "
             "operation=\"ExecuteRequest\" kind=client "
             "status=error http=503 start=1622639045123456789 duration=100000000 resource=1 scope=2 "
             "attributes={\"http.status_code\":integer 503,\"tags\":json [\"a\",\"b\"],"
             "\"otel.status_description\":text \"timeout\",\"otel.dropped_attributes_count\":integer 2} "
             "quality="
                + std::to_string(SpanDropped)}));
    QCOMPARE(outcome.sink.linesOf("span_event"),
        std::vector<std::string>({"span_event span=1 track=1 ts=1622639045200000000 name=\"retry\" "
                                  "attributes={\"n\":integer 1}"}));
    QCOMPARE(outcome.sink.count("span_link"), 1U);
    QVERIFY(outcome.hasIssue("console-exporter"));
}

void TestOtlpJsonConsole::pythonSpans()
{
    const ReadOutcome outcome = read("[" + kPython + "," + kPython + "]");
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.sink.linesOf("span").front(),
        std::string("span 1 track=1 trace=1 key=00f067aa0ba902b8 operation=\"hello\" kind=server "
                    "start=1643796000000001000 "
                    "duration=1000000000 resource=1 attributes={\"http.route\":text \"/x\",\"n\":real 1.5}"));
    QCOMPARE(outcome.sink.linesOf("track").front(), std::string("track 1 service=\"py\" shape=linked"));
}

void TestOtlpJsonConsole::javaScriptSpans()
{
    const ReadOutcome outcome = read(javaScript());
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.linesOf("span"),
        std::vector<std::string>({"span 1 track=1 trace=1 key=00f067aa0ba902b7 operation=\"GET /roll{id}\" "
                                  "kind=server status=error http=500 start=1684872929233000500 "
                                  "duration=25000250 resource=1 scope=2 "
                                  "attributes={\"http.response.status_code\":integer 500,\"text\":text "
                                  "\"it's \\\"so\\\"\",\"long\":text \"first second\",\"list\":json "
                                  "[\"a\",1,true,\"[Object]\",\"... 2 more items\"],"
                                  "\"otel.status_description\":text \"boom\"}",
            "span 2 track=2 trace=1 key=00f067aa0ba902b8 parent=00f067aa0ba902b7 operation=\"query\" "
            "kind=client start=1684872929234000000 duration=1000000 resource=3"}));
    QCOMPARE(outcome.sink.linesOf("span_event"),
        std::vector<std::string>({"span_event span=1 track=1 ts=1684872929240000000 name=\"retry\" "
                                  "attributes={\"n\":integer 1}"}));
    QCOMPARE(outcome.sink.count("span_link"), 1U);
    QVERIFY(outcome.hasIssue("not-a-span") && outcome.hasIssue("console-exporter"));
    QCOMPARE(sniffImporter(javaScript(), "log.txt"), &otlpJsonImporter());
    QCOMPARE(readBytes(otlpJsonImporter(), javaScript(), 1).text(), outcome.text());
}

void TestOtlpJsonConsole::javaScriptOddities()
{
    // Cut in the second span: the first one stays, the rest is told with its place.
    const std::size_t second = javaScript().find("\n{\n  resource: { attr") + 1;
    const ReadOutcome cut = read(javaScript().substr(0, javaScript().size() - 30));
    QVERIFY(!cut.error);
    QCOMPARE(cut.sink.count("span"), 1U);
    QCOMPARE(cut.report.rejects().size(), std::size_t(1));
    QCOMPARE(cut.report.rejects().front().offset, std::uint64_t(second));
    QCOMPARE(cut.report.rejects().front().kind, std::string("truncated-span"));
    // A record that was mended is read again as it is.
    const std::string again = otlpJsonImporter().descriptor().wrapRecord(javaScript().substr(second));
    QCOMPARE(read(again).sink.count("span"), 1U);
}

void TestOtlpJsonConsole::javaScriptObjects_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("json"); // empty: it is none
    const auto row = [](const char *name, const char *text, const char *json) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(json);
    };
    row("plain", "{ a: 1, 'b-c': 'x' }", R"({"a":1,"b-c":"x"})");
    row("empty", "{}", "{}");
    row("class names", "Span { r: Resource { a: Map(1) { 'k' => 2 } } }", R"({"r":{"a":{"k":2}}})");
    row("null prototype", "{ a: [Object: null prototype] { b: 1 } }", R"({"a":{"b":1}})");
    row("words", "{ a: undefined, b: null, c: NaN, d: 12n, e: true, f: [Function: g] }",
        R"({"a":null,"b":null,"c":"NaN","d":12,"e":true,"f":"[Function: g]"})");
    row("date", "{ a: 2023-01-01T00:00:00.000Z }", R"({"a":"2023-01-01T00:00:00.000Z"})");
    row("numbers as keys", "{ 0: 'a', null: 'b' }", R"({"0":"a","null":"b"})");
    row("symbol key", "{ [Symbol(x)]: 1 }", R"({"[Symbol(x)]":1})");
    row("escapes", R"({ a: 'q\'n\nu\u00e9x\x41e\u{1F600}' })",
        "{\"a\":\"q'n\\nu\xC3\xA9xAe\xF0\x9F\x98\x80\"}");
    row("colours", "{ a: \x1B[32m'g'\x1B[39m, b: \x1B[33m1\x1B[39m }", R"({"a":"g","b":1})");
    row("code stays text", "{ a: process.exit(1) }", "{\"a\":\"process.exit(1)\"}");
    row("not closed", "{ a: { b: 1 }", "");
    row("crossed", "{ a: [ 1 } ]", "");
    row("nothing", "", "");
}

void TestOtlpJsonConsole::javaScriptObjects()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, json);
    std::string out;
    const bool good = otlp::jsObjectToJson(text.toStdString(), out);
    QCOMPARE(good, !json.isEmpty());
    if (good)
        QCOMPARE(QByteArray::fromStdString(out), json);
    QVERIFY(!otlp::jsObjectToJson(QByteArray("{ a: ").repeated(100'000).toStdString(), out));
    QVERIFY(!otlp::jsObjectToJson(QByteArray("{ a: ['").repeated(1000).toStdString(), out));
}

void TestOtlpJsonConsole::logLinesBetween()
{
    const ReadOutcome outcome
        = read(kGo + "INFO listening\n" + kGo + R"({"level":"info","msg":"x"})" + "\n" + kGo);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 3U);
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QVERIFY(outcome.hasIssue("not-a-span"));
}

void TestOtlpJsonConsole::unknownTimes()
{
    // Go prints year 1 for a time that was never set.
    const std::string zero = "0001-01-01T00:00:00Z";
    const std::string spanOf = R"({"Name":"a","SpanContext":{"TraceID":"abcdef0af7651916cd43dd8448eb211c",)"
                               R"("SpanID":"00f067aa0ba902b7"},"StartTime":")";
    const std::string lost = spanOf + zero + R"(","EndTime":")" + zero + R"("})";
    const ReadOutcome outcome = read(spanOf + R"(2021-06-02T15:04:05Z","EndTime":"2021-06-02T15:04:06Z",)"
        + R"("Events":[{"Name":"e","Time":")" + zero + R"(","DroppedAttributeCount":3}]})" + "\n" + lost
        + "\n");
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.count("span"), 1U);
    QCOMPARE(outcome.sink.linesOf("span_event"),
        std::vector<std::string>({"span_event span=1 track=1 name=\"e\" "
                                  "attributes={\"otel.dropped_attributes_count\":integer 3}"}));
    QVERIFY(outcome.hasIssue("no-event-time"));
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    QCOMPARE(outcome.report.rejects().front().kind, std::string("no-time"));
    QCOMPARE(outcome.report.rejects().front().bytes, lost);
}

void TestOtlpJsonConsole::noSpan()
{
    const ReadOutcome outcome = read(R"({"SpanContext":{},"Name":"x"})");
    QVERIFY(outcome.error);
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
}

void TestOtlpJsonConsole::hostile()
{
    QCOMPARE(hostileProblems(otlpJsonImporter(), kGo + kGo), QString());
    QCOMPARE(hostileProblems(otlpJsonImporter(), kPython + kPython), QString());
}

QTEST_GUILESS_MAIN(TestOtlpJsonConsole)
#include "tst_otlpjsonconsole.moc"
