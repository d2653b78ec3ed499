// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What versions of PostgreSQL print differently, in TEXT and JSON: both must give the same nodes. The cases
// of versions other than 15 are constructed from the documentation, no server printed them. And input that is
// wrong on purpose.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <functional>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

QString text(std::string_view t) { return QString::fromUtf8(t.data(), qsizetype(t.size())); }

QString sorted(std::string_view json)
{
    return text(QJsonDocument(QJsonDocument::fromJson(text(json).toUtf8()).object())
                    .toJson(QJsonDocument::Compact)
                    .toStdString());
}

QString described(const PlanOutcome &outcome)
{
    QString out;
    const auto figure
        = [](const auto &value) { return value ? QString::number(double(*value)) : QStringLiteral("-"); };
    for (const PlanRows &plan : outcome.plans()) {
        for (const PlanNodeRow &node : plan.nodes) {
            QStringList parts;
            for (const std::string_view part : {node.nodeType, node.parentRelationship, node.subplanName,
                     node.joinType, node.relation, node.indexName, node.condition, node.filter})
                parts << text(part);
            for (const auto &value : {node.planRows, node.actualRows, node.loops, node.totalMs, node.ioReadMs,
                     node.ioWriteMs, node.rowsRemovedByFilter})
                parts << figure(value);
            parts << QString::number(node.parent) << figure(node.heapFetches) << figure(node.walBytes)
                  << sorted(node.extraJson);
            out += parts.join(QLatin1Char('|')) + QLatin1Char('\n');
        }
        out += QStringLiteral("%1 %2 ").arg(plan.plan.planningMs).arg(plan.plan.executionMs)
            + sorted(plan.plan.extraJson) + QLatin1Char('\n');
    }
    return out;
}

/// A message for each text that is neither read nor refused with a place.
void checkNothingIsLost(const Importer &importer, const std::string &bytes)
{
    QElapsedTimer timer;
    timer.start();
    const PlanOutcome outcome = readPlans(importer, bytes);
    QVERIFY2(timer.elapsed() < 10'000, "too slow");
    if (outcome.error) {
        QVERIFY(!outcome.error->detail.empty() && !outcome.error->hint.empty());
        QVERIFY(outcome.error->where.has_value());
    } else {
        QVERIFY(outcome.nodeCount() > 0);
    }
}

} // namespace

class TestExplainVersions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formsAgree_data();
    void formsAgree();
    void keepsFractionsOfRows();
    void badInput_data();
    void badInput();
    void tellsBrokenNumbers();
    void tellsDuplicateKeys();
    void takesLargeTexts();
    void takesDeepTrees();
};

