// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreebuilder.h"

#include <algorithm>
#include <limits>

namespace tailscope::analysis {

namespace {

std::uint32_t intern(std::string_view text, std::vector<std::string> &texts,
    std::unordered_map<std::string, std::uint32_t> &known)
{
    const auto [place, isNew] = known.emplace(std::string(text), std::uint32_t(texts.size()));
    if (isNew)
        texts.emplace_back(text);
    return place->second;
}

} // namespace

CallTreeBuilder::CallTreeBuilder(std::size_t maxNodes)
    : m_maxNodes(std::clamp<std::size_t>(maxNodes, 1, kMaxNodes))
    , m_table(1024, 0)
{
    m_tree.nodes.emplace_back();
    m_tree.nodes.front().name = name("all");
    m_tree.nodes.front().group = group("");
}

std::uint32_t CallTreeBuilder::name(std::string_view text) { return intern(text, m_tree.names, m_names); }

std::uint32_t CallTreeBuilder::group(std::string_view text) { return intern(text, m_tree.groups, m_groups); }

std::size_t CallTreeBuilder::slotOf(std::uint32_t parent, std::uint32_t name, std::uint32_t group) const
{
    std::uint64_t hash = (std::uint64_t(parent) << 32 | name) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ (hash >> 29) ^ group) * 0xbf58476d1ce4e5b9ULL;
    std::size_t slot = std::size_t(hash >> 32) & (m_table.size() - 1);
    for (; m_table[slot] != 0; slot = (slot + 1) & (m_table.size() - 1)) {
        const CallTree::Node &node = m_tree.nodes[m_table[slot]];
        if (node.parent == parent && node.name == name && node.group == group)
            break;
    }
    return slot;
}

void CallTreeBuilder::grow()
{
    m_table.assign(m_table.size() * 2, 0);
    for (std::uint32_t i = 1; i < m_tree.nodes.size(); ++i) {
        const CallTree::Node &node = m_tree.nodes[i];
        m_table[slotOf(node.parent, node.name, node.group)] = i;
    }
}

std::uint32_t CallTreeBuilder::child(std::uint32_t parent, std::uint32_t name, std::uint32_t group)
{
    std::size_t slot = slotOf(parent, name, group);
    if (m_table[slot] != 0)
        return m_table[slot];
    if (m_tree.nodes.size() >= m_maxNodes) {
        ++m_tree.droppedNodes;
        return parent;
    }
    if (m_tree.nodes.size() * 2 >= m_table.size()) {
        grow();
        slot = slotOf(parent, name, group);
    }
    CallTree::Node node;
    node.parent = parent;
    node.name = name;
    node.group = group;
    node.depth = std::uint16_t(std::min<unsigned>(m_tree.nodes[parent].depth + 1u, 0xffffu));
    m_table[slot] = std::uint32_t(m_tree.nodes.size());
    m_tree.nodes.push_back(node);
    return m_table[slot];
}

std::shared_ptr<const CallTree> CallTreeBuilder::finish(Totals totals)
{
    std::vector<CallTree::Node> &nodes = m_tree.nodes;
    std::vector<double> ofChildren(nodes.size(), 0);
    for (std::size_t i = nodes.size(); i-- > 1;) {
        CallTree::Node &node = nodes[i];
        const double inside = node.self + ofChildren[i];
        node.total = totals == Totals::OnTop ? inside + node.total
            : totals == Totals::Measured     ? std::max(node.total, inside)
                                             : inside;
        ofChildren[node.parent] += node.total;
        node.nextSibling = nodes[node.parent].firstChild;
        nodes[node.parent].firstChild = std::uint32_t(i);
    }
    const double onTop = totals == Totals::OnTop ? nodes.front().total : 0;
    nodes.front().total = nodes.front().self + ofChildren.front() + onTop;
    m_tree.sortChildren();
    return std::make_shared<const CallTree>(std::move(m_tree));
}

} // namespace tailscope::analysis
