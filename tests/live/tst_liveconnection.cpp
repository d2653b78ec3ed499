// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/connection.h"

#include "liveserver.h"

#include <QDir>
#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using namespace tailscope::live;
using namespace std::chrono_literals;
using tests::LiveServer;
using tests::Psql;

namespace {

Target target(const std::string &conninfo, TargetKind kind = TargetKind::Postgres)
{
    auto parsed = parseTarget(conninfo, kind);
    if (!parsed)
        qFatal("%s", parsed.error().toText().c_str());
    return *parsed;
}

Target named(const char *variable, TargetKind kind = TargetKind::Postgres)
{
    return target(LiveServer::conninfo(variable), kind);
}

Connection opened(const Target &to, const ConnectOptions &options = {})
{
    Connection connection;
    if (!connection.open(to, options))
        return connection;
    for (; connection.state() == Connection::State::Connecting; connection.step())
        waitFor(connection, 50ms);
    if (connection.state() != Connection::State::Ready)
        qInfo("%s", connection.error()->toText().c_str());
    return connection;
}

std::string first(const Result<ResultSet> &rows)
{
    if (!rows)
        return "error: " + rows.error().toText();
    return rows->rows() == 0 ? "no rows" : std::string(rows->cell(0, std::size_t(0)).value_or("NULL"));
}

std::string ask(Connection &connection, const std::string &sql,
    const std::vector<std::string> &parameters = {})
{
    return first(queryNow(connection, sql, parameters, 10s, {}));
}

/// Until its query is answered, or for at most so many waits.
void work(Connection &connection, std::chrono::milliseconds each = 50ms, int most = 10'000)
{
    for (int i = 0; i < most && connection.state() == Connection::State::Busy; ++i) {
        waitFor(connection, each);
        connection.step();
    }
}

int openFiles() { return int(QDir(QStringLiteral("/proc/self/fd")).entryList().size()); }
int threads() { return int(QDir(QStringLiteral("/proc/self/task")).entryList().size()); }

} // namespace

/// Connections to real servers: what they find, what they cannot do, and how they end.
class LiveConnectionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void passwords();
    void refusals();
    void sessionIsHarmless();
    void writingFails_data();
    void writingFails();
    void answers();
    void timeLimits();
    void cancelled();
    void terminated();
    void frozenBackend();
    void otherEncodings();
    void factsOfThePrimary();
    void factsOfTheReplica();
    void factsOfAPlainRole();
    void encrypted();
    void poolersConsole();
    void throughThePooler();
    void poolerThatRefusesOptions();
    void chosenByRole();
    void leavesNothingBehind();
    void manyConnections();
};

void LiveConnectionTest::initTestCase()
{
    TS_NEED_LIVE_SERVER();
    qputenv("PGPASSFILE", "/nowhere/pgpass");
}

