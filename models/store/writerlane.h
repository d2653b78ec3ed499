// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>

namespace tailscope::store {

/// Queue of the writers of one workspace file within this process: first come, first served, so that a
/// back-to-back import cannot starve a live batch (SQLite's own busy handler polls and is not fair). Any
/// thread.
class WriterLane
{
public:
    /// The lane of a file; shared by all connections to the same path.
    static std::shared_ptr<WriterLane> of(const std::filesystem::path &path);

    /// False when the time passed before it was this writer's turn.
    bool acquire(std::chrono::milliseconds timeout);
    void release();

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::list<std::uint64_t> m_waiting;
    std::uint64_t m_next = 0;
    bool m_taken = false;
};

} // namespace tailscope::store
