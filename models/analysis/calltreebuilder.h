// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// Grows a CallTree path by path. Bounded: past kMaxNodes a new path falls together with its parent.
class CallTreeBuilder
{
public:
    static constexpr std::size_t kMaxNodes = 2'000'000;

    explicit CallTreeBuilder(std::size_t maxNodes = kMaxNodes);

    std::uint32_t name(std::string_view text);
    std::uint32_t group(std::string_view text);
    /// The child of `parent` with this name and group. When the tree is full: `parent` itself, counted as
    /// dropped.
    std::uint32_t child(std::uint32_t parent, std::uint32_t name, std::uint32_t group);
    CallTree &tree() { return m_tree; }

    /// How totals come about: FromSelf adds up self weights (which may be negative); Measured keeps what was
    /// put into `total`, unless self and children add up to more (parallel work); OnTop adds what was put
    /// into `total` to self and children.
    enum class Totals { FromSelf, Measured, OnTop };
    /// Adds the totals up from the leaves, links and sorts the children.
    std::shared_ptr<const CallTree> finish(Totals totals);

private:
    std::size_t slotOf(std::uint32_t parent, std::uint32_t name, std::uint32_t group) const;
    void grow();

    CallTree m_tree;
    std::size_t m_maxNodes;
    std::vector<std::uint32_t> m_table; // open addressing: node, 0 = free (node 0 is nobody's child)
    std::unordered_map<std::string, std::uint32_t> m_names, m_groups;
};

} // namespace tailscope::analysis
