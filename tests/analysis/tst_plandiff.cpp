// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Two plans compared by meaning: known cases, and what must hold for any two.
#include "analysis/plandiff.h"
#include "analysis/planfeatures.h"
#include "analysis/planmatch.h"
#include "analysis/planwords.h"
#include "plantexts.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using tests::planTree;
using What = NodeDifference::What;
using Kind = NodePair::Kind;

namespace {

/// "same 0-0 | changed 1-2 node type, index | added -3": the pairs in order.
QString pairsText(const PlanDiff &diff)
{
    QStringList lines;
    for (const NodePair &pair : diff.pairs) {
        QStringList differences;
        for (const NodeDifference &difference : pair.differences)
            differences << QString::fromUtf8(toText(difference.what).data(),
                qsizetype(toText(difference.what).size()));
        const QString kind = QString::fromStdString(std::string(toText(pair.kind)));
        lines << QStringLiteral("%1 %2-%3 %4")
                     .arg(kind, pair.a < 0 ? QString() : QString::number(pair.a),
                         pair.b < 0 ? QString() : QString::number(pair.b),
                         differences.join(QStringLiteral(", ")))
                     .trimmed();
    }
    return lines.join(QStringLiteral(" | "));
}

QString sentence(const PlanDiff &diff) { return QString::fromStdString(diff.sentence); }

std::set<std::pair<int, int>> pairsOf(const PlanDiff &diff)
{
    std::set<std::pair<int, int>> pairs;
    for (const NodePair &pair : diff.pairs)
        pairs.emplace(pair.a, pair.b);
    return pairs;
}

const std::string kSeq = R"(Seq Scan on orders  (cost=0.00..12847623.00 rows=4821 width=196)
                    (actual time=287401.22..287892.55 rows=4793 loops=1)
  Filter: ((customer_id = 42) AND (status = 'shipped'::text))
  Rows Removed by Filter: 499995207
  Buffers: shared hit=1024 read=8472981
Planning Time: 0.12 ms
Execution Time: 287893.01 ms
)";
const std::string kIndex
    = R"(Index Scan using idx_orders_customer_status on orders  (cost=0.57..5241.33 rows=4821 width=196)
                    (actual time=0.03..4.87 rows=4793 loops=1)
  Index Cond: ((customer_id = 42) AND (status = 'shipped'::text))
  Buffers: shared hit=4821
Planning Time: 0.15 ms
Execution Time: 5.12 ms
)";
const std::string kJoin
    = R"(Hash Join  (cost=1.00..90.00 rows=100 width=8) (actual time=1.0..9.0 rows=100 loops=1)
  Hash Cond: (o.customer_id = c.id)
  ->  Seq Scan on orders o  (cost=0.00..50.00 rows=1000 width=8) (actual time=0.1..3.0 rows=1000 loops=1)
  ->  Hash  (cost=1.00..1.00 rows=10 width=4) (actual time=1.0..1.0 rows=10 loops=1)
        ->  Seq Scan on customers c  (cost=0.00..1.00 rows=10 width=4) (actual time=0.1..1.0 rows=10 loops=1)
              Filter: (country = 'DE'::text)
Execution Time: 9.5 ms
)";
const std::string kSwapped
    = R"(Hash Join  (cost=1.00..90.00 rows=100 width=8) (actual time=1.0..9.0 rows=100 loops=1)
  Hash Cond: (c.id = o.customer_id)
  ->  Seq Scan on customers c  (cost=0.00..1.00 rows=10 width=4) (actual time=0.1..1.0 rows=10 loops=1)
        Filter: (country = 'FR'::text)
  ->  Hash  (cost=50.00..50.00 rows=1000 width=4) (actual time=4.0..4.0 rows=1000 loops=1)
        ->  Seq Scan on orders o  (cost=0.00..50.00 rows=1000 width=8) (actual time=0.1..3.0 rows=1000 loops=1)
Execution Time: 9.5 ms
)";
const std::string kNested
    = R"(Nested Loop  (cost=0.00..900.00 rows=100 width=8) (actual time=1.0..900.0 rows=100 loops=1)
  ->  Seq Scan on orders o  (cost=0.00..50.00 rows=1000 width=8) (actual time=0.1..3.0 rows=1000 loops=1)
  ->  Index Scan using customers_pkey on customers c  (cost=0.00..0.80 rows=1 width=4) (actual time=0.7..0.8 rows=0 loops=1000)
        Index Cond: (id = o.customer_id)
        Filter: (country = 'DE'::text)
