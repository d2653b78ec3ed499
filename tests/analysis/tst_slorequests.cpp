// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of spans and counters, judged by a service level.
#include "analysis/slorequests.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond, kDay = 1440 * kMinute;
constexpr Nanos kBegin = 20'000 * kDay; // midnight

/// Spans as the columns hold them, one track a source.
class Columns
{
public:
    Columns()
    {
        columns.operations = {"GET /", "POST /pay", "sum"};
        for (std::int64_t source = 1; source <= 3; ++source) {
            TrackInfo track;
            track.sourceId = source;
            track.service = source == 1 ? "edge" : "shop";
            columns.tracks.push_back(track);
        }
    }
    std::uint32_t add(std::uint32_t track, Nanos start, Nanos duration, std::uint16_t http,
        SpanKind kind = SpanKind::Server, std::uint32_t parent = kNoRow, std::uint32_t operation = 0,
        SpanStatus status = SpanStatus::Unset)
    {
        columns.start.push_back(start);
        columns.duration.push_back(duration);
        columns.self.push_back(duration);
        columns.operation.push_back(operation);
        columns.track.push_back(track);
        columns.trace.push_back(kNoRow);
        columns.parent.push_back(parent);
        columns.spanId.push_back(std::uint32_t(columns.start.size()));
        columns.depth.push_back(0);
        columns.kind.push_back(std::uint8_t(kind));
        columns.status.push_back(std::uint8_t(status));
        columns.httpStatus.push_back(http);
        return std::uint32_t(columns.start.size() - 1);
    }
    SpanColumns columns;
    SourceKinds kinds{{1, "access_log"}, {2, "trace"}, {3, "load_test"}};
};

} // namespace

class TestSloRequests : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void definitionsSurviveText();
    void spansByOrigin();
    void scopeAndRange();
    void weights();
    void figuresCountTheHurt();
    void countersByCode();
    void countersBeginAnew();
    void windowIsTheLastDays();
};

void TestSloRequests::definitionsSurviveText()
{
    SloDefinition definition;
    definition.objective = {1999, 2000};
    definition.rule = {250 * kNanosPerMilli, false};
    definition.windowDays = 7;
    definition.scope = "service=shop operation~\"a=b\"";
    definition.origin = SloOrigin::Counters;
    const SloDefinition again = SloDefinition::fromText(definition.toText());
    QCOMPARE(again.objective, definition.objective);
    QCOMPARE(again.rule.limit, definition.rule.limit);
    QCOMPARE(again.rule.limitedIsBad, false);
    QCOMPARE(again.windowDays, 7);
    QCOMPARE(again.scope, definition.scope);
    QCOMPARE(again.origin, definition.origin);
    QVERIFY(again.isStated);
    const SloDefinition junk = SloDefinition::fromText("objective=7\nlimit_ns=-4\nwindow_days=0\nx\n=\n");
    QCOMPARE(junk.objective, (Quantile{7, 100})); // a number above 1 is percent
    QCOMPARE(junk.rule.limit, kUnknownNanos);
    QCOMPARE(junk.windowDays, 30);
    QVERIFY(!SloDefinition::fromText("").isStated);
}

