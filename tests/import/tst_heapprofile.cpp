// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/heapprofile/heapprofile.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(heapProfileImporter(), text, 4096); }

/// A chain of nodes, each the only child of the one before.
std::string chain(int depth, const std::string &node)
{
    std::string text;
    for (int i = 0; i < depth; ++i)
        text += '{' + node + R"(,"children":[)";
    for (int i = 0; i < depth; ++i)
        text += "]}";
    return text;
}

} // namespace

class TestHeapProfile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsATree();
    void survivesDeepNesting();
    void tellsWhatIsWrong();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestHeapProfile::readsATree()
{
    const ReadOutcome outcome = read(
        R"j({"head":{"callFrame":{"functionName":"(root)"},"selfSize":0,"children":[{"selfSize":3,"children":[)j"
        R"({"callFrame":{"functionName":"","url":"y.js","lineNumber":4},"selfSize":5}],"callFrame":{"functionName":"a"}}]},"samples":[{"size":1}]})");
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"a 3", "a|(anonymous) 5"}));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"heap profile\" kind=alloc sample_type=\"bytes in use\" unit=\"bytes\""s);
    QVERIFY(outcome.sink.text().find("file=\"y.js\" line=5") != std::string::npos);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{3});
    // A root with bytes of its own is kept.
    QCOMPARE(stacksOf(read(R"j({"head":{"callFrame":{"functionName":"(root)"},"selfSize":4}})j")),
        Stacks{"(root) 4"});
}

void TestHeapProfile::survivesDeepNesting()
{
    const ReadOutcome outcome
        = read(R"({"head":)" + chain(60'000, R"("callFrame":{"functionName":"f"},"selfSize":1)") + '}');
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{10'000});
    QCOMPARE(outcome.sink.weight(), 60'000.0);
}

void TestHeapProfile::tellsWhatIsWrong()
{
    const std::string text
        = R"({"head":{"callFrame":{"functionName":"a"},"selfSize":2,"children":[7,[1],{"selfSize":"x","callFrame":3}]}})";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.issues(), Stacks{"not-a-node 2"});
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{text.find("7,[1]")});
    QCOMPARE(outcome.report.rejects().at(1).bytes, "[1]"s);
    QCOMPARE(stacksOf(outcome), Stacks{"a 2"});
    const ReadOutcome cut = read(text.substr(0, text.find("7,[1]")));
    QVERIFY(!cut.error && cut.hasIssue("truncated"));
    QCOMPARE(cut.sink.weight(), 2.0);
    QCOMPARE(read(R"({"head":{"callFrame":{"functionName":"a"},"selfSize":1e300}})").sink.weight(), 0.0);
    for (const std::string &bad : {""s, "{}"s, R"({"head":[]})"s, "\x1f\x8b"s})
        QVERIFY(read(bad).error && !read(bad).error->hint.empty());
}

void TestHeapProfile::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(heapProfileImporter().sniff(text, "x")); };
    QCOMPARE(sniff(R"j({"head":{"callFrame":{"functionName":"(root)"},"selfSize":0)j"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"j({"head":{"functionName":"(root)","hitCount":0}})j"), int(Confidence::No));
    QCOMPARE(sniff(R"([{"head":{"callFrame":{},"selfSize":0}}])"), int(Confidence::No));
}

void TestHeapProfile::agreesWithTheCorpus_data() { addCorpusRows("heapprofile"); }

void TestHeapProfile::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, heapProfileImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(double(outcome.report.rowsRead()), factOf(facts, "nodes"));
    QCOMPARE(outcome.sink.weight(), factOf(facts, "total_selfSize_bytes"));
    QVERIFY(outcome.report.issues().empty());
}

QTEST_GUILESS_MAIN(TestHeapProfile)
#include "tst_heapprofile.moc"
