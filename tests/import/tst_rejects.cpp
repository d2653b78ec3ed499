// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a rejected row: exported, mended by hand, imported again.
#include "import/importjob.h"
#include "support/importhelpers.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

/// QVERIFY for a Result, with its message.
#define TS_OK(expr)                                                                                          \
    do {                                                                                                     \
        const auto &tsResult = (expr);                                                                       \
        QVERIFY2(tsResult.has_value(), tsResult.has_value() ? "" : tsResult.error().toText().c_str());       \
    } while (false)

class TestRejects : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void boundsTheList();
    void boundsTheKinds();
    void sortsIssues();
    void exportsLines();
    void mendsCollapsed();
    void mendsCsvBelowItsHeader();
    void mendsInTheTimeZoneOfTheSource();
    void keepsALongHeader();
    void mendsChromeEvents();
    void mendsOtlpSpans();
    void refusesUnmendedLines();
    void refusesUnknownSources();

private:
    Result<ImportOutcome> collapsed(const char *name, const std::string &text)
    {
        ImportOptions options;
        options.format = "collapsed";
        return importText(*m_workspace, name, text, options, {});
    }
    std::filesystem::path path(const char *name) const
    {
        return m_directory.filePath(QString::fromLatin1(name)).toStdString();
    }
    void write(const char *name, const QByteArray &bytes) const
    {
        QFile file(m_directory.filePath(QString::fromLatin1(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    QByteArray read(const char *name) const
    {
        return QByteArray::fromStdString(fileBytes(m_directory.filePath(QString::fromLatin1(name))));
    }

    QTemporaryDir m_directory;
    std::unique_ptr<store::Workspace> m_workspace;
};

void TestRejects::initTestCase()
{
    auto workspace = store::Workspace::temporary();
    TS_OK(workspace);
    m_workspace = std::move(*workspace);
}

void TestRejects::boundsTheList()
{
    ImportReport report;
    const std::string bytes(5000, 'x');
    for (std::uint64_t i = 0; i < 25'000; ++i)
        report.skip("bad", i, bytes.size(), "is bad", bytes);
    QCOMPARE(report.rowsSkipped(), std::int64_t{25'000});
    QCOMPARE(report.rejects().size(), ImportReport::kMaxRejects);
    QCOMPARE(report.rejects().back().bytes.size(), ImportReport::kMaxRejectBytes);
    QCOMPARE(report.rejects().back().length, std::uint64_t{5000});
    QCOMPARE(report.issues().at(0).count, std::int64_t{25'000});
    // A character is not cut in two.
    ImportReport cut;
    cut.skip("bad", 0, 2000, "r", std::string(1023, 'x') + "\xE2\x82\xAC");
    QCOMPARE(cut.rejects().at(0).bytes.size(), std::size_t{1023});
}

void TestRejects::boundsTheKinds()
{
    ImportReport report;
    for (int i = 0; i < 1000; ++i)
        report.note(IssueSeverity::Notice, "kind" + std::to_string(i), 0, "x");
    QVERIFY(report.issues().size() <= ImportReport::kMaxIssueKinds + 1);
    std::int64_t count = 0;
    for (const auto &issue : report.issues())
        count += issue.count;
    QCOMPARE(count, std::int64_t{1000});
}

void TestRejects::sortsIssues()
{
    ImportReport report;
    report.note(IssueSeverity::Info, "b", 5, "first", 2);
    report.note(IssueSeverity::Info, "b", 9, "second");
    report.note(IssueSeverity::Error, "c", 1, "x");
    report.note(IssueSeverity::DataLoss, "a", 1, "x");
    report.note(IssueSeverity::Info, "a2", 1, "bad \xFF text");
    QStringList order;
    for (const auto &issue : report.issues())
        order << QString::fromStdString(issue.kind);
    QCOMPARE(order,
        (QStringList{QStringLiteral("c"), QStringLiteral("a"), QStringLiteral("a2"), QStringLiteral("b")}));
    QCOMPARE(report.issues().at(3).count, std::int64_t{3});
    QCOMPARE(report.issues().at(3).example, "first"s);
    QCOMPARE(report.issues().at(3).firstOffset, std::uint64_t{5});
    QCOMPARE(report.issues().at(2).example, "bad \xEF\xBF\xBD text"s);
}

void TestRejects::exportsLines()
{
    const auto outcome = collapsed("one", "a;b 1\nbad \"line\"\n\xFF\xFE\n" + std::string(3000, 'x') + "\n");
    TS_OK(outcome);
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("rejects.jsonl")));
    const QList<QByteArray> lines = read("rejects.jsonl").trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    const QJsonObject first = QJsonDocument::fromJson(lines[0]).object();
    QCOMPARE(first.value(QLatin1String("offset")).toInt(), 6);
    QCOMPARE(first.value(QLatin1String("length")).toInt(), 10);
    QCOMPARE(first.value(QLatin1String("kind")).toString(), QStringLiteral("no-weight"));
    QCOMPARE(first.value(QLatin1String("bytes")).toString(), QStringLiteral("bad \"line\""));
    QVERIFY(!first.contains(QLatin1String("truncated")));
    const QJsonObject second = QJsonDocument::fromJson(lines[1]).object();
    QCOMPARE(QByteArray::fromBase64(second.value(QLatin1String("bytes_base64")).toString().toLatin1()),
        QByteArray("\xFF\xFE"));
    QVERIFY(QJsonDocument::fromJson(lines[2]).object().value(QLatin1String("truncated")).toBool());
    QVERIFY(!exportRejects(*m_workspace, outcome->sourceId, path("no/such/folder.jsonl")));
}

void TestRejects::mendsCollapsed()
{
    const auto outcome = collapsed("two", "m;n 1\nm;o\nm;p\n");
    TS_OK(outcome);
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("two.jsonl")));
    write("two.jsonl", read("two.jsonl").replace("m;o", "m;o 4").replace("m;p", "m;p 5"));
    const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("two.jsonl"), {});
    TS_OK(mended);
    QCOMPARE(mended->format, "collapsed"s);
    QCOMPARE(mended->rowsRead, std::int64_t{2});
    QCOMPARE(mended->rowsSkipped, std::int64_t{0});
    QVERIFY(mended->sourceId != outcome->sourceId);
    QVERIFY(mended->path.find("source " + std::to_string(outcome->sourceId)) != std::string::npos);
}

void TestRejects::mendsCsvBelowItsHeader()
{
    const auto outcome = importText(*m_workspace, "three",
        "value,ts,series\n1,1772452800,cpu\none,1772452801,cpu\n", {}, {});
    TS_OK(outcome);
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("three.jsonl")));
    write("three.jsonl", read("three.jsonl").replace("one,", "2,"));
    const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("three.jsonl"), {});
    TS_OK(mended);
    QCOMPARE(mended->rowsRead, std::int64_t{1});
}

