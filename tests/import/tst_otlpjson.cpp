// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpjson.h"
#include "import/otlpjson/otlpvalues.h"
#include "otlpdocuments.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

/// Attributes of a span with this list.
QString attributesOf(const std::string &list)
{
    const ReadOutcome outcome
        = read(document("s", span("a", "00f067aa0ba902b7", ",\"attributes\":[" + list + "]")));
    const QString line = lines(outcome, "span").value(0);
    const int from = int(line.indexOf(QLatin1String("attributes=")));
    return from < 0 ? QString() : line.mid(from + 11);
}

const std::string kSample = document("web",
    span("GET /", "00f067aa0ba902b7",
        R"(,"attributes":[)" + attribute("http.response.status_code", R"("intValue":"500")") + ","
            + attribute("list", R"("arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{}]})")
            + R"(],"events":[{"timeUnixNano":"1500","name":"retry","attributes":[)"
            + attribute("n", R"("intValue":2)")
            + R"(]}],"links":[{"traceId":"000000000000000000000000000000ff","spanId":"00000000000000ff"}],)"
            + R"("status":{"code":2,"message":"caf\u00e9 failed"},"flags":769,"traceState":"a=b","droppedEventsCount":3)")
        + "," + span("child", "00f067aa0ba902b8", R"(,"parentSpanId":"00f067aa0ba902b7")"));

} // namespace

class TestOtlpJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ids_data();
    void ids();
    void times_data();
    void times();
    void words();
    void sniff_data();
    void sniff();
    void hostile();
    void rows();
    void containers_data();
    void containers();
    void values_data();
    void values();
    void deepValues();
    void resources();
    void keyOrder();
    void tooMuchBeforeTheResource();
    void brokenLines();
    void truncatedDocument();
    void malformedSpans();
    void otherSignals();
    void brokenContainer_data();
    void brokenContainer();
};

void TestOtlpJson::ids_data()
{
    QTest::addColumn<QString>("hex");
    QTest::newRow("0AF7651916CD43DD8448EB211C80319C") << QString::fromStdString(kTrace);
    QTest::newRow("0af7651916cd43dd8448eb211c80319c") << QString::fromStdString(kTrace);
    QTest::newRow("CvdlGRbNQ92ESOshHIAxnA==") << QString::fromStdString(kTrace);
    QTest::newRow("CvdlGRbNQ92ESOshHIAxnA") << QString::fromStdString(kTrace);
    QTest::newRow("8448eb211c80319c") << QStringLiteral("00000000000000008448eb211c80319c");
    QTest::newRow("00000000000000000000000000000000") << QString();
    QTest::newRow("") << QString();
    QTest::newRow("not an id") << QStringLiteral("text");
    QTest::newRow("0af7651916cd43dd8448eb211c80319g") << QStringLiteral("text");
    QTest::newRow("CvdlGRbNQ92ESOshHIAxn!==") << QStringLiteral("text");
}

void TestOtlpJson::ids()
{
    QFETCH(QString, hex);
    const otlp::TraceId id = otlp::parseTraceId(QTest::currentDataTag());
    using Form = otlp::TraceId::Form;
    QCOMPARE(int(id.form),
        int(hex.isEmpty()                      ? Form::None
                : hex == QLatin1String("text") ? Form::Text
                                               : Form::Bytes));
    if (id.form == Form::Bytes)
        QCOMPARE(QString::fromStdString(otlp::idText(id)), hex);
    // 12 characters of base64 are 8 bytes.
    const SpanKey key = otlp::spanKey(otlp::parseSpanId("APBnqgupArc="));
    QCOMPARE(int(key.kind), int(SpanKey::Kind::Hex64));
    QCOMPARE(key.hex, 0x00f067aa0ba902b7ULL);
}

