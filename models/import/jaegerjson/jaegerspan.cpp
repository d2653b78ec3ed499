// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The members of a span and of a process, before they become rows.
#include "import/jaegerjson/jaegerrows.h"

#include "import/jaegerjson/jaegervalues.h"

#include <algorithm>

namespace tailscope::import::jaeger {

simdjson::error_code JaegerRows::readProcess(ondemand::object &object)
{
    m_fields.hasProcess = true;
    return otlp::eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
        if (key == "serviceName" || key == "service_name")
            return otlp::readText(value, m_fields.service);
        if (key != "tags")
            return simdjson::SUCCESS;
        m_fields.processTags.begin = m_attributes.size();
        const auto error = readTags(value, m_attributes);
        m_fields.processTags.end = m_attributes.size();
        return error;
    });
}

/// {"http@status_code": 200}: Elasticsearch with tags as fields cannot have dots in their names.
simdjson::error_code JaegerRows::readTagMap(ondemand::value &value)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return otlp::eachField(object,
        [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
            m_keys.emplace_back(key);
            std::replace(m_keys.back().begin(), m_keys.back().end(), '@', '.');
            return m_attributes.add(m_keys.back(), member);
        });
}

simdjson::error_code JaegerRows::readLogs(ondemand::value &value)
{
    return otlp::eachObject(value, [this](ondemand::object &object) {
        Log log;
        log.fields.begin = m_attributes.size();
        const auto error = otlp::eachField(object,
            [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                if (key == "timestamp")
                    return otlp::readText(member, log.time);
                return key == "fields" ? readTags(member, m_attributes) : simdjson::SUCCESS;
            });
        log.fields.end = m_attributes.size();
        if (m_logs.size() < kMaxChildren)
            m_logs.push_back(log);
        return error;
    });
}

simdjson::error_code JaegerRows::readReferences(ondemand::value &value)
{
    return otlp::eachObject(value, [this](ondemand::object &object) {
        Reference reference;
        const auto error = otlp::eachField(object,
            [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                if (key == "refType")
                    return otlp::readText(member, reference.type);
                if (key == "traceID" || key == "traceId")
                    return otlp::readText(member, reference.trace);
                return key == "spanID" || key == "spanId" ? otlp::readText(member, reference.span)
                                                          : simdjson::SUCCESS;
            });
        if (m_references.size() < kMaxChildren)
            m_references.push_back(reference);
        return error;
    });
}

simdjson::error_code JaegerRows::readWarnings(ondemand::value &value)
{
    std::string_view raw;
    const auto error = readRaw(value, raw);
    if (error == simdjson::SUCCESS && raw.find('"') != std::string_view::npos)
        m_attributes.addJson("jaeger.warnings", raw);
    return error;
}

simdjson::error_code JaegerRows::readMember(std::string_view key, ondemand::value &value)
{
    if (key == "traceID" || key == "traceId")
        return otlp::readText(value, m_fields.traceId);
    if (key == "spanID" || key == "spanId")
        return otlp::readText(value, m_fields.spanId);
    if (key == "parentSpanID" || key == "parentSpanId")
        return otlp::readText(value, m_fields.parentId);
    if (key == "operationName")
        return otlp::readText(value, m_fields.operation);
    if (key == "kind")
        return otlp::readText(value, m_fields.kind);
    if (key == "processID" || key == "processId")
        return otlp::readText(value, m_fields.processId);
    if (key == "startTime")
        return otlp::readText(value, m_fields.start);
    if (key == "startTimeMillis")
        return otlp::readText(value, m_fields.startMillis);
    if (key == "duration")
        return otlp::readText(value, m_fields.duration);
    if (key == "references")
        return readReferences(value);
    if (key == "logs")
        return readLogs(value);
    if (key == "process" && valueStart(value) == '{') {
        ondemand::object process;
        const auto error = value.get_object().get(process);
        return error != simdjson::SUCCESS ? error : readProcess(process);
    }
    return simdjson::SUCCESS;
}

simdjson::error_code JaegerRows::readSpan(ondemand::object &object)
{
    return otlp::eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
        // Elasticsearch keeps the document it was given under this key; one such level, not many.
        if (key == "_source" && valueStart(value) == '{' && !m_fields.inSource) {
            m_fields.inSource = true;
            ondemand::object inner;
            const auto failure = value.get_object().get(inner);
            return failure != simdjson::SUCCESS ? failure : readSpan(inner);
        }
        const bool isWarnings = key == "warnings" && valueStart(value) == '[';
        if (key != "tags" && key != "tag" && !isWarnings)
            return readMember(key, value);
        // What comes in pieces is brought together: a span's own attributes are one range.
        const Range before = m_fields.tags;
        m_fields.tags.begin = m_attributes.size();
        for (std::size_t i = before.begin; i < before.end; ++i)
            m_attributes.copy(i);
        simdjson::error_code error = simdjson::SUCCESS;
        if (isWarnings)
            error = readWarnings(value);
        else
            error = key == "tags" && valueStart(value) == '[' ? readTags(value, m_attributes)
                                                              : readTagMap(value);
        m_fields.tags.end = m_attributes.size();
        return error;
    });
}

} // namespace tailscope::import::jaeger
