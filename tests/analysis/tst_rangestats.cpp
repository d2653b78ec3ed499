// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rangestats.h"
#include "spanfixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using spanfixture::Span;

namespace {

constexpr std::array<Quantile, 5> kQuantiles{kP50, kP90, kP95, kP99, kP999};

std::vector<std::uint32_t> rowsOf(const SpanColumns &c, const SpanSelection &s)
{
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < c.size(); ++row) {
        const bool in = (!s.range || s.range->contains(c.start[row])) && (!s.filter || s.filter->test(row))
            && (!s.operation || c.operation[row] == *s.operation) && (!s.track || c.track[row] == *s.track)
            && (!s.status || c.status[row] == *s.status) && (!s.rootsOnly || c.parent[row] == kNoRow)
            && (!s.durationRange
                || (c.duration[row] != kUnknownNanos && c.duration[row] >= s.durationRange->first
                    && c.duration[row] < s.durationRange->second));
        if (in)
            rows.push_back(row);
    }
    return rows;
}

void compareFigures(const std::array<PercentileFigure, 5> &figures, std::vector<Nanos> values)
{
    std::sort(values.begin(), values.end());
    const auto n = std::int64_t(values.size());
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const PercentileFigure &figure = figures[i];
        QVERIFY(figure.q == kQuantiles[i]);
        QCOMPARE(figure.tooFewSamples, n < minimumSamples(figure.q));
        if (n == 0) {
            QCOMPARE(figure.value, kUnknownNanos);
            continue;
        }
        QCOMPARE(figure.rank, nearestRank(n, figure.q));
        QCOMPARE(figure.value, values[std::size_t(figure.rank - 1)]);
        const RankInterval interval = rankInterval95(n, figure.q);
        QCOMPARE(figure.lower95.has_value(), interval.lowerRank > 0);
        if (figure.lower95)
            QCOMPARE(*figure.lower95, values[std::size_t(interval.lowerRank - 1)]);
        QCOMPARE(figure.upper95.has_value(), interval.upperRank.has_value());
        if (figure.upper95)
            QCOMPARE(*figure.upper95, values[std::size_t(*interval.upperRank - 1)]);
    }
}

void compareWithSort(const SpanColumns &c, const SpanSelection &selection, bool self = false)
{
    const DurationStats stats = durationStats(c, selection, self);
    std::vector<Nanos> values;
    std::int64_t unknown = 0, errors = 0;
    for (const std::uint32_t row : rowsOf(c, selection)) {
        const Nanos value = self ? c.self[row] : c.duration[row];
        errors += c.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
        if (value == kUnknownNanos)
            ++unknown;
        else
            values.push_back(value);
    }
    QCOMPARE(stats.count, std::int64_t(values.size()));
    QCOMPARE(stats.unknown, unknown);
    QCOMPARE(stats.errors, errors);
    QCOMPARE(stats.histogram.total(), stats.count);
    compareFigures(stats.figures, values);
    if (values.empty()) {
        QCOMPARE(stats.min, kUnknownNanos);
        return;
    }
    QCOMPARE(stats.min, *std::min_element(values.begin(), values.end()));
    QCOMPARE(stats.max, *std::max_element(values.begin(), values.end()));
    const double total = std::accumulate(values.begin(), values.end(), 0.0);
    QVERIFY(std::abs(stats.totalNs - total) <= total * 1e-12);
    QVERIFY(std::abs(stats.meanNs - total / double(values.size())) <= stats.meanNs * 1e-12);
    LogLinearHistogram histogram;
    for (const Nanos value : values)
        histogram.add(value);
    QVERIFY(histogram.counts() == stats.histogram.counts());
}

std::shared_ptr<SpanBitmap> someRows(std::uint64_t seed, std::size_t rows, int percent)
{
    Random random(seed);
    auto bitmap = std::make_shared<SpanBitmap>(rows);
    for (std::size_t row = 0; row < rows; ++row)
        bitmap->set(row, random.chance(percent));
    return bitmap;
}

// n spans one after another on one track.
std::shared_ptr<SpanColumns> sequence(const std::vector<Nanos> &durations)
{
    std::vector<Span> spans;
    Nanos at = 0;
    for (const Nanos duration : durations) {
        spans.push_back({"op", 0, 0, at, duration, duration});
        at += duration + 1;
    }
    return spanfixture::build(spans, {spanfixture::service("s")});
}

} // namespace

class TestRangeStats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void exactAgainstSort();
    void largeEnoughForTwoThreads();
    void crowdedBuckets();
    void emptySelections();
    void columnsWithoutLanes();
    void staleFilterPassesNothingNew();
    void weighted();
    void groupsAgainstNaive();
    void groupLimit();
    void groupsOfHttpClasses();
    void binsAgainstNaive();
    void heatRows();
    void binsOutsideTheData();
    void cancelReturnsQuickly();
    void sameTwice();
};

