// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

namespace tailscope::analysis {

struct SpanCalcStats
{
    std::int64_t spans = 0, roots = 0, orphans = 0, cycles = 0, spilled = 0, boundEvents = 0, links = 0;
};

/// Second pass over one source: fills span_calc (parent_id, depth, self_ns, gap_ns, added quality bits),
/// trace_calc, binds instants and flows to spans, in partitions of bounded memory (about 200 MB), on the
/// calling thread. Linked tracks: parents by (trace, key); Nested tracks: by time, stable, equal starts
/// longest first, partial overlap spilled to an extra lane; Async tracks: roots. self_ns = duration - union
/// of synchronous children clipped to the span; children that outlive the parent by more than the skew
/// tolerance, links and producer->consumer are async and never subtracted; unknown durations give NULL.
/// gap_ns = the longest time in no child (formulas.md FB-06: before the first child, between, after the last;
/// 0 without children). Idempotent: rebuilds what is there.
Result<SpanCalcStats> deriveSpans(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress);

/// A synchronous child may outlive its parent by this much before it counts as async: max(1 ms, 1 % of the
/// parent).
Nanos skewTolerance(Nanos parentDuration);

} // namespace tailscope::analysis
