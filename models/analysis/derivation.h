// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/overviewpyramid.h"
#include "analysis/spancalc.h"

#include <optional>

namespace tailscope::analysis {

/// What one run over the spans of a source is to make of them.
struct DeriveOptions
{
    bool storeRows = true; ///< write span_calc, trace_calc, instants and flow links
    bool makeOverview = false;
    /// Sizes that keep the pass at about 200 MB: a group of traces needs 130 bytes a span, a slice of
    /// time 80.
    std::int64_t spansPerGroup = 500'000, spansPerSlice = 500'000;
};
struct DeriveOutcome
{
    SpanCalcStats stats;
    std::optional<OverviewPyramid> overview; ///< times as the source writes them
};

/// The derive pass (spancalc.h): reads the raw rows on two threads, links spans by key group by group of
/// traces, runs along the time axis slice by slice, and writes in order of ids meanwhile.
Result<DeriveOutcome> derive(const store::Workspace &workspace, std::int64_t sourceId,
    const DeriveOptions &options, const Progress &progress);

/// Puts a picture into table pyramid, within the caller's transaction.
Result<void> writeOverview(store::Database &writer, std::int64_t sourceId, const OverviewPyramid &overview);

} // namespace tailscope::analysis
