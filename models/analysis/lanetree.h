// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace tailscope::analysis {

/// Hands out lanes of a track so that spans of one lane never overlap: the first lane from a given one on
/// that is free at a start. Starts ascend. O(log lanes). The lane numbers end at kMaxLanes - 1; beyond, the
/// last one is shared.
class LaneTree
{
public:
    static constexpr std::uint32_t kMaxLanes = 65'536;

    std::uint16_t place(std::uint32_t lowest, Nanos start, Nanos end)
    {
        lowest = std::min(lowest, kMaxLanes - 1);
        while (lowest >= m_leaves)
            grow();
        std::uint32_t node = find(lowest, start);
        while (node == 0 && m_leaves < kMaxLanes) {
            grow();
            node = find(lowest, start);
        }
        if (node == 0)
            return std::uint16_t(kMaxLanes - 1);
        m_ends[node] = std::max(start, end);
        const auto lane = std::uint16_t(node - m_leaves);
        while (node > 1) {
            node >>= 1;
            const Nanos smaller = std::min(m_ends[2 * node], m_ends[2 * node + 1]);
            if (m_ends[node] == smaller)
                break;
            m_ends[node] = smaller;
        }
        return lane;
    }

private:
    static constexpr Nanos kFree = std::numeric_limits<Nanos>::min();

    // Leaf from `lowest` on with an end at or before start; 0 when there is none.
    std::uint32_t find(std::uint32_t lowest, Nanos start) const
    {
        std::uint32_t node = m_leaves + lowest;
        while (m_ends[node] > start) {
            while (node & 1u)
                node >>= 1;
            if (node == 0)
                return 0;
            ++node;
        }
        while (node < m_leaves)
            node = m_ends[2 * node] <= start ? 2 * node : 2 * node + 1;
        return node;
    }

    void grow()
    {
        const std::vector<Nanos> leaves(m_ends.begin() + m_leaves, m_ends.end());
        m_leaves = std::max(4u, m_leaves * 2);
        m_ends.assign(2 * std::size_t(m_leaves), kFree);
        std::copy(leaves.begin(), leaves.end(), m_ends.begin() + m_leaves);
        for (std::uint32_t node = m_leaves; node-- > 1;)
            m_ends[node] = std::min(m_ends[2 * node], m_ends[2 * node + 1]);
    }

    std::uint32_t m_leaves = 0;
    std::vector<Nanos> m_ends; // a complete binary tree, root at 1, leaves from m_leaves on
};

} // namespace tailscope::analysis
