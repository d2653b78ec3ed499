// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Call trees as text, and what holds for every one of them.
#pragma once

#include "analysis/calltree.h"

#include <limits>
#include <string>

#include <QTest>

namespace treetext {

using tailscope::analysis::CallTree;

/// "name[group] self/total xcount" per node, children indented.
inline std::string print(const CallTree &tree, std::uint32_t node = 0, int depth = 0)
{
    const CallTree::Node &n = tree.nodes[node];
    std::string out(std::size_t(depth) * 2, ' ');
    out += tree.names[n.name];
    if (!tree.groups[n.group].empty())
        out += "[" + tree.groups[n.group] + "]";
    out += " " + std::to_string(std::int64_t(n.self)) + "/" + std::to_string(std::int64_t(n.total));
    if (n.count > 0)
        out += " x" + std::to_string(n.count);
    out += "\n";
    for (std::uint32_t child = n.firstChild; child != 0; child = tree.nodes[child].nextSibling)
        out += print(tree, child, depth + 1);
    return out;
}

/// "name[group] total" per node, children indented.
inline std::string totals(const CallTree &tree, std::uint32_t node = 0, int depth = 0)
{
    const CallTree::Node &n = tree.nodes[node];
    std::string out = std::string(std::size_t(depth) * 2, ' ') + tree.names[n.name] + "["
        + tree.groups[n.group] + "] " + std::to_string(std::int64_t(n.total)) + "\n";
    for (std::uint32_t child = n.firstChild; child != 0; child = tree.nodes[child].nextSibling)
        out += totals(tree, child, depth + 1);
    return out;
}

inline double sumOfSelf(const CallTree &tree)
{
    double sum = 0;
    for (const CallTree::Node &node : tree.nodes)
        sum += node.self;
    return sum;
}

/// Every node hangs below a parent before it, siblings by total.
inline void checkLinks(const CallTree &tree)
{
    std::size_t linked = 1;
    for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
        double last = std::numeric_limits<double>::infinity();
        for (std::uint32_t child = tree.nodes[i].firstChild; child != 0;
             child = tree.nodes[child].nextSibling) {
            QVERIFY(child > i);
            QCOMPARE(tree.nodes[child].parent, i);
            QVERIFY(tree.nodes[child].total <= last);
            last = tree.nodes[child].total;
            ++linked;
        }
    }
    QCOMPARE(linked, tree.nodes.size());
}

} // namespace treetext
