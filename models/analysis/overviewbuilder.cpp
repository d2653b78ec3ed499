// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/overviewbuilder.h"

#include "analysis/spancolumns.h"

#include <algorithm>
#include <numeric>

namespace tailscope::analysis {

namespace {

// Paths counted apart before the tree is cut: ten times what is kept. Those that come later count with their
// parents.
constexpr std::size_t kMaxPaths = 250'000;

// The largest nodes of a tree; a parent is never smaller than its child, so what is kept hangs together.
std::shared_ptr<const CallTree> cut(const CallTree &tree, std::size_t maxNodes)
{
    std::vector<std::uint32_t> kept(tree.nodes.size());
    std::iota(kept.begin(), kept.end(), 0u);
    if (kept.size() > maxNodes) {
        const auto larger = [&tree](std::uint32_t a, std::uint32_t b) {
            if ((a == 0) != (b == 0))
                return a == 0;
            return tree.nodes[a].total != tree.nodes[b].total ? tree.nodes[a].total > tree.nodes[b].total
                                                              : a < b;
        };
        std::nth_element(kept.begin(), kept.begin() + std::ptrdiff_t(maxNodes), kept.end(), larger);
        kept.resize(maxNodes);
        std::sort(kept.begin(), kept.end());
    }
    CallTreeBuilder builder;
    std::vector<std::uint32_t> place(tree.nodes.size(), 0);
    for (const std::uint32_t index : kept) {
        const CallTree::Node &node = tree.nodes[index];
        if (index != 0)
            place[index] = builder.child(place[node.parent], builder.name(tree.names[node.name]),
                builder.group(tree.groups[node.group]));
        CallTree::Node &copy = builder.tree().nodes[place[index]];
        copy.self += node.self;
        copy.total += node.total;
        copy.count += node.count;
    }
    builder.tree().unit = tree.unit;
    builder.tree().droppedNodes = tree.droppedNodes + std::int64_t(tree.nodes.size() - kept.size());
    return builder.finish(CallTreeBuilder::Totals::Measured);
}

} // namespace

OverviewBuilder::OverviewBuilder(TimeRange range, const OperationNames &operations,
    const std::vector<std::string> &services, const std::vector<std::uint32_t> &spans)
    : m_range(range)
    , m_operations(operations)
    , m_tree(kMaxPaths)
    , m_binsOf(spans.size(), kNoRow)
    , m_spans(spans)
{
    const Nanos length = saturatingSub(range.end, range.begin);
    m_binNs = std::max<Nanos>(1,
        length / OverviewPyramid::kBins + (length % OverviewPyramid::kBins == 0 ? 0 : 1));
    for (const std::string &service : services)
        m_groupOf.push_back(m_tree.group(service));

    std::vector<std::uint32_t> largest(spans.size());
    std::iota(largest.begin(), largest.end(), 0u);
    std::stable_sort(largest.begin(), largest.end(),
        [&spans](std::uint32_t a, std::uint32_t b) { return spans[a] > spans[b]; });
    for (const std::uint32_t track : largest) {
        if (spans[track] == 0 || m_bins.size() == std::size_t(OverviewPyramid::kTracks))
            break;
        m_binsOf[track] = std::uint32_t(m_bins.size());
        m_bins.emplace_back();
        m_bins.back().busy.assign(OverviewPyramid::kBins, 0);
        m_bins.back().count.assign(OverviewPyramid::kBins, 0);
    }
}

std::uint32_t OverviewBuilder::enter(std::uint32_t parentNode, std::uint32_t operation, std::uint32_t track,
    Nanos duration)
{
    const std::uint32_t node = m_tree.child(parentNode, m_operations.indexOf(operation), m_groupOf[track]);
    if (node == parentNode)
        return node; // no room: counted with its parent, whose total already holds it
    CallTree::Node &entry = m_tree.tree().nodes[node];
    ++entry.count;
    if (duration > 0)
        entry.total += double(duration);
    return node;
}

std::size_t OverviewBuilder::binOf(Nanos t) const
{
    const Nanos offset = saturatingSub(t, m_range.begin);
    return std::size_t(std::clamp<Nanos>(offset / m_binNs, 0, OverviewPyramid::kBins - 1));
}

void OverviewBuilder::addBusy(Bins &bins, Nanos start, Nanos end) const
{
    std::size_t bin = binOf(start);
    while (start < end) {
        const bool isLast = bin + 1 == std::size_t(OverviewPyramid::kBins);
        const Nanos until
            = isLast ? end : std::min(end, saturatingAdd(m_range.begin, m_binNs * Nanos(bin + 1)));
        bins.busy[bin] += double(saturatingSub(until, start));
        start = until;
        ++bin;
    }
}

void OverviewBuilder::draw(std::uint32_t track, Nanos start, Nanos end, bool isRoot)
{
    if (m_binsOf[track] == kNoRow)
        return;
    Bins &bins = m_bins[m_binsOf[track]];
    ++bins.count[binOf(start)];
    if (!isRoot || end <= bins.cursor)
        return;
    addBusy(bins, std::max(start, bins.cursor), end);
    bins.cursor = end;
}

OverviewPyramid OverviewBuilder::finish(std::vector<std::string> operationNames,
    const std::vector<TrackInfo> &tracks, const std::vector<std::uint32_t> &ordinals)
{
    OverviewPyramid overview;
    overview.range = m_range;
    for (const std::uint32_t spans : m_spans)
        overview.spans += spans;
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        if (m_binsOf[ordinals[i]] == kNoRow)
            continue;
        const Bins &bins = m_bins[m_binsOf[ordinals[i]]];
        OverviewPyramid::Track track;
        track.trackId = tracks[i].id;
        track.title = tracks[i].title();
        track.spans = m_spans[ordinals[i]];
        for (const double busy : bins.busy)
            track.busy.push_back(float(std::min(1.0, busy / double(m_binNs))));
        track.count = bins.count;
        overview.tracks.push_back(std::move(track));
    }
    // While growing, paths were numbered by operation; the root takes the number behind them.
    operationNames.push_back("all");
    m_tree.tree().nodes.front().name = std::uint32_t(operationNames.size() - 1);
    m_tree.tree().names = std::move(operationNames);
    const std::shared_ptr<const CallTree> whole = m_tree.finish(CallTreeBuilder::Totals::Measured);
    overview.tree = cut(*whole, std::size_t(OverviewPyramid::kTreeNodes));
    return overview;
}

} // namespace tailscope::analysis
