// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/zipkinjson/zipkinspan.h"

#include "base/text.h"
#include "import/otlpjson/otlpvalues.h"

#include <algorithm>

namespace tailscope::import::zipkin {

namespace {

constexpr std::size_t kMaxChildren = 10'000; ///< annotations and tags a span

simdjson::error_code readEndpoint(ondemand::value &value, Endpoint &endpoint)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return otlp::eachField(object,
        [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
            if (key == "serviceName")
                return otlp::readText(member, endpoint.service);
            if (key == "port")
                return otlp::readCount(member, endpoint.port);
            if (key == "ipv4" || (key == "ipv6" && endpoint.address.empty()))
                return otlp::readText(member, endpoint.address);
            return simdjson::SUCCESS;
        });
}

bool isCore(std::string_view value)
{
    return value == "cs" || value == "cr" || value == "sr" || value == "ss" || value == "ms" || value == "mr";
}

} // namespace

simdjson::error_code ZipkinSpan::parse(const JsonFramer::Record &record)
{
    const auto failure = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_attributes.clear();
        annotations.clear();
        tags.clear();
        traceId = id = parentId = name = {};
        m_kind = m_timestamp = m_duration = m_shared = {};
        m_local = m_remote = {};
        badTime = error = false;
        return otlp::eachField(object,
            [this](std::string_view key, ondemand::value &value) { return readMember(key, value); });
    });
    if (failure == simdjson::SUCCESS)
        makeHalves();
    return failure;
}

simdjson::error_code ZipkinSpan::readMember(std::string_view key, ondemand::value &value)
{
    if (key == "traceId")
        return otlp::readText(value, traceId);
    if (key == "id")
        return otlp::readText(value, id);
    if (key == "parentId")
        return otlp::readText(value, parentId);
    if (key == "name")
        return otlp::readText(value, name);
    if (key == "kind")
        return otlp::readText(value, m_kind);
    if (key == "timestamp")
        return otlp::readText(value, m_timestamp);
    if (key == "duration")
        return otlp::readText(value, m_duration);
    if (key == "shared")
        return otlp::readText(value, m_shared);
    if (key == "localEndpoint")
        return readEndpoint(value, m_local);
    if (key == "remoteEndpoint")
        return readEndpoint(value, m_remote);
    if (key == "tags")
        return readTags(value);
    if (key == "annotations")
        return readAnnotations(value);
    return key == "binaryAnnotations" ? readBinaryAnnotations(value) : simdjson::SUCCESS;
}

simdjson::error_code ZipkinSpan::readTags(ondemand::value &value)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto failure = value.get_object().get(object))
        return failure;
    return otlp::eachField(object,
        [this](std::string_view key, ondemand::value &member) -> simdjson::error_code {
            error |= key == "error";
            const std::size_t at = m_attributes.size();
            const auto failure = m_attributes.add(key, member);
            if (m_attributes.size() > at)
                tags.push_back({at, {}, false});
            return failure;
        });
}

simdjson::error_code ZipkinSpan::readAnnotations(ondemand::value &value)
{
    return otlp::eachObject(value, [this](ondemand::object &object) {
        Annotation annotation;
        const auto failure = otlp::eachField(object,
            [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                if (key == "timestamp")
                    return otlp::readText(member, annotation.time);
                if (key == "value")
                    return otlp::readText(member, annotation.value);
                return key == "endpoint" ? readEndpoint(member, annotation.endpoint) : simdjson::SUCCESS;
            });
        annotation.isCore = isCore(annotation.value);
        error |= annotation.value == "error";
        if (annotations.size() < kMaxChildren)
            annotations.push_back(annotation);
        return failure;
    });
}

simdjson::error_code ZipkinSpan::readBinaryAnnotations(ondemand::value &value)
{
    return otlp::eachObject(value, [this](ondemand::object &object) {
        Tag tag;
        tag.attribute = m_attributes.size();
        std::string_view label;
        const auto failure = otlp::eachField(object,
            [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                if (key == "key")
                    return otlp::readText(member, label);
                if (key == "endpoint")
                    return readEndpoint(member, tag.endpoint);
                const bool isFirst = m_attributes.size() == tag.attribute;
                return key == "value" && isFirst ? m_attributes.add({}, member) : simdjson::SUCCESS;
            });
        if (failure != simdjson::SUCCESS)
            return failure;
        if (m_attributes.size() == tag.attribute)
            m_attributes.addNull({});
        if (m_attributes.size() == tag.attribute)
            return failure; // as many as one span may have
        m_attributes.setLastKey(label);
        tag.isAddress = label == "sa" || label == "ca" || label == "ma";
        error |= label == "error";
        tags.push_back(tag);
        return failure;
    });
}

