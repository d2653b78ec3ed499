// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calcresults.h"

namespace tailscope::analysis {

namespace {

constexpr std::size_t kBatch = 4096; // rows between two looks at the lock

} // namespace

CalcResults::CalcResults(const std::filesystem::path &folder, std::vector<std::uint32_t> expected,
    std::uint32_t bucketRows, std::size_t memoryBudget)
    : m_buckets(folder, expected.size(), memoryBudget)
    , m_expected(std::move(expected))
    , m_bucketRows(bucketRows)
{
    m_batch.reserve(kBatch);
}

void CalcResults::add(const CalcRecord &record)
{
    m_batch.push_back(record);
    if (m_batch.size() == kBatch)
        flush();
}

void CalcResults::flush()
{
    {
        const std::lock_guard lock(m_mutex);
        for (const CalcRecord &record : m_batch)
            m_buckets.add(record.ordinal / m_bucketRows, record);
    }
    m_batch.clear();
    m_changed.notify_one();
}

void CalcResults::finish(Result<void> status)
{
    flush();
    {
        const std::lock_guard lock(m_mutex);
        m_finished = true;
        m_status = std::move(status);
    }
    m_changed.notify_one();
}

bool CalcResults::isStopped() const
{
    const std::lock_guard lock(m_mutex);
    return m_stopped;
}

void CalcResults::stop()
{
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
}

Result<bool> CalcResults::next(std::vector<CalcRecord> &rows)
{
    if (m_next == m_expected.size())
        return false;
    m_taken.clear();
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_finished || m_buckets.count(m_next) == m_expected[m_next]; });
        if (m_finished && !m_status)
            return tl::unexpected(m_status.error());
        const Result<void> taken = m_buckets.take(m_next, m_taken);
        if (!taken)
            return tl::unexpected(taken.error());
    }
    rows.assign(m_bucketRows, CalcRecord());
    for (const CalcRecord &record : m_taken)
        rows[record.ordinal % m_bucketRows] = record;
    ++m_next;
    return true;
}

} // namespace tailscope::analysis
