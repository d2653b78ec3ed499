// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolformulas.h"

#include "analysis/queueing.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tailscope::analysis {

namespace {

tl::unexpected<Error> outside(const char *subject, const char *detail)
{
    return fail(ErrorCode::Usage, subject, detail, "Enter a value within the domain.");
}

/// Rounds up, but not for an excess that only binary fractions have (0.07 * 100).
std::int64_t roundedUp(double value) { return std::int64_t(std::ceil(value - 1e-9)); }
std::int64_t roundedDown(double value) { return std::int64_t(std::floor(value + 1e-9)); }

} // namespace

Result<PoolSizes> poolSizes(const PoolSizeInput &input)
{
    if (input.instances < 1 || input.spindles < 0 || (input.cores && *input.cores < 1)
        || !(input.headroomLow >= 1 && input.headroomHigh >= input.headroomLow))
        return outside("pool size", "it takes an instance, a core and a headroom of at least 1");
    PoolSizes sizes;
    if (input.cores)
        sizes.serverBound = 2 * *input.cores + input.spindles;
    if (!input.ratePerS || !input.holdS)
        return sizes;
    const Result<double> load = littleNumber(*input.ratePerS, *input.holdS);
    if (!load)
        return fail(load.error());
    sizes.demand = roundedUp(*load);
    sizes.demandLow = roundedUp(*load * input.headroomLow);
    sizes.demandHigh = roundedUp(*load * input.headroomHigh);
    sizes.start = roundedUp(*load * 2);
    if (*load > 0) {
        const Result<std::int64_t> forWait = serversForWait(*input.ratePerS, *input.holdS, input.targetWaitS);
        if (!forWait && forWait.error().code != ErrorCode::LimitExceeded)
            return fail(forWait.error());
        if (forWait) {
            sizes.forWait = *forWait;
            sizes.perInstance = *forWait / input.instances;
        }
    }
    sizes.exceedsServer = sizes.serverBound && *sizes.demand > *sizes.serverBound;
    return sizes;
}

Result<FleetDemand> fleetDemand(const FleetInput &input)
{
    constexpr std::int64_t kMost = 100'000;
    if (input.instances < 1 || input.instances > kMost || input.workers < 1 || input.workers > kMost
        || input.poolSize < 0 || input.poolSize > kMost || input.others < 0 || input.limit < 1
        || input.reserved < 0 || input.reserved >= input.limit)
        return outside("fleet",
            "it takes an instance, a worker, a pool size from 0 and a limit above what is reserved");
    FleetDemand result;
    const std::int64_t each = input.workers * input.poolSize;
    result.demand = input.instances * each + input.others;
    result.usable = input.limit - input.reserved;
    result.ratio = double(result.demand) / double(result.usable);
    using State = FleetDemand::State;
    if (result.demand > result.usable)
        result.state = State::Oversubscribed;
    else if (result.demand == result.usable)
        result.state = State::Full;
    else if (result.ratio > input.warnAt)
        result.state = State::AboveMargin;
    const std::int64_t free = std::max<std::int64_t>(0, result.usable - input.others);
    result.firstFailing = each > 0 ? free / each + 1 : 0;
    const double share = double(free) / double(input.instances * input.workers);
    result.budget = roundedDown(share);
    result.budget80 = roundedDown(share * 0.8);
    result.budget70 = roundedDown(share * 0.7);
    return result;
}

Result<Multiplexing> multiplexing(double clients, double servers, std::optional<double> maxConnections)
{
    if (!(clients >= 1) || !(servers >= 1) || (maxConnections && !(*maxConnections >= 1)))
        return outside("multiplexing", "it takes a client connection and a server connection");
    Multiplexing result{clients / servers, std::nullopt};
    if (maxConnections)
        result.serverShare = servers / *maxConnections;
    return result;
}

Result<ConnectCost> connectCost(double ratePerS, double connectS, double workS)
{
    if (!(ratePerS >= 0) || !(connectS >= 0) || !(workS >= 0) || !(connectS + workS > 0))
        return outside("connections", "it takes a rate from 0 and a time");
    return ConnectCost{connectS / (connectS + workS), ratePerS * connectS};
}

