// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servicemap.h"

#include "analysis/analyses.h"
#include "analysis/remotenames.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <algorithm>
#include <map>
#include <set>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using spanfixture::Span;
using Shape = TrackRow::Shape;

namespace {

Span span(const char *operation, std::uint32_t track, Nanos start, Nanos duration, int parent, int trace,
    SpanKind kind = SpanKind::Server, SpanStatus status = SpanStatus::Ok)
{
    Span s;
    s.operation = operation;
    s.track = track;
    s.lane = std::uint16_t(parent + 1);
    s.start = start;
    s.duration = s.self = duration;
    s.parent = parent;
    s.trace = trace;
    s.kind = kind;
    s.status = status;
    return s;
}

const ServiceEdge *edgeOf(const ServiceMap &map, std::string_view caller, std::string_view callee)
{
    for (const ServiceEdge &edge : map.edges) {
        if (map.nodes[edge.caller].name == caller && map.nodes[edge.callee].name == callee)
            return &edge;
    }
    return nullptr;
}

const ServiceNode *nodeOf(const ServiceMap &map, std::string_view name)
{
    for (const ServiceNode &node : map.nodes) {
        if (node.name == name)
            return &node;
    }
    return nullptr;
}

/// web calls stock three times through clients in trace 0 and once in trace 1; one call fails.
std::vector<Span> shop()
{
    std::vector<Span> spans{span("GET /", 0, 0, 1000, -1, 0), span("GET /", 0, 5000, 1000, -1, 1)};
    const int parents[] = {0, 0, 0, 1};
    for (int i = 0; i < 4; ++i) {
        const Nanos start = spans[std::size_t(parents[i])].start + 100 * (i + 1);
        spans.push_back(span("call", 0, start, 80, parents[i], parents[i], SpanKind::Client));
        spans.push_back(span("reserve", 1, start + 10, 10 * (i + 1), int(spans.size()) - 1, parents[i],
            SpanKind::Server, i == 2 ? SpanStatus::Error : SpanStatus::Ok));
    }
    return spans;
}

} // namespace

class TestServiceMap : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void callsBetweenServices();
    void kindsOfCalls();
    void weightsOfSampledTraces();
    void selectionNarrows();
    void equalsTheSlowWay();
    void remoteNames_data();
    void remoteNames();
    void storedWithRemotesAndMessages();
    void manyCallsAreSampled();
};

void TestServiceMap::callsBetweenServices()
{
    const auto columns
        = spanfixture::build(shop(), {spanfixture::service("web"), spanfixture::service("stock")});
    const ServiceMap map = serviceMap(*columns, {}, {});
    QCOMPARE(map.edges.size(), std::size_t(1));
    const ServiceEdge &edge = map.edges[0];
    QCOMPARE(edge.calls, 4);
    QCOMPARE(edge.traces, 2);
    QCOMPARE(edge.errors, 1);
    QVERIFY(edge.kind == EdgeKind::Call);
    QCOMPARE(edge.p50, Nanos(20)); // of 10 20 30 40: rank 2
    QCOMPARE(edge.p99, Nanos(40));
    // The calling spans are the two requests, not the clients: 3 and 1 calls.
    QCOMPARE(edge.fanOutP50, 1);
    QCOMPARE(edge.fanOutMax, 3);
    QCOMPARE(edge.errorShare(), 0.25);
    const ServiceNode *web = nodeOf(map, "web"), *stock = nodeOf(map, "stock");
    QVERIFY(web && stock);
    QCOMPARE(web->requests, 2);
    QCOMPARE(web->errors, 0);
    QCOMPARE(web->p99, Nanos(1000));
    QCOMPARE(stock->requests, 4);
    QCOMPARE(stock->errors, 1);
    QCOMPARE(stock->selfNs, 100.0);
    QCOMPARE(web->selfShare + stock->selfShare, 1.0);
    QVERIFY(!map.weighted);
}

void TestServiceMap::kindsOfCalls()
{
    const auto columns
        = spanfixture::build({span("POST", 0, 0, 1000, -1, 0), span("charge", 1, 10, 100, 0, 0),
                                 span("mail", 2, 20, 900'000'000, 0, 0), // ends long after its parent
                                 span("publish", 0, 30, 10, 0, 0, SpanKind::Producer),
                                 span("handle", 3, 2000, 10, 3, 0, SpanKind::Consumer),
                                 span("sweep", 3, 9000, 10, -1, -1), span("nameless", 4, 40, 10, 0, 0)},
            {spanfixture::service("shop"), spanfixture::service("payment"), spanfixture::service("mail"),
                spanfixture::service("worker"), spanfixture::service("")});
    const ServiceMap map = serviceMap(*columns, {}, {});
    QCOMPARE(map.edges.size(), std::size_t(3));
    QVERIFY(edgeOf(map, "shop", "payment")->kind == EdgeKind::Call);
    QVERIFY(edgeOf(map, "shop", "mail")->kind == EdgeKind::Async);
    QVERIFY(edgeOf(map, "shop", "worker")->kind == EdgeKind::Messaging);
    QVERIFY(!nodeOf(map, "")); // spans without a service are on no node
    QCOMPARE(nodeOf(map, "worker")->requests, 2);
    QCOMPARE(map.spans, 6);
}

