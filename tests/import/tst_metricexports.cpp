// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Metrics that Grafana, CloudWatch, statsd and OpenTelemetry write.
#include "import/cloudwatch/cloudwatch.h"
#include "import/grafanacsv/grafanacell.h"
#include "import/grafanacsv/grafanacsv.h"
#include "import/otlpjson/otlpjson.h"
#include "import/otlpjson/otlpmetric.h"
#include "import/statsd/statsd.h"
#include "import/statsd/statsdline.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

bool has(const ReadOutcome &outcome, std::string_view word, std::string_view part)
{
    for (const std::string &line : outcome.sink.linesOf(word)) {
        if (line.find(part) != std::string::npos)
            return true;
    }
    return false;
}

ReadOutcome readOtlp(const std::string &metrics)
{
    return readBytes(otlpJsonImporter(),
        R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)" + metrics + "]}]}]}");
}

} // namespace

class TestMetricExports : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void grafanaCells();
    void grafanaTables();
    void cloudWatch();
    void statsdLines();
    void statsdFiles();
    void otlpSums();
    void otlpRestarts();
    void otlpHistograms();
    void otlpExponential();
    void otlpRejects();
};

void TestMetricExports::grafanaCells()
{
    const auto cell = [](std::string_view text) {
        const auto parsed = parseGrafanaCell(text);
        return parsed ? QStringLiteral("%1 %2")
                            .arg(parsed->value)
                            .arg(QString::fromUtf8(parsed->unit.data(), qsizetype(parsed->unit.size())))
                      : QStringLiteral("none");
    };
    QCOMPARE(cell("12"), QStringLiteral("12 "));
    QCOMPARE(cell("-1.5e3"), QStringLiteral("-1500 "));
    QCOMPARE(cell("950 ms"), QStringLiteral("0.95 s"));
    QCOMPARE(cell("1.2 s"), QStringLiteral("1.2 s"));
    QCOMPARE(cell("3 MiB"), QStringLiteral("3.14573e+06 By"));
    QCOMPARE(cell("95%"), QStringLiteral("95 %"));
    QCOMPARE(cell("1.5 K"), QStringLiteral("1500 "));
    QCOMPARE(cell("7 req/s"), QStringLiteral("7 req/s"));
    QCOMPARE(cell("n/a"), QStringLiteral("none"));
    QVERIFY(isGrafanaGap(" null") && isGrafanaGap("") && isGrafanaGap("undefined") && !isGrafanaGap("0"));
}

void TestMetricExports::grafanaTables()
{
    const ReadOutcome outcome = readBytes(grafanaCsvImporter(),
        "sep=;\n\"Time\";\"up{instance=\"\"a\"\"}\";\"p99\"\n2026-03-02 12:00:00;1;950 ms\n"
        "2026-03-02 12:00:15;;1.2 s\n2026-03-02 12:00:30;1;5 MiB\n2026-03-02 12:00:45;1\n");
    QVERIFY(!outcome.error);
    QVERIFY(has(outcome, "series", "labels={\"instance\":\"a\"}"));
    QVERIFY(has(outcome, "point", "ts=1772452815000000000 value=1.2"));
    QCOMPARE(outcome.sink.count("point"), std::size_t(4));
    QVERIFY(
        outcome.hasIssue("mixed-units") && outcome.hasIssue("gap") && outcome.hasIssue("wrong-field-count"));
    QCOMPARE(int(grafanaCsvImporter().sniff("\"Time\",\"x\"\n", "x.csv")), int(Confidence::Strong));
    QCOMPARE(int(grafanaCsvImporter().sniff("Time,cpu\n1,2\n", "x.csv")), int(Confidence::No));
    QVERIFY(readBytes(grafanaCsvImporter(), "a,b\n1,2\n").error);
}

void TestMetricExports::cloudWatch()
{
    const ReadOutcome outcome = readBytes(cloudWatchImporter(),
        R"({"MetricDataResults":[{"Id":"m1","Label":"CPU","Timestamps":["2026-03-02T12:01:00+00:00","2026-03-02T12:00:00Z","x"],)"
        R"("Values":[2,1,3],"StatusCode":"PartialData"}],"NextToken":"n"})");
    QVERIFY(!outcome.error);
    const auto points = outcome.sink.linesOf("point");
    QCOMPARE(points.size(), std::size_t(2));
    // Newest first in the file, in order afterwards.
    QVERIFY(points[0].find("ts=1772452800000000000 value=1") != std::string::npos);
    QVERIFY(
        outcome.hasIssue("partial-data") && outcome.hasIssue("more-pages") && outcome.hasIssue("bad-time"));
    const ReadOutcome old = readBytes(cloudWatchImporter(),
        R"({"Label":"CPU","Datapoints":[{"Timestamp":"2026-03-02T12:00:00Z","Average":50,"Unit":"Percent"}]})");
    QVERIFY(has(old, "series", "unit=\"%\"") && has(old, "series", "\"statistic\":\"Average\""));
    QVERIFY(readBytes(cloudWatchImporter(), "{}").error);
}

void TestMetricExports::statsdLines()
{
    statsd::StatsdLine line;
    QVERIFY(
        statsd::parseStatsdLine("2026-03-02 12:00:00 a.b,region=eu:1:2|c|@0.5|#x:y,vip|T17", line).empty());
    QCOMPARE(std::string(line.name), std::string("a.b"));
    QCOMPARE(std::string(line.time), std::string("2026-03-02 12:00:00"));
    QCOMPARE(line.values.size(), std::size_t(2));
    QCOMPARE(line.labels.size(), std::size_t(3));
    QCOMPARE(line.rate, 0.5);
    for (const char *bad : {"a", "a:1", ":1|c", "a:1|q", "a:1|c|@0", "a:1|c|@2", "|c"})
        QVERIFY2(!statsd::parseStatsdLine(bad, line).empty(), bad);
}

