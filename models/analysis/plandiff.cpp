// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plandiff.h"

#include "analysis/planfeatures.h"
#include "analysis/planmatch.h"
#include "analysis/plansentence.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::analysis {

namespace {

using Node = PlanTree::Node;
using What = NodeDifference::What;
using Kind = NodePair::Kind;

constexpr double kRowsFactor = 2, kTimeFactor = 1.5, kTimeShare = 0.01, kLeastMs = 0.1;
constexpr double kBlocksFactor = 2, kLeastBlocks = 100, kLeastRows = 10, kLeastRemoved = 1000;

double ratio(double before, double after)
{
    return before >= 0 && after > 0 ? before / after : PlanTree::kUnknown;
}

std::string countText(double value)
{
    if (std::isnan(value))
        return "unknown";
    if (value == std::floor(value) && std::abs(value) < 9e15)
        return groupedCount(std::int64_t(value));
    const std::string text = std::to_string(value);
    return text.substr(0, text.find('.') + 3);
}

/// Apart by more than `factor`, and the larger one at least `least`; unknown is no difference.
bool isApart(double a, double b, double factor, double least)
{
    const double low = std::min(a, b), high = std::max(a, b);
    return high >= least && high >= factor * low && high > low; // false with NaN
}

/// Compares the nodes of one pair.
class PairComparer
{
public:
    PairComparer(const PlanTree &a, const PlanFeatures &fa, const PlanTree &b, const PlanFeatures &fb)
        : m_a(a)
        , m_b(b)
        , m_fa(fa)
        , m_fb(fb)
        , m_childrenA(a.children())
        , m_childrenB(b.children())
        , m_longest(std::fmax(a.totalMs(), b.totalMs()))
    {}

    NodePair compare(int a, int b)
    {
        NodePair pair;
        pair.a = a;
        pair.b = b;
        m_pair = &pair;
        const auto i = std::size_t(a), j = std::size_t(b);
        shape(i, j);
        figures(m_a.nodes[i], m_b.nodes[j]);
        const bool isChanged = std::any_of(pair.differences.begin(), pair.differences.end(),
            [](const NodeDifference &difference) { return difference.what != What::Literals; });
        pair.kind = isChanged ? Kind::Changed : Kind::Same;
        pair.similarity = similarity(i, j);
        m_pair = nullptr;
        return pair;
    }

private:
    void add(What what, std::string before, std::string after)
    {
        m_pair->differences.push_back({what, std::move(before), std::move(after)});
    }

    static std::string typeText(const Node &node)
    {
        Node bare;
        bare.nodeType = node.nodeType;
        bare.joinType = node.joinType;
        bare.variant = node.variant;
        // The title of an aggregate says it all.
        const bool isTold = node.variant.empty() || node.nodeType == "Aggregate";
        return bare.title() + (isTold ? std::string() : " (" + node.variant + ")");
    }

    static std::string targetText(const Node &node)
    {
        const std::string &name = node.relation.empty() ? node.object : node.relation;
        return node.alias.empty() || node.alias == name ? name
                                                        : name + (name.empty() ? "" : " ") + node.alias;
    }

    static std::string conditionText(const Node &node)
    {
        std::string text = node.condition;
        for (const std::string *more : {&node.filter, &node.joinFilter}) {
            if (!more->empty())
                text += (text.empty() ? "" : " AND ") + *more;
        }
        return text;
    }

    void shape(std::size_t i, std::size_t j)
    {
        const Node &a = m_a.nodes[i], &b = m_b.nodes[j];
        const PlanFeatures::Node &fa = m_fa.nodes[i], &fb = m_fb.nodes[j];
        if (fa.type != fb.type)
            add(What::NodeType, typeText(a), typeText(b));
        if (fa.target != fb.target
            || (!a.schema.empty() && !b.schema.empty() && a.schema != b.schema && !a.relation.empty()))
            add(What::Relation, targetText(a), targetText(b));
        if (fa.index != fb.index)
            add(What::Index, a.indexName, b.indexName);
        if (m_fa.words[i].meaning != m_fb.words[j].meaning) {
            const bool areKeys = a.keys != b.keys;
            add(areKeys ? What::Keys : What::Condition, areKeys ? a.keys : conditionText(a),
                areKeys ? b.keys : conditionText(b));
        } else if (m_fa.words[i].literals != m_fb.words[j].literals) {
            add(What::Literals, m_fa.words[i].literals, m_fb.words[j].literals);
        }
        if (fa.job == PlanJob::Join && isSwapped(i, j))
            add(What::Inputs, inputText(m_a, m_childrenA[i]), inputText(m_b, m_childrenB[j]));
    }

