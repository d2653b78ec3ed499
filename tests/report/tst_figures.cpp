// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// One figure is the same in the widgets (columns in memory), in operation_stat, in the report and in SQL.
#include "analysis/overviewpyramid.h"
#include "analysis/rangestats.h"
#include "report/reportdata.h"
#include "session/ingest.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <map>
#include <random>

using namespace tailscope;

namespace {

/// Figures of one operation, in nanoseconds; -1 = unknown.
struct Figures
{
    std::int64_t count = 0, unknown = 0, errors = 0, total = -1, self = -1, p50 = -1, p99 = -1;
    friend bool operator==(const Figures &, const Figures &) = default;
    QByteArray text() const
    {
        return QByteArray::number(qint64(count)) + " spans, " + QByteArray::number(qint64(unknown))
            + " unknown, " + QByteArray::number(qint64(errors)) + " errors, total "
            + QByteArray::number(qint64(total)) + ", self " + QByteArray::number(qint64(self)) + ", p50 "
            + QByteArray::number(qint64(p50)) + ", p99 " + QByteArray::number(qint64(p99));
    }
};
using Table = std::map<std::string, Figures>;

constexpr Nanos kUtc = 1'770'000'000'000'000'000;

/// Nested slices on the clock of the machine.
QByteArray chromeTrace(unsigned seed)
{
    std::mt19937 random(seed);
    QByteArray events = "[";
    for (int i = 0; i < 400; ++i) {
        const int start = i * 1000;
        const int outer = 100 + int(random() % 900);
        const auto event = [&](const char *name, int ts, int dur) {
            events += QByteArray("{\"name\":\"") + name + "\",\"ph\":\"X\",\"ts\":" + QByteArray::number(ts)
                + ",\"dur\":" + QByteArray::number(dur) + ",\"pid\":1,\"tid\":1},\n";
        };
        event(i % 3 ? "render" : "shared", start, outer);
        event("paint", start + 10, int(random() % 80));
    }
    return events + "{\"name\":\"last\",\"ph\":\"X\",\"ts\":900000,\"dur\":1,\"pid\":1,\"tid\":2}]";
}

/// Requests with a child each, in UTC; a few fail, a few never end.
QByteArray otlpTrace(unsigned seed)
{
    std::mt19937 random(seed);
    QByteArray spans;
    for (int i = 1; i <= 300; ++i) {
        const Nanos start = kUtc + Nanos(i) * 1'000'000;
        const Nanos length = 1000 + Nanos(random() % 900'000);
        const auto span = [&](const char *name, int id, int parent, Nanos begin, Nanos end, bool error) {
            spans += (spans.isEmpty() ? "" : ",\n") + QByteArray("{\"traceId\":\"")
                + QByteArray::number(i, 16).rightJustified(32, '0') + "\",\"spanId\":\""
                + QByteArray::number(id, 16).rightJustified(16, '0') + "\",\"parentSpanId\":\""
                + (parent ? QByteArray::number(parent, 16).rightJustified(16, '0') : QByteArray())
                + "\",\"name\":\"" + name + "\",\"startTimeUnixNano\":\"" + QByteArray::number(qint64(begin))
                + "\",\"endTimeUnixNano\":\"" + QByteArray::number(qint64(end))
                + "\",\"status\":{\"code\":" + (error ? "2" : "0") + "}}";
        };
        span(i % 4 ? "GET /cart" : "shared", 2 * i, 0, start, start + length, i % 17 == 0);
        span("SELECT cart", 2 * i + 1, 2 * i, start + 10, start + 10 + length / 2, false);
        if (i % 50 == 0)
            span(i % 100 ? "SELECT cart" : "never ends", 10'000 + i, 2 * i, start + 20, 0, false);
    }
    return "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
           "{\"stringValue\":\"shop\"}}]},\"scopeSpans\":[{\"spans\":["
        + spans + "]}]}]}";
}

Table fromSql(const store::Workspace &workspace, const char *sql)
{
    Table table;
    auto database = workspace.connectReader();
    auto rows
        = database ? database->prepare(sql) : Result<store::Statement>(tl::unexpected(database.error()));
    if (!rows)
        qFatal("%s", rows.error().toText().c_str());
    for (auto row = rows->step(); row && *row; row = rows->step()) {
        const auto value = [&](int column) { return rows->isNull(column) ? -1 : rows->integer(column); };
        table[std::string(rows->text(0))]
            = {rows->integer(1), rows->integer(2), rows->integer(3), value(4), value(5), value(6), value(7)};
    }
    return table;
}

Table fromColumns(const analysis::SpanColumns &columns)
{
    Table table;
    for (const analysis::GroupStats &group :
        analysis::groupStats(columns, {}, analysis::GroupBy::Operation, 100)) {
        const auto known = [](Nanos value) { return value == kUnknownNanos ? -1 : value; };
        table[group.name]
            = {group.count, group.unknown, group.errors, group.hasTotal() ? std::llround(group.totalNs) : -1,
                group.hasSelf() ? std::llround(group.selfNs) : -1, known(group.figures[0].value),
                known(group.figures[3].value)};
    }
    return table;
}

Table fromReport(const report::ReportData &data)
{
    Table table;
    for (const report::ReportData::Operation &entry : data.operations) {
        const auto nanos = [](const std::optional<double> &ms) { return ms ? std::llround(*ms * 1e6) : -1; };
        table[entry.operation] = {entry.count, entry.unknown, entry.errors, nanos(entry.totalMs),
            nanos(entry.selfMs), nanos(entry.p50Ms), nanos(entry.p99Ms)};
    }
    return table;
}

} // namespace

class TestFigures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void areTheSameEverywhere_data();
    void areTheSameEverywhere();
    void overviewHasAllSpans();

private:
    std::unique_ptr<store::Workspace> workspaceOf(const QList<QByteArray> &files);
    QTemporaryDir m_folder;
};

std::unique_ptr<store::Workspace> TestFigures::workspaceOf(const QList<QByteArray> &files)
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    std::vector<std::string> paths;
    for (const QByteArray &bytes : files) {
        QFile file(m_folder.filePath(QStringLiteral("%1.json").arg(paths.size())));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", qPrintable(file.fileName()));
        paths.push_back(file.fileName().toStdString());
    }
    const auto result = session::ingest(**workspace, paths, {}, {});
    for (const Error &error : result.errors)
        qFatal("%s", error.toText().c_str());
    return std::move(*workspace);
}

