// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logrows.h"

#include "base/text.h"
#include "import/explain/emitplan.h"
#include "import/explain/logplan.h"
#include "import/pglog/logpattern.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::pglog {

namespace {

/// Of a DETAIL: the server cuts the queries in it at track_activity_query_size.
constexpr std::size_t kMaxDeadlock = 1024 * 1024;

/// Remarks of one plan under the place of its record.
void addPlanReport(const ImportReport &plan, const LogRecord &record, ImportReport &report)
{
    for (const ImportReport::Issue &issue : plan.issues()) {
        const bool rejected = std::any_of(plan.rejects().begin(), plan.rejects().end(),
            [&](const ImportReport::Reject &reject) { return reject.kind == issue.kind; });
        // auto_explain does not print these times.
        if (!rejected && issue.kind != "no-execution-time")
            report.note(issue.severity, issue.kind, record.offset, issue.example, issue.count);
    }
    for (const ImportReport::Reject &reject : plan.rejects())
        report.skip(reject.kind, record.offset, record.length, reject.reason, reject.bytes);
}

/// "$1 = '5', $2 = NULL" of a DETAIL that tells the parameters.
std::string_view parametersOf(std::string_view detail)
{
    const std::size_t first = detail.find("$1 = ");
    return first == std::string_view::npos || first > 60 ? std::string_view() : detail.substr(first);
}

std::string_view phaseText(Phase phase)
{
    switch (phase) {
    case Phase::Statement:
        return "statement";
    case Phase::Parse:
        return "parse";
    case Phase::Bind:
        return "bind";
    default:
        return "execute";
    }
}

/// 'parameter "primary_conninfo" changed to "host=a password=b"': what is secret there is not kept.
void hidePasswords(std::string &message)
{
    constexpr std::string_view kKey = "password=";
    if (!std::string_view(message).starts_with("parameter \""))
        return;
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = message.find(kKey); at != std::string::npos; at = message.find(kKey, from)) {
        at += kKey.size();
        const bool quoted = at < message.size() && message[at] == '\'';
        const std::size_t end = quoted ? message.find('\'', at + 1) : message.find_first_of(" \"", at);
        out.append(message, from, at - from).append("***");
        from = std::min(end, message.size());
    }
    if (from > 0) {
        out.append(message, from);
        message.swap(out);
    }
}

/// A deadlock is told by its code, or by a cycle of waits.
bool isDeadlock(const LogRecord &record, const std::vector<DeadlockWait> &waits)
{
    if (record.sqlstate == "40P01")
        return true;
    return !waits.empty() && std::all_of(waits.begin(), waits.end(), [&](const DeadlockWait &wait) {
        return std::any_of(waits.begin(), waits.end(),
            [&](const DeadlockWait &other) { return other.pid == wait.waitsFor; });
    });
}

} // namespace

LogRows::LogRows(RowSink &sink, ImportReport &report, std::string subject)
    : m_context(sink, report)
    , m_locks(m_context)
    , m_maintenance(m_context)
    , m_subject(std::move(subject))
{}

void LogRows::addServer(const LogRecord &record)
{
    m_hasServer = true;
    std::vector<RecordField> fields{{"kind", std::string_view("postgresql")}};
    if (!record.host.empty()) {
        fields.push_back({"name", std::string_view(record.host)});
        fields.push_back({"host", std::string_view(record.host)});
    }
    if (!m_context.version.empty())
        fields.push_back({"server_version", std::string_view(m_context.version)});
    RecordRow row{RecordTable::Server, {}, {}, {}, {}, {}};
    row.fields = fields;
    m_context.server = m_context.sink.record(row);
}

void LogRows::take(LogRecord &record)
{
    constexpr std::string_view kStarting = "starting PostgreSQL ";
    if (std::string_view(record.message).starts_with(kStarting)) {
        const std::string_view rest = std::string_view(record.message).substr(kStarting.size());
        m_context.version = rest.substr(0, rest.find(' '));
    }
    if (!m_hasServer)
        addServer(record);
    hidePasswords(record.message);
    m_context.attributes.clear();
    m_deadlock.clear();
    m_wait.reset();
    m_pattern.clear();
    m_planQuery.clear();

    LogRow row;
    row.tsNs = record.tsNs;
    row.offsetSeconds = record.offsetSeconds;
    row.pid = record.pid;
    row.user = record.user;
    row.db = record.db;
    row.application = record.application;
    row.client = record.client;
    row.logger = record.backendType;
    row.instance = record.host;
    row.severity = severityText(record.level);
    row.sqlstate = record.sqlstate;
    row.detail = record.detail;
    row.hint = record.hint;
    row.context = record.context;
    row.message = record.message;
    row.statement = record.statement;
    row.queryId = record.queryId;
    row.server = m_context.server;
    classify(record, row);
    if (m_pattern.empty())
        m_pattern = logPattern(row.message);
    row.pattern = m_pattern;
    if (!record.query.empty())
        m_context.attributes.text("internal_query", record.query);
    if (!record.location.empty())
        m_context.attributes.text("location", record.location);
    row.attributes = m_context.attributes.list();
    const LogRef log = m_context.sink.logEntry(row);
    m_context.report.rowRead();
    if (!m_deadlock.empty())
        m_locks.deadlockRows(m_deadlock, record, log);
    if (m_wait)
        m_locks.waitRows(*m_wait, record);
}

