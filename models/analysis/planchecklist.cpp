// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planchecklist.h"

#include "analysis/planoutside.h"
#include "analysis/plansums.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tailscope::analysis {

namespace {

using Kind = PlanCheck::Kind;
using State = PlanCheck::State;

// Bands of the plan reference: self time 10/40 %, estimate factor 10/100, rows removed 50/90 %.
constexpr double kHotShare = 0.1, kVeryHotShare = 0.4;
constexpr double kOffFactor = 10, kFarOffFactor = 100;
constexpr double kRemovedShare = 0.5, kMostRemovedShare = 0.9, kManyRemoved = 1000;
constexpr double kReadShare = 0.1;
constexpr double kManyLoops = 1000;
constexpr double kSkew = 2;
constexpr double kOverheadShare = 0.1, kOutsideShare = 0.2;
/// Below this nothing about a plan is worth a change.
constexpr double kSmallMs = 1;

std::string percent(double share)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
    return buffer;
}

std::string figure(double value)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g", value);
    return value < 1000 ? std::string(buffer) : groupedCount(std::llround(value));
}

std::string rowsText(double rows) { return groupedCount(std::llround(rows)); }

std::string bytesText(std::int64_t blocks)
{
    return humanBytes(static_cast<std::uint64_t>(std::max<std::int64_t>(blocks, 0)) * kPlanBlockBytes);
}

PlanCheck check(Kind kind, std::string title, State state, std::string value, std::string detail,
    std::vector<int> nodes = {})
{
    return {kind, state, std::move(title), std::move(value), std::move(detail), std::move(nodes)};
}

const PlanFactsNode &at(const PlanFacts &facts, int node)
{
    return facts.nodes[static_cast<std::size_t>(node)];
}

PlanCheck timeCheck(const PlanFacts &facts)
{
    const std::string title = "Where the time went";
    const int node = facts.hottest();
    if (!facts.hasTimes || node < 0) {
        return check(Kind::Time, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE)",
            "Without ANALYZE a plan holds the planner's estimates, no times.");
    }
    const double share = facts.selfShare(at(facts, node)).value_or(0);
    const double whole = facts.wholeMs().value_or(0);
    const State state = whole < kSmallMs || share < kHotShare ? State::Good
        : share < kVeryHotShare                               ? State::Notice
                                                              : State::Warning;
    return check(Kind::Time, title, state,
        at(facts, node).title() + ": " + humanMillis(*at(facts, node).selfMs) + ", " + percent(share) + " of "
            + humanMillis(whole),
        "The node with the largest self time. " + std::string(selfTimeDefinition()), {node});
}

double offBy(const PlanFactsNode &node)
{
    const double factor = node.rowsFactor().value_or(1);
    return factor >= 1 ? factor : 1 / factor;
}

PlanCheck estimateCheck(const PlanFacts &facts)
{
    const std::string title = "Biggest misestimate";
    bool isAnyComparable = false;
    std::vector<bool> hasBadBelow(facts.nodes.size(), false);
    int worst = -1;
    for (std::size_t i = facts.nodes.size(); i-- > 0;) {
        const PlanFactsNode &node = facts.nodes[i];
        const bool isComparable = node.rowsFactor().has_value();
        isAnyComparable = isAnyComparable || isComparable;
        const bool isBad = isComparable && offBy(node) > kOffFactor;
        // The lowest wrong estimate is the cause of those above it.
        if (isBad && !hasBadBelow[i] && (worst < 0 || offBy(node) >= offBy(at(facts, worst))))
            worst = static_cast<int>(i);
        if (node.parent >= 0 && (isBad || hasBadBelow[i]))
            hasBadBelow[static_cast<std::size_t>(node.parent)] = true;
    }
    if (!isAnyComparable) {
        return check(Kind::Estimate, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE)",
            "Planned and actual rows are needed; nodes that were stopped early are not comparable.");
    }
    if (worst < 0) {
        return check(Kind::Estimate, title, State::Good, "all within a factor of 10",
            "Actual rows a loop against planned rows, both at least 1.");
    }
    const PlanFactsNode &node = at(facts, worst);
    const double off = offBy(node);
    return check(Kind::Estimate, title, off > kFarOffFactor ? State::Warning : State::Notice,
        node.title() + ": " + figure(off) + " \xC3\x97 " + (*node.rowsFactor() > 1 ? "more" : "fewer")
            + " rows than planned",
        "The lowest node that is off by more than 10: estimates above it follow from it. Planned "
            + rowsText(*node.planRows) + " rows a loop, actual " + figure(*node.actualRows / *node.loops)
            + ".",
        {worst});
}

