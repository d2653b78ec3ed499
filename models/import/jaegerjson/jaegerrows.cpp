// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegerrows.h"

#include "base/text.h"
#include "import/common/hexids.h"
#include "import/jaegerjson/jaegervalues.h"
#include "import/otlpjson/otlprows.h"

#include <algorithm>
#include <array>

namespace tailscope::import::jaeger {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kIdDigits = 16;
/// Later than March 1973: a time since 1970 and no count from the start of a recording.
constexpr Nanos kEpochLike = 100'000'000 * kNanosPerSecond;
constexpr std::string_view kRefType = "opentracing.ref_type";

const Attribute *find(AttributeList attributes, std::string_view key)
{
    const auto found = std::find_if(attributes.begin(), attributes.end(),
        [&](const Attribute &attribute) { return attribute.key == key; });
    return found != attributes.end() ? &*found : nullptr;
}

std::string_view textOf(AttributeList attributes, std::string_view key)
{
    const Attribute *attribute = find(attributes, key);
    return attribute != nullptr ? attribute->text : std::string_view();
}

/// OpenTracing: `error` = true; the OpenTelemetry translators write a code beside it.
SpanStatus statusOf(AttributeList tags)
{
    if (const Attribute *error = find(tags, "error")) {
        if ((error->type == AttributeType::Boolean && error->integer != 0) || error->text == "true")
            return SpanStatus::Error;
    }
    return otlp::parseStatus(textOf(tags, "otel.status_code"));
}

SpanKind kindOf(AttributeList tags, std::string_view member)
{
    const std::string_view tag = textOf(tags, "span.kind");
    return otlp::parseKind(tag.empty() ? member : tag);
}

} // namespace

AttributeList JaegerRows::part(const Range &range)
{
    return m_attributes.list().subspan(range.begin, range.end - range.begin);
}

Process JaegerRows::makeProcess(std::string_view service, AttributeList tags)
{
    std::vector<Attribute> all(tags.begin(), tags.end());
    Attribute name;
    name.key = "service.name";
    name.type = AttributeType::Text;
    name.text = utf8Prefix(service, kMaxNameBytes);
    if (!service.empty())
        all.insert(all.begin(), name);
    TrackRow row;
    row.service = service.empty() ? std::string_view("unknown_service") : name.text;
    for (const std::string_view key :
        {"service.instance.id", "k8s.pod.name", "host.name", "hostname", "ip"}) {
        if (row.instance.empty())
            row.instance = utf8Prefix(textOf(tags, key), kMaxNameBytes);
    }
    row.shape = TrackRow::Shape::Linked;
    Process process;
    process.track = m_sink.track(row);
    if (!all.empty())
        process.resource = m_sink.attributeSet(all);
    return process;
}

Process JaegerRows::unnamedProcess(std::string_view processId, std::string_view traceId)
{
    const std::string name = "process " + std::string(utf8Prefix(processId, 256)) + " of trace "
        + std::string(utf8Prefix(traceId, 256));
    TrackRow row;
    row.process = name;
    row.service = "unknown_service";
    row.shape = TrackRow::Shape::Linked;
    return {m_sink.track(row), SetRef::None};
}

Processes JaegerRows::processes(const JsonFramer::Record &record, const Processes &late)
{
    Processes result;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        result.clear();
        return otlp::eachField(object,
            [&](std::string_view id, ondemand::value &value) -> simdjson::error_code {
                if (valueStart(value) != '{')
                    return simdjson::SUCCESS;
                ondemand::object process;
                if (auto failure = value.get_object().get(process))
                    return failure;
                m_attributes.clear();
                m_fields = {};
                if (auto failure = readProcess(process))
                    return failure;
                if (const auto known = late.find(id); known != late.end()) {
                    TrackRow row;
                    row.service = utf8Prefix(m_fields.service, kMaxNameBytes);
                    if (!row.service.empty())
                        m_sink.updateTrack(known->second.track, row);
                }
                result.emplace(std::string(id), makeProcess(m_fields.service, part(m_fields.processTags)));
                return simdjson::SUCCESS;
            });
    });
    if (error != simdjson::SUCCESS)
        m_report.skip("malformed-processes", record.offset, record.bytes.size(),
            simdjson::error_message(error), record.bytes);
    return result;
}

