// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/ddltree.h"

#include "base/sqltokens.h"
#include "base/text.h"
#include "import/migrationsql/ddldefaults.h"
#include "import/migrationsql/ddltypes.h"

#include <algorithm>
#include <array>

#include <pg_query.h>

#include <QJsonArray>
#include <QJsonDocument>

namespace tailscope::import {

namespace {

using Actions = std::vector<DdlAction>;

constexpr int kMaxNesting = 400;

QString text(const std::string &words) { return QString::fromStdString(words); }

QString text(const QJsonObject &node, const char *key) { return node.value(QLatin1String(key)).toString(); }

QJsonObject child(const QJsonObject &node, const char *key)
{
    return node.value(QLatin1String(key)).toObject();
}

QJsonArray list(const QJsonObject &node, const char *key) { return node.value(QLatin1String(key)).toArray(); }

bool flag(const QJsonObject &node, const char *key) { return node.value(QLatin1String(key)).toBool(); }

void setFlag(QJsonObject &extra, const char *key, bool value)
{
    if (value)
        extra.insert(QLatin1String(key), true);
}

void setText(QJsonObject &extra, const char *key, const QString &value)
{
    if (!value.isEmpty())
        extra.insert(QLatin1String(key), value);
}

/// Names of a list of String nodes.
QJsonArray names(const QJsonArray &nodes)
{
    QJsonArray result;
    for (const auto &node : nodes)
        result.append(text(child(node.toObject(), "String"), "sval"));
    return result;
}

/// "OBJECT_MATVIEW" -> "materialized_view", "AT_SetLogged" -> "set_logged".
QString snake(QString name, const char *prefix)
{
    name = name.mid(name.startsWith(QLatin1String(prefix)) ? qsizetype(std::string_view(prefix).size()) : 0);
    const bool upper = name == name.toUpper();
    QString result;
    for (const QChar c : std::as_const(name)) {
        if (!upper && c.isUpper() && !result.isEmpty())
            result += QLatin1Char('_');
        result += c.toLower();
    }
    return result == QLatin1String("matview") ? QStringLiteral("materialized_view") : result;
}

/// Kind, columns, reference of a constraint, of a table or inside a column.
void describeConstraint(const QJsonObject &constraint, QJsonObject &extra)
{
    setText(extra, "constraint_type", [&] {
        const QString type = text(constraint, "contype");
        return type == QLatin1String("CONSTR_PRIMARY") ? QStringLiteral("primary_key")
            : type == QLatin1String("CONSTR_FOREIGN")  ? QStringLiteral("foreign_key")
                                                       : snake(type, "CONSTR_");
    }());
    setText(extra, "name", text(constraint, "conname"));
    setFlag(extra, "not_valid", flag(constraint, "skip_validation"));
    setText(extra, "using_index", text(constraint, "indexname"));
    QJsonArray columns = names(list(constraint, "keys"));
    if (columns.isEmpty())
        columns = names(list(constraint, "fk_attrs"));
    if (!columns.isEmpty())
        extra.insert(QLatin1String("columns"), columns);
    setText(extra, "references", text(ddlRelationName(child(constraint, "pktable"))));
}

/// A column of CREATE TABLE or ADD COLUMN.
QJsonObject describeColumn(const QJsonObject &column)
{
    QJsonObject extra;
    const std::string type = ddlTypeName(child(column, "typeName"));
    setText(extra, "column", text(column, "colname"));
    setText(extra, "type", text(type));
    QString kind = isSerialType(type) ? QStringLiteral("volatile") : QString();
    setFlag(extra, "serial", isSerialType(type));
    for (const auto &item : list(column, "constraints")) {
        const QJsonObject constraint = child(item.toObject(), "Constraint");
        const QString contype = text(constraint, "contype");
        if (contype == QLatin1String("CONSTR_NOTNULL"))
            setFlag(extra, "not_null", true);
        else if (contype == QLatin1String("CONSTR_DEFAULT"))
            kind = QString::fromLatin1(QByteArray::fromStdString(
                std::string(defaultKind(constraint.value(QLatin1String("raw_expr"))))));
        else if (contype == QLatin1String("CONSTR_IDENTITY"))
            kind = QStringLiteral("volatile");
        else if (contype == QLatin1String("CONSTR_GENERATED"))
            kind = QStringLiteral("generated");
        else if (contype == QLatin1String("CONSTR_PRIMARY"))
            setFlag(extra, "primary_key", true);
        else if (contype == QLatin1String("CONSTR_UNIQUE"))
            setFlag(extra, "unique", true);
        else if (contype == QLatin1String("CONSTR_CHECK"))
            setFlag(extra, "check", true);
        else if (contype == QLatin1String("CONSTR_FOREIGN"))
            setText(extra, "references", text(ddlRelationName(child(constraint, "pktable"))));
    }
    extra.insert(QLatin1String("default"), kind.isEmpty() ? QStringLiteral("none") : kind);
    return extra;
}

DdlAction alterCommand(const QJsonObject &command, const std::string &table)
{
    DdlAction action{{}, table, {}};
    const QString subtype = text(command, "subtype");
    QJsonObject &extra = action.extra;
    const QJsonObject def = child(command, "def");
    if (subtype == QLatin1String("AT_AddColumn")) {
        action.kind = "add_column";
        extra = describeColumn(child(def, "ColumnDef"));
        setFlag(extra, "if_not_exists", flag(command, "missing_ok"));
    } else if (subtype == QLatin1String("AT_AlterColumnType")) {
        action.kind = "alter_column_type";
        const QJsonObject column = child(def, "ColumnDef");
        setText(extra, "type", text(ddlTypeName(child(column, "typeName"))));
        setFlag(extra, "using", column.contains(QLatin1String("raw_default")));
    } else if (subtype == QLatin1String("AT_AddConstraint")) {
        action.kind = "add_constraint";
        describeConstraint(child(def, "Constraint"), extra);
        return action;
    } else if (subtype == QLatin1String("AT_ColumnDefault")) {
        action.kind = def.isEmpty() ? "drop_default" : "set_default";
        if (!def.isEmpty())
            setText(extra, "default",
                QString::fromUtf8(QByteArray::fromStdString(std::string(defaultKind(QJsonValue(def))))));
    } else if (subtype == QLatin1String("AT_AttachPartition")
        || subtype == QLatin1String("AT_DetachPartition")) {
        action.kind
            = subtype == QLatin1String("AT_AttachPartition") ? "attach_partition" : "detach_partition";
        const QJsonObject partition = child(def, "PartitionCmd");
        setText(extra, "partition", text(ddlRelationName(child(partition, "name"))));
        setFlag(extra, "concurrently", flag(partition, "concurrent"));
    } else {
        action.kind = snake(subtype, "AT_").toStdString();
    }
    const bool named = action.kind.find("constraint") != std::string::npos;
    setText(extra, named ? "name" : "column", text(command, "name"));
    setFlag(extra, "if_exists", action.kind.starts_with("drop") && flag(command, "missing_ok"));
    setFlag(extra, "cascade", text(command, "behavior") == QLatin1String("DROP_CASCADE"));
    return action;
}

Actions alterTable(const QJsonObject &node)
{
    Actions actions;
    const std::string table = ddlRelationName(child(node, "relation"));
    for (const auto &item : list(node, "cmds"))
        actions.push_back(alterCommand(child(item.toObject(), "AlterTableCmd"), table));
    const QString object = snake(text(node, "objtype"), "OBJECT_");
    for (DdlAction &action : actions) {
        if (object != QLatin1String("table"))
            setText(action.extra, "object_type", object);
    }
    return actions;
}

Actions createIndex(const QJsonObject &node)
{
    const QJsonObject relation = child(node, "relation");
    DdlAction action{"create_index", ddlRelationName(relation), {}};
    QJsonArray columns;
    for (const auto &item : list(node, "indexParams")) {
        const QString name = text(child(item.toObject(), "IndexElem"), "name");
        columns.append(name.isEmpty() ? QJsonValue(QStringLiteral("(expression)")) : QJsonValue(name));
    }
    action.extra.insert(QLatin1String("columns"), columns);
    setText(action.extra, "name", text(node, "idxname"));
    setText(action.extra, "method", text(node, "accessMethod"));
    setFlag(action.extra, "unique", flag(node, "unique"));
    setFlag(action.extra, "concurrently", flag(node, "concurrent"));
    setFlag(action.extra, "if_not_exists", flag(node, "if_not_exists"));
    setFlag(action.extra, "partial", node.contains(QLatin1String("whereClause")));
    // ON ONLY: of a partitioned table, without its partitions.
    setFlag(action.extra, "only", !flag(relation, "inh"));
    return {action};
}

Actions createTable(const QJsonObject &node)
{
    const QJsonObject relation = child(node, "relation");
    DdlAction action{"create_table", ddlRelationName(relation), {}};
    QJsonArray columns;
    for (const auto &item : list(node, "tableElts")) {
        const QJsonObject column = child(item.toObject(), "ColumnDef");
        if (!column.isEmpty())
            columns.append(text(column, "colname"));
    }
    if (!columns.isEmpty())
        action.extra.insert(QLatin1String("columns"), columns);
    setFlag(action.extra, "if_not_exists", flag(node, "if_not_exists"));
    setFlag(action.extra, "temporary", text(relation, "relpersistence") == QLatin1String("t"));
    setFlag(action.extra, "unlogged", text(relation, "relpersistence") == QLatin1String("u"));
    setFlag(action.extra, "partitioned", node.contains(QLatin1String("partspec")));
    const QJsonArray parents = list(node, "inhRelations");
    if (!parents.isEmpty())
        setText(action.extra, node.contains(QLatin1String("partbound")) ? "partition_of" : "inherits",
            text(ddlRelationName(child(parents.first().toObject(), "RangeVar"))));
    return {action};
}

std::string objectName(const QJsonObject &object)
{
    if (object.contains(QLatin1String("List")))
        return ddlDottedName(list(child(object, "List"), "items"));
    if (object.contains(QLatin1String("TypeName")))
        return ddlDottedName(list(child(object, "TypeName"), "names"));
    if (object.contains(QLatin1String("ObjectWithArgs")))
        return ddlDottedName(list(child(object, "ObjectWithArgs"), "objname"));
    return text(child(object, "String"), "sval").toStdString();
}

Actions drop(const QJsonObject &node)
{
    Actions actions;
    for (const auto &item : list(node, "objects")) {
        DdlAction action{"drop_" + snake(text(node, "removeType"), "OBJECT_").toStdString(),
            objectName(item.toObject()), {}};
        setFlag(action.extra, "concurrently", flag(node, "concurrent"));
        setFlag(action.extra, "if_exists", flag(node, "missing_ok"));
        setFlag(action.extra, "cascade", text(node, "behavior") == QLatin1String("DROP_CASCADE"));
        actions.push_back(std::move(action));
    }
    return actions;
}

Actions rename(const QJsonObject &node)
{
    const QString what = snake(text(node, "renameType"), "OBJECT_");
    DdlAction action{"rename_" + (what == QLatin1String("tabconstraint") ? "constraint" : what.toStdString()),
        ddlRelationName(child(node, "relation")), {}};
    if (action.object.empty())
        action.object = objectName(child(node, "object"));
    setText(action.extra, what == QLatin1String("column") ? "column" : "name", text(node, "subname"));
    setText(action.extra, "to", text(node, "newname"));
    return {action};
}

Actions setVariable(const QJsonObject &node)
{
    DdlAction action{"set", {}, {}};
    const QString kind = text(node, "kind");
    setText(action.extra, "name", text(node, "name"));
    setFlag(action.extra, "local", flag(node, "is_local"));
    if (kind != QLatin1String("VAR_SET_VALUE"))
        action.kind = "reset";
    const QJsonArray arguments = list(node, "args");
    if (!arguments.isEmpty()) {
        const QJsonObject constant = child(arguments.first().toObject(), "A_Const");
        const QString words = text(child(constant, "sval"), "sval");
        // A zero is left out of the tree.
        setText(action.extra, "value",
            words.isEmpty() && constant.contains(QLatin1String("ival"))
                ? QString::number(child(constant, "ival").value(QLatin1String("ival")).toInt())
                : words);
    }
    return {action};
}

Actions change(const QJsonObject &node, const char *verb)
{
    const bool all = !node.contains(QLatin1String("whereClause"));
    return {{std::string(verb) + (all ? "_all" : ""), ddlRelationName(child(node, "relation")), {}}};
}

Actions relations(const QJsonObject &node, const char *verb, const char *key)
{
    Actions actions;
    for (const auto &item : list(node, key)) {
        const QJsonObject relation = item.toObject().contains(QLatin1String("VacuumRelation"))
            ? child(child(item.toObject(), "VacuumRelation"), "relation")
            : child(item.toObject(), "RangeVar");
        actions.push_back({verb, ddlRelationName(relation), {}});
    }
    if (actions.empty())
        actions.push_back({verb, {}, {}});
    return actions;
}

bool hasOption(const QJsonObject &node, const char *list_, const char *name)
{
    for (const auto &item : list(node, list_)) {
        if (text(child(item.toObject(), "DefElem"), "defname") == QLatin1String(name))
            return true;
    }
    return false;
}

Actions vacuum(const QJsonObject &node)
{
    Actions actions = relations(node, flag(node, "is_vacuumcmd") ? "vacuum" : "analyze", "rels");
    for (DdlAction &action : actions)
        setFlag(action.extra, "full", hasOption(node, "options", "full"));
    return actions;
}

Actions lockTables(const QJsonObject &node)
{
    static constexpr std::array<const char *, 9> kModes{"", "access share", "row share", "row exclusive",
        "share update exclusive", "share", "share row exclusive", "exclusive", "access exclusive"};
    Actions actions = relations(node, "lock_table", "relations");
    const auto mode = static_cast<std::size_t>(std::clamp(node.value(QLatin1String("mode")).toInt(), 0, 8));
    for (DdlAction &action : actions)
        setText(action.extra, "mode", QLatin1String(kModes[mode]));
    return actions;
}

/// Statements with an object that is a relation of one key, and nothing more to say.
struct Simple
{
    const char *node, *kind, *relation;
};
constexpr std::array<Simple, 7> kSimple{{
    {"ViewStmt", "create_view", "view"},
    {"InsertStmt", "insert", "relation"},
    {"ClusterStmt", "cluster", "relation"},
    {"CopyStmt", "copy", "relation"},
    {"CreateSeqStmt", "create_sequence", "sequence"},
    {"AlterSeqStmt", "alter_sequence", "sequence"},
    {"RuleStmt", "create_rule", "relation"},
}};

Actions otherStatement(const QString &type, const QJsonObject &node)
{
    for (const Simple &simple : kSimple) {
        if (type == QLatin1String(simple.node))
            return {{simple.kind, ddlRelationName(child(node, simple.relation)), {}}};
    }
    if (type == QLatin1String("CreateTableAsStmt")) {
        const bool view = text(node, "objtype") == QLatin1String("OBJECT_MATVIEW");
        return {{view ? "create_materialized_view" : "create_table_as",
            ddlRelationName(child(child(node, "into"), "rel")), {}}};
    }
    if (type == QLatin1String("RefreshMatViewStmt") || type == QLatin1String("ReindexStmt")) {
        const bool refresh = type == QLatin1String("RefreshMatViewStmt");
        DdlAction action{refresh ? "refresh_materialized_view" : "reindex",
            ddlRelationName(child(node, "relation")), {}};
        setFlag(action.extra, "concurrently",
            flag(node, "concurrent") || hasOption(node, "params", "concurrently"));
        return {action};
    }
    if (type == QLatin1String("CreateTrigStmt")) {
        DdlAction action{"create_trigger", ddlRelationName(child(node, "relation")), {}};
        setText(action.extra, "name", text(node, "trigname"));
        setFlag(action.extra, "each_row", flag(node, "row"));
        return {action};
    }
    if (type == QLatin1String("TransactionStmt")) {
        const QString kind = snake(text(node, "kind"), "TRANS_STMT_");
        return {{kind == QLatin1String("start") ? "begin" : kind.toStdString(), {}, {}}};
    }
    if (type == QLatin1String("AlterEnumStmt"))
        return {{"alter_type", ddlDottedName(list(node, "typeName")), {}}};
    if (type == QLatin1String("CreateFunctionStmt"))
        return {{"create_function", ddlDottedName(list(node, "funcname")), {}}};
    if (type == QLatin1String("CreateExtensionStmt"))
        return {{"create_extension", text(node, "extname").toStdString(), {}}};
    if (type == QLatin1String("CreateSchemaStmt"))
        return {{"create_schema", text(node, "schemaname").toStdString(), {}}};
    QString name = type;
    if (name.endsWith(QLatin1String("Stmt")))
        name.chop(4);
    return {{snake(name, "").toStdString(), {}, {}}};
}

Actions actionsOf(const QJsonObject &statement)
{
    const QString type = statement.isEmpty() ? QString() : statement.begin().key();
    const QJsonObject node = statement.isEmpty() ? QJsonObject() : statement.begin().value().toObject();
    if (type == QLatin1String("AlterTableStmt"))
        return alterTable(node);
    if (type == QLatin1String("IndexStmt"))
        return createIndex(node);
    if (type == QLatin1String("CreateStmt"))
        return createTable(node);
    if (type == QLatin1String("DropStmt"))
        return drop(node);
    if (type == QLatin1String("RenameStmt"))
        return rename(node);
    if (type == QLatin1String("VariableSetStmt"))
        return setVariable(node);
    if (type == QLatin1String("UpdateStmt"))
        return change(node, "update");
    if (type == QLatin1String("DeleteStmt"))
        return change(node, "delete");
    if (type == QLatin1String("TruncateStmt"))
        return relations(node, "truncate", "relations");
    if (type == QLatin1String("LockStmt"))
        return lockTables(node);
    if (type == QLatin1String("VacuumStmt"))
        return vacuum(node);
    return otherStatement(type, node);
}

bool isTooDeep(std::string_view sql)
{
    int depth = 0;
    for (const char c : sql) {
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (depth > kMaxNesting)
            return true;
    }
    return false;
}

/// 1 + 1 + 1 ... is as deep as it has operators, and libpg_query prints its tree by recursion.
bool isLongTree(std::string_view sql)
{
    using Kind = SqlTokens::Kind;
    SqlTokens tokens(sql);
    std::string token;
    std::size_t count = 0;
    for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token))
        count += kind != Kind::Literal && token != "," && token != "(" && token != ")" ? 1 : 0;
    return count > 8000;
}

