// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracediff.h"

#include "analysis/tracerows.h"
#include "spanfixture.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

namespace {

constexpr Nanos kMs = 1'000'000;

struct Loaded
{
    std::shared_ptr<SpanColumns> columns;
    TraceSpans spans[2];
    std::vector<PathSegment> path[2];
    TraceDiff diff() const { return diffTraces(*columns, {spans[0], path[0]}, {spans[1], path[1]}); }
};

Loaded load(const std::vector<Span> &list, const std::vector<TrackInfo> &tracks)
{
    Loaded loaded;
    loaded.columns = spanfixture::build(list, tracks);
    const auto rows = TraceRows::build(*loaded.columns, {});
    const SpanClasses classes(*loaded.columns);
    for (const std::uint32_t i : {0U, 1U}) {
        loaded.spans[i].load(*loaded.columns, i, rows->rows(i));
        criticalPath(loaded.spans[i], *loaded.columns, classes, loaded.path[i]);
    }
    return loaded;
}

Span span(int trace, const char *operation, std::uint32_t track, Nanos start, Nanos duration, int parent = -1)
{
    Span made;
    made.operation = operation;
    made.track = track;
    made.start = start * kMs;
    made.duration = duration * kMs;
    made.parent = parent;
    made.trace = trace;
    // Lanes do not matter here, but spans of one must not overlap.
    made.lane = std::uint16_t(track * 100 + std::uint32_t(parent + 1));
    return made;
}

/// A takes 100 ms, B 1,300 ms: 1,100 more in pool.acquire, one query more.
Loaded shop()
{
    return load({span(0, "POST /pay", 0, 0, 100), span(0, "pool.acquire", 0, 10, 20, 0),
                    span(0, "SELECT a", 1, 30, 10, 0), span(0, "SELECT a", 1, 40, 15, 0),
                    span(0, "log", 0, 60, 5, 0), span(1, "POST /pay", 0, 5000, 1300),
                    span(1, "pool.acquire", 0, 5010, 1120, 5), span(1, "SELECT a", 1, 6130, 12, 5),
                    span(1, "SELECT a", 1, 6142, 15, 5), span(1, "SELECT a", 1, 6157, 50, 5)},
        {spanfixture::service("web"), spanfixture::service("db")});
}

const TraceDiffRow *rowOf(const Loaded &loaded, const TraceDiff &diff, const char *name, int nth)
{
    for (const TraceDiffRow &row : diff.rows) {
        const int side = row.a != kNoRow ? 0 : 1;
        const std::uint32_t local = side == 0 ? row.a : row.b;
        const std::uint32_t column = loaded.spans[side].row[local];
        if (loaded.columns->operations[loaded.columns->operation[column]] == name && nth-- == 0)
            return &row;
    }
    return nullptr;
}

/// Slow and independent: the name of a span is its way from the root, with the number of its like siblings
/// before it.
std::string wayOf(const SpanColumns &columns, const TraceSpans &spans, std::uint32_t i)
{
    if (i == spans.root)
        return "/";
    const auto key = [&](std::uint32_t s) {
        const TrackInfo &track = columns.tracks[columns.track[spans.row[s]]];
        return (track.service.empty() ? track.process : track.service) + '\x01'
            + columns.operations[columns.operation[spans.row[s]]];
    };
    int before = 0;
    for (std::uint32_t other = 0; other < spans.size(); ++other) {
        if (other == i || other == spans.root || spans.parent[other] != spans.parent[i]
            || key(other) != key(i))
            continue;
        const auto order = [&](std::uint32_t s) { return std::tuple(spans.start[s], -spans.duration[s], s); };
        before += order(other) < order(i);
    }
    const std::string above
        = spans.parent[i] == kNoRow ? std::string("beside") : wayOf(columns, spans, spans.parent[i]);
    return above + '\x02' + key(i) + '\x03' + std::to_string(before);
}

} // namespace

class TestTraceDiff : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knownAnswer();
    void rootsBelongTogether();
    void unknownIsNotZero();
    void oneIsEmpty();
    void randomAgainstWays();
};

void TestTraceDiff::knownAnswer()
{
    const Loaded loaded = shop();
    const TraceDiff diff = loaded.diff();
    QCOMPARE(diff.requestA, 100 * kMs);
    QCOMPARE(diff.requestB, 1300 * kMs);
    QCOMPARE(diff.both, 4U);
    QCOMPARE(diff.onlyA, 1U); // log
    QCOMPARE(diff.onlyB, 1U); // the third SELECT
    QCOMPARE(diff.rows.front().totalDelta(), 1200 * kMs);
    // A's own time: 100 - 20 - 10 - 15 - 5; B's: 1300 - 1120 - 12 - 15 - 50.
    QCOMPARE(diff.rows.front().selfA, 50 * kMs);
    QCOMPARE(diff.rows.front().selfB, 103 * kMs);
    const TraceDiffRow *second = rowOf(loaded, diff, "SELECT a", 1);
    QVERIFY(second && second->isBoth());
    QCOMPARE(second->totalA, 15 * kMs);
    QCOMPARE(second->totalB, 15 * kMs);
    const TraceDiffRow *third = rowOf(loaded, diff, "SELECT a", 2);
    QVERIFY(third && third->a == kNoRow);
    QCOMPARE(third->totalDelta(), 50 * kMs);
    QCOMPARE(third->parent, 0U);
    QCOMPARE(third->depth, 1U);
    const TraceDiffPart &most = diff.parts.front();
    QCOMPARE(loaded.columns->operations[loaded.columns->operation[most.row]], std::string("pool.acquire"));
    QCOMPARE(most.delta(), 1100 * kMs);
    QVERIFY(most.timeClass == TimeClass::Wait);
    Nanos sum = 0;
    for (const TraceDiffPart &part : diff.parts)
        sum += part.delta();
    QCOMPARE(sum, 1200 * kMs);
}

