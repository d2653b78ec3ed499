// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planmatch.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::analysis {

namespace {

using Feature = PlanFeatures::Node;
using Key = std::uint64_t;

/// Every round of positions may reveal one level more; nests deeper than this stay as they are.
constexpr int kMaxRounds = 12;

template<typename... Parts>
Key keyOf(Parts... parts)
{
    Key key = 0x51ed270b;
    for (const Key part : {Key(parts)...})
        key = (key ^ part) * 0x9e3779b97f4a7c15ULL + (key >> 29);
    return key == 0 ? 1 : key;
}

bool isScan(const Feature &f) { return f.job == PlanJob::Scan || f.job == PlanJob::Modify; }

/// Keys from the most to the least meaning; 0 = the node has none of this sort.
using KeyOfNode = Key (*)(const Feature &);
constexpr std::array<KeyOfNode, 15> kPasses{
    // The same work in the same place, with all that is below it.
    [](const Feature &f) { return keyOf(f.subtree, f.path, f.scope); },
    [](const Feature &f) { return keyOf(f.subtree, f.path, f.looseScope); },
    [](const Feature &f) { return f.below ? keyOf(f.subtree, f.looseScope) : 0; },
    // The same work, over whatever inputs bring it.
    [](const Feature &f) {
        return f.below || f.target
            ? keyOf(f.type, f.target, f.index, f.columns, f.below, f.path, f.looseScope)
            : 0;
    },
    [](const Feature &f) {
        return f.below || f.target ? keyOf(f.type, f.target, f.index, f.columns, f.below, f.looseScope) : 0;
    },
    // Scans: how the rows are found may change.
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.target, f.columns, f.path, f.looseScope) : 0; },
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.target, f.columns, f.looseScope) : 0; },
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.target, f.path, f.looseScope) : 0; },
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.target, f.looseScope) : 0; },
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.relation, f.looseScope) : 0; },
    [](const Feature &f) { return isScan(f) ? keyOf(f.kind, f.relation) : 0; },
    // Joins and all above: by what lies below.
    [](const Feature &f) {
        return !isScan(f) && f.below ? keyOf(f.kind, f.below, f.columns, Key(f.level), f.looseScope) : 0;
    },
    [](const Feature &f) {
        return !isScan(f) && f.below ? keyOf(f.kind, f.below, Key(f.level), f.looseScope) : 0;
    },
    [](const Feature &f) { return !isScan(f) && f.below ? keyOf(f.kind, f.below, f.looseScope) : 0; },
    [](const Feature &f) { return !isScan(f) && f.belowLoose ? keyOf(f.kind, f.belowLoose) : 0; },
};

class Matcher
{
public:
    Matcher(const PlanTree &a, const PlanFeatures &fa, const PlanTree &b, const PlanFeatures &fb)
        : m_sides{Side{a, fa, {}, {}, {}}, Side{b, fb, {}, {}, {}}}
    {
        for (Side &side : m_sides)
            side.partner.assign(side.tree.nodes.size(), -1);
    }

    PlanMatching run()
    {
        for (const KeyOfNode key : kPasses)
            pass(key);
        PlanMatching result;
        result.isRelated = anyPairReads() || !(reads(m_sides[0]) && reads(m_sides[1]));
        for (int round = 0; result.isRelated && round < kMaxRounds; ++round) {
            if (!positions())
                break;
        }
        result.partnerOfA = std::move(m_sides[0].partner);
        result.partnerOfB = std::move(m_sides[1].partner);
        return result;
    }

private:
    struct Side
    {
        const PlanTree &tree;
        const PlanFeatures &features;
        std::vector<int> partner;
        std::vector<std::pair<Key, int>> keys; ///< of the nodes still alone, ascending
        std::vector<int> firstInside; ///< first node with a partner at or below each; -1 = none
    };

