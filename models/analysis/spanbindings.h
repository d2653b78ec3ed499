// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/derivesource.h"
#include "base/progress.h"

#include <vector>

namespace tailscope::analysis {

/// Writes which span each instant belongs to (span_event_raw.span_id).
Result<void> writeInstants(store::Database &writer, const DeriveSource &source,
    std::vector<BindingRecord> bindings, const Progress &progress);

/// Turns the ends of flows into span_link rows: each step and finish links back to the end before it. Ends
/// that belong to no span break the chain. Returns the number of links.
Result<std::int64_t> writeFlowLinks(store::Database &writer, const DeriveSource &source,
    const std::vector<BindingRecord> &bindings, const Progress &progress);

} // namespace tailscope::analysis
