// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/finding.h"
#include "store/workspace.h"

#include <map>

namespace tailscope::advisor {

/// One row of rule_run.
struct RuleRun
{
    std::string ruleId, state;
    double seconds = 0;
    std::int64_t rows = 0, inputGeneration = 0;
};

struct StoredFindings
{
    std::vector<Finding> findings;
    std::map<std::string, RuleRun> runs; ///< by rule id
};

/// What the last run left.
Result<StoredFindings> readFindings(store::Database &reader);
/// Replaces the rows of finding and rule_run in one transaction.
Result<void> writeFindings(const store::Workspace &workspace, const std::vector<Finding> &findings,
    const std::vector<RuleRun> &runs);

} // namespace tailscope::advisor
