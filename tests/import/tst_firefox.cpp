// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefox.h"
#include "import/firefox/firefoxtable.h"
#include "profilestacks.h"

#include <QFileInfo>
#include <QtTest>

#include <set>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(firefoxImporter(), text, 1); }

const std::string kMeta = R"("meta":{"interval":1,"processType":0,"startTime":1000,"product":"F"})";
/// a, a|b, a|b|c.
const std::string kTables
    = R"("stackTable":{"schema":{"prefix":0,"frame":1},"data":[[null,0],[0,1],[1,2]]},)"
      R"("frameTable":{"schema":{"location":0},"data":[[0],[1],[2]]},"stringTable":["a","b","c","M","N"])";

std::string gecko(const std::string &samples, const std::string &more = {})
{
    return "{" + kMeta + R"(,"threads":[{"name":"t","pid":1,"tid":2,)" + kTables
        + R"(,"samples":{"schema":{"stack":0,"time":1},"data":)" + samples + "}" + more + "}]}";
}

std::string markers(const std::string &rows)
{
    return gecko("[]",
        R"(,"markers":{"schema":{"name":0,"startTime":1,"endTime":2,"phase":3,"category":4,"data":5},"data":)"
            + rows + "}");
}

} // namespace

class TestFirefox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsSamples();
    void readsSharedTablesBehindTheThreads();
    void sumsTimeDeltas();
    void keepsWeightsApart();
    void namesFrames();
    void pairsMarkers();
    void spillsOverlappingMarkers();
    void readsOldMarkers();
    void keepsStacklessSamples();
    void endsCyclesAndDepth();
    void readsNestedProcesses();
    void keepsNothingPastItsBudget();
    void salvagesTruncated();
    void refuses();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestFirefox::readsSamples()
{
    const ReadOutcome outcome = read(gecko("[[2,1.5],[0,2],[1,3.000001]]"));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"a|b|c 1 @1001500000", "a 1 @1002000000", "a|b 1 @1003000001"}));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"F\" kind=wall sample_type=\"samples\" unit=\"samples\" period=1000000"s);
    QCOMPARE(fieldOf(outcome.sink.linesOf("sample").at(0), "thread"), "t 1/2"s);
    QCOMPARE(outcome.sink.lines.back(), "source kind=profile clock=utc"s);
    QVERIFY(outcome.report.issues().empty());
}

void TestFirefox::readsSharedTablesBehindTheThreads()
{
    const ReadOutcome outcome = read(
        R"({"meta":{"preprocessedProfileVersion":60},"threads":[{"name":"t","samples":{"stack":[1],"time":[1],"length":1}},)"
        R"({"name":"u","samples":{"stack":[1],"time":[2],"length":1}}],"shared":{"stackTable":{"frame":[0,1],"prefixOffset":[0,1]},)"
        R"("frameTable":{"func":[0,1]},"funcTable":{"name":[0,1],"lineNumber":[null,4],"fileName":[null,2]},"stringArray":["a","b","f.js"]}})");
    QCOMPARE(stacksOf(outcome), (Stacks{"a|b 1 @1000000", "a|b 1 @2000000"}));
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{2});
    QVERIFY(outcome.sink.linesOf("frame").at(1).find("file=\"f.js\" line=4") != std::string::npos);
    QVERIFY(outcome.sink.lines.back().find("clock=relative") != std::string::npos);
}

void TestFirefox::sumsTimeDeltas()
{
    const std::string text = "{" + kMeta + R"(,"threads":[{"name":"t",)" + kTables
        + R"(,"samples":{"stack":[0,0,0],"timeDeltas":[5,0.5,2],"weight":[1,2,-1],"weightType":"samples"}}]})";
    QCOMPARE(stacksOf(read(text)), (Stacks{"a 1 @1005000000", "a 2 @1005500000", "a -1 @1007500000"}));
}

void TestFirefox::keepsWeightsApart()
{
    const auto text = [](const std::string &type) {
        return "{" + kMeta + R"(,"threads":[{"name":"t",)" + kTables
            + R"(,"samples":{"stack":[0],"time":[1],"weight":[2.5],"weightType":")" + type + R"("}}]})";
    };
    QCOMPARE(read(text("tracing-ms")).sink.weight(), 2.5e6);
    QVERIFY(read(text("tracing-ms")).sink.linesOf("profile").at(0).find("unit=\"ns\"") != std::string::npos);
    QCOMPARE(read(text("bytes")).sink.weight(), 2.5);
    QVERIFY(read(text("bytes")).sink.linesOf("profile").at(0).find("kind=alloc") != std::string::npos);
    // CPU time is a second profile over the same stacks; nothing is added to the first.
    const ReadOutcome cpu
        = read(R"({"meta":{"interval":1,"processType":0,"sampleUnits":{"threadCPUDelta":"ns"}},"threads":[{)"
            + kTables + R"(,"samples":{"stack":[0,1],"time":[1,2],"threadCPUDelta":[0,700]}}]})");
    QCOMPARE(stacksOf(cpu, 1), (Stacks{"a 1 @1000000", "a|b 1 @2000000"}));
    QCOMPARE(stacksOf(cpu, 2), (Stacks{"a|b 700 @2000000"}));
    QCOMPARE(fieldOf(cpu.sink.linesOf("profile").at(1), "kind"), "on_cpu"s);
    QCOMPARE(fieldOf(cpu.sink.linesOf("profile").at(1), "unit"), "ns"s);
}

