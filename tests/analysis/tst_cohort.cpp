// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Slow requests against the rest: known answers, and against counting everything by hand.
#include "analysis/cohort.h"
#include "spanfixture.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

namespace {

using Kind = CohortDifference::Kind;
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Spans with attributes; row of each place.
struct Data
{
    std::vector<Span> spans;
    std::vector<Attributes> attributes;
    std::vector<TrackInfo> tracks{spanfixture::service("shop", "i-1"), spanfixture::service("stock", "i-2")};
    std::shared_ptr<SpanColumns> columns;
    std::shared_ptr<const AttributeColumns> cache;

    int add(Span span, Attributes own = {})
    {
        spans.push_back(std::move(span));
        attributes.push_back(std::move(own));
        return int(spans.size()) - 1;
    }
    int request(Nanos duration, Attributes own = {}, std::uint32_t track = 0)
    {
        Span span{"GET /cart", track, 0, Nanos(spans.size()) * 1'000'000, duration, duration};
        span.trace = int(spans.size());
        return add(std::move(span), std::move(own));
    }
    int child(int parent, const std::string &operation, Nanos duration, Attributes own = {},
        std::uint32_t track = 1)
    {
        Span &above = spans[std::size_t(parent)];
        above.self -= duration;
        Span span{operation, track, std::uint16_t(1 + spans.size() % 7), above.start, duration, duration,
            parent};
        span.trace = above.trace;
        return add(std::move(span), std::move(own));
    }
    void finish()
    {
        columns = spanfixture::build(spans, tracks);
        AttributeBuilder builder(columns->size());
        for (std::size_t place = 0; place < spans.size(); ++place) {
            std::vector<std::uint32_t> codes;
            for (const auto &[key, value] : attributes[place])
                codes.push_back(builder.code(2, key, value));
            builder.setOwn(rowOf(place), codes);
        }
        cache = builder.finish(1, 0);
    }
    std::uint32_t rowOf(std::size_t place) const { return columns->rowOfId(std::int64_t(place) + 1); }

    CohortSets sets(Nanos from, CohortQuestion::Rest rest = CohortQuestion::Rest::Others) const
    {
        CohortQuestion question;
        question.slow = CohortQuestion::Slow::Durations;
        question.durations = {from, kUnknownNanos};
        question.rest = rest;
        return chooseCohorts(*columns, requestRows(*columns, {}, false, {}), question);
    }
    std::shared_ptr<const CohortReport> compare(const CohortSets &sets) const
    {
        const auto report = compareCohorts(*columns, cache.get(), sets, {}, {}, 100'000);
        return report ? *report : nullptr;
    }
};

const CohortDifference *find(const CohortReport &report, Kind kind, const std::string &subject)
{
    for (const CohortDifference &difference : report.differences) {
        if (difference.kind == kind && difference.subject() == subject)
            return &difference;
    }
    return nullptr;
}

/// n requests, the first `slowN` of `slow` slow ones and the first `restN` of the rest have key=value.
void share(Data &data, const std::string &key, const std::string &value, int slow, int slowN, int restN,
    const std::string &other)
{
    int slowSeen = 0, restSeen = 0;
    for (std::size_t i = 0; i < data.spans.size(); ++i) {
        const bool isSlow = int(i) < slow;
        // Spread, so that no two attributes pick the same requests by accident of order.
        const int n = isSlow ? slow : int(data.spans.size()) - slow, wanted = isSlow ? slowN : restN;
        int &seen = isSlow ? slowSeen : restSeen;
        const bool has = std::int64_t(seen + 1) * wanted / n > std::int64_t(seen) * wanted / n;
        ++seen;
        data.attributes[i].push_back({key, has ? value : other});
    }
}

#define NEAR(actual, expected, tolerance)                                                                    \
    QVERIFY2(std::abs(double(actual) - double(expected)) <= (tolerance),                                     \
        qPrintable(QString::number(double(actual), 'g', 10)))

} // namespace

class TestCohort : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knownAnswers();
    void onePartitionInOneBuilding();
    void equalPartitionsAreGrouped();
    void skipsWhatCannotTell();
    void tooFewAndAllEqual();
    void setsByPercentile();
    void requestsOfAFilter();
    void insideTheRequest();
    void weightsCount();
    void markersSplit();
    void agreesWithCountingByHand();
    void jsonMembers();
};

