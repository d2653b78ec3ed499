// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The gate of a budget: what passes, what breaks it, what could not be decided.
#include "analysis/budgetreport.h"
#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

using Line = BudgetGate::Line;
using Verdict = BudgetGate::Verdict;

std::optional<double> msOf(Nanos ns)
{
    return ns == kUnknownNanos ? std::nullopt : std::optional(double(ns) / double(kNanosPerMilli));
}

std::string timeoutReason(const BudgetRow &row, double targetMs)
{
    const auto ms = [](std::optional<double> value) { return humanMillis(value.value_or(0)); };
    switch (row.timeoutState) {
    case TimeoutState::Missing:
        return "no time-out known for a call";
    case TimeoutState::Zero:
        return "time-out 0: it waits for ever";
    case TimeoutState::LibraryDefault:
        return "time-out is a library's default of 30 s";
    case TimeoutState::BelowBudget:
        return "time-out " + ms(row.timeoutMs) + " is below its budget";
    case TimeoutState::BelowP99:
        return "time-out " + ms(row.timeoutMs) + " is below its P99";
    case TimeoutState::OverTarget:
        return "time-out " + ms(row.timeoutMs) + " is longer than the whole request may take (" + ms(targetMs)
            + ")";
    case TimeoutState::Loose:
        return "time-out " + ms(row.timeoutMs) + " is loose";
    case TimeoutState::Unknown:
    case TimeoutState::Ok:
        break;
    }
    return {};
}

void addReason(Line &line, const std::string &reason)
{
    if (!reason.empty())
        line.reason += (line.reason.empty() ? "" : "; ") + reason;
}

std::string tooFewText(const BudgetRow &row, const Budget &budget)
{
    if (row.part == BudgetRow::Part::Phase && row.time.n <= 0)
        return "the file does not say how many requests there were";
    return "fewer than " + groupedCount(budget.minSamples) + " samples";
}

Line lineOf(const BudgetRow &row, const Budget &budget)
{
    Line line;
    line.what = row.part == BudgetRow::Part::Total ? "total" : row.name;
    line.n = row.time.n;
    line.time = row.time;
    line.valueMs = msOf(row.time.value);
    line.limitMs = row.budgetMs;
    line.timeoutMs = row.timeoutMs;
    line.state = row.state;
    line.timeoutState = row.timeoutState;
    const bool tooFew = row.time.n < budget.minSamples;
    if (!line.valueMs) {
        line.verdict = Verdict::Undecided;
        line.reason
            = row.part == BudgetRow::Part::Phase ? "the file has no figure at this percentile" : "no samples";
    } else if (!line.limitMs) {
        line.verdict = Verdict::NotAsked;
    } else if (tooFew) {
        line.verdict = Verdict::Undecided;
        line.reason = tooFewText(row, budget);
    } else {
        line.verdict = row.state == BudgetState::Over ? Verdict::Broken : Verdict::Passed;
        if (row.state == BudgetState::Warning)
            line.reason = "at 80 % or more of its budget";
        const std::int64_t needed = minimumSamples(quantileOf(budget.percentile).value_or(kP95));
        if (row.time.n > 0 && row.time.n < needed)
            addReason(line, "few samples: the percentile is the largest of them");
    }
    return line;
}

Line componentLine(const BudgetRow &row, const Budget &budget)
{
    Line line = lineOf(row, budget);
    const bool unseen = !line.valueMs;
    if (row.isAsync && !unseen) {
        line.verdict = Verdict::NotAsked;
        line.reason = "nobody waits for it";
    } else if (unseen && (row.optional || row.kind == BudgetKind::Async)) {
        line.verdict = Verdict::NotAsked;
        line.reason = row.optional ? "not seen (optional)" : "not seen (nobody waits for it)";
    }
    addReason(line, timeoutReason(row, budget.targetMs));
    if (row.overTimeout > 0)
        addReason(line, groupedCount(row.overTimeout) + " past the time-out");
    return line;
}

std::optional<Line> errorLine(const BudgetRow &row, const Budget &budget)
{
    if (!budget.errorLimit)
        return std::nullopt;
    Line line;
    line.what = row.part == BudgetRow::Part::Total ? "errors" : row.name + " errors";
    line.n = row.time.n;
    line.errorRate = row.errorRate;
    line.errorLimit = budget.errorLimit;
    line.verdict = !row.errorRate             ? Verdict::Undecided
        : row.time.n < budget.minSamples      ? Verdict::Undecided
        : *row.errorRate > *budget.errorLimit ? Verdict::Broken
                                              : Verdict::Passed;
    if (!row.errorRate)
        line.reason = "no count of failed requests";
    else if (line.verdict == Verdict::Undecided)
        line.reason = tooFewText(row, budget);
    return line;
}

} // namespace

std::string_view name(BudgetGate::Verdict verdict)
{
    constexpr std::string_view names[]{"passed", "broken", "undecided", "not_asked"};
    return names[std::size_t(verdict)];
}

BudgetGate budgetGate(const BudgetReport &report)
{
    BudgetGate gate;
    const auto add = [&gate](std::optional<Line> line) {
        if (line)
            gate.lines.push_back(std::move(*line));
    };
    bool hasPhases = false;
    for (const BudgetRow &row : report.rows)
        hasPhases = hasPhases || row.part == BudgetRow::Part::Phase;
    // A load test without traces: its phases are the requests, and components were never to be seen.
    const bool onlyPhases = hasPhases && report.requests == 0;
    for (const BudgetRow &row : report.rows) {
        switch (row.part) {
        case BudgetRow::Part::Total:
            if (!onlyPhases) {
                add(lineOf(row, report.budget));
                add(errorLine(row, report.budget));
            }
            break;
        case BudgetRow::Part::Component:
            if (row.kind == BudgetKind::Headroom || (onlyPhases && !row.time.isKnown()))
                break;
            add(componentLine(row, report.budget));
            break;
        case BudgetRow::Part::Unaccounted: {
            if (onlyPhases || report.requests == 0 || report.budget.components.empty())
                break;
            Line line = lineOf(row, report.budget);
            line.verdict = Verdict::NotAsked;
            line.what = "unaccounted";
            line.reason.clear();
            add(line);
            break;
        }
        case BudgetRow::Part::Phase:
            add(lineOf(row, report.budget));
            add(errorLine(row, report.budget));
            break;
        }
    }
    const auto any = [&gate](Verdict verdict) {
        return std::any_of(gate.lines.begin(), gate.lines.end(),
            [verdict](const Line &line) { return line.verdict == verdict; });
    };
    gate.verdict = any(Verdict::Broken)                    ? Verdict::Broken
        : any(Verdict::Undecided) || !any(Verdict::Passed) ? Verdict::Undecided
                                                           : Verdict::Passed;
    return gate;
}

} // namespace tailscope::analysis
