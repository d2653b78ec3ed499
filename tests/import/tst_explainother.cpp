// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plans of MySQL, MariaDB and SQLite. Samples of MySQL are written after its documentation.
#include "explainrows.h"
#include "import/explainother/explainother.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QFile>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const std::string kTree
    = R"~(-> Limit: 10 row(s)  (cost=2.98e+6 rows=10) (actual time=120..121 rows=10 loops=1)
    -> Sort: o.total DESC, limit input to 10 row(s) per chunk  (actual time=120..120 rows=10 loops=1)
        -> Filter: ((o.status = 'open -> (cost=') and <in_optimizer>(o.id,o.id in (select #2)))  (cost=4170..2222 rows=33.3) (actual time=0.5..100 rows=500 loops=1)
            -> Nested loop inner join  (cost=4170 rows=333) (actual time=0.25..80 rows=500 loops=1)
                -> Table scan on c  (cost=1.25 rows=10) (actual time=0.05..0.1 rows=10 loops=1)
                -> Index lookup on o using o_customer (customer_id=c.id), with index condition: (o.created > 5)  (cost=0.5 rows=33.3) (actual time=0.2..6 rows=50 loops=10)
            -> Select #2 (subquery in condition; dependent)
                -> Limit: 1 row(s)  (cost=0.35 rows=1) (actual time=0.02..0.02 rows=0 loops=500)
                    -> Covering index lookup on b using PRIMARY (id=<cache>(o.id))  (cost=0.35 rows=1) (never executed)
)~";

std::string_view relation(const PlanOutcome &outcome, std::size_t node)
{
    return outcome.plans()[0].nodes[node].relation;
}

PlanOutcome readTree(const std::string &text) { return readPlans(explainMysqlTreeImporter(), text); }
PlanOutcome readTable(const std::string &text) { return readPlans(explainMysqlTableImporter(), text); }
PlanOutcome readMysqlJson(const std::string &text) { return readPlans(explainMysqlJsonImporter(), text); }
PlanOutcome readSqlite(const std::string &text) { return readPlans(explainSqliteImporter(), text); }

QString described(const PlanOutcome &outcome)
{
    QString out;
    for (const PlanRows &plan : outcome.plans()) {
        for (const PlanNodeRow &node : plan.nodes) {
            for (const std::string_view text : {node.nodeType, node.relation, node.alias, node.indexName,
                     node.condition, node.filter, node.subplanName})
                out += QString::fromUtf8(text.data(), qsizetype(text.size())) + QLatin1Char('|');
            out += QStringLiteral("%1|%2\n").arg(node.parent).arg(node.planRows.value_or(-1));
        }
    }
    return out;
}

const std::string kJson = R"~({
  "query_block": {
    "select_id": 1,
    "cost_info": {"query_cost": "251.29"},
    "ordering_operation": {
      "using_filesort": true,
      "nested_loop": [
        {"table": {"table_name": "c", "access_type": "ALL", "possible_keys": ["PRIMARY"], "rows_examined_per_scan": 100,
          "rows_produced_per_join": 10, "filtered": "10.00", "cost_info": {"read_cost": "1.00", "prefix_cost": "10.25"},
          "attached_condition": "(`c`.`region` = 'x')"}},
        {"table": {"table_name": "o", "access_type": "ref", "key": "o_customer", "rows_examined_per_scan": 5,
          "filtered": "100.00", "index_condition": "(`o`.`a` > 1)",
          "attached_subqueries": [{"dependent": true, "query_block": {"select_id": 2,
            "table": {"table_name": "b", "access_type": "const"}}}]}}
      ]
    }
  }
})~";

const std::string kMariadb = R"~({
  "query_block": {
    "select_id": 1,
    "r_loops": 1,
    "r_total_time_ms": 20.5,
    "table": {"table_name": "a", "access_type": "ALL", "r_loops": 1, "rows": 100, "r_rows": 90, "r_table_time_ms": 4,
      "r_total_time_ms": 5, "filtered": 100},
    "table": {"table_name": "b", "access_type": "ref", "key": "k", "r_loops": 90, "rows": 2, "r_rows": 3, "r_total_time_ms": 9}
  }
})~";

