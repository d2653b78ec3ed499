// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every plan rule on a plan it must find and on its neighbours that it must leave alone.
#include "planfixture.h"

#include <QTest>

using namespace tailscope;
using testing::Fields;
using testing::PlanFixture;

namespace {

using Nodes = std::vector<std::pair<int, Fields>>;

Fields with(Fields fields, const Fields &more)
{
    for (const auto &[name, value] : more) {
        const auto same = [&](const auto &field) { return field.first == name; };
        std::erase_if(fields, same);
        fields.emplace_back(name, value);
    }
    return fields;
}

Fields without(Fields fields, const std::string &name)
{
    std::erase_if(fields, [&](const auto &field) { return field.first == name; });
    return fields;
}

/// A scan of a million rows that keeps a hundred.
const Fields kSeqScan{{"node_type", "Seq Scan"}, {"relation", "orders"}, {"alias", "orders"},
    {"filter", "((customer_id = 42) AND (status = 'shipped'::text))"}, {"plan_rows", 100.0},
    {"actual_rows", 100.0}, {"rows_removed_by_filter", 999900.0}, {"shared_hit", std::int64_t(10)},
    {"total_ms", 400.0}};
const Fields kIndexScan{{"node_type", "Index Scan"}, {"relation", "orders"}, {"alias", "orders"},
    {"index_name", "orders_customer_idx"}, {"condition", "(customer_id = 42)"},
    {"filter", "((status)::text = 'shipped'::text)"}, {"plan_rows", 100.0}, {"actual_rows", 100.0},
    {"rows_removed_by_filter", 99900.0}, {"shared_hit", std::int64_t(10)}, {"total_ms", 400.0}};
const Fields kQuick{{"node_type", "Index Scan"}, {"relation", "a"}, {"plan_rows", 10.0},
    {"actual_rows", 10.0}, {"total_ms", 0.5}, {"shared_hit", std::int64_t(3)}};

} // namespace

class TestPlanRules : public QObject
{
    Q_OBJECT

    /// The severity of the rule's finding, or "" when there is none.
    static QString severity(PlanFixture &fixture, const char *rule)
    {
        const QStringList lines = QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'));
        for (const QString &line : lines) {
            if (line.startsWith(QLatin1String(rule) + QLatin1Char(' ')))
                return line.section(QLatin1Char(' '), 1);
        }
        return {};
    }
    static void fires(const char *rule, const char *expected, const Nodes &nodes, const Fields &plan = {})
    {
        PlanFixture fixture;
        fixture.addPlan(plan, nodes);
        const QString name = QString::fromLatin1(rule) + QLatin1Char(' ');
        QCOMPARE(name + severity(fixture, rule), name + QLatin1String(expected));
    }
    static void silent(const char *rule, const Nodes &nodes, const Fields &plan = {})
    {
        fires(rule, "", nodes, plan);
    }

private Q_SLOTS:
    void seqScanSelective();
    void seqScanIndexColumns_data();
    void seqScanIndexColumns();
    void seqScanRight();
    void rowMisestimate();
    void memorySpill();
    void nestedLoop();
    void bitmapLossy();
    void indexFilter();
    void indexOrder();
    void heapFetches();
    void deepOffset();
    void subplan();
    void workers();
    void jit();
    void planning();
    void functionOnColumn();
    void likeWildcard();
    void ginCandidate();
    void sortBeforeLimit();
    void heavyPageReads();
    void hottestNode();
    void evidenceMissing();
    void healthy();
    void statsStale();
    void chains();
    void noLiteralsInFindings();
};