Execution Time: 901 ms
)";

} // namespace

class TestPlanDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSeedCase();
    void sameTwiceIsAllSame();
    void insertedGather();
    void hashAgainstNestedLoop();
    void indexChange();
    void bitmapNamesItsIndexes();
    void swappedInputs();
    void subplanRemoved();
    void figuresOnly();
    void differentStatements();
    void estimatesOnly();
    void positionNeverBeatsMeaning();
    void selfJoinsKeepTheirAliases();
    void factors_data();
    void factors();
    void conditions_data();
    void conditions();
    void shapesIgnoreConstants();
};

void TestPlanDiff::theSeedCase()
{
    const PlanTree a = planTree(kSeq), b = planTree(kIndex);
    const PlanDiff diff = diffPlans(a, b);
    QCOMPARE(diff.pairs.size(), std::size_t(1));
    QCOMPARE(diff.pairs[0].kind, Kind::Changed);
    QVERIFY(std::abs(diff.timeFactor - 56229.1) < 0.05);
    QVERIFY(std::abs(diff.buffersFactor - 1757.7) < 0.05);
    QVERIFY(std::abs(diff.costFactor - 2451.2) < 0.05);
    QCOMPARE(fasterText(diff.timeFactor), std::string("56,229 times faster"));
    QCOMPARE(buffersText(diff.buffersFactor), std::string("1,758 times fewer buffers"));
    QCOMPARE(factorsText(diff),
        std::string(
            "56,229 times faster, 1,758 times fewer buffers, 2,451 times lower estimated cost (cost units, "
            "not time)"));
    QCOMPARE(sentence(diff),
        QStringLiteral("Index Scan using idx_orders_customer_status on orders replaced Seq Scan on orders."));
    QCOMPARE(factorsText(diffPlans(b, a)).substr(0, 20), std::string("56,229 times slower,"));
}

void TestPlanDiff::sameTwiceIsAllSame()
{
    for (const std::string &text : {kSeq, kIndex, kJoin, kNested}) {
        const PlanTree one = planTree(text);
        const PlanDiff diff = diffPlans(one, one);
        QCOMPARE(diff.same, int(one.nodes.size()));
        QCOMPARE(diff.changed + diff.added + diff.removed, 0);
        QVERIFY(diff.isSameShape);
        QCOMPARE(diff.timeFactor, 1.0);
        for (const NodePair &pair : diff.pairs) {
            QCOMPARE(pair.a, pair.b);
            QCOMPARE(pair.similarity, 1.0);
        }
        QCOMPARE(sentence(diff), QStringLiteral("The same plan: the same nodes, indexes and conditions."));
    }
}

void TestPlanDiff::insertedGather()
{
    const PlanTree a
        = planTree(R"(Aggregate  (cost=9.00..9.01 rows=1 width=8) (actual time=90.0..90.0 rows=1 loops=1)
  ->  Seq Scan on t  (cost=0.00..8.00 rows=1000 width=4) (actual time=0.1..80.0 rows=1000 loops=1)
        Filter: (x > 5)
Execution Time: 90.1 ms
)");
    const PlanTree b
        = planTree(R"(Aggregate  (cost=9.00..9.01 rows=1 width=8) (actual time=50.0..50.0 rows=1 loops=1)
  ->  Gather  (cost=0.00..8.00 rows=1000 width=4) (actual time=0.1..45.0 rows=1000 loops=1)
        Workers Planned: 1
        Workers Launched: 1
        ->  Parallel Seq Scan on t  (cost=0.00..8.00 rows=500 width=4) (actual time=0.1..40.0 rows=500 loops=2)
              Filter: (x > 7)
Execution Time: 50.1 ms
)");
    const PlanDiff diff = diffPlans(a, b);
    QCOMPARE(pairsOf(diff), (std::set<std::pair<int, int>>{{0, 0}, {-1, 1}, {1, 2}}));
    QVERIFY2(diff.sentence.starts_with("Gather over t was added"), diff.sentence.c_str());
    QCOMPARE(pairsOf(diffPlans(b, a)), (std::set<std::pair<int, int>>{{0, 0}, {1, -1}, {2, 1}}));
    // One word of TEXT, a type and a strategy elsewhere.
    const PlanTree hashed = planTree("HashAggregate  (cost=9.00..9.01 rows=1 width=8)\n  Group Key: x\n"
                                     "  ->  Seq Scan on t  (cost=0.00..8.00 rows=500 width=4)\n");
    QCOMPARE(hashed.nodes[0].title(), std::string("HashAggregate"));
    QVERIFY2(diffPlans(a, hashed).sentence.starts_with("HashAggregate replaced Aggregate"),
        diffPlans(a, hashed).sentence.c_str());
}

