// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracegaps.h"
#include "tracebuilder.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace tailscope;
using namespace tailscope::analysis;
using tracebuilder::Builder;

class TestTraceGaps : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knownAnswers();
    void places();
    void whatHasNone();
    void clientAndServer();
    void againstEveryMoment();
};

namespace {

constexpr Nanos kMs = kNanosPerMilli;

std::vector<TraceGap> gapsOf(const SpanColumns &columns, Nanos atLeast = 1)
{
    const TraceSpans trace = tracebuilder::load(columns);
    const SpanClasses classes(columns);
    std::vector<TraceGap> gaps;
    traceGaps(trace, columns, classes, atLeast, gaps);
    return gaps;
}

Nanos totalOf(const std::vector<TraceGap> &gaps)
{
    Nanos sum = 0;
    for (const TraceGap &gap : gaps)
        sum += gap.duration;
    return sum;
}

} // namespace

// formulas.md FB-06.
void TestTraceGaps::knownAnswers()
{
    Builder overlap; // 0-6 and 4-9 in 0-10: the union is 9, not the sum 11
    const int parent = overlap.add("a", "parent", 0, 10, -1);
    overlap.add("a", "x", 0, 6, parent);
    overlap.add("a", "y", 4, 5, parent);
    QCOMPARE(totalOf(gapsOf(*overlap.build())), Nanos(1));

    Builder eight; // 8 s = 5 + 2 + 1 unaccounted
    const int order = eight.add("shop", "order", 0, 8000 * kMs, -1, SpanKind::Server);
    eight.add("shop", "payment", 0, 5000 * kMs, order);
    eight.add("shop", "database", 6000 * kMs, 2000 * kMs, order);
    QCOMPARE(totalOf(gapsOf(*eight.build())), 1000 * kMs);

    Builder checkout; // 1,200 = 450 + 350 + 80 + 15 + 50 + 255
    const int root = checkout.add("shop", "checkout", 0, 1200 * kMs, -1, SpanKind::Server);
    Nanos at = 0;
    for (const Nanos part : {450, 350, 80, 15, 50}) {
        checkout.add("shop", "part", at, part * kMs, root);
        at += part * kMs + (part == 15 ? 255 * kMs : 0);
    }
    const std::vector<TraceGap> gaps = gapsOf(*checkout.build());
    QCOMPARE(gaps.size(), std::size_t(1));
    QCOMPARE(gaps[0].duration, 255 * kMs);
    QCOMPARE(gaps[0].start, 895 * kMs);
}

void TestTraceGaps::places()
{
    Builder builder;
    const int root = builder.add("a", "root", 100, 100, -1);
    builder.add("a", "one", 110, 20, root);
    builder.add("a", "two", 150, 20, root);
    builder.add("a", "inside two", 155, 5, root);
    const auto columns = builder.build();
    const TraceSpans trace = tracebuilder::load(*columns);
    const std::vector<TraceGap> gaps = gapsOf(*columns);
    QCOMPARE(gaps.size(), std::size_t(3));
    const auto line = [&](const TraceGap &gap) {
        return std::string(name(gap.place)) + ' ' + tracebuilder::operationOf(*columns, trace, gap.before)
            + ' ' + tracebuilder::operationOf(*columns, trace, gap.after) + ' ' + std::to_string(gap.start)
            + ' ' + std::to_string(gap.duration);
    };
    QCOMPARE(line(gaps[0]), std::string("before_first - one 100 10"));
    QCOMPARE(line(gaps[1]), std::string("between one two 130 20"));
    QCOMPARE(line(gaps[2]), std::string("after_last two - 170 30"));
    QCOMPARE(gapsOf(*columns, 20).size(), std::size_t(2));
    QCOMPARE(gapsOf(*columns, 31).size(), std::size_t(0));
}

