// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvseries/csvrecords.h"
#include "import/csvseries/csvseries.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text, const ReadOptions &options = {})
{
    return readBytes(csvSeriesImporter(), text, 65536, options);
}

const std::string kHeader = "ts,series,labels,value\n";

QStringList fieldsOf(const std::string &text, char delimiter = ',')
{
    MemorySource source(text, "csv", 5);
    LineReader lines(source, CsvRecords::kMaxLine);
    CsvRecords records(lines, delimiter);
    CsvRecord record;
    QStringList result;
    while (records.next(record)) {
        QStringList fields;
        for (const std::string_view field : record.fields)
            fields << QString::fromStdString(std::string(field));
        if (record.problem == CsvRecord::Problem::UnclosedQuote)
            fields = QStringList{QStringLiteral("?") + QString::fromStdString(std::string(record.raw))};
        if (!record.blank)
            result << fields.join(QLatin1Char('|'));
    }
    return result;
}

} // namespace

class TestCsvSeries : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void splitsRecords_data();
    void splitsRecords();
    void recoversFromOpenQuotes();
    void staysLinearUnderOpenQuotes();
    void readsSeries();
    void readsColumnsByName();
    void makesLabelsOfOtherColumns();
    void readsDelimiters();
    void readsEpochs_data();
    void readsEpochs();
    void agreesOnOneUnit();
    void readsLocalTimes();
    void keepsRowsOfARepeatedHourInOrder();
    void countsGaps();
    void skipsBadLines();
    void readsQuotedLabels();
    void readsKinds();
    void needsAHeader_data();
    void needsAHeader();
    void remembersTheHeader();
    void refusesUnknownZones();
    void sniffs();
};

void TestCsvSeries::splitsRecords_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("records");
    QTest::newRow("plain") << QByteArray("a,b,c\n1,,3\n") << QStringList{"a|b|c", "1||3"};
    QTest::newRow("quoted") << QByteArray("\"a,b\",c\r\n") << QStringList{"a,b|c"};
    QTest::newRow("doubled quotes") << QByteArray("\"say \"\"hi\"\"\",2\n") << QStringList{"say \"hi\"|2"};
    QTest::newRow("line end inside") << QByteArray("\"two\nlines\",2\nx,y\n")
                                     << QStringList{"two\nlines|2", "x|y"};
    QTest::newRow("empty quoted") << QByteArray("\"\",\"\"\n") << QStringList{"|"};
    QTest::newRow("quote inside a field")
        << QByteArray("5\" disk,2\nx,y\n") << QStringList{"5\" disk|2", "x|y"};
    QTest::newRow("text after a quoted field") << QByteArray("\"a\"b,2\n") << QStringList{"ab|2"};
    QTest::newRow("last delimiter") << QByteArray("a,\n\"b\",\n") << QStringList{"a|", "b|"};
    QTest::newRow("comments and blanks") << QByteArray("# c,d\n\n  \na,b\n") << QStringList{"a|b"};
    QTest::newRow("no line end") << QByteArray("a,\"b\"") << QStringList{"a|b"};
}

void TestCsvSeries::splitsRecords()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, records);
    QCOMPARE(fieldsOf(text.toStdString()), records);
}

