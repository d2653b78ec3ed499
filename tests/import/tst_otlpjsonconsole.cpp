// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
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

ReadOutcome read(const std::string &text) { return readBytes(otlpJsonImporter(), text); }

} // namespace

class TestOtlpJsonConsole : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goSpans();
    void pythonSpans();
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