void LiveConnectionTest::passwords()
{
    Target to = named("TS_LIVE_PRIMARY");
    to.password = "wrong horse";
    Connection connection = opened(to);
    QCOMPARE(connection.failure(), Failure::NeedsPassword);
    QVERIFY(needsPassword(*connection.error()));
    QVERIFY(connection.error()->toText().find("horse") == std::string::npos);
    QCOMPARE(connection.error()->code, ErrorCode::Connection);
    to.password.clear();
    connection = opened(to);
    QCOMPARE(connection.failure(), Failure::NeedsPassword);
    QVERIFY(needsPassword(*connection.error()));
    to.password = "observer";
    QCOMPARE(opened(to).state(), Connection::State::Ready);
    // From a file, as libpq does it.
    QTemporaryDir folder;
    const QString name = folder.filePath(QStringLiteral("pass"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("*:*:*:observer:observer\n") > 0);
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.close();
    to.password.clear();
    to.conninfo += " passfile=" + name.toStdString();
    QCOMPARE(opened(to).state(), Connection::State::Ready);
    // And from a service.
    QFile service(folder.filePath(QStringLiteral("service")));
    const QByteArray text = QByteArray(LiveServer::conninfo("TS_LIVE_PRIMARY").c_str()).replace(' ', '\n');
    QVERIFY(service.open(QIODevice::WriteOnly) && service.write("[mine]\n" + text + "\n") > 0);
    service.close();
    qputenv("PGSERVICEFILE", service.fileName().toUtf8());
    connection = opened(target("service=mine"));
    QCOMPARE(connection.state(), Connection::State::Ready);
    QCOMPARE(connection.option("dbname"), std::string("bench"));
    qunsetenv("PGSERVICEFILE");
}

void LiveConnectionTest::refusals()
{
    const std::string primary = LiveServer::conninfo("TS_LIVE_SUPER");
    Connection connection = opened(target(primary + " dbname=nowhere"));
    QCOMPARE(connection.failure(), Failure::Refused);
    QVERIFY(connection.error()->detail.find("nowhere") != std::string::npos);
    QVERIFY(!needsPassword(*connection.error()));
    connection = opened(target(primary + " user=nobody_at_all"));
    QCOMPARE(connection.failure(), Failure::Refused);
    connection = opened(target(primary + " sslmode=verify-full sslrootcert=/nowhere"));
    QCOMPARE(connection.failure(), Failure::Refused);
}

void LiveConnectionTest::sessionIsHarmless()
{
    ConnectOptions options;
    options.statementTimeout = 2500ms;
    Connection connection = opened(named("TS_LIVE_SUPER"), options);
    QVERIFY(!connection.isPooled() && !connection.isConsole());
    const std::vector<std::pair<std::string, std::string>> wanted{{"transaction_read_only", "on"},
        {"statement_timeout", "2500ms"}, {"lock_timeout", "200ms"},
        {"idle_in_transaction_session_timeout", "10s"}, {"search_path", "pg_catalog"}, {"jit", "off"},
        {"max_parallel_workers_per_gather", "0"}, {"timezone", "UTC"}, {"intervalstyle", "postgres"},
        {"stats_fetch_consistency", "none"}, {"client_encoding", "UTF8"}, {"application_name", "tailscope"}};
    for (const auto &[name, value] : wanted)
        QCOMPARE(ask(connection, "SHOW " + name), value);
}

void LiveConnectionTest::writingFails_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::newRow("update in with") << QByteArray(
        "WITH a AS (UPDATE public.pgbench_branches SET bbalance = 0 RETURNING 1) SELECT * FROM a");
    QTest::newRow("for update") << QByteArray("SELECT * FROM public.pgbench_branches FOR UPDATE");
    QTest::newRow("explain analyze") << QByteArray(
        "EXPLAIN ANALYZE UPDATE public.pgbench_branches SET bbalance = 0");
    QTest::newRow("into") << QByteArray("SELECT 1 AS a INTO pg_temp.b FROM public.pgbench_branches LIMIT 0");
}

void LiveConnectionTest::writingFails()
{
    // As superuser: the role's rights do not help.
    QFETCH(QByteArray, sql);
    for (const char *where : {"TS_LIVE_SUPER", "TS_LIVE_POOLED"}) {
        Connection connection = opened(named(where));
        const auto rows = queryNow(connection, sql.toStdString(), {}, 5s, {});
        QVERIFY(!rows);
        QCOMPARE(rows.error().code, ErrorCode::Sql);
        QVERIFY2(rows.error().detail.find("read-only") != std::string::npos, rows.error().toText().c_str());
        QCOMPARE(connection.sqlState(), std::string("25006"));
        QCOMPARE(connection.state(), Connection::State::Ready);
        QCOMPARE(ask(connection, "SHOW transaction_read_only"), std::string("on"));
        QVERIFY(!connection.send("SET transaction_read_only = off"));
        QVERIFY(!connection.send("UPDATE public.pgbench_branches SET bbalance = 0"));
    }
}

