// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Incidents made on real servers, and what a recording of them says.
#include "report/snapshotexport.h"
#include "tests/live/recording.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>

#include <sys/resource.h>

using namespace tailscope;
using tests::LiveServer;
using tests::Psql;
using tests::Recording;
using State = live::ServerStatus::State;

namespace {

double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// What the rules found, without the figures about the recording itself.
QString findings(const store::Workspace &workspace)
{
    return tests::queryText(workspace,
        "SELECT rule_id, severity, subject_kind, title FROM finding WHERE title NOT LIKE '%tailscope.%' "
        "AND evidence NOT LIKE '%tailscope.%' ORDER BY 1, 2, 3, 4");
}

/// Transactions per second that pgbench itself measured.
double pgbenchRate()
{
    QFile file(qEnvironmentVariable("TS_LIVE_DIR") + QStringLiteral("/run/saturate.out"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    static const QRegularExpression line(QStringLiteral("tps = ([0-9.]+)"));
    return line.match(QString::fromUtf8(file.readAll())).captured(1).toDouble();
}

} // namespace

class TestIncidents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void blockingChain();
    void lag_data();
    void lag();
    void saturation();
    void killAndRestart();
    void promotion();
    void harmless();
    void cost();
    void plainRole();
    void frozenBackend();
    void extensionGone();
    void poolerRestart();
    void sameFindings();

private:
    void saturate(double &off);
};

void TestIncidents::init() { TS_NEED_LIVE_SERVER(); }

void TestIncidents::cleanup()
{
    if (!LiveServer::missing().isEmpty())
        return;
    LiveServer::reset();
    // A test that failed midway leaves none of the others without it.
    Psql(LiveServer::conninfo("TS_LIVE_SUPER")).rows("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
}

void TestIncidents::blockingChain()
{
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    TS_FIXTURE("block", "90"); // cleanup() ends it
    QTRY_COMPARE_WITH_TIMEOUT(recording.text("SELECT count(DISTINCT blocked_pid) FROM lock_edge"),
        QStringLiteral("2"), 20'000); // less than makes a finding critical
    QTest::qSleep(3000);
    TS_FINISH(recording);
    const auto name = [](const char *pid) {
        return "(SELECT max(s.application) FROM session_sample AS s WHERE s.pid = e." + std::string(pid)
            + ')';
    };
    QCOMPARE(recording.text("SELECT DISTINCT " + name("blocker_pid") + ", " + name("blocked_pid")
                 + " FROM lock_edge AS e ORDER BY 1, 2"),
        QStringLiteral("chain-1|chain-2;chain-2|chain-3"));
    QCOMPARE(recording.text("SELECT application, victims, depth FROM lock_root"),
        QStringLiteral("chain-1|2|2"));
    QCOMPARE(recording.text("SELECT severity FROM finding WHERE rule_id = 'lock-blocking-chain'"),
        QStringLiteral("warning"));
    QVERIFY(recording.number("SELECT max(waited_ms) FROM lock_edge") > 2000);
}

void TestIncidents::lag_data()
{
    QTest::addColumn<QString>("verdict");
    for (const char *verdict : {"paused", "delayed", "disconnected", "idle"})
        QTest::newRow(verdict) << QString::fromLatin1(verdict);
}

void TestIncidents::lag()
{
    QFETCH(QString, verdict);
    if (verdict == QLatin1String("delayed"))
        TS_FIXTURE("delay", "3");
    Recording recording({"TS_LIVE_PRIMARY", "TS_LIVE_REPLICA"});
    TS_RECORDING_RUNS(recording, 2);
    QTRY_VERIFY_WITH_TIMEOUT(recording.number("SELECT count(*) FROM replica_sample") > 2, 60'000);
    if (verdict == QLatin1String("paused"))
        TS_FIXTURE("lag", "on");
    if (verdict == QLatin1String("disconnected"))
        TS_FIXTURE("link", "cut");
    TS_FIXTURE("write", verdict == QLatin1String("idle") ? "1" : "60"); // cleanup() ends it
    // Under load the replica may honestly stall for a while: what it was most of the time counts.
    const std::string most = "SELECT verdict FROM lag_verdict WHERE replica = 'replica1' AND verdict IN"
                             " ('paused', 'delayed', 'disconnected', 'idle', 'stalled')"
                             " GROUP BY verdict ORDER BY sum(n) DESC LIMIT 1";
    QElapsedTimer timer;
    timer.start();
    do {
        QTest::qSleep(3000);
        const QString problem = recording.refresh();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    } while (recording.text(most) != verdict && timer.elapsed() < 60'000);
    TS_FINISH(recording);
    const QString verdicts = recording.text(
        "SELECT replica, scope, verdict, cause, n, lag_ms, lag_bytes FROM lag_verdict ORDER BY 1, 2");
    QVERIFY2(recording.text(most) == verdict, qPrintable(verdicts));
}

void TestIncidents::saturation()
{
    // pgbench is one thread for 20 clients: starved by others it measures less than the cap, so the best of
    // two runs counts.
    double off = 1;
    for (int run = 0; run < 2 && off > 0.1 && !QTest::currentTestFailed(); ++run)
        saturate(off);
    if (!QTest::currentTestFailed())
        QVERIFY2(off <= 0.1, qPrintable(QString::number(off)));
}

/// One run; off: how far what pgbench measured is from the cap, as a part of it.
void TestIncidents::saturate(double &off)
{
    Recording recording({"TS_LIVE_BOUNCER", "TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 2);
    TS_FIXTURE("saturate", "20", "12", "0.2");
    QTest::qSleep(13000);
    TS_FINISH(recording);
    const std::string of = " FROM pool_verdict WHERE pool = 'bench/app'";
    const QString verdict
        = recording.text("SELECT verdict, n, capacity, service_ms, throughput_cap, throughput, "
                         "waiting_max, ceiling_value"
            + of);
    QVERIFY2(recording.text("SELECT verdict IN ('saturated', 'exhausted')" + of) == QLatin1String("1"),
        qPrintable(verdict));
    QCOMPARE(recording.number("SELECT max(waiting_max)" + of), 16.0);
    QTRY_VERIFY_WITH_TIMEOUT(pgbenchRate() > 0, 60'000);
    const double measured = pgbenchRate(), cap = recording.number("SELECT max(throughput_cap)" + of);
    qInfo("cap c/S %.2f per second, pgbench measured %.2f", cap, measured);
    QVERIFY2(measured > 0 && cap > 0, qPrintable(verdict));
    off = std::abs(cap - measured) / measured;
    TS_FIXTURE("quiet");
}

void TestIncidents::killAndRestart()
{
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    TS_FIXTURE("kill", "primary");
    QTRY_VERIFY_WITH_TIMEOUT(recording.status().state == State::Lost, 30'000);
    const double before = recording.number("SELECT max(ts_ns) FROM session_sample");
    TS_FIXTURE("up", "primary");
    QTRY_VERIFY2_WITH_TIMEOUT(recording.isSampling(), recording.status().detail.c_str(), 90'000);
    QTRY_VERIFY_WITH_TIMEOUT(recording.number("SELECT max(ts_ns) FROM session_sample") > before, 60'000);
    TS_FINISH(recording);
    const QString events = recording.text("SELECT DISTINCT kind FROM event ORDER BY kind");
    QVERIFY2(events.contains(QLatin1String("gap")) && events.contains(QLatin1String("restart")),
        qPrintable(events));
}

void TestIncidents::promotion()
{
    Recording recording({"TS_LIVE_REPLICA"});
    TS_RECORDING_RUNS(recording, 1);
    QVERIFY(recording.status().facts->inRecovery.value_or(false));
    TS_FIXTURE("kill", "primary");
    TS_FIXTURE("promote");
    QTRY_VERIFY_WITH_TIMEOUT(recording.number("SELECT count(*) FROM event WHERE kind = 'failover'") > 0,
        90'000);
    QTRY_VERIFY_WITH_TIMEOUT(recording.isSampling() && !recording.status().facts->inRecovery.value_or(true),
        60'000);
    TS_FINISH(recording);
    QVERIFY(recording.number("SELECT max(timeline) FROM server") >= 2);
}

/// Seen from outside while it records: no lock but the weakest, no transaction id, no transaction that
/// outlives a sample.
void TestIncidents::harmless()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    const std::string ours = "application_name LIKE 'tailscope%' AND usename = 'observer'";
    double oldest = 0;
    int seen = 0;
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 6000) {
        const auto rows = super.rows(
            "SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0), "
            "count(backend_xid) FROM pg_stat_activity WHERE "
            + ours);
        seen = std::max(seen, QString::fromStdString(rows.at(0).at(0)).toInt());
        oldest = std::max(oldest, QString::fromStdString(rows.at(0).at(1)).toDouble());
        QCOMPARE(rows.at(0).at(2), std::string("0"));
        // A session that starts keeps its database from being dropped, for a moment.
        const std::string locks
            = super.value("SELECT coalesce(string_agg(concat_ws(' ', l.mode, l.locktype, l.relation, "
                          "l.classid, l.objid, query), "
                          "'; '), '') FROM pg_locks AS l JOIN pg_stat_activity USING (pid) WHERE "
                + ours
                + " AND l.locktype <> 'virtualxid' AND l.mode <> 'AccessShareLock'"
                  " AND NOT (l.locktype = 'object' AND l.classid = 'pg_database'::regclass)");
        QVERIFY2(locks.empty(), locks.c_str());
    }
    QCOMPARE(seen, 1);
    // No longer than one statement may take, and a moment: it ends with its sample.
    QVERIFY2(oldest < 3.5, qPrintable(QString::number(oldest)));
    // Nothing of ours is in the recording.
    TS_FINISH(recording);
    QCOMPARE(recording.text("SELECT count(*) FROM session_sample WHERE application LIKE 'tailscope%'"),
        QStringLiteral("0"));
}

void TestIncidents::cost()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    TS_FIXTURE("statements", "1500");
    TS_FIXTURE("sessions", "8", "120");
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    QTest::qSleep(5000); // what is asked rarely is asked first
    const std::string spent = "SELECT coalesce(sum(s.total_exec_time + s.total_plan_time), 0) FROM "
                              "pg_stat_statements AS s JOIN pg_roles AS r "
                              "ON r.oid = s.userid WHERE r.rolname = 'observer'";
    // Time on a clock grows with whatever else the machine does: the quietest of three stretches counts.
    double serverMs = 1e9, share = 1e9;
    for (int stretch = 0; stretch < 3; ++stretch) {
        const double serverBefore = super.number(spent), cpuBefore = cpuSeconds();
        QElapsedTimer clock;
        clock.start();
        QTest::qSleep(12000);
        const double seconds = double(clock.elapsed()) / 1000;
        serverMs = std::min(serverMs, (super.number(spent) - serverBefore) / seconds);
        share = std::min(share, (cpuSeconds() - cpuBefore) / seconds);
    }
    QVERIFY(super.number("SELECT count(*) FROM pg_stat_statements") >= 1500);
    qInfo("server time %.2f ms per second, our processor time %.2f %% of a core", serverMs, share * 100);
    // Targets are 12 ms and 2 %; a machine that does other things at the same time may take three times that.
    QVERIFY2(serverMs > 0 && serverMs <= 3 * 12, qPrintable(QString::number(serverMs)));
    QVERIFY2(share <= 3 * 0.02, qPrintable(QString::number(share)));
    TS_FINISH(recording);
}

void TestIncidents::plainRole()
{
    Recording recording({"TS_LIVE_PLAIN"});
    TS_RECORDING_RUNS(recording, 1);
    const auto status = recording.status();
    QVERIFY(!status.facts->hasMonitor);
    QVERIFY(!status.facts->hidden.empty());
    QTRY_VERIFY_WITH_TIMEOUT(recording.number("SELECT count(*) FROM session_sample") > 0, 60'000);
    TS_FINISH(recording);
    QVERIFY(!recording.text("SELECT hidden FROM server").isEmpty());
}

void TestIncidents::frozenBackend()
{
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    const std::string pid = std::to_string(recording.status().facts->backendPid);
    TS_FIXTURE("freeze", pid);
    const double cpuBefore = cpuSeconds();
    QTest::qSleep(12000);
    QVERIFY2(cpuSeconds() - cpuBefore < 3, "it spins while the server stands still");
    TS_FIXTURE("thaw", pid);
    const Nanos thawed = recording.status().lastSampleNs;
    QTRY_VERIFY_WITH_TIMEOUT(recording.isSampling() && recording.status().lastSampleNs > thawed, 90'000);
    TS_FINISH(recording);
}

void TestIncidents::extensionGone()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    Recording recording({"TS_LIVE_PRIMARY"});
    TS_RECORDING_RUNS(recording, 1);
    live::ServerStatus kept;
    QTRY_VERIFY_WITH_TIMEOUT(
        recording.probe("statements", kept) && recording.probe("statements", kept)->runs > 0, 60'000);
    super.rows("DROP EXTENSION pg_stat_statements");
    // To back off, as on a busy machine, is no answer to this.
    QTRY_VERIFY_WITH_TIMEOUT(recording.probe("statements", kept)->state == live::ProbeStatus::State::Failing
            || recording.probe("statements", kept)->state == live::ProbeStatus::State::NeedsExtension,
        90'000);
    QVERIFY(!recording.probe("statements", kept)->reason.empty());
    const Nanos then = recording.status().lastSampleNs;
    QTRY_VERIFY_WITH_TIMEOUT(recording.isSampling() && recording.status().lastSampleNs > then, 60'000);
    super.rows("CREATE EXTENSION pg_stat_statements");
    TS_FINISH(recording);
}

void TestIncidents::poolerRestart()
{
    Recording recording({"TS_LIVE_BOUNCER"});
    TS_RECORDING_RUNS(recording, 1);
    TS_FIXTURE("kill", "bouncer");
    QTRY_VERIFY_WITH_TIMEOUT(recording.status().state == State::Lost, 30'000);
    TS_FIXTURE("up", "bouncer");
    QTRY_VERIFY2_WITH_TIMEOUT(recording.isSampling(), recording.status().detail.c_str(), 90'000);
    TS_FINISH(recording);
}

/// One incident, three ways: at the end of the recording, opened again, from its exported result sets.
void TestIncidents::sameFindings()
{
    QTemporaryDir folder;
    Recording recording({"TS_LIVE_PRIMARY", "TS_LIVE_REPLICA", "TS_LIVE_BOUNCER"});
    TS_RECORDING_RUNS(recording, 3);
    TS_FIXTURE("lag", "on");
    TS_FIXTURE("block", "25");
    TS_FIXTURE("saturate", "20", "12", "0.2");
    QTest::qSleep(16000);
    TS_FINISH(recording);
    const QString attached = findings(recording.workspace());
    for (const char *rule : {"lock-blocking-chain", "pool-saturation", "pool-demand-exceeds-size"})
        QVERIFY2(attached.contains(QLatin1String(rule)), qPrintable(attached));

    const auto replayed = session::refresh(recording.workspace(), {}, true, {});
    QVERIFY(replayed);
    QCOMPARE(findings(recording.workspace()), attached);

    const std::string target = folder.filePath(QStringLiteral("incident.snapshots.jsonl")).toStdString();
    const auto exported = report::exportSnapshots(recording.workspace(), true, target, {});
    QVERIFY2(exported, exported ? "" : exported.error().toText().c_str());
    auto imported = store::Workspace::temporary();
    QVERIFY(imported);
    std::vector<std::string> files;
    for (const auto &file : exported->files)
        files.push_back(file.string());
    const session::IngestResult result = session::ingest(**imported, files, {}, {});
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors.front().toText().c_str());
    const QString again = findings(**imported);
    if (again != attached)
        qInfo("attached:\n%s\nimported:\n%s", qPrintable(QString(attached).replace(u';', u'\n')),
            qPrintable(QString(again).replace(u';', u'\n')));
    QCOMPARE(again, attached);
}

QTEST_GUILESS_MAIN(TestIncidents)
#include "tst_incidents.moc"
