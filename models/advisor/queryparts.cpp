// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/queryparts.h"

#include "advisor/planconditions.h"
#include "advisor/queryoutline.h"
#include "advisor/querytokens.h"
#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <optional>

#include <pg_query.h>

namespace tailscope::advisor {

namespace {

/// Longer statements are left alone: the parse tree is many times the text.
constexpr std::size_t kMaxQueryBytes = 128 * 1024;
constexpr int kMaxNesting = 200;

using Ranges = std::vector<TextRange>;

bool isTooDeep(std::string_view sql)
{
    int depth = 0, deepest = 0;
    for (const char c : sql) {
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        deepest = std::max(deepest, depth);
    }
    return deepest > kMaxNesting;
}

/// The one statement of a text; empty when it cannot be parsed.
QJsonObject parsed(const std::string &sql)
{
    if (sql.empty() || sql.find('\0') != std::string::npos || isTooDeep(sql))
        return {};
    const PgQueryParseResult result = pg_query_parse(sql.c_str());
    QJsonDocument document;
    if (!result.error && result.parse_tree)
        document = QJsonDocument::fromJson(result.parse_tree);
    pg_query_free_parse_result(result);
    const QJsonArray statements = document.object().value(QLatin1String("stmts")).toArray();
    return statements.size() == 1 ? statements[0].toObject().value(QLatin1String("stmt")).toObject()
                                  : QJsonObject();
}

/// "o_2": the planner's name for the third table called "o".
std::pair<std::string, std::size_t> splitAlias(const std::string &alias)
{
    const std::size_t at = alias.rfind('_');
    if (at == std::string::npos || at == 0 || at + 1 >= alias.size() || alias.size() - at > 4
        || !std::all_of(alias.begin() + static_cast<std::ptrdiff_t>(at) + 1, alias.end(),
            [](char c) { return c >= '0' && c <= '9'; }))
        return {alias, 0};
    return {alias.substr(0, at), static_cast<std::size_t>(std::stoul(alias.substr(at + 1)))};
}

bool contains(const TextRange &outer, const TextRange &inner)
{
    return inner.begin >= outer.begin && inner.begin + inner.length <= outer.begin + outer.length;
}

/// In the order of the text, without what lies in another.
Ranges tidy(Ranges ranges)
{
    std::sort(ranges.begin(), ranges.end(), [](const TextRange &a, const TextRange &b) {
        return a.begin != b.begin ? a.begin < b.begin : a.length > b.length;
    });
    Ranges out;
    for (const TextRange &range : ranges) {
        if (range.length == 0)
            continue;
        if (!out.empty() && range.begin < out.back().begin + out.back().length) {
            const std::size_t end
                = std::max(out.back().begin + out.back().length, range.begin + range.length);
            out.back().length = end - out.back().begin;
            continue;
        }
        out.push_back(range);
    }
    return out;
}

/// Columns of each part of a condition between ANDs.
std::vector<std::set<QueryColumn>> conditionColumns(const std::string &condition)
{
    std::vector<std::set<QueryColumn>> out;
    if (condition.empty() || condition.size() > kMaxConditionBytes)
        return out;
    const QJsonObject select = parsed("SELECT WHERE " + parsableCondition(condition))
                                   .value(QLatin1String("SelectStmt"))
                                   .toObject();
    for (const QJsonObject &part : conjunctsOf(select.value(QLatin1String("whereClause")).toObject())) {
        std::set<QueryColumn> columns = columnsOf(part);
        if (!columns.empty())
            out.push_back(std::move(columns));
    }
    return out;
}

/// Of a key as EXPLAIN prints it, with DESC and the like.
std::set<std::string> keySignature(const std::string &key)
{
    const QJsonObject select
        = parsed("SELECT 1 ORDER BY " + parsableCondition(key)).value(QLatin1String("SelectStmt")).toObject();
    return signatureOf(select);
}

class Finder
{
public:
    Finder(const QueryOutline &outline, const QueryPartNode &node)
        : m_outline(outline)
        , m_node(node)
    {
        // Each CTE is looked for inside the one around it.
        for (const std::string &name : node.scopes) {
            for (const QueryOutline::Named &cte : outline.ctes) {
                if (cte.name == name && (!m_scope || contains(*m_scope, cte.body)))
                    m_scope = cte.body;
            }
        }
    }