void TestPlanRules::seqScanSelective()
{
    fires("plan-seq-scan-selective", "critical", {{-1, kSeqScan}});
    fires("plan-seq-scan-selective", "warning",
        {{-1, with(kSeqScan, {{"rows_removed_by_filter", 99900.0}})}});
    fires("plan-seq-scan-selective", "info", {{-1, with(kSeqScan, {{"total_ms", 18.0}})}});
    // Half of the time of a longer statement only.
    fires("plan-seq-scan-selective", "warning", {{-1, kSeqScan}}, {{"execution_ms", 5000.0}});
    silent("plan-seq-scan-selective", {{-1, with(kSeqScan, {{"actual_rows", 60000.0}})}});
    silent("plan-seq-scan-selective", {{-1, with(kSeqScan, {{"rows_removed_by_filter", 9000.0}})}});
    silent("plan-seq-scan-selective", {{-1, with(kSeqScan, {{"total_ms", 9.0}})}});
    silent("plan-seq-scan-selective", {{-1, without(kSeqScan, "rows_removed_by_filter")}});
    silent("plan-seq-scan-selective", {{-1, with(kSeqScan, {{"loops", 0.0}})}});
    // A LIMIT that was satisfied ends the scan early.
    const Fields limit{{"node_type", "Limit"}, {"plan_rows", 100.0}, {"actual_rows", 100.0},
        {"total_ms", 400.0}};
    fires("plan-seq-scan-selective", "info", {{-1, limit}, {0, kSeqScan}});
}

void TestPlanRules::seqScanIndexColumns_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("ddl");
    const auto row = [](const char *filter, const char *ddl) {
        QTest::newRow(filter) << QString::fromLatin1(filter) << QString::fromLatin1(ddl);
    };
    row("((customer_id = 42) AND (status = 'shipped'::text))",
        "CREATE INDEX CONCURRENTLY idx_orders_customer_id_status ON orders (customer_id, status);");
    row("((created_at > '2024-01-01'::date) AND (kind = 'x'::text))",
        "CREATE INDEX CONCURRENTLY idx_orders_kind_created_at ON orders (kind, created_at);");
    row("((a > 1) AND (a < 5) AND (b > 2))", "CREATE INDEX CONCURRENTLY idx_orders_a ON orders (a);");
    row("(\"Mixed Case\" = 1)",
        "CREATE INDEX CONCURRENTLY idx_orders_Mixed Case ON orders (\"Mixed Case\");");
    row("((a = 1) OR (b = 2))", "(null)");
    row("(lower(a) = 'x'::text)", "CREATE INDEX CONCURRENTLY idx_orders_lower_a ON orders (lower(a));");
    row("((a = 1) AND ((b = 2) OR (c = 3)))", "CREATE INDEX CONCURRENTLY idx_orders_a ON orders (a);");
    row("(state = ANY ('{1,2}'::integer[]))",
        "CREATE INDEX CONCURRENTLY idx_orders_state ON orders (state);");
}

void TestPlanRules::seqScanIndexColumns()
{
    QFETCH(QString, filter);
    QFETCH(QString, ddl);
    PlanFixture fixture;
    fixture.addPlan({}, {{-1, with(kSeqScan, {{"filter", filter.toStdString()}})}});
    fixture.findings();
    QString expected = ddl;
    // A name that needs quotes gets them.
    if (filter.contains(QLatin1String("Mixed")))
        expected.replace(QStringLiteral("idx_orders_Mixed Case"),
            QStringLiteral("\"idx_orders_Mixed Case\""));
    QCOMPARE(QString::fromStdString(fixture.text("SELECT json_extract(evidence, '$.ddl') FROM finding"
                                                 " WHERE rule_id = 'plan-seq-scan-selective'")),
        expected);
    QCOMPARE(fixture.text(
                 "SELECT summary LIKE '%ANALYZE%' FROM finding WHERE rule_id = 'plan-seq-scan-selective'"),
        std::string("0"));
}

void TestPlanRules::seqScanRight()
{
    const Fields wide = with(kSeqScan,
        {{"actual_rows", 900000.0}, {"plan_rows", 800000.0}, {"rows_removed_by_filter", 100000.0}});
    fires("plan-seq-scan-right", "good", {{-1, wide}});
    silent("plan-seq-scan-right", {{-1, kSeqScan}});
    silent("plan-seq-scan-right", {{-1, with(wide, {{"plan_rows", 800.0}})}});
    silent("plan-seq-scan-right", {{-1, with(wide, {{"total_ms", 20.0}})}});
}

