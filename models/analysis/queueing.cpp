// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/queueing.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kMaxServers = 10'000;
constexpr double kEdge = 1e-12; // products of decimal inputs miss 1 by some units in the last place

bool within(double value, double low, double high) { return value >= low && value <= high; } // false for NaN

tl::unexpected<Error> outside(const char *subject, const char *detail)
{
    return fail(ErrorCode::Usage, subject, detail, "Enter a value within the domain.");
}

/// Erlang's loss probability by its recursion; factorials overflow at 171.
double erlangB(double load, std::int64_t servers)
{
    double b = 1;
    for (std::int64_t k = 1; k <= servers; ++k)
        b = load * b / (double(k) + load * b);
    return b;
}

} // namespace

Result<double> littleNumber(double ratePerS, double timeS)
{
    if (!within(ratePerS, 0, 1e7) || !within(timeS, 0, 3600))
        return outside("Little's law", "the rate must be 0 to 10,000,000 per second, the time 0 to 3,600 s");
    return ratePerS * timeS;
}

Result<double> littleTime(double number, double ratePerS)
{
    if (!within(number, 0, 1e7) || !(ratePerS > 0) || !within(ratePerS, 0, 1e7))
        return outside("Little's law", "the time is undefined without a rate");
    return number / ratePerS;
}

Result<double> littleRate(double number, double timeS)
{
    if (!within(number, 0, 1e7) || !(timeS > 0) || !within(timeS, 0, 3600))
        return outside("Little's law", "the rate is undefined without a time");
    return number / timeS;
}

bool isSteady(double arrivals, double completions)
{
    return std::abs(arrivals - completions) <= 0.05 * std::max(arrivals, completions);
}

Result<Utilisation> utilisationOf(double ratePerS, double serviceS, std::int64_t servers)
{
    if (!within(ratePerS, 0, 1e7) || !(serviceS > 0) || !within(serviceS, 0, 3600) || servers < 1)
        return outside("utilisation", "it takes a rate from 0, a service time above 0 and a server");
    Utilisation result;
    result.rho = ratePerS * serviceS / double(servers);
    if (std::abs(result.rho - 1) <= kEdge) {
        result.rho = 1;
        result.state = Utilisation::State::Edge;
    } else if (result.rho > 1) {
        result.state = Utilisation::State::Unstable;
        result.growthPerS = ratePerS - double(servers) / serviceS;
    }
    return result;
}

Result<double> singleServerFactor(double rho)
{
    if (!(rho >= 0 && rho < 1))
        return outside("M/M/1", "unstable: there is no mean at a utilisation of 1 and above");
    return 1 / (1 - rho);
}

double ErlangC::waitS(double p) const
{
    if (!(p > 0 && p < 1) || waitProbability <= 1 - p)
        return 0;
    return std::log(waitProbability / (1 - p)) * serviceS / (double(servers) * (1 - rho));
}

Result<ErlangC> erlangCAt(double rho, double serviceS, std::int64_t servers)
{
    if (servers < 1 || servers > kMaxServers)
        return outside("Erlang C", "the number of servers must be 1 to 10,000");
    if (!(serviceS > 0) || !within(serviceS, 0, 3600) || !(rho > 0))
        return outside("Erlang C", "it takes a rate and a service time above 0");
    if (rho >= 1 - kEdge)
        return outside("Erlang C", "unstable: the queue grows without bound");
    const double load = rho * double(servers);
    const double b = erlangB(load, servers);
    ErlangC result;
    result.rho = rho;
    result.servers = servers;
    result.serviceS = serviceS;
    result.waitProbability = b / (1 - rho * (1 - b));
    result.meanWaitS = result.waitProbability * serviceS / (double(servers) * (1 - rho));
    result.meanQueue = load / serviceS * result.meanWaitS;
    result.responseS = result.meanWaitS + serviceS;
    return result;
}

Result<ErlangC> erlangC(double ratePerS, double serviceS, std::int64_t servers)
{
    const Result<Utilisation> load = utilisationOf(ratePerS, serviceS, servers);
    if (!load)
        return fail(load.error());
    if (load->state != Utilisation::State::Stable)
        return outside("Erlang C", "unstable: the queue grows without bound");
    return erlangCAt(load->rho, serviceS, servers);
}

Result<double> erlangKnee(double serviceS, std::int64_t servers)
{
    // The P99 of the wait grows with rho: bisection.
    double low = 0, high = 1 - 1e-9;
    TS_TRY(erlangCAt(0.5, serviceS, servers));
    for (int i = 0; i < 50; ++i) {
        const double middle = (low + high) / 2;
        const Result<ErlangC> at = erlangCAt(middle, serviceS, servers);
        (at && at->waitS(0.99) > serviceS ? high : low) = middle;
    }
    return high;
}

