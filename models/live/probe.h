// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/resultset.h"
#include "live/serverfacts.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tailscope::live {

/// By what the rows of a probe become records.
enum class Mapping {
    Catalog, ///< import/pgcatalog: columns named as in PostgreSQL's views, as its files have them
    Statements, ///< import/pgstatstatements
    Pooler, ///< import/poolerconsole: result sets of PgBouncer's console
    Facts, ///< goes to the server's own row only
};

/// Where a probe makes sense.
enum class Side { Any, Primary, Standby, Pooler };

/// On which engines a probe's views are documented.
enum class Engines {
    PostgreSql, ///< and what is PostgreSQL with an extension: Citus, Timescale
    Forks, ///< also Greenplum and YugabyteDB
    Any, ///< whatever speaks the protocol; not poolers
};

struct Probe;

/// What earlier answers of one server told: the sampler calls learn() after each and asks with it whether a
/// probe is due. Used by one thread.
struct ProbeState
{
    /// Texts of statements are read at most this often: the server reads all of them from its file for it.
    static constexpr Nanos kTextsEvery = 10 * kNanosPerSecond;
    static constexpr std::size_t kMaxKnownStatements = 200'000;
    /// Where all texts were too many at once, so many are asked for with one run.
    static constexpr std::size_t kTextsAtOnce = 2000;

    bool hasLockWaiters = false; ///< somebody waited for a lock when the sessions were read last
    std::size_t statements = 0; ///< entries of pg_stat_statements when they were read last
    std::size_t sessions = 0;
    std::size_t tables = 0;
    std::set<std::string_view> nonEmpty; ///< ids of probes whose last answer had rows
    /// Ask for texts with the next run of "statements": of newStatements, or of all when there never were.
    bool asksTexts = true;
    bool hasTexts = false;
    Nanos textsReadNs = 0;
    int textFailures = 0; ///< runs with texts that the server ended, or whose answer was too large
    std::vector<std::int64_t> newStatements; ///< query ids whose texts were not read yet
    std::unordered_set<std::int64_t> knownStatements;

    void learn(const Probe &probe, const ResultSet &rows, Nanos nowNs);
    /// A run of it gave no rows: figures are asked for without texts, texts later and fewer at once.
    void failed(const Probe &probe, Nanos nowNs);
    /// Of another connection: only what says how to ask is kept.
    void restart(Nanos nowNs);
    bool hasRows(std::string_view probe) const { return nonEmpty.contains(probe); }

private:
    void learnStatements(const ResultSet &rows, Nanos nowNs);
};

/// One question to a server that is asked again and again. Read only; columns are read by name, what a
/// version lacks is not asked for. Adding one: a file in probes/, a line in probelist.cpp, a row in
/// README.md.
struct Probe
{
    std::string_view id; ///< "sessions"; stable: settings and the command line use it
    std::string_view title;
    int minimumVersion = 100000; ///< server_version_num; Side::Pooler: 10800 for 1.8
    Side side = Side::Any;
    Mapping mapping = Mapping::Catalog;
    std::chrono::milliseconds interval{1000};
    /// Time on the server that one run may take; past it the interval is doubled until it fits again.
    std::chrono::milliseconds budget{50};
    std::string_view extension = {}; ///< it needs; empty = none
    std::string_view privilege = {}; ///< the least that shows everything, and what is hidden without
    /// The query for this server. Every row has a column ts (clock_timestamp() or now()) and catalog_view.
    std::string (*sql)(const ServerFacts &facts) = nullptr;
    /// The query where it depends on earlier answers; null: sql. See sqlOf().
    std::string (*sqlFor)(const ServerFacts &facts, const ProbeState &state) = nullptr;
    Engines engines = Engines::PostgreSql;
    /// Columns that name a row, ' ' between: then only rows that changed since they were stored last are
    /// stored (all of them again every keyframe). Empty: every row is.
    std::string_view key = {};
    /// Columns whose change alone is none.
    std::string_view unwatched = {};
    std::chrono::seconds keyframe{300};
    /// Null: always.
    bool (*isWanted)(const ServerFacts &facts, const ProbeState &state) = nullptr;
    /// Another interval than the usual one; null: none.
    std::chrono::milliseconds (*intervalFor)(const ServerFacts &facts, const ProbeState &state) = nullptr;
};

/// The query of the next run.
std::string sqlOf(const Probe &probe, const ServerFacts &facts, const ProbeState &state);

/// Whether a probe makes sense on a server at all, and in words why not.
struct ProbeFit
{
    enum class Kind { Fits, NotOnThisVersion, NotOnThisSide, NeedsExtension } kind = Kind::Fits;
    std::string reason; ///< empty = it fits
};
ProbeFit fitOf(const Probe &probe, const ServerFacts &facts);

/// All of them, in the order in which they are asked. probelist.cpp.
std::span<const Probe *const> builtinProbes();
const Probe *probeById(std::string_view id);

} // namespace tailscope::live
