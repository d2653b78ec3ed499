// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/expositionline.h"
#include "import/prometheus/prometheus.h"
#include "support/importhelpers.h"

#include <cmath>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using Kind = prometheus::ExpositionLine::Kind;

namespace {

ReadOutcome scrape(const std::string &text) { return readBytes(prometheusTextImporter(), text); }
ReadOutcome query(const std::string &text) { return readBytes(prometheusQueryImporter(), text); }

bool has(const ReadOutcome &outcome, std::string_view word, std::string_view part)
{
    for (const std::string &line : outcome.sink.linesOf(word)) {
        if (line.find(part) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace

class TestPrometheus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parsesLines();
    void refusesLines_data();
    void refusesLines();
    void splitsScrapesWithoutTimes();
    void takesTimesOfHeads();
    void readsBothTimeUnits();
    void tellsTruncation();
    void readsHistograms();
    void readsOpenMetrics();
    void sniffs();
    void readsQueries();
    void readsBucketsInAnyOrder();
    void takesLabelsThatComeLate();
    void refusesErrors();
};

void TestPrometheus::parsesLines()
{
    prometheus::ExpositionParser parser;
    const auto &line
        = parser.parse(R"(a:b_total{x="1", y="q\"\\\n\t",} 1.5e3 1772452800500 # {trace="t"} 1)");
    QCOMPARE(int(line.kind), int(Kind::Sample));
    QCOMPARE(std::string(line.name), std::string("a:b_total"));
    QCOMPARE(line.labels.size(), std::size_t(2));
    QCOMPARE(std::string(line.labels[1].value), std::string("q\"\\\n\\t"));
    QCOMPARE(line.value, 1500.0);
    QCOMPARE(line.tsNs.value(), Nanos(1'772'452'800'500'000'000));
    QVERIFY(line.hasExemplar);
    QCOMPARE(parser.parse("up 1 1772452800.25").tsNs.value(), Nanos(1'772'452'800'250'000'000));
    QVERIFY(std::isnan(parser.parse("x NaN").value));
    QVERIFY(std::isinf(parser.parse("x -Inf").value));
    QCOMPARE(parser.parse("x +3").value, 3.0);
    QCOMPARE(std::string(parser.parse(R"({"a b", c="d"} 1)").name), std::string("a b"));
    QCOMPARE(int(parser.parse("# EOF").kind), int(Kind::End));
    QCOMPARE(int(parser.parse("# TYPE x counter").kind), int(Kind::Type));
    QCOMPARE(int(parser.parse("# hello").kind), int(Kind::Comment));
    QCOMPARE(int(parser.parse("  \r").kind), int(Kind::Blank));
}

void TestPrometheus::refusesLines_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char *line : {"x", "x{", "x{a} 1", "x{a=\"1} 2", "x{a=1} 2", "x one", "x 1 soon", "x 1 2 3",
             "{a=\"b\"} 1", "{\"a\",\"b\"} 1", "=5"})
        QTest::newRow(line) << QByteArray(line);
}

void TestPrometheus::refusesLines()
{
    QFETCH(QByteArray, line);
    prometheus::ExpositionParser parser;
    const auto &parsed = parser.parse(std::string_view(line.constData(), std::size_t(line.size())));
    QCOMPARE(int(parsed.kind), int(Kind::Bad));
    QVERIFY(!parsed.text.empty());
}

void TestPrometheus::splitsScrapesWithoutTimes()
{
    const std::string one = "# TYPE a counter\na 1\n# TYPE b gauge\nb 2\n";
    const ReadOutcome outcome = scrape(one + one + one);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), std::size_t(6));
    QVERIFY(has(outcome, "point", "ts=2000000000"));
    QVERIFY(has(outcome, "source", "clock=none"));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"no-time 3"}));
    // Without declarations a series that comes again begins a scrape.
    const ReadOutcome bare = scrape("a{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"1\"} 2\n");
    QVERIFY(has(bare, "point", "ts=1000000000"));
}

