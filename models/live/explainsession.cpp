// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/explainsession.h"

#include "live/sessionsettings.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::live {

namespace {

constexpr std::chrono::milliseconds kGrace{3000}; // beyond what the server allows the statement
constexpr std::size_t kMaxPlan = 64u << 20;

std::string quotedName(std::string_view name)
{
    std::string out = "\"";
    for (const char c : name)
        out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

/// '{"a","b"}'
std::string arrayText(const std::vector<std::string> &values)
{
    std::string out = "{";
    for (const std::string &value : values) {
        out += out.size() > 1 ? ",\"" : "\"";
        for (const char c : value)
            out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
        out += '"';
    }
    return out + '}';
}

/// The text that was explained goes into the document, where auto_explain puts it.
std::string withQueryText(std::string json, const std::string &sql)
{
    const std::size_t brace = json.find('{');
    if (brace != std::string::npos)
        json.insert(brace + 1, "\n    \"Query Text\": " + jsonQuoted(sql) + ",");
    return json;
}

} // namespace

Result<ExplainSession> ExplainSession::begin(const Target &target, const ExplainRequest &request,
    const Progress &progress)
{
    if (target.kind == TargetKind::Pgbouncer)
        return fail(ErrorCode::Usage, shortText(target), "a pooler's console plans nothing",
            "Choose the server behind it");
    ConnectOptions options;
    options.isReadOnly = false; // its settings would change plans; the transaction is read-only instead
    options.statementTimeout = request.timeout;
    options.applicationName = "tailscope explain";
    options.answerLimit = kMaxPlan;
    auto connection = connectNow(target, options, progress);
    if (!connection)
        return fail(connection.error());
    ExplainSession session;
    session.m_connection = std::move(*connection);
    session.m_request = request;
    session.m_progress = progress;
    session.m_user = request.role.empty() ? session.m_connection.option("user") : request.role;
    // A pooler may have kept `options` from the server, and "\'" must not mean something else there than
    // here.
    std::vector<std::string> first{"BEGIN READ ONLY",
        "SET LOCAL statement_timeout = " + std::to_string(request.timeout.count()),
        "SET LOCAL lock_timeout = " + std::to_string(options.lockTimeout.count()),
        "SET LOCAL idle_in_transaction_session_timeout = 10000",
        "SET LOCAL standard_conforming_strings = on"};
    if (!request.role.empty())
        first.push_back("SET LOCAL ROLE " + quotedName(request.role));
    for (const std::string &sql : first) {
        auto done = session.ask(sql);
        if (!done)
            return fail(done.error());
    }
    if (!request.searchPath.empty()) {
        auto done = session.ask("SELECT set_config('search_path', $1, true)", {request.searchPath});
        if (!done)
            return fail(done.error());
    }
    return session;
}

Result<ResultSet> ExplainSession::ask(const std::string &sql, const std::vector<std::string> &parameters)
{
    // What holds the user's own text stays as it is: places of errors are counted in it.
    const bool isOurs = sql.starts_with("BEGIN") || sql.starts_with("SET ") || sql.starts_with("SELECT ");
    return queryNow(m_connection, isOurs ? marked(sql) : sql, parameters, m_request.timeout + kGrace,
        m_progress);
}

Result<ResultSet> ExplainSession::askSimple(const std::string &sql)
{
    TS_TRY(m_connection.sendSimple(sql));
    return answerNow(m_connection, m_request.timeout + kGrace, m_progress);
}

Error ExplainSession::explained(Error error, const ExplainClass &found) const
{
    const std::string &state = m_connection.sqlState();
    const bool isWrite = found.kind == ExplainClass::Kind::Write;
    if (state == "42501")
        error.hint = "Planning asks for the rights of executing: role " + m_user + " needs "
            + (isWrite ? found.verb + " and SELECT" : "SELECT")
            + " on the tables (pg_monitor has none; pg_read_all_data, from version 14 on, reads all), or "
              "explain "
              "as the role that ran it";
    else if (state == "42P01" || state == "42883" || state == "3F000")
        error.hint = "Names are looked up in the role's search_path: give that of the session which ran it";
    else if (state == "42601")
        error.hint = found.parameters > 0 ? "The text was normalised: a parameter stands where the grammar "
                                            "wants a constant. Put a value there"
                                          : "The text may be cut off (track_activity_query_size)";
    else if (state == "42P18" || state == "42P08")
        error.hint = "The type of a parameter cannot be told from the text: put a value or a cast there";
    return error;
}

Result<ExplainAnswer> ExplainSession::explain(const ExplainClass &found, bool isAnalyze)
{
    const std::string sql = withoutEnd(m_request.sql);
    const ExplainCommands commands = explainCommands(sql, found, isAnalyze, serverVersion());
    if (!commands.before.empty() && isPooled())
        return fail(ErrorCode::Usage, "EXPLAIN",
            "a pooler stands between: a prepared statement would stay behind in a session of others",
            "Connect to the server itself");
    for (const std::string &before : commands.before) {
        auto done = ask(before);
        if (!done)
            return fail(explained(done.error(), found));
    }
    std::string explain = commands.explain;
    if (const std::size_t place = explain.rfind("(NULL...)");
        !commands.before.empty() && place != std::string::npos) {
        // As many as the server sees; a text that the grammar here does not know may have more.
        auto count = ask("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = "
                         "'tailscope_explain'");
        if (!count)
            return fail(count.error());
        const auto cell = count->cell(0, std::size_t(0));
        const auto wanted = cell ? parseInt64(*cell).value_or(0) : found.parameters;
        std::string nulls;
        for (std::int64_t i = 0; i < wanted; ++i)
            nulls += i == 0 ? "NULL" : ", NULL";
        explain.replace(place, 9, nulls.empty() ? "" : "(" + nulls + ")");
    }
    auto rows = commands.isSimple ? askSimple(explain) : ask(explain);
    if (!rows)
        return fail(explained(rows.error(), found));
    std::string json;
    for (std::size_t row = 0; row < rows->rows(); ++row)
        json += std::string(rows->cell(row, std::size_t(0)).value_or("")) + '\n';
    for (const std::string &after : commands.after)
        TS_TRY(ask(after));
    ExplainAnswer answer;
    answer.json = withQueryText(std::move(json), sql);
    answer.command = explain;
    answer.isGeneric = found.parameters > 0;
    answer.isAnalyzed = isAnalyze;
    answer.serverVersion = serverVersion();
    answer.textToRunElsewhere = textToRunElsewhere(sql, m_request, found.parameters, serverVersion());
    if (answer.isGeneric && serverVersion() < 120000)
        answer.notes.emplace_back(
            "Before version 12 a generic plan cannot be asked for: this one was made for NULLs "
            "and may differ from what runs");
    else if (answer.isGeneric && serverVersion() < 160000)
        answer.notes.emplace_back(
            "The generic plan, for any values of the parameters. Before version 16 partitions "
            "that are chosen when it starts are missing in it");
    else if (answer.isGeneric)
        answer.notes.emplace_back("The generic plan, for any values of the parameters");
    return answer;
}

Result<std::vector<std::string>> ExplainSession::warnings(const ExplainClass &found)
{
    std::vector<std::string> warnings;
    if (!found.functions.empty()) {
        auto rows = ask("SELECT DISTINCT n.nspname, p.proname FROM pg_catalog.pg_proc p "
                        "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                        "WHERE p.provolatile = 'v' AND p.proname = ANY ($1::text[]) "
                        "ORDER BY 1, 2",
            {arrayText(found.functions)});
        if (!rows)
            return fail(rows.error());
        for (std::size_t row = 0; row < rows->rows(); ++row) {
            const std::string schema(rows->cell(row, std::size_t(0)).value_or(""));
            const std::string name(rows->cell(row, std::size_t(1)).value_or(""));
            std::string words = "It calls " + (schema == "pg_catalog" ? "" : schema + '.') + name
                + "(), which is volatile: it may do more than read";
            if (name == "nextval" || name == "setval")
                words = "It calls " + name + "(), which the read-only transaction refuses";
            else if (name == "pg_notify")
                words = "It calls pg_notify(); the rollback keeps the message back";
            warnings.push_back(std::move(words));
        }
    }
    warnings.emplace_back("It is executed once, for up to "
        + humanDuration(std::chrono::duration_cast<std::chrono::nanoseconds>(m_request.timeout).count())
        + ", in a read-only transaction that is rolled back; functions inside views and operators are not "
          "looked at");
    return warnings;
}

void ExplainSession::end()
{
    if (m_connection.state() == Connection::State::Ready)
        (void)queryNow(m_connection, "ROLLBACK", {}, kGrace, m_progress);
    m_connection.close();
}

} // namespace tailscope::live
