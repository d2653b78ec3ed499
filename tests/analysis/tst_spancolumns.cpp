// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lanequery.h"
#include "analysis/rangestats.h"
#include "analysis/spancalc.h"
#include "analysis/spancolumns.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <set>
#include <thread>

#include <cmath>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Source;
using Shape = TrackRow::Shape;

namespace {

std::shared_ptr<const SpanColumns> loaded(const store::Workspace &workspace)
{
    auto columns = SpanColumns::load(workspace, {});
    if (!columns)
        qFatal("%s", columns.error().toText().c_str());
    return *columns;
}

// A mixed source; returns its id.
std::int64_t fill(const store::Workspace &workspace, std::uint64_t seed, int count)
{
    Source source(workspace);
    Random random(seed);
    std::vector<TrackRef> tracks;
    for (int i = 0; i < 3; ++i)
        tracks.push_back(source.track(Shape::Nested, "", "", "thread" + std::to_string(i)));
    for (int i = 0; i < 3; ++i)
        tracks.push_back(source.track(Shape::Linked, "service" + std::to_string(i), "pod"));
    for (int i = 0; i < count; ++i) {
        const auto track = std::size_t(random.below(6));
        const std::string operation = "op" + std::to_string(random.below(20));
        const Nanos start = random.below(1'000'000),
                    duration = random.chance(3) ? kUnknownNanos : random.below(5000);
        if (track < 3)
            source.span(tracks[track], operation, start, duration,
                duration == kUnknownNanos ? std::uint32_t(SpanNoEnd) : 0u);
        else
            source.linked(tracks[track], "trace" + std::to_string(random.below(50)), std::uint64_t(i + 1),
                random.chance(70) ? std::uint64_t(random.below(i + 1)) : 0, operation, start, duration,
                SpanKind(random.below(6)), random.chance(10) ? SpanStatus::Error : SpanStatus::Ok);
    }
    return source.finish();
}

} // namespace

class TestSpanColumns : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameAsTheView();
    void twoThreadsSameAsTheView();
    void lanesAreSortedAndFree();
    void severalSources();
    void offsetsAreAdded();
    void foreignClocksStayOffTheAxis();
    void hiddenSources();
    void notYetDerived();
    void manyLanes();
    void weightsOfTraces();
    void rowsByIdFromManyThreads();
    void memory();
    void emptyWorkspace();
    void cancelled();
    void titles();
    void figuresAgreeWithSql();
    void sameTwice();

private:
    void compareWithView(const store::Workspace &workspace, const SpanColumns &c);
};

void TestSpanColumns::compareWithView(const store::Workspace &workspace, const SpanColumns &c)
{
    auto database = workspace.connectReader();
    auto statement = database->prepare("SELECT id, start_ns, duration_ns, self_ns, operation, service, "
                                       "thread, trace_id, parent_id, depth, lane, kind,"
                                       " status, http_status FROM span ORDER BY id");
    TS_VERIFY_OK(statement);
    static const char *const kinds[] = {"internal", "server", "client", "producer", "consumer", "async"};
    static const char *const statuses[] = {"unset", "ok", "error"};
    std::size_t rows = 0;
    while (*statement->step()) {
        ++rows;
        const std::uint32_t row = c.rowOfId(statement->integer(0));
        QVERIFY(row != kNoRow);
        QCOMPARE(c.id(row), statement->integer(0));
        QCOMPARE(c.start[row], statement->integer(1));
        QCOMPARE(c.duration[row], statement->isNull(2) ? kUnknownNanos : statement->integer(2));
        QCOMPARE(c.self[row], statement->isNull(3) ? kUnknownNanos : statement->integer(3));
        QCOMPARE(c.operations[c.operation[row]], std::string(statement->text(4)));
        QCOMPARE(c.tracks[c.track[row]].service, std::string(statement->text(5)));
        QCOMPARE(c.tracks[c.track[row]].thread, std::string(statement->text(6)));
        QCOMPARE(c.trace[row] == kNoRow ? 0 : c.traceIds[c.trace[row]], statement->integer(7));
        QCOMPARE(c.parent[row] == kNoRow ? 0 : c.id(c.parent[row]), statement->integer(8));
        QCOMPARE(std::int64_t(c.depth[row]), statement->integer(9));
        QCOMPARE(std::string(kinds[c.kind[row]]), std::string(statement->text(11)));
        QCOMPARE(std::string(statuses[c.status[row]]), std::string(statement->text(12)));
        QCOMPARE(std::int64_t(c.httpStatus[row]), statement->integer(13));
        const auto lane = std::upper_bound(c.lanes.begin(), c.lanes.end(), row,
                              [](std::uint32_t r, const Lane &l) { return r < l.first; })
            - 1;
        QCOMPARE(lane->track, c.track[row]);
        QCOMPARE(std::int64_t(lane->depth), statement->integer(10));
    }
    QCOMPARE(c.size(), rows);
}

