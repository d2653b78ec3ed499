// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/queryoutline.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>
#include <functional>
#include <optional>

namespace tailscope::advisor {

namespace {

QJsonObject member(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toObject();
}

std::string text(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toString().toStdString();
}

/// Calls `visit` with every object below `root` and the key it stands under; false from it: not below this
/// one.
void walk(const QJsonObject &root, const std::function<bool(const QString &, const QJsonObject &)> &visit)
{
    std::vector<std::pair<QString, QJsonValue>> open{{QString(), QJsonValue(root)}};
    while (!open.empty()) {
        const auto [key, value] = std::move(open.back());
        open.pop_back();
        if (value.isArray()) {
            const QJsonArray array = value.toArray();
            for (qsizetype i = array.size(); i-- > 0;)
                open.emplace_back(QString(), array[i]);
        } else if (value.isObject()) {
            const QJsonObject object = value.toObject();
            if (!visit(key, object))
                continue;
            for (auto it = object.begin(); it != object.end(); ++it) {
                if (it.value().isArray() || it.value().isObject())
                    open.emplace_back(it.key(), it.value());
            }
        }
    }
}

/// First and last place named anywhere in an expression.
std::optional<std::pair<std::size_t, std::size_t>> placesOf(const QJsonObject &root)
{
    std::optional<std::pair<std::size_t, std::size_t>> out;
    walk(root, [&](const QString &, const QJsonObject &object) {
        const int at = object.value(QLatin1String("location")).toInt(-1);
        if (at >= 0) {
            const auto place = static_cast<std::size_t>(at);
            out = out ? std::pair(std::min(out->first, place), std::max(out->second, place))
                      : std::pair(place, place);
        }
        return true;
    });
    return out;
}

std::string lastName(const QJsonValue &list)
{
    const QJsonArray array = list.toArray();
    return array.isEmpty() ? std::string() : text(member(array.last().toObject(), "String"), "sval");
}

class Reader
{
public:
    explicit Reader(const QueryTokens &tokens)
        : m_tokens(tokens)
    {}

    QueryOutline read(const QJsonObject &statement)
    {
        walk(statement, [this](const QString &kind, const QJsonObject &body) {
            visit(kind, body);
            return true;
        });
        readKeywords();
        // JSON keeps its keys by name, not by their place in the text.
        std::stable_sort(m_out.tables.begin(), m_out.tables.end(),
            [](const auto &a, const auto &b) { return a.range.begin < b.range.begin; });
        return std::move(m_out);
    }

private:
    void visit(const QString &kind, const QJsonObject &body)
    {
        if (kind == QLatin1String("SelectStmt") || body.contains(QLatin1String("targetList")))
            select(body);
        if (kind == QLatin1String("RangeVar") || body.contains(QLatin1String("relname")))
            table(kind, body);
        else if (kind == QLatin1String("JoinExpr"))
            join(body);
        else if (kind == QLatin1String("CommonTableExpr"))
            cte(body);
        else if (kind == QLatin1String("SubLink"))
            sublink(body);
        else if (kind == QLatin1String("RangeSubselect"))
            named(body, m_out.subselects, text(member(body, "alias"), "aliasname"), true);
        else if (kind == QLatin1String("RangeFunction"))
            named(body, m_out.functions, functionName(body), false);
        else if (kind == QLatin1String("FuncCall"))
            call(body);
        else if (kind == QLatin1String("DeleteStmt"))
            comparisons(member(body, "whereClause"));
    }

    std::optional<TextRange> range(const QJsonObject &expression) const
    {
        const auto places = placesOf(expression);
        return places ? std::optional(m_tokens.extent(places->first, places->second)) : std::nullopt;
    }