void TestFirefox::namesFrames()
{
    const auto frame = [](const std::string &location) {
        return read(R"({"meta":{"interval":1,"processType":0},"libs":[{"name":"xul","start":256,"end":512}],)"
                    R"("threads":[{"stackTable":{"schema":{"prefix":0,"frame":1},"data":[[null,0]]},)"
                    R"("frameTable":{"schema":{"location":0},"data":[[0]]},"stringTable":[")"
            + location + R"("],"samples":{"schema":{"stack":0,"time":1},"data":[[0,1]]}}]})")
            .sink.linesOf("frame")
            .at(0);
    };
    QCOMPARE(frame("0x110"), "frame 1 function=\"xul+0x10\" module=\"xul\""s);
    QCOMPARE(frame("0x999"), "frame 1 function=\"0x999\""s);
    QCOMPARE(frame("f (https://x/a.js:12:3)"), "frame 1 function=\"f\" file=\"https://x/a.js\" line=12"s);
    QCOMPARE(frame("f (r://l.js -> r://m.js:7)"), "frame 1 function=\"f\" file=\"r://m.js\" line=7"s);
    QCOMPARE(frame("ns::f(int) const"), "frame 1 function=\"ns::f(int) const\""s);
}

void TestFirefox::pairsMarkers()
{
    const ReadOutcome outcome = read(markers(
        R"([[3,10,20,1,0,{"n":1,"t":"x","deep":{"a":[1]}}],[4,12,null,2,0],[4,null,14,3,0],[4,15,null,0,0],[4,30,null,2,0],[3,null,40,3,0]])"));
    const auto spans = outcome.sink.linesOf("span");
    QCOMPARE(spans.size(), std::size_t{3});
    QVERIFY(spans.at(0).find(R"(operation="M" start=1010000000 duration=10000000)") != std::string::npos);
    QVERIFY(spans.at(0).find(R"({"n":integer 1,"t":text "x","deep":json {"a":[1]}})") != std::string::npos);
    QVERIFY(spans.at(1).find(R"(operation="N" start=1012000000 duration=2000000)") != std::string::npos);
    QVERIFY(spans.at(2).find(R"(start=1030000000)") != std::string::npos);
    QVERIFY(spans.at(2).find("duration=") == std::string::npos);
    QCOMPARE(outcome.sink.count("span_event"), std::size_t{2});
    QCOMPARE(outcome.issues(), Stacks{"unmatched-end 1"});
}

void TestFirefox::spillsOverlappingMarkers()
{
    const ReadOutcome outcome = read(markers("[[3,10,20,1,0],[4,15,25,1,0],[4,20,22,1,0],[3,16,18,1,0]]"));
    std::map<std::string, int> tracks;
    for (const std::string &line : outcome.sink.linesOf("span"))
        ++tracks[fieldOf(line, "track")];
    QCOMPARE(tracks.size(), std::size_t{2});
    QCOMPARE(tracks.begin()->second, 3);
    QCOMPARE(outcome.sink.count("track"), std::size_t{2});
}

void TestFirefox::readsOldMarkers()
{
    const ReadOutcome outcome = read(gecko("[]",
        R"(,"markers":{"schema":{"name":0,"time":1,"data":2},"data":[[3,1,{"interval":"start"}],[3,2,{"interval":"end"}],)"
        R"([4,3,{"startTime":2.5,"endTime":3}],[4,9]]})"));
    const auto spans = outcome.sink.linesOf("span");
    QCOMPARE(spans.size(), std::size_t{2});
    QVERIFY(spans.at(0).find("start=1001000000 duration=1000000") != std::string::npos);
    QVERIFY(spans.at(1).find("start=1002500000 duration=500000") != std::string::npos);
    QCOMPARE(outcome.sink.count("span_event"), std::size_t{1});
}

void TestFirefox::keepsStacklessSamples()
{
    const ReadOutcome outcome = read(gecko("[[null,1],[77,2],[0]]"));
    QCOMPARE(stacksOf(outcome), (Stacks{"(no stack) 1 @1001000000", "(no stack) 1 @1002000000", "a 1"}));
    QCOMPARE(outcome.issues(), Stacks{"no-stack 2"});
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{3});
}

void TestFirefox::endsCyclesAndDepth()
{
    const std::string cycle
        = R"({"meta":{"interval":1,"processType":0},"threads":[{"stackTable":{"schema":{"prefix":0,"frame":1},"data":[[1,0],[0,9]]},)"
          R"("frameTable":{"schema":{"location":0},"data":[[0]]},"stringTable":["a"],"samples":{"schema":{"stack":0,"time":1},"data":[[0,1]]}}]})";
    const ReadOutcome outcome = read(cycle);
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QVERIFY(outcome.hasIssue("unknown-frame"));
    QCOMPARE(outcome.sink.weight(), 1.0);
}