const std::string kJson2
    = R"~({"query": "/* select#1 */ select 1", "query_plan": {"operation": "Filter: (t.a > 5)",
  "access_type": "filter", "condition": "(t.a > 5)", "estimated_rows": 33.3, "estimated_total_cost": 10.5,
  "actual_rows": 3.0, "actual_loops": 1, "actual_first_row_ms": 0.1, "actual_last_row_ms": 2.5,
  "inputs": [{"operation": "Table scan on t", "table_name": "t", "access_type": "table", "schema_name": "test",
    "actual_rows": 100, "actual_loops": 1, "actual_first_row_ms": 0.05, "actual_last_row_ms": 2.0}]},
  "json_schema_version": "2.0"})~";

} // namespace

class TestExplainOther : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsATree();
    void passesTimes();
    void framesOfATree_data();
    void framesOfATree();
    void readsJson();
    void readsMariadb();
    void readsJson2();
    void framesOfJson();
    void readsTables_data();
    void readsTables();
    void placesSelects();
    void readsTheTableCorpus();
    void readsSqlite();
    void framesOfSqlite_data();
    void framesOfSqlite();
    void readsTheSqliteCorpus();
    void refusesWithAPlace();
    void sniffs();
    void staysBounded_data();
    void staysBounded();
};

void TestExplainOther::readsATree()
{
    const PlanOutcome outcome = readTree(kTree);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.plans().size(), std::size_t(1));
    const std::vector<PlanNodeRow> &n = outcome.plans()[0].nodes;
    QCOMPARE(outcome.plans()[0].plan.engine, std::string_view("mysql"));
    QCOMPARE(n.size(), std::size_t(9));
    QCOMPARE(n[0].nodeType, std::string_view("Limit"));
    QCOMPARE(n[0].totalCost, std::optional<double>(2.98e6));
    QCOMPARE(n[2].filter,
        std::string_view("((o.status = 'open -> (cost=') and <in_optimizer>(o.id,o.id in (select #2)))"));
    QCOMPARE(n[2].startupCost, std::optional<double>(4170));
    QCOMPARE(n[2].totalCost, std::optional<double>(2222));
    QCOMPARE(n[2].planRows, std::optional<double>(33.3));
    QCOMPARE(n[3].joinType, std::string_view("Inner"));
    QCOMPARE(n[4].nodeType, std::string_view("Table scan"));
    QCOMPARE(n[4].relation, std::string_view("c"));
    QCOMPARE(n[4].parentRelationship, std::string_view("Outer"));
    QCOMPARE(n[5].nodeType, std::string_view("Index lookup"));
    QCOMPARE(n[5].relation, std::string_view("o"));
    QCOMPARE(n[5].indexName, std::string_view("o_customer"));
    QCOMPARE(n[5].condition, std::string_view("customer_id=c.id"));
    QCOMPARE(n[5].parentRelationship, std::string_view("Inner"));
    QCOMPARE(n[5].actualRows, std::optional<double>(500)); // total over loops
    QCOMPARE(n[5].totalMs, std::optional<double>(6)); // per loop
    QVERIFY(n[5].extraJson.find("\"index_condition\":\"(o.created > 5)\"") != std::string_view::npos);
    QCOMPARE(n[6].subplanName, std::string_view("Select #2"));
    QCOMPARE(n[6].parentRelationship, std::string_view("SubPlan"));
    QCOMPARE(n[6].parent, 2);
    QCOMPARE(n[8].loops, std::optional<double>(0));
    QCOMPARE(n[8].indexName, std::string_view("PRIMARY"));
    QCOMPARE(n[5].sourceLine, std::int64_t(6));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
}

