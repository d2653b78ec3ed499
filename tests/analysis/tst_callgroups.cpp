// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callgroups.h"
#include "spanfixture.h"

#include <algorithm>
#include <map>
#include <set>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;
using Kind = CallGroup::Kind;

class TestCallGroups : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names_data();
    void names();
    void texts();
    void nPlusOne_data();
    void nPlusOne();
    void hostsAndParallelCalls();
    void sequential_data();
    void sequential();
    void retries();
    void retryStorm();
    void chatty();
    void randomTraces();
};

namespace {

constexpr Nanos kMs = kNanosPerMilli;

/// A trace under construction; calls hang below span 0 unless told otherwise.
struct Builder
{
    std::vector<Span> spans;
    std::vector<std::vector<CallTexts::Attribute>> attributes;
    std::vector<std::string> kept; // owners of attribute values

    Builder() { kept.reserve(10'000); }
    int add(const std::string &operation, Nanos start, Nanos duration, int parent,
        SpanKind kind = SpanKind::Client, SpanStatus status = SpanStatus::Ok, std::uint32_t track = 0)
    {
        Span s;
        s.operation = operation;
        s.start = start;
        s.duration = duration;
        s.parent = parent;
        s.trace = 0;
        s.kind = kind;
        s.status = status;
        s.track = track;
        s.lane = std::uint16_t(spans.size());
        spans.push_back(s);
        attributes.emplace_back();
        return int(spans.size()) - 1;
    }
    int root(Nanos duration) { return add("GET /list", 0, duration, -1, SpanKind::Server); }
    void say(int span, std::string_view key, const std::string &value)
    {
        kept.push_back(value);
        attributes[std::size_t(span)].push_back({key, kept.back()});
    }
    int statement(const std::string &sql, Nanos start, Nanos duration)
    {
        const int at = add("SELECT shop", start, duration, 0);
        say(at, "db.query.text", sql);
        return at;
    }
};

/// The groups of a builder's only trace, with what they were made from.
struct Groups
{
    std::shared_ptr<SpanColumns> columns;
    std::shared_ptr<const TraceRows> rows;
    TraceSpans trace;
    CallTexts texts;
    std::vector<CallGroup> list;

    explicit Groups(const Builder &builder, bool withTexts = true, const CallGroupOptions &options = {})
        : columns(spanfixture::build(builder.spans,
            {spanfixture::service("web"), spanfixture::service("users"), spanfixture::service("redis"),
                spanfixture::service("mail")}))
        , rows(TraceRows::build(*columns, {}))
    {
        if (withTexts) {
            for (std::size_t i = 0; i < builder.spans.size(); ++i)
                texts.set(columns->rowOfId(std::int64_t(i) + 1), builder.attributes[i]);
        }
        trace.load(*columns, 0, rows->rows(0));
        callGroups(trace, *columns, texts, options, list);
    }
    QString kinds() const
    {
        QStringList names;
        for (const CallGroup &group : list) {
            const std::string_view name = callGroupKind(group.kind);
            names += QString::fromUtf8(name.data(), int(name.size())) + QLatin1Char(' ')
                + QString::number(group.calls.size());
        }
        return names.join(QLatin1String(", "));
    }
};

std::string user(int id) { return "SELECT * FROM users WHERE id = " + std::to_string(id); }

} // namespace

void TestCallGroups::names_data()
{
    QTest::addColumn<QByteArray>("operation");
    QTest::addColumn<int>("name");
    const auto row = [](const char *operation, CallName name) {
        QTest::newRow(operation) << QByteArray(operation) << int(name);
    };
    row("SELECT orders", CallName::Statement);
    row("Select all", CallName::Plain);
    row("dns.lookup", CallName::Dns);
    row("tcp.connect", CallName::Connect);
    row("GET /connect", CallName::Plain);
    row("reconnected", CallName::Plain);
    row("tls.handshake", CallName::Tls);
    row("titles", CallName::Plain);
    row("pool.acquire", CallName::Acquire);
    row("BEGIN", CallName::Begin);
    row("begin", CallName::Begin);
    row("COMMIT", CallName::End);
    row("ROLLBACK", CallName::End);
    row("db.transaction", CallName::Transaction);
    row("POST /transaction", CallName::Plain);
    row("", CallName::Plain);
}

void TestCallGroups::names()
{
    QFETCH(QByteArray, operation);
    QFETCH(int, name);
    QCOMPARE(int(callName(std::string_view(operation.constData(), std::size_t(operation.size())))), name);
}

void TestCallGroups::texts()
{
    CallTexts texts;
    const auto of = [&](std::vector<CallTexts::Attribute> attributes) {
        texts.set(1, attributes);
        return *texts.find(1);
    };
    const CallText one = of({{"db.query.text", "SELECT a FROM t WHERE i = 1 AND s = 'x'"}});
    const CallText two = of({{"db.statement", "SELECT a FROM t WHERE i = 22 AND s = 'yy'"}});
    QVERIFY(one.identity != 0 && one.isStatement && one.identity == two.identity);
    QVERIFY(one.value != 0 && one.value != two.value && !one.hasPlaceholder);
    // Escapes take the slow way and find the same statement.
    QCOMPARE(of({{"db.query.text", "SELECT a FROM t WHERE i = 22 AND s = 'y''y'"}}).identity, one.identity);
    QVERIFY(of({{"db.query.text", "SELECT a FROM t2 WHERE i = 1 AND s = 'x'"}}).identity != one.identity);
    const CallText bound = of({{"db.query.text", "SELECT a FROM t WHERE i = $1"}});
    QVERIFY(bound.hasPlaceholder && bound.value == 0);
    const auto withValue = [&](const char *value) {
        return of({{"db.query.text", "SELECT a FROM t WHERE i = $1"}, {"db.query.parameter.0", value}});
    };
    QVERIFY(!withValue("7").hasPlaceholder && withValue("7").value == withValue("7").value);
    QVERIFY(withValue("7").value != withValue("8").value);
    QCOMPARE(withValue("7").identity, bound.identity);
    const CallText http
        = of({{"url.full", "http://users:8080/users/17?full=1"}, {"http.request.method", "GET"}});
    QCOMPARE(texts.name(http.identity), std::string("GET /users/{}"));
    QCOMPARE(texts.name(http.peer), std::string("users:8080"));
    QVERIFY(http.value != of({{"url.full", "http://users:8080/users/18?full=1"}}).value);
    QVERIFY(of({{"error.type", "TimeoutError"}}).isTimeout && !of({{"error.type", "500"}}).isTimeout);
    const CallText first = of({{"db.system", "redis"}, {"db.statement", "GET user:1"}});
    QCOMPARE(texts.name(first.identity), std::string("GET"));
    QVERIFY(first.value != of({{"db.system", "redis"}, {"db.statement", "GET user:2"}}).value);
    QVERIFY(of({{"http.request.header.idempotency-key", "k"}}).onceKey != 0);
    // The new name of a key wins over the old one, in whatever order they come.
    QCOMPARE(texts.name(of({{"net.peer.name", "old"}, {"server.address", "new"}}).peer), std::string("new"));
    QVERIFY(texts.find(2) == nullptr);
}

void TestCallGroups::nPlusOne_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("each");
    QTest::addColumn<Nanos>("total"); // with the list
    QTest::addColumn<Nanos>("two"); // statements after batching
    QTest::newRow("51 statements") << 50 << 5 << 255 * kMs << 10 * kMs;
    QTest::newRow("101 statements") << 100 << 2 << 202 * kMs << 4 * kMs;
    QTest::newRow("list page") << 50 << 8 << 408 * kMs << 16 * kMs;
}

// FB-14: time = (1 + N) t, after batching 2 statements.
void TestCallGroups::nPlusOne()
{
    QFETCH(int, rows);
    QFETCH(int, each);
    QFETCH(Nanos, total);
    QFETCH(Nanos, two);
    Builder builder;
    builder.root(Nanos(rows + 2) * each * kMs);
    builder.statement("SELECT * FROM posts LIMIT 50", 0, each * kMs);
    for (int i = 0; i < rows; ++i)
        builder.statement(user(i), Nanos(i + 1) * each * kMs, each * kMs);
    const Groups groups(builder);
    QCOMPARE(groups.kinds(), QStringLiteral("n_plus_one %1").arg(rows));
    const CallGroup &group = groups.list.front();
    QCOMPARE(group.lead, each * kMs);
    QCOMPARE(group.total + group.lead, total);
    QCOMPARE(group.total + group.lead - group.saving, two);
    QCOMPARE(group.longest, each * kMs);
    QCOMPARE(group.maxParallel, 1u);
    QCOMPARE(group.fingerprint.size(), std::size_t(16));
    QCOMPARE(group.detail, std::to_string(rows) + " different values");
    // Without texts the calls are alike by their names, and the list is one of them.
    QCOMPARE(Groups(builder, false).kinds(), QStringLiteral("n_plus_one %1").arg(rows + 1));
    // One below the limit is no group.
    CallGroupOptions options;
    options.nPlusOneMin = std::uint32_t(rows) + 1;
    QCOMPARE(Groups(builder, true, options).kinds(), QString());
}

void TestCallGroups::hostsAndParallelCalls()
{
    Builder same;
    same.root(400 * kMs);
    for (int i = 0; i < 40; ++i)
        same.statement(user(7), i * 10 * kMs, 10 * kMs);
    const Groups repeated(same);
    QCOMPARE(repeated.kinds(), QStringLiteral("repeated_lookup 40"));
    QCOMPARE(repeated.list.front().saving, 390 * kMs);

    Builder shards;
    shards.root(400 * kMs);
    for (int i = 0; i < 16; ++i)
        shards.say(shards.statement(user(i), i * 10 * kMs, 10 * kMs), "server.address",
            "shard-" + std::to_string(i));
    QCOMPARE(Groups(shards).kinds(), QString());

    Builder parallel;
    parallel.root(400 * kMs);
    for (int i = 0; i < 16; ++i)
        parallel.say(parallel.statement(user(i), 10 * kMs, (10 + i) * kMs), "server.address",
            "shard-" + std::to_string(i));
    const Groups fanOut(parallel);
    QCOMPARE(fanOut.kinds(), QStringLiteral("fan_out 16"));
    QCOMPARE(fanOut.list.front().maxParallel, 16u);
    QCOMPARE(fanOut.list.front().longest, 25 * kMs);
    QCOMPARE(fanOut.list.front().saving, Nanos(0));

    // Other statements are no family, other tables neither.
    Builder tables;
    tables.root(400 * kMs);
    for (int i = 0; i < 8; ++i)
        tables.statement("SELECT a FROM t_" + std::string(1, char('a' + i)), i * 20 * kMs, 10 * kMs);
    QCOMPARE(Groups(tables).kinds(), QString());
}

void TestCallGroups::sequential_data()
{
    QTest::addColumn<int>("each");
    QTest::addColumn<int>("pause");
    QTest::addColumn<QString>("kinds");
    QTest::addColumn<Nanos>("saving");
    QTest::newRow("3 x 500 ms") << 500 << 0 << "sequential 3" << 1000 * kMs;
    QTest::newRow("3 x 150 ms") << 150 << 4 << "sequential 3" << 300 * kMs;
    QTest::newRow("5 ms between") << 150 << 5 << "" << Nanos(0);
}

// FB-15: sum - max.
void TestCallGroups::sequential()
{
    QFETCH(int, each);
    QFETCH(int, pause);
    QFETCH(QString, kinds);
    QFETCH(Nanos, saving);
    Builder builder;
    builder.root(2000 * kMs);
    for (int i = 0; i < 3; ++i)
        builder.add(std::string("POST /") + char('a' + i), Nanos(i) * (each + pause) * kMs, each * kMs, 0);
    const Groups groups(builder);
    QCOMPARE(groups.kinds(), kinds);
    if (!groups.list.empty()) {
        QCOMPARE(groups.list.front().saving, saving);
        QCOMPARE(groups.list.front().detail, std::string("assumes independence"));
        QCOMPARE(groups.list.front().fingerprint, std::string());
    }
    // Name resolution, connection and handshake have their order; a single call is nothing.
    Builder setup;
    setup.root(100 * kMs);
    setup.add("dns.lookup", 0, 10 * kMs, 0);
    setup.add("tcp.connect", 10 * kMs, 10 * kMs, 0);
    setup.add("tls.handshake", 20 * kMs, 10 * kMs, 0);
    setup.add("GET /a", 30 * kMs, 10 * kMs, 0);
    QCOMPARE(Groups(setup).kinds(), QString());
}

void TestCallGroups::retries()
{
    Builder builder;
    builder.root(1000 * kMs);
    builder.add("POST /charge", 0, 100 * kMs, 0, SpanKind::Client, SpanStatus::Error);
    builder.add("POST /charge", 150 * kMs, 100 * kMs, 0, SpanKind::Client, SpanStatus::Error);
    builder.add("POST /charge", 350 * kMs, 50 * kMs, 0);
    Groups groups(builder);
    QCOMPARE(groups.kinds(), QStringLiteral("retry 3"));
    QCOMPARE(groups.list.front().saving, 350 * kMs);
    QCOMPARE(groups.list.front().detail, std::string("3 attempts, 2 failed"));
    // Refused by the server, or over its limit: the status says so.
    Builder http = builder;
    for (Span &span : http.spans)
        span.status = SpanStatus::Unset;
    QCOMPARE(Groups(http).kinds(), QString());
    http.spans[1].http = 503;
    QCOMPARE(Groups(http).kinds(), QStringLiteral("retry 2"));
    // "Not found" for one value and then a look-up of another is no retry.
    Builder missing = builder;
    for (std::size_t i = 1; i < 4; ++i)
        missing.spans[i].http = 404;
    QCOMPARE(Groups(missing).kinds(), QString());
    Builder other = builder;
    for (int i = 1; i < 4; ++i)
        other.say(i, "url.full", "http://pay/charge/" + std::to_string(i));
    QCOMPARE(Groups(other).kinds(), QString());
    // No failure is marked, the pauses double.
    Builder backOff;
    backOff.root(1000 * kMs);
    for (const int start : {0, 35, 95, 205})
        backOff.add("GET /badges", start * kMs, 10 * kMs, 0);
    QCOMPARE(Groups(backOff).kinds(), QStringLiteral("retry 4"));
    backOff.spans.back().start = 165 * kMs;
    QCOMPARE(Groups(backOff).kinds(), QString());
    // Side by side is a hedge or a fan-out.
    Builder hedge;
    hedge.root(1000 * kMs);
    hedge.add("GET /a", 0, 100 * kMs, 0, SpanKind::Client, SpanStatus::Error);
    hedge.add("GET /a", 50 * kMs, 100 * kMs, 0);
    QCOMPARE(Groups(hedge).kinds(), QString());
}

// FR-01: three hops with four attempts each: 84 calls, 64 at the leaf, 63 retries = 75 %.
void TestCallGroups::retryStorm()
{
    Builder builder;
    const int root = builder.root(100'000 * kMs);
    std::vector<int> above{root};
    Nanos each = 1'000 * kMs;
    const char *const operations[] = {"GET /project", "GET /user", "GET /badges"};
    for (int hop = 0; hop < 3; ++hop) {
        std::vector<int> calls;
        for (const int parent : above) {
            for (int attempt = 0; attempt < 4; ++attempt) {
                const Nanos start = builder.spans[std::size_t(parent)].start + attempt * (each + each / 20);
                calls.push_back(builder.add(operations[hop], start, each, parent, SpanKind::Server,
                    attempt < 3 ? SpanStatus::Error : SpanStatus::Ok, std::uint32_t(hop + 1)));
            }
        }
        above = calls;
        each /= 5;
    }
    builder.spans[0].duration = 5'000 * kMs;
    QCOMPARE(builder.spans.size(), std::size_t(85));
    const Groups groups(builder);
    QCOMPARE(groups.list.size(), std::size_t(1 + 4 + 16));
    const RetryTree tree = retryTree(groups.trace, groups.list);
    QCOMPARE(tree.levels, 3u);
    QCOMPARE(tree.attempts, std::uint64_t(84));
    QCOMPARE(tree.retries, std::uint64_t(63));
    QCOMPARE(tree.leafAttempts, std::uint64_t(64));
    QCOMPARE(100 * tree.retries / tree.attempts, std::uint64_t(75));
    QCOMPARE(groups.columns->operations[groups.columns->operation[groups.trace.row[tree.leafCall]]],
        std::string("GET /badges"));
    QCOMPARE(retryTree(groups.trace, {}).levels, 0u);
}

void TestCallGroups::chatty()
{
    Builder builder;
    builder.root(100 * kMs);
    for (int i = 0; i < 4; ++i) {
        const int at = builder.add("GET", i * 2 * kMs, kMs, 0);
        builder.say(at, "db.system", "redis");
        builder.say(at, "db.statement", "GET user:" + std::to_string(i));
    }
    const Groups groups(builder);
    QCOMPARE(groups.kinds(), QStringLiteral("chatty 4"));
    QCOMPARE(groups.list.front().saving, 3 * kMs);
    // The same by the name of the service that is called; without either it is no cache.
    Builder named;
    named.root(100 * kMs);
    for (int i = 0; i < 4; ++i)
        named.add("GET", i * 2 * kMs, kMs, 0, SpanKind::Server, SpanStatus::Ok, 2);
    QCOMPARE(Groups(named).kinds(), QStringLiteral("chatty 4"));
    for (Span &span : named.spans)
        span.track = span.parent < 0 ? 0 : 3;
    QCOMPARE(Groups(named).kinds(), QString());
    // Slow ones are no hits.
    for (Span &span : builder.spans) {
        span.start *= 30;
        span.duration *= 30;
    }
    QCOMPARE(Groups(builder).kinds(), QString());
}

namespace {

/// One group as "kind parent operations": what both ways of finding them must agree on.
using Found = std::multiset<std::string>;

struct SlowCall
{
    int place = 0;
    Nanos start = 0, end = 0;
    std::string operation;
    bool isTaken = false;
};

std::string line(const char *kind, int parent, const std::vector<SlowCall *> &calls)
{
    std::string text = std::string(kind) + ' ' + std::to_string(parent) + ':';
    for (const SlowCall *call : calls)
        text += ' ' + std::to_string(call->place);
    return text;
}

int openAt(const std::vector<SlowCall *> &calls, Nanos t)
{
    return int(std::count_if(calls.begin(), calls.end(),
        [t](const SlowCall *c) { return c->start <= t && t < c->end; }));
}

// Nanosecond by nanosecond; calls without texts, failures and caches.
void slowFamilies(std::vector<SlowCall> &calls, int parent, Found &found)
{
    std::map<std::string, std::vector<SlowCall *>> families;
    for (SlowCall &call : calls)
        families[call.operation].push_back(&call);
    for (auto &[operation, family] : families) {
        Nanos sum = 0, covered = 0;
        for (const SlowCall *call : family)
            sum += call->end - call->start;
        for (Nanos t = 0; t < 500; ++t)
            covered += openAt(family, t) > 0 ? 1 : 0;
        if (family.size() < 5 || covered < sum / 2)
            continue;
        for (SlowCall *call : family)
            call->isTaken = true;
        found.insert(line("n_plus_one", parent, family));
    }
}

void slowFanOuts(std::vector<SlowCall> &calls, int parent, Found &found)
{
    std::vector<SlowCall *> free;
    for (SlowCall &call : calls) {
        if (!call.isTaken)
            free.push_back(&call);
    }
    std::vector<SlowCall *> cluster;
    for (Nanos t = 0; t <= 500; ++t) {
        const bool goesOn = std::any_of(free.begin(), free.end(),
            [t](const SlowCall *call) { return call->start < t && t < call->end; });
        const auto begin = [&] {
            for (SlowCall *call : free) {
                if (call->start == t)
                    cluster.push_back(call);
            }
        };
        if (goesOn) {
            begin();
            continue;
        }
        int most = 0;
        for (const SlowCall *call : cluster)
            most = std::max(most, openAt(cluster, call->start));
        if (most >= 3) {
            for (SlowCall *call : cluster)
                call->isTaken = true;
            found.insert(line("fan_out", parent, cluster));
        }
        cluster.clear();
        begin();
    }
}

void slowSequentials(std::vector<SlowCall> &calls, Nanos gap, int parent, Found &found)
{
    std::vector<std::vector<SlowCall *>> runs;
    for (std::size_t j = 0; j < calls.size(); ++j) {
        Nanos last = 0;
        for (std::size_t i = 0; i < j; ++i)
            last = std::max(last, calls[i].end);
        if (calls[j].isTaken)
            continue;
        const bool joins
            = j > 0 && !calls[j - 1].isTaken && last <= calls[j].start && calls[j].start - last < gap;
        if (!joins)
            runs.emplace_back();
        runs.back().push_back(&calls[j]);
    }
    for (const auto &run : runs) {
        std::vector<SlowCall *> once;
        for (SlowCall *call : run) {
            if (std::count_if(run.begin(), run.end(),
                    [call](const SlowCall *other) { return other->operation == call->operation; })
                == 1)
                once.push_back(call);
        }
        if (once.size() >= 2)
            found.insert(line("sequential", parent, once));
    }
}

} // namespace

void TestCallGroups::randomTraces()
{
    spanfixture::Random random(47);
    std::map<std::string, int> kinds;
    for (int round = 0; round < 400; ++round) {
        Builder builder;
        builder.root(1000);
        const int parents = 1 + int(random.below(3));
        for (int p = 1; p < parents; ++p)
            builder.add("inner", 0, 600, p - 1, SpanKind::Internal);
        const Nanos spread = 50 + random.below(400);
        const auto names = 2 + random.below(8);
        for (std::int64_t i = 4 + random.below(20); i > 0; --i) {
            const Nanos start = random.below(spread);
            builder.add("call " + std::string(1, char('a' + random.below(names))), start,
                1 + random.below(40), int(random.below(parents)),
                random.chance(90) ? SpanKind::Client : SpanKind::Internal);
        }
        CallGroupOptions options;
        options.gap = 1 + random.below(6);
        const Groups groups(builder, false, options);
        Found fast, slow;
        const auto place
            = [&](std::uint32_t local) { return int(groups.columns->spanId[groups.trace.row[local]]); };
        for (const CallGroup &group : groups.list) {
            std::vector<SlowCall> members;
            for (const std::uint32_t call : group.calls)
                members.push_back({place(call), 0, 0, {}, false});
            std::vector<SlowCall *> pointers;
            Nanos sum = 0;
            for (SlowCall &member : members) {
                pointers.push_back(&member);
                sum += builder.spans[std::size_t(member.place)].duration;
            }
            QCOMPARE(group.total, sum);
            const std::string kind(callGroupKind(group.kind));
            ++kinds[kind];
            fast.insert(line(kind.c_str(), place(group.parent), pointers));
        }
        for (int parent = 0; parent < parents; ++parent) {
            std::vector<SlowCall> calls;
            for (std::uint32_t i = 0; i < groups.trace.size(); ++i) { // the tree's order of equal starts
                const Span &span = builder.spans[std::size_t(place(i))];
                if (span.parent == parent && span.kind == SpanKind::Client)
                    calls.push_back(
                        {place(i), span.start, span.start + span.duration, span.operation, false});
            }
            slowFamilies(calls, parent, slow);
            slowFanOuts(calls, parent, slow);
            slowSequentials(calls, options.gap, parent, slow);
        }
        if (fast != slow) {
            for (const std::string &text : fast)
                qInfo("fast %s", text.c_str());
            for (const std::string &text : slow)
                qInfo("slow %s", text.c_str());
        }
        QVERIFY2(fast == slow, qPrintable(QString::number(round)));
    }
    QVERIFY(kinds["n_plus_one"] > 20 && kinds["fan_out"] > 20 && kinds["sequential"] > 20);
}

QTEST_GUILESS_MAIN(TestCallGroups)
#include "tst_callgroups.moc"
