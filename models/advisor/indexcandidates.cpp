// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Facts of scans from plans: their conditions, the joins and the ORDER BY above them.
#include "advisor/indexcandidates.h"

#include "advisor/indexcatalog.h"
#include "advisor/indextext.h"
#include "analysis/rowinsert.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::advisor {

namespace {

constexpr double kMinWallMs = 1; // a quicker scan needs no index
constexpr double kManyRows = 10'000; // of a scan that a join reads to find a few
constexpr double kFewShare = 0.1; // rows of the other side, or of a LIMIT, against those of the scan
constexpr double kUnknown = -1;

struct Node
{
    std::int64_t id = 0;
    int node = 0, parent = -1;
    std::string type, relationship, relation, schema, alias, index, condition, filter, extra;
    std::optional<double> planRows, actualRows, removedByFilter, removedByJoin, loops, selfMs, wallMs;
};

struct Row
{
    std::int64_t node = 0;
    std::int64_t rank = 0;
    std::string schema, relation;
    double gainMs = 0;
    std::int64_t tableIndexes = kUnknown;
    IndexCandidate candidate;
};

std::vector<std::string> texts(const QJsonObject &extra, const char *key)
{
    std::vector<std::string> list;
    const QJsonValue value = extra.value(QLatin1String(key));
    if (value.isString())
        return splitList(value.toString().toStdString());
    for (const auto &item : value.toArray())
        list.push_back(item.toString().toStdString());
    return list;
}

QJsonObject extraOf(const Node &node)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(node.extra)).object();
}

/// "o.total" or "total" as a column of the scan; empty when it is anything else.
std::string ownColumn(std::string_view text, const Node &scan)
{
    std::string name = withoutQualifier(text, plainName(scan.alias));
    if (name == text)
        name = withoutQualifier(text, plainName(scan.relation));
    if (name.starts_with('"') && name.find('"', 1) == name.size() - 1)
        return plainName(name);
    return name.find_first_of("(). :'\"[") == name.npos ? name : std::string();
}

/// "o.created_at DESC NULLS LAST"; nothing when it is no plain column of the scan.
std::optional<SortColumn> sortColumn(const std::string &key, const Node &scan)
{
    std::size_t end = key.size();
    for (const std::string_view word : {" DESC", " ASC", " NULLS", " COLLATE", " USING"})
        end = std::min(end, key.find(word));
    const std::string order = key.substr(end);
    if (order.find("COLLATE") != order.npos || order.find("USING") != order.npos)
        return std::nullopt;
    std::string column = ownColumn(std::string_view(key).substr(0, end), scan);
    if (column.empty())
        return std::nullopt;
    return SortColumn{std::move(column), order};
}

class Plan
{
public:
    explicit Plan(std::vector<Node> nodes)
        : m_nodes(std::move(nodes))
    {}

    const std::vector<Node> &nodes() const { return m_nodes; }

    static bool isScan(const Node &node)
    {
        const bool type = node.type == "Seq Scan" || node.type == "Bitmap Heap Scan"
            || node.type.starts_with("Index Scan") || node.type.starts_with("Index Only Scan");
        return type && !node.relation.empty() && node.loops.value_or(1) > 0
            && node.wallMs.value_or(kMinWallMs) >= kMinWallMs;
    }

    ScanFacts facts(const Node &node, std::vector<PlanCondition> conditions, std::size_t indexConditions,
        const IndexCatalog &catalog) const
    {
        ScanFacts scan;
        scan.schema = plainName(node.schema);
        scan.relation = plainName(node.relation);
        scan.alias = plainName(node.alias);
        scan.filter = node.filter + ' ' + node.condition;
        scan.conditions = std::move(conditions);
        scan.indexConditions = indexConditions;
        scan.usedIndex = plainName(indexOf(node));
        const bool measured = node.loops && node.actualRows;
        scan.kept = measured ? *node.actualRows : node.planRows.value_or(kUnknown);
        scan.examined = measured ? *node.actualRows + node.removedByFilter.value_or(0) : kUnknown;
        for (const std::string &text : texts(extraOf(node), "Output")) {
            std::string column = ownColumn(text, node);
            if (column.empty()) {
                scan.output.clear();
                break;
            }
            scan.output.push_back(std::move(column));
        }
        addIntersection(node, scan);
        addSort(node, scan);
        addOrder(node, scan, catalog);
        if (node.type == "Seq Scan")
            addJoin(node, scan);
        return scan;
    }

private:
    const Node *above(const Node &node) const
    {
        const bool there = node.parent >= 0 && node.parent < static_cast<int>(m_nodes.size());
        return there ? &m_nodes[static_cast<std::size_t>(node.parent)] : nullptr;
    }

