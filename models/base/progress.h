// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tailscope {

/// Asks a long work to stop. Copies share one flag; safe from any thread.
class CancelToken
{
public:
    CancelToken()
        : m_flag(std::make_shared<std::atomic<bool>>(false))
    {}
    void cancel() const { m_flag->store(true, std::memory_order_relaxed); }
    bool isCancelled() const { return m_flag->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> m_flag;
};

/// One report of a long work. done/total are in `unit` ("bytes", "rows", "steps"); total 0 = unknown.
struct ProgressUpdate
{
    std::string phase; ///< "reading", "indexing", "deriving", ...
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::uint64_t rows = 0; ///< rows produced so far
};

/// Where a long work reports to and asks whether to go on. Called from the working thread; cheap to copy.
struct Progress
{
    CancelToken cancel;
    std::function<void(const ProgressUpdate &)> report; ///< may be empty

    void update(const ProgressUpdate &progress) const
    {
        if (report)
            report(progress);
    }
    bool isCancelled() const { return cancel.isCancelled(); }
};

} // namespace tailscope
