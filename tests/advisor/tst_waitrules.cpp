// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules about waits, gaps and the critical path, on traces they must find and on their neighbours.
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
TestSpan step(const char *operation, double start, double ms, SpanKind kind = SpanKind::Internal)
{
    return {0, "shop", operation, start, ms, kind};
}

} // namespace

class TestWaitRules : public QObject
{
    Q_OBJECT

    static void fires(const char *rule, const char *expected, const Traces &traces)
    {
        TraceFixture fixture(traces);
        fixture.findings();
        const std::string found = fixture.text(
            "SELECT coalesce(max(severity), '') FROM finding WHERE rule_id = '" + std::string(rule) + "'");
        if (found != expected)
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str());
        QCOMPARE(rule + (' ' + found), rule + (' ' + std::string(expected)));
    }
    static void silent(const char *rule, const Traces &traces) { fires(rule, "", traces); }
    static QString evidence(TraceFixture &fixture, const char *rule, const char *column)
    {
        return QString::fromStdString(fixture.text("SELECT json_extract(evidence, '$." + std::string(column)
            + "') FROM finding WHERE rule_id = '" + rule + "'"));
    }

private Q_SLOTS:
    void waitDominates();
    void waitIsToldInWords();
    void waitsOffThePathAreQuiet();
    void gapsOnThePathOnly();
    void gapSaysWhatLiesThere();
    void gapBeforeTheServer();
    void callerWaitsLonger();
    void edgeToApplication();
    void answersOfManySizes();
    void messagesWait();
    void sideWork();
    void pathShares();
};

void TestWaitRules::waitDominates()
{
    const auto pool = [](double wait) {
        return Trace{root(wait + 40), step("pool.acquire", 10, wait),
            step("SELECT products", 10 + wait, 12, SpanKind::Client), step("render", 22 + wait, 18)};
    };
    fires("trace-wait-dominates", "critical", times(20, pool(400)));
    fires("trace-wait-dominates", "warning", times(20, pool(80)));
    fires("trace-wait-dominates", "critical", times(1, pool(400)));
    // A tail of waits among many quick requests is what it is for.
    fires("trace-wait-dominates", "critical", times(500, pool(5)) + times(12, pool(900)));
    silent("trace-wait-dominates",
        times(20, {root(200), step("pool.acquire", 0, 90), step("work", 90, 110)}));
    // Quick requests, and work that is called like a place.
    silent("trace-wait-dominates", times(20, {root(60), step("pool.acquire", 0, 50)}));
    silent("trace-wait-dominates", times(20, {root(500), step("GET /queue/wait", 0, 450)}));
    // In few of the slow ones.
    silent("trace-wait-dominates", times(18, {root(500), step("work", 0, 490)}) + times(2, pool(400)));
}

void TestWaitRules::waitIsToldInWords()
{
    TraceFixture fixture(times(12,
        {root(28'400), step("pool.acquire", 40, 28'300),
            step("SELECT products", 28'340, 12, SpanKind::Client), step("serialize", 28'352, 40)}));
    fixture.findings();
    QCOMPARE(fixture.text("SELECT title FROM finding WHERE rule_id = 'trace-wait-dominates'"),
        std::string("28.3 s of 28.4 s (99.65 %) are waiting in shop: pool.acquire"));
    const QString summary = QString::fromStdString(
        fixture.text("SELECT summary FROM finding WHERE rule_id = 'trace-wait-dominates'"));
    QVERIFY2(summary.contains(QLatin1String("In 12 of the 12 slowest traces of shop: GET /cart")),
        qPrintable(summary));
    QVERIFY2(summary.contains(QLatin1String("what it waits for, SELECT products, takes 12 ms (0.04 %)")),
        qPrintable(summary));
    QCOMPARE(fixture.text(
                 "SELECT s.operation FROM finding AS f JOIN span AS s ON s.id = json_extract(f.evidence,"
                 " '$.example_span_id') WHERE f.rule_id = 'trace-wait-dominates'"),
        std::string("pool.acquire"));
    // The example is the slowest that succeeded.
    Trace failed{root(30'100), step("pool.acquire", 50, 30'000)};
    failed[0].failed = true;
    TraceFixture mixed(times(5, failed)
        + Traces{
            {root(500), step("pool.acquire", 50, 400), step("SELECT products", 450, 12, SpanKind::Client)}});
    mixed.findings();
    QCOMPARE(evidence(mixed, "trace-wait-dominates", "total_ms"), QStringLiteral("500"));
    QCOMPARE(evidence(mixed, "trace-wait-dominates", "hits"), QStringLiteral("6"));
}