void TestOtlpJson::times_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<QString>("flags");
    const auto row = [](const char *text, qint64 ns, const char *flags) {
        QTest::newRow(*text ? text : "empty") << ns << QString::fromLatin1(flags);
    };
    row("1706678909209712000", 1'706'678'909'209'712'000, "known");
    row("1.7e18", 1'700'000'000'000'000'000, "known");
    row("0", 0, "");
    row("empty", 0, "bad");
    row("18446744073709551615", std::numeric_limits<qint64>::max(), "known clamped");
    row("-5", -5, "known");
    row("12x", 0, "bad");
}

void TestOtlpJson::times()
{
    QFETCH(QString, flags);
    const otlp::OtlpTime time = otlp::parseTime(QTest::currentDataTag());
    QTEST(qint64(time.ns), "ns");
    QCOMPARE(time.known, flags.contains(QLatin1String("known")));
    QCOMPARE(time.clamped, flags.contains(QLatin1String("clamped")));
    QCOMPARE(time.bad, flags.contains(QLatin1String("bad")));
}

void TestOtlpJson::words()
{
    QCOMPARE(int(otlp::parseKind("3")), int(SpanKind::Client));
    QCOMPARE(int(otlp::parseKind("SPAN_KIND_CONSUMER")), int(SpanKind::Consumer));
    QCOMPARE(int(otlp::parseKind("SpanKind.SERVER")), int(SpanKind::Server));
    QCOMPARE(int(otlp::parseKind("producer")), int(SpanKind::Producer));
    QCOMPARE(int(otlp::parseKind("0")), int(SpanKind::Internal));
    QCOMPARE(int(otlp::parseKind("77")), int(SpanKind::Internal));
    QCOMPARE(int(otlp::parseStatus("STATUS_CODE_ERROR")), int(SpanStatus::Error));
    QCOMPARE(int(otlp::parseStatus("2")), int(SpanStatus::Error));
    QCOMPARE(int(otlp::parseStatus("Ok")), int(SpanStatus::Ok));
    QCOMPARE(int(otlp::parseStatus("")), int(SpanStatus::Unset));
}

void TestOtlpJson::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const char *prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray(prefix) << int(confidence);
    };
    row("document", R"({"resourceSpans":[{)", Confidence::Strong);
    row("array", "[\n {\"resourceSpans\" : [", Confidence::Strong);
    row("Tempo", R"({"batches":[{"resource":{"attributes":[]},"instrumentationLibrarySpans":[)",
        Confidence::Strong);
    row("Tempo, wrapped", R"({"trace":{"resourceSpans":[)", Confidence::Strong);
    row("Jaeger, wrapped", R"({"result":{"resourceSpans":[)", Confidence::Strong);
    row("metrics", R"({"resourceMetrics":[)", Confidence::Strong);
    row("Go console", R"({"Name":"a","SpanContext":{"TraceID":"1"}})", Confidence::Likely);
    row("Python console", R"({"name":"a","context":{"trace_id":"0x1"},"kind":"SpanKind.SERVER"})",
        Confidence::Likely);
    row("batches of something", R"({"batches":[{"id":1}]})", Confidence::No);
    row("Jaeger", R"({"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2"}],"processes":{}}]})",
        Confidence::No);
    row("Zipkin", R"([{"traceId":"1","id":"2","name":"get","timestamp":1}])", Confidence::No);
    row("Chrome", R"({"traceEvents":[{"args":{"resourceSpans":[]}}]})", Confidence::No);
    row("Chrome array", R"([{"ph":"X","name":"a"}])", Confidence::No);
    row("EXPLAIN", R"([{"Plan":{"Node Type":"Seq Scan"}}])", Confidence::No);
    row("text", "resourceSpans", Confidence::No);
    row("empty", "", Confidence::No);
}

void TestOtlpJson::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(otlpJsonImporter().sniff(prefix.toStdString(), "traces.json")), "confidence");
}

