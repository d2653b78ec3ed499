// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/plananalyses.h"

namespace tailscope::advisor {

const std::vector<analysis::WorkspaceAnalysis> &planAnalyses()
{
    // One line an analysis.
    static const std::vector<analysis::WorkspaceAnalysis> list{};
    return list;
}

} // namespace tailscope::advisor
