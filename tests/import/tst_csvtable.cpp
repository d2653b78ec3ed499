// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/columnmaps.h"
#include "import/csvtable/csvtable.h"
#include "import/csvtable/tablepreview.h"
#include "store/recordcolumns.h"
#include "support/importhelpers.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::import::csvtable;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, const std::string &map = {})
{
    ReadOptions options;
    options.columnMap = map;
    return readBytes(csvTableImporter(), text, 65536, options);
}

bool has(const ReadOutcome &outcome, const std::string &part)
{
    return outcome.sink.text().find(part) != std::string::npos;
}

const std::string kGerman = "sep=;\n"
                            "Zeit;Rechner;CPU %;Verbindungen;Notiz\n"
                            "02.03.2026 12:00:00;a;12,5;7;ruhig\n"
                            "02.03.2026 12:00:10;a;95 %;;\n"
                            "02.03.2026 12:00:10;b;1.234,5;8;\n";
const std::string kGermanMap
    = "labels = [\"Rechner\"]\n"
      "ignore = [\"Notiz\"]\n"
      "[time]\ncolumn = \"Zeit\"\npattern = \"%d.%m.%Y %H:%M:%S\"\n"
      "[[series]]\ncolumn = \"CPU %\"\nmetric = \"cpu.busy\"\nunit = \"1\"\nscale = 0.01\n";

} // namespace

class TestCsvTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void guessesColumns();
    void readsByMap();
    void readsLongForm();
    void readsPoolSamples();
    void readsWithoutHeader();
    void tellsMissingColumns();
    void refusesBadMaps_data();
    void refusesBadMaps();
    void writesMapsBack();
    void remembersMaps();
    void knowsTheColumnsOfTables();
    void sniffs_data();
    void sniffs();
    void readsTheSameInAnyChunks();
    void readsPatterns();

private:
    QTemporaryDir m_config;
};

void TestCsvTable::initTestCase() { qputenv("XDG_CONFIG_HOME", m_config.path().toUtf8()); }