void TestTraceGaps::whatHasNone()
{
    Builder leaf;
    leaf.add("a", "leaf", 0, 100, -1);
    QVERIFY(gapsOf(*leaf.build()).empty());

    Builder async; // nobody waits for it: the span counts as a leaf
    const int sender = async.add("a", "send order", 0, 100, -1, SpanKind::Producer);
    async.add("b", "consume order", 10, 20, sender, SpanKind::Consumer);
    QVERIFY(gapsOf(*async.build()).empty());

    Builder unknown;
    const int open = unknown.add("a", "open", 0, 100, -1);
    unknown.add("a", "never ended", 10, kUnknownNanos, open);
    QVERIFY(gapsOf(*unknown.build()).empty());

    Builder empty; // a parent of length 0
    const int nothing = empty.add("a", "nothing", 5, 0, -1);
    empty.add("a", "child", 5, 0, nothing);
    QVERIFY(gapsOf(*empty.build()).empty());

    Builder clipped; // a child that sticks out on both sides covers it
    const int inner = clipped.add("a", "inner", 50, 100, -1);
    clipped.add("a", "outer", 40, 120, inner);
    QVERIFY(gapsOf(*clipped.build()).empty());
}

// 5.0 s before the server span: the way, not the server.
void TestTraceGaps::clientAndServer()
{
    Builder builder;
    const int client = builder.add("web", "GET", 0, 5095 * kMs, -1, SpanKind::Client);
    builder.add("api", "GET /price", 5000 * kMs, 90 * kMs, client, SpanKind::Server);
    const std::vector<TraceGap> gaps = gapsOf(*builder.build());
    QCOMPARE(gaps.size(), std::size_t(2));
    QCOMPARE(gaps[0].place, TraceGap::Place::BeforeFirst);
    QCOMPARE(gaps[0].duration, 5000 * kMs);
    QCOMPARE(gaps[0].timeClass, TimeClass::Network);
    QCOMPARE(gaps[1].duration, 5 * kMs);
    QCOMPARE(gaps[1].timeClass, TimeClass::Network);
}

// Whether a moment lies in a gap, asked of every stretch between two times of the trace.
void TestTraceGaps::againstEveryMoment()
{
    spanfixture::Random random(20260302);
    for (int round = 0; round < 200; ++round) {
        const auto columns = tracebuilder::randomTrace(random, 2 + int(random.below(30))).build();
        const TraceSpans trace = tracebuilder::load(*columns);
        const std::vector<TraceGap> gaps = gapsOf(*columns);
        std::set<Nanos> times;
        for (std::uint32_t i = 0; i < trace.size(); ++i)
            times.insert({trace.start[i], trace.endOf(i)});
        for (std::uint32_t span = 0; span < trace.size(); ++span) {
            if (trace.duration[span] == kUnknownNanos)
                continue;
            const auto covers = [&](std::uint32_t child, Nanos t) {
                return trace.parent[child] == span && trace.isAsync[child] == 0
                    && trace.duration[child] != kUnknownNanos && trace.start[child] <= t
                    && t < trace.endOf(child);
            };
            bool hasChild = false;
            Nanos free = 0;
            for (auto it = times.begin(); std::next(it) != times.end(); ++it) {
                if (*it < trace.start[span] || *it >= trace.endOf(span))
                    continue;
                bool covered = false;
                for (std::uint32_t child = 0; child < trace.size(); ++child)
                    covered = covered || covers(child, *it);
                hasChild = hasChild || covered;
                free += covered ? 0 : *std::next(it) - *it;
                const bool inGap = std::any_of(gaps.begin(), gaps.end(), [&](const TraceGap &gap) {
                    return gap.span == span && gap.start <= *it && *it < gap.start + gap.duration;
                });
                QVERIFY(!covered || !inGap);
            }
            Nanos told = 0;
            for (const TraceGap &gap : gaps)
                told += gap.span == span ? gap.duration : 0;
            QCOMPARE(told, hasChild ? free : 0);
        }
    }
}

QTEST_GUILESS_MAIN(TestTraceGaps)
#include "tst_tracegaps.moc"
