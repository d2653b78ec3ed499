// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Self times of plans of MySQL: a tree whose answers are known, and how wrong its rounded figures may be.
#include "analysis/plantime.h"
#include "import/explainother/explainother.h"
#include "tests/import/explainrows.h"

#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::testing;

namespace {

std::vector<analysis::PlanTimeNode> timesOf(const std::string &text, const import::Importer &importer)
{
    std::vector<analysis::PlanTimeNode> nodes;
    const PlanOutcome outcome = readPlans(importer, text);
    if (outcome.plans().size() != 1)
        return nodes;
    for (const PlanNodeRow &row : outcome.plans()[0].nodes) {
        analysis::PlanTimeNode node;
        node.parent = row.parent;
        node.nodeType = row.nodeType;
        node.parentRelationship = row.parentRelationship;
        node.subplanName = row.subplanName;
        node.totalMsPerLoop = row.totalMs;
        node.loops = row.loops;
        if (row.totalMs)
            node.roundingMs = analysis::mysqlRoundingMs(*row.totalMs);
        nodes.push_back(node);
    }
    return nodes;
}

bool near(const std::optional<double> &value, double expected)
{
    return value && std::abs(*value - expected) < 1e-9;
}

} // namespace

class TestPlanTimeForeign : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesATreeApart();
    void addsUpAroundTemporaryTables();
    void readsMariadb();
    void knowsTheRounding();
};

void TestPlanTimeForeign::takesATreeApart()
{
    std::vector<analysis::PlanTimeNode> n = timesOf(
        "-> Limit: 10 row(s)  (cost=9 rows=10) (actual time=120..121 rows=10 loops=1)\n"
        "    -> Sort: o.total DESC  (actual time=120..120 rows=10 loops=1)\n"
        "        -> Filter: (o.a in (select #2))  (cost=4170 rows=33.3) (actual time=0.5..100 rows=500 "
        "loops=1)\n"
        "            -> Nested loop inner join  (cost=4170 rows=333) (actual time=0.25..80 rows=500 "
        "loops=1)\n"
        "                -> Table scan on c  (cost=1.25 rows=10) (actual time=0.05..0.1 rows=10 loops=1)\n"
        "                -> Index lookup on o using k (a=c.id)  (cost=0.5 rows=33.3) (actual time=0.2..6 "
        "rows=50 loops=10)\n"
        "            -> Select #2 (subquery in condition; dependent)\n"
        "                -> Limit: 1 row(s)  (cost=0.35 rows=1) (actual time=0.02..0.02 rows=0 loops=500)\n"
        "                    -> Index lookup on b using k (a=o.id)  (cost=0.35 rows=1) (never executed)\n",
        import::explainMysqlTreeImporter());
    QCOMPARE(n.size(), std::size_t(9));
    QCOMPARE(analysis::computePlanTimes(n), 0.0);
    const double self[] = {1, 20, 10, 19.9, 0.1, 60, 0, 10, 0};
    double sum = 0;
    for (std::size_t i = 0; i < n.size(); ++i) {
        QVERIFY2(near(n[i].selfMs, self[i]),
            qPrintable(QStringLiteral("node %1: %2").arg(i).arg(n[i].selfMs.value_or(-1))));
        sum += *n[i].selfMs;
    }
    QVERIFY(std::abs(sum - 121) < 1e-9);
    QVERIFY(near(n[5].wallMs, 60)); // times are per loop
    // 6 ms printed with three digits: 0.005 a loop, ten loops.
    QVERIFY(near(n[5].doubtMs, 0.05));
}

void TestPlanTimeForeign::addsUpAroundTemporaryTables()
{
    std::vector<analysis::PlanTimeNode> n
        = timesOf("-> Sort: x  (actual time=40..40 rows=54 loops=1)\n"
                  "    -> Table scan on <temporary>  (actual time=0.001..0.025 rows=54 loops=1)\n"
                  "        -> Aggregate using temporary table  (actual time=37.6..37.7 rows=54 loops=1)\n"
                  "            -> Table scan on t  (cost=1 rows=2) (actual time=0.1..20 rows=54 loops=1)\n",
            import::explainMysqlTreeImporter());
    QCOMPARE(n.size(), std::size_t(4));
    QCOMPARE(analysis::computePlanTimes(n), 0.0);
    QVERIFY(near(n[0].selfMs, 40 - 37.725));
    QVERIFY(near(n[1].selfMs, 0.025));
    QVERIFY(near(n[2].selfMs, 17.7));
}

void TestPlanTimeForeign::readsMariadb()
{
    std::vector<analysis::PlanTimeNode> n = timesOf(
        R"({"query_block": {"select_id": 1, "r_loops": 1, "r_total_time_ms": 20.5, "nested_loop": [
            {"table": {"table_name": "a", "r_loops": 1, "r_rows": 90, "r_total_time_ms": 5}},
            {"table": {"table_name": "b", "r_loops": 90, "r_rows": 3, "r_total_time_ms": 9}}]}})",
        import::explainMysqlJsonImporter());
    QCOMPARE(n.size(), std::size_t(4));
    QCOMPARE(analysis::computePlanTimes(n), 0.0);
    QVERIFY(near(n[0].selfMs, 6.5));
    QVERIFY(near(n[1].wallMs, 14));
    QVERIFY(near(n[1].selfMs, 0));
    QVERIFY(near(n[3].selfMs, 9));
}

void TestPlanTimeForeign::knowsTheRounding()
{
    QCOMPARE(analysis::mysqlRoundingMs(1234), 5.0); // "1234" may be 1229.5 to 1239 of "%.3g"
    QCOMPARE(analysis::mysqlRoundingMs(37.6), 0.05);
    QCOMPARE(analysis::mysqlRoundingMs(0.051), 0.0005);
    QVERIFY(std::abs(analysis::mysqlRoundingMs(0.0512) - 0.00005) < 1e-12);
    QCOMPARE(analysis::mysqlRoundingMs(0), 0.0005);
    QCOMPARE(analysis::mysqlRoundingMs(std::nan("")), 0.0005);
}

QTEST_GUILESS_MAIN(TestPlanTimeForeign)
#include "tst_plantimeforeign.moc"
