// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Spans of OTLP whose ids, times and counts are not as the specification wants them.
#include "otlpdocuments.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::testing;

class TestOtlpJsonSpans : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyIds();
    void durations();
    void withoutTime();
    void eventsWithoutTime();
    void oddTraceIds();
    void droppedCounts();
};

void TestOtlpJsonSpans::emptyIds()
{
    // The specification's own example of a file has empty ids.
    const ReadOutcome outcome = read(document("s",
        R"({"traceId":"","spanId":"","parentSpanId":"","name":"a","startTimeUnixNano":"1",)"
        R"("endTimeUnixNano":"2"},{"traceId":"","spanId":"","name":"b","startTimeUnixNano":"1","endTimeUnixNano":"2"})"));
    const QStringList spans = lines(outcome, "span");
    QCOMPARE(spans.size(), 2);
    for (const QString &line : spans) {
        QVERIFY(line.endsWith(QStringLiteral("quality=%1").arg(SpanNoId)));
        QVERIFY(!line.contains(QLatin1String("trace=")));
    }
    const ReadOutcome odd = read(document("s",
        R"({"traceId":"t-1","spanId":"s-1","parentSpanId":"s-0","startTimeUnixNano":"1","endTimeUnixNano":"2"})"));
    QVERIFY(lines(odd, "span").at(0).contains(QLatin1String("trace=1 key=\"s-1\" parent=\"s-0\"")));
    QVERIFY(odd.hasIssue("odd-span-id"));
}

void TestOtlpJsonSpans::durations()
{
    const auto timed
        = [](const char *members) { return std::string(R"({"spanId":"00f067aa0ba902b7")") + members + "}"; };
    const ReadOutcome outcome = read(document("s",
        timed(R"(,"startTimeUnixNano":"5","endTimeUnixNano":"5")") + ","
            + timed(R"(,"startTimeUnixNano":5,"endTimeUnixNano":3)") + ","
            + timed(R"(,"startTimeUnixNano":"5","endTimeUnixNano":"0")") + ","
            + timed(R"(,"startTimeUnixNano":"5")") + "," + timed(R"(,"endTimeUnixNano":"7")") + ","
            + timed("") + "," + timed(R"(,"startTimeUnixNano":"5","endTimeUnixNano":"99999999999999999999")")
            + "," + timed(R"(,"startTimeUnixNano":"x","endTimeUnixNano":"7")")));
    const QStringList spans = lines(outcome, "span");
    QCOMPARE(spans.size(), 6);
    const auto ends = [&](int i, const QString &text) { return spans.at(i).contains(text); };
    QVERIFY(ends(0, QStringLiteral("start=5 duration=0 ")) && !ends(0, QStringLiteral("quality")));
    QVERIFY(ends(1, QStringLiteral("start=5 "))
        && ends(1, QStringLiteral("quality=%1").arg(SpanNegativeDuration)));
    for (const int i : {2, 3})
        QVERIFY(ends(i, QStringLiteral("start=5 ")) && ends(i, QStringLiteral("quality=%1").arg(SpanNoEnd)));
    QVERIFY(ends(4, QStringLiteral("start=7 ")) && ends(4, QStringLiteral("quality=%1").arg(SpanNoEnd)));
    QVERIFY(ends(5, QStringLiteral("quality=%1").arg(SpanTimeClamped)));
    for (const int i : {1, 2, 3, 4})
        QVERIFY2(!ends(i, QStringLiteral("duration=")), qPrintable(spans.at(i)));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"bad-time 1", "no-time 1", "no-start-time 1"}));
}

