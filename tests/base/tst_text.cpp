// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <QtTest>

using namespace tailscope;
using namespace std::string_literals;

class TestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void validatesUtf8_data();
    void validatesUtf8();
    void sanitizes();
    void cutsPrefixes();
    void trims();
    void splits();
    void comparesWithoutCase();
    void quotesJson();
    void hashesAsFnv();
};

void TestText::validatesUtf8_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("valid");
    QTest::newRow("empty") << QByteArray("") << true;
    QTest::newRow("ascii") << QByteArray("hello") << true;
    QTest::newRow("two") << QByteArray("\xC3\xA9") << true;
    QTest::newRow("three") << QByteArray("\xE2\x82\xAC") << true;
    QTest::newRow("four") << QByteArray("\xF0\x9F\x98\x80") << true;
    QTest::newRow("last code point") << QByteArray("\xF4\x8F\xBF\xBF") << true;
    QTest::newRow("NUL is a character") << QByteArray("a\0b", 3) << true;
    QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << false;
    QTest::newRow("overlong three") << QByteArray("\xE0\x80\xAF") << false;
    QTest::newRow("overlong four") << QByteArray("\xF0\x80\x80\xAF") << false;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
    QTest::newRow("beyond U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << false;
    QTest::newRow("lone continuation") << QByteArray("\x80") << false;
    QTest::newRow("cut") << QByteArray("ab\xE2\x82") << false;
    QTest::newRow("FF") << QByteArray("\xFF") << false;
}

void TestText::validatesUtf8()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, valid);
    const std::string text = bytes.toStdString();
    QCOMPARE(isValidUtf8(text), valid);
    // What was repaired is valid, and what was valid stays.
    QVERIFY(isValidUtf8(sanitizedUtf8(text)));
    if (valid && text.find('\0') == std::string::npos)
        QCOMPARE(sanitizedUtf8(text), text);
    // Qt's decoder is the independent judge.
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(bytes);
    QCOMPARE(!decoder.hasError() && !decoded.contains(QChar::ReplacementCharacter), valid);
}

void TestText::sanitizes()
{
    QCOMPARE(sanitizedUtf8("a\xFF"
                           "b"),
        "a\xEF\xBF\xBD"
        "b"s);
    // One replacement for each maximal subpart (Unicode 15, 3.9): E2 82 is the start of a sequence, then F0
    // 9F too.
    QCOMPARE(sanitizedUtf8("\xE2\x82\xF0\x9F"
                           "x"),
        "\xEF\xBF\xBD\xEF\xBF\xBDx"s);
    QCOMPARE(sanitizedUtf8(std::string_view("a\0b", 3)),
        "a\xE2\x90\x80"
        "b"s);
}

void TestText::cutsPrefixes()
{
    QCOMPARE(utf8Prefix("hello", 10), std::string_view("hello"));
    QCOMPARE(utf8Prefix("hello", 3), std::string_view("hel"));
    QCOMPARE(utf8Prefix("a\xE2\x82\xAC"
                        "b",
                 3),
        std::string_view("a"));
    QCOMPARE(utf8Prefix("a\xE2\x82\xAC"
                        "b",
                 4),
        std::string_view("a\xE2\x82\xAC"));
    QCOMPARE(utf8Prefix("\xF0\x9F\x98\x80", 3), std::string_view(""));
    QCOMPARE(utf8Prefix("abc", 0), std::string_view(""));
    // Continuation bytes without a lead are cut where asked, not at the start.
    QCOMPARE(utf8Prefix("\x80\x80\x80\x80\x80\x80", 5).size(), std::size_t{5});
}

void TestText::trims()
{
    QCOMPARE(trimmed("  a b \t\r\n"), std::string_view("a b"));
    QCOMPARE(trimmed(" \n "), std::string_view());
    QCOMPARE(trimmed(""), std::string_view());
}

void TestText::splits()
{
    const auto fields = split("a,,b,", ',');
    QCOMPARE(fields.size(), std::size_t{4});
    QCOMPARE(fields[0], std::string_view("a"));
    QCOMPARE(fields[1], std::string_view(""));
    QCOMPARE(fields[3], std::string_view(""));
    QCOMPARE(split("", ',').size(), std::size_t{1});
}

void TestText::comparesWithoutCase()
{
    QVERIFY(startsWithNoCase("Content-Type: x", "content-"));
    QVERIFY(!startsWithNoCase("Con", "content"));
    QVERIFY(startsWithNoCase("x", ""));
    // Only ASCII letters fold: the Kelvin sign is not a k, and bytes of sequences stay.
    QCOMPARE(toLowerAscii("AZ\xC3\x84"), "az\xC3\x84"s);
}

void TestText::quotesJson()
{
    QCOMPARE(jsonQuoted("plain"), "\"plain\""s);
    QCOMPARE(jsonQuoted("a\"b\\c\n\t\r\b\f"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\""s);
    QCOMPARE(jsonQuoted(std::string_view("\0\x1F\x7F", 3)), "\"\\u0000\\u001f\\u007f\""s);
    QCOMPARE(jsonQuoted("\xE2\x82\xAC"), "\"\xE2\x82\xAC\""s);
    QCOMPARE(jsonQuoted("\xE2\x82"), "\"\xEF\xBF\xBD\""s);
    std::string out = "[";
    appendJsonQuoted(out, "x");
    QCOMPARE(out, "[\"x\""s);
    // Every byte value survives a parser.
    std::string all;
    for (int i = 0; i < 128; ++i)
        all += static_cast<char>(i);
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString('[' + jsonQuoted(all) + ']'));
    QCOMPARE(document.array().at(0).toString().toStdString(), all);
}

void TestText::hashesAsFnv()
{
    // Test vectors of the authors of FNV-1a (64 bit).
    QCOMPARE(hash64(""), std::uint64_t{0xcbf29ce484222325});
    QCOMPARE(hash64("a"), std::uint64_t{0xaf63dc4c8601ec8c});
    QCOMPARE(hash64("foobar"), std::uint64_t{0x85944171f73967e8});
    QVERIFY(hash64("a", 1) != hash64("a", 2));
}

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
