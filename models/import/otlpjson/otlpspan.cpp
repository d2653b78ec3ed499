// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpspan.h"

#include "base/text.h"

namespace tailscope::import::otlp {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kMaxChildren = 100'000; ///< events and links a span
constexpr std::size_t kShortTraceIdDigits = 16; ///< of 64-bit ids
// Bits of Span.flags (trace.proto): whether the parent's place is known, and that it is another process.
constexpr std::int64_t kHasIsRemote = 0x100, kIsRemote = 0x200;

} // namespace

std::uint16_t httpStatusOf(AttributeList attributes)
{
    for (const Attribute &attribute : attributes) {
        if (attribute.key != "http.response.status_code" && attribute.key != "http.status_code")
            continue;
        const std::int64_t code = attribute.type == AttributeType::Integer
            ? attribute.integer
            : parseInt64(attribute.text).value_or(0);
        if (code >= 100 && code <= 999)
            return static_cast<std::uint16_t>(code);
    }
    return 0;
}

void setTimes(SpanRow &row, const OtlpTime &start, const OtlpTime &end)
{
    row.startNs = start.known ? start.ns : end.ns;
    if (start.clamped || end.clamped)
        row.quality |= SpanTimeClamped;
    if (!start.known || !end.known)
        row.quality |= SpanNoEnd;
    else if (end.ns < start.ns)
        row.quality |= SpanNegativeDuration;
    else
        row.durationNs = saturatingSub(end.ns, start.ns);
}

void noteOddTraceId(const TraceId &id, std::uint64_t offset, ImportReport &report)
{
    const bool isShort = id.form == TraceId::Form::Bytes && id.text.size() == kShortTraceIdDigits;
    if (id.form != TraceId::Form::Text && !isShort)
        return;
    report.note(IssueSeverity::Notice, "odd-trace-id", offset,
        "trace id \"" + std::string(utf8Prefix(id.text, 64))
            + "\" is neither 32 hexadecimal digits nor 16 bytes of base64; "
            + (isShort ? "its 16 digits became the right half" : "kept as text"));
}

void noteEventWithoutTime(std::string_view name, std::uint64_t offset, ImportReport &report)
{
    report.note(IssueSeverity::Notice, "no-event-time", offset,
        "event \"" + std::string(utf8Prefix(name, 64))
            + "\" of a span has no time that can be read; it is "
              "kept with an unknown time");
}

void SpanBuilder::clear()
{
    m_attributes.clear();
    m_events.clear();
    m_links.clear();
    m_fields = {};
    m_droppedInside = false;
}

void SpanBuilder::addDropped(std::int64_t count)
{
    m_droppedInside |= count > 0;
    if (count > 0)
        m_attributes.addInteger(kDroppedAttributes, count);
}

void SpanBuilder::addEvent(const Event &event)
{
    addDropped(event.dropped);
    if (m_events.size() < kMaxChildren)
        m_events.push_back({event.ts, event.name, {event.firstAttribute, m_attributes.size()}});
}

void SpanBuilder::addLink(const Link &link)
{
    if (!link.state.empty())
        m_attributes.addText("w3c.tracestate", link.state);
    addDropped(link.dropped);
    if (m_links.size() < kMaxChildren)
        m_links.push_back({link.trace, link.span, {link.firstAttribute, m_attributes.size()}});
}

/// Facts without a column become attributes of the span, named as the OpenTelemetry translators name them.
void SpanBuilder::addExtraAttributes()
{
    const bool dropped
        = m_fields.droppedAttributes > 0 || m_fields.droppedEvents > 0 || m_fields.droppedLinks > 0;
    const bool remoteKnown = (m_fields.flags & kHasIsRemote) != 0;
    if (m_fields.statusMessage.empty() && m_fields.traceState.empty() && !dropped && !remoteKnown)
        return;
    // The span's own attributes must be the last ones to grow; events and links may lie behind them.
    if (m_fields.attributes.end != m_attributes.size()) {
        const Range own = m_fields.attributes;
        m_fields.attributes.begin = m_attributes.size();
        for (std::size_t i = own.begin; i < own.end; ++i)
            m_attributes.copy(i);
    }
    if (!m_fields.statusMessage.empty())
        m_attributes.addText("otel.status_description", m_fields.statusMessage);
    if (!m_fields.traceState.empty())
        m_attributes.addText("w3c.tracestate", m_fields.traceState);
    if (remoteKnown)
        m_attributes.addBoolean("otel.parent_is_remote", (m_fields.flags & kIsRemote) != 0);
    if (m_fields.droppedAttributes > 0)
        m_attributes.addInteger(kDroppedAttributes, m_fields.droppedAttributes);
    if (m_fields.droppedEvents > 0)
        m_attributes.addInteger("otel.dropped_events_count", m_fields.droppedEvents);
    if (m_fields.droppedLinks > 0)
        m_attributes.addInteger("otel.dropped_links_count", m_fields.droppedLinks);
    m_fields.attributes.end = m_attributes.size();
}

