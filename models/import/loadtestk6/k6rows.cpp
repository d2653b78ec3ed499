// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6rows.h"

#include "base/text.h"
#include "import/accesslog/routetemplate.h"
#include "import/har/harrows.h"
#include "import/loadtest/loadnumbers.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::k6 {

using namespace loadtest;

namespace {

constexpr std::array<std::string_view, 9> kPartNames{"http_reqs", "http_req_duration", "http_req_blocked",
    "http_req_connecting", "http_req_tls_handshaking", "http_req_sending", "http_req_waiting",
    "http_req_receiving", "http_req_failed"};
/// Attributes of the parts that are splits of a request's time.
constexpr std::array<std::string_view, 9> kPartAttributes{"", "", "loadtest.blocked_ms",
    "loadtest.connecting_ms", "loadtest.tls_ms", "loadtest.sending_ms", "loadtest.waiting_ms",
    "loadtest.receiving_ms", ""};
/// Tags that have an attribute or column of their own; the rest become "k6.<tag>".
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTagAttributes{{
    {"error_code", "k6.error_code"},
    {"group", "loadtest.group"},
    {"method", "http.request.method"},
    {"proto", "network.protocol.version"},
    {"scenario", "loadtest.scenario"},
    {"subproto", "k6.subproto"},
    {"tls_version", "tls.protocol.version"},
    {"url", ""},
}};
constexpr int kFirstError = 400;
const std::string kNone;

/// Metrics of k6's own: the CSV does not declare them.
struct Known
{
    std::string_view metric, unit;
    SeriesKind kind;
};
constexpr std::array<Known, 9> kKnown{{{"data_received", "By", SeriesKind::Delta},
    {"data_sent", "By", SeriesKind::Delta}, {"dropped_iterations", "", SeriesKind::Delta},
    {"group_duration", "ms", SeriesKind::Gauge}, {"http_reqs", "", SeriesKind::Delta},
    {"iteration_duration", "ms", SeriesKind::Gauge}, {"iterations", "", SeriesKind::Delta},
    {"ws_msgs_received", "", SeriesKind::Delta}, {"ws_msgs_sent", "", SeriesKind::Delta}}};

bool isLabel(std::string_view tag) { return tag != "vu" && tag != "iter" && tag != "url"; }

} // namespace

K6Rows::K6Rows(RowSink &sink, ImportReport &report, ReadTags readTags)
    : m_sink(sink)
    , m_report(report)
    , m_readTags(std::move(readTags))
    , m_run("k6", Level::Requests)
    , m_requests(sink, m_run)
    , m_series(sink, "k6")
{
    for (const Known &known : kKnown)
        m_metrics.emplace(known.metric, Metric{std::string(known.unit), known.kind});
}

int K6Rows::partOf(std::string_view metric)
{
    if (!metric.starts_with("http_req"))
        return -1;
    const auto found = std::find(kPartNames.begin(), kPartNames.end(), metric);
    return found == kPartNames.end() ? -1 : static_cast<int>(found - kPartNames.begin());
}

void K6Rows::declare(std::string_view metric, std::string_view type, std::string_view contains)
{
    if (m_metrics.size() >= LoadSeries::kMaxCached)
        return;
    Metric &entry = m_metrics[std::string(metric)];
    entry.unit = contains == "time" ? "ms" : contains == "data" ? "By" : "";
    entry.kind = type == "counter" ? SeriesKind::Delta : SeriesKind::Gauge;
}

void K6Rows::sample(const Sample &sample)
{
    const int part = partOf(sample.metric);
    if (part < 0) {
        if (sample.metric == "grpc_req_duration")
            remoteCall(sample);
        else
            other(sample, sample.metric);
        return;
    }
    const auto i = static_cast<std::size_t>(part);
    if (m_open && (sample.ns != m_ns || m_has[i] || sample.rawTags != m_rawTags))
        flush();
    if (!m_open) {
        m_open = true;
        m_ns = sample.ns;
        m_offset = sample.offset;
        m_rawTags = sample.rawTags;
        m_has.fill(false);
    }
    m_has[i] = true;
    m_values[i] = sample.value;
}

/// A group without a duration (a cut file, a filtered one) stays what it is: single values.
void K6Rows::flush()
{
    if (!m_open)
        return;
    m_open = false;
    if (m_has[Duration])
        return request();
    for (std::size_t i = 0; i < kParts; ++i) {
        if (m_has[i])
            other({kPartNames[i], m_ns, m_values[i], m_rawTags, m_offset}, kPartNames[i]);
    }
    m_report.note(IssueSeverity::Notice, "request-without-duration", m_offset,
        "values of a request without http_req_duration became series");
}

void K6Rows::takeTags(std::string_view rawTags)
{
    if (m_tagsAreOf == rawTags && !m_tagsAreOf.empty())
        return;
    m_tagsAreOf = rawTags;
    m_tags.clear();
    m_readTags(rawTags, m_tags);
}

const std::string &K6Rows::tag(std::string_view key) const
{
    for (const auto &[name, value] : m_tags) {
        if (name == key)
            return value;
    }
    return kNone;
}

