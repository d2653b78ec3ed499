// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plans without names: the same tree and figures, and none of the names and literals that were there.
#include "base/text.h"
#include "report/anonymiseplan.h"
#include "tests/import/explainrows.h"

#include <QDir>
#include <QFile>
#include <QtTest>

#include <cctype>
#include <set>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const std::string kText
    = R"~(Query Text: select o.secret_total, 'hush' from acme_orders o where region = 'north' -- ask Bob
Sort  (cost=10.00..20.00 rows=3 width=22) (actual time=148.496..181.004 rows=3 loops=1)
  Output: o.secret_total, (count(*)), $0
  Sort Key: (lower(o.customer_mail)) DESC NULLS LAST
  Sort Method: external merge  Disk: 37kB
  Buffers: shared hit=20 read=3, temp read=4 written=5
  CTE wages
    ->  Seq Scan on hr.salaries s  (cost=0.00..1.00 rows=1 width=4) (never executed)
          Filter: ((note ~~ '%two
lines%'::text) AND (amount > '77777'::numeric))
  InitPlan 2 (returns $0)
    ->  Result  (cost=0.32..0.33 rows=1 width=4) (actual time=0.250..0.251 rows=1 loops=1)
  ->  Hash Left Join  (cost=350.50..4610.30 rows=1179 width=10) (actual time=2.321..72.305 rows=1000 loops=2)
        Hash Cond: (o.customer_id = c.id)
        ->  Index Scan Backward using acme_orders_idx on acme.acme_orders o  (cost=0.00..3950.16 rows=11 width=4) (actual time=0.094..57.841 rows=100 loops=2)
              Index Cond: (region = ANY ('{north,south}'::region_kind[]))
              Filter: (NOT (hashed SubPlan 1))
              Rows Removed by Filter: 31415
        ->  CTE Scan on wages "al ias"  (cost=0.00..1.00 rows=1 width=4) (actual time=0.020..0.020 rows=9 loops=2)
Settings: work_mem = '256kB', search_path = 'acme, public'
Planning Time: 11.658 ms
Trigger audit_row on acme_orders: time=4.5 calls=3
Execution Time: 182.548 ms
)~";

const char *const kSecrets[] = {"secret", "acme", "hush", "north", "south", "bob", "customer", "mail",
    "salaries", "hr", "amount", "77777", "lines", "note", "wages", "region", "kind", "al ias", "audit"};

void checkNothingLeft(const std::string &text)
{
    const std::string lower = toLowerAscii(text);
    for (const char *secret : kSecrets) {
        if (std::string_view(secret) == "hr") // a part of nothing else here, but short
            continue;
        QVERIFY2(lower.find(secret) == std::string::npos, (std::string(secret) + " in:\n" + text).c_str());
    }
}

/// What must not change: kinds of nodes, the tree, figures.
QString shapeOf(const PlanOutcome &outcome)
{
    QString out;
    const auto figure
        = [](const auto &value) { return value ? QString::number(double(*value)) : QStringLiteral("-"); };
    for (const PlanRows &plan : outcome.plans()) {
        out += QStringLiteral("%1 %2 %3\n")
                   .arg(plan.plan.planningMs)
                   .arg(plan.plan.executionMs)
                   .arg(plan.triggers.size());
        for (const PlanNodeRow &node : plan.nodes) {
            out += QStringLiteral("%1|%2|%3|%4|%5|%6|%7|%8|%9\n")
                       .arg(QString::fromUtf8(node.nodeType.data(), qsizetype(node.nodeType.size())))
                       .arg(node.parent)
                       .arg(node.depth)
                       .arg(QString::fromUtf8(node.parentRelationship.data(),
                                qsizetype(node.parentRelationship.size())),
                           QString::fromUtf8(node.joinType.data(), qsizetype(node.joinType.size())),
                           figure(node.planRows), figure(node.actualRows), figure(node.totalMs),
                           figure(node.totalCost))
                + QStringLiteral("  %1 %2 %3 %4 %5 %6 %7\n")
                      .arg(node.relation.empty())
                      .arg(node.alias.empty())
                      .arg(node.indexName.empty())
                      .arg(node.condition.empty())
                      .arg(node.filter.empty())
                      .arg(figure(node.rowsRemovedByFilter), figure(node.sharedHit));
        }
    }
    return out;
}

QString firstDifference(const QString &before, const QString &after)
{
    const QStringList a = before.split(QLatin1Char('\n'));
    const QStringList b = after.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (a.value(i) != b.value(i))
            return QStringLiteral("    %1\n    %2\n").arg(a.value(i), b.value(i));
    }
    return {};
}

const Importer &importerOf(const QString &format)
{
    return format == QLatin1String("json") ? explainJsonImporter()
        : format == QLatin1String("xml")   ? explainXmlImporter()
        : format == QLatin1String("yaml")  ? explainYamlImporter()
                                           : explainTextImporter();
}

bool hasWord(const std::string &text, std::string_view word)
{
    const auto part = [&](std::size_t i) {
        return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_');
    };
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        if ((at == 0 || !part(at - 1)) && !part(at + word.size()))
            return true;
    }
    return false;
}

} // namespace

class TestAnonymisePlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheTreeOfText();
    void keepsEqualNamesEqual();
    void readsFrames();
    void readsJson();
    void readsBrokenText_data();
    void readsBrokenText();
    void readsOtherEngines();
    void renamesSql_data();
    void renamesSql();
    void keepsTheTreesOfTheCorpus_data();
    void keepsTheTreesOfTheCorpus();
};

void TestAnonymisePlan::keepsTheTreeOfText()
{
    const std::string renamed = report::anonymisePlanText(kText);
    checkNothingLeft(renamed);
    QCOMPARE(shapeOf(readText(renamed)), shapeOf(readText(kText)));
    QCOMPARE(readText(renamed).nodeCount(), std::size_t(6));
    QVERIFY(renamed.find("Sort Method: external merge  Disk: 37kB") != std::string::npos);
    QVERIFY(renamed.find("work_mem = '256kB'") != std::string::npos);
    QVERIFY(renamed.find("(hashed SubPlan 1)") != std::string::npos);
    QVERIFY(renamed.find("(count(*)), $0") != std::string::npos);
}

void TestAnonymisePlan::keepsEqualNamesEqual()
{
    const PlanOutcome outcome = readText(report::anonymisePlanText(kText));
    const std::vector<PlanNodeRow> &nodes = outcome.plans()[0].nodes;
    // The scan of the CTE names the CTE, the condition of the join the alias of the scan.
    QVERIFY(nodes[1].subplanName.starts_with("CTE t"));
    QVERIFY(std::string(nodes[5].extraJson).find(std::string(nodes[1].subplanName.substr(4)))
        != std::string::npos);
    QVERIFY(nodes[3].condition.find(std::string(nodes[4].alias) + ".") != std::string_view::npos);
    QVERIFY(nodes[4].relation != nodes[1].relation);
}

void TestAnonymisePlan::readsFrames()
{
    std::string psql = "                QUERY PLAN\n---------------------------------\n";
    psql += " Seq Scan on acme_orders o  (cost=0.00..1.00 rows=1 width=4)\n   Filter: (region = "
            "'north'::text)\n"
            "(2 rows)\n";
    std::string quoted = "\"Seq Scan on acme_orders o  (cost=0.00..1.00 rows=1 width=4)\"\n"
                         "\"  Filter: (region = 'north'::text)\"\n";
    for (const std::string &text : {psql, quoted}) {
        const std::string renamed = report::anonymisePlanText(text);
        checkNothingLeft(renamed);
        QVERIFY2(readText(renamed).nodeCount() == 1, renamed.c_str());
        QCOMPARE(shapeOf(readText(renamed)), shapeOf(readText(text)));
    }
}

void TestAnonymisePlan::readsJson()
{
    const std::string json
        = R"~([{"Plan": {"Node Type": "Index Scan", "Relation Name": "acme_orders", "Alias": "o",
 "Index Name": "acme_idx", "Plan Rows": 7, "Output": ["o.secret_total", "\"al ias\".x"],
 "Filter": "(o.region = 'n\"orth'::text)", "Actual Rows": 3, "Actual Loops": 1,
 "Plans": [{"Node Type": "Seq Scan", "Subplan Name": "CTE wages", "Relation Name": "hr", "Alias": "o"}]},
 "Settings": {"work_mem": "4MB", "search_path": "acme"}, "Query Text": "select 'hush' /* bob */",
 "Triggers": [{"Trigger Name": "audit_row"}]}])~";
    const std::string renamed = report::anonymisePlanText(json);
    checkNothingLeft(renamed);
    QCOMPARE(shapeOf(readJson(renamed)), shapeOf(readJson(json)));
    QCOMPARE(readJson(renamed).nodeCount(), std::size_t(2));
    // A cell of pgAdmin.
    std::string doubled = "\"";
    for (const char c : json)
        doubled += c == '"' ? std::string("\"\"") : std::string(1, c);
    doubled += '"';
    const std::string cell = report::anonymisePlanText(doubled);
    QCOMPARE(readJson(cell).nodeCount(), std::size_t(2));
}

