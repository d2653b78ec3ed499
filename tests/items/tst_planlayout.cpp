// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planfacts.h"
#include "items/planboxes.h"
#include "items/plancells.h"
#include "items/planicicle.h"
#include "items/planlayout.h"
#include "items/planparts.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>

using namespace tailscope;
using items::PlanLayout;

namespace {

/// Pre-order parents of a pseudo-random tree.
std::vector<int> randomTree(int nodes, quint32 seed)
{
    std::vector<int> parents{-1};
    std::vector<int> path{0};
    for (int i = 1; i < nodes; ++i) {
        seed = seed * 1664525 + 1013904223;
        // Up some steps, then down one.
        const std::size_t up = std::min<std::size_t>((seed >> 16) % 4, path.size() - 1);
        path.resize(path.size() - up);
        parents.push_back(path.back());
        path.push_back(i);
    }
    return parents;
}

std::vector<int> chain(int nodes)
{
    std::vector<int> parents;
    for (int i = 0; i < nodes; ++i)
        parents.push_back(i - 1);
    return parents;
}

/// 2,000 members with a node below each: the shape of a partitioned table.
std::vector<int> wide()
{
    std::vector<int> parents{-1};
    for (int i = 0; i < 2000; ++i) {
        parents.push_back(0);
        parents.push_back(int(parents.size()) - 1);
    }
    return parents;
}

/// Boxes of the same level overlap, or stand in another order than in the plan.
bool isDisordered(const PlanLayout &layout)
{
    for (int depth = 0; depth < layout.levels(); ++depth) {
        const std::vector<int> &nodes = layout.level(depth);
        for (std::size_t i = 1; i < nodes.size(); ++i) {
            if (nodes[i] <= nodes[i - 1]
                || layout.box(nodes[i]).left() < layout.box(nodes[i - 1]).right() + layout.size().gapX - 1e-6)
                return true;
        }
    }
    return false;
}

analysis::PlanFactsNode node(int parent, const char *type, double selfMs, double hit = 0)
{
    analysis::PlanFactsNode out;
    out.parent = parent;
    out.nodeType = type;
    out.selfMs = selfMs;
    out.totalMs = out.wallMs = selfMs;
    out.loops = 1;
    out.planRows = out.actualRows = 10;
    out.selfHit = std::int64_t(hit);
    out.sharedHit = std::int64_t(hit);
    return out;
}

} // namespace