void TestMetricExports::statsdFiles()
{
    const ReadOutcome outcome = readBytes(statsdImporter(),
        "1772452800 a:3|c|@0.1\n1772452801 g:10|g\n1772452802 g:-3|g\n1772452803 g:+1|g\n1772452804 u:x|s\n"
        "1772452805 u:y|s\n1772452806 u:x|s\nt:12|ms\nbad:x|c\n");
    QVERIFY(!outcome.error);
    QVERIFY(has(outcome, "point", "ts=1772452800000000000 value=30"));
    QVERIFY(has(outcome, "point", "ts=1772452803000000000 value=8"));
    QVERIFY(has(outcome, "point", "ts=1772452806000000000 value=2"));
    QVERIFY(outcome.hasIssue("bad-value") && outcome.hasIssue("time-of-neighbour"));
    const ReadOutcome bare = readBytes(statsdImporter(), "a:1|c\na:1|c\n");
    QVERIFY(has(bare, "source", "clock=none"));
    QCOMPARE(bare.sink.count("point"), std::size_t(2));
}

void TestMetricExports::otlpSums()
{
    const auto sum = [](const char *head) {
        return R"({"name":"x","sum":{"dataPoints":[{"timeUnixNano":"5","asInt":"3"}],)" + std::string(head)
            + "}}";
    };
    QVERIFY(has(readOtlp(sum(R"("aggregationTemporality":2,"isMonotonic":true)")), "series", "kind=counter"));
    QVERIFY(has(readOtlp(sum(R"("aggregationTemporality":1,"isMonotonic":true)")), "series", "kind=delta"));
    QVERIFY(!has(readOtlp(sum(R"("aggregationTemporality":2)")), "series", "kind=counter"));
    const ReadOutcome file = readOtlp(sum(R"("aggregationTemporality":2)"));
    QVERIFY(has(file, "source", "kind=metrics"));
}

void TestMetricExports::otlpRestarts()
{
    // 10 -> 12 is no fall, but the sender began anew at 7.
    const ReadOutcome outcome = readOtlp(
        R"({"name":"x","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[)"
        R"({"startTimeUnixNano":"1","timeUnixNano":"5","asInt":"10"},{"startTimeUnixNano":"7","timeUnixNano":"9","asInt":"12"}]}})");
    const auto points = outcome.sink.linesOf("point");
    QCOMPARE(points.size(), std::size_t(3));
    QVERIFY(points[1].find("ts=7") != std::string::npos && points[1].find("value=0") != std::string::npos);
    QVERIFY(outcome.hasIssue("counter-reset"));
}

void TestMetricExports::otlpHistograms()
{
    const ReadOutcome outcome = readOtlp(
        R"({"name":"h","unit":"ms","histogram":{"aggregationTemporality":1,"dataPoints":[)"
        R"({"timeUnixNano":"5","count":"4","sum":9,"bucketCounts":["1","2","1"],"explicitBounds":[10,100]}]}})");
    QCOMPARE(outcome.sink.count("histogram_point"), std::size_t(3));
    QVERIFY(has(outcome, "histogram_point", "upper_bound=100 count=2"));
    QVERIFY(has(outcome, "series", "metric=\"h_count\"") && has(outcome, "series", "metric=\"h_sum\""));
}

void TestMetricExports::otlpExponential()
{
    QCOMPARE(tailscope::import::otlp::exponentialBound(0, 0), 2.0);
    QCOMPARE(tailscope::import::otlp::exponentialBound(-1, 3), 1.0);
    QCOMPARE(tailscope::import::otlp::exponentialBound(3, 2), 2.0);
    QCOMPARE(tailscope::import::otlp::exponentialBound(1, -1), 16.0);
    const ReadOutcome outcome = readOtlp(
        R"({"name":"e","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"5","count":"12",)"
        R"("scale":0,"zeroCount":"2","zeroThreshold":0.01,"positive":{"offset":-1,"bucketCounts":["3","4"]},)"
        R"("negative":{"offset":1,"bucketCounts":["1","2"]}}]}})");
    // [-8,-4) 2, [-4,-2) 1, zero 2, (0.5,1] 3, (1,2] 4; empty ones where they do not touch.
    std::vector<std::string> tails;
    for (const std::string &line : outcome.sink.linesOf("histogram_point"))
        tails.push_back(line.substr(line.find("upper_bound")));
    const std::vector<std::string> expected{"upper_bound=-8 count=0", "upper_bound=-4 count=2",
        "upper_bound=-2 count=1", "upper_bound=-0.01 count=0", "upper_bound=0.01 count=2",
        "upper_bound=0.5 count=0", "upper_bound=1 count=3", "upper_bound=2 count=4"};
    QCOMPARE(tails, expected);
}

void TestMetricExports::otlpRejects()
{
    const ReadOutcome outcome = readOtlp(
        R"({"name":"a","gauge":{"dataPoints":[{"asInt":"1"},{"timeUnixNano":"5","asInt":"1"}]}},{"name":"b"},)"
        R"({"gauge":{"dataPoints":[{"timeUnixNano":"5","asInt":"1"}]}},)"
        R"({"name":"c","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"5","bucketCounts":["1"],"explicitBounds":[1,2]}]}})");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), std::size_t(1));
    QVERIFY(outcome.hasIssue("no-time") && outcome.hasIssue("no-data") && outcome.hasIssue("no-name")
        && outcome.hasIssue("bad-buckets"));
}

QTEST_GUILESS_MAIN(TestMetricExports)
#include "tst_metricexports.moc"
