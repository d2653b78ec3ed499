// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodeltree.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

constexpr std::size_t kCancelEvery = 1u << 16;

double positive(double weight) { return std::isfinite(weight) && weight > 0 ? weight : 0; }

} // namespace

std::shared_ptr<const FlameTree> layOutTree(std::shared_ptr<const analysis::CallTree> tree,
    const CancelToken &cancel)
{
    if (!tree || tree->nodes.empty())
        return nullptr;
    const auto &nodes = tree->nodes;
    auto placed = std::make_shared<FlameTree>();
    placed->left.assign(nodes.size(), 0);
    placed->width.assign(nodes.size(), 0);
    placed->childEnd.assign(nodes.size(), 0);
    placed->childCount.assign(nodes.size(), 0);
    double rootWidth = 0;
    for (std::uint32_t child = nodes[0].firstChild; child != 0; child = nodes[child].nextSibling)
        rootWidth += positive(nodes[child].total);
    placed->width[0] = std::max(rootWidth, positive(nodes[0].total));
    if (!(placed->width[0] > 0))
        return nullptr;
    // Parents stand before their children in the array, so one pass sees every parent placed.
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (i % kCancelEvery == 0 && cancel.isCancelled())
            return nullptr;
        placed->maxSelf = std::max(placed->maxSelf, positive(nodes[i].self));
        double sum = 0;
        std::uint32_t count = 0;
        for (std::uint32_t child = nodes[i].firstChild; child != 0; child = nodes[child].nextSibling) {
            sum += positive(nodes[child].total);
            ++count;
        }
        placed->childCount[i] = count;
        const double scale = sum > placed->width[i] ? placed->width[i] / sum : 1.0;
        double left = placed->left[i];
        for (std::uint32_t child = nodes[i].firstChild; child != 0; child = nodes[child].nextSibling) {
            placed->left[child] = left;
            placed->width[child] = positive(nodes[child].total) * scale;
            left += placed->width[child];
        }
        placed->childEnd[i] = left;
    }
    placed->tree = std::move(tree);
    return placed;
}

std::shared_ptr<const FlameMatches> findFrames(const FlameTree &tree, const QRegularExpression &expression,
    const CancelToken &cancel)
{
    auto matches = std::make_shared<FlameMatches>();
    const auto &names = tree.tree->names;
    matches->names.assign(names.size(), 0);
    if (!expression.isValid() || expression.pattern().isEmpty())
        return matches;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i % 1024 == 0 && cancel.isCancelled())
            return nullptr;
        matches->names[i] = expression.match(QString::fromStdString(names[i])).hasMatch() ? 1 : 0;
    }
    const auto &nodes = tree.tree->nodes;
    std::vector<std::uint8_t> inside(nodes.size(), 0); // the node or one above it matches
    for (std::uint32_t i = 1; i < nodes.size(); ++i) {
        if (i % kCancelEvery == 0 && cancel.isCancelled())
            return nullptr;
        const bool above = inside[nodes[i].parent] != 0;
        const bool own = matches->names[nodes[i].name] != 0;
        inside[i] = above || own ? 1 : 0;
        if (!own)
            continue;
        matches->nodes.push_back(i);
        if (!above)
            matches->weight += positive(nodes[i].total);
    }
    std::sort(matches->nodes.begin(), matches->nodes.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (tree.left[a] != tree.left[b])
            return tree.left[a] < tree.left[b];
        return nodes[a].depth != nodes[b].depth ? nodes[a].depth < nodes[b].depth : a < b;
    });
    return matches;
}

std::vector<std::string> pathOf(const analysis::CallTree &tree, std::uint32_t node)
{
    std::vector<std::string> path;
    while (node != 0 && node < tree.nodes.size()) {
        path.push_back(tree.names[tree.nodes[node].name]);
        node = tree.nodes[node].parent;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::uint32_t nodeOfPath(const analysis::CallTree &tree, const std::vector<std::string> &path)
{
    std::uint32_t node = 0;
    if (tree.nodes.empty())
        return 0;
    for (const std::string &name : path) {
        std::uint32_t child = tree.nodes[node].firstChild;
        while (child != 0 && tree.names[tree.nodes[child].name] != name)
            child = tree.nodes[child].nextSibling;
        if (child == 0)
            break;
        node = child;
    }
    return node;
}

} // namespace tailscope::items
