// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope record, as a shell would call it.
#include "liveserver.h"
#include "recordtest.h"

#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>

#include <csignal>

using namespace recordtest;
using namespace tailscope::tests;

/// How often sessions were looked at on one of the servers: every run leaves a point, whether anybody is
/// there.
static constexpr const char *kLooks
    = "SELECT max(n) FROM (SELECT count(*) AS n FROM point AS p JOIN series AS s ON s.id = p.series_id"
      " WHERE s.metric = 'tailscope.probe.duration' AND s.labels LIKE '%\"sessions\"%' GROUP BY s.id)";

class TestRecord : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void wrongUsage_data();
    void wrongUsage();
    void nothingToConnectTo();
    void recordsForAWhile();
    void endsOnASignal();
    void oneOfTwo();
    void probesAreListed();

private:
    struct Outcome
    {
        int code = -1;
        QByteArray out, err;
    };
    Outcome run(const QStringList &arguments, int signalAfterMs = 0);
    static QString conninfo(const char *name) { return QString::fromStdString(LiveServer::conninfo(name)); }
    std::string ask(const char *sql)
    {
        auto workspace = store::Workspace::open(m_workspace.toStdString(), true);
        return workspace ? query(**workspace, sql) : "ERROR: " + workspace.error().toText();
    }
    QTemporaryDir m_folder;
    QString m_workspace;
};

void TestRecord::initTestCase()
{
    if (!QFileInfo::exists(QStringLiteral(TS_BINARY_DIR "/tailscope")))
        QSKIP("the program is not built");
    m_workspace = m_folder.filePath(QStringLiteral("w.tailscope"));
}

TestRecord::Outcome TestRecord::run(const QStringList &arguments, int signalAfterMs)
{
    QProcess process;
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"),
        QStringList{QStringLiteral("record")} + arguments);
    if (signalAfterMs > 0 && process.waitForStarted()) {
        QTest::qWait(signalAfterMs);
        ::kill(pid_t(process.processId()), SIGINT);
    }
    Outcome outcome;
    if (process.waitForFinished(150'000))
        outcome.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    outcome.out = process.readAllStandardOutput();
    outcome.err = process.readAllStandardError();
    return outcome;
}

void TestRecord::wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    const QStringList to{QStringLiteral("--to"), m_workspace};
    const QString server = QStringLiteral("host=127.0.0.1 port=1");
    QTest::newRow("nothing") << QStringList{};
    QTest::newRow("no server") << to;
    QTest::newRow("no workspace") << QStringList{server};
    QTest::newRow("no conninfo") << (QStringList{QStringLiteral("host=x nonsense=1")} + to);
    QTest::newRow("interval") << (QStringList{server, QStringLiteral("--interval"), QStringLiteral("soon")}
        + to);
    QTest::newRow("too fast") << (QStringList{server, QStringLiteral("--interval"), QStringLiteral("1ms")}
        + to);
    QTest::newRow("for") << (QStringList{server, QStringLiteral("--for"), QStringLiteral("-5s")} + to);
    QTest::newRow("keep") << (QStringList{server, QStringLiteral("--keep-raw"), QStringLiteral("1s")} + to);
    QTest::newRow("probe") << (QStringList{server, QStringLiteral("--probe"), QStringLiteral("nonsense=1s")}
        + to);
    QTest::newRow("probe's interval")
        << (QStringList{server, QStringLiteral("--probe"), QStringLiteral("sessions=x")} + to);
}

void TestRecord::wrongUsage()
{
    QFETCH(QStringList, arguments);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY(outcome.err.startsWith("tailscope"));
}

void TestRecord::nothingToConnectTo()
{
    const Outcome outcome
        = run({QStringLiteral("host=127.0.0.1 port=1 dbname=x user=y"), QStringLiteral("--for"),
            QStringLiteral("2s"), QStringLiteral("--to"), m_workspace, QStringLiteral("--no-advice")});
    QCOMPARE(outcome.code, 4);
    QVERIFY(outcome.err.contains("127.0.0.1:1"));
    QVERIFY(outcome.err.contains("no server could be connected"));
}

void TestRecord::recordsForAWhile()
{
    TS_NEED_LIVE_SERVER();
    m_workspace = m_folder.filePath(QStringLiteral("a.tailscope"));
    const Outcome outcome = run({conninfo("TS_LIVE_PRIMARY"), conninfo("TS_LIVE_REPLICA"),
        QStringLiteral("--pool"), conninfo("TS_LIVE_BOUNCER"), QStringLiteral("--for"), QStringLiteral("10s"),
        QStringLiteral("--name"), QStringLiteral("before"), QStringLiteral("--to"), m_workspace});
    QVERIFY2(outcome.code == 0, outcome.err.constData());
    QVERIFY2(outcome.out.contains(" 0 gaps"), outcome.out.constData());
    QCOMPARE(ask("SELECT path, kind, state FROM source"), std::string("before|recording|complete"));
    QCOMPARE(ask("SELECT count(*) FROM server"), std::string("3"));
    const int looks = std::stoi(ask(kLooks));
    QVERIFY2(looks >= 2 && looks <= 11, std::to_string(looks).c_str());
    // The rules ran, as after an import.
    QVERIFY(ask("SELECT count(*) FROM rule_run") != "0");
    // A password in a conninfo is said to be seen, and goes nowhere else.
    QVERIFY(outcome.err.contains("PGPASSWORD"));
    QFile file(m_workspace);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("password=observer"));
    QVERIFY(!outcome.err.contains("password=observer") && !outcome.out.contains("password=observer"));
}

void TestRecord::endsOnASignal()
{
    TS_NEED_LIVE_SERVER();
    m_workspace = m_folder.filePath(QStringLiteral("b.tailscope"));
    const Outcome outcome
        = run({conninfo("TS_LIVE_PRIMARY"), QStringLiteral("--interval"), QStringLiteral("500ms"),
                  QStringLiteral("--to"), m_workspace, QStringLiteral("--no-advice"),
                  QStringLiteral("--probe"), QStringLiteral("settings=off")},
            8000);
    QVERIFY2(outcome.code == 0, outcome.err.constData());
    QCOMPARE(ask("SELECT state FROM source"), std::string("complete"));
    QVERIFY(std::stoi(ask(kLooks)) >= 2); // sixteen on a machine with nothing else to do
    QCOMPARE(ask("SELECT count(*) FROM setting"), std::string("0"));
    QCOMPARE(ask("PRAGMA quick_check"), std::string("ok"));
}

void TestRecord::oneOfTwo()
{
    TS_NEED_LIVE_SERVER();
    m_workspace = m_folder.filePath(QStringLiteral("c.tailscope"));
    const Outcome outcome = run({conninfo("TS_LIVE_PRIMARY"),
        QStringLiteral("host=127.0.0.1 port=1 dbname=x user=y"), QStringLiteral("--for"),
        QStringLiteral("10s"), QStringLiteral("--to"), m_workspace, QStringLiteral("--no-advice")});
    QCOMPARE(outcome.code, 0); // what could be recorded was
    QVERIFY(outcome.out.contains("never connected"));
    QVERIFY(outcome.err.contains("127.0.0.1:1"));
}

void TestRecord::probesAreListed()
{
    QProcess process;
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"), {QStringLiteral("probes")});
    QVERIFY(process.waitForFinished());
    const QByteArray out = process.readAllStandardOutput();
    for (const char *id : {"sessions", "statements", "pooler_pools"})
        QVERIFY2(out.contains(id), id);
}

QTEST_GUILESS_MAIN(TestRecord)
#include "tst_record.moc"
