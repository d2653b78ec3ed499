// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetmeasure.h"

#include "analysis/budgetmath.h"
#include "analysis/clockskew.h"
#include "analysis/criticalpath.h"
#include "analysis/rowscan.h"
#include "analysis/serviceofspan.h"
#include "analysis/spanweights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxEdges = 64;

/// Samples of one component, of the whole or of the rest.
struct Tally
{
    std::vector<WeightedValue> time, path;
    std::vector<std::pair<WeightedValue, std::uint32_t>> background; ///< nobody waits; trace
    std::int64_t spans = 0, offPath = 0, overTimeout = 0;
    double total = 0; // weighted ns
    bool waitedFor = false, hasCalls = false;
    std::set<std::pair<std::string, std::string>> edges;
    std::uint32_t example = kNoRow;
    Nanos longest = -1;

    void take(Nanos ns, double weight, std::uint32_t trace)
    {
        time.push_back({ns, weight});
        total += double(ns) * weight;
        if (ns > longest)
            longest = ns, example = trace;
    }
    void append(Tally &&other)
    {
        time.insert(time.end(), other.time.begin(), other.time.end());
        path.insert(path.end(), other.path.begin(), other.path.end());
        background.insert(background.end(), other.background.begin(), other.background.end());
        spans += other.spans, offPath += other.offPath, overTimeout += other.overTimeout;
        total += other.total;
        waitedFor = waitedFor || other.waitedFor;
        hasCalls = hasCalls || other.hasCalls;
        edges.merge(other.edges);
        if (other.longest > longest)
            longest = other.longest, example = other.example;
    }
};

/// Requests of one part of the traces.
class Measure
{
public:
    Measure(const SpanColumns &columns, const TraceRows &rows, const SpanClasses &classes,
        const BudgetSpans &spans, std::size_t components, const std::vector<std::optional<double>> &timeouts)
        : parts(components)
        , m_columns(columns)
        , m_spans(spans)
        , m_timeouts(timeouts)
        , m_weights(columns)
        , m_requests(columns, rows, spans)
        , m_finder(classes)
        , m_intervals(components)
        , m_behind(components)
        , m_onPath(components)
        , m_over(components)
    {}

    void take(std::uint32_t traceIndex)
    {
        if (!m_requests.load(traceIndex))
            return;
        const TraceSpans &trace = m_requests.trace;
        walk(trace);
        const double weight = m_weights(trace.row[trace.root]);
        m_finder.find(trace, m_path);
        std::fill(m_onPath.begin(), m_onPath.end(), 0);
        for (const PathSegment &segment : m_path) {
            if (const std::int16_t part = m_owner[segment.span]; part >= 0)
                m_onPath[std::size_t(part)] += segment.duration;
        }
        const Nanos whole = trace.duration[trace.root];
        total.take(whole, weight, traceIndex);
        if (SpanStatus(m_columns.status[trace.row[trace.root]]) == SpanStatus::Error)
            ++errors, errorWeight += weight;
        weightSum += weight;
        traces.push_back(traceIndex);
        for (std::size_t i = 0; i < parts.size(); ++i)
            finishPart(i, weight, traceIndex);
        const Nanos rest = whole - unionOf(m_all);
        unaccounted.take(rest, weight, traceIndex);
    }

    std::vector<Tally> parts;
    Tally total, unaccounted;
    std::int64_t errors = 0;
    double errorWeight = 0, weightSum = 0;
    std::vector<std::uint32_t> traces;

private:
    using Intervals = std::vector<std::pair<Nanos, Nanos>>;

    /// From the request down: who owns which time, and where each component runs.
    void walk(const TraceSpans &trace)
    {
        m_owner.assign(trace.size(), BudgetSpans::kNone);
        m_async.assign(trace.size(), 0);
        for (Intervals &intervals : m_intervals)
            intervals.clear();
        for (Intervals &intervals : m_behind)
            intervals.clear();
        m_all.clear();
        std::fill(m_over.begin(), m_over.end(), 0);
        const Nanos begin = trace.start[trace.root], end = trace.endOf(trace.root);
        m_order.assign(1, trace.root);
        for (std::size_t at = 0; at < m_order.size(); ++at) {
            const std::uint32_t span = m_order[at];
            const bool isRoot = span == trace.root;
            const std::uint32_t above = trace.parent[span];
            // The request itself is the whole: it is no part of its budget.
            const std::int16_t own = isRoot ? BudgetSpans::kNone : m_spans.componentOf(trace.row[span]);
            m_async[span] = !isRoot && (m_async[above] || trace.isAsync[span]);
            m_owner[span] = own >= 0 || isRoot ? own : m_owner[above];
            if (own >= 0)
                addSpan(trace, span, std::size_t(own), begin, end);
            for (std::uint32_t c = trace.firstChild[span]; c != kNoRow; c = trace.nextSibling[c])
                m_order.push_back(c);
        }
    }

