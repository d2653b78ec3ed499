// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Formulas of pools and connections (FP of the formula catalogue): pure functions, any thread. Times are
/// seconds, rates per second. Outside its domain a function returns an Error with the reason.
namespace tailscope::analysis {

/// Three sizes side by side, none of which is right alone (FP-01).
struct PoolSizeInput
{
    std::optional<double> ratePerS, holdS; ///< at the peak, of all clients together
    std::optional<std::int64_t> cores;
    std::int64_t spindles = 1; ///< an SSD counts as 1 or 0, sources differ
    std::int64_t instances = 1;
    double headroomLow = 2, headroomHigh = 3;
    double targetWaitS = 0.05;
};
struct PoolSizes
{
    std::optional<std::int64_t> demand; ///< mean in use, rounded up: as a size it would be unstable
    std::optional<std::int64_t> demandLow, demandHigh; ///< with headroom
    std::optional<std::int64_t> serverBound; ///< 2 * cores + spindles: one server, all its clients
    std::optional<std::int64_t> start; ///< rate * hold * 2
    std::optional<std::int64_t> forWait; ///< smallest with a wait P99 of at most the target
    std::optional<std::int64_t> perInstance; ///< of forWait; 0 = only a pooler helps
    bool exceedsServer = false; ///< the demand is above what the server can run: cut the query time first
};
Result<PoolSizes> poolSizes(const PoolSizeInput &input);

/// All pools together against one limit (FP-02).
struct FleetInput
{
    std::int64_t instances = 1, workers = 1, poolSize = 1, others = 0;
    std::int64_t limit = 100, reserved = 0; ///< max_connections, and what is kept for superusers
    double warnAt = 0.7;
};
struct FleetDemand
{
    enum class State { Ok, AboveMargin, Full, Oversubscribed } state = State::Ok;
    std::int64_t demand = 0, usable = 0;
    double ratio = 0;
    std::int64_t firstFailing = 0; ///< smallest number of instances whose pools exceed the usable ones
    std::int64_t budget = 0, budget80 = 0, budget70 = 0; ///< pool per instance at margin 1.0, 0.8, 0.7
};
Result<FleetDemand> fleetDemand(const FleetInput &input);

/// Client connections on server connections (FP-03).
struct Multiplexing
{
    double ratio = 0;
    std::optional<double> serverShare; ///< of max_connections
};
Result<Multiplexing> multiplexing(double clients, double servers, std::optional<double> maxConnections);

/// Connecting per request (FP-04).
struct ConnectCost
{
    double overhead = 0; ///< share of the time, 0..1
    double opening = 0; ///< connections being opened at any time
};
Result<ConnectCost> connectCost(double ratePerS, double connectS, double workS);

/// Memory of connections in MB, from low to high (FP-05); work_mem is not included.
struct ConnectionMemory
{
    double lowMb = 0, highMb = 0;
};
Result<ConnectionMemory> connectionMemory(std::int64_t connections, double lowMb = 5, double highMb = 10);

/// What one slow holder costs (FP-06).
struct SlowHolder
{
    double displaced = 0; ///< fast statements per slow one
    double stuck = 0; ///< workers that wait for it: rate * limit
    std::optional<double> exhaustedS; ///< time until all are stuck; nothing = contained
};
Result<SlowHolder> slowHolder(double slowS, double fastS, double ratePerS, double limitS, std::int64_t pool);

/// Size and limit of a bulkhead (FP-07).
struct Bulkhead
{
    std::int64_t threadsLow = 0, threadsHigh = 0;
    double timeoutS = 0; ///< ten times the usual response
};
Result<Bulkhead> bulkheadFor(double ratePerS, double responseS, double burstLow = 2, double burstHigh = 3);

/// Transactions per second while each holds a connection so long, and the loss against another hold (FP-10).
struct HeldCapacity
{
    double perS = 0, factor = 1;
};
Result<HeldCapacity> heldCapacity(std::int64_t pool, double holdS, double holdWithoutS);

/// Short-lived instances against a limit (FP-12).
struct Burst
{
    std::int64_t accepted = 0, rejected = 0;
    double rejectedShare = 0;
};
Result<Burst> connectionBurst(std::int64_t concurrency, std::int64_t usable);

/// Sum of the delays d0 * 2^k, k = 0..attempts-1, each at most cap (FP-13).
Result<double> reconnectSpanS(double firstS, int attempts, std::optional<double> capS);

/// A session feature behind a pooler (FP-14).
enum class SessionFeature {
    SetSession,
    SetLocal,
    Listen,
    SessionAdvisoryLock,
    TemporaryTable,
    CursorWithHold,
    SqlPrepare,
    ProtocolPrepare,
    MultiStatementTransaction,
};
enum class PoolerVerdict { Ok, Broken, CheckVersion };
/// mode: session, transaction, statement. version: of PgBouncer ("1.21.0"), empty = unknown.
PoolerVerdict poolerSupports(SessionFeature feature, std::string_view mode, std::string_view version,
    std::optional<std::int64_t> maxPreparedStatements);

} // namespace tailscope::analysis
