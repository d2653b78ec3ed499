// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkqueue.h"

#include <algorithm>
#include <utility>

namespace tailscope::store {

namespace {

/// Columns of a family as cells: all but source_id.
std::size_t cellColumns(const FamilyInfo &info)
{
    const auto commas = std::count(info.columns.begin(), info.columns.end(), ',');
    return static_cast<std::size_t>(commas) + (info.columns.starts_with("source_id") ? 0 : 1);
}

} // namespace

BatchQueue::BatchQueue()
{
    for (int i = 0; i < kQueuedBatches; ++i) {
        auto batch = std::make_unique<Batch>();
        for (const FamilyInfo &info : allFamilies())
            batch->rows[static_cast<std::size_t>(info.family)].columns = cellColumns(info);
        batch->setItems.columns = 5;
        batch->trackUpdates.columns = 7;
        m_free.push_back(std::move(batch));
    }
}

std::unique_ptr<Batch> BatchQueue::emptyBatch()
{
    std::unique_lock lock(m_mutex);
    m_freed.wait(lock, [this] { return !m_free.empty(); });
    std::unique_ptr<Batch> batch = std::move(m_free.back());
    m_free.pop_back();
    return batch;
}

void BatchQueue::push(std::unique_ptr<Batch> batch)
{
    {
        const std::lock_guard guard(m_mutex);
        m_full.push_back(std::move(batch));
    }
    m_filled.notify_one();
}

std::unique_ptr<Batch> BatchQueue::pop(bool wait)
{
    std::unique_lock lock(m_mutex);
    if (wait)
        m_filled.wait(lock, [this] { return !m_full.empty() || m_closed; });
    if (m_full.empty())
        return nullptr;
    std::unique_ptr<Batch> batch = std::move(m_full.front());
    m_full.pop_front();
    return batch;
}

void BatchQueue::recycle(std::unique_ptr<Batch> batch)
{
    batch->clear();
    {
        const std::lock_guard guard(m_mutex);
        // The one used last is warm in the cache: it goes out first.
        m_free.push_back(std::move(batch));
    }
    m_freed.notify_one();
}

void BatchQueue::close()
{
    {
        const std::lock_guard guard(m_mutex);
        m_closed = true;
    }
    m_filled.notify_all();
}

void BatchQueue::abandon()
{
    {
        const std::lock_guard guard(m_mutex);
        m_closed = true;
        m_full.clear();
    }
    m_filled.notify_all();
}

} // namespace tailscope::store
