// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of samples: from answers made here, without a server.
#include "analysis/statementdeltas.h"
#include "base/text.h"
#include "live/recorder.h"
#include "recordtest.h"

#include <algorithm>
#include <csignal>

#include <QTemporaryDir>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace recordtest;

namespace {

constexpr Nanos kStart = 1'800'000'000 * kNanosPerSecond;
Nanos at(int seconds) { return kStart + seconds * kNanosPerSecond; }
std::string stamp(Nanos ns) { return utcTimestamp(ns); }

std::string anySql(const ServerFacts &) { return {}; }
const Probe kSessions{.id = "sessions", .title = "Sessions", .mapping = Mapping::Catalog, .sql = anySql};
const Probe kStatements{.id = "statements",
    .title = "Statements",
    .mapping = Mapping::Statements,
    .sql = anySql,
    .key = "userid dbid queryid toplevel",
    .unwatched = "ts"};
const Probe kDatabases{.id = "databases",
    .title = "Databases",
    .mapping = Mapping::Catalog,
    .sql = anySql,
    .key = "datname",
    .unwatched = "ts"};
const Probe kSettings{.id = "settings",
    .title = "Settings",
    .mapping = Mapping::Catalog,
    .sql = anySql,
    .key = "name",
    .unwatched = "ts"};
const Probe kPools{.id = "pooler_pools",
    .title = "Pools",
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .sql = anySql};
const Probe kStats{.id = "pooler_stats",
    .title = "Stats",
    .side = Side::Pooler,
    .mapping = Mapping::Pooler,
    .sql = anySql};

const std::vector<std::string> kStatementColumns{"ts", "userid", "dbid", "queryid", "toplevel", "calls",
    "total_exec_time", "rows", "query"};
const std::vector<std::string> kDatabaseColumns{"catalog_view", "ts", "datname", "xact_commit",
    "xact_rollback", "deadlocks", "stats_reset"};

Sample sampleOf(const Probe &probe, ResultSet rows, Nanos ts, std::size_t server = 0)
{
    Sample sample;
    sample.server = server;
    sample.probe = &probe;
    sample.rows = std::move(rows);
    sample.sentNs = ts;
    sample.receivedNs = ts + 2 * kNanosPerMilli;
    return sample;
}

ServerEvent eventOf(ServerEvent::Kind kind, Nanos ts, Nanos end, std::shared_ptr<const ServerFacts> of)
{
    ServerEvent event;
    event.kind = kind;
    event.tsNs = ts;
    event.endNs = end;
    event.facts = std::move(of);
    event.title = std::string(toText(kind));
    return event;
}

Row statement(int second, const char *id, int calls, std::optional<std::string> text = std::nullopt)
{
    return {stamp(at(second)), "10", "5", id, "t", std::to_string(calls), std::to_string(calls * 2.0),
        std::to_string(calls), std::move(text)};
}

Row database(int second, int commits, int deadlocks = 0, const char *reset = "2026-01-01 00:00:00+00")
{
    return {"pg_stat_database", stamp(at(second)), "shop", std::to_string(commits), "0",
        std::to_string(deadlocks), reset};
}

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void serverRowAndClock();
    void textsComeLater();
    void epochs();
    void resetOfAll();
    void ratesOfCountersThatRested();
    void ratesAtAKeyframe();
    void poolersAreTwo();
    void poolsOfOneMoment();
    void eventsOfServers();
    void eventsBetweenAnswers();
    void noRoomIsToldAndGoesOn();
    void boundedQueue();
    void whatIsCommittedSurvivesAKill();

private:
    void start(std::vector<std::string> labels = {"db1"}, Nanos clockDifference = 0);
    void offer(const Probe &probe, ResultSet rows, int second)
    {
        QVERIFY(m_recorder->offer(sampleOf(probe, std::move(rows), at(second))));
    }
    std::string ask(std::string_view sql) { return query(*m_workspace, sql); }

    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<Recorder> m_recorder;
};

