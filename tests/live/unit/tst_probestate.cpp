// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// When probes are asked, and rows of theirs that are more than copied. Rows of PgBouncer are CONSTRUCTED from
// the documentation of its versions.
#include "import/poolerconsole/pgbouncerrows.h"
#include "probehelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::live;
using namespace tailscope::testing;

class TestProbeState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhyNot();
    void asksForNewTextsOnly();
    void asksSeldomWhereMuchIsRead();
    void learnsWhoWaits();
    void turnsProfilesIntoSamples();
    void hidesWhatIsHidden();
    void joinsTheHalvesOfAStandby();
    void readsPoolersOfAllVersions_data();
    void readsPoolersOfAllVersions();
};

void TestProbeState::saysWhyNot()
{
    using Kind = ProbeFit::Kind;
    const auto kind = [](std::string_view id, const ServerFacts &facts) {
        const ProbeFit fit = fitOf(*probeById(id), facts);
        return fit.reason.empty() == (fit.kind == Kind::Fits) ? fit.kind : Kind(-1);
    };
    QCOMPARE(kind("io", factsOf(15)), Kind::NotOnThisVersion);
    QCOMPARE(kind("io", factsOf(16)), Kind::Fits);
    QCOMPARE(kind("standby", factsOf(15)), Kind::NotOnThisSide);
    QCOMPARE(kind("standby", factsOf(15, true)), Kind::Fits);
    QCOMPARE(kind("pooler_pools", factsOf(15)), Kind::NotOnThisSide);
    ServerFacts facts = factsOf(15);
    facts.extensions.clear();
    QCOMPARE(kind("statements", facts), Kind::NeedsExtension);
    facts = factsOf(9);
    QCOMPARE(kind("sessions", facts), Kind::NotOnThisVersion);
    facts = factsOf(12);
    facts.engine = Engine::YugabyteDb;
    QCOMPARE(kind("sessions", facts), Kind::Fits);
    QCOMPARE(kind("locks", facts), Kind::NotOnThisVersion);
    facts.engine = Engine::CockroachDb;
    QCOMPARE(kind("sessions", facts), Kind::NotOnThisVersion);
    facts.engine = Engine::Pgbouncer;
    facts.versionNum = 11800;
    QCOMPARE(kind("pooler_pools", facts), Kind::Fits);
    QCOMPARE(kind("sessions", facts), Kind::NotOnThisSide);
}

void TestProbeState::asksForNewTextsOnly()
{
    const Probe &probe = *probeById("statements");
    const ServerFacts facts = factsOf(15);
    const auto answer = [](std::initializer_list<std::pair<const char *, const char *>> rows) {
        ResultSet set;
        set.columns = {"queryid", "query"};
        for (const auto &[id, text] : rows) {
            set.add(id);
            set.add(text ? std::optional<std::string_view>(text) : std::nullopt);
        }
        return set;
    };
    const auto sql = [&](const ProbeState &state) { return sqlOf(probe, facts, state); };
    ProbeState state;
    QVERIFY(sql(state).find("pg_stat_statements(true)") != std::string::npos);
    state.learn(probe, answer({{"1", "SELECT 1"}, {"-2", "SELECT 2"}, {"3", nullptr}}),
        100 * kNanosPerSecond);
    QCOMPARE(state.statements, std::size_t(3));
    // One without a text was asked for: it has none.
    QVERIFY(!state.asksTexts && state.newStatements.empty());
    QVERIFY(sql(state).find("pg_stat_statements(false)") != std::string::npos);
    state.learn(probe, answer({{"1", nullptr}, {"44", nullptr}, {"44", nullptr}}), 101 * kNanosPerSecond);
    QCOMPARE(state.newStatements, std::vector<std::int64_t>{44});
    QVERIFY(!state.asksTexts); // not more often than every 10 s
    state.learn(probe, answer({{"1", nullptr}, {"44", nullptr}}), 110 * kNanosPerSecond);
    QVERIFY(state.asksTexts);
    QVERIFY(sql(state).find("pg_stat_statements(true)") != std::string::npos);
    QVERIFY(sql(state).find("'{44}'::bigint[]") != std::string::npos);
    state.learn(probe, answer({{"1", nullptr}, {"44", "SELECT 44"}}), 111 * kNanosPerSecond);
    QVERIFY(!state.asksTexts && state.newStatements.empty());
    // An extension that was not updated with its server has the columns it had.
    ServerFacts old = facts;
    old.extensions["pg_stat_statements"] = "1.8";
    QVERIFY(sqlOf(probe, old, {}).find("s.total_exec_time") != std::string::npos);
    QVERIFY(sqlOf(probe, old, {}).find("toplevel") == std::string::npos);
    QVERIFY(!probeById("statements_info")->isWanted(old, {}));
    QVERIFY(probeById("statements_info")->isWanted(facts, {}));
    state.newStatements.assign(3000, 7);
    state.asksTexts = true;
    QVERIFY(sql(state).find("bigint[]") == std::string::npos); // all texts, rather than a list that long
}

