// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetmath.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr double kLibraryDefaultMs = 30'000;
constexpr double kLooseBudgets = 2, kLooseP99 = 10;

tl::unexpected<Error> outside(std::string what, std::string detail)
{
    return fail(ErrorCode::Usage, std::move(what), std::move(detail));
}

bool isPositive(double value) { return std::isfinite(value) && value > 0; }

/// Adds what is in no group, and of each group the longest.
template<typename Item, typename Value>
double sumOfGroups(std::span<const Item> items, Value value)
{
    double sum = 0;
    std::map<int, double> longest;
    for (const Item &item : items) {
        if (item.parallelGroup > 0)
            longest[item.parallelGroup] = std::max(longest[item.parallelGroup], value(item));
        else
            sum += value(item);
    }
    return std::accumulate(longest.begin(), longest.end(), sum,
        [](double total, const auto &group) { return total + group.second; });
}

/// 96 -> 100, 180 -> 200: up to halves of the first digit.
double roundedUp(double ms)
{
    const double step = std::pow(10.0, std::floor(std::log10(ms))) / 2;
    // 1.2 times a round number is not exact in doubles.
    return std::ceil(ms / step - 1e-9) * step;
}

} // namespace

Result<double> workingBudget(double targetMs, double margin)
{
    if (!isPositive(targetMs))
        return outside("target", "a target is more than 0 ms");
    if (!(margin >= 0 && margin <= 0.5))
        return outside("margin", "a margin is a share from 0 to 0.5");
    return targetMs - targetMs * margin;
}

Result<Quantile> quantileOf(std::string_view decimal)
{
    const std::string_view text = trimmed(decimal);
    const std::size_t dot = text.find('.');
    const std::string_view digits = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    const std::string_view whole = text.substr(0, std::min(dot, text.size()));
    const auto value = digits.empty() || digits.size() > 9 ? std::nullopt : parseUint64(digits);
    if (!value || *value == 0 || whole.find_first_not_of('0') != std::string_view::npos)
        return outside("percentile", "'" + std::string(text) + "' is no decimal between 0 and 1");
    std::int64_t den = 1;
    for (std::size_t i = 0; i < digits.size(); ++i)
        den *= 10;
    const std::int64_t common = std::gcd(std::int64_t(*value), den);
    return Quantile{std::int64_t(*value) / common, den / common};
}

std::string_view name(BudgetState state)
{
    constexpr std::string_view names[]{"unmeasured", "ok", "warning", "over"};
    return names[std::size_t(state)];
}

BudgetState budgetState(std::optional<Nanos> value, std::optional<double> limitMs)
{
    if (!value)
        return BudgetState::Unmeasured;
    if (!limitMs)
        return BudgetState::Ok;
    const Nanos limit = Nanos(std::llround(*limitMs * double(kNanosPerMilli)));
    if (*value > limit)
        return BudgetState::Over;
    return double(*value) >= kBudgetWarning * double(limit) ? BudgetState::Warning : BudgetState::Ok;
}

BudgetSums budgetSums(std::span<const BudgetPart> parts)
{
    BudgetSums sums;
    std::vector<BudgetPart> waited;
    for (const BudgetPart &part : parts) {
        if (part.isHeadroom)
            sums.headroom += part.ms;
        else if (!part.isAsync)
            waited.push_back(part);
    }
    for (const BudgetPart &part : waited)
        sums.plain += part.ms;
    sums.path
        = sumOfGroups(std::span<const BudgetPart>(waited), [](const BudgetPart &part) { return part.ms; });
    return sums;
}

BudgetSums plannedSums(const Budget &budget)
{
    std::vector<BudgetPart> parts;
    for (const BudgetComponent &part : budget.components)
        parts.push_back({part.budgetMs.value_or(0), part.parallelGroup, part.kind == BudgetKind::Async,
            part.kind == BudgetKind::Headroom});
    return budgetSums(parts);
}

Result<LatencyFloor> latencyFloor(std::span<const FloorOperation> operations, double targetMs, double margin)
{
    const Result<double> working = workingBudget(targetMs, margin);
    if (!working)
        return fail(working.error());
    for (const FloorOperation &operation : operations) {
        if (!(operation.count >= 0 && operation.lowMs >= 0 && operation.highMs >= operation.lowMs
                && std::isfinite(operation.highMs) && std::isfinite(operation.count)))
            return outside("operation", "counts and times are 0 or more, and the range goes up");
    }
    LatencyFloor floor;
    floor.lowMs = sumOfGroups(operations, [](const FloorOperation &o) { return o.count * o.lowMs; });
    floor.highMs = sumOfGroups(operations, [](const FloorOperation &o) { return o.count * o.highMs; });
    if (floor.lowMs > targetMs)
        floor.verdict = LatencyFloor::Verdict::Impossible;
    else if (floor.lowMs > *working || floor.lowMs == targetMs)
        floor.verdict = LatencyFloor::Verdict::NoReserve;
    return floor;
}

