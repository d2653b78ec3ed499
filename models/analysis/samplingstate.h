// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"

#include <cstdint>

namespace tailscope::analysis {

/// What is known of the sampling of the loaded traces (formulas.md FT-03): how far shares and percentiles can
/// be trusted.
struct SamplingState
{
    enum class Doubt : std::uint8_t {
        None,
        Mixed, ///< some traces say how they were sampled, others do not
        ErrorShare, ///< nobody says it, and so many fail that keeping them was likely a choice
    };
    std::int64_t traces = 0; ///< with spans
    std::int64_t known = 0; ///< of them: with a weight; 0 also when all weights are 1
    double represented = 0; ///< sum of the weights; a trace of unknown weight counts once
    std::int64_t failed = 0; ///< traces whose root failed
    Doubt doubt = Doubt::None;
    bool isWeighted() const { return known > 0; }
};

/// Share of failed roots above which sampling is suspected, and the traces it takes to say so.
inline constexpr double kSuspiciousErrorShare = 0.2;
inline constexpr std::int64_t kSuspiciousTraces = 100;

/// O(spans). Any thread.
SamplingState samplingState(const SpanColumns &columns);

} // namespace tailscope::analysis
