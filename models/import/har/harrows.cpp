// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/har/harrows.h"

#include "base/text.h"
#include "import/accesslog/routetemplate.h"

#include <algorithm>

namespace tailscope::import::har {

namespace {

constexpr std::string_view kService = "browser";
constexpr std::int64_t kFirstClientError = 400;

SpanKey textKey(std::string_view text)
{
    SpanKey key;
    key.kind = SpanKey::Kind::Text;
    key.text = text;
    return key;
}

TrackRow browserTrack()
{
    TrackRow track;
    track.service = kService;
    track.shape = TrackRow::Shape::Linked;
    return track;
}

} // namespace

Url splitUrl(std::string_view address)
{
    Url url;
    const std::size_t colon = address.find(':');
    if (colon == std::string_view::npos)
        return url;
    url.scheme = address.substr(0, colon);
    if (address.substr(colon, 3) != "://")
        return url;
    std::string_view rest = address.substr(colon + 3);
    const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view host = rest.substr(0, path);
    // A name and a password before the host are nobody's business.
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
        host.remove_prefix(at + 1);
    const std::size_t port = host.rfind(':');
    if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) {
        url.port = parseInt64(host.substr(port + 1)).value_or(0);
        host = host.substr(0, port);
    }
    url.host = host;
    const accesslog::Target target = accesslog::splitTarget(rest.substr(path));
    url.path = target.path.empty() ? std::string_view("/") : target.path;
    url.query = target.query;
    return url;
}

void HarRows::add(std::string_view key, std::string_view text)
{
    if (text.empty())
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    m_attributes.push_back(attribute);
}

void HarRows::add(std::string_view key, const std::optional<std::int64_t> &number)
{
    if (!number)
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = *number;
    m_attributes.push_back(attribute);
}

void HarRows::addReal(std::string_view key, double number)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = number;
    m_attributes.push_back(attribute);
}

/// Names by OpenTelemetry's conventions where it has one.
void HarRows::setAttributes(const Entry &entry, const Url &url, const std::string &route)
{
    m_attributes.clear();
    m_keys.clear();
    add("http.request.method", entry.method);
    add("http.route", route);
    add("url.scheme", url.scheme);
    add("server.address", url.host);
    add("server.port", url.port > 0 ? std::optional(url.port) : std::nullopt);
    add("url.path", url.path);
    add("url.query", url.query);
    add("network.protocol.name", entry.httpVersion);
    add("network.peer.address", entry.serverIp);
    add("network.connection.id", entry.connection);
    add("http.request.body.size", entry.requestBytes);
    add("http.response.body.size", entry.responseBytes);
    add("http.response.content.size", entry.contentBytes);
    add("http.response.transfer_size", entry.transferBytes);
    add("http.response.content_type", entry.mimeType);
    add("http.response.status_text", entry.statusText);
    add("har.error", entry.error);
    add("har.from_cache", entry.fromCache);
    add("har.initiator.type", entry.initiatorType);
    add("har.initiator.url", entry.initiatorUrl);
    add("har.resource_type", entry.resourceType);
    add("har.priority", entry.priority);
    if (entry.authenticated)
        add("http.request.authenticated", "true");
    m_keys.reserve(2 * Entry::kMaxHeaders + 64);
    for (const auto &[name, value] : entry.headers) {
        m_keys.push_back("http.response.header." + name);
        add(m_keys.back(), value);
        if (name != "server-timing" || m_keys.size() > Entry::kMaxHeaders)
            continue;
        for (const auto &[metric, millis] : serverTimings(value)) {
            if (m_keys.size() == m_keys.capacity())
                break;
            m_keys.push_back("server_timing." + metric + "_ms");
            addReal(m_keys.back(), millis);
        }
    }
}

/// Keys of traces must not meet those of another archive: the time of the first entry tells them apart.
HarRows::Known &HarRows::pageOf(const Entry &entry, Nanos start)
{
    const bool alone = entry.page.empty() || (m_pages.size() >= kMaxPages && !m_pages.contains(entry.page));
    Known &known = alone ? m_alone : m_pages[entry.page];
    if (alone)
        known = {};
    if (known.trace == TraceRef::None) {
        known.key = alone ? std::string() : "page " + entry.page;
        known.start = start;
        known.trace = m_sink.trace(
            (alone ? "request " + std::to_string(m_entries) : known.key) + " @ " + entry.started);
    }
    return known;
}

void HarRows::link(SpanRef span, std::string_view traceParent)
{
    // version "-" 32 hex "-" 16 hex "-" flags: the span that the server's trace continues.
    const std::vector<std::string_view> parts = split(traceParent, '-');
    const bool good = parts.size() >= 4 && parts[1].size() == 32 && parts[2].size() == 16
        && parseHex64(parts[1].substr(0, 16)) && parseHex64(parts[1].substr(16)) && parseHex64(parts[2]);
    if (!good)
        return;
    SpanLinkRow row;
    row.span = span;
    row.linkedTraceKey = parts[1];
    row.linkedSpanKey.kind = SpanKey::Kind::Hex64;
    row.linkedSpanKey.hex = *parseHex64(parts[2]);
    m_sink.spanLink(row);
}

