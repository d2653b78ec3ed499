// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/schema.h"

#include <algorithm>
#include <filesystem>

#include <QTemporaryDir>

#include <sqlite3.h>

using namespace storetest;

/// Workspaces that somebody prepared: nothing of theirs runs, and what is ours stays right.
class TestHostileWorkspace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void triggersAreDroppedAndACopyKept();
    void replacedViewIsRestored();
    void replacedViewReadOnly();
    void foreignViewIsDropped();
    void missingViewIsRestored();
    void changedTable_data();
    void changedTable();
    void foreignIndexOnOurTable();
    void foreignTableStays();
    void viewThatCallsForbiddenFunctions();
    void brokenRuns();
    void hugeRuns();
    void missingIndexIsMade();
    void rowsOfWrongTypes();

private:
    std::filesystem::path path(const char *name = "w.tailscope") const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    /// SQL of an attacker: a plain connection without any protection.
    void attack(const std::string &sql) const;
    static bool anyMessage(const Workspace &workspace, const std::string &part);
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHostileWorkspace::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    auto sink = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    writeMixed(**sink, 20);
    TS_VERIFY_OK((*sink)->finish({}));
}

void TestHostileWorkspace::attack(const std::string &sql) const
{
    sqlite3 *plain = nullptr;
    QCOMPARE(sqlite3_open(path().c_str(), &plain), SQLITE_OK);
    char *message = nullptr;
    sqlite3_exec(plain, sql.c_str(), nullptr, nullptr, &message);
    QVERIFY2(!message, message ? message : "");
    sqlite3_close(plain);
}

bool TestHostileWorkspace::anyMessage(const Workspace &workspace, const std::string &part)
{
    const auto &messages = workspace.openReport().messages;
    return std::any_of(messages.begin(), messages.end(),
        [&](const std::string &message) { return message.find(part) != std::string::npos; });
}

void TestHostileWorkspace::triggersAreDroppedAndACopyKept()
{
    attack("CREATE TABLE loot (a); CREATE TRIGGER evil AFTER INSERT ON span_raw BEGIN INSERT INTO loot "
           "VALUES (new.id); END;"
           "CREATE TRIGGER \"od\"\"d\" BEFORE DELETE ON source_raw BEGIN SELECT raise(ABORT, 'no'); END");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY(anyMessage(**workspace, "\"evil\"") && anyMessage(**workspace, "w.tailscope.original"));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"),
        std::string("0"));
    auto sink = BulkWriter::create(**workspace, {"b", "test", {}}, {});
    writeMixed(**sink, 20);
    TS_VERIFY_OK((*sink)->finish({}));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM loot"), std::string("0"));
    auto copy = Database::open(path("w.tailscope.original"), Database::Mode::ReadOnly);
    TS_VERIFY_OK(copy);
    QCOMPARE(rowsOf(*copy, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), std::string("2"));
    QCOMPARE(rowsOf(*copy, "SELECT count(*) FROM span_raw"), std::string("20"));
}

void TestHostileWorkspace::replacedViewIsRestored()
{
    attack("DROP VIEW span; CREATE VIEW span AS SELECT 1 AS id, 'lies' AS operation");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY(anyMessage(**workspace, "views were restored"));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*), count(duration_ns) > 0 FROM span"), std::string("20|1"));
    QVERIFY(!std::filesystem::exists(path("w.tailscope.original")));
}

void TestHostileWorkspace::replacedViewReadOnly()
{
    attack("DROP VIEW span; CREATE VIEW span AS SELECT 1 AS id, 'lies' AS operation");
    const auto before = std::filesystem::last_write_time(path());
    const auto workspace = Workspace::open(path(), true);
    TS_VERIFY_OK(workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span"), std::string("20"));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM trace"), std::string("15"));
    QVERIFY(anyMessage(**workspace, "ours are used"));
    QVERIFY(std::filesystem::last_write_time(path()) == before);
}

void TestHostileWorkspace::foreignViewIsDropped()
{
    attack("CREATE VIEW mine AS SELECT 1");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY(anyMessage(**workspace, "view \"mine\""));
    QVERIFY(std::filesystem::exists(path("w.tailscope.original")));
    QVERIFY(rowsOf(**workspace, "SELECT * FROM mine").starts_with("ERROR"));
}

void TestHostileWorkspace::missingViewIsRestored()
{
    attack("DROP VIEW plan_node; DROP VIEW trace");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM plan_node"), std::string("2"));
}

