// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/whatif.h"

#include "analysis/tracepaths.h"
#include "tracebuilder.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using tracebuilder::Builder;
using Kind = WhatIfEdit::Kind;

namespace {

constexpr Nanos kMs = kNanosPerMilli;

/// The checkout of 1.2 s: network 50, cache 15, three queries of 150 one after the other, application 80, 255
/// that no span accounts for, payment 350.
Builder checkout()
{
    Builder b;
    const int root = b.add("shop", "POST /checkout", 0, 1200 * kMs, -1, SpanKind::Server);
    Nanos at = 0;
    const auto add = [&](const char *operation, Nanos ms) {
        b.add("shop", operation, at, ms * kMs, root, SpanKind::Client);
        at += ms * kMs;
    };
    add("network", 50);
    add("cache", 15);
    add("SELECT user", 150);
    add("SELECT cart", 150);
    add("SELECT stock", 150);
    add("render", 80);
    at += 255 * kMs;
    add("charge", 350);
    return b;
}

WhatIfEdit edit(Kind kind, const char *operation, double factor = 1, Nanos cap = 0)
{
    WhatIfEdit e;
    e.kind = kind;
    e.operation = operation;
    e.factor = factor;
    e.cap = cap;
    return e;
}

std::vector<WhatIfEdit> queries(Kind kind, Nanos cap = 0)
{
    return {edit(kind, "SELECT user", 1, cap), edit(kind, "SELECT cart", 1, cap),
        edit(kind, "SELECT stock", 1, cap)};
}

Nanos total(const Builder &builder, const std::vector<WhatIfEdit> &edits)
{
    const auto columns = builder.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    return WhatIfScheduler().run(trace, WhatIfPlan(*columns, edits)).duration;
}

std::vector<WhatIfEdit> operator+(std::vector<WhatIfEdit> a, const std::vector<WhatIfEdit> &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

} // namespace

class TestWhatIf : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knownAnswers();
    void offThePathGainsNothing();
    void dependenciesAreKept();
    void ownTimeBetweenParallelCallsStays();
    void nestedSpans();
    void onlyTheNamedService();
    void withoutEditsNothingChanges();
    void fasterIsNeverSlower();
    void percentilesOfASet();
};

void TestWhatIf::knownAnswers()
{
    const Builder b = checkout();
    QCOMPARE(total(b, {}), 1200 * kMs);
    const auto parallel = queries(Kind::Parallel);
    QCOMPARE(total(b, parallel), 900 * kMs);
    const auto indexed = parallel + queries(Kind::Cap, 20 * kMs);
    QCOMPARE(total(b, indexed), 770 * kMs);
    const auto accounted = indexed + std::vector{edit(Kind::ScaleGaps, "POST /checkout", 0)};
    QCOMPARE(total(b, accounted), 515 * kMs);
    QCOMPARE(total(b, accounted + std::vector{edit(Kind::Async, "charge")}), 165 * kMs);
    // Two of three from a cache that answers in 1 ms.
    QCOMPARE(total(b, {edit(Kind::Cap, "SELECT user", 1, kMs), edit(Kind::Cap, "SELECT cart", 1, kMs)}),
        902 * kMs);
    // Gains are not a sum: indexing one of three that run in parallel leaves the other two.
    QCOMPARE(total(b, parallel + std::vector{edit(Kind::Cap, "SELECT user", 1, 20 * kMs)}), 900 * kMs);
    // While the payment stays on the path nothing else goes below it.
    QVERIFY(total(b,
                accounted
                    + std::vector{edit(Kind::Remove, "network"), edit(Kind::Remove, "cache"),
                        edit(Kind::Remove, "render")})
        >= 350 * kMs);
}

