// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chrometrace.h"
#include "store/bulkwriter.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(chromeTraceImporter(), text); }

/// "B a 10; E a 20" (phase, name, ts in us; name - = none) into events of one thread.
std::string threadEvents(const char *script)
{
    std::string text = "[";
    for (const QByteArray &part : QByteArray(script).split(';')) {
        const QList<QByteArray> words = part.simplified().split(' ');
        if (words.size() != 3)
            continue;
        text += text.size() > 1 ? ",\n" : "\n";
        text += "{\"ph\":\"" + words[0].toStdString()
            + "\",\"pid\":1,\"tid\":1,\"ts\":" + words[2].toStdString();
        if (words[1] != "-")
            text += ",\"name\":\"" + words[1].toStdString() + "\"";
        text += "}";
    }
    return text + "]";
}

/// "name start..end" in us, ? = unknown, ! = unfinished, in the order the sink got them.
QStringList spans(const ReadOutcome &outcome)
{
    static const QRegularExpression name(QStringLiteral("operation=\"([^\"]*)\"")),
        start(QStringLiteral(" start=(-?\\d+)")), duration(QStringLiteral(" duration=(-?\\d+)")),
        quality(QStringLiteral(" quality=(\\d+)"));
    QStringList result;
    for (const std::string &text : outcome.sink.linesOf("span")) {
        const QString line = QString::fromStdString(text);
        const qint64 from = start.match(line).captured(1).toLongLong();
        const QString length = duration.match(line).captured(1);
        const bool unfinished = (quality.match(line).captured(1).toUInt() & SpanUnfinished) != 0;
        result << QStringLiteral("%1 %2..%3%4")
                      .arg(name.match(line).captured(1))
                      .arg(from / 1000)
                      .arg(length.isEmpty() ? QStringLiteral("?")
                                            : QString::number((from + length.toLongLong()) / 1000),
                          unfinished ? QStringLiteral("!") : QString());
    }
    return result;
}

} // namespace

class TestChromeTraceSpans : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matching_data();
    void matching();
    void endsNameTheirCategory();
    void tellsTheFirstLateEvent();
    void endArgumentsWin();
    void asyncNesting();
    void asyncIdentity_data();
    void asyncIdentity();
    void stepsBelongToTheirSpan();
    void sameThreadOtherProcess();
    void reversedFile();
    void lateEvents();
    void manyOpenBegins();
    void manyThreads();
};

void TestChromeTraceSpans::matching_data()
{
    QTest::addColumn<QString>("expected");
    QTest::addColumn<int>("skipped");
    const auto row = [](const char *script, const char *expected, int skipped = 0) {
        QTest::newRow(script) << QString::fromLatin1(expected) << skipped;
    };
    row("B a 0; E a 10", "a 0..10");
    row("B a 0; E - 10", "a 0..10");
    row("B a 0; B b 2; E - 5; E - 10", "a 0..10, b 2..5");
    row("B a 0; B b 0; E - 10; E - 10", "a 0..10, b 0..10");
    row("B a 0; B b 0; E b 10; E a 10", "a 0..10, b 0..10");
    row("B a 0; B b 1; E a 2; E b 2", "a 0..2, b 1..2");
    row("B a 0; B b 1; E a 9; E b 10", "a 0..9, b 1..10");
    row("B a 0; B b 1; E a 10; X z 20", "a 0..10, z 20..?, b 1..20!");
    row("B a 0; E b 10", "a 0..10!", 1);
    row("B a 0; B b 1", "a 0..1!, b 1..1!");
    row("E a 1", "", 1);
    row("B a 5; E a 5", "a 5..5");
    row("B B 1; E B 9; B A 0; E A 10; B C 2; E C 8", "A 0..10, B 1..9, C 2..8");
    row("E b 13; E a 14; B a 0; B b 1", "a 0..14, b 1..13");
    row("B a 0; B a 1; E a 2; E a 3", "a 0..3, a 1..2");
}

void TestChromeTraceSpans::matching()
{
    QFETCH(QString, expected);
    const ReadOutcome outcome = read(threadEvents(QTest::currentDataTag()));
    QVERIFY(!outcome.error);
    QStringList got = spans(outcome), wanted = expected.split(QStringLiteral(", "), Qt::SkipEmptyParts);
    // X goes to the sink at once, the unfinished at the end: the order is that of the begins within each.
    got.sort();
    wanted.sort();
    QCOMPARE(got, wanted);
    QTEST(int(outcome.report.rowsSkipped()), "skipped");
}

