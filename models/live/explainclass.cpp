// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/explainclass.h"

#include "base/sqltokens.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <optional>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <pg_query.h>

namespace tailscope::live {

namespace {

using Kind = ExplainClass::Kind;

constexpr std::size_t kMaxSql = 128 * 1024; // the tree is many times the text
constexpr int kMaxNesting = 200;
constexpr std::size_t kMaxFunctions = 200;
constexpr int kMaxParameter = 65535; // PostgreSQL's own limit
constexpr std::array<std::string_view, 8> kPlanned{"select", "with", "values", "table", "insert", "update",
    "delete", "merge"};
/// What these do stays done when the transaction is rolled back, or happens elsewhere.
constexpr std::array<std::string_view, 29> kBeyondRollback{"pg_terminate_backend", "pg_cancel_backend",
    "pg_reload_conf", "pg_rotate_logfile", "pg_switch_wal", "pg_promote", "pg_wal_replay_pause",
    "pg_wal_replay_resume", "pg_create_restore_point", "pg_drop_replication_slot",
    "pg_replication_slot_advance", "pg_stat_reset", "pg_stat_statements_reset", "pg_file_write",
    "pg_file_unlink", "pg_file_rename", "lo_export", "pg_advisory_lock", "pg_try_advisory_lock",
    "pg_advisory_lock_shared", "pg_log_backend_memory_contexts", "pg_backup_start", "pg_start_backup",
    "pg_prewarm", "pg_logical_emit_message", "pg_backup_stop", "pg_stop_backup", "pg_log_standby_snapshot",
    "pg_sync_replication_slots"};
constexpr std::array<std::string_view, 8> kBeyondRollbackStarts{"dblink", "pg_stat_reset_",
    "pg_create_logical_", "pg_create_physical_", "pg_logical_slot_get_", "pg_copy_logical_",
    "pg_copy_physical_", "pg_replication_origin_"};

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

bool isTooDeep(std::string_view sql)
{
    int depth = 0;
    for (const char c : sql) {
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (depth > kMaxNesting)
            return true;
    }
    return false;
}

/// The statements of a text; nullopt when the grammar refuses it.
std::optional<QJsonArray> parsed(std::string_view sql)
{
    if (sql.size() > kMaxSql || sql.find('\0') != std::string_view::npos || isTooDeep(sql))
        return std::nullopt;
    const PgQueryParseResult result = pg_query_parse(std::string(sql).c_str());
    QJsonDocument document;
    const bool isFine = !result.error && result.parse_tree;
    if (isFine)
        document = QJsonDocument::fromJson(result.parse_tree);
    pg_query_free_parse_result(result);
    if (!isFine || !document.isObject())
        return std::nullopt;
    return list(document.object(), "stmts");
}

/// What lies anywhere in a tree that decides. No recursion.
struct Findings
{
    bool hasWrite = false, hasLock = false, hasInto = false;
    int parameters = 0;
    std::vector<std::string> functions;

