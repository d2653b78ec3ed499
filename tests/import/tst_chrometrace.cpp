// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromeevent.h"
#include "import/chrometrace/chrometrace.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(chromeTraceImporter(), text, chunk);
}

/// Lines that begin with the word, one a row.
QStringList lines(const ReadOutcome &outcome, std::string_view word)
{
    QStringList result;
    for (const std::string &line : outcome.sink.linesOf(word))
        result << QString::fromStdString(line);
    return result;
}

std::string eventX(const std::string &name, int ts, int dur, const std::string &more = {})
{
    return R"({"ph":"X","name":")" + name + R"(","pid":1,"tid":2,"ts":)" + std::to_string(ts) + R"(,"dur":)"
        + std::to_string(dur) + more + "}";
}

/// Every phase of the format, for the hostile list and the chunk sizes.
const std::string kAllPhases = R"json({"displayTimeUnit":"ms","traceEvents":[
{"ph":"M","name":"process_name","pid":1,"args":{"name":"server"}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"main"}},
{"ph":"X","name":"outer","cat":"a,b","pid":1,"tid":2,"ts":10.5,"dur":100,"args":{"n":1,"f":1.5,"t":true,"z":null,"o":{"k":[1,2]},"s":"caf\u00e9\tx"}},
{"ph":"B","name":"work","pid":1,"tid":2,"ts":20,"args":{"a":1}},
{"ph":"E","name":"work","pid":1,"tid":2,"ts":40,"args":{"b":2}},
{"ph":"b","cat":"net","name":"request","id":"0x1","pid":1,"tid":2,"ts":15},
{"ph":"b","cat":"net","name":"connect","id":"0x1","pid":1,"tid":2,"ts":16},
{"ph":"n","cat":"net","name":"mark","id":"0x1","pid":1,"tid":2,"ts":17},
{"ph":"e","cat":"net","name":"connect","id":"0x1","pid":1,"tid":2,"ts":18},
{"ph":"e","cat":"net","name":"request","id":"0x1","pid":1,"tid":2,"ts":19},
{"ph":"S","cat":"old","name":"load","id":7,"pid":1,"tid":2,"ts":15},
{"ph":"T","cat":"old","name":"load","id":7,"pid":1,"tid":2,"ts":16,"args":{"step":"parse"}},
{"ph":"p","cat":"old","name":"load","id":7,"pid":1,"tid":2,"ts":17,"args":{"step":"run"}},
{"ph":"F","cat":"old","name":"load","id":7,"pid":1,"tid":2,"ts":18},
{"ph":"s","cat":"flow","name":"go","id":"1f","pid":1,"tid":2,"ts":12},
{"ph":"t","cat":"flow","name":"go","id":"0x1F","pid":1,"tid":2,"ts":13},
{"ph":"f","cat":"flow","name":"go","id":31,"pid":1,"tid":2,"ts":14,"bp":"e"},
{"ph":"i","name":"tick","pid":1,"tid":2,"ts":11,"s":"g"},
{"ph":"I","name":"tock","pid":1,"tid":2,"ts":12},
{"ph":"R","name":"navigationStart","pid":1,"tid":2,"ts":13},
{"ph":"C","name":"heap","id":"a","pid":1,"ts":14,"args":{"used":10,"free":"20.5","what":"many"}},
{"ph":"N","name":"Tab","id":"0x2","pid":1,"tid":2,"ts":11},
{"ph":"O","name":"Tab","id":"0x2","pid":1,"tid":2,"ts":12,"args":{"snapshot":{"url":"x"}}},
{"ph":"D","name":"Tab","id":"0x2","pid":1,"tid":2,"ts":13},
{"ph":"(","name":"ctx","id":"0x3","pid":1,"tid":2,"ts":11},
{"ph":")","name":"ctx","id":"0x3","pid":1,"tid":2,"ts":12},
{"ph":"v","name":"dump","id":"0x4","pid":1,"tid":2,"ts":11,"args":{"dumps":{}}},
{"ph":"V","name":"dump","id":"0x4","pid":1,"tid":2,"ts":11},
{"ph":"c","name":"clock_sync","pid":1,"tid":2,"ts":11,"args":{"sync_id":"x"}},
{"ph":"P","name":"sample","pid":1,"tid":2,"ts":11,"sf":"2"},
{"ph":"T","cat":"thread_state","name":"Running","pid":1,"tid":2,"ts":10,"dur":5},
{"ph":"P","name":"Profile","id":"0x9","pid":1,"tid":2,"ts":10,"args":{"data":{"startTime":10}}},
{"ph":"P","name":"ProfileChunk","id":"0x9","pid":1,"tid":3,"ts":30,"args":{"data":{"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"}},{"id":2,"parent":1,"callFrame":{"functionName":"f","url":"a.js","lineNumber":4}}],"samples":[2,2]},"timeDeltas":[1,2]}}},
{}
],
"stackFrames":{"1":{"name":"main","category":"app"},"2":{"name":"leaf","category":"app","parent":"1"}},
"samples":[{"name":"cycles","tid":2,"ts":12,"sf":2,"weight":3}],
"systemTraceEvents":"# tracer: nop\n","metadata":{"source":"test"}})json";

} // namespace

