// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivation.h"
#include "analysis/overviewcodec.h"
#include "analysis/spancalc.h"
#include "analysis/tracecalc.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <algorithm>
#include <map>
#include <set>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Source;
using Shape = TrackRow::Shape;

namespace {

constexpr Nanos kMs = kNanosPerMilli;

const char *const kFigures = "SELECT operation, ifnull(parent_id, 0), depth, self_ns, gap_ns, lane, quality FROM span"
                             " ORDER BY id";

struct Row {
    std::int64_t id = 0, parent = 0, track = 0, depth = 0, lane = 0;
    Nanos start = 0, duration = 0, self = 0;
    bool known = false;
};

std::vector<Row> allRows(const store::Workspace &workspace)
{
    std::vector<Row> rows;
    auto database = workspace.connectReader();
    auto statement = database->prepare("SELECT id, parent_id, track_id, depth, lane, start_ns, duration_ns, self_ns"
                                       " FROM span ORDER BY id");
    while (*statement->step()) {
        Row row;
        row.id = statement->integer(0);
        row.parent = statement->integer(1);
        row.track = statement->integer(2);
        row.depth = statement->integer(3);
        row.lane = statement->integer(4);
        row.start = statement->integer(5);
        row.known = !statement->isNull(6);
        row.duration = statement->integer(6);
        row.self = statement->integer(7);
        rows.push_back(row);
    }
    return rows;
}

void checkLanesDoNotOverlap(const std::vector<Row> &rows)
{
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::pair<Nanos, Nanos>>> lanes;
    for (const Row &row : rows)
        lanes[{row.track, row.lane}].push_back({row.start, row.start + row.duration});
    for (auto &[key, spans] : lanes) {
        std::sort(spans.begin(), spans.end());
        for (std::size_t i = 1; i < spans.size(); ++i)
            QVERIFY(spans[i].first >= spans[i - 1].second);
    }
}

void checkDepths(const std::vector<Row> &rows)
{
    std::map<std::int64_t, const Row *> byId;
    for (const Row &row : rows)
        byId[row.id] = &row;
    for (const Row &row : rows) {
        if (row.parent == 0) {
            QCOMPARE(row.depth, 0);
            continue;
        }
        QVERIFY(byId.contains(row.parent));
        QCOMPARE(row.depth, byId[row.parent]->depth + 1);
    }
}

} // namespace

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
    void unaccountedTime();
    void parentsByKey();
    void textKeys();
    void parentsBelongToOneTrace();
    void orphans();
    void duplicates();
    void cycles();
    void asyncIsNotSubtracted();
    void skew();
    void tracesAreSummedUp();
    void weights();
    void weightTexts();
    void spansWithoutKeys();
    void lanesOfServices();
    void instantsBind();
    void flowsBecomeLinks();
    void randomThreads();
    void randomTraces();
    void repeatable();
    void piecesGiveTheSame();
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
             std::string("root 0 0 30 10 0 -; a 1 1 30 20 1 -; b 2 2 10 0 2 -; c 1 1 30 0 1 -; next 0 0 50 0 0 -"));
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
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spilled, 2);
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
             std::string("root 0 0 10 0 0 -; start 1 1 0 0 1 -; mid 1 1 0 0 1 -; end 5 1 0 0 1 -; after 0 0 5 0 0 -"));
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

