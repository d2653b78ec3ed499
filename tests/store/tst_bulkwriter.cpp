// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include <cstring>
#include <set>

using namespace storetest;

class TestBulkWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void span();
    void unknownsAreNull();
    void attributes();
    void manyValuedAttributesLeaveTheSet();
    void tracksAreUpdated();
    void eventsLinksFlows();
    void profile();
    void seriesAndMarkers();
    void plan();
    void textsPastTheBoundAreKept();
    void tracesBothWays();
    void hiddenUntilFinished();
    void aggregate();
    void twoWritersAtOnce();
    void generationsGrow();
    void notesOfTheWindow();
    void emptySource();
    void statesAndEnding();

private:
    std::unique_ptr<BulkWriter> writer(const std::string &path = "a");
    void finish(BulkWriter &sink, SourceState state = SourceState::Complete);
    std::string rows(std::string_view sql) const { return rowsOf(*m_workspace, sql); }
    std::unique_ptr<Workspace> m_workspace;
};

void TestBulkWriter::init()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    m_workspace = std::move(*workspace);
}

std::unique_ptr<BulkWriter> TestBulkWriter::writer(const std::string &path)
{
    auto made = BulkWriter::create(*m_workspace, {path, "test", {}}, {});
    return made ? std::move(*made) : nullptr;
}

void TestBulkWriter::finish(BulkWriter &sink, SourceState state)
{
    BulkWriter::Ending ending;
    ending.state = state;
    TS_VERIFY_OK(sink.finish(ending));
}

void TestBulkWriter::span()
{
    const auto sink = writer();
    QVERIFY(sink);
    TrackRow track;
    track.process = "shop (pid 4)";
    track.thread = "main";
    track.service = "shop";
    track.instance = "shop-1";
    const unsigned char key[16]
        = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};
    SpanRow row;
    row.track = sink->track(track);
    row.trace = sink->trace(key);
    row.key = {SpanKey::Kind::Hex64, 0x00f067aa0ba902b7ULL, {}};
    row.operation = "GET /orders";
    row.category = "http";
    row.kind = SpanKind::Server;
    row.status = SpanStatus::Error;
    row.httpStatus = 503;
    row.startNs = 1'700'000'000'123'456'789;
    row.durationNs = 5'000'001;
    row.quality = SpanUnfinished | SpanDropped;
    QCOMPARE(sink->span(row), SpanRef(1));
    row.key = {SpanKey::Kind::Hex64, 0xfff067aa0ba902b7ULL, {}};
    row.parentKey = {SpanKey::Kind::Text, 0, "0000"};
    row.quality = 0;
    QCOMPARE(sink->span(row), SpanRef(2));
    finish(*sink);
    QCOMPARE(rows("SELECT id, source_id, trace_id, span_key, parent_id, process, thread, service, instance, "
                  "operation,"
                  " category, kind, status, http_status, start_ns, duration_ns, self_ns, quality FROM span"),
        "1|1|1|00f067aa0ba902b7|NULL|shop (pid 4)|main|shop|shop-1|GET /orders|http|server|error|503|"
        "1700000000123456789|5000001|NULL|unfinished,dropped\n"
        "2|1|1|fff067aa0ba902b7|NULL|shop (pid 4)|main|shop|shop-1|GET /orders|http|server|error|503|"
        "1700000000123456789|5000001|NULL|NULL");
    QCOMPARE(rows("SELECT trace_key, start_ns FROM trace"), "4bf92f3577b34da6a3ce929d0e0e4736|NULL");
    // Times move with the offset of the source; durations do not.
    auto database = m_workspace->connectWriter();
    TS_VERIFY_OK(database->execute(
        "UPDATE source_raw SET offset_ns = 1000; INSERT INTO span_calc (id, parent_id, depth,"
        " self_ns, gap_ns, quality, lane) VALUES (2, 1, 1, 7, 3, 16, 0);"
        " INSERT INTO trace_calc VALUES (1, 1, 5, 6, 2, 1, NULL)"));
    QCOMPARE(rows("SELECT start_ns, duration_ns, parent_id, depth, self_ns, gap_ns, quality FROM span WHERE "
                  "parent_id = 1"),
        "1700000000123457789|5000001|1|1|7|3|orphan");
    QCOMPARE(
        rows("SELECT root_span_id, service, operation, start_ns, duration_ns, span_count, error_count, weight"
             " FROM trace"),
        "1|shop|GET /orders|1005|6|2|1|NULL");
}

