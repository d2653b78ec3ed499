// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callpatterns.h"
#include "analysis/requestpatterns.h"
#include "spanfixture.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

class TestCallPatterns : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fanOutOfTen();
    void limits();
    void sampling();
    void rates();
    void writes();
    void randomSums();
};

namespace {

Span span(const char *operation, int trace, int parent, Nanos start, Nanos duration, SpanKind kind)
{
    Span s;
    s.operation = operation;
    s.trace = trace;
    s.parent = parent;
    s.start = start;
    s.duration = duration;
    s.kind = kind;
    s.lane = std::uint16_t(parent < 0 ? 0 : 1);
    return s;
}

/// `traces` requests a second apart, each with `calls` calls at even distances.
std::vector<Span> requests(int traces, int calls, Nanos each, Nanos pause, const char *root = "GET /")
{
    std::vector<Span> spans;
    for (int t = 0; t < traces; ++t) {
        const Nanos at = t * kNanosPerSecond;
        const int parent = int(spans.size());
        spans.push_back(span(root, t, -1, at, 900 * kNanosPerMilli, SpanKind::Server));
        for (int i = 0; i < calls; ++i)
            spans.push_back(span("GET item", t, parent, at + i * (each + pause), each, SpanKind::Client));
    }
    return spans;
}

CallFindings find(const SpanColumns &columns, const CallPatternLimits &limits = {})
{
    const auto rows = TraceRows::build(columns, {});
    const auto found = findCalls(columns, *rows, nullptr, {}, limits);
    if (!found)
        qFatal("%s", found.error().toText().c_str());
    return *found;
}

} // namespace

