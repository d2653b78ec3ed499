// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanfilter.h"

#include <bit>

namespace tailscope::analysis {

SpanBitmap::SpanBitmap(std::size_t rows, bool value)
    : m_words((rows + 63) / 64, value ? ~std::uint64_t(0) : 0)
    , m_rows(rows)
{
    // Bits past the last row stay zero, so that whole words can be counted.
    if (value && rows % 64 != 0)
        m_words.back() = (std::uint64_t(1) << (rows % 64)) - 1;
}

void SpanBitmap::set(std::size_t row, bool value)
{
    const std::uint64_t mask = std::uint64_t(1) << (row & 63);
    if (value)
        m_words[row >> 6] |= mask;
    else
        m_words[row >> 6] &= ~mask;
}

std::size_t SpanBitmap::count() const
{
    std::size_t total = 0;
    for (const std::uint64_t word : m_words)
        total += std::size_t(std::popcount(word));
    return total;
}

} // namespace tailscope::analysis