void TestSpanColumns::sameAsTheView()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 1, 3000), {}));
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->generation, *workspace->generation("span"));
    compareWithView(*workspace, *columns);
}

void TestSpanColumns::twoThreadsSameAsTheView()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 2, 120'000), {}));
    compareWithView(*workspace, *loaded(*workspace));
}

void TestSpanColumns::lanesAreSortedAndFree()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 3, 20'000), {}));
    const auto columns = loaded(*workspace);
    const SpanColumns &c = *columns;
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < c.lanes.size(); ++i) {
        QCOMPARE(c.lanes[i].first, next);
        QVERIFY(c.lanes[i].count > 0);
        next += c.lanes[i].count;
        if (i > 0)
            QVERIFY(std::pair(c.lanes[i - 1].track, c.lanes[i - 1].depth)
                < std::pair(c.lanes[i].track, c.lanes[i].depth));
        for (std::uint32_t row = c.lanes[i].first + 1; row < next; ++row) {
            QVERIFY(c.start[row] >= c.start[row - 1]);
            QVERIFY(c.start[row] >= c.end(row - 1));
        }
    }
    QCOMPARE(std::size_t(next), c.size());
    for (std::uint32_t row = 0; row < c.size(); ++row) {
        QVERIFY(c.range.contains(c.start[row]));
        QVERIFY(c.end(row) <= c.range.end);
    }
}

void TestSpanColumns::severalSources()
{
    const auto workspace = newWorkspace();
    for (std::uint64_t seed = 4; seed < 7; ++seed)
        TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, seed, 500), {}));
    compareWithView(*workspace, *loaded(*workspace));
    // A source in the middle is removed: its ids leave a hole.
    TS_VERIFY_OK(workspace->removeSource(2, {}));
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->size(), std::size_t(1000));
    compareWithView(*workspace, *columns);
    QCOMPARE(columns->rowOfId(700), kNoRow);
    QCOMPARE(columns->rowOfId(-5), kNoRow);
    QCOMPARE(columns->rowOfId(std::int64_t(1) << 40), kNoRow);
}

void TestSpanColumns::offsetsAreAdded()
{
    const auto workspace = newWorkspace();
    Source source(*workspace, ClockKind::Monotonic);
    source.span(source.track(Shape::Nested, "", "", "t"), "x", 100, 10);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    QCOMPARE(loaded(*workspace)->start[0], 100);
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("UPDATE source_raw SET offset_ns = 1000, offset_method = 'user'"));
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->start[0], 1100);
    QVERIFY((columns->range == TimeRange{1100, 1110}));
    QVERIFY(columns->unaligned.empty());
}

