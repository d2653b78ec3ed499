// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpwaiting.h"

namespace tailscope::import::otlp {

void WaitingSpans::beginResource()
{
    m_resource = {};
    m_resourceKnown = false;
    m_scopes.clear();
    m_waiting.clear();
    m_bytes.clear();
}

void WaitingSpans::resource(const JsonFramer::Record &record)
{
    if (m_resourceKnown)
        m_report.note(IssueSeverity::DataLoss, "resource-after-spans", record.offset,
            "a second resource, or one that came after more than 32 MB of its spans, was left out");
    else
        m_resource = m_rows.resource(record);
    m_resourceKnown = true;
    release();
}

void WaitingSpans::endResource()
{
    if (!m_resourceKnown && !m_waiting.empty())
        m_resource = m_rows.noResource();
    m_resourceKnown = true;
    release();
}

void WaitingSpans::beginScope()
{
    // A scope that no span waits for is not needed any more.
    if (m_waiting.empty())
        m_scopes.clear();
    m_scopes.emplace_back();
}

void WaitingSpans::scope(const JsonFramer::Record &record)
{
    Scope &scope = m_scopes.back();
    if (scope.known)
        return;
    scope.set = m_rows.scope(record);
    scope.known = true;
    release();
}

void WaitingSpans::endScope()
{
    m_scopes.back().known = true;
    release();
}

void WaitingSpans::span(const JsonFramer::Record &record)
{
    const Scope &scope = m_scopes.back();
    if (m_resourceKnown && scope.known && m_waiting.empty()) {
        m_rows.span(record, m_resource, scope.set);
        return;
    }
    m_waiting.push_back(
        {m_bytes.size(), record.bytes.size(), record.offset, m_scopes.size() - 1, record.hasEscape});
    m_bytes += record.bytes;
    if (m_bytes.size() <= kMaxBytes)
        return;
    m_report.note(IssueSeverity::DataLoss, "resource-after-spans", record.offset,
        "more than 32 MB of spans come before their resource or scope: they have none");
    if (!m_resourceKnown)
        m_resource = m_rows.noResource();
    m_resourceKnown = true;
    m_scopes.back().known = true;
    release();
}

/// Hands on what waits, once the resource is known and every scope before.
void WaitingSpans::release()
{
    if (!m_resourceKnown || m_waiting.empty() || (!m_scopes.empty() && !m_scopes.back().known))
        return;
    // The parser looks past the end of a record.
    m_bytes.append(JsonFramer::kPadding, '\0');
    for (const Waiting &waiting : m_waiting) {
        JsonFramer::Record record;
        record.bytes = std::string_view(m_bytes).substr(waiting.begin, waiting.length);
        record.offset = waiting.offset;
        record.hasEscape = waiting.hasEscape;
        m_rows.span(record, m_resource, m_scopes[waiting.scope].set);
    }
    m_waiting.clear();
    m_bytes.clear();
}

} // namespace tailscope::import::otlp
