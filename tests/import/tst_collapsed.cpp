// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/collapsed/collapsed.h"
#include "import/collapsed/collapsedreader.h"
#include "import/collapsed/stackline.h"
#include "support/importhelpers.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(collapsedImporter(), text); }

/// "a;b;c 3" for every sample: the stacks as the sink saw them, in order.
QStringList stacks(const ReadOutcome &outcome, int profile = 1)
{
    const auto field = [](const QString &line, const QString &name) {
        const QRegularExpression expression(QLatin1Char(' ') + name + QStringLiteral("=(\"[^\"]*\"|\\S+)"));
        return expression.match(line).captured(1).remove(QLatin1Char('"'));
    };
    QHash<QString, QString> frames, nodes;
    QStringList result;
    for (const std::string &text : outcome.sink.lines) {
        const QString line = QString::fromStdString(text);
        const QString number = line.section(QLatin1Char(' '), 1, 1);
        if (line.startsWith(QLatin1String("frame "))) {
            const QString module = field(line, QStringLiteral("module"));
            frames[number] = field(line, QStringLiteral("function"))
                + (module.isEmpty() ? QString() : QLatin1Char('@') + module);
        } else if (line.startsWith(QLatin1String("call_node "))) {
            const QString parent = field(line, QStringLiteral("parent"));
            nodes[number] = (parent.isEmpty() ? QString() : nodes[parent] + QLatin1Char('|'))
                + frames[field(line, QStringLiteral("frame"))];
        } else if (line.startsWith(QLatin1String("sample "))
            && field(line, QStringLiteral("profile")) == QString::number(profile)) {
            result << nodes[field(line, QStringLiteral("node"))] + QLatin1Char(' ')
                    + field(line, QStringLiteral("weight"));
        }
    }
    return result;
}

} // namespace

class TestCollapsed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void splitsAtTheLastBlank_data();
    void splitsAtTheLastBlank();
    void keepsJavaSignaturesWhole_data();
    void keepsJavaSignaturesWhole();
    void readsStacks();
    void keepsAnnotations();
    void sharesHeadsOfStacks();
    void sharedHeadsEqualUnsharedOnes();
    void readsFractionsAndNegatives();
    void sumsExactly();
    void readsDiffs();
    void refusesOneNumberInADiff();
    void takesLastNumberWhenNotADiff();
    void countsWhatItSkips();
    void keepsUnnamedFrames();
    void cutsDeepStacks();
    void skipsLongLines();
    void repairsBadUtf8();
    void findsThreads();
    void readsCrLfAndUtf16();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
    void readsDiffInputsOfTheCorpus();
};

void TestCollapsed::splitsAtTheLastBlank_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("stack");
    QTest::addColumn<double>("weight");
    using Kind = StackLine::Kind;
    const auto row = [](const char *line, Kind kind, const char *stack, double weight) {
        QTest::newRow(*line ? line : "empty")
            << QString::fromUtf8(line) << int(kind) << QString::fromUtf8(stack) << weight;
    };
    row("a;b 3", Kind::Stack, "a;b", 3);
    row("a;operator new(unsigned long) 12", Kind::Stack, "a;operator new(unsigned long)", 12);
    row("a;b  3  ", Kind::Stack, "a;b", 3);
    row("a;b\t3", Kind::Stack, "a;b", 3);
    row("a;b 1.5", Kind::Stack, "a;b", 1.5);
    row("a;b -2", Kind::Stack, "a;b", -2);
    row("a;b 1e3", Kind::Stack, "a;b", 1000);
    row("a;b 20.", Kind::Stack, "a;b", 20);
    row("", Kind::Blank, "", 0);
    row("   ", Kind::Blank, "", 0);
    row("# a;b 3", Kind::Comment, "", 0);
    row("a;b", Kind::NoWeight, "", 0);
    row("a;b 0x10", Kind::NoWeight, "", 0);
    row("a;b 12V.43", Kind::NoWeight, "", 0);
    row("a;b nan", Kind::NoWeight, "", 0);
    row("a;b 1e999", Kind::NoWeight, "", 0);
    row("17", Kind::NoFrames, "", 17);
    row(" 17", Kind::NoFrames, "", 17);
    row(";; 17", Kind::NoFrames, ";;", 17);
    row(";;  17", Kind::NoFrames, ";; ", 17);
    row("a;  17", Kind::Stack, "a; ", 17);
    row("a; 17", Kind::Stack, "a;", 17);
}

