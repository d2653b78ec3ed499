// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreebuilder.h"
#include "analysis/overviewpyramid.h"
#include "analysis/spannames.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Gathers the stored first picture of one source while its spans are derived: the call tree by path, and for
/// the tracks with the most spans how busy they are over time. Used by one thread at a time.
class OverviewBuilder
{
public:
    /// operations: already resolved; services and spans: by track ordinal.
    OverviewBuilder(TimeRange range, const OperationNames &operations,
        const std::vector<std::string> &services, const std::vector<std::uint32_t> &spans);

    /// A span below a path (0 = root); returns its own path.
    std::uint32_t enter(std::uint32_t parentNode, std::uint32_t operation, std::uint32_t track,
        Nanos duration);
    void addSelf(std::uint32_t node, Nanos self)
    {
        if (self > 0)
            m_tree.tree().nodes[node].self += double(self);
    }
    /// A span on its track; those of one track come in order of their starts. isRoot: nothing of the track is
    /// around it.
    void draw(std::uint32_t track, Nanos start, Nanos end, bool isRoot);

    /// titles and ids by track ordinal; order: track ordinals as they are to be listed.
    OverviewPyramid finish(std::vector<std::string> operationNames, const std::vector<TrackInfo> &tracks,
        const std::vector<std::uint32_t> &ordinals);

private:
    struct Bins
    {
        std::vector<double> busy; ///< ns covered
        std::vector<std::uint32_t> count;
        Nanos cursor = kUnknownNanos; ///< end of what is covered so far
    };
    std::size_t binOf(Nanos t) const;
    void addBusy(Bins &bins, Nanos start, Nanos end) const;

    TimeRange m_range;
    Nanos m_binNs = 1;
    const OperationNames &m_operations;
    CallTreeBuilder m_tree;
    std::vector<std::uint32_t> m_groupOf; ///< by track ordinal
    std::vector<std::uint32_t> m_binsOf; ///< by track ordinal; kNoRow: not drawn
    std::vector<std::uint32_t> m_spans;
    std::vector<Bins> m_bins;
};

} // namespace tailscope::analysis
