// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/explainrunner.h"

#include "live/connection.h"
#include "liveserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace tailscope;
using namespace tailscope::live;
using tests::LiveServer;
using tests::Psql;

namespace {

using Kind = ExplainClass::Kind;

Target named(const char *variable)
{
    auto parsed = parseTarget(LiveServer::conninfo(variable), TargetKind::Postgres);
    if (!parsed)
        qFatal("%s", parsed.error().toText().c_str());
    return *parsed;
}

QJsonObject plan(const ExplainAnswer &answer)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(answer.json)).array().first().toObject();
}

std::string nodeType(const ExplainAnswer &answer)
{
    return plan(answer)
        .value(QLatin1String("Plan"))
        .toObject()
        .value(QLatin1String("Node Type"))
        .toString()
        .toStdString();
}

ExplainRequest request(std::string sql)
{
    ExplainRequest request;
    request.sql = std::move(sql);
    request.searchPath = "\"$user\", public";
    return request;
}

Result<ExplainAnswer> explained(const char *who, const ExplainRequest &asked)
{
    return explainStatement(named(who), asked, {});
}

bool says(const std::vector<std::string> &lines, const char *part)
{
    return std::any_of(lines.begin(), lines.end(),
        [&](const std::string &line) { return line.find(part) != std::string::npos; });
}

/// What a plan must leave behind: nothing.
struct Before
{
    Psql super{LiveServer::conninfo("TS_LIVE_SUPER")};
    std::string xmax;

    /// The server's own housekeeping takes transaction numbers too: not while this lives.
    Before()
    {
        setAutovacuum("SET autovacuum = off");
        const std::string workers
            = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'";
        for (int i = 0; i < 400 && (super.value("SHOW autovacuum") != "off" || super.value(workers) != "0");
             ++i)
            QTest::qWait(50);
        xmax = read();
    }
    ~Before() { setAutovacuum("RESET autovacuum"); }
    Before(const Before &) = delete;
    Before &operator=(const Before &) = delete;

    void setAutovacuum(const std::string &how)
    {
        super.rows("ALTER SYSTEM " + how);
        super.rows("SELECT pg_reload_conf()");
    }
    std::string read() { return super.value("SELECT pg_snapshot_xmax(pg_current_snapshot())"); }
    bool isUntouched()
    {
        const std::string sessions
            = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tailscope "
              "explain' AND usename <> 'app'";
        for (int i = 0; i < 400 && super.value(sessions) != "0"; ++i)
            QTest::qWait(50);
        return super.value(sessions) == "0" && read() == xmax
            && super.value("SELECT count(*) FROM pg_locks WHERE relation::regclass::text LIKE 'pgbench%'")
            == "0"
            && super.value("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
            == "0";
    }
};

} // namespace

/// Plans on demand: which statements are let through, and that nothing of it stays on the server.
class ExplainRunnerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void classes_data();
    void classes();
    void parametersAndFunctions();
    void indexTexts();
    void endsOfStatements();
    void commandsByVersion();
    void textsToCopy();
    void plainSelect();
    void genericPlan();
    void analyzeNeedsConsent();
    void writesAreOnlyPlanned();
    void refused();
    void missingRights();
    void missingNames();
    void asAnotherRole();
    void timeLimit();
    void standby();
    void throughThePooler();
    void hypotheticalIndex();
    void hypotheticalIndexOfGenericPlan();
    void withoutHypopg();
};