    /// The first node above that is none of these.
    const Node *aboveAll(const Node &node, std::initializer_list<std::string_view> passed) const
    {
        const Node *up = above(node);
        while (up && std::find(passed.begin(), passed.end(), up->type) != passed.end())
            up = above(*up);
        return up;
    }

    std::string indexOf(const Node &node) const
    {
        if (!node.index.empty() || node.type != "Bitmap Heap Scan")
            return node.index;
        // In pre-order the only child follows.
        const std::size_t next = static_cast<std::size_t>(node.node) + 1;
        return next < m_nodes.size() && m_nodes[next].parent == node.node ? m_nodes[next].index
                                                                          : std::string();
    }

    /// Indexes that a bitmap intersects: one on all their columns does better, and none of them serves alone.
    void addIntersection(const Node &node, ScanFacts &scan) const
    {
        const std::size_t next = static_cast<std::size_t>(node.node) + 1;
        if (next >= m_nodes.size() || m_nodes[next].parent != node.node || m_nodes[next].type != "BitmapAnd")
            return;
        for (const Node &arm : m_nodes) {
            if (arm.parent == m_nodes[next].node && scan.examined >= 0)
                scan.examined = std::max(scan.examined, arm.actualRows.value_or(0));
        }
        scan.indexConditions = 0;
    }

    /// Rows a LIMIT takes, when they are few of those of the scan.
    bool isCutShort(const Node *limit, double rows) const
    {
        if (!limit || limit->type != "Limit")
            return false;
        const double taken = limit->actualRows ? *limit->actualRows : limit->planRows.value_or(rows);
        return taken <= kFewShare * rows;
    }

    void addSort(const Node &node, ScanFacts &scan) const
    {
        const Node *sort = aboveAll(node, {"Gather", "Gather Merge"});
        if (!sort || sort->type != "Sort" || scan.kept < kMinExaminedRows)
            return;
        if (!isCutShort(aboveAll(*sort, {"Gather", "Gather Merge"}), scan.kept))
            return;
        std::vector<SortColumn> columns;
        for (const std::string &key : texts(extraOf(*sort), "Sort Key")) {
            std::optional<SortColumn> column = sortColumn(key, node);
            if (!column)
                return;
            columns.push_back(std::move(*column));
        }
        scan.sort = std::move(columns);
    }

    /// A scan without condition that reads an index for its order, under a LIMIT or backwards.
    void addOrder(const Node &node, ScanFacts &scan, const IndexCatalog &catalog) const
    {
        if (!node.type.starts_with("Index") || !node.condition.empty() || scan.examined <= scan.kept)
            return;
        const bool backward = node.type.ends_with("Backward")
            || extraOf(node).value(QLatin1String("Scan Direction")).toString() == QLatin1String("Backward");
        const Node *up = above(node);
        if (!backward && !(up && up->type == "Limit"))
            return;
        scan.isInOrder = true;
        for (const ExistingIndex &index : catalog.table(scan.schema, scan.relation).indexes) {
            if (index.name != scan.usedIndex)
                continue;
            for (const std::string &column : index.columns) {
                if (column.find('(') != std::string::npos) {
                    scan.sort.clear(); // an expression is no column to quote
                    break;
                }
                scan.sort.push_back({column, {}});
            }
        }
    }

