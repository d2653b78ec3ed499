// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// EXPLAIN (FORMAT JSON): the fields of a plan, what may stand around it, broken and hostile input.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const std::string kPlan = R"~([
  {
    "Query Text": "select * from \"orders\"",
    "Plan": {
      "Node Type": "Gather",
      "Parallel Aware": false,
      "Startup Cost": 1000.00,
      "Total Cost": 2000.50,
      "Plan Rows": 30,
      "Plan Width": 8,
      "Actual Startup Time": 0.250,
      "Actual Total Time": 40.500,
      "Actual Rows": 3,
      "Actual Loops": 1,
      "Workers Planned": 2,
      "Workers Launched": 1,
      "Single Copy": false,
      "Params Evaluated": ["$0", "$1"],
      "Shared Hit Blocks": 12,
      "I/O Read Time": 0.000,
      "WAL Records": 0,
      "WAL Bytes": 77,
      "Plans": [
        {
          "Node Type": "Seq Scan",
          "Parent Relationship": "Outer",
          "Parallel Aware": true,
          "Relation Name": "orders",
          "Schema": "public",
          "Alias": "o",
          "Actual Startup Time": 0.010,
          "Actual Total Time": 20.000,
          "Actual Rows": 1.50,
          "Actual Loops": 2,
          "Output": ["id", "f(a, b)"],
          "Filter": "(total > '1'::numeric)",
          "Rows Removed by Filter": 10,
          "Shared I/O Read Time": 1.5,
          "Local I/O Read Time": 0.25,
          "Workers": [
            {
              "Worker Number": 0,
              "Actual Startup Time": 0.020,
              "Actual Total Time": 15.000,
              "Actual Rows": 1,
              "Actual Loops": 1,
              "Shared Hit Blocks": 5,
              "Shared Read Blocks": 0
            }
          ]
        }
      ]
    },
    "Planning": {
      "Shared Hit Blocks": 9,
      "Shared Read Blocks": 0
    },
    "Settings": {"work_mem": "1MB"},
    "Planning Time": 1.25,
    "Triggers": [
      {"Trigger Name": "t", "Constraint Name": "c", "Relation": "orders", "Time": 3.5, "Calls": 4}
    ],
    "JIT": {"Functions": 3, "Timing": {"Total": 2.5}},
    "Query Identifier": -6058475891771040573,
    "Execution Time": 41.750
  }
]
)~";

std::string nested(std::size_t levels)
{
    std::string text = "[{\"Plan\":";
    for (std::size_t i = 0; i < levels; ++i)
        text += R"({"Node Type":"Subquery Scan","Actual Total Time":1.5,"Actual Loops":1,"Plans":[)";
    text += R"({"Node Type":"Result"})";
    for (std::size_t i = 0; i < levels; ++i)
        text += "]}";
    return text + "}]";
}

} // namespace

class TestExplainJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEveryField();
    void keepsTheRest();
    void readsWhatStandsAround_data();
    void readsWhatStandsAround();
    void readsSeveralPlans();
    void givesLinesAndText();
    void salvagesCutText();
    void rejectsTheCutNode();
    void takesTheDurationOfALog();
    void goesOnAfterABrokenPlan();
    void refusesWithAPlace_data();
    void refusesWithAPlace();
    void takesDeepPlans();
    void refusesDeeperNesting();
    void skipsBadValues();
    void survivesHostileInput() { QCOMPARE(hostileProblems(explainJsonImporter(), kPlan), QString()); }
    void isSniffed();
};