void ExplainRunnerTest::classes_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<int>("kind");
    QTest::addColumn<bool>("mayAnalyze");
    const auto row = [](const char *name, const char *sql, Kind kind, bool mayAnalyze) {
        QTest::newRow(name) << QByteArray(sql) << int(kind) << mayAnalyze;
    };
    row("select", "SELECT * FROM t WHERE a = 1;", Kind::Select, true);
    row("values", "VALUES (1), (2)", Kind::Select, true);
    row("table", "TABLE t", Kind::Select, true);
    row("with", "WITH x AS (SELECT 1) SELECT * FROM x -- done", Kind::Select, true);
    row("parameters", "SELECT * FROM t WHERE a = $1 LIMIT $2", Kind::Select, false);
    row("writing with", "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", Kind::Write, false);
    row("deep write", "SELECT 1 UNION (WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT a FROM x)",
        Kind::Write, false);
    row("locks", "SELECT * FROM t FOR UPDATE", Kind::Select, false);
    row("locks inside", "SELECT * FROM (SELECT * FROM t FOR SHARE) s", Kind::Select, false);
    row("into", "SELECT * INTO u FROM t", Kind::Select, false);
    row("kills", "SELECT pg_terminate_backend(7)", Kind::Select, false);
    row("kills by schema", "SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_stat_activity", Kind::Select,
        false);
    row("elsewhere", "SELECT * FROM dblink('x', 'DELETE FROM t') AS t(a int)", Kind::Select, false);
    row("insert", "INSERT INTO t VALUES (1)", Kind::Write, false);
    row("update", "UPDATE t SET a = 1 WHERE b = $1", Kind::Write, false);
    row("delete", "DELETE FROM t", Kind::Write, false);
    row("merge", "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", Kind::Write, false);
    row("two", "SELECT 1; DELETE FROM t", Kind::Refused, false);
    row("vacuum", "VACUUM t", Kind::Refused, false);
    row("ddl", "DROP TABLE t", Kind::Refused, false);
    row("do", "DO $$ BEGIN DELETE FROM t; END $$", Kind::Refused, false);
    row("copy", "COPY t TO PROGRAM 'sh'", Kind::Refused, false);
    row("create table as", "CREATE TABLE u AS SELECT * FROM t", Kind::Refused, false);
    row("explain", "EXPLAIN ANALYZE DELETE FROM t", Kind::Refused, false);
    row("execute", "EXECUTE p(1)", Kind::Refused, false);
    row("empty", " /* nothing */ ", Kind::Refused, false);
    row("cut off", "SELECT a, b FROM t WHERE name = 'abc", Kind::Unknown, false);
    row("newer grammar", "SELECT * FROM JSON_TABLE(j, '$' COLUMNS (a int PATH '$.a')) t", Kind::Unknown,
        false);
    row("two of newer grammar", "SELECT * FROM JSON_TABLE(j, '$' COLUMNS (a int)) t; DROP TABLE t",
        Kind::Refused, false);
}

void ExplainRunnerTest::classes()
{
    QFETCH(QByteArray, sql);
    QFETCH(int, kind);
    QFETCH(bool, mayAnalyze);
    const ExplainClass found = explainClass(sql.toStdString());
    QVERIFY2(int(found.kind) == kind, (std::to_string(int(found.kind)) + found.refusal).c_str());
    if (found.kind == Kind::Refused)
        QVERIFY(!found.refusal.empty());
    else
        QCOMPARE(found.analyzeRefusal.empty(), mayAnalyze);
}

void ExplainRunnerTest::parametersAndFunctions()
{
    const ExplainClass found
        = explainClass("SELECT public.price(a), now() FROM t WHERE a = $3 AND b IN ($1, $2)");
    QCOMPARE(found.parameters, 3);
    auto functions = found.functions;
    std::sort(functions.begin(), functions.end());
    QCOMPARE(functions, (std::vector<std::string>{"now", "price"}));
    QCOMPARE(explainClass("SELECT * FROM JSON_TABLE($2, '$' COLUMNS (a int)) t WHERE a > $11").parameters,
        11);
    QCOMPARE(explainClass("SELECT '$7', $$ $8 $$ FROM t").parameters, 0);
    // A text of a million brackets is refused or unknown, never followed.
    QCOMPARE(explainClass("SELECT " + std::string(1000000, '(')).kind, Kind::Unknown);
}

