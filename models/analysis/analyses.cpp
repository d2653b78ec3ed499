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

Result<void> deriveSource(const store::Workspace &workspace, std::int64_t sourceId, AnalysisRun run,
    const Progress &progress)
{
    const Stopwatch watch;
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
    run.seconds = watch.seconds();
    TS_TRY(writer->begin());
    const auto finish = [&]() -> Result<void> {
        TS_TRY(writeOverview(*writer, sourceId, *outcome->overview));
        const Result<std::int64_t> id = recordRun(*writer, run);
        return id ? Result<void>() : tl::unexpected(id.error());
    };
    const Result<void> done = finish();
    if (!done) {
        writer->rollback();
        return done;
    }
    return writer->commit();
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
    const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, *run);
    if (!finished)
        return tl::unexpected(finished.error());
    const Result<bool> derived = isDerived(*reader, sourceId);
    if (!derived)
        return tl::unexpected(derived.error());

    const Stopwatch deriveWatch;
    // Before the indexes: one of them is over span_calc, and filling an indexed table costs twice as much.
    if (!*finished || !*derived)
        TS_TRY(deriveSource(workspace, sourceId, std::move(*run), progress));
    figures.deriveSeconds = deriveWatch.seconds();

    const Stopwatch indexWatch;
    TS_TRY(makeIndexes(workspace, progress));
    if (!*finished || !*derived)
        TS_TRY(resolveLinks(workspace, sourceId, progress)); // needs the indexes
    figures.indexSeconds = indexWatch.seconds();

    const Stopwatch statsWatch;
    TS_TRY(refreshOperationStats(workspace, progress));
    figures.statsSeconds = statsWatch.seconds();
    return figures;
}

} // namespace tailscope::analysis
