// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/planconditions.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <optional>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <pg_query.h>

namespace tailscope::advisor {

namespace {

constexpr std::string_view kPrefix = "SELECT WHERE ";
constexpr std::size_t kMaxLiteral = 1024;
constexpr std::size_t kMaxConditions = 200; // of one expression
constexpr int kMaxPeels = 50;

struct Side
{
    std::string column, qualifier, wrappedIn;
    std::optional<std::string> literal;
};

QJsonObject member(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toObject();
}

std::string text(const QJsonValue &value) { return value.toString().toStdString(); }

/// The last name of a list such as [{"String":{"sval":"pg_catalog"}},{"String":{"sval":"date"}}].
std::string lastName(const QJsonValue &list)
{
    const QJsonArray array = list.toArray();
    return array.isEmpty() ? std::string()
                           : text(member(array.last().toObject(), "String").value(QLatin1String("sval")));
}

bool isTextLike(std::string_view type) { return type == "text" || type == "varchar" || type == "bpchar"; }

/// A constant as it stands in the source: the tree keeps no negative numbers.
std::string constantText(const QJsonObject &constant, std::string_view sql)
{
    if (constant.contains(QLatin1String("sval")))
        return text(member(constant, "sval").value(QLatin1String("sval")));
    const int at = constant.value(QLatin1String("location")).toInt(0);
    if (at < 0 || static_cast<std::size_t>(at) >= sql.size())
        return {};
    std::string_view rest = sql.substr(static_cast<std::size_t>(at));
    std::size_t length = rest.starts_with('-') || rest.starts_with('+') ? 1 : 0;
    while (length < rest.size()
        && (std::isalnum(static_cast<unsigned char>(rest[length])) || rest[length] == '.'))
        ++length;
    return std::string(rest.substr(0, length));
}

bool holdsColumn(const QJsonObject &node)
{
    std::vector<QJsonValue> open{node};
    while (!open.empty()) {
        const QJsonValue value = open.back();
        open.pop_back();
        if (value.isArray()) {
            for (const auto &item : value.toArray())
                open.push_back(item);
        } else if (value.isObject()) {
            const QJsonObject object = value.toObject();
            if (object.contains(QLatin1String("ColumnRef")))
                return true;
            for (const auto &item : object)
                open.push_back(item);
        }
    }
    return false;
}

/// The operand of a function or operator that holds a column; else the first.
QJsonObject operandWithColumn(const std::vector<QJsonObject> &operands)
{
    for (const QJsonObject &operand : operands) {
        if (holdsColumn(operand))
            return operand;
    }
    return operands.empty() ? QJsonObject() : operands.front();
}

void wrap(Side &side, std::string name)
{
    // A relabelling as text does not hide an index; anything else does and is what must be told.
    const bool relabel = name.starts_with("::") && isTextLike(std::string_view(name).substr(2));
    const bool onlyRelabel
        = side.wrappedIn.starts_with("::") && isTextLike(std::string_view(side.wrappedIn).substr(2));
    if (side.wrappedIn.empty() || (onlyRelabel && !relabel))
        side.wrappedIn = std::move(name);
}

void takeColumn(Side &side, const QJsonObject &columnRef)
{
    const QJsonArray fields = columnRef.value(QLatin1String("fields")).toArray();
    std::vector<std::string> names;
    for (const auto &field : fields)
        names.push_back(text(member(field.toObject(), "String").value(QLatin1String("sval"))));
    if (names.empty() || names.back().empty())
        return;
    side.column = names.back();
    if (names.size() > 1)
        side.qualifier = names[names.size() - 2];
}

/// Takes off what stands round a column or a constant.
Side peel(QJsonObject node, std::string_view sql)
{
    Side side;
    for (int i = 0; i < kMaxPeels && !node.isEmpty(); ++i) {
        const QString kind = node.begin().key();
        const QJsonObject body = node.begin().value().toObject();
        if (kind == QLatin1String("ColumnRef")) {
            takeColumn(side, body);
            return side;
        }
        if (kind == QLatin1String("A_Const")) {
            side.literal = std::string(utf8Prefix(constantText(body, sql), kMaxLiteral));
            return side;
        }
        if (kind == QLatin1String("ParamRef")) {
            side.literal = "$" + std::to_string(body.value(QLatin1String("number")).toInt());
            return side;
        }
        if (kind == QLatin1String("TypeCast")) {
            wrap(side, "::" + lastName(member(body, "typeName").value(QLatin1String("names"))));
            node = member(body, "arg");
        } else if (kind == QLatin1String("CollateClause") || kind == QLatin1String("A_Indirection")) {
            node = member(body, "arg");
        } else if (kind == QLatin1String("FuncCall")) {
            wrap(side, lastName(body.value(QLatin1String("funcname"))));
            std::vector<QJsonObject> arguments;
            for (const auto &argument : body.value(QLatin1String("args")).toArray())
                arguments.push_back(argument.toObject());
            node = operandWithColumn(arguments);
            if (!holdsColumn(node))
                return side;
        } else if (kind == QLatin1String("A_Expr")
            && body.value(QLatin1String("kind")).toString() == QLatin1String("AEXPR_OP")) {
            wrap(side, lastName(body.value(QLatin1String("name"))));
            node = operandWithColumn({member(body, "lexpr"), member(body, "rexpr")});
            if (!holdsColumn(node))
                return side;
        } else {
            return side;
        }
    }
    return side;
}

std::string mirrored(const std::string &op)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPairs{
        {{"<", ">"}, {">", "<"}, {"<=", ">="}, {">=", "<="}, {"@>", "<@"}, {"<@", "@>"}}};
    for (const auto &[from, to] : kPairs) {
        if (op == from)
            return std::string(to);
    }
    return op;
}

std::string operatorText(const QJsonObject &expression)
{
    const std::string name = lastName(expression.value(QLatin1String("name")));
    const QString kind = expression.value(QLatin1String("kind")).toString();
    if (kind == QLatin1String("AEXPR_OP_ANY"))
        return name + " ANY";
    if (kind == QLatin1String("AEXPR_OP_ALL"))
        return name + " ALL";
    if (kind == QLatin1String("AEXPR_IN"))
        return name == "<>" ? "<> ALL" : "= ANY";
    if (kind == QLatin1String("AEXPR_DISTINCT"))
        return "IS DISTINCT FROM";
    if (kind == QLatin1String("AEXPR_NOT_DISTINCT"))
        return "IS NOT DISTINCT FROM";
    return name;
}

class Walker
{
public:
    Walker(std::string_view sql, std::string_view alias, std::string_view relation)
        : m_sql(sql)
        , m_alias(alias)
        , m_relation(relation)
    {}