class TestPlanLayout : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingOverlaps()
    {
        for (quint32 seed = 1; seed < 60; ++seed) {
            const std::vector<int> parents = randomTree(int(seed) * 7, seed);
            PlanLayout layout;
            layout.build(parents, {});
            QVERIFY2(!isDisordered(layout), qPrintable(QString::number(seed)));
            for (int i = 0; i < layout.count(); ++i) {
                const QRectF box = layout.box(i);
                QVERIFY(layout.bounds().adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(box));
                QCOMPARE(layout.nodeAt(box.center()), i);
                if (parents[std::size_t(i)] >= 0)
                    QVERIFY(box.top() > layout.box(parents[std::size_t(i)]).bottom());
                // A parent stands over the middle of its children.
                if (const auto &children = layout.children(i); !children.empty()) {
                    const double middle
                        = (layout.box(children.front()).left() + layout.box(children.back()).left()) / 2;
                    QVERIFY(std::abs(box.left() - middle) < 1e-6);
                }
            }
        }
    }

    void subtreesArePushedTogether()
    {
        // A long left arm and a leaf: the leaf stands beside the arm's root, not beyond the arm's widest
        // level.
        PlanLayout layout;
        layout.build({-1, 0, 1, 2, 2, 2, 2, 0}, {});
        QVERIFY(layout.box(7).left() < layout.box(6).left());
        QCOMPARE(layout.levels(), 4);
    }

    void largePlansInTime_data()
    {
        QTest::addColumn<std::vector<int>>("parents");
        QTest::newRow("4,001 nodes") << wide();
        QTest::newRow("300 levels") << chain(300);
        QTest::newRow("5,000 levels") << chain(5000);
        QTest::newRow("random") << randomTree(20'000, 7);
    }
    void largePlansInTime()
    {
        QFETCH(std::vector<int>, parents);
        PlanLayout layout;
        QElapsedTimer timer;
        timer.start();
        layout.build(parents, {});
        const qint64 spent = timer.elapsed();
        QVERIFY2(spent < 50, qPrintable(QStringLiteral("%1 ms").arg(spent)));
        QVERIFY(!isDisordered(layout));
    }

    void stripsAndNeighbours()
    {
        PlanLayout layout;
        layout.build(wide(), {});
        const double step = layout.size().height + layout.size().gapY;
        QCOMPARE(layout.levelsBetween(0, 1), std::pair(0, 1));
        QCOMPARE(layout.levelsBetween(step + 1, 2 * step + 1), std::pair(1, 3));
        QCOMPARE(layout.levelsBetween(-500, 1e9), std::pair(0, 3));
        const QRectF tenth = layout.box(layout.level(1)[10]);
        const auto [first, last] = layout.positionsBetween(1, tenth.left() + 1, tenth.right() - 1);
        QCOMPARE(first, 10);
        QCOMPARE(last, 11);
        QCOMPARE(layout.neighbour(layout.level(1)[10], 1), layout.level(1)[11]);
        QCOMPARE(layout.neighbour(layout.level(1)[0], -1), layout.level(1)[0]);
        QCOMPARE(layout.neighbour(0, 1), 0);
    }

    void foldedSubtreesAreLeftOut()
    {
        PlanLayout layout;
        layout.build({-1, 0, 1, 1, 0}, {false, true, false, false, false});
        QVERIFY(layout.isShown(1) && !layout.isShown(2) && layout.box(3).isNull());
        QCOMPARE(layout.levels(), 2);
        QCOMPARE(layout.children(1).size(), std::size_t(2));
        // Several roots stand side by side; nothing at all is allowed.
        layout.build({-1, 0, -1}, {});
        QVERIFY(!isDisordered(layout));
        layout.build({}, {});
        QCOMPARE(layout.count(), 0);
        QCOMPARE(layout.nodeAt({0, 0}), -1);
    }

    void icicleAddsUp()
    {
        analysis::PlanFacts facts;
        facts.nodes = {node(-1, "Hash Join", 10, 1), node(0, "Seq Scan", 30, 7), node(0, "Hash", 5, 0),
            node(2, "Seq Scan", 55, 2)};
        completePlanFacts(facts);
        items::PlanIcicle icicle;
        icicle.build(facts, items::PlanIcicle::Weight::Time);
        QCOMPARE(icicle.total(), 100.0);
        QCOMPARE(icicle.width(0), 1.0);
        QCOMPARE(icicle.left(2), 0.3);
        QCOMPARE(icicle.width(2), 0.6);
        QCOMPARE(icicle.nodeAt(1, 0.1), 1);
        QCOMPARE(icicle.nodeAt(1, 0.5), 2);
        QCOMPARE(icicle.nodeAt(1, 0.95), -1); // the join's own
        QCOMPARE(icicle.nodeAt(2, 0.5), 3);
        QCOMPARE(icicle.widestChild(0), 2);
        QCOMPARE(icicle.neighbour(1, 1), 2);
        icicle.build(facts, items::PlanIcicle::Weight::Buffers);
        QCOMPARE(icicle.total(), 10.0);
        QCOMPARE(icicle.value(2), 2.0);
        QCOMPARE(icicle.own(2), 0.0);
        icicle.build({}, items::PlanIcicle::Weight::Time);
        QVERIFY(icicle.isEmpty());
    }

    void cellsOfANode()
    {
        analysis::PlanFacts facts;
        facts.nodes = {node(-1, "Limit", 1), node(0, "Seq Scan", 3, 16)};
        facts.executionMs = 10;
        facts.nodes[1].relation = "orders";
        facts.nodes[1].removedByFilter = 30;
        facts.nodes[1].selfRead = 128;
        completePlanFacts(facts);
        const items::PlanCells cells(facts);
        using C = items::PlanColumns;
        QCOMPARE(cells.text(1, C::Node), QStringLiteral("Seq Scan on orders"));
        QCOMPARE(cells.text(1, C::SelfShare), QStringLiteral("30.0 %"));
        QCOMPARE(cells.text(1, C::RemovedShare), QStringLiteral("75.0 %"));
        QCOMPARE(cells.text(1, C::Path), QStringLiteral("Limit"));
        // 128 blocks of 8 KiB in 3 ms.
        QVERIFY(std::abs(items::planReadRate(facts.nodes[1]) - 128 * 8192 / 0.003) < 1);
        QVERIFY(cells.toolTip(1, C::ReadRate).contains(QLatin1String("self time")));
        facts.nodes[1].selfIoReadMs = 2;
        QVERIFY(std::abs(items::planReadRate(facts.nodes[1]) - 128 * 8192 / 0.002) < 1);
        // Not comparable below a limit that was reached: the plan's figure and the reason.
        QCOMPARE(cells.text(1, C::RowsFactor), QStringLiteral("plan 10"));
        QVERIFY(cells.toolTip(1, C::RowsFactor).contains(QLatin1String("Not comparable")));
        QVERIFY(std::isnan(cells.number(1, C::HeapFetches)) && !cells.hasFigures(C::HeapFetches));
        QVERIFY(cells.summary(1).contains(QLatin1String("128 read")));
    }

    void boxesSayWhatIsWrong()
    {
        analysis::PlanFacts facts;
        facts.nodes = {node(-1, "Sort", 90), node(0, "Seq Scan", 10), node(0, "Result", 0)};
        facts.nodes[0].sortDisk = 1;
        facts.nodes[0].sortKb = 2048;
        facts.nodes[1].actualRows = 20'000;
        facts.nodes[2].loops = 0;
        completePlanFacts(facts);
        const auto badges = [&](int index) {
            QStringList texts;
            for (const items::PlanBadge &badge : items::planBox(facts, index).badges)
                texts << badge.text;
            return texts.join(QLatin1Char('|'));
        };
        QVERIFY2(badges(0).contains(QLatin1String("disk 2")), qPrintable(badges(0)));
        QVERIFY2(badges(1).contains(QLatin1String("2e+03")) || badges(1).contains(QLatin1String("2,000")),
            qPrintable(badges(1)));
        QCOMPARE(badges(2), QStringLiteral("never executed"));
        using Colour = items::PlanColouring;
        const std::vector<double> time = planColourValues(facts, Colour::SelfTime);
        QCOMPARE(time[1], 10.0 / 90.0); // of the root's wall time
        QVERIFY(std::isnan(time[2]));
        QVERIFY(planColourValues(facts, Colour::Estimate)[1] > 0.9);
        QVERIFY(items::planEdgeWidth(facts.nodes[1]) > items::planEdgeWidth(facts.nodes[0]));
    }

    void whatThePartsAreLookedForBy()
    {
        analysis::PlanFacts facts;
        facts.nodes = {node(-1, "Nested Loop", 1), node(0, "Seq Scan", 1), node(0, "Bitmap Heap Scan", 1),
            node(2, "Bitmap Index Scan", 1), node(0, "Seq Scan", 1)};
        for (std::size_t i = 0; i < facts.nodes.size(); ++i)
            facts.nodes[i].depth = i == 0 ? 0 : i == 3 ? 2 : 1;
        facts.nodes[2].parentRelationship = "Inner";
        facts.nodes[2].relation = "items";
        facts.nodes[2].alias = "i";
        facts.nodes[2].condition = "(order_id = o.id)";
        facts.nodes[4].subplanName = "CTE recent";
        facts.nodes[4].parentRelationship = "InitPlan";
        const advisor::QueryPartNode join = items::queryPartNode(facts, 0);
        QCOMPARE(join.conditions, std::vector<std::string>{"(order_id = o.id)"});
        QCOMPARE(join.alias, std::string("i"));
        QCOMPARE(items::queryPartNode(facts, 3).relation, std::string("items"));
        const advisor::QueryPartNode cte = items::queryPartNode(facts, 4);
        QCOMPARE(cte.scopes, std::vector<std::string>{"recent"});
        QVERIFY(!cte.isSubplanRoot);
    }
};

QTEST_MAIN(TestPlanLayout)
#include "tst_planlayout.moc"
