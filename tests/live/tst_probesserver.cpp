// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the probes bring from real servers equals what another client reads there, with a monitoring role and
// with one that may see nothing.
#include "base/text.h"
#include "live/connection.h"
#include "live/probe.h"
#include "liveserver.h"

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

#include <QTest>

using namespace tailscope;
using namespace tailscope::live;
using namespace std::chrono_literals;
using tests::LiveServer;
using tests::Psql;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A connection as the sampler has one, with its facts.
struct Attached
{
    std::optional<Connection> connection;
    ServerFacts facts;

    explicit Attached(const char *variable, TargetKind kind = TargetKind::Postgres)
    {
        if (const Result<void> done = open(variable, kind); !done)
            QTest::qFail(done.error().toText().c_str(), __FILE__, __LINE__);
    }
    Result<void> open(const char *variable, TargetKind kind)
    {
        const Result<Target> target = parseTarget(LiveServer::conninfo(variable), kind);
        if (!target)
            return tl::unexpected(target.error());
        Result<Connection> opened = connectNow(*target, {}, {});
        if (!opened)
            return tl::unexpected(opened.error());
        connection = std::move(*opened);
        Result<ServerFacts> read = readFacts(*connection, *target, {});
        if (!read)
            return tl::unexpected(read.error());
        facts = std::move(*read);
        return {};
    }

    ResultSet ask(const Probe &probe, const ProbeState &state = {})
    {
        if (!connection)
            return {};
        const std::string sql = sqlOf(probe, facts, state);
        Result<ResultSet> answer = queryNow(*connection, sql, {}, 10s, {});
        if (answer)
            return std::move(*answer);
        QTest::qFail((std::string(probe.id) + ": " + answer.error().toText()).c_str(), __FILE__, __LINE__);
        return {};
    }
};

/// The named columns of all rows, sorted.
Rows columnsOf(const ResultSet &set, const std::string &columns)
{
    Rows rows;
    for (std::size_t row = 0; row < set.rows(); ++row) {
        std::vector<std::string> cells;
        for (const std::string_view name : split(columns, ' '))
            cells.emplace_back(set.column(name) < 0 ? "NO COLUMN" : set.cell(row, name).value_or("NULL"));
        rows.push_back(std::move(cells));
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

QByteArray words(const Rows &rows)
{
    QByteArray text;
    for (const auto &row : rows) {
        for (const std::string &cell : row)
            text += QByteArray::fromStdString(cell) + '|';
        text += '\n';
    }
    return text.left(4000);
}

/// Rows of one that the other lacks.
Rows missing(const Rows &of, const Rows &in)
{
    Rows out;
    std::set_difference(of.begin(), of.end(), in.begin(), in.end(), std::back_inserter(out));
    return out;
}

bool waitUntil(const std::function<bool()> &done)
{
    for (int i = 0; i < 600 && !done(); ++i)
        QTest::qWait(50);
    return done();
}

} // namespace

class TestProbesServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void answers_data();
    void answers();
    void agrees_data();
    void agrees();
    void readsSessions();
    void seesWhoWaits();
    void findsHoldersOfTheHorizon();
    void readsTextsOfNewStatementsOnly();
    void estimatesBloat();
    void showsNothingHiddenAsZero();
    void asksPoolers();
};

void TestProbesServer::initTestCase()
{
    TS_NEED_LIVE_SERVER();
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    super.rows("DROP SCHEMA IF EXISTS probed CASCADE");
    super.rows("CREATE SCHEMA probed");
    super.rows("CREATE TABLE probed.orders (id int PRIMARY KEY, note text, n int CHECK (n > 0))");
    super.rows("INSERT INTO probed.orders SELECT i, repeat('x', i % 50), 1 + i % 7 "
               "FROM generate_series(1, 3000) AS i");
    super.rows("CREATE INDEX orders_n ON probed.orders (n) WHERE n > 3");
    super.rows("GRANT USAGE ON SCHEMA probed TO PUBLIC");
    super.rows("ANALYZE probed.orders");
    super.rows("SELECT pg_stat_force_next_flush()");
}

void TestProbesServer::cleanupTestCase()
{
    if (!LiveServer::missing().isEmpty())
        return;
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    super.rows("DROP SCHEMA IF EXISTS probed CASCADE");
}

void TestProbesServer::answers_data()
{
    QTest::addColumn<QByteArray>("server");
    for (const char *server : {"TS_LIVE_PRIMARY", "TS_LIVE_REPLICA", "TS_LIVE_PLAIN"})
        QTest::newRow(server) << QByteArray(server);
}

