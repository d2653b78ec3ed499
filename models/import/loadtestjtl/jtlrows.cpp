// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtlrows.h"

#include "base/text.h"
#include "import/har/harrows.h"
#include "import/loadtest/loadnumbers.h"

#include <algorithm>

namespace tailscope::import::jtl {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxText = 8192;

/// What a transaction controller writes as the message of its sample.
bool isTransaction(std::string_view message)
{
    return message.starts_with("Number of samples in transaction");
}

} // namespace

JtlRows::JtlRows(RowSink &sink, ImportReport &report, const ReadOptions &options)
    : m_sink(sink)
    , m_report(report)
    , m_time(options)
    , m_run("jmeter", Level::Requests)
    , m_requests(sink, m_run)
    , m_series(sink, "jmeter")
    , m_users(m_series, m_run)
{
    // A thread waits for its answer before it samples again, whatever timer stands between.
    m_run.loop = Loop::Closed;
    m_run.omission = Omission::Possible;
}

void JtlRows::addText(std::string_view key, std::string_view text)
{
    if (text.empty() || text == "null")
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = utf8Prefix(text, kMaxText);
    m_attributes.push_back(attribute);
}

void JtlRows::addNumber(std::string_view key, std::string_view text)
{
    const std::optional<std::int64_t> value = count(text);
    if (!value)
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = *value;
    m_attributes.push_back(attribute);
}

void JtlRows::addMillis(std::string_view key, std::string_view text, bool hideZero)
{
    const std::optional<double> value = number(text);
    if (!value || (hideZero && *value == 0))
        return;
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = *value;
    m_attributes.push_back(attribute);
}

void JtlRows::attributes(const JtlSample &sample)
{
    m_attributes.clear();
    addText("jmeter.thread", sample.threadName);
    addText("jmeter.data_type", sample.dataType);
    const har::Url url = har::splitUrl(trimmed(sample.url));
    addText("server.address", url.host);
    addText("url.path", url.path);
    addText("url.query", url.query);
    addNumber("http.response.body.size", sample.bytes);
    addNumber("http.request.body.size", sample.sentBytes);
    addNumber("loadtest.users", sample.allThreads);
    addMillis("loadtest.waiting_ms", sample.latency, true);
    addMillis("loadtest.connecting_ms", sample.connect, true);
    addMillis("loadtest.idle_ms", sample.idleTime, true);
    if (!sample.responseCode.empty() && !parseInt64(sample.responseCode))
        addText("jmeter.response_code", sample.responseCode);
}

std::string_view JtlRows::sample(const JtlSample &sample, bool isSum, SpanKey key, SpanKey parent,
    TraceRef trace)
{
    std::string_view stamp = trimmed(sample.timeStamp);
    if (stamp.find('/') != std::string_view::npos) { // "2024/05/01 10:00:00.123", an option of JMeter's
        m_scratch = stamp;
        std::replace(m_scratch.begin(), m_scratch.end(), '/', '-');
        stamp = m_scratch;
    }
    const std::optional<TimeText::Time> time = m_time.parse(stamp, sample.offset, m_report);
    if (!time)
        return "the time stamp is neither a date nor a number since 1970";
    const std::optional<Nanos> elapsed = nanos(sample.elapsed, kNanosPerMilli);
    if (!elapsed)
        return "the elapsed time is no number of milliseconds";
    attributes(sample);
    LoadRequest request;
    request.startNs = time->ns;
    request.durationNs = *elapsed;
    request.operation = sample.label;
    request.instance = sample.hostname;
    const std::int64_t code = parseInt64(trimmed(sample.responseCode)).value_or(0);
    if (code >= 100 && code <= 999)
        request.httpStatus = static_cast<std::uint16_t>(code);
    request.failed = !sample.success.empty() ? !startsWithNoCase(sample.success, "t") : code >= 400;
    request.isSum = isSum || isTransaction(sample.responseMessage);
    if (request.failed)
        request.message = !sample.failureMessage.empty() ? sample.failureMessage
            : !sample.responseMessage.empty()            ? sample.responseMessage
                                                         : sample.responseCode;
    request.attributes = m_attributes;
    request.key = key;
    request.parentKey = parent;
    request.trace = trace;
    m_requests.add(request);
    if (request.failed && !request.isSum)
        m_run.failure(request.operation, request.message);
    if (const std::optional<double> users = number(sample.allThreads))
        m_users.at(saturatingAdd(time->ns, std::max<Nanos>(0, *elapsed)), *users);
    return {};
}

void JtlRows::finish()
{
    m_users.finish();
    m_requests.finish();
    m_run.write(m_sink, m_report);
}

} // namespace tailscope::import::jtl
