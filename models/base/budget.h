// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope {

/// What a part of a budget is; some rules and sums ask for it.
enum class BudgetKind : std::uint8_t {
    Processing, ///< code of the service itself; the default
    Routing,
    Cache,
    Database,
    External, ///< somebody else's service
    Network,
    Serialization,
    Async, ///< nobody waits for it: in no sum
    Headroom, ///< kept free: a part of the plan that is never measured
};
/// "processing", "external", ...
std::string_view name(BudgetKind kind);
std::optional<BudgetKind> budgetKind(std::string_view name);

/// A part of a budget. Times in ms.
struct BudgetComponent
{
    std::string name;
    /// Which spans it is (a glob over operations, or the filter language), or "series:NAME". Alternatives are
    /// joined by " | ". Empty = nothing is measured.
    std::string match;
    BudgetKind kind = BudgetKind::Processing;
    std::optional<double> budgetMs; ///< > 0
    std::optional<double> timeoutMs; ///< 0 = explicitly none
    int parallelGroup = 0; ///< components of one group run side by side; 0 = in none
    /// The least it can take: so many calls one after the other, each of at least so long.
    double calls = 1;
    std::optional<double> callMs;
    bool optional = false; ///< a request may do without it

    friend bool operator==(const BudgetComponent &, const BudgetComponent &) = default;
    std::optional<double> floorMs() const { return callMs ? std::optional(calls * *callMs) : std::nullopt; }
};

/// A time allowed to a kind of request, and how it is shared out.
struct Budget
{
    std::string name;
    std::string description;
    std::string match; ///< which requests, by their root span, as in BudgetComponent; empty = all
    double targetMs = 0; ///< > 0
    std::string percentile = "0.95"; ///< decimal text: percentiles are rationals (formulas.md rule 1)
    double margin = 0.2; ///< share of the target kept free, 0..0.5
    std::optional<double> errorLimit; ///< share of failed requests allowed, 0..1
    std::int64_t minSamples = 1; ///< fewer requests decide nothing
    std::vector<BudgetComponent> components;

    friend bool operator==(const Budget &, const Budget &) = default;
};

} // namespace tailscope