void TestExplainVersions::formsAgree_data()
{
    QTest::addColumn<QByteArray>("plain");
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("9.2")
        << QByteArray(
               "Seq Scan on t  (cost=0.00..1.00 rows=5 width=4) (actual time=0.100..2.000 rows=3 loops=1)\n"
               "  Filter: (a > 1)\n  Rows Removed by Filter: 7\n  I/O Timings: read=1.500 write=0.250\nTotal "
               "runtime: 2.500 ms\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t", "Startup Cost": 0.00,
 "Total Cost": 1.00, "Plan Rows": 5, "Plan Width": 4, "Actual Startup Time": 0.100, "Actual Total Time": 2.000, "Actual Rows": 3,
 "Actual Loops": 1, "Filter": "(a > 1)", "Rows Removed by Filter": 7, "I/O Read Time": 1.500, "I/O Write Time": 0.250},
 "Triggers": [], "Total Runtime": 2.500}])~");
    QTest::newRow("9.4")
        << QByteArray("Result  (cost=0.00..0.01 rows=1 width=0) (actual time=0.001..0.002 rows=1 loops=1)\n"
                      "Planning time: 0.050 ms\nExecution time: 0.010 ms\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "Result", "Startup Cost": 0.00, "Total Cost": 0.01, "Plan Rows": 1,
 "Plan Width": 0, "Actual Startup Time": 0.001, "Actual Total Time": 0.002, "Actual Rows": 1, "Actual Loops": 1},
 "Planning Time": 0.050, "Triggers": [], "Execution Time": 0.010}])~");
    QTest::newRow("9.6 initplan")
        << QByteArray("Result  (cost=0.32..0.33 rows=1 width=4)\n  InitPlan 1 (returns $0)\n"
                      "    ->  Seq Scan on t  (cost=0.00..1.00 rows=5 width=4)\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "Result", "Parallel Aware": false, "Startup Cost": 0.32, "Total Cost": 0.33,
 "Plan Rows": 1, "Plan Width": 4, "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "InitPlan",
 "Subplan Name": "InitPlan 1 (returns $0)", "Parallel Aware": false, "Relation Name": "t", "Alias": "t",
 "Startup Cost": 0.00, "Total Cost": 1.00, "Plan Rows": 5, "Plan Width": 4}]}}])~");
    QTest::newRow("16 right anti join")
        << QByteArray("Hash Right Anti Join  (cost=1.00..2.00 rows=5 width=4)\n  Hash Cond: (a.x = b.x)\n"
                      "  ->  Seq Scan on a  (cost=0.00..1.00 rows=5 width=4)\n"
                      "  ->  Hash  (cost=0.50..0.50 rows=5 width=4)\n"
                      "        ->  Seq Scan on b  (cost=0.00..0.50 rows=5 width=4)\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "Hash Join", "Parallel Aware": false, "Async Capable": false,
 "Join Type": "Right Anti", "Startup Cost": 1.00, "Total Cost": 2.00, "Plan Rows": 5, "Plan Width": 4, "Inner Unique": false,
 "Hash Cond": "(a.x = b.x)", "Plans": [
 {"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "a", "Alias": "a", "Startup Cost": 0.00,
  "Total Cost": 1.00, "Plan Rows": 5, "Plan Width": 4},
 {"Node Type": "Hash", "Parent Relationship": "Inner", "Startup Cost": 0.50, "Total Cost": 0.50, "Plan Rows": 5, "Plan Width": 4,
  "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "b", "Alias": "b", "Startup Cost": 0.00,
   "Total Cost": 0.50, "Plan Rows": 5, "Plan Width": 4}]}]}}])~");
    QTest::newRow("17")
        << QByteArray(
               "Seq Scan on t  (cost=0.33..1.00 rows=5 width=4) (actual time=0.100..2.000 rows=3 loops=1)\n"
               "  Filter: (a = (InitPlan 1).col1)\n  Buffers: shared hit=3\n"
               "  I/O Timings: shared read=1.000 write=2.000, local read=0.500\n"
               "  InitPlan 1\n    ->  Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.002 "
               "rows=1 loops=1)\n"
               "Planning:\n  Memory: used=165kB  allocated=264kB\nPlanning Time: 0.050 ms\n"
               "Serialization: time=0.500 ms  output=12kB  format=text\nExecution Time: 3.000 ms\n")
        << QByteArray(R"~([{"Plan": {"Node Type": "Seq Scan", "Parallel Aware": false, "Async Capable": false,
 "Relation Name": "t", "Alias": "t", "Startup Cost": 0.33, "Total Cost": 1.00, "Plan Rows": 5, "Plan Width": 4,
 "Actual Startup Time": 0.100, "Actual Total Time": 2.000, "Actual Rows": 3, "Actual Loops": 1, "Filter": "(a = (InitPlan 1).col1)",
 "Rows Removed by Filter": 0, "Shared Hit Blocks": 3, "Shared Read Blocks": 0, "Shared I/O Read Time": 1.000,
 "Shared I/O Write Time": 2.000, "Local I/O Read Time": 0.500, "Local I/O Write Time": 0.000, "Temp I/O Read Time": 0.000,
 "Plans": [{"Node Type": "Result", "Parent Relationship": "InitPlan", "Subplan Name": "InitPlan 1", "Startup Cost": 0.00,
 "Total Cost": 0.01, "Plan Rows": 1, "Plan Width": 4, "Actual Startup Time": 0.001, "Actual Total Time": 0.002, "Actual Rows": 1,
 "Actual Loops": 1, "Shared I/O Read Time": 0.000, "Shared I/O Write Time": 0.000, "Local I/O Read Time": 0.000,
 "Local I/O Write Time": 0.000}]}, "Planning": {"Memory Used": 165, "Memory Allocated": 264}, "Planning Time": 0.050,
 "Triggers": [], "Serialization": {"Time": 0.500, "Output Volume": 12, "Format": "text"}, "Execution Time": 3.000}])~");
    QTest::newRow("18")
        << QByteArray(
               "WindowAgg  (cost=0.14..1.00 rows=5 width=4) (actual time=0.100..2.000 rows=1.50 loops=2)\n"
               "  Window: w1 AS (PARTITION BY t.a ORDER BY t.b)\n  Storage: Memory  Maximum Storage: 17kB\n"
               "  ->  Index Scan using i on t  (cost=0.14..0.50 rows=5 width=4) (actual time=0.050..1.000 "
               "rows=1.50 loops=2)\n"
               "        Disabled: true\n        Index Cond: (a = 1)\n        Index Searches: 3\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "WindowAgg", "Parallel Aware": false, "Async Capable": false,
 "Startup Cost": 0.14, "Total Cost": 1.00, "Plan Rows": 5, "Plan Width": 4, "Actual Startup Time": 0.100,
 "Actual Total Time": 2.000, "Actual Rows": 1.50, "Actual Loops": 2, "Disabled": false,
 "Window": "w1 AS (PARTITION BY t.a ORDER BY t.b)", "Storage": "Memory", "Maximum Storage": 17,
 "Plans": [{"Node Type": "Index Scan", "Parent Relationship": "Outer", "Scan Direction": "Forward", "Index Name": "i",
 "Relation Name": "t", "Alias": "t", "Startup Cost": 0.14, "Total Cost": 0.50, "Plan Rows": 5, "Plan Width": 4,
 "Actual Startup Time": 0.050, "Actual Total Time": 1.000, "Actual Rows": 1.50, "Actual Loops": 2, "Disabled": true,
 "Index Cond": "(a = 1)", "Rows Removed by Index Recheck": 0, "Index Searches": 3}]}, "Triggers": []}])~");
    QTest::newRow("18 right semi join")
        << QByteArray("Hash Right Semi Join  (cost=1.00..2.00 rows=5 width=4)\n  Hash Cond: (a.x = b.x)\n")
        << QByteArray(
               R"~([{"Plan": {"Node Type": "Hash Join", "Join Type": "Right Semi", "Startup Cost": 1.00, "Total Cost": 2.00,
 "Plan Rows": 5, "Plan Width": 4, "Hash Cond": "(a.x = b.x)"}}])~");
}