void TestPlanRules::rowMisestimate()
{
    const Fields wrong{{"node_type", "Seq Scan"}, {"relation", "orders"}, {"plan_rows", 5.0},
        {"actual_rows", 50000.0}, {"total_ms", 80.0}};
    fires("plan-row-misestimate", "warning", {{-1, wrong}});
    fires("plan-row-misestimate", "critical", {{-1, with(wrong, {{"total_ms", 8000.0}})}});
    fires("plan-row-misestimate", "warning",
        {{-1, with(wrong, {{"plan_rows", 50000.0}, {"actual_rows", 2000.0}, {"total_ms", 200.0}})}});
    silent("plan-row-misestimate", {{-1, with(wrong, {{"plan_rows", 48000.0}})}});
    silent("plan-row-misestimate", {{-1, with(wrong, {{"plan_rows", 1.0}, {"actual_rows", 90.0}})}});
    silent("plan-row-misestimate", {{-1, with(wrong, {{"total_ms", 5.0}})}});
    // Rows count per loop.
    silent("plan-row-misestimate", {{-1, with(wrong, {{"loops", 10000.0}})}});
    // A LIMIT ended it early; a sort between reads everything.
    const Fields limit{{"node_type", "Limit"}, {"plan_rows", 10.0}, {"actual_rows", 10.0},
        {"total_ms", 80.0}};
    const Fields early = with(wrong, {{"plan_rows", 50000.0}, {"actual_rows", 10.0}});
    silent("plan-row-misestimate", {{-1, limit}, {0, early}});
    const Fields sort{{"node_type", "Sort"}, {"plan_rows", 5.0}, {"actual_rows", 10.0}, {"total_ms", 80.0}};
    fires("plan-row-misestimate", "warning", {{-1, limit}, {0, sort}, {1, wrong}});
    // Only the lowest node is told.
    PlanFixture fixture;
    const Fields join{{"node_type", "Hash Join"}, {"plan_rows", 5.0}, {"actual_rows", 50000.0},
        {"total_ms", 90.0}};
    const Fields hash{{"node_type", "Hash"}, {"plan_rows", 5.0}, {"actual_rows", 50000.0},
        {"total_ms", 85.0}};
    const Fields right{{"node_type", "Seq Scan"}, {"relation", "b"}, {"plan_rows", 100.0},
        {"actual_rows", 100.0}, {"total_ms", 1.0}};
    fixture.addPlan({}, {{-1, join}, {0, right}, {0, hash}, {2, wrong}});
    fixture.findings();
    QCOMPARE(fixture.integer("SELECT count(*) FROM finding WHERE rule_id = 'plan-row-misestimate'"), 1);
    QCOMPARE(fixture.integer("SELECT subject_id FROM finding WHERE rule_id = 'plan-row-misestimate'"),
        fixture.node(3));
}

void TestPlanRules::memorySpill()
{
    const Fields sort{{"node_type", "Sort"}, {"sort_kb", std::int64_t(40000)}, {"sort_disk", std::int64_t(1)},
        {"total_ms", 900.0}, {"plan_rows", 50000.0}, {"actual_rows", 50000.0},
        {"shared_hit", std::int64_t(1)}, {"extra", R"({"Sort Method":"external merge"})"}};
    fires("plan-memory-spill", "warning", {{-1, sort}});
    fires("plan-memory-spill", "critical", {{-1, with(sort, {{"sort_kb", std::int64_t(2000000)}})}});
    silent("plan-memory-spill", {{-1, with(sort, {{"sort_disk", std::int64_t(0)}})}});
    silent("plan-memory-spill", {{-1, with(sort, {{"sort_kb", std::int64_t(500)}, {"total_ms", 20.0}})}});
    const Fields hash{{"node_type", "Hash"}, {"hash_batches", std::int64_t(8)}, {"total_ms", 90.0},
        {"extra", R"({"Peak Memory Usage":40960})"}};
    fires("plan-memory-spill", "warning", {{-1, hash}});
    silent("plan-memory-spill", {{-1, with(hash, {{"hash_batches", std::int64_t(1)}})}});
    const Fields aggregate{{"node_type", "Aggregate"}, {"total_ms", 90.0},
        {"extra", R"({"HashAgg Batches":5,"Disk Usage":20000,"Peak Memory Usage":4000})"}};
    fires("plan-memory-spill", "warning", {{-1, aggregate}});
    silent("plan-memory-spill", {{-1, with(aggregate, {{"extra", R"({"HashAgg Batches":1})"}})}});
    PlanFixture fixture;
    fixture.addPlan({{"settings", R"({"work_mem":"4MB"})"}}, {{-1, sort}});
    fixture.findings();
    QCOMPARE(
        fixture.text(
            "SELECT json_extract(evidence, '$.needed') || json_extract(evidence, '$.work_mem') FROM finding"
            " WHERE rule_id = 'plan-memory-spill'"),
        std::string("128MB of 4MB"));
}

