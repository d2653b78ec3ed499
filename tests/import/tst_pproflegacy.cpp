// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pproflegacy/legacycpu.h"
#include "import/pproflegacy/legacytext.h"
#include "import/pproflegacy/pproflegacy.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(pprofLegacyImporter(), text, 1); }

/// A binary CPU profile of words of so many bytes.
std::string words(std::initializer_list<std::uint64_t> values, int size, bool bigEndian)
{
    std::string bytes;
    for (const std::uint64_t value : values) {
        for (int i = 0; i < size; ++i)
            bytes += static_cast<char>(value >> 8 * (bigEndian ? size - 1 - i : i) & 0xFF);
    }
    return bytes;
}

/// Figures of the first lines of samples of pprof's own dump of the file: "57 528909".
std::vector<std::vector<double>> expectedOf(const QString &path)
{
    std::vector<std::vector<double>> rows;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return rows;
    bool samples = false;
    while (!file.atEnd()) {
        const QString line = QString::fromUtf8(file.readLine());
        if (line.startsWith(QLatin1String("Locations")))
            break;
        const QRegularExpressionMatch match
            = QRegularExpression(QStringLiteral("^([0-9 ]+): ?[0-9 ]*$")).match(line.trimmed());
        samples |= line.startsWith(QLatin1String("Samples"));
        if (!samples || !match.hasMatch())
            continue;
        std::vector<double> row;
        for (const QString &figure : match.captured(1).split(QLatin1Char(' '), Qt::SkipEmptyParts))
            row.push_back(figure.toDouble());
        rows.push_back(row);
    }
    return rows;
}

} // namespace

class TestPprofLegacy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsHeaps();
    void scalesSampledHeaps();
    void readsContention();
    void readsCountsWithSymbols();
    void readsGoroutineDumps();
    void readsCpuProfiles_data();
    void readsCpuProfiles();
    void namesByTheMap();
    void tellsBrokenCpuProfiles();
    void rejectsBadLines();
    void refuses();
    void sniffs();
    void agreesWithPprof_data();
    void agreesWithPprof();
};