    void addSpan(const TraceSpans &trace, std::uint32_t span, std::size_t part, Nanos begin, Nanos end)
    {
        Tally &tally = parts[part];
        ++tally.spans;
        addEdges(trace, span, tally);
        const Nanos duration = trace.duration[span];
        if (duration == kUnknownNanos)
            return;
        const auto &timeout = m_timeouts[part];
        if (timeout && *timeout > 0 && double(duration) > *timeout * double(kNanosPerMilli))
            m_over[part] = 1;
        if (m_async[span]) {
            // Nobody waits: its own length, and no part of the request.
            m_behind[part].emplace_back(trace.start[span], trace.endOf(span));
            return;
        }
        tally.waitedFor = true;
        const Nanos from = std::max(begin, trace.start[span]), to = std::min(end, trace.endOf(span));
        if (to < from)
            return;
        m_intervals[part].emplace_back(from, to);
        m_all.emplace_back(from, to);
    }

    void addEdges(const TraceSpans &trace, std::uint32_t span, Tally &tally)
    {
        const std::uint32_t row = trace.row[span];
        const auto serviceOf = [this](std::uint32_t r) -> const std::string & {
            return m_columns.tracks[m_columns.track[r]].service;
        };
        const bool isCall = isCallKind(SpanKind(m_columns.kind[row]));
        tally.hasCalls = tally.hasCalls || isCall;
        if (tally.edges.size() >= kMaxEdges)
            return;
        if (isCall) {
            for (std::uint32_t c = trace.firstChild[span]; c != kNoRow; c = trace.nextSibling[c]) {
                if (serviceOf(trace.row[c]) != serviceOf(row))
                    tally.edges.emplace(serviceOf(row), serviceOf(trace.row[c]));
            }
            tally.edges.emplace(serviceOf(row), std::string());
        } else if (trace.parent[span] != kNoRow
            && serviceOf(trace.row[trace.parent[span]]) != serviceOf(row)) {
            tally.hasCalls = true;
            tally.edges.emplace(serviceOf(trace.row[trace.parent[span]]), serviceOf(row));
        }
    }

    void finishPart(std::size_t i, double weight, std::uint32_t traceIndex)
    {
        Tally &tally = parts[i];
        if (m_intervals[i].empty()) {
            if (!m_behind[i].empty()) {
                tally.background.push_back({{unionOf(m_behind[i]), weight}, traceIndex});
                tally.overTimeout += m_over[i];
            }
            return;
        }
        tally.take(unionOf(m_intervals[i]), weight, traceIndex);
        tally.path.push_back({m_onPath[i], weight});
        tally.offPath += m_onPath[i] == 0 ? 1 : 0;
        tally.overTimeout += m_over[i];
    }

    static Nanos unionOf(Intervals &intervals)
    {
        std::sort(intervals.begin(), intervals.end());
        Nanos sum = 0, until = std::numeric_limits<Nanos>::min();
        for (const auto &[from, to] : intervals) {
            if (to > until)
                sum = saturatingAdd(sum, to - std::max(from, until));
            until = std::max(until, to);
        }
        return sum;
    }

    const SpanColumns &m_columns;
    const BudgetSpans &m_spans;
    const std::vector<std::optional<double>> &m_timeouts;
    TraceWeights m_weights;
    BudgetRequests m_requests;
    CriticalPathFinder m_finder;
    std::vector<PathSegment> m_path;
    std::vector<std::int16_t> m_owner; // by local span: the component of its time
    std::vector<char> m_async;
    std::vector<std::uint32_t> m_order;
    std::vector<Intervals> m_intervals, m_behind; // waited for, and not
    Intervals m_all;
    std::vector<Nanos> m_onPath;
    std::vector<char> m_over;
};

BudgetFigure figureOf(std::vector<WeightedValue> &values, Quantile q)
{
    BudgetFigure figure;
    figure.n = std::int64_t(values.size());
    const auto at
        = [&](Quantile quantile) { return weightedPercentile(values, quantile).value_or(kUnknownNanos); };
    figure.p50 = at(kP50), figure.p95 = at(kP95), figure.p99 = at(kP99);
    figure.value = at(q);
    return figure;
}

