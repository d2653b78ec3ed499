// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/finding.h"
#include "advisor/rules.h"

#include <cstdint>
#include <unordered_map>

namespace tailscope::advisor {

/// Parents of plan nodes by plan_node.id; roots are absent.
using NodeParents = std::unordered_map<std::int64_t, std::int64_t>;

/// Orders findings (worst severity, then largest gain, then rule and subject), numbers them, drops what says
/// "good" about a thing that has an open warning, and sets causeId: the finding of a rule named in
/// `caused_by` that overlaps in time and is about the same thing, a plan node below it, or the same plan or
/// endpoint. Never a cycle.
void chainFindings(std::vector<Finding> &findings, const std::vector<Rule> &rules,
    const NodeParents &parents);

} // namespace tailscope::advisor
