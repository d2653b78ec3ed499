// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/factsreader.h"

#include "base/text.h"
#include "live/engines.h"
#include "live/hiddenparts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace tailscope::live {

namespace {

constexpr int kClockRounds = 5;

Nanos nowNs()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string text(const ResultSet &rows, std::string_view column, std::size_t row = 0)
{
    return std::string(rows.cell(row, column).value_or(std::string_view()));
}

std::optional<std::int64_t> number(const ResultSet &rows, std::string_view column)
{
    const auto value = rows.cell(0, column);
    return value ? parseInt64(*value) : std::nullopt;
}

bool isTrue(const ResultSet &rows, std::string_view column) { return rows.cell(0, column) == "t"; }

/// What is asked, in this order. A server that lacks one of them answers the others.
enum class Question { Clock, Version, Basics, Extensions, Rights, Identity, Timeline, Settings, Pooler, End };

std::string sqlOf(Question question, const ServerFacts &facts)
{
    switch (question) {
    case Question::Clock:
        return "SELECT /* tailscope:facts */ (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us";
    case Question::Version:
        return "SELECT /* tailscope:facts */ version() AS version, current_setting('server_version') AS "
               "server_version, "
               "current_setting('server_version_num') AS num, current_database() AS db, "
               "session_user AS role";
    case Question::Basics:
        return "SELECT /* tailscope:facts */ pg_is_in_recovery() AS recovering, pg_backend_pid() AS pid, "
               "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_us, "
               "pg_encoding_to_char(d.encoding) AS encoding "
               "FROM pg_database d WHERE d.datname = current_database()";
    case Question::Extensions:
        return "SELECT /* tailscope:facts */ e.extname, e.extversion, n.nspname FROM pg_extension e "
               "JOIN pg_namespace n ON n.oid = e.extnamespace";
    case Question::Rights:
        return "SELECT /* tailscope:facts */ r.rolsuper, pg_has_role(r.oid, 'pg_monitor', 'USAGE') AS "
               "monitor, "
               "pg_has_role(r.oid, 'pg_read_all_stats', 'USAGE') AS all_stats, "
               "pg_has_role(r.oid, 'pg_read_all_settings', 'USAGE') AS all_settings "
               "FROM pg_roles r WHERE r.rolname = current_user";
    case Question::Identity:
        return "SELECT /* tailscope:facts */ system_identifier FROM pg_control_system()";
    case Question::Timeline:
        // The control file's is the one of the last checkpoint: late after a promotion.
        return facts.inRecovery.value_or(false)
            ? "SELECT /* tailscope:facts */ greatest((SELECT received_tli FROM pg_stat_wal_receiver), "
              "c.timeline_id, "
              "r.min_recovery_end_timeline) AS timeline FROM pg_control_checkpoint() c, "
              "pg_control_recovery() r"
            : "SELECT /* tailscope:facts */ ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, "
              "8))::bit(32)::int AS timeline";
    case Question::Settings:
        return settingsQuery();
    case Question::Pooler:
        return "SHOW VERSION";
    case Question::End:
        break;
    }
    return {};
}

} // namespace

struct FactsReader::Impl
{
    Connection *connection;
    ServerFacts facts;
    std::vector<Question> questions; ///< the next last
    bool isAsking = false;
    Nanos sentNs = 0;
    HiddenInputs inputs;
    std::optional<Result<ServerFacts>> result;

    void describe(const Target &target);
    void ask();
    void answered(Question question, const Result<ResultSet> &answer);
    void clock(const ResultSet &rows, Nanos receivedNs);
    void version(const ResultSet &rows);
    void pooler(const Result<ResultSet> &answer);
    void finish();
};

void FactsReader::Impl::describe(const Target &target)
{
    facts.name = shortText(target);
    facts.host = connection->option("host");
    facts.port = static_cast<int>(parseInt64(connection->option("port")).value_or(0));
    facts.dbname = connection->option("dbname");
    facts.user = connection->option("user");
    facts.encoding = connection->parameter("server_encoding");
    facts.tls = connection->tlsText();
    facts.sslmode = connection->option("sslmode");
    facts.versionNum = connection->serverVersion();
    facts.versionText = connection->parameter("server_version");
    facts.backendPid = connection->backendPid();
    if (connection->isConsole())
        questions = {Question::Pooler};
    else {
        questions.assign(kClockRounds, Question::Clock);
        for (const Question question : {Question::Version, Question::Basics, Question::Extensions,
                 Question::Rights, Question::Identity, Question::Timeline, Question::Settings})
            questions.push_back(question);
        std::reverse(questions.begin(), questions.end());
    }
}

void FactsReader::Impl::ask()
{
    if (questions.empty()) {
        finish();
        return;
    }
    sentNs = nowNs();
    if (auto sent = connection->send(sqlOf(questions.back(), facts)); !sent)
        result = tl::unexpected(connection->error().value_or(sent.error()));
    isAsking = true;
}

