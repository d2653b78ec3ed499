// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "logfixture.h"

#include "advisor/plananalyses.h"
#include "advisor/rules.h"
#include "store/fingerprint.h"

#include <QtGlobal>

namespace tailscope::testing {

namespace {

template<typename T>
T &checked(Result<T> &result)
{
    if (!result)
        qFatal("%s", result.error().toText().c_str());
    return *result;
}
void check(const Result<void> &result)
{
    if (!result)
        qFatal("%s", result.error().toText().c_str());
}
Nanos at(double second) { return LogFixture::kStartNs + Nanos(second * 1e9); }

} // namespace

LogFixture::LogFixture()
{
    auto created = store::Workspace::temporary();
    m_workspace = std::move(checked(created));
    auto writer = store::BulkWriter::create(*m_workspace, {"postgresql.log", "test", std::nullopt}, {});
    m_writer = std::move(checked(writer));
    SourceInfo info;
    info.kind = SourceKind::Log;
    m_writer->setSource(info);
    const RecordField server[]{{"kind", std::string_view("postgresql")}, {"name", std::string_view("db1")}};
    m_server = m_writer->record({RecordTable::Server, {}, {}, {}, {}, server});
}

void LogFixture::line(const TestLine &line)
{
    LogRow row;
    row.tsNs = at(line.second);
    row.kind = line.kind;
    row.message = line.message;
    row.statement = line.statement;
    row.context = line.context;
    row.detail = line.detail;
    row.severity = line.severity;
    row.sqlstate = line.sqlstate;
    row.pattern = line.pattern;
    row.user = line.user;
    row.pid = line.pid;
    row.durationMs = line.durationMs;
    row.server = m_server;
    m_writer->logEntry(row);
}

void LogFixture::deadlock(double second, const std::vector<TestMember> &members)
{
    LogRow row;
    row.tsNs = at(second);
    row.kind = "deadlock";
    row.severity = "ERROR";
    row.sqlstate = "40P01";
    row.message = "deadlock detected";
    row.pid = members.front().pid;
    row.server = m_server;
    const LogRef log = m_writer->logEntry(row);
    ++m_deadlocks;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const TestMember &member = members[i];
        std::vector<RecordField> fields{{"deadlock", m_deadlocks}, {"position", std::int64_t(i)},
            {"ts_ns", row.tsNs}, {"pid", member.pid},
            {"waits_for_pid", members[(i + 1) % members.size()].pid},
            {"lock_type", std::string_view("transactionid")}, {"mode", std::string_view("ShareLock")},
            {"waits_for", std::string_view("transaction 771")}, {"query_text", std::string_view(member.sql)},
            {"statement_id", std::string_view(member.sql)}};
        if (!member.relation.empty())
            fields.push_back({"relation", std::string_view(member.relation)});
        m_writer->record({RecordTable::DeadlockMember, m_server, {}, {}, log, fields});
    }
}

void LogFixture::record(RecordTable table, const Fields &fields)
{
    std::vector<RecordField> row;
    for (const auto &[name, value] : fields) {
        RecordField field;
        field.column = name;
        if (const auto *text = std::get_if<std::string>(&value))
            field.value = std::string_view(*text);
        else if (const auto *number = std::get_if<std::int64_t>(&value))
            field.value = *number;
        else
            field.value = std::get<double>(value);
        row.push_back(field);
    }
    m_writer->record({table, m_server, {}, {}, {}, row});
}

void LogFixture::series(const std::string &metric, const std::string &labels,
    const std::vector<double> &values, double everySeconds, SeriesKind kind)
{
    SeriesRow row;
    row.metric = metric;
    row.labelsJson = labels;
    row.kind = kind;
    const SeriesRef series = m_writer->series(row);
    for (std::size_t i = 0; i < values.size(); ++i)
        m_writer->point(series, at(static_cast<double>(i) * everySeconds), values[i]);
}