void TestRecorder::init()
{
    m_recorder.reset();
    m_workspace = temporaryWorkspace();
    QVERIFY(m_workspace != nullptr);
}

void TestRecorder::start(std::vector<std::string> labels, Nanos clockDifference)
{
    store::NewSource source;
    source.path = "db1";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    TS_VERIFY_OK(writer);
    Recorder::Options options;
    options.labels = std::move(labels);
    m_recorder = std::make_unique<Recorder>(m_workspace, std::move(*writer), std::move(options));
    m_recorder->start();
    m_recorder->note(eventOf(ServerEvent::Kind::Connected, at(0), kUnknownNanos, facts(clockDifference)));
}

void TestRecorder::serverRowAndClock()
{
    // Its clock is 5 s ahead of ours: what it says happened at 15 happened at 10.
    start({"shop db"}, 5 * kNanosPerSecond);
    const std::vector<std::string> columns{"catalog_view", "ts", "pid", "backend_start", "backend_type",
        "state", "wait_event_type", "wait_event", "xact_start", "query_start", "state_change"};
    offer(kSessions,
        set(columns,
            {{"pg_stat_activity", stamp(at(15)), "7", stamp(at(3)), "client backend", "active", "Lock",
                 "relation", stamp(at(14)), stamp(at(14)), stamp(at(14))},
                // A clock that moves on within one answer.
                {"pg_stat_activity", stamp(at(15) + 5), "8", stamp(at(3)), "client backend", "active", {}, {},
                    stamp(at(14)), stamp(at(14)), stamp(at(14))}}),
        10);
    // The same server again, restarted: one row is enough.
    m_recorder->note(eventOf(ServerEvent::Kind::Reconnected, at(11), at(12), facts(5 * kNanosPerSecond)));
    auto promoted = std::make_shared<ServerFacts>(*facts());
    promoted->timeline = 2;
    m_recorder->note(eventOf(ServerEvent::Kind::Reconnected, at(13), at(14), promoted));
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT name, host, port, dbname, server_version, system_identifier, timeline, "
                 "clock_difference_ns, hidden, kind FROM server ORDER BY id"),
        std::string("shop db|db1|5432|shop|15.18|7000|1|5000000000|texts of others: needs pg_monitor|"
                    "postgresql ; shop db|db1|5432|shop|15.18|7000|2|0|texts of others: needs "
                    "pg_monitor|postgresql"));
    QCOMPARE(ask("SELECT pid, (ts_ns - " + std::to_string(kStart) + ") / 1e9, (xact_start_ns - "
                 + std::to_string(kStart) + ") / 1e9 FROM session_sample ORDER BY 1"),
        std::string("7|10.0|9.0 ; 8|10.0|9.0"));
    QCOMPARE(ask("SELECT kind, state, format FROM source"), std::string("recording|complete|live"));
}

void TestRecorder::textsComeLater()
{
    start();
    offer(kStatements, set(kStatementColumns, {statement(0, "1", 5, "SELECT a")}), 0);
    // Entry 2 is new: its text comes two answers later; entry 3's never does.
    offer(kStatements, set(kStatementColumns, {statement(1, "1", 6), statement(1, "2", 1)}), 1);
    offer(kStatements,
        set(kStatementColumns, {statement(2, "1", 6), statement(2, "2", 1), statement(2, "3", 9)}), 2);
    offer(kStatements,
        set(kStatementColumns,
            {statement(3, "1", 6), statement(3, "2", 4, "SELECT b"), statement(3, "3", 9)}),
        3);
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT (SELECT text FROM statement WHERE id = statement_id), (ts_ns - "
                 + std::to_string(kStart) + ") / 1000000000, calls FROM statement_sample ORDER BY 1, 2"),
        std::string("NULL|2|9 ; SELECT a|0|5 ; SELECT a|1|6 ; SELECT b|1|1 ; SELECT b|3|4"));
    QCOMPARE(m_recorder->status().unchangedRows, std::int64_t(4));
}

