// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// EXPLAIN in TEXT form: the grammar.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const std::string kPlan
    = R"~(Limit  (cost=10.00..20.00 rows=3 width=22) (actual time=148.496..181.004 rows=3 loops=1)
  Output: c.name, (count(*)), $1
  Buffers: shared hit=20 read=3 dirtied=1, temp read=4 written=5
  I/O Timings: shared/local read=1.500, temp write=0.250
  WAL: records=2 fpi=1 bytes=99
  InitPlan 2 (returns $1)
    ->  Result  (cost=0.32..0.33 rows=1 width=4) (actual time=0.250..0.251 rows=1 loops=1)
          InitPlan 1 (returns $0)
            ->  Index Only Scan Backward using "idx weird; (x)" on public."Weird Name" "al ias"  (cost=0.27..25.02 rows=500 width=4) (actual time=0.245..0.246 rows=1 loops=1)
                  Index Cond: (id IS NOT NULL)
                  Heap Fetches: 7
  ->  Gather Merge  (cost=5.00..9.00 rows=200 width=18) (actual time=148.063..180.559 rows=207 loops=1)
        Workers Planned: 2
        Workers Launched: 1
        Params Evaluated: $1, $3
        ->  Sort  (cost=4.84..4.34 rows=200 width=18) (actual time=72.910..72.916 rows=104 loops=2)
              Sort Key: c.name, (count(*)) DESC
              Sort Method: external merge  Disk: 37kB
              Worker 0:  Sort Method: quicksort  Memory: 25kB
              ->  Partial HashAggregate  (cost=4616.20..4618.20 rows=200 width=18) (actual time=72.587..72.597 rows=104 loops=2)
                    Group Key: c.name
                    Planned Partitions: 4  Batches: 9  Memory Usage: 48kB  Disk Usage: 100kB
                    ->  Hash Left Join  (cost=350.50..4610.30 rows=1179 width=10) (actual time=2.321..72.305 rows=1000 loops=2)
                          Hash Cond: (o.customer_id = c.id)
                          Join Filter: (o.x > c.y)
                          Rows Removed by Join Filter: 6
                          ->  Parallel Seq Scan on orders o  (cost=0.00..3950.16 rows=117933 width=4) (actual time=0.094..57.841 rows=100000 loops=2)
                                Filter: ((note ~~ '%x%'::text) AND (SubPlan 3))
                                Rows Removed by Filter: 5
                                SubPlan 3
                                  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (never executed)
                          ->  Hash  (cost=348.00..348.00 rows=200 width=14) (actual time=2.063..2.063 rows=200 loops=2)
                                Buckets: 1024 (originally 512)  Batches: 4  Memory Usage: 18kB
                                ->  Bitmap Heap Scan on customer c  (cost=0.00..348.00 rows=200 width=14) (actual time=0.061..1.964 rows=200 loops=2)
                                      Recheck Cond: (id < 9)
                                      Heap Blocks: exact=30 lossy=2
                                      ->  Bitmap Index Scan on customer_pkey  (cost=0.00..1.00 rows=9 width=0) (actual time=0.020..0.020 rows=9 loops=2)
                                            Index Cond: (id < 9)
Settings: work_mem = '256kB', search_path = '"$user", public'
Query Identifier: -42
Planning:
  Buffers: shared hit=342
  Memory: used=165kB  allocated=264kB
Planning Time: 11.658 ms
Trigger RI_Trigger for constraint fk on orders: time=4.5 calls=3
JIT:
  Functions: 31
  Options: Inlining true, Optimization false, Expressions true, Deforming true
  Timing: Generation 1.340 ms (Deform 0.303 ms), Inlining 9.145 ms, Optimization 0.000 ms, Emission 5.000 ms, Total 15.485 ms
Serialization: time=0.5 ms  output=12kB  format=text
  Buffers: shared hit=3 read=1
Execution Time: 182.548 ms
)~";

std::string costsOff(std::string text)
{
    for (const std::string_view part : {"  (cost=", " (actual ", " (never executed)"}) {
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
            text.erase(at, text.find(')', at) + 1 - at);
    }
    return text;
}

} // namespace

