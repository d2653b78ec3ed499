// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/readahead.h"

#include <chrono>

namespace tailscope::import {

namespace {

constexpr std::chrono::milliseconds kCancelPeriod{50};

} // namespace

ReadAhead::ReadAhead(Fill fill)
    : m_fill(std::move(fill))
    , m_thread([this] { run(); })
{}

ReadAhead::~ReadAhead()
{
    m_stop.store(true, std::memory_order_relaxed);
    m_changed.notify_all();
    m_thread.join();
}

void ReadAhead::run()
{
    for (std::size_t at = 0;; at = (at + 1) % kSlots) {
        {
            std::unique_lock lock(m_mutex);
            // The timeout only matters for the stop flag, which is set without the lock.
            while (m_filled == kSlots && !stopRequested())
                m_changed.wait_for(lock, kCancelPeriod);
        }
        if (stopRequested())
            return;
        Slot &slot = m_slots[at];
        if (!slot.data)
            slot.data = std::make_unique_for_overwrite<char[]>(kSlotBytes);
        const Result<std::size_t> count = m_fill(slot.data.get(), kSlotBytes);
        const std::lock_guard lock(m_mutex);
        if (count && *count > 0) {
            slot.size = *count;
            ++m_filled;
            m_changed.notify_all();
            continue;
        }
        if (!count)
            m_error = count.error();
        m_ended = true;
        m_changed.notify_all();
        return;
    }
}

Result<std::string_view> ReadAhead::next(const std::function<bool()> &cancelled)
{
    std::unique_lock lock(m_mutex);
    if (m_holding) {
        m_holding = false;
        m_readIndex = (m_readIndex + 1) % kSlots;
        --m_filled;
        m_changed.notify_all();
    }
    while (m_filled == 0 && !m_ended) {
        m_changed.wait_for(lock, kCancelPeriod);
        if (cancelled && cancelled())
            return std::string_view();
    }
    if (m_filled > 0) {
        m_holding = true;
        const Slot &slot = m_slots[m_readIndex];
        return std::string_view(slot.data.get(), slot.size);
    }
    if (m_error)
        return fail(*m_error);
    return std::string_view();
}

} // namespace tailscope::import
