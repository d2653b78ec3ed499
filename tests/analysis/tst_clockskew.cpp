// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/clockskew.h"
#include "analysis/criticalpath.h"
#include "tracebuilder.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using tracebuilder::Builder;

class TestClockSkew : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void halfOfTheDifference();
    void subtreeOfTheHost();
    void laterAndAnswered();
    void longerThanItsCaller();
    void whatStays_data();
    void whatStays();
    void afterwardsNothingIsEarly();
};

namespace {

constexpr Nanos kMs = kNanosPerMilli;

std::uint32_t find(const SpanColumns &columns, const TraceSpans &trace, const std::string &operation)
{
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        if (tracebuilder::operationOf(columns, trace, i) == operation)
            return i;
    }
    return kNoRow;
}

} // namespace

// Client 100..300 ms, server clock 400 ms behind: 60 ms of way each side.
void TestClockSkew::halfOfTheDifference()
{
    Builder builder;
    const int client = builder.add("web", "call", 100 * kMs, 200 * kMs, -1, SpanKind::Client);
    builder.add("api", "serve", -240 * kMs, 80 * kMs, client, SpanKind::Server);
    const auto columns = builder.build();
    TraceSpans trace = tracebuilder::load(*columns);
    const std::uint32_t server = find(*columns, trace, "serve");
    const SkewCorrection correction = correctSkew(trace, *columns);
    QCOMPARE(correction.shift[server], 400 * kMs);
    QCOMPARE(correction.largest, 400 * kMs);
    QCOMPARE(correction.corrected, 1u);
    QCOMPARE(trace.start[server], 160 * kMs);
    QCOMPARE(trace.begin, 100 * kMs);
    QCOMPARE(trace.end, 300 * kMs);
    // A second time there is nothing left to do.
    QCOMPARE(correctSkew(trace, *columns).corrected, 0u);
}

void TestClockSkew::subtreeOfTheHost()
{
    Builder builder;
    const int client = builder.add("web", "call", 0, 200 * kMs, -1, SpanKind::Client);
    const int server = builder.add("api/1", "serve", -400 * kMs, 100 * kMs, client, SpanKind::Server);
    const int inner = builder.add("api/1", "inner", -390 * kMs, 50 * kMs, server);
    builder.add("api/1", "query", -380 * kMs, 20 * kMs, inner, SpanKind::Client);
    // Back on the first host: its clock is right, and now it lies inside.
    builder.add("web", "callback", 70 * kMs, 10 * kMs, server, SpanKind::Server);
    const auto columns = builder.build();
    TraceSpans trace = tracebuilder::load(*columns);
    const SkewCorrection correction = correctSkew(trace, *columns);
    QCOMPARE(correction.corrected, 3u);
    for (const char *operation : {"serve", "inner", "query"})
        QCOMPARE(correction.shift[find(*columns, trace, operation)], 450 * kMs);
    QCOMPARE(correction.shift[find(*columns, trace, "callback")], Nanos(0));
    // Relinked: children in the order of their new times.
    const std::uint32_t first = trace.firstChild[find(*columns, trace, "serve")];
    QCOMPARE(tracebuilder::operationOf(*columns, trace, first), std::string("inner"));
    QCOMPARE(tracebuilder::operationOf(*columns, trace, trace.nextSibling[first]), std::string("callback"));
}

// A clock 400 ms ahead: the call looks asynchronous until it is put back, and then it is on the path.
void TestClockSkew::laterAndAnswered()
{
    Builder builder;
    const int client = builder.add("web", "call", 0, 200 * kMs, -1, SpanKind::Client);
    builder.add("api", "serve", 450 * kMs, 100 * kMs, client, SpanKind::Server);
    const auto columns = builder.build();
    TraceSpans trace = tracebuilder::load(*columns);
    const std::uint32_t server = find(*columns, trace, "serve");
    QCOMPARE(trace.isAsync[server], std::uint8_t(1));
    QCOMPARE(correctSkew(trace, *columns).largest, 400 * kMs);
    QCOMPARE(trace.isAsync[server], std::uint8_t(0));
    std::vector<PathSegment> path;
    criticalPath(trace, *columns, SpanClasses(*columns), path);
    QCOMPARE(path.size(), std::size_t(3));
    QCOMPARE(path[1].span, server);
    QCOMPARE(path[1].duration, 100 * kMs);
}

