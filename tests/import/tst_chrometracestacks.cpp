// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Stacks of a Chrome trace: samples, stackFrames, thread states and the profiles of V8.
#include "import/chrometrace/chrometrace.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(chromeTraceImporter(), text); }

/// Lines that begin with the word, one a row.
QStringList lines(const ReadOutcome &outcome, std::string_view word)
{
    QStringList result;
    for (const std::string &line : outcome.sink.linesOf(word))
        result << QString::fromStdString(line);
    return result;
}

} // namespace

class TestChromeTraceStacks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void stacksAreTold();
    void threadStates();
    void samples();
    void v8Profile();
};

void TestChromeTraceStacks::stacksAreTold()
{
    for (const char *member : {"\"sf\":3", "\"stack\":[\"a\",\"b\"]"}) {
        for (const char *phase : {"X", "B", "i"}) {
            const std::string text = R"([{"ph":")" + std::string(phase)
                + R"(","name":"a","pid":1,"tid":2,"ts":1,"dur":1,)" + member + "}]";
            QVERIFY2(read(text).hasIssue("stack-not-resolved"), text.c_str());
        }
    }
    QVERIFY(!read(R"([{"ph":"X","name":"a","pid":1,"tid":2,"ts":1,"dur":1,"args":{"stack":1}}])")
                 .hasIssue("stack-not-resolved"));
}

void TestChromeTraceStacks::threadStates()
{
    const ReadOutcome outcome = read(R"([
{"ph":"T","cat":"thread_state","name":"Sleeping","pid":1,"tid":2,"ts":5,"dur":2,"args":{"blocked_function":"futex"}},
{"ph":"T","cat":"thread_state","name":"Running","pid":1,"tid":2,"ts":1,"dur":4}])");
    QCOMPARE(lines(outcome, "profile"),
        QStringList(
            QStringLiteral("profile 1 name=\"thread states\" kind=threads sample_type=\"thread state\" "
                           "unit=\"ns\" start=1000 duration=6000")));
    QCOMPARE(lines(outcome, "sample"),
        QStringList({QStringLiteral(
                         "sample profile=1 node=2 ts=5000 thread=\"tid 2\" state=\"Sleeping\" weight=2000"),
            QStringLiteral(
                "sample profile=1 node=3 ts=1000 thread=\"tid 2\" state=\"Running\" weight=4000")}));
}

void TestChromeTraceStacks::samples()
{
    // Samples before their frames, a circle of parents, and a frame that is not there.
    const ReadOutcome outcome = read(R"({"traceEvents":[],"samples":[
{"name":"cycles","pid":1,"tid":"2","ts":"10","sf":3,"weight":"5"},
{"name":"cycles","pid":1,"tid":"2","ts":11,"sf":"4"},
{"name":"other","tid":9,"comm":"worker","ts":12,"sf":99},
{"name":"cycles","ts":"x","sf":1}],
"stackFrames":{"1":{"name":"main"},"2":{"name":"mid","parent":1},"3":{"name":"leaf","category":"lib","parent":"2"},
"4":{"name":"p","parent":5},"5":{"name":"q","parent":4}}})");
    QVERIFY(!outcome.error);
    QCOMPARE(lines(outcome, "sample").size(), 3);
    QVERIFY(lines(outcome, "sample").at(0).contains(QLatin1String("thread=\"2\" weight=5")));
    QVERIFY(lines(outcome, "sample").at(2).contains(QLatin1String("thread=\"worker (tid 9)\"")));
    QCOMPARE(lines(outcome, "profile").size(), 2);
    QCOMPARE(lines(outcome, "call_node").size(), 6);
    QVERIFY(outcome.hasIssue("stack-frame-cycle"));
    QVERIFY(outcome.hasIssue("malformed-sample"));
}

void TestChromeTraceStacks::v8Profile()
{
    // The chunk with the parents comes last, one delta is negative.
    const ReadOutcome outcome = read(R"json([
{"ph":"P","name":"ProfileChunk","id":"0x1","pid":1,"tid":9,"ts":50,"args":{"data":{"cpuProfile":{"nodes":[{"id":3,"parent":2,"callFrame":{"functionName":"leaf","url":"a.js","lineNumber":9}},{"id":4,"parent":1,"callFrame":{"functionName":"(garbage collector)"}}],"samples":[3,4]},"timeDeltas":[10,10]}}},
{"ph":"P","name":"Profile","id":"0x1","pid":1,"tid":2,"ts":10,"args":{"data":{"startTime":100}}},
{"ph":"P","name":"ProfileChunk","id":"0x1","pid":1,"tid":9,"ts":60,"args":{"data":{"endTime":150,"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"}},{"id":2,"parent":1,"callFrame":{"functionName":""}}],"samples":[2]},"timeDeltas":[-5],"lines":[12]}}},
{"ph":"P","name":"Profile","id":"0x2","pid":1,"tid":2,"ts":10,"args":{}}])json");
    QVERIFY(!outcome.error);
    QCOMPARE(lines(outcome, "profile"),
        QStringList(QStringLiteral("profile 1 name=\"CPU profile of tid 2\" kind=on_cpu sample_type=\"cpu\" "
                                   "unit=\"ns\" start=100000 duration=50000")));
    // (root) is no frame; leaf 110, (anonymous) 115, the collector on top of it 120 to the end at 150.
    QCOMPARE(lines(outcome, "sample"),
        QStringList({QStringLiteral("sample profile=1 node=2 ts=110000 thread=\"tid 2\" weight=5000"),
            QStringLiteral("sample profile=1 node=1 ts=115000 thread=\"tid 2\" weight=5000"),
            QStringLiteral("sample profile=1 node=3 ts=120000 thread=\"tid 2\" weight=30000")}));
    QCOMPARE(lines(outcome, "call_node"),
        QStringList({QStringLiteral("call_node 1 profile=1 frame=4"),
            QStringLiteral("call_node 2 profile=1 parent=1 frame=1"),
            QStringLiteral("call_node 3 profile=1 parent=1 frame=2")}));
    QVERIFY(outcome.hasIssue("profile-without-data"));
    QVERIFY(outcome.hasIssue("profile-lines"));
}

QTEST_GUILESS_MAIN(TestChromeTraceStacks)
#include "tst_chrometracestacks.moc"
