// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/connection.h"

#include "base/text.h"
#include "fakeserver.h"
#include "live/engines.h"
#include "live/statementguard.h"
#include "live/target.h"

#include <QElapsedTimer>
#include <QTest>

using namespace tailscope;
using namespace tailscope::live;
using namespace std::chrono_literals;

namespace {

/// A connection that was tried until it is neither connecting nor busy.
Connection opened(const std::string &conninfo, ConnectOptions options = {},
    TargetKind kind = TargetKind::Postgres)
{
    const auto target = parseTarget(conninfo, kind);
    Connection connection;
    if (!target || !connection.open(*target, options))
        return connection;
    while (connection.state() == Connection::State::Connecting) {
        waitFor(connection, 50ms);
        connection.step();
    }
    return connection;
}

ConnectOptions quick()
{
    ConnectOptions options;
    options.connectTimeout = 300ms;
    options.statementTimeout = 100ms;
    return options;
}

/// For servers that answer: how soon depends on what else the machine does.
ConnectOptions patient()
{
    ConnectOptions options;
    options.connectTimeout = 20s;
    options.statementTimeout = 20s;
    return options;
}

} // namespace

/// What a connection makes of servers that are none, hang, lie or break off, and what may be shown of a
/// target. Needs no server.
class ConnectionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void passwordLeavesTheConninfo_data();
    void passwordLeavesTheConninfo();
    void noSecretInErrors_data();
    void noSecretInErrors();
    void namesOfTargets_data();
    void namesOfTargets();
    void onlyReadingIsSent_data();
    void onlyReadingIsSent();
    void enginesByTheirAnswer_data();
    void enginesByTheirAnswer();
    void nobodyListens();
    void strangersAreNamed_data();
    void strangersAreNamed();
    void silentHostIsLeftOut();
    void unknownName();
    void readsAndMendsBytes();
    void endInAnAnswer();
    void noAnswer();
    void endlessAnswer();
    void writableServerIsRefused();
    void oneQueryAtATime();
    void closedWhileConnecting();
};

void ConnectionTest::passwordLeavesTheConninfo_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("password");
    QTest::newRow("keywords") << "host=h user=u password=geheim"
                              << "geheim";
    QTest::newRow("quoted") << "host=h password='ge \\' heim' user=u"
                            << "ge ' heim";
    QTest::newRow("uri") << "postgresql://u:geheim@h:5433/db?sslmode=require"
                         << "geheim";
    QTest::newRow("escaped uri") << "postgres://u:ge%20heim@h/db"
                                 << "ge heim";
    QTest::newRow("uri parameter") << "postgresql://u@h/db?password=geheim"
                                   << "geheim";
    QTest::newRow("none") << "service=mine"
                          << "";
}

void ConnectionTest::passwordLeavesTheConninfo()
{
    QFETCH(QString, text);
    QFETCH(QString, password);
    const auto target = parseTarget(text.toStdString(), TargetKind::Postgres);
    QVERIFY(target);
    QCOMPARE(QString::fromStdString(target->password), password);
    const std::string shown = target->conninfo + safeText(*target) + shortText(*target);
    QVERIFY2(shown.find("heim") == std::string::npos, shown.c_str());
    QVERIFY2(target->conninfo.find("password") == std::string::npos, target->conninfo.c_str());
    // What is left means the same.
    const auto again = parseTarget(target->conninfo, TargetKind::Postgres);
    QVERIFY(again);
    QCOMPARE(again->conninfo, target->conninfo);
}

void ConnectionTest::noSecretInErrors_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("blank in it") << "host=h password=hunter2 sesame";
    QTest::newRow("equals in it") << "host=h password=x sesame=hunter2";
    QTest::newRow("open quote") << "host=h password='hunter2 sesame";
    QTest::newRow("quotes") << "host=h password=a \"sesame\" hunter2";
    QTest::newRow("uri with a bad escape") << "postgresql://u:hunter2%zzsesame@h/db";
    QTest::newRow("uri with a bad parameter") << "postgresql://u:hunter2@h/db?sesame=1";
    QTest::newRow("uri with a blank") << "postgresql://u:hunter2 sesame@h/db";
    QTest::newRow("uri cut off") << "postgresql://u:hunter2@[sesame";
    QTest::newRow("only the secret") << "hunter2@sesame";
}

void ConnectionTest::noSecretInErrors()
{
    QFETCH(QString, text);
    const auto target = parseTarget(text.toStdString(), TargetKind::Postgres);
    if (target) { // then the secret is where it belongs
        const std::string shown = target->conninfo + safeText(*target);
        QVERIFY2(shown.find("hunter2") == std::string::npos, shown.c_str());
        return;
    }
    const std::string words = target.error().toText();
    QCOMPARE(target.error().code, ErrorCode::Usage);
    QVERIFY2(words.find("hunter2") == std::string::npos && words.find("sesame") == std::string::npos,
        words.c_str());
    QVERIFY(!target.error().hint.empty());
}

