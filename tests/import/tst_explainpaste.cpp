// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// EXPLAIN in TEXT form as people paste it: frames of clients, wrapped lines, several plans, broken and
// hostile text.
#include "explainrows.h"

#include <QElapsedTimer>
#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

class TestExplainPaste : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesOffFrames_data();
    void takesOffFrames();
    void joinsWrappedLines();
    void readsSeveralPlans();
    void readsAutoExplain();
    void takesQueryParameters();
    void takesThePadOffWrappedLines();
    void tellsBrokenParts();
    void refusesWithAPlace();
    void staysFastOnHostileText_data();
    void staysFastOnHostileText();
};

void TestExplainPaste::takesOffFrames_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray root = "Sort  (cost=1.00..2.00 rows=3 width=4)";
    const QByteArray key = "  Sort Key: \"a b\"";
    const QByteArray leaf = "  ->  Seq Scan on t  (cost=0.00..1.00 rows=3 width=4)";
    const QByteArray plain = root + '\n' + key + '\n' + leaf + '\n';
    QByteArray crlf = plain;
    crlf.replace("\n", "\r\n");
    QByteArray arrows = plain;
    arrows.replace("->", "\xE2\x86\x92");
    QByteArray blanks = plain;
    blanks.replace("  ", "\xC2\xA0 ");
    QByteArray doubled = key;
    doubled.replace("\"", "\"\"");
    QTest::newRow("plain") << plain;
    QTest::newRow("CRLF") << crlf;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF" + plain;
    QTest::newRow("no-break spaces") << blanks;
    QTest::newRow("arrows of a word processor") << arrows;
    QTest::newRow("tabs") << "\t" + root + "\n\t" + key + "\n\t" + leaf + '\n';
    QTest::newRow("grid") << "QUERY PLAN\t\n" + root + "\t\n" + key + "\t\n" + leaf + "\t\n";
    QTest::newRow("psql, border 1") << "# explain select 1;\n   QUERY PLAN   \n-----------\n " + root + "\n "
            + key + "\n " + leaf + "\n(3 rows)\n";
    QTest::newRow("first blank lost") << root + "\n " + key + "\n " + leaf + "\n(3 rows)\n";
    QTest::newRow("psql, border 2") << "+----+\n| QUERY PLAN |\n+----+\n| " + root + " |\n| " + key + " |\n| "
            + leaf + " |\n+----+\n(3 rows)\n\nTime: 1.2 ms\n";
    QTest::newRow("right edge") << "QUERY PLAN |\n-----------+\n" + root + " |\n" + key + "    |\n" + leaf
            + "|\n";
    QTest::newRow("pgAdmin") << "\"" + root + "\"\n\"" + doubled + "\"\n\"" + leaf + "\"\n";
    QTest::newRow("single quotes") << "'" + root + "'\n'" + key + "'\n'" + leaf + "'\n";
    QTest::newRow("csv") << "QUERY PLAN\n" + root + "\n\"" + doubled + "\"\n" + leaf + "\n";
    QTest::newRow("expanded") << "-[ RECORD 1 ]-----\nQUERY PLAN | " + root
            + "\n-[ RECORD 2 ]-----\nQUERY PLAN | " + key + "\n-[ RECORD 3 ]-----\nQUERY PLAN | " + leaf
            + "\n";
    QTest::newRow("Markdown") << "Slow:\n\n```sql\nselect 1\n```\n\n```\n" + plain + "```\n\nAny idea?\n";
    QTest::newRow("mail") << "> " + root + "\n> " + key + "\n> " + leaf + "\n";
    QTest::newRow("html") << "<table>\n<tr><th>QUERY PLAN</th></tr>\n<tr><td>" + root
            + "</td></tr>\n<tr><td>&nbsp; Sort Key: &quot;a b&quot;</td></tr>\n<tr><td>&nbsp; -&gt;  Seq "
              "Scan on t  "
              "(cost=0.00..1.00 rows=3 width=4)</td></tr>\n</table>\n";
}

void TestExplainPaste::takesOffFrames()
{
    QFETCH(QByteArray, text);
    for (const std::size_t chunk : {std::size_t(1), std::size_t(7), std::size_t(4096)}) {
        const PlanOutcome outcome = readPlans(explainTextImporter(), text.toStdString(), chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QCOMPARE(outcome.plans().size(), std::size_t(1));
        QCOMPARE(outcome.nodeCount(), std::size_t(2));
        QCOMPARE(outcome.plans()[0].nodes[0].extraJson, std::string_view(R"({"Sort Key":["\"a b\""]})"));
        QCOMPARE(outcome.plans()[0].nodes[1].relation, std::string_view("t"));
        QCOMPARE(outcome.plans()[0].nodes[1].totalCost, std::optional<double>(1));
        QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    }
}

