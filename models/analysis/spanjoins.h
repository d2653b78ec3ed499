// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/joinkeys.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

namespace tailscope::analysis {

/// At most so many rows of each kind; what is beyond is left out and logged.
inline constexpr std::size_t kMaxJoins = 500'000;

/// Fills span_join: what belongs to a span by a key that both name, over all sources: lines of logs and plans
/// by trace id, by traceparent in a text or a comment of SQL, by request ids and query ids; and the parent of
/// a span that lies in another source. Stored (analysis_run kind "span_join"), done again only when spans,
/// logs or plans changed; spans are scanned only when there is something to join them with. Traces of two
/// sources stay two traces, because their clocks may differ: the view trace_joined shows them as one. Any
/// thread.
Result<void> refreshSpanJoins(const store::Workspace &workspace, const JoinKeys &keys,
    const Progress &progress);

} // namespace tailscope::analysis
