// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reportdata.h"

#include "session/ingest.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;

class TestReport : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void jsonHasTheContractKeys();
    void figuresAreExact();
    void skipsAreNamed();
    void literalsAreRedacted();
    void noWayRoundTheRedaction_data();
    void noWayRoundTheRedaction();
    void redactionKeepsTheShape();
    void namesOfOperationsAreRedacted_data();
    void namesOfOperationsAreRedacted();
    void sentencesAreRedacted_data();
    void sentencesAreRedacted();
    void findingsAreRedacted();
    void unknownIsNotZero();
    void htmlEscapes();
    void replicasAreTold();

private:
    QTemporaryDir m_folder;
    std::unique_ptr<store::Workspace> m_workspace;
    report::ReportData m_data;
};

void TestReport::initTestCase()
{
    const auto write = [this](const char *name, const QByteArray &bytes) {
        QFile file(m_folder.filePath(QString::fromLatin1(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", name);
        return file.fileName().toStdString();
    };
    QByteArray trace = "[";
    for (int i = 1; i <= 100; ++i)
        trace += QByteArray("{\"name\":\"<op>\",\"ph\":\"X\",\"ts\":") + QByteArray::number(i * 1000000)
            + ",\"dur\":" + QByteArray::number(i * 1000) + ",\"pid\":1,\"tid\":1},";
    trace += "{\"name\":\"bad\",\"ph\":\"X\",\"ts\":\"12x\",\"dur\":1,\"pid\":1,\"tid\":1}]";
    const std::string plan = write("plan.txt",
        "Query Text: SELECT * FROM t WHERE name = 'secret' AND n = 42\n"
        "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..5.000 rows=1 loops=1)\n"
        "Planning Time: 0.1 ms\nExecution Time: 5.5 ms\n");
    auto workspace = store::Workspace::temporary();
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    m_workspace = std::move(*workspace);
    const auto result = session::ingest(*m_workspace, {write("trace.json", trace), plan}, {}, {});
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors.front().toText().c_str());
    auto data = report::gather(*m_workspace, true);
    QVERIFY2(data, data ? "" : data.error().toText().c_str());
    m_data = std::move(*data);
}

void TestReport::jsonHasTheContractKeys()
{
    const QJsonObject object
        = QJsonDocument::fromJson(QByteArray::fromStdString(report::toJson(m_data))).object();
    for (const char *key :
        {"sources", "import_issues", "operations", "plans", "pools", "replicas", "budgets", "findings"})
        QVERIFY2(object.value(QString::fromLatin1(key)).isArray(), key);
    const QJsonObject operation = object.value(QStringLiteral("operations")).toArray().first().toObject();
    for (const char *key : {"count", "errors", "p50_ms", "p95_ms", "p99_ms", "total_ms", "self_ms"})
        QVERIFY2(operation.contains(QString::fromLatin1(key)), key);
}

void TestReport::figuresAreExact()
{
    QCOMPARE(m_data.operations.size(), std::size_t(1));
    const auto &operation = m_data.operations.front();
    QCOMPARE(operation.count, std::int64_t(100));
    QCOMPARE(*operation.p50Ms, 50.0);
    QCOMPARE(*operation.p95Ms, 95.0);
    QCOMPARE(*operation.p99Ms, 99.0);
    QCOMPARE(*operation.totalMs, 5050.0);
    QCOMPARE(m_data.plans.size(), std::size_t(1));
    QCOMPARE(*m_data.plans.front().executionMs, 5.5);
    QCOMPARE(*m_data.plans.front().slowest.front().selfMs, 5.0);
}

void TestReport::skipsAreNamed()
{
    QCOMPARE(m_data.sources.front().rowsSkipped, std::int64_t(1));
    QVERIFY(!m_data.issues.empty());
    QVERIFY(report::toText(m_data).find("Skipped and noticed") != std::string::npos);
}

void TestReport::literalsAreRedacted()
{
    const std::string json = report::toJson(m_data);
    QVERIFY(json.find("secret") == std::string::npos);
    QCOMPARE(report::redactedSql("SELECT 'it''s' FROM"), std::string("SELECT ? FROM"));
    QVERIFY(report::redactedSql("SELECT a FROM t WHERE b = 42").find("42") == std::string::npos);
}

void TestReport::noWayRoundTheRedaction_data()
{
    QTest::addColumn<QString>("sql");
    for (const char *sql : {"SELECT 'secret'", "SELECT 'it''s secret'", "SELECT E'\\'secret'",
             "SELECT $$secret$$", "SELECT $a$secret$a$", "SELECT 1 -- secret",
             "SELECT 1 /* secret /* secret */ secret */", "SELECT a FROM b WHERE c = 'secret",
             "selec broken 'secret' 4711", "UPDATE t SET a = $1, b = 'secret' WHERE c = 4711",
             "SELECT INTERVAL 'secret'", "CREATE USER u PASSWORD 'secret'", "COPY t FROM '/secret'",
             "SET x = 'secret'", "SELECT U&'secret'", "SELECT 4711::text || N'secret'", "t ' secret",
             "$$secret", "SELECT 4711e5, -4711, .4711"})
        QTest::newRow(sql) << QString::fromLatin1(sql);
}

void TestReport::noWayRoundTheRedaction()
{
    QFETCH(QString, sql);
    const std::string shown = report::redactedSql(sql.toStdString());
    QVERIFY2(shown.find("secret") == std::string::npos && shown.find("4711") == std::string::npos,
        shown.c_str());
}

void TestReport::redactionKeepsTheShape()
{
    QCOMPARE(report::redactedSql("SELECT a1, t2.\"b 3\" FROM t2 WHERE a1 = 5 AND c = $1"),
        std::string("SELECT a1, t2.\"b 3\" FROM t2 WHERE a1 = $2 AND c = $1"));
    QCOMPARE(report::redactedSql(""), std::string());
    QVERIFY(!report::redactedSql(std::string(100'000, '(')).empty());
}

void TestReport::namesOfOperationsAreRedacted_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("shown"); // null: the same
    const auto row = [](const char *name, const char *shown = nullptr) {
        QTest::newRow(name) << QString::fromUtf8(name) << (shown ? QString::fromUtf8(shown) : QString());
    };
    row("SELECT * FROM users WHERE email = 'a@b.c'", "SELECT * FROM users WHERE email = $1");
    row("select name from users where id=42", "select name from users where id=$1");
    row("SELECT * FROM users WHERE email = 'a@b", "SELECT * FROM users WHERE email = ?");
    row("INSERT INTO t VALUES (1, 'x')", "INSERT INTO t VALUES ($1, $2)");
    row("SELECT pg_sleep(5)", "SELECT pg_sleep($1)");
    row("((state = 'open'::text) AND (n > 5))", "((state = ?::text) AND (n > ?))");
    row("name LIKE 'secret%'", "name LIKE ?");
    row("GET /orders/42?page=7");
    row("SELECT shop.orders");
    row("Update cart 42");
    row("don't panic 7");
    row("delete");
    row("f(int, char const*) [clone .part.5]");
    row("set 3 of 4");
    row("");
}

void TestReport::namesOfOperationsAreRedacted()
{
    QFETCH(QString, name);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(report::redactedName(name.toStdString())), shown.isNull() ? name : shown);
}

void TestReport::sentencesAreRedacted_data()
{
    QTest::addColumn<QString>("sentence");
    QTest::addColumn<QString>("shown"); // null: the same
    const auto row = [](const char *sentence, const char *shown = nullptr) {
        QTest::newRow(sentence) << QString::fromUtf8(sentence)
                                << (shown ? QString::fromUtf8(shown) : QString());
    };
    row("line 7: Query Text: SELECT a FROM t WHERE b = 'secret'",
        "line 7: Query Text: SELECT a FROM t WHERE b = $1");
    row("the node has filter (name = 'secret'::text) twice", "the node has filter (name = ?::text) twice");
    row("the span has no end: 12 ms are missing");
    row("12x is not a number; it's skipped");
}

void TestReport::sentencesAreRedacted()
{
    QFETCH(QString, sentence);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(report::redactedSentence(sentence.toStdString())),
        shown.isNull() ? sentence : shown);
}

void TestReport::findingsAreRedacted()
{
    report::ReportData::Finding finding;
    finding.evidence
        = R"({"call":"SELECT * FROM t WHERE id = 4711","n":40,"list":["x = 'secret'"],"sum_ms":12.5})";
    finding.title = "40 times SELECT * FROM t WHERE id = 4711";
    finding.summary = "In 3 of 5 traces SELECT * FROM t WHERE id = 4711 runs 40 times, 12.5 ms together.";
    finding.redact();
    QCOMPARE(finding.summary,
        std::string("In 3 of 5 traces SELECT * FROM t WHERE id = $1 runs 40 times, 12.5 ms together."));
    QCOMPARE(finding.title, std::string("40 times SELECT * FROM t WHERE id = $1"));
    QVERIFY2(finding.evidence.find("4711") == std::string::npos, finding.evidence.c_str());
    QVERIFY2(finding.evidence.find("secret") == std::string::npos, finding.evidence.c_str());
    QVERIFY2(finding.evidence.find("\"n\":40") != std::string::npos, finding.evidence.c_str());
}

void TestReport::unknownIsNotZero()
{
    QFile file(m_folder.filePath(QStringLiteral("open.json")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000001",
"spanId":"0000000000000001","name":"SELECT a FROM t WHERE b = 'secret'","startTimeUnixNano":"1770000000000000000"}]}]}]})");
    file.close();
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto result = session::ingest(**workspace, {file.fileName().toStdString()}, {}, {});
    QVERIFY(result.errors.empty());
    for (const bool redact : {true, false}) {
        const auto data = report::gather(**workspace, redact);
        QVERIFY2(data, data ? "" : data.error().toText().c_str());
        QCOMPARE(data->operations.size(), std::size_t(1));
        const auto &operation = data->operations.front();
        QCOMPARE(operation.count, std::int64_t(1));
        QCOMPARE(operation.unknown, std::int64_t(1));
        QVERIFY(!operation.totalMs && !operation.selfMs && !operation.p50Ms);
        QVERIFY(report::toJson(*data).find("\"total_ms\": null") != std::string::npos);
        QVERIFY(report::toText(*data).find("unknown") != std::string::npos);
        QCOMPARE(report::toJson(*data).find("secret") == std::string::npos, redact);
    }
}