void TestExplainPaste::joinsWrappedLines()
{
    const PlanOutcome outcome = readText(
        "Sort  (cos\nt=32.88..32.9\n6 rows=32 wid\nth=224) (actual time=0.5..0.6 \nrows=0 loops=1)\n"
        "  Sort Key: a\n  ->  Seq Scan on pg_names\npace n  (cost=1.09..32.08 rows=32 width=224) (actual ti\n"
        "me=0.5..0.525 rows=0 loops=1)\n        Filter: ((a > 1) AND\n (b < 2))\n");
    QCOMPARE(outcome.nodeCount(), std::size_t(2));
    const std::vector<PlanNodeRow> &nodes = outcome.plans()[0].nodes;
    QCOMPARE(nodes[0].totalCost, std::optional<double>(32.96));
    QCOMPARE(nodes[0].totalMs, std::optional<double>(0.6));
    QCOMPARE(nodes[1].relation, std::string_view("pg_namespace"));
    QCOMPARE(nodes[1].totalMs, std::optional<double>(0.525));
    QCOMPARE(nodes[1].filter, std::string_view("((a > 1) AND (b < 2))"));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
}

void TestExplainPaste::readsSeveralPlans()
{
    // A rewritten statement without costs, a second paste with a trailer, a third right behind it.
    const PlanOutcome outcome
        = readText("Update on a\n  ->  Seq Scan on a\n\nDelete on b\n  ->  Seq Scan on b\n\n"
                   "Result  (cost=0.00..0.01 rows=1 width=4)\nPlanning Time: 1.0 ms\n"
                   "Result  (cost=0.00..0.02 rows=1 width=4)\n"
                   "Result  (cost=0.00..0.03 rows=1 width=4)\n");
    QCOMPARE(outcome.plans().size(), std::size_t(5));
    QCOMPARE(outcome.nodeCount(), std::size_t(7));
    QCOMPARE(outcome.plans()[1].nodes[1].relation, std::string_view("b"));
    QCOMPARE(outcome.plans()[2].plan.planningMs, 1.0);
    QVERIFY(std::isnan(outcome.plans()[3].plan.planningMs));
    QCOMPARE(outcome.plans()[4].plan.sourceText,
        std::string_view("Result  (cost=0.00..0.03 rows=1 width=4)\n"));
}

void TestExplainPaste::readsAutoExplain()
{
    const PlanOutcome outcome = readText(
        "2024-01-01 10:00:00 UTC [1] LOG:  duration: 12.345 ms  plan:\n\tQuery Text: select *\n\t  from t;\n"
        "\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..12.0 rows=3 loops=2)\n"
        "2024-01-01 10:00:01 UTC [1] LOG:  duration: 2.5 ms  plan:\n\tQuery Text: select 2\n"
        "\tResult  (cost=0.00..1.00 rows=1 width=4)\n");
    QCOMPARE(outcome.plans().size(), std::size_t(2));
    const PlanRow &plan = outcome.plans()[0].plan;
    QCOMPARE(plan.queryText, std::string_view("select *\n  from t;"));
    QCOMPARE(plan.durationMs, 12.345);
    // auto_explain prints no Execution Time: the duration is it.
    QCOMPARE(plan.executionMs, 12.345);
    QCOMPARE(outcome.plans()[0].nodes[0].sourceLine, std::int64_t(3));
    QCOMPARE(outcome.plans()[1].plan.queryText, std::string_view("select 2"));
    QCOMPARE(outcome.plans()[1].plan.durationMs, 2.5);
}

void TestExplainPaste::takesQueryParameters()
{
    // PostgreSQL 16 and later print them between the query and the plan.
    const PlanOutcome outcome
        = readText("LOG:  duration: 3.0 ms  plan:\n\tQuery Text: select *\n\t  from t where a = $1\n"
                   "\tQuery Parameters: $1 = 'x\n\ty', $2 = '5'\n"
                   "\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n"
                   "LOG:  duration: 4.0 ms  plan:\n\tQuery Text: select 2\n\tResult  (cost=0.00..1.00 rows=1 "
                   "width=4)\n");
    QCOMPARE(outcome.plans().size(), std::size_t(2));
    QCOMPARE(outcome.plans()[0].plan.queryText, std::string_view("select *\n  from t where a = $1"));
    QCOMPARE(outcome.plans()[0].plan.extraJson,
        std::string_view(R"({"Query Parameters":"$1 = 'x\ny', $2 = '5'"})"));
    QCOMPARE(outcome.plans()[1].plan.queryText, std::string_view("select 2"));
    QCOMPARE(outcome.plans()[1].plan.extraJson, std::string_view());
}

