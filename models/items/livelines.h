// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace tailscope::items {

/// What is drawn of a window: bins of equal width on a fixed grid, so that a moving window does not make
/// the lines tremble. At most kMaxBins, at least a second each.
struct LiveBins
{
    static constexpr std::size_t kMaxBins = 600;

    Nanos begin = 0, width = kNanosPerSecond;
    std::size_t count = 0;

    static LiveBins of(TimeRange window);
    Nanos endOf(std::size_t bin) const { return begin + Nanos(bin + 1) * width; }
    Nanos end() const { return begin + Nanos(count) * width; }
};

/// One sample; the points of a line ascend in time.
struct LivePoint
{
    Nanos tsNs = 0;
    double value = 0;
};

/// How far two samples may lie apart: what lies further apart is a gap. Of old times of a recording about one
/// a minute is left.
struct LiveHold
{
    static constexpr Nanos kThinned = 75 * kNanosPerSecond;

    Nanos usual = 0;
    Nanos thinnedUntil = std::numeric_limits<Nanos>::min();

    LiveHold(Nanos most, Nanos until = std::numeric_limits<Nanos>::min())
        : usual(most)
        , thinnedUntil(until)
    {}
    Nanos after(Nanos ts) const { return ts < thinnedUntil && usual < kThinned ? kThinned : usual; }
};

/// The mean of the samples of each bin; a bin without one keeps the value before for at most `hold`. NaN =
/// unknown.
std::vector<double> meanInBins(std::span<const LivePoint> points, const LiveBins &bins, const LiveHold &hold);
/// Increase per second of a counter, spread over the time between two samples; what lies more than `hold`
/// apart is unknown. A counter that fell began anew: its value is the increase.
std::vector<double> rateInBins(std::span<const LivePoint> points, const LiveBins &bins, const LiveHold &hold);
/// 2.5 times the usual distance of samples (the median of those that were not thinned), at least three
/// seconds and `least`.
LiveHold holdOf(std::span<const LivePoint> points, Nanos least = 3 * kNanosPerSecond,
    Nanos thinnedUntil = std::numeric_limits<Nanos>::min());
/// A recording leaves out what did not change: where two neighbours (or the last point) are equal and far
/// apart, the value stands at the times in between at which the server was seen to be sampled (`runs`,
/// ascending) too. Without any there it is a gap.
std::vector<LivePoint> withRests(std::span<const LivePoint> points, std::span<const LivePoint> runs,
    const LiveHold &hold);
/// Adds `more` to `sum` (which may be empty): unknown only where both are.
void addLine(std::vector<double> &sum, const std::vector<double> &more);
/// Part of `of` in `of` + `rest`; unknown where both are 0 or one is unknown: an idle server has no hit
/// ratio.
std::vector<double> shareLine(const std::vector<double> &of, const std::vector<double> &rest);
bool isKnown(const std::vector<double> &line); ///< some bin is

} // namespace tailscope::items
