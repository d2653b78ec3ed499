// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include <cstring>

namespace storetest {

namespace {

struct Mixed
{
    RowSink &sink;
    ProfileRef profile;
    SeriesRef series;

    void spans(int i)
    {
        TrackRow trackRow;
        const std::string process = "process " + std::to_string(i % 7);
        trackRow.process = process;
        trackRow.thread = i % 2 == 0 ? "main" : "worker";
        const TrackRef track = sink.track(trackRow);
        if (i % 50 == 0) {
            const std::string service = "service " + std::to_string(i);
            TrackRow update;
            update.service = service;
            update.processSort = i;
            sink.updateTrack(track, update);
        }
        unsigned char key[16] = {};
        std::memcpy(key, &i, sizeof i);
        const std::string attributeValue = "value " + std::to_string(i);
        const Attribute resource[]{textAttribute("service.name", process)};
        const Attribute own[]{textAttribute("http.route", "/r"), integerAttribute("n", i % 5),
            textAttribute("unique", attributeValue)};
        SpanRow row;
        row.track = track;
        row.trace = i % 3 == 0 ? sink.trace(std::string_view("text trace")) : sink.trace(key);
        row.key = {SpanKey::Kind::Hex64, static_cast<std::uint64_t>(i) << 40, {}};
        const std::string operation = "operation " + std::to_string(i % 300);
        row.operation = operation;
        row.kind = SpanKind::Client;
        row.status = i % 10 == 0 ? SpanStatus::Error : SpanStatus::Ok;
        row.startNs = 1'000'000LL * i;
        row.durationNs = i % 11 == 0 ? kUnknownNanos : 5000 + i;
        row.quality = i % 11 == 0 ? SpanNoEnd : SpanQualityNone;
        row.resource = sink.attributeSet(resource);
        row.attributes = own;
        const SpanRef span = sink.span(row);
        SpanEventRow event;
        event.span = i % 2 == 0 ? span : SpanRef::None;
        event.track = track;
        event.tsNs = row.startNs + 1;
        event.name = "exception";
        event.attributes = {own, 1};
        sink.spanEvent(event);
        SpanLinkRow link;
        link.span = span;
        link.linkedTraceKey = "0123456789abcdef0123456789ABCDEF";
        link.linkedSpanKey = {SpanKey::Kind::Text, 0, "text key"};
        sink.spanLink(link);
        FlowRow flow;
        flow.track = track;
        flow.tsNs = row.startNs;
        flow.flowKey = "flow";
        flow.span = span;
        sink.flow(flow);
    }
    void stacks(int i)
    {
        const std::string leafName = "leaf" + std::to_string(i % 9);
        FrameRow root, leaf;
        root.function = "main";
        leaf.function = leafName;
        leaf.line = i % 9 + 1;
        const CallNodeRef top = sink.callNode(profile, CallNodeRef::None, sink.frame(root));
        SampleRow row;
        row.profile = profile;
        row.node = sink.callNode(profile, top, sink.frame(leaf));
        row.tsNs = i;
        row.thread = "main";
        row.weight = 0.5 * i;
        row.count = 2;
        sink.sample(row);
    }
    void plans(int i)
    {
        const std::string query = "SELECT " + std::to_string(i) + " FROM t" + std::to_string(i % 3);
        const PlanRef plan = sink.plan(planRow(query));
        PlanNodeRow node;
        node.nodeType = "Limit";
        node.planRows = 10;
        sink.planNode(plan, node);
        node.id = 1;
        node.parent = 0;
        node.depth = 1;
        node.nodeType = "Seq Scan";
        node.relation = "orders";
        node.sharedHit = 5;
        sink.planNode(plan, node);
        PlanWorkerRow worker;
        worker.nodeId = 1;
        worker.worker = 0;
        worker.rows = 2.5;
        sink.planWorker(plan, worker);
        PlanTriggerRow trigger;
        trigger.name = "audit";
        trigger.timeMs = 0.25;
        sink.planTrigger(plan, trigger);
    }
    void logs(int i)
    {
        const std::string user = "user" + std::to_string(i % 3);
        const Attribute host{"host.name", AttributeType::Text, "h1", 0, 0};
        const Attribute retries{"retries", AttributeType::Integer, {}, i, 0};
        LogRow row;
        row.tsNs = i;
        row.pid = 7;
        row.user = user;
        row.service = "shop";
        row.severity = "WARN";
        row.kind = "slow_statement";
        row.message = "slow";
        row.statement = "SELECT * FROM t WHERE id = 5";
        row.durationMs = 12.5;
        row.traceKey = "0123456789abcdef0123456789ABCDEF";
        row.spanKey = {SpanKey::Kind::Hex64, 0xFFFFFFFFFFFFFFF0ULL + static_cast<unsigned>(i % 3), {}};
        row.resource = sink.attributeSet({&host, 1});
        row.attributes = {&retries, 1};
        sink.logEntry(row);
    }
};

} // namespace

void writeMixed(RowSink &sink, int steps, const std::function<bool(int)> &stop)
{
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    ProfileRow profile;
    profile.name = "cpu";
    profile.unit = "ns";
    SeriesRow series;
    series.metric = "db.connections";
    series.labelsJson = R"({"pool":"a"})";
    series.kind = SeriesKind::Gauge;
    Mixed mixed{sink, sink.profile(profile), sink.series(series)};
    for (int i = 1; i <= steps; ++i) {
        if (stop && stop(i))
            return;
        mixed.spans(i);
        mixed.stacks(i);
        sink.point(mixed.series, i * 10, i * 0.5);
        EventRow event;
        event.tsNs = i;
        event.kind = "deploy";
        event.title = "v1";
        sink.event(event);
        if (i % 20 == 0)
            mixed.plans(i);
        if (i % 10 == 0)
            mixed.logs(i);
    }
}

std::string contentOf(const Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return "ERROR: " + database.error().toText();
    std::string out;
    for (const std::string_view sql : {"SELECT kind, state, clock, timezone, rows_committed FROM source",
             "SELECT s.id, s.span_key, process, thread, s.service, s.operation, kind, status, s.start_ns, "
             "s.duration_ns,"
             " quality, t.trace_key FROM span s LEFT JOIN trace t ON t.id = s.trace_id ORDER BY s.id",
             "SELECT span_id, scope, key, value FROM span_attribute ORDER BY 1, 2, 3, 4",
             "SELECT span_id, track_id, ts_ns, name, attributes FROM span_event ORDER BY id",
             "SELECT span_id, linked_trace_key, linked_span_key FROM span_link ORDER BY id",
             "SELECT track_id, ts_ns, flow_key, span_id FROM flow_raw ORDER BY id",
             "SELECT name, unit, sample_count, total_weight FROM profile ORDER BY id",
             "SELECT n.depth, f.function, f.line, n.self_weight, n.total_weight, n.sample_count FROM "
             "call_node n"
             " JOIN frame f ON f.id = n.frame_id ORDER BY n.id",
             "SELECT ts_ns, thread, call_node_id, weight, count FROM sample ORDER BY id",
             "SELECT s.metric, p.ts_ns, p.value FROM point p JOIN series s ON s.id = p.series_id ORDER BY 2",
             "SELECT ts_ns, kind, title FROM event ORDER BY ts_ns",
             "SELECT p.id, p.query_text, p.node_count, s.fingerprint FROM plan p JOIN statement s ON s.id ="
             " p.statement_id ORDER BY p.id",
             "SELECT plan_id, parent_id, node_type, relation, shared_hit FROM plan_node ORDER BY id",
             "SELECT plan_node_id, worker, rows FROM plan_worker ORDER BY 1",
             "SELECT plan_id, name, time_ms FROM plan_trigger ORDER BY 1",
             "SELECT l.id, ts_ns, pid, user, severity, kind, message, duration_ms, service, trace_key, "
             "span_key,"
             " s.fingerprint FROM log_entry l JOIN statement s ON s.id = l.statement_id ORDER BY l.id",
             "SELECT log_id, scope, key, value FROM log_attribute ORDER BY 1, 2"})
        out += rowsOf(*database, sql) + "\n--\n";
    return out;
}

} // namespace storetest
