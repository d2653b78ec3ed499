// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogrows.h"
#include "import/pgcatalog/catalogvalues.h"
#include "import/pgcatalog/pgcatalog.h"
#include "support/importhelpers.h"

#include <cmath>

#include <QElapsedTimer>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text, const ReadOptions &options = {})
{
    return readBytes(pgCatalogImporter(), text, 65536, options);
}

/// The lines of one table, or the whole outcome when there are none.
std::string rows(const ReadOutcome &outcome, std::string_view table)
{
    std::string text;
    for (const std::string &line : outcome.sink.linesOf(table))
        text += line + '\n';
    return text.empty() ? outcome.text() : text;
}

QByteArray first(const std::string &text, std::string_view table)
{
    return QByteArray::fromStdString(rows(read(text), table));
}

} // namespace

class TestPgCatalog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsValues();
    void readsIntervals_data();
    void readsIntervals();
    void readsIndexDefinitions();
    void recognisesViews_data();
    void recognisesViews();
    void readsTables();
    void readsJson();
    void readsPsqlTables();
    void readsSeveralResultSets();
    void takesTheServersWord();
    void namesRelations();
    void findsWhoBlocksWhom();
    void derivesLag();
    void joinsHalvesOfAStandby();
    void takesTimesBetweenResultSets();
    void derivesProgress();
    void makesSeriesOfCounters();
    void readsOlderVersions();
    void keepsNoSecrets();
    void tellsWhatItLeavesOut();
    void leavesStatementsToOthers();
    void keepsRowsWithWrongTypes();
    void skipsBrokenRows();
    void readsDecimalCommas();
    void readsManyRows();
    void isHostileProof();
    void sniffs();
};

void TestPgCatalog::readsValues()
{
    QVERIFY(catalogBoolean("t") == true && catalogBoolean("FALSE") == false && catalogBoolean("on") == true);
    QVERIFY(!catalogBoolean("maybe") && !catalogBoolean(""));
    QCOMPARE(*catalogLsn("0/16B3748"), std::int64_t(23803720));
    QCOMPARE(*catalogLsn("16/B374D848"), (std::int64_t(0x16) << 32) + 0xB374D848);
    QVERIFY(
        !catalogLsn("1/123456789") && !catalogLsn("80000000/0") && !catalogLsn("x/y") && !catalogLsn("/"));
    QCOMPARE(*catalogBytes("8192 bytes"), std::int64_t(8192));
    QCOMPARE(*catalogBytes("16 MB"), std::int64_t(16 * 1024 * 1024));
    QVERIFY(!catalogBytes("16 apples") && !catalogBytes("1e300 GB"));
    for (const char *text : {"1 2", "{1,2}", "[1, 2]", "\"1 2\""})
        QCOMPARE(*catalogNumbers(text), "1 2"s);
    QVERIFY(!catalogNumbers("{1,a}"));
    QCOMPARE(catalogArray("[\"a=b\", \"c d\"]"), "{\"a=b\", \"c d\"}"s);
    const QualifiedName name = catalogName("shop.\"My.\"\"Table\"");
    QCOMPARE(name.schema, "shop"s);
    QCOMPARE(name.name, "My.\"Table"s);
    QCOMPARE(std::get<std::int64_t>(*catalogValue("12.0", CatalogKind::Integer, false)), std::int64_t(12));
    QVERIFY(!catalogValue("12.5", CatalogKind::Integer, false));
    QVERIFY(!catalogValue("99999999999999999999", CatalogKind::Integer, false));
}

