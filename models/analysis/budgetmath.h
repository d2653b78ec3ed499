// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "base/budget.h"
#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// The arithmetic of budgets (formulas.md FB-01 to FB-11): pure functions over numbers in ms. Outside its
/// domain a function gives an Error that says why. Any thread.

/// Target less the share that is kept free (FB-01). target > 0, margin 0..0.5.
Result<double> workingBudget(double targetMs, double margin = 0.2);

/// "0.95" as 19/20, reduced; an Error unless it is a decimal between 0 and 1.
Result<Quantile> quantileOf(std::string_view decimal);

enum class BudgetState : std::uint8_t { Unmeasured, Ok, Warning, Over };
/// "unmeasured", "ok", "warning", "over".
std::string_view name(BudgetState state);
/// Share of a component's budget at which it is warned of (FB-02).
inline constexpr double kBudgetWarning = 0.8;
/// Warning from 80 % of the limit on, over above it; equal to the limit is not over. Without a value
/// Unmeasured, without a limit Ok. Times in ns, so that equal is equal.
BudgetState budgetState(std::optional<Nanos> value, std::optional<double> limitMs);

/// One part of a sum: components of one parallel group (> 0) count once, at the longest.
struct BudgetPart
{
    double ms = 0;
    int parallelGroup = 0;
    bool isAsync = false; ///< nobody waits: in no sum
    bool isHeadroom = false; ///< only in sums with headroom
};
/// FB-05: plain sum and longest chain, each with and without what is kept free.
struct BudgetSums
{
    double plain = 0, path = 0, headroom = 0;
    double plainWithHeadroom() const { return plain + headroom; }
    double pathWithHeadroom() const { return path + headroom; }
};
BudgetSums budgetSums(std::span<const BudgetPart> parts);
/// Of the budgets of the components; those without one count as 0.
BudgetSums plannedSums(const Budget &budget);

/// Operations of one kind, one after the other unless they share a parallel group (FB-04).
struct FloorOperation
{
    double count = 1, lowMs = 0, highMs = 0; ///< >= 0; low <= high
    int parallelGroup = 0;
};
struct LatencyFloor
{
    double lowMs = 0, highMs = 0;
    /// Impossible: the least is more than the target. NoReserve: it needs all of it, or more than the
    /// working budget.
    enum class Verdict : std::uint8_t { Feasible, NoReserve, Impossible } verdict = Verdict::Feasible;
};
Result<LatencyFloor> latencyFloor(std::span<const FloorOperation> operations, double targetMs,
    double margin = 0.2);
/// Of the components with a floor; nothing when none has one. `open`: components without one, which the floor
/// leaves out.
struct BudgetFloor
{
    LatencyFloor floor;
    int known = 0, open = 0;
};
std::optional<BudgetFloor> budgetFloor(const Budget &budget);

/// Limits that fit a budget: 1.2 to 1.33 times it, rounded up to two digits or halves of the first (FB-03).
Result<double> timeoutFromBudget(double budgetMs);
enum class TimeoutTier : std::uint8_t { NonCritical, Standard, Critical };
/// 5 to 10 times P99, capped at 0.5, 2 or 5 s by tier.
struct TimeoutRange
{
    double lowMs = 0, highMs = 0;
    bool isCapped = false;
};
Result<TimeoutRange> timeoutFromP99(double p99Ms, TimeoutTier tier);

enum class TimeoutState : std::uint8_t {
    Unknown, ///< nothing says whether there is one, and none is needed
    Ok,
    Missing,
    Zero, ///< explicitly none
    LibraryDefault, ///< 30 s
    BelowBudget,
    BelowP99,
    OverTarget, ///< longer than the whole request may take
    Loose, ///< more than twice the budget, or more than ten times P99
};
/// "ok", "missing", "zero", ...
std::string_view name(TimeoutState state);
/// The worst that can be said of a limit. needed: a call that should have one.
TimeoutState timeoutState(std::optional<double> timeoutMs, bool needed, std::optional<double> budgetMs,
    std::optional<double> p99Ms, double targetMs);

/// What is left of a budget when each child begins (FB-08); a parallel group begins together and uses up its
/// longest. `violates`: the first child that ends past the budget. `late`: begins with less left than it
/// usually takes.
struct RemainingStep
{
    double beforeMs = 0, afterMs = 0;
    bool violates = false, late = false;
};
Result<std::vector<RemainingStep>> remainingBudget(double budgetMs, std::span<const BudgetPart> children);

/// Transfer time in ms of so many bytes at bits per second (FB-09).
Result<double> transferMs(double bytes, double bitsPerSecond, double compression = 1);
/// Set-up of a new connection in ms (FB-10). tcpTrips: 1 until the client may send, 1.5 until the server has
/// the last answer.
enum class TlsVersion : std::uint8_t { None, Tls12, Tls13, Resumed };
Result<double> connectMs(double rttMs, TlsVersion tls, double tcpTrips = 1);
/// Rounds of requests with so many at a time (FB-11); 0 assets need none.
Result<std::int64_t> requestRounds(std::int64_t assets, std::int64_t parallel = 6);

} // namespace tailscope::analysis
