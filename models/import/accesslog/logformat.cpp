// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/logformat.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import::accesslog {

namespace {

struct Variable
{
    std::string_view name;
    LogField field;
    Nanos scale = 0;
};
constexpr std::array<Variable, 36> kVariables{{{"remote_addr", LogField::Client},
    {"realip_remote_addr", LogField::Attribute}, {"remote_user", LogField::User},
    {"time_local", LogField::Time}, {"time_iso8601", LogField::Time}, {"msec", LogField::EpochTime},
    {"request", LogField::Request}, {"request_method", LogField::Method}, {"request_uri", LogField::Target},
    {"uri", LogField::Attribute}, {"args", LogField::Query}, {"query_string", LogField::Query},
    {"server_protocol", LogField::Protocol}, {"status", LogField::Status},
    {"body_bytes_sent", LogField::Bytes}, {"bytes_sent", LogField::Attribute},
    {"http_referer", LogField::Referer}, {"http_user_agent", LogField::Agent}, {"host", LogField::Host},
    {"http_host", LogField::Host}, {"server_name", LogField::Host},
    {"request_time", LogField::Duration, kNanosPerSecond},
    {"upstream_response_time", LogField::UpstreamTimes}, {"upstream_connect_time", LogField::UpstreamTimes},
    {"upstream_header_time", LogField::UpstreamTimes}, {"upstream_queue_time", LogField::UpstreamTimes},
    {"http_authorization", LogField::Skip}, {"http_cookie", LogField::Skip},
    {"sent_http_set_cookie", LogField::Skip}, {"opentelemetry_trace_id", LogField::TraceId},
    {"otel_trace_id", LogField::TraceId}, {"opentracing_context_x_b3_traceid", LogField::TraceId},
    {"trace_id", LogField::TraceId}, {"http_x_b3_traceid", LogField::TraceId},
    {"remote_port", LogField::Attribute}, {"pipe", LogField::Attribute}}};

struct Directive
{
    char letter;
    LogField field;
    Nanos scale = 0;
    std::string_view key = {};
};
constexpr std::array<Directive, 29> kDirectives{{{'h', LogField::Client}, {'a', LogField::Client},
    {'l', LogField::Skip}, {'u', LogField::User}, {'t', LogField::Time}, {'r', LogField::Request},
    {'m', LogField::Method}, {'U', LogField::Target}, {'q', LogField::Query}, {'H', LogField::Protocol},
    {'s', LogField::Status}, {'b', LogField::Bytes}, {'B', LogField::Bytes}, {'v', LogField::Host},
    {'V', LogField::Host}, {'D', LogField::Duration, kNanosPerMicro},
    {'T', LogField::Duration, kNanosPerSecond}, {'O', LogField::Attribute, 0, "apache.bytes_sent"},
    {'I', LogField::Attribute, 0, "apache.bytes_received"}, {'S', LogField::Attribute, 0, "apache.bytes"},
    {'p', LogField::Attribute, 0, "server.port"}, {'A', LogField::Attribute, 0, "server.address"},
    {'f', LogField::Attribute, 0, "apache.file"}, {'k', LogField::Attribute, 0, "apache.keepalive_requests"},
    {'L', LogField::Attribute, 0, "apache.log_id"}, {'P', LogField::Attribute, 0, "apache.pid"},
    {'R', LogField::Attribute, 0, "apache.handler"},
    {'X', LogField::Attribute, 0, "apache.connection_status"}, {'C', LogField::Skip}}};

bool isWordByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Error usage(std::string_view format, std::string detail)
{
    return Error{ErrorCode::Usage, "log format", std::move(detail), {},
        "give nginx's log_format or Apache's LogFormat, as in: '$remote_addr [$time_local] \"$request\" "
        "$status "
        "$request_time' or '%h %l %u %t \"%r\" %>s %b %D' (was: "
            + std::string(utf8Prefix(format, 200)) + ')'};
}

/// The value of `log_format name 'a' 'b';` and of `LogFormat "..." name`: quoted parts joined, escapes
/// resolved.
std::string unquoted(std::string_view text)
{
    text = trimmed(text);
    const bool nginx = text.starts_with("log_format ");
    const bool apache = startsWithNoCase(text, "LogFormat ") && !nginx;
    if (!nginx && !apache && !startsWithNoCase(text, "CustomLog "))
        return std::string(text);
    std::string out;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == 0) {
            if (c == '"' || c == '\'')
                quote = c;
        } else if (c == '\\' && i + 1 < text.size()) {
            out += text[++i];
        } else if (c == quote) {
            quote = 0;
            if (!nginx)
                break; // what follows is the name
        } else {
            out += c;
        }
    }
    return out;
}

