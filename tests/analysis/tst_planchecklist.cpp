// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planchecklist.h"
#include "analysis/planoutside.h"
#include "analysis/plansums.h"

#include <QTest>

using namespace tailscope::analysis;
using Kind = PlanCheck::Kind;
using State = PlanCheck::State;

namespace {

PlanFactsNode node(int parent, const char *type, double selfMs, double wallMs, double planRows = 1,
    double actualRows = 1, double loops = 1)
{
    PlanFactsNode out;
    out.parent = parent;
    out.nodeType = type;
    out.selfMs = selfMs;
    out.wallMs = wallMs;
    out.totalMs = loops > 0 ? wallMs / loops : 0;
    out.planRows = planRows;
    out.actualRows = actualRows;
    out.loops = loops;
    return out;
}

PlanFacts completed(std::vector<PlanFactsNode> nodes, std::optional<double> executionMs = std::nullopt)
{
    PlanFacts facts;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        nodes[i].id = static_cast<std::int64_t>(i) + 1;
    facts.nodes = std::move(nodes);
    facts.executionMs = executionMs;
    completePlanFacts(facts);
    return facts;
}

PlanCheck find(const PlanFacts &facts, Kind kind)
{
    for (PlanCheck &check : planChecklist(facts)) {
        if (check.kind == kind)
            return check;
    }
    return {kind, State::Unknown, "absent", {}, {}, {}};
}

bool has(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

} // namespace

class TestPlanChecklist : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hottestNodeAndItsShare()
    {
        const PlanFacts facts = completed({node(-1, "Sort", 10, 100), node(0, "Seq Scan", 90, 90)}, 120);
        const PlanCheck time = find(facts, Kind::Time);
        QCOMPARE(time.state, State::Warning);
        QCOMPARE(time.nodes, std::vector<int>{1});
        QVERIFY2(has(time.value, "75 %"), time.value.c_str()); // 90 of 120
    }

    void lowestMisestimateIsTheCause()
    {
        // The join is off by 1000, its outer scan by 200: the scan is the cause. The other scan is right.
        const PlanFacts facts = completed({node(-1, "Hash Join", 1, 9, 1, 1000),
            node(0, "Seq Scan", 4, 4, 5, 1000), node(0, "Hash", 4, 4, 50, 50)});
        const PlanCheck estimate = find(facts, Kind::Estimate);
        QCOMPARE(estimate.nodes, std::vector<int>{1});
        QVERIFY2(has(estimate.value, "200"), estimate.value.c_str());
        QCOMPARE(estimate.state, State::Warning);
    }

    void rowsBelowALimitAreNotComparable()
    {
        PlanFactsNode sort = node(1, "Sort", 1, 1, 5000, 10);
        sort.parentRelationship = "Outer";
        const PlanFacts facts = completed({node(-1, "Limit", 0, 9, 10, 10),
            node(0, "Nested Loop", 0, 9, 9000, 10), sort, node(2, "Seq Scan", 8, 8, 5000, 5000)});
        QCOMPARE(facts.nodes[0].comparison, RowsComparison::Comparable);
        QCOMPARE(facts.nodes[1].comparison, RowsComparison::BelowLimit);
        QCOMPARE(facts.nodes[2].comparison, RowsComparison::BelowLimit);
        // A sort reads its input to the end before it returns a row.
        QCOMPARE(facts.nodes[3].comparison, RowsComparison::Comparable);
        QVERIFY(!facts.nodes[1].rowsFactor());
        QCOMPARE(find(facts, Kind::Estimate).state, State::Good);
        // A limit that was not reached stopped nothing.
        const PlanFacts whole
            = completed({node(-1, "Limit", 0, 9, 10, 3), node(0, "Seq Scan", 9, 9, 1000, 3)});
        QCOMPARE(whole.nodes[1].comparison, RowsComparison::Comparable);
        QCOMPARE(find(whole, Kind::Estimate).nodes, std::vector<int>{1});
    }

    void otherRowsThatAreNotComparable()
    {
        PlanFactsNode loop = node(-1, "Nested Loop", 1, 1, 10, 10);
        loop.joinType = "Semi";
        PlanFactsNode inner = node(0, "Index Scan", 1, 1, 40, 10, 10);
        inner.parentRelationship = "Inner";
        QCOMPARE(completed({loop, node(0, "Seq Scan", 1, 1), inner}).nodes[2].comparison,
            RowsComparison::InnerOfSemiJoin);
        QCOMPARE(completed({node(-1, "Merge Join", 1, 1), node(0, "Index Scan", 1, 1, 9000, 4)})
                     .nodes[1]
                     .comparison,
            RowsComparison::StoppedMerge);
        QCOMPARE(completed({node(-1, "Seq Scan", 0, 0, 10, 0, 0)}).nodes[0].comparison,
            RowsComparison::NeverExecuted);
        QVERIFY(!comparisonReason(RowsComparison::NeverExecuted).empty());
        QVERIFY(comparisonReason(RowsComparison::Comparable).empty());
    }

