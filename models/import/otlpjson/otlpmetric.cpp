// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpmetric.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::import::otlp {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string labelText(const Attribute &attribute)
{
    switch (attribute.type) {
    case AttributeType::Integer:
        return std::to_string(attribute.integer);
    case AttributeType::Boolean:
        return attribute.integer != 0 ? "true" : "false";
    case AttributeType::Real: {
        JsonText text;
        text.real(attribute.real);
        return text.text();
    }
    case AttributeType::Null:
        return {};
    case AttributeType::Text:
    case AttributeType::Json:
        break;
    }
    return std::string(attribute.text);
}

} // namespace

double exponentialBound(std::int64_t index, std::int64_t scale)
{
    if (scale < -11 || scale > 20)
        return std::numeric_limits<double>::quiet_NaN();
    return std::exp2(std::ldexp(static_cast<double>(index) + 1, -static_cast<int>(scale)));
}

void MetricBuilder::Point::clear()
{
    // The vectors keep their memory.
    start = time = {};
    value = count = sum = zeroCount = zeroThreshold = 0;
    hasValue = hasSum = false;
    flags = scale = 0;
    counts.clear();
    bounds.clear();
    positive.counts.clear();
    negative.counts.clear();
    positive.offset = negative.offset = 0;
    quantiles.clear();
}

void MetricBuilder::beginPoint()
{
    m_point.clear();
    m_attributes.clear();
}

void MetricBuilder::makeLabels(const Resource &resource, const Scope &scope)
{
    m_texts.clear();
    m_labels.clear();
    const AttributeList list = m_attributes.list();
    m_texts.reserve(list.size());
    for (const Attribute &attribute : list) {
        m_texts.push_back(labelText(attribute));
        m_labels.push_back({attribute.key, m_texts.back()});
    }
    for (const auto &[key, value] : resource.identity) {
        const bool own = std::any_of(m_labels.begin(), m_labels.end(),
            [&key = key](const MetricLabel &label) { return label.key == key; });
        if (!own)
            m_labels.push_back({key, value});
    }
    if (!scope.name.empty())
        m_labels.push_back({"otel.scope.name", scope.name});
}

SeriesKind MetricBuilder::numberKind() const
{
    if (m_head.kind == Kind::Gauge)
        return SeriesKind::Gauge;
    if (m_head.temporality == Temporality::Delta)
        return SeriesKind::Delta;
    // A sum that may fall is the state of something: what a gauge shows.
    return m_head.monotonic ? SeriesKind::Counter : SeriesKind::Gauge;
}

void MetricBuilder::endPoint(const Record &record, const Resource &resource, const Scope &scope)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        m_report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
    };
    if (m_head.name.empty())
        return skip("no-name", "the metric has no name");
    if (m_point.time.bad || !m_point.time.known)
        return skip("no-time", "a point has no time");
    if (m_head.temporality == Temporality::Unknown && m_head.kind != Kind::Gauge
        && m_head.kind != Kind::Summary)
        m_report.note(IssueSeverity::Notice, "unknown-temporality", record.offset,
            "a metric does not say whether it counts since the start or since the point before: since the "
            "start "
            "was assumed");
    makeLabels(resource, scope);
    MetricSample sample;
    sample.name = m_head.name;
    sample.labels = m_labels;
    sample.unit = m_head.unit;
    sample.kind = numberKind();
    sample.tsNs = m_point.time.ns;
    sample.offset = record.offset;
    ++m_points;
    m_report.rowRead();
    if ((m_point.flags & 1) != 0 && m_head.kind != Kind::Gauge && m_head.kind != Kind::Sum) {
        m_report.note(IssueSeverity::Info, "gap", record.offset,
            "values that are not a number are gaps, not zeros");
    } else if (m_head.kind == Kind::Gauge || m_head.kind == Kind::Sum) {
        const bool recorded = m_point.hasValue && (m_point.flags & 1) == 0;
        MetricRows::Series &series = m_rows.open(sample);
        if (m_point.start.known)
            m_rows.startedAt(series, m_point.start.ns, sample.offset);
        m_rows.value(series, sample.tsNs, recorded ? m_point.value : std::numeric_limits<double>::quiet_NaN(),
            sample.offset);
    } else if (m_head.kind == Kind::Summary) {
        emitSummary(sample);
    } else if (makeBuckets()) {
        emitHistogram(sample);
    } else {
        --m_points;
        skip("bad-buckets", "the counts and bounds of a histogram do not belong together");
    }
}

