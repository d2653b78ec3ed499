// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Wall and self times of plans: the rules one by one, hostile shapes.
#include "analysis/plantime.h"
#include "analysis/plantimeshare.h"

#include <QElapsedTimer>
#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

/// A node with its time per loop and its loops.
PlanTimeNode node(int parent, const char *type, double ms, double loops = 1,
    const char *relationship = "Outer", const char *subplan = "")
{
    PlanTimeNode out;
    out.parent = parent;
    out.nodeType = type;
    out.totalMsPerLoop = ms;
    out.loops = loops;
    out.parentRelationship = parent < 0 ? "" : relationship;
    out.subplanName = subplan;
    return out;
}

PlanTimeNode cteScan(int parent, const char *name, double ms, const char *relationship = "Outer")
{
    PlanTimeNode out = node(parent, "CTE Scan", ms, 1, relationship);
    out.cteName = name;
    return out;
}

QString selves(const std::vector<PlanTimeNode> &nodes)
{
    QStringList list;
    for (const PlanTimeNode &n : nodes)
        list << (n.selfMs ? QString::number(*n.selfMs, 'f', 1) : QStringLiteral("-"));
    return list.join(QLatin1Char(' '));
}

QString walls(const std::vector<PlanTimeNode> &nodes)
{
    QStringList list;
    for (const PlanTimeNode &n : nodes)
        list << (n.wallMs ? QString::number(*n.wallMs, 'f', 1) : QStringLiteral("-"));
    return list.join(QLatin1Char(' '));
}

QString doubts(const std::vector<PlanTimeNode> &nodes)
{
    QStringList list;
    for (const PlanTimeNode &n : nodes)
        list << (n.doubtMs ? QString::number(*n.doubtMs, 'f', 4) : QStringLiteral("-"));
    return list.join(QLatin1Char(' '));
}

} // namespace

class TestPlanTime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loopsCount();
    void doubtsOfAllThatIsSubtracted();
    void cutNodesHaveNoSelf();
    void unknownStaysUnknown();
    void slowestProcessCounts();
    void loopsTellHowManyTookPart();
    void subPlansAndInitPlansAreNotDivided();
    void scansShareTheirCte();
    void namesOfCtesAreScoped();
    void initPlanIsChargedToItsUser();
    void gatherEvaluatesForItsWorkers();
    void initPlanWithoutUserIsShared();
    void remaindersAreTold();
    void buffersFollowTheSameRules();
    void sharesRanges();
    void survivesAnyShape();
    void isFastOnHostileShapes_data();
    void isFastOnHostileShapes();
};

void TestPlanTime::loopsCount()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Nested Loop", 110), node(0, "Seq Scan", 10),
        node(0, "Index Scan", 0.05, 1000, "Inner")};
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("110.0 10.0 50.0"));
    QCOMPARE(selves(nodes), QStringLiteral("50.0 10.0 50.0"));
    // The children were subtracted, with what rounding did to them.
    QCOMPARE(doubts(nodes), QStringLiteral("0.5010 0.0005 0.5000"));
}

