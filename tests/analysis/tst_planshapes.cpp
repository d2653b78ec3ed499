// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The history of plans: shapes, changes and matched nodes as the tables keep them.
#include "analysis/planshapes.h"

#include "analysis/plantime.h"
#include "analysis/workspaceanalyses.h"
#include "import/importjob.h"

#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

/// A plan of one statement, as auto_explain writes it.
std::string capture(const std::string &type, double ms,
    const std::string &query = "SELECT * FROM t WHERE id = 1")
{
    return "Query Text: " + query + "\n" + type + "  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1.."
        + std::to_string(ms) + " rows=1 loops=1)\nExecution Time: " + std::to_string(ms) + " ms\n\n";
}

const std::string kScan = "Seq Scan on t", kLookup = "Index Scan using t_pkey on t";

struct Fixture
{
    explicit Fixture(const std::string &text)
    {
        auto created = store::Workspace::temporary();
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        workspace = std::move(*created);
        const auto outcome = import::importText(*workspace, "plans", text, {}, {});
        if (!outcome || !derivePlanTimes(*workspace, outcome->sourceId, {}))
            qFatal("the plans of a test cannot be read");
    }
    void refresh() const
    {
        const auto done = refreshWorkspaceAnalyses(*workspace, workspaceAnalyses(), {});
        if (!done)
            qFatal("%s", done.error().toText().c_str());
    }
    void execute(const std::string &sql) const
    {
        auto writer = workspace->connectWriter();
        const auto done = writer ? writer->execute(sql) : tl::unexpected(writer.error());
        if (!done)
            qFatal("%s", done.error().toText().c_str());
    }
    QString text(const std::string &sql) const
    {
        auto reader = workspace->connectReader();
        const auto value = reader ? reader->text(sql) : tl::unexpected(reader.error());
        if (!value)
            qFatal("%s", value.error().toText().c_str());
        return QString::fromStdString(value->value_or("(null)"));
    }
    std::unique_ptr<store::Workspace> workspace;
};

} // namespace

class TestPlanShapes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesOfARunOfCaptures();
    void capturesWithoutTimeKeepTheirOrder();
    void tablesOfAStatementThatChanged();
    void savedPlanIsMatchedWithTheLatest();
    void flippingPlansAreComparedOnce();
    void cancels();
};

void TestPlanShapes::changesOfARunOfCaptures()
{
    const auto one = [](std::int64_t id, const char *shape, double ms) {
        return PlanCapture{id, 1, 1000 + id, ms, shape, false};
    };
    std::vector<PlanCapture> captures{one(1, "a", 4), one(2, "a", 2), one(3, "a", 8), one(4, "b", 100),
        one(5, "b", std::nan("")), one(6, "a", 3)};
    const std::vector<PlanChange> changes = planChanges(captures);
    QCOMPARE(changes.size(), std::size_t(2));
    QCOMPARE(changes[0].before, std::size_t(2));
    QCOMPARE(changes[0].after, std::size_t(3));
    QCOMPARE(changes[0].n, std::int64_t(3));
    QCOMPARE(changes[0].medianMs, 4.0);
    QCOMPARE(changes[0].otherN, std::int64_t(1)); // what was not executed has no time
    QCOMPARE(changes[0].factor(), 25.0);
    QCOMPARE(changes[1].before, std::size_t(4));
    QCOMPARE(changes[1].otherMedianMs, 3.0);
    QVERIFY(planChanges({}).empty());
    QVERIFY(planChanges({one(1, "a", 1)}).empty());
}

void TestPlanShapes::capturesWithoutTimeKeepTheirOrder()
{
    const auto ids = [](const std::vector<PlanCapture> &captures) {
        QString text;
        for (const PlanCapture &capture : captures)
            text += QString::number(capture.planId);
        return text;
    };
    std::vector<PlanCapture> timed{{3, 1, 10, 1, "a", false}, {1, 1, 30, 1, "a", false},
        {2, 1, 20, 1, "a", false}};
    sortCaptures(timed);
    QCOMPARE(ids(timed), QStringLiteral("321"));
    timed[1].ts.reset();
    sortCaptures(timed);
    QCOMPARE(ids(timed), QStringLiteral("123"));
}

