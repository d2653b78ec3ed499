// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "base/units.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// The samples of one thread of a profile in order of time: a row for each depth of the stack, on which
/// neighbouring samples with the same stack down to there are one box. Immutable; any thread.
struct SampleLanes
{
    /// Stack frames of the boxes; weights are not set.
    std::shared_ptr<const CallTree> tree;
    std::vector<Nanos> begin, end; ///< by box; rows one after the other, each by time and without overlap
    std::vector<std::uint32_t> node; ///< of tree
    std::vector<std::uint32_t> samples; ///< merged into the box
    std::vector<std::uint32_t> rowEnds; ///< box behind the last one of a row
    TimeRange range; ///< of the samples
    Nanos interval = 0; ///< median distance of samples: how long the last one before a gap is drawn
    std::int64_t sampleCount = 0;
    std::int64_t droppedBoxes = 0; ///< past the bound of 8 million

    int rows() const { return int(rowEnds.size()); }
    std::uint32_t rowBegin(int row) const { return row > 0 ? rowEnds[std::size_t(row) - 1] : 0; }
    int rowOf(std::uint32_t box) const;
};

/// Loads and merges. thread: nullopt = all samples as one thread. A sample lasts until the next one; where
/// that is further than three times the median distance, it lasts one such distance and a gap follows.
/// Profiles without times give lanes without rows. Errors: unknown profile, store, cancelled.
Result<std::shared_ptr<const SampleLanes>> sampleLanes(const store::Workspace &workspace,
    std::int64_t profileId, const std::optional<std::string> &thread, const CancelToken &cancel);

/// What to paint of boxes in pixels: boxes at least `step` long stand alone; shorter ones inside one step,
/// and steps that touch, are one run. The cost depends on the steps in the range, not on the boxes.
struct LaneRun
{
    Nanos begin = 0, end = 0;
    std::uint32_t box = 0; ///< the box, or the first one of the run
    std::uint32_t count = 1; ///< boxes in the run
};
void queryRow(const SampleLanes &lanes, int row, TimeRange range, Nanos step, std::vector<LaneRun> &out);

} // namespace tailscope::analysis
