// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A comparison in words.
#include "analysis/comparesets.h"
#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::array<const char *, 3> kNames{"P50", "P95", "P99"};

std::string number(double value, const char *format = "%.3g")
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

std::string percentileChange(const OperationComparison &operation, std::size_t i)
{
    const PercentileRatio &ratio = operation.percentiles[i];
    std::string text = std::string(kNames[i]) + ' ' + humanDuration(ratio.first.value) + " → "
        + humanDuration(ratio.second.value);
    if (ratio.ratio)
        text += " (×" + number(*ratio.ratio) + ')';
    return text;
}

std::string errorChange(const OperationComparison &operation)
{
    return "errors " + number(100 * operation.first.share()) + " % → "
        + number(100 * operation.second.share()) + " %";
}

std::string joined(const std::vector<std::string> &parts, const char *separator)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : separator) + part;
    return text;
}

std::vector<std::string> changes(const OperationComparison &operation, Verdict wanted)
{
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < operation.measures.size(); ++i) {
        if (operation.measures[i].verdict == wanted)
            parts.push_back(i < kNames.size() ? percentileChange(operation, i) : errorChange(operation));
    }
    return parts;
}

std::vector<std::string> unknowns(const OperationComparison &operation)
{
    std::vector<std::string> few, chance, parts;
    for (std::size_t i = 0; i < operation.measures.size(); ++i) {
        const auto why = operation.measures[i].why;
        const std::string name = i < kNames.size() ? kNames[i] : "errors";
        if (why == MeasureVerdict::Why::TooFew)
            few.push_back(name);
        else if (why == MeasureVerdict::Why::Chance)
            chance.push_back(i < kNames.size() ? percentileChange(operation, i) : errorChange(operation));
    }
    if (!chance.empty())
        parts.push_back(joined(chance, ", ") + " may be chance");
    if (!few.empty())
        parts.push_back("not enough samples for " + joined(few, ", "));
    return parts;
}

std::string operations(std::int64_t n) { return groupedCount(n) + (n == 1 ? " operation" : " operations"); }

std::string escaped(std::string text)
{
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

std::string verdictWord(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Worse:
        return "worse";
    case Verdict::Better:
        return "better";
    case Verdict::Same:
        return "same";
    case Verdict::Unknown:
        break;
    }
    return "unknown";
}

std::string changeText(const OperationComparison &operation)
{
    std::vector<std::string> parts;
    const std::vector<std::string> worse = changes(operation, Verdict::Worse);
    const std::vector<std::string> better = changes(operation, Verdict::Better);
    if (!worse.empty())
        parts.push_back(joined(worse, ", "));
    if (!better.empty())
        parts.push_back((worse.empty() ? "" : "better: ") + joined(better, ", "));
    for (const std::string &unknown : unknowns(operation))
        parts.push_back(unknown);
    if (parts.empty())
        return "no measure moved beyond its limit";
    return joined(parts, "; ");
}

std::string headline(const SetComparison &comparison)
{
    const auto all = std::int64_t(comparison.operations.size());
    if (comparison.firstSpans == 0 || comparison.secondSpans == 0)
        return "Nothing to compare: one of the sets has no spans.";
    if (all == 0)
        return "Nothing to compare: no operation occurs in both sets.";
    const std::int64_t worse = comparison.count(Verdict::Worse), better = comparison.count(Verdict::Better);
    const std::int64_t unknown = comparison.count(Verdict::Unknown);
    std::string text;
    if (worse > 0) {
        const OperationComparison &first = comparison.operations.front();
        text = "Worse: " + groupedCount(worse) + " of " + operations(all) + ", first " + first.name() + ", "
            + joined(changes(first, Verdict::Worse), ", ") + '.';
        if (better > 0)
            text += ' ' + operations(better) + " got better.";
    } else if (better > 0) {
        text = "Better: " + groupedCount(better) + " of " + operations(all) + ", none got worse.";
    } else if (unknown == all) {
        text = "Unknown: not one of " + operations(all) + " has enough samples to tell.";
    } else {
        text = "No difference in " + operations(all - unknown) + '.';
    }
    if (unknown > 0 && unknown < all)
        text += ' ' + operations(unknown) + " cannot be judged.";
    return text;
}

std::string comparisonMarkdown(const SetComparison &comparison, std::string_view first,
    std::string_view second)
{
    std::string text = "**" + headline(comparison) + "**\n\n";
    text += "- A: " + std::string(first) + ", " + groupedCount(comparison.firstSpans) + " spans\n";
    text += "- B: " + std::string(second) + ", " + groupedCount(comparison.secondSpans) + " spans\n";
    for (const std::string &warning : comparison.warnings)
        text += "- Note: " + warning + '\n';
    text += "\n| operation | n A | n B | P50 A | P50 B | P95 A | P95 B | P99 A | P99 B | errors A | errors B "
            "| "
            "verdict |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n";
    for (const OperationComparison &operation : comparison.operations) {
        text += "| " + escaped(operation.name()) + " | " + groupedCount(operation.first.n) + " | "
            + groupedCount(operation.second.n);
        for (const PercentileRatio &ratio : operation.percentiles)
            text += " | " + humanDuration(ratio.first.value) + " | " + humanDuration(ratio.second.value);
        text += " | " + number(100 * operation.first.share()) + " % | "
            + number(100 * operation.second.share()) + " % | " + verdictWord(operation.verdict) + ": "
            + escaped(changeText(operation)) + " |\n";
    }
    text += "\nPercentiles: nearest rank";
    text += comparison.isWeighted ? ", weighted." : ".";
    return text + " A change counts when it passes its limit and its 95 % interval leaves 1.\n";
}

} // namespace tailscope::analysis
