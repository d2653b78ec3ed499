// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The rules about plans of MySQL and SQLite, from the text of a plan to the finding; and that rules about
// PostgreSQL's plans leave them alone.
#include "advisor/rules.h"
#include "analysis/plantime.h"
#include "import/explainother/explainother.h"
#include "planfixture.h"
#include "store/bulkwriter.h"
#include "tests/import/explainrows.h"

#include <QTest>

using namespace tailscope;
using testing::Fields;
using testing::PlanFixture;

namespace {

/// The rows of a plan as the importer leaves them.
void addText(PlanFixture &fixture, const char *text)
{
    const import::Importer *importer = import::sniffImporter(text, "x");
    QVERIFY(importer);
    const testing::PlanOutcome outcome = testing::readPlans(*importer, text);
    QVERIFY(!outcome.error && outcome.plans().size() == 1);
    std::vector<std::pair<int, Fields>> nodes;
    const auto &plan = outcome.plans()[0];
    for (const PlanNodeRow &node : plan.nodes) {
        Fields fields{{"node_type", std::string(node.nodeType)}, {"position", std::int64_t(node.position)}};
        const auto add = [&](const char *name, std::string_view value) {
            if (!value.empty())
                fields.emplace_back(name, std::string(value));
        };
        const auto figure = [&](const char *name, const std::optional<double> &value) {
            if (value)
                fields.emplace_back(name, *value);
        };
        add("relation", node.relation);
        add("index_name", node.indexName);
        add("condition", node.condition);
        add("filter", node.filter);
        add("extra", node.extraJson);
        add("subplan_name", node.subplanName);
        add("parent_relationship", node.parentRelationship);
        figure("plan_rows", node.planRows);
        figure("actual_rows", node.actualRows);
        figure("total_ms", node.totalMs);
        if (node.loops)
            fields.emplace_back("loops", *node.loops);
        nodes.emplace_back(node.parent, fields);
    }
    fixture.addPlan({{"engine", std::string(plan.plan.engine)}}, nodes);
    // addPlan() states a loop where none is given; a plan that was not executed has none.
    if (!plan.nodes[0].loops)
        fixture.execute("UPDATE plan_node_raw SET loops = NULL");
}

QString severityOf(const char *rule, const char *text)
{
    PlanFixture fixture;
    addText(fixture, text);
    const QStringList lines = QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        if (line.startsWith(QLatin1String(rule) + QLatin1Char(' ')))
            return line.section(QLatin1Char(' '), 1);
    }
    return {};
}

void fires(const char *rule, const char *expected, const char *text)
{
    const QString name = QString::fromLatin1(rule) + QLatin1Char(' ');
    QCOMPARE(name + severityOf(rule, text), name + QLatin1String(expected));
}

void silent(const char *rule, const char *text) { fires(rule, "", text); }

std::string table(const std::string &rows)
{
    return "id\tselect_type\ttable\ttype\tpossible_keys\tkey\trows\tfiltered\tExtra\n" + rows;
}

} // namespace

class TestForeignPlanRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mysqlFullScan();
    void mysqlSortsAndTables();
    void mysqlJoins();
    void mysqlSubqueries();
    void sqlite();
    void postgresqlRulesKeepOut();
};