    void titlesAsExplainPrintsThem()
    {
        PlanFactsNode join = node(-1, "Nested Loop", 1, 1);
        join.joinType = "Semi";
        QCOMPARE(join.title(), std::string("Nested Loop Semi Join"));
        join.nodeType = "Hash Join";
        QCOMPARE(join.title(), std::string("Hash Semi Join"));
        join.joinType = "Inner";
        QCOMPARE(join.title(), std::string("Hash Join"));
        PlanFactsNode other = node(-1, "Aggregate", 1, 1);
        other.strategy = "Hashed";
        other.partialMode = "Partial";
        QCOMPARE(other.title(), std::string("Partial HashAggregate"));
        other = node(-1, "ModifyTable", 1, 1);
        other.operation = "Update";
        other.relation = "orders";
        QCOMPARE(other.title(), std::string("Update on orders"));
        other = node(-1, "Bitmap Index Scan", 1, 1);
        other.indexName = "i";
        other.isParallelAware = true;
        QCOMPARE(other.title(), std::string("Parallel Bitmap Index Scan on i"));
        other.nodeType = "Index Scan";
        other.relation = "orders";
        other.alias = "o";
        QCOMPARE(other.title(), std::string("Parallel Index Scan using i on orders o"));
    }

    void unknownSaysWhatToRun()
    {
        PlanFactsNode scan;
        scan.nodeType = "Seq Scan";
        scan.planRows = 5;
        const PlanFacts estimated = completed({scan});
        for (const Kind kind :
            {Kind::Time, Kind::Estimate, Kind::Removed, Kind::Spill, Kind::Reads, Kind::Loops}) {
            const PlanCheck check = find(estimated, kind);
            QCOMPARE(check.state, State::Unknown);
            QVERIFY2(has(check.value, "EXPLAIN"), check.value.c_str());
        }
        QVERIFY(has(find(completed({node(-1, "Seq Scan", 5, 5)}), Kind::Reads).value, "BUFFERS"));
        QVERIFY(planChecklist(PlanFacts{}).empty());
    }

    void rowsSpillsAndReads()
    {
        PlanFactsNode scan = node(0, "Seq Scan", 5, 5, 100, 100);
        scan.removedByFilter = 9900;
        scan.selfHit = 100;
        scan.selfRead = 300;
        scan.sharedRead = 300;
        PlanFactsNode sort = node(-1, "Sort", 5, 10, 100, 100);
        sort.sortDisk = 1;
        sort.tempWritten = 128;
        const PlanFacts facts = completed({sort, scan});
        const PlanCheck removed = find(facts, Kind::Removed);
        QVERIFY2(has(removed.value, "9,900") && has(removed.value, "99 %"), removed.value.c_str());
        QCOMPARE(removed.state, State::Warning);
        const PlanCheck spill = find(facts, Kind::Spill);
        QCOMPARE(spill.nodes, std::vector<int>{0});
        QVERIFY2(has(spill.value, "1.00 MiB") || has(spill.value, "1 MiB"), spill.value.c_str());
        const PlanCheck reads = find(facts, Kind::Reads);
        QVERIFY2(has(reads.value, "75 %"), reads.value.c_str());
        QCOMPARE(reads.nodes, std::vector<int>{1});
    }

    void loopsAndWorkers()
    {
        PlanFactsNode gather = node(-1, "Gather", 1, 300);
        gather.workersPlanned = 4;
        gather.workersLaunched = 1;
        PlanFactsNode inner = node(0, "Index Scan", 250, 299, 1, 30'000, 30'000);
        inner.doubtMs = 15;
        const PlanFacts facts = completed({gather, inner}, 300);
        const PlanCheck loops = find(facts, Kind::Loops);
        QVERIFY2(has(loops.value, "30,000 loops") && has(loops.value, "15"), loops.value.c_str());
        const PlanCheck workers = find(facts, Kind::Workers);
        QCOMPARE(workers.state, State::Warning);
        QVERIFY2(has(workers.value, "1 of 4"), workers.value.c_str());
    }