void TestProbeState::asksSeldomWhereMuchIsRead()
{
    const ServerFacts facts = factsOf(15);
    ProbeState state;
    const auto seconds
        = [&](std::string_view id) { return probeById(id)->intervalFor(facts, state).count() / 1000; };
    state.statements = 5000;
    QCOMPARE(seconds("statements"), 1);
    state.statements = 5001;
    QCOMPARE(seconds("statements"), 10);
    QCOMPARE(seconds("sessions"), 1);
    state.sessions = 5000;
    QCOMPARE(seconds("sessions"), 5);
    QCOMPARE(seconds("tables"), 10);
    state.tables = 20000;
    QCOMPARE(seconds("tables"), 60);
    QCOMPARE(seconds("progress_vacuum"), 10);
    ResultSet rows;
    rows.columns = {"pid"};
    rows.add("1");
    state.learn(*probeById("progress_vacuum"), rows, 0);
    QCOMPARE(seconds("progress_vacuum"), 1);
    QCOMPARE(seconds("progress_copy"), 10);
    rows.clear();
    state.learn(*probeById("progress_vacuum"), rows, 0);
    QCOMPARE(seconds("progress_vacuum"), 10);
}

void TestProbeState::learnsWhoWaits()
{
    ProbeState state;
    const Probe &locks = *probeById("locks");
    QVERIFY(!locks.isWanted(factsOf(15), state));
    ResultSet rows;
    rows.columns = {"pid", "wait_event_type"};
    for (const char *type : {"Client", "Lock", "IO"}) {
        rows.add("1");
        rows.add(type);
    }
    state.learn(*probeById("sessions"), rows, 0);
    QCOMPARE(state.sessions, std::size_t(3));
    QVERIFY(locks.isWanted(factsOf(15), state));
    rows.clear();
    rows.columns = {"pid", "wait_event_type"};
    rows.add("1");
    rows.add(std::nullopt);
    state.learn(*probeById("sessions"), rows, 0);
    QVERIFY(!locks.isWanted(factsOf(15), state));
}

void TestProbeState::turnsProfilesIntoSamples()
{
    const std::vector<std::string> names{"ts", "event_type", "event", "queryid", "count", "interval_ms"};
    const ReadOutcome out = mapped(names,
        {{"2026-11-22 10:00:00+00", "IO", "DataFileRead", "5", "100", "10"},
            {"2026-11-22 10:00:00+00", "LWLock", "WALWrite", "\\N", "7", "10"},
            {"2026-11-22 10:00:10+00", "IO", "DataFileRead", "5", "130", "10"},
            {"2026-11-22 10:00:10+00", "LWLock", "WALWrite", "\\N", "7", "10"},
            {"2026-11-22 10:00:10+00", "Lock", "tuple", "6", "4", "10"}, // new since
            {"2026-11-22 10:00:20+00", "IO", "DataFileRead", "5", "12", "10"}}); // reset
    const std::vector<std::string> lines = out.sink.linesOf("wait_sample");
    QCOMPARE(lines.size(), std::size_t(3));
    const auto has = [&](std::size_t line, std::string_view part) {
        return lines[line].find(part) != std::string::npos;
    };
    QVERIFY2(has(0, "samples=30 ") && has(0, "wait_event=\"DataFileRead\"") && has(0, "interval_ms=10")
            && has(0, "origin=\"pg_wait_sampling\"") && has(0, "query_id=5"),
        lines[0].c_str());
    QVERIFY2(has(1, "samples=4 ") && has(1, "wait_event=\"tuple\""), lines[1].c_str());
    QVERIFY2(has(2, "samples=12 "), lines[2].c_str());
    // Stored samples of a file are taken as they are.
    const ReadOutcome stored
        = mapped({"ts", "origin", "wait_event_type", "wait_event", "samples", "interval_ms"},
            {{"2026-11-22 10:00:10+00", "pg_wait_sampling", "IO", "DataFileRead", "30", "10"}});
    QCOMPARE(stored.sink.count("wait_sample"), std::size_t(1));
    QVERIFY(stored.sink.text().find("samples=30") != std::string::npos);
}

void TestProbeState::hidesWhatIsHidden()
{
    const std::vector<std::string> names = outputColumns(probeById("sessions")->sql(factsOf(15)));
    std::vector<std::string> row;
    for (const std::string &name : names)
        row.push_back(name == "ts" ? "2026-11-22 10:00:00+00"
                : name == "pid"    ? "17"
                : name == "query"  ? "<insufficient privilege>"
                                   : "\\N");
    const ReadOutcome out = mapped(names, {row});
    QCOMPARE(out.sink.text(), std::string("session_sample 1 ts_ns=1795341600000000000 pid=17"));
}

