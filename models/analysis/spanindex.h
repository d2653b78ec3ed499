// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace tailscope::analysis {

/// Row of SpanColumns by span id (relative to spanIdBase): four bytes an id, or eight a row when the ids are
/// sparse.
class SpanIdIndex
{
public:
    SpanIdIndex() = default;
    explicit SpanIdIndex(const std::vector<std::uint32_t> &spanIds);
    std::uint32_t rowOf(std::uint32_t spanId) const; ///< kNoRow when absent
    std::size_t bytes() const { return m_dense.capacity() * 4 + m_sorted.capacity() * 8; }

private:
    std::vector<std::uint32_t> m_dense;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_sorted;
};

} // namespace tailscope::analysis