void TestCollapsed::splitsAtTheLastBlank()
{
    QFETCH(QString, line);
    QFETCH(int, kind);
    QFETCH(QString, stack);
    QFETCH(double, weight);
    const std::string text = line.toStdString();
    const StackLine parsed = parseStackLine(text);
    QCOMPARE(int(parsed.kind), kind);
    if (parsed.kind != StackLine::Kind::NoWeight)
        QCOMPARE(parsed.weight, weight);
    QCOMPARE(QString::fromStdString(std::string(parsed.stack)), stack);
}

void TestCollapsed::keepsJavaSignaturesWhole_data()
{
    QTest::addColumn<QString>("stack");
    QTest::addColumn<QStringList>("frames");
    QTest::newRow("void") << "a;run(Ljava/lang/String;I)V;b"
                          << QStringList{"a", "run(Ljava/lang/String;I)V", "b"};
    QTest::newRow("returns an object")
        << "get()Ljava/lang/Object;;b" << QStringList{"get()Ljava/lang/Object;", "b"};
    QTest::newRow("returns an object, last")
        << "get()Ljava/lang/Object;" << QStringList{"get()Ljava/lang/Object;"};
    QTest::newRow("arrays") << "f([[BLa/B;[I)[Lx/Y;;z" << QStringList{"f([[BLa/B;[I)[Lx/Y;", "z"};
    QTest::newRow("annotated") << "f(Lx/Y;)V_[j];z" << QStringList{"f(Lx/Y;)V_[j]", "z"};
    QTest::newRow("no return type") << "f(Lx/Y;);z" << QStringList{"f(Lx/Y;)", "z"};
    QTest::newRow("not a descriptor") << "f(Lx;z" << QStringList{"f(Lx", "z"};
    QTest::newRow("unbalanced") << "a(b;c)d;e" << QStringList{"a(b", "c)d", "e"};
    QTest::newRow("C++") << "std::sort(int*, int*);b" << QStringList{"std::sort(int*, int*)", "b"};
    QTest::newRow("two in one frame") << "f(I)V$g(Lx/Y;)V;z" << QStringList{"f(I)V$g(Lx/Y;)V", "z"};
    QTest::newRow("no parameters") << "f();g()V;h" << QStringList{"f()", "g()V", "h"};
    QTest::newRow("type without separator") << "f(I)Lbar;baz" << QStringList{"f(I)Lbar", "baz"};
    QTest::newRow("empty type name") << "f(L;)V;z" << QStringList{"f(L", ")V", "z"};
}

void TestCollapsed::keepsJavaSignaturesWhole()
{
    QFETCH(QString, stack);
    QFETCH(QStringList, frames);
    const std::string text = stack.toStdString();
    QStringList got;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = frameEnd(text, from);
        got << QString::fromStdString(text.substr(from, end - from));
        from = end + 1;
    }
    QCOMPARE(got, frames);
}

void TestCollapsed::readsStacks()
{
    const ReadOutcome outcome = read("a;b;c 1\na;b;c 1\na;b;d 4\na;b;c 3\na;b 5\n");
    QVERIFY(!outcome.error);
    QCOMPARE(stacks(outcome), (QStringList{"a|b|c 1", "a|b|c 1", "a|b|d 4", "a|b|c 3", "a|b 5"}));
    QCOMPARE(outcome.sink.weight(), 14.0);
    QCOMPARE(outcome.sink.count("frame"), std::size_t{4});
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{4});
    QCOMPARE(outcome.sink.lines.at(0), "source kind=profile clock=none"s);
    QCOMPARE(outcome.sink.lines.at(1),
        "profile 1 name=\"collapsed stacks\" kind=on_cpu sample_type=\"samples\" unit=\"samples\""s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{5});
    QVERIFY(outcome.report.issues().empty());
    // A weight is a number of samples, not that many rows.
    QCOMPARE(outcome.sink.linesOf("sample").at(2), "sample profile=1 node=4 weight=4 count=4"s);
}