class TestChromeTrace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void time_data();
    void time();
    void counterNumber_data();
    void counterNumber();
    void sniff_data();
    void sniff();
    void hostile();
    void everyPhase();
    void container_data();
    void container();
    void brokenContainer_data();
    void brokenContainer();
    void systracePage();
    void goesOnAfterABrokenLine();
    void goesOnAfterATruncatedEvent();
    void severalTraces();
    void identity();
    void lateNames();
    void refusedEvents_data();
    void refusedEvents();
    void twoIds();
    void threadTimes();
    void completeEvents();
    void mendsText();
    void attributes();
    void clock();
    void flows();
    void counters();
};

void TestChromeTrace::time_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("state");
    QTest::addColumn<qint64>("ns");
    using State = chrome::EventTime::State;
    const auto row = [](const char *text, State state, qint64 ns) {
        QTest::newRow(*text ? text : "empty") << QString::fromLatin1(text) << int(state) << ns;
    };
    row("5.1", State::Good, 5'100);
    row("0", State::Good, 0);
    row("-3.5", State::Good, -3'500);
    row("1597071955492308", State::Good, 1'597'071'955'492'308'000);
    row("1750244461563845.0", State::Good, 1'750'244'461'563'845'000);
    row("0.0005", State::Good, 1);
    row("81995533202.2425", State::Good, 81'995'533'202'243);
    row("1e3", State::Good, 1'000'000);
    row("123456789012345", State::Good, 123'456'789'012'345'000);
    row("1e300", State::Clamped, std::numeric_limits<qint64>::max());
    row("-99999999999999999999", State::Clamped, std::numeric_limits<qint64>::min() + 1);
    row("100a", State::Bad, std::numeric_limits<qint64>::max());
    row("", State::Bad, std::numeric_limits<qint64>::max());
    row("NaN", State::Bad, std::numeric_limits<qint64>::max());
    row("1.", State::Good, 1'000);
    row("0x10", State::Bad, 0);
}

void TestChromeTrace::time()
{
    QFETCH(QString, text);
    QFETCH(int, state);
    const chrome::EventTime time = chrome::parseMicros(text.toStdString());
    QCOMPARE(int(time.state), state);
    if (time.isKnown())
        QTEST(qint64(time.ns), "ns");
}

void TestChromeTrace::counterNumber_data()
{
    QTest::addColumn<double>("value");
    QTest::newRow(".75") << 0.75;
    QTest::newRow("246.") << 246.0;
    QTest::newRow("01.23") << 1.23;
    QTest::newRow("050") << 50.0;
    QTest::newRow("+10.5") << 10.5;
    QTest::newRow("-2e3") << -2000.0;
    for (const char *bad : {"1.5e", "2e+", ".", "+", "-", "", "inf", "nan", "1 "})
        QTest::newRow(bad) << qQNaN();
}

void TestChromeTrace::counterNumber()
{
    QFETCH(double, value);
    const auto parsed = chrome::parseLenientDouble(QTest::currentDataTag());
    QCOMPARE(parsed.has_value(), !qIsNaN(value));
    if (parsed)
        QCOMPARE(*parsed, value);
}

void TestChromeTrace::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const char *prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray(prefix) << int(confidence);
    };
    row("array", R"([{"name":"a","ph":"X","ts":1,"pid":1)", Confidence::Strong);
    row("array of odd order", R"( [ {"args":{"x":{"ph":1}}, "tid":2, "ph":"B"})", Confidence::Strong);
    row("object", R"({"traceEvents":[)", Confidence::Strong);
    row("object, late", R"({"metadata":{"a":[1]},"traceEvents":[]})", Confidence::Strong);
    row("object, cut before", R"({"displayTimeUnit":"ms","otherData":{)", Confidence::Likely);
    row("key inside a value", R"({"data":{"traceEvents":[]}})", Confidence::No);
    row("Jaeger", R"({"data":[{"traceID":"1","spans":[]}]})", Confidence::No);
    row("Zipkin", R"([{"traceId":"1","id":"2","name":"get","timestamp":1}])", Confidence::No);
    row("OTLP", R"({"resourceSpans":[{"scopeSpans":[]}]})", Confidence::No);
    row("speedscope", R"({"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{}})",
        Confidence::No);
    row("cpuprofile", R"({"nodes":[{"id":1,"callFrame":{}}],"startTime":1})", Confidence::No);
    row("Firefox", R"({"meta":{"version":1},"threads":[{"samples":{}}]})", Confidence::No);
    row("EXPLAIN", R"([{"Plan":{"Node Type":"Seq Scan"}}])", Confidence::No);
    row("text", "main;f 3\n", Confidence::No);
    row("empty", "", Confidence::No);
    row("empty array", "[]", Confidence::No);
    row("systrace", "<!DOCTYPE html>\n<html><head><title>Android System Trace</title>", Confidence::Weak);
    row("another page", "<!DOCTYPE html>\n<html><head><title>QUERY PLAN</title>", Confidence::No);
}

