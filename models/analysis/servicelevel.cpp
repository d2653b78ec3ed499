// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servicelevel.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tailscope::analysis {

namespace {

__extension__ using Wide = __int128; // products of two counts

std::int64_t clamped(Wide value)
{
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return std::int64_t(std::clamp<Wide>(value, -most, most));
}

Fraction reduced(Wide num, Wide den)
{
    Wide a = num < 0 ? -num : num, b = den;
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    if (a > 1) {
        num /= a;
        den /= a;
    }
    return {clamped(num), clamped(den)};
}

bool isObjective(Quantile q) { return q.den > 0 && q.num > 0 && q.num <= q.den; }

} // namespace

SliClass classify(std::uint16_t httpStatus, bool isError, Nanos durationNs, const SliRule &rule)
{
    if (httpStatus == 429)
        return rule.limitedIsBad ? SliClass::Limited : SliClass::Excluded;
    if (httpStatus >= 500 || (httpStatus == 0 && isError))
        return SliClass::Failed;
    if (httpStatus >= 400 || (httpStatus > 0 && httpStatus < 200))
        return SliClass::Excluded;
    if (rule.limit == kUnknownNanos)
        return SliClass::Good;
    if (durationNs == kUnknownNanos)
        return SliClass::Unknown;
    return durationNs <= rule.limit ? SliClass::Good : SliClass::Slow;
}

std::optional<double> SliCounts::share() const
{
    if (valid() <= 0)
        return std::nullopt;
    return double(good) / double(valid());
}

void SliCounts::add(SliClass what, std::int64_t n)
{
    switch (what) {
    case SliClass::Good:
        good += n;
        break;
    case SliClass::Slow:
        slow += n;
        break;
    case SliClass::Failed:
        failed += n;
        break;
    case SliClass::Limited:
        limited += n;
        break;
    case SliClass::Excluded:
        excluded += n;
        break;
    case SliClass::Unknown:
        unknown += n;
        break;
    }
}

SliCounts &SliCounts::operator+=(const SliCounts &other)
{
    good += other.good;
    slow += other.slow;
    failed += other.failed;
    limited += other.limited;
    excluded += other.excluded;
    unknown += other.unknown;
    return *this;
}

std::optional<Quantile> parseObjective(std::string_view text)
{
    text = trimmed(text);
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const auto num = parseInt64(trimmed(text.substr(0, slash)));
        const auto den = parseInt64(trimmed(text.substr(slash + 1)));
        if (!num || !den || !isObjective({*num, *den}))
            return std::nullopt;
        const std::int64_t common = std::gcd(*num, *den);
        return Quantile{*num / common, *den / common};
    }
    bool percent = false;
    if (!text.empty() && text.back() == '%') {
        percent = true;
        text = trimmed(text.substr(0, text.size() - 1));
    }
    std::string decimal(text);
    std::replace(decimal.begin(), decimal.end(), ',', '.');
    constexpr std::int64_t kScale = 1'000'000'000'000;
    const auto scaled = parseScaledDecimal(decimal, kScale);
    if (!scaled)
        return std::nullopt;
    const std::int64_t den = percent || *scaled > kScale ? kScale * 100 : kScale;
    if (!isObjective({*scaled, den}))
        return std::nullopt;
    const std::int64_t common = std::gcd(*scaled, den);
    return Quantile{*scaled / common, den / common};
}

std::string objectiveText(Quantile objective)
{
    if (objective.den <= 0)
        return "unknown";
    // num * 100 / den to ten decimals, cut: objectives are written with a few digits.
    constexpr Wide kDigits = 10'000'000'000;
    const Wide scaled = Wide(objective.num) * 100 * kDigits / objective.den;
    std::string digits = std::to_string(clamped(scaled % kDigits));
    digits.insert(0, 10 - digits.size(), '0');
    while (!digits.empty() && digits.back() == '0')
        digits.pop_back();
    return std::to_string(clamped(scaled / kDigits)) + (digits.empty() ? "" : "." + digits) + " %";
}

std::int64_t Fraction::floor() const
{
    const std::int64_t down = num / den;
    return num % den != 0 && num < 0 ? down - 1 : down;
}

ErrorBudget errorBudget(std::int64_t valid, std::int64_t bad, Quantile objective)
{
    ErrorBudget budget;
    budget.valid = valid;
    budget.bad = bad;
    const Wide allowed = Wide(valid) * (objective.den - objective.num);
    budget.allowed = reduced(allowed, objective.den);
    budget.left = reduced(allowed - Wide(bad) * objective.den, objective.den);
    budget.isKept = Wide(bad) * objective.den <= allowed;
    if (allowed > 0)
        budget.spent = double(Wide(bad) * objective.den) / double(allowed);
    return budget;
}

std::optional<double> daysToExhaustion(const ErrorBudget &budget, double badPerDay)
{
    if (budget.left.num <= 0)
        return 0.0;
    if (!(badPerDay > 0))
        return std::nullopt;
    return budget.left.value() / badPerDay;
}

