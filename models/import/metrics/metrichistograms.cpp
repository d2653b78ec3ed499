// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metrichistograms.h"

#include <algorithm>
#include <limits>

namespace tailscope::import {

namespace {

/// What `last` had counted in each of the buckets of `now`, whose bounds may have become coarser or more (as
/// those of exponential histograms do); false where a count cannot be told to one of them.
bool countsBefore(std::span<const HistogramBucket> last, std::span<const HistogramBucket> now,
    std::vector<double> &out)
{
    out.assign(now.size(), 0);
    std::size_t at = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        for (; at < last.size() && last[at].upper <= now[i].upper; ++at) {
            const double lower = at > 0 ? last[at - 1].upper : -std::numeric_limits<double>::infinity();
            const bool straddles = i > 0 && last[at].count > 0 && lower < now[i - 1].upper;
            if (straddles)
                return false;
            out[i] += last[at].count;
        }
    }
    return std::all_of(last.begin() + static_cast<std::ptrdiff_t>(at), last.end(),
        [](const HistogramBucket &bucket) { return bucket.count == 0; });
}

} // namespace

const MetricHistograms::Increase &MetricHistograms::add(SeriesRef series, Nanos tsNs,
    std::span<const HistogramBucket> buckets, bool bornLater, std::uint64_t offset)
{
    m_increase.known = false;
    m_increase.buckets.assign(buckets.begin(), buckets.end());
    auto found = m_index.find(series);
    if (m_held > kMaxHeld || (found == m_index.end() && m_states.size() >= kMaxSeries)) {
        m_report.note(IssueSeverity::DataLoss, "too-many-histograms", offset,
            "more than 65,536 histograms or 4,000,000 buckets: what the older ones had counted was "
            "forgotten");
        m_states.clear();
        m_index.clear();
        m_held = 0;
        found = m_index.end();
    }
    if (found == m_index.end()) {
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
    } else if (!countsBefore(state.last, buckets, m_before)) {
        m_report.note(IssueSeverity::Notice, "bucket-bounds-changed", offset,
            "the bounds of a histogram changed: it is counted anew from here");
        m_increase.known = false;
    } else {
        bool fell = false;
        for (std::size_t i = 0; i < buckets.size(); ++i)
            fell |= buckets[i].count < m_before[i];
        if (fell)
            m_report.note(IssueSeverity::Info, "counter-reset", offset,
                "a counter fell: its process was started anew, what it shows is new since then");
        for (std::size_t i = 0; i < buckets.size() && !fell; ++i)
            m_increase.buckets[i].count -= m_before[i];
        state.grew |= std::any_of(m_increase.buckets.begin(), m_increase.buckets.end(),
            [](const HistogramBucket &bucket) { return bucket.count > 0; });
    }
    m_held = m_held - state.last.size() + buckets.size();
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
