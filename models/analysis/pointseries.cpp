// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pointseries.h"

#include "analysis/quantiles.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMostBins = 720;
constexpr double kSignificant = 0.05;

double ranked(std::vector<double> &values, Quantile q)
{
    const auto at = values.begin() + (nearestRank(std::int64_t(values.size()), q) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

void describe(SeriesFindings &out, const SeriesValues &values)
{
    out.n = std::int64_t(values.size());
    out.first = values.ts.front();
    out.last = values.ts.back();
    out.lastValue = values.values.back();
    std::vector<double> sorted = values.values;
    out.p50 = ranked(sorted, kP50);
    out.p95 = ranked(sorted, kP95);
    out.p99 = ranked(sorted, kP99);
    const auto [low, high] = std::minmax_element(values.values.begin(), values.values.end());
    out.min = *low;
    out.max = *high;
    const double n = double(values.size());
    out.mean = std::accumulate(values.values.begin(), values.values.end(), 0.0) / n;
    double sxx = 0, sxy = 0, middle = 0;
    for (const Nanos t : values.ts)
        middle += double(saturatingSub(t, out.first)) / 1e9 / n;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = double(saturatingSub(values.ts[i], out.first)) / 1e9 - middle;
        sxx += x * x;
        sxy += x * (values.values[i] - out.mean);
    }
    out.slope = sxx > 0 ? sxy / sxx : std::nan("");
    out.gaps = holes(values.ts);
}

void findChange(SeriesFindings &out, const SeriesValues &values)
{
    const RegularSeries bins = regular(values, BinValue::Median, kMostBins);
    const auto change = pettitt(bins.values);
    if (!change || change->t == 0 || change->p > kSignificant || isDrift(bins.values, *change))
        return;
    out.change = change;
    out.changeAt = bins.timeOf(change->t);
    out.changeBin = bins.width;
    out.binN = std::max<std::int64_t>(1, out.n / std::int64_t(std::max<std::size_t>(1, change->n)));
}

void findPeaks(SeriesFindings &out, const SeriesValues &values)
{
    if (out.min < 0)
        return;
    RegularSeries bins = regular(values, BinValue::Max, 4 * kMostBins);
    if (bins.values.empty())
        return;
    const auto plateau = std::size_t((180 * kNanosPerSecond + bins.width - 1) / bins.width);
    std::optional<TailShape> shape = tailShape(bins.values, plateau);
    if (!shape)
        return;
    // Above three times nothing is everything: only even distances mean something then.
    if (shape->median == 0 && shape->kind != TailShape::Kind::Periodic)
        return;
    out.shape = std::move(shape);
    out.peaks = std::move(bins);
    out.binN = std::max<std::int64_t>(out.binN, 1);
}

void findFlat(SeriesFindings &out, const SeriesName &name, const SeriesValues &values,
    const SeriesSurroundings &around)
{
    if (isLimitItself(name))
        return;
    CeilingOptions options;
    if (const auto seconds = name.seconds()) {
        options.isDuration = true;
        options.second = 1 / *seconds;
    }
    out.flat = findCeiling(values, limitsFor(name, around.limits), nullptr, options);
    if (!out.flat)
        return;
    out.flatRange = {values.ts[out.flat->first], saturatingAdd(values.ts[out.flat->last], 1)};
    out.isConstant = out.max - out.min <= options.tolerance * std::abs(out.max);
}

} // namespace

bool isLimitItself(const SeriesName &name)
{
    static constexpr std::string_view ends[]{"max", "limit", "capacity", "size", "quota", "min", "limits",
        "max_connections", "target", "threshold", "slots", "info", "replicas", "timeout"};
    const std::size_t at = name.metric.find_last_of("._- ");
    const std::string_view last = std::string_view(name.metric).substr(at == std::string::npos ? 0 : at + 1);
    return std::find(std::begin(ends), std::end(ends), last) != std::end(ends)
        || name.metric.ends_with("max_connections");
}

bool isDemand(const SeriesName &name)
{
    const bool isOwnUse = name.metric.starts_with("db.client.connection.") && !name.says({"pending", "wait"});
    return !name.seconds() && !name.isBytes() && !isLimitItself(name) && !isOwnUse && !name.says({"cpu"})
        && name.says({"request", "throughput", "arriv", "rps", "qps", "tps", "load", "client", "user", "wait",
            "pending", "queue", "demand", "order", "visitor"});
}

bool isWork(const SeriesName &name)
{
    return !name.seconds() && !name.isBytes() && !isLimitItself(name)
        && !name.says({"error", "fail", "timeout", "reject", "retr", "wait", "pending", "queue", "dead"})
        && !name.metric.starts_with("process.") && !name.metric.starts_with("system.")
        && name.says({"request", "throughput", "order", "message", "event", "job", "task", "processed",
            "complet", "insert", "update", "transaction", "commit", "publish", "consum", "deliver", "sent",
            "handled", "arriv", "payment", "login", "signup", "record", "calls"});
}

BaselineOptions baselineOptions(const SeriesName &name)
{
    BaselineOptions options;
    options.above = name.seconds() ? 2 : 0;
    options.below = name.seconds() ? 0 : 0.5;
    return options;
}

std::vector<KnownLimit> limitsFor(const SeriesName &name, const std::vector<LimitOfSomething> &limits)
{
    using Kind = LimitOfSomething::Kind;
    const auto seconds = name.seconds();
    const Kind kind = seconds ? Kind::Seconds : name.isBytes() ? Kind::Bytes : Kind::Count;
    std::vector<KnownLimit> out;
    for (const LimitOfSomething &limit : limits) {
        if (limit.kind != kind)
            continue;
        out.push_back({seconds ? limit.value / *seconds : limit.value,
            limit.subject.empty() ? limit.setting : limit.setting + " of " + limit.subject, limit.reserved});
    }
    return out;
}

std::string_view nameOfPeriod(const std::vector<KnownPeriod> &periods, Nanos length)
{
    for (const KnownPeriod &period : periods) {
        if (period.length > 0 && std::abs(double(length) / double(period.length) - 1) <= 0.1)
            return period.name;
    }
    return {};
}

SeriesFindings judgeSeries(const SeriesName &name, const Judged &judged, const SeriesSurroundings &around)
{
    SeriesFindings out;
    out.measure = judged.measure;
    if (judged.values.size() == 0)
        return out;
    describe(out, judged.values);
    if (out.min == out.max) { // nothing moves; a pool of 200 that is always full is still worth a look
        findFlat(out, name, judged.values, around);
        return out;
    }
    findChange(out, judged.values);
    findPeaks(out, judged.values);
    findFlat(out, name, judged.values, around);
    const bool isWorth = isWork(name) || name.seconds().has_value();
    RegularSeries bins = isWorth ? baselineBins(judged.values, BinValue::Mean) : RegularSeries();
    if (bins.values.empty())
        return out;
    out.baseline = learnBaseline(bins, baselineOptions(name));
    out.usual = std::move(bins);
    return out;
}

} // namespace tailscope::analysis