void TestPlanRules::nestedLoop()
{
    const Fields join{{"node_type", "Nested Loop"}, {"total_ms", 500.0}};
    const Fields outer{{"node_type", "Seq Scan"}, {"relation", "a"}, {"total_ms", 10.0}};
    const Fields inner{{"node_type", "Index Scan"}, {"relation", "b"}, {"parent_relationship", "Inner"},
        {"loops", 5000.0}, {"total_ms", 0.08}, {"wall_ms", 400.0}};
    fires("plan-nested-loop-large-inner", "warning", {{-1, join}, {0, outer}, {0, inner}});
    fires("plan-nested-loop-large-inner", "warning",
        {{-1, join}, {0, outer}, {0, without(inner, "parent_relationship")}});
    fires("plan-nested-loop-large-inner", "critical",
        {{-1, with(join, {{"total_ms", 5000.0}})}, {0, outer},
            {0, with(inner, {{"loops", 200000.0}, {"wall_ms", 4000.0}})}});
    silent("plan-nested-loop-large-inner", {{-1, join}, {0, outer}, {0, with(inner, {{"loops", 100.0}})}});
    silent("plan-nested-loop-large-inner", {{-1, join}, {0, outer}, {0, with(inner, {{"wall_ms", 100.0}})}});
    silent("plan-nested-loop-large-inner",
        {{-1, with(join, {{"total_ms", 60.0}})}, {0, outer},
            {0, with(inner, {{"wall_ms", 50.0}, {"total_ms", 0.01}})}});
    silent("plan-nested-loop-large-inner",
        {{-1, join}, {0, outer},
            {0,
                with(inner,
                    {{"node_type", "Memoize"}, {"extra", R"({"Cache Hits":4900,"Cache Misses":100})"}})}});
    silent("plan-nested-loop-large-inner",
        {{-1, with(join, {{"node_type", "Hash Join"}})}, {0, outer}, {0, inner}});
}

void TestPlanRules::bitmapLossy()
{
    const Fields scan{{"node_type", "Bitmap Heap Scan"}, {"relation", "events"},
        {"lossy_blocks", std::int64_t(400)}, {"exact_blocks", std::int64_t(600)}, {"actual_rows", 1000.0},
        {"rows_removed_by_index_recheck", 9000.0}, {"total_ms", 200.0}};
    fires("plan-bitmap-lossy", "warning", {{-1, scan}});
    fires("plan-bitmap-lossy", "info", {{-1, with(scan, {{"total_ms", 20.0}})}});
    silent("plan-bitmap-lossy", {{-1, with(scan, {{"lossy_blocks", std::int64_t(10)}})}});
    silent("plan-bitmap-lossy", {{-1, with(scan, {{"lossy_blocks", std::int64_t(0)}})}});
    // Without heap blocks it stays a doubtful remark.
    const Fields bare = without(without(scan, "lossy_blocks"), "exact_blocks");
    fires("plan-bitmap-lossy", "info", {{-1, bare}});
    silent("plan-bitmap-lossy", {{-1, with(bare, {{"rows_removed_by_index_recheck", 900.0}})}});
}

