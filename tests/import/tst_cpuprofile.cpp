// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cpuprofile/cpuprofile.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(cpuProfileImporter(), text); }

/// main > work, the collector and idle, below a root.
std::string profile(const std::string &samples, const std::string &deltas, const std::string &more)
{
    const auto node = [](int id, const std::string &name, const std::string &children) {
        return R"({"id":)" + std::to_string(id) + R"(,"callFrame":{"functionName":")" + name
            + R"(","url":"","lineNumber":-1},"children":[)" + children + "]}";
    };
    return R"j({"nodes":[)j" + node(1, "(root)", "2,4,5") + ',' + node(2, "main", "3") + ','
        + node(3, "work", "") + ',' + node(4, "(garbage collector)", "") + ',' + node(5, "(idle)", "")
        + R"(],"startTime":0,"samples":)" + samples + R"(,"timeDeltas":)" + deltas + ',' + more + '}';
}

} // namespace

class TestCpuProfile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void weighsUntilTheNextSample();
    void putsCollectorOnTop();
    void readsParentsAndChildren();
    void sortsNegativeDeltas();
    void survivesCircles();
    void namesWhatIsMissing();
    void countsHits();
    void readsTheOldForm();
    void skipsBadNodes();
    void salvagesAndRefuses();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestCpuProfile::weighsUntilTheNextSample()
{
    const ReadOutcome outcome = read(profile("[2,3,2]", "[10,20,30]", R"("endTime":100)"));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"main 20000 @10000", "main|work 30000 @30000", "main 40000 @60000"}));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"CPU profile\" kind=on_cpu sample_type=\"cpu\" unit=\"ns\" start=0 duration=100000"s);
    // Without an end the last sample lasts as long as the one before it.
    QCOMPARE(stacksOf(read(profile("[2,3]", "[10,20]", R"("x":1)"))),
        (Stacks{"main 20000 @10000", "main|work 20000 @30000"}));
}

void TestCpuProfile::putsCollectorOnTop()
{
    const ReadOutcome outcome = read(profile("[4,3,4,4,5,1]", "[0,1,1,1,1,1]", R"("endTime":6)"));
    QCOMPARE(stacksOf(outcome),
        (Stacks{"(garbage collector) 1000 @0", "main|work 1000 @1000",
            "main|work|(garbage collector) 1000 @2000", "main|work|(garbage collector) 1000 @3000",
            "(idle) 1000 @4000", "(root) 1000 @5000"}));
}

void TestCpuProfile::readsParentsAndChildren()
{
    const ReadOutcome outcome = read(
        R"({"nodes":[{"id":3,"parent":2,"callFrame":{"functionName":"c"}},{"id":2,"parent":1,"callFrame":{"functionName":"b"}},)"
        R"({"id":1,"callFrame":{"functionName":"a","lineNumber":-1}}],"startTime":0,"endTime":2,"samples":[3],"timeDeltas":[1]})");
    QCOMPARE(stacksOf(outcome), Stacks{"a|b|c 1000 @1000"});
}

void TestCpuProfile::sortsNegativeDeltas()
{
    const ReadOutcome outcome = read(profile("[2,3,2]", "[10,20,-5]", R"("endTime":40)"));
    QCOMPARE(stacksOf(outcome), (Stacks{"main 15000 @10000", "main 5000 @25000", "main|work 10000 @30000"}));
    QCOMPARE(outcome.issues(), Stacks{"time-goes-back 1"});
}

void TestCpuProfile::survivesCircles()
{
    const ReadOutcome outcome = read(
        R"({"nodes":[{"id":1,"callFrame":{"functionName":"a"},"children":[2]},{"id":2,"callFrame":{"functionName":"b"},"children":[1]},)"
        R"({"id":3,"callFrame":{"functionName":"c"},"children":[3]}],"startTime":0,"endTime":3,"samples":[1,2,3],"timeDeltas":[0,1,1]})");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.weight(), 3000.0);
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{3});
}

void TestCpuProfile::namesWhatIsMissing()
{
    const ReadOutcome outcome = read(profile("[2,77,\"x\"]", "[1,1,1]", R"("endTime":4)"));
    QCOMPARE(outcome.sink.weight(), 3000.0);
    QCOMPARE(stacksOf(outcome).at(1), "(unknown node) 1000 @2000"s);
    QCOMPARE(outcome.issues(), (Stacks{"malformed-sample 1", "unknown-node 2"}));
    QVERIFY(read(profile("[2,3]", "[1]", R"("endTime":4)")).hasIssue("lengths-differ"));
}

