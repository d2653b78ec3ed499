// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otelconsole.h"

#include "import/common/jsonkeys.h"
#include "import/importer.h"
#include "import/otlpjson/jsobject.h"
#include "import/otlpjson/jsoutput.h"
#include "import/otlpjson/otlpspan.h"

#include "base/text.h"

#include <vector>

namespace tailscope::import::otlp {

namespace {

using Status = JsonFramer::Status;

struct Range
{
    std::size_t begin = 0, end = 0;
};

struct ConsoleEvent
{
    Nanos ts = kUnknownNanos;
    std::string_view name;
    Range attributes;
};

struct ConsoleLink
{
    std::string_view trace, span;
    Range attributes;
};

/// One printed span. Go writes Name, Python name: keys are compared without their case.
struct ConsoleSpan
{
    std::string_view name, trace, span, parent, kind, start, end, status, statusMessage;
    std::string_view scopeName, scopeVersion;
    // JavaScript: times as microseconds or [seconds, nanoseconds].
    OtlpTime jsStart, jsEnd;
    Nanos jsDuration = kUnknownNanos;
    bool javaScript = false;
    std::int64_t droppedAttributes = 0, droppedEvents = 0, droppedLinks = 0;
    bool droppedInside = false; ///< an event or link says that it lost attributes
    Range attributes, resource;
    std::vector<ConsoleEvent> events;
    std::vector<ConsoleLink> links;
};

std::string_view withoutHexPrefix(std::string_view id)
{
    return startsWithNoCase(id, "0x") ? id.substr(2) : id;
}

OtlpTime timeOf(std::string_view text)
{
    OtlpTime time;
    const auto parsed = parseTimestamp(text);
    // Go prints the zero time of a span that has not ended as year 1.
    if (!parsed || parsed->ns <= 0)
        return time;
    time.ns = parsed->ns;
    time.known = true;
    return time;
}

class ConsoleReader
{
public:
    ConsoleReader(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void record(const JsonFramer::Record &record);
    /// An object that Node.js printed.
    void jsRecord(const JsonFramer::Record &record);
    std::int64_t spans() const { return m_spans; }

private:
    simdjson::error_code readSpan(ondemand::object &object);
    simdjson::error_code readContext(ondemand::value &value, std::string_view &trace, std::string_view &span);
    simdjson::error_code readAttributes(ondemand::value &value, Range &range);
    void addDropped(std::int64_t count, Range &range);
    simdjson::error_code readGoAttribute(ondemand::object &pair);
    simdjson::error_code readResource(ondemand::value &value);
    simdjson::error_code readEvents(ondemand::value &value);
    simdjson::error_code readLinks(ondemand::value &value);
    simdjson::error_code readStatus(ondemand::value &value);
    simdjson::error_code readScope(ondemand::value &value);
    simdjson::error_code readJsTime(ondemand::value &value, Nanos &ns);
    simdjson::error_code readJsField(std::string_view key, ondemand::value &value);
    void finish(simdjson::error_code error, const JsonFramer::Record &record);
    OtlpTime startTime() const { return m_span.javaScript ? m_span.jsStart : timeOf(m_span.start); }
    OtlpTime endTime() const { return m_span.javaScript ? m_span.jsEnd : timeOf(m_span.end); }
    void emit(std::uint64_t offset);

    RowSink &m_sink;
    ImportReport &m_report;
    JsonRecordParser m_parser;
    JsonAttributes m_attributes;
    ConsoleSpan m_span;
    std::string m_json; ///< of an object that was not JSON
    std::int64_t m_spans = 0;
};

bool isKey(std::string_view key, std::string_view go, std::string_view python)
{
    return key == go || key == python;
}

/// The fields of an object value; of anything else none.
template<typename Take>
simdjson::error_code eachMember(ondemand::value &value, Take &&take)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return eachField(object, take);
}

simdjson::error_code ConsoleReader::readContext(ondemand::value &value, std::string_view &trace,
    std::string_view &span)
{
    return eachMember(value, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (isKey(key, "TraceID", "trace_id") || key == "traceId")
            return readText(member, trace);
        return isKey(key, "SpanID", "span_id") || key == "spanId" ? readText(member, span)
                                                                  : simdjson::SUCCESS;
    });
}

/// {"Key":"http.method","Value":{"Type":"STRING","Value":"GET"}}
simdjson::error_code ConsoleReader::readGoAttribute(ondemand::object &pair)
{
    std::string_view name;
    const std::size_t before = m_attributes.size();
    const auto error
        = eachField(pair, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
              if (key == "Key")
                  return readText(member, name);
              if (key != "Value" || m_attributes.size() > before)
                  return simdjson::SUCCESS;
              if (valueStart(member) != '{')
                  return m_attributes.add(name, member);
              return eachMember(member,
                  [&](std::string_view inner, ondemand::value &plain) -> simdjson::error_code {
                      return inner == "Value" ? m_attributes.add(name, plain) : simdjson::SUCCESS;
                  });
          });
    if (m_attributes.size() > before)
        m_attributes.setLastKey(name);
    return error;
}