void TestPgCatalog::readsIntervals_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<double>("ms");
    const auto row = [](const char *text, double ms) { QTest::newRow(text) << QByteArray(text) << ms; };
    row("00:00:00.104", 104);
    row("-00:00:01.5", -1500);
    row("1 day 02:03:04.5", 86'400'000.0 + 7'384'500);
    row("2 days", 172'800'000);
    row("1 mon", 2'592'000'000);
    row("@ 3 mins 2 secs", 182'000);
    row("@ 2 secs ago", -2000);
    row("P1DT2H3M4.5S", 86'400'000.0 + 7'384'500);
    row("PT0.104S", 104);
    row("12.5", 12.5);
    row("104 ms", 104);
    for (const char *junk : {"soon", "1", "P", "1 parsec", "00:00:xx", "3 days and", "::", "PT1X"})
        row(junk, junk[0] == '1' && junk[1] == '\0' ? 1 : NAN);
}

void TestPgCatalog::readsIntervals()
{
    QFETCH(QByteArray, text);
    QFETCH(double, ms);
    const std::optional<double> read = catalogInterval(text.toStdString());
    QCOMPARE(read.has_value(), !std::isnan(ms));
    if (read)
        QVERIFY2(std::abs(*read - ms) < 1e-6, qPrintable(QString::number(*read, 'f')));
}

void TestPgCatalog::readsIndexDefinitions()
{
    const IndexDefinition simple = readIndexDefinition("CREATE INDEX i ON public.t USING btree (a, b)");
    QVERIFY(!simple.unique && simple.predicate.empty());
    QCOMPARE(simple.method, "btree"s);
    const IndexDefinition hard
        = readIndexDefinition("CREATE UNIQUE INDEX \" USING x WHERE \" ON t USING gist ((a || ' WHERE "
                              "'::text)) WHERE ((b = ' USING y'::text))");
    QVERIFY(hard.unique);
    QCOMPARE(hard.method, "gist"s);
    QCOMPARE(hard.predicate, "((b = ' USING y'::text))"s);
    QCOMPARE(readIndexDefinition("").method, ""s);
}

void TestPgCatalog::recognisesViews_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QByteArray>("table");
    const auto row = [](const char *name, const char *header, const char *values, const char *table) {
        QTest::newRow(name) << QByteArray(header) << QByteArray(values) << QByteArray(table);
    };
    row("pg_class", "oid,relname,relnamespace,relkind,reltuples,relpages,relacl", "1,t,2200,r,5,1,",
        "db_table 1");
    row("pg_tables", "schemaname,tablename,tableowner,tablespace,hasindexes", "s,t,me,,t", "db_table 1");
    row("pg_stat_all_tables", "relid,schemaname,relname,seq_scan,n_live_tup", "1,s,t,3,4", "table_sample 1");
    row("pg_statio_all_tables",
        "relid,schemaname,relname,heap_blks_read,heap_blks_hit,idx_blks_read,idx_blks_hit", "1,s,t,1,2,3,4",
        "table_sample 1");
    row("pg_stat_user_indexes",
        "relid,indexrelid,schemaname,relname,indexrelname,idx_scan,idx_tup_read,idx_tup_fetch",
        "1,2,s,t,i,5,6,7", "index_sample 1");
    row("pg_indexes", "schemaname,tablename,indexname,tablespace,indexdef",
        "s,t,i,,CREATE INDEX i ON s.t USING btree (a)", "db_index 1");
    row("pg_index", "indexrelid,indrelid,indnatts,indisunique,indisprimary,indisvalid,indkey",
        "public.i,public.t,1,t,f,t,1", "db_index 1");
    row("pg_stats", "schemaname,tablename,attname,inherited,null_frac,avg_width,n_distinct,correlation",
        "s,t,a,f,0.5,4,-1,0.9", "db_column 1");
    row("columns", "table_schema,table_name,column_name,ordinal_position,is_nullable,data_type",
        "s,t,a,1,NO,integer", "db_column 1");
    row("pg_constraint", "conname,contype,convalidated,conrelid,confrelid,conkey,confkey",
        "fk,f,t,s.t,s.p,{1},{2}", "db_constraint 1");
    row("pg_settings", "name,setting,unit,context", "work_mem,4096,kB,user", "setting 1");
    row("SHOW ALL", "name,setting,description", "work_mem,4MB,x", "setting 1");
    row("pg_stat_activity", "datid,datname,pid,usename,state,wait_event_type,wait_event,query_start,query",
        "1,db,7,me,active,IO,DataFileRead,2026-03-02 12:00:00+00,SELECT 1", "session_sample 1");
    row("pg_replication_slots", "slot_name,plugin,slot_type,active,restart_lsn", "s,,physical,t,0/1",
        "slot_sample 1");
}