/// Every probe that fits a server is answered, with a time, as any role.
void TestProbesServer::answers()
{
    TS_NEED_LIVE_SERVER();
    QFETCH(QByteArray, server);
    Attached attached(server.constData());
    int asked = 0;
    for (const Probe *probe : builtinProbes()) {
        if (fitOf(*probe, attached.facts).kind != ProbeFit::Kind::Fits)
            continue;
        ++asked;
        const ResultSet rows = attached.ask(*probe);
        QVERIFY2(rows.column("ts") >= 0, std::string(probe->id).c_str());
        for (std::size_t row = 0; row < rows.rows(); ++row)
            QVERIFY(rows.cell(row, "ts") == rows.cell(0, "ts")); // of one moment
    }
    QVERIFY(asked > 25);
}

void TestProbesServer::agrees_data()
{
    QTest::addColumn<QByteArray>("server");
    QTest::addColumn<QByteArray>("probe");
    QTest::addColumn<QByteArray>("columns");
    QTest::addColumn<QByteArray>("theirs");
    const auto row = [](const char *probe, const char *columns, const char *theirs,
                         const char *server = "TS_LIVE_PRIMARY") {
        QTest::newRow((QByteArray(probe) + ' ' + server).constData())
            << QByteArray(server) << QByteArray(probe) << QByteArray(columns) << QByteArray(theirs);
    };
    row("settings", "name setting unit",
        "SELECT name, setting, unit FROM pg_settings WHERE source NOT IN ('client', 'session') AND name IN "
        "('shared_buffers', 'max_connections', 'max_wal_size', 'autovacuum', 'pg_stat_statements.max', "
        "'wal_level', 'log_min_duration_statement', 'checkpoint_timeout')");
    row("databases", "datname",
        "SELECT datname FROM pg_stat_database WHERE datname IS NULL OR datname !~ '^template'");
    row("database_sizes", "datname database_bytes",
        "SELECT datname, CASE WHEN datname = 'postgres' THEN pg_database_size(oid) END FROM pg_database "
        "WHERE datname = 'postgres'");
    row("replication", "application_name state sync_state",
        "SELECT application_name, state, sync_state FROM pg_stat_replication");
    row("slots", "slot_name slot_type active wal_status",
        "SELECT slot_name, slot_type, active, wal_status FROM pg_replication_slots");
    row("checkpoints", "checkpoints_timed checkpoints_req maxwritten_clean",
        "SELECT checkpoints_timed, checkpoints_req, maxwritten_clean FROM pg_stat_bgwriter");
    row("archiver", "archived_count failed_count",
        "SELECT archived_count, failed_count FROM pg_stat_archiver");
    row("statements_info", "dealloc stats_reset",
        "SELECT dealloc, stats_reset FROM public.pg_stat_statements_info");
    row("tables", "relid schemaname relname n_tup_ins n_live_tup idx_scan autoanalyze_count analyze_count",
        "SELECT relid, schemaname, relname, n_tup_ins, n_live_tup, idx_scan, autoanalyze_count, "
        "analyze_count "
        "FROM pg_stat_user_tables WHERE schemaname = 'probed'");
    row("indexes", "indexrelid indexrelname relname idx_scan",
        "SELECT indexrelid, indexrelname, relname, idx_scan FROM pg_stat_user_indexes "
        "WHERE schemaname = 'probed'");
    row("table_sizes", "relid table_bytes index_bytes",
        "SELECT oid, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relname = 'orders'");
    row("index_sizes", "indexrelid index_bytes",
        "SELECT oid, pg_relation_size(oid) FROM pg_class WHERE relname IN ('orders_pkey', 'orders_n')");
    row("catalog_tables", "oid schemaname relname relkind relpages",
        "SELECT oid, 'probed', relname, relkind, relpages FROM pg_class WHERE relname = 'orders'");
    row("catalog_indexes", "indexrelname indkey indisvalid indpred indexdef constraint_name",
        "SELECT indexrelid::regclass::name, indkey, indisvalid, pg_get_expr(indpred, indrelid), "
        "pg_get_indexdef(indexrelid), (SELECT conname FROM pg_constraint WHERE conindid = indexrelid) "
        "FROM pg_index WHERE indrelid = 'probed.orders'::regclass");
    row("catalog_columns", "attname attnum format_type attnotnull",
        "SELECT attname, attnum, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
        "WHERE attrelid = 'probed.orders'::regclass AND attnum > 0");
    row("catalog_constraints", "conname contype conkey constraintdef",
        "SELECT conname, contype, conkey, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'probed.orders'::regclass");
    row("conflicts", "datname confl_lock",
        "SELECT datname, confl_lock FROM pg_stat_database_conflicts WHERE datname !~ '^template'",
        "TS_LIVE_REPLICA");
    row("standby", "pg_last_wal_replay_lsn status slot_name pg_is_wal_replay_paused",
        "SELECT pg_last_wal_replay_lsn(), status, slot_name, pg_is_wal_replay_paused() "
        "FROM pg_stat_wal_receiver",
        "TS_LIVE_REPLICA");
    row("catalog_tables", "oid schemaname relname relkind",
        "SELECT oid, 'probed', relname, relkind FROM pg_class WHERE relname = 'orders'", "TS_LIVE_REPLICA");
}

