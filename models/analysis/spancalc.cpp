// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spancalc.h"

#include "analysis/derivation.h"

namespace tailscope::analysis {

Result<SpanCalcStats> deriveSpans(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress)
{
    Result<DeriveOutcome> outcome = derive(workspace, sourceId, {}, progress);
    if (!outcome)
        return tl::unexpected(std::move(outcome.error()));
    return outcome->stats;
}

Nanos skewTolerance(Nanos parentDuration) { return std::max<Nanos>(kNanosPerMilli, parentDuration / 100); }

} // namespace tailscope::analysis
