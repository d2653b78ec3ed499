// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodelrows.h"

#include <algorithm>
#include <map>

namespace tailscope::items {

namespace {

void unite(TimeRange &range, const TimeRange &other)
{
    if (range.isEmpty())
        range = other;
    else if (!other.isEmpty())
        range = {std::min(range.begin, other.begin), std::max(range.end, other.end)};
}

bool overlap(const TimeRange &a, const TimeRange &b) { return a.begin < b.end && b.begin < a.end; }

/// Range of every track: its lanes hold no overlaps, so the last span of a lane ends last.
std::vector<TimeRange> trackRanges(const analysis::SpanColumns &columns)
{
    std::vector<TimeRange> ranges(columns.tracks.size());
    for (const analysis::Lane &lane : columns.lanes) {
        if (lane.count == 0)
            continue;
        const Nanos begin = columns.start[lane.first];
        const Nanos end = columns.end(lane.first + lane.count - 1);
        unite(ranges[lane.track], {begin, std::max(end, saturatingAdd(begin, 1))});
    }
    return ranges;
}

} // namespace

bool isAligned(const store::SourceRecord &source)
{
    return source.clock == "utc" || (!source.offsetMethod.empty() && source.offsetMethod != "none");
}

ClockShifts clockShifts(const analysis::SpanColumns &columns, const QList<store::SourceRecord> &sources)
{
    ClockShifts result;
    const std::vector<TimeRange> ranges = trackRanges(columns);
    std::map<std::int64_t, TimeRange> bySource;
    for (std::size_t track = 0; track < ranges.size(); ++track) {
        unite(result.range, ranges[track]);
        if (!ranges[track].isEmpty())
            unite(bySource[columns.tracks[track].sourceId], ranges[track]);
    }
    if (bySource.size() < 2)
        return result;
    std::map<std::int64_t, bool> aligned;
    for (const store::SourceRecord &source : sources)
        aligned[source.id] = isAligned(source);
    // What the others are moved to: everything with a known clock, else the first source.
    TimeRange base;
    for (const auto &[id, range] : bySource) {
        if (aligned.contains(id) && aligned[id])
            unite(base, range);
    }
    std::map<std::int64_t, Nanos> moved;
    for (const auto &[id, range] : bySource) {
        if (!aligned.contains(id) || aligned[id])
            continue;
        if (base.isEmpty()) {
            base = range;
            continue;
        }
        result.unaligned.push_back(id);
        if (!overlap(range, base))
            moved[id] = saturatingSub(base.begin, range.begin);
    }
    if (moved.empty())
        return result;
    result.range = {};
    result.shifts.assign(columns.tracks.size(), 0);
    for (std::size_t track = 0; track < ranges.size(); ++track) {
        if (const auto shift = moved.find(columns.tracks[track].sourceId); shift != moved.end())
            result.shifts[track] = shift->second;
        if (!ranges[track].isEmpty()) {
            unite(result.range,
                {saturatingAdd(ranges[track].begin, result.shifts[track]),
                    saturatingAdd(ranges[track].end, result.shifts[track])});
        }
    }
    return result;
}

} // namespace tailscope::items
