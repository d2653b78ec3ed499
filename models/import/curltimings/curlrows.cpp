// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/curltimings/curlrows.h"

#include "base/text.h"
#include "import/accesslog/routetemplate.h"
#include "import/har/harrows.h"

#include <algorithm>
#include <array>

namespace tailscope::import::curl {

namespace {

/// A variable of curl's and the attribute it becomes.
struct Name
{
    std::string_view variable, attribute;
};
constexpr std::array<Name, 26> kNames{{
    {"content_type", "http.response.content_type"},
    {"errormsg", "curl.error"},
    {"exitcode", "curl.exit_code"},
    {"http_code", ""},
    {"http_connect", "curl.http_connect"},
    {"http_version", "network.protocol.version"},
    {"local_ip", "network.local.address"},
    {"local_port", "network.local.port"},
    {"method", "http.request.method"},
    {"num_connects", "curl.num_connects"},
    {"num_headers", "curl.num_headers"},
    {"num_redirects", "curl.num_redirects"},
    {"num_retries", "curl.num_retries"},
    {"remote_ip", "network.peer.address"},
    {"remote_port", "network.peer.port"},
    {"response_code", ""},
    {"scheme", "curl.scheme"},
    {"size_download", "http.response.body.size"},
    {"size_header", "curl.size_header"},
    {"size_request", "curl.size_request"},
    {"size_upload", "http.request.body.size"},
    {"speed_download", "curl.speed_download"},
    {"speed_upload", "curl.speed_upload"},
    {"ssl_verify_result", "curl.ssl_verify_result"},
    {"url", ""},
    {"url_effective", ""},
}};
constexpr std::array<std::string_view, 9> kTimes{"time_appconnect", "time_connect", "time_namelookup",
    "time_posttransfer", "time_pretransfer", "time_queue", "time_redirect", "time_starttransfer",
    "time_total"};

struct Phase
{
    std::string_view time, operation;
    bool always; ///< every version of curl writes it for every request
};
/// In the order they end.
constexpr std::array<Phase, 8> kPhases{{{"time_queue", "queueing", false}, {"time_namelookup", "dns", true},
    {"time_connect", "connect", true}, {"time_appconnect", "tls", false},
    {"time_pretransfer", "prepare", true}, {"time_posttransfer", "send", false},
    {"time_starttransfer", "wait", true}, {"time_total", "receive", true}}};

constexpr std::int64_t kFirstError = 400;

std::string_view valueOf(const Fields &fields, std::string_view key)
{
    const auto found = fields.find(key);
    return found != fields.end() ? std::string_view(found->second) : std::string_view();
}

SpanKey textKey(std::string_view text)
{
    SpanKey key;
    key.kind = SpanKey::Kind::Text;
    key.text = text;
    return key;
}

} // namespace

bool isTime(std::string_view key) { return std::find(kTimes.begin(), kTimes.end(), key) != kTimes.end(); }

bool isKnown(std::string_view key)
{
    return isTime(key)
        || std::any_of(kNames.begin(), kNames.end(), [&](const Name &name) { return name.variable == key; });
}

std::optional<Field> fieldOf(std::string_view line)
{
    line = trimmed(line);
    const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (end == std::string_view::npos || !isKnown(line.substr(0, end)))
        return std::nullopt;
    const std::string_view rest = trimmed(line.substr(end));
    if (rest.empty() || (rest.front() != ':' && rest.front() != '='))
        return std::nullopt;
    return Field{line.substr(0, end), trimmed(rest.substr(1))};
}

Nanos secondsOf(std::string_view text)
{
    if (text.ends_with('s'))
        text = trimmed(text.substr(0, text.size() - 1));
    // A comma is how some languages write the point.
    std::string point(text.substr(0, 32));
    std::replace(point.begin(), point.end(), ',', '.');
    const std::optional<std::int64_t> ns = parseScaledDecimal(point, kNanosPerSecond);
    return ns && *ns >= 0 ? *ns : kUnknownNanos;
}

void CurlRows::add(std::string_view key, std::string_view text)
{
    if (text.empty() || text == "null")
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    if (const std::optional<std::int64_t> integer = parseInt64(text)) {
        attribute.type = AttributeType::Integer;
        attribute.integer = *integer;
    }
    m_attributes.push_back(attribute);
}

void CurlRows::setAttributes(const Fields &fields)
{
    m_attributes.clear();
    for (const Name &name : kNames) {
        if (!name.attribute.empty())
            add(name.attribute, valueOf(fields, name.variable));
    }
}

bool CurlRows::request(const Fields &fields, std::uint64_t offset)
{
    const Nanos total = secondsOf(valueOf(fields, "time_total"));
    if (total == kUnknownNanos)
        return false;
    ++m_requests;
    setAttributes(fields);
    const std::string_view effective = valueOf(fields, "url_effective");
    const har::Url url = har::splitUrl(effective.empty() ? valueOf(fields, "url") : effective);
    const std::string route = url.host.empty() ? std::string() : accesslog::routeTemplate(url.path);
    const std::string_view method = valueOf(fields, "method");
    m_operation = url.host.empty()
        ? "curl request"
        : (method.empty() ? "GET" : std::string(method)) + ' ' + std::string(url.host) + route;
    add("http.route", route);
    add("url.scheme", url.scheme);
    add("server.address", url.host);
    add("url.path", url.path);
    add("url.query", url.query);
    TrackRow track;
    track.service = "curl";
    track.instance = url.host;
    track.shape = TrackRow::Shape::Linked;
    // Two files of like requests must not share their traces.
    std::uint64_t hash = hash64({});
    for (const auto &[key, value] : fields)
        hash = hash64(value, hash64(key, hash));
    m_key = "curl " + std::to_string(m_requests) + ' ' + std::to_string(hash);
    SpanRow row;
    row.track = m_sink.track(track);
    row.trace = m_sink.trace(m_key);
    row.key = textKey(m_key);
    row.operation = m_operation;
    row.kind = SpanKind::Client;
    row.startNs = m_now;
    row.durationNs = total;
    std::string_view code = valueOf(fields, "http_code");
    if (code.empty())
        code = valueOf(fields, "response_code");
    const std::int64_t status = parseInt64(code).value_or(0);
    if (status >= 100 && status <= 999)
        row.httpStatus = static_cast<std::uint16_t>(status);
    const std::int64_t exit = parseInt64(valueOf(fields, "exitcode")).value_or(0);
    row.status = exit != 0 || status >= kFirstError ? SpanStatus::Error : SpanStatus::Unset;
    row.attributes = m_attributes;
    m_sink.span(row);
    phases(fields, row, offset);
    m_now = saturatingAdd(m_now, total);
    m_report.rowRead();
    return true;
}

void CurlRows::phases(const Fields &fields, const SpanRow &parent, std::uint64_t offset)
{
    SpanRow row;
    row.track = parent.track;
    row.trace = parent.trace;
    row.parentKey = parent.key;
    std::string key;
    const auto emit = [&](std::string_view operation, Nanos begin, Nanos end) {
        key = m_key + ' ' + std::string(operation);
        row.key = textKey(key);
        row.operation = operation;
        row.startNs = saturatingAdd(parent.startNs, begin);
        row.durationNs = end - begin;
        m_sink.span(row);
    };
    const Nanos redirect = secondsOf(valueOf(fields, "time_redirect"));
    if (redirect != kUnknownNanos && redirect > 0) {
        // The times of the phases then add up over the requests: where each lay is lost.
        emit("redirects", 0, std::min(redirect, parent.durationNs));
        if (redirect < parent.durationNs)
            emit("last request", redirect, parent.durationNs);
        return m_report.note(IssueSeverity::Info, "redirected", offset,
            "curl followed redirects: the time before the last request is one span, and the phases, which "
            "are "
            "sums over all requests, are not drawn");
    }
    Nanos passed = 0;
    std::string_view unwritten; // the first phase since `passed` whose end is not known
    for (const Phase &phase : kPhases) {
        const Nanos end = secondsOf(valueOf(fields, phase.time));
        const bool isBad = end != kUnknownNanos && end != 0 && (end < passed || end > parent.durationNs);
        if (isBad)
            m_report.note(IssueSeverity::Notice, "phases-go-back", offset,
                "a time is earlier than the one before it, or later than the total: it was left out");
        if ((end == kUnknownNanos && phase.always) || isBad)
            unwritten = unwritten.empty() ? phase.operation : unwritten;
        // 0: there was none, as on a connection that was open already, or without TLS.
        if (end == kUnknownNanos || end == 0 || isBad)
            continue;
        const bool isWhole = passed == 0 && end == parent.durationNs && !unwritten.empty();
        const std::string operation = unwritten.empty()
            ? std::string(phase.operation)
            : std::string(unwritten) + " to " + std::string(phase.operation);
        if (end > passed && !isWhole)
            emit(operation, passed, end);
        passed = end;
        unwritten = {};
    }
}

} // namespace tailscope::import::curl
