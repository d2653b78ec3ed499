// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/rowcontext.h"

#include "base/text.h"

namespace tailscope::import::pglog {

namespace {

bool isNumberByte(char c) { return (c >= '0' && c <= '9') || c == '.'; }

} // namespace

void RowAttributes::text(std::string_view key, std::string value)
{
    m_texts.push_back(std::move(value));
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = m_texts.back();
    m_items.push_back(attribute);
}

void RowAttributes::integer(std::string_view key, std::int64_t value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = value;
    m_items.push_back(attribute);
}

void RowAttributes::real(std::string_view key, double value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = value;
    m_items.push_back(attribute);
}

void RowContext::point(std::string_view metric, std::string_view unit, Nanos tsNs, double value,
    std::string_view labelsJson)
{
    if (tsNs == kUnknownNanos)
        return;
    std::string key(metric);
    key.append(1, ' ').append(labelsJson);
    auto found = m_series.find(key);
    if (found == m_series.end()) {
        if (m_series.size() >= kMaxSeries) {
            report.note(IssueSeverity::Notice, "too-many-series", 0,
                "figures of more than 4,000 series: those of further tables are in the log's rows alone");
            return;
        }
        SeriesRow row;
        row.metric = row.foreignName = metric;
        row.service = "postgresql";
        row.labelsJson = labelsJson;
        row.unit = unit;
        row.kind = SeriesKind::Gauge;
        found = m_series.emplace(std::move(key), sink.series(row)).first;
    }
    sink.point(found->second, tsNs, value);
}

void RowContext::event(const LogRecord &record, std::string_view kind, std::string_view title,
    std::string_view detail, Nanos startNs)
{
    if (record.tsNs == kUnknownNanos)
        return;
    EventRow row;
    row.tsNs = startNs == kUnknownNanos ? record.tsNs : startNs;
    if (startNs != kUnknownNanos)
        row.endNs = record.tsNs;
    row.kind = kind;
    row.service = "postgresql";
    row.title = title;
    row.detail = detail;
    row.offsetSeconds = record.offsetSeconds;
    sink.event(row);
}

std::optional<double> numberAfter(std::string_view text, std::string_view label)
{
    const std::size_t at = text.find(label);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = text.substr(at + label.size());
    std::size_t n = 0;
    while (n < rest.size() && isNumberByte(rest[n]))
        ++n;
    while (n > 0 && rest[n - 1] == '.')
        --n;
    return parseDouble(rest.substr(0, n));
}

std::optional<double> numberBefore(std::string_view text, std::string_view label)
{
    const std::size_t at = text.find(label);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::size_t begin = at;
    while (begin > 0 && isNumberByte(text[begin - 1]))
        --begin;
    return parseDouble(text.substr(begin, at - begin));
}

} // namespace tailscope::import::pglog
