// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tailscope::advisor {

/// Cancels a token when its time is up or when an outer token is cancelled. One thread for any number of
/// rounds; arm() and disarm() are called by one thread in turn.
class Watchdog
{
public:
    explicit Watchdog(CancelToken outer);
    ~Watchdog();
    Watchdog(const Watchdog &) = delete;
    Watchdog &operator=(const Watchdog &) = delete;

    /// A fresh token that is cancelled after `limit`.
    CancelToken arm(std::chrono::milliseconds limit);
    /// Ends the round. True: the time was up.
    bool disarm();

private:
    void run();

    const CancelToken m_outer;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::optional<CancelToken> m_token;
    std::chrono::steady_clock::time_point m_deadline;
    bool m_expired = false, m_ends = false;
    std::thread m_thread;
};

} // namespace tailscope::advisor
