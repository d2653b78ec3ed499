// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "live/probe.h"

#include <algorithm>
#include <iterator>

namespace tailscope::live {

namespace {

bool isOnEngine(Engines engines, Engine engine)
{
    switch (engine) {
    case Engine::PostgreSql:
    case Engine::Citus:
    case Engine::Timescale:
        return true;
    case Engine::Greenplum:
    case Engine::YugabyteDb:
        return engines != Engines::PostgreSql;
    case Engine::Pgbouncer:
        return false;
    default:
        return engines == Engines::Any;
    }
}

/// "15", "9.6"; of PgBouncer "1.18".
std::string versionWords(int number, bool isPooler)
{
    if (isPooler)
        return std::to_string(number / 10000) + '.' + std::to_string(number / 100 % 100);
    return number >= 100000 ? std::to_string(number / 10000)
                            : std::to_string(number / 10000) + '.' + std::to_string(number / 100 % 100);
}

} // namespace

std::string sqlOf(const Probe &probe, const ServerFacts &facts, const ProbeState &state)
{
    return probe.sqlFor ? probe.sqlFor(facts, state) : probe.sql(facts);
}

ProbeFit fitOf(const Probe &probe, const ServerFacts &facts)
{
    using Kind = ProbeFit::Kind;
    const bool isPooler = facts.engine == Engine::Pgbouncer;
    if (isPooler != (probe.side == Side::Pooler))
        return {Kind::NotOnThisSide, isPooler ? "a pooler has no such view" : "only on a pooler's console"};
    if (!isPooler && !isOnEngine(probe.engines, facts.engine))
        return {Kind::NotOnThisVersion,
            "not documented of " + std::string(toText(facts.engine)) + ": it is not asked"};
    // A pooler that does not tell its version is asked, and answers or refuses.
    if (facts.versionNum != 0 && facts.versionNum < probe.minimumVersion)
        return {Kind::NotOnThisVersion,
            "needs version " + versionWords(probe.minimumVersion, isPooler) + ", the server is "
                + versionWords(facts.versionNum, isPooler)};
    const bool isStandby = facts.inRecovery.value_or(false);
    if (probe.side == Side::Primary && isStandby)
        return {Kind::NotOnThisSide, "only on a primary; this server is a standby"};
    if (probe.side == Side::Standby && !isStandby)
        return {Kind::NotOnThisSide, "only on a standby; this server is a primary"};
    if (!probe.extension.empty() && !facts.hasExtension(probe.extension))
        return {Kind::NeedsExtension,
            "needs the extension " + std::string(probe.extension) + " in the database "
                + (facts.dbname.empty() ? std::string("attached to") : facts.dbname)};
    return {};
}

void ProbeState::learn(const Probe &probe, const ResultSet &rows, Nanos nowNs)
{
    if (rows.rows() > 0)
        nonEmpty.insert(probe.id);
    else
        nonEmpty.erase(probe.id);
    if (probe.id == "tables") {
        tables = rows.rows();
    } else if (probe.id == "statements") {
        learnStatements(rows, nowNs);
    } else if (probe.id == "sessions") {
        sessions = rows.rows();
        hasLockWaiters = false;
        const int type = rows.column("wait_event_type");
        for (std::size_t row = 0; type >= 0 && !hasLockWaiters && row < rows.rows(); ++row)
            hasLockWaiters = rows.cell(row, static_cast<std::size_t>(type)) == "Lock";
    }
}

void ProbeState::failed(const Probe &probe, Nanos nowNs)
{
    if (probe.id != "statements" || !asksTexts)
        return;
    textFailures = std::min(textFailures + 1, 5);
    asksTexts = false;
    textsReadNs = nowNs + kTextsEvery * ((1 << textFailures) - 1);
}

void ProbeState::restart(Nanos nowNs)
{
    const int failures = textFailures;
    *this = {};
    if (failures == 0)
        return;
    textFailures = failures;
    asksTexts = false;
    textsReadNs = nowNs + kTextsEvery * ((1 << failures) - 1);
}

void ProbeState::learnStatements(const ResultSet &rows, Nanos nowNs)
{
    statements = rows.rows();
    const int id = rows.column("queryid"), query = rows.column("query");
    if (id < 0 || query < 0)
        return;
    // What was asked for counts as known even where the server had no text for it: it has none later either.
    if (asksTexts) {
        hasTexts = true;
        textsReadNs = nowNs;
        const std::size_t asked
            = textFailures > 0 ? std::min(newStatements.size(), kTextsAtOnce) : newStatements.size();
        knownStatements.insert(newStatements.begin(),
            std::next(newStatements.begin(), static_cast<std::ptrdiff_t>(asked)));
    }
    if (knownStatements.size() > kMaxKnownStatements)
        knownStatements.clear();
    const bool askedAll = asksTexts && newStatements.empty();
    newStatements.clear();
    std::unordered_set<std::int64_t> unknown;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto cell = rows.cell(row, static_cast<std::size_t>(id));
        const std::optional<std::int64_t> queryId = cell ? parseInt64(*cell) : std::nullopt;
        if (!queryId || knownStatements.contains(*queryId))
            continue;
        if (askedAll || rows.cell(row, static_cast<std::size_t>(query)))
            knownStatements.insert(*queryId);
        else if (unknown.insert(*queryId).second)
            newStatements.push_back(*queryId);
    }
    asksTexts = !newStatements.empty() && nowNs - textsReadNs >= kTextsEvery;
}

} // namespace tailscope::live