void TestExplainOther::passesTimes()
{
    // The subquery's head is no iterator: it has the time of what it reads.
    const PlanOutcome outcome = readTree(kTree);
    QCOMPARE(outcome.plans()[0].nodes[6].totalMs, std::optional<double>(0.02));
    QCOMPARE(outcome.plans()[0].nodes[6].loops, std::optional<double>(500));
    // A scan of a temporary table is printed without the time that filled it.
    const PlanOutcome temporary = readTree(
        "-> Table scan on <temporary>  (actual time=0.001..0.025 rows=54 loops=1)\n"
        "    -> Aggregate using temporary table  (actual time=37.6..37.7 rows=54 loops=1)\n"
        "        -> Table scan on t  (cost=1 rows=2) (actual time=0.1..20 rows=54 loops=1)\n"
        "-> Select #2 (subquery in projection; run only once)\n"
        "    -> Rows fetched before execution  (cost=0 rows=1) (actual time=5..5 rows=1 loops=1)\n");
    const std::vector<PlanNodeRow> &n = temporary.plans()[0].nodes;
    QCOMPARE(n.size(), std::size_t(5));
    QVERIFY(std::abs(*n[0].totalMs - 42.725) < 1e-9); // 0.025 + 37.7 + 5
    QVERIFY(n[0].extraJson.find("\"Actual Total Time Printed\":0.025") != std::string_view::npos);
    QCOMPARE(n[3].parent, 0);
}

void TestExplainOther::framesOfATree_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray tree = QByteArray::fromStdString(kTree);
    QByteArray grid = "+-----+\n| EXPLAIN |\n+-----+\n| " + tree + " |\n+------+\n1 row in set (0.00 sec)\n";
    QTest::newRow("grid") << grid;
    QTest::newRow("vertical") << "*************************** 1. row ***************************\nEXPLAIN: "
            + tree + "\n1 row in set\n";
    QTest::newRow("batch") << "EXPLAIN\n" + QByteArray(tree).replace("\n", "\\n") + "\n";
    QTest::newRow("json rows") << "[{\"EXPLAIN\": \"" + QByteArray(tree).replace("\n", "\\n") + "\"}]";
    QTest::newRow("python") << "[('" + QByteArray(tree).replace("'", "\"").replace("\n", "\\n") + "',)]";
    QTest::newRow("crlf") << QByteArray(tree).replace("\n", "\r\n");
    QTest::newRow("tabs") << QByteArray(tree).replace("    ", "\t");
    QTest::newRow("mail") << "> " + QByteArray(tree).replace("\n", "\n> ");
    QTest::newRow("fence") << "```\n" + tree + "```\nthanks\n";
    QTest::newRow("arrows") << QByteArray(tree).replace("-> ", "\u2192 ").replace("open \u2192", "open ->");
    QTest::newRow("blanks") << QByteArray(tree).replace("    ", "\u00A0\u00A0\u00A0\u00A0");
    QTest::newRow("bom") << "\xEF\xBB\xBF" + tree;
}

