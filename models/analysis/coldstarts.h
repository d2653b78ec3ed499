// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// First requests of instances of a service: after they appeared, or after they had nothing to do.
struct ColdStarts
{
    std::string service;
    std::int64_t instances = 0;
    std::int64_t starts = 0; ///< first requests looked at
    std::int64_t slow = 0; ///< of those, slower than usual by `excess` or more
    Nanos excess = kUnknownNanos; ///< P50 over the slow ones: duration - median of the same operation
    std::uint32_t exampleRow = 0; ///< the slowest of them
};

struct ColdStartOptions
{
    Nanos idle = 300 * kNanosPerSecond; ///< without a request for so long
    Nanos excess = kNanosPerSecond;
};

/// Requests are server spans on tracks with a service and an instance. The first of an instance counts when
/// it comes at least `idle` after the first of all: an instance that was there already started before the
/// recording. By service name. O(n log n), 24 bytes a server span.
std::vector<ColdStarts> coldStarts(const SpanColumns &columns, const ColdStartOptions &options = {});

/// Table cold_start.
Result<WriteRows> computeColdStarts(const TraceInput &input);

} // namespace tailscope::analysis