void TestChromeTraceSpans::endsNameTheirCategory()
{
    const ReadOutcome outcome = read(R"([
{"ph":"B","name":"a","cat":"x","pid":1,"tid":1,"ts":1},
{"ph":"B","name":"a","cat":"y","pid":1,"tid":1,"ts":2},
{"ph":"E","cat":"x","pid":1,"tid":1,"ts":3},
{"ph":"E","name":"a","cat":"z","pid":1,"tid":1,"ts":4},
{"ph":"E","name":"a","pid":1,"tid":1,"ts":5}])");
    QCOMPARE(outcome.sink.linesOf("span"),
        std::vector<std::string>({"span 1 track=1 operation=\"a\" category=\"x\" start=1000 duration=2000",
            "span 2 track=1 operation=\"a\" category=\"y\" start=2000 duration=3000"}));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"unmatched-end 1"}));
}

void TestChromeTraceSpans::tellsTheFirstLateEvent()
{
    const std::string text = threadEvents("B a 1; E a 9; B b 3; E b 5");
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.issues(), std::vector<std::string>({"unsorted-events 1"}));
    QCOMPARE(outcome.report.issues().front().firstOffset,
        std::uint64_t(text.rfind('{', text.find("\"ts\":3"))));
}

void TestChromeTraceSpans::endArgumentsWin()
{
    const ReadOutcome outcome = read(R"([
{"ph":"B","name":"a","cat":"c","pid":1,"tid":1,"ts":1,"tts":10,"args":{"both":"begin","first":[1]}},
{"ph":"E","name":"a","pid":1,"tid":1,"ts":5,"tts":13,"args":{"both":"end","last":true}}])");
    QCOMPARE(outcome.sink.linesOf("span").front(),
        std::string("span 1 track=1 operation=\"a\" category=\"c\" start=1000 duration=4000 "
                    "attributes={\"both\":text \"end\",\"first\":json [1],\"last\":boolean 1,"
                    "\"thread_ts_ns\":integer 10000,\"thread_duration_ns\":integer 3000}"));
    QCOMPARE(outcome.report.rowsRead(), 2);
}

void TestChromeTraceSpans::asyncNesting()
{
    const ReadOutcome outcome = read(R"([
{"ph":"b","cat":"net","name":"request","id":"0x1","pid":1,"tid":1,"ts":1},
{"ph":"b","cat":"net","name":"connect","id":"0x1","pid":1,"tid":1,"ts":2},
{"ph":"e","cat":"net","name":"connect","id":"0x1","pid":1,"tid":3,"ts":3},
{"ph":"b","cat":"net","name":"request","id":"0x2","pid":1,"tid":1,"ts":2},
{"ph":"e","cat":"net","name":"request","id":"0x1","pid":1,"tid":1,"ts":4},
{"ph":"e","cat":"net","name":"request","id":"0x2","pid":1,"tid":1,"ts":9}])");
    QCOMPARE(outcome.sink.linesOf("track"),
        std::vector<std::string>({"track 1 process=\"pid 1\" thread=\"async net: request\" shape=linked"}));
    QCOMPARE(outcome.sink.linesOf("span"),
        std::vector<std::string>({"span 1 track=1 key=\"async-1\" operation=\"request\" category=\"net\" "
                                  "kind=async start=1000 duration=3000",
            "span 2 track=1 parent=\"async-1\" operation=\"connect\" category=\"net\" kind=async start=2000 "
            "duration=1000",
            "span 3 track=1 operation=\"request\" category=\"net\" kind=async start=2000 duration=7000"}));
}

void TestChromeTraceSpans::asyncIdentity_data()
{
    QTest::addColumn<QByteArray>("second");
    QTest::addColumn<int>("spans");
    const auto row = [](const char *name, const char *second, bool same) {
        QTest::newRow(name) << QByteArray(second) << (same ? 1 : 2);
    };
    row("same", R"("cat":"c","id2":{"local":"5"},"pid":1)", true);
    row("other category", R"("cat":"d","id2":{"local":"5"},"pid":1)", false);
    row("number and string", R"("cat":"c","id2":{"local":5},"pid":1)", false);
    row("local of another process", R"("cat":"c","id2":{"local":"5"},"pid":2)", false);
    row("global", R"("cat":"c","id2":{"global":"5"},"pid":1)", false);
    row("other scope", R"("cat":"c","scope":"s","id2":{"local":"5"},"pid":1)", false);
    row("id and id2: id2 counts", R"("cat":"c","id":"9","id2":{"local":"5"},"pid":1)", true);
}

void TestChromeTraceSpans::asyncIdentity()
{
    QFETCH(QByteArray, second);
    const ReadOutcome outcome
        = read(R"([{"ph":"b","name":"a","ts":1,"cat":"c","id2":{"local":"5"},"pid":1},)"
               R"({"ph":"b","name":"a","ts":2,"cat":"x","id":"y"},{"ph":"e","name":"a","ts":7,)"
            + second.toStdString() + "}]");
    QVERIFY(!outcome.error);
    QFETCH(int, spans);
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(int(outcome.report.rowsSkipped()), spans - 1);
}

