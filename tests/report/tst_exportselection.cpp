// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exportselection.h"

#include "report/exportrows.h"
#include "session/ingest.h"
#include "store/sampling.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;

namespace {

/// 40 traces of a server span with a query below it, the duration growing; every fifth fails.
QByteArray traces()
{
    QByteArray lines;
    for (int i = 1; i <= 40; ++i) {
        const QByteArray trace = QByteArray::number(i).rightJustified(32, '0');
        const qint64 start = 1'700'000'000'000'000'000 + qint64(i) * 1'000'000'000;
        const auto span = [&](const char *id, const char *parent, const char *name, int kind, qint64 from,
                              qint64 length, const QByteArray &attributes) {
            return QByteArray(R"({"traceId":")") + trace + R"(","spanId":"00000000000000)" + id
                + R"(","parentSpanId":")" + (*parent ? QByteArray("00000000000000") + parent : QByteArray())
                + R"(","name":")" + name + R"(","kind":)" + QByteArray::number(kind)
                + R"(,"traceState":"ot=th:8","startTimeUnixNano":")" + QByteArray::number(start + from)
                + R"(","endTimeUnixNano":")" + QByteArray::number(start + from + length)
                + R"(","attributes":[)" + attributes + R"(],"status":{"code":)"
                + (i % 5 == 0 && !*parent ? "2" : "0") + R"(},"events":[{"timeUnixNano":")"
                + QByteArray::number(start + from + 5) + R"(","name":"begun"}]})";
        };
        const QByteArray number = QByteArray::number(i);
        lines
            += R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"service.instance.id","value":{"stringValue":"pod-1"}}]},"scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[)"
            + span("01", "", "GET /order", 2, 0, i * 10'000'000,
                R"({"key":"http.url","value":{"stringValue":"https://u:pw@shop.example/o?card=4711"}},{"key":"http.response.status_code","value":{"intValue":"200"}},{"key":"big","value":{"intValue":"9007199254740993"}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}})")
            + ','
            + span("02", "01", "query", 3, 1'000'000, i * 5'000'000,
                R"({"key":"db.statement","value":{"stringValue":"SELECT * FROM t WHERE name = 'secret' AND n = )"
                    + number + R"("}})")
            + "]}]}]}\n";
    }
    return lines;
}

QString text(const store::Workspace &workspace, const char *sql)
{
    auto database = workspace.connectReader();
    if (!database)
        return QString::fromStdString(database.error().toText());
    auto rows = database->prepare(sql);
    if (!rows)
        return QString::fromStdString(rows.error().toText());
    QStringList lines;
    while (true) {
        const auto row = rows->step();
        if (!row || !*row)
            break;
        QStringList cells;
        for (int c = 0; c < rows->columnCount(); ++c)
            cells << QString::fromStdString(std::string(rows->text(c)));
        lines << cells.join(QLatin1Char('|'));
    }
    return lines.join(QLatin1Char('\n'));
}

constexpr const char *kFigures
    = "SELECT operation, service, instance, kind, count(*), sum(status = 'error'),"
      " sum(duration_ns), sum(self_ns), min(start_ns), p99(duration_ns),"
      " sum(http_status) FROM span WHERE trace_id IN"
      " (SELECT trace_id FROM span WHERE duration_ns > 300000000) GROUP BY 1 ORDER BY 1";

} // namespace

class TestExportSelection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void roundTrip_data();
    void roundTrip();
    void rangeAndKeys();
    void redaction();
    void literalsAreKeptWhenTold();
    void nothingToExport();
    void attributes_data();
    void attributes();

private:
    std::unique_ptr<store::Workspace> exported(const report::ExportOrder &order, const char *ending);

    QTemporaryDir m_folder;
    std::unique_ptr<store::Workspace> m_workspace;
    report::ExportOutcome m_outcome;
    int m_count = 0;
};

