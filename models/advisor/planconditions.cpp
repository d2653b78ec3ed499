// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/planconditions.h"

#include <array>
#include <unordered_map>

namespace tailscope::advisor {

namespace {

constexpr std::string_view kMark = "advisor.conditions"; // generation of "plan" at the last derivation
constexpr std::size_t kCacheEntries = 10'000;
constexpr std::int64_t kRowsPerTransaction = 5'000;

struct Place
{
    std::string_view name;
    std::string text;
};
struct NodeText
{
    std::int64_t id = 0;
    std::string alias, relation;
    std::array<Place, 3> places;
};

std::string_view placeOf(std::string_view nodeType)
{
    if (nodeType.starts_with("Index") || nodeType.starts_with("Bitmap Index"))
        return "index_cond";
    if (nodeType.starts_with("Bitmap Heap"))
        return "recheck_cond";
    if (nodeType.ends_with("Hash Join"))
        return "hash_cond";
    if (nodeType.ends_with("Merge Join"))
        return "merge_cond";
    return nodeType.starts_with("Tid") ? "tid_cond" : "condition";
}

class Derivation
{
public:
    Derivation(store::Database &reader, store::Database &writer, const Progress &progress)
        : m_reader(reader)
        , m_writer(writer)
        , m_progress(progress)
    {}

    Result<std::int64_t> run()
    {
        Result<std::vector<std::pair<std::int64_t, std::int64_t>>> plans = openPlans();
        if (!plans)
            return fail(plans.error());
        std::uint64_t done = 0;
        for (const auto &[plan, source] : *plans) {
            if (m_progress.isCancelled()) {
                m_writer.rollback();
                return fail(ErrorCode::Cancelled, "conditions of plans", "cancelled", "Run the rules again");
            }
            TS_TRY(derivePlan(plan, source));
            m_progress.update({"reading conditions of plans", ++done, plans->size(), 0});
        }
        TS_TRY(close());
        return m_rows;
    }

private:
    using Plans = std::vector<std::pair<std::int64_t, std::int64_t>>;

    Result<Plans> openPlans()
    {
        Plans plans;
        Result<store::Statement> query = m_reader.prepare(
            "SELECT p.id, p.source_id FROM plan AS p WHERE NOT EXISTS (SELECT 1 FROM plan_node AS n"
            " CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id WHERE n.plan_id = p.id) ORDER BY p.id");
        if (!query)
            return fail(query.error());
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return plans;
            plans.emplace_back(query->integer(0), query->integer(1));
        }
    }

    Result<std::vector<NodeText>> nodesOf(std::int64_t plan)
    {
        std::vector<NodeText> nodes;
        Result<store::Statement> query = m_reader.prepare(
            "SELECT id, node_type, coalesce(alias, ''), coalesce(relation, ''), condition, filter,"
            " CASE WHEN json_valid(extra) THEN json_extract(extra, '$.\"Join Filter\"') END"
            " FROM plan_node WHERE plan_id = ?1 ORDER BY node");
        if (!query)
            return fail(query.error());
        query->bind(0, plan);
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return nodes;
            if (query->isNull(4) && query->isNull(5) && query->isNull(6))
                continue;
            NodeText node;
            node.id = query->integer(0);
            node.alias = query->text(2);
            node.relation = query->text(3);
            node.places = {Place{placeOf(query->text(1)), std::string(query->text(4))},
                Place{"filter", std::string(query->text(5))},
                Place{"join_filter", std::string(query->text(6))}};
            nodes.push_back(std::move(node));
        }
    }

    Result<void> derivePlan(std::int64_t plan, std::int64_t source)
    {
        const Result<std::vector<NodeText>> nodes = nodesOf(plan);
        if (!nodes)
            return fail(nodes.error());
        if (nodes->empty())
            return {};
        TS_TRY(open());
        for (const NodeText &node : *nodes) {
            std::int64_t ordinal = 0;
            for (const Place &place : node.places) {
                for (const PlanCondition &condition : conditionsOf(place.text, node))
                    TS_TRY(insert(source, node.id, place.name, condition, ordinal++));
            }
        }
        // Only whole plans are committed: a plan with some conditions would count as done.
        return m_rowsOpen >= kRowsPerTransaction ? close() : Result<void>();
    }

    const std::vector<PlanCondition> &conditionsOf(const std::string &text, const NodeText &node)
    {
        static const std::vector<PlanCondition> kNone;
        if (text.empty())
            return kNone;
        std::string key = text + '\x1f' + node.alias + '\x1f' + node.relation;
        if (const auto found = m_cache.find(key); found != m_cache.end())
            return found->second;
        if (m_cache.size() >= kCacheEntries)
            m_cache.clear();
        return m_cache.emplace(std::move(key), parsePlanCondition(text, node.alias, node.relation))
            .first->second;
    }

    Result<void> insert(std::int64_t source, std::int64_t node, std::string_view place,
        const PlanCondition &condition, std::int64_t ordinal)
    {
        const std::string where = std::string(place) + (condition.conjunct ? "" : ".or");
        m_insert.bind(0, source);
        m_insert.bind(1, node);
        m_insert.bind(2, std::string_view(where));
        m_insert.bind(3, std::string_view(condition.column));
        m_insert.bind(4, std::string_view(condition.op));
        m_insert.bindTextOrNull(5, condition.wrappedIn);
        m_insert.bindTextOrNull(6, condition.literal);
        m_insert.bind(7, ordinal);
        TS_TRY(m_insert.run());
        ++m_rows;
        ++m_rowsOpen;
        return {};
    }

    Result<void> open()
    {
        if (m_isOpen)
            return {};
        TS_TRY(m_writer.begin());
        m_isOpen = true;
        m_rowsOpen = 0;
        Result<store::Statement> insert
            = m_writer.prepare("INSERT INTO plan_condition_raw (source_id, plan_node_id, place, column_name, "
                               "operator, wrapped_in,"
                               " literal, ordinal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        if (!insert)
            return fail(insert.error());
        m_insert = std::move(*insert);
        return {};
    }

    Result<void> close()
    {
        if (!m_isOpen)
            return {};
        m_insert = store::Statement();
        m_isOpen = false;
        return m_writer.commit();
    }

    store::Database &m_reader;
    store::Database &m_writer;
    const Progress &m_progress;
    store::Statement m_insert;
    std::unordered_map<std::string, std::vector<PlanCondition>> m_cache;
    std::int64_t m_rows = 0, m_rowsOpen = 0;
    bool m_isOpen = false;
};

} // namespace

Result<std::int64_t> derivePlanConditions(const store::Workspace &workspace, const Progress &progress)
{
    const Result<std::int64_t> generation = workspace.generation("plan");
    if (!generation)
        return fail(generation.error());
    const Result<std::optional<std::string>> mark = workspace.property(kMark);
    if (!mark)
        return fail(mark.error());
    const std::string now = std::to_string(*generation);
    if (*mark == now)
        return 0;
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(writer.error());
    const Result<std::int64_t> rows = Derivation(*reader, *writer, progress).run();
    if (!rows)
        return fail(rows.error());
    TS_TRY(workspace.setProperty(kMark, now));
    return rows;
}

} // namespace tailscope::advisor
