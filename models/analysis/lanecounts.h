// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace tailscope::analysis {

/// A number per (track, lane): a short table for the lanes that nearly all rows lie in, a map for the rest,
/// so that a file that claims lane 65,535 on every track costs no more than its rows.
class LaneCounts
{
public:
    explicit LaneCounts(std::size_t tracks = 0)
        : m_low(tracks)
    {}
    std::uint32_t &at(std::uint32_t track, std::uint16_t lane)
    {
        if (lane >= kLow)
            return m_high[{track, lane}];
        std::vector<std::uint32_t> &lanes = m_low[track];
        if (lane >= lanes.size())
            lanes.resize(std::size_t(lane) + 1, 0);
        return lanes[lane];
    }
    /// Calls visit(track, lane, number) for every number, by track, then lane.
    template<typename Visit>
    void forEach(Visit &&visit)
    {
        auto high = m_high.begin();
        for (std::uint32_t track = 0; track < m_low.size(); ++track) {
            for (std::size_t lane = 0; lane < m_low[track].size(); ++lane)
                visit(track, std::uint16_t(lane), m_low[track][lane]);
            for (; high != m_high.end() && high->first.first == track; ++high)
                visit(track, high->first.second, high->second);
        }
    }

private:
    static constexpr std::uint16_t kLow = 64;
    std::vector<std::vector<std::uint32_t>> m_low;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint32_t> m_high;
};

} // namespace tailscope::analysis
