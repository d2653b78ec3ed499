// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analyses.h"
#include "analysis/spancalc.h"
#include "storefixture.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Source;
using Shape = TrackRow::Shape;

class TestSpanBindings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void instantsBind();
    void flowsBecomeLinks();
    void linksFindTheirSpans();
};

void TestSpanBindings::instantsBind()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main"),
                   other = source.track(Shape::Nested, "", "", "o");
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

void TestSpanBindings::flowsBecomeLinks()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef main = source.track(Shape::Nested, "", "", "main"),
                   worker = source.track(Shape::Nested, "", "", "w");
    source.span(main, "send", 0, 10);
    source.span(worker, "step", 20, 10);
    source.span(worker, "receive", 40, 10);
    const SpanRef slice = source.span(main, "slice", 60, 10);
    const auto flow = [&](std::string_view key, FlowRow::Phase phase, TrackRef track, Nanos ts,
                          bool enclosing = true, SpanRef span = SpanRef::None) {
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
    const char *const sql
        = "SELECT span_id, linked_span_id, derived FROM span_link ORDER BY span_id, linked_span_id";
    QCOMPARE(query(*workspace, sql), expected);
    TS_VERIFY_OK(deriveSpans(*workspace, id, {}));
    QCOMPARE(query(*workspace, sql), expected);
}

void TestSpanBindings::linksFindTheirSpans()
{
    const auto workspace = newWorkspace();
    Source first(*workspace);
    const TrackRef a = first.track(Shape::Linked, "a");
    first.linked(a, "t1", 1, 0, "target", 0, 10);
    first.linked(a, "t1", 2, 1, "other", 0, 10);
    const std::int64_t firstId = first.finish();
    Source second(*workspace);
    const TrackRef b = second.track(Shape::Linked, "b");
    const SpanRef from = second.linked(b, "t2", 1, 0, "from", 0, 10);
    const auto link = [&](std::string_view trace, SpanKey key) {
        SpanLinkRow row;
        row.span = from;
        row.linkedTraceKey = trace;
        row.linkedSpanKey = key;
        second.writer().spanLink(row);
    };
    link("t1", {SpanKey::Kind::Hex64, 2, {}}); // in the other source
    link("t1", {SpanKey::Kind::Hex64, 1, {}});
    link("t1", {SpanKey::Kind::Hex64, 1, {}});
    link("t2", {SpanKey::Kind::Hex64, 1, {}}); // its own trace
    link("t1", {SpanKey::Kind::Hex64, 99, {}});
    link("nowhere", {SpanKey::Kind::Hex64, 1, {}});
    link("t1", {SpanKey::Kind::Text, 0, "1"});
    const std::int64_t secondId = second.finish();
    TS_VERIFY_OK(makeReady(*workspace, firstId, {}));
    TS_VERIFY_OK(makeReady(*workspace, secondId, {}));
    QCOMPARE(query(*workspace, "SELECT span_id, linked_span_id FROM span_link ORDER BY id"),
        std::string("3 2; 3 1; 3 1; 3 3; 3 -; 3 -; 3 -"));
}

QTEST_GUILESS_MAIN(TestSpanBindings)
#include "tst_spanbindings.moc"