void TestPgCatalog::recognisesViews()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, row);
    QFETCH(QByteArray, table);
    const std::string text = (header + '\n' + row + '\n').toStdString();
    const ReadOutcome outcome = read(text);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    // The source's two lines and this one: nothing else is made of it.
    QCOMPARE(outcome.sink.lines.size(), std::size_t(3));
    QVERIFY2(outcome.sink.lines[1].starts_with(table.toStdString() + ' '), outcome.text().c_str());
    QVERIFY2(outcome.sink.lines[1].find("UNKNOWN") == std::string::npos, outcome.text().c_str());
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(1));
    QCOMPARE(int(pgCatalogImporter().sniff(text, "upload")), int(Confidence::Strong));
    // The order of the columns and the case of their names mean nothing.
    QStringList names = QString::fromUtf8(header).toUpper().split(QLatin1Char(','));
    QStringList values = QString::fromUtf8(row).split(QLatin1Char(','));
    if (names.size() == values.size()) {
        std::reverse(names.begin(), names.end());
        std::reverse(values.begin(), values.end());
        const QString turned = names.join(QLatin1Char(',')) + QLatin1Char('\n')
            + values.join(QLatin1Char(',')) + QLatin1Char('\n');
        QCOMPARE(read(turned.toStdString()).sink.text(), outcome.sink.text());
    }
}

void TestPgCatalog::readsTables()
{
    QCOMPARE(
        first("ts,relid,schemaname,relname,seq_scan,n_live_tup,n_dead_tup,last_vacuum,last_autovacuum,total\n"
              "2026-03-02 12:00:00.5+00,16385,shop,orders,3,4,5,,2026-03-02 11:59:59+00,x\n",
            "table_sample"),
        QByteArray(
            "table_sample 1 ts_ns=1772452800500000000 relid=16385 schemaname=\"shop\" relname=\"orders\" "
            "seq_scan=3 n_live_tup=4 n_dead_tup=5 last_autovacuum_ns=1772452799000000000\n"));
    QCOMPARE(first("\xEF\xBB\xBFrelname,seq_scan\nt,1\n", "table_sample"),
        QByteArray("table_sample 1 relname=\"t\" seq_scan=1\n"));
    // NULL is unknown, not 0, however it is written.
    QCOMPARE(first("relname,seq_scan,n_live_tup,n_dead_tup\nt,\\N,NULL,(null)\n", "table_sample"),
        QByteArray("table_sample 1 relname=\"t\"\n"));
    QCOMPARE(read("relname,seq_scan\nt,1\n").sink.lines.back(), "source kind=catalog clock=none"s);
}

void TestPgCatalog::readsJson()
{
    const std::string row = "{\"relname\":\"t\",\"relkind\":\"r\",\"reltuples\":12,\"relpages\":null,"
                            "\"reloptions\":[\"fillfactor=80\"],\"relhastriggers\":false}";
    const QByteArray expected("db_table 1 relname=\"t\" relkind=\"r\" reltuples=12 relhastriggers=0 "
                              "reloptions=\"{\\\"fillfactor=80\\\"}\"\n");
    QCOMPARE(first(row, "db_table"), expected);
    QCOMPARE(first("[" + row + "]", "db_table"), expected);
    QCOMPARE(first("[\n  " + row + " \n]\n", "db_table"), expected);
    QCOMPARE(first("{\"pg_class\":[" + row + "],\"note\":\"x\",\"other\":[1]}", "db_table"), expected);
    QCOMPARE(first("BEGIN\nSET\n" + row + "\nCOMMIT\n", "db_table"), expected);
    const ReadOutcome two = read(row + "\n" + row + "\n");
    QCOMPARE(two.sink.count("db_table"), std::size_t(2));
}

void TestPgCatalog::readsPsqlTables()
{
    const std::string text = "  relname   | seq_scan | last_vacuum \n"
                             "------------+----------+-------------\n"
                             " customers  |        3 | \n"
                             " my \"table\" |       14 | 2026-03-02 12:00:00+00\n"
                             "(2 rows)\n\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(rows(outcome, "table_sample"),
        "table_sample 1 relname=\"customers\" seq_scan=3\n"
        "table_sample 2 relname=\"my \\\"table\\\"\" seq_scan=14 last_vacuum_ns=1772452800000000000\n"s);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    QCOMPARE(first("relname|seq_scan\nt|3\n(1 row)\n", "table_sample"),
        QByteArray("table_sample 1 relname=\"t\" seq_scan=3\n"));
}

