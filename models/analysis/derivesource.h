// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/idindex.h"
#include "analysis/spanrecords.h"
#include "analysis/spanscan.h"
#include "store/rows.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// Ordinals of the ids of one family of a source: 0-based places in its id runs.
class RunMap
{
public:
    RunMap() = default;
    explicit RunMap(std::vector<IdRun> runs);

    std::int64_t size() const { return m_size; }
    const std::vector<IdRun> &runs() const { return m_runs; }
    std::uint32_t ordinalOf(std::int64_t id) const; ///< kNoOrdinal when the id lies in no run
    std::int64_t idOf(std::uint32_t ordinal) const;

private:
    std::vector<IdRun> m_runs; ///< by id
    std::vector<std::int64_t> m_before; ///< rows in the runs before
    std::int64_t m_size = 0;
};

/// What the derive pass must know of a source before it reads its spans.
struct DeriveSource
{
    std::int64_t id = 0;
    RunMap spans, traces, instants, flows;
    IdIndex trackIds;
    std::vector<TrackRow::Shape> shapes; ///< by track ordinal; one more at the end for spans without a track
    std::vector<Nanos>
        slices; ///< starts of the second and further slices of time, of about equal numbers of spans

    std::uint32_t trackOf(std::int64_t trackId) const;
    std::size_t sliceOf(Nanos start) const;
    std::size_t sliceCount() const { return slices.size() + 1; }

    /// Reads it; spansPerSlice decides how many slices there are.
    static Result<DeriveSource> read(store::Database &database, std::int64_t sourceId,
        std::int64_t spansPerSlice);
};

} // namespace tailscope::analysis