void TestHostileWorkspace::changedTable_data()
{
    QTest::addColumn<QString>("sql");
    QTest::newRow("dropped") << "DROP TABLE span_raw";
    QTest::newRow("column added")
        << "ALTER TABLE span_raw ADD COLUMN evil CHECK (randomblob(1000000000) IS NOT NULL OR 1)";
    QTest::newRow("check that never ends") << "DROP TABLE flow_raw; CREATE TABLE flow_raw (id INTEGER "
                                              "PRIMARY KEY, source_id CHECK (randomblob(1000000000)))";
    QTest::newRow("view in place of a table") << "DROP TABLE flow_raw; CREATE VIEW flow_raw AS SELECT 1";
    QTest::newRow("table in place of a view") << "DROP VIEW span; CREATE TABLE span (id)";
    QTest::newRow("virtual table in place")
        << "DROP TABLE flow_raw; CREATE VIRTUAL TABLE flow_raw USING fts5(a)";
}

void TestHostileWorkspace::changedTable()
{
    QFETCH(QString, sql);
    attack(sql.toStdString());
    for (const bool readOnly : {false, true}) {
        const auto workspace = Workspace::open(path(), readOnly);
        QVERIFY(!workspace);
        QCOMPARE(workspace.error().code, ErrorCode::Damaged);
        QVERIFY(!workspace.error().hint.empty());
    }
}

void TestHostileWorkspace::foreignIndexOnOurTable()
{
    attack("CREATE UNIQUE INDEX trap ON span_raw (source_id, start_ns); CREATE TABLE own (a); CREATE INDEX "
           "own_a ON own (a)");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY(anyMessage(**workspace, "\"trap\""));
    QCOMPARE(rowsOf(**workspace,
                 "SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('trap', 'own_a')"),
        std::string("own_a"));
}

void TestHostileWorkspace::foreignTableStays()
{
    attack("CREATE TABLE notes (a); INSERT INTO notes VALUES ('keep')");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY((*workspace)->openReport().messages.empty());
    QCOMPARE(rowsOf(**workspace, "SELECT a FROM notes"), std::string("keep"));
}

void TestHostileWorkspace::viewThatCallsForbiddenFunctions()
{
    attack("CREATE VIEW boom AS SELECT load_extension('/tmp/x.so') AS a, fts3_tokenizer('simple') AS b");
    const auto workspace = Workspace::open(path(), true);
    TS_VERIFY_OK(workspace);
    QVERIFY(rowsOf(**workspace, "SELECT * FROM boom").starts_with("ERROR"));
}

void TestHostileWorkspace::brokenRuns()
{
    attack("UPDATE source_raw SET state = 3; UPDATE source_run SET count = 9223372036854775807 WHERE family "
           "= 9");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE((*workspace)->openReport().interrupted.size(), std::size_t{1});
    const auto kept = (*workspace)->keepPartial(1);
    QVERIFY(!kept);
    QCOMPARE(kept.error().code, ErrorCode::Damaged);
    QVERIFY(!(*workspace)->removeSource(1, {}));
    QVERIFY(!BulkWriter::create(**workspace, {"a", "test", 1}, {}));
}

void TestHostileWorkspace::hugeRuns()
{
    attack("UPDATE source_raw SET state = 3; UPDATE source_run SET count = 1000000000000000 WHERE family IN "
           "(6, 9)");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    const auto kept = (*workspace)->keepPartial(1);
    QVERIFY(!kept);
    QCOMPARE(kept.error().code, ErrorCode::Damaged);
    TS_VERIFY_OK((*workspace)->removeSource(1, {}));
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span_raw"), std::string("0"));
}

void TestHostileWorkspace::missingIndexIsMade()
{
    attack("DROP INDEX plan_node_raw_plan");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM sqlite_schema WHERE name = 'plan_node_raw_plan'"),
        std::string("1"));
}

void TestHostileWorkspace::rowsOfWrongTypes()
{
    attack("UPDATE span_raw SET kind = 'x', status = x'00', start_ns = 'now', operation_id = 99999, track_id "
           "= 'a',"
           " span_key = x'ff', attributes = '{\"a\":' WHERE id = 1;"
           "UPDATE source_raw SET state = 2, kind = 'y', clock = 99, rows_committed = 'z', path = x'fffe'");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    TS_VERIFY_OK((*workspace)->sources());
    QVERIFY(!rowsOf(**workspace, "SELECT * FROM span").starts_with("ERROR"));
    QCOMPARE(rowsOf(**workspace, "SELECT operation, kind FROM span WHERE id = 1"), std::string("NULL|NULL"));
    // Broken JSON is an error of that query, nothing worse.
    QVERIFY(rowsOf(**workspace, "SELECT * FROM span_attribute").starts_with("ERROR"));
}

QTEST_GUILESS_MAIN(TestHostileWorkspace)
#include "tst_hostileworkspace.moc"
