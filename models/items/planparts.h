// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/queryparts.h"
#include "analysis/planfacts.h"

namespace tailscope::items {

/// What the search for a node's part of the statement goes by: the node, its conditions, the CTEs around it.
advisor::QueryPartNode queryPartNode(const analysis::PlanFacts &facts, int node);

} // namespace tailscope::items
