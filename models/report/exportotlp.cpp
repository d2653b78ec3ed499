// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exportotlp.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cmath>

namespace tailscope::report {

namespace {

std::string hex(std::uint64_t value, int digits)
{
    char text[20];
    std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
    return text;
}

bool isHex(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string number(double value)
{
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

std::string scalar(const QJsonValue &value)
{
    if (value.isString())
        return "{\"stringValue\":" + jsonQuoted(value.toString().toStdString()) + "}";
    if (value.isBool())
        return std::string("{\"boolValue\":") + (value.toBool() ? "true}" : "false}");
    if (value.isDouble() && value.toVariant().typeId() != QMetaType::Double)
        return "{\"intValue\":\"" + std::to_string(value.toInteger()) + "\"}";
    if (value.isDouble())
        return "{\"doubleValue\":" + number(value.toDouble()) + "}";
    return "{}";
}

/// Arrays of plain values keep their form; deeper things go as their text.
std::string nested(const std::string &json)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(json));
    const QJsonArray array = document.array();
    const bool isPlain = document.isArray()
        && std::none_of(array.begin(), array.end(),
            [](const QJsonValue &value) { return value.isArray() || value.isObject(); });
    if (!isPlain)
        return "{\"stringValue\":" + jsonQuoted(json) + "}";
    std::string out = "{\"arrayValue\":{\"values\":[";
    for (const auto &value : array)
        out += (out.back() == '[' ? "" : ",") + scalar(value);
    return out + "]}}";
}

void appendAttribute(std::string &out, const ExportAttribute &a)
{
    if (out.back() != '[')
        out += ',';
    out += "{\"key\":" + jsonQuoted(a.key) + ",\"value\":";
    switch (a.type) {
    case AttributeType::Null:
        out += "{}";
        break;
    case AttributeType::Text:
        out += "{\"stringValue\":" + jsonQuoted(a.text) + "}";
        break;
    case AttributeType::Integer:
        out += "{\"intValue\":\"" + std::to_string(a.integer) + "\"}";
        break;
    case AttributeType::Real:
        out += std::isfinite(a.real) ? "{\"doubleValue\":" + number(a.real) + "}" : "{}";
        break;
    case AttributeType::Boolean:
        out += std::string("{\"boolValue\":") + (a.integer != 0 ? "true}" : "false}");
        break;
    case AttributeType::Json:
        out += nested(a.text);
        break;
    }
    out += '}';
}

bool hasKey(const ExportAttributes &attributes, std::string_view key)
{
    return std::any_of(attributes.begin(), attributes.end(),
        [key](const ExportAttribute &a) { return a.key == key; });
}

ExportAttribute textAttribute(std::string key, std::string text)
{
    ExportAttribute a;
    a.key = std::move(key);
    a.type = AttributeType::Text;
    a.text = std::move(text);
    return a;
}

std::string listOf(const ExportAttributes &attributes)
{
    std::string out = "[";
    for (const ExportAttribute &a : attributes)
        appendAttribute(out, a);
    return out + "]";
}

/// Name and version of a scope are fields of their own.
std::string scopeObject(ExportAttributes scope)
{
    std::string out = "{";
    for (const auto &[key, field] :
        {std::pair("otel.scope.name", "name"), {"otel.scope.version", "version"}}) {
        const auto found = std::find_if(scope.begin(), scope.end(),
            [key = std::string_view(key)](const ExportAttribute &a) { return a.key == key; });
        if (found == scope.end())
            continue;
        out += std::string("\"") + field + "\":" + jsonQuoted(found->text) + ",";
        scope.erase(found);
    }
    return out + "\"attributes\":" + listOf(scope) + "}";
}

int kindOf(SpanKind kind)
{
    switch (kind) {
    case SpanKind::Server:
        return 2;
    case SpanKind::Client:
        return 3;
    case SpanKind::Producer:
        return 4;
    case SpanKind::Consumer:
        return 5;
    case SpanKind::Internal:
    case SpanKind::Async:
        break;
    }
    return 1;
}

/// The span's attributes as OTLP holds them: the state of the trace is a field, a sampling that the user
/// stated goes with the roots.
ExportAttributes otlpAttributes(const ExportSpan &span, double probability, std::string &traceState)
{
    ExportAttributes attributes;
    for (const ExportAttribute &a : span.attributes) {
        if (a.key == "w3c.tracestate" && a.type == AttributeType::Text)
            traceState = a.text;
        else
            attributes.push_back(a);
    }
    if (span.httpStatus != 0 && !hasKey(attributes, "http.response.status_code")
        && !hasKey(attributes, "http.status_code")) {
        ExportAttribute a;
        a.key = "http.response.status_code";
        a.type = AttributeType::Integer;
        a.integer = span.httpStatus;
        attributes.push_back(a);
    }
    if (probability > 0 && span.parent == 0 && traceState.empty()
        && !hasKey(attributes, "sampling.probability")) {
        ExportAttribute a;
        a.key = "sampling.probability";
        a.type = AttributeType::Real;
        a.real = probability;
        attributes.push_back(a);
    }
    return attributes;
}

} // namespace

std::string OtlpWriter::traceId(const ExportTrace &trace, std::int64_t root) const
{
    if (trace.isBytes) {
        std::string text;
        for (const char c : trace.key)
            text += hex(static_cast<unsigned char>(c), 2);
        return text;
    }
    if (isHex(trace.key) && trace.key.size() <= 32)
        return std::string(32 - trace.key.size(), '0') + toLowerAscii(trace.key);
    const std::string text = trace.key.empty() ? "root " + std::to_string(root) : trace.key;
    return hex(hash64(text), 16) + hex(hash64(text, 1), 16);
}

std::string OtlpWriter::spanId(const ExportKey &key, std::int64_t id, bool isUnique) const
{
    if (key.kind == SpanKey::Kind::Hex64 && key.hex != 0 && isUnique)
        return hex(key.hex, 16);
    return hex(std::uint64_t(id) | (std::uint64_t(0x7a) << 56), 16);
}

Result<std::string> OtlpWriter::resourceOf(const ExportSpan &span)
{
    const auto [place, isNew] = m_resources.emplace(std::pair(span.resourceSet, span.track), std::string());
    if (!isNew)
        return place->second;
    ExportAttributes attributes;
    if (span.resourceSet != 0) {
        Result<ExportAttributes> set = m_reader.attributeSet(span.resourceSet);
        if (!set)
            return tl::unexpected(std::move(set.error()));
        attributes = std::move(*set);
    }
    const Result<ExportTrack> track = m_reader.track(span.track);
    if (!track)
        return tl::unexpected(track.error());
    const std::string service = !track->service.empty() ? track->service : track->process;
    const std::string instance = !track->instance.empty() ? track->instance : track->thread;
    if (!service.empty() && !hasKey(attributes, "service.name"))
        attributes.push_back(textAttribute("service.name", service));
    const bool hasInstance = hasKey(attributes, "service.instance.id") || hasKey(attributes, "k8s.pod.name")
        || hasKey(attributes, "host.name") || hasKey(attributes, "container.id");
    if (!instance.empty() && !hasInstance)
        attributes.push_back(textAttribute("service.instance.id", instance));
    return place->second = "{\"attributes\":" + listOf(attributes) + "}";
}

Result<void> OtlpWriter::appendEvents(std::string &out, const ExportSpan &span, Nanos offset)
{
    const Result<std::vector<ExportEvent>> events = m_reader.events(span.id);
    if (!events)
        return tl::unexpected(events.error());
    std::string list = "[";
    for (const ExportEvent &event : *events) {
        if (event.isOnTrack)
            continue;
        list += std::string(list.back() == '[' ? "" : ",") + "{\"timeUnixNano\":\""
            + std::to_string(saturatingAdd(event.ts, offset)) + "\",\"name\":" + jsonQuoted(event.name)
            + ",\"attributes\":" + listOf(event.attributes) + "}";
    }
    if (list != "[")
        out += ",\"events\":" + list + "]";
    return {};
}

Result<void> OtlpWriter::appendLinks(std::string &out, const ExportSpan &span)
{
    const Result<std::vector<ExportLink>> links = m_reader.links(span.id);
    if (!links)
        return tl::unexpected(links.error());
    std::string list = "[";
    for (const ExportLink &link : *links) {
        ExportTrace trace;
        trace.key = link.traceKey;
        list += std::string(list.back() == '[' ? "" : ",") + "{\"traceId\":\"" + traceId(trace, 0)
            + "\",\"spanId\":\"" + spanId(link.spanKey, link.linkedSpan, true)
            + "\",\"attributes\":" + listOf(link.attributes) + "}";
    }
    if (list != "[")
        out += ",\"links\":" + list + "]";
    return {};
}

Result<void> OtlpWriter::add(const ExportSpan &span, std::int64_t root, double probability, Nanos offset)
{
    ExportTrace trace;
    if (span.trace != 0) {
        Result<ExportTrace> found = m_reader.trace(span.trace);
        if (!found)
            return tl::unexpected(std::move(found.error()));
        trace = std::move(*found);
    }
    const bool isUnique = (span.quality & (SpanDuplicateKey | SpanNoId)) == 0;
    std::string out = "{\"traceId\":\"" + traceId(trace, root) + "\",\"spanId\":\""
        + spanId(span.key, span.id, isUnique) + "\"";
    if (span.parent != 0) {
        Result<ExportSpan> parent = m_reader.span(span.parent);
        if (!parent)
            return tl::unexpected(std::move(parent.error()));
        const bool parentUnique = (parent->quality & (SpanDuplicateKey | SpanNoId)) == 0;
        out += ",\"parentSpanId\":\"" + spanId(parent->key, span.parent, parentUnique) + "\"";
    } else if (span.parentKey.kind == SpanKey::Kind::Hex64 && (span.quality & SpanCycle) == 0) {
        out += ",\"parentSpanId\":\"" + hex(span.parentKey.hex, 16) + "\"";
    }
    std::string traceState;
    const ExportAttributes attributes = otlpAttributes(span, probability, traceState);
    const Nanos start = saturatingAdd(span.start, offset);
    out += ",\"name\":" + jsonQuoted(span.operation) + ",\"kind\":" + std::to_string(kindOf(span.kind))
        + ",\"startTimeUnixNano\":\"" + std::to_string(start) + "\",\"endTimeUnixNano\":\""
        + (span.duration == kUnknownNanos ? std::string("0")
                                          : std::to_string(saturatingAdd(start, span.duration)))
        + "\",\"attributes\":" + listOf(attributes)
        + ",\"status\":{\"code\":" + std::to_string(int(span.status)) + "}";
    if (!traceState.empty())
        out += ",\"traceState\":" + jsonQuoted(traceState);
    TS_TRY(appendEvents(out, span, offset));
    TS_TRY(appendLinks(out, span));
    out += '}';
    Result<std::string> resource = resourceOf(span);
    if (!resource)
        return tl::unexpected(std::move(resource.error()));
    ExportAttributes scope;
    if (span.scopeSet != 0) {
        Result<ExportAttributes> set = m_reader.attributeSet(span.scopeSet);
        if (!set)
            return tl::unexpected(std::move(set.error()));
        scope = std::move(*set);
    }
    std::string &spans = m_groups[{*resource, scopeObject(std::move(scope))}];
    spans += (spans.empty() ? "" : ",") + out;
    return ++m_waiting >= kSpansPerLine ? flush() : Result<void>();
}

Result<void> OtlpWriter::flush()
{
    if (m_groups.empty())
        return {};
    std::string line = "{\"resourceSpans\":[";
    for (const auto &[where, spans] : m_groups)
        line += std::string(line.back() == '[' ? "" : ",") + "{\"resource\":" + where.first
            + ",\"scopeSpans\":[{\"scope\":" + where.second + ",\"spans\":[" + spans + "]}]}";
    line += "]}\n";
    m_groups.clear();
    m_waiting = 0;
    if (std::fwrite(line.data(), 1, line.size(), m_file) != line.size())
        return fail(ErrorCode::DiskFull, "export", "the file could not be written", "Make room on the disk.");
    return {};
}

} // namespace tailscope::report