void TestCpuProfile::countsHits()
{
    const ReadOutcome outcome = read(
        R"({"nodes":[{"id":1,"callFrame":{"functionName":"a"},"hitCount":2,"children":[2]},{"id":2,"callFrame":{"functionName":"b"},"hitCount":5}],"startTime":0})");
    QCOMPARE(stacksOf(outcome), (Stacks{"a|b 5", "a 2"}));
    QCOMPARE(countOf(outcome), std::int64_t{7});
    QVERIFY(outcome.sink.linesOf("profile").at(0).find("unit=\"samples\"") != std::string::npos);
    QVERIFY(outcome.hasIssue("hits-only"));
}

void TestCpuProfile::readsTheOldForm()
{
    const std::string nodes
        = R"j({"functionName":"(root)","id":1,"children":[{"functionName":"","url":"x.js","lineNumber":2,"id":2,)j"
          R"j("children":[{"functionName":"w","id":3,"children":[]}]},{"functionName":"(program)","id":4}]})j";
    const ReadOutcome outcome = read(R"({"head":)" + nodes
        + R"(,"startTime":5.5,"samples":[2,3,4],"timestamps":[5500000,5500010,5500030,5500031]})");
    QCOMPARE(stacksOf(outcome),
        (Stacks{"(anonymous) 10000 @5500000000", "(anonymous)|w 20000 @5500010000",
            "(anonymous)|w|(program) 1000 @5500030000"}));
    QVERIFY(outcome.sink.text().find("file=\"x.js\" line=3") != std::string::npos);
    QVERIFY(outcome.report.issues().empty());
}

void TestCpuProfile::skipsBadNodes()
{
    const std::string text
        = R"({"nodes":[{"callFrame":{"functionName":"a"}},7,{"id":2,"callFrame":{"functionName":"caf)"
          "\xFF"
          R"("}}],"samples":[2],"timeDeltas":[1],"startTime":0,"endTime":99999999999999999999})";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{2});
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{10});
    QCOMPARE(stacksOf(outcome), Stacks{"caf\uFFFD 0 @1000"});
}

void TestCpuProfile::salvagesAndRefuses()
{
    const std::string text = profile("[2,3,2]", "[10,20,30]", R"("endTime":100)");
    const ReadOutcome outcome = read(text.substr(0, text.size() - 3));
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("truncated"));
    QCOMPARE(countOf(outcome), std::int64_t{3});
    for (const std::string &bad : {""s, "{}"s, "[1]"s, R"({"nodes":3})"s, "\0\0"s}) {
        QVERIFY(read(bad).error);
        QVERIFY(!read(bad).error->hint.empty());
    }
}

void TestCpuProfile::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(cpuProfileImporter().sniff(text, "x")); };
    QCOMPARE(sniff(R"({"nodes":[{"id":1,"callFrame":{"functionName")"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"samples":[],"timeDeltas":[],"startTime":1,"nodes":[)"), int(Confidence::Strong));
    // A heap profile and a graph of nodes are something else.
    QCOMPARE(sniff(R"j({"head":{"callFrame":{"functionName":"(root)"},"selfSize":0)j"), int(Confidence::No));
    QCOMPARE(sniff(R"({"nodes":[{"id":1,"label":"x"}],"edges":[]})"), int(Confidence::No));
}

void TestCpuProfile::agreesWithTheCorpus_data() { addCorpusRows("cpuprofile"); }

void TestCpuProfile::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, cpuProfileImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(double(countOf(outcome)), factOf(facts, "samples"));
    QVERIFY(outcome.report.issues().empty());
    if (factOf(facts, "start") < 0) { // the old form: its 30 time stamps
        QCOMPARE(outcome.sink.weight(), (163140645206.0 - 163140599286.0) * 1000);
        return;
    }
    // The time before the first sample is nobody's.
    const double first = std::stod(fieldOf(outcome.sink.linesOf("sample").at(0), "ts"));
    QCOMPARE(outcome.sink.weight() + first - factOf(facts, "start") * 1000,
        (factOf(facts, "end") - factOf(facts, "start")) * 1000);
    const double last = std::stod(fieldOf(outcome.sink.linesOf("sample").back(), "ts"));
    QCOMPARE(last, (factOf(facts, "start") + factOf(facts, "sum_timeDeltas_us")) * 1000);
}

QTEST_GUILESS_MAIN(TestCpuProfile)
#include "tst_cpuprofile.moc"