void TestSpanCalc::unaccountedTime()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "shop");
    const auto family = [&](std::uint64_t first, Nanos duration, const std::vector<std::pair<Nanos, Nanos>> &children) {
        const std::string trace = "t" + std::to_string(first);
        source.linked(t, trace, first, 0, "parent", 0, duration);
        for (std::size_t i = 0; i < children.size(); ++i)
            source.linked(t, trace, first + 1 + i, first, "child", children[i].first,
                          children[i].second - children[i].first);
    };
    // 28.4 s = 28.3 s wait + 12 ms query + 88 ms other.
    family(100, 28'400 * kMs, {{0, 28'300 * kMs}, {28'300 * kMs, 28'312 * kMs}});
    // 8 s = 5 + 2 + 1 unaccounted.
    family(200, 8'000 * kMs, {{0, 5'000 * kMs}, {6'000 * kMs, 8'000 * kMs}});
    // 1,200 = 450 + 350 + 80 + 15 + 50 + 255 unaccounted, in one piece at the end.
    family(300, 1'200 * kMs,
           {{0, 450 * kMs}, {450 * kMs, 800 * kMs}, {800 * kMs, 880 * kMs}, {880 * kMs, 895 * kMs}, {895 * kMs, 945 * kMs}});
    // Children 0-6 and 4-9 in a parent 0-10: 1, not 10 - 11.
    family(400, 10, {{0, 6}, {4, 9}});
    // A child that reaches over both ends is cut; a parent of length 0 has nothing unaccounted.
    family(500, 10, {{-5, 20}});
    family(600, 0, {{0, 0}});
    // Before the first, between, after the last.
    family(700, 100, {{30, 40}, {60, 95}});
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT self_ns, gap_ns FROM span WHERE operation = 'parent' ORDER BY id"),
             std::string("88000000 88000000; 1000000000 1000000000; 255000000 255000000; 1 1; 0 0; 0 0; 55 30"));
}

void TestSpanCalc::parentsByKey()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef web = source.track(Shape::Linked, "web"), db = source.track(Shape::Linked, "db");
    // Children before parents, over two services.
    source.linked(db, "t", 3, 2, "query", 20, 30, SpanKind::Client);
    source.linked(web, "t", 2, 1, "handle", 10, 60);
    source.linked(web, "t", 1, 0, "GET /", 0, 100, SpanKind::Server);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->roots, 1);
    QCOMPARE(query(*workspace, kFigures),
             std::string("query 2 2 30 0 0 -; handle 3 1 30 20 1 -; GET / 0 0 40 30 0 -"));
    QCOMPARE(query(*workspace, "SELECT root_span_id, service, operation, start_ns, duration_ns, span_count,"
                               " error_count, weight FROM trace"),
             std::string("3 web GET / 0 100 3 0 -"));
}

void TestSpanCalc::textKeys()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    SpanRow row;
    row.track = t;
    row.trace = source.writer().trace("trace");
    row.operation = "parent";
    row.durationNs = 100;
    row.key = {SpanKey::Kind::Text, 0, "span-a"};
    source.writer().span(row);
    row.operation = "child";
    row.durationNs = 10;
    row.parentKey = row.key;
    row.key = {SpanKey::Kind::Text, 0, "span-b"};
    source.writer().span(row);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, ifnull(parent_id, 0), self_ns FROM span ORDER BY id"),
             std::string("parent 0 90; child 1 10"));
}

void TestSpanCalc::parentsBelongToOneTrace()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "one", 1, 0, "p1", 0, 100);
    source.linked(t, "two", 1, 0, "p2", 0, 100);
    source.linked(t, "two", 2, 1, "child of p2", 0, 10);
    source.linked(t, "three", 3, 1, "lost", 0, 10);
    source.linked(t, "", 1, 0, "no trace", 0, 100);
    source.linked(t, "", 4, 1, "child without trace", 0, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, ifnull(parent_id, 0), quality FROM span ORDER BY id"),
             std::string("p1 0 -; p2 0 -; child of p2 2 -; lost 0 orphan; no trace 0 -; child without trace 5 -"));
}

void TestSpanCalc::orphans()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 99, "orphan", 0, 100);
    source.linked(t, "t", 2, 1, "its child", 10, 20);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->orphans, 1);
    QCOMPARE(query(*workspace, kFigures), std::string("orphan 0 0 80 70 0 orphan; its child 1 1 20 0 1 -"));
    QCOMPARE(query(*workspace, "SELECT root_span_id, operation FROM trace"), std::string("1 orphan"));
}

