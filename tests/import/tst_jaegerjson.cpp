// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegerjson.h"
#include "import/jaegerjson/jaegervalues.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(jaegerJsonImporter(), text, chunk);
}

QString line(const ReadOutcome &outcome, std::string_view word, std::size_t i = 0)
{
    const std::vector<std::string> all = outcome.sink.linesOf(word);
    return i < all.size() ? QString::fromStdString(all[i]) : QString();
}

/// One span of trace 5b8aa5a2d2c872e8321cf37308d69df2; `more` are further members.
std::string span(const std::string &id, const std::string &more = {})
{
    return R"({"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":")" + id
        + R"(","operationName":"op","startTime":1700000000000001,"duration":5,"processID":"p1")" + more + "}";
}

std::string traceOf(const std::string &spans)
{
    return R"({"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spans":[)" + spans
        + R"(],"processes":{"p1":{"serviceName":"shop","tags":[{"key":"hostname","type":"string","value":"a1"}]}}})";
}

std::string child(const std::string &type, const std::string &parent,
    const std::string &trace = "5b8aa5a2d2c872e8321cf37308d69df2")
{
    return R"(,"references":[{"refType":")" + type + R"(","traceID":")" + trace + R"(","spanID":")" + parent
        + R"("}])";
}

const std::string kSample = R"({"data":[)"
    + traceOf(span("00000000000000a1") + ","
        + span("00000000000000a2",
            child("CHILD_OF", "00000000000000a1") + R"(,"tags":[{"key":"error","type":"bool","value":true}],)"
                + R"("logs":[{"timestamp":1700000000000002,"fields":[{"key":"event","value":"retry"}]}])"))
    + R"(],"total":0,"errors":null})";

} // namespace

class TestJaegerJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void times_data();
    void times();
    void lengths_data();
    void lengths();
    void sniff_data();
    void sniff();
    void hostile();
    void rows();
    void containers_data();
    void containers();
    void references();
    void unknownTimes();
    void zeroStart();
    void tags();
    void processesBeforeSpans();
    void tooMuchBeforeTheProcesses();
    void noProcess();
    void shortIds();
    void elasticsearch();
    void storageModel();
    void warnings();
    void relativeClock();
    void truncated();
    void brokenContainer_data();
    void brokenContainer();
};

void TestJaegerJson::times_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::newRow("1485467191639875") << qint64(1485467191639875000);
    QTest::newRow("1.5") << qint64(1500);
    QTest::newRow("-3") << qint64(-3000);
    QTest::newRow("0") << qint64(0);
    QTest::newRow("2017-01-26T16:46:31.639875-05:00") << qint64(1485467191639875000);
    for (const char *bad : {"99999999999999999999", "soon", "1e400", "12x", "NaN"})
        QTest::newRow(bad) << qint64(kUnknownNanos);
}

void TestJaegerJson::times()
{
    QTEST(qint64(jaeger::parseStart(QTest::currentDataTag()).value_or(kUnknownNanos)), "ns");
}

void TestJaegerJson::lengths_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::newRow("5") << qint64(5000);
    QTest::newRow("0") << qint64(0);
    QTest::newRow("-5") << qint64(-5000);
    QTest::newRow("22938000ns") << qint64(22938000);
    QTest::newRow("0.022938s") << qint64(22938000);
    QTest::newRow("3us") << qint64(3000);
    QTest::newRow("3\xC2\xB5s") << qint64(3000);
    QTest::newRow("1.5ms") << qint64(1500000);
    for (const char *bad : {"long", "99999999999999999999", "5 minutes", "s"})
        QTest::newRow(bad) << qint64(kUnknownNanos);
}

void TestJaegerJson::lengths()
{
    QTEST(qint64(jaeger::parseLength(QTest::currentDataTag()).value_or(kUnknownNanos)), "ns");
}