void TestExplainJson::readsEveryField()
{
    const PlanOutcome outcome = readJson(kPlan);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(outcome.plans().size(), std::size_t(1));
    const PlanRow &plan = outcome.plans()[0].plan;
    QCOMPARE(plan.engine, std::string_view("postgresql"));
    QCOMPARE(plan.format, std::string_view("json"));
    QCOMPARE(plan.queryText, std::string_view("select * from \"orders\""));
    QCOMPARE(plan.settingsJson, std::string_view(R"({"work_mem":"1MB"})"));
    QCOMPARE(plan.planningMs, 1.25);
    QCOMPARE(plan.executionMs, 41.75);
    QVERIFY(std::isnan(plan.durationMs));
    QCOMPARE(plan.totalCost, 2000.5);
    QCOMPARE(outcome.plans()[0].nodes.size(), std::size_t(2));
    const PlanNodeRow &gather = outcome.plans()[0].nodes[0];
    QCOMPARE(gather.nodeType, std::string_view("Gather"));
    QCOMPARE(gather.parent, -1);
    QVERIFY(gather.parentRelationship.empty());
    QCOMPARE(gather.workersPlanned, std::optional<std::int64_t>(2));
    QCOMPARE(gather.workersLaunched, std::optional<std::int64_t>(1));
    QCOMPARE(gather.sharedHit, std::optional<std::int64_t>(12));
    QVERIFY(!gather.sharedRead);
    QCOMPARE(gather.ioReadMs, std::optional<double>(0));
    QVERIFY(!gather.ioWriteMs);
    QCOMPARE(gather.walBytes, std::optional<std::int64_t>(77));
    const PlanNodeRow &scan = outcome.plans()[0].nodes[1];
    QCOMPARE(scan.id, 1);
    QCOMPARE(scan.parent, 0);
    QCOMPARE(scan.depth, 1);
    QCOMPARE(scan.relation, std::string_view("orders"));
    QCOMPARE(scan.schema, std::string_view("public"));
    QCOMPARE(scan.alias, std::string_view("o"));
    QCOMPARE(scan.filter, std::string_view("(total > '1'::numeric)"));
    // Totals over loops; times stay per loop.
    QCOMPARE(scan.actualRows, std::optional<double>(3));
    QCOMPARE(scan.rowsRemovedByFilter, std::optional<double>(20));
    QCOMPARE(scan.loops, std::optional<double>(2));
    QCOMPARE(scan.totalMs, std::optional<double>(20));
    QCOMPARE(scan.ioReadMs, std::optional<double>(1.75));
    QVERIFY(!scan.planRows);
    QVERIFY(!scan.selfMs);
}

void TestExplainJson::keepsTheRest()
{
    const PlanOutcome outcome = readJson(kPlan);
    const PlanRows &plan = outcome.plans().at(0);
    QCOMPARE(plan.plan.extraJson,
        std::string_view(
            R"({"Planning":{"Shared Hit Blocks":9},"JIT":{"Functions":3,"Timing":{"Total":2.5}},)"
            R"("Query Identifier":-6058475891771040573})"));
    QCOMPARE(plan.nodes[0].extraJson, std::string_view(R"({"Params Evaluated":["$0","$1"]})"));
    QCOMPARE(plan.nodes[1].extraJson,
        std::string_view(
            R"~({"Parallel Aware":true,"Output":["id","f(a, b)"],"Local I/O Read Time":0.25})~"));
    QCOMPARE(plan.workers.size(), std::size_t(1));
    QCOMPARE(plan.workers[0].nodeId, 1);
    QCOMPARE(plan.workers[0].worker, 0);
    QCOMPARE(plan.workers[0].totalMs, std::optional<double>(15));
    QCOMPARE(plan.workers[0].extraJson, std::string_view(R"({"Shared Hit Blocks":5})"));
    QCOMPARE(plan.triggers.size(), std::size_t(1));
    QCOMPARE(plan.triggers[0].constraintName, std::string_view("c"));
    QCOMPARE(plan.triggers[0].timeMs, std::optional<double>(3.5));
    QCOMPARE(plan.triggers[0].calls, std::optional<double>(4));
}