void TestSpanCalc::duplicates()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 0, "first", 0, 100);
    source.linked(t, "t", 1, 0, "second", 0, 100);
    source.linked(t, "t", 2, 1, "child", 10, 20);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, ifnull(parent_id, 0), self_ns, quality FROM span ORDER BY id"),
             std::string("first 0 80 duplicate_key; second 0 100 duplicate_key; child 1 20 -"));
}

void TestSpanCalc::cycles()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 3, "a", 0, 100);
    source.linked(t, "t", 2, 1, "b", 0, 90);
    source.linked(t, "t", 3, 2, "c", 0, 80);
    source.linked(t, "t", 4, 2, "below b", 0, 10);
    source.linked(t, "t", 5, 5, "own parent", 0, 10);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->cycles, 4);
    QCOMPARE(query(*workspace, "SELECT operation, ifnull(parent_id, 0), depth, self_ns, quality FROM span ORDER BY id"),
             std::string("a 0 0 100 cycle; b 0 0 80 cycle; c 0 0 80 cycle; below b 2 1 10 -; own parent 0 0 10 cycle"));
}

void TestSpanCalc::asyncIsNotSubtracted()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 0, "publish", 0, 100 * kMs, SpanKind::Producer);
    source.linked(t, "t", 2, 1, "consume", 10 * kMs, 50 * kMs, SpanKind::Consumer);
    source.linked(t, "t", 3, 1, "async", 10 * kMs, 10 * kMs, SpanKind::Async);
    source.linked(t, "t", 4, 1, "sync", 80 * kMs, 10 * kMs);
    source.linked(t, "t", 5, 1, "fire and forget", 90 * kMs, 50 * kMs);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, self_ns, gap_ns, quality FROM span ORDER BY id"),
             std::string("publish 90000000 80000000 -; consume 50000000 0 -; async 10000000 0 -; sync 10000000 0 -;"
                         " fire and forget 50000000 0 skewed"));
}

void TestSpanCalc::skew()
{
    QCOMPARE(skewTolerance(0), kMs);
    QCOMPARE(skewTolerance(100 * kMs), kMs);
    QCOMPARE(skewTolerance(1000 * kMs), 10 * kMs);
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 0, "parent", 0, 1000 * kMs);
    source.linked(t, "t", 2, 1, "within tolerance", 900 * kMs, 110 * kMs);
    source.linked(t, "t", 3, 1, "early", -20 * kMs, 30 * kMs);
    source.linked(t, "t", 4, 1, "too late", 900 * kMs, 111 * kMs);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT operation, self_ns, quality FROM span ORDER BY id"),
             std::string("parent 890000000 -; within tolerance 110000000 -; early 30000000 skewed;"
                         " too late 111000000 skewed"));
}

void TestSpanCalc::tracesAreSummedUp()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "shop");
    source.linked(t, "a", 2, 1, "child", 50, 100, SpanKind::Internal, SpanStatus::Error);
    source.linked(t, "a", 1, 0, "root a", 10, 90);
    source.linked(t, "b", 9, 8, "orphan b", 0, 10);
    source.linked(t, "b", 7, 0, "late root b", 500, kUnknownNanos);
    source.linked(t, "c", 5, 0, "unknown", 3, kUnknownNanos);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT trace_key, operation, start_ns, duration_ns, span_count, error_count FROM trace"
                               " ORDER BY id"),
             std::string("a root a 10 140 2 1; b late root b 0 500 2 0; c unknown 3 - 1 0"));
}

