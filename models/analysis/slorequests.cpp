// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/slorequests.h"

#include "analysis/spanfilter.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr Nanos kDay = 86'400 * kNanosPerSecond;
constexpr std::array<Quantile, 4> kFigures{kP50, kP95, kP99, kP999};

Nanos floorTo(Nanos value, Nanos step)
{
    const Nanos rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

/// Counts that may be sums of weights, by class.
struct Sums
{
    std::array<double, 6> of{};
    void add(SliClass what, double n) { of[std::size_t(what)] += n; }
    SliCounts counts() const
    {
        SliCounts out;
        for (std::size_t i = 0; i < of.size(); ++i)
            out.add(SliClass(i), std::llround(of[i]));
        return out;
    }
};

/// Gathers requests into bins, operations and causes.
class Gatherer
{
public:
    explicit Gatherer(SloResult &result)
        : m_result(result)
    {}

    void add(Nanos at, SliClass what, double n, const std::string &operation)
    {
        m_bins[floorTo(at, m_result.binNs)].add(what, n);
        m_operations[operation].add(what, n);
    }
    void addFailure(Nanos at, std::string_view category, std::string detail, double n)
    {
        m_failures[{std::string(category), std::move(detail)}][floorTo(at, m_result.binNs)] += n;
    }

    /// Sums up what lies in the window before the last request.
    void finish(int windowDays)
    {
        SloResult &out = m_result;
        for (const auto &[start, sums] : m_bins)
            out.bins.push_back({start, sums.counts()});
        std::sort(out.bins.begin(), out.bins.end(),
            [](const SloBin &a, const SloBin &b) { return a.start < b.start; });
        const Nanos from = out.bins.empty()
            ? 0
            : saturatingSub(out.bins.back().start + out.binNs, std::max(1, windowDays) * kDay);
        for (const SloBin &bin : out.bins) {
            if (bin.start >= from)
                out.total += bin.counts;
            const Nanos day = floorTo(bin.start, kDay);
            if (out.days.empty() || out.days.back().start != day)
                out.days.push_back({{}, day, {}});
            out.days.back().counts += bin.counts;
        }
        finishOperations();
        finishCauses(from);
    }

private:
    void finishOperations()
    {
        for (const auto &[name, sums] : m_operations)
            m_result.operations.push_back({name, 0, sums.counts()});
        std::stable_sort(m_result.operations.begin(), m_result.operations.end(),
            [](const SloRow &a, const SloRow &b) {
                return a.counts.bad() != b.counts.bad() ? a.counts.bad() > b.counts.bad()
                                                        : a.counts.valid() > b.counts.valid();
            });
        if (m_result.operations.size() > SloResult::kMaxOperations)
            m_result.operations.resize(SloResult::kMaxOperations);
    }
    void finishCauses(Nanos from)
    {
        std::map<std::string, FailureCause> byCategory;
        std::vector<FailureCause> details;
        for (const auto &[key, bins] : m_failures) {
            double n = 0; // of the same window as the total
            for (const auto &[start, of] : bins)
                n += start >= from ? of : 0;
            const std::int64_t failures = std::llround(n);
            if (failures == 0)
                continue;
            FailureCause &cause = byCategory[key.first];
            cause.category = key.first;
            cause.failures += failures;
            if (failures > cause.detailFailures) {
                cause.detailFailures = failures;
                cause.detail = key.second;
            }
            details.push_back({key.first, key.second, failures, failures});
        }
        std::vector<FailureCause> causes;
        for (auto &[name, cause] : byCategory)
            causes.push_back(std::move(cause));
        m_result.causes = failurePareto(std::move(causes));
        m_result.details = failurePareto(std::move(details));
        if (m_result.details.size() > SloResult::kMaxOperations)
            m_result.details.resize(SloResult::kMaxOperations);
    }

    SloResult &m_result;
    std::unordered_map<Nanos, Sums> m_bins;
    std::map<std::string, Sums> m_operations;
    std::map<std::pair<std::string, std::string>, std::unordered_map<Nanos, double>> m_failures;
};

std::string named(const std::string &service, const std::string &operation)
{
    return service.empty() ? operation : operation.empty() ? service : service + ": " + operation;
}

std::string statusText(std::uint16_t status) { return status > 0 ? " · " + std::to_string(status) : ""; }

/// Which spans are requests of an origin.
class RequestTest
{
public:
    RequestTest(const SpanColumns &columns, const SourceKinds &kinds, SloOrigin origin,
        const SpanBitmap *scope)
        : m_columns(columns)
        , m_scope(scope)
        , m_isLoadTest(origin == SloOrigin::LoadTest)
    {
        for (const TrackInfo &track : columns.tracks) {
            const auto kind = kinds.find(track.sourceId);
            const std::string_view of = kind == kinds.end() ? std::string_view("trace") : kind->second;
            const bool isOther = of == "access_log" || of == "load_test";
            m_ofOrigin.push_back(origin == SloOrigin::AccessLog ? of == "access_log"
                    : m_isLoadTest                              ? of == "load_test"
                                                                : !isOther);
        }
    }
    bool operator()(std::uint32_t row) const
    {
        if (!m_ofOrigin[m_columns.track[row]])
            return false;
        const std::uint32_t parent = m_columns.parent[row];
        if (m_scope)
            return m_scope->test(row) && (parent == kNoRow || !m_scope->test(parent));
        if (parent != kNoRow)
            return false;
        const auto kind = SpanKind(m_columns.kind[row]);
        // Sums over requests (JMeter's transactions, Gatling's groups) are internal.
        if (m_isLoadTest)
            return kind != SpanKind::Internal;
        return kind == SpanKind::Server || m_columns.httpStatus[row] != 0;
    }

private:
    const SpanColumns &m_columns;
    const SpanBitmap *m_scope;
    bool m_isLoadTest;
    std::vector<char> m_ofOrigin;
};

void fillFigures(SloResult &result, std::vector<WeightedValue> &durations)
{
    result.timed = std::int64_t(durations.size());
    double total = 0;
    for (const WeightedValue &each : durations)
        total += each.weight;
    std::sort(durations.begin(), durations.end(),
        [](const WeightedValue &a, const WeightedValue &b) { return a.value < b.value; });
    for (std::size_t i = 0; i < kFigures.size(); ++i) {
        PercentileFigure &figure = result.figures[i];
        figure.q = kFigures[i];
        if (durations.empty())
            continue;
        const std::int64_t n = std::int64_t(durations.size());
        figure.tooFewSamples = n < minimumSamples(figure.q);
        if (result.isWeighted) {
            figure.value = weightedPercentile(durations, figure.q).value_or(kUnknownNanos);
        } else {
            figure.rank = nearestRank(n, figure.q);
            figure.value = durations[std::size_t(figure.rank - 1)].value;
        }
        double over = 0;
        for (auto it = durations.rbegin(); it != durations.rend() && it->value > figure.value; ++it)
            over += it->weight;
        result.overFigure[i] = std::llround(over);
    }
    if (result.isWeighted)
        result.timed = std::llround(total);
}

} // namespace

