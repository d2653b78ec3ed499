// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/zipkinjson/zipkinrows.h"

#include "base/text.h"
#include "import/common/hexids.h"
#include "import/otlpjson/otlprows.h"

#include <algorithm>

namespace tailscope::import::zipkin {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kIdDigits = 16, kTraceDigits = 32;
constexpr std::string_view kServerSuffix = "/server";

/// Zipkin compares trace ids by their right 16 digits when one side dropped the rest.
std::string_view rightHalf(std::string_view traceId)
{
    return traceId.size() == kTraceDigits ? traceId.substr(kTraceDigits - kIdDigits) : traceId;
}

bool isServerSide(const Half &half) { return half.shared || half.kind == SpanKind::Server; }

Attribute textAttribute(std::string_view key, std::string_view text)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    return attribute;
}

} // namespace

void ZipkinRows::span(const JsonFramer::Record &record)
{
    const auto error = m_span.parse(record);
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-span", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
        return;
    }
    m_span.takeTruncated(); // told when it is emitted
    if (m_span.traceId.empty() && m_span.id.empty()) {
        m_report.skip("no-span", record.offset, record.bytes.size(), "an object without the ids of a span",
            record.bytes);
        return;
    }
    m_sawSpan = true;
    ++m_taken;
    std::string buffer;
    const std::string_view trace = paddedTraceId(m_span.traceId, buffer);
    if (trace.size() == kTraceDigits)
        m_longTraceIds.try_emplace(std::string(rightHalf(trace)), trace);
    Sides &sides = m_sides[sidesKey(m_span.id)];
    for (const Half &half : m_span.halves) {
        // A record without a time is late data of either side, and makes no span.
        if (!half.start)
            continue;
        (isServerSide(half) ? sides.server : sides.caller) = true;
        if (isServerSide(half) && sides.service.empty())
            sides.service = utf8Prefix(half.local.service, kMaxNameBytes);
    }
    m_waiting.push_back({m_bytes.size(), record.bytes.size(), record.offset, record.hasEscape});
    m_bytes += record.bytes;
    if (m_bytes.size() <= kMaxBytes && m_waiting.size() < kMaxIds)
        return;
    m_report.note(IssueSeverity::Notice, "spans-apart", record.offset,
        "more than 32 MB or 200,000 spans: what is further apart than that is not seen as two sides of a "
        "call");
    release();
    if (m_sides.size() > kMaxIds)
        m_sides.clear();
    if (m_longTraceIds.size() > kMaxIds)
        m_longTraceIds.clear();
}

void ZipkinRows::release()
{
    // The parser looks past the end of a record.
    m_bytes.append(JsonFramer::kPadding, '\0');
    for (const Waiting &waiting : m_waiting) {
        JsonFramer::Record record;
        record.bytes = std::string_view(m_bytes).substr(waiting.begin, waiting.length);
        record.offset = waiting.offset;
        record.hasEscape = waiting.hasEscape;
        emit(record);
    }
    m_waiting.clear();
    m_bytes.clear();
}

void ZipkinRows::emit(const JsonFramer::Record &record)
{
    if (m_span.parse(record) != simdjson::SUCCESS)
        return; // it was parsed before it waited
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        m_report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
    };
    const bool anyTime = std::any_of(m_span.halves.begin(), m_span.halves.end(),
        [](const Half &half) { return half.start.has_value(); });
    if (m_span.badTime && !anyTime)
        return reject("bad-time", "the time stamp is no number of microseconds since 1970");
    if (!anyTime)
        return reject("no-time", "the span has neither a time stamp nor an annotation with one");
    bool isFirst = true;
    for (const Half &half : m_span.halves) {
        if (half.start)
            emitHalf(half, isFirst, record);
        isFirst = false;
    }
    m_report.rowRead();
    if (m_span.repaired())
        m_report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
    if (const std::int64_t n = m_span.takeTruncated())
        m_report.note(IssueSeverity::Notice, "attribute-truncated", record.offset,
            "an attribute longer than 64 KB or nested deeper than 64 levels was cut", n);
}

std::string ZipkinRows::sidesKey(std::string_view id)
{
    std::string traceBuffer, idBuffer;
    std::string key(rightHalf(paddedTraceId(m_span.traceId, traceBuffer)));
    key += '/';
    key += paddedHexId(utf8Prefix(id, kMaxNameBytes), kIdDigits, idBuffer);
    return key;
}

const ZipkinRows::Sides *ZipkinRows::sidesOf(std::string_view id)
{
    const auto found = m_sides.find(sidesKey(id));
    return found != m_sides.end() ? &found->second : nullptr;
}

void ZipkinRows::setKeys(SpanRow &row, const Half &half)
{
    const auto key = [](std::string_view id, bool ofServer, std::string &buffer) {
        std::string padded;
        const std::string_view text = paddedHexId(utf8Prefix(id, kMaxNameBytes), kIdDigits, padded);
        buffer = text;
        if (ofServer)
            buffer += kServerSuffix;
        return otlp::spanKey(otlp::parseSpanId(buffer));
    };
    const Sides *own = sidesOf(m_span.id);
    if (own != nullptr && own->isPair() && isServerSide(half)) {
        row.key = key(m_span.id, true, m_ownId);
        row.parentKey = key(m_span.id, false, m_parentId);
    } else {
        const Sides *parent = m_span.parentId.empty() ? nullptr : sidesOf(m_span.parentId);
        const bool belowServer
            = parent != nullptr && parent->isPair() && half.local.service == parent->service;
        row.key = key(m_span.id, false, m_ownId);
        row.parentKey = key(m_span.parentId, belowServer, m_parentId);
    }
    if (row.key.kind == SpanKey::Kind::None)
        row.quality |= SpanNoId;
}