TraceRef SpanBuilder::traceOf(std::string_view text)
{
    if (text == m_traceText)
        return m_trace;
    m_traceText = text;
    m_traceId = parseTraceId(m_traceText);
    m_trace = m_traceId.form == TraceId::Form::Bytes ? m_sink.trace(m_traceId.bytes)
        : m_traceId.form == TraceId::Form::Text      ? m_sink.trace(utf8Prefix(text, kMaxNameBytes))
                                                     : TraceRef::None;
    return m_trace;
}

void SpanBuilder::finish(const Record &record, const Resource &resource, SetRef scope)
{
    if (m_fields.start.bad || m_fields.end.bad) {
        m_report.skip("bad-time", record.offset, record.bytes.size(), "start or end is not a number",
            record.bytes);
        return;
    }
    if (!m_fields.start.known && !m_fields.end.known) {
        m_report.skip("no-time", record.offset, record.bytes.size(), kNoTime, record.bytes);
        return;
    }
    addExtraAttributes();
    emit(resource, scope, record.offset);
}

void SpanBuilder::emit(const Resource &resource, SetRef scope, std::uint64_t offset)
{
    const AttributeList all = m_attributes.list();
    const Range range = m_fields.attributes;
    const SpanId own = parseSpanId(m_fields.spanId), parent = parseSpanId(m_fields.parentId);
    SpanRow row;
    row.track = resource.track;
    row.trace = traceOf(m_fields.traceId);
    row.key = spanKey(own);
    row.parentKey = spanKey(parent);
    row.operation = utf8Prefix(m_fields.name, kMaxNameBytes);
    row.kind = m_fields.kind;
    row.status = m_fields.status;
    row.resource = resource.set;
    row.scope = scope;
    row.attributes = all.subspan(range.begin, range.end - range.begin);
    row.httpStatus = httpStatusOf(row.attributes);
    setTimes(row, m_fields.start, m_fields.end);
    if (own.form == SpanId::Form::None)
        row.quality |= SpanNoId;
    if (m_fields.droppedAttributes > 0 || m_fields.droppedEvents > 0 || m_fields.droppedLinks > 0
        || m_droppedInside)
        row.quality |= SpanDropped;
    if (own.form == SpanId::Form::Text || parent.form == SpanId::Form::Text)
        m_report.note(IssueSeverity::Notice, "odd-span-id", offset,
            "span id \"" + std::string(utf8Prefix(m_fields.spanId, 64))
                + "\" is neither 16 hexadecimal digits nor 8 bytes of base64; kept as text");
    noteOddTraceId(m_traceId, offset, m_report);
    if (!m_fields.start.known)
        m_report.note(IssueSeverity::Notice, "no-start-time", offset, "a span has no start time");
    const SpanRef span = m_sink.span(row);
    ++m_spans;
    m_report.rowRead();
    emitChildren(span, resource, all, offset);
}

void SpanBuilder::emitChildren(SpanRef span, const Resource &resource, AttributeList all,
    std::uint64_t offset)
{
    const auto part = [&](const Range &range) { return all.subspan(range.begin, range.end - range.begin); };
    for (const KeptEvent &event : m_events) {
        if (event.ts == kUnknownNanos)
            noteEventWithoutTime(event.name, offset, m_report);
        m_sink.spanEvent({span, resource.track, event.ts, event.name, part(event.attributes)});
    }
    for (const KeptLink &link : m_links) {
        const TraceId traceId = parseTraceId(link.trace);
        noteOddTraceId(traceId, offset, m_report);
        const std::string trace = idText(traceId);
        const SpanId id = parseSpanId(link.span);
        m_sink.spanLink({span, trace, spanKey(id), part(link.attributes)});
    }
    if (m_events.size() >= kMaxChildren || m_links.size() >= kMaxChildren)
        m_report.note(IssueSeverity::DataLoss, "too-many-events", offset,
            "a span has 100,000 events or links: further ones were left out");
}

} // namespace tailscope::import::otlp
