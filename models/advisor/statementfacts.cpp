// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/statementfacts.h"

#include "store/fingerprint.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <pg_query.h>

namespace tailscope::advisor {

namespace {

constexpr std::size_t kMaxNames = 40; // of any list
constexpr int kMaxPeels = 50;
constexpr std::array<std::string_view, 20> kAggregates{"array_agg", "avg", "bit_and", "bit_or", "bool_and",
    "bool_or", "count", "every", "json_agg", "json_object_agg", "jsonb_agg", "jsonb_object_agg", "max", "min",
    "mode", "percentile_cont", "percentile_disc", "stddev", "string_agg", "sum"};

QJsonObject member(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toObject();
}
QJsonArray list(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toArray();
}
std::string text(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toString().toStdString();
}

void addName(std::vector<std::string> &names, std::string name)
{
    if (!name.empty() && names.size() < kMaxNames
        && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
}

/// Every object with the key `kind` below a node; lists in the order of the text. No recursion.
std::vector<QJsonObject> allOf(const QJsonValue &root, QLatin1String kind)
{
    std::vector<QJsonObject> found;
    std::vector<QJsonValue> open{root};
    while (!open.empty() && found.size() < 4 * kMaxNames) {
        const QJsonValue value = open.back();
        open.pop_back();
        if (value.isArray()) {
            const QJsonArray items = value.toArray();
            for (qsizetype i = items.size(); i-- > 0;)
                open.push_back(items[i]);
        } else if (value.isObject()) {
            const QJsonObject object = value.toObject();
            if (const auto hit = object.constFind(kind); hit != object.constEnd())
                found.push_back(hit->toObject());
            for (auto item = object.constEnd(); item != object.constBegin();)
                open.push_back(*--item);
        }
    }
    return found;
}

/// The names of a ColumnRef; a star is "*".
std::vector<std::string> fieldsOf(const QJsonObject &columnRef)
{
    std::vector<std::string> names;
    for (const auto &field : list(columnRef, "fields")) {
        const QJsonObject object = field.toObject();
        names.push_back(
            object.contains(QLatin1String("A_Star")) ? "*" : text(member(object, "String"), "sval"));
    }
    return names;
}

/// The column in casts and the like; empty names when something else stands there.
std::vector<std::string> columnIn(QJsonObject node)
{
    for (int i = 0; i < kMaxPeels && !node.isEmpty(); ++i) {
        if (node.contains(QLatin1String("ColumnRef")))
            return fieldsOf(member(node, "ColumnRef"));
        if (node.contains(QLatin1String("TypeCast")))
            node = member(member(node, "TypeCast"), "arg");
        else if (node.contains(QLatin1String("CollateClause")))
            node = member(member(node, "CollateClause"), "arg");
        else
            break;
    }
    return {};
}

std::optional<std::int64_t> wholeNumber(const QJsonObject &node)
{
    const QJsonObject constant = member(node, "A_Const");
    if (!constant.contains(QLatin1String("ival")))
        return std::nullopt;
    return member(constant, "ival").value(QLatin1String("ival")).toInteger(0); // the tree leaves a zero out
}

class Reading
{
public:
    StatementFacts read(const QJsonObject &statement)
    {
        if (statement.isEmpty())
            return {};
        const QString kind = statement.begin().key();
        const QJsonObject body = statement.begin().value().toObject();
        tables(statement);
        if (kind == QLatin1String("SelectStmt"))
            select(body);
        else if (kind == QLatin1String("InsertStmt"))
            insert(body);
        else if (kind == QLatin1String("UpdateStmt"))
            update(body);
        else if (kind == QLatin1String("DeleteStmt"))
            write("delete", body);
        else if (kind == QLatin1String("MergeStmt"))
            write("merge", body);
        else if (kind == QLatin1String("VacuumStmt"))
            maintenance(body);
        else
            m_facts.kind = isDefinition(kind) ? "ddl" : "utility";
        return std::move(m_facts);
    }

private:
    static bool isDefinition(const QString &kind)
    {
        return kind.startsWith(QLatin1String("Create")) || kind.startsWith(QLatin1String("Alter"))
            || kind.startsWith(QLatin1String("Drop")) || kind == QLatin1String("IndexStmt")
            || kind == QLatin1String("RenameStmt") || kind == QLatin1String("TruncateStmt")
            || kind == QLatin1String("ReindexStmt") || kind == QLatin1String("ViewStmt");
    }

    void tables(const QJsonObject &statement)
    {
        std::set<std::string> with;
        for (const QJsonObject &expression : allOf(statement, QLatin1String("CommonTableExpr")))
            with.insert(text(expression, "ctename"));
        std::vector<QJsonObject> ranges = allOf(statement, QLatin1String("RangeVar"));
        for (const QJsonObject &range : ranges) {
            if (!with.contains(text(range, "relname")) || range.contains(QLatin1String("schemaname")))
                addName(m_facts.tables, text(range, "relname"));
        }
        // Statements that change something hold their relation without the kind's name.
        if (!statement.isEmpty()) {
            const QJsonObject relation = member(statement.begin().value().toObject(), "relation");
            if (const std::string name = text(relation, "relname"); !name.empty()) {
                m_facts.target = name;
                addName(m_facts.tables, name);
            }
        }
    }

    void write(const char *kind, const QJsonObject &body)
    {
        m_facts.kind = kind;
        where(member(body, "whereClause"));
    }

    void insert(const QJsonObject &body)
    {
        m_facts.kind = "insert";
        const QJsonObject query = member(member(body, "selectStmt"), "SelectStmt");
        if (const QJsonArray values = list(query, "valuesLists"); !values.isEmpty())
            m_facts.insertedRows = values.size();
        else if (query.isEmpty())
            m_facts.insertedRows = 1; // DEFAULT VALUES
    }

    void update(const QJsonObject &body)
    {
        write("update", body);
        for (const auto &item : list(body, "targetList"))
            addName(m_facts.changedColumns, text(member(item.toObject(), "ResTarget"), "name"));
    }

    void maintenance(const QJsonObject &body)
    {
        bool analyzes = !body.value(QLatin1String("is_vacuumcmd")).toBool();
        for (const auto &option : list(body, "options"))
            analyzes = analyzes || text(member(option.toObject(), "DefElem"), "defname") == "analyze";
        m_facts.kind = analyzes ? "analyze" : "vacuum";
        for (const QJsonObject &relation : allOf(list(body, "rels"), QLatin1String("relation")))
            addName(m_facts.tables, text(relation, "relname"));
        if (!m_facts.tables.empty())
            m_facts.target = m_facts.tables.front();
    }

    void select(const QJsonObject &body)
    {
        m_facts.kind = "select";
        m_facts.hasLimit = body.contains(QLatin1String("limitCount"));
        m_facts.hasOffset = body.contains(QLatin1String("limitOffset"));
        m_facts.limitRows = wholeNumber(member(body, "limitCount"));
        m_facts.offsetRows = wholeNumber(member(body, "limitOffset"));
        QJsonObject first = body; // of a UNION the first branch
        for (int i = 0; i < kMaxPeels && first.contains(QLatin1String("larg")); ++i)
            first = member(first, "larg");
        from(list(first, "fromClause"));
        results(list(first, "targetList"));
        m_facts.grouped = !list(first, "groupClause").isEmpty();
        where(member(first, "whereClause"));
        order(list(body, "sortClause"));
        locking(list(body, "lockingClause"));
    }

    /// Relations at the top by the names that qualify columns.
    void from(const QJsonArray &items)
    {
        std::vector<QJsonValue> open(items.begin(), items.end());
        std::reverse(open.begin(), open.end());
        std::int64_t relations = 0;
        while (!open.empty() && relations < static_cast<std::int64_t>(4 * kMaxNames)) {
            const QJsonObject node = open.back().toObject();
            open.pop_back();
            if (const QJsonObject join = member(node, "JoinExpr"); !join.isEmpty()) {
                open.push_back(join.value(QLatin1String("rarg")));
                open.push_back(join.value(QLatin1String("larg")));
                continue;
            }
            ++relations;
            const QJsonObject range = member(node, "RangeVar");
            const std::string name = text(range, "relname"),
                              alias = text(member(range, "alias"), "aliasname");
            if (!name.empty())
                m_relations.emplace(alias.empty() ? name : alias, name);
        }
        m_facts.joins = std::max<std::int64_t>(0, relations - 1);
    }

    std::string relationOf(const std::vector<std::string> &names) const
    {
        if (names.size() > 1) {
            const auto found = m_relations.find(names[names.size() - 2]);
            return found == m_relations.end() ? std::string() : found->second;
        }
        return m_relations.size() == 1 && m_facts.joins == 0 ? m_relations.begin()->second : std::string();
    }

    void results(const QJsonArray &items)
    {
        for (const auto &item : items) {
            const QJsonObject value = member(member(item.toObject(), "ResTarget"), "val");
            const std::vector<std::string> names = columnIn(value);
            m_facts.star = m_facts.star || (!names.empty() && names.back() == "*");
            for (const QJsonObject &call : allOf(value, QLatin1String("FuncCall"))) {
                const QJsonArray parts = list(call, "funcname");
                const std::string name = parts.isEmpty()
                    ? std::string()
                    : text(member(parts.last().toObject(), "String"), "sval");
                const bool known
                    = std::find(kAggregates.begin(), kAggregates.end(), name) != kAggregates.end();
                m_facts.aggregate = m_facts.aggregate || (known && !call.contains(QLatin1String("over")));
                // COUNT(1) and COUNT(id) count rows as well.
                m_facts.countStar = m_facts.countStar
                    || (name == "count" && items.size() == 1 && !call.contains(QLatin1String("over"))
                        && !call.value(QLatin1String("agg_distinct")).toBool());
            }
        }
        if (!m_facts.star)
            m_facts.columns = items.size();
    }

    void where(const QJsonObject &condition)
    {
        std::vector<QJsonObject> open{condition};
        while (!open.empty()) {
            const QJsonObject node = open.back();
            open.pop_back();
            const QJsonObject boolean = member(node, "BoolExpr");
            if (text(boolean, "boolop") == "AND_EXPR") {
                const QJsonArray arguments = list(boolean, "args");
                for (qsizetype i = arguments.size(); i-- > 0;)
                    open.push_back(arguments[i].toObject());
            } else if (const QJsonObject comparison = member(node, "A_Expr"); !comparison.isEmpty()) {
                compare(comparison);
            }
        }
    }

    void compare(const QJsonObject &comparison)
    {
        const QJsonArray operators = list(comparison, "name");
        const std::string op = operators.isEmpty()
            ? std::string()
            : text(member(operators.last().toObject(), "String"), "sval");
        const std::string kind = text(comparison, "kind");
        const bool equal = op == "=" && (kind == "AEXPR_OP" || kind == "AEXPR_OP_ANY" || kind == "AEXPR_IN");
        auto &names = equal ? m_facts.equalColumns : m_facts.rangeColumns;
        const QJsonObject left = member(comparison, "lexpr"), right = member(comparison, "rexpr");
        const std::vector<std::string> a = columnIn(left), b = columnIn(right);
        if (!a.empty() && !b.empty())
            return; // joins two relations
        if (!a.empty())
            addName(names, a.back());
        if (!b.empty())
            addName(names, b.back());
        // (a, b) > ($1, $2)
        for (const auto &part : list(member(left, "RowExpr"), "args")) {
            if (const std::vector<std::string> column = columnIn(part.toObject()); !column.empty())
                addName(names, column.back());
        }
    }

    void order(const QJsonArray &items)
    {
        for (const auto &item : items) {
            const std::vector<std::string> names
                = columnIn(member(member(item.toObject(), "SortBy"), "node"));
            if (m_facts.orderBy.size() >= kMaxNames)
                return;
            m_facts.orderBy.push_back(names.empty() ? "?" : names.back());
            m_facts.orderRelation = names.empty() ? std::string() : relationOf(names);
        }
    }

    void locking(const QJsonArray &items)
    {
        for (const auto &item : items) {
            const QJsonObject clause = member(item.toObject(), "LockingClause");
            const std::string strength = text(clause, "strength");
            m_facts.locks = strength == "LCS_FORUPDATE" ? "update"
                : strength == "LCS_FORNOKEYUPDATE"      ? "no key update"
                : strength == "LCS_FORSHARE"            ? "share"
                                                        : "key share";
            m_facts.skipLocked = text(clause, "waitPolicy") == "LockWaitSkip";
            if (m_facts.joins == 0 && !m_relations.empty())
                m_facts.target = m_relations.begin()->second;
        }
    }

    StatementFacts m_facts;
    std::map<std::string, std::string> m_relations; ///< alias -> relation
};

} // namespace

StatementFacts statementFacts(std::string_view sql)
{
    if (sql.empty() || sql.size() > store::kMaxParsedSql || sql.find('\0') != sql.npos)
        return {};
    const PgQueryParseResult result = pg_query_parse(std::string(sql).c_str());
    QJsonDocument document;
    if (!result.error && result.parse_tree)
        document = QJsonDocument::fromJson(result.parse_tree);
    pg_query_free_parse_result(result);
    const QJsonArray statements = list(document.object(), "stmts");
    if (statements.size() != 1)
        return {};
    return Reading().read(member(statements[0].toObject(), "stmt"));
}

} // namespace tailscope::advisor
