// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/explain.h"
#include "import/migrationsql/ddltree.h"
#include "import/migrationsql/migrationsql.h"
#include "import/migrationsql/migrationtext.h"
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(migrationSqlImporter(), text); }

/// "kind object extra" of every action.
QByteArray actions(const std::string &sql)
{
    QByteArray text;
    for (const DdlAction &action : readDdl(sql)) {
        text += text.isEmpty() ? "" : " | ";
        text += QByteArray::fromStdString(action.kind) + ' ' + QByteArray::fromStdString(action.object) + ' '
            + QJsonDocument(action.extra).toJson(QJsonDocument::Compact);
    }
    return text;
}

std::string cut(const std::string &text, const char *name = "x.sql")
{
    const MigrationText script(text, name);
    std::string result;
    for (const MigrationStatement &statement : script.statements())
        result += std::to_string(statement.line) + (statement.down ? "d" : "")
            + (statement.wrapped ? "w" : "") + '[' + std::string(statement.text) + ']';
    return result;
}

} // namespace

class TestMigrationSql : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cutsStatements();
    void knowsTools();
    void readsActions_data();
    void readsActions();
    void judgesDefaults_data();
    void judgesDefaults();
    void followsTransactions();
    void readsDumps();
    void keepsForeignDialects();
    void stopsAtOpenQuotes();
    void takesAnything();
    void isHostileProof();
    void sniffs();
};

void TestMigrationSql::cutsStatements()
{
    QCOMPARE(cut("-- c;\nSELECT 1;\n/* a; /* b; */ c; */\n  SELECT ';';;\n\nSELECT $x$;$x$"),
        "2[SELECT 1]4[SELECT ';']6[SELECT $x$;$x$]"s);
    QCOMPARE(cut(""), ""s);
    QCOMPARE(cut("-- only a comment"), ""s);
    QCOMPARE(cut("\\connect shop\nSELECT 1;\n\\i other.sql\nSELECT 2"), "2[SELECT 1]4[SELECT 2]"s);
    QCOMPARE(cut("COPY t (a) FROM stdin;\n1;'\n\\.\nSELECT 2;"), "1[COPY t (a) FROM stdin]4[SELECT 2]"s);
}

void TestMigrationSql::knowsTools()
{
    QCOMPARE(cut("SELECT 1", "V1_2__add.sql"), "1w[SELECT 1]"s);
    QCOMPARE(cut("SELECT 1", "U7__add.sql"), "1dw[SELECT 1]"s);
    QCOMPARE(cut("SELECT 1", "20260302_x.down.sql"), "1dw[SELECT 1]"s);
    QCOMPARE(cut("SELECT 1", "vacation__plan.sql"), "1[SELECT 1]"s);
    QCOMPARE(cut("-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false\nSELECT 2;"),
        "2w[SELECT 1]4d[SELECT 2]"s);
    QCOMPARE(cut("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;"), "2w[SELECT 1]4dw[SELECT 2]"s);
    QCOMPARE(cut("-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;"), "3[SELECT 1]"s);
    QCOMPARE(cut("--liquibase formatted sql\n--changeset me:1 runInTransaction:false\nSELECT 1;\n--changeset "
                 "me:2\nSELECT 2;"),
        "3[SELECT 1]5w[SELECT 2]"s);
    QCOMPARE(std::string(MigrationText("--changeset me:1\n", "x").tool()), "liquibase"s);
}