void TestProbeState::joinsTheHalvesOfAStandby()
{
    const std::vector<std::string> names{"ts", "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
        "pg_last_xact_replay_timestamp", "pg_is_wal_replay_paused", "recovery_min_apply_delay", "status",
        "flushed_lsn", "received_tli", "last_msg_receipt_time", "latest_end_lsn", "slot_name", "conninfo"};
    const ReadOutcome out = mapped(names,
        {{"2026-11-22 10:00:10+00", "0/200", "0/100", "\\N", "f", "3000", "streaming", "0/200", "1",
             "2026-11-22 10:00:09.5+00", "0/200", "slot1", "user=repl application_name=replica1"},
            {"2026-11-22 10:00:11+00", "0/200", "0/200", "2026-11-22 10:00:01+00", "t", "3000",
                "disconnected", "\\N", "\\N", "\\N", "\\N", "\\N", "\\N"}});
    const std::vector<std::string> lines = out.sink.linesOf("replica_sample");
    QCOMPARE(lines.size(), std::size_t(2));
    const auto has = [&](std::size_t line, std::string_view part) {
        return lines[line].find(part) != std::string::npos;
    };
    QVERIFY2(has(0, "replica=\"replica1\"") && has(0, "state=\"streaming\"") && has(0, "unreplayed_bytes=256")
            && has(0, "link_age_ms=500") && has(0, "apply_delay_ms=3000") && !has(0, "replay_age_ms"),
        lines[0].c_str());
    QVERIFY2(has(1, "replica=\"replica1\"") && has(1, "state=\"disconnected\"") && has(1, "paused=1")
            && has(1, "replay_age_ms=10000") && !has(1, "link_age_ms"),
        lines[1].c_str());
}

void TestProbeState::readsPoolersOfAllVersions_data()
{
    QTest::addColumn<QString>("pools");
    QTest::addColumn<QString>("stats");
    const QString stats
        = QStringLiteral("database total_xact_count total_query_count total_received total_sent "
                         "total_xact_time total_query_time total_wait_time");
    QTest::newRow("1.16") << QStringLiteral(
        "database user cl_active cl_waiting cl_cancel_req sv_active sv_idle "
        "sv_used sv_tested sv_login maxwait maxwait_us pool_mode")
                          << stats;
    QTest::newRow("1.18") << QStringLiteral("database user cl_active cl_waiting cl_active_cancel_req "
                                            "cl_waiting_cancel_req sv_active sv_active_cancel "
                                            "sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait "
                                            "maxwait_us pool_mode")
                          << stats;
    QTest::newRow("1.24") << QStringLiteral("database user cl_active cl_waiting cl_active_cancel_req "
                                            "cl_waiting_cancel_req sv_active sv_active_cancel "
                                            "sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait "
                                            "maxwait_us pool_mode load_balance_hosts")
                          << QStringLiteral("database total_server_assignment_count total_xact_count "
                                            "total_query_count total_received total_sent total_xact_time "
                                            "total_query_time total_wait_time total_client_parse_count "
                                            "total_server_parse_count total_bind_count");
}

void TestProbeState::readsPoolersOfAllVersions()
{
    using import::PgbouncerRows;
    QFETCH(QString, pools);
    QFETCH(QString, stats);
    ReadOutcome out;
    PgbouncerRows mapper(out.sink, out.report);
    mapper.beginSnapshot(1000);
    for (const QString &columns : {stats, pools}) {
        std::vector<std::string> names, values;
        for (const QString &name : columns.split(QLatin1Char(' '))) {
            names.push_back(name.toStdString());
            values.push_back(name == QLatin1String("database") ? "bench"
                    : name == QLatin1String("user")            ? "app"
                    : name == QLatin1String("pool_mode")       ? "transaction"
                                                               : std::to_string(names.size()));
        }
        const std::vector<std::string_view> cells(values.begin(), values.end());
        import::ConsoleItem item;
        item.kind = import::ConsoleItem::Kind::Row;
        item.names = names;
        item.cells = cells;
        item.isFirst = true;
        QVERIFY(PgbouncerRows::setOf(names) != PgbouncerRows::Set::None);
        mapper.take(PgbouncerRows::setOf(names), item);
    }
    mapper.finish();
    const std::vector<std::string> lines = out.sink.linesOf("pool_sample");
    QCOMPARE(lines.size(), std::size_t(1));
    const auto at = [&](const QString &columns, const char *name) {
        return std::to_string(columns.split(QLatin1Char(' ')).indexOf(QLatin1String(name)) + 1);
    };
    for (const auto &[column, value] : {std::pair{"active", at(pools, "sv_active")},
             std::pair{"waiting", at(pools, "cl_waiting")}, std::pair{"pool", std::string("\"bench/app\"")}})
        QVERIFY2(lines[0].find(std::string(" ") + column + "=" + value) != std::string::npos,
            lines[0].c_str());
    const bool counts = stats.contains(QLatin1String("assignment"));
    QVERIFY2(lines[0].find(
                 " acquired=" + at(stats, counts ? "total_server_assignment_count" : "total_xact_count"))
            != std::string::npos,
        lines[0].c_str());
}

QTEST_APPLESS_MAIN(TestProbeState)
#include "tst_probestate.moc"
