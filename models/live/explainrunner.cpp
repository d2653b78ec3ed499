// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/explainrunner.h"

#include "base/text.h"
#include "live/explainsession.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::live {

namespace {

/// The "Plan" of EXPLAIN's document; empty when it is none, or too deep to be read here.
QJsonObject topNode(const std::string &json)
{
    const QJsonDocument document
        = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    return document.array().first().toObject().value(QLatin1String("Plan")).toObject();
}

std::optional<double> totalCost(const QJsonObject &plan)
{
    const QJsonValue cost = plan.value(QLatin1String("Total Cost"));
    return cost.isDouble() ? std::optional<double>(cost.toDouble()) : std::nullopt;
}

/// "Index Scan on accounts a" of the nodes that use an index; a bitmap's table is its parent's.
std::vector<std::string> usersOf(const QJsonObject &plan, const std::string &index)
{
    struct Open
    {
        QJsonObject node;
        QString relation;
    };
    const auto text
        = [](const QJsonObject &node, const char *key) { return node.value(QLatin1String(key)).toString(); };
    std::vector<std::string> users;
    std::vector<Open> open{{plan, {}}};
    while (!open.empty()) {
        const auto [node, above] = open.back();
        open.pop_back();
        QString relation = text(node, "Relation Name");
        if (const QString alias = text(node, "Alias"); !alias.isEmpty() && alias != relation)
            relation += QLatin1Char(' ') + alias;
        if (relation.isEmpty())
            relation = above;
        if (text(node, "Index Name").toStdString() == index)
            users.push_back((text(node, "Node Type")
                + (relation.isEmpty() ? QString() : QStringLiteral(" on ") + relation))
                                .toStdString());
        for (const auto &child : node.value(QLatin1String("Plans")).toArray())
            open.push_back({child.toObject(), relation});
    }
    return users;
}

Result<ExplainClass> accepted(const std::string &sql)
{
    ExplainClass found = explainClass(sql);
    if (found.kind == ExplainClass::Kind::Refused)
        return fail(ErrorCode::Usage, "EXPLAIN", found.refusal,
            "Choose one statement that reads or changes rows");
    return found;
}

} // namespace

ExplainCommands explainCommands(const std::string &sql, const ExplainClass &found, bool isAnalyze,
    int serverVersion)
{
    std::string options = std::string(isAnalyze ? "ANALYZE, BUFFERS, " : "") + "VERBOSE, "
        + (serverVersion >= 120000 ? "SETTINGS, " : "") + "FORMAT JSON";
    ExplainCommands commands;
    if (found.parameters == 0) {
        commands.explain = "EXPLAIN (" + options + ") " + sql;
        return commands;
    }
    // By the simple protocol a text could hold more than one statement: only what the grammar knows goes
    // there.
    if (serverVersion >= 160000 && found.kind != ExplainClass::Kind::Unknown) {
        commands.explain = "EXPLAIN (GENERIC_PLAN, " + options + ") " + sql;
        commands.isSimple = true;
        return commands;
    }
    if (serverVersion >= 120000)
        commands.before.emplace_back("SET LOCAL plan_cache_mode = force_generic_plan");
    commands.before.push_back("PREPARE tailscope_explain AS " + sql);
    commands.explain = "EXPLAIN (" + options + ") EXECUTE tailscope_explain(NULL...)";
    commands.after.emplace_back("DEALLOCATE tailscope_explain");
    return commands;
}

std::string textToRunElsewhere(const std::string &sql, const ExplainRequest &request, int parameters,
    int serverVersion)
{
    std::string text;
    if (parameters > 0)
        text += "-- Put values in the place of $1"
            + (parameters > 1 ? " to $" + std::to_string(parameters) : "") + ".\n";
    text += "BEGIN;\n";
    // It came from a server too: what is no plain list of names is left out of a text to run.
    if (!request.searchPath.empty() && request.searchPath.find_first_of(";\n\r") == std::string::npos)
        text += "SET LOCAL search_path = " + request.searchPath + ";\n";
    return text + "EXPLAIN (ANALYZE, BUFFERS, VERBOSE" + (serverVersion >= 120000 ? ", SETTINGS" : "") + ")\n"
        + sql + ";\nROLLBACK;\n";
}

