// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/speedscope/speedscope.h"
#include "import/speedscope/speedscopeprofile.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(speedscopeImporter(), text); }

const std::string kShared = R"("shared":{"frames":[{"name":"f0"},{"name":"f1"},{"name":"f2"}]}})";

std::string sampled(const std::string &unit, const std::string &samples, const std::string &weights,
    int start)
{
    return R"({"profiles":[{"type":"sampled","unit":)" + unit + R"(,"startValue":)" + std::to_string(start)
        + R"(,"samples":)" + samples + R"(,"weights":)" + weights + "}]," + kShared;
}

std::string evented(const std::string &events)
{
    return R"({"profiles":[{"type":"evented","unit":"nanoseconds","startValue":0,"endValue":10,"events":[)"
        + events + "]}]," + kShared;
}

/// One evented profile that may keep so many samples.
ReadOutcome readBounded(const std::string &events, std::size_t samples)
{
    MemorySource source(R"({"unit":"none","events":[)" + events + "]}", "sample", 100);
    JsonPull pull(source);
    pull.next();
    ReadOutcome outcome;
    speedscope::Waiting waiting;
    waiting.maxSamples = samples;
    speedscope::Profile profile(waiting);
    profile.read(pull, outcome.report);
    std::vector<FrameRef> frames;
    for (const char *name : {"f0", "f1"}) {
        FrameRow row;
        row.function = name;
        frames.push_back(outcome.sink.frame(row));
    }
    profile.emit(frames, "bounded", outcome.sink, outcome.report);
    return outcome;
}

} // namespace

class TestSpeedscope : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsSampled();
    void readsEventedInAnyOrderOfKeys();
    void keepsUnitsApart();
    void skipsBadEvents();
    void closesWhatIsOpen();
    void tellsLengths();
    void namesWhatIsMissing();
    void keepsFramesApart();
    void cutsDeepStacks();
    void sumsPastTheBound();
    void leavesOutWhatCannotBeSummed();
    void survivesHugeNumbers();
    void salvagesTruncated();
    void refuses();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestSpeedscope::readsSampled()
{
    const ReadOutcome outcome = read(sampled(R"("seconds")", "[[0,1],[0],[]]", "[1,0.5,2]", 3));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"f0|f1 1000000000 @3000000000", "f0 500000000 @4000000000"}));
    QCOMPARE(outcome.sink.lines.at(0), "source kind=profile clock=relative"s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{3});
    QVERIFY(outcome.report.issues().empty());
}

void TestSpeedscope::readsEventedInAnyOrderOfKeys()
{
    // Frames first, unit last.
    const ReadOutcome outcome = read(
        R"({"shared":{"frames":[{"name":"a"},{"name":"b"}]},"profiles":[{"events":[{"at":1,"frame":0,"type":"O"},)"
        R"({"type":"O","at":3,"frame":1},{"type":"C","at":4,"frame":1},{"type":"C","at":4,"frame":0}],)"
        R"("endValue":4,"startValue":0,"type":"evented","name":"t1","unit":"microseconds"}]})");
    QCOMPARE(stacksOf(outcome), (Stacks{"a 2000 @1000", "a|b 1000 @3000"}));
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"t1\" kind=on_cpu sample_type=\"time\" unit=\"ns\" start=0 duration=4000"s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{4});
}

void TestSpeedscope::keepsUnitsApart()
{
    const auto profile = [](const char *unit) {
        return read(sampled(unit, "[[0]]", "[2]", 0)).sink.linesOf("profile").at(0);
    };
    const auto weight = [](const char *unit) { return read(sampled(unit, "[[0]]", "[2]", 0)).sink.weight(); };
    QCOMPARE(weight(R"("nanoseconds")"), 2.0);
    QCOMPARE(weight(R"("milliseconds")"), 2e6);
    QCOMPARE(weight(R"("bytes")"), 2.0);
    QVERIFY(
        profile(R"("bytes")").find("kind=alloc sample_type=\"bytes\" unit=\"bytes\"") != std::string::npos);
    QVERIFY(profile(R"("none")").find("unit=") == std::string::npos);
    QVERIFY(profile(R"("furlongs")").find("unit=\"furlongs\"") != std::string::npos);
    QVERIFY(read(sampled(R"("furlongs")", "[[0]]", "[2]", 0)).hasIssue("unknown-unit"));
    // Only times have times.
    QCOMPARE(stacksOf(read(sampled(R"("bytes")", "[[0]]", "[2]", 5))), Stacks{"f0 2"});
}