void TestForeignPlanRules::mysqlFullScan()
{
    const auto row = [](const char *rest) { return table("1\tSIMPLE\t" + std::string(rest)); };
    fires("mysql-full-scan", "warning", row("t\tALL\ta,b\tNULL\t20000\t10.00\tUsing where\n").c_str());
    fires("mysql-full-scan", "critical", row("t\tALL\tNULL\tNULL\t2000000\t10.00\tUsing where\n").c_str());
    silent("mysql-full-scan", row("t\tALL\tNULL\tNULL\t9999\t10.00\tUsing where\n").c_str());
    silent("mysql-full-scan", row("t\tALL\tNULL\tNULL\t20000\t100.00\tNULL\n").c_str());
    silent("mysql-full-scan", row("t\tref\tk\tk\t20000\t100.00\tUsing where\n").c_str());
    silent("mysql-full-scan", row("<derived2>\tALL\tNULL\tNULL\t20000\t10.00\tUsing where\n").c_str());
    fires("mysql-full-scan", "warning",
        "-> Filter: (t.a > 5)  (cost=1 rows=3) (actual time=1..9 rows=3 loops=1)\n"
        "    -> Table scan on t  (cost=1 rows=50000) (actual time=1..8 rows=50000 loops=1)\n");
    silent("mysql-full-scan",
        "-> Aggregate: count(0)  (cost=1 rows=1) (actual time=1..9 rows=1 loops=1)\n"
        "    -> Table scan on t  (cost=1 rows=50000) (actual time=1..8 rows=50000 loops=1)\n");
    fires("mysql-low-filtered", "warning", row("t\tref\tk\tk\t20000\t5.00\tUsing where\n").c_str());
    silent("mysql-low-filtered", row("t\tref\tk\tk\t20000\t20.00\tUsing where\n").c_str());
    silent("mysql-low-filtered", row("t\tref\tk\tk\t200\t5.00\tUsing where\n").c_str());
}

void TestForeignPlanRules::mysqlSortsAndTables()
{
    const auto row = [](const char *rest) { return table("1\tSIMPLE\tt\tref\tk\tk\t" + std::string(rest)); };
    fires("mysql-filesort", "warning", row("20000\t100.00\tUsing where; Using filesort\n").c_str());
    silent("mysql-filesort", row("20000\t100.00\tUsing where\n").c_str());
    silent("mysql-filesort", row("200\t100.00\tUsing filesort\n").c_str());
    fires("mysql-filesort", "warning",
        "{\"query_block\": {\"ordering_operation\": {\"using_filesort\": true, \"table\": {\"table_name\": "
        "\"t\","
        " \"access_type\": \"ALL\", \"rows_examined_per_scan\": 30000}}}}");
    fires("mysql-temporary-table", "warning",
        row("20000\t100.00\tUsing temporary; Using filesort\n").c_str());
    silent("mysql-temporary-table", row("20000\t100.00\tUsing filesort\n").c_str());
    fires("mysql-temporary-table", "warning",
        "-> Table scan on <temporary>  (cost=1 rows=3)\n    -> Aggregate using temporary table  (cost=1 "
        "rows=30000)\n"
        "        -> Table scan on t  (cost=1 rows=50000)\n");
}

void TestForeignPlanRules::mysqlJoins()
{
    const auto rows = [](const char *extra, const char *count) {
        return table("1\tSIMPLE\ta\tALL\tNULL\tNULL\t100\t100.00\tNULL\n1\tSIMPLE\tb\tALL\tNULL\tNULL\t"
            + std::string(count) + "\t10.00\t" + extra + "\n");
    };
    fires("mysql-join-buffer", "warning",
        rows("Using where; Using join buffer (hash join)", "20000").c_str());
    silent("mysql-join-buffer", rows("Using where", "20000").c_str());
    silent("mysql-join-buffer", rows("Using where; Using join buffer (hash join)", "200").c_str());
}

void TestForeignPlanRules::mysqlSubqueries()
{
    const auto rows = [](const char *type, const char *count) {
        return table("1\tPRIMARY\ta\tALL\tNULL\tNULL\t" + std::string(count) + "\t100.00\tNULL\n2\t" + type
            + "\tb\tref\tk\tk\t1\t100.00\tNULL\n");
    };
    fires("mysql-dependent-subquery", "warning", rows("DEPENDENT SUBQUERY", "5000").c_str());
    silent("mysql-dependent-subquery", rows("SUBQUERY", "5000").c_str());
    silent("mysql-dependent-subquery", rows("DEPENDENT SUBQUERY", "50").c_str());
    const std::string tree
        = "-> Filter: (a.x = (select #2))  (cost=1 rows=5000) (actual time=1..90 rows=5 loops=1)\n"
          "    -> Table scan on a  (cost=1 rows=5000) (actual time=1..9 rows=5000 loops=1)\n"
          "    -> Select #2 (subquery in condition; dependent)\n"
          "        -> Table scan on b  (cost=1 rows=5) (actual time=0.01..0.01 rows=1 loops=5000)\n";
    fires("mysql-dependent-subquery", "warning", tree.c_str());
}

