// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold when any two plans are compared: random trees, the plans of the corpus, large ones.
#include "analysis/plandiff.h"
#include "plantexts.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QtTest>

#include <random>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using Kind = NodePair::Kind;

namespace {

std::set<std::pair<int, int>> pairsOf(const PlanDiff &diff)
{
    std::set<std::pair<int, int>> pairs;
    for (const NodePair &pair : diff.pairs)
        pairs.emplace(pair.a, pair.b);
    return pairs;
}

/// What must hold of any two plans: every node exactly once, and the same pairs the other way round.
QString lawsBroken(const PlanTree &a, const PlanTree &b)
{
    const PlanDiff diff = diffPlans(a, b);
    std::vector<int> seenA(a.nodes.size(), 0), seenB(b.nodes.size(), 0);
    for (const NodePair &pair : diff.pairs) {
        if (pair.a >= 0)
            ++seenA[std::size_t(pair.a)];
        if (pair.b >= 0)
            ++seenB[std::size_t(pair.b)];
        if (!(pair.similarity >= 0 && pair.similarity <= 1))
            return QStringLiteral("similarity");
        if ((pair.a < 0) != (pair.kind == Kind::Added) || (pair.b < 0) != (pair.kind == Kind::Removed))
            return QStringLiteral("kind");
    }
    const auto once = [](int n) { return n == 1; };
    if (!std::all_of(seenA.begin(), seenA.end(), once) || !std::all_of(seenB.begin(), seenB.end(), once))
        return QStringLiteral("not one to one");
    std::set<std::pair<int, int>> turned;
    for (const auto &[i, j] : pairsOf(diffPlans(b, a)))
        turned.emplace(j, i);
    if (turned != pairsOf(diff))
        return QStringLiteral("not symmetric");
    if (diff.sentence.empty())
        return QStringLiteral("no sentence");
    return {};
}

} // namespace

class TestPlanLaws : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lawsHoldForRandomTrees();
    void lawsHoldForTheCorpus();
    void largePlansAreFast();
};

namespace {

/// Any tree of `nodes` nodes over few relations and types: names repeat as they never would.
PlanTree randomTree(std::mt19937 &random, int nodes)
{
    static const char *const kTypes[] = {"Seq Scan", "Index Scan", "Hash Join", "Nested Loop", "Sort", "Hash",
        "Gather", "Aggregate", "Result", "Append", "Materialize", "CTE Scan"};
    static const char *const kRelations[] = {"a", "b", "c", "d"};
    static const char *const kRoles[] = {"Outer", "Inner", "SubPlan", "InitPlan", ""};
    const auto pick = [&random](int n) { return int(random() % unsigned(n)); };
    PlanTree tree;
    std::vector<int> open; // path from the root to the last node: children are added in pre-order
    for (int i = 0; i < nodes; ++i) {
        PlanTree::Node node;
        node.id = node.number = i;
        while (open.size() > 1 && pick(3) == 0)
            open.pop_back();
        node.parent = open.empty() ? -1 : open.back();
        node.depth = int(open.size());
        node.nodeType = kTypes[pick(12)];
        if (node.nodeType.find("Scan") != std::string::npos) {
            node.relation = kRelations[pick(4)];
            node.alias = pick(2) ? node.relation : std::string("x");
            node.indexName = pick(3) ? "" : "i";
            node.condition = pick(2) ? "(k = 1)" : "";
        }
        node.parentRelationship = kRoles[pick(5)];
        node.subplanName = node.parentRelationship == "SubPlan" ? "SubPlan 1" : "";
        node.selfMs = pick(100);
        node.loops = pick(3);
        tree.nodes.push_back(node);
        open.push_back(i);
    }
    return tree;
}

/// A tree with some nodes renamed, and so a partner for most.
PlanTree mutated(std::mt19937 &random, PlanTree tree)
{
    for (PlanTree::Node &node : tree.nodes) {
        if (random() % 5 == 0 && !node.relation.empty())
            node.relation = "e";
        if (random() % 7 == 0)
            node.nodeType = "Unique";
    }
    return tree;
}

} // namespace

void TestPlanLaws::lawsHoldForRandomTrees()
{
    std::mt19937 random(17);
    for (int round = 0; round < 400; ++round) {
        const PlanTree a = randomTree(random, 1 + int(random() % 40));
        const PlanTree b = round % 2 ? mutated(random, a) : randomTree(random, 1 + int(random() % 40));
        QCOMPARE(lawsBroken(a, b), QString());
        QCOMPARE(lawsBroken(a, a), QString());
        QCOMPARE(diffPlans(a, a).same, int(a.nodes.size()));
    }
}

void TestPlanLaws::lawsHoldForTheCorpus()
{
    const QString folder = QStringLiteral(TS_SHARED_DIR "/corpus/plans/text/own15");
    if (!QDir(folder).exists())
        QSKIP("the corpus is not on this machine");
    std::vector<PlanTree> plans;
    QDirIterator files(folder, QDir::Files);
    while (files.hasNext() && plans.size() < 40) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        for (PlanTree &found : tests::planTrees(file.readAll().toStdString()))
            plans.push_back(std::move(found));
    }
    QVERIFY(plans.size() > 10);
    for (std::size_t i = 0; i < plans.size(); ++i) {
        QCOMPARE(diffPlans(plans[i], plans[i]).same, int(plans[i].nodes.size()));
        QCOMPARE(lawsBroken(plans[i], plans[(i * 7 + 3) % plans.size()]), QString());
    }
}

void TestPlanLaws::largePlansAreFast()
{
    // 4,001 nodes twice: partitions in another order, every tenth gone, and a chain of the same depth.
    const auto appended = [](int first, int step) {
        PlanTree tree;
        PlanTree::Node root;
        root.nodeType = "Append";
        tree.nodes.push_back(root);
        for (int i = 0; i < 2000; ++i) {
            PlanTree::Node sort, scan;
            sort.nodeType = "Sort";
            sort.parent = 0;
            sort.depth = 1;
            scan.nodeType = "Seq Scan";
            scan.relation = "t_" + std::to_string((first + i * step) % 2003);
            scan.condition = "((a = 1) AND (b = 2))";
            scan.parent = int(tree.nodes.size());
            scan.depth = 2;
            tree.nodes.push_back(sort);
            tree.nodes.push_back(scan);
        }
        return tree;
    };
    const auto chain = [](const char *type) {
        PlanTree tree;
        for (int i = 0; i < 4001; ++i) {
            PlanTree::Node node;
            node.nodeType = i == 4000 ? "Seq Scan" : type;
            node.relation = i == 4000 ? "t" : "";
            node.parent = i - 1;
            node.depth = i;
            tree.nodes.push_back(node);
        }
        return tree;
    };
    const std::vector<std::pair<PlanTree, PlanTree>> cases{{appended(0, 1), appended(50, 7)},
        {chain("Sort"), chain("Sort")}, {chain("Sort"), chain("Limit")},
        {chain("Result"), chain("Subquery Scan")}};
    for (const auto &[a, b] : cases) {
        QElapsedTimer timer;
        timer.start();
        const PlanDiff diff = diffPlans(a, b);
        const qint64 elapsed = timer.elapsed();
        qInfo("%d + %d nodes: %lld ms", int(a.nodes.size()), int(b.nodes.size()),
            static_cast<long long>(elapsed));
        QVERIFY(diff.pairs.size() >= 4001);
        QVERIFY2(elapsed < 2000, "more than ten times the 200 ms it may take");
    }
}

QTEST_GUILESS_MAIN(TestPlanLaws)
#include "tst_planlaws.moc"