void ConnectionTest::namesOfTargets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isPooler");
    QTest::addColumn<QString>("name");
    QTest::newRow("plain") << "host=h port=5433 dbname=d user=u" << false << "h:5433/d as u";
    QTest::newRow("hosts") << "host=a,b port=1,2 dbname=d user=u" << false << "a:1,b:2/d as u";
    QTest::newRow("one port") << "host=a,b port=7 dbname=d user=u" << false << "a:7,b:7/d as u";
    QTest::newRow("ipv6") << "postgresql://u@[::1]:5433/d" << false << "[::1]:5433/d as u";
    QTest::newRow("socket") << "host=/run/pg port=5432 dbname=d user=u" << false << "/run/pg:5432/d as u";
    QTest::newRow("service") << "service=prod" << false << "service prod";
    QTest::newRow("pooler") << "host=h port=6432 user=u" << true << "h:6432/pgbouncer as u";
    QTest::newRow("database of the user") << "host=h port=5432 user=u" << false << "h:5432/u as u";
}

void ConnectionTest::namesOfTargets()
{
    QFETCH(QString, text);
    QFETCH(bool, isPooler);
    QFETCH(QString, name);
    const auto target
        = parseTarget(text.toStdString(), isPooler ? TargetKind::Pgbouncer : TargetKind::Postgres);
    QVERIFY(target);
    QCOMPARE(QString::fromStdString(safeText(*target)), name);
}

void ConnectionTest::onlyReadingIsSent_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<int>("channels"); // bits: session, pooled, console
    QTest::newRow("select") << "SELECT 1" << 3;
    QTest::newRow("with") << "/* x */ WITH a AS (SELECT 1) SELECT * FROM a;" << 3;
    QTest::newRow("brackets") << "(SELECT 1) UNION (SELECT 2)" << 3;
    QTest::newRow("show") << "SHOW POOLS" << 7;
    QTest::newRow("set") << "SET work_mem = '1MB'" << 1;
    QTest::newRow("two") << "SELECT 1; DROP TABLE t" << 0;
    QTest::newRow("hidden two") << "SHOW POOLS; KILL bench" << 0;
    QTest::newRow("writes") << "UPDATE t SET a = 1" << 0;
    QTest::newRow("pause") << "PAUSE" << 0;
    QTest::newRow("lifts it") << "SET transaction_read_only = off" << 0;
    QTest::newRow("lifts the default") << "set Default_Transaction_Read_Only to off" << 0;
    QTest::newRow("quoted") << "SET \"default_transaction_read_only\" = off" << 0;
    QTest::newRow("begins writing") << "BEGIN READ WRITE" << 0;
    QTest::newRow("for the session") << "SET SESSION CHARACTERISTICS AS TRANSACTION READ  WRITE" << 0;
    QTest::newRow("reset") << "RESET ALL" << 0;
    QTest::newRow("discard") << "DISCARD ALL" << 0;
    QTest::newRow("copy") << "COPY t TO PROGRAM 'sh'" << 0;
    QTest::newRow("do") << "DO $$ begin end $$" << 0;
    QTest::newRow("by a function") << "SELECT set_config('default_transaction_read_only', 'off', false)" << 0;
    QTest::newRow("empty") << " -- nothing" << 0;
    QTest::newRow("words in a literal") << "SELECT '; read write'" << 3;
}

void ConnectionTest::onlyReadingIsSent()
{
    QFETCH(QString, sql);
    QFETCH(int, channels);
    const std::string text = sql.toStdString();
    int allowed = 0;
    allowed |= refusalOf(text, Channel::Session).empty() ? 1 : 0;
    allowed |= refusalOf(text, Channel::Pooled).empty() ? 2 : 0;
    allowed |= refusalOf(text, Channel::Console).empty() ? 4 : 0;
    QCOMPARE(allowed, channels);
}

void ConnectionTest::enginesByTheirAnswer_data()
{
    QTest::addColumn<QString>("version");
    QTest::addColumn<QString>("engine");
    QTest::addColumn<QString>("shown");
    QTest::newRow("postgresql") << "PostgreSQL 16.2 (Debian 16.2-1) on x86_64-pc-linux-gnu, compiled by gcc"
                                << "PostgreSQL"
                                << "from the setting";
    QTest::newRow("cockroach") << "CockroachDB CCL v22.2.1 (x86_64-pc-linux-gnu, built 2022/12/14)"
                               << "CockroachDB"
                               << "v22.2.1";
    QTest::newRow("yugabyte") << "PostgreSQL 11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang"
                              << "YugabyteDB"
                              << "11.2-YB-2.20.1.0-b0";
    QTest::newRow("greenplum")
        << "PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:0a7a3566) on x86_64"
        << "Greenplum"
        << "7.0.0";
    QTest::newRow("redshift") << "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC, Redshift 1.0.12103"
                              << "Redshift"
                              << "1.0.12103";
    QTest::newRow("stranger") << "QuestDB 7"
                              << "another engine"
                              << "from the setting";
}

