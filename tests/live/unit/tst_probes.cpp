// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The probes without a server: each asks for columns that its version has, and the mappers lose nothing of
// the answers. Versions other than 15 are CONSTRUCTED from the documentation (documentedcolumns.h).
#include "base/text.h"
#include "documentedcolumns.h"
#include "import/pgstatstatements/statementrow.h"
#include "probehelpers.h"

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

bool fits(const Probe &probe, int version)
{
    return fitOf(probe, factsOf(version, probe.side == Side::Standby)).kind == ProbeFit::Kind::Fits;
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
        "(?:FROM|JOIN|,)\\s+(?:\"(?:[^\"]|\"\")*\"\\.)?([a-z_]+)(?:\\((?:true|false)?\\))?"
        "\\s+AS\\s+([a-z]+)\\b");
    for (std::sregex_iterator it(sql.begin(), sql.end(), kFrom), end; it != end; ++it)
        out[(*it)[2]].insert((*it)[1]);
    static const std::regex kInner("\\(SELECT \\* FROM ([a-z_]+) [^()]*\\) AS ([a-z]+)\\b");
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
    void sizesWaitForNoIndex();
    void asksForColumnsOfTheVersion_data();
    void asksForColumnsOfTheVersion();
    void mapsWithoutLoss_data();
    void mapsWithoutLoss();
    void mapsStatements_data();
    void mapsStatements();

private:
    static void addVersions(bool (*wanted)(const Probe &));
};

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
        const std::string sql = probe->sql(factsOf(18));
        QVERIFY2(sql.find("/* tailscope:" + std::string(probe->id) + " */") != std::string::npos,
            sql.c_str());
        const std::vector<std::string> names = outputColumns(sql);
        QVERIFY(std::find(names.begin(), names.end(), "ts") != names.end());
        // What names a row is there.
        for (const std::string_view key : split(probe->key, ' '))
            QVERIFY2(key.empty() || std::find(names.begin(), names.end(), key) != names.end(), sql.c_str());
    }
    QVERIFY(!probeById("nothing"));
}

/// pg_indexes_size() opens each index of the table.
void TestProbes::sizesWaitForNoIndex()
{
    const Probe *probe = probeById("table_sizes");
    QVERIFY(probe);
    const std::string sql = probe->sql(factsOf(15, false));
    QVERIFY(sql.find("pg_indexes_size") != std::string::npos);
    QVERIFY2(sql.find("i.indrelid = c.oid") != std::string::npos, sql.c_str());
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
    static const std::regex kReference("\\b([a-z]{1,2})\\.([a-z_]+)\\b");
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
    QVERIFY2(checked > 0 || id == QLatin1String("wal"), sql.c_str());
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
        row.push_back(valueOf(names[i], i));
    // Of a profile the second one counts.
    std::vector<std::string> earlier = row;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == "count")
            earlier[i] = "0";
        if (names[i] == "ts")
            earlier[i] = "2026-11-22 09:59:50+00";
    }
    const bool isProfile = id == QLatin1String("waits");
    std::vector<std::vector<std::string>> rows{row};
    if (isProfile)
        rows.insert(rows.begin(), earlier);
    const ReadOutcome out = mapped(names, rows);
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

QTEST_APPLESS_MAIN(TestProbes)
#include "tst_probes.moc"
