// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// The stored first picture of a workspace, so that reopening paints within a second whatever the number of
/// spans: per source and track the density of spans over time (kBins bins of count, busy time and errors),
/// and the call tree of all spans cut to its kTreeNodes largest nodes. Kept as BLOBs in table pyramid,
/// written by makeReady().
struct OverviewPyramid
{
    static constexpr int kBins = 2048;
    static constexpr int kTreeNodes = 20'000;
    static constexpr int kTracks = 1000; ///< the tracks with the most spans of a source
    struct Track
    {
        std::int64_t trackId = 0;
        std::string title;
        std::int64_t spans = 0;
        std::vector<float> busy; ///< share 0..1 of each bin covered by root spans of the track
        std::vector<std::uint32_t> count;
    };
    TimeRange range;
    std::int64_t spans = 0;
    std::vector<std::int64_t> unaligned; ///< sources on a clock of their own: laid at the begin of the others
    std::vector<Track> tracks; ///< in the order of SpanColumns::tracks
    /// All spans by path, cut to the largest nodes (droppedNodes tells how many are missing); no example
    /// rows.
    std::shared_ptr<const CallTree> tree;
};

/// Computes and stores the picture of one source (deriving its spans in memory); makeReady() does it in
/// passing.
Result<void> storeOverviewPyramid(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress);
/// The pictures of the visible sources united on one range, that of those whose clocks can be compared;
/// sources on a clock of their own begin where it begins. Empty, not null, when nothing is stored. What
/// cannot be decoded is left out.
Result<std::shared_ptr<const OverviewPyramid>> loadOverviewPyramid(const store::Workspace &workspace);

} // namespace tailscope::analysis
