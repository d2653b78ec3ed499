// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"

#include <array>
#include <system_error>
#include <thread>
#include <vector>

namespace tailscope::analysis {

/// Walks the rows of a selection in ascending order, in blocks of row numbers small enough for the
/// first-level cache. The time range is cut out of each lane by binary search; the other choices thin out the
/// block one after another without branches. The rows are split once into parts of equal size, so that sums
/// do not depend on thread timing.
class RowScan
{
public:
    static constexpr std::size_t kBlock = 2048;

    /// Both must outlive the scan.
    RowScan(const SpanColumns &columns, const SpanSelection &selection);

    int parts() const { return int(m_parts.size()); }
    /// Rows before the choices that need a test per row.
    std::uint64_t candidates() const { return m_candidates; }

    /// Calls body(const std::uint32_t *rows, std::size_t count) for the blocks of one part. Stops early on
    /// cancel.
    template<typename Body>
    void forEachBlock(int part, const CancelToken &cancel, Body &&body) const
    {
        std::array<std::uint32_t, kBlock> rows;
        int sinceCheck = 0;
        for (const Segment &segment : m_parts[std::size_t(part)]) {
            for (std::uint32_t first = segment.first; first < segment.last;) {
                const auto last = std::uint32_t(std::min<std::uint64_t>(segment.last, first + kBlock));
                const std::size_t count = select(first, last, rows.data());
                if (count > 0)
                    body(static_cast<const std::uint32_t *>(rows.data()), count);
                first = last;
                if (++sinceCheck == 64) {
                    if (cancel.isCancelled())
                        return;
                    sinceCheck = 0;
                }
            }
        }
    }

private:
    struct Segment
    {
        std::uint32_t first = 0, last = 0;
    };
    void addSegment(std::uint32_t first, std::uint32_t last, std::vector<Segment> &segments) const;
    void split(const std::vector<Segment> &segments);
    std::size_t select(std::uint32_t first, std::uint32_t last, std::uint32_t *rows) const;
    std::size_t candidatesOf(std::uint32_t first, std::uint32_t last, std::uint32_t *rows) const;

    const SpanColumns &m_columns;
    const SpanSelection &m_selection;
    bool m_testStart = false, m_testTrack = false; ///< only for columns without lanes
    std::uint64_t m_candidates = 0;
    std::vector<std::vector<Segment>> m_parts;
};

/// Runs work(0) .. work(parts - 1), all but the last on threads of their own; back when all are done.
template<typename Work>
void runParts(int parts, Work &&work)
{
    std::vector<std::thread> threads;
    int next = 0;
    // A machine without room for one more thread still gets its answer, only later.
    try {
        for (; next + 1 < parts; ++next)
            threads.emplace_back([&work, part = next] { work(part); });
    } catch (const std::system_error &) {}
    for (; next < parts; ++next)
        work(next);
    for (std::thread &thread : threads)
        thread.join();
}

} // namespace tailscope::analysis