    bool isSwapped(std::size_t i, std::size_t j) const
    {
        const auto inputs = [](const std::vector<int> &children, const PlanFeatures &features) {
            std::vector<std::uint64_t> sets;
            for (const int child : children) {
                if (!features.nodes[std::size_t(child)].isSubquery)
                    sets.push_back(features.nodes[std::size_t(child)].below);
            }
            return sets;
        };
        const auto a = inputs(m_childrenA[i], m_fa), b = inputs(m_childrenB[j], m_fb);
        return a.size() == 2 && b.size() == 2 && a[0] != a[1] && a[0] == b[1] && a[1] == b[0];
    }

    static std::string inputText(const PlanTree &tree, const std::vector<int> &children)
    {
        const int outer = children.empty() ? -1 : children.front();
        const std::string name = outer < 0 ? std::string() : relationsText(tree, outer);
        return name.empty() ? "outer input" : name + " outside";
    }

    void figures(const Node &a, const Node &b)
    {
        if (a.workersPlanned > 0 || b.workersPlanned > 0) {
            const auto differs
                = [](double x, double y) { return x != y && !(std::isnan(x) && std::isnan(y)); };
            if (differs(a.workersPlanned, b.workersPlanned) || differs(a.workersLaunched, b.workersLaunched))
                add(What::Workers, workersText(a), workersText(b));
        }
        const bool bothKnown = !std::isnan(a.loops) && !std::isnan(b.loops);
        if (bothKnown && a.isSpilled() != b.isSpilled())
            add(What::Spill, a.isSpilled() ? "on disk" : "in memory",
                b.isSpilled() ? "on disk" : "in memory");
        if (isApart(a.planRows, b.planRows, kRowsFactor, kLeastRows))
            add(What::EstimatedRows, countText(a.planRows), countText(b.planRows));
        if (bothKnown && a.isExecuted() != b.isExecuted()) {
            add(What::Executed, a.isExecuted() ? "executed" : "never executed",
                b.isExecuted() ? "executed" : "never executed");
        } else {
            if (isApart(a.rowsPerLoop(), b.rowsPerLoop(), kRowsFactor, kLeastRows))
                add(What::ActualRows, countText(a.rowsPerLoop()), countText(b.rowsPerLoop()));
            if (isApart(a.removed, b.removed, kRowsFactor, kLeastRemoved))
                add(What::RemovedRows, countText(a.removed), countText(b.removed));
            if (isApart(a.loops, b.loops, kRowsFactor, 2))
                add(What::Loops, countText(a.loops), countText(b.loops));
        }
        const double difference = std::abs(a.selfMs - b.selfMs);
        const double doubt
            = (std::isnan(a.doubtMs) ? 0 : a.doubtMs) + (std::isnan(b.doubtMs) ? 0 : b.doubtMs);
        if (isApart(a.selfMs, b.selfMs, kTimeFactor, kLeastMs) && difference > doubt
            && !(difference < kTimeShare * m_longest))
            add(What::SelfTime, humanMillis(a.selfMs), humanMillis(b.selfMs));
        if (isApart(a.selfBlocks(), b.selfBlocks(), kBlocksFactor, kLeastBlocks))
            add(What::Buffers, countText(a.selfBlocks()), countText(b.selfBlocks()));
    }

    static std::string workersText(const Node &node)
    {
        return (std::isnan(node.workersLaunched) ? "" : countText(node.workersLaunched) + " of ")
            + countText(node.workersPlanned);
    }

    double similarity(std::size_t i, std::size_t j) const
    {
        const PlanFeatures::Node &a = m_fa.nodes[i], &b = m_fb.nodes[j];
        double all = 0, alike = 0;
        const auto weigh = [&](double weight, std::uint64_t x, std::uint64_t y) {
            if (x == 0 && y == 0)
                return;
            all += weight;
            alike += x == y ? weight : 0;
        };
        weigh(2, a.kind, b.kind);
        weigh(1, a.type, b.type);
        weigh(3, a.relation, b.relation);
        weigh(1, a.target, b.target);
        weigh(1, a.index, b.index);
        weigh(1, a.columns, b.columns);
        weigh(1, a.meaning, b.meaning);
        weigh(2, a.below, b.below);
        return alike / all; // every node has a kind
    }

    const PlanTree &m_a, &m_b;
    const PlanFeatures &m_fa, &m_fb;
    std::vector<std::vector<int>> m_childrenA, m_childrenB;
    double m_longest;
    NodePair *m_pair = nullptr;
};

/// Rows in the order of plan B; a node of A alone stands below the row of its parent, behind that of the
/// sibling before it.
class Merger
{
public:
    Merger(const PlanTree &a, const PlanTree &b, const PlanMatching &matching)
        : m_a(a)
        , m_b(b)
        , m_matching(matching)
        , m_below(a.nodes.size() + b.nodes.size())
    {}