void TestPlanTime::doubtsOfAllThatIsSubtracted()
{
    // CTE and InitPlan reach their users, not the node they hang on.
    std::vector<PlanTimeNode> nodes{node(-1, "Nested Loop", 160),
        node(0, "Result", 100, 1, "InitPlan", "InitPlan 1 (returns $1)"),
        node(0, "Seq Scan", 10, 5, "InitPlan", "CTE c"), cteScan(0, "c", 52), node(0, "Seq Scan", 101, 1)};
    nodes[4].expressions = {"(id = $1)"};
    computePlanTimes(nodes);
    QCOMPARE(doubts(nodes), QStringLiteral("0.0015 0.0005 0.0025 0.0030 0.0010"));

    // Of three processes worker 0 is the critical one: its figure is printed, once rounded.
    nodes = {node(-1, "Gather", 110), node(0, "Seq Scan", 50, 3)};
    nodes[1].workers = {{0, 100, 1}, {1, 20, 1}};
    computePlanTimes(nodes);
    QCOMPARE(doubts(nodes), QStringLiteral("0.0010 0.0005"));
    // The leader's is what the workers leave of the sum.
    nodes[1].workers = {{0, 10, 1}, {1, 20, 1}};
    computePlanTimes(nodes);
    QCOMPARE(doubts(nodes), QStringLiteral("0.0030 0.0025"));
    // Without workers' figures the sum is divided, and its doubt with it.
    nodes[1].workers.clear();
    computePlanTimes(nodes);
    QCOMPARE(doubts(nodes), QStringLiteral("0.0010 0.0005"));

    // Nobody is known to use the InitPlan: all of the owner's subtree is doubtful by it.
    nodes = {node(-1, "Append", 100), node(0, "Result", 10, 1, "InitPlan", "InitPlan 1 (returns $0)"),
        node(0, "Seq Scan", 50, 1, "Member")};
    computePlanTimes(nodes);
    QCOMPARE(doubts(nodes), QStringLiteral("0.0015 0.0005 0.0010"));
}

void TestPlanTime::cutNodesHaveNoSelf()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Nested Loop", 110), node(0, "Seq Scan", 10)};
    nodes[0].isCut = true;
    nodes[0].sharedHit = nodes[1].sharedHit = 7;
    QCOMPARE(computePlanTimes(nodes), 0.0);
    QCOMPARE(walls(nodes), QStringLiteral("110.0 10.0"));
    QCOMPARE(selves(nodes), QStringLiteral("- 10.0"));
    QVERIFY(!nodes[0].doubtMs && !nodes[0].selfSharedHit && nodes[1].selfSharedHit == 7);
}

void TestPlanTime::unknownStaysUnknown()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Append", 5), node(0, "Seq Scan", 0, 0, "Member")};
    nodes[1].totalMsPerLoop.reset(); // never executed
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("5.0 0.0"));
    for (PlanTimeNode &n : nodes) {
        n.totalMsPerLoop.reset(); // TIMING OFF
        n.loops = 1;
    }
    QCOMPARE(computePlanTimes(nodes), 0.0);
    QCOMPARE(selves(nodes), QStringLiteral("- -"));
    QVERIFY(!nodes[0].wallMs && !nodes[0].doubtMs && !nodes[0].selfSharedHit);
    nodes[0].loops.reset(); // EXPLAIN without ANALYZE
    computePlanTimes(nodes);
    QVERIFY(!nodes[0].selfMs);
}

void TestPlanTime::slowestProcessCounts()
{
    // One of three processes did all the work: 426 ms, not the average of 142.
    std::vector<PlanTimeNode> nodes{node(-1, "Gather", 430), node(0, "Aggregate", 142, 3),
        node(1, "Seq Scan", 140, 3)};
    nodes[1].workers = {{0, 424, 1}, {1, 1, 1}};
    nodes[2].workers = {{0, 420, 1}, {1, 0, 1}};
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("430.0 424.0 420.0"));
    QCOMPARE(selves(nodes), QStringLiteral("6.0 4.0 420.0"));
    // The leader has no figures of its own: it is what the workers leave.
    nodes[1].workers = {{0, 10, 1}, {1, 6, 1}};
    nodes[2].workers = {{0, 10, 1}};
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("430.0 410.0 410.0"));
}

void TestPlanTime::loopsTellHowManyTookPart()
{
    // Launched 2 workers with the leader off: 2 processes, not 3.
    std::vector<PlanTimeNode> nodes{node(-1, "Gather Merge", 400), node(0, "Sort", 320, 2),
        node(1, "Seq Scan", 300, 2)};
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("400.0 320.0 300.0"));
    QCOMPARE(selves(nodes), QStringLiteral("80.0 20.0 300.0"));
    // Single copy: one process runs the plan, nothing is divided.
    nodes[0].singleCopy = true;
    nodes[1].loops = nodes[2].loops = 1;
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("400.0 320.0 300.0"));
    // A Gather in a loop.
    nodes[0].singleCopy = false;
    nodes[0].loops = 2;
    nodes[1].loops = nodes[2].loops = 6;
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("800.0 640.0 600.0"));
}

