// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/embeddedsql.h"
#include "store/readyindexes.h"
#include "store/schema.h"

#include <algorithm>
#include <map>
#include <set>

#include <sqlite3.h>

using namespace storetest;

namespace {

/// The public names of the design and the columns it promises, at least.
const std::map<std::string, std::string> kPromised{
    {"source",
        "id path format kind sha256 bytes state rows_committed rows_read rows_skipped imported_at_ns clock"
        " timezone offset_ns offset_method duplicate_of"},
    {"import_issue", "source_id severity kind count first_offset example"},
    {"import_reject", "source_id offset length kind reason bytes"},
    {"trace",
        "id source_id trace_key root_span_id service operation start_ns duration_ns span_count error_count"
        " weight"},
    {"span",
        "id source_id trace_id span_key parent_id process thread service instance operation kind status"
        " http_status start_ns duration_ns self_ns gap_ns depth quality"},
    {"span_attribute", "span_id scope key value"},
    {"span_event", "span_id ts_ns name"},
    {"span_link", "span_id linked_trace_key linked_span_key"},
    {"profile",
        "id source_id name kind sample_type unit period start_ns duration_ns sample_count total_weight"},
    {"frame", "function module file line"},
    {"call_node", "profile_id parent_id frame_id depth self_weight total_weight sample_count"},
    {"sample", "profile_id ts_ns thread state call_node_id weight"},
    {"plan",
        "id source_id engine server_version statement_id captured_at_ns planning_ms execution_ms duration_ms"
        " total_cost node_count settings query_text saved_good"},
    {"plan_node",
        "id plan_id parent_id position depth node_type parent_relationship subplan_name join_type"
        " relation alias index_name condition filter plan_rows plan_width startup_cost total_cost"
        " actual_rows rows_removed_by_filter rows_removed_by_join_filter rows_removed_by_index_recheck"
        " loops startup_ms total_ms wall_ms self_ms doubt_ms shared_hit shared_read shared_dirtied"
        " shared_written local_hit local_read local_dirtied local_written temp_read temp_written"
        " self_shared_hit self_shared_read io_read_ms io_write_ms wal_bytes sort_kb sort_disk"
        " hash_batches heap_fetches exact_blocks lossy_blocks workers_planned workers_launched extra"},
    {"plan_worker", "plan_node_id worker"},
    {"plan_trigger", "plan_id name"},
    {"plan_condition", "plan_node_id place column operator wrapped_in literal ordinal"},
    {"statement", "id fingerprint text"},
    {"statement_sample",
        "server_id statement_id db user ts_ns calls total_ms mean_ms stddev_ms min_ms max_ms rows"
        " shared_hit shared_read temp_written plans wal_bytes epoch"},
    {"series", "id source_id metric foreign_name service instance role labels unit kind"},
    {"point", "series_id ts_ns value"},
    {"histogram_point", "series_id ts_ns upper_bound count"},
    {"pool_sample",
        "server_id source_id pool kind instance mode ts_ns capacity active idle waiting max_wait_ms"
        " wait_p50_ms wait_p99_ms acquire_timeout_ms acquired created timeouts service_ms throughput"},
    {"replica_sample",
        "server_id replica ts_ns state sync_state sent_position write_position flush_position"
        " replay_position wal_rate unsent_bytes unwritten_bytes unflushed_bytes unreplayed_bytes"
        " write_lag_ms flush_lag_ms replay_lag_ms link_age_ms paused"},
    {"slot_sample", "server_id slot kind active retained_bytes wal_status"},
    {"session_sample",
        "server_id ts_ns pid user db application client backend_type state wait_event_type"
        " wait_event xact_start_ns query_start_ns state_change_ns backend_xmin query_id"
        " statement_id"},
    {"session_minute",
        "source_id server_id ts_ns state wait_event_type wait_event backend_type db user application query_id"
        " statement_id samples moments"},
    {"lock_edge", "server_id ts_ns blocked_pid blocker_pid lock_type mode relation waited_ms"},
    {"queue_sample",
        "queue partition consumer_group ts_ns depth arrived completed members assigned oldest_age_ms"
        " retention_ms"},
    {"cache_sample", "cache ts_ns hits misses"},
    {"pause", "instance ts_ns duration_ns kind cause heap_before heap_after"},
    {"server", "id name"},
    {"setting", "server_id name setting unit"},
    {"db_table", "server_id relname reltuples"},
    {"db_index", "server_id indexrelname indisunique indisvalid indkey"},
    {"db_column", "server_id attname null_frac n_distinct"},
    {"db_constraint", "server_id conname contype"},
    {"table_sample", "server_id ts_ns relname seq_scan n_dead_tup"},
    {"index_sample", "server_id ts_ns indexrelname idx_scan"},
    {"progress_sample", "server_id ts_ns phase"},
    {"xmin_holder", "server_id ts_ns kind name pid xmin_age"},
    {"wait_sample", "server_id ts_ns origin wait_event_type wait_event query_id samples interval_ms"},
    {"log_entry", "source_id ts_ns severity message service trace_key span_key"},
    {"trace_joined", "trace_key sources trace_count trace_id start_ns duration_ns span_count error_count"},
    {"span_join", "span_id kind target_kind target_id key"},
    {"log_attribute", "log_id scope key value"},
    {"config", "source_id subject_kind subject parent key value unit"},
    {"ddl_statement", "source_id text"},
    {"run", "id source_id name"},
    {"run_phase", "run_id name"},
    {"event", "id source_id ts_ns end_ns kind service title detail"},
    {"budget", "id source_id name target_ms percentile margin description match error_limit min_samples"},
    {"budget_component",
        "budget_id position parallel_group name match budget_ms timeout_ms kind calls call_ms optional"},
    {"budget_result", "run_id budget_id position part name n p50_ms p95_ms p99_ms value_ms state"},
    {"budget_sum", "run_id budget_id basis plain_sum path with_headroom target_ms working_ms"},
    {"finding",
        "id rule_id rule_version severity subject_kind subject_id title summary evidence start_ns end_ns"
        " gain_ms doubt cause_id state"},
    {"rule_run", "rule_id state seconds rows"},
    {"operation_stat", "run_id n weight p50_ns p95_ns p99_ns p999_ns self_ns errors"},
    {"series_stat", "run_id"},
    {"trace_gap", "run_id trace_id span_id start_ns duration_ns place class share critical_ns"},
    {"critical_segment", "run_id trace_id position span_id kind start_ns duration_ns share class"},
    {"trace_time", "run_id trace_id duration_ns network_ns wait_ns processing_ns unknown_ns largest_span_id"},
    {"critical_operation", "run_id service operation is_gap class n total_ns share p50_ns p99_ns"},
    {"service_edge", "run_id caller callee n traces errors p50_ns p99_ns fan_out_p50 fan_out_max"},
    {"call_group", "run_id kind trace_id parent_id fingerprint n total_ns saving_ns"},
    {"cohort_difference", "run_id kind scope key value lift coverage p_value adjusted_p tested same_as"},
    {"onset", "run_id"},
    {"change_point", "run_id"},
    {"periodicity", "run_id"},
    {"ceiling", "run_id"},
    {"tail_shape", "run_id"},
    {"baseline", "run_id"},
    {"pool_verdict", "run_id"},
    {"lag_verdict", "run_id"},
    {"lock_root", "run_id"},
    {"plan_match", "run_id"},
    {"comparison", "run_id"},
    {"analysis_run", "id kind version parameters input_generation state seconds"},
    {"generation", "table_family n"},
};

std::vector<std::string> words(std::string_view text)
{
    std::vector<std::string> out(1);
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (letter)
            out.back() += c;
        else if (!out.back().empty())
            out.emplace_back();
    }
    if (out.back().empty())
        out.pop_back();
    return out;
}

