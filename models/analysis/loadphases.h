// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// What a stretch of a load test did.
enum class LoadPhaseKind {
    Ramp, ///< the load changes
    Hold, ///< it stays
    Spike, ///< at least doubled for a short time, or tripled within two minutes
    Soak, ///< stays for an hour and longer
    Step ///< one of three and more levels that rise without ramps between them
};
std::string_view phaseKindId(LoadPhaseKind kind); ///< "ramp", ...

struct LoadPhaseSpan
{
    LoadPhaseKind kind = LoadPhaseKind::Hold;
    std::size_t first = 0, last = 0; ///< bins, both inside
    double from = 0,
           to = 0; ///< load at its ends; of a flat phase its median, twice; of a spike before and top
};

struct LoadPhaseOptions
{
    double tolerance = 0.05; ///< of the level: a flat phase stays within so much to both sides
    bool isNoisy = false; ///< the values are rates: their chance differences are no change of load
    Nanos soak = 3600 * kNanosPerSecond;
};

/// Phases of a load (users, or requests a second) in regular bins; NaN = nothing known, ends a phase.
/// Stretches without load are in none. O(n).
std::vector<LoadPhaseSpan> findLoadPhases(std::span<const double> load, Nanos binNs,
    const LoadPhaseOptions &options = {});

} // namespace tailscope::analysis