void TestPlanTime::subPlansAndInitPlansAreNotDivided()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Gather", 100),
        node(0, "Result", 30, 1, "InitPlan", "InitPlan 1 (returns $0)"), node(0, "Seq Scan", 50, 3),
        node(2, "Result", 10, 3, "SubPlan", "SubPlan 2")};
    computePlanTimes(nodes);
    QCOMPARE(walls(nodes), QStringLiteral("100.0 30.0 50.0 10.0"));
    // Nobody mentions $0: its 30 ms are shared by self time, 50 : 40 : 10.
    QCOMPARE(selves(nodes), QStringLiteral("35.0 30.0 28.0 7.0"));
    std::vector<PlanTimeNode> above{node(-1, "Limit", 300), node(0, "Gather", 100),
        node(0, "Result", 50, 4, "SubPlan", "SubPlan 1")};
    computePlanTimes(above);
    QCOMPARE(walls(above), QStringLiteral("300.0 100.0 200.0"));
    QCOMPARE(selves(above), QStringLiteral("0.0 100.0 200.0"));
}

void TestPlanTime::scansShareTheirCte()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Append", 101),
        node(0, "Function Scan", 100, 1, "InitPlan", "CTE c"), cteScan(0, "c", 40, "Member"),
        cteScan(0, "c", 60, "Member")};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("1.0 100.0 0.0 0.0"));
    // A WorkTable Scan reads the recursion's rows: it is no scan of the CTE.
    std::vector<PlanTimeNode> recursion{node(-1, "CTE Scan", 90),
        node(0, "Recursive Union", 85, 1, "InitPlan", "CTE r"), node(1, "Result", 1),
        node(1, "WorkTable Scan", 82, 1, "Inner")};
    recursion[0].cteName = recursion[3].cteName = "r";
    computePlanTimes(recursion);
    QCOMPARE(selves(recursion), QStringLiteral("5.0 2.0 1.0 82.0"));
}

void TestPlanTime::namesOfCtesAreScoped()
{
    // Root: CTE x (10) and a Subquery with a CTE x of its own (100), inside of which "x" means the outer one.
    std::vector<PlanTimeNode> nodes{node(-1, "Hash Join", 130),
        node(0, "Seq Scan", 10, 1, "InitPlan", "CTE x"), node(0, "Subquery Scan", 112),
        node(2, "Limit", 110, 1, "Subquery"), node(3, "Sort", 100, 1, "InitPlan", "CTE x"),
        cteScan(4, "x", 11), cteScan(3, "x", 108), cteScan(0, "x", 1, "Inner")};
    computePlanTimes(nodes);
    // Sort 100-11; inner scan of the outer x: 11 - 10*11/12; scan of the inner x: 108-100; outer scan: 1 -
    // 10/12.
    QCOMPARE(selves(nodes), QStringLiteral("17.0 10.0 2.0 2.0 89.0 1.8 8.0 0.2"));
}