/// Microseconds since 1970; 0 is how Zipkin's own encoders write what they do not know.
std::optional<Nanos> ZipkinSpan::time(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    const auto ns = parseScaledDecimal(text, kNanosPerMicro);
    badTime |= !ns || *ns == kUnknownNanos;
    return ns && *ns != 0 && *ns != kUnknownNanos ? ns : std::nullopt;
}

void ZipkinSpan::setRecordTimes(Half &half)
{
    if (const auto start = time(m_timestamp))
        half.start = start;
    if (m_duration.empty())
        return;
    const auto length = parseScaledDecimal(m_duration, kNanosPerMicro);
    half.badDuration = !length || *length == kUnknownNanos;
    half.negative = !half.badDuration && *length < 0;
    if (!half.badDuration && *length > 0)
        half.duration = length;
}

std::optional<Nanos> ZipkinSpan::coreTime(std::string_view value)
{
    for (const Annotation &annotation : annotations) {
        if (annotation.value == value)
            return time(annotation.time);
    }
    return std::nullopt;
}

Endpoint ZipkinSpan::coreEndpoint(std::string_view first, std::string_view second)
{
    for (const Annotation &annotation : annotations) {
        if ((annotation.value == first || annotation.value == second) && !annotation.endpoint.isEmpty())
            return annotation.endpoint;
    }
    return {};
}

Endpoint ZipkinSpan::addressOf(std::string_view key)
{
    const AttributeList all = attributes();
    for (const Tag &tag : tags) {
        if (tag.isAddress && all[tag.attribute].key == key)
            return tag.endpoint;
    }
    return {};
}

Endpoint ZipkinSpan::anyEndpoint() const
{
    for (const Tag &tag : tags) {
        if (!tag.isAddress && !tag.endpoint.isEmpty())
            return tag.endpoint;
    }
    for (const Annotation &annotation : annotations) {
        if (!annotation.endpoint.isEmpty())
            return annotation.endpoint;
    }
    return {};
}

/// Version 1: a start and an end for each side that wrote one.
void ZipkinSpan::makeCoreHalves()
{
    struct Side
    {
        SpanKind kind;
        std::string_view start, end, peer;
    };
    static constexpr Side sides[]
        = {{SpanKind::Client, "cs", "cr", "sa"}, {SpanKind::Server, "sr", "ss", "ca"},
            {SpanKind::Producer, "ms", {}, "ma"}, {SpanKind::Consumer, "mr", {}, "ma"}};
    for (const Side &side : sides) {
        const bool wrote = std::any_of(annotations.begin(), annotations.end(),
            [&](const Annotation &a) { return a.isCore && (a.value == side.start || a.value == side.end); });
        if (!wrote)
            continue;
        Half half;
        half.kind = side.kind;
        half.start = coreTime(side.start);
        const std::optional<Nanos> end = side.end.empty() ? std::nullopt : coreTime(side.end);
        if (half.start && end) {
            half.negative = *end < *half.start;
            if (*end >= *half.start)
                half.duration = saturatingSub(*end, *half.start);
        } else if (end) {
            half.start = end; // the only time there is
        }
        half.local = coreEndpoint(side.start, side.end);
        half.remote = addressOf(side.peer);
        halves.push_back(half);
    }
}

void ZipkinSpan::makeHalves()
{
    halves.clear();
    makeCoreHalves();
    if (halves.empty()) {
        Half half;
        half.kind = otlp::parseKind(m_kind);
        half.shared = m_shared == "true";
        half.local = m_local.isEmpty() ? anyEndpoint() : m_local;
        half.remote = m_remote.isEmpty() ? addressOf("sa") : m_remote;
        halves.push_back(half);
    }
    // The record's own times are those of the side that made the span.
    setRecordTimes(halves.front());
    if (halves.size() > 1 && halves[0].kind == SpanKind::Client && halves[1].kind == SpanKind::Server) {
        halves[1].shared = true;
        if (halves[0].remote.isEmpty())
            halves[0].remote = halves[1].local;
    }
    for (Half &half : halves) {
        if (half.start)
            continue;
        // An annotation is a point in time at least.
        for (const Annotation &annotation : annotations) {
            const std::optional<Nanos> at = time(annotation.time);
            if (at && (!half.start || *at < *half.start))
                half.start = at;
        }
    }
}

} // namespace tailscope::import::zipkin