void TestExportSelection::initTestCase()
{
    const QString path = m_folder.filePath(QStringLiteral("traces.jsonl"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(traces()) > 0);
    file.close();
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    m_workspace = std::move(*workspace);
    const auto result = session::ingest(*m_workspace, {path.toStdString()}, {}, {});
    QVERIFY(result.errors.empty());
    QCOMPARE(text(*m_workspace, "SELECT count(*), sum(weight) FROM trace"), QStringLiteral("40|80.0"));
}

/// The export, opened: OTLP files by importing them.
std::unique_ptr<store::Workspace> TestExportSelection::exported(const report::ExportOrder &order,
    const char *ending)
{
    const std::string path
        = m_folder.filePath(QStringLiteral("out%1%2").arg(++m_count).arg(QLatin1String(ending)))
              .toStdString();
    const auto outcome = report::exportSelection(*m_workspace, order, path, {});
    if (!outcome) {
        qWarning("%s", outcome.error().toText().c_str());
        return nullptr;
    }
    m_outcome = *outcome;
    if (path.ends_with(".tailscope")) {
        auto opened = store::Workspace::open(path, true);
        return opened ? std::move(*opened) : nullptr;
    }
    auto workspace = store::Workspace::temporary();
    const auto result = session::ingest(**workspace, {path}, {}, {});
    return result.errors.empty() ? std::move(*workspace) : nullptr;
}

void TestExportSelection::roundTrip_data()
{
    QTest::addColumn<QByteArray>("ending");
    QTest::newRow("workspace") << QByteArray(".tailscope");
    QTest::newRow("OTLP") << QByteArray(".otlp.jsonl");
}

void TestExportSelection::roundTrip()
{
    QFETCH(QByteArray, ending);
    report::ExportOrder order;
    order.filter = *analysis::parseFilter("duration>300ms");
    const auto copy = exported(order, ending.constData());
    QVERIFY(copy != nullptr);
    QCOMPARE(m_outcome.traces, 10);
    QCOMPARE(m_outcome.spans, 20); // the queries go with their requests
    QCOMPARE(text(*copy, "SELECT count(*) FROM span"), QStringLiteral("20"));
    QCOMPARE(text(*copy, kFigures), text(*m_workspace, kFigures));
    for (const char *sql : {"SELECT trace_key, duration_ns, span_count, error_count, weight FROM trace"
                            " WHERE duration_ns > 300000000 ORDER BY 1",
             "SELECT s.operation, e.name, count(*) FROM span_event AS e JOIN span AS s ON s.id = e.span_id"
             " JOIN trace AS t ON t.id = s.trace_id WHERE t.duration_ns > 300000000 GROUP BY 1, 2 ORDER BY 1",
             "SELECT key, scope, count(*) FROM span_attribute WHERE span_id IN (SELECT s.id FROM span AS s"
             " JOIN trace AS t ON t.id = s.trace_id WHERE t.duration_ns > 300000000) GROUP BY 1, 2 ORDER BY "
             "1, 2",
             "SELECT DISTINCT value FROM span_attribute WHERE key IN ('big', 'list') ORDER BY 1"})
        if (!QByteArray(sql).contains("'list'"))
            QCOMPARE(text(*copy, sql), text(*m_workspace, sql));
    QVERIFY(text(*copy, "SELECT DISTINCT value FROM span_attribute WHERE key = 'big'")
        == QLatin1String("9007199254740993"));
}

void TestExportSelection::rangeAndKeys()
{
    report::ExportOrder order;
    order.range = TimeRange{1'700'000'010'000'000'000, 1'700'000'013'000'000'000};
    QVERIFY(exported(order, ".tailscope") != nullptr);
    QCOMPARE(m_outcome.traces, 3);
    order.traceKeys = {std::string(30, '0') + "11"};
    QVERIFY(exported(order, ".otlp.jsonl") != nullptr);
    QCOMPARE(m_outcome.traces, 1);
    QCOMPARE(m_outcome.spans, 2);
}

void TestExportSelection::redaction()
{
    for (const char *ending : {".tailscope", ".otlp.jsonl"}) {
        const auto copy = exported({}, ending);
        QVERIFY(copy != nullptr);
        const QString all = text(*copy, "SELECT key, value FROM span_attribute");
        QVERIFY(all.contains(QStringLiteral("https://shop.example/o?")));
        for (const char *secret : {"secret", "4711", "u:pw"})
            QVERIFY2(!all.contains(QLatin1String(secret)), secret);
        QFile file(m_folder.filePath(QStringLiteral("out%1%2").arg(m_count).arg(QLatin1String(ending))));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains("4711")); // not anywhere in the bytes
        QCOMPARE(text(*copy, "SELECT path FROM source").contains(QLatin1Char('/')), ending[1] == 'o');
    }
    QVERIFY(QDir(m_folder.path())
                .entryList(QDir::Files | QDir::Hidden)
                .filter(QStringLiteral("partial"))
                .isEmpty());
}

void TestExportSelection::literalsAreKeptWhenTold()
{
    report::ExportOrder order;
    order.keepLiterals = true;
    const auto copy = exported(order, ".otlp.jsonl");
    QVERIFY(copy != nullptr);
    QVERIFY(text(*copy, "SELECT value FROM span_attribute WHERE key = 'db.statement'")
                .contains(QStringLiteral("'secret'")));
    const char *values
        = "SELECT DISTINCT value FROM span_attribute WHERE key IN ('big', 'list', 'http.url') ORDER BY 1";
    QCOMPARE(text(*copy, values), text(*m_workspace, values));
}

void TestExportSelection::nothingToExport()
{
    report::ExportOrder order;
    order.filter = *analysis::parseFilter("operation=nothing");
    const std::string path = m_folder.filePath(QStringLiteral("none.tailscope")).toStdString();
    QVERIFY(!report::exportSelection(*m_workspace, order, path, {}));
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
    order = {};
    order.traceKeys = {"absent"};
    QVERIFY(!report::exportSelection(*m_workspace, order, path, {}));
    QVERIFY(!report::exportSelection(*m_workspace, {}, m_workspace->path(), {}));
    QVERIFY(report::isExportTarget("a.tailscope") && report::isExportTarget("a.otlp.jsonl"));
    QVERIFY(!report::isExportTarget("a.json"));
}

void TestExportSelection::attributes_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("shown");
    QTest::newRow("query text") << "db.query.text"
                                << "SELECT a FROM t WHERE b = 'x'"
                                << "SELECT a FROM t WHERE b = $1";
    QTest::newRow("url") << "url.full"
                         << "https://a.example/x?token=1#f"
                         << "https://a.example/x?";
    QTest::newRow("user") << "http.url"
                          << "https://me:pw@a.example/x"
                          << "https://a.example/x";
    QTest::newRow("at in path") << "http.url"
                                << "https://a.example/@me"
                                << "https://a.example/@me";
    QTest::newRow("secret") << "http.request.header.authorization"
                            << "Bearer abc"
                            << "redacted";
    QTest::newRow("plain") << "http.route"
                           << "/orders/{id}"
                           << "/orders/{id}";
}

void TestExportSelection::attributes()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(report::redactedAttribute(key.toStdString(), value.toStdString())),
        shown);
}

QTEST_GUILESS_MAIN(TestExportSelection)
#include "tst_exportselection.moc"
