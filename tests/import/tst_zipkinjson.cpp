// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/zipkinjson/zipkinjson.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(zipkinJsonImporter(), text, chunk);
}

QString line(const ReadOutcome &outcome, std::string_view word, std::size_t i = 0)
{
    const std::vector<std::string> all = outcome.sink.linesOf(word);
    return i < all.size() ? QString::fromStdString(all[i]) : QString();
}

/// One span of trace 8ce82b2e9ed820ba; `more` are further members.
std::string span(const std::string &id, const std::string &service, const std::string &more = {})
{
    return R"({"traceId":"8ce82b2e9ed820ba","id":")" + id
        + R"(","name":"get","timestamp":1543334727215550,"duration":3816,"localEndpoint":{"serviceName":")"
        + service + R"(","ipv4":"10.0.0.1"})" + more + "}";
}

const std::string kSample = "["
    + span("00000000000000a1", "web",
        R"(,"kind":"CLIENT","tags":{"http.status_code":"500","error":""},)"
        R"("remoteEndpoint":{"serviceName":"db","ipv4":"10.0.0.2","port":5432},)"
        R"("annotations":[{"timestamp":1543334727215560,"value":"retry"}])")
    + "," + span("00000000000000a2", "web", R"(,"parentId":"00000000000000a1")") + "]";

/// One record of version 1 with both sides.
const std::string kBothSides
    = R"([{"traceId":"8ce82b2e9ed820ba","name":"get","id":"00000000000000a1","annotations":[)"
      R"({"timestamp":1000,"value":"cs","endpoint":{"serviceName":"web","ipv4":"10.0.0.1"}},)"
      R"({"timestamp":1100,"value":"sr","endpoint":{"serviceName":"api","ipv4":"10.0.0.2"}},)"
      R"({"timestamp":1150,"value":"cache miss","endpoint":{"serviceName":"api","ipv4":"10.0.0.2"}},)"
      R"({"timestamp":1400,"value":"ss","endpoint":{"serviceName":"api","ipv4":"10.0.0.2"}},)"
      R"({"timestamp":1500,"value":"cr","endpoint":{"serviceName":"web","ipv4":"10.0.0.1"}}],)"
      R"("binaryAnnotations":[{"key":"http.path","value":"/x","endpoint":{"serviceName":"web"}},)"
      R"({"key":"rows","value":7,"endpoint":{"serviceName":"api"}},)"
      R"({"key":"sa","value":true,"endpoint":{"serviceName":"api","ipv4":"10.0.0.2","port":80}}]}])";

} // namespace

class TestZipkinJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sniff_data();
    void sniff();
    void hostile();
    void hostileVersion1();
    void rows();
    void containers_data();
    void containers();
    void sharedSpans();
    void sharedWithoutClient();
    void serverWithoutTime();
    void tooManySpans();
    void serverWithoutShared();
    void bothSidesInOneRecord();
    void version1Records();
    void unknownTimes();
    void traceIdsOfTwoLengths();
    void truncated();
    void brokenContainer_data();
    void brokenContainer();
};

void TestZipkinJson::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const std::string &prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray::fromStdString(prefix) << int(confidence);
    };
    row("list", kSample, Confidence::Strong);
    row("list of lists", "[" + kSample + "]", Confidence::Strong);
    row("one span", span("a1", "s"), Confidence::Strong);
    row("version 1", kBothSides, Confidence::Strong);
    row("few keys", R"([{"traceId":"1","id":"2","name":"get"}])", Confidence::Likely);
    row("ids alone", R"([{"traceId":"1","id":"2"}])", Confidence::No);
    row("OTLP", R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"2","name":"a"}]}]}]})",
        Confidence::No);
    row("Jaeger", R"({"traceID":"1","spanID":"2","operationName":"o","startTime":1})", Confidence::No);
    row("empty list", "[]", Confidence::No);
    row("text", "traceId id name timestamp", Confidence::No);
}