void TestExplainOther::framesOfATree()
{
    QFETCH(QByteArray, text);
    const PlanOutcome expected = readTree(kTree);
    for (const std::size_t chunk : {std::size_t(1), std::size_t(7), std::size_t(4096)}) {
        const PlanOutcome outcome = readPlans(explainMysqlTreeImporter(), text.toStdString(), chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QCOMPARE(described(outcome).replace(QLatin1Char('"'), QLatin1Char('\'')), described(expected));
        QCOMPARE(outcome.plans()[0].nodes[5].totalMs, std::optional<double>(6));
    }
    QCOMPARE(sniffImporter(text.toStdString(), "x.txt"), &explainMysqlTreeImporter());
}

void TestExplainOther::readsJson()
{
    const PlanOutcome outcome = readMysqlJson(kJson);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(described(outcome),
        QStringLiteral("query_block|||||||-1|-1\nordering_operation|||||||0|-1\nnested_loop|||||||1|-1\n"
                       "Table scan|c||||(`c`.`region` = 'x')||2|100\n"
                       "Index lookup|o||o_customer|(`o`.`a` > 1)|||2|5\nquery_block|||||||4|-1\nConstant "
                       "row|b||||||5|-1\n"));
    const std::vector<PlanNodeRow> &n = outcome.plans()[0].nodes;
    QCOMPARE(n[0].totalCost, std::optional<double>(251.29));
    QCOMPARE(n[3].totalCost, std::optional<double>(10.25));
    QCOMPARE(n[4].parentRelationship, std::string_view("Inner"));
    QCOMPARE(n[5].parentRelationship, std::string_view("SubPlan"));
    QVERIFY(n[1].extraJson.find("\"using_filesort\":true") != std::string_view::npos);
    QVERIFY(n[3].extraJson.find("\"access_type\":\"ALL\"") != std::string_view::npos);
    QVERIFY(n[3].extraJson.find("\"filtered\":\"10.00\"") != std::string_view::npos);
}

void TestExplainOther::readsMariadb()
{
    const PlanOutcome outcome = readMysqlJson(kMariadb);
    QVERIFY(!outcome.error);
    const std::vector<PlanNodeRow> &n = outcome.plans()[0].nodes;
    QCOMPARE(outcome.plans()[0].plan.engine, std::string_view("mariadb"));
    QCOMPARE(n.size(), std::size_t(3)); // "table" twice in one object
    QCOMPARE(n[2].relation, std::string_view("b"));
    QCOMPARE(n[2].actualRows, std::optional<double>(270)); // 3 a loop
    QCOMPARE(n[2].totalMs, std::optional<double>(0.1)); // 9 ms over 90 loops
    QCOMPARE(n[0].totalMs, std::optional<double>(20.5));
}

void TestExplainOther::readsJson2()
{
    const PlanOutcome outcome = readMysqlJson(kJson2);
    QVERIFY(!outcome.error);
    const std::vector<PlanNodeRow> &n = outcome.plans()[0].nodes;
    QCOMPARE(n.size(), std::size_t(2));
    QCOMPARE(outcome.plans()[0].plan.queryText, std::string_view("/* select#1 */ select 1"));
    QCOMPARE(n[0].nodeType, std::string_view("Filter"));
    QCOMPARE(n[0].filter, std::string_view("(t.a > 5)"));
    QCOMPARE(n[0].totalMs, std::optional<double>(2.5));
    QCOMPARE(n[1].relation, std::string_view("t"));
    QCOMPARE(n[1].schema, std::string_view("test"));
}

void TestExplainOther::framesOfJson()
{
    const QString expected = described(readMysqlJson(kJson));
    const QByteArray json = QByteArray::fromStdString(kJson);
    const QByteArray escaped = QByteArray(json).replace("\n", "\\n");
    for (const QByteArray &text : {"*** 1. row ***\nEXPLAIN: " + json + "\n1 row in set\n",
             "+---+\n| EXPLAIN |\n+---+\n| " + json + " |\n+---+\n", "EXPLAIN\n" + escaped + "\n",
             "[{\"EXPLAIN\": \"" + QByteArray(escaped).replace("\"", "\\\"").replace("\\\\\"", "\\\"")
                 + "\"}]",
             "\xEF\xBB\xBF" + QByteArray(json).replace("\n", "\r\n")}) {
        QCOMPARE(described(readMysqlJson(text.toStdString())), expected);
        QCOMPARE(sniffImporter(text.toStdString(), "x"), &explainMysqlJsonImporter());
    }
    QCOMPARE(readMysqlJson(kJson + "\n" + kJson).plans().size(), std::size_t(2));
}

void TestExplainOther::readsTables_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("grid") << QByteArray(
        "mysql> explain select "
        "1;\n+----+-------------+-------+------+---------------+------+------+----------+-------------+\n"
        "| id | select_type | table | type | possible_keys | key  | rows | filtered | Extra       |\n"
        "+----+-------------+-------+------+---------------+------+------+----------+-------------+\n"
        "|  1 | SIMPLE      | c     | ALL  | NULL          | NULL |  100 |    10.00 | Using where |\n"
        "|  1 | SIMPLE      | o     | ref  | o_c,o_d       | o_c  |    5 |   100.00 | NULL        |\n"
        "+----+-------------+-------+------+---------------+------+------+----------+-------------+\n2 rows "
        "in set\n");
    QTest::newRow("tabs") << QByteArray(
        "id\tselect_type\ttable\ttype\tpossible_keys\tkey\trows\tfiltered\tExtra\n"
        "1\tSIMPLE\tc\tALL\tNULL\tNULL\t100\t10.00\tUsing "
        "where\n1\tSIMPLE\to\tref\to_c,o_d\to_c\t5\t100.00\tNULL\n");
    QTest::newRow("vertical") << QByteArray(
        "*************************** 1. row ***************************\n           id: 1\n  select_type: "
        "SIMPLE\n"
        "        table: c\n         type: ALL\npossible_keys: NULL\n          key: NULL\n         rows: "
        "100\n     filtered: 10.00\n"
        "        Extra: Using where\n*************************** 2. row ***************************\n        "
        "   id: 1\n"
        "  select_type: SIMPLE\n        table: o\n         type: ref\npossible_keys: o_c,o_d\n          key: "
        "o_c\n         rows: 5\n"
        "     filtered: 100.00\n        Extra: NULL\n2 rows in set (0.00 sec)\n");
    QTest::newRow("markdown") << QByteArray(
        "| id | select_type | table | type | possible_keys | key | rows | filtered | Extra "
        "|\n|---|---|---|---|---|---|---|---|---|\n"
        "| 1 | SIMPLE | c | ALL | NULL | NULL | 100 | 10.00 | Using where |\n| 1 | SIMPLE | o | ref | "
        "o_c,o_d | o_c | 5 | 100.00 | NULL |\n");
    QTest::newRow("csv") << QByteArray(
        "\"id\",\"select_type\",\"table\",\"type\",\"possible_keys\",\"key\",\"rows\",\"filtered\","
        "\"Extra\"\r\n"
        "1,SIMPLE,c,ALL,NULL,NULL,100,10.00,Using where\r\n1,SIMPLE,o,ref,\"o_c,o_d\",o_c,5,100.00,NULL\r\n");
    QTest::newRow("rows") << QByteArray(
        "[{\"id\":1,\"select_type\":\"SIMPLE\",\"table\":\"c\",\"type\":\"ALL\",\"possible_keys\":null,"
        "\"key\":null,\"rows\":100,"
        "\"filtered\":10.00,\"Extra\":\"Using "
        "where\"},{\"id\":1,\"select_type\":\"SIMPLE\",\"table\":\"o\",\"type\":\"ref\","
        "\"possible_keys\":\"o_c,o_d\",\"key\":\"o_c\",\"rows\":5,\"filtered\":100.00,\"Extra\":null}]");
}