std::string headerKey(std::string_view side, std::string_view name)
{
    std::string key = "http." + std::string(side) + ".header." + toLowerAscii(name);
    std::replace(key.begin() + static_cast<std::ptrdiff_t>(key.size() - name.size()), key.end(), '_', '-');
    return key;
}

bool isSecret(std::string_view header)
{
    std::string name = toLowerAscii(header);
    std::replace(name.begin(), name.end(), '_', '-'); // as nginx names them
    return name == "authorization" || name == "cookie" || name == "set-cookie"
        || name == "proxy-authorization" || name == "x-api-key";
}

std::size_t numberEnd(std::string_view text, std::size_t at)
{
    while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.'))
        ++at;
    return at;
}

/// "0.1, 0.2 : 0.3", "-": numbers or dashes with these between them.
std::size_t listEnd(std::string_view text, std::size_t at)
{
    for (;;) {
        const std::size_t end = at < text.size() && text[at] == '-' ? at + 1 : numberEnd(text, at);
        if (end == at)
            return at;
        const std::string_view rest = text.substr(end);
        const std::size_t separator = rest.starts_with(", ") ? 2 : rest.starts_with(" : ") ? 3 : 0;
        const std::size_t next = end + separator;
        if (separator == 0 || next >= text.size()
            || !(text[next] == '-' || (text[next] >= '0' && text[next] <= '9')))
            return end;
        at = next;
    }
}

} // namespace

LogFormat::Piece LogFormat::nginxPiece(std::string_view variable)
{
    Piece piece;
    const auto *known = std::find_if(kVariables.begin(), kVariables.end(),
        [&](const Variable &one) { return one.name == variable; });
    piece.key = "nginx." + std::string(variable);
    if (known != kVariables.end()) {
        piece.field = known->field;
        piece.scale = known->scale;
    } else if (variable.starts_with("cookie_")) {
        piece.field = LogField::Skip;
    } else if (variable.starts_with("http_")) {
        piece.field = isSecret(variable.substr(5)) ? LogField::Skip : LogField::Attribute;
        piece.key = headerKey("request", variable.substr(5));
    } else if (variable.starts_with("sent_http_") || variable.starts_with("upstream_http_")) {
        const std::string_view name = variable.substr(variable.find("http_") + 5);
        piece.field = isSecret(name) ? LogField::Skip : LogField::Attribute;
        piece.key = headerKey("response", name);
    }
    return piece;
}

LogFormat::Piece LogFormat::apachePiece(std::string_view argument, char directive)
{
    Piece piece;
    const auto *known = std::find_if(kDirectives.begin(), kDirectives.end(),
        [&](const Directive &one) { return one.letter == directive; });
    piece.key = "apache." + std::string(1, directive);
    if (known != kDirectives.end()) {
        piece.field = known->field;
        piece.scale = known->scale;
        if (!known->key.empty())
            piece.key = known->key;
    }
    if (argument.empty())
        return piece;
    const std::string name = toLowerAscii(argument);
    if (directive == 'i') {
        piece.field = name == "referer" ? LogField::Referer
            : name == "user-agent"      ? LogField::Agent
            : name == "host"            ? LogField::Host
            : isSecret(name)            ? LogField::Skip
                                        : LogField::Attribute;
        piece.key = headerKey("request", name);
    } else if (directive == 'o') {
        piece.field = isSecret(name) ? LogField::Skip : LogField::Attribute;
        piece.key = headerKey("response", name);
    } else if (directive == 'T') {
        piece.scale = name == "ms" ? kNanosPerMilli : name == "us" ? kNanosPerMicro : kNanosPerSecond;
    } else if (directive == 't') {
        const std::string_view kind = std::string_view(name).substr(name.find(':') + 1);
        if (kind == "sec" || kind == "msec" || kind == "usec")
            piece.field = LogField::EpochTime;
        else if (kind == "msec_frac" || kind == "usec_frac")
            piece.field = LogField::Skip;
    } else if (directive == 'n' || directive == 'e') {
        piece.key = "apache." + name;
    }
    return piece;
}