void TestZipkinJson::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(zipkinJsonImporter().sniff({prefix.constData(), std::size_t(prefix.size())}, "x")),
        "confidence");
}

void TestZipkinJson::hostile()
{
    const QString problems = hostileProblems(zipkinJsonImporter(), kSample);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestZipkinJson::hostileVersion1()
{
    const QString problems = hostileProblems(zipkinJsonImporter(), kBothSides);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestZipkinJson::rows()
{
    const ReadOutcome outcome = read(kSample);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsRead(), 2);
    QCOMPARE(line(outcome, "track"),
        QStringLiteral("track 1 service=\"web\" instance=\"10.0.0.1\" shape=linked"));
    QCOMPARE(line(outcome, "set"),
        QStringLiteral("set 1 {\"service.name\":text \"web\",\"host.ip\":text \"10.0.0.1\"}"));
    QCOMPARE(line(outcome, "trace"), QStringLiteral("trace 1 key=00000000000000008ce82b2e9ed820ba"));
    QCOMPARE(line(outcome, "span"),
        QStringLiteral(
            "span 1 track=1 trace=1 key=00000000000000a1 operation=\"get\" kind=client status=error "
            "http=500 start=1543334727215550000 duration=3816000 resource=1 "
            "attributes={\"http.status_code\":text \"500\",\"error\":text \"\","
            "\"peer.service\":text \"db\",\"network.peer.address\":text \"10.0.0.2\","
            "\"network.peer.port\":integer 5432}"));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("key=00000000000000a2 parent=00000000000000a1")));
    QCOMPARE(line(outcome, "span_event"),
        QStringLiteral("span_event span=1 track=1 ts=1543334727215560000 name=\"retry\""));
}

void TestZipkinJson::containers_data()
{
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const std::string &text) {
        QTest::newRow(name) << QByteArray::fromStdString(text);
    };
    const std::string a = span("a1", "s"), b = span("a2", "s");
    row("list", "[" + a + "," + b + "]");
    row("list of lists", "[[" + a + "],[" + b + "]]");
    row("one a line", a + "\n" + b + "\n");
    row("lists, one a line", "[" + a + "]\n[" + b + "]\n");
    row("other values between", "[1,null," + a + ",\"x\",[[2]]," + b + "]");
}

void TestZipkinJson::containers()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(int(outcome.sink.count("span")), 2);
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("key=00000000000000a2")));
    QVERIFY(read(text.toStdString(), 1).text() == outcome.text());
}

void TestZipkinJson::sharedSpans()
{
    // The child of the server comes first, the client last.
    const ReadOutcome outcome = read("[" + span("a3", "api", R"(,"parentId":"a2")") + ","
        + span("a2", "api", R"(,"parentId":"a1","kind":"SERVER","shared":true)") + ","
        + span("a2", "web", R"(,"parentId":"a1","kind":"CLIENT")") + ","
        + span("a4", "web", R"(,"parentId":"a2")") + "]");
    QCOMPARE(int(outcome.sink.count("span")), 4);
    QVERIFY(line(outcome, "span").contains(QLatin1String("parent=\"00000000000000a2/server\"")));
    QVERIFY(line(outcome, "span", 1)
                .contains(QLatin1String("key=\"00000000000000a2/server\" parent=00000000000000a2")));
    QVERIFY(line(outcome, "span", 2).contains(QLatin1String("key=00000000000000a2 parent=00000000000000a1")));
    QVERIFY(line(outcome, "span", 3).contains(QLatin1String("parent=00000000000000a2 ")));
}

void TestZipkinJson::sharedWithoutClient()
{
    const ReadOutcome outcome
        = read("[" + span("a2", "api", R"(,"parentId":"a1","kind":"SERVER","shared":true)") + ","
            + span("a3", "api", R"(,"parentId":"a2")") + "]");
    QVERIFY(line(outcome, "span").contains(QLatin1String("key=00000000000000a2 parent=00000000000000a1")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("parent=00000000000000a2 ")));
}

