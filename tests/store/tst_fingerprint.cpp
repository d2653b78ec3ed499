// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/fingerprint.h"
#include "store/fingerprintcache.h"
#include "store/sqlcomments.h"

#include <chrono>
#include <string>
#include <vector>

#include <QTest>

using tailscope::store::fingerprint;

class TestFingerprint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void same_data();
    void same();
    void different_data();
    void different();
    void marked();
    void hostile_data();
    void hostile();
    void empty();
    void cached();
    void cacheIsBounded();
    void cacheSpeed();
    void normalized_data();
    void normalized();
    void normalizedHostile_data() { hostile_data(); }
    void normalizedHostile();
    void tags_data();
    void tags();
    void tagsAreBounded();
    void commentsDoNotMatter();
};

void TestFingerprint::same_data()
{
    QTest::addColumn<QString>("a");
    QTest::addColumn<QString>("b");
    QTest::newRow("literals") << "SELECT * FROM t WHERE a = 1"
                              << "select *\n from T where A = 'x' -- why";
    QTest::newRow("parameter") << "SELECT * FROM t WHERE a = $1"
                               << "SELECT * FROM t WHERE a = 5";
    QTest::newRow("IN list") << "SELECT 1 FROM t WHERE a IN (1, 2)"
                             << "SELECT 1 FROM t WHERE a IN (1,2,3,4,5)";
    // Not PostgreSQL: by tokens.
    QTest::newRow("MySQL literals") << "SELECT `a` FROM t LIMIT 5, 10"
                                    << "select `a`  from t limit 7, 1000 /* x */";
    QTest::newRow("question marks") << "SELECT `a` FROM t WHERE b IN (?, ?)"
                                    << "SELECT `a` FROM t WHERE b IN (?,?,?)";
    QTest::newRow("numbers") << "SELECT [a] FROM t WHERE ! 1e-5"
                             << "SELECT [a] FROM t WHERE ! .5";
    QTest::newRow("dollar quotes") << "SELECT `a` = $$x'y$$"
                                   << "SELECT `a` = $t$ other $$ $t$";
    QTest::newRow("doubled quotes") << "SELECT `a` = 'it''s'"
                                    << "SELECT `a` = 'x'";
}

void TestFingerprint::same()
{
    QFETCH(QString, a);
    QFETCH(QString, b);
    QCOMPARE(QString::fromStdString(fingerprint(a.toStdString())),
        QString::fromStdString(fingerprint(b.toStdString())));
}

void TestFingerprint::different_data()
{
    QTest::addColumn<QString>("a");
    QTest::addColumn<QString>("b");
    QTest::newRow("table") << "SELECT * FROM t"
                           << "SELECT * FROM u";
    QTest::newRow("operator") << "SELECT * FROM t WHERE a < 1"
                              << "SELECT * FROM t WHERE a > 1";
    QTest::newRow("by tokens") << "SELECT `a` FROM t LIMIT 1, 2"
                               << "SELECT `b` FROM t LIMIT 1, 2";
    QTest::newRow("a column is no literal") << "SELECT `a`, b, 1"
                                            << "SELECT `a`, 1, 1";
}

void TestFingerprint::different()
{
    QFETCH(QString, a);
    QFETCH(QString, b);
    QVERIFY(fingerprint(a.toStdString()) != fingerprint(b.toStdString()));
}

void TestFingerprint::marked()
{
    QCOMPARE(fingerprint("SELECT 1").size(), std::size_t{16});
    QVERIFY(fingerprint("SELECT `a`").starts_with("t:"));
    // One byte over the bound is not parsed any more.
    const std::string list = "SELECT 1 FROM t WHERE a IN (1";
    const std::string fits = list + std::string(tailscope::store::kMaxParsedSql - list.size() - 1, ' ') + ")";
    QVERIFY(!fingerprint(fits).starts_with("t:"));
    QVERIFY(fingerprint(fits + "+1").starts_with("t:"));
}