void TestPlanDiff::hashAgainstNestedLoop()
{
    const PlanDiff diff = diffPlans(planTree(kJoin), planTree(kNested));
    // The Hash has no partner; both scans keep theirs although one moved up a level.
    QCOMPARE(pairsOf(diff), (std::set<std::pair<int, int>>{{0, 0}, {1, 1}, {2, -1}, {3, 2}}));
    QCOMPARE(diff.removed, 1);
    QCOMPARE(sentence(diff),
        QStringLiteral("Index Scan using customers_pkey on customers c replaced Seq Scan on customers c; "
                       "Nested Loop of orders and customers replaced Hash Join of orders and customers."));
    QVERIFY(std::any_of(diff.pairs.begin(), diff.pairs.end(), [](const NodePair &pair) {
        return std::any_of(pair.differences.begin(), pair.differences.end(),
            [](const NodeDifference &difference) {
                return difference.what == What::Loops && difference.before == "1"
                    && difference.after == "1,000";
            });
    }));
}

void TestPlanDiff::indexChange()
{
    std::string other = kIndex;
    other.replace(other.find("idx_orders_customer_status"), 26, "idx_orders_status");
    const PlanDiff diff = diffPlans(planTree(kIndex), planTree(other));
    QCOMPARE(pairsText(diff), QStringLiteral("changed 0-0 index"));
    QCOMPARE(sentence(diff),
        QStringLiteral(
            "Index idx_orders_status replaced idx_orders_customer_status in the Index Scan on orders."));
    QVERIFY(!diff.isSameShape);
}

void TestPlanDiff::bitmapNamesItsIndexes()
{
    const PlanTree b = planTree(R"(Bitmap Heap Scan on orders  (cost=4.00..90.00 rows=4821 width=196)
  Recheck Cond: ((customer_id = 42) AND (status = 'shipped'::text))
  ->  Bitmap Index Scan on idx_customer  (cost=0.00..4.00 rows=4821 width=0)
        Index Cond: (customer_id = 42)
)");
    const PlanDiff diff = diffPlans(planTree(kSeq), b);
    QCOMPARE(sentence(diff),
        QStringLiteral("Bitmap Heap Scan using idx_customer on orders replaced Seq Scan on orders."));
    QVERIFY(diff.isEstimatesOnly);
}

void TestPlanDiff::swappedInputs()
{
    const PlanDiff diff = diffPlans(planTree(kJoin), planTree(kSwapped));
    QCOMPARE(pairsOf(diff), (std::set<std::pair<int, int>>{{0, 0}, {1, 3}, {3, 1}, {2, -1}, {-1, 2}}));
    QCOMPARE(sentence(diff),
        QStringLiteral("The inputs of the Hash Join of customers and orders are swapped."));
    // The other way round of "=" is no other condition; another constant is no other plan.
    for (const NodePair &pair : diff.pairs) {
        for (const NodeDifference &difference : pair.differences)
            QVERIFY(difference.what == What::Inputs || difference.what == What::Literals);
    }
}

void TestPlanDiff::subplanRemoved()
{
    const PlanTree a = planTree(
        R"(Seq Scan on orders  (cost=0.00..90.00 rows=10 width=8) (actual time=0.1..90.0 rows=10 loops=1)
  SubPlan 1
    ->  Index Scan using c_pkey on customers  (cost=0.00..8.00 rows=1 width=4) (actual time=0.1..0.8 rows=1 loops=100)
          Index Cond: (id = orders.customer_id)
Execution Time: 90 ms
)");
    const PlanTree b = planTree(
        R"(Seq Scan on orders  (cost=0.00..9.00 rows=10 width=8) (actual time=0.1..9.0 rows=10 loops=1)
Execution Time: 9 ms
)");
    const PlanDiff diff = diffPlans(a, b);
    QCOMPARE(pairsOf(diff), (std::set<std::pair<int, int>>{{0, 0}, {1, -1}}));
    QVERIFY2(diff.sentence.starts_with("SubPlan 1 was removed"), diff.sentence.c_str());
    // A subquery's numbers come anew with every plan; the work is the same.
    std::string other
        = R"(Seq Scan on orders  (cost=0.00..90.00 rows=10 width=8) (actual time=0.1..90.0 rows=10 loops=1)
  SubPlan 7
    ->  Index Scan using c_pkey on customers  (cost=0.00..8.00 rows=1 width=4) (actual time=0.1..0.8 rows=1 loops=100)
          Index Cond: (id = orders.customer_id)
Execution Time: 90 ms
)";
    QCOMPARE(diffPlans(a, planTree(other)).same, 2);
}