    std::vector<PlanCondition> walk(const QJsonObject &where)
    {
        m_open.push_back({where, true});
        while (!m_open.empty() && m_found.size() < kMaxConditions) {
            const auto [node, conjunct] = m_open.back();
            m_open.pop_back();
            visit(node, conjunct);
        }
        return std::move(m_found);
    }

private:
    bool isOurs(const Side &side) const
    {
        if (side.column.empty())
            return false;
        return side.qualifier.empty() || (m_alias.empty() && m_relation.empty()) || side.qualifier == m_alias
            || side.qualifier == m_relation;
    }

    void add(const Side &column, std::string op, std::string literal, bool conjunct)
    {
        m_found.push_back({column.column, std::move(op), column.wrappedIn, std::move(literal), conjunct});
    }

    void visit(const QJsonObject &node, bool conjunct)
    {
        if (node.isEmpty())
            return;
        const QString kind = node.begin().key();
        const QJsonObject body = node.begin().value().toObject();
        if (kind == QLatin1String("BoolExpr"))
            visitBoolean(body, conjunct);
        else if (kind == QLatin1String("A_Expr"))
            visitComparison(body, conjunct);
        else if (kind == QLatin1String("NullTest"))
            visitTest(body, conjunct, nullTest(body));
        else if (kind == QLatin1String("BooleanTest"))
            visitTest(body, conjunct, booleanTest(body));
        else if (kind == QLatin1String("ColumnRef"))
            visitTest({{QStringLiteral("arg"), node}}, conjunct, "IS TRUE");
    }