void TestJaegerJson::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const std::string &prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray::fromStdString(prefix) << int(confidence);
    };
    row("API answer", kSample, Confidence::Strong);
    row("trace", traceOf(span("a1")), Confidence::Strong);
    row("array", "[" + traceOf(span("a1")) + "]", Confidence::Strong);
    row("span", span("a1"), Confidence::Strong);
    row("cut", kSample.substr(0, 180), Confidence::Strong);
    row("no spans", R"({"data":[{"traceID":"1","spans":[],"processes":{}}]})", Confidence::Likely);
    row("Zipkin", R"([{"traceId":"1","id":"2","name":"get","timestamp":1,"duration":2}])", Confidence::No);
    row("OTLP", R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2"}]}]}]})",
        Confidence::No);
    row("Chrome", R"({"traceEvents":[{"ph":"X","ts":1,"name":"a"}]})", Confidence::No);
    row("empty", "", Confidence::No);
    row("text", "traceID spanID operationName", Confidence::No);
}

void TestJaegerJson::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(jaegerJsonImporter().sniff({prefix.constData(), std::size_t(prefix.size())}, "x")),
        "confidence");
}

void TestJaegerJson::hostile()
{
    const QString problems = hostileProblems(jaegerJsonImporter(), kSample);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestJaegerJson::rows()
{
    const ReadOutcome outcome = read(kSample);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsRead(), 2);
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"shop\" instance=\"a1\" shape=linked"));
    QCOMPARE(line(outcome, "set"),
        QStringLiteral("set 1 {\"service.name\":text \"shop\",\"hostname\":text \"a1\"}"));
    QCOMPARE(line(outcome, "trace"), QStringLiteral("trace 1 key=5b8aa5a2d2c872e8321cf37308d69df2"));
    QCOMPARE(line(outcome, "span"),
        QStringLiteral("span 1 track=1 trace=1 key=00000000000000a1 operation=\"op\" "
                       "start=1700000000000001000 duration=5000 resource=1"));
    QCOMPARE(line(outcome, "span", 1),
        QStringLiteral("span 2 track=1 trace=1 key=00000000000000a2 parent=00000000000000a1 operation=\"op\" "
                       "status=error start=1700000000000001000 duration=5000 resource=1 "
                       "attributes={\"error\":boolean 1}"));
    QCOMPARE(line(outcome, "span_event"),
        QStringLiteral("span_event span=2 track=1 ts=1700000000000002000 name=\"retry\""));
    QCOMPARE(int(outcome.sink.count("span_link")), 0);
}

void TestJaegerJson::containers_data()
{
    QTest::addColumn<QByteArray>("text");
    const std::string trace = traceOf(span("a1") + "," + span("a2"));
    const auto row = [](const char *name, const std::string &text) {
        QTest::newRow(name) << QByteArray::fromStdString(text);
    };
    row("data", R"({"data":[)" + trace + "]}");
    row("trace", trace);
    row("array of traces", "[" + trace + "]");
    row("spans one a line", span("a1") + "\n" + span("a2") + "\n");
    row("array of spans", "[" + span("a1") + "," + span("a2") + "]");
    row("data without array", R"({"data":)" + trace + "}");
    row("Elasticsearch",
        R"({"took":1,"hits":{"total":2,"hits":[{"_index":"j","_source":)" + span("a1") + R"(},{"_source":)"
            + span("a2") + "}]}}");
    row("bulk lines", "{\"index\":{\"_index\":\"j\"}}\n" + span("a1") + "\n{\"index\":{}}\n" + span("a2"));
}

void TestJaegerJson::containers()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(int(outcome.sink.count("span")), 2);
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("key=00000000000000a2")));
    QVERIFY(read(text.toStdString(), 1).text() == outcome.text());
}