class TestExplainText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheTree();
    void readsFigures();
    void readsProperties();
    void readsTrailers();
    void knowsZeroFromUnknown();
    void needsNoCosts();
    void readsNames_data();
    void readsNames();
    void readsGroupingSets();
    void readsWorkers();
    void readsTargets();
    void keepsLiteralsTogether();
    void readsFiguresOnTheirOwnLines();
    void survivesHostileInput() { QCOMPARE(hostileProblems(explainTextImporter(), kPlan), QString()); }
    void isSniffed();
};

void TestExplainText::readsTheTree()
{
    const PlanOutcome outcome = readText(kPlan);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.issues().size(), std::size_t(0));
    QCOMPARE(outcome.plans().size(), std::size_t(1));
    QStringList tree;
    for (const PlanNodeRow &node : outcome.plans()[0].nodes) {
        const auto text = [](std::string_view t) { return QString::fromUtf8(t.data(), qsizetype(t.size())); };
        tree << QStringLiteral("%1 %2 %3 %4 %5 %6")
                    .arg(node.id)
                    .arg(node.parent)
                    .arg(node.position)
                    .arg(text(node.nodeType), text(node.parentRelationship), text(node.subplanName));
    }
    const QStringList expected{
        QStringLiteral("0 -1 0 Limit  "),
        QStringLiteral("1 0 0 Result InitPlan InitPlan 2 (returns $1)"),
        QStringLiteral("2 1 0 Index Only Scan InitPlan InitPlan 1 (returns $0)"),
        QStringLiteral("3 0 1 Gather Merge Outer "),
        QStringLiteral("4 3 0 Sort Outer "),
        QStringLiteral("5 4 0 Aggregate Outer "),
        QStringLiteral("6 5 0 Hash Join Outer "),
        QStringLiteral("7 6 0 Seq Scan Outer "),
        QStringLiteral("8 7 0 Seq Scan SubPlan SubPlan 3"),
        QStringLiteral("9 6 1 Hash Inner "),
        QStringLiteral("10 9 0 Bitmap Heap Scan Outer "),
        QStringLiteral("11 10 0 Bitmap Index Scan Outer "),
    };
    QCOMPARE(tree, expected);
}

void TestExplainText::readsFigures()
{
    const PlanOutcome outcome = readText(kPlan);
    const std::vector<PlanNodeRow> &nodes = outcome.plans().at(0).nodes;
    QCOMPARE(nodes[0].startupCost, std::optional<double>(10));
    QCOMPARE(nodes[0].totalCost, std::optional<double>(20));
    QCOMPARE(nodes[0].planRows, std::optional<double>(3));
    QCOMPARE(nodes[0].planWidth, std::optional<std::int64_t>(22));
    QCOMPARE(nodes[0].startupMs, std::optional<double>(148.496));
    QCOMPARE(nodes[0].totalMs, std::optional<double>(181.004));
    QCOMPARE(nodes[5].actualRows, std::optional<double>(208)); // 104 in each of 2 loops
    QCOMPARE(nodes[6].rowsRemovedByJoinFilter, std::optional<double>(12));
    QCOMPARE(nodes[7].rowsRemovedByFilter, std::optional<double>(10));
    QCOMPARE(nodes[8].loops, std::optional<double>(0));
    QCOMPARE(nodes[8].totalMs, std::optional<double>(0));
    QCOMPARE(nodes[0].sourceLine, std::int64_t(1));
    QCOMPARE(nodes[1].sourceLine, std::int64_t(7));
}

