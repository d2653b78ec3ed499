// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/queuemodel.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>

namespace tailscope::items {

using analysis::QueuePoint;
using analysis::QueueTrack;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double rateBetween(const std::vector<QueuePoint> &points, std::size_t i, double QueuePoint::*counter)
{
    if (i == 0)
        return kNone;
    const double seconds = double(points[i].ts - points[i - 1].ts) / 1e9;
    const double more = analysis::counterIncrease(points, i - 1, i, counter);
    return seconds > 0 ? more / seconds : kNone;
}

QueueLane laneOf(QueueTrack track)
{
    QueueLane lane;
    const std::vector<analysis::QueueVerdict> verdicts = analysis::queueVerdicts(track);
    lane.whole = verdicts.front();
    for (std::size_t i = 1; i < verdicts.size(); ++i) {
        const QueuePoint &end = track.points[verdicts[i].last];
        lane.phases.push_back({verdicts[i], track.points[verdicts[i].first].ts, end.ts, end.depth,
            verdicts[i].members, verdicts[i].assigned});
    }
    lane.alarms = analysis::queueAlarms(track.points);
    const QueuePoint &last = track.points.back();
    lane.last = last.ts;
    lane.depth = last.depth;
    lane.members = last.members;
    lane.assigned = last.assigned;
    // Of each bin its last moment: counters keep their sums, and depths their course.
    if (track.points.size() > QueueLane::kMaxDrawn) {
        std::vector<QueuePoint> kept;
        const std::size_t width = (track.points.size() + QueueLane::kMaxDrawn - 1) / QueueLane::kMaxDrawn;
        for (std::size_t i = width - 1; i < track.points.size(); i += width)
            kept.push_back(track.points[i]);
        track.points = std::move(kept);
    }
    for (std::size_t i = 0; i < track.points.size(); ++i) {
        lane.arrival.push_back(rateBetween(track.points, i, &QueuePoint::arrived));
        lane.completion.push_back(rateBetween(track.points, i, &QueuePoint::completed));
    }
    lane.track = std::move(track);
    return lane;
}

} // namespace

Result<QueueOverview> queueOverview(const store::Workspace &workspace, std::optional<TimeRange> range,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    auto tracks = analysis::readQueueTracks(*reader, range, progress);
    if (!tracks)
        return fail(tracks.error());
    QueueOverview out;
    for (QueueTrack &track : *tracks) {
        if (!track.points.empty())
            out.lanes.push_back(laneOf(std::move(track)));
    }
    std::map<std::pair<std::string, std::string>, std::set<std::string>> groups;
    for (const QueueLane &lane : out.lanes)
        groups[{lane.track.queue, analysis::normalisedGroupName(lane.track.group)}].insert(lane.track.group);
    for (QueueLane &lane : out.lanes) {
        const std::set<std::string> &alike
            = groups[{lane.track.queue, analysis::normalisedGroupName(lane.track.group)}];
        if (lane.track.group.empty() || alike.size() < 2)
            continue;
        lane.sameAs = *alike.rbegin() != lane.track.group ? *alike.rbegin() : *std::next(alike.rbegin());
    }
    const auto all = reader->integer("SELECT count(*) FROM queue_sample");
    if (!all)
        return fail(all.error());
    out.all = all->value_or(0);
    return out;
}

} // namespace tailscope::items
