// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/waterfalltrace.h"

#include <cstdint>
#include <set>
#include <vector>

namespace tailscope::items {

/// One line of the waterfall.
struct WaterfallRow
{
    enum class Kind : std::uint8_t {
        Span,
        Gap, ///< index into WaterfallTrace::gaps
        Group, ///< index into WaterfallTrace::groups
        AsyncBand, ///< heading of what nobody waits for
        DetachedBand ///< heading of other roots
    } kind
        = Kind::Span;
    std::uint32_t index = 0; ///< span, gap or group; of a band: roots in it
    std::uint32_t depth = 0;
    bool hasChildren = false, isOpen = false;
    friend bool operator==(const WaterfallRow &, const WaterfallRow &) = default;
};

/// What the user folded and asked for.
struct WaterfallFolding
{
    std::set<std::uint32_t> closed; ///< spans whose children are hidden
    std::set<std::uint32_t> openGroups;
    bool showsGaps = true;
    bool foldsGroups = true;
    bool foldsServices = false; ///< one row a visit of a service: spans inside it are hidden
    bool hidesAsync = false, hidesDetached = false; ///< the bands are closed
};

/// The rows in the order of the tree: children by start, the gaps of a span among them; then the band of
/// asynchronous spans, then that of roots beside the request. O(spans); no recursion.
std::vector<WaterfallRow> buildWaterfallRows(const WaterfallTrace &trace, const WaterfallFolding &folding);

/// Row of a span, of the group it is folded into, or of the nearest ancestor that is shown; -1 = none.
int rowOfSpan(const WaterfallTrace &trace, const std::vector<WaterfallRow> &rows, std::uint32_t span);

/// Opens what hides the span. True when something changed.
bool revealSpan(const WaterfallTrace &trace, WaterfallFolding &folding, std::uint32_t span);

/// The span of a row: of a gap the one it is in, of a group its longest call; kNoRow for a band.
std::uint32_t spanOfRow(const WaterfallTrace &trace, const WaterfallRow &row);

/// Begin and end of what a row draws.
TimeRange intervalOfRow(const WaterfallTrace &trace, const WaterfallRow &row);

} // namespace tailscope::items
