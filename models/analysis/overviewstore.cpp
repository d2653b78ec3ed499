// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivation.h"
#include "analysis/overviewcodec.h"
#include "analysis/overviewpyramid.h"
#include "analysis/spanscan.h"

#include <algorithm>
#include <optional>

namespace tailscope::analysis {

namespace {

// Pictures whose times cannot be compared with the others begin where those begin.
void placeAtBegin(std::vector<OverviewPyramid> &overviews, const std::vector<std::size_t> &offAxis)
{
    TimeRange base;
    for (std::size_t i = 0; i < overviews.size(); ++i) {
        const TimeRange &range = overviews[i].range;
        if (range.isEmpty() || std::find(offAxis.begin(), offAxis.end(), i) != offAxis.end())
            continue;
        base = base.isEmpty() ? range
                              : TimeRange{std::min(base.begin, range.begin), std::max(base.end, range.end)};
    }
    for (const std::size_t i : offAxis) {
        TimeRange &range = overviews[i].range;
        const bool overlaps = range.begin < base.end && base.begin < range.end;
        if (!base.isEmpty() && !range.isEmpty() && !overlaps)
            range = {base.begin, saturatingAdd(base.begin, saturatingSub(range.end, range.begin))};
    }
}

} // namespace

Result<void> writeOverview(store::Database &writer, std::int64_t sourceId, const OverviewPyramid &overview)
{
    Result<store::Statement> insert = writer.prepare(
        "INSERT OR REPLACE INTO pyramid (source_id, kind, key, data) VALUES (?, 'overview', '', ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    const std::string bytes = encodeOverview(overview);
    insert->bind(0, sourceId);
    insert->bindBlob(1, bytes.data(), bytes.size());
    return insert->run();
}

Result<void> storeOverviewPyramid(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress)
{
    DeriveOptions options;
    options.storeRows = false;
    options.makeOverview = true;
    const Result<DeriveOutcome> outcome = derive(workspace, sourceId, options, progress);
    if (!outcome)
        return tl::unexpected(outcome.error());
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    TS_TRY(writer->begin());
    const Result<void> written = writeOverview(*writer, sourceId, *outcome->overview);
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

Result<std::shared_ptr<const OverviewPyramid>> loadOverviewPyramid(const store::Workspace &workspace)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    Result<std::vector<ScanSource>> sources = visibleSources(*database);
    if (!sources)
        return tl::unexpected(std::move(sources.error()));
    const Result<std::vector<IdRun>> runs = idRuns(*database, *sources, store::Family::Span);
    if (!runs)
        return tl::unexpected(runs.error());
    Result<store::Statement> read = database->prepare(
        "SELECT data FROM pyramid WHERE source_id = ? AND kind = 'overview' AND key = ''");
    if (!read)
        return tl::unexpected(std::move(read.error()));

    std::vector<OverviewPyramid> overviews;
    std::vector<std::size_t> offAxis; // indexes into overviews
    const SourceChoice choice = chooseSources(*sources, *runs);
    for (const ScanSource &source : choice.sources) {
        read->bind(0, source.id);
        const Result<bool> row = read->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row) {
            if (std::optional<OverviewPyramid> overview = decodeOverview(read->blob(0))) {
                overview->range.begin = saturatingAdd(overview->range.begin, source.offsetNs);
                overview->range.end = saturatingAdd(overview->range.end, source.offsetNs);
                if (!source.isOnAxis)
                    offAxis.push_back(overviews.size());
                overviews.push_back(std::move(*overview));
            }
        }
        read->reset();
    }
    placeAtBegin(overviews, offAxis);
    OverviewPyramid whole = overviews.size() == 1 ? std::move(overviews.front()) : uniteOverviews(overviews);
    whole.unaligned = choice.unaligned;
    return std::make_shared<const OverviewPyramid>(std::move(whole));
}

} // namespace tailscope::analysis