    void table(const QString &kind, const QJsonObject &body)
    {
        const std::string name = text(body, "relname");
        if (name.empty())
            return;
        std::string alias = text(member(body, "alias"), "aliasname");
        const int at = body.value(QLatin1String("location")).toInt(0);
        TextRange place = m_tokens.extent(static_cast<std::size_t>(std::max(at, 0)),
            static_cast<std::size_t>(std::max(at, 0)));
        if (!alias.empty()) {
            std::size_t token = m_tokens.find(place.begin + place.length);
            token += m_tokens.is(token, "as") ? 1 : 0;
            place.length = m_tokens.at(std::min(token, m_tokens.count() - 1)).end - place.begin;
        }
        m_out.tables.push_back(
            {name, alias.empty() ? name : alias, place, kind == QLatin1String("relation")});
    }

    void comparisons(const QJsonObject &expression)
    {
        for (const QJsonObject &part : conjunctsOf(expression)) {
            if (const auto place = range(part))
                m_out.comparisons.push_back({*place, columnsOf(part)});
        }
    }

    void join(const QJsonObject &body)
    {
        comparisons(member(body, "quals"));
        const QJsonArray names = body.value(QLatin1String("usingClause")).toArray();
        const auto right = placesOf(member(body, "rarg"));
        if (names.isEmpty() || !right)
            return;
        QueryOutline::Comparison comparison;
        for (const auto &name : names)
            comparison.columns.insert({std::string(), text(member(name.toObject(), "String"), "sval")});
        for (std::size_t i = m_tokens.find(right->second); i + 1 < m_tokens.count(); ++i) {
            if (!m_tokens.is(i, "using"))
                continue;
            comparison.range = m_tokens.extent(m_tokens.at(i).begin, m_tokens.at(i).begin);
            m_out.comparisons.push_back(std::move(comparison));
            return;
        }
    }

    static std::set<std::string> tablesIn(const QJsonObject &body)
    {
        std::set<std::string> names;
        walk(body, [&](const QString &, const QJsonObject &object) {
            if (object.contains(QLatin1String("relname"))) {
                names.insert(text(object, "relname"));
                names.insert(text(member(object, "alias"), "aliasname"));
            }
            return true;
        });
        names.erase(std::string());
        return names;
    }

    void cte(const QJsonObject &body)
    {
        const auto inside = placesOf(member(body, "ctequery"));
        const int at = body.value(QLatin1String("location")).toInt(-1);
        if (at < 0 || !inside)
            return;
        const TextRange query = m_tokens.enclosing(m_tokens.extent(inside->first, inside->second));
        const TextRange name = m_tokens.between(m_tokens.find(static_cast<std::size_t>(at)), 0);
        m_out.ctes.push_back({text(body, "ctename"), name, query, tablesIn(body)});
    }

    void sublink(const QJsonObject &body)
    {
        const auto inside = placesOf(member(body, "subselect"));
        if (!inside)
            return;
        TextRange place = m_tokens.enclosing(m_tokens.extent(inside->first, inside->second));
        const std::size_t before = m_tokens.find(place.begin);
        if (before > 0 && (m_tokens.is(before - 1, "exists") || m_tokens.is(before - 1, "array"))) {
            const std::size_t begin = m_tokens.at(before - 1).begin;
            place = {begin, place.begin + place.length - begin};
        }
        m_out.sublinks.push_back({{}, place, place, tablesIn(member(body, "subselect"))});
    }

    void named(const QJsonObject &body, std::vector<QueryOutline::Named> &list, std::string name,
        bool isBracketed)
    {
        const auto inside = range(body);
        if (!inside)
            return;
        const TextRange place = isBracketed ? m_tokens.enclosing(*inside) : *inside;
        list.push_back({std::move(name), place, place, tablesIn(body)});
    }

    static std::string functionName(const QJsonObject &body)
    {
        std::string name;
        walk(body, [&](const QString &kind, const QJsonObject &object) {
            if (kind == QLatin1String("FuncCall") && name.empty())
                name = lastName(object.value(QLatin1String("funcname")));
            return name.empty();
        });
        return name;
    }

