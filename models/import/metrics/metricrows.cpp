// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metricrows.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/metrics/metricunits.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import {

namespace {

/// Same key, where "." and "_" are one: exporters cannot write dots.
bool sameKey(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
        return x == y || ((x == '.' || x == '_') && (y == '.' || y == '_'));
    });
}

template<typename Keys>
std::string_view labelOf(std::span<const MetricLabel> labels, const Keys &keys)
{
    for (const auto &key : keys) {
        for (const MetricLabel &label : labels) {
            if (sameKey(label.key, key) && !label.value.empty())
                return label.value;
        }
    }
    return {};
}

// In the order of preference: OpenTelemetry's names first, then what scrapers add.
constexpr std::array<std::string_view, 4> kServiceKeys{"service.name", "service", "app", "job"};
constexpr std::array<std::string_view, 6> kInstanceKeys{"service.instance.id", "instance", "pod", "host.name",
    "hostname", "host"};
constexpr std::array<std::string_view, 1> kRoleKeys{"role"};
constexpr std::array<std::string_view, 5> kQueueKeys{"topic", "queue", "queue_name", "stream", "queueName"};
constexpr std::array<std::string_view, 1> kPartitionKeys{"partition"};
constexpr std::array<std::string_view, 5> kConsumerKeys{"consumergroup", "group", "consumer_group", "groupid",
    "messaging.consumer.group.name"};
constexpr std::string_view kSettings = "postgresql.settings.";

std::string_view partSuffix(MetricPart part)
{
    return part == MetricPart::Sum ? ".sum" : part == MetricPart::Count ? ".count" : std::string_view();
}

/// The column of a timer's percentile for the value of a label "quantile".
std::string_view quantileSuffix(std::string_view text)
{
    const std::optional<double> quantile = parseDouble(text);
    if (!quantile)
        return {};
    return *quantile == 0.5 ? "_p50_ms" : *quantile == 0.95 ? "_p95_ms" : *quantile == 0.99 ? "_p99_ms" : "";
}

} // namespace

/// What a name became.
struct MetricRows::Naming
{
    MetricCatalog::Found found;
    std::string metric;
    std::string unit; ///< canonical
    double factor = 1;
    SeriesKind kind = SeriesKind::Unknown;
};

MetricRows::MetricRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
    , m_samples(sink, report)
    , m_histograms(report)
{}

MetricRows::Series &MetricRows::open(const MetricSample &sample)
{
    m_sorted.clear();
    for (const MetricLabel &label : sample.labels.first(std::min(sample.labels.size(), kMaxLabels)))
        m_sorted.push_back(&label);
    if (sample.labels.size() > kMaxLabels)
        m_report.note(IssueSeverity::DataLoss, "too-many-labels", sample.offset,
            "a series has more than 256 labels: the others were left out");
    std::sort(m_sorted.begin(), m_sorted.end(),
        [](const MetricLabel *a, const MetricLabel *b) { return a->key < b->key; });
    m_key.assign(sample.name);
    m_key += char('0' + int(sample.kind));
    m_key += sample.unit;
    for (const MetricLabel *label : m_sorted) {
        m_key += '\x1E';
        m_key += label->key;
        m_key += '\x1F';
        m_key += label->value;
    }
    const auto found = m_series.find(m_key);
    if (found != m_series.end())
        return found->second;
    Series series = newSeries(sample);
    if (m_series.size() >= kMaxCached || m_keyBytes > kMaxKeyBytes) {
        m_report.note(IssueSeverity::Notice, "many-series", sample.offset,
            "more than 131,072 series, or very long labels: repeated and out-of-order points are not noticed "
            "for all of them");
        m_series.clear();
        m_keyBytes = 0;
    }
    m_keyBytes += m_key.size();
    return m_series.emplace(m_key, std::move(series)).first->second;
}

