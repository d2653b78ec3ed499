// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/family.h"

#include <array>

namespace tailscope::store {

namespace {

constexpr std::array<FamilyInfo, kFamilies> kInfo{{
    {Family::String, "string", "text", false, ""},
    {Family::Track, "track",
        "source_id, process_id, thread_id, service_id, instance_id, process_sort, thread_sort, shape", false,
        "span"},
    {Family::Trace, "trace_raw", "source_id, trace_key", false, "span"},
    {Family::AttributeSet, "attribute_set", "source_id", false, "span"},
    {Family::Profile, "profile_raw",
        "source_id, name_id, kind, sample_type_id, unit_id, period, start_ns, duration_ns", false, "profile"},
    {Family::Frame, "frame_raw", "source_id, function_id, module_id, file_id, line", false, "profile"},
    {Family::CallNode, "call_node_raw", "source_id, profile_id, parent_id, frame_id, depth", false,
        "profile"},
    {Family::Series, "series_raw",
        "source_id, metric_id, foreign_name_id, service_id, instance_id, role_id, labels, unit_id, kind, "
        "track_id",
        false, "series"},
    {Family::Plan, "plan_raw",
        "source_id, engine, server_version, statement_id, captured_at_ns, planning_ms, execution_ms, "
        "duration_ms, "
        "total_cost, settings, query_text, source_text, format, extra",
        true, "plan"},
    {Family::Span, "span_raw",
        "source_id, track_id, trace_id, span_key, parent_key, operation_id, category_id, kind, status, "
        "http_status, start_ns, duration_ns, resource_set, scope_set, attribute_set, attributes, quality",
        true, "span"},
    {Family::SpanEvent, "span_event_raw", "source_id, span_id, track_id, ts_ns, name_id, attributes", true,
        "span"},
    {Family::SpanLink, "span_link_raw", "source_id, span_id, linked_trace_key, linked_span_key, attributes",
        true, "span"},
    {Family::Flow, "flow_raw", "source_id, phase, bind_enclosing, track_id, ts_ns, flow_key, span_id", true,
        "span"},
    {Family::Sample, "sample_raw",
        "source_id, profile_id, ts_ns, thread_id, state_id, call_node_id, weight, count", true, "profile"},
    {Family::Point, "point_raw", "source_id, series_id, ts_ns, value", true, "series"},
    {Family::Event, "event_raw", "source_id, ts_ns, end_ns, kind, service, title, detail, offset_seconds",
        true, "event"},
    {Family::PlanNode, "plan_node_raw",
        "source_id, plan_id, node, parent, position, depth, node_type, parent_relationship, subplan_name, "
        "join_type, relation, schema, alias, index_name, condition, filter, plan_rows, plan_width, "
        "startup_cost, "
        "total_cost, actual_rows, rows_removed_by_filter, rows_removed_by_join_filter, "
        "rows_removed_by_index_recheck, loops, startup_ms, total_ms, wall_ms, self_ms, doubt_ms, shared_hit, "
        "shared_read, shared_dirtied, shared_written, local_hit, local_read, local_dirtied, local_written, "
        "temp_read, temp_written, self_shared_hit, self_shared_read, io_read_ms, io_write_ms, wal_bytes, "
        "sort_kb, "
        "sort_disk, hash_batches, heap_fetches, exact_blocks, lossy_blocks, workers_planned, "
        "workers_launched, "
        "source_line, extra",
        true, "plan"},
    {Family::PlanWorker, "plan_worker_raw",
        "source_id, plan_id, node, worker, startup_ms, total_ms, rows, loops, extra", true, "plan"},
    {Family::PlanTrigger, "plan_trigger_raw",
        "source_id, plan_id, name, relation, constraint_name, time_ms, calls", true, "plan"},
    {Family::LogEntry, "log_entry_raw",
        "source_id, ts_ns, offset_seconds, pid, user_id, db_id, application_id, client_id, severity, "
        "sqlstate, kind, message, detail, hint, context, statement_id, query_id, duration_ms, service_id, "
        "instance_id, logger_id, trace_key, span_key, resource_set, attributes",
        true, "log"},
}};

} // namespace

const FamilyInfo &familyInfo(Family family) { return kInfo[static_cast<std::size_t>(family)]; }

std::span<const FamilyInfo> allFamilies() { return kInfo; }

} // namespace tailscope::store