void LogFixture::done() { check(m_writer->finish({})); }

void LogFixture::sql(const std::string &text)
{
    auto writer = m_workspace->connectWriter();
    check(checked(writer).execute(text));
}

std::int64_t LogFixture::statementId(const std::string &text)
{
    auto writer = m_workspace->connectWriter();
    const std::string fingerprint = store::fingerprint(text);
    auto insert
        = checked(writer).prepare("INSERT OR IGNORE INTO statement_raw (fingerprint, text) VALUES (?1, ?2)");
    checked(insert).bind(0, std::string_view(fingerprint));
    insert->bind(1, std::string_view(text));
    check(insert->run());
    auto query = writer->prepare("SELECT id FROM statement_raw WHERE fingerprint = ?1");
    checked(query).bind(0, std::string_view(fingerprint));
    auto row = query->step();
    checked(row);
    return query->integer(0);
}

void LogFixture::stat(const TestStat &stat)
{
    const std::int64_t id = statementId(stat.sql);
    auto writer = m_workspace->connectWriter();
    auto insert = checked(writer).prepare(
        "INSERT INTO statement_stat (run_id, statement_id, origin, calls, total_ms, mean_ms, rows, "
        "shared_hit,"
        " shared_read, first_ns, last_ns) VALUES (0, ?1, ?2, ?3, ?4, ?4 / ?3, ?5, ?6, 0, ?7, ?8)");
    checked(insert).bind(0, id);
    insert->bind(1, std::string_view(stat.origin));
    insert->bind(2, stat.calls);
    insert->bind(3, stat.totalMs);
    insert->bindOptional(4, stat.rows);
    insert->bindOptional(5, stat.blocks);
    insert->bind(6, kStartNs);
    insert->bind(7, at(stat.minutes * 60));
    check(insert->run());
}

void LogFixture::tag(const std::string &sql, const std::string &key, const std::string &value,
    std::int64_t calls, double totalMs)
{
    const std::int64_t id = statementId(sql);
    auto writer = m_workspace->connectWriter();
    auto insert = checked(writer).prepare("INSERT INTO statement_tag VALUES (0, ?1, ?2, ?3, 'log', ?4, ?5)");
    checked(insert).bind(0, id);
    insert->bind(1, std::string_view(key));
    insert->bind(2, std::string_view(value));
    insert->bind(3, calls);
    insert->bind(4, totalMs);
    check(insert->run());
}

void LogFixture::findings(const char *onlyRule)
{
    check(analysis::refreshWorkspaceAnalyses(*m_workspace, advisor::planAnalyses(), {}));
    static std::vector<Error> errors;
    static const std::vector<advisor::Rule> all = advisor::loadRules({}, errors);
    std::vector<advisor::Rule> rules;
    for (const advisor::Rule &rule : all) {
        if (!onlyRule || rule.id == onlyRule)
            rules.push_back(rule);
    }
    const auto outcome = advisor::runRules(*m_workspace, rules, {});
    if (!outcome)
        qFatal("%s", outcome.error().toText().c_str());
    for (const Error &error : outcome->failed)
        qFatal("%s", error.toText().c_str());
}

std::string LogFixture::text(const std::string &sql)
{
    auto reader = m_workspace->connectReader();
    const auto value = checked(reader).text(sql);
    if (!value)
        qFatal("%s: %s", sql.c_str(), value.error().toText().c_str());
    return value->value_or("(null)");
}

std::string LogFixture::severity(const char *rule)
{
    return text(
        "SELECT coalesce(max(severity), '') FROM finding WHERE rule_id = '" + std::string(rule) + "'");
}

std::string LogFixture::evidence(const char *rule, const char *column)
{
    return text("SELECT json_extract(evidence, '$." + std::string(column)
        + "') FROM finding WHERE rule_id = '" + rule + "' ORDER BY id LIMIT 1");
}

} // namespace tailscope::testing
