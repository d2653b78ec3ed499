// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgstatstatements/pgstatstatements.h"
#include "import/pgstatstatements/statementreader.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, std::size_t chunk = 65536)
{
    return readBytes(pgStatStatementsImporter(), text, chunk, {});
}

const std::string kHeader = "query,queryid,calls,total_exec_time\n";

} // namespace

class TestPgStatStatements : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isRecognisedByItsColumns_data();
    void isRecognisedByItsColumns();
    void readsWhateverTheChunks();
    void rejectsWhatIsNoRow_data();
    void rejectsWhatIsNoRow();
    void keepsRowsWithoutText();
    void needsAHeader();
    void takesTheServerByName();
    void goesOnBehindBrokenJson();
};

void TestPgStatStatements::isRecognisedByItsColumns_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("expected");
    QTest::newRow("csv") << QByteArray("queryid,calls,total_exec_time\n1,2,3\n") << true;
    QTest::newRow("old names, other order") << QByteArray("Total_Time;Calls;Query\n") << true;
    QTest::newRow("quoted") << QByteArray("\"ts\",\"query\",\"calls\",\"total_time\"\n") << true;
    QTest::newRow("psql unaligned") << QByteArray("query|calls|total_exec_time\n") << true;
    QTest::newRow("json") << QByteArray("[{\"query\": \"SELECT 1\", \"calls\": 1, \"total_exec_time\": 2}]")
                          << true;
    QTest::newRow("json lines") << QByteArray("{\"queryid\":1,\"calls\":1,\"total_time\":2}\n") << true;
    QTest::newRow("no time") << QByteArray("query,calls\n") << false;
    QTest::newRow("no query") << QByteArray("funcid,calls,total_time\n") << false;
    QTest::newRow("series") << QByteArray("ts,series,labels,value\n") << false;
    QTest::newRow("another json") << QByteArray("{\"calls\":1,\"query\":\"x\"}") << false;
}

void TestPgStatStatements::isRecognisedByItsColumns()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, expected);
    const Importer *importer = sniffImporter(text.toStdString(), "x");
    QCOMPARE(importer != nullptr && importer->descriptor().id == "pg-stat-statements", expected);
}

void TestPgStatStatements::readsWhateverTheChunks()
{
    const std::string csv = "ts," + kHeader
        + "2026-03-02 10:00:00+00,\"SELECT a,\n\"\"b\"\"\nFROM t\",-7,3,1.5\n2026-03-02 11:00:00+00,SELECT "
          "1,8,1,2\n";
    const std::string json
        = "[{\"query\":\"SELECT\\n1\",\"calls\":1,\"total_exec_time\":2.5,\"toplevel\":true},\n"
          " {\"query\":null,\"queryid\":\"9\",\"calls\":1,\"total_exec_time\":0}]";
    for (const std::string &text : {csv, json}) {
        const std::string whole = read(text).text();
        for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}})
            QCOMPARE(read(text, chunk).text(), whole);
        QCOMPARE(read(text).report.rowsRead(), std::int64_t{2});
        QCOMPARE(hostileProblems(pgStatStatementsImporter(), text), QString());
    }
}

void TestPgStatStatements::rejectsWhatIsNoRow_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("issue");
    QTest::newRow("calls") << QByteArray("SELECT 1,1,many,3") << QByteArray("bad-row");
    QTest::newRow("negative calls") << QByteArray("SELECT 1,1,-2,3") << QByteArray("bad-row");
    QTest::newRow("no total") << QByteArray("SELECT 1,1,2,") << QByteArray("bad-row");
    QTest::newRow("neither text nor id") << QByteArray(",,2,3") << QByteArray("bad-row");
    QTest::newRow("too few fields") << QByteArray("SELECT 1,2") << QByteArray("wrong-field-count");
    QTest::newRow("open quote") << QByteArray("\"SELECT 1,1,2,3") << QByteArray("unclosed-quote");
}

void TestPgStatStatements::rejectsWhatIsNoRow()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, issue);
    const ReadOutcome outcome = read(kHeader + line.toStdString() + "\nSELECT 2,2,1,1\n");
    QVERIFY(!outcome.error);
    QVERIFY2(outcome.hasIssue(issue.constData()), outcome.text().c_str());
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{1});
}

void TestPgStatStatements::keepsRowsWithoutText()
{
    const ReadOutcome outcome = read(kHeader + "<insufficient privilege>,5,2,3\n,6,2,3\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
    QVERIFY(outcome.hasIssue("hidden-query"));
    QVERIFY(outcome.hasIssue("no-time"));
}

void TestPgStatStatements::needsAHeader()
{
    const ReadOutcome outcome = read("SELECT 1,1,2,3\n");
    QVERIFY(outcome.error);
    QVERIFY(QString::fromStdString(outcome.error->toText()).contains(QStringLiteral("CSV HEADER")));
}

void TestPgStatStatements::takesTheServerByName()
{
    const ReadOutcome outcome
        = read("host," + kHeader + "a,SELECT 1,1,1,1\nb,SELECT 1,1,1,1\na,SELECT 2,2,1,1\n");
    const QString text = QString::fromStdString(outcome.text());
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{3});
    // Two servers, three samples.
    QVERIFY2(text.count(QStringLiteral("name=\"a\"")) == 1 && text.count(QStringLiteral("name=\"b\"")) == 1,
        qPrintable(text));
}

void TestPgStatStatements::goesOnBehindBrokenJson()
{
    const ReadOutcome outcome = read("{\"query\":\"SELECT 1\",\"calls\":1,\"total_exec_time\":}\n"
                                     "{\"query\":\"SELECT 1\",\"calls\":1,\"total_exec_time\":1}\n");
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("bad-json"));
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
}

QTEST_GUILESS_MAIN(TestPgStatStatements)
#include "tst_pgstatstatements.moc"
