// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plansentence.h"

#include "analysis/planfeatures.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tailscope::analysis {

namespace {

using Node = PlanTree::Node;
using What = NodeDifference::What;
using Kind = NodePair::Kind;

constexpr std::size_t kMostClauses = 3, kMostNames = 3;
constexpr double kAboutEqual = 0.05;

struct Clause
{
    double weight = 0; ///< ms or cost that hang on it
    std::string text;
};

const NodeDifference *find(const NodePair &pair, What what)
{
    for (const NodeDifference &difference : pair.differences) {
        if (difference.what == what)
            return &difference;
    }
    return nullptr;
}

/// Makes one clause of a pair, or none.
class Teller
{
public:
    Teller(const PlanTree &a, const PlanTree &b, const PlanDiff &diff)
        : m_a(a)
        , m_b(b)
        , m_diff(diff)
        , m_childrenA(a.children())
        , m_childrenB(b.children())
        , m_aloneA(a.nodes.size(), false)
        , m_aloneB(b.nodes.size(), false)
        , m_toldJoinA(a.nodes.size(), false)
        , m_toldJoinB(b.nodes.size(), false)
    {
        for (const NodePair &pair : diff.pairs) {
            if (pair.b < 0)
                m_aloneA[std::size_t(pair.a)] = true;
            else if (pair.a < 0)
                m_aloneB[std::size_t(pair.b)] = true;
            const bool isTold = pair.a >= 0 && pair.b >= 0
                && (find(pair, What::NodeType) || find(pair, What::Inputs) || find(pair, What::Index));
            if (isTold) {
                m_toldJoinA[std::size_t(pair.a)] = true;
                m_toldJoinB[std::size_t(pair.b)] = true;
            }
        }
    }

    std::vector<Clause> shapeClauses()
    {
        std::vector<Clause> clauses;
        for (const NodePair &pair : m_diff.pairs) {
            const std::string text = pair.a < 0
                ? alone(m_b, m_childrenB, m_aloneB, m_toldJoinB, pair.b, "added")
                : pair.b < 0 ? alone(m_a, m_childrenA, m_aloneA, m_toldJoinA, pair.a, "removed")
                             : changedShape(pair);
            if (!text.empty())
                clauses.push_back({weight(pair), text});
        }
        return sorted(std::move(clauses));
    }

    std::vector<Clause> figureClauses()
    {
        std::vector<Clause> clauses;
        for (const NodePair &pair : m_diff.pairs) {
            if (pair.a < 0 || pair.b < 0 || pair.differences.empty())
                continue;
            const std::string text = changedFigures(pair);
            if (!text.empty())
                clauses.push_back({weight(pair), text});
        }
        return sorted(std::move(clauses));
    }

private:
    static std::vector<Clause> sorted(std::vector<Clause> clauses)
    {
        std::stable_sort(clauses.begin(), clauses.end(),
            [](const Clause &x, const Clause &y) { return x.weight > y.weight; });
        return clauses;
    }

    double weight(const NodePair &pair) const
    {
        const auto of = [this](const PlanTree &tree, int node) {
            if (node < 0)
                return 0.0;
            const Node &n = tree.nodes[std::size_t(node)];
            const double value = m_diff.isEstimatesOnly ? n.totalCost : n.selfMs;
            return std::isnan(value) ? 0.0 : value;
        };
        return std::max(of(m_a, pair.a), of(m_b, pair.b));
    }

    /// "Index Scan using i on orders", with the indexes a bitmap comes from; joins with what they join.
    std::string describe(const PlanTree &tree, const std::vector<std::vector<int>> &children, int node) const
    {
        Node bare = tree.nodes[std::size_t(node)];
        bare.subplanName.clear();
        if (bare.nodeType == "Bitmap Heap Scan" && bare.indexName.empty())
            bare.indexName = bitmapIndexes(tree, children, node);
        std::string text = bare.title();
        if (planJob(bare) == PlanJob::Join) {
            const std::string names = relationsText(tree, node);
            text += names.empty() ? "" : " of " + names;
        }
        return text;
    }

