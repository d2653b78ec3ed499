// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanseries.h"
#include "spanfixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Span;

class TestSeriesShapes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pettittKnownAnswers();
    void pettittAsDefined();
    void firstChanges();
    void tailShapes();
    void seriesOfSpans();
    void tooLittleTime();
};

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<double> flat(std::size_t n, double value) { return std::vector<double>(n, value); }

} // namespace

// FT-15
void TestSeriesShapes::pettittKnownAnswers()
{
    const std::vector<double> ten{1, 2, 1, 2, 1, 10, 11, 10, 12, 11};
    const auto first = pettitt(ten);
    QVERIFY(first);
    QCOMPARE(first->t, std::size_t(5));
    QCOMPARE(first->k, 25.0);
    QVERIFY(std::abs(first->p - 0.0661) < 0.0001);
    QVERIFY(first->before == 1 && first->after == 11);

    std::vector<double> step = flat(30, 200);
    step.resize(60, 3000);
    const auto second = pettitt(step);
    QCOMPARE(second->t, std::size_t(30));
    QCOMPARE(second->k, 900.0);
    QVERIFY(std::abs(second->p / 4.9e-10 - 1) < 0.01);

    const auto constant = pettitt(flat(20, 7));
    QVERIFY(constant->k == 0 && constant->p == 1 && constant->t == 0);
    QVERIFY(!pettitt(flat(9, 7)));
    // What is missing is left out, but keeps its place.
    std::vector<double> gaps = ten;
    gaps.insert(gaps.begin() + 2, 3, kNone);
    QCOMPARE(pettitt(gaps)->t, std::size_t(8));
    QCOMPARE(pettitt(gaps)->k, 25.0);
}

void TestSeriesShapes::pettittAsDefined()
{
    spanfixture::Random random(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values;
        for (std::int64_t n = 10 + random.below(50); n > 0; --n)
            values.push_back(double(random.below(12)) + (n < 15 ? 3 : 0));
        double k = 0;
        std::size_t at = 0;
        for (std::size_t t = 1; t < values.size(); ++t) {
            double u = 0;
            for (std::size_t i = 0; i < t; ++i) {
                for (std::size_t j = t; j < values.size(); ++j)
                    u += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
            }
            if (std::abs(u) > k) {
                k = std::abs(u);
                at = t;
            }
        }
        const auto found = pettitt(values);
        QCOMPARE(found->k, k);
        QCOMPARE(found->t, at);
    }
}

// FT-20: above twice the baseline in three bins.
void TestSeriesShapes::firstChanges()
{
    std::vector<double> values = flat(40, 10);
    QVERIFY(!firstChange(values));
    values[20] = values[21] = 50; // two bins are not three
    QVERIFY(!firstChange(values));
    values[22] = kNone; // and a hole is not high
    values[23] = 50;
    QVERIFY(!firstChange(values));
    for (std::size_t i = 30; i < 34; ++i)
        values[i] = 25;
    const auto found = firstChange(values);
    QVERIFY(found);
    QCOMPARE(found->bin, std::size_t(30));
    QVERIFY(found->before == 10 && found->after == 25);
    QVERIFY(!firstChange(values, {3, 0, 3}));
    // Exactly twice is not above.
    std::vector<double> twice = flat(20, 10);
    twice.resize(30, 20);
    QVERIFY(!firstChange(twice));
    // A share of nothing: the distance counts.
    std::vector<double> errors = flat(20, 0);
    errors.resize(30, 0.04);
    QVERIFY(!firstChange(errors, {3, 0.05, 3}));
    errors.resize(40, 0.2);
    QCOMPARE(firstChange(errors, {3, 0.05, 3})->bin, std::size_t(30));
    QVERIFY(!firstChange(flat(4, 1)));
    QVERIFY(!firstChange({}));
}

