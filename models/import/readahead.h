// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace tailscope::import {

/// Fills a fixed ring of buffers on a thread of its own while the other side works on the one before.
class ReadAhead
{
public:
    /// Bytes of one buffer; the ring has kSlots of them, allocated on first use.
    static constexpr std::size_t kSlotBytes = 1024 * 1024;
    static constexpr std::size_t kSlots = 4;

    /// Fills up to `capacity` bytes: 0 = end. Called on the thread; an error ends it.
    using Fill = std::function<Result<std::size_t>(char *out, std::size_t capacity)>;

    explicit ReadAhead(Fill fill);
    ~ReadAhead();

    /// The next buffer, valid until the next call; empty at the end. `cancelled` is asked while waiting.
    Result<std::string_view> next(const std::function<bool()> &cancelled);
    bool stopRequested() const { return m_stop.load(std::memory_order_relaxed); } ///< for the fill function

private:
    void run();

    struct Slot
    {
        std::unique_ptr<char[]> data;
        std::size_t size = 0;
    };
    Fill m_fill;
    std::array<Slot, kSlots> m_slots;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::size_t m_filled = 0; ///< slots ready or in use
    std::size_t m_readIndex = 0;
    bool m_holding = false; ///< the reader has the slot at m_readIndex
    bool m_ended = false;
    std::optional<Error> m_error;
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

} // namespace tailscope::import
