// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stackprof/stackprof.h"
#include "profilestacks.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(stackprofImporter(), text, 4096); }

std::string dump(const std::string &mode, const std::string &more)
{
    return R"({"version":1.2,"mode":")" + mode + R"(","interval":1000,"samples":4,"gc_samples":0,"frames":{)"
        + R"("1":{"name":"a","file":"a.rb","line":1,"samples":0},"2":{"name":"b","file":"a.rb","line":null,"samples":3},)"
        + R"("3":{"name":"c","file":"","samples":1}},)" + more + '}';
}

} // namespace

class TestStackprof : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void weighsWallTimeByDeltas();
    void placesSamplesByTimestamps();
    void weighsCpuAndObjects();
    void readsFlatDumps();
    void tellsWhatIsWrong();
    void cutsDeepStacks();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestStackprof::weighsWallTimeByDeltas()
{
    const ReadOutcome outcome
        = read(dump("wall", R"("raw":[2,1,2,2,1,3,1],"raw_timestamp_deltas":[10,20,5])"));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"a|b 30000 @0", "c 5000 @30000"}));
    QCOMPARE(countOf(outcome), std::int64_t{3});
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"stackprof\" kind=wall sample_type=\"wall\" unit=\"ns\" period=1000000"s);
    QVERIFY(outcome.report.issues().empty());
}

void TestStackprof::placesSamplesByTimestamps()
{
    const ReadOutcome outcome = read(dump("wall",
        R"("raw":[1,1,1,1,2,2],"raw_sample_timestamps":[110,120,130],"raw_timestamp_deltas":[10,10,10])"));
    QCOMPARE(stacksOf(outcome), (Stacks{"a 10000 @100000", "b 20000 @110000"}));
    QCOMPARE(outcome.sink.linesOf("source").at(0), "source kind=profile clock=monotonic"s);
}

void TestStackprof::weighsCpuAndObjects()
{
    const std::string raw = R"("raw":[2,1,2,2,1,3,1],"raw_timestamp_deltas":[10,20,5])";
    // The deltas are wall time: a CPU sample weighs the interval.
    QCOMPARE(read(dump("cpu", raw)).sink.weight(), 3e6);
    const ReadOutcome objects = read(dump("object", raw));
    QCOMPARE(objects.sink.weight(), 3.0);
    QVERIFY(objects.sink.linesOf("profile").at(0).find("kind=alloc sample_type=\"object\" unit=\"samples\"")
        != std::string::npos);
    QCOMPARE(read(dump("wall", R"("raw":[1,1,4])")).sink.weight(), 4e6);
}

void TestStackprof::readsFlatDumps()
{
    const ReadOutcome outcome = read(dump("cpu", R"("x":1)"));
    QCOMPARE(stacksOf(outcome), (Stacks{"b 3000000", "c 1000000"}));
    QVERIFY(outcome.hasIssue("no-stacks"));
}

void TestStackprof::tellsWhatIsWrong()
{
    QVERIFY(read(dump("wall", R"("raw":[2,1,2,2,5,1],"raw_timestamp_deltas":[10])")).hasIssue("cut-run"));
    const ReadOutcome differ = read(dump("wall", R"("raw":[1,1,3],"raw_timestamp_deltas":[10])"));
    QVERIFY(differ.hasIssue("lengths-differ"));
    QCOMPARE(differ.sink.weight(), 10000.0 + 2 * 1e6);
    QCOMPARE(stacksOf(read(dump("object", R"("raw":[1,18446744073709551615,2])"))),
        Stacks{"(unknown frame 18446744073709551615) 2"});
    const ReadOutcome junk = read(dump("object", R"("raw":[1,1,2,"x",[3]],"missed_samples":5)"));
    QCOMPARE(stacksOf(junk), Stacks{"a 2"});
    QCOMPARE(junk.issues(), (Stacks{"malformed-raw 1", "missed-samples 5"}));
    const ReadOutcome huge = read(dump("object", R"("raw":[99999999999,1,2])"));
    QVERIFY(!huge.error && huge.hasIssue("cut-run"));
    const std::string frames
        = R"({"mode":"cpu","interval":1,"frames":{"x":{"name":"a"},"7":3,"8":{"name":"n","samples":2}}})";
    const ReadOutcome bad = read(frames);
    QCOMPARE(bad.report.rowsSkipped(), std::int64_t{2});
    QCOMPARE(bad.report.rejects().at(0).offset, std::uint64_t{frames.find("\"x\"")});
    for (const std::string &text : {""s, "{}"s, "[]"s, R"({"mode":"cpu"})"s})
        QVERIFY(read(text).error && !read(text).error->hint.empty());
}

void TestStackprof::cutsDeepStacks()
{
    std::string raw = "\"raw\":[60000";
    for (int i = 0; i < 60'000; ++i)
        raw += ",1";
    const ReadOutcome outcome = read(dump("object", raw + ",7]"));
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{10'000});
    QCOMPARE(outcome.sink.weight(), 7.0);
}

void TestStackprof::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(stackprofImporter().sniff(text, "x")); };
    QCOMPARE(sniff(R"({"version":1.2,"mode":"wall","interval":1000,"samples":4,"gc_samples")"),
        int(Confidence::No));
    QCOMPARE(sniff(R"({"version":1.2,"mode":"wall","interval":1000,"samples":4,"gc_samples":1)"),
        int(Confidence::Strong));
    QCOMPARE(sniff(R"({"mode":"wall","interval":3})"), int(Confidence::No));
}

void TestStackprof::agreesWithTheCorpus_data() { addCorpusRows("stackprof"); }

void TestStackprof::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, stackprofImporter());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    const QJsonObject dump = QJsonDocument::fromJson(QByteArray::fromStdString(fileBytes(path))).object();
    const double samples = dump[QStringLiteral("samples")].toDouble();
    QCOMPARE(double(countOf(outcome)), samples);
    double expected = samples;
    if (dump[QStringLiteral("mode")] == QLatin1String("cpu"))
        expected *= dump[QStringLiteral("interval")].toDouble() * 1000;
    if (dump[QStringLiteral("mode")] == QLatin1String("wall")) {
        expected = 0;
        for (const QJsonValue &delta : dump[QStringLiteral("raw_timestamp_deltas")].toArray())
            expected += delta.toDouble() * 1000;
    }
    QCOMPARE(outcome.sink.weight(), expected);
    for (const ImportReport::Issue &issue : outcome.report.issues())
        QCOMPARE(issue.kind, "missed-samples"s);
}

QTEST_GUILESS_MAIN(TestStackprof)
#include "tst_stackprof.moc"
