// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "store/workspace.h"

namespace tailscope::analysis {

/// Throttled containers, processors while something was slow, memory that only grows: tables cpu_throttle,
/// cpu_verdict and memory_trend, from series whose names say what they are.
Result<WriteRows> computeHostSeries(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
