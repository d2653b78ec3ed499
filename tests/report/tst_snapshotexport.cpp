// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What servers were seen to do goes out as result sets and comes back as the same rows.
#include "report/snapshotexport.h"

#include "analysis/statementrange.h"
#include "session/ingest.h"
#include "store/bulkwriter.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <tuple>

using namespace tailscope;

namespace {

/// One server with a row of each kind; times differ so that each can be told.
constexpr const char *kCatalog
    = R"json({"host":"10.0.0.1","port":5432,"dbname":"shop","server_version":"15.18","server_version_num":150018,"system_identifier":"7001","timeline":3,"in_recovery":false,"postmaster_start_time":"2026-03-01 08:00:00Z","ts":"2026-03-02 12:00:00Z"}
{"catalog_view":"pg_settings","ts":"2026-03-02 12:00:00Z","name":"max_connections","setting":"100","unit":null,"context":"postmaster"}
{"catalog_view":"pg_class","relname":"orders","schemaname":"public","oid":16400,"relkind":"r","reltuples":1000,"relpages":10,"relfrozenxid_age":77}
{"catalog_view":"pg_index","indexrelid":16401,"indrelid":16400,"relname":"orders","schemaname":"public","indexrelname":"orders_pkey","indisunique":true,"indisvalid":true,"indkey":"1","indexdef":"CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id)"}
{"catalog_view":"pg_index","indexrelid":16402,"indrelid":16400,"relname":"orders","schemaname":"public","indexrelname":"orders_open","indisunique":false,"indisvalid":true,"indkey":"1","indexdef":"CREATE INDEX orders_open ON public.orders USING btree (id) WHERE ((state = 'secret'::text) AND (n > 4242))"}
{"catalog_view":"pg_attribute","attrelid":16400,"relname":"orders","schemaname":"public","attname":"state","attnum":2,"format_type":"text","attnotnull":true,"column_default":"'secret'::text","n_distinct":2,"most_common_vals":"{secret,open}","most_common_freqs":"{0.5,0.25}"}
{"catalog_view":"pg_constraint","conrelid":16400,"relname":"orders","schemaname":"public","conname":"orders_check","contype":"c","convalidated":true,"conkey":"{2}","constraintdef":"CHECK ((state <> 'secret'::text))"}
{"catalog_view":"pg_stat_activity","ts":"2026-03-02 12:00:01.5Z","pid":10,"datname":"shop","usename":"app","application_name":"web","client_addr":"10.0.0.9","backend_type":"client backend","state":"active","wait_event_type":"Lock","wait_event":"transactionid","xact_start":"2026-03-02 11:59:00.000001Z","query_start":"2026-03-02 11:59:01Z","state_change":"2026-03-02 11:59:02Z","backend_xmin_age":5,"backend_xid_age":2,"query_id":-77,"query":"SELECT * FROM t WHERE name = 'secret'"}
{"catalog_view":"pg_stat_activity","ts":"2026-03-02 12:00:01.5Z","pid":12,"backend_type":"walwriter","state":null,"query_start":null,"wait_event_type":"Activity"}
{"catalog_view":"pg_locks","ts":"2026-03-02 12:00:01.5Z","blocked_pid":11,"pg_blocking_pids":"{10,12}","locktype":"relation","mode":"AccessShareLock","relation":"orders","waited_ms":1234.5,"granted_mode":"ShareLock"}
{"catalog_view":"x","ts":"2026-03-02 12:00:02Z","holder":"slot","holder_name":"replica1","pid":null,"xmin_age":9,"xid_age":null,"since":"2026-03-02 10:00:00Z","detail":"physical"}
{"catalog_view":"x","ts":"2026-03-02 12:00:02Z","origin":"activity","wait_event_type":"IO","wait_event":"DataFileRead","query_id":5,"backend_type":"client backend","samples":3,"interval_ms":1000}
{"catalog_view":"pg_replication_slots","ts":"2026-03-02 12:00:03Z","slot_name":"replica1","slot_type":"physical","active":true,"retained_bytes":1620184,"wal_status":"reserved","safe_wal_size":553648128}
{"catalog_view":"pg_stat_replication","ts":"2026-03-02 12:00:03Z","application_name":"replica1","client_addr":"10.0.0.2","state":"streaming","sync_state":"async","sent_lsn":"16/B374D848","write_lsn":"16/B374D848","flush_lsn":"16/B374D840","replay_lsn":"16/B3700000","current_lsn":"16/B374D900","replay_lag":"00:00:01.25","reply_time":"2026-03-02 12:00:02.9Z"}
{"catalog_view":"pg_stat_progress_vacuum","ts":"2026-03-02 12:00:04Z","pid":77,"datname":"shop","relname":"orders","phase":"scanning heap","heap_blks_total":100,"heap_blks_scanned":40,"heap_blks_vacuumed":0}
{"catalog_view":"pg_stat_user_tables","ts":"2026-03-02 12:00:05Z","relid":16400,"schemaname":"public","relname":"orders","seq_scan":4,"n_live_tup":1000,"n_dead_tup":50,"last_autovacuum":"2026-03-02 09:00:00Z","autovacuum_count":2,"relfrozenxid_age":78}
{"catalog_view":"pg_stat_user_indexes","ts":"2026-03-02 12:00:05Z","indexrelid":16401,"schemaname":"public","relname":"orders","indexrelname":"orders_pkey","idx_scan":12,"idx_tup_read":13}
{"catalog_view":"pg_stat_database","ts":"2026-03-02 12:00:06Z","datname":"shop","xact_commit":100,"xact_rollback":1,"blk_read_time":1.25}
{"catalog_view":"pg_stat_database","ts":"2026-03-02 12:00:07Z","datname":"shop","xact_commit":150,"xact_rollback":2,"blk_read_time":1.5}
{"catalog_view":"pg_stat_io","ts":"2026-03-02 12:00:07Z","backend_type":"client backend","object":"relation","context":"normal","reads":9}
{"host":"10.0.0.2","port":5432,"dbname":"shop","server_version":"15.18","server_version_num":150018,"system_identifier":"7001","in_recovery":true,"ts":"2026-03-02 12:00:08Z"}
{"catalog_view":"x","ts":"2026-03-02 12:00:08Z","replica":"replica1","pg_last_wal_receive_lsn":"16/B374D848","pg_last_wal_replay_lsn":"16/B3700000","pg_is_wal_replay_paused":true,"replay_age":2500,"status":"streaming","last_msg_receipt_time":"2026-03-02 12:00:07.5Z","flushed_lsn":"16/B374D848"}
)json";
constexpr const char *kStatements
    = R"json({"ts":"2026-03-02 12:00:00Z","server":"10.0.0.1:5432","query":"SELECT * FROM t WHERE name = 'secret'","datname":"shop","rolname":"app","calls":10,"total_exec_time":123.5,"mean_exec_time":12.35,"rows":10,"shared_blks_hit":99,"queryid":"-77","jit_functions":3}
{"ts":"2026-03-02 12:00:10Z","server":"10.0.0.1:5432","query":"SELECT * FROM t WHERE name = 'secret'","datname":"shop","rolname":"app","calls":20,"total_exec_time":323.5,"mean_exec_time":16.175,"rows":20,"shared_blks_hit":199,"queryid":"-77","jit_functions":3}
)json";
constexpr const char *kConsole = R"json(2026-03-02 12:00:00Z
name|host|port|database|force_user|pool_size|reserve_pool|pool_mode|max_connections
shop|10.0.0.1|5432|shop||4|1|transaction|0

