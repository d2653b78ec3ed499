// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/cohort.h"
#include "analysis/traceanalyses.h"

namespace tailscope::analysis {

/// Markers that may cause a change (deploy, config, flag...), by time; none when there are so many that
/// nothing could be told of the time between two.
Result<std::vector<CohortMarker>> causeMarkers(store::Database &database);

/// cohort_difference: for the root operations that take most time in total (at most five, 1,000 requests
/// each), the slowest 1 % (5 % below 5,000 requests) against all others, strongest differences first. Beyond
/// kMaxSpansRead spans only the attributes of the requests themselves are read, not those inside.
Result<WriteRows> computeCohortDifferences(const TraceInput &input);

/// tail_divergence: times in which the P99 of a root operation left its P50 behind. Windows are multiples of
/// five minutes with at least 1,000 requests; usual is the median of the windows.
Result<WriteRows> computeTailDivergence(const TraceInput &input);

} // namespace tailscope::analysis
