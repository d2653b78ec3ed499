// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <span>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// One analysis over tables of the workspace whose result lies in derived tables, so that rules, SQL and
/// reports can ask for it. (Those that need all spans in memory: traceanalyses.h.)
struct WorkspaceAnalysis
{
    std::string_view kind; ///< as in analysis_run.kind
    int version; ///< raise it when its figures change
    std::vector<std::string_view> families; ///< table families of `generation` that it reads
    /// Computes without writing (cancel, no clock, no hash order in the result).
    Result<WriteRows> (*compute)(const store::Workspace &workspace, const Progress &progress);
};

/// Those of this folder, in the order in which they run.
const std::vector<WorkspaceAnalysis> &workspaceAnalyses();

/// Runs those of a list whose result is older than their families. Any thread.
Result<void> refreshWorkspaceAnalyses(const store::Workspace &workspace,
    std::span<const WorkspaceAnalysis> analyses, const Progress &progress);

} // namespace tailscope::analysis