void K6Rows::addText(std::string_view key, std::string_view text)
{
    if (text.empty())
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    m_attributes.push_back(attribute);
}

/// k6 names a request by its URL unless the script says otherwise: then the path's template stands for it.
void K6Rows::nameAndAttributes(LoadRequest &request)
{
    const std::string &url = tag("url");
    const std::string &name = tag("name");
    const har::Url parts = har::splitUrl(url.empty() ? name : url);
    if (!name.empty() && (name != url || parts.host.empty())) {
        m_operation = name;
    } else {
        m_operation = tag("method");
        m_operation += m_operation.empty() ? "" : " ";
        m_operation += parts.host.empty() ? std::string("request") : accesslog::routeTemplate(parts.path);
    }
    request.operation = m_operation;
    addText("server.address", parts.host);
    addText("url.path", parts.path);
    addText("url.query", parts.query);
    m_keys.clear();
    std::size_t bytes = 0; // the keys must not move while views into them are taken
    for (const auto &[key, value] : m_tags)
        bytes += key.size() + 3;
    m_keys.reserve(bytes);
    for (const auto &[key, value] : m_tags) {
        if (key == "name" || key == "status" || key == "error")
            continue;
        const auto known = std::find_if(kTagAttributes.begin(), kTagAttributes.end(),
            [&key](const auto &entry) { return entry.first == key; });
        if (known != kTagAttributes.end()) {
            if (!known->second.empty())
                addText(known->second, value);
            continue;
        }
        const std::size_t begin = m_keys.size();
        m_keys.append("k6.").append(key);
        addText(std::string_view(m_keys).substr(begin), value);
    }
    request.message = tag("error");
}

void K6Rows::request()
{
    takeTags(m_rawTags);
    m_attributes.clear();
    LoadRequest request;
    request.durationNs = nanosOfMillis(m_values[Duration]);
    // The time of a sample is the end of its request.
    request.startNs = request.durationNs == kUnknownNanos ? m_ns : saturatingSub(m_ns, request.durationNs);
    nameAndAttributes(request);
    for (std::size_t i = Blocked; i <= Receiving; ++i) {
        if (!m_has[i] || !std::isfinite(m_values[i]))
            continue;
        Attribute attribute;
        attribute.key = kPartAttributes[i];
        attribute.type = AttributeType::Real;
        attribute.real = m_values[i];
        m_attributes.push_back(attribute);
    }
    const std::int64_t status = parseInt64(tag("status")).value_or(0);
    if (status >= 100 && status <= 999)
        request.httpStatus = static_cast<std::uint16_t>(status);
    request.failed
        = m_has[Failed] ? m_values[Failed] != 0 : status >= kFirstError || !request.message.empty();
    if (request.failed && (!request.message.empty() || status != 0))
        m_run.failure(request.operation,
            !request.message.empty() ? std::string(request.message) : "status " + std::to_string(status));
    request.attributes = m_attributes;
    m_requests.add(request);
}

void K6Rows::remoteCall(const Sample &sample)
{
    flush();
    takeTags(sample.rawTags);
    m_attributes.clear();
    LoadRequest request;
    request.durationNs = nanosOfMillis(sample.value);
    request.startNs
        = request.durationNs == kUnknownNanos ? sample.ns : saturatingSub(sample.ns, request.durationNs);
    nameAndAttributes(request);
    if (request.operation == "request" && !tag("method").empty())
        request.operation = tag("method");
    addText("rpc.grpc.status_code", tag("status"));
    request.failed = !tag("status").empty() && tag("status") != "0";
    request.attributes = m_attributes;
    m_requests.add(request);
}

void K6Rows::other(const Sample &sample, std::string_view metric)
{
    m_run.touch(sample.ns);
    if (metric == "vus") {
        m_users = std::max(m_users, sample.value);
        return m_series.users(sample.ns, sample.value);
    }
    if (metric == "vus_max")
        m_maxUsers = std::max(m_maxUsers, sample.value);
    m_dropped |= metric == "dropped_iterations" && sample.value > 0;
    takeTags(sample.rawTags);
    m_labels.clear();
    for (const auto &[key, value] : m_tags) {
        if (isLabel(key) && !value.empty())
            m_labels.emplace_back(key, value);
    }
    m_foreign.assign("k6.").append(metric);
    const auto declared = m_metrics.find(metric);
    LoadSeries::Series series{m_foreign, metric, {}, m_labels};
    if (declared != m_metrics.end()) {
        series.unit = declared->second.unit;
        series.kind = declared->second.kind;
    }
    m_series.point(series, sample.ns, sample.value);
}

void K6Rows::finish()
{
    flush();
    if (m_users >= 0 || m_maxUsers >= 0)
        m_run.users = std::max(m_users, m_maxUsers);
    if (m_dropped)
        m_report.note(IssueSeverity::Info, "dropped-iterations", 0,
            "k6 could not start all iterations in time: see the series k6.dropped_iterations");
    m_requests.finish();
    m_run.write(m_sink, m_report);
}

} // namespace tailscope::import::k6
