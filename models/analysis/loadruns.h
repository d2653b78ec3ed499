// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/loadcurve.h"
#include "analysis/loadphases.h"
#include "analysis/spancolumns.h"
#include "analysis/traceanalyses.h"
#include "analysis/unknownreal.h"
#include "store/workspace.h"

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A stretch of a load test in regular bins.
struct LoadBin
{
    std::int64_t requests = 0, errors = 0;
    double users = kUnknownReal; ///< as the tool says; NaN = it does not
    double inFlight = kUnknownReal; ///< mean number of requests under way
    Nanos p50 = kUnknownNanos, p95 = kUnknownNanos, p99 = kUnknownNanos; ///< nearest rank
};

/// A phase with its figures. NaN and kUnknownNanos: unknown.
struct LoadPhase
{
    std::string name, kind; ///< kind: ramp, hold, spike, soak, step, whole, interval
    bool isFound = true; ///< recognised here; false: as the tool states it
    Nanos start = kUnknownNanos, end = kUnknownNanos;
    double users = kUnknownReal, rate = kUnknownReal, targetRate = kUnknownReal;
    std::int64_t requests = 0, errors = -1; ///< -1 = unknown
    std::int64_t timed = 0; ///< durations behind the percentiles; 0 = those of the tool
    double p50Ms = kUnknownReal, p95Ms = kUnknownReal, p99Ms = kUnknownReal, maxMs = kUnknownReal,
           meanMs = kUnknownReal;
    bool isSteady() const { return kind == "hold" || kind == "soak" || kind == "step" || kind == "whole"; }
    double errorShare() const
    {
        return errors >= 0 && requests > 0 ? double(errors) / double(requests) : kUnknownReal;
    }
};

struct LoadThreshold
{
    std::string metric, expression;
    int ok = -1; ///< 1, 0; -1 = the file does not say
};

/// Growth of a measure during the longest steady phase.
struct LoadSlope
{
    std::string measure; ///< "p95_ms" or the metric of a series
    std::string unit;
    std::int64_t seriesId = 0;
    Slope slope;
    Nanos start = 0, end = 0;
};

/// A point in which a test may differ from production.
struct LoadValidity
{
    std::string item, test, production; ///< values in words; production empty: a rule of thumb
    bool isMet = false;
};

/// One load test, analysed.
struct LoadRun
{
    std::int64_t id = 0, sourceId = 0;
    std::string name, tool, level; ///< level: requests, intervals, summary
    Nanos start = kUnknownNanos, end = kUnknownNanos;
    std::string loop = "unknown"; ///< open, closed, unknown
    std::string loopReason; ///< stated, found: why
    std::string statedOmission = "unknown"; ///< possible, corrected, no, unknown
    double targetRate = kUnknownReal, users = kUnknownReal;
    std::vector<LoadThreshold> thresholds;
    Nanos binNs = 0;
    std::vector<LoadBin> bins; ///< from start on; empty without requests
    std::vector<LoadPhase> phases; ///< in order of time; "whole" first
    std::vector<LoadPoint> points; ///< levels of concurrency
    bool pointsOfAll = false; ///< of all runs together: one alone has too few levels
    std::optional<OmissionTest> omission; ///< nullopt without requests
    double correctedP99Ms = kUnknownReal; ///< for a suspect closed loop
    double rateLatency
        = kUnknownReal; ///< rank correlation at steady load; below 0 the rate falls as latency rises
    std::vector<LoadSlope> slopes;
    std::vector<LoadValidity> validity; ///< only points that the files tell
    const LoadPhase *whole() const;
    /// What the tool or the test says of coordinated omission: "suspect", "possible", "corrected", "no",
    /// "unknown".
    std::string omissionVerdict() const;
};

/// All load tests of a workspace; columns may be null when no source has requests. Any thread.
Result<std::vector<LoadRun>> readLoadRuns(const store::Workspace &workspace, const SpanColumns *columns,
    const Progress &progress);
/// Compares the tests with the requests of access logs and traces in the same workspace, if there are any.
void judgeValidity(std::vector<LoadRun> &runs, const SpanColumns *columns,
    const std::map<std::int64_t, std::string> &sourceKinds);
/// There are spans of load tests, for which columns must be loaded.
Result<bool> haveLoadRequests(store::Database &reader);

/// Tables load_phase, load_point, load_verdict, load_slope.
Result<WriteRows> computeLoadRuns(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