/// False when there is not one count more than there are bounds, or bounds do not ascend.
bool MetricBuilder::makeBuckets()
{
    m_buckets.clear();
    if (m_head.kind == Kind::Exponential) {
        if (m_point.scale < -11 || m_point.scale > 20)
            return false;
        makeExponential();
    } else if (!m_point.counts.empty()) {
        if (m_point.counts.size() != m_point.bounds.size() + 1)
            return false;
        for (std::size_t i = 0; i < m_point.counts.size(); ++i)
            m_buckets.push_back(
                {i < m_point.bounds.size() ? m_point.bounds[i] : kInfinity, m_point.counts[i]});
    }
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        const HistogramBucket &bucket = m_buckets[i];
        if (std::isnan(bucket.upper) || !(bucket.count >= 0)
            || (i > 0 && bucket.upper <= m_buckets[i - 1].upper))
            return false;
    }
    return true;
}

/// Negative buckets from the largest magnitude up, the zero bucket, positive ones; where buckets do not touch
/// an empty one tells the lower bound.
void MetricBuilder::makeExponential()
{
    const std::int64_t scale = m_point.scale;
    const auto add = [&](double upper, double count) {
        if (m_buckets.empty() || upper > m_buckets.back().upper)
            m_buckets.push_back({upper, count});
        else
            m_buckets.back().count += count;
    };
    const std::vector<double> &negative = m_point.negative.counts;
    for (std::size_t i = negative.size(); i-- > 0;) {
        const std::int64_t index = m_point.negative.offset + static_cast<std::int64_t>(i);
        // It holds [-bound(index), -bound(index - 1)).
        if (i + 1 == negative.size())
            add(-exponentialBound(index, scale), 0);
        add(-exponentialBound(index - 1, scale), negative[i]);
    }
    const std::vector<double> &positive = m_point.positive.counts;
    if (m_point.zeroCount > 0 || !negative.empty()) {
        add(-m_point.zeroThreshold, 0);
        add(m_point.zeroThreshold, m_point.zeroCount);
    }
    for (std::size_t i = 0; i < positive.size(); ++i) {
        const std::int64_t index = m_point.positive.offset + static_cast<std::int64_t>(i);
        if (i == 0)
            add(exponentialBound(index - 1, scale), 0);
        add(exponentialBound(index, scale), positive[i]);
    }
}

void MetricBuilder::emitHistogram(const MetricSample &head)
{
    MetricHistogram histogram;
    histogram.head = head;
    histogram.head.kind = m_head.temporality == Temporality::Delta ? SeriesKind::Delta : SeriesKind::Counter;
    histogram.buckets = m_buckets;
    histogram.count = m_point.count;
    if (m_point.hasSum)
        histogram.sum = m_point.sum;
    if (m_point.start.known)
        histogram.startNs = m_point.start.ns;
    m_rows.histogram(histogram);
}

void MetricBuilder::emitSummary(MetricSample &head)
{
    MetricHistogram whole;
    whole.head = head;
    whole.head.kind = SeriesKind::Counter;
    whole.count = m_point.count;
    if (m_point.hasSum)
        whole.sum = m_point.sum;
    if (m_point.start.known)
        whole.startNs = m_point.start.ns;
    m_rows.counted(whole);
    head.kind = SeriesKind::Gauge;
    for (const auto &[quantile, value] : m_point.quantiles) {
        JsonText text;
        text.real(quantile);
        std::vector<MetricLabel> labels = m_labels;
        labels.push_back({"quantile", text.text()});
        head.labels = labels;
        head.value = value;
        m_rows.sample(head);
    }
}

} // namespace tailscope::import::otlp