void TestChromeTrace::sniff()
{
    QFETCH(QByteArray, prefix);
    const Confidence confidence = chromeTraceImporter().sniff(prefix.toStdString(), "trace.json");
    QTEST(int(confidence), "confidence");
}

void TestChromeTrace::hostile() { QCOMPARE(hostileProblems(chromeTraceImporter(), kAllPhases), QString()); }

void TestChromeTrace::everyPhase()
{
    const ReadOutcome outcome = read(kAllPhases);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    // X, B/E, two b/e, S/F.
    QCOMPARE(outcome.sink.count("span"), 5U);
    // n, T, p; i I R; N O D; ( ).
    QCOMPARE(outcome.sink.count("span_event"), 11U);
    QCOMPARE(outcome.sink.count("flow"), 3U);
    QCOMPARE(outcome.sink.count("point"), 2U);
    // P, thread state, two of the V8 profile, one of the file's samples.
    QCOMPARE(outcome.sink.count("sample"), 5U);
    for (const char *issue :
        {"memory-dump", "clock-sync", "counter-not-a-number", "top-level:systemTraceEvents"})
        QVERIFY2(outcome.hasIssue(issue), issue);
    QCOMPARE(lines(outcome, "span").at(0),
        QStringLiteral("span 1 track=1 operation=\"outer\" category=\"a,b\" start=10500 duration=100000 "
                       "attributes={\"n\":integer 1,\"f\":real 1.5,\"t\":boolean 1,\"z\":null,"
                       "\"o\":json {\"k\":[1,2]},\"s\":text \"caf\u00e9\\tx\"}"));
}

