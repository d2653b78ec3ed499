// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/otlpjson/otlpmetric.h"
#include "import/otlpjson/otlprows.h"

namespace tailscope::import::otlp {

/// Metrics in JSON: a record is one metric with all its points. Its head is read first, as keys have no
/// order.
class OtlpMetricRows final : public JsonRecordRows
{
public:
    OtlpMetricRows(RowSink &sink, ImportReport &report)
        : JsonRecordRows(sink, report)
        , m_metric(sink, report)
    {}
    void record(const Record &record, const Resource &resource, const Scope &scope) override;
    std::int64_t points() const { return m_metric.points(); }
    void finish() { m_metric.finish(); }

private:
    simdjson::error_code readHeadField(std::string_view key, ondemand::value &value);
    simdjson::error_code readPointField(std::string_view key, ondemand::value &value);
    simdjson::error_code readBuckets(ondemand::value &value, MetricBuilder::Buckets &buckets);
    simdjson::error_code readQuantiles(ondemand::value &value);

    MetricBuilder m_metric;
};

} // namespace tailscope::import::otlp