void HarRows::entry(const Entry &entry, Nanos start, std::uint64_t offset)
{
    ++m_entries;
    Known &page = pageOf(entry, start);
    const Url url = splitUrl(entry.url);
    const std::string route = url.host.empty() ? std::string() : accesslog::routeTemplate(url.path);
    std::string operation = entry.method.empty() ? "GET" : entry.method;
    operation += ' ';
    operation += url.host.empty() ? std::string(url.scheme) + ':' : std::string(url.host) + route;
    TrackRow track = browserTrack();
    track.instance = url.host;
    const std::string connection = entry.connection.empty() ? "" : "connection " + entry.connection;
    track.thread = connection;
    const std::string key = "request " + std::to_string(m_entries);
    const Nanos sum = entry.phaseSum();
    SpanRow row;
    row.track = m_sink.track(track);
    row.trace = page.trace;
    row.key = textKey(key);
    if (!page.key.empty())
        row.parentKey = textKey(page.key);
    row.operation = operation;
    row.kind = SpanKind::Client;
    row.startNs = start;
    row.durationNs = entry.time != kUnknownNanos ? entry.time : sum;
    if (row.durationNs == kUnknownNanos)
        row.quality |= SpanNoEnd;
    const std::int64_t status = entry.status.value_or(0);
    if (status >= 100 && status <= 999)
        row.httpStatus = static_cast<std::uint16_t>(status);
    row.status = !entry.error.empty() || status >= kFirstClientError ? SpanStatus::Error : SpanStatus::Unset;
    setAttributes(entry, url, route);
    row.attributes = m_attributes;
    const SpanRef span = m_sink.span(row);
    link(span, entry.traceParent);
    phases(entry, row, key);
    if (entry.time != kUnknownNanos && sum != kUnknownNanos
        && std::abs(saturatingSub(entry.time, sum)) > kNanosPerMilli)
        m_report.note(IssueSeverity::Notice, "phases-differ", offset,
            "the phases of a request do not add up to its time: both are shown as they are");
    ++page.requests;
    page.start = std::min(page.start, start);
    if (row.durationNs != kUnknownNanos)
        page.end = std::max(page.end, saturatingAdd(start, row.durationNs));
    m_report.rowRead();
}

void HarRows::phases(const Entry &entry, const SpanRow &parent, std::string_view parentKey)
{
    Nanos at = parent.startNs;
    SpanRow row;
    row.track = parent.track;
    row.trace = parent.trace;
    const auto emit = [&](Phase phase, Nanos start, const SpanKey &above, const std::string &key) {
        row.key = textKey(key);
        row.parentKey = above;
        row.operation = toText(phase);
        row.startNs = start;
        row.durationNs = entry.phase(phase);
        m_sink.span(row);
    };
    for (int i = 0; i < kPhases; ++i) {
        const auto phase = static_cast<Phase>(i);
        const Nanos duration = entry.phase(phase);
        // One that took no time at all is left out, like one that does not apply.
        if (duration == kUnknownNanos || duration == 0)
            continue;
        const std::string own = std::string(parentKey) + ' ' + std::string(toText(phase));
        if (phase == Phase::Queueing) {
            // Chrome counts it inside "blocked": it is how that begins.
            const Nanos blocked = entry.phase(Phase::Blocked);
            if (blocked != kUnknownNanos && duration <= blocked)
                emit(phase, parent.startNs, textKey(std::string(parentKey) + " blocked"), own);
            continue;
        }
        if (phase == Phase::Tls) {
            const Nanos connect = entry.phase(Phase::Connect);
            // The standard counts it inside "connect", at whose end it comes; some writers do not.
            if (connect != kUnknownNanos && connect > 0 && duration <= connect)
                emit(phase, saturatingSub(at, duration), textKey(std::string(parentKey) + " connect"), own);
            else
                emit(phase, saturatingSub(at, duration), textKey(parentKey), own);
            continue;
        }
        emit(phase, at, textKey(parentKey), own);
        at = saturatingAdd(at, duration);
    }
}

void HarRows::pages(std::vector<Page> &pages)
{
    // Entries may name pages that the file does not list.
    for (const auto &[id, known] : m_pages) {
        if (std::any_of(pages.begin(), pages.end(), [&](const Page &page) { return page.id == id; }))
            continue;
        Page page;
        page.id = id;
        pages.push_back(std::move(page));
        m_report.note(IssueSeverity::Info, "unlisted-page", 0,
            "requests name a page that \"pages\" does not list: its span begins with the first of them");
    }
    for (const Page &page : pages) {
        const auto found = m_pages.find(page.id);
        if (found == m_pages.end() || found->second.key.empty())
            continue; // a page without requests has nothing to show
        const Known &known = found->second;
        found->second.key.clear(); // a second page of the same name has no requests of its own
        const std::string key = "page " + page.id;
        const Nanos start = page.start != kUnknownNanos ? page.start : known.start;
        Nanos end = known.end;
        if (page.load != kUnknownNanos)
            end = std::max(end, saturatingAdd(start, page.load));
        SpanRow row;
        row.track = m_sink.track(browserTrack());
        row.trace = known.trace;
        row.key = textKey(key);
        const Url url = splitUrl(page.title);
        const std::string operation = !url.host.empty()
            ? "page " + std::string(url.host) + accesslog::routeTemplate(url.path)
            : page.title.empty() ? key
                                 : "page " + page.title;
        row.operation = operation;
        row.startNs = start;
        if (end != kUnknownNanos && end >= start)
            row.durationNs = saturatingSub(end, start);
        else
            row.quality |= SpanNoEnd;
        m_attributes.clear();
        add("har.page", page.id);
        add("har.title", page.title);
        add("har.requests", std::optional(known.requests));
        row.attributes = m_attributes;
        const SpanRef span = m_sink.span(row);
        const auto moment = [&](std::string_view name, Nanos after) {
            if (after == kUnknownNanos)
                return;
            SpanEventRow event;
            event.span = span;
            event.track = row.track;
            event.tsNs = saturatingAdd(start, after);
            event.name = name;
            m_sink.spanEvent(event);
        };
        moment("DOMContentLoaded", page.contentLoad);
        moment("load", page.load);
    }
}

} // namespace tailscope::import::har
