// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rowsink.h"

#include <cstdint>
#include <vector>

namespace tailscope::import {

/// Stacks over the numbers a file gives its frames, for files that name their frames after the stacks. Equal
/// heads are kept once: about 30 bytes a node. Bounded: at kMaxNodes nodes and at kMaxDepth frames a stack
/// ends at the deepest node there is, and cut() tells.
class StackTrie
{
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr std::size_t kMaxNodes = 4'000'000;
    static constexpr std::uint32_t kMaxDepth = 10'000;

    StackTrie();
    Node child(Node parent, std::uint32_t frame);
    Node parent(Node node) const { return m_nodes[node].parent; }
    std::uint32_t frame(Node node) const { return m_nodes[node].frame; }
    std::size_t size() const { return m_nodes.size(); }
    bool cut() const { return m_cut; }

    /// The call node of `node`; what lies above it is made first. step(parent, frame) -> CallNodeRef makes
    /// one.
    template<typename Step>
    CallNodeRef resolve(Node node, Step &&step)
    {
        m_refs.resize(m_nodes.size());
        m_path.clear();
        for (; node != kRoot && m_refs[node].round != m_round; node = m_nodes[node].parent)
            m_path.push_back(node);
        CallNodeRef ref = node == kRoot ? CallNodeRef::None : m_refs[node].ref;
        for (auto at = m_path.rbegin(); at != m_path.rend(); ++at) {
            ref = step(ref, m_nodes[*at].frame);
            m_refs[*at] = {m_round, ref};
        }
        return ref;
    }
    /// Call nodes are asked for again: for the next profile over the same stacks.
    void forgetRefs() { ++m_round; }

private:
    struct Entry
    {
        Node parent;
        std::uint32_t frame;
        std::uint32_t depth;
    };
    struct Resolved
    {
        std::uint32_t round = 0;
        CallNodeRef ref = CallNodeRef::None;
    };
    void grow();
    std::size_t slotOf(Node parent, std::uint32_t frame) const;

    std::vector<Entry> m_nodes;
    std::vector<Node> m_slots; ///< 0 = free
    std::vector<Resolved> m_refs;
    std::uint32_t m_round = 1;
    std::vector<Node> m_path;
    bool m_cut = false;
};

} // namespace tailscope::import