void TestRejects::mendsInTheTimeZoneOfTheSource()
{
    ImportOptions options;
    options.read.timezoneGiven = true;
    options.read.timezoneOffsetSeconds = -5 * 3600;
    const auto outcome = importText(*m_workspace, "zones",
        "ts,series,value\n2026-03-02 12:00:00,zoned,1\n2026-03-02 12:00:01,zoned,one\n", options, {});
    TS_OK(outcome);
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("zones.jsonl")));
    write("zones.jsonl", read("zones.jsonl").replace(",one", ",2"));
    TS_OK(reimportRejects(*m_workspace, outcome->sourceId, path("zones.jsonl"), {}));
    auto database = m_workspace->connectReader();
    TS_OK(database);
    const auto apart
        = database->integer("SELECT max(ts_ns) - min(ts_ns) FROM point AS p JOIN series AS s"
                            " ON s.id = p.series_id WHERE s.metric = 'zoned' OR s.foreign_name = 'zoned'");
    TS_OK(apart);
    QCOMPARE(apart->value_or(-1), std::int64_t{1'000'000'000});
}

void TestRejects::keepsALongHeader()
{
    // The label that the mended row has lies far behind what an issue shows of a text.
    std::string head = "ts,series,value";
    std::string row = ",cpu,1";
    for (int i = 0; i < 60; ++i) {
        head += ",a_rather_long_label_" + std::to_string(i);
        row += ",";
    }
    const std::string text = head + ",zone\n1772452800" + row + ",west\nsoon" + row + ",east\n";
    QVERIFY(head.size() > 800);
    const auto outcome = importText(*m_workspace, "wide", text, {}, {});
    TS_OK(outcome);
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("wide.jsonl")));
    write("wide.jsonl", read("wide.jsonl").replace("soon", "1772452801"));
    const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("wide.jsonl"), {});
    TS_OK(mended);
    QCOMPARE(mended->rowsRead, std::int64_t{1});
    auto reader = m_workspace->connectReader();
    TS_OK(reader);
    auto labels = reader->prepare("SELECT json_extract(labels, '$.zone') FROM series WHERE source_id = ?");
    TS_OK(labels);
    labels->bind(0, mended->sourceId);
    TS_OK(labels->step());
    QCOMPARE(std::string(labels->text(0)), "east"s);
    // Better none than a cut one.
    ImportReport report;
    report.head(0, std::string(ImportReport::kMaxHeadBytes + 1, 'x'));
    QCOMPARE(report.issues().at(0).kind, "header-too-long"s);
}

