// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpproto/otlpprotorows.h"

#include <limits>

namespace tailscope::import::otlp {

namespace {

using Wire = ProtoField::Wire;

constexpr std::string_view kBrokenFields = "its fields are cut or impossible";

OtlpTime timeOf(const ProtoField &field)
{
    OtlpTime time;
    if (field.wire != Wire::Fixed64 || field.value == 0)
        return time;
    time.known = true;
    time.clamped = field.value > static_cast<std::uint64_t>(std::numeric_limits<Nanos>::max());
    time.ns = time.clamped ? std::numeric_limits<Nanos>::max() : static_cast<Nanos>(field.value);
    return time;
}

std::int64_t countOf(const ProtoField &field)
{
    return field.wire == Wire::Varint || field.wire == Wire::Fixed32 ? field.integer() : 0;
}

SpanKind kindOf(const ProtoField &field)
{
    return parseKind(field.wire == Wire::Varint ? std::to_string(field.value) : std::string());
}

/// Span of trace.proto.
enum SpanField : std::uint32_t {
    kTraceId = 1,
    kSpanId = 2,
    kTraceState = 3,
    kParentSpanId = 4,
    kName = 5,
    kKind = 6,
    kStart = 7,
    kEnd = 8,
    kAttributes = 9,
    kDroppedCount = 10,
    kEvents = 11,
    kDroppedEvents = 12,
    kLinks = 13,
    kDroppedLinks = 14,
    kStatus = 15,
    kFlags = 16,
};

} // namespace

ProtoRecord recordKindOf(std::string_view message)
{
    ProtoFields fields(message);
    ProtoField field;
    bool traceId = false, spanId = false, name = false, data = false, body = false;
    while (fields.next(field)) {
        const bool fixed = field.wire == Wire::Fixed64;
        if (fixed && (field.number == kStart || field.number == kEnd))
            return ProtoRecord::Span;
        // time_unix_nano, observed_time_unix_nano and severity_number of a LogRecord.
        if ((fixed && (field.number == 1 || field.number == 11))
            || (field.number == 2 && field.wire == Wire::Varint))
            return ProtoRecord::Log;
        if (field.wire != Wire::Bytes)
            continue;
        traceId |= field.number == kTraceId && field.bytes.size() == 16;
        spanId |= field.number == kSpanId && field.bytes.size() == 8;
        name |= field.number == 1;
        body |= field.number == 5;
        // gauge, sum, histogram, exponential histogram, summary.
        data |= field.number == 5 || field.number == 7 || (field.number >= 9 && field.number <= 11);
    }
    if (traceId && spanId)
        return ProtoRecord::Span;
    if (name && data)
        return ProtoRecord::Metric;
    return body && !name && !fields.broken() ? ProtoRecord::Log : ProtoRecord::Unknown;
}

std::string_view OtlpProtoRows::readHead(HeadKind kind, const Record &record, Head &head,
    JsonAttributes &attributes)
{
    m_values.clear();
    const std::uint32_t first = kind == HeadKind::Resource ? 1 : 3;
    m_values.eachField(record.bytes, [&](const ProtoField &field) {
        if (kind == HeadKind::Scope && field.number == 1)
            head.name = m_values.text(field);
        else if (kind == HeadKind::Scope && field.number == 2)
            head.version = m_values.text(field);
        else if (field.number == first)
            m_values.addKeyValue(field, attributes);
        else if (field.number == first + 1)
            head.dropped = countOf(field);
    });
    head.repaired = m_values.hasRepaired();
    return m_values.isBroken() ? kBrokenFields : std::string_view();
}

void OtlpProtoRows::readEvent(std::string_view message)
{
    SpanBuilder::Event event;
    event.firstAttribute = m_span.attributes().size();
    m_values.eachField(message, [&](const ProtoField &field) {
        if (field.number == 1) {
            if (const OtlpTime time = timeOf(field); time.known)
                event.ts = time.ns;
        } else if (field.number == 2) {
            event.name = m_values.text(field);
        } else if (field.number == 3) {
            m_values.addKeyValue(field, m_span.attributes());
        } else if (field.number == 4) {
            event.dropped = countOf(field);
        }
    });
    m_span.addEvent(event);
}

void OtlpProtoRows::readLink(std::string_view message)
{
    SpanBuilder::Link link;
    link.firstAttribute = m_span.attributes().size();
    m_values.eachField(message, [&](const ProtoField &field) {
        if (field.number == 1)
            link.trace = m_values.hex(field);
        else if (field.number == 2)
            link.span = m_values.hex(field);
        else if (field.number == 3)
            link.state = m_values.text(field);
        else if (field.number == 4)
            m_values.addKeyValue(field, m_span.attributes());
        else if (field.number == 5)
            link.dropped = countOf(field);
    });
    m_span.addLink(link);
}

void OtlpProtoRows::readStatus(std::string_view message)
{
    m_values.eachField(message, [&](const ProtoField &field) {
        if (field.number == 2)
            m_span.fields().statusMessage = m_values.text(field);
        else if (field.number == 3)
            m_span.fields().status = parseStatus(std::to_string(countOf(field)));
    });
}

void OtlpProtoRows::readSpanField(const ProtoField &field)
{
    SpanBuilder::Fields &fields = m_span.fields();
    switch (field.number) {
    case kTraceId:
        fields.traceId = m_values.hex(field);
        break;
    case kSpanId:
        fields.spanId = m_values.hex(field);
        break;
    case kTraceState:
        fields.traceState = m_values.text(field);
        break;
    case kParentSpanId:
        fields.parentId = m_values.hex(field);
        break;
    case kName:
        fields.name = m_values.text(field);
        break;
    case kKind:
        fields.kind = kindOf(field);
        break;
    case kStart:
        fields.start = timeOf(field);
        break;
    case kEnd:
        fields.end = timeOf(field);
        break;
    case kDroppedCount:
        fields.droppedAttributes = countOf(field);
        break;
    case kDroppedEvents:
        fields.droppedEvents = countOf(field);
        break;
    case kDroppedLinks:
        fields.droppedLinks = countOf(field);
        break;
    case kFlags:
        fields.flags = countOf(field);
        break;
    default:
        break;
    }
}

/// Attributes first: those of a span must lie side by side, and its fields come in any order.
void OtlpProtoRows::readSpan(std::string_view message)
{
    m_span.clear();
    m_values.eachField(message, [&](const ProtoField &field) {
        if (field.number == kAttributes)
            m_values.addKeyValue(field, m_span.attributes());
    });
    m_span.fields().attributes.end = m_span.attributes().size();
    m_values.eachField(message, [&](const ProtoField &field) {
        readSpanField(field);
        if (field.wire != Wire::Bytes)
            return;
        if (field.number == kEvents)
            readEvent(field.bytes);
        else if (field.number == kLinks)
            readLink(field.bytes);
        else if (field.number == kStatus)
            readStatus(field.bytes);
    });
}

/// LogRecord of logs.proto.
void OtlpProtoRows::readLog(std::string_view message)
{
    m_log.clear();
    LogBuilder::Fields &fields = m_log.fields();
    m_values.eachField(message, [&](const ProtoField &field) {
        switch (field.number) {
        case 1:
            fields.time = timeOf(field);
            break;
        case 2:
            fields.severityNumber = parseSeverity(std::to_string(countOf(field)));
            break;
        case 3:
            fields.severityText = m_values.text(field);
            break;
        case 5:
            if (field.wire == Wire::Bytes)
                m_values.addAny(kBody, field.bytes, m_log.attributes());
            break;
        case 6:
            m_values.addKeyValue(field, m_log.attributes());
            break;
        case 7:
            fields.dropped = countOf(field);
            break;
        case 9:
            fields.traceId = m_values.hex(field);
            break;
        case 10:
            fields.spanId = m_values.hex(field);
            break;
        case 11:
            fields.observed = timeOf(field);
            break;
        case 12:
            fields.eventName = m_values.text(field);
            break;
        default:
            break;
        }
    });
}

void OtlpProtoRows::record(const Record &record, const Resource &resource, const Scope &scope)
{
    m_values.clear();
    const ProtoRecord kind = recordKindOf(record.bytes);
    std::string_view reason = kBrokenFields;
    switch (kind) {
    case ProtoRecord::Metric:
        if (m_metrics++ == 0)
            m_report.note(IssueSeverity::Notice, "metrics-not-read", record.offset,
                "the file holds metrics, which this version does not read");
        return;
    case ProtoRecord::Span:
        readSpan(record.bytes);
        break;
    case ProtoRecord::Log:
        readLog(record.bytes);
        break;
    case ProtoRecord::Unknown:
        reason = "it is neither a span nor a log record";
        break;
    }
    if (kind == ProtoRecord::Unknown || m_values.isBroken()) {
        m_report.skip(kind == ProtoRecord::Log ? "malformed-log" : "malformed-span", record.offset,
            record.bytes.size(), reason, record.bytes);
        return;
    }
    if (kind == ProtoRecord::Span)
        m_span.finish(record, resource, scope.set);
    else
        m_log.finish(record, resource, scope);
    noteRepaired(m_values.hasRepaired(), kind == ProtoRecord::Span ? m_span.attributes() : m_log.attributes(),
        record.offset);
}

} // namespace tailscope::import::otlp
