// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/callgrind/callgrind.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(callgrindImporter(), text, 4096); }

} // namespace

class TestCallgrind : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sharesCostsAmongCallers();
    void expandsCompressedNamesAndPositions();
    void forgetsTheCalledFileAfterTheCall();
    void survivesRecursion();
    void boundsWhatItExpands();
    void tellsWhatIsWrong();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestCallgrind::sharesCostsAmongCallers()
{
    const ReadOutcome outcome = read("events: Ir\nfn=main\n1 10\ncfn=a\ncalls=1 1\n1 30\ncfn=b\ncalls=1 1\n1 "
                                     "10\nfn=a\n2 20\ncfn=b\ncalls=2 1\n2 30\nfn=b\n3 40\n");
    QVERIFY(!outcome.error);
    // b costs 40, of calls that cost 10 and 30.
    QCOMPARE(stacksOf(outcome), (Stacks{"main 10", "main|a 20", "main|b 10", "main|a|b 30"}));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"Ir\" kind=on_cpu sample_type=\"Ir\" unit=\"events\""s);
    QCOMPARE(outcome.issues(), Stacks{"estimated-stacks 1"});
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{6});
}

void TestCallgrind::expandsCompressedNamesAndPositions()
{
    const ReadOutcome outcome = read("positions: instr line\nevents: Ir Time(us)\nob=(1) /bin/x\nfl=(1) "
                                     "m.c\nfn=(1) main\n0x10 5 1 2\n+4 +1 2 3\n* * 4\n"
                                     "cob=(2) libc\ncfi=(2) c.c\ncfn=(7) puts\ncalls=1 0x99 9\n-3 * 6 "
                                     "1\nfi=(3) inline.h\n* 7 1\nob=(2)\nfl=(2)\nfn=(7)\n0x99 9 6 1\n");
    QCOMPARE(stacksOf(outcome, 1), (Stacks{"main 8", "main|puts 6"}));
    QCOMPARE(stacksOf(outcome, 2), (Stacks{"main 5000", "main|puts 1000"}));
    QCOMPARE(outcome.sink.linesOf("frame"),
        (Stacks{"frame 1 function=\"main\" module=\"/bin/x\" file=\"m.c\"",
            "frame 2 function=\"puts\" module=\"libc\" file=\"c.c\""}));
    QVERIFY(outcome.sink.linesOf("profile").at(1).find("unit=\"ns\"") != std::string::npos);
}

void TestCallgrind::forgetsTheCalledFileAfterTheCall()
{
    const ReadOutcome outcome = read("events: Ir\nfl=a.c\nfn=main\n1 1\ncfi=b.c\ncfn=f\ncalls=1 1\n1 "
                                     "5\ncfn=f\ncalls=1 1\n1 7\nfn=f\n1 7\nfl=b.c\nfn=f\n1 5\n");
    QCOMPARE(outcome.sink.count("frame"), std::size_t{3});
    QCOMPARE(stacksOf(outcome), (Stacks{"main 1", "main|f 5", "main|f 7"}));
}

void TestCallgrind::survivesRecursion()
{
    const ReadOutcome self = read("events: Ir\nfn=f\n1 10\ncfn=f\ncalls=5 1\n1 100\n");
    QCOMPARE(stacksOf(self), Stacks{"f 10"});
    QVERIFY(self.hasIssue("recursion"));
    const ReadOutcome circle = read("events: Ir\nfn=main\n1 1\ncfn=a\ncalls=1 1\n1 30\nfn=a\n1 "
                                    "10\ncfn=b\ncalls=1 1\n1 20\nfn=b\n1 20\ncfn=a\ncalls=1 1\n1 5\n");
    QCOMPARE(stacksOf(circle), (Stacks{"main 1", "main|a 10", "main|a|b 20"}));
    // A circle that nobody calls.
    const ReadOutcome closed
        = read("events: Ir\nfn=a\n1 10\ncfn=b\ncalls=1 1\n1 20\nfn=b\n1 20\ncfn=a\ncalls=1 1\n1 5\n");
    QCOMPARE(closed.sink.weight(), 30.0);
}

