// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/perfscript/perfline.h"
#include "import/perfscript/perfreader.h"
#include "import/perfscript/perfscript.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(perfScriptImporter(), text, chunk);
}

QString line(const ReadOutcome &outcome, std::string_view word, std::size_t i = 0)
{
    const std::vector<std::string> all = outcome.sink.linesOf(word);
    return i < all.size() ? QString::fromStdString(all[i]) : QString();
}

const std::string kSample = "# ========\n# captured on: Thu Aug 17 14:14:43 2017\n# ========\n#\n"
                            "V8 WorkerThread  7564/7570 [001] 51499.088689:    1010101 cycles:ppp: \n"
                            "\tffffffffaee8017b fput+0xb ([kernel.kallsyms])\n"
                            "\t    7f89e341d84f __GI___libc_write+0x4f (/usr/lib/libc-2.28.so)\n"
                            "\t            dd0 main (/opt/my app (deleted))\n"
                            "\n"
                            "            java 7564/7570 [001] 51499.088690:        250 instructions: \n"
                            "\t            dd0 main (/opt/my app (deleted))\n"
                            "\n"
                            "V8 WorkerThread  7564/7570 [001] 51499.088691:        300 cycles:ppp: \n"
                            "\t            dd0 main (/opt/my app (deleted))\n";

} // namespace

class TestPerfScript : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void heads_data();
    void heads();
    void frames_data();
    void frames();
    void sniff_data();
    void sniff();
    void hostile();
    void rows();
    void withoutPeriods();
    void emptyLines();
    void samplesWithoutStack();
    void frameOnTheHeadLine();
    void sourceLines();
    void severalHeaders();
    void badLines();
    void mixedPeriods();
    void deepStacks();
    void longNames();
    void tooManyEvents();
    void badText();
    void noSample();
};

void TestPerfScript::heads_data()
{
    QTest::addColumn<QString>("expected"); // comm|ids|time|period|event|payload; empty = no head
    const auto row
        = [](const char *line, const char *expected) { QTest::newRow(line) << QString::fromUtf8(expected); };
    row("perf 47118 [011] 51499.088689:          1 page-faults: ",
        "perf|47118|51499088689000|1|page-faults|");
    row("node-v011 31912 cpu-clock: ", "node-v011|31912|||cpu-clock|");
    row("emulator  4152 75695.008865:          1 cycles:u: ", "emulator|4152|75695008865000|1|cycles:u|");
    row("firefox  7564/7565  2574592.839818123:  1 cycles:uppp:",
        "firefox|7564/7565|2574592839818123|1|cycles:uppp|");
    row("V8 Worker 2 7564/7565 [000] 1.5: cpu-clock:", "V8 Worker 2|7564/7565|1500000000||cpu-clock|");
    row("        swapper     0 [001] 202513.231817:    1001001 cpu-clock: ",
        "swapper|0|202513231817000|1001001|cpu-clock|");
    row("kworker/0:1 12 [000] 1.000000: sched:sched_switch: prev_comm=a ==> b",
        "kworker/0:1|12|1000000000||sched:sched_switch|prev_comm=a ==> b");
    row("a 1 2.5:   7f00 main+0x1 (/bin/a)", "a|1|2500000000|||7f00 main+0x1 (/bin/a)");
    row("\tffffffffaee8017b fput+0xb ([kernel.kallsyms])", "");
    row("             643 _Z4betav (/workdir/simple-terminates)", "");
    row("hello world", "");
    row("at 12 items", "");
    row("12", "");
}

void TestPerfScript::heads()
{
    QFETCH(QString, expected);
    const auto head = perf::parseSampleHead(QTest::currentDataTag());
    QString got;
    if (head) {
        const auto text
            = [](std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); };
        got = QStringList{text(head->comm), text(head->ids),
            head->time ? QString::number(qint64(*head->time)) : QString(),
            head->period ? QString::number(*head->period, 'g', 12) : QString(), text(head->event),
            text(head->payload)}
                  .join(QLatin1Char('|'));
    }
    QCOMPARE(got, expected);
}

void TestPerfScript::frames_data()
{
    QTest::addColumn<QString>("expected"); // function|module; empty = no frame
    const auto row
        = [](const char *line, const char *expected) { QTest::newRow(line) << QString::fromUtf8(expected); };
    row("\tffffffffaee8017b fput+0xb ([kernel.kallsyms])", "fput|[kernel]");
    row("  7f12 [unknown] ([unknown])", "[unknown]|");
    row("  7f12 [unknown] (/usr/lib/libc.so)", "[unknown]|/usr/lib/libc.so");
    row("  7f12 (/usr/lib/libc.so)", "[unknown]|/usr/lib/libc.so");
    row("  7f12 a+b+0x1f (/opt/my app (deleted))", "a+b|/opt/my app (deleted)");
    row("  7f12 std::vector<int>::push_back(int const&) (/bin/a)",
        "std::vector<int>::push_back(int const&)|/bin/a");
    row("  7f12 Lfoo;::bar (inlined)", "Lfoo;::bar|[inlined]");
    row("  7f12 call(int)", "call(int)|");
    row("  7f12", "[unknown]|");
    row("  main.c:10", "");
    row("  just words", "");
}

