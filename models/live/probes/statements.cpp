// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// pg_stat_statements: figures with each run, texts only for entries that are new.
#include "base/text.h"
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kManyStatements = 5000;
/// Query ids in one query; past it all texts are asked for.
constexpr std::size_t kMaxAsked = ProbeState::kTextsAtOnce;

/// The extension has the columns of the version it was made with: after an upgrade of the server it stays as
/// it was until somebody updates it. 0 = not told.
int extensionMajor(const ServerFacts &facts)
{
    const auto found = facts.extensions.find("pg_stat_statements");
    if (found == facts.extensions.end() || !found->second.starts_with("1."))
        return 0;
    static constexpr std::array<std::pair<int, int>, 5> kMade{
        {{12, 18}, {11, 17}, {10, 15}, {9, 14}, {8, 13}}};
    const std::int64_t minor = parseInt64(std::string_view(found->second).substr(2)).value_or(0);
    for (const auto &[from, major] : kMade) {
        if (minor >= from)
            return major;
    }
    return minor > 0 ? 12 : 0;
}

/// Counters under their newest names; what has no column of its own is in `extra`. "query" is there in every
/// run, so that an answer always has the same columns. An entry whose id is hidden belongs to another user.
std::string statementsText(const ServerFacts &server, bool readsTexts, const std::string &query)
{
    ServerFacts facts = server;
    if (const int major = extensionMajor(server); major != 0 && major < server.versionNum / 10000)
        facts.versionNum = major * 10000;
    return "SELECT /* tailscope:statements */ now() AS ts, "
        + columnList(facts,
            {{"s.userid"}, {"s.dbid"}, {"r.rolname"}, {"d.datname"}, {"s.queryid"}, {"s.toplevel", 14},
                {"s.calls"}, {"s.total_time AS total_exec_time", 10, 12}, {"s.total_exec_time", 13},
                {"s.min_time AS min_exec_time", 10, 12}, {"s.min_exec_time", 13},
                {"s.max_time AS max_exec_time", 10, 12}, {"s.max_exec_time", 13},
                {"s.mean_time AS mean_exec_time", 10, 12}, {"s.mean_exec_time", 13},
                {"s.stddev_time AS stddev_exec_time", 10, 12}, {"s.stddev_exec_time", 13}, {"s.plans", 13},
                {"s.total_plan_time", 13}, {"s.rows"}, {"s.shared_blks_hit"}, {"s.shared_blks_read"},
                {"s.shared_blks_dirtied"}, {"s.temp_blks_read"}, {"s.temp_blks_written"},
                {"s.blk_read_time", 10, 16}, {"s.blk_write_time", 10, 16}, {"s.shared_blk_read_time", 17},
                {"s.shared_blk_write_time", 17}, {"s.temp_blk_read_time", 15}, {"s.temp_blk_write_time", 15},
                {"s.wal_bytes", 13}, {"s.jit_generation_time", 15}, {"s.stats_since", 17},
                {"s.parallel_workers_to_launch", 18}, {"s.parallel_workers_launched", 18}})
        + ", " + query + " AS query FROM "
        + extensionObject(facts, "pg_stat_statements", "pg_stat_statements(")
        + (readsTexts ? "true" : "false")
        + ") AS s LEFT JOIN pg_roles AS r ON r.oid = s.userid LEFT JOIN pg_database AS d ON d.oid = s.dbid "
          "WHERE s.queryid IS NOT NULL";
}

std::string statementsSql(const ServerFacts &facts)
{
    return statementsText(facts, true, "left(s.query, 8192)");
}

std::string statementsSqlFor(const ServerFacts &facts, const ProbeState &state)
{
    if (!state.asksTexts)
        return statementsText(facts, false, "NULL::text");
    const bool isTooMany = state.newStatements.size() > kMaxAsked;
    if (state.newStatements.empty() || (isTooMany && state.textFailures == 0))
        return statementsSql(facts);
    std::string ids;
    for (std::size_t i = 0; i < std::min(state.newStatements.size(), kMaxAsked); ++i)
        ids += (ids.empty() ? "" : ",") + std::to_string(state.newStatements[i]);
    return statementsText(facts, true,
        "CASE WHEN s.queryid = ANY ('{" + ids + "}'::bigint[]) THEN left(s.query, 8192) END");
}

std::chrono::milliseconds statementsInterval(const ServerFacts &, const ProbeState &state)
{
    return state.statements > kManyStatements ? 10'000ms : 1000ms;
}

bool hasInfo(const ServerFacts &facts, const ProbeState &)
{
    const int major = extensionMajor(facts);
    return major == 0 || major >= 14;
}

/// dealloc rising: entries are thrown out to make room.
std::string infoSql(const ServerFacts &facts)
{
    return selectOf("statements_info", "pg_stat_statements_info") + "i.dealloc, i.stats_reset FROM "
        + extensionObject(facts, "pg_stat_statements", "pg_stat_statements_info") + " AS i";
}

} // namespace

const Probe kStatementsProbe{
    .id = "statements",
    .title = "Statements",
    .mapping = Mapping::Statements,
    .interval = 1000ms,
    .budget = 30ms,
    .extension = "pg_stat_statements",
    .privilege = "pg_monitor (pg_read_all_stats); without it statements of other users are left out",
    .sql = statementsSql,
    .sqlFor = statementsSqlFor,
    .engines = Engines::Forks,
    .key = "userid dbid queryid toplevel",
    .unwatched = "ts",
    .intervalFor = statementsInterval,
};
const Probe kStatementsInfoProbe{
    .id = "statements_info",
    .title = "Statements thrown out",
    .minimumVersion = 140000,
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 5ms,
    .extension = "pg_stat_statements",
    .privilege = "none",
    .sql = infoSql,
    .isWanted = hasInfo,
};

} // namespace tailscope::live
