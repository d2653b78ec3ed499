// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

struct MetricLabel
{
    std::string_view key, value;
};

/// One value of one metric as a file states it. Views need to live only for the call.
struct MetricSample
{
    std::string_view name; ///< as the file writes it
    std::span<const MetricLabel> labels; ///< in any order; service, instance, job, pod... are recognised
    SeriesKind kind = SeriesKind::Unknown;
    std::string_view unit; ///< as the file says; empty = unknown
    Nanos tsNs = 0;
    double value = 0; ///< NaN = a gap, infinities are skipped; both are counted
    std::uint64_t offset = 0; ///< place in the file, for the report
};

/// The one door of all metric formats: gives metrics their canonical names and units
/// (resources/metrics.toml), writes series and points, and puts together pool, replica, queue, cache samples
/// and pauses from metrics whose meaning is known. Used by one reader on its thread, in file order.
class MetricRows
{
public:
    /// Series whose reference is remembered; beyond it the sink is asked again.
    static constexpr std::size_t kMaxCached = 131'072;

    MetricRows(RowSink &sink, ImportReport &report);

    void sample(const MetricSample &sample);
    /// A bucket of a histogram; value: how many in the bucket of this upper bound alone (not cumulative).
    void bucket(const MetricSample &sample, double upperBound);
    /// Writes what was still being put together. Call once, after the last sample.
    void finish();

private:
    SeriesRef seriesOf(const MetricSample &sample);
    SeriesRef newSeries(const MetricSample &sample);

    RowSink &m_sink;
    ImportReport &m_report;
    std::unordered_map<std::string, SeriesRef> m_series;
    std::string m_key;
    std::vector<const MetricLabel *> m_sorted;
};

} // namespace tailscope::import