MeasuredPart finished(Tally &tally, Quantile q, double whole)
{
    MeasuredPart part;
    if (!tally.waitedFor) {
        for (const auto &[value, trace] : tally.background) {
            tally.take(value.value, value.weight, trace);
            tally.path.push_back({0, value.weight});
            ++tally.offPath;
        }
    }
    part.time = figureOf(tally.time, q);
    part.path = figureOf(tally.path, q);
    part.spans = tally.spans;
    part.offPath = tally.offPath;
    part.overTimeout = tally.overTimeout;
    part.onlyAsync = tally.spans > 0 && !tally.waitedFor;
    part.hasCalls = tally.hasCalls;
    part.share = whole > 0 && !part.onlyAsync ? tally.total / whole : 0;
    part.edges = std::move(tally.edges);
    part.example = tally.example;
    return part;
}

} // namespace

std::vector<std::uint32_t> allRequests(const TraceRows &rows, const BudgetSpans &spans)
{
    std::vector<std::uint32_t> numbers(rows.traces() + spans.looseRequests());
    std::iota(numbers.begin(), numbers.end(), 0u);
    return numbers;
}

bool BudgetRequests::load(std::uint32_t number)
{
    if (number >= m_rows.traces()) {
        const std::size_t loose = number - m_rows.traces();
        trace.load(m_columns, kNoRow, m_spans.looseRows(loose));
        correctSkew(trace, m_columns);
        for (std::uint32_t i = 0; i < trace.size(); ++i) {
            if (trace.row[i] == m_spans.looseRequest(loose))
                trace.root = i;
        }
        return trace.root != kNoRow && trace.duration[trace.root] != kUnknownNanos;
    }
    const std::uint32_t traceIndex = number;
    trace.load(m_columns, traceIndex, m_rows.rows(traceIndex));
    if (m_spans.asksForRequests()) {
        std::uint32_t request = kNoRow;
        for (std::uint32_t i = 0; i < trace.size(); ++i) {
            if (!m_spans.isRequest(trace.row[i]) || trace.duration[i] == kUnknownNanos)
                continue;
            if (request == kNoRow || trace.start[i] < trace.start[request]
                || (trace.start[i] == trace.start[request] && trace.duration[i] > trace.duration[request]))
                request = i;
        }
        if (request == kNoRow)
            return false;
        correctSkew(trace, m_columns);
        trace.root = request;
        return true;
    }
    if (trace.root == kNoRow || trace.duration[trace.root] == kUnknownNanos)
        return false;
    correctSkew(trace, m_columns);
    return true;
}

std::shared_ptr<const MeasuredBudget> measureBudget(const SpanColumns &columns, const TraceRows &rows,
    const SpanClasses &classes, std::span<const std::uint32_t> traces, const Budget &budget,
    const BudgetSpans &spans, const std::vector<std::optional<double>> &timeouts, const CancelToken &cancel)
{
    const std::size_t middle = traces.size() / 2;
    const std::size_t components = budget.components.size();
    Measure halves[2]{Measure(columns, rows, classes, spans, components, timeouts),
        Measure(columns, rows, classes, spans, components, timeouts)};
    runParts(2, [&](int part) {
        const auto some = part == 0 ? traces.first(middle) : traces.subspan(middle);
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (i % 256 == 0 && cancel.isCancelled())
                return;
            halves[part].take(some[i]);
        }
    });
    if (cancel.isCancelled())
        return nullptr;
    Measure &all = halves[0];
    all.total.append(std::move(halves[1].total));
    all.unaccounted.append(std::move(halves[1].unaccounted));
    for (std::size_t i = 0; i < components; ++i)
        all.parts[i].append(std::move(halves[1].parts[i]));
    all.traces.insert(all.traces.end(), halves[1].traces.begin(), halves[1].traces.end());

    const Quantile q = quantileOf(budget.percentile).value_or(kP95);
    auto result = std::make_shared<MeasuredBudget>();
    result->requests = std::int64_t(all.traces.size());
    result->errors = all.errors + halves[1].errors;
    const double weight = all.weightSum + halves[1].weightSum;
    result->errorRate = weight > 0 ? (all.errorWeight + halves[1].errorWeight) / weight : 0;
    result->weighted = !columns.traceWeight.empty();
    const double whole = all.total.total;
    result->slowest = all.total.example;
    result->total = figureOf(all.total.time, q);
    for (Tally &tally : all.parts)
        result->parts.push_back(finished(tally, q, whole));
    result->unaccounted = finished(all.unaccounted, q, whole);
    result->traces = std::move(all.traces);
    return result;
}

} // namespace tailscope::analysis