void TestPlanTime::initPlanIsChargedToItsUser()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Nested Loop", 160),
        node(0, "Result", 100, 1, "InitPlan", "InitPlan 1 (returns $1)"),
        node(0, "Result", 50, 1, "InitPlan", "InitPlan 2 (returns $10)"), node(0, "Seq Scan", 52),
        node(0, "Seq Scan", 101, 1, "Inner")};
    nodes[3].expressions = {"(id = $10)"}; // $1 is not $10
    nodes[4].expressions = {"(id = $1)"};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("7.0 100.0 50.0 2.0 1.0"));
    // PostgreSQL 17 prints names instead of parameters.
    nodes[1].subplanName = "InitPlan 1";
    nodes[2].subplanName = "InitPlan 11";
    nodes[3].expressions = {"(id = (InitPlan 11).col1)"};
    nodes[4].expressions = {"(id = (InitPlan 1).col1)"};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("7.0 100.0 50.0 2.0 1.0"));
    // A node that was never executed evaluated nothing.
    nodes[3].expressions = {"(id = (InitPlan 1).col1)"};
    nodes[3].loops = 0;
    nodes[3].totalMsPerLoop = nodes[2].totalMsPerLoop = 0;
    computePlanTimes(nodes);
    QCOMPARE(*nodes[4].selfMs, 1.0);
}

void TestPlanTime::gatherEvaluatesForItsWorkers()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Aggregate", 205),
        node(0, "Result", 100, 1, "InitPlan", "InitPlan 1 (returns $0)"), node(0, "Gather", 200),
        node(2, "Seq Scan", 90, 2)};
    nodes[2].paramsEvaluated = true;
    nodes[2].expressions = {R"({"Params Evaluated":["$0"]})"};
    nodes[3].expressions = {"(x > $0)"};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("5.0 100.0 10.0 90.0"));
}

void TestPlanTime::initPlanWithoutUserIsShared()
{
    // Two users that hold it only together.
    std::vector<PlanTimeNode> nodes{node(-1, "Append", 101),
        node(0, "Result", 60, 1, "InitPlan", "InitPlan 1 (returns $0)"), node(0, "Seq Scan", 40, 1, "Member"),
        node(0, "Seq Scan", 40, 1, "Member")};
    nodes[2].expressions = nodes[3].expressions = {"(a = $0)"};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("21.0 60.0 10.0 10.0"));
    // Nobody mentions it: over the whole subtree, by self time.
    nodes[2].expressions = nodes[3].expressions = {};
    computePlanTimes(nodes);
    QCOMPARE(selves(nodes), QStringLiteral("8.5 60.0 16.2 16.2"));
}

void TestPlanTime::remaindersAreTold()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Limit", 10), node(0, "Sort", 12)};
    QCOMPARE(computePlanTimes(nodes), 2.0);
    QCOMPARE(selves(nodes), QStringLiteral("0.0 12.0"));
}

void TestPlanTime::buffersFollowTheSameRules()
{
    std::vector<PlanTimeNode> nodes{node(-1, "Nested Loop", 160),
        node(0, "Result", 100, 1, "InitPlan", "InitPlan 1 (returns $1)"),
        node(0, "Seq Scan", 50, 1, "InitPlan", "CTE c"), cteScan(0, "c", 52),
        node(0, "Seq Scan", 101, 1, "Inner"), node(4, "Index Scan", 0.1, 5, "SubPlan", "SubPlan 2")};
    nodes[4].expressions = {"(id = $1)"};
    const std::int64_t hits[]{100, 30, 20, 20, 70, 15};
    for (std::size_t i = 0; i < nodes.size(); ++i)
        nodes[i].sharedHit = hits[i];
    computePlanTimes(nodes);
    const std::int64_t expected[]{10, 30, 20, 0, 25, 15};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        QCOMPARE(nodes[i].selfSharedHit, std::optional<std::int64_t>(expected[i]));
        QVERIFY(!nodes[i].selfSharedRead);
    }
}