void LogFormat::addLiteral(char c) { (m_pieces.empty() ? m_before : m_pieces.back().after) += c; }

Result<void> LogFormat::addNginx(std::string_view format)
{
    m_timeIs = TimeIs::End;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '$') {
            addLiteral(format[i]);
            continue;
        }
        const bool braces = i + 1 < format.size() && format[i + 1] == '{';
        const std::size_t from = i + (braces ? 2 : 1);
        std::size_t end = from;
        while (end < format.size() && isWordByte(format[end]))
            ++end;
        if (end == from)
            return fail(usage(format, "a $ without a name"));
        m_pieces.push_back(nginxPiece(format.substr(from, end - from)));
        i = braces && end < format.size() && format[end] == '}' ? end : end - 1;
    }
    return finish();
}

Result<void> LogFormat::addApache(std::string_view format)
{
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '\\' && i + 1 < format.size()) {
            const char c = format[++i];
            addLiteral(c == 't' ? '\t' : c);
            continue;
        }
        if (format[i] != '%') {
            addLiteral(format[i]);
            continue;
        }
        if (i + 1 < format.size() && format[i + 1] == '%') {
            addLiteral(format[++i]);
            continue;
        }
        // %>s, %!200,304{Referer}i: conditions say when, not what.
        std::size_t at = i + 1;
        while (at < format.size()
            && std::string_view("<>!,0123456789").find(format[at]) != std::string_view::npos)
            ++at;
        std::string_view argument;
        if (at < format.size() && format[at] == '{') {
            const std::size_t close = format.find('}', at);
            if (close == std::string_view::npos)
                return fail(usage(format, "a { without its }"));
            argument = format.substr(at + 1, close - at - 1);
            at = close + 1;
        }
        if (at >= format.size())
            return fail(usage(format, "a % without a directive"));
        m_pieces.push_back(apachePiece(argument, format[at]));
        if (format[at] == 't' && argument.empty()) {
            // The server writes the brackets itself.
            (m_pieces.size() > 1 ? m_pieces[m_pieces.size() - 2].after : m_before) += '[';
            m_pieces.back().after = "]";
        }
        if (format[at] == 't' && startsWithNoCase(argument, "end:"))
            m_timeIs = TimeIs::End;
        i = at;
    }
    return finish();
}