void TestReport::htmlEscapes()
{
    const std::string html = report::toHtml(m_data);
    QVERIFY(html.find("&lt;op&gt;") != std::string::npos);
    QVERIFY(html.find("<op>") == std::string::npos);
    QVERIFY(html.find("http://") == std::string::npos);
    QVERIFY(html.find("https://") == std::string::npos);
}

void TestReport::replicasAreTold()
{
    QFile file(m_folder.filePath(QStringLiteral("pg_stat_replication.csv")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("now,current_lsn,application_name,state,sent_lsn,write_lsn,flush_lsn,replay_lsn,replay_lag\n");
    // Ten samples 20 s behind, 64 MiB not replayed.
    for (int s = 0; s < 10; ++s)
        file.write(QByteArray("2026-03-02 12:00:0") + QByteArray::number(s)
            + "+00,0/8000000,r1,streaming,0/8000000,0/8000000,0/8000000,0/4000000,00:00:20\n");
    file.close();
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto imported = session::ingest(**workspace, {file.fileName().toStdString()}, {}, {});
    QVERIFY2(imported.errors.empty(),
        imported.errors.empty() ? "" : imported.errors.front().toText().c_str());
    const auto data = report::gather(**workspace, false);
    QVERIFY2(data, data ? "" : data.error().toText().c_str());
    const QJsonObject object
        = QJsonDocument::fromJson(QByteArray::fromStdString(report::toJson(*data))).object();
    const QJsonArray replicas = object.value(QStringLiteral("replicas")).toArray();
    QCOMPARE(replicas.size(), 1);
    const QJsonObject replica = replicas.first().toObject();
    QCOMPARE(replica.value(QStringLiteral("replica")).toString(), QStringLiteral("r1"));
    QCOMPARE(replica.value(QStringLiteral("stage")).toString(), QStringLiteral("unreplayed"));
    QCOMPARE(replica.value(QStringLiteral("samples")).toInt(), 10);
    QCOMPARE(replica.value(QStringLiteral("p99_ms")).toDouble(), 20'000.0);
    QCOMPARE(replica.value(QStringLiteral("lag_bytes")).toInt(), 64 << 20);
    QVERIFY(report::toText(*data).find("Replicas") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"
