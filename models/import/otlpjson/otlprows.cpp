// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlprows.h"

namespace tailscope::import::otlp {

namespace {

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
    Time,
    ObservedTime,
    SeverityNumber,
    SeverityText,
    Body,
    EventName,
};

/// lowerCamelCase is the rule; the names of the .proto file occur (protobuf's own printers can write them).
Key keyOf(std::string_view key)
{
    switch (key.size()) {
    case 4:
        return key == "name" ? Key::Name : key == "kind" ? Key::Kind : key == "body" ? Key::Body : Key::Other;
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
    case 9:
        return key == "eventName" ? Key::EventName : Key::Other;
    case 10:
        return key == "attributes" ? Key::Attributes
            : key == "traceState"  ? Key::TraceState
            : key == "event_name"  ? Key::EventName
                                   : Key::Other;
    case 11:
        return key == "trace_state" ? Key::TraceState : Key::Other;
    case 12:
        return key == "parentSpanId" ? Key::ParentSpanId
            : key == "timeUnixNano"  ? Key::Time
            : key == "severityText"  ? Key::SeverityText
                                     : Key::Other;
    case 13:
        return key == "severity_text" ? Key::SeverityText : Key::Other;
    case 14:
        return key == "parent_span_id" ? Key::ParentSpanId
            : key == "time_unix_nano"  ? Key::Time
            : key == "severityNumber"  ? Key::SeverityNumber
                                       : Key::Other;
    case 15:
        return key == "endTimeUnixNano" ? Key::End
            : key == "severity_number"  ? Key::SeverityNumber
                                        : Key::Other;
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
            : key == "observedTimeUnixNano"  ? Key::ObservedTime
                                             : Key::Other;
    case 22:
        return key == "droppedAttributesCount" ? Key::DroppedAttributes : Key::Other;
    case 23:
        return key == "observed_time_unix_nano" ? Key::ObservedTime : Key::Other;
    case 24:
        return key == "dropped_attributes_count" ? Key::DroppedAttributes : Key::Other;
    default:
        return Key::Other;
    }
}

simdjson::error_code readTime(ondemand::value &value, OtlpTime &time)
{
    std::string_view text;
    const auto error = readText(value, text);
    time = parseTime(text);
    return error;
}

std::string_view reasonOf(simdjson::error_code error)
{
    return error == simdjson::SUCCESS ? std::string_view() : std::string_view(simdjson::error_message(error));
}

} // namespace

std::string_view JsonRecordRows::readHead(HeadKind, const Record &record, Head &head,
    JsonAttributes &attributes)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        attributes.clear();
        head = {};
        return eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
            if (key == "name")
                return readText(value, head.name);
            if (key == "version")
                return readText(value, head.version);
            if (key == "attributes")
                return readAttributes(value, attributes, m_scratch);
            return keyOf(key) == Key::DroppedAttributes ? readCount(value, head.dropped) : simdjson::SUCCESS;
        });
    });
    head.repaired = m_parser.repaired();
    return reasonOf(error);
}

simdjson::error_code OtlpRows::readStatus(ondemand::value &value)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return eachField(object, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (key == "code") {
            std::string_view code;
            const auto error = readText(member, code);
            m_span.fields().status = parseStatus(code);
            return error;
        }
        return key == "message" ? readText(member, m_span.fields().statusMessage) : simdjson::SUCCESS;
    });
}

simdjson::error_code OtlpRows::readEvent(ondemand::object &object)
{
    SpanBuilder::Event event;
    event.firstAttribute = m_span.attributes().size();
    const auto error
        = eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              switch (keyOf(key)) {
              case Key::Time: {
                  OtlpTime time;
                  const auto failure = readTime(value, time);
                  if (time.known)
                      event.ts = time.ns;
                  return failure;
              }
              case Key::Name:
                  return readText(value, event.name);
              case Key::Attributes:
                  return readAttributes(value, m_span.attributes(), m_scratch);
              case Key::DroppedAttributes:
                  return readCount(value, event.dropped);
              default:
                  return simdjson::SUCCESS;
              }
          });
    m_span.addEvent(event);
    return error;
}

