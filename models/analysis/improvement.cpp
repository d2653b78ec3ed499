// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/improvement.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

ImprovementClaim judgeImprovement(ImprovementInput input)
{
    constexpr double kSameLoad = 0.1, kAlpha = 0.05;
    constexpr Nanos kLongEnough = 48 * 3600 * kNanosPerSecond;
    constexpr std::size_t kDaysBefore = 5;
    ImprovementClaim claim;
    std::sort(input.before.begin(), input.before.end());
    std::sort(input.after.begin(), input.after.end());
    if (input.loadBefore && input.loadAfter && *input.loadBefore > 0)
        claim.sameLoad = std::abs(*input.loadAfter - *input.loadBefore) <= kSameLoad * *input.loadBefore;
    claim.isLongEnough = input.measured >= kLongEnough;
    claim.ranks = mannWhitney(input.before, input.after);
    claim.isSignificant = claim.ranks && claim.ranks->p < kAlpha && claim.ranks->effect < 0.5;
    claim.worse = std::move(input.worse);
    if (input.before.size() < kDaysBefore || input.after.empty())
        return claim;
    // The middle day after: one good day is in every fortnight.
    claim.outsideUsualRange = input.after[input.after.size() / 2] < input.before.front();
    claim.verdict = claim.sameLoad.value_or(true) && claim.isLongEnough && *claim.outsideUsualRange
            && claim.isSignificant && claim.worse.empty()
        ? ImprovementClaim::Verdict::Supported
        : ImprovementClaim::Verdict::NotSupported;
    return claim;
}

} // namespace tailscope::analysis
