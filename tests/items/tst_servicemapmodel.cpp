// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/servicemapmodel.h"

#include "items/serviceedgetable.h"
#include "items/servicemaplayout.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace tailscope;
using namespace tailscope::items;
using analysis::EdgeKind;
using analysis::ServiceEdge;
using analysis::ServiceMap;

namespace {

std::shared_ptr<ServiceMap> mapOf(int nodes, const std::vector<std::array<int, 3>> &edges)
{
    auto map = std::make_shared<ServiceMap>();
    for (int i = 0; i < nodes; ++i) {
        map->nodes.push_back({});
        map->nodes.back().name = "s" + std::to_string(i);
    }
    for (const auto &[caller, callee, calls] : edges) {
        ServiceEdge edge;
        edge.caller = std::uint32_t(caller);
        edge.callee = std::uint32_t(callee);
        edge.calls = edge.known = calls;
        edge.weight = calls;
        edge.errors = calls / 10;
        edge.errorWeight = double(edge.errors);
        edge.p50 = 1'000'000;
        edge.p99 = 45'000'000;
        map->edges.push_back(edge);
        map->calls += calls;
    }
    return map;
}

} // namespace

class TestServiceMapModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void layersRunLeftToRight();
    void cyclesAreBroken();
    void manyServicesDoNotOverlap();
    void crossingsAreAvoided();
    void hideBelowShare();
    void tableOfEdges();
    void labels();
};

void TestServiceMapModel::layersRunLeftToRight()
{
    // 0 -> 1 -> 3 and 0 -> 2 -> 1: the longest path decides, so 3 is in the fourth column.
    const auto map = mapOf(4, {{0, 1, 10}, {1, 3, 10}, {0, 2, 10}, {2, 1, 10}});
    const ServiceMapLayout layout = layOutServices(*map, shownServices(*map, 0));
    QCOMPARE(layout.layer, (QVector<int>{0, 2, 1, 3}));
    for (qsizetype i = 0; i < layout.lines.size(); ++i) {
        const auto &points = layout.lines[i].points;
        QVERIFY(!layout.lines[i].isBackward);
        const QRectF caller = layout.boxes[qsizetype(map->edges[std::size_t(i)].caller)];
        const QRectF callee = layout.boxes[qsizetype(map->edges[std::size_t(i)].callee)];
        QCOMPARE(points.first(), QPointF(caller.right(), caller.center().y()));
        QCOMPARE(points.last(), QPointF(callee.left(), callee.center().y()));
    }
    QCOMPARE(layout.lines[0].points.size(), 4); // through the column of 2
}

void TestServiceMapModel::cyclesAreBroken()
{
    const auto map = mapOf(4, {{0, 1, 10}, {1, 2, 10}, {2, 1, 3}, {3, 3, 1}});
    const ServiceMapLayout layout = layOutServices(*map, shownServices(*map, 0));
    QVERIFY(layout.lines[2].isBackward && !layout.lines[1].isBackward);
    const QRectF one = layout.boxes[1], two = layout.boxes[2];
    QCOMPARE(layout.lines[2].points.first().x(), two.left());
    QCOMPARE(layout.lines[2].points.last().x(), one.right());
    // A ring that nobody enters from outside still gets columns.
    const auto ring = mapOf(3, {{0, 1, 1}, {1, 2, 1}, {2, 0, 1}});
    const ServiceMapLayout round = layOutServices(*ring, shownServices(*ring, 0));
    QCOMPARE(round.layer[0] + round.layer[1] + round.layer[2], 3);
}

void TestServiceMapModel::manyServicesDoNotOverlap()
{
    std::vector<std::array<int, 3>> edges;
    std::uint32_t seed = 5;
    const auto next = [&](int limit) {
        seed = seed * 1664525u + 1013904223u;
        return int((seed >> 8) % std::uint32_t(limit));
    };
    constexpr int kNodes = 150;
    for (int i = 0; i < 400; ++i)
        edges.push_back({next(kNodes), next(kNodes), 1 + next(1000)});
    const auto map = mapOf(kNodes, edges);
    const ServiceMapLayout layout = layOutServices(*map, shownServices(*map, 0));
    for (int a = 0; a < kNodes; ++a) {
        QVERIFY(!layout.boxes[a].isNull() && layout.bounds.contains(layout.boxes[a]));
        for (int b = a + 1; b < kNodes; ++b)
            QVERIFY(!layout.boxes[a].adjusted(0, -5, 0, 5).intersects(layout.boxes[b]));
    }
    for (std::size_t i = 0; i < map->edges.size(); ++i) {
        const ServiceEdge &edge = map->edges[i];
        const int way = layout.layer[qsizetype(edge.callee)] - layout.layer[qsizetype(edge.caller)];
        if (edge.caller != edge.callee)
            QVERIFY(layout.lines[qsizetype(i)].isBackward ? way < 0 : way > 0);
    }
}

