// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/analysisrun.h"
#include "analysis/spancolumns.h"
#include "analysis/tracerows.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/database.h"
#include "store/workspace.h"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// What every stored analysis of traces is given: all visible spans in memory and their rows by trace.
struct TraceInput
{
    const store::Workspace &workspace; ///< for attributes, links and events: connectReader()
    const SpanColumns &columns;
    const TraceRows &rows;
    const Progress &progress;
};

/// Replaces the rows of the analysis (DELETE, then INSERT with this run id) inside the caller's transaction.
using WriteRows = std::function<Result<void>(store::Database &writer, std::int64_t runId)>;

/// Writes the rows and records the run in one transaction.
Result<void> storeRun(const store::Workspace &workspace, const AnalysisRun &run, const WriteRows &write);

/// One analysis whose result lies in derived tables, so that rules, SQL and reports can ask for it.
struct TraceAnalysis
{
    std::string_view kind; ///< as in analysis_run.kind
    int version; ///< raise it when its figures change
    /// Computes without writing (two threads at most, cancel, no clock, no hash order in the result).
    Result<WriteRows> (*compute)(const TraceInput &input);
};

/// All of them, in the order in which they run.
const std::vector<TraceAnalysis> &traceAnalyses();

/// Runs those whose result is older than the spans; loads the columns only when one has to run and there are
/// traces. Called before the rules. Any thread.
Result<void> refreshTraceAnalyses(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
