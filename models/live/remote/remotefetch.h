// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/remote/remotestore.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>

namespace tailscope::live {

/// What was fetched.
struct RemoteFetch
{
    std::int64_t sourceId = 0, spans = 0, traces = 0;
    std::int64_t skipped = 0; ///< rows without a start that can be read
    std::optional<std::int64_t> traceId; ///< in the workspace, when one trace was asked for
};

/// Most spans and traces of one fetch: memory stays bounded, and the rest of the store stays where it is.
inline constexpr std::size_t kMaxFetchSpans = 500'000, kMaxFetchTraces = 20'000;

/// Copies the spans of these traces into the workspace as one source of kind trace, so that every view works
/// on them; deriving and analyses are the caller's. `range` narrows the search (partitions, indexes): a trace
/// may begin before and end after it, so it is widened by an hour on both sides. All or nothing: what fails
/// or is cancelled leaves no source that shows.
Result<RemoteFetch> fetchTraces(RemoteStore &store, const store::Workspace &workspace,
    const std::vector<std::string> &traces, const std::optional<TimeRange> &range, const Progress &progress);

} // namespace tailscope::live