/// Go: array of Key and Value; Python: a plain object.
simdjson::error_code ConsoleReader::readAttributes(ondemand::value &value, Range &range)
{
    range.begin = m_attributes.size();
    simdjson::error_code error = simdjson::SUCCESS;
    if (valueStart(value) == '[')
        error = eachObject(value, [&](ondemand::object &pair) { return readGoAttribute(pair); });
    else
        error = eachMember(value,
            [&](std::string_view key, ondemand::value &member) { return m_attributes.add(key, member); });
    range.end = m_attributes.size();
    return error;
}

/// The count behind the attributes of the event or link that was read last.
void ConsoleReader::addDropped(std::int64_t count, Range &range)
{
    if (count <= 0)
        return;
    m_span.droppedInside = true;
    if (range.begin == range.end)
        range.begin = m_attributes.size();
    m_attributes.addInteger(kDroppedAttributes, count);
    range.end = m_attributes.size();
}

simdjson::error_code ConsoleReader::readResource(ondemand::value &value)
{
    if (valueStart(value) == '[')
        return readAttributes(value, m_span.resource);
    return eachMember(value, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        return isKey(key, "Attributes", "attributes") ? readAttributes(member, m_span.resource)
                                                      : simdjson::SUCCESS;
    });
}

simdjson::error_code ConsoleReader::readEvents(ondemand::value &value)
{
    return eachObject(value, [&](ondemand::object &object) {
        ConsoleEvent event;
        std::int64_t dropped = 0;
        const auto error
            = eachField(object, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                  if (isKey(key, "Name", "name"))
                      return readText(member, event.name);
                  if (isKey(key, "Time", "timestamp")) {
                      std::string_view text;
                      const auto failure = readText(member, text);
                      if (const OtlpTime time = timeOf(text); time.known)
                          event.ts = time.ns;
                      return failure;
                  }
                  if (key == "time")
                      return readJsTime(member, event.ts);
                  if (isKey(key, "DroppedAttributeCount", "droppedAttributesCount"))
                      return readCount(member, dropped);
                  return isKey(key, "Attributes", "attributes") ? readAttributes(member, event.attributes)
                                                                : simdjson::SUCCESS;
              });
        addDropped(dropped, event.attributes);
        m_span.events.push_back(event);
        return error;
    });
}

simdjson::error_code ConsoleReader::readLinks(ondemand::value &value)
{
    return eachObject(value, [&](ondemand::object &object) {
        ConsoleLink link;
        std::int64_t dropped = 0;
        const auto error
            = eachField(object, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                  if (isKey(key, "SpanContext", "context"))
                      return readContext(member, link.trace, link.span);
                  if (isKey(key, "DroppedAttributeCount", "droppedAttributesCount"))
                      return readCount(member, dropped);
                  return isKey(key, "Attributes", "attributes") ? readAttributes(member, link.attributes)
                                                                : simdjson::SUCCESS;
              });
        addDropped(dropped, link.attributes);
        m_span.links.push_back(link);
        return error;
    });
}

