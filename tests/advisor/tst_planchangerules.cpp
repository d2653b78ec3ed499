// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules over several plans of one statement, each on a case it must find and on neighbours it must leave
// alone.
#include "planfixture.h"

#include "analysis/workspaceanalyses.h"

#include <QTest>

using namespace tailscope;
using testing::Fields;
using testing::PlanFixture;

namespace {

Fields with(Fields fields, const Fields &more)
{
    for (const auto &[name, value] : more) {
        std::erase_if(fields, [&](const auto &field) { return field.first == name; });
        fields.emplace_back(name, value);
    }
    return fields;
}

const Fields kIndexScan{{"node_type", "Index Scan"}, {"relation", "orders"}, {"alias", "orders"},
    {"index_name", "orders_customer_idx"}, {"condition", "(customer_id = 42)"}, {"plan_rows", 100.0},
    {"actual_rows", 100.0}, {"shared_hit", std::int64_t(110)}, {"shared_read", std::int64_t(0)},
    {"total_ms", 5.0}};
const Fields kSeqScan{{"node_type", "Seq Scan"}, {"relation", "orders"}, {"alias", "orders"},
    {"filter", "(customer_id = 42)"}, {"plan_rows", 100.0}, {"actual_rows", 100.0},
    {"shared_hit", std::int64_t(9000)}, {"shared_read", std::int64_t(10)}, {"total_ms", 5000.0}};

Fields plan(double ms, const Fields &more = {})
{
    return with({{"statement_id", std::int64_t(1)}, {"execution_ms", ms}}, more);
}
const Fields kSaved{{"saved_good", std::int64_t(1)}};

} // namespace

class TestPlanChangeRules : public QObject
{
    Q_OBJECT

    /// The severity of plan-regressed, or "" when there is none.
    static QString regressed(PlanFixture &fixture)
    {
        fixture.execute(
            "INSERT INTO statement_raw (id, fingerprint, text) VALUES (1, 'f', 'SELECT'), (2, 'g', '')");
        const auto done
            = analysis::refreshWorkspaceAnalyses(fixture.workspace(), analysis::workspaceAnalyses(), {});
        if (!done)
            qFatal("%s", done.error().toText().c_str());
        const QStringList lines = QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'));
        for (const QString &line : lines) {
            if (line.startsWith(QLatin1String("plan-regressed ")))
                return line.section(QLatin1Char(' '), 1);
        }
        return {};
    }
    static void fires(const char *rule, const char *expected, const Fields &savedPlan,
        const Fields &savedNode, const Fields &latestPlan, const Fields &latestNode)
    {
        PlanFixture fixture;
        fixture.addPlan(savedPlan, {{-1, savedNode}});
        fixture.addPlan(latestPlan, {{-1, latestNode}});
        QCOMPARE(QString::fromLatin1(rule) + QLatin1Char(' ') + regressed(fixture),
            QString::fromLatin1(rule) + QLatin1Char(' ') + QLatin1String(expected));
    }
    static void silent(const char *rule, const Fields &savedPlan, const Fields &savedNode,
        const Fields &latestPlan, const Fields &latestNode)
    {
        fires(rule, "", savedPlan, savedNode, latestPlan, latestNode);
    }

private Q_SLOTS:
    void planRegressed();
    void planRegressedIsQuiet();
    void planRegressedTells();
};

void TestPlanChangeRules::planRegressed()
{
    // 5 ms became 5,000 ms: the example of the source.
    fires("plan-regressed", "critical", plan(5, kSaved), kIndexScan, plan(5000), kSeqScan);
    fires("plan-regressed", "warning", plan(50, kSaved), kIndexScan, plan(120), kSeqScan);
    // The same shape, twice the time: the data changed.
    fires("plan-regressed", "warning", plan(50, kSaved), kIndexScan, plan(120), kIndexScan);
    // Only estimates: what is known is that the index is no longer used.
    PlanFixture fixture;
    fixture.addPlan(plan(5, kSaved), {{-1, kIndexScan}});
    fixture.addPlan({{"statement_id", std::int64_t(1)}}, {{-1, kSeqScan}});
    fixture.execute("UPDATE plan_node_raw SET loops = NULL, total_ms = NULL, wall_ms = NULL, self_ms = NULL,"
                    " actual_rows = NULL WHERE node_type = 'Seq Scan'");
    QCOMPARE(regressed(fixture), QStringLiteral("warning"));
}

void TestPlanChangeRules::planRegressedIsQuiet()
{
    silent("plan-regressed", plan(5), kIndexScan, plan(5000), kSeqScan); // nothing was saved
    silent("plan-regressed", plan(50, kSaved), kIndexScan, plan(90), kIndexScan);
    silent("plan-regressed", plan(0.1, kSaved), kIndexScan, plan(9), kSeqScan); // too short to matter
    silent("plan-regressed", plan(50, kSaved), kSeqScan, plan(5), kIndexScan); // it got better
    silent("plan-regressed", plan(50, kSaved), kIndexScan, plan(45), kSeqScan); // a small table
    // Another statement.
    silent("plan-regressed", plan(5, kSaved), kIndexScan, plan(5000, {{"statement_id", std::int64_t(2)}}),
        kSeqScan);
    // Older than the saved one, another server version.
    silent("plan-regressed", plan(5, with(kSaved, {{"captured_at_ns", std::int64_t(200)}})), kIndexScan,
        plan(5000, {{"captured_at_ns", std::int64_t(100)}}), kSeqScan);
    silent("plan-regressed", plan(5, with(kSaved, {{"server_version", "15.4"}})), kIndexScan,
        plan(5000, {{"server_version", "17.0"}}), kSeqScan);
    // The same shape with other parameters, and with a cold cache.
    silent("plan-regressed", plan(50, kSaved), kIndexScan, plan(500),
        with(kIndexScan, {{"actual_rows", 5000.0}}));
    silent("plan-regressed", plan(50, kSaved), kIndexScan, plan(500),
        with(kIndexScan, {{"shared_hit", std::int64_t(5)}, {"shared_read", std::int64_t(105)}}));
}

void TestPlanChangeRules::planRegressedTells()
{
    PlanFixture fixture;
    fixture.addPlan(plan(5, kSaved), {{-1, kIndexScan}});
    fixture.addPlan(plan(700), {{-1, kSeqScan}});
    const std::int64_t latest = fixture.addPlan(plan(5000), {{-1, kSeqScan}});
    QCOMPARE(regressed(fixture), QStringLiteral("critical"));
    const std::string where = " FROM finding WHERE rule_id = 'plan-regressed'";
    QCOMPARE(fixture.integer("SELECT count(*)" + where), std::int64_t(1));
    QCOMPARE(fixture.integer("SELECT subject_id" + where), latest);
    QCOMPARE(fixture.text("SELECT subject_kind || ' ' || title || ' ' || gain_ms" + where),
        std::string("plan Statement on orders is slower than its saved plan 4995.0"));
    const std::string summary = fixture.text("SELECT summary" + where);
    QVERIFY2(summary.find(
                 "used Index Scan using orders_customer_idx on orders; now it uses Seq Scan on orders.")
            != std::string::npos,
        summary.c_str());
    QVERIFY2(summary.find("5 ms") != std::string::npos && summary.find("5 s") != std::string::npos,
        summary.c_str());
}

QTEST_GUILESS_MAIN(TestPlanChangeRules)
#include "tst_planchangerules.moc"