void TestSpeedscope::skipsBadEvents()
{
    const std::string text = evented(
        R"({"type":"O","frame":0,"at":0},{"type":"O","frame":1,"at":2},{"type":"C","frame":1,"at":1},)"
        R"({"type":"X","frame":1,"at":3},{"type":"C","frame":5,"at":3},{"type":"C","frame":1},7,)"
        R"({"type":"C","frame":1,"at":5},{"type":"C","frame":0,"at":6})");
    const ReadOutcome outcome = read(text);
    QCOMPARE(stacksOf(outcome), (Stacks{"f0 2 @0", "f0|f1 3 @2", "f0 1 @5"}));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{5});
    QCOMPARE(outcome.issues(), (Stacks{"malformed-event 3", "out-of-order-event 1", "unmatched-close 1"}));
    const ImportReport::Reject &reject = outcome.report.rejects().at(0);
    QCOMPARE(reject.bytes, R"({"type":"C","frame":1,"at":1})"s);
    QCOMPARE(reject.offset, std::uint64_t{text.find(R"({"type":"C","frame":1,"at":1})")});
    QCOMPARE(reject.length, std::uint64_t{reject.bytes.size()});
}

void TestSpeedscope::closesWhatIsOpen()
{
    // Closed below others: they end with it. Open at the end: they end with the profile.
    const ReadOutcome outcome = read(evented(
        R"({"type":"O","frame":0,"at":0},{"type":"O","frame":1,"at":1},{"type":"O","frame":2,"at":2},)"
        R"({"type":"C","frame":1,"at":4})"));
    QCOMPARE(stacksOf(outcome), (Stacks{"f0 1 @0", "f0|f1 1 @1", "f0|f1|f2 2 @2", "f0 6 @4"}));
    QCOMPARE(outcome.issues(), (Stacks{"unbalanced-close 1", "unclosed-frames 1"}));
}

void TestSpeedscope::tellsLengths()
{
    const ReadOutcome outcome = read(sampled(R"("none")", "[[0],[1],[2]]", "[1,2]", 0));
    QVERIFY(outcome.hasIssue("lengths-differ"));
    QCOMPARE(stacksOf(outcome), (Stacks{"f0 1", "f1 2", "f2 0"}));
    // A sample that is not taken keeps its place.
    const ReadOutcome bad = read(sampled(R"("none")", "[[0],[-1],7,[2]]", "[1,2,3,4]", 0));
    QCOMPARE(stacksOf(bad), (Stacks{"f0 1", "f2 4"}));
    QCOMPARE(bad.issues(), Stacks{"malformed-sample 2"});
}

void TestSpeedscope::namesWhatIsMissing()
{
    const ReadOutcome outcome = read(sampled(R"("none")", "[[0,9]]", "[3]", 0));
    QCOMPARE(stacksOf(outcome), Stacks{"f0|(unknown frame 9) 3"});
    QVERIFY(outcome.hasIssue("unknown-frame"));
    const ReadOutcome unnamed = read(
        R"({"profiles":[{"type":"sampled","unit":"none","samples":[[0,1]],"weights":[1]}],"shared":{"frames":[{},7]}})");
    QCOMPARE(stacksOf(unnamed), Stacks{"(unnamed)|(malformed frame) 1"});
}

void TestSpeedscope::keepsFramesApart()
{
    const ReadOutcome outcome = read(
        R"({"shared":{"frames":[{"name":"a","file":"x","line":1},{"name":"a","file":"x","line":1},{"name":"a","file":"y"}]},)"
        R"("profiles":[{"type":"sampled","unit":"none","samples":[[0],[1],[2]],"weights":[1,1,1]},)"
        R"({"type":"sampled","unit":"none","name":"second","samples":[[2]],"weights":[5]}]})");
    QCOMPARE(outcome.sink.count("frame"), std::size_t{2});
    QCOMPARE(outcome.sink.count("profile"), std::size_t{2});
    QCOMPARE(outcome.sink.weight(ProfileRef(1)), 3.0);
    QCOMPARE(outcome.sink.weight(ProfileRef(2)), 5.0);
}