void TestExplainOther::readsTables()
{
    QFETCH(QByteArray, text);
    const PlanOutcome outcome = readTable(text.toStdString());
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(described(outcome),
        QStringLiteral("Select||||||Select #1|-1|-1\nTable scan|c||||||0|100\nIndex lookup|o||o_c||||0|5\n"));
    const std::string_view extra = outcome.plans()[0].nodes[1].extraJson;
    for (const char *part : {"\"access_type\":\"ALL\"", "\"Extra\":\"Using where\"", "\"filtered\":10.00"})
        QVERIFY2(extra.find(part) != std::string_view::npos, std::string(extra).c_str());
    QCOMPARE(sniffImporter(text.toStdString(), "x.csv"), &explainMysqlTableImporter());
}

void TestExplainOther::placesSelects()
{
    const PlanOutcome outcome
        = readTable("id\tselect_type\ttable\ttype\tkey\trows\tExtra\n"
                    "1\tPRIMARY\t<derived2>\tALL\tNULL\t5\tNULL\n"
                    "3\tDEPENDENT SUBQUERY\tx\tref\tk\t1\tUsing index\n"
                    "2\tDERIVED\ta\tALL\tNULL\t50\tUsing temporary; Using filesort\n"
                    "4\tUNION\tb\tALL\tNULL\t7\tNULL\n"
                    "NULL\tUNION RESULT\t<union1,4>\tALL\tNULL\tNULL\tUsing temporary\n");
    QCOMPARE(described(outcome),
        QStringLiteral(
            "Union result|||||||-1|-1\nTable scan|<union1,4>||||||0|-1\nSelect||||||Select #1|1|-1\n"
            "Table scan|<derived2>||||||2|5\nSelect||||||Select #2|3|-1\nTable scan|a||||||4|50\n"
            "Select||||||Select #4|1|-1\nTable scan|b||||||6|7\n"
            "Select||||||Select #3|0|-1\nIndex lookup|x||k||||8|1\n"));
}

