// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "store/workspace.h"

#include <span>
#include <utility>
#include <vector>

namespace tailscope::analysis {

/// Stops of a process [begin, end), in any order, overlapping ones as one.
class PauseTimes
{
public:
    explicit PauseTimes(std::vector<TimeRange> pauses);
    /// True when one of them overlaps [begin, end] of a request; a request of no length is touched inside
    /// one.
    bool touches(TimeRange request) const;
    Nanos total() const { return m_total; } ///< time in pauses

private:
    std::vector<TimeRange> m_pauses; ///< in order, apart
    Nanos m_total = 0;
};

/// Pauses per process, the share of requests they touch, what they cost, where their length changed (FB-13,
/// FH-05): table pause_stat. At most 200,000 traces are looked at, every k-th.
Result<WriteRows> computePauseStats(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