simdjson::error_code ConsoleReader::readStatus(ondemand::value &value)
{
    return eachMember(value, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (isKey(key, "Code", "status_code") || key == "code")
            return readText(member, m_span.status);
        return isKey(key, "Description", "description") || key == "message"
            ? readText(member, m_span.statusMessage)
            : simdjson::SUCCESS;
    });
}

simdjson::error_code ConsoleReader::readScope(ondemand::value &value)
{
    return eachMember(value, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (isKey(key, "Name", "name"))
            return readText(member, m_span.scopeName);
        return isKey(key, "Version", "version") ? readText(member, m_span.scopeVersion) : simdjson::SUCCESS;
    });
}

simdjson::error_code ConsoleReader::readSpan(ondemand::object &object)
{
    std::string_view unused;
    return eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
        if (isKey(key, "Name", "name"))
            return readText(value, m_span.name);
        if (isKey(key, "SpanContext", "context"))
            return readContext(value, m_span.trace, m_span.span);
        if (key == "Parent")
            return readContext(value, unused, m_span.parent);
        if (key == "parent_id")
            return readText(value, m_span.parent);
        if (isKey(key, "SpanKind", "kind"))
            return readText(value, m_span.kind);
        if (isKey(key, "StartTime", "start_time"))
            return readText(value, m_span.start);
        if (isKey(key, "EndTime", "end_time"))
            return readText(value, m_span.end);
        if (isKey(key, "Status", "status"))
            return readStatus(value);
        if (isKey(key, "Attributes", "attributes"))
            return readAttributes(value, m_span.attributes);
        if (isKey(key, "Events", "events"))
            return readEvents(value);
        if (isKey(key, "Links", "links"))
            return readLinks(value);
        if (isKey(key, "Resource", "resource"))
            return readResource(value);
        if (key == "InstrumentationLibrary" || key == "InstrumentationScope" || key == "instrumentation_scope"
            || key == "instrumentationScope" || key == "instrumentationLibrary")
            return readScope(value);
        if (key == "DroppedAttributes")
            return readCount(value, m_span.droppedAttributes);
        if (key == "DroppedEvents")
            return readCount(value, m_span.droppedEvents);
        if (key == "DroppedLinks")
            return readCount(value, m_span.droppedLinks);
        return m_span.javaScript ? readJsField(key, value) : simdjson::SUCCESS;
    });
}