void TestMigrationSql::readsActions_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *sql, const char *expected) {
        QTest::newRow(sql) << QByteArray(sql) << QByteArray(expected);
    };
    row("CREATE UNIQUE INDEX CONCURRENTLY i ON s.t USING gin (a, lower(b)) WHERE a > 1",
        "create_index s.t "
        "{\"columns\":[\"a\",\"(expression)\"],\"concurrently\":true,\"method\":\"gin\",\"name\":\"i\","
        "\"partial\":true,\"unique\":true}");
    row("create index on only t (a)",
        "create_index t {\"columns\":[\"a\"],\"method\":\"btree\",\"only\":true}");
    row("ALTER TABLE t ADD COLUMN a int NOT NULL, ADD b varchar(20) DEFAULT 'x' UNIQUE",
        "add_column t {\"column\":\"a\",\"default\":\"none\",\"not_null\":true,\"type\":\"integer\"} | "
        "add_column t {\"column\":\"b\",\"default\":\"constant\",\"type\":\"character "
        "varying(20)\",\"unique\":true}");
    row("ALTER TABLE t ADD a bigserial PRIMARY KEY",
        "add_column t "
        "{\"column\":\"a\",\"default\":\"volatile\",\"primary_key\":true,\"serial\":true,\"type\":"
        "\"bigserial\"}");
    row("ALTER TABLE t ALTER a TYPE numeric(12,2) USING a::numeric",
        "alter_column_type t {\"column\":\"a\",\"type\":\"numeric(12,2)\",\"using\":true}");
    row("ALTER TABLE t ALTER a TYPE timestamptz(3)[]",
        "alter_column_type t {\"column\":\"a\",\"type\":\"timestamp(3) with time zone[]\"}");
    row("ALTER TABLE t ALTER a SET NOT NULL, ALTER b DROP NOT NULL, ALTER c SET DEFAULT now(), ALTER d DROP "
        "DEFAULT",
        "set_not_null t {\"column\":\"a\"} | drop_not_null t {\"column\":\"b\"} | "
        "set_default t {\"column\":\"c\",\"default\":\"stable\"} | drop_default t {\"column\":\"d\"}");
    row("ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES o.p (x, y) NOT VALID",
        "add_constraint s.t {\"columns\":[\"a\",\"b\"],\"constraint_type\":\"foreign_key\",\"name\":\"f\","
        "\"not_valid\":true,\"references\":\"o.p\"}");
    row("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i, VALIDATE CONSTRAINT f, DROP CONSTRAINT IF "
        "EXISTS g CASCADE",
        "add_constraint t {\"constraint_type\":\"unique\",\"name\":\"u\",\"using_index\":\"i\"} | "
        "validate_constraint t {\"name\":\"f\"} | drop_constraint t "
        "{\"cascade\":true,\"if_exists\":true,\"name\":\"g\"}");
    row("ALTER TABLE t DROP COLUMN IF EXISTS a", "drop_column t {\"column\":\"a\",\"if_exists\":true}");
    row("ALTER TABLE p DETACH PARTITION s.q CONCURRENTLY",
        "detach_partition p {\"concurrently\":true,\"partition\":\"s.q\"}");
    row("CREATE TABLE IF NOT EXISTS s.t (a int, b text) PARTITION BY LIST (a)",
        "create_table s.t {\"columns\":[\"a\",\"b\"],\"if_not_exists\":true,\"partitioned\":true}");
    row("CREATE TABLE q PARTITION OF p FOR VALUES IN (1)", "create_table q {\"partition_of\":\"p\"}");
    row("CREATE TEMP TABLE t AS SELECT 1", "create_table_as t {}");
    row("DROP TABLE IF EXISTS a, s.b CASCADE",
        "drop_table a {\"cascade\":true,\"if_exists\":true} | drop_table s.b "
        "{\"cascade\":true,\"if_exists\":true}");
    row("DROP INDEX CONCURRENTLY i", "drop_index i {\"concurrently\":true}");
    row("ALTER TABLE t RENAME COLUMN a TO b", "rename_column t {\"column\":\"a\",\"to\":\"b\"}");
    row("ALTER TABLE t RENAME TO u", "rename_table t {\"to\":\"u\"}");
    row("SET LOCAL lock_timeout = '2s'", "set  {\"local\":true,\"name\":\"lock_timeout\",\"value\":\"2s\"}");
    row("SET lock_timeout = 0", "set  {\"name\":\"lock_timeout\",\"value\":\"0\"}");
    row("RESET lock_timeout", "reset  {\"name\":\"lock_timeout\"}");
    row("BEGIN", "begin  {}");
    row("START TRANSACTION", "begin  {}");
    row("COMMIT", "commit  {}");
    row("UPDATE t SET a = 1", "update_all t {}");
    row("UPDATE t SET a = 1 WHERE b", "update t {}");
    row("DELETE FROM t", "delete_all t {}");
    row("TRUNCATE a, b", "truncate a {} | truncate b {}");
    row("LOCK TABLE t IN SHARE MODE", "lock_table t {\"mode\":\"share\"}");
    row("VACUUM FULL t", "vacuum t {\"full\":true}");
    row("ANALYZE", "analyze  {}");
    row("CLUSTER t USING i", "cluster t {}");
    row("REINDEX TABLE CONCURRENTLY t", "reindex t {\"concurrently\":true}");
    row("REFRESH MATERIALIZED VIEW CONCURRENTLY m", "refresh_materialized_view m {\"concurrently\":true}");
    row("CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "create_trigger t {\"each_row\":true,\"name\":\"g\"}");
    row("CREATE VIEW v AS SELECT 1", "create_view v {}");
    row("DROP FUNCTION s.f(int)", "drop_function s.f {}");
    row("DROP TYPE s.e", "drop_type s.e {}");
    row("CREATE EXTENSION IF NOT EXISTS hstore", "create_extension hstore {}");
    row("DO $$ BEGIN END $$", "do  {}");
    row("GRANT SELECT ON t TO r", "grant  {}");
    row("ALTER TYPE mood ADD VALUE 'glad'", "alter_type mood {}");
}

