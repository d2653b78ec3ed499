// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlprows.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::otlp {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kMaxChildren = 100'000; ///< events and links a span
constexpr std::size_t kMaxCachedBytes = 64 * 1024;
constexpr std::size_t kShortTraceIdDigits = 16; ///< of 64-bit ids
// Bits of Span.flags (trace.proto): whether the parent's place is known, and that it is another process.
constexpr std::int64_t kHasIsRemote = 0x100, kIsRemote = 0x200;

const Attribute *find(AttributeList attributes, std::string_view key)
{
    const auto found = std::find_if(attributes.begin(), attributes.end(),
        [&](const Attribute &attribute) { return attribute.key == key; });
    return found != attributes.end() ? &*found : nullptr;
}

std::string textOf(AttributeList attributes, std::string_view key)
{
    const Attribute *attribute = find(attributes, key);
    if (attribute == nullptr)
        return {};
    if (attribute->type == AttributeType::Integer)
        return std::to_string(attribute->integer);
    return std::string(utf8Prefix(attribute->text, kMaxNameBytes));
}

enum class Key : std::uint8_t {
    Other,
    TraceId,
    SpanId,
    ParentSpanId,
    Name,
    Kind,
    Start,
    End,
    Attributes,
    Events,
    Links,
    Status,
    Flags,
    TraceState,
    DroppedAttributes,
    DroppedEvents,
    DroppedLinks,
};

/// lowerCamelCase is the rule; the names of the .proto file occur (protobuf's own printers can write them).
Key keyOf(std::string_view key)
{
    switch (key.size()) {
    case 4:
        return key == "name" ? Key::Name : key == "kind" ? Key::Kind : Key::Other;
    case 5:
        return key == "links" ? Key::Links : key == "flags" ? Key::Flags : Key::Other;
    case 6:
        return key == "spanId" ? Key::SpanId
            : key == "events"  ? Key::Events
            : key == "status"  ? Key::Status
                               : Key::Other;
    case 7:
        return key == "traceId" ? Key::TraceId : key == "span_id" ? Key::SpanId : Key::Other;
    case 8:
        return key == "trace_id" ? Key::TraceId : Key::Other;
    case 10:
        return key == "attributes" ? Key::Attributes : key == "traceState" ? Key::TraceState : Key::Other;
    case 11:
        return key == "trace_state" ? Key::TraceState : Key::Other;
    case 12:
        return key == "parentSpanId" ? Key::ParentSpanId : Key::Other;
    case 14:
        return key == "parent_span_id" ? Key::ParentSpanId : Key::Other;
    case 15:
        return key == "endTimeUnixNano" ? Key::End : Key::Other;
    case 17:
        return key == "startTimeUnixNano" ? Key::Start
            : key == "droppedLinksCount"  ? Key::DroppedLinks
                                          : Key::Other;
    case 18:
        return key == "end_time_unix_nano" ? Key::End
            : key == "droppedEventsCount"  ? Key::DroppedEvents
                                           : Key::Other;
    case 19:
        return key == "dropped_links_count" ? Key::DroppedLinks : Key::Other;
    case 20:
        return key == "start_time_unix_nano" ? Key::Start
            : key == "dropped_events_count"  ? Key::DroppedEvents
                                             : Key::Other;
    case 22:
        return key == "droppedAttributesCount" ? Key::DroppedAttributes : Key::Other;
    case 24:
        return key == "dropped_attributes_count" ? Key::DroppedAttributes : Key::Other;
    default:
        return Key::Other;
    }
}

} // namespace

Resource makeResource(AttributeList attributes, RowSink &sink)
{
    std::string service = textOf(attributes, "service.name");
    if (service.empty())
        service = "unknown_service";
    std::string instance;
    for (const std::string_view key : {"service.instance.id", "k8s.pod.name", "host.name", "container.id"}) {
        if (instance.empty())
            instance = textOf(attributes, key);
    }
    std::string process = textOf(attributes, "process.executable.name");
    if (const std::string pid = textOf(attributes, "process.pid"); !pid.empty())
        process = process.empty() ? "pid " + pid : process + " (pid " + pid + ")";
    TrackRow row;
    row.process = process;
    row.service = service;
    row.instance = instance;
    row.shape = TrackRow::Shape::Linked;
    Resource resource;
    resource.track = sink.track(row);
    if (!attributes.empty())
        resource.set = sink.attributeSet(attributes);
    return resource;
}

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

void OtlpRows::noteRepaired(const JsonFramer::Record &record)
{
    if (m_parser.repaired())
        m_report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
    if (const std::int64_t n = m_attributes.takeTruncated())
        m_report.note(IssueSeverity::Notice, "attribute-truncated", record.offset,
            "an attribute longer than 64 KB or nested deeper than 32 levels was cut", n);
}