void TestServiceMap::weightsOfSampledTraces()
{
    auto columns = spanfixture::build(shop(), {spanfixture::service("web"), spanfixture::service("stock")});
    columns->traceWeight = {10, 1}; // trace 0 stands for ten
    const ServiceMap map = serviceMap(*columns, {}, {});
    const ServiceEdge &edge = map.edges[0];
    QVERIFY(map.weighted);
    QCOMPARE(edge.calls, 4);
    QCOMPARE(edge.weight, 31.0);
    QCOMPARE(edge.errorShare(), 10.0 / 31.0);
    // 10, 20, 30 count ten each, 40 once: half of 31 is reached at 20, 99 % (30.69) at 40.
    QCOMPARE(edge.p50, Nanos(20));
    QCOMPARE(edge.p99, Nanos(40));
}

void TestServiceMap::selectionNarrows()
{
    const auto columns
        = spanfixture::build(shop(), {spanfixture::service("web"), spanfixture::service("stock")});
    SpanSelection selection;
    selection.range = TimeRange{5000, 7000};
    const ServiceMap late = serviceMap(*columns, {}, selection);
    QCOMPARE(late.edges[0].calls, 1);
    QCOMPARE(nodeOf(late, "web")->requests, 1);
    // A filter on the callee keeps the edge that leads to it.
    selection.range.reset();
    auto rows = std::make_shared<SpanBitmap>(columns->size());
    for (std::uint32_t row = 0; row < columns->size(); ++row)
        rows->set(row, columns->track[row] == 1);
    selection.filter = rows;
    const ServiceMap callee = serviceMap(*columns, {}, selection);
    QCOMPARE(callee.edges[0].calls, 4);
    QCOMPARE(nodeOf(callee, "web")->requests, 0);
}

