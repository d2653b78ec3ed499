// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkbatch.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace tailscope::store {

/// Hands batches from the reader's thread to the writing thread and empty ones back. Bounded: a reader that
/// is faster than the disk waits in emptyBatch().
class BatchQueue
{
public:
    static constexpr int kQueuedBatches = 8;

    BatchQueue();
    /// An empty batch; waits until one is free.
    std::unique_ptr<Batch> emptyBatch();
    void push(std::unique_ptr<Batch> batch);
    /// The next batch. Null: nothing there (wait = false), or closed and drained, or abandoned.
    std::unique_ptr<Batch> pop(bool wait);
    void recycle(std::unique_ptr<Batch> batch);
    /// No more pushes: pop() gives what is left, then null.
    void close();
    /// pop() gives nothing any more.
    void abandon();

private:
    std::mutex m_mutex;
    std::condition_variable m_filled, m_freed;
    std::deque<std::unique_ptr<Batch>> m_full;
    std::vector<std::unique_ptr<Batch>> m_free;
    bool m_closed = false;
};

} // namespace tailscope::store