void TestProbesServer::agrees()
{
    TS_NEED_LIVE_SERVER();
    QFETCH(QByteArray, server);
    QFETCH(QByteArray, probe);
    QFETCH(QByteArray, columns);
    QFETCH(QByteArray, theirs);
    Attached attached(server.constData());
    const bool standby = server == "TS_LIVE_REPLICA";
    Psql psql(LiveServer::conninfo(standby ? "TS_LIVE_REPLICA_SUPER" : "TS_LIVE_SUPER"));
    psql.rows("SET search_path = probed, pg_catalog");
    psql.rows("SET timezone = 'UTC'");
    // What moves meanwhile agrees a moment later.
    Rows ours, expected;
    const bool agrees = waitUntil([&] {
        expected = psql.rows(theirs.toStdString());
        std::sort(expected.begin(), expected.end());
        ours = columnsOf(attached.ask(*probeById(probe.toStdString())), columns.toStdString());
        return !expected.empty() && missing(expected, ours).empty();
    });
    QVERIFY2(agrees, ("ours:\n" + words(ours) + "theirs:\n" + words(missing(expected, ours))).constData());
}

void TestProbesServer::readsSessions()
{
    TS_NEED_LIVE_SERVER();
    Psql idle(LiveServer::conninfo("TS_LIVE_APP") + " application_name=probed-idle");
    Psql inTransaction(LiveServer::conninfo("TS_LIVE_APP") + " application_name=probed-open");
    inTransaction.rows("BEGIN");
    inTransaction.rows("SELECT 4711");
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER") + " application_name=probed-asker");
    Attached attached("TS_LIVE_PRIMARY");
    const ResultSet set = attached.ask(*probeById("sessions"));
    const std::string columns = "pid usename datname application_name state backend_type wait_event query "
                                "xact_start backend_start query_id";
    Rows ours = columnsOf(set, columns);
    std::erase_if(ours,
        [](const auto &row) { return !row[3].starts_with("probed-") || row[3] == "probed-asker"; });
    super.rows("SET timezone = 'UTC'");
    const Rows theirs = super.rows("SELECT pid, usename, datname, application_name, state, backend_type, "
                                   "wait_event, query, xact_start, backend_start, query_id "
                                   "FROM pg_stat_activity WHERE application_name LIKE 'probed-%' "
                                   "AND pid <> pg_backend_pid() ORDER BY pid::text");
    QCOMPARE(words(ours), words(theirs));
    QCOMPARE(ours.size(), std::size_t(2));
    // We are not among them, but the server's own processes are.
    const Rows all = columnsOf(set, "application_name backend_type");
    QVERIFY(std::none_of(all.begin(), all.end(),
        [](const auto &row) { return row[0].starts_with("tailscope"); }));
    QVERIFY(std::any_of(all.begin(), all.end(), [](const auto &row) { return row[1] == "checkpointer"; }));
}

