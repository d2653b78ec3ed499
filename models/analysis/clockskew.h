// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/tracespans.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// What a skew correction did to a trace.
struct SkewCorrection
{
    std::vector<Nanos> shift; ///< ns added to the start of each span (local index); 0 = as recorded
    Nanos largest = 0; ///< the largest shift without its sign
    std::uint32_t corrected = 0; ///< spans that were shifted
};

/// Corrects clocks that differ between hosts by the half-difference rule: a span that cannot lie where it is
/// recorded is put in the middle of the span that called it, so that the ways there and back take equally
/// long; one that is longer than its caller starts 1 us after it. The shift holds for the span and everything
/// below it on the same host (service and instance).
///
/// Corrected is a synchronous child on another host than its parent that starts before it, or the server span
/// of a client span that ends after it although it would fit in; by more than skewTolerance() of the parent,
/// for less is rounding. A child that only ends late may be asynchronous, and a server span longer than its
/// client's may be work after a time-out: both stay. Shifts the starts in `trace`, then relinks it when
/// something moved. Roots, durations and spans on one host keep their places. O(n); any thread.
SkewCorrection correctSkew(TraceSpans &trace, const SpanColumns &columns);

} // namespace tailscope::analysis
