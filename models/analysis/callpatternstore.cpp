// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callpatterns.h"
#include "analysis/rowinsert.h"

namespace tailscope::analysis {

namespace {

/// Writes what was found; the columns give ids and names of rows.
class CallFindingsWriter
{
public:
    CallFindingsWriter(store::Database &writer, std::int64_t runId, const SpanColumns &columns)
        : m_writer(writer)
        , m_runId(runId)
        , m_columns(columns)
    {}

    Result<void> groups(const std::vector<StoredGroup> &groups)
    {
        RowInsert insert;
        TS_TRY(insert.replace(m_writer, "call_group",
            "run_id, kind, trace_id, parent_id, fingerprint, operation, n, total_ns, saving_ns, "
            "first_span_id,"
            " max_parallel, max_ns, start_ns, end_ns, share, detail, lead_ns"));
        for (const StoredGroup &g : groups) {
            insert.add(m_runId)
                .add(callGroupKind(g.kind))
                .add(traceId(g.trace))
                .add(m_columns.id(g.parentRow));
            insert.textOrNull(g.fingerprint).textOrNull(g.operation).add(std::int64_t(g.n)).nanos(g.total);
            insert.nanos(g.saving).add(m_columns.id(g.firstRow)).add(std::int64_t(g.maxParallel));
            insert.nanos(g.longest).nanos(g.start).nanos(g.end);
            if (g.traceDuration > 0)
                insert.add(double(g.total) / double(g.traceDuration));
            else
                insert.null();
            insert.textOrNull(g.detail).nanos(g.lead);
            TS_TRY(insert.run());
        }
        return {};
    }

    Result<void> patterns(const std::vector<CallPattern> &patterns)
    {
        RowInsert insert;
        TS_TRY(insert.replace(m_writer, "call_pattern",
            "run_id, kind, endpoint_service, endpoint_operation, service, parent_operation, operation,"
            " fingerprint, groups, traces, examined, n_p50, n_max, total_p50_ns, saving_p50_ns,"
            " longest_p50_ns, lead_p50_ns, trace_p50_ns, slope_ns, slope_r2, failed, is_write, done_twice,"
            " start_ns, end_ns, example_trace_id, example_parent_id, detail"));
        for (const CallPattern &p : patterns) {
            insert.add(m_runId).add(callGroupKind(p.kind)).textOrNull(p.endpointService);
            insert.textOrNull(p.endpointOperation).textOrNull(p.service).textOrNull(p.parentOperation);
            insert.textOrNull(p.operation).textOrNull(p.fingerprint).add(p.groups).add(p.traces);
            insert.add(p.examined).add(p.nP50).add(p.nMax).nanos(p.total).nanos(p.saving).nanos(p.longest);
            insert.nanos(p.lead).nanos(p.traceDuration).add(p.slope).add(p.slopeR2);
            insert.add(p.failed).add(std::int64_t(p.isWrite)).add(p.doneTwice).nanos(p.start).nanos(p.end);
            insert.add(traceId(p.exampleTrace)).add(m_columns.id(p.exampleParentRow)).textOrNull(p.detail);
            TS_TRY(insert.run());
        }
        return {};
    }

    Result<void> retryTrees(const std::vector<StoredRetryTree> &trees)
    {
        RowInsert insert;
        TS_TRY(insert.replace(m_writer, "retry_tree",
            "run_id, trace_id, levels, attempts, retries, leaf_attempts, leaf_service, leaf_operation,"
            " start_ns, requests_per_min, weighted"));
        for (const StoredRetryTree &t : trees) {
            insert.add(m_runId).add(traceId(t.trace)).add(std::int64_t(t.tree.levels));
            insert.add(std::int64_t(t.tree.attempts)).add(std::int64_t(t.tree.retries));
            insert.add(std::int64_t(t.tree.leafAttempts));
            insert.textOrNull(m_columns.tracks[m_columns.track[t.leafRow]].service);
            insert.textOrNull(m_columns.operations[m_columns.operation[t.leafRow]])
                .nanos(t.start)
                .add(t.requestsPerMinute);
            insert.add(std::int64_t(m_columns.traceWeight.empty() ? 0 : 1));
            TS_TRY(insert.run());
        }
        return {};
    }

    Result<void> fanOutTails(const std::vector<FanOutTail> &tails)
    {
        RowInsert insert;
        TS_TRY(insert.replace(m_writer, "fan_out_tail",
            "run_id, service, parent_operation, groups, calls, n_p50, threshold_ns, call_share, group_share,"
            " predicted, worst_operation, worst_share, callees, example_trace_id"));
        for (const FanOutTail &t : tails) {
            insert.add(m_runId)
                .textOrNull(t.service)
                .textOrNull(t.parentOperation)
                .add(t.groups)
                .add(t.calls);
            insert.add(t.nP50).nanos(t.threshold).add(t.callShare).add(t.groupShare).add(t.predicted);
            insert.textOrNull(t.worstOperation).add(t.worstShare).add(t.callees).add(traceId(t.exampleTrace));
            TS_TRY(insert.run());
        }
        return {};
    }

private:
    std::int64_t traceId(std::uint32_t trace) const { return m_columns.traceIds[trace]; }

    store::Database &m_writer;
    std::int64_t m_runId;
    const SpanColumns &m_columns;
};

} // namespace

Result<WriteRows> computeCallGroups(const TraceInput &input)
{
    Result<store::Database> reader = input.workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<CallFindings> found = findCalls(input.columns, input.rows, &*reader, input.progress.cancel);
    if (!found)
        return tl::unexpected(std::move(found.error()));
    // The columns outlive the writing: both happen in one step of refreshTraceAnalyses().
    return WriteRows([found = std::move(*found), &columns = input.columns](store::Database &writer,
                         std::int64_t runId) -> Result<void> {
        CallFindingsWriter out(writer, runId, columns);
        TS_TRY(out.groups(found.groups));
        TS_TRY(out.patterns(found.patterns));
        TS_TRY(out.retryTrees(found.retryTrees));
        return out.fanOutTails(found.fanOutTails);
    });
}

} // namespace tailscope::analysis