void ExplainRunnerTest::indexTexts()
{
    const IndexText index = indexText("CREATE INDEX CONCURRENTLY i ON app.t USING gin (a) WHERE b;");
    QVERIFY2(index.refusal.empty(), index.refusal.c_str());
    QCOMPARE(index.table, std::string("app.t"));
    QCOMPARE(index.method, std::string("gin"));
    for (const char *other : {"CREATE INDEX ON t (a); CREATE INDEX ON t (b)", "DROP INDEX i", "SELECT 1", "",
             "CREATE INDEX ON t (a", "CREATE INDEX ON t (a); DROP TABLE t"})
        QVERIFY2(!indexText(other).refusal.empty(), other);
}

void ExplainRunnerTest::endsOfStatements()
{
    QCOMPARE(withoutEnd(" SELECT 1 ; -- done\n"), std::string("SELECT 1"));
    QCOMPARE(withoutEnd("SELECT 1 /* a */"), std::string("SELECT 1"));
    QCOMPARE(withoutEnd("SELECT ';'"), std::string("SELECT ';'"));
    QCOMPARE(withoutEnd(""), std::string());
}

void ExplainRunnerTest::commandsByVersion()
{
    const std::string sql = "SELECT * FROM t WHERE a = $1";
    const ExplainClass found = explainClass(sql);
    ExplainCommands commands = explainCommands(sql, found, false, 160004);
    QCOMPARE(commands.explain, "EXPLAIN (GENERIC_PLAN, VERBOSE, SETTINGS, FORMAT JSON) " + sql);
    QVERIFY(commands.isSimple && commands.before.empty());
    commands = explainCommands(sql, found, false, 150008);
    QCOMPARE(commands.explain,
        std::string("EXPLAIN (VERBOSE, SETTINGS, FORMAT JSON) EXECUTE tailscope_explain(NULL...)"));
    QCOMPARE(commands.before,
        (std::vector<std::string>{"SET LOCAL plan_cache_mode = force_generic_plan",
            "PREPARE tailscope_explain AS " + sql}));
    QCOMPARE(commands.after, (std::vector<std::string>{"DEALLOCATE tailscope_explain"}));
    QVERIFY(!commands.isSimple);
    // Before 12 there is neither SETTINGS nor plan_cache_mode.
    commands = explainCommands(sql, found, false, 110022);
    QCOMPARE(commands.before, (std::vector<std::string>{"PREPARE tailscope_explain AS " + sql}));
    QCOMPARE(commands.explain,
        std::string("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE tailscope_explain(NULL...)"));
    // What the grammar does not know never goes by the protocol that takes several statements.
    ExplainClass unknown = found;
    unknown.kind = Kind::Unknown;
    QVERIFY(!explainCommands(sql, unknown, false, 170000).isSimple);
    QCOMPARE(explainCommands("SELECT 1", explainClass("SELECT 1"), true, 150000).explain,
        std::string("EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON) SELECT 1"));
}

void ExplainRunnerTest::textsToCopy()
{
    ExplainRequest asked = request("");
    QCOMPARE(textToRunElsewhere("UPDATE t SET a = $2 WHERE b = $1", asked, 2),
        std::string(
            "-- Put values in the place of $1 to $2.\nBEGIN;\nSET LOCAL search_path = \"$user\", public;\n"
            "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS)\nUPDATE t SET a = $2 WHERE b = $1;\nROLLBACK;\n"));
    asked.searchPath = "public; DROP TABLE t";
    QVERIFY(textToRunElsewhere("SELECT 1", asked, 0).find("DROP") == std::string::npos);
    asked.searchPath.clear();
    QCOMPARE(textToRunElsewhere("SELECT 1", asked, 0),
        std::string("BEGIN;\nEXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS)\nSELECT 1;\nROLLBACK;\n"));
}

