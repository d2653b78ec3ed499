// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonstream.h"
#include "import/common/jsontext.h"

#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::import;
using namespace std::string_literals;

namespace {

/// Writes what the parser says; the round trip of both helpers.
class Echo : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Echo>
{
public:
    explicit Echo(JsonText &json)
        : m_json(json)
    {}
    bool StartObject() { return m_json.startObject(), true; }
    bool EndObject(rapidjson::SizeType) { return m_json.endObject(), true; }
    bool StartArray() { return m_json.startArray(), true; }
    bool EndArray(rapidjson::SizeType) { return m_json.endArray(), true; }
    bool Key(const char *text, rapidjson::SizeType length, bool) { return m_json.key({text, length}), true; }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        return m_json.string({text, length}), true;
    }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        return m_json.number({text, length}), true;
    }
    bool Bool(bool value) { return m_json.boolean(value), true; }
    bool Null() { return m_json.null(), true; }

private:
    JsonText &m_json;
};

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

struct Parsed
{
    std::string text;
    rapidjson::ParseResult result;
    Result<void> error;
    std::size_t end = 0;
};

Parsed parse(const std::string &bytes, std::size_t chunk, JsonText json = JsonText(100'000, 100'000'000))
{
    MemorySource source(bytes, "text", chunk);
    ByteSourceStream stream(source);
    Echo echo(json);
    rapidjson::Reader reader;
    Parsed parsed;
    parsed.result = reader.Parse<kFlags>(stream, echo);
    parsed.error = stream.parseResult(parsed.result, "Mend it.");
    parsed.end = stream.Tell();
    parsed.text = json.text();
    return parsed;
}

} // namespace

class TestJsonText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrips_data();
    void roundTrips();
    void tellsOffsets();
    void nulBytesAreNotTheEnd();
    void tellsSourceErrors();
    void skipsLines();
    void boundsDepth();
    void boundsSize();
    void writesScalars();
    void knowsNumbers();
};

void TestJsonText::roundTrips_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("scalars") << QByteArray("[1,-2.5e3,\"a\",true,false,null]");
    QTest::newRow("objects") << QByteArray("{\"a\":{\"b\":[{},[],{\"c\":\"d\"}]},\"a\":2}");
    QTest::newRow("text") << QByteArray("{\"k\\\"e\\ny\":\"\xE2\x82\xAC \\u0001\"}");
    QTest::newRow("big numbers") << QByteArray("[123456789012345678901234567890,0.1234567890123456789]");
    QTest::newRow("one string") << QByteArray("\"x\"");
}

void TestJsonText::roundTrips()
{
    QFETCH(QByteArray, json);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        const Parsed parsed = parse(json.toStdString(), chunk);
        QVERIFY(parsed.error.has_value());
        QCOMPARE(parsed.text, json.toStdString());
        QCOMPARE(parsed.end, static_cast<std::size_t>(json.size()));
    }
}

void TestJsonText::tellsOffsets()
{
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{4096}}) {
        const Parsed parsed = parse("[1, 2, x]", chunk);
        QVERIFY(!parsed.error);
        QCOMPARE(parsed.error.error().where->offset.value(), std::uint64_t{7});
        QCOMPARE(int(parsed.error.error().code), int(ErrorCode::BadInput));
        QVERIFY(!parsed.error.error().detail.ends_with('.'));
        QCOMPARE(parse("[1, 2", chunk).error.error().where->offset.value(), std::uint64_t{5});
    }
    MemorySource empty("", "nothing");
    ByteSourceStream stream(empty);
    QVERIFY(stream.atEnd());
    QCOMPARE(stream.Tell(), std::size_t{0});
    QCOMPARE(stream.Take(), '\0');
    QCOMPARE(stream.Take(), '\0');
    QCOMPARE(stream.Tell(), std::size_t{0});
}

void TestJsonText::nulBytesAreNotTheEnd()
{
    const std::string inString("[\"a\0b\",2]", 9);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}}) {
        QCOMPARE(parse(inString, chunk).text, "[\"a\\u007fb\",2]"s);
        QVERIFY(!parse(std::string("[1,\0 2]", 7), chunk).error);
        QVERIFY(!parse(std::string("[1]\0", 4), chunk).error);
    }
}

