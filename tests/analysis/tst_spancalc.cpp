// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivation.h"
#include "analysis/spancalc.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <limits>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using storefixture::allRows;
using storefixture::checkDepths;
using storefixture::checkLanesDoNotOverlap;
using storefixture::kFigures;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Row;
using storefixture::Source;
using Shape = TrackRow::Shape;

class TestSpanCalc : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nestingByTime();
    void equalTimes();
    void partialOverlapSpills();
    void zeroLengths();
    void unknownDurations();
    void unfinishedHoldsItsChildren();
    void spansWithoutKeys();
    void lanesOfServices();
    void randomThreads();
    void piecesGiveTheSame();
    void repeatable();
    void twoSources();
    void cancelAndRepeat();
    void hostileTimes();
    void emptySource();
};

void TestSpanCalc::nestingByTime()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    source.span(main, "root", 0, 100);
    source.span(main, "a", 10, 40);
    source.span(main, "b", 20, 10);
    source.span(main, "c", 60, 30);
    source.span(main, "next", 100, 50);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spans, 5);
    QCOMPARE(stats->roots, 2);
    QCOMPARE(stats->spilled, 0);
    QCOMPARE(query(*workspace, kFigures),
        std::string(
            "root 0 0 30 10 0 -; a 1 1 30 20 1 -; b 2 2 10 0 2 -; c 1 1 30 0 1 -; next 0 0 50 0 0 -"));
}

void TestSpanCalc::equalTimes()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    // In the file the child comes first: the longer one is the parent all the same; of equal ones, the first.
    source.span(main, "child", 0, 10);
    source.span(main, "parent", 0, 50);
    source.span(main, "same1", 100, 10);
    source.span(main, "same2", 100, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, kFigures),
        std::string("child 2 1 10 0 1 -; parent 0 0 40 40 0 -; same1 0 0 0 0 0 -; same2 3 1 10 0 1 -"));
}

void TestSpanCalc::partialOverlapSpills()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "gpu");
    source.span(main, "a", 0, 100);
    source.span(main, "b", 10, 40); // 10..50
    source.span(main, "s", 40, 30); // 40..70 sticks out of b, lies in a
    source.span(main, "in b", 42, 4);
    source.span(main, "t", 55, 5); // runs beside s
    source.span(main, "in t", 56, 2);
    source.span(main, "out", 90, 30); // sticks out of a
    const std::int64_t id = source.finish();
    const auto stats = deriveSpans(*workspace, id, {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spilled, 2);
    // The report of the import tells it, once, however often the source is derived.
    TS_VERIFY_OK(deriveSpans(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT severity, kind, count, first_offset FROM import_issue"),
        std::string("notice spilled 2 -"));
    QCOMPARE(query(*workspace, kFigures),
        std::string("a 0 0 40 30 0 -; b 1 1 36 32 1 -; s 1 1 30 0 2 spilled; in b 2 2 4 0 3 -; t 1 1 3 2 1 -;"
                    " in t 5 2 2 0 3 -; out 0 0 30 0 1 spilled"));
    checkLanesDoNotOverlap(allRows(*workspace));
}

void TestSpanCalc::zeroLengths()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    source.span(main, "root", 0, 10);
    source.span(main, "start", 0, 0);
    source.span(main, "mid", 5, 0);
    source.span(main, "end", 10, 0);
    source.span(main, "after", 10, 5);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, kFigures),
        std::string(
            "root 0 0 10 0 0 -; start 1 1 0 0 1 -; mid 1 1 0 0 1 -; end 5 1 0 0 1 -; after 0 0 5 0 0 -"));
}

void TestSpanCalc::unknownDurations()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    source.span(main, "root", 0, 100);
    source.span(main, "mark", 20, kUnknownNanos, SpanNoEnd);
    source.span(main, "x", 30, 10);
    source.span(main, "negative", 200, kUnknownNanos, SpanNegativeDuration);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, kFigures),
        std::string("root 0 0 90 60 0 -; mark 1 1 - - 1 no_end; x 1 1 10 0 1 -;"
                    " negative 0 0 - - 0 negative_duration"));
}

void TestSpanCalc::unfinishedHoldsItsChildren()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    source.span(main, "root", 0, 100);
    source.span(main, "open", 20, kUnknownNanos, SpanUnfinished);
    source.span(main, "child", 30, 10);
    source.span(main, "after root", 100, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, ifnull(parent_id, 0), self_ns FROM span ORDER BY id"),
        std::string("root 0 100; open 1 -; child 2 10; after root 0 10"));
}