void TestWaitRules::waitsOffThePathAreQuiet()
{
    // A worker waits for its lock while the request is busy elsewhere.
    silent("trace-wait-dominates", times(20, {root(500), step("lock.wait", 0, 400), step("report", 0, 500)}));
    silent("trace-wait-dominates",
        times(20, {root(500), {0, "shop", "queue.wait", 10, 5000, SpanKind::Async}, step("report", 0, 500)}));
}

void TestWaitRules::gapsOnThePathOnly()
{
    const auto trace = [](double other) {
        return Trace{root(200), step("batch", 0, 160), {1, "shop", "one", 0, 40}, {1, "shop", "two", 120, 40},
            step("other", 0, other)};
    };
    fires("trace-unaccounted-gap", "warning", times(20, trace(150)));
    // The same gap while the request waits for something longer costs nothing.
    silent("trace-unaccounted-gap", times(20, trace(200)));
}

void TestWaitRules::gapSaysWhatLiesThere()
{
    Trace trace{root(28'400), step("SELECT products", 28'340, 12, SpanKind::Client),
        step("serialize", 28'352, 48)};
    trace[1].key = "db.system.name";
    trace[1].value = "postgresql";
    TraceFixture fixture(times(10, trace));
    fixture.findings();
    const auto column = [&](const char *name) { return evidence(fixture, "trace-unaccounted-gap", name); };
    QCOMPARE(column("place"), QStringLiteral("before SELECT products"));
    QCOMPARE(column("likely"),
        QStringLiteral("the wait for a connection of the pool, when no span shows it"));
    QCOMPARE(column("gap_ms"), QStringLiteral("28340"));
    QCOMPARE(column("longest_share"), QStringLiteral("99.79 %"));
    QCOMPARE(fixture.text("SELECT severity FROM finding WHERE rule_id = 'trace-unaccounted-gap'"),
        std::string("critical"));
}

// A call with a server of its own: ms before the server begins, of work, and of the way back.
static Trace served(double lead, double work, double back, const char *reused = "yes")
{
    Trace trace{{-1, "web", "GET /page", 0, lead + work + back + 4, SpanKind::Server},
        {0, "web", "GET price", 2, lead + work + back, SpanKind::Client},
        {1, "price", "GET /price", 2 + lead, work, SpanKind::Server}};
    trace[1].key = "network.connection.reused";
    trace[1].value = reused;
    return trace;
}

void TestWaitRules::gapBeforeTheServer()
{
    const Traces quick = times(100, served(2, 90, 1));
    fires("trace-gap-dns", "critical", quick + times(12, served(5000, 90, 1, "no")));
    fires("trace-gap-dns", "warning", quick + times(12, served(120, 90, 1, "no")));
    silent("trace-gap-dns", quick);
    silent("trace-gap-dns", quick + times(2, served(5000, 90, 1, "no")));
    // Distance works both ways; queues are of all lengths.
    silent("trace-gap-dns", times(100, served(120, 90, 110)));
    silent("trace-gap-dns",
        quick + times(5, served(100, 90, 1)) + times(5, served(400, 90, 1)) + times(2, served(2000, 90, 1)));
    TraceFixture fixture(quick + times(12, served(5000, 90, 1, "no")));
    fixture.findings();
    QCOMPARE(evidence(fixture, "trace-gap-dns", "trait"),
        QStringLiteral("all have network.connection.reused=no, which hardly any other call has"));
    QCOMPARE(evidence(fixture, "trace-gap-dns", "hits"), QStringLiteral("12"));
    QCOMPARE(evidence(fixture, "trace-gap-dns", "calls"), QStringLiteral("112"));
    QCOMPARE(evidence(fixture, "trace-gap-dns", "gap_ms"), QStringLiteral("5000"));
    QVERIFY(evidence(fixture, "trace-gap-dns", "shape").contains(QLatin1String("resolver")));
}

void TestWaitRules::callerWaitsLonger()
{
    fires("trace-client-server-gap", "warning", times(120, served(100, 50, 100)));
    silent("trace-client-server-gap", times(60, served(100, 50, 100)));
    silent("trace-client-server-gap", times(120, served(40, 50, 40)));
    silent("trace-client-server-gap", times(120, served(4, 2, 4)));
}

void TestWaitRules::edgeToApplication()
{
    const auto trace = [](double gap) {
        return Trace{{-1, "edge", "GET /", 0, gap + 60, SpanKind::Server},
            {0, "app", "GET /", gap, 50, SpanKind::Server}};
    };
    fires("trace-edge-to-app-gap", "warning", times(10, trace(150)) + times(10, trace(300)));
    silent("trace-edge-to-app-gap", times(10, trace(50)) + times(10, trace(90)));
    // The same in every request: an offset of the clocks.
    silent("trace-edge-to-app-gap", times(20, trace(150)));
    silent("trace-edge-to-app-gap", times(20, trace(5)) + times(4, trace(300)));
}

void TestWaitRules::answersOfManySizes()
{
    const auto traces = [](auto sizeOf) {
        Traces all;
        for (int i = 0; i < 40; ++i) {
            Trace trace{root(60 + 5 * i), step("SELECT rows", 0, 10, SpanKind::Client)};
            trace[0].key = "http.response.body.size";
            trace[0].value = std::to_string(sizeOf(i));
            all.push_back(trace);
        }
        return all;
    };
    fires("trace-gap-serialization", "warning", traces([](int i) { return 20'000 + 10'000 * i; }));
    silent("trace-gap-serialization", traces([](int i) { return i % 2 == 0 ? 20'000 : 400'000; }));
    silent("trace-gap-serialization", traces([](int i) { return 900'000 - 10'000 * i; }));
    silent("trace-gap-serialization", traces([](int) { return 20'000; }));
}

void TestWaitRules::messagesWait()
{
    const auto message = [](double waitMs, double workMs) {
        return Trace{root(80), step("orders publish", 20, 10, SpanKind::Producer),
            {1, "worker", "orders process", 30 + waitMs, workMs, SpanKind::Consumer}};
    };
    fires("trace-async-queue-wait", "warning", times(5, message(7'200'000, 40)));
    silent("trace-async-queue-wait", times(5, message(30'000, 40)));
    silent("trace-async-queue-wait", times(5, message(120'000, 60'000)));
    TraceFixture fixture(times(1, message(7'200'000, 40)));
    fixture.findings();
    QCOMPARE(evidence(fixture, "trace-async-queue-wait", "wait_ms"), QStringLiteral("7200000"));
    QCOMPARE(evidence(fixture, "trace-async-queue-wait", "work_ms"), QStringLiteral("40"));
    // The request itself took 80 ms: nothing of the two hours is on its path.
    QCOMPARE(fixture.text("SELECT duration_ns / 1000000 FROM trace_time"), std::string("80"));
}

void TestWaitRules::sideWork()
{
    const auto trace = [](double ms, SpanKind kind) {
        return Trace{root(500 + ms), step("charge", 0, 500),
            {0, "notification", "send confirmation", 500, ms, kind}};
    };
    fires("trace-side-work-on-critical-path", "warning", times(10, trace(300, SpanKind::Server)));
    silent("trace-side-work-on-critical-path", times(10, trace(30, SpanKind::Server)));
    silent("trace-side-work-on-critical-path", times(10, trace(300, SpanKind::Async)));
    TraceFixture fixture(times(10, trace(300, SpanKind::Server)));
    fixture.findings();
    QCOMPARE(evidence(fixture, "trace-side-work-on-critical-path", "rest_ms"), QStringLiteral("500"));
}

void TestWaitRules::pathShares()
{
    const Trace trace{root(800), {0, "payment", "charge", 0, 500, SpanKind::Server},
        {0, "stock", "reserve", 500, 200, SpanKind::Server}};
    fires("trace-path-shares", "info", times(10, trace));
    silent("trace-path-shares", times(10, {root(80), step("work", 0, 70)}));
    TraceFixture fixture(times(10, trace));
    fixture.findings();
    QCOMPARE(evidence(fixture, "trace-path-shares", "parts"),
        QStringLiteral("payment 62.5 %, stock 25 %, time in no span 12.5 %"));
}

QTEST_GUILESS_MAIN(TestWaitRules)
#include "tst_waitrules.moc"
