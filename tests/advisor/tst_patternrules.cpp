// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules over patterns that analyses found: each on traces it must find and on their neighbours that it must
// leave alone.
#include "tracefixture.h"

#include <QTest>

using namespace tailscope;
using testing::TestSpan;
using testing::TraceFixture;

namespace {

using Trace = std::vector<TestSpan>;
using Traces = std::vector<Trace>;

Traces times(int n, const Trace &trace) { return Traces(std::size_t(n), trace); }

Traces operator+(Traces a, const Traces &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

TestSpan root(double ms) { return {-1, "shop", "GET /cart", 0, ms, SpanKind::Server}; }
TestSpan call(const char *operation, double start, double ms)
{
    return {0, "shop", operation, start, ms, SpanKind::Client};
}
TestSpan with(TestSpan span, const char *key, const std::string &value)
{
    span.more.emplace_back(key, value);
    return span;
}
TestSpan failed(TestSpan span)
{
    span.failed = true;
    return span;
}

const Trace kPlain{root(100), call("GET a", 0, 50), {0, "shop", "work", 50, 50}};

} // namespace

class TestPatternRules : public QObject
{
    Q_OBJECT

    static QString severity(const QString &findings, const char *rule)
    {
        for (const QString &line : findings.split(QLatin1Char('\n'))) {
            if (line.startsWith(QLatin1String(rule) + QLatin1Char(' ')))
                return line.section(QLatin1Char(' '), 1);
        }
        return {};
    }
    static void check(const char *rule, const char *expected, TraceFixture &fixture)
    {
        const QString name = QString::fromLatin1(rule) + QLatin1Char(' ');
        const QString found = severity(QString::fromStdString(fixture.findings()), rule);
        if (found != QLatin1String(expected)) {
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str());
        }
        QCOMPARE(name + found, name + QLatin1String(expected));
    }
    static void fires(const char *rule, const char *expected, const Traces &traces)
    {
        TraceFixture fixture(traces);
        check(rule, expected, fixture);
    }
    static void fires(const char *rule, const char *expected, TraceFixture &fixture)
    {
        check(rule, expected, fixture);
    }
    static void silent(const char *rule, const Traces &traces) { fires(rule, "", traces); }
    static void silent(const char *rule, TraceFixture &fixture) { check(rule, "", fixture); }
    static std::string evidence(TraceFixture &fixture, const char *rule, const char *key)
    {
        return fixture.text(std::string("SELECT json_extract(evidence, '$.") + key
            + "') FROM finding WHERE rule_id = '" + rule + "'");
    }

private Q_SLOTS:
    void repeatedLookup();
    void nPlusOneFigures();
    void chattyCache();
    void retryAmplification();
    void unsafeRetry();
    void fanOutTail();
    void firstSelfTimeChange();
    void slowSuccess();
    void periodicPeaks();
    void changePoints();
    void degradation();
    void connectionSetup();
    void callInTransaction();
    void chainDepth();
    void databaseShare();
    void externalCall();
    void alwaysTogether();
    void commonDependency();
    void retryAfterDeadline();
    void coldStart();
};

void TestPatternRules::repeatedLookup()
{
    const auto asks = [](int n, const char *values) {
        Trace trace{root(n * 10 + 20)};
        for (int i = 0; i < n; ++i)
            trace.push_back(with(call("SELECT users", 10 + i * 10, 10), "db.query.text",
                std::string("SELECT * FROM users WHERE id = ")
                    + (values ? values : std::to_string(i).c_str())));
        return trace;
    };
    fires("trace-repeated-lookup", "warning", times(10, asks(40, "7")));
    fires("trace-repeated-lookup", "warning", times(10, asks(3, "7")));
    silent("trace-repeated-lookup", times(10, asks(2, "7")));
    silent("trace-repeated-lookup", times(10, asks(40, nullptr)));
    silent("trace-repeated-lookup", times(18, kPlain) + times(2, asks(40, "7")));
}

