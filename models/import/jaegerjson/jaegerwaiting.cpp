// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegerwaiting.h"

namespace tailscope::import::jaeger {

namespace {

constexpr std::size_t kMaxIdBytes = 256; ///< of a process that is waited for

} // namespace

void WaitingTrace::begin()
{
    end();
    m_traceId.clear();
    m_processes.clear();
    m_unnamed.clear();
    m_known = m_overflow = false;
}

void WaitingTrace::span(const JsonFramer::Record &record)
{
    if (m_overflow) {
        nameLess(record);
        return;
    }
    if (m_known) {
        m_rows.span(record, m_processes, m_traceId);
        return;
    }
    m_waiting.push_back({m_bytes.size(), record.bytes.size(), record.offset, record.hasEscape});
    m_bytes += record.bytes;
    if (m_bytes.size() <= kMaxBytes)
        return;
    m_report.note(IssueSeverity::Notice, "processes-after-spans", record.offset,
        "more than 32 MB of spans come before their processes: they have the service, but not the tags of "
        "their process");
    m_overflow = true;
    release();
}

void WaitingTrace::processes(const JsonFramer::Record &record)
{
    m_processes = m_rows.processes(record, m_unnamed);
    m_known = true;
    m_overflow = false;
    release();
}

void WaitingTrace::end()
{
    m_known = true;
    release();
}

void WaitingTrace::nameLess(const JsonFramer::Record &record)
{
    const std::string id = m_rows.processIdOf(record);
    const bool isName = !id.empty() && id.size() <= kMaxIdBytes;
    if (isName && m_unnamed.size() < kMaxUnnamed && m_unnamed.find(id) == m_unnamed.end())
        m_unnamed.emplace(id, m_rows.unnamedProcess(id, m_traceId));
    m_rows.span(record, m_unnamed, m_traceId);
}

void WaitingTrace::release()
{
    if (m_waiting.empty())
        return;
    // The parser looks past the end of a record.
    m_bytes.append(JsonFramer::kPadding, '\0');
    const auto recordOf = [this](const Waiting &waiting) {
        JsonFramer::Record record;
        record.bytes = std::string_view(m_bytes).substr(waiting.begin, waiting.length);
        record.offset = waiting.offset;
        record.hasEscape = waiting.hasEscape;
        return record;
    };
    std::vector<Waiting> undecided;
    for (const Waiting &waiting : m_waiting) {
        if (m_overflow)
            nameLess(recordOf(waiting));
        else if (!m_rows.span(recordOf(waiting), m_processes, m_traceId, true))
            undecided.push_back(waiting);
    }
    for (const Waiting &waiting : undecided)
        m_rows.span(recordOf(waiting), m_processes, m_traceId);
    m_waiting.clear();
    m_bytes.clear();
}

} // namespace tailscope::import::jaeger