void TestRejects::mendsChromeEvents()
{
    const auto outcome = importText(*m_workspace, "chrome",
        R"([{"ph":"X","name":"a","pid":1,"tid":2,"ts":1,"dur":1},
{"ph":"E","name":"lost","pid":1,"tid":2,"ts":9},
{"ph":"X","name":"b","pid":1,"tid":2,"ts":"soon","dur":1}])",
        {}, {});
    TS_OK(outcome);
    QCOMPARE(outcome->format, "chrome-trace"s);
    QCOMPARE(outcome->rowsSkipped, std::int64_t{2});
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("chrome.jsonl")));
    QByteArray rejects = read("chrome.jsonl");
    QVERIFY(!rejects.contains("truncated"));
    rejects.replace("soon", "12").replace(R"(\"ph\":\"E\")", R"(\"ph\":\"i\")");
    write("chrome.jsonl", rejects);
    const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("chrome.jsonl"), {});
    TS_OK(mended);
    QCOMPARE(mended->rowsRead, std::int64_t{2});
    QCOMPARE(mended->rowsSkipped, std::int64_t{0});
}

void TestRejects::mendsOtlpSpans()
{
    const std::string span
        = R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","name":"a",
  "startTimeUnixNano":"x","endTimeUnixNano":"9"})";
    const std::string document
        = R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + span + "," + span + "]}]}]}\n";
    const auto outcome = importText(*m_workspace, "otlp", document, {}, {});
    TS_OK(outcome);
    QCOMPARE(outcome->format, "otlp-json"s);
    QCOMPARE(outcome->rowsSkipped, std::int64_t{2});
    TS_OK(exportRejects(*m_workspace, outcome->sourceId, path("otlp.jsonl")));
    QByteArray rejects = read("otlp.jsonl");
    rejects.replace(R"(\"startTimeUnixNano\":\"x\")", R"(\"startTimeUnixNano\":\"5\")");
    write("otlp.jsonl", rejects);
    const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("otlp.jsonl"), {});
    TS_OK(mended);
    QCOMPARE(mended->format, "otlp-json"s);
    QCOMPARE(mended->rowsRead, std::int64_t{2});
    QCOMPARE(mended->rowsSkipped, std::int64_t{0});
    // A whole document among the rejects stays one.
    write("otlp.jsonl",
        R"({"bytes":"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"startTimeUnixNano\":\"1\"}]}]}]}"})"
        "\n" + rejects.split('\n').first()
            + "\n");
    const auto both = reimportRejects(*m_workspace, outcome->sourceId, path("otlp.jsonl"), {});
    TS_OK(both);
    QCOMPARE(both->rowsRead, std::int64_t{2});
}

void TestRejects::refusesUnmendedLines()
{
    const auto outcome = collapsed("four", "a;b 1\nlost\n");
    TS_OK(outcome);
    for (const char *bad : {"not json\n", "{}\n", "{\"bytes\":\"a 1\",\"truncated\":true}\n", "\n\n"}) {
        write("bad.jsonl", bad);
        const auto mended = reimportRejects(*m_workspace, outcome->sourceId, path("bad.jsonl"), {});
        QVERIFY2(!mended, bad);
        QVERIFY(!mended.error().hint.empty());
    }
    QVERIFY(!reimportRejects(*m_workspace, outcome->sourceId, path("missing.jsonl"), {}));
}

void TestRejects::refusesUnknownSources()
{
    QCOMPARE(int(exportRejects(*m_workspace, 4711, path("x.jsonl")).error().code), int(ErrorCode::NotFound));
    QCOMPARE(int(reimportRejects(*m_workspace, 4711, path("x.jsonl"), {}).error().code),
        int(ErrorCode::NotFound));
}

QTEST_GUILESS_MAIN(TestRejects)
#include "tst_rejects.moc"