void TestCohort::knownAnswers()
{
    Data data;
    for (int i = 0; i < 10'000; ++i)
        data.request(i < 500 ? 4'000 + i : 15 + i % 3);
    share(data, "tenant", "t-117", 500, 480, 40, "t-1");
    share(data, "region", "eu-west", 500, 305, 5'695, "us-east");
    share(data, "host", "i-3", 500, 70, 1'180, "i-4");
    data.finish();
    const CohortSets sets = data.sets(1'000);
    QCOMPARE(sets.slow.size(), std::size_t(500));
    QCOMPARE(sets.rest.size(), std::size_t(9'500));
    QCOMPARE(data.columns->duration[sets.slow.front()], Nanos(4'499));
    const auto report = data.compare(sets);
    QVERIFY(report && !report->tooFew);
    const CohortDifference &first = report->differences.front();
    QCOMPARE(first.subject(), std::string("tenant=t-117"));
    QCOMPARE(first.slowN, 480);
    QCOMPARE(first.slowTotal, 500);
    QCOMPARE(first.allN, 520);
    QCOMPARE(first.allTotal, 10'000);
    NEAR(first.coverage, 0.96, 1e-12);
    NEAR(*first.lift, 18.46, 5e-3);
    NEAR(first.score, 0.96 * std::log2(0.96 / 0.052), 1e-9);
    QVERIFY(first.isDifferent && first.adjustedP < 1e-100);
    QCOMPARE(first.examples.size(), std::size_t(5));
    QCOMPARE(data.columns->duration[first.examples.front()], Nanos(4'499));

    const auto *region = find(*report, Kind::Trait, "region=eu-west");
    QVERIFY(region);
    NEAR(*region->lift, 1.02, 5e-3);
    QVERIFY2(!region->isDifferent, "a value 2 % more frequent is not a trait");
    const auto *host = find(*report, Kind::Trait, "host=i-3");
    QVERIFY(host);
    NEAR(*host->lift, 1.12, 5e-3);
    QVERIFY(!host->isDifferent);
}

/// 88 % of the slowest 1 % in 0.8 % of the traffic.
void TestCohort::onePartitionInOneBuilding()
{
    Data data;
    for (int i = 0; i < 50'000; ++i)
        data.request(i < 500 ? 900 : 20);
    share(data, "partition", "17", 500, 440, 0, "3");
    data.finish();
    // 400 of 50,000 would be 0.8 %, but then 440 slow ones do not fit: all of the partition's are slow.
    const auto report = data.compare(data.sets(500));
    const CohortDifference &first = report->differences.front();
    QCOMPARE(first.subject(), std::string("partition=17"));
    NEAR(first.coverage, 0.88, 1e-12);
    NEAR(*first.lift, 100, 1e-9);
}

void TestCohort::equalPartitionsAreGrouped()
{
    Data data;
    for (int i = 0; i < 1'000; ++i)
        data.request(i < 100 ? 900 : 20, {}, i % 10 == 0 || i < 100 ? 1 : 0);
    share(data, "tenant", "acme", 100, 90, 10, "other");
    share(data, "region", "mars", 100, 90, 10, "earth");
    data.finish();
    const auto report = data.compare(data.sets(500));
    const auto *tenant = find(*report, Kind::Trait, "tenant=acme");
    QVERIFY(tenant);
    QCOMPARE(tenant->sameAs, std::vector<std::string>{"region=mars"});
    QVERIFY(!find(*report, Kind::Trait, "region=mars"));
    // The instance and the service of a track are the same thing here.
    const auto *service = find(*report, Kind::Trait, "service=stock");
    QVERIFY(service);
    QVERIFY(std::count(service->sameAs.begin(), service->sameAs.end(), "instance=i-2") == 1);
}

void TestCohort::skipsWhatCannotTell()
{
    Data data;
    for (int i = 0; i < 1'000; ++i)
        data.request(i < 100 ? 900 : 20,
            {{"id", std::to_string(i)}, {"lang", "go"}, {"half", i % 2 ? "a" : "b"}});
    data.finish();
    const auto report = data.compare(data.sets(500));
    QCOMPARE(report->tested, 3); // half=a, half=b, and the self time of the one operation
    QVERIFY(!find(*report, Kind::Trait, "lang=go"));
    for (const CohortDifference &difference : report->differences)
        QVERIFY2(difference.key != "id", difference.subject().c_str());
}

void TestCohort::tooFewAndAllEqual()
{
    Data data;
    for (int i = 0; i < 1'000; ++i)
        data.request(i < 19 ? 900 : 20);
    data.finish();
    const auto report = data.compare(data.sets(500));
    QVERIFY(report->tooFew);
    QVERIFY(report->differences.empty());
    QCOMPARE(report->slow, 19);

    Data equal;
    for (int i = 0; i < 100; ++i)
        equal.request(20);
    equal.finish();
    const CohortSets sets
        = chooseCohorts(*equal.columns, requestRows(*equal.columns, {}, false, {}), CohortQuestion{});
    QVERIFY(sets.allEqual);
    QVERIFY(sets.slow.empty());
    QVERIFY(chooseCohorts(*equal.columns, {}, CohortQuestion{}).slow.empty());
}

void TestCohort::setsByPercentile()
{
    Data data;
    for (int i = 1; i <= 1'000; ++i)
        data.request(i);
    data.spans[4].duration = kUnknownNanos;
    data.finish();
    const auto requests = requestRows(*data.columns, {}, false, {});
    CohortQuestion question;
    question.percentile = kP95;
    CohortSets sets = chooseCohorts(*data.columns, requests, question);
    QCOMPARE(sets.requests, 999);
    QCOMPARE(sets.unknown, 1);
    // Rank ceil(0.95 * 999) = 950 of 1..1000 without 5.
    QCOMPARE(sets.slowFrom, Nanos(951));
    QCOMPARE(sets.slowTo, Nanos(1'000));
    QCOMPARE(sets.slow.size() + sets.rest.size(), std::size_t(999));
    question.rest = CohortQuestion::Rest::Middle;
    sets = chooseCohorts(*data.columns, requests, question);
    QCOMPARE(sets.restFrom, Nanos(401));
    QCOMPARE(sets.restTo, Nanos(601));
    question.rest = CohortQuestion::Rest::Given;
    sets = chooseCohorts(*data.columns, requests, question, requests);
    QCOMPARE(sets.rest.size(), std::size_t(999 - sets.slow.size()));

    // Most requests take the percentile itself: slow is what exceeds it.
    Data flat;
    for (int i = 0; i < 1'000; ++i)
        flat.request(i < 5 ? 700 : 10);
    flat.finish();
    sets = chooseCohorts(*flat.columns, requestRows(*flat.columns, {}, false, {}), CohortQuestion{});
    QCOMPARE(sets.slow.size(), std::size_t(5));
    QCOMPARE(sets.slowFrom, Nanos(700));
}

void TestCohort::requestsOfAFilter()
{
    Data data;
    const int a = data.request(100);
    const int b = data.child(a, "call", 50);
    data.child(b, "call", 20);
    data.child(a, "other", 10);
    data.finish();
    SpanSelection selection;
    QCOMPARE(requestRows(*data.columns, selection, false, {}), std::vector<std::uint32_t>{data.rowOf(0)});
    QCOMPARE(requestRows(*data.columns, selection, true, {}).size(), std::size_t(4));
    auto filter = std::make_shared<SpanBitmap>(data.columns->size());
    filter->set(data.rowOf(1));
    filter->set(data.rowOf(2));
    selection.filter = filter;
    // The inner call is part of the outer one.
    QCOMPARE(requestRows(*data.columns, selection, false, {}), std::vector<std::uint32_t>{data.rowOf(1)});
    selection.range = TimeRange{50'000'000, 60'000'000};
    QVERIFY(requestRows(*data.columns, selection, false, {}).empty());
}

void TestCohort::insideTheRequest()
{
    Data data;
    for (int i = 0; i < 1'000; ++i) {
        const bool slow = i < 50;
        const int root = data.request(slow ? 10'000 + i : 1'000 + i % 7);
        data.child(root, "SELECT", slow ? 200 : 180);
        if (slow || i % 10 == 0)
            data.child(root, "pool.acquire", slow ? 9'000 : 10, {{"pool", "reporting"}});
        for (int call = 0; call < (slow ? 6 : 1); ++call)
            data.child(root, "cache.get", 5);
    }
    data.finish();
    const auto report = data.compare(data.sets(5'000));
    const auto *self = find(*report, Kind::SelfTime, "stock: pool.acquire");
    QVERIFY(self && self->isDifferent);
    QCOMPARE(self->slowValue, 9'000.0);
    QCOMPARE(self->restValue, 0.0); // most have none
    QVERIFY(self->coverage > 0.98 && self->coverage < 1.0);
    QCOMPARE(self->slowN, 50);
    const auto *calls = find(*report, Kind::Calls, "stock: cache.get");
    QVERIFY(calls && calls->isDifferent);
    QCOMPARE(calls->slowValue, 6.0);
    QCOMPARE(calls->restValue, 1.0);
    NEAR(*calls->lift, 6, 1e-12);
    // The attribute of the child picks the same requests as its operation.
    const auto *inside = find(*report, Kind::Inside, "pool=reporting");
    QVERIFY(inside && inside->isDifferent);
    QCOMPARE(inside->sameAs, std::vector<std::string>{"stock: pool.acquire"});
    QCOMPARE(inside->allN, 50 + 95);
    // What no child covers grew too: 10,000 - 200 - 9,000 - 30 against 1,000 - 180 - 5.
    const auto *gap = find(*report, Kind::Gap, "shop: GET /cart");
    QVERIFY(!gap || gap->coverage < 0.02);
    QVERIFY2(report->differences.front().kind != Kind::Trait || !report->differences.front().isDifferent,
        "no trait of the request itself differs");
}

void TestCohort::weightsCount()
{
    Data data;
    for (int i = 0; i < 200; ++i)
        data.request(i < 100 ? 900 : 20, {{"kept", i % 100 < 50 ? "all" : "few"}});
    data.finish();
    data.columns->traceWeight.assign(data.columns->traceIds.size(), 1.0f);
    // Of the quick ones without the mark only one in ten was kept.
    for (int i = 150; i < 200; ++i)
        data.columns->traceWeight[data.columns->trace[data.rowOf(std::size_t(i))]] = 10;
    const auto report = data.compare(data.sets(500));
    QVERIFY(report->weighted);
    const auto *kept = find(*report, Kind::Trait, "kept=all");
    QVERIFY(kept);
    NEAR(kept->coverage, 0.5, 1e-9);
    NEAR(*kept->lift, 0.5 / (100.0 / 650.0), 1e-6);
    QCOMPARE(kept->allN, 100);
}

void TestCohort::markersSplit()
{
    Data data;
    for (int i = 0; i < 1'000; ++i)
        data.request(i >= 500 && i % 10 == 0 ? 900 : 20);
    data.finish();
    const auto report
        = compareCohorts(*data.columns, nullptr, data.sets(500), {{500'000'000, "config pool 20 -> 2"}}, {});
    const auto *since = find(**report, Kind::Trait, "since=after config pool 20 -> 2");
    QVERIFY(since && since->isDifferent);
    QCOMPARE(since->slowN, 50);
    QCOMPARE(since->allN, 500);
}

void TestCohort::agreesWithCountingByHand()
{
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        spanfixture::Random random(seed);
        Data data;
        const auto some = [&random] {
            Attributes own;
            for (const char *key : {"a", "b", "c"}) {
                if (random.chance(60))
                    own.push_back({key, std::to_string(random.below(4))});
            }
            return own;
        };
        for (int i = 0; i < 400; ++i) {
            const int root
                = data.request(1'000 + random.below(10'000), some(), std::uint32_t(random.below(2)));
            int above = root;
            for (std::int64_t n = random.below(6); n > 0; --n) {
                const std::string operation(1, char('p' + random.below(3)));
                const int made
                    = data.child(random.chance(50) ? root : above, operation, random.below(200), some());
                above = made;
            }
        }
        data.finish();
        const CohortSets sets = data.sets(9'000);
        const auto report = data.compare(sets);
        QVERIFY(!report->tooFew);
        // By hand: sets of texts for each request.
        std::set<std::uint32_t> slow(sets.slow.begin(), sets.slow.end());
        std::map<std::pair<Kind, std::string>, std::pair<int, int>> expected;
        for (std::size_t place = 0; place < data.spans.size(); ++place) {
            if (data.spans[place].parent >= 0)
                continue;
            std::set<std::pair<Kind, std::string>> has;
            std::set<std::string> own;
            for (const auto &[key, value] : data.attributes[place])
                own.insert(key + '=' + value);
            for (const std::string &text : own)
                has.insert({Kind::Trait, text});
            for (std::size_t other = 0; other < data.spans.size(); ++other) {
                if (other == place || data.spans[other].trace != data.spans[place].trace)
                    continue;
                for (const auto &[key, value] : data.attributes[other]) {
                    if (!own.contains(key + '=' + value))
                        has.insert({Kind::Inside, key + '=' + value});
                }
                has.insert({Kind::Path, "stock: " + data.spans[other].operation});
            }
            for (const auto &thing : has) {
                expected[thing].first += slow.contains(data.rowOf(place)) ? 1 : 0;
                ++expected[thing].second;
            }
        }
        int compared = 0;
        for (const CohortDifference &difference : report->differences) {
            const bool isPresence = difference.kind == Kind::Path || difference.kind == Kind::Inside
                || (difference.kind == Kind::Trait && !difference.scope.empty());
            if (!isPresence)
                continue;
            const auto &[slowN, allN] = expected[{difference.kind, difference.subject()}];
            QCOMPARE(difference.slowN, slowN);
            QCOMPARE(difference.allN, allN);
            ++compared;
        }
        QVERIFY2(compared >= 8, qPrintable(QString::number(compared)));
    }
}

void TestCohort::jsonMembers()
{
    const auto all = [](std::string_view text) {
        std::string out;
        JsonMembers members(text);
        std::string_view key, value;
        while (members.next(key, value))
            out.append(key).append("=").append(value).append(";");
        return out;
    };
    // moc does not read raw strings inside macros.
    const std::string mixed = R"({"a":"x","b":12,"c":true,"d":[1,{"e":"}"}],"f":-1.5e3})";
    const std::string members = R"(a=x;b=12;c=true;d=[1,{"e":"}"}];f=-1.5e3;)";
    QCOMPARE(all(mixed), members);
    const std::string escaped = R"({ "q\"k" : "a\n\u00e9\ud83d\ude00" })";
    QCOMPARE(all(escaped), std::string("q\"k=a\n\xc3\xa9\xf0\x9f\x98\x80;"));
    QCOMPARE(all("{}"), std::string());
    QCOMPARE(all("{\"a\":\"x\",\"b"), std::string("a=x;"));
    QCOMPARE(all("{\"a\":\"\\u12"), std::string());
    QCOMPARE(all("[1,2]"), std::string());
    QCOMPARE(all(std::string(100'000, '[')), std::string());
}

QTEST_APPLESS_MAIN(TestCohort)
#include "tst_cohort.moc"
