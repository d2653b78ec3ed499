// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

namespace tailscope::analysis {

/// Tables statement_stat and statement_tag: what pg_stat_statements, server logs and spans tell of each
/// statement, its captured plans, its share of the time (formulas.md FE-19), and a verdict with its reason.
/// Statements that only spans know are stored in `statement`.
Result<WriteRows> computeStatementStats(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
