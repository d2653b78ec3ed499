// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/comparesets.h"

#include "analysis/rowscan.h"
#include "analysis/spanweights.h"
#include "analysis/wideint.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kLeastForErrors = 30;
// A rank test on much data finds any trifle: the effect must leave this band around one half.
constexpr double kLeastEffect = 0.06;

/// Sorts durations, and weights with them.
void sortSample(OperationSample &sample)
{
    if (sample.weights.empty()) {
        std::sort(sample.durations.begin(), sample.durations.end());
        return;
    }
    std::vector<WeightedValue> values;
    values.reserve(sample.durations.size());
    for (std::size_t i = 0; i < sample.durations.size(); ++i)
        values.push_back({sample.durations[i], sample.weights[i]});
    std::sort(values.begin(), values.end(), [](const WeightedValue &a, const WeightedValue &b) {
        return a.value != b.value ? a.value < b.value : a.weight < b.weight;
    });
    for (std::size_t i = 0; i < values.size(); ++i) {
        sample.durations[i] = values[i].value;
        sample.weights[i] = values[i].weight;
    }
}

/// With weights the interval takes the ranks of the effective sample size (Kish): (sum w)^2 / sum w^2.
PercentileFigure weightedFigure(const OperationSample &sample, Quantile q)
{
    PercentileFigure figure;
    figure.q = q;
    const double sum = std::accumulate(sample.weights.begin(), sample.weights.end(), 0.0);
    double squares = 0;
    for (const double weight : sample.weights)
        squares += weight * weight;
    if (sample.durations.empty() || sum <= 0)
        return figure;
    const auto effective = std::max<std::int64_t>(1, std::int64_t(sum * sum / squares));
    const auto at = [&](double share) {
        double cumulative = 0;
        for (std::size_t i = 0; i < sample.durations.size(); ++i) {
            cumulative += sample.weights[i];
            if (cumulative + sum * 1e-12 >= share * sum)
                return sample.durations[i];
        }
        return sample.durations.back();
    };
    figure.rank = nearestRank(effective, q);
    figure.value = at(double(q.num) / double(q.den));
    figure.tooFewSamples = effective < minimumSamples(q);
    const RankInterval interval = rankInterval95(effective, q);
    if (interval.lowerRank >= 1)
        figure.lower95 = at(double(interval.lowerRank) / double(effective));
    if (interval.upperRank)
        figure.upper95 = at(double(*interval.upperRank) / double(effective));
    return figure;
}

std::int64_t effectiveSize(const OperationSample &sample)
{
    if (sample.weights.empty())
        return std::int64_t(sample.durations.size());
    double sum = 0, squares = 0;
    for (const double weight : sample.weights) {
        sum += weight;
        squares += weight * weight;
    }
    return squares > 0 ? std::int64_t(sum * sum / squares) : 0;
}

MeasureVerdict judgePercentile(const PercentileRatio &ratio, Quantile limit, std::int64_t n)
{
    using Why = MeasureVerdict::Why;
    if (limit.num == 0)
        return {};
    if (n < verdictSamples(ratio.first.q) || !ratio.ratio)
        return {Verdict::Unknown, Why::TooFew};
    const WideInt first = ratio.first.value, second = ratio.second.value;
    if (second * limit.den > first * limit.num) {
        const bool certain = ratio.lower95 && *ratio.lower95 > 1;
        return certain ? MeasureVerdict{Verdict::Worse, Why::Measured}
                       : MeasureVerdict{Verdict::Unknown, Why::Chance};
    }
    if (second * limit.num < first * limit.den) {
        const bool certain = ratio.upper95 && *ratio.upper95 < 1;
        return certain ? MeasureVerdict{Verdict::Better, Why::Measured}
                       : MeasureVerdict{Verdict::Unknown, Why::Chance};
    }
    return {Verdict::Same, Why::Measured};
}

MeasureVerdict judgeErrors(const OperationComparison &operation, const CompareLimits &limits)
{
    using Why = MeasureVerdict::Why;
    const Count &a = operation.first, &b = operation.second;
    if (a.n < kLeastForErrors || b.n < kLeastForErrors)
        return {Verdict::Unknown, Why::TooFew};
    const auto beyond = [&](const Count &low, const Count &high) {
        // In whole numbers: 0.5 points more are still inside.
        const double points = 100.0 * (double(high.x) * double(low.n) - double(low.x) * double(high.n));
        return points > limits.errorPoints * double(low.n) * double(high.n)
            && double(high.x) * double(low.n) > limits.errorRatio * double(low.x) * double(high.n);
    };
    const bool worse = beyond(a, b), better = beyond(b, a);
    if (!worse && !better)
        return {Verdict::Same, Why::Measured};
    if (!operation.errors || operation.errors->p >= limits.alpha)
        return {Verdict::Unknown, Why::Chance};
    return {worse ? Verdict::Worse : Verdict::Better, Why::Measured};
}

