// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rangestats.h"

#include "analysis/rowscan.h"
#include "analysis/spanweights.h"
#include "analysis/statfigures.h"

#include <limits>

namespace tailscope::analysis {

namespace {

// What one thread sums up; padded, so that two of them never share a cache line.
struct alignas(128) Sums
{
    std::int64_t known = 0, unknown = 0, errors = 0;
    double total = 0, weightedTotal = 0, weight = 0, allWeight = 0, errorWeight = 0;
    Nanos min = std::numeric_limits<Nanos>::max(), max = -1;

    void unite(const Sums &other)
    {
        known += other.known;
        unknown += other.unknown;
        errors += other.errors;
        total += other.total;
        weightedTotal += other.weightedTotal;
        weight += other.weight;
        allWeight += other.allWeight;
        errorWeight += other.errorWeight;
        min = std::min(min, other.min);
        max = std::max(max, other.max);
    }
};

template<typename Weights>
class DurationPass
{
public:
    using Cell = typename Weights::Cell;
    static constexpr bool kWeighted = Weights::kWeighted;
    using Statistics = OrderStatistics<Cell, LogLinearHistogram::kSubBits>;

    DurationPass(const SpanColumns &columns, const SpanSelection &selection, bool self,
        const CancelToken &cancel)
        : m_columns(columns)
        , m_values(self ? columns.self.data() : columns.duration.data())
        , m_weights(columns)
        , m_cancel(cancel)
        , m_scan(columns, selection)
        , m_statistics(1, m_scan.parts())
        , m_sums(std::size_t(m_scan.parts()))
        , m_spanCounts(kWeighted ? m_sums.size() : 0)
    {}

    DurationStats run()
    {
        runParts(m_scan.parts(), [this](int part) { count(part); });
        m_statistics.merge();
        DurationStats stats;
        for (std::size_t part = 1; part < m_sums.size(); ++part)
            m_sums[0].unite(m_sums[part]);
        fill(stats, m_sums[0]);

        FigureRequest request;
        request.ask(m_statistics, 0, stats.count);
        while (m_statistics.needsPass() && !m_cancel.isCancelled()) {
            runParts(m_scan.parts(), [this](int part) { visit(part); });
            m_statistics.finishPass();
        }
        stats.figures = request.figures(m_statistics);
        return stats;
    }

private:
    void count(int part)
    {
        auto counter = m_statistics.counter(part);
        Sums sums;
        m_scan.forEachBlock(part, m_cancel, [&](const std::uint32_t *rows, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const std::uint32_t row = rows[i];
                const Nanos value = m_values[row];
                const bool failed = m_columns.status[row] == std::uint8_t(SpanStatus::Error);
                sums.errors += failed ? 1 : 0;
                if constexpr (kWeighted) {
                    sums.allWeight += m_weights(row);
                    sums.errorWeight += failed ? m_weights(row) : 0;
                }
                if (value < 0) [[unlikely]]
                    continue;
                ++sums.known;
                sums.total += double(value);
                sums.min = std::min(sums.min, value);
                sums.max = std::max(sums.max, value);
                const Cell weight = m_weights(row);
                counter.add(0, value, weight);
                if constexpr (kWeighted) {
                    sums.weightedTotal += weight * double(value);
                    sums.weight += weight;
                    m_spanCounts[std::size_t(part)].add(value);
                }
            }
            sums.unknown += std::int64_t(n);
        });
        sums.unknown -= sums.known;
        m_sums[std::size_t(part)] = sums;
    }

    void visit(int part)
    {
        auto visitor = m_statistics.visitor(part);
        m_scan.forEachBlock(part, m_cancel, [&](const std::uint32_t *rows, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const Nanos value = m_values[rows[i]];
                if (value >= 0) [[likely]]
                    visitor.add(0, value, m_weights(rows[i]));
            }
        });
    }

    void fill(DurationStats &stats, const Sums &sums) const
    {
        stats.count = sums.known;
        stats.unknown = sums.unknown;
        stats.errors = sums.errors;
        stats.totalNs = sums.total;
        stats.weighted = kWeighted;
        stats.weight = kWeighted ? sums.allWeight : double(sums.known + sums.unknown);
        stats.errorWeight = kWeighted ? sums.errorWeight : double(sums.errors);
        if (sums.known == 0)
            return;
        stats.min = sums.min;
        stats.max = sums.max;
        stats.meanNs = kWeighted ? sums.weightedTotal / sums.weight : sums.total / double(sums.known);
        if constexpr (kWeighted) {
            for (const LogLinearHistogram &counts : m_spanCounts)
                stats.histogram.merge(counts);
        } else {
            const auto counts = m_statistics.counts(0);
            for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
                if (counts[std::size_t(bucket)] > 0)
                    stats.histogram.add(LogLinearHistogram::lowerBound(bucket), counts[std::size_t(bucket)]);
            }
        }
    }

    const SpanColumns &m_columns;
    const Nanos *m_values;
    Weights m_weights;
    const CancelToken &m_cancel;
    RowScan m_scan;
    Statistics m_statistics;
    std::vector<Sums> m_sums;
    std::vector<LogLinearHistogram> m_spanCounts; // weighted only: the statistics count weights, not spans
};

} // namespace

DurationStats durationStats(const SpanColumns &columns, const SpanSelection &selection, bool self,
    const CancelToken &cancel)
{
    if (columns.traceWeight.empty())
        return DurationPass<EqualWeights>(columns, selection, self, cancel).run();
    return DurationPass<TraceWeights>(columns, selection, self, cancel).run();
}

} // namespace tailscope::analysis