void TestJaegerJson::references()
{
    const ReadOutcome outcome = read(traceOf(span("a1") + "," + span("a2", child("FOLLOWS_FROM", "a1")) + ","
        + span("a3", child("CHILD_OF", "a1", "ff")) + ","
        + span("a4",
            R"(,"references":[{"refType":"FOLLOWS_FROM","traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"a2"},)"
            R"({"refType":"CHILD_OF","traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"a1"}])")));
    QVERIFY(!line(outcome, "span").contains(QLatin1String("parent=")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("parent=00000000000000a1")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("kind=async")));
    // A parent in another trace is none here, and a link.
    QVERIFY(!line(outcome, "span", 2).contains(QLatin1String("parent=")));
    QVERIFY(line(outcome, "span", 3).contains(QLatin1String("parent=00000000000000a1")));
    QVERIFY(!line(outcome, "span", 3).contains(QLatin1String("kind=")));
    QCOMPARE(int(outcome.sink.count("span_link")), 3);
    QCOMPARE(line(outcome, "span_link"),
        QStringLiteral(
            "span_link span=2 trace_key=\"5b8aa5a2d2c872e8321cf37308d69df2\" "
            "span_key=00000000000000a1 attributes={\"opentracing.ref_type\":text \"follows_from\"}"));
    QCOMPARE(line(outcome, "span_link", 1),
        QStringLiteral("span_link span=3 trace_key=\"000000000000000000000000000000ff\" "
                       "span_key=00000000000000a1 attributes={\"opentracing.ref_type\":text \"child_of\"}"));
}

void TestJaegerJson::unknownTimes()
{
    const std::string head
        = R"({"traceID":"1","spanID":"2","operationName":"o","process":{"serviceName":"s"})";
    const ReadOutcome outcome = read(head + "}\n" + head + R"(,"startTime":null,"duration":4})" + "\n" + head
        + R"(,"startTime":"soon"})" + "\n" + head + R"(,"startTime":1700000000000000})" + "\n" + head
        + R"(,"startTime":1700000000000000,"duration":-4})" + "\n" + head
        + R"(,"startTime":1700000000000000,"duration":"long"})" + "\n" + head
        + R"(,"startTime":1700000000000000,"duration":0})" + "\n" + head + R"(,"startTime":0,"duration":1})");
    QCOMPARE(int(outcome.report.rejects().size()), 4);
    const auto &rejects = outcome.report.rejects();
    QCOMPARE(rejects[0].kind, std::string("no-time"));
    QCOMPARE(int(rejects[0].offset), 0);
    QCOMPARE(rejects[0].bytes, head + "}");
    QCOMPARE(rejects[1].kind, std::string("no-time"));
    QCOMPARE(int(rejects[1].offset), int(head.size()) + 2);
    QCOMPARE(rejects[2].kind, std::string("bad-time"));
    QCOMPARE(rejects[3].kind, std::string("no-time")); // 0 among times since 1970
    QCOMPARE(int(outcome.sink.count("span")), 4);
    const auto has
        = [&](std::size_t i, const QString &text) { return line(outcome, "span", i).contains(text); };
    QVERIFY(!has(0, QStringLiteral("duration=")) && has(0, QStringLiteral("quality=4")));
    QVERIFY(!has(1, QStringLiteral("duration=")) && has(1, QStringLiteral("quality=2")));
    QVERIFY(!has(2, QStringLiteral("duration=")) && has(2, QStringLiteral("quality=4")));
    QVERIFY(outcome.hasIssue("bad-duration"));
    QVERIFY(has(3, QStringLiteral("duration=0")) && !has(3, QStringLiteral("quality=")));
}

void TestJaegerJson::zeroStart()
{
    // Unknown among times since 1970, wherever in its trace it stands.
    std::string zero = span("a1");
    zero.replace(zero.find("1700000000000001"), 16, "0");
    const ReadOutcome outcome = read(traceOf(zero + "," + span("a2")));
    QCOMPARE(int(outcome.sink.count("span")), 1);
    QCOMPARE(outcome.report.rejects().at(0).kind, std::string("no-time"));
    QCOMPARE(outcome.report.rejects().at(0).bytes, zero);
    QCOMPARE(read(traceOf(zero)).report.rowsRead(), 1);
}