    /// Columns of a sequential scan that a join compares with a side of few rows.
    void addJoin(const Node &node, ScanFacts &scan) const
    {
        const Node *below = &node;
        const Node *join = above(node);
        while (join && (join->type == "Materialize" || join->type == "Hash" || join->type == "Sort")) {
            below = join;
            join = above(*join);
        }
        if (!join || !join->actualRows || scan.examined < 0)
            return;
        if (join->type == "Nested Loop" && isInner(*below)) {
            const std::string text
                = extraOf(*join).value(QLatin1String("Join Filter")).toString().toStdString();
            scan.joins = keys(text, node);
            if (scan.joins.empty())
                return;
            scan.examined = std::max(scan.examined, *join->actualRows + join->removedByJoin.value_or(0));
            scan.kept = *join->actualRows;
        } else if (join->type.ends_with("Hash Join") || join->type.ends_with("Merge Join")) {
            const bool few = scan.kept >= kManyRows && otherRows(*join, *below) <= kFewShare * scan.kept
                && *join->actualRows <= kFewShare * scan.kept;
            if (!few)
                return;
            scan.joins = keys(join->condition, node);
            if (!scan.joins.empty())
                scan.kept = *join->actualRows;
        }
    }

    static bool isInner(const Node &node) { return node.relationship == "Inner"; }

    double otherRows(const Node &join, const Node &side) const
    {
        for (const Node &node : m_nodes) {
            if (node.parent == join.node && node.node != side.node && node.actualRows)
                return *node.actualRows;
        }
        return HUGE_VAL;
    }

    static std::vector<PlanCondition> keys(const std::string &text, const Node &scan)
    {
        std::vector<PlanCondition> list
            = parsePlanCondition(text, plainName(scan.alias), plainName(scan.relation));
        std::erase_if(list,
            [](const PlanCondition &c) { return c.op != "=" || !c.literal.empty() || !c.conjunct; });
        return list;
    }

    std::vector<Node> m_nodes;
};

class Candidates
{
public:
    Candidates(store::Database &reader, const Progress &progress)
        : m_reader(reader)
        , m_progress(progress)
    {}

    Result<std::vector<Row>> run()
    {
        Result<store::Statement> query = m_reader.prepare(
            "SELECT p.id, n.id, n.node, n.parent, n.node_type, n.parent_relationship, n.relation, n.schema, "
            "n.alias,"
            " n.index_name, n.condition, n.filter, n.extra, n.plan_rows, n.actual_rows, "
            "n.rows_removed_by_filter,"
            " n.rows_removed_by_join_filter, n.loops, n.self_ms, n.wall_ms"
            " FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id"
            " WHERE coalesce(p.engine, 'postgresql') = 'postgresql' ORDER BY p.id, n.node");
        if (!query)
            return fail(query.error());
        std::int64_t plan = 0;
        std::vector<Node> nodes;
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row || query->integer(0) != plan) {
                TS_TRY(advise(std::move(nodes)));
                nodes.clear();
            }
            if (!*row)
                break;
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, "indexes to try", "cancelled", "Run the rules again");
            plan = query->integer(0);
            nodes.push_back(nodeOf(*query));
        }
        return std::move(m_rows);
    }