void TestSpanColumns::foreignClocksStayOffTheAxis()
{
    const auto workspace = newWorkspace();
    const auto add = [&](ClockKind clock, Nanos start) {
        Source source(*workspace, clock);
        source.span(source.track(Shape::Nested, "", "", "t"), "x", start, 10);
        const std::int64_t id = source.finish();
        QVERIFY(deriveSpans(*workspace, id, {}).has_value());
    };
    add(ClockKind::Relative, 5);
    QVERIFY(loaded(*workspace)->unaligned.empty()); // alone it is its own axis
    add(ClockKind::Monotonic, 7);
    QCOMPARE(loaded(*workspace)->size(), std::size_t(2)); // no common clock: shown, and said so
    QVERIFY((loaded(*workspace)->unaligned == std::vector<std::int64_t>{1, 2}));
    add(ClockKind::Utc, 1'000'000'000);
    const auto columns = loaded(*workspace);
    // They count like all others, but their times do not stretch the range.
    QCOMPARE(columns->size(), std::size_t(3));
    QVERIFY((columns->range == TimeRange{1'000'000'000, 1'000'000'010}));
    QVERIFY((columns->unaligned == std::vector<std::int64_t>{1, 2}));
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(
        writer->execute("UPDATE source_raw SET offset_ns = 999999000, offset_method = 'user' WHERE id = 1"));
    const auto aligned = loaded(*workspace);
    QVERIFY((aligned->range == TimeRange{999'999'005, 1'000'000'010}));
    QVERIFY((aligned->unaligned == std::vector<std::int64_t>{2}));
}

void TestSpanColumns::hiddenSources()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 8, 100), {}));
    Source broken(*workspace);
    broken.span(broken.track(Shape::Nested, "", "", "t"), "x", 0, 10);
    store::BulkWriter::Ending ending;
    ending.state = store::SourceState::Broken;
    TS_VERIFY_OK(broken.writer().finish(ending));
    QCOMPARE(loaded(*workspace)->size(), std::size_t(100));
}

void TestSpanColumns::notYetDerived()
{
    const auto workspace = newWorkspace();
    fill(*workspace, 9, 300);
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->size(), std::size_t(300));
    for (std::uint32_t row = 0; row < 300; ++row) {
        QCOMPARE(columns->parent[row], kNoRow);
        QCOMPARE(columns->self[row], kUnknownNanos);
    }
    // Overlapping rows on one lane are no reason to fail.
    const auto pyramid = LanePyramid::build(columns, {});
    std::vector<LaneItem> items;
    for (std::size_t lane = 0; lane < columns->lanes.size(); ++lane) {
        pyramid->query(lane, columns->range, 1000, nullptr, items);
        QVERIFY(!items.empty());
    }
}

void TestSpanColumns::manyLanes()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef async = source.track(Shape::Async, "p"), other = source.track(Shape::Async, "q");
    for (int i = 0; i < 300; ++i)
        source.span(i % 3 == 0 ? other : async, "x", i, 1000);
    TS_VERIFY_OK(deriveSpans(*workspace, source.finish(), {}));
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("UPDATE span_calc SET lane = 65535 WHERE id = 1"));
    const auto columns = loaded(*workspace);
    compareWithView(*workspace, *columns);
    QCOMPARE(columns->lanes.size(), std::size_t(300));
}

void TestSpanColumns::weightsOfTraces()
{
    const auto workspace = newWorkspace();
    fill(*workspace, 10, 200);
    QVERIFY(loaded(*workspace)->traceWeight.empty());
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("INSERT OR REPLACE INTO trace_calc (id, weight) VALUES (3, 10), (5, -1)"));
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->traceWeight.size(), columns->traceIds.size());
    for (std::size_t i = 0; i < columns->traceIds.size(); ++i)
        QVERIFY(columns->traceIds[i] == 3 ? columns->traceWeight[i] == 10.0f
                                          : std::isnan(columns->traceWeight[i]));
}

void TestSpanColumns::rowsByIdFromManyThreads()
{
    auto columns = spanfixture::randomColumns(11, 10'000);
    columns->spanIdBase = 1'000'000;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (std::uint32_t row = 0; row < columns->size(); ++row)
                wrong += columns->rowOfId(columns->id(row)) == row ? 0 : 1;
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(wrong.load(), 0);
    // Ids far apart take the other index.
    auto sparse = spanfixture::randomColumns(12, 100);
    for (std::uint32_t &id : sparse->spanId)
        id *= 20'000'000;
    for (std::uint32_t row = 0; row < sparse->size(); ++row)
        QCOMPARE(sparse->rowOfId(sparse->id(row)), row);
    QCOMPARE(sparse->rowOfId(sparse->spanIdBase + 1), kNoRow);
}

void TestSpanColumns::memory()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 13, 110'000), {}));
    const auto columns = loaded(*workspace);
    QVERIFY2(columns->bytes() <= 64 * columns->size(),
        std::to_string(double(columns->bytes()) / double(columns->size())).c_str());
}

