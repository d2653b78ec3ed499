// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/workspaceanalyses.h"

namespace tailscope::advisor {

/// Stored analyses that need PostgreSQL's grammar: conditions of plan nodes and what follows from them. They
/// run before the rules, in this order.
const std::vector<analysis::WorkspaceAnalysis> &planAnalyses();

} // namespace tailscope::advisor
