// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpwaiting.h"

namespace tailscope::import::otlp {

void WaitingRecords::beginResource()
{
    m_resource = {};
    m_resourceKnown = false;
    m_scopes.clear();
    m_waiting.clear();
    m_bytes.clear();
}

void WaitingRecords::resource(const Record &record)
{
    if (m_resourceKnown)
        m_report.note(IssueSeverity::DataLoss, "resource-after-spans", record.offset,
            "a second resource, or one that came after more than 32 MB of its records, was left out");
    else
        m_resource = m_rows.resource(record);
    m_resourceKnown = true;
    release();
}

void WaitingRecords::endResource()
{
    if (!m_resourceKnown && !m_waiting.empty())
        m_resource = m_rows.noResource();
    m_resourceKnown = true;
    release();
}

void WaitingRecords::beginScope()
{
    // A scope that no span waits for is not needed any more.
    if (m_waiting.empty())
        m_scopes.clear();
    m_scopes.emplace_back();
}

void WaitingRecords::scope(const Record &record)
{
    KnownScope &scope = m_scopes.back();
    if (scope.known)
        return;
    scope.scope = m_rows.scope(record);
    scope.known = true;
    release();
}

void WaitingRecords::endScope()
{
    m_scopes.back().known = true;
    release();
}

void WaitingRecords::record(const Record &record)
{
    const KnownScope &scope = m_scopes.back();
    if (m_resourceKnown && scope.known && m_waiting.empty()) {
        m_rows.record(record, m_resource, scope.scope);
        return;
    }
    m_waiting.push_back(
        {m_bytes.size(), record.bytes.size(), record.offset, m_scopes.size() - 1, record.hasEscape});
    m_bytes += record.bytes;
    if (m_bytes.size() <= kMaxBytes)
        return;
    m_report.note(IssueSeverity::DataLoss, "resource-after-spans", record.offset,
        "more than 32 MB of records come before their resource or scope: they have none");
    if (!m_resourceKnown)
        m_resource = m_rows.noResource();
    m_resourceKnown = true;
    m_scopes.back().known = true;
    release();
}

/// Hands on what waits, once the resource is known and every scope before.
void WaitingRecords::release()
{
    if (!m_resourceKnown || m_waiting.empty() || (!m_scopes.empty() && !m_scopes.back().known))
        return;
    // The parser looks past the end of a record.
    m_bytes.append(JsonFramer::kPadding, '\0');
    for (const Waiting &waiting : m_waiting) {
        Record record;
        record.bytes = std::string_view(m_bytes).substr(waiting.begin, waiting.length);
        record.offset = waiting.offset;
        record.hasEscape = waiting.hasEscape;
        m_rows.record(record, m_resource, m_scopes[waiting.scope].scope);
    }
    m_waiting.clear();
    m_bytes.clear();
}

} // namespace tailscope::import::otlp
