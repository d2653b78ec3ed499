// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "store/workspace.h"

namespace tailscope::advisor {

/// Table index_candidate: what adviseIndexes() says of every scan of PostgreSQL plans that takes 1 ms or more
/// (or was only planned), with what the catalog knows. Needs plan_condition. Any thread.
Result<analysis::WriteRows> computeIndexCandidates(const store::Workspace &workspace,
    const Progress &progress);

} // namespace tailscope::advisor