std::set<std::string> columnsOf(Database &database, const std::string &name)
{
    auto query = database.prepare("SELECT * FROM \"" + name + "\"");
    std::set<std::string> columns;
    for (int i = 0; query && i < query->columnCount(); ++i)
        columns.insert(std::string(query->columnName(i)));
    return columns;
}

/// The comment lines just before "CREATE VIEW name" or "CREATE TABLE name".
std::set<std::string> documentedWords(std::string_view sql, const std::string &create)
{
    const std::size_t at = sql.find(create);
    if (at == std::string_view::npos)
        return {};
    std::size_t begin = at;
    while (begin >= 2) {
        const std::size_t line = sql.rfind('\n', begin - 2);
        const std::size_t start = line == std::string_view::npos ? 0 : line + 1;
        if (sql.substr(start, 2) != "--")
            break;
        begin = start;
        if (start == 0)
            break;
    }
    const std::vector<std::string> list = words(sql.substr(begin, at - begin));
    return {list.begin(), list.end()};
}

} // namespace

class TestSchema : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void promisedColumns();
    void everyViewSelects();
    void everyViewIsDocumented();
    void anOlderWorkspaceIsBroughtUpToDate();
    void viewsUseNoFunctionOfOurs();
    void shortFormsExpand();
    void readyIndexes();
    void lookupsUseIndexes_data();
    void lookupsUseIndexes();
    void spanViewWithoutNames();
    void versionIsStamped();