void TestPlanRules::indexFilter()
{
    fires("plan-index-filter-removes-most", "warning", {{-1, kIndexScan}});
    fires("plan-index-filter-removes-most", "critical",
        {{-1, with(kIndexScan, {{"rows_removed_by_filter", 2e6}})}});
    fires("plan-index-filter-removes-most", "info", {{-1, with(kIndexScan, {{"total_ms", 40.0}})}});
    silent("plan-index-filter-removes-most", {{-1, with(kIndexScan, {{"rows_removed_by_filter", 500.0}})}});
    silent("plan-index-filter-removes-most", {{-1, with(kIndexScan, {{"total_ms", 4.0}})}});
    silent("plan-index-filter-removes-most", {{-1, without(kIndexScan, "rows_removed_by_filter")}});
    PlanFixture fixture;
    fixture.addPlan({}, {{-1, kIndexScan}});
    fixture.findings();
    QVERIFY(fixture
                .text("SELECT json_extract(evidence, '$.remedy') FROM finding WHERE rule_id ="
                      " 'plan-index-filter-removes-most'")
                .find("ON orders (customer_id, status);")
        != std::string::npos);
    // A bitmap scan in its band is right; below it is not.
    const Fields bitmap = with(kIndexScan, {{"node_type", "Bitmap Heap Scan"}});
    const Fields index{{"node_type", "Bitmap Index Scan"}, {"index_name", "i"}};
    fires("plan-index-filter-removes-most", "warning", {{-1, bitmap}, {0, index}});
    silent("plan-index-filter-removes-most", {{-1, with(bitmap, {{"actual_rows", 4000.0}})}, {0, index}});
}

void TestPlanRules::indexOrder()
{
    const Fields scan
        = without(with(kIndexScan, {{"extra", R"({"Scan Direction":"Backward"})"}}), "condition");
    fires("plan-index-order-wrong", "warning", {{-1, scan}});
    silent("plan-index-filter-removes-most", {{-1, scan}});
    const Fields forward = without(scan, "extra");
    silent("plan-index-order-wrong", {{-1, forward}});
    const Fields limit{{"node_type", "Limit"}, {"plan_rows", 100.0}, {"actual_rows", 100.0},
        {"total_ms", 400.0}};
    fires("plan-index-order-wrong", "warning", {{-1, limit}, {0, forward}});
    silent("plan-index-order-wrong", {{-1, limit}, {0, with(forward, {{"condition", "(a = 1)"}})}});
    silent("plan-index-order-wrong", {{-1, limit}, {0, with(forward, {{"rows_removed_by_filter", 90.0}})}});
}

void TestPlanRules::heapFetches()
{
    const Fields scan{{"node_type", "Index Only Scan"}, {"relation", "t"}, {"index_name", "i"},
        {"actual_rows", 10000.0}, {"heap_fetches", std::int64_t(9000)}, {"total_ms", 80.0}};
    fires("plan-index-only-heap-fetches", "warning", {{-1, scan}});
    fires("plan-index-only-heap-fetches", "info", {{-1, with(scan, {{"total_ms", 8.0}})}});
    silent("plan-index-only-heap-fetches", {{-1, with(scan, {{"heap_fetches", std::int64_t(0)}})}});
    silent("plan-index-only-heap-fetches", {{-1, with(scan, {{"heap_fetches", std::int64_t(500)}})}});
    silent("plan-index-only-heap-fetches",
        {{-1, with(scan, {{"heap_fetches", std::int64_t(50)}, {"actual_rows", 60.0}})}});
}

void TestPlanRules::deepOffset()
{
    const Fields limit{{"node_type", "Limit"}, {"actual_rows", 50.0}, {"total_ms", 420.0}};
    const Fields scan{{"node_type", "Seq Scan"}, {"relation", "events"}, {"actual_rows", 50000.0},
        {"total_ms", 300.0}};
    fires("plan-deep-offset", "warning", {{-1, limit}, {0, scan}});
    fires("plan-deep-offset", "critical", {{-1, limit}, {0, with(scan, {{"actual_rows", 500000.0}})}});
    fires("plan-deep-offset", "warning", {{-1, with(limit, {{"actual_rows", 0.0}})}, {0, scan}});
    silent("plan-deep-offset", {{-1, limit}, {0, with(scan, {{"actual_rows", 5000.0}})}});
    silent("plan-deep-offset", {{-1, with(limit, {{"actual_rows", 20000.0}})}, {0, scan}});
}

