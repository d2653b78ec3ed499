// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// Everything that makes a source ready after its rows are committed: indexes, span_calc, plan times, stored
/// pyramids, operation_stat. Blocking, any thread, may be cancelled and repeated. Results land in derived
/// tables with their analysis_run.
struct ReadyFigures
{
    double indexSeconds = 0, deriveSeconds = 0, statsSeconds = 0;
};
Result<ReadyFigures> makeReady(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress);

/// Visible sources that makeReady() never finished (the program was killed or the work cancelled after the
/// rows were committed), or that an older version derived. By id; a few queries a source.
Result<std::vector<std::int64_t>> unreadySources(const store::Workspace &workspace);

/// Rebuilds operation_stat of the whole workspace when its inputs are newer (weighted when weights are
/// known).
Result<void> refreshOperationStats(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
