// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plansums.h"

#include <algorithm>
#include <map>

namespace tailscope::analysis {

namespace {

template<typename T>
void add(std::optional<T> &sum, const std::optional<T> &value)
{
    if (value)
        sum = sum.value_or(T{}) + *value;
}

std::string keyOf(const PlanFactsNode &node, PlanSumBy by)
{
    switch (by) {
    case PlanSumBy::Table:
        return node.relation.empty() || node.schema.empty() ? node.relation
                                                            : node.schema + '.' + node.relation;
    case PlanSumBy::Index:
        return node.indexName;
    case PlanSumBy::NodeType:
        return node.nodeType;
    }
    return {};
}

/// Of a node with workers: what their sum leaves of the printed figures is the leader's.
PlanProcess leaderOf(const PlanFactsNode &node, const std::vector<PlanProcess> &workers)
{
    PlanProcess leader;
    leader.loops = node.loops;
    leader.rows = node.actualRows;
    if (node.totalMs && node.loops)
        leader.totalMs = *node.totalMs * *node.loops;
    for (const PlanProcess &worker : workers) {
        if (leader.loops)
            *leader.loops -= worker.loops.value_or(0);
        if (leader.rows)
            leader.rows = std::max(0.0, *leader.rows - worker.rows.value_or(0));
        if (leader.totalMs)
            leader.totalMs = std::max(0.0, *leader.totalMs - worker.totalMs.value_or(0));
    }
    return leader;
}

void judge(PlanProcesses &node)
{
    double sum = 0, longest = -1;
    for (std::size_t i = 0; i < node.processes.size(); ++i) {
        const std::optional<double> time = node.processes[i].totalMs;
        if (!time) {
            node.critical = -1;
            return;
        }
        sum += *time;
        if (*time > longest) {
            longest = *time;
            node.critical = static_cast<int>(i);
        }
    }
    if (sum > 0)
        node.skew = longest * static_cast<double>(node.processes.size()) / sum;
}

} // namespace

std::vector<PlanSum> planSums(const PlanFacts &facts, PlanSumBy by)
{
    std::map<std::string, PlanSum> sums;
    for (std::size_t i = 0; i < facts.nodes.size(); ++i) {
        const PlanFactsNode &node = facts.nodes[i];
        const std::string key = keyOf(node, by);
        if (key.empty())
            continue;
        PlanSum &sum = sums[key];
        sum.key = key;
        sum.nodes.push_back(static_cast<int>(i));
        add(sum.selfMs, node.selfMs);
        add(sum.rows, node.actualRows);
        add(sum.selfHit, node.selfHit);
        add(sum.selfRead, node.selfRead);
        add(sum.ioReadMs, node.selfIoReadMs);
    }
    std::vector<PlanSum> out;
    out.reserve(sums.size());
    for (auto &[key, sum] : sums)
        out.push_back(std::move(sum));
    std::stable_sort(out.begin(), out.end(),
        [](const PlanSum &a, const PlanSum &b) { return a.selfMs.value_or(-1) > b.selfMs.value_or(-1); });
    return out;
}

std::vector<PlanProcesses> planProcesses(const PlanFacts &facts)
{
    std::vector<PlanProcesses> out;
    for (std::size_t i = 0; i < facts.workers.size();) {
        PlanProcesses node;
        node.node = facts.workers[i].node;
        std::vector<PlanProcess> workers;
        for (; i < facts.workers.size() && facts.workers[i].node == node.node; ++i) {
            const PlanFactsWorker &worker = facts.workers[i];
            // Workers may have only other figures (a sort's memory).
            if (!worker.loops)
                continue;
            PlanProcess process{worker.worker, std::nullopt, std::nullopt, worker.loops};
            if (worker.totalMs)
                process.totalMs = *worker.totalMs * *worker.loops;
            if (worker.rows)
                process.rows = *worker.rows * *worker.loops;
            workers.push_back(process);
        }
        if (workers.empty())
            continue;
        const PlanProcess leader = leaderOf(facts.nodes[static_cast<std::size_t>(node.node)], workers);
        if (leader.loops.value_or(0) > 0)
            node.processes.push_back(leader);
        node.processes.insert(node.processes.end(), workers.begin(), workers.end());
        judge(node);
        out.push_back(std::move(node));
    }
    return out;
}

} // namespace tailscope::analysis
