// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What makes a comparison of recordings doubtful, in sentences.
#include "base/text.h"
#include "items/recordingsquery.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tailscope::items {

namespace {

constexpr std::int64_t kFewSessionSamples = 30; ///< below it a wait of a tenth of the time may not be seen
constexpr double kLeastCovered = 0.9;

std::string seconds(double value)
{
    // Whole nanoseconds: samples are not at round times.
    return humanDuration(Nanos(std::llround(value * 1e9)));
}

std::string counted(std::int64_t n, const char *one, const char *many)
{
    return groupedCount(n) + " " + (n == 1 ? one : many);
}

/// What one side lacks. who: "A" or "B".
void addSide(std::vector<std::string> &out, const char *who, const SideCoverage &coverage, double covered,
    const TimeRange &range)
{
    const std::string name = std::string(who) + ": ";
    for (const std::string &server : coverage.tooFew)
        out.push_back(name + "a single sample of statements of " + server + ", left out");
    if (covered <= 0)
        out.push_back(name + "fewer than two samples of statements: statements cannot be compared");
    else if (covered < kLeastCovered * double(range.length()) / 1e9)
        out.push_back(name + "samples of statements cover " + seconds(covered) + " of "
            + humanDuration(range.length()));
    if (coverage.resets > 0)
        out.push_back(name + "counters of statements began anew " + counted(coverage.resets, "time", "times")
            + ": calls before that are lost");
    if (coverage.gone > 0)
        out.push_back(name + counted(coverage.gone, "statement", "statements")
            + " went away within it (evicted, or reset): what they did after their last sample is lost");
    if (coverage.evictions.value_or(0) > 0)
        out.push_back(name + "pg_stat_statements threw out entries "
            + counted(*coverage.evictions, "time", "times")
            + ": its table is too small, rare statements are missing");
    if (coverage.sessionSamples == 0)
        out.push_back(name + "no samples of sessions: waits are not known");
    else if (coverage.sessionSamples < kFewSessionSamples)
        out.push_back(
            name + counted(coverage.sessionSamples, "sample", "samples") + " of sessions: waits are rough");
}

/// Both sides have servers, none of them is the same: figures do not meet.
bool areServersDifferent(const RecordingComparison &comparison)
{
    std::set<std::string> servers[2];
    for (const analysis::Headline &one : comparison.figures) {
        if (one.first)
            servers[0].insert(one.server);
        if (one.second)
            servers[1].insert(one.server);
    }
    return !servers[0].empty() && !servers[1].empty()
        && std::none_of(servers[0].begin(), servers[0].end(),
            [&](const std::string &server) { return servers[1].contains(server); });
}

} // namespace

std::vector<std::string> doubtsOf(const RecordingComparison &comparison)
{
    std::vector<std::string> out;
    const analysis::RecordingSide &a = comparison.first, &b = comparison.second;
    const bool mayShare
        = comparison.isOneWorkspace && (a.source == b.source || a.source == 0 || b.source == 0);
    if (mayShare && a.range.begin < b.range.end && b.range.begin < a.range.end)
        out.emplace_back("the sides overlap: what lies in both is no difference");
    if (areServersDifferent(comparison))
        out.emplace_back("no server is in both sides: only statements and waits are compared over servers");
    addSide(out, "A", comparison.firstCoverage, comparison.firstSeconds, a.range);
    addSide(out, "B", comparison.secondCoverage, comparison.secondSeconds, b.range);
    std::int64_t partial = 0;
    for (const analysis::StatementChange &one : comparison.statements)
        partial += (one.first && one.first->growth.isPartial) || (one.second && one.second->growth.isPartial);
    if (partial > 0)
        out.push_back(counted(partial, "statement was", "statements were")
            + " first seen within a side, and older: not comparable");
    return out;
}

} // namespace tailscope::items
