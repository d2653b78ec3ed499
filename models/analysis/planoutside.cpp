// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planoutside.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

/// Times are printed with three decimals: half a unit of the last one, a loop.
constexpr double kRoundingMs = 0.0005;
/// What of the triggers must fit beside the tree to count as outside it: figures are rounded.
constexpr double kFits = 0.98;

void placeTriggers(const PlanFacts &facts, PlanOutside &out)
{
    std::optional<double> constraints, others;
    for (const PlanFactsTrigger &trigger : facts.triggers) {
        if (!trigger.timeMs)
            continue;
        // Constraint triggers fire after the statement.
        std::optional<double> &sum = trigger.constraintName.empty() ? others : constraints;
        sum = sum.value_or(0) + *trigger.timeMs;
    }
    out.triggersAfterMs = constraints;
    if (!others)
        return;
    out.isTriggerPlaceAssumed = true;
    const double room = out.executionMs && out.rootMs
        ? *out.executionMs - *out.rootMs - out.serializationMs.value_or(0) - constraints.value_or(0)
        : 0;
    if (room >= kFits * *others)
        out.triggersAfterMs = constraints.value_or(0) + *others;
    else
        out.triggersInsideMs = others;
}

} // namespace

PlanOutside planOutside(const PlanFacts &facts)
{
    PlanOutside out;
    out.planningMs = facts.planningMs;
    out.executionMs = facts.executionMs ? facts.executionMs : facts.durationMs;
    out.serializationMs = facts.serializationMs;
    out.jitMs = facts.jitMs;
    out.notAttributableMs = facts.notAttributableMs;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        if (out.neverRunsNode < 0 && node.oneTimeFilter == "false") {
            out.neverRunsNode = static_cast<int>(i);
            out.isWholeNeverRun = i == 0;
        }
    }
    if (!facts.nodes.empty() && facts.hasTimes) {
        out.rootMs = facts.nodes.front().wallMs;
        out.rootDoubtMs = kRoundingMs * facts.nodes.front().loops.value_or(1);
    }
    placeTriggers(facts, out);
    if (out.executionMs && out.rootMs) {
        out.startStopMs = std::max(0.0,
            *out.executionMs - *out.rootMs - out.triggersAfterMs.value_or(0)
                - out.serializationMs.value_or(0));
    }
    return out;
}

} // namespace tailscope::analysis
