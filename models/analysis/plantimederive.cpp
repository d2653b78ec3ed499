// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/plantime.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

/// Rows updated in one transaction: well below 100 ms.
constexpr std::int64_t kRowsPerTransaction = 4000;
/// An importer refuses larger plans; a foreign workspace may hold any.
constexpr std::int64_t kMaxNodes = 200'000;

constexpr std::string_view kNodes
    = "SELECT id, node, parent, node_type, parent_relationship, subplan_name, condition, filter, loops, "
      "total_ms,"
      " shared_hit, shared_read, extra,"
      " CASE WHEN node_type = 'CTE Scan' AND json_valid(extra) THEN json_extract(extra, '$.\"CTE Name\"') "
      "END,"
      " (SELECT engine FROM plan_raw WHERE plan_raw.id = plan_id) = 'mysql'"
      " FROM plan_node_raw WHERE plan_id = ? ORDER BY node, id LIMIT ?";
constexpr std::string_view kWorkers = "SELECT node, worker, total_ms, loops FROM plan_worker_raw"
                                      " WHERE plan_id = ? ORDER BY node, id LIMIT ?";
constexpr std::string_view kUpdate = "UPDATE plan_node_raw SET wall_ms = ?, self_ms = ?, doubt_ms = ?,"
                                     " self_shared_hit = ?, self_shared_read = ? WHERE id = ?";
// 1: the plan, 2: the path of the key, 3: the time or NULL.
constexpr std::string_view kRemainder
    = "UPDATE plan_raw SET extra = CASE WHEN ?3 IS NOT NULL THEN json_set(coalesce(extra, '{}'), ?2, ?3)"
      " ELSE nullif(json_remove(extra, ?2), '{}') END"
      " WHERE id = ?1 AND (extra IS NULL OR json_valid(extra)) AND json_extract(extra, ?2) IS NOT ?3";

struct StoredPlan
{
    std::vector<std::int64_t> ids; ///< of the rows
    std::vector<std::int64_t> numbers; ///< of the nodes in the plan, ascending
    std::vector<PlanTimeNode> nodes;

    int indexOf(std::int64_t number) const
    {
        const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
        return found != numbers.end() && *found == number ? static_cast<int>(found - numbers.begin()) : -1;
    }
};

class PlanTimeDeriver
{
public:
    explicit PlanTimeDeriver(store::Database database)
        : m_database(std::move(database))
    {}
    Result<void> prepare();
    Result<std::vector<std::int64_t>> plans(std::int64_t sourceId);
    Result<std::int64_t> derive(std::int64_t planId);
    Result<void> commit();
    void rollback() { m_database.rollback(); }

private:
    Result<StoredPlan> load(std::int64_t planId);
    Result<void> loadWorkers(std::int64_t planId, StoredPlan &plan);
    Result<void> begin();
    Result<void> storeRemainder(std::int64_t planId, double milliseconds);

    store::Database m_database;
    store::Statement m_nodes, m_workers, m_update, m_remainder;
    bool m_open = false;
    std::int64_t m_rows = 0;
};

Result<void> PlanTimeDeriver::prepare()
{
    const auto compile = [this](std::string_view sql, store::Statement &out) -> Result<void> {
        Result<store::Statement> statement = m_database.prepare(sql);
        if (!statement)
            return fail(std::move(statement.error()));
        out = std::move(*statement);
        return {};
    };
    TS_TRY(compile(kNodes, m_nodes));
    TS_TRY(compile(kWorkers, m_workers));
    TS_TRY(compile(kRemainder, m_remainder));
    return compile(kUpdate, m_update);
}

Result<std::vector<std::int64_t>> PlanTimeDeriver::plans(std::int64_t sourceId)
{
    Result<store::Statement> statement
        = m_database.prepare("SELECT id FROM plan_raw WHERE source_id = ? ORDER BY id");
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, sourceId);
    std::vector<std::int64_t> ids;
    while (true) {
        const Result<bool> row = statement->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return ids;
        ids.push_back(statement->integer(0));
    }
}

/// Every text of a node in which an InitPlan may be mentioned; EXPLAIN's other properties are all in `extra`.
void takeExpressions(const store::Statement &row, PlanTimeNode &node)
{
    for (const int column : {6, 7, 12}) {
        const std::string_view text = row.text(column);
        if (!text.empty())
            node.expressions.emplace_back(text);
    }
    const std::string_view extra = row.text(12);
    node.paramsEvaluated = extra.find("\"Params Evaluated\":") != std::string_view::npos;
    node.singleCopy = extra.find("\"Single Copy\":true") != std::string_view::npos;
    node.isCut = extra.find("\"Plans Truncated\":true") != std::string_view::npos;
}