void ExplainRunnerTest::plainSelect()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    const auto answer = explained("TS_LIVE_APP", request("SELECT * FROM pgbench_accounts WHERE aid = 42;"));
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QCOMPARE(nodeType(*answer), std::string("Index Scan"));
    QCOMPARE(plan(*answer).value(QLatin1String("Query Text")).toString(),
        QStringLiteral("SELECT * FROM pgbench_accounts WHERE aid = 42"));
    QVERIFY(!answer->isAnalyzed && !answer->isGeneric && !answer->needsConsent);
    QVERIFY(answer->warnings.empty());
    // The planner's settings are the server's: ours for sampling would have shown here.
    QVERIFY(plan(*answer).value(QLatin1String("Settings")).toObject().isEmpty()
        || !plan(*answer).value(QLatin1String("Settings")).toObject().contains(QLatin1String("jit")));
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::genericPlan()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    const auto answer = explained("TS_LIVE_APP",
        request("SELECT * FROM pgbench_accounts WHERE aid BETWEEN $1 AND $2 AND bid = $3"));
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QVERIFY(answer->isGeneric);
    QVERIFY(!answer->notes.empty());
    const QString node
        = plan(*answer).value(QLatin1String("Plan")).toObject().value(QLatin1String("Index Cond")).toString();
    QVERIFY2(node.contains(QLatin1String("$1")) && node.contains(QLatin1String("$2")), qPrintable(node));
    QVERIFY(before.isUntouched());
    // A type that nobody can tell, and a place where the grammar takes no parameter.
    const auto untyped = explained("TS_LIVE_APP", request("SELECT $1 IS NULL"));
    QVERIFY(!untyped.has_value() && untyped.error().hint.find("type") != std::string::npos);
    const auto cut = explained("TS_LIVE_APP", request("SELECT * FROM pgbench_accounts WHERE filler = 'ab"));
    QVERIFY(!cut && cut.error().hint.find("cut off") != std::string::npos);
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::analyzeNeedsConsent()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    ExplainRequest asked = request("SELECT count(*), random() FROM pgbench_branches");
    asked.isAnalyze = true;
    auto answer = explained("TS_LIVE_APP", asked);
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QVERIFY(answer->needsConsent && !answer->isAnalyzed);
    QVERIFY(says(answer->warnings, "random()"));
    QVERIFY(!plan(*answer).contains(QLatin1String("Execution Time")));
    asked.hasConsent = true;
    answer = explained("TS_LIVE_APP", asked);
    QVERIFY(answer && answer->isAnalyzed && !answer->needsConsent);
    QVERIFY(plan(*answer).contains(QLatin1String("Execution Time")));
    QVERIFY(before.isUntouched());
    // A function that writes: the server refuses.
    before.super.rows("CREATE OR REPLACE FUNCTION public.sly() RETURNS int LANGUAGE sql AS "
                      "'UPDATE pgbench_branches SET bbalance = 1 RETURNING 1'");
    before.xmax = before.read();
    asked.sql = "SELECT sly()";
    asked.hasConsent = false;
    answer = explained("TS_LIVE_SUPER", asked);
    QVERIFY(answer && says(answer->warnings, "public.sly()"));
    asked.hasConsent = true;
    answer = explained("TS_LIVE_SUPER", asked);
    QVERIFY(!answer);
    QVERIFY2(answer.error().detail.find("read-only") != std::string::npos, answer.error().toText().c_str());
    QVERIFY(before.isUntouched());
    before.super.rows("DROP FUNCTION public.sly()");
}

