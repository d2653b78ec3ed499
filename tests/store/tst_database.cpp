// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/writerlane.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <QTemporaryDir>

using namespace storetest;

class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void bindsAndReads();
    void prepareWantsOneStatement_data();
    void prepareWantsOneStatement();
    void errorsHaveCodes();
    void openErrors();
    void transactions();
    void secondWriterWaits();
    void laneIsFair();
    void readersGoOn();
    void cancelStops();
    void authorizer_data();
    void authorizer();
    void oddPaths();
    void limits();

private:
    std::filesystem::path path(const char *name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    Database make(const char *name) const
    {
        return std::move(*Database::open(path(name), Database::Mode::Create));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDatabase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestDatabase::bindsAndReads()
{
    Database database = make("a.db");
    TS_VERIFY_OK(database.execute("CREATE TABLE t (a, b, c, d, e, f); -- comment\n"));
    auto insert = database.prepare("INSERT INTO t VALUES (:a, ?2, ?3, ?4, ?5, ?6)");
    TS_VERIFY_OK(insert);
    QCOMPARE(insert->parameterIndex(":a"), 0);
    QCOMPARE(insert->parameterIndex(":zz"), -1);
    insert->bind(0, std::int64_t{-5});
    insert->bind(1, std::nan(""));
    insert->bind(2, std::string_view());
    insert->bindTextOrNull(3, "");
    insert->bindNanos(4, kUnknownNanos);
    insert->bindBlob(5, "\0x", 2);
    TS_VERIFY_OK(insert->run());
    QCOMPARE(database.lastInsertId(), 1);
    QCOMPARE(database.changes(), 1);
    insert->bindOptional(0, std::optional<double>());
    insert->bindOptional(1, std::optional<std::int64_t>(7));
    TS_VERIFY_OK(insert->run()); // the other bindings were cleared
    auto query = database.prepare("SELECT * FROM t ORDER BY rowid");
    QVERIFY(*query->step());
    QCOMPARE(query->columnCount(), 6);
    QCOMPARE(query->columnName(0), std::string_view("a"));
    QCOMPARE(query->integer(0), -5);
    QVERIFY(query->isNull(1) && std::isnan(query->real(1)) && !query->optionalReal(1));
    QVERIFY(query->type(2) == ColumnType::Text && query->text(2).empty());
    QVERIFY(query->isNull(3) && query->isNull(4));
    QVERIFY(query->type(5) == ColumnType::Blob);
    QCOMPARE(query->blob(5), std::string_view("\0x", 2));
    QVERIFY(*query->step());
    QVERIFY(query->isNull(0) && query->isNull(2) && query->isNull(5));
    QCOMPARE(query->optionalInteger(1), std::optional<std::int64_t>(7));
    QVERIFY(!*query->step());
    QCOMPARE(*database.integer("SELECT 1 WHERE 0"), std::optional<std::int64_t>());
    QCOMPARE(*database.text("SELECT NULL"), std::optional<std::string>());
}

void TestDatabase::prepareWantsOneStatement_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("good");
    QTest::newRow("one") << "SELECT 1" << true;
    QTest::newRow("semicolon and comment") << "SELECT 1; -- done\n /* really */ ;" << true;
    QTest::newRow("two") << "SELECT 1; SELECT 2" << false;
    QTest::newRow("tail is junk") << "SELECT 1; junk" << false;
    QTest::newRow("none") << " -- nothing" << false;
    QTest::newRow("empty") << "" << false;
    QTest::newRow("syntax") << "SELEC 1" << false;
}

void TestDatabase::prepareWantsOneStatement()
{
    QFETCH(QString, sql);
    QFETCH(bool, good);
    Database database = make("a.db");
    const auto statement = database.prepare(sql.toStdString());
    QCOMPARE(statement.has_value(), good);
    if (!good)
        QCOMPARE(statement.error().code, ErrorCode::Sql);
}

void TestDatabase::errorsHaveCodes()
{
    Database database = make("a.db");
    TS_VERIFY_OK(database.execute("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)"));
    const auto twice = database.execute("INSERT INTO t VALUES (1)");
    QVERIFY(!twice);
    QCOMPARE(twice.error().code, ErrorCode::Sql);
    QVERIFY(twice.error().detail.find("UNIQUE") != std::string::npos);
    QVERIFY(!twice.error().subject.empty());
    TS_VERIFY_OK(database.execute("PRAGMA max_page_count = 20"));
    const auto full = database.execute(
        "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 1000) SELECT randomblob(1000) AS b FROM n");
    QVERIFY(!full);
    QCOMPARE(full.error().code, ErrorCode::DiskFull);
    QVERIFY(!full.error().hint.empty());
    QCOMPARE(rowsOf(database, "SELECT count(*) FROM t"), std::string("1"));
    auto reader = Database::open(path("a.db"), Database::Mode::ReadOnly);
    const auto readOnly = reader->execute("INSERT INTO t VALUES (2)");
    QVERIFY(!readOnly && !readOnly.error().hint.empty());
}

void TestDatabase::openErrors()
{
    const auto missing = Database::open(path("none.db"), Database::Mode::ReadWrite);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    const auto folder = Database::open(m_folder->path().toStdString(), Database::Mode::Create);
    QVERIFY(!folder);
    QCOMPARE(folder.error().code, ErrorCode::NotReadable);
    std::ofstream(path("junk.db")) << std::string(10'000, 'j');
    const auto junk = Database::open(path("junk.db"), Database::Mode::ReadWrite);
    QVERIFY(!junk);
    QCOMPARE(junk.error().code, ErrorCode::Damaged);
    const auto nowhere = Database::open(path("no/such/folder.db"), Database::Mode::Create);
    QVERIFY(!nowhere);
    QCOMPARE(nowhere.error().code, ErrorCode::NotReadable);
}

void TestDatabase::transactions()
{
    Database database = make("a.db");
    TS_VERIFY_OK(database.execute("CREATE TABLE t (a)"));
    TS_VERIFY_OK(database.begin());
    QVERIFY(!database.begin());
    TS_VERIFY_OK(database.execute("INSERT INTO t VALUES (1)"));
    database.rollback();
    QCOMPARE(rowsOf(database, "SELECT count(*) FROM t"), std::string("0"));
    {
        Database other = std::move(*Database::open(path("a.db"), Database::Mode::ReadWrite));
        TS_VERIFY_OK(other.begin());
        TS_VERIFY_OK(other.execute("INSERT INTO t VALUES (1)"));
    } // dropped in the middle: taken back, and the next writer is not kept waiting
    database.setBusyTimeout(0);
    TS_VERIFY_OK(database.begin());
    TS_VERIFY_OK(database.execute("INSERT INTO t VALUES (2)"));
    TS_VERIFY_OK(database.commit());
    QCOMPARE(rowsOf(database, "SELECT a FROM t"), std::string("2"));
}

void TestDatabase::secondWriterWaits()
{
    Database first = make("a.db"), second = make("a.db");
    TS_VERIFY_OK(first.execute("CREATE TABLE t (a)"));
    TS_VERIFY_OK(first.begin());
    second.setBusyTimeout(0);
    const auto busy = second.begin();
    QVERIFY(!busy);
    QCOMPARE(busy.error().code, ErrorCode::Locked);
    second.setBusyTimeout(10'000);
    std::thread thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        (void)first.execute("INSERT INTO t VALUES (1)");
        (void)first.commit();
    });
    const auto begun = second.begin();
    thread.join();
    TS_VERIFY_OK(begun);
    QCOMPARE(rowsOf(second, "SELECT count(*) FROM t"), std::string("1"));
    second.rollback();
}

void TestDatabase::laneIsFair()
{
    // One writer goes round and round; another that comes now and then must not wait for more than a round or
    // two.
    WriterLane lane;
    std::atomic<bool> stop{false};
    std::atomic<int> rounds{0};
    std::thread busy([&] {
        while (!stop) {
            if (!lane.acquire(std::chrono::seconds(10)))
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            ++rounds;
            lane.release();
        }
    });
    bool fair = true;
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const int before = rounds;
        const bool got = lane.acquire(std::chrono::seconds(10));
        fair = fair && got && rounds - before <= 2;
        lane.release();
    }
    stop = true;
    busy.join();
    QVERIFY(fair);
    QVERIFY(lane.acquire(std::chrono::milliseconds(0)));
    QVERIFY(!lane.acquire(std::chrono::milliseconds(10)));
    lane.release();
}