void TestBulkWriter::unknownsAreNull()
{
    const auto sink = writer();
    QVERIFY(sink);
    sink->span({});
    SpanEventRow event;
    event.tsNs = kUnknownNanos;
    sink->spanEvent(event);
    EventRow marker;
    marker.tsNs = 5;
    sink->event(marker);
    finish(*sink);
    QCOMPARE(rows("SELECT trace_id, span_key, process, service, operation, http_status, duration_ns, "
                  "quality, track_id"
                  " FROM span"),
        "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
    QCOMPARE(rows("SELECT span_id, track_id, ts_ns, name, attributes FROM span_event"),
        "NULL|NULL|NULL|NULL|NULL");
    QCOMPARE(rows("SELECT ts_ns, end_ns, kind, title FROM event"), "5|NULL|NULL|NULL");
}

void TestBulkWriter::attributes()
{
    const auto sink = writer();
    QVERIFY(sink);
    const std::string longText(300, 'x');
    Attribute real, flag, null, json;
    real.key = "ratio";
    real.type = AttributeType::Real;
    real.real = 0.5;
    flag.key = "hit";
    flag.type = AttributeType::Boolean;
    flag.integer = 1;
    null.key = "nothing";
    json.key = "list";
    json.type = AttributeType::Json;
    json.text = "[1,\"a\"]";
    const Attribute own[]{textAttribute("method", "GET"), integerAttribute("port", 8080), real, flag, null,
        json, textAttribute("text \"quoted\"", longText), textAttribute("empty", "")};
    const Attribute resource[]{textAttribute("service.name", "shop"), textAttribute("123", "456")};
    SpanRow row;
    row.resource = sink->attributeSet(resource);
    row.scope = sink->attributeSet({resource, 1});
    row.attributes = own;
    sink->span(row);
    sink->span(row);
    QCOMPARE(sink->attributeSet(resource), row.resource);
    QCOMPARE(sink->attributeSet({}), SetRef::None);
    finish(*sink);
    const std::string expected
        = "resource|123|456|text\nresource|service.name|shop|text\n"
          "scope|service.name|shop|text\n"
          "span|empty||text\nspan|hit|1|integer\nspan|list|[1,\"a\"]|text\nspan|method|GET|text\n"
          "span|nothing|NULL|null\nspan|port|8080|integer\nspan|ratio|0.5|real\n"
          "span|text \"quoted\"|"
        + longText + "|text";
    QCOMPARE(
        rows("SELECT scope, key, value, typeof(value) FROM span_attribute WHERE span_id = 1 ORDER BY 1, 2"),
        expected);
    QCOMPARE(
        rows("SELECT scope, key, value, typeof(value) FROM span_attribute WHERE span_id = 2 ORDER BY 1, 2"),
        expected);
    QCOMPARE(rows("SELECT count(*) FROM attribute_set"), "3");
}

void TestBulkWriter::manyValuedAttributesLeaveTheSet()
{
    const auto sink = writer();
    QVERIFY(sink);
    for (int i = 0; i < 3000; ++i) {
        const std::string user = "user " + std::to_string(i);
        const Attribute own[]{textAttribute("method", i % 2 == 0 ? "GET" : "PUT"),
            textAttribute("user", user)};
        SpanRow row;
        row.attributes = own;
        sink->span(row);
    }
    finish(*sink);
    const int sets = std::stoi(rows("SELECT count(*) FROM attribute_set"));
    QVERIFY2(sets > 2 && sets < 500, std::to_string(sets).c_str());
    QCOMPARE(rows("SELECT count(*), count(DISTINCT value) FROM span_attribute WHERE key = 'user'"),
        "3000|3000");
    QCOMPARE(rows("SELECT count(*), count(DISTINCT value) FROM span_attribute WHERE key = 'method'"),
        "3000|2");
    QCOMPARE(rows("SELECT value FROM span_attribute WHERE key = 'user' AND span_id = 3000"), "user 2999");
}

void TestBulkWriter::tracksAreUpdated()
{
    const auto sink = writer();
    QVERIFY(sink);
    TrackRow row;
    row.process = "pid 1";
    row.thread = "tid 2";
    const TrackRef track = sink->track(row);
    QCOMPARE(sink->track(row), track);
    SpanRow span;
    span.track = track;
    for (int i = 0; i < 5000; ++i) // over a batch
        sink->span(span);
    TrackRow update;
    update.process = "chrome (pid 1)";
    update.processSort = -3;
    update.threadSort = 7;
    sink->updateTrack(track, update);
    sink->updateTrack(TrackRef::None, update);
    finish(*sink);
    QCOMPARE(rows("SELECT DISTINCT process, thread, service FROM span"), "chrome (pid 1)|tid 2|NULL");
    QCOMPARE(rows("SELECT process_sort, thread_sort, shape FROM track"), "-3|7|0");
    const StreamingAggregate aggregate = sink->aggregate();
    QCOMPARE(aggregate.spans, 5000);
}

void TestBulkWriter::eventsLinksFlows()
{
    const auto sink = writer();
    QVERIFY(sink);
    const TrackRef track = sink->track({});
    const SpanRef span = sink->span({});
    const Attribute own[]{textAttribute("message", "boom\n")};
    SpanEventRow event;
    event.span = span;
    event.track = track;
    event.tsNs = 11;
    event.name = "exception";
    event.attributes = own;
    sink->spanEvent(event);
    event.span = SpanRef::None;
    event.attributes = {};
    sink->spanEvent(event);
    SpanLinkRow link;
    link.span = span;
    link.linkedTraceKey = "4BF92F3577B34DA6A3CE929D0E0E4736";
    link.linkedSpanKey = {SpanKey::Kind::Hex64, 0xabc, {}};
    sink->spanLink(link);
    link.linkedTraceKey = "not hex";
    link.linkedSpanKey = {SpanKey::Kind::Text, 0, "12"};
    sink->spanLink(link);
    FlowRow flow;
    flow.phase = FlowRow::Phase::Finish;
    flow.bindEnclosing = false;
    flow.track = track;
    flow.tsNs = 12;
    flow.flowKey = "0x17";
    sink->flow(flow);
    finish(*sink);
    QCOMPARE(rows("SELECT span_id, track_id, ts_ns, name, attributes FROM span_event ORDER BY id"),
        "1|NULL|11|exception|{\"message\":\"boom\\n\"}\nNULL|1|11|exception|NULL");
    QCOMPARE(rows("SELECT span_id, linked_trace_key, linked_span_key, derived FROM span_link ORDER BY id"),
        "1|4bf92f3577b34da6a3ce929d0e0e4736|0000000000000abc|0\n1|not hex|12|0");
    QCOMPARE(rows("SELECT phase, bind_enclosing, track_id, ts_ns, flow_key, span_id FROM flow_raw"),
        "2|0|1|12|0x17|NULL");
    QCOMPARE(rows("SELECT rows_committed FROM source"), "6");
}

void TestBulkWriter::profile()
{
    const auto sink = writer();
    QVERIFY(sink);
    ProfileRow row;
    row.name = "heap";
    row.kind = ProfileKind::Alloc;
    row.sampleType = "alloc_space";
    row.unit = "bytes";
    row.period = 512;
    const ProfileRef profile = sink->profile(row);
    FrameRow frames[3];
    frames[0].function = "main";
    frames[1].function = "work";
    frames[1].module = "libwork.so";
    frames[1].file = "work.c";
    frames[1].line = 12;
    frames[2].function = "main";
    const FrameRef main = sink->frame(frames[0]), work = sink->frame(frames[1]);
    QCOMPARE(sink->frame(frames[2]), main);
    const CallNodeRef root = sink->callNode(profile, CallNodeRef::None, main);
    const CallNodeRef child = sink->callNode(profile, root, work);
    const CallNodeRef recursive = sink->callNode(profile, child, main);
    QCOMPARE(sink->callNode(profile, root, work), child);
    SampleRow sample;
    sample.profile = profile;
    sample.node = child;
    sample.weight = 10;
    sample.thread = "t1";
    sample.state = "running";
    sink->sample(sample);
    sample.node = recursive;
    sample.weight = 5;
    sample.count = 3;
    sample.tsNs = 77;
    sink->sample(sample);
    finish(*sink);
    QCOMPARE(rows("SELECT name, kind, sample_type, unit, period, start_ns, sample_count, total_weight FROM "
                  "profile"),
        "heap|alloc|alloc_space|bytes|512|NULL|4|15.0");
    QCOMPARE(rows("SELECT n.parent_id, f.function, f.module, f.file, f.line, n.depth, n.self_weight, "
                  "n.total_weight,"
                  " n.sample_count FROM call_node n JOIN frame f ON f.id = n.frame_id ORDER BY n.id"),
        "NULL|main|NULL|NULL|NULL|0|0.0|15.0|0\n1|work|libwork.so|work.c|12|1|10.0|15.0|1\n"
        "2|main|NULL|NULL|NULL|2|5.0|5.0|3");
    QCOMPARE(rows("SELECT ts_ns, thread, state, call_node_id, weight, count FROM sample ORDER BY id"),
        "NULL|t1|running|2|10.0|1\n77|t1|running|3|5.0|3");
}

void TestBulkWriter::seriesAndMarkers()
{
    const auto sink = writer();
    QVERIFY(sink);
    SeriesRow row;
    row.metric = "db.client.connection.count";
    row.foreignName = "hikaricp_connections_active";
    row.service = "shop";
    row.instance = "shop-1";
    row.role = "primary";
    row.labelsJson = R"({"pool":"main"})";
    row.unit = "1";
    row.kind = SeriesKind::Counter;
    const SeriesRef series = sink->series(row);
    QCOMPARE(sink->series(row), series);
    row.labelsJson = R"({"pool":"other"})";
    QVERIFY(sink->series(row) != series);
    sink->point(series, 100, 1.5);
    sink->point(series, 200, std::numeric_limits<double>::quiet_NaN());
    EventRow event;
    event.tsNs = 1;
    event.endNs = 2;
    event.kind = "deploy";
    event.service = "shop";
    event.title = "v2";
    event.detail = "by hand";
    event.offsetSeconds = 7200;
    sink->event(event);
    finish(*sink);
    QCOMPARE(rows("SELECT metric, foreign_name, service, instance, role, labels, unit, kind FROM series "
                  "WHERE id = 1"),
        "db.client.connection.count|hikaricp_connections_active|shop|shop-1|primary|{\"pool\":\"main\"}|1|"
        "counter");
    QCOMPARE(rows("SELECT series_id, ts_ns, value FROM point ORDER BY ts_ns"), "1|100|1.5\n1|200|NULL");
    QCOMPARE(rows("SELECT ts_ns, end_ns, kind, service, title, detail, offset_seconds FROM event"),
        "1|2|deploy|shop|v2|by hand|7200");
}

void TestBulkWriter::plan()
{
    const auto sink = writer();
    QVERIFY(sink);
    const PlanRef first = sink->plan(planRow("SELECT * FROM t WHERE a = 1"));
    const PlanRef second = sink->plan(planRow("select * from t where a = 2"));
    const PlanRef third = sink->plan(planRow(""));
    for (const PlanRef plan : {first, second}) {
        for (int i = 0; i < 3; ++i) {
            PlanNodeRow node;
            node.id = i;
            node.parent = i - 1;
            node.depth = i;
            node.nodeType = i == 0 ? "Sort" : "Seq Scan";
            node.actualRows = 1e9;
            node.walBytes = 123;
            node.workersLaunched = 4;
            node.extraJson = R"({"Sort Key":["a"]})";
            node.sourceLine = i;
            sink->planNode(plan, node);
        }
    }
    PlanWorkerRow worker;
    worker.nodeId = 1;
    worker.worker = -1;
    worker.loops = 2;
    sink->planWorker(second, worker);
    PlanTriggerRow trigger;
    trigger.name = "t";
    trigger.constraintName = "c";
    trigger.calls = 3;
    sink->planTrigger(third, trigger);
    finish(*sink);
    QCOMPARE(rows("SELECT id, engine, planning_ms, execution_ms, total_cost, node_count, statement_id, "
                  "format FROM plan"),
        "1|postgresql|0.5|NULL|42.25|3|1|json\n2|postgresql|0.5|NULL|42.25|3|1|json\n"
        "3|postgresql|0.5|NULL|42.25|0|NULL|json");
    QCOMPARE(rows("SELECT text FROM statement"), "SELECT * FROM t WHERE a = 1");
    QCOMPARE(rows(
                 "SELECT id, plan_id, parent_id, node, parent, node_type, actual_rows, shared_hit, wal_bytes,"
                 " workers_launched, source_line FROM plan_node WHERE plan_id = 2 ORDER BY id"),
        "4|2|NULL|0|NULL|Sort|1000000000.0|NULL|123|4|NULL\n5|2|4|1|0|Seq Scan|1000000000.0|NULL|123|4|1\n"
        "6|2|5|2|1|Seq Scan|1000000000.0|NULL|123|4|2");
    QCOMPARE(rows("SELECT plan_node_id, worker, startup_ms, loops FROM plan_worker"), "5|-1|NULL|2.0");
    QCOMPARE(rows("SELECT plan_id, name, constraint_name, time_ms, calls FROM plan_trigger"),
        "3|t|c|NULL|3.0");
}

void TestBulkWriter::textsPastTheBoundAreKept()
{
    const auto sink = writer();
    QVERIFY(sink);
    // Longer than what is interned, and a number as text: both must come back as they are.
    const std::string longName(5000, 'n');
    SpanRow row;
    row.operation = longName;
    sink->span(row);
    row.operation = "123";
    sink->span(row);
    finish(*sink);
    QCOMPARE(rows("SELECT length(operation), typeof(operation) FROM span ORDER BY id"), "5000|text\n3|text");
    QCOMPARE(rows("SELECT operation FROM span WHERE id = 2"), "123");
    QCOMPARE(rows("SELECT typeof(operation_id) FROM span_raw ORDER BY id"), "text\ninteger");
}

void TestBulkWriter::tracesBothWays()
{
    const auto sink = writer();
    QVERIFY(sink);
    unsigned char key[16] = {};
    std::set<std::uint32_t> refs;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        std::memcpy(key + 3, &i, sizeof i);
        refs.insert(static_cast<std::uint32_t>(sink->trace(key)));
    }
    QCOMPARE(refs.size(), std::size_t{20'000});
    QCOMPARE(static_cast<std::uint32_t>(sink->trace(key)), 20'000u);
    const unsigned char bytes[16] = {0xab, 0xcd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    QCOMPARE(sink->trace(std::string_view("ABCD0000000000000000000000000001")), sink->trace(bytes));
    const TraceRef text = sink->trace(std::string_view("abc"));
    QCOMPARE(sink->trace(std::string_view("abc")), text);
    SpanRow row;
    row.trace = text;
    sink->span(row);
    finish(*sink);
    QCOMPARE(rows("SELECT count(*) FROM trace"), "20002");
    QCOMPARE(rows("SELECT t.trace_key FROM span s JOIN trace t ON t.id = s.trace_id"), "abc");
}

void TestBulkWriter::hiddenUntilFinished()
{
    auto sink = writer();
    QVERIFY(sink);
    for (int i = 0; i < 20'000; ++i)
        sink->span({});
    QTRY_VERIFY(sink->rowsCommitted() > 0);
    QCOMPARE(rows("SELECT count(*) FROM span"), "0");
    QCOMPARE(rows("SELECT count(*) FROM source"), "0");
    QVERIFY(rows("SELECT count(*) FROM span_raw") != "0");
    finish(*sink, SourceState::Cancelled);
    QCOMPARE(rows("SELECT count(*) FROM span"), "0");
    QCOMPARE(m_workspace->sources()->front().state, SourceState::Cancelled);
    QCOMPARE(m_workspace->sources()->front().rowsCommitted, 20'000);
}

void TestBulkWriter::aggregate()
{
    const auto sink = writer();
    QVERIFY(sink);
    TrackRow track;
    track.service = "shop";
    SpanRow row;
    row.track = sink->track(track);
    for (int i = 0; i < 10; ++i) {
        row.operation = i < 7 ? "slow" : "fast";
        row.status = i == 0 ? SpanStatus::Error : SpanStatus::Ok;
        row.startNs = 100 * i;
        row.durationNs = i < 7 ? 50 : i == 9 ? kUnknownNanos : 1;
        sink->span(row);
    }
    finish(*sink);
    const StreamingAggregate aggregate = sink->aggregate();
    QCOMPARE(aggregate.spans, 10);
    QCOMPARE(aggregate.range, (TimeRange{0, 900}));
    QCOMPARE(aggregate.entries.size(), std::size_t{2});
    QCOMPARE(aggregate.entries[0].operation, std::string("slow"));
    QCOMPARE(aggregate.entries[0].service, std::string("shop"));
    QCOMPARE(aggregate.entries[0].count, 7);
    QCOMPARE(aggregate.entries[0].errors, 1);
    QCOMPARE(aggregate.entries[0].totalNs, 350);
    QCOMPARE(aggregate.entries[0].maxNs, 50);
    QCOMPARE(aggregate.entries[1].count, 3);
    QCOMPARE(aggregate.entries[1].totalNs, 2);
}

void TestBulkWriter::twoWritersAtOnce()
{
    auto first = writer("one"), second = writer("two");
    QVERIFY(first && second);
    // Both interleave, so that ids of one source come in several runs.
    for (int round = 0; round < 6; ++round) {
        BulkWriter &sink = round % 2 == 0 ? *first : *second;
        const std::int64_t before = sink.rowsCommitted();
        for (int i = 0; i < 5000; ++i) {
            const std::string name
                = (round % 2 == 0 ? "first " : "second ") + std::to_string(i % 10 + round * 10);
            SpanRow row;
            row.operation = name;
            const SpanRef span = sink.span(row);
            SpanEventRow event;
            event.span = span;
            event.tsNs = i;
            event.name = name;
            sink.spanEvent(event);
        }
        QTRY_VERIFY(sink.rowsCommitted() > before);
    }
    finish(*first);
    finish(*second);
    QCOMPARE(rows("SELECT count(*), count(DISTINCT operation) FROM span WHERE source_id = 1 AND operation "
                  "LIKE 'first %'"),
        "15000|30");
    QCOMPARE(rows("SELECT count(*), count(DISTINCT operation) FROM span WHERE source_id = 2 AND operation "
                  "LIKE 'second %'"),
        "15000|30");
    QCOMPARE(
        rows("SELECT count(*) FROM span_event e JOIN span s ON s.id = e.span_id WHERE s.operation = e.name"
             " AND s.source_id = e.source_id"),
        "30000");
    QVERIFY(rows("SELECT count(*) FROM source_run WHERE family = 9") != "2");
}

void TestBulkWriter::generationsGrow()
{
    const auto before = m_workspace->generation("span");
    TS_VERIFY_OK(before);
    auto sink = writer();
    sink->span({});
    finish(*sink);
    QCOMPARE(*m_workspace->generation("span"), *before + 1);
    QCOMPARE(*m_workspace->generation("series"), 0);
    QCOMPARE(*m_workspace->generation("source, span"), *before + 2);
    QCOMPARE(*m_workspace->generation(""), *before + 2);
}

void TestBulkWriter::notesOfTheWindow()
{
    auto database = m_workspace->connectWriter();
    TS_VERIFY_OK(database->execute("INSERT INTO event_raw (id, source_id, ts_ns, kind, title)"
                                   " VALUES (1099511627776, NULL, 7, 'note', 'mine')"));
    const auto sink = writer();
    EventRow event;
    event.tsNs = 9;
    sink->event(event);
    finish(*sink);
    QCOMPARE(rows("SELECT id, source_id, ts_ns, end_ns, title FROM event ORDER BY id"),
        "1|1|9|NULL|NULL\n1099511627776|NULL|7|NULL|mine");
}

void TestBulkWriter::emptySource()
{
    const auto sink = writer();
    QVERIFY(sink);
    finish(*sink);
    QCOMPARE(rows("SELECT path, format, kind, clock, state, rows_committed FROM source"),
        "a|test|trace|utc|complete|0");
    const auto again = sink->finish({});
    QVERIFY(!again);
}

void TestBulkWriter::statesAndEnding()
{
    const auto sink = writer("/data/x.json");
    QVERIFY(sink);
    sink->setSource({SourceKind::Profile, ClockKind::Relative, "+02:00"});
    sink->span({});
    BulkWriter::Ending ending;
    ending.sha256 = "ab";
    ending.bytes = 100;
    ending.rowsRead = 3;
    ending.rowsSkipped = 2;
    ending.importedAtNs = 55;
    TS_VERIFY_OK(sink->finish(ending));
    QCOMPARE(rows(
                 "SELECT path, kind, clock, timezone, sha256, bytes, rows_read, rows_skipped, imported_at_ns,"
                 " offset_ns, offset_method, duplicate_of FROM source"),
        "/data/x.json|profile|relative|+02:00|ab|100|3|2|55|0|none|NULL");
}

QTEST_GUILESS_MAIN(TestBulkWriter)
#include "tst_bulkwriter.moc"