void TestFirefox::readsNestedProcesses()
{
    std::string text = gecko("[[0,1]]");
    const std::string inner = text;
    for (int i = 0; i < 80; ++i) {
        text.pop_back();
        text = inner.substr(0, inner.size() - 1) + R"(,"processes":[)" + text + "}]}";
    }
    const ReadOutcome outcome = readBytes(firefoxImporter(), text);
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("processes-too-deep"));
    QCOMPARE(outcome.sink.count("sample"), std::size_t{64});
}

void TestFirefox::keepsNothingPastItsBudget()
{
    MemorySource keyed(R"({"t":{"stack":[1,2,3,4],"time":[1,2,3,4]}})", "table", 1);
    JsonPull pull(keyed);
    pull.next();
    pull.next();
    firefox::Budget budget;
    budget.cells = 5;
    ImportReport report;
    firefox::Table table;
    table.read(pull, budget, nullptr, report);
    QCOMPARE(table.cells(), std::size_t{5});
    QCOMPARE(table.column("stack")->size(), std::size_t{4});
    QCOMPARE(table.column("time")->size(), std::size_t{1});
    QCOMPARE(report.issues().size(), std::size_t{1});
    QCOMPARE(report.issues().at(0).kind, "too-much-waiting"s);
}

void TestFirefox::salvagesTruncated()
{
    const std::string text = gecko("[[0,1],[1,2]]");
    const ReadOutcome outcome = read(text.substr(0, text.size() - 6));
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("truncated"));
    QVERIFY(outcome.sink.count("sample") >= 1);
}

void TestFirefox::refuses()
{
    for (const std::string &text : {""s, "[]"s, "{}"s, "{" + kMeta + "}", "\x7F"s + "ELF"}) {
        const ReadOutcome outcome = read(text);
        QVERIFY2(outcome.error, text.c_str());
        QVERIFY(!outcome.error->hint.empty());
    }
    const ReadOutcome strings = read("{" + kMeta + R"(,"threads":["{}"]})");
    QCOMPARE(strings.report.rowsSkipped(), std::int64_t{1});
}

void TestFirefox::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(firefoxImporter().sniff(text, "x.json")); };
    QCOMPARE(sniff(R"({"meta":{"interval":1,"processType":2)"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"libs":[],"threads":[{"name":"a","stackTable":{)"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"label":"","duration":5,"markers":[],"frames":[],"memory":[],"ticks":[])"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"({"meta":{"version":1},"threads":[]})"), int(Confidence::No));
    QCOMPARE(sniff(R"({"markers":[]})"), int(Confidence::No));
    QCOMPARE(sniff("[]"), int(Confidence::No));
}

void TestFirefox::agreesWithTheCorpus_data() { addCorpusRows("firefox"); }

void TestFirefox::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, firefoxImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    // What the manifest could not count by itself (files of the developer tools) was counted by hand.
    static const std::map<QString, int> wrapped{{QStringLiteral("speedscope__59__firefox.json"), 10161},
        {QStringLiteral("speedscope__59__simple-firefox.json"), 38},
        {QStringLiteral("speedscope__61__recursion.json"), 15},
        {QStringLiteral("speedscope__63__simple-firefox.json"), 39},
        {QStringLiteral("speedscope__source-maps__firefox-79-webpack.json"), 483}};
    static const std::map<QString, int> wrappedMarkers{{QStringLiteral("speedscope__59__firefox.json"), 2690},
        {QStringLiteral("speedscope__59__simple-firefox.json"), 5},
        {QStringLiteral("speedscope__61__recursion.json"), 7},
        {QStringLiteral("speedscope__63__simple-firefox.json"), 9},
        {QStringLiteral("speedscope__source-maps__firefox-79-webpack.json"), 223}};
    const QString name = QFileInfo(path).fileName();
    const auto own = wrapped.find(name);
    double samples = own != wrapped.end() ? own->second : factOf(facts, "samples");
    double expectedMarkers = own != wrapped.end() ? wrappedMarkers.at(name) : factOf(facts, "markers");
    std::size_t rows = 0;
    std::set<std::string> threads;
    for (const std::string &line : outcome.sink.linesOf("sample")) {
        rows += fieldOf(line, "profile") == "1" ? 1 : 0;
        threads.insert(fieldOf(line, "thread"));
    }
    // The manifest counts the outer profile alone.
    if (name.contains(QStringLiteral("gecko-2"))) {
        samples = 21;
        expectedMarkers = 28;
    }
    QCOMPARE(double(rows), samples);
    QCOMPARE(double(outcome.report.rowsRead()) - samples, expectedMarkers);
    if (name.contains(QStringLiteral("unsymbolicated"))) {
        QCOMPARE(threads.size(), std::size_t{6});
        QVERIFY(outcome.sink.weight(ProfileRef(1)) > samples); // weights of more than 1
    } else if (name.contains(QStringLiteral("ls-linux"))) {
        QCOMPARE(outcome.sink.weight(ProfileRef(1)), 13083.0);
    }
}

QTEST_GUILESS_MAIN(TestFirefox)
#include "tst_firefox.moc"
