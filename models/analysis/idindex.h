// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// Position of an id in an ascending list of ids: a table where the ids are close together (they nearly
/// always are), else binary search.
class IdIndex
{
public:
    static constexpr std::uint32_t kAbsent = 0xffffffffu;

    IdIndex() = default;
    explicit IdIndex(std::vector<std::int64_t> ascendingIds)
        : m_ids(std::move(ascendingIds))
    {
        if (m_ids.empty())
            return;
        const auto range = std::uint64_t(m_ids.back()) - std::uint64_t(m_ids.front());
        if (range > 8 * std::uint64_t(m_ids.size()) + 1'000'000)
            return;
        m_table.assign(std::size_t(range) + 1, kAbsent);
        for (std::uint32_t i = 0; i < m_ids.size(); ++i)
            m_table[std::size_t(m_ids[i] - m_ids.front())] = i;
    }
    std::uint32_t find(std::int64_t id) const
    {
        if (m_ids.empty() || id < m_ids.front() || id > m_ids.back())
            return kAbsent;
        if (!m_table.empty())
            return m_table[std::size_t(id - m_ids.front())];
        const auto place = std::lower_bound(m_ids.begin(), m_ids.end(), id);
        return *place == id ? std::uint32_t(place - m_ids.begin()) : kAbsent;
    }
    const std::vector<std::int64_t> &ids() const { return m_ids; }

private:
    std::vector<std::int64_t> m_ids;
    std::vector<std::uint32_t> m_table;
};

} // namespace tailscope::analysis
