// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// One process waits for another one, as one sample shows it. Empty texts are unknown.
struct BlockingEdge
{
    std::int64_t blocked = 0, blocker = 0;
    std::string lockType, mode, grantedMode, relation;
    std::optional<double> waitedMs;
};

/// A row of the graph unfolded into trees: a process below the one it waits for.
struct BlockingNode
{
    std::int64_t pid = 0;
    int parent = -1; ///< place in BlockingForest::nodes; -1 = a root: it waits for nobody (but see isCycle)
    int edge = -1; ///< place in the edges: what it waits for at its parent; -1 for roots
    int depth = 0; ///< 0 = root; of the row, not the longest way
    bool isRepeated = false; ///< it has several blockers: what waits for it stands at its first row
    bool isCycle = false; ///< root: one of a circle, it waits too. Else: its waiting closes a circle
    int victims = 0; ///< distinct processes that wait for it, directly or not
    int deepest = 0; ///< longest chain below it; 0 = nobody waits for it
    std::optional<double> longestMs; ///< of the waits below it; nullopt = unknown or none
};

/// Who waits for whom at one moment.
struct BlockingForest
{
    std::vector<BlockingNode> nodes; ///< parents before children; roots with most victims first
    int roots = 0;
    int blocked = 0; ///< distinct processes that wait
    int deepest = 0; ///< longest chain
};

/// Unfolds the graph of one sample: each victim stands below each of its blockers, its own victims below the
/// first of these rows only, so that there are at most as many rows as edges and roots. A process that waits
/// for itself (a parallel worker mapped to its leader) is left out. A circle (the server breaks it after
/// deadlock_timeout, a sample may see it) gets the smallest process number as its root; nothing is followed
/// twice. O(processes^2 / 64 * edges).
BlockingForest unfoldBlocking(std::span<const BlockingEdge> edges);

} // namespace tailscope::analysis
