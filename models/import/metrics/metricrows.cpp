// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metricrows.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import {

namespace {

std::string_view labelOf(std::span<const MetricLabel> labels, std::span<const std::string_view> keys)
{
    for (const std::string_view key : keys) {
        for (const MetricLabel &label : labels) {
            if (label.key == key)
                return label.value;
        }
    }
    return {};
}

// In the order of preference: OpenTelemetry's names first, then what scrapers add.
constexpr std::array<std::string_view, 5> kServiceKeys{"service.name", "service_name", "service", "app",
    "job"};
constexpr std::array<std::string_view, 7> kInstanceKeys{"service.instance.id", "service_instance_id",
    "instance", "pod", "host.name", "hostname", "host"};
constexpr std::array<std::string_view, 1> kRoleKeys{"role"};

} // namespace

MetricRows::MetricRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
{}

void MetricRows::sample(const MetricSample &sample)
{
    const SeriesRef series = seriesOf(sample);
    if (std::isnan(sample.value)) {
        m_report.note(IssueSeverity::Info, "gap", sample.offset,
            "values that are not a number are gaps, not zeros");
    } else if (std::isinf(sample.value)) {
        m_report.note(IssueSeverity::DataLoss, "infinite-value", sample.offset,
            "infinite values were left out");
    } else {
        m_sink.point(series, sample.tsNs, sample.value);
    }
}

void MetricRows::bucket(const MetricSample &sample, double upperBound)
{
    MetricSample whole = sample;
    whole.kind = SeriesKind::Histogram;
    const std::array fields{RecordField{"ts_ns", std::int64_t(sample.tsNs)},
        RecordField{"upper_bound", upperBound}, RecordField{"count", sample.value}};
    RecordRow row{};
    row.table = RecordTable::HistogramPoint;
    row.series = seriesOf(whole);
    row.fields = fields;
    m_sink.record(row);
}

void MetricRows::finish() {}

SeriesRef MetricRows::seriesOf(const MetricSample &sample)
{
    m_sorted.clear();
    for (const MetricLabel &label : sample.labels)
        m_sorted.push_back(&label);
    std::sort(m_sorted.begin(), m_sorted.end(),
        [](const MetricLabel *a, const MetricLabel *b) { return a->key < b->key; });
    m_key.assign(sample.name);
    m_key += char('0' + int(sample.kind));
    for (const MetricLabel *label : m_sorted) {
        m_key += '\x1E';
        m_key += label->key;
        m_key += '\x1F';
        m_key += label->value;
    }
    const auto found = m_series.find(m_key);
    if (found != m_series.end())
        return found->second;
    const SeriesRef series = newSeries(sample);
    if (m_series.size() >= kMaxCached)
        m_series.clear();
    m_series.emplace(m_key, series);
    return series;
}

SeriesRef MetricRows::newSeries(const MetricSample &sample)
{
    JsonText json;
    json.startObject();
    std::string_view last;
    for (const MetricLabel *label : m_sorted) {
        if (label->key == last && label != m_sorted.front())
            continue;
        last = label->key;
        json.key(sanitizedUtf8(label->key));
        json.string(sanitizedUtf8(label->value));
    }
    json.endObject();
    const std::string name = sanitizedUtf8(sample.name);
    const std::string service = sanitizedUtf8(labelOf(sample.labels, kServiceKeys));
    const std::string instance = sanitizedUtf8(labelOf(sample.labels, kInstanceKeys));
    const std::string role = sanitizedUtf8(labelOf(sample.labels, kRoleKeys));
    const std::string unit = sanitizedUtf8(sample.unit);
    SeriesRow row;
    row.metric = name;
    row.foreignName = name;
    row.service = service;
    row.instance = instance;
    row.role = role;
    row.unit = unit;
    row.labelsJson = json.text();
    row.kind = sample.kind;
    return m_sink.series(row);
}

} // namespace tailscope::import