void TestJaegerJson::tags()
{
    const ReadOutcome outcome = read(traceOf(span("a1",
        R"(,"tags":[{"key":"span.kind","type":"string","value":"client"},{"key":"error","type":"bool","value":"true"},)"
        R"({"key":"big","type":"int64","value":"9223372036854775222"},{"key":"f","type":"float64","value":"72.5"},)"
        R"({"key":"http.status_code","type":"int64","value":503},{"key":"none"},{"value":1,"key":"late"},)"
        R"({"key":"n","value":{"a":[1]}}])")));
    const QString text = line(outcome, "span");
    QVERIFY2(text.contains(QLatin1String("kind=client status=error http=503")), qPrintable(text));
    QVERIFY2(text.contains(QLatin1String("attributes={\"span.kind\":text \"client\",\"error\":boolean 1,"
                                         "\"big\":integer 9223372036854775222,\"f\":real 72.5,"
                                         "\"http.status_code\":integer 503,\"none\":null,\"late\":integer 1,"
                                         "\"n\":json {\"a\":[1]}}")),
        qPrintable(text));
}

void TestJaegerJson::processesBeforeSpans()
{
    const ReadOutcome outcome
        = read(R"({"processes":{"p1":{"serviceName":"shop"}},"spans":[)" + span("a1") + "]}");
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"shop\" shape=linked"));
    QVERIFY(outcome.issues().empty());
}

void TestJaegerJson::tooMuchBeforeTheProcesses()
{
    const std::string filler = R"(,"x":")" + std::string(1'000'000, 'x') + "\"";
    std::string spans;
    for (int i = 0; i < 40; ++i)
        spans += (i > 0 ? "," : "") + span("a" + std::to_string(100 + i), filler);
    const ReadOutcome outcome = read(traceOf(spans));
    QCOMPARE(int(outcome.sink.count("span")), 40);
    QVERIFY(outcome.hasIssue("processes-after-spans"));
    QCOMPARE(int(outcome.sink.count("update_track")), 1);
    QVERIFY(line(outcome, "update_track").contains(QLatin1String("service=\"shop\"")));
}

void TestJaegerJson::noProcess()
{
    const ReadOutcome outcome = read(R"({"traceID":"1","spans":[)" + span("a1") + "]}");
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"unknown_service\" shape=linked"));
    QVERIFY(outcome.hasIssue("no-process"));
}

void TestJaegerJson::shortIds()
{
    const std::string head = R"("operationName":"o","startTime":1,"process":{"serviceName":"s"}})";
    const ReadOutcome outcome = read(R"({"traceID":"b8aa5a2d2c872e8","spanID":"7f",)" + head + "\n"
        + R"({"traceID":"trace-1","spanID":"A","parentSpanID":"span-X",)" + head + "\n"
        + R"({"traceID":"0000000000000000","spanID":"0",)" + head);
    QCOMPARE(line(outcome, "trace"), QStringLiteral("trace 1 key=00000000000000000b8aa5a2d2c872e8"));
    QVERIFY(line(outcome, "span").contains(QLatin1String("key=000000000000007f")));
    QCOMPARE(line(outcome, "trace", 1), QStringLiteral("trace 2 key=\"trace-1\""));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("key=\"A\" parent=\"span-X\"")));
    // Zeros are no id.
    QVERIFY(!line(outcome, "span", 2).contains(QLatin1String("trace=")));
    QVERIFY(line(outcome, "span", 2).contains(QLatin1String("quality=132"))); // no id, no end
}

void TestJaegerJson::elasticsearch()
{
    const ReadOutcome outcome = read(
        R"({"_index":"jaeger-span","_source":{"traceID":"01","spanID":"02","parentSpanID":"03","operationName":"o",)"
        R"("startTimeMillis":1485467191639,"duration":5,"tag":{"http@status_code":200},)"
        R"("process":{"serviceName":"s","tags":[{"key":"ip","type":"string","value":"10.0.0.1"}]}}})");
    QCOMPARE(line(outcome, "track"),
        QStringLiteral("track 1 service=\"s\" instance=\"10.0.0.1\" shape=linked"));
    const QString text = line(outcome, "span");
    QVERIFY(text.contains(QLatin1String("parent=0000000000000003")));
    QVERIFY(text.contains(QLatin1String("http=200 start=1485467191639000000 duration=5000")));
    QVERIFY(text.contains(QLatin1String("{\"http.status_code\":integer 200}")));
}

