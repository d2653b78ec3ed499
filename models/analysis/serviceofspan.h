// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Spans that stand for a call or a message to somebody else.
inline bool isCallKind(SpanKind kind) { return kind == SpanKind::Client || kind == SpanKind::Producer; }

/// Names of the services in alphabetic order; the empty name is among them when a track has none.
inline std::vector<std::string> serviceNames(const SpanColumns &columns)
{
    std::vector<std::string> names;
    for (const TrackInfo &track : columns.tracks)
        names.push_back(track.service);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

/// Index into serviceNames() for each track.
inline std::vector<std::uint32_t> serviceOfTrack(const SpanColumns &columns)
{
    const std::vector<std::string> names = serviceNames(columns);
    std::vector<std::uint32_t> result;
    for (const TrackInfo &track : columns.tracks)
        result.push_back(
            std::uint32_t(std::lower_bound(names.begin(), names.end(), track.service) - names.begin()));
    return result;
}

} // namespace tailscope::analysis
