// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planfeatures.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tailscope::analysis {

namespace {

using Node = PlanTree::Node;

std::uint64_t mixed(std::uint64_t value)
{
    // splitmix64: spreads what FNV leaves alike, so that sums of hashes stand for sets.
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

std::uint64_t joined(std::uint64_t a, std::uint64_t b) { return mixed(a * 31 + b); }

std::uint64_t ofText(std::string_view text) { return text.empty() ? 0 : mixed(hash64(text)); }

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool isSubqueryRoot(const Node &node)
{
    return node.parentRelationship == "InitPlan" || node.parentRelationship == "SubPlan"
        || !node.subplanName.empty();
}

bool isHelper(PlanJob job, const Node &node)
{
    return job == PlanJob::Sort || job == PlanJob::Gather || job == PlanJob::Cache || node.nodeType == "Hash"
        || node.nodeType == "Result" || node.nodeType == "ProjectSet";
}

/// What belongs to the node alone.
PlanFeatures::Node ownFeatures(const Node &node, const ConditionWords &words)
{
    PlanFeatures::Node own;
    own.job = planJob(node);
    own.type = joined(joined(ofText(node.nodeType), ofText(node.variant)),
        node.joinType == "Inner" ? 0 : ofText(node.joinType));
    own.kind = own.job == PlanJob::Other ? ofText(node.nodeType) : mixed(std::uint64_t(own.job) + 1);
    if (own.job == PlanJob::Scan || own.job == PlanJob::Modify) {
        const std::string &name = !node.relation.empty() ? node.relation
            : !node.object.empty()                       ? node.object
                                                         : node.alias;
        own.relation = ofText(name);
        // An alias that EXPLAIN leaves out is the name itself.
        own.target = joined(own.relation, ofText(node.alias.empty() ? name : node.alias));
    }
    own.index = ofText(node.indexName);
    for (const std::string &column : words.columns)
        own.columns += ofText(column);
    own.meaning = ofText(words.meaning);
    own.isSubquery = isSubqueryRoot(node);
    own.isHelper = isHelper(own.job, node);
    if (own.job == PlanJob::Scan) {
        own.below = own.target;
        own.belowLoose = own.relation;
    }
    return own;
}

/// From the inputs up: sets of relations, whole subtrees, ends of subtrees.
void collectUpwards(const PlanTree &tree, PlanFeatures &features)
{
    const std::size_t n = tree.nodes.size();
    std::vector<std::uint64_t> order(n, 0); // of the subtrees of the children, in order
    for (std::size_t i = 0; i < n; ++i)
        features.nodes[i].end = int(i) + 1;
    for (std::size_t i = n; i-- > 0;) {
        PlanFeatures::Node &node = features.nodes[i];
        node.subtree = joined(joined(joined(node.type, node.target), joined(node.index, node.meaning)),
            joined(ofText(tree.nodes[i].subplanName), order[i]));
        const int parent = tree.nodes[i].parent;
        if (parent < 0)
            continue;
        PlanFeatures::Node &above = features.nodes[std::size_t(parent)];
        above.end = std::max(above.end, node.end);
        // Children come last to first: the order counts in either direction.
        order[std::size_t(parent)] = joined(order[std::size_t(parent)], node.subtree);
        if (node.isSubquery)
            continue;
        above.below += node.below;
        above.belowLoose += node.belowLoose;
    }
}

/// From the root down: subqueries, paths, levels.
void collectDownwards(const PlanTree &tree, PlanFeatures &features)
{
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        PlanFeatures::Node &node = features.nodes[i];
        const int parent = tree.nodes[i].parent;
        if (parent >= 0) {
            const PlanFeatures::Node &above = features.nodes[std::size_t(parent)];
            node.scope = above.scope;
            node.looseScope = above.looseScope;
            node.path = above.isHelper ? above.path : joined(above.path, joined(above.kind, above.below));
            // Along a chain of single inputs the relations stay the same, and nodes of a kind may repeat.
            for (int up = parent, steps = 0; up >= 0 && steps < 16; ++steps) {
                const PlanFeatures::Node &one = features.nodes[std::size_t(up)];
                if (one.below != node.below || node.isSubquery)
                    break;
                if (one.kind == node.kind) {
                    node.level = one.level + 1;
                    break;
                }
                up = one.isSubquery ? -1 : tree.nodes[std::size_t(up)].parent;
            }
        }
        if (node.isSubquery) {
            node.scope = joined(node.scope, ofText(tree.nodes[i].subplanName) + 1);
            node.looseScope = joined(node.looseScope, ofText(subplanKind(tree.nodes[i].subplanName)) + 1);
        }
    }
}

} // namespace

PlanJob planJob(const Node &node)
{
    const std::string_view type = node.nodeType;
    constexpr std::array<std::string_view, 5> kModify{"ModifyTable", "Insert", "Update", "Delete", "Merge"};
    if (std::find(kModify.begin(), kModify.end(), type) != kModify.end() || type == "LockRows")
        return PlanJob::Modify;
    if (contains(type, "Join") || contains(type, "join") || type.starts_with("Nested Loop")
        || type.starts_with("Nested loop"))
        return PlanJob::Join;
    if (!node.relation.empty())
        return PlanJob::Scan;
    if (type == "CTE Scan" || type == "WorkTable Scan" || type == "Function Scan" || type == "Values Scan"
        || type == "Table Function Scan" || type == "Named Tuplestore Scan")
        return PlanJob::Scan;
    if (type == "Sort" || type == "Incremental Sort")
        return PlanJob::Sort;
    if (contains(type, "Aggregate") || type == "Group" || type == "Unique" || type == "HashSetOp")
        return PlanJob::Group;
    if (type == "Gather" || type == "Gather Merge")
        return PlanJob::Gather;
    if (type == "Materialize" || type == "Memoize")
        return PlanJob::Cache;
    if (type == "Append" || type == "Merge Append" || type == "MergeAppend")
        return PlanJob::Append;
    return PlanJob::Other;
}

PlanFeatures planFeatures(const PlanTree &tree)
{
    PlanFeatures features;
    features.nodes.reserve(tree.nodes.size());
    features.words.reserve(tree.nodes.size());
    for (const Node &node : tree.nodes) {
        std::string text = node.condition;
        for (const std::string *more : {&node.filter, &node.joinFilter}) {
            if (!more->empty())
                text += (text.empty() ? "" : " AND ") + *more;
        }
        ConditionWords words = conditionWords(text);
        // Keys are a JSON array of expressions whose order counts.
        words.meaning += node.keys;
        const std::vector<std::string> keys
            = node.keys.empty() ? std::vector<std::string>() : conditionWords(node.keys).columns;
        features.nodes.push_back(ownFeatures(node, words));
        for (const std::string &key : keys)
            features.nodes.back().columns += ofText(key);
        features.words.push_back(std::move(words));
    }
    collectUpwards(tree, features);
    collectDownwards(tree, features);
    return features;
}

std::string planShape(const PlanTree &tree)
{
    if (tree.nodes.empty())
        return {};
    std::uint64_t hash = hash64("plan");
    for (const Node &node : tree.nodes) {
        hash = joined(hash, std::uint64_t(node.depth));
        for (const std::string *part :
            {&node.nodeType, &node.variant, &node.relation, &node.object, &node.indexName})
            hash = joined(hash, ofText(*part));
        hash = joined(hash, node.joinType == "Inner" ? 0 : ofText(node.joinType));
        hash = joined(hash, ofText(subplanKind(node.subplanName)));
    }
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
}

} // namespace tailscope::analysis