void LogRows::classify(LogRecord &record, LogRow &row)
{
    if (record.level == Word::Log) {
        if (classifyTimed(record, row) || m_maintenance.checkpoint(record, row)
            || m_maintenance.autovacuum(record, row) || m_maintenance.temporaryFile(record, row))
            return;
        m_wait = parseLockWait(record.message);
        if (m_wait) {
            m_locks.describeWait(*m_wait, record, row);
            return;
        }
    }
    if (serverEvent(record, m_context)) {
        row.kind = record.level == Word::Panic ? "error" : "other";
        return;
    }
    if (record.level == Word::Error || record.level == Word::Fatal || record.level == Word::Panic) {
        row.kind = "error";
        if (record.detail.find("Lock") != std::string::npos) {
            m_deadlock = parseDeadlock(utf8Prefix(record.detail, kMaxDeadlock));
            if (isDeadlock(record, m_deadlock))
                row.kind = "deadlock";
            else
                m_deadlock.clear();
        }
        return;
    }
    const std::string_view kind = record.level == Word::Log ? sessionKind(record, row) : std::string_view();
    row.kind = kind.empty() ? "other" : kind;
}

/// Durations, plans and statements.
bool LogRows::classifyTimed(LogRecord &record, LogRow &row)
{
    std::optional<TimedText> timed = parseDuration(record.message);
    if (timed && timed->isPlan) {
        takePlan(*timed, record, row);
        return true;
    }
    if (timed) {
        row.durationMs = timed->durationMs;
        if (timed->phase == Phase::None) {
            // The statement was logged before it ran.
            m_planQuery = takeStatement(record);
            timed->text = m_planQuery;
            timed->phase = Phase::Statement;
            m_pattern = "duration: ? ms";
        } else {
            describe(*timed, record, row);
            m_pattern = "duration: ? ms  " + std::string(phaseText(timed->phase));
        }
        row.kind
            = timed->phase == Phase::Parse || timed->phase == Phase::Bind ? "statement" : "slow_statement";
        row.statement = timed->text;
        return true;
    }
    const std::optional<TimedText> statement = parseStatement(record.message);
    if (!statement)
        return false;
    row.kind = "statement";
    row.statement = statement->text;
    describe(*statement, record, row);
    m_pattern = phaseText(statement->phase);
    keepStatement(record, statement->text);
    return true;
}

void LogRows::describe(const TimedText &timed, const LogRecord &record, LogRow &)
{
    m_context.attributes.text("phase", std::string(phaseText(timed.phase)));
    if (!timed.name.empty())
        m_context.attributes.text("prepared", std::string(timed.name));
    if (const std::string_view parameters = parametersOf(record.detail); !parameters.empty())
        m_context.attributes.text("parameters", std::string(parameters));
}

void LogRows::takePlan(const TimedText &timed, const LogRecord &record, LogRow &row)
{
    row.kind = "plan";
    row.durationMs = timed.durationMs;
    m_pattern = "duration: ? ms  plan";
    // The plan itself goes into the tables of plans, which keep its text too.
    const std::string_view message = record.message;
    row.message = message.substr(0, message.find('\n'));
    ImportReport report;
    std::int64_t plans = 0;
    const explain::PlanTaker take = [&](explain::ParsedPlan &&plan) {
        plan.durationMs = timed.durationMs;
        if (std::isnan(plan.executionMs))
            plan.executionMs = timed.durationMs;
        plan.capturedAtNs = record.tsNs;
        plan.serverVersion = m_context.version;
        if (m_planQuery.empty())
            m_planQuery = plan.queryText;
        explain::emitPlan(plan, m_context.sink);
        ++plans;
    };
    const Result<void> read = explain::parseLoggedPlan(timed.text, m_subject, report, take);
    addPlanReport(report, record, m_context.report);
    if (!m_planQuery.empty())
        row.statement = m_planQuery;
    if (plans > 0)
        m_context.attributes.integer("plans", plans);
    if (read && plans > 0)
        return;
    m_context.report.skip("bad-plan", record.offset, record.length,
        read ? "the record says that a plan follows, and there is none that can be read"
             : read.error().detail,
        timed.text);
}

void LogRows::keepStatement(const LogRecord &record, std::string_view text)
{
    (void)takeStatement(record); // an older one has nothing to do with what comes now
    if (!record.pid || text.size() > kMaxStatement)
        return;
    if (m_statements.size() >= kMaxProcesses)
        m_statements.pop_front();
    m_statements.push_back({*record.pid, std::string(text)});
}

std::string LogRows::takeStatement(const LogRecord &record)
{
    if (!record.pid)
        return {};
    const auto known = std::find_if(m_statements.begin(), m_statements.end(),
        [&](const LastStatement &last) { return last.pid == *record.pid; });
    if (known == m_statements.end())
        return {};
    std::string text = std::move(known->text);
    m_statements.erase(known);
    return text;
}

} // namespace tailscope::import::pglog
