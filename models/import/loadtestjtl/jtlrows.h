// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/loadtest/loadrequests.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::jtl {

/// One sample as a results file of JMeter has it; empty = not written.
struct JtlSample
{
    std::string_view timeStamp, elapsed, label, responseCode, responseMessage, threadName, dataType, success,
        failureMessage, bytes, sentBytes, grpThreads, allThreads, url, latency, idleTime, connect, hostname;
    std::uint64_t offset = 0;
};

/// Samples into spans. A transaction controller's sample is a sum over the samples in it.
class JtlRows
{
public:
    JtlRows(RowSink &sink, ImportReport &report, const ReadOptions &options);

    Result<void> check(const std::string &subject) const { return m_time.check(subject); }
    std::string askedTimezone() const { return m_time.askedTimezone(); }
    std::string timezone() const { return m_time.timezone(); }

    TraceRef traceOf(std::string_view key) { return key.empty() ? TraceRef::None : m_sink.trace(key); }
    /// Nothing, or why the sample cannot be taken. `isSum`: it has samples below it that are told too.
    std::string_view sample(const JtlSample &sample, bool isSum = false, SpanKey key = {},
        SpanKey parent = {}, TraceRef trace = TraceRef::None);
    void finish();

private:
    void addText(std::string_view key, std::string_view text);
    void addNumber(std::string_view key, std::string_view text);
    void addMillis(std::string_view key, std::string_view text, bool hideZero);
    void attributes(const JtlSample &sample);

    RowSink &m_sink;
    ImportReport &m_report;
    TimeText m_time;
    loadtest::LoadRun m_run;
    loadtest::LoadRequests m_requests;
    loadtest::LoadSeries m_series;
    loadtest::UserCount m_users;
    std::vector<Attribute> m_attributes;
    std::string m_scratch;
};

} // namespace tailscope::import::jtl