Result<StoredPlan> PlanTimeDeriver::load(std::int64_t planId)
{
    StoredPlan plan;
    std::vector<std::int64_t> parents;
    m_nodes.reset();
    m_nodes.bind(0, planId);
    m_nodes.bind(1, kMaxNodes);
    while (true) {
        const Result<bool> row = m_nodes.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        PlanTimeNode node;
        plan.ids.push_back(m_nodes.integer(0));
        plan.numbers.push_back(m_nodes.integer(1));
        parents.push_back(m_nodes.isNull(2) ? -1 : m_nodes.integer(2));
        node.nodeType = m_nodes.text(3);
        node.parentRelationship = m_nodes.text(4);
        node.subplanName = m_nodes.text(5);
        node.loops = m_nodes.optionalReal(8);
        node.totalMsPerLoop = m_nodes.optionalReal(9);
        node.sharedHit = m_nodes.optionalInteger(10);
        node.sharedRead = m_nodes.optionalInteger(11);
        node.cteName = m_nodes.text(13);
        if (m_nodes.integer(14) != 0 && node.totalMsPerLoop)
            node.roundingMs = mysqlRoundingMs(*node.totalMsPerLoop);
        takeExpressions(m_nodes, node);
        plan.nodes.push_back(std::move(node));
    }
    m_nodes.reset();
    for (std::size_t i = 0; i < parents.size(); ++i)
        plan.nodes[i].parent = parents[i] < 0 ? -1 : plan.indexOf(parents[i]);
    TS_TRY(loadWorkers(planId, plan));
    return plan;
}

Result<void> PlanTimeDeriver::loadWorkers(std::int64_t planId, StoredPlan &plan)
{
    m_workers.reset();
    m_workers.bind(0, planId);
    m_workers.bind(1, kMaxNodes);
    while (true) {
        const Result<bool> row = m_workers.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        const int index = plan.indexOf(m_workers.integer(0));
        // Workers may have only other figures (a sort's memory): no loops, no time.
        if (index < 0 || m_workers.isNull(3))
            continue;
        const double total = m_workers.optionalReal(2).value_or(0);
        plan.nodes[static_cast<std::size_t>(index)].workers.push_back(
            {static_cast<int>(m_workers.integer(1)), total, m_workers.real(3)});
    }
    m_workers.reset();
    return {};
}

Result<void> PlanTimeDeriver::begin()
{
    if (m_open)
        return {};
    m_open = true;
    return m_database.begin();
}

/// Kept beside the tree, which shows such nodes with 0.
Result<void> PlanTimeDeriver::storeRemainder(std::int64_t planId, double milliseconds)
{
    // Figures have three decimals; what is left below that is the arithmetic's.
    const double rounded = std::round(milliseconds * 1e6) / 1e6;
    TS_TRY(begin());
    const std::string path = "$.\"" + std::string(kNotAttributableKey) + '"';
    m_remainder.bind(0, planId);
    m_remainder.bind(1, std::string_view(path));
    m_remainder.bindOptional(2, rounded > 0 ? std::optional(rounded) : std::nullopt);
    ++m_rows;
    return m_remainder.run();
}

Result<std::int64_t> PlanTimeDeriver::derive(std::int64_t planId)
{
    Result<StoredPlan> plan = load(planId);
    if (!plan)
        return fail(std::move(plan.error()));
    TS_TRY(storeRemainder(planId, computePlanTimes(plan->nodes)));
    for (std::size_t i = 0; i < plan->nodes.size(); ++i) {
        TS_TRY(begin());
        const PlanTimeNode &node = plan->nodes[i];
        m_update.bindOptional(0, node.wallMs);
        m_update.bindOptional(1, node.selfMs);
        m_update.bindOptional(2, node.doubtMs);
        m_update.bindOptional(3, node.selfSharedHit);
        m_update.bindOptional(4, node.selfSharedRead);
        m_update.bind(5, plan->ids[i]);
        TS_TRY(m_update.run());
        if (++m_rows >= kRowsPerTransaction)
            TS_TRY(commit());
    }
    return static_cast<std::int64_t>(plan->nodes.size());
}

Result<void> PlanTimeDeriver::commit()
{
    m_rows = 0;
    if (!m_open)
        return {};
    m_open = false;
    return m_database.commit();
}

} // namespace

Result<std::int64_t> derivePlanTimes(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(std::move(database.error()));
    PlanTimeDeriver deriver(std::move(*database));
    TS_TRY(deriver.prepare());
    const Result<std::vector<std::int64_t>> plans = deriver.plans(sourceId);
    if (!plans)
        return fail(plans.error());
    std::int64_t nodes = 0;
    std::uint64_t done = 0;
    for (const std::int64_t plan : *plans) {
        if (progress.isCancelled()) {
            deriver.rollback();
            return fail(ErrorCode::Cancelled, workspace.path().string(),
                "the times of the plans were cancelled", "Open the source again to compute them");
        }
        const Result<std::int64_t> derived = deriver.derive(plan);
        if (!derived) {
            deriver.rollback();
            return fail(derived.error());
        }
        nodes += *derived;
        progress.update({"plan times", ++done, plans->size(), static_cast<std::uint64_t>(nodes)});
    }
    TS_TRY(deriver.commit());
    return nodes;
}

} // namespace tailscope::analysis
