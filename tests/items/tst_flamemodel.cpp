// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodel.h"

#include "analysis/analyses.h"
#include "items/flamemodelpreview.h"
#include "items/flamemodelsql.h"
#include "store/bulkwriter.h"
#include "tests/items/spanfixture.h"

#include <QSignalSpy>
#include <QTest>

using namespace tailscope;
using namespace tailscope::items;

namespace {

/// all > a (10: b 6, c 2), d (4: b 4)
std::shared_ptr<const analysis::CallTree> smallTree()
{
    auto tree = std::make_shared<analysis::CallTree>();
    tree->names = {"all", "a", "b", "c", "d"};
    tree->groups = {""};
    const auto add
        = [&tree](std::uint32_t parent, std::uint32_t name, std::uint16_t depth, double total, double self) {
              analysis::CallTree::Node node;
              node.parent = parent;
              node.name = name;
              node.depth = depth;
              node.total = total;
              node.self = self;
              node.count = 1;
              const auto index = std::uint32_t(tree->nodes.size());
              tree->nodes.push_back(node);
              if (index > 0) {
                  std::uint32_t *link = &tree->nodes[parent].firstChild;
                  while (*link != 0)
                      link = &tree->nodes[*link].nextSibling;
                  *link = index;
              }
              return index;
          };
    add(0, 0, 0, 14, 0);
    const std::uint32_t a = add(0, 1, 1, 10, 2);
    const std::uint32_t d = add(0, 4, 1, 4, 0);
    add(a, 2, 2, 6, 6);
    add(a, 3, 2, 2, 2);
    add(d, 2, 2, 4, 4);
    return tree;
}

std::unique_ptr<store::Workspace> temporaryWorkspace()
{
    auto workspace = store::Workspace::temporary();
    return workspace ? std::move(*workspace) : nullptr;
}

QRegularExpression expression(const char *pattern)
{
    return QRegularExpression(QString::fromLatin1(pattern), QRegularExpression::CaseInsensitiveOption);
}

} // namespace

class TestFlameModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void laysOutChildrenFromTheLeft()
    {
        const auto tree = layOutTree(smallTree(), {});
        QVERIFY(tree);
        QCOMPARE(tree->total(), 14.0);
        QCOMPARE(tree->left[1], 0.0);
        QCOMPARE(tree->width[1], 10.0);
        QCOMPARE(tree->left[2], 10.0);
        QCOMPARE(tree->left[3], 0.0);
        QCOMPARE(tree->left[4], 6.0);
        QCOMPARE(tree->left[5], 10.0);
        QCOMPARE(tree->childEnd[1], 8.0);
        QCOMPARE(tree->childEnd[3], 0.0);
        QCOMPARE(tree->childCount[0], 2u);
        QCOMPARE(tree->maxSelf, 6.0);
    }

    void shrinksChildrenThatAreTooMuch()
    {
        auto tree = std::make_shared<analysis::CallTree>(*smallTree());
        tree->nodes[3].total = 18; // asynchronous work beside its parent
        const auto placed = layOutTree(tree, {});
        QVERIFY(placed);
        QCOMPARE(placed->width[3], 9.0);
        QCOMPARE(placed->width[4], 1.0);
        QCOMPARE(placed->childEnd[1], 10.0);
    }

    void refusesTreesWithoutWeight()
    {
        QVERIFY(!layOutTree(nullptr, {}));
        QVERIFY(!layOutTree(std::make_shared<analysis::CallTree>(), {}));
        auto empty = std::make_shared<analysis::CallTree>();
        empty->names = {"all"};
        empty->groups = {""};
        empty->nodes.resize(1);
        QVERIFY(!layOutTree(empty, {}));
        auto broken = std::make_shared<analysis::CallTree>(*smallTree());
        for (auto &node : broken->nodes)
            node.total = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!layOutTree(broken, {}));
        CancelToken cancelled;
        cancelled.cancel();
        QVERIFY(!layOutTree(smallTree(), cancelled));
    }

    void countsNestedMatchesOnce()
    {
        const auto tree = layOutTree(smallTree(), {});
        const auto b = findFrames(*tree, expression("^b$"), {});
        QCOMPARE(b->nodes, (std::vector<std::uint32_t>{3, 5}));
        QCOMPARE(b->weight, 10.0);
        const auto ab = findFrames(*tree, expression("^[ab]$"), {});
        QCOMPARE(ab->nodes, (std::vector<std::uint32_t>{1, 3, 5}));
        QCOMPARE(ab->weight, 14.0);
        QVERIFY(findFrames(*tree, expression("("), {})->nodes.empty());
        QVERIFY(findFrames(*tree, QRegularExpression(), {})->nodes.empty());
    }

    void findsPathsAgain()
    {
        const auto tree = smallTree();
        QCOMPARE(pathOf(*tree, 5), (std::vector<std::string>{"d", "b"}));
        QCOMPARE(nodeOfPath(*tree, {"d", "b"}), 5u);
        QCOMPARE(nodeOfPath(*tree, {"a", "gone", "b"}), 1u);
        QCOMPARE(nodeOfPath(*tree, {"gone"}), 0u);
        QVERIFY(pathOf(*tree, 99).empty());
        QCOMPARE(nodeOfPath(analysis::CallTree{}, {"a"}), 0u);
    }

    void previewsWhatIsBeingRead()
    {
        QVERIFY(!previewTree(store::StreamingAggregate{}));
        store::StreamingAggregate aggregate;
        aggregate.entries = {{"p", "t", "", "x", 3, 0, 300, 200}, {"p", "u", "", "x", 1, 0, 100, 100},
            {"", "", "shop", "y", 2, 0, 50, 40}, {"q", "", "", "zero", 2, 0, 0, 0}};
        const auto tree = previewTree(aggregate);
        QVERIFY(tree);
        QCOMPARE(tree->nodes.size(), std::size_t(5));
        QCOMPARE(tree->nodes[0].total, 450.0);
        const std::uint32_t p = nodeOfPath(*tree, {"p"});
        QCOMPARE(tree->nodes[p].total, 400.0);
        QCOMPARE(tree->nodes[nodeOfPath(*tree, {"p", "x"})].count, std::int64_t(4));
        QCOMPARE(tree->nodes[0].firstChild, p);
    }

    void previewsTheStoredOverview()
    {
        analysis::OverviewPyramid overview;
        QVERIFY(!previewTree(overview));
        overview.range = {0, analysis::OverviewPyramid::kBins * 10};
        overview.tracks.push_back(
            {1, "main", 5, std::vector<float>(analysis::OverviewPyramid::kBins, 0.5F), {}});
        const auto flat = previewTree(overview);
        QVERIFY(flat);
        QCOMPARE(flat->nodes[1].total, analysis::OverviewPyramid::kBins * 5.0);
        overview.tree = smallTree();
        QCOMPARE(previewTree(overview), overview.tree);
    }

    void followsTheContext()
    {
        session::Session session(temporaryWorkspace());
        FlameModel model(&session);
        tests::SpanFixture fixture;
        const std::uint32_t track = fixture.track("app", "main");
        const int root = fixture.span(track, 0, "handle", 0, 100);
        fixture.span(track, 1, "query", 10, 30, root);
        fixture.span(track, 1, "query", 50, 20, root);
        fixture.span(track, 0, "idle", 200, 10);
        const auto columns = fixture.build();
        session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
        QTest::qWait(20);
        QVERIFY2(!model.tree(), "nothing is built while nobody looks");
        model.setActive(true);
        QTRY_VERIFY(model.tree());
        QCOMPARE(model.tree()->total(), 110.0);
        QCOMPARE(model.tree()->tree->nodes[nodeOfPath(*model.tree()->tree, {"handle", "query"})].total, 50.0);

        model.setSearch(expression("que"));
        QTRY_VERIFY(model.matches());
        QCOMPARE(model.matches()->weight, 50.0);

        model.setBottomUp(true);
        QTRY_VERIFY(!model.isBusy());
        const auto &callers = *model.tree()->tree;
        QCOMPARE(callers.nodes[nodeOfPath(callers, {"query"})].total, 50.0);
        QVERIFY(nodeOfPath(callers, {"query", "handle"}) != nodeOfPath(callers, {"query"}));
        model.setBottomUp(false);

        session.context()->setRange(TimeRange{150, 300});
        QTRY_VERIFY(!model.isBusy() && model.tree());
        QCOMPARE(model.tree()->total(), 10.0);
        session.context()->setRange(TimeRange{1000, 2000});
        QTRY_VERIFY(!model.isBusy());
        QVERIFY(!model.tree());
        session.context()->setRange(std::nullopt);
        session.context()->setFilterText(QStringLiteral("operation=query"));
        QTRY_VERIFY(!session.context()->isFilterPending() && !model.isBusy() && model.tree());
        QTRY_COMPARE(model.tree()->total(), 50.0);
    }

    void fallsBackWhenAProfileIsGone()
    {
        session::Session session(temporaryWorkspace());
        FlameModel model(&session);
        model.setActive(true);
        model.setProfile(77);
        QTRY_VERIFY(!model.isBusy());
        Q_EMIT session.sourcesChanged();
        QTRY_VERIFY(!model.profile());
        QVERIFY(!model.tree());
    }

    void sqlGivesTheSameRows();
    void profilesAreListedAndDrawn();
};