void TestRecorder::epochs()
{
    start();
    const auto entry = [&](int second, std::vector<Row> rows) {
        offer(kStatements, set(kStatementColumns, rows), second);
    };
    const Row other = statement(0, "9", 1, "SELECT z");
    entry(0, {statement(0, "1", 50, "SELECT a"), other, statement(0, "2", 5, "SELECT b")});
    entry(1, {other, statement(1, "2", 5)}); // 1 was thrown out ...
    entry(2,
        {statement(2, "1", 60), other,
            statement(2, "2", 5)}); // ... and came back with more calls than it had
    entry(3, {statement(3, "1", 61), other, statement(3, "2", 2)}); // 2 was reset
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT (SELECT text FROM statement WHERE id = statement_id), calls, epoch FROM "
                 "statement_sample WHERE calls <> 1 ORDER BY 1, ts_ns"),
        std::string("SELECT a|50|0 ; SELECT a|60|1 ; SELECT a|61|1 ; SELECT b|5|0 ; SELECT b|2|1"));
    // The analysis reads from it: 60 + 1 calls, and 2.
    auto reader = m_workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto deltas = analysis::statementDeltas(*reader, Progress{});
    TS_VERIFY_OK(deltas);
    std::vector<std::int64_t> calls;
    for (const auto &one : *deltas)
        calls.push_back(one.calls);
    std::sort(calls.begin(), calls.end());
    QCOMPARE(calls, (std::vector<std::int64_t>{2, 61}));
}

void TestRecorder::resetOfAll()
{
    start();
    offer(kStatements,
        set(kStatementColumns, {statement(0, "1", 50, "SELECT a"), statement(0, "2", 7, "SELECT b")}), 0);
    offer(kStatements, set(kStatementColumns, {statement(1, "1", 1), statement(1, "2", 1)}), 1);
    offer(kDatabases, set(kDatabaseColumns, {database(1, 5)}), 1);
    offer(kDatabases, set(kDatabaseColumns, {database(2, 1, 0, "2026-01-02 00:00:00+00")}), 2);
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT count(*) FROM event WHERE kind = 'statistics_reset' AND service = 'db1'"),
        std::string("2"));
}

void TestRecorder::ratesOfCountersThatRested()
{
    start();
    // Nothing for ten seconds, then 100 commits within one: the rate is 100/s of that second, not 10/s.
    for (int second = 0; second <= 10; ++second)
        offer(kDatabases, set(kDatabaseColumns, {database(second, second < 10 ? 500 : 600)}), second);
    for (int second = 11; second <= 20; ++second)
        offer(kDatabases, set(kDatabaseColumns, {database(second, 600 + second)}), second);
    TS_VERIFY_OK(m_recorder->stop());
    const std::string points = ask("SELECT group_concat(((p.ts_ns - " + std::to_string(kStart)
        + ") / 1000000000) || ':' || CAST(p.value AS INTEGER), ' ') FROM (SELECT * FROM point ORDER BY "
          "ts_ns) "
          "AS "
          "p JOIN series AS s ON s.id = p.series_id WHERE s.metric = 'postgresql.commits' AND p.ts_ns < "
        + std::to_string(at(12)));
    QCOMPARE(points, std::string("0:500 9:500 10:600 11:611"));
    // Each run of a probe left what it took.
    QCOMPARE(ask("SELECT count(*), min(p.value), s.labels, s.service, s.unit FROM point AS p JOIN series AS "
                 "s ON s.id = "
                 "p.series_id WHERE s.metric = 'tailscope.probe.duration'"),
        std::string("21|2.0|{\"probe\":\"databases\"}|db1|ms"));
}

