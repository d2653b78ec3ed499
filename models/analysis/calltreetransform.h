// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// A frame by its words, so that it is found again in a tree that was built anew.
struct FrameKey
{
    std::string name, group;
    friend bool operator==(const FrameKey &, const FrameKey &) = default;
};

/// One step of narrowing a call tree. Each is a map of stacks: every stack is changed or left out as a whole,
/// so it does not matter how the tree was merged before.
struct TreeTransform
{
    enum class Kind {
        FocusFunction, ///< stacks from the outermost `frame` downwards; stacks without it are left out
        FocusSubtree, ///< stacks that begin with `path` (outermost first), from its last frame downwards
        FocusTail, ///< stacks that end with `path` (innermost first), cut below its last frame: what the path
                   ///< spent belongs to that frame. With one frame: only its own weight
        MergeFunction, ///< `frame` vanishes everywhere; its own weight goes to its caller
        MergeNode, ///< the same for the one node at `path` (outermost first)
        DropFunction, ///< stacks with `frame` are left out
        CollapseFunction, ///< what `frame` calls becomes its own weight
        CollapseGroup, ///< neighbouring frames of frame.group become one frame of that name
        CollapseRecursion, ///< what lies between the outermost and the innermost `frame` is left out
        CollapseDirectRecursion, ///< `frame` calling itself becomes one frame
    } kind
        = Kind::FocusFunction;
    FrameKey frame;
    std::vector<FrameKey> path;

    /// False: what is left out is missing from the total afterwards.
    bool keepsWeight() const;
    friend bool operator==(const TreeTransform &, const TreeTransform &) = default;
};

/// Stable name of a kind for stored state, and back (FocusFunction for an unknown one).
std::string_view transformId(TreeTransform::Kind kind);
std::optional<TreeTransform::Kind> transformKind(std::string_view id);

/// Names and groups from below the root down to the node.
std::vector<FrameKey> keyPathOf(const CallTree &tree, std::uint32_t node);

/// The changed tree. The sum of self weights stays, unless the kind leaves stacks out. Of a span tree the
/// time that belongs to no child and is not self (what a filter hides) stays with its frame.
std::shared_ptr<const CallTree> transformed(const CallTree &tree, const TreeTransform &transform,
    const CancelToken &cancel);
/// One after the other; the tree itself when there are none.
std::shared_ptr<const CallTree> transformed(std::shared_ptr<const CallTree> tree,
    const std::vector<TreeTransform> &transforms, const CancelToken &cancel);

/// Upper half of a sandwich: `frame` below the root, its callers below it. Widths are the total weight of the
/// frame's outermost occurrences by the path that led there, so they add up to the total of the frame.
std::shared_ptr<const CallTree> callersOf(const CallTree &tree, const FrameKey &frame,
    const CancelToken &cancel);

} // namespace tailscope::analysis