void TestSpanColumns::emptyWorkspace()
{
    const auto workspace = newWorkspace();
    const auto columns = loaded(*workspace);
    QCOMPARE(columns->size(), std::size_t(0));
    QVERIFY(columns->range.isEmpty());
    QVERIFY(columns->lanes.empty());
    QCOMPARE(columns->rowOfId(1), kNoRow);
}

void TestSpanColumns::cancelled()
{
    const auto workspace = newWorkspace();
    fill(*workspace, 14, 100);
    Progress progress;
    progress.cancel.cancel();
    const auto columns = SpanColumns::load(*workspace, progress);
    QVERIFY(!columns);
    QCOMPARE(columns.error().code, ErrorCode::Cancelled);
}

void TestSpanColumns::titles()
{
    QCOMPARE(spanfixture::service("shop", "pod-1").title(), std::string("shop · pod-1"));
    QCOMPARE(spanfixture::service("shop").title(), std::string("shop"));
    QCOMPARE(spanfixture::thread("chrome (1)", "main").title(), std::string("chrome (1) / main"));
    QCOMPARE(spanfixture::thread("", "main").title(), std::string("main"));
    QCOMPARE(spanfixture::thread("chrome", "").title(), std::string("chrome"));
    QCOMPARE(TrackInfo().title(), std::string("unknown"));
}

void TestSpanColumns::figuresAgreeWithSql()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 15, 2000), {}));
    const auto columns = loaded(*workspace);
    const auto number = [&](const std::string &sql) { return query(*workspace, sql); };
    // A filter means the same to the columns and to SQL.
    for (const char *expression : {"op1", "-op1", "status=error", "status!=error", "duration>2us",
             "-duration>2us", "self<=1us", "kind=server", "-kind=server", "http=5xx", "depth>=2", "trace=3",
             "trace!=3", "service=service1", "service!=service1", "service=", "thread=thread0 op2",
             "operation~^op1 -service=service0", "/^op1$|service2/", "source=1", "-source=1"}) {
        const auto filter = parseFilter(expression);
        const auto bitmap = *evaluateFilter(*columns, *filter, {});
        const Filter::Sql sql = filter->toSql();
        auto database = workspace->connectReader();
        auto statement = database->prepare("SELECT count(*) FROM span WHERE " + sql.condition);
        TS_VERIFY_OK(statement);
        for (std::size_t i = 0; i < sql.texts.size(); ++i)
            statement->bind(int(i), std::string_view(sql.texts[i]));
        QVERIFY(*statement->step());
        QVERIFY2(std::size_t(statement->integer(0)) == bitmap->count(), expression);
    }
    const DurationStats stats = durationStats(*columns, {});
    QCOMPARE(std::to_string(stats.figures[3].value),
        number("SELECT percentile(duration_ns, 0.99) FROM span"));
    QCOMPARE(std::to_string(std::int64_t(stats.totalNs)), number("SELECT sum(duration_ns) FROM span"));
    QCOMPARE(std::to_string(stats.unknown), number("SELECT count(*) FROM span WHERE duration_ns IS NULL"));
}

void TestSpanColumns::sameTwice()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(deriveSpans(*workspace, fill(*workspace, 16, 110'000), {}));
    const auto a = loaded(*workspace), b = loaded(*workspace);
    QVERIFY(a->start == b->start && a->duration == b->duration && a->self == b->self
        && a->operation == b->operation);
    QVERIFY(a->track == b->track && a->trace == b->trace && a->parent == b->parent && a->spanId == b->spanId);
    QVERIFY(a->operations == b->operations);
}

QTEST_GUILESS_MAIN(TestSpanColumns)
#include "tst_spancolumns.moc"