void LiveConnectionTest::answers()
{
    Connection connection = opened(named("TS_LIVE_PRIMARY"));
    const auto empty = queryNow(connection, "SELECT 1 AS a, 2 AS b WHERE false", {}, 5s, {});
    QVERIFY(empty);
    QCOMPARE(empty->rows(), std::size_t(0));
    QCOMPARE(empty->columns, (std::vector<std::string>{"a", "b"}));
    const auto mixed = queryNow(connection, "SELECT NULL AS a, '' AS b, 'ж' AS c", {}, 5s, {});
    QVERIFY(mixed);
    QVERIFY(!mixed->cell(0, std::size_t(0)));
    QCOMPARE(std::string(*mixed->cell(0, std::size_t(1))), std::string());
    QCOMPARE(std::string(*mixed->cell(0, std::string_view("c"))), std::string("ж"));
    QCOMPARE(ask(connection, "SELECT $1::int + $2::int", {"40", "2"}), std::string("42"));
    const auto rows = queryNow(connection, "SELECT i, repeat('x', 500) AS t FROM generate_series(1, 20000) i",
        {}, 10s, {});
    QVERIFY(rows);
    QCOMPARE(rows->rows(), std::size_t(20000));
    QCOMPARE(std::string(*rows->cell(19999, std::size_t(0))), std::string("20000"));
    QCOMPARE(rows->cell(19999, std::size_t(1))->size(), std::size_t(500));
    QVERIFY(connection.lastDuration() > 0ns);
    QVERIFY(ask(connection, "SELECT nonsense").find("nonsense") != std::string::npos);
    QCOMPARE(connection.sqlState(), std::string("42703"));
    QCOMPARE(connection.state(), Connection::State::Ready);
    // Past the limit.
    ConnectOptions options;
    options.answerLimit = 1 << 20;
    Connection small = opened(named("TS_LIVE_PRIMARY"), options);
    QCOMPARE(ask(small, "SELECT length(repeat('x', 900000))"), std::string("900000"));
    const auto large
        = queryNow(small, "SELECT repeat('x', 1000) FROM generate_series(1, 90000)", {}, 10s, {});
    QVERIFY(!large);
    QVERIFY2(small.failure() == Failure::TooLarge, large.error().toText().c_str());
    QCOMPARE(small.failure(), Failure::TooLarge);
}

void LiveConnectionTest::timeLimits()
{
    ConnectOptions options;
    options.statementTimeout = 150ms;
    Connection connection = opened(named("TS_LIVE_PRIMARY"), options);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!queryNow(connection, "SELECT pg_sleep(5)", {}, 10s, {}));
    QCOMPARE(connection.sqlState(), std::string("57014"));
    QVERIFY(timer.elapsed() < 4500); // the sleep is longer
    QCOMPARE(ask(connection, "SELECT 1"), std::string("1")); // and goes on
    // A lock is not waited for.
    Psql holder(LiveServer::conninfo("TS_LIVE_SUPER"));
    holder.rows("BEGIN");
    holder.rows("LOCK TABLE pgbench_branches IN ACCESS EXCLUSIVE MODE");
    Connection other = opened(named("TS_LIVE_SUPER"));
    timer.start();
    QVERIFY(!queryNow(other, "SELECT count(*) FROM public.pgbench_branches", {}, 10s, {}));
    QCOMPARE(other.sqlState(), std::string("55P03"));
    QVERIFY2(timer.elapsed() < 10'000, QByteArray::number(timer.elapsed()).constData());
    holder.rows("ROLLBACK");
}

