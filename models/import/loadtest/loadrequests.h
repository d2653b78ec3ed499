// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::loadtest {

/// One request as a tool tells it. Views need to live for the call.
struct LoadRequest
{
    Nanos startNs = 0;
    Nanos durationNs = kUnknownNanos; ///< negative: told as such
    std::string_view operation, message, instance;
    std::uint16_t httpStatus = 0;
    bool failed = false;
    bool isSum = false; ///< of requests that are told too: counted nowhere
    AttributeList attributes; ///< further ones
    SpanKey key, parentKey;
    TraceRef trace = TraceRef::None;
};

/// Requests into spans, and the count of them into the phase of the whole run.
class LoadRequests
{
public:
    LoadRequests(RowSink &sink, LoadRun &run)
        : m_sink(sink)
        , m_run(run)
    {}
    void add(const LoadRequest &request);
    /// Puts requests, errors, rate, mean, min and max into the run's whole. Call once, after the last.
    void finish();

private:
    TrackRef trackOf(std::string_view instance);

    RowSink &m_sink;
    LoadRun &m_run;
    TrackRef m_track = TrackRef::None;
    std::string m_instance;
    std::vector<Attribute> m_attributes;
    std::int64_t m_requests = 0, m_errors = 0, m_timed = 0;
    double m_sumMs = 0;
    Nanos m_min = 0, m_max = 0;
};

/// The number of active users as a series of at most one point a second: the most that were seen in it.
class UserCount
{
public:
    UserCount(LoadSeries &series, LoadRun &run)
        : m_series(series)
        , m_run(run)
    {}
    void at(Nanos tsNs, double users);
    void finish();

private:
    LoadSeries &m_series;
    LoadRun &m_run;
    Nanos m_second = kUnknownNanos; ///< the second at hand
    double m_most = 0, m_all = 0;
};

} // namespace tailscope::import::loadtest