void TestExplainOther::readsTheTableCorpus()
{
    QFile manifest(QStringLiteral(TS_SHARED_DIR "/corpus/plans/manifest.tsv"));
    if (!manifest.open(QIODevice::ReadOnly))
        QSKIP("the corpus is not beside the checkout");
    int files = 0;
    QString problems;
    for (const QByteArray &line : manifest.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split('\t');
        if (fields.size() < 8 || fields[1] != "mysql-table")
            continue;
        ++files;
        const std::string text
            = fileBytes(QStringLiteral(TS_SHARED_DIR "/corpus/plans/") + QString::fromUtf8(fields[0]));
        const PlanOutcome outcome = readTable(text);
        int rows = 0;
        for (const PlanRows &plan : outcome.plans()) {
            for (const PlanNodeRow &node : plan.nodes)
                rows += node.nodeType != "Select" && node.nodeType != "Union result";
        }
        // Of tables with tabs and of \G the manifest counts none.
        const int expected = fields[7].toInt() + (fields[0].endsWith("simple_union.sql") ? 1 : 0);
        if (expected == 0 ? rows == 0 : rows != expected)
            problems += QStringLiteral("%1: %2 rows, expected %3\n")
                            .arg(QString::fromUtf8(fields[0]))
                            .arg(rows)
                            .arg(fields[7].toInt());
        if (sniffImporter(text, "x.sql") != &explainMysqlTableImporter())
            problems += QString::fromUtf8(fields[0]) + QStringLiteral(": not claimed\n");
    }
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
    QVERIFY(files > 30);
}

void TestExplainOther::readsSqlite()
{
    const PlanOutcome outcome = readSqlite("QUERY PLAN\n|--SCAN TABLE customer AS c\n"
                                           "|--SEARCH o USING COVERING INDEX o_c (customer_id=? AND x>?)\n"
                                           "|--SEARCH b USING AUTOMATIC COVERING INDEX (id=?)\n"
                                           "|--CORRELATED SCALAR SUBQUERY 1\n"
                                           "|  `--SEARCH d USING INTEGER PRIMARY KEY (rowid=?)\n"
                                           "`--USE TEMP B-TREE FOR ORDER BY\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.plans()[0].plan.engine, std::string_view("sqlite"));
    QCOMPARE(described(outcome),
        QStringLiteral(
            "QUERY PLAN|||||||-1|-1\nSCAN|customer|c|||||0|-1\n"
            "SEARCH|o||o_c|(customer_id=? AND x>?)|||0|-1\nSEARCH|b|||(id=?)|||0|-1\n"
            "CORRELATED SCALAR SUBQUERY||||||CORRELATED SCALAR SUBQUERY 1|0|-1\nSEARCH|d|||(rowid=?)|||4|-1\n"
            "USE TEMP B-TREE FOR ORDER BY|||||||0|-1\n"));
}

void TestExplainOther::framesOfSqlite_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("rows") << QByteArray("id|parent|notused|detail\n2|0|0|SCAN c\n6|0|0|CORRELATED SCALAR "
                                        "SUBQUERY 1\n11|6|0|SEARCH o USING INDEX i (a=?)\n");
    QTest::newRow("box") << QByteArray(
        "┌────┬────────┬─────────┬────────┐\n│ id │ parent │ notused │ detail "
        "│\n├────┼────────┼─────────┼────────┤\n"
        "│ 2  │ 0      │ 0       │ SCAN c │\n│ 6  │ 0 │ 0 │ CORRELATED SCALAR SUBQUERY 1 │\n"
        "│ 11 │ 6 │ 0 │ SEARCH o USING INDEX i (a=?) │\n└────┴────────┴─────────┴────────┘\n");
    QTest::newRow("columns") << QByteArray(
        "id  parent  notused  detail\n--  ------  -------  ------\n2   0       0        SCAN c\n"
        "6   0       0        CORRELATED SCALAR SUBQUERY 1\n11  6       0        SEARCH o USING INDEX i "
        "(a=?)\n");
    QTest::newRow("csv") << QByteArray("id,parent,notused,detail\r\n2,0,0,\"SCAN c\"\r\n6,0,0,\"CORRELATED "
                                       "SCALAR SUBQUERY 1\"\r\n11,6,0,\"SEARCH o USING INDEX i (a=?)\"\r\n");
    QTest::newRow("json") << QByteArray(
        "[{\"id\":2,\"parent\":0,\"notused\":0,\"detail\":\"SCAN "
        "c\"},\n{\"id\":6,\"parent\":0,\"notused\":0,\"detail\":\"CORRELATED SCALAR SUBQUERY 1\"},\n"
        "{\"id\":11,\"parent\":6,\"notused\":0,\"detail\":\"SEARCH o USING INDEX i (a=?)\"}]");
    QTest::newRow("python") << QByteArray("[(2, 0, 0, 'SCAN c'), (6, 0, 0, 'CORRELATED SCALAR SUBQUERY "
                                          "1'),\n (11, 6, 0, 'SEARCH o USING INDEX i (a=?)')]");
    QTest::newRow("tree") << QByteArray("> QUERY PLAN\r\n> |--SCAN c\r\n> `--CORRELATED SCALAR SUBQUERY "
                                        "1\r\n>    `--SEARCH o USING INDEX i (a=?)\r\n");
}