void LiveConnectionTest::cancelled()
{
    ConnectOptions options;
    options.statementTimeout = 60s; // longer than what is waited for here
    Connection connection = opened(named("TS_LIVE_PRIMARY"), options);
    QVERIFY(connection.send("SELECT pg_sleep(50)"));
    work(connection, 20ms, 4);
    // A cancel goes to the postmaster: while that stands still, waiting for its answer would show here.
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    const std::string postmaster
        = super.value("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)");
    TS_FIXTURE("freeze", postmaster);
    const auto thaw = qScopeGuard([&] { LiveServer::run({"thaw", postmaster}); });
    QElapsedTimer timer;
    timer.start();
    connection.cancel();
    QVERIFY(timer.elapsed() < 1000); // another thread does it
    QTest::qWait(500);
    QVERIFY(connection.state() == Connection::State::Busy);
    TS_FIXTURE("thaw", postmaster);
    work(connection);
    QVERIFY(timer.elapsed() < 20'000);
    const auto answer = connection.take();
    QVERIFY(answer && !*answer);
    QCOMPARE(connection.sqlState(), std::string("57014"));
    // A job that is cancelled leaves nothing running.
    Progress progress;
    progress.cancel.cancel();
    QCOMPARE(queryNow(connection, "SELECT pg_sleep(51)", {}, 10s, progress).error().code,
        ErrorCode::Cancelled);
    QCOMPARE(connection.state(), Connection::State::Closed);
    QTRY_COMPARE_WITH_TIMEOUT(
        super.value("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(51)'"),
        std::string("0"), 20'000);
}

void LiveConnectionTest::terminated()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    Connection connection = opened(named("TS_LIVE_PRIMARY"));
    QVERIFY(connection.send("SELECT pg_sleep(2.5)"));
    connection.step();
    super.rows("SELECT pg_terminate_backend(" + std::to_string(connection.backendPid()) + ")");
    QElapsedTimer timer;
    timer.start();
    work(connection, 1s);
    QVERIFY(timer.elapsed() < 10'000);
    QCOMPARE(connection.state(), Connection::State::Broken);
    QCOMPARE(connection.failure(), Failure::Lost);
    QVERIFY2(connection.error()->detail.find("administrator command") != std::string::npos,
        connection.error()->toText().c_str());
    const auto answer = connection.take();
    QVERIFY(answer && !*answer && answer->error().code == ErrorCode::Connection);
    // While nothing is asked: noticed by its socket.
    connection = opened(named("TS_LIVE_PRIMARY"));
    super.rows("SELECT pg_terminate_backend(" + std::to_string(connection.backendPid()) + ")");
    for (int i = 0; i < 100 && connection.state() == Connection::State::Ready; connection.step(), ++i)
        waitFor(connection, 200ms);
    QCOMPARE(connection.failure(), Failure::Lost);
    QVERIFY2(connection.error()->detail.find("administrator command") != std::string::npos,
        connection.error()->toText().c_str());
}

void LiveConnectionTest::frozenBackend()
{
    ConnectOptions options;
    options.statementTimeout = 200ms;
    Connection connection = opened(named("TS_LIVE_PRIMARY"), options);
    const std::string pid = std::to_string(connection.backendPid());
    TS_FIXTURE("freeze", pid);
    QVERIFY(connection.send("SELECT 1"));
    QElapsedTimer timer, one;
    timer.start();
    qint64 longest = 0;
    while (connection.state() == Connection::State::Busy) {
        waitFor(connection, 100ms);
        one.start();
        connection.step();
        longest = std::max(longest, one.elapsed());
    }
    TS_FIXTURE("thaw", pid);
    QCOMPARE(connection.failure(), Failure::TimedOut);
    QVERIFY(timer.elapsed() >= 2000 && timer.elapsed() < 20'000);
    QVERIFY2(longest < 1000, "a step blocked"); // until the time limit
}

void LiveConnectionTest::otherEncodings()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    for (const std::string encoding : {"LATIN1", "SQL_ASCII"}) {
        const std::string name = "enc_" + QString::fromStdString(encoding).toLower().toStdString();
        super.rows("DROP DATABASE IF EXISTS " + name);
        super.rows("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING '" + encoding
            + "' LC_COLLATE 'C' LC_CTYPE 'C'");
        {
            Connection connection = opened(target(LiveServer::conninfo("TS_LIVE_SUPER") + " dbname=" + name));
            QCOMPARE(connection.state(), Connection::State::Ready);
            const std::string text
                = ask(connection, "SELECT convert_from('\\x636166e9'::bytea, '" + encoding + "')");
            // Latin 1 is converted; of bytes without an encoding what is no UTF-8 is marked.
            QCOMPARE(text, encoding == "LATIN1" ? std::string("café") : std::string("caf\xef\xbf\xbd"));
            const auto facts = readFacts(connection, named("TS_LIVE_SUPER"), {});
            QVERIFY(facts);
            QCOMPARE(facts->encoding, encoding);
            // What cannot be said in the other encoding fails that query only.
            if (encoding == "LATIN1")
                QVERIFY(!queryNow(connection, "SELECT 'ж'", {}, 5s, {}));
            QCOMPARE(ask(connection, "SELECT 1"), std::string("1"));
        }
        QTRY_COMPARE(super.value("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + name + "'"),
            std::string("0"));
        super.rows("DROP DATABASE " + name);
    }
}

void LiveConnectionTest::factsOfThePrimary()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    const Target to = named("TS_LIVE_PRIMARY");
    Connection connection = opened(to);
    const auto facts = readFacts(connection, to, {});
    QVERIFY2(facts.has_value(), facts ? "" : facts.error().toText().c_str());
    QCOMPARE(facts->engine, Engine::PostgreSql);
    QCOMPARE(facts->versionText, super.value("SHOW server_version"));
    QCOMPARE(std::to_string(facts->versionNum), super.value("SHOW server_version_num"));
    QCOMPARE(facts->inRecovery, std::optional<bool>(false));
    QCOMPARE(facts->systemIdentifier, super.value("SELECT system_identifier FROM pg_control_system()"));
    QCOMPARE(facts->timeline, std::optional<std::int64_t>(1));
    QCOMPARE(facts->dbname, std::string("bench"));
    QCOMPARE(facts->user, std::string("observer"));
    QCOMPARE(facts->host, std::string("127.0.0.1"));
    QCOMPARE(std::to_string(facts->port), super.value("SHOW port"));
    QCOMPARE(facts->encoding, std::string("UTF8"));
    QVERIFY(facts->tls.empty());
    QCOMPARE(facts->sslmode, std::string("disable"));
    QVERIFY(facts->hasMonitor && !facts->isSuperuser);
    QVERIFY(facts->hasExtension("pg_stat_statements"));
    QCOMPARE(facts->extensionSchemas.at("pg_stat_statements"), std::string("public"));
    QCOMPARE(facts->backendPid, connection.backendPid());
    QCOMPARE(facts->clockDifferenceNs, Nanos(0)); // one machine
    QVERIFY(facts->roundTripNs > 0 && facts->roundTripNs < kNanosPerSecond);
    const Nanos started
        = Nanos(super.number("SELECT extract(epoch FROM pg_postmaster_start_time()) * 1000000")) * 1000;
    QVERIFY(std::abs(facts->postmasterStartNs - started) <= 1000);
    for (const std::string &hidden : facts->hidden)
        QVERIFY2(hidden.find("pg_monitor") == std::string::npos
                && hidden.find("pg_stat_statements") == std::string::npos,
            hidden.c_str());
}

void LiveConnectionTest::factsOfTheReplica()
{
    const Target to = named("TS_LIVE_REPLICA");
    Connection connection = opened(to);
    const auto facts = readFacts(connection, to, {});
    QVERIFY(facts);
    QCOMPARE(facts->inRecovery, std::optional<bool>(true));
    QCOMPARE(facts->timeline, std::optional<std::int64_t>(1));
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    QCOMPARE(facts->systemIdentifier, super.value("SELECT system_identifier FROM pg_control_system()"));
}

void LiveConnectionTest::factsOfAPlainRole()
{
    const Target to = named("TS_LIVE_PLAIN");
    Connection connection = opened(to);
    const auto facts = readFacts(connection, to, {});
    QVERIFY(facts);
    QVERIFY(!facts->hasMonitor);
    QVERIFY(std::any_of(facts->hidden.begin(), facts->hidden.end(), [](const std::string &hidden) {
        return hidden.starts_with("query texts") && hidden.find("pg_monitor") != std::string::npos;
    }));
    // In a database without the extension.
    const Target other = target(LiveServer::conninfo("TS_LIVE_SUPER") + " dbname=postgres");
    Connection there = opened(other);
    const auto without = readFacts(there, other, {});
    QVERIFY(without && without->isSuperuser && without->hasMonitor);
    if (!without->hasExtension("pg_stat_statements")) {
        QVERIFY(std::any_of(without->hidden.begin(), without->hidden.end(), [](const std::string &hidden) {
            return hidden.find("CREATE EXTENSION pg_stat_statements") != std::string::npos;
        }));
    }
}

void LiveConnectionTest::encrypted()
{
    if (LiveServer::conninfo("TS_LIVE_TLS").empty())
        QSKIP("the test servers have no certificate");
    const Target to = named("TS_LIVE_TLS");
    Connection connection = opened(to);
    QVERIFY2(connection.tlsText().starts_with("TLSv1."), connection.tlsText().c_str());
    QVERIFY(connection.tlsText().ends_with("certificate not checked"));
    // Records of TLS hold more than libpq reads at once.
    for (int i = 1; i < 60; ++i) {
        const int size = i * 7919;
        QElapsedTimer timer;
        timer.start();
        const auto rows
            = queryNow(connection, "SELECT repeat('x', $1::int)", std::vector{std::to_string(size)}, 5s, {});
        QVERIFY(rows);
        QCOMPARE(int(rows->cell(0, std::size_t(0))->size()), size);
        QVERIFY2(timer.elapsed() < 2500, "it waited for bytes that were there");
    }
    const auto facts = readFacts(connection, to, {});
    QCOMPARE(facts->tls, connection.tlsText());
    QCOMPARE(facts->sslmode, std::string("require"));
}

void LiveConnectionTest::poolersConsole()
{
    for (const char *who : {"TS_LIVE_BOUNCER", "TS_LIVE_BOUNCER_ADMIN"}) {
        for (const TargetKind kind : {TargetKind::Pgbouncer, TargetKind::Postgres}) {
            const Target to = named(who, kind);
            Connection connection = opened(to);
            QCOMPARE(connection.state(), Connection::State::Ready);
            QVERIFY(connection.isConsole());
            const auto pools = queryNow(connection, "SHOW POOLS", {}, 5s, {});
            QVERIFY(pools);
            QVERIFY(pools->column("cl_waiting") >= 0);
            for (const char *act :
                {"PAUSE", "RELOAD", "KILL bench", "SHUTDOWN", "SHOW POOLS; PAUSE", "SELECT 1"})
                QVERIFY(!connection.send(act));
            const auto facts = readFacts(connection, to, {});
            QVERIFY(facts);
            QCOMPARE(facts->engine, Engine::Pgbouncer);
            QVERIFY(facts->versionNum >= 11200 && facts->versionNum < 20000);
            QVERIFY(facts->hidden.empty());
            QVERIFY(!queryNow(connection, "SHOW NONSENSE", {}, 5s, {}));
            QCOMPARE(connection.state(), Connection::State::Ready);
        }
    }
}

void LiveConnectionTest::throughThePooler()
{
    const std::string pooled = LiveServer::conninfo("TS_LIVE_POOLED");
    const std::string settings
        = "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')"
          " || ' ' || current_setting('default_transaction_read_only') || ' ' ||"
          " current_setting('search_path')";
    Psql client(pooled);
    const std::string before = client.value(settings);
    const Target to = target(pooled);
    Connection connection = opened(to);
    QVERIFY(connection.isPooled());
    QCOMPARE(ask(connection, "SHOW transaction_read_only"), std::string("on"));
    QCOMPARE(ask(connection, "SHOW statement_timeout"), std::string("3s"));
    QCOMPARE(ask(connection, "SHOW search_path"), std::string("pg_catalog"));
    QCOMPARE(ask(connection, "SELECT $1::int + 1", {"41"}), std::string("42"));
    QVERIFY(!queryNow(connection, "SELECT nonsense", {}, 5s, {}));
    QCOMPARE(connection.sqlState(), std::string("42703"));
    QCOMPARE(ask(connection, "SELECT 7"), std::string("7"));
    const auto facts = readFacts(connection, to, {});
    QVERIFY(facts && facts->engine == Engine::PostgreSql);
    QVERIFY(facts->hidden.front().find("pooler") != std::string::npos);
    // The sessions that the pooler lends are as they were, for whoever gets them next.
    for (int i = 0; i < 8; ++i)
        QCOMPARE(client.value(settings), before);
    QCOMPARE(client.value(
                 "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND state LIKE 'idle in%'"),
        std::string("0"));
}

void LiveConnectionTest::poolerThatRefusesOptions()
{
    Psql admin(LiveServer::conninfo("TS_LIVE_BOUNCER_ADMIN"));
    admin.rows("SET ignore_startup_parameters = 'extra_float_digits'");
    Connection connection = opened(named("TS_LIVE_POOLED"));
    admin.rows("SET ignore_startup_parameters = 'extra_float_digits,options'");
    QCOMPARE(connection.state(), Connection::State::Ready);
    QVERIFY(connection.isPooled());
    QCOMPARE(ask(connection, "SHOW transaction_read_only"), std::string("on"));
}

void LiveConnectionTest::chosenByRole()
{
    const auto port = [](const char *name) { return named(name).conninfo; };
    QVERIFY(!port("TS_LIVE_PRIMARY").empty());
    const std::string both
        = "host=127.0.0.1,127.0.0.1 port=" + qEnvironmentVariable("TS_LIVE_PRIMARY_PORT").toStdString() + ","
        + qEnvironmentVariable("TS_LIVE_REPLICA_PORT").toStdString()
        + " dbname=bench user=observer password=observer sslmode=disable";
    Connection standby = opened(target(both + " target_session_attrs=standby"));
    QCOMPARE(ask(standby, "SELECT pg_is_in_recovery()"), std::string("t"));
    Connection primary = opened(target(both + " target_session_attrs=primary"));
    QCOMPARE(ask(primary, "SELECT pg_is_in_recovery()"), std::string("f"));
}

void LiveConnectionTest::leavesNothingBehind()
{
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    const Target to = named("TS_LIVE_PRIMARY");
    Connection connection = opened(to);
    const auto written = [&] { return super.value("SELECT pg_snapshot_xmax(pg_current_snapshot())"); };
    // No transaction got a number: nothing was written. The server's own housekeeping takes numbers too, now
    // and then; ours would take one each time.
    bool isSame = false;
    for (int i = 0; i < 5 && !isSame; ++i) {
        const std::string before = written();
        QVERIFY(readFacts(connection, to, {}));
        QVERIFY(queryNow(connection, "SELECT * FROM pg_stat_activity", {}, 5s, {}));
        QVERIFY(!queryNow(connection, "SELECT nonsense", {}, 5s, {}));
        isSame = written() == before;
    }
    QVERIFY(isSame);
    const std::string pid = std::to_string(connection.backendPid());
    const std::string where = " FROM pg_stat_activity WHERE pid = " + pid;
    QCOMPARE(super.value("SELECT concat_ws(' ', state, xact_start, backend_xid, backend_xmin)" + where),
        std::string("idle"));
    QCOMPARE(super.value("SELECT count(*) FROM pg_locks WHERE pid = " + pid), std::string("0"));
    QCOMPARE(super.value("SELECT count(*) FROM pg_prepared_statements"), std::string("0"));
    connection.close();
    QTRY_COMPARE(super.value("SELECT count(*)" + where), std::string("0"));
}

void LiveConnectionTest::manyConnections()
{
    const Target to = named("TS_LIVE_SUPER");
    opened(to).close();
    QTest::qWait(100);
    const int files = openFiles(), running = threads();
    for (int i = 0; i < 200; ++i) {
        Connection connection = opened(to);
        QCOMPARE(connection.state(), Connection::State::Ready);
        if (i % 3 == 0)
            QVERIFY(connection.send("SELECT pg_sleep(0)"));
        if (i % 2 == 0)
            connection.close();
    }
    QTRY_COMPARE_WITH_TIMEOUT(openFiles(), files, 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(threads() <= running, 30'000);
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    QTRY_COMPARE_WITH_TIMEOUT(super.value(
                                  "SELECT count(*) FROM pg_stat_activity WHERE usename = 'postgres' AND "
                                  "application_name = 'tailscope'"),
        std::string("0"), 30'000);
}

QTEST_MAIN(LiveConnectionTest)
#include "tst_liveconnection.moc"
