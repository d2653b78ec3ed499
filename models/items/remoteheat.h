// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/spanfilter.h"
#include "live/remote/remoteresults.h"

#include <cstdint>
#include <vector>

/// The heat map of a remote store: what is asked for, and the answer as it is drawn. Pure.
namespace tailscope::items {

/// Spans by start and duration. A row is made of whole buckets, so that every count is exact.
struct RemoteHeatMap
{
    analysis::TimeBins bins; ///< without percentiles: those are known to their buckets only
    std::vector<Nanos> edges; ///< bounds of the rows, ascending, one more than rows; the first may be 0
    std::vector<std::int64_t> counts; ///< as bins.heat, which ends at 32 bits
};
RemoteHeatMap remoteHeatMap(const live::RemoteHeat &heat);

/// How many bins can be asked for so that the answer surely has fewer rows than the store gives.
int remoteHeatBins(const live::RemoteHistogram &histogram);

/// The spans of `filter` with a duration of [low, high): bounds it states already stay where they are
/// narrower. High kUnknownNanos: no bound.
analysis::Filter narrowedToDurations(const analysis::Filter &filter, Nanos low, Nanos high);

} // namespace tailscope::items