void TestPlanDiff::figuresOnly()
{
    std::string slow = kJoin;
    slow.replace(slow.find("time=0.1..3.0 rows=1000 loops=1"), 31, "time=0.1..7.0 rows=9000 loops=1");
    slow.replace(slow.find("time=1.0..9.0"), 13, "time=1.0..13.0");
    const PlanDiff diff = diffPlans(planTree(kJoin), planTree(slow));
    QVERIFY(diff.isSameShape);
    QCOMPARE(diff.changed, 1);
    QVERIFY2(diff.sentence.starts_with("The same plan: Seq Scan on orders o returns more rows"),
        diff.sentence.c_str());
    std::string constants = kJoin;
    constants.replace(constants.find("'DE'"), 4, "'FR'");
    const PlanDiff other = diffPlans(planTree(kJoin), planTree(constants));
    QCOMPARE(other.same, 4);
    QCOMPARE(sentence(other),
        QStringLiteral("The same plan, with other constants: the same nodes, indexes and conditions."));
}

void TestPlanDiff::differentStatements()
{
    const PlanTree b
        = planTree(R"(Sort  (cost=1.00..1.01 rows=1 width=8) (actual time=1.0..1.0 rows=1 loops=1)
  Sort Key: name
  ->  Seq Scan on products  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..0.5 rows=1 loops=1)
Execution Time: 1.1 ms
)");
    const PlanDiff diff = diffPlans(planTree(kSeq), b);
    QVERIFY(!diff.isRelated);
    QCOMPARE(diff.removed, 1);
    QCOMPARE(diff.added, 2);
    QVERIFY2(diff.sentence.find("nothing in common") != std::string::npos, diff.sentence.c_str());
    // Known statements that differ are named so even where they read the same.
    PlanTree one = planTree(kSeq), two = planTree(kIndex);
    one.fingerprint = "a";
    two.fingerprint = "b";
    QVERIFY(diffPlans(one, two).sentence.starts_with("The statements differ: "));
}

void TestPlanDiff::estimatesOnly()
{
    const PlanTree a = planTree("Seq Scan on orders  (cost=0.00..900.00 rows=4821 width=196)\n");
    const PlanDiff diff = diffPlans(a, planTree(kIndex));
    QVERIFY(diff.isEstimatesOnly);
    QVERIFY(std::isnan(diff.timeFactor) && std::isnan(diff.buffersFactor));
    QVERIFY(!std::isnan(diff.costFactor));
    QVERIFY(factorsText(diff).starts_with("estimates only"));
}

void TestPlanDiff::positionNeverBeatsMeaning()
{
    // The first child of one plan is the second of the other.
    const auto appended = [](const char *first, const char *second) {
        const std::string scan = "  ->  Seq Scan on NAME  (cost=0.00..1.00 rows=1 width=8)\n";
        std::string text = "Append  (cost=0.00..2.00 rows=2 width=8)\n";
        for (const char *name : {first, second})
            text += std::string(scan).replace(scan.find("NAME"), 4, name);
        return text;
    };
    const PlanTree a = planTree(appended("t_1", "t_2")), b = planTree(appended("t_2", "t_3"));
    // t_1 and t_3 are what is left: only then the place counts.
    QCOMPARE(pairsOf(diffPlans(a, b)), (std::set<std::pair<int, int>>{{0, 0}, {1, 2}, {2, 1}}));
}

