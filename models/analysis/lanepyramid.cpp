// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lanequery.h"

#include "analysis/rowscan.h"

#include <algorithm>
#include <bit>

namespace tailscope::analysis {

namespace {

constexpr int kLeafBits = 4; // rows of a lowest block: 16
constexpr std::uint32_t kLeafRows = 1u << kLeafBits;
constexpr std::size_t kErrorRun = 8; // words between two stored sums of errors

} // namespace

bool LanePyramid::isLonger(std::uint32_t row, std::uint32_t than) const
{
    // Unknown durations are the smallest number; equal lengths keep the earlier row.
    return than == kNoRow || m_columns->duration[row] > m_columns->duration[than];
}

std::shared_ptr<const LanePyramid> LanePyramid::build(std::shared_ptr<const SpanColumns> columns,
    const CancelToken &cancel)
{
    auto pyramid = std::shared_ptr<LanePyramid>(new LanePyramid);
    pyramid->m_columns = std::move(columns);
    const SpanColumns &data = *pyramid->m_columns;
    const std::size_t rows = data.size();

    std::vector<std::uint32_t> leaves((rows + kLeafRows - 1) >> kLeafBits);
    std::vector<std::uint64_t> errors((rows + 63) / 64, 0);
    const std::size_t words = errors.size();
    const int parts = rows > 262'144 ? 2 : 1;
    runParts(parts, [&](int part) {
        const std::size_t first = part == 0 ? 0 : words / 2;
        const std::size_t last = part + 1 == parts ? words : words / 2;
        for (std::size_t word = first; word < last; ++word) {
            if (word % 4096 == 0 && cancel.isCancelled())
                return;
            const auto end = std::uint32_t(std::min(rows, (word + 1) * 64));
            std::uint64_t bits = 0;
            for (auto row = std::uint32_t(word * 64); row < end; row += kLeafRows) {
                const std::uint32_t blockEnd = std::min(end, row + kLeafRows);
                std::uint32_t best = row;
                for (std::uint32_t i = row; i < blockEnd; ++i) {
                    best = data.duration[i] > data.duration[best] ? i : best;
                    bits |= std::uint64_t(data.status[i] == std::uint8_t(SpanStatus::Error) ? 1 : 0)
                        << (i & 63);
                }
                leaves[row >> kLeafBits] = best;
            }
            errors[word] = bits;
        }
    });

    std::uint32_t sum = 0;
    for (std::size_t word = 0; word < words; ++word) {
        if (word % kErrorRun == 0)
            pyramid->m_errorsBefore.push_back(sum);
        sum += std::uint32_t(std::popcount(errors[word]));
    }
    pyramid->m_errorBits = std::move(errors);
    pyramid->m_longest.push_back(std::move(leaves));
    while (pyramid->m_longest.back().size() > 1) {
        const std::vector<std::uint32_t> &below = pyramid->m_longest.back();
        std::vector<std::uint32_t> level((below.size() + 1) / 2);
        for (std::size_t i = 0; i < level.size(); ++i) {
            const std::uint32_t left = below[2 * i];
            const std::uint32_t right = 2 * i + 1 < below.size() ? below[2 * i + 1] : left;
            level[i] = pyramid->isLonger(right, left) ? right : left;
        }
        pyramid->m_longest.push_back(std::move(level));
    }
    return pyramid;
}

std::uint32_t LanePyramid::longestInRows(std::uint32_t first, std::uint32_t last,
    const SpanBitmap *filter) const
{
    std::uint32_t best = kNoRow;
    for (std::uint32_t row = first; row < last; ++row) {
        if ((!filter || filter->test(row)) && isLonger(row, best))
            best = row;
    }
    return best;
}

std::uint32_t LanePyramid::longestIn(std::uint32_t first, std::uint32_t last) const
{
    std::uint32_t block = (first + kLeafRows - 1) >> kLeafBits;
    std::uint32_t blockEnd = last >> kLeafBits;
    if (block >= blockEnd)
        return longestInRows(first, last, nullptr);

    std::uint32_t best = longestInRows(first, block << kLeafBits, nullptr);
    // Blocks that stick out on the right side are visited from the right, so they are compared afterwards.
    std::uint32_t right[32];
    int rights = 0;
    for (std::size_t level = 0; block < blockEnd; ++level, block >>= 1, blockEnd >>= 1) {
        if (block & 1u) {
            const std::uint32_t row = m_longest[level][block++];
            best = isLonger(row, best) ? row : best;
        }
        if (blockEnd & 1u)
            right[rights++] = m_longest[level][--blockEnd];
    }
    while (rights > 0) {
        const std::uint32_t row = right[--rights];
        best = isLonger(row, best) ? row : best;
    }
    const std::uint32_t row = longestInRows(std::max(first, last >> kLeafBits << kLeafBits), last, nullptr);
    return row != kNoRow && isLonger(row, best) ? row : best;
}

std::uint32_t LanePyramid::longestPassing(std::uint32_t first, std::uint32_t last,
    const SpanBitmap &filter) const
{
    // The longest of a block often passes itself; otherwise the block is opened, unless it cannot beat what
    // was found.
    struct Block
    {
        std::uint32_t level, index;
    };
    Block stack[80];
    int depth = 0;
    std::uint32_t best = kNoRow;
    // The smallest block that holds the whole range.
    const auto top = std::uint32_t(std::bit_width((first ^ (last - 1)) >> kLeafBits));
    stack[depth++] = {top, first >> kLeafBits >> top};
    while (depth > 0) {
        const Block block = stack[--depth];
        const std::uint64_t width = std::uint64_t(kLeafRows) << block.level;
        const std::uint64_t begin = block.index * width;
        const std::uint64_t end = begin + width;
        if (begin >= last || end <= first)
            continue;
        const std::uint32_t longest = m_longest[block.level][block.index];
        if (best != kNoRow && m_columns->duration[longest] <= m_columns->duration[best]) {
            // Equal lengths keep the earlier row, as everywhere: blocks are opened from left to right.
            continue;
        }
        if (longest >= first && longest < last && filter.test(longest)) {
            best = longest;
            continue;
        }
        if (block.level == 0) {
            const std::uint32_t row = longestInRows(std::uint32_t(std::max<std::uint64_t>(begin, first)),
                std::uint32_t(std::min<std::uint64_t>(end, last)), &filter);
            if (row != kNoRow && isLonger(row, best))
                best = row;
            continue;
        }
        const std::uint32_t child = block.index * 2;
        if (child + 1 < m_longest[block.level - 1].size())
            stack[depth++] = {block.level - 1, child + 1};
        stack[depth++] = {block.level - 1, child};
    }
    return best;
}

std::uint32_t LanePyramid::errorsIn(std::uint32_t first, std::uint32_t last, const SpanBitmap *filter) const
{
    const auto masked = [&](std::size_t word, std::uint64_t mask) {
        const std::uint64_t passing = filter ? filter->words()[word] : ~std::uint64_t(0);
        return std::uint32_t(std::popcount(m_errorBits[word] & passing & mask));
    };
    const auto before = [&](std::uint32_t row) { // errors in [0, row)
        const std::size_t word = row / 64;
        std::uint32_t sum = 0;
        std::size_t from = word / kErrorRun;
        if (from == m_errorsBefore.size())
            --from;
        sum = m_errorsBefore[from];
        for (std::size_t i = from * kErrorRun; i < word; ++i)
            sum += masked(i, ~std::uint64_t(0));
        if (row % 64 != 0)
            sum += masked(word, (std::uint64_t(1) << (row % 64)) - 1);
        return sum;
    };
    if (first >= last)
        return 0;
    if (!filter)
        return before(last) - before(first);
    std::uint32_t sum = 0;
    for (std::size_t word = first / 64; word <= (last - 1) / 64; ++word) {
        std::uint64_t mask = ~std::uint64_t(0);
        if (word == first / 64)
            mask &= ~std::uint64_t(0) << (first % 64);
        if (word == (last - 1) / 64)
            mask &= ~std::uint64_t(0) >> (63 - (last - 1) % 64);
        sum += masked(word, mask);
    }
    return sum;
}

} // namespace tailscope::analysis
