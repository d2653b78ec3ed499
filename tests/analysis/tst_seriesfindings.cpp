// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What is found in imported series: rates, ceilings, baselines, bands of the day, what moved with an onset.
#include "analysis/ceilings.h"
#include "analysis/resourcemoved.h"
#include "analysis/seriesbaseline.h"
#include "analysis/seriesfold.h"
#include "analysis/seriesvalues.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;
constexpr Nanos kMinute = 60 * kSecond;
constexpr Nanos kHour = 60 * kMinute;
constexpr Nanos kDay = 24 * kHour;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Values at even distances from 0 on.
SeriesValues every(Nanos step, const std::vector<double> &values)
{
    SeriesValues out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.ts.push_back(Nanos(i) * step);
        out.values.push_back(values[i]);
    }
    return out;
}
std::vector<double> ramp(std::size_t n, double from, double to)
{
    std::vector<double> out;
    for (std::size_t i = 0; i < n; ++i)
        out.push_back(from + (to - from) * double(i) / double(n - 1));
    return out;
}
std::vector<double> flat(std::size_t n, double value) { return std::vector<double>(n, value); }
int utc(Nanos) { return 0; }

} // namespace

class TestSeriesFindings : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void order();
    void rates();
    void bins();
    void ceilingsKnownAnswers();
    void ceilingsThatAreNone();
    void baselineForgivesNothing();
    void baselineEdges();
    void bandsOfTheDay();
    void clockChange();
    void week();
    void whatMoved();
};

void TestSeriesFindings::order()
{
    SeriesValues values{{30, 10, 20, 20, 40}, {3, 1, 2, 9, kNone}};
    normalise(values);
    QCOMPARE(values.ts, (std::vector<Nanos>{10, 20, 30}));
    QCOMPARE(values.values, (std::vector<double>{1, 9, 3}));
}

void TestSeriesFindings::rates()
{
    // A restart at the fourth point, and a hole of an hour.
    SeriesValues counter = every(10 * kSecond, {100, 120, 150, 30, 50});
    counter.ts.push_back(counter.ts.back() + kHour);
    counter.values.push_back(9000);
    const SeriesValues rate = differences(counter, true, true);
    QCOMPARE(rate.values, (std::vector<double>{2, 3, 3, 2}));
    QCOMPARE(rate.ts.front(), 10 * kSecond);
    QCOMPARE(differences(counter, false, false).values, (std::vector<double>{20, 30, -120, 20}));
    QVERIFY(isCounter("counter", "x", counter));
    QVERIFY(isCounter("unknown", "orders_total", every(1, ramp(40, 0, 100))));
    QVERIFY(!isCounter("unknown", "orders_total", every(1, {5, 1, 5, 1, 5, 1})));
    QVERIFY(!isCounter("gauge", "orders_total", counter));
    QVERIFY(!isCounter("unknown", "orders", counter));
    QCOMPARE(holes(counter.ts), std::size_t(1));
}

void TestSeriesFindings::bins()
{
    SeriesValues values = every(kSecond, ramp(100, 0, 99));
    values.ts.erase(values.ts.begin() + 40, values.ts.begin() + 60);
    values.values.erase(values.values.begin() + 40, values.values.begin() + 60);
    const RegularSeries mean = regular(values, BinValue::Mean, 10);
    QCOMPARE(mean.width, 10 * kSecond);
    QCOMPARE(mean.values.size(), std::size_t(10));
    QCOMPARE(mean.values[0], 4.5);
    QVERIFY(std::isnan(mean.values[4]) && std::isnan(mean.values[5]));
    QCOMPARE(regular(values, BinValue::Max, 10).values[9], 99.0);
    QCOMPARE(regular(values, BinValue::Min, 10).values[9], 90.0);
    // Clocks before 1970 and steps that are a trifle late.
    SeriesValues late = every(kMinute + kSecond / 100, flat(30, 1));
    for (Nanos &t : late.ts)
        t -= kHour;
    const RegularSeries minutes = regular(late, BinValue::Mean, 1000);
    QCOMPARE(minutes.width, kMinute);
    QVERIFY(
        std::none_of(minutes.values.begin(), minutes.values.end(), [](double v) { return std::isnan(v); }));
}

