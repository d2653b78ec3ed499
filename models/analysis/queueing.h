// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

/// Queueing formulas (FQ of the formula catalogue): pure functions, any thread. Times are seconds, rates are
/// per second. Outside its domain a function returns an Error with the reason, never 0 or NaN.
namespace tailscope::analysis {

/// Little's law L = rate * time (FQ-01). Holds in steady state, whatever the distributions.
Result<double> littleNumber(double ratePerS, double timeS);
Result<double> littleTime(double number, double ratePerS); ///< rate 0: undefined
Result<double> littleRate(double number, double timeS); ///< time 0: undefined
/// Arrivals and completions of a window differ by more than 5 %: the law does not hold in it.
bool isSteady(double arrivals, double completions);

/// Utilisation rho = rate * service / servers (FQ-02).
struct Utilisation
{
    enum class State { Stable, Edge, Unstable } state = State::Stable; ///< Edge: exactly 1
    double rho = 0;
    double growthPerS = 0; ///< of the backlog, 0 unless unstable
};
Result<Utilisation> utilisationOf(double ratePerS, double serviceS, std::int64_t servers);

/// Response / service of one server with random arrivals, M/M/1 (FQ-03); rho in [0, 1).
Result<double> singleServerFactor(double rho);

/// M/M/c (FQ-04): random arrivals, exponential service, one queue in order of arrival, no time-outs.
struct ErlangC
{
    double rho = 0;
    double waitProbability = 0; ///< C
    double meanWaitS = 0, meanQueue = 0, responseS = 0;
    double serviceS = 0;
    std::int64_t servers = 0;
    /// Wait that a share p of the requests does not exceed; 0 where so many do not wait at all. p in (0, 1).
    double waitS(double p) const;
};
/// rho >= 1 is an Error ("unstable"): there is no mean. servers 1..10,000.
Result<ErlangC> erlangC(double ratePerS, double serviceS, std::int64_t servers);
/// The same by utilisation (0 < rho < 1), for curves.
Result<ErlangC> erlangCAt(double rho, double serviceS, std::int64_t servers);
/// The utilisation from which on the P99 of the wait exceeds the service time: the knee of the curve.
Result<double> erlangKnee(double serviceS, std::int64_t servers);
/// Smallest number of servers whose wait P99 is at most the target.
Result<std::int64_t> serversForWait(double ratePerS, double serviceS, double targetWaitS);

/// Ceiling c / S, saturation latency c / rate, and what is missing (FQ-06).
struct Capacity
{
    double ceilingPerS = 0;
    double saturationS = std::numeric_limits<double>::infinity(); ///< hold at which all are busy
    double deficitPerS = 0; ///< max(0, rate - ceiling)
    double deficitShare = 0; ///< of the rate, 0..1
};
Result<Capacity> capacityOf(double servers, double serviceS, double ratePerS);

/// Throughput of a closed loop of users N / (Z + R) (FQ-07).
Result<double> closedLoopRate(double users, double thinkS, double responseS);

/// n requests at once at c servers (FQ-08).
struct Batch
{
    std::int64_t waiting = 0;
    double lastWaitS = 0, doneS = 0;
};
Result<Batch> batchAtOnce(std::int64_t requests, std::int64_t servers, double serviceS);

/// Knee and collapse of a measured throughput curve (FQ-09).
struct ThroughputPoint
{
    double concurrency = 0, throughput = 0;
};
struct ThroughputKnee
{
    double knee = 0; ///< smallest concurrency with 95 % of the maximum
    double kneeThroughput = 0, peakConcurrency = 0, peak = 0;
    double lastShare = 1; ///< throughput at the largest concurrency / peak
    bool collapses = false; ///< lastShare below 0.9
    bool peakReached = true; ///< false: the last point is the maximum
};
/// At least four points; equal concurrencies are averaged.
Result<ThroughputKnee> throughputKnee(std::span<const ThroughputPoint> points, double share = 0.95,
    double collapse = 0.9);

/// Completions and those within the client's limit, per second; waste = 1 - good / all (FQ-10).
struct CompletedCall
{
    double startS = 0, endS = 0;
};
struct Goodput
{
    double throughputPerS = 0, goodputPerS = 0, waste = 0;
    std::int64_t completed = 0, good = 0;
};
/// Over [beginS, endS) by the time of completion; a client limit must be known.
Result<Goodput> goodputOf(std::span<const CompletedCall> calls, double clientTimeoutS, double beginS,
    double endS);

} // namespace tailscope::analysis