void TestPlanShapes::tablesOfAStatementThatChanged()
{
    // The third statement stands alone, the constants do not make another.
    const Fixture fixture(capture(kLookup, 2) + capture(kLookup, 4, "SELECT * FROM t WHERE id = 2")
        + capture(kScan, 100) + capture(kScan, 300) + capture(kScan, 200)
        + capture(kScan, 9, "SELECT 1 FROM t"));
    fixture.refresh();
    QCOMPARE(
        fixture.text(
            "SELECT count(*) || ' ' || count(DISTINCT shape) || ' ' || min(length(shape)) FROM plan_shape"),
        QStringLiteral("6 2 16"));
    QCOMPARE(fixture.text(
                 "SELECT group_concat(time_ms, ' ') FROM (SELECT * FROM plan_shape ORDER BY plan_id)"),
        QStringLiteral("2.0 4.0 100.0 300.0 200.0 9.0"));
    QCOMPARE(fixture.text(
                 "SELECT group_concat(plan_id || '>' || other_plan_id || ' ' || n || ' ' || other_n || ' '"
                 " || median_ms || ' ' || other_median_ms || ' ' || factor) FROM plan_change"),
        QStringLiteral("2>3 2 3 2.0 200.0 100.0"));
    QCOMPARE(fixture.text("SELECT summary FROM plan_change"),
        QStringLiteral("Seq Scan on t replaced Index Scan using t_pkey on t."));
    // The plans on both sides of the change, node by node.
    QCOMPARE(fixture.text(
                 "SELECT group_concat(m.plan_id || ' ' || m.other_plan_id || ' ' || m.kind || ' '"
                 " || a.node_type || ' ' || b.node_type || ' ' || m.self_ms_difference) FROM plan_match AS m"
                 " JOIN plan_node AS a ON a.id = m.node_id JOIN plan_node AS b ON b.id = m.other_node_id"),
        QStringLiteral("2 3 changed Index Scan Seq Scan 96.0"));
    // Nothing is done twice.
    const QString run = fixture.text("SELECT id FROM analysis_run WHERE kind = 'plan_shape'");
    fixture.refresh();
    QCOMPARE(fixture.text("SELECT id FROM analysis_run WHERE kind = 'plan_shape'"), run);
}

void TestPlanShapes::savedPlanIsMatchedWithTheLatest()
{
    const Fixture fixture(capture(kLookup, 2) + capture(kScan, 100) + capture(kScan, 300));
    fixture.execute("UPDATE plan_raw SET saved_good = 1 WHERE id = 1");
    fixture.refresh();
    QCOMPARE(fixture.text(
                 "SELECT group_concat(plan_id || ' ' || other_plan_id || ' ' || kind) FROM plan_match"),
        QStringLiteral("1 3 changed"));
    // The saved one is itself the latest: the one before it is what it is compared with.
    fixture.execute("UPDATE plan_raw SET saved_good = (id = 3)");
    fixture.execute("UPDATE generation SET n = n + 1 WHERE table_family = 'plan'");
    fixture.refresh();
    QCOMPARE(fixture.text(
                 "SELECT group_concat(plan_id || ' ' || other_plan_id || ' ' || kind) FROM plan_match"),
        QStringLiteral("3 2 changed"));
}

void TestPlanShapes::flippingPlansAreComparedOnce()
{
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += capture(i % 2 ? kScan : kLookup, 10);
    const Fixture fixture(text);
    fixture.refresh();
    QCOMPARE(fixture.text("SELECT count(*) || ' ' || count(summary) FROM plan_change"),
        QStringLiteral("19 19"));
    QCOMPARE(fixture.text("SELECT count(*) FROM plan_match"), QStringLiteral("2"));
}

void TestPlanShapes::cancels()
{
    const Fixture fixture(capture(kLookup, 2) + capture(kScan, 100));
    Progress progress;
    progress.cancel.cancel();
    const auto done = refreshWorkspaceAnalyses(*fixture.workspace, workspaceAnalyses(), progress);
    QVERIFY(!done);
    QCOMPARE(done.error().code, ErrorCode::Cancelled);
    QCOMPARE(fixture.text("SELECT count(*) FROM plan_shape"), QStringLiteral("0"));
}

QTEST_GUILESS_MAIN(TestPlanShapes)
#include "tst_planshapes.moc"
