// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "store/rowsink.h"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tailscope::import::loadtest {

inline constexpr std::string_view kUsers = "loadtest.users";
inline constexpr std::string_view kRequestRate = "loadtest.requests.rate";
inline constexpr std::string_view kErrorRate = "loadtest.errors.rate";
inline constexpr std::string_view kResponseTime = "loadtest.response_time";
inline constexpr std::string_view kDistribution = "loadtest.response_time.distribution";

using Label = std::pair<std::string_view, std::string_view>;

/// The series of a load test. One object a reader.
class LoadSeries
{
public:
    /// Series whose reference is remembered; past it the sink is asked again.
    static constexpr std::size_t kMaxCached = 131'072;

    LoadSeries(RowSink &sink, std::string_view tool)
        : m_sink(sink)
        , m_tool(tool)
    {}

    struct Series
    {
        std::string_view metric, foreignName; ///< no foreign name: the same
        std::string_view unit;
        std::span<const Label> labels; ///< in any order
        SeriesKind kind = SeriesKind::Gauge;
    };
    SeriesRef series(const Series &series);
    /// What is not finite is a gap: no point.
    void point(const Series &series, Nanos tsNs, double value);
    void users(Nanos tsNs, double value) { point({kUsers, {}, "{user}", {}}, tsNs, value); }
    void rate(std::string_view metric, std::string_view operation, Nanos tsNs, double value);
    /// quantile: "0.95", "mean", "max"; milliseconds.
    void responseTime(std::string_view quantile, std::string_view operation, Nanos tsNs, double milliseconds);
    /// kUnknownNanos: the source has no clock.
    void bucket(SeriesRef series, Nanos tsNs, double upperBound, double count);
    /// Buckets between percentiles (share and value, both growing) of `total` values, without a clock: as
    /// many in each as ranks lie between them; what is above the last reaches to `tail`.
    void percentileBuckets(SeriesRef series, std::span<const std::pair<double, double>> percentiles,
        double total, double tail);

private:
    RowSink &m_sink;
    std::string m_tool, m_key;
    std::unordered_map<std::string, SeriesRef> m_series;
};

} // namespace tailscope::import::loadtest
