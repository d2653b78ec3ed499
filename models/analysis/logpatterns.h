// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"

namespace tailscope::analysis {

/// Patterns of log lines that are kept; the lines of all others are summed in one row a source whose pattern
/// says so.
inline constexpr std::size_t kMaxLogPatterns = 20'000;

/// Fills log_pattern: the lines of server logs by source, kind, severity, code and pattern, the most frequent
/// first. Lines without a pattern (of other logs) are left out. `most`: patterns kept.
Result<WriteRows> computeLogPatterns(const store::Workspace &workspace, const Progress &progress,
    std::size_t most);
Result<WriteRows> computeLogPatterns(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
