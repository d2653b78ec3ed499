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
             {"retry_pct", "75"}, {"per_thousand", "64000"}, {"levels", "3"}, {"leaf", "service3: GET /3"}})
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

QTEST_GUILESS_MAIN(TestPatternRules)
#include "tst_patternrules.moc"
