// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plantree.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

using Node = PlanTree::Node;

/// An importer refuses larger plans; a foreign workspace may hold any.
constexpr std::int64_t kMaxNodes = 200'000;

constexpr std::string_view kPlan
    = "SELECT p.id, p.statement_id, p.engine, p.server_version, p.query_text, s.fingerprint, "
      "p.captured_at_ns,"
      " p.planning_ms, coalesce(p.execution_ms, p.duration_ms), p.saved_good"
      " FROM plan AS p LEFT JOIN statement AS s ON s.id = p.statement_id WHERE p.id = ?1";

constexpr std::string_view kNodes
    = "SELECT id, node, parent, depth, node_type, join_type, parent_relationship, subplan_name, schema, "
      "relation,"
      " alias, index_name, condition, filter,"
      " plan_rows, startup_cost, total_cost, actual_rows, loops, wall_ms, self_ms, doubt_ms, shared_hit,"
      " shared_read, self_shared_hit, self_shared_read, hash_batches, workers_planned, workers_launched,"
      " rows_removed_by_filter, rows_removed_by_join_filter, rows_removed_by_index_recheck,"
      " temp_read, temp_written, sort_disk,"
      " x ->> '$.\"CTE Name\"', x ->> '$.\"Function Name\"', x ->> '$.\"Tuplestore Name\"',"
      " x ->> '$.\"Join Filter\"', x ->> '$.\"Partial Mode\"', x ->> '$.\"Strategy\"', x ->> '$.\"Command\"',"
      " x ->> '$.\"Operation\"', x ->> '$.\"Sort Key\"', x ->> '$.\"Group Key\"', x ->> '$.\"Parallel "
      "Aware\"'"
      " FROM (SELECT *, CASE WHEN json_valid(extra) THEN extra END AS x FROM plan_node WHERE plan_id = ?1)"
      " ORDER BY node LIMIT ?2";

double sum(double a, double b) { return std::isnan(a) ? b : std::isnan(b) ? a : a + b; }

std::string text(const store::Statement &row, int column) { return std::string(row.text(column)); }

void readTexts(const store::Statement &row, Node &node)
{
    std::string *texts[] = {&node.nodeType, &node.joinType, &node.parentRelationship, &node.subplanName,
        &node.schema, &node.relation, &node.alias, &node.indexName, &node.condition, &node.filter};
    int column = 4;
    for (std::string *out : texts)
        *out = text(row, column++);
    for (int c = 35; c <= 37 && node.object.empty(); ++c)
        node.object = text(row, c);
    node.joinFilter = text(row, 38);
    for (const int c : {39, 40, 41, 42}) {
        const std::string_view word = row.text(c);
        // What every plain node says tells nothing.
        if (word.empty() || word == "Simple" || word == "Plain" || word == node.nodeType)
            continue;
        node.variant += (node.variant.empty() ? "" : " ") + std::string(word);
    }
    node.keys = text(row, 43) + text(row, 44);
    node.parallelAware = row.integer(45) == 1;
}

void readFigures(const store::Statement &row, Node &node)
{
    double *figures[] = {&node.planRows, &node.startupCost, &node.totalCost, &node.actualRows, &node.loops,
        &node.wallMs, &node.selfMs, &node.doubtMs, &node.sharedHit, &node.sharedRead, &node.selfHit,
        &node.selfRead, &node.hashBatches, &node.workersPlanned, &node.workersLaunched};
    int column = 14;
    for (double *out : figures)
        *out = row.real(column++);
    for (; column <= 31; ++column)
        node.removed = sum(node.removed, row.real(column));
    node.temp = sum(row.real(32), row.real(33));
    node.sortOnDisk = row.integer(34) == 1;
}

/// "Partial HashAggregate": one word of TEXT, two properties of the other formats.
std::string aggregateName(const std::string &variant)
{
    const auto has = [&variant](const char *word) { return variant.find(word) != std::string::npos; };
    const std::string name = has("Hashed") ? "HashAggregate"
        : has("Sorted")                    ? "GroupAggregate"
        : has("Mixed")                     ? "MixedAggregate"
                                           : "Aggregate";
    return has("Partial") ? "Partial " + name : has("Finalize") ? "Finalize " + name : name;
}

