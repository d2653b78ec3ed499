// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/watchdog.h"

namespace tailscope::advisor {

namespace {

constexpr std::chrono::milliseconds kLook{20};

}

Watchdog::Watchdog(CancelToken outer)
    : m_outer(std::move(outer))
    , m_thread([this] { run(); })
{}

Watchdog::~Watchdog()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ends = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

CancelToken Watchdog::arm(std::chrono::milliseconds limit)
{
    const CancelToken token;
    {
        const std::lock_guard lock(m_mutex);
        m_token = token;
        m_expired = false;
        m_deadline = std::chrono::steady_clock::now() + limit;
    }
    m_changed.notify_all();
    return token;
}

bool Watchdog::disarm()
{
    const std::lock_guard lock(m_mutex);
    m_token.reset();
    return m_expired;
}

void Watchdog::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_ends) {
        if (!m_token) {
            m_changed.wait(lock, [this] { return m_ends || m_token; });
            continue;
        }
        const bool late = std::chrono::steady_clock::now() >= m_deadline;
        if (late || m_outer.isCancelled()) {
            m_token->cancel();
            m_expired = late;
            m_token.reset();
            continue;
        }
        m_changed.wait_for(lock, kLook);
    }
}

} // namespace tailscope::advisor
