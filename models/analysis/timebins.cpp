// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rangestats.h"

#include "analysis/rowscan.h"
#include "analysis/spanweights.h"
#include "analysis/statfigures.h"

#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr int kMaxBins = 8192;
constexpr int kMaxRows = 512;
// Coarser first buckets than the histograms of the figures: a thousand bins must stay in the cache.
constexpr int kSubBits = 4;

// Bin of a start. Rows come in ascending time within a lane, so the last bin is nearly always right.
class BinOf
{
public:
    BinOf(TimeRange range, Nanos binNs)
        : m_begin(range.begin)
        , m_binNs(binNs)
        , m_low(range.begin)
        , m_high(saturatingAdd(range.begin, binNs))
    {}
    std::size_t operator()(Nanos start)
    {
        if (start < m_low || start >= m_high) {
            m_bin = std::uint64_t(start - m_begin) / std::uint64_t(m_binNs);
            m_low = m_begin + Nanos(m_bin * std::uint64_t(m_binNs));
            m_high = saturatingAdd(m_low, m_binNs);
        }
        return m_bin;
    }

private:
    Nanos m_begin, m_binNs, m_low, m_high;
    std::size_t m_bin = 0;
};

// Row of a duration on a logarithmic scale of `rows` equal steps from low to high. Exact at the borders: the
// table of log-linear buckets gives the first candidate, comparing with the borders the rest.
class LogRows
{
public:
    LogRows(Nanos low, Nanos high, int rows)
    {
        const double ratio = std::log(double(high) / double(low));
        for (int row = 1; row < rows; ++row)
            m_borders.push_back(
                Nanos(std::ceil(double(low) * std::exp(ratio * row / rows) * (1 - kRounding))));
        for (int bucket = 0; bucket < Layout::kBuckets; ++bucket) {
            const auto first
                = std::upper_bound(m_borders.begin(), m_borders.end(), Layout::lowerBound(bucket));
            m_firstRow.push_back(std::uint16_t(first - m_borders.begin()));
        }
    }
    std::size_t operator()(Nanos value) const
    {
        std::size_t row = m_firstRow[std::size_t(Layout::bucketOf(value))];
        while (row < m_borders.size() && value >= m_borders[row])
            ++row;
        return row;
    }

private:
    using Layout = LogLinear<6>;
    static constexpr double kRounding = 1e-12; // a border meant to be 10 may come out as 10.000000000000002
    std::vector<Nanos> m_borders; // m_borders[i] = first value of row i + 1
    std::vector<std::uint16_t> m_firstRow;
};

template<typename Weights>
class BinPass
{
public:
    BinPass(const SpanColumns &columns, const SpanSelection &selection, TimeBins &result,
        const CancelToken &cancel)
        : m_columns(columns)
        , m_weights(columns)
        , m_result(result)
        , m_cancel(cancel)
        , m_scan(columns, selection)
        , m_statistics(result.bins.size(), m_scan.parts())
        , m_parts(std::size_t(m_scan.parts()))
    {}

    void run()
    {
        runParts(m_scan.parts(), [this](int part) { count(part); });
        m_statistics.merge();
        findScale();
        uniteBins();
        std::vector<std::array<std::size_t, 3>> answers(m_result.bins.size());
        for (std::size_t bin = 0; bin < m_result.bins.size(); ++bin) {
            for (std::size_t i = 0; i < kQuantiles.size() && m_known[bin] > 0; ++i)
                answers[bin][i] = m_statistics.want(bin, target(bin, kQuantiles[i]));
        }
        // The heat map is filled by the second pass, when low and high are known; it is run at least once.
        bool heat = m_result.rows > 0;
        while ((heat || m_statistics.needsPass()) && !m_cancel.isCancelled()) {
            runParts(m_scan.parts(), [this, heat](int part) { visit(part, heat); });
            m_statistics.finishPass();
            heat = false;
        }
        for (const Part &part : m_parts) {
            for (std::size_t i = 0; i < part.heat.size(); ++i)
                m_result.heat[i] += part.heat[i];
        }
        for (std::size_t bin = 0; bin < m_result.bins.size(); ++bin) {
            TimeBins::Bin &out = m_result.bins[bin];
            out.tooFewForP95 = m_known[bin] < minimumSamples(kP95);
            out.tooFewForP99 = m_known[bin] < minimumSamples(kP99);
            if (m_known[bin] == 0)
                continue;
            out.p50 = m_statistics.answer(answers[bin][0]);
            out.p95 = m_statistics.answer(answers[bin][1]);
            out.p99 = m_statistics.answer(answers[bin][2]);
        }
    }

private:
    static constexpr std::array<Quantile, 3> kQuantiles{kP50, kP95, kP99};
    struct alignas(128) Part
    {
        std::vector<std::uint32_t> known, all, errors, heat;
        Nanos min = std::numeric_limits<Nanos>::max(), max = -1;
    };