simdjson::error_code OtlpRows::readLink(ondemand::object &object)
{
    SpanBuilder::Link link;
    link.firstAttribute = m_span.attributes().size();
    const auto error
        = eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              switch (keyOf(key)) {
              case Key::TraceId:
                  return readText(value, link.trace);
              case Key::SpanId:
                  return readText(value, link.span);
              case Key::TraceState:
                  return readText(value, link.state);
              case Key::Attributes:
                  return readAttributes(value, m_span.attributes(), m_scratch);
              case Key::DroppedAttributes:
                  return readCount(value, link.dropped);
              default:
                  return simdjson::SUCCESS;
              }
          });
    m_span.addLink(link);
    return error;
}

simdjson::error_code OtlpRows::readField(std::string_view key, ondemand::value &value)
{
    SpanBuilder::Fields &fields = m_span.fields();
    std::string_view text;
    simdjson::error_code error = simdjson::SUCCESS;
    switch (keyOf(key)) {
    case Key::TraceId:
        return readText(value, fields.traceId);
    case Key::SpanId:
        return readText(value, fields.spanId);
    case Key::ParentSpanId:
        return readText(value, fields.parentId);
    case Key::Name:
        return readText(value, fields.name);
    case Key::Kind:
        error = readText(value, text);
        fields.kind = parseKind(text);
        return error;
    case Key::Start:
        return readTime(value, fields.start);
    case Key::End:
        return readTime(value, fields.end);
    case Key::Attributes:
        fields.attributes.begin = m_span.attributes().size();
        error = readAttributes(value, m_span.attributes(), m_scratch);
        fields.attributes.end = m_span.attributes().size();
        return error;
    case Key::Events:
        return eachObject(value, [this](ondemand::object &event) { return readEvent(event); });
    case Key::Links:
        return eachObject(value, [this](ondemand::object &link) { return readLink(link); });
    case Key::Status:
        return readStatus(value);
    case Key::Flags:
        return readCount(value, fields.flags);
    case Key::TraceState:
        return readText(value, fields.traceState);
    case Key::DroppedAttributes:
        return readCount(value, fields.droppedAttributes);
    case Key::DroppedEvents:
        return readCount(value, fields.droppedEvents);
    case Key::DroppedLinks:
        return readCount(value, fields.droppedLinks);
    default:
        return simdjson::SUCCESS;
    }
}

void OtlpRows::record(const Record &record, const Resource &resource, const Scope &scope)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_span.clear();
        return eachField(object,
            [this](std::string_view key, ondemand::value &value) { return readField(key, value); });
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-span", record.offset, record.bytes.size(), reasonOf(error), record.bytes);
        return;
    }
    m_span.finish(record, resource, scope.set);
    noteRepaired(m_parser.repaired(), m_span.attributes(), record.offset);
}

simdjson::error_code OtlpLogRows::readField(std::string_view key, ondemand::value &value)
{
    LogBuilder::Fields &fields = m_log.fields();
    switch (keyOf(key)) {
    case Key::Time:
        return readTime(value, fields.time);
    case Key::ObservedTime:
        return readTime(value, fields.observed);
    case Key::SeverityNumber: {
        std::string_view text;
        const auto error = readText(value, text);
        fields.severityNumber = parseSeverity(text);
        return error;
    }
    case Key::SeverityText:
        return readText(value, fields.severityText);
    case Key::TraceId:
        return readText(value, fields.traceId);
    case Key::SpanId:
        return readText(value, fields.spanId);
    case Key::EventName:
        return readText(value, fields.eventName);
    case Key::DroppedAttributes:
        return readCount(value, fields.dropped);
    case Key::Attributes:
        return readAttributes(value, m_log.attributes(), m_scratch);
    case Key::Body: {
        if (valueStart(value) != '{')
            return simdjson::SUCCESS;
        ondemand::object any;
        if (auto error = value.get_object().get(any))
            return error;
        return readAnyValue(kBody, any, m_log.attributes(), m_scratch);
    }
    default:
        return simdjson::SUCCESS;
    }
}

void OtlpLogRows::record(const Record &record, const Resource &resource, const Scope &scope)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_log.clear();
        return eachField(object,
            [this](std::string_view key, ondemand::value &value) { return readField(key, value); });
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-log", record.offset, record.bytes.size(), reasonOf(error), record.bytes);
        return;
    }
    m_log.finish(record, resource, scope);
    noteRepaired(m_parser.repaired(), m_log.attributes(), record.offset);
}

} // namespace tailscope::import::otlp