void TestPprofLegacy::readsHeaps()
{
    const ReadOutcome outcome
        = read("heap profile: 3: 300 [ 5: 500] @ heapprofile\n"
               "  2: 200 [ 4: 400] @ 0x2 0x1\n 1: 100 [1: 100] @ 0x3\n\n"
               "MAPPED_LIBRARIES:\n00000000-00000002: /bin/a\n2-10 r-xp 0 0:0 7 /lib/b.so\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("profile"), std::size_t{4});
    QCOMPARE(stacksOf(outcome, 2), (Stacks{"a+0x1|b.so+0x2 200", "b.so+0x3 100"}));
    QCOMPARE(outcome.sink.weight(ProfileRef(1)), 3.0);
    QCOMPARE(outcome.sink.weight(ProfileRef(4)), 500.0);
    QVERIFY(outcome.report.issues().empty());
    // Allocations that are those in use are not shown twice.
    const ReadOutcome same = read("heap profile: 3: 300 [ 3: 300] @ heapprofile\n 3: 300 [3: 300] @ 0x1\n");
    QCOMPARE(same.sink.count("profile"), std::size_t{2});
}

void TestPprofLegacy::scalesSampledHeaps()
{
    // Figures of pprof's own tests.
    QCOMPARE(std::trunc(9216 * pproflegacy::heapScale(1, 9216, 524288)), 528909.0);
    QCOMPARE(std::trunc(144 * pproflegacy::heapScale(1, 144, 524288)), 524360.0);
    QCOMPARE(pproflegacy::heapScale(1, 100, 0), 1.0);
    QCOMPARE(pproflegacy::heapScale(0, 0, 524288), 1.0);
    const ReadOutcome go
        = read("heap profile: 1: 524288 [3: 1572864] @ heap/1048576\n1: 524288 [3: 1572864] @ 0x1\n");
    QCOMPARE(stacksOf(go, 2), Stacks{"0x1 829411"});
    QCOMPARE(stacksOf(go, 4), Stacks{"0x1 2488234"});
}

void TestPprofLegacy::readsContention()
{
    const ReadOutcome outcome
        = read("--- contention:\ncycles/second=2000000000\nsampling period=10\n"
               "4000 3 @ 0x2 0x1\n#\t0x2\tmain.lock+0x5\t/go/a.go:12\n#\t0x1\tmain.main+0x7\t/go/a.go:3\n");
    QCOMPARE(stacksOf(outcome, 1), Stacks{"main.main|main.lock 20000"});
    QCOMPARE(stacksOf(outcome, 2), Stacks{"main.main|main.lock 30"});
    QVERIFY(outcome.sink.linesOf("profile").at(0).find("kind=lock") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("frame").at(0).find("file=\"/go/a.go\" line=3") != std::string::npos);
    const ReadOutcome java
        = read("--- contentionz 1 ---\nformat = java\nresolution = microseconds\nsampling period = 100\n"
               " 14 1 @ 0x00000003 0x00000004\n\n 0x0000003 com.f (S.java:03)\n 0x0000004 com.g (x)\n");
    QCOMPARE(stacksOf(java, 1), Stacks{"com.g (x)|com.f 1400000"});
}

void TestPprofLegacy::readsCountsWithSymbols()
{
    const ReadOutcome outcome
        = read("goroutine profile: total 5\n3 @ 0x1 0x2\n#\t0x1\tmain.inlined+0x1\ta.go:1\n"
               "#\t0x1\tmain.f+0x1\ta.go:2\n#\t0x2\tmain.main+0x1\ta.go:3\n\n2 @ 0x9\n");
    QCOMPARE(stacksOf(outcome), (Stacks{"main.main|main.f|main.inlined 3", "0x9 2"}));
    QCOMPARE(countOf(outcome), std::int64_t{5});
    QVERIFY(outcome.sink.linesOf("profile").at(0).find("kind=threads sample_type=\"goroutine\"")
        != std::string::npos);
}

void TestPprofLegacy::readsGoroutineDumps()
{
    const ReadOutcome outcome
        = read("goroutine 1 [running]:\nmain.(*T).Run(0x1, {0x2, 0x3})\n\t/go/a.go:12 "
               "+0x1d\nmain.main()\n\t/go/a.go:3 +0x2\n\n"
               "goroutine 18 [chan receive, 5 minutes, locked to thread]:\nmain.worker(...)\n\t/go/b.go:7\n"
               "created by main.main in goroutine 1\n\t/go/a.go:5 +0x9\n");
    QCOMPARE(stacksOf(outcome), (Stacks{"main.main|main.(*T).Run 1", "main.worker 1"}));
    const auto samples = outcome.sink.linesOf("sample");
    QCOMPARE(fieldOf(samples.at(1), "thread"), "goroutine 18"s);
    QCOMPARE(fieldOf(samples.at(1), "state"), "chan receive"s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
}

void TestPprofLegacy::readsCpuProfiles_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("big");
    for (const int size : {4, 8}) {
        for (const bool big : {false, true})
            QTest::addRow("%d %s", size, big ? "big" : "little") << size << big;
    }
}

void TestPprofLegacy::readsCpuProfiles()
{
    QFETCH(int, size);
    QFETCH(bool, big);
    const ReadOutcome outcome
        = read(words({0, 3, 0, 10'000, 0, 5, 2, 0x1020, 0x1010, 1, 1, 0x5000, 0, 1, 0}, size, big)
            + "00001000-00002000 r-xp 00000000 fc:01 7 /bin/shop\nbuild=x\n");
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome, 1), (Stacks{"shop+0x1010|shop+0x1020 50000000", "0x5000 10000000"}));
    QCOMPARE(stacksOf(outcome, 2), (Stacks{"shop+0x1010|shop+0x1020 5", "0x5000 1"}));
    QCOMPARE(fieldOf(outcome.sink.linesOf("profile").at(0), "period"), "10000000"s);
    QVERIFY(outcome.report.issues().empty());
}

void TestPprofLegacy::namesByTheMap()
{
    pproflegacy::LegacyStacks stacks;
    QVERIFY(stacks.addMapping("  00400000-00fcb000: cppbench_server_main"));
    QVERIFY(stacks.addMapping("0x10-0x20: a"));
    QVERIFY(stacks.addMapping("00400000-00fcb000 r-xp 00000000 fc:01 7      /bin/a b"));
    QCOMPARE(stacks.mappings(), std::size_t{3});
    QVERIFY(stacks.addMapping("00400000-00fcb000 rw-p 00000000 fc:01 7 /bin/a")); // data: not kept
    QCOMPARE(stacks.mappings(), std::size_t{3});
    for (const char *bad : {"", "x-y: a", "5-4: a", "hello", "-"})
        QVERIFY2(!stacks.addMapping(bad), bad);
}

void TestPprofLegacy::tellsBrokenCpuProfiles()
{
    const ReadOutcome cut = read(words({0, 3, 0, 100, 0, 1, 1, 0x10, 1, 3, 0x10}, 8, false));
    QVERIFY(!cut.error);
    QVERIFY(cut.hasIssue("truncated"));
    QCOMPARE(cut.report.rowsRead(), std::int64_t{1});
    const ReadOutcome deep = read(words({0, 3, 0, 100, 0, 1, 1, 0x10, 1, 1'000'000, 0x10}, 8, false));
    QVERIFY(deep.hasIssue("malformed-sample"));
    QCOMPARE(stacksOf(deep, 2), Stacks{"0x10 1"});
}

void TestPprofLegacy::rejectsBadLines()
{
    const std::string text = "heap profile: 1: 1 [1: 1] @ heapprofile\n1: 2 @ 0x1\nnonsense\n1: 2 [3: 4] @ "
                             "0xZ\n1: 2 [3: 4] @ 0x1\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{3});
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.report.rejects().at(1).offset, std::uint64_t{text.find("nonsense")});
}

