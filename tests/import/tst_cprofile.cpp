// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cprofile/cprofile.h"
#include "import/cprofile/cprofileline.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(cprofileImporter(), text, 1); }

const std::string kHead = "   ncalls  tottime  percall  cumtime  percall filename:lineno(function)\n";

} // namespace

class TestCProfile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsATable();
    void splitsFunctions_data();
    void splitsFunctions();
    void parsesRows();
    void parsesSummaries();
    void keepsTablesApart();
    void passesOverCallers();
    void tellsCutTables();
    void rejectsBadRows();
    void refuses();
    void sniffs();
};

void TestCProfile::readsATable()
{
    const ReadOutcome outcome
        = read("         7 function calls (3 primitive calls) in 0.300 seconds\r\n\r\n" + kHead
            + "      5/1    0.200    0.040    0.300    0.300 a.py:12(f)\r\n"
              "        2    0.100    0.050    0.100    0.050 {built-in method time.sleep}\r\n\r\n");
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), (Stacks{"f 200000000", "{built-in method time.sleep} 100000000"}));
    QCOMPARE(countOf(outcome), std::int64_t{7});
    QVERIFY(outcome.sink.linesOf("profile").at(0).find(
                "kind=wall sample_type=\"time\" unit=\"ns\" duration=300000000")
        != std::string::npos);
    QVERIFY(outcome.sink.linesOf("frame").at(0).find("file=\"a.py\" line=12") != std::string::npos);
    QCOMPARE(outcome.issues(), Stacks{"flat 1"});
}

void TestCProfile::splitsFunctions_data()
{
    QTest::addColumn<QString>("parts");
    const auto row
        = [](const char *text, const char *parts) { QTest::newRow(text) << QString::fromLatin1(parts); };
    row("a.py:12(f)", "f|a.py|12");
    row("C:\\a (x)\\b.py:7(g)", "g|C:\\a (x)\\b.py|7");
    row("a.py:1(<lambda>)", "<lambda>|a.py|1");
    row("a.py:1(f(x))", "f(x)|a.py|1");
    row("~:0(<built-in method exec>)", "<built-in method exec>||0");
    row("{method 'append' of 'list' objects}", "{method 'append' of 'list' objects}||0");
    row("odd", "odd||0");
    row("a.py:x(f)", "a.py:x(f)||0");
}

void TestCProfile::splitsFunctions()
{
    const auto function = cprofile::splitFunction(QTest::currentDataTag());
    QTEST(QString::fromStdString(std::string(function.name) + '|' + std::string(function.file) + '|'
              + std::to_string(function.line)),
        "parts");
}

void TestCProfile::parsesRows()
{
    const auto row = cprofile::parseRow("120/7    1.5    0.012    2.25    0.3 a.py:1(f)");
    QVERIFY(row);
    QCOMPARE(row->calls, std::int64_t{120});
    QCOMPARE(row->primitiveCalls, std::int64_t{7});
    QCOMPARE(row->total, Nanos{1'500'000'000});
    QCOMPARE(row->cumulative, Nanos{2'250'000'000});
    for (const char *bad :
        {"", "x 1 1 1 1 f", "1 -1 1 1 1 f", "1 1 1 1 1", "1 1e400 1 1 1 f", "1/x 1 1 1 1 f"})
        QVERIFY2(!cprofile::parseRow(bad), bad);
}

void TestCProfile::parsesSummaries()
{
    const auto summary = cprofile::parseSummary("197 function calls (192 primitive calls) in 0.002 seconds");
    QVERIFY(summary);
    QCOMPARE(summary->calls, std::int64_t{197});
    QCOMPARE(summary->total, Nanos{2'000'000});
    QVERIFY(cprofile::parseSummary("3 function calls in 1.0 seconds"));
    QVERIFY(!cprofile::parseSummary("function calls in 1.0 seconds"));
    QVERIFY(!cprofile::parseSummary("3 function calls in  seconds"));
    QVERIFY(!cprofile::parseSummary("3 function calls seconds"));
}

void TestCProfile::keepsTablesApart()
{
    const ReadOutcome outcome = read("Fri Mar  1 12:00:00 2024    shop.prof\n\n" + kHead
        + "1 0.1 0.1 0.1 0.1 a.py:1(f)\n\n\n2 function calls in 0.2 seconds\n" + kHead
        + "2 0.2 0.1 0.2 0.1 a.py:1(f)\n");
    QCOMPARE(outcome.sink.count("profile"), std::size_t{2});
    QCOMPARE(fieldOf(outcome.sink.linesOf("profile").at(0), "name"), "shop.prof"s);
    QCOMPARE(fieldOf(outcome.sink.linesOf("profile").at(1), "name"), "cProfile 2"s);
    QCOMPARE(stacksOf(outcome, 2), Stacks{"f 200000000"});
}

void TestCProfile::passesOverCallers()
{
    const ReadOutcome outcome = read(kHead
        + "1 0.1 0.1 0.1 0.1 a.py:1(f)\n\n   Function    was called by...\n"
          "                 ncalls  tottime  cumtime\n"
          "a.py:1(f)  <-  1  0.1  0.1  b.py:2(g)\n\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{0});
    QVERIFY(outcome.hasIssue("callers-left-out"));
}

void TestCProfile::tellsCutTables()
{
    const auto outcome = [](const std::string &total) {
        return read(
            "9 function calls in " + total + " seconds\n" + kHead + "1 0.100 0.1 0.1 0.1 a.py:1(f)\n");
    };
    QVERIFY(!outcome("0.101").hasIssue("rows-not-printed"));
    QVERIFY(outcome("0.500").hasIssue("rows-not-printed"));
    QCOMPARE(outcome("0.500").sink.weight(), 1e8);
}

void TestCProfile::rejectsBadRows()
{
    const std::string text = kHead + "nonsense\n1 0.1 0.1 0.1 0.1 f\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{text.find("nonsense")});
    QCOMPARE(outcome.report.rejects().at(0).kind, "malformed-row"s);
}

void TestCProfile::refuses()
{
    for (const std::string &text : {""s, "hello\n"s, "\x7F"s + "ELF"}) {
        const ReadOutcome outcome = read(text);
        QVERIFY(outcome.error);
        QVERIFY(!outcome.error->hint.empty());
    }
}

void TestCProfile::sniffs()
{
    const auto sniff = [](const std::string &text) { return int(cprofileImporter().sniff(text, "x.txt")); };
    QCOMPARE(sniff("output of the program\n" + kHead), int(Confidence::Strong));
    QCOMPARE(sniff("  3 function calls in 1.0 seconds\n"), int(Confidence::Likely));
    QCOMPARE(sniff("ncalls are high\n"), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestCProfile)
#include "tst_cprofile.moc"
