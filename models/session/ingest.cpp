// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/ingest.h"

#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/profilestats.h"
#include "analysis/traceanalyses.h"

#include <QElapsedTimer>

#include <algorithm>

namespace tailscope::session {

namespace {

Result<void> runBuiltinRules(store::Workspace &workspace, const Progress &progress)
{
    std::vector<Error> bad;
    const std::vector<advisor::Rule> rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    const Result<advisor::RulesOutcome> outcome = advisor::runRules(workspace, rules, progress);
    if (!outcome)
        return tl::unexpected(outcome.error());
    return {};
}

} // namespace

Result<void> refresh(store::Workspace &workspace, const std::vector<std::int64_t> &sourceIds, bool runRules,
    const Progress &progress)
{
    std::vector<std::int64_t> todo = sourceIds;
    const Result<std::vector<std::int64_t>> unready = analysis::unreadySources(workspace);
    if (!unready)
        return tl::unexpected(unready.error());
    for (const std::int64_t id : *unready) {
        if (std::find(todo.begin(), todo.end(), id) == todo.end())
            todo.push_back(id);
    }
    for (const std::int64_t id : todo) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, workspace.path().string(), "the analyses were cancelled",
                "Open the workspace again to run them");
        TS_TRY(analysis::makeReady(workspace, id, progress));
    }
    progress.update({"summing up", 0, 0, 0});
    TS_TRY(analysis::refreshOperationStats(workspace, progress));
    if (runRules) {
        TS_TRY(analysis::refreshTraceAnalyses(workspace, progress));
        TS_TRY(analysis::refreshProfileStats(workspace, progress));
        progress.update({"running the rules", 0, 0, 0});
        TS_TRY(runBuiltinRules(workspace, progress));
    }
    return {};
}

IngestResult ingest(store::Workspace &workspace, const std::vector<std::string> &paths,
    const IngestOptions &options, const Progress &progress)
{
    IngestResult result;
    std::vector<std::int64_t> ready;
    for (const std::string &path : paths) {
        if (progress.isCancelled())
            break;
        Result<import::ImportOutcome> outcome = import::importFile(workspace, path, options.import, progress);
        if (!outcome) {
            result.errors.push_back(std::move(outcome.error()));
            continue;
        }
        if (!outcome->duplicateOf)
            ready.push_back(outcome->sourceId);
        result.outcomes.push_back(std::move(*outcome));
    }
    QElapsedTimer clock;
    clock.start();
    const Result<void> refreshed = refresh(workspace, ready, options.runRules, progress);
    if (!refreshed)
        result.errors.push_back(refreshed.error());
    result.readySeconds = double(clock.elapsed()) / 1000.0;
    return result;
}

} // namespace tailscope::session
