// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "base/result.h"
#include "base/units.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Service levels in counts: indicator, error budget, burn, outage, users hurt. Objectives are rationals:
/// nothing here goes through binary floating point before the last division (formulas FS-01 to FS-09, FT-05).
namespace tailscope::analysis {

// The indicator (FS-01).

/// What a request counts as.
enum class SliClass {
    Good, ///< answered with success within the limit
    Slow, ///< answered with success, over the limit
    Failed, ///< 5xx, or an error without HTTP status
    Limited, ///< 429, when those count
    Excluded, ///< 4xx, 1xx: the caller's doing, in neither side of the share
    Unknown ///< cannot be told: no duration where a limit is set
};
struct SliRule
{
    Nanos limit = kUnknownNanos; ///< of the duration; equal passes; unknown = every success is good
    bool limitedIsBad = true; ///< 429 counts as failed: the caller did nothing wrong
};
/// httpStatus 0 = none stated: then `isError` decides. durationNs may be unknown.
SliClass classify(std::uint16_t httpStatus, bool isError, Nanos durationNs, const SliRule &rule);

struct SliCounts
{
    std::int64_t good = 0, slow = 0, failed = 0, limited = 0, excluded = 0, unknown = 0;
    std::int64_t bad() const { return slow + failed + limited; }
    std::int64_t valid() const { return good + bad(); }
    /// good / valid; nullopt without valid requests: "no traffic", never 100 %.
    std::optional<double> share() const;
    void add(SliClass what, std::int64_t n = 1);
    SliCounts &operator+=(const SliCounts &other);
};

// The objective.

/// "99.95 %", "99.95", "0.9995", "9995/10000": exact. Numbers above 1 are percent. nullopt outside (0, 1].
std::optional<Quantile> parseObjective(std::string_view text);
/// "99.95 %", without trailing zeros.
std::string objectiveText(Quantile objective);

// The budget (FS-02).

/// An exact fraction, den > 0, in lowest terms; sticks at the limits of int64.
struct Fraction
{
    std::int64_t num = 0, den = 1;
    double value() const { return double(num) / double(den); }
    std::int64_t floor() const;
    friend bool operator==(const Fraction &, const Fraction &) = default;
};

struct ErrorBudget
{
    std::int64_t valid = 0, bad = 0;
    Fraction allowed; ///< valid * (1 - objective)
    Fraction left; ///< allowed - bad; negative = over budget
    std::optional<double> spent; ///< bad / allowed; nullopt when nothing is allowed
    bool isKept = true; ///< bad <= allowed
};
ErrorBudget errorBudget(std::int64_t valid, std::int64_t bad, Quantile objective);
/// Days until the budget of a window is empty when failures go on at `badPerDay`: nullopt = never (no
/// failures), 0 when it is empty already. `valid` are the requests expected in the window.
std::optional<double> daysToExhaustion(const ErrorBudget &budget, double badPerDay);

// Burn (FS-03).

/// Failed share over what the objective allows: 1 = the budget lasts exactly its window. An error when the
/// objective is 1 and something failed (infinite), or without requests.
Result<double> burnRate(std::int64_t valid, std::int64_t bad, Quantile objective);
/// Time in which a full budget is gone at that burn; nullopt = never.
std::optional<double> secondsToEmpty(double burn, Nanos window);

/// An alert on two windows at once: the long one tells that it matters, the short one that it goes on.
struct BurnAlert
{
    Nanos longWindow, shortWindow;
    Fraction threshold; ///< burn at or above
};
/// 14.4 over 1 h and 5 min (2 % of a 30-day budget), 6 over 6 h and 30 min (5 %), 1 over 3 days and 6 h (10
/// %).
inline constexpr std::array<BurnAlert, 3> kBurnAlerts{BurnAlert{3600 * kNanosPerSecond, 300 * kNanosPerSecond,
                                                          {72, 5}},
    BurnAlert{6 * 3600 * kNanosPerSecond, 1800 * kNanosPerSecond, {6, 1}},
    BurnAlert{72 * 3600 * kNanosPerSecond, 6 * 3600 * kNanosPerSecond, {1, 1}}};

struct SloBin
{
    Nanos start = 0;
    SliCounts counts;
};
/// Burn over time of one window, and an alert's worst and first moment. Bins ascend and have equal lengths;
/// missing ones had no requests. Only data up to each moment count.
struct BurnHistory
{
    std::vector<Nanos> at; ///< ends of bins
    std::vector<double> longBurn, shortBurn; ///< NaN without requests in the window
    std::optional<Nanos> firstFired, lastFired; ///< both windows at or above the threshold
    double worst = 0; ///< largest min(long, short) where both windows are covered
    std::optional<Nanos> worstAt;
    bool isCovered = false; ///< the data last at least as long as the long window
};
BurnHistory burnHistory(std::span<const SloBin> bins, Nanos binNs, const BurnAlert &alert,
    Quantile objective);

// Outages (FS-04, FS-05, FS-06).

/// (1 - target) * window, rounded down.
Nanos allowedOutage(Quantile target, Nanos window);
/// outage * affected / allowed, in rationals; nullopt when nothing is allowed.
std::optional<Fraction> outageShare(Nanos outage, Quantile target, Nanos window, Fraction affected = {1, 1});
/// Independent parts in a row, or side by side. Values in [0, 1]; nullopt when one is not, or there is none.
std::optional<double> availabilityInSeries(std::span<const double> parts);
std::optional<double> availabilityInParallel(std::span<const double> parts);
/// Requests hit: share of instances * rate * seconds.
std::optional<double> blastRadius(double share, double perSecond, double seconds);

// Causes (FS-07).

struct FailureCause
{
    std::string category; ///< timeout, exhaustion, limiting, defect, infrastructure, slow, other
    std::string detail; ///< largest of its parts: who and which status
    std::int64_t failures = 0, detailFailures = 0;
    double share = 0, cumulative = 0; ///< of all failures
};
/// By failures, the most first; shares filled in.
std::vector<FailureCause> failurePareto(std::vector<FailureCause> causes);
/// What is left when `removed` failures of `existing` go away; more than there are is clipped.
std::int64_t failuresAfterFix(std::int64_t all, std::int64_t existing, std::int64_t removed);
/// Category of a failure by HTTP status and the words of an error text.
std::string_view failureCategory(std::uint16_t httpStatus, std::string_view text);

// Users (FT-05).

struct UsersHurt
{
    double perSecond = 0, perMinute = 0, perHour = 0, perDay = 0;
};
/// Requests slower than the quantile: rate * (1 - q). nullopt for a rate below 0.
std::optional<UsersHurt> usersHurt(double requestsPerSecond, Quantile q);
/// The same for a measured share of slow requests.
std::optional<UsersHurt> usersHurtShare(double requestsPerSecond, double slowShare);
/// requests * (1 - q), exact: 1,000,000 at P99 are 10,000.
Fraction requestsBeyond(std::int64_t requests, Quantile q);

// Replay of alerts (FS-09).

struct TimedValue
{
    Nanos ts = 0;
    double value = 0;
};
struct AlertRule
{
    enum class Kind {
        Above, ///< value > limit, for `duration`
        Growing, ///< every value above the one before, for `duration`
        NoProgress ///< value > limit while `progress` does not change, for `duration`
    } kind
        = Kind::Above;
    double limit = 0;
    Nanos duration = 0;
    Nanos history = 0; ///< data needed before it can fire
};
struct AlertReplay
{
    std::optional<Nanos> firstFired;
    bool notYetAble = false; ///< the data are shorter than the history it needs
};
/// First moment at which a rule fires, looking only at data up to it. `progress` is for NoProgress alone.
AlertReplay replayAlert(std::span<const TimedValue> values, const AlertRule &rule,
    std::span<const TimedValue> progress = {});

} // namespace tailscope::analysis