// FT-14
void TestSeriesShapes::tailShapes()
{
    using Kind = TailShape::Kind;
    std::vector<double> seconds = flat(1400, 20);
    QVERIFY(!tailShape(seconds, 180));
    for (const std::size_t start : {12u, 312u, 611u, 913u, 1212u})
        std::fill_n(seconds.begin() + std::ptrdiff_t(start), 5, 5000);
    const auto periodic = tailShape(seconds, 180);
    QVERIFY(periodic && periodic->kind == Kind::Periodic);
    QCOMPARE(periodic->period, 299.5);
    QCOMPARE(periodic->excursions.size(), std::size_t(5));
    QVERIFY(std::abs(periodic->strength - (1 - 0.5 / 299.5)) < 1e-3);
    // An hour with a spike each five minutes, in bins of ten seconds.
    std::vector<double> hour = flat(360, 20);
    for (std::size_t i = 3; i < hour.size(); i += 30)
        hour[i] = 5000;
    QCOMPARE(tailShape(hour, 18)->excursions.size(), std::size_t(12));
    QCOMPARE(tailShape(hour, 18)->period, 30.0);
    std::vector<double> block = flat(60, 20);
    std::fill_n(block.begin() + 20, 6, 5000);
    QVERIFY(tailShape(block, 3)->kind == Kind::Plateau);
    QVERIFY(tailShape(block, 7)->kind == Kind::Sporadic);
    std::vector<double> sporadic = flat(100, 20);
    for (const std::size_t at : {3u, 20u, 24u, 60u, 90u})
        sporadic[at] = 5000;
    QVERIFY(tailShape(sporadic, 18)->kind == Kind::Sporadic);
    // One bin apart is one excursion, two bins of quiet are two.
    std::vector<double> merged = flat(50, 20);
    merged[10] = merged[12] = 5000;
    QCOMPARE(tailShape(merged, 18)->excursions.size(), std::size_t(1));
    merged[15] = 5000;
    QCOMPARE(tailShape(merged, 18)->excursions.size(), std::size_t(2));
    // Bins as wide as the distances, or hardly any: nobody can tell.
    std::vector<double> coarse = flat(40, 20);
    for (std::size_t i = 1; i < coarse.size(); i += 3)
        coarse[i] = 5000;
    QVERIFY(tailShape(coarse, 18)->kind == Kind::Unknown);
    std::vector<double> few = flat(8, 20);
    few[3] = 5000;
    QVERIFY(tailShape(few, 18)->kind == Kind::Unknown);
}

void TestSeriesShapes::seriesOfSpans()
{
    // An hour, a request each three seconds; its leaf is slow from minute 30 on, its root only waits.
    std::vector<Span> spans;
    for (int i = 0; i < 1200; ++i) {
        const Nanos start = Nanos(i) * 3 * kNanosPerSecond, leaf = (i < 600 ? 40 : 400) * kNanosPerMilli;
        const auto add = [&](const char *operation, std::uint32_t track, Nanos from, Nanos length, Nanos self,
                             int parent) {
            Span span;
            span.operation = operation;
            span.track = track;
            span.start = from;
            span.duration = length;
            span.self = self;
            span.parent = parent;
            span.trace = i;
            span.status = i % 10 == 0 ? SpanStatus::Error : SpanStatus::Ok;
            spans.push_back(span);
        };
        const int root = int(spans.size());
        add("GET /", 0, start, leaf + 10 * kNanosPerMilli, 5 * kNanosPerMilli, -1);
        add("pool.acquire", 0, start, 5 * kNanosPerMilli, leaf, root); // its self time is waiting
        add("badge", 1, start + 5 * kNanosPerMilli, leaf, leaf, root);
    }
    const auto columns
        = spanfixture::build(spans, {spanfixture::service("web"), spanfixture::service("badges")});
    const auto rows = TraceRows::build(*columns, {});
    const SpanSeriesSet set = spanSeries(*columns, *rows, {});
    QCOMPARE(set.width, 60 * kNanosPerSecond);
    QCOMPARE(set.bins, std::size_t(60));
    QCOMPARE(set.series.size(), std::size_t(2 + 3));
    const SpanSeries &badges = set.series[0], &web = set.series[1];
    QCOMPARE(badges.subject, std::string("badges"));
    QCOMPARE(web.subject, std::string("web"));
    QCOMPARE(web.count[7], std::int64_t(20));
    QCOMPARE(web.errors[7], 0.1);
    QCOMPARE(web.self[40], 5e6);
    QCOMPARE(web.p50[40], 410e6);
    QCOMPARE(web.tailMetric, std::string_view("p90_ns"));
    QVERIFY(!firstChange(web.self));
    QCOMPARE(firstChange(badges.self)->bin, std::size_t(30));
    QCOMPARE(firstChange(web.p50)->bin, std::size_t(30));
    QCOMPARE(set.series[4].subject, std::string("web: pool.acquire"));
    QCOMPARE(set.series[2].subject, std::string("badges: badge"));
}

void TestSeriesShapes::tooLittleTime()
{
    const auto columns = spanfixture::randomColumns(3, 5000);
    const auto rows = TraceRows::build(*columns, {});
    QCOMPARE(spanSeries(*columns, *rows, {}).width, Nanos(0));
    const SpanColumns empty;
    QCOMPARE(spanSeries(empty, *TraceRows::build(empty, {}), {}).bins, std::size_t(0));
}

QTEST_GUILESS_MAIN(TestSeriesShapes)
#include "tst_seriesshapes.moc"