    static std::string nullTest(const QJsonObject &body)
    {
        return body.value(QLatin1String("nulltesttype")).toString() == QLatin1String("IS_NOT_NULL")
            ? "IS NOT NULL"
            : "IS NULL";
    }

    static std::string booleanTest(const QJsonObject &body)
    {
        std::string name = text(body.value(QLatin1String("booltesttype")));
        std::replace(name.begin(), name.end(), '_', ' ');
        return name.empty() ? "IS TRUE" : name;
    }

    void visitBoolean(const QJsonObject &body, bool conjunct)
    {
        const QString op = body.value(QLatin1String("boolop")).toString();
        const QJsonArray arguments = body.value(QLatin1String("args")).toArray();
        if (op == QLatin1String("NOT_EXPR") && arguments.size() == 1
            && arguments[0].toObject().contains(QLatin1String("ColumnRef"))) {
            visitTest({{QStringLiteral("arg"), arguments[0]}}, conjunct, "IS FALSE");
            return;
        }
        const bool inner = conjunct && op == QLatin1String("AND_EXPR");
        for (qsizetype i = arguments.size(); i-- > 0;)
            m_open.push_back({arguments[i].toObject(), inner});
    }

    void visitTest(const QJsonObject &body, bool conjunct, std::string op)
    {
        const Side side = peel(member(body, "arg"), m_sql);
        if (isOurs(side))
            add(side, std::move(op), {}, conjunct);
    }

    void visitComparison(const QJsonObject &body, bool conjunct)
    {
        const Side left = peel(member(body, "lexpr"), m_sql);
        const Side right = peel(member(body, "rexpr"), m_sql);
        std::string op = operatorText(body);
        if (isOurs(left))
            add(left, std::move(op), right.literal.value_or(std::string()), conjunct);
        else if (isOurs(right))
            add(right, mirrored(op), left.literal.value_or(std::string()), conjunct);
    }

    struct Open
    {
        QJsonObject node;
        bool conjunct;
    };
    std::string_view m_sql, m_alias, m_relation;
    std::vector<Open> m_open;
    std::vector<PlanCondition> m_found;
};

} // namespace

std::string parsableCondition(std::string_view expression)
{
    static const QRegularExpression subPlan(
        QStringLiteral("\\((?:alternatives: )?(?:hashed |rescan )?(?:SubPlan|InitPlan) \\d+"
                       "(?: or (?:hashed )?SubPlan \\d+)*\\)"));
    static const QRegularExpression anyOf(QStringLiteral("\\(ANY \\("));
    QString text = QString::fromUtf8(expression.data(), static_cast<qsizetype>(expression.size()));
    text.replace(subPlan, QStringLiteral("(subplan())"));
    text.replace(anyOf, QStringLiteral("(("));
    return text.toStdString();
}

std::vector<PlanCondition> parsePlanCondition(std::string_view expression, std::string_view alias,
    std::string_view relation)
{
    if (expression.empty() || expression.size() > kMaxConditionBytes
        || expression.find('\0') != expression.npos)
        return {};
    const std::string sql = std::string(kPrefix) + parsableCondition(expression);
    const PgQueryParseResult result = pg_query_parse(sql.c_str());
    QJsonDocument document;
    if (!result.error && result.parse_tree)
        document = QJsonDocument::fromJson(result.parse_tree);
    pg_query_free_parse_result(result);
    const QJsonArray statements = document.object().value(QLatin1String("stmts")).toArray();
    // A text that ends the statement and begins another is no condition.
    if (statements.size() != 1)
        return {};
    const QJsonObject select = member(member(statements[0].toObject(), "stmt"), "SelectStmt");
    return Walker(sql, alias, relation).walk(member(select, "whereClause"));
}

} // namespace tailscope::advisor