/// Five minutes of rest, and it moves in the very sample that stores everything.
void TestRecorder::ratesAtAKeyframe()
{
    start();
    for (int second = 0; second <= 300; ++second)
        offer(kDatabases, set(kDatabaseColumns, {database(second, second < 300 ? 500 : 600)}), second);
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT group_concat(((p.ts_ns - " + std::to_string(kStart)
                 + ") / 1000000000) || ':' || CAST(p.value AS INTEGER), ' ') FROM (SELECT * FROM point ORDER "
                   "BY ts_ns) AS p JOIN series AS s ON s.id = p.series_id WHERE s.metric = "
                   "'postgresql.commits'"),
        std::string("0:500 299:500 300:600"));
}

/// The counters of one database behind two poolers are two series.
void TestRecorder::poolersAreTwo()
{
    start({"db1", "db2"});
    for (std::size_t i = 0; i < 2; ++i) {
        auto pooler = std::make_shared<ServerFacts>();
        pooler->engine = Engine::Pgbouncer;
        pooler->host = i == 0 ? "p1" : "p2";
        pooler->port = 6432;
        ServerEvent event = eventOf(ServerEvent::Kind::Reconnected, at(0), at(1), pooler);
        event.server = i;
        m_recorder->note(std::move(event));
        QVERIFY(m_recorder->offer(sampleOf(kStats,
            set({"database", "total_xact_count", "total_received"}, {{"shop", i == 0 ? "10" : "9000", "1"}}),
            at(2), i)));
    }
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(
        ask("SELECT s.instance, s.labels, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id "
            "WHERE s.metric = 'pgbouncer.transactions' ORDER BY 1"),
        std::string("p1:6432|{\"database\":\"shop\"}|10.0 ; p2:6432|{\"database\":\"shop\"}|9000.0"));
}

void TestRecorder::poolsOfOneMoment()
{
    start();
    auto pooler = std::make_shared<ServerFacts>();
    pooler->engine = Engine::Pgbouncer;
    pooler->host = "db1";
    pooler->port = 6432;
    pooler->dbname = "pgbouncer";
    pooler->versionText = "1.18.0";
    pooler->versionNum = 11800;
    m_recorder->note(eventOf(ServerEvent::Kind::Reconnected, at(0), at(1), pooler));
    for (int second = 1; second <= 3; ++second) {
        offer(kStats,
            set({"database", "total_xact_count", "total_query_count", "total_received", "total_sent",
                    "total_xact_time", "total_query_time", "total_wait_time"},
                {{"shop", std::to_string(second * 10), "10", "1", "1", "5000000", "4000000", "3000000"}}),
            second);
        offer(kPools,
            set({"database", "user", "cl_active", "cl_waiting", "sv_active", "sv_idle", "sv_used", "maxwait",
                    "maxwait_us", "pool_mode"},
                {{"shop", "app", "4", "16", "4", "0", "0", "1", "500000", "transaction"}}),
            second);
    }
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(
        ask("SELECT pool, mode, active, waiting, max_wait_ms, acquired, wait_total_ms FROM pool_sample ORDER "
            "BY ts_ns"),
        std::string(
            "shop/app|transaction|4.0|16.0|1500.0|10.0|3000.0 ; shop/app|transaction|4.0|16.0|1500.0|20.0|"
            "3000.0 ; shop/app|transaction|4.0|16.0|1500.0|30.0|3000.0"));
    QCOMPARE(ask("SELECT kind, name, host, port FROM server WHERE kind = 'pgbouncer'"),
        std::string("pgbouncer|db1|db1|6432"));
}

void TestRecorder::eventsOfServers()
{
    start({"db1", "db2"});
    m_recorder->note(eventOf(ServerEvent::Kind::Lost, at(10), kUnknownNanos, facts()));
    m_recorder->note(eventOf(ServerEvent::Kind::Reconnected, at(10), at(25), facts()));
    m_recorder->note(eventOf(ServerEvent::Kind::Failover, at(25), kUnknownNanos, facts()));
    m_recorder->note(eventOf(ServerEvent::Kind::Gap, at(30), at(40), facts()));
    ServerEvent lost = eventOf(ServerEvent::Kind::Lost, at(50), kUnknownNanos, nullptr);
    lost.server = 1;
    m_recorder->note(std::move(lost));
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT group_concat(kind || ' ' || service || ' ' || ((ts_ns - " + std::to_string(kStart)
                 + ") / 1000000000), ', ') FROM (SELECT * FROM event ORDER BY ts_ns, id)"),
        std::string("gap db1 10, reconnect db1 25, failover db1 25, gap db1 30, gap db2 50"));
    QCOMPARE(ask("SELECT (end_ns - ts_ns) / 1000000000 FROM event WHERE kind = 'gap' AND service = 'db1'"),
        std::string("15 ; 10"));
    QCOMPARE(m_recorder->status().gaps, std::int64_t(3));
}

void TestRecorder::eventsBetweenAnswers()
{
    start();
    const auto setting = [](const char *value) {
        return set({"catalog_view", "ts", "name", "setting", "unit", "category", "context", "source"},
            {{"pg_settings", stamp(at(0)), "work_mem", value, "kB", "Memory", "user", "default"},
                {"pg_settings", stamp(at(0)), "primary_conninfo", std::string("password=") + value, {}, "x",
                    "sighup", "file"}});
    };
    offer(kSettings, setting("4096"), 0);
    offer(kSettings, setting("65536"), 60);
    offer(kDatabases, set(kDatabaseColumns, {database(60, 5)}), 60);
    offer(kDatabases, set(kDatabaseColumns, {database(61, 5, 2)}), 61);
    const Probe bgwriter{.id = "checkpoints",
        .title = "Checkpoints",
        .mapping = Mapping::Catalog,
        .sql = anySql};
    const auto checkpoints = [](const char *timed, const char *asked) {
        return set({"ts", "checkpoints_timed", "checkpoints_req", "buffers_checkpoint", "buffers_alloc",
                       "maxwritten_clean"},
            {{stamp(at(60)), timed, asked, "100", "5", "0"}});
    };
    offer(bgwriter, checkpoints("1", "0"), 62);
    offer(bgwriter, checkpoints("1", "1"), 63);
    const Probe vacuum{.id = "vacuum", .title = "Vacuum", .mapping = Mapping::Catalog, .sql = anySql};
    const std::vector<std::string> columns{"ts", "pid", "datname", "relname", "phase", "heap_blks_total",
        "heap_blks_scanned", "heap_blks_vacuumed"};
    for (int second = 64; second < 67; ++second)
        offer(vacuum,
            set(columns, {{stamp(at(second)), "9", "shop", "orders", "scanning heap", "100", "10", "0"}}),
            second);
    offer(vacuum, set(columns, {}), 67);
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT kind || ': ' || title || ' (' || ifnull(detail, '') || ')' FROM event ORDER BY "
                 "ts_ns, id"),
        std::string(
            "config: work_mem was changed (from 4096 to 65536 (kB)) ; config: primary_conninfo was changed "
            "(its value is not kept) ; deadlock: 2 deadlocks in shop (The server's log says who took part.) "
            "; "
            "checkpoint: checkpoint requested (0 buffers written since they were asked for last) ; vacuum: "
            "VACUUM of orders (in shop)"));
    QCOMPARE(ask("SELECT (end_ns - ts_ns) / 1000000000 FROM event WHERE kind = 'vacuum'"), std::string("2"));
    QCOMPARE(ask("SELECT count(*) FROM setting WHERE setting LIKE '%password%'"), std::string("0"));
}

