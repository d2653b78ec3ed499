// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/overload.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr int kSteps = 100'000;
constexpr int kCurve = 500;

Result<void> check(const OverloadInput &input)
{
    const auto bad = [](const char *detail) {
        return fail(ErrorCode::Usage, "overload", detail, "Enter a value within the domain.");
    };
    if (input.arrivals.size() < 2)
        return bad("the arrivals need a beginning and an end");
    for (std::size_t i = 0; i < input.arrivals.size(); ++i) {
        const ArrivalPoint &point = input.arrivals[i];
        if (!std::isfinite(point.atS) || !(point.ratePerS >= 0) || std::isinf(point.ratePerS))
            return bad("a rate is negative or not a number");
        if (i > 0 && point.atS < input.arrivals[i - 1].atS)
            return bad("the times of the arrivals go backwards");
    }
    if (!(input.arrivals.back().atS > input.arrivals.front().atS))
        return bad("the arrivals take no time");
    if (!(input.servers > 0) || !(input.holdS > 0) || std::isinf(input.servers) || std::isinf(input.holdS))
        return bad("it takes a server and a hold time above 0");
    if (!(input.acquireTimeoutS > 0) || !(input.clientTimeoutS > 0))
        return bad("a limit must be above 0, or absent");
    return {};
}

/// The rate at a time that only grows from call to call.
class Rate
{
public:
    explicit Rate(const std::vector<ArrivalPoint> &points)
        : m_points(points)
    {}
    double at(double time)
    {
        while (m_next + 1 < m_points.size() && m_points[m_next].atS <= time)
            ++m_next;
        const ArrivalPoint &a = m_points[m_next - 1], &b = m_points[m_next];
        if (!(b.atS > a.atS))
            return b.ratePerS;
        const double t = std::clamp((time - a.atS) / (b.atS - a.atS), 0.0, 1.0);
        return a.ratePerS + (b.ratePerS - a.ratePerS) * t;
    }

private:
    const std::vector<ArrivalPoint> &m_points;
    std::size_t m_next = 1;
};

std::optional<double> firstReached(const std::vector<double> &times, const std::vector<double> &values,
    double limit)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] < limit)
            continue;
        if (i == 0 || values[i] <= values[i - 1])
            return times[i];
        const double t = (limit - values[i - 1]) / (values[i] - values[i - 1]);
        return times[i - 1] + (times[i] - times[i - 1]) * t;
    }
    return std::nullopt;
}

} // namespace

std::optional<double> OverloadResult::waitReaches(double seconds) const
{
    return firstReached(timesS, waitsS, seconds);
}

std::optional<double> OverloadResult::utilisationReaches(double share) const
{
    return firstReached(timesS, shares, share);
}

Result<OverloadResult> simulateOverload(const OverloadInput &input)
{
    TS_TRY(check(input));
    const double begin = input.arrivals.front().atS, length = input.arrivals.back().atS - begin;
    const double step = length / kSteps;
    OverloadResult result;
    result.capacityPerS = input.servers / input.holdS;
    const double mostQueued = result.capacityPerS * input.acquireTimeoutS;
    result.timesS.reserve(kSteps + 1);
    result.waitsS.reserve(kSteps + 1);
    result.shares.reserve(kSteps + 1);
    Rate rates(input.arrivals);
    double queue = 0, before = rates.at(begin);
    double lastArrived = 0, lastLeft = 0;
    const double lastFrom = begin + length - std::min(length, 1.0);
    for (int i = 0; i <= kSteps; ++i) {
        const double time = begin + step * i, rate = rates.at(time);
        double left = 0;
        if (i > 0) {
            const double arrivals = (before + rate) / 2 * step;
            const double served = std::min(queue + arrivals, result.capacityPerS * step);
            queue = queue + arrivals - served;
            if (queue > mostQueued) {
                left = queue - mostQueued;
                queue = mostQueued;
            }
            result.arrived += arrivals;
            result.served += served;
            result.timedOut += left;
            if (time > lastFrom) {
                lastArrived += arrivals;
                lastLeft += left;
            }
        }
        before = rate;
        if (queue < 1e-9 * result.capacityPerS * step)
            queue = 0;
        const double wait = queue / result.capacityPerS;
        const double share = queue > 0 ? 1 : std::min(1.0, rate / result.capacityPerS);
        if (!result.pinnedS && share >= 1)
            result.pinnedS = time;
        if (result.pinnedS && !result.drainedS && result.maxBacklog > 0 && queue == 0)
            result.drainedS = time;
        const bool late = wait + input.holdS > input.clientTimeoutS;
        if (late && !result.noGoodputS)
            result.noGoodputS = time;
        if (late && i > 0)
            result.abandoned += rate * step - left;
        result.maxBacklog = std::max(result.maxBacklog, queue);
        result.maxWaitS = std::max(result.maxWaitS, wait);
        result.timesS.push_back(time);
        result.waitsS.push_back(wait);
        result.shares.push_back(share);
        if (i % (kSteps / kCurve) == 0) {
            const double good = late ? 0 : rate - left / step;
            result.curve.push_back({time, rate, share, queue, wait, left / step, std::max(0.0, good)});
        }
    }
    result.timeoutShare = lastArrived > 0 ? lastLeft / lastArrived : 0;
    return result;
}

} // namespace tailscope::analysis