std::string JaegerRows::processIdOf(const JsonFramer::Record &record)
{
    std::string id;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        return otlp::eachField(object,
            [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
                if (key != "processID" && key != "processId")
                    return simdjson::SUCCESS;
                std::string_view text;
                const auto failure = otlp::readText(value, text);
                id = text;
                return failure;
            });
    });
    return error == simdjson::SUCCESS ? id : std::string();
}

/// Unknown is not 0: a span that no point in time is known of is rejected.
std::optional<Nanos> JaegerRows::startOf(const JsonFramer::Record &record)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        m_report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
        return std::nullopt;
    };
    std::optional<Nanos> start;
    if (!m_fields.start.empty()) {
        start = parseStart(m_fields.start);
        if (!start)
            return reject("bad-time", "the start is neither microseconds since 1970 nor a date");
    } else if (!m_fields.startMillis.empty()) {
        start = parseScaledDecimal(m_fields.startMillis, kNanosPerMilli);
        if (!start || *start == kUnknownNanos)
            return reject("bad-time", "the start is no number of milliseconds since 1970");
    } else {
        return reject("no-time", "the span has no start time");
    }
    if (*start == 0 && m_sawEpoch)
        return reject("no-time", "the start is 0 where other spans have times since 1970");
    m_sawEpoch |= *start >= kEpochLike;
    return start;
}

bool JaegerRows::isZeroStart() const { return !m_fields.start.empty() && parseStart(m_fields.start) == 0; }

void JaegerRows::setDuration(SpanRow &row, std::uint64_t offset)
{
    if (m_fields.duration.empty()) {
        row.quality |= SpanNoEnd;
        return;
    }
    const std::optional<Nanos> duration = parseLength(m_fields.duration);
    if (!duration) {
        row.quality |= SpanNoEnd;
        m_report.note(IssueSeverity::Notice, "bad-duration", offset,
            "a duration is no number that fits: it is unknown");
    } else if (*duration < 0) {
        row.quality |= SpanNegativeDuration;
    } else {
        row.durationNs = *duration;
    }
}

bool JaegerRows::span(const JsonFramer::Record &record, const Processes &processes, std::string_view traceId,
    bool mayWait)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        m_attributes.clear();
        m_logs.clear();
        m_references.clear();
        m_keys.clear();
        m_fields = {};
        return readSpan(object);
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-span", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
        return true;
    }
    if (mayWait && !m_sawEpoch && isZeroStart())
        return false;
    if (m_fields.traceId.empty())
        m_fields.traceId = traceId;
    const std::optional<Nanos> start = startOf(record);
    if (!start)
        return true;
    emit(record, *start, processes);
    if (m_parser.repaired())
        m_report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
    if (const std::int64_t n = m_attributes.takeTruncated())
        m_report.note(IssueSeverity::Notice, "attribute-truncated", record.offset,
            "an attribute longer than 64 KB or nested deeper than 64 levels was cut", n);
    return true;
}

TraceRef JaegerRows::traceOf(std::string_view text)
{
    if (text == m_traceText)
        return m_trace;
    m_traceText = text;
    const otlp::TraceId id = otlp::parseTraceId(paddedTraceId(m_traceText, m_traceBuffer));
    m_trace = id.form == otlp::TraceId::Form::Bytes ? m_sink.trace(id.bytes)
        : id.form == otlp::TraceId::Form::Text      ? m_sink.trace(utf8Prefix(m_traceText, kMaxNameBytes))
                                                    : TraceRef::None;
    return m_trace;
}

SpanKey JaegerRows::keyOf(std::string_view text, std::string &buffer)
{
    return otlp::spanKey(otlp::parseSpanId(paddedHexId(utf8Prefix(text, kMaxNameBytes), kIdDigits, buffer)));
}

/// The first CHILD_OF inside the trace, else the first FOLLOWS_FROM inside it.
const JaegerRows::Reference *JaegerRows::chooseParent() const
{
    const Reference *follows = nullptr;
    for (const Reference &reference : m_references) {
        const bool inside = reference.trace.empty() || reference.trace == m_fields.traceId;
        if (!inside || reference.span.empty())
            continue;
        if (reference.type != "FOLLOWS_FROM")
            return &reference;
        if (follows == nullptr)
            follows = &reference;
    }
    return follows;
}

