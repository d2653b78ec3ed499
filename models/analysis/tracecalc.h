// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/derivesource.h"
#include "analysis/spillfile.h"
#include "base/progress.h"

#include <optional>
#include <string_view>

namespace tailscope::analysis {

/// Weight of a sampled item, 1 / keep probability, from a W3C tracestate: member "ot", "th:" (rejection
/// threshold, hex digits of 56 bits) or the older "p:" (negative power of two). nullopt when it says nothing
/// usable.
std::optional<double> weightOfTraceState(std::string_view tracestate);
/// Weight by a probability in (0, 1]; nullopt for anything else.
std::optional<double> weightOfProbability(double probability);

/// Writes trace_calc in order of ids; the weight comes from the attributes of the root span (tracestate,
/// also as OTLP names it here, sampling.probability, sampler.param with a probabilistic or constant sampler).
class TraceCalcWriter
{
public:
    static constexpr std::uint32_t kBucket = 1 << 18;
    TraceCalcWriter(store::Database &writer, const DeriveSource &source)
        : m_writer(writer)
        , m_source(source)
    {}
    Result<void> write(SpillBuckets<TraceRecord> &traces, const Progress &progress);

private:
    Result<void> prepare();
    Result<void> readSetWeights();
    Result<std::optional<double>> weightOf(std::uint32_t root);

    store::Database &m_writer;
    const DeriveSource &m_source;
    store::Statement m_insert, m_root;
    IdIndex m_weightedSets;
    std::vector<double> m_setWeights;
};

} // namespace tailscope::analysis
