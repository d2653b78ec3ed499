// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/recordwindow.h"

namespace tailscope::import::pglog {

RecordWindow::RecordWindow(RecordTaker &taker)
    : m_taker(taker)
    , m_ring(kRecords)
{}

void RecordWindow::leave()
{
    LogRecord &record = at(0);
    m_taker.take(record);
    record.clear();
    m_first = (m_first + 1) % kRecords;
    --m_count;
}

LogRecord &RecordWindow::open()
{
    if (m_count == kRecords)
        leave();
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < m_count; ++i)
        bytes += at(i).bytes;
    while (bytes > kMaxBytes && m_count > 0) {
        bytes -= at(0).bytes;
        leave();
    }
    ++m_count;
    return at(m_count - 1);
}

LogRecord *RecordWindow::ofPid(std::int64_t pid)
{
    for (std::size_t i = m_count; i > 0; --i) {
        if (at(i - 1).pid == pid)
            return &at(i - 1);
    }
    return nullptr;
}

LogRecord *RecordWindow::ofKey(std::int64_t key)
{
    for (std::size_t i = m_count; i > 0; --i) {
        if (at(i - 1).key == key)
            return &at(i - 1);
    }
    return nullptr;
}

std::size_t RecordWindow::bytes() const
{
    std::size_t sum = 0;
    for (std::size_t i = 0; i < m_count; ++i)
        sum += m_ring[(m_first + i) % kRecords].bytes;
    return sum;
}

void RecordWindow::flush()
{
    while (m_count > 0)
        leave();
}

} // namespace tailscope::import::pglog
