// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tablequery.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// A command that reports its progress, as of its newest sample.
struct ProgressItem
{
    std::size_t server = 0;
    std::int64_t pid = 0;
    std::string command, dbname, relation, phase, extra;
    Nanos tsNs = 0, sinceNs = 0; ///< newest; first sample of this command
    std::optional<double> done, total;
    std::optional<double> perSecond; ///< of this phase
    std::optional<double> remainingSeconds; ///< of this phase, at that rate
    std::optional<std::int64_t> indexVacuums; ///< rounds over the indexes; above 1 the memory was too small
};
/// What holds back the oldest snapshot: vacuum removes no row that it may still see.
struct HolderItem
{
    std::size_t server = 0;
    std::string kind, name, db, user, detail; ///< kind: session, prepared, slot, standby
    std::optional<std::int64_t> pid, xminAge, xidAge;
    std::optional<Nanos> sinceNs;
    Nanos tsNs = 0;
};
/// Age of a database or of a table.
struct AgeItem
{
    std::size_t server = 0;
    std::string database, table; ///< table empty = of the database
    std::optional<std::int64_t> xidAge, multixactAge;
    double freezeMaxAge = 200e6;
};
struct VacuumState
{
    std::vector<ProgressItem> progress;
    std::vector<HolderItem> holders; ///< the oldest first
    std::vector<AgeItem> ages; ///< databases, then the 1,000 oldest tables
    std::vector<analysis::ServerGroup> servers;
    bool any = false, knowsHolders = false; ///< somebody asked for holders
};
Result<VacuumState> readVacuum(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress);

} // namespace tailscope::items