void TestCollapsed::keepsAnnotations()
{
    const ReadOutcome outcome = read("a;f_[k];g_[j];h_[i];w_[w];x_[z];f 1\n");
    QCOMPARE(stacks(outcome), QStringList{"a|f@[kernel]|g@[jit]|h@[inlined]|w@[waker]|x_[z]|f 1"});
    // The kernel's f and the program's f are two frames.
    QCOMPARE(outcome.sink.count("frame"), std::size_t{7});
}

void TestCollapsed::sharesHeadsOfStacks()
{
    const ReadOutcome outcome = read("a;b;c 1\na;b 2\na;bc 3\na;b;c;d 4\na;b;cd 5\na 6\na;b;c 7\nb;a 8\n");
    QCOMPARE(stacks(outcome),
        (QStringList{"a|b|c 1", "a|b 2", "a|bc 3", "a|b|c|d 4", "a|b|cd 5", "a 6", "a|b|c 7", "b|a 8"}));
}

void TestCollapsed::sharedHeadsEqualUnsharedOnes()
{
    // Random stacks of few letters, so that heads are shared in every way; each is also read alone.
    const QStringList parts{"a", "b", "ab", "f(Lx/Y;)V", "f(Lx", "Y;)V", "g(I)Lz", "", "a_[k]", "("};
    std::uint32_t state = 12345;
    const auto next = [&](std::uint32_t bound) {
        state = state * 1664525u + 1013904223u;
        return (state >> 16) % bound;
    };
    std::string all;
    QStringList expected;
    for (int i = 0; i < 2000; ++i) {
        QStringList frames;
        for (std::uint32_t n = 1 + next(5); n > 0; --n)
            frames << parts[static_cast<qsizetype>(next(static_cast<std::uint32_t>(parts.size())))];
        const std::string line = frames.join(QLatin1Char(';')).toStdString() + " 1\n";
        all += line;
        expected += stacks(read(line));
    }
    const ReadOutcome together = read(all);
    QCOMPARE(stacks(together), expected);
    // Rejects differ only by their place.
    QCOMPARE(std::size_t(2000 - expected.size()), together.report.rejects().size());
}

void TestCollapsed::readsFractionsAndNegatives()
{
    const ReadOutcome outcome = read("a;b 1.5\na;c -2.25\n");
    QCOMPARE(outcome.sink.weight(), -0.75);
    QVERIFY(outcome.hasIssue("fractional-weights"));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"collapsed stacks\" kind=on_cpu sample_type=\"weight\""s);
    // Not counts: one line is one row of unknown sample count.
    QCOMPARE(outcome.sink.linesOf("sample").at(0), "sample profile=1 node=2 weight=1.5"s);
}

void TestCollapsed::sumsExactly()
{
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "a;b 9007199254740\n";
    QCOMPARE(read(text).sink.weight(), 9007199254740000.0);
    QVERIFY(!read("a 9007199254740992\n").hasIssue("weight-rounded"));
    QVERIFY(read("a 9007199254740994\n").hasIssue("weight-rounded"));
}

void TestCollapsed::readsDiffs()
{
    const ReadOutcome outcome = read("a;b;c 10 12\na;b;d 4 0\na;e 0 9.5\n");
    QVERIFY(outcome.hasIssue("diff-folded"));
    QCOMPARE(stacks(outcome, 1), (QStringList{"a|b|c 12", "a|b|d 0", "a|e 9.5"}));
    // The path that vanished is kept: others lose it.
    QCOMPARE(stacks(outcome, 2), (QStringList{"a|b|c 10", "a|b|d 4", "a|e 0"}));
    QCOMPARE(outcome.sink.linesOf("profile").size(), std::size_t{2});
    QVERIFY(outcome.sink.linesOf("profile").at(0).find("\"after\"") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("profile").at(1).find("\"before\"") != std::string::npos);
}

void TestCollapsed::refusesOneNumberInADiff()
{
    std::string text;
    for (int i = 0; i < 300; ++i)
        text += "a;b 1 2\n";
    const ReadOutcome outcome = read(text + "a;c 5\na;d 1 1\n");
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{1});
    QCOMPARE(outcome.report.rejects().at(0).kind, "no-second-number"s);
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{300 * 8});
    QCOMPARE(outcome.sink.weight(ProfileRef(1)), 601.0);
}