void TestPlanRules::subplan()
{
    const Fields root{{"node_type", "Seq Scan"}, {"relation", "a"}, {"total_ms", 1000.0}};
    const Fields subplan{{"node_type", "Index Scan"}, {"relation", "b"}, {"parent_relationship", "SubPlan"},
        {"subplan_name", "SubPlan 1"}, {"loops", 10000.0}, {"total_ms", 0.05}, {"wall_ms", 500.0}};
    fires("plan-subplan-repeated", "warning", {{-1, root}, {0, subplan}});
    fires("plan-subplan-repeated", "info",
        {{-1, with(root, {{"total_ms", 100.0}})}, {0, with(subplan, {{"wall_ms", 50.0}})}});
    fires("plan-subplan-repeated", "critical",
        {{-1, root}, {0, with(subplan, {{"wall_ms", 5000.0}, {"loops", 500000.0}})}});
    silent("plan-subplan-repeated", {{-1, root}, {0, with(subplan, {{"loops", 1.0}})}});
    silent("plan-subplan-repeated", {{-1, root}, {0, with(subplan, {{"wall_ms", 5.0}})}});
    silent("plan-subplan-repeated", {{-1, root}, {0, with(subplan, {{"parent_relationship", "Inner"}})}});
}

void TestPlanRules::workers()
{
    const Fields gather{{"node_type", "Gather"}, {"workers_planned", std::int64_t(4)},
        {"workers_launched", std::int64_t(0)}, {"total_ms", 500.0}};
    fires("plan-workers-missing", "warning", {{-1, gather}});
    fires("plan-workers-missing", "info", {{-1, with(gather, {{"workers_launched", std::int64_t(2)}})}});
    silent("plan-workers-missing", {{-1, with(gather, {{"workers_launched", std::int64_t(4)}})}});
    silent("plan-workers-missing", {{-1, with(gather, {{"total_ms", 5.0}})}});
}

void TestPlanRules::jit()
{
    const auto jit = [](const char *ms) {
        return Fields{{"execution_ms", 500.0},
            {"extra", R"({"JIT":{"Functions":12,"Timing":{"Total":)" + std::string(ms) + "}}}"}};
    };
    fires("plan-jit-cost", "warning", {{-1, kQuick}}, jit("300"));
    fires("plan-jit-cost", "info", {{-1, kQuick}}, jit("60"));
    silent("plan-jit-cost", {{-1, kQuick}}, jit("40"));
    silent("plan-jit-cost", {{-1, kQuick}}, jit("15"));
    silent("plan-jit-cost", {{-1, kQuick}}, {{"execution_ms", 500.0}, {"extra", "no json"}});
}

void TestPlanRules::planning()
{
    fires("plan-planning-dominates", "info", {{-1, kQuick}}, {{"planning_ms", 12.0}, {"execution_ms", 1.0}});
    fires("plan-planning-dominates", "warning", {{-1, kQuick}},
        {{"planning_ms", 120.0}, {"execution_ms", 1.0}});
    silent("plan-planning-dominates", {{-1, kQuick}}, {{"planning_ms", 3.0}, {"execution_ms", 1.0}});
    silent("plan-planning-dominates", {{-1, kQuick}}, {{"planning_ms", 12.0}, {"execution_ms", 100.0}});
    silent("plan-planning-dominates", {{-1, kQuick}}, {{"planning_ms", 12.0}});
}

void TestPlanRules::functionOnColumn()
{
    const Fields scan = with(kSeqScan, {{"filter", "(lower((email)::text) = 'x'::text)"}});
    fires("plan-function-on-column", "warning", {{-1, scan}});
    fires("plan-function-on-column", "info", {{-1, with(scan, {{"total_ms", 20.0}})}});
    silent("plan-function-on-column", {{-1, kSeqScan}});
    silent("plan-function-on-column", {{-1, with(scan, {{"filter", "((email)::text = 'x'::text)"}})}});
    silent("plan-function-on-column", {{-1, with(scan, {{"filter", "(email = lower('X'::text))"}})}});
    silent("plan-function-on-column", {{-1, with(scan, {{"actual_rows", 400000.0}})}});
}

void TestPlanRules::likeWildcard()
{
    const Fields scan = with(kSeqScan, {{"filter", "(name ~~ '%smith'::text)"}});
    fires("plan-like-wildcard", "warning", {{-1, scan}});
    silent("plan-like-wildcard", {{-1, with(scan, {{"filter", "(name ~~ 'smith%'::text)"}})}});
    silent("plan-like-wildcard", {{-1, with(scan, {{"rows_removed_by_filter", 5000.0}})}});
}