database|user|cl_active|cl_waiting|cl_cancel_req|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
shop|app|4|16|0|4|3|2|0|0|1|791765|transaction

database|total_xact_count|total_query_count|total_received|total_sent|total_xact_time|total_query_time|total_wait_time
shop|135|140|1000|2000|129465000|129465000|102195000

2026-03-02 12:00:01Z
database|user|cl_active|cl_waiting|cl_cancel_req|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
shop|app|4|16|0|4|0|0|0|0|0|791765|transaction

database|total_xact_count|total_query_count|total_received|total_sent|total_xact_time|total_query_time|total_wait_time
shop|155|160|1100|2100|149465000|149465000|117195000

2026-03-02 12:00:02Z
database|user|cl_active|cl_waiting|cl_cancel_req|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
shop|app|4||0|4|||0|0|||transaction
)json";

/// What is compared: rows of the public views, without the numbers of servers and sources.
constexpr const char *kQueries[] = {
    "SELECT kind, host, port, dbname, server_version, server_version_num, system_identifier, timeline, "
    "in_recovery, "
    "postmaster_start_ns FROM server WHERE kind = 'postgresql' AND server_version IS NOT NULL ORDER BY host",
    "SELECT name, setting, unit, context, ts_ns FROM setting WHERE name = 'max_connections'",
    "SELECT oid, dbname, schemaname, relname, relkind, reltuples, relpages, relfrozenxid_age FROM db_table",
    "SELECT indexrelid, indrelid, indexrelname, amname, indisunique, indisvalid, indkey, indexdef FROM "
    "db_index",
    "SELECT attrelid, relname, attname, attnum, format_type, attnotnull, column_default, n_distinct, "
    "most_common_vals, most_common_freqs FROM db_column",
    "SELECT conrelid, relname, conname, contype, convalidated, conkey, constraintdef FROM db_constraint",
    "SELECT s.ts_ns, s.pid, s.user, s.db, s.application, s.client, s.backend_type, s.state, "
    "s.wait_event_type, "
    "s.wait_event, s.xact_start_ns, s.query_start_ns, s.state_change_ns, s.backend_xmin, s.xid_age, "
    "s.query_id, t.text "
    "FROM session_sample AS s LEFT JOIN statement AS t ON t.id = s.statement_id ORDER BY s.pid",
    "SELECT ts_ns, blocked_pid, blocker_pid, lock_type, mode, granted_mode, relation, waited_ms FROM "
    "lock_edge "
    "ORDER BY blocker_pid",
    "SELECT ts_ns, kind, name, pid, xmin_age, xid_age, since_ns, detail FROM xmin_holder",
    "SELECT ts_ns, origin, wait_event_type, wait_event, query_id, backend_type, samples, interval_ms FROM "
    "wait_sample",
    "SELECT ts_ns, slot, kind, active, retained_bytes, wal_status, safe_wal_bytes FROM slot_sample",
    "SELECT ts_ns, replica, client, state, sync_state, sent_position, write_position, flush_position, "
    "replay_position, "
    "current_position, receive_position, unsent_bytes, unflushed_bytes, unreplayed_bytes, replay_lag_ms, "
    "link_age_ms, "
    "paused, replay_age_ms FROM replica_sample ORDER BY ts_ns",
    "SELECT ts_ns, command, pid, dbname, relname, phase, done, total, extra FROM progress_sample",
    "SELECT ts_ns, relid, dbname, schemaname, relname, seq_scan, n_live_tup, n_dead_tup, last_autovacuum_ns, "
    "autovacuum_count, relfrozenxid_age FROM table_sample",
    "SELECT ts_ns, indexrelid, relname, indexrelname, idx_scan, idx_tup_read FROM index_sample",
    "SELECT s.metric, s.foreign_name, s.instance, s.labels, s.unit, s.kind, p.ts_ns, p.value FROM series AS "
    "s JOIN "
    "point AS p ON p.series_id = s.id ORDER BY 1, 2, 3, 4, 7",
    "SELECT s.ts_ns, t.text, s.db, s.user, s.calls, s.total_ms, s.mean_ms, s.rows, s.shared_hit, s.extra "
    "FROM statement_sample AS s JOIN statement AS t ON t.id = s.statement_id ORDER BY 1",
    "SELECT ts_ns, pool, kind, mode, capacity, active, idle, waiting, max_wait_ms, acquired, clients, "
    "wait_total_ms, "
    "busy_total_ms, busy_includes_wait, json(extra) ->> 'cl_active', json(extra) ->> 'sv_used' FROM "
    "pool_sample ORDER BY 1"};