void TestCollapsed::takesLastNumberWhenNotADiff()
{
    // One line without a second number: then numbers at the end of frames are names.
    const ReadOutcome outcome = read("a;worker 3 4\na;b 5\n");
    QCOMPARE(stacks(outcome), (QStringList{"a|worker 3 4", "a|b 5"}));
    QVERIFY(!outcome.hasIssue("diff-folded"));
}

void TestCollapsed::countsWhatItSkips()
{
    const ReadOutcome outcome = read("# comment 1\n// note\na;b 1\ninvalid line\n\n 7\na;c 2\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{3});
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"no-frames 1", "no-weight 2"}));
    const auto &reject = outcome.report.rejects().at(0);
    QCOMPARE(reject.bytes, "// note"s);
    QCOMPARE(reject.offset, std::uint64_t{12});
    QCOMPARE(reject.length, std::uint64_t{7});
}

void TestCollapsed::keepsUnnamedFrames()
{
    // Dropping an unnamed leaf would charge its time to the caller.
    const ReadOutcome outcome = read("a;;b; 1\na;;b;  2\na;;b 2\n");
    QCOMPARE(stacks(outcome),
        (QStringList{"a|(unnamed)|b 1", "a|(unnamed)|b|(unnamed) 2", "a|(unnamed)|b 2"}));
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"unnamed-frame 4"}));
}

void TestCollapsed::cutsDeepStacks()
{
    std::string text;
    for (int i = 0; i < 50'000; ++i)
        text += "f;";
    const ReadOutcome outcome = read(text + "leaf 3\n" + text + "leaf 4\n");
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QCOMPARE(outcome.sink.count("call_node"), CollapsedReader::kMaxDepth);
    QCOMPARE(outcome.sink.weight(), 7.0);
}

void TestCollapsed::skipsLongLines()
{
    const ReadOutcome outcome = read("a 1\n" + std::string(17'000'000, 'x') + " 1\nb 2\n");
    QCOMPARE(outcome.sink.weight(), 3.0);
    QCOMPARE(outcome.report.rejects().at(0).kind, "line-too-long"s);
    QCOMPARE(outcome.report.rejects().at(0).bytes.size(), ImportReport::kMaxRejectBytes);
    QCOMPARE(outcome.report.rejects().at(0).length, std::uint64_t{17'000'002});
}

void TestCollapsed::repairsBadUtf8()
{
    const ReadOutcome outcome = read("a;\xFF"
                                     "b 1\na;caf\xC3\xA9 2\n"
        + "n\0l 3\n"s);
    QCOMPARE(outcome.sink.weight(), 6.0);
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"bad-utf8 2"}));
    QCOMPARE(stacks(outcome).at(0), QStringLiteral("a|\uFFFDb 1"));
}

void TestCollapsed::findsThreads()
{
    const ReadOutcome outcome
        = read("iperf-8262/8264;main 1\n[worker 3 tid=17];run 2\niperf;main 3\niperf-8262;x 4\n");
    const auto samples = outcome.sink.linesOf("sample");
    QVERIFY(samples.at(0).find("thread=\"iperf-8262/8264\"") != std::string::npos);
    QVERIFY(samples.at(1).find("thread=\"worker 3 tid=17\"") != std::string::npos);
    QVERIFY(samples.at(2).find("thread") == std::string::npos);
    QVERIFY(samples.at(3).find("thread") == std::string::npos);
    // The frame stays what the file says.
    QCOMPARE(stacks(outcome).at(0), QStringLiteral("iperf-8262/8264|main 1"));
}