void TestChromeTrace::container_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("spans");
    QTest::addColumn<QString>("issue");
    const auto row = [](const char *name, const std::string &text, int spans, const char *issue) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << spans << QString::fromLatin1(issue);
    };
    const std::string a = eventX("a", 1, 2), b = eventX("b", 5, 2);
    row("array", "[" + a + "," + b + "]", 2, "");
    row("trailing comma", "[" + a + "," + b + ",]", 2, "");
    row("unclosed array", "[" + a + ",\n" + b, 2, "unclosed-array");
    row("unclosed array, comma", "[\n" + a + ",\n" + b + ",\n", 2, "unclosed-array");
    row("object", R"({"traceEvents":[)" + a + "," + b + "]}", 2, "");
    row("object, events last", R"({"otherData":{"x":["]","}"]},"traceEvents":[)" + a + "]}", 1,
        "top-level:otherData");
    row("object, unclosed array", R"({"traceEvents":[)" + a + "," + b, 2, "truncated");
    row("object, unclosed", R"({"traceEvents":[)" + a + "]", 1, "truncated");
    row("object, cut in a key", R"({"traceEvents":[)" + a + R"(],"meta)", 1, "truncated");
    row("cut inside an event", "[" + a + "," + b.substr(0, 20), 1, "truncated");
    row("object, cut inside an event", R"({"traceEvents":[)" + a + "," + b.substr(0, b.size() - 1), 1,
        "truncated");
    row("empty array", "[]", 0, "");
    row("empty object event", "[" + a + ",{}]", 1, "");
    row("no object", "[" + a + ",null,3,\"x\",[1]," + b + "]", 2, "not-an-event");
    row("junk behind", "[" + a + "]xyz", 1, "trailing-data");
    row("blank lines and CRLF", "\r\n[\r\n" + a + ",\r\n\r\n" + b + "\r\n]\r\n", 2, "");
    row("display unit", R"({"displayTimeUnit":"ns","traceEvents":[)" + a + "]}", 1,
        "top-level:displayTimeUnit");
}

void TestChromeTrace::container()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, issue);
    for (const std::size_t chunk : {1, 7, 4096}) {
        const ReadOutcome outcome = read(text.toStdString(), chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QTEST(int(outcome.sink.count("span")), "spans");
        if (issue.isEmpty())
            QVERIFY2(outcome.report.issues().empty(), outcome.text().c_str());
        else
            QVERIFY2(outcome.hasIssue(issue.toStdString()), outcome.text().c_str());
    }
}

void TestChromeTrace::brokenContainer_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("blank") << QByteArray(" \n");
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("no events") << QByteArray(R"({"a":1})");
    QTest::newRow("events are no array") << QByteArray(R"({"traceEvents":{"a":1}})");
    QTest::newRow("binary") << QByteArray("\x7f"
                                          "ELF\x01",
        5);
}

void TestChromeTrace::brokenContainer()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY(outcome.error);
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
    QVERIFY(outcome.error->where);
    QVERIFY(!outcome.error->hint.empty());
}

void TestChromeTrace::systracePage()
{
    const ReadOutcome outcome
        = read("<!DOCTYPE html>\n<html>\n<head>\n<title>Android System Trace</title>\n");
    QVERIFY(outcome.error);
    QVERIFY2(outcome.error->detail.find("systrace") != std::string::npos, outcome.error->detail.c_str());
    QVERIFY2(outcome.error->hint.find("JSON") != std::string::npos, outcome.error->hint.c_str());
}

void TestChromeTrace::goesOnAfterABrokenLine()
{
    std::string text = "[\n";
    for (int i = 0; i < 40; ++i) {
        text += i == 20 ? "{\"ph\":\"X\",\"name\":\"a,\"ts\":1},\n"
            : i == 30   ? "{\"ph\":\"X\",\"name\":\n"
            : i == 35   ? "{\"ph\":\"X\",\"name\":\"open\n"
                        : eventX("e" + std::to_string(i), i, 1) + ",\n";
    }
    text += "]\n";
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 37U);
    QCOMPARE(outcome.report.rowsSkipped(), 3);
    const auto &rejects = outcome.report.rejects();
    QCOMPARE(rejects.size(), std::size_t(3));
    for (const ImportReport::Reject &reject : rejects)
        QCOMPARE(text.compare(reject.offset, 8, "{\"ph\":\"X"), 0);
}

