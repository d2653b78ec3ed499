// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spanfixture {

using namespace tailscope;
using namespace tailscope::analysis;

/// Numbers that are the same on every machine and library (splitmix64).
class Random
{
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed)
    {}
    std::uint64_t next()
    {
        m_state += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::int64_t below(std::int64_t limit) { return std::int64_t(next() % std::uint64_t(limit)); }
    bool chance(int percent) { return below(100) < percent; }

private:
    std::uint64_t m_state;
};

/// One span of a hand-made set. Rows are sorted into lanes by build().
struct Span
{
    std::string operation;
    std::uint32_t track = 0;
    std::uint16_t lane = 0;
    Nanos start = 0, duration = 0, self = 0;
    int parent = -1; ///< place in the list
    SpanKind kind = SpanKind::Internal;
    SpanStatus status = SpanStatus::Unset;
    std::uint16_t http = 0;
    int trace = -1;
};

/// SpanColumns from spans and tracks, as load() would make them. Span ids are place + 1.
std::shared_ptr<SpanColumns> build(const std::vector<Span> &spans, const std::vector<TrackInfo> &tracks);

/// A track of a service.
TrackInfo service(std::string_view name, std::string_view instance = {});
/// A track of a thread.
TrackInfo thread(std::string_view process, std::string_view name);

/// Random spans on lanes without overlaps: `tracks` tracks, about `count` rows, some unknown durations,
/// errors, http codes, traces; parents lie on the lane above when they contain the span.
std::shared_ptr<SpanColumns> randomColumns(std::uint64_t seed, int count, int tracks = 5);

} // namespace spanfixture