void TestDatabase::readersGoOn()
{
    Database writer = make("a.db");
    TS_VERIFY_OK(writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    auto reader = Database::open(path("a.db"), Database::Mode::ReadOnly);
    TS_VERIFY_OK(reader);
    TS_VERIFY_OK(writer.begin());
    TS_VERIFY_OK(writer.execute("INSERT INTO t VALUES (2)"));
    reader->setBusyTimeout(0);
    QCOMPARE(rowsOf(*reader, "SELECT count(*) FROM t"), std::string("1"));
    TS_VERIFY_OK(writer.commit());
    QCOMPARE(rowsOf(*reader, "SELECT count(*) FROM t"), std::string("2"));
}

void TestDatabase::cancelStops()
{
    Database database = make("a.db");
    CancelToken token;
    database.setCancel(token);
    std::thread thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        token.cancel();
    });
    const auto endless = database.integer(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
    thread.join();
    QVERIFY(!endless);
    QCOMPARE(endless.error().code, ErrorCode::Cancelled);
}

void TestDatabase::authorizer_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("allowed");
    const auto row
        = [](const char *sql, bool allowed) { QTest::newRow(sql) << QString::fromUtf8(sql) << allowed; };
    row("SELECT * FROM t", true);
    row("SELECT p50(a), count(*) FROM t GROUP BY a HAVING a > 0", true);
    row("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n", true);
    row("SELECT value FROM json_each('[1,2]')", true);
    row("SELECT json_extract('{\"a\":1}', '$.a')", true);
    row("SELECT sum(a) OVER (ORDER BY a) FROM t", true);
    row("EXPLAIN QUERY PLAN SELECT * FROM t", true);
    row("INSERT INTO t VALUES (1)", false);
    row("UPDATE t SET a = 1", false);
    row("DELETE FROM t", false);
    row("DROP TABLE t", false);
    row("CREATE TABLE u (a)", false);
    row("CREATE TEMP TABLE u (a)", false);
    row("CREATE TEMP VIEW u AS SELECT 1", false);
    row("ATTACH 'other.db' AS other", false);
    row("DETACH main", false);
    row("PRAGMA user_version = 7", false);
    row("PRAGMA journal_mode = DELETE", false);
    row("SELECT load_extension('x')", false);
    row("SELECT fts3_tokenizer('simple')", false);
    row("BEGIN", false);
    row("SAVEPOINT x", false);
    row("VACUUM", false);
    row("VACUUM INTO 'copy.db'", false);
    row("REINDEX", false);
    row("ANALYZE", false);
}