Result<ConnectionMemory> connectionMemory(std::int64_t connections, double lowMb, double highMb)
{
    if (connections < 0 || connections > 100'000 || !(lowMb >= 1) || !(highMb >= lowMb) || !(highMb <= 50))
        return outside("memory", "connections are 0 to 100,000, each with 1 to 50 MB");
    return ConnectionMemory{double(connections) * lowMb, double(connections) * highMb};
}

Result<SlowHolder> slowHolder(double slowS, double fastS, double ratePerS, double limitS, std::int64_t pool)
{
    if (!(slowS > 0) || !(fastS > 0) || !(ratePerS >= 0) || !(limitS >= 0) || pool < 1)
        return outside("slow holder", "durations must be above 0, the pool at least 1");
    SlowHolder result{slowS / fastS, ratePerS * limitS, std::nullopt};
    if (result.stuck >= double(pool))
        result.exhaustedS = double(pool) / ratePerS;
    return result;
}

Result<Bulkhead> bulkheadFor(double ratePerS, double responseS, double burstLow, double burstHigh)
{
    if (!(ratePerS >= 0) || !(responseS > 0) || !(burstLow >= 1) || !(burstHigh >= burstLow)
        || !(burstHigh <= 5))
        return outside("bulkhead", "it takes a rate from 0, a response time above 0 and a burst of 1 to 5");
    const double busy = double(roundedUp(ratePerS * responseS));
    return Bulkhead{roundedUp(busy * burstLow), roundedUp(busy * burstHigh), responseS * 10};
}

Result<HeldCapacity> heldCapacity(std::int64_t pool, double holdS, double holdWithoutS)
{
    if (pool < 1 || !(holdS > 0) || !(holdWithoutS > 0))
        return outside("held connections", "it takes a connection and a hold time above 0");
    return HeldCapacity{double(pool) / holdS, holdS / holdWithoutS};
}

Result<Burst> connectionBurst(std::int64_t concurrency, std::int64_t usable)
{
    if (concurrency < 0 || usable < 1)
        return outside("burst", "it takes a usable connection");
    Burst result;
    result.accepted = std::min(concurrency, usable);
    result.rejected = concurrency - result.accepted;
    result.rejectedShare = concurrency > 0 ? double(result.rejected) / double(concurrency) : 0;
    return result;
}

Result<double> reconnectSpanS(double firstS, int attempts, std::optional<double> capS)
{
    if (!(firstS > 0) || attempts < 1 || attempts > 100 || (capS && !(*capS > 0)))
        return outside("reconnects", "it takes a first delay above 0 and 1 to 100 attempts");
    double sum = 0, delay = firstS;
    for (int i = 0; i < attempts; ++i) {
        sum += capS ? std::min(delay, *capS) : delay;
        delay *= 2;
    }
    return sum;
}

PoolerVerdict poolerSupports(SessionFeature feature, std::string_view mode, std::string_view version,
    std::optional<std::int64_t> maxPreparedStatements)
{
    using Feature = SessionFeature;
    if (mode == "session" || feature == Feature::SetLocal)
        return mode == "statement" ? PoolerVerdict::Broken : PoolerVerdict::Ok;
    if (feature == Feature::MultiStatementTransaction)
        return mode == "statement" ? PoolerVerdict::Broken : PoolerVerdict::Ok;
    if (feature != Feature::ProtocolPrepare)
        return PoolerVerdict::Broken;
    int major = 0, minor = 0;
    const char *end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, major);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.'
        || std::from_chars(first.ptr + 1, end, minor).ec != std::errc())
        return PoolerVerdict::CheckVersion;
    if (major < 1 || (major == 1 && minor < 21))
        return PoolerVerdict::Broken;
    if (!maxPreparedStatements)
        return PoolerVerdict::CheckVersion;
    return *maxPreparedStatements > 0 ? PoolerVerdict::Ok : PoolerVerdict::Broken;
}

} // namespace tailscope::analysis