void TestClockSkew::longerThanItsCaller()
{
    Builder builder;
    const int client = builder.add("web", "call", 0, 200 * kMs, -1, SpanKind::Client);
    builder.add("api", "serve", -50 * kMs, 300 * kMs, client, SpanKind::Server);
    const auto columns = builder.build();
    TraceSpans trace = tracebuilder::load(*columns);
    correctSkew(trace, *columns);
    QCOMPARE(trace.start[find(*columns, trace, "serve")], kNanosPerMicro);
}

void TestClockSkew::whatStays_data()
{
    QTest::addColumn<QString>("service");
    QTest::addColumn<int>("kind");
    QTest::addColumn<qlonglong>("startMs");
    QTest::addColumn<qlonglong>("durationMs");
    const auto row = [](const char *title, const char *service, SpanKind kind, int start, int duration) {
        QTest::newRow(title) << QString::fromLatin1(service) << int(kind) << qlonglong(start)
                             << qlonglong(duration);
    };
    row("inside", "api", SpanKind::Server, 10, 100);
    row("the same host", "web", SpanKind::Server, -100, 50);
    row("within the tolerance", "api", SpanKind::Server, -2, 100);
    row("work after a time-out", "api", SpanKind::Server, 10, 900);
    row("late, but nobody says it was waited for", "api", SpanKind::Internal, 500, 20);
    row("asynchronous", "api", SpanKind::Async, -100, 20);
}

void TestClockSkew::whatStays()
{
    QFETCH(QString, service);
    QFETCH(int, kind);
    QFETCH(qlonglong, startMs);
    QFETCH(qlonglong, durationMs);
    Builder builder;
    const int client = builder.add("web", "call", 0, 200 * kMs, -1, SpanKind::Client);
    builder.add(service.toStdString(), "other", startMs * kMs, durationMs * kMs, client, SpanKind(kind));
    const auto columns = builder.build();
    TraceSpans trace = tracebuilder::load(*columns);
    const std::vector<Nanos> before = trace.start;
    const SkewCorrection correction = correctSkew(trace, *columns);
    QCOMPARE(correction.corrected, 0u);
    QCOMPARE(correction.largest, Nanos(0));
    QCOMPARE(trace.start, before);
}

void TestClockSkew::afterwardsNothingIsEarly()
{
    spanfixture::Random random(99);
    int corrected = 0;
    for (int round = 0; round < 300; ++round) {
        const auto columns = tracebuilder::randomTrace(random, 2 + int(random.below(40))).build();
        TraceSpans trace = tracebuilder::load(*columns);
        const TraceSpans before = trace;
        const SkewCorrection correction = correctSkew(trace, *columns);
        corrected += int(correction.corrected);
        std::uint32_t shifted = 0;
        for (std::uint32_t i = 0; i < trace.size(); ++i) {
            QCOMPARE(trace.start[i], before.start[i] + correction.shift[i]);
            QCOMPARE(trace.duration[i], before.duration[i]);
            shifted += correction.shift[i] != 0 ? 1 : 0;
            const std::uint32_t parent = trace.parent[i];
            if (parent == kNoRow) {
                QCOMPARE(correction.shift[i], Nanos(0));
                continue;
            }
            const auto serviceOf
                = [&](std::uint32_t k) { return columns->tracks[columns->track[trace.row[k]]].service; };
            const auto kindOf = [&](std::uint32_t k) { return SpanKind(columns->kind[trace.row[k]]); };
            if (serviceOf(i) == serviceOf(parent)) {
                QCOMPARE(correction.shift[i], correction.shift[parent]);
            } else if (kindOf(i) != SpanKind::Async && trace.duration[i] >= 0 && trace.duration[parent] >= 0
                && !(kindOf(i) == SpanKind::Consumer && kindOf(parent) == SpanKind::Producer)) {
                const Nanos slack = std::max(kMs, trace.duration[parent] / 100);
                QVERIFY(trace.start[i] >= trace.start[parent] - slack);
            }
        }
        QCOMPARE(shifted, correction.corrected);
    }
    QVERIFY(corrected > 100); // the traces were worth correcting
}

QTEST_GUILESS_MAIN(TestClockSkew)
#include "tst_clockskew.moc"