private:
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<Database> m_database;
};

void TestSchema::initTestCase()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    m_workspace = std::move(*workspace);
    auto database = m_workspace->connectWriter();
    TS_VERIFY_OK(database);
    m_database = std::make_unique<Database>(std::move(*database));
}

void TestSchema::promisedColumns()
{
    for (const auto &[name, list] : kPromised) {
        const std::set<std::string> columns = columnsOf(*m_database, name);
        QVERIFY2(!columns.empty(), name.c_str());
        for (const std::string &column : words(list))
            QVERIFY2(columns.contains(column), (name + "." + column).c_str());
    }
}

void TestSchema::everyViewSelects()
{
    const auto expected = expectedObjects();
    TS_VERIFY_OK(expected);
    int views = 0;
    for (const SchemaObject &object : *expected) {
        if (object.type != "view")
            continue;
        ++views;
        const std::string count
            = rowsOf(*m_database, "SELECT count(*) FROM (SELECT * FROM \"" + object.name + "\")");
        QCOMPARE(count, std::string("0"));
    }
    QVERIFY(views >= 45);
}

void TestSchema::everyViewIsDocumented()
{
    std::string views, derived;
    for (const EmbeddedSql &file : embeddedSql()) {
        if (file.name == "schema.sql")
            views = file.text;
        if (file.name == "migrations/001derived.sql" || file.name.starts_with("migrations/002"))
            derived += file.text;
    }
    const auto expected = expectedObjects();
    for (const SchemaObject &object : *expected) {
        const bool view = object.type == "view";
        if (!view
            && (object.type != "table"
                || derived.find("CREATE TABLE " + object.name + " ") == std::string::npos))
            continue;
        const std::set<std::string> documented = documentedWords(view ? views : derived,
            view ? "CREATE VIEW " + object.name + " " : "CREATE TABLE " + object.name + " ");
        QVERIFY2(!documented.empty(), object.name.c_str());
        for (const std::string &column : columnsOf(*m_database, object.name)) {
            if (view)
                QVERIFY2(documented.contains(column), (object.name + "." + column).c_str());
        }
    }
}

void TestSchema::anOlderWorkspaceIsBroughtUpToDate()
{
    auto old = Database::open(":memory:", Database::Mode::Create);
    TS_VERIFY_OK(old);
    for (const EmbeddedSql &file : embeddedSql()) {
        if (file.name.starts_with("migrations/001"))
            TS_VERIFY_OK(old->execute(file.text));
    }
    TS_VERIFY_OK(applyMigrations(*old, 1000));
    QCOMPARE(*old->integer("PRAGMA user_version"), std::optional<std::int64_t>(kSchemaVersion));
    const auto made = schemaObjects(*old);
    const auto expected = expectedObjects();
    TS_VERIFY_OK(made);
    TS_VERIFY_OK(expected);
    std::set<std::string> sql;
    for (const SchemaObject &object : *made)
        sql.insert(object.sql);
    for (const SchemaObject &object : *expected)
        QVERIFY2(object.optional || sql.contains(object.sql), object.name.c_str());
}

