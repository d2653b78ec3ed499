// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes in memory against the view span_attribute.
#include "analysis/attributecolumns.h"
#include "analysis/spancalc.h"
#include "storefixture.h"

#include <QTest>

#include <map>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;

class TestAttributeColumns : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTheView();
    void keysWithTooManyValuesAreDropped();
};

void TestAttributeColumns::agreesWithTheView()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef track = source.track(TrackRow::Shape::Linked, "shop", "i-1");
    const std::string longText(500, 'x');
    std::vector<std::string> texts;
    for (int i = 0; i < 1'000; ++i)
        texts.push_back("user-" + std::to_string(i) + "\"\\\n");
    for (int i = 0; i < 1'000; ++i) {
        std::vector<Attribute> attributes{{"tenant", AttributeType::Text, i % 3 ? "a" : "b"},
            {"user", AttributeType::Text, texts[std::size_t(i)]}, {"size", AttributeType::Integer, {}, i % 5},
            {"ratio", AttributeType::Real, {}, 0, 0.25 * (i % 4)},
            {"hit", AttributeType::Boolean, {}, i % 2}};
        if (i == 7)
            attributes.push_back({"note", AttributeType::Text, longText});
        source.linked(track, "trace" + std::to_string(i), std::uint64_t(i) + 1, 0, "GET", i * 1'000, 10,
            SpanKind::Server, SpanStatus::Unset, attributes);
    }
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    const auto attributes = AttributeColumns::build(*workspace, **columns, {});
    TS_VERIFY_OK(attributes);
    const AttributeColumns &cache = **attributes;
    QCOMPARE(cache.rows(), std::size_t(1'000));
    QVERIFY(cache.bytes() > 0);

    std::map<std::int64_t, std::set<std::string>> expected, found;
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    auto statement = reader->prepare("SELECT span_id, key, value FROM span_attribute");
    TS_VERIFY_OK(statement);
    while (*statement->step()) {
        std::string value(statement->text(2));
        if (statement->text(1) == "hit")
            value = value == "1" ? "true" : "false";
        if (statement->text(1) == "note")
            value = longText.substr(0, AttributeColumns::kMaxText) + "…";
        expected[statement->integer(0)].insert(std::string(statement->text(1)) + "=" + value);
    }
    for (std::uint32_t row = 0; row < cache.rows(); ++row) {
        cache.forEach(row, [&](std::uint32_t code) {
            const AttributeColumns::Key &key = cache.keys()[cache.keyOf(code)];
            std::string value(cache.value(code));
            if (key.name == "ratio" && value.find('.') == std::string::npos)
                value += ".0";
            found[(*columns)->id(row)].insert(key.name + "=" + value);
        });
    }
    QCOMPARE(found.size(), expected.size());
    for (const auto &[id, wanted] : expected) {
        for (const std::string &text : wanted)
            QVERIFY2(found[id].contains(text), text.c_str());
        QCOMPARE(found[id].size(), wanted.size());
    }
}

void TestAttributeColumns::keysWithTooManyValuesAreDropped()
{
    AttributeBuilder builder(1);
    for (std::uint32_t i = 0; i <= AttributeColumns::kMaxValues; ++i)
        builder.code(2, "id", std::to_string(i));
    QCOMPARE(builder.code(2, "id", "one more"), AttributeBuilder::kNoCode);
    QVERIFY(builder.code(2, "tenant", "a") != AttributeBuilder::kNoCode);
    QVERIFY(builder.code(0, "tenant", "a") != builder.code(2, "tenant", "a"));
    const auto cache = builder.finish(0, 0);
    QVERIFY(cache->keys()[0].isDropped);
    QVERIFY(!cache->keys()[1].isDropped);
    QCOMPARE(cache->codes(), std::size_t(AttributeColumns::kMaxValues) + 2);
}

QTEST_APPLESS_MAIN(TestAttributeColumns)
#include "tst_attributecolumns.moc"
