// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/scrapehistograms.h"

#include "import/prometheus/expositionline.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::prometheus {

namespace {

constexpr std::string_view kBucket = "_bucket";
constexpr std::size_t kMaxBounds = 4096;

} // namespace

void bucketsAlone(std::vector<UpTo> &upTo, std::vector<HistogramBucket> &out, ImportReport &report,
    std::uint64_t offset)
{
    std::stable_sort(upTo.begin(), upTo.end(),
        [](const UpTo &a, const UpTo &b) { return a.first < b.first; });
    out.clear();
    double before = 0;
    for (const auto &[upper, count] : upTo) {
        if (!out.empty() && out.back().upper == upper)
            continue;
        if (count < before)
            report.note(IssueSeverity::Notice, "buckets-not-cumulative", offset,
                "a bucket counts less than one of a smaller bound: it was taken as empty");
        const double up = std::max(count, before);
        out.push_back({upper, up - before});
        before = up;
    }
}

WithoutBound withoutBound(std::span<const MetricLabel> labels)
{
    WithoutBound result;
    for (const MetricLabel &label : labels) {
        if (label.key == "le" && result.bound.empty())
            result.bound = label.value;
        else
            result.labels.push_back(label);
    }
    return result;
}

bool QueryHistograms::begin(std::string_view name, std::span<const MetricLabel> labels, std::uint64_t offset,
    ImportReport &report)
{
    m_current = nullptr;
    const WithoutBound rest = withoutBound(labels);
    const std::optional<double> upper = parseMetricValue(rest.bound);
    if (!name.ends_with(kBucket) || name.size() == kBucket.size() || !upper || std::isnan(*upper))
        return false;
    if (m_points >= kMaxPoints) {
        report.note(IssueSeverity::DataLoss, "too-many-buckets", offset,
            "the histograms of this file have more than 2,000,000 values: the others are kept as plain "
            "counters");
        return false;
    }
    name.remove_suffix(kBucket.size());
    std::string key(name);
    for (const MetricLabel &label : rest.labels)
        ((key += '\x1F') += label.key) += '\x1E' + std::string(label.value);
    const auto [found, isNew] = m_groups.try_emplace(std::move(key));
    Group &group = found->second;
    if (isNew) {
        group.name = name;
        group.offset = offset;
        for (const MetricLabel &label : rest.labels)
            group.labels.emplace_back(label.key, label.value);
    }
    if (group.bounds.size() >= kMaxBounds)
        return false;
    m_current = &group.bounds.emplace_back();
    m_current->upper = *upper;
    return true;
}

void QueryHistograms::point(Nanos tsNs, double value, std::uint64_t offset, ImportReport &report)
{
    // NaN: no value at this time.
    if (m_current == nullptr || !std::isfinite(value))
        return;
    if (m_points >= 2 * kMaxPoints)
        return report.note(IssueSeverity::DataLoss, "too-many-buckets", offset,
            "a bucket of a histogram has too many values: the rest of them was left out");
    m_current->points.emplace_back(tsNs, value);
    ++m_points;
}

void QueryHistograms::emit(Group &group, MetricRows &rows, ImportReport &report)
{
    struct Value
    {
        Nanos tsNs;
        UpTo upTo;
    };
    std::vector<Value> values;
    for (Bound &bound : group.bounds) {
        for (const auto &[tsNs, value] : bound.points)
            values.push_back({tsNs, {bound.upper, value}});
        bound.points = {};
    }
    std::stable_sort(values.begin(), values.end(),
        [](const Value &a, const Value &b) { return a.tsNs < b.tsNs; });
    std::vector<MetricLabel> labels;
    for (const auto &[key, value] : group.labels)
        labels.push_back({key, value});
    std::vector<HistogramBucket> buckets;
    std::vector<UpTo> upTo;
    for (std::size_t i = 0; i < values.size();) {
        const Nanos tsNs = values[i].tsNs;
        upTo.clear();
        for (; i < values.size() && values[i].tsNs == tsNs; ++i)
            upTo.push_back(values[i].upTo);
        bucketsAlone(upTo, buckets, report, group.offset);
        MetricHistogram histogram;
        histogram.head.name = group.name;
        histogram.head.labels = labels;
        histogram.head.kind = SeriesKind::Counter;
        histogram.head.tsNs = tsNs;
        histogram.head.offset = group.offset;
        histogram.buckets = buckets;
        rows.histogram(histogram);
    }
    group.bounds.clear();
}

void QueryHistograms::finish(MetricRows &rows, ImportReport &report)
{
    for (auto &[key, group] : m_groups)
        emit(group, rows, report);
    m_groups.clear();
}

} // namespace tailscope::import::prometheus