Result<double> burnRate(std::int64_t valid, std::int64_t bad, Quantile objective)
{
    if (valid <= 0)
        return fail(ErrorCode::BadInput, "burn rate", "no requests: there is no rate");
    if (!isObjective(objective))
        return fail(ErrorCode::BadInput, "burn rate", "the objective is not within (0, 1]");
    if (bad == 0)
        return 0.0;
    if (objective.num == objective.den)
        return fail(ErrorCode::BadInput, "burn rate", "infinite: an objective of 100 % allows no failure");
    return double(Wide(bad) * objective.den) / double(Wide(valid) * (objective.den - objective.num));
}

std::optional<double> secondsToEmpty(double burn, Nanos window)
{
    if (!(burn > 0))
        return std::nullopt;
    return double(window) / 1e9 / burn;
}

namespace {

/// Requests of the bins that lie in the last `window` before a moment, kept while the moment moves on.
class SlidingCounts
{
public:
    SlidingCounts(std::span<const SloBin> bins, Nanos binNs, Nanos window)
        : m_bins(bins)
        , m_binNs(binNs)
        , m_window(window)
    {}
    /// Bin `last` is the newest one.
    void moveTo(std::size_t last)
    {
        m_valid += m_bins[last].counts.valid();
        m_bad += m_bins[last].counts.bad();
        const Nanos begin = m_bins[last].start + m_binNs - m_window;
        for (; m_first <= last && m_bins[m_first].start < begin; ++m_first) {
            m_valid -= m_bins[m_first].counts.valid();
            m_bad -= m_bins[m_first].counts.bad();
        }
    }
    std::int64_t valid() const { return m_valid; }
    std::int64_t bad() const { return m_bad; }

private:
    std::span<const SloBin> m_bins;
    Nanos m_binNs, m_window;
    std::size_t m_first = 0;
    std::int64_t m_valid = 0, m_bad = 0;
};

/// Exact: bad / valid >= threshold * (1 - objective).
bool isAtLeast(const SlidingCounts &counts, const Fraction &threshold, Quantile objective)
{
    if (counts.valid() <= 0 || counts.bad() <= 0)
        return false;
    // In integers wherever the products fit.
    const Wide left = Wide(counts.bad()) * objective.den;
    const Wide right = Wide(counts.valid()) * (objective.den - objective.num);
    constexpr Wide kFits = Wide(1) << 96;
    if (left < kFits && right < kFits && threshold.num < (1 << 24) && threshold.den < (1 << 24))
        return left * threshold.den >= right * threshold.num;
    return double(left) * double(threshold.den) >= double(right) * double(threshold.num);
}

double burnOf(const SlidingCounts &counts, Quantile objective)
{
    const Result<double> burn = burnRate(counts.valid(), counts.bad(), objective);
    if (burn)
        return *burn;
    return counts.valid() > 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

BurnHistory burnHistory(std::span<const SloBin> bins, Nanos binNs, const BurnAlert &alert, Quantile objective)
{
    BurnHistory history;
    if (bins.empty() || binNs <= 0 || !isObjective(objective))
        return history;
    SlidingCounts longCounts(bins, binNs, alert.longWindow), shortCounts(bins, binNs, alert.shortWindow);
    history.isCovered = bins.back().start + binNs - bins.front().start >= alert.longWindow;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        longCounts.moveTo(i);
        shortCounts.moveTo(i);
        const Nanos at = bins[i].start + binNs;
        const double longBurn = burnOf(longCounts, objective), shortBurn = burnOf(shortCounts, objective);
        history.at.push_back(at);
        history.longBurn.push_back(longBurn);
        history.shortBurn.push_back(shortBurn);
        // A window that began before the data would be judged by a part of itself.
        if (at - bins.front().start < alert.longWindow)
            continue;
        if (const double both = std::min(longBurn, shortBurn);
            !std::isnan(shortBurn) && both > history.worst) {
            history.worst = both;
            history.worstAt = at;
        }
        if (isAtLeast(longCounts, alert.threshold, objective)
            && isAtLeast(shortCounts, alert.threshold, objective)) {
            if (!history.firstFired)
                history.firstFired = at;
            history.lastFired = at;
        }
    }
    return history;
}

Nanos allowedOutage(Quantile target, Nanos window)
{
    if (!isObjective(target) || window <= 0)
        return 0;
    return clamped(Wide(window) * (target.den - target.num) / target.den);
}

std::optional<Fraction> outageShare(Nanos outage, Quantile target, Nanos window, Fraction affected)
{
    const Wide allowed = Wide(window) * (target.den - target.num);
    if (!isObjective(target) || allowed <= 0 || outage < 0 || affected.den <= 0)
        return std::nullopt;
    const Fraction time = reduced(Wide(outage) * target.den, allowed);
    return reduced(Wide(time.num) * affected.num, Wide(time.den) * affected.den);
}

std::optional<double> availabilityInSeries(std::span<const double> parts)
{
    double all = 1;
    for (const double part : parts) {
        if (!(part >= 0 && part <= 1))
            return std::nullopt;
        all *= part;
    }
    return parts.empty() ? std::nullopt : std::optional(all);
}

std::optional<double> availabilityInParallel(std::span<const double> parts)
{
    double none = 1;
    for (const double part : parts) {
        if (!(part >= 0 && part <= 1))
            return std::nullopt;
        none *= 1 - part;
    }
    return parts.empty() ? std::nullopt : std::optional(1 - none);
}

std::optional<double> blastRadius(double share, double perSecond, double seconds)
{
    if (!(share >= 0 && share <= 1) || !(perSecond >= 0) || !(seconds >= 0))
        return std::nullopt;
    return share * perSecond * seconds;
}

std::vector<FailureCause> failurePareto(std::vector<FailureCause> causes)
{
    std::stable_sort(causes.begin(), causes.end(), [](const FailureCause &a, const FailureCause &b) {
        return a.failures != b.failures ? a.failures > b.failures : a.category < b.category;
    });
    std::int64_t all = 0;
    for (const FailureCause &cause : causes)
        all += cause.failures;
    std::int64_t sum = 0;
    for (FailureCause &cause : causes) {
        sum += cause.failures;
        cause.share = all > 0 ? double(cause.failures) / double(all) : 0;
        cause.cumulative = all > 0 ? double(sum) / double(all) : 0;
    }
    return causes;
}

std::int64_t failuresAfterFix(std::int64_t all, std::int64_t existing, std::int64_t removed)
{
    return all - std::clamp<std::int64_t>(removed, 0, std::min(existing, all));
}

std::string_view failureCategory(std::uint16_t httpStatus, std::string_view text)
{
    const std::string lower = toLowerAscii(text);
    const auto has = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    if (httpStatus == 429 || has("rate limit") || has("rate_limit") || has("ratelimit") || has("throttl"))
        return "limiting";
    // Waiting for a connection is exhaustion, whatever ended it.
    if (has("exhaust") || has("too many clients") || has("pool") || has("connection is not available"))
        return "exhaustion";
    if (httpStatus == 504 || httpStatus == 408 || httpStatus == 524 || has("timeout") || has("timed out")
        || has("time-out") || has("deadline"))
        return "timeout";
    if (httpStatus == 502 || has("refused") || has("unreachable") || has("reset") || has("dns")
        || has("infrastructure"))
        return "infrastructure";
    if (httpStatus == 503)
        return "infrastructure";
    if (httpStatus >= 500 || has("exception") || has("defect") || has("bug"))
        return "defect";
    return "other";
}

std::optional<UsersHurt> usersHurtShare(double requestsPerSecond, double slowShare)
{
    if (!(requestsPerSecond >= 0) || !(slowShare >= 0 && slowShare <= 1))
        return std::nullopt;
    const double slow = requestsPerSecond * slowShare;
    return UsersHurt{slow, slow * 60, slow * 3600, slow * 86'400};
}

std::optional<UsersHurt> usersHurt(double requestsPerSecond, Quantile q)
{
    if (q.den <= 0 || q.num < 0 || q.num > q.den)
        return std::nullopt;
    return usersHurtShare(requestsPerSecond, double(q.den - q.num) / double(q.den));
}

Fraction requestsBeyond(std::int64_t requests, Quantile q)
{
    return reduced(Wide(requests) * (q.den - q.num), q.den);
}

namespace {

/// The newest value at or before a moment.
std::optional<double> valueAt(std::span<const TimedValue> values, Nanos ts)
{
    const auto next = std::upper_bound(values.begin(), values.end(), ts,
        [](Nanos t, const TimedValue &value) { return t < value.ts; });
    return next == values.begin() ? std::nullopt : std::optional((next - 1)->value);
}

} // namespace

AlertReplay replayAlert(std::span<const TimedValue> values, const AlertRule &rule,
    std::span<const TimedValue> progress)
{
    AlertReplay out;
    if (values.empty())
        return out;
    const Nanos able = saturatingAdd(values.front().ts, rule.history);
    out.notYetAble = values.back().ts < able;
    bool holding = false;
    Nanos since = 0; // the condition holds since then
    for (std::size_t i = 0; i < values.size(); ++i) {
        const TimedValue &now = values[i];
        bool holds = false;
        switch (rule.kind) {
        case AlertRule::Kind::Above:
            holds = now.value > rule.limit;
            break;
        case AlertRule::Kind::Growing:
            holds = i > 0 && now.value > values[i - 1].value;
            break;
        case AlertRule::Kind::NoProgress: {
            const auto before = i > 0 ? valueAt(progress, values[i - 1].ts) : std::nullopt;
            holds = now.value > rule.limit && before && before == valueAt(progress, now.ts);
            break;
        }
        }
        // What is about a step between two samples began at the first of them.
        if (holds && !holding)
            since = rule.kind == AlertRule::Kind::Above ? now.ts : values[i - 1].ts;
        holding = holds;
        if (holding && now.ts - since >= rule.duration && now.ts >= able) {
            out.firstFired = now.ts;
            return out;
        }
    }
    return out;
}

} // namespace tailscope::analysis
