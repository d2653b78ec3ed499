// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/attributecolumn.h"
#include "analysis/histogram.h"
#include "analysis/quantiles.h"
#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"

#include <array>
#include <optional>

namespace tailscope::analysis {

/// Which spans a figure is about. A span is in when its start lies in `range`, passes the filter and the
/// choices.
struct SpanSelection
{
    std::optional<TimeRange> range;
    std::shared_ptr<const SpanBitmap> filter; ///< nullptr = all
    std::optional<std::uint32_t> operation; ///< index into columns.operations
    std::optional<std::uint32_t> track;
    std::optional<std::uint8_t> status;
    std::optional<std::pair<Nanos, Nanos>> durationRange; ///< [low, high) ns
    bool rootsOnly = false;
};

/// Count, exact percentiles (nearest rank), mean and histogram of the durations of a selection.
struct DurationStats
{
    std::int64_t count = 0; ///< spans with known duration
    std::int64_t unknown = 0; ///< spans without duration: in no figure
    std::int64_t errors = 0;
    double weight = 0, errorWeight = 0; ///< of all spans, with and without duration, where weighted
    Nanos min = kUnknownNanos, max = kUnknownNanos;
    double meanNs = 0, totalNs = 0;
    bool weighted = false;
    std::array<PercentileFigure, 5> figures; ///< P50 P90 P95 P99 P99.9
    LogLinearHistogram histogram;
};

/// One pass over the columns on up to two threads; the histogram finds the bucket, a second pass selects
/// inside it. `self` true: self time instead of duration.
DurationStats durationStats(const SpanColumns &columns, const SpanSelection &selection, bool self = false,
    const CancelToken &cancel = {});

/// The same per group; groups sorted by total descending, at most `limit`, the rest united as "other".
/// HttpCode: the classes, with 429 and 503 (turned away) apart. Thread: name of the thread or worker.
/// Attribute: values of a key (attributecolumn.h).
enum class GroupBy { Operation, Service, Instance, Track, Status, HttpClass, HttpCode, Thread, Attribute };
struct GroupStats
{
    std::string name;
    std::uint32_t key = kNoRow; ///< operation or track index where GroupBy names one
    std::int64_t count = 0, errors = 0;
    std::int64_t unknown = 0; ///< of count: spans without duration, in no figure
    std::int64_t unknownSelf = 0; ///< of count: spans without self time
    double weight = 0,
           errorWeight = 0; ///< sums of the weights of the traces; spans where nothing is weighted
    double errorShare() const { return weight > 0 ? errorWeight / weight : 0; }
    double totalNs = 0, selfNs = 0; ///< of the spans that have them: means nothing when none has
    bool hasTotal() const { return unknown < count; }
    bool hasSelf() const { return unknownSelf < count; }
    std::array<PercentileFigure, 5> figures;
    LogLinearHistogram histogram;
};
std::vector<GroupStats> groupStats(const SpanColumns &columns, const SpanSelection &selection,
    GroupBy groupBy, std::size_t limit, const CancelToken &cancel = {},
    const AttributeColumn *attribute = nullptr);

/// Percentiles per bin of time and the density time x duration (heat map).
struct TimeBins
{
    TimeRange range;
    Nanos binNs = 0;
    struct Bin
    {
        std::int64_t count = 0, errors = 0;
        Nanos p50 = kUnknownNanos, p95 = kUnknownNanos, p99 = kUnknownNanos;
        bool tooFewForP95 = false, tooFewForP99 = false;
    };
    std::vector<Bin> bins;
    /// heat[bin * rows + row]: spans in that bin whose duration falls into row (log scale between low and
    /// high).
    int rows = 0;
    Nanos low = 1, high = 1;
    std::vector<std::uint32_t> heat;
};
TimeBins timeBins(const SpanColumns &columns, const SpanSelection &selection, TimeRange range, int bins,
    int rows, const CancelToken &cancel = {});

} // namespace tailscope::analysis