/// A number of microseconds, or [seconds, nanoseconds].
simdjson::error_code ConsoleReader::readJsTime(ondemand::value &value, Nanos &ns)
{
    std::string_view text;
    if (valueStart(value) != '[') {
        const auto error = readText(value, text);
        ns = parseScaledDecimal(text, 1000).value_or(kUnknownNanos);
        return error;
    }
    ondemand::array array;
    if (auto error = value.get_array().get(array))
        return error;
    Nanos parts[2] = {kUnknownNanos, 0};
    std::size_t count = 0;
    for (auto item : array) {
        ondemand::value element;
        if (auto error = std::move(item).get(element))
            return error;
        if (auto error = readText(element, text))
            return error;
        if (count < 2)
            parts[count] = parseScaledDecimal(text, count == 0 ? 1'000'000'000 : 1).value_or(kUnknownNanos);
        ++count;
    }
    const bool known = count == 2 && parts[0] != kUnknownNanos && parts[1] != kUnknownNanos;
    ns = known ? saturatingAdd(parts[0], parts[1]) : kUnknownNanos;
    return simdjson::SUCCESS;
}

simdjson::error_code ConsoleReader::readJsField(std::string_view key, ondemand::value &value)
{
    std::string_view unused;
    if (key == "traceId")
        return readText(value, m_span.trace);
    if (key == "id" || key == "spanId")
        return readText(value, m_span.span);
    if (key == "parentId" || key == "parentSpanId")
        return readText(value, m_span.parent);
    if (key == "parentSpanContext")
        return readContext(value, unused, m_span.parent);
    if (key == "spanContext" || key == "_spanContext")
        return readContext(value, m_span.trace, m_span.span);
    const bool start = key == "timestamp" || key == "startTime", end = key == "endTime";
    if (start || end) {
        OtlpTime &time = start ? m_span.jsStart : m_span.jsEnd;
        const auto error = readJsTime(value, time.ns);
        time.known = time.ns != kUnknownNanos && time.ns > 0;
        return error;
    }
    return key == "duration" || key == "_duration" ? readJsTime(value, m_span.jsDuration) : simdjson::SUCCESS;
}

void ConsoleReader::emit(std::uint64_t offset)
{
    const AttributeList all = m_attributes.list();
    const auto part = [&](const Range &range) { return all.subspan(range.begin, range.end - range.begin); };
    const Resource resource = makeResource(part(m_span.resource), m_sink);
    const TraceId trace = parseTraceId(withoutHexPrefix(m_span.trace));
    const SpanId own = parseSpanId(withoutHexPrefix(m_span.span));
    const SpanId parent = parseSpanId(withoutHexPrefix(m_span.parent));

    std::vector<Attribute> scope;
    if (!m_span.scopeName.empty())
        scope.push_back({"otel.scope.name", AttributeType::Text, m_span.scopeName, 0, 0});
    if (!m_span.scopeVersion.empty())
        scope.push_back({"otel.scope.version", AttributeType::Text, m_span.scopeVersion, 0, 0});
    std::vector<Attribute> attributes(part(m_span.attributes).begin(), part(m_span.attributes).end());
    if (!m_span.statusMessage.empty())
        attributes.push_back({"otel.status_description", AttributeType::Text, m_span.statusMessage, 0, 0});
    bool dropped = m_span.droppedInside;
    const auto addCount = [&](std::string_view key, std::int64_t count) {
        dropped |= count > 0;
        if (count > 0)
            attributes.push_back({key, AttributeType::Integer, {}, count, 0});
    };
    addCount(kDroppedAttributes, m_span.droppedAttributes);
    addCount("otel.dropped_events_count", m_span.droppedEvents);
    addCount("otel.dropped_links_count", m_span.droppedLinks);
    noteOddTraceId(trace, offset, m_report);

    SpanRow row;
    row.track = resource.track;
    row.resource = resource.set;
    row.scope = scope.empty() ? SetRef::None : m_sink.attributeSet(scope);
    if (trace.form == TraceId::Form::Bytes)
        row.trace = m_sink.trace(trace.bytes);
    else if (trace.form == TraceId::Form::Text)
        row.trace = m_sink.trace(trace.text);
    row.key = spanKey(own);
    row.parentKey = spanKey(parent);
    row.operation = m_span.name;
    // JavaScript counts the kinds from INTERNAL = 0.
    const auto jsKind = m_span.javaScript ? parseInt64(m_span.kind) : std::nullopt;
    row.kind = jsKind && *jsKind >= 0 && *jsKind < 5 ? parseKind(std::to_string(*jsKind + 1))
                                                     : parseKind(m_span.kind);
    row.status = parseStatus(m_span.status);
    row.attributes = attributes;
    row.httpStatus = httpStatusOf(attributes);
    setTimes(row, startTime(), endTime());
    row.quality |= own.form == SpanId::Form::None ? SpanNoId : SpanQualityNone;
    row.quality |= dropped ? SpanDropped : SpanQualityNone;
    const SpanRef span = m_sink.span(row);
    ++m_spans;
    m_report.rowRead();
    for (const ConsoleEvent &event : m_span.events) {
        if (event.ts == kUnknownNanos)
            noteEventWithoutTime(event.name, offset, m_report);
        m_sink.spanEvent({span, resource.track, event.ts, event.name, part(event.attributes)});
    }
    for (const ConsoleLink &link : m_span.links) {
        const std::string linked = idText(parseTraceId(withoutHexPrefix(link.trace)));
        const SpanId id = parseSpanId(withoutHexPrefix(link.span));
        m_sink.spanLink({span, linked, spanKey(id), part(link.attributes)});
    }
}

void ConsoleReader::record(const JsonFramer::Record &record)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_attributes.clear();
        m_span = {};
        return readSpan(object);
    });
    finish(error, record);
}

