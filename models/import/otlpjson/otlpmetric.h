// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/metrics/metricrows.h"
#include "import/otlpjson/otlpresource.h"
#include "import/otlpjson/otlpvalues.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::otlp {

/// Points of metrics as any encoding of OTLP gives them: a reader fills the head of a metric and one point
/// after the other, MetricBuilder makes series and samples. Reused for a whole file.
class MetricBuilder
{
public:
    static constexpr std::size_t kMaxBuckets = 16'384; ///< of one histogram

    enum class Kind { None, Gauge, Sum, Histogram, Exponential, Summary };
    enum class Temporality { Unknown, Delta, Cumulative };
    /// Texts live as long as the record.
    struct Head
    {
        std::string_view name, unit;
        Kind kind = Kind::None;
        Temporality temporality = Temporality::Unknown;
        bool monotonic = false;
    };
    struct Buckets
    {
        std::int64_t offset = 0;
        std::vector<double> counts;
    };
    struct Point
    {
        OtlpTime start, time;
        double value = 0;
        bool hasValue = false, hasSum = false;
        std::int64_t flags = 0; ///< 1 = no recorded value
        double count = 0, sum = 0, zeroCount = 0, zeroThreshold = 0;
        std::int64_t scale = 0;
        std::vector<double> counts, bounds; ///< of an explicit histogram
        Buckets positive, negative; ///< of an exponential histogram
        std::vector<std::pair<double, double>> quantiles; ///< of a summary
        void clear();
    };

    MetricBuilder(RowSink &sink, ImportReport &report)
        : m_rows(sink, report)
        , m_report(report)
    {}
    Head &head() { return m_head; }
    Point &point() { return m_point; }
    JsonAttributes &attributes() { return m_attributes; }
    /// Before each point.
    void beginPoint();
    /// Emits it, or skips it with its reason.
    void endPoint(const Record &record, const Resource &resource, const Scope &scope);
    void finish() { m_rows.finish(); }
    std::int64_t points() const { return m_points; }

private:
    void makeLabels(const Resource &resource, const Scope &scope);
    bool makeBuckets();
    void makeExponential();
    void emitHistogram(const MetricSample &head);
    void emitSummary(MetricSample &head);
    SeriesKind numberKind() const;

    MetricRows m_rows;
    ImportReport &m_report;
    Head m_head;
    Point m_point;
    JsonAttributes m_attributes;
    std::vector<std::string> m_texts;
    std::vector<MetricLabel> m_labels;
    std::vector<HistogramBucket> m_buckets;
    std::int64_t m_points = 0;
};

/// Upper bound of a bucket of an exponential histogram: 2^((index + 1) / 2^scale).
double exponentialBound(std::int64_t index, std::int64_t scale);

} // namespace tailscope::import::otlp
