// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The probes without a server: each asks for columns that its version has, and the mappers lose nothing of
// the answers. Versions other than 15 are CONSTRUCTED from the documentation (documentedcolumns.h).
#include "base/text.h"
#include "documentedcolumns.h"
#include "import/pgcatalog/catalogrows.h"
#include "import/pgstatstatements/statementrow.h"
#include "import/poolerconsole/pgbouncerrows.h"
#include "live/probe.h"
#include "support/importhelpers.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::live;
using namespace tailscope::testing;

namespace {

constexpr int kVersions[] = {10, 11, 12, 13, 14, 15, 16, 17, 18};

ServerFacts factsOf(int version, bool standby = false)
{
    ServerFacts facts;
    facts.engine = Engine::PostgreSql;
    facts.versionNum = version * 10000 + 1;
    facts.extensions = {{"pg_stat_statements", "1.10"}, {"pg_wait_sampling", "1.1"}};
    facts.extensionSchemas = {{"pg_stat_statements", "public"}, {"pg_wait_sampling", "Mon\"itor"}};
    facts.inRecovery = standby;
    facts.hasMonitor = true;
    return facts;
}

bool fits(const Probe &probe, int version)
{
    return fitOf(probe, factsOf(version, probe.side == Side::Standby)).kind == ProbeFit::Kind::Fits;
}

/// What a query's rows are called: the list of its outermost SELECT.
std::vector<std::string> outputColumns(const std::string &sql)
{
    const std::size_t mark = sql.find("*/");
    std::vector<std::string> names;
    std::string item;
    int depth = 0, cases = 0;
    bool quoted = false;
    for (std::size_t i = mark + 2; mark != std::string::npos && i < sql.size(); ++i) {
        const std::string_view rest = std::string_view(sql).substr(i);
        quoted = sql[i] == '\'' ? !quoted : quoted;
        if (!quoted) {
            depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
            cases += rest.starts_with("CASE ") ? 1 : rest.starts_with("END ") || rest == "END" ? -1 : 0;
        }
        const bool ends = !quoted && depth == 0 && rest.starts_with(" FROM ");
        if (ends || (!quoted && depth == 0 && sql[i] == ',')) {
            const std::size_t as = item.rfind(" AS ");
            std::string name = as != std::string::npos ? item.substr(as + 4) : item;
            if (as == std::string::npos && name.find('(') != std::string::npos)
                name = name.substr(0, name.find('('));
            name = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
            names.emplace_back(trimmed(name));
            item.clear();
            if (ends)
                break;
        } else {
            item += sql[i];
        }
    }
    if (!trimmed(item).empty()) { // no FROM at all
        const std::size_t as = item.rfind(" AS ");
        names.emplace_back(trimmed(as == std::string::npos ? item : item.substr(as + 4)));
    }
    return names;
}

std::set<std::string, std::less<>> documented(std::string_view view, int version)
{
    std::set<std::string, std::less<>> out;
    for (const DocumentedColumns &row : documentedColumns()) {
        if (row.view != view || version < row.first || (row.last != 0 && version > row.last))
            continue;
        for (const std::string_view name : split(row.columns, ' '))
            out.emplace(name);
    }
    return out;
}

bool isDocumented(std::string_view view)
{
    const auto &all = documentedColumns();
    return std::any_of(all.begin(), all.end(),
        [&](const DocumentedColumns &row) { return row.view == view; });
}

/// Names that a query gives to views, each with all views it stands for.
std::map<std::string, std::set<std::string>> aliases(const std::string &sql)
{
    std::map<std::string, std::set<std::string>> out;
    static const std::regex kFrom(
        R"re((?:FROM|JOIN|,)\s+(?:"(?:[^"]|"")*"\.)?([a-z_]+)(?:\((?:true|false)?\))?\s+AS\s+([a-z]+)\b)re");
    for (std::sregex_iterator it(sql.begin(), sql.end(), kFrom), end; it != end; ++it)
        out[(*it)[2]].insert((*it)[1]);
    static const std::regex kInner(R"re(\(SELECT \* FROM ([a-z_]+) [^()]*\) AS ([a-z]+)\b)re");
    for (std::sregex_iterator it(sql.begin(), sql.end(), kInner), end; it != end; ++it)
        out[(*it)[2]].insert((*it)[1]);
    return out;
}

bool isTime(std::string_view name)
{
    static const std::set<std::string_view> kTimes{"ts", "backend_start", "xact_start", "query_start",
        "state_change", "waitstart", "reply_time", "since", "last_msg_receipt_time",
        "pg_last_xact_replay_timestamp", "last_vacuum", "last_autovacuum", "last_analyze", "last_autoanalyze",
        "last_seq_scan", "last_idx_scan", "stats_reset"};
    return kTimes.contains(name);
}

/// A value of a column's kind; numbers tell which column they are of.
std::string valueOf(std::string_view name, std::size_t place)
{
    static const std::set<std::string_view> kTexts{"catalog_view", "datname", "usename", "application_name",
        "backend_type", "state", "wait_event_type", "wait_event", "query", "locktype", "mode", "relation",
        "granted_mode", "sync_state", "slot_name", "slot_type", "wal_status", "status", "conninfo", "phase",
        "command", "type", "relname", "schemaname", "indexrelname", "holder", "holder_name", "detail",
        "object", "context", "name", "setting", "unit", "category", "vartype", "source", "min_val", "max_val",
        "boot_val", "reset_val", "relkind", "relpersistence", "amname", "indpred", "indexdef",
        "constraint_name", "attname", "format_type", "column_default", "conname", "contype", "confdeltype",
        "constraintdef", "event_type", "event", "bloat_doubt", "pg_get_wal_replay_pause_state",
        "client_addr"};
    static const std::set<std::string_view> kBooleans{"active", "pending_restart", "relhastriggers",
        "relispartition", "indisunique", "indisprimary", "indisvalid", "indisready", "attnotnull",
        "convalidated", "pg_is_wal_replay_paused", "toplevel"};
    if (isTime(name))
        return "2026-11-22 10:00:00." + std::to_string(100000 + place) + "+00";
    if (kTexts.contains(name))
        return "the " + std::string(name);
    if (kBooleans.contains(name))
        return "t";
    if (name.ends_with("_lsn") || name.ends_with("_lsn()"))
        return "0/" + std::to_string(10000000 - place * 1000);
    if (name.ends_with("_lag"))
        return "00:00:00." + std::to_string(100 + place);
    if (name == "indkey" || name == "conkey" || name == "confkey")
        return "{1,2}";
    if (name == "reloptions" || name == "most_common_freqs")
        return "{0.5,0.25}";
    return std::to_string(7000 + place);
}

/// Columns that are asked for although no column of the workspace takes them as they are.
bool isWithoutPlace(std::string_view name)
{
    static const std::set<std::string_view> kNames{"catalog_view", "latest_end_lsn", "stats_reset"};
    return kNames.contains(name);
}

} // namespace

class TestProbes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listIsSound();
    void asksForColumnsOfTheVersion_data();
    void asksForColumnsOfTheVersion();
    void mapsWithoutLoss_data();
    void mapsWithoutLoss();
    void mapsStatements_data();
    void mapsStatements();
    void saysWhyNot();
    void asksForNewTextsOnly();
    void asksSeldomWhereMuchIsRead();
    void learnsWhoWaits();
    void turnsProfilesIntoSamples();
    void hidesWhatIsHidden();
    void joinsTheHalvesOfAStandby();
    void readsPoolersOfAllVersions_data();
    void readsPoolersOfAllVersions();

private:
    static void addVersions(bool (*wanted)(const Probe &));
    static ReadOutcome mapped(const std::vector<std::string> &names,
        const std::vector<std::vector<std::string>> &rows);
};

