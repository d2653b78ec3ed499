// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plantimeshare.h"

#include <algorithm>
#include <set>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kCte = "CTE ";
constexpr std::string_view kInitPlan = "InitPlan ";
/// A node that has at least this part of an InitPlan's cost as its own may have evaluated it; times are
/// rounded.
constexpr double kHolds = 0.8;
/// Visits of users over all InitPlans of a plan; past it a cost is shared over the owner's subtree.
constexpr std::size_t kMaxVisits = 5'000'000;
constexpr std::size_t kMaxName = 100;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Names under which expressions mention an InitPlan: "$0" and "$1" of "InitPlan 1 (returns $0,$1)", and
/// "InitPlan 1" itself, which PostgreSQL 17 prints as "(InitPlan 1).col1".
std::vector<std::string> namesOf(std::string_view subplanName)
{
    std::vector<std::string> names;
    if (!subplanName.starts_with(kInitPlan))
        return names;
    const std::size_t returns = subplanName.find(" (returns ");
    names.emplace_back(subplanName.substr(0, returns));
    if (returns == std::string_view::npos)
        return names;
    for (std::size_t at = subplanName.find('$', returns); at != std::string_view::npos;
         at = subplanName.find('$', at + 1)) {
        std::size_t end = at + 1;
        while (end < subplanName.size() && isDigit(subplanName[end]))
            ++end;
        names.emplace_back(subplanName.substr(at, end - at));
    }
    return names;
}

bool isGather(const PlanTimeNode &node)
{
    return node.nodeType == "Gather" || node.nodeType == "Gather Merge";
}

} // namespace

ShareTree::ShareTree(const std::vector<double> &values)
{
    while (m_leaves < values.size())
        m_leaves *= 2;
    m_sum.assign(2 * m_leaves, 0.0);
    m_factor.assign(2 * m_leaves, 1.0);
    std::copy(values.begin(), values.end(), m_sum.begin() + static_cast<std::ptrdiff_t>(m_leaves));
    for (std::size_t node = m_leaves - 1; node > 0; --node)
        m_sum[node] = std::max(0.0, m_sum[2 * node]) + std::max(0.0, m_sum[2 * node + 1]);
}

void ShareTree::apply(std::size_t node, double factor)
{
    if (m_sum[node] > 0)
        m_sum[node] *= factor;
    m_factor[node] *= factor;
}

void ShareTree::push(std::size_t node)
{
    if (m_factor[node] == 1.0)
        return;
    apply(2 * node, m_factor[node]);
    apply(2 * node + 1, m_factor[node]);
    m_factor[node] = 1.0;
}

double ShareTree::value(std::size_t index) const
{
    std::size_t node = index + m_leaves;
    double value = m_sum[node];
    if (value <= 0)
        return value;
    while (node > 1) {
        node /= 2;
        value *= m_factor[node];
    }
    return value;
}

void ShareTree::add(std::size_t index, double delta)
{
    const std::size_t leaf = index + m_leaves;
    std::size_t height = 0;
    while ((leaf >> (height + 1)) > 0)
        ++height;
    for (; height > 0; --height)
        push(leaf >> height);
    m_sum[leaf] += delta;
    for (std::size_t node = leaf / 2; node > 0; node /= 2)
        m_sum[node] = std::max(0.0, m_sum[2 * node]) + std::max(0.0, m_sum[2 * node + 1]);
}

double ShareTree::positiveSum(std::size_t begin, std::size_t end) const
{
    // Factors of the ancestors of both borders are applied on the way up.
    const auto scaled = [this](std::size_t node) {
        double sum = std::max(0.0, m_sum[node]);
        for (std::size_t above = node / 2; above > 0; above /= 2)
            sum *= m_factor[above];
        return sum;
    };
    double sum = 0;
    for (std::size_t left = begin + m_leaves, right = end + m_leaves; left < right; left /= 2, right /= 2) {
        if (left % 2 == 1)
            sum += scaled(left++);
        if (right % 2 == 1)
            sum += scaled(--right);
    }
    return sum;
}

void ShareTree::scalePositive(std::size_t begin, std::size_t end, double factor)
{
    if (begin >= end)
        return;
    for (std::size_t left = begin + m_leaves, right = end + m_leaves; left < right; left /= 2, right /= 2) {
        if (left % 2 == 1)
            apply(left++, factor);
        if (right % 2 == 1)
            apply(--right, factor);
    }
    for (std::size_t border : {begin + m_leaves, end - 1 + m_leaves}) {
        for (std::size_t node = border / 2; node > 0; node /= 2)
            m_sum[node]
                = (std::max(0.0, m_sum[2 * node]) + std::max(0.0, m_sum[2 * node + 1])) * m_factor[node];
    }
}