void TestPgCatalog::readsSeveralResultSets()
{
    const ReadOutcome outcome = read("relname,seq_scan\nt,1\nname,setting,unit\nwork_mem,4096,kB\n\n"
                                     "a,b\nx,y\n\nindexrelname,idx_scan\ni,9\n");
    QCOMPARE(outcome.sink.count("table_sample"), std::size_t(1));
    QCOMPARE(outcome.sink.count("setting"), std::size_t(1));
    QCOMPARE(outcome.sink.count("index_sample"), std::size_t(1));
    QVERIFY(outcome.hasIssue("unknown-result-set"));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    // Rows of names are rows: only behind a blank line may they be a header that is not known.
    QCOMPARE(read("relname,attname,format_type\nt,a,text\nt,b,text\n").sink.count("db_column"),
        std::size_t(2));
    // One result set may be two things.
    const ReadOutcome both = read("relname,indexrelname,indisvalid,idx_scan\nt,i,f,3\n");
    QCOMPARE(rows(both, "db_index"), "db_index 1 relname=\"t\" indexrelname=\"i\" indisvalid=0\n"s);
    QCOMPARE(rows(both, "index_sample"), "index_sample 1 relname=\"t\" indexrelname=\"i\" idx_scan=3\n"s);
    QCOMPARE(both.report.rowsRead(), std::int64_t(1));
}

void TestPgCatalog::takesTheServersWord()
{
    const std::string head
        = "{\"catalog_view\":\"server\",\"ts\":\"2026-03-02T12:00:00+00:00\",\"server_version\":\"15.1\","
          "\"server_version_num\":150001,\"dbname\":\"shop\",\"host\":\"10.0.0.1\",\"port\":5432}\n";
    const std::string table = "{\"relname\":\"t\",\"n_live_tup\":1}\n";
    std::string later = head;
    later.replace(later.find("12:00:00"), 8, "12:00:10");
    const ReadOutcome outcome = read(head + table + later + table);
    QCOMPARE(rows(outcome, "server"),
        "server 1 kind=\"postgresql\" host=\"10.0.0.1\" port=5432 dbname=\"shop\" server_version=\"15.1\" "
        "server_version_num=150001\n"s);
    QCOMPARE(rows(outcome, "table_sample"),
        "table_sample 1 server=1 ts_ns=1772452800000000000 dbname=\"shop\" relname=\"t\" n_live_tup=1\n"
        "table_sample 2 server=1 ts_ns=1772452810000000000 dbname=\"shop\" relname=\"t\" n_live_tup=1\n"s);
    // inet_server_addr()::text has the length of the network; its series must name the same host.
    std::string network = head;
    network.replace(network.find("10.0.0.1"), 8, "10.0.0.1/32");
    const ReadOutcome counted = read(network
        + "{\"catalog_view\":\"pg_stat_database\",\"ts\":\"2026-03-02T12:00:00+00:00\","
          "\"datname\":\"shop\",\"xact_commit\":5,\"xact_rollback\":1}\n");
    QVERIFY2(rows(counted, "server").find("host=\"10.0.0.1\" ") != std::string::npos,
        rows(counted, "server").c_str());
    QVERIFY2(rows(counted, "series").find("instance=\"10.0.0.1:5432\"") != std::string::npos,
        rows(counted, "series").c_str());
}

void TestPgCatalog::namesRelations()
{
    QCOMPARE(first("indexrelid,indrelid,indisvalid\nshop.\"My i\",shop.t,f\n", "db_index"),
        QByteArray("db_index 1 schemaname=\"shop\" relname=\"t\" indexrelname=\"My i\" indisvalid=0\n"));
    QCOMPARE(first("conrelid,conname,contype,conkey,confrelid\nt,c,f,\"{1,2}\",p\n", "db_constraint"),
        QByteArray("db_constraint 1 relname=\"t\" conname=\"c\" contype=\"f\" conkey=\"1 2\"\n"));
    // An oid alone names no index, and then the row says nothing.
    QVERIFY(read("indexrelid,indrelid,indisvalid\n17,18,f\n").hasIssue("no-name"));
}