void TestForeignPlanRules::sqlite()
{
    fires("sqlite-scan-in-join", "warning", "QUERY PLAN\n|--SCAN a\n`--SCAN b\n");
    silent("sqlite-scan-in-join", "QUERY PLAN\n|--SCAN a\n`--SEARCH b USING INDEX i (x=?)\n");
    silent("sqlite-scan-in-join", "QUERY PLAN\n|--CO-ROUTINE v\n|  `--SCAN t\n|--SCAN a\n`--SCAN v\n");
    silent("sqlite-scan-in-join",
        "QUERY PLAN\n`--COMPOUND QUERY\n   |--LEFT-MOST SUBQUERY\n   |  `--SCAN a\n   `--UNION USING TEMP "
        "B-TREE\n      `--SCAN b\n");
    fires("sqlite-scan-in-join", "warning",
        "QUERY PLAN\n|--SEARCH a USING INDEX i (x=?)\n`--CORRELATED SCALAR SUBQUERY 1\n   `--SCAN b\n");
    fires("sqlite-automatic-index", "warning",
        "QUERY PLAN\n|--SCAN a\n`--SEARCH b USING AUTOMATIC COVERING INDEX (x=?)\n");
    silent("sqlite-automatic-index", "QUERY PLAN\n|--SCAN a\n`--SEARCH b USING INDEX i (x=?)\n");
    fires("sqlite-temp-b-tree", "info", "QUERY PLAN\n|--SCAN a\n`--USE TEMP B-TREE FOR ORDER BY\n");
    silent("sqlite-temp-b-tree",
        "QUERY PLAN\n|--SCAN a USING INDEX i\n`--USE TEMP B-TREE FOR RIGHT PART OF ORDER BY\n");
    fires("sqlite-correlated-subquery", "info",
        "QUERY PLAN\n|--SCAN a\n`--CORRELATED SCALAR SUBQUERY 1\n   `--SEARCH b USING INDEX i (x=?)\n");
    fires("sqlite-correlated-subquery", "warning",
        "QUERY PLAN\n|--SCAN a\n`--CORRELATED SCALAR SUBQUERY 1\n   `--SCAN b\n");
    silent("sqlite-correlated-subquery", "QUERY PLAN\n|--SCAN a\n`--SCALAR SUBQUERY 1\n   `--SCAN b\n");
}

void TestForeignPlanRules::postgresqlRulesKeepOut()
{
    // A plan that would wake the rules about estimates, sorts and limits, were it PostgreSQL's.
    PlanFixture fixture;
    addText(fixture,
        "-> Limit: 10 row(s)  (cost=1 rows=10) (actual time=900..900 rows=10 loops=1)\n"
        "    -> Sort: t.a, limit input to 10 row(s) per chunk  (cost=1 rows=5) (actual time=900..900 rows=10 "
        "loops=1)\n"
        "        -> Table scan on t  (cost=1 rows=5) (actual time=1..800 rows=500000 loops=1)\n");
    addText(fixture, "QUERY PLAN\n|--SCAN a\n`--SCAN b\n");
    const QStringList lines = QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'));
    for (const QString &line : lines)
        QVERIFY2(line.startsWith(QLatin1String("mysql-")) || line.startsWith(QLatin1String("sqlite-"))
                || line.startsWith(QLatin1String("plan-hottest-node "))
                || line.startsWith(QLatin1String("plan-healthy ")),
            qPrintable(line));
}

QTEST_GUILESS_MAIN(TestForeignPlanRules)
#include "tst_foreignplanrules.moc"
