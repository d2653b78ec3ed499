// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "base/progress.h"

#include <QRegularExpression>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// A call tree laid out on a line, so that drawing any window of it costs only what is seen: where each node
/// begins and how wide it is, in the unit of the tree. Children fill their parent from the left, widest
/// first; children that sum to more than their parent are shrunk to fit. Immutable; any thread.
struct FlameTree
{
    std::shared_ptr<const analysis::CallTree> tree;
    std::vector<double> left, width;
    std::vector<double> childEnd; ///< right edge of the last child; left when there is none
    std::vector<std::uint32_t> childCount;
    double maxSelf = 0; ///< largest self weight, for colouring
    bool isPreview = false; ///< not of the rows themselves: shown until they are loaded
    bool hasSelf = true; ///< false: kept while rows were read, self times are not known yet

    double total() const { return width.empty() ? 0 : width[0]; }
    std::size_t size() const { return width.size(); }
};

/// Null when cancelled or when the tree has no weight at all.
std::shared_ptr<const FlameTree> layOutTree(std::shared_ptr<const analysis::CallTree> tree,
    const CancelToken &cancel);

/// Frames whose name matches, left to right and then downwards.
struct FlameMatches
{
    std::vector<std::uint8_t> names; ///< per index of CallTree::names: 1 = matches
    std::vector<std::uint32_t> nodes;
    double weight = 0; ///< sum of totals; a match inside a match counts once
};
std::shared_ptr<const FlameMatches> findFrames(const FlameTree &tree, const QRegularExpression &expression,
    const CancelToken &cancel);

/// Names from below the root down to the node.
std::vector<std::string> pathOf(const analysis::CallTree &tree, std::uint32_t node);
/// The node with that path, or the deepest node of the path that exists (0 = the root).
std::uint32_t nodeOfPath(const analysis::CallTree &tree, const std::vector<std::string> &path);

} // namespace tailscope::items