void TestSloRequests::spansByOrigin()
{
    Columns made;
    const Nanos ms = kNanosPerMilli;
    for (int i = 0; i < 10; ++i)
        made.add(0, kBegin + i * kMinute, 100 * ms, i == 0 ? 502 : 200); // the edge
    const auto root = made.add(1, kBegin, 100 * ms, 200);
    made.add(1, kBegin + ms, 50 * ms, 500, SpanKind::Client, root); // a call of the same request
    made.add(1, kBegin, 90 * ms, 0, SpanKind::Internal); // nobody asked for it
    made.add(2, kBegin, 70 * ms, 0, SpanKind::Client, kNoRow, 1, SpanStatus::Error);
    made.add(2, kBegin, 70 * ms, 0, SpanKind::Internal, kNoRow, 2); // a sum
    const auto count = [&](SloOrigin origin, SloDefinition definition = {}) {
        return sloOfSpans(made.columns, {}, made.kinds, origin, definition).total;
    };
    QCOMPARE(originsOfSpans(made.columns, made.kinds),
        (std::vector{SloOrigin::AccessLog, SloOrigin::Trace, SloOrigin::LoadTest}));
    QCOMPARE(count(SloOrigin::AccessLog).valid(), 10);
    QCOMPARE(count(SloOrigin::AccessLog).failed, 1);
    QCOMPARE(count(SloOrigin::Trace).valid(), 1);
    QCOMPARE(count(SloOrigin::Trace).bad(), 0);
    QCOMPARE(count(SloOrigin::LoadTest).failed, 1);
    QCOMPARE(count(SloOrigin::LoadTest).valid(), 1);
    SloDefinition strict;
    strict.rule.limit = 99 * ms;
    QCOMPARE(count(SloOrigin::Trace, strict).slow, 1);
    const SloResult edge = sloOfSpans(made.columns, {}, made.kinds, SloOrigin::AccessLog, {});
    QCOMPARE(edge.causes.size(), 1u);
    QCOMPARE(edge.causes[0].category, std::string("infrastructure"));
    QCOMPARE(edge.causes[0].detail, std::string("edge: GET / · 502"));
    QCOMPARE(edge.bins.size(), 10u);
    QCOMPARE(edge.days.size(), 1u);
    QCOMPARE(edge.days[0].start, kBegin);
    QCOMPARE(edge.operations[0].name, std::string("edge: GET /"));
}

void TestSloRequests::scopeAndRange()
{
    Columns made;
    const auto root = made.add(1, kBegin, 100, 200);
    const auto child = made.add(1, kBegin, 50, 503, SpanKind::Client, root, 1);
    const auto below = made.add(1, kBegin, 20, 200, SpanKind::Client, child, 1);
    SpanSelection selection;
    auto scope = std::make_shared<SpanBitmap>(made.columns.size());
    scope->set(child);
    scope->set(below); // its parent passes too: the same request
    selection.filter = scope;
    const SliCounts of = sloOfSpans(made.columns, selection, made.kinds, SloOrigin::Trace, {}).total;
    QCOMPARE(of.valid(), 1);
    QCOMPARE(of.failed, 1);
    selection.range = TimeRange{kBegin + 1, kBegin + 2};
    QCOMPARE(sloOfSpans(made.columns, selection, made.kinds, SloOrigin::Trace, {}).total.valid(), 0);
}

void TestSloRequests::weights()
{
    // 90 good ones kept at 10 %, 10 failed ones all kept: 1.0989 %, not 10 %.
    Columns made;
    for (int i = 0; i < 100; ++i) {
        const auto row = made.add(1, kBegin + i, 100, i < 90 ? 200 : 500);
        made.columns.trace[row] = row;
        made.columns.traceIds.push_back(row);
        made.columns.traceWeight.push_back(i < 90 ? 10.0F : 1.0F);
    }
    const SloResult result = sloOfSpans(made.columns, {}, made.kinds, SloOrigin::Trace, {});
    QVERIFY(result.isWeighted);
    QCOMPARE(result.total.valid(), 910);
    QCOMPARE(result.total.bad(), 10);
}

void TestSloRequests::figuresCountTheHurt()
{
    Columns made;
    for (int i = 1; i <= 1000; ++i)
        made.add(1, kBegin + i, i, 200);
    made.add(1, kBegin, 5000, 404); // excluded
    const SloResult result = sloOfSpans(made.columns, {}, made.kinds, SloOrigin::Trace, {});
    QCOMPARE(result.timed, 1000);
    QCOMPARE(result.figures[0].value, 500);
    QCOMPARE(result.figures[1].value, 950);
    QCOMPARE(result.figures[2].value, 990);
    QCOMPARE(result.figures[3].value, 999);
    QCOMPARE(result.overFigure[2], 10);
    QVERIFY(!result.figures[2].tooFewSamples);
}