QString text(const store::Workspace &workspace, const char *sql)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return QStringLiteral("ERROR");
    auto rows = reader->prepare(sql);
    if (!rows)
        return QStringLiteral("ERROR ") + QString::fromStdString(rows.error().toText());
    QStringList lines;
    for (;;) {
        const auto row = rows->step();
        if (!row || !*row)
            return lines.join(u'\n');
        QStringList cells;
        for (int i = 0; i < rows->columnCount(); ++i)
            cells.append(
                rows->isNull(i) ? QStringLiteral("-") : QString::fromStdString(std::string(rows->text(i))));
        lines.append(cells.join(u'|'));
    }
}

} // namespace

class TestSnapshotExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void comesBackTheSame();
    void literalsStayHere();
    void olderPartsGo();
    void poolersAreTwo();
    void restingStatementsStay();
    void nothingToWrite();

private:
    std::string path(const char *name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    static std::unique_ptr<store::Workspace> ingested(const std::vector<std::string> &files);

    QTemporaryDir m_folder;
    std::unique_ptr<store::Workspace> m_workspace;
};

std::unique_ptr<store::Workspace> TestSnapshotExport::ingested(const std::vector<std::string> &files)
{
    auto made = store::Workspace::temporary();
    if (!made)
        return {};
    session::IngestOptions options;
    options.runRules = false;
    const session::IngestResult result = session::ingest(**made, files, options, {});
    for (const Error &error : result.errors)
        qWarning("%s", error.toText().c_str());
    return result.errors.empty() ? std::move(*made) : nullptr;
}

