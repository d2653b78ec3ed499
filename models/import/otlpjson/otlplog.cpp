// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlplog.h"

#include "base/text.h"
#include "import/otlpjson/otlpspan.h"

#include <array>

namespace tailscope::import::otlp {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;

/// SeverityNumber of logs.proto: four steps a level.
std::string_view severityName(std::int64_t number)
{
    static constexpr std::array<std::string_view, 6> names{"TRACE", "DEBUG", "INFO", "WARN", "ERROR",
        "FATAL"};
    return number >= 1 && number <= 24 ? names[static_cast<std::size_t>(number - 1) / 4] : std::string_view();
}

/// What is written where a text belongs.
std::string plainText(const Attribute &attribute)
{
    switch (attribute.type) {
    case AttributeType::Integer:
        return std::to_string(attribute.integer);
    case AttributeType::Boolean:
        return attribute.integer != 0 ? "true" : "false";
    case AttributeType::Real: {
        JsonText text;
        text.real(attribute.real);
        return text.text();
    }
    case AttributeType::Null:
        return {};
    case AttributeType::Text:
    case AttributeType::Json:
        break;
    }
    return std::string(attribute.text);
}

/// The statement that a record names, by the old or the new name.
std::string_view statementOf(AttributeList attributes)
{
    for (const std::string_view key : {"db.query.text", "db.statement"}) {
        const Attribute *attribute = findAttribute(attributes, key);
        if (attribute != nullptr && attribute->type == AttributeType::Text)
            return attribute->text;
    }
    return {};
}

} // namespace

void LogBuilder::clear()
{
    m_attributes.clear();
    m_fields = {};
}

void LogBuilder::finish(const Record &record, const Resource &resource, const Scope &scope)
{
    if (m_fields.time.bad || m_fields.observed.bad) {
        m_report.skip("bad-time", record.offset, record.bytes.size(), "its time is not a number",
            record.bytes);
        return;
    }
    if (m_fields.dropped > 0)
        m_attributes.addInteger(kDroppedAttributes, m_fields.dropped);
    std::string message;
    m_own.clear();
    for (const Attribute &attribute : m_attributes.list()) {
        if (attribute.key == kBody)
            message = plainText(attribute);
        else
            m_own.push_back(attribute);
    }
    if (!m_fields.eventName.empty())
        m_own.push_back({"event.name", AttributeType::Text, m_fields.eventName, 0, 0});

    const TraceId traceId = parseTraceId(m_fields.traceId);
    noteOddTraceId(traceId, record.offset, m_report);
    const std::string trace = traceId.form == TraceId::Form::None ? std::string() : idText(traceId);
    const SpanId spanId = parseSpanId(m_fields.spanId);
    LogRow row;
    // The specification wants the observed time where the other is unknown.
    const OtlpTime &time = m_fields.time.known ? m_fields.time : m_fields.observed;
    if (time.known)
        row.tsNs = time.ns;
    else
        m_report.note(IssueSeverity::Notice, "no-log-time", record.offset,
            "a log record has no time; it is kept with an unknown one");
    row.service = resource.service;
    row.instance = resource.instance;
    row.logger = scope.name;
    row.severity = m_fields.severityText.empty() ? severityName(m_fields.severityNumber)
                                                 : utf8Prefix(m_fields.severityText, kMaxNameBytes);
    row.kind = m_fields.severityNumber >= 17 ? "error" : "other";
    row.message = message;
    row.statement = statementOf(m_own);
    row.traceKey = utf8Prefix(trace, kMaxNameBytes);
    row.spanKey = spanKey(spanId);
    row.resource = resource.set;
    row.attributes = m_own;
    m_sink.logEntry(row);
    ++m_lines;
    m_report.rowRead();
}

} // namespace tailscope::import::otlp