std::optional<BudgetFloor> budgetFloor(const Budget &budget)
{
    BudgetFloor result;
    std::vector<FloorOperation> operations;
    for (const BudgetComponent &part : budget.components) {
        if (part.kind == BudgetKind::Async || part.kind == BudgetKind::Headroom)
            continue;
        if (part.callMs)
            operations.push_back({part.calls, *part.callMs, *part.callMs, part.parallelGroup});
        else
            ++result.open;
    }
    result.known = int(operations.size());
    const Result<LatencyFloor> floor = latencyFloor(operations, budget.targetMs, budget.margin);
    if (operations.empty() || !floor)
        return std::nullopt;
    result.floor = *floor;
    return result;
}

Result<double> timeoutFromBudget(double budgetMs)
{
    if (!isPositive(budgetMs))
        return outside("budget", "a budget is more than 0 ms");
    return roundedUp(budgetMs * 1.2);
}

Result<TimeoutRange> timeoutFromP99(double p99Ms, TimeoutTier tier)
{
    if (!isPositive(p99Ms))
        return outside("P99", "a P99 is more than 0 ms");
    constexpr double caps[]{500, 2000, 5000};
    const double cap = caps[std::size_t(tier)];
    return TimeoutRange{std::min(5 * p99Ms, cap), std::min(10 * p99Ms, cap), 10 * p99Ms > cap};
}

std::string_view name(TimeoutState state)
{
    constexpr std::string_view names[]{"unknown", "ok", "missing", "zero", "library_default", "below_budget",
        "below_p99", "over_target", "loose"};
    return names[std::size_t(state)];
}

TimeoutState timeoutState(std::optional<double> timeoutMs, bool needed, std::optional<double> budgetMs,
    std::optional<double> p99Ms, double targetMs)
{
    if (!timeoutMs)
        return needed ? TimeoutState::Missing : TimeoutState::Unknown;
    if (*timeoutMs <= 0)
        return TimeoutState::Zero;
    if (*timeoutMs == kLibraryDefaultMs && targetMs < kLibraryDefaultMs)
        return TimeoutState::LibraryDefault;
    if (*timeoutMs > targetMs)
        return TimeoutState::OverTarget;
    if (budgetMs && *timeoutMs < *budgetMs)
        return TimeoutState::BelowBudget;
    if (p99Ms && *timeoutMs < *p99Ms)
        return TimeoutState::BelowP99;
    if (budgetMs ? *timeoutMs > kLooseBudgets * *budgetMs : p99Ms && *timeoutMs > kLooseP99 * *p99Ms)
        return TimeoutState::Loose;
    return TimeoutState::Ok;
}

Result<std::vector<RemainingStep>> remainingBudget(double budgetMs, std::span<const BudgetPart> children)
{
    if (!isPositive(budgetMs))
        return outside("budget", "a budget is more than 0 ms");
    std::vector<RemainingStep> steps(children.size());
    double left = budgetMs;
    bool violated = false;
    for (std::size_t i = 0; i < children.size(); ++i) {
        const int group = children[i].parallelGroup;
        std::size_t last = i;
        while (group > 0 && last + 1 < children.size() && children[last + 1].parallelGroup == group)
            ++last;
        double longest = 0;
        for (std::size_t k = i; k <= last; ++k) {
            steps[k].beforeMs = left;
            if (children[k].isAsync || children[k].isHeadroom)
                continue;
            steps[k].late = left < children[k].ms;
            steps[k].violates = !violated && steps[k].late;
            violated = violated || steps[k].late;
            longest = std::max(longest, children[k].ms);
        }
        left -= longest;
        for (std::size_t k = i; k <= last; ++k)
            steps[k].afterMs = left;
        i = last;
    }
    return steps;
}

Result<double> transferMs(double bytes, double bitsPerSecond, double compression)
{
    if (!(bytes >= 0) || !isPositive(bitsPerSecond) || !(compression >= 1))
        return outside("transfer", "bytes are 0 or more, the rate more than 0, the compression at least 1");
    return bytes / compression * 8 / bitsPerSecond * 1000;
}

Result<double> connectMs(double rttMs, TlsVersion tls, double tcpTrips)
{
    if (!isPositive(rttMs) || !(tcpTrips >= 0 && tcpTrips <= 3))
        return outside("round trip", "a round trip takes more than 0 ms, and TCP needs up to 3");
    constexpr double trips[]{0, 2, 1, 0};
    return rttMs * (tcpTrips + trips[std::size_t(tls)]);
}

Result<std::int64_t> requestRounds(std::int64_t assets, std::int64_t parallel)
{
    if (assets < 0 || parallel < 1 || parallel > 100)
        return outside("assets", "assets are 0 or more, 1 to 100 at a time");
    return (assets + parallel - 1) / parallel;
}

} // namespace tailscope::analysis