void TestSnapshotExport::initTestCase()
{
    std::vector<std::string> files;
    for (const auto &[name, content] : {std::pair("catalog.jsonl", kCatalog),
             std::pair("statements.jsonl", kStatements), std::pair("console.txt", kConsole)}) {
        files.push_back(path(name));
        QFile file(QString::fromStdString(files.back()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    m_workspace = ingested(files);
    QVERIFY(m_workspace);
}

void TestSnapshotExport::comesBackTheSame()
{
    QVERIFY(report::isSnapshotTarget("x.snapshots.jsonl"));
    QVERIFY(!report::isSnapshotTarget("x.jsonl"));
    const auto outcome = report::exportSnapshots(*m_workspace, true, path("out.snapshots.jsonl"), {});
    QVERIFY2(outcome, outcome ? "" : outcome.error().toText().c_str());
    QCOMPARE(outcome->files.size(), std::size_t(3));
    std::vector<std::string> files;
    for (const auto &file : outcome->files)
        files.push_back(file.string());
    const auto again = ingested(files);
    QVERIFY(again);
    for (const char *sql : kQueries) {
        const QString expected = text(*m_workspace, sql);
        QVERIFY2(!expected.isEmpty() && !expected.startsWith(QLatin1String("ERROR")),
            qPrintable(expected + QLatin1String(sql)));
        QCOMPARE(text(*again, sql), expected);
    }
    QCOMPARE(text(*again, "SELECT count(*) FROM import_reject"), QStringLiteral("0"));
}

void TestSnapshotExport::literalsStayHere()
{
    const auto outcome = report::exportSnapshots(*m_workspace, false, path("redacted.snapshots.jsonl"), {});
    QVERIFY(outcome);
    for (const auto &name : outcome->files) {
        QFile file(QString::fromStdString(name.string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray all = file.readAll();
        QVERIFY2(!all.contains("secret") && !all.contains("4242"), name.c_str());
        QVERIFY(!all.isEmpty());
    }
}

/// What an earlier export to the name wrote is no part of this one.
void TestSnapshotExport::olderPartsGo()
{
    const std::vector<const char *> older{"again.pgbouncer-2.txt", "again.pgbouncer-3.txt",
        "again.events.jsonl"};
    for (const char *name : older) {
        QFile file(QString::fromStdString(path(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    QFile other(QString::fromStdString(path("again.other.jsonl")));
    QVERIFY(other.open(QIODevice::WriteOnly));
    const auto outcome = report::exportSnapshots(*m_workspace, false, path("again.snapshots.jsonl"), {});
    QVERIFY(outcome);
    for (const char *name : older)
        QVERIFY2(!QFile::exists(QString::fromStdString(path(name))), name);
    QVERIFY(other.exists());
    for (const auto &name : outcome->files)
        QVERIFY(QFile::exists(QString::fromStdString(name.string())));
}

/// Of one recording: each file has the counters and the databases of its own.
void TestSnapshotExport::poolersAreTwo()
{
    auto made = store::Workspace::temporary();
    QVERIFY(made);
    auto writer = store::BulkWriter::create(**made, {"recording", "live", std::nullopt}, {});
    QVERIFY(writer);
    constexpr Nanos kAt = 1'772'452'800 * kNanosPerSecond;
    for (const auto &[host, database, value] :
        {std::tuple("p1", "shop", 10.0), std::tuple("p2", "crm", 9000.0)}) {
        const std::string instance = std::string(host) + ":6432", pool = std::string(database) + "/app";
        const RecordField named[]{{"kind", std::string_view("pgbouncer")}, {"name", std::string_view(host)},
            {"host", std::string_view(host)}, {"port", std::int64_t(6432)}};
        const RecordRef server = (*writer)->record({RecordTable::Server, {}, {}, {}, {}, named});
        const RecordField size[]{{"subject_kind", std::string_view("pool")},
            {"subject", std::string_view(database)}, {"parent", std::string_view("pgbouncer")},
            {"key", std::string_view("size")}, {"value", std::string_view("4")}};
        (*writer)->record({RecordTable::Config, {}, {}, {}, {}, size});
        const RecordField sample[]{{"ts_ns", kAt}, {"pool", std::string_view(pool)}, {"active", 3.0},
            {"extra", std::string_view(R"({"cl_active":4,"sv_used":0})")}};
        (*writer)->record({RecordTable::PoolSample, server, {}, {}, {}, sample});
        SeriesRow series;
        series.metric = series.foreignName = "pgbouncer.transactions";
        series.instance = instance;
        series.labelsJson = R"({"database":"shop"})";
        series.kind = SeriesKind::Counter;
        (*writer)->point((*writer)->series(series), kAt, value);
    }
    // The first one again, after an upgrade: its counters are not told twice.
    const RecordField upgraded[]{{"kind", std::string_view("pgbouncer")}, {"name", std::string_view("p1")},
        {"host", std::string_view("p1")}, {"port", std::int64_t(6432)},
        {"server_version", std::string_view("1.21.0")}};
    (*writer)->record({RecordTable::Server, {}, {}, {}, {}, upgraded});
    QVERIFY((*writer)->finish({}));
    const auto outcome = report::exportSnapshots(**made, false, path("two.snapshots.jsonl"), {});
    QVERIFY2(outcome, outcome ? "" : outcome.error().toText().c_str());
    for (const auto &[name, own, others] : {std::tuple("two.pgbouncer.txt", "10", "9000"),
             std::tuple("two.pgbouncer-2.txt", "9000", "shop|||")}) {
        QFile file(QString::fromStdString(path(name)));
        QVERIFY2(file.open(QIODevice::ReadOnly), name);
        const QByteArray all = file.readAll();
        QVERIFY2(all.contains(own) && !all.contains(others), all.constData());
        QCOMPARE(all.count("|4||"), 1); // the size of its own database alone
    }
    QVERIFY(!QFile::exists(QString::fromStdString(path("two.pgbouncer-3.txt"))));
    const auto again = ingested({path("two.pgbouncer.txt"), path("two.pgbouncer-2.txt")});
    QVERIFY(again);
    QCOMPARE(text(*again,
                 "SELECT s.instance, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id "
                 "WHERE s.metric = 'pgbouncer.transactions' ORDER BY 1"),
        QStringLiteral("p1:6432|10.0\np2:6432|9000.0"));
}

/// A recording stores what changed; its export says of every sample what was there.
void TestSnapshotExport::restingStatementsStay()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    constexpr Nanos kBegin = 1'772'452'800 * kNanosPerSecond;
    auto writer = store::BulkWriter::create(**workspace, {"recording", "live", std::nullopt, true}, {});
    QVERIFY(writer);
    const RecordField named[]{{"kind", std::string_view("postgresql")}, {"name", std::string_view("primary")},
        {"host", std::string_view("db1")}, {"port", std::int64_t(5432)}};
    const RecordRef server = (*writer)->record({RecordTable::Server, {}, {}, {}, {}, named});
    const auto statement = [&](int second, std::string_view query, int calls) {
        const RecordField fields[]{{"statement_id", query}, {"ts_ns", kBegin + second * kNanosPerSecond},
            {"calls", std::int64_t(calls)}, {"total_ms", 2.0 * calls}};
        (*writer)->record({RecordTable::StatementSample, server, {}, {}, {}, fields});
    };
    statement(0, "SELECT 1 FROM resting", 7);
    for (int s = 0; s < 20; s += 5)
        statement(s, "SELECT 1 FROM busy", 100 + s);
    QVERIFY((*writer)->finish({}));
    const auto outcome = report::exportSnapshots(**workspace, true, path("resting.snapshots.jsonl"), {});
    QVERIFY2(outcome, outcome ? "" : outcome.error().toText().c_str());
    std::vector<std::string> files;
    for (const auto &file : outcome->files)
        files.push_back(file.string());
    const auto again = ingested(files);
    QVERIFY(again);
    QCOMPARE(text(*again,
                 "SELECT count(*), min(calls), max(calls) FROM statement_sample AS x JOIN statement AS s"
                 " ON s.id = x.statement_id WHERE s.text LIKE '%resting%'"),
        QStringLiteral("4|7|7"));
    auto reader = again->connectReader();
    QVERIFY(reader);
    analysis::StatementRangeRequest asked;
    asked.range = {kBegin, kBegin + 30 * kNanosPerSecond};
    const auto range = analysis::readStatementRange(*reader, asked, {});
    QVERIFY(range);
    QCOMPARE(range->gone, std::int64_t(0));
    QCOMPARE(range->calls, std::int64_t(15));
}

void TestSnapshotExport::nothingToWrite()
{
    auto empty = store::Workspace::temporary();
    QVERIFY(empty);
    const auto outcome = report::exportSnapshots(**empty, false, path("empty.snapshots.jsonl"), {});
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::NotFound);
    const auto unwritable
        = report::exportSnapshots(*m_workspace, false, path("no/such/x.snapshots.jsonl"), {});
    QVERIFY(!unwritable);
}

QTEST_GUILESS_MAIN(TestSnapshotExport)
#include "tst_snapshotexport.moc"