void JaegerRows::emit(const JsonFramer::Record &record, Nanos start, const Processes &processes)
{
    SpanRow row;
    const Reference *parent = chooseParent();
    const AttributeList tags = part(m_fields.tags);
    Process process;
    if (m_fields.hasProcess) {
        process = makeProcess(m_fields.service, part(m_fields.processTags));
    } else if (const auto known = processes.find(m_fields.processId); known != processes.end()) {
        process = known->second;
    } else {
        process = makeProcess({}, {});
        m_report.note(IssueSeverity::Notice, "no-process", record.offset,
            "a span names no process that its trace has: its service is unknown");
    }
    row.track = process.track;
    row.resource = process.resource;
    row.trace = traceOf(m_fields.traceId);
    row.key = keyOf(m_fields.spanId, m_ownId);
    row.parentKey = keyOf(parent != nullptr ? parent->span : m_fields.parentId, m_parentId);
    row.operation = utf8Prefix(m_fields.operation, kMaxNameBytes);
    row.kind = kindOf(tags, m_fields.kind);
    // Nobody waits for what only follows.
    if (parent != nullptr && parent->type == "FOLLOWS_FROM" && row.kind == SpanKind::Internal)
        row.kind = SpanKind::Async;
    row.status = statusOf(tags);
    row.httpStatus = otlp::httpStatusOf(tags);
    row.attributes = tags;
    row.startNs = start;
    setDuration(row, record.offset);
    if (row.key.kind == SpanKey::Kind::None)
        row.quality |= SpanNoId;
    const SpanRef span = m_sink.span(row);
    ++m_spans;
    m_report.rowRead();
    emitLogs(span, row.track, record.offset);
    emitLinks(span, parent);
    if (m_logs.size() >= kMaxChildren || m_references.size() >= kMaxChildren)
        m_report.note(IssueSeverity::DataLoss, "too-many-events", record.offset,
            "a span has 100,000 logs or references: further ones were left out");
}

void JaegerRows::emitLogs(SpanRef span, TrackRef track, std::uint64_t offset)
{
    std::vector<Attribute> fields;
    for (const Log &log : m_logs) {
        SpanEventRow event;
        event.span = span;
        event.track = track;
        event.tsNs = parseStart(log.time).value_or(kUnknownNanos);
        fields.clear();
        const AttributeList all = part(log.fields);
        for (const std::string_view key : {"event", "message"}) {
            if (event.name.empty())
                event.name = utf8Prefix(textOf(all, key), kMaxNameBytes);
        }
        for (const Attribute &field : all) {
            const bool isName = field.type == AttributeType::Text && field.text == event.name
                && (field.key == "event" || field.key == "message");
            if (!isName)
                fields.push_back(field);
        }
        if (event.name.empty())
            event.name = "log";
        if (event.tsNs == kUnknownNanos)
            otlp::noteEventWithoutTime(event.name, offset, m_report);
        event.attributes = fields;
        m_sink.spanEvent(event);
    }
}

/// Every reference that is not the span's CHILD_OF parent.
void JaegerRows::emitLinks(SpanRef span, const Reference *parent)
{
    for (const Reference &reference : m_references) {
        const bool follows = reference.type == "FOLLOWS_FROM";
        if (&reference == parent && !follows)
            continue;
        Attribute type;
        type.key = kRefType;
        type.type = AttributeType::Text;
        type.text = follows ? "follows_from" : "child_of";
        std::string buffer;
        const std::string_view written = reference.trace.empty() ? m_fields.traceId : reference.trace;
        const std::string trace
            = otlp::idText(otlp::parseTraceId(paddedTraceId(utf8Prefix(written, kMaxNameBytes), buffer)));
        SpanLinkRow link;
        link.span = span;
        link.linkedTraceKey = trace;
        link.linkedSpanKey = keyOf(reference.span, m_linkId);
        link.attributes = {&type, 1};
        m_sink.spanLink(link);
    }
}

} // namespace tailscope::import::jaeger