void TestZipkinJson::serverWithoutTime()
{
    // It makes no span, so nothing hangs below it.
    const ReadOutcome outcome = read("[" + span("a2", "web", R"(,"kind":"CLIENT")")
        + R"(,{"traceId":"8ce82b2e9ed820ba","id":"a2","kind":"SERVER","localEndpoint":{"serviceName":"api"}},)"
        + span("a3", "api", R"(,"parentId":"a2")") + "]");
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("parent=00000000000000a2 ")));
}

void TestZipkinJson::tooManySpans()
{
    std::string text;
    for (int i = 0; i < 200'001; ++i)
        text += R"({"traceId":"1","id":"2","timestamp":1})"
                "\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.report.rowsRead(), 200'001);
    QVERIFY(outcome.hasIssue("spans-apart"));
}

void TestZipkinJson::serverWithoutShared()
{
    const ReadOutcome outcome = read("[" + span("a2", "web", R"(,"kind":"CLIENT")") + ","
        + span("a2", "api", R"(,"kind":"SERVER")") + "]");
    QVERIFY(line(outcome, "span", 1)
                .contains(QLatin1String("key=\"00000000000000a2/server\" parent=00000000000000a2")));
}

void TestZipkinJson::bothSidesInOneRecord()
{
    const ReadOutcome outcome = read(kBothSides);
    QCOMPARE(outcome.report.rowsRead(), 1);
    QCOMPARE(int(outcome.sink.count("span")), 2);
    QCOMPARE(line(outcome, "span"),
        QStringLiteral(
            "span 1 track=1 trace=1 key=00000000000000a1 operation=\"get\" kind=client start=1000000 "
            "duration=500000 resource=1 attributes={\"http.path\":text \"/x\","
            "\"peer.service\":text \"api\",\"network.peer.address\":text \"10.0.0.2\","
            "\"network.peer.port\":integer 80}"));
    QCOMPARE(line(outcome, "span", 1),
        QStringLiteral("span 2 track=2 trace=1 key=\"00000000000000a1/server\" parent=00000000000000a1 "
                       "operation=\"get\" kind=server start=1100000 duration=300000 resource=2 "
                       "attributes={\"rows\":integer 7}"));
    QCOMPARE(int(outcome.sink.count("span_event")), 1);
    QCOMPARE(line(outcome, "span_event"),
        QStringLiteral("span_event span=2 track=2 ts=1150000 name=\"cache miss\""));
}

void TestZipkinJson::version1Records()
{
    // A side a record; the server's end is missing; a local span has its service from "lc".
    const ReadOutcome outcome = read(
        R"([{"traceId":"01","id":"02","name":"q","timestamp":5000,"duration":40,"annotations":[)"
        R"({"timestamp":5000,"value":"cs","endpoint":{"serviceName":"web"}}]},)"
        R"({"traceId":"01","id":"02","name":"q","annotations":[)"
        R"({"timestamp":5010,"value":"sr","endpoint":{"serviceName":"api"}}]},)"
        R"({"traceId":"01","id":"03","parentId":"02","name":"l","timestamp":5020,"duration":5,"binaryAnnotations":[)"
        R"({"key":"lc","value":"job","endpoint":{"serviceName":"api"}}]}])");
    QCOMPARE(int(outcome.sink.count("span")), 3);
    QVERIFY(line(outcome, "span").contains(QLatin1String("kind=client start=5000000 duration=40000")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("key=\"0000000000000002/server\"")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("kind=server start=5010000 ")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("quality=4")));
    QVERIFY(line(outcome, "span", 2).contains(QLatin1String("parent=\"0000000000000002/server\"")));
}

void TestZipkinJson::unknownTimes()
{
    const std::string head = R"({"traceId":"01","id":"02","name":"n","localEndpoint":{"serviceName":"s"})";
    const ReadOutcome outcome = read("[" + head + "}," + head + R"(,"timestamp":0,"duration":5},)" + head
        + R"(,"timestamp":"soon"},)" + head + R"(,"timestamp":7},)" + head
        + R"(,"timestamp":7,"duration":0},)" + head + R"(,"timestamp":7,"duration":-1},)" + head
        + R"(,"timestamp":7,"duration":"x"},)" + head
        + R"(,"annotations":[{"timestamp":9,"value":"b"},{"timestamp":8,"value":"a"},{"value":"no time"}]}])");
    const auto &rejects = outcome.report.rejects();
    QCOMPARE(int(rejects.size()), 3);
    QCOMPARE(rejects[0].kind, std::string("no-time"));
    QCOMPARE(int(rejects[0].offset), 1);
    QCOMPARE(rejects[1].kind, std::string("no-time"));
    QCOMPARE(rejects[2].kind, std::string("bad-time"));
    QCOMPARE(int(outcome.sink.count("span")), 5);
    const auto has = [&](std::size_t i, const char *text) {
        return line(outcome, "span", i).contains(QLatin1String(text))
            && !line(outcome, "span", i).contains(QLatin1String("duration="));
    };
    QVERIFY(has(0, "start=7000 ") && has(0, "quality=4"));
    QVERIFY(has(1, "quality=4"));
    QVERIFY(has(2, "quality=2"));
    QVERIFY(has(3, "quality=4") && outcome.hasIssue("bad-duration"));
    QVERIFY(has(4, "start=8000 "));
    QVERIFY(outcome.hasIssue("no-event-time"));
    QVERIFY(line(outcome, "span_event", 2).contains(QLatin1String("name=\"no time\"")));
}

void TestZipkinJson::traceIdsOfTwoLengths()
{
    std::string whole = span("a2", "api", R"(,"kind":"SERVER","shared":true)");
    whole.replace(whole.find("8ce82b2e9ed820ba"), 16, "463ac35c9f6413ad8ce82b2e9ed820ba");
    const ReadOutcome outcome = read("[" + span("a2", "web", R"(,"kind":"CLIENT")") + "," + whole + "]");
    QCOMPARE(int(outcome.sink.count("trace")), 1);
    QCOMPARE(line(outcome, "trace"), QStringLiteral("trace 1 key=463ac35c9f6413ad8ce82b2e9ed820ba"));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("parent=00000000000000a2")));
}

