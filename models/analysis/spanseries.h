// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "analysis/seriesshapes.h"
#include "analysis/traceanalyses.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// A service or an operation over time, in regular bins.
struct SpanSeries
{
    bool isService = false;
    std::string subject, service; ///< "service: operation", or the service twice
    std::int64_t n = 0; ///< values
    std::int64_t binN = 0; ///< median of the values in a bin that has some
    std::string_view tailMetric; ///< what `tail` holds: p99_ns, p95_ns or p90_ns
    /// By bin; NaN where fewer than 5 values lie.
    std::vector<double> p50, tail, self, errors;
    std::vector<std::int64_t> count;
};

struct SpanSeriesSet
{
    Nanos begin = 0, width = 0; ///< of the bins; width 0 = too little time or data for any
    std::size_t bins = 0;
    std::vector<SpanSeries> series; ///< services by name, then operations by service and name
};

/// Services (per trace: their longest span and the sum of their self times without waiting) and the 100 most
/// frequent operations with 100 spans or more. Bins as wide as 20 traces need on average, one second or more,
/// at most 720 of them. Only traces on the common clock; with more than 2 million spans of servers and
/// clients every k-th trace of each endpoint.
SpanSeriesSet spanSeries(const SpanColumns &columns, const TraceRows &rows, const CancelToken &cancel);

/// Tables onset, change_point, periodicity and tail_shape of series made from spans.
Result<WriteRows> computeSpanSeries(const TraceInput &input);

} // namespace tailscope::analysis