void TestPgCatalog::findsWhoBlocksWhom()
{
    QCOMPARE(first("ts,pid,locktype,mode,granted,relation,waitstart,pg_blocking_pids\n"
                   "2026-03-02 12:00:02+00,7,relation,AccessExclusiveLock,f,orders,2026-03-02 "
                   "12:00:00+00,\"{5,6}\"\n"
                   "2026-03-02 12:00:02+00,5,relation,AccessShareLock,t,orders,,{}\n",
                 "lock_edge"),
        QByteArray("lock_edge 1 blocker_pid=5 ts_ns=1772452802000000000 blocked_pid=7 lock_type=\"relation\" "
                   "mode=\"AccessExclusiveLock\" relation=\"orders\" waited_ms=2000\n"
                   "lock_edge 2 blocker_pid=6 ts_ns=1772452802000000000 blocked_pid=7 lock_type=\"relation\" "
                   "mode=\"AccessExclusiveLock\" relation=\"orders\" waited_ms=2000\n"));
    const ReadOutcome plain = read("pid,locktype,mode,granted\n7,relation,ShareLock,f\n");
    QCOMPARE(plain.sink.count("lock_edge"), std::size_t(0));
    QVERIFY(plain.hasIssue("not-kept"));
    const ReadOutcome sessions = read("pid,state,query_start,blocked_by\n7,active,,{5}\n5,active,,{}\n");
    QCOMPARE(sessions.sink.count("session_sample"), std::size_t(2));
    QCOMPARE(rows(sessions, "lock_edge"), "lock_edge 1 blocker_pid=5 blocked_pid=7\n"s);
}

void TestPgCatalog::derivesLag()
{
    const std::string header = "ts,application_name,state,sent_lsn,write_lsn,flush_lsn,replay_lsn,current_"
                               "lsn,write_lag,replay_lag,reply_time\n";
    QCOMPARE(first(header
                     + "2026-03-02 12:00:01+00,r1,streaming,0/50,0/40,0/30,0/10,0/60,00:00:00.1,00:00:02,"
                       "2026-03-02 12:00:00.5+00\n",
                 "replica_sample"),
        QByteArray(
            "replica_sample 1 unsent_bytes=16 unwritten_bytes=16 unflushed_bytes=16 unreplayed_bytes=32 "
            "link_age_ms=500 ts_ns=1772452801000000000 replica=\"r1\" state=\"streaming\" sent_position=80 "
            "write_position=64 flush_position=48 replay_position=16 current_position=96 write_lag_ms=100 "
            "replay_lag_ms=2000\n"));
    // It has everything: the lag that is still shown is an old one.
    const std::string even
        = rows(read(header + "2026-03-02 12:00:01+00,r1,streaming,0/50,0/50,0/50,0/50,0/50,,00:00:03.55,\n"),
            "replica_sample");
    QVERIFY2(even.find("replay_lag_ms=0") != std::string::npos, even.c_str());
    // Without positions nothing is known: no zeros.
    const std::string hidden = rows(read(header + ",r1,streaming,,,,,,,,\n"), "replica_sample");
    QCOMPARE(hidden, "replica_sample 1 replica=\"r1\" state=\"streaming\"\n"s);
    QCOMPARE(first("slot_name,slot_type,active,restart_lsn,current_lsn\ns,physical,f,0/10,0/110\n",
                 "slot_sample"),
        QByteArray("slot_sample 1 slot=\"s\" kind=\"physical\" active=0 retained_bytes=256\n"));
}

void TestPgCatalog::joinsHalvesOfAStandby()
{
    const std::string functions
        = "now,pg_last_wal_receive_lsn,pg_last_wal_replay_lsn,pg_last_xact_replay_timestamp,"
          "pg_get_wal_replay_pause_state\n2026-03-02 12:00:10+00,0/50,0/40,2026-03-02 12:00:09.5+00,paused\n";
    const std::string receiver
        = "now,status,receive_start_lsn,written_lsn,flushed_lsn,received_tli,last_msg_receipt_"
          "time,slot_name,conninfo\n";
    const std::string row = "2026-03-02 12:00:11+00,streaming,0/0,0/50,0/50,3,2026-03-02 12:00:10+00,s1,"
                            "user=a fallback_application_name=walreceiver application_name=r1\n";
    const std::string joined
        = "replica_sample 1 replica=\"r1\" ts_ns=1772452810000000000 state=\"streaming\" write_position=80 "
          "flush_position=80 replay_position=64 receive_position=80 unreplayed_bytes=16 link_age_ms=1000 "
          "paused=1 "
          "replay_age_ms=500 timeline=3\n";
    QCOMPARE(rows(read(functions + receiver + row), "replica_sample"), joined);
    // Either may come first; then its time is that of both.
    const std::string turned = rows(read(receiver + row + functions), "replica_sample");
    QVERIFY2(turned.find("ts_ns=1772452811000000000") != std::string::npos, turned.c_str());
    QVERIFY2(turned.find("\nreplica_sample 2") == std::string::npos, turned.c_str());
    // No receiver: the link is cut, although every byte that came is replayed.
    const std::string cut = rows(read(functions + receiver), "replica_sample");
    QVERIFY2(cut.find("state=\"disconnected\"") != std::string::npos, cut.c_str());
    QVERIFY2(cut.find("link_age_ms") == std::string::npos, cut.c_str());
    // Minutes apart they are two samples, a primary is none.
    std::string late = row;
    late.replace(0, 19, "2026-03-02 12:05:11");
    QVERIFY(rows(read(functions + receiver + late), "replica_sample").find("replica_sample 2")
        != std::string::npos);
    QCOMPARE(read("pg_last_wal_receive_lsn,pg_last_wal_replay_lsn,pg_last_xact_replay_timestamp\n,,\n")
                 .sink.count("replica_sample"),
        std::size_t(0));
}

