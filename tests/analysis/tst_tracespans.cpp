// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracespans.h"
#include "spanfixture.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

class TestTraceSpans : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsOfEveryTrace();
    void treeOfOneTrace();
    void cyclesAreCut();
    void randomTreesHoldTogether();
};

namespace {

Span span(const char *operation, Nanos start, Nanos duration, int parent, int trace,
    SpanKind kind = SpanKind::Internal)
{
    Span s;
    s.operation = operation;
    s.start = start;
    s.duration = duration;
    s.parent = parent;
    s.trace = trace;
    s.kind = kind;
    s.lane = std::uint16_t(parent + 1);
    return s;
}

} // namespace

void TestTraceSpans::rowsOfEveryTrace()
{
    const auto columns = spanfixture::randomColumns(7, 5000);
    const auto rows = TraceRows::build(*columns, {});
    QVERIFY(rows != nullptr);
    QCOMPARE(rows->traces(), columns->traceIds.size());
    std::size_t counted = 0;
    for (std::uint32_t t = 0; t < rows->traces(); ++t) {
        Nanos last = std::numeric_limits<Nanos>::min();
        for (const std::uint32_t row : rows->rows(t)) {
            QCOMPARE(columns->trace[row], t);
            QVERIFY(columns->start[row] >= last);
            last = columns->start[row];
            ++counted;
        }
    }
    std::size_t withTrace = 0;
    for (const std::uint32_t trace : columns->trace)
        withTrace += trace != kNoRow ? 1 : 0;
    QCOMPARE(counted, withTrace);
    CancelToken cancelled;
    cancelled.cancel();
    QVERIFY(TraceRows::build(*columns, cancelled) == nullptr);
}

void TestTraceSpans::treeOfOneTrace()
{
    const auto columns = spanfixture::build({span("root", 0, 100, -1, 0), span("late", 60, 20, 0, 0),
                                                span("early", 10, 20, 0, 0), span("leaf", 12, 5, 2, 0),
                                                span("queue", 70, 500, 0, 0, SpanKind::Async)},
        {spanfixture::service("web")});
    const auto rows = TraceRows::build(*columns, {});
    TraceSpans trace;
    trace.load(*columns, 0, rows->rows(0));
    const auto name = [&](std::uint32_t i) { return columns->operations[columns->operation[trace.row[i]]]; };
    QCOMPARE(trace.size(), std::size_t(5));
    QCOMPARE(name(trace.root), std::string("root"));
    QCOMPARE(trace.begin, Nanos(0));
    QCOMPARE(trace.end, Nanos(570));
    const std::uint32_t first = trace.firstChild[trace.root];
    QCOMPARE(name(first), std::string("early"));
    QCOMPARE(name(trace.nextSibling[first]), std::string("late"));
    const std::uint32_t third = trace.nextSibling[trace.nextSibling[first]];
    QCOMPARE(name(third), std::string("queue"));
    QVERIFY(trace.isAsync[third] == 1 && trace.isAsync[first] == 0);
    QCOMPARE(name(trace.firstChild[first]), std::string("leaf"));
    QCOMPARE(trace.nextSibling[third], kNoRow);
}

void TestTraceSpans::cyclesAreCut()
{
    auto columns
        = spanfixture::build({span("a", 0, 100, -1, 0), span("b", 10, 50, 0, 0), span("c", 20, 20, 1, 0)},
            {spanfixture::service("web")});
    std::uint32_t rowOf[3];
    for (std::uint32_t row = 0; row < 3; ++row)
        rowOf[columns->operations[columns->operation[row]][0] - 'a'] = row;
    columns->parent[rowOf[0]] = rowOf[2]; // a -> c -> b -> a
    const auto rows = TraceRows::build(*columns, {});
    TraceSpans trace;
    trace.load(*columns, 0, rows->rows(0));
    QCOMPARE(trace.row[trace.root], rowOf[0]);
    int roots = 0;
    for (const std::uint32_t parent : trace.parent)
        roots += parent == kNoRow ? 1 : 0;
    QCOMPARE(roots, 1);
}

void TestTraceSpans::randomTreesHoldTogether()
{
    const auto columns = spanfixture::randomColumns(11, 20'000);
    const auto rows = TraceRows::build(*columns, {});
    TraceSpans trace;
    for (std::uint32_t t = 0; t < rows->traces(); ++t) {
        trace.load(*columns, t, rows->rows(t));
        std::size_t linked = 0;
        for (std::uint32_t i = 0; i < trace.size(); ++i) {
            Nanos last = std::numeric_limits<Nanos>::min();
            for (std::uint32_t c = trace.firstChild[i]; c != kNoRow; c = trace.nextSibling[c]) {
                QCOMPARE(trace.parent[c], i);
                QVERIFY(trace.start[c] >= last);
                last = trace.start[c];
                ++linked;
            }
            linked += trace.parent[i] == kNoRow ? 1 : 0;
            QVERIFY(trace.start[i] >= trace.begin && trace.endOf(i) <= trace.end);
        }
        QCOMPARE(linked, trace.size());
    }
}

QTEST_GUILESS_MAIN(TestTraceSpans)
#include "tst_tracespans.moc"