void TestSpanCalc::spansWithoutKeys()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef async = source.track(Shape::Async, "browser");
    const TrackRef linked = source.track(Shape::Linked, "s");
    source.span(async, "x", 0, 100);
    source.span(async, "y", 10, 100);
    source.span(async, "z", 120, 100);
    source.linked(linked, "t", 0, 0, "no id", 0, 10);
    source.linked(linked, "t", 0, 0, "no id either", 0, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, kFigures),
        std::string("x 0 0 100 0 0 -; y 0 0 100 0 1 -; z 0 0 100 0 0 -; no id 0 0 10 0 0 -;"
                    " no id either 0 0 10 0 1 -"));
    QCOMPARE(query(*workspace, "SELECT span_count FROM trace"), std::string("2"));
}

void TestSpanCalc::lanesOfServices()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    // Two requests at once: the children lie below their parents, never above.
    source.linked(t, "a", 1, 0, "a", 0, 100);
    source.linked(t, "b", 2, 0, "b", 10, 100);
    source.linked(t, "a", 3, 1, "a1", 20, 20);
    source.linked(t, "b", 4, 2, "b1", 25, 20);
    source.linked(t, "b", 5, 4, "b2", 26, 5);
    source.linked(t, "c", 6, 0, "c", 100, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, lane FROM span ORDER BY id"),
        std::string("a 0; b 1; a1 2; b1 3; b2 4; c 0"));
}

void TestSpanCalc::randomThreads()
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto workspace = newWorkspace();
        Source source(*workspace);
        Random random(seed);
        std::vector<TrackRef> tracks;
        for (int i = 0; i < 4; ++i)
            tracks.push_back(source.track(Shape::Nested, "", "", "thread " + std::to_string(i)));
        struct Written
        {
            std::size_t track;
            Nanos start, end;
        };
        std::vector<Written> spans;
        for (int i = 0; i < 400; ++i) {
            // A tree of halves: every span lies in one and the same part of another, or beside it.
            Nanos begin = 0, end = 1 << 20;
            const int steps = int(random.below(12));
            for (int step = 0; step < steps; ++step) {
                const Nanos middle = (begin + end) / 2;
                (random.chance(50) ? begin : end) = middle;
            }
            spans.push_back({std::size_t(random.below(4)), begin, end});
            source.span(tracks[spans.back().track], "op" + std::to_string(i % 5), begin, end - begin);
        }
        const auto stats = deriveSpans(*workspace, source.finish(), {});
        TS_VERIFY_OK(stats);
        QCOMPARE(stats->spilled, 0);
        const std::vector<Row> rows = allRows(*workspace);
        checkLanesDoNotOverlap(rows);
        checkDepths(rows);
        // Self times of all spans add up to the roots, and each span lies within its parent, in the tightest
        // one.
        Nanos self = 0, roots = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QVERIFY(rows[i].self >= 0 && rows[i].self <= rows[i].duration);
            QCOMPARE(rows[i].lane, rows[i].depth);
            self += rows[i].self;
            std::int64_t deepest = 0;
            for (std::size_t j = 0; j < spans.size(); ++j) {
                const bool holds = spans[j].track == spans[i].track && spans[j].start <= spans[i].start
                    && spans[j].end >= spans[i].end;
                const bool isOther
                    = spans[j].start != spans[i].start || spans[j].end != spans[i].end || j < i;
                deepest += holds && isOther && j != i ? 1 : 0;
            }
            QCOMPARE(rows[i].depth, deepest);
            roots += rows[i].parent == 0 ? rows[i].duration : 0;
        }
        QCOMPARE(self, roots);
    }
}