void TestPrometheus::takesTimesOfHeads()
{
    const std::string body = "# TYPE a counter\na 1\n";
    const ReadOutcome curl
        = scrape("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Mon, 02 Mar 2026 12:00:00 GMT\r\n\r\n"
            + body + "HTTP/1.1 200 OK\r\nDate: Mon, 02 Mar 2026 12:00:15 GMT\r\n\r\n" + body);
    QVERIFY(!curl.error);
    QVERIFY(has(curl, "point", "ts=1772452800000000000"));
    // The same value again at a later time is a point.
    QVERIFY(has(curl, "point", "ts=1772452815000000000"));
    QVERIFY(has(curl, "source", "clock=none") == false);
    const ReadOutcome comments = scrape("# 2026-03-02T12:00:00Z\n" + body + "# 1772452815\n" + body);
    QCOMPARE(comments.sink.linesOf("point"), curl.sink.linesOf("point"));
}

void TestPrometheus::readsBothTimeUnits()
{
    const ReadOutcome outcome = scrape("a{x=\"1\"} 1 1772452800000\na{x=\"1\"} 2 1772452801.5\n");
    QVERIFY(has(outcome, "point", "ts=1772452800000000000"));
    QVERIFY(has(outcome, "point", "ts=1772452801500000000"));
    QVERIFY(outcome.issues().empty());
}

void TestPrometheus::tellsTruncation()
{
    // 1234 cut to 12 is a wrong value, not a point.
    const ReadOutcome outcome = scrape("a 1 1772452800\na 12");
    QCOMPARE(outcome.sink.count("point"), std::size_t(1));
    QCOMPARE(outcome.report.rejects().front().kind, std::string("truncated"));
    QVERIFY(scrape("# UNIT a seconds\na 1 1772452800\n").hasIssue("truncated"));
    QVERIFY(!scrape("# UNIT a seconds\na 1 1772452800\n# EOF").hasIssue("truncated"));
    QVERIFY(scrape("hello\n").error);
}

void TestPrometheus::readsHistograms()
{
    const auto text = [](int fast, int all) {
        return "w_bucket{p=\"a\",le=\"0.1\"} " + std::to_string(fast) + "\nw_bucket{p=\"a\",le=\"+Inf\"} "
            + std::to_string(all) + "\nw_sum{p=\"a\"} 3\nw_count{p=\"a\"} " + std::to_string(all) + "\n";
    };
    const ReadOutcome outcome
        = scrape("# 1772452800\n# TYPE w histogram\n" + text(4, 9) + "# 1772452810\n# TYPE w histogram\n"
            + text(10, 20) + "# 1772452820\n# TYPE w histogram\n" + text(2, 2));
    QCOMPARE(outcome.sink.count("histogram_point"), std::size_t(4));
    QVERIFY(has(outcome, "histogram_point", "upper_bound=0.1 count=6"));
    QVERIFY(has(outcome, "histogram_point", "count=5"));
    QVERIFY(has(outcome, "histogram_point", "upper_bound=0.1 count=2"));
    // The buckets and the count fell; the sum did not.
    QVERIFY(outcome.hasIssue("counter-reset"));
    QVERIFY(has(outcome, "series", "labels={\"p\":\"a\"}"));
}