void TestAnonymisePlan::readsBrokenText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("prose") << QByteArray("please look at acme_orders, Bob says 'north'\n");
    QTest::newRow("cut literal") << QByteArray("Seq Scan on acme_orders\n  Filter: (a = 'north");
    QTest::newRow("cut json") << QByteArray(
        "[{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Filter\": \"(region = 'nor");
    QTest::newRow("cut name") << QByteArray("  ->  Seq Scan on \"acme");
    QTest::newRow("bracket") << QByteArray("-> Index lookup on acme_orders using acme_idx (region='north'");
    QTest::newRow("xml") << QByteArray("<explain><!DOCTYPE acme \"x\"><Plan><Filter>(region = &apos;north");
    QTest::newRow("angle") << QByteArray("<explain><acme");
    QTest::newRow("yaml") << QByteArray("- Plan: \n    Node Type: \"Seq Scan\"\n    Filter: \"(region = 'no");
    QTest::newRow("mysql") << QByteArray(
        "id\tselect_type\ttable\ttype\tExtra\n1\tSIMPLE\tacme_orders\tALL\tUsing where\n");
    QTest::newRow("nul") << QByteArray("Seq Scan on acme\0north\n", 23);
    QTest::newRow("tags") << QByteArray("<explain>") + QByteArray("<a>").repeated(50'000);
    QTest::newRow("brackets") << QByteArray("{").repeated(100'000);
    QTest::newRow("quotes") << QByteArray("Sort\n  Filter: 'a\n").repeated(2'000);
}

void TestAnonymisePlan::readsBrokenText()
{
    QFETCH(QByteArray, text);
    const std::string renamed = report::anonymisePlanText(text.toStdString());
    checkNothingLeft(renamed);
    QVERIFY(text.isEmpty() == renamed.empty());
}

void TestAnonymisePlan::readsOtherEngines()
{
    QCOMPARE(report::anonymisePlanText(
                 "QUERY PLAN\n|--SCAN acme\n`--SEARCH wages USING COVERING INDEX hr (region=? AND x>?)\n"),
        std::string("QUERY PLAN\n|--SCAN t1\n`--SEARCH t2 USING COVERING INDEX i1 (c1=? AND c2>?)\n"));
    QCOMPARE(
        report::anonymisePlanText(
            "-> Filter: (wages.amount > 77777)  (cost=1.2 rows=3) (actual time=0.1..0.2 rows=3 loops=1)\n"
            "    -> Index lookup on wages using hr (region='north')  (cost=1.2 rows=3)\n"),
        std::string("-> Filter: (t1.c1 > 1)  (cost=1.2 rows=3) (actual time=0.1..0.2 rows=3 loops=1)\n"
                    "    -> Index lookup on t1 using i1 (c2='v1')  (cost=1.2 rows=3)\n"));
    const std::string table = report::anonymisePlanText(
        "| id | select_type | table | type | possible_keys | key  | rows | Extra       |\n"
        "|  1 | SIMPLE      | wages | ALL  | hr            | NULL |   12 | Using where |\n");
    QVERIFY2(table.find("|  1 | SIMPLE      | t1    | ALL  | i1            | NULL |   12 | Using where |")
            != std::string::npos,
        table.c_str());
}

void TestAnonymisePlan::renamesSql_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    QTest::newRow("select")
        << "SELECT a.b, count(*) FROM wages a JOIN hr ON hr.id = a.id WHERE a.x = 'y' LIMIT 10"
        << "SELECT t1.c1, count(*) FROM t2 t1 JOIN t3 ON t3.c2 = t1.c2 WHERE t1.c3 = 'v1' LIMIT 1";
    QTest::newRow("insert") << "insert into acme.wages (amount) values (5, 5, 7)"
                            << "insert into t1.t2 (c1) values (1, 1, 2)";
    QTest::newRow("types") << "select x::timestamp with time zone, $1, E'a\\'b', my_fn(1)"
                           << "select c1::timestamp with time zone, $1, E'v1', f1(1)";
    QTest::newRow("comment") << "select 1 -- Bob\n/* Eve */ + 2"
                             << "select 1 \n + 2";
    QTest::newRow("quoted") << "select \"A b\" from `x`"
                            << "select c1 from `t1`";
    QTest::newRow("dollar") << "do $x$ secret $x$"
                            << "do 'v1'";
}

void TestAnonymisePlan::renamesSql()
{
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(report::anonymiseSql(sql.toStdString())), expected);
}

void TestAnonymisePlan::keepsTheTreesOfTheCorpus_data()
{
    QTest::addColumn<QString>("format");
    for (const char *format : {"text", "json", "xml", "yaml"})
        QTest::newRow(format) << QString::fromLatin1(format);
}

void TestAnonymisePlan::keepsTheTreesOfTheCorpus()
{
    QFETCH(QString, format);
    const QDir folder(QStringLiteral(TS_SHARED_DIR "/corpus/plans/") + format + QStringLiteral("/own15"));
    const QStringList files = folder.entryList({QStringLiteral("*.plan")});
    if (files.isEmpty())
        QSKIP("the corpus is not beside the checkout");
    QString problems;
    for (const QString &name : files) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string text = file.readAll().toStdString();
        const std::string renamed = report::anonymisePlanText(text);
        const PlanOutcome before = readPlans(importerOf(format), text);
        const PlanOutcome after = readPlans(importerOf(format), renamed);
        if (shapeOf(before) != shapeOf(after))
            problems
                += name + QStringLiteral(": other tree\n") + firstDifference(shapeOf(before), shapeOf(after));
        for (const PlanRows &plan : before.plans()) {
            for (const PlanNodeRow &node : plan.nodes) {
                for (const std::string_view word : {node.relation, node.alias, node.indexName}) {
                    // Names like ours ("t1", "c") say nothing.
                    if (word.size() > 3 && hasWord(renamed, word))
                        problems += name + QStringLiteral(": left ")
                            + QString::fromUtf8(word.data(), qsizetype(word.size())) + QLatin1Char('\n');
                }
            }
        }
    }
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

QTEST_GUILESS_MAIN(TestAnonymisePlan)
#include "tst_anonymiseplan.moc"