void TestSpanCalc::weights()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    const auto text = [](std::string_view key, std::string_view value) {
        Attribute attribute;
        attribute.key = key;
        attribute.type = AttributeType::Text;
        attribute.text = value;
        return attribute;
    };
    const auto real = [](std::string_view key, double value) {
        Attribute attribute;
        attribute.key = key;
        attribute.type = AttributeType::Real;
        attribute.real = value;
        return attribute;
    };
    std::uint64_t key = 1;
    const auto root = [&](std::string_view trace, const std::vector<Attribute> &attributes) {
        source.linked(t, trace, key++, 0, "root", 0, 10, SpanKind::Server, SpanStatus::Ok, attributes);
    };
    root("none", {});
    root("state", {text("tracestate", "congo=t61,ot=th:c;rv:12345678901234")});
    root("probability", {real("sampling.probability", 0.1)});
    root("jaeger", {text("sampler.type", "probabilistic"), real("sampler.param", 0.5)});
    root("const", {text("sampler.type", "const"), text("sampler.param", "true")});
    root("rate", {text("sampler.type", "ratelimiting"), real("sampler.param", 0.5)});
    root("zero", {real("sampling.probability", 0)});
    root("two", {real("sampling.probability", 2)});
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace, "SELECT trace_key, weight FROM trace ORDER BY id"),
             std::string("none -; state 4.0; probability 10.0; jaeger 2.0; const 1.0; rate -; zero -; two -"));
}

