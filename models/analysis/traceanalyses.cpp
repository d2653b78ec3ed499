// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/traceanalyses.h"

#include "analysis/analysisrun.h"
#include "analysis/callpatterns.h"
#include "analysis/cohortstore.h"
#include "analysis/coldstarts.h"
#include "analysis/pathanalyses.h"
#include "analysis/requestpatterns.h"
#include "analysis/servicemap.h"
#include "analysis/spanseries.h"

#include <optional>

namespace tailscope::analysis {

Result<void> storeRun(const store::Workspace &workspace, const AnalysisRun &run, const WriteRows &write)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    TS_TRY(writer->begin());
    const Result<std::int64_t> id = recordRun(*writer, run);
    Result<void> written = id ? Result<void>() : tl::unexpected(id.error());
    if (written && write)
        written = write(*writer, *id);
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

namespace {

Result<void> runOne(const TraceAnalysis &analysis, AnalysisRun run, const TraceInput &input)
{
    const Stopwatch watch;
    input.progress.update({std::string(analysis.kind), 0, 0, 0});
    Result<WriteRows> write = analysis.compute(input);
    if (!write)
        return tl::unexpected(std::move(write.error()));
    if (input.progress.isCancelled())
        return fail(ErrorCode::Cancelled, std::string(analysis.kind), "the analysis was cancelled",
            "It runs again when the workspace is opened.");
    run.seconds = watch.seconds();
    return storeRun(input.workspace, run, *write);
}

} // namespace

const std::vector<TraceAnalysis> &traceAnalyses()
{
    // One line an analysis.
    static const std::vector<TraceAnalysis> list{
        {"service_edge", 1, computeServiceEdges},
        {"critical_path", 1, computeCriticalPaths},
        {"trace_gap", 1, computeTraceGaps},
        {"call_group", 1, computeCallGroups},
        {"span_series", 1, computeSpanSeries},
        {"request_patterns", 1, computeRequestPatterns},
        {"cohort_difference", 1, computeCohortDifferences},
        {"tail_divergence", 1, computeTailDivergence},
        {"cold_start", 1, computeColdStarts},
    };
    return list;
}

Result<void> refreshTraceAnalyses(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    const Result<std::int64_t> generation = workspace.generation("span");
    if (!generation)
        return tl::unexpected(generation.error());
    std::vector<std::pair<const TraceAnalysis *, AnalysisRun>> stale;
    for (const TraceAnalysis &analysis : traceAnalyses()) {
        const AnalysisRun run{analysis.kind, analysis.version, "{}", *generation, 0};
        const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, run);
        if (!finished)
            return tl::unexpected(finished.error());
        if (!*finished)
            stale.emplace_back(&analysis, run);
    }
    if (stale.empty())
        return {};
    const Result<std::optional<std::int64_t>> anyTrace = reader->integer("SELECT id FROM trace_raw LIMIT 1");
    if (!anyTrace)
        return tl::unexpected(anyTrace.error());
    auto columns = std::make_shared<const SpanColumns>();
    if (*anyTrace) {
        Result<std::shared_ptr<const SpanColumns>> loaded = SpanColumns::load(workspace, progress);
        if (!loaded)
            return tl::unexpected(std::move(loaded.error()));
        columns = std::move(*loaded);
    }
    const std::shared_ptr<const TraceRows> rows = TraceRows::build(*columns, progress.cancel);
    if (!rows)
        return fail(ErrorCode::Cancelled, "traces", "the analysis was cancelled",
            "It runs again when the workspace is opened.");
    for (const auto &[analysis, run] : stale)
        TS_TRY(runOne(*analysis, run, TraceInput{workspace, *columns, *rows, progress}));
    return {};
}

} // namespace tailscope::analysis
