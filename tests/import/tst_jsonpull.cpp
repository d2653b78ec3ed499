// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonpull.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

using Token = JsonPull::Token;

/// The tokens of a document as one line: "{ k:a 1 }".
std::string tokensOf(const std::string &text, std::size_t chunk = 3)
{
    MemorySource source(text, "sample", chunk);
    JsonPull pull(source);
    std::string out;
    for (Token token = pull.next(); token != Token::End; token = pull.next()) {
        switch (token) {
        case Token::ObjectStart:
            out += "{ ";
            break;
        case Token::ObjectEnd:
            out += "} ";
            break;
        case Token::ArrayStart:
            out += "[ ";
            break;
        case Token::ArrayEnd:
            out += "] ";
            break;
        case Token::Key:
            out += "k:" + std::string(pull.text()) + ' ';
            break;
        case Token::String:
            out += '\'' + std::string(pull.text()) + "' ";
            break;
        case Token::Number:
        case Token::Literal:
            out += std::string(pull.text()) + ' ';
            break;
        case Token::End:
            break;
        }
    }
    if (pull.failed())
        out += "! " + pull.error()->detail + " @" + std::to_string(*pull.error()->where->offset);
    return out;
}

} // namespace

class TestJsonPull : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesTokens();
    void resolvesEscapes();
    void mendsText();
    void refusesWithThePlace_data();
    void refusesWithThePlace();
    void boundsTextAndDepth();
    void skipsAndLeaves();
    void keepsRawBytes();
};

void TestJsonPull::givesTokens()
{
    const std::string text = R"( {"a" : [1, -2.5e3 ,true,null], "b":{}, "c":[] ,"d":"x"} )";
    const std::string expected = "{ k:a [ 1 -2.5e3 true null ] k:b { } k:c [ ] k:d 'x' } ";
    for (const std::size_t chunk : {1, 2, 7, 1000})
        QCOMPARE(tokensOf(text, chunk), expected);
    QCOMPARE(tokensOf("[NaN,Infinity,-Infinity]"), "[ NaN Infinity -Infinity ] "s);
    QCOMPARE(tokensOf("17"), "17 "s);
}

void TestJsonPull::resolvesEscapes()
{
    const std::string escapes = R"(["\"\\\/\b\f\n\r\t"])";
    QCOMPARE(tokensOf(escapes), "[ '\"\\/\b\f\n\r\t' ] "s);
    const std::string characters = R"(["\u0041\u00e9\u20ac\ud83d\ude00"])";
    QCOMPARE(tokensOf(characters), "[ 'A\u00e9\u20ac\U0001F600' ] "s);
    const std::string nul = R"(["a\u0000b"])";
    QCOMPARE(tokensOf(nul), "[ 'a\u2400b' ] "s);
}

void TestJsonPull::mendsText()
{
    const std::string halves = R"(["\ud83d","\ude00","\ud83dx","\ud83d\n","\ud83d\ud83d\ude00"])";
    QCOMPARE(tokensOf(halves), "[ '\uFFFD' '\uFFFD' '\uFFFDx' '\uFFFD\n' '\uFFFD\U0001F600' ] "s);
    QCOMPARE(tokensOf("[\"a\xFF"
                      "b\",\"C:\\x\",\"two\nlines\"]"),
        "[ 'a\uFFFDb' 'C:\\x' 'two\nlines' ] "s);
}

void TestJsonPull::refusesWithThePlace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("end");
    const auto row = [](const char *text, const char *end) {
        QTest::newRow(*text ? text : "empty") << QByteArray(text) << QByteArray(end);
    };
    row("", "! there is nothing in it @0");
    row("[1 2]", "! a comma or ] is missing @3");
    row("{\"a\":1 \"b\":2}", "! a comma or } is missing @7");
    row("{\"a\" 1}", "! a colon is missing @5");
    row("{1:2}", "! a key is missing @1");
    row("[tru]", "! a value is neither a number nor a literal @4");
    row("[1,]", "! a value is missing @3");
    row("{\"a\":1,}", "! a key is missing @7");
    row("[\"abc", "! the file ends inside a string @5");
    row("[1,", "! the file ends inside the document @3");
    row("[12", "! the file ends inside the document @3");
    row("[\"\\u00g1\"]", "! \\u is not followed by four hexadecimal digits @6");
    row("[}", "! a value is missing @1");
}

void TestJsonPull::refusesWithThePlace()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, end);
    for (const std::size_t chunk : {1, 1000}) {
        const std::string tokens = tokensOf(text.toStdString(), chunk);
        QVERIFY2(tokens.ends_with(end.toStdString()), tokens.c_str());
    }
}

void TestJsonPull::boundsTextAndDepth()
{
    const std::string text = tokensOf("[\"" + std::string(1'000'000, 'x') + "\",1]", 4096);
    QCOMPARE(text.size(), JsonPull::kMaxText + 9);
    QVERIFY(text.ends_with("' 1 ] "));
    // The cut does not split a character.
    std::string accents = "[\"x";
    for (int i = 0; i < 50'000; ++i)
        accents += "\xC3\xA9";
    QVERIFY(tokensOf(accents + "\"]", 4096).find("\xEF\xBF\xBD") == std::string::npos);
    const std::string deep = tokensOf(std::string(300'000, '['), 4096);
    QVERIFY(deep.find("nested deeper") != std::string::npos);
    QVERIFY(
        tokensOf(std::string(150'000, '[') + std::string(150'000, ']'), 4096).find('!') == std::string::npos);
}

void TestJsonPull::skipsAndLeaves()
{
    MemorySource source(R"({"a":{"x":[1,{"y":2}]},"b":[[1],[2]],"c":3} tail)", "sample", 2);
    JsonPull pull(source);
    QVERIFY(pull.next() == Token::ObjectStart);
    QVERIFY(pull.next() == Token::Key);
    pull.skip();
    QVERIFY(pull.next() == Token::Key);
    QCOMPARE(std::string(pull.text()), "b"s);
    QVERIFY(pull.next() == Token::ArrayStart);
    QVERIFY(pull.next() == Token::ArrayStart);
    pull.leaveTo(1);
    QVERIFY(pull.next() == Token::Key);
    QCOMPARE(std::string(pull.text()), "c"s);
    pull.skip();
    QVERIFY(pull.next() == Token::ObjectEnd);
    QVERIFY(pull.next() == Token::End);
    QVERIFY(!pull.failed());
    QCOMPARE(pull.trailing().value_or(0), std::uint64_t{44});
}

void TestJsonPull::keepsRawBytes()
{
    MemorySource source(R"([1, {"a" : [2]} ,3])", "sample", 1);
    JsonPull pull(source);
    pull.next();
    pull.next();
    QVERIFY(pull.next() == Token::ObjectStart);
    pull.startRaw();
    pull.skip();
    const std::string record = R"({"a" : [2]})";
    QCOMPARE(std::string(pull.raw()), record);
    QCOMPARE(pull.rawOffset(), std::uint64_t{4});
    QCOMPARE(pull.rawLength(), std::uint64_t{11});
}

QTEST_GUILESS_MAIN(TestJsonPull)
#include "tst_jsonpull.moc"
