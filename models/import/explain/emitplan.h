// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"
#include "store/rowsink.h"

namespace tailscope::import::explain {

/// Sends one plan to the sink: the plan, its nodes in pre-order, their workers, its triggers. Times per node
/// stay as EXPLAIN prints them; wall, self and doubt are computed by analysis::derivePlanTimes().
void emitPlan(const ParsedPlan &plan, RowSink &sink);

} // namespace tailscope::import::explain