void TestExplainText::readsProperties()
{
    const PlanOutcome outcome = readText(kPlan);
    const std::vector<PlanNodeRow> &nodes = outcome.plans().at(0).nodes;
    const PlanNodeRow &limit = nodes[0];
    QCOMPARE(limit.sharedHit, std::optional<std::int64_t>(20));
    QCOMPARE(limit.sharedRead, std::optional<std::int64_t>(3));
    QCOMPARE(limit.sharedDirtied, std::optional<std::int64_t>(1));
    QCOMPARE(limit.sharedWritten, std::optional<std::int64_t>(0));
    QCOMPARE(limit.tempRead, std::optional<std::int64_t>(4));
    QCOMPARE(limit.tempWritten, std::optional<std::int64_t>(5));
    QCOMPARE(limit.ioReadMs, std::optional<double>(1.5));
    QCOMPARE(limit.walBytes, std::optional<std::int64_t>(99));
    QCOMPARE(limit.extraJson,
        std::string_view(R"~({"Output":["c.name","(count(*))","$1"],"Temp I/O Write Time":0.250,)~"
                         R"("WAL Records":2,"WAL FPI":1})"));
    QCOMPARE(nodes[2].indexName, std::string_view("idx weird; (x)"));
    QCOMPARE(nodes[2].schema, std::string_view("public"));
    QCOMPARE(nodes[2].relation, std::string_view("Weird Name"));
    QCOMPARE(nodes[2].alias, std::string_view("al ias"));
    QCOMPARE(nodes[2].condition, std::string_view("(id IS NOT NULL)"));
    QCOMPARE(nodes[2].heapFetches, std::optional<std::int64_t>(7));
    QCOMPARE(nodes[2].extraJson, std::string_view(R"({"Scan Direction":"Backward"})"));
    QCOMPARE(nodes[3].workersPlanned, std::optional<std::int64_t>(2));
    QCOMPARE(nodes[3].workersLaunched, std::optional<std::int64_t>(1));
    QCOMPARE(nodes[3].extraJson, std::string_view(R"({"Params Evaluated":["$1","$3"]})"));
    QCOMPARE(nodes[4].sortKb, std::optional<std::int64_t>(37));
    QCOMPARE(nodes[4].sortDisk, std::optional<std::int64_t>(1));
    QCOMPARE(nodes[4].extraJson,
        std::string_view(R"({"Sort Key":["c.name","(count(*)) DESC"],"Sort Method":"external merge"})"));
    QCOMPARE(nodes[5].extraJson,
        std::string_view(
            R"({"Strategy":"Hashed","Partial Mode":"Partial","Planned Partitions":4,)"
            R"("HashAgg Batches":9,"Peak Memory Usage":48,"Disk Usage":100,"Group Key":["c.name"]})"));
    QCOMPARE(nodes[6].joinType, std::string_view("Left"));
    QCOMPARE(nodes[6].condition, std::string_view("(o.customer_id = c.id)"));
    QCOMPARE(nodes[7].extraJson, std::string_view(R"({"Parallel Aware":true})"));
    QCOMPARE(nodes[9].hashBatches, std::optional<std::int64_t>(4));
    QCOMPARE(nodes[9].extraJson,
        std::string_view(R"({"Hash Buckets":1024,"Original Hash Buckets":512,)"
                         R"("Original Hash Batches":4,"Peak Memory Usage":18})"));
    QCOMPARE(nodes[10].exactBlocks, std::optional<std::int64_t>(30));
    QCOMPARE(nodes[10].lossyBlocks, std::optional<std::int64_t>(2));
    QCOMPARE(nodes[11].indexName, std::string_view("customer_pkey"));
    QVERIFY(nodes[11].relation.empty());
    QCOMPARE(outcome.plans()[0].workers.size(), std::size_t(1));
    QCOMPARE(outcome.plans()[0].workers[0].nodeId, 4);
}

void TestExplainText::readsTrailers()
{
    const PlanOutcome outcome = readText(kPlan);
    const PlanRows &plan = outcome.plans().at(0);
    QCOMPARE(plan.plan.planningMs, 11.658);
    QCOMPARE(plan.plan.executionMs, 182.548);
    QCOMPARE(plan.plan.settingsJson,
        std::string_view(R"({"work_mem":"256kB","search_path":"\"$user\", public"})"));
    QCOMPARE(plan.plan.extraJson,
        std::string_view(
            R"({"Query Identifier":-42,"Planning":{"Shared Hit Blocks":342,"Memory Used":165,)"
            R"("Memory Allocated":264},"JIT":{"Functions":31,"Options":{"Inlining":true,)"
            R"("Optimization":false,"Expressions":true,"Deforming":true},"Timing":{"Generation":)"
            R"({"Deform":0.303,"Total":1.340},"Inlining":9.145,"Optimization":0.000,)"
            R"("Emission":5.000,"Total":15.485}},)"
            R"("Serialization":{"Time":0.5,"Output Volume":12,"Format":"text",)"
            R"("Shared Hit Blocks":3,"Shared Read Blocks":1}})"));
    QCOMPARE(plan.triggers.size(), std::size_t(1));
    QCOMPARE(plan.triggers[0].name, std::string_view("RI_Trigger"));
    QCOMPARE(plan.triggers[0].constraintName, std::string_view("fk"));
    QCOMPARE(plan.triggers[0].relation, std::string_view("orders"));
    QCOMPARE(plan.triggers[0].timeMs, std::optional<double>(4.5));
}