void TestSchema::viewsUseNoFunctionOfOurs()
{
    // A plain connection without our functions, as another program has it, with the strictest setting.
    sqlite3 *plain = nullptr;
    QCOMPARE(sqlite3_open_v2(m_workspace->path().c_str(), &plain, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    sqlite3_db_config(plain, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    const auto expected = expectedObjects();
    for (const SchemaObject &object : *expected) {
        if (object.type != "view")
            continue;
        const std::string sql = "SELECT * FROM \"" + object.name + "\"";
        const int code = sqlite3_exec(plain, sql.c_str(), nullptr, nullptr, nullptr);
        QVERIFY2(code == SQLITE_OK, (object.name + ": " + sqlite3_errmsg(plain)).c_str());
    }
    sqlite3_close(plain);
}

void TestSchema::shortFormsExpand()
{
    QCOMPARE(expandedSql("-- $text(x)\nSELECT $text(r.a) AS a"),
        std::string(
            "SELECT CASE typeof(r.a) WHEN 'integer' THEN (SELECT text FROM string WHERE id = r.a) ELSE r.a"
            " END AS a\n"));
    QCOMPARE(expandedSql("$time(r, (SELECT f(x, y) FROM t))"),
        std::string("(SELECT f(x, y) FROM t) + (SELECT offset_ns FROM source_raw WHERE id = r.source_id)\n"));
    QCOMPARE(expandedSql("a $visible(s);"),
        std::string("a s.source_id IN (SELECT id FROM source_raw WHERE state IN (1, 2));\n"));
    const auto expected = expectedObjects();
    for (const SchemaObject &object : *expected)
        QVERIFY2(object.sql.find('$') == std::string::npos, object.sql.c_str());
}

void TestSchema::readyIndexes()
{
    const std::string count
        = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = 'span_raw_trace'";
    QCOMPARE(rowsOf(*m_database, count), std::string("0"));
    int reports = 0;
    Progress progress;
    progress.report = [&](const ProgressUpdate &update) { reports += update.phase == "indexing" ? 1 : 0; };
    TS_VERIFY_OK(createReadyIndexes(*m_database, progress));
    TS_VERIFY_OK(createReadyIndexes(*m_database, progress));
    QVERIFY(reports > 10);
    QCOMPARE(rowsOf(*m_database, count), std::string("1"));
    TS_VERIFY_OK(dropReadyIndexes(*m_database));
    QCOMPARE(rowsOf(*m_database, count), std::string("0"));
    progress.cancel.cancel();
    const auto cancelled = createReadyIndexes(*m_database, progress);
    QVERIFY(!cancelled);
    QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
    TS_VERIFY_OK(createReadyIndexes(*m_database, {}));
}

void TestSchema::lookupsUseIndexes_data()
{
    QTest::addColumn<QString>("sql");
    QTest::newRow("span by id") << "SELECT * FROM span WHERE id = 1";
    QTest::newRow("spans of a trace") << "SELECT operation, self_ns FROM span WHERE trace_id = 1";
    QTest::newRow("children") << "SELECT operation FROM span WHERE parent_id = 1";
    QTest::newRow("children of the spans of a trace")
        << "SELECT a.id, b.id FROM span a JOIN span b ON b.parent_id = a.id WHERE a.trace_id = 1";
    QTest::newRow("attributes of a span") << "SELECT * FROM span_attribute WHERE span_id = 1";
    QTest::newRow("one attribute of the spans of a trace")
        << "SELECT (SELECT a.value FROM span_attribute a WHERE a.span_id = s.id AND a.key = 'k') FROM span s"
           " WHERE s.trace_id = 1";
    QTest::newRow("attributes of the spans of a trace")
        << "SELECT s.id, a.key, a.value FROM span s JOIN span_attribute a ON a.span_id = s.id WHERE "
           "s.trace_id = 1";
    QTest::newRow("events of a span") << "SELECT * FROM span_event WHERE span_id = 1";
    QTest::newRow("points of a series") << "SELECT * FROM point WHERE series_id = 1";
    QTest::newRow("nodes of a plan") << "SELECT * FROM plan_node WHERE plan_id = 1";
    QTest::newRow("root of a trace")
        << "SELECT s.operation FROM trace t JOIN span s ON s.id = t.root_span_id WHERE t.id = 1";
    QTest::newRow("trace on the right of a left join")
        << "SELECT e.id, t.service FROM span_event e LEFT JOIN trace t ON t.id = e.id WHERE e.span_id = 1";
}

void TestSchema::lookupsUseIndexes()
{
    QFETCH(QString, sql);
    const std::string plan = rowsOf(*m_database, "EXPLAIN QUERY PLAN " + sql.toStdString());
    // The only table that may be scanned is the small one behind $visible.
    for (std::size_t at = plan.find("SCAN "); at != std::string::npos; at = plan.find("SCAN ", at + 1)) {
        const std::string_view rest = std::string_view(plan).substr(at);
        QVERIFY2(rest.starts_with("SCAN source_raw") || rest.starts_with("SCAN j VIRTUAL")
                || rest.starts_with("SCAN p\n"), // attribute_part: four rows
            plan.c_str());
    }
}

void TestSchema::spanViewWithoutNames()
{
    // Counting looks up no names and no track.
    const std::string plan = rowsOf(*m_database, "EXPLAIN QUERY PLAN SELECT count(*) FROM span");
    QVERIFY2(plan.find("string") == std::string::npos && plan.find("track") == std::string::npos,
        plan.c_str());
}

void TestSchema::versionIsStamped()
{
    QCOMPARE(*m_database->integer("PRAGMA user_version"), std::optional<std::int64_t>(kSchemaVersion));
    QCOMPARE(*m_database->integer("PRAGMA application_id"), std::optional<std::int64_t>(kApplicationId));
    QCOMPARE(*m_database->text("PRAGMA journal_mode"), std::optional<std::string>("wal"));
}

QTEST_GUILESS_MAIN(TestSchema)
#include "tst_schema.moc"