    /// Pairs the nodes of equal keys in their order; `fits` may refuse.
    template<typename Fits>
    int pairEqualKeys(Fits fits)
    {
        for (Side &side : m_sides)
            std::sort(side.keys.begin(), side.keys.end());
        int pairs = 0;
        auto a = m_sides[0].keys.begin(), b = m_sides[1].keys.begin();
        const auto endA = m_sides[0].keys.end(), endB = m_sides[1].keys.end();
        while (a != endA && b != endB) {
            if (a->first < b->first) {
                ++a;
            } else if (b->first < a->first) {
                ++b;
            } else {
                const Key key = a->first;
                for (; a != endA && b != endB && a->first == key && b->first == key; ++a, ++b) {
                    if (!fits(a->second, b->second))
                        continue;
                    m_sides[0].partner[std::size_t(a->second)] = b->second;
                    m_sides[1].partner[std::size_t(b->second)] = a->second;
                    ++pairs;
                }
                for (; a != endA && a->first == key;)
                    ++a;
                for (; b != endB && b->first == key;)
                    ++b;
            }
        }
        return pairs;
    }

    void pass(KeyOfNode keyOfNode)
    {
        for (Side &side : m_sides) {
            side.keys.clear();
            for (std::size_t i = 0; i < side.partner.size(); ++i) {
                const Key key = side.partner[i] < 0 ? keyOfNode(side.features.nodes[i]) : 0;
                if (key != 0)
                    side.keys.emplace_back(key, int(i));
            }
        }
        pairEqualKeys([](int, int) { return true; });
    }

    static bool reads(const Side &side)
    {
        return std::any_of(side.features.nodes.begin(), side.features.nodes.end(),
            [](const Feature &f) { return f.target != 0; });
    }

    bool anyPairReads() const
    {
        const Side &side = m_sides[0];
        for (std::size_t i = 0; i < side.partner.size(); ++i) {
            if (side.partner[i] >= 0 && side.features.nodes[i].target != 0)
                return true;
        }
        return false;
    }

    /// One round: nodes below the same pair with the same kind and role, in order. What lies inside must not
    /// say otherwise. Returns the new pairs.
    int positions()
    {
        for (std::size_t s = 0; s < m_sides.size(); ++s)
            collectPositions(m_sides[s], s == 1);
        return pairEqualKeys([this](int a, int b) {
            return agrees(m_sides[0], a, m_sides[1], b) && agrees(m_sides[1], b, m_sides[0], a);
        });
    }

    void collectPositions(Side &side, bool isSecond)
    {
        const std::size_t n = side.partner.size();
        side.keys.clear();
        side.firstInside.assign(n, -1);
        std::vector<int> above(n, -1); // nearest ancestor with a partner, as index of the first plan
        for (std::size_t i = 0; i < n; ++i) {
            const int parent = side.tree.nodes[i].parent;
            if (parent >= 0) {
                const auto p = std::size_t(parent);
                above[i] = side.partner[p] < 0 ? above[p] : isSecond ? side.partner[p] : parent;
            }
            const Feature &f = side.features.nodes[i];
            if (side.partner[i] < 0)
                side.keys.emplace_back(keyOf(Key(above[i] + 2), f.kind, roleOf(side.tree.nodes[i])), int(i));
        }
        for (std::size_t i = n; i-- > 0;) {
            if (side.partner[i] >= 0)
                side.firstInside[i] = int(i);
            const int parent = side.tree.nodes[i].parent;
            if (parent >= 0 && side.firstInside[i] >= 0)
                side.firstInside[std::size_t(parent)] = side.firstInside[i];
        }
    }

    static Key roleOf(const PlanTree::Node &node)
    {
        Key role = 7;
        for (const char c : node.parentRelationship)
            role = role * 131 + static_cast<unsigned char>(c);
        return role;
    }

    static bool agrees(const Side &side, int node, const Side &other, int otherNode)
    {
        const int inside = side.firstInside[std::size_t(node)];
        if (inside < 0)
            return true;
        const int partner = side.partner[std::size_t(inside)];
        return partner > otherNode && partner < other.features.nodes[std::size_t(otherNode)].end;
    }

    std::array<Side, 2> m_sides;
};

} // namespace

PlanMatching matchPlans(const PlanTree &a, const PlanFeatures &featuresA, const PlanTree &b,
    const PlanFeatures &featuresB)
{
    return Matcher(a, featuresA, b, featuresB).run();
}

} // namespace tailscope::analysis
