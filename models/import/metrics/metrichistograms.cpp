// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metrichistograms.h"

#include <algorithm>

namespace tailscope::import {

namespace {

bool sameBounds(std::span<const HistogramBucket> a, std::span<const HistogramBucket> b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
        [](const HistogramBucket &x, const HistogramBucket &y) { return x.upper == y.upper; });
}

} // namespace

const MetricHistograms::Increase &MetricHistograms::add(SeriesRef series, Nanos tsNs,
    std::span<const HistogramBucket> buckets, bool bornLater, std::uint64_t offset)
{
    m_increase.known = false;
    m_increase.buckets.assign(buckets.begin(), buckets.end());
    auto found = m_index.find(series);
    if (found == m_index.end()) {
        if (m_states.size() >= kMaxSeries) {
            m_report.note(IssueSeverity::DataLoss, "too-many-histograms", offset,
                "more than 65,536 histograms: what the older ones had counted was forgotten");
            m_states.clear();
            m_index.clear();
        }
        found = m_index.emplace(series, m_states.size()).first;
        m_states.emplace_back().series = series;
    }
    State &state = m_states[found->second];
    if (state.times > 0 && tsNs <= state.tsNs) {
        m_report.note(IssueSeverity::Notice, "histogram-out-of-order", offset,
            "a histogram is not later than the one before it: it was left out");
        return m_increase;
    }
    const bool first = state.times++ == 0;
    state.tsNs = tsNs;
    m_increase.known = !first || bornLater;
    if (first) {
        state.times += bornLater ? 1 : 0;
    } else if (!sameBounds(state.last, buckets)) {
        m_report.note(IssueSeverity::Notice, "bucket-bounds-changed", offset,
            "the bounds of a histogram changed: it is counted anew from here");
        m_increase.known = false;
    } else {
        const bool fell = !std::equal(state.last.begin(), state.last.end(), buckets.begin(),
            [](const HistogramBucket &before, const HistogramBucket &now) {
                return before.count <= now.count;
            });
        if (fell)
            m_report.note(IssueSeverity::Info, "counter-reset", offset,
                "a counter fell: its process was started anew, what it shows is new since then");
        for (std::size_t i = 0; i < buckets.size() && !fell; ++i)
            m_increase.buckets[i].count -= state.last[i].count;
        state.grew |= std::any_of(m_increase.buckets.begin(), m_increase.buckets.end(),
            [](const HistogramBucket &bucket) { return bucket.count > 0; });
    }
    state.last.assign(buckets.begin(), buckets.end());
    return m_increase;
}

void MetricHistograms::noteIdle()
{
    const auto idle = std::count_if(m_states.begin(), m_states.end(),
        [](const State &state) { return state.times > 1 && !state.grew; });
    if (idle > 0)
        m_report.note(IssueSeverity::Info, "histogram-does-not-grow", 0,
            "no bucket of a histogram grew in the whole file: it has no percentiles", idle);
    const auto single = std::count_if(m_states.begin(), m_states.end(),
        [](const State &state) { return state.times == 1; });
    if (single > 0)
        m_report.note(IssueSeverity::Info, "histogram-since-start", 0,
            "a histogram occurs once: it holds everything since its process was started", single);
}

} // namespace tailscope::import