namespace {

std::int64_t fillMixed(const store::Workspace &workspace)
{
    Source source(workspace);
    Random random(99);
    const TrackRef nested = source.track(Shape::Nested, "", "", "n"),
                   linked = source.track(Shape::Linked, "l");
    for (int i = 0; i < 2000; ++i) {
        if (random.chance(50))
            source.span(nested, "op" + std::to_string(i % 7), random.below(10'000), random.below(300));
        else
            source.linked(linked, "t" + std::to_string(random.below(50)),
                std::uint64_t(random.below(500)) + 1, std::uint64_t(random.below(500)), "op",
                random.below(10'000), random.below(2000));
        if (i % 5 == 0) {
            SpanEventRow row;
            row.track = nested;
            row.tsNs = random.below(10'000);
            row.name = "instant";
            source.writer().spanEvent(row);
            FlowRow flow;
            flow.flowKey = i % 2 == 0 ? "even" : "odd";
            flow.phase = FlowRow::Phase(random.below(3));
            flow.bindEnclosing = random.chance(50);
            flow.track = nested;
            flow.tsNs = random.below(10'000);
            source.writer().flow(flow);
        }
    }
    return source.finish();
}

std::string derivedContent(const store::Workspace &workspace)
{
    return query(workspace, "SELECT * FROM span_calc ORDER BY id")
        + query(workspace, "SELECT * FROM trace_calc")
        + query(workspace, "SELECT id, span_id FROM span_event ORDER BY id")
        + query(workspace, "SELECT span_id, linked_span_id FROM span_link ORDER BY span_id, linked_span_id");
}

} // namespace

void TestSpanCalc::piecesGiveTheSame()
{
    // Many groups of traces and slices of time, as a source of tens of millions of spans has, against one of
    // each.
    const auto whole = newWorkspace(), pieces = newWorkspace();
    DeriveOptions options;
    options.makeOverview = true;
    const auto once = derive(*whole, fillMixed(*whole), options, {});
    TS_VERIFY_OK(once);
    options.spansPerGroup = 30;
    options.spansPerSlice = 20;
    const auto many = derive(*pieces, fillMixed(*pieces), options, {});
    TS_VERIFY_OK(many);
    QCOMPARE(derivedContent(*pieces), derivedContent(*whole));
    QCOMPARE(many->stats.spilled, once->stats.spilled);
    QCOMPARE(many->stats.cycles, once->stats.cycles);
    QCOMPARE(many->stats.orphans, once->stats.orphans);
    QVERIFY(once->stats.spilled > 0 && once->stats.cycles > 0 && once->stats.orphans > 0);
    QVERIFY(once->stats.links > 0 && once->stats.boundEvents > 0);
    QCOMPARE(many->overview->tree->nodes.size(), once->overview->tree->nodes.size());
    QCOMPARE(many->overview->tree->nodes[0].total, once->overview->tree->nodes[0].total);
    QVERIFY(many->overview->tracks[0].busy == once->overview->tracks[0].busy);
}

void TestSpanCalc::repeatable()
{
    const auto content = [](bool twice) {
        const auto workspace = newWorkspace();
        const std::int64_t id = fillMixed(*workspace);
        for (int run = 0; run < (twice ? 2 : 1); ++run) {
            const auto stats = deriveSpans(*workspace, id, {});
            if (!stats)
                return stats.error().toText();
        }
        return derivedContent(*workspace);
    };
    const std::string once = content(false);
    QVERIFY(once.size() > 10'000);
    QCOMPARE(content(false), once);
    QCOMPARE(content(true), once);
}

void TestSpanCalc::twoSources()
{
    const auto workspace = newWorkspace();
    Source first(*workspace);
    const TrackRef a = first.track(Shape::Linked, "s");
    first.linked(a, "t", 1, 0, "root", 0, 100);
    const std::int64_t firstId = first.finish();
    Source second(*workspace);
    const TrackRef b = second.track(Shape::Linked, "s");
    second.linked(b, "t", 2, 1, "elsewhere", 0, 100);
    second.linked(b, "t", 3, 2, "child", 0, 10);
    const std::int64_t secondId = second.finish();
    TS_VERIFY_OK(deriveSpans(*workspace, secondId, {}));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM span_calc"), std::string("2"));
    TS_VERIFY_OK(deriveSpans(*workspace, firstId, {}));
    TS_VERIFY_OK(deriveSpans(*workspace, secondId, {}));
    QCOMPARE(query(*workspace, kFigures),
        std::string("root 0 0 100 0 0 -; elsewhere 0 0 90 90 0 orphan; child 2 1 10 0 1 -"));
}

void TestSpanCalc::cancelAndRepeat()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main");
    for (int i = 0; i < 1000; ++i)
        source.span(main, "op", i * 10, 10);
    const std::int64_t id = source.finish();
    Progress progress;
    progress.cancel.cancel();
    const auto stats = deriveSpans(*workspace, id, progress);
    QVERIFY(!stats);
    QCOMPARE(stats.error().code, ErrorCode::Cancelled);
    TS_VERIFY_OK(deriveSpans(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT count(*), sum(self_ns) FROM span"), std::string("1000 10000"));
}

void TestSpanCalc::hostileTimes()
{
    constexpr Nanos kMax = std::numeric_limits<Nanos>::max(), kMin = std::numeric_limits<Nanos>::min();
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef nested = source.track(Shape::Nested, "", "", "n"),
                   linked = source.track(Shape::Linked, "l");
    for (const Nanos start : {kMin, kMin + 1, Nanos(-1), Nanos(0), kMax - 1, kMax}) {
        for (const Nanos duration : {Nanos(0), Nanos(1), kMax}) {
            source.span(nested, "x", start, duration);
            source.linked(linked, "t", std::uint64_t(start) ^ std::uint64_t(duration), 1, "y", start,
                duration);
        }
    }
    source.span(TrackRef::None, "no track", 5, 5);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spans, 37);
    QCOMPARE(query(*workspace, "SELECT count(*) FROM span_calc WHERE self_ns < 0 OR gap_ns < 0"),
        std::string("0"));
}

void TestSpanCalc::emptySource()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spans, 0);
    TS_VERIFY_OK(deriveSpans(*workspace, 4711, {})); // nothing to do for a source that is not there
}

QTEST_GUILESS_MAIN(TestSpanCalc)
#include "tst_spancalc.moc"