void TestCsvSeries::recoversFromOpenQuotes()
{
    // The open quote spoils its own line; the lines after it are read.
    QCOMPARE(fieldsOf("a,\"b\nc,d\ne,f\n"), (QStringList{"?a,\"b", "c|d", "e|f"}));
    // Two of them pair up: what lies between is one field, as the RFC says.
    QCOMPARE(fieldsOf("a,\"b\nc,d\"\ne,f\n"), (QStringList{"a|b\nc,d", "e|f"}));
    std::string text = "a,\"b\n";
    for (int i = 0; i < 10'000; ++i)
        text += "some,words\n";
    const QStringList fields = fieldsOf(text);
    QCOMPARE(fields.size(), 10'001);
    QCOMPARE(fields.first(), QStringLiteral("?a,\"b"));
    QCOMPARE(fields.last(), QStringLiteral("some|words"));
}

void TestCsvSeries::staysLinearUnderOpenQuotes()
{
    std::string text = kHeader;
    while (text.size() < 8'000'000)
        text += "x\"y,\"z\n";
    QElapsedTimer timer;
    timer.start();
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QVERIFY(outcome.report.rowsSkipped() > 100'000);
    QVERIFY(timer.elapsed() < 20'000);
}

void TestCsvSeries::readsSeries()
{
    const ReadOutcome outcome = read(kHeader
        + "2026-03-02T12:00:00Z,cpu,host=b;core=0,0.5\n"
          "2026-03-02T12:00:01+02:00,cpu,host=b;core=0,-1e3\n"
          "2026-03-02T12:00:02Z,cpu,host=a,2\n"
          "2026-03-02T12:00:02Z,mem,,3\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.text(),
        "source kind=metrics clock=utc timezone=\"UTC\"\n"
        "series 1 metric=\"cpu\" foreign_name=\"cpu\" labels={\"core\":\"0\",\"host\":\"b\"} kind=unknown\n"
        "point series=1 ts=1772452800000000000 value=0.5\n"
        "point series=1 ts=1772445601000000000 value=-1000\n"
        "series 2 metric=\"cpu\" foreign_name=\"cpu\" labels={\"host\":\"a\"} kind=unknown\n"
        "point series=2 ts=1772452802000000000 value=2\n"
        "series 3 metric=\"mem\" foreign_name=\"mem\" labels={} kind=unknown\n"
        "point series=3 ts=1772452802000000000 value=3\n"
        "source kind=metrics clock=utc timezone=\"UTC\""s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{4});
}

void TestCsvSeries::readsColumnsByName()
{
    const ReadOutcome outcome = read("Value,Unit,\"Kind\",Metric,Service,Instance,Role,Time\n"
                                     "5,ms,gauge,lag,orders,pg-1,replica,2026-03-02T12:00:00Z\n");
    QCOMPARE(outcome.sink.linesOf("series").at(0),
        "series 1 metric=\"lag\" foreign_name=\"lag\" service=\"orders\" instance=\"pg-1\" role=\"replica\" "
        "labels={} unit=\"ms\" kind=gauge"s);
    // Labels of these names are lifted where there is no column.
    const ReadOutcome lifted = read(kHeader + "2026-03-02T12:00:00Z,lag,service=orders;instance=pg-2,1\n");
    QCOMPARE(lifted.sink.linesOf("series").at(0),
        "series 1 metric=\"lag\" foreign_name=\"lag\" service=\"orders\" instance=\"pg-2\" "
        "labels={\"instance\":\"pg-2\",\"service\":\"orders\"} kind=unknown"s);
}

void TestCsvSeries::makesLabelsOfOtherColumns()
{
    const ReadOutcome outcome
        = read("ts,series,region,value\n2026-03-02T12:00:00Z,cpu,eu,1\n2026-03-02T12:00:00Z,cpu,us,2\n");
    QCOMPARE(outcome.sink.count("series"), std::size_t{2});
    QVERIFY(outcome.sink.linesOf("series").at(0).find("labels={\"region\":\"eu\"}") != std::string::npos);
}

void TestCsvSeries::readsDelimiters()
{
    const std::string comma = read("ts,series,value\n1772452800,a b,1.5\n").sink.text();
    QCOMPARE(read("ts;series;value\n1772452800;a b;1.5\n").sink.text(), comma);
    QCOMPARE(read("ts\tseries\tvalue\n1772452800\ta b\t1.5\n").sink.text(), comma);
    const ReadOutcome decimal = read("ts;series;value\n1772452800;a b;1,5\n");
    QCOMPARE(decimal.sink.text(), comma);
    QVERIFY(decimal.hasIssue("decimal-comma"));
    // Where the comma separates, it cannot be a decimal sign.
    QCOMPARE(read("ts,series,value\n1772452800,a,\"1,5\"\n").report.rowsSkipped(), std::int64_t{1});
}

void TestCsvSeries::readsEpochs_data()
{
    QTest::addColumn<QString>("time");
    QTest::addColumn<QString>("unit");
    QTest::newRow("s") << "1772452800.25"
                       << "seconds";
    QTest::newRow("ms") << "1772452800250"
                        << "milliseconds";
    QTest::newRow("us") << "1772452800250000"
                        << "microseconds";
    QTest::newRow("ns") << "1772452800250000000"
                        << "nanoseconds";
}

void TestCsvSeries::readsEpochs()
{
    QFETCH(QString, time);
    QFETCH(QString, unit);
    const ReadOutcome outcome = read("ts,series,value\n" + time.toStdString() + ",a,1\n");
    QCOMPARE(outcome.sink.linesOf("point").at(0), "point series=1 ts=1772452800250000000 value=1"s);
    QVERIFY(outcome.hasIssue("epoch-unit"));
    QVERIFY(outcome.text().find(unit.toStdString()) != std::string::npos);
}

void TestCsvSeries::agreesOnOneUnit()
{
    // One row of another size does not change the unit of the file: it is out of range and told.
    std::string text = "ts,series,value\n";
    for (int i = 0; i < 200; ++i)
        text += std::to_string(1772452800 + i) + ",a,1\n";
    const ReadOutcome outcome = read(text + "1772452800000,a,1\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{200});
    QCOMPARE(outcome.report.rejects().at(0).kind, "bad-time"s);
    // Small numbers are times since some start.
    QVERIFY(read("ts,series,value\n0,a,1\n1,a,2\n").sink.lines.back().find("clock=relative")
        != std::string::npos);
}

void TestCsvSeries::readsLocalTimes()
{
    const std::string text = kHeader + "2026-03-02 12:00:00,a,,1\n2026-03-02T12:00:01.5,a,,2\n";
    const ReadOutcome assumed = read(text);
    QVERIFY(assumed.hasIssue("timezone-assumed"));
    QCOMPARE(assumed.sink.lines.back(), "source kind=metrics clock=utc timezone=\"UTC (assumed)\""s);
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneOffsetSeconds = 7200;
    const ReadOutcome given = read(text, options);
    QVERIFY(!given.hasIssue("timezone-assumed"));
    QCOMPARE(given.sink.linesOf("point").at(0), "point series=1 ts=1772445600000000000 value=1"s);
    QCOMPARE(given.sink.lines.back(), "source kind=metrics clock=utc timezone=\"+02:00\""s);
}

void TestCsvSeries::keepsRowsOfARepeatedHourInOrder()
{
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneName = "Europe/Paris";
    if (!csvSeriesImporter().newReader(options))
        QSKIP("no time zone data");
    std::string text = kHeader;
    for (const char *time : {"01:30", "02:00", "02:30", "02:00", "02:30", "03:00"}) {
        for (const char *series : {"a", "b"})
            text += "2026-10-25 "s + time + ":00," + series + ",,1\n";
    }
    const ReadOutcome outcome = read(text, options);
    if (outcome.error)
        QSKIP("the system has no time zone data");
    QVERIFY(outcome.hasIssue("time-occurs-twice"));
    qint64 last = 0;
    const auto points = outcome.sink.linesOf("point");
    for (std::size_t i = 0; i < points.size(); i += 2) {
        const auto ns = QString::fromStdString(points[i])
                            .section(QLatin1String("ts="), 1)
                            .section(QLatin1Char(' '), 0, 0)
                            .toLongLong();
        QVERIFY(last == 0 || ns == last + 1800 * qint64{1'000'000'000});
        last = ns;
    }
}

void TestCsvSeries::countsGaps()
{
    const ReadOutcome outcome
        = read(kHeader + "1772452800,a,,\n1772452801,a,,NaN\n1772452802,a,,null\n1772452803,a,,0\n");
    QCOMPARE(outcome.sink.count("point"), std::size_t{1});
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{4});
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{0});
    QVERIFY(outcome.hasIssue("gap"));
    // All it has is gaps, and still it is a series.
    QCOMPARE(read(kHeader + "1772452800,only gaps,,\n").sink.count("series"), std::size_t{1});
}

void TestCsvSeries::skipsBadLines()
{
    const ReadOutcome outcome = read(kHeader
        + "1772452800,a,,1\n" // good
          "soon,a,,1\n"
          "1772452800,a,,one\n"
          "1772452800,a,,inf\n"
          "1772452800,,,1\n"
          "1772452800,a,1\n"
          "1772452800,a,,1,extra\n"
          "1772452800,a,noequals,2\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
    QCOMPARE(outcome.issues(),
        (std::vector<std::string>{"bad-time 1", "bad-value 2", "no-series 1", "wrong-field-count 2",
            "bad-label 1", "epoch-unit 1", "header 1"}));
    const auto &reject = outcome.report.rejects().at(0);
    QCOMPARE(reject.offset, std::uint64_t{kHeader.size() + 16});
    QCOMPARE(reject.length, std::uint64_t{9});
    QCOMPARE(reject.bytes, "soon,a,,1"s);
}

void TestCsvSeries::readsQuotedLabels()
{
    const ReadOutcome outcome
        = read("ts;series;labels;value\n1772452800;\"a \"\"b\"\"\";\"k=v;q=say \"\"x\"\"\";1\n");
    QCOMPARE(outcome.sink.linesOf("series").at(0),
        "series 1 metric=\"a \\\"b\\\"\" foreign_name=\"a \\\"b\\\"\" "
        "labels={\"k\":\"v\",\"q\":\"say \\\"x\\\"\"} kind=unknown"s);
}

void TestCsvSeries::readsKinds()
{
    std::string text = "ts,series,kind,value\n";
    for (const char *kind : {"gauge", "Counter", "delta", "histogram", "", "strange"})
        text += "1772452800,s"s + kind + ',' + kind + ",1\n";
    const ReadOutcome outcome = read(text);
    const auto series = outcome.sink.linesOf("series");
    QVERIFY(series.at(0).ends_with("kind=gauge"));
    QVERIFY(series.at(1).ends_with("kind=counter"));
    QVERIFY(series.at(2).ends_with("kind=delta"));
    QVERIFY(series.at(3).ends_with("kind=histogram"));
    QVERIFY(series.at(4).ends_with("kind=unknown"));
    QVERIFY(series.at(5).ends_with("kind=unknown"));
    QVERIFY(outcome.hasIssue("unknown-kind"));
}

void TestCsvSeries::needsAHeader_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("none") << QByteArray("1772452800,a,,1\n");
    QTest::newRow("no value") << QByteArray("ts,series,labels\n");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("blank") << QByteArray("\n\n\n");
    QTest::newRow("too many columns")
        << QByteArray("ts,series,value") + QByteArray(1000, ',') + QByteArray("\n");
}

void TestCsvSeries::needsAHeader()
{
    QFETCH(QByteArray, text);
    const ReadOutcome outcome = read(text.toStdString());
    QVERIFY(outcome.error.has_value());
    QCOMPARE(int(outcome.error->code), int(ErrorCode::BadInput));
    QVERIFY(outcome.error->hint.find("ts,series,labels,value") != std::string::npos);
}

void TestCsvSeries::remembersTheHeader()
{
    // Rejected lines can only be read again below it.
    const ReadOutcome outcome = read("# made by hand\n" + kHeader + "1772452800,a,,1\n");
    const auto issues = outcome.report.issues();
    const auto header = std::find_if(issues.begin(), issues.end(),
        [](const auto &issue) { return issue.kind == "header"; });
    QVERIFY(header != issues.end());
    QCOMPARE(header->example, "ts,series,labels,value"s);
}

void TestCsvSeries::refusesUnknownZones()
{
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneName = "Nowhere/Land";
    QCOMPARE(int(read(kHeader, options).error->code), int(ErrorCode::Usage));
}

void TestCsvSeries::sniffs()
{
    const auto sniff
        = [](std::string_view text) { return int(csvSeriesImporter().sniff(text, "upload.txt")); };
    QCOMPARE(sniff(kHeader), int(Confidence::Strong));
    QCOMPARE(sniff("# c\n\r\nts;series;value\r\n"), int(Confidence::Strong));
    QCOMPARE(sniff("ts,series,labels,value"), int(Confidence::Strong));
    QCOMPARE(sniff("a,b,c\n1,2,3\n"), int(Confidence::No));
    QCOMPARE(sniff(""), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestCsvSeries)
#include "tst_csvseries.moc"