void TestFlameModel::sqlGivesTheSameRows()
{
    auto workspace = temporaryWorkspace();
    QVERIFY(workspace);
    auto writer = store::BulkWriter::create(*workspace, {"made", "test", std::nullopt}, {});
    QVERIFY(writer);
    TrackRow trackRow;
    trackRow.process = "app";
    trackRow.thread = "main";
    const TrackRef track = (*writer)->track(trackRow);
    const auto span
        = [&](const char *operation, Nanos start, Nanos duration, SpanKind kind = SpanKind::Internal) {
              SpanRow row;
              row.track = track;
              row.operation = operation;
              row.kind = kind;
              row.startNs = start;
              row.durationNs = duration;
              (*writer)->span(row);
          };
    for (Nanos i = 0; i < 20; ++i) {
        span("handle", i * 10'000'000, 9'000'000);
        span("query", i * 10'000'000 + 1'000'000, 3'000'000 + i * 1000);
        span("row", i * 10'000'000 + 2'000'000, 1'000'000);
        span("query", i * 10'000'000 + 6'000'000, 1'000'000);
    }
    QVERIFY((*writer)->finish({}));
    const std::int64_t source = (*writer)->sourceId();
    writer->reset();
    QVERIFY(analysis::makeReady(*workspace, source, {}));
    const auto columns = analysis::SpanColumns::load(*workspace, {});
    QVERIFY(columns);
    session::Session session(std::move(workspace));
    session.context()->setColumns(*columns, analysis::LanePyramid::build(*columns, {}));
    session.context()->setFilterText(QStringLiteral("duration<8ms"));
    FlameModel model(&session);
    model.setActive(true);
    QTRY_VERIFY(!session.context()->isFilterPending() && !model.isBusy() && model.tree());
    for (const bool bottomUp : {false, true}) {
        model.setBottomUp(bottomUp);
        QTRY_VERIFY(!model.isBusy());
        auto database = session.workspace().connectReader();
        QVERIFY(database);
        auto statement = database->prepare(model.sql().toStdString());
        QVERIFY2(statement, statement ? "" : statement.error().toText().c_str());
        int rows = 0;
        double selves = 0;
        for (auto row = statement->step(); row && *row; row = statement->step(), ++rows) {
            const QString separator = bottomUp ? QStringLiteral(" < ") : QStringLiteral(" > ");
            std::vector<std::string> path;
            for (const QString &name : QString::fromUtf8(statement->text(0)).split(separator))
                path.push_back(name.toStdString());
            const auto &tree = *model.tree()->tree;
            const auto &node = tree.nodes[nodeOfPath(tree, path)];
            QCOMPARE(pathOf(tree, nodeOfPath(tree, path)), path);
            if (bottomUp) {
                QVERIFY(node.total >= double(statement->integer(3)));
                selves += double(statement->integer(3));
            } else {
                QCOMPARE(node.total, double(statement->integer(2)));
                QCOMPARE(node.self, double(statement->integer(3)));
                QCOMPARE(node.count, statement->integer(1));
            }
        }
        QCOMPARE(rows, 2);
        if (bottomUp)
            QCOMPARE(selves, model.tree()->total());
    }
}

void TestFlameModel::profilesAreListedAndDrawn()
{
    auto workspace = temporaryWorkspace();
    QVERIFY(workspace);
    auto writer = store::BulkWriter::create(*workspace, {"made", "test", std::nullopt}, {});
    QVERIFY(writer);
    ProfileRow profileRow;
    profileRow.name = "cpu.prof";
    profileRow.sampleType = "samples";
    profileRow.unit = "samples";
    const ProfileRef profile = (*writer)->profile(profileRow);
    const auto frame = [&](const char *name) { return (*writer)->frame({name, "app", "", 0}); };
    const CallNodeRef main = (*writer)->callNode(profile, CallNodeRef::None, frame("main"));
    const CallNodeRef work = (*writer)->callNode(profile, main, frame("work"));
    for (int i = 0; i < 3; ++i) {
        SampleRow sample;
        sample.profile = profile;
        sample.node = i == 0 ? main : work;
        (*writer)->sample(sample);
    }
    QVERIFY((*writer)->finish({}));
    const std::int64_t source = (*writer)->sourceId();
    writer->reset();
    QVERIFY(analysis::makeReady(*workspace, source, {}));
    session::Session session(std::move(workspace));
    FlameModel model(&session);
    model.setActive(true);
    QTRY_COMPARE(model.profiles().size(), std::size_t(1));
    QCOMPARE(model.profiles()[0].title(), QStringLiteral("cpu.prof (samples)"));
    model.setProfile(model.profiles()[0].id);
    QTRY_VERIFY(!model.isBusy() && model.tree());
    QCOMPARE(model.tree()->total(), 3.0);
    auto database = session.workspace().connectReader();
    auto statement = database->prepare(model.sql().toStdString());
    QVERIFY2(statement, statement ? "" : statement.error().toText().c_str());
    QVERIFY(*statement->step());
    QCOMPARE(statement->text(0), std::string_view("main"));
    QCOMPARE(statement->real(1), 3.0);
    QVERIFY(*statement->step());
    QCOMPARE(statement->text(0), std::string_view("main > work"));
    QCOMPARE(statement->real(2), 2.0);
}

QTEST_GUILESS_MAIN(TestFlameModel)
#include "tst_flamemodel.moc"
