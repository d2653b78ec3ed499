// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/plananalyses.h"

#include "advisor/indexcandidates.h"
#include "advisor/statementfacts.h"

namespace tailscope::advisor {

const std::vector<analysis::WorkspaceAnalysis> &planAnalyses()
{
    // One line an analysis.
    static const std::vector<analysis::WorkspaceAnalysis> list{
        {"index_candidates", 1, {"plan", "catalog"}, computeIndexCandidates},
        {"statement_facts", 1, {"plan", "statement", "log", "span"}, &computeStatementFacts},
    };
    return list;
}

} // namespace tailscope::advisor