void ConnectionTest::enginesByTheirAnswer()
{
    QFETCH(QString, version);
    QFETCH(QString, engine);
    QFETCH(QString, shown);
    const Engine found = engineOf(version.toStdString());
    QCOMPARE(QString::fromUtf8(toText(found).data(), qsizetype(toText(found).size())), engine);
    QCOMPARE(QString::fromStdString(versionTextOf(found, version.toStdString(), "from the setting")), shown);
    QCOMPARE(bouncerVersion("PgBouncer 1.18.0"), std::optional<int>(11800));
    QCOMPARE(bouncerVersion("1.9.0/bouncer"), std::optional<int>(10900));
    QCOMPARE(bouncerVersion("15.4"), std::optional<int>());
}

void ConnectionTest::nobodyListens()
{
    int port = 0;
    {
        const FakeServer gone(FakeServer::Manner::Closes);
        port = gone.port();
    }
    const Connection connection
        = opened("host=127.0.0.1 password=hunter2 user=u port=" + std::to_string(port), patient());
    QCOMPARE(connection.state(), Connection::State::Broken);
    QCOMPARE(connection.failure(), Failure::Unreachable);
    QVERIFY(connection.error());
    QCOMPARE(connection.error()->code, ErrorCode::Connection);
    QVERIFY2(connection.error()->detail.find("refused") != std::string::npos,
        connection.error()->toText().c_str());
    QVERIFY(connection.error()->toText().find("hunter2") == std::string::npos);
    QVERIFY(!needsPassword(*connection.error()));
    QCOMPARE(connection.socket(), -1);
}

void ConnectionTest::strangersAreNamed_data()
{
    QTest::addColumn<int>("manner");
    QTest::addColumn<QString>("tls");
    QTest::addColumn<int>("failure");
    using M = FakeServer::Manner;
    QTest::newRow("silent") << int(M::Silent) << "disable" << int(Failure::TimedOut);
    QTest::newRow("silent, tls") << int(M::Silent) << "prefer" << int(Failure::TimedOut);
    QTest::newRow("closes") << int(M::Closes) << "disable" << int(Failure::Unreachable);
    QTest::newRow("http") << int(M::Http) << "disable" << int(Failure::Protocol);
    QTest::newRow("http, tls") << int(M::Http) << "prefer" << int(Failure::Protocol);
    QTest::newRow("garbage") << int(M::Garbage) << "disable" << int(Failure::Protocol);
    QTest::newRow("garbage, tls") << int(M::Garbage) << "prefer" << int(Failure::Protocol);
}