void TestOtlpJson::hostile()
{
    QCOMPARE(hostileProblems(otlpJsonImporter(), kSample), QString());
    // As lines, and spread over lines.
    QCOMPARE(hostileProblems(otlpJsonImporter(), kSample + "\n" + kSample + "\n" + kSample + "\n"),
        QString());
    std::string pretty;
    for (const char c : kSample)
        pretty += c == ',' ? std::string(",\n  ") : std::string(1, c);
    QCOMPARE(hostileProblems(otlpJsonImporter(), pretty), QString());
}

void TestOtlpJson::rows()
{
    const ReadOutcome outcome = read(kSample);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsRead(), 2);
    QCOMPARE(lines(outcome, "source"),
        QStringList(QStringLiteral("source kind=trace clock=utc timezone=\"UTC\"")));
    QCOMPARE(lines(outcome, "track"), QStringList(QStringLiteral("track 1 service=\"web\" shape=linked")));
    QCOMPARE(lines(outcome, "set"),
        QStringList({QStringLiteral("set 1 {\"service.name\":text \"web\"}"),
            QStringLiteral("set 2 {\"otel.scope.name\":text \"lib\",\"otel.scope.version\":text \"1\"}")}));
    QCOMPARE(lines(outcome, "span"),
        QStringList(
            {QStringLiteral(
                 "span 1 track=1 trace=1 key=00f067aa0ba902b7 operation=\"GET /\" kind=server status=error "
                 "http=500 start=1000 duration=2000 resource=1 scope=2 "
                 "attributes={\"http.response.status_code\":integer 500,\"list\":json [\"a\",1,null],"
                 "\"otel.status_description\":text \"caf\u00e9 failed\",\"w3c.tracestate\":text \"a=b\","
                 "\"otel.parent_is_remote\":boolean 1,\"otel.dropped_events_count\":integer 3} quality=%1")
                    .arg(SpanDropped),
                QStringLiteral(
                    "span 2 track=1 trace=1 key=00f067aa0ba902b8 parent=00f067aa0ba902b7 "
                    "operation=\"child\" kind=server start=1000 duration=2000 resource=1 scope=2")}));
    QCOMPARE(lines(outcome, "span_event"),
        QStringList(
            QStringLiteral("span_event span=1 track=1 ts=1500 name=\"retry\" attributes={\"n\":integer 2}")));
    QCOMPARE(lines(outcome, "span_link"),
        QStringList(QStringLiteral("span_link span=1 trace_key=\"000000000000000000000000000000ff\" "
                                   "span_key=00000000000000ff")));
}

void TestOtlpJson::containers_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("spans");
    const auto row = [](const char *name, const std::string &text, int spans) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << spans;
    };
    const std::string one = document("a", span("x", "00f067aa0ba902b7")),
                      two = document("b", span("y", "00f067aa0ba902b8"));
    const std::string group = one.substr(18, one.size() - 18 - 2); // the resource's object
    row("document", one, 1);
    row("lines", one + "\n" + two + "\n", 2);
    row("lines, CRLF and blank", "\r\n" + one + "\r\n\r\n" + two, 2);
    row("side by side", one + two, 2);
    row("array", "[" + one + ",\n" + two + "]\n", 2);
    row("Tempo", R"({"batches":[)" + group + "]}", 1);
    row("Tempo trace", R"({"trace":{"batches":[)" + group + R"(]},"metrics":{}})", 1);
    row("Jaeger", R"({"result":)" + one + "}", 1);
    row("wrapped twice", R"({"result":{"trace":)" + one + "}}", 1);
    row("old scope",
        R"({"resourceSpans":[{)" + resource("s")
            + R"(,"instrumentationLibrarySpans":[{"instrumentationLibrary":)" + R"({"name":"old"},"spans":[)"
            + span("x", "00f067aa0ba902b7") + "]}]}]}",
        1);
    row("names of the proto file",
        R"({"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":")" + kTrace
            + R"(","span_id":"00f067aa0ba902b7","start_time_unix_nano":1,"end_time_unix_nano":2}]}]}]})",
        1);
    row("unknown members",
        R"({"x":[{"y":"]}"}],"resourceSpans":[{"schemaUrl":"u","z":{},"scopeSpans":[{"q":1,"spans":[)"
            + span("x", "00f067aa0ba902b7", R"(,"new":{"a":[1]})") + R"(],"schemaUrl":""}]},null,3]})",
        1);
    row("empty lists", R"({"resourceSpans":[]}{"resourceSpans":[{}]}{"resourceSpans":null})", 0);
}