PlanCheck removedCheck(const PlanFacts &facts)
{
    const std::string title = "Rows thrown away";
    int worst = -1;
    bool isExecuted = false;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        isExecuted = isExecuted || facts.nodes[i].loops.has_value();
        const std::optional<double> gone = facts.nodes[i].removed();
        if (gone && *gone > 0 && (worst < 0 || *gone > *at(facts, worst).removed()))
            worst = static_cast<int>(i);
    }
    if (!isExecuted)
        return check(Kind::Removed, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE)", "");
    if (worst < 0)
        return check(Kind::Removed, title, State::Good, "none", "No filter removed a row.");
    const PlanFactsNode &node = at(facts, worst);
    const double gone = *node.removed(), share = node.removedShare().value_or(0);
    const State state = gone < kManyRemoved || share < kRemovedShare ? State::Good
        : share < kMostRemovedShare                                  ? State::Notice
                                                                     : State::Warning;
    return check(Kind::Removed, title, state,
        node.title() + ": " + rowsText(gone) + " rows read and dropped, " + percent(share)
            + " of what it read",
        "Removed by filter, join filter or recheck, over all loops.", {worst});
}

PlanCheck spillCheck(const PlanFacts &facts)
{
    const std::string title = "Spilled to disk";
    std::vector<int> nodes;
    std::int64_t blocks = 0;
    bool isExecuted = false;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        isExecuted = isExecuted || node.loops.has_value();
        if (!node.isSpilled())
            continue;
        nodes.push_back(static_cast<int>(i));
        blocks += node.selfTempWritten.value_or(0);
    }
    if (!isExecuted)
        return check(Kind::Spill, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE, BUFFERS)", "");
    if (nodes.empty())
        return check(Kind::Spill, title, State::Good, "nothing", "No sort, hash or aggregate left memory.");
    const auto slower
        = [&](int a, int b) { return at(facts, a).selfMs.value_or(0) > at(facts, b).selfMs.value_or(0); };
    std::stable_sort(nodes.begin(), nodes.end(), slower);
    const std::string count = nodes.size() == 1 ? "" : ", and " + std::to_string(nodes.size() - 1) + " more";
    return check(Kind::Spill, title, State::Warning,
        at(facts, nodes.front()).title() + count
            + (blocks > 0 ? ": " + bytesText(blocks) + " of temporary files written" : ""),
        "Sorts on disk, hashes in more than one batch, temporary blocks written: more work_mem for this "
        "statement, or "
        "fewer rows and columns.",
        nodes);
}

PlanCheck readCheck(const PlanFacts &facts)
{
    const std::string title = "Read from outside the buffer cache";
    if (!facts.hasBuffers) {
        return check(Kind::Reads, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE, BUFFERS)",
            "Blocks are told with the option BUFFERS.");
    }
    std::int64_t hit = 0, read = 0;
    int worst = -1;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        hit += node.selfHit.value_or(0);
        read += node.selfRead.value_or(0);
        if (node.selfRead.value_or(0) > 0 && (worst < 0 || *node.selfRead > *at(facts, worst).selfRead))
            worst = static_cast<int>(i);
    }
    if (read == 0) {
        return check(Kind::Reads, title, State::Good, "nothing: " + bytesText(hit) + " came from the cache",
            "Shared blocks of 8 KiB.");
    }
    const double share = static_cast<double>(read) / static_cast<double>(hit + read);
    return check(Kind::Reads, title, share > kReadShare ? State::Notice : State::Good,
        bytesText(read) + ", " + percent(share) + " of all blocks; most by " + at(facts, worst).title(),
        "Shared blocks of 8 KiB read from the operating system or the disk. Run it again warm before "
        "judging.",
        {worst});
}

PlanCheck loopsCheck(const PlanFacts &facts)
{
    const std::string title = "Repeated work";
    int worst = -1;
    bool isExecuted = false;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        isExecuted = isExecuted || node.loops.has_value();
        if (node.loops.value_or(0) >= kManyLoops && node.selfMs
            && (worst < 0 || *node.selfMs > *at(facts, worst).selfMs))
            worst = static_cast<int>(i);
    }
    if (!isExecuted)
        return check(Kind::Loops, title, State::Unknown, "unknown: run EXPLAIN (ANALYZE)", "");
    if (worst < 0)
        return check(Kind::Loops, title, State::Good, "no node ran 1,000 times", "");
    const PlanFactsNode &node = at(facts, worst);
    const double share = facts.selfShare(node).value_or(0);
    std::string value = node.title() + ": " + rowsText(*node.loops) + " loops, " + humanMillis(*node.selfMs)
        + " (" + percent(share) + ")";
    if (node.doubtMs && *node.doubtMs > 0.01 * facts.wholeMs().value_or(0))
        value += " \xC2\xB1 " + humanMillis(*node.doubtMs) + " by rounding";
    return check(Kind::Loops, title,
        share >= kVeryHotShare   ? State::Warning
            : share >= kHotShare ? State::Notice
                                 : State::Good,
        std::move(value),
        "Loops times time a loop, without the children. EXPLAIN rounds the time of a loop to 1 \xC2\xB5s.",
        {worst});
}

