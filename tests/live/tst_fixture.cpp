// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The servers of the other tests here do what those rely on.
#include "tests/live/liveserver.h"

#include <QTest>

using tailscope::tests::LiveServer;
using tailscope::tests::Psql;

class TestFixture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanupTestCase();
    void rolesSeeWhatTheyShould();
    void blockIsAChainOfThree();
    void replicaIsPausedAndCutOff();
    void saturationLeavesSixteenWaiting();
    void serversComeBack();
};

void TestFixture::init() { TS_NEED_LIVE_SERVER(); }

void TestFixture::cleanupTestCase()
{
    if (LiveServer::missing().isEmpty())
        LiveServer::reset();
}

void TestFixture::rolesSeeWhatTheyShould()
{
    Psql observer(LiveServer::conninfo("TS_LIVE_PRIMARY"));
    QVERIFY2(observer.isOpen(), observer.error().c_str());
    QCOMPARE(observer.value("SELECT pg_has_role('pg_monitor', 'USAGE')"), std::string("t"));
    Psql plain(LiveServer::conninfo("TS_LIVE_PLAIN"));
    QCOMPARE(plain.value("SELECT pg_has_role('pg_monitor', 'USAGE')"), std::string("f"));
    Psql wrong(LiveServer::conninfo("TS_LIVE_PRIMARY") + " password=wrong");
    QVERIFY(!wrong.isOpen());
    Psql console(LiveServer::conninfo("TS_LIVE_BOUNCER"));
    QVERIFY2(console.isOpen(), console.error().c_str());
    QVERIFY(!console.rows("SHOW POOLS").empty());
}

void TestFixture::blockIsAChainOfThree()
{
    TS_FIXTURE("block", "90");
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    QCOMPARE(super.value(
                 "SELECT string_agg(a.application_name || '<-' || b.application_name, ' ' ORDER BY 1) "
                 "FROM pg_stat_activity a JOIN pg_stat_activity b "
                 "ON a.pid = ANY (pg_blocking_pids(b.pid))"),
        std::string("chain-1<-chain-2 chain-2<-chain-3"));
    TS_FIXTURE("quiet");
    QTRY_COMPARE_WITH_TIMEOUT(
        super.value("SELECT count(*) FROM pg_stat_activity WHERE application_name ~ 'chain|idler'"),
        std::string("0"), 30'000);
}

void TestFixture::replicaIsPausedAndCutOff()
{
    TS_FIXTURE("lag", "on");
    TS_FIXTURE("write", "10");
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    const std::string behind
        = "SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) FROM pg_stat_replication";
    QTRY_VERIFY_WITH_TIMEOUT(super.number(behind) > 100000, 30'000);
    TS_FIXTURE("lag", "off");
    TS_FIXTURE("quiet");
    // The server itself writes a little now and then.
    QTRY_VERIFY_WITH_TIMEOUT(super.number(behind) < 16384, 60'000);
    TS_FIXTURE("link", "cut");
    const std::string senders = "SELECT count(*) FROM pg_stat_replication";
    QTRY_COMPARE_WITH_TIMEOUT(super.value(senders), std::string("0"), 60'000);
    TS_FIXTURE("link", "mend");
    QTRY_COMPARE_WITH_TIMEOUT(super.value(senders), std::string("1"), 60'000);
}

void TestFixture::saturationLeavesSixteenWaiting()
{
    TS_FIXTURE("saturate", "20", "60", "0.5");
    Psql console(LiveServer::conninfo("TS_LIVE_BOUNCER"));
    const auto waiting = [&] {
        for (const auto &row : console.rows("SHOW POOLS")) {
            if (row[0] == "bench")
                return row[3];
        }
        return std::string();
    };
    QTRY_COMPARE_WITH_TIMEOUT(waiting(), std::string("16"), 30'000);
    TS_FIXTURE("quiet");
}

void TestFixture::serversComeBack()
{
    TS_FIXTURE("kill", "primary");
    QVERIFY(!Psql(LiveServer::conninfo("TS_LIVE_SUPER")).isOpen());
    TS_FIXTURE("promote");
    Psql promoted(LiveServer::conninfo("TS_LIVE_REPLICA_SUPER"));
    QCOMPARE(promoted.value("SELECT pg_is_in_recovery()"), std::string("f"));
    TS_FIXTURE("reset");
    Psql replica(LiveServer::conninfo("TS_LIVE_REPLICA_SUPER"));
    QCOMPARE(replica.value("SELECT pg_is_in_recovery()"), std::string("t"));
    QVERIFY(Psql(LiveServer::conninfo("TS_LIVE_POOLED")).isOpen());
}

QTEST_GUILESS_MAIN(TestFixture)
#include "tst_fixture.moc"
