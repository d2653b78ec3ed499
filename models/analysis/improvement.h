// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/comparestats.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// What is known of a claim that something became faster: values of whole days before and after (formula
/// FX-05). Latencies in ns; one figure a day, of the same percentile.
struct ImprovementInput
{
    std::vector<Nanos> before, after;
    std::optional<double> loadBefore, loadAfter; ///< requests a day, means
    Nanos measured = 0; ///< length of the time after
    std::vector<std::string> worse; ///< measures that got worse, in words
};

/// Five answers; a claim is supported only by all of them.
struct ImprovementClaim
{
    std::optional<bool> sameLoad; ///< within 10 %; nullopt = unknown
    bool isLongEnough = false; ///< 48 h and more
    std::optional<bool> outsideUsualRange; ///< below the smallest day before; nullopt: fewer than five days
    std::optional<MannWhitney> ranks; ///< of the daily values
    bool isSignificant = false; ///< p < 0.05
    std::vector<std::string> worse;
    enum class Verdict { Supported, NotSupported, CannotJudge } verdict = Verdict::CannotJudge;
};
ImprovementClaim judgeImprovement(ImprovementInput input);

} // namespace tailscope::analysis