PlanCheck workersCheck(const PlanFacts &facts)
{
    const std::string title = "Workers";
    int missing = -1, gather = -1;
    double lost = 0;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        if (!node.workersPlanned)
            continue;
        gather = gather < 0 ? static_cast<int>(i) : gather;
        const auto fewer
            = static_cast<double>(*node.workersPlanned - node.workersLaunched.value_or(*node.workersPlanned));
        if (fewer > lost) {
            lost = fewer;
            missing = static_cast<int>(i);
        }
    }
    if (gather < 0)
        return check(Kind::Workers, title, State::Good, "the plan is not parallel", "");
    if (missing >= 0) {
        return check(Kind::Workers, title, State::Warning,
            std::to_string(*at(facts, missing).workersLaunched) + " of "
                + std::to_string(*at(facts, missing).workersPlanned) + " planned workers started",
            "max_parallel_workers or max_worker_processes was used up.", {missing});
    }
    const std::vector<PlanProcesses> processes = planProcesses(facts);
    const PlanProcesses *skewed = nullptr;
    for (const PlanProcesses &node : processes) {
        if (node.skew && (!skewed || *node.skew > *skewed->skew))
            skewed = &node;
    }
    if (!skewed) {
        return check(Kind::Workers, title, State::Unknown,
            "all started; skew unknown: run EXPLAIN (ANALYZE, VERBOSE)",
            "The figures of each process are told with the option VERBOSE.", {gather});
    }
    const bool isSkewed = *skewed->skew > kSkew;
    return check(Kind::Workers, title, isSkewed ? State::Warning : State::Good,
        (isSkewed ? at(facts, skewed->node).title() + ": the slowest process took "
                  : "all started; the slowest took ")
            + figure(*skewed->skew) + " \xC3\x97 the mean",
        "Slowest process over the mean of all processes, by time.", {skewed->node});
}

PlanCheck overheadCheck(const PlanFacts &facts, const PlanOutside &outside)
{
    const std::string title = "Planning, JIT, triggers";
    const std::optional<double> whole = facts.wholeMs();
    std::string value;
    double most = 0;
    const auto add = [&](const char *name, const std::optional<double> &time, double of) {
        if (!time || of <= 0)
            return;
        value += (value.empty() ? "" : ", ") + std::string(name) + ' ' + humanMillis(*time) + " ("
            + percent(*time / of) + ')';
        most = std::max(most, *time / of);
    };
    const double run = whole.value_or(0);
    add("planning", outside.planningMs, run + outside.planningMs.value_or(0));
    add("JIT", outside.jitMs, run);
    std::optional<double> triggers = outside.triggersAfterMs;
    if (outside.triggersInsideMs)
        triggers = triggers.value_or(0) + *outside.triggersInsideMs;
    add("triggers", triggers, run);
    if (value.empty() || !whole) {
        return check(Kind::Overhead, title, State::Unknown, "unknown: the plan does not tell them",
            "auto_explain leaves the planning time out; SUMMARY prints it.");
    }
    const bool isLarge = most >= kOverheadShare && run + outside.planningMs.value_or(0) >= kSmallMs;
    return check(Kind::Overhead, title, isLarge ? State::Notice : State::Good, std::move(value),
        "Planning as a share of planning and execution, the others of the execution time.");
}

PlanCheck outsideCheck(const PlanFacts &facts, const PlanOutside &outside)
{
    const std::string title = "Time outside the tree";
    if (!outside.startStopMs || !outside.executionMs || *outside.executionMs <= 0) {
        return check(Kind::Outside, title, State::Unknown,
            "unknown: the plan does not tell the execution time",
            "Execution time less the root, triggers that fire after the statement, and serialization.");
    }
    const double share = *outside.startStopMs / *outside.executionMs;
    const bool isLarge = share >= kOutsideShare && *outside.startStopMs >= kSmallMs;
    return check(Kind::Outside, title, isLarge ? State::Notice : State::Good,
        humanMillis(*outside.startStopMs) + " (" + percent(share) + ") starting and ending",
        "Execution time less the root, triggers that fire after the statement, and serialization: start-up "
        "of many "
        "partitions, JIT, locks, clean-up.",
        facts.nodes.empty() ? std::vector<int>{} : std::vector<int>{0});
}

} // namespace

std::vector<PlanCheck> planChecklist(const PlanFacts &facts)
{
    if (facts.nodes.empty())
        return {};
    const PlanOutside outside = planOutside(facts);
    std::vector<PlanCheck> checks{timeCheck(facts), estimateCheck(facts), removedCheck(facts),
        spillCheck(facts), readCheck(facts), loopsCheck(facts), workersCheck(facts),
        overheadCheck(facts, outside), outsideCheck(facts, outside)};
    const bool isAllGood = std::all_of(checks.begin(), checks.end(), [](const PlanCheck &item) {
        return item.state == State::Good || (item.state == State::Unknown && item.kind != Kind::Time);
    });
    if (isAllGood) {
        checks.push_back(
            check(Kind::Nothing, "Nothing to gain", State::Good, "no figure is above its threshold",
                "As far as this plan tells: see the lines that are unknown."));
    }
    return checks;
}

} // namespace tailscope::analysis