void TestOtlpJsonSpans::withoutTime()
{
    // A span that nothing places in time would stand in 1970 and stretch its trace over half a century.
    for (const char *members : {"", R"(,"startTimeUnixNano":"0","endTimeUnixNano":0)"}) {
        const std::string bare
            = R"({"traceId":")" + kTrace + R"(","spanId":"00f067aa0ba902b9","name":"lost")" + members + "}";
        const std::string text = document("s", span("a", "00f067aa0ba902b7") + "," + bare);
        const ReadOutcome outcome = read(text);
        QVERIFY(!outcome.error);
        QCOMPARE(outcome.sink.count("span"), 1U);
        QCOMPARE(outcome.report.rowsSkipped(), 1);
        QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
        QCOMPARE(outcome.report.rejects().front().kind, std::string("no-time"));
        QCOMPARE(outcome.report.rejects().front().offset, std::uint64_t(text.find(bare)));
        QCOMPARE(outcome.report.rejects().front().bytes, bare);
    }
}

void TestOtlpJsonSpans::eventsWithoutTime()
{
    const ReadOutcome outcome = read(document("s",
        span("a", "00f067aa0ba902b7",
            R"(,"events":[{"name":"none"},{"name":"zero","timeUnixNano":"0"},{"name":"bad","timeUnixNano":"x"},)"
            R"({"name":"good","timeUnixNano":"1500"}])")));
    QCOMPARE(lines(outcome, "span_event"),
        QStringList({QStringLiteral("span_event span=1 track=1 name=\"none\""),
            QStringLiteral("span_event span=1 track=1 name=\"zero\""),
            QStringLiteral("span_event span=1 track=1 name=\"bad\""),
            QStringLiteral("span_event span=1 track=1 ts=1500 name=\"good\"")}));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"no-event-time 3"}));
}

void TestOtlpJsonSpans::oddTraceIds()
{
    const auto withTrace = [](const std::string &trace, const std::string &more = {}) {
        return R"({"traceId":")" + trace + R"(","spanId":"00f067aa0ba902b7","startTimeUnixNano":"1",)"
            + R"("endTimeUnixNano":"2")" + more + "}";
    };
    const ReadOutcome outcome = read(document("s",
        withTrace(kTrace) + "," + withTrace("CvdlGRbNQ92ESOshHIAxnA==") + "," + withTrace("") + ","
            + withTrace("8448eb211c80319c") + "," + withTrace("abc") + "," + withTrace("abc") + ","
            + withTrace(kTrace, R"(,"links":[{"traceId":"12","spanId":"00000000000000ff"}])")));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"odd-trace-id 4"}));
    QVERIFY(outcome.report.issues().front().example.find("8448eb211c80319c") != std::string::npos);
    QCOMPARE(outcome.sink.count("span"), 7U);
}

void TestOtlpJsonSpans::droppedCounts()
{
    // The counts of events and links come before or after their attributes.
    const ReadOutcome outcome = read(document("s",
        span("a", "00f067aa0ba902b7",
            R"(,"droppedAttributesCount":1,"events":[{"droppedAttributesCount":4,"timeUnixNano":"1","name":"e",)"
            R"("attributes":[)"
                + attribute("k", R"("intValue":1)")
                + R"(]}],"links":[{"traceId":"000000000000000000000000000000ff","spanId":"00000000000000ff",)"
                + R"("attributes":[)" + attribute("l", R"("intValue":2)")
                + R"(],"traceState":"a=b","droppedAttributesCount":5}])")));
    QVERIFY(lines(outcome, "span")
                .at(0)
                .contains(QLatin1String("attributes={\"otel.dropped_attributes_count\":integer 1}")));
    QCOMPARE(lines(outcome, "span_event"),
        QStringList(QStringLiteral("span_event span=1 track=1 ts=1 name=\"e\" attributes={\"k\":integer 1,"
                                   "\"otel.dropped_attributes_count\":integer 4}")));
    QCOMPARE(lines(outcome, "span_link"),
        QStringList(QStringLiteral(
            "span_link span=1 trace_key=\"000000000000000000000000000000ff\" span_key=00000000000000ff "
            "attributes={\"l\":integer 2,\"w3c.tracestate\":text \"a=b\","
            "\"otel.dropped_attributes_count\":integer 5}")));
}

QTEST_GUILESS_MAIN(TestOtlpJsonSpans)
#include "tst_otlpjsonspans.moc"
