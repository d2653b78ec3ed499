// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/planmatch.h"

#include "base/text.h"

#include <algorithm>
#include <map>
#include <string>

namespace tailscope::report {

namespace {

    /// What identifies the work of a node, from the exact to the vague.
    struct Keys {
        std::string relation; ///< table and alias; empty = reads no table
        std::uint64_t below = 0; ///< order-free hash of the tables in the subtree
        std::string family; ///< join, sort, aggregate, ...
    };

    std::string familyOf(const std::string &type)
    {
        if (type.ends_with(" Join") || type == "Nested Loop")
            return "join";
        if (type.ends_with("Sort"))
            return "sort";
        if (type.ends_with("Aggregate") || type == "Group" || type == "Unique")
            return "aggregate";
        return type;
    }

    std::vector<Keys> keysOf(const PlanData &plan)
    {
        std::vector<Keys> keys(plan.nodes.size());
        for (std::size_t i = plan.nodes.size(); i-- > 0;) {
            const PlanNodeData &node = plan.nodes[i];
            if (!node.relation.empty()) {
                keys[i].relation = node.relation + '\x1f' + (node.alias.empty() ? node.relation : node.alias);
                keys[i].below += hash64(keys[i].relation);
            }
            keys[i].family = familyOf(node.nodeType);
            if (node.parent >= 0)
                keys[static_cast<std::size_t>(node.parent)].below += keys[i].below;
        }
        return keys;
    }

    class Matcher
    {
    public:
        Matcher(const PlanData &before, const PlanData &after)
            : m_before(before)
            , m_after(after)
            , m_beforeKeys(keysOf(before))
            , m_afterKeys(keysOf(after))
            , m_ofBefore(before.nodes.size(), -1)
            , m_ofAfter(after.nodes.size(), -1)
        {
        }

        std::vector<NodePair> run()
        {
            pairBy([](const Keys &k, const PlanNodeData &) { return k.relation; });
            pairBy([](const Keys &k, const PlanNodeData &) { return k.family + '\x1f' + std::to_string(k.below); });
            pairBelowPairs();
            return pairs();
        }

    private:
        /// Pairs free nodes of equal non-empty keys, in pre-order.
        template <typename KeyOf>
        void pairBy(KeyOf keyOf)
        {
            std::map<std::string, std::vector<int>> open;
            for (std::size_t i = m_before.nodes.size(); i-- > 0;) {
                const std::string key = keyOf(m_beforeKeys[i], m_before.nodes[i]);
                if (m_ofBefore[i] < 0 && !key.empty())
                    open[key].push_back(static_cast<int>(i));
            }
            for (std::size_t i = 0; i < m_after.nodes.size(); ++i) {
                const auto found = open.find(keyOf(m_afterKeys[i], m_after.nodes[i]));
                if (m_ofAfter[i] < 0 && found != open.end() && !found->second.empty()) {
                    join(found->second.back(), static_cast<int>(i));
                    found->second.pop_back();
                }
            }
        }

        /// What is left: same type below a paired parent, in order.
        void pairBelowPairs()
        {
            std::map<std::pair<int, std::string>, std::vector<int>> open;
            for (std::size_t i = m_before.nodes.size(); i-- > 0;) {
                if (m_ofBefore[i] < 0)
                    open[{ m_before.nodes[i].parent, m_before.nodes[i].nodeType }].push_back(static_cast<int>(i));
            }
            for (std::size_t i = 0; i < m_after.nodes.size(); ++i) {
                if (m_ofAfter[i] >= 0)
                    continue;
                const int parent = m_after.nodes[i].parent;
                const int counterpart = parent < 0 ? -1 : m_ofAfter[static_cast<std::size_t>(parent)];
                if (parent >= 0 && counterpart < 0)
                    continue;
                const auto found = open.find({ counterpart, m_after.nodes[i].nodeType });
                if (found != open.end() && !found->second.empty()) {
                    join(found->second.back(), static_cast<int>(i));
                    found->second.pop_back();
                }
            }
        }

        void join(int before, int after)
        {
            m_ofBefore[static_cast<std::size_t>(before)] = after;
            m_ofAfter[static_cast<std::size_t>(after)] = before;
        }

        std::vector<NodePair> pairs() const
        {
            std::vector<NodePair> list;
            for (std::size_t i = 0; i < m_after.nodes.size(); ++i) {
                NodePair pair { m_ofAfter[i], static_cast<int>(i), NodePair::Kind::Added };
                if (pair.before >= 0) {
                    const PlanNodeData &a = m_before.nodes[static_cast<std::size_t>(pair.before)];
                    const PlanNodeData &b = m_after.nodes[i];
                    pair.kind = a.nodeType == b.nodeType && a.indexName == b.indexName ? NodePair::Kind::Same
                                                                                       : NodePair::Kind::Changed;
                }
                list.push_back(pair);
            }
            for (std::size_t i = 0; i < m_before.nodes.size(); ++i) {
                if (m_ofBefore[i] < 0)
                    list.push_back({ static_cast<int>(i), -1, NodePair::Kind::Removed });
            }
            return list;
        }

        const PlanData &m_before;
        const PlanData &m_after;
        std::vector<Keys> m_beforeKeys, m_afterKeys;
        std::vector<int> m_ofBefore, m_ofAfter;
    };

    std::optional<double> blocksOf(const PlanData &plan)
    {
        if (plan.nodes.empty() || !plan.nodes.front().blocks())
            return std::nullopt;
        return static_cast<double>(*plan.nodes.front().blocks());
    }

}

std::optional<double> ratio(const std::optional<double> &a, const std::optional<double> &b)
{
    if (!a || !b || *b == 0)
        return std::nullopt;
    return *a / *b;
}

PlanComparison comparePlans(const PlanData &before, const PlanData &after)
{
    PlanComparison comparison;
    comparison.pairs = Matcher(before, after).run();
    comparison.timeFactor = ratio(before.referenceMs(), after.referenceMs());
    comparison.blocksFactor = ratio(blocksOf(before), blocksOf(after));
    if (!before.nodes.empty() && !after.nodes.empty())
        comparison.costFactor = ratio(before.nodes.front().totalCost, after.nodes.front().totalCost);
    return comparison;
}

} // namespace tailscope::report
