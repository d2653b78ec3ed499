// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/requestrows.h"

#include "base/text.h"
#include "import/accesslog/routetemplate.h"
#include "import/common/hexids.h"
#include "import/otlpjson/otlpvalues.h"

namespace tailscope::import::accesslog {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kIdDigits = 16;
constexpr int kFirstServerError = 500;

} // namespace

void RequestRows::add(std::string_view key, std::string_view text)
{
    if (text.empty())
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = utf8Prefix(text, kMaxNameBytes);
    m_attributes.push_back(attribute);
}

void RequestRows::addInteger(std::string_view key, std::string_view text)
{
    const std::optional<std::int64_t> value = parseInt64(text);
    if (!value) {
        add(key, text);
        return;
    }
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = *value;
    m_attributes.push_back(attribute);
}

/// Names by OpenTelemetry's conventions; the path as it was asked for stays beside its template.
void RequestRows::addTarget(const Request &request)
{
    const Target target = splitTarget(utf8Prefix(request.target, kMaxNameBytes));
    m_route = !request.route.empty() ? std::string(utf8Prefix(request.route, kMaxNameBytes))
                                     : routeTemplate(target.path);
    add("http.request.method", request.method);
    add("http.route", m_route);
    add("url.path", target.path);
    add("url.query", target.query);
}

void RequestRows::request(const Request &request)
{
    m_attributes.assign(request.attributes.begin(), request.attributes.end());
    addTarget(request);
    addInteger("http.response.body.size", request.bytes);
    add("network.protocol.version", request.protocol);
    add("client.address", request.client);
    add("enduser.id", request.user);
    add("http.request.header.referer", request.referer);
    add("user_agent.original", request.agent);
    add("access_log.more", request.more);

    TrackRow track;
    track.service = request.service.empty() ? std::string_view("unknown_service")
                                            : utf8Prefix(request.service, kMaxNameBytes);
    track.instance = utf8Prefix(request.instance, kMaxNameBytes);
    track.shape = TrackRow::Shape::Linked;
    SpanRow row;
    row.track = m_sink.track(track);
    m_operation = utf8Prefix(request.method, kMaxNameBytes);
    if (!m_operation.empty() && !m_route.empty())
        m_operation += ' ';
    m_operation += m_route;
    row.operation = m_operation;
    row.kind = SpanKind::Server;
    std::string traceBuffer, ownBuffer, parentBuffer;
    const otlp::TraceId trace = otlp::parseTraceId(paddedTraceId(request.traceId, traceBuffer));
    if (trace.form == otlp::TraceId::Form::Bytes)
        row.trace = m_sink.trace(trace.bytes);
    else if (trace.form == otlp::TraceId::Form::Text)
        row.trace = m_sink.trace(utf8Prefix(trace.text, kMaxNameBytes));
    row.key = otlp::spanKey(otlp::parseSpanId(paddedHexId(request.spanId, kIdDigits, ownBuffer)));
    row.parentKey = otlp::spanKey(otlp::parseSpanId(paddedHexId(request.parentId, kIdDigits, parentBuffer)));
    if (row.key.kind == SpanKey::Kind::None)
        row.quality |= SpanNoId;
    const std::int64_t status = parseInt64(request.status).value_or(0);
    if (status >= 100 && status <= 999)
        row.httpStatus = static_cast<std::uint16_t>(status);
    // A refusal (4xx) is the server doing its work.
    row.status = request.error || row.httpStatus >= kFirstServerError ? SpanStatus::Error : SpanStatus::Unset;
    row.startNs = request.time;
    row.durationNs = request.duration;
    if (request.duration == kUnknownNanos)
        row.quality |= request.negativeDuration ? SpanNegativeDuration : SpanNoEnd;
    row.attributes = m_attributes;
    m_sink.span(row);
}

} // namespace tailscope::import::accesslog
