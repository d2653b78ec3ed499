// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanseries.h"

#include "analysis/callnames.h"
#include "analysis/callpatterns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kLeastPerBin = 5;
constexpr std::size_t kMostBins = 720;
constexpr std::size_t kMostOperations = 100;

/// One value of one subject at one time.
struct Value
{
    std::uint32_t subject = 0, bin = 0;
    Nanos duration = 0, self = kUnknownNanos;
    bool isError = false;
};

// The narrowest usual width that gives 20 traces a bin; 0 when there are not ten such bins.
Nanos binWidth(Nanos length, std::size_t traces)
{
    constexpr std::array<std::int64_t, 17> seconds{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
        7200, 21600, 43200, 86400};
    for (const std::int64_t second : seconds) {
        const Nanos width = second * kNanosPerSecond;
        const std::size_t bins = std::size_t(length / width) + 1;
        if (bins > kMostBins || double(traces) / double(bins) < 20)
            continue;
        return bins >= 10 ? width : 0;
    }
    return 0;
}

/// Collects values and turns them into series.
class SeriesMaker
{
public:
    SeriesMaker(const SpanColumns &columns, const TraceRows &rows)
        : m_columns(columns)
        , m_rows(rows)
    {
        for (std::size_t i = 0; i < columns.operations.size(); ++i)
            m_isWait.push_back(callName(columns.operations[i]) == CallName::Acquire);
    }

    SpanSeriesSet make(const CancelToken &cancel);

private:
    bool isOnAxis(std::uint32_t row) const
    {
        const std::int64_t source = m_columns.tracks[m_columns.track[row]].sourceId;
        return std::find(m_columns.unaligned.begin(), m_columns.unaligned.end(), source)
            == m_columns.unaligned.end();
    }
    void chooseTraces();
    void chooseSubjects();
    void collect(std::uint32_t trace);
    void add(std::uint32_t subject, Nanos start, Value value);
    void fill(SpanSeries &series, std::vector<Value>::iterator from, std::vector<Value>::iterator to);

    const SpanColumns &m_columns;
    const TraceRows &m_rows;
    std::vector<bool> m_isWait; // by operation
    std::vector<std::uint32_t> m_traces;
    std::vector<std::uint32_t> m_serviceOfTrack; // subject; kNoRow = no name
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_operations; // service, operation
    std::vector<Value> m_values;
    SpanSeriesSet m_set;
};

void SeriesMaker::chooseTraces()
{
    Nanos first = std::numeric_limits<Nanos>::max(), last = std::numeric_limits<Nanos>::min();
    for (const std::uint32_t trace : sampledTraces(m_columns, m_rows, 2'000'000)) {
        const auto rows = m_rows.rows(trace);
        if (rows.empty() || !isOnAxis(rows.front()))
            continue;
        m_traces.push_back(trace);
        first = std::min(first, m_columns.start[rows.front()]);
        last = std::max(last, m_columns.start[rows.front()]);
    }
    if (m_traces.empty())
        return;
    m_set.width = binWidth(saturatingSub(last, first), m_traces.size());
    if (m_set.width == 0)
        return;
    m_set.begin = first - ((first % m_set.width) + m_set.width) % m_set.width; // whole minutes, hours
    m_set.bins = std::size_t((last - m_set.begin) / m_set.width) + 1;
}

void SeriesMaker::chooseSubjects()
{
    std::map<std::string, std::uint32_t> services;
    for (const TrackInfo &track : m_columns.tracks) {
        if (!track.service.empty())
            services.emplace(track.service, 0);
    }
    for (auto &[name, subject] : services) {
        subject = std::uint32_t(m_set.series.size());
        m_set.series.push_back({});
        m_set.series.back().isService = true;
        m_set.series.back().subject = m_set.series.back().service = name;
    }
    for (const TrackInfo &track : m_columns.tracks)
        m_serviceOfTrack.push_back(track.service.empty() ? kNoRow : services[track.service]);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> counts;
    for (const std::uint32_t trace : m_traces) {
        for (const std::uint32_t row : m_rows.rows(trace))
            ++counts[{m_serviceOfTrack[m_columns.track[row]], m_columns.operation[row]}];
    }
    std::vector<std::pair<std::int64_t, std::pair<std::uint32_t, std::uint32_t>>> frequent;
    for (const auto &[key, n] : counts) {
        if (n >= 100)
            frequent.emplace_back(-n, key);
    }
    std::sort(frequent.begin(), frequent.end());
    frequent.resize(std::min(frequent.size(), kMostOperations));
    std::map<std::pair<std::string, std::string>, std::pair<std::uint32_t, std::uint32_t>> byName;
    for (const auto &[n, key] : frequent) {
        const std::string service = key.first == kNoRow ? std::string() : m_set.series[key.first].service;
        byName[{service, m_columns.operations[key.second]}] = key;
    }
    for (const auto &[name, key] : byName) {
        m_operations[key] = std::uint32_t(m_set.series.size());
        m_set.series.push_back({});
        m_set.series.back().service = name.first;
        m_set.series.back().subject = (name.first.empty() ? std::string() : name.first + ": ") + name.second;
    }
}