void TestPgCatalog::takesTimesBetweenResultSets()
{
    const std::string table = "pid|state|query_start\n7|active|\n(1 row)\n";
    const std::string all = rows(read("Mon Mar  2 12:00:01 2026 (every 1s)\n\n" + table
                                     + "\nMon Mar  2 12:00:02 2026 (every 1s)\n\n" + table),
        "session_sample");
    QVERIFY2(all.find("ts_ns=1772452801000000000") != std::string::npos, all.c_str());
    QVERIFY2(all.find("ts_ns=1772452802000000000") != std::string::npos, all.c_str());
}

void TestPgCatalog::derivesProgress()
{
    const std::string header
        = "pid,datname,relid,phase,heap_blks_total,heap_blks_scanned,heap_blks_vacuumed,index_vacuum_count\n";
    QCOMPARE(first(header + "9,db,orders,scanning heap,100,40,0,0\n9,db,17,vacuuming heap,100,100,70,1\n",
                 "progress_sample"),
        QByteArray(
            "progress_sample 1 command=\"vacuum\" done=40 total=100 "
            "extra=\"{\\\"heap_blks_total\\\":100,\\\"heap_blks_scanned\\\":40,\\\"heap_blks_vacuumed\\\":0,"
            "\\\"index_vacuum_count\\\":0}\" pid=9 dbname=\"db\" relname=\"orders\" phase=\"scanning heap\"\n"
            "progress_sample 2 command=\"vacuum\" done=70 total=100 "
            "extra=\"{\\\"heap_blks_total\\\":100,\\\"heap_blks_scanned\\\":100,\\\"heap_blks_vacuumed\\\":"
            "70,"
            "\\\"index_vacuum_count\\\":1}\" pid=9 dbname=\"db\" relname=\"17\" phase=\"vacuuming heap\"\n"));
}

void TestPgCatalog::makesSeriesOfCounters()
{
    const ReadOutcome outcome = read("ts,datname,xact_commit,xact_rollback,numbackends\n"
                                     "2026-03-02 12:00:00+00,shop,10,1,3\n2026-03-02 "
                                     "12:00:10+00,shop,20,1,\n2026-03-02 12:00:10+00,,5,0,0\n");
    QCOMPARE(rows(outcome, "series"),
        "series 1 metric=\"postgresql.backends\" foreign_name=\"pg_stat_database.numbackends\" "
        "labels={\"database\":\"shop\"} unit=\"sessions\" kind=gauge\n"
        "series 2 metric=\"postgresql.commits\" foreign_name=\"pg_stat_database.xact_commit\" "
        "labels={\"database\":\"shop\"} unit=\"transactions\" kind=counter\n"
        "series 3 metric=\"postgresql.rollbacks\" foreign_name=\"pg_stat_database.xact_rollback\" "
        "labels={\"database\":\"shop\"} unit=\"transactions\" kind=counter\n"
        "series 4 metric=\"postgresql.backends\" foreign_name=\"pg_stat_database.numbackends\" "
        "labels={\"database\":\"(shared objects)\"} unit=\"sessions\" kind=gauge\n"
        "series 5 metric=\"postgresql.commits\" foreign_name=\"pg_stat_database.xact_commit\" "
        "labels={\"database\":\"(shared objects)\"} unit=\"transactions\" kind=counter\n"
        "series 6 metric=\"postgresql.rollbacks\" foreign_name=\"pg_stat_database.xact_rollback\" "
        "labels={\"database\":\"(shared objects)\"} unit=\"transactions\" kind=counter\n"s);
    QCOMPARE(outcome.sink.count("point"), std::size_t(8));
    QVERIFY(read("xact_commit,xact_rollback\n10,1\n").hasIssue("no-time"));
    // Checkpoints are the same series before and after they got a view of their own.
    for (const char *text :
        {"ts,checkpoints_timed,checkpoints_req,maxwritten_clean,buffers_alloc\n1772452800,4,1,0,9\n",
            "ts,num_timed,num_requested\n1772452800,4,1\n"}) {
        const std::string series = rows(read(text), "series");
        QVERIFY2(series.find("metric=\"postgresql.checkpoint.requested\"") != std::string::npos,
            series.c_str());
    }
}

