// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exportrows.h"

#include "base/text.h"
#include "report/reportdata.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <utility>

namespace tailscope::report {

namespace {

constexpr std::size_t kMaxRemembered = 50'000;

/// The text of an interned column.
std::string textOf(const char *column)
{
    return std::string("CASE typeof(") + column
        + ") WHEN 'integer' THEN (SELECT text FROM string WHERE id = " + column + ") ELSE " + column + " END";
}

ExportKey keyOf(const store::Statement &row, int column)
{
    ExportKey key;
    if (row.type(column) == store::ColumnType::Integer) {
        key.kind = SpanKey::Kind::Hex64;
        key.hex = std::uint64_t(row.integer(column));
    } else if (!row.isNull(column)) {
        key.kind = SpanKey::Kind::Text;
        key.text = row.text(column);
    }
    return key;
}

std::string hexOf(std::string_view bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += kDigits[(static_cast<unsigned char>(c)) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

bool isSecret(const std::string &key)
{
    const std::string lower = toLowerAscii(key);
    constexpr std::string_view kWords[] = {"authorization", "cookie", "password", "passwd", "secret", "token",
        "api_key", "api-key", "apikey", "credential", "private_key"};
    return std::any_of(std::begin(kWords), std::end(kWords),
        [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

} // namespace

std::vector<Attribute> viewsOf(const ExportAttributes &attributes)
{
    std::vector<Attribute> views;
    for (const ExportAttribute &a : attributes)
        views.push_back({a.key, a.type, a.text, a.integer, a.real});
    return views;
}

std::string redactedAttribute(const std::string &key, const std::string &text)
{
    if (isSecret(key))
        return "redacted";
    const std::string name = redactedName(text);
    if (name != text)
        return name;
    const std::string lower = toLowerAscii(key);
    const bool isStatement = lower.ends_with("statement") || lower.ends_with("query.text")
        || lower.ends_with("sql.query") || lower.ends_with("db.query");
    if (isStatement)
        return redactedSql(text);
    const bool isUrl = lower.find("url") != std::string::npos || lower.find("uri") != std::string::npos
        || lower == "http.target" || lower == "url.query" || text.find("://") != std::string::npos;
    if (!isUrl)
        return text;
    if (lower == "url.query")
        return "?";
    std::string url = text;
    if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
        const std::size_t host = scheme + 3;
        const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
        if (const std::size_t user = url.rfind('@', end); user != std::string::npos && user >= host)
            url.erase(host, user + 1 - host);
    }
    if (const std::size_t query = url.find('?'); query != std::string::npos)
        url.erase(query + 1);
    return url;
}

std::string ExportReader::redacted(const std::string &key, std::string_view text)
{
    if (m_keepLiterals)
        return std::string(text);
    std::string cacheKey = key + '\0' + std::string(text);
    if (const auto known = m_redacted.find(cacheKey); known != m_redacted.end())
        return known->second;
    if (m_redacted.size() >= kMaxRemembered)
        m_redacted.clear();
    return m_redacted.emplace(std::move(cacheKey), redactedAttribute(key, std::string(text))).first->second;
}

std::string ExportReader::redactedOperation(std::string_view text)
{
    if (m_keepLiterals)
        return std::string(text);
    std::string cacheKey = '\0' + std::string(text);
    if (const auto known = m_redacted.find(cacheKey); known != m_redacted.end())
        return known->second;
    return m_redacted.emplace(std::move(cacheKey), redactedName(std::string(text))).first->second;
}

Result<ExportReader> ExportReader::prepare(store::Database &database, bool keepLiterals)
{
    ExportReader reader;
    reader.m_keepLiterals = keepLiterals;
    const std::pair<std::string, store::Statement *> statements[] = {
        {"SELECT s.track_id, s.trace_id, s.span_key, s.parent_key, " + textOf("s.operation_id") + ", "
                + textOf("s.category_id")
                + ", s.kind, s.status, s.http_status, s.start_ns, s.duration_ns, s.resource_set, s.scope_set,"
                  " s.attribute_set, s.attributes, s.quality, (SELECT c.parent_id FROM span_calc AS c"
                  " WHERE c.id = s.id) FROM span_raw AS s WHERE s.id = ?",
            &reader.m_span},
        {"SELECT track_id IS NOT NULL, ts_ns, " + textOf("name_id")
                + ", attributes FROM span_event_raw WHERE span_id = ? AND ts_ns IS NOT NULL ORDER BY id",
            &reader.m_events},
        {"SELECT linked_trace_key, linked_span_key, linked_span_id, attributes FROM span_link_raw"
         " WHERE span_id = ? AND derived = 0 ORDER BY id",
            &reader.m_links},
        {"SELECT " + textOf("process_id") + ", " + textOf("thread_id") + ", " + textOf("service_id") + ", "
                + textOf("instance_id") + ", process_sort, thread_sort, shape FROM track WHERE id = ?",
            &reader.m_track},
        {"SELECT trace_key FROM trace_raw WHERE id = ?", &reader.m_trace},
        {"SELECT " + textOf("key_id")
                + ", type, CASE WHEN type IN (1, 5) AND typeof(value) = 'integer'"
                  " THEN (SELECT text FROM string WHERE id = value) ELSE value END FROM attribute_set_item"
                  " WHERE set_id = ? ORDER BY position",
            &reader.m_set}};
    for (const auto &[sql, target] : statements) {
        Result<store::Statement> statement = database.prepare(sql);
        if (!statement)
            return tl::unexpected(std::move(statement.error()));
        *target = std::move(*statement);
    }
    return reader;
}

Result<ExportSpan> ExportReader::span(std::int64_t id)
{
    m_span.bind(0, id);
    const Result<bool> row = m_span.step();
    if (!row)
        return tl::unexpected(row.error());
    ExportSpan span;
    span.id = id;
    if (*row) {
        span.track = m_span.integer(0);
        span.trace = m_span.integer(1);
        span.key = keyOf(m_span, 2);
        span.parentKey = keyOf(m_span, 3);
        span.operation = redactedOperation(m_span.text(4));
        span.category = m_span.text(5);
        span.kind = SpanKind(std::clamp<std::int64_t>(m_span.integer(6), 0, int(SpanKind::Async)));
        span.status = SpanStatus(std::clamp<std::int64_t>(m_span.integer(7), 0, int(SpanStatus::Error)));
        span.httpStatus = std::uint16_t(std::clamp<std::int64_t>(m_span.integer(8), 0, 65535));
        span.start = m_span.integer(9);
        span.duration = m_span.isNull(10) ? kUnknownNanos : m_span.integer(10);
        span.resourceSet = m_span.integer(11);
        span.scopeSet = m_span.integer(12);
        const std::int64_t own = m_span.integer(13);
        const std::string json(m_span.text(14));
        span.quality = std::uint32_t(m_span.integer(15));
        span.parent = m_span.integer(16);
        if (own != 0) {
            Result<ExportAttributes> set = attributeSet(own);
            if (!set)
                return tl::unexpected(std::move(set.error()));
            span.attributes = std::move(*set);
        }
        ExportAttributes more = fromJson(json);
        span.attributes.insert(span.attributes.end(), more.begin(), more.end());
    }
    m_span.reset();
    return span;
}

ExportAttributes ExportReader::fromJson(std::string_view json)
{
    ExportAttributes attributes;
    if (json.empty())
        return attributes;
    const QJsonObject object
        = QJsonDocument::fromJson(QByteArray(json.data(), qsizetype(json.size()))).object();
    for (auto it = object.begin(); it != object.end(); ++it) {
        ExportAttribute a;
        a.key = it.key().toStdString();
        const QJsonValue value = it.value();
        if (value.isString()) {
            a.type = AttributeType::Text;
            a.text = redacted(a.key, value.toString().toStdString());
        } else if (value.isBool()) {
            a.type = AttributeType::Boolean;
            a.integer = value.toBool() ? 1 : 0;
        } else if (value.isDouble()) {
            // Whole numbers stay whole, with all 64 bits.
            const QVariant number = value.toVariant();
            a.type = number.typeId() == QMetaType::Double ? AttributeType::Real : AttributeType::Integer;
            a.integer = number.toLongLong();
            a.real = number.toDouble();
        } else if (value.isArray() || value.isObject()) {
            a.type = AttributeType::Json;
            const QJsonDocument nested
                = value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
            // What is nested cannot be told apart: without literals only its shape would be left.
            a.text = m_keepLiterals ? nested.toJson(QJsonDocument::Compact).toStdString() : "[]";
        }
        attributes.push_back(std::move(a));
    }
    return attributes;
}

Result<ExportAttributes> ExportReader::attributeSet(std::int64_t id)
{
    ExportAttributes attributes;
    m_set.bind(0, id);
    for (;;) {
        const Result<bool> row = m_set.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        ExportAttribute a;
        a.key = m_set.text(0);
        a.type = AttributeType(std::clamp<std::int64_t>(m_set.integer(1), 0, int(AttributeType::Json)));
        if (a.type == AttributeType::Text)
            a.text = redacted(a.key, m_set.text(2));
        else if (a.type == AttributeType::Json)
            a.text = m_keepLiterals ? std::string(m_set.text(2)) : "[]";
        a.integer = m_set.integer(2);
        a.real = a.type == AttributeType::Real ? m_set.real(2) : 0;
        attributes.push_back(std::move(a));
    }
    m_set.reset();
    return attributes;
}

Result<std::vector<ExportEvent>> ExportReader::events(std::int64_t spanId)
{
    std::vector<ExportEvent> events;
    m_events.bind(0, spanId);
    for (;;) {
        const Result<bool> row = m_events.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        ExportEvent event;
        event.isOnTrack = m_events.integer(0) != 0;
        event.ts = m_events.integer(1);
        event.name = redactedOperation(m_events.text(2));
        event.attributes = fromJson(m_events.text(3));
        events.push_back(std::move(event));
    }
    m_events.reset();
    return events;
}

Result<std::vector<ExportLink>> ExportReader::links(std::int64_t spanId)
{
    std::vector<ExportLink> links;
    m_links.bind(0, spanId);
    for (;;) {
        const Result<bool> row = m_links.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        ExportLink link;
        link.traceKey = m_links.type(0) == store::ColumnType::Blob ? hexOf(m_links.blob(0))
                                                                   : std::string(m_links.text(0));
        link.spanKey = keyOf(m_links, 1);
        link.linkedSpan = m_links.integer(2);
        link.attributes = fromJson(m_links.text(3));
        links.push_back(std::move(link));
    }
    m_links.reset();
    return links;
}

Result<ExportTrack> ExportReader::track(std::int64_t id)
{
    ExportTrack track;
    m_track.bind(0, id);
    const Result<bool> row = m_track.step();
    if (!row)
        return tl::unexpected(row.error());
    if (*row) {
        track.process = m_track.text(0);
        track.thread = m_track.text(1);
        track.service = m_track.text(2);
        track.instance = m_track.text(3);
        track.processSort = m_track.integer(4);
        track.threadSort = m_track.integer(5);
        track.shape = TrackRow::Shape(std::clamp<std::int64_t>(m_track.integer(6), 0, 2));
    }
    m_track.reset();
    return track;
}

Result<ExportTrace> ExportReader::trace(std::int64_t id)
{
    ExportTrace trace;
    m_trace.bind(0, id);
    const Result<bool> row = m_trace.step();
    if (!row)
        return tl::unexpected(row.error());
    if (*row) {
        trace.isBytes = m_trace.type(0) == store::ColumnType::Blob && m_trace.blob(0).size() == 16;
        trace.key = trace.isBytes ? m_trace.blob(0) : m_trace.text(0);
    }
    m_trace.reset();
    return trace;
}

} // namespace tailscope::report