void TestJsonText::tellsSourceErrors()
{
    class Broken : public ByteSource
    {
    public:
        Result<std::string_view> next() override
        {
            if (m_calls++ == 0)
                return std::string_view("[1,");
            return fail(ErrorCode::NotReadable, "disk", "broke", "Replace it.");
        }
        std::uint64_t offset() const override { return 0; }
        const std::string &name() const override { return m_name; }

    private:
        int m_calls = 0;
        std::string m_name = "disk";
    };
    Broken source;
    ByteSourceStream stream(source);
    JsonText json;
    Echo echo(json);
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, echo);
    QVERIFY(result.IsError());
    // The disk is to blame, not the JSON.
    QCOMPARE(int(stream.parseResult(result, {}).error().code), int(ErrorCode::NotReadable));
    QVERIFY(stream.error().has_value());
}

void TestJsonText::skipsLines()
{
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{4}, std::size_t{4096}}) {
        MemorySource source("abc def\nnext\nlast", "lines", chunk);
        ByteSourceStream stream(source);
        stream.skipLine();
        QCOMPARE(stream.Peek(), '\n');
        QCOMPARE(stream.Tell(), std::size_t{7});
        stream.Take();
        QCOMPARE(stream.Peek(), 'n');
        stream.skipLine();
        stream.Take();
        stream.skipLine();
        QVERIFY(stream.atEnd());
        QCOMPARE(stream.Tell(), std::size_t{17});
    }
}

void TestJsonText::boundsDepth()
{
    JsonText json(2, 1000);
    json.startObject();
    json.key("a");
    json.startArray();
    json.startObject(); // too deep
    json.key("x");
    json.startArray();
    json.integer(1);
    json.endArray();
    json.endObject();
    json.integer(2);
    json.endArray();
    json.key("b");
    json.null();
    QVERIFY(!json.isComplete());
    json.endObject();
    QVERIFY(json.isComplete());
    QVERIFY(json.truncated());
    QCOMPARE(json.text(), "{\"a\":[\"\xE2\x80\xA6\",2],\"b\":null}"s);

    // A million levels cost no stack and no memory beyond the bound.
    const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    const Parsed parsed = parse(deep, 4096, JsonText(10, 1000));
    QVERIFY(parsed.error.has_value());
    QVERIFY(parsed.text.size() < 100);
}

void TestJsonText::boundsSize()
{
    JsonText json(10, 50);
    json.startObject();
    for (int i = 0; i < 100; ++i) {
        json.key("key" + std::to_string(i));
        json.startArray();
        for (int j = 0; j < 100; ++j)
            json.integer(j);
        json.endArray();
    }
    json.endObject();
    QVERIFY(json.truncated());
    QVERIFY(json.text().size() < 120);
    QVERIFY(!QJsonDocument::fromJson(QByteArray::fromStdString(json.text())).isNull());

    json.clear();
    QVERIFY(json.isEmpty());
    json.string(std::string(1000, 'x'));
    QVERIFY(json.truncated());
    QCOMPARE(json.text().size(), std::size_t{52});
}

void TestJsonText::writesScalars()
{
    JsonText json;
    json.startArray();
    json.real(0.1);
    json.real(std::nan(""));
    json.real(-INFINITY);
    json.integer(std::numeric_limits<std::int64_t>::min());
    json.number("1e5");
    json.number("NaN");
    json.number("01");
    json.endArray();
    QCOMPARE(json.text(), "[0.1,\"NaN\",\"-Infinity\",-9223372036854775808,1e5,\"NaN\",\"01\"]"s);
}

void TestJsonText::knowsNumbers()
{
    for (const char *good : {"0", "-0", "10", "1.5", "-1.5e10", "1E+5", "1e-5"})
        QVERIFY2(isJsonNumber(good), good);
    for (const char *bad : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "1 ", "NaN", "--1", "1.5.5"})
        QVERIFY2(!isJsonNumber(bad), bad);
}

QTEST_GUILESS_MAIN(TestJsonText)
#include "tst_jsontext.moc"
