// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/family.h"
#include "store/workspace.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Consecutive row ids of one source.
struct IdRun
{
    std::int64_t first = 0, count = 0;
    std::size_t source = 0; ///< index into the list of sources the runs were asked for
};

/// A visible source as the analyses see it.
struct ScanSource
{
    std::int64_t id = 0;
    Nanos offsetNs = 0; ///< added to its times
    bool isAligned = false; ///< UTC, or moved to it by the user or by a shared trace
    bool isOnAxis = true; ///< its times may be compared with those of the others; set by chooseSources()
};

/// Sources that show in the views, by id.
Result<std::vector<ScanSource>> visibleSources(store::Database &database);
/// Id runs of a family over sources, by id. Damaged when they claim more rows than the file can hold.
Result<std::vector<IdRun>> idRuns(store::Database &database, const std::vector<ScanSource> &sources,
    store::Family family);
std::int64_t rowsOf(const std::vector<IdRun> &runs);
/// Cuts runs into chunks and deals them to one or two parts of equal size, in order; few rows give one part.
std::vector<std::vector<IdRun>> splitRuns(const std::vector<IdRun> &runs, std::int64_t chunk);

/// The sources that have rows. All of them count, but only those on the common clock make the axis (all when
/// none is); sources on a clock of their own are named, unless there is only one source with rows at all.
struct SourceChoice
{
    std::vector<ScanSource> sources;
    std::vector<IdRun> runs; ///< `source` is an index into sources
    std::vector<std::int64_t> unaligned;
};
SourceChoice chooseSources(const std::vector<ScanSource> &sources, const std::vector<IdRun> &runs);

/// One span with its derived figures; a view into the scan, valid during the call. Ids of 0 mean none.
struct ScannedSpan
{
    std::int64_t id = 0, track = 0, trace = 0, parent = 0;
    std::int64_t operation = -1; ///< string id; -1: the text is in operationText
    std::string_view operationText;
    Nanos start = 0; ///< with the offset of the source
    Nanos duration = kUnknownNanos, self = kUnknownNanos;
    std::uint16_t depth = 0, lane = 0, httpStatus = 0;
    std::uint8_t kind = 0, status = 0;
    std::size_t source = 0; ///< index into the sources
};

/// Reads span_raw and span_calc side by side in order of ids, on up to two threads with a connection each.
/// Snapshots are given up every kChunk rows, so that a writer's log can be folded back meanwhile.
class SpanScan
{
public:
    static constexpr std::int64_t kChunk = 250'000;

    SpanScan(const store::Workspace &workspace, std::vector<ScanSource> sources, std::vector<IdRun> runs);

    int parts() const { return int(m_parts.size()); }
    std::int64_t rows() const { return m_rows; }
    std::int64_t rowsOfPart(int part) const { return rowsOf(m_parts[std::size_t(part)]); }
    const std::vector<ScanSource> &sources() const { return m_sources; }

    /// Calls body(part, span) for every row, each part on one thread, in order of ids within a part. The
    /// phase is reported from the calling thread.
    Result<void> run(const Progress &progress, std::string_view phase,
        const std::function<void(int, const ScannedSpan &)> &body);

private:
    Result<void> runPart(int part, const Progress &progress, std::string_view phase,
        const std::function<void(int, const ScannedSpan &)> &body);

    const store::Workspace &m_workspace;
    std::vector<ScanSource> m_sources;
    std::vector<std::vector<IdRun>> m_parts; ///< chunks
    std::int64_t m_rows = 0;
    std::atomic<std::int64_t> m_done{0};
};

} // namespace tailscope::analysis
