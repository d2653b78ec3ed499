// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plandiff.h"

#include <string>

namespace tailscope::analysis {

/// The sentence of a difference (PlanDiff::sentence): at most three causes, the most costly first.
std::string planSentence(const PlanTree &a, const PlanTree &b, const PlanDiff &diff);

/// What a node and its inputs read: "orders and customers", "4 relations"; empty when they read nothing.
std::string relationsText(const PlanTree &tree, int node);

} // namespace tailscope::analysis
