// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/loadruns.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr double kLongEnoughHours = 4;
constexpr double kTimesPeak = 2;

/// Who asked what how often, of a set of sources.
struct Traffic
{
    std::map<std::string, std::int64_t> operations; ///< of requests
    std::set<std::string> jobs; ///< work that no request asked for
    std::unordered_map<Nanos, std::int64_t> perMinute;
    std::int64_t requests = 0;

    /// Share of the requests that the most frequent twentieth of the operations has; nullopt for few of them.
    std::optional<double> skew() const
    {
        if (operations.size() < 20)
            return std::nullopt;
        std::vector<std::int64_t> counts;
        for (const auto &[name, n] : operations)
            counts.push_back(n);
        std::sort(counts.begin(), counts.end(), std::greater<>());
        std::int64_t top = 0;
        for (std::size_t i = 0; i < counts.size() / 20; ++i)
            top += counts[i];
        return requests > 0 ? std::optional(double(top) / double(requests)) : std::nullopt;
    }
    double peakPerSecond() const
    {
        std::int64_t most = 0;
        for (const auto &[minute, n] : perMinute)
            most = std::max(most, n);
        return double(most) / 60;
    }
};

Traffic trafficOf(const SpanColumns &columns, const std::set<std::int64_t> &sources, bool isTest)
{
    Traffic out;
    std::unordered_map<std::uint32_t, std::int64_t> operations;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (columns.parent[row] != kNoRow || !sources.contains(columns.tracks[columns.track[row]].sourceId))
            continue;
        const auto kind = SpanKind(columns.kind[row]);
        const bool isRequest
            = isTest ? kind != SpanKind::Internal : kind == SpanKind::Server || columns.httpStatus[row] != 0;
        if (!isRequest) {
            if (kind == SpanKind::Internal || kind == SpanKind::Consumer)
                out.jobs.insert(columns.operations[columns.operation[row]]);
            continue;
        }
        ++out.requests;
        ++operations[columns.operation[row]];
        ++out.perMinute[columns.start[row] / (60 * kNanosPerSecond)];
    }
    for (const auto &[operation, n] : operations)
        out.operations[columns.operations[operation]] += n;
    return out;
}

std::string number(double value, int digits)
{
    const double scale = std::pow(10, digits);
    std::string text = std::to_string(std::round(value * scale) / scale);
    text.erase(text.find_last_not_of('0') + 1);
    if (!text.empty() && text.back() == '.')
        text.pop_back();
    return text;
}

void compareWith(LoadRun &run, const Traffic &test, const Traffic &production)
{
    if (test.requests == 0 || production.requests == 0)
        return;
    const double peak = production.peakPerSecond();
    const LoadPhase *whole = run.whole();
    if (peak > 0 && whole && whole->rate > 0)
        run.validity.push_back({"rate below twice the peak", number(whole->rate, 1) + "/s",
            "peak " + number(peak, 1) + "/s", whole->rate >= kTimesPeak * peak});
    std::vector<std::string> missing;
    for (const auto &[name, n] : production.operations)
        if (!test.operations.contains(name))
            missing.push_back(name);
    const std::size_t all = production.operations.size();
    run.validity.push_back(
        {"operations missing", std::to_string(all - missing.size()) + " of " + std::to_string(all),
            missing.empty() ? "all" : "also " + missing.front() + (missing.size() > 1 ? ", ..." : ""),
            missing.empty()});
    const auto testSkew = test.skew(), realSkew = production.skew();
    if (realSkew && testSkew)
        run.validity.push_back({"requests too uniform", "top 5 % have " + number(100 * *testSkew, 0) + " %",
            number(100 * *realSkew, 0) + " %", *testSkew >= 0.75 * *realSkew});
    if (!production.jobs.empty())
        run.validity.push_back(
            {"no background jobs", test.jobs.empty() ? "none" : std::to_string(test.jobs.size()),
                std::to_string(production.jobs.size()) + " kinds, as " + *production.jobs.begin(),
                !test.jobs.empty()});
}

} // namespace

void judgeValidity(std::vector<LoadRun> &runs, const SpanColumns *columns,
    const std::map<std::int64_t, std::string> &sourceKinds)
{
    std::set<std::int64_t> real;
    for (const auto &[id, kind] : sourceKinds)
        if (kind == "access_log" || kind == "trace")
            real.insert(id);
    std::optional<Traffic> production;
    for (LoadRun &run : runs) {
        if (run.start != kUnknownNanos && run.end != kUnknownNanos) {
            const double hours = double(run.end - run.start) / 3.6e12;
            run.validity.push_back(
                {"too short", humanDuration(run.end - run.start), {}, hours >= kLongEnoughHours});
        }
        if (run.loop != "unknown")
            run.validity.push_back({"closed loop", run.loop, {}, run.loop == "open"});
        if (!columns || real.empty() || run.bins.empty()) // without requests there is nothing to compare
            continue;
        if (!production)
            production = trafficOf(*columns, real, false);
        compareWith(run, trafficOf(*columns, {run.sourceId}, true), *production);
    }
}

} // namespace tailscope::analysis
