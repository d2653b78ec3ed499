// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/slorequests.h"
#include "analysis/traceanalyses.h"
#include "store/workspace.h"

namespace tailscope::analysis {

/// The definition that holds in a workspace: what the user chose there, else what a file states (config rows
/// of subject kind "slo": objective, limit_ms, window_days, limited, scope, origin), else the default.
Result<SloDefinition> readSloDefinition(const store::Workspace &workspace);
/// Keeps the user's choice; results become stale and are computed by the next refresh. nullptr forgets it.
Result<void> storeSloDefinition(const store::Workspace &workspace, const SloDefinition *definition);

Result<SourceKinds> readSourceKinds(store::Database &reader);
/// Counters of requests by status code: of one metric, the one that is most likely the requests of servers.
/// Empty when there is none.
Result<std::vector<RequestCounter>> readRequestCounters(store::Database &reader, const Progress &progress);

/// Levels of all origins: the chosen one first. `columns` null: only counters.
Result<std::vector<SloResult>> serviceLevels(const store::Workspace &workspace, const SpanColumns *columns,
    const std::optional<TimeRange> &range, const SloDefinition &definition, const Progress &progress);

/// Tables slo_level, slo_day, slo_burn, slo_cause.
Result<WriteRows> computeServiceLevels(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