void TestExplainPaste::takesThePadOffWrappedLines()
{
    const std::string rows
        = "Sort\n   Sort Key: a\n   ->  Seq Scan on t\n         Filter: ((a > 1) AND (\n b = 2))\n";
    const PlanOutcome framed
        = readText("      QUERY PLAN\n---------------------------\n " + rows + "(5 rows)\n");
    QCOMPARE(framed.nodeCount(), std::size_t(2));
    QCOMPARE(framed.plans()[0].nodes[1].filter, std::string_view("((a > 1) AND (b = 2))"));
    // Without psql's frame nobody pads: the blank belongs to the expression.
    const PlanOutcome bare = readText(" " + rows);
    QCOMPARE(bare.nodeCount(), std::size_t(2));
    QCOMPARE(bare.plans()[0].nodes[1].filter, std::string_view("((a > 1) AND ( b = 2))"));
}

void TestExplainPaste::tellsBrokenParts()
{
    const PlanOutcome outcome
        = readText("Sort  (cost=1.00..2.00 rows=3 width=4) (actual time=a..b rows=1 loops=1)\n"
                   "  Sort Key: a\n  Rows Removed by Filter: lots\n"
                   "  ->  Seq Scan on t  (cost=0.0.0..1.00 rows=3 width=4)\n"
                   "        Buffers: shared hit=x\n        Filter: ok\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.nodeCount(), std::size_t(2));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(4));
    QVERIFY(outcome.hasIssue("broken-figures") && outcome.hasIssue("broken-property"));
    const ImportReport::Reject &reject = outcome.report.rejects()[1];
    QVERIFY(reject.reason.starts_with("line 3: "));
    QCOMPARE(reject.bytes, std::string("  Rows Removed by Filter: lots\n"));
    QCOMPARE(outcome.plans()[0].nodes[0].totalCost, std::optional<double>(2));
    QVERIFY(!outcome.plans()[0].nodes[0].totalMs);
    QCOMPARE(outcome.plans()[0].nodes[1].relation, std::string_view("t"));
    QCOMPARE(outcome.plans()[0].nodes[1].filter, std::string_view("ok"));
    // The end is missing: told, not refused.
    QVERIFY(readText("Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n")
                .hasIssue("no-execution-time"));
    QVERIFY(readText("Sort  (cost=1.00..2.00 rows=3 width=4)\nSort Key: a\n->  Seq Scan on t\n")
                .hasIssue("lost-indentation"));
}

void TestExplainPaste::refusesWithAPlace()
{
    for (const char *text :
        {"\nhello world\nthis is not a plan\n", "\n<explain xmlns=\"x\">\n", "\n[{\"a\": 1}]\n"}) {
        const PlanOutcome outcome = readText(text);
        QVERIFY(outcome.error.has_value());
        QCOMPARE(outcome.error->code, ErrorCode::BadInput);
        QCOMPARE(outcome.error->where->line, std::optional<std::uint64_t>(2));
        QVERIFY(!outcome.error->hint.empty());
    }
    QVERIFY(readText("").error.has_value());
}

void TestExplainPaste::staysFastOnHostileText_data()
{
    QTest::addColumn<QByteArray>("text");
    const int many = 200'000;
    QTest::newRow("never closed bracket") << "Sort  (cost=(" + QByteArray("\nx").repeated(many);
    QTest::newRow("never closed literal") << "Sort\n  Filter: 'a" + QByteArray("\n  b c").repeated(many);
    QTest::newRow("quotes everywhere") << "Sort" + QByteArray("\n  Filter: 'a").repeated(many);
    QTest::newRow("labels") << "Sort" + QByteArray("\n  CTE x\n\n").repeated(many);
    QTest::newRow("nodes") << "Sort" + QByteArray("\n  ->  Sort").repeated(many);
    QTest::newRow("workers") << "Sort\n" + QByteArray("  Worker 1: x\n  Worker 2: y\n").repeated(many / 2);
    QTest::newRow("wrapped for ever")
        << "QUERY PLAN\n----\nSort" + QByteArray("\xE2\x80\xA6\n\xE2\x80\xA6x").repeated(many);
    QTest::newRow("roots") << QByteArray("Result  (cost=0.00..0.01 rows=1 width=4)\n").repeated(many / 10);
    QTest::newRow("html") << "<td>QUERY PLAN" + QByteArray("<td><t></td>").repeated(many);
    QByteArray stairs;
    for (int i = 0; i < 3000; ++i)
        stairs += QByteArray(i, ' ') + "->  Sort\n";
    QTest::newRow("stairs") << stairs;
}

void TestExplainPaste::staysFastOnHostileText()
{
    QFETCH(QByteArray, text);
    QElapsedTimer timer;
    timer.start();
    const PlanOutcome outcome = readText(text.toStdString());
    QVERIFY(timer.elapsed() < 20'000);
    if (outcome.error)
        QVERIFY(
            outcome.error->code == ErrorCode::LimitExceeded || outcome.error->code == ErrorCode::BadInput);
}

QTEST_GUILESS_MAIN(TestExplainPaste)
#include "tst_explainpaste.moc"