void TestFingerprint::hostile_data()
{
    QTest::addColumn<QByteArray>("sql");
    const auto repeated = [](const char *begin, const char *piece, int n, const char *end) {
        return QByteArray(begin) + QByteArray(piece).repeated(n) + end;
    };
    QTest::newRow("parentheses") << repeated("select ", "(", 60'000, "1");
    QTest::newRow("closed parentheses")
        << repeated(repeated("select ", "(", 5'000, "1").constData(), ")", 5'000, "");
    QTest::newRow("sum") << repeated("select 1", "+1", 30'000, "");
    QTest::newRow("not") << repeated("select ", "not ", 15'000, "true");
    QTest::newRow("minus") << repeated("select ", "- ", 30'000, "1");
    QTest::newRow("and or") << repeated("select 1 where a", " and b or c", 5'000, "");
    QTest::newRow("brackets") << repeated("select a", "[1]", 20'000, "");
    QTest::newRow("statements") << repeated("", "select 1;", 7'000, "");
    QTest::newRow("case") << repeated("select ", "case when ", 6'000, "1");
    QTest::newRow("huge") << repeated("select '", "x", 5'000'000, "'");
    QTest::newRow("open string") << QByteArray("select 'abc");
    QTest::newRow("open comment") << QByteArray("select /* abc");
    QTest::newRow("open tag") << QByteArray("select $a$ abc");
    QTest::newRow("NUL") << QByteArray("select \0 1", 10);
    QTest::newRow("bad UTF-8") << QByteArray("select '\xff\xfe\x80'");
}

void TestFingerprint::hostile()
{
    QFETCH(QByteArray, sql);
    const std::string text = sql.toStdString();
    const std::string first = fingerprint(text);
    QVERIFY(!first.empty());
    QCOMPARE(QString::fromStdString(first), QString::fromStdString(fingerprint(text)));
}

void TestFingerprint::empty()
{
    QVERIFY(fingerprint("").empty());
    QVERIFY(fingerprint(" \n\t").empty());
    QVERIFY(fingerprint("-- only a comment").empty());
    QVERIFY(fingerprint("/* open").empty());
}

void TestFingerprint::cached()
{
    const std::vector<std::string> texts{"SELECT * FROM t WHERE a = 1", "SELECT * FROM t WHERE a = 2",
        "select * from t where a = 'it''s'", "SELECT * FROM \"T\" WHERE a = 5",
        "SELECT * FROM \"t\" WHERE a = 5", "SELECT `a` FROM t LIMIT 5, 10", "SELECT 1.5", "SELECT 15",
        "SELECT -15", "SELECT 99999999999999999999", "SELECT a::float(20) FROM t",
        "SELECT a::float(50) FROM t", "SELECT a::float (50) FROM t", "SELECT a::numeric(10, 2) FROM t",
        "SELECT a::numeric(12, 3) FROM t", "SELECT * FROM t LIMIT 10", "SELECT $1, $2", "SELECT $2, $1",
        "FETCH 5 FROM c", "FETCH 6 FROM c", "SELECT E'a\\'b', 1", "SELECT /* it's */ a, 'x', 'y'",
        "SELECT /* it's */ b, 'x', 'y'", "SELECT a -- 'x\n, 'y'", "SELECT $$a$$",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES (1, 'a')", "", " -- nothing",
        "WITH x AS "
        "(SELECT 1) SELECT * FROM x WHERE a IN (1,2,3)",
        "with x as (select 2) select * from x where a in (4)", "SELECT t1.a1 FROM t1", "SELECT t2.a1 FROM t2",
        "SELECT a[1] FROM t", "SELECT interval '1 day'", "SELECT x'1F', b'01'",
        "DECLARE c CURSOR FOR SELECT 1", "SELECT '\\x01'::bytea, '\\'", "SELECT 1e5",
        "SELECT * FROM t ORDER BY 1", "SELECT * FROM t ORDER BY 2", "SELECT /* a /* b */ c */ 1"};
    tailscope::store::FingerprintCache cache;
    for (int round = 0; round < 3; ++round) {
        for (const std::string &text : texts)
            QCOMPARE(QString::fromStdString(cache.find(text).fingerprint),
                QString::fromStdString(fingerprint(text)));
    }
    const std::uint64_t parses = cache.parses();
    for (const std::string &text : texts)
        cache.find(text);
    QCOMPARE(cache.parses(), parses);
    // What differs in literals and comments only is not parsed again.
    cache.find("SELECT * FROM t WHERE a = 1 /*tenant_id='7'*/ ");
    const std::uint64_t before = cache.parses();
    for (int i = 0; i < 100; ++i) {
        const std::string n = std::to_string(i);
        QCOMPARE(
            QString::fromStdString(
                cache.find("SELECT * FROM t WHERE a = " + n + " /*tenant_id='" + n + "'*/ ").fingerprint),
            QString::fromStdString(fingerprint("SELECT * FROM t WHERE a = 1")));
    }
    QCOMPARE(cache.parses(), before);
}

void TestFingerprint::cacheIsBounded()
{
    tailscope::store::FingerprintCache cache;
    const std::string filler(8000, ' ');
    for (int i = 0; i < 5000; ++i) { // 40 MB
        const std::string text = "SELECT a FROM t" + std::to_string(i) + filler;
        cache.find(text).mark = 7;
    }
    // The first were forgotten with their marks, the last is still there.
    QCOMPARE(cache.find("SELECT a FROM t0" + filler).mark, std::uint64_t{0});
    QCOMPARE(cache.find("SELECT a FROM t4999" + filler).mark, std::uint64_t{7});
}

void TestFingerprint::cacheSpeed()
{
    // A million lines of one statement with other values each: the same as one parse and a million look-ups.
    tailscope::store::FingerprintCache cache;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 200'000; ++i)
        cache.find("SELECT id, name, price FROM product WHERE id = " + std::to_string(i)
            + " AND state IN ('new', 'open') ORDER BY created_at DESC LIMIT 20");
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    QCOMPARE(cache.parses(), std::uint64_t{1});
    const auto parsing = std::chrono::steady_clock::now();
    for (int i = 0; i < 2'000; ++i)
        fingerprint("SELECT id, name, price FROM product WHERE id = " + std::to_string(i)
            + " AND state IN ('new', 'open') ORDER BY created_at DESC LIMIT 20");
    const double parsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - parsing).count();
    qInfo("cached %.2f us, parsed %.2f us", seconds * 1e6 / 200'000, parsed * 1e6 / 2'000);
    QVERIFY2(seconds / 200'000 < parsed / 2'000 / 2, "the cache is hardly faster than parsing");
}

void TestFingerprint::normalized_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<bool>("byTokens");
    QTest::newRow("literals") << QByteArray("SELECT * FROM t WHERE a = 5 AND b = 'x'")
                              << QByteArray("SELECT * FROM t WHERE a = $1 AND b = $2") << false;
    QTest::newRow("parameters stay") << QByteArray("SELECT * FROM t WHERE a = $1 LIMIT 5")
                                     << QByteArray("SELECT * FROM t WHERE a = $1 LIMIT $2") << false;
    QTest::newRow("comments go") << QByteArray("/* x */ SELECT a /*tenant_id='7'*/ FROM t -- end")
                                 << QByteArray("SELECT a FROM t") << false;
    QTest::newRow("a comment in a string")
        << QByteArray("SELECT '/* x */', b FROM t") << QByteArray("SELECT $1, b FROM t") << false;
    QTest::newRow("escapes") << QByteArray("SELECT E'it\\'s /* x */', b") << QByteArray("SELECT $1, b")
                             << false;
    QTest::newRow("not PostgreSQL") << QByteArray("SELECT `a`, b FROM t  WHERE c IN (1, 2, 3) LIMIT 5, 10")
                                    << QByteArray("SELECT `a`, b FROM t WHERE c IN (?, ...) LIMIT ?, ...")
                                    << true;
    QTest::newRow("broken") << QByteArray("SELECT FROM WHERE 'secret") << QByteArray("SELECT FROM WHERE ?")
                            << true;
    QTest::newRow("empty") << QByteArray(" ") << QByteArray() << true;
    QTest::newRow("too long") << "SELECT a FROM t WHERE b IN (1" + QByteArray(", 1").repeated(30'000) + ")"
                              << QByteArray("SELECT a FROM t WHERE b IN (?, ...)") << true;
}

void TestFingerprint::normalized()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, expected);
    QFETCH(bool, byTokens);
    const tailscope::store::NormalizedSql result = tailscope::store::normalizedSql(sql.toStdString());
    QCOMPARE(QByteArray::fromStdString(result.text), expected);
    QCOMPARE(result.byTokens, byTokens);
}

void TestFingerprint::normalizedHostile()
{
    QFETCH(QByteArray, sql);
    const std::string text = sql.toStdString();
    const tailscope::store::NormalizedSql result = tailscope::store::normalizedSql(text);
    QVERIFY(result.text.size() <= tailscope::store::kMaxNormalizedSql + text.size() % 65'536 + 16);
    QCOMPARE(QByteArray::fromStdString(tailscope::store::normalizedSql(text).text),
        QByteArray::fromStdString(result.text));
    tailscope::store::sqlTags(text);
    tailscope::store::FingerprintCache cache;
    QCOMPARE(QByteArray::fromStdString(cache.find(text).fingerprint),
        QByteArray::fromStdString(fingerprint(text)));
}

void TestFingerprint::tags_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("sqlcommenter") << QByteArray(
        "SELECT 1 /*action='%2Fparam*d',controller='it\\'s',traceparent='00-5b-9e-01'*/")
                                  << QByteArray("action=/param*d controller=it's traceparent=00-5b-9e-01");
    QTest::newRow("marginalia") << QByteArray("SELECT 1 /*application:shop,controller:orders,action:index*/")
                                << QByteArray("application=shop controller=orders action=index");
    QTest::newRow("namespaces") << QByteArray("/*application:shop,controller:Api::V1::Users*/ SELECT 1")
                                << QByteArray("application=shop controller=Api::V1::Users");
    QTest::newRow("plain") << QByteArray("/* tenant_id=42 */ SELECT 1") << QByteArray("tenant_id=42");
    QTest::newRow("two words") << QByteArray("/* tenant_id=42 user: 7 */ SELECT 1")
                               << QByteArray("tenant_id=42 user=7");
    QTest::newRow("line") << QByteArray("SELECT 1 -- tenant_id=42") << QByteArray("tenant_id=42");
    QTest::newRow("the last wins") << QByteArray("/* a=1 */ SELECT 1 /* b=2, a=3 */")
                                   << QByteArray("a=3 b=2");
    QTest::newRow("a sentence") << QByteArray("/* TODO: mend this */ SELECT 1") << QByteArray();
    QTest::newRow("an address") << QByteArray("/* see https://example.org/x */ SELECT 1") << QByteArray();
    QTest::newRow("a hint") << QByteArray("/*+ a='b' */ SELECT 1") << QByteArray();
    QTest::newRow("in a string") << QByteArray("SELECT '/* tenant_id=42 */'") << QByteArray();
    QTest::newRow("in a quoted string") << QByteArray("SELECT 'it''s /* tenant_id=42 */'") << QByteArray();
    QTest::newRow("open") << QByteArray("SELECT 1 /* tenant_id='42") << QByteArray();
    QTest::newRow("none") << QByteArray("SELECT 1") << QByteArray();
}

void TestFingerprint::tags()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, expected);
    QByteArrayList found;
    for (const tailscope::store::SqlTag &tag : tailscope::store::sqlTags(sql.toStdString()))
        found << QByteArray::fromStdString(tag.key + "=" + tag.value);
    QCOMPARE(found.join(' '), expected);
}

void TestFingerprint::tagsAreBounded()
{
    std::string many = "/*";
    for (int i = 0; i < 1000; ++i)
        many += "k" + std::to_string(i) + "='v',";
    QCOMPARE(tailscope::store::sqlTags(many + "*/ SELECT 1").size(), tailscope::store::kMaxSqlTags);
    const std::string value(1000, 'v');
    QCOMPARE(tailscope::store::sqlTags("/*a='" + value + "',b='1'*/ SELECT 1").size(), std::size_t{1});
}

void TestFingerprint::commentsDoNotMatter()
{
    for (const std::string sql : {"SELECT a FROM t WHERE b = 1", "SELECT `a` FROM t LIMIT 1, 2"}) {
        const std::string plain = fingerprint(sql);
        QCOMPARE(fingerprint(sql + " /*tenant_id='42'*/"), plain);
        QCOMPARE(fingerprint("/* tenant_id=43 */ " + sql), plain);
        QCOMPARE(fingerprint(sql + " -- tenant_id=44"), plain);
    }
}

QTEST_GUILESS_MAIN(TestFingerprint)
#include "tst_fingerprint.moc"