std::string_view originId(SloOrigin origin)
{
    constexpr std::array<std::string_view, 4> kIds{"access_log", "trace", "counters", "load_test"};
    return kIds[std::size_t(origin)];
}

std::string SloDefinition::toText() const
{
    std::string text = "objective=" + std::to_string(objective.num) + "/" + std::to_string(objective.den);
    if (rule.limit != kUnknownNanos)
        text += "\nlimit_ns=" + std::to_string(rule.limit);
    text += "\nwindow_days=" + std::to_string(windowDays);
    text += rule.limitedIsBad ? "\nlimited=bad" : "\nlimited=excluded";
    if (origin)
        text += "\norigin=" + std::string(originId(*origin));
    std::string line = scope;
    std::replace(line.begin(), line.end(), '\n', ' ');
    return text + "\nscope=" + line + "\n";
}

SloDefinition SloDefinition::fromText(std::string_view text)
{
    SloDefinition out;
    for (const std::string_view line : split(text, '\n')) {
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view key = trimmed(line.substr(0, equals)),
                               value = trimmed(line.substr(equals + 1));
        const auto number = parseInt64(value);
        if (key == "objective") {
            if (const auto objective = parseObjective(value)) {
                out.objective = *objective;
                out.isStated = true;
            }
        } else if (key == "limit_ns" && number && *number > 0) {
            out.rule.limit = *number;
        } else if (key == "limit_ms") {
            const auto ns = parseScaledDecimal(value, kNanosPerMilli);
            if (ns && *ns > 0)
                out.rule.limit = *ns;
        } else if (key == "window_days" && number && *number >= 1 && *number <= 3660) {
            out.windowDays = int(*number);
        } else if (key == "limited") {
            out.rule.limitedIsBad = value != "excluded";
        } else if (key == "scope") {
            if (parseFilter(value)) // else all of an import's analyses would fail with it
                out.scope = value;
        } else if (key == "origin") {
            for (const SloOrigin origin : kSloOrigins)
                if (originId(origin) == value)
                    out.origin = origin;
        }
    }
    return out;
}

double SloResult::perSecond() const
{
    SliCounts all;
    for (const SloRow &day : days)
        all += day.counts;
    return range.length() > 0 ? double(all.valid()) * 1e9 / double(range.length()) : 0;
}