void TestWhatIf::offThePathGainsNothing()
{
    Builder b;
    const int root = b.add("a", "root", 0, 100 * kMs, -1, SpanKind::Server);
    b.add("a", "long", 10 * kMs, 80 * kMs, root);
    b.add("a", "short", 10 * kMs, 30 * kMs, root);
    b.add("a", "background", 20 * kMs, 500 * kMs, root, SpanKind::Async);
    QCOMPARE(total(b, {edit(Kind::Remove, "short")}), 100 * kMs);
    QCOMPARE(total(b, {edit(Kind::Remove, "background")}), 100 * kMs);
    // When the long one shrinks, the short one is what is waited for.
    QCOMPARE(total(b, {edit(Kind::Remove, "long")}), 50 * kMs);
    QCOMPARE(total(b, {edit(Kind::Scale, "long", 0.5)}), 60 * kMs);
}

void TestWhatIf::dependenciesAreKept()
{
    // "last" began when both were done: it waits for the slower of them whatever becomes of the other.
    Builder b;
    const int root = b.add("a", "root", 0, 100'000, -1);
    b.add("a", "one", 0, 50'000, root);
    b.add("a", "two", 0, 40'000, root);
    b.add("a", "last", 60'000, 30'000, root);
    QCOMPARE(total(b, {edit(Kind::Scale, "one", 0.2)}), Nanos(90'000));
    QCOMPARE(total(b, {edit(Kind::Scale, "two", 0.2)}), Nanos(100'000));
    QCOMPARE(total(b, {edit(Kind::Remove, "one"), edit(Kind::Remove, "two")}), Nanos(50'000));
    QCOMPARE(total(b, {edit(Kind::Scale, "one", 2)}), Nanos(150'000));
    QCOMPARE(total(b, {edit(Kind::Async, "one"), edit(Kind::Async, "two")}), Nanos(50'000));
}

void TestWhatIf::ownTimeBetweenParallelCallsStays()
{
    Builder b;
    const int root = b.add("a", "root", 0, 1'000'000, -1);
    b.add("a", "q", 100'000, 200'000, root);
    b.add("a", "q", 350'000, 200'000, root); // 50 us of work between them
    b.add("a", "after", 600'000, 300'000, root);
    // 100 lead + 200 + 50 own before "after" (its own gap) + the 50 carried + 300 + 100 tail.
    QCOMPARE(total(b, {edit(Kind::Parallel, "q")}), Nanos(800'000));
    QCOMPARE(total(b, {edit(Kind::Parallel, "q"), edit(Kind::ScaleGaps, "root", 0)}), Nanos(500'000));
    // One alone has nobody to run beside.
    QCOMPARE(total(b, {edit(Kind::Parallel, "after")}), Nanos(1'000'000));
}

void TestWhatIf::nestedSpans()
{
    Builder b;
    const int root = b.add("web", "root", 0, 1000, -1, SpanKind::Server);
    const int call = b.add("web", "call", 100, 600, root, SpanKind::Client);
    const int server = b.add("stock", "serve", 150, 500, call, SpanKind::Server);
    b.add("stock", "query", 200, 400, server, SpanKind::Client);
    QCOMPARE(total(b, {edit(Kind::Scale, "query", 0.25)}), Nanos(700));
    QCOMPARE(total(b, {edit(Kind::Scale, "serve", 0.5)}), Nanos(750)); // as a whole
    QCOMPARE(total(b, {edit(Kind::ScaleGaps, "serve", 0)}), Nanos(900)); // 50 + 50 around the query
    QCOMPARE(total(b, {edit(Kind::Cap, "call", 1, 100)}), Nanos(500));
    QCOMPARE(total(b, {edit(Kind::Remove, "root")}), Nanos(0)); // never below 0
}

void TestWhatIf::onlyTheNamedService()
{
    Builder b;
    const int root = b.add("web", "root", 0, 100, -1);
    b.add("a", "get", 0, 40, root);
    b.add("b", "get", 50, 40, root);
    WhatIfEdit e = edit(Kind::Remove, "get");
    QCOMPARE(total(b, {e}), Nanos(20));
    e.service = "b";
    QCOMPARE(total(b, {e}), Nanos(60));
    e.service = "c";
    QCOMPARE(total(b, {e}), Nanos(100));
}

void TestWhatIf::withoutEditsNothingChanges()
{
    spanfixture::Random random(77);
    for (int i = 0; i < 300; ++i) {
        const Builder b = tracebuilder::randomTrace(random, 2 + int(random.below(60)));
        const auto columns = b.build();
        const TraceSpans trace = tracebuilder::load(*columns);
        // An edit that matches everything and changes nothing runs the whole schedule.
        std::vector<WhatIfEdit> edits;
        for (const std::string &operation : columns->operations)
            edits.push_back(edit(Kind::Cap, operation.c_str(), 1, std::numeric_limits<Nanos>::max()));
        const auto outcome = WhatIfScheduler().run(trace, WhatIfPlan(*columns, edits));
        QCOMPARE(outcome.duration, trace.duration[trace.root]);
    }
}

void TestWhatIf::fasterIsNeverSlower()
{
    spanfixture::Random random(78);
    for (int i = 0; i < 400; ++i) {
        const Builder b = tracebuilder::randomTrace(random, 2 + int(random.below(60)));
        const auto columns = b.build();
        const TraceSpans trace = tracebuilder::load(*columns);
        const Nanos before = trace.duration[trace.root];
        const char *operation = i % 2 == 0 ? "step" : "pool.acquire";
        Nanos last = before;
        for (const double factor : {0.8, 0.5, 0.1, 0.0}) {
            const std::vector edits{edit(Kind::Scale, operation, factor)};
            const Nanos now = WhatIfScheduler().run(trace, WhatIfPlan(*columns, edits)).duration;
            QVERIFY(now <= last + 1 && now >= 0); // rounding of a scaled span
            last = now;
        }
        const std::vector parallel{edit(Kind::Parallel, operation)};
        QVERIFY(WhatIfScheduler().run(trace, WhatIfPlan(*columns, parallel)).duration <= before);
    }
}

void TestWhatIf::percentilesOfASet()
{
    // 100 traces of 100 ms; in the last ten a lock takes 900 ms more.
    Builder b;
    for (int t = 0; t < 100; ++t) {
        const bool isSlow = t >= 90;
        const Nanos at = Nanos(t) * 10'000 * kMs;
        const int root = b.add("a", "root", at, (isSlow ? 1000 : 100) * kMs, -1, SpanKind::Server, t);
        b.add("a", "query", at + 10 * kMs, 80 * kMs, root, SpanKind::Client, t);
        if (isSlow)
            b.add("a", "lock", at + 90 * kMs, 900 * kMs, root, SpanKind::Internal, t);
    }
    const auto columns = b.build();
    const auto rows = TraceRows::build(*columns, {});
    const std::vector<std::uint32_t> traces = allTraces(*rows);
    const std::vector lock{edit(Kind::Remove, "lock")}, query{edit(Kind::Scale, "query", 0.5)};
    const auto unlocked = whatIf(*columns, *rows, traces, lock, {});
    QVERIFY(unlocked != nullptr);
    QCOMPARE(unlocked->traces, 100);
    QCOMPARE(unlocked->changed, 10);
    QCOMPARE(unlocked->faster, 10);
    QCOMPARE(unlocked->p50Before, 100 * kMs);
    QCOMPARE(unlocked->p99Before, 1000 * kMs);
    QCOMPARE(unlocked->p50After, 100 * kMs);
    QCOMPARE(unlocked->p99After, 100 * kMs);
    const auto halved = whatIf(*columns, *rows, traces, query, {});
    QCOMPARE(halved->p50After, 60 * kMs);
    QCOMPARE(halved->p99After, 960 * kMs);
    QCOMPARE(halved->meanAfter, double(150 * kMs));
    // With weights the slow ones are rare.
    columns->traceWeight.assign(100, 100);
    std::fill(columns->traceWeight.begin() + 90, columns->traceWeight.end(), 1.0F);
    const auto weighted = whatIf(*columns, *rows, traces, query, {});
    QVERIFY(weighted->weighted);
    QCOMPARE(weighted->p99Before, 100 * kMs);
    CancelToken cancelled;
    cancelled.cancel();
    QVERIFY(!whatIf(*columns, *rows, traces, query, cancelled));
}

QTEST_GUILESS_MAIN(TestWhatIf)
#include "tst_whatif.moc"