/// One result set through the catalog mapper; "\\N" is NULL.
ReadOutcome TestProbes::mapped(const std::vector<std::string> &names,
    const std::vector<std::vector<std::string>> &rows)
{
    ReadOutcome out;
    import::TimeText time{import::ReadOptions {}};
    import::CatalogRows mapper(out.sink, out.report, time);
    const import::CatalogShape shape(names);
    mapper.header(&shape, 0);
    for (const std::vector<std::string> &row : rows) {
        std::vector<import::CatalogCell> cells;
        for (const std::string &value : row)
            cells.push_back(
                {value == "\\N" ? import::CatalogCell::Type::Null : import::CatalogCell::Type::Text,
                    value == "\\N" ? std::string_view() : std::string_view(value)});
        mapper.take(shape, {cells, 0, 0, {}});
    }
    mapper.finish();
    return out;
}

void TestProbes::addVersions(bool (*wanted)(const Probe &))
{
    QTest::addColumn<int>("version");
    QTest::addColumn<QString>("id");
    for (const Probe *probe : builtinProbes()) {
        for (const int version : kVersions) {
            if (probe->side == Side::Pooler || !fits(*probe, version) || !wanted(*probe))
                continue;
            const std::string name = std::string(probe->id) + " " + std::to_string(version);
            QTest::newRow(name.c_str()) << version << QString::fromStdString(std::string(probe->id));
        }
    }
}