Verdict united(const std::array<MeasureVerdict, 4> &measures)
{
    bool anyBetter = false, anySame = false, anyChance = false;
    for (const MeasureVerdict &measure : measures) {
        if (measure.verdict == Verdict::Worse)
            return Verdict::Worse;
        anyBetter |= measure.verdict == Verdict::Better;
        anySame |= measure.verdict == Verdict::Same;
        anyChance |= measure.why == MeasureVerdict::Why::Chance;
    }
    if (anyBetter)
        return Verdict::Better;
    return anySame && !anyChance ? Verdict::Same : Verdict::Unknown;
}

OperationComparison compareOperation(const OperationSample &first, const OperationSample &second)
{
    OperationComparison result;
    result.service = first.service;
    result.operation = first.operation;
    result.first = {first.errors, first.count()};
    result.second = {second.errors, second.count()};
    const bool weighted = !first.weights.empty() || !second.weights.empty();
    for (std::size_t i = 0; i < result.percentiles.size(); ++i) {
        const Quantile q = OperationComparison::kQuantiles[i];
        const auto figure = [&](const OperationSample &sample) {
            return sample.weights.empty() ? sortedPercentile(sample.durations, q) : weightedFigure(sample, q);
        };
        result.percentiles[i] = ratioOf(figure(first), figure(second));
    }
    if (!weighted)
        result.ranks = mannWhitney(first.durations, second.durations);
    result.errors = twoProportions(result.first, result.second);
    return result;
}

void judge(OperationComparison &result, std::int64_t n, const CompareLimits &limits)
{
    const std::array<Quantile, 3> ratios{limits.p50, limits.p95, limits.p99};
    for (std::size_t i = 0; i < ratios.size(); ++i)
        result.measures[i] = judgePercentile(result.percentiles[i], ratios[i], n);
    // The median is judged by the rank test as well, where there is one.
    MeasureVerdict &median = result.measures[0];
    const bool changed = median.verdict == Verdict::Worse || median.verdict == Verdict::Better;
    if (changed && result.ranks
        && (result.adjustedP >= limits.alpha || std::abs(result.ranks->effect - 0.5) <= kLeastEffect))
        median = {Verdict::Unknown, MeasureVerdict::Why::Chance};
    result.measures[3] = judgeErrors(result, limits);
    result.verdict = united(result.measures);
}

/// How much the worst measure grew, for the order of the list.
double growth(const OperationComparison &operation)
{
    double most = 0;
    for (std::size_t i = 0; i < operation.percentiles.size(); ++i) {
        const bool wanted
            = operation.verdict != Verdict::Worse || operation.measures[i].verdict == Verdict::Worse;
        if (wanted && operation.percentiles[i].ratio)
            most = std::max(most, *operation.percentiles[i].ratio);
    }
    if (operation.measures[3].verdict == Verdict::Worse)
        most = std::max(most, (operation.second.share() + 1e-6) / (operation.first.share() + 1e-6));
    return most;
}

std::string number(double value)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g", value);
    return buffer;
}

void addWarnings(const SetSample &first, const SetSample &second, SetComparison &out)
{
    const Nanos a = first.range.length(), b = second.range.length();
    if (a > 0 && b > 0 && (a > 2 * b || b > 2 * a))
        out.warnings.push_back("The first set covers " + humanDuration(a) + ", the second " + humanDuration(b)
            + ": rare events may fall into the longer one only.");
    const double rateA = first.perSecond(), rateB = second.perSecond();
    if (rateA > 0 && rateB > 0 && std::abs(rateB / rateA - 1) > 0.1)
        out.warnings.push_back("The load differs: " + number(rateA) + " against " + number(rateB)
            + " spans a second. Compare at equal load.");
    if (first.isWeighted != second.isWeighted)
        out.warnings.push_back(std::string("Only the traces of the ")
            + (first.isWeighted ? "first" : "second")
            + " set have sampling weights: the other may be a biased sample.");
    else if (first.isWeighted)
        out.warnings.push_back("Percentiles count the weights of sampled traces; the rank test is left out.");
}

} // namespace

double SetSample::perSecond() const
{
    return range.length() > 0 ? double(spans) * double(kNanosPerSecond) / double(range.length()) : 0;
}