void TestCollapsed::readsCrLfAndUtf16()
{
    const std::string plain = read("a;b 1\nc;d 2\n").sink.text();
    QCOMPARE(read("a;b 1\r\nc;d 2\r\n").sink.text(), plain);
    QCOMPARE(read("a;b 1\nc;d 2").sink.text(), plain);

    QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("stacks.txt"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QStringEncoder encoder(QStringEncoder::Utf16LE, QStringEncoder::Flag::WriteBom);
    const QByteArray bytes = encoder(QStringLiteral("a;b 1\r\nc;d 2\r\n"));
    file.write(bytes);
    file.close();
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    ReadOutcome outcome;
    QVERIFY(collapsedImporter().newReader({})->read(**source, outcome.sink, outcome.report).has_value());
    QCOMPARE(outcome.sink.text(), plain);
}

void TestCollapsed::sniffs()
{
    const auto sniff = [](std::string_view text, std::string_view name = "upload.txt") {
        return int(collapsedImporter().sniff(text, name));
    };
    QCOMPARE(sniff("a;b 1\nc;d 2\n"), int(Confidence::Likely));
    QCOMPARE(sniff("a;b 1\nc;d 2\n", "x.collapsed"), int(Confidence::Strong));
    QCOMPARE(sniff("# c\na;b 1\nbad\nc;d 2\n"), int(Confidence::Likely));
    QCOMPARE(sniff("main 12\nidle 3\n", "x.folded"), int(Confidence::Strong));
    // Prose and SQL that end with a number are no profile.
    QCOMPARE(sniff("main 12\nidle 3\n"), int(Confidence::No));
    QCOMPARE(sniff("SELECT 1"), int(Confidence::No));
    QCOMPARE(sniff("see page 4\nand page 5; then 6\nup to 7\n"), int(Confidence::No));
    QCOMPARE(sniff("{\"a\": 1}\n"), int(Confidence::No));
    QCOMPARE(sniff("hello\nworld\n"), int(Confidence::No));
    QCOMPARE(sniff(""), int(Confidence::No));
    QCOMPARE(sniff("a;b\x01 1\n"), int(Confidence::No));
    // A prefix that ends inside a line.
    std::string cut;
    while (cut.size() < kSniffBytes)
        cut += "frame;frame;frame;frame;frame;frame 17\n";
    cut.resize(kSniffBytes);
    QCOMPARE(sniff(cut), int(Confidence::Likely));
}

void TestCollapsed::agreesWithTheCorpus_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("facts");
    const QDir corpus(QStringLiteral(TS_SHARED_DIR "/corpus/traces"));
    QFile manifest(corpus.filePath(QStringLiteral("manifest.tsv")));
    if (!manifest.open(QIODevice::ReadOnly)) {
        QTest::newRow("no corpus") << QString() << QString();
        return;
    }
    while (!manifest.atEnd()) {
        const QStringList fields = QString::fromUtf8(manifest.readLine()).split(QLatin1Char('\t'));
        if (fields.size() > 7 && fields[1] == QLatin1String("collapsed"))
            QTest::newRow(qPrintable(fields[0])) << corpus.filePath(fields[0]) << fields[7];
    }
}

void TestCollapsed::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (path.isEmpty() || !QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const auto fact = [&](const char *name) {
        return QRegularExpression(QLatin1String(name) + QStringLiteral("=([0-9.]+)"))
            .match(facts)
            .captured(1)
            .toDouble();
    };
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    const std::string prefix((*source)->peek(kSniffBytes).value());
    QVERIFY(sniffImporter(prefix, "upload") == &collapsedImporter());
    ReadOutcome outcome;
    QVERIFY(collapsedImporter().newReader({})->read(**source, outcome.sink, outcome.report).has_value());
    QVERIFY(std::abs(outcome.sink.weight() - fact("total_weight")) < 1e-6);
    QCOMPARE(double(outcome.report.rowsSkipped()), fact("rejected_lines"));
    const QStringList all = stacks(outcome);
    QSet<QString> distinct;
    qsizetype depth = 0;
    for (const QString &stack : all) {
        const QString frames = stack.left(stack.lastIndexOf(QLatin1Char(' ')));
        distinct << frames;
        depth = std::max(depth, frames.count(QLatin1Char('|')) + 1);
    }
    QCOMPARE(double(distinct.size()), fact("distinct_stacks"));
    QCOMPARE(double(depth), fact("max_depth"));
}

void TestCollapsed::readsDiffInputsOfTheCorpus()
{
    const QDir folder(QStringLiteral(TS_SHARED_DIR "/corpus/traces/diff-folded"));
    if (!folder.exists())
        QSKIP("the corpus is not beside the checkout");
    int diffs = 0;
    QDirIterator files(folder.path(), QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const std::string bytes = fileBytes(files.next());
        const ReadOutcome outcome = read(bytes);
        QVERIFY2(!outcome.error && outcome.report.rowsRead() > 0, qPrintable(files.filePath()));
        diffs += outcome.hasIssue("diff-folded") ? 1 : 0;
    }
    QVERIFY(diffs > 0);
}

QTEST_GUILESS_MAIN(TestCollapsed)
#include "tst_collapsed.moc"