void TestPlanTime::sharesRanges()
{
    std::vector<double> plain{3, -2, 5, 0, 8, 1, 13};
    ShareTree tree(plain);
    const auto sum = [&](std::size_t begin, std::size_t end) {
        double total = 0;
        for (std::size_t i = begin; i < end; ++i)
            total += std::max(0.0, plain[i]);
        return total;
    };
    std::uint32_t random = 7;
    for (int step = 0; step < 2000; ++step) {
        random = random * 1664525 + 1013904223;
        const std::size_t a = (random >> 8) % plain.size();
        const std::size_t b = a + (random >> 16) % (plain.size() - a) + 1;
        if (step % 3 == 0) {
            const double factor = 0.5 + (random % 100) / 100.0;
            tree.scalePositive(a, b, factor);
            for (std::size_t i = a; i < b; ++i)
                plain[i] *= plain[i] > 0 ? factor : 1;
        } else {
            const double delta = double(int(random % 21)) - 10;
            tree.add(a, delta);
            plain[a] += delta;
        }
        QVERIFY(std::abs(tree.positiveSum(a, b) - sum(a, b)) <= 1e-9 * (1 + sum(a, b)));
        for (std::size_t i = 0; i < plain.size(); ++i)
            QVERIFY(std::abs(tree.value(i) - plain[i]) <= 1e-9 * (1 + std::abs(plain[i])));
    }
}

void TestPlanTime::survivesAnyShape()
{
    std::vector<PlanTimeNode> none;
    QCOMPARE(computePlanTimes(none), 0.0);
    std::vector<PlanTimeNode> odd{node(5, "Gather", 1), node(0, "Sort", -3, -2),
        node(1, "Sort", 1e308, 1e308), node(7, "Sort", 1), node(-7, "CTE Scan", 2), node(4, "Gather", 0, 1),
        node(5, "Sort", 1, 0, "InitPlan", "InitPlan "), node(5, "x", 1, 1, "InitPlan", "CTE ")};
    odd[1].workers = {{-1, 1e308, 1e308}, {0, -5, 5}};
    odd[2].expressions = {"$", "$99999999999999999999", "InitPlan ", "(InitPlan "};
    odd[3].sharedHit = INT64_MAX;
    odd[4].sharedHit = INT64_MIN;
    computePlanTimes(odd);
    for (const PlanTimeNode &n : odd)
        QVERIFY(!n.selfMs || std::isfinite(*n.selfMs));
}

void TestPlanTime::isFastOnHostileShapes_data()
{
    QTest::addColumn<int>("shape");
    QTest::newRow("4,001 nodes") << 0;
    QTest::newRow("100,000 levels") << 1;
    QTest::newRow("50,000 InitPlans without a user") << 2;
    QTest::newRow("20,000 InitPlans of one name and as many users") << 3;
    QTest::newRow("30,000 nested CTEs of one name") << 4;
}

void TestPlanTime::isFastOnHostileShapes()
{
    QFETCH(int, shape);
    std::vector<PlanTimeNode> nodes{node(-1, "Append", 1e6)};
    const int count[]{4000, 100'000, 50'000, 20'000, 30'000};
    for (int i = 0; i < count[shape]; ++i) {
        switch (shape) {
        case 0:
            nodes.push_back(node(i % 2 ? i : 0, "Limit", 1, 1, "Member"));
            break;
        case 1:
            nodes.push_back(node(i, "Subquery Scan", 1, 1, "Subquery"));
            break;
        case 2:
            nodes.push_back(node(0, "Result", 1, 1, "InitPlan", "InitPlan 1 (returns $0)"));
            break;
        case 3:
            nodes.push_back(node(0, "Result", 1, 1, "InitPlan", "InitPlan 1 (returns $0)"));
            nodes.push_back(node(0, "Seq Scan", 0.1));
            nodes.back().expressions = {"(a = $0)"};
            break;
        default:
            nodes.push_back(node(i * 2, "Limit", 1, 1, "InitPlan", "CTE x"));
            nodes.push_back(cteScan(i * 2 + 1, "x", 1));
        }
    }
    QElapsedTimer timer;
    timer.start();
    computePlanTimes(nodes);
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
    for (const PlanTimeNode &n : nodes)
        QVERIFY(n.selfMs && *n.selfMs >= 0 && std::isfinite(*n.selfMs));
}

QTEST_GUILESS_MAIN(TestPlanTime)
#include "tst_plantime.moc"