    void call(const QJsonObject &body)
    {
        const int at = body.value(QLatin1String("location")).toInt(-1);
        if (at < 0)
            return;
        const auto begin = static_cast<std::size_t>(at);
        TextRange place = m_tokens.extent(begin, begin);
        const std::string name = lastName(body.value(QLatin1String("funcname")));
        std::size_t next = m_tokens.find(place.begin + place.length);
        if (m_tokens.is(next, "filter"))
            place.length = m_tokens.extent(begin, m_tokens.at(next).begin).length;
        next = m_tokens.find(place.begin + place.length);
        if (body.contains(QLatin1String("over")) && m_tokens.is(next, "over")) {
            place.length
                = m_tokens.extent(begin, m_tokens.at(std::min(next + 1, m_tokens.count() - 1)).begin).length;
            QueryOutline::Keys keys;
            keys.range = place;
            for (const char *clause : {"partitionClause", "orderClause"})
                items(member(body, "over").value(QLatin1String(clause)).toArray(), {}, keys);
            m_out.windows.push_back(std::move(keys));
            return;
        }
        m_out.aggregates.push_back({name, place, place, {}});
    }

    /// Items of ORDER BY or GROUP BY; names and numbers of output columns mean their expressions.
    void items(const QJsonArray &list, const QJsonArray &targets, QueryOutline::Keys &keys)
    {
        for (const auto &value : list) {
            QJsonObject expression = value.toObject();
            const auto place = range(expression);
            if (!place)
                continue;
            if (expression.contains(QLatin1String("SortBy")))
                expression = member(member(expression, "SortBy"), "node");
            keys.items.push_back({*place, signatureOf(resolved(expression, targets))});
        }
    }

    static QJsonObject resolved(const QJsonObject &expression, const QJsonArray &targets)
    {
        const QJsonObject constant = member(expression, "A_Const");
        if (const int number = member(constant, "ival").value(QLatin1String("ival")).toInt();
            number > 0 && number <= targets.size())
            return member(member(targets[number - 1].toObject(), "ResTarget"), "val");
        const QJsonArray fields = member(expression, "ColumnRef").value(QLatin1String("fields")).toArray();
        if (fields.size() != 1)
            return expression;
        for (const auto &target : targets) {
            const QJsonObject item = member(target.toObject(), "ResTarget");
            if (!text(item, "name").empty() && text(item, "name") == lastName(fields))
                return member(item, "val");
        }
        return expression;
    }

    /// Range of items with the words before them ("ORDER BY").
    TextRange withKeywords(const QueryOutline::Keys &keys, std::string_view word) const
    {
        std::size_t first = m_tokens.find(keys.items.front().range.begin);
        const TextRange &last = keys.items.back().range;
        const std::size_t end = m_tokens.find(last.begin + last.length - 1);
        for (std::size_t i = first; i-- > 0 && first - i < 6;) {
            if (m_tokens.is(i, word)) {
                first = i;
                break;
            }
        }
        return m_tokens.between(first, end);
    }

    void select(const QJsonObject &body)
    {
        comparisons(member(body, "whereClause"));
        comparisons(member(body, "havingClause"));
        const QJsonArray targets = body.value(QLatin1String("targetList")).toArray();
        const auto keysOf = [&](const char *clause, const char *word, std::vector<QueryOutline::Keys> &out) {
            QueryOutline::Keys keys;
            items(body.value(QLatin1String(clause)).toArray(), targets, keys);
            if (keys.items.empty())
                return;
            keys.range = withKeywords(keys, word);
            out.push_back(std::move(keys));
        };
        keysOf("sortClause", "order", m_out.orders);
        keysOf("groupClause", "group", m_out.groups);
        for (const char *clause : {"limitOffset", "limitCount"}) {
            if (const auto place = range(member(body, clause)))
                m_out.limits.push_back(limitRange(*place));
        }
        for (const auto &window : body.value(QLatin1String("windowClause")).toArray()) {
            const QJsonObject definition = member(window.toObject(), "WindowDef");
            QueryOutline::Keys keys;
            for (const char *part : {"partitionClause", "orderClause"})
                items(definition.value(QLatin1String(part)).toArray(), targets, keys);
            if (!keys.items.empty()) {
                keys.range = m_tokens.enclosing(keys.items.front().range);
                m_out.windows.push_back(std::move(keys));
            }
        }
        if (!body.value(QLatin1String("valuesLists")).toArray().isEmpty()) {
            if (const auto place = range({{QStringLiteral("v"), body.value(QLatin1String("valuesLists"))}}))
                m_out.values.push_back(m_tokens.enclosing(*place));
        }
    }