// FB-14: 51 statements, 255 ms; 10 ms with two, 5 ms with a join; slope over pages of different length.
void TestPatternRules::nPlusOneFigures()
{
    const auto page = [](int rows, double each) {
        Trace trace{root((rows + 1) * each)};
        trace.push_back(with(call("SELECT posts", 0, each), "db.query.text", "SELECT * FROM posts"));
        for (int i = 0; i < rows; ++i)
            trace.push_back(with(call("SELECT users", (i + 1) * each, each), "db.query.text",
                "SELECT * FROM users WHERE id = " + std::to_string(i)));
        return trace;
    };
    TraceFixture fixture(times(10, page(50, 5)));
    fires("stmt-n-plus-one", "critical", fixture);
    for (const auto &[key, value] : {std::pair{"n", "50"}, {"sum_ms", "250.0"}, {"before_ms", "255.0"},
             {"after_ms", "10.0"}, {"join_ms", "5.0"}, {"slope_ms", "(null)"}}) {
        const double found = std::atof(evidence(fixture, "stmt-n-plus-one", key).c_str());
        QCOMPARE(QString::number(found), QString::number(std::atof(value)));
    }
    Traces pages;
    for (int rows = 1; rows <= 100; rows += 3)
        pages.push_back(page(rows, 10));
    TraceFixture slope(pages);
    fires("stmt-n-plus-one", "critical", slope);
    QCOMPARE(std::atof(evidence(slope, "stmt-n-plus-one", "slope_ms").c_str()), 10.0);
}

void TestPatternRules::chattyCache()
{
    const auto asks = [](int n, const char *system) {
        Trace trace{root(100)};
        for (int i = 0; i < n; ++i)
            trace.push_back(with(with(call("GET", i * 3, 2), "db.system", system), "db.statement",
                "GET user:" + std::to_string(i)));
        return trace;
    };
    fires("trace-chatty-cache", "info", times(10, asks(12, "redis")));
    fires("trace-chatty-cache", "info", times(10, asks(3, "memcached")));
    silent("trace-chatty-cache", times(10, asks(2, "redis")));
    silent("trace-chatty-cache", times(10, asks(12, "postgresql")));
    silent("trace-chatty-cache", times(18, kPlain) + times(2, asks(12, "redis")));
}