void TestCallgrind::boundsWhatItExpands()
{
    // 2^60 paths through a ladder; the total stays.
    std::string text = "events: Ir\n";
    for (int i = 0; i < 60; ++i) {
        const std::string n = std::to_string(i), m = std::to_string(i + 1);
        for (const std::string &name : {"l" + n, "r" + n})
            text += "fn=" + name + "\n1 1\ncfn=l" + m + "\ncalls=1 1\n1 " + std::to_string(60 - i) + "\ncfn=r"
                + m + "\ncalls=1 1\n1 " + std::to_string(60 - i) + '\n';
    }
    text += "fn=l60\n1 1\nfn=r60\n1 1\n";
    const ReadOutcome outcome = read(text);
    QVERIFY(outcome.hasIssue("small-paths"));
    QVERIFY(outcome.sink.count("call_node") < 400'000);
    QVERIFY(std::abs(outcome.sink.weight() - 122.0) < 1e-6);
    std::string chain = "events: Ir\n";
    for (int i = 0; i < 100'000; ++i)
        chain += "fn=f" + std::to_string(i) + "\n1 1\ncfn=f" + std::to_string(i + 1) + "\ncalls=1 1\n1 5\n";
    const ReadOutcome deep = read(chain);
    QVERIFY(std::abs(deep.sink.weight() - 100'000.0) < 1e-3);
    QVERIFY(deep.hasIssue("small-paths"));
}

void TestCallgrind::tellsWhatIsWrong()
{
    const ReadOutcome outcome = read("events: Ir\n5 5\nfn=a\nhello\n1 x\n1 2\ncalls=1 1\njump=3 4\n1\n+1 "
                                     "99999999999999999999999999999999\nfn=caf\xFF\n1 1\n");
    QCOMPARE(outcome.issues(),
        (Stacks{"malformed-cost 3", "unknown-line 2", "bad-utf8 1", "estimated-stacks 1", "jumps 1"}));
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{11});
    QCOMPARE(stacksOf(outcome), (Stacks{"a 2", "caf\uFFFD 1"}));
    for (const std::string &bad : {""s, "events: Ir\n"s, "fn=a\n1 2\n"s, "\0\0"s})
        QVERIFY(read(bad).error && !read(bad).error->hint.empty());
}

void TestCallgrind::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(callgrindImporter().sniff(text, "x")); };
    QCOMPARE(sniff("# callgrind format\n"), int(Confidence::Strong));
    QCOMPARE(sniff("version: 1\nevents: Ir\n\nfl=a.c\n"), int(Confidence::Strong));
    QCOMPARE(sniff("events: many\nsee below\n"), int(Confidence::No));
    QCOMPARE(sniff("a;b 1\nc;d 2\n"), int(Confidence::No));
}

void TestCallgrind::agreesWithTheCorpus_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<double>("total");
    QTest::addColumn<int>("functions");
    // Sums of the functions' own costs, by hand.
    QTest::newRow("example") << QStringLiteral("speedscope__callgrind__callgrind.example.log") << 820.0 << 3;
    QTest::newRow("subposition") << QStringLiteral(
        "speedscope__callgrind__callgrind.subposition-compression.log")
                                 << 820.0 << 3;
    QTest::newRow("cfn-reset") << QStringLiteral("speedscope__callgrind__callgrind.cfn-reset.log") << 40.0
                               << 4;
    QTest::newRow("pprof") << QStringLiteral("pprof__testdata__pprof.cpu.call_tree.callgrind") << 1120e6
                           << 16;
}

void TestCallgrind::agreesWithTheCorpus()
{
    QFETCH(QString, file);
    QFETCH(double, total);
    QFETCH(int, functions);
    const QString path = traceCorpus() + QStringLiteral("/callgrind/") + file;
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, callgrindImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{0});
    QCOMPARE(outcome.sink.weight(), total);
    QCOMPARE(outcome.sink.count("frame"), std::size_t(functions));
}

QTEST_GUILESS_MAIN(TestCallgrind)
#include "tst_callgrind.moc"