DdlAction unparsed(const QString &reason)
{
    DdlAction action{"unparsed", {}, {}};
    setText(action.extra, "error", reason);
    return action;
}

} // namespace

std::vector<DdlAction> readDdl(std::string_view statement)
{
    if (statement.size() > kMaxMigrationStatement)
        return {unparsed(QStringLiteral("longer than 64 KiB"))};
    if (statement.find('\0') != std::string_view::npos || isTooDeep(statement))
        return {unparsed(QStringLiteral("nested deeper than 400 brackets"))};
    if (isLongTree(statement))
        return {unparsed(QStringLiteral("more than 8,000 words and operators"))};
    const PgQueryParseResult result = pg_query_parse(std::string(statement).c_str());
    QJsonDocument tree;
    QString error;
    if (result.error)
        error = QString::fromUtf8(result.error->message ? result.error->message : "").left(200);
    else if (result.parse_tree)
        tree = QJsonDocument::fromJson(result.parse_tree);
    pg_query_free_parse_result(result);
    const QJsonArray statements = list(tree.object(), "stmts");
    if (statements.isEmpty())
        return {unparsed(error.isEmpty() ? QStringLiteral("nested too deep") : error)};
    Actions actions;
    for (const auto &item : statements) {
        for (DdlAction &action : actionsOf(child(item.toObject(), "stmt")))
            actions.push_back(std::move(action));
    }
    if (actions.empty())
        actions.push_back({"other", {}, {}});
    return actions;
}

} // namespace tailscope::import