void TestChromeTrace::goesOnAfterATruncatedEvent()
{
    // Two writers in one file: the first was killed inside an event.
    const std::string text = "[" + eventX("a", 1, 1) + "," + R"({"ph":"X","name":"cut","args":{"x":1)" + "\n"
        + eventX("b", 2, 1) + ",\n" + eventX("c", 3, 1) + "]";
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 3U);
    QCOMPARE(outcome.report.rowsSkipped(), 1);
}

void TestChromeTrace::severalTraces()
{
    const ReadOutcome outcome = read("[" + eventX("a", 1, 1) + "]\n{\"traceEvents\":[" + eventX("b", 1, 1)
        + "]}[" + eventX("c", 1, 1) + "]");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 3U);
    QVERIFY(outcome.hasIssue("concatenated"));
}

void TestChromeTrace::identity()
{
    const ReadOutcome outcome = read(R"([
{"ph":"X","name":"a","pid":1,"tid":7,"ts":1,"dur":1},
{"ph":"X","name":"b","pid":2,"tid":7,"ts":1,"dur":1},
{"ph":"X","name":"c","pid":"1","tid":"7","ts":1,"dur":1},
{"ph":"X","name":"d","pid":"foo","tid":"bar","ts":1,"dur":1},
{"ph":"X","name":"e","pid":33,"ts":1,"dur":1},
{"ph":"X","name":"f","ts":1,"dur":1},
{"ph":"X","name":"g","pid":-5,"tid":18446744073709551615,"ts":1,"dur":1}])");
    QCOMPARE(lines(outcome, "track"),
        QStringList({QStringLiteral("track 1 process=\"pid 1\" thread=\"tid 7\""),
            QStringLiteral("track 2 process=\"pid 2\" thread=\"tid 7\""),
            QStringLiteral("track 3 process=\"1\" thread=\"7\""),
            QStringLiteral("track 4 process=\"foo\" thread=\"bar\""),
            QStringLiteral("track 5 process=\"pid 33\" thread=\"tid 33\""),
            QStringLiteral("track 6 process=\"pid 0\" thread=\"tid 0\""),
            QStringLiteral("track 7 process=\"pid -5\" thread=\"18446744073709551615\"")}));
    // A string is a name, also when it is one of digits: its thread is not the one of that number.
    QVERIFY(lines(outcome, "span").at(2).startsWith(QLatin1String("span 3 track=3 ")));
}

void TestChromeTrace::lateNames()
{
    const ReadOutcome outcome = read(R"([
{"ph":"M","name":"process_name","pid":9,"args":{"name":"early"}},
{"ph":"X","name":"a","pid":9,"tid":1,"ts":1,"dur":1},
{"ph":"X","name":"b","pid":1,"tid":2,"ts":1,"dur":1},
{"ph":"M","name":"process_name","pid":1,"args":{"name":"web"}},
{"ph":"M","name":"process_labels","pid":1,"args":{"labels":"prod"}},
{"ph":"M","name":"process_sort_index","pid":1,"args":{"sort_index":-2}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"main"}},
{"ph":"M","name":"thread_sort_index","pid":1,"tid":2,"args":{"sort_index":5}},
{"ph":"M","name":"num_cpus","pid":1,"args":{"number":8}}])");
    QCOMPARE(lines(outcome, "track").at(0),
        QStringLiteral("track 1 process=\"early (pid 9)\" thread=\"tid 1\""));
    QCOMPARE(lines(outcome, "update_track"),
        QStringList({QStringLiteral("update_track track=1 process=\"early (pid 9)\" thread=\"tid 1\""),
            QStringLiteral("update_track track=2 process=\"web (pid 1) [prod]\" "
                           "thread=\"main (tid 2)\" process_sort=-2 thread_sort=5")}));
    QVERIFY(outcome.hasIssue("metadata:num_cpus"));
}

