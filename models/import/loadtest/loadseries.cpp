// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtest/loadseries.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tailscope::import::loadtest {

SeriesRef LoadSeries::series(const Series &series)
{
    m_key.assign(series.metric);
    m_key += char('0' + int(series.kind));
    for (const Label &label : series.labels) {
        m_key += '\x1E';
        m_key += label.first;
        m_key += '\x1F';
        m_key += label.second;
    }
    const auto found = m_series.find(m_key);
    if (found != m_series.end())
        return found->second;

    std::vector<Label> labels(series.labels.begin(), series.labels.end());
    std::sort(labels.begin(), labels.end());
    JsonText json;
    json.startObject();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (i > 0 && labels[i].first == labels[i - 1].first)
            continue;
        json.key(sanitizedUtf8(labels[i].first));
        json.string(sanitizedUtf8(labels[i].second));
    }
    json.endObject();
    const std::string metric = sanitizedUtf8(series.metric);
    const std::string foreign = sanitizedUtf8(series.foreignName);
    const std::string unit = sanitizedUtf8(series.unit);
    SeriesRow row;
    row.metric = metric;
    row.foreignName = foreign.empty() ? metric : foreign;
    row.service = m_tool;
    row.labelsJson = json.text();
    row.unit = unit;
    row.kind = series.kind;
    const SeriesRef ref = m_sink.series(row);
    if (m_series.size() >= kMaxCached)
        m_series.clear();
    m_series.emplace(m_key, ref);
    return ref;
}

void LoadSeries::point(const Series &series, Nanos tsNs, double value)
{
    if (std::isfinite(value) && tsNs != kUnknownNanos)
        m_sink.point(this->series(series), tsNs, value);
}

void LoadSeries::rate(std::string_view metric, std::string_view operation, Nanos tsNs, double value)
{
    const std::array labels{Label{"operation", operation}};
    point({metric, {}, "1/s", std::span(labels).first(operation.empty() ? 0 : 1)}, tsNs, value);
}

void LoadSeries::responseTime(std::string_view quantile, std::string_view operation, Nanos tsNs,
    double milliseconds)
{
    const std::array labels{Label{"quantile", quantile}, Label{"operation", operation}};
    point({kResponseTime, {}, "ms", std::span(labels).first(operation.empty() ? 1 : 2)}, tsNs, milliseconds);
}

void LoadSeries::bucket(SeriesRef series, Nanos tsNs, double upperBound, double count)
{
    RecordField time{"ts_ns", {}};
    if (tsNs != kUnknownNanos)
        time.value = std::int64_t(tsNs);
    const std::array fields{time, RecordField{"upper_bound", upperBound}, RecordField{"count", count}};
    RecordRow row{};
    row.table = RecordTable::HistogramPoint;
    row.series = series;
    row.fields = fields;
    m_sink.record(row);
}

void LoadSeries::percentileBuckets(SeriesRef series, std::span<const std::pair<double, double>> percentiles,
    double total, double tail)
{
    double before = 0;
    for (std::size_t i = 0; i < percentiles.size(); ++i) {
        const auto &[share, value] = percentiles[i];
        // Equal values of several percentiles are one bucket.
        if (i + 1 < percentiles.size() && percentiles[i + 1].second == value)
            continue;
        const double upTo = std::ceil(share * total - 1e-9);
        if (upTo > before)
            bucket(series, kUnknownNanos, value, upTo - before);
        before = std::max(before, upTo);
    }
    if (before < total)
        bucket(series, kUnknownNanos, tail, total - before);
}

} // namespace tailscope::import::loadtest