void TestServiceMapModel::crossingsAreAvoided()
{
    // Named so that the order of the nodes gives the most crossings: 0 calls 5, 1 calls 4, 2 calls 3.
    const auto map = mapOf(6, {{0, 5, 1}, {1, 4, 1}, {2, 3, 1}});
    const ServiceMapLayout layout = layOutServices(*map, shownServices(*map, 0));
    for (int a = 0; a < 3; ++a) {
        for (int b = 0; b < 3; ++b)
            QCOMPARE(layout.boxes[a].top() < layout.boxes[b].top(),
                layout.boxes[5 - a].top() < layout.boxes[5 - b].top());
    }
}

void TestServiceMapModel::hideBelowShare()
{
    const auto map = mapOf(4, {{0, 1, 990}, {1, 2, 10}}); // 3 is alone
    const ServiceMapShown all = shownServices(*map, 0);
    QVERIFY(all.edges[0] && all.edges[1] && all.nodes[3]);
    const ServiceMapShown most = shownServices(*map, 0.02);
    QVERIFY(most.edges[0] && !most.edges[1]);
    QVERIFY(most.nodes[0] && most.nodes[1] && !most.nodes[2] && most.nodes[3]);
    const ServiceMapLayout layout = layOutServices(*map, most);
    QVERIFY(layout.boxes[2].isNull() && layout.lines[1].points.isEmpty());
    // Equal to the limit is shown.
    QVERIFY(shownServices(*map, 0.01).edges[1]);
}

void TestServiceMapModel::tableOfEdges()
{
    ServiceEdgeTable table;
    QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    table.setMap(mapOf(4, {{0, 1, 10}, {1, 3, 1234}, {0, 2, 50}}));
    QCOMPARE(table.rowCount(), 3);
    QCOMPARE(table.edgeAt(0), 1); // by calls, most first
    QCOMPARE(table.index(0, ServiceEdgeTable::Calls).data().toString(), QStringLiteral("1,234"));
    const QPersistentModelIndex kept = table.index(0, 0);
    table.sort(ServiceEdgeTable::Callee, Qt::AscendingOrder);
    QCOMPARE(table.edgeAt(0), 0);
    QCOMPARE(table.edgeAt(kept.row()), 1);
    QCOMPARE(table.rowOfEdge(1), 2);
    QCOMPARE(table.rowOfEdge(7), -1);
    QCOMPARE(table.toText({2}).section(QLatin1Char('\n'), 1),
        QStringLiteral("s1\ts3\tcall\t1234\t0\t123\t1000000\t45000000\t0\t0\t1234"));
    table.setMap(nullptr);
    QCOMPARE(table.rowCount(), 0);
}

void TestServiceMapModel::labels()
{
    const auto map = mapOf(2, {{0, 1, 1234}});
    ServiceEdge &edge = map->edges[0];
    edge.errorWeight = 1234 * 0.003;
    QCOMPARE(edgeLabel(edge, false), QStringLiteral("1,234 calls · 0.3 % errors · P99 45 ms"));
    edge.weight = 12340;
    edge.errorWeight = 0;
    QCOMPARE(edgeLabel(edge, true), QStringLiteral("≈ 12,340 calls · 0 % errors · P99 45 ms"));
    map->weighted = true;
    QVERIFY(edgeToolTip(*map, edge).contains(QStringLiteral("1,234 calls stand for 12,340")));
    edge.p99 = kUnknownNanos;
    QVERIFY(edgeLabel(edge, false).endsWith(QStringLiteral("P99 unknown")));
}

QTEST_GUILESS_MAIN(TestServiceMapModel)
#include "tst_servicemapmodel.moc"