void TestPgCatalog::readsOlderVersions()
{
    QVERIFY(first("application_name,state,sent_location,replay_location\nr,streaming,0/20,0/10\n",
        "replica_sample")
                .contains("sent_position=32 replay_position=16"));
    QVERIFY(
        first("pid,query_start,state,wait_event_type\n3,2026-03-02 12:00:00+00,active,\n", "session_sample")
            .contains("pid=3 state=\"active\" query_start_ns=1772452800000000000"));
}

void TestPgCatalog::keepsNoSecrets()
{
    const ReadOutcome outcome
        = read("name,setting,context\nprimary_conninfo,host=a password=hunter2,sighup\n");
    QCOMPARE(rows(outcome, "setting"), "setting 1 name=\"primary_conninfo\" context=\"sighup\"\n"s);
    QVERIFY(outcome.hasIssue("secret-setting"));
}

void TestPgCatalog::tellsWhatItLeavesOut()
{
    const ReadOutcome outcome
        = read("relname,seq_scan,colour,relname,size_pretty\nt,1,red,u,2\nt,1,red,u,2\n");
    QCOMPARE(rows(outcome, "table_sample"),
        "table_sample 1 relname=\"t\" seq_scan=1\ntable_sample 2 relname=\"t\" seq_scan=1\n"s);
    bool told = false;
    for (const ImportReport::Issue &issue : outcome.report.issues()) {
        if (issue.kind != "columns-left-out of pg_stat_user_tables")
            continue;
        told = true;
        QCOMPARE(issue.count, std::int64_t(1));
        QCOMPARE(issue.example, "columns of pg_stat_user_tables that are not kept: colour, size_pretty"s);
    }
    QVERIFY(told && outcome.hasIssue("doubled-columns"));
}

void TestPgCatalog::leavesStatementsToOthers()
{
    for (const char *time : {"total_time", "total_exec_time"}) {
        const std::string text = "pid,state,query_start,query,calls,"s + time + "\n1,active,,SELECT 1,2,3\n";
        QCOMPARE(int(pgCatalogImporter().sniff(text, "x.csv")), int(Confidence::No));
        const std::string json
            = "{\"pid\":1,\"state\":\"x\",\"query_start\":null,\"query\":\"a\",\"calls\":1,\""s + time
            + "\":2}";
        QCOMPARE(int(pgCatalogImporter().sniff(json, "x.json")), int(Confidence::No));
    }
}

void TestPgCatalog::keepsRowsWithWrongTypes()
{
    const ReadOutcome outcome = read("relname,seq_scan,last_vacuum,n_live_tup\nt,many,yesterday,7\n");
    QCOMPARE(rows(outcome, "table_sample"), "table_sample 1 relname=\"t\" n_live_tup=7\n"s);
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"bad-value 2", "header 1"}));
    // Whatever stands where a scalar should.
    const ReadOutcome json = read("{\"relname\":\"t\",\"seq_scan\":{\"a\":[1]},\"n_live_tup\":true}\n");
    QCOMPARE(rows(json, "table_sample"), "table_sample 1 relname=\"t\"\n"s);
    QVERIFY(json.hasIssue("bad-value"));
}