void TestSpanCalc::weightTexts()
{
    const auto weight = [](const char *text) { return weightOfTraceState(text).value_or(-1); };
    QCOMPARE(weight("ot=th:0"), 1.0);
    QCOMPARE(weight("ot=th:8"), 2.0);
    QCOMPARE(weight("ot=th:c"), 4.0);
    QCOMPARE(weight(" a=b , ot=rv:1;th:e"), 8.0);
    QCOMPARE(weight("ot=p:0"), 1.0);
    QCOMPARE(weight("ot=p:3;r:5"), 8.0);
    for (const char *bad : {"", "ot=", "ot=th:", "ot=th:xyz", "ot=th:123456789012345", "ot=p:63", "ot=p:x", "th:8",
                            "not=th:8", "ot=;;;", ",,,"})
        QCOMPARE(weight(bad), -1.0);
    QVERIFY(!weightOfProbability(0));
    QVERIFY(!weightOfProbability(-0.5));
    QVERIFY(!weightOfProbability(1.01));
    QVERIFY(!weightOfProbability(std::numeric_limits<double>::quiet_NaN()));
    QCOMPARE(weightOfProbability(0.25).value_or(0), 4.0);
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

void TestSpanCalc::instantsBind()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main"), other = source.track(Shape::Nested, "", "", "o");
    const TrackRef async = source.track(Shape::Async, "p");
    source.span(main, "root", 0, 100);
    source.span(main, "child", 10, 20);
    source.span(async, "async", 0, 100);
    const SpanRef named = source.span(main, "named", 200, 10);
    const auto instant = [&](TrackRef track, Nanos ts, std::string_view name, SpanRef span = SpanRef::None) {
        SpanEventRow row;
        row.track = track;
        row.tsNs = ts;
        row.name = name;
        row.span = span;
        source.writer().spanEvent(row);
    };
    instant(main, 5, "in root");
    instant(main, 10, "at start of child");
    instant(main, 15, "in child");
    instant(main, 30, "at end of child");
    instant(main, 150, "outside");
    instant(other, 15, "other thread");
    instant(async, 15, "async track");
    instant(TrackRef::None, 5, "named", named);
    const std::int64_t id = source.finish();
    const auto stats = deriveSpans(*workspace, id, {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->boundEvents, 4);
    const std::string expected("in root 1; at start of child 2; in child 2; at end of child 1; outside -;"
                               " other thread -; async track -; named 4");
    QCOMPARE(query(*workspace, "SELECT name, span_id FROM span_event ORDER BY id"), expected);
    TS_VERIFY_OK(deriveSpans(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT name, span_id FROM span_event ORDER BY id"), expected);
}

void TestSpanCalc::flowsBecomeLinks()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main"), worker = source.track(Shape::Nested, "", "", "w");
    source.span(main, "send", 0, 10);
    source.span(worker, "step", 20, 10);
    source.span(worker, "receive", 40, 10);
    const SpanRef slice = source.span(main, "slice", 60, 10);
    const auto flow = [&](std::string_view key, FlowRow::Phase phase, TrackRef track, Nanos ts, bool enclosing = true,
                          SpanRef span = SpanRef::None) {
        FlowRow row;
        row.flowKey = key;
        row.phase = phase;
        row.track = track;
        row.tsNs = ts;
        row.bindEnclosing = enclosing;
        row.span = span;
        source.writer().flow(row);
    };
    using Phase = FlowRow::Phase;
    flow("1", Phase::Start, main, 5);
    flow("1", Phase::Step, worker, 20);
    flow("1", Phase::Finish, worker, 35, false); // binds to the next span: receive
    flow("2", Phase::Start, main, 5);
    flow("2", Phase::Finish, main, 65, true, slice);
    flow("2", Phase::Finish, worker, 45); // a second end of the same start
    flow("3", Phase::Finish, worker, 45); // without a start
    flow("4", Phase::Start, main, 500); // in no span
    flow("4", Phase::Finish, worker, 45);
    flow("5", Phase::Start, main, 2);
    flow("5", Phase::Finish, main, 3); // within one span
    const std::int64_t id = source.finish();
    const auto stats = deriveSpans(*workspace, id, {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->links, 4);
    const std::string expected("2 1 1; 3 1 1; 3 2 1; 4 1 1");
    const char *const sql = "SELECT span_id, linked_span_id, derived FROM span_link ORDER BY span_id, linked_span_id";
    QCOMPARE(query(*workspace, sql), expected);
    TS_VERIFY_OK(deriveSpans(*workspace, id, {}));
    QCOMPARE(query(*workspace, sql), expected);
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
        struct Written {
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
        // Self times of all spans add up to the roots, and each span lies within its parent, in the tightest one.
        Nanos self = 0, roots = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QVERIFY(rows[i].self >= 0 && rows[i].self <= rows[i].duration);
            QCOMPARE(rows[i].lane, rows[i].depth);
            self += rows[i].self;
            std::int64_t deepest = 0;
            for (std::size_t j = 0; j < spans.size(); ++j) {
                const bool holds = spans[j].track == spans[i].track && spans[j].start <= spans[i].start
                    && spans[j].end >= spans[i].end;
                const bool isOther = spans[j].start != spans[i].start || spans[j].end != spans[i].end || j < i;
                deepest += holds && isOther && j != i ? 1 : 0;
            }
            QCOMPARE(rows[i].depth, deepest);
            roots += rows[i].parent == 0 ? rows[i].duration : 0;
        }
        QCOMPARE(self, roots);
    }
}

void TestSpanCalc::randomTraces()
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto workspace = newWorkspace();
        Source source(*workspace);
        Random random(seed);
        std::vector<TrackRef> tracks;
        for (int i = 0; i < 6; ++i)
            tracks.push_back(source.track(Shape::Linked, "service" + std::to_string(i % 3), std::to_string(i)));
        struct Written {
            int parent;
            Nanos start, end;
        };
        std::vector<Written> spans;
        std::vector<int> order;
        for (int trace = 0; trace < 40; ++trace) {
            const int first = int(spans.size());
            const int count = 1 + int(random.below(30));
            for (int i = 0; i < count; ++i) {
                Written span {i == 0 ? -1 : first + int(random.below(i)), 0, 0};
                if (span.parent < 0) {
                    span.start = random.below(1000);
                    span.end = span.start + 100'000;
                } else { // overlaps its siblings freely, stays inside its parent
                    const Written &parent = spans[std::size_t(span.parent)];
                    const Nanos length = parent.end - parent.start;
                    span.start = parent.start + random.below(length + 1);
                    span.end = span.start + random.below(parent.end - span.start + 1);
                }
                spans.push_back(span);
            }
        }
        for (std::size_t i = 0; i < spans.size(); ++i)
            order.push_back(int(i));
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[std::size_t(random.below(std::int64_t(i)))]);
        std::vector<int> traceOf(spans.size());
        int trace = -1;
        for (std::size_t i = 0; i < spans.size(); ++i) {
            trace += spans[i].parent < 0 ? 1 : 0;
            traceOf[i] = trace;
        }
        for (const int i : order) {
            const Written &span = spans[std::size_t(i)];
            source.linked(tracks[std::size_t(i) % tracks.size()], "t" + std::to_string(traceOf[std::size_t(i)]),
                          std::uint64_t(i) + 1, std::uint64_t(span.parent + 1), "op", span.start, span.end - span.start);
        }
        TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
        const std::vector<Row> rows = allRows(*workspace);
        QCOMPARE(rows.size(), spans.size());
        checkLanesDoNotOverlap(rows);
        checkDepths(rows);
        std::vector<std::int64_t> idOf(spans.size());
        for (std::size_t place = 0; place < order.size(); ++place)
            idOf[std::size_t(order[place])] = rows[place].id;
        for (std::size_t place = 0; place < order.size(); ++place) {
            const auto i = std::size_t(order[place]);
            QCOMPARE(rows[place].parent, spans[i].parent < 0 ? 0 : idOf[std::size_t(spans[i].parent)]);
            // The union of the children, the slow way.
            std::vector<std::pair<Nanos, Nanos>> children;
            for (const Written &span : spans) {
                if (span.parent == int(i))
                    children.push_back({span.start, span.end});
            }
            std::sort(children.begin(), children.end());
            Nanos covered = 0, cursor = spans[i].start;
            for (const auto &[start, end] : children) {
                if (end > cursor) {
                    covered += end - std::max(start, cursor);
                    cursor = end;
                }
            }
            QCOMPARE(rows[place].self, spans[i].end - spans[i].start - covered);
        }
    }
}

