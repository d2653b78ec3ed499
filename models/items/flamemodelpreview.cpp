// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodelpreview.h"

#include <map>
#include <string>

namespace tailscope::items {

namespace {

/// Adds nodes below a parent by name; names are kept once.
class TreeBuilder
{
public:
    TreeBuilder()
        : m_tree(std::make_shared<analysis::CallTree>())
    {
        m_tree->names.emplace_back();
        m_tree->groups.emplace_back();
        m_tree->nodes.emplace_back();
    }
    std::uint32_t child(std::uint32_t parent, const std::string &name, const std::string &group)
    {
        const std::uint32_t nameIndex = index(m_names, m_tree->names, name);
        const auto [found, isNew]
            = m_children.try_emplace({parent, nameIndex}, std::uint32_t(m_tree->nodes.size()));
        if (!isNew)
            return found->second;
        analysis::CallTree::Node node;
        node.parent = parent;
        node.name = nameIndex;
        node.group = index(m_groups, m_tree->groups, group);
        node.depth = std::uint16_t(m_tree->nodes[parent].depth + 1);
        node.nextSibling = m_tree->nodes[parent].firstChild;
        m_tree->nodes[parent].firstChild = found->second;
        m_tree->nodes.push_back(node);
        return found->second;
    }
    void add(std::uint32_t node, double total, std::int64_t count)
    {
        m_tree->nodes[node].total += total;
        m_tree->nodes[node].count += count;
    }
    std::shared_ptr<const analysis::CallTree> finish()
    {
        if (m_tree->nodes.size() < 2)
            return nullptr;
        m_tree->sortChildren();
        return m_tree;
    }

private:
    static std::uint32_t index(std::map<std::string, std::uint32_t> &indexes, std::vector<std::string> &texts,
        const std::string &text)
    {
        const auto [found, isNew] = indexes.try_emplace(text, std::uint32_t(texts.size()));
        if (isNew)
            texts.push_back(text);
        return found->second;
    }

    std::shared_ptr<analysis::CallTree> m_tree;
    std::map<std::string, std::uint32_t> m_names, m_groups;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_children;
};

} // namespace

std::shared_ptr<const analysis::CallTree> previewTree(const store::StreamingAggregate &aggregate)
{
    TreeBuilder builder;
    for (const auto &entry : aggregate.entries) {
        const double total = double(entry.totalNs);
        if (!(total > 0))
            continue;
        const std::string &owner = !entry.service.empty() ? entry.service
            : !entry.process.empty()                      ? entry.process
                                                          : entry.thread;
        const std::uint32_t parent = builder.child(0, owner, owner);
        const std::uint32_t node = builder.child(parent, entry.operation, owner);
        builder.add(0, total, entry.count);
        builder.add(parent, total, entry.count);
        builder.add(node, total, entry.count);
    }
    return builder.finish();
}

std::shared_ptr<const analysis::CallTree> previewTree(const analysis::OverviewPyramid &overview)
{
    if (overview.tree && overview.tree->nodes.size() > 1)
        return overview.tree;
    TreeBuilder builder;
    const double binNs = double(overview.range.length()) / analysis::OverviewPyramid::kBins;
    for (const auto &track : overview.tracks) {
        double busy = 0;
        for (const float share : track.busy)
            busy += double(share) * binNs;
        if (!(busy > 0))
            continue;
        const std::uint32_t node = builder.child(0, track.title, track.title);
        builder.add(0, busy, track.spans);
        builder.add(node, busy, track.spans);
    }
    return builder.finish();
}

} // namespace tailscope::items