    static std::string bitmapIndexes(const PlanTree &tree, const std::vector<std::vector<int>> &children,
        int node)
    {
        std::string names;
        std::vector<int> open = children[std::size_t(node)];
        for (std::size_t i = 0; i < open.size() && i < kMostNames; ++i) {
            const Node &below = tree.nodes[std::size_t(open[i])];
            if (!below.indexName.empty())
                names += (names.empty() ? "" : ", ") + below.indexName;
            else
                open.insert(open.end(), children[std::size_t(open[i])].begin(),
                    children[std::size_t(open[i])].end());
        }
        return names;
    }

    std::string changedShape(const NodePair &pair) const
    {
        const Node &a = m_a.nodes[std::size_t(pair.a)], &b = m_b.nodes[std::size_t(pair.b)];
        if (find(pair, What::NodeType) || find(pair, What::Relation))
            return describe(m_b, m_childrenB, pair.b) + " replaced " + describe(m_a, m_childrenA, pair.a);
        if (find(pair, What::Index)) {
            const std::string on = b.relation.empty() ? std::string() : " on " + b.relation;
            if (b.indexName.empty() || a.indexName.empty())
                return b.nodeType + on
                    + (b.indexName.empty() ? " uses no index any more" : " uses index " + b.indexName);
            return "index " + b.indexName + " replaced " + a.indexName + " in the " + b.nodeType + on;
        }
        if (find(pair, What::Inputs))
            return "the inputs of the " + describe(m_b, m_childrenB, pair.b) + " are swapped";
        if (find(pair, What::Condition))
            return "the condition of the " + describe(m_b, m_childrenB, pair.b) + " is another";
        return find(pair, What::Keys)
            ? "the keys of the " + describe(m_b, m_childrenB, pair.b) + " are others"
            : std::string();
    }

    /// Only the top of what came or went, and nothing that merely goes with a clause that is there.
    std::string alone(const PlanTree &tree, const std::vector<std::vector<int>> &children,
        const std::vector<bool> &areAlone, const std::vector<bool> &areTold, int node, const char *verb) const
    {
        const Node &n = tree.nodes[std::size_t(node)];
        const bool isSubquery = !n.subplanName.empty();
        if (n.parent >= 0 && !isSubquery) {
            const Node &parent = tree.nodes[std::size_t(n.parent)];
            const bool goesWithJoin = planJob(parent) == PlanJob::Join
                && (n.nodeType == "Hash" || planJob(n) == PlanJob::Sort || planJob(n) == PlanJob::Cache);
            if ((goesWithJoin && areTold[std::size_t(n.parent)]) || n.nodeType.starts_with("Bitmap"))
                return {};
            // A helper above hides nothing: what it was put above is told as well.
            const bool parentTells = areAlone[std::size_t(n.parent)] && planJob(parent) != PlanJob::Gather;
            if (parentTells)
                return {};
        }
        if (isSubquery)
            return n.subplanName.substr(0, n.subplanName.find(" (")) + " was " + verb;
        std::string text = describe(tree, children, node);
        const std::vector<int> &below = children[std::size_t(node)];
        if (planJob(n) != PlanJob::Join && planJob(n) != PlanJob::Scan && !below.empty()) {
            const std::string names = relationsText(tree, node);
            text += names.empty() ? "" : " over " + names;
        }
        return text + " was " + verb;
    }

    std::string changedFigures(const NodePair &pair) const
    {
        const std::string name = describe(m_b, m_childrenB, pair.b);
        const Node &a = m_a.nodes[std::size_t(pair.a)], &b = m_b.nodes[std::size_t(pair.b)];
        if (find(pair, What::Spill))
            return name + (b.isSpilled() ? " does not fit in memory any more" : " fits in memory now");
        if (find(pair, What::Executed))
            return name + (b.isExecuted() ? " is executed now" : " is not executed any more");
        if (find(pair, What::Workers))
            return name + " got other workers";
        if (find(pair, What::Loops))
            return name + (b.loops > a.loops ? " runs more often" : " runs less often");
        if (find(pair, What::ActualRows))
            return name + (b.rowsPerLoop() > a.rowsPerLoop() ? " returns more rows" : " returns fewer rows");
        if (find(pair, What::RemovedRows))
            return name + (b.removed > a.removed ? " throws more rows away" : " throws fewer rows away");
        if (find(pair, What::Buffers))
            return name
                + (b.selfBlocks() > a.selfBlocks() ? " touches more blocks" : " touches fewer blocks");
        if (find(pair, What::SelfTime))
            return name + (b.selfMs > a.selfMs ? " takes longer" : " takes less time");
        return find(pair, What::EstimatedRows) ? "other row estimates at " + name : std::string();
    }