void TestProbesServer::seesWhoWaits()
{
    TS_NEED_LIVE_SERVER();
    Psql first(LiveServer::conninfo("TS_LIVE_SUPER")), second(LiveServer::conninfo("TS_LIVE_SUPER"));
    const std::string one = first.value("SELECT pg_backend_pid()"),
                      two = second.value("SELECT pg_backend_pid()");
    first.rows("BEGIN");
    first.rows("LOCK TABLE probed.orders IN SHARE MODE");
    std::thread waits([&] { second.rows("UPDATE probed.orders SET n = 2 WHERE id = 1"); });
    Attached attached("TS_LIVE_PRIMARY");
    const std::string columns = "blocked_pid blocker_pid locktype mode relation granted_mode";
    Rows edges;
    const bool seen = waitUntil([&] {
        ProbeState state;
        state.learn(*probeById("sessions"), attached.ask(*probeById("sessions")), 0);
        if (probeById("locks")->isWanted(attached.facts, state))
            edges = columnsOf(attached.ask(*probeById("locks")), columns);
        return !edges.empty();
    });
    first.rows("ROLLBACK");
    waits.join();
    QVERIFY(seen);
    const Rows expected{{two, one, "relation", "RowExclusiveLock", "probed.orders", "ShareLock"}};
    QCOMPARE(words(edges), words(expected));
    QVERIFY(attached.ask(*probeById("locks")).rows() == 0);
}

void TestProbesServer::findsHoldersOfTheHorizon()
{
    TS_NEED_LIVE_SERVER();
    Psql holder(LiveServer::conninfo("TS_LIVE_APP") + " application_name=probed-holder");
    holder.rows("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const std::string pid = holder.value("SELECT pg_backend_pid()");
    Attached attached("TS_LIVE_PRIMARY");
    const Rows rows = columnsOf(attached.ask(*probeById("xmin")), "holder holder_name pid detail");
    const std::vector<std::string> expected{"session", "probed-holder", pid, "idle in transaction"};
    QVERIFY2(std::find(rows.begin(), rows.end(), expected) != rows.end(), words(rows).constData());
}

void TestProbesServer::readsTextsOfNewStatementsOnly()
{
    TS_NEED_LIVE_SERVER();
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    Attached attached("TS_LIVE_PRIMARY");
    const Probe &probe = *probeById("statements");
    ProbeState state;
    const auto ask = [&](Nanos now) {
        ResultSet rows = attached.ask(probe, state);
        state.learn(probe, rows, now);
        return rows;
    };
    const auto texts = [](const ResultSet &rows) {
        const Rows all = columnsOf(rows, "query");
        return std::count_if(all.begin(), all.end(), [](const auto &row) { return row[0] != "NULL"; });
    };
    const ResultSet all = ask(0);
    QVERIFY(all.rows() > 0 && texts(all) == std::ptrdiff_t(all.rows()));
    super.rows("SELECT count(*) FROM pg_am AS a CROSS JOIN pg_tablespace AS b WHERE a.oid <> b.oid");
    QCOMPARE(texts(ask(kNanosPerSecond)), 0);
    QVERIFY(!state.newStatements.empty());
    ask(11 * kNanosPerSecond);
    QVERIFY(state.asksTexts);
    const ResultSet fresh = ask(12 * kNanosPerSecond);
    QVERIFY(texts(fresh) > 0 && texts(fresh) < 20);
    const Rows theirs = super.rows("SELECT queryid, calls, rows, query FROM pg_stat_statements "
                                   "WHERE query LIKE 'SELECT count(*) FROM pg_am AS a CROSS JOIN%'");
    QCOMPARE(theirs.size(), std::size_t(1));
    const Rows ours = columnsOf(fresh, "queryid calls rows query");
    QVERIFY2(missing(theirs, ours).empty(), words(theirs).constData());
}

void TestProbesServer::estimatesBloat()
{
    TS_NEED_LIVE_SERVER();
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    super.rows(
        "CREATE TABLE probed.bloated WITH (autovacuum_enabled = off) AS SELECT i AS id, 'abcdefgh' AS t "
        "FROM generate_series(1, 40000) AS i");
    super.rows("CREATE TABLE probed.wide WITH (autovacuum_enabled = off) AS SELECT i AS id, "
               "repeat('0123456789', 1) AS t FROM generate_series(1, 10) AS i");
    super.rows("ALTER TABLE probed.wide ALTER t SET STORAGE PLAIN");
    super.rows("TRUNCATE probed.wide");
    super.rows("INSERT INTO probed.wide SELECT i, repeat('x', 7000) FROM generate_series(1, 60) AS i");
    super.rows("DELETE FROM probed.bloated WHERE id % 2 = 0");
    super.rows("VACUUM ANALYZE probed.bloated, probed.wide");
    Attached attached("TS_LIVE_SUPER");
    const ResultSet rows = attached.ask(*probeById("table_bloat"));
    const auto figure = [&](std::string_view table, std::string_view column) {
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            if (rows.cell(row, "relname") == table)
                return std::string(rows.cell(row, column).value_or("NULL"));
        }
        return std::string("no row");
    };
    // Half of the rows are gone: half of the pages, within 5 %.
    const double pages = super.number("SELECT relpages FROM pg_class WHERE relname = 'bloated'") * 8192;
    const double bloat = std::stod(figure("bloated", "bloat_bytes"));
    QVERIFY2(bloat > 0.45 * pages && bloat < 0.55 * pages, figure("bloated", "bloat_bytes").c_str());
    // One row of 7 kB fits a page: 60 pages of them are full, whatever an average says.
    QCOMPARE(figure("wide", "bloat_bytes"), std::string("0"));
    QVERIFY(figure("wide", "bloat_doubt").find("wide rows: 1 fit a page") != std::string::npos);
    // Who may not read a table gets no figure, and the reason.
    Attached observer("TS_LIVE_PRIMARY");
    const ResultSet hidden = observer.ask(*probeById("table_bloat"));
    const Rows seen = columnsOf(hidden, "relname bloat_bytes bloat_doubt");
    const auto row
        = std::find_if(seen.begin(), seen.end(), [](const auto &one) { return one[0] == "bloated"; });
    QVERIFY(row != seen.end());
    QCOMPARE((*row)[1], std::string("NULL"));
    QVERIFY2((*row)[2].find("may not read") != std::string::npos, (*row)[2].c_str());
}