void TestMigrationSql::readsActions()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, expected);
    QCOMPARE(actions(sql.toStdString()), expected);
}

void TestMigrationSql::judgesDefaults_data()
{
    QTest::addColumn<QByteArray>("kind");
    for (const auto &[expression, kind] :
        {std::pair{"0", "constant"}, {"'{}'::jsonb", "constant"}, {"lower('A') || 'b'", "constant"},
            {"now()", "stable"}, {"CURRENT_DATE", "stable"}, {"now() + interval '1 day'", "stable"},
            {"random()", "volatile"}, {"pg_catalog.gen_random_uuid()", "volatile"},
            {"coalesce(clock_timestamp(), now())", "volatile"}, {"my_function()", "function"}})
        QTest::newRow(expression) << QByteArray(kind);
}

void TestMigrationSql::judgesDefaults()
{
    QFETCH(QByteArray, kind);
    const std::vector<DdlAction> list
        = readDdl("ALTER TABLE t ADD c text DEFAULT "s + QTest::currentDataTag());
    QCOMPARE(list.at(0).extra.value(QLatin1String("default")).toString().toUtf8(), kind);
}

void TestMigrationSql::followsTransactions()
{
    const ReadOutcome outcome = read("BEGIN;\nALTER TABLE t ADD a int, ADD b int;\nCOMMIT;\nDROP TABLE t;\n");
    QCOMPARE(outcome.sink.text(),
        "source kind=config clock=none\n"
        "ddl_statement 1 position=1 file=\"sample\" line=1 kind=\"begin\" text=\"BEGIN\" "
        "extra=\"{\\\"in_transaction\\\":true}\"\n"
        "ddl_statement 2 position=2 file=\"sample\" line=2 kind=\"add_column\" object=\"t\" "
        "text=\"ALTER TABLE t ADD a int, ADD b int\" "
        "extra=\"{\\\"column\\\":\\\"a\\\",\\\"default\\\":\\\"none\\\",\\\"in_transaction\\\":true,"
        "\\\"part\\\":1,\\\"type\\\":\\\"integer\\\"}\"\n"
        "ddl_statement 3 position=2 file=\"sample\" line=2 kind=\"add_column\" object=\"t\" "
        "text=\"ALTER TABLE t ADD a int, ADD b int\" "
        "extra=\"{\\\"column\\\":\\\"b\\\",\\\"default\\\":\\\"none\\\",\\\"in_transaction\\\":true,"
        "\\\"part\\\":2,\\\"type\\\":\\\"integer\\\"}\"\n"
        "ddl_statement 4 position=3 file=\"sample\" line=3 kind=\"commit\" text=\"COMMIT\" extra=\"{}\"\n"
        "ddl_statement 5 position=4 file=\"sample\" line=4 kind=\"drop_table\" object=\"t\" text=\"DROP TABLE t\" extra=\"{}\""s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(4));
}

void TestMigrationSql::readsDumps()
{
    const ReadOutcome outcome
        = read(fileBytes(QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/migration-sql/dump.sql")));
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"copy-data 2", "psql-command 1"}));
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(6));
    QVERIFY(outcome.text().find("it's; one") == std::string::npos);
}