void TestRangeStats::exactAgainstSort()
{
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto columns = spanfixture::randomColumns(seed, 4000);
        const SpanColumns &c = *columns;
        const Nanos length = c.range.end - c.range.begin;
        SpanSelection all;
        compareWithSort(c, all);
        compareWithSort(c, all, true);
        SpanSelection s;
        s.range = TimeRange{c.range.begin + length / 4, c.range.begin + length / 2};
        compareWithSort(c, s);
        s.operation = 2;
        compareWithSort(c, s);
        s.status = std::uint8_t(SpanStatus::Ok);
        compareWithSort(c, s);
        s.filter = someRows(seed, c.size(), 70);
        compareWithSort(c, s);
        s = {};
        s.track = 3;
        s.rootsOnly = true;
        compareWithSort(c, s);
        s = {};
        s.durationRange = {1000, 20'000};
        compareWithSort(c, s);
        s = {};
        s.filter = someRows(seed + 10, c.size(), 2);
        compareWithSort(c, s);
    }
}

void TestRangeStats::largeEnoughForTwoThreads()
{
    const auto columns = spanfixture::randomColumns(20, 200'000, 9);
    SpanSelection s;
    compareWithSort(*columns, s);
    s.range = TimeRange{columns->range.begin,
        columns->range.begin + (columns->range.end - columns->range.begin) / 5 * 4};
    s.filter = someRows(21, columns->size(), 90);
    compareWithSort(*columns, s);
}

void TestRangeStats::crowdedBuckets()
{
    // More equal or nearly equal values than fit into one collection: they are counted finer instead.
    for (const int spread : {1, 3, 5000, 300'000}) {
        Random random(std::uint64_t(spread) + 5);
        std::vector<Nanos> durations;
        for (int i = 0; i < 400'000; ++i)
            durations.push_back(12'000'000 + random.below(spread));
        compareWithSort(*sequence(durations), {});
    }
    std::vector<Nanos> large(300'000, 3'600'000'000'000);
    large.insert(large.end(), 10, 1);
    compareWithSort(*sequence(large), {});
}

void TestRangeStats::emptySelections()
{
    const SpanColumns none;
    const DurationStats stats = durationStats(none, {});
    QCOMPARE(stats.count, 0);
    QCOMPARE(stats.figures[0].value, kUnknownNanos);
    QVERIFY(stats.figures[0].tooFewSamples);
    QVERIFY(groupStats(none, {}, GroupBy::Operation, 10).empty());
    const auto columns = spanfixture::randomColumns(2, 100);
    SpanSelection s;
    s.range = TimeRange{5, 5};
    QCOMPARE(durationStats(*columns, s).count, 0);
    s = {};
    s.operation = 999;
    QCOMPARE(durationStats(*columns, s).count, 0);
}

void TestRangeStats::columnsWithoutLanes()
{
    auto columns = spanfixture::randomColumns(30, 500);
    SpanSelection s;
    s.range = TimeRange{columns->range.begin,
        columns->range.begin + (columns->range.end - columns->range.begin) / 2};
    s.track = 1;
    columns->lanes.clear();
    compareWithSort(*columns, s);
}

void TestRangeStats::staleFilterPassesNothingNew()
{
    const auto columns = spanfixture::randomColumns(31, 500);
    SpanSelection s;
    s.filter = std::make_shared<SpanBitmap>(100, true);
    QCOMPARE(durationStats(*columns, s).count + durationStats(*columns, s).unknown, 100);
}

void TestRangeStats::weighted()
{
    for (const int rows : {300, 200'000}) {
        auto columns = spanfixture::randomColumns(40, rows);
        Random random(41);
        for (std::size_t i = 0; i < columns->traceIds.size(); ++i)
            columns->traceWeight.push_back(float(1 + random.below(20)));
        const DurationStats stats = durationStats(*columns, {});
        QVERIFY(stats.weighted);
        std::vector<WeightedValue> values;
        double sum = 0, weight = 0;
        for (std::uint32_t row = 0; row < columns->size(); ++row) {
            if (columns->duration[row] == kUnknownNanos)
                continue;
            const double w
                = columns->trace[row] == kNoRow ? 1 : double(columns->traceWeight[columns->trace[row]]);
            values.push_back({columns->duration[row], w});
            sum += w * double(columns->duration[row]);
            weight += w;
        }
        QCOMPARE(stats.count, std::int64_t(values.size()));
        QCOMPARE(stats.histogram.total(), stats.count);
        QVERIFY(std::abs(stats.meanNs - sum / weight) <= stats.meanNs * 1e-9);
        for (std::size_t i = 0; i < stats.figures.size(); ++i) {
            QCOMPARE(stats.figures[i].value, weightedPercentile(values, kQuantiles[i]).value_or(-1));
            QVERIFY(!stats.figures[i].lower95);
        }
        // Every weight the same: the unweighted figures.
        std::fill(columns->traceWeight.begin(), columns->traceWeight.end(), 1.0f);
        const DurationStats equal = durationStats(*columns, {});
        columns->traceWeight.clear();
        const DurationStats plain = durationStats(*columns, {});
        for (std::size_t i = 0; i < plain.figures.size(); ++i)
            QCOMPARE(equal.figures[i].value, plain.figures[i].value);
    }
}

void TestRangeStats::groupsAgainstNaive()
{
    const auto columns = spanfixture::randomColumns(50, 5000);
    const SpanColumns &c = *columns;
    SpanSelection selection;
    selection.filter = someRows(51, c.size(), 80);
    const auto rows = rowsOf(c, selection);
    const auto check = [&](GroupBy by, auto nameOf) {
        const std::vector<GroupStats> groups = groupStats(c, selection, by, 100);
        std::int64_t count = 0;
        double last = std::numeric_limits<double>::infinity();
        for (const GroupStats &group : groups) {
            QVERIFY(group.totalNs <= last);
            last = group.totalNs;
            count += group.count;
            std::vector<Nanos> values;
            std::int64_t n = 0, errors = 0;
            double total = 0, self = 0;
            for (const std::uint32_t row : rows) {
                if (nameOf(row) != group.name)
                    continue;
                ++n;
                errors += c.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
                if (c.duration[row] == kUnknownNanos)
                    continue;
                values.push_back(c.duration[row]);
                total += double(c.duration[row]);
                self += double(c.self[row]);
            }
            QCOMPARE(group.count, n);
            QCOMPARE(group.errors, errors);
            QVERIFY(std::abs(group.totalNs - total) < 1);
            QVERIFY(std::abs(group.selfNs - self) < 1);
            QCOMPARE(group.histogram.total(), std::int64_t(values.size()));
            compareFigures(group.figures, values);
        }
        QCOMPARE(count, std::int64_t(rows.size()));
    };
    check(GroupBy::Operation, [&](auto r) { return c.operations[c.operation[r]]; });
    check(GroupBy::Service, [&](auto r) { return c.tracks[c.track[r]].service; });
    check(GroupBy::Instance, [&](auto r) { return c.tracks[c.track[r]].instance; });
    check(GroupBy::Track, [&](auto r) { return c.tracks[c.track[r]].title(); });
    check(GroupBy::Status, [&](auto r) {
        return std::string(c.status[r] == 0 ? "unset" : c.status[r] == 1 ? "ok" : "error");
    });
}

void TestRangeStats::groupLimit()
{
    const auto columns = spanfixture::randomColumns(52, 2000);
    const auto all = groupStats(*columns, {}, GroupBy::Operation, 100);
    const auto three = groupStats(*columns, {}, GroupBy::Operation, 3);
    QCOMPARE(three.size(), std::size_t(4));
    QCOMPARE(three.back().name, std::string("other"));
    QCOMPARE(three.back().key, kNoRow);
    std::int64_t rest = 0;
    LogLinearHistogram merged;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i < 3) {
            QCOMPARE(three[i].name, all[i].name);
            QCOMPARE(columns->operations[three[i].key], all[i].name);
        } else {
            rest += all[i].count;
            merged.merge(all[i].histogram);
        }
    }
    QCOMPARE(three.back().count, rest);
    QVERIFY(three.back().histogram.counts() == merged.counts());
    QCOMPARE(groupStats(*columns, {}, GroupBy::Operation, 0).size(), std::size_t(1));
}

void TestRangeStats::groupsOfHttpClasses()
{
    std::vector<Span> spans;
    for (const int http : {0, 200, 204, 301, 404, 500, 503, 99, 700})
        spans.push_back({"op", 0, 0, Nanos(spans.size()) * 10, 5, 5, -1, SpanKind::Server, SpanStatus::Ok,
            std::uint16_t(http)});
    const auto columns = spanfixture::build(spans, {spanfixture::service("s")});
    std::map<std::string, std::int64_t> counts;
    for (const GroupStats &group : groupStats(*columns, {}, GroupBy::HttpClass, 10))
        counts[group.name] = group.count;
    const std::map<std::string, std::int64_t> expected{{"none", 1}, {"2xx", 2}, {"3xx", 1}, {"4xx", 1},
        {"5xx", 2}, {"other code", 2}};
    QVERIFY(counts == expected);
}

void TestRangeStats::binsAgainstNaive()
{
    for (const int count : {3000, 150'000}) {
        const auto columns = spanfixture::randomColumns(60, count);
        const SpanColumns &c = *columns;
        for (const int bins : {1, 7, 100}) {
            const TimeBins result = timeBins(c, {}, c.range, bins, 12);
            QCOMPARE(result.bins.size(), std::size_t(bins));
            std::int64_t all = 0, known = 0;
            for (int bin = 0; bin < bins; ++bin) {
                SpanSelection s;
                s.range
                    = TimeRange{c.range.begin + bin * result.binNs, c.range.begin + (bin + 1) * result.binNs};
                const DurationStats stats = durationStats(c, s);
                const TimeBins::Bin &out = result.bins[std::size_t(bin)];
                QCOMPARE(out.count, stats.count + stats.unknown);
                QCOMPARE(out.errors, stats.errors);
                QCOMPARE(out.p50, stats.figures[0].value);
                QCOMPARE(out.p95, stats.figures[2].value);
                QCOMPARE(out.p99, stats.figures[3].value);
                QCOMPARE(out.tooFewForP95, stats.figures[2].tooFewSamples);
                QCOMPARE(out.tooFewForP99, stats.figures[3].tooFewSamples);
                const auto begin = result.heat.begin() + bin * 12;
                QCOMPARE(std::int64_t(std::accumulate(begin, begin + 12, std::uint64_t(0))), stats.count);
                all += out.count;
                known += stats.count;
            }
            QCOMPARE(all, std::int64_t(c.size()));
            QCOMPARE(std::int64_t(std::accumulate(result.heat.begin(), result.heat.end(), std::uint64_t(0))),
                known);
        }
    }
}

void TestRangeStats::heatRows()
{
    // Four decades in four rows: each decade is one row, its lower border belongs to it.
    const auto columns = sequence({1, 9, 10, 99, 100, 999, 1000, 10'000});
    const TimeBins result = timeBins(*columns, {}, columns->range, 1, 4);
    QCOMPARE(result.low, 1);
    QCOMPARE(result.high, 10'000);
    const std::vector<std::uint32_t> expected{2, 2, 2, 2};
    QVERIFY(result.heat == expected);
    QVERIFY(timeBins(*columns, {}, columns->range, 1, 0).heat.empty());
    QCOMPARE(timeBins(*columns, {}, columns->range, 1, 0).bins[0].p50, 99);
}

void TestRangeStats::binsOutsideTheData()
{
    const auto columns = sequence({5, 5, 5});
    QVERIFY(timeBins(*columns, {}, {10, 10}, 4, 4).bins.empty());
    const TimeBins far = timeBins(*columns, {}, {1000, 2000}, 4, 4);
    QCOMPARE(far.bins.size(), std::size_t(4));
    QCOMPARE(far.bins[0].count, 0);
    QCOMPARE(far.bins[0].p50, kUnknownNanos);
    constexpr Nanos kMax = std::numeric_limits<Nanos>::max();
    QCOMPARE(timeBins(*columns, {}, {kUnknownNanos + 1, kMax}, 3, 4).bins.size(), std::size_t(3));
    SpanSelection s;
    s.range = TimeRange{6, 100};
    const TimeBins cut = timeBins(*columns, s, {0, 18}, 3, 2);
    QCOMPARE(cut.bins[0].count, 0);
    QCOMPARE(cut.bins[1].count, 1);
    QCOMPARE(cut.bins[2].count, 1);
}

void TestRangeStats::cancelReturnsQuickly()
{
    const auto columns = spanfixture::randomColumns(70, 300'000);
    CancelToken cancel;
    cancel.cancel();
    QVERIFY(durationStats(*columns, {}, false, cancel).count < 300'000);
    groupStats(*columns, {}, GroupBy::Operation, 5, cancel);
    timeBins(*columns, {}, columns->range, 50, 10, cancel);
}

void TestRangeStats::sameTwice()
{
    const auto columns = spanfixture::randomColumns(71, 200'000);
    const DurationStats a = durationStats(*columns, {}), b = durationStats(*columns, {});
    QCOMPARE(a.totalNs, b.totalNs);
    QCOMPARE(a.meanNs, b.meanNs);
    const auto groupsA = groupStats(*columns, {}, GroupBy::Service, 9),
               groupsB = groupStats(*columns, {}, GroupBy::Service, 9);
    for (std::size_t i = 0; i < groupsA.size(); ++i) {
        QCOMPARE(groupsA[i].name, groupsB[i].name);
        QCOMPARE(groupsA[i].totalNs, groupsB[i].totalNs);
    }
}

QTEST_GUILESS_MAIN(TestRangeStats)
#include "tst_rangestats.moc"
