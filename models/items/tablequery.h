// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/servergroups.h"
#include "analysis/tablefigures.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// Which state of the objects of a server is asked for.
struct ObjectRequest
{
    Nanos moment = 0; ///< newest rows at or before it
    TimeRange range; ///< growth is from the newest row at or before its begin, else from the first in it
    std::string server; ///< label of ServerGroup; empty = all
    std::int64_t source = 0; ///< only its rows: recordings of one server may overlap; 0 = all
};

/// The settings of one server at a moment, by name.
using Settings = std::map<std::string, std::string, std::less<>>;
/// By place in ServerGroups.
Result<std::vector<Settings>> readSettings(store::Database &reader, const analysis::ServerGroups &groups,
    Nanos moment);

struct ObjectFinding
{
    std::int64_t id = 0;
    std::string severity, title, summary;
};

/// A table with its newest figures and what they were when the range began. Absent = unknown.
struct TableItem
{
    std::size_t server = 0; ///< place in TableList::servers
    std::int64_t oid = 0;
    std::string dbname, schema, name, kind, reloptions;
    analysis::TableCounters counters; ///< since they were reset
    analysis::TableGrowth growth; ///< in the range
    double seconds = 0; ///< of the range that samples cover; 0 = one sample only
    std::optional<std::int64_t> liveRows, deadRows, changedRows,
        insertedRows; ///< the last two: since analyze, vacuum
    std::optional<std::int64_t> tableBytes, indexBytes, toastBytes, frozenAge, multixactAge;
    std::optional<std::int64_t> grownBytes; ///< table and indexes, in the range
    std::optional<Nanos> vacuumNs, autovacuumNs, analyzeNs, autoanalyzeNs, seqScanNs;
    std::optional<double> rows, pages; ///< reltuples (absent = never counted), relpages
    std::optional<double> bloatBytes;
    std::string bloatDoubt;
    analysis::VacuumSettings vacuum;
    std::vector<ObjectFinding> findings;
    Nanos seenNs = kUnknownNanos;

    std::string qualifiedName() const { return schema.empty() ? name : schema + "." + name; }
};
struct TableList
{
    std::vector<TableItem> tables; ///< the largest first
    std::vector<analysis::ServerGroup> servers;
    std::optional<std::int64_t>
        leastVersion; ///< of the servers shown: what it lacks is "not on this version"
    bool any = false; ///< the workspace has tables of some server at some time
};
Result<TableList> readTables(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress);

/// Findings about subjects of a kind ("table"), by subject_id ("schema.name").
Result<std::map<std::string, std::vector<ObjectFinding>>> readFindings(store::Database &reader,
    std::string_view kind);

} // namespace tailscope::items