void TestExplainOther::framesOfSqlite()
{
    QFETCH(QByteArray, text);
    const PlanOutcome outcome = readSqlite(text.toStdString());
    QCOMPARE(described(outcome),
        QStringLiteral(
            "QUERY PLAN|||||||-1|-1\nSCAN|c||||||0|-1\n"
            "CORRELATED SCALAR SUBQUERY||||||CORRELATED SCALAR SUBQUERY 1|0|-1\nSEARCH|o||i|(a=?)|||2|-1\n"));
    QCOMPARE(sniffImporter(text.toStdString(), "x.txt"), &explainSqliteImporter());
}

void TestExplainOther::readsTheSqliteCorpus()
{
    QFile manifest(QStringLiteral(TS_SHARED_DIR "/corpus/plans/manifest.tsv"));
    if (!manifest.open(QIODevice::ReadOnly))
        QSKIP("the corpus is not beside the checkout");
    QMap<QByteArray, QStringList> groups;
    int files = 0;
    for (const QByteArray &line : manifest.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split('\t');
        if (fields.size() < 16 || !fields[1].startsWith("sqlite-"))
            continue;
        ++files;
        const std::string text
            = fileBytes(QStringLiteral(TS_SHARED_DIR "/corpus/plans/") + QString::fromUtf8(fields[0]));
        const PlanOutcome outcome = readSqlite(text);
        QVERIFY2(!outcome.error, fields[0].constData());
        QVERIFY2(int(outcome.nodeCount()) - 1 == fields[7].toInt(), fields[0].constData());
        QVERIFY2(sniffImporter(text, "x") == &explainSqliteImporter(), fields[0].constData());
        QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
        groups[fields[15]] << described(outcome);
    }
    // Tree and rows of one statement are one plan.
    for (const QStringList &group : groups) {
        for (const QString &plan : group)
            QCOMPARE(plan, group.first());
    }
    QVERIFY(files > 30);
}