void ConsoleReader::jsRecord(const JsonFramer::Record &record)
{
    if (!jsObjectToJson(record.bytes, m_json)) {
        m_report.skip("malformed-span", record.offset, record.bytes.size(), "its brackets do not match",
            record.bytes);
        return;
    }
    const std::size_t size = m_json.size();
    m_json.append(JsonFramer::kPadding, '\0');
    const auto error
        = m_parser.parse(std::string_view(m_json).substr(0, size), true, [this](ondemand::object &object) {
              m_attributes.clear();
              m_span = {};
              m_span.javaScript = true;
              return readSpan(object);
          });
    if (!m_span.jsEnd.known && m_span.jsStart.known && m_span.jsDuration != kUnknownNanos) {
        m_span.jsEnd = m_span.jsStart;
        m_span.jsEnd.ns = saturatingAdd(m_span.jsStart.ns, m_span.jsDuration);
    }
    finish(error, record);
}

void ConsoleReader::finish(simdjson::error_code error, const JsonFramer::Record &record)
{
    if (error == simdjson::SUCCESS && !m_span.trace.empty()) {
        if (startTime().known || endTime().known)
            emit(record.offset);
        else
            m_report.skip("no-time", record.offset, record.bytes.size(), kNoTime, record.bytes);
        return;
    }
    m_report.skip("malformed-span", record.offset, record.bytes.size(),
        error == simdjson::SUCCESS ? "an object that is no span" : simdjson::error_message(error),
        record.bytes);
}

} // namespace

bool isConsoleOutput(std::string_view prefix)
{
    if (isJsConsoleOutput(prefix))
        return true;
    JsonKeyScan scan(prefix);
    JsonKey key;
    const int top = firstSignificant(prefix) == '[' ? 2 : 1;
    bool context = false, python = false;
    while (scan.next(key)) {
        if (key.depth == top && key.name == "SpanContext")
            return true;
        if (key.depth == top && key.name == "context" && key.valueStart == '{')
            context = true;
        python |= context && key.depth == top + 1 && key.name == "trace_id";
        if (python && key.depth == top
            && (key.name == "start_time" || key.name == "parent_id" || key.name == "kind"))
            return true;
    }
    return false;
}

Result<void> readConsoleOutput(JsonFramer &framer, const std::string &name, RowSink &sink,
    ImportReport &report)
{
    ConsoleReader reader(sink, report);
    const bool javaScript = isJsConsoleOutput(framer.prefetch(kSniffBytes));
    if (javaScript)
        eachJsObject(framer, report, [&](const JsonFramer::Record &record) { reader.jsRecord(record); });
    while (!javaScript) {
        const int c = framer.peekPast(',');
        if (c == -1)
            break;
        if (c == '[' || c == ']') {
            framer.take();
            continue;
        }
        const JsonFramer::Record record = framer.record();
        if (record.status == Status::Complete && c == '{') {
            reader.record(record);
            continue;
        }
        if (record.status == Status::Complete) {
            // Lines of a log around the spans.
            report.note(IssueSeverity::Info, "not-a-span", record.offset,
                "text between the spans was passed over");
            if (!framer.skipLine())
                break;
            continue;
        }
        report.skip("truncated-span", record.offset, record.bytes.size(), "the object does not close",
            record.bytes);
        if (!framer.skipToLineOfValue())
            break;
    }
    if (framer.error())
        return fail(*framer.error());
    if (reader.spans() == 0)
        return fail(ErrorCode::BadInput, name, "no span could be read from it",
            "Console output of an OpenTelemetry SDK has one JSON object for each span");
    report.note(IssueSeverity::Info, "console-exporter", 0,
        "the file is console output of an OpenTelemetry SDK, not OTLP; its spans were read all the same");
    return {};
}

} // namespace tailscope::import::otlp
