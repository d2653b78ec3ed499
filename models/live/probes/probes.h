// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/probe.h"

/// The probes of this folder; probelist.cpp has them in the order in which they are asked.
namespace tailscope::live {

// sessions.cpp
extern const Probe kSessionsProbe, kLocksProbe, kWaitsProbe;
// statements.cpp
extern const Probe kStatementsProbe, kStatementsInfoProbe;
// databases.cpp
extern const Probe kDatabasesProbe, kDatabaseSizesProbe, kIoProbe;
// wal.cpp
extern const Probe kWalProbe, kCheckpointsProbe, kArchiverProbe;
// replication.cpp
extern const Probe kReplicationProbe, kSlotsProbe, kStandbyProbe, kConflictsProbe, kPrefetchProbe;
// horizon.cpp
extern const Probe kXminProbe;
// progress.cpp
extern const Probe kVacuumProgressProbe, kAnalyzeProgressProbe, kIndexProgressProbe, kClusterProgressProbe,
    kBackupProgressProbe, kCopyProgressProbe;
// relations.cpp
extern const Probe kTablesProbe, kIndexesProbe, kTableSizesProbe, kIndexSizesProbe;
// bloat.cpp
extern const Probe kTableBloatProbe, kIndexBloatProbe;
// catalogs.cpp
extern const Probe kClassProbe, kIndexCatalogProbe, kAttributeProbe, kConstraintProbe, kSettingsProbe;
// pooler.cpp
extern const Probe kPoolerConfigProbe, kPoolerDatabasesProbe, kPoolerListsProbe, kPoolerStatsProbe,
    kPoolerPoolsProbe;

} // namespace tailscope::live