Result<std::int64_t> serversForWait(double ratePerS, double serviceS, double targetWaitS)
{
    if (!(targetWaitS >= 0))
        return outside("pool size", "the wanted wait must not be negative");
    const Result<double> load = littleNumber(ratePerS, serviceS);
    if (!load)
        return fail(load.error());
    if (!(*load > 0))
        return outside("pool size", "it takes a rate and a service time above 0");
    std::int64_t low = std::int64_t(std::floor(*load)) + 1, high = kMaxServers;
    const auto isEnough = [&](std::int64_t servers) {
        const Result<ErlangC> at = erlangC(ratePerS, serviceS, servers);
        return at && at->waitS(0.99) <= targetWaitS;
    };
    if (low > high || !isEnough(high))
        return fail(ErrorCode::LimitExceeded, "pool size", "more than 10,000 servers would be needed",
            "Shorten the service time first.");
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (isEnough(middle))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

Result<Capacity> capacityOf(double servers, double serviceS, double ratePerS)
{
    if (!(servers > 0) || !within(servers, 0, 1e6) || !(serviceS > 0) || !within(ratePerS, 0, 1e9))
        return outside("capacity", "it takes a server, a service time above 0 and a rate from 0");
    Capacity result;
    result.ceilingPerS = servers / serviceS;
    if (ratePerS > 0) {
        result.saturationS = servers / ratePerS;
        result.deficitPerS = std::max(0.0, ratePerS - result.ceilingPerS);
        result.deficitShare = result.deficitPerS / ratePerS;
    }
    return result;
}

Result<double> closedLoopRate(double users, double thinkS, double responseS)
{
    if (!within(users, 1, 1e6) || !within(thinkS, 0, 1e6) || !(responseS > 0) || !within(responseS, 0, 1e6))
        return outside("closed loop", "it takes a user, a think time from 0 and a response time above 0");
    return users / (thinkS + responseS);
}

Result<Batch> batchAtOnce(std::int64_t requests, std::int64_t servers, double serviceS)
{
    if (requests < 0 || servers < 1 || !(serviceS > 0))
        return outside("batch", "it takes a server and a service time above 0");
    const std::int64_t rounds = requests / servers + (requests % servers != 0);
    Batch result;
    result.waiting = std::max<std::int64_t>(0, requests - servers);
    result.lastWaitS = double(std::max<std::int64_t>(rounds - 1, 0)) * serviceS;
    result.doneS = double(rounds) * serviceS;
    return result;
}

Result<ThroughputKnee> throughputKnee(std::span<const ThroughputPoint> points, double share, double collapse)
{
    std::map<double, std::pair<double, int>> sums;
    for (const ThroughputPoint &point : points) {
        if (!(point.concurrency > 0) || !(point.throughput >= 0) || std::isinf(point.throughput))
            continue;
        auto &sum = sums[point.concurrency];
        sum.first += point.throughput;
        ++sum.second;
    }
    if (sums.size() < 4)
        return outside("knee", "fewer than four levels of concurrency");
    ThroughputKnee result;
    for (const auto &[concurrency, sum] : sums) {
        const double mean = sum.first / sum.second;
        if (mean > result.peak) {
            result.peak = mean;
            result.peakConcurrency = concurrency;
        }
    }
    if (result.peak <= 0)
        return outside("knee", "no data: the throughput is 0 everywhere");
    for (const auto &[concurrency, sum] : sums) {
        if (sum.first / sum.second >= share * result.peak) {
            result.knee = concurrency;
            result.kneeThroughput = sum.first / sum.second;
            break;
        }
    }
    const auto &last = *sums.rbegin();
    result.lastShare = last.second.first / last.second.second / result.peak;
    result.collapses = result.lastShare < collapse;
    result.peakReached = last.first != result.peakConcurrency;
    return result;
}

Result<Goodput> goodputOf(std::span<const CompletedCall> calls, double clientTimeoutS, double beginS,
    double endS)
{
    if (!within(clientTimeoutS, 0.01, 300))
        return outside("goodput", "without the client's limit nobody knows whether anyone was still waiting");
    if (!(endS > beginS))
        return outside("goodput", "the window is empty");
    Goodput result;
    for (const CompletedCall &call : calls) {
        if (!(call.endS >= beginS && call.endS < endS))
            continue;
        ++result.completed;
        result.good += call.endS - call.startS <= clientTimeoutS;
    }
    result.throughputPerS = double(result.completed) / (endS - beginS);
    result.goodputPerS = double(result.good) / (endS - beginS);
    result.waste = result.completed > 0 ? 1 - double(result.good) / double(result.completed) : 0;
    return result;
}

} // namespace tailscope::analysis