void SeriesMaker::add(std::uint32_t subject, Nanos start, Value value)
{
    if (start < m_set.begin)
        return;
    const auto bin = std::uint64_t(start - m_set.begin) / std::uint64_t(m_set.width);
    if (bin >= m_set.bins)
        return; // a span that starts long after its trace
    value.subject = subject;
    value.bin = std::uint32_t(bin);
    m_values.push_back(value);
}

void SeriesMaker::collect(std::uint32_t trace)
{
    struct OfService
    {
        Nanos start = 0;
        Value value;
    };
    std::map<std::uint32_t, OfService> services;
    for (const std::uint32_t row : m_rows.rows(trace)) {
        const std::uint32_t service = m_serviceOfTrack[m_columns.track[row]];
        const Nanos duration = m_columns.duration[row], self = m_columns.self[row];
        if (duration == kUnknownNanos)
            continue;
        const bool isError = SpanStatus(m_columns.status[row]) == SpanStatus::Error;
        const auto operation = m_operations.find({service, m_columns.operation[row]});
        if (operation != m_operations.end())
            add(operation->second, m_columns.start[row], {0, 0, duration, kUnknownNanos, isError});
        if (service == kNoRow)
            continue;
        const auto [at, isNew]
            = services.try_emplace(service, OfService{m_columns.start[row], {0, 0, duration, 0, isError}});
        Value &value = at->second.value;
        value.duration = std::max(value.duration, duration);
        value.isError = value.isError || isError;
        // A client span waits for somebody else: its own time is not its service's work.
        const bool works = SpanKind(m_columns.kind[row]) != SpanKind::Client;
        if (works && self != kUnknownNanos && !m_isWait[m_columns.operation[row]])
            value.self = saturatingAdd(value.self, self);
    }
    for (const auto &[service, of] : services)
        add(service, of.start, of.value);
}

double quantileOf(std::vector<Nanos> &values, Quantile q)
{
    const auto at = values.begin() + (nearestRank(std::int64_t(values.size()), q) - 1);
    std::nth_element(values.begin(), at, values.end());
    return double(*at);
}

// The values of one subject, by bin.
void SeriesMaker::fill(SpanSeries &series, std::vector<Value>::iterator from, std::vector<Value>::iterator to)
{
    series.n = to - from;
    for (auto *values : {&series.p50, &series.tail, &series.self, &series.errors})
        values->assign(m_set.bins, kUnknown);
    series.count.assign(m_set.bins, 0);
    for (auto at = from; at != to; ++at)
        ++series.count[at->bin];
    std::vector<Nanos> sizes;
    std::copy_if(series.count.begin(), series.count.end(), std::back_inserter(sizes),
        [](std::int64_t n) { return n > 0; });
    series.binN = sizes.empty() ? 0 : std::int64_t(quantileOf(sizes, kP50));
    const Quantile tail = series.binN >= 100 ? kP99 : series.binN >= 40 ? kP95 : kP90;
    series.tailMetric = series.binN >= 100 ? "p99_ns" : series.binN >= 40 ? "p95_ns" : "p90_ns";
    std::vector<Nanos> durations, selves;
    while (from != to) {
        const std::uint32_t bin = from->bin;
        durations.clear();
        selves.clear();
        std::int64_t errors = 0;
        for (; from != to && from->bin == bin; ++from) {
            durations.push_back(from->duration);
            errors += from->isError ? 1 : 0;
            if (from->self != kUnknownNanos)
                selves.push_back(from->self);
        }
        if (series.count[bin] < kLeastPerBin)
            continue;
        series.p50[bin] = quantileOf(durations, kP50);
        series.tail[bin] = quantileOf(durations, tail);
        series.errors[bin] = double(errors) / double(series.count[bin]);
        if (std::int64_t(selves.size()) >= kLeastPerBin)
            series.self[bin] = quantileOf(selves, kP50);
    }
}

SpanSeriesSet SeriesMaker::make(const CancelToken &cancel)
{
    chooseTraces();
    if (m_set.width == 0)
        return std::move(m_set);
    chooseSubjects();
    for (std::size_t i = 0; i < m_traces.size(); ++i) {
        if (i % 1024 == 0 && cancel.isCancelled())
            return {};
        collect(m_traces[i]);
    }
    std::sort(m_values.begin(), m_values.end(), [](const Value &a, const Value &b) {
        return std::tie(a.subject, a.bin, a.duration, a.self)
            < std::tie(b.subject, b.bin, b.duration, b.self);
    });
    for (auto at = m_values.begin(); at != m_values.end();) {
        const auto end
            = std::find_if(at, m_values.end(), [at](const Value &v) { return v.subject != at->subject; });
        fill(m_set.series[at->subject], at, end);
        at = end;
    }
    std::erase_if(m_set.series, [](const SpanSeries &series) { return series.n == 0; });
    return std::move(m_set);
}

} // namespace

SpanSeriesSet spanSeries(const SpanColumns &columns, const TraceRows &rows, const CancelToken &cancel)
{
    return SeriesMaker(columns, rows).make(cancel);
}

} // namespace tailscope::analysis