void TestPerfScript::frames()
{
    QFETCH(QString, expected);
    const auto frame = perf::parseStackFrame(QTest::currentDataTag());
    QCOMPARE(frame ? QString::fromStdString(std::string(frame->function) + '|' + std::string(frame->module))
                   : QString(),
        expected);
}

void TestPerfScript::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const std::string &prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray::fromStdString(prefix) << int(confidence);
    };
    row("with a header", kSample, Confidence::Strong);
    row("without times", "node 31912 cpu-clock: \n   13a80b608e0a f (/tmp/perf.map)\n", Confidence::Strong);
    row("heads alone", "a 1 [000] 1.5: 1 cycles:\na 1 [000] 1.6: 1 cycles:\n", Confidence::Likely);
    row("ftrace", " <idle>-0     [000] d..3 1.5: sched_switch: prev_comm=a\n", Confidence::No);
    row("collapsed", "a;b;c 3\na;b 4\n", Confidence::No);
    row("plan", "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = 1)\n", Confidence::No);
    row("JSON", "{\"a\":1}", Confidence::No);
    row("empty", "", Confidence::No);
}

void TestPerfScript::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(perfScriptImporter().sniff({prefix.constData(), std::size_t(prefix.size())}, "x")),
        "confidence");
}

void TestPerfScript::hostile()
{
    const QString problems = hostileProblems(perfScriptImporter(), kSample);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestPerfScript::rows()
{
    const ReadOutcome outcome = read(kSample);
    QVERIFY(!outcome.error);
    QVERIFY(outcome.issues().empty());
    QCOMPARE(line(outcome, "source"), QStringLiteral("source kind=profile clock=monotonic"));
    QCOMPARE(int(outcome.sink.count("profile")), 2);
    QCOMPARE(line(outcome, "profile"),
        QStringLiteral(
            "profile 1 name=\"cycles:ppp\" kind=on_cpu sample_type=\"cycles:ppp\" unit=\"cycles\""));
    QCOMPARE(line(outcome, "profile", 1),
        QStringLiteral("profile 2 name=\"instructions\" kind=on_cpu sample_type=\"instructions\" "
                       "unit=\"instructions\""));
    // Root first, and the tree of one event is not that of another.
    QCOMPARE(line(outcome, "frame"),
        QStringLiteral("frame 1 function=\"main\" module=\"/opt/my app (deleted)\""));
    QCOMPARE(line(outcome, "frame", 2), QStringLiteral("frame 3 function=\"fput\" module=\"[kernel]\""));
    QCOMPARE(line(outcome, "call_node", 2), QStringLiteral("call_node 3 profile=1 parent=2 frame=3"));
    QCOMPARE(int(outcome.sink.count("call_node")), 4);
    QCOMPARE(int(outcome.sink.count("sample")), 3);
    const QString sample = line(outcome, "sample");
    QVERIFY2(sample.contains(QLatin1String("ts=51499088689000"))
            && sample.contains(QLatin1String("thread=\"V8 WorkerThread 7564/7570\""))
            && sample.contains(QLatin1String("weight=1010101")),
        qPrintable(sample));
    QCOMPARE(outcome.sink.weight(ProfileRef(1)), 1010401.0);
    QCOMPARE(outcome.sink.weight(ProfileRef(2)), 250.0);
}

void TestPerfScript::withoutPeriods()
{
    const ReadOutcome outcome
        = read("node 31912 cpu-clock: \n  13a f (/a)\n\nnode 31912 cpu-clock: \n  13a f (/a)\n");
    QCOMPARE(line(outcome, "profile"),
        QStringLiteral("profile 1 name=\"cpu-clock\" kind=on_cpu sample_type=\"samples\" unit=\"samples\""));
    QCOMPARE(outcome.sink.weight(), 2.0);
    QVERIFY(!line(outcome, "sample").contains(QLatin1String("ts=")));
    QCOMPARE(line(outcome, "source", 1), QStringLiteral("source kind=profile clock=none"));
    const ReadOutcome clock = read("a 1 1.0: 250000 cpu-clock: \n  13a f (/a)\n");
    QVERIFY(line(clock, "profile").contains(QLatin1String("unit=\"ns\"")));
}

void TestPerfScript::emptyLines()
{
    const ReadOutcome outcome
        = read("a 1 1.0: 5 cycles:\n\n\n  13a f (/a)\n  13b g (/a)\n\n\na 1 2.0: 6 cycles:\n  13a f (/a)");
    QCOMPARE(int(outcome.sink.count("sample")), 2);
    QCOMPARE(int(outcome.sink.count("call_node")), 3);
    QVERIFY(outcome.issues().empty());
}

void TestPerfScript::samplesWithoutStack()
{
    const ReadOutcome outcome
        = read("a 1 1.0: 5 cycles:\na 1 2.0: 6 cycles:\n\na 1 3.0: sched:sched_switch: x ==> y\n");
    QCOMPARE(int(outcome.sink.count("sample")), 3);
    QVERIFY(outcome.issues() == std::vector<std::string>{"no-stack 3"});
    QCOMPARE(line(outcome, "frame"), QStringLiteral("frame 1 function=\"(no stack)\""));
}

void TestPerfScript::frameOnTheHeadLine()
{
    const ReadOutcome outcome = read("a 1 1.0: 5 cycles:  ffffffff810 foo+0x1 ([kernel.kallsyms])\n");
    QCOMPARE(line(outcome, "frame"), QStringLiteral("frame 1 function=\"foo\" module=\"[kernel]\""));
    QVERIFY(outcome.issues().empty());
}

void TestPerfScript::sourceLines()
{
    const ReadOutcome outcome = read("a 1 1.0: 5 cycles:\n  13a f (/a)\n  main.c:10\n  13b g (/a)\n  ??:0\n");
    QCOMPARE(line(outcome, "frame", 1),
        QStringLiteral("frame 2 function=\"f\" module=\"/a\" file=\"main.c\" line=10"));
    QCOMPARE(line(outcome, "frame"), QStringLiteral("frame 1 function=\"g\" module=\"/a\""));
}

void TestPerfScript::severalHeaders()
{
    const ReadOutcome outcome = read(kSample + "\n" + kSample);
    QCOMPARE(int(outcome.sink.count("sample")), 6);
    QCOMPARE(int(outcome.sink.count("profile")), 2);
    QVERIFY(outcome.issues().empty());
}

void TestPerfScript::badLines()
{
    const ReadOutcome outcome
        = read("a 1 1.0: 5 cycles:\n  13a f (/a)\nwhat is this\n  nor this\n\na 1 2.0: 5 cycles:\n");
    QCOMPARE(int(outcome.sink.count("sample")), 2);
    QCOMPARE(int(outcome.report.rejects().size()), 2);
    QCOMPARE(outcome.report.rejects()[0].kind, std::string("bad-line"));
    QCOMPARE(int(outcome.report.rejects()[0].offset), 32);
    QCOMPARE(outcome.report.rejects()[1].bytes, std::string("  nor this"));
}

void TestPerfScript::mixedPeriods()
{
    const ReadOutcome outcome = read("a 1 1.0: 5 cycles:\n  13a f (/a)\n\na 1 2.0: cycles:\n  13a f (/a)\n");
    QCOMPARE(int(outcome.sink.count("sample")), 1);
    QCOMPARE(outcome.report.rejects().at(0).kind, std::string("no-period"));
    QCOMPARE(outcome.report.rejects().at(0).bytes, std::string("a 1 2.0: cycles:"));
}

void TestPerfScript::deepStacks()
{
    std::string text = "a 1 1.0: 5 cycles:\n";
    for (int i = 0; i < 10'050; ++i)
        text += "  13a f" + std::to_string(i) + " (/a)\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(int(outcome.sink.count("call_node")), int(perf::PerfReader::kMaxDepth));
    QVERIFY(outcome.hasIssue("stack-too-deep"));
}

void TestPerfScript::longNames()
{
    const ReadOutcome outcome = read("a 1 1.0: 5 cycles:\n  13a " + std::string(100'000, 'f') + " (/a)\n");
    QCOMPARE(line(outcome, "frame"),
        QStringLiteral("frame 1 function=\"%1\" module=\"/a\"")
            .arg(QString(int(perf::PerfReader::kMaxName), QLatin1Char('f'))));
    QVERIFY(outcome.hasIssue("name-cut"));
}

void TestPerfScript::tooManyEvents()
{
    std::string text;
    for (int i = 0; i < 1'010; ++i)
        text += "a 1 1.0: 5 e" + std::to_string(i) + ":\n  13a f (/a)\n\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(int(outcome.sink.count("profile")), int(perf::PerfReader::kMaxEvents));
    QCOMPARE(outcome.report.rowsSkipped(), 10);
}

void TestPerfScript::badText()
{
    const ReadOutcome outcome = read("a\xFF 1 1.0: 5 cycles:\r\n  13a f\xC3 (/a)\r\n");
    QVERIFY(outcome.hasIssue("bad-utf8"));
    QVERIFY(line(outcome, "sample").contains(QString::fromUtf8("thread=\"a\xEF\xBF\xBD 1\"")));
}

void TestPerfScript::noSample()
{
    QVERIFY(read("# nothing\n\n").error.has_value());
    const ReadOutcome prose = read("this is a letter\n");
    QCOMPARE(prose.report.rowsSkipped(), 1);
    QCOMPARE(int(prose.sink.count("sample")), 0);
}

QTEST_GUILESS_MAIN(TestPerfScript)
#include "tst_perfscript.moc"
