// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/overviewcodec.h"

#include "analysis/bytecodec.h"
#include "analysis/calltreebuilder.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr double kBusySteps = 65'535;

void encodeTrack(ByteWriter &out, const OverviewPyramid::Track &track)
{
    out.signedNumber(track.trackId);
    out.text(track.title);
    out.signedNumber(track.spans);
    // Most bins of most tracks are empty: only the others are written, with the distance to the one before.
    std::size_t filled = 0;
    for (std::size_t bin = 0; bin < track.count.size(); ++bin)
        filled += track.count[bin] != 0 || track.busy[bin] > 0 ? 1 : 0;
    out.number(filled);
    std::size_t last = 0;
    for (std::size_t bin = 0; bin < track.count.size(); ++bin) {
        if (track.count[bin] == 0 && !(track.busy[bin] > 0))
            continue;
        out.number(bin - last);
        last = bin;
        out.number(track.count[bin]);
        out.number(std::uint64_t(std::lround(double(track.busy[bin]) * kBusySteps)));
    }
}

std::optional<OverviewPyramid::Track> decodeTrack(ByteReader &in)
{
    OverviewPyramid::Track track;
    track.trackId = in.signedNumber();
    track.title = std::string(in.text());
    track.spans = in.signedNumber();
    track.busy.assign(OverviewPyramid::kBins, 0);
    track.count.assign(OverviewPyramid::kBins, 0);
    const std::size_t filled = in.count();
    std::uint64_t bin = 0;
    for (std::size_t i = 0; i < filled && in.isGood(); ++i) {
        bin += in.number();
        if (bin >= std::uint64_t(OverviewPyramid::kBins))
            return std::nullopt;
        track.count[std::size_t(bin)] = std::uint32_t(in.number());
        track.busy[std::size_t(bin)]
            = float(double(std::min<std::uint64_t>(in.number(), 65'535)) / kBusySteps);
    }
    if (!in.isGood())
        return std::nullopt;
    return track;
}

void encodeTexts(ByteWriter &out, const std::vector<std::string> &texts)
{
    out.number(texts.size());
    for (const std::string &text : texts)
        out.text(text);
}

std::vector<std::string> decodeTexts(ByteReader &in)
{
    std::vector<std::string> texts;
    const std::size_t count = in.count();
    for (std::size_t i = 0; i < count && in.isGood(); ++i)
        texts.emplace_back(in.text());
    return texts;
}

void encodeTree(ByteWriter &out, const CallTree &tree)
{
    out.text(tree.unit);
    out.signedNumber(tree.droppedNodes);
    encodeTexts(out, tree.names);
    encodeTexts(out, tree.groups);
    out.number(tree.nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const CallTree::Node &node = tree.nodes[i];
        if (i > 0) {
            out.number(node.parent);
            out.number(node.name);
            out.number(node.group);
        }
        out.signedNumber(node.count);
        out.real(node.self);
        out.real(node.total);
    }
}

std::shared_ptr<const CallTree> decodeTree(ByteReader &in)
{
    CallTreeBuilder builder;
    builder.tree().unit = std::string(in.text());
    const std::int64_t dropped = in.signedNumber();
    const std::vector<std::string> names = decodeTexts(in), groups = decodeTexts(in);
    const std::size_t count = in.count();
    std::vector<std::uint32_t> place;
    for (std::size_t i = 0; i < count && in.isGood(); ++i) {
        std::uint32_t node = 0;
        if (i > 0) {
            const std::uint64_t parent = in.number(), name = in.number(), group = in.number();
            if (parent >= i || name >= names.size() || group >= groups.size())
                return nullptr;
            node = builder.child(place[std::size_t(parent)], builder.name(names[std::size_t(name)]),
                builder.group(groups[std::size_t(group)]));
        }
        place.push_back(node);
        CallTree::Node &entry = builder.tree().nodes[node];
        entry.count += in.signedNumber();
        const double self = in.real(), total = in.real();
        if (!std::isfinite(self) || !std::isfinite(total))
            return nullptr;
        entry.self += self;
        entry.total += total;
    }
    if (!in.isGood())
        return nullptr;
    builder.tree().droppedNodes += dropped;
    return builder.finish(CallTreeBuilder::Totals::Measured);
}

// Bins of one range laid onto those of a wider one: counts go to the bin of their middle, busy time in
// proportion.
void layOnto(const OverviewPyramid::Track &from, TimeRange fromRange, OverviewPyramid::Track &to,
    TimeRange toRange)
{
    const auto width = [](TimeRange range) {
        return std::max(1.0, (double(range.end) - double(range.begin)) / OverviewPyramid::kBins);
    };
    const double fromWidth = width(fromRange), toWidth = width(toRange);
    const double shift = double(saturatingSub(fromRange.begin, toRange.begin));
    const auto binAt = [&](double offset) {
        return std::size_t(std::clamp(std::floor(offset / toWidth), 0.0, double(OverviewPyramid::kBins - 1)));
    };
    std::vector<double> busy(OverviewPyramid::kBins, 0);
    for (std::size_t bin = 0; bin < from.count.size(); ++bin) {
        const double begin = shift + double(bin) * fromWidth, end = begin + fromWidth;
        to.count[binAt((begin + end) / 2)] += from.count[bin];
        for (std::size_t target = binAt(begin); target <= binAt(end) && from.busy[bin] > 0; ++target) {
            const double overlap
                = std::min(end, double(target + 1) * toWidth) - std::max(begin, double(target) * toWidth);
            if (overlap > 0)
                busy[target] += double(from.busy[bin]) * overlap;
        }
    }
    for (std::size_t bin = 0; bin < busy.size(); ++bin)
        to.busy[bin] = float(std::min(1.0, busy[bin] / toWidth));
}

} // namespace

std::string encodeOverview(const OverviewPyramid &overview)
{
    ByteWriter out;
    out.number(kVersion);
    out.signedNumber(overview.range.begin);
    out.signedNumber(overview.range.end);
    out.signedNumber(overview.spans);
    out.number(overview.tracks.size());
    for (const OverviewPyramid::Track &track : overview.tracks)
        encodeTrack(out, track);
    encodeTree(out, overview.tree ? *overview.tree : CallTree());
    return out.bytes();
}

std::optional<OverviewPyramid> decodeOverview(std::string_view bytes)
{
    ByteReader in(bytes);
    if (in.number() != kVersion)
        return std::nullopt;
    OverviewPyramid overview;
    overview.range.begin = in.signedNumber();
    overview.range.end = in.signedNumber();
    overview.spans = in.signedNumber();
    const std::size_t tracks = in.count();
    if (tracks > std::size_t(OverviewPyramid::kTracks))
        return std::nullopt;
    for (std::size_t i = 0; i < tracks; ++i) {
        std::optional<OverviewPyramid::Track> track = decodeTrack(in);
        if (!track)
            return std::nullopt;
        overview.tracks.push_back(std::move(*track));
    }
    overview.tree = decodeTree(in);
    if (!overview.tree || !in.isAtEnd())
        return std::nullopt;
    return overview;
}

OverviewPyramid uniteOverviews(const std::vector<OverviewPyramid> &overviews)
{
    OverviewPyramid whole;
    for (const OverviewPyramid &part : overviews) {
        if (part.range.isEmpty())
            continue;
        whole.range = whole.range.isEmpty() ? part.range
                                            : TimeRange{std::min(whole.range.begin, part.range.begin),
                                                std::max(whole.range.end, part.range.end)};
    }
    CallTreeBuilder builder;
    for (const OverviewPyramid &part : overviews) {
        whole.spans += part.spans;
        for (const OverviewPyramid::Track &track : part.tracks) {
            OverviewPyramid::Track copy{track.trackId, track.title, track.spans,
                std::vector<float>(OverviewPyramid::kBins, 0),
                std::vector<std::uint32_t>(OverviewPyramid::kBins, 0)};
            if (part.range == whole.range) {
                copy.busy = track.busy;
                copy.count = track.count;
            } else {
                layOnto(track, part.range, copy, whole.range);
            }
            whole.tracks.push_back(std::move(copy));
        }
        std::vector<std::uint32_t> place;
        for (std::size_t i = 0; part.tree && i < part.tree->nodes.size(); ++i) {
            const CallTree::Node &node = part.tree->nodes[i];
            place.push_back(i == 0
                    ? 0
                    : builder.child(place[node.parent], builder.name(part.tree->names[node.name]),
                        builder.group(part.tree->groups[node.group])));
            CallTree::Node &entry = builder.tree().nodes[place.back()];
            entry.self += node.self;
            entry.total += node.total;
            entry.count += node.count;
        }
        builder.tree().droppedNodes += part.tree ? part.tree->droppedNodes : 0;
    }
    whole.tree = builder.finish(CallTreeBuilder::Totals::Measured);
    return whole;
}

} // namespace tailscope::analysis
