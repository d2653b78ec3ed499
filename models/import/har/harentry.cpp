// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/har/harentry.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>

namespace tailscope::import::har {

namespace {

using Token = JsonPull::Token;

constexpr std::array<std::string_view, kPhases> kNames{"blocked", "queueing", "dns", "connect", "tls", "send",
    "wait", "receive"};
constexpr std::array<std::string_view, kPhases> kKeys{"blocked", "_blocked_queueing", "dns", "connect", "ssl",
    "send", "wait", "receive"};

/// Headers of answers that are kept. Cookies and tokens are not among them.
constexpr std::array<std::string_view, 13> kKeptHeaders{"age", "alt-svc", "cache-control", "cf-cache-status",
    "content-encoding", "expires", "location", "retry-after", "server", "server-timing", "vary", "x-cache",
    "x-request-id"};

std::string text(JsonPull &pull) { return pullText(pull, Entry::kMaxText); }

/// Milliseconds; unknown for -1, null and what is no number.
Nanos pullMillis(JsonPull &pull)
{
    const Token token = pull.next();
    if (token == Token::Number || token == Token::String) {
        const std::optional<std::int64_t> ns = parseScaledDecimal(pull.text(), kNanosPerMilli);
        return ns && *ns >= 0 ? *ns : kUnknownNanos;
    }
    pull.skip();
    return kUnknownNanos;
}

std::optional<std::int64_t> pullCount(JsonPull &pull)
{
    const std::optional<std::int64_t> count = pullInteger(pull);
    return count && *count >= 0 ? count : std::nullopt;
}

/// Behind a key: calls member(key) for every key of the object there; false when there is none.
template<typename Member>
bool eachMember(JsonPull &pull, Member &&member)
{
    if (pull.next() != Token::ObjectStart) {
        pull.skip();
        return false;
    }
    while (pull.next() == Token::Key)
        member(std::string(pull.text()));
    return true;
}

} // namespace

std::string_view toText(Phase phase) { return kNames[static_cast<std::size_t>(phase)]; }

void Entry::readHeaders(JsonPull &pull, bool ofRequest)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ObjectStart) {
            pull.skip();
            continue;
        }
        std::string name, value;
        while (pull.next() == Token::Key) {
            const std::string_view key = pull.text();
            if (key == "name")
                name = toLowerAscii(text(pull));
            else if (key == "value")
                value = text(pull);
            else
                pull.skip();
        }
        takeHeader(std::move(name), std::move(value), ofRequest);
    }
}

void Entry::takeHeader(std::string name, std::string value, bool ofRequest)
{
    if (ofRequest) {
        authenticated |= name == "authorization" || name == "cookie";
        if (name == "traceparent")
            traceParent = std::move(value);
        return;
    }
    const bool kept = std::find(kKeptHeaders.begin(), kKeptHeaders.end(), name) != kKeptHeaders.end();
    if (kept && headers.size() < kMaxHeaders)
        headers.emplace_back(std::move(name), std::move(value));
}

void Entry::readRequest(JsonPull &pull)
{
    eachMember(pull, [&](const std::string &key) {
        if (key == "method")
            method = text(pull);
        else if (key == "url")
            url = text(pull);
        else if (key == "httpVersion")
            httpVersion = text(pull);
        else if (key == "headers")
            readHeaders(pull, true);
        else if (key == "bodySize")
            requestBytes = pullCount(pull);
        else
            pull.skip();
    });
}

void Entry::readResponse(JsonPull &pull)
{
    eachMember(pull, [&](const std::string &key) {
        if (key == "status")
            status = pullInteger(pull);
        else if (key == "statusText")
            statusText = text(pull);
        else if (key == "httpVersion" && httpVersion.empty())
            httpVersion = text(pull);
        else if (key == "headers")
            readHeaders(pull, false);
        else if (key == "bodySize")
            responseBytes = pullCount(pull);
        else if (key == "_transferSize")
            transferBytes = pullCount(pull);
        else if (key == "_error")
            error = text(pull);
        else if (key == "content")
            eachMember(pull, [&](const std::string &part) {
                if (part == "size")
                    contentBytes = pullCount(pull);
                else if (part == "mimeType")
                    mimeType = text(pull);
                else
                    pull.skip();
            });
        else
            pull.skip();
    });
}

void Entry::readTimings(JsonPull &pull)
{
    eachMember(pull, [&](const std::string &key) {
        const auto known = std::find(kKeys.begin(), kKeys.end(), key);
        if (known != kKeys.end())
            phases[static_cast<std::size_t>(known - kKeys.begin())] = pullMillis(pull);
        else
            pull.skip();
    });
}

void Entry::readInitiator(JsonPull &pull)
{
    eachMember(pull, [&](const std::string &key) {
        if (key == "type")
            initiatorType = text(pull);
        else if (key == "url")
            initiatorUrl = text(pull);
        else
            pull.skip();
    });
}

void Entry::read(JsonPull &pull)
{
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "pageref")
            page = text(pull);
        else if (key == "startedDateTime")
            started = text(pull);
        else if (key == "time")
            time = pullMillis(pull);
        else if (key == "request")
            readRequest(pull);
        else if (key == "response")
            readResponse(pull);
        else if (key == "timings")
            readTimings(pull);
        else if (key == "serverIPAddress")
            serverIp = text(pull);
        else if (key == "connection")
            connection = text(pull);
        else if (key == "_initiator")
            readInitiator(pull);
        else if (key == "_resourceType")
            resourceType = text(pull);
        else if (key == "_priority")
            priority = text(pull);
        else if (key == "_fromCache")
            fromCache = text(pull);
        else
            pull.skip();
    }
}

Nanos Entry::phaseSum() const
{
    Nanos sum = kUnknownNanos;
    for (int i = 0; i < kPhases; ++i) {
        const auto which = static_cast<Phase>(i);
        if (which == Phase::Tls || which == Phase::Queueing || phase(which) == kUnknownNanos)
            continue;
        sum = saturatingAdd(sum == kUnknownNanos ? 0 : sum, phase(which));
    }
    return sum;
}

std::vector<std::pair<std::string, double>> serverTimings(std::string_view header)
{
    constexpr std::size_t kMaxMetrics = 50;
    std::vector<std::pair<std::string, double>> metrics;
    bool quoted = false;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= header.size() && metrics.size() < kMaxMetrics; ++at) {
        if (at < header.size() && header[at] == '"')
            quoted = !quoted;
        if (at < header.size() && (header[at] != ',' || quoted))
            continue;
        const std::vector<std::string_view> parts = split(header.substr(from, at - from), ';');
        from = at + 1;
        const std::string_view name = trimmed(parts.front());
        for (const std::string_view part : parts) {
            const std::string_view parameter = trimmed(part);
            const std::optional<double> millis
                = startsWithNoCase(parameter, "dur=") ? parseDouble(parameter.substr(4)) : std::nullopt;
            if (millis && !name.empty())
                metrics.emplace_back(std::string(name), *millis);
        }
    }
    return metrics;
}

} // namespace tailscope::import::har