void TestDatabase::authorizer()
{
    QFETCH(QString, sql);
    QFETCH(bool, allowed);
    Database database = make("a.db");
    TS_VERIFY_OK(database.execute("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1), (2)"));
    database.setReadOnlyAuthorizer(true);
    auto statement = database.prepare(sql.toStdString());
    bool ran = statement.has_value();
    if (ran)
        ran = statement->step().has_value();
    QVERIFY2(ran == allowed, statement ? "" : statement.error().toText().c_str());
    database.setReadOnlyAuthorizer(false);
    TS_VERIFY_OK(database.execute("INSERT INTO t VALUES (3)"));
}

void TestDatabase::oddPaths()
{
    for (const char *name : {"with space.db", "per%20cent.db", "question?mode=memory.db", "hash#x.db",
             "Gr\xc3\xb6\xc3\x9f"
             "e.db"}) {
        {
            Database database = make(name);
            TS_VERIFY_OK(database.execute("CREATE TABLE t (a)"));
        }
        QVERIFY2(std::filesystem::exists(path(name)), name);
        auto again = Database::open(path(name), Database::Mode::ReadOnly);
        TS_VERIFY_OK(again);
        QCOMPARE(rowsOf(*again, "SELECT count(*) FROM t"), std::string("0"));
    }
}

void TestDatabase::limits()
{
    Database database = make("a.db");
    const auto wide = database.prepare("SELECT " + std::string(2'000'000, ' ') + "1");
    QVERIFY(!wide);
    std::string deep = "1";
    for (int i = 0; i < 600; ++i)
        deep = "(" + deep + "+1)";
    QVERIFY(!database.prepare("SELECT " + deep));
    QVERIFY(!database.execute("ATTACH ':memory:' AS m"));
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
