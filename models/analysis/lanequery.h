// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// What to paint of one lane: a single span, or several folded into one bar.
struct LaneItem
{
    Nanos begin = 0, end = 0;
    std::uint32_t row = kNoRow; ///< the longest span of the item
    std::uint32_t count = 1; ///< spans folded into it
    std::uint32_t errors = 0;
};

/// Max-duration and error pyramids over the lanes of SpanColumns: query cost is O(pixels * log n),
/// independent of the number of spans. Immutable after build; any thread. About 2 bytes a span (one entry for
/// 16 spans, then halves).
class LanePyramid
{
public:
    static std::shared_ptr<const LanePyramid> build(std::shared_ptr<const SpanColumns> columns,
        const CancelToken &cancel);
    /// Items of lane that touch [range), at least minNs long each (shorter neighbours are folded; the end of
    /// a lonely short span is put off, unless the next item begins earlier), in time order. Folding follows a
    /// fixed grid of minNs, so that panning does not change the items. `out` is cleared first. filter: rows
    /// that do not pass are left out (nullptr = all); items then count only passing rows.
    void query(std::size_t lane, TimeRange range, Nanos minNs, const SpanBitmap *filter,
        std::vector<LaneItem> &out) const;
    /// Row of the lane at time t (or the nearest within toleranceNs); kNoRow when none.
    std::uint32_t rowAt(std::size_t lane, Nanos t, Nanos toleranceNs) const;
    const SpanColumns &columns() const { return *m_columns; }

private:
    LanePyramid() = default;
    bool isLonger(std::uint32_t row, std::uint32_t than) const;
    std::uint32_t longestIn(std::uint32_t first, std::uint32_t last) const;
    std::uint32_t longestPassing(std::uint32_t first, std::uint32_t last, const SpanBitmap &filter) const;
    std::uint32_t longestInRows(std::uint32_t first, std::uint32_t last, const SpanBitmap *filter) const;
    std::uint32_t errorsIn(std::uint32_t first, std::uint32_t last, const SpanBitmap *filter) const;

    std::shared_ptr<const SpanColumns> m_columns;
    std::vector<std::vector<std::uint32_t>> m_longest; ///< per level: row of the longest span of each block
    std::vector<std::uint64_t> m_errorBits; ///< one bit a row
    std::vector<std::uint32_t> m_errorsBefore; ///< errors before each run of kErrorRun words
};

/// Min/max/last of a series in buckets for drawing: at most 2 points a pixel, spikes survive. ts: of the
/// first point in the bucket. Empty buckets give nothing; `ts` of the series ascends; NaN values are left
/// out.
struct DecimatedPoint
{
    Nanos ts = 0;
    double min = 0, max = 0, last = 0;
    std::int64_t count = 0;
};
std::vector<DecimatedPoint> decimate(const std::vector<Nanos> &ts, const std::vector<double> &values,
    TimeRange range, int buckets);

} // namespace tailscope::analysis