void TestOtlpJson::containers()
{
    QFETCH(QByteArray, text);
    for (const std::size_t chunk : {1, 7, 4096}) {
        const ReadOutcome outcome = read(text.toStdString(), chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QTEST(int(outcome.sink.count("span")), "spans");
        QVERIFY2(outcome.report.issues().empty(), outcome.text().c_str());
    }
}

void TestOtlpJson::values_data()
{
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *value, const char *expected) {
        QTest::newRow(value) << QString::fromUtf8(expected);
    };
    row(R"("stringValue":"x")", R"(text "x")");
    row(R"("stringValue":"")", R"(text "")");
    row(R"("intValue":"9223372036854775807")", "integer 9223372036854775807");
    row(R"("intValue":-5)", "integer -5");
    row(R"("intValue":"x")", R"(text "x")");
    row(R"("doubleValue":72.5)", "real 72.5");
    row(R"("doubleValue":3)", "real 3");
    row(R"("doubleValue":"NaN")", R"(text "NaN")");
    row(R"("doubleValue":"-Infinity")", R"(text "-Infinity")");
    row(R"("boolValue":true)", "boolean 1");
    row(R"("boolValue":"false")", "boolean 0");
    row(R"("bytesValue":"AAAwOQ==")", R"(text "AAAwOQ==")");
    row(R"("arrayValue":{"values":[{"intValue":"1"},{"doubleValue":0.5},{"boolValue":true},{"stringValue":"s"}]})",
        R"(json [1,0.5,true,"s"])");
    row(R"("arrayValue":{})", "json []");
    row(R"("kvlistValue":{"values":[{"value":{"intValue":1},"key":"late"},{"key":"none"},{"key":"l","value":{"kvlistValue":{}}}]})",
        R"(json {"late":1,"none":null,"l":{}})");
    row(R"("newValue":{"x":1})", "null");
    row("", "null");
}

void TestOtlpJson::values()
{
    QFETCH(QString, expected);
    QCOMPARE(attributesOf(attribute("k", QTest::currentDataTag())),
        QStringLiteral("{\"k\":%1}").arg(expected));
    // The key may come after the value, and either may be missing.
    QCOMPARE(
        attributesOf(
            R"({"value":{"intValue":1},"key":"k"},{"key":"alone"},{"value":{"intValue":2}},{"key":"n","value":null})"),
        QStringLiteral("{\"k\":integer 1,\"alone\":null,\"\":integer 2,\"n\":null}"));
}

void TestOtlpJson::deepValues()
{
    std::string value = R"("intValue":1)";
    for (int i = 0; i < 200; ++i)
        value = R"("arrayValue":{"values":[{)" + value + "}]}";
    const QString attributes = attributesOf(attribute("k", value));
    QVERIFY2(attributes.startsWith(QLatin1String("{\"k\":json [[[")), qPrintable(attributes));
    QCOMPARE(attributes.count(QLatin1Char('[')), qsizetype(otlp::kMaxValueDepth));
    QVERIFY(attributes.contains(QChar(0x2026)));
}