void TestFigures::areTheSameEverywhere_data()
{
    QTest::addColumn<QList<QByteArray>>("files");
    QTest::addColumn<bool>("sharedName"); // one operation in two services
    QTest::newRow("relative") << QList<QByteArray>{chromeTrace(1)} << false;
    QTest::newRow("utc") << QList<QByteArray>{otlpTrace(2)} << false;
    QTest::newRow("relative beside utc") << QList<QByteArray>{chromeTrace(3), otlpTrace(4)} << true;
    QTest::newRow("utc, then two relative")
        << QList<QByteArray>{otlpTrace(5), chromeTrace(6), chromeTrace(7)} << true;
}

void TestFigures::areTheSameEverywhere()
{
    QFETCH(QList<QByteArray>, files);
    QFETCH(bool, sharedName);
    const auto workspace = workspaceOf(files);
    const auto columns = analysis::SpanColumns::load(*workspace, {});
    QVERIFY2(columns, columns ? "" : columns.error().toText().c_str());
    const auto data = report::gather(*workspace, true);
    QVERIFY2(data, data ? "" : data.error().toText().c_str());
    const Table sql = fromSql(*workspace,
        "SELECT operation, count(*), sum(duration_ns IS NULL), sum(status = 'error'), sum(duration_ns),"
        " sum(self_ns), p50(duration_ns), p99(duration_ns) FROM span GROUP BY operation");
    const Table stat = fromSql(*workspace,
        "SELECT operation, sum(n + unknown), sum(unknown), sum(errors), sum(total_ns), sum(self_ns),"
        " CASE WHEN count(*) = 1 THEN p50_ns END, CASE WHEN count(*) = 1 THEN p99_ns END"
        " FROM operation_stat WHERE instance IS NULL GROUP BY operation");
    const Table widget = fromColumns(**columns);
    const Table reported = fromReport(*data);
    QVERIFY(sql.size() >= 2);
    QCOMPARE(widget.size(), sql.size());
    QCOMPARE(stat.size(), sql.size());
    std::int64_t spans = 0;
    for (const auto &[name, figures] : sql) {
        spans += figures.count;
        QVERIFY(widget.contains(name) && stat.contains(name) && reported.contains(name));
        QVERIFY2(widget.at(name) == figures,
            (QByteArray::fromStdString(name) + ": " + widget.at(name).text() + " / " + figures.text()));
        // Tables by service have two rows of what two services do.
        if (sharedName && name == "shared")
            continue;
        QVERIFY2(stat.at(name) == figures,
            (QByteArray::fromStdString(name) + ": " + stat.at(name).text() + " / " + figures.text()));
        QVERIFY2(reported.at(name) == figures,
            (QByteArray::fromStdString(name) + ": " + reported.at(name).text() + " / " + figures.text()));
    }
    QCOMPARE(std::int64_t((*columns)->size()), spans);
    // The time axis is that of the clocks that can be compared.
    QVERIFY((*columns)->range.length() < 3600 * kNanosPerSecond);
}

void TestFigures::overviewHasAllSpans()
{
    const auto workspace = workspaceOf({chromeTrace(8), otlpTrace(9)});
    const auto overview = analysis::loadOverviewPyramid(*workspace);
    QVERIFY2(overview, overview ? "" : overview.error().toText().c_str());
    const auto columns = analysis::SpanColumns::load(*workspace, {});
    QVERIFY(columns);
    QCOMPARE((*overview)->spans, std::int64_t((*columns)->size()));
    QCOMPARE((*overview)->range.begin, (*columns)->range.begin);
    QVERIFY((*overview)->range.length() < 3600 * kNanosPerSecond);
    QVERIFY(((*overview)->unaligned == std::vector<std::int64_t>{1}));
    std::int64_t counted = 0;
    for (const auto &track : (*overview)->tracks) {
        for (const std::uint32_t bin : track.count)
            counted += bin;
    }
    QCOMPARE(counted, (*overview)->spans);
}

QTEST_GUILESS_MAIN(TestFigures)
#include "tst_figures.moc"