void TestPlanRules::ginCandidate()
{
    const Fields scan = with(kSeqScan, {{"filter", "(doc @> '{\"a\": 1}'::jsonb)"}});
    fires("plan-gin-candidate", "warning", {{-1, scan}});
    silent("plan-gin-candidate", {{-1, kSeqScan}});
    silent("plan-gin-candidate", {{-1, with(scan, {{"total_ms", 5.0}})}});
}

void TestPlanRules::sortBeforeLimit()
{
    const Fields limit{{"node_type", "Limit"}, {"actual_rows", 20.0}, {"total_ms", 300.0}};
    const Fields sort{{"node_type", "Sort"}, {"actual_rows", 20.0}, {"total_ms", 300.0},
        {"extra", R"({"Sort Key":["created_at DESC"]})"}};
    const Fields scan{{"node_type", "Index Scan"}, {"relation", "t"}, {"actual_rows", 200000.0},
        {"total_ms", 200.0}};
    fires("plan-sort-before-limit", "warning", {{-1, limit}, {0, sort}, {1, scan}});
    silent("plan-sort-before-limit", {{-1, limit}, {0, sort}, {1, with(scan, {{"actual_rows", 500.0}})}});
    silent("plan-sort-before-limit", {{-1, limit}, {0, sort}, {1, without(scan, "relation")}});
    silent("plan-sort-before-limit", {{-1, with(limit, {{"actual_rows", 5000.0}})}, {0, sort}, {1, scan}});
}

void TestPlanRules::heavyPageReads()
{
    const Fields scan{{"node_type", "Index Scan"}, {"relation", "t"}, {"total_ms", 900.0},
        {"shared_read", std::int64_t(50000)}, {"self_shared_read", std::int64_t(50000)},
        {"self_shared_hit", std::int64_t(1000)}};
    fires("plan-heavy-page-reads", "warning", {{-1, scan}});
    fires("plan-heavy-page-reads", "critical",
        {{-1, with(scan, {{"self_shared_read", std::int64_t(2000000)}})}});
    silent("plan-heavy-page-reads", {{-1, with(scan, {{"self_shared_read", std::int64_t(5000)}})}});
    silent("plan-heavy-page-reads", {{-1, with(scan, {{"self_shared_hit", std::int64_t(9000000)}})}});
    // The missing index says it already.
    silent("plan-heavy-page-reads", {{-1, with(kSeqScan, {{"self_shared_read", std::int64_t(2000000)}})}});
}

void TestPlanRules::hottestNode()
{
    const Fields root{{"node_type", "Aggregate"}, {"total_ms", 500.0}, {"self_ms", 50.0}};
    const Fields scan{{"node_type", "Seq Scan"}, {"relation", "t"}, {"total_ms", 450.0}};
    fires("plan-hottest-node", "info", {{-1, root}, {0, scan}});
    silent("plan-hottest-node",
        {{-1, with(root, {{"total_ms", 50.0}})}, {0, with(scan, {{"total_ms", 45.0}})}});
    silent("plan-hottest-node", {{-1, root}, {0, with(scan, {{"self_ms", 60.0}})}});
}

void TestPlanRules::evidenceMissing()
{
    const Fields costs{{"node_type", "Seq Scan"}, {"relation", "t"}, {"plan_rows", 10.0}};
    PlanFixture fixture;
    fixture.addPlan({}, {{-1, costs}});
    fixture.execute("UPDATE plan_node_raw SET loops = NULL");
    QCOMPARE(severity(fixture, "plan-evidence-missing"), QStringLiteral("info"));
    QVERIFY(fixture.text("SELECT title FROM finding WHERE rule_id = 'plan-evidence-missing'")
                .ends_with("rows and times"));
    fires("plan-evidence-missing", "info", {{-1, without(kSeqScan, "shared_hit")}});
    silent("plan-evidence-missing", {{-1, kSeqScan}});
    silent("plan-evidence-missing", {{-1, without(kQuick, "shared_hit")}});
}