// FT-07: 1 - 0.99^10 = 9.562 % over 20,000 pages.
void TestCallPatterns::fanOutOfTen()
{
    spanfixture::Random random(57065);
    std::vector<Span> spans;
    for (int t = 0; t < 20'000; ++t) {
        const Nanos at = t * kNanosPerSecond;
        const int parent = int(spans.size());
        spans.push_back(span("GET /page", t, -1, at, 100 * kNanosPerMilli, SpanKind::Server));
        for (int i = 0; i < 10; ++i) {
            const Nanos length = random.below(10'000) < 100 ? 80'000 : 10'000 + random.below(35'000);
            spans.push_back(span("GET /part", t, parent, at, length * kNanosPerMicro, SpanKind::Client));
        }
    }
    CallPatternLimits all;
    all.calls = 1'000'000;
    const CallFindings found = find(*spanfixture::build(spans, {spanfixture::service("page")}), all);
    QCOMPARE(found.fanOutTails.size(), std::size_t(1));
    const FanOutTail &tail = found.fanOutTails.front();
    QCOMPARE(tail.nP50, std::int64_t(10));
    QCOMPARE(tail.groups, std::int64_t(20'000));
    QVERIFY(std::abs(tail.callShare - 0.01) < 0.001);
    QVERIFY2(std::abs(tail.groupShare - 0.0956) < 0.008, qPrintable(QString::number(tail.groupShare)));
    QVERIFY(std::abs(tail.predicted - tail.groupShare) < 0.008);
    QVERIFY(std::abs(tail.predicted - (1 - std::pow(1 - tail.callShare, 10))) < 1e-12);
}

void TestCallPatterns::limits()
{
    const auto columns = spanfixture::build(requests(50, 8, 10 * kNanosPerMilli, 2 * kNanosPerMilli),
        {spanfixture::service("shop")});
    const CallFindings found = find(*columns);
    QCOMPARE(found.examined, std::int64_t(50));
    QCOMPARE(found.groups.size(), std::size_t(50));
    QCOMPARE(found.patterns.size(), std::size_t(1));
    const CallPattern &pattern = found.patterns.front();
    QVERIFY(pattern.kind == CallGroup::Kind::NPlusOne);
    QCOMPARE(pattern.groups, std::int64_t(50));
    QCOMPARE(pattern.traces, std::int64_t(50));
    QCOMPARE(pattern.nP50, std::int64_t(8));
    QCOMPARE(pattern.total, 80 * kNanosPerMilli);
    QCOMPARE(pattern.saving, 70 * kNanosPerMilli);
    QCOMPARE(pattern.operation, std::string("GET item"));
    QCOMPARE(pattern.endpointOperation, std::string("GET /"));
    QVERIFY(std::isnan(pattern.slope)); // one size tells no slope
    // Fewer rows are kept, the sums stay whole.
    CallPatternLimits few;
    few.groups = 5;
    const CallFindings cut = find(*columns, few);
    QCOMPARE(cut.groups.size(), std::size_t(5));
    QCOMPARE(cut.patterns.front().groups, std::int64_t(50));
}

void TestCallPatterns::sampling()
{
    std::vector<Span> spans = requests(1000, 5, 10 * kNanosPerMilli, 0);
    std::vector<Span> rare = requests(15, 5, 10 * kNanosPerMilli, 0, "GET /rare");
    for (Span &s : rare) {
        s.parent += s.parent < 0 ? 0 : int(spans.size());
        s.trace += 1000;
    }
    spans.insert(spans.end(), rare.begin(), rare.end());
    const auto columns = spanfixture::build(spans, {spanfixture::service("shop")});
    const auto rows = TraceRows::build(*columns, {});
    QCOMPARE(sampledTraces(*columns, *rows, 100'000).size(), std::size_t(1015));
    // 6,090 calls into 609: the first 20 of each endpoint, then every tenth.
    const auto chosen = sampledTraces(*columns, *rows, 609);
    QCOMPARE(chosen.size(), std::size_t(15 + 20 + 98));
    QVERIFY(std::is_sorted(chosen.begin(), chosen.end()));
    QCOMPARE(std::set(chosen.begin(), chosen.end()).size(), chosen.size());
}

void TestCallPatterns::rates()
{
    auto columns
        = spanfixture::build(requests(61, 1, 10 * kNanosPerMilli, 0), {spanfixture::service("shop")});
    const auto rows = TraceRows::build(*columns, {});
    const auto operation = columns->operation[rows->rows(0).front()];
    QCOMPARE(requestRates(*columns, *rows)[std::pair(std::string("shop"), operation)], 60.0);
    columns->traceWeight.assign(61, 100.0f);
    QCOMPARE(requestRates(*columns, *rows)[std::pair(std::string("shop"), operation)], 6000.0);
}

void TestCallPatterns::writes()
{
    for (const char *name : {"POST /charge", "INSERT orders", "payments.Charge", "transfer"})
        QVERIFY2(changesData(name), name);
    for (const char *name : {"GET /payments", "SELECT charge", "HEAD /a", "users.List", ""})
        QVERIFY2(!changesData(name), name);
}

// Sums over all traces are the sums of the groups of each.
void TestCallPatterns::randomSums()
{
    const auto columns = spanfixture::randomColumns(23, 20'000);
    const auto rows = TraceRows::build(*columns, {});
    const CallFindings found = find(*columns);
    CallGrouper grouper(*columns);
    TraceSpans trace;
    std::vector<CallGroup> groups;
    std::int64_t count = 0;
    for (std::uint32_t t = 0; t < rows->traces(); ++t) {
        trace.load(*columns, t, rows->rows(t));
        groups.clear();
        grouper.find(trace, {}, groups);
        count += std::int64_t(groups.size());
    }
    std::int64_t recurring = 0;
    for (const CallPattern &pattern : found.patterns)
        recurring += pattern.groups;
    QVERIFY(found.patterns.size() < CallPatternLimits().patterns);
    QCOMPARE(recurring, count);
}

QTEST_GUILESS_MAIN(TestCallPatterns)
#include "tst_callpatterns.moc"