    TextRange limitRange(const TextRange &value) const
    {
        std::size_t first = m_tokens.find(value.begin);
        for (std::size_t i = first; i-- > 0 && first - i < 4;) {
            if (m_tokens.is(i, "limit") || m_tokens.is(i, "offset") || m_tokens.is(i, "fetch")) {
                first = i;
                break;
            }
        }
        return m_tokens.between(first, m_tokens.find(value.begin + value.length - 1));
    }

    /// Clauses whose places the grammar does not tell.
    void readKeywords()
    {
        for (std::size_t i = 0; i < m_tokens.count(); ++i) {
            if (m_tokens.is(i, "distinct") && i > 0 && m_tokens.is(i - 1, "select"))
                m_out.distincts.push_back(m_tokens.between(i, i));
            if (m_tokens.is(i, "union") || m_tokens.is(i, "intersect") || m_tokens.is(i, "except"))
                m_out.setOperations.push_back(m_tokens.between(i, m_tokens.is(i + 1, "all") ? i + 1 : i));
            if (m_tokens.is(i, "for")) {
                std::size_t end = i + 1;
                while (m_tokens.is(end, "no") || m_tokens.is(end, "key"))
                    ++end;
                if (m_tokens.is(end, "update") || m_tokens.is(end, "share"))
                    m_out.locks.push_back(m_tokens.between(i, end));
            }
            for (const std::string_view word : {"insert", "update", "delete", "merge"}) {
                if (m_tokens.is(i, word) && (i == 0 || m_tokens.is(i - 1, "(") || m_tokens.is(i - 1, ")")))
                    m_out.keywords.push_back(m_tokens.between(i, i));
            }
        }
    }

    const QueryTokens &m_tokens;
    QueryOutline m_out;
};

} // namespace

std::set<QueryColumn> columnsOf(const QJsonObject &expression)
{
    std::set<QueryColumn> columns;
    walk(expression, [&](const QString &kind, const QJsonObject &body) {
        if (kind == QLatin1String("subselect"))
            return false;
        if (kind != QLatin1String("ColumnRef"))
            return true;
        std::vector<std::string> names;
        for (const auto &field : body.value(QLatin1String("fields")).toArray())
            names.push_back(text(member(field.toObject(), "String"), "sval"));
        if (!names.empty() && !names.back().empty())
            columns.insert({names.size() > 1 ? names[names.size() - 2] : std::string(), names.back()});
        return false;
    });
    return columns;
}

std::set<std::string> signatureOf(const QJsonObject &expression)
{
    std::set<std::string> signature;
    for (const QueryColumn &column : columnsOf(expression))
        signature.insert("c:" + column.second);
    walk(expression, [&](const QString &kind, const QJsonObject &body) {
        if (kind == QLatin1String("FuncCall"))
            signature.insert("f:" + lastName(body.value(QLatin1String("funcname"))));
        return kind != QLatin1String("subselect");
    });
    return signature;
}

std::vector<QJsonObject> conjunctsOf(const QJsonObject &expression)
{
    std::vector<QJsonObject> parts, open{expression};
    while (!open.empty()) {
        const QJsonObject node = std::move(open.back());
        open.pop_back();
        const QJsonObject boolean = member(node, "BoolExpr");
        if (text(boolean, "boolop") == "AND_EXPR") {
            const QJsonArray arguments = boolean.value(QLatin1String("args")).toArray();
            for (qsizetype i = arguments.size(); i-- > 0;)
                open.push_back(arguments[i].toObject());
        } else if (!node.isEmpty()) {
            parts.push_back(node);
        }
    }
    return parts;
}

QueryOutline outlineOf(const QJsonObject &statement, const QueryTokens &tokens)
{
    return Reader(tokens).read(statement);
}

} // namespace tailscope::advisor