void TestExplainText::knowsZeroFromUnknown()
{
    // BUFFERS was on (another node has them): what a node leaves out is 0.
    const PlanOutcome outcome = readText(kPlan);
    const std::vector<PlanNodeRow> &nodes = outcome.plans().at(0).nodes;
    QCOMPARE(nodes[7].sharedHit, std::optional<std::int64_t>(0));
    QCOMPARE(nodes[2].rowsRemovedByIndexRecheck, std::optional<double>(0));
    QVERIFY(!nodes[7].rowsRemovedByJoinFilter);
    const PlanOutcome plain
        = readText("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 "
                   "rows=1 loops=1)\n  Filter: x\n");
    const PlanNodeRow &scan = plain.plans().at(0).nodes[0];
    QVERIFY(!scan.sharedHit && !scan.ioReadMs && !scan.walBytes);
    QCOMPARE(scan.rowsRemovedByFilter, std::optional<double>(0));
    const PlanOutcome estimate = readText("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: x\n");
    QVERIFY(!estimate.plans().at(0).nodes[0].rowsRemovedByFilter);
    QVERIFY(!estimate.plans().at(0).nodes[0].actualRows);
}

void TestExplainText::needsNoCosts()
{
    const PlanOutcome with = readText(kPlan);
    const PlanOutcome without = readText(costsOff(kPlan));
    QVERIFY(!without.error);
    QCOMPARE(without.nodeCount(), with.nodeCount());
    for (std::size_t i = 0; i < with.nodeCount(); ++i) {
        const PlanNodeRow &a = with.plans()[0].nodes[i];
        const PlanNodeRow &b = without.plans()[0].nodes[i];
        QCOMPARE(b.nodeType, a.nodeType);
        QCOMPARE(b.parent, a.parent);
        QCOMPARE(b.parentRelationship, a.parentRelationship);
        QCOMPARE(b.relation, a.relation);
        QVERIFY(!b.totalCost && !b.loops);
    }
}

void TestExplainText::readsNames_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("expected"); // node type | join type | relation | alias | index | extra
    const auto row = [](const char *line, const char *expected) {
        QTest::newRow(line) << QString::fromUtf8(line) << QString::fromUtf8(expected);
    };
    row("Nested Loop", "Nested Loop|Inner||||");
    row("Nested Loop Semi Join", "Nested Loop|Semi||||");
    row("Merge Full Join", "Merge Join|Full||||");
    row("Hash Right Anti Join", "Hash Join|Right Anti||||");
    row("Parallel Hash Right Semi Join", R"(Hash Join|Right Semi||||{"Parallel Aware":true})");
    row("Finalize GroupAggregate", R"(Aggregate|||||{"Strategy":"Sorted","Partial Mode":"Finalize"})");
    row("MixedAggregate", R"(Aggregate|||||{"Strategy":"Mixed","Partial Mode":"Simple"})");
    row("HashSetOp Except All", R"(SetOp|||||{"Strategy":"Hashed","Command":"Except All"})");
    row("Insert on s.t x", R"(ModifyTable||t|x||{"Operation":"Insert"})");
    row("Foreign Update on ft", R"(Foreign Scan||ft|ft||{"Operation":"Update"})");
    row("Async Foreign Scan on public.ft t1",
        R"(Foreign Scan||ft|t1||{"Async Capable":true,"Operation":"Select"})");
    row("Index Scan Backward using i on t", R"(Index Scan||t|t|i|{"Scan Direction":"Backward"})");
    row("Bitmap Index Scan on i", "Bitmap Index Scan||||i|");
    row("CTE Scan on c c_1", R"(CTE Scan|||c_1||{"CTE Name":"c"})");
    row("WorkTable Scan on r", R"(WorkTable Scan|||r||{"CTE Name":"r"})");
    row("Function Scan on pg_catalog.generate_series g",
        R"(Function Scan|||g||{"Function Name":"generate_series"})");
    row("Values Scan on \"*VALUES*\"", "Values Scan|||*VALUES*||");
    row("Subquery Scan on \"a \"\"b\"\" on c\"", "Subquery Scan|||a \"b\" on c||");
    row("Subquery Scan old", "Subquery Scan|||old||");
    row("Seq Scan on \"x  (cost=1.00..2.00 rows=3 width=4)\"",
        "Seq Scan||x  (cost=1.00..2.00 rows=3 width=4)|x  (cost=1.00..2.00 rows=3 width=4)||");
    row("Custom Scan (Citus Adaptive)", R"(Custom Scan|||||{"Custom Plan Provider":"Citus Adaptive"})");
    row("Result Cache", "Result Cache|||||");
}