Result<void> LogFormat::finish()
{
    if (m_pieces.size() > kMaxPieces)
        return fail(usage(m_text, "more than 200 fields"));
    const auto isTime = [](const Piece &piece) {
        return piece.field == LogField::Time || piece.field == LogField::EpochTime;
    };
    if (std::none_of(m_pieces.begin(), m_pieces.end(), isTime))
        return fail(usage(m_text, "it has no time: $time_local, $time_iso8601, $msec or %t"));
    for (std::size_t i = 0; i + 1 < m_pieces.size(); ++i) {
        const LogField field = m_pieces[i].field;
        // A path and its query stand side by side: the first takes both.
        if (m_pieces[i].after.empty() && field == LogField::Target
            && m_pieces[i + 1].field == LogField::Query) {
            m_pieces[i].after = m_pieces[i + 1].after;
            m_pieces.erase(m_pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
        if (m_pieces[i].after.empty() && i + 1 < m_pieces.size())
            return fail(usage(m_text, "two fields with nothing between them"));
    }
    for (Piece &piece : m_pieces)
        piece.quoted = piece.after.starts_with('"');
    return {};
}

Result<LogFormat> LogFormat::compile(std::string_view text)
{
    LogFormat format;
    format.m_text = unquoted(text);
    const bool nginx = format.m_text.find('$') != std::string::npos;
    if (!nginx && format.m_text.find('%') == std::string::npos)
        return fail(usage(text, "it names no field"));
    const std::string copy = format.m_text;
    const Result<void> added = nginx ? format.addNginx(copy) : format.addApache(copy);
    if (!added)
        return fail(added.error());
    return format;
}

bool LogFormat::store(const Piece &piece, std::string_view value, LogMatch &out)
{
    struct Place
    {
        LogField field;
        std::string_view LogMatch::*member;
    };
    static constexpr std::array<Place, 13> places{{{LogField::User, &LogMatch::user},
        {LogField::Time, &LogMatch::time}, {LogField::EpochTime, &LogMatch::epoch},
        {LogField::Request, &LogMatch::request}, {LogField::Method, &LogMatch::method},
        {LogField::Target, &LogMatch::target}, {LogField::Status, &LogMatch::status},
        {LogField::Bytes, &LogMatch::bytes}, {LogField::Referer, &LogMatch::referer},
        {LogField::Agent, &LogMatch::agent}, {LogField::Host, &LogMatch::host},
        {LogField::TraceId, &LogMatch::traceId}, {LogField::Client, &LogMatch::client}}};
    const bool mustBeNumber = piece.field == LogField::EpochTime || piece.field == LogField::Status
        || piece.field == LogField::Bytes || piece.field == LogField::Duration;
    if (mustBeNumber && numberEnd(value, 0) != value.size())
        return false;
    if (value.empty())
        return true;
    // nginx always writes the fraction: a plain integer is another figure, of who knows what unit.
    if (piece.key == "nginx.request_time" && value.find('.') == std::string_view::npos)
        return false;
    const auto *place = std::find_if(places.begin(), places.end(),
        [&](const Place &one) { return one.field == piece.field; });
    if (place != places.end()) {
        out.*place->member = value;
        return piece.field != LogField::Status || value.size() == 3;
    }
    if (piece.field == LogField::Attribute)
        out.attributes.emplace_back(piece.key, value);
    else if (piece.field == LogField::UpstreamTimes)
        out.upstreamTimes.emplace_back(piece.key, value);
    else if (piece.field == LogField::Query)
        out.query = value.starts_with('?') ? value.substr(1) : value;
    else if (piece.field == LogField::Protocol)
        out.protocol = value.starts_with("HTTP/") ? value.substr(5) : value;
    // Of several durations the finest is known best.
    else if (piece.field == LogField::Duration
        && (out.duration.empty() || piece.scale <= out.durationScale)) {
        out.duration = value;
        out.durationScale = piece.scale;
    }
    return true;
}

bool LogFormat::match(std::string_view line, LogMatch &out) const
{
    out = {};
    if (!line.starts_with(m_before))
        return false;
    std::size_t at = m_before.size();
    for (const Piece &piece : m_pieces) {
        std::size_t end = line.size();
        if (piece.field == LogField::UpstreamTimes) {
            end = listEnd(line, at);
        } else if (!piece.after.empty()) {
            end = line.find(piece.after, at);
            while (piece.quoted && end != std::string_view::npos && end > at && line[end - 1] == '\\')
                end = line.find(piece.after, end + 1);
        }
        if (end == std::string_view::npos || line.substr(end, piece.after.size()) != piece.after)
            return false;
        const std::string_view value = line.substr(at, end - at);
        at = end + piece.after.size();
        if (!store(piece, value == "-" ? std::string_view() : value, out))
            return false;
    }
    return at == line.size();
}

} // namespace tailscope::import::accesslog
