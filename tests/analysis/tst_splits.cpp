// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analyses.h"
#include "analysis/attributecolumn.h"
#include "analysis/rangestats.h"
#include "analysis/samplingstate.h"
#include "analysis/skew.h"
#include "spanfixture.h"
#include "store/sampling.h"
#include "storefixture.h"

#include <cmath>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using Shape = TrackRow::Shape;

namespace {

const GroupStats *groupOf(const std::vector<GroupStats> &groups, std::string_view name)
{
    for (const GroupStats &group : groups) {
        if (group.name == name)
            return &group;
    }
    return nullptr;
}

} // namespace

class TestSplits : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void skewKnownAnswers();
    void statusCodesStandBesideTheirClasses();
    void threads();
    void valuesOfAnAttribute();
    void errorsAreWeighted();
    void samplingTexts_data();
    void samplingTexts();
    void samplingOfASource();
    void whatTracesSay();
};

void TestSplits::skewKnownAnswers()
{
    const std::vector<double> loads{10, 10, 1, 1, 1, 1, 1, 1};
    const Skew skew = skewOf(loads);
    QCOMPARE(std::round(skew.maxOverMean * 1000), 3077.0);
    QCOMPARE(std::round(skew.variation * 1000), 1199.0);
    // One shard with 80 % of ten: eight times the even share.
    std::vector<double> shards(10, 20.0 / 9);
    shards[4] = 80;
    QCOMPARE(std::round(skewOf(shards).maxOverMean * 1000), 8000.0);
    QCOMPARE(std::round(skewOf(shards).topShare * 1000), 800.0);
    QVERIFY(!skewOf(std::vector<double>{5}).isKnown()); // nothing to compare with
    QVERIFY(!skewOf(std::vector<double>{0, 0}).isKnown());
}

void TestSplits::statusCodesStandBesideTheirClasses()
{
    std::vector<spanfixture::Span> spans;
    for (const int http : {0, 200, 204, 301, 404, 429, 429, 500, 503, 502, 700, 101}) {
        spanfixture::Span span;
        span.operation = "op";
        span.start = Nanos(spans.size()) * 10;
        span.duration = 5;
        span.http = std::uint16_t(http);
        spans.push_back(span);
    }
    const auto columns = spanfixture::build(spans, {spanfixture::service("web")});
    const auto groups = groupStats(*columns, {}, GroupBy::HttpCode, 20);
    const std::pair<const char *, std::int64_t> expected[] = {{"none", 1}, {"1xx", 1}, {"2xx", 2}, {"3xx", 1},
        {"4xx", 1}, {"429", 2}, {"5xx", 2}, {"503", 1}, {"other code", 1}};
    for (const auto &[name, count] : expected) {
        QVERIFY2(groupOf(groups, name), name);
        QCOMPARE(groupOf(groups, name)->count, count);
    }
}

void TestSplits::threads()
{
    spanfixture::Span a, b;
    a.operation = b.operation = "op";
    a.duration = 10;
    b.duration = 30;
    b.track = 1;
    const auto columns = spanfixture::build({a, b},
        {spanfixture::thread("p", "worker-1"), spanfixture::thread("p", "worker-2")});
    const auto groups = groupStats(*columns, {}, GroupBy::Thread, 10);
    QCOMPARE(groups.size(), std::size_t(2));
    QCOMPARE(groupOf(groups, "worker-2")->figures[0].value, Nanos(30));
}

void TestSplits::valuesOfAnAttribute()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web", "w1");
    for (int i = 0; i < 60; ++i) {
        const std::string tenant = "t" + std::to_string(i % 3);
        // A key with a value of its own for each span lies in the span's JSON, not in a set.
        const std::string request = "r" + std::to_string(i);
        std::vector<Attribute> attributes{{"tenant.id", AttributeType::Text, tenant},
            {"request.id", AttributeType::Text, request}, {"retry", AttributeType::Integer, {}, i % 2}};
        if (i >= 50)
            attributes.clear();
        source.linked(web, "trace" + std::to_string(i), std::uint64_t(i + 1), 0, "get", i * 100, 10 + i % 3,
            SpanKind::Server, SpanStatus::Ok, attributes);
    }
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    const auto tenants = loadAttributeColumn(*workspace, **columns, "tenant.id", {});
    TS_VERIFY_OK(tenants);
    const auto groups = groupStats(**columns, {}, GroupBy::Attribute, 100, {}, tenants->get());
    QCOMPARE(groups.size(), std::size_t(4));
    QCOMPARE(groupOf(groups, "t0")->count, 17);
    QCOMPARE(groupOf(groups, "t2")->figures[0].value, Nanos(12));
    QCOMPARE(groupOf(groups, "")->count, 10); // without the attribute
    const auto requests = loadAttributeColumn(*workspace, **columns, "request.id", {});
    TS_VERIFY_OK(requests);
    QCOMPARE((*requests)->values.size(), std::size_t(51));
    const auto retries = loadAttributeColumn(*workspace, **columns, "retry", {});
    TS_VERIFY_OK(retries);
    QCOMPARE(groupOf(groupStats(**columns, {}, GroupBy::Attribute, 9, {}, retries->get()), "1")->count, 25);
    const auto absent = loadAttributeColumn(*workspace, **columns, "it's absent", {});
    TS_VERIFY_OK(absent);
    QCOMPARE(groupStats(**columns, {}, GroupBy::Attribute, 9, {}, absent->get()).size(), std::size_t(1));
    const auto keys = attributeKeys(*workspace, {});
    TS_VERIFY_OK(keys);
    QVERIFY(std::find(keys->begin(), keys->end(), "tenant.id") != keys->end());
}

