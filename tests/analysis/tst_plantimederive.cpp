// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Times of plans in a workspace: imported rows in, wall, self and doubt out.
#include "analysis/plantime.h"
#include "import/importjob.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

const std::string kPlans
    = R"~(Nested Loop  (cost=0.00..9.00 rows=1 width=4) (actual time=100.0..265.0 rows=2 loops=1)
  Buffers: shared hit=40
  CTE c
    ->  Function Scan on f  (cost=0.00..1.00 rows=1 width=4) (actual time=50.0..50.0 rows=2 loops=1)
          Buffers: shared hit=10
  InitPlan 2 (returns $1)
    ->  Result  (cost=0.00..1.00 rows=1 width=4) (actual time=100.0..100.0 rows=1 loops=1)
  ->  CTE Scan on c  (cost=0.00..1.00 rows=1 width=4) (actual time=50.0..51.0 rows=2 loops=1)
        Buffers: shared hit=10
  ->  Gather  (cost=0.00..1.00 rows=1 width=4) (actual time=50.0..105.0 rows=1 loops=2)
        Params Evaluated: $1
        Buffers: shared hit=25
        ->  Parallel Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=10.0..40.0 rows=1 loops=4)
              Filter: (id = $1)
              Buffers: shared hit=25
              Worker 0:  actual time=10.0..30.0 rows=1 loops=2
              Worker 1:  actual time=10.0..15.0 rows=1 loops=1
Execution Time: 266.0 ms

Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)
)~";

std::string column(store::Database &database, const std::string &sql)
{
    Result<store::Statement> statement = database.prepare(sql);
    if (!statement)
        return statement.error().toText();
    std::string out;
    while (statement->step().value_or(false)) {
        if (!out.empty())
            out += ' ';
        out += statement->isNull(0) ? "NULL" : std::string(statement->text(0));
    }
    return out;
}

} // namespace

class TestPlanTimeDerive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void storesTimes();
    void keepsTheRemainder();
    void cancels();
};

void TestPlanTimeDerive::storesTimes()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    const auto imported = import::importText(**workspace, "pasted", kPlans, {}, {});
    QVERIFY2(imported.has_value(), imported ? "" : imported.error().toText().c_str());
    QCOMPARE(imported->format, std::string("explain-text"));
    for (int run = 0; run < 2; ++run) { // may be repeated
        const Result<std::int64_t> nodes = derivePlanTimes(**workspace, imported->sourceId, {});
        QVERIFY2(nodes.has_value(), nodes ? "" : nodes.error().toText().c_str());
        QCOMPARE(*nodes, std::int64_t(7));
    }
    Result<store::Database> database = (*workspace)->connectReader();
    QVERIFY(database.has_value());
    // The scan's processes took 160 ms together: worker 0 60, worker 1 15, so the leader 85, the slowest.
    QCOMPARE(column(*database, "SELECT round(wall_ms, 3) FROM plan_node ORDER BY plan_id, node"),
        std::string("265.0 50.0 100.0 51.0 210.0 85.0 NULL"));
    QCOMPARE(column(*database, "SELECT round(self_ms, 3) FROM plan_node ORDER BY plan_id, node"),
        std::string("4.0 50.0 100.0 1.0 25.0 85.0 NULL"));
    QCOMPARE(column(*database, "SELECT round(doubt_ms, 4) FROM plan_node ORDER BY plan_id, node"),
        std::string("0.002 0.0005 0.0005 0.001 0.005 0.0035 NULL"));
    QCOMPARE(column(*database, "SELECT self_shared_hit FROM plan_node ORDER BY plan_id, node"),
        std::string("5 10 0 0 0 25 NULL"));
    QCOMPARE(*derivePlanTimes(**workspace, 999, {}), std::int64_t(0));
}

void TestPlanTimeDerive::keepsTheRemainder()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    // The child took longer than its parent, which rounding over many loops can do.
    const std::string plans
        = R"~(Limit  (cost=0.00..9.00 rows=1 width=4) (actual time=1.0..10.0 rows=2 loops=1)
  ->  Seq Scan on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..12.5 rows=2 loops=1)
Planning:
  Buffers: shared hit=3
Execution Time: 10.1 ms

Seq Scan on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..12.5 rows=2 loops=1)
Execution Time: 12.6 ms
)~";
    const auto imported = import::importText(**workspace, "pasted", plans, {}, {});
    QVERIFY2(imported.has_value(), imported ? "" : imported.error().toText().c_str());
    for (int run = 0; run < 2; ++run) {
        QVERIFY(derivePlanTimes(**workspace, imported->sourceId, {}).has_value());
        Result<store::Database> database = (*workspace)->connectReader();
        QVERIFY(database.has_value());
        QCOMPARE(column(*database, "SELECT extra FROM plan ORDER BY id"),
            std::string(R"({"Planning":{"Shared Hit Blocks":3},"Not Attributable Time":2.5} NULL)"));
        QCOMPARE(column(*database, "SELECT self_ms FROM plan_node ORDER BY plan_id, node"),
            std::string("0.0 12.5 12.5"));
    }
    // A remainder that is no more does not stay.
    Result<store::Database> writer = (*workspace)->connectWriter();
    QVERIFY(writer.has_value());
    column(*writer, "UPDATE plan_node_raw SET total_ms = 5 WHERE node = 1");
    QVERIFY(derivePlanTimes(**workspace, imported->sourceId, {}).has_value());
    QCOMPARE(column(*writer, "SELECT extra FROM plan ORDER BY id"),
        std::string(R"({"Planning":{"Shared Hit Blocks":3}} NULL)"));
}

void TestPlanTimeDerive::cancels()
{
    const auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    const auto imported = import::importText(**workspace, "pasted", kPlans, {}, {});
    QVERIFY(imported.has_value());
    Progress progress;
    progress.cancel.cancel();
    const Result<std::int64_t> nodes = derivePlanTimes(**workspace, imported->sourceId, progress);
    QVERIFY(!nodes.has_value());
    QCOMPARE(nodes.error().code, ErrorCode::Cancelled);
}

QTEST_GUILESS_MAIN(TestPlanTimeDerive)
#include "tst_plantimederive.moc"