void FactsReader::Impl::clock(const ResultSet &rows, Nanos receivedNs)
{
    const auto micros = number(rows, "us");
    const Nanos trip = receivedNs - sentNs;
    // Our own clock may have been set between.
    if (!micros || trip < 0 || std::llabs(*micros) > kUnknownNanos / -kNanosPerMicro
        || (facts.roundTripNs > 0 && trip >= facts.roundTripNs))
        return;
    facts.roundTripNs = std::max<Nanos>(trip, 1);
    const Nanos difference = *micros * kNanosPerMicro - (sentNs + trip / 2);
    facts.clockDifferenceNs = std::llabs(difference) <= trip ? 0 : difference;
}

void FactsReader::Impl::version(const ResultSet &rows)
{
    const std::string words = text(rows, "version");
    facts.engine = engineOf(words);
    facts.versionText = versionTextOf(facts.engine, words, text(rows, "server_version"));
    if (const auto num = number(rows, "num"); num && *num > 0 && *num < 10'000'000)
        facts.versionNum = static_cast<int>(*num);
    if (std::string name = text(rows, "db"); !name.empty())
        facts.dbname = std::move(name);
    if (std::string role = text(rows, "role"); !role.empty())
        facts.user = std::move(role);
}

void FactsReader::Impl::pooler(const Result<ResultSet> &answer)
{
    facts.engine = Engine::Other;
    std::string words = connection->parameter("server_version");
    if (answer && answer->rows() > 0)
        words = std::string(answer->cell(0, std::size_t(0)).value_or(words));
    if (const auto num = bouncerVersion(words)) {
        facts.engine = Engine::Pgbouncer;
        facts.versionNum = *num;
    }
    facts.versionText = words;
}

void FactsReader::Impl::answered(Question question, const Result<ResultSet> &answer)
{
    if (question == Question::Pooler) {
        pooler(answer);
        return;
    }
    if (!answer) {
        if (question == Question::Version)
            facts.engine = Engine::Unknown;
        return;
    }
    const ResultSet &rows = *answer;
    switch (question) {
    case Question::Clock:
        clock(rows, nowNs());
        return;
    case Question::Version:
        version(rows);
        return;
    case Question::Basics:
        facts.inRecovery = isTrue(rows, "recovering");
        if (const auto micros = number(rows, "started_us");
            micros && *micros > 0 && *micros < INT64_MAX / 1000)
            facts.postmasterStartNs = *micros * kNanosPerMicro;
        facts.backendPid = static_cast<int>(number(rows, "pid").value_or(facts.backendPid));
        if (std::string encoding = text(rows, "encoding"); !encoding.empty())
            facts.encoding = std::move(encoding);
        return;
    case Question::Extensions:
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            const std::string name = text(rows, "extname", row);
            facts.extensions[name] = text(rows, "extversion", row);
            facts.extensionSchemas[name] = text(rows, "nspname", row);
        }
        return;
    case Question::Rights:
        facts.isSuperuser = isTrue(rows, "rolsuper");
        facts.hasMonitor = facts.isSuperuser || isTrue(rows, "monitor");
        inputs.readsAllStats = facts.hasMonitor || isTrue(rows, "all_stats");
        inputs.readsAllSettings = facts.hasMonitor || isTrue(rows, "all_settings");
        return;
    case Question::Identity:
        facts.systemIdentifier = text(rows, "system_identifier");
        return;
    case Question::Timeline:
        facts.timeline = number(rows, "timeline");
        return;
    case Question::Settings:
        inputs.settings = rows;
        return;
    case Question::Pooler:
    case Question::End:
        return;
    }
}

void FactsReader::Impl::finish()
{
    if (facts.engine == Engine::PostgreSql)
        facts.engine = engineByExtensions(facts);
    facts.hidden = hiddenParts(facts, inputs, connection->isPooled());
    result = std::move(facts);
}

FactsReader::FactsReader(Connection &connection, const Target &target)
    : m_impl(std::make_unique<Impl>())
{
    m_impl->connection = &connection;
    m_impl->describe(target);
}
FactsReader::~FactsReader() = default;
FactsReader::FactsReader(FactsReader &&) noexcept = default;

void FactsReader::step()
{
    Impl &impl = *m_impl;
    if (impl.result)
        return;
    impl.connection->step();
    if (impl.isAsking) {
        const auto answer = impl.connection->take();
        if (!answer)
            return;
        impl.isAsking = false;
        if (impl.connection->state() != Connection::State::Ready) {
            impl.result = tl::unexpected(impl.connection->error().value_or(
                Error{ErrorCode::Connection, impl.facts.name, "the connection ended", std::nullopt, ""}));
            return;
        }
        const Question question = impl.questions.back();
        impl.questions.pop_back();
        impl.answered(question, *answer);
    }
    impl.ask();
}

std::optional<Result<ServerFacts>> FactsReader::take() { return std::move(m_impl->result); }

} // namespace tailscope::live