void TestExplainJson::readsWhatStandsAround_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray node
        = R"({"Node Type": "Sort", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "t"}]})";
    const QByteArray statement = R"({"Plan": )" + node + "}";
    QByteArray escaped = statement;
    escaped.replace("\"", "\\\"");
    QByteArray doubled = statement;
    doubled.replace("\"", "\"\"");
    QTest::newRow("array") << "[" + statement + "]";
    QTest::newRow("object of auto_explain") << statement;
    QTest::newRow("node alone") << node;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF[" + statement + "]";
    QTest::newRow("rows of a driver") << R"([{"QUERY PLAN": [)" + statement + "]}]";
    QTest::newRow("rows in a result")
        << R"({"command": "EXPLAIN", "rows": [{"QUERY PLAN": [)" + statement + "]}]}";
    QTest::newRow("string in rows") << R"([{"QUERY PLAN": "[)" + escaped + R"(]"}])";
    QTest::newRow("text lines in rows")
        << QByteArray(R"([{"QUERY PLAN": "Sort"}, {"QUERY PLAN": "  ->  Seq Scan on t"}])");
    QTest::newRow("string") << "\"[" + escaped + "]\"";
    QTest::newRow("csv") << "QUERY PLAN\n\"[" + doubled + "]\"\n";
    QTest::newRow("pgAdmin") << "\"[\n" + doubled + "\n]\"";
    QTest::newRow("psql, border 1") << "     QUERY PLAN     \n--------------------\n [                 +\n "
            + statement + "+\n ]\n(1 row)\n\n";
    QTest::newRow("psql, border 2") << "+------+\n| QUERY PLAN |\n+------+\n| [   +|\n| " + statement
            + "+|\n| ]    |\n+------+\n(1 row)\n";
    QTest::newRow("psql, unicode") << "╔═══╗\n║ QUERY PLAN ║\n╠═══╣\n║ [  ↵║\n║ " + statement
            + "↵║\n║ ]  ║\n╚═══╝\n(1 row)\n";
    QTest::newRow("expanded") << "-[ RECORD 1 ]----\nQUERY PLAN | [    +\n           | " + statement
            + "+\n           | ]\n";
    QTest::newRow("Markdown") << "The plan:\n\n```json\n[" + statement + "]\n```\nWhy?\n";
    QTest::newRow("trailing comma") << "[" + statement + ",]";
}

void TestExplainJson::readsWhatStandsAround()
{
    QFETCH(QByteArray, text);
    for (const std::size_t chunk : {std::size_t(1), std::size_t(4096)}) {
        const PlanOutcome outcome = readPlans(explainJsonImporter(), text.toStdString(), chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QCOMPARE(outcome.nodeCount(), std::size_t(2));
        QCOMPARE(outcome.plans()[0].nodes[0].nodeType, std::string_view("Sort"));
        QCOMPARE(outcome.plans()[0].nodes[1].relation, std::string_view("t"));
        QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    }
}

void TestExplainJson::readsSeveralPlans()
{
    const PlanOutcome outcome
        = readJson("[{\"Plan\":{\"Node Type\":\"A\"}},\n {\"Plan\":{\"Node Type\":\"B\"}}]\n"
                   "psql says\n{\"Plan\":{\"Node Type\":\"C\"}}\n");
    QCOMPARE(outcome.plans().size(), std::size_t(3));
    QCOMPARE(outcome.plans()[1].nodes[0].nodeType, std::string_view("B"));
    QCOMPARE(outcome.plans()[2].nodes[0].nodeType, std::string_view("C"));
    QCOMPARE(outcome.plans()[1].plan.sourceText, std::string_view("{\"Plan\":{\"Node Type\":\"B\"}}"));
}

void TestExplainJson::givesLinesAndText()
{
    const PlanOutcome outcome = readJson("\n" + kPlan);
    const PlanRows &plan = outcome.plans().at(0);
    const QStringList lines
        = QString::fromUtf8(plan.plan.sourceText.data(), qsizetype(plan.plan.sourceText.size()))
              .split(QLatin1Char('\n'));
    for (const PlanNodeRow &node : plan.nodes) {
        QVERIFY(node.sourceLine > 0 && node.sourceLine < lines.size());
        // The line is the one of the node's bracket; its type stands on the next.
        QVERIFY(lines[int(node.sourceLine)].contains(
            QString::fromUtf8(node.nodeType.data(), qsizetype(node.nodeType.size()))));
    }
}

void TestExplainJson::salvagesCutText()
{
    const std::size_t inScan = kPlan.find("\"Filter\"");
    const PlanOutcome cut = readJson(kPlan.substr(0, inScan));
    QVERIFY(!cut.error);
    QCOMPARE(cut.nodeCount(), std::size_t(1));
    QVERIFY(cut.hasIssue("truncated"));
    const auto line = 1 + std::count(kPlan.begin(), kPlan.begin() + std::ptrdiff_t(inScan), '\n');
    for (const ImportReport::Issue &issue : cut.report.issues()) {
        if (issue.kind == "truncated")
            QVERIFY(issue.example.starts_with("line " + std::to_string(line) + ": "));
    }
    const PlanOutcome later = readJson(kPlan.substr(0, kPlan.find("\"Settings\"")));
    QCOMPARE(later.nodeCount(), std::size_t(2));
    QVERIFY(later.hasIssue("truncated"));
    QVERIFY(std::isnan(later.plans()[0].plan.executionMs));
}

void TestExplainJson::rejectsTheCutNode()
{
    const std::string open = R"([{"Plan": {"Node Type": "Nested Loop", "Plans": [
 {"Node Type": "Sort", "Plans": [{"Node Type": "Result"}]},
 {"Node Type": "Hash", "Plans": [
  )";
    const std::string cut = R"({"Node Type": "Seq Scan", "Relation Name": "t")";
    const PlanOutcome outcome = readJson(open + cut);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.nodeCount(), std::size_t(4));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(1));
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    const ImportReport::Reject &reject = outcome.report.rejects()[0];
    QCOMPARE(reject.kind, std::string("cut-node"));
    QCOMPARE(reject.offset, std::uint64_t(open.size()));
    QCOMPARE(reject.length, std::uint64_t(cut.size()));
    QCOMPARE(reject.bytes, cut);
    QVERIFY2(reject.reason.starts_with("line 4: "), reject.reason.c_str());
    // Those above it may lack children; the ones that are whole do not.
    const std::vector<PlanNodeRow> &nodes = outcome.plans()[0].nodes;
    for (const std::size_t i : {0U, 3U})
        QCOMPARE(nodes[i].extraJson, std::string_view(R"({"Plans Truncated":true})"));
    for (const std::size_t i : {1U, 2U})
        QCOMPARE(nodes[i].extraJson, std::string_view());
    // Cut between two children: nothing is rejected, but what came after is missing all the same.
    const PlanOutcome between
        = readJson(R"([{"Plan": {"Node Type": "Append", "Plans": [{"Node Type": "Result"},)");
    QCOMPARE(between.report.rowsSkipped(), std::int64_t(0));
    QCOMPARE(between.plans()[0].nodes[0].extraJson, std::string_view(R"({"Plans Truncated":true})"));
}