void TestPlanRules::healthy()
{
    fires("plan-healthy", "good", {{-1, kQuick}});
    silent("plan-healthy", {{-1, with(kQuick, {{"total_ms", 500.0}})}});
    silent("plan-healthy", {{-1, with(kSeqScan, {{"total_ms", 50.0}})}});
    PlanFixture fixture;
    fixture.addPlan({},
        {{-1,
            {{"node_type", "Index Only Scan"}, {"relation", "t"}, {"total_ms", 9.0},
                {"heap_fetches", std::int64_t(0)}, {"shared_hit", std::int64_t(1)}}}});
    fixture.findings();
    QVERIFY(fixture.text("SELECT summary FROM finding WHERE rule_id = 'plan-healthy'").find("was not touched")
        != std::string::npos);
}

void TestPlanRules::statsStale()
{
    const auto sample = [](PlanFixture &fixture, std::int64_t modified, std::int64_t live, bool analyzed) {
        Fields fields{{"source_id", std::int64_t(1)}, {"relname_id", "orders"}, {"schemaname_id", "public"},
            {"relid", std::int64_t(5)}, {"ts_ns", std::int64_t(100)}, {"n_mod_since_analyze", modified},
            {"n_live_tup", live}};
        if (analyzed)
            fields.emplace_back("last_analyze_ns", std::int64_t(50));
        fixture.insert("table_sample_raw", fields);
        fixture.bump("catalog");
    };
    const auto fires = [&](const char *rule, const char *expected, std::int64_t modified, std::int64_t live,
                           bool analyzed) {
        PlanFixture fixture;
        sample(fixture, modified, live, analyzed);
        QCOMPARE(severity(fixture, rule), QString::fromLatin1(expected));
    };
    const auto silent = [&](const char *rule, std::int64_t modified, std::int64_t live, bool analyzed) {
        fires(rule, "", modified, live, analyzed);
    };
    fires("table-stats-stale", "warning", 9'000'000, 80'000'000, true);
    fires("table-stats-stale", "warning", 10, 80'000, false);
    silent("table-stats-stale", 7'000'000, 80'000'000, true);
    silent("table-stats-stale", 0, 0, true);
    silent("table-stats-stale", 0, 500, false);
    PlanFixture none;
    none.addPlan({}, {{-1, kQuick}});
    none.findings();
    QCOMPARE(none.text("SELECT state FROM rule_run WHERE rule_id = 'table-stats-stale'"),
        std::string("not evaluated: needs tabstat"));
}

void TestPlanRules::chains()
{
    // The missing index explains the hottest node and the sort above it.
    PlanFixture fixture;
    const Fields sort{{"node_type", "Sort"}, {"total_ms", 950.0}, {"self_ms", 100.0},
        {"sort_disk", std::int64_t(1)}, {"sort_kb", std::int64_t(50000)}};
    fixture.addPlan({}, {{-1, sort}, {0, kSeqScan}});
    fixture.findings();
    QCOMPARE(
        fixture.text(
            "SELECT group_concat(line, ', ') FROM (SELECT f.rule_id || ' <- ' || coalesce(c.rule_id, '-') AS"
            " line FROM finding AS f LEFT JOIN finding AS c ON c.id = f.cause_id ORDER BY f.id)"),
        std::string("plan-seq-scan-selective <- -, plan-memory-spill <- plan-seq-scan-selective, "
                    "plan-hottest-node <- plan-seq-scan-selective"));
}

void TestPlanRules::noLiteralsInFindings()
{
    PlanFixture fixture;
    fixture.addPlan({{"query_text", "SELECT 'secret'"}},
        {{-1,
            with(kSeqScan,
                {{"filter",
                    "((name ~~ '%secret%'::text) AND (lower(b) = 'secret'::text) AND"
                    " (c = 'secret'::text) AND (d @> '{secret}'::text[]))"}})}});
    fixture.findings();
    QVERIFY(fixture.integer("SELECT count(*) FROM finding") >= 4);
    QCOMPARE(fixture.integer(
                 "SELECT count(*) FROM finding WHERE title || summary || evidence LIKE '%secret%'"),
        0);
}

QTEST_GUILESS_MAIN(TestPlanRules)
#include "tst_planrules.moc"