PlanShape::PlanShape(const std::vector<PlanTimeNode> &nodes)
    : m_nodes(nodes)
    , m_parents(nodes.size(), -1)
    , m_ends(nodes.size())
    , m_initPlans(nodes.size(), false)
    , m_ctes(nodes.size(), false)
    , m_definitions(nodes.size(), -1)
{
    findParents();
    findScans();
    findUsers();
}

void PlanShape::findParents()
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const PlanTimeNode &node = m_nodes[i];
        m_ends[i] = i + 1;
        // A parent that does not come before its child is no parent.
        if (node.parent >= 0 && static_cast<std::size_t>(node.parent) < i)
            m_parents[i] = node.parent;
        m_initPlans[i] = m_parents[i] >= 0 && node.parentRelationship == "InitPlan";
        m_ctes[i] = m_initPlans[i] && node.subplanName.starts_with(kCte);
    }
    for (std::size_t i = m_nodes.size(); i-- > 0;) {
        if (m_parents[i] >= 0) {
            std::size_t &end = m_ends[static_cast<std::size_t>(m_parents[i])];
            end = std::max(end, m_ends[i]);
        }
    }
}

/// Names of CTEs are scoped: the nearest enclosing node that defines one counts, and inside of a CTE its own
/// name means an outer one.
void PlanShape::findScans()
{
    std::vector<std::vector<int>> defined(m_nodes.size());
    std::vector<int> depths(m_nodes.size(), 0);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_parents[i] < 0)
            continue;
        const auto parent = static_cast<std::size_t>(m_parents[i]);
        depths[i] = depths[parent] + 1;
        if (m_ctes[i])
            defined[parent].push_back(static_cast<int>(i));
    }
    // Visible definitions of a name, the nearest first.
    std::unordered_map<std::string_view, std::set<std::pair<int, int>>> visible;
    const auto keyOf = [&](int definition) {
        return std::pair(-depths[static_cast<std::size_t>(definition)], definition);
    };
    const auto nameOf = [&](int definition) {
        return std::string_view(m_nodes[static_cast<std::size_t>(definition)].subplanName)
            .substr(kCte.size());
    };
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        while (!open.empty() && i >= m_ends[open.back()]) {
            const std::size_t left = open.back();
            open.pop_back();
            for (const int definition : defined[left])
                visible[nameOf(definition)].erase(keyOf(definition));
            if (m_ctes[left])
                visible[nameOf(static_cast<int>(left))].insert(keyOf(static_cast<int>(left)));
        }
        if (m_ctes[i])
            visible[nameOf(static_cast<int>(i))].erase(keyOf(static_cast<int>(i)));
        for (const int definition : defined[i])
            visible[nameOf(definition)].insert(keyOf(definition));
        open.push_back(i);
        // A WorkTable Scan has the CTE's name as well but reads the recursion's own rows.
        if (m_nodes[i].nodeType != "CTE Scan")
            continue;
        const auto found = visible.find(m_nodes[i].cteName);
        if (found != visible.end() && !found->second.empty())
            m_definitions[i] = found->second.begin()->second;
    }
}

void PlanShape::collectUses(std::size_t node, std::string_view expression,
    std::unordered_map<std::string, std::vector<int>> &uses) const
{
    const auto add = [&](std::string_view name) {
        std::vector<int> &users = uses[std::string(name)];
        if (users.empty() || users.back() != static_cast<int>(node))
            users.push_back(static_cast<int>(node));
    };
    for (std::size_t at = expression.find('$'); at != std::string_view::npos;
         at = expression.find('$', at + 1)) {
        std::size_t end = at + 1;
        while (end < expression.size() && isDigit(expression[end]))
            ++end;
        if (end > at + 1)
            add(expression.substr(at, end - at));
    }
    for (std::size_t at = expression.find(kInitPlan); at != std::string_view::npos;
         at = expression.find(kInitPlan, at + 1)) {
        const std::string_view name = expression.substr(at, kMaxName);
        const std::size_t end = name.find(')');
        if (end != std::string_view::npos)
            add(name.substr(0, end));
    }
}