Result<ExplainAnswer> explainStatement(const Target &target, const ExplainRequest &request,
    const Progress &progress)
{
    const auto found = accepted(request.sql);
    if (!found)
        return fail(found.error());
    const bool isWanted = request.isAnalyze && request.hasConsent;
    if (isWanted && !found->analyzeRefusal.empty())
        return fail(ErrorCode::Usage, "EXPLAIN ANALYZE", found->analyzeRefusal,
            "Explain it without executing it, or run the text with ANALYZE where it does no harm");
    auto session = ExplainSession::begin(target, request, progress);
    if (!session)
        return fail(session.error());
    std::vector<std::string> warnings;
    if (request.isAnalyze && found->analyzeRefusal.empty()) {
        auto read = session->warnings(*found);
        if (!read)
            return fail(read.error());
        warnings = std::move(*read);
    }
    auto answer = session->explain(*found, isWanted);
    session->end();
    if (!answer)
        return answer;
    answer->warnings = std::move(warnings);
    answer->needsConsent = request.isAnalyze && !isWanted && found->analyzeRefusal.empty();
    if (request.isAnalyze && !found->analyzeRefusal.empty())
        answer->notes.push_back("Not executed: " + found->analyzeRefusal);
    return answer;
}

Result<HypotheticalAnswer> tryIndex(const Target &target, const ExplainRequest &request,
    std::string_view createIndex, const Progress &progress)
{
    const auto found = accepted(request.sql);
    if (!found)
        return fail(found.error());
    if (const IndexText index = indexText(createIndex); !index.refusal.empty())
        return fail(ErrorCode::Usage, "index", index.refusal, "Give one CREATE INDEX statement");
    auto session = ExplainSession::begin(target, request, progress);
    if (!session)
        return fail(session.error());
    if (session->isPooled())
        return fail(ErrorCode::Usage, "index", "a pooler stands between: the index would show to others",
            "Connect to the server itself");
    const auto schema
        = session->ask("SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
                       "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                       "WHERE e.extname = 'hypopg'");
    if (!schema)
        return fail(schema.error());
    if (schema->rows() == 0)
        return fail(ErrorCode::NotFound, "HypoPG", "the extension is not in this database",
            "Its administrator may install the package (postgresql-NN-hypopg) and run CREATE EXTENSION "
            "hypopg; an "
            "index of it exists in one session only and costs nothing");
    const std::string prefix = std::string(schema->cell(0, std::size_t(0)).value_or("public")) + '.';
    HypotheticalAnswer answer;
    auto before = session->explain(*found, false);
    if (!before)
        return fail(before.error());
    answer.before = std::move(*before);
    const auto made = session->ask("SELECT i.indexname, " + prefix
            + "hypopg_relation_size(i.indexrelid) FROM " + prefix + "hypopg_create_index($1) i",
        {withoutEnd(createIndex)});
    if (!made)
        return fail(made.error());
    answer.indexName = std::string(made->cell(0, std::size_t(0)).value_or(""));
    if (const auto bytes = made->cell(0, std::size_t(1)))
        answer.indexBytes = parseInt64(*bytes);
    auto after = session->explain(*found, false);
    if (!after)
        return fail(after.error());
    answer.after = std::move(*after);
    TS_TRY(session->ask("SELECT " + prefix + "hypopg_reset()"));
    session->end();
    answer.costBefore = totalCost(topNode(answer.before.json));
    const QJsonObject plan = topNode(answer.after.json);
    answer.costAfter = totalCost(plan);
    answer.users = usersOf(plan, answer.indexName);
    return answer;
}

} // namespace tailscope::live
