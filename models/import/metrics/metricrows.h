// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bucketquantile.h"
#include "import/importreport.h"
#include "import/metrics/metrichistograms.h"
#include "import/metrics/samplerows.h"
#include "store/rowsink.h"

#include <cstdint>
#include <optional>
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
    bool each = false; ///< every value is an event of its own: equal ones at one time are kept
    std::uint64_t offset = 0; ///< place in the file, for the report
};

/// A histogram of one time. head: name without "_bucket", labels without "le"; its kind says what the counts
/// are: Counter = since the start of the process, Delta = since the time before.
struct MetricHistogram
{
    MetricSample head;
    std::span<const HistogramBucket> buckets; ///< ascending, each bucket alone
    std::optional<double> count, sum; ///< become series of their own, where the file has them
    Nanos startNs = kUnknownNanos; ///< since when it counts
};

/// The one door of all metric formats: gives metrics their canonical names and units
/// (resources/metrics.toml), writes series and points, and puts together pool, replica, queue and cache
/// samples from metrics whose meaning is known. Used by one reader on its thread, in file order.
/// histogram_point holds what fell into a bucket since the time before, whatever the file counts.
class MetricRows
{
public:
    /// Series that are remembered; beyond it the sink is asked again.
    static constexpr std::size_t kMaxCached = 131'072;
    static constexpr std::size_t kMaxKeyBytes = 128 * 1024 * 1024; ///< of their names and labels
    /// Labels of a series; the others are left out (counted).
    static constexpr std::size_t kMaxLabels = 256;

    MetricRows(RowSink &sink, ImportReport &report);

    /// A series that points are added to; valid until the next call of open(), sample(), histogram(),
    /// bucket().
    struct Series;
    /// Value and time of the sample are not looked at.
    Series &open(const MetricSample &sample);
    void value(Series &series, Nanos tsNs, double value, std::uint64_t offset);

    /// Since when the sender counts: a later time than that of the last value is a restart from 0, which the
    /// series shows as a point of its own.
    void startedAt(Series &series, Nanos startNs, std::uint64_t offset);

    void sample(const MetricSample &sample) { value(open(sample), sample.tsNs, sample.value, sample.offset); }
    void histogram(const MetricHistogram &histogram);
    /// Only its count and sum (summaries).
    void counted(const MetricHistogram &histogram);
    /// A bucket of a histogram; value: how many in the bucket of this upper bound alone (not cumulative)
    /// since the time before.
    void bucket(const MetricSample &sample, double upperBound);
    /// Writes what was still being put together. Call once, after the last sample.
    void finish();

    /// For rows that a format knows the meaning of by itself.
    SampleRows &samples() { return m_samples; }

    struct Series
    {
        SeriesRef ref = SeriesRef::None;
        SeriesKind kind = SeriesKind::Unknown;
        double factor = 1; ///< to the canonical unit
        Nanos lastNs = kUnknownNanos, startNs = kUnknownNanos;
        double last = 0, total = 0;
        const MetricMeaning *meaning = nullptr;
        std::string_view column; ///< of a sample row; empty = none
        std::uint32_t target = SampleRows::kNone;
        double columnFactor = 1; ///< from the canonical unit
        std::string setting, settingUnit;
        bool sums = false; ///< differences are summed up for its column
        bool each = false; ///< repeated values are events
    };

private:
    struct Naming;
    Series newSeries(const MetricSample &sample);
    Naming nameOf(const MetricSample &sample) const;
    void place(const MetricSample &sample, const Naming &naming, Series &series);
    std::uint32_t targetOf(const MetricSample &sample, const Naming &naming);
    std::string labelsJson(const MetricMeaning *meaning);
    void writeBuckets(SeriesRef series, Nanos tsNs, std::span<const HistogramBucket> buckets);
    void percentiles(const Series &series, Nanos tsNs, std::span<const HistogramBucket> buckets,
        std::uint64_t offset);
    void side(const MetricHistogram &histogram, std::string_view suffix, double value);

    RowSink &m_sink;
    ImportReport &m_report;
    SampleRows m_samples;
    MetricHistograms m_histograms;
    std::unordered_map<std::string, Series> m_series;
    std::string m_key, m_name;
    std::size_t m_keyBytes = 0; ///< of m_series
    std::vector<const MetricLabel *> m_sorted;
    std::vector<HistogramBucket> m_scaled;
    Nanos m_firstNs = kUnknownNanos;
};

} // namespace tailscope::import