void MetricRows::value(Series &series, Nanos tsNs, double value, std::uint64_t offset)
{
    if (std::isnan(value)) {
        m_report.note(IssueSeverity::Info, "gap", offset, "values that are not a number are gaps, not zeros");
        return;
    }
    value *= series.factor;
    if (std::isinf(value)) {
        m_report.note(IssueSeverity::DataLoss, "infinite-value", offset, "infinite values were left out");
        return;
    }
    if (series.lastNs != kUnknownNanos && tsNs <= series.lastNs && !(series.each && tsNs == series.lastNs)) {
        if (tsNs < series.lastNs) {
            m_report.note(IssueSeverity::Notice, "out-of-order", offset,
                "points that are older than the one before them in their series were kept");
        } else if (value == series.last) {
            m_report.note(IssueSeverity::Info, "duplicate-point", offset,
                "a point that repeats the time and value of the one before it was left out");
            return;
        } else {
            m_report.note(IssueSeverity::Notice, "duplicate-time", offset,
                "a series has two values at one time: both were kept");
        }
    } else if (series.kind == SeriesKind::Counter && series.lastNs != kUnknownNanos && value < series.last) {
        m_report.note(IssueSeverity::Info, "counter-reset", offset,
            "a counter fell: its process was started anew, what it shows is new since then");
    }
    series.lastNs = std::max(tsNs, series.lastNs);
    series.last = value;
    if (m_firstNs == kUnknownNanos || tsNs < m_firstNs)
        m_firstNs = tsNs;
    m_sink.point(series.ref, tsNs, value);
    if (series.target == SampleRows::kNone)
        return;
    if (!series.setting.empty()) {
        m_samples.setting(series.target, series.setting, value, series.settingUnit, tsNs);
        return;
    }
    series.total += value;
    m_samples.part(series.target, tsNs, series.column,
        (series.sums ? series.total : value) * series.columnFactor, offset);
    for (const auto &[column, constant] : series.meaning->also)
        m_samples.part(series.target, tsNs, column, static_cast<double>(constant), offset);
}

void MetricRows::startedAt(Series &series, Nanos startNs, std::uint64_t offset)
{
    if (startNs == kUnknownNanos || series.kind != SeriesKind::Counter)
        return;
    const bool restarted = series.startNs != kUnknownNanos && startNs > series.startNs
        && series.lastNs != kUnknownNanos && startNs > series.lastNs;
    series.startNs = startNs;
    if (restarted)
        value(series, startNs, 0, offset);
}

void MetricRows::writeBuckets(SeriesRef series, Nanos tsNs, std::span<const HistogramBucket> buckets)
{
    for (const HistogramBucket &bucket : buckets) {
        const std::array fields{RecordField{"ts_ns", std::int64_t(tsNs)},
            RecordField{"upper_bound", bucket.upper}, RecordField{"count", bucket.count}};
        RecordRow row{};
        row.table = RecordTable::HistogramPoint;
        row.series = series;
        row.fields = fields;
        m_sink.record(row);
    }
}

void MetricRows::bucket(const MetricSample &sample, double upperBound)
{
    MetricSample whole = sample;
    whole.kind = SeriesKind::Histogram;
    const Series &series = open(whole);
    const HistogramBucket bucket{upperBound * series.factor, sample.value};
    writeBuckets(series.ref, sample.tsNs, {&bucket, 1});
}

/// Sum or count of a histogram as a series of its own.
void MetricRows::side(const MetricHistogram &histogram, std::string_view suffix, double value)
{
    MetricSample sample = histogram.head;
    std::string name(sample.name);
    name += suffix;
    sample.name = name;
    if (suffix == "_count")
        sample.unit = {};
    Series &series = open(sample);
    startedAt(series, histogram.startNs, sample.offset);
    this->value(series, sample.tsNs, value, sample.offset);
}

void MetricRows::histogram(const MetricHistogram &histogram)
{
    const MetricSample &head = histogram.head;
    MetricSample whole = head;
    whole.kind = SeriesKind::Histogram;
    const Series series = open(whole);
    m_scaled.assign(histogram.buckets.begin(), histogram.buckets.end());
    for (HistogramBucket &bucket : m_scaled)
        bucket.upper *= series.factor;
    if (head.kind == SeriesKind::Delta) {
        writeBuckets(series.ref, head.tsNs, m_scaled);
        percentiles(series, head.tsNs, m_scaled, head.offset);
    } else if (!m_scaled.empty()) {
        const bool bornLater = histogram.startNs != kUnknownNanos && m_firstNs != kUnknownNanos
            && histogram.startNs >= m_firstNs;
        const auto &increase = m_histograms.add(series.ref, head.tsNs, m_scaled, bornLater, head.offset);
        if (increase.known) {
            writeBuckets(series.ref, head.tsNs, increase.buckets);
            percentiles(series, head.tsNs, increase.buckets, head.offset);
        }
    }
    counted(histogram);
}

void MetricRows::counted(const MetricHistogram &histogram)
{
    if (histogram.count)
        side(histogram, "_count", *histogram.count);
    if (histogram.sum)
        side(histogram, "_sum", *histogram.sum);
}

