// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/fingerprint.h"

#include <string>

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

QTEST_GUILESS_MAIN(TestFingerprint)
#include "tst_fingerprint.moc"