void TestMigrationSql::keepsForeignDialects()
{
    const ReadOutcome outcome
        = read("ALTER TABLE t MODIFY COLUMN a int, ALGORITHM=INPLACE;\nALTER TABLE t ADD b int;\n");
    QCOMPARE(outcome.sink.count("ddl_statement"), std::size_t(2));
    QVERIFY(outcome.sink.lines[1].find("kind=\"unparsed\"") != std::string::npos);
    QCOMPARE(outcome.issues(), std::vector<std::string>{"unparsed 1"});
}

void TestMigrationSql::stopsAtOpenQuotes()
{
    const ReadOutcome outcome
        = read("CREATE TABLE \xC3\xA4 (a int);\nDROP TABLE a;\nUPDATE t SET a = 'open;\nDROP TABLE b;\n");
    QCOMPARE(outcome.sink.count("ddl_statement"), std::size_t(2));
    QCOMPARE(outcome.issues(), std::vector<std::string>{"broken-sql 1"});
    QVERIFY(outcome.report.rejects().at(0).bytes.starts_with("\nUPDATE t"));
    QVERIFY(!read("SELECT 'x").error);
    QVERIFY(read("-- nothing\n").error);
}

void TestMigrationSql::takesAnything()
{
    QElapsedTimer timer;
    timer.start();
    for (const std::string &sql :
        {"CREATE TABLE t (a int CHECK (" + std::string(5000, '(') + "1" + std::string(5000, ')') + "));",
            "ALTER TABLE t ADD CHECK (" +
                [] {
                    std::string terms = "a";
                    for (int i = 0; i < 12'000; ++i)
                        terms += " + a";
                    return terms;
                }()
                + " > 0);",
            "DROP TABLE " + std::string(70'000, 'x') + ";", "CREATE TABLE t\0(a int);"s,
            "DROP TABLE \xFF\xFE;"s,
            "ALTER TABLE t ALTER a SET DEFAULT - - - - - - - - - - - - - - - - - - - - - - - - - 1;"s}) {
        const ReadOutcome outcome = read(sql);
        QVERIFY2(outcome.sink.count("ddl_statement") == 1, sql.substr(0, 60).c_str());
    }
    std::string many;
    for (int i = 0; i < 100'000; ++i)
        many += "INSERT INTO t VALUES (" + std::to_string(i) + ");\n";
    QCOMPARE(read(many).report.rowsRead(), std::int64_t(100'000));
    QVERIFY2(timer.elapsed() < 30'000, qPrintable(QString::number(timer.elapsed())));
}

void TestMigrationSql::isHostileProof()
{
    for (const char *name : {"flyway.sql", "dump.sql"}) {
        const QString problems = hostileProblems(migrationSqlImporter(),
            fileBytes(QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/migration-sql/")
                + QString::fromLatin1(name)));
        QVERIFY2(problems.isEmpty(), qPrintable(problems));
    }
}

void TestMigrationSql::sniffs()
{
    const auto sniff = [](std::string_view text, std::string_view name = "upload") {
        return int(migrationSqlImporter().sniff(text, name));
    };
    QCOMPARE(sniff("CREATE TABLE t (a int);"), int(Confidence::Likely));
    QCOMPARE(sniff("create index on t (a);", "V1__a.SQL"), int(Confidence::Strong));
    QCOMPARE(sniff("-- x\n/* y */\\set a 1\nBEGIN;\nINSERT INTO t VALUES (';');\nALTER TABLE t ADD b int;"),
        int(Confidence::Likely));
    // No DDL in it, a plan with its statement, a log, prose.
    QCOMPARE(sniff("SELECT 1;", "a.sql"), int(Confidence::No));
    QCOMPARE(sniff("CREATE TABLE x AS SELECT 1;\nSeq Scan on t  (cost=0.00..1.01 rows=1 width=4)"),
        int(Confidence::No));
    QCOMPARE(sniff("2026-03-02 12:00:00 UTC [1] LOG:  statement: CREATE TABLE t (a int);"),
        int(Confidence::No));
    QCOMPARE(sniff("Create the table of contents.\n"), int(Confidence::No));
    QCOMPARE(sniff("main;drop table 12\n"), int(Confidence::No));
    QCOMPARE(sniff("{\"a\":1}"), int(Confidence::No));
    QCOMPARE(sniff(""), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestMigrationSql)
#include "tst_migrationsql.moc"