// FT-18
void TestSeriesFindings::ceilingsKnownAnswers()
{
    const std::vector<KnownLimit> limits{{200, "max_connections", 3}, {64, "work", 0}};
    const SeriesValues requests = every(kSecond, ramp(60, 2000, 18000));
    const auto full = findCeiling(every(kSecond, flat(60, 200)), limits, &requests);
    QVERIFY(full && full->isCertain());
    QCOMPARE(full->setting, std::string("max_connections"));
    QVERIFY(full->value == 200 && full->last - full->first + 1 == 60 && full->confidence > 0.9);
    const auto reserved = findCeiling(every(kSecond, flat(60, 197)), limits, &requests);
    QVERIFY(reserved && reserved->match == Ceiling::Match::BelowReserved && *reserved->limit == 200);
    // The second ceiling: waits that end at the time-out, in milliseconds.
    CeilingOptions waits;
    waits.isDuration = true;
    waits.second = 1000;
    const std::vector<KnownLimit> timeouts{{30'000, "acquire_timeout_ms", 0}};
    const auto wait = findCeiling(every(kSecond, flat(60, 30'000)), timeouts, &requests, waits);
    QVERIFY(wait && wait->setting == "acquire_timeout_ms");
    QVERIFY(
        findCeiling(every(kSecond, flat(60, 30'000)), {}, &requests, waits)->match == Ceiling::Match::Round);
    // It climbs first, and one sample lies above.
    std::vector<double> climbing = ramp(30, 20, 190);
    climbing.resize(180, 250);
    climbing[100] = 300;
    const SeriesValues longer = every(kSecond, ramp(180, 2000, 18000));
    const auto round = findCeiling(every(kSecond, climbing), limits, &longer);
    QVERIFY(round && round->match == Ceiling::Match::Round && round->value == 250 && round->first == 101);
    // Nothing is known of the demand: flat, cannot tell.
    const auto unsure = findCeiling(every(kSecond, flat(60, 200)), limits, nullptr);
    QVERIFY(unsure && !unsure->isCertain() && unsure->confidence < 0.5);
}

void TestSeriesFindings::ceilingsThatAreNone()
{
    const std::vector<KnownLimit> limits{{200, "max_connections", 3}};
    const SeriesValues rising = every(kSecond, ramp(60, 2000, 18000));
    const SeriesValues steady = every(kSecond, flat(60, 2000));
    QVERIFY(!findCeiling(every(kSecond, flat(60, 143)), limits, &steady));
    QVERIFY(!findCeiling(every(kSecond, flat(60, 143)), limits, &rising));
    QVERIFY(!findCeiling(every(kSecond, flat(60, 200)), limits, &steady));
    QVERIFY(!findCeiling(every(kSecond, flat(60, 0)), limits, &rising));
    QVERIFY(!findCeiling(every(kSecond, flat(9, 200)), limits, &rising));
    // A hole ends the run: 8 and 8 samples are not 16.
    SeriesValues broken = every(kSecond, flat(16, 200));
    for (std::size_t i = 8; i < 16; ++i)
        broken.ts[i] += kMinute;
    QVERIFY(!findCeiling(broken, limits, &rising));
    // Flat at the bottom is no ceiling.
    std::vector<double> floor = flat(50, 200);
    for (int i = 0; i < 10; ++i)
        floor.push_back(300 + i * 20);
    QVERIFY(!findCeiling(every(kSecond, floor), limits, &rising));
}

// FT-16
void TestSeriesFindings::baselineForgivesNothing()
{
    // 100 an hour for ten days, nothing for 84 hours, then 30 an hour for three weeks.
    std::vector<double> values = flat(240, 100);
    values.resize(240 + 84, 0);
    values.resize(240 + 84 + 21 * 24, 30);
    const SeriesValues series = every(kHour, values);
    const RegularSeries bins = baselineBins(series, BinValue::Mean);
    QCOMPARE(bins.width, kHour);
    const Baseline baseline = learnBaseline(bins);
    QVERIFY(!baseline.isLearning);
    QVERIFY(std::isnan(baseline.expected[40]));
    QCOMPARE(baseline.expected[60], 100.0);
    QCOMPARE(baseline.departures.size(), std::size_t(1));
    const Departure &out = baseline.departures.front();
    QVERIFY(out.first == 240 && out.last == values.size() - 1 && out.isOpen && out.expected == 100);
    QCOMPARE(baseline.expected.back(), 100.0);
    QCOMPARE(values.back() / baseline.expected.back(), 0.3);
    // What a rolling mean over seven days says at its end: everything in order.
    double mean = 0;
    for (std::size_t i = values.size() - 168; i < values.size(); ++i)
        mean += values[i] / 168;
    QVERIFY(values.back() > 0.5 * mean);
}

void TestSeriesFindings::baselineEdges()
{
    // Sundays 01:00 to 05:00 are empty, every week: from the third on no alarm. (1970-01-01 was a Thursday.)
    std::vector<double> weeks;
    for (int hour = 0; hour < 28 * 24; ++hour)
        weeks.push_back((hour / 24 + 4) % 7 == 0 && hour % 24 >= 1 && hour % 24 < 5 ? 0 : 100);
    const Baseline sundays = learnBaseline(baselineBins(every(kHour, weeks), BinValue::Mean));
    QCOMPARE(sundays.departures.size(), std::size_t(2));
    QVERIFY(sundays.departures[0].kind == Departure::Kind::Zero);
    // A day and a half: learning. No day: nothing at all.
    QVERIFY(learnBaseline(baselineBins(every(kHour, flat(36, 100)), BinValue::Mean)).isLearning);
    QVERIFY(baselineBins(every(kMinute, flat(100, 1)), BinValue::Mean).values.empty());
    // A gap is not 0, and ten minutes are too short.
    SeriesValues gap = every(5 * kMinute, flat(288 * 5, 100));
    gap.ts.erase(gap.ts.begin() + 1000, gap.ts.begin() + 1100);
    gap.values.erase(gap.values.begin() + 1000, gap.values.begin() + 1100);
    gap.values[1200] = gap.values[1201] = 0;
    QVERIFY(learnBaseline(baselineBins(gap, BinValue::Mean)).departures.empty());
    gap.values[1202] = 10;
    const auto low = learnBaseline(baselineBins(gap, BinValue::Mean)).departures;
    QVERIFY(low.size() == 1 && !low[0].isOpen && low[0].last - low[0].first == 2);
    // Twice the latency for more than five minutes.
    BaselineOptions latency;
    latency.above = 2;
    SeriesValues slow = every(kMinute, flat(1440 * 3, 200));
    for (std::size_t i = 4000; i < 4010; ++i)
        slow.values[i] = 900;
    const auto high = learnBaseline(baselineBins(slow, BinValue::Mean), latency).departures;
    QVERIFY(high.size() == 1 && high[0].kind == Departure::Kind::High && high[0].value == 900);
    // Expected 0: no ratio, no alarm.
    QVERIFY(learnBaseline(baselineBins(every(kHour, flat(240, 0)), BinValue::Mean)).departures.empty());
}

// FT-17
void TestSeriesFindings::bandsOfTheDay()
{
    const auto series = [](const std::vector<int> &days, int of) {
        SeriesValues out = every(kMinute, flat(std::size_t(of) * 1440, 50));
        for (const int day : days) {
            for (int minute = 720; minute < 730; ++minute)
                out.values[std::size_t(day * 1440 + minute)] = 800;
        }
        return out;
    };
    const DayFold all = foldByDay(series({0, 1, 2, 3, 4}, 5), utc);
    QCOMPARE(all.days.size(), std::size_t(5));
    QCOMPARE(all.bands.size(), std::size_t(1));
    QVERIFY(all.bands[0].first == 144 && all.bands[0].last == 145 && all.bands[0].recurs == 5);
    QVERIFY(foldByDay(series({1, 3}, 5), utc).bands.empty());
    QVERIFY(foldByDay(series({0, 1}, 2), utc).bands.empty());
    // A vacuum that runs in the band on four of the five days.
    const std::vector<Nanos> times{12 * kHour + kMinute, kDay + 12 * kHour, 2 * kDay + 12 * kHour + kMinute,
        3 * kDay + 3 * kHour, 4 * kDay + 12 * kHour + 2 * kMinute};
    QCOMPARE(overlap(all, all.bands[0], times, utc), 0.8);
}

void TestSeriesFindings::clockChange()
{
    // The clock goes one hour ahead on the second day.
    const auto zone = [](Nanos t) { return t < kDay + kHour ? 3600 : 7200; };
    SeriesValues values = every(10 * kMinute, flat(4 * 144, 1));
    const DayFold fold = foldByDay(values, zone);
    QVERIFY(!fold.days[0].isClockChange && fold.days[1].isClockChange && !fold.days[2].isClockChange);
    // Six slots of an hour have a sample; that day has 23 hours.
    QCOMPARE(fold.days[1].known, std::size_t(23 * 6));
    QCOMPARE(fold.days[2].known, std::size_t(24 * 6));
}

void TestSeriesFindings::week()
{
    std::vector<double> values;
    for (int hour = 0; hour < 14 * 24; ++hour)
        values.push_back((hour / 24 + 3) % 7 * 100 + hour % 24);
    const WeekFold fold = foldByWeek(every(kHour, values), utc);
    QVERIFY(fold.values[0][0] == 0 && fold.values[6][23] == 623 && fold.n[3][12] == 2);
    QVERIFY(fold.low == 0 && fold.high == 623 && !fold.isEmpty);
    QVERIFY(foldByWeek({}, utc).isEmpty);
}

// FT-19
void TestSeriesFindings::whatMoved()
{
    const Nanos onset = 5 * kHour;
    // level +- deviation, changing at `at`
    const auto series = [](double before, double deviation, double after, Nanos at) {
        SeriesValues out;
        for (Nanos t = 0; t < 6 * kHour; t += kMinute) {
            const double noise = double(t / kMinute % 3 - 1) * deviation;
            out.ts.push_back(t);
            out.values.push_back((t < at ? before : after) + noise);
        }
        return out;
    };
    const Moved a = movedAt(series(10, 1, 60, onset), onset);
    QVERIFY(a.verdict == Moved::Verdict::Moved && a.score == 50 && a.lag == 0);
    const Moved b = movedAt(series(100, 5, 300, onset - 3 * kHour), onset);
    QVERIFY(b.verdict == Moved::Verdict::Earlier && b.lag);
    QVERIFY(std::abs(double(*b.lag + 3 * kHour)) <= double(kMinute));
    const Moved c = movedAt(series(50, 4, 55, onset + kMinute), onset);
    QVERIFY(c.verdict == Moved::Verdict::Still && std::abs(c.score - 1.25) < 0.01);
    // Without noise one hundredth of the level is the scale.
    QCOMPARE(movedAt(series(200, 0, 210, onset), onset).score, 5.0);
    // No samples round the onset are not zeros.
    SeriesValues hole = series(10, 1, 60, onset);
    std::vector<Nanos> ts;
    std::vector<double> values;
    for (std::size_t i = 0; i < hole.size(); ++i) {
        if (hole.ts[i] < onset || hole.ts[i] > onset + 20 * kMinute) {
            ts.push_back(hole.ts[i]);
            values.push_back(hole.values[i]);
        }
    }
    QVERIFY(movedAt({ts, values}, onset).verdict == Moved::Verdict::NoData);
}

QTEST_GUILESS_MAIN(TestSeriesFindings)
#include "tst_seriesfindings.moc"