void TestExplainJson::takesTheDurationOfALog()
{
    const std::string plan
        = "{\n\t  \"Query Text\": \"select 1\",\n\t  \"Plan\": {\n\t    \"Node Type\": \"Result\"\n"
          "\t  }\n\t}\n";
    const PlanOutcome outcome = readJson("2024-01-01 10:00:00 UTC [1] LOG:  duration: 12.345 ms  plan:\n\t"
        + plan + "2024-01-01 10:00:01 UTC [1] LOG:  duration: 2.5 ms  plan:\n\t" + plan
        + "2024-01-01 10:00:02 UTC [1] LOG:  something else\n\t" + plan);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(outcome.plans().size(), std::size_t(3));
    QCOMPARE(outcome.plans()[0].plan.durationMs, 12.345);
    QCOMPARE(outcome.plans()[0].plan.executionMs, 12.345);
    QCOMPARE(outcome.plans()[1].plan.durationMs, 2.5);
    QVERIFY(std::isnan(outcome.plans()[2].plan.durationMs));
    // Without a prefix, as the message alone is copied.
    const PlanOutcome bare = readJson("LOG:  duration: 7.0 ms  plan:\n" + plan);
    QCOMPARE(bare.plans().size(), std::size_t(1));
    QCOMPARE(bare.plans()[0].plan.durationMs, 7.0);
}

void TestExplainJson::goesOnAfterABrokenPlan()
{
    std::string broken = kPlan;
    broken.replace(broken.find("\"Workers\": ["), 1, "@");
    const PlanOutcome outcome = readJson(broken + kPlan);
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("json-syntax"));
    QCOMPARE(outcome.plans().size(), std::size_t(2));
    QCOMPARE(outcome.plans()[0].nodes.size(), std::size_t(1));
    QCOMPARE(outcome.plans()[1].nodes.size(), std::size_t(2));
}

