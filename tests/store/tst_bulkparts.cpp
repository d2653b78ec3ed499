// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/bulkaggregate.h"
#include "store/bulkattributes.h"
#include "store/bulkidmap.h"
#include "store/bulkintern.h"
#include "store/bulktracemap.h"
#include "store/jsoncheck.h"

#include <algorithm>

using namespace storetest;

/// The parts of a BulkWriter that have bounds.
class TestBulkParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void stringTable();
    void stringTableIsBounded();
    void refMap();
    void traceMapSpills();
    void idMap();
    void splitterLongAndMany();
    void splitterTooManySets();
    void json_data();
    void json();
    void jsonObjects();
    void aggregatorIsBounded();
};

void TestBulkParts::stringTable()
{
    StringTable table;
    bool added = false;
    QCOMPARE(table.intern("a", added), 1u);
    QVERIFY(added);
    QCOMPARE(table.intern("a", added), 1u);
    QVERIFY(!added);
    QCOMPARE(table.intern(std::string_view("a\0b", 3), added), 2u);
    for (std::uint32_t i = 0; i < 100'000; ++i)
        QCOMPARE(table.intern("text " + std::to_string(i), added), i + 3);
    for (std::uint32_t i = 0; i < 100'000; ++i)
        QCOMPARE(table.intern("text " + std::to_string(i), added), i + 3);
    QCOMPARE(table.intern(std::string(StringTable::kMaxLength + 1, 'x'), added), 0u);
}

void TestBulkParts::stringTableIsBounded()
{
    StringTable table;
    bool added = false;
    std::string text(1000, 'x');
    std::uint32_t taken = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::snprintf(text.data(), 10, "%09d", i);
        taken += table.intern(text, added) != 0 ? 1 : 0;
    }
    QCOMPARE(taken, static_cast<std::uint32_t>(StringTable::kMaxBytes / 1000));
    // What is in stays in.
    std::snprintf(text.data(), 10, "%09d", 0);
    QCOMPARE(table.intern(text, added), 1u);
}

void TestBulkParts::refMap()
{
    RefMap map(1000);
    for (std::uint32_t i = 1; i <= 1000; ++i)
        map.insert({i, i * 7ULL}, i);
    for (std::uint32_t i = 1; i <= 1000; ++i)
        QCOMPARE(map.find({i, i * 7ULL}), i);
    QCOMPARE(map.find({1, 8}), 0u);
    QVERIFY(map.isFull());
    map.insert({5000, 1}, 5000); // forgets
    QCOMPARE(map.size(), std::size_t{1});
    QCOMPARE(map.find({5000, 1}), 5000u);
    QCOMPARE(map.find({1, 7}), 0u);
}

void TestBulkParts::traceMapSpills()
{
    TraceMap map(1000);
    const auto key = [](std::uint64_t i) { return RefMap::Key{i * 0x9e3779b97f4a7c15ULL, ~i}; };
    for (std::uint32_t i = 1; i <= 20'000; ++i) {
        QCOMPARE(map.find(key(i)), 0u);
        map.insert(key(i), i);
        QCOMPARE(map.find(key(i)), i);
    }
    // Far back, forwards and backwards: all of them are found again.
    for (std::uint32_t i = 1; i <= 20'000; i += 3)
        QCOMPARE(map.find(key(i)), i);
    for (std::uint32_t i = 20'000; i > 0; i -= 5)
        QCOMPARE(map.find(key(i)), i);
    QCOMPARE(map.find(key(20'001)), 0u);
    QVERIFY(!map.hasFailed());
}

void TestBulkParts::idMap()
{
    IdMap map;
    QCOMPARE(map.idOf(1), 0);
    map.append(100, 10);
    map.append(110, 5);
    QCOMPARE(map.runs().size(), std::size_t{1});
    map.append(200, 3);
    map.append(300, 0);
    QCOMPARE(map.count(), 18);
    QCOMPARE(map.runs().size(), std::size_t{2});
    QCOMPARE(map.idOf(1), 100);
    QCOMPARE(map.idOf(15), 114);
    QCOMPARE(map.idOf(16), 200);
    QCOMPARE(map.idOf(18), 202);
    QCOMPARE(map.idOf(19), 0);
    QCOMPARE(map.idOf(0), 0);
    QCOMPARE(map.idOf(-1), 0);
    QCOMPARE(map.ordinalOf(99), 0);
    QCOMPARE(map.ordinalOf(114), 15);
    QCOMPARE(map.ordinalOf(115), 0);
    QCOMPARE(map.ordinalOf(202), 18);
    QCOMPARE(map.ordinalOf(203), 0);
}

void TestBulkParts::splitterLongAndMany()
{
    AttributeSplitter splitter;
    const auto shares = [&](std::uint32_t key, const Attribute &attribute) {
        return splitter.sharesValue(key, attribute, attributeValueHash(attribute));
    };
    QVERIFY(shares(1, textAttribute("k", "v")));
    QVERIFY(!shares(0, textAttribute("k", "v")));
    const std::string longValue(AttributeSplitter::kLongValue + 1, 'x');
    QVERIFY(!shares(1, textAttribute("k", longValue)));
    for (std::uint32_t i = 0; i < AttributeSplitter::kManyValues; ++i)
        QVERIFY(shares(2, integerAttribute("n", i)));
    QVERIFY(!shares(2, integerAttribute("n", -1)));
    QVERIFY(!shares(2, integerAttribute("n", 0))); // for good
    QVERIFY(shares(1, textAttribute("k", "w")));
    // A number and the same digits as text are two values.
    QVERIFY(attributeValueHash(integerAttribute("k", 1)) != attributeValueHash(textAttribute("k", "1")));
}

void TestBulkParts::splitterTooManySets()
{
    AttributeSplitter splitter;
    for (std::int64_t i = 0; i < 100; ++i)
        QVERIFY(splitter.sharesValue(1, integerAttribute("many", i), static_cast<std::uint64_t>(i) + 1));
    QVERIFY(splitter.sharesValue(2, integerAttribute("few", 1), 1));
    for (int i = 0; i < 4096; ++i)
        splitter.setLookedUp(true);
    QVERIFY(!splitter.sharesValue(1, integerAttribute("many", 1), 2));
    QVERIFY(splitter.sharesValue(2, integerAttribute("few", 1), 1));
}

void TestBulkParts::json_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    const auto row = [](const char *text, bool valid) { QTest::newRow(text) << QByteArray(text) << valid; };
    for (const char *text : {"1", "-0.5e+10", "0", "\"a\\u00e9\\n\"", "true", "null", "[]", "{}",
             " [1, {\"a\" : []} , \"b\"] ", "{\"a\":{\"b\":[{}]}}", "[[[1]]]"})
        row(text, true);
    for (const char *text : {"", " ", "01", "1.", ".5", "+1", "-", "1e", "tru", "nul", "\"a", "\"\\x\"",
             "\"\\u12g4\"", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "[1}",
             "{\"a\":1]", "[", "{", "1 1", "\"a\nb\"", "'a'", "NaN", "[1]]"})
        row(text, false);
    QTest::newRow("deep enough") << QByteArray("[").repeated(kMaxJsonDepth)
            + QByteArray("]").repeated(kMaxJsonDepth)
                                 << true;
    QTest::newRow("too deep") << QByteArray("[").repeated(kMaxJsonDepth + 2)
            + QByteArray("]").repeated(kMaxJsonDepth + 2)
                              << false;
    QTest::newRow("very deep") << QByteArray("[").repeated(1'000'000) << false;
}

void TestBulkParts::json()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, valid);
    QCOMPARE(isValidJson(text.toStdString()), valid);
}

void TestBulkParts::jsonObjects()
{
    std::string out;
    appendJsonObject(out, {});
    QCOMPARE(out, std::string("{}"));
    Attribute broken, real;
    broken.key = "j";
    broken.type = AttributeType::Json;
    broken.text = "{\"a\":";
    real.key = "r";
    real.type = AttributeType::Real;
    real.real = std::numeric_limits<double>::infinity();
    const Attribute list[]{textAttribute("a\"b", "x\ny"),
        integerAttribute("n", std::numeric_limits<std::int64_t>::min()), broken, real};
    out.clear();
    appendJsonObject(out, list);
    QCOMPARE(out,
        std::string(
            "{\"a\\\"b\":\"x\\ny\",\"n\":-9223372036854775808,\"j\":\"{\\\"a\\\":\",\"r\":\"Infinity\"}"));
    QVERIFY(isValidJson(out));
}

void TestBulkParts::aggregatorIsBounded()
{
    SpanAggregator aggregator;
    SpanRow row;
    row.operation = "op";
    row.durationNs = std::numeric_limits<Nanos>::max();
    row.startNs = std::numeric_limits<Nanos>::max();
    for (std::uint32_t i = 1; i <= SpanAggregator::kMaxEntries + 1000; ++i)
        aggregator.add(1, i, row);
    aggregator.add(0, 0, row);
    aggregator.fold();
    const StreamingAggregate aggregate = aggregator.result();
    QCOMPARE(aggregate.spans, static_cast<std::int64_t>(SpanAggregator::kMaxEntries + 1001));
    QCOMPARE(aggregate.entries.size(), SpanAggregator::kMaxEntries);
    QCOMPARE(aggregate.range.end, std::numeric_limits<Nanos>::max());
}

QTEST_GUILESS_MAIN(TestBulkParts)
#include "tst_bulkparts.moc"