void TestChromeTrace::refusedEvents_data()
{
    QTest::addColumn<QByteArray>("event");
    QTest::newRow("no-phase") << QByteArray(R"({"name":"a","ts":1})");
    QTest::newRow("unknown-phase") << QByteArray(R"({"ph":"?","name":"a","ts":1})");
    QTest::newRow("no-time") << QByteArray(R"({"ph":"X","name":"a","dur":1})");
    QTest::newRow("bad-time") << QByteArray(R"({"ph":"X","name":"a","ts":"100a","dur":1})");
    QTest::newRow("bad-duration") << QByteArray(R"({"ph":"X","name":"a","ts":"200","dur":"50a"})");
    QTest::newRow("malformed-event") << QByteArray(R"({"ph":"X","name":"a" "ts":1})");
    QTest::newRow("flow-without-id") << QByteArray(R"({"ph":"s","name":"a","ts":1})");
    QTest::newRow("async-without-id") << QByteArray(R"({"ph":"b","name":"a","ts":1})");
    QTest::newRow("unmatched-end") << QByteArray(R"({"ph":"E","name":"a","ts":1})");
    QTest::newRow("unmatched-async-end") << QByteArray(R"({"ph":"e","id":1,"name":"a","ts":1})");
}

void TestChromeTrace::refusedEvents()
{
    QFETCH(QByteArray, event);
    const std::string text
        = "[" + eventX("before", 1, 1) + ",\n" + event.toStdString() + ",\n" + eventX("after", 2, 1) + "]";
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    const ImportReport::Reject &reject = outcome.report.rejects().front();
    QCOMPARE(reject.kind, std::string(QTest::currentDataTag()));
    QCOMPARE(reject.offset, std::uint64_t(text.find(event.toStdString())));
    QCOMPARE(reject.length, std::uint64_t(event.size()));
    QCOMPARE(reject.bytes, event.toStdString());
}

void TestChromeTrace::twoIds()
{
    for (const char *phase : {"b", "s", "O"}) {
        const ReadOutcome outcome = read(R"([{"ph":")" + std::string(phase)
            + R"(","name":"a","cat":"c","id":1,"id2":{"local":"0x5"},"pid":1,"tid":2,"ts":1}])");
        QVERIFY2(outcome.hasIssue("two-ids"), phase);
    }
}

void TestChromeTrace::threadTimes()
{
    const ReadOutcome outcome = read(R"([
{"ph":"i","name":"tick","pid":1,"tid":2,"ts":11,"tts":3.5},
{"ph":"n","cat":"net","name":"mark","id":1,"pid":1,"tid":2,"ts":17,"tts":4},
{"ph":"C","name":"heap","pid":1,"ts":14,"tts":5,"args":{"used":10}}])");
    const QStringList events = lines(outcome, "span_event");
    QCOMPARE(events.size(), 2);
    QVERIFY(events.at(0).contains(QLatin1String("{\"thread_ts_ns\":integer 3500}")));
    QVERIFY(events.at(1).contains(QLatin1String("{\"thread_ts_ns\":integer 4000}")));
    QVERIFY(outcome.hasIssue("counter-thread-time"));
}

void TestChromeTrace::completeEvents()
{
    const ReadOutcome outcome = read(R"([
{"ph":"XXX","name":"long phase","pid":1,"tid":2,"ts":"5.1","dur":"500.1"},
{"ph":"X","name":"zero","pid":1,"tid":2,"ts":6,"dur":0},
{"ph":"X","name":"negative","pid":1,"tid":2,"ts":6,"dur":-1},
{"ph":"X","name":"open","pid":1,"tid":2,"ts":6},
{"ph":"X","name":"clamped","pid":1,"tid":2,"ts":1e300,"dur":1},
{"ph":"X","name":"thread clock","pid":1,"tid":2,"ts":"400","dur":"100","tts":"390.5","tdur":"80.5"},
{"ph":"X","name":"extra","pid":1,"tid":2,"ts":9,"dur":1,"cname":"good","sf":3,"id":"0x5",".line":12}])");
    const QStringList spans = lines(outcome, "span");
    QCOMPARE(spans.size(), 7);
    QCOMPARE(spans.at(0),
        QStringLiteral("span 1 track=1 operation=\"long phase\" start=5100 duration=500100"));
    QCOMPARE(spans.at(1), QStringLiteral("span 2 track=1 operation=\"zero\" start=6000 duration=0"));
    QCOMPARE(spans.at(2),
        QStringLiteral("span 3 track=1 operation=\"negative\" start=6000 quality=%1")
            .arg(SpanNegativeDuration));
    QCOMPARE(spans.at(3),
        QStringLiteral("span 4 track=1 operation=\"open\" start=6000 quality=%1").arg(SpanNoEnd));
    QVERIFY(spans.at(4).endsWith(QStringLiteral("duration=1000 quality=%1").arg(SpanTimeClamped)));
    QCOMPARE(spans.at(5),
        QStringLiteral("span 6 track=1 operation=\"thread clock\" start=400000 duration=100000 "
                       "attributes={\"thread_ts_ns\":integer 390500,"
                       "\"thread_duration_ns\":integer 80500}"));
    QVERIFY(
        spans.at(6).contains(QLatin1String("{\"cname\":text \"good\",\"sf\":integer 3,\".line\":integer 12,"
                                           "\"id\":text \"0x5\"}")));
}

