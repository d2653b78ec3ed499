// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltree.h"

#include "analysis/calltreebuilder.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

// Callers of callers of a leaf that a bottom-up tree follows. Deeper stacks come from runaway recursion,
// where the product of leaves and depth would take hours.
constexpr int kMaxCallers = 1024;

std::uint64_t keyOf(const CallTree::Node &node) { return std::uint64_t(node.name) << 32 | node.group; }

} // namespace

void CallTree::sortChildren()
{
    std::vector<std::uint32_t> children;
    for (Node &node : nodes) {
        children.clear();
        for (std::uint32_t child = node.firstChild; child != 0; child = nodes[child].nextSibling)
            children.push_back(child);
        if (children.size() < 2)
            continue;
        std::sort(children.begin(), children.end(), [this](std::uint32_t a, std::uint32_t b) {
            const Node &left = nodes[a], &right = nodes[b];
            if (left.total != right.total)
                return left.total > right.total;
            if (left.name != right.name)
                return names[left.name] < names[right.name];
            if (left.group != right.group)
                return groups[left.group] < groups[right.group];
            return a < b;
        });
        node.firstChild = children.front();
        for (std::size_t i = 0; i + 1 < children.size(); ++i)
            nodes[children[i]].nextSibling = children[i + 1];
        nodes[children.back()].nextSibling = 0;
    }
}

std::shared_ptr<const CallTree> bottomUp(const CallTree &topDown, const CancelToken &cancel)
{
    CallTreeBuilder builder;
    CallTree &tree = builder.tree();
    tree.unit = topDown.unit;
    // Names and groups keep their text but get numbers of their own, in order of first use.
    std::vector<std::uint32_t> names(topDown.names.size(), kNoRow), groups(topDown.groups.size(), kNoRow);
    const auto childFor = [&](std::uint32_t parent, const CallTree::Node &node) {
        if (names[node.name] == kNoRow)
            names[node.name] = builder.name(topDown.names[node.name]);
        if (groups[node.group] == kNoRow)
            groups[node.group] = builder.group(topDown.groups[node.group]);
        return builder.child(parent, names[node.name], groups[node.group]);
    };

    std::vector<double> bestSelf(1, 0);
    double withoutPlace = topDown.nodes.empty() ? 0 : topDown.nodes.front().self;
    for (std::uint32_t leaf = 1; leaf < topDown.nodes.size(); ++leaf) {
        const CallTree::Node &ended = topDown.nodes[leaf];
        if (ended.self == 0 && ended.count == 0)
            continue;
        if (leaf % 1024 == 0 && cancel.isCancelled())
            break;
        std::uint32_t at = 0;
        std::uint32_t caller = leaf;
        for (int step = 0; step < kMaxCallers && caller != 0; ++step, caller = topDown.nodes[caller].parent) {
            const std::uint32_t next = childFor(at, topDown.nodes[caller]);
            if (next == at) { // the tree is full
                if (step == 0)
                    withoutPlace += ended.self;
                break;
            }
            at = next;
            bestSelf.resize(tree.nodes.size(), -1);
            CallTree::Node &node = tree.nodes[at];
            node.total += ended.self;
            node.count += ended.count;
            if (step == 0)
                node.self += ended.self;
            if (ended.exampleRow != kNoRow && ended.self > bestSelf[at]) {
                bestSelf[at] = ended.self;
                node.exampleRow = ended.exampleRow;
            }
        }
    }

    // Not builder.finish(): here a caller's share is part of the function's own time, not inside it.
    for (std::size_t i = tree.nodes.size(); i-- > 1;) {
        CallTree::Node &node = tree.nodes[i];
        CallTree::Node &parent = tree.nodes[node.parent];
        node.nextSibling = parent.firstChild;
        parent.firstChild = std::uint32_t(i);
        if (node.parent == 0)
            parent.total += node.total;
    }
    // What has no function to stand under, so that the sum of self stays the same.
    tree.nodes.front().self = withoutPlace;
    tree.nodes.front().total += withoutPlace;
    tree.sortChildren();
    return std::make_shared<const CallTree>(std::move(tree));
}

std::vector<FlatEntry> flatProfile(const CallTree &tree)
{
    std::vector<FlatEntry> entries;
    std::vector<int> active; // frames of the entry on the current path
    std::unordered_map<std::uint64_t, std::size_t> places;
    std::vector<std::size_t> entryOf(tree.nodes.size(), 0);

    const auto enter = [&](std::uint32_t index) {
        const CallTree::Node &node = tree.nodes[index];
        const auto [place, isNew] = places.emplace(keyOf(node), entries.size());
        if (isNew) {
            entries.push_back({node.name, node.group, 0, 0, 0});
            active.push_back(0);
        }
        entryOf[index] = place->second;
        FlatEntry &entry = entries[place->second];
        entry.self += node.self;
        entry.count += node.count;
        if (active[place->second]++ == 0)
            entry.total += node.total;
    };
    std::uint32_t at = tree.nodes.empty() ? 0 : tree.nodes.front().firstChild;
    while (at != 0) {
        enter(at);
        if (tree.nodes[at].firstChild != 0) {
            at = tree.nodes[at].firstChild;
            continue;
        }
        for (;;) {
            --active[entryOf[at]];
            if (tree.nodes[at].nextSibling != 0) {
                at = tree.nodes[at].nextSibling;
                break;
            }
            at = tree.nodes[at].parent;
            if (at == 0)
                break;
        }
    }

    std::sort(entries.begin(), entries.end(), [&tree](const FlatEntry &a, const FlatEntry &b) {
        if (a.self != b.self)
            return a.self > b.self;
        if (a.total != b.total)
            return a.total > b.total;
        if (a.name != b.name)
            return tree.names[a.name] < tree.names[b.name];
        return tree.groups[a.group] < tree.groups[b.group];
    });
    return entries;
}

} // namespace tailscope::analysis
