// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plantime.h"

#include "analysis/plantimeshare.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

/// EXPLAIN prints times in ms with three decimals: half of the last one, for every loop.
constexpr double kRoundingMs = 0.0005;
constexpr int kLeader = -1;

/// How the figures of a node, sums over all processes, become the time on the wall.
struct Process
{
    enum class Kind { Alone, One, Divided } kind = Kind::Alone;
    int number = kLeader; ///< One: this worker, or the leader
    double processes = 1; ///< Divided: so many took part
};

double totalOf(const PlanTimeNode &node)
{
    const double total = node.totalMsPerLoop.value_or(0) * node.loops.value_or(0);
    return std::isfinite(total) ? total : 0;
}

double workerTotal(const PlanTimeNode::Worker &worker)
{
    const double total = worker.totalMsPerLoop * worker.loops;
    return std::isfinite(total) ? total : 0;
}

/// Of the leader the server prints nothing: it is what the workers leave of the sum.
double leaderTotal(const PlanTimeNode &node)
{
    double workers = 0;
    for (const PlanTimeNode::Worker &worker : node.workers)
        workers += workerTotal(worker);
    return std::max(0.0, totalOf(node) - workers);
}

bool startsWorkers(const PlanTimeNode &node)
{
    return (node.nodeType == "Gather" || node.nodeType == "Gather Merge") && node.loops.value_or(0) > 0
        && !node.singleCopy;
}

/// The critical process of the plan below a Gather: the one that takes longest at its top node. Without
/// figures of single processes the loops tell how many took part.
Process processBelow(const PlanTimeNode &gather, const PlanTimeNode &child)
{
    if (child.workers.empty()) {
        const double processes = child.loops.value_or(0) / *gather.loops;
        return {Process::Kind::Divided, kLeader, std::isfinite(processes) ? std::max(1.0, processes) : 1.0};
    }
    Process critical{Process::Kind::One, kLeader, 1};
    double longest = leaderTotal(child);
    for (const PlanTimeNode::Worker &worker : child.workers) {
        if (workerTotal(worker) > longest) {
            longest = workerTotal(worker);
            critical.number = worker.number;
        }
    }
    return critical;
}

/// How wrong rounding may make wallOf(). A leader's time is what is left of a sum: all its parts were
/// rounded.
double wallDoubt(const PlanTimeNode &node, const Process &process)
{
    const double own = node.roundingMs * node.loops.value_or(0);
    double workers = 0;
    for (const PlanTimeNode::Worker &worker : node.workers) {
        if (process.kind == Process::Kind::One && worker.number == process.number)
            return kRoundingMs * worker.loops;
        workers += kRoundingMs * worker.loops;
    }
    switch (process.kind) {
    case Process::Kind::Alone:
        return own;
    case Process::Kind::Divided:
        return own / process.processes;
    case Process::Kind::One:
        return process.number == kLeader ? own + workers : 0;
    }
    return own;
}

double wallOf(const PlanTimeNode &node, const Process &process)
{
    switch (process.kind) {
    case Process::Kind::Alone:
        break;
    case Process::Kind::Divided:
        return totalOf(node) / process.processes;
    case Process::Kind::One:
        if (process.number == kLeader)
            return leaderTotal(node);
        for (const PlanTimeNode::Worker &worker : node.workers) {
            if (worker.number == process.number)
                return workerTotal(worker);
        }
        return 0;
    }
    return totalOf(node);
}

std::vector<double> wallTimes(const std::vector<PlanTimeNode> &nodes, const PlanShape &shape,
    std::vector<double> &doubts)
{
    doubts.assign(nodes.size(), 0.0);
    std::vector<Process> processes(nodes.size());
    std::vector<double> wall(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (shape.parentOf(i) >= 0) {
            const auto parent = static_cast<std::size_t>(shape.parentOf(i));
            // The leader runs InitPlans before the workers start; a SubPlan stays in its node's process.
            if (shape.isInitPlan(i))
                processes[i] = {};
            else if (processes[parent].kind == Process::Kind::Alone
                && nodes[i].parentRelationship == "SubPlan")
                processes[i] = {};
            else if (startsWorkers(nodes[parent]))
                processes[i] = processBelow(nodes[parent], nodes[i]);
            else
                processes[i] = processes[parent];
        }
        wall[i] = wallOf(nodes[i], processes[i]);
        doubts[i] = wallDoubt(nodes[i], processes[i]);
    }
    return wall;
}

std::int64_t wholeBlocks(double blocks)
{
    constexpr double kMost = 9.0e18;
    return std::llround(std::clamp(blocks, 0.0, kMost));
}

void setSelfBlocks(std::vector<PlanTimeNode> &nodes, const PlanShape &shape,
    std::optional<std::int64_t> PlanTimeNode::*inclusive, std::optional<std::int64_t> PlanTimeNode::*self)
{
    std::vector<double> blocks(nodes.size());
    bool any = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        any = any || nodes[i].*inclusive;
        blocks[i] = static_cast<double>((nodes[i].*inclusive).value_or(0));
        nodes[i].*self = std::nullopt;
    }
    if (!any)
        return;
    const std::vector<double> own = shape.selfOf(blocks);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].*inclusive && !nodes[i].isCut)
            nodes[i].*self = wholeBlocks(own[i]);
    }
}

/// Timing was off, or the plan was not executed: nothing is known. Never executed is known: 0.
bool hasTime(const PlanTimeNode &node) { return node.loops && (*node.loops == 0 || node.totalMsPerLoop); }

} // namespace

double mysqlRoundingMs(double printedMs)
{
    if (!std::isfinite(printedMs) || printedMs <= 0)
        return kRoundingMs;
    const double digit = std::pow(10.0, std::floor(std::log10(printedMs)) - 2);
    // More than three decimals cannot be of an older server.
    const double thousandths = printedMs * 1000;
    const bool fine = std::abs(thousandths - std::round(thousandths)) > 1e-6;
    return fine ? digit / 2 : std::max(kRoundingMs, digit / 2);
}

double computePlanTimes(std::vector<PlanTimeNode> &nodes)
{
    const PlanShape shape(nodes);
    std::vector<double> doubts;
    const std::vector<double> wall = wallTimes(nodes, shape, doubts);
    const std::vector<double> self = shape.selfOf(wall, &doubts);
    double notAttributable = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        PlanTimeNode &node = nodes[i];
        node.wallMs = node.selfMs = node.doubtMs = std::nullopt;
        if (!hasTime(node))
            continue;
        node.wallMs = wall[i];
        if (node.isCut)
            continue;
        node.selfMs = std::max(0.0, self[i]);
        node.doubtMs = doubts[i];
        notAttributable += std::max(0.0, -self[i]);
    }
    setSelfBlocks(nodes, shape, &PlanTimeNode::sharedHit, &PlanTimeNode::selfSharedHit);
    setSelfBlocks(nodes, shape, &PlanTimeNode::sharedRead, &PlanTimeNode::selfSharedRead);
    return notAttributable;
}

} // namespace tailscope::analysis
