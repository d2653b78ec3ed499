// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreediff.h"

#include "analysis/calltreebuilder.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kFewSamples = 1000;
constexpr double kOtherDuration = 1.1, kOtherWeight = 2;

/// Adds one side to the union: its nodes and what of their totals lies in no child.
class Side
{
public:
    Side(const CallTree &tree, CallTreeBuilder &builder)
        : m_tree(tree)
    {
        std::vector<std::uint32_t> names(tree.names.size()), groups(tree.groups.size());
        for (std::size_t i = 0; i < names.size(); ++i)
            names[i] = builder.name(tree.names[i]);
        for (std::size_t i = 0; i < groups.size(); ++i)
            groups[i] = builder.group(tree.groups[i]);
        m_place.assign(tree.nodes.size(), 0);
        for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
            const CallTree::Node &node = tree.nodes[i];
            m_place[i] = builder.child(m_place[node.parent], names[node.name], groups[node.group]);
        }
    }

    /// own: what of a node's total lies in no child.
    void weigh(std::vector<DiffWeights> &weights, std::vector<double> &own) const
    {
        for (std::size_t i = 0; i < m_tree.nodes.size(); ++i) {
            const CallTree::Node &node = m_tree.nodes[i];
            const std::uint32_t place = m_place[i];
            DiffWeights &target = weights[place];
            target.self += node.self;
            // A node that found no room lies inside its parent, whose total already holds it.
            const bool isFolded = i > 0 && place == m_place[node.parent];
            if (!isFolded) {
                target.total += node.total;
                target.count += node.count;
            }
            own[place] += node.total;
            if (i > 0)
                own[m_place[node.parent]] -= node.total;
        }
    }

private:
    const CallTree &m_tree;
    std::vector<std::uint32_t> m_place;
};

bool isNothing(const DiffWeights &weights)
{
    return weights.self == 0 && weights.total == 0 && weights.count == 0;
}

bool differ(double a, double b, double factor)
{
    return a > 0 && b > 0 && (a > b * factor || b > a * factor);
}

} // namespace

bool CallTreeDiff::isOnlyBefore(std::uint32_t node) const
{
    return isNothing(after[node]) && !isNothing(before[node]);
}

bool CallTreeDiff::isOnlyAfter(std::uint32_t node) const
{
    return isNothing(before[node]) && !isNothing(after[node]);
}

std::shared_ptr<const CallTreeDiff> diffCallTrees(const CallTree &before, const CallTree &after, double scale,
    const CancelToken &cancel)
{
    auto diff = std::make_shared<CallTreeDiff>();
    diff->scale = std::isfinite(scale) && scale > 0 ? scale : 1;
    CallTreeBuilder builder;
    CallTree &tree = builder.tree();
    tree.unit = before.unit;
    const Side first(before, builder);
    if (cancel.isCancelled())
        return nullptr;
    const Side second(after, builder);
    tree.droppedNodes += before.droppedNodes + after.droppedNodes;
    diff->before.resize(tree.nodes.size());
    diff->after.resize(tree.nodes.size());
    std::vector<double> ownBefore(tree.nodes.size(), 0), ownAfter(tree.nodes.size(), 0);
    first.weigh(diff->before, ownBefore);
    second.weigh(diff->after, ownAfter);
    if (cancel.isCancelled())
        return nullptr;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        CallTree::Node &node = tree.nodes[i];
        node.self = std::max({0.0, diff->before[i].self, diff->after[i].self * diff->scale});
        node.count = diff->before[i].count + diff->after[i].count;
        // What a filter hid, and what rounding left.
        const double own = std::max(ownBefore[i], ownAfter[i] * diff->scale);
        node.total = own - node.self > 1e-9 * own ? own - node.self : 0;
    }
    diff->tree = builder.finish(CallTreeBuilder::Totals::OnTop);
    return diff;
}

std::vector<FlatDiffEntry> flatDiff(const CallTree &before, const CallTree &after, double scale)
{
    std::map<std::pair<std::string_view, std::string_view>, std::pair<DiffWeights, DiffWeights>> all;
    for (const FlatEntry &entry : flatProfile(before))
        all[{before.names[entry.name], before.groups[entry.group]}].first
            = {entry.self, entry.total, entry.count};
    for (const FlatEntry &entry : flatProfile(after))
        all[{after.names[entry.name], after.groups[entry.group]}].second
            = {entry.self, entry.total, entry.count};
    std::vector<FlatDiffEntry> entries;
    entries.reserve(all.size());
    for (const auto &[key, weights] : all)
        entries.push_back({std::string(key.first), std::string(key.second), weights.first, weights.second});
    // The map gives the order of names among equals.
    std::stable_sort(entries.begin(), entries.end(), [scale](const FlatDiffEntry &a, const FlatDiffEntry &b) {
        const double selfA = std::abs(a.after.self * scale - a.before.self);
        const double selfB = std::abs(b.after.self * scale - b.before.self);
        if (selfA != selfB)
            return selfA > selfB;
        return std::abs(a.after.total * scale - a.before.total)
            > std::abs(b.after.total * scale - b.before.total);
    });
    return entries;
}

std::vector<DiffDoubt> diffDoubts(const RecordingFacts &before, const RecordingFacts &after)
{
    if (before.unit != after.unit)
        return {DiffDoubt::Units};
    std::vector<DiffDoubt> doubts;
    if (before.sampleType != after.sampleType)
        doubts.push_back(DiffDoubt::SampleTypes);
    if (before.kind != after.kind)
        doubts.push_back(DiffDoubt::Kinds);
    if (before.period > 0 && after.period > 0 && before.period != after.period)
        doubts.push_back(DiffDoubt::Periods);
    if (differ(double(before.duration), double(after.duration), kOtherDuration))
        doubts.push_back(DiffDoubt::Durations);
    if (differ(before.weight, after.weight, kOtherWeight))
        doubts.push_back(DiffDoubt::Weights);
    if (before.samples < kFewSamples || after.samples < kFewSamples)
        doubts.push_back(DiffDoubt::FewSamples);
    return doubts;
}

double scaleByDuration(const RecordingFacts &before, const RecordingFacts &after)
{
    return before.duration > 0 && after.duration > 0 ? double(before.duration) / double(after.duration) : 0;
}

double scaleByWeight(double before, double after)
{
    const bool known = std::isfinite(before) && std::isfinite(after) && before > 0 && after > 0;
    return known ? before / after : 0;
}

} // namespace tailscope::analysis