void ExplainRunnerTest::writesAreOnlyPlanned()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    for (const char *sql : {"UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = 1",
             "DELETE FROM pgbench_history", "INSERT INTO pgbench_history (tid) VALUES ($1)",
             "WITH x AS (DELETE FROM pgbench_history RETURNING 1) SELECT count(*) FROM x"}) {
        ExplainRequest asked = request(sql);
        asked.isAnalyze = true;
        auto answer = explained("TS_LIVE_APP", asked);
        QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
        QVERIFY(!answer->isAnalyzed && !answer->needsConsent);
        QVERIFY(says(answer->notes, "Not executed"));
        QVERIFY(answer->textToRunElsewhere.find("BEGIN;\n") != std::string::npos
            && answer->textToRunElsewhere.ends_with("ROLLBACK;\n"));
        asked.hasConsent = true;
        answer = explained("TS_LIVE_APP", asked);
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::Usage);
    }
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::refused()
{
    // Before any connection is made: there is no such server.
    const auto target = parseTarget("host=127.0.0.1 port=1", TargetKind::Postgres);
    for (const char *sql : {"VACUUM", "SELECT 1; SELECT 2", "DROP TABLE t", "", "EXPLAIN SELECT 1"}) {
        const auto answer = explainStatement(*target, request(sql), {});
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::Usage);
    }
    QCOMPARE(tryIndex(*target, request("SELECT 1"), "DROP INDEX i", {}).error().code, ErrorCode::Usage);
    QCOMPARE(explainStatement(*target, request("SELECT 1"), {}).error().code, ErrorCode::Connection);
}

void ExplainRunnerTest::missingRights()
{
    TS_NEED_LIVE_SERVER();
    const auto answer = explained("TS_LIVE_PRIMARY", request("SELECT * FROM pgbench_accounts"));
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, ErrorCode::Sql);
    const std::string words = answer.error().toText();
    QVERIFY2(words.find("pgbench_accounts") != std::string::npos
            && words.find("role observer needs SELECT") != std::string::npos
            && words.find("pg_read_all_data") != std::string::npos,
        words.c_str());
    const auto write = explained("TS_LIVE_PRIMARY", request("UPDATE pgbench_accounts SET abalance = 0"));
    QVERIFY(!write && write.error().hint.find("UPDATE and SELECT") != std::string::npos);
}

void ExplainRunnerTest::missingNames()
{
    TS_NEED_LIVE_SERVER();
    ExplainRequest asked = request("SELECT * FROM pgbench_accounts");
    asked.searchPath = "pg_catalog; DROP TABLE x";
    const auto answer = explained("TS_LIVE_APP", asked);
    QVERIFY(!answer);
    asked.searchPath = "pg_catalog";
    const auto hidden = explained("TS_LIVE_APP", asked);
    QVERIFY(!hidden && hidden.error().hint.find("search_path") != std::string::npos);
}

void ExplainRunnerTest::asAnotherRole()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    ExplainRequest asked = request("SELECT * FROM pgbench_accounts");
    asked.role = "plain";
    const auto answer = explained("TS_LIVE_SUPER", asked);
    QVERIFY(!answer && answer.error().hint.find("role plain") != std::string::npos);
    asked.role = "no such \"role\"";
    QVERIFY(!explained("TS_LIVE_SUPER", asked));
    asked.role = "app";
    QVERIFY(explained("TS_LIVE_SUPER", asked).has_value());
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::timeLimit()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    ExplainRequest asked = request("SELECT pg_sleep(20)");
    asked.isAnalyze = asked.hasConsent = true;
    asked.timeout = std::chrono::milliseconds(200);
    const auto answer = explained("TS_LIVE_APP", asked);
    QVERIFY(!answer);
    QVERIFY2(answer.error().detail.find("timeout") != std::string::npos, answer.error().toText().c_str());
    // A lock is not waited for.
    Psql holder(LiveServer::conninfo("TS_LIVE_SUPER"));
    holder.rows("BEGIN");
    holder.rows("LOCK TABLE pgbench_branches IN ACCESS EXCLUSIVE MODE");
    asked = request("SELECT * FROM pgbench_branches");
    const auto locked = explained("TS_LIVE_APP", asked);
    holder.rows("ROLLBACK");
    QVERIFY(!locked && locked.error().detail.find("lock timeout") != std::string::npos);
    before.xmax = before.read();
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::standby()
{
    TS_NEED_LIVE_SERVER();
    const auto answer
        = explained("TS_LIVE_REPLICA_SUPER", request("SELECT * FROM pgbench_accounts WHERE aid = $1"));
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QCOMPARE(nodeType(*answer), std::string("Index Scan"));
}