/// P50, P95 and P99 of what fell into the buckets; their error is the width of the bucket and stands in
/// "extra".
void MetricRows::percentiles(const Series &series, Nanos tsNs, std::span<const HistogramBucket> buckets,
    std::uint64_t offset)
{
    if (series.target == SampleRows::kNone || series.meaning == nullptr
        || series.meaning->percentiles.empty())
        return;
    struct Wanted
    {
        std::string_view name;
        std::int64_t percent;
    };
    JsonText json;
    json.startObject();
    bool any = false;
    for (const auto &[name, percent] : {Wanted{"p50", 50}, Wanted{"p95", 95}, Wanted{"p99", 99}}) {
        const std::optional<BucketQuantile> found = bucketQuantile(buckets, percent, 100);
        if (!found)
            continue;
        any = true;
        const double ms = series.columnFactor;
        const std::string column = series.meaning->percentiles + '_' + std::string(name) + "_ms";
        m_samples.part(series.target, tsNs, column, found->estimate * ms, offset);
        json.key(series.meaning->percentiles + '_' + std::string(name) + "_bounds_ms");
        json.startArray();
        json.real(found->low * ms);
        if (found->isOpen())
            json.null();
        else
            json.real(found->high * ms);
        json.endArray();
    }
    json.endObject();
    if (any)
        m_samples.extra(series.target, tsNs, json.text(), offset);
}

void MetricRows::finish()
{
    m_histograms.finish([&](const MetricHistograms::Single &single) {
        writeBuckets(single.series, single.tsNs, single.buckets);
    });
    m_samples.finish();
}

MetricRows::Naming MetricRows::nameOf(const MetricSample &sample) const
{
    Naming naming;
    naming.found = MetricCatalog::builtin().find(sample.name);
    const MetricMeaning *meaning = naming.found.meaning;
    const MetricPart part = naming.found.part;
    naming.kind = sample.kind;
    if (meaning == nullptr) {
        naming.metric = sample.name;
        std::string_view bare = sample.name;
        for (const std::string_view suffix : {"_total", "_sum", "_bucket"}) {
            if (bare.ends_with(suffix))
                bare.remove_suffix(suffix.size());
        }
        naming.unit = sample.unit.empty() ? splitUnitSuffix(bare).unit : ucumUnit(sample.unit);
    } else {
        naming.metric = naming.found.canonical + std::string(partSuffix(part));
        naming.unit = part == MetricPart::Count ? std::string() : meaning->unit;
        if (naming.unit.empty())
            naming.unit = ucumUnit(sample.unit);
        // What the file says comes first, then what the name says, then what the catalog knows.
        for (const std::string_view from :
            {sample.unit, naming.found.unit, std::string_view(meaning->from)}) {
            const std::optional<double> factor
                = from.empty() || part == MetricPart::Count ? std::nullopt : unitFactor(from, meaning->unit);
            if (factor) {
                naming.factor = *factor;
                break;
            }
        }
        if (naming.kind == SeriesKind::Unknown && meaning->kind)
            naming.kind = *meaning->kind;
    }
    if (naming.kind == SeriesKind::Unknown
        && (part == MetricPart::Sum || part == MetricPart::Count || sample.name.ends_with("_total")
            || sample.name.ends_with("_bucket")))
        naming.kind = SeriesKind::Counter;
    return naming;
}

std::string MetricRows::labelsJson(const MetricMeaning *meaning)
{
    std::vector<MetricLabel> all;
    for (const MetricLabel *label : m_sorted)
        all.push_back(*label);
    if (meaning != nullptr) {
        for (const auto &[key, value] : meaning->labels)
            all.push_back({key, value});
        std::stable_sort(all.begin(), all.end(),
            [](const MetricLabel &a, const MetricLabel &b) { return a.key < b.key; });
    }
    JsonText json;
    json.startObject();
    const std::string_view *last = nullptr;
    for (const MetricLabel &label : all) {
        if (last != nullptr && *last == label.key)
            continue;
        last = &label.key;
        json.key(sanitizedUtf8(label.key));
        json.string(sanitizedUtf8(label.value));
    }
    json.endObject();
    return json.text();
}

MetricRows::Series MetricRows::newSeries(const MetricSample &sample)
{
    const Naming naming = nameOf(sample);
    Series series;
    series.kind = naming.kind;
    series.each = sample.each;
    series.factor = naming.factor;
    series.meaning = naming.found.meaning;
    const std::string metric = sanitizedUtf8(naming.metric);
    const std::string foreign = sanitizedUtf8(sample.name);
    const std::string service = sanitizedUtf8(labelOf(sample.labels, kServiceKeys));
    const std::string instance = sanitizedUtf8(labelOf(sample.labels, kInstanceKeys));
    const std::string role = sanitizedUtf8(labelOf(sample.labels, kRoleKeys));
    const std::string unit = sanitizedUtf8(naming.unit);
    const std::string labels = labelsJson(naming.found.meaning);
    SeriesRow row;
    row.metric = metric;
    row.foreignName = foreign;
    row.service = service;
    row.instance = instance;
    row.role = role;
    row.unit = unit;
    row.labelsJson = labels;
    row.kind = naming.kind;
    series.ref = m_sink.series(row);
    place(sample, naming, series);
    return series;
}