void TestProbesServer::showsNothingHiddenAsZero()
{
    TS_NEED_LIVE_SERVER();
    Psql other(LiveServer::conninfo("TS_LIVE_APP") + " application_name=probed-other");
    Attached plain("TS_LIVE_PLAIN");
    QVERIFY(!plain.facts.hasMonitor);
    const Rows sessions = columnsOf(plain.ask(*probeById("sessions")),
        "application_name state wait_event query_start backend_xmin_age query_id");
    const std::vector<std::string> hidden{"probed-other", "NULL", "NULL", "NULL", "NULL", "NULL"};
    QVERIFY2(std::find(sessions.begin(), sessions.end(), hidden) != sessions.end(),
        words(sessions).constData());
    for (const auto &row : columnsOf(plain.ask(*probeById("replication")), "state replay_lsn replay_lag"))
        QCOMPARE(words({row}), QByteArray("NULL|NULL|NULL|\n"));
    // Of statements only its own.
    const Rows users = columnsOf(plain.ask(*probeById("statements")), "rolname");
    QVERIFY(!users.empty());
    QVERIFY(std::all_of(users.begin(), users.end(), [](const auto &row) { return row[0] == "plain"; }));
    const Rows ready = columnsOf(plain.ask(*probeById("archiver")), "ready_count");
    QCOMPARE(words(ready), QByteArray("NULL|\n"));
}

void TestProbesServer::asksPoolers()
{
    TS_NEED_LIVE_SERVER();
    Attached console("TS_LIVE_BOUNCER", TargetKind::Pgbouncer);
    QCOMPARE(console.facts.engine, Engine::Pgbouncer);
    Psql pooled(LiveServer::conninfo("TS_LIVE_POOLED")), psql(LiveServer::conninfo("TS_LIVE_BOUNCER"));
    pooled.rows("SELECT 1");
    for (const Probe *probe : builtinProbes()) {
        if (probe->side != Side::Pooler)
            continue;
        QVERIFY(fitOf(*probe, console.facts).kind == ProbeFit::Kind::Fits);
        QVERIFY2(console.ask(*probe).rows() > 0, std::string(probe->id).c_str());
    }
    Rows ours, theirs;
    const bool agrees = waitUntil([&] {
        ours = columnsOf(console.ask(*probeById("pooler_config")), "key value");
        theirs.clear();
        for (const auto &row : psql.rows("SHOW CONFIG"))
            theirs.push_back({row[0], row[1]});
        std::sort(theirs.begin(), theirs.end());
        return ours == theirs;
    });
    QVERIFY2(agrees, words(missing(theirs, ours)).constData());
    const Rows pools = columnsOf(console.ask(*probeById("pooler_pools")), "database user pool_mode");
    QVERIFY2(std::find(pools.begin(), pools.end(), std::vector<std::string>{"bench", "app", "transaction"})
            != pools.end(),
        words(pools).constData());
}

QTEST_GUILESS_MAIN(TestProbesServer)
#include "tst_probesserver.moc"