/// The file may grow no further for a while, as on a full disk: what came meanwhile is stored afterwards.
void TestRecorder::noRoomIsToldAndGoesOn()
{
    start();
    offer(kDatabases, set(kDatabaseColumns, {database(0, 0)}), 0);
    QTRY_VERIFY_WITH_TIMEOUT(m_recorder->status().rows > 0, 30'000);
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{4096, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int second = 1; second <= 50; ++second)
        offer(kDatabases, set(kDatabaseColumns, {database(second, second)}), second);
    bool told = false;
    for (int i = 0; i < 3000 && !told; ++i) {
        QTest::qWait(10);
        const auto error = m_recorder->status().error;
        told = error && error->code == ErrorCode::DiskFull;
    }
    const auto committed = m_recorder->status().rows;
    ::setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(told);
    QTRY_VERIFY_WITH_TIMEOUT(m_recorder->status().rows > committed, 60'000);
    QTRY_VERIFY_WITH_TIMEOUT(!m_recorder->status().error, 60'000);
    TS_VERIFY_OK(m_recorder->stop());
    QCOMPARE(ask("SELECT count(*), max(p.value) FROM point AS p JOIN series AS s ON s.id = p.series_id WHERE "
                 "s.metric = "
                 "'postgresql.commits'"),
        std::string("51|50.0"));
    QCOMPARE(ask("PRAGMA quick_check"), std::string("ok"));
}

void TestRecorder::boundedQueue()
{
    store::NewSource source;
    source.path = "db1";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    TS_VERIFY_OK(writer);
    Recorder::Options options;
    options.labels = {"db1"};
    // Not started: nothing is taken from the queue.
    Recorder recorder(m_workspace, std::move(*writer), std::move(options));
    const std::string megabyte(1 << 20, 'x');
    int taken = 0;
    while (taken < 100 && recorder.offer(sampleOf(kSessions, set({"pid"}, {{megabyte}}), at(taken))))
        ++taken;
    QVERIFY2(taken >= 14 && taken <= 16, std::to_string(taken).c_str());
    QVERIFY(recorder.status().waitingBytes <= Recorder::kMaxWaitingBytes);
    // Events are never lost.
    recorder.note(eventOf(ServerEvent::Kind::Gap, at(1), at(2), nullptr));
    recorder.start();
    TS_VERIFY_OK(recorder.stop());
    QCOMPARE(ask("SELECT count(*) FROM event"), std::string("1"));
}

/// A child process is killed while it records: the next one to open has what was committed, marked partial.
void TestRecorder::whatIsCommittedSurvivesAKill()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("killed.tailscope")).toStdString();
    int ready[2] = {-1, -1};
    QCOMPARE(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto opened = store::Workspace::open(path);
        if (!opened)
            ::_exit(1);
        const std::shared_ptr<store::Workspace> workspace = std::move(*opened);
        store::NewSource source;
        source.path = "db1";
        source.format = "live";
        source.isRecording = true;
        auto writer = store::BulkWriter::create(*workspace, source, Progress{});
        if (!writer)
            ::_exit(1);
        Recorder::Options options;
        options.labels = {"db1"};
        Recorder recorder(workspace, std::move(*writer), std::move(options));
        recorder.start();
        recorder.note(eventOf(ServerEvent::Kind::Connected, at(0), kUnknownNanos, facts()));
        for (int second = 0; second < 20; ++second)
            recorder.offer(
                sampleOf(kDatabases, set(kDatabaseColumns, {database(second, second)}), at(second)));
        while (recorder.status().lastNs < at(19))
            ::usleep(1000);
        [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
        ::pause();
    }
    ::close(ready[1]); // a child that fails ends the read
    char byte = 0;
    QCOMPARE(::read(ready[0], &byte, 1), ssize_t(1));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ready[0]);
    auto workspace = store::Workspace::open(path);
    TS_VERIFY_OK(workspace);
    QVERIFY((*workspace)->openReport().uncleanEnd);
    QCOMPARE(query(**workspace,
                 "SELECT count(*), max(p.value) FROM point AS p JOIN series AS s ON s.id = p.series_id "
                 "WHERE s.metric = 'postgresql.commits'"),
        std::string("20|19.0"));
    QCOMPARE(query(**workspace, "SELECT state FROM source"), std::string("complete"));
    QVERIFY(query(**workspace, "SELECT kind FROM import_issue").find("partial") != std::string::npos
        || query(**workspace, "SELECT partial FROM source_raw") == "1");
}

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
