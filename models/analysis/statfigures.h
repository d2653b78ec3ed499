// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/orderstatistics.h"
#include "analysis/quantiles.h"

#include <array>

namespace tailscope::analysis {

/// The percentiles shown everywhere, in this order.
inline constexpr std::array<Quantile, 5> kShownQuantiles{kP50, kP90, kP95, kP99, kP999};

/// Cumulative weight a weighted percentile must reach, with the slack of weightedPercentile(): equal weights
/// must give the nearest rank although weights such as 1/0.3 are rounded.
inline double weightedTarget(double total, Quantile q)
{
    return total * double(q.num) / double(q.den) - total * 1e-12;
}

/// Asks an OrderStatistics for the five figures of one group with their intervals and reads the answers when
/// its passes are done. Weighted: no rank and no interval, because the binomial argument needs independent
/// equal weights.
class FigureRequest
{
public:
    template<typename Cell, int SubBits>
    void ask(OrderStatistics<Cell, SubBits> &statistics, std::size_t group, std::int64_t samples)
    {
        m_samples = samples;
        if (samples <= 0)
            return;
        for (std::size_t i = 0; i < kShownQuantiles.size(); ++i) {
            const Quantile q = kShownQuantiles[i];
            if constexpr (OrderStatistics<Cell, SubBits>::kWeighted) {
                m_value[i] = statistics.want(group, weightedTarget(statistics.total(group), q));
            } else {
                m_rank[i] = nearestRank(samples, q);
                m_interval[i] = rankInterval95(samples, q);
                if (m_interval[i].lowerRank > 0)
                    m_lower[i] = statistics.want(group, m_interval[i].lowerRank);
                m_value[i] = statistics.want(group, m_rank[i]);
                if (m_interval[i].upperRank)
                    m_upper[i] = statistics.want(group, *m_interval[i].upperRank);
            }
        }
    }

    template<typename Cell, int SubBits>
    std::array<PercentileFigure, 5> figures(const OrderStatistics<Cell, SubBits> &statistics) const
    {
        std::array<PercentileFigure, 5> result;
        for (std::size_t i = 0; i < result.size(); ++i) {
            PercentileFigure &figure = result[i];
            figure.q = kShownQuantiles[i];
            figure.tooFewSamples = m_samples < minimumSamples(figure.q);
            if (m_samples <= 0)
                continue;
            figure.value = statistics.answer(m_value[i]);
            if constexpr (!OrderStatistics<Cell, SubBits>::kWeighted) {
                figure.rank = m_rank[i];
                if (m_interval[i].lowerRank > 0)
                    figure.lower95 = statistics.answer(m_lower[i]);
                if (m_interval[i].upperRank)
                    figure.upper95 = statistics.answer(m_upper[i]);
            }
        }
        return result;
    }

private:
    std::int64_t m_samples = 0;
    std::array<std::int64_t, 5> m_rank{};
    std::array<RankInterval, 5> m_interval{};
    std::array<std::size_t, 5> m_value{}, m_lower{}, m_upper{};
};

} // namespace tailscope::analysis