void TestChromeTraceSpans::stepsBelongToTheirSpan()
{
    const ReadOutcome outcome = read(R"([
{"ph":"T","cat":"c","name":"load","id":1,"ts":3,"args":{"step":"parse"}},
{"ph":"S","cat":"c","name":"load","id":1,"ts":1},
{"ph":"F","cat":"c","name":"load","id":1,"ts":9},
{"ph":"n","cat":"c","name":"alone","id":1,"ts":4}])");
    QCOMPARE(outcome.sink.count("span"), 1U);
    const std::vector<std::string> events = outcome.sink.linesOf("span_event");
    QCOMPARE(events.size(), std::size_t(2));
    QVERIFY(std::find(events.begin(), events.end(),
                "span_event span=1 track=1 ts=3000 name=\"parse\" attributes={\"step\":text \"parse\"}")
        != events.end());
    QVERIFY(
        std::find(events.begin(), events.end(), "span_event track=2 ts=4000 name=\"alone\"") != events.end());
}

void TestChromeTraceSpans::sameThreadOtherProcess()
{
    const ReadOutcome outcome = read(R"([
{"ph":"B","name":"a","pid":1,"tid":1,"ts":1},{"ph":"B","name":"b","pid":2,"tid":1,"ts":2},
{"ph":"E","pid":1,"tid":1,"ts":3},{"ph":"E","pid":2,"tid":1,"ts":4}])");
    QCOMPARE(spans(outcome), QStringList({QStringLiteral("a 1..3"), QStringLiteral("b 2..4")}));
}

void TestChromeTraceSpans::reversedFile()
{
    // 200,000 pairs, the last one first: all of them wait and are matched in the order of time.
    std::string text = "[";
    for (int i = 200'000; i > 0; --i)
        text += "{\"ph\":\"E\",\"ts\":" + std::to_string(2 * i + 1)
            + "},{\"ph\":\"B\",\"ts\":" + std::to_string(2 * i) + "},";
    const ReadOutcome outcome = read(text + "]");
    QCOMPARE(outcome.sink.count("span"), 200'000U);
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QVERIFY(!outcome.hasIssue("late-event"));
    for (const std::string &line : outcome.sink.linesOf("span"))
        QVERIFY2(line.ends_with("duration=1000"), line.c_str());
}

void TestChromeTraceSpans::lateEvents()
{
    // Pairs in order, then one far too late: everything is matched, the late one is told.
    std::string text = "[";
    for (int i = 0; i < 300'000; ++i)
        text += "{\"ph\":\"B\",\"ts\":" + std::to_string(2 * i)
            + "},{\"ph\":\"E\",\"ts\":" + std::to_string(2 * i + 1) + "},";
    text += R"({"ph":"B","name":"late","ts":0.5},{"ph":"E","name":"late","ts":0.75}])";
    MemorySource source(text, "sample");
    store::CountingSink sink;
    ImportReport report;
    QVERIFY(chromeTraceImporter().newReader({})->read(source, sink, report));
    QCOMPARE(sink.spans, 300'001);
    QCOMPARE(report.rowsSkipped(), 0);
    bool late = false;
    for (const ImportReport::Issue &issue : report.issues())
        late |= issue.kind == "late-event" && issue.count == 2;
    QVERIFY(late);
}

void TestChromeTraceSpans::manyOpenBegins()
{
    std::string text = "[";
    for (int i = 0; i < 600'000; ++i)
        text += "{\"ph\":\"B\",\"name\":\"never ends\",\"ts\":" + std::to_string(i) + "},";
    text += "]";
    MemorySource source(text, "sample");
    store::CountingSink sink;
    ImportReport report;
    QVERIFY(chromeTraceImporter().newReader({})->read(source, sink, report));
    QCOMPARE(sink.spans, 600'000);
    QCOMPARE(report.rowsRead(), 600'000);
}

void TestChromeTraceSpans::manyThreads()
{
    std::string text = "[";
    for (int i = 0; i < 120'000; ++i)
        text += "{\"ph\":\"X\",\"pid\":1,\"tid\":" + std::to_string(i) + ",\"ts\":1,\"dur\":1},";
    const ReadOutcome outcome = read(text + "]");
    QCOMPARE(outcome.sink.count("span"), 120'000U);
    QCOMPARE(outcome.sink.count("track"), 100'001U);
    QVERIFY(outcome.hasIssue("too-many-threads"));
}

QTEST_GUILESS_MAIN(TestChromeTraceSpans)
#include "tst_chrometracespans.moc"
