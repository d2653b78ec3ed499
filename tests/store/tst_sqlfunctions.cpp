// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/sqlfunctions.h"

#include <string>

using namespace storetest;

class TestSqlFunctions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void knownAnswers_data();
    void knownAnswers();
    void errors_data();
    void errors();
    void ratios();
    void fixtureOfTenThousand();
    void notUsableInViews();

private:
    std::string value(const std::string &sql) { return rowsOf(*m_database, sql); }
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<Database> m_database;
};

void TestSqlFunctions::initTestCase()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    m_workspace = std::move(*workspace);
    auto database = m_workspace->connectWriter();
    TS_VERIFY_OK(database);
    m_database = std::make_unique<Database>(std::move(*database));
    TS_VERIFY_OK(m_database->execute(
        "CREATE TEMP TABLE hundred AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x "
        "< 100)"
        " SELECT x FROM n;"
        "CREATE TEMP TABLE tail AS SELECT 2000000 AS x FROM hundred WHERE x < 100 UNION ALL SELECT 150000000;"
        "CREATE TEMP TABLE kept AS SELECT 0 AS error, 10 AS w FROM hundred WHERE x <= 90"
        " UNION ALL SELECT 1, 1 FROM hundred WHERE x <= 10"));
}

void TestSqlFunctions::knownAnswers_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *name, const char *sql, const char *expected) {
        QTest::newRow(name) << QString::fromUtf8(sql) << QString::fromUtf8(expected);
    };
    // formulas.md FT-01.
    row("1..100", "SELECT p50(x), p99(x), p999(x), percentile(x, 0.99) FROM hundred", "50|99|100|99");
    row("1..4", "SELECT p50(x), p95(x) FROM hundred WHERE x <= 4", "2|4");
    row("10..100", "SELECT p90(10 * x), p95(10 * x), p99(10 * x) FROM hundred WHERE x <= 10", "90|100|100");
    row("tail", "SELECT p99(x), p999(x) FROM tail", "2000000|150000000");
    row("integer arithmetic",
        "SELECT percentile(x, 0.07), percentile(x, 0.14), percentile(x, 0.28), percentile(x, 0.55), "
        "percentile(x, 0.56)"
        " FROM hundred",
        "7|14|28|55|56");
    row("one value", "SELECT p50(x), p999(x) FROM hundred WHERE x = 7", "7|7");
    row("no rows", "SELECT p50(x), percentile(x, 0.5), stddev(x) FROM hundred WHERE x < 0", "NULL|NULL|NULL");
    row("NULL is no value", "SELECT p50(nullif(x, 1)) FROM hundred WHERE x <= 3", "2");
    row("only NULL", "SELECT p50(NULL), typeof(p50(NULL)) FROM hundred", "NULL|null");
    row("maximum", "SELECT percentile(x, 1) FROM hundred", "100");
    row("doubles", "SELECT p50(x / 2.0), typeof(p50(x / 2.0)) FROM hundred", "25.0|real");
    row("mixed", "SELECT p99(CASE WHEN x < 50 THEN x ELSE x + 0.5 END) FROM hundred", "99.5");
    row("nanoseconds survive", "SELECT p99(9007199254740993 + x - x) FROM hundred", "9007199254740993");
    row("negative", "SELECT p50(-x) FROM hundred", "-51");
    row("groups", "SELECT group_concat(v) FROM (SELECT p50(x) AS v FROM hundred GROUP BY x % 2 ORDER BY 1)",
        "49,50");
    // formulas.md FT-03: 90 kept at 10 %, 10 errors kept at 100 %.
    row("weighted rate", "SELECT round(100.0 * sum(w * error) / sum(w), 4) FROM kept", "1.0989");
    row("weighted percentile", "SELECT percentile(error, 0.989, w), percentile(error, 0.99, w) FROM kept",
        "0|1");
    row("weights of one", "SELECT percentile(x, 0.99, 1), p99(x, 1), p50(x, 2.5) FROM hundred", "99|99|50");
    row("unknown weight is one", "SELECT percentile(x, 0.5, NULL) FROM hundred", "50");
    row("heavy value", "SELECT p50(x, CASE x WHEN 90 THEN 1000 ELSE 1 END) FROM hundred", "90");
    row("stddev", "SELECT round(stddev(x), 6) FROM hundred", "29.011492");
    row("stddev of one", "SELECT stddev(x) FROM hundred WHERE x = 1", "NULL");
    row("stddev is stable", "SELECT round(stddev(1e9 + x), 4) FROM hundred", "29.0115");
    row("regexp", "SELECT 'GET /orders/12' REGEXP '^GET /orders/\\d+$', 'x' REGEXP 'y', NULL REGEXP 'y'",
        "1|0|NULL");
    row("regexp unicode", "SELECT 'Größe' REGEXP '^Gr..e$'", "1");
    row("human_ms", "SELECT human_ms(1.24), human_ms(NULL)", "1.24 ms|unknown");
    row("fingerprint",
        "SELECT fingerprint('select * from t where a = 1') = fingerprint('SELECT *  FROM t WHERE a=23'),"
        " fingerprint(NULL), length(fingerprint('select 1'))",
        "1|NULL|16");
}

