// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtest/loadrequests.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::loadtest {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;

Attribute textAttribute(std::string_view key, std::string_view text)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = utf8Prefix(text, kMaxNameBytes);
    return attribute;
}

} // namespace

TrackRef LoadRequests::trackOf(std::string_view instance)
{
    if (m_track != TrackRef::None && instance == m_instance)
        return m_track;
    TrackRow row;
    row.service = m_run.tool;
    row.instance = utf8Prefix(instance, kMaxNameBytes);
    row.shape = TrackRow::Shape::Async;
    m_instance = instance;
    m_track = m_sink.track(row);
    return m_track;
}

void LoadRequests::add(const LoadRequest &request)
{
    m_attributes.assign(request.attributes.begin(), request.attributes.end());
    if (!request.message.empty())
        m_attributes.push_back(textAttribute("loadtest.message", request.message));
    if (request.isSum) {
        Attribute attribute;
        attribute.key = "loadtest.sum";
        attribute.type = AttributeType::Boolean;
        attribute.integer = 1;
        m_attributes.push_back(attribute);
    }
    SpanRow row;
    row.track = trackOf(request.instance);
    row.trace = request.trace;
    row.key = request.key;
    row.parentKey = request.parentKey;
    row.operation = utf8Prefix(request.operation, kMaxNameBytes);
    row.kind = request.isSum ? SpanKind::Internal : SpanKind::Client;
    row.status = request.failed ? SpanStatus::Error : SpanStatus::Unset;
    row.httpStatus = request.httpStatus;
    row.startNs = request.startNs;
    row.durationNs = request.durationNs;
    if (request.durationNs == kUnknownNanos)
        row.quality |= SpanNoEnd;
    else if (request.durationNs < 0)
        row.quality |= SpanNegativeDuration, row.durationNs = kUnknownNanos;
    if (row.key.kind == SpanKey::Kind::None)
        row.quality |= SpanNoId;
    row.attributes = m_attributes;
    m_sink.span(row);

    m_run.touch(row.startNs);
    if (row.durationNs != kUnknownNanos)
        m_run.touch(saturatingAdd(row.startNs, row.durationNs));
    if (request.isSum)
        return;
    ++m_requests;
    m_errors += request.failed ? 1 : 0;
    if (row.durationNs == kUnknownNanos)
        return;
    m_min = m_timed == 0 ? row.durationNs : std::min(m_min, row.durationNs);
    m_max = m_timed == 0 ? row.durationNs : std::max(m_max, row.durationNs);
    m_sumMs += double(row.durationNs) / double(kNanosPerMilli);
    ++m_timed;
}

void LoadRequests::finish()
{
    LoadPhase &whole = m_run.whole;
    whole.requests = m_requests;
    whole.errors = m_errors;
    const Nanos length = m_run.startNs == kUnknownNanos ? 0 : saturatingSub(m_run.endNs, m_run.startNs);
    if (length > 0)
        whole.rate = double(m_requests) * double(kNanosPerSecond) / double(length);
    if (m_timed == 0)
        return;
    whole.minMs = double(m_min) / double(kNanosPerMilli);
    whole.maxMs = double(m_max) / double(kNanosPerMilli);
    whole.meanMs = m_sumMs / double(m_timed);
}

void UserCount::at(Nanos tsNs, double users)
{
    const Nanos second = tsNs - (tsNs % kNanosPerSecond);
    // A time that goes back (several generators in one file) belongs to the second at hand.
    if (m_second == kUnknownNanos || second > m_second) {
        finish();
        m_second = second;
        m_most = users;
    }
    m_most = std::max(m_most, users);
}

void UserCount::finish()
{
    if (m_second == kUnknownNanos)
        return;
    m_series.users(m_second, m_most);
    m_all = std::max(m_all, m_most);
    m_run.users = m_all;
}

} // namespace tailscope::import::loadtest