void TestServiceMap::equalsTheSlowWay()
{
    Random random(31);
    std::vector<Span> spans;
    std::vector<TrackInfo> tracks;
    for (int t = 0; t < 9; ++t)
        tracks.push_back(spanfixture::service("s" + std::to_string(t % 6), "pod" + std::to_string(t)));
    for (int i = 0; i < 3000; ++i) {
        const int parent = i % 20 == 0 ? -1 : int(i - 1 - random.below(i % 20));
        spans.push_back(span("op", std::uint32_t(random.below(9)), i * 10, 1 + random.below(100'000), parent,
            i / 20, SpanKind(random.below(5)), random.chance(7) ? SpanStatus::Error : SpanStatus::Ok));
        spans.back().lane = std::uint16_t(i); // lanes do not matter here
    }
    const auto columns = spanfixture::build(spans, tracks);
    const ServiceMap map = serviceMap(*columns, {}, {});
    struct Slow
    {
        std::vector<Nanos> durations;
        std::int64_t errors = 0;
        std::set<int> traces;
    };
    std::map<std::pair<std::string, std::string>, Slow> slow;
    for (const Span &s : spans) {
        if (s.parent < 0)
            continue;
        const std::string &caller = tracks[spans[std::size_t(s.parent)].track].service;
        const std::string &callee = tracks[s.track].service;
        if (caller == callee)
            continue;
        Slow &edge = slow[{caller, callee}];
        edge.durations.push_back(s.duration);
        edge.errors += s.status == SpanStatus::Error ? 1 : 0;
        edge.traces.insert(s.trace);
    }
    std::map<std::pair<std::string, std::string>, std::array<std::int64_t, 2>> sums; // over the kinds
    for (const ServiceEdge &edge : map.edges) {
        auto &sum = sums[{map.nodes[edge.caller].name, map.nodes[edge.callee].name}];
        sum[0] += edge.calls;
        sum[1] += edge.errors;
        QVERIFY(edge.fanOutMax >= edge.fanOutP50 && edge.fanOutP50 >= 1);
        QVERIFY(edge.traces <= edge.calls);
    }
    QCOMPARE(sums.size(), slow.size());
    for (const auto &[key, edge] : slow) {
        QCOMPARE(sums[key][0], std::int64_t(edge.durations.size()));
        QCOMPARE(sums[key][1], edge.errors);
    }
}

void TestServiceMap::remoteNames_data()
{
    QTest::addColumn<int>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("name");
    QTest::newRow("url") << int(RemoteKey::Url) << "https://u:secret@api.example.com:8443/a?b"
                         << "api.example.com:8443";
    QTest::newRow("no url") << int(RemoteKey::Url) << "/relative"
                            << "";
    QTest::newRow("host") << int(RemoteKey::Address) << "10.0.0.7"
                          << "10.0.0.7";
    QTest::newRow("queue") << int(RemoteKey::MessagingDestination) << "orders"
                           << "orders";
    QTest::newRow("peer") << int(RemoteKey::PeerService) << "redis"
                          << "redis";
}

void TestServiceMap::remoteNames()
{
    QFETCH(int, key);
    QFETCH(QString, value);
    QFETCH(QString, name);
    RemoteValues values;
    values[std::size_t(key)] = value.toStdString();
    QCOMPARE(QString::fromStdString(remoteNameOf(values).text), name);
    values[std::size_t(RemoteKey::PeerService)] = std::string(1'000'000, 'x');
    QVERIFY(remoteNameOf(values).text.size() <= 120);
}

void TestServiceMap::storedWithRemotesAndMessages()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web", "w1"),
                   worker = source.track(Shape::Linked, "worker", "k1");
    std::vector<Attribute> db(2), host(1);
    db[0] = {"db.system", AttributeType::Text, "postgresql"};
    db[1] = {"db.name", AttributeType::Text, "orders"};
    host[0] = {"server.address", AttributeType::Text, "api.example.com"};
    source.linked(web, "t1", 1, 0, "GET /", 0, 1000, SpanKind::Server);
    source.linked(web, "t1", 2, 1, "SELECT", 10, 100, SpanKind::Client, SpanStatus::Error, db);
    source.linked(web, "t1", 3, 1, "SELECT", 120, 100, SpanKind::Client, SpanStatus::Ok, db);
    source.linked(web, "t1", 4, 1, "rate", 300, 50, SpanKind::Client, SpanStatus::Ok, host);
    source.linked(web, "t1", 5, 1, "dark", 400, 50, SpanKind::Client);
    source.linked(web, "t1", 6, 1, "publish", 500, 5, SpanKind::Producer);
    const SpanRef consumer
        = source.linked(worker, "t2", 7, 0, "handle", 5000, 10, SpanKind::Consumer, SpanStatus::Ok);
    SpanLinkRow link;
    link.span = consumer;
    link.linkedTraceKey = "t1";
    link.linkedSpanKey = {SpanKey::Kind::Hex64, 6, {}};
    source.writer().spanLink(link);
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, {id}, {}));
    TS_VERIFY_OK(refreshTraceAnalyses(*workspace, {}));
    QCOMPARE(storefixture::query(*workspace,
                 "SELECT caller, callee, kind, n, traces, errors, p50_ns, p99_ns, fan_out_p50, fan_out_max,"
                 " weight FROM service_edge ORDER BY callee"),
        std::string("web api.example.com external 1 1 0 50 50 1 1 1.0; "
                    "web postgresql orders database 2 1 1 100 100 2 2 2.0; "
                    "web worker messaging 1 1 0 10 10 1 1 1.0"));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    const auto links = loadServiceLinks(*workspace, **columns, {});
    TS_VERIFY_OK(links);
    const ServiceMap map = serviceMap(**columns, *links, {});
    QCOMPARE(map.unnamed, 1); // "dark" says nothing of its remote: counted, on no edge
    const ServiceNode *database = nodeOf(map, "postgresql orders");
    QVERIFY(database && !database->hasSpans);
    QCOMPARE(database->requests, 2);
    QCOMPARE(database->errors, 1);
}

void TestServiceMap::manyCallsAreSampled()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web", "w1");
    const Attribute same{"peer.service", AttributeType::Text, "cache"};
    for (int i = 0; i < 400; ++i) {
        const std::string name = "peer" + std::to_string(i % 40);
        const Attribute other{"peer.service", AttributeType::Text, name};
        const std::string trace = "t" + std::to_string(i);
        source.linked(web, trace, std::uint64_t(2 * i + 1), 0, "get", i * 10, 5, SpanKind::Client,
            SpanStatus::Ok, {&same, 1});
        source.linked(web, trace, std::uint64_t(2 * i + 2), 0, "call", i * 10 + 5, 5, SpanKind::Client,
            SpanStatus::Ok, {&other, 1});
    }
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, {id}, {}));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    const auto exact = loadServiceLinks(*workspace, **columns, {});
    TS_VERIFY_OK(exact);
    QCOMPARE(exact->remotes.size(), std::size_t(800));
    QCOMPARE(exact->names.size(), std::size_t(41));
    QCOMPARE(exact->unread, 0);
    // 80 look-ups for 800 calls: "get" agrees on one name, "call" does not and only its samples count.
    const auto sampled = loadServiceLinks(*workspace, **columns, {}, 80);
    TS_VERIFY_OK(sampled);
    const ServiceMap map = serviceMap(**columns, *sampled, {});
    QCOMPARE(edgeOf(map, "web", "cache")->calls, 400);
    QCOMPARE(sampled->unread, 360);
    QCOMPARE(map.calls, 440);
}

QTEST_GUILESS_MAIN(TestServiceMap)
#include "tst_servicemap.moc"