TraceRef ZipkinRows::traceOf()
{
    std::string buffer;
    std::string_view text = paddedTraceId(utf8Prefix(m_span.traceId, kMaxNameBytes), buffer);
    if (text.size() == kIdDigits) {
        const auto whole = m_longTraceIds.find(std::string(text));
        if (whole != m_longTraceIds.end())
            text = whole->second;
    }
    const otlp::TraceId id = otlp::parseTraceId(text);
    return id.form == otlp::TraceId::Form::Bytes ? m_sink.trace(id.bytes)
        : id.form == otlp::TraceId::Form::Text   ? m_sink.trace(id.text)
                                                 : TraceRef::None;
}

TrackRef ZipkinRows::trackOf(const Half &half, SetRef &resource)
{
    const std::string_view service = utf8Prefix(half.local.service, kMaxNameBytes);
    TrackRow row;
    row.service = service.empty() ? std::string_view("unknown_service") : service;
    row.instance = utf8Prefix(half.local.address, kMaxNameBytes);
    row.shape = TrackRow::Shape::Linked;
    const TrackRef track = m_sink.track(row);
    std::vector<Attribute> facts;
    if (!service.empty())
        facts.push_back(textAttribute("service.name", service));
    if (!row.instance.empty())
        facts.push_back(textAttribute("host.ip", row.instance));
    if (!facts.empty())
        resource = m_sink.attributeSet(facts);
    return track;
}

/// A tag or annotation of version 1 belongs to the side whose service wrote it, else to the first.
bool ZipkinRows::isOf(const Endpoint &endpoint, const Half &half, bool isFirst) const
{
    if (m_span.halves.size() == 1)
        return true;
    const bool other = std::any_of(m_span.halves.begin(), m_span.halves.end(),
        [&](const Half &h) { return &h != &half && h.start && h.local.service == endpoint.service; });
    if (endpoint.service == half.local.service && !endpoint.service.empty())
        return isFirst || !other;
    return isFirst && !other;
}

void ZipkinRows::setAttributes(const Half &half, bool isFirst)
{
    m_attributes.clear();
    const AttributeList all = m_span.attributes();
    for (const ZipkinSpan::Tag &tag : m_span.tags) {
        if (!tag.isAddress && isOf(tag.endpoint, half, isFirst))
            m_attributes.push_back(all[tag.attribute]);
    }
    if (!half.remote.service.empty())
        m_attributes.push_back(textAttribute("peer.service", utf8Prefix(half.remote.service, kMaxNameBytes)));
    if (!half.remote.address.empty())
        m_attributes.push_back(
            textAttribute("network.peer.address", utf8Prefix(half.remote.address, kMaxNameBytes)));
    if (half.remote.port > 0) {
        Attribute port;
        port.key = "network.peer.port";
        port.type = AttributeType::Integer;
        port.integer = half.remote.port;
        m_attributes.push_back(port);
    }
}

void ZipkinRows::setTimes(SpanRow &row, const Half &half, std::uint64_t offset)
{
    row.startNs = *half.start;
    if (half.duration)
        row.durationNs = *half.duration;
    else
        row.quality |= half.negative ? SpanNegativeDuration : SpanNoEnd;
    if (half.badDuration)
        m_report.note(IssueSeverity::Notice, "bad-duration", offset,
            "a duration is no number that fits: it is unknown");
}

void ZipkinRows::emitHalf(const Half &half, bool isFirst, const JsonFramer::Record &record)
{
    SpanRow row;
    row.track = trackOf(half, row.resource);
    row.trace = traceOf();
    setKeys(row, half);
    row.operation = utf8Prefix(m_span.name, kMaxNameBytes);
    row.kind = half.kind;
    setTimes(row, half, record.offset);
    setAttributes(half, isFirst);
    row.attributes = m_attributes;
    row.status = m_span.error ? SpanStatus::Error : SpanStatus::Unset;
    row.httpStatus = otlp::httpStatusOf(row.attributes);
    const SpanRef span = m_sink.span(row);
    emitAnnotations(span, row.track, half, isFirst, record.offset);
}

void ZipkinRows::emitAnnotations(SpanRef span, TrackRef track, const Half &half, bool isFirst,
    std::uint64_t offset)
{
    for (const ZipkinSpan::Annotation &annotation : m_span.annotations) {
        if (annotation.isCore || !isOf(annotation.endpoint, half, isFirst))
            continue;
        SpanEventRow event;
        event.span = span;
        event.track = track;
        const auto time = parseScaledDecimal(annotation.time, kNanosPerMicro);
        event.tsNs = time && *time != 0 ? *time : kUnknownNanos;
        event.name = utf8Prefix(annotation.value, kMaxNameBytes);
        if (event.tsNs == kUnknownNanos)
            otlp::noteEventWithoutTime(event.name, offset, m_report);
        m_sink.spanEvent(event);
    }
}

} // namespace tailscope::import::zipkin
