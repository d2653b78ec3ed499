// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/requestpatterns.h"
#include "analysis/rowinsert.h"

namespace tailscope::analysis {

namespace {

Result<void> writeSetups(store::Database &writer, std::int64_t run, const SpanColumns &columns,
    const std::vector<ConnectionSetup> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "connection_setup",
        "run_id, service, host, calls, setups, traces, most_per_trace, setup_p50_ns, dns_p50_ns, "
        "connect_p50_ns,"
        " tls_p50_ns, request_share, example_trace_id"));
    for (const ConnectionSetup &row : rows) {
        insert.add(run)
            .textOrNull(row.service)
            .textOrNull(row.host)
            .add(row.calls)
            .add(row.setups)
            .add(row.traces);
        insert.add(row.mostPerTrace).nanos(row.setup).nanos(row.dns).nanos(row.connect).nanos(row.tls);
        insert.add(row.requestShare).add(columns.traceIds[row.exampleTrace]);
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writeTransactionCalls(store::Database &writer, std::int64_t run, const SpanColumns &columns,
    const std::vector<TransactionCall> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "transaction_call",
        "run_id, service, parent_operation, operation, host, transactions, traces, overlap_p50_ns,"
        " overlap_max_ns, held_p50_ns, statements_p50_ns, example_trace_id"));
    for (const TransactionCall &row : rows) {
        insert.add(run).textOrNull(row.service).textOrNull(row.parentOperation).textOrNull(row.operation);
        insert.textOrNull(row.host)
            .add(row.transactions)
            .add(row.traces)
            .nanos(row.overlap)
            .nanos(row.longest);
        insert.nanos(row.held).nanos(row.statements).add(columns.traceIds[row.exampleTrace]);
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writeChains(store::Database &writer, std::int64_t run, const SpanColumns &columns,
    const std::vector<SyncChain> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "sync_chain",
        "run_id, endpoint_service, endpoint_operation, depth_p50, depth_max, traces, path, "
        "example_trace_id"));
    for (const SyncChain &row : rows) {
        insert.add(run).textOrNull(row.endpointService).textOrNull(row.endpointOperation).add(row.depth);
        insert.add(row.deepest).add(row.traces).textOrNull(row.path).add(columns.traceIds[row.exampleTrace]);
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writeShares(store::Database &writer, std::int64_t run, const SpanColumns &columns,
    const std::vector<EndpointShare> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "endpoint_share",
        "run_id, endpoint_service, endpoint_operation, kind, name, traces, examined, calls, share, "
        "time_p50_ns,"
        " call_p95_ns, request_p50_ns, example_trace_id"));
    for (const EndpointShare &row : rows) {
        insert.add(run).textOrNull(row.endpointService).textOrNull(row.endpointOperation);
        insert.add(std::string_view(row.isDatabase ? "database" : "external"))
            .textOrNull(row.name)
            .add(row.traces);
        insert.add(row.examined).add(row.calls).add(row.share).nanos(row.time).nanos(row.callP95);
        insert.nanos(row.request).add(columns.traceIds[row.exampleTrace]);
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writePairs(store::Database &writer, std::int64_t run, const std::vector<ServicePair> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "service_pair",
        "run_id, caller, callee, caller_traces, traces, callers, has_spans"));
    for (const ServicePair &row : rows) {
        insert.add(run)
            .add(std::string_view(row.caller))
            .add(std::string_view(row.callee))
            .add(row.callerTraces);
        insert.add(row.traces).add(row.callers).add(std::int64_t(row.hasSpans));
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writeLateAttempts(store::Database &writer, std::int64_t run, const SpanColumns &columns,
    const std::vector<LateAttempt> &rows)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "late_attempt",
        "run_id, service, parent_operation, operation, attempts, traces, late_p50_ns, length_p50_ns,"
        " example_trace_id"));
    for (const LateAttempt &row : rows) {
        insert.add(run).textOrNull(row.service).textOrNull(row.parentOperation).textOrNull(row.operation);
        insert.add(row.attempts).add(row.traces).nanos(row.late).nanos(row.length);
        insert.add(columns.traceIds[row.exampleTrace]);
        TS_TRY(insert.run());
    }
    return {};
}

} // namespace

Result<WriteRows> computeRequestPatterns(const TraceInput &input)
{
    Result<store::Database> reader = input.workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<RequestPatterns> found
        = findRequestPatterns(input.columns, input.rows, &*reader, input.progress.cancel);
    if (!found)
        return tl::unexpected(std::move(found.error()));
    return WriteRows([found = std::move(*found), &columns = input.columns](store::Database &writer,
                         std::int64_t run) -> Result<void> {
        TS_TRY(writeSetups(writer, run, columns, found.setups));
        TS_TRY(writeTransactionCalls(writer, run, columns, found.transactionCalls));
        TS_TRY(writeChains(writer, run, columns, found.chains));
        TS_TRY(writeShares(writer, run, columns, found.shares));
        TS_TRY(writeLateAttempts(writer, run, columns, found.lateAttempts));
        return writePairs(writer, run, found.pairs);
    });
}

} // namespace tailscope::analysis