void TestExplainJson::refusesWithAPlace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::newRow("prose") << QByteArray("no plan here") << 1;
    QTest::newRow("blank") << QByteArray("\n\n \n") << 4;
    QTest::newRow("other JSON") << QByteArray("\n{\"Plan\": {\"a\": 1}, \"x\": [1, {\"y\": null}]}") << 2;
    QTest::newRow("cut in the first node")
        << QByteArray("[\n{\n\"Plan\": {\n\"Node Type\": \"Sort\", \"Tot") << 4;
    QTest::newRow("syntax in the first node")
        << QByteArray("[\n{\n\"Plan\": {\n\"Node Type\" \"Sort\"}}]") << 4;
    QTest::newRow("XML") << QByteArray("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n<Plan/>")
                         << 1;
}

void TestExplainJson::refusesWithAPlace()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    const PlanOutcome outcome = readJson(text.toStdString());
    QVERIFY(outcome.error.has_value());
    QCOMPARE(outcome.error->code, ErrorCode::BadInput);
    QCOMPARE(outcome.error->subject, std::string("sample"));
    QVERIFY(!outcome.error->detail.empty() && !outcome.error->hint.empty());
    QVERIFY(outcome.error->where.has_value());
    QCOMPARE(outcome.error->where->line, std::optional<std::uint64_t>(line));
    QCOMPARE(outcome.plans().size(), std::size_t(0));
}

void TestExplainJson::takesDeepPlans()
{
    const PlanOutcome outcome = readJson(nested(5000));
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.nodeCount(), std::size_t(5001));
    QCOMPARE(outcome.plans()[0].nodes[5000].depth, 5000);
}

void TestExplainJson::refusesDeeperNesting()
{
    for (const std::string &text : {nested(100'000), std::string(100'000, '['),
             "[{\"Plan\":{\"Node Type\":\"A\",\"Output\":" + std::string(100'000, '[')}) {
        QElapsedTimer timer;
        timer.start();
        const PlanOutcome outcome = readJson(text);
        QVERIFY(outcome.error.has_value());
        QCOMPARE(outcome.error->code, ErrorCode::LimitExceeded);
        QVERIFY(outcome.error->where && outcome.error->where->offset.value_or(0) > 0);
        QVERIFY(timer.elapsed() < 10'000);
    }
}

void TestExplainJson::skipsBadValues()
{
    const PlanOutcome outcome = readJson(
        R"([{"Plan": {"Node Type": "Sort", "Plan Rows": "many", "Plan Width": 4, "Relation Name": 7,)"
        R"( "Shared Hit Blocks": 123456789012345678901234567890, "Alias": "a\u0000b"}, "Planning Time": "x"}])");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(4));
    const PlanNodeRow &node = outcome.plans().at(0).nodes[0];
    QVERIFY(!node.planRows && !node.sharedHit && node.relation.empty());
    QCOMPARE(node.planWidth, std::optional<std::int64_t>(4));
    QVERIFY(node.alias.find('\0') == std::string_view::npos);
}

void TestExplainJson::isSniffed()
{
    const Importer &json = explainJsonImporter();
    QCOMPARE(json.sniff(kPlan, "x"), Confidence::Strong);
    QCOMPARE(explainTextImporter().sniff(kPlan, "x"), Confidence::No);
    QCOMPARE(json.sniff("{\"traceEvents\":[{\"name\":\"Plan\",\"ph\":\"X\"}]}", "trace.json"),
        Confidence::No);
    QCOMPARE(json.sniff("{\"resourceSpans\":[{\"Plan\":1}]}", "otlp.json"), Confidence::No);
    QCOMPARE(json.sniff("", "plan.json"), Confidence::No);
    // The record of a log: anything that knows the whole log comes first.
    QCOMPARE(
        json.sniff("2024-01-01 UTC [1] LOG:  duration: 1 ms  plan:\n\t{\"Plan\":{\"Node Type\":\"Sort\"}}",
            "x"),
        Confidence::Weak);
    QCOMPARE(json.sniff("2024-01-01 UTC [1] LOG:  statement: select \"Plan\"\n", "x"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestExplainJson)
#include "tst_explainjson.moc"
