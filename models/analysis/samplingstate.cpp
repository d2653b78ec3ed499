// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/samplingstate.h"

#include <cmath>
#include <vector>

namespace tailscope::analysis {

SamplingState samplingState(const SpanColumns &columns)
{
    enum : std::uint8_t { Absent, Fine, Failed };
    std::vector<std::uint8_t> traces(columns.traceIds.size(), Absent);
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        const std::uint32_t trace = columns.trace[row];
        if (trace >= traces.size())
            continue;
        const bool failed
            = columns.parent[row] == kNoRow && columns.status[row] == std::uint8_t(SpanStatus::Error);
        traces[trace] = std::max<std::uint8_t>(traces[trace], failed ? Failed : Fine);
    }
    SamplingState state;
    for (std::size_t trace = 0; trace < traces.size(); ++trace) {
        if (traces[trace] == Absent)
            continue;
        ++state.traces;
        state.failed += traces[trace] == Failed ? 1 : 0;
        const double weight
            = trace < columns.traceWeight.size() ? double(columns.traceWeight[trace]) : std::nan("");
        const bool isKnown = std::isfinite(weight) && weight > 0;
        state.known += isKnown ? 1 : 0;
        state.represented += isKnown ? weight : 1;
    }
    if (state.known > 0 && state.known < state.traces)
        state.doubt = SamplingState::Doubt::Mixed;
    else if (state.known == 0 && state.traces >= kSuspiciousTraces
        && double(state.failed) >= kSuspiciousErrorShare * double(state.traces))
        state.doubt = SamplingState::Doubt::ErrorShare;
    return state;
}

} // namespace tailscope::analysis