private:
    static Node nodeOf(const store::Statement &row)
    {
        Node node;
        node.id = row.integer(1);
        node.node = static_cast<int>(row.integer(2));
        node.parent = row.isNull(3) ? -1 : static_cast<int>(row.integer(3));
        int column = 4;
        for (std::string *text : {&node.type, &node.relationship, &node.relation, &node.schema, &node.alias,
                 &node.index, &node.condition, &node.filter, &node.extra})
            *text = row.text(column++);
        for (std::optional<double> *number : {&node.planRows, &node.actualRows, &node.removedByFilter,
                 &node.removedByJoin, &node.loops, &node.selfMs, &node.wallMs})
            *number = row.optionalReal(column++);
        return node;
    }

    Result<void> advise(std::vector<Node> nodes)
    {
        const Plan plan(std::move(nodes));
        for (const Node &node : plan.nodes()) {
            if (!Plan::isScan(node))
                continue;
            TS_TRY(loadCatalog());
            std::vector<PlanCondition> conditions;
            std::size_t indexConditions = 0;
            TS_TRY(readConditions(node.id, conditions, indexConditions));
            const ScanFacts scan = plan.facts(node, std::move(conditions), indexConditions, *m_catalog);
            const TableFacts &table = m_catalog->table(scan.schema, scan.relation);
            Row row{node.id, 0, scan.schema, scan.relation, node.selfMs.value_or(NAN),
                table.isKnown ? static_cast<std::int64_t>(table.indexes.size()) : std::int64_t(kUnknown), {}};
            for (IndexCandidate &candidate : adviseIndexes(scan, table)) {
                ++row.rank;
                row.candidate = std::move(candidate);
                m_rows.push_back(row);
            }
        }
        return {};
    }

    Result<void> loadCatalog()
    {
        if (m_catalog)
            return {};
        Result<IndexCatalog> catalog = IndexCatalog::load(m_reader);
        if (!catalog)
            return fail(catalog.error());
        m_catalog = std::make_unique<IndexCatalog>(std::move(*catalog));
        Result<store::Statement> query
            = m_reader.prepare("SELECT place, \"column\", operator, wrapped_in, literal FROM plan_condition "
                               "WHERE plan_node_id = ?1"
                               " ORDER BY place NOT IN ('index_cond', 'recheck_cond'), ordinal");
        if (!query)
            return fail(query.error());
        m_conditions = std::move(*query);
        return {};
    }

    Result<void> readConditions(std::int64_t node, std::vector<PlanCondition> &list, std::size_t &fromIndex)
    {
        m_conditions.reset();
        m_conditions.bind(0, node);
        for (;;) {
            const Result<bool> row = m_conditions.step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return {};
            const std::string_view place = m_conditions.text(0);
            if (place.starts_with("join_filter"))
                continue;
            fromIndex += place == "index_cond" || place == "recheck_cond";
            list.push_back({std::string(m_conditions.text(1)), std::string(m_conditions.text(2)),
                std::string(m_conditions.text(3)), std::string(m_conditions.text(4)),
                !place.ends_with(".or")});
        }
    }

    store::Database &m_reader;
    const Progress &m_progress;
    std::unique_ptr<IndexCatalog> m_catalog;
    store::Statement m_conditions;
    std::vector<Row> m_rows;
};

std::string joinedColumns(const IndexCandidate &candidate)
{
    std::string text;
    for (const std::string &column : candidate.columns)
        text += (text.empty() ? "" : ", ") + column;
    return text;
}

Result<void> write(store::Database &writer, std::int64_t run, const std::vector<Row> &rows)
{
    analysis::RowInsert insert;
    TS_TRY(insert.replace(writer, "index_candidate",
        "run_id, plan_node_id, rank, schema, relation, columns, include, predicate, equality, reason, "
        "existing,"
        " table_indexes, gain_ms, ddl"));
    for (const Row &row : rows) {
        const IndexCandidate &candidate = row.candidate;
        const std::string columns = joinedColumns(candidate);
        insert.add(run).add(row.node).add(row.rank).textOrNull(row.schema).textOrNull(row.relation);
        insert.textOrNull(columns).textOrNull(candidate.include).textOrNull(candidate.predicate);
        insert.add(std::int64_t(candidate.equality))
            .textOrNull(candidate.reason)
            .textOrNull(candidate.existing);
        if (row.tableIndexes < 0)
            insert.null();
        else
            insert.add(row.tableIndexes);
        insert.add(row.gainMs).textOrNull(candidate.ddl);
        TS_TRY(insert.run());
    }
    return {};
}

} // namespace

Result<analysis::WriteRows> computeIndexCandidates(const store::Workspace &workspace,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<std::vector<Row>> rows = Candidates(*reader, progress).run();
    if (!rows)
        return fail(rows.error());
    const auto kept = std::make_shared<const std::vector<Row>>(std::move(*rows));
    return analysis::WriteRows(
        [kept](store::Database &writer, std::int64_t run) { return write(writer, run, *kept); });
}

} // namespace tailscope::advisor