void TestCsvTable::guessesColumns()
{
    const ReadOutcome outcome = read("Time,Host,cpu,memory\n"
                                     "2026-03-02 12:00:00,a,0.5,100\n"
                                     "2026-03-02 12:00:10,a,,110\n"
                                     "2026-03-02 12:00:20,a,NaN,120\n"
                                     "nonsense,a,1,1\n"
                                     "2026-03-02 12:00:30,a,1\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), 4);
    QVERIFY(outcome.hasIssue("guessed-columns"));
    QVERIFY(outcome.hasIssue("gap"));
    QCOMPARE(outcome.report.rowsSkipped(), 2);
    QCOMPARE(outcome.report.rowsRead(), 3);
    QVERIFY(has(outcome, "Host"));
}

void TestCsvTable::readsByMap()
{
    const ReadOutcome outcome = read(kGerman, kGermanMap);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QVERIFY(has(outcome, "cpu.busy"));
    QVERIFY(has(outcome, "value=0.125"));
    QVERIFY(has(outcome, "value=0.95"));
    QVERIFY(has(outcome, "Verbindungen"));
    QVERIFY(!has(outcome, "Notiz"));
    QVERIFY(outcome.hasIssue("decimal-comma"));
    QVERIFY(outcome.hasIssue("percent"));
    // 2026-03-02 12:00:00 UTC
    QVERIFY(has(outcome, "1772452800000000000"));
    // A number with two kinds of separators is told, not guessed.
    QVERIFY(outcome.hasIssue("bad-value"));
}

void TestCsvTable::readsLongForm()
{
    const ReadOutcome outcome = read("when,what,host,amount\n1772452800,cpu,a,50\n1772452800,load,a,-\n",
        "labels = [\"host\"]\n[time]\ncolumn = \"when\"\n[long]\nmetric = \"what\"\nvalue = \"amount\"\n"
        "[[series]]\ncolumn = \"cpu\"\nmetric = \"cpu.busy\"\nscale = 0.01\nunit = \"1\"\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), 1);
    QVERIFY(has(outcome, "cpu.busy"));
    QVERIFY(has(outcome, "value=0.5"));
    QVERIFY(outcome.hasIssue("gap"));
}

void TestCsvTable::readsPoolSamples()
{
    const ReadOutcome outcome
        = read("t,Pool,Max,In Use,Queue\n1772452800000,main,20,20,7\n1772452801000,main,20,x,7\n",
            "[time]\ncolumn = \"t\"\n[record]\ntable = \"pool_sample\"\n"
            "columns = { pool = \"Pool\", capacity = \"Max\", active = \"In Use\", waiting = \"Queue\" }\n"
            "constants = { kind = \"connection\" }\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("pool_sample"), 1);
    QVERIFY(has(outcome, "pool_sample"));
    QVERIFY(has(outcome, "connection"));
    QCOMPARE(outcome.report.rowsSkipped(), 1); // no half sample
}

void TestCsvTable::readsWithoutHeader()
{
    const ReadOutcome outcome
        = read("1772452800\t5\n1772452801\t6\n", "header = false\n[time]\ncolumn = \"#1\"\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("point"), 2);
    QVERIFY(has(outcome, "#2"));
}

void TestCsvTable::tellsMissingColumns()
{
    const ReadOutcome renamed = read("ts,cpu_new\n1772452800,1\n",
        "[time]\ncolumn = \"ts\"\n[[series]]\ncolumn = \"cpu\"\nmetric = \"cpu.busy\"\n");
    QVERIFY(!renamed.error);
    QVERIFY(renamed.hasIssue("column-missing"));
    QVERIFY(has(renamed, "cpu_new"));
    const ReadOutcome noTime = read("ts,cpu\n1772452800,1\n", "[time]\ncolumn = \"when\"\n");
    QVERIFY(noTime.error);
    QVERIFY(noTime.error->hint.find("ts, cpu") != std::string::npos);
    const ReadOutcome noNumbers = read("a,b\nx,y\n");
    QVERIFY(noNumbers.error);
}

void TestCsvTable::refusesBadMaps_data()
{
    QTest::addColumn<QByteArray>("map");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("no TOML") << QByteArray("[time\n") << QByteArray("");
    QTest::newRow("unknown key") << QByteArray("tiem = 1\n") << QByteArray("unknown key 'tiem'");
    QTest::newRow("unknown kind") << QByteArray("[[series]]\ncolumn = \"a\"\nkind = \"big\"\n")
                                  << QByteArray("'big' is no kind");
    QTest::newRow("unknown table") << QByteArray("[record]\ntable = \"x\"\ncolumns = { a = \"b\" }\n")
                                   << QByteArray("no table");
    QTest::newRow("unknown column of a table")
        << QByteArray("[record]\ntable = \"pool_sample\"\ncolumns = { size = \"b\" }\n")
        << QByteArray("has no column 'size'");
    QTest::newRow("unit of time") << QByteArray("[time]\nunit = \"h\"\n") << QByteArray("no unit of time");
    QTest::newRow("half a long form")
        << QByteArray("[long]\nmetric = \"a\"\n") << QByteArray("'metric' and 'value'");
    QTest::newRow("a number as text") << QByteArray("service = 3\n") << QByteArray("is no text");
}

void TestCsvTable::refusesBadMaps()
{
    QFETCH(QByteArray, map);
    QFETCH(QByteArray, says);
    const auto parsed = ColumnMap::parse(map.toStdString(), "m.toml");
    QVERIFY(!parsed);
    QVERIFY2(parsed.error().detail.find(says.toStdString()) != std::string::npos,
        parsed.error().detail.c_str());
    QVERIFY(parsed.error().where && parsed.error().where->line);
}

void TestCsvTable::writesMapsBack()
{
    const std::string all
        = "delimiter = \";\"\nheader = false\nskip_lines = 2\nother_columns = false\n"
          "labels = [\"a \\\"quoted\\\"\", \"b\"]\nignore = [\"c\"]\nservice = \"s\"\ninstance = \"i\"\n"
          "[time]\ncolumn = \"t\"\nunit = \"us\"\npattern = \"%H\"\n"
          "[[series]]\ncolumn = \"x\"\nmetric = \"y\"\nunit = \"ms\"\nkind = \"counter\"\nscale = 0.001\n"
          "[record]\ntable = \"queue_sample\"\ncolumns = { queue = \"q\", depth = \"d\" }\n"
          "constants = { consumer_group = \"g\" }\n";
    const auto first = ColumnMap::parse(all, "m");
    QVERIFY2(first.has_value(), first ? "" : first.error().toText().c_str());
    const auto second = ColumnMap::parse(first->toToml(), "m");
    QVERIFY2(second.has_value(), second ? "" : (second.error().toText() + first->toToml()).c_str());
    QCOMPARE(second->toToml(), first->toToml());
    QCOMPARE(second->series.front().scale, 0.001);
    QCOMPARE(second->labels.front(), std::string("a \"quoted\""));
    QCOMPARE(second->fields.at("depth"), std::string("d"));
    QVERIFY(second->timeUnit == EpochUnit::Micros);
}

void TestCsvTable::remembersMaps()
{
    const std::string header = "day;amount";
    const std::string table = header + "\n02.03.2026;5\n";
    QVERIFY(read(table).error);
    const auto map = ColumnMap::parse("[time]\ncolumn = \"day\"\npattern = \"%d.%m.%Y\"\n", "m");
    QVERIFY(map.has_value());
    QVERIFY(rememberMap(header, *map).has_value());
    const ReadOutcome outcome = read(table);
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("remembered-map"));
    QCOMPARE(outcome.sink.count("point"), 1);
    QCOMPARE(int(csvTableImporter().sniff(table, "x.txt")), int(Confidence::Strong));
    std::filesystem::remove(columnMapFile(header));
    QVERIFY(read(table).error);
}

void TestCsvTable::knowsTheColumnsOfTables()
{
    for (const RecordTarget &target : recordTargets()) {
        QCOMPARE(std::string(store::recordView(target.table)), std::string(target.name));
        const auto &columns = store::recordColumns(target.table);
        for (const TargetColumn &column : target.columns)
            QVERIFY2(std::any_of(columns.begin(), columns.end(),
                         [&](const auto &c) { return c.name == column.name; }),
                std::string(column.name).c_str());
    }
}

void TestCsvTable::sniffs_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("confidence");
    QTest::newRow("wide") << QByteArray("time,cpu\n2026-03-02 12:00:00,1\n") << int(Confidence::Likely);
    QTest::newRow("no time") << QByteArray("name,cpu\nx,1\n") << int(Confidence::No);
    QTest::newRow("no numbers") << QByteArray("time,who\n2026-03-02 12:00:00,x\n") << int(Confidence::No);
    QTest::newRow("one column") << QByteArray("time\n2026-03-02 12:00:00\n") << int(Confidence::No);
    QTest::newRow("prose") << QByteArray("Dear all, nothing, really,\nhappened, today\n")
                           << int(Confidence::No);
}

void TestCsvTable::sniffs()
{
    QFETCH(QByteArray, text);
    QFETCH(int, confidence);
    QCOMPARE(int(csvTableImporter().sniff(text.toStdString(), "x.csv")), confidence);
}

void TestCsvTable::readsTheSameInAnyChunks()
{
    std::string table = "time,host,cpu\n";
    for (int i = 0; i < 2000; ++i)
        table
            += std::to_string(1772452800 + i) + ",h" + std::to_string(i % 3) + "," + std::to_string(i) + "\n";
    ReadOptions options;
    const std::string whole = readBytes(csvTableImporter(), table, 1'000'000, options).text();
    for (const std::size_t chunk : {std::size_t(1), std::size_t(7), std::size_t(4096)})
        QCOMPARE(readBytes(csvTableImporter(), table, chunk, options).text(), whole);
}

void TestCsvTable::readsPatterns()
{
    QCOMPARE(isoTime("31.12.2026 23:59:59,5", "%d.%m.%Y %H:%M:%S").value_or(""),
        std::string("2026-12-31 23:59:59.5"));
    QCOMPARE(isoTime("12/31/26 11:59 PM", "%m/%d/%y %I:%M %p").value_or(""),
        std::string("2026-12-31 23:59:00"));
    QCOMPARE(isoTime("02/Mar/2026:12:00:00 +0530", "%d/%b/%Y:%H:%M:%S %z").value_or(""),
        std::string("2026-03-02 12:00:00+05:30"));
    QVERIFY(!isoTime("31.12.2026 junk", "%d.%m.%Y"));
    QVERIFY(!isoTime("", "%d.%m.%Y"));
}

QTEST_GUILESS_MAIN(TestCsvTable)
#include "tst_csvtable.moc"