void TestProbes::listIsSound()
{
    std::set<std::string_view> ids;
    for (const Probe *probe : builtinProbes()) {
        QVERIFY2(ids.insert(probe->id).second, std::string(probe->id).c_str());
        QCOMPARE(probeById(probe->id), probe);
        QVERIFY(!probe->title.empty() && !probe->privilege.empty() && probe->sql);
        QVERIFY(probe->interval.count() >= 1000 && probe->budget.count() * 5 <= probe->interval.count());
        if (probe->side == Side::Pooler)
            continue;
        const std::string sql = probe->sql(factsOf(15));
        QVERIFY2(sql.find("/* tailscope:" + std::string(probe->id) + " */") != std::string::npos,
            sql.c_str());
        const std::vector<std::string> names = outputColumns(sql);
        QVERIFY(std::find(names.begin(), names.end(), "ts") != names.end());
        // What names a row is there.
        for (const std::string_view key : split(probe->key, ' '))
            QVERIFY2(key.empty() || std::find(names.begin(), names.end(), key) != names.end(), sql.c_str());
    }
    QCOMPARE(probeById("nothing"), nullptr);
}

void TestProbes::asksForColumnsOfTheVersion_data()
{
    addVersions([](const Probe &) { return true; });
}

void TestProbes::asksForColumnsOfTheVersion()
{
    QFETCH(int, version);
    QFETCH(QString, id);
    const std::string sql = probeById(id.toStdString())->sql(factsOf(version));
    const auto named = aliases(sql);
    static const std::regex kReference(R"(\b([a-z]{1,2})\.([a-z_]+)\b)");
    int checked = 0;
    for (std::sregex_iterator it(sql.begin(), sql.end(), kReference), end; it != end; ++it) {
        const auto known = named.find((*it)[1]);
        if (known == named.end())
            continue; // a part of the query itself
        bool found = false, all = true;
        for (const std::string &view : known->second) {
            all = all && isDocumented(view);
            found = found || documented(view, version).contains((*it)[2].str());
        }
        if (!all)
            continue;
        ++checked;
        QVERIFY2(found, ((*it)[0].str() + " is not in version " + std::to_string(version)).c_str());
    }
    QVERIFY2(checked > 0 || id == "wal", sql.c_str());
    for (const DocumentedFunction &function : laterFunctions())
        QVERIFY2(version >= function.first || sql.find(function.name) == std::string::npos, sql.c_str());
}

void TestProbes::mapsWithoutLoss_data()
{
    addVersions([](const Probe &probe) { return probe.mapping == Mapping::Catalog; });
}