void TestExplainText::readsNames()
{
    QFETCH(QString, line);
    QFETCH(QString, expected);
    for (const char *figures : {"", "  (cost=0.00..1.00 rows=1 width=4)", " (actual rows=1 loops=1)"}) {
        const PlanOutcome outcome
            = readText("Limit\n  ->  " + line.toStdString() + figures + "\n        Disabled: true\n");
        QVERIFY(!outcome.error);
        QCOMPARE(outcome.nodeCount(), std::size_t(2));
        const PlanNodeRow &node = outcome.plans()[0].nodes[1];
        std::string extra(node.extraJson);
        QVERIFY(extra.ends_with("\"Disabled\":true}"));
        extra = extra.size() == 17 ? "" : extra.substr(0, extra.size() - 17) + "}";
        const std::string got = std::string(node.nodeType) + '|' + std::string(node.joinType) + '|'
            + std::string(node.relation) + '|' + std::string(node.alias) + '|' + std::string(node.indexName)
            + '|' + extra;
        QCOMPARE(QString::fromStdString(got), expected);
    }
}

void TestExplainText::readsGroupingSets()
{
    const PlanOutcome outcome
        = readText("MixedAggregate\n  Hash Key: a\n  Hash Key: b, f(c, d)\n  Group Key: ()\n"
                   "  Sort Key: e\n    Group Key: e\n  ->  Seq Scan on t\n");
    QCOMPARE(outcome.plans().at(0).nodes[0].extraJson,
        std::string_view(
            R"({"Strategy":"Mixed","Partial Mode":"Simple","Grouping Sets":[{"Hash Keys":[["a"]]},)"
            R"~({"Hash Keys":[["b","f(c, d)"]]},{"Group Keys":[[]]},)~"
            R"({"Sort Key":["e"],"Group Keys":[["e"]]}]})"));
    QCOMPARE(outcome.nodeCount(), std::size_t(2));
}

void TestExplainText::readsWorkers()
{
    const PlanOutcome outcome = readText(
        "Gather (actual rows=4 loops=1)\n  ->  Sort (actual rows=4 loops=2)\n"
        "        Worker 0:  actual time=0.5..2.5 rows=3 loops=1\n          Sort Method: quicksort  Memory: "
        "25kB\n"
        "          JIT:\n            Functions: 6\n          Buffers: shared hit=9\n"
        "        Worker 1:  actual rows=1 loops=1\n        ->  Seq Scan on t (actual rows=2 loops=2)\n"
        "              Worker 1:  actual rows=2 loops=1\n");
    const std::vector<PlanWorkerRow> &workers = outcome.plans().at(0).workers;
    QCOMPARE(workers.size(), std::size_t(3));
    QCOMPARE(workers[0].startupMs, std::optional<double>(0.5));
    QCOMPARE(workers[0].totalMs, std::optional<double>(2.5));
    QCOMPARE(workers[0].rows, std::optional<double>(3));
    QCOMPARE(workers[0].extraJson,
        std::string_view(R"({"Sort Method":"quicksort","Sort Space Type":"Memory","Sort Space Used":25,)"
                         R"("JIT":{"Functions":6},"Shared Hit Blocks":9})"));
    QCOMPARE(workers[1].worker, 1);
    QCOMPARE(workers[2].nodeId, 2);
    QVERIFY(outcome.plans()[0].nodes[1].extraJson.empty());
}

void TestExplainText::readsTargets()
{
    const PlanOutcome outcome
        = readText("Update on public.parent  (cost=0.00..2.00 rows=0 width=0)\n  Update on public.child c\n"
                   "  Foreign Update on public.remote r\n    Remote SQL: UPDATE x SET y = $1\n"
                   "  ->  Append  (cost=0.00..1.00 rows=1 width=4)\n"
                   "        ->  Seq Scan on child c  (cost=0.00..1.00 rows=1 width=4)\n");
    QCOMPARE(outcome.nodeCount(), std::size_t(3));
    QCOMPARE(outcome.plans()[0].nodes[0].extraJson,
        std::string_view(
            R"({"Operation":"Update","Target Tables":[{"Relation Name":"child","Schema":"public",)"
            R"("Alias":"c"},{"Relation Name":"remote","Schema":"public","Alias":"r",)"
            R"("Remote SQL":"UPDATE x SET y = $1"}]})"));
    QCOMPARE(outcome.plans()[0].nodes[2].parentRelationship, std::string_view("Member"));
}