void TestZipkinJson::truncated()
{
    const std::string text = "[" + span("a1", "s") + "," + span("a2", "s") + "]";
    const ReadOutcome outcome = read(text.substr(0, text.find("a2") + 30));
    QCOMPARE(int(outcome.sink.count("span")), 1);
    QVERIFY(outcome.hasIssue("truncated-span"));
    const ReadOutcome lines
        = read(span("a1", "s") + "\n" + span("a2", "s").substr(0, 60) + "\n" + span("a3", "s"));
    QCOMPARE(int(lines.sink.count("span")), 2);
    QCOMPARE(lines.report.rowsSkipped(), 1);
    const ReadOutcome other = read("[" + span("a1", "s") + ",{\"a\":1}]");
    QCOMPARE(other.report.rejects().at(0).kind, std::string("no-span"));
}

void TestZipkinJson::brokenContainer_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("other JSON") << QByteArray("{\"a\":1}");
    QTest::newRow("text") << QByteArray("this is a letter\n");
    QTest::newRow("nesting") << QByteArray(100'000, '[');
    QTest::newRow("binary") << QByteArray("\x7F\x45LF\x02\x01\0\0", 8);
}

void TestZipkinJson::brokenContainer()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY(outcome.error.has_value());
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
}

QTEST_GUILESS_MAIN(TestZipkinJson)
#include "tst_zipkinjson.moc"
