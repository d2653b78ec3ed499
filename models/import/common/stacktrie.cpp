// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/stacktrie.h"

namespace tailscope::import {

namespace {

constexpr std::size_t kFirstSlots = 1024;

} // namespace

StackTrie::StackTrie()
    : m_nodes{{kRoot, 0, 0}}
    , m_slots(kFirstSlots, kRoot)
{}

std::size_t StackTrie::slotOf(Node parent, std::uint32_t frame) const
{
    std::uint64_t hash = ((static_cast<std::uint64_t>(parent) << 32) | frame) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
    hash *= 0xBF58476D1CE4E5B9ULL;
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = static_cast<std::size_t>(hash >> 32) & mask;
    while (m_slots[slot] != kRoot
        && (m_nodes[m_slots[slot]].parent != parent || m_nodes[m_slots[slot]].frame != frame))
        slot = (slot + 1) & mask;
    return slot;
}

void StackTrie::grow()
{
    m_slots.assign(m_slots.size() * 2, kRoot);
    for (Node node = 1; node < m_nodes.size(); ++node)
        m_slots[slotOf(m_nodes[node].parent, m_nodes[node].frame)] = node;
}

StackTrie::Node StackTrie::child(Node parent, std::uint32_t frame)
{
    std::size_t slot = slotOf(parent, frame);
    if (m_slots[slot] != kRoot)
        return m_slots[slot];
    const std::uint32_t depth = m_nodes[parent].depth + 1;
    if (m_nodes.size() > kMaxNodes || depth > kMaxDepth) {
        m_cut = true;
        return parent;
    }
    if (m_nodes.size() * 2 >= m_slots.size()) {
        grow();
        slot = slotOf(parent, frame);
    }
    const auto node = static_cast<Node>(m_nodes.size());
    m_nodes.push_back({parent, frame, depth});
    m_slots[slot] = node;
    return node;
}

} // namespace tailscope::import
