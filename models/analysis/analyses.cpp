// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analyses.h"

#include "analysis/analysisrun.h"
#include "analysis/derivation.h"
#include "analysis/linkresolver.h"
#include "analysis/plantime.h"
#include "analysis/spanscan.h"
#include "store/readyindexes.h"

#include <optional>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kKind = "source_ready";
constexpr int kVersion = 1; // of the derive pass: raise it when its figures change

// The run that says that a source was made ready. Its rows never change once they are committed: their number
// stands for its generation. The time of the import tells it from an earlier source with the same id.
Result<AnalysisRun> readyRun(store::Database &database, std::int64_t sourceId)
{
    const Result<std::vector<IdRun>> runs = idRuns(database, {{sourceId, 0, true}}, store::Family::Span);
    if (!runs)
        return tl::unexpected(runs.error());
    Result<store::Statement> imported
        = database.prepare("SELECT imported_at_ns FROM source_raw WHERE id = ?");
    if (!imported)
        return tl::unexpected(std::move(imported.error()));
    imported->bind(0, sourceId);
    const Result<bool> row = imported->step();
    if (!row)
        return tl::unexpected(row.error());
    return AnalysisRun{kKind, kVersion,
        "{\"source_id\":" + std::to_string(sourceId)
            + ",\"imported_at_ns\":" + std::to_string(*row ? imported->integer(0) : 0) + "}",
        rowsOf(*runs), 0};
}

// Derived rows may be dropped by hand; the record of the run then says more than there is.
Result<bool> isDerived(store::Database &database, std::int64_t sourceId)
{
    const Result<std::vector<IdRun>> runs = idRuns(database, {{sourceId, 0, true}}, store::Family::Span);
    if (!runs)
        return tl::unexpected(runs.error());
    if (runs->empty())
        return true;
    Result<store::Statement> last = database.prepare("SELECT 1 FROM span_calc WHERE id = ?");
    if (!last)
        return tl::unexpected(std::move(last.error()));
    last->bind(0, runs->back().first + runs->back().count - 1);
    return last->step();
}

Result<bool> isReady(store::Database &database, const AnalysisRun &run, std::int64_t sourceId)
{
    const Result<std::optional<std::int64_t>> finished = finishedRun(database, run);
    if (!finished)
        return tl::unexpected(finished.error());
    if (!*finished)
        return false;
    return isDerived(database, sourceId);
}

template<typename Work>
Result<void> inTransaction(store::Database &writer, Work &&work)
{
    TS_TRY(writer.begin());
    const Result<void> done = work();
    if (!done) {
        writer.rollback();
        return done;
    }
    return writer.commit();
}

Result<void> deriveSource(const store::Workspace &workspace, std::int64_t sourceId, const Progress &progress)
{
    DeriveOptions options;
    options.makeOverview = true;
    const Result<DeriveOutcome> outcome = derive(workspace, sourceId, options, progress);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const Result<std::int64_t> plans = derivePlanTimes(workspace, sourceId, progress);
    if (!plans)
        return tl::unexpected(plans.error());
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    return inTransaction(*writer, [&] { return writeOverview(*writer, sourceId, *outcome->overview); });
}

// The last step: only a source that has all of it counts as ready. Its generations rise, because statistics
// and rules may have run between the import and now.
Result<void> recordReady(const store::Workspace &workspace, std::int64_t sourceId, const AnalysisRun &run)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    return inTransaction(*writer, [&]() -> Result<void> {
        TS_TRY(store::bumpGenerationsOf(*writer, sourceId));
        const Result<std::int64_t> id = recordRun(*writer, run);
        return id ? Result<void>() : tl::unexpected(id.error());
    });
}

Result<void> makeIndexes(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    writer->setCancel(progress.cancel);
    return store::createReadyIndexes(*writer, progress);
}

} // namespace

Result<ReadyFigures> makeReady(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress)
{
    ReadyFigures figures;
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<AnalysisRun> run = readyRun(*reader, sourceId);
    if (!run)
        return tl::unexpected(std::move(run.error()));
    const Result<bool> ready = isReady(*reader, *run, sourceId);
    if (!ready)
        return tl::unexpected(ready.error());

    const Stopwatch deriveWatch;
    // Before the indexes: one of them is over span_calc, and filling an indexed table costs twice as much.
    if (!*ready)
        TS_TRY(deriveSource(workspace, sourceId, progress));
    figures.deriveSeconds = deriveWatch.seconds();

    const Stopwatch indexWatch;
    TS_TRY(makeIndexes(workspace, progress));
    if (!*ready) {
        TS_TRY(resolveLinks(workspace, sourceId, progress)); // needs the indexes
        run->seconds = deriveWatch.seconds();
        TS_TRY(recordReady(workspace, sourceId, *run));
    }
    figures.indexSeconds = indexWatch.seconds();

    const Stopwatch statsWatch;
    TS_TRY(refreshOperationStats(workspace, progress));
    figures.statsSeconds = statsWatch.seconds();
    return figures;
}

Result<std::vector<std::int64_t>> unreadySources(const store::Workspace &workspace)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    // Recordings grow and are derived by those who write them; a duplicate has no rows of its own.
    Result<store::Statement> sources = reader->prepare(
        "SELECT id FROM source WHERE state = 'complete' AND duplicate_of IS NULL ORDER BY id");
    if (!sources)
        return tl::unexpected(std::move(sources.error()));
    std::vector<std::int64_t> unready;
    for (;;) {
        const Result<bool> row = sources->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return unready;
        const std::int64_t id = sources->integer(0);
        const Result<AnalysisRun> run = readyRun(*reader, id);
        if (!run)
            return tl::unexpected(run.error());
        const Result<bool> ready = isReady(*reader, *run, id);
        if (!ready)
            return tl::unexpected(ready.error());
        if (!*ready)
            unready.push_back(id);
    }
}

} // namespace tailscope::analysis