    typename OrderStatistics<typename Weights::Cell, kSubBits>::Sum target(std::size_t bin, Quantile q) const
    {
        if constexpr (Weights::kWeighted)
            return weightedTarget(m_statistics.total(bin), q);
        else
            return nearestRank(m_known[bin], q);
    }

    void count(int index)
    {
        Part &part = m_parts[std::size_t(index)];
        part.known.resize(m_result.bins.size());
        part.all.resize(m_result.bins.size());
        part.errors.resize(m_result.bins.size());
        auto counter = m_statistics.counter(index);
        BinOf binOf(m_result.range, m_result.binNs);
        Nanos min = part.min, max = part.max;
        m_scan.forEachBlock(index, m_cancel, [&](const std::uint32_t *rows, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const std::uint32_t row = rows[i];
                const std::size_t bin = binOf(m_columns.start[row]);
                ++part.all[bin];
                part.errors[bin] += m_columns.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
                const Nanos duration = m_columns.duration[row];
                if (duration < 0) [[unlikely]]
                    continue;
                ++part.known[bin];
                counter.add(bin, duration, m_weights(row));
                min = std::min(min, duration);
                max = std::max(max, duration);
            }
        });
        part.min = min;
        part.max = max;
    }

    void findScale()
    {
        Nanos min = std::numeric_limits<Nanos>::max(), max = -1;
        for (const Part &part : m_parts) {
            min = std::min(min, part.min);
            max = std::max(max, part.max);
        }
        m_result.low = max < 0 ? 1 : std::max<Nanos>(1, min);
        m_result.high = std::max(m_result.low, max);
    }

    void uniteBins()
    {
        m_known.assign(m_result.bins.size(), 0);
        for (std::size_t bin = 0; bin < m_result.bins.size(); ++bin) {
            for (const Part &part : m_parts) {
                m_result.bins[bin].count += part.all[bin];
                m_result.bins[bin].errors += part.errors[bin];
                m_known[bin] += part.known[bin];
            }
        }
    }

    void visit(int index, bool withHeat)
    {
        Part &part = m_parts[std::size_t(index)];
        const auto rows = std::size_t(m_result.rows);
        const LogRows rowOf(m_result.low, m_result.high, std::max(1, m_result.rows));
        if (withHeat)
            part.heat.resize(m_result.bins.size() * rows);
        auto visitor = m_statistics.visitor(index);
        BinOf binOf(m_result.range, m_result.binNs);
        m_scan.forEachBlock(index, m_cancel, [&](const std::uint32_t *block, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const Nanos duration = m_columns.duration[block[i]];
                if (duration < 0) [[unlikely]]
                    continue;
                const std::size_t bin = binOf(m_columns.start[block[i]]);
                visitor.add(bin, duration, m_weights(block[i]));
                if (withHeat)
                    ++part.heat[bin * rows + rowOf(duration)];
            }
        });
    }

    const SpanColumns &m_columns;
    Weights m_weights;
    TimeBins &m_result;
    const CancelToken &m_cancel;
    RowScan m_scan;
    OrderStatistics<typename Weights::Cell, kSubBits> m_statistics;
    std::vector<Part> m_parts;
    std::vector<std::int64_t> m_known;
};

} // namespace

TimeBins timeBins(const SpanColumns &columns, const SpanSelection &selection, TimeRange range, int bins,
    int rows, const CancelToken &cancel)
{
    TimeBins result;
    result.range = range;
    bins = std::clamp(bins, 1, kMaxBins);
    result.rows = std::clamp(rows, 0, kMaxRows);
    if (range.isEmpty())
        return result;
    const Nanos length = saturatingSub(range.end, range.begin);
    result.binNs = length / bins + (length % bins == 0 ? 0 : 1);
    result.bins.resize(std::size_t(bins));
    result.heat.resize(std::size_t(bins) * std::size_t(result.rows));

    SpanSelection inRange = selection;
    // A range longer than int64 is cut at its end, so that every offset stays a number.
    inRange.range = TimeRange{range.begin, saturatingAdd(range.begin, length)};
    if (selection.range) {
        inRange.range->begin = std::max(inRange.range->begin, selection.range->begin);
        inRange.range->end
            = std::max(inRange.range->begin, std::min(inRange.range->end, selection.range->end));
    }
    if (columns.traceWeight.empty())
        BinPass<EqualWeights>(columns, inRange, result, cancel).run();
    else
        BinPass<TraceWeights>(columns, inRange, result, cancel).run();
    return result;
}

} // namespace tailscope::analysis