void TestProbes::mapsWithoutLoss()
{
    QFETCH(int, version);
    QFETCH(QString, id);
    const std::vector<std::string> names = outputColumns(probeById(id.toStdString())->sql(factsOf(version)));
    const import::CatalogShape shape(names);
    QVERIFY(shape.isKnown());
    QVERIFY(shape.doubledColumns().empty());
    for (const std::string &name : shape.extraColumns())
        QVERIFY2(isWithoutPlace(name), (name + " has no place: " + shape.viewNames()).c_str());
    std::vector<std::string> row;
    for (std::size_t i = 0; i < names.size(); ++i)
        row.push_back(names[i] == "active" && version == 0 ? "f" : valueOf(names[i], i));
    // Of a profile the second one counts.
    std::vector<std::string> earlier = row;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == "count")
            earlier[i] = "0";
        if (names[i] == "ts")
            earlier[i] = "2026-11-22 09:59:50+00";
    }
    const bool isProfile = id == "waits";
    const ReadOutcome out = mapped(names, isProfile ? std::vector{earlier, row} : std::vector{row});
    QCOMPARE(out.report.rowsSkipped(), std::int64_t(0));
    const std::string text = out.sink.text();
    QVERIFY2(text.find("UNKNOWN COLUMN") == std::string::npos, text.c_str());
    QVERIFY2(!out.hasIssue("bad-value"), out.text().c_str());
    QVERIFY2(text.find("2026-11-22") == std::string::npos, text.c_str()); // times are numbers
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (isWithoutPlace(names[i]) || !row[i].starts_with("70"))
            continue;
        QVERIFY2(text.find(row[i]) != std::string::npos, (names[i] + " was lost: " + text).c_str());
    }
}

void TestProbes::mapsStatements_data()
{
    addVersions([](const Probe &probe) { return probe.id == "statements"; });
}

void TestProbes::mapsStatements()
{
    QFETCH(int, version);
    const std::vector<std::string> names = outputColumns(probeById("statements")->sql(factsOf(version)));
    QVERIFY(import::areStatementColumns(names));
    std::set<import::StatementColumn> seen;
    for (const std::string &name : names) {
        const import::StatementColumn column = import::statementColumn(name);
        QVERIFY2(column == import::StatementColumn::Other || seen.insert(column).second, name.c_str());
    }
    using Column = import::StatementColumn;
    for (const Column column :
        {Column::Query, Column::QueryId, Column::Time, Column::UserId, Column::DbId, Column::User, Column::Db,
            Column::Calls, Column::TotalMs, Column::MeanMs, Column::StddevMs, Column::MinMs, Column::MaxMs,
            Column::Rows, Column::SharedHit, Column::SharedRead, Column::TempWritten})
        QVERIFY(seen.contains(column));
    QCOMPARE(seen.contains(Column::Plans), version >= 13);
    QCOMPARE(seen.contains(Column::WalBytes), version >= 13);
    // Every run has the same columns, whether it reads texts or not.
    ProbeState state;
    state.asksTexts = false;
    QCOMPARE(outputColumns(sqlOf(*probeById("statements"), factsOf(version), state)), names);
}

void TestProbes::saysWhyNot()
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

void TestProbes::asksForNewTextsOnly()
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
    state.newStatements.assign(3000, 7);
    state.asksTexts = true;
    QVERIFY(sql(state).find("bigint[]") == std::string::npos); // all texts, rather than a list that long
}

void TestProbes::asksSeldomWhereMuchIsRead()
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

void TestProbes::learnsWhoWaits()
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

void TestProbes::turnsProfilesIntoSamples()
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

void TestProbes::hidesWhatIsHidden()
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

void TestProbes::joinsTheHalvesOfAStandby()
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

void TestProbes::readsPoolersOfAllVersions_data()
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

void TestProbes::readsPoolersOfAllVersions()
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
            values.push_back(name == "database" ? "bench"
                    : name == "user"            ? "app"
                    : name == "pool_mode"       ? "transaction"
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

QTEST_APPLESS_MAIN(TestProbes)
#include "tst_probes.moc"
