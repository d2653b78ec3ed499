// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/planmodel.h"

namespace tailscope::items {

/// The plans of the visible sources by id (at most 10,000).
Result<QList<PlanHead>> readPlanHeads(const store::Workspace &workspace);
/// The plan a node belongs to; 0 when there is no such node.
Result<qint64> readPlanOfNode(const store::Workspace &workspace, qint64 nodeId);

} // namespace tailscope::items
