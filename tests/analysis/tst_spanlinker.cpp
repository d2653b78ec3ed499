// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spancalc.h"
#include "analysis/tracecalc.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <algorithm>
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

namespace {

constexpr Nanos kMs = kNanosPerMilli;

} // namespace

class TestSpanLinker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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
    void randomTraces();
};

void TestSpanLinker::unaccountedTime()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "shop");
    const auto family
        = [&](std::uint64_t first, Nanos duration, const std::vector<std::pair<Nanos, Nanos>> &children) {
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
        {{0, 450 * kMs}, {450 * kMs, 800 * kMs}, {800 * kMs, 880 * kMs}, {880 * kMs, 895 * kMs},
            {895 * kMs, 945 * kMs}});
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

void TestSpanLinker::parentsByKey()
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
    QCOMPARE(query(*workspace,
                 "SELECT root_span_id, service, operation, start_ns, duration_ns, span_count,"
                 " error_count, weight FROM trace"),
        std::string("3 web GET / 0 100 3 0 -"));
}

void TestSpanLinker::textKeys()
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

void TestSpanLinker::parentsBelongToOneTrace()
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

void TestSpanLinker::orphans()
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

void TestSpanLinker::duplicates()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef t = source.track(Shape::Linked, "s");
    source.linked(t, "t", 1, 0, "first", 0, 100);
    source.linked(t, "t", 1, 0, "second", 0, 100);
    source.linked(t, "t", 2, 1, "child", 10, 20);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace,
                 "SELECT operation, ifnull(parent_id, 0), self_ns, quality FROM span ORDER BY id"),
        std::string("first 0 80 duplicate_key; second 0 100 duplicate_key; child 1 20 -"));
}

void TestSpanLinker::cycles()
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
    QCOMPARE(query(*workspace,
                 "SELECT operation, ifnull(parent_id, 0), depth, self_ns, quality FROM span ORDER BY id"),
        std::string(
            "a 0 0 100 cycle; b 0 0 80 cycle; c 0 0 80 cycle; below b 2 1 10 -; own parent 0 0 10 cycle"));
}

void TestSpanLinker::asyncIsNotSubtracted()
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
        std::string(
            "publish 90000000 80000000 -; consume 50000000 0 -; async 10000000 0 -; sync 10000000 0 -;"
            " fire and forget 50000000 0 skewed"));
}

void TestSpanLinker::skew()
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

void TestSpanLinker::tracesAreSummedUp()
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
    QCOMPARE(query(*workspace,
                 "SELECT trace_key, operation, start_ns, duration_ns, span_count, error_count FROM trace"
                 " ORDER BY id"),
        std::string("a root a 10 140 2 1; b late root b 0 500 2 0; c unknown 3 - 1 0"));
}

void TestSpanLinker::weights()
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

void TestSpanLinker::weightTexts()
{
    const auto weight = [](const char *text) { return weightOfTraceState(text).value_or(-1); };
    QCOMPARE(weight("ot=th:0"), 1.0);
    QCOMPARE(weight("ot=th:8"), 2.0);
    QCOMPARE(weight("ot=th:c"), 4.0);
    QCOMPARE(weight(" a=b , ot=rv:1;th:e"), 8.0);
    QCOMPARE(weight("ot=p:0"), 1.0);
    QCOMPARE(weight("ot=p:3;r:5"), 8.0);
    for (const char *bad : {"", "ot=", "ot=th:", "ot=th:xyz", "ot=th:123456789012345", "ot=p:63", "ot=p:x",
             "th:8", "not=th:8", "ot=;;;", ",,,"})
        QCOMPARE(weight(bad), -1.0);
    QVERIFY(!weightOfProbability(0));
    QVERIFY(!weightOfProbability(-0.5));
    QVERIFY(!weightOfProbability(1.01));
    QVERIFY(!weightOfProbability(std::numeric_limits<double>::quiet_NaN()));
    QCOMPARE(weightOfProbability(0.25).value_or(0), 4.0);
}

void TestSpanLinker::randomTraces()
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto workspace = newWorkspace();
        Source source(*workspace);
        Random random(seed);
        std::vector<TrackRef> tracks;
        for (int i = 0; i < 6; ++i)
            tracks.push_back(
                source.track(Shape::Linked, "service" + std::to_string(i % 3), std::to_string(i)));
        struct Written
        {
            int parent;
            Nanos start, end;
        };
        std::vector<Written> spans;
        std::vector<int> order;
        for (int trace = 0; trace < 40; ++trace) {
            const int first = int(spans.size());
            const int count = 1 + int(random.below(30));
            for (int i = 0; i < count; ++i) {
                Written span{i == 0 ? -1 : first + int(random.below(i)), 0, 0};
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
            source.linked(tracks[std::size_t(i) % tracks.size()],
                "t" + std::to_string(traceOf[std::size_t(i)]), std::uint64_t(i) + 1,
                std::uint64_t(span.parent + 1), "op", span.start, span.end - span.start);
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

QTEST_GUILESS_MAIN(TestSpanLinker)
#include "tst_spanlinker.moc"