    Ranges find()
    {
        const std::string &type = m_node.nodeType;
        if (m_node.isSubplanRoot)
            sublinks();
        if (type == "CTE Scan" || type == "WorkTable Scan")
            cteScan();
        else if (type == "Subquery Scan")
            named(m_outline.subselects, m_node.alias);
        else if (type == "Function Scan" || type == "Table Function Scan")
            functionScan();
        else if (type == "Values Scan")
            all(m_outline.values);
        else if (type == "ModifyTable" || type == "Insert" || type == "Update" || type == "Delete"
            || type == "Merge")
            target();
        else if (type == "Limit")
            all(m_outline.limits);
        else if (type == "LockRows")
            all(m_outline.locks);
        else if (type == "Unique" || type == "SetOp" || type == "Append" || type == "Merge Append"
            || type == "Recursive Union" || type == "HashSetOp")
            sets();
        else if (type == "Sort" || type == "Incremental Sort")
            sorts();
        else if (type == "WindowAgg")
            windows();
        else if (type.find("Aggregate") != std::string::npos || type == "Group")
            aggregates();
        else if (!m_node.relation.empty())
            tables(m_node.relation, m_node.alias);
        comparisons();
        return tidy(std::move(m_found));
    }

private:
    bool isInScope(const TextRange &range) const { return !m_scope || contains(*m_scope, range); }

    void add(const TextRange &range)
    {
        if (isInScope(range))
            m_found.push_back(range);
    }

    void all(const Ranges &ranges)
    {
        for (const TextRange &range : ranges)
            add(range);
    }

    void named(const std::vector<QueryOutline::Named> &list, const std::string &alias)
    {
        const std::string base = splitAlias(alias).first;
        for (const QueryOutline::Named &item : list) {
            if (item.name == alias || item.name == base)
                add(item.range);
        }
    }

    /// The one table that is called so; of several the one the planner counted.
    void tables(const std::string &name, const std::string &alias)
    {
        std::vector<const QueryOutline::Table *> exact, counted, relation;
        const auto [base, ordinal] = splitAlias(alias.empty() ? name : alias);
        for (const QueryOutline::Table &table : m_outline.tables) {
            if (!isInScope(table.range))
                continue;
            if (table.alias == (alias.empty() ? name : alias))
                exact.push_back(&table);
            if (table.alias == base)
                counted.push_back(&table);
            if (table.name == name)
                relation.push_back(&table);
        }
        if (!exact.empty())
            m_found.push_back(exact.front()->range);
        else if (!counted.empty())
            m_found.push_back(counted[std::min(ordinal, counted.size() - 1)]->range);
        else if (relation.size() == 1)
            m_found.push_back(relation.front()->range);
    }

    void cteScan()
    {
        tables(m_node.cteName, m_node.alias);
        for (const QueryOutline::Named &cte : m_outline.ctes) {
            if (cte.name == m_node.cteName)
                m_found.push_back(cte.range);
        }
    }

    void functionScan()
    {
        named(m_outline.functions, m_node.functionName.empty() ? m_node.alias : m_node.functionName);
        if (m_found.empty())
            named(m_outline.functions, m_node.alias);
    }

    void target()
    {
        for (const QueryOutline::Table &table : m_outline.tables) {
            if (table.isTarget && (m_node.relation.empty() || table.name == m_node.relation))
                add(table.range);
        }
        // The words in front of the tables that were found, not every INSERT of the statement.
        const Ranges targets = m_found;
        for (const TextRange &table : targets) {
            const TextRange *nearest = nullptr;
            for (const TextRange &word : m_outline.keywords) {
                if (word.begin < table.begin)
                    nearest = &word;
            }
            if (nearest)
                add(*nearest);
        }
    }

    void sublinks()
    {
        const std::set<std::string> wanted(m_node.relations.begin(), m_node.relations.end());
        const QueryOutline::Named *best = nullptr;
        for (const QueryOutline::Named &link : m_outline.sublinks) {
            const bool hasAll = std::all_of(wanted.begin(), wanted.end(), [&](const std::string &name) {
                return link.tables.count(name) || link.tables.count(splitAlias(name).first);
            });
            // The smallest one that reads all of the tables.
            if (isInScope(link.range) && hasAll && (!best || link.range.length < best->range.length))
                best = &link;
        }
        if (best)
            m_found.push_back(best->range);
    }

    void sets()
    {
        if (m_node.nodeType == "Unique")
            all(m_outline.distincts);
        if (m_node.nodeType != "Unique" || m_found.empty())
            all(m_outline.setOperations);
        // Partitions of one table, or of an inheritance tree.
        if (m_found.empty() && !m_node.relations.empty())
            tables(m_node.relations.front(), m_node.relations.front());
    }

    /// The clause whose items stand for the keys, in any order; whole when all of them do.
    bool keys(const std::vector<QueryOutline::Keys> &clauses, const std::vector<std::string> &wanted)
    {
        std::vector<std::set<std::string>> signatures;
        signatures.reserve(wanted.size());
        for (const std::string &key : wanted)
            signatures.push_back(keySignature(key));
        const QueryOutline::Keys *best = nullptr;
        std::size_t bestCount = 0;
        for (const QueryOutline::Keys &clause : clauses) {
            std::size_t count = 0;
            for (const std::set<std::string> &signature : signatures) {
                count += !signature.empty()
                    && std::any_of(clause.items.begin(), clause.items.end(),
                        [&](const QueryOutline::Item &item) { return item.signature == signature; });
            }
            if (isInScope(clause.range) && count > bestCount) {
                best = &clause;
                bestCount = count;
            }
        }
        if (!best)
            return false;
        m_found.push_back(best->range);
        return true;
    }