void TestPrometheus::readsOpenMetrics()
{
    const ReadOutcome outcome = scrape("# TYPE a_seconds counter\n# UNIT a_seconds seconds\n"
                                       "a_seconds_total 5 1772452800 # {trace_id=\"x\"} 0.5 1772452799\n"
                                       "a_seconds_created 1772450000 1772452800\n# TYPE s stateset\n"
                                       "s{s=\"on\"} 1 1772452800\n# EOF\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), std::size_t(2));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"created-time 1", "exemplar 1"}));
    QVERIFY(has(outcome, "series", "unit=\"s\""));
}

void TestPrometheus::sniffs()
{
    const Importer &text = prometheusTextImporter();
    QCOMPARE(int(text.sniff("# HELP a b\n# TYPE a gauge\na 1\n", "x")), int(Confidence::Strong));
    QCOMPARE(int(text.sniff("HTTP/1.1 200 OK\nServer: x\n\n# TYPE a gauge\na 1\n", "x")),
        int(Confidence::Strong));
    QCOMPARE(int(text.sniff("a{b=\"c\"} 1\n", "x")), int(Confidence::Likely));
    QCOMPARE(int(text.sniff("main;read 12\nmain;write 3\n", "x")), int(Confidence::No));
    QCOMPARE(int(text.sniff("a 1\nb 2\n", "x")), int(Confidence::No));
    const Importer &json = prometheusQueryImporter();
    QCOMPARE(int(json.sniff(R"({"status":"success","data":{"resultType":"matrix","result":[)", "x")),
        int(Confidence::Strong));
    QCOMPARE(int(json.sniff(R"([{"metric":{"a":"b"},"values":[[1,"2"]]}])", "x")), int(Confidence::Strong));
    QCOMPARE(int(json.sniff(R"({"data":[{"traceID":"1"}]})", "x")), int(Confidence::No));
}

void TestPrometheus::readsQueries()
{
    const ReadOutcome outcome = query(R"({"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"up","job":"x"},"values":[[1772452800,"1"],[1772452815.5,"NaN"],[1772452830,"+Inf"],
        [1772452845,"0"],["x","0"]]},{"metric":{"job":"x"},"values":[[1772452800,"0.5"]]}],"stats":{"a":[1]}},"warnings":["w"]})");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), std::size_t(3));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"bad-point 1", "infinite-value 1", "gap 1"}));
    QVERIFY(has(outcome, "series", "metric=\"up\""));
    QCOMPARE(outcome.sink.count("series"), std::size_t(2));
    const ReadOutcome scalar
        = query(R"({"status":"success","data":{"resultType":"scalar","result":[1772452800.5,"7"]}})");
    QVERIFY(has(scalar, "point", "ts=1772452800500000000 value=7"));
    const ReadOutcome bare = query(R"([{"metric":{"__name__":"up"},"value":[1772452800,"1"]}])");
    QVERIFY(has(bare, "point", "value=1"));
    const ReadOutcome frames
        = query(R"({"results":{"A":{"frames":[{"schema":{"fields":[{"name":"Time","type":"time"},
        {"name":"Value","type":"number","labels":{"i":"a"},"config":{"displayNameFromDS":"cpu","unit":"percent"}}]},
        "data":{"values":[[1772452800000,1772452815000],[50,null]]}}]}}})");
    QVERIFY(has(frames, "point", "value=50"));
    QVERIFY(has(frames, "series", "metric=\"cpu\"") && has(frames, "series", "unit=\"%\""));
    QVERIFY(frames.hasIssue("gap"));
}

void TestPrometheus::readsBucketsInAnyOrder()
{
    const auto series = [](const char *le, const char *points) {
        return R"({"metric":{"__name__":"w_bucket","le":")" + std::string(le) + R"(","p":"a"},"values":[)"
            + points + "]}";
    };
    const ReadOutcome outcome = query(R"({"data":{"resultType":"matrix","result":[)"
        + series("+Inf", R"([1772452800,"9"],[1772452810,"20"])") + ','
        + series("1", R"([1772452800,"8"],[1772452810,"18"])") + ','
        + series("0.5", R"([1772452800,"4"],[1772452810,"10"])") + "]}}");
    const std::vector<std::string> expected{
        "histogram_point 1 series=1 ts_ns=1772452810000000000 upper_bound=0.5 count=6",
        "histogram_point 2 series=1 ts_ns=1772452810000000000 upper_bound=1 count=4",
    };
    const auto lines = outcome.sink.linesOf("histogram_point");
    QCOMPARE(lines.size(), std::size_t(3));
    QCOMPARE((std::vector<std::string>{lines[0], lines[1]}), expected);
    QVERIFY(lines[2].find("count=1") != std::string::npos);
}

void TestPrometheus::takesLabelsThatComeLate()
{
    const ReadOutcome outcome
        = query(R"([{"values":[[1772452800,"1"]],"metric":{"__name__":"up"}},{"value":[1772452800,"3"]}])");
    QVERIFY(has(outcome, "series", "metric=\"up\""));
    QCOMPARE(outcome.sink.count("point"), std::size_t(2));
}

void TestPrometheus::refusesErrors()
{
    const ReadOutcome outcome
        = query(R"({"status":"error","errorType":"bad_data","error":"parse error at char 3"})");
    QVERIFY(outcome.error);
    QVERIFY(outcome.error->detail.find("parse error at char 3") != std::string::npos);
    QVERIFY(query(R"({"a":1})").error);
}

QTEST_GUILESS_MAIN(TestPrometheus)
#include "tst_prometheus.moc"