void ExplainRunnerTest::throughThePooler()
{
    TS_NEED_LIVE_SERVER();
    const auto answer = explained("TS_LIVE_POOLED", request("SELECT * FROM pgbench_accounts WHERE aid = 7"));
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    // What would stay in the pooler's session is refused before 16.
    Psql client(LiveServer::conninfo("TS_LIVE_POOLED"));
    if (client.number("SHOW server_version_num") < 160000) {
        const auto prepared
            = explained("TS_LIVE_POOLED", request("SELECT * FROM pgbench_accounts WHERE aid = $1"));
        QVERIFY(!prepared && prepared.error().detail.find("pooler") != std::string::npos);
    }
    for (int i = 0; i < 8; ++i) {
        QCOMPARE(client.value("SELECT count(*) FROM pg_prepared_statements"), std::string("0"));
        QVERIFY(client.value("SHOW statement_timeout") != "10s");
        QVERIFY(client.value("SHOW transaction_read_only") == "off");
    }
}

void ExplainRunnerTest::hypotheticalIndex()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    if (before.super.value("SELECT count(*) FROM pg_extension WHERE extname = 'hypopg'") != "1")
        QSKIP("hypopg is not installed in the test servers");
    const auto asked = request("SELECT aid FROM pgbench_accounts WHERE abalance = 123456");
    const auto answer = tryIndex(named("TS_LIVE_SUPER"), asked,
        "CREATE INDEX CONCURRENTLY x ON pgbench_accounts (abalance);", {});
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QVERIFY(answer->isUsed());
    QVERIFY2(answer->users.front().find("pgbench_accounts") != std::string::npos,
        answer->users.front().c_str());
    QVERIFY(answer->costBefore && answer->costAfter && *answer->costAfter < *answer->costBefore);
    QVERIFY(answer->indexBytes && *answer->indexBytes > 0);
    QVERIFY(nodeType(answer->before).find("Index") == std::string::npos);
    const auto useless
        = tryIndex(named("TS_LIVE_SUPER"), asked, "CREATE INDEX ON pgbench_accounts (filler)", {});
    QVERIFY(useless && !useless->isUsed());
    QCOMPARE(useless->costAfter, useless->costBefore);
    QVERIFY(!tryIndex(named("TS_LIVE_SUPER"), asked, "CREATE INDEX ON nowhere (a)", {}));
    QVERIFY(before.isUntouched());
    QCOMPARE(before.super.value(
                 "SELECT count(*) FROM pg_index WHERE indrelid = 'pgbench_accounts'::regclass"),
        std::string("1"));
}

void ExplainRunnerTest::hypotheticalIndexOfGenericPlan()
{
    TS_NEED_LIVE_SERVER();
    Before before;
    if (before.super.value("SELECT count(*) FROM pg_extension WHERE extname = 'hypopg'") != "1")
        QSKIP("hypopg is not installed in the test servers");
    const auto answer
        = tryIndex(named("TS_LIVE_SUPER"), request("SELECT aid FROM pgbench_accounts WHERE filler = $1"),
            "CREATE INDEX ON pgbench_accounts (filler)", {});
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().toText().c_str());
    QVERIFY(answer->before.isGeneric && answer->after.isGeneric);
    QVERIFY(before.isUntouched());
}

void ExplainRunnerTest::withoutHypopg()
{
    TS_NEED_LIVE_SERVER();
    const auto target
        = parseTarget(LiveServer::conninfo("TS_LIVE_SUPER") + " dbname=template1", TargetKind::Postgres);
    const auto answer = tryIndex(*target, request("SELECT 1"), "CREATE INDEX ON t (a)", {});
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, ErrorCode::NotFound);
    QVERIFY(answer.error().hint.find("CREATE EXTENSION hypopg") != std::string::npos);
}

QTEST_MAIN(ExplainRunnerTest)
#include "tst_explainrunner.moc"