    void look(const QString &key, const QJsonValue &value)
    {
        const QJsonObject object = value.toObject();
        if (key == QLatin1String("InsertStmt") || key == QLatin1String("UpdateStmt")
            || key == QLatin1String("DeleteStmt") || key == QLatin1String("MergeStmt"))
            hasWrite = true;
        else if (key == QLatin1String("lockingClause"))
            hasLock = hasLock || !value.toArray().isEmpty();
        else if (key == QLatin1String("intoClause"))
            hasInto = true;
        else if (key == QLatin1String("ParamRef"))
            parameters = std::max(parameters, object.value(QLatin1String("number")).toInt());
        else if (key == QLatin1String("FuncCall") && functions.size() < kMaxFunctions) {
            const QJsonArray names = list(object, "funcname");
            std::string name = names.isEmpty() ? "" : text(member(names.last().toObject(), "String"), "sval");
            if (!name.empty() && std::find(functions.begin(), functions.end(), name) == functions.end())
                functions.push_back(std::move(name));
        }
    }
};

Findings findingsOf(const QJsonObject &statement)
{
    Findings findings;
    std::vector<QJsonValue> open{statement};
    while (!open.empty()) {
        const QJsonValue value = open.back();
        open.pop_back();
        if (value.isArray()) {
            for (const auto &item : value.toArray())
                open.push_back(item);
        } else if (value.isObject()) {
            const QJsonObject object = value.toObject();
            for (auto item = object.begin(); item != object.end(); ++item) {
                findings.look(item.key(), item.value());
                open.push_back(item.value());
            }
        }
    }
    return findings;
}

/// "SelectStmt" -> "SELECT".
std::string verbOf(const QString &node)
{
    return node.left(node.size() - (node.endsWith(QLatin1String("Stmt")) ? 4 : 0)).toUpper().toStdString();
}

std::string analyzeRefusal(const Findings &findings, const std::string &verb, bool isSelect)
{
    if (!isSelect || findings.hasWrite)
        return (isSelect ? std::string("a part of it") : verb)
            + " writes: it is only planned here, never executed";
    if (findings.hasInto)
        return "SELECT INTO makes a table";
    if (findings.hasLock)
        return "it locks rows (FOR UPDATE, FOR SHARE)";
    for (const std::string &function : findings.functions) {
        const bool isKnown
            = std::find(kBeyondRollback.begin(), kBeyondRollback.end(), function) != kBeyondRollback.end()
            || std::any_of(kBeyondRollbackStarts.begin(), kBeyondRollbackStarts.end(),
                [&](std::string_view start) { return function.starts_with(start); });
        if (isKnown)
            return "it calls " + function + "(), and no rollback takes back what that does";
    }
    if (findings.parameters > 0)
        return "it has parameters ($1): put values in their place to execute it";
    return {};
}

/// What the grammar refuses: by its words.
ExplainClass byTokens(std::string_view sql)
{
    ExplainClass found;
    SqlTokens tokens(sql);
    std::string token, first;
    bool isEnded = false;
    for (auto kind = tokens.next(token); kind != SqlTokens::Kind::End; kind = tokens.next(token)) {
        if (isEnded) {
            found.refusal = "it holds more than one statement";
            return found;
        }
        if (kind == SqlTokens::Kind::Literal) {
            const std::string_view written = sql.substr(tokens.begin(), tokens.end() - tokens.begin());
            if (const auto number = written.starts_with('$') ? parseInt64(written.substr(1)) : std::nullopt)
                found.parameters = std::max(found.parameters,
                    static_cast<int>(std::min<std::int64_t>(*number, kMaxParameter)));
        }
        if (first.empty() && token != "(")
            first = kind == SqlTokens::Kind::Word ? token : "?";
        isEnded = kind == SqlTokens::Kind::Symbol && token == ";";
    }
    if (first.empty()) {
        found.refusal = "there is no statement";
        return found;
    }
    if (std::find(kPlanned.begin(), kPlanned.end(), first) == kPlanned.end()) {
        found.refusal = "only SELECT, INSERT, UPDATE, DELETE and MERGE have plans";
        return found;
    }
    found.kind = Kind::Unknown;
    found.verb = QString::fromStdString(first).toUpper().toStdString();
    found.analyzeRefusal = "its grammar is not known here, so nobody can tell whether it only reads";
    return found;
}

} // namespace

ExplainClass explainClass(std::string_view sql)
{
    const std::optional<QJsonArray> statements = parsed(sql);
    if (!statements)
        return byTokens(sql);
    ExplainClass found;
    if (statements->size() != 1) {
        found.refusal = statements->isEmpty() ? "there is no statement" : "it holds more than one statement";
        return found;
    }
    const QJsonObject statement = member(statements->first().toObject(), "stmt");
    const QString node = statement.isEmpty() ? QString() : statement.begin().key();
    found.verb = verbOf(node);
    const bool isSelect = node == QLatin1String("SelectStmt");
    const bool isWrite = node == QLatin1String("InsertStmt") || node == QLatin1String("UpdateStmt")
        || node == QLatin1String("DeleteStmt") || node == QLatin1String("MergeStmt");
    if (!isSelect && !isWrite) {
        found.refusal = node == QLatin1String("ExplainStmt")
            ? "it is an EXPLAIN itself: take the statement in it"
            : node == QLatin1String("CreateTableAsStmt") || node == QLatin1String("DeclareCursorStmt")
            ? "take the SELECT in it"
            : "only SELECT, INSERT, UPDATE, DELETE and MERGE have plans";
        return found;
    }
    Findings findings = findingsOf(statement);
    found.kind = isWrite || findings.hasWrite ? Kind::Write : Kind::Select;
    found.parameters = std::clamp(findings.parameters, 0, kMaxParameter);
    found.analyzeRefusal = analyzeRefusal(findings, found.verb, isSelect);
    found.functions = std::move(findings.functions);
    return found;
}

IndexText indexText(std::string_view sql)
{
    IndexText index;
    const std::optional<QJsonArray> statements = parsed(sql);
    if (!statements || statements->size() != 1) {
        index.refusal = statements ? "it is not exactly one statement" : "the grammar does not know it";
        return index;
    }
    const QJsonObject statement = member(statements->first().toObject(), "stmt");
    if (!statement.contains(QLatin1String("IndexStmt"))) {
        index.refusal = "it is no CREATE INDEX";
        return index;
    }
    const QJsonObject body = member(statement, "IndexStmt");
    const QJsonObject relation = member(body, "relation");
    const std::string schema = text(relation, "schemaname");
    index.table = (schema.empty() ? "" : schema + '.') + text(relation, "relname");
    index.method = text(body, "accessMethod");
    return index;
}

std::string withoutEnd(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token;
    std::size_t end = 0;
    for (auto kind = tokens.next(token); kind != SqlTokens::Kind::End; kind = tokens.next(token)) {
        if (kind != SqlTokens::Kind::Symbol || token != ";")
            end = tokens.end();
    }
    return std::string(trimmed(sql.substr(0, end)));
}

} // namespace tailscope::live
