// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanequery.h"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace tailscope::widgets {

/// Lane queries kept as tiles of 256 steps, a step being a power of two of nanoseconds that is 1 to 2 pixels
/// wide: a pan needs at most one new tile a lane, and zooming within a power of two none. Bounded; GUI
/// thread.
class TimelineTiles
{
public:
    using Items = std::vector<analysis::LaneItem>;

    void setPyramid(std::shared_ptr<const analysis::LanePyramid> pyramid);
    /// Rows to stand out (filter and search); nullptr = all.
    void setEmphasis(std::shared_ptr<const analysis::SpanBitmap> rows);
    bool hasEmphasis() const { return m_emphasis != nullptr; }
    bool isEmphasised(std::uint32_t row) const { return !m_emphasis || m_emphasis->test(row); }
    const analysis::LanePyramid *pyramid() const { return m_pyramid.get(); }

    /// Exponent of the step for a scale.
    static int levelFor(double nanosPerPixel);
    static Nanos stepOf(int level) { return Nanos(1) << level; }
    /// Tiles [first, second] that touch the range.
    static std::pair<std::int64_t, std::int64_t> tilesOf(TimeRange range, int level);
    static Nanos beginOf(std::int64_t tile, int level);

    /// Spans of one tile in time order; a span over the edge is in both tiles. Valid until the next call.
    const Items &items(std::size_t lane, int level, std::int64_t tile, bool emphasised);
    /// Forgets what no recent frame used.
    void endFrame();
    std::size_t size() const { return m_tiles.size(); }

private:
    struct Key
    {
        std::uint64_t lane;
        std::int64_t tile;
        std::uint32_t levelAndKind;
        friend bool operator==(const Key &, const Key &) = default;
    };
    struct KeyHash
    {
        std::size_t operator()(const Key &key) const
        {
            std::uint64_t hash = key.lane * 0x9e3779b97f4a7c15ULL;
            hash = (hash ^ std::uint64_t(key.tile)) * 0xff51afd7ed558ccdULL;
            hash = (hash ^ key.levelAndKind) * 0xc4ceb9fe1a85ec53ULL;
            return std::size_t(hash ^ (hash >> 32));
        }
    };
    struct Tile
    {
        Items items;
        std::uint64_t frame = 0;
    };

    std::shared_ptr<const analysis::LanePyramid> m_pyramid;
    std::shared_ptr<const analysis::SpanBitmap> m_emphasis;
    std::unordered_map<Key, Tile, KeyHash> m_tiles;
    std::uint64_t m_frame = 0;
};

} // namespace tailscope::widgets
