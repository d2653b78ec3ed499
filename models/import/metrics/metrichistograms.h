// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bucketquantile.h"
#include "base/units.h"
#include "import/importreport.h"
#include "store/rows.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Turns histograms that count since the start of their process into what fell into each bucket since the
/// time before. The first time of a series is the base that the others are told from, unless it is its only
/// one: then it stands for all since the start. A count that falls is a restart: what is counted is new since
/// then.
class MetricHistograms
{
public:
    static constexpr std::size_t kMaxSeries = 65'536; ///< beyond it the oldest bases are forgotten (counted)
    static constexpr std::size_t kMaxHeld = 4'000'000; ///< buckets of all of them

    explicit MetricHistograms(ImportReport &report)
        : m_report(report)
    {}

    struct Increase
    {
        bool known = false; ///< false: this time is the base
        std::vector<HistogramBucket> buckets;
    };
    /// buckets: of one time, each alone, in ascending order. bornLater: the sender says that it began to
    /// count after the file began, so that all of it is new.
    const Increase &add(SeriesRef series, Nanos tsNs, std::span<const HistogramBucket> buckets,
        bool bornLater, std::uint64_t offset);

    /// A series that has one time only.
    struct Single
    {
        SeriesRef series;
        Nanos tsNs;
        std::span<const HistogramBucket> buckets;
    };
    /// Calls take(Single) for each in the order they came; tells the report what never grew.
    template<typename Take>
    void finish(Take &&take)
    {
        for (const State &state : m_states) {
            if (state.times == 1)
                take(Single{state.series, state.tsNs, state.last});
        }
        noteIdle();
    }

private:
    struct State
    {
        SeriesRef series = SeriesRef::None;
        Nanos tsNs = 0;
        std::vector<HistogramBucket> last;
        std::int64_t times = 0;
        bool grew = false;
    };
    void noteIdle();

    ImportReport &m_report;
    std::unordered_map<SeriesRef, std::size_t> m_index;
    std::vector<State> m_states;
    std::size_t m_held = 0; ///< buckets in m_states
    Increase m_increase;
    std::vector<double> m_before;
};

} // namespace tailscope::import