Resource OtlpRows::noResource()
{
    if (m_noResource.track == TrackRef::None)
        m_noResource = makeResource({}, m_sink);
    return m_noResource;
}

Resource OtlpRows::resource(const JsonFramer::Record &record)
{
    if (m_resource.track != TrackRef::None && record.bytes == m_resourceBytes)
        return m_resource;
    std::int64_t dropped = 0;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        m_attributes.clear();
        return eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
            if (key == "attributes")
                return readAttributes(value, m_attributes, m_scratch);
            return keyOf(key) == Key::DroppedAttributes ? readCount(value, dropped) : simdjson::SUCCESS;
        });
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-resource", record.offset, record.bytes.size(),
            simdjson::error_message(error), record.bytes);
        return noResource();
    }
    if (dropped > 0)
        m_attributes.addInteger(kDroppedAttributes, dropped);
    m_resource = makeResource(m_attributes.list(), m_sink);
    noteRepaired(record);
    if (record.bytes.size() <= kMaxCachedBytes)
        m_resourceBytes = record.bytes;
    else
        m_resourceBytes.clear();
    return m_resource;
}

SetRef OtlpRows::scope(const JsonFramer::Record &record)
{
    if (!m_scopeBytes.empty() && record.bytes == m_scopeBytes)
        return m_scope;
    std::string_view name, version;
    std::int64_t dropped = 0;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        m_attributes.clear();
        return eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
            if (key == "name")
                return readText(value, name);
            if (key == "version")
                return readText(value, version);
            if (key == "attributes")
                return readAttributes(value, m_attributes, m_scratch);
            return keyOf(key) == Key::DroppedAttributes ? readCount(value, dropped) : simdjson::SUCCESS;
        });
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-scope", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
        return SetRef::None;
    }
    if (!name.empty())
        m_attributes.addText("otel.scope.name", name);
    if (!version.empty())
        m_attributes.addText("otel.scope.version", version);
    if (dropped > 0)
        m_attributes.addInteger(kDroppedAttributes, dropped);
    const AttributeList list = m_attributes.list();
    m_scope = list.empty() ? SetRef::None : m_sink.attributeSet(list);
    noteRepaired(record);
    if (record.bytes.size() <= kMaxCachedBytes)
        m_scopeBytes = record.bytes;
    else
        m_scopeBytes.clear();
    return m_scope;
}

simdjson::error_code OtlpRows::readTime(ondemand::value &value, OtlpTime &time)
{
    std::string_view text;
    const auto error = readText(value, text);
    time = parseTime(text);
    return error;
}

simdjson::error_code OtlpRows::readStatus(ondemand::value &value)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return eachField(object, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (key == "code")
            return readText(member, m_fields.status);
        return key == "message" ? readText(member, m_fields.statusMessage) : simdjson::SUCCESS;
    });
}

simdjson::error_code OtlpRows::readEvent(ondemand::object &object)
{
    Event event;
    std::int64_t dropped = 0;
    event.attributes.begin = m_attributes.size();
    const auto error
        = eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              if (key == "timeUnixNano" || key == "time_unix_nano") {
                  OtlpTime time;
                  const auto failure = readTime(value, time);
                  if (time.known)
                      event.ts = time.ns;
                  return failure;
              }
              if (key == "name")
                  return readText(value, event.name);
              if (key == "attributes")
                  return readAttributes(value, m_attributes, m_scratch);
              return keyOf(key) == Key::DroppedAttributes ? readCount(value, dropped) : simdjson::SUCCESS;
          });
    m_fields.droppedInside |= dropped > 0;
    if (dropped > 0)
        m_attributes.addInteger(kDroppedAttributes, dropped);
    event.attributes.end = m_attributes.size();
    if (m_events.size() < kMaxChildren)
        m_events.push_back(event);
    return error;
}

simdjson::error_code OtlpRows::readLink(ondemand::object &object)
{
    Link link;
    std::int64_t dropped = 0;
    std::string_view state;
    link.attributes.begin = m_attributes.size();
    const auto error
        = eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              switch (keyOf(key)) {
              case Key::TraceId:
                  return readText(value, link.trace);
              case Key::SpanId:
                  return readText(value, link.span);
              case Key::TraceState:
                  return readText(value, state);
              case Key::Attributes:
                  return readAttributes(value, m_attributes, m_scratch);
              case Key::DroppedAttributes:
                  return readCount(value, dropped);
              default:
                  return simdjson::SUCCESS;
              }
          });
    m_fields.droppedInside |= dropped > 0;
    if (!state.empty())
        m_attributes.addText("w3c.tracestate", state);
    if (dropped > 0)
        m_attributes.addInteger(kDroppedAttributes, dropped);
    link.attributes.end = m_attributes.size();
    if (m_links.size() < kMaxChildren)
        m_links.push_back(link);
    return error;
}

