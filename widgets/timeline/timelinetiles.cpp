// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinetiles.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kTileBits = 8;
/// 2^54 ns a pixel is more than the whole range of 64-bit nanoseconds on any screen.
constexpr int kMaxLevel = 54;
/// About 30 MB at most; a screen of 50 lanes needs 50 x 8 x 2.
constexpr std::size_t kMaxTiles = 4096;
constexpr std::uint64_t kRecentFrames = 30;

/// Rounds down also below zero.
std::int64_t tileAt(Nanos t, int level) { return t >> (level + kTileBits); }

} // namespace

void TimelineTiles::setPyramid(std::shared_ptr<const analysis::LanePyramid> pyramid)
{
    if (m_pyramid == pyramid)
        return;
    m_pyramid = std::move(pyramid);
    m_emphasis.reset();
    m_tiles.clear();
}

void TimelineTiles::setEmphasis(std::shared_ptr<const analysis::SpanBitmap> rows)
{
    // A bitmap of other columns would be read past its end.
    if (rows && (!m_pyramid || rows->rows() != m_pyramid->columns().size()))
        rows.reset();
    if (rows == m_emphasis)
        return;
    m_emphasis = std::move(rows);
    std::erase_if(m_tiles, [](const auto &entry) { return (entry.first.levelAndKind & 1u) != 0; });
}

int TimelineTiles::levelFor(double nanosPerPixel)
{
    if (!(nanosPerPixel > 1))
        return 0;
    const double clamped = std::min(nanosPerPixel, 1e18);
    return std::min(kMaxLevel, int(std::bit_width(std::uint64_t(std::ceil(clamped)) - 1)));
}

std::pair<std::int64_t, std::int64_t> TimelineTiles::tilesOf(TimeRange range, int level)
{
    return {tileAt(range.begin, level), tileAt(std::max(range.begin, range.end - 1), level)};
}

Nanos TimelineTiles::beginOf(std::int64_t tile, int level)
{
    return Nanos(std::uint64_t(tile) << (level + kTileBits));
}

const TimelineTiles::Items &TimelineTiles::items(std::size_t lane, int level, std::int64_t tile,
    bool emphasised)
{
    const Key key{lane, tile, (std::uint32_t(level) << 1) | (emphasised ? 1u : 0u)};
    const auto [found, isNew] = m_tiles.try_emplace(key);
    found->second.frame = m_frame;
    if (isNew && m_pyramid) {
        const Nanos begin = beginOf(tile, level);
        const TimeRange range{begin, saturatingAdd(begin, stepOf(level) << kTileBits)};
        m_pyramid->query(lane, range, stepOf(level), emphasised ? m_emphasis.get() : nullptr,
            found->second.items);
    }
    return found->second.items;
}

void TimelineTiles::endFrame()
{
    ++m_frame;
    if (m_tiles.size() <= kMaxTiles)
        return;
    std::uint64_t horizon = m_frame > kRecentFrames ? m_frame - kRecentFrames : 0;
    std::erase_if(m_tiles, [horizon](const auto &entry) { return entry.second.frame < horizon; });
    // A fast zoom fills the cache within the recent frames: only the last frame is kept then.
    horizon = m_frame - 1;
    if (m_tiles.size() > kMaxTiles)
        std::erase_if(m_tiles, [horizon](const auto &entry) { return entry.second.frame < horizon; });
}

} // namespace tailscope::widgets