    /// Pairs (a, b) of indexes in order.
    std::vector<std::pair<int, int>> run()
    {
        for (std::size_t j = 0; j < m_b.nodes.size(); ++j)
            listOf(m_b.nodes[j].parent < 0 ? -1 : rowOfB(m_b.nodes[j].parent)).push_back(rowOfB(int(j)));
        std::vector<int> lastSibling(m_a.nodes.size() + 1,
            -1); // row of the child of A seen last, by parent + 1
        for (std::size_t i = 0; i < m_a.nodes.size(); ++i) {
            const int parent = m_a.nodes[i].parent;
            const int row = rowOfA(int(i));
            if (m_matching.partnerOfA[i] < 0)
                insert(parent < 0 ? -1 : rowOfA(parent), lastSibling[std::size_t(parent) + 1], row);
            lastSibling[std::size_t(parent) + 1] = row;
        }
        return flatten();
    }

private:
    // Rows are numbered: nodes of B first, then those of A that have no partner.
    int rowOfB(int b) const { return b; }
    int rowOfA(int a) const
    {
        const int partner = m_matching.partnerOfA[std::size_t(a)];
        return partner >= 0 ? partner : int(m_b.nodes.size()) + a;
    }

    std::vector<int> &listOf(int row) { return row < 0 ? m_roots : m_below[std::size_t(row)]; }

    void insert(int parentRow, int siblingRow, int row)
    {
        std::vector<int> &list = listOf(parentRow);
        // A row appended last is found from behind: long lists of partitions that went stay linear.
        const auto found = std::find(list.rbegin(), list.rend(), siblingRow);
        list.insert(found == list.rend() ? list.begin() : found.base(), row);
    }

    std::vector<std::pair<int, int>> flatten() const
    {
        std::vector<std::pair<int, int>> rows;
        std::vector<int> open(m_roots.rbegin(), m_roots.rend());
        const int firstOfA = int(m_b.nodes.size());
        while (!open.empty()) {
            const int row = open.back();
            open.pop_back();
            if (row >= firstOfA)
                rows.emplace_back(row - firstOfA, -1);
            else
                rows.emplace_back(m_matching.partnerOfB[std::size_t(row)], row);
            const std::vector<int> &list = m_below[std::size_t(row)];
            open.insert(open.end(), list.rbegin(), list.rend());
        }
        return rows;
    }

    const PlanTree &m_a, &m_b;
    const PlanMatching &m_matching;
    std::vector<std::vector<int>> m_below;
    std::vector<int> m_roots;
};

void countKinds(PlanDiff &diff)
{
    for (const NodePair &pair : diff.pairs) {
        diff.same += pair.kind == Kind::Same;
        diff.changed += pair.kind == Kind::Changed;
        diff.added += pair.kind == Kind::Added;
        diff.removed += pair.kind == Kind::Removed;
    }
}

} // namespace

std::string_view toText(What what)
{
    static constexpr std::array<std::string_view, 16> kTexts{"node type", "relation", "index", "condition",
        "keys", "inputs swapped", "workers", "spill", "executed", "rows estimated", "rows", "rows removed",
        "loops", "self time", "buffers", "constants"};
    return kTexts[std::size_t(what)];
}

std::string_view toText(Kind kind)
{
    static constexpr std::array<std::string_view, 4> kTexts{"same", "changed", "added", "removed"};
    return kTexts[std::size_t(kind)];
}

bool NodePair::isShapeChanged() const
{
    return a < 0 || b < 0
        || std::any_of(differences.begin(), differences.end(),
            [](const NodeDifference &difference) { return difference.isShape(); });
}

PlanDiff diffPlans(const PlanTree &a, const PlanTree &b)
{
    const PlanFeatures fa = planFeatures(a), fb = planFeatures(b);
    const PlanMatching matching = matchPlans(a, fa, b, fb);
    PlanDiff diff;
    PairComparer comparer(a, fa, b, fb);
    for (const auto &[i, j] : Merger(a, b, matching).run()) {
        if (i >= 0 && j >= 0) {
            diff.pairs.push_back(comparer.compare(i, j));
        } else {
            diff.pairs.emplace_back();
            diff.pairs.back().kind = i < 0 ? Kind::Added : Kind::Removed;
            diff.pairs.back().a = i;
            diff.pairs.back().b = j;
        }
    }
    countKinds(diff);
    diff.isRelated = matching.isRelated;
    diff.isSameStatement = a.fingerprint.empty() || b.fingerprint.empty() || a.fingerprint == b.fingerprint;
    diff.isSameShape = planShape(a) == planShape(b);
    diff.isEstimatesOnly = !a.hasActuals() || !b.hasActuals();
    if (!diff.isEstimatesOnly) {
        diff.timeFactor = ratio(a.totalMs(), b.totalMs());
        diff.buffersFactor = ratio(a.totalBlocks(), b.totalBlocks());
    }
    diff.costFactor = ratio(a.totalCost(), b.totalCost());
    diff.sentence = planSentence(a, b, diff);
    return diff;
}

} // namespace tailscope::analysis
