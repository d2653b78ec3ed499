// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"

#include <cmath>

namespace tailscope::analysis {

/// Weight of a row when no trace was sampled: every span stands for itself.
struct EqualWeights
{
    using Cell = std::uint32_t;
    static constexpr bool kWeighted = false;
    explicit EqualWeights(const SpanColumns &) {}
    Cell operator()(std::uint32_t) const { return 1; }
};

/// Weight of a row by its trace (1 / keep probability); unknown weights and spans without trace count once.
struct TraceWeights
{
    using Cell = double;
    static constexpr bool kWeighted = true;
    explicit TraceWeights(const SpanColumns &spanColumns)
        : columns(spanColumns)
    {}
    Cell operator()(std::uint32_t row) const
    {
        const std::uint32_t trace = columns.trace[row];
        if (trace >= columns.traceWeight.size())
            return 1;
        const double weight = double(columns.traceWeight[trace]);
        return std::isfinite(weight) && weight > 0 ? weight : 1;
    }
    const SpanColumns &columns;
};

} // namespace tailscope::analysis