    void sorts()
    {
        if (keys(m_outline.orders, m_node.sortKeys) || keys(m_outline.groups, m_node.sortKeys)
            || keys(m_outline.windows, m_node.sortKeys))
            return;
        // A sort below a merge: the join's columns.
        for (const std::string &key : m_node.sortKeys) {
            const std::set<std::string> signature = keySignature(key);
            for (const QueryOutline::Comparison &comparison : m_outline.comparisons) {
                const bool hasColumn = comparison.columns.size() > 1 && signature.size() == 1
                    && std::any_of(comparison.columns.begin(), comparison.columns.end(),
                        [&](const QueryColumn &column) { return signature.count("c:" + column.second) > 0; });
                if (hasColumn)
                    add(comparison.range);
            }
        }
    }

    void windows()
    {
        for (const QueryOutline::Keys &window : m_outline.windows)
            add(window.range);
    }

    void aggregates()
    {
        if (!m_node.groupKeys.empty()) {
            if (!keys(m_outline.groups, m_node.groupKeys))
                all(m_outline.distincts);
            if (m_found.empty())
                all(m_outline.setOperations);
            return;
        }
        static const std::set<std::string> kNames{"count", "sum", "avg", "min", "max", "array_agg",
            "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "bool_and",
            "bool_or", "every", "stddev", "variance", "percentile_cont", "percentile_disc", "mode", "bit_and",
            "bit_or", "corr", "xmlagg", "stddev_pop", "stddev_samp", "var_pop", "var_samp"};
        for (const QueryOutline::Named &call : m_outline.aggregates) {
            if (kNames.count(call.name))
                add(call.range);
        }
    }

    bool isSame(const QueryColumn &ofQuery, const QueryColumn &ofPlan) const
    {
        if (ofQuery.second != ofPlan.second)
            return false;
        const std::string plan = ofPlan.first.empty() ? m_node.alias : ofPlan.first;
        return ofQuery.first.empty() || plan.empty() || ofQuery.first == plan
            || ofQuery.first == splitAlias(plan).first || ofQuery.first == m_node.relation;
    }

    bool matches(const std::set<QueryColumn> &ofQuery, const std::set<QueryColumn> &ofPlan) const
    {
        if (ofQuery.empty())
            return false;
        const auto hasPartner = [this](const std::set<QueryColumn> &in, const auto &same) {
            return std::any_of(in.begin(), in.end(), same);
        };
        return std::all_of(ofPlan.begin(), ofPlan.end(), [&](const QueryColumn &plan) {
            return hasPartner(ofQuery, [&](const QueryColumn &query) { return isSame(query, plan); });
        }) && std::all_of(ofQuery.begin(), ofQuery.end(), [&](const QueryColumn &query) {
            return hasPartner(ofPlan, [&](const QueryColumn &plan) { return isSame(query, plan); });
        });
    }

    void comparisons()
    {
        for (const std::string &condition : m_node.conditions) {
            for (const std::set<QueryColumn> &columns : conditionColumns(condition)) {
                for (const QueryOutline::Comparison &comparison : m_outline.comparisons) {
                    if (matches(comparison.columns, columns))
                        add(comparison.range);
                }
            }
        }
    }

    const QueryOutline &m_outline;
    const QueryPartNode &m_node;
    std::optional<TextRange> m_scope;
    Ranges m_found;
};

} // namespace

struct QueryText::Data
{
    explicit Data(std::string_view text)
        : sql(text)
        , tokens(sql)
    {}
    std::string sql;
    QueryTokens tokens;
    QueryOutline outline;
};

QueryText::QueryText() = default;
QueryText::~QueryText() = default;

std::shared_ptr<const QueryText> QueryText::parse(std::string_view sql)
{
    if (sql.size() > kMaxQueryBytes)
        return nullptr;
    const QJsonObject statement = parsed(std::string(sql));
    if (statement.isEmpty())
        return nullptr;
    std::shared_ptr<QueryText> text(new QueryText);
    text->m_data = std::make_unique<Data>(sql);
    text->m_data->outline = outlineOf(statement, text->m_data->tokens);
    return text;
}

std::vector<TextRange> QueryText::partsOf(const QueryPartNode &node) const
{
    return Finder(m_data->outline, node).find();
}

std::vector<TextRange> queryParts(std::string_view sql, const QueryPartNode &node)
{
    const std::shared_ptr<const QueryText> text = QueryText::parse(sql);
    return text ? text->partsOf(node) : std::vector<TextRange>{};
}

} // namespace tailscope::advisor