    void overheadOutsideAndNothingToGain()
    {
        PlanFacts facts = completed({node(-1, "Result", 0.1, 0.1)}, 10);
        facts.planningMs = 30;
        facts.jitMs = 1;
        const PlanCheck overhead = find(facts, Kind::Overhead);
        QVERIFY2(has(overhead.value, "75 %") && has(overhead.value, "JIT"), overhead.value.c_str());
        QCOMPARE(overhead.state, State::Notice);
        const PlanCheck outside = find(facts, Kind::Outside);
        QVERIFY2(has(outside.value, "99 %"), outside.value.c_str());
        QCOMPARE(find(facts, Kind::Nothing).title, std::string("absent"));
        PlanFacts small = completed({node(-1, "Result", 0.1, 0.1)}, 0.11);
        QCOMPARE(find(small, Kind::Nothing).state, State::Good);
    }

    void triggersBesideAndInsideTheTree()
    {
        // Known answers of the reference: BEFORE triggers are in the node, AFTER triggers beside the tree.
        PlanFacts before = completed({node(-1, "ModifyTable", 71, 71)}, 71.5);
        before.triggers.push_back({"slow", "t", "", 60.5, 3});
        QCOMPARE(planOutside(before).triggersInsideMs, std::optional<double>(60.5));
        QVERIFY(planOutside(before).isTriggerPlaceAssumed);
        PlanFacts after = completed({node(-1, "ModifyTable", 0.3, 0.3)}, 70.8);
        after.triggers.push_back({"slow", "t", "", 60.5, 3});
        const PlanOutside out = planOutside(after);
        QCOMPARE(out.triggersAfterMs, std::optional<double>(60.5));
        QVERIFY(qAbs(*out.startStopMs - 10.0) < 1e-9);
        PlanFacts constraint = completed({node(-1, "ModifyTable", 71, 71)}, 90);
        constraint.triggers.push_back({"RI", "t", "t_fk", 15, 3});
        QVERIFY(!planOutside(constraint).isTriggerPlaceAssumed);
        QVERIFY(qAbs(*planOutside(constraint).startStopMs - 4.0) < 1e-9);
        PlanFactsNode never = node(-1, "Result", 0, 0);
        never.oneTimeFilter = "false";
        QVERIFY(planOutside(completed({never})).isWholeNeverRun);
    }

    void sumsByTableIndexAndType()
    {
        PlanFactsNode first = node(0, "Seq Scan", 30, 30, 1, 7), second = node(0, "Index Scan", 20, 20, 1, 5);
        first.relation = second.relation = "orders";
        first.schema = second.schema = "public";
        second.indexName = "orders_pkey";
        first.selfRead = 4;
        const PlanFacts facts = completed({node(-1, "Append", 1, 51), first, second});
        const std::vector<PlanSum> tables = planSums(facts, PlanSumBy::Table);
        QCOMPARE(tables.size(), std::size_t(1));
        QCOMPARE(tables[0].key, std::string("public.orders"));
        QCOMPARE(tables[0].selfMs, std::optional<double>(50));
        QCOMPARE(tables[0].rows, std::optional<double>(12));
        QCOMPARE(tables[0].selfRead, std::optional<std::int64_t>(4));
        QVERIFY(!tables[0].selfHit);
        QCOMPARE(tables[0].nodes, (std::vector<int>{1, 2}));
        QCOMPARE(planSums(facts, PlanSumBy::Index).size(), std::size_t(1));
        double sum = 0;
        for (const PlanSum &type : planSums(facts, PlanSumBy::NodeType))
            sum += type.selfMs.value_or(0);
        QCOMPARE(sum, 51.0); // self times add up to the root
    }

    void processesOfAParallelNode()
    {
        // Printed: 3 loops of 142 ms = 426 ms; workers took 400 and 13: the leader 13.
        PlanFactsNode scan = node(0, "Seq Scan", 400, 400, 1, 300, 3);
        scan.totalMs = 142;
        PlanFacts facts = completed({node(-1, "Gather", 1, 401), scan});
        facts.workers = {{1, 0, 0.1, 400, 200, 1}, {1, 1, 0.1, 13, 50, 1}};
        const std::vector<PlanProcesses> nodes = planProcesses(facts);
        QCOMPARE(nodes.size(), std::size_t(1));
        QCOMPARE(nodes[0].processes.size(), std::size_t(3));
        QCOMPARE(nodes[0].processes[0].worker, -1);
        QVERIFY(qAbs(*nodes[0].processes[0].totalMs - 13) < 1e-9);
        QCOMPARE(nodes[0].processes[0].rows, std::optional<double>(50));
        QCOMPARE(nodes[0].critical, 1);
        QVERIFY(qAbs(*nodes[0].skew - 400.0 / 142.0) < 1e-9);
        // A leader that only waits is no process of the node.
        facts.nodes[1].loops = 2;
        facts.nodes[1].totalMs = 206.5;
        QCOMPARE(planProcesses(facts)[0].processes.size(), std::size_t(2));
    }
};

QTEST_APPLESS_MAIN(TestPlanChecklist)
#include "tst_planchecklist.moc"