void TestExplainVersions::formsAgree()
{
    QFETCH(QByteArray, plain);
    QFETCH(QByteArray, json);
    const PlanOutcome fromText = readText(plain.toStdString());
    const PlanOutcome fromJson = readJson(json.toStdString());
    QVERIFY(!fromText.error && !fromJson.error);
    QCOMPARE(fromText.report.rowsSkipped(), std::int64_t(0));
    const QStringList a = described(fromText).split(QLatin1Char('\n'));
    const QStringList b = described(fromJson).split(QLatin1Char('\n'));
    QCOMPARE(a.size(), b.size());
    // What the other form leaves out is 0 or unknown; figures that TEXT never prints are not compared.
    for (qsizetype i = 0; i < a.size(); ++i) {
        const auto comparable = [](QString line) {
            line.replace(QLatin1String("|-|"), QLatin1String("|0|"));
            return line.replace(QLatin1String("|-|"), QLatin1String("|0|"));
        };
        QVERIFY2(comparable(a[i]) == comparable(b[i]), qPrintable(a[i] + QLatin1Char('\n') + b[i]));
    }
}

void TestExplainVersions::keepsFractionsOfRows()
{
    const PlanOutcome outcome = readText("Seq Scan on t  (cost=0.00..1.00 rows=5 width=4) (actual "
                                         "time=0.100..2.000 rows=0.33 loops=3)\nExecution Time: 6.1 ms\n");
    QVERIFY(std::abs(*outcome.plans()[0].nodes[0].actualRows - 0.99) < 1e-9);
    // PostgreSQL 19, as its patches print: what is not known stays in extra under the label.
    const PlanOutcome next
        = readText("Memoize  (cost=0.00..1.00 rows=5 width=4)\n  Cache Key: a.x\n"
                   "  Estimates: capacity=8 distinct keys=4 lookups=10 hit percent=60.00%\n"
                   "  Prefetch: avg=1.50 max=4 capacity=16\n");
    QCOMPARE(next.report.rowsSkipped(), std::int64_t(0));
    for (const char *word : {"60", "capacity"})
        QVERIFY2(next.plans()[0].nodes[0].extraJson.find(word) != std::string_view::npos,
            std::string(next.plans()[0].nodes[0].extraJson).c_str());
}

void TestExplainVersions::badInput_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("form");
    const auto add = [](const char *name, const QByteArray &bytes, const char *form) {
        QTest::newRow(name) << bytes << QString::fromLatin1(form);
    };
    const QByteArray plan = "Sort  (cost=1.00..2.00 rows=3 width=4)\n  Sort Key: a\n  ->  Seq Scan on t  "
                            "(cost=0.00..1.00 rows=3 width=4)\n";
    add("cut", plan.left(60), "text");
    add("cut in a figure", plan.left(20), "text");
    add("mixed", plan + "[{\"Plan\": {\"Node Type\": \"Seq Scan\"}}]\n", "text");
    add("tabs", QByteArray(plan).replace("  ", "\t"), "text");
    add("missing arrow", QByteArray(plan).replace("->  ", ""), "text");
    add("wrong indentation", QByteArray(plan).replace("  ->", "           ->"), "text");
    add("nul", QByteArray(plan).replace("Sort Key", QByteArray("So\0rt Key", 9)), "text");
    add("names like figures",
        "Seq Scan on \"a -> (cost=1\nb\" \"x (actual time=\"  (cost=0.00..1.00 rows=3 width=4)\n", "text");
    add("entity bomb",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><explain "
        "xmlns=\"http://www.postgresql.org/2009/explain\"><Query><Plan><Node-Type>&b;</Node-Type></Plan></"
        "Query></explain>",
        "xml");
    add("open elements", "<explain><Query><Plan><Node-Type>Sort</Node-Type>", "xml");
    add("anchors", "- Plan: &a\n    Node Type: \"Sort\"\n    Plans:\n      - *a\n", "yaml");
    add("cut yaml", "- Plan: \n    Node Type: \"So", "yaml");
    add("json nul", QByteArray("[{\"Plan\": {\"Node Type\": \"So\0rt\"}}]", 34), "json");
    add("json of numbers", "[{\"Plan\": {\"Node Type\": 5, \"Plans\": 7}}]", "json");
    add("json without a plan", "[{\"a\": 1}]", "json");
}