void TestExplainText::keepsLiteralsTogether()
{
    const PlanOutcome outcome = readText(
        "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (x = 'a\n"
        "  ->  Seq Scan on fake  (cost=0.00..1.00 rows=1 width=4)\n\nPlanning Time: 3 ms\n(1 row)\n"
        "b''c'::text)\nPlanning Time: 0.5 ms\n");
    QCOMPARE(outcome.nodeCount(), std::size_t(1));
    QCOMPARE(outcome.plans()[0].nodes[0].filter,
        std::string_view("(x = 'a\n  ->  Seq Scan on fake  (cost=0.00..1.00 rows=1 width=4)\n\n"
                         "Planning Time: 3 ms\n(1 row)\nb''c'::text)"));
    QCOMPARE(outcome.plans()[0].plan.planningMs, 0.5);
    // A literal that was cut off ends with its line.
    const PlanOutcome cut
        = readText("Nested Loop  (cost=0.00..1.00 rows=1 width=4)\n  Join Filter: (x = 'it was\n"
                   "  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n"
                   "        Filter: (b = 'x'::text)\n"
                   "  ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4)\n");
    QCOMPARE(cut.nodeCount(), std::size_t(3));
}

void TestExplainText::readsFiguresOnTheirOwnLines()
{
    const PlanOutcome outcome
        = readText("Query Text: SELECT 1\n  FROM orders\nSort\n      (cost=1.00..2.00 rows=3 width=4)\n"
                   "      (actual time=0.1..0.2 rows=3 loops=1)\n  Sort Key: a\n"
                   "  ->  Seq Scan on orders  (cost=0.00..12847623.00 rows=4821 width=196)\n"
                   "                          (actual time=287401.22..287892.55 rows=4793 loops=1)\n"
                   "        Filter: ((customer_id = 42) AND (status = 'shipped'::text))\n"
                   "        Rows Removed by Filter: 499995207\nExecution Time: 287893.01 ms\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.nodeCount(), std::size_t(2));
    const PlanRows &plan = outcome.plans()[0];
    QCOMPARE(plan.plan.queryText, std::string_view("SELECT 1\n  FROM orders"));
    QCOMPARE(plan.plan.executionMs, 287893.01);
    QCOMPARE(plan.nodes[0].totalMs, std::optional<double>(0.2));
    QCOMPARE(plan.nodes[1].totalCost, std::optional<double>(12847623));
    QCOMPARE(plan.nodes[1].totalMs, std::optional<double>(287892.55));
    QCOMPARE(plan.nodes[1].rowsRemovedByFilter, std::optional<double>(499995207));
    QCOMPARE(plan.nodes[1].sourceLine, std::int64_t(7));
}

void TestExplainText::isSniffed()
{
    const Importer &text = explainTextImporter();
    QCOMPARE(text.sniff(kPlan, "x"), Confidence::Strong);
    QCOMPARE(explainJsonImporter().sniff(kPlan, "x"), Confidence::No);
    QVERIFY(text.sniff(costsOff(kPlan), "x") >= Confidence::Likely);
    QVERIFY(text.sniff("Seq Scan on t", "x") > Confidence::No);
    QCOMPARE(text.sniff("Dear all,\nthe Limit was reached.\n", "mail.txt"), Confidence::No);
    QCOMPARE(text.sniff("a;b;c 12\na;d 3\n", "stacks.txt"), Confidence::No);
    QCOMPARE(text.sniff("time,value\n1,2\n", "plan.csv"), Confidence::No);
    QCOMPARE(text.sniff("<explain xmlns=\"x\">\n", "plan.xml"), Confidence::No);
    // MySQL's tree has arrows and costs, but no width.
    QCOMPARE(
        text.sniff("-> Nested loop inner join  (cost=4.95 rows=9)\n    -> Table scan on t  (cost=1 rows=9)\n",
            "x"),
        Confidence::No);
}

QTEST_GUILESS_MAIN(TestExplainText)
#include "tst_explaintext.moc"