/// The column that the series fills, if it has one.
void MetricRows::place(const MetricSample &sample, const Naming &naming, Series &series)
{
    const MetricMeaning *meaning = naming.found.meaning;
    if (meaning == nullptr || meaning->row == MetricRowKind::None)
        return;
    switch (naming.found.part) {
    case MetricPart::Sum:
        series.column = meaning->sum;
        break;
    case MetricPart::Count:
        series.column = meaning->count;
        break;
    case MetricPart::Bucket:
        return;
    case MetricPart::Whole:
        series.column = meaning->column;
        if (!meaning->by.empty()) {
            const auto column = meaning->columns.find(labelOf(sample.labels, meaning->by));
            if (column == meaning->columns.end())
                return;
            series.column = column->second;
        }
        break;
    }
    constexpr std::array<std::string_view, 1> kQuantile{"quantile"};
    const std::string_view quantile = labelOf(sample.labels, kQuantile);
    if (!quantile.empty() && !meaning->percentiles.empty()) {
        const std::string_view suffix = quantileSuffix(quantile);
        series.column = suffix == "_p50_ms" ? "wait_p50_ms"
            : suffix == "_p95_ms"           ? "wait_p95_ms"
            : suffix == "_p99_ms"           ? "wait_p99_ms"
                                            : std::string_view();
    }
    const bool hasBuckets = sample.kind == SeriesKind::Histogram && !meaning->percentiles.empty();
    if (series.column.empty() && !hasBuckets)
        return;
    series.target = targetOf(sample, naming);
    series.columnFactor
        = meaning->unit == "s" && (hasBuckets || series.column.ends_with("_ms")) ? 1000.0 : 1.0;
    series.sums = naming.kind == SeriesKind::Delta && SampleRows::isCounter(series.column);
    if (meaning->row == MetricRowKind::Setting && naming.metric.starts_with(kSettings)) {
        const NameAndUnit name = splitUnitSuffix(std::string_view(naming.metric).substr(kSettings.size()));
        series.setting = name.name;
        series.settingUnit = name.unit == "By" ? "B" : name.unit;
    } else if (meaning->row == MetricRowKind::Config) {
        series.setting = series.column;
    }
}

std::uint32_t MetricRows::targetOf(const MetricSample &sample, const Naming &naming)
{
    const MetricMeaning &meaning = *naming.found.meaning;
    const std::span<const MetricLabel> labels = sample.labels;
    SampleRows::Target target;
    target.row = meaning.row;
    target.kind = meaning.rowKind;
    target.share = meaning.share;
    target.instance = sanitizedUtf8(
        meaning.instance.empty() ? labelOf(labels, kInstanceKeys) : labelOf(labels, meaning.instance));
    target.group = sanitizedUtf8(labelOf(labels, meaning.group));
    std::string subject(naming.found.subject);
    for (const std::string &key : meaning.subject) {
        const std::string_view text = labelOf(labels, std::span(&key, 1));
        const bool wanted = target.share == MetricMeaning::Share::No && meaning.joined;
        if (text.empty() || (!subject.empty() && !wanted))
            continue;
        subject += subject.empty() ? std::string(text) : '/' + std::string(text);
    }
    if (meaning.row == MetricRowKind::Queue) {
        subject = labelOf(labels, kQueueKeys);
        target.partition = sanitizedUtf8(labelOf(labels, kPartitionKeys));
        target.group = sanitizedUtf8(subject);
        if (target.share == MetricMeaning::Share::No)
            target.consumerGroup = sanitizedUtf8(labelOf(labels, kConsumerKeys));
    }
    if (meaning.row == MetricRowKind::Replica) {
        target.client = sanitizedUtf8(labelOf(labels, std::array<std::string_view, 1>{"client_addr"}));
        target.state = sanitizedUtf8(labelOf(labels, std::array<std::string_view, 1>{"state"}));
    }
    // One pool of a process needs no name of its own.
    if (subject.empty())
        subject = labelOf(labels, kServiceKeys);
    if (subject.empty())
        subject = target.instance;
    target.subject = sanitizedUtf8(subject);
    return m_samples.target(target, sample.offset);
}

} // namespace tailscope::import