void TestOtlpJson::resources()
{
    const std::string spans = R"(,"scopeSpans":[{"spans":[)" + span("x", "00f067aa0ba902b7") + "]}]}";
    const auto of
        = [&](const std::string &list) { return R"({"resource":{"attributes":[)" + list + "]}" + spans; };
    const std::string service = attribute("service.name", R"("stringValue":"s")");
    const ReadOutcome outcome = read(R"({"resourceSpans":[)"
        + of(service + "," + attribute("service.instance.id", R"("stringValue":"i1")")) + ","
        + of(service + "," + attribute("host.name", R"("stringValue":"h1")")) + ","
        + of(service + "," + attribute("k8s.pod.name", R"("stringValue":"p1")") + ","
            + attribute("host.name", R"("stringValue":"h1")"))
        + ","
        + of(attribute("process.pid", R"("intValue":"7")") + ","
            + attribute("process.executable.name", R"("stringValue":"java")"))
        + "," + R"({"scopeSpans":[{"spans":[)" + span("x", "00f067aa0ba902b7") + "]}]}]}");
    QCOMPARE(lines(outcome, "track"),
        QStringList({QStringLiteral("track 1 service=\"s\" instance=\"i1\" shape=linked"),
            QStringLiteral("track 2 service=\"s\" instance=\"h1\" shape=linked"),
            QStringLiteral("track 3 service=\"s\" instance=\"p1\" shape=linked"),
            QStringLiteral("track 4 process=\"java (pid 7)\" service=\"unknown_service\" shape=linked"),
            QStringLiteral("track 5 service=\"unknown_service\" shape=linked")}));
    // The identity of a resource is its whole set.
    QCOMPARE(lines(outcome, "set").size(), 4);
}

void TestOtlpJson::keyOrder()
{
    // Everything the other way round: scope and resource behind the spans, ids last.
    const std::string text = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[)"
        + attribute("k", R"("intValue":1)")
        + R"(],"endTimeUnixNano":"9","startTimeUnixNano":"4","name":"a","spanId":"00f067aa0ba902b7","traceId":")"
        + kTrace + R"("}],"scope":{"name":"late"}},{"scope":{"name":"early"},"spans":[)"
        + span("b", "00f067aa0ba902b8") + R"(]}],)" + resource("late") + "}]}";
    for (const std::size_t chunk : {1, 4096}) {
        const ReadOutcome outcome = read(text, chunk);
        QVERIFY(outcome.report.issues().empty());
        QCOMPARE(lines(outcome, "track"),
            QStringList(QStringLiteral("track 1 service=\"late\" shape=linked")));
        QCOMPARE(lines(outcome, "span"),
            QStringList({QStringLiteral(
                             "span 1 track=1 trace=1 key=00f067aa0ba902b7 operation=\"a\" start=4 duration=5 "
                             "resource=3 scope=1 attributes={\"k\":integer 1}"),
                QStringLiteral(
                    "span 2 track=1 trace=1 key=00f067aa0ba902b8 operation=\"b\" kind=server start=1000 "
                    "duration=2000 resource=3 scope=2")}));
    }
}