void TestChromeTrace::mendsText()
{
    const std::string text = "[" + eventX("tab\there", 1, 1) + "," + eventX("path C:\\some", 1, 1) + ","
        + eventX("half \\ud83d pair", 1, 1) + "," + eventX("bad \xff byte", 1, 1) + ","
        + eventX("nul \\u0000 byte", 1, 1) + "]";
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    const QStringList spans = lines(outcome, "span");
    QCOMPARE(spans.size(), 5);
    QVERIFY(spans.at(0).contains(QLatin1String("tab\\there")));
    QVERIFY(spans.at(1).contains(QLatin1String("path C:\\\\some")));
    QVERIFY(spans.at(2).contains(QStringLiteral("half \uFFFD pair")));
    QVERIFY(spans.at(3).contains(QStringLiteral("bad \uFFFD byte")));
    QVERIFY(spans.at(4).contains(QStringLiteral("nul \u2400 byte")));
    QVERIFY(outcome.hasIssue("repaired-text"));
}

void TestChromeTrace::attributes()
{
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    const ReadOutcome outcome = read("["
        + eventX("a", 1, 1,
            R"(,"args":{"big":18446744073709551615,"nan":NaN,"e":1e400,)"
            R"("bare":{"x":NaN,"y":[1, 2]},"deep":)"
                + deep + R"(,"dup":1,"dup":2})")
        + "," + eventX("b", 1, 1, R"(,"args":"text")") + "," + eventX("c", 1, 1, R"(,"args":[1,2])") + ","
        + eventX("d", 1, 1, R"(,"args":null)") + ","
        + eventX("e", 1, 1, ",\"args\":{\"long\":\"" + std::string(70'000, 'x') + "\"}") + "]");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    const QStringList spans = lines(outcome, "span");
    QVERIFY(spans.at(0).contains(
        QLatin1String("\"big\":text \"18446744073709551615\",\"nan\":text \"NaN\",\"e\":text \"1e400\"")));
    QVERIFY(spans.at(0).contains(QLatin1String("\"bare\":json {\"x\":\"NaN\",\"y\":[1,2]}")));
    QVERIFY(spans.at(0).contains(QLatin1String("\"dup\":integer 1,\"dup\":integer 2")));
    QVERIFY(spans.at(1).contains(QLatin1String("{\"args\":text \"text\"}")));
    QVERIFY(spans.at(2).contains(QLatin1String("{\"args\":json [1,2]}")));
    QVERIFY(!spans.at(3).contains(QLatin1String("attributes")));
    QVERIFY(spans.at(4).size() < 66'000);
    for (const ImportReport::Issue &issue : outcome.report.issues())
        QCOMPARE(QString::fromStdString(issue.kind), QStringLiteral("attribute-truncated"));
    QCOMPARE(outcome.report.issues().front().count, 2);
}

void TestChromeTrace::clock()
{
    QCOMPARE(lines(read("[" + eventX("a", 5, 1) + "]"), "source"),
        QStringList(QStringLiteral("source kind=trace clock=monotonic")));
    QCOMPARE(lines(read(R"([{"ph":"X","name":"a","ts":1597071955492308,"dur":1}])"), "source"),
        QStringList(QStringLiteral("source kind=trace clock=utc")));
    QCOMPARE(lines(read("[]"), "source").size(), 1);
}

void TestChromeTrace::flows()
{
    const ReadOutcome outcome = read(R"([
{"ph":"s","cat":"c","name":"n","id":"1f","pid":1,"tid":2,"ts":1},
{"ph":"t","cat":"c","name":"n","id":"0x1F","pid":1,"tid":3,"ts":2},
{"ph":"f","cat":"c","name":"n","id":31,"pid":1,"tid":4,"ts":3},
{"ph":"f","cat":"c","name":"n","id":"zz","pid":1,"tid":4,"ts":3,"bp":"e"},
{"ph":"X","name":"out","pid":1,"tid":2,"ts":4,"dur":1,"bind_id":"0xa","flow_out":true},
{"ph":"X","name":"through","pid":1,"tid":2,"ts":6,"dur":1,"bind_id":"0xA","flow_in":true,"flow_out":true},
{"ph":"X","name":"in","pid":1,"tid":2,"ts":8,"dur":1,"bind_id":10,"flow_in":true},
{"ph":"B","name":"in too","pid":1,"tid":2,"ts":9,"bind_id":"a","flow_in":true},
{"ph":"E","pid":1,"tid":2,"ts":10}])");
    QCOMPARE(lines(outcome, "flow"),
        QStringList({QStringLiteral("flow phase=start track=1 ts=1000 key=\"c|n|0x1f\""),
            QStringLiteral("flow phase=step track=2 ts=2000 key=\"c|n|0x1f\""),
            QStringLiteral("flow phase=finish binds_next=1 track=3 ts=3000 key=\"c|n|0x1f\""),
            QStringLiteral("flow phase=finish track=3 ts=3000 key=\"c|n|zz\""),
            QStringLiteral("flow phase=start track=1 ts=4000 key=\"bind|0xa\" span=1"),
            QStringLiteral("flow phase=step track=1 ts=6000 key=\"bind|0xa\" span=2"),
            QStringLiteral("flow phase=finish track=1 ts=8000 key=\"bind|0xa\" span=3"),
            QStringLiteral("flow phase=finish track=1 ts=9000 key=\"bind|0xa\" span=4")}));
}

void TestChromeTrace::counters()
{
    const ReadOutcome outcome = read(R"([
{"ph":"C","name":"heap","pid":1,"ts":1,"args":{"used":1,"free":"2.5","bad":"x","none":null}},
{"ph":"C","name":"heap","pid":1,"ts":2,"cname":"good","extra":7,"args":{"used":3},"more":8,"sf":9},
{"ph":"C","name":"heap","pid":2,"ts":2,"args":{"used":4}},
{"ph":"C","name":"heap","id":"7","pid":1,"ts":2,"args":{"used":5}},
{"ph":"C","name":"empty","pid":1,"ts":2},
{"ph":"C","name":"flat","pid":1,"ts":2,"value":3,"args":4}])");
    // Only members of args are series.
    QCOMPARE(lines(outcome, "series").size(), 4);
    QVERIFY(lines(outcome, "series").at(0).startsWith(QLatin1String("series 1 metric=\"heap used\"")));
    QVERIFY(lines(outcome, "series").at(3).contains(QLatin1String("metric=\"heap[7] used\"")));
    QCOMPARE(lines(outcome, "point"),
        QStringList({QStringLiteral("point series=1 ts=1000 value=1"),
            QStringLiteral("point series=2 ts=1000 value=2.5"),
            QStringLiteral("point series=1 ts=2000 value=3"),
            QStringLiteral("point series=3 ts=2000 value=4"),
            QStringLiteral("point series=4 ts=2000 value=5")}));
    QCOMPARE(outcome.issues(),
        std::vector<std::string>(
            {"counter-not-a-number 2", "counter-without-value 2", "stack-not-resolved 1"}));
}

QTEST_GUILESS_MAIN(TestChromeTrace)
#include "tst_chrometrace.moc"