void TestSloRequests::countersByCode()
{
    // Two days of 50,000,000 requests: 45,000 failures, then 28,200.
    std::vector<RequestCounter> counters{{"", "", "", 200}, {"payment", "", "upstream timeout", 504},
        {"", "", "", 500}};
    double good = 7, timeouts = 1e6, defects = 3; // counters begin anywhere
    for (int hour = 0; hour <= 48; ++hour) {
        const Nanos at = kBegin + hour * 60 * kMinute;
        const double day = hour <= 24 ? 1 : 0;
        if (hour > 0) {
            timeouts += (day > 0 ? 18'000 : 1'200) / 24.0;
            defects += 27'000 / 24.0;
            good += (50'000'000 - (day > 0 ? 45'000 : 28'200)) / 24.0;
        }
        counters[0].points.push_back({at, std::round(good)});
        counters[1].points.push_back({at, std::round(timeouts)});
        counters[2].points.push_back({at, std::round(defects)});
    }
    SloDefinition definition;
    definition.objective = {1999, 2000};
    definition.rule.limit = kNanosPerMilli; // cannot be applied
    const SloResult result = sloOfCounters(counters, std::nullopt, definition);
    QVERIFY(!result.hasDurations);
    QCOMPARE(result.days.size(), 2u);
    QCOMPARE(result.days[0].counts.valid(), 50'000'000);
    QCOMPARE(result.days[0].counts.bad(), 45'000);
    QCOMPARE(result.days[1].counts.bad(), 28'200);
    QCOMPARE(errorBudget(result.days[1].counts.valid(), 28'200, definition.objective).left,
        (Fraction{-3'200, 1}));
    QCOMPARE(result.bins.size(), 2880u); // spread over the minutes, whole requests, none lost
    QCOMPARE(result.total.valid(), 100'000'000);
    QCOMPARE(result.causes[0].category, std::string("defect"));
    QCOMPARE(result.causes[1].category, std::string("timeout"));
    QCOMPARE(result.causes[1].failures, 19'200);
    QCOMPARE(result.causes[1].detail, std::string("payment · upstream timeout · 504"));
    const SloResult second = sloOfCounters(counters, TimeRange{kBegin + kDay, kBegin + 2 * kDay}, definition);
    QCOMPARE(second.total.bad(), 28'200);
}

void TestSloRequests::countersBeginAnew()
{
    RequestCounter counter{"", "", "", 200};
    const double values[]{100, 160, 40, 90}; // +60, began anew +40, +50
    for (int i = 0; i < 4; ++i)
        counter.points.push_back({kBegin + i * kMinute, values[i]});
    QCOMPARE(sloOfCounters({counter}, std::nullopt, {}).total.good, 150);
    counter.isDelta = true;
    QCOMPARE(sloOfCounters({counter}, std::nullopt, {}).total.good, 390);
    RequestCounter limited{"", "", "", 429, true, {{kBegin, 5}}};
    QCOMPARE(sloOfCounters({limited}, std::nullopt, {}).total.limited, 5);
    SloDefinition excluded;
    excluded.rule.limitedIsBad = false;
    QCOMPARE(sloOfCounters({limited}, std::nullopt, excluded).total.valid(), 0);
}

void TestSloRequests::windowIsTheLastDays()
{
    Columns made;
    for (int day = 0; day < 10; ++day)
        made.add(1, kBegin + day * kDay, 100, day < 5 ? 500 : 200);
    SloDefinition definition;
    definition.windowDays = 7;
    const SloResult result = sloOfSpans(made.columns, {}, made.kinds, SloOrigin::Trace, definition);
    QCOMPARE(result.days.size(), 10u);
    QCOMPARE(result.total.valid(), 7);
    QCOMPARE(result.total.bad(), 2);
}

QTEST_GUILESS_MAIN(TestSloRequests)
#include "tst_slorequests.moc"