SetSample sampleSet(const SpanColumns &columns, const SpanSelection &selection, std::int64_t sourceId,
    const CancelToken &cancel)
{
    SetSample set;
    set.isWeighted = !columns.traceWeight.empty();
    const TraceWeights weights(columns);
    std::vector<std::uint32_t> serviceOf;
    std::unordered_map<std::string, std::uint32_t> services;
    for (const TrackInfo &track : columns.tracks)
        serviceOf.push_back(
            services.try_emplace(track.service, std::uint32_t(services.size())).first->second);
    std::unordered_map<std::uint64_t, std::size_t> places;
    Nanos first = 0, last = 0;
    const RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, cancel, [&](const std::uint32_t *rows, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint32_t row = rows[i];
                const TrackInfo &track = columns.tracks[columns.track[row]];
                if (sourceId > 0 && track.sourceId != sourceId)
                    continue;
                const std::uint64_t key
                    = (std::uint64_t(serviceOf[columns.track[row]]) << 32) | columns.operation[row];
                const auto [place, isNew] = places.try_emplace(key, set.operations.size());
                if (isNew)
                    set.operations.push_back(
                        {track.service, columns.operations[columns.operation[row]], {}, {}});
                OperationSample &sample = set.operations[place->second];
                sample.errors += columns.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
                first = set.spans == 0 ? columns.start[row] : std::min(first, columns.start[row]);
                last = set.spans == 0 ? columns.start[row] : std::max(last, columns.start[row]);
                ++set.spans;
                if (columns.duration[row] == kUnknownNanos) {
                    ++sample.unknown;
                    continue;
                }
                sample.durations.push_back(columns.duration[row]);
                if (set.isWeighted)
                    sample.weights.push_back(weights(row));
            }
        });
    }
    set.range = {first, last};
    for (OperationSample &sample : set.operations) {
        if (cancel.isCancelled())
            return set;
        sortSample(sample);
    }
    std::sort(set.operations.begin(), set.operations.end(),
        [](const OperationSample &a, const OperationSample &b) {
            return std::tie(a.service, a.operation) < std::tie(b.service, b.operation);
        });
    return set;
}

std::int64_t SetComparison::count(Verdict verdict) const
{
    return std::count_if(operations.begin(), operations.end(),
        [verdict](const OperationComparison &operation) { return operation.verdict == verdict; });
}

SetComparison compareSets(const SetSample &first, const SetSample &second, const CompareLimits &limits)
{
    SetComparison out;
    out.firstSpans = first.spans;
    out.secondSpans = second.spans;
    out.firstRange = first.range;
    out.secondRange = second.range;
    out.isWeighted = first.isWeighted || second.isWeighted;
    addWarnings(first, second, out);
    std::map<std::string, const OperationSample *> others;
    const auto nameOf = [](const OperationSample &sample) {
        return sample.service.empty() ? sample.operation : sample.service + ": " + sample.operation;
    };
    for (const OperationSample &sample : second.operations)
        others.emplace(nameOf(sample), &sample);
    std::vector<std::int64_t> sizes;
    std::vector<double> p;
    for (const OperationSample &sample : first.operations) {
        const auto other = others.find(nameOf(sample));
        if (other == others.end()) {
            out.onlyFirst.push_back(nameOf(sample));
            continue;
        }
        out.operations.push_back(compareOperation(sample, *other->second));
        sizes.push_back(std::min(effectiveSize(sample), effectiveSize(*other->second)));
        p.push_back(out.operations.back().ranks ? out.operations.back().ranks->p : 1);
        others.erase(other);
    }
    for (const auto &[name, sample] : others)
        out.onlySecond.push_back(name);
    const std::vector<double> adjusted = holm(p);
    for (std::size_t i = 0; i < out.operations.size(); ++i) {
        out.operations[i].adjustedP = adjusted[i];
        judge(out.operations[i], sizes[i], limits);
    }
    std::stable_sort(out.operations.begin(), out.operations.end(),
        [](const OperationComparison &a, const OperationComparison &b) {
            return a.verdict != b.verdict ? a.verdict < b.verdict : growth(a) > growth(b);
        });
    return out;
}

GateResult gateResult(const OperationComparison &operation)
{
    bool decided = false;
    for (const MeasureVerdict &measure : operation.measures) {
        if (measure.verdict == Verdict::Worse)
            return GateResult::Failed;
        decided |= measure.verdict != Verdict::Unknown;
    }
    return decided ? GateResult::Passed : GateResult::Undecided;
}

GateResult gateResult(const SetComparison &comparison)
{
    GateResult result = GateResult::Undecided;
    for (const OperationComparison &operation : comparison.operations) {
        const GateResult one = gateResult(operation);
        if (one == GateResult::Failed)
            return one;
        if (one == GateResult::Passed)
            result = one;
    }
    return result;
}

} // namespace tailscope::analysis