namespace {

std::int64_t fillMixed(const store::Workspace &workspace)
{
    Source source(workspace);
    Random random(99);
    const TrackRef nested = source.track(Shape::Nested, "", "", "n"), linked = source.track(Shape::Linked, "l");
    for (int i = 0; i < 2000; ++i) {
        if (random.chance(50))
            source.span(nested, "op" + std::to_string(i % 7), random.below(10'000), random.below(300));
        else
            source.linked(linked, "t" + std::to_string(random.below(50)), std::uint64_t(random.below(500)) + 1,
                          std::uint64_t(random.below(500)), "op", random.below(10'000), random.below(2000));
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
    return query(workspace, "SELECT * FROM span_calc ORDER BY id") + query(workspace, "SELECT * FROM trace_calc")
        + query(workspace, "SELECT id, span_id FROM span_event ORDER BY id")
        + query(workspace, "SELECT span_id, linked_span_id FROM span_link ORDER BY span_id, linked_span_id");
}

} // namespace

void TestSpanCalc::piecesGiveTheSame()
{
    // Many groups of traces and slices of time, as a source of tens of millions of spans has, against one of each.
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
    const TrackRef nested = source.track(Shape::Nested, "", "", "n"), linked = source.track(Shape::Linked, "l");
    for (const Nanos start : {kMin, kMin + 1, Nanos(-1), Nanos(0), kMax - 1, kMax}) {
        for (const Nanos duration : {Nanos(0), Nanos(1), kMax}) {
            source.span(nested, "x", start, duration);
            source.linked(linked, "t", std::uint64_t(start) ^ std::uint64_t(duration), 1, "y", start, duration);
        }
    }
    source.span(TrackRef::None, "no track", 5, 5);
    const auto stats = deriveSpans(*workspace, source.finish(), {});
    TS_VERIFY_OK(stats);
    QCOMPARE(stats->spans, 37);
    QCOMPARE(query(*workspace, "SELECT count(*) FROM span_calc WHERE self_ns < 0 OR gap_ns < 0"), std::string("0"));
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
