// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// The stored first picture of a workspace, so that reopening paints within a second whatever the number of spans:
/// per source and track the density of spans over time (kBins bins of count, busy time and errors), and the call tree
/// of all spans cut to its kTreeNodes largest nodes. Kept as BLOBs in table pyramid, written by makeReady().
struct OverviewPyramid {
    static constexpr int kBins = 2048;
    static constexpr int kTreeNodes = 20'000;
    struct Track {
        std::int64_t trackId = 0;
        std::string title;
        std::int64_t spans = 0;
        std::vector<float> busy; ///< share 0..1 of each bin covered by root spans of the track
        std::vector<std::uint32_t> count;
    };
    TimeRange range;
    std::int64_t spans = 0;
    std::vector<Track> tracks;
};

Result<void> storeOverviewPyramid(const store::Workspace &workspace, std::int64_t sourceId, const Progress &progress);
Result<std::shared_ptr<const OverviewPyramid>> loadOverviewPyramid(const store::Workspace &workspace);

} // namespace tailscope::analysis
