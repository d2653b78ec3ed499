// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/writerlane.h"

#include <map>
#include <string>
#include <system_error>

namespace tailscope::store {

std::shared_ptr<WriterLane> WriterLane::of(const std::filesystem::path &path)
{
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<WriterLane>> lanes;

    std::error_code ignored;
    const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, ignored);
    const std::string key = canonical.empty() ? path.string() : canonical.string();
    const std::lock_guard guard(mutex);
    std::erase_if(lanes, [](const auto &entry) { return entry.second.expired(); });
    std::shared_ptr<WriterLane> lane = lanes[key].lock();
    if (!lane) {
        lane = std::make_shared<WriterLane>();
        lanes[key] = lane;
    }
    return lane;
}

bool WriterLane::acquire(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(m_mutex);
    if (!m_taken && m_waiting.empty()) {
        m_taken = true;
        return true;
    }
    const std::uint64_t ticket = ++m_next;
    m_waiting.push_back(ticket);
    const auto place = std::prev(m_waiting.end());
    const bool ours
        = m_changed.wait_for(lock, timeout, [&] { return !m_taken && m_waiting.front() == ticket; });
    m_waiting.erase(place);
    if (ours)
        m_taken = true;
    else
        m_changed.notify_all(); // the one behind may be first now
    return ours;
}

void WriterLane::release()
{
    {
        const std::lock_guard guard(m_mutex);
        m_taken = false;
    }
    m_changed.notify_all();
}

} // namespace tailscope::store