/// Numbers of nodes to indexes: nodes come by number, a parent before its children. What is damaged is a
/// root.
void linkParents(PlanTree &tree, const std::vector<std::int64_t> &parents)
{
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const auto end = tree.nodes.begin() + std::ptrdiff_t(i);
        const auto found = std::lower_bound(tree.nodes.begin(), end, parents[i],
            [](const Node &node, std::int64_t number) { return node.number < number; });
        tree.nodes[i].parent = parents[i] >= 0 && found != end && found->number == parents[i]
            ? int(found - tree.nodes.begin())
            : -1;
        tree.nodes[i].depth
            = tree.nodes[i].parent < 0 ? 0 : tree.nodes[std::size_t(tree.nodes[i].parent)].depth + 1;
    }
    for (Node &node : tree.nodes)
        node.selfTemp = node.temp;
    for (const Node &node : tree.nodes) {
        if (node.parent >= 0 && !std::isnan(node.temp))
            tree.nodes[std::size_t(node.parent)].selfTemp -= node.temp;
    }
}

} // namespace

double PlanTree::Node::blocks() const { return sum(sharedHit, sharedRead); }

double PlanTree::Node::selfBlocks() const { return sum(selfHit, selfRead); }

std::string PlanTree::Node::title() const
{
    std::string out = subplanName.empty() ? std::string() : subplanName + ": ";
    std::string type = nodeType == "Aggregate" ? aggregateName(variant) : nodeType;
    if (!joinType.empty() && joinType != "Inner" && type.find(joinType) == std::string::npos) {
        const std::size_t at = type.rfind(" Join");
        type.insert(at == std::string::npos ? type.size() : at, " " + joinType);
    }
    if (parallelAware && !type.starts_with("Parallel"))
        out += "Parallel ";
    out += type;
    if (!indexName.empty())
        out += (nodeType.starts_with("Bitmap Index") ? " on " : " using ") + indexName;
    const std::string &target = relation.empty() ? object : relation;
    if (!target.empty())
        out += " on " + target;
    if (!alias.empty() && alias != target)
        out += target.empty() ? " on " + alias : " " + alias;
    return out;
}

double PlanTree::totalMs() const
{
    return !std::isnan(executionMs) || nodes.empty() ? executionMs : nodes.front().wallMs;
}

bool PlanTree::hasActuals() const
{
    return std::any_of(nodes.begin(), nodes.end(), [](const Node &node) { return !std::isnan(node.loops); });
}

std::vector<std::vector<int>> PlanTree::children() const
{
    std::vector<std::vector<int>> lists(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].parent >= 0)
            lists[std::size_t(nodes[i].parent)].push_back(int(i));
    }
    return lists;
}

Result<PlanTreeReader> PlanTreeReader::open(store::Database &reader)
{
    PlanTreeReader trees;
    Result<store::Statement> plan = reader.prepare(kPlan);
    if (!plan)
        return fail(std::move(plan.error()));
    Result<store::Statement> nodes = reader.prepare(kNodes);
    if (!nodes)
        return fail(std::move(nodes.error()));
    trees.m_plan = std::move(*plan);
    trees.m_nodes = std::move(*nodes);
    return trees;
}

Result<void> PlanTreeReader::readNodes(PlanTree &tree)
{
    m_nodes.reset();
    m_nodes.bind(0, tree.id);
    m_nodes.bind(1, kMaxNodes);
    std::vector<std::int64_t> parents;
    while (true) {
        const Result<bool> row = m_nodes.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        Node node;
        node.id = m_nodes.integer(0);
        node.number = int(m_nodes.integer(1));
        parents.push_back(m_nodes.isNull(2) ? -1 : m_nodes.integer(2));
        readTexts(m_nodes, node);
        readFigures(m_nodes, node);
        tree.nodes.push_back(std::move(node));
    }
    m_nodes.reset();
    linkParents(tree, parents);
    return {};
}

Result<PlanTree> PlanTreeReader::load(std::int64_t planId)
{
    m_plan.reset();
    m_plan.bind(0, planId);
    const Result<bool> row = m_plan.step();
    if (!row)
        return fail(row.error());
    if (!*row)
        return fail(ErrorCode::NotFound, "plan " + std::to_string(planId), "there is no such plan",
            "Its source may have been removed");
    PlanTree tree;
    tree.id = m_plan.integer(0);
    tree.statementId = m_plan.integer(1);
    tree.engine = text(m_plan, 2);
    tree.serverVersion = text(m_plan, 3);
    tree.query = text(m_plan, 4);
    tree.fingerprint = text(m_plan, 5);
    tree.capturedAtNs = m_plan.optionalInteger(6);
    tree.planningMs = m_plan.real(7);
    tree.executionMs = m_plan.real(8);
    tree.savedGood = m_plan.integer(9) == 1;
    m_plan.reset();
    TS_TRY(readNodes(tree));
    return tree;
}

Result<PlanTree> loadPlanTree(store::Database &reader, std::int64_t planId)
{
    Result<PlanTreeReader> trees = PlanTreeReader::open(reader);
    if (!trees)
        return fail(std::move(trees.error()));
    return trees->load(planId);
}

} // namespace tailscope::analysis
