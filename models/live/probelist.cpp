// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/probes/probes.h"

#include <algorithm>
#include <array>

namespace tailscope::live {

std::span<const Probe *const> builtinProbes()
{
    static const std::array list{
        &kSettingsProbe,
        &kSessionsProbe,
        &kLocksProbe,
        &kStatementsProbe,
        &kDatabasesProbe,
        &kWalProbe,
        &kReplicationProbe,
        &kStandbyProbe,
        &kWaitsProbe,
        &kCheckpointsProbe,
        &kStatementsInfoProbe,
        &kIoProbe,
        &kArchiverProbe,
        &kSlotsProbe,
        &kConflictsProbe,
        &kPrefetchProbe,
        &kXminProbe,
        &kVacuumProgressProbe,
        &kAnalyzeProgressProbe,
        &kIndexProgressProbe,
        &kClusterProgressProbe,
        &kBackupProgressProbe,
        &kCopyProgressProbe,
        &kDatabaseSizesProbe,
        &kClassProbe,
        &kIndexCatalogProbe,
        &kConstraintProbe,
        &kAttributeProbe,
        &kTablesProbe,
        &kIndexesProbe,
        &kTableSizesProbe,
        &kIndexSizesProbe,
        &kTableBloatProbe,
        &kIndexBloatProbe,
        &kPoolerConfigProbe,
        &kPoolerDatabasesProbe,
        &kPoolerListsProbe,
        &kPoolerStatsProbe,
        &kPoolerPoolsProbe,
    };
    return list;
}

const Probe *probeById(std::string_view id)
{
    const auto all = builtinProbes();
    const auto found
        = std::find_if(all.begin(), all.end(), [&](const Probe *probe) { return probe->id == id; });
    return found == all.end() ? nullptr : *found;
}

} // namespace tailscope::live