    const PlanTree &m_a, &m_b;
    const PlanDiff &m_diff;
    std::vector<std::vector<int>> m_childrenA, m_childrenB;
    std::vector<bool> m_aloneA, m_aloneB; ///< without partner
    std::vector<bool> m_toldJoinA, m_toldJoinB; ///< their change is a clause of its own
};

std::string joinClauses(const std::vector<Clause> &clauses)
{
    std::string text;
    for (std::size_t i = 0; i < clauses.size() && i < kMostClauses; ++i)
        text += (i > 0 ? "; " : "") + clauses[i].text;
    if (clauses.size() > kMostClauses) {
        const std::size_t more = clauses.size() - kMostClauses;
        text += "; and " + std::to_string(more) + (more == 1 ? " more change" : " more changes");
    }
    return text;
}

std::string capitalised(std::string text)
{
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = char(text[0] - 'a' + 'A');
    return text;
}

std::string factorNumber(double factor)
{
    if (factor >= 99.5)
        return factor < 9e15 ? groupedCount(std::int64_t(std::llround(factor))) : "countless";
    char digits[32];
    std::snprintf(digits, sizeof digits, factor >= 9.95 ? "%.1f" : "%.2f", factor);
    return digits;
}

std::string timesText(double factor, const char *less, const char *more, const std::string &equal)
{
    if (!(factor > 0) || std::isinf(factor))
        return {};
    if (factor < 1 + kAboutEqual && factor > 1 / (1 + kAboutEqual))
        return equal;
    return factor >= 1 ? factorNumber(factor) + " times " + less
                       : factorNumber(1 / factor) + " times " + more;
}

} // namespace

std::string relationsText(const PlanTree &tree, int node)
{
    std::vector<std::string> names;
    std::size_t n = 0;
    for (auto i = std::size_t(node); i < tree.nodes.size(); ++i) {
        const Node &one = tree.nodes[i];
        if (int(i) != node && one.depth <= tree.nodes[std::size_t(node)].depth)
            break;
        const std::string &name = one.relation.empty() ? one.object : one.relation;
        if (planJob(one) != PlanJob::Scan || name.empty())
            continue;
        ++n;
        if (names.size() < kMostNames)
            names.push_back(name);
    }
    if (n > kMostNames)
        return std::to_string(n) + " relations";
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

std::string planSentence(const PlanTree &a, const PlanTree &b, const PlanDiff &diff)
{
    if (a.nodes.empty() || b.nodes.empty())
        return "One of the plans has no nodes.";
    if (!diff.isRelated)
        return "The plans read nothing in common: they are plans of different statements.";
    const std::string other = diff.isSameStatement ? "" : "The statements differ: ";
    Teller teller(a, b, diff);
    const std::vector<Clause> shape = teller.shapeClauses();
    if (!shape.empty())
        return capitalised(other + joinClauses(shape) + '.');
    const std::vector<Clause> figures = teller.figureClauses();
    const bool hasLiterals = std::any_of(diff.pairs.begin(), diff.pairs.end(),
        [](const NodePair &pair) { return find(pair, What::Literals) != nullptr; });
    const std::string constants = hasLiterals ? ", with other constants" : "";
    if (!figures.empty())
        return other + "The same plan" + constants + ": " + joinClauses(figures) + '.';
    return other + "The same plan" + constants + ": the same nodes, indexes and conditions.";
}

std::string fasterText(double factor)
{
    return timesText(factor, "faster", "slower", "as fast (within 5 %)");
}

std::string buffersText(double factor)
{
    return timesText(factor, "fewer buffers", "more buffers", "as many buffers (within 5 %)");
}

std::string costText(double factor)
{
    return timesText(factor, "lower estimated cost (cost units, not time)",
        "higher estimated cost (cost units, not time)", "the same estimated cost (within 5 %)");
}

std::string factorsText(const PlanDiff &diff)
{
    std::string text = diff.isEstimatesOnly ? "estimates only: a plan was not executed" : "";
    for (const std::string &part :
        {fasterText(diff.timeFactor), buffersText(diff.buffersFactor), costText(diff.costFactor)}) {
        if (!part.empty())
            text += (text.empty() ? "" : ", ") + part;
    }
    return text.empty() ? "no figures to compare" : text;
}

} // namespace tailscope::analysis
