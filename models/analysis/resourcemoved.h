// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"

#include <optional>

namespace tailscope::analysis {

// Which resource moved when the trouble began (formulas.md FT-19).

struct MovedOptions
{
    Nanos window = 600 * kNanosPerSecond; ///< looked at before and after the onset
    Nanos lag = 300 * kNanosPerSecond; ///< a change so far from the onset belongs to it
    Nanos past = 6 * 3600 * kNanosPerSecond; ///< how far back an earlier change is looked for
    double score = 5; ///< from here on a series counts as moved
};

struct Moved
{
    enum class Verdict {
        Moved,
        Earlier, ///< it changed before, and stands still round the onset
        Still, ///< it changed less than its own noise allows to say
        NoData ///< no samples on one side of the onset: not the same as 0
    } verdict
        = Verdict::NoData;
    double score = 0; ///< |after - before| / median deviation before (1 % of the level where that is 0)
    double before = 0, after = 0; ///< medians of the windows
    std::optional<Nanos> lag; ///< its own change - onset; negative: it led
};
Moved movedAt(const SeriesValues &values, Nanos onset, const MovedOptions &options = {});

} // namespace tailscope::analysis