SloResult sloOfSpans(const SpanColumns &columns, const SpanSelection &selection, const SourceKinds &kinds,
    SloOrigin origin, const SloDefinition &definition, const CancelToken &cancel)
{
    SloResult result;
    result.origin = origin;
    Gatherer gatherer(result);
    const RequestTest isRequest(columns, kinds, origin, selection.filter.get());
    std::vector<WeightedValue> durations;
    std::unordered_map<std::uint64_t, std::string> names;
    Nanos first = std::numeric_limits<Nanos>::max(), last = std::numeric_limits<Nanos>::min();
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if ((row & 0xffffu) == 0 && cancel.isCancelled())
            return result;
        if (!isRequest(row))
            continue;
        const Nanos start = columns.start[row];
        if (selection.range && !selection.range->contains(start))
            continue;
        const std::uint32_t trace = columns.trace[row];
        double weight = 1;
        if (trace != kNoRow && !columns.traceWeight.empty() && !std::isnan(columns.traceWeight[trace])) {
            weight = double(columns.traceWeight[trace]);
            result.isWeighted = result.isWeighted || weight != 1;
        }
        const TrackInfo &track = columns.tracks[columns.track[row]];
        const bool isError = SpanStatus(columns.status[row]) == SpanStatus::Error;
        const std::uint16_t status = columns.httpStatus[row];
        const SliClass what = classify(status, isError, columns.duration[row], definition.rule);
        // A name a pair of operation and track, made once.
        std::string &name = names[(std::uint64_t(columns.operation[row]) << 32) | columns.track[row]];
        if (name.empty())
            name = named(track.service, columns.operations[columns.operation[row]]);
        first = std::min(first, start);
        last = std::max(last, start);
        gatherer.add(start, what, weight, name);
        if (what == SliClass::Slow)
            gatherer.addFailure(start, "slow", name + statusText(status), weight);
        else if (what == SliClass::Failed || what == SliClass::Limited)
            gatherer.addFailure(start, failureCategory(status, {}), name + statusText(status), weight);
        if (what != SliClass::Excluded && columns.duration[row] != kUnknownNanos)
            durations.push_back({columns.duration[row], weight});
    }
    if (last >= first)
        result.range = {first, last + 1};
    result.isAbsolute = columns.unaligned.empty();
    gatherer.finish(definition.windowDays);
    fillFigures(result, durations);
    return result;
}

std::vector<SloOrigin> originsOfSpans(const SpanColumns &columns, const SourceKinds &kinds)
{
    std::vector<SloOrigin> out;
    for (const SloOrigin origin : {SloOrigin::AccessLog, SloOrigin::Trace, SloOrigin::LoadTest}) {
        const RequestTest isRequest(columns, kinds, origin, nullptr);
        for (std::uint32_t row = 0; row < columns.size(); ++row) {
            if (isRequest(row)) {
                out.push_back(origin);
                break;
            }
        }
    }
    return out;
}

namespace {

/// Adds `n` requests that happened in (from, to], spread evenly over the bins; whole requests, none lost.
template<typename Add>
void spread(Nanos from, Nanos to, std::int64_t n, Nanos binNs, Add &&add)
{
    constexpr std::int64_t kMaxBins = 200'000;
    if (n <= 0)
        return;
    if (to - from <= binNs || (to - from) / binNs > kMaxBins) {
        add(to - 1, n);
        return;
    }
    std::int64_t given = 0;
    for (Nanos begin = from; begin < to;) {
        const Nanos end = std::min(to, floorTo(begin, binNs) + binNs);
        __extension__ using Wide = __int128;
        const auto until = std::int64_t(Wide(n) * (end - from) / (to - from));
        if (until > given)
            add(begin, until - given);
        given = until;
        begin = end;
    }
}

} // namespace

SloResult sloOfCounters(const std::vector<RequestCounter> &counters, const std::optional<TimeRange> &range,
    const SloDefinition &definition, const CancelToken &cancel)
{
    SloResult result;
    result.origin = SloOrigin::Counters;
    result.hasDurations = false;
    Gatherer gatherer(result);
    SliRule rule = definition.rule;
    rule.limit = kUnknownNanos; // counters hold no durations
    Nanos first = std::numeric_limits<Nanos>::max(), last = std::numeric_limits<Nanos>::min();
    for (const RequestCounter &counter : counters) {
        if (cancel.isCancelled())
            return result;
        const std::string name = named(counter.service, counter.operation);
        const SliClass what = classify(counter.status, false, kUnknownNanos, rule);
        const bool isFailure = what == SliClass::Failed || what == SliClass::Limited;
        const std::string_view category = failureCategory(counter.status, counter.reason);
        const std::string detail = name
            + (counter.reason.empty() ? "" : (name.empty() ? "" : " · ") + counter.reason)
            + statusText(counter.status);
        for (std::size_t i = counter.isDelta ? 0 : 1; i < counter.points.size(); ++i) {
            const TimedValue &point = counter.points[i];
            const double before = counter.isDelta ? 0 : counter.points[i - 1].value;
            const double grown = point.value >= before ? point.value - before : point.value; // began anew
            const Nanos from = i > 0 ? counter.points[i - 1].ts : point.ts - 1;
            if (!(grown >= 0.5) || !(grown < 9e18) || (range && !range->contains(point.ts - 1)))
                continue;
            first = std::min(first, from);
            last = std::max(last, point.ts);
            spread(from, point.ts, std::llround(grown), result.binNs, [&](Nanos at, std::int64_t n) {
                gatherer.add(at, what, double(n), name);
                if (isFailure)
                    gatherer.addFailure(at, category, detail, double(n));
            });
        }
    }
    if (last > first)
        result.range = {first, last};
    gatherer.finish(definition.windowDays);
    return result;
}

} // namespace tailscope::analysis