namespace {

/// Each hop calls the next one `attempts` times; all but the last attempt fail.
Trace storm(int hops, int attempts)
{
    Trace trace{{-1, "service0", "GET /0", 0, 100'000, SpanKind::Server}};
    std::vector<int> above{0};
    double each = 20'000;
    for (int hop = 1; hop <= hops; ++hop) {
        std::vector<int> calls;
        const std::string name = std::to_string(hop);
        for (const int parent : above) {
            for (int i = 0; i < attempts; ++i) {
                calls.push_back(int(trace.size()));
                TestSpan span{parent, "service" + name, "GET /" + name,
                    trace[std::size_t(parent)].startMs + i * each * 1.02, each, SpanKind::Server};
                span.failed = i + 1 < attempts;
                trace.push_back(span);
            }
        }
        above = calls;
        each /= attempts * 1.1;
    }
    return trace;
}

} // namespace

void TestPatternRules::retryAmplification()
{
    TraceFixture fixture(times(3, storm(3, 4)));
    fires("trace-retry-amplification", "critical", fixture);
    for (const auto &[key, value] : {std::pair{"attempts", "84"}, {"retries", "63"}, {"leaf_attempts", "64"},
             {"retry_pct", "75"}, {"leaf_per_min", "3840"}, {"levels", "3"}, {"leaf", "service3: GET /3"}})
        QCOMPARE(evidence(fixture, "trace-retry-amplification", key), std::string(value));
    fires("trace-retry-amplification", "warning", times(3, storm(2, 2)));
    // One hop that retries, however often, and none.
    silent("trace-retry-amplification", times(3, storm(1, 4)));
    silent("trace-retry-amplification", times(10, kPlain));
}

void TestPatternRules::unsafeRetry()
{
    const Trace lost{root(500), failed(call("POST /charge", 0, 100)), call("POST /charge", 150, 100)};
    fires("trace-unsafe-retry", "warning", times(5, lost));
    // Both came through: the pauses alone tell of retries.
    fires("trace-unsafe-retry", "critical",
        times(5,
            {root(900), call("POST /charge", 0, 100), call("POST /charge", 120, 100),
                call("POST /charge", 260, 100), call("POST /charge", 440, 100)}));
    Trace keyed = lost;
    for (std::size_t i = 1; i < keyed.size(); ++i)
        keyed[i] = with(keyed[i], "http.request.header.idempotency-key", "k1");
    silent("trace-unsafe-retry", times(5, keyed));
    Trace reads = lost;
    for (std::size_t i = 1; i < reads.size(); ++i)
        reads[i].operation = "GET /charge";
    silent("trace-unsafe-retry", times(5, reads));
    Trace refused = lost;
    refused[1].http = 409;
    silent("trace-unsafe-retry", times(5, refused));
}

// FT-07: one call of a hundred is slow, ten at a time.
void TestPatternRules::fanOutTail()
{
    const auto page = [](int number, int calls, bool sameCallee, int slowEvery) {
        Trace trace{root(200)};
        for (int i = 0; i < calls; ++i) {
            const int serial = number * calls + i;
            const bool isSlow = slowEvery > 0 && serial % slowEvery == 0;
            const std::string name = sameCallee ? "GET /part" : std::string("GET /") + char('a' + i);
            TestSpan span = call(name.c_str(), 0, isSlow ? 80 : 10 + serial * 7 % 35);
            trace.push_back(span);
        }
        return trace;
    };
    const auto pages = [&](int n, int calls, bool sameCallee, int slowEvery) {
        Traces traces;
        for (int i = 0; i < n; ++i)
            traces.push_back(page(i, calls, sameCallee, slowEvery));
        return traces;
    };
    // 97 is prime to 10: the slow calls go round the places, and hit a page in ten.
    TraceFixture fixture(pages(1940, 10, true, 97));
    fires("trace-fan-out-tail", "warning", fixture);
    const double parents = std::atof(evidence(fixture, "trace-fan-out-tail", "parent_pct").c_str());
    QVERIFY2(parents > 9.5 && parents < 11, qPrintable(QString::number(parents)));
    fires("trace-fan-out-tail", "warning", pages(1940, 10, false, 97));
    // One callee has all the slow calls: it is to blame.
    silent("trace-fan-out-tail", pages(400, 10, false, 20));
    silent("trace-fan-out-tail", pages(400, 4, true, 97));
    silent("trace-fan-out-tail", pages(50, 10, true, 97));
    Trace inARow{root(900)};
    for (int i = 0; i < 10; ++i)
        inARow.push_back(call("GET /part", i * 20, 15));
    silent("trace-fan-out-tail", times(200, inARow));
}

namespace {

/// A front that calls a leaf; the leaf takes leafMs(number), the front 10 ms of its own. A trace each 3 s.
template<typename LeafMs>
Traces chain(int n, LeafMs leafMs, double ownMs = 10)
{
    Traces traces;
    for (int i = 0; i < n; ++i) {
        const double leaf = leafMs(i);
        traces.push_back({{-1, "front", "GET /", 0, leaf + ownMs, SpanKind::Server},
            {0, "badges", "GET /badges", ownMs / 2, leaf, SpanKind::Server}});
    }
    return traces;
}

double step(int i) { return i < 400 ? 50.0 + i % 3 : 400.0 + i % 7; }
double still(int i) { return 50.0 + i % 3; }

} // namespace

void TestPatternRules::firstSelfTimeChange()
{
    TraceFixture fixture(chain(1000, step), 3000);
    fixture.addEvent(400 * 3 - 90, "deploy", "badges", "3.4.0");
    fires("trace-first-self-time-change", "critical", fixture);
    QCOMPARE(evidence(fixture, "trace-first-self-time-change", "service"), std::string("badges"));
    QCOMPARE(evidence(fixture, "trace-first-self-time-change", "followers"), std::string("front"));
    QVERIFY(evidence(fixture, "trace-first-self-time-change", "marker").starts_with("deploy badges at "));
    TraceFixture quiet(chain(1000, still), 3000);
    silent("trace-first-self-time-change", quiet);
    // The front alone gets slower, by itself: nobody follows.
    Traces own = chain(1000, still);
    for (std::size_t i = 400; i < own.size(); ++i)
        own[i][0].durationMs += 300;
    TraceFixture alone(own, 3000);
    silent("trace-first-self-time-change", alone);
    // Too few traces to speak of.
    TraceFixture few(chain(90, [](int i) { return i < 40 ? 50.0 : 400.0; }), 30'000);
    silent("trace-first-self-time-change", few);
}

void TestPatternRules::slowSuccess()
{
    TraceFixture fixture(chain(1000, step), 3000);
    fires("trace-slow-success", "critical", fixture);
    Traces failing = chain(1000, step);
    for (std::size_t i = 0; i < failing.size(); i += 20) {
        for (TestSpan &span : failing[i])
            span.failed = true;
    }
    TraceFixture failed(failing, 3000);
    silent("trace-slow-success", failed);
    TraceFixture quick(chain(1000, [](int i) { return i < 400 ? 2.0 : 20.0; }), 3000);
    silent("trace-slow-success", quick);
    TraceFixture same(chain(1000, still), 3000);
    silent("trace-slow-success", same);
}

void TestPatternRules::periodicPeaks()
{
    // A minute of slow answers each quarter of an hour; three hours.
    const auto peaks = [](int minutes) {
        return [minutes](int i) { return i / 20 % minutes == 3 ? 900.0 : 50.0 + i % 3; };
    };
    TraceFixture fixture(chain(3600, peaks(15)), 3000);
    fires("series-periodic-gc-or-cron", "warning", fixture);
    QCOMPARE(std::atof(evidence(fixture, "series-periodic-gc-or-cron", "period_ms").c_str()), 900e3);
    QCOMPARE(evidence(fixture, "series-periodic-gc-or-cron", "matches"),
        std::string("as long as one quarter of an hour"));
    TraceFixture checkpoint(chain(2400, peaks(5)), 3000);
    silent("series-periodic-gc-or-cron", checkpoint);
    TraceFixture sporadic(chain(2400,
                              [](int i) {
                                  const int minute = i / 20;
                                  return minute == 7 || minute == 20 || minute == 51 || minute == 60
                                          || minute == 101
                                      ? 900.0
                                      : 50.0;
                              }),
        3000);
    silent("series-periodic-gc-or-cron", sporadic);
    TraceFixture none(chain(1200, still), 3000);
    silent("series-periodic-gc-or-cron", none);
}

void TestPatternRules::changePoints()
{
    TraceFixture marked(chain(1000, step), 3000);
    marked.addEvent(400 * 3 - 300, "deploy", "badges", "3.4.0");
    fires("series-change-point-marker", "warning", marked);
    TraceFixture unmarked(chain(1000, step), 3000);
    unmarked.addEvent(990 * 3, "deploy", "badges", "much later");
    silent("series-change-point-marker", unmarked);
    fires("series-regression-without-change", "warning", unmarked);
    silent("series-regression-without-change", marked);
    // A drift has no moment, a level no change.
    TraceFixture drift(chain(1000, [](int i) { return 50 + i / 2.0; }), 3000);
    drift.addEvent(400 * 3, "deploy", "badges", "3.4.0");
    silent("series-change-point-marker", drift);
    TraceFixture level(chain(1000, still), 3000);
    level.addEvent(10, "deploy", "badges", "3.4.0");
    silent("series-regression-without-change", level);
}

void TestPatternRules::degradation()
{
    TraceFixture all(chain(1200, step), 3000);
    fires("dist-all-degraded", "warning", all);
    // One call in five is slow: the tail of every bin, never its middle.
    const auto oneInFive = [](int i) { return i >= 500 && i % 5 == 0 ? 700.0 : 50.0; };
    TraceFixture tail(chain(1200, oneInFive), 3000);
    silent("dist-all-degraded", tail);
    silent("dist-tail-with-errors", tail);
    TraceFixture none(chain(1200, still), 3000);
    silent("dist-all-degraded", none);
    // And those fail.
    const auto failing = [&](int from, bool slow) {
        Traces traces = chain(1200, [&](int i) { return slow ? oneInFive(i) : 50.0; });
        for (std::size_t i = std::size_t(from); i < traces.size(); i += 5) {
            for (TestSpan &span : traces[i])
                span.failed = true;
        }
        return traces;
    };
    TraceFixture both(failing(500, true), 3000);
    fires("dist-tail-with-errors", "warning", both);
    TraceFixture apart(failing(800, true), 3000);
    silent("dist-tail-with-errors", apart);
    TraceFixture errors(failing(500, false), 3000);
    silent("dist-tail-with-errors", errors);
}

void TestPatternRules::connectionSetup()
{
    const auto asks = [](bool connects, double ms) {
        Trace trace{root(ms + 12)};
        if (connects)
            trace.push_back(with(call("db.connect", 0, ms), "server.address", "db-1"));
        trace.push_back(with(with(call("SELECT orders", ms, 10), "db.query.text", "SELECT 1 FROM orders"),
            "server.address", "db-1"));
        return trace;
    };
    TraceFixture fixture(times(100, asks(true, 50)));
    fires("trace-connection-setup", "warning", fixture);
    QCOMPARE(evidence(fixture, "trace-connection-setup", "host"), std::string("db-1"));
    QCOMPARE(std::atof(evidence(fixture, "trace-connection-setup", "calls_pct").c_str()), 100.0);
    // Once after the start; quick; into a pool.
    silent("trace-connection-setup", times(95, asks(false, 50)) + times(5, asks(true, 50)));
    silent("trace-connection-setup", times(100, asks(true, 2)));
    silent("trace-connection-setup", times(70, asks(false, 50)) + times(30, asks(true, 50)));
    // Inside the client's span, and five times in one request (FB-10: 5 x 100 ms).
    Trace five{root(700)};
    for (int i = 0; i < 5; ++i) {
        five.push_back(with(call("GET /part", i * 130, 120), "server.address", "parts"));
        five.push_back({int(five.size()) - 1, "shop", "tls.handshake", i * 130.0, 100});
    }
    TraceFixture many(times(20, five));
    fires("trace-connection-setup", "warning", many);
    QCOMPARE(evidence(many, "trace-connection-setup", "most"), std::string("5"));
    QCOMPARE(evidence(many, "trace-connection-setup", "host"), std::string("parts"));
}

void TestPatternRules::callInTransaction()
{
    const auto order = [](double ms, bool inside) {
        const double at = inside ? 20 : 40;
        return Trace{root(ms + 60), call("BEGIN", 10, 1), call("INSERT orders", 11, 5),
            with(call("POST /charge", at, ms), "url.full", "https://pay.example/charge"),
            call("COMMIT", inside ? 20 + ms : 16, 2)};
    };
    fires("trace-external-call-in-transaction", "critical", times(20, order(5000, true)));
    fires("trace-external-call-in-transaction", "warning", times(20, order(100, true)));
    TraceFixture fixture(times(20, order(100, true)));
    fires("trace-external-call-in-transaction", "warning", fixture);
    QCOMPARE(std::atof(evidence(fixture, "trace-external-call-in-transaction", "overlap_ms").c_str()), 100.0);
    QCOMPARE(std::atof(evidence(fixture, "trace-external-call-in-transaction", "held_ms").c_str()), 109.0);
    QCOMPARE(std::atof(evidence(fixture, "trace-external-call-in-transaction", "sql_ms").c_str()), 5.0);
    silent("trace-external-call-in-transaction", times(20, order(100, false)));
    silent("trace-external-call-in-transaction", times(20, order(5, true)));
    silent("trace-external-call-in-transaction", times(20, kPlain));
    // A span around all of it.
    fires("trace-external-call-in-transaction", "warning",
        times(20,
            {root(200), {0, "shop", "db.transaction", 10, 180},
                {1, "shop", "POST /charge", 20, 100, SpanKind::Client},
                {1, "shop", "UPDATE orders", 130, 10, SpanKind::Client}}));
}

void TestPatternRules::chainDepth()
{
    const auto deep = [](int services) {
        Trace trace;
        for (int i = 0; i < services; ++i)
            trace.push_back({i - 1, "service" + std::to_string(i), "GET /" + std::to_string(i), double(i),
                200.0 - 2 * i, SpanKind::Server});
        return trace;
    };
    TraceFixture fixture(times(30, deep(4)));
    fires("trace-sync-chain-depth", "info", fixture);
    QCOMPARE(evidence(fixture, "trace-sync-chain-depth", "path"),
        std::string("service0 > service1 > service2 > service3"));
    fires("trace-sync-chain-depth", "warning", times(30, deep(6)));
    silent("trace-sync-chain-depth", times(30, deep(3)));
    silent("trace-sync-chain-depth", times(10, deep(6)));
}

void TestPatternRules::databaseShare()
{
    const auto asks = [](double statement, double whole) {
        return Trace{root(whole), call("SELECT a", 0, statement),
            {0, "shop", "work", statement, whole - statement}};
    };
    fires("trace-db-share", "info", times(20, asks(85, 100)));
    silent("trace-db-share", times(20, asks(70, 100)));
    silent("trace-db-share", times(20, asks(9, 10)));
    // Side by side they cover the time once.
    silent("trace-db-share", times(20, {root(100), call("SELECT a", 0, 45), call("SELECT b", 0, 45)}));
}

void TestPatternRules::externalCall()
{
    const auto pays = [](double ms, double whole) {
        return Trace{root(whole), with(call("POST /pay", 5, ms), "server.address", "pay.example")};
    };
    fires("trace-external-call-dominates", "warning", times(30, pays(60, 100)));
    fires("trace-external-call-dominates", "warning", times(30, pays(600, 2000)));
    silent("trace-external-call-dominates", times(30, pays(40, 100)));
    silent("trace-external-call-dominates", times(10, pays(60, 100)));
    // The callee has spans of its own: then it is no stranger.
    silent("trace-external-call-dominates",
        times(30,
            {root(100), with(call("POST /pay", 5, 80), "server.address", "pay"),
                {1, "pay", "POST /pay", 6, 78, SpanKind::Server}}));
}

void TestPatternRules::alwaysTogether()
{
    const Trace both{root(100), {0, "prices", "GET /price", 10, 50, SpanKind::Server}};
    const Trace other{{-1, "admin", "GET /admin", 0, 100, SpanKind::Server},
        {0, "prices", "GET /price", 10, 50, SpanKind::Server}};
    fires("trace-always-together", "info", times(120, both));
    silent("trace-always-together", times(120, both) + times(1, other));
    silent("trace-always-together", times(120, both) + times(5, kPlain));
    silent("trace-always-together", times(50, both));
}

void TestPatternRules::commonDependency()
{
    // Two services slow down in the same minute; both call a host without spans, or each its own.
    const auto two = [](const char *first, const char *second, int secondFrom) {
        Traces traces;
        for (int i = 0; i < 2000; ++i) {
            const bool isFirst = i % 2 == 0;
            const double ms = i >= (isFirst ? 800 : secondFrom) ? 400 : 20;
            TestSpan span{0, isFirst ? "cart" : "search", "GET auth", 1, ms, SpanKind::Client};
            traces.push_back({{-1, isFirst ? "cart" : "search", isFirst ? "GET /cart" : "GET /search", 0,
                                  ms + 5, SpanKind::Server},
                with(span, "server.address", isFirst ? first : second)});
        }
        return traces;
    };
    TraceFixture fixture(two("auth-host", "auth-host", 801), 1500);
    fires("trace-common-dependency", "warning", fixture);
    QCOMPARE(evidence(fixture, "trace-common-dependency", "shared"), std::string("auth-host"));
    QCOMPARE(evidence(fixture, "trace-common-dependency", "services"), std::string("cart, search"));
    TraceFixture apart(two("auth-host", "auth-host", 1601), 1500);
    silent("trace-common-dependency", apart);
    TraceFixture nothing(two("auth-host", "other-host", 801), 1500);
    silent("trace-common-dependency", nothing);
}

void TestPatternRules::retryAfterDeadline()
{
    const auto attempts = [](double second, const char *operation) {
        return Trace{root(100), failed(call("GET /stock", 5, 90)), call(operation, second, 40)};
    };
    TraceFixture fixture(times(20, attempts(150, "GET /stock")));
    fires("trace-retry-after-deadline", "warning", fixture);
    QCOMPARE(std::atof(evidence(fixture, "trace-retry-after-deadline", "late_ms").c_str()), 50.0);
    silent("trace-retry-after-deadline", times(20, attempts(96, "GET /stock")));
    // Something else after the answer is work that was left for later.
    silent("trace-retry-after-deadline", times(20, attempts(150, "POST /audit")));
    silent("trace-retry-after-deadline", times(2, attempts(150, "GET /stock")));
}

void TestPatternRules::coldStart()
{
    // A request a minute on one instance; ten minutes later two more begin, whose first request takes long.
    const auto serve = [](double firstMs, int idleFrom) {
        Traces traces;
        for (int i = 0; i < 60; ++i) {
            TestSpan span{-1, "shop", "GET /", 0, 40, SpanKind::Server};
            span.instance = i >= 10 && i % 3 != 0 ? (i % 3 == 1 ? "b" : "c") : "a";
            if (i == 10 || i == 11)
                span.durationMs = firstMs;
            if (idleFrom > 0 && i >= idleFrom) // everybody has nothing to do for a while
                span.startMs += 600'000;
            if (i == idleFrom)
                span.durationMs = firstMs;
            traces.push_back({span});
        }
        return traces;
    };
    TraceFixture fixture(serve(2500, 0), 60'000);
    fires("trace-cold-start", "info", fixture);
    QCOMPARE(evidence(fixture, "trace-cold-start", "slow"), std::string("2"));
    QCOMPARE(std::atof(evidence(fixture, "trace-cold-start", "excess_ms").c_str()), 2460.0);
    TraceFixture idle(serve(2500, 30), 60'000);
    fires("trace-cold-start", "warning", idle);
    TraceFixture quick(serve(400, 0), 60'000);
    silent("trace-cold-start", quick);
    // The first requests of the recording say nothing: the instances were there before.
    Traces early = serve(40, 0);
    early[0][0].durationMs = 5000;
    TraceFixture before(early, 60'000);
    silent("trace-cold-start", before);
}

QTEST_GUILESS_MAIN(TestPatternRules)
#include "tst_patternrules.moc"
