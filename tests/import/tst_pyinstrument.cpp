// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pyinstrument/pyinstrument.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(pyinstrumentImporter(), text, 4096); }

std::string session(const std::string &tree)
{
    return R"({"session":{"start_time":100.5,"duration":3,"sample_count":4,"target_description":"x"},"frame_tree":)"
        + tree + '}';
}

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

class TestPyinstrument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsASession();
    void readsAReport();
    void tellsChildrenThatExceed();
    void survivesHostileInput();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestPyinstrument::readsASession()
{
    const ReadOutcome outcome = read(session(
        R"({"identifier":"main\u0000/x.py\u00003","time":3,"children":[{"identifier":"[self]","time":1,"children":[]},)"
        R"({"time":1.5,"children":[],"identifier":"MainThread\u0000<thread>\u00008219610944"}]})"));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"main 500000000", "main 1000000000", "main|MainThread 1500000000"}));
    QCOMPARE(outcome.sink.linesOf("frame"),
        (Stacks{"frame 1 function=\"MainThread\" module=\"<thread>\"",
            "frame 2 function=\"main\" file=\"/x.py\" line=3"}));
    QCOMPARE(outcome.sink.linesOf("source").at(0), "source kind=profile clock=utc timezone=\"UTC\""s);
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"x\" kind=wall sample_type=\"wall\" unit=\"ns\" start=100500000000 duration=3000000000"s);
}

void TestPyinstrument::readsAReport()
{
    const ReadOutcome outcome = read(
        R"({"duration":2,"sample_count":2,"root_frame":{"function":"f","file_path":"/a.py","file_path_short":"a.py","line_no":7,"time":2,)"
        R"("children":[{"function":"g","time":0.5,"children":null}]}})");
    QCOMPARE(stacksOf(outcome), (Stacks{"f 1500000000", "f|g 500000000"}));
    QCOMPARE(outcome.sink.linesOf("source").at(0), "source kind=profile clock=none"s);
}

void TestPyinstrument::tellsChildrenThatExceed()
{
    // Within the rounding of the file nothing is told.
    const auto text = [](const std::string &child) {
        return session(R"({"identifier":"a","time":0.000003,"children":[{"identifier":"b","time":)" + child
            + R"(,"children":[]}]})");
    };
    const ReadOutcome rounded = read(text("0.000004"));
    QVERIFY(rounded.report.issues().empty());
    QCOMPARE(stacksOf(rounded), Stacks{"a|b 4000"});
    QCOMPARE(read(text("0.5")).issues(), Stacks{"children-exceed-parent 1"});
}

void TestPyinstrument::survivesHostileInput()
{
    const ReadOutcome deep = read(session(chain(50'000, R"("identifier":"f\u0000x\u00001","time":1)")));
    QVERIFY(!deep.error);
    QVERIFY(deep.hasIssue("stack-too-deep"));
    QCOMPARE(deep.sink.weight(), 1e9);
    QCOMPARE(read(session(R"({"identifier":"a","time":1e300})")).sink.weight(), 0.0);
    QCOMPARE(stacksOf(read(session("{\"identifier\":\"a\xFF\",\"time\":1}"))), Stacks{"a\uFFFD 1000000000"});
    const std::string whole = session(R"({"identifier":"a","time":1,"children":[]})");
    QVERIFY(read(whole.substr(0, whole.size() - 3)).hasIssue("truncated"));
    for (const std::string &bad : {""s, "{}"s, R"({"session":{}})"s, R"({"frame_tree":[]})"s})
        QVERIFY(read(bad).error && !read(bad).error->hint.empty());
}

void TestPyinstrument::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(pyinstrumentImporter().sniff(text, "x")); };
    QCOMPARE(sniff(R"({"session": {"start_time": 1, "sample_count": 3, "target_description": "x")"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"({"sample_count": 3, "root_frame": {"function": "x")"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"session": {"id": 3}, "user": 4})"), int(Confidence::No));
}

void TestPyinstrument::agreesWithTheCorpus_data() { addCorpusRows("pyinstrument"); }

void TestPyinstrument::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, pyinstrumentImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QVERIFY(outcome.report.issues().empty());
    // Counted in the bytes: one time for each frame; the root's is the first.
    const std::string bytes = fileBytes(path);
    std::int64_t frames = 0;
    for (std::size_t at = bytes.find("\"identifier\""); at != std::string::npos;
         at = bytes.find("\"identifier\"", at + 1))
        ++frames;
    QCOMPARE(outcome.report.rowsRead(), frames);
    // Children that are rounded up add a microsecond here and there.
    QVERIFY(outcome.sink.weight() >= 0.125509e9 && outcome.sink.weight() < 0.125529e9);
}

QTEST_GUILESS_MAIN(TestPyinstrument)
#include "tst_pyinstrument.moc"