void TestOtlpJson::tooMuchBeforeTheResource()
{
    const std::string big = span("x", "00f067aa0ba902b7",
        ",\"attributes\":[" + attribute("k", "\"stringValue\":\"" + std::string(60'000, 'x') + "\"") + "]");
    std::string text = R"({"resourceSpans":[{"scopeSpans":[{"spans":[)";
    for (int i = 0; i < 700; ++i)
        text += (i > 0 ? "," : "") + big;
    text += "]}]," + resource("late") + "}]}";
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 700U);
    QVERIFY(outcome.hasIssue("resource-after-spans"));
    QVERIFY(lines(outcome, "track").at(0).contains(QLatin1String("unknown_service")));
}

void TestOtlpJson::brokenLines()
{
    const std::string good = document("s", span("x", "00f067aa0ba902b7"));
    const QStringList cuts{QStringLiteral("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"cut"),
        QStringLiteral("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"cut\","),
        QStringLiteral("{\"resourceSpans\":[{\"scopeSpans\":["), QStringLiteral("{\"resourceSpans\":"),
        QStringLiteral("{\"resou"), QStringLiteral("{\"resourceSpans\":[{]}"), QStringLiteral("not json"),
        QStringLiteral("{\"x\":{\"y\":\"")};
    for (const QString &cut : cuts) {
        for (const std::size_t chunk : {1, 4096}) {
            const std::string text
                = good + "\n" + good + "\n" + cut.toStdString() + "\n" + good + "\n" + good + "\n";
            const ReadOutcome outcome = read(text, chunk);
            QVERIFY2(!outcome.error, qPrintable(cut));
            QVERIFY2(outcome.sink.count("span") == 4U,
                qPrintable(cut + QLatin1Char('\n') + QString::fromStdString(outcome.text())));
            QVERIFY2(!outcome.report.issues().empty(), qPrintable(cut));
            const std::uint64_t at = outcome.report.issues().front().firstOffset;
            QVERIFY2(at >= 2 * (good.size() + 1)
                    && at <= 2 * (good.size() + 1) + std::uint64_t(cut.size()) + 1,
                qPrintable(cut));
        }
    }
    // The very first line is the broken one.
    const ReadOutcome first = read("{\"resourceSpans\":[{]}\n" + good + "\n" + good + "\n");
    QVERIFY(!first.error);
    QCOMPARE(first.sink.count("span"), 2U);
}

void TestOtlpJson::truncatedDocument()
{
    std::string spans;
    for (int i = 0; i < 5; ++i)
        spans += (i > 0 ? ",\n " : "") + span("s" + std::to_string(i), "00f067aa0ba902b" + std::to_string(i));
    const std::string text = document("s", spans);
    const std::size_t third = text.find("\"s3\"");
    const ReadOutcome inside = read(text.substr(0, third));
    QVERIFY(!inside.error);
    QCOMPARE(inside.sink.count("span"), 3U);
    QVERIFY(inside.hasIssue("truncated"));
    QVERIFY(inside.hasIssue("truncated-span"));
    const ReadOutcome behind = read(text.substr(0, text.size() - 4));
    QCOMPARE(behind.sink.count("span"), 5U);
    QVERIFY(behind.hasIssue("truncated"));
}

void TestOtlpJson::malformedSpans()
{
    const std::string bad = R"({"name":"x" "kind":1})";
    const std::string text = document("s",
        span("a", "00f067aa0ba902b7") + "," + bad + ",7,\"x\"," + span("b", "00f067aa0ba902b8"));
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    QCOMPARE(outcome.report.rejects().front().offset, std::uint64_t(text.find(bad)));
    QCOMPARE(outcome.report.rejects().front().bytes, bad);
}

void TestOtlpJson::otherSignals()
{
    const ReadOutcome only = read(R"({"resourceProfiles":[{"a":1},{"b":2}]})");
    QVERIFY(only.error);
    QCOMPARE(int(only.error->code), int(ErrorCode::BadInput));
    QVERIFY(only.error->detail.find("resourceProfiles: 2") != std::string::npos);
    const std::string first = document("s", span("a", "00f067aa0ba902b7")) + "\n";
    const ReadOutcome mixed = read(first + R"({"resourceProfiles":[{},{}]})");
    QVERIFY(!mixed.error);
    QCOMPARE(mixed.sink.count("span"), 1U);
    QVERIFY(mixed.hasIssue("resourceProfiles-not-read"));
    QCOMPARE(mixed.report.issues().front().firstOffset,
        std::uint64_t(first.size() + std::string_view(R"({"resourceProfiles":[)").size()));
}

void TestOtlpJson::brokenContainer_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("other JSON") << QByteArray(R"({"a":[1,2]})");
    QTest::newRow("number") << QByteArray("42");
}

void TestOtlpJson::brokenContainer()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY(outcome.error);
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
    QVERIFY(!outcome.error->hint.empty());
}

QTEST_GUILESS_MAIN(TestOtlpJson)
#include "tst_otlpjson.moc"