void TestPprofLegacy::refuses()
{
    for (const std::string &text : {""s, "hello\n"s, "\x7F"s + "ELF"}) {
        const ReadOutcome outcome = read(text);
        QVERIFY(outcome.error);
        QVERIFY(!outcome.error->hint.empty());
    }
}

void TestPprofLegacy::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(pprofLegacyImporter().sniff(text, "x")); };
    QCOMPARE(sniff("heap profile: 1: 2 [3: 4] @ heap/1048576\n"), int(Confidence::Strong));
    QCOMPARE(sniff("\n--- contentionz 1 ---\n"), int(Confidence::Strong));
    QCOMPARE(sniff("--- mutex:\n"), int(Confidence::Strong));
    QCOMPARE(sniff("goroutine profile: total 3\n"), int(Confidence::Strong));
    QCOMPARE(sniff("goroutine 1 [running]:\n"), int(Confidence::Strong));
    QCOMPARE(sniff(words({0, 3, 0, 10'000, 0}, 8, false)), int(Confidence::Magic));
    QCOMPARE(sniff("heap profile\n"), int(Confidence::No));
    QCOMPARE(sniff("goroutine x\n"), int(Confidence::No));
    QCOMPARE(sniff(std::string(100, '\0')), int(Confidence::No));
}

void TestPprofLegacy::agreesWithPprof_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("places"); // of our profiles, in the order of pprof's figures
    const auto row = [](const char *name, const char *places) {
        QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(places);
    };
    row("cppbench.heap", "1 2");
    row("gobench.heap", "3 4 1 2");
    row("java.heap", "1 2");
    row("cppbench.contention", "2 1");
    row("go.godoc.thread", "1");
    row("gobench.cpu", "2 1");
    row("go.crc32.cpu", "2 1");
}

/// Sums over all samples against those of pprof's own dump.
void TestPprofLegacy::agreesWithPprof()
{
    QFETCH(QString, name);
    QFETCH(QString, places);
    const QString path = traceCorpus() + QStringLiteral("/pprof/pprof__testdata__") + name;
    const auto expected = expectedOf(traceCorpus() + QStringLiteral("/pprof/expected/pprof__testdata__")
        + name + QStringLiteral(".string"));
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    QVERIFY(!expected.empty());
    const ReadOutcome outcome = readCorpusFile(path, pprofLegacyImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    const QStringList columns = places.split(QLatin1Char(' '));
    for (qsizetype i = 0; i < columns.size(); ++i) {
        double sum = 0;
        for (const auto &figures : expected)
            sum += figures.at(static_cast<std::size_t>(i));
        QCOMPARE(outcome.sink.weight(ProfileRef(columns[i].toUInt())), sum);
    }
}

QTEST_GUILESS_MAIN(TestPprofLegacy)
#include "tst_pproflegacy.moc"