void TestExplainOther::refusesWithAPlace()
{
    for (const Importer *importer : {&explainMysqlTreeImporter(), &explainMysqlJsonImporter(),
             &explainMysqlTableImporter(), &explainSqliteImporter()}) {
        const PlanOutcome outcome = readPlans(*importer, "\nhello\n");
        QVERIFY(outcome.error);
        QCOMPARE(outcome.error->where->line, std::optional<std::uint64_t>(2));
        QVERIFY(readPlans(*importer, "").error);
    }
    const PlanOutcome cut = readMysqlJson(kJson.substr(0, 400));
    QVERIFY(cut.error);
    QVERIFY(cut.error->where->line.value_or(0) >= 7);
    const PlanOutcome figures
        = readTree("-> Table scan on t  (cost=x rows=2) (actual time=1..2 rows=3 loops=1)\n");
    QCOMPARE(figures.report.rowsSkipped(), std::int64_t(1));
    QCOMPARE(figures.plans()[0].nodes[0].totalMs, std::optional<double>(2));
    QVERIFY(readSqlite("|--SCAN a\n|  |  `--SEARCH b\n").hasIssue("lost-indentation"));
}

void TestExplainOther::sniffs()
{
    // PostgreSQL's own plans stay PostgreSQL's.
    for (const char *text : {"Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n",
             "Limit\n  ->  Seq Scan on t\n", "  ->  Seq Scan on t  (actual time=0.1..0.2 rows=1 loops=1)\n"})
        QCOMPARE(sniffImporter(text, "x.plan"), &explainTextImporter());
    QCOMPARE(sniffImporter("[{\"Plan\": {\"Node Type\": \"Seq Scan\"}}]", "x.json"), &explainJsonImporter());
    QVERIFY(sniffImporter("id,parent,duration\n1,0,5\n", "x.csv") != &explainSqliteImporter());
}

void TestExplainOther::staysBounded_data()
{
    QTest::addColumn<QByteArray>("text");
    QByteArray stairs;
    for (int i = 0; i < 3000; ++i)
        stairs += QByteArray(i, ' ') + "-> Sort: x\n";
    QTest::newRow("stairs") << stairs;
    QTest::newRow("nodes") << QByteArray("-> Sort: x\n    -> Table scan on t\n").repeated(30'000);
    QTest::newRow("wide") << "-> Sort: x\n" + QByteArray("    -> Table scan on t\n").repeated(120'000);
    QTest::newRow("open bracket") << "-> Sort: (x\n" + QByteArray("y (\n").repeated(100'000);
    QTest::newRow("json deep") << "{\"query_block\":" + QByteArray("{\"a\":").repeated(100'000);
    QTest::newRow("json deep closed") << "{\"query_block\":" + QByteArray("{\"a\":").repeated(5'000) + "1"
            + QByteArray("}").repeated(5'001);
    QTest::newRow("json many") << QByteArray("{\"query_block\":{}}\n").repeated(5'000);
    QTest::newRow("json broken many") << QByteArray("{\"query_block\":\n").repeated(5'000);
    QTest::newRow("table") << "id\tselect_type\ttable\textra\n"
            + QByteArray("1\tSIMPLE\t<derived1>\tx\n").repeated(20'000);
    QTest::newRow("ids") << "id\tselect_type\ttable\textra\n1\tSIMPLE\t<union"
            + QByteArray("1,").repeated(50'000) + ">\tx\n";
    QTest::newRow("sqlite deep") << [] {
        QByteArray text;
        for (int i = 0; i < 2000; ++i)
            text += QByteArray("|  ").repeated(i) + "`--SCAN t\n";
        return text;
    }();
    QTest::newRow("sqlite loop") << QByteArray(
        "id|parent|notused|detail\n1|2|0|SCAN a\n2|1|0|SCAN b\n3|3|0|SCAN c\n");
    QTest::newRow("brackets") << QByteArray("(").repeated(200'000) + "'";
}

void TestExplainOther::staysBounded()
{
    QFETCH(QByteArray, text);
    QElapsedTimer timer;
    timer.start();
    for (const Importer *importer : {&explainMysqlTreeImporter(), &explainMysqlJsonImporter(),
             &explainMysqlTableImporter(), &explainSqliteImporter()}) {
        const PlanOutcome outcome = readPlans(*importer, text.toStdString());
        QVERIFY(!outcome.error || !outcome.error->detail.empty());
    }
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
}

QTEST_GUILESS_MAIN(TestExplainOther)
#include "tst_explainother.moc"
