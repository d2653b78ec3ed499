// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivesource.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kSamplesPerSlice = 256;

// Starts at even distances through the file tell where the borders of the slices lie.
Result<std::vector<Nanos>> sliceBorders(store::Database &database, const RunMap &spans, std::int64_t slices)
{
    std::vector<Nanos> starts;
    Result<store::Statement> statement = database.prepare("SELECT start_ns FROM span_raw WHERE id = ?");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    const std::int64_t samples = std::min(spans.size(), slices * kSamplesPerSlice);
    for (std::int64_t i = 0; i < samples; ++i) {
        const auto ordinal = std::uint32_t(double(spans.size()) / double(samples) * double(i));
        statement->bind(0, spans.idOf(ordinal));
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row)
            starts.push_back(statement->integer(0));
        statement->reset();
    }
    std::sort(starts.begin(), starts.end());
    std::vector<Nanos> borders;
    for (std::int64_t slice = 1; slice < slices && !starts.empty(); ++slice) {
        const Nanos border = starts[std::size_t(slice) * starts.size() / std::size_t(slices)];
        if (borders.empty() || border > borders.back())
            borders.push_back(border);
    }
    return borders;
}

Result<void> readTracks(store::Database &database, DeriveSource &source)
{
    Result<store::Statement> statement
        = database.prepare("SELECT id, shape FROM track WHERE source_id = ? ORDER BY id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, source.id);
    std::vector<std::int64_t> ids;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        ids.push_back(statement->integer(0));
        source.shapes.push_back(TrackRow::Shape(std::clamp<std::int64_t>(statement->integer(1), 0, 2)));
    }
    source.shapes.push_back(TrackRow::Shape::Async);
    source.trackIds = IdIndex(std::move(ids));
    return {};
}

} // namespace

RunMap::RunMap(std::vector<IdRun> runs)
    : m_runs(std::move(runs))
{
    for (const IdRun &run : m_runs) {
        m_before.push_back(m_size);
        m_size += run.count;
    }
}

std::uint32_t RunMap::ordinalOf(std::int64_t id) const
{
    auto run = std::upper_bound(m_runs.begin(), m_runs.end(), id,
        [](std::int64_t value, const IdRun &r) { return value < r.first; });
    if (run == m_runs.begin())
        return kNoOrdinal;
    --run;
    if (id - run->first >= run->count)
        return kNoOrdinal;
    return std::uint32_t(m_before[std::size_t(run - m_runs.begin())] + (id - run->first));
}

std::int64_t RunMap::idOf(std::uint32_t ordinal) const
{
    const auto place = std::upper_bound(m_before.begin(), m_before.end(), std::int64_t(ordinal)) - 1;
    return m_runs[std::size_t(place - m_before.begin())].first + (std::int64_t(ordinal) - *place);
}

std::uint32_t DeriveSource::trackOf(std::int64_t trackId) const
{
    const std::uint32_t track = trackIds.find(trackId);
    return track == IdIndex::kAbsent ? std::uint32_t(shapes.size() - 1) : track;
}

std::size_t DeriveSource::sliceOf(Nanos start) const
{
    return std::size_t(std::upper_bound(slices.begin(), slices.end(), start) - slices.begin());
}

Result<DeriveSource> DeriveSource::read(store::Database &database, std::int64_t sourceId,
    std::int64_t spansPerSlice)
{
    DeriveSource source;
    source.id = sourceId;
    const std::vector<ScanSource> sources{{sourceId, 0, true}};
    for (const auto &[family, target] :
        {std::pair(store::Family::Span, &source.spans), {store::Family::Trace, &source.traces},
            {store::Family::SpanEvent, &source.instants}, {store::Family::Flow, &source.flows}}) {
        Result<std::vector<IdRun>> runs = idRuns(database, sources, family);
        if (!runs)
            return tl::unexpected(std::move(runs.error()));
        // Overlapping runs are nothing a writer leaves behind; ordinals would not be unique.
        for (std::size_t i = 1; i < runs->size(); ++i) {
            if ((*runs)[i].first < (*runs)[i - 1].first + (*runs)[i - 1].count)
                return fail(ErrorCode::Damaged, database.path().string(),
                    "the rows of source " + std::to_string(sourceId) + " overlap",
                    "Remove the source and import its file again.");
        }
        *target = RunMap(std::move(*runs));
        if (target->size() >= std::int64_t(kNoOrdinal))
            return fail(ErrorCode::LimitExceeded, database.path().string(),
                "source " + std::to_string(sourceId) + " has more than 4 billion rows of a kind",
                "Split the file.");
    }
    TS_TRY(readTracks(database, source));
    const std::int64_t slices = (source.spans.size() + spansPerSlice - 1) / spansPerSlice;
    Result<std::vector<Nanos>> borders = sliceBorders(database, source.spans, slices);
    if (!borders)
        return tl::unexpected(std::move(borders.error()));
    source.slices = std::move(*borders);
    return source;
}

} // namespace tailscope::analysis