void ConnectionTest::strangersAreNamed()
{
    QFETCH(int, manner);
    QFETCH(QString, tls);
    QFETCH(int, failure);
    const FakeServer server(static_cast<FakeServer::Manner>(manner));
    QElapsedTimer timer;
    timer.start();
    const Connection connection = opened("host=127.0.0.1 gssencmode=disable user=u password=hunter2 port="
            + std::to_string(server.port()) + " sslmode=" + tls.toStdString(),
        manner == int(FakeServer::Manner::Silent) ? quick() : patient());
    QCOMPARE(connection.state(), Connection::State::Broken);
    const std::string words = connection.error()->toText();
    QVERIFY2(int(connection.failure()) == failure, words.c_str());
    QVERIFY2(words.find("hunter2") == std::string::npos, words.c_str());
    QVERIFY2(isValidUtf8(words), words.c_str());
    QVERIFY(!connection.error()->hint.empty());
    QVERIFY2(timer.elapsed() < 10'000, QByteArray::number(timer.elapsed()).constData());
}

void ConnectionTest::silentHostIsLeftOut()
{
    const FakeServer silent(FakeServer::Manner::Silent), server(FakeServer::Manner::Postgres);
    ConnectOptions options = patient();
    options.connectTimeout = 2s; // of each host
    const Connection connection
        = opened("host=localhost,127.0.0.1 user=u sslmode=disable gssencmode=disable port="
                + std::to_string(silent.port()) + "," + std::to_string(server.port()),
            options);
    QVERIFY2(connection.state() == Connection::State::Ready,
        connection.error().value_or(Error()).toText().c_str());
    QCOMPARE(connection.option("port"), std::to_string(server.port()));
}

void ConnectionTest::unknownName()
{
    const Connection connection = opened("host=no-such-host.invalid user=u password=hunter2", quick());
    QCOMPARE(connection.state(), Connection::State::Broken);
    QVERIFY2(connection.error()->detail.find("no-such-host.invalid") != std::string::npos
            || connection.failure() == Failure::TimedOut,
        connection.error()->toText().c_str());
}

void ConnectionTest::readsAndMendsBytes()
{
    const FakeServer server(FakeServer::Manner::Postgres);
    Connection connection = opened(server.conninfo(), patient());
    QVERIFY2(connection.state() == Connection::State::Ready,
        connection.error().value_or(Error()).toText().c_str());
    QVERIFY(server.startup().find("default_transaction_read_only=on") != std::string::npos);
    QVERIFY(server.startup().find("hunter2") == std::string::npos);
    QVERIFY(connection.wantsRead() && connection.socket() >= 0);
    const auto rows = queryNow(connection, "SELECT a FROM t", {}, 20s, {});
    QVERIFY(rows);
    QCOMPARE(rows->rows(), std::size_t(1));
    QCOMPARE(std::string(*rows->cell(0, std::string_view("a"))), std::string("caf\xef\xbf\xbd"));
}

void ConnectionTest::endInAnAnswer()
{
    const FakeServer server(FakeServer::Manner::ClosesInAnswer);
    Connection connection = opened(server.conninfo(), patient());
    const auto rows = queryNow(connection, "SELECT a FROM t", {}, 20s, {});
    QVERIFY(!rows);
    QCOMPARE(rows.error().code, ErrorCode::Connection);
    QCOMPARE(connection.state(), Connection::State::Broken);
    QCOMPARE(connection.failure(), Failure::Lost);
}

void ConnectionTest::noAnswer()
{
    const FakeServer server(FakeServer::Manner::NoAnswer);
    ConnectOptions options = patient();
    options.statementTimeout = 100ms;
    Connection connection = opened(server.conninfo(), options);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(connection.send("SELECT a FROM t"));
    int steps = 0;
    for (; connection.state() == Connection::State::Busy; ++steps) {
        waitFor(connection, 1s);
        connection.step();
    }
    QVERIFY2(steps < 20, "it spins");
    QCOMPARE(connection.failure(), Failure::TimedOut);
    QVERIFY(timer.elapsed() >= 2000 && timer.elapsed() < 15'000); // 100 ms + 2 s of grace
    const auto answer = connection.take();
    QVERIFY(answer && !*answer);
    QVERIFY(!connection.take());
}

void ConnectionTest::endlessAnswer()
{
    const FakeServer server(FakeServer::Manner::Endless);
    ConnectOptions options = patient();
    options.answerLimit = 4 << 20;
    Connection connection = opened(server.conninfo(), options);
    const auto rows = queryNow(connection, "SELECT a FROM t", {}, 20s, {});
    QVERIFY(!rows);
    QCOMPARE(connection.failure(), Failure::TooLarge);
}

void ConnectionTest::writableServerIsRefused()
{
    const FakeServer server(FakeServer::Manner::IgnoresReadOnly);
    const Connection connection = opened(server.conninfo(), patient());
    QCOMPARE(connection.state(), Connection::State::Broken);
    QCOMPARE(connection.failure(), Failure::NotSafe);
    const auto asked = server.queries();
    QVERIFY(std::find(asked.begin(), asked.end(), "SET /* tailscope */ default_transaction_read_only = 'on'")
        != asked.end());
    // Who wants to write gets in.
    ConnectOptions writing = patient();
    writing.isReadOnly = false;
    QCOMPARE(opened(server.conninfo(), writing).state(), Connection::State::Ready);
}

void ConnectionTest::oneQueryAtATime()
{
    const FakeServer server(FakeServer::Manner::NoAnswer);
    Connection connection = opened(server.conninfo(), patient());
    QVERIFY(!connection.send("DELETE FROM t"));
    QVERIFY(!connection.send(std::string("SELECT 1\0", 9)));
    QVERIFY(connection.send("SELECT 1"));
    QVERIFY(!connection.send("SELECT 2"));
    connection.close();
    QCOMPARE(connection.state(), Connection::State::Closed);
    QVERIFY(!connection.send("SELECT 3"));
}

void ConnectionTest::closedWhileConnecting()
{
    const FakeServer server(FakeServer::Manner::Silent);
    for (int i = 0; i < 20; ++i) {
        Connection connection;
        QVERIFY(connection.open(*parseTarget(server.conninfo(), TargetKind::Postgres), quick()));
        if (i % 2 == 0)
            waitFor(connection, 5ms);
        connection.step();
    }
    Progress progress;
    progress.cancel.cancel();
    const auto target = parseTarget(server.conninfo(), TargetKind::Postgres);
    const auto connection = connectNow(*target, {}, progress);
    QVERIFY(!connection);
    QCOMPARE(connection.error().code, ErrorCode::Cancelled);
}

QTEST_MAIN(ConnectionTest)
#include "tst_connection.moc"