void TestSpeedscope::cutsDeepStacks()
{
    std::string stack = "0";
    for (int i = 0; i < 50'000; ++i)
        stack += ",1";
    const ReadOutcome outcome = read(sampled(R"("none")", "[[" + stack + "]]", "[3]", 0));
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{10'000});
    QCOMPARE(outcome.sink.weight(), 3.0);
}

void TestSpeedscope::sumsPastTheBound()
{
    std::string events = R"({"type":"O","frame":0,"at":0})";
    for (int i = 1; i < 40; i += 2)
        events += R"(,{"type":"O","frame":1,"at":)" + std::to_string(i) + R"(},{"type":"C","frame":1,"at":)"
            + std::to_string(i + 1) + '}';
    const ReadOutcome outcome = readBounded(events, 5);
    QVERIFY(outcome.hasIssue("times-summed"));
    QVERIFY(!outcome.hasIssue("too-many-samples"));
    QCOMPARE(outcome.sink.weight(), 40.0);
    QCOMPARE(countOf(outcome), std::int64_t{40});
    QVERIFY(outcome.sink.count("sample") <= 5);
    // What was summed has no time, what came after it has.
    QVERIFY(stacksOf(outcome).front().starts_with("f0 1"));
    QVERIFY(stacksOf(outcome).front().find('@') == std::string::npos);
}

void TestSpeedscope::leavesOutWhatCannotBeSummed()
{
    std::string events;
    for (int i = 0; i < 10; ++i)
        events += (i ? "," : "") + R"({"type":"O","frame":)"s + std::to_string(i) + R"(,"at":)"
            + std::to_string(i) + '}';
    const ReadOutcome outcome = readBounded(events, 4);
    QVERIFY(outcome.hasIssue("too-many-samples"));
    QCOMPARE(outcome.sink.count("sample"), std::size_t{4});
    QCOMPARE(outcome.sink.weight(), 4.0);
}

void TestSpeedscope::survivesHugeNumbers()
{
    const ReadOutcome outcome
        = read(sampled(R"("seconds")", "[[0],[99999999999999999999]]", "[1e300,1e999]", 0));
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.issues(), (Stacks{"bad-weight 2", "malformed-sample 1"}));
    QCOMPARE(outcome.sink.weight(), 0.0);
}

void TestSpeedscope::salvagesTruncated()
{
    const std::string text = sampled(R"("none")", "[[0],[1]]", "[1,2]", 0);
    const ReadOutcome outcome = read(text.substr(0, text.size() - 4));
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("truncated"));
    QCOMPARE(outcome.sink.weight(), 3.0);
    const ReadOutcome twice = read(text + text);
    QVERIFY(twice.hasIssue("trailing-data"));
    QCOMPARE(twice.sink.weight(), 3.0);
}

void TestSpeedscope::refuses()
{
    for (const std::string &text : {""s, "[]"s, "{}"s, R"({"profiles":7})"s,
             "\x7F"
             "ELF"s,
             R"({"shared":)"s}) {
        const ReadOutcome outcome = read(text);
        QVERIFY2(outcome.error, text.c_str());
        QVERIFY(!outcome.error->hint.empty());
    }
}

void TestSpeedscope::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(speedscopeImporter().sniff(text, "x.json")); };
    QCOMPARE(sniff(R"({"exporter":"x","$schema":"https:\/\/www.speedscope.app\/file-format-schema.json")"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"({"profiles":[{"type":"evented","unit":"none","startValue":0)"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"({"$schema":"urn:package","profiles":[]})"), int(Confidence::No));
    QCOMPARE(sniff(R"({"profiles":[]})"), int(Confidence::No));
    QCOMPARE(sniff("[]"), int(Confidence::No));
}

void TestSpeedscope::agreesWithTheCorpus_data() { addCorpusRows("speedscope"); }

void TestSpeedscope::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, speedscopeImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(double(outcome.sink.count("profile")), factOf(facts, "profiles"));
    QCOMPARE(double(outcome.sink.count("frame")), factOf(facts, "frames"));
    for (int profile = 1; profile <= int(outcome.sink.count("profile")); ++profile) {
        QCOMPARE(stacksOf(outcome, profile).size(), std::size_t{5});
        QCOMPARE(outcome.sink.weight(ProfileRef(profile)), 14e9);
    }
    QVERIFY(outcome.report.issues().empty());
}

QTEST_GUILESS_MAIN(TestSpeedscope)
#include "tst_speedscope.moc"
