// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/resultset.h"
#include "live/serverfacts.h"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

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

/// What the sampler knows when it asks whether a probe is due.
struct ProbeState
{
    bool hasLockWaiters = false; ///< somebody waited for a lock when the sessions were read last
    std::size_t statements = 0; ///< entries of pg_stat_statements when they were read last
    std::size_t sessions = 0;
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
    std::string_view extension; ///< it needs; empty = none
    std::string_view privilege; ///< the least that shows everything, and what is hidden without
    /// The query for this server. Every row has a column ts (clock_timestamp() or now()) and catalog_view.
    std::string (*sql)(const ServerFacts &facts);
    /// Columns that name a row, ' ' between: then only rows that changed since they were stored last are
    /// stored (all of them again every keyframe). Empty: every row is.
    std::string_view key;
    /// Columns whose change alone is none.
    std::string_view unwatched;
    std::chrono::seconds keyframe{300};
    /// Null: always.
    bool (*isWanted)(const ServerFacts &facts, const ProbeState &state) = nullptr;
    /// Another interval than the usual one; null: none.
    std::chrono::milliseconds (*intervalFor)(const ServerFacts &facts, const ProbeState &state) = nullptr;
};

/// All of them, in the order in which they are asked. probelist.cpp.
std::span<const Probe *const> builtinProbes();
const Probe *probeById(std::string_view id);

} // namespace tailscope::live
