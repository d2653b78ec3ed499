// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/blocking.h"
#include "items/sessionquery.h"

#include <map>
#include <optional>
#include <vector>

namespace tailscope::items {

/// Who blocks whom on one server at one moment.
struct BlockingServer
{
    analysis::SampledServer server;
    Nanos sampleNs = kUnknownNanos, locksNs = kUnknownNanos; ///< of sessions and of locks; unknown = none
    std::vector<analysis::BlockingEdge> edges;
    analysis::BlockingForest forest;
    std::map<std::int64_t, analysis::SessionRow> sessions; ///< of those that block or wait, by pid
    bool isCut = false;
};
/// Blocked sessions of all servers in a stretch of time: the most at once.
struct BlockedBin
{
    TimeRange time;
    std::optional<int> blocked; ///< nullopt = not sampled
    Nanos worstAt = kUnknownNanos; ///< the sample with that many
};
struct BlockingContent
{
    std::vector<BlockingServer> servers;
    std::vector<BlockedBin> bins;
    TimeRange window;
    bool hasAny = false; ///< sessions or locks, at any time
    bool hasLocks = false;
};
/// moment kUnknownNanos: the newest; window empty: the last five minutes.
Result<BlockingContent> blockingContent(const store::Workspace &workspace, Nanos moment,
    const TimeRange &window, StatementTexts &texts, const Progress &progress);

} // namespace tailscope::items