void TestSqlFunctions::knownAnswers()
{
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(value(sql.toStdString()), expected.toStdString());
}

void TestSqlFunctions::errors_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *name, const char *sql, const char *message) {
        QTest::newRow(name) << QString::fromUtf8(sql) << QString::fromUtf8(message);
    };
    row("q zero", "SELECT percentile(x, 0) FROM hundred", "(0, 1]");
    row("q above one", "SELECT percentile(x, 99) FROM hundred", "(0, 1]");
    row("q is no number", "SELECT percentile(x, 'p99') FROM hundred", "must be a number");
    row("q changes", "SELECT percentile(x, x / 100.0) FROM hundred", "same in every row");
    row("text", "SELECT p50('a') FROM hundred", "must be numbers");
    row("weight zero", "SELECT p50(x, 0) FROM hundred", "must be positive");
    row("weight negative", "SELECT percentile(x, 0.5, -1) FROM hundred", "must be positive");
    row("bad pattern", "SELECT 'a' REGEXP '('", "regexp:");
}

void TestSqlFunctions::errors()
{
    QFETCH(QString, sql);
    QFETCH(QString, message);
    const std::string result = value(sql.toStdString());
    QVERIFY2(result.starts_with("ERROR") && result.find(message.toStdString()) != std::string::npos,
        result.c_str());
}

void TestSqlFunctions::ratios()
{
    const auto is = [](double q, std::int64_t num, std::int64_t den) {
        const auto ratio = nearestRatio(q);
        return ratio && ratio->num == num && ratio->den == den;
    };
    QVERIFY(is(0.5, 1, 2));
    QVERIFY(is(0.95, 19, 20));
    QVERIFY(is(0.99, 99, 100));
    QVERIFY(is(0.999, 999, 1000));
    QVERIFY(is(0.07, 7, 100));
    QVERIFY(is(1.0, 1, 1));
    QVERIFY(is(0.999999, 999'999, 1'000'000));
    QVERIFY(is(1e-12, 1, 1'000'000));
    QVERIFY(!nearestRatio(0) && !nearestRatio(-0.5) && !nearestRatio(1.1) && !nearestRatio(std::nan("")));
    for (std::int64_t den = 1; den <= 1000; ++den) {
        for (std::int64_t num = 1; num <= den; num += 7) {
            const auto ratio = nearestRatio(static_cast<double>(num) / static_cast<double>(den));
            QVERIFY(ratio);
            QCOMPARE(ratio->num * den, num * ratio->den);
        }
    }
    const auto irrational = nearestRatio(0.70710678118654752);
    QVERIFY(irrational && irrational->den <= 1'000'000);
    QVERIFY(std::fabs(static_cast<double>(irrational->num) / static_cast<double>(irrational->den)
                - 0.70710678118654752)
        < 1e-11);
}

void TestSqlFunctions::fixtureOfTenThousand()
{
    const auto series = [](const char *ns, int count) {
        return std::string("SELECT ") + ns
            + " AS v FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
              " WHERE i < "
            + std::to_string(count) + ") SELECT i FROM n)";
    };
    TS_VERIFY_OK(m_database->execute("CREATE TEMP TABLE fixture AS " + series("12000000", 5000)
        + " UNION ALL " + series("27545000", 4499) + " UNION ALL SELECT 45000000 UNION ALL "
        + series("60000000", 399) + " UNION ALL SELECT 90000000 UNION ALL " + series("120000000", 100)));
    QCOMPARE(value("SELECT count(*), p50(v), p95(v), p99(v) FROM fixture"),
        std::string("10000|12000000|45000000|90000000"));
}

void TestSqlFunctions::notUsableInViews()
{
    TS_VERIFY_OK(m_database->execute("CREATE VIEW bad AS SELECT human_ms(id) AS h FROM string"));
    const std::string result = value("SELECT * FROM bad");
    QVERIFY2(result.find("unsafe use") != std::string::npos, result.c_str());
}

QTEST_GUILESS_MAIN(TestSqlFunctions)
#include "tst_sqlfunctions.moc"
