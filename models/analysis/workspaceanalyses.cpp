// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/workspaceanalyses.h"

#include "analysis/analysisrun.h"
#include "analysis/budgetreport.h"
#include "analysis/hostseries.h"
#include "analysis/lagverdicts.h"
#include "analysis/loadruns.h"
#include "analysis/lockroots.h"
#include "analysis/logpatterns.h"
#include "analysis/pausestats.h"
#include "analysis/planshapes.h"
#include "analysis/pointseries.h"
#include "analysis/poolverdicts.h"
#include "analysis/queuetracks.h"
#include "analysis/slostore.h"
#include "analysis/statementstats.h"

#include <optional>
#include <string>

namespace tailscope::analysis {

const std::vector<WorkspaceAnalysis> &workspaceAnalyses()
{
    // One line an analysis.
    static const std::vector<WorkspaceAnalysis> list{
        {"plan_shape", 1, {"plan"}, computePlanShapes},
        {"statement_stat", 1, {"statement", "log", "span", "plan"}, computeStatementStats},
        {"log_pattern", 1, {"log"}, computeLogPatterns},
        {"service_level", 1, {"span", "series", "config", "slo"}, computeServiceLevels},
        {"load_test", 1, {"run", "span", "series"}, computeLoadRuns},
        {"lag_verdict", 1, {"replica", "session", "config", "catalog"}, computeLagVerdicts},
        {"lock_root", 1, {"session"}, computeLockRoots},
        {"queue_verdict", 1, {"queue"}, computeQueueVerdicts},
        {"budget_result", 1, {"budget", "span", "series", "config", "run"}, computeBudgetResults},
        {"point_series", 1, {"series", "event", "config", "catalog", "pool", "pause"}, computePointSeries},
        {"host_series", 1, {"series", "config"}, computeHostSeries},
        {"pause_stat", 1, {"pause", "span", "series"}, computePauseStats},
        {"pool_verdict", 1, {"pool", "config", "catalog", "series", "session"}, computePoolVerdicts},
    };
    return list;
}

Result<void> refreshWorkspaceAnalyses(const store::Workspace &workspace,
    std::span<const WorkspaceAnalysis> analyses, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    for (const WorkspaceAnalysis &analysis : analyses) {
        AnalysisRun run{analysis.kind, analysis.version, "{}", 0, 0};
        for (const std::string_view family : analysis.families) {
            const Result<std::int64_t> generation = workspace.generation(family);
            if (!generation)
                return tl::unexpected(generation.error());
            run.inputGeneration += *generation;
        }
        const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, run);
        if (!finished)
            return tl::unexpected(finished.error());
        if (*finished)
            continue;
        const Stopwatch watch;
        progress.update({std::string(analysis.kind), 0, 0, 0});
        const Result<WriteRows> write = analysis.compute(workspace, progress);
        if (!write)
            return tl::unexpected(write.error());
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, std::string(analysis.kind), "the analysis was cancelled",
                "It runs again when the workspace is opened.");
        run.seconds = watch.seconds();
        TS_TRY(storeRun(workspace, run, *write));
    }
    return {};
}

} // namespace tailscope::analysis