void TestPgCatalog::skipsBrokenRows()
{
    const ReadOutcome outcome = read("relname,seq_scan\na,1\nb\nc,1,2\n,5\n\"d,4\ne,"s
        + std::string(1'100'000, '1') + "\nf\0g,6\nh\xFF,7\n"s);
    QCOMPARE(rows(outcome, "table_sample"),
        "table_sample 1 relname=\"a\" seq_scan=1\n"
        "table_sample 2 relname=\"f\xE2\x90\x80g\" seq_scan=6\n"
        "table_sample 3 relname=\"h\xEF\xBF\xBD\" seq_scan=7\n"s);
    QCOMPARE(outcome.issues(),
        (std::vector<std::string>{"line-too-long 1", "no-name 1", "unclosed-quote 1", "wrong-field-count 2",
            "header 1"}));
    const ReadOutcome json = read("{\"relname\":\"a\",\"seq_scan\":1}\n{\"relname\":\"b\",\"seq_scan\":\n"
                                  "{\"relname\":\"c\",\"seq_scan\":3}\n");
    QCOMPARE(json.sink.count("table_sample"), std::size_t(2));
    QVERIFY(!json.report.issues().empty());
}

void TestPgCatalog::readsDecimalCommas()
{
    QCOMPARE(first("tablename;attname;null_frac;n_distinct\nt;a;0,25;-1\n", "db_column"),
        QByteArray("db_column 1 relname=\"t\" attname=\"a\" null_frac=0.25 n_distinct=-1\n"));
    QCOMPARE(first("tablename\tattname\tnull_frac\nt\ta\t0,5\n", "db_column"),
        QByteArray("db_column 1 relname=\"t\" attname=\"a\" null_frac=0.5\n"));
}

void TestPgCatalog::readsManyRows()
{
    std::string csv = "relid,schemaname,relname,seq_scan,n_live_tup,last_autovacuum\n", json;
    for (int i = 0; i < 100'000; ++i) {
        const std::string n = std::to_string(i);
        csv += n + ",public,table_" + n + ",1,2,2026-03-02 12:00:00+00\n";
        json += "{\"relid\":" + n + ",\"schemaname\":\"public\",\"relname\":\"table_" + n
            + "\",\"seq_scan\":1,\"n_live_tup\":2,\"last_autovacuum\":\"2026-03-02T12:00:00+00:00\"}\n";
    }
    QElapsedTimer timer;
    timer.start();
    const ReadOutcome one = read(csv);
    const ReadOutcome two = read(json);
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(one.report.rowsRead(), std::int64_t(100'000));
    QCOMPARE(one.sink.text(), two.sink.text());
}

void TestPgCatalog::isHostileProof()
{
    for (const char *name : {"tables.csv", "sets.csv", "snapshot.jsonl", "aligned.txt"}) {
        const std::string bytes = fileBytes(
            QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/pg-catalog/") + QString::fromLatin1(name));
        QVERIFY2(!bytes.empty(), name);
        const QString problems = hostileProblems(pgCatalogImporter(), bytes);
        QVERIFY2(problems.isEmpty(), qPrintable(QString::fromLatin1(name) + QLatin1Char(' ') + problems));
    }
    QVERIFY(read("").error);
    QVERIFY(read("no header\nhere\n").error);
    QVERIFY(read("relname,seq_scan\n").error == std::nullopt);
}

void TestPgCatalog::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(pgCatalogImporter().sniff(text, "upload")); };
    QCOMPARE(sniff("relname,seq_scan\n"), int(Confidence::Strong));
    QCOMPARE(sniff("BEGIN\nSET\n relname | seq_scan\n"), int(Confidence::Strong));
    QCOMPARE(sniff("[{\"relname\":\"t\",\"seq_scan\":1},{\"relname\":\"t\""), int(Confidence::Strong));
    QCOMPARE(sniff("{\"name\":\"work_mem\",\"setting\":\"4MB\"}"), int(Confidence::Strong));
    QCOMPARE(sniff("ts,series,labels,value\n"), int(Confidence::No));
    QCOMPARE(sniff("name,value\n"), int(Confidence::No));
    QCOMPARE(sniff("{\"ts\":1,\"kind\":\"deploy\"}\n"), int(Confidence::No));
    QCOMPARE(sniff("[{\"Plan\":{\"Node Type\":\"Result\"}}]"), int(Confidence::No));
    QCOMPARE(sniff("main;relname,seq_scan 12\n"), int(Confidence::No));
    QCOMPARE(sniff(""), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestPgCatalog)
#include "tst_pgcatalog.moc"
