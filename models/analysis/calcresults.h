// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanrecords.h"
#include "analysis/spillfile.h"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <vector>

namespace tailscope::analysis {

/// Hands the rows of span_calc from the thread that computes them, in the order of time, to the one that
/// writes them, in the order of ids: a bucket of ids goes out when it is complete. What waits too long goes
/// to a temporary file.
class CalcResults
{
public:
    /// expected: rows per bucket of bucketRows ordinals.
    CalcResults(const std::filesystem::path &folder, std::vector<std::uint32_t> expected,
        std::uint32_t bucketRows, std::size_t memoryBudget);

    /// Computing thread: one row; the end, with the error it ended by; whether the writer gave up.
    void add(const CalcRecord &record);
    void finish(Result<void> status);
    bool isStopped() const;

    /// Writing thread: waits for the next bucket and fills `rows` by place in it (holes have no ordinal).
    /// False: the end.
    Result<bool> next(std::vector<CalcRecord> &rows);
    void stop();

private:
    void flush();

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    SpillBuckets<CalcRecord> m_buckets;
    std::vector<std::uint32_t> m_expected;
    std::uint32_t m_bucketRows = 0;
    std::vector<CalcRecord> m_batch, m_taken;
    std::size_t m_next = 0;
    bool m_finished = false, m_stopped = false;
    Result<void> m_status;
};

} // namespace tailscope::analysis