void PlanShape::findUsers()
{
    std::unordered_map<std::string, std::vector<int>> uses;
    const bool any = std::any_of(m_nodes.begin(), m_nodes.end(), [](const PlanTimeNode &node) {
        return node.parentRelationship == "InitPlan" && !node.subplanName.starts_with(kCte);
    });
    if (!any)
        return;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_nodes[i].loops.value_or(0) > 0) {
            for (const std::string &expression : m_nodes[i].expressions)
                collectUses(i, expression, uses);
        }
    }
    std::size_t visits = 0;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (!m_initPlans[i] || m_ctes[i])
            continue;
        const auto owner = static_cast<std::size_t>(m_parents[i]);
        InitPlan initPlan{i, owner, {}};
        for (const std::string &name : namesOf(m_nodes[i].subplanName)) {
            const auto found = uses.find(name);
            if (found == uses.end() || visits > kMaxVisits)
                continue;
            const std::vector<int> &all = found->second;
            for (auto user = std::lower_bound(all.begin(), all.end(), static_cast<int>(owner));
                 user != all.end() && static_cast<std::size_t>(*user) < m_ends[owner]; ++user, ++visits) {
                const auto node = static_cast<std::size_t>(*user);
                if (node < i || node >= m_ends[i])
                    initPlan.users.push_back(*user);
            }
        }
        std::sort(initPlan.users.begin(), initPlan.users.end());
        initPlan.users.erase(std::unique(initPlan.users.begin(), initPlan.users.end()), initPlan.users.end());
        // A Gather evaluates the parameters its workers need before it starts them.
        std::vector<int> gathers;
        std::copy_if(initPlan.users.begin(), initPlan.users.end(), std::back_inserter(gathers),
            [this](int user) {
                const PlanTimeNode &node = m_nodes[static_cast<std::size_t>(user)];
                return isGather(node) && node.paramsEvaluated;
            });
        if (!gathers.empty())
            initPlan.users = std::move(gathers);
        m_charged.push_back(std::move(initPlan));
    }
}

void PlanShape::chargeInitPlan(const InitPlan &initPlan, double cost, double doubt, ShareTree &self,
    Doubts &doubts) const
{
    double usersHold = 0;
    for (const int user : initPlan.users) {
        const double own = self.value(static_cast<std::size_t>(user));
        if (own >= kHolds * cost) {
            self.add(static_cast<std::size_t>(user), -cost);
            doubts.added[static_cast<std::size_t>(user)] += doubt;
            return;
        }
        usersHold += std::max(0.0, own);
    }
    if (!initPlan.users.empty() && usersHold >= cost) {
        for (const int user : initPlan.users) {
            self.scalePositive(static_cast<std::size_t>(user), 1 - cost / usersHold);
            doubts.added[static_cast<std::size_t>(user)] += doubt;
        }
        return;
    }
    const std::size_t begin = initPlan.owner;
    const std::size_t end = m_ends[initPlan.owner];
    const std::size_t inside = m_ends[initPlan.node];
    const double sum = self.positiveSum(begin, initPlan.node) + self.positiveSum(inside, end);
    if (sum <= 0)
        return;
    const double factor = 1 - std::min(cost, sum) / sum;
    self.scalePositive(begin, initPlan.node, factor);
    self.scalePositive(inside, end, factor);
    doubts.ranges[begin] += doubt;
    doubts.ranges[initPlan.node] -= doubt;
    doubts.ranges[inside] += doubt;
    doubts.ranges[end] -= doubt;
}

std::vector<double> PlanShape::selfOf(const std::vector<double> &inclusive, std::vector<double> *doubts) const
{
    std::vector<double> self = inclusive;
    std::vector<double> scanned(m_nodes.size(), 0.0);
    const std::vector<double> given = doubts ? *doubts : std::vector<double>(m_nodes.size(), 0.0);
    Doubts sum{given, std::vector<double>(m_nodes.size() + 1, 0.0)};
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_parents[i] >= 0 && !m_initPlans[i]) {
            self[static_cast<std::size_t>(m_parents[i])] -= inclusive[i];
            sum.added[static_cast<std::size_t>(m_parents[i])] += given[i];
        }
        if (m_definitions[i] >= 0)
            scanned[static_cast<std::size_t>(m_definitions[i])] += inclusive[i];
    }
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_definitions[i] < 0)
            continue;
        const auto definition = static_cast<std::size_t>(m_definitions[i]);
        if (scanned[definition] > 0) {
            self[i]
                -= std::min(inclusive[definition], scanned[definition]) * inclusive[i] / scanned[definition];
            sum.added[i] += given[definition];
        }
    }
    if (!m_charged.empty()) {
        ShareTree tree(self);
        for (const InitPlan &initPlan : m_charged) {
            if (inclusive[initPlan.node] > 0)
                chargeInitPlan(initPlan, inclusive[initPlan.node], given[initPlan.node], tree, sum);
        }
        for (std::size_t i = 0; i < self.size(); ++i)
            self[i] = tree.value(i);
    }
    if (doubts) {
        double inRanges = 0;
        for (std::size_t i = 0; i < sum.added.size(); ++i) {
            inRanges += sum.ranges[i];
            // The running sum of what was added and taken away may miss 0 by its last bits.
            (*doubts)[i] = sum.added[i] + std::max(0.0, inRanges);
        }
    }
    return self;
}

} // namespace tailscope::analysis
