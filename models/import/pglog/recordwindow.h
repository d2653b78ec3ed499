// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/logrecord.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace tailscope::import::pglog {

/// The last records of a log, open for further lines: processes that write at the same time interleave.
/// Bounded by records and bytes; what leaves goes to the taker in the order of the file.
class RecordWindow
{
public:
    static constexpr std::size_t kRecords = 64;
    static constexpr std::size_t kMaxBytes = 24 * 1024 * 1024;

    explicit RecordWindow(RecordTaker &taker);

    /// A new record behind the others; the oldest leaves when there is no room. Valid until the next open().
    LogRecord &open();
    /// The youngest record of the process; nullptr when it is not open (any more).
    LogRecord *ofPid(std::int64_t pid);
    /// The youngest record with the key of a syslog head.
    LogRecord *ofKey(std::int64_t key);
    LogRecord *last() { return m_count > 0 ? &at(m_count - 1) : nullptr; }
    /// Of the texts of all open records.
    std::size_t bytes() const;
    /// Lets everything leave.
    void flush();

private:
    LogRecord &at(std::size_t i) { return m_ring[(m_first + i) % kRecords]; }
    void leave();

    RecordTaker &m_taker;
    std::vector<LogRecord> m_ring;
    std::size_t m_first = 0, m_count = 0;
};

} // namespace tailscope::import::pglog