void TestTraceDiff::rootsBelongTogether()
{
    const Loaded loaded = load({span(0, "GET /a", 0, 0, 10), span(0, "work", 0, 1, 5, 0),
                                   span(1, "GET /b", 1, 100, 30), span(1, "work", 0, 101, 25, 2)},
        {spanfixture::service("web"), spanfixture::service("edge")});
    const TraceDiff diff = loaded.diff();
    QCOMPARE(diff.rows.size(), std::size_t(2));
    QCOMPARE(diff.both, 2U);
    QCOMPARE(diff.rows[1].totalDelta(), 20 * kMs);
}

void TestTraceDiff::unknownIsNotZero()
{
    std::vector<Span> list{span(0, "r", 0, 0, 10), span(0, "x", 0, 1, 5, 0), span(1, "r", 0, 100, 30),
        span(1, "x", 0, 101, 25, 2)};
    list[1].duration = kUnknownNanos;
    const TraceDiff diff = load(list, {spanfixture::service("web")}).diff();
    QCOMPARE(diff.rows[1].totalDelta(), kUnknownNanos);
    QCOMPARE(diff.rows[1].selfDelta(), kUnknownNanos);
    QCOMPARE(diff.rows[0].totalDelta(), 20 * kMs);
}

void TestTraceDiff::oneIsEmpty()
{
    const Loaded loaded = shop();
    const TraceSpans nothing;
    const std::vector<PathSegment> noPath;
    const TraceDiff diff = diffTraces(*loaded.columns, {nothing, noPath}, {loaded.spans[1], loaded.path[1]});
    QCOMPARE(diff.onlyB, 5U);
    QCOMPARE(diff.both + diff.onlyA, 0U);
    QCOMPARE(diff.requestA, kUnknownNanos);
}

void TestTraceDiff::randomAgainstWays()
{
    spanfixture::Random random(11);
    for (int round = 0; round < 60; ++round) {
        std::vector<Span> list;
        for (const int trace : {0, 1}) {
            const int first = int(list.size()), n = 1 + int(random.below(40));
            for (int i = 0; i < n; ++i) {
                const int parent = i == 0 ? -1 : random.chance(4) ? -1 : first + int(random.below(i));
                const std::string name(1, char('a' + random.below(3)));
                Span made = span(trace, name.c_str(), std::uint32_t(random.below(2)),
                    trace * 10'000 + 1 + random.below(900), 1 + random.below(200), parent);
                if (i == 0) {
                    made.start = trace * 10'000 * kMs;
                    made.duration = 1000 * kMs;
                }
                made.lane = std::uint16_t(list.size());
                list.push_back(made);
            }
        }
        const Loaded loaded = load(list, {spanfixture::service("p"), spanfixture::service("q")});
        const TraceDiff diff = loaded.diff();
        std::map<std::string, std::uint32_t> ways[2];
        for (const int side : {0, 1}) {
            for (std::uint32_t i = 0; i < loaded.spans[side].size(); ++i)
                ways[side][wayOf(*loaded.columns, loaded.spans[side], i)] = i;
            QCOMPARE(ways[side].size(), loaded.spans[side].size());
        }
        std::size_t seen[2] = {0, 0};
        for (std::size_t r = 0; r < diff.rows.size(); ++r) {
            const TraceDiffRow &row = diff.rows[r];
            QVERIFY(row.parent == kNoRow || row.parent < r);
            const int side = row.a != kNoRow ? 0 : 1;
            const std::string way = wayOf(*loaded.columns, loaded.spans[side], side == 0 ? row.a : row.b);
            for (const int each : {0, 1}) {
                const auto found = ways[each].find(way);
                const std::uint32_t local = each == 0 ? row.a : row.b;
                QCOMPARE(local, found == ways[each].end() ? kNoRow : found->second);
                seen[each] += local != kNoRow;
            }
        }
        QCOMPARE(seen[0], loaded.spans[0].size());
        QCOMPARE(seen[1], loaded.spans[1].size());
        Nanos sum = 0;
        for (const TraceDiffPart &part : diff.parts)
            sum += part.delta();
        QCOMPARE(sum, diff.requestB - diff.requestA);
    }
}

QTEST_APPLESS_MAIN(TestTraceDiff)
#include "tst_tracediff.moc"
