// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lanequery.h"
#include "spanfixture.h"

#include <cmath>
#include <limits>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using spanfixture::Span;

namespace {

std::shared_ptr<const LanePyramid> pyramidOf(std::shared_ptr<SpanColumns> columns)
{
    return LanePyramid::build(std::move(columns), {});
}

// Everything a query promises, checked against all rows of the lane.
void checkQuery(const LanePyramid &pyramid, std::size_t lane, TimeRange range, Nanos minNs,
    const SpanBitmap *filter)
{
    const SpanColumns &c = pyramid.columns();
    const Lane &bounds = c.lanes[lane];
    std::vector<LaneItem> items;
    pyramid.query(lane, range, minNs, filter, items);

    std::uint64_t count = 0, errors = 0, expected = 0, expectedErrors = 0;
    std::size_t item = 0;
    for (std::uint32_t row = bounds.first; row < bounds.first + bounds.count; ++row) {
        const bool touches
            = c.start[row] < range.end && (c.start[row] >= range.begin || c.end(row) > range.begin);
        if (!touches || (filter && !filter->test(row)))
            continue;
        ++expected;
        expectedErrors += c.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
        while (item < items.size() && count + items[item].count < expected)
            count += items[item++].count;
        QVERIFY(item < items.size());
        QVERIFY(items[item].begin <= c.start[row]);
        // A long span is never folded into a bar with others.
        if (c.duration[row] >= std::max<Nanos>(1, minNs))
            QCOMPARE(items[item].count, 1u);
        const std::uint32_t shown = items[item].row;
        QVERIFY(shown >= bounds.first && shown < bounds.first + bounds.count);
        QVERIFY(!filter || filter->test(shown));
        QVERIFY(c.duration[shown] >= c.duration[row]);
    }
    count = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        count += items[i].count;
        errors += items[i].errors;
        QVERIFY(items[i].begin <= items[i].end);
        if (i > 0) {
            QVERIFY(items[i].begin >= items[i - 1].end);
            QVERIFY(items[i].begin >= items[i - 1].begin);
        }
        if (i + 1 == items.size() || items[i].end < items[i + 1].begin)
            QVERIFY(items[i].end - items[i].begin >= std::max<Nanos>(1, minNs));
    }
    QCOMPARE(count, expected);
    QCOMPARE(errors, expectedErrors);
    // At most one folded bar a grid cell, so the number of items depends on the pixels.
    std::size_t folded = 0;
    for (const LaneItem &one : items)
        folded += one.count > 1 ? 1 : 0;
    const double cells = double(range.end - range.begin) / double(std::max<Nanos>(1, minNs));
    QVERIFY(double(folded) <= cells + 2);
}

} // namespace

class TestLaneQuery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allRowsAtAnyZoom();
    void filteredRows();
    void denseLane();
    void panningKeepsTheItems();
    void reachesInFromTheLeft();
    void unknownDurations();
    void rowAtATime();
    void emptyAndForeign();
    void decimation();
    void decimationOfHoles();
};

void TestLaneQuery::allRowsAtAnyZoom()
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const auto pyramid = pyramidOf(spanfixture::randomColumns(seed, 3000, 3));
        const SpanColumns &c = pyramid->columns();
        const Nanos length = c.range.end - c.range.begin;
        Random random(seed);
        for (std::size_t lane = 0; lane < c.lanes.size(); ++lane) {
            for (const Nanos minNs :
                {Nanos(0), Nanos(1), Nanos(500), length / 1600, length / 10, length * 2}) {
                checkQuery(*pyramid, lane, c.range, minNs, nullptr);
                const Nanos begin = c.range.begin + random.below(length);
                checkQuery(*pyramid, lane, {begin, begin + 1 + random.below(length / 3)}, minNs, nullptr);
            }
        }
    }
}