void TestPlanDiff::selfJoinsKeepTheirAliases()
{
    const PlanTree a = planTree(R"(Nested Loop  (cost=0.00..9.00 rows=1 width=8)
  ->  Seq Scan on staff boss  (cost=0.00..1.00 rows=1 width=8)
  ->  Seq Scan on staff  (cost=0.00..1.00 rows=1 width=8)
)");
    const PlanTree b = planTree(R"(Nested Loop  (cost=0.00..9.00 rows=1 width=8)
  ->  Seq Scan on staff  (cost=0.00..1.00 rows=1 width=8)
  ->  Seq Scan on staff boss  (cost=0.00..1.00 rows=1 width=8)
)");
    QCOMPARE(pairsOf(diffPlans(a, b)), (std::set<std::pair<int, int>>{{0, 0}, {1, 2}, {2, 1}}));
}

void TestPlanDiff::factors_data()
{
    QTest::addColumn<double>("factor");
    QTest::addColumn<QString>("text");
    const auto row
        = [](double factor, const char *text) { QTest::newRow(text) << factor << QString::fromLatin1(text); };
    row(287893.01 / 5.12, "56,229 times faster");
    row(640, "640 times faster");
    row(36, "36.0 times faster");
    row(1.5, "1.50 times faster");
    row(1.0 / 3, "3.00 times slower");
    row(1.02, "as fast (within 5 %)");
    row(0.96, "as fast (within 5 %)");
    row(0, "");
    row(std::nan(""), "");
}

void TestPlanDiff::factors()
{
    QFETCH(double, factor);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(fasterText(factor)), text);
}

void TestPlanDiff::conditions_data()
{
    QTest::addColumn<QString>("condition");
    QTest::addColumn<QString>("columns");
    QTest::addColumn<QString>("literals");
    const auto row = [](const char *condition, const char *columns, const char *literals) {
        QTest::newRow(condition) << QString::fromUtf8(condition) << QString::fromUtf8(columns)
                                 << QString::fromUtf8(literals);
    };
    row("((customer_id = 42) AND (status = 'shipped'::text))", "customer_id,status", "42 'shipped' ");
    row("(o.customer_id = c.id)", "customer_id,id", "");
    row("(lower((name)::text) = 'o''brien'::text)", "name", "'o''brien' ");
    row("(\"Mixed Case\" = ANY ('{1,2}'::integer[]))", "Mixed Case", "'{1,2}' ");
    row("(ts > '2024-01-01 00:00:00'::timestamp without time zone)", "ts", "'2024-01-01 00:00:00' ");
    row("(NOT (hashed SubPlan 1))", "", "1 ");
    row("(x IS NOT NULL)", "x", "");
    row("(größe > 1.5e10)", "größe", "1.5e10 ");
    row("'unclosed", "", "'unclosed ");
    row("", "", "");
}

void TestPlanDiff::conditions()
{
    QFETCH(QString, condition);
    QFETCH(QString, columns);
    QFETCH(QString, literals);
    const ConditionWords words = conditionWords(condition.toStdString());
    QStringList names;
    for (const std::string &column : words.columns)
        names << QString::fromStdString(column);
    QCOMPARE(names.join(QLatin1Char(',')), columns);
    QCOMPARE(QString::fromStdString(words.literals), literals);
    QCOMPARE(conditionWords("(a = 1) AND (b.x = 2)").meaning,
        conditionWords("(x = 7) AND (q.a = 9)").meaning);
    QVERIFY(conditionWords("a = 1").meaning != conditionWords("a > 1").meaning);
    QVERIFY(conditionWords("(a)::text = 'x'").meaning != conditionWords("a = 'x'").meaning);
}

void TestPlanDiff::shapesIgnoreConstants()
{
    std::string other = kJoin;
    other.replace(other.find("'DE'"), 4, "'FR'");
    other.replace(other.find("rows=1000"), 9, "rows=7");
    other.replace(other.find("90.00"), 5, "91.00");
    QCOMPARE(planShape(planTree(kJoin)), planShape(planTree(other)));
    QCOMPARE(planShape(planTree(kJoin)).size(), std::size_t(16));
    const std::set<std::string> shapes{planShape(planTree(kSeq)), planShape(planTree(kIndex)),
        planShape(planTree(kJoin)), planShape(planTree(kSwapped)), planShape(planTree(kNested))};
    QCOMPARE(shapes.size(), std::size_t(5));
    QCOMPARE(planShape(PlanTree()), std::string());
}

QTEST_GUILESS_MAIN(TestPlanDiff)
#include "tst_plandiff.moc"
