// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanrecords.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace tailscope::analysis {

class OverviewBuilder;

/// First step of the derive pass for spans that name their parents: takes all spans of some traces at once,
/// finds parents by (trace, key), breaks cycles, and computes depth, self time and gaps. Keeps its buffers
/// between calls.
class SpanLinker
{
public:
    struct Counts
    {
        std::int64_t orphans = 0, cycles = 0;
    };
    std::function<void(const StreamRecord &)> emit; ///< in order of the records
    std::function<void(const TraceRecord &)> emitTrace; ///< in order of first appearance

    OverviewBuilder *overview = nullptr; ///< counts the paths when set

    /// The records must be complete per trace and in ascending order of ordinals (the first of equal keys is
    /// the parent of those who name it).
    void process(const std::vector<LinkRecord> &records);
    /// Gives the buffers back.
    void release();
    const Counts &counts() const { return m_counts; }

private:
    void findParents(const std::vector<LinkRecord> &records);
    std::uint32_t slotOf(const std::vector<LinkRecord> &records, std::uint32_t trace, std::uint64_t key,
        bool isText) const;
    void findDepths(const std::vector<LinkRecord> &records);
    void coverParents(const std::vector<LinkRecord> &records);
    void enterTree(const std::vector<LinkRecord> &records, std::uint32_t index);
    void emitAll(const std::vector<LinkRecord> &records);
    void emitTraces(const std::vector<LinkRecord> &records);
    std::uint8_t rootRank(const LinkRecord &record, std::uint32_t index) const;

    std::vector<std::uint32_t> m_slots; ///< open addressing by (trace, key): record index + 1
    std::vector<std::uint32_t> m_parent, m_depth, m_node, m_path;
    std::vector<std::uint16_t> m_quality;
    std::vector<std::uint8_t> m_state;
    std::vector<std::pair<Nanos, std::uint32_t>> m_byStart;
    std::vector<Cover> m_cover;
    Counts m_counts;
};

} // namespace tailscope::analysis