void TestLaneQuery::filteredRows()
{
    const auto columns = spanfixture::randomColumns(11, 4000, 2);
    const auto pyramid = pyramidOf(columns);
    const SpanColumns &c = *columns;
    const Nanos length = c.range.end - c.range.begin;
    Random random(12);
    for (const int percent : {0, 1, 30, 95, 100}) {
        SpanBitmap filter(c.size());
        for (std::size_t row = 0; row < c.size(); ++row)
            filter.set(row, random.chance(percent));
        for (std::size_t lane = 0; lane < c.lanes.size(); ++lane) {
            for (const Nanos minNs : {Nanos(1), Nanos(2000), length / 100, length})
                checkQuery(*pyramid, lane, c.range, minNs, &filter);
        }
    }
    // A filter that leaves out everything long: no block may answer by its longest row.
    SpanBitmap small(c.size());
    for (std::uint32_t row = 0; row < c.size(); ++row)
        small.set(row, c.duration[row] < 500);
    for (std::size_t lane = 0; lane < c.lanes.size(); ++lane)
        checkQuery(*pyramid, lane, c.range, length / 20, &small);
}

void TestLaneQuery::denseLane()
{
    std::vector<Span> spans;
    Random random(13);
    Nanos at = 0;
    for (int i = 0; i < 100'000; ++i) {
        const Nanos duration = 1 + random.below(i % 1000 == 0 ? 5000 : 50);
        spans.push_back({"op", 0, 0, at, duration, duration, -1, SpanKind::Internal,
            i % 321 == 0 ? SpanStatus::Error : SpanStatus::Ok});
        at += duration;
    }
    const auto pyramid = pyramidOf(spanfixture::build(spans, {spanfixture::service("s")}));
    for (const Nanos minNs : {Nanos(10), Nanos(1000), at / 1600, at})
        checkQuery(*pyramid, 0, {0, at}, minNs, nullptr);
    std::vector<LaneItem> items;
    pyramid->query(0, {0, at}, at / 1600, nullptr, items);
    QVERIFY(items.size() <= 2 * 1600 + 2);
    pyramid->query(0, {0, at}, at * 2, nullptr, items);
    QCOMPARE(items.size(), std::size_t(1));
    QCOMPARE(items[0].count, 100'000u);
    QCOMPARE(items[0].errors, 312u);
}

void TestLaneQuery::panningKeepsTheItems()
{
    const auto pyramid = pyramidOf(spanfixture::randomColumns(14, 3000, 1));
    const SpanColumns &c = pyramid->columns();
    const Nanos length = c.range.end - c.range.begin, pixel = length / 400;
    std::vector<LaneItem> whole, moved;
    pyramid->query(0, c.range, pixel, nullptr, whole);
    pyramid->query(0, {c.range.begin + length / 3, c.range.end}, pixel, nullptr, moved);
    // Apart from the first, which may be cut off, the moved window shows the same items.
    QVERIFY(moved.size() > 10);
    const auto offset = whole.size() - moved.size();
    for (std::size_t i = 1; i < moved.size(); ++i) {
        QCOMPARE(moved[i].begin, whole[offset + i].begin);
        QCOMPARE(moved[i].end, whole[offset + i].end);
        QCOMPARE(moved[i].row, whole[offset + i].row);
        QCOMPARE(moved[i].count, whole[offset + i].count);
    }
}

void TestLaneQuery::reachesInFromTheLeft()
{
    const std::vector<Span> spans{{"long", 0, 0, 0, 1000, 1000}, {"next", 0, 0, 1000, 10, 10}};
    const auto pyramid = pyramidOf(spanfixture::build(spans, {spanfixture::service("s")}));
    std::vector<LaneItem> items;
    pyramid->query(0, {500, 600}, 1, nullptr, items);
    QCOMPARE(items.size(), std::size_t(1));
    QCOMPARE(items[0].row, 0u);
    QCOMPARE(items[0].begin, 0);
    QCOMPARE(items[0].end, 1000);
    pyramid->query(0, {1000, 1001}, 1, nullptr, items); // the first has ended
    QCOMPARE(items.size(), std::size_t(1));
    QCOMPARE(items[0].row, 1u);
    pyramid->query(0, {1010, 2000}, 1, nullptr, items);
    QVERIFY(items.empty());
}

void TestLaneQuery::unknownDurations()
{
    const std::vector<Span> spans{{"mark", 0, 0, 100, kUnknownNanos, kUnknownNanos},
        {"span", 0, 0, 200, 50, 50}, {"mark", 0, 0, 300, kUnknownNanos, kUnknownNanos}};
    const auto pyramid = pyramidOf(spanfixture::build(spans, {spanfixture::service("s")}));
    std::vector<LaneItem> items;
    pyramid->query(0, {0, 1000}, 10, nullptr, items);
    QCOMPARE(items.size(), std::size_t(3));
    QCOMPARE(items[0].begin, 100);
    QCOMPARE(items[0].end, 110);
    pyramid->query(0, {0, 1000}, 1000, nullptr, items);
    QCOMPARE(items.size(), std::size_t(1));
    QCOMPARE(items[0].row, 1u);
}

void TestLaneQuery::rowAtATime()
{
    const std::vector<Span> spans{{"a", 0, 0, 100, 50, 50}, {"b", 0, 0, 150, 0, 0},
        {"c", 0, 0, 200, 100, 100}};
    const auto pyramid = pyramidOf(spanfixture::build(spans, {spanfixture::service("s")}));
    QCOMPARE(pyramid->rowAt(0, 99, 0), kNoRow);
    QCOMPARE(pyramid->rowAt(0, 99, 1), 0u);
    QCOMPARE(pyramid->rowAt(0, 100, 0), 0u);
    QCOMPARE(pyramid->rowAt(0, 149, 0), 0u);
    QCOMPARE(pyramid->rowAt(0, 150, 0), 1u);
    QCOMPARE(pyramid->rowAt(0, 170, 10), kNoRow);
    QCOMPARE(pyramid->rowAt(0, 170, 20), 1u);
    QCOMPARE(pyramid->rowAt(0, 190, 20), 2u);
    QCOMPARE(pyramid->rowAt(0, 299, 0), 2u);
    QCOMPARE(pyramid->rowAt(0, 300, 0), 2u); // its end is as near as can be
    QCOMPARE(pyramid->rowAt(0, 301, 0), kNoRow);
    QCOMPARE(pyramid->rowAt(7, 100, 0), kNoRow);
}

void TestLaneQuery::emptyAndForeign()
{
    const auto empty = pyramidOf(std::make_shared<SpanColumns>());
    std::vector<LaneItem> items{{}};
    empty->query(0, {0, 10}, 1, nullptr, items);
    QVERIFY(items.empty());
    const auto columns = spanfixture::randomColumns(15, 100, 1);
    const auto pyramid = pyramidOf(columns);
    const SpanBitmap foreign(10, true);
    pyramid->query(0, columns->range, 1, &foreign, items);
    QVERIFY(items.empty());
    pyramid->query(0, {5, 5}, 1, nullptr, items);
    QVERIFY(items.empty());
}

void TestLaneQuery::decimation()
{
    std::vector<Nanos> ts;
    std::vector<double> values;
    Random random(16);
    for (int i = 0; i < 10'000; ++i) {
        ts.push_back(i * 10);
        values.push_back(i == 5000 ? 1e9 : double(random.below(100)));
    }
    const auto points = decimate(ts, values, {0, 100'000}, 200);
    QCOMPARE(points.size(), std::size_t(200));
    std::int64_t count = 0;
    double max = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        count += points[i].count;
        max = std::max(max, points[i].max);
        QVERIFY(points[i].min <= points[i].last && points[i].last <= points[i].max);
        QCOMPARE(points[i].ts, Nanos(i) * 500);
    }
    QCOMPARE(count, 10'000);
    QCOMPARE(max, 1e9); // a spike survives
    QCOMPARE(decimate(ts, values, {0, 50'000}, 100).size(), std::size_t(100));
}

void TestLaneQuery::decimationOfHoles()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto points = decimate({0, 1, 50, 99, 100}, {1, nan, 3, -4, 5}, {0, 100}, 2);
    QCOMPARE(points.size(), std::size_t(2));
    QCOMPARE(points[0].count, 1);
    QCOMPARE(points[1].ts, 50);
    QCOMPARE(points[1].min, -4.0);
    QCOMPARE(points[1].max, 3.0);
    QCOMPARE(points[1].last, -4.0);
    QVERIFY(decimate({}, {}, {0, 100}, 2).empty());
    QVERIFY(decimate({1}, {1}, {0, 100}, 0).empty());
    QVERIFY(decimate({1}, {1}, {100, 0}, 3).empty());
}

QTEST_GUILESS_MAIN(TestLaneQuery)
#include "tst_lanequery.moc"