void TestExplainVersions::badInput()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, form);
    const Importer &importer = form == QLatin1String("json") ? explainJsonImporter()
        : form == QLatin1String("xml")                       ? explainXmlImporter()
        : form == QLatin1String("yaml")                      ? explainYamlImporter()
                                                             : explainTextImporter();
    checkNothingIsLost(importer, bytes.toStdString());
    // Whatever it is read as.
    for (const Importer *other :
        {&explainJsonImporter(), &explainTextImporter(), &explainXmlImporter(), &explainYamlImporter()})
        readPlans(*other, bytes.toStdString(), 7);
}

void TestExplainVersions::tellsBrokenNumbers()
{
    for (const char *figures : {"(cost=0,00..1,00 rows=3 width=4)", "(cost=0.00..1.00 rows=1,234 width=4)"}) {
        const PlanOutcome outcome
            = readText("Seq Scan on t  (cost=0.00..1.00 rows=3 width=4)\n  Filter: (a > 1)\n"
                + std::string("  SubPlan 1\n    ->  Seq Scan on u  ") + figures + "\n");
        QCOMPARE(outcome.nodeCount(), std::size_t(2));
        QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(1));
        QVERIFY(outcome.report.rejects()[0].reason.starts_with("line 4"));
        QVERIFY(!outcome.plans()[0].nodes[1].planRows);
    }
}

void TestExplainVersions::tellsDuplicateKeys()
{
    const PlanOutcome outcome = readJson(
        R"([{"Plan": {"Node Type": "Seq Scan", "Relation Name": "a", "Relation Name": "b", "Plan Rows": 1, "Plan Rows": 2}}])");
    QCOMPARE(outcome.nodeCount(), std::size_t(1));
    const PlanNodeRow &node = outcome.plans()[0].nodes[0];
    QCOMPARE(node.relation, std::string_view("a"));
    QVERIFY(node.extraJson.find("\"b\"") != std::string_view::npos); // the other one is kept
}

void TestExplainVersions::takesLargeTexts()
{
    QElapsedTimer timer;
    timer.start();
    const std::string query = "select '" + std::string(10'000'000, 'x') + "'";
    const PlanOutcome text = readText("LOG:  duration: 3.0 ms  plan:\n\tQuery Text: " + query
        + "\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n");
    QCOMPARE(text.nodeCount(), std::size_t(1));
    QCOMPARE(text.plans()[0].plan.queryText.size(), query.size());
    const PlanOutcome json
        = readJson("{\"Query Text\": \"" + query + "\", \"Plan\": {\"Node Type\": \"Sort\"}}");
    QCOMPARE(json.nodeCount(), std::size_t(1));
    std::string wide = "Append  (cost=0.00..1.00 rows=1 width=4)\n";
    for (int i = 0; i < 10'000; ++i)
        wide += "  ->  Seq Scan on t" + std::to_string(i) + "  (cost=0.00..1.00 rows=1 width=4)\n";
    QCOMPARE(readText(wide).nodeCount(), std::size_t(10'001));
    QVERIFY(timer.elapsed() < 20'000);
}

void TestExplainVersions::takesDeepTrees()
{
    std::string deep = "Sort\n";
    std::string json = "[{\"Plan\": {\"Node Type\": \"Sort\"";
    for (int i = 1; i < 5000; ++i) {
        deep += std::string(std::size_t(i) * 6 - 4, ' ') + "->  Sort\n";
        json += ", \"Plans\": [{\"Node Type\": \"Sort\"";
    }
    for (int i = 1; i < 5000; ++i)
        json += "}]";
    json += "}}]";
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(readText(deep).nodeCount(), std::size_t(5000));
    QCOMPARE(readJson(json).nodeCount(), std::size_t(5000));
    QCOMPARE(readText(deep).plans()[0].nodes.back().depth, 4999);
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
}

QTEST_GUILESS_MAIN(TestExplainVersions)
#include "tst_explainversions.moc"