void TestSplits::errorsAreWeighted()
{
    // 90 normal traces kept at 10 %, 10 failed ones kept all: raw 10 %, weighted 10 of 910 (FT-03).
    std::vector<spanfixture::Span> spans;
    for (int i = 0; i < 100; ++i) {
        spanfixture::Span span;
        span.operation = "op";
        span.start = i * 100;
        span.duration = 10;
        span.trace = i;
        span.status = i < 90 ? SpanStatus::Ok : SpanStatus::Error;
        spans.push_back(span);
    }
    auto columns = spanfixture::build(spans, {spanfixture::service("web")});
    const auto raw = groupStats(*columns, {}, GroupBy::Service, 10);
    QCOMPARE(raw[0].errorShare(), 0.1);
    columns->traceWeight.assign(100, 1.0F);
    std::fill_n(columns->traceWeight.begin(), 90, 10.0F);
    const auto groups = groupStats(*columns, {}, GroupBy::Service, 10);
    QCOMPARE(groups[0].count, 100);
    QCOMPARE(std::round(groups[0].errorShare() * 1e6), std::round(10.0 / 910 * 1e6));
    const DurationStats stats = durationStats(*columns, {});
    QCOMPARE(stats.weight, 910.0);
    QCOMPARE(stats.errorWeight, 10.0);
    SamplingState state = samplingState(*columns);
    QCOMPARE(state.known, 100);
    QCOMPARE(state.represented, 910.0);
    QVERIFY(state.doubt == SamplingState::Doubt::None);
    columns->traceWeight[3] = std::nanf("");
    QVERIFY(samplingState(*columns).doubt == SamplingState::Doubt::Mixed);
    columns->traceWeight.clear();
    QVERIFY(samplingState(*columns).doubt == SamplingState::Doubt::None); // 10 % is no cause
    std::fill(columns->status.begin(), columns->status.begin() + 15, std::uint8_t(SpanStatus::Error));
    QVERIFY(samplingState(*columns).doubt == SamplingState::Doubt::ErrorShare);
}

void TestSplits::samplingTexts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("probability"); // 0 = refused
    QTest::newRow("number") << "0.1" << 0.1;
    QTest::newRow("share") << "10 %" << 0.1;
    QTest::newRow("fraction") << "1/32" << 1.0 / 32;
    QTest::newRow("words") << "1 in 32" << 1.0 / 32;
    QTest::newRow("all") << "1" << 1.0;
    for (const char *bad : {"0", "-1", "1.5", "200 %", "", "x", "1/0", "32/1", "nan"})
        QTest::newRow(bad) << bad << 0.0;
}

void TestSplits::samplingTexts()
{
    QFETCH(QString, text);
    QFETCH(double, probability);
    const auto parsed = store::parseSampling(text.toStdString());
    QCOMPARE(parsed.value_or(0), probability);
    if (parsed)
        QVERIFY(store::parseSampling(store::samplingText(*parsed)).has_value());
    QCOMPARE(store::samplingText(1.0 / 32), std::string("1 in 32"));
}

void TestSplits::samplingOfASource()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web", "w1");
    Attribute own{"sampling.probability", AttributeType::Real, {}, 0, 0.5};
    source.linked(web, "says", 1, 0, "get", 0, 10, SpanKind::Server, SpanStatus::Ok, {&own, 1});
    source.linked(web, "silent", 2, 0, "get", 20, 30, SpanKind::Server);
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    const char *weights = "SELECT weight FROM trace ORDER BY id";
    QCOMPARE(storefixture::query(*workspace, weights), std::string("2.0; -"));
    const auto before = workspace->generation("span");
    TS_VERIFY_OK(store::stateSampling(*workspace, id, 0.1));
    QVERIFY(*workspace->generation("span") != *before);
    QCOMPARE(storefixture::query(*workspace, weights), std::string("2.0; 10.0"));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    QVERIFY((*columns)->traceWeight == (std::vector<float>{2, 10}));
    TS_VERIFY_OK(refreshOperationStats(*workspace, {}));
    QCOMPARE(storefixture::query(*workspace, "SELECT DISTINCT weight, p50_ns FROM operation_stat"),
        std::string("12.0 30"));
    TS_VERIFY_OK(store::stateSampling(*workspace, id, std::nullopt));
    QCOMPARE(storefixture::query(*workspace, weights), std::string("2.0; -"));
}

void TestSplits::whatTracesSay()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web", "w1");
    const std::pair<const char *, const char *> said[]
        = {{"tracestate", "ot=th:8"}, {"w3c.tracestate", "vendor=1,ot=th:f8"}, {"w3c.tracestate", "ot=p:3"},
            {"sampler.param", "0.25"}, {"w3c.tracestate", "ot=rv:1"}};
    std::uint64_t key = 0;
    for (const auto &[name, value] : said) {
        const Attribute a{name, AttributeType::Text, value};
        source.linked(web, "t" + std::to_string(key), key + 1, 0, "get", Nanos(key) * 20, 10,
            SpanKind::Server, SpanStatus::Ok, {&a, 1});
        ++key;
    }
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    QCOMPARE(storefixture::query(*workspace, "SELECT weight FROM trace ORDER BY id"),
        std::string("2.0; 32.0; 8.0; 4.0; -"));
}

QTEST_GUILESS_MAIN(TestSplits)
#include "tst_splits.moc"