void TestJaegerJson::storageModel()
{
    const ReadOutcome outcome = read(
        R"({"spans":[{"traceId":"AAAAAAAAAABSlpqJVVcaPw==","spanId":"AAAAAABkfZg=","operationName":"get",)"
        R"("references":[{"traceId":"AAAAAAAAAABSlpqJVVcaPw==","spanId":"AAAAAABoxOM="}],)"
        R"("startTime":"2017-01-26T16:46:31.639875-05:00","duration":"22938000ns","tags":[)"
        R"({"key":"n","vType":"INT64","vInt64":"7"},{"key":"b","vType":"BOOL"},{"key":"s","vStr":"x"}],)"
        R"("process":{"serviceName":"api"}}]})");
    QCOMPARE(line(outcome, "trace"), QStringLiteral("trace 1 key=000000000000000052969a8955571a3f"));
    QCOMPARE(line(outcome, "span"),
        QStringLiteral(
            "span 1 track=1 trace=1 key=0000000000647d98 parent=000000000068c4e3 operation=\"get\" "
            "start=1485467191639875000 duration=22938000 resource=1 "
            "attributes={\"n\":integer 7,\"b\":boolean 0,\"s\":text \"x\"}"));
}

void TestJaegerJson::warnings()
{
    const ReadOutcome outcome = read(R"({"traceID":"1","spans":[)"
        + span("a1", R"(,"warnings":["clock skew"],"tags":[{"key":"k","value":"v"}])") + ","
        + span("a2", R"(,"warnings":[])")
        + R"(],"processes":{"p1":{"serviceName":"s"}},"warnings":["odd trace"]})");
    QVERIFY(line(outcome, "span")
                .contains(QLatin1String(
                    "attributes={\"jaeger.warnings\":json [\"clock skew\"],\"k\":text \"v\"}")));
    QVERIFY(!line(outcome, "span", 1).contains(QLatin1String("attributes=")));
    QVERIFY(outcome.hasIssue("trace-warning"));
}

void TestJaegerJson::relativeClock()
{
    const ReadOutcome outcome = read(
        R"([{"traceID":"A","spanID":"A","operationName":"o","startTime":0,"duration":100,"process":{"serviceName":"s"}}])");
    QCOMPARE(outcome.report.rowsRead(), 1);
    QCOMPARE(line(outcome, "source", 1), QStringLiteral("source kind=trace clock=relative"));
}

void TestJaegerJson::truncated()
{
    const std::string text = R"({"data":[)" + traceOf(span("a1") + "," + span("a2"));
    const ReadOutcome outcome = read(text.substr(0, text.find("\"a2\"") + 30));
    QCOMPARE(int(outcome.sink.count("span")), 1);
    QVERIFY(outcome.hasIssue("truncated-span"));
    QVERIFY(outcome.hasIssue("truncated"));
    // A line that breaks off costs that line.
    const ReadOutcome lines = read(span("a1") + "\n" + span("a2").substr(0, 90) + "\n" + span("a3") + "\n");
    QCOMPARE(int(lines.sink.count("span")), 2);
    QCOMPARE(lines.report.rowsSkipped(), 1);
    QCOMPARE(int(lines.report.rejects()[0].offset), int(span("a1").size()) + 1);
}

void TestJaegerJson::brokenContainer_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("other JSON") << QByteArray("{\"a\":1}");
    QTest::newRow("text") << QByteArray("this is a letter\n");
    QTest::newRow("nesting") << QByteArray(100'000, '[');
    QTest::newRow("binary") << QByteArray("\x7F\x45LF\x02\x01\0\0", 8);
}

void TestJaegerJson::brokenContainer()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY(outcome.error.has_value());
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
    QVERIFY(!outcome.error->hint.empty());
}

QTEST_GUILESS_MAIN(TestJaegerJson)
#include "tst_jaegerjson.moc"