simdjson::error_code OtlpRows::readSpan(ondemand::object &object)
{
    return eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
        switch (keyOf(key)) {
        case Key::TraceId:
            return readText(value, m_fields.traceId);
        case Key::SpanId:
            return readText(value, m_fields.spanId);
        case Key::ParentSpanId:
            return readText(value, m_fields.parentId);
        case Key::Name:
            return readText(value, m_fields.name);
        case Key::Kind:
            return readText(value, m_fields.kind);
        case Key::Start:
            return readTime(value, m_fields.start);
        case Key::End:
            return readTime(value, m_fields.end);
        case Key::Attributes: {
            m_fields.attributes.begin = m_attributes.size();
            const auto error = readAttributes(value, m_attributes, m_scratch);
            m_fields.attributes.end = m_attributes.size();
            return error;
        }
        case Key::Events:
            return eachObject(value, [this](ondemand::object &event) { return readEvent(event); });
        case Key::Links:
            return eachObject(value, [this](ondemand::object &link) { return readLink(link); });
        case Key::Status:
            return readStatus(value);
        case Key::Flags:
            return readCount(value, m_fields.flags);
        case Key::TraceState:
            return readText(value, m_fields.traceState);
        case Key::DroppedAttributes:
            return readCount(value, m_fields.droppedAttributes);
        case Key::DroppedEvents:
            return readCount(value, m_fields.droppedEvents);
        case Key::DroppedLinks:
            return readCount(value, m_fields.droppedLinks);
        case Key::Other:
            break;
        }
        return simdjson::SUCCESS;
    });
}

/// Facts without a column become attributes of the span, named as the OpenTelemetry translators name them.
void OtlpRows::addExtraAttributes()
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

TraceRef OtlpRows::traceOf(std::string_view text)
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

void OtlpRows::span(const JsonFramer::Record &record, const Resource &resource, SetRef scope)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_attributes.clear();
        m_events.clear();
        m_links.clear();
        m_fields = {};
        return readSpan(object);
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-span", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
        return;
    }
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
    noteRepaired(record);
}

void OtlpRows::emit(const Resource &resource, SetRef scope, std::uint64_t offset)
{
    const AttributeList all = m_attributes.list();
    const auto part = [&](const Range &range) { return all.subspan(range.begin, range.end - range.begin); };
    const SpanId own = parseSpanId(m_fields.spanId), parent = parseSpanId(m_fields.parentId);
    SpanRow row;
    row.track = resource.track;
    row.trace = traceOf(m_fields.traceId);
    row.key = spanKey(own);
    row.parentKey = spanKey(parent);
    row.operation = utf8Prefix(m_fields.name, kMaxNameBytes);
    row.kind = parseKind(m_fields.kind);
    row.status = parseStatus(m_fields.status);
    row.resource = resource.set;
    row.scope = scope;
    row.attributes = part(m_fields.attributes);
    row.httpStatus = httpStatusOf(row.attributes);
    setTimes(row, m_fields.start, m_fields.end);
    if (own.form == SpanId::Form::None)
        row.quality |= SpanNoId;
    if (m_fields.droppedAttributes > 0 || m_fields.droppedEvents > 0 || m_fields.droppedLinks > 0
        || m_fields.droppedInside)
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
    for (const Event &event : m_events) {
        if (event.ts == kUnknownNanos)
            noteEventWithoutTime(event.name, offset, m_report);
        SpanEventRow e;
        e.span = span;
        e.track = resource.track;
        e.tsNs = event.ts;
        e.name = event.name;
        e.attributes = part(event.attributes);
        m_sink.spanEvent(e);
    }
    for (const Link &link : m_links) {
        const TraceId traceId = parseTraceId(link.trace);
        noteOddTraceId(traceId, offset, m_report);
        const std::string trace = idText(traceId);
        const SpanId id = parseSpanId(link.span);
        SpanLinkRow l;
        l.span = span;
        l.linkedTraceKey = trace;
        l.linkedSpanKey = spanKey(id);
        l.attributes = part(link.attributes);
        m_sink.spanLink(l);
    }
    if (m_events.size() >= kMaxChildren || m_links.size() >= kMaxChildren)
        m_report.note(IssueSeverity::DataLoss, "too-many-events", offset,
            "a span has 100,000 events or links: further ones were left out");
}

} // namespace tailscope::import::otlp
